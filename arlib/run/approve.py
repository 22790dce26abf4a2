"""Read a returned workbook, judge every decision in it, and record them all or none. Floor 4.

    read the copy -> find and check its sealed run -> compare every fact -> judge -> append in one transaction

Refused in words, everything at once. What decides is the sealed run and the store, never the copy: of it only the
decision columns are taken.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.credit.authority import Accepted, Decision, Judgement, Proof, judge
from arlib.errors import SourceError
from arlib.money import Rates, format_minor
from arlib.run.approvals import (
    PREFIX,
    approvals_of,
    receipts,
    run_sha256,
    sealed_proposals,
    store_with_runs,
    write_receipt,
)
from arlib.run.approve_facts import Difference, Entry, differences, entries, layout_of
from arlib.run.approve_found import SealedWorkbook, closer_of, sealed_of, stale
from arlib.run.approve_policy import authority_of, policies_sha256, standing, state
from arlib.run.approve_proof import proof_of
from arlib.run.approve_sheets import day_of, read_workbook
from arlib.run.context import BOOK, FROZEN
from arlib.run.secretwords import secret_paths
from arlib.run.store import (
    Actor,
    Authentication,
    Event,
    Head,
    HeadMovedError,
    NewEvent,
    Store,
    current_actor,
)
from arlib.run.witnesses import read_json
from arlib.tables.rows import text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pandas as pd

    from arlib.policy import AuthorityPolicy

LONGEST_FILE = 256 << 20
LONGEST_COMMENT = 2000
TRIES = 5  # while other programs write to the store between the judgement and the record


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a returned workbook: decisions recorded now and known before, why it is refused, what to say."""

    label: str = ""
    accepted: tuple[Accepted, ...] = ()
    recorded: tuple[Event, ...] = ()
    known: int = 0
    differences: tuple[Difference, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    receipt: Path | None = None

    @property
    def refusals(self) -> tuple[str, ...]:
        """Every reason, changed facts first."""
        return (*(str(each) for each in self.differences), *self.problems)

    @property
    def exit_code(self) -> int:
        """0 where everything is right, 2 where refused."""
        return 2 if self.refusals else 0

    def lines(self, *, is_dry_run: bool = False) -> tuple[str, ...]:
        """What to tell: the run, remarks, decisions by word with their authority, what was known, where it is kept."""
        said = [self.label, *self.remarks]
        if self.refusals:
            return (*said, f"{len(self.accepted)} decisions are right, {len(self.refusals)} things are wrong")
        counts = Counter(
            (each.word, each.approver, each.authentication, each.authority) for each in self.accepted
        )
        for (word, approver, how, authority), count in sorted(counts.items()):
            said.append(f"{word}: {count:,} by {approver} ({how.replace('_', ' ')}), {authority}")
        if self.known:
            said.append(f"already recorded: {self.known:,}")
        if is_dry_run:
            return (*said, "nothing was recorded: a dry run")
        last = f", chain ends at event {self.recorded[-1].seq}" if self.recorded else ""
        return (*said, f"recorded: {len(self.recorded):,}{last}")


@dataclass(frozen=True, kw_only=True)
class _Case:
    """Everything that is judged."""

    sealed: SealedWorkbook
    proposals: pd.DataFrame
    policy: AuthorityPolicy
    policies_sha256: str
    rates: Rates
    proof: Proof
    actor: Actor
    workbook_sha256: str
    decisions: tuple[Decision, ...]
    today: date
    changed: tuple[Difference, ...]
    remarks: tuple[str, ...]
    faults: tuple[str, ...]


def approve(
    returned: Path,
    *,
    signature: Path | None = None,
    is_dry_run: bool = False,
    run: Path | None = None,
    actor: Actor | None = None,
    today: date | None = None,
) -> Outcome:
    """Record the decisions of a returned workbook, all in one transaction, or refuse it and record nothing.

    `signature` proves who signed the file, else the user of this process is proved. `today` is the day by the entity's
    clock or the approver's, the later of them, when left out. Raises InputError for a file that is no workbook, a run
    that is not found or not whole, or a signature that does not hold; StoreError for a store that cannot be used or
    trusted.
    """
    who = actor or current_actor()
    case = _case(returned, signature, run, who, today)
    outputs = case.sealed.outputs
    store = store_with_runs(outputs, is_read_only=is_dry_run)
    for _ in range(TRIES):
        head = store.head()  # what is read after it and stands beyond it keeps the record out
        outcome, judged = _judged(case, store)
        if outcome.exit_code or is_dry_run:
            return outcome
        try:
            made = store.append_all(list(_events(case, judged)), after=head)
        except HeadMovedError:
            continue
        is_told = not made and head in receipts(outputs)  # unless it was killed before the receipt
        receipt = None if is_told else _receipt(case, outputs, made[-1].head if made else head, made)
        return replace(outcome, recorded=made, receipt=receipt)
    raise HeadMovedError("the store is written to all the time by others", fix="Try again.")


def latest_day(zone: ZoneInfo) -> date:
    """Today by the entity's clock or by this machine's, the later: an approver may sit east of the entity."""
    return max(datetime.now(zone).date(), datetime.now().astimezone().date())


def _case(
    returned: Path, signature: Path | None, run: Path | None, actor: Actor, today: date | None
) -> _Case:
    """Read everything there is to read but the store."""
    content = _content(returned)
    copy = read_workbook(content, returned.name)
    sealed = sealed_of(returned, copy, run=run)
    proposals = sealed_proposals(sealed.folder, sealed.notebook)
    ids = set(proposals["proposal_id"].astype(str))
    if not ids:
        raise SourceError("the run proposes nothing in this workbook", where=returned.name)
    policies = read_json(sealed.folder / FROZEN)["policies"]
    policy = authority_of(policies)
    layout = layout_of(sealed.workbook, ids)
    filled = entries(copy, layout, ids)
    hidden = [entry.where for entry in filled if entry.is_hidden]
    remarks = (
        [f"{len(hidden)} decisions stand in rows that are hidden: {', '.join(hidden[:5])}"] if hidden else []
    )
    return _Case(
        sealed=sealed,
        proposals=proposals,
        policy=policy,
        policies_sha256=policies_sha256(policies),
        rates=_rates(sealed.folder),
        proof=proof_of(actor, content, signature, policy=policy),
        actor=actor,
        workbook_sha256=hashlib.sha256(content).hexdigest(),
        decisions=tuple(_decision(entry) for entry in filled),
        today=today or latest_day(sealed.zone),
        changed=differences(copy, sealed.workbook, layout),
        remarks=tuple(remarks),
        faults=tuple(_hostile(filled)),
    )


def _content(returned: Path) -> bytes:
    if not returned.is_file():
        raise SourceError("no such workbook", where=returned.name)
    if returned.stat().st_size > LONGEST_FILE:
        raise SourceError("is larger than a workbook of decisions can be", where=returned.name)
    return returned.read_bytes()


def _rates(folder: Path) -> Rates:
    """Exchange rates of the run's own book; none where it has none."""
    from pyarrow import parquet

    from arlib.tables import CANONICAL

    path = folder / BOOK / "fx_rates.parquet"
    return (
        Rates.of(CANONICAL["fx_rates"].typed(parquet.read_table(path).to_pandas(integer_object_nulls=True)))
        if path.is_file()
        else Rates()
    )


def _decision(entry: Entry) -> Decision:
    typed = "" if entry.day is None else str(entry.day)
    return Decision(
        where=entry.where,
        proposal_id=entry.proposal_id,
        word=entry.word,
        name=entry.name,
        decided_on=day_of(entry.day),
        day_text=typed,
        comment=entry.comment,
    )


def _hostile(filled: tuple[Entry, ...]) -> Iterator[str]:
    """What is no plain text of a person: secrets, which would be kept for ever, formulas, texts without measure."""
    for entry in filled:
        where = f"{entry.where}: {entry.proposal_id}"
        if len(entry.comment) > LONGEST_COMMENT:
            yield f"{where}: the comment has {len(entry.comment):,} characters; {LONGEST_COMMENT:,} at most"
        if any(secret_paths({"name": entry.name, "comment": entry.comment})):
            yield f"{where}: the comment seems to hold a password or an address with one; the store keeps it for ever"
        if entry.has_formula:
            yield f"{where}: a decision holds a formula; type it"


def _judged(case: _Case, store: Store) -> tuple[Outcome, Judgement]:
    """The judgement by what the store holds now."""
    sealed, run = case.sealed, case.sealed.run
    known = approvals_of(store, entity=str(run["entity"]), known=receipts(sealed.outputs))
    words, is_right = state(standing(store), case.policies_sha256)
    problems = list(case.faults)
    problems += [] if is_right else [words]
    why = stale(store, sealed)
    problems += [why] if why else []
    problems += [] if case.decisions else ["no row is decided: fill in Decision, Decided by and Decided on"]
    judged = judge(
        case.decisions,
        case.proposals,
        policy=case.policy,
        functional=str(run["functional_currency"]),
        rates=case.rates,
        as_of=date.fromisoformat(str(run["as_of"])),
        run_on=sealed.run_on,
        today=case.today,
        run_by=closer_of(store, sealed),
        proof=case.proof,
        recorded=[each.as_earlier for each in known],
    )
    return Outcome(
        label=sealed.label,
        accepted=judged.accepted,
        known=len(judged.known),
        differences=case.changed,
        problems=(*problems, *(str(each) for each in judged.problems)),
        remarks=(*case.remarks, *([words] if is_right else [])),
    ), judged


def _events(case: _Case, judged: Judgement) -> Iterator[NewEvent]:
    """An event for each accepted decision, in the order of the sheet."""
    run, sha256 = case.sealed.run, run_sha256(case.sealed.folder)
    rows = {str(row["proposal_id"]): row for row in case.proposals.to_dict("records")}
    is_signed = case.proof.method == Authentication.SIGNED_FILE
    actor = Actor(case.proof.person, Authentication.SIGNED_FILE) if is_signed else case.actor
    for each in judged.accepted:
        row: Mapping[Any, Any] = rows[each.decision.proposal_id]
        body = {
            "proposal_id": each.decision.proposal_id,
            "kind": str(row["kind"]),
            "entity": str(run["entity"]),
            "period": str(run["period"]),
            "run_id": str(run["run_id"]),
            "run_json_sha256": sha256,
            "notebook": case.sealed.notebook,
            "facts_sha256": str(row["facts_sha256"]),
            "amount": format_minor(int(row["amount"]), str(row["currency"])),
            "currency": str(row["currency"]),
            "customer_id": text(row["customer_id"]),
            "item_id": text(row["item_id"]),
            "document_no": text(row["document_no"]),
            "reason": str(row["reason"]),
            "decision": each.word,
            "approver": each.approver,
            "proposer": each.proposer,
            "decided_on": each.decided_on.isoformat(),
            "comment": each.decision.comment,
            "authority": each.authority,
            "authentication": each.authentication,
            "policies_sha256": case.policies_sha256,
            "workbook_sha256": case.workbook_sha256,
            "recorded_by": case.actor.name,
        }
        yield NewEvent(
            kind=f"{PREFIX}{row['kind']}",
            subject=f"{run['entity']}/{each.decision.proposal_id}",
            body=body,
            actor=actor.name,
            authentication=actor.authentication,
        )


def _receipt(case: _Case, outputs: Path, head: Head, made: tuple[Event, ...]) -> Path:
    about = {
        "run_id": case.sealed.run["run_id"],
        "notebook": case.sealed.notebook,
        "workbook_sha256": case.workbook_sha256,
        "decisions": len(made),
        "first_event": made[0].seq if made else None,
        "recorded_by": case.actor.name,
    }
    return write_receipt(outputs, head=head, about=about)
