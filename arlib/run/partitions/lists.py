"""Lists of a ledger that are too long for a report: whole as Parquet, the largest rows for the page. Floor 4.

DuckDB puts the lists of the parts one below the other within a memory limit; it adds nothing up but what one customer
has in one bucket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.ledger.frames import BASIS_BRIDGE, LARGE_BALANCES, REAGED, aging_table
from arlib.money import currencies, minor_places
from arlib.policy import AgingPolicy
from arlib.report.aging.part import CUSTOMER, ITEMS, LISTS, OWED
from arlib.sources.partitioned.spilling import spilling
from arlib.sources.partitioned.typed_sql import name as named
from arlib.sources.partitioned.typed_sql import quoted
from arlib.sources.snapshot import frame_of

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

ORDER = {
    "large": f"customer_total desc, {', '.join(LARGE_BALANCES.key)}",
    "reaged": f"abs(amount) desc, {', '.join(REAGED.key)}",
    "bridge": f"abs(amount) desc, {', '.join(BASIS_BRIDGE.key)}",
    "exceptions": "abs(amount) desc, reference",
}


@dataclass(frozen=True)
class Lists:
    """The lists of one entity in kept parts, by name, each with its files."""

    link: duckdb.DuckDBPyConnection
    files: Mapping[str, Sequence[Path]]

    def source(self, name: str) -> str:
        """All rows of a list, as a query has them."""
        listed = ", ".join(quoted(str(path)) for path in self.files[name])
        return f"read_parquet([{listed}])"

    def largest(self, name: str, *, rows: int) -> pd.DataFrame:
        """The first rows of a list, largest first."""
        query = f"select * from {self.source(name)} order by {ORDER[name]} limit {rows}"  # noqa: S608
        return frame_of(self.link.sql(query).to_arrow_table(), table=LISTS[name], where=name)

    def largest_customers(self, *, rows: int, is_functional: bool) -> dict[str, pd.DataFrame]:
        """The customers that owe most, each with its buckets: `owed` and `by_customer`."""
        finest = max(minor_places(code) for code in currencies())
        size = (
            "functional_outstanding"
            if is_functional
            else f"outstanding * 10 ** ({finest} - minor_places_of(currency))"
        )
        keys = ", ".join(CUSTOMER)
        self.link.execute(
            f"create or replace temp table chosen as select * from {self.source('owed')} "  # noqa: S608
            f"order by {size} desc, {keys} limit {rows}"
        )
        owed = self.link.sql(f"select * from chosen order by {keys}").to_arrow_table()  # noqa: S608
        long = self.link.sql(
            f"select t.* from {self.source('by_customer')} t semi join chosen using ({keys}) order by {keys}, bucket"  # noqa: S608
        ).to_arrow_table()
        return {
            "owed": frame_of(owed, table=OWED, where="owed"),
            "by_customer": frame_of(long, table=aging_table(CUSTOMER), where="by_customer"),
        }

    def all_items(self) -> pd.DataFrame:
        """Every open item, by its key."""
        query = f"select * from {self.source('items')} order by item_id, instalment_no nulls last"  # noqa: S608
        return frame_of(self.link.sql(query).to_arrow_table(), table=ITEMS, where="items")

    def write_all(self, name: str, out: Path) -> None:
        """A whole list as one Parquet file, in its order."""
        self._copy(f"select * from {self.source(name)} order by {ORDER[name]}", out)  # noqa: S608

    def write_customers(self, out: Path, *, policy: AgingPolicy) -> None:
        """The aging of every customer with one column a bucket, by customer and currency."""
        sums = ", ".join(
            f"coalesce(sum(amount) filter (where bucket = {quoted(bucket)}), 0)::BIGINT as {named(bucket)}"
            for bucket in policy.buckets
        )
        keys = ", ".join(CUSTOMER)
        self._copy(
            f"select a.customer_id, o.name, a.currency, a.* exclude ({keys}) from (select {keys}, {sums}, "  # noqa: S608
            f"sum(amount)::BIGINT as total from {self.source('by_customer')} group by {keys}) a "
            f"left join {self.source('owed')} o using ({keys}) order by {keys}",
            out,
        )

    def write_contract(self, out: Path) -> None:
        """The aging as contract CSV, as `arlib age` writes it of files: an empty customer is nothing, not a quoted nothing."""
        places, whole = "minor_places_of(currency)", "(abs(amount) // (10 ** places)::BIGINT)"
        rest = "lpad((abs(amount) % (10 ** places)::BIGINT)::VARCHAR, places, '0')"
        self.link.execute(
            "copy (select nullif(customer_id, '') as customer_id, currency, bucket, case when amount < 0 then '-' else '' end || "  # noqa: S608
            f"{whole} || case when places > 0 then '.' || {rest} else '' end as amount "
            f"from (select *, {places} as places from {self.source('by_customer')}) t "
            f"order by t.customer_id, currency, bucket) to {quoted(str(out))} (header, delimiter ',')"
        )

    def totals(self, path: Path) -> dict[str, int]:
        """By currency, what the rows of a written file of customers add up to."""
        query = f"select currency, sum(total::HUGEINT) from read_parquet({quoted(str(path))}) group by all"  # noqa: S608
        return {str(code): int(minor) for code, minor in self.link.execute(query).fetchall()}

    def _copy(self, query: str, out: Path) -> None:
        self.link.execute(f"copy ({query}) to {quoted(str(out))} (format parquet, compression zstd)")


@contextmanager
def lists_of(files: Mapping[str, Sequence[Path]], *, scratch: Path) -> Iterator[Lists]:
    """The lists of kept parts. Raises as `put_together` does."""
    with put_together(scratch) as link:
        yield Lists(link, files)


@contextmanager
def put_together(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that spills into `scratch` and knows currencies. What it says against a file is SourceError."""
    with spilling(scratch, what="parts cannot be put together") as (link, _):
        yield link
