"""What to read: a folder, a profile, and which files. Floor 2; holds no data and imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class OnRejected(StrEnum):
    """What becomes of a load in which rows were rejected."""

    REFUSE = "refuse"  # the load raises with every fault; nothing is read
    SET_ASIDE = "set_aside"  # the rows stand in the problems table, the rest is read


@dataclass(frozen=True, kw_only=True)
class SourceSpec:
    """One folder of files under one profile.

    `folder` is taken from the project root when relative. `profile` is a built-in name or a YAML file.
    `tables` maps a file role of the profile (for `canonical` the table name, for `sap` BKPF, BSEG, KNA1)
    to file names, globs allowed; when it is given exactly these files are read, when it is empty every
    default file name that exists is. `options` overrides settings of the profile, such as entity,
    encoding, delimiter, sheet or snapshot_date.
    """

    folder: Path
    profile: str = "canonical"
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)
