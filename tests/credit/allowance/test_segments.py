"""Segments, and when one stands on its own."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from scipy.stats import fisher_exact

from arlib.credit.allowance.pooling import Counted, fisher_p, pooled_segments
from arlib.credit.allowance.rates import loss_rates
from arlib.credit.allowance.segments import NOT_GIVEN, segment_of
from arlib.policy import AgingPolicy, AllowancePolicy
from arlib.policy.allowance import RateMethod

CUSTOMERS = [
    {
        "customer_id": "ACME",
        "entity": "E1",
        "region": "North",
        "rating": "A",
        "sales_rep": "Sam",
        "collector": "Cora",
    },
    {"customer_id": "BOLT", "entity": None, "region": "South", "rating": None},
    {"customer_id": "CRAG", "entity": "E1", "region": ""},
    {"customer_id": "BOLT", "entity": "E2", "region": "East"},
]
HISTORY = [
    {
        "entity": "E1",
        "customer_id": "ACME",
        "attribute": "region",
        "valid_from": "2025-01-01",
        "value": "West",
    },
    {
        "entity": "E1",
        "customer_id": "ACME",
        "attribute": "region",
        "valid_from": "2025-07-01",
        "value": "North",
    },
]
MERGED = [{"entity": "E1", "old_customer_id": "OLD", "new_customer_id": "ACME", "merged_on": "2025-06-01"}]
BOOK = """
    bill I1 ACME 2025-01-10 100.00 segment=home
    bill I2 BOLT 2025-02-10 300.00 segment=export sales_rep=Rita
    bill I3 CRAG 2025-03-10 200.00
    bill I4 OLD  2025-03-10 150.00 segment=home
"""


@pytest.fixture
def book(debts):
    return debts(BOOK, customers=CUSTOMERS, customer_history=HISTORY, customer_merges=MERGED)


@pytest.mark.parametrize(
    ("by", "as_of", "wanted"),
    [
        ("", "2025-12-31", ["", "", "", ""]),
        ("region", "2025-12-31", ["North", "South", NOT_GIVEN, "North"]),
        ("region", "2025-06-30", ["West", "South", NOT_GIVEN, "West"]),
        (
            "region",
            "2025-05-31",
            ["West", "South", NOT_GIVEN, NOT_GIVEN],
        ),  # OLD is not merged yet, and not a customer
        ("rating", "2025-12-31", ["A", NOT_GIVEN, NOT_GIVEN, "A"]),
        ("collector", "2025-12-31", ["Cora", NOT_GIVEN, NOT_GIVEN, "Cora"]),
        ("sales_rep", "2025-12-31", ["Sam", "Rita", NOT_GIVEN, "Sam"]),
        ("segment", "2025-12-31", ["home", "export", NOT_GIVEN, "home"]),
        ("product", "2025-12-31", ["home", "export", NOT_GIVEN, "home"]),
        ("currency", "2025-12-31", ["USD", "USD", "USD", "USD"]),
    ],
)
def test_each_row_has_the_label_of_the_as_of_date(book, seen, by, as_of, wanted):
    rows = book["items"][["customer_id", "item_id"]].set_index(pd.Index([7, 5, 3, 1]))
    found = segment_of(book, rows, scope=seen(as_of), policy=AllowancePolicy(segment_by=by))
    assert found.tolist() == wanted
    assert found.index.tolist() == [7, 5, 3, 1]


def test_size_is_by_quantile_of_what_was_billed_and_equal_amounts_stand_together(debts, seen):
    lines = [
        f"bill I{n} C{n} 2025-03-10 {amount}.00" for n, amount in enumerate((10, 20, 20, 40, 50, 60, 70, 80))
    ]
    book = debts("\n".join(lines))
    rows = pd.DataFrame({"customer_id": [f"C{n}" for n in range(8)] + ["C9"], "item_id": "I0"})
    found = segment_of(book, rows, scope=seen("2025-12-31"), policy=AllowancePolicy(segment_by="size"))
    assert [label[5] for label in found] == ["1", "1", "1", "2", "3", "3", "4", "4", "1"]
    two = segment_of(
        book, rows, scope=seen("2025-12-31"), policy=AllowancePolicy(segment_by="size", size_classes=2)
    )
    assert two.iloc[[0, 7]].tolist() == ["size 1 of 2", "size 2 of 2"]
    old = segment_of(
        book, rows, scope=seen("2029-12-31"), policy=AllowancePolicy(segment_by="size", history_months=12)
    )
    assert set(old) == {"size 1 of 4"}  # nothing was billed in the history's months


def test_a_segment_with_few_losses_or_that_is_not_told_apart_takes_the_pools_rate():
    found = Counted(
        items={"": 2_000, "bad": 300, "few": 200, "like": 1_500},
        losses={"": 130, "bad": 60, "few": 4, "like": 66},
    )
    made = pooled_segments(found, policy=AllowancePolicy(min_losses=5))
    assert set(made) == {"few"}
    assert made["few"] == "4 of 200 items lost; a segment needs 5 to stand on its own"
    alike = Counted(items={"": 400, "a": 200, "b": 200}, losses={"": 21, "a": 10, "b": 11})
    made = pooled_segments(alike, policy=AllowancePolicy())
    assert set(made) == {"a", "b"}
    assert "10 of 200 items lost, 11 of 200 in the rest: not told apart" in made["a"]
    assert pooled_segments(alike, policy=AllowancePolicy(pooling_significance=Decimal("0.999999999"))) != {}
    alone = pooled_segments(Counted(items={"": 9, "a": 9}, losses={"": 6, "a": 6}), policy=AllowancePolicy())
    assert alone == {"a": "the only segment: its history is that of the portfolio"}


def test_the_exact_test_is_fishers():
    # Fisher's tea: 3 of 4 against 1 of 4, two-sided 0.4857 (34 / 70)
    assert fisher_p(3, 4, 1, 4) == Decimal(f"{34 / 70:.12f}")
    assert fisher_p(60, 300, 70, 1_700) == Decimal(f"{fisher_exact([[60, 240], [70, 1630]])[1]:.12f}")


def many(segment: str, items: int, lost: int) -> str:
    """Items of a segment that run into 121+; so many are written off there, the others paid."""
    return "\n".join(
        f"bill {segment}{n} {segment} 2025-01-05 100.00 due=2025-01-31 segment={segment}\n"
        + (f"off {segment}{n} 2025-07-15 100.00" if n < lost else f"pay {segment}{n} 2025-07-15 100.00")
        for n in range(items)
    )


@pytest.mark.parametrize("method", [RateMethod.COHORT, RateMethod.ROLL_RATE, RateMethod.VINTAGE])
def test_own_rates_where_they_are_told_apart_and_the_pools_where_not(debts, seen, method):
    book = debts("\n".join((many("G", 60, 6), many("B", 60, 40), many("T", 10, 2))))
    policy = AllowancePolicy(method=method, segment_by="segment", history_months=12)
    found = loss_rates(book, scope=seen("2025-12-31"), aging=AgingPolicy(), policy=policy)
    assert set(found.pooled) == {"T"}
    for bucket in AgingPolicy().past_due_buckets:
        assert found.rate("G", bucket) == Fraction(6, 60)
        assert found.rate("B", bucket) == Fraction(40, 60)
        assert found.rate("T", bucket) == found.rate("", bucket) == Fraction(48, 130)
    flags = found.frame.groupby("segment")["pooled"].all()
    assert flags.to_dict() == {"": False, "B": False, "G": False, "T": True}


def test_a_bucket_in_which_a_segment_never_stood_takes_the_pools_rate(debts, seen):
    book = debts(
        "\n".join((
            many("G", 60, 6),
            *(f"bill Q{n} Q 2025-01-05 100.00 due=2025-01-31 segment=Q\noff Q{n} 2025-03-15 100.00" for n in range(30)),
        ))
    )  # fmt: skip
    for method in (RateMethod.COHORT, RateMethod.ROLL_RATE):
        policy = AllowancePolicy(method=method, segment_by="segment")
        found = loss_rates(book, scope=seen("2025-12-31"), aging=AgingPolicy(), policy=policy)
        assert not found.pooled
        assert found.rate("Q", "1-30") == 1
        assert found.rate("Q", "121+") == found.rate("", "121+") == Fraction(6, 60)
        row = found.frame.set_index(["segment", "bucket"]).loc[("Q", "121+")]
        assert (bool(row["pooled"]), row["items"]) == (True, 0)
