"""Exposure and utilisation, holds and releases, raises and lowers: boundaries, planted cases, SQL as a second method."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pandas as pd
import pytest

from arlib.collect.review.credit_review import credit_review, review_identities
from arlib.collect.review.exposure import exposures
from arlib.collect.review.holds import hold_proposals
from arlib.errors import ParameterError
from arlib.policy import CreditReviewPolicy, Policies
from arlib.policy.credit_review import CreditsInExposure, GroupLimit


def policies(**more):
    return Policies(credit_review=CreditReviewPolicy(**more))


def late(days: int) -> str:
    return str(date.fromordinal(date(2026, 10, 31).toordinal() - days))


def reviewed(k, tables, chosen=None, customer="C1", level="customer"):
    made = k.case(tables, chosen).of(credit_review)
    return made[made["level"].eq(level) & made["customer_id"].eq(customer)].iloc[0]


def order(number, amount, **more):
    return {
        "order_no": f"O{number}", "customer_id": "C1", "ordered_on": "2026-10-31", "currency": "USD", "amount": amount,
        "state": "open",
    } | more  # fmt: skip


def test_exposure_by_hand(k):
    """Debits 700, credits 200 with a right of set-off up to 150, orders 300 billed 100, one cancelled, one of tomorrow."""
    tables = {
        "items": [k.invoice("I1", 400_00, "2026-11-30"), k.invoice("I2", 300_00, late(10)), k.cash("R1", 200_00, "2026-10-01")],
        "orders": [
            order(1, 300_00, billed_amount=100_00), order(2, 90_00, cancelled_on="2026-10-31", state="cancelled"),
            order(3, 90_00, ordered_on="2026-11-01"), order(4, 50_00, cancelled_on="2026-11-01", state="cancelled"),
            order(5, 80_00, billed_amount=80_00, state="billed"), order(6, 70_00, cancelled_on="2026-10-31"),
        ],
        "security": [{"security_id": "S1", "customer_id": "C1", "kind": "set_off", "currency": "USD", "amount": 150_00,
                      "valid_from": "2026-01-01"}],
    }  # fmt: skip
    made = reviewed(k, tables)
    assert (made["open_debits"], made["netted_credits"], made["open_orders"]) == (700_00, 150_00, 250_00)
    assert (made["exposure"], made["available"], made["utilisation"]) == (800_00, 200_00, "0.8000")
    assert (made["past_due"], made["max_days_past_due"], made["unapplied"]) == (300_00, 10, 50_00)
    none = reviewed(k, tables, policies(credits=CreditsInExposure.NONE, counts_open_orders=False))
    assert (none["netted_credits"], none["exposure"]) == (0, 700_00)
    everything = reviewed(k, tables, policies(credits=CreditsInExposure.ALL))
    assert (everything["netted_credits"], everything["exposure"]) == (200_00, 750_00)


def test_credits_never_make_an_exposure_negative_and_help_no_other_customer(k):
    tables = {
        "customers": [k.customer("C1"), k.customer("C2")],
        "items": [k.invoice("I1", 10_00, late(0)), k.cash("R1", 50_00, "2026-10-01"), k.invoice("I2", 70_00, late(0), "C2")],
    }  # fmt: skip
    chosen = policies(credits=CreditsInExposure.ALL)
    assert reviewed(k, tables, chosen)["exposure"] == 0
    assert reviewed(k, tables, chosen, "C2")["exposure"] == 70_00


@pytest.mark.parametrize(("exposure", "says"), [(1_100_00, "keep"), (1_100_01, "hold")])
def test_a_limit_is_exceeded_only_above_the_share(k, exposure, says):
    made = reviewed(k, {"items": [k.invoice("I1", exposure, "2026-11-30")]})
    assert made["recommendation"] == says


def test_late_amounts_hold_from_their_day_and_amount_on(k):
    cases = {(60, 1_000_00): "hold", (59, 1_000_00): "keep", (60, 999_99): "keep", (61, 5_000_00): "hold"}
    tables = {
        "customers": [k.customer(f"C{n}", 9_000_00) for n in range(len(cases))],
        "items": [k.invoice(f"I{n}", amount, late(days), f"C{n}") for n, (days, amount) in enumerate(cases)],
    }
    made = k.case(tables).of(credit_review)
    assert made["recommendation"].tolist() == list(cases.values())
    assert "60 days past due or more, the oldest 61 days" in made["reason"].iloc[3]


def test_the_disputed_part_holds_nothing(k):
    tables = {
        "customers": [k.customer("C1", 9_000_00)], "items": [k.invoice("I1", 1_500_00, late(90))],
        "disputes": [{"dispute_id": "D1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 600_00,
                      "opened_on": "2026-10-01", "reason": "price"}],
    }  # fmt: skip
    assert reviewed(k, tables)["recommendation"] == "keep"  # 900 is left, less than 1,000
    closed = {**tables, "disputes": [tables["disputes"][0] | {"closed_on": "2026-10-31"}]}
    assert reviewed(k, closed)["recommendation"] == "hold"
    account = {**tables, "disputes": [tables["disputes"][0] | {"item_id": None}]}
    assert reviewed(k, account)["recommendation"] == "keep"


def test_unapplied_cash_that_cures_it_is_applied_first(k):
    tables = {
        "customers": [k.customer("C1", 9_000_00)],
        "items": [k.invoice("I1", 1_500_00, late(90)), k.cash("R1", 600_00, "2026-10-20")],
    }
    made = reviewed(k, tables)
    assert made["recommendation"] == "keep"
    assert made["reason"].startswith("Apply USD 600.00 of the customer's own credits and cash first")
    tables["items"][1] = k.cash("R1", 500_00, "2026-10-20")  # 1,000 would be left
    assert reviewed(k, tables)["recommendation"] == "hold"


def test_a_hold_is_released_when_nothing_stands_against_it(k):
    cases = [
        (100_00, 30, "active", "release"), (5_000_00, 30, "active", "keep"),  # above its limit of 1,000
        (1_000_00, 31, "active", "keep"), (999_99, 31, "active", "release"), (1, 30, "closed", "keep"),
        (1_000_00, 30, "active", "release"),
    ]  # fmt: skip
    tables = {
        "customers": [
            k.customer(f"C{n}", is_on_credit_hold=True, credit_hold_since="2026-09-01", status=status)
            for n, (_, _, status, _) in enumerate(cases)
        ],
        "items": [
            k.invoice(f"I{n}", amount, late(days), f"C{n}") for n, (amount, days, _, _) in enumerate(cases)
        ],
    }
    made = k.case(tables).of(credit_review)
    assert made["recommendation"].tolist() == [says for *_, says in cases]
    assert made["is_on_hold"].all()


def test_a_hold_of_tomorrow_is_none_today(k):
    held = k.customer("C1", is_on_credit_hold=True, credit_hold_since="2026-11-01")
    assert not reviewed(k, {"customers": [held]})["is_on_hold"]


def test_no_limit_says_so_and_is_not_zero(k):
    tables = {"customers": [k.customer("C1", None)], "items": [k.invoice("I1", 700_00, "2026-11-30")]}
    made = reviewed(k, tables)
    assert (made["limit_from"], made["recommendation"]) == ("none", "set_limit")
    assert made[["utilisation", "credit_limit"]].isna().all()
    assert made["proposed_limit"] == 1_000_00  # 700 and a quarter on top, up to the next 500
    assert made["reason"] == "No limit is given, and USD 700.00 is owed or ordered."
    zero = reviewed(k, {**tables, "customers": [k.customer("C1", 0)]})
    assert (zero["limit_from"], zero["recommendation"]) == ("own", "hold")
    assert pd.isna(zero["utilisation"])


def good(k, customer="C1", amount=1_000_00):
    days = ("2026-03-31", "2026-05-31", "2026-08-31", "2026-09-30")
    return k.together(*(k.paid(n, amount, day, day, customer) for n, day in enumerate(days)))


def test_a_good_payer_is_raised_up_to_what_the_policy_and_a_bureau_allow(k):
    tables = k.together(
        good(k), {"items": [k.invoice("I9", 800_00, "2026-11-30")], "customers": [k.customer("C1")]}
    )
    made = reviewed(k, tables)
    assert (made["recommendation"], made["proposed_limit"]) == (
        "raise",
        1_500_00,
    )  # half as much again at most
    report = {"customer_id": "C1", "provider": "B", "kind": "bureau", "reported_on": "2026-10-01", "currency": "USD",
              "recommended_limit": 1_200_00}  # fmt: skip
    assert (
        reviewed(k, {**tables, "bureau_reports": [report]})["recommendation"] == "keep"
    )  # 1,000 in whole steps
    stale = report | {"reported_on": "2025-10-30"}
    assert reviewed(k, {**tables, "bureau_reports": [stale]})["proposed_limit"] == 1_500_00
    tables["items"][-1] = k.invoice("I9", 799_99, "2026-11-30")
    assert reviewed(k, tables)["recommendation"] == "keep"  # just below 80 % used


def test_a_good_payer_above_its_limit_is_raised_rather_than_held(k):
    tables = k.together(
        good(k), {"items": [k.invoice("I9", 1_200_00, "2026-11-30")], "customers": [k.customer("C1")]}
    )
    made = reviewed(k, tables)
    assert (made["recommendation"], made["proposed_limit"]) == ("raise", 1_500_00)
    assert "raise the limit, or hold" in made["reason"]
    tables["items"][-1] = k.invoice("I9", 1_600_00, "2026-11-30")  # more than the highest raise
    assert reviewed(k, tables)["recommendation"] == "hold"


def test_a_bad_payer_and_an_idle_limit_are_lowered(k):
    days = (
        ("2026-01-31", "2026-05-31"),
        ("2026-02-28", "2026-06-30"),
        ("2026-03-31", "2026-08-31"),
        ("2026-04-30", "2026-10-15"),
    )
    bad = k.together(*(k.paid(n, 100_00, due, on) for n, (due, on) in enumerate(days)),
                     {"items": [k.invoice("I9", 120_00, "2026-10-20")], "customers": [k.customer("C1", 5_000_00)]})  # fmt: skip
    made = reviewed(k, bad)
    assert made["score"] <= 40
    assert (made["recommendation"], made["proposed_limit"]) == ("lower", 500_00)
    idle = k.together(good(k, amount=100_00), {"customers": [k.customer("C1", 5_000_00)]})
    made = reviewed(k, idle)
    assert (made["recommendation"], made["proposed_limit"]) == ("lower", 500_00)
    assert made["reason"] == "Never used more than USD 100.00 of it in 12 months."


def test_limits_in_another_currency_and_money_without_a_rate(k):
    rates = [
        {
            "date": "2026-10-31",
            "base": "EUR",
            "quote": "USD",
            "rate": "1.25",
            "kind": "closing",
            "source": "bank",
        }
    ]
    tables = {
        "customers": [k.customer("C1", 1_000_00, limit_currency="EUR")], "fx_rates": rates,
        "items": [k.invoice("I1", 1_000_00, "2026-11-30"), k.invoice("I2", 300_00, "2026-11-30", currency="EUR")],
    }  # fmt: skip
    made = reviewed(k, tables)
    assert (made["exposure"], made["limit_in_books"], made["utilisation"]) == (1_375_00, 1_250_00, "1.1000")
    assert made["recommendation"] == "keep"
    tables["items"].append(k.invoice("I3", 10_00, "2026-11-30", currency="GBP"))
    unrated = reviewed(k, tables)
    assert unrated["exposure"] == 1_375_00
    assert unrated["note"].startswith("GBP 10.00 open has no closing rate and is in no figure")
    no_rate = reviewed(k, {**tables, "fx_rates": []})
    assert pd.isna(no_rate["limit_in_books"])
    assert "no closing rate" in no_rate["reason"]


def test_insurance_and_other_security_by_hand(k):
    """90 % of 700 above 100 is 540; a guarantee takes 100 of what is left; one that ended yesterday takes none."""
    tables = {
        "items": [k.invoice("I1", 700_00, "2026-11-30")],
        "security": [
            {"security_id": "A", "customer_id": "C1", "kind": "credit_insurance", "currency": "USD", "amount": 900_00,
             "cover_rate": "0.9", "deductible": 100_00, "valid_from": "2026-01-01", "valid_to": "2026-10-31"},
            {"security_id": "B", "customer_id": "C1", "kind": "guarantee", "currency": "USD", "amount": 100_00,
             "valid_from": "2026-01-01"},
            {"security_id": "C", "customer_id": "C1", "kind": "guarantee", "currency": "USD", "valid_from": "2026-01-01",
             "valid_to": "2026-10-30"},
            {"security_id": "D", "customer_id": "C1", "kind": "guarantee", "currency": "GBP", "valid_from": "2026-01-01"},
        ],
    }  # fmt: skip
    made = reviewed(k, tables)
    assert (made["insured"], made["secured"]) == (540_00, 100_00)


def test_groups_take_all_their_accounts_and_one_limit(k):
    tables = {
        "customers": [k.customer("P", 1_000_00), k.customer("C1", 500_00, parent_id="P"), k.customer("C2", 300_00, parent_id="P")],
        "items": [k.invoice("I1", 700_00, late(5), "C1"), k.invoice("I2", 900_00, late(70), "C2")],
    }  # fmt: skip
    made = reviewed(k, tables, customer="P", level="parent")
    assert (made["accounts"], made["exposure"], made["credit_limit"]) == (3, 1_600_00, 1_800_00)
    assert (made["limit_from"], made["max_days_past_due"], made["utilisation"]) == ("members", 70, "0.8889")
    own = reviewed(k, tables, policies(group_limit=GroupLimit.PARENT), "P", "parent")
    assert (own["credit_limit"], own["utilisation"], own["recommendation"]) == (1_000_00, "1.6000", "hold")
    tables["customers"][2] = k.customer("C2", None, parent_id="P")
    none = reviewed(k, tables, customer="P", level="parent")
    assert (none["limit_from"], none["reason"]) == ("none", "The group has no limit: none is given for C2.")


def test_companies_of_the_group_are_never_held(k):
    tables = {
        "customers": [k.customer("C1", is_intercompany=True)],
        "items": [k.invoice("I1", 9_000_00, late(400))],
    }
    assert reviewed(k, tables)["recommendation"] == "not_reviewed"
    assert k.case(tables).of(hold_proposals).empty


@pytest.mark.parametrize(
    ("last", "procedure", "spared"),
    [
        ("2026-10-31", "no_credit_hold", True),
        ("2026-10-30", "no_credit_hold", False),
        (None, "all", True),
        (None, "no_calls", False),
    ],
)
def test_an_exception_in_force_spares_the_hold(k, last, procedure, spared):
    tables = {
        "items": [k.invoice("I1", 9_000_00, late(100))],
        "collection_exceptions": [{"exception_id": "X1", "customer_id": "C1", "procedure": procedure, "reason": "=1+1",
                                   "owner": "cfo", "valid_from": "2026-10-31", "expires_on": last}],
    }  # fmt: skip
    made = k.case(tables).of(hold_proposals).iloc[0]
    assert (made["action"], made["is_spared"], made["over_limit"]) == ("hold", spared, 8_000_00)
    assert ("owner cfo" in made["spared_because"]) is spared


def arranged(k, due, **limit):
    return {
        "customers": [k.customer("C1", **limit)], "items": [k.invoice("I1", 5_000_00, late(100))],
        "plans": [{"plan_id": "L1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 5_000_00,
                   "agreed_on": "2026-09-01", "state": "running"}],
        "plan_instalments": [{"plan_id": "L1", "instalment_no": 1, "due_date": due, "currency": "USD", "amount": 5_000_00}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("due", "limit", "beside", "spared", "warned"),
    [
        ("2026-11-20", 90_000_00, 0, True, False),
        ("2026-11-20", 90_000_00, 999_99, True, False),
        ("2026-11-20", 90_000_00, 1_000_00, False, True),  # enough is late beside the arrangement
        ("2026-11-20", 1_000_00, 0, False, True),  # above its limit
        ("2026-09-20", 90_000_00, 0, False, False),  # an instalment is missed
    ],
)
def test_who_keeps_an_arrangement_is_not_held_for_the_debt_on_it(k, due, limit, beside, spared, warned):
    tables = arranged(k, due, limit=limit)
    if beside:
        tables["items"].append(k.invoice("I2", beside, late(60)))
    made = k.case(tables).of(hold_proposals).iloc[0]
    words = "keeps its payment arrangement L1 of 2026-09-01, next USD 5,000.00 on 2026-11-20"
    assert (made["action"], made["is_spared"]) == ("hold", spared)
    assert made["spared_because"] == (words if spared else "")
    assert (words in made["reason"]) is warned


def test_what_the_sample_plants(k):
    """Above its limit: hold; on hold and paid: release; rightly on hold: stays. At the monthly and the weekly close."""
    for entity, as_of in (("US01", k.AS_OF), ("UK01", k.AS_OF), ("JP01", date(2026, 11, 1))):
        made = k.sample(entity, as_of).of(hold_proposals).set_index("customer_id")["action"]
        assert {made[code] for code in k.planted(entity, "limit_exceeded")} == {"hold"}
        assert {made[code] for code in k.planted(entity, "hold_to_release")} == {"release"}
        assert not k.planted(entity, "on_hold_rightly") & set(made.index)


def test_ties_to_the_aging_and_to_sql(k):
    for entity in ("US01", "UK01", "JP01"):
        sample = k.sample(entity)
        made = sample.of(credit_review)
        assert all(identity.holds for identity in review_identities(made, position=sample.position))
        assert sum(identity.left for identity in review_identities(made, position=sample.position)) > 0
        connection = duckdb.connect()
        for name in (
            "items",
            "applications",
            "orders",
            "customers",
            "fx_rates",
            "customer_merges",
            "customer_history",
        ):
            connection.register(name, sample.book[name])
        places = {"USD": 2, "GBP": 2, "JPY": 0, "EUR": 2, "CAD": 2}
        connection.register("places", pd.DataFrame({"code": list(places), "places": list(places.values())}))
        own = sample.position.currency
        theirs = (
            connection.sql(f"""
          with app as (select * from applications where coalesce(posting_date, effective_date) <= date '2026-10-31'),
          rest as (
            select i.item_id, coalesce(m.new_customer_id, i.customer_id) as customer, i.currency,
              (case when coalesce(i.posting_date, i.effective_date) <= date '2026-10-31' then i.amount else 0 end)
              - coalesce((select sum(target_amount + coalesce(discount, 0)) from app where target_item_id = i.item_id), 0)
              + coalesce((select sum(source_amount) from app where source_item_id = i.item_id), 0) as open
            from items i left join customer_merges m on m.old_customer_id = i.customer_id and m.merged_on <= date '2026-10-31'),
          rate as (
            select base as code, cast(rate as decimal(18, 9)) as rate from fx_rates
            where quote = '{own}' and kind = 'closing' and date = date '2026-10-31'
            union all select '{own}', 1),
          limits as (
            select c.customer_id, coalesce(
              (select cast(round(cast(h.value as decimal(18, 2)) * power(10, p.places)) as bigint) from customer_history h
               where h.customer_id = c.customer_id and h.attribute = 'credit_limit' and h.valid_from <= date '2026-10-31'
               order by h.valid_from desc limit 1), c.credit_limit) as credit_limit
            from customers c left join places p on p.code = c.limit_currency),
          owed as (
            select r.customer, sum(round(r.open * e.rate * power(10, o.places) / power(10, p.places))) as debits
            from rest r join rate e on e.code = r.currency join places p on p.code = r.currency
            join places o on o.code = '{own}' where r.open > 0 group by 1),
          ordered as (
            select customer_id, sum(amount - coalesce(billed_amount, 0)) as orders from orders
            where state in ('open', 'held') and ordered_on <= date '2026-10-31' group by 1)
          select l.customer_id, cast(coalesce(o.debits, 0) as bigint) as debits,
                 cast(coalesce(r.orders, 0) as bigint) as orders, cast(l.credit_limit as bigint) as credit_limit
          from limits l left join owed o on o.customer = l.customer_id
          left join ordered r on r.customer_id = l.customer_id order by 1
        """)
            .df()
            .set_index("customer_id")
        )
        mine = made[made["level"].eq("customer") & made["customer_id"].ne("")].set_index("customer_id")
        assert len(mine) > 30
        for code, row in mine.iterrows():
            other = theirs.loc[code]
            assert (row["open_debits"], row["open_orders"], row["credit_limit"]) == tuple(other), code
            used = Decimal(int(other["debits"] - row["netted_credits"] + other["orders"])) / int(
                other["credit_limit"]
            )
            assert abs(Decimal(row["utilisation"]) - used) <= Decimal("0.00005")


def test_debits_without_a_customer_stay_in_the_sums(k):
    tables = {"items": [k.invoice("I1", 10_00, late(1), pd.NA), k.invoice("I2", 5_00, late(1))]}
    case = k.case(tables)
    made = case.of(credit_review)
    assert made["customer_id"].tolist() == ["", "C1"]
    assert all(identity.holds for identity in review_identities(made, position=case.position))
    assert case.of(exposures)["open_debits"].sum() == 15_00


@pytest.mark.parametrize(
    "given",
    [{"raise_max_rate": Decimal("0.9")}, {"release_days_past_due": 61}, {"limit_step": Decimal(0)},
     {"step_of": {"JPY": Decimal(-1)}}, {"review_months": -1}],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused(given):
    with pytest.raises(ParameterError):
        CreditReviewPolicy(**given)
