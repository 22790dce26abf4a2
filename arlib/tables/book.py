"""A book: the canonical tables of one or more entities, with what was wrong in them. Floor 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from arlib.tables.declared import CANONICAL
from arlib.tables.intake import INPUTS, PROBLEMS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Document:
    """A bank file or an advice as it came, which a run keeps a copy of."""

    name: str
    path: str
    sha256: str
    entities: frozenset[str]


@dataclass(frozen=True)
class Book:
    """Canonical tables by name. A table that was not given is absent: `has` tells an empty table from a missing one.

    `features` says what the source can answer: 'entry_times' (entered_at is kept, so "as known at" may be asked),
    'snapshot' (a single date, in `snapshot_date`; any other as-of date is refused). `documents` are the bank files and
    advices that it was read from.
    """

    tables: Mapping[str, pd.DataFrame]
    problems: pd.DataFrame = field(default_factory=PROBLEMS.empty)
    inputs: pd.DataFrame = field(default_factory=INPUTS.empty)
    features: frozenset[str] = frozenset()
    snapshot_date: str = ""
    documents: tuple[Document, ...] = ()

    def has(self, name: str) -> bool:
        """Whether the table was given, be it empty."""
        return name in self.tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table, or an empty one of its shape when it was not given."""
        return self.tables[name] if name in self.tables else CANONICAL[name].empty()

    def for_entity(self, entity: str) -> Book:
        """The rows of one entity; rows without an entity (shared customers, exchange rates) stay."""
        kept = {}
        for name, frame in self.tables.items():
            if "entity" in frame.columns:
                mine = frame["entity"].eq(entity) | frame["entity"].isna() | frame["entity"].eq("")
                frame = frame[mine].reset_index(drop=True)
            kept[name] = frame
        own = tuple(document for document in self.documents if entity in document.entities)
        return replace(self, tables=kept, documents=own)
