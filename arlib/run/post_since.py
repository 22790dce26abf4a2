"""What newer sealed books say of approved proposals: not borne out any more, or no room left for them. Floor 4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from arlib.credit.posting.parts import CREDITS
from arlib.errors import Problem, TableError
from arlib.ledger.facts import counted, fact_dates, of_entity
from arlib.ledger.openitems import open_items
from arlib.money import format_minor, parse_plain
from arlib.policy import Scope
from arlib.run.approvals import Approval, approvals_of, proposal_notebooks, sealed_proposals
from arlib.run.manifest import RUN
from arlib.run.post_approved import ApprovedRun, SealedBooks, refused, scope_of, sealed_books
from arlib.run.post_ledger import POSTED, where
from arlib.run.store import Event, RunKind, Store
from arlib.run.witnesses import is_inside, read_json
from arlib.tables.choices import ApplicationKind, ProposalKind

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book

Key = tuple[str, str]
FALLS = (
    ProposalKind.WRITE_OFF, ProposalKind.SMALL_BALANCE, ProposalKind.DEDUCTION, ProposalKind.CONTRA,
    ProposalKind.REFUND, ProposalKind.UNCLAIMED, *CREDITS,
)  # fmt: skip  # an item falls by it; what a credit memo has beyond the item stays on the customer's account
WITHOUT_CASH = (
    ApplicationKind.WRITE_OFF, ApplicationKind.ADJUSTMENT, ApplicationKind.CREDIT_MEMO, ApplicationKind.REFUND,
    ApplicationKind.CONTRA, ApplicationKind.TRANSFER,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """What a proposal takes of an item that the books do not show yet."""

    proposal_id: str
    kind: str
    amount: int
    batch: str  # in words; '' where it is posted now


def newer_runs(books: SealedBooks, store: Store) -> list[SealedBooks]:
    """Sealed runs of the entity with later books, of the same period or a later one, the newest last.

    Raises SourceError where one of them is not whole or not where it was sealed.
    """
    found: list[tuple[str, int, str]] = []
    sealed = [
        each for each in store.events(kinds=(RunKind.SEALED,)) if each.body["entity"] == books.scope.entity
    ]
    mine = (
        books.scope.as_of.isoformat(),
        max((e.seq for e in sealed if e.body["run_id"] == books.run_id), default=0),
    )
    for event in sealed:
        folder = str(event.body["folder"])
        if event.body["run_id"] == books.run_id or not is_inside(folder):
            continue
        as_of = str(read_json(books.outputs / folder / RUN).get("as_of", ""))
        if not as_of and event.seq < mine[1]:
            continue  # an earlier run that is gone says nothing of what came after it
        if (as_of or date.max.isoformat(), event.seq) > mine:
            found.append((as_of, event.seq, folder))
    return [sealed_books(books.outputs / folder) for *_, folder in sorted(found)]


def not_borne_out(
    books: SealedBooks, newer: Sequence[SealedBooks], approved: Mapping[Key, Approval]
) -> tuple[list[Problem], tuple[str, ...]]:
    """Approvals that the newest run with their notebook does not bear out, and a sentence on those runs.

    In the same period it must propose the same facts, in a later one the same proposal; or it knows of the approval, and
    so need not propose it again. Whether enough is open is `require_room`'s to say.
    """
    problems: list[Problem] = []
    judges: dict[str, tuple[SealedBooks, dict[str, str], set[str]]] = {}
    for run in newer:
        held = proposal_notebooks(run.folder)
        told = _facts(run, held)
        decided = run.book()["decided_proposals"] if held else None
        known = set() if decided is None else set(decided[decided["decision"].eq("approve")]["proposal_id"])
        judges |= dict.fromkeys(held, (run, told, known))
    for _, one in sorted(approved.items()):
        if one.notebook not in judges:
            continue
        run, told, known = judges[one.notebook]
        is_same = told.get(one.proposal_id) == one.facts_sha256
        is_later = run.scope.period != books.scope.period
        if not (is_same or one.proposal_id in known or (is_later and one.proposal_id in told)):
            words = (
                f"the newer run {run.run_id} of {run.scope.period} no longer proposes it so; approve it there"
            )
            problems.append(refused(one, words))
    names = list(dict.fromkeys(run.run_id for run, *_ in judges.values()))
    return problems, tuple(
        f"The run was superseded by {name}, which bears out what was approved." for name in names
    )


def require_room(run: ApprovedRun, chosen: pd.DataFrame) -> None:
    """Refuse what the newest sealed books have no room for. `chosen` are PROPOSALS that are posted now.

    By item: all that was posted for ledger or bank and is not booked yet, and what is posted now, together, may not be
    more than is open. Raises TableError that names the other proposals and their batches.
    """
    falls = chosen[chosen["kind"].isin([kind.value for kind in FALLS]) & chosen["item_id"].fillna("").ne("")]
    if not len(falls):
        return
    book = run.newest.book()
    entity = run.books.scope.entity
    taken: dict[str, dict[str, _Taken]] = defaultdict(dict)
    is_booked, items = set(), set(falls["item_id"])
    moved = _without_cash(book, run.newest.scope, items)
    for one, event in _posted(run):
        if one.item_id not in items:
            continue
        amount = parse_plain(one.amount, one.currency)
        movements = _movements(moved, run.newest.scope, one.item_id, since=str(event.body["day"]))
        if event.subject.startswith("ledger/") and amount in movements:
            is_booked.add(one.proposal_id)
        else:
            taken[one.item_id][one.proposal_id] = _Taken(
                proposal_id=one.proposal_id, kind=one.kind, amount=amount, batch=where(event)
            )
    for row in falls.to_dict("records"):
        if row["proposal_id"] not in is_booked:
            own = _Taken(
                proposal_id=row["proposal_id"], kind=row["kind"], amount=int(row["amount"]), batch=""
            )
            taken[row["item_id"]].setdefault(own.proposal_id, own)
    problems = []
    notebooks = {run.approvals[entity, each].notebook for each in falls["proposal_id"]}
    open_by = {each: _left(book, scope_of(run.newest, each)) for each in notebooks}
    for row in falls[~falls["proposal_id"].isin(is_booked)].to_dict("records"):
        one = run.approvals[entity, row["proposal_id"]]
        beside = [
            each
            for each in taken[row["item_id"]].values()
            if each.proposal_id != row["proposal_id"]
            and not (row["kind"] in CREDITS and each.kind in CREDITS)
        ]
        left = open_by[one.notebook].get((entity, row["item_id"]), 0)
        if int(row["amount"]) + sum(each.amount for each in beside) > left and (
            beside or row["kind"] not in CREDITS
        ):
            problems.append(refused(one, _no_room(run, row["currency"], left, beside)))
    if problems:
        raise TableError(
            "approvals that the books have no room for",
            problems,
            fix="Nothing was written. Close again once the ledger shows what was posted, and decide there.",
        )


def _no_room(run: ApprovedRun, currency: str, left: int, beside: Sequence[_Taken]) -> str:
    is_own = run.newest.run_id == run.books.run_id
    words = (
        f"in the {'run' if is_own else 'newer run'} {run.newest.run_id} only {format_minor(left, currency)} {currency} "
        "of it are open"
    )
    others = [
        f"{each.kind} {each.proposal_id} of {format_minor(each.amount, currency)} "
        + (f"is in {each.batch} and not booked yet" if each.batch else "is to be posted too")
        for each in beside
    ]
    return "; ".join([words, *others])


def _posted(run: ApprovedRun) -> list[tuple[Approval, Event]]:
    """Every approval of the entity that a batch has, with the batch; that of the ledger where it has two."""
    approvals = {each.event_hash: each for each in approvals_of(run.store, entity=run.books.scope.entity)}
    made: dict[str, tuple[Approval, Event]] = {}
    events = run.store.events(kinds=(POSTED,), up_to=run.head)
    for event in sorted(events, key=lambda each: each.subject.startswith("ledger/")):
        if event.body["entity"] == run.books.scope.entity:
            for each in event.body["proposals"]:
                if one := approvals.get(each["approval_event_hash"]):
                    made[one.proposal_id] = (one, event)
    return list(made.values())


def _without_cash(book: Book, scope: Scope, items: set[str]) -> pd.DataFrame:
    """APPLICATIONS that moved these items without cash."""
    rows = of_entity(book["applications"], scope.entity)
    rows = rows[counted(rows, scope=scope) & rows["kind"].isin([kind.value for kind in WITHOUT_CASH])]
    return rows[rows["source_item_id"].isin(items) | rows["target_item_id"].isin(items)]


def _movements(moved: pd.DataFrame, scope: Scope, item_id: str, *, since: str) -> set[int]:
    """What moved an item without cash since a day, that day included: each movement, and all those of a day together."""
    rows = moved[moved["source_item_id"].eq(item_id) | moved["target_item_id"].eq(item_id)]
    found: set[int] = set()
    by_day: dict[str, int] = defaultdict(int)
    columns = ["source_item_id", "source_amount", "target_amount"]
    days = fact_dates(rows, scope.basis)
    for day, (source, of_source, of_target) in zip(
        days, rows[columns].itertuples(index=False, name=None), strict=True
    ):
        if f"{day:%Y-%m-%d}" >= since:
            amount = int(of_source if source == item_id else of_target)
            found.add(amount)
            by_day[f"{day:%Y-%m-%d}"] += amount
    return found | set(by_day.values())


def _facts(run: SealedBooks, notebooks: Sequence[str]) -> dict[str, str]:
    """The hash of every proposal that these notebooks hold."""
    made: dict[str, str] = {}
    for notebook in notebooks:
        frame = sealed_proposals(run.folder, notebook)
        made |= dict(zip(frame["proposal_id"], frame["facts_sha256"], strict=True))
    return made


def _left(book: Book, scope: Scope) -> dict[Key, int]:
    """What is open of each item, without its sign."""
    made: dict[Key, int] = {}
    columns = open_items(book, scope=scope)[["entity", "item_id", "outstanding"]]
    for entity, item, value in columns.itertuples(index=False, name=None):
        made[entity, item] = made.get((entity, item), 0) + int(value)
    return {key: abs(value) for key, value in made.items()}
