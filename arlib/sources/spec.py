"""What to read: a folder or database, a profile, and which files. Floor 2; holds no data, imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from arlib.errors import ParameterError


class OnRejected(StrEnum):
    """What becomes of a load in which rows were rejected."""

    REFUSE = "refuse"  # the load raises with every fault; nothing is read
    SET_ASIDE = "set_aside"  # the rows stand in the problems table, the rest is read


DATABASE_OPTIONS = ("parameters", "timeout_seconds", "schema")  # of a database source, not of its profile


@dataclass(frozen=True, kw_only=True)
class SourceSpec:
    """One folder of files, or one database, under one profile.

    `folder` is taken from the project root when relative. `database` is the name of the environment variable that
    holds the database's SQLAlchemy address. One of them is given; both or none raise ParameterError. `profile` is
    a built-in name or a YAML file.
    `tables` maps a file role of the profile (for `canonical` the table name, for `sap` BKPF, BSEG, KNA1)
    to file names, globs allowed; when it is given exactly these files are read, when it is empty every
    default file name that exists is. Of a database it maps a role to the table that is asked; the role's own name
    stands for the profile's query. `options` overrides settings of the profile, such as entity,
    encoding, delimiter, sheet or snapshot_date; of a database also `parameters`, `timeout_seconds` and `schema`.
    """

    folder: Path | None = None
    database: str = ""
    profile: str = "canonical"
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """See that there is one place to read from."""
        if (self.folder is None) == (not self.database):
            raise ParameterError("a source", wanted="a folder or a database, one of them")
