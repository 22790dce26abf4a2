"""The files of approved proposals for an ERP: entries, layouts, trace. Floor 4."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from arlib.controls import Identity
from arlib.errors import SourceError
from arlib.money import format_minor
from arlib.run.post_approved import ApprovedRun, Key, scope_of
from arlib.tables.choices import ProposalKind

if TYPE_CHECKING:
    import pandas as pd

    from arlib.credit.adjustments.proposed import Adjustments
    from arlib.run.approvals import Approval
    from arlib.sources.upload import Accounts, Batch
    from arlib.tables import Book

Row = dict[Any, Any]
TRACE = (
    "reference", "proposal_id", "entity", "kind", "currency", "amount", "proposer", "approver", "decided_on",
    "authentication", "poster", "approval_event", "approval_event_hash", "run_id", "run_json_sha256", "facts_sha256",
)  # fmt: skip
BY_HAND = ("proposal_id", "customer_id", "document_no", "item_id", "currency", "amount", "text")
NAME_LIMIT = 60


@dataclass(frozen=True, kw_only=True)
class Made:
    """Files that are ready to be written, and the proposals in them with their references."""

    contents: Mapping[str, bytes]
    references: Mapping[str, Key]
    said: tuple[str, ...]

    def written(self) -> dict[Key, list[str]]:
        """References by proposal, sorted."""
        made: dict[Key, list[str]] = {}
        for reference, key in sorted(self.references.items()):
            made.setdefault(key, []).append(reference)
        return dict(sorted(made.items()))


def erp_files(
    run: ApprovedRun,
    proposals: pd.DataFrame,
    *,
    target: Literal["oracle", "sap"],
    accounts: Accounts,
    accounting_date: date,
    batch_id: str,
    register: pd.DataFrame | None = None,
) -> Made:
    """The posting folder of these approved proposals in the layouts of an ERP, in memory.

    What a credit is made of comes from the run's sealed book by its frozen policies, and must lead to the sealed
    proposals. Raises SourceError where it does not, TableError for what cannot be booked, IdentityError where the journals
    are not the entries.
    """
    from arlib.sources.upload import make_batch, posting_contents, postings_of
    from arlib.sources.upload.from_proposals import booked_sums

    entries, open_items, due_dates = _booked(run, proposals, accounts)
    waiting = settlements_waiting(run, accounts)
    frames, sources = postings_of(
        entries,
        proposals=proposals,
        open_items=open_items,
        gl_date=accounting_date,
        accounts=accounts,
        due_dates=due_dates,
    )
    batch = make_batch(
        frames,
        accounts=accounts,
        batch_id=batch_id,
        accounting_date=accounting_date,
        proposed_by=_names((one.proposer for one in run.approvals.values()), "proposers"),
        approved_by=_names((one.approver for one in run.approvals.values()), "approvers"),
        register=register,
        posted_by=run.poster_name,
        notes=tuple(_notes(entries, waiting)),
    )
    if not len(batch.left_out):
        for entity, role, currency, left, right in booked_sums(entries, batch.journals):
            Identity(name=f"journals of {role} in {entity}", left_label="entries of the proposals", left=left,
                     right_label="lines of the batch", right=right, currency=currency).require()  # fmt: skip
    gone = set(batch.left_out["reference"])
    references = {ref: key for ref, key in sources.items() if ref not in gone}
    beside = {"trace.csv": trace_csv(run, references)}
    if by_hand := _by_hand(entries, waiting):
        beside["by_hand.csv"] = by_hand
    contents = posting_contents(batch, target=target, accounts=accounts, beside=beside)
    return Made(contents=contents, references=references, said=tuple(_said(batch, proposals, references)))


def trace_csv(run: ApprovedRun, references: Mapping[str, Key]) -> bytes:
    """By reference: the proposal, who proposed, approved and posted it, and the event and run that prove it."""
    rows = []
    for reference, key in sorted(references.items(), key=lambda pair: (pair[1], pair[0])):
        one = run.approvals[key]
        rows.append({
            "reference": reference, "proposal_id": one.proposal_id, "entity": one.entity, "kind": one.kind,
            "currency": one.currency, "amount": one.amount, "proposer": one.proposer, "approver": one.approver,
            "decided_on": one.decided_on.isoformat(), "authentication": str(one.authentication),
            "poster": run.poster_name, "approval_event": str(one.event_seq),
            "approval_event_hash": one.event_hash, "run_id": one.run_id,
            "run_json_sha256": one.run_json_sha256, "facts_sha256": one.facts_sha256,
        })  # fmt: skip
    return csv_bytes(TRACE, rows)


def csv_bytes(header: Iterable[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A contract CSV: UTF-8 without mark, LF, as given."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(header), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _booked(
    run: ApprovedRun, proposals: pd.DataFrame, accounts: Accounts
) -> tuple[pd.DataFrame, pd.DataFrame, dict[Key, Any]]:
    """ENTRIES with those of commission, OPEN_ITEMS of the run, and due dates of new invoices."""
    import pandas as pd

    from arlib.credit.adjustments.clawbacks import clawbacks_of
    from arlib.credit.posting import clawback_entries_of, entries_of
    from arlib.credit.posting.parts import CODED
    from arlib.ledger.openitems import open_items

    books = run.books
    book, policies = books.book(), books.policies
    functional = {books.scope.entity: books.scope.functional_currency}
    lines = rebills = None
    taken = []
    due_dates: dict[Key, Any] = {}
    if proposals["kind"].isin([kind.value for kind in CODED]).any():
        found = _adjustments(run, book)
        _require_same(proposals, found.proposals, [kind.value for kind in CODED])
        wanted = set(proposals["proposal_id"])
        lines = found.lines[found.lines["proposal_id"].isin(wanted)]
        rebills = found.rebills[found.rebills["proposal_id"].isin(wanted)]
        taken.append(found.clawbacks[found.clawbacks["proposal_id"].isin(wanted)])
        new = rebills[rebills["line"].eq("invoice")]
        due_dates = {(row[0], row[1]): row[2] for row in
                     new[["entity", "proposal_id", "due_date"]].itertuples(index=False, name=None)}  # fmt: skip
    opened = open_items(book, scope=books.scope)
    entries = entries_of(
        proposals,
        open_items=opened,
        functional=functional,
        rules=accounts.rules.made(),
        policy=policies.adjustment,
        lines=lines,
        rebills=rebills,
        claimable=_claimable(run, proposals, book),
    )
    lost = proposals[proposals["kind"].eq(ProposalKind.WRITE_OFF.value)]
    taken.append(clawbacks_of(lost, book["commissions"], scope=books.scope, policy=policies.adjustment))
    commission = [clawback_entries_of(each, functional=functional) for each in taken]
    parts = [part for part in (entries, *commission) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else entries, opened, due_dates


def _adjustments(run: ApprovedRun, book: Book) -> Adjustments:
    from arlib.credit.adjustments.proposed import adjustments_of

    return adjustments_of(book, scope=scope_of(run.books, "adjustments"), policies=run.books.policies)


def _require_same(proposals: pd.DataFrame, again: pd.DataFrame, kinds: list[str]) -> None:
    """What the sealed book leads to now must be what was sealed, or its lines are those of something else."""
    facts = dict(zip(again["proposal_id"], again["facts_sha256"], strict=True))
    for row in proposals[proposals["kind"].isin(kinds)].to_dict("records"):
        if facts.get(row["proposal_id"]) != row["facts_sha256"]:
            raise SourceError(
                f"{row['kind']} {row['proposal_id']}: the run's book no longer leads to the sealed proposal",
                fix="Post with the version of arlib that closed the run, or close and approve again.",
            )


def _claimable(run: ApprovedRun, proposals: pd.DataFrame, book: Book) -> set[Key]:
    """Write-offs whose tax relief may be claimed at the as-of date, where they are written off by then."""
    import pandas as pd

    from arlib.credit.write_off.frames import RECOVERIES, ReliefStatus
    from arlib.credit.write_off.relief import tax_relief

    mine = proposals[proposals["kind"].eq(ProposalKind.WRITE_OFF.value)]
    if not len(mine):
        return set()
    never = pd.Series(pd.NaT, index=mine.index, dtype="datetime64[s]")
    register = mine.assign(
        written_off_on=pd.Timestamp(run.books.scope.as_of),
        recovered=pd.Series(0, index=mine.index, dtype="Int64"),
        relief_claimed_on=never,
        relief_repaid_on=never,
    )
    relief = tax_relief(
        book, register, RECOVERIES.empty(), scope=run.books.scope, policy=run.books.policies.write_off
    )
    held = set(relief[relief["status"].eq(ReliefStatus.CLAIMABLE.value)]["item_id"])
    columns = mine[["entity", "proposal_id", "item_id"]]
    return {(row[0], row[1]) for row in columns.itertuples(index=False, name=None) if row[2] in held}


def _names(names: Iterable[str], word: str) -> str:
    found = sorted(set(names))
    text = ", ".join(found)
    return text if len(text) <= NAME_LIMIT else f"{len(found)} {word}"


def _notes(entries: pd.DataFrame, waiting: list[Row]) -> list[str]:
    notes = []
    if len(entries[entries["action"].eq("transfer")]):
        notes.append("Payments on rebilled invoices go to the new ones: by hand in the ERP, see by_hand.csv.")
    if waiting:
        notes.append("Settlements are in no file: by hand once their payment has come in, see by_hand.csv.")
    return notes


def settlements_waiting(run: ApprovedRun, accounts: Accounts) -> list[Row]:
    """Lines on the customer's account of approved settlements: to be booked by hand once the payment has come in.

    What is given up is owed until the customer pays as agreed, so no file holds it and no batch counts it as posted.
    """
    mine = run.proposals[run.proposals["kind"].eq(ProposalKind.SETTLEMENT.value)].reset_index(drop=True)
    if not len(mine):
        return []
    entries, _, _ = _booked(run, mine, accounts)
    book = run.books.book()
    found = _adjustments(run, book)
    offers = {str(row["proposal_id"]): row for row in found.settlements.to_dict("records")}
    legs: dict[tuple[str, int], list[Row]] = {}
    for line in entries.to_dict("records"):
        legs.setdefault((str(line["proposal_id"]), int(line["leg"])), []).append(line)
    rows: list[Row] = []
    for (proposal, _), lines in sorted(legs.items()):
        offer = offers[proposal]
        currency = offer["currency"]
        is_commission = lines[-1]["action"] == "journal"
        parts = ", ".join(
            f"{line['role'].replace('_', ' ')} {format_minor(int(line['amount']), line['currency'])}"
            for line in (lines if is_commission else lines[:-1])
        )
        when = f"{format_minor(int(offer['payment']), currency)} {currency} have come in by {offer['pay_by']:%Y-%m-%d}"
        text = f"settlement, only when {when}: debit {parts}"
        if is_commission:
            text = f"commission of the settlement, only when {when}: {parts}"
        amount = sum(max(int(line["amount"]), 0) for line in lines)
        rows.append(lines[-1] | {"amount": amount, "text": text})
    return rows


def _by_hand(entries: pd.DataFrame, waiting: list[Row]) -> bytes:
    rows = []
    for row in [*entries[entries["action"].eq("transfer")].to_dict("records"), *waiting]:
        texts = {name: str(row[name] or "") if row[name] == row[name] else "" for name in BY_HAND}
        rows.append(texts | {"amount": format_minor(int(row["amount"]), row["currency"])})
    return csv_bytes(BY_HAND, rows) if rows else b""


def _said(batch: Batch, proposals: pd.DataFrame, references: Mapping[str, Key]) -> list[str]:
    """The batch in a line, its money by kind and currency, and what was left out."""
    from arlib.money import shown

    written = set(references.values())
    lines = [
        f"batch {batch.batch_id}, approved by {batch.approved_by}, posted by {batch.posted_by}: "
        f"{len(written)} proposals, adjustments {len(batch.adjustments)}, credit memo lines {len(batch.credit_memos)}, "
        f"invoice lines {len(batch.invoices)}"
    ]
    sums: dict[tuple[str, str], list[int]] = {}
    for row in proposals.to_dict("records"):
        if (row["entity"], row["proposal_id"]) in written:
            held = sums.setdefault((row["kind"], row["currency"]), [0, 0])
            held[0] += 1
            held[1] += int(row["amount"])
    for (kind, currency), (count, total) in sorted(sums.items()):
        lines.append(f"  {kind.replace('_', ' ')}: {count}, {currency} {shown(total, currency)}")
    if len(batch.left_out):
        lines.append(f"postings left out, written before: {len(batch.left_out)}")
    return [*lines, *batch.notes]


def approval_rows(run: ApprovedRun, written: Mapping[Key, list[str]]) -> list[dict[str, Any]]:
    """What the event of the batch says of each proposal."""

    def row(one: Approval, references: list[str]) -> dict[str, Any]:
        return {
            "proposal_id": one.proposal_id,
            "approval_event_hash": one.event_hash,
            "facts_sha256": one.facts_sha256,
            "references": references,
        }

    return [row(run.approvals[key], references) for key, references in written.items()]
