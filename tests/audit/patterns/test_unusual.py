"""Large and unusual items: each test both ways, ranks and shares, and small samples left in peace."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from arlib.audit.options.patterns import LargeAndUnusualOptions
from arlib.audit.patterns.unusual import large_and_unusual
from arlib.audit.population import Population
from arlib.errors import ParameterError
from arlib.sources.sample import generate
from arlib.tables import Book

DAY = date(2026, 9, 7)
CURRENCY = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}


def usual(small, count: int = 8, **given):
    """Ordinary invoices of customer A: 101.00 and a little more, net 30, with an order each."""
    return [bill(small, f"U{n}", 10_101 + n, DAY - timedelta(days=40 + n), **given) for n in range(count)]


def bill(small, name: str, amount: int, day: date = DAY, customer: str = "A", **given):
    values = {
        "due_date": day + timedelta(days=30),
        "original_due_date": day + timedelta(days=30),
        "purchase_order": f"PO-{name}",
    }
    return small("item")(name, "invoice", customer, amount, day, **(values | given))


def told(small, *rows, options: LargeAndUnusualOptions | None = None, **tables) -> dict[str, set[str]]:
    book = small("book")(items=rows, **({"customers": [small("customer")("A")]} | tables))
    found = large_and_unusual(book, scope=small("scope")(), options=options or LargeAndUnusualOptions())
    assert all(identity.holds for identity in found.identities)
    return {row["item_id"]: set(row["oddities"].split(", ")) for row in found.items.to_dict("records")}


def test_ordinary_items_are_not_unusual(small):
    assert told(small, *usual(small)) == {}


@pytest.mark.parametrize(("name", "row"), [
    ("beyond_usual", {"amount": 50_600}), ("round", {"amount": 1_000_000, "customer": "B"}), ("no_order", {"purchase_order": None}),
    ("long_terms", {"due_date": DAY + timedelta(days=60)}), ("misdated", {"document_date": DAY - timedelta(days=365)}),
    ("other_currency", {"currency": "EUR"}), ("wrong_side", {"amount": -10_101}),
    ("re_aged", {"due_date": DAY + timedelta(days=45), "rescheduled_on": DAY + timedelta(days=9)}),
])  # fmt: skip
def test_each_oddity_is_found_and_its_ordinary_twin_is_not(small, name, row):
    row = {"amount": 10_111} | row
    amount = row.pop("amount")
    found = told(small, *usual(small), bill(small, "ODD", amount, **row))
    assert name in found["ODD"]
    twin = told(small, *usual(small), bill(small, "TWIN", 10_111))
    assert "TWIN" not in twin


def test_the_limits_themselves(small):
    rows = [bill(small, f"U{n}", 10_000 + 1, DAY - timedelta(days=n)) for n in range(7)]
    at = told(small, *rows, bill(small, "AT", 50_005))
    assert at["AT"] == {"beyond_usual"}
    assert told(small, *rows, bill(small, "BELOW", 50_004)) == {}
    # with five others or more a customer has a usual invoice, with four not
    four = [bill(small, f"U{n}", 10_001, DAY - timedelta(days=n)) for n in range(4)]
    assert told(small, *four, bill(small, "BIG", 999_999)) == {}
    assert set(told(small, *four, bill(small, "U4", 10_001), bill(small, "BIG", 999_999))) == {"BIG"}


def test_a_sale_after_insolvency_is_found_and_one_before_is_not(small):
    customers = [small("customer")("A", status="bankrupt")]
    history = [{"customer_id": "A", "attribute": "status", "value": "bankrupt", "valid_from": DAY}]
    rows = (bill(small, "BEFORE", 10_101, DAY - timedelta(days=1)), bill(small, "ON", 10_101, DAY))
    assert told(small, *rows, customers=customers, customer_history=history) == {"ON": {"barred_customer"}}


def test_a_new_customer_s_large_item_and_an_old_one_s(small):
    rows = [*usual(small), bill(small, "NEW", 20_011, customer="N"), bill(small, "OLD", 20_011, customer="O")]
    customers = [small("customer")(code, opened_on=day) for code, day in (
        ("A", "2020-01-01"), ("N", "2026-08-15"), ("O", "2020-01-01"))]  # fmt: skip
    assert told(small, *rows, customers=customers) == {"NEW": {"new_customer"}}


def test_near_the_end_counts_the_last_day_in(small):
    end = date(2026, 10, 31)
    rows = [*usual(small, 20), bill(small, "LAST", 12_001, end), bill(small, "THIRD", 12_001, end - timedelta(days=2)),
            bill(small, "FOURTH", 12_001, end - timedelta(days=3))]  # fmt: skip
    assert told(small, *rows) == {"LAST": {"near_end"}, "THIRD": {"near_end"}}


def test_largest_by_currency_shares_and_what_is_looked_at(small):
    rows = [small("item")(f"I{n}", "invoice", "A", amount, DAY) for n, amount in enumerate((100, 300, 600))]
    rows += [
        small("item")("CR", "credit_memo", "A", -1_000, DAY),
        small("item")("Y", "invoice", "A", 7, DAY, currency="JPY"),
    ]
    book = small("book")(items=rows, applications=[small("apply")("CR", "I2", 600, DAY, kind="credit_memo")])
    found = large_and_unusual(book, scope=small("scope")(), options=LargeAndUnusualOptions(largest=2))
    assert found.largest[["currency", "item_id", "amount", "share"]].to_numpy().tolist() == [
        ["JPY", "Y", 7, "100.0"], ["USD", "CR", -400, "50.0"], ["USD", "I1", 300, "37.5"],
    ]  # fmt: skip
    year = large_and_unusual(
        book,
        scope=small("scope")(),
        options=LargeAndUnusualOptions(of="year"),
        population=Population(side="debits"),
    )
    assert (year.tested, year.parts["items"].sum()) == (4, 5)
    assert (
        large_and_unusual(book, scope=small("scope")(), options=LargeAndUnusualOptions(of="period")).tested
        == 0
    )
    assert large_and_unusual(Book({}), scope=small("scope")(), options=LargeAndUnusualOptions()).items.empty


def test_options_that_cannot_be_are_refused():
    for wrong in ({"of": "all"}, {"times_usual": 1}, {"round_to": "x"}, {"usual_from": 2}, {"largest": -1}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            LargeAndUnusualOptions(**wrong)


def test_the_sample_s_planted_items_are_flagged(small):
    made = generate(seed=7, items=800)
    for entity, currency in CURRENCY.items():
        found = large_and_unusual(Book(made.tables).for_entity(entity), scope=small("scope")(entity, currency),
                                  options=LargeAndUnusualOptions())  # fmt: skip
        flagged = found.flagged.set_index("document_no")["oddities"]
        mine = made.truth[made.truth["entity"].eq(entity)].set_index("kind")["document_no"]
        assert "re_aged" in flagged[mine["re_aged"]]
        assert "misdated" in flagged[mine["misdated"]]
        assert all(identity.holds for identity in found.identities)
