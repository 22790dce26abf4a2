"""Ordered rules of the field: which rule explains a receipt, and when it must be held."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.matching.autocash import RULES_MEANT, place_by_rules, rules_by_account
from arlib.matching.facts import Facts
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.pool import pool_of
from arlib.matching.proposal import Proposal
from arlib.policy.matching import AutoCashRule, MatchingPolicy

R = AutoCashRule
COMMON = {"entity": "E1", "customer_id": "C1", "currency": "USD"}


def item(name: str, amount: int, due: str, **more: Any) -> dict[str, Any]:
    base = COMMON | {"item_type": "invoice", "document_date": "2026-01-01"}
    return base | {"item_id": name, "open_amount": amount, "amount": amount, "due_date": due} | more


def placed(
    items: list[dict[str, Any]],
    cash: int | list[int],
    *rules: AutoCashRule,
    policy: MatchingPolicy | None = None,
) -> list[tuple[Proposal, dict[str, int]]]:
    amounts = [cash] if isinstance(cash, int) else cash
    receipts = [
        COMMON | {"receipt_id": f"R{n}", "amount": amount, "value_date": f"2026-03-{10 + n}"}
        for n, amount in enumerate(amounts)
    ]
    pool = pool_of(MATCH_ITEMS.frame(items), MATCH_RECEIPTS.frame(receipts))
    facts = Facts(pool, policy or MatchingPolicy())
    before = pool.items.open.copy()
    made = place_by_rules(
        facts, rules_of_account={pool.account_of("E1", "C1"): rules}, remaining=pool.items.open
    )
    assert (pool.items.open == before).all()
    names = pool.items.frame["item_id"].tolist()
    return [(p, {names[i]: s for i, s in zip(p.items, p.settles, strict=True)}) for p in made]


THREE = [item("A", 200, "2026-03-11"), item("B", 300, "2026-03-08"), item("C", 150, "2026-03-13")]


def test_the_first_rule_that_explains_wins() -> None:
    ((proposal, found),) = placed(THREE, 650, R.MATCH_ONE, R.CLEAR_ACCOUNT, R.OLDEST_FIRST)
    assert (proposal.rule, found) == ("autocash.clear_account", {"A": 200, "B": 300, "C": 150})
    ((proposal, found),) = placed(THREE, 650, R.OLDEST_FIRST, R.CLEAR_ACCOUNT)
    assert proposal.rule == "autocash.oldest_first"
    assert placed(THREE, 651, R.MATCH_ONE, R.CLEAR_ACCOUNT, R.CLEAR_PAST_DUE, R.COMBINATION) == []


def test_match_one_takes_the_earliest_due_and_holds_a_tie() -> None:
    same = [item("A", 200, "2026-03-11"), item("B", 200, "2026-03-08")]
    ((proposal, found),) = placed(same, 200, R.MATCH_ONE)
    assert (found, proposal.held_because, proposal.explanations) == ({"B": 200}, "", 1)
    tie = [item("A", 200, "2026-03-08", document_no="1"), item("B", 200, "2026-03-08", document_no="2")]
    ((proposal, _),) = placed(tie, 200, R.MATCH_ONE)
    assert proposal.held_because
    assert proposal.explanations == 2


def test_match_one_does_not_take_a_credit() -> None:
    assert placed([item("CM", -200, "2026-03-01", item_type="credit_memo")], 200, R.MATCH_ONE) == []


def test_clear_account_takes_credits_off() -> None:
    ((_, found),) = placed(
        [*THREE, item("CM", -50, "2026-06-01", item_type="credit_memo")], 600, R.CLEAR_ACCOUNT
    )
    assert found == {"A": 200, "B": 300, "C": 150, "CM": -50}


def test_past_due_is_due_by_the_day_of_the_receipt() -> None:
    rows = [item("A", 200, "2026-03-09"), item("B", 300, "2026-03-10"), item("C", 150, "2026-03-11")]
    ((_, found),) = placed(rows, 500, R.CLEAR_PAST_DUE)
    assert found == {"A": 200, "B": 300}
    assert placed(rows, 650, R.CLEAR_PAST_DUE) == []
    assert placed([item("CM", -5, "2026-01-01"), item("C", 5, "2026-04-01")], 5, R.CLEAR_PAST_DUE) == []


def test_past_due_under_one_payment_term() -> None:
    rows = [
        item("A", 200, "2026-02-01", terms="net 30"),
        item("B", 300, "2026-02-02", terms="net 60"),
        item("C", 100, "2026-02-03", terms="net 30"),
        item("D", 999, "2026-09-03", terms="net 30"),
    ]
    rows_tie = [*rows[:2], item("C", 100, "2026-02-03", terms="net 30")]
    ((proposal, found),) = placed(
        [*rows[:1], rows[2], rows[1] | {"open_amount": 301}], 300, R.CLEAR_PAST_DUE_BY_TERMS
    )
    assert (found, proposal.held_because) == ({"A": 200, "C": 100}, "")
    ((proposal, found),) = placed(rows_tie, 300, R.CLEAR_PAST_DUE_BY_TERMS)
    assert (found, proposal.explanations) == ({"A": 200, "C": 100}, 2)
    assert proposal.held_because
    assert placed(rows, 1_299, R.CLEAR_PAST_DUE_BY_TERMS) == []


def test_oldest_first_leaves_what_no_item_takes() -> None:
    ((proposal, found),) = placed(THREE, 700, R.OLDEST_FIRST)
    assert (found, proposal.difference) == ({"A": 200, "B": 300, "C": 150}, 50)
    ((proposal, found),) = placed(THREE, 350, R.OLDEST_FIRST)
    assert (found, proposal.difference) == ({"B": 300, "A": 50}, 0)


def test_an_item_used_by_one_receipt_is_gone_for_the_next() -> None:
    first, second, third = placed(THREE, [350, 200, 100], R.OLDEST_FIRST)
    assert first[1] == {"B": 300, "A": 50}
    assert second[1] == {"A": 150, "C": 50}
    assert third[1] == {"C": 100}


def test_combination_only_where_it_is_the_only_one() -> None:
    rows = [item("A", 200, "2026-03-11"), item("B", 301, "2026-03-08"), item("C", 150, "2026-03-13")]
    ((proposal, found),) = placed(rows, 350, R.COMBINATION)
    assert (proposal.rule, found) == ("autocash.combination", {"A": 200, "C": 150})
    assert placed([*rows, item("D", 49, "2026-03-13")], 350, R.COMBINATION) == []


def test_discounts_still_earned_are_taken_off() -> None:
    early = {"terms": "2/10 net 30", "document_date": "2026-03-05"}
    rows = [item("A", 10_000, "2026-04-04", **early), item("B", 5_000, "2026-03-01")]
    for rule, cash, items in ((R.MATCH_ONE, 9_800, {"A": 10_000}), (R.CLEAR_ACCOUNT, 14_800, {"A": 10_000, "B": 5_000}),
                              (R.OLDEST_FIRST, 14_800, {"A": 10_000, "B": 5_000})):  # fmt: skip
        ((proposal, found),) = placed(rows, cash, rule)
        assert (found, proposal.difference) == (items, -200)
    late = [item("A", 10_000, "2026-04-04", **early | {"document_date": "2026-02-05"})]
    assert placed(late, 9_800, R.MATCH_ONE) == []


@pytest.mark.parametrize("switch", ["includes_disputed", "includes_late_charges"])
def test_disputed_items_and_late_charges_by_policy(switch: str) -> None:
    more = {"is_disputed": True} if switch == "includes_disputed" else {"item_type": "interest_or_fee"}
    rows = [item("A", 200, "2026-03-01"), item("B", 30, "2026-03-01", **more)]
    with_it, without = (MatchingPolicy(**{switch: value}) for value in (True, False))
    assert [f for _, f in placed(rows, 230, R.CLEAR_ACCOUNT, policy=with_it)] == [{"A": 200, "B": 30}]
    assert placed(rows, 230, R.CLEAR_ACCOUNT, policy=without) == []
    assert [f for _, f in placed(rows, 200, R.CLEAR_ACCOUNT, policy=without)] == [{"A": 200}]


def test_other_currency_later_documents_returns_and_other_customers_have_no_part() -> None:
    rows = [
        item("A", 200, "2026-03-01", currency="EUR"),
        item("B", 200, "2026-05-01", document_date="2026-03-20"),
        item("C", 200, "2026-03-01", customer_id="C2"),
        item("D", 7, "2026-03-01"),
    ]
    assert placed(rows, 200, R.MATCH_ONE, R.CLEAR_PAST_DUE, R.COMBINATION) == []
    assert placed(rows, -200, *R) == []
    assert placed(rows, 200) == []


def test_who_must_follow_rules() -> None:
    rows = [item("A", 1, "2026-03-01"), item("B", 2, "2026-03-02", customer_id="C2")]
    pool = pool_of(MATCH_ITEMS.frame(rows), MATCH_RECEIPTS.empty())
    own, others = pool.account_of("E1", "C1"), pool.account_of("E1", "C2")
    assert rules_by_account(pool, MatchingPolicy()) == {}
    some = MatchingPolicy(rules_of={"C1": (R.OLDEST_FIRST,)})
    assert rules_by_account(pool, some) == {own: (R.OLDEST_FIRST,)}
    most = MatchingPolicy(rules=(R.MATCH_ONE,), rules_of={"C1": (R.OLDEST_FIRST,), "C2": ()})
    assert rules_by_account(pool, most) == {own: (R.OLDEST_FIRST,)}
    assert rules_by_account(pool, MatchingPolicy(rules=(R.MATCH_ONE,))) == {
        own: (R.MATCH_ONE,),
        others: (R.MATCH_ONE,),
    }


def test_a_resolved_payer_follows_its_rules() -> None:
    cash = {"entity": "E1", "currency": "USD", "receipt_id": "R", "amount": 200, "value_date": "2026-03-10"}
    pool = pool_of(MATCH_ITEMS.frame(THREE), MATCH_RECEIPTS.frame([cash]))
    facts = Facts(pool, MatchingPolicy())
    assert place_by_rules(facts, rules_of_account={0: (R.MATCH_ONE,)}, remaining=pool.items.open) == []
    (made,) = place_by_rules(
        facts, rules_of_account={0: (R.MATCH_ONE,)}, remaining=pool.items.open, payer_of={0: 0}
    )
    assert (made.settles, made.payer_how) == ((200,), "resolved")


def test_every_rule_has_its_meaning() -> None:
    assert set(RULES_MEANT) == {f"autocash.{rule.value}" for rule in R}


ROWS = st.lists(
    st.tuples(
        st.integers(-300, 1_000).filter(bool),
        st.integers(1, 28),
        st.sampled_from(["net 30", "2/10 net 30", ""]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50)
@given(ROWS, st.lists(st.integers(1, 2_000), min_size=1, max_size=4), st.permutations(list(R)), st.randoms())
def test_nothing_is_used_twice_and_order_does_not_matter(
    rows: list[tuple[int, int, str]], cash: list[int], rules: list[AutoCashRule], random: Any
) -> None:
    items = [
        item(f"I{n}", amount, f"2026-03-{due:02}", terms=terms, document_date="2026-03-02")
        for n, (amount, due, terms) in enumerate(rows)
    ]
    found = placed(items, cash, *rules)
    used: dict[str, int] = {}
    for proposal, settles in found:
        for name, settle in settles.items():
            used[name] = used.get(name, 0) + settle
        assert proposal.difference == cash[proposal.receipt] - sum(proposal.settles)
    for row in items:
        opened, taken = row["open_amount"], used.get(row["item_id"], 0)
        assert min(opened, 0) <= taken <= max(opened, 0)
    names = random.sample(range(100), len(items))
    other = [row | {"item_id": f"Z{name}"} for row, name in zip(items, names, strict=True)]
    random.shuffle(other)

    def content(made: list[tuple[Proposal, dict[str, int]]]) -> list[Any]:
        return [(p.rule, p.items, p.settles, p.held_because) for p, _ in made]

    assert content(found) == content(placed(other, cash, *rules))
