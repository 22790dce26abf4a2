"""What the difference of a match is: discount, tax, freight, bank charge, exchange, tolerance, or a claim. Floor 1.

`decompose` keeps the books of one receipt; which cause it is stands in `arlib.matching.causes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from arlib.matching.causes import Shortfall, Taken, explain, from_advice, offers_for
from arlib.matching.discounts import day_of, taken
from arlib.matching.facts import RECOVERY, Facts
from arlib.matching.proposal import Proposal
from arlib.money import translate
from arlib.money.exact import allocate, times
from arlib.money.rates import Rate, translation_factor

ExactRate = str | int | Decimal | Fraction | Rate

KINDS = ("discount", "deduction", "fee", "fx", "tolerance")


@dataclass(frozen=True, slots=True)
class Part:
    """What a receipt does to one item. Minor units; `receipt_used` in the receipt's currency, the rest in the item's.

    The item falls by applied + discount + fee + fx + tolerance. A deduction is a claim and stays open. `reason` is a word of
    MATCHES.reason, of the largest difference of the item, or recovery where it had been written off; `code` says what a
    claim is about.
    """

    item: int
    applied: int
    receipt_used: int
    discount: int = 0
    deduction: int = 0
    fee: int = 0
    fx: int = 0
    tolerance: int = 0
    reason: str = "full"
    code: str = ""


def decompose(
    proposal: Proposal, facts: Facts, *, left: dict[int, int] | None = None
) -> tuple[tuple[Part, ...], int, str]:
    """The parts of a proposal, the money of its receipt that no item takes, and why it may not be auto ('' if it may).

    The parts' `receipt_used` and the unapplied money add up to the receipt. An item never falls below zero. Overpayment
    stays unapplied and is never forced onto items. Where a proposal settles an item in part (`difference` 0), the rest of
    the item is explained in the same way if the payer named the item and no other receipt pays for it, else only on
    evidence; `left` gives, by item, what no proposal of the run takes, where that may be less than open less settled. In
    another currency than the items', the receipt is worth what the spot rate of its value date (else the closing rate)
    says; what is missing within the policy's share is exchange, and half a minor unit an item is rounding.
    """
    receipt, items, settles = proposal.receipt, proposal.items, proposal.settles
    cash, opens = facts.cash[receipt], facts.open
    money = facts.receipt_money[receipt]
    if proposal.difference == 0 and not proposal.held_because and receipt not in facts.cautions:
        is_plain = sum(settles) == cash
        for item, settle in zip(items, settles, strict=True):
            if settle != opens[item] or facts.item_money[item] != money or item in facts.marked:
                is_plain = False
                break
        if is_plain:
            return tuple(
                Part(item, settle, settle) for item, settle in zip(items, settles, strict=True)
            ), 0, ""  # fmt: skip
    held = [why for why in (proposal.held_because, facts.cautions.get(receipt, "")) if why]
    held += dict.fromkeys(facts.marked[item] for item in items if item in facts.marked)
    moneys = {facts.item_money[item] for item in items}
    if len(moneys) != 1:
        nothing = tuple(Part(item, 0, 0, reason="partial") for item in items)
        return nothing, cash, "; ".join([*held, "items in several currencies"])
    if moneys == {money}:
        parts, unapplied = _same_currency(proposal, facts, left, held)
    else:
        parts, unapplied = _other_currency(proposal, facts, held)
    return parts, unapplied, "; ".join(dict.fromkeys(held))


def _same_currency(
    proposal: Proposal, facts: Facts, left: dict[int, int] | None, held: list[str]
) -> tuple[tuple[Part, ...], int]:
    settles = dict(zip(proposal.items, proposal.settles, strict=True))
    gap = sum(settles.values()) - facts.cash[proposal.receipt]
    took: dict[int, list[Taken]] = {}
    if gap == 0:
        named = {hit.item for hit in proposal.hits}
        for item, settle in settles.items():
            whole = facts.open[item] - settle
            rest = whole if left is None else min(whole, left.get(item, whole))
            if settle > 0 and rest > 0:
                split = Shortfall(room={item: settle + rest}, left=rest)
                # who names an item and alone pays less than it claims the rest; what ran out on an item claims nothing
                explain(split, proposal, facts, is_part=rest < whole or item not in named)
                took |= split.took
                held += split.held
                if any(code == "undefined" for _, _, _, code in split.took.get(item, [])):
                    held.append("it is not said whether the rest is a claim or still to come")
                settles[item] = settle + rest
    elif gap > 0 and facts.cash[proposal.receipt] > 0:
        split = Shortfall(room={item: settle for item, settle in settles.items() if settle > 0}, left=gap)
        explain(split, proposal, facts, is_part=False)
        took, held_now = split.took, split.held
        held += held_now
    elif facts.cash[proposal.receipt] <= 0:
        held.append("money paid back differs from its items")
    parts = []
    for item, settle in settles.items():
        found = took.get(item, [])
        applied = settle - sum(amount for _, amount, _, _ in found)
        parts.append(_part(facts, item, applied, applied, found))
    return tuple(parts), facts.cash[proposal.receipt] - sum(part.receipt_used for part in parts)


def _other_currency(proposal: Proposal, facts: Facts, held: list[str]) -> tuple[tuple[Part, ...], int]:
    receipt, items, settles = proposal.receipt, proposal.items, proposal.settles
    cash, total = facts.cash[receipt], sum(settles)
    ours = facts.pool.currencies[facts.item_money[items[0]]]
    theirs = facts.pool.currencies[facts.receipt_money[receipt]]
    rate = facts.rate(theirs, ours, day_of(facts.paid_on[receipt]))
    if rate is None or cash <= 0 or total <= 0:
        held.append(f"no exchange rate {theirs}/{ours} for {day_of(facts.paid_on[receipt])}" if rate is None else
                    "money paid back in another currency")  # fmt: skip
        used = allocate(cash, settles) if total else [0] * len(items)
        return tuple(
            _part(facts, item, settle, use, []) for item, settle, use in zip(items, settles, used, strict=True)
        ), cash - sum(used)  # fmt: skip
    worth = translate(cash, from_currency=theirs, to_currency=ours, rate=rate)
    gap = total - worth
    near = times(total, facts.policy.exchange_rate_tolerance)
    # each item was converted and rounded by itself: half a minor unit of either currency an item is no difference
    rounding = ceil(len(items) * (translation_factor(theirs, ours, rate) + 1) / 2)
    took: dict[int, list[Taken]] = {}
    unapplied = 0
    if abs(gap) <= rounding:
        gap = 0
    elif gap > 0:
        split = Shortfall(room={i: s for i, s in zip(items, settles, strict=True) if s > 0}, left=gap)
        from_advice(split, proposal, facts)
        offers = offers_for(split, facts, receipt)
        full = sum(one.amounts[0] for one in offers)
        if offers and abs(split.left - full) <= rounding:
            split.left = full
            for one in offers:
                kind, reason = ("discount", "earned") if one.is_earned else ("deduction", "unearned")
                split.put(
                    one.item, kind, one.amounts[0], f"{reason}_discount", "" if one.is_earned else "discount"
                )
        elif rounding < split.left <= near:
            if taken(offers, split.left, spare=split.left // 4):
                held.append("a discount or an exchange difference")
            shares = allocate(split.left, [max(settle, 0) for settle in settles])
            for item, share in zip(items, shares, strict=True):
                split.put(item, "fx", share, "exchange")
        if split.left > rounding:
            explain(split, proposal, facts, is_part=False)
        took, held_now = split.took, split.held
        held += held_now
    elif gap < -near:
        needed = min(translate(total, from_currency=ours, to_currency=theirs, rate=1 / rate.value), cash)
        unapplied = cash - needed
    elif gap < 0:
        shares = allocate(gap, [max(settle, 0) for settle in settles])
        took = {i: [("fx", share, "exchange", "")] for i, share in zip(items, shares, strict=True) if share}
    applied = [s - sum(a for _, a, _, _ in took.get(i, [])) for i, s in zip(items, settles, strict=True)]
    used = allocate(cash - unapplied, applied)
    return tuple(
        _part(facts, item, money, use, took.get(item, []))
        for item, money, use in zip(items, applied, used, strict=True)
    ), unapplied  # fmt: skip


def realised_exchange(
    minor: int, *, currency: str, functional: str, booked: ExactRate, paid: ExactRate
) -> int:
    """Gain (+) or loss (-) on settling an amount, in functional minor units: its worth at the paid less the booked rate.

    Both are rounded before they are compared, since both stand rounded in the ledger.
    """
    worth = [
        translate(minor, from_currency=currency, to_currency=functional, rate=rate) for rate in (booked, paid)
    ]
    return worth[1] - worth[0]


def _part(facts: Facts, item: int, applied: int, used: int, found: list[Taken]) -> Part:
    sums = dict.fromkeys((*KINDS, "partial"), 0)
    for kind, amount, _, _ in found:
        sums[kind] += amount
    falls = applied + sum(sums[kind] for kind in KINDS if kind != "deduction")
    reason = "full" if falls == facts.open[item] else "partial"
    code = next((code for _, _, _, code in found if code), "")
    if found:
        reason = max(found, key=lambda one: abs(one[1]))[2]
    if facts.marked.get(item) == RECOVERY:
        reason = "recovery"
    return Part(
        item,
        applied,
        used,
        sums["discount"],
        sums["deduction"],
        sums["fee"],
        sums["fx"],
        sums["tolerance"],
        reason,
        code,
    )
