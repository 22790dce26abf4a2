"""Charges and releases that were approved and that the books do not hold yet, so that none is approved twice. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from arlib.credit.allowance.booked import BookedAllowance, BookedFrom
from arlib.credit.proposals import proposal_id
from arlib.ledger.facts import of_entity
from arlib.money import total
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import AllowanceLine, ProposalKind

LINES = (AllowanceLine.CHARGE.value, AllowanceLine.RELEASE.value)


@dataclass
class _Posting:
    """A charge or release in the books, less what answers an approval already."""

    day: date
    amount: int


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """An approved proposal, and what of it the books do not show; amounts as in PROPOSALS."""

    proposal_id: str
    amount: int
    decided_on: date
    waiting: int


def awaited(book: Book, booked: BookedAllowance, *, scope: Scope) -> tuple[Awaited, ...]:
    """The approved charges and releases of any period of which the books lack something, by day of decision.

    One is in the books where a charge or release, or all of them of a day, is of its amount, from the first day of the
    month that its period ends in; else as far as later ones, of its sign, that answer no other approval. None waits
    that is not younger than a close at whose date the entries held what was required. The period is the one that the
    proposal's id names: this one or one of PRIOR_ALLOWANCE; else the month before the decision. Uses
    DECIDED_PROPOSALS. Without allowance entries nothing shows what was booked, and all of them wait.
    """
    rows = of_entity(book["decided_proposals"], scope.entity)
    rows = rows[
        (rows["kind"].eq(ProposalKind.ALLOWANCE.value) & rows["decision"].eq("approve")).to_numpy(dtype=bool)
    ].sort_values(["decided_on", "proposal_id"], kind="stable")
    closes = _closes(book, scope)
    squared = max(
        (
            day
            for period, (day, required) in closes.items()
            if period != scope.period and booked.at(day) == required
        ),
        default=date.min,
    )
    is_known = booked.source is BookedFrom.ENTRIES
    entries = booked.entries[booked.entries["line"].isin(LINES).to_numpy(dtype=bool)]
    free = [
        _Posting(when.date(), int(amount))
        for when, amount in zip(entries["posting_date"], entries["amount"], strict=True)
    ]
    found = []
    for name, minor, when in zip(rows["proposal_id"], rows["amount"], rows["decided_on"], strict=True):
        amount, ends_on = int(minor), _end(str(name), int(minor), when.date(), closes, scope)
        if ends_on > squared and not (is_known and _answered(free, amount, ends_on.replace(day=1))):
            found.append((str(name), amount, when.date(), ends_on))
    made = []
    for name, amount, day, ends_on in found:
        shows = _later(free, amount, ends_on) if is_known else 0
        if amount != shows:
            made.append(Awaited(proposal_id=name, amount=amount, decided_on=day, waiting=amount - shows))
    return tuple(made)


def allowance_id(scope: Scope, period: str, amount: int) -> str:
    """The id of the allowance proposal of a period."""
    return proposal_id(ProposalKind.ALLOWANCE, scope.entity, period, scope.functional_currency, amount)


def _closes(book: Book, scope: Scope) -> Mapping[str, tuple[date, int]]:
    """By period: the as-of date of its close and what it required."""
    rows = of_entity(book["prior_allowance"], scope.entity)
    made = {
        str(period): (part["as_of"].max().date(), total(part["allowance"]))
        for period, part in rows.groupby("period")
    }
    return made | {scope.period: (scope.as_of, made.get(scope.period, (scope.as_of, 0))[1])}


def _end(name: str, amount: int, day: date, closes: Mapping[str, tuple[date, int]], scope: Scope) -> date:
    """The last day of the period that a proposal is of."""
    known = (ends for period, (ends, _) in closes.items() if allowance_id(scope, period, amount) == name)
    return next(known, day.replace(day=1) - timedelta(days=1))


def _answered(free: list[_Posting], amount: int, since: date) -> bool:
    """Whether a posting, or all of a day, is of the amount; it is taken out then."""
    late = [row for row in free if row.day >= since and row.amount]
    days = {row.day: [one for one in late if one.day == row.day] for row in late}
    for rows in [[row] for row in late] + list(days.values()):
        if sum(row.amount for row in rows) == amount:
            for row in rows:
                row.amount = 0
            return True
    return False


def _later(free: list[_Posting], amount: int, after: date) -> int:
    """As much of the amount as later postings of its sign hold; it is taken out."""
    left = amount
    for row in free:
        if row.day > after and (row.amount > 0) == (amount > 0):
            part = min(left, row.amount) if amount > 0 else max(left, row.amount)
            row.amount -= part
            left -= part
    return amount - left
