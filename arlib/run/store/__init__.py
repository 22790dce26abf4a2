"""The store of decisions and runs: append-only, hash-chained, on SQLite or PostgreSQL. Floor 4. Import it on
use only.

    store = open_store(outputs)               # outputs/arlib.db, or the database of ARLIB_STORE_URL
    store.append("decision.recorded", "US01/INV-17", {"entity": "US01", "word": "keep"}, actor="ann")
    store.head()                              # goes into every run.json; verify(known=...) finds a cut tail

`runs` is the run index, `decisions` the snapshot that a run freezes.
"""

from arlib.run.store.actor import Actor, current_actor
from arlib.run.store.chain import GENESIS, Authentication, ChainFault, Event, Head, Verification
from arlib.run.store.database import URL_VARIABLE
from arlib.run.store.decisions import Decisions, snapshot_decisions
from arlib.run.store.runs import (
    RunKind,
    SealedRun,
    latest_final,
    latest_sealed,
    record_close_finished,
    record_failed,
    record_reviewed,
    record_sealed,
    sealed_runs,
)
from arlib.run.store.store import FILE_NAME, HeadMovedError, NewEvent, Store, open_store

__all__ = [
    "FILE_NAME",
    "GENESIS",
    "URL_VARIABLE",
    "Actor",
    "Authentication",
    "ChainFault",
    "Decisions",
    "Event",
    "Head",
    "HeadMovedError",
    "NewEvent",
    "RunKind",
    "SealedRun",
    "Store",
    "Verification",
    "current_actor",
    "latest_final",
    "latest_sealed",
    "open_store",
    "record_close_finished",
    "record_failed",
    "record_reviewed",
    "record_sealed",
    "sealed_runs",
    "snapshot_decisions",
]
