"""Approvals as the store holds them, and the proposals that they are about. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.credit.authority import Earlier
from arlib.credit.proposals import PROPOSALS, facts_sha256
from arlib.errors import SourceError, StoreError
from arlib.money import parse_plain
from arlib.run.manifest import RUN, sha256_of
from arlib.run.record import new_id
from arlib.run.store import FILE_NAME, Event, Head, Store, open_store
from arlib.run.store.database import address_from_environment
from arlib.tables.rows import records

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "approval."
OF_POLICY = "approval.policy"
TABLE = "proposals"
RECEIPTS = "_approvals"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One recorded decision. `decision` is approve, reject or ask; `amount` is decimal text in `currency`.

    `authentication` is how the approver is known, `authority` the rule of the policy that was used.
    """

    proposal_id: str
    kind: str
    entity: str
    period: str
    run_id: str
    run_json_sha256: str
    notebook: str
    decision: str
    approver: str
    proposer: str
    authentication: str
    authority: str
    decided_on: date
    comment: str
    facts_sha256: str
    amount: str
    currency: str
    customer_id: str
    item_id: str
    document_no: str
    reason: str
    workbook_sha256: str
    event_seq: int
    event_hash: str

    @property
    def as_earlier(self) -> Earlier:
        """The decision as authority sees it."""
        return Earlier(
            proposal_id=self.proposal_id,
            decision=self.decision,
            approver=self.approver,
            authentication=self.authentication,
            decided_on=self.decided_on,
            kind=self.kind,
            reason=self.reason,
            entity=self.entity,
            customer_id=self.customer_id,
            currency=self.currency,
            amount=parse_plain(self.amount, self.currency),
            run_id=self.run_id,
            comment=self.comment,
        )


def store_with_runs(outputs: Path, *, is_read_only: bool) -> Store:
    """The store of an output folder in which something was closed; SourceError where there is none: none is made."""
    if not address_from_environment() and not (outputs / FILE_NAME).is_file():
        raise SourceError("there is no store of runs here", where=outputs.name, fix="Close a period first.")
    return open_store(outputs, is_read_only=is_read_only)


def approvals_of(
    store: Store, *, entity: str = "", run_id: str = "", known: Sequence[Head] = ()
) -> tuple[Approval, ...]:
    """Decisions on proposals in the order they were recorded, of an entity or run where one is named.

    A proposal that was asked about may be decided on later: then both come back. The whole chain is walked first,
    against heads written down elsewhere (`known`, such as `receipts`): raises StoreError where a row was altered,
    removed or cut off.
    """
    store.require_whole(known=known)
    made = [approval_of(event) for event in store.events(kinds=(PREFIX,)) if event.kind != OF_POLICY]
    return tuple(
        each
        for each in made
        if (not entity or each.entity == entity) and (not run_id or each.run_id == run_id)
    )


def approval_of(event: Event) -> Approval:
    """An approval from its event; StoreError for an event that is none."""
    body = event.body
    own = {each.name for each in fields(Approval)} - {"decided_on", "event_seq", "event_hash"}
    try:
        told = {name: str(body[name]) for name in own}
        on = date.fromisoformat(str(body["decided_on"]))
    except (KeyError, ValueError):
        raise StoreError(f"event {event.seq} of the store is no approval as this version writes it") from None
    return Approval(**told, decided_on=on, event_seq=event.seq, event_hash=event.hash)


def proposal_notebooks(run_folder: Path) -> tuple[str, ...]:
    """The notebooks of a sealed run that propose changes of receivables, by name.

    Another notebook may have a table of that name in columns of its own (matches of cash application): it is none. One
    that cannot be read is named, so that who reads it is told.
    """
    import pyarrow as pa
    from pyarrow import parquet

    wanted = set(PROPOSALS.names) - {"entity"}  # a run is of one entity, and its files leave it out
    found = []
    for path in sorted((run_folder / "data").glob(f"*/{TABLE}.parquet")):
        try:
            is_ours = wanted <= set(parquet.read_schema(path).names)
        except (OSError, pa.ArrowInvalid):
            is_ours = True
        if is_ours:
            found.append(path.parent.name)
    return tuple(found)


def sealed_proposals(run_folder: Path, notebook: str) -> pd.DataFrame:
    """PROPOSALS of a notebook of a sealed run, from its data folder; empty where it proposed nothing.

    Raises SourceError where the run has no such table, or where a row does not have the hash that it bears. Whether
    the files are as they were sealed is `verify`'s to say.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = run_folder / "data" / notebook / f"{TABLE}.parquet"
    try:
        told = json.loads((run_folder / RUN).read_bytes())
        frame = parquet.read_table(path).to_pandas(integer_object_nulls=True)
    except (OSError, ValueError, pa.ArrowInvalid) as fault:
        raise SourceError(
            "holds no proposals that can be read", where=f"{run_folder.name}/{notebook}"
        ) from fault
    typed: pd.DataFrame = PROPOSALS.typed(frame.assign(entity=told["entity"]))
    wrong = [str(row["proposal_id"]) for row in records(typed) if facts_sha256(row) != row["facts_sha256"]]
    if wrong or typed["proposal_id"].duplicated().any():
        what = "do not have the hash of their facts" if wrong else "stand twice"
        raise SourceError(
            f"proposals {what}", where=f"{run_folder.name}/{notebook}", found=", ".join(wrong[:3])
        )
    return typed.sort_values(list(PROPOSALS.key), kind="stable", ignore_index=True)


def receipts(outputs: Path) -> tuple[Head, ...]:
    """Heads of the store that receipts of approvals wrote down."""
    found = []
    for path in sorted((outputs / RECEIPTS).glob("*.json")):
        try:
            head = json.loads(path.read_bytes())["store_head"]
            found.append(Head(int(head["seq"]), str(head["hash"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # a cut receipt takes nothing away: the others and the runs hold heads too
    return tuple(found)


def write_receipt(outputs: Path, *, head: Head, about: Mapping[str, Any]) -> Path:
    """Write down the store's head after approvals, outside the store, so that a tail cut below it is seen."""
    from arlib.run import platform
    from arlib.run.journal import now
    from arlib.run.manifest import text_of

    home = outputs / RECEIPTS
    home.mkdir(exist_ok=True)
    path = home / f"{new_id()}.json"
    told = {
        "schema": "arlib.approvals/1",
        "at": now(),
        "store_head": {"seq": head.seq, "hash": head.hash},
        **about,
    }
    platform.write_whole(path, text_of(told))
    return path


def run_sha256(run_folder: Path) -> str:
    """The hash of a run's record, as approvals name it."""
    return sha256_of(run_folder / RUN)
