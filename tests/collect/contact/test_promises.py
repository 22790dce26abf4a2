"""Promises are judged from the ledger: by day, by amount, net of returns, and no cash twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.collect.contact.promises import judged_promises, promises_kept
from arlib.errors import ParameterError
from arlib.policy import ContactPolicy

INVOICE = {"item_id": "I1", "amount": 100_00}


def cash(item_id="R1", amount=100_00, on="2026-10-10", **more):
    return {"item_id": item_id, "item_type": "receipt", "amount": -amount, "effective_date": on, "due_date": None, **more}  # fmt: skip


def paid(amount=100_00, on="2026-10-10", source="R1", target="I1", **more):
    return {"source_item_id": source, "target_item_id": target, "target_amount": amount, "effective_date": on, **more}  # fmt: skip


def promise(**more):
    return {"item_id": "I1", "amount": 100_00, **more}


def only(made):
    assert len(made) == 1
    return made.iloc[0]


@pytest.mark.parametrize(
    ("on", "state"),
    [
        ("2026-10-04", "not_owed"),  # the day before it was given
        ("2026-10-05", "kept"),
        ("2026-10-15", "kept"),
        ("2026-10-18", "kept"),  # last day of grace
        ("2026-10-19", "broken"),
    ],
)
def test_both_ends_of_the_time_are_in(world, on, state):
    made = only(world(items=[INVOICE, cash(on=on)], applications=[paid(on=on)], promises=[promise()]).ask(judged_promises))  # fmt: skip
    assert made["state"] == state
    assert made["judged_on"] == pd.Timestamp("2026-10-19")
    assert made["grace_ends_on"] == pd.Timestamp("2026-10-18")
    assert made["paid"] == (100_00 if state == "kept" else 0)


@pytest.mark.parametrize(("as_of", "state"), [(date(2026, 10, 18), "open"), (date(2026, 10, 19), "broken")])
def test_open_until_the_last_day_of_grace_is_over(world, as_of, state):
    assert only(world(items=[INVOICE], promises=[promise()], as_of=as_of).ask(judged_promises))["state"] == state  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "state"),
    [(100_00, "kept"), (99_99, "partly"), (10_00, "partly"), (9_99, "broken"), (0, "broken")],
)
def test_amount_rule(world, amount, state):
    facts = {"applications": [paid(amount)]} if amount else {}
    made = only(world(items=[INVOICE, cash()], promises=[promise()], **facts).ask(judged_promises))
    assert made["state"] == state
    assert made["left"] == 100_00 - amount
    assert Decimal(made["paid_rate"]) == Decimal(amount) / 10000


def test_amount_rule_is_a_policy_and_exact(world):
    third = ContactPolicy(promise_kept_rate=Decimal("0.95"), promise_partly_rate=Decimal("0.5"))
    rows = {"items": [INVOICE, cash()], "promises": [promise()], "contact": third}
    assert only(world(applications=[paid(95_00)], **rows).ask(judged_promises))["state"] == "kept"
    assert only(world(applications=[paid(94_99)], **rows).ask(judged_promises))["state"] == "partly"
    assert only(world(applications=[paid(49_99)], **rows).ask(judged_promises))["state"] == "broken"


def test_kept_at_once_and_open_with_a_part(world):
    early = {"as_of": date(2026, 10, 12), "items": [INVOICE, cash()], "promises": [promise()]}
    assert only(world(applications=[paid()], **early).ask(judged_promises))["state"] == "kept"
    part = only(world(applications=[paid(40_00)], **early).ask(judged_promises))
    assert (part["state"], part["left"], part["open_now"]) == ("open", 60_00, 60_00)
    assert "40.00 %" in part["what"]


def test_a_return_takes_the_money_off_from_its_day_on(world):
    rows = {
        "items": [INVOICE, cash(), cash("R1X", -100_00, "2026-10-25", reverses="R1")],
        "applications": [
            paid(application_id="A1"), paid(-100_00, "2026-10-25", application_id="A2", reverses="A1"),
        ],
        "promises": [promise()],
    }  # fmt: skip
    assert only(world(as_of=date(2026, 10, 24), **rows).ask(judged_promises))["state"] == "kept"
    assert only(world(as_of=date(2026, 10, 25), **rows).ask(judged_promises))["state"] == "broken"


def test_a_reversal_that_names_nothing_takes_off_too(world):
    applied = [paid(application_id="A1"), paid(-70_00, "2026-10-25", application_id="A2")]
    made = only(world(items=[INVOICE, cash()], applications=applied, promises=[promise()]).ask(judged_promises))  # fmt: skip
    assert (made["state"], made["paid"]) == ("partly", 30_00)


def test_a_reversal_belongs_to_the_day_of_what_it_reverses(world):
    applied = [
        paid(-40_00, "2026-10-25", application_id="A2", reverses="A1"), paid(on="2026-10-14", application_id="A1"),
    ]  # fmt: skip
    before = cash(on="2026-09-14")  # there before the promise: the day of the application counts
    made = only(
        world(items=[INVOICE, before], applications=applied, promises=[promise()]).ask(judged_promises)
    )
    assert (made["state"], made["paid"]) == ("partly", 60_00)


def test_the_day_that_the_cash_came_in_counts(world):
    late = {"applications": [paid(on="2026-10-28")], "promises": [promise()]}
    assert only(world(items=[INVOICE, cash(on="2026-10-14")], **late).ask(judged_promises))["state"] == "kept"
    early = {"items": [INVOICE, cash(on="2026-09-14")], "promises": [promise()]}
    inside, outside = [paid(on="2026-10-14")], [paid(on="2026-10-28")]
    assert only(world(applications=inside, **early).ask(judged_promises))["state"] == "kept"
    assert only(world(applications=outside, **early).ask(judged_promises))["state"] == "broken"


@pytest.mark.parametrize(("day", "state"), [("2026-10-04", "not_owed"), ("2026-10-06", "broken")])
def test_a_promise_of_what_was_settled_before_is_not_judged(world, day, state):
    """A credit the day before the promise leaves nothing to keep; one the day after does."""
    memo = {"item_id": "C1", "item_type": "credit_memo", "amount": -100_00, "effective_date": day}
    facts = {"items": [INVOICE, memo], "applications": [paid(source="C1", kind="credit_memo", on=day)]}
    for item in ("I1", None):
        view = world(promises=[promise(item_id=item)], **facts)
        judged = view.ask(judged_promises)
        assert only(judged)["state"] == state
        kept = promises_kept(judged, scope=view.position.scope).set_index("owner").loc["amy"]
        assert (kept["due"], kept["not_owed"]) == ((0, 1) if state == "not_owed" else (1, 0))
        assert ("nothing was owed on 2026-10-05" in only(judged)["what"]) == (state == "not_owed")


def test_a_promise_of_an_invoice_to_come_or_of_what_carries_it_on_is_judged(world):
    ahead = world(items=[INVOICE | {"effective_date": "2026-10-07"}], promises=[promise()])
    assert only(ahead.ask(judged_promises))["state"] == "broken"
    rest = {"item_id": "I1-R", "item_type": "chargeback", "amount": 40_00, "replaces": "I1"}
    moved = [paid(source="I1-R", kind="transfer", on="2026-09-05", source_amount=0)]
    carried = world(items=[INVOICE, rest], applications=moved, promises=[promise(amount=40_00)])
    assert only(carried.ask(judged_promises))["state"] == "broken"


def test_credits_are_not_cash_and_a_discount_given_with_cash_counts(world):
    memo = {"item_id": "C1", "item_type": "credit_memo", "amount": -100_00}
    given = [paid(source="C1", kind="credit_memo")]
    credited = world(items=[INVOICE, memo], applications=given, promises=[promise()])
    assert only(credited.ask(judged_promises))["state"] == "broken"
    cut = [paid(98_00, discount=2_00)]
    discounted = world(items=[INVOICE, cash(amount=98_00)], applications=cut, promises=[promise()])
    assert only(discounted.ask(judged_promises))["state"] == "kept"


@pytest.mark.parametrize(
    ("due", "state"), [("2026-10-09", "kept"), ("2026-10-10", "broken"), (None, "broken")]
)
def test_a_promise_of_the_account_takes_what_was_past_due(world, due, state):
    rows = {"items": [INVOICE | {"due_date": due}, cash()], "applications": [paid()]}
    made = only(world(promises=[promise(item_id=None)], **rows).ask(judged_promises))
    assert made["state"] == state
    # the promise of the item itself does not ask whether it was past due
    assert only(world(promises=[promise()], **rows).ask(judged_promises))["state"] == "kept"


def test_no_cash_counts_twice_and_the_earliest_day_takes_first(world):
    made = world(
        items=[INVOICE, cash(amount=100_00)], applications=[paid()],
        promises=[
            promise(promise_id="P1", pay_by="2026-10-16", item_id=None, amount=80_00),
            promise(promise_id="P2", pay_by="2026-10-15", item_id=None, amount=60_00),
            promise(promise_id="P3", pay_by="2026-10-16", amount=30_00),
        ],
    ).ask(judged_promises).set_index("promise_id")  # fmt: skip
    assert made["paid"].to_dict() == {"P1": 10_00, "P2": 60_00, "P3": 30_00}
    assert made["state"].to_dict() == {"P1": "partly", "P2": "kept", "P3": "kept"}


def test_cash_on_what_carries_the_item_on_counts(world):
    rest = {"item_id": "I1-R", "item_type": "chargeback", "amount": 40_00, "replaces": "I1"}
    made = world(
        items=[INVOICE, rest, cash(amount=40_00)], applications=[paid(40_00, target="I1-R")],
        promises=[promise(amount=40_00)],
    ).ask(judged_promises)  # fmt: skip
    assert only(made)["state"] == "kept"


def test_other_customers_currencies_and_days_do_not_count(world):
    other = {"item_id": "I2", "amount": 100_00, "customer_id": "OTHER"}
    made = world(
        customers=[{"customer_id": "ACME"}, {"customer_id": "OTHER"}], items=[INVOICE, other, cash()],
        applications=[paid(target="I2")], promises=[promise(item_id=None)],
    ).ask(judged_promises)  # fmt: skip
    assert only(made)["paid"] == 0
    assert world(items=[INVOICE], promises=[promise(promised_on="2026-11-01")]).ask(judged_promises).empty


def test_a_merged_customer_keeps_its_promise(world):
    merge = [{"old_customer_id": "OLD", "new_customer_id": "ACME", "merged_on": "2026-10-07"}]
    made = world(
        items=[INVOICE | {"customer_id": "OLD"}, cash()], applications=[paid()],
        promises=[promise(customer_id="OLD", item_id=None)], customer_merges=merge,
    ).ask(judged_promises)  # fmt: skip
    assert (only(made)["customer_id"], only(made)["state"]) == ("ACME", "kept")


@pytest.mark.parametrize(
    ("stated", "closed_on", "differs", "said"),
    [
        ("kept", "2026-10-20", True, "kept"), ("broken", "2026-10-20", False, "broken"),
        ("broken", "2026-11-01", True, "open"), ("kept", "2026-10-31", True, "kept"), (None, None, False, None),
    ],
)  # fmt: skip
def test_the_stated_state_stands_beside_ours(world, stated, closed_on, differs, said):
    made = only(world(items=[INVOICE], promises=[promise(state=stated, closed_on=closed_on)]).ask(judged_promises))  # fmt: skip
    assert made["state"] == "broken"
    assert made["differs"] == differs
    assert (None if pd.isna(made["stated_state"]) else made["stated_state"]) == said


def test_unapplied_cash_is_named_and_no_amount_cannot_be_judged(world):
    made = only(world(items=[INVOICE, cash(amount=55_00, cash_status="unapplied")], promises=[promise()]).ask(judged_promises))  # fmt: skip
    assert made["unapplied"] == 55_00
    assert "Unapplied cash of USD 55.00" in made["what"]
    nothing = only(world(items=[INVOICE], promises=[promise(amount=0)]).ask(judged_promises))
    assert (nothing["state"], pd.isna(nothing["paid_rate"])) == ("open", True)


def test_without_promises(world):
    made = world(items=[INVOICE]).ask(judged_promises)
    assert made.empty
    kept = promises_kept(made, scope=world(items=[INVOICE]).position.scope)
    assert (only(kept)["due"], pd.isna(only(kept)["kept_rate"])) == (0, True)


def test_kept_rate_counts_promises_judged_in_the_period(world):
    days = {
        "P1": "2026-09-26",
        "P2": "2026-09-27",
        "P3": "2026-10-26",
        "P4": "2026-10-27",
        "P5": "2026-10-28",
    }
    rows = [
        promise(promise_id=name, item_id=f"I{name}", promised_on="2026-09-20", pay_by=day)
        for name, day in days.items()
    ]
    items = [INVOICE | {"item_id": f"I{name}"} for name in days]
    settled = [paid(target="IP2"), paid(50_00, target="IP3", source="R2"), paid(target="IP5", source="R3")]
    for row in settled:
        row["effective_date"] = "2026-09-28"
    sources = [cash(on="2026-09-28"), cash("R2", 50_00, "2026-09-28"), cash("R3", on="2026-09-28")]
    view = world(items=items + sources, applications=settled, promises=rows)
    judged = view.ask(judged_promises)
    made = promises_kept(judged, scope=view.position.scope).set_index("owner").loc[""]
    # 26 September and three days of grace are over on the 30th; 28 October and three days in November, though it is kept
    assert (made["due"], made["kept"], made["partly"], made["broken"]) == (3, 1, 1, 1)
    assert Fraction(made["kept_rate"]).limit_denominator(100) == Fraction(1, 3)
    assert (made["books_amount"], made["books_paid"], made["paid_rate"]) == (300_00, 150_00, "0.5")


SQL = """
with cash as (
    select a.entity, a.target_item_id as item_id, r.effective_date as came, a.effective_date as put,
        a.target_amount + coalesce(a.discount, 0) as amount
    from applications a join items r on r.entity = a.entity and r.item_id = a.source_item_id
    where a.kind in ('payment', 'prepayment', 'clearing') and r.item_type in ('receipt', 'prepayment')
        and coalesce(a.posting_date, a.effective_date) <= $as_of
), judged as (
    select p.entity, p.promise_id, p.pay_by + 3 as ends, p.amount, coalesce((
        select sum(c.amount) from cash c where c.entity = p.entity and c.item_id = p.item_id
            and case when c.came >= p.promised_on then c.came else c.put end between p.promised_on and p.pay_by + 3
    ), 0) as paid, coalesce((select sum(i.amount) from items i where i.entity = p.entity and i.item_id = p.item_id), 0)
        - coalesce((select sum(a.target_amount + coalesce(a.discount, 0)) from applications a where a.entity = p.entity
            and a.target_item_id = p.item_id and a.effective_date <= p.promised_on
            and coalesce(a.posting_date, a.effective_date) <= $as_of), 0) as owed
    from promises p where p.promised_on <= $as_of and p.entity = $entity
)
select count(*) filter (paid >= amount), count(*) filter (owed > 0 or paid > 0), count(*) filter (owed <= 0 and paid = 0)
from judged where ends + 1 between date '2026-01-01' and $as_of
"""


def test_sql_finds_the_same_rate_on_the_sample_company(companies, sample):
    checked = idle = 0
    for view in companies:
        scope = replace(view.position.scope, starts_on=date(2026, 1, 1))
        named = view.book["promises"]["item_id"]
        assert named.is_unique  # the query below shares nothing out
        assert named.notna().all()
        tables = duckdb.connect()
        for name in ("promises", "items", "applications"):
            tables.register(name, _plain(sample.tables[name]))
        scope = replace(scope, ends_on=scope.as_of)
        kept, due, not_owed = tables.execute(SQL, {"as_of": scope.as_of, "entity": scope.entity}).fetchone()
        made = promises_kept(view.ask(judged_promises), scope=scope).set_index("owner").loc[""]
        assert (made["kept"], made["due"], made["not_owed"]) == (kept, due, not_owed)
        checked += due
        idle += not_owed
    assert checked > 10
    assert idle > 0


def _plain(frame):
    days = {name: frame[name].dt.date for name in frame.columns if str(frame[name].dtype) == "datetime64[s]"}
    return frame.assign(**days)


@settings(max_examples=8)
@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 20), st.sampled_from(["I1", "I2", None])), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 25), st.sampled_from(["I1", "I2"])), max_size=5),
)  # fmt: skip
def test_no_more_is_counted_than_was_paid(world, promises, payments):
    start = date(2026, 10, 1)
    given_ = [
        promise(promise_id=f"P{n}", amount=amount, promised_on=str(start), pay_by=str(start + timedelta(days=days)), item_id=item)
        for n, (amount, days, item) in enumerate(promises)
    ]  # fmt: skip
    days = [str(start + timedelta(days=days)) for _, days, _ in payments]
    view = world(
        items=[{"item_id": name, "amount": 1000} for name in ("I1", "I2")]
        + [cash(f"R{n}", amount, days[n]) for n, (amount, _, _) in enumerate(payments)],
        applications=[paid(amount, days[n], f"R{n}", item) for n, (amount, _, item) in enumerate(payments)],
        promises=given_,
    )
    made = view.ask(judged_promises)
    assert made["paid"].sum() <= sum(amount for amount, _, _ in payments)
    assert (made["paid"] <= made["amount"]).all()
    assert (made["state"].eq("kept") == made["paid"].ge(made["amount"])).all()


def test_policy_refuses_shares_that_contradict_each_other():
    with pytest.raises(ParameterError, match="promise_partly_rate"):
        ContactPolicy(promise_kept_rate=Decimal("0.5"), promise_partly_rate=Decimal("0.6"))
    for band in ("30-20", "x", "-5"):
        with pytest.raises(ParameterError, match="band"):
            ContactPolicy(coverage_targets={band: Decimal(1)})
    with pytest.raises(ParameterError, match="coverage_targets"):
        ContactPolicy(coverage_targets={"30+": Decimal(1), "30-59": Decimal(1)})
