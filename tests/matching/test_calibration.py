"""Which rules may apply by themselves: history against shipped figures, and what counts as a try."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.matching.calibration import (
    HISTORY,
    UNPROVEN,
    Measured,
    auto_rules,
    measure,
    measure_by_value,
    pooled,
)
from arlib.matching.frames import MATCHES
from arlib.matching.shipped import SHIPPED
from arlib.policy.matching import MatchingPolicy

POLICY = MatchingPolicy()


def own(right: int, tried: int, rule: str = "r") -> Measured:
    return Measured(rule, right, tried, HISTORY, False)


def other(right: int, tried: int, data_set: str = "set A", rule: str = "r") -> Measured:
    return Measured(rule, right, tried, data_set, True)


def standing(history=(), shipped=(), policy=POLICY):
    return auto_rules(history, shipped, policy=policy, declared=["r"])["r"]


def is_auto(history=(), shipped=()) -> bool:
    return standing(history, shipped).is_auto


def test_history_decides_once_it_is_able_to():
    assert is_auto([own(1497, 1497)])
    assert not is_auto([own(1496, 1496)])  # all right, and yet too few
    assert not is_auto([own(1499, 1500)])  # able to decide, and does not reach it
    assert is_auto([own(2370, 2371)])


def test_an_able_history_overrules_any_shipped_figure():
    assert not is_auto([own(1499, 1500)], [other(50_000, 50_000)])
    assert is_auto([own(1497, 1497)], [other(1, 2)])
    assert standing([own(1497, 1497)], [other(1, 2)]).decided_by == own(1497, 1497)


def test_a_short_history_leaves_it_to_the_shipped_figures():
    made = standing([own(40, 40)], [other(5000, 5001)])
    assert made.is_auto
    assert made.decided_by == other(5000, 5001)
    assert made.measured == (own(40, 40), other(5000, 5001))
    assert "5,000 of 5,001 receipts of data set set A (transferred)" in made.why
    assert not is_auto([own(40, 40)], [other(4980, 5000)])


def test_a_short_history_that_contradicts_them_forbids():
    # one wrong of n contradicts 99.8 % where 1 - 0.998 ** n <= 0.05: 0.0488 at 25, 0.0507 at 26
    made = standing([own(24, 25)], [other(5000, 5001)])
    assert not made.is_auto
    assert "contradicts" in made.why
    assert "24 of 25 receipts of this ledger's history" in made.why
    assert is_auto([own(25, 26)], [other(5000, 5001)])
    assert is_auto([own(1398, 1400)], [other(5000, 5001)])  # P(X <= 1398) = 0.47


def test_a_rule_without_figures_or_with_a_short_history_only_is_never_automatic():
    assert not is_auto()
    assert standing().decided_by is None
    assert "never measured" in standing().why
    assert not is_auto([own(1496, 1496)])
    assert "too few to tell" in standing([own(1496, 1496)]).why
    assert not is_auto([own(0, 0)], [other(0, 0)])


def test_the_policy_says_which_bound():
    lax = MatchingPolicy(auto_bound=Decimal("0.9"))
    assert standing([own(29, 29)], policy=lax).is_auto  # 0.9 ** 29 = 0.047
    assert not standing([own(28, 28)], policy=lax).is_auto
    sure = MatchingPolicy(bound_confidence=Decimal("0.99"))
    assert not standing([own(1497, 1497)], policy=sure).is_auto
    assert standing([own(2301, 2301)], policy=sure).is_auto  # ln 0.01 / ln 0.998 = 2300.3
    assert not standing([own(2300, 2300)], policy=sure).is_auto


def test_data_sets_that_agree_are_pooled():
    both = [other(1000, 1000, "set A"), other(900, 900, "set B")]
    made = standing(shipped=both)
    assert made.is_auto  # neither would be alone
    assert made.decided_by == other(1900, 1900, "set A + set B")
    assert standing(shipped=both[::-1]).decided_by == made.decided_by
    # a handful of tries with no error says little, and takes nothing away
    assert pooled([other(5000, 5000), other(3, 3, "set B")], policy=POLICY) == other(
        5003, 5003, "set A + set B"
    )
    assert pooled([other(5000, 5000), other(0, 0, "set B")], policy=POLICY) == other(5000, 5000)


def test_of_data_sets_that_contradict_each_other_the_worst_counts():
    # lower bound of 5,000 of 5,000 is 0.9994; upper bound of 60 of 62 is 0.9942
    worst = other(60, 62, "set B")
    assert pooled([other(5000, 5000), worst], policy=POLICY) == worst
    assert pooled([worst, other(5000, 5000), other(3, 3, "set C")], policy=POLICY) == worst
    assert not is_auto(shipped=[other(50_000, 50_000), worst])  # the pool would reach it: 50,060 of 50,062


def test_declared_rules_come_first_and_in_their_order():
    made = auto_rules([own(1, 1, "b")], [other(1, 1, rule="a")], policy=POLICY, declared=["z", "y"])
    assert list(made) == ["z", "y", "a", "b"]


@given(st.integers(0, 3000), st.integers(0, 4), st.integers(1, 6000), st.integers(0, 4))
def test_more_errors_never_make_a_rule_automatic(tried, wrong, shipped_tried, shipped_wrong):
    wrong, shipped_wrong = min(wrong, tried), min(shipped_wrong, shipped_tried)
    if is_auto([own(tried - wrong, tried)], [other(shipped_tried - shipped_wrong, shipped_tried)]):
        fewer = max(wrong - 1, 0), max(shipped_wrong - 1, 0)
        assert is_auto([own(tried - fewer[0], tried)], [other(shipped_tried - shipped_wrong, shipped_tried)])
        assert is_auto([own(tried - wrong, tried)], [other(shipped_tried - fewer[1], shipped_tried)])


def test_what_is_shipped_is_transferred_and_possible():
    assert all(m.is_transferred and 0 <= m.right <= m.tried for m in SHIPPED)
    assert len({(m.rule, m.data_set) for m in SHIPPED}) == len(SHIPPED)


def matches(*rows: tuple[str, str, str, int], **more) -> pd.DataFrame:
    """Rows of receipt, item, rule, amount."""
    names = ("receipt_id", "item_id", "rule", "receipt_amount")
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    fixed = {
        "entity": "E1",
        "receipt_currency": "USD",
        "explanations": 1,
        "held_because": "",
        "decision": "suggest",
    }
    return MATCHES.typed(frame.assign(**(fixed | more)))


def links(*rows: tuple[str, str | None], entity: str = "E1") -> pd.DataFrame:
    return pd.DataFrame([(entity, *row) for row in rows], columns=["entity", "receipt_id", "item_id"])


def test_a_receipt_is_right_when_its_whole_item_set_is():
    run = matches(
        ("P1", "A", "exact", 100), ("P1", "B", "exact", 50),  # right
        ("P2", "C", "exact", 30),  # one of two
        ("P3", "D", "exact", 20), ("P3", "E", "exact", 20),  # one too many
        ("P4", "F", "fuzzy", 5),
    )  # fmt: skip
    truth = links(("P1", "B"), ("P1", "A"), ("P2", "C"), ("P2", "X"), ("P3", "D"), ("P4", "F"))
    assert measure(run, truth) == (own(1, 3, "exact"), own(1, 1, "fuzzy"))
    assert measure(run, truth, data_set="set A", is_transferred=True)[0] == other(1, 3, rule="exact")
    assert measure_by_value(run, truth).to_numpy().tolist() == [
        ["exact", "USD", 150, 220],
        ["fuzzy", "USD", 5, 5],
    ]


def test_a_receipt_nobody_confirmed_is_no_try_and_one_that_pays_nothing_is():
    run = matches(("P1", "A", "exact", 1), ("P2", "B", "exact", 1), ("P3", "C", "exact", 1))
    assert measure(run, links(("P1", "A"), ("P2", None))) == (own(1, 2, "exact"),)
    assert measure(run, links(("P1", "A"), entity="E2")) == ()
    assert measure(MATCHES.empty(), links(("P1", "A"))) == ()
    assert measure_by_value(MATCHES.empty(), links(("P1", "A"))).empty


@pytest.mark.parametrize(
    ("more", "tries"),
    [
        ({"decision": "auto"}, 1),
        ({"held_because": f"{UNPROVEN}: exact was never measured"}, 1),
        ({"held_because": f"the payer is bankrupt; {UNPROVEN}: exact was never measured"}, 0),
        ({"held_because": "the payer is bankrupt"}, 0),
        ({"explanations": 2}, 0),
        ({"explanations": 0}, 0),
        ({"explanations": None}, 0),
    ],
)
def test_only_receipts_that_nothing_but_the_rule_decides_are_tries(more, tries):
    made = measure(matches(("P1", "A", "exact", 1), **more), links(("P1", "B")))
    assert sum(m.tried for m in made) == tries
    assert sum(m.right for m in made) == 0
