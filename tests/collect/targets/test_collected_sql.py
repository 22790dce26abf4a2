"""Collected against target on the sample company, computed a second time in SQL from the plain tables."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from arlib.collect.targets import collected
from arlib.policy import Policies, Scope
from arlib.sources.sample import Sample, generate
from arlib.tables import Book

ENTITIES = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}

# debits open on 30 September, what receipts and others settled of them since, and what is open on 31 October
QUERY = """
with moves as (
    select i.item_id, i.posting_date as day, i.amount as amount, 'own' as class from items i
    union all
    select a.target_item_id, a.posting_date, -a.target_amount,
        case when s.item_type in ('receipt', 'prepayment') and a.kind not in ('return', 'refund') then 'cash' else 'other' end
    from applications a join items s on s.item_id = a.source_item_id
    union all
    select target_item_id, posting_date, -discount, 'other' from applications
    union all
    select source_item_id, posting_date, source_amount, 'other' from applications
), balances as (
    select item_id,
        sum(amount) filter (day <= date '2026-09-30') as frozen,
        -coalesce(sum(amount) filter (class = 'cash' and day between date '2026-10-01' and date '2026-10-31'), 0) as collected,
        coalesce(sum(amount) filter (day <= date '2026-10-31'), 0) as still_open
    from moves group by item_id
), held as (
    select customer_id, max_by(value, valid_from) as collector from customer_history
    where attribute = 'collector' and valid_from <= date '2026-09-30' group by customer_id
), merged as (select old_customer_id, new_customer_id from customer_merges where merged_on <= date '2026-09-30')
select coalesce(h.collector, '') as collector, i.currency, sum(b.frozen)::bigint as frozen,
    sum(b.collected)::bigint as collected, sum(b.still_open)::bigint as still_open
from balances b join items i using (item_id)
left join merged m on m.old_customer_id = i.customer_id
left join held h on h.customer_id = coalesce(m.new_customer_id, i.customer_id)
where b.frozen > 0 and i.control_account <> '1250'
group by all
"""


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate(seed=7, items=800)


@pytest.mark.parametrize("entity", ENTITIES)
def test_sql_agrees_by_collector_and_currency(sample, entity):
    scope = Scope(
        entity=entity, entity_name=entity, functional_currency=ENTITIES[entity], period="2026-10", starts_on=date(2026, 10, 1),
        ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31),
    )  # fmt: skip
    own = Book(sample.tables).for_entity(entity)
    found = collected(own, scope=scope, policies=Policies())
    assert [each for each in found.identities if not each.holds] == []
    assert found.items["returned"].eq(0).all()
    sums = found.items.groupby(["collector", "currency"])[["frozen", "collected", "still_open"]].sum()
    mine = {
        key: tuple(int(value) for value in row) for key, row in zip(sums.index, sums.to_numpy(), strict=True)
    }
    base = duckdb.connect()
    for name in ("items", "applications", "customer_history", "customer_merges"):
        base.register(f"{name}_frame", own[name])
        base.execute(f"create table {name} as select * from {name}_frame")
    theirs = {
        (collector, currency): tuple(rest) for collector, currency, *rest in base.execute(QUERY).fetchall()
    }
    assert mine == theirs
    assert sum(row[1] for row in mine.values()) > 0
    moved = sample.truth[
        sample.truth["entity"].eq(entity) & sample.truth["kind"].eq("answered_large_account")
    ]
    assert set(moved["account"]) <= set(found.moved["customer_id"])
