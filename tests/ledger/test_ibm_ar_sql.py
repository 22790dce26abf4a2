"""The aging of a real file (ibm-ar) equals, to the cent, SQL over the same file at 24 month ends.

The SQL knows nothing of items or applications: an invoice is open from its date until the day before it is
settled.
"""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from arlib.ledger.aging import age_items, aging, aging_identities
from arlib.ledger.openitems import open_items
from arlib.policy import AgingPolicy, Basis, Scope
from arlib.sources import SourceSpec, load_book
from arlib.tables import Book

FILE = "WA_Fn-UseC_-Accounts-Receivable.csv"
MONTH_ENDS = [
    date(year, month, calendar.monthrange(year, month)[1]) for year in (2012, 2013) for month in range(1, 13)
]
SQL = """
    with invoices as (
        select customerID as customer_id, cast(round(cast(InvoiceAmount as decimal(18, 4)) * 100) as bigint)
        as cents,
            strptime(InvoiceDate, '%m/%d/%Y')::date as dated, strptime(DueDate, '%m/%d/%Y')::date as due,
            strptime(SettledDate, '%m/%d/%Y')::date as settled
        from read_csv(?, header = true, all_varchar = true)
    ), aged as (
        select customer_id, cents, datediff('day', due, cast(? as date)) as late
        from invoices where dated <= cast(? as date) and settled > cast(? as date)
    )
    select customer_id, 'USD' as currency, case when late <= 0 then 'current' when late <= 30 then '1-30'
        when late <= 60 then '31-60' when late <= 90 then '61-90' when late <= 120 then '91-120' else '121+'
        end as bucket, cast(sum(cents) as bigint) as amount
    from aged group by all order by all
"""


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / "ibm-ar"


@pytest.fixture(scope="module")
def book(folder: Path) -> Book:
    return load_book([SourceSpec(folder=folder, profile="ibm-ar", tables={"items": (FILE,)})], root=folder)


def ours(book: Book, as_of: date, basis: Basis) -> pd.DataFrame:
    entity = str(book["items"]["entity"].iloc[0])
    scope = Scope(
        entity=entity,
        entity_name="",
        functional_currency="USD",
        period="",
        starts_on=as_of,
        ends_on=as_of,
        as_of=as_of,
        basis=basis,
    )
    made = open_items(book, scope=scope)
    long = aging(age_items(made, as_of=as_of, policy=AgingPolicy()))
    for identity in aging_identities(made, long, entity=entity):
        identity.require()
    return long


@pytest.mark.shared
def test_every_month_end_of_two_years(book, folder):
    rows = 0
    for as_of in MONTH_ENDS:
        expected = duckdb.connect().execute(SQL, [str(folder / FILE), *[as_of.isoformat()] * 3]).fetchall()
        for basis in Basis:
            made = ours(book, as_of, basis)
            assert list(made.itertuples(index=False, name=None)) == expected, as_of
        rows += len(expected)
    assert rows > 1000  # the comparison looked at something


@pytest.mark.shared
def test_the_comparison_sees_one_cent(book, folder):
    items = book["items"].copy()
    items.loc[items["item_type"] == "invoice", "amount"] += 1
    spoilt = replace(book, tables=dict(book.tables) | {"items": items})
    as_of = date(2013, 6, 30)
    expected = duckdb.connect().execute(SQL, [str(folder / FILE), *[as_of.isoformat()] * 3]).fetchall()
    assert list(ours(spoilt, as_of, Basis.POSTING).itertuples(index=False, name=None)) != expected
