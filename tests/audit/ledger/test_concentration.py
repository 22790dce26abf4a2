"""Concentration: exact shares, groups of one parent joined, own companies outside, thresholds included."""

from __future__ import annotations

from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.audit.ask import Ask
from arlib.audit.ledger.concentration import concentration_of, herfindahl
from arlib.audit.options.ledger import ConcentrationOptions
from arlib.errors import IdentityError, RateError
from arlib.money import total
from arlib.policy import Policies


def measured(book, scope, **options):
    return concentration_of(
        book,
        scope=scope,
        policies=Policies(),
        ask=Ask(kind="concentration", options=ConcentrationOptions(**options)),
    )


def invoice(item, customer, amount, day="2026-10-01", **more):
    return {"item_id": item, "customer_id": customer, "amount": amount, "effective_date": day, **more}


def test_the_index_of_published_markets():
    """US Horizontal Merger Guidelines 2010, section 5.3: shares of 30, 30, 20 and 20 % have an index of 2,600."""
    assert herfindahl([30, 30, 20, 20]) == Fraction(2600, 10_000)
    assert herfindahl([1]) == 1
    assert herfindahl([]) == herfindahl([0, -5]) == 0
    assert herfindahl([7] * 8 + [-100, 0]) == Fraction(1, 8)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.integers(1, 10**15), min_size=1, max_size=20))
def test_the_index_lies_between_equal_and_one(amounts):
    index = herfindahl(amounts)
    assert Fraction(1, len(amounts)) <= index <= 1
    assert index == herfindahl([amount * 3 for amount in reversed(amounts)])
    assert herfindahl([*amounts, *amounts]) == index / 2


@pytest.fixture
def ledger(book):
    return book(
        items=[
            invoice("A", "P", 300),
            invoice("B", "KID", 200),
            invoice("C", "C3", 100, tax_amount=20),
            invoice("D", "C4", 399),
            invoice("E", "OWN", 10_000),
            invoice("F", "LAST", 1),
            invoice("OLD", "C4", 50, "2025-10-31"),
            invoice("FIRST", "C3", 40, "2025-11-01"),
            {
                "item_id": "M",
                "customer_id": "P",
                "item_type": "credit_memo",
                "amount": -60,
                "effective_date": "2026-10-02",
            },
            {
                "item_id": "R",
                "customer_id": "C3",
                "item_type": "receipt",
                "amount": -90,
                "effective_date": "2026-10-02",
            },
        ],
        applications=[
            {"source_item_id": "R", "target_item_id": "FIRST", "amount": 40, "effective_date": "2026-10-02"},
            {"source_item_id": "R", "target_item_id": "OLD", "amount": 50, "effective_date": "2026-10-02"},
        ],
        customers=[
            {"customer_id": "P", "name": "=P"},
            {"customer_id": "KID", "parent_id": "P"},
            {"customer_id": "C3", "is_related_party": True},
            {"customer_id": "C4"},
            {"customer_id": "OWN", "is_intercompany": True, "parent_id": "P"},
            {"customer_id": "LAST"},
        ],
    )


def test_groups_are_one_and_own_companies_are_outside(ledger, seen):
    found = measured(ledger, seen())
    groups = found.parties[found.parties["level"].eq("group")].set_index("party_id")

    assert groups.loc["P", ["members", "balance", "sales"]].tolist() == [2, 500, 440]
    assert groups.loc["P", "balance_share"] == "0.5"
    assert groups.loc["C3", ["balance", "sales"]].tolist() == [
        100,
        120,
    ]  # without tax, and the first day is in
    assert groups.loc["C4", "sales"] == 399  # the day before the year is out
    assert bool(groups.loc["OWN", "is_own_group"])
    assert groups.loc["OWN", ["balance_share", "sales_share"]].isna().all()
    assert groups["rank"].to_dict() == {"P": 1, "C4": 2, "C3": 3, "LAST": 4, "OWN": 5}
    assert bool(groups.loc["C3", "is_related"])
    index = found.index.set_index(["measure", "level"])
    assert index.loc[("balance", "group"), "amount"] == 1000
    assert Fraction(index.loc[("balance", "group"), "herfindahl"]) == Fraction(
        500**2 + 399**2 + 100**2 + 1, 1000**2
    )
    customers = found.parties[found.parties["level"].eq("customer")].set_index("party_id")
    assert customers["balance"].to_dict() == {
        "P": 300,
        "KID": 200,
        "C3": 100,
        "C4": 399,
        "LAST": 1,
        "OWN": 10_000,
    }


def test_a_share_at_the_threshold_is_disclosed_and_one_below_is_not(ledger, seen):
    found = measured(ledger, seen())
    groups = found.parties[found.parties["level"].eq("group")].set_index("party_id")
    assert groups["disclose_balance"].to_dict() == {
        "P": True,
        "C4": True,
        "C3": True,
        "LAST": False,
        "OWN": False,
    }  # C3 at 10 % just
    assert (
        not measured(ledger, seen(), threshold_percent="10.0001")
        .parties.set_index(["level", "party_id"])
        .loc[("group", "C3"), "disclose_balance"]
    )


def test_net_balances_take_credits_off(ledger, seen):
    found = measured(ledger, seen(), balance="net")
    groups = found.parties[found.parties["level"].eq("group")].set_index("party_id")
    assert groups.loc["P", "balance"] == 440
    cover = found.by[found.by["dimension"].eq("cover")]
    assert total(cover["balance"]) == 940


def test_insured_and_secured_by_item_and_by_record(book, seen):
    security = {"currency": "USD", "valid_from": "2026-01-01"}
    made = book(
        items=[
            invoice("A", "C1", 10, is_insured=True),
            invoice("B", "C1", 20),
            invoice("C", "C2", 30),
            invoice("D", "C3", 40),
            invoice("E", "C4", 50),
        ],
        security=[
            {"security_id": "S1", "customer_id": "C2", "kind": "credit_insurance", **security},
            {"security_id": "S2", "customer_id": "C3", "item_id": "D", "kind": "guarantee", **security},
            {"security_id": "S3", "customer_id": "C4", "kind": "set_off", **security},
            {
                "security_id": "S4",
                "customer_id": "C4",
                "kind": "guarantee",
                **security,
                "valid_to": "2026-10-30",
            },
        ],
    )
    by = measured(made, seen()).by.set_index(["dimension", "value"])["balance"]
    assert by.loc["cover"].to_dict() == {"insured": 40, "secured": 40, "neither": 70}


@pytest.mark.parametrize("entity", ["JP01"])
def test_sales_of_the_sample_by_a_query(company, entity):
    book, scope = company[entity]
    found = measured(book, scope)
    connection = duckdb.connect()
    connection.register("items", book["items"])
    rows = connection.execute(
        "select customer_id, coalesce(functional_amount, amount)::bigint, coalesce(tax_amount, 0)::bigint, amount::bigint from items "
        "where entity = $entity and item_type in ('invoice', 'debit_memo', 'credit_memo') "
        "and coalesce(posting_date, effective_date) between $first and $day",
        {"entity": entity, "first": found.sales_from, "day": scope.as_of},
    ).fetchall()
    merges = book["customer_merges"].set_index("old_customer_id")["new_customer_id"].to_dict()
    wanted: dict[str, int] = {}
    for customer, amount, tax, gross in rows:
        share = Fraction(amount * tax, gross)
        half_up = (abs(share) * 2 + 1) // 2 * (1 if share >= 0 else -1)
        code = merges.get(customer, customer)
        wanted[code] = wanted.get(code, 0) + amount - int(half_up)
    customers = found.parties[found.parties["level"].eq("customer")].set_index("party_id")["sales"]
    assert {code: int(value) for code, value in customers.items() if value} == {
        code: value for code, value in wanted.items() if value
    }
    shares = found.parties[found.parties["level"].eq("group") & ~found.parties["is_own_group"]]
    assert abs(sum(map(Fraction, shares["balance_share"])) - 1) < Fraction(1, 10**9)
    assert all(one.holds for one in found.identities)


def test_amounts_that_are_not_known_stop_it(book, seen):
    euro = {"currency": "EUR"}
    with pytest.raises(RateError, match="open items"):
        measured(book(items=[invoice("A", "C1", 5, **euro)]), seen())
    paid = {
        "item_id": "R",
        "item_type": "receipt",
        "customer_id": "C1",
        "amount": -5,
        "effective_date": "2026-10-02",
        **euro,
    }
    clears = {
        "source_item_id": "R",
        "target_item_id": "A",
        "amount": 5,
        "effective_date": "2026-10-02",
        "source_currency": "EUR",
        "target_currency": "EUR",
    }
    with pytest.raises(RateError, match="sales documents"):
        measured(book(items=[invoice("A", "C1", 5, **euro), paid], applications=[clears]), seen())
    assert measured(book(), seen()).parties.empty


def test_a_lost_customer_breaks_an_identity(ledger, seen, monkeypatch):
    import arlib.audit.ledger.concentration as module

    real = module._parties
    monkeypatch.setattr(module, "_parties", lambda *given: real(*given).iloc[1:])
    with pytest.raises(IdentityError):
        measured(ledger, seen())
