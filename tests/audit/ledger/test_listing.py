"""The listing: its total is the aging's, its ties are the ledger's, and what is late, foreign or disputed is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.audit.ask import Ask
from arlib.audit.ledger.listing import TRIAL_BALANCE, listing_of
from arlib.audit.ledger.population import split
from arlib.audit.options.ledger import ListingOptions
from arlib.audit.population import Population
from arlib.controls import Status
from arlib.errors import IdentityError
from arlib.ledger.tieout import tie_out
from arlib.money import total
from arlib.policy import Basis, Policies

ASK = Ask(kind="listing", options=ListingOptions())
OPEN_BY_SQL = """
    with moved as (
        select target_item_id as item_id, -(target_amount + coalesce(discount, 0)) as amount from applications
        where entity = $entity and coalesce(posting_date, effective_date) <= $day
        union all
        select source_item_id, source_amount from applications
        where entity = $entity and coalesce(posting_date, effective_date) <= $day
        union all
        select item_id, amount from items where entity = $entity and coalesce(posting_date, effective_date) <= $day
    )
    select currency, sum(m.amount)::bigint from moved m
    join items i on i.item_id = m.item_id and i.entity = $entity group by 1
"""


def listed(book, scope, **population):
    return listing_of(
        book, scope=scope, policies=Policies(), ask=replace(ASK, population=Population(**population))
    )


@pytest.mark.parametrize("entity", ["UK01", "JP01"])
def test_the_total_is_that_of_a_query_and_the_ties_are_those_of_the_ledger(company, entity):
    book, scope = company[entity]
    found = listed(book, scope)

    connection = duckdb.connect()
    connection.register("items", book["items"])
    connection.register("applications", book["applications"])
    by_sql = dict(connection.execute(OPEN_BY_SQL, {"entity": entity, "day": scope.as_of}).fetchall())
    ours = {code: total(part["outstanding"]) for code, part in found.items.groupby("currency")}
    assert ours == {code: amount for code, amount in by_sql.items() if code in ours}
    assert not any(amount for code, amount in by_sql.items() if code not in ours)

    tied = tie_out(book, scope=scope)
    assert [one.difference for one in found.controls if one.name == "control_account"] == [
        one.difference for one in tied.controls
    ]
    stated = book["gl_balances"].query("as_of == @scope.as_of").set_index("account")["balance"].to_dict()
    trial = {one.account: one for one in found.controls if one.name == TRIAL_BALANCE}
    assert {account: one.left for account, one in trial.items()} == {
        account: stated[account] for account in trial
    }
    assert {one.status for one in trial.values()} <= {Status.TIED, Status.EXPLAINED}
    gaps = {one.account: one.explained for one in trial.values() if one.difference}
    causes = found.found.causes.groupby("account")["amount"].sum().to_dict()
    assert gaps == {account: amount for account, amount in causes.items() if amount}
    assert found.tie.set_index("account")["listing"].to_dict() == {
        account: one.right for account, one in trial.items()
    }


def test_without_a_balance_of_that_very_date_the_trial_balance_is_not_run(company, seen):
    book, _ = company["US01"]
    found = listed(book, seen("2026-10-15", entity="US01"))

    trial = [one for one in found.controls if one.name == TRIAL_BALANCE]
    assert {one.status for one in trial} == {Status.NO_INPUT}
    assert all("its last one is of 2026-09-30" in one.note for one in trial)
    assert found.tie["trial_balance"].isna().all()
    assert found.tie["ledger"].notna().any()  # the ledger's own lines still tie


def test_a_listing_goes_by_ledger_date_whatever_the_scope(book, seen):
    made = book(
        items=[{"item_id": "A", "amount": 1, "effective_date": "2026-11-01", "posting_date": "2026-10-31"}]
    )
    assert listed(made, seen(basis=Basis.EFFECTIVE)).items["item_id"].tolist() == ["A"]


def test_what_was_entered_later_is_named_and_its_twin_is_not(book, seen):
    made = book(
        features=("entry_times",),
        items=[
            {
                "item_id": "IN",
                "amount": 1000,
                "effective_date": "2026-10-20",
                "entered_at": "2026-10-20T08:00:00Z",
            },
            {
                "item_id": "LATE",
                "amount": 700,
                "effective_date": "2026-10-30",
                "entered_at": "2026-11-02T08:00:00Z",
                "user": "ann",
            },
            {
                "item_id": "EVE",
                "amount": 50,
                "effective_date": "2026-10-31",
                "entered_at": "2026-10-31T23:59:59Z",
            },
            {
                "item_id": "PAY",
                "item_type": "receipt",
                "amount": -400,
                "effective_date": "2026-10-21",
                "entered_at": "2026-10-21T08:00:00Z",
            },
        ],
        applications=[
            {
                "source_item_id": "PAY",
                "target_item_id": "IN",
                "amount": 400,
                "effective_date": "2026-10-21",
                "entered_at": "2026-11-03T08:00:00Z",
            }
        ],
    )
    found = listed(made, seen())

    assert found.late[["fact", "item_id", "amount"]].to_numpy().tolist() == [
        ["application", "IN", -400], ["application", "PAY", 400], ["item", "LATE", 700],
    ]  # fmt: skip
    assert found.late["user"].dropna().tolist() == ["ann"]
    assert total(found.items["outstanding"]) == 1350
    assert any(one.name == "listing as known at the date" and one.left == 1350 for one in found.identities)
    assert listed(made, seen("2026-11-03")).late.empty

    untold = book(items=[{"item_id": "IN", "amount": 1000, "effective_date": "2026-10-20"}])
    assert not listed(untold, seen()).knows_entry_times


def test_disputes_rates_hedges_and_advances(book, seen):
    foreign = {
        "currency": "EUR",
        "amount": 10_000,
        "functional_amount": 10_500,
        "effective_date": "2026-10-01",
    }
    made = book(
        items=[
            {"item_id": "E1", **foreign},
            {"item_id": "E2", **foreign, "is_hedged": True},
            {
                "item_id": "E3",
                **foreign,
                "item_type": "prepayment",
                "amount": -1000,
                "functional_amount": -1050,
            },
            {"item_id": "K1", **foreign, "currency": "KWD"},
            {"item_id": "U1", "amount": 5, "effective_date": "2026-10-01"},
        ],
        disputes=[
            {
                "dispute_id": f"D{n}",
                "customer_id": "C1",
                "item_id": item,
                "currency": "EUR",
                "amount": 1,
                "opened_on": opened,
                "closed_on": closed,
                "reason": "price",
            }
            for n, (item, opened, closed) in enumerate(
                [
                    ("E1", "2026-10-31", None),
                    ("E1", "2026-10-02", "2026-11-01"),
                    ("E2", "2026-10-02", "2026-10-31"),
                    ("U1", "2026-11-01", None),
                ]
            )
        ],
        fx_rates=[
            {
                "date": "2026-10-30",
                "base": "EUR",
                "quote": "USD",
                "rate": "1.1",
                "kind": "closing",
                "source": "bank",
            }
        ],
    )
    found = listed(made, seen())
    items = found.items.set_index("item_id")

    assert items["is_disputed"].to_dict() == {"E1": True, "E2": False, "E3": False, "K1": False, "U1": False}
    assert items.loc["E1", "disputes"] == "D0 D1"
    assert items["at_rate"].astype(object).where(items["at_rate"].notna(), None).to_dict() == {
        "E1": 11_000, "E2": 10_500, "E3": -1050, "K1": None, "U1": 5,
    }  # fmt: skip
    assert items.loc["E1", "rate_from"] == "closing EUR/USD of 2026-10-30, bank"
    assert found.unrated == ("KWD",)
    euro = found.foreign.set_index("currency").loc["EUR"]
    assert (euro["outstanding"], euro["hedged"], euro["not_booked"]) == (19_000, 10_000, 500)
    assert found.foreign.set_index("currency").loc["KWD", "rate_from"].startswith("no closing rate")
    older = listing_of(
        made, scope=seen(), policies=Policies(), ask=replace(ASK, options=ListingOptions(rate_max_age_days=0))
    )
    assert older.unrated == ("EUR", "KWD")


def test_a_book_without_ledger_or_accounts_says_so(book, seen):
    found = listed(
        book(items=[{"item_id": "I1", "amount": 5, "effective_date": "2026-10-01", "control_account": None}]),
        seen(),
    )

    assert {one.status for one in found.controls if one.name in ("control_account", TRIAL_BALANCE)} == {
        Status.NO_INPUT
    }
    assert found.tie["listing"].tolist() == [5]
    assert listed(book(), seen()).items.empty


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    amounts=st.lists(st.integers(-10_000, 10_000).filter(bool), max_size=12), side=st.sampled_from(["all", "debits", "credits"]),
    least=st.sampled_from(["", "0.01", "50", "99.99"]), currencies=st.sampled_from([(), ("USD",), ("JPY", "USD")]),
)  # fmt: skip
def test_asked_about_and_left_out_are_all(amounts, side, least, currencies):
    codes = ["USD", "JPY", "EUR"]
    rows = pd.DataFrame({
        "item_type": "invoice", "customer_id": "C1", "control_account": "1200",
        "currency": pd.Series([codes[n % 3] for n in range(len(amounts))], dtype="str"), "outstanding": pd.Series(amounts, dtype="Int64"),
    })  # fmt: skip
    part = split(
        rows, Population(side=side, at_least=least, currencies=currencies), amount="outstanding", entity="E1"
    )

    assert all(one.holds for one in part.identities)
    assert int(part.sums["asked_rows"].sum() + part.sums["other_rows"].sum()) == len(amounts)
    assert int(part.mask.sum()) == int(part.sums["asked_rows"].sum())
    for value, code, inside in zip(amounts, rows["currency"], part.mask, strict=True):
        wanted = (side == "all" or (value > 0) == (side == "debits")) and (
            not currencies or code in currencies
        )
        units = abs(value) / (1 if code == "JPY" else 100)
        assert inside == (wanted and (not least or units >= float(least) - 1e-9))


def test_the_population_limits_what_is_asked_and_not_what_is_tied(company):
    book, scope = company["US01"]
    found = listed(book, scope, currencies=("EUR",), side="debits")

    assert set(found.items.loc[found.items["is_asked"], "currency"]) == {"EUR"}
    assert (found.items.loc[found.items["is_asked"], "outstanding"] > 0).all()
    assert total(found.tie["listing"]) == sum(
        one.right for one in found.controls if one.name == "control_account"
    )
    assert all(one.holds for one in found.identities)


def test_a_lost_item_breaks_an_identity(book, seen, monkeypatch):
    import arlib.audit.ledger.listing as module

    made = book(items=[{"item_id": f"I{n}", "amount": n, "effective_date": "2026-10-01"} for n in (1, 2)])
    real = module.age_items
    monkeypatch.setattr(
        module, "age_items", lambda items, **given: real(items.iloc[1:].reset_index(drop=True), **given)
    )
    with pytest.raises(IdentityError):
        listed(made, seen())


def test_dates_at_both_ends(book, seen):
    made = book(items=[
        {"item_id": "A", "amount": 1, "effective_date": "2026-10-31"}, {"item_id": "B", "amount": 2, "effective_date": "2026-11-01"},
        {"item_id": "C", "amount": 4, "effective_date": "2026-11-01", "posting_date": "2026-10-31"},
    ])  # fmt: skip
    found = listed(made, seen())
    assert found.items["item_id"].tolist() == ["A", "C"]
    assert found.bridge["item_id"].tolist() == ["C"]
    assert date(2026, 10, 31) == seen().as_of
