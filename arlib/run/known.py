"""What the store knows of sealed runs, for checking them. Floor 4."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arlib.errors import StoreError
from arlib.run.store.chain import Head
from arlib.run.store.database import URL_VARIABLE
from arlib.run.store.runs import RunKind
from arlib.run.store.store import FILE_NAME, Store, open_store


@dataclass(frozen=True)
class KnownRuns:
    """Manifest hashes by run, as they were recorded when the runs were sealed."""

    hashes: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)

    def manifest_sha256(self, run_id: str) -> str | None:
        """The hash of that run's manifest, None where the run is unknown."""
        return self.hashes.get(run_id)

    def folders(self) -> Mapping[str, str]:
        """Folders of all sealed runs by name, relative to the output folder."""
        return self.places


def known_runs(store: Store) -> KnownRuns:
    """All sealed runs of a store, cases too."""
    sealed = [event.body for event in store.events(kinds=(RunKind.SEALED, RunKind.CASE_WRITTEN))]
    return KnownRuns(
        {body["run_id"]: body["manifest_sha256"] for body in sealed},
        {body["run_id"]: body["folder"] for body in sealed},
    )


def store_of(
    outputs: Path, *, heads: Iterable[Mapping[str, Any]] = ()
) -> tuple[KnownRuns | None, tuple[str, ...]]:
    """What the store of an output folder knows, None where there is none, and what is wrong with its chain.

    `heads` are heads of the chain that run.json files wrote down: a tail cut below one of them is found.
    """
    if not os.environ.get(URL_VARIABLE) and not (outputs / FILE_NAME).is_file():
        return None, ()
    try:
        store = open_store(outputs, is_read_only=True)
        found = store.verify(known=[Head(int(head["seq"]), str(head["hash"])) for head in heads])
        return known_runs(store), tuple(fault.sentence for fault in found.faults)
    except StoreError as fault:
        return None, (str(fault).splitlines()[0],)
