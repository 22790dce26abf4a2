"""Cash application whole: every stage once, over one pool. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from arlib.matching import autocash, stated
from arlib.matching.autocash import place_by_rules
from arlib.matching.calibration import Measured, auto_rules, measure
from arlib.matching.choice import settled
from arlib.matching.decide import decide
from arlib.matching.discounts import offer
from arlib.matching.facts import Facts
from arlib.matching.inputs import MatchInputs
from arlib.matching.memory import memory_of
from arlib.matching.payers import Payers, resolve_payers
from arlib.matching.pool import NO_DAY, NOBODY, Pool, pool_of
from arlib.matching.proposal import Proposal
from arlib.matching.references import Exact, find_exact
from arlib.matching.residuals import Part, decompose
from arlib.matching.result import MatchResult
from arlib.matching.returned import returned_payments
from arlib.matching.shipped import SHIPPED
from arlib.matching.special import cautions, special_cash
from arlib.matching.stated import place_stated
from arlib.matching.tolerance import limit_for
from arlib.matching.unstated import place as unstated
from arlib.matching.unstated.place import place_unstated
from arlib.money import minor_places
from arlib.money.rates import Rates
from arlib.policy.matching import AutoCashRule, MatchingPolicy

if TYPE_CHECKING:
    from numpy.typing import NDArray

RULES_MEANT: Mapping[str, str] = {**stated.RULES_MEANT, **unstated.RULES_MEANT, **autocash.RULES_MEANT}


def match(
    inputs: MatchInputs,
    *,
    policy: MatchingPolicy,
    calibration: Sequence[Measured] | None = None,
    user: str = "",
    entity_names: Mapping[str, str] | None = None,
    home: Mapping[str, str] | None = None,
    as_of_day: int | None = None,
) -> MatchResult:
    """Which receipts paid which items, how sure that is, and what is left.

    Money that must be held, returned or looked at is set aside first; then customers that are assigned to ordered rules; then
    receipts that name items; then those that name nothing. A rule applies by itself where its measured precision reaches the
    policy's bound: on `calibration` if it is given, else on the confirmed history of `inputs` where there is enough of it, else
    on the shipped figures. `user` is who runs it, for tolerances; `entity_names` and `home` are our entities' names and
    countries; `as_of_day` (days from 1970-01-01) judges the dates of cheques. The same facts give the same result in any order
    of rows. Raises IdentityError where money does not add up.
    """
    pool = pool_of(inputs.items, inputs.receipts)
    memory = memory_of(
        inputs.confirmed,
        inputs.confirmed_receipts,
        inputs.confirmed_items,
        inputs.customers,
        inputs.rejected,
        inputs.aliases,
    )
    exact = find_exact(pool, inputs.advices)
    payers = resolve_payers(pool, customers=inputs.customers, memory=memory, links=exact.links)
    known = _known(payers, len(pool.receipts))
    facts = Facts(
        pool=pool, policy=policy, advices=inputs.advices, customers=inputs.customers,
        rates=Rates.of(inputs.rates) if len(inputs.rates) else Rates(), user=user, home=home or {},
    )  # fmt: skip
    pairs = {receipt: (payers.accounts[number],) for receipt, number in known.items()}
    facts = replace(facts, cautions=cautions(facts, payers=pairs))
    specials = special_cash(
        facts, returns=returned_payments(facts, before=inputs.confirmed_receipts), payers=pairs,
        named={receipt: [one.item for one in named] for receipt, named in enumerate(exact.named) if named},
        entity_names=entity_names, as_of=as_of_day,
    )  # fmt: skip
    proposals = _place(pool, facts, payers, exact, {one.receipt for one in specials}, inputs, policy)
    proposals, parts = _explained(proposals, facts)
    measured = calibration if calibration is not None else _own_history(inputs, policy)
    rules = auto_rules(
        measured, SHIPPED if calibration is None else (), policy=policy, declared=tuple(RULES_MEANT)
    )
    return decide(pool, proposals, parts, specials, rules=rules, policy=policy, memory=memory, payers=known)


def _known(payers: Payers, receipts: int) -> dict[int, int]:
    """Account number by receipt, where the payer can be named."""
    found = ((receipt, payers.known(receipt)) for receipt in range(receipts))
    return {receipt: candidate.account for receipt, candidate in found if candidate is not None}


def _place(
    pool: Pool,
    facts: Facts,
    payers: Payers,
    exact: Exact,
    aside: set[int],
    inputs: MatchInputs,
    policy: MatchingPolicy,
) -> list[Proposal]:
    remaining = pool.items.open.copy()
    ruled = _ruled(pool, policy)
    mine = [
        receipt
        for receipt, account in enumerate(pool.receipts.account.tolist())
        if account in ruled and receipt not in aside
    ]
    by_rules = place_by_rules(facts, rules_of_account=ruled, remaining=remaining, receipts=mine)
    _use(remaining, by_rules)
    skipped = np.array(sorted(aside.union(mine)), np.int64)
    named = place_stated(
        _without(pool, skipped), exact=exact, payers=payers, remaining=remaining, policy=policy
    )
    _use(remaining, named)
    placed = {one.receipt for one in (*by_rules, *named)}.union(skipped.tolist())
    waiting = [receipt for receipt in range(len(pool.receipts)) if receipt not in placed]
    discounts, last_days = _discounts(facts, remaining, policy)
    unnamed = place_unstated(
        pool, receipts=waiting, remaining=remaining, payers=payers,
        paid_late=_paid_late(pool, named, inputs), discounts=discounts, discount_days=last_days,
        near=_near(facts, remaining, policy, bool(waiting)), policy=policy,
    )  # fmt: skip
    return sorted([*by_rules, *named, *unnamed], key=lambda one: one.receipt)


def _explained(proposals: Sequence[Proposal], facts: Facts) -> tuple[list[Proposal], list[tuple[Part, ...]]]:
    """Each proposal with the parts of its difference, and what these say against auto."""
    taken: dict[int, int] = defaultdict(int)
    for proposal in proposals:
        for item, settle in zip(proposal.items, proposal.settles, strict=True):
            taken[item] += settle
    left = {
        item: facts.open[item] - settled for item, settled in taken.items() if settled != facts.open[item]
    }
    made: list[Proposal] = []
    parts: list[tuple[Part, ...]] = []
    # what several receipts leave of an item is explained once, at the last of them
    for proposal in reversed(proposals):
        own, _, held = decompose(proposal, facts, left=left)
        made.append(proposal if held == proposal.held_because else replace(proposal, held_because=held))
        parts.append(own)
        for part, settle in zip(own, proposal.settles, strict=True):
            if part.item in left:
                left[part.item] -= settled(part) - settle
    return made[::-1], parts[::-1]


def _own_history(inputs: MatchInputs, policy: MatchingPolicy) -> tuple[Measured, ...]:
    """Rules measured on the confirmed past, matched again without knowing how it ended."""
    if inputs.confirmed is None or inputs.confirmed_items is None or inputs.confirmed_receipts is None:
        return ()
    blind = MatchInputs(
        items=inputs.confirmed_items, receipts=inputs.confirmed_receipts, customers=inputs.customers,
        rates=inputs.rates,
    )  # fmt: skip
    return measure(match(blind, policy=policy, calibration=()).matches, inputs.confirmed)


def _ruled(pool: Pool, policy: MatchingPolicy) -> dict[int, tuple[AutoCashRule, ...]]:
    """Ordered rules by account number; the policy's own rules serve every account that has none of its own."""
    found = {}
    for number, (_, customer) in enumerate(pool.accounts):
        rules = policy.rules_of.get(customer, policy.rules)
        if rules:
            found[number] = tuple(rules)
    return found


def _use(remaining: NDArray[np.int64], proposals: Sequence[Proposal]) -> None:
    for proposal in proposals:
        for item, settle in zip(proposal.items, proposal.settles, strict=True):
            remaining[item] -= settle


def _without(pool: Pool, receipts: NDArray[np.int64]) -> Pool:
    """The pool with nothing to place for these receipts."""
    if not len(receipts):
        return pool
    amount = pool.receipts.amount.copy()
    amount[receipts] = 0
    return replace(pool, receipts=replace(pool.receipts, amount=amount))


def _paid_late(pool: Pool, named: Sequence[Proposal], inputs: MatchInputs) -> dict[int, list[int]]:
    """Days after the due date by account number: of receipts that named their items, and of the confirmed past."""
    found: dict[int, list[int]] = defaultdict(list)
    due, day, account = (
        pool.items.due_day.tolist(), pool.receipts.day.tolist(), pool.items.account.tolist(),
    )  # fmt: skip
    for proposal in named:
        for item in proposal.items:
            if account[item] != NOBODY and NO_DAY not in (due[item], day[proposal.receipt]):
                found[account[item]].append(day[proposal.receipt] - due[item])
    if inputs.confirmed is not None and len(inputs.confirmed):
        assert inputs.confirmed_items is not None
        assert inputs.confirmed_receipts is not None
        numbers = {pair: number for number, pair in enumerate(pool.accounts)}
        past = inputs.confirmed[["entity", "receipt_id", "item_id"]].merge(
            inputs.confirmed_items[["entity", "item_id", "customer_id", "due_date"]], on=["entity", "item_id"]
        )
        past = past.merge(
            inputs.confirmed_receipts[["entity", "receipt_id", "value_date"]], on=["entity", "receipt_id"]
        )
        past = past[past["due_date"].notna() & past["value_date"].notna()]
        late = (past["value_date"] - past["due_date"]).dt.days.tolist()
        for entity, customer, days in zip(past["entity"], past["customer_id"], late, strict=True):
            if (number := numbers.get((entity, customer))) is not None:
                found[number].append(int(days))
    return found


def _discounts(
    facts: Facts, remaining: NDArray[np.int64], policy: MatchingPolicy
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """What each open item may be paid less by, and the last day that earns it with the grace days."""
    amounts = np.zeros(len(remaining), np.int64)
    last = np.full(len(remaining), NO_DAY, np.int32)
    if not facts.offers_discounts:
        return amounts, last
    for item in np.flatnonzero(remaining > 0).tolist():
        of = facts.discountable(item)
        if of.document_day == NO_DAY:
            continue
        found = offer(of, settles=int(remaining[item]), paid_on=of.document_day, grace_days=0)
        if found is None or not found.is_earned:
            continue
        amounts[item] = found.amounts[0]
        day = of.document_day
        if of.rate > 0 and of.last_day != NO_DAY:
            day = of.last_day
        else:
            while offer(of, settles=int(remaining[item]), paid_on=day + 1, grace_days=0).is_earned:  # type: ignore[union-attr]
                day += 1
        last[item] = day + policy.discount_grace_days
    return amounts, last


def _near(
    facts: Facts, remaining: NDArray[np.int64], policy: MatchingPolicy, is_asked: bool
) -> NDArray[np.int64]:
    """How much less than an item a receipt may be: a bank charge, or the tolerance of the item where that is more."""
    near = np.zeros(len(remaining), np.int64)
    if not is_asked:
        return near
    above, below = policy.bank_charge_max.as_integer_ratio()
    money = facts.pool.items.money.tolist()
    charges = [above * 10 ** minor_places(code) // below for code in facts.pool.currencies]
    for item in np.flatnonzero(remaining > 0).tolist():
        limit = limit_for(
            item_open=int(remaining[item]), currency=facts.pool.currencies[money[item]],
            business_unit=facts.segment(item), reason="", user=facts.user, limits=policy.tolerances,
        )  # fmt: skip
        near[item] = min(max(limit, charges[money[item]]), int(remaining[item]) // 20)
    return near
