"""Aging: boundaries by hand, Σ buckets = outstanding for anything, totals by dimension."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from arlib.errors import IdentityError, ParameterError, RateError
from arlib.ledger.aging import age_items, aging, aging_compared, aging_identities, wide
from arlib.ledger.frames import AGED_ITEMS, AGING, OPEN_ITEMS, Measure
from arlib.ledger.openitems import open_items
from arlib.policy import AgeFrom, AgingPolicy, Credits

AS_OF = date(2026, 10, 31)
DEFAULT = AgingPolicy()


def rows(*given) -> pd.DataFrame:
    """OPEN_ITEMS from tuples (amount, due date or None) or dicts."""
    made = []
    for number, what in enumerate(given):
        row = what if isinstance(what, dict) else {"outstanding": what[0], "due_date": what[1]}
        due = row.get("due_date")
        made.append(
            {
                "entity": "E1",
                "item_id": f"I{number}",
                "item_type": "invoice",
                "currency": "USD",
                "customer_id": "C",
                "document_date": "2026-08-01",
                "original_due_date": due,
                "item_due_date": due,
                "revaluation": 0,
                "due_from": "item",
            }
            | row
        )
    names = sorted({key for row in made for key in row})
    raw = pd.DataFrame({key: pd.Series([row.get(key) for row in made], dtype="object") for key in names})
    return OPEN_ITEMS.typed(raw)


def buckets(frame: pd.DataFrame, policy: AgingPolicy = DEFAULT) -> list[str]:
    return age_items(frame, as_of=AS_OF, policy=policy)["bucket"].tolist()


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-10, "current"),
        (-1, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-120"),
        (120, "91-120"),
        (121, "121+"),
        (40_000, "121+"),
    ],
)
def test_edges(days, bucket):
    due = AS_OF - timedelta(days=days)
    aged = age_items(rows((100, due.isoformat())), as_of=AS_OF, policy=DEFAULT)
    assert (aged["bucket"][0], aged["days_past_due"][0]) == (bucket, days)


def test_an_item_due_in_ten_days_is_current_and_never_1_to_30():
    """The abs() trap of an existing report: |-10| days would be 1-30."""
    assert buckets(rows((100, "2026-11-10"))) == ["current"]


def test_one_edge_gives_two_buckets():
    policy = AgingPolicy(bucket_edges_days=(7,))
    assert policy.past_due_buckets == ("1-7", "8+")
    assert buckets(rows((1, "2026-10-24"), (1, "2026-10-23")), policy) == ["1-7", "8+"]


def test_credits_cash_and_missing_dates_have_places_of_their_own():
    frame = rows(
        {"outstanding": -1, "due_date": "2026-07-01", "item_type": "credit_memo"},
        {"outstanding": -1, "item_type": "receipt"},
        {"outstanding": -1, "item_type": "prepayment"},
        {"outstanding": -1, "item_type": "opening", "cash_status": "on_account"},
        {"outstanding": -1, "item_type": "invoice", "due_date": "2026-07-01"},
        {"outstanding": 1, "item_type": "invoice"},
        {"outstanding": 1, "item_type": "receipt", "due_date": "2026-10-01"},
    )
    assert buckets(frame) == [
        "credit",
        "unapplied",
        "unapplied",
        "unapplied",
        "credit",
        "no_due_date",
        "1-30",
    ]


def test_netted_ages_credits_by_their_due_date_or_else_their_document_date():
    frame = rows(
        {"outstanding": -1, "due_date": "2026-10-01", "item_type": "credit_memo"},  # 30 days
        {"outstanding": -1, "item_type": "receipt", "document_date": "2026-08-31"},  # 61 days
        {"outstanding": -1, "item_type": "receipt", "document_date": "2026-10-31"},
        {"outstanding": 1},
    )
    assert buckets(frame, AgingPolicy(credits=Credits.NETTED)) == ["1-30", "61-90", "current", "no_due_date"]


def test_the_three_dates_to_age_from():
    frame = rows(
        {
            "outstanding": 1,
            "document_date": "2026-06-01",
            "due_date": "2026-11-30",
            "original_due_date": "2026-08-15",
        }
    )
    assert {by: buckets(frame, AgingPolicy(age_from=by))[0] for by in AgeFrom} == {
        AgeFrom.DUE_DATE: "current",
        AgeFrom.ORIGINAL_DUE_DATE: "61-90",
        AgeFrom.DOCUMENT_DATE: "121+",
    }


def test_by_instalment_or_by_the_date_of_the_whole(ledger, seen):
    book = ledger("""
        item  INV-1 invoice ACME 2026-08-01 60.00 due=2026-12-01
        part  INV-1 1 2026-09-01 30.00
        part  INV-1 2 2026-11-01 30.00
        item  INV-2 invoice ACME 2026-08-01 10.00
        part  INV-2 1 2026-09-01 4.00
        part  INV-2 2 2026-10-01 6.00
    """)
    made = open_items(book, scope=seen("2026-10-31"))
    assert buckets(made) == ["31-60", "current", "31-60", "1-30"]
    whole = AgingPolicy(by_instalment=False)
    assert buckets(made, whole) == [
        "current",
        "current",
        "1-30",
        "1-30",
    ]  # INV-2 has no date but its last part's
    risk = AgingPolicy(by_instalment=False, age_from=AgeFrom.ORIGINAL_DUE_DATE)
    assert buckets(made, risk) == ["current", "current", "1-30", "1-30"]


def test_a_rest_of_carrying_amount_follows_its_own_sign():
    frame = rows(
        {"outstanding": 0, "functional_outstanding": -2, "item_type": "receipt"},
        {"outstanding": 0, "functional_outstanding": 2, "due_date": "2026-10-01"},
    )
    assert buckets(frame) == ["unapplied", "1-30"]
    aged = age_items(frame, as_of=AS_OF, policy=DEFAULT)
    assert len(aging(aged)) == 0  # nothing open in document currency: an empty cell has no row
    assert aging(aged, by=("customer_id",), measure=Measure.FUNCTIONAL)["amount"].tolist() == [2, -2]


def test_long_and_wide(ledger, seen):
    book = ledger("""
        item A invoice ACME 2026-08-01 10.00 due=2026-10-01
        item B invoice ACME 2026-08-01 5.00 due=2026-10-05
        item D invoice ACME 2026-08-01 7 due=2026-11-01 currency=JPY
        item E receipt BETA 2026-08-01 -3.00
        item F invoice BETA 2026-08-01 4.00
    """)
    aged = age_items(open_items(book, scope=seen("2026-10-31")), as_of=AS_OF, policy=DEFAULT)
    assert list(aged.columns) == AGED_ITEMS.names
    long = aging(aged)
    assert long.dtypes.astype(str).tolist() == AGING.empty().dtypes.astype(str).tolist()
    assert list(long.itertuples(index=False, name=None)) == [
        ("ACME", "JPY", "current", 7),
        ("ACME", "USD", "1-30", 15_00),
        ("BETA", "USD", "no_due_date", 4_00),
        ("BETA", "USD", "unapplied", -3_00),
    ]
    table = wide(long, policy=DEFAULT)
    assert list(table.columns) == ["customer_id", "currency", *DEFAULT.buckets, "total"]
    assert table["total"].tolist() == [7, 15_00, 1_00]
    assert table["1-30"].tolist() == [0, 15_00, 0]


def test_a_dimension_that_a_document_lacks_is_kept(ledger, seen):
    made = open_items(ledger("item R receipt ACME 2026-08-01 -3.00"), scope=seen("2026-10-31"))
    aged = age_items(made, as_of=AS_OF, policy=DEFAULT).assign(customer_id=None, collector=None)
    aged = aged.astype({"customer_id": "str", "collector": "str"})
    assert aging(aged, by=("customer_id", "collector", "currency")).to_numpy().tolist() == [
        ["", "", "USD", "unapplied", -3_00]
    ]


def test_amounts_of_different_currencies_are_never_added():
    aged = age_items(rows((1, "2026-10-01")), as_of=AS_OF, policy=DEFAULT)
    with pytest.raises(ParameterError, match="currencies do not add up"):
        aging(aged, by=("customer_id",))
    with pytest.raises(RateError, match="1 open items have no amount in the books' currency: found 'USD'"):
        aging(aged, by=("customer_id",), measure=Measure.FUNCTIONAL)
    with pytest.raises(ParameterError, match="Did you mean 'customer_id'"):
        aging(aged, by=("custmer_id", "currency"))
    with pytest.raises(ParameterError, match="columns of text"):
        aging(aged, by=("due_date", "currency"))


def test_functional_and_revalued():
    frame = rows(
        {"outstanding": 10, "currency": "EUR", "functional_outstanding": 11, "revaluation": 2},
        {"outstanding": 10, "functional_outstanding": 10},
    )
    aged = age_items(frame, as_of=AS_OF, policy=DEFAULT)
    assert aging(aged, by=("customer_id",), measure=Measure.FUNCTIONAL)["amount"].tolist() == [21]
    assert aging(aged, by=("customer_id",), measure=Measure.REVALUED)["amount"].tolist() == [23]


def test_wide_refuses_an_aging_of_other_edges():
    long = aging(age_items(rows((1, "2026-09-29")), as_of=AS_OF, policy=DEFAULT))
    with pytest.raises(ParameterError, match="31-60"):
        wide(long, policy=AgingPolicy(bucket_edges_days=(10,)))


def test_contractual_beside_risk():
    frame = rows(
        (5, "2026-10-01"), {"outstanding": 8, "due_date": "2026-11-30", "original_due_date": "2026-08-15"}
    )
    made = aging_compared(frame, as_of=AS_OF, policy=DEFAULT)
    assert list(made.itertuples(index=False, name=None)) == [
        ("USD", "current", 8, 0, -8),
        ("USD", "1-30", 5, 5, 0),
        ("USD", "61-90", 0, 8, 8),
    ]
    assert made["moved"].sum() == 0


def test_identities_hold_and_break_when_money_is_lost():
    frame = rows((5, "2026-10-01"), {"outstanding": -8, "currency": "EUR"})
    long = aging(age_items(frame, as_of=AS_OF, policy=DEFAULT))
    made = aging_identities(frame, long, entity="E1")
    assert [(i.currency, i.left, i.right, i.require().holds) for i in made] == [
        ("EUR", -8, -8, True),
        ("USD", 5, 5, True),
    ]
    lost = aging_identities(frame, long[long["currency"] == "EUR"], entity="E1")
    with pytest.raises(IdentityError, match="difference -5 USD"):
        [identity.require() for identity in lost]
    assert [i.holds for i in aging_identities(frame[:0], long[:0], entity="E1")] == [True]


# --- invariants --------------------

DAY = st.none() | st.integers(-400, 400).map(lambda n: (AS_OF + timedelta(days=n)).isoformat())
ROW = st.fixed_dictionaries(
    {
        "outstanding": st.integers(-(10**15), 10**15),
        "currency": st.sampled_from(["USD", "JPY", "KWD"]),
        "due_date": DAY,
        "original_due_date": DAY,
        "item_due_date": DAY,
        "customer_id": st.sampled_from(["A", "B", None]),
        "item_type": st.sampled_from(["invoice", "receipt", "credit_memo", "prepayment", "opening"]),
        "cash_status": st.sampled_from([None, "on_account"]),
        "instalment_no": st.sampled_from([None, 1]),
    }
)
POLICY = st.builds(
    AgingPolicy,
    bucket_edges_days=st.sets(st.integers(1, 300), min_size=1, max_size=6).map(lambda s: tuple(sorted(s))),
    age_from=st.sampled_from(list(AgeFrom)),
    credits=st.sampled_from(list(Credits)),
    by_instalment=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=12), POLICY, st.permutations(range(12)))
def test_buckets_sum_to_outstanding_whatever_the_edges_signs_dates_and_order(drawn, policy, order):
    frame = rows(*drawn)
    before = frame.copy(deep=True)
    aged = age_items(frame, as_of=AS_OF, policy=policy)
    long = aging(aged)
    assert_frame_equal(frame, before)
    assert set(aged["bucket"]) <= set(policy.buckets)

    outstanding: dict[str, int] = defaultdict(int)
    for row in drawn:
        outstanding[row["currency"]] += row["outstanding"]
    by_bucket: dict[str, int] = defaultdict(int)
    for currency, amount in zip(long["currency"], long["amount"], strict=True):
        by_bucket[currency] += amount
    assert {k: v for k, v in by_bucket.items() if v} == {k: v for k, v in outstanding.items() if v}
    assert {
        k: int(v) for k, v in wide(long, policy=policy).groupby("currency")["total"].sum().items() if v
    } == {k: v for k, v in outstanding.items() if v}

    shuffled = frame.iloc[[at for at in order if at < len(frame)]]
    assert_frame_equal(aging(age_items(shuffled, as_of=AS_OF, policy=policy)), long)
