"""Parts of a difference that a person sets by hand, checked against policy and terms. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arlib.matching.columns import texts
from arlib.matching.discounts import day_of, offer
from arlib.matching.pool import NO_DAY, NOBODY
from arlib.matching.tolerance import limit_for
from arlib.money import iso_code, minor_places, shown

if TYPE_CHECKING:
    from arlib.matching.by_hand.bench import Bench
    from arlib.policy.matching import Limit

COLUMN_OF = {
    "discount": "discount", "charge": "fee", "fx": "fx", "tolerance": "tolerance",
    "tax": "deduction", "freight": "deduction", "claim": "deduction",
}  # fmt: skip  # kind to column of MATCHES; what is in the column deduction stays open
CLAIMS = tuple(kind for kind, column in COLUMN_OF.items() if column == "deduction")


@dataclass(frozen=True, slots=True)
class Given:
    """A part of a difference that a person sets: how much less was paid for an item, minor units of its currency.

    `kind` is a key of COLUMN_OF; only `fx` may be negative (a gain). `code` says what a claim is about.
    """

    item_id: str
    kind: str
    amount: int
    code: str = ""


def shape_faults(given: Sequence[Given], chosen: Mapping[str, int]) -> list[str]:
    """What is wrong with given parts by themselves; `chosen` has the rows of the items that are chosen, by id."""
    found = []
    for one in given:
        if one.kind not in COLUMN_OF:
            found.append(f"a part of kind {one.kind!r} is not known: {', '.join(COLUMN_OF)}")
        elif one.item_id not in chosen:
            found.append(f"a {one.kind} is set for item {one.item_id}, which is not chosen")
        elif isinstance(one.amount, bool) or not isinstance(one.amount, int):
            found.append(f"the {one.kind} of item {one.item_id} is not an amount in whole minor units")
        elif one.amount < 0 and one.kind != "fx":
            found.append(f"the {one.kind} of item {one.item_id} is negative")
        elif one.kind == "claim" and not one.code:
            found.append(f"the claim on item {one.item_id} has no reason code")
    return found


def tolerance_faults(bench: Bench, given: Sequence[Given], items: Sequence[int]) -> list[str]:
    """A tolerance beyond the most restrictive limit of the policy, with the limit and whose it is; a receipt has one limit."""
    asked = sum(abs(one.amount) for one in given if one.kind == "tolerance")
    if not asked or not items:
        return []
    facts, money = bench.facts, bench.currency(items[0])
    total = sum(max(facts.open[item], 0) for item in items)
    least: tuple[int, str] | None = None
    for item in items:
        account = int(bench.pool.items.account[item])
        of = {"business_unit": facts.segment(item), "user": facts.user, "reason": "",
              "customer": bench.pool.accounts[account][1] if account != NOBODY else ""}  # fmt: skip
        for limit in facts.policy.tolerances:
            if (limit.of and limit.of != of[limit.scope]) or limit.currency not in ("", money):
                continue
            found = limit_for(item_open=total, currency=money, **of, limits=(limit,))
            if least is None or found < least[0]:
                least = (found, _whose(limit))
    if least is None:
        return ["the policy allows no tolerance for these items"]
    if asked <= least[0]:
        return []
    return [
        f"a tolerance of {iso_code(money)} {shown(asked, money)} is above the limit of {shown(least[0], money)} ({least[1]})"
    ]


def _whose(limit: Limit) -> str:
    return f"{limit.scope.replace('_', ' ')} {limit.of}" if limit.of else "for anyone"


def said_of_discount(bench: Bench, item: int, amount: int, *, settles: int) -> tuple[str, str]:
    """Reason and sentence of a discount: earned by the item's terms, or not. The last day and the days of grace still earn."""
    facts, money = bench.facts, bench.currency(item)
    said = f"discount of {iso_code(money)} {shown(amount, money)} on {bench.called(item)}"
    paid = facts.paid_on[bench.receipt]
    made = None
    if paid != NO_DAY:
        made = offer(
            facts.discountable(item),
            settles=settles,
            paid_on=paid,
            grace_days=facts.policy.discount_grace_days,
        )
    if made is None:
        return "unearned_discount", f"{said}: unearned, its terms offer none"
    if not made.is_earned:
        return (
            "unearned_discount",
            f"{said}: unearned, it was paid on {day_of(paid):%Y-%m-%d}, after the discount ended",
        )
    if amount > max(made.amounts):
        over = amount - max(made.amounts)
        return (
            "unearned_discount",
            f"{said}: {shown(over, money)} of it is more than its terms give, the rest is earned",
        )
    return "earned_discount", f"{said}: earned"


def said_of_charge(bench: Bench, given: Sequence[Given], money: str) -> list[str]:
    """A caution where bank charges are larger than the policy takes for one."""
    asked = sum(one.amount for one in given if one.kind == "charge")
    if asked <= bench.facts.policy.bank_charge_max * 10 ** minor_places(money):
        return []
    return [
        f"a bank charge of {iso_code(money)} {shown(asked, money)} is more than the policy takes for one, "
        f"{bench.facts.policy.bank_charge_max}"
    ]


def customers_of(bench: Bench, items: Sequence[int]) -> list[str]:
    """Customers of these items, in order."""
    codes = texts(bench.pool.items.frame.iloc[list(items)], "customer_id")
    return list(dict.fromkeys(code for code in codes if code))
