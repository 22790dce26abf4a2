"""Which combinations of open items sum to a receipt, within limits, doubt shown as doubt. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from arlib.matching.by_hand.bench import Bench, bench_of
from arlib.matching.by_hand.frames import COMBINATIONS
from arlib.matching.columns import texts
from arlib.matching.combine.solver import LARGEST, WORK_LIMIT, Status, listing
from arlib.matching.pool import NOBODY
from arlib.matching.tolerance import limit_for
from arlib.money import iso_code, shown

if TYPE_CHECKING:
    from arlib.matching.by_hand.around import Around
    from arlib.policy.matching import MatchingPolicy

MOST = 5
_SAID = {
    Status.UNIQUE: "exactly one combination of {items} sums to {goal}",
    Status.AMBIGUOUS: "several combinations of {items} sum to {goal}; their numbers are no ranks",
    Status.NONE: "no combination of {items} sums to {goal}",
    Status.NOT_DECIDED: "not decided whether {items} sum to {goal}",
}


@dataclass(frozen=True)
class Combinations:
    """What sums to a receipt. `ways` (COMBINATIONS) are numbered, not ranked: two that explain equally stand side by side.

    `status` is unique (proved), ambiguous, none (proved) or not_decided (the limit was reached before a proof). `is_complete`
    says whether all that there are is shown; `is_exact` whether they meet the total itself and not only within `tolerance`;
    `is_interchangeable` that they differ only in which of several equal amounts they take. `total` is in minor units of
    `currency`, `items` how many open items were searched, `work` the partial sums held.
    """

    receipt_id: str
    status: str
    sentence: str
    currency: str = ""
    total: int = 0
    tolerance: int = 0
    ways: pd.DataFrame = field(default_factory=COMBINATIONS.empty)
    is_complete: bool = False
    is_exact: bool = True
    is_interchangeable: bool = False
    items: int = 0
    work: int = 0


def combinations(
    around: Around,
    *,
    receipt_id: str,
    policy: MatchingPolicy,
    items: Sequence[str] | None = None,
    total: int | None = None,
    most: int = MOST,
    at_most_items: int | None = None,
    tolerance: int | None = None,
    work_limit: int = WORK_LIMIT,
    user: str = "",
) -> Combinations:
    """Up to `most` combinations of open items in the receipt's currency that sum to it.

    Searched are the items of each candidate customer by itself, in the order of their likelihood, or the `items` named
    together, whoever's they are. `total` (minor units) takes the place of the receipt's money, such as money less a known
    charge. Exact sums come first; only where it is proved that a customer has none, those within `tolerance` (None: what the
    policy allows for the total, 0: none) are shown. A way has at least one item, and with `at_most_items` no more than so
    many. Disputed items are left out where the policy says so. All searches share `work_limit`, which takes some hundredths of
    a second to reach. What is not open, or named and unknown, gives not_decided with the reason; nothing raises but
    ParameterError for a negative limit.
    """
    bench = bench_of(around, receipt_id=receipt_id, policy=policy, user=user)
    if isinstance(bench, str):
        return Combinations(receipt_id, Status.NOT_DECIDED.value, bench)
    goal = bench.cash if total is None else total
    groups, unknown = _groups(bench, items, policy)
    base = Combinations(
        receipt_id,
        Status.NOT_DECIDED.value,
        "",
        currency=bench.money,
        total=goal,
        items=sum(map(len, groups)),
    )
    if unknown:
        return _said(base, f"not among the open items of this view: {', '.join(unknown[:5])}")
    found: list[tuple[tuple[int, ...], bool]] = []
    work, is_complete, spread = 0, True, 0
    for rows in groups:
        opens = [bench.facts.open[row] for row in rows]
        near = _tolerance(bench, rows, goal, policy) if tolerance is None else tolerance
        if sum(map(abs, opens)) + abs(goal) + near >= LARGEST:
            return _said(base, "the amounts are too large to be searched")
        if work >= work_limit:
            is_complete = False
            break
        made = listing(
            opens, goal, tolerance=near, cap=most, work_limit=work_limit - work, at_most_items=at_most_items,
            exact_first=True,
        )  # fmt: skip
        work += made.work
        is_complete &= made.complete
        for way in made.explanations:
            found.append((tuple(rows[at] for at in way), sum(opens[at] for at in way) == goal))
        spread = max(spread, near)
    if any(exact for _, exact in found) and is_complete:
        found = [one for one in found if one[1]]
    is_complete &= len(found) <= most
    return _answer(bench, base, [way for way, _ in found[:most]], is_complete, spread, work, len(found) > 1)


def _groups(
    bench: Bench, items: Sequence[str] | None, policy: MatchingPolicy
) -> tuple[list[list[int]], list[str]]:
    """Rows that are searched together, and named items that are not there."""
    facts, frame = bench.facts, bench.pool.items.frame
    money = facts.receipt_money[bench.receipt]
    disputed = frame["is_disputed"].fillna(False).astype(bool).tolist()
    lost = frame["is_written_off"].fillna(False).astype(bool).tolist()

    def may(row: int) -> bool:
        is_allowed = policy.includes_disputed or not disputed[row]
        return facts.item_money[row] == money and bool(facts.open[row]) and is_allowed and not lost[row]

    if items is not None:
        rows = [bench.row(item) for item in dict.fromkeys(items)]
        unknown = [item for item, row in zip(dict.fromkeys(items), rows, strict=True) if row == NOBODY]
        return [
            [row for row in rows if row != NOBODY and facts.item_money[row] == money and facts.open[row]]
        ], unknown
    of: Mapping[str, list[int]] = {code: [] for code in bench.around.customers}
    for row, code in enumerate(texts(frame, "customer_id")):
        if code in of and may(row):
            of[code].append(row)
    return [rows for rows in of.values() if rows], []


def _tolerance(bench: Bench, rows: Sequence[int], goal: int, policy: MatchingPolicy) -> int:
    """The most restrictive limit of the policy among the units and customers of these items, for the total."""
    code = bench.money
    named = {
        (bench.facts.segment(row), bench.pool.accounts[account][1] if account != NOBODY else "")
        for row in rows
        for account in [int(bench.pool.items.account[row])]
    }
    return min(
        (
            limit_for(item_open=goal, currency=code, business_unit=unit, customer=customer, user=bench.facts.user,
                      limits=policy.tolerances)
            for unit, customer in sorted(named)
        ),
        default=0,
    )  # fmt: skip


def _answer(
    bench: Bench,
    base: Combinations,
    ways: list[tuple[int, ...]],
    is_complete: bool,
    spread: int,
    work: int,
    is_several: bool,
) -> Combinations:
    opens = bench.facts.open
    status = Status.NOT_DECIDED
    if is_several:
        status = Status.AMBIGUOUS
    elif is_complete:
        status = Status.UNIQUE if ways else Status.NONE
    sums = [sum(opens[row] for row in way) for way in ways]
    is_exact = all(total == base.total for total in sums)
    frame = bench.pool.items.frame
    documents, customers, ids = (texts(frame, name) for name in ("document_no", "customer_id", "item_id"))
    due = frame["due_date"].tolist()
    rows = [
        {"way": number, "item_id": ids[row], "document_no": documents[row], "customer_id": customers[row],
         "due_date": due[row], "currency": base.currency, "open_amount": opens[row], "difference": base.total - total}
        for number, (way, total) in enumerate(zip(ways, sums, strict=True), start=1)
        for row in way
    ]  # fmt: skip
    made = COMBINATIONS.from_rows(rows).sort_values(["way", "item_id"], kind="stable", ignore_index=True)
    alike = {tuple(sorted(opens[row] for row in way)) for way in ways}
    goal = f"{iso_code(base.currency)} {shown(base.total, base.currency)}"
    count = f"{base.items:,} open {'item' if base.items == 1 else 'items'}"
    said = _SAID[status].format(items=count, goal=goal)
    if ways and not is_exact:
        said += f", within a tolerance of {shown(spread, base.currency)}"
    if status is Status.AMBIGUOUS and not is_complete:
        said += f"; {len(ways):,} are shown, there may be more"
    if status is Status.AMBIGUOUS and len(alike) == 1:
        said += "; they differ only in which of equal amounts is meant"
    if status is Status.NOT_DECIDED:
        beside = "; the one shown may not be the only one" if ways else ""
        said += f": the search was stopped at its limit{beside}. Name fewer items, or how many at most"
    return Combinations(
        base.receipt_id, status.value, said, base.currency, base.total, spread, made, is_complete, is_exact,
        len(ways) > 1 and len(alike) == 1, base.items, work,
    )  # fmt: skip


def _said(base: Combinations, sentence: str) -> Combinations:
    return Combinations(base.receipt_id, base.status, sentence, base.currency, base.total, items=base.items)
