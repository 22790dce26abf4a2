"""Whether any customer lies in two partitions of a ledger: then no sum of parts is right, and none is made. Floor 4.

Each part keeps the customers of its items, whatever their date, with what they add up to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import SourceError
from arlib.money import shown, totals_by
from arlib.run.partitions.lists import put_together
from arlib.run.partitions.parts import Kept
from arlib.sources.partitioned import Manifest
from arlib.sources.partitioned.typed_sql import quoted
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

NAME = "customers"
CUSTOMERS = Table("partition_customers", "a customer of a partition in one currency", ("entity", "customer_id", "currency"), (
    Column("entity", Kind.TEXT, "legal entity", True),
    Column("customer_id", Kind.TEXT, "customer code, '' where an item names none", True),
    Column("currency", Kind.TEXT, "document currency", True),
    Column("items", Kind.INTEGER, "items of any date", True),
    Column("amount", Kind.MONEY, "their document amounts", True, currency="currency"),
))  # fmt: skip
NAMED = 3  # customers that a message names
TWICE = """
select entity, customer_id from {source} group by all having count(distinct filename) > 1
order by entity, customer_id
"""
WHERE = """
select customer_id, entity, parse_filename(parse_dirpath(filename)) as partition, currency, items, amount from {source}
semi join (from twice limit {named}) using (entity, customer_id) order by entity, customer_id, partition, currency
"""


def customers_of(items: pd.DataFrame) -> pd.DataFrame:
    """CUSTOMERS of the items of one partition."""
    rows = items[["entity", "customer_id", "currency", "amount"]].assign(items=1)
    rows["customer_id"] = rows["customer_id"].fillna("")
    return CUSTOMERS.typed(totals_by(rows, ["entity", "customer_id", "currency"], ["items", "amount"]))


def require_apart(manifest: Manifest, kept: Kept, *, scratch: Path) -> None:
    """Raise SourceError with the first customers that stand in two partitions, where, and what of them lies there."""
    files = [kept.path(part.name, NAME) for part in manifest.partitions]
    with put_together(scratch) as link:
        source = f"read_parquet([{', '.join(quoted(str(path)) for path in files)}], filename = true)"
        link.execute(f"create temp table twice as {TWICE.format(source=source)}")
        count = _one(link, "select count(*) from twice")
        if not count:
            return
        found = link.execute(WHERE.format(source=source, named=NAMED)).fetchall()
    told = "; ".join(_said(found)) + (f" and {count - NAMED:,} more" if count > NAMED else "")
    raise SourceError(
        f"a customer lies in more than one partition: {told}",
        wanted="all items of a customer in one",
        fix="An item may stand twice, or in the wrong partition. `arlib sources partition` writes a ledger as it must be.",
    )


def _one(link: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(link.execute(query).fetchall()[0][0])


def _said(found: Sequence[tuple[str, str, str, str, int, int]]) -> list[str]:
    """Each customer with its partitions: `09791 of US01: part-00000 (3 items, 17,700.00 USD), part-00001 (...)`."""
    made: dict[tuple[str, str], dict[str, list[str]]] = {}
    for customer, entity, partition, code, items, minor in found:
        told = made.setdefault((customer, entity), {}).setdefault(partition, [])
        told.append(f"{items:,} {'item' if items == 1 else 'items'}, {shown(minor, code)} {code}")
    return [
        f"{customer or 'items without a customer'} of {entity}: "
        + ", ".join(f"{partition} ({'; '.join(sums)})" for partition, sums in places.items())
        for (customer, entity), places in made.items()
    ]
