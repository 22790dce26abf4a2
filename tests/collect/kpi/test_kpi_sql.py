"""Every figure by a second method: SQL over the raw rows, on the sample company and on two real files.

The SQL is written from the definitions. It ages each month end anew, by joins, where the code goes by runs; ratios are
rounded by whole-number arithmetic, so that they must agree to the last place.
"""

from __future__ import annotations

import calendar
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from arlib.calendar import add_months
from arlib.collect.kpi.performance import performance
from arlib.collect.position import position
from arlib.policy import PerformancePolicy, Policies, Scope
from arlib.sources import SourceSpec, load_book
from arlib.sources.sample.company import generate
from arlib.tables import Book

CASH = "('receipt', 'prepayment')"
SALES = "('invoice', 'debit_memo')"

# what stands open at each month end, item by item and part by part, from ITEMS, APPLICATIONS and INSTALMENTS
LEDGER = f"""
create table app as select *, coalesce(posting_date, effective_date)::date as day from applications;
create table doc as select i.*, coalesce(i.posting_date, i.effective_date)::date as day,
    coalesce(i.original_due_date, r.original_due_date, r.due_date, i.due_date)::date as original
    from items i left join items r on r.item_id = i.replaces;
create table stood as
    with moves as (
        select item_id, day, amount, functional_amount as books from doc
        union all select target_item_id, day, -target_amount - coalesce(discount, 0),
            -coalesce(target_functional_amount, target_amount) - coalesce(discount_functional_amount, discount, 0) from app
        union all select source_item_id, day, source_amount, coalesce(source_functional_amount, source_amount) from app
    )
    select e.n, e.ends, m.item_id, sum(m.amount)::hugeint as open, sum(m.books)::hugeint as books
    from ends e join moves m on m.day <= e.ends group by all having sum(m.amount) <> 0 or sum(m.books) <> 0;
create table part_rest as
    with rests as (
        select s.n, s.ends, s.item_id, p.instalment_no, p.due_date::date as due, p.amount::hugeint as part, d.amount - s.open as settled,
            sum(p.amount) over (partition by s.n, s.item_id order by p.due_date, p.instalment_no) - p.amount as before,
            s.open, s.books, row_number() over (partition by s.n, s.item_id order by p.due_date desc, p.instalment_no desc) as back
        from stood s join doc d using (item_id) join instalments p using (item_id)
    ), shared as (select *, part - greatest(0, least(part, settled - before)) as rest from rests)
    , split as (
        select *, rest + if(back = 1, open - sum(rest) over (partition by n, item_id), 0) as mine from shared
    ), valued as (
        select *, if(open = 0, 0,
            (2 * abs(mine * books) + abs(open)) // (2 * abs(open)) * sign(mine * books)::int * sign(open)::int) as share
        from split
    )
    select n, ends, item_id, due, mine as open,
        if(back = 1, books - sum(if(back = 1, 0, share)) over (partition by n, item_id), share) as books from valued;
create table restored as
    select s.n, s.item_id, min(t.due_date)::date as due
    from stood s join doc d using (item_id) join ends e on e.n = s.n
    join (select e.n, a.source_item_id, a.target_item_id from app a join ends e on a.day <= e.ends group by all
          having sum(a.source_amount) > 0) p on p.n = s.n and p.source_item_id = d.reverses
    join items t on t.item_id = p.target_item_id where d.item_type in {CASH} group by all;
create table placed as
    select s.n, s.ends, s.item_id, d.item_type, d.day, s.open, s.books,
        case when d.rescheduled_on::date > s.ends and d.original is not null then d.original
             when d.due_date is null and d.item_type in {CASH} and s.open > 0
             then coalesce(r.due, d.document_date::date, d.effective_date::date) else d.due_date::date end as due, d.original
    from stood s join doc d using (item_id) left join restored r on r.n = s.n and r.item_id = s.item_id
    where s.item_id not in (select item_id from instalments)
    union all
    select p.n, p.ends, p.item_id, d.item_type, d.day, p.open, p.books, p.due, p.due
    from part_rest p join doc d using (item_id) where p.open <> 0 or p.books <> 0;
create table balances as
    select e.n, coalesce(sum(books), 0)::hugeint as total,
        coalesce(sum(books) filter (open > 0 and due >= p.ends), 0)::hugeint as current,
        coalesce(sum(books) filter (open > 0 and p.ends - coalesce(original, due) > 90), 0)::hugeint as over_90
    from ends e left join placed p on p.n = e.n group by all;
create table sold as
    select e.n, coalesce(sum(functional_amount), 0)::hugeint as sales,
        count(*) filter (item_type = 'invoice' and amount > 0) as invoices
    from ends e left join doc d on d.day between e.starts and e.ends and d.item_type in ('invoice', 'debit_memo', 'credit_memo')
    group by all;
create table cash as
    select e.n, coalesce(-sum(d.functional_amount), 0)::hugeint as collected,
        coalesce(-sum(d.functional_amount) filter (d.amount < 0), 0)::hugeint as gross,
        coalesce(-sum(s.books) filter (d.amount < 0), 0)::hugeint as still_open, coalesce((select
            sum(coalesce(a.source_functional_amount, a.source_amount)) from app a join doc c on c.item_id = a.source_item_id
            where c.item_type in {CASH} and c.amount < 0 and c.day between e.starts and e.ends and a.day <= e.ends
                and a.kind in ('return', 'refund')), 0)::hugeint as gone_back
    from ends e left join doc d on d.day between e.starts and e.ends and d.item_type in {CASH}
        left join stood s on s.n = e.n and s.item_id = d.item_id group by e.n, e.starts, e.ends;
create table true_days as
    select p.n, strftime(p.day, '%Y-%m') as month, sum(p.books * (p.ends - p.day))::hugeint as amount_days
    from placed p where p.item_type in {SALES} and p.open > 0 and p.day >= $began::date group by all;
"""

BASE = """
create table base as select e.n, e.name, e.days, b.total, b.current, b.over_90, s.sales, s.invoices, c.collected,
    c.gross - c.gone_back as receipts, c.gross - c.gone_back - c.still_open as applied
    from ends e join balances b using (n) join sold s using (n) join cash c using (n)
"""

# figures in whole numbers of their last place: one place for days, two for shares
FIGURES = """
with d as (
    select *, lag(total, 1) over w as beg1, lag(total, 3) over w as beg3, lag(total, 12) over w as beg12,
        lag(sales, 1) over w as prior, sum(sales) over (order by n rows 2 preceding)::hugeint as sales3,
        sum(sales) over (order by n rows 11 preceding)::hugeint as sales12, count(*) over (order by n rows 11 preceding) as months
    from base window w as (order by n)
), back as (
    select m.n, m.total, o.n as at, o.days, o.sales, sum(o.sales) over (partition by m.n order by o.n desc)::hugeint as through
    from base m join base o on o.n <= m.n where o.n >= $first
), used as (
    -- a month counts whole while receivables are left before it and it does not use them up; then the share of one month
    select n, any_value(total) as total, sum(days) filter (through <= total and through - sales < total) as whole,
        sum(30) filter (through <= total and through - sales < total) as whole30,
        coalesce(min_by(days, through) filter (through > total), 0) as days,
        coalesce(min_by(sales, through) filter (through > total), 1) as sales,
        coalesce(min_by(through - sales, through) filter (through > total), any_value(total)) as before
    from back group by n having max(through) >= any_value(total)
), figures(kpi, convention, n, top, bottom, places) as (
    select 'dso', 'simple_period', n, total * days, sales, 1 from d
    union all select 'dso', 'crf_annual', n, total * 365, sales12, 1 from d where n >= $first + 11
    union all select 'dso', 'oracle_conventional', n, total * 30, prior, 1 from d where n > $first
    union all select 'dso', 'count_back_calendar', n, coalesce(whole, 0) * sales + (total - before) * days, sales, 1 from used
    union all select 'dso', 'count_back_30', n, coalesce(whole30, 0) * sales + (total - before) * 30, sales, 1 from used
    union all select 'best_possible_dso', 'simple_period', n, current * days, sales, 1 from d
    union all select 'best_possible_dso', 'crf_annual', n, current * 365, sales12, 1 from d where n >= $first + 11
    union all select 'average_days_delinquent', 'simple_period', n, (total - current) * days, sales, 1 from d
    union all select 'average_days_delinquent', 'crf_annual', n, (total - current) * 365, sales12, 1 from d where n >= $first + 11
    union all select 'cei', 'crf_month', n, (beg1 + sales - total) * 100, beg1 + sales - current, 2 from d
        where n >= $first + 1 - $opening
    union all select 'cei', 'crf_quarter', n, (3 * beg3 + sales3 - 3 * total) * 100, 3 * beg3 + sales3 - 3 * current, 2 from d
        where n >= $first + 3 - $opening
    union all select 'cei', 'undivided_quarter', n, (beg3 + sales3 - total) * 100, beg3 + sales3 - current, 2 from d
        where n >= $first + 3 - $opening
    union all select 'cei', 'crf_annual', n, (12 * beg12 + sales12 - 12 * total) * 100, 12 * beg12 + sales12 - 12 * current, 2
        from d where n >= $first + 12 - $opening
    union all select 'percent_current', 'crf', n, current * 100, total, 2 from d
    union all select 'percent_over_90', 'original_due_date', n, over_90 * 100, total, 2 from d
    union all select 'turnover', 'crf_annual', n, sales12, total, 2 from d where n >= $first + 11
    union all select 'cash_application_rate', 'receipts_of_month', n, applied * 100, receipts, 2 from d
    union all select 'unapplied_rate', 'receipts_of_month', n, (receipts - applied) * 100, receipts, 2 from d
    union all select 'recovery_rate', 'month', n, collected * 100, beg1, 2 from d where n >= $first + 1 - $opening
), said as (
    select kpi, convention, n, places,
        (2 * abs(top) * if(places = 1, 10, 100) + bottom)::hugeint // (2 * bottom) * sign(top)::int as v
    from figures where bottom > 0 and n >= $first
)
select kpi, convention, b.name, v::bigint as value, places from said join base b using (n) where b.n >= $shown order by all
"""

EXACT = ("dso", "best_possible_dso", "average_days_delinquent", "cei", "percent_current", "percent_over_90", "turnover",
         "cash_application_rate", "unapplied_rate", "recovery_rate")  # fmt: skip


def ends(as_of: date, count: int = 25) -> pd.DataFrame:
    """The calendar months to the as-of date, with number, name, first day, last day and days."""
    first = add_months(as_of.replace(day=1), 1 - count)
    days = [add_months(first, number) for number in range(count)]
    last = [day.replace(day=calendar.monthrange(day.year, day.month)[1]) for day in days]
    return pd.DataFrame({"n": range(count), "name": [f"{d:%Y-%m}" for d in days], "starts": days, "ends": last,
                         "days": [d.day for d in last]})  # fmt: skip


def scope_of(entity: str, currency: str, as_of: date) -> Scope:
    return Scope(entity=entity, entity_name="", functional_currency=currency, period=f"{as_of:%Y-%m}",
                 starts_on=as_of.replace(day=1), ends_on=as_of, as_of=as_of)  # fmt: skip


def computed(book: Book, scope: Scope, **policy: object) -> dict[tuple[str, str, str], str]:
    """Our values that SQL computes too, by figure, convention and month."""
    policies = Policies(performance=PerformancePolicy(**policy))  # type: ignore[arg-type]
    here = position(book, scope=scope, policies=policies)
    values = performance(book, position=here, policies=policies).figures
    mine = values[values["kpi"].isin(EXACT) & values["measure"].eq("functional") & values["value"].notna()]
    kept = mine[~mine["convention"].isin(["count_back_net_of_allowance", "oracle_true"])]
    return {(r.kpi, r.convention, r.period): r.value for r in kept.itertuples()}


def by_sql(con: duckdb.DuckDBPyConnection, **given: int) -> dict[tuple[str, str, str], str]:
    rows = con.execute(FIGURES, given).fetchall()
    return {(kpi, convention, name): f"{'-' if v < 0 else ''}{abs(v) // 10**p}.{abs(v) % 10**p:0{p}d}"
            for kpi, convention, name, v, p in rows}  # fmt: skip


def ledger(book: Book, entity: str, as_of: date, began: date) -> duckdb.DuckDBPyConnection:
    """The month ends of a book, worked out in SQL."""
    con = duckdb.connect()
    con.register("ends", ends(as_of))
    for name in ("items", "applications", "instalments"):
        frame = book[name]
        con.register(name, frame[frame["entity"].eq(entity)])
    for statement in LEDGER.split(";"):
        if statement.strip():
            con.execute(statement, {"began": began} if "$began" in statement else None)
    con.execute(BASE)
    return con


@pytest.fixture(scope="module")
def sample() -> Book:
    return Book(generate(seed=7, items=800).tables)


@pytest.mark.parametrize(("entity", "currency"), [("US01", "USD"), ("UK01", "GBP"), ("JP01", "JPY")])
def test_the_sample_company(sample, entity, currency):
    as_of = date(2026, 10, 31)
    book = sample.for_entity(entity)
    con = ledger(book, entity, as_of, date(2025, 11, 1))
    ours = computed(book, scope_of(entity, currency, as_of))
    theirs = by_sql(con, first=13, opening=1, shown=13)
    assert ours == theirs
    assert len(ours) > 150


def test_true_dso_bad_debt_and_disputes_of_the_sample_company(sample):
    book, as_of = sample.for_entity("US01"), date(2026, 10, 31)
    con = ledger(book, "US01", as_of, date(2025, 11, 1))
    policies = Policies()
    found = performance(
        book,
        position=position(book, scope=scope_of("US01", "USD", as_of), policies=policies),
        policies=policies,
    )
    con.register("disputes", book["disputes"])
    values = {
        (r.kpi, r.convention, r.period): r.value
        for r in found.figures[found.figures["measure"].eq("functional")].itertuples()
    }

    # Σ over open invoices of days × amount ÷ sales of their month, to one place
    parts = con.execute("""select t.n, e.name, t.amount_days, b.sales from true_days t join ends f on f.name = t.month
        join base b on b.n = f.n join ends e on e.n = t.n where t.n >= 13 order by all""").fetchall()
    for number in range(13, 25):
        mine = [(top, sales) for n, _, top, sales in parts if n == number]
        name = ends(as_of)["name"][number]
        exact = sum((pd.Series([top]).astype(object)[0] * 10**12 // sales for top, sales in mine), start=0)
        assert abs(float(values["dso", "oracle_true", name]) - exact / 10**12) <= 0.05000001, name

    lost = con.execute("""select strftime(a.day, '%Y-%m') as month, sum(coalesce(a.source_functional_amount, a.source_amount))::bigint
        from app a join items w on w.item_id = a.source_item_id where w.item_type = 'write_off' and a.day <= $1 group by 1""",
        [as_of]).fetchall()  # fmt: skip
    back = con.execute("""select strftime(a.day, '%Y-%m') as month, sum(coalesce(a.target_functional_amount, a.target_amount))::bigint
        from app a join items v on v.item_id = a.target_item_id where v.item_type = 'recovery' and a.day <= $1 group by 1""",
        [as_of]).fetchall()  # fmt: skip
    net = dict(lost)
    for month, amount in back:
        net[month] = net.get(month, 0) - amount
    months = found.months[found.months["measure"].eq("functional")]
    assert {m: v for m, v in zip(months["month"], months["written_off"], strict=True) if v} == {
        m: v for m, v in net.items() if v
    }

    opened = dict(
        con.execute(
            "select strftime(opened_on, '%Y-%m'), count(*) from disputes where opened_on <= $1 group by 1",
            [as_of],
        ).fetchall()
    )
    billed = dict(
        con.execute("select name, invoices from base join sold using (n, invoices) where n >= 13").fetchall()
    )
    for name, count in billed.items():
        wanted = (2 * opened.get(name, 0) * 10_000 + count) // (2 * count)
        assert values["dispute_rate", "opened_by_number", name] == f"{wanted // 100}.{wanted % 100:02d}"


IBM = "WA_Fn-UseC_-Accounts-Receivable.csv"
IBM_SQL = """
create table raw as select round(InvoiceAmount::decimal(18, 4) * 100)::bigint as cents, strptime(InvoiceDate, '%m/%d/%Y')::date as dated,
    strptime(DueDate, '%m/%d/%Y')::date as due, strptime(SettledDate, '%m/%d/%Y')::date as settled
    from read_csv($file, header = true, all_varchar = true);
"""
FLAT = """
create table base as select e.n, e.name, e.days,
    coalesce(sum(cents) filter (dated <= ends and (settled is null or settled > ends)), 0)::hugeint as total,
    coalesce(sum(cents) filter (dated <= ends and (settled is null or settled > ends) and due >= ends), 0)::hugeint as current,
    coalesce(sum(cents) filter (dated <= ends and (settled is null or settled > ends) and ends - due > 90), 0)::hugeint as over_90,
    coalesce(sum(cents) filter (dated between starts and ends), 0)::hugeint as sales,
    coalesce(sum(cents) filter (settled between starts and ends), 0)::hugeint as collected,
    coalesce(sum(cents) filter (settled between starts and ends), 0)::hugeint as receipts,
    coalesce(sum(cents) filter (settled between starts and ends), 0)::hugeint as applied
    from ends e left join raw on dated <= e.ends group by all
"""


@pytest.mark.shared
def test_ibm_ar(shared: Path):
    folder, as_of = shared / "data" / "ibm-ar", date(2013, 6, 30)
    book = load_book([SourceSpec(folder=folder, profile="ibm-ar", tables={"items": (IBM,)})], root=folder)
    con = duckdb.connect()
    con.register("ends", ends(as_of))
    con.execute(IBM_SQL, {"file": str(folder / IBM)})
    con.execute(FLAT)
    ours = computed(book, scope_of(str(book["items"]["entity"].iloc[0]), "USD", as_of))
    theirs = by_sql(con, first=7, opening=0, shown=13)
    assert ours == theirs
    assert len(ours) > 200


HIGHRADIUS_SQL = """
create table raw as
    with paid as (select item_id, effective_date::date as settled from read_csv($applications, header = true, all_varchar = true))
    select round(i.amount::decimal(18, 4) * 100)::bigint as cents, i.document_date::date as dated, i.due_date::date as due, p.settled
    from read_csv($items, header = true, all_varchar = true) i left join paid p using (item_id) where i.company = $company
    union all
    select round(total_open_amount::decimal(18, 4) * 100)::bigint, posting_date::date, due_in_date::date, null
    from read_csv($open_items, header = true, all_varchar = true) where business_code = $company;
"""


@pytest.fixture(scope="module")
def highradius(shared: Path) -> Book:
    folder = shared / "data" / "highradius"
    return load_book([SourceSpec(folder=folder, profile="highradius")], root=folder)


@pytest.mark.shared
@pytest.mark.parametrize(("company", "currency"), [("CA02", "CAD"), ("U005", "USD")])
def test_highradius(shared: Path, highradius: Book, company: str, currency: str):
    folder, as_of = shared / "data" / "highradius", date(2019, 12, 31)
    book = highradius.for_entity(company)
    files = {name: str(folder / f"{name}.csv.gz") for name in ("items", "applications", "open_items")}
    con = duckdb.connect()
    con.register("ends", ends(as_of))
    con.execute(HIGHRADIUS_SQL, files | {"company": company})
    con.execute(FLAT)
    began = con.execute("select strftime(min(dated), '%Y-%m') from raw").fetchone()
    assert began is not None
    first = int(con.execute("select count(*) from ends where name < $1", [began[0]]).fetchall()[0][0])
    assert computed(book, scope_of(company, currency, as_of)) == by_sql(
        con, first=first, opening=int(first == 0), shown=max(first, 13)
    )


def test_the_comparison_sees_one_cent(sample):
    items = sample["items"].copy()
    first = items.index[
        items["entity"].eq("US01") & items["item_type"].eq("invoice") & items["currency"].eq("USD")
    ][0]
    items.loc[first, ["amount", "functional_amount"]] += 100_000
    spoilt = Book(dict(sample.tables) | {"items": items})
    con = ledger(sample, "US01", date(2026, 10, 31), date(2025, 11, 1))
    ours = computed(spoilt.for_entity("US01"), scope_of("US01", "USD", date(2026, 10, 31)))
    assert ours != by_sql(con, first=13, opening=1, shown=13)
