"""The receipts and open items of one account, placed together. Floor 1.

The surest receipt is placed first and its items are gone for the others; what remains is searched again, with lower demands
each round. Receipts left without an explanation may free the items of unsure ones. Last, each choice is searched again with
every item back that is not held by a proven choice: what is then still the only explanation is proven as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from arlib.matching.unstated.habits import Habit, chances, place_of
from arlib.matching.unstated.runs import run_of
from arlib.matching.unstated.ways import Ways, ways_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS = (8.0, 5.0, 3.5, 2.5, 1.5, 0.7, 0.2, 0.0)  # log odds that a choice must have in each round
ONE_BY_ONE = (
    3.5  # below these odds one receipt is placed at a time, since each changes what the others may be
)
SURE = 3.0  # log odds from which a choice may be called proven: about 20 to 1
MOST_REPAIRS = 12  # receipts without an explanation, above which none is repaired
IN_ORDER = 4.0  # nats by which habit must speak against paying the older of two equal items first
NEAR_DAYS = 60  # a repair frees choices so many days around


@dataclass(frozen=True)
class Case:
    """Receipts and open items of one account (or of accounts that pay for each other) in one currency.

    Items ascend by due date. `may_pay` says which receipt (column) may pay which item (row); `horizon` is the day of the
    last of these receipts. Amounts are minor units.
    """

    totals: tuple[int, ...]
    days: NDArray[np.int64]
    amounts: NDArray[np.int64]
    due_days: NDArray[np.int64]
    document_days: NDArray[np.int64]
    may_pay: NDArray[np.bool_]
    horizon: int
    states: int
    early_days: int = 1


@dataclass(slots=True)
class Choice:
    """What a receipt is taken to have paid. `margin` is in nats, -1 where a likelier way exists that others hold."""

    rows: tuple[int, ...]
    margin: float
    is_complete: bool
    is_proven: bool = False
    other: tuple[int, ...] = ()


@dataclass
class Placing:
    """The state of one account's search."""

    case: Case
    habit: Habit
    choices: dict[int, Choice] = field(default_factory=dict)
    is_open: NDArray[np.bool_] = field(init=False)
    waiting: list[int] = field(init=False)
    undecided: dict[int, Ways] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Everything is open and every receipt waits."""
        self.is_open = np.ones(len(self.case.amounts), bool)
        self.waiting = list(range(len(self.case.totals)))


def place_account(case: Case, habit: Habit) -> Placing:
    """Choices for the receipts of the case; `waiting` keeps those without one, `undecided` what was found for them."""
    placing = Placing(case, habit)
    _settle(placing)
    if placing.waiting and len(placing.waiting) <= MOST_REPAIRS:
        _repair(placing)
    _oldest_first_among_equals(placing)
    _prove(placing)
    return placing


def _settle(placing: Placing) -> None:
    case = placing.case
    seen: dict[int, Ways] = {}
    is_untainted, is_stale, number = True, False, 0
    while placing.waiting and number < len(ROUNDS):
        asked = ROUNDS[number]
        missing = [receipt for receipt in placing.waiting if receipt not in seen]
        seen.update(_look(placing, missing, among=placing.waiting, is_open=placing.is_open))
        if _take_runs(placing, seen):
            is_untainted, seen = False, {}
            continue
        ranked = sorted(
            ((_odds(ways), -receipt) for receipt, ways in seen.items() if ways.found), reverse=True
        )
        gone: set[int] = set()
        for odds, minus in ranked:
            receipt = -minus
            ways = seen[receipt]
            best = ways.found[0]
            if odds < asked:
                break
            if gone.intersection(best.rows):
                continue
            gone.update(best.rows)
            proven = is_untainted and _is_sure(case, receipt, ways)
            _take(placing, receipt, Choice(best.rows, odds, ways.is_complete, proven, _other(ways)))
            if asked < ONE_BY_ONE:
                break
        if not gone:
            number += 1
            placing.undecided = seen
            # what was seen before others were placed is seen again, since the chances have changed
            seen, is_stale = ({} if is_stale else seen), False
            continue
        is_stale = True
        is_untainted = is_untainted and asked >= SURE
        touched = np.array(sorted(gone))
        still = set(placing.waiting)
        seen = {
            receipt: ways
            for receipt, ways in seen.items()
            if receipt in still and not np.isin(touched, ways.looked_at).any()
        }


def _take_runs(placing: Placing, seen: dict[int, Ways]) -> bool:
    """Takes, for receipts that no complete search explains, everything due or dated over a stretch of days."""
    case, taken = placing.case, False
    for receipt in [receipt for receipt, ways in seen.items() if not ways.is_complete]:
        may = placing.is_open & case.may_pay[:, receipt] & (case.document_days <= case.days[receipt])
        rows = np.flatnonzero(may)
        for days in (case.due_days, case.document_days):
            run = run_of(case.totals[receipt], rows=rows, amounts=case.amounts[rows], days=days[rows])
            if run:
                _take(placing, receipt, Choice(run, SURE, is_complete=False))
                taken = True
                break
    return taken


def _oldest_first_among_equals(placing: Placing) -> None:
    """Of two items of one amount, the receipt that came first is taken to have paid the older, unless habit says otherwise.

    Nothing but the customer's habit tells such items apart, and little of it: customers pay in order.
    """
    case = placing.case
    owner = {row: receipt for receipt, choice in placing.choices.items() for row in choice.rows}
    equals: dict[int, list[int]] = {}
    for row in sorted(owner):
        equals.setdefault(int(case.amounts[row]), []).append(row)

    equals = {amount: rows for amount, rows in equals.items() if len(rows) > 1}
    if not equals:
        return
    lateness = np.log(placing.habit.lateness())

    def likely(receipt: int, row: int) -> float:
        late = int(case.days[receipt] - case.due_days[row])
        return float(lateness[place_of(late)])

    for rows in equals.values():
        for at, older in enumerate(rows):
            for newer in rows[at + 1 :]:
                one, two = owner[older], owner[newer]
                is_in_order = case.days[one] <= case.days[two] or case.due_days[older] == case.due_days[newer]
                if is_in_order or not (_can_pay(case, two, older) and _can_pay(case, one, newer)):
                    continue
                for_habit = likely(one, older) + likely(two, newer) - likely(one, newer) - likely(two, older)
                if for_habit < IN_ORDER:
                    for receipt, gone, got in ((one, older, newer), (two, newer, older)):
                        choice = placing.choices[receipt]
                        choice.rows = tuple(sorted([*(row for row in choice.rows if row != gone), got]))
                    owner[older], owner[newer] = two, one


def _can_pay(case: Case, receipt: int, row: int) -> bool:
    return bool(
        case.may_pay[row, receipt] and case.document_days[row] <= case.days[receipt] + case.early_days
    )


def _odds(ways: Ways) -> float:
    """The margin; an incomplete search counts for little, the less the unlikelier its best way is."""
    if ways.is_complete:
        return ways.margin
    return min(ways.margin, 3.0, max(0.1, 3.0 - (ways.found[0].cost - 6.0) / 4.0))


def _is_sure(case: Case, receipt: int, ways: Ways) -> bool:
    """Whether the best way is the only one by a clear margin, and nothing in it is dated after the payment."""
    dated = case.document_days[list(ways.found[0].rows)]
    return ways.is_complete and ways.margin >= SURE and bool((dated <= case.days[receipt]).all())


def _other(ways: Ways) -> tuple[int, ...]:
    return ways.found[1].rows if len(ways.found) > 1 else ()


def _take(placing: Placing, receipt: int, choice: Choice) -> None:
    case, at = placing.case, list(choice.rows)
    placing.choices[receipt] = choice
    placing.is_open[at] = False
    placing.waiting.remove(receipt)
    day = int(case.days[receipt])
    late = day - case.due_days[at]
    placing.habit.paid((int(days) for days in late), weight=1.0 if len(at) < 4 else 4.0 / len(at))
    whole = in_parts = 0
    for due, taken in Counter(case.due_days[at].tolist()).items():
        left = int((placing.is_open & (case.due_days == due) & (case.document_days <= day)).sum())
        if taken + left > 1:
            whole, in_parts = whole + (left == 0), in_parts + (left > 0)
    placing.habit.took(whole=whole, in_parts=in_parts)


def _look(
    placing: Placing,
    receipts: Iterable[int],
    *,
    among: Sequence[int],
    is_open: NDArray[np.bool_],
    most: int = 40,
) -> dict[int, Ways]:
    """Ways of each receipt over the open items, where the receipts `among` compete for them."""
    case, wanted = placing.case, list(receipts)
    if not wanted:
        return {}
    rows = np.flatnonzero(is_open)
    columns = np.array(among)
    days = case.days[columns]
    early = days[None, :] < case.document_days[rows][:, None]
    possible = case.may_pay[rows][:, columns] & (
        days[None, :] >= case.document_days[rows][:, None] - case.early_days
    )
    chance = chances(
        days[None, :] - case.due_days[rows][:, None],
        is_possible=possible,
        is_early=early,
        horizon_late_days=case.horizon - case.due_days[rows],
        lateness=placing.habit.lateness(),
    )
    place = {receipt: column for column, receipt in enumerate(among)}
    share = placing.habit.whole_share
    amounts = case.amounts[rows]
    credit = int(np.minimum(amounts, 0).sum())
    found = {}
    for receipt in wanted:
        column, total = place[receipt], case.totals[receipt]
        fits = np.flatnonzero(possible[:, column] & (amounts <= total - credit))
        mine = rows[fits]
        found[receipt] = ways_of(
            total, rows=mine, amounts=case.amounts[mine], due_days=case.due_days[mine],
            chance=chance[fits, column], whole_share=share, states=case.states, most=most,
        )  # fmt: skip
    return found


def _repair(placing: Placing) -> None:
    """Frees unsure choices around a receipt that nothing explains, where all of them find another explanation."""
    for receipt in list(placing.waiting):
        day = placing.case.days[receipt]
        unsure = [
            other
            for other, choice in placing.choices.items()
            if not choice.is_proven and abs(placing.case.days[other] - day) < NEAR_DAYS
        ]
        owner = {row: other for other in unsure for row in placing.choices[other].rows}
        freed = placing.is_open.copy()
        freed[list(owner)] = True
        ways = _look(placing, [receipt], among=[*placing.waiting, *unsure], is_open=freed, most=30)[receipt]
        best: tuple[float, dict[int, tuple[int, ...]]] | None = None
        for way in ways.found:
            losers = sorted({owner[row] for row in way.rows if row in owner})
            if len(losers) > 3:
                continue
            made = _rehouse(placing, receipt, way.rows, losers)
            if made is not None and (best is None or way.cost + made[0] < best[0]):
                best = (way.cost + made[0], made[1])
        if best is None:
            continue
        for other in best[1]:
            if other in placing.choices:
                placing.is_open[list(placing.choices[other].rows)] = True
        for other, rows in best[1].items():
            placing.choices[other] = Choice(rows, 0.0, is_complete=False)
            placing.is_open[list(rows)] = False
        placing.waiting.remove(receipt)


def _rehouse(
    placing: Placing, receipt: int, rows: tuple[int, ...], losers: list[int]
) -> tuple[float, dict[int, tuple[int, ...]]] | None:
    is_open = placing.is_open.copy()
    for other in losers:
        is_open[list(placing.choices[other].rows)] = True
    is_open[list(rows)] = False
    waiting = [other for other in placing.waiting if other != receipt]
    cost, made = 0.0, {receipt: rows}
    for other in losers:
        ways = _look(placing, [other], among=[other, *waiting], is_open=is_open)[other]
        if not ways.found:
            return None
        cost += ways.found[0].cost
        made[other] = ways.found[0].rows
        is_open[list(ways.found[0].rows)] = False
    return cost, made


def _prove(placing: Placing) -> None:
    """Marks as proven what stays the only explanation with the items of all unproven choices back on the table."""
    unproven = [receipt for receipt, choice in placing.choices.items() if not choice.is_proven]
    while unproven:
        is_open = placing.is_open.copy()
        for receipt in unproven:
            is_open[list(placing.choices[receipt].rows)] = True
        proven = set()
        looked = _look(placing, unproven, among=[*unproven, *placing.waiting], is_open=is_open)
        for receipt, ways in looked.items():
            choice = placing.choices[receipt]
            is_best = bool(ways.found) and ways.found[0].rows == choice.rows
            choice.margin = ways.margin if is_best else -1.0
            choice.is_complete = ways.is_complete
            choice.other = _other(ways) if is_best else (ways.found[0].rows if ways.found else ())
            choice.is_proven = is_best and _is_sure(placing.case, receipt, ways)
            if choice.is_proven:
                proven.add(receipt)
        if not proven:
            return
        unproven = [receipt for receipt in unproven if receipt not in proven]
