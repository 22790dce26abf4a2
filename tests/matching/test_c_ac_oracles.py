"""Oracles C-AC on rules, tolerances, discounts, proration and exchange; figures as published, ⚠ where the publisher errs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from arlib.matching.autocash import place_by_rules
from arlib.matching.facts import Facts
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.pool import pool_of
from arlib.matching.proposal import Proposal
from arlib.matching.residuals import decompose, realised_exchange
from arlib.matching.tolerance import limit_for
from arlib.money.exact import allocate
from arlib.policy.matching import AutoCashRule, Limit, MatchingPolicy


def facts_of(items: list[dict[str, Any]], receipts: list[dict[str, Any]], policy: MatchingPolicy) -> Facts:
    common = {"entity": "E1", "customer_id": "GFC", "currency": "USD"}
    made = MATCH_ITEMS.frame([common | {"item_type": "invoice"} | row for row in items])
    cash = MATCH_RECEIPTS.frame([common | row for row in receipts])
    return Facts(pool_of(made, cash), policy)


def settled(facts: Facts, proposal: Proposal) -> dict[str, int]:
    names = facts.pool.items.frame["item_id"].tolist()
    return {names[item]: settle for item, settle in zip(proposal.items, proposal.settles, strict=True)}


def by_rules(facts: Facts, *rules: AutoCashRule) -> list[Proposal]:
    return place_by_rules(facts, rules_of_account={0: rules}, remaining=facts.pool.items.open)


def test_oracle_autocash_rule_set() -> None:
    """124 due first takes $300, 123 $200, 125 the $100 left; $50 of it stay open. Discounts had expired."""
    facts = facts_of(
        [
            {"item_id": "123", "open_amount": 20_000, "amount": 20_000, "due_date": "2002-12-11",
             "discount_rate": "0.10", "discount_date": "2002-12-01"},
            {"item_id": "124", "open_amount": 30_000, "amount": 30_000, "due_date": "2002-12-08",
             "discount_rate": "0.10", "discount_date": "2002-11-30"},
            {"item_id": "125", "open_amount": 15_000, "amount": 15_000, "due_date": "2002-12-13",
             "discount_rate": "0.10", "discount_date": "2002-11-28"},
        ],
        [{"receipt_id": "R", "amount": 60_000, "value_date": "2002-12-10"}],
        MatchingPolicy(discount_grace_days=0, includes_disputed=False, includes_late_charges=False),
    )  # fmt: skip
    rules = (AutoCashRule.MATCH_ONE, AutoCashRule.CLEAR_ACCOUNT, AutoCashRule.OLDEST_FIRST)
    (proposal,) = by_rules(facts, *rules)
    assert proposal.rule == "autocash.oldest_first"
    assert settled(facts, proposal) == {"124": 30_000, "123": 20_000, "125": 10_000}
    parts, unapplied, held = decompose(proposal, facts)
    assert (unapplied, held) == (0, "")
    names = facts.pool.items.frame["item_id"].tolist()
    by_item = {names[part.item]: part for part in parts}
    assert by_item["125"].reason == "partial"
    assert by_item["125"].applied == 10_000
    assert 15_000 - by_item["125"].applied == 5_000
    # $650 would clear the account, and $300 would match 124
    facts.pool.receipts.amount[0] = 65_000
    assert by_rules(Facts(facts.pool, facts.policy), *rules)[0].rule == "autocash.clear_account"
    facts.pool.receipts.amount[0] = 30_000
    assert by_rules(Facts(facts.pool, facts.policy), *rules)[0].rule == "autocash.match_one"


def test_oracle_single_rule_takes_the_earned_discount() -> None:
    """$1,800 on 14 January pays $2,000 of 1 January at 10 % within 10 days and 5 days of grace. ⚠ printed discount $20."""
    item = {"item_id": "600", "open_amount": 200_000, "amount": 200_000, "document_date": "2003-01-01",
            "due_date": "2003-01-30", "terms": "10/10 net 30"}  # fmt: skip
    cash = {"receipt_id": "R", "amount": 180_000, "value_date": "2003-01-14"}
    facts = facts_of([item], [cash], MatchingPolicy(discount_grace_days=5))
    (proposal,) = by_rules(facts, AutoCashRule.MATCH_ONE)
    assert settled(facts, proposal) == {"600": 200_000}
    ((part,), unapplied, held) = decompose(proposal, facts)
    assert (part.applied, part.discount, part.deduction, part.reason) == (
        180_000,
        20_000,
        0,
        "earned_discount",
    )
    assert (unapplied, held) == (0, "")
    # 11 January is the last day that earns it, 16 January with grace
    for grace, day, is_earned in ((0, "2003-01-11", True), (0, "2003-01-12", False), (5, "2003-01-16", True),
                                  (5, "2003-01-17", False)):  # fmt: skip
        facts = facts_of([item], [cash | {"value_date": day}], MatchingPolicy(discount_grace_days=grace))
        assert bool(by_rules(facts, AutoCashRule.MATCH_ONE)) is is_earned, (grace, day)


def test_oracle_mixed_sign_proration_is_exact_here() -> None:
    """Tax 100, freight 30 and charges 10 share a receipt of 100; the negative line is left out.

    ⚠ the document leaves 28.56, 8.58 and 2.86: it rounds the ratio to .714 first and lets the tax carry the four cents that
    this loses. Here each part is the exact share rounded once, and the cents left over go to the largest remainders.
    """
    left = allocate(4_000, [10_000, 3_000, 1_000])
    assert left == [2_857, 857, 286]
    assert sum(left) == 4_000
    assert all(
        abs(Fraction(4_000 * w, 14_000) - part) < 1
        for w, part in zip((10_000, 3_000, 1_000), left, strict=True)
    )


def test_peoplesoft_most_restrictive_write_off_limit() -> None:
    """C-WO: business unit 100, customer 20, reason 50, user 30 allow 20."""
    numbers = {"business_unit": "100", "customer": "20", "reason": "50", "user": "30"}
    limits = [Limit(scope=scope, amount=Decimal(number)) for scope, number in numbers.items()]
    assert limit_for(item_open=1_000_000, currency="USD", limits=limits) == 2_000


def test_sap_tolerance_of_eight_pence() -> None:
    """£97,346.42 for £97,346.50: the eight pence are a tolerance, by the default policy."""
    facts = facts_of(
        [
            {
                "item_id": "1",
                "open_amount": 9_734_650,
                "amount": 9_734_650,
                "currency": "GBP",
                "due_date": "2024-01-31",
            }
        ],
        [{"receipt_id": "R", "amount": 9_734_642, "currency": "GBP", "value_date": "2024-01-31"}],
        MatchingPolicy(),
    )
    proposal = Proposal(0, (0,), (9_734_650,), "stated.exact", difference=-8)
    ((part,), unapplied, held) = decompose(proposal, facts)
    assert (part.applied, part.tolerance, part.reason, part.deduction) == (9_734_642, 8, "tolerance", 0)
    assert (unapplied, held) == (0, "")


def test_realised_exchange_of_erpnext_and_oca() -> None:
    """1,320,000 MMK booked at 326.33 and paid at 328.36: 2.03. USD 350.85 booked EUR 307.80, paid EUR 308.22: 0.42."""
    mmk = realised_exchange(
        132_000_000, currency="MMK", functional="USD", booked="0.000247219", paid="0.000248756"
    )
    assert mmk == 203
    rates = {"booked": Fraction(30_780, 35_085), "paid": Fraction(30_822, 35_085)}
    assert realised_exchange(35_085, currency="USD", functional="EUR", **rates) == 42
