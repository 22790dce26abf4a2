"""One question to one partition, answered from paths and text, so that any process anywhere can. Floor 4."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.controls import Identity
from arlib.errors import ParameterError, SourceError
from arlib.policy import Basis, Policies, Scope
from arlib.run.notebook_params import require_code
from arlib.run.partitions.apart import CUSTOMERS, NAME, customers_of
from arlib.sources.partitioned import Manifest, read_manifest, read_partition
from arlib.sources.partitioned.layout import TOTALLED
from arlib.sources.partitioned.read import totals_of

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book, Table

AGING, TIE = "aging", "tie"
SHARED = {AGING: ("fx_rates",), TIE: ("periods", "control_accounts")}
# what the logic asks of the two long tables; the other columns stay on disk
COLUMNS = {
    "items": (
        "item_id", "entity", "customer_id", "item_type", "document_no", "effective_date", "posting_date", "entered_at",
        "document_date", "due_date", "original_due_date", "currency", "amount", "functional_amount", "control_account",
        "cash_status", "sales_rep", "segment", "assigned_to", "reverses", "replaces", "batch_id", "reason", "user",
        "authorised_by", "rescheduled_on",
    ),
    "applications": (
        "application_id", "entity", "source_item_id", "target_item_id", "effective_date", "posting_date", "entered_at",
        "source_currency", "source_amount", "source_functional_amount", "target_currency", "target_amount",
        "target_functional_amount", "discount", "discount_functional_amount", "realised_fx", "kind", "user", "reverses",
    ),
    "receipts": ("receipt_id", "entity", "item_id", "return_of", "return_code"),
}  # fmt: skip


def tasks_of(
    folder: Path, manifest: Manifest, *, question: str, scopes: Sequence[Scope], policies: Policies
) -> list[dict[str, Any]]:
    """A task for each partition of the ledger: text and numbers only. An unknown question raises ParameterError."""
    from pydantic import TypeAdapter

    if question not in SHARED:
        raise ParameterError("question", found=question, wanted=" or ".join(SHARED))
    for scope in scopes:
        require_code(scope.entity)  # a report's folder bears its name
    asked = {
        "ledger": str(folder.resolve()),
        "manifest_sha256": manifest.sha256,
        "question": question,
        "scopes": TypeAdapter(list[Scope]).dump_json(list(scopes)).decode(),
        "policies": TypeAdapter(Policies).dump_json(policies).decode(),
    }
    beside = sorted(
        (file.path, file.sha256) for table in SHARED[question] for file in manifest.shared.get(table, ())
    )
    return [
        {**asked, "partition": part.name, "key": _key(asked, part.sha256(), beside)}
        for part in manifest.partitions
    ]


def _key(asked: Mapping[str, Any], partition: str, beside: object) -> str:
    """What an answer depends on: the question, the files, and the program. Not the place where the ledger stands."""
    from arlib.run.record import library_sha256

    told = [asked["question"], asked["scopes"], asked["policies"], partition, beside, library_sha256()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def partition_result(task: dict[str, Any]) -> dict[str, Any]:
    """The part of one partition: {"partition", "key", "facts", "files"}; files are bytes by name, facts JSON-like.

    Reads the files of the ledger and writes nothing. A file that is not what the manifest says raises SourceError,
    rows or money that did not all come in IdentityError, an application of an item that lies elsewhere TableError
    with its row; each names the partition.
    """
    from pydantic import TypeAdapter

    start = time.perf_counter()
    folder = Path(task["ledger"])
    manifest = read_manifest(folder)
    if manifest.sha256 != task["manifest_sha256"]:
        raise SourceError("the ledger is not the one that was asked about", where=task["partition"],
                          found=manifest.sha256[:12], wanted=str(task["manifest_sha256"])[:12])  # fmt: skip
    question = task["question"]
    scopes = TypeAdapter(list[Scope]).validate_json(task["scopes"])
    policies = TypeAdapter(Policies).validate_json(task["policies"])
    book = read_partition(folder, manifest, task["partition"], shared=SHARED[question], columns=COLUMNS)
    seconds = {"read": time.perf_counter() - start}
    files: dict[str, bytes] = {}
    entities = []
    for number, scope in enumerate(scopes):
        mine = book if manifest.entities == (scope.entity,) else book.for_entity(scope.entity)
        frames, facts = ANSWERS[question](mine, scope, policies, seconds)
        at = time.perf_counter()
        files |= {f"{number}-{name}.parquet": _bytes(frame, table) for name, (frame, table) in frames.items()}
        seconds["write"] = seconds.get("write", 0.0) + time.perf_counter() - at
        entities.append(facts | {"first": _first(mine, scope)})
    at = time.perf_counter()
    files[f"{NAME}.parquet"] = _bytes(customers_of(book["items"]), CUSTOMERS)
    seconds["write"] = seconds.get("write", 0.0) + time.perf_counter() - at
    facts = {
        "entities": entities, "totals": {table: totals_of(book[table], table) for table in TOTALLED},
        "seconds": {k: round(v, 3) for k, v in seconds.items()},
    }  # fmt: skip
    return {"partition": task["partition"], "key": task["key"], "facts": facts, "files": files}


def _first(book: Book, scope: Scope) -> str:
    """The earliest day on which an item of the entity counts, '' where it has none."""
    days = book["items"]["effective_date" if scope.basis is Basis.EFFECTIVE else "posting_date"]
    return "" if days.isna().all() else f"{days.min():%Y-%m-%d}"


Answer = tuple[dict[str, tuple["pd.DataFrame", "Table"]], dict[str, Any]]


def _aging(book: Book, scope: Scope, policies: Policies, seconds: dict[str, float]) -> Answer:
    from arlib.ledger.frames import aging_table
    from arlib.report.aging.part import ADDED, BY, FUNCTIONAL, LISTS, aging_part

    at = time.perf_counter()
    part = aging_part(book, scope=scope, policies=policies)
    seconds["age"] = seconds.get("age", 0.0) + time.perf_counter() - at
    frames = {name: (getattr(part, name), table) for name, table in {**ADDED, **LISTS}.items()}
    frames |= {f"by_{name}": (part.by[name], aging_table(key)) for name, key in BY.items()}
    if part.functional is not None:
        frames["functional"] = (part.functional, FUNCTIONAL)
    facts = {
        "counts": dict(part.counts), "filled": sorted(part.filled), "is_own_parent": part.is_own_parent,
        "is_functional": part.functional is not None, "identities": told(part.identities),
        "rows": {name: len(getattr(part, name)) for name in LISTS},
    }  # fmt: skip
    return frames, facts


def _tie(book: Book, scope: Scope, policies: Policies, seconds: dict[str, float]) -> Answer:
    from arlib.ledger.frames_control import ROLL_FORWARD
    from arlib.report.ledger_totals import ACCOUNTS, ledger_part

    at = time.perf_counter()
    part = ledger_part(book, scope=scope)
    seconds["tie"] = seconds.get("tie", 0.0) + time.perf_counter() - at
    frames = {name: (getattr(part, name), ROLL_FORWARD) for name in ("document", "functional", "by_account")}
    facts = {"late": part.late, "is_functional": part.is_functional, "identities": told(part.identities)}
    return {**frames, "accounts": (part.accounts, ACCOUNTS)}, facts


ANSWERS = {AGING: _aging, TIE: _tie}


def told(identities: Sequence[Identity]) -> list[dict[str, Any]]:
    """Identities as plain values."""
    from dataclasses import asdict

    return [asdict(identity) for identity in identities]


def _bytes(frame: pd.DataFrame, table: Table) -> bytes:
    from pyarrow import parquet

    from arlib.sources.snapshot import arrow_of

    made = io.BytesIO()
    parquet.write_table(arrow_of(frame, table=table), made, compression="zstd")
    return made.getvalue()
