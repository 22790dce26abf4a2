"""What if these items were paid by this receipt: the difference to the minor unit, what it is, and the lines to apply. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from arlib.matching.by_hand.answer import WhatIf
from arlib.matching.by_hand.bench import Bench, bench_of
from arlib.matching.by_hand.difference import Difference
from arlib.matching.by_hand.given import Given, shape_faults
from arlib.matching.pool import NOBODY
from arlib.money import iso_code, shown

if TYPE_CHECKING:
    from arlib.matching.by_hand.around import Around
    from arlib.money.rates import Rate
    from arlib.policy.matching import MatchingPolicy


def what_if(
    around: Around,
    *,
    receipt_id: str,
    chosen: Mapping[str, int | None],
    policy: MatchingPolicy,
    given: Sequence[Given] = (),
    rate: str = "",
    user: str = "",
) -> WhatIf:
    """What the difference would be if the receipt paid the chosen items, and what it consists of.

    `chosen` has by item None for all that is open of it, or the cash set against it (minor units, a credit's negative). The
    items are open for what decisions on other receipts leave of them. A shortfall is explained by the policy as the engine does
    (`arlib.matching.residuals.decompose`), unless the person gives parts: then only these count and the rest stays open as a
    part payment. A claim, a tax or a freight stays open on its item; the other kinds settle it. A tolerance above the policy's
    limit is a fault; an unearned discount and a large bank charge are said. In another currency the receipt is worth what the
    book's spot rate of its value date says, else the closing rate, else `rate` (decimal text, items' currency for one unit of the
    receipt's; given, it goes first). Overpayment stays unapplied. Never raises for an unfinished choice.
    """
    bench = bench_of(around, receipt_id=receipt_id, policy=policy, user=user)
    if isinstance(bench, str):
        return WhatIf(receipt_id, faults=(bench,))
    none = WhatIf(receipt_id, receipt_currency=bench.money, cash=bench.cash, unapplied=bench.cash)
    rows, faults = _checked(bench, chosen)
    faults += shape_faults(given, rows)
    sentences = (
        [f"a decision of {bench.decided_by} stands on it: withdraw it before another is recorded"]
        if bench.decided_by
        else []
    )
    if not rows:
        return replace(none, faults=tuple(faults), sentences=(*sentences, "nothing is chosen"))
    moneys = {bench.currency(row) for row in rows.values()}
    if len(moneys) > 1 or faults:
        if len(moneys) > 1:
            faults.append(
                f"items in several currencies are chosen: {', '.join(sorted(map(iso_code, moneys)))}"
            )
        return replace(none, faults=tuple(faults), sentences=tuple(sentences))
    money = moneys.pop()
    found = _rate(bench, money, rate)
    if isinstance(found, str):
        return replace(none, currency=money, faults=(found,), sentences=tuple(sentences))
    bench, named = found
    if named is not None:
        sentences.append(f"at the rate {named.rate.normalize():f}: {named.how}")
    return Difference(bench, money, named, rows, dict(chosen), list(given)).answer(none, sentences)


def _checked(bench: Bench, chosen: Mapping[str, int | None]) -> tuple[dict[str, int], list[str]]:
    """Rows of the chosen items by id, and what is wrong with the choice."""
    rows: dict[str, int] = {}
    faults = []
    for item_id, asked in chosen.items():
        row = bench.row(item_id)
        if row == NOBODY:
            faults.append(f"item {item_id} is not among the open items of this view")
            continue
        opened, money = bench.facts.open[row], bench.currency(row)
        if not opened:
            faults.append(f"nothing is open of {bench.called(row)} after the decisions on other receipts")
        elif asked is None:
            rows[item_id] = row
        elif isinstance(asked, bool) or not isinstance(asked, int):
            faults.append(f"what is set against {bench.called(row)} is not an amount in whole minor units")
        elif not min(opened, 0) <= asked <= max(opened, 0) or not asked:
            faults.append(
                f"{iso_code(money)} {shown(asked, money)} cannot be set against {bench.called(row)}, "
                f"which is open for {shown(opened, money)}"
            )
        else:
            rows[item_id] = row
    return rows, faults


def _rate(bench: Bench, money: str, rate: str) -> tuple[Bench, Rate | None] | str:
    """The bench with the rate that counts, and the rate; None in one currency. A sentence where there is none."""
    if money == bench.money:
        return bench, None
    if rate:
        made = bench.at_rate(rate, money)
        if isinstance(made, str):
            return made
        bench = made
    found = bench.rate_to(money)
    if found is None:
        return f"no exchange rate {iso_code(bench.money)}/{iso_code(money)} is known for the receipt's day: name one"
    return bench, found
