"""Cut-off of invoices by hand: each error beside its honest twin, and the day itself."""

from __future__ import annotations

import pytest

from arlib.audit.cut_off.sides import cut_off
from arlib.policy import Policies

USUAL = [
    {"item_id": f"U{n}", "document_no": f"U-{n}", "posting_date": f"2026-09-{1 + n % 28:02d}",
     "delivery_date": f"2026-09-{1 + n % 28 - min(n % 3, n % 28):02d}"}
    for n in range(40)
]  # fmt: skip
# forty bills of September, posted 0 to 2 days after delivery: the usual lag is 2


def found(book, scope, ask):
    rows = cut_off(book, scope=scope, policies=Policies(), ask=ask).findings
    return {row.document_no: (row.grade, row.test) for row in rows.itertuples(index=False)}


@pytest.mark.parametrize(
    ("bill", "expected"),
    [
        ({"posting_date": "2026-10-30", "delivery_date": "2026-11-01"}, ("exception", "sale_early")),
        ({"posting_date": "2026-10-30", "delivery_date": "2026-10-31"}, None),  # the day itself is before
        ({"posting_date": "2026-10-31", "delivery_date": "2026-11-01"}, ("exception", "sale_early")),
        ({"posting_date": "2026-11-04", "delivery_date": "2026-10-31"}, ("exception", "sale_late")),
        ({"posting_date": "2026-11-02", "delivery_date": "2026-10-31"}, ("usual_lag", "sale_late")),
        ({"posting_date": "2026-11-03", "delivery_date": "2026-10-31"}, ("exception", "sale_late")),
        ({"posting_date": "2026-11-01", "delivery_date": "2026-11-01"}, None),
        ({"posting_date": "2026-11-02", "delivery_date": "2026-10-31", "document_date": "2026-10-31"}, ("exception", "sale_late")),
        ({"posting_date": "2026-11-02", "document_date": "2026-10-31"}, ("exception", "document_date")),
        ({"posting_date": "2026-10-30", "document_date": "2026-11-01"}, ("exception", "document_date")),
        ({"posting_date": "2026-10-30", "service_from": "2026-10-20", "service_to": "2026-11-08"}, ("explained", "sale_early")),
        ({"posting_date": "2026-10-30", "service_from": "2026-11-01", "service_to": "2026-11-30"}, ("exception", "sale_early")),
        ({"posting_date": "2026-11-08", "service_from": "2026-10-01", "service_to": "2026-10-31"}, ("exception", "sale_late")),
        ({"posting_date": "2026-11-08", "service_from": "2026-10-20", "service_to": "2026-11-08"}, ("explained", "sale_late")),
        ({"posting_date": "2026-10-01", "delivery_date": "2026-11-20"}, None),  # outside the window
    ],
)  # fmt: skip
def test_each_error_and_its_twin(books, scope, asked, bill, expected):
    book = books(items=[*USUAL, {"document_no": "X", "document_date": bill["posting_date"], **bill}])
    assert found(book, scope, asked("cut_off")).get("X") == expected


def test_effects_are_signed_and_net_of_tax(books, scope, asked):
    """Early 120.00 with tax 20.00: the balance falls by 120.00, sales by 100.00. Late 60.00, tax unknown."""
    items = [
        {"document_no": "E", "posting_date": "2026-10-30", "delivery_date": "2026-11-03", "amount": 120_00, "tax_amount": 20_00},
        {"document_no": "L", "posting_date": "2026-11-05", "delivery_date": "2026-10-20", "amount": 60_00},
    ]  # fmt: skip
    rows = cut_off(books(items=items), scope=scope, policies=Policies(), ask=asked("cut_off"))
    effects = rows.effects.set_index("test")
    assert effects["balance_effect"].to_dict() == {"sale_early": -120_00, "sale_late": 60_00}
    assert effects["sales_effect"].to_dict() == {"sale_early": -100_00, "sale_late": 0}
    assert rows.findings.set_index("document_no")["sales_effect"].isna()["L"]
    assert (rows.lag, rows.flagged, rows.per_thousand) == (None, 2, "1000.0")


def test_a_service_across_the_date_says_its_part(books, scope, asked):
    """20 days for 200.00 net, 12 of them in October: 8 days, 80.00, to defer."""
    bill = {"document_no": "S", "posting_date": "2026-10-30", "service_from": "2026-10-20", "service_to": "2026-11-08",
            "amount": 240_00, "tax_amount": 40_00}  # fmt: skip
    rows = cut_off(books(items=[bill]), scope=scope, policies=Policies(), ask=asked("cut_off")).findings
    assert "8 of 20 days, USD 80.00, to defer" in rows["finding"].iloc[0]
    assert rows["balance_effect"].tolist() == [0]


def test_a_rebill_stands_for_the_first_bill_only_where_that_was_before(books, scope, asked):
    first = {"item_id": "A", "document_no": "A", "posting_date": "2026-10-01", "delivery_date": "2026-10-01"}
    later = {"item_id": "B", "document_no": "B", "posting_date": "2026-11-02", "delivery_date": "2026-11-02"}
    again = {"posting_date": "2026-11-05", "delivery_date": "2026-10-01"}
    book = books(
        items=[first, later, {**again, "document_no": "RA", "replaces": "A"}, {**again, "document_no": "RB", "replaces": "B"}]
    )  # fmt: skip
    seen = found(book, scope, asked("cut_off"))
    assert seen == {"RA": ("explained", "sale_late"), "RB": ("exception", "sale_late")}


def test_without_delivery_dates_it_says_not_possible_and_flags_nothing(books, scope, asked):
    items = [{"posting_date": "2026-10-30"}, {"posting_date": "2026-11-03"}, {"posting_date": "2026-11-04"}]
    result = cut_off(books(items=items), scope=scope, policies=Policies(), ask=asked("cut_off"))
    tests = result.tests.set_index("test")
    assert result.findings.empty
    assert (
        tests.loc[["sale_early", "sale_late", "receipts_held_open", "banked_before", "ledger_date"], "state"]
        .eq("not_possible")
        .all()
    )
    assert tests["not_tested"][["sale_early", "sale_late"]].to_dict() == {"sale_early": 1, "sale_late": 2}
    said = " ".join(result.limits)
    assert "Sale early: not possible: the books hold no delivery date" in said
    assert "Receipts held open: not possible: no bank lines were given" in said


def test_a_lot_with_others_booked_before_ranks_above_a_late_interface(books, scope, asked):
    late = {"posting_date": "2026-11-02", "document_date": "2026-10-30", "delivery_date": "2026-10-30"}
    items = [
        {"document_no": "OLD", "posting_date": "2026-10-30", "delivery_date": "2026-10-30", "batch_id": "B1"},
        {**late, "document_no": "HELD", "batch_id": "B1"},
        {**late, "document_no": "RUN", "batch_id": "B2", "amount": 900_00},
    ]
    rows = cut_off(books(items=items), scope=scope, policies=Policies(), ask=asked("cut_off")).findings
    assert rows["document_no"].tolist() == ["HELD", "RUN"]
    assert "others of its batch B1 were booked 2026-10-30" in rows["finding"].iloc[0]


def test_last_numbers_name_the_fewest_that_cross(books, scope, asked):
    """Delivery notes 1 to 6; 2 is booked after the date, all others run with it."""
    days = {
        1: "2026-10-28",
        2: "2026-11-03",
        3: "2026-10-29",
        4: "2026-10-30",
        5: "2026-11-02",
        6: "2026-11-03",
    }
    history = [
        {
            "document_no": f"H{n}",
            "delivery_no": f"DN-{1000 + n:05d}",
            "posting_date": f"2026-10-{1 + n % 20:02d}",
        }
        for n in range(20)
    ]
    items = [
        {"document_no": f"X{n}", "item_id": f"X{n}", "delivery_no": f"DN-{1020 + n:05d}", "posting_date": day}
        for n, day in days.items()
    ]
    result = cut_off(books(items=[*history, *items]), scope=scope, policies=Policies(), ask=asked("cut_off"))
    row = result.last_numbers.set_index("kind").loc["delivery note"]
    assert (row["last_before"], row["first_after"], row["crossing"]) == ("DN-01024", "DN-01022", 1)
    assert found(books(items=[*history, *items]), scope, asked("cut_off")) == {
        "X2": ("exception", "last_numbers")
    }


def test_credits_of_the_other_side(books, scope, asked):
    """A dispute opened before the date makes its credit an exception; without it the credit is explained."""
    items = [
        {"item_id": "A", "posting_date": "2026-10-10"},
        {"item_id": "B", "posting_date": "2026-10-11"},
        {
            "item_id": "CA",
            "document_no": "CA",
            "item_type": "credit_memo",
            "amount": -30_00,
            "posting_date": "2026-11-03",
            "reverses": "A",
        },
        {
            "item_id": "CB",
            "document_no": "CB",
            "item_type": "credit_memo",
            "amount": -40_00,
            "posting_date": "2026-11-03",
            "reverses": "B",
        },
        {
            "item_id": "CC",
            "document_no": "CC",
            "item_type": "credit_memo",
            "amount": -50_00,
            "posting_date": "2026-10-30",
            "delivery_date": "2026-11-02",
        },
        {
            "item_id": "CD",
            "document_no": "CD",
            "item_type": "credit_memo",
            "amount": -60_00,
            "posting_date": "2026-10-30",
            "delivery_date": "2026-10-31",
        },
    ]
    disputes = [
        {
            "dispute_id": "DS1",
            "customer_id": "C1",
            "item_id": "A",
            "currency": "USD",
            "amount": 30_00,
            "opened_on": "2026-10-31",
            "reason": "price",
        },
        {
            "dispute_id": "DS2",
            "customer_id": "C1",
            "item_id": "B",
            "currency": "USD",
            "amount": 40_00,
            "opened_on": "2026-11-01",
            "reason": "price",
        },
    ]
    book = books(items=items, disputes=disputes)
    rows = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off")).findings.set_index(
        "document_no"
    )
    assert rows["grade"].to_dict() == {"CC": "exception", "CA": "exception", "CB": "explained"}
    assert rows["balance_effect"].to_dict() == {"CA": -30_00, "CB": 0, "CC": 50_00}
