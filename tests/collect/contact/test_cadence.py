"""Days since the last contact, who is outside the cadence, and coverage against targets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import duckdb
import pandas as pd
import pytest

from arlib.collect.contact.cadence import account_touches, cadence_identities, item_touches
from arlib.collect.contact.coverage import coverage
from arlib.collect.contact.outside import outside
from arlib.collect.contact.touches import touches
from arlib.policy import ContactPolicy

OLD = {"item_id": "I1", "amount": 100_00, "due_date": "2026-11-30"}  # current, from August
LATE = {"item_id": "I2", "amount": 50_00, "due_date": "2026-09-15"}  # 46 days past due: 31-60


def called(on="2026-10-20", **more):
    return {"occurred_at": f"{on}T15:00:00Z", **more}


def items_of(view):
    return view.ask(item_touches).set_index("item_id")


@pytest.mark.parametrize(("on", "in_time"), [("2026-10-17", True), ("2026-10-16", False)])
def test_the_fourteenth_day_is_in_time_and_the_fifteenth_is_not(world, on, in_time):
    row = items_of(world(items=[OLD], activities=[called(on)])).loc["I1"]
    assert row["is_in_time"] == in_time
    assert row["days_since_contact"] == (date(2026, 10, 31) - date.fromisoformat(on)).days


@pytest.mark.parametrize(("on", "in_time"), [("2026-10-21", True), ("2026-10-20", False)])
def test_past_due_is_touched_more_often_by_bucket(world, on, in_time):
    made = items_of(world(items=[OLD, LATE], activities=[called(on)]))
    assert made["allowed_days"].to_dict() == {"I1": 14, "I2": 10}
    assert made["is_in_time"].to_dict() == {"I1": True, "I2": in_time}
    account = world(items=[OLD, LATE], activities=[called(on)]).ask(account_touches).iloc[0]
    assert (account["allowed_days"], account["is_in_time"]) == (10, in_time)
    assert (account["oldest_bucket"], account["max_days_past_due"]) == ("31-60", 46)
    assert account["days_over"] == (0 if in_time else 1)


def test_a_touch_on_the_item_or_the_account_counts_and_on_another_item_does_not(world):
    made = items_of(world(items=[OLD, LATE], activities=[called(item_id="I1")]))
    assert made["last_contact_on"].notna().to_dict() == {"I1": True, "I2": False}
    view = world(items=[OLD, LATE], activities=[called(item_id="I1")])
    assert view.ask(account_touches).iloc[0]["last_contact_on"] == pd.Timestamp("2026-10-20")
    both = items_of(world(items=[OLD, LATE], activities=[called("2026-10-18"), called("2026-10-25", item_id="I1")]))  # fmt: skip
    assert both["days_since_contact"].to_dict() == {"I1": 6, "I2": 13}


@pytest.mark.parametrize(
    "row", [{"kind": "note"}, {"kind": "email", "outcome": "Bounced "}, {"customer_id": "OTHER"}]
)
def test_what_is_no_contact(world, row):
    view = world(items=[OLD], activities=[called() | row])
    assert pd.isna(items_of(view).loc["I1", "last_contact_on"])


@pytest.mark.parametrize(
    ("at", "on"),
    [
        ("2026-11-01T03:59:59Z", "2026-10-31"),  # a second before midnight in New York
        ("2026-11-01T04:00:00Z", None),
        ("2026-10-31T03:59:59Z", "2026-10-30"),
    ],
)
def test_the_day_is_that_of_the_entity(world, at, on):
    found = items_of(world(items=[OLD], activities=[{"occurred_at": at}])).loc["I1", "last_contact_on"]
    assert (None if pd.isna(found) else str(found.date())) == on


def test_a_knowledge_date_cuts_what_came_after_it(world):
    view = world(items=[OLD | {"entered_at": "2026-08-01T12:00:00Z"}], activities=[called()])
    scope = view.position.scope
    assert len(touches(view.book, scope=scope, policies=view.policies)) == 1
    early = replace(scope, known_at=date(2026, 10, 19))
    assert touches(view.book, scope=early, policies=view.policies).empty


def test_what_was_billed_lately_was_not_neglected(world):
    new = OLD | {"effective_date": "2026-10-17"}
    row = items_of(world(items=[new], activities=[called("2026-09-01")])).loc["I1"]
    assert (row["is_in_time"], row["days_since_contact"], str(row["touch_by"].date())) == (
        True,
        60,
        "2026-10-31",
    )
    older = OLD | {"effective_date": "2026-10-16"}
    assert not items_of(world(items=[older], activities=[called("2026-09-01")])).loc["I1", "is_in_time"]


def test_a_notice_is_a_contact_unless_the_policy_says_no(world):
    rows = {"items": [OLD], "dunning_notices": [{"item_id": "I1"}], "activities": []}
    assert items_of(world(**rows)).loc["I1", "days_since_contact"] == 6
    silent = ContactPolicy(notices_count=False)
    assert pd.isna(items_of(world(contact=silent, **rows)).loc["I1", "days_since_contact"])


def test_books_without_contacts_judge_nothing(world):
    view = world(items=[OLD])
    row = items_of(view).loc["I1"]
    assert pd.isna(row["is_in_time"])
    assert "cannot be judged" in row["what"]
    made = view.ask(coverage)
    assert made["touched"].isna().all()
    assert made["meets"].isna().all()


def test_right_contacts_and_the_next_day_agreed(world):
    acts = [called("2026-10-10", outcome="Promised", next_on="2026-10-30"), called("2026-10-20")]
    row = world(items=[OLD], activities=acts).ask(account_touches).iloc[0]
    assert (row["days_since_contact"], row["days_since_right_contact"]) == (11, 21)
    assert row["next_on"] == pd.Timestamp("2026-10-30")


def test_a_touch_on_a_replaced_item_is_one_on_what_carries_it_on(world):
    gone = {"item_id": "I0", "amount": 100_00}
    away = {"item_id": "T0", "item_type": "transfer", "amount": -100_00}
    rest = {"item_id": "I0-R", "item_type": "chargeback", "amount": 100_00, "replaces": "I0"}
    moved = [
        {"source_item_id": "T0", "target_item_id": "I0", "target_amount": 100_00, "kind": "debit_to_debit"}
    ]
    made = items_of(world(items=[gone, away, rest], applications=moved, activities=[called(item_id="I0")]))
    assert made["days_since_contact"].to_dict() == {"I0-R": 11}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({"customers": [{"customer_id": "ACME", "status": "bankrupt"}]}, "bankrupt"),
        ({"customers": [{"customer_id": "ACME", "status": "estate"}]}, "estate"),
        ({"customers": [{"customer_id": "ACME", "status": "cease_contact"}]}, "cease_contact"),
        ({"customers": [{"customer_id": "ACME", "is_intercompany": True}]}, "intercompany"),
        ({"customers": [{"customer_id": "ACME", "status": "closed"}]}, None),
        ({"holds": [{}]}, "legal_hold"),
        ({"holds": [{"kind": "sanction"}]}, "sanctioned"),
        ({"holds": [{"kind": "audit"}]}, None),
        ({"holds": [{"lifted_on": "2026-10-31"}]}, None),
        ({"holds": [{"lifted_on": "2026-11-01"}]}, "legal_hold"),
        ({"holds": [{"item_id": "OTHER"}]}, None),
        ({"claims": [{}]}, "bankrupt"),
        ({"claims": [{"closed_on": "2026-10-31"}]}, None),
        ({"placements": [{}]}, "placed"),
        ({"placements": [{"recalled_on": "2026-10-31"}]}, None),
        ({"placements": [{"placed_on": "2026-07-31"}]}, None),  # billed since
        ({"placements": [{"item_id": "I1", "placed_on": "2026-11-01"}]}, None),
        ({"control_accounts": [{"account": "1300", "role": "factored"}]}, "sold"),
        ({"collection_exceptions": [{}]}, "own_schedule"),
        ({"collection_exceptions": [{"procedure": "all"}]}, "all"),
        ({"collection_exceptions": [{"procedure": "no_calls"}]}, "no_calls"),
        ({"collection_exceptions": [{"procedure": "no_dunning"}]}, None),
        ({"collection_exceptions": [{"valid_from": "2026-10-31"}]}, "own_schedule"),
        ({"collection_exceptions": [{"valid_from": "2026-11-01"}]}, None),
        ({"collection_exceptions": [{"expires_on": "2026-10-31"}]}, "own_schedule"),
        ({"collection_exceptions": [{"expires_on": "2026-10-30"}]}, None),
        ({"collection_exceptions": [{"item_id": "I2"}]}, None),
    ],
)
def test_who_is_outside_the_procedure(world, rows, reason):
    view = world(items=[OLD | {"control_account": "1300"}], activities=[called()], **rows)
    assert view.ask(outside)["reason"].to_list() == ([reason] if reason else [])


@pytest.mark.parametrize("apart", [True, False])
def test_what_is_apart_is_not_judged_and_counts_all_the_same(world, apart):
    view = world(items=[OLD], activities=[called()], holds=[{}] if apart else [])
    made = view.ask(item_touches)
    assert made["is_in_cadence"].to_list() == [not apart]
    assert made["is_in_time"].isna().to_list() == [apart]
    for identity in cadence_identities(made, position=view.position):
        assert identity.require().left == 100_00
    assert view.ask(coverage)["accounts"].sum() == (0 if apart else 2)  # all, and its collector


def test_what_the_law_says_goes_before_what_was_agreed(world):
    view = world(
        customers=[{"customer_id": "ACME", "status": "bankrupt"}], items=[OLD], collection_exceptions=[{}]
    )
    assert view.ask(outside)[["reason", "is_hard"]].to_dict("records") == [{"reason": "bankrupt", "is_hard": True}]  # fmt: skip


def test_an_item_apart_leaves_the_account_in(world):
    view = world(
        items=[OLD, LATE],
        activities=[called()],
        collection_exceptions=[{"item_id": "I2", "procedure": "all"}],
    )
    account = view.ask(account_touches).iloc[0]
    assert (account["is_in_cadence"], account["oldest_bucket"], account["items"]) == (True, "current", 2)
    assert (account["books_amount"], account["books_outside"]) == (150_00, 50_00)
    assert view.ask(coverage)["books_amount"].sum() == 2 * 100_00


@pytest.mark.parametrize(
    ("days", "band"),
    [(-30, "0-29"), (0, "0-29"), (29, "0-29"), (30, "30-59"), (59, "30-59"), (60, "60-89"), (89, "60-89"), (90, "90+"), (500, "90+")],
)  # fmt: skip
def test_bands_of_coverage(world, days, band):
    due = pd.Timestamp("2026-10-31") - pd.Timedelta(days=days)
    made = world(items=[OLD | {"due_date": str(due.date())}], activities=[called()]).ask(coverage)
    row = made[made["collector"].eq("") & made["accounts"].eq(1)]
    assert row["band"].to_list() == [band]


def five(touched):
    names = [f"C{n}" for n in range(5)]
    return {
        "customers": [{"customer_id": name} for name in names],
        "items": [OLD | {"item_id": f"I{name}", "customer_id": name, "amount": 10_00 * (n + 1)} for n, name in enumerate(names)],
        "activities": [called("2026-10-30", customer_id=name) for name in names[:touched]],
    }  # fmt: skip


@pytest.mark.parametrize(("touched", "meets", "missing"), [(4, True, 0), (3, False, 1), (0, False, 4)])
def test_coverage_against_its_target_by_accounts_and_amount(world, touched, meets, missing):
    made = world(**five(touched)).ask(coverage)
    row = made[made["collector"].eq("") & made["band"].eq("0-29")].iloc[0]
    assert (row["accounts"], row["touched"], row["meets"], row["missing"]) == (5, touched, meets, missing)
    assert Fraction(row["share"]) == Fraction(touched, 5)
    reached = sum(10_00 * (n + 1) for n in range(touched))
    assert (row["books_amount"], row["books_touched"]) == (150_00, reached)
    assert row["amount_meets"] == (Fraction(reached, 150_00) >= Fraction(4, 5))


@pytest.mark.parametrize(
    ("targets", "rate"),
    [
        ([], "0.8"),
        ([{"rate": "0.7"}], "0.7"),
        ([{"rate": "0.7"}, {"rate": "0.6", "bucket": "0-29"}], "0.6"),
        ([{"rate": "0.6", "bucket": "0-29"}, {"rate": "0.5", "collector": "amy"}], "0.5"),
        ([{"rate": "0.7", "period": "2026-Q3"}], "0.8"),
        ([{"rate": "0.7"}, {"rate": "0.65", "period": "2026-10"}], "0.65"),
        ([{"rate": "0.7", "region": "west"}, {"rate": "0.1", "measure": "cei"}], "0.8"),
    ],
)
def test_the_most_specific_target_counts(world, targets, rate):
    made = world(targets=targets, **five(4)).ask(coverage)
    row = made[made["collector"].eq("amy") & made["band"].eq("0-29")].iloc[0]
    assert row["target"] == rate
    assert row["target_from"] == ("targets" if rate != "0.8" else "policy")


def test_an_amount_without_a_rate_counts_as_an_account(world):
    rows = five(0)
    rows["items"][4] |= {"currency": "ISK"}
    view = world(**rows)
    row = view.ask(coverage).set_index(["collector", "band"]).loc[("", "0-29")]
    assert view.position.unrated == ("ISK",)
    assert (row["accounts"], row["books_amount"]) == (5, 100_00)


SQL = """
with touch as (
    select customer_id, coalesce(item_id, '') as item_id, timezone($zone, occurred_at)::date as day
    from activities where entity = $entity and kind in ('call', 'email', 'letter', 'meeting', 'escalation', 'portal')
        and coalesce(lower(trim(outcome)), '') not in ('bounced', 'returned mail', 'wrong address')
    union all
    select customer_id, coalesce(item_id, ''), sent_on::date from notices where entity = $entity
), item as (
    select d.customer_id, d.item_id, d.days_past_due, d.books_amount, d.document_date::date as begins,
        case d.bucket when '31-60' then 10 when '61-90' then 7 when '91-120' then 7 when '121+' then 7 else 14 end as allowed,
        (select max(t.day) from touch t where t.day <= $as_of and t.customer_id = d.customer_id
            and t.item_id in ('', d.item_id)) as last
    from debits d where d.item_id not in (select item_id from apart)
), judged as (
    select *, greatest(begins, coalesce(last, begins)) + allowed >= $as_of as in_time from item
), account as (
    select i.customer_id, max(coalesce(days_past_due, -1)) as age, sum(books_amount) as amount,
        sum(books_amount) filter (in_time) as reached,
        greatest(min(begins), coalesce((select max(t.day) from touch t where t.day <= $as_of and t.customer_id = i.customer_id),
            min(begins))) + min(allowed) >= $as_of as in_time
    from judged i group by i.customer_id
)
select case when age >= 90 then '90+' when age >= 60 then '60-89' when age >= 30 then '30-59' else '0-29' end as band,
    count(*)::bigint, count(*) filter (in_time)::bigint, sum(amount)::bigint, coalesce(sum(reached), 0)::bigint
from account group by band
"""


def test_sql_finds_the_same_coverage_on_the_sample_company(companies):
    for view in companies:
        tables = duckdb.connect()
        tables.execute("set timezone = 'UTC'")
        scope = view.position.scope
        merged = view.book["customer_merges"]
        assert not set(merged["old_customer_id"]) & set(view.book["activities"]["customer_id"])
        named = {"activities": "activities", "dunning_notices": "notices"}
        for name, short in named.items():
            tables.register(short, view.book[name])
        debits = view.position.debits
        columns = ["customer_id", "item_id", "days_past_due", "books_amount", "document_date", "bucket"]
        tables.register("debits", debits[columns])
        tables.register("apart", view.ask(outside)[["item_id"]])
        asked = {"zone": scope.time_zone, "entity": scope.entity, "as_of": scope.as_of}
        found = {row[0]: row[1:] for row in tables.execute(SQL, asked).fetchall()}
        made = view.ask(coverage)
        ours = made[made["collector"].eq("") & made["accounts"].gt(0)]
        columns = ["accounts", "touched", "books_amount", "books_touched"]
        assert {row["band"]: tuple(int(row[name]) for name in columns) for _, row in ours.iterrows()} == found
        by_collector = made[made["collector"].ne("")]
        assert by_collector[columns].sum().to_dict() == ours[columns].sum().to_dict()


def test_the_sample_company_ties_and_its_cases_are_apart(companies, sample):
    truth = sample.truth
    for view in companies:
        for identity in cadence_identities(view.ask(item_touches), position=view.position):
            identity.require()
        apart = view.ask(outside).groupby("customer_id")["is_hard"].all()
        entity = view.position.scope.entity
        never = truth[truth["kind"].eq("never_dunned") & truth["entity"].eq(entity)]
        assert len(never) >= 6
        assert apart.reindex(never["account"]).fillna(False).all()
        kept = truth[truth["kind"].isin(["promise_kept", "order_no_given"]) & truth["entity"].eq(entity)]
        assert not set(kept["account"]) & set(apart.index)


def test_bands_are_a_policy(world):
    one = ContactPolicy(coverage_targets={"0+": Decimal(1)})
    made = world(items=[OLD, LATE], activities=[called()], contact=one).ask(coverage)
    assert made[["band", "accounts"]].to_numpy().tolist() == [["0+", 1], ["0+", 1]]
