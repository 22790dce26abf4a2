"""Cash application whole: every stage once, over one pool. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from arlib.matching import autocash, stated
from arlib.matching.autocash import place_by_rules, rules_by_account
from arlib.matching.calibration import Measured, auto_rules, measure
from arlib.matching.choice import settled
from arlib.matching.decide import decide
from arlib.matching.discounts import offer
from arlib.matching.doubts import applied_twins, doubts
from arlib.matching.facts import Facts
from arlib.matching.history import latest_confirmed
from arlib.matching.inputs import MatchInputs
from arlib.matching.memory import memory_of
from arlib.matching.payers import Payers, resolve_payers
from arlib.matching.person import as_decided, is_out_of_reach, placed_by_people, told_first
from arlib.matching.pool import NO_DAY, NOBODY, Pool, pool_of
from arlib.matching.proposal import Proposal
from arlib.matching.references import Exact, find_exact
from arlib.matching.residuals import Part, decompose
from arlib.matching.result import MatchResult
from arlib.matching.returned import returned_payments, reversals
from arlib.matching.shipped import SHIPPED
from arlib.matching.special import cautions, payers_elsewhere, special_cash
from arlib.matching.stated import place_stated
from arlib.matching.tolerance import limit_for
from arlib.matching.unstated import place as unstated
from arlib.matching.unstated.place import NEARLY_ALL, place_unstated
from arlib.money import minor_places
from arlib.money.rates import Rates
from arlib.policy.matching import MatchingPolicy

if TYPE_CHECKING:
    from numpy.typing import NDArray

RULES_MEANT: Mapping[str, str] = {**stated.RULES_MEANT, **unstated.RULES_MEANT, **autocash.RULES_MEANT}

DOUBTED = "an item of the same amount is taken by a receipt that may not pay it"


def match(
    inputs: MatchInputs,
    *,
    policy: MatchingPolicy,
    history: Sequence[Measured] | None = None,
    shipped: Sequence[Measured] = SHIPPED,
    user: str = "",
    entity_names: Mapping[str, str] | None = None,
    home: Mapping[str, str] | None = None,
    as_of_day: int | None = None,
) -> MatchResult:
    """Which receipts paid which items, how sure that is, and what is left.

    What people decided is placed first, as they did (`arlib.matching.person`). Money that must be held, returned or looked at is
    set aside; then come customers that are assigned to ordered rules; then receipts that name items; then those that name
    nothing. A rule applies by itself where its measured precision reaches the
    policy's bound: on `history`, which is `own_history` of `inputs` where it is not given, or on the `shipped` figures, as
    `arlib.matching.calibration.auto_rules` weighs them. `user` is who runs it, for tolerances; `entity_names` and `home` are
    our entities' names and countries; `as_of_day` (days from 1970-01-01) judges the dates of cheques. The same facts give
    the same result in any order of rows. Raises IdentityError where money does not add up.
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
    paid_by = {receipt: payers.accounts[number] for receipt, number in known.items()}
    pairs = {receipt: (pair,) for receipt, pair in paid_by.items()}
    facts = replace(facts, cautions=cautions(facts, payers=pairs))
    returned = returned_payments(facts, before=inputs.confirmed_receipts)
    specials = special_cash(
        facts, returns=returned, payers=pairs,
        named={receipt: [one.item for one in named] for receipt, named in enumerate(exact.named) if named},
        entity_names=entity_names, held_from=inputs.held_from, elsewhere=payers_elsewhere(payers), as_of=as_of_day,
    )  # fmt: skip
    specials += applied_twins(pool, inputs.confirmed_receipts)
    out_of_reach = {one.receipt: one for one in specials if is_out_of_reach(one)}
    people = placed_by_people(pool, inputs.decided, specials=out_of_reach)
    specials = [one for one in specials if one.receipt not in people.receipts]
    aside = people.receipts.union(one.receipt for one in specials)
    proposals = _place(pool, facts, payers, known, exact, aside, inputs, policy, people.proposals)
    proposals, parts = _explained(proposals, facts, people.proposals)
    against = doubts(pool, proposals, exact=exact, payers=payers, closed=inputs.closed)
    proposals = [
        _held(_held(one, why), people.overtaken.get(one.receipt, ""))
        for one, why in zip(proposals, against, strict=True)
    ]
    if history is None:
        history = own_history(inputs, policy=policy, user=user, entity_names=entity_names, home=home)
    rules = auto_rules(history, shipped, policy=policy, declared=tuple(RULES_MEANT))
    unfit = told_first(people)
    result = decide(
        pool, [*people.proposals, *unfit, *proposals], [*people.parts, *(() for _ in unfit), *parts], specials,
        rules=rules, policy=policy, memory=memory, payers=paid_by,
    )  # fmt: skip
    result = as_decided(result, people)
    if inputs.confirmed is None or inputs.confirmed_items is None:
        return result
    back = reversals(
        facts,
        returned,
        applied=inputs.confirmed,
        items=inputs.confirmed_items,
        before=inputs.confirmed_receipts,
    )
    return replace(result, reversals=back)


def own_history(
    inputs: MatchInputs,
    *,
    policy: MatchingPolicy,
    user: str = "",
    entity_names: Mapping[str, str] | None = None,
    home: Mapping[str, str] | None = None,
) -> tuple[Measured, ...]:
    """Rules measured on the latest confirmed receipts of `inputs`, matched again without knowing how it ended.

    It takes a run of its own. Whoever matches the same ledger several times asks once and gives it to `match`.
    """
    past = latest_confirmed(inputs)
    if past is None:
        return ()
    blind, truth = past
    result = match(
        blind, policy=policy, history=(), shipped=(), user=user, entity_names=entity_names, home=home
    )
    return measure(result.matches, truth)


def _known(payers: Payers, receipts: int) -> dict[int, int]:
    """Account number by receipt, where the payer can be named."""
    found = ((receipt, payers.known(receipt)) for receipt in range(receipts))
    return {receipt: candidate.account for receipt, candidate in found if candidate is not None}


def _place(
    pool: Pool,
    facts: Facts,
    payers: Payers,
    known: Mapping[int, int],
    exact: Exact,
    aside: Collection[int],
    inputs: MatchInputs,
    policy: MatchingPolicy,
    by_people: Sequence[Proposal],
) -> list[Proposal]:
    remaining = pool.items.open.copy()
    _use(remaining, by_people)
    ruled = rules_by_account(pool, policy)
    payer_of = {receipt: account for receipt, account in known.items() if account in ruled}
    mine = sorted(payer_of.keys() - set(aside))
    by_rules = place_by_rules(
        facts, rules_of_account=ruled, remaining=remaining, receipts=mine, payer_of=payer_of
    )
    _use(remaining, by_rules)
    skipped = {*aside, *mine}
    # who writes nothing names nothing
    silent = (receipt for receipt, text in enumerate(exact.texts) if not text.plain)
    named = place_stated(
        _without(pool, np.array(sorted(skipped.union(silent)), np.int64)),
        exact=exact, payers=payers, remaining=remaining, policy=policy, facts=facts,
    )  # fmt: skip
    _use(remaining, named)
    placed = skipped.union(one.receipt for one in named)
    waiting = [receipt for receipt in range(len(pool.receipts)) if receipt not in placed]
    discounts, last_days = _discounts(facts, remaining, policy)
    unnamed = place_unstated(
        pool, receipts=waiting, remaining=remaining, payers=payers,
        paid_late=_paid_late(pool, named, inputs), paid_whole=_paid_whole(pool, named), discounts=discounts, discount_days=last_days,
        near=_near(facts), policy=policy,
    )  # fmt: skip
    unnamed = _doubted(pool, named, unnamed)
    return sorted([*by_rules, *named, *unnamed], key=lambda one: one.receipt)


def _doubted(pool: Pool, named: Sequence[Proposal], unnamed: Sequence[Proposal]) -> list[Proposal]:
    """Amounts are no longer unique where an item that is taken in doubt would do as well."""
    account, money = pool.items.account.tolist(), pool.items.money.tolist()

    def claims(proposal: Proposal) -> set[tuple[int, int, int]]:
        pairs = zip(proposal.items, proposal.settles, strict=True)
        return {(account[item], money[item], settle) for item, settle in pairs}

    doubtful = (one for one in named if one.held_because or one.explanations != 1)
    spare = set().union(*(claims(one) for one in doubtful))
    return [
        one
        if one.held_because or spare.isdisjoint(claims(one))
        else replace(one, explanations=2, held_because=DOUBTED)
        for one in unnamed
    ]


def _held(proposal: Proposal, why: str) -> Proposal:
    if not why:
        return proposal
    return replace(proposal, held_because="; ".join(filter(None, (proposal.held_because, why))))


def _explained(
    proposals: Sequence[Proposal], facts: Facts, by_people: Sequence[Proposal]
) -> tuple[list[Proposal], list[tuple[Part, ...]]]:
    """Each proposal with the parts of its difference, and what these say against auto."""
    taken: dict[int, list[int]] = defaultdict(list)
    for proposal in (*by_people, *proposals):
        for item, settle in zip(proposal.items, proposal.settles, strict=True):
            taken[item].append(settle)
    left = {
        item: facts.open[item] - sum(settles)
        for item, settles in taken.items()
        if len(settles) > 1 or settles[0] != facts.open[item]
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
    for pair, late_days in inputs.paid_late.items():
        if pair in pool.numbers:
            found[pool.numbers[pair]].extend(late_days)
    if inputs.confirmed is not None and len(inputs.confirmed):
        assert inputs.confirmed_items is not None
        assert inputs.confirmed_receipts is not None
        past = inputs.confirmed[["entity", "receipt_id", "item_id"]].merge(
            inputs.confirmed_items[["entity", "item_id", "customer_id", "due_date"]], on=["entity", "item_id"]
        )
        past = past.merge(
            inputs.confirmed_receipts[["entity", "receipt_id", "value_date"]], on=["entity", "receipt_id"]
        )
        past = past[past["due_date"].notna() & past["value_date"].notna()]
        late = (past["value_date"] - past["due_date"]).dt.days.tolist()
        for entity, customer, days in zip(past["entity"], past["customer_id"], late, strict=True):
            if (number := pool.numbers.get((entity, customer))) is not None:
                found[number].append(int(days))
    return found


def _paid_whole(pool: Pool, named: Sequence[Proposal]) -> dict[int, tuple[int, int]]:
    """By account number, receipts that named their items and paid all of them whole, and those that did not."""
    found: dict[int, tuple[int, int]] = {}
    opens, account = pool.items.open.tolist(), pool.items.account.tolist()
    for proposal in named:
        is_whole = proposal.difference == 0 and all(
            settle == opens[item] for item, settle in zip(proposal.items, proposal.settles, strict=True)
        )
        for number in {account[item] for item in proposal.items} - {NOBODY}:
            whole, other = found.get(number, (0, 0))
            found[number] = (whole + is_whole, other + (not is_whole))
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


def _near(facts: Facts) -> Callable[[int, int], int]:
    """How much less than an item (a row) a receipt may be where so much of it is open: a bank charge, or the item's tolerance."""
    policy, money = facts.policy, facts.item_money
    above, below = policy.bank_charge_max.as_integer_ratio()
    charges = [int(above * 10 ** minor_places(code) // below) for code in facts.pool.currencies]

    def near(item: int, left: int) -> int:
        limit = limit_for(
            item_open=left, currency=facts.pool.currencies[money[item]],
            business_unit=facts.segment(item), reason="", user=facts.user, limits=policy.tolerances,
        )  # fmt: skip
        return min(max(limit, charges[money[item]]), left // NEARLY_ALL)

    return near
