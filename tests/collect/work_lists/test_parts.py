"""The split of past due, collection rates and ranks: invariants, and a second computation in SQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.collect.contact.frames import DISPUTE_STANDINGS, JUDGED_PROMISES, OUTSIDE, PLAN_DEFAULTS
from arlib.collect.position import Position, position
from arlib.collect.work_lists.chances import collection_rates, habit_of
from arlib.collect.work_lists.lists import work_lists
from arlib.collect.work_lists.parts import PARTS, split_past_due
from arlib.ledger.frames import AGED_ITEMS
from arlib.money import Rates
from arlib.policy import Policies, Scope, WorkListPolicy
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

amounts = st.integers(0, 500)
codes = st.sampled_from(["A", "B"])
currencies = st.sampled_from(["USD", "EUR"])


def position_of(rows: list[dict[str, object]], scope: Scope) -> Position:
    base = {"entity": "E1", "item_type": "invoice", "document_no": "D", "document_date": "2026-08-01", "effective_date": "2026-08-01",
            "posting_date": "2026-08-01", "due_from": "item", "revaluation": 0, "aged_from": "2026-09-01", "days_past_due": 60,
            "bucket": "31-60"}  # fmt: skip
    items = AGED_ITEMS.from_rows(base | row | {"amount": row["outstanding"]} for row in rows)
    return Position(scope=scope, items=items.assign(books_amount=items["outstanding"]), customers=CANONICAL["customers"].empty(),
                    attributes=CANONICAL["customers"].empty(), rates=Rates())  # fmt: skip


@given(
    debts=st.lists(st.tuples(codes, currencies, amounts), min_size=1, max_size=8),
    pools=st.lists(st.tuples(st.sampled_from(["D", "P", "C", "U"]), codes, currencies, amounts, st.booleans()), max_size=8),
    outside=st.sets(st.integers(0, 7)),
)  # fmt: skip
@settings(max_examples=60)
def test_parts_add_up_in_every_row_and_no_pool_covers_more_than_it_has(debts, pools, outside):
    scope = Scope(entity="E1", entity_name="", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
                  ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
    rows = [
        {"item_id": f"I{n}", "customer_id": c, "currency": k, "outstanding": a}
        for n, (c, k, a) in enumerate(debts)
    ]
    rows += [{"item_id": f"X{n}", "customer_id": c, "currency": k, "outstanding": -a, "bucket": {"C": "credit", "U": "unapplied"}[kind]}
             for n, (kind, c, k, a, _) in enumerate(pools) if kind in "CU"]  # fmt: skip
    here = position_of(rows, scope)
    disputes = [{"entity": "E1", "dispute_id": f"D{n}", "customer_id": c, "currency": k, "amount": a, "open_now": a, "is_open": True,
                 "item_id": "I0" if on_item else ""} for n, (kind, c, k, a, on_item) in enumerate(pools) if kind == "D"]  # fmt: skip
    promises = [{"entity": "E1", "promise_id": f"P{n}", "customer_id": c, "currency": k, "amount": a, "left": a, "open_now": a,
                 "state": "open", "item_id": "I0" if on_item else ""}
                for n, (kind, c, k, a, on_item) in enumerate(pools) if kind == "P"]  # fmt: skip
    left_out = [{"entity": "E1", "item_id": f"I{n}", "reason": "legal", "is_hard": True} for n in outside]
    made = split_past_due(here, outside=OUTSIDE.from_rows(left_out), disputes=DISPUTE_STANDINGS.from_rows(disputes),
                          promises=JUDGED_PROMISES.from_rows(promises), plans=PLAN_DEFAULTS.empty())  # fmt: skip

    assert (made[[*PARTS, "collectable"]] >= 0).all().all()
    assert (sum(made[name] for name in (*PARTS, "collectable")) == made["outstanding"]).all()
    assert len(made) == len(debts)
    for name, kind in (("disputed", "D"), ("promised", "P"), ("cash", "U"), ("credits", "C")):
        for code in ("A", "B"):
            for currency in ("USD", "EUR"):
                given_ = sum(a for k, c, m, a, _ in pools if (k, c, m) == (kind, code, currency))
                mine = made["customer_id"].eq(code) & made["currency"].eq(currency)
                has_item = any(on_item for k, _, _, _, on_item in pools if k == kind)
                if kind in "CU" or not has_item:
                    assert made.loc[mine, name].sum() <= given_


@pytest.fixture(scope="module")
def whole() -> Book:
    return Book(generate(seed=7, items=800).tables)


US = Scope(entity="US01", entity_name="Sample", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
           ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31), country="US", time_zone="America/New_York")  # fmt: skip


def test_collection_rates_are_those_that_sql_counts(whole):
    book = whole.for_entity("US01")
    policies = replace(Policies(), work_list=WorkListPolicy(chance_weight_items=0))
    habits = pd.Series(dtype="str")  # nobody's is known: one group a bucket
    made, rates = collection_rates(book, scope=US, policies=policies, habits=habits)

    items, applications = book["items"], book["applications"]  # noqa: F841
    first = items.loc[items["item_type"].isin(["invoice", "debit_memo", "chargeback", "interest_or_fee", "opening"]) & items["amount"].gt(0)
                      & items["due_date"].notna(), "posting_date"].min()  # fmt: skip
    found = duckdb.connect().sql(f"""
        with debts as (
            select item_id, amount, due_date, coalesce(posting_date, effective_date) as on_day from items
            where item_type in ('invoice', 'debit_memo', 'chargeback', 'interest_or_fee', 'opening') and amount > 0
              and due_date is not null and coalesce(posting_date, effective_date) <= date '2026-10-31'),
        days as (
            select date '2026-10-31' - 14 * cast(n as integer) as day from range(1, 27) t(n)
            where date '2026-10-31' - 14 * cast(n as integer) >= greatest(date '2026-10-31' - 360, date '{first:%Y-%m-%d}')),
        facts as (
            select target_item_id as item_id, coalesce(posting_date, effective_date) as on_day,
                   target_amount + coalesce(discount, 0) as settled,
                   case when kind in ('payment', 'prepayment', 'clearing', 'return') then target_amount else 0 end as cash
            from applications),
        open as (
            select d.item_id, t.day, d.due_date, any_value(d.amount) - coalesce(sum(f.settled) filter (f.on_day <= t.day), 0) as rest,
                   coalesce(sum(f.cash) filter (f.on_day > t.day and f.on_day <= t.day + 14), 0) as came
            from debts d join days t on d.on_day <= t.day and d.due_date < t.day left join facts f on f.item_id = d.item_id
            group by d.item_id, t.day, d.due_date),
        shares as (
            select *, floor(10000 * least(greatest(came, 0), rest)::hugeint // rest) as share,
                   case when day - due_date <= 30 then '1-30' when day - due_date <= 60 then '31-60'
                        when day - due_date <= 90 then '61-90' when day - due_date <= 120 then '91-120' else '121+' end as bucket
            from (select item_id, day::date as day, due_date::date as due_date, rest, came from open) where rest > 0)
        select bucket, count(*) as items, cast(sum(share) as bigint) as parts from shares group by bucket
    """).fetchall()  # fmt: skip
    assert len(found) > 3
    for bucket, items_, parts in found:
        row = made[made["habit"].eq("none_known") & made["bucket"].eq(bucket)].iloc[0]
        assert row["items"] == items_, bucket
        assert rates["none_known", bucket] == Fraction(parts, 10_000 * items_), bucket


def test_a_rate_of_few_items_is_pulled_towards_the_bucket_and_a_habit_has_its_own(whole):
    assert habit_of(pd.Series([-3, 5, 6, 30, 31, None], dtype="Int64")).tolist() == [
        "on_time", "on_time", "late", "late", "very_late", "none_known",
    ]  # fmt: skip
    book = whole.for_entity("US01")
    bare = collection_rates(book, scope=US, policies=Policies(), habits=pd.Series(dtype="str"))[1]
    assert all(0 < rate < 1 for rate in bare.values())
    none = Book({"items": book["items"]})
    assert set(
        collection_rates(none, scope=US, policies=Policies(), habits=pd.Series(dtype="str"))[1].values()
    ) == {Fraction(1, 2)}


def test_lists_of_the_sample_are_what_sql_adds_up(whole):
    book = whole.for_entity("US01")
    here = position(book, scope=US, policies=Policies())
    made = work_lists(book, position=here, policies=Policies())
    items, parts, out = here.items, made.parts, made.left_out  # noqa: F841
    rows = (
        duckdb.connect()
        .sql("""
        with late as (select currency, sum(outstanding) as owed from items
                      where days_past_due > 0 and bucket not in ('credit', 'unapplied', 'no_due_date') group by currency),
             a as (select currency, sum(collectable) as c from parts group by currency),
             b as (select currency, sum(amount) as o from out group by currency)
        select owed, coalesce(c, 0) + coalesce(o, 0) from late left join a using (currency) left join b using (currency)
    """)
        .fetchall()
    )
    assert rows
    assert all(owed == listed for owed, listed in rows)
    hits = made.hits  # noqa: F841
    late = here.past_due["books_amount"].sum()
    assert duckdb.connect().sql("select sum(total) from hits").fetchall()[0][0] == late
    assert all(identity.holds for identity in made.identities)
    assert made.calls["expected"].le(made.calls["collectable"]).all()
    for _, mine in made.calls.groupby("collector"):
        assert mine["expected"].is_monotonic_decreasing
        assert mine["rank"].tolist() == list(range(1, len(mine) + 1))


def test_the_day_of_the_look_back_is_before_and_its_last_day_is_in(book, scope):
    def bill(name: str, paid_on: str) -> tuple[list[dict[str, object]], dict[str, object]]:
        debt = {"item_id": name, "amount": 100_00, "effective_date": "2026-09-10", "due_date": "2026-09-30"}
        cash = {
            "item_id": f"R{name}",
            "item_type": "receipt",
            "amount": -100_00,
            "effective_date": paid_on,
            "due_date": None,
        }
        link = {
            "source_item_id": f"R{name}",
            "target_item_id": name,
            "target_amount": 100_00,
            "effective_date": paid_on,
        }
        return [debt, cash], link

    one, two = bill("I1", "2026-10-17"), bill("I2", "2026-10-31")
    made = book(items=[*one[0], *two[0]], applications=[one[1], two[1]])
    policies = replace(Policies(), work_list=WorkListPolicy(chance_weight_items=0))
    rates, exact = collection_rates(made, scope=scope, policies=policies, habits=pd.Series(dtype="str"))
    # Looked at on 17 and 3 October: I1 is settled on the 17th, so both on the 3rd and I2 on the 17th; two of three paid in time.
    assert rates.loc[rates["habit"].eq("none_known") & rates["bucket"].eq("1-30"), "items"].tolist() == [3]
    assert exact["none_known", "1-30"] == Fraction(2, 3)
