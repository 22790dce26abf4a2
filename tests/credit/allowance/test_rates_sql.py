"""The same rates by a second method: SQL over the same tables, and over a real file that knows nothing of items."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import duckdb
import numpy as np
import pytest

from arlib.credit.allowance.cohort import cohorts_of
from arlib.credit.allowance.history import lives_frame
from arlib.credit.allowance.migration import migrated
from arlib.credit.allowance.past import past_of
from arlib.credit.allowance.rates import loss_rates, rates_of
from arlib.policy import AgingPolicy, AllowancePolicy
from arlib.policy.allowance import RateMethod
from arlib.sources import SourceSpec, load_book

BUCKETS = ("current", "1-30", "31-60", "61-90", "91-120", "121+")
MONTHS = 36
STATES = """
    with recursive ends as (
        select n, last_day($first::date + to_months(cast(n as int))) as day from range({months} + 1) t(n)
    ), debits as (
        select item_id, customer_id, item_type, currency, control_account, amount::hugeint as amount,
            coalesce(functional_amount, amount)::hugeint as books, coalesce(posting_date, effective_date)::date as day,
            coalesce(original_due_date, due_date, (select max(p.due_date) from instalments p where p.item_id = i.item_id and
                p.entity = i.entity), document_date, effective_date)::date as due, nullif(replaces, '') as replaces
        from items i where entity = $entity and amount > 0 and coalesce(reverses, '') = '' and item_type in ('invoice',
            'debit_memo', 'chargeback', 'interest_or_fee', 'opening', 'transfer', 'adjustment', 'recovery')
            and coalesce(posting_date, effective_date)::date <= $as_of::date
    ), tree as (
        select item_id, item_id as root from debits d where not exists (
            select 1 from debits o where o.item_id = d.replaces and o.currency = d.currency)
        union all
        select d.item_id, t.root from debits d join tree t on t.item_id = d.replaces
            join debits o on o.item_id = t.item_id and o.currency = d.currency
    ), lives as (
        select d.* from debits d join tree t on t.item_id = d.item_id and t.root = d.item_id where item_type <> 'recovery'
            and not exists (select 1 from customers c where c.customer_id = d.customer_id and c.is_intercompany
                and coalesce(c.entity, '') in ('', $entity))
            and not exists (select 1 from control_accounts a where a.entity = $entity and a.account = d.control_account
                and a.role not in ('trade', 'notes', 'retention', 'unbilled'))
    ), settled as (
        select t.root, m.item_type = 'recovery' as on_recovery, coalesce(a.posting_date, a.effective_date)::date as day,
            a.kind, a.target_amount::hugeint as amount, coalesce(a.discount, 0)::hugeint as discount,
            lower(a.reason) = 'small_balance' or lower(coalesce(s.reason, '')) = 'small_balance' as is_small
        from applications a join tree t on t.item_id = a.target_item_id join debits m on m.item_id = a.target_item_id
            left join items s on s.entity = a.entity and s.item_id = a.source_item_id
        where a.entity = $entity and coalesce(a.posting_date, a.effective_date)::date <= $as_of::date
    ), moves as (
        select root, day, case when on_recovery then 'recovered' when kind = 'write_off' then if(is_small, 'credited', 'lost')
            when kind in ('payment', 'prepayment', 'contra', 'refund', 'return', 'clearing') then 'paid' else 'credited' end as flow,
            amount from settled
        union all select root, day, 'credited', discount from settled where not on_recovery
        union all select t.root, d.day, 'credited', -d.amount from debits d join tree t on t.item_id = d.item_id
            where t.root <> d.item_id and d.item_type <> 'recovery'
    ), states as (
        select l.item_id, l.amount as billed, l.books, e.n, e.day - l.due as late,
            coalesce(sum(m.amount) filter (m.flow = 'paid' and m.day <= e.day), 0) as p,
            coalesce(sum(m.amount) filter (m.flow = 'credited' and m.day <= e.day), 0) as c,
            coalesce(sum(m.amount) filter (m.flow = 'lost' and m.day <= e.day), 0) as l,
            coalesce(sum(m.amount) filter (m.flow = 'recovered'), 0) as back,
            coalesce(sum(m.amount) filter (m.flow = 'paid'), 0) as p_end,
            coalesce(sum(m.amount) filter (m.flow = 'credited'), 0) as c_end,
            coalesce(sum(m.amount) filter (m.flow = 'lost'), 0) as l_end
        from lives l join ends e on e.day >= l.day left join moves m on m.root = l.item_id group by all
    ), stood as (
        select *, billed - p - c - l as rest, case when late <= 0 then 0 when late <= 30 then 1 when late <= 60 then 2
            when late <= 90 then 3 when late <= 120 then 4 else 5 end as bucket from states
    )
"""
FLOWED = """
    , flowed as (
        select *, least(greatest(dl, 0), rest) as lost, least(greatest(dp, 0), rest - lost) as paid,
            least(greatest(dc, 0), rest - lost - paid) as credited from steps where rest > 0
    ), booked as (
        select *, (2 * paid * books + billed) // (2 * billed) as up1,
            (2 * (paid + credited) * books + billed) // (2 * billed) as up2,
            (2 * (paid + credited + lost) * books + billed) // (2 * billed) as up3,
            (2 * rest * books + billed) // (2 * billed) as whole, (2 * back * books + billed) // (2 * billed) as returned from flowed
    )
"""
MATRIX = (
    STATES
    + """
    , steps as (
        select s.item_id, s.billed, s.books, s.bucket, s.rest, t.bucket as later,
            t.p - s.p as dp, t.c - s.c as dc, t.l - s.l as dl, 0 as back
        from stood s join stood t on t.item_id = s.item_id and t.n = s.n + 1
    )
"""
    + FLOWED
    + """
    select bucket, later, sum(whole - up3) from booked where whole > up3 or rest > lost + paid + credited group by all
    union all select bucket, 6, sum(up1) from booked group by all
    union all select bucket, 7, sum(up2 - up1) from booked group by all
    union all select bucket, 8, sum(up3 - up2) from booked group by all
"""
)
COHORTS = (
    STATES
    + """
    , steps as (
        select item_id, billed, books, bucket, rest, n, back, p_end - p as dp, c_end - c as dc, l_end - l as dl
        from stood where rest > 0 qualify row_number() over (partition by item_id, bucket order by n) = 1
    )
"""
    + FLOWED
    + """
    select bucket, sum(up1 + up3 - up2) as exposed, sum(up3 - up2 - least(up3 - up2, returned)) as lost
    from booked where {months} - n >= 6 group by all
"""
)


def first_of(as_of: date) -> str:
    year, month = divmod(as_of.year * 12 + as_of.month - 1 - MONTHS, 12)
    return f"{year}-{month + 1:02d}-01"


def asked(book, sql: str, scope) -> list[tuple[int, ...]]:
    names = ("items", "applications", "customers", "control_accounts", "instalments")
    with duckdb.connect(config={"threads": 2}) as base:
        for name in names:
            base.register(name, book[name])
        given = {"entity": scope.entity, "as_of": scope.as_of, "first": first_of(scope.as_of)}
        return base.execute(sql.format(months=MONTHS), given).fetchall()


@pytest.mark.parametrize(("entity", "currency"), [("US01", "USD"), ("UK01", "GBP"), ("JP01", "JPY")])
@pytest.mark.parametrize("as_of", ["2026-10-31", "2026-08-31"])
def test_matrix_and_cohort_rates_of_the_sample_are_those_of_sql(company, seen, entity, currency, as_of):
    scope = seen(as_of, entity, currency)
    policy = AllowancePolicy(method=RateMethod.COHORT)
    past = past_of(company, scope=scope, aging=AgingPolicy(), policy=policy)
    ours = migrated(past)
    theirs = np.zeros_like(ours.amounts[0])
    for bucket, state, amount in asked(company, MATRIX, scope):
        theirs[bucket, state] += int(amount)
    assert theirs.tolist() == ours.amounts[0].tolist()
    assert ours.amounts[0, :, 8].sum() > 0  # real losses
    for at, bucket in enumerate(BUCKETS):
        assert sum(ours.shares("", bucket).values()) in (0, 1)
        assert sum(ours.row("", bucket).values()) == theirs[at].sum()

    cohorts, found = cohorts_of(past), rates_of(past)
    by_sql = {
        BUCKETS[bucket]: (int(exposed), int(lost)) for bucket, exposed, lost in asked(company, COHORTS, scope)
    }
    assert {b: cohorts.exposed("", b) for b in BUCKETS if cohorts.of("", b)["items"]} == by_sql
    for bucket, (exposed, lost) in by_sql.items():
        if exposed:
            assert found.rate("", bucket) == Fraction(lost, exposed)


def test_segments_add_up_to_the_pool(company, seen):
    scope = seen("2026-10-31", "US01")
    past = past_of(company, scope=scope, aging=AgingPolicy(), policy=AllowancePolicy(segment_by="currency"))
    matrix, cohorts = migrated(past), cohorts_of(past)
    assert matrix.amounts[1:].sum(axis=0).tolist() == matrix.amounts[0].tolist()
    assert cohorts.sums[1:].sum(axis=0).tolist() == cohorts.sums[0].tolist()
    whole = past_of(company, scope=scope, aging=AgingPolicy(), policy=AllowancePolicy())
    assert matrix.amounts[0].tolist() == migrated(whole).amounts[0].tolist()


FILE = "WA_Fn-UseC_-Accounts-Receivable.csv"
REAL = """
    with invoices as (
        select invoiceNumber as id, cast(round(cast(InvoiceAmount as decimal(18, 4)) * 100) as bigint) as cents,
            strptime(InvoiceDate, '%m/%d/%Y')::date as dated, strptime(DueDate, '%m/%d/%Y')::date as due,
            strptime(SettledDate, '%m/%d/%Y')::date as settled from read_csv(?, header = true, all_varchar = true)
    ), ends as (
        select last_day(date '2010-06-01' + to_months(cast(n as int))) as day,
            last_day(date '2010-07-01' + to_months(cast(n as int))) as later from range(36) t(n)
    ), stood as (
        select cents, day - due as late, case when settled <= later then null else later - due end as late_then
        from invoices join ends on dated <= day and settled > day
    ), placed as (
        select cents, list_count(list_filter([0, 30, 60, 90, 120], lambda x: late > x)) as bucket,
            list_count(list_filter([0, 30, 60, 90, 120], lambda x: late_then > x)) as later, late_then is null as is_paid from stood
    )
    select bucket, if(is_paid, 6, later) as state, cast(sum(cents) as bigint) from placed group by all
"""


@pytest.mark.shared
def test_a_real_file_where_all_was_paid_is_the_zero_loss_case(shared, seen):
    folder = shared / "data" / "ibm-ar"
    book = load_book([SourceSpec(folder=folder, profile="ibm-ar", tables={"items": (FILE,)})], root=folder)
    scope = seen("2013-06-30", str(book["items"]["entity"].iloc[0]))
    past = past_of(book, scope=scope, aging=AgingPolicy(), policy=AllowancePolicy())
    theirs = np.zeros((6, 9), dtype=np.int64)
    for bucket, state, cents in duckdb.connect().execute(REAL, [str(folder / FILE)]).fetchall():
        theirs[bucket, state] += cents
    assert migrated(past).amounts[0].tolist() == theirs.tolist()
    assert theirs.sum() > 0
    frame = lives_frame(past.history)
    assert frame["lost"].sum() == 0
    assert (frame["billed"] == frame["paid"] + frame["credited"] + frame["open"]).all()
    for method in (RateMethod.COHORT, RateMethod.ROLL_RATE, RateMethod.VINTAGE):
        found = loss_rates(book, scope=scope, aging=AgingPolicy(), policy=AllowancePolicy(method=method))
        assert set(found.exact.values()) == {0}
        assert "No loss in 17 months" in found.warnings[0]


def test_the_snapshots_are_those_that_are_added_up(company, seen):
    scope = seen("2026-10-31", "US01")
    past = past_of(company, scope=scope, aging=AgingPolicy(), policy=AllowancePolicy())
    months = [month for month in past.standing if not month.is_last]
    assert all(len(set(month.life.tolist())) == len(month.life) for month in past.standing)
    sums = dict.fromkeys(BUCKETS, 0)
    for month in months:
        for bucket, amount in zip(month.bucket.tolist(), month.outstanding.tolist(), strict=True):
            sums[BUCKETS[bucket]] += amount
    assert sum(sums.values()) > 0
    assert {b: sum(migrated(past).row("", b).values()) for b in BUCKETS} == sums
