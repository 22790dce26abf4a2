"""The allowance of the sample company equals, to the minor unit, SQL over the same frames.

The SQL knows OPEN_ITEMS and the canonical tables and shares no code with the measurement. Below it, the carrying amount by
customer is worked out once more from items, applications and revaluations alone.
"""

from __future__ import annotations

import runpy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from arlib.credit.allowance.measure import measure
from arlib.credit.allowance.views import views
from arlib.ledger.openitems import open_items
from arlib.policy import AllowancePolicy, Policies
from arlib.policy.allowance import Overlay
from arlib.tables import Book

m = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("measuring.py"))))
ENTITIES = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}
PLAIN = ("security", "claims", "specific_reserves")  # have hand-made cases of their own
OVERLAY = Overlay(value=Decimal("1.1"), reason="demand falls", bucket="31-60")
POLICY = AllowancePolicy(
    segment_by="region",
    is_net_of_tax=True,
    nets_credits=True,
    dispute_credit_rate=Decimal("0.3"),
    overlays=(OVERLAY,),
)

SQL = """
with recursive owners as (
    select customer_id, coalesce(bool_or(is_intercompany), false) as of_group, max(region) as region, max(status) as status
    from customers where coalesce(entity, '') in ($entity, '') group by 1
), dated as (
    select customer_id, attribute, arg_max(value, valid_from) filter (valid_from <= $as_of) as value
    from customer_history where coalesce(entity, '') in ($entity, '') group by 1, 2
), people as (
    select o.customer_id, of_group,
        case when r.customer_id is null then o.region else r.value end as region,
        case when s.customer_id is null then o.status else s.value end as status
    from owners o left join dated r on r.customer_id = o.customer_id and r.attribute = 'region'
    left join dated s on s.customer_id = o.customer_id and s.attribute = 'status'
), facts as (
    select o.item_id, o.instalment_no, o.customer_id, o.outstanding, o.functional_outstanding + o.revaluation as carrying,
        coalesce(o.original_due_date, o.document_date) as due, coalesce(a.role, 'trade') as role,
        coalesce(p.of_group, false) as of_group, coalesce(nullif(p.region, ''), 'not given') as region, p.status,
        i.amount as billed, coalesce(i.tax_amount, 0) as tax
    from open_items o join items i on i.entity = $entity and i.item_id = o.item_id
    left join control_accounts a on a.entity = $entity and a.account = o.control_account
    left join people p on p.customer_id = o.customer_id
), sorted as (
    select *, role in ('trade', 'notes', 'retention', 'unbilled', 'unapplied', 'unidentified') as is_receivable
    from facts where not of_group and coalesce(customer_id, '') <> ''
), credits as (
    select customer_id, sum(-carrying) as credit from sorted
    where carrying < 0 and (is_receivable or role = 'customer_deposit') group by 1
), debits as (
    select *, sum(carrying) over (partition by customer_id order by due, item_id, instalment_no) - carrying as before
    from sorted where is_receivable and carrying > 0
), netted as (
    select d.*, carrying - least(carrying, greatest(coalesce(credit, 0) - before, 0)) as rest
    from debits d left join credits using (customer_id)
), carried as (
    select item_id as heir, item_id, 0 as steps from items where entity = $entity
    union all
    select c.heir, i.replaces, c.steps + 1 from carried c join items i on i.entity = $entity and i.item_id = c.item_id
    where coalesce(i.replaces, '') <> ''
), placed as (
    select dispute_id, any_value(d.amount) as amount, arg_min(c.heir, c.steps) as item_id
    from disputes d join carried c on c.item_id = d.item_id join (select distinct item_id from netted) n on n.item_id = c.heir
    where d.entity = $entity and opened_on <= $as_of and (closed_on is null or closed_on > $as_of) group by 1
), contested as (
    select item_id, sum(amount) as disputed from placed group by 1
), undisputed as (
    select n.*, rest - coalesce(half_up(3 * least(rest, half_up(least(coalesce(disputed, 0), outstanding) * carrying, outstanding)), 10), 0)
        as undisputed
    from netted n left join contested using (item_id)
), exposures as (
    select *, undisputed - half_up(undisputed * tax, billed) as exposure, datediff('day', due, $as_of) as late,
        status in ('bankrupt', 'estate', 'legal', 'agency') as is_specific
    from undisputed
), lines as (
    select region, case when late <= 0 then 'current' when late <= 30 then '1-30' when late <= 60 then '31-60'
        when late <= 90 then '61-90' when late <= 120 then '91-120' else '121+' end as bucket,
        sum(exposure)::hugeint as exposure
    from exposures where not coalesce(is_specific, false) group by all
)
select 'pool' as part, region as name, bucket, exposure,
    half_up(exposure * case bucket when 'current' then 10 when '1-30' then 50 when '31-60' then 110 when '61-90' then 250
        when '91-120' then 500 else 750 end, 1000) as allowance
from lines
union all
select 'specific', customer_id, '', sum(exposure)::hugeint,
    half_up(sum(exposure)::hugeint * case any_value(status) when 'bankrupt' then 2 else 1 end, 2)
from exposures where is_specific group by customer_id
"""
HALF_UP = "create macro half_up(n, d) as (2 * n::hugeint + d::hugeint) // (2 * d::hugeint)"

CARRYING = """
with settled as (
    select target_item_id as item_id, -(coalesce(target_functional_amount, 0) + coalesce(discount_functional_amount, 0)) as f
    from applications where entity = $entity and coalesce(posting_date, effective_date) <= $as_of
    union all
    select source_item_id, coalesce(source_functional_amount, 0)
    from applications where entity = $entity and coalesce(posting_date, effective_date) <= $as_of
    union all
    select item_id, amount from revaluations
    where entity = $entity and date <= $as_of and (reverses_on is null or reverses_on > $as_of)
    union all
    select item_id, functional_amount from items where entity = $entity and coalesce(posting_date, effective_date) <= $as_of
)
select sum(f)::hugeint from settled
"""


@pytest.fixture(scope="module")
def sample() -> Book:
    return m.sample()


@pytest.fixture(scope="module")
def plain(sample) -> Book:
    return replace(sample, tables={name: frame for name, frame in sample.tables.items() if name not in PLAIN})


def connected(book, opened):
    link = duckdb.connect()
    link.execute(HALF_UP)
    link.register("open_items", opened)
    for name in (
        "items",
        "customers",
        "customer_history",
        "control_accounts",
        "disputes",
        "applications",
        "revaluations",
    ):
        link.register(name, book[name])
    return link


@pytest.mark.parametrize(("entity", "currency"), ENTITIES.items())
def test_every_line_of_the_sample_company(plain, entity, currency):
    seen = m.scope(entity, currency)
    opened = open_items(plain, scope=seen)
    given = {"entity": entity, "as_of": seen.as_of}
    link = connected(plain, opened)
    expected = sorted(link.execute(SQL, given).fetchall())
    made = measure(plain, scope=seen, policies=replace(Policies(), allowance=POLICY), rates=m.rates())
    ours = [("pool", row.segment, row.bucket, row.exposure, row.allowance) for row in made.lines.itertuples()]
    ours += [
        ("specific", row.customer_id, "", row.exposure, row.allowance) for row in made.specific.itertuples()
    ]
    assert sorted(ours) == expected
    assert len(made.lines) > 8
    assert made.lines["overlay"].ne(0).any()
    assert made.exposures["set_off"].gt(0).any()


@pytest.mark.parametrize(("entity", "currency"), ENTITIES.items())
def test_exposures_and_excluded_are_the_carrying_amount_of_the_facts(sample, entity, currency):
    seen = m.scope(entity, currency)
    link = connected(sample, open_items(sample, scope=seen))
    expected = link.execute(CARRYING, {"entity": entity, "as_of": seen.as_of}).fetchone()[0]
    made = measure(sample, scope=seen, policies=Policies(), rates=m.rates())
    assert int(made.exposures["gross"].sum() + made.excluded["amount"].sum()) == expected


def test_the_views_of_the_sample_company_start_from_the_same_debts(sample):
    made = views(
        sample, scope=m.scope("US01"), policies=replace(Policies(), allowance=POLICY), rates=m.rates()
    )
    figures = made.compared.set_index("figure")
    assert figures.loc["gross debits"].nunique() == 1
    assert figures.at["set off", "management"] < figures.at["set off", "ifrs9"] <= 0
    assert figures.at["allowance", "ifrs9"] == made.ifrs9.total
    assert (
        figures.at["pool", "asc326"] + figures.at["specific", "asc326"] == figures.at["allowance", "asc326"]
    )


def test_with_rates_of_its_own_history_every_entity_is_measured(sample):
    for entity, currency in ENTITIES.items():
        made = measure(sample, scope=m.scope(entity, currency), policies=Policies())
        assert made.total > 0
        assert made.lines["allowance"].le(made.lines["at_risk"]).all()
