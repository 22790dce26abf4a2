"""As-of reconstruction of 10,000,000 items with 30,000,000 applications, the tie-out's balance, and the roll-forward; all linear?

    python benchmarks/as_of.py [--items 10000000] [--runs 1] [--quick]

Made up and seeded: three applications for an item, one in twenty after the as-of date; receipts of ten invoices. A tenth, three
tenths and all of the items show how the time grows. Beside ours, DuckDB works out what is open from the same tables in SQL; every
open item must be equal. The roll-forward is measured at a tenth of the items.
"""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from measured import (
    Chart,
    Table,
    Target,
    Timing,
    arguments,
    interleaved,
    keep,
    mib,
    peak_memory,
    ratio,
    seconds,
)

from arlib.ledger.openitems import open_items
from arlib.ledger.postings import subledger_postings
from arlib.ledger.rollforward import roll_forward
from arlib.money import totals_by
from arlib.policy import Scope
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)
SCOPE = Scope(entity="E1", entity_name="Benchmark", functional_currency="USD", period="2026-10",
              starts_on=date(2026, 10, 1), ends_on=AS_OF, as_of=AS_OF)  # fmt: skip
ITEMS = ["item_id", "entity", "customer_id", "item_type", "document_no", "effective_date", "posting_date", "document_date",
         "due_date", "original_due_date", "rescheduled_on", "currency", "amount", "functional_amount", "control_account",
         "reverses", "replaces"]  # fmt: skip
APPLICATIONS = ["entity", "source_item_id", "target_item_id", "effective_date", "posting_date", "source_currency",
                "source_amount", "source_functional_amount", "target_currency", "target_amount", "target_functional_amount",
                "discount", "discount_functional_amount"]  # fmt: skip
SQL = """
    with moved as (
        select target_item_id as item_id, -sum(target_amount + discount) as amount from applications
        where coalesce(posting_date, effective_date) <= timestamp '2026-10-31' group by all
        union all
        select source_item_id, sum(source_amount) from applications
        where coalesce(posting_date, effective_date) <= timestamp '2026-10-31' group by all
        union all
        select item_id, amount from items where coalesce(posting_date, effective_date) <= timestamp '2026-10-31'
    )
    select item_id, sum(amount)::bigint as outstanding from moved group by all having sum(amount) <> 0
"""


def book_of(items: int, *, whole: bool = False, seed: int = 2026) -> Book:
    """The book; only the columns that open items need, or all that are declared."""
    rng = np.random.default_rng(seed)
    receipts = max(items // 10, 1)
    invoices = items - receipts
    links = 3 * items
    last = np.datetime64(AS_OF, "D").astype(np.int64)
    amount = rng.integers(3_00, 9_000_00, invoices) * 10
    posted = last - rng.integers(0, 720, items)
    target = np.arange(links) % invoices
    settled = amount[target] // rng.integers(4, 12, links)
    source = target // 9 % receipts
    taken = np.zeros(receipts, dtype=np.int64)
    np.add.at(taken, source, settled)
    currency = (source % 3).astype(np.int8)
    day = np.minimum(last + rng.integers(-700, 35, links), last + 30)
    names = pa.array(["USD", "EUR", "GBP"], type=pa.large_string())

    def text(values: pa.Array) -> pd.Series:
        return pd.Series(
            pd.StringDtype("pyarrow", na_value=np.nan).__from_arrow__(values.cast(pa.large_string()))
        )

    def ids(letter: str, count: int) -> pa.Array:
        padded = pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), 9, "0")
        return pc.binary_join_element_wise(letter, padded, "").cast(pa.large_string())

    def days(values: np.ndarray) -> np.ndarray:
        return values.astype("datetime64[D]").astype("datetime64[s]")

    def money(values: np.ndarray) -> pd.api.extensions.ExtensionArray:
        return pd.array(values, dtype="Int64")

    known = ids("I", items)
    of_item = np.concatenate([np.arange(invoices) // 9 % receipts % 3, np.arange(receipts) % 3])
    values = np.concatenate([amount, -taken])
    made = pd.DataFrame({
        "item_id": text(known), "entity": text(pa.array(["E1"]).take(pa.array(np.zeros(items, dtype=np.int8)))),
        "customer_id": text(ids("K", max(items // 50, 1)).take(pa.array(rng.integers(0, max(items // 50, 1), items)))),
        "item_type": text(pa.array(["invoice", "receipt"]).take(pa.array((np.arange(items) >= invoices).astype(np.int8)))),
        "document_no": text(known), "effective_date": days(posted), "posting_date": days(posted), "document_date": days(posted),
        "due_date": days(posted + 30), "currency": text(names.take(pa.array(of_item))), "amount": money(values),
        "functional_amount": money(values), "control_account": text(pa.array(["1200"]).take(pa.array(np.zeros(items, dtype=np.int8)))),
    })  # fmt: skip
    made.loc[invoices:, "due_date"] = pd.NaT
    units = text(names.take(pa.array(currency)))
    moved = pd.DataFrame({
        "entity": text(pa.array(["E1"]).take(pa.array(np.zeros(links, dtype=np.int8)))),
        "source_item_id": text(known.take(pa.array(source + invoices))), "target_item_id": text(known.take(pa.array(target))),
        "effective_date": days(day), "posting_date": days(day), "source_currency": units, "source_amount": money(settled),
        "source_functional_amount": money(settled), "target_currency": units, "target_amount": money(settled),
        "target_functional_amount": money(settled), "discount": money(np.zeros(links, dtype=np.int64)),
        "discount_functional_amount": money(np.zeros(links, dtype=np.int64)),
    })  # fmt: skip
    if whole:
        kind = pa.array(["payment"]).take(pa.array(np.zeros(links, dtype=np.int8)))
        moved = moved.assign(
            application_id=text(ids("A", links)), kind=text(kind), reason=text(kind), pairing=text(kind)
        )
        return Book(
            {"items": CANONICAL["items"].typed(made), "applications": CANONICAL["applications"].typed(moved)}
        )
    empty = {
        name: CANONICAL["items"].typed(made[["item_id"]].iloc[:0]).reindex(made.index)[name]
        for name in ITEMS
        if name not in made.columns
    }
    return Book({"items": made.assign(**empty), "applications": moved[APPLICATIONS]})


def by_sql(book: Book) -> pa.Table:
    """What is open of each item, in SQL over the frames' Arrow buffers."""
    with duckdb.connect(config={"threads": 2}) as base:
        base.execute("set preserve_insertion_order = false")
        for name, columns in (
            ("items", ["item_id", "posting_date", "effective_date", "amount"]),
            (
                "applications",
                [
                    "source_item_id",
                    "target_item_id",
                    "posting_date",
                    "effective_date",
                    "source_amount",
                    "target_amount",
                    "discount",
                ],
            ),
        ):
            whole = pa.Table.from_pandas(book[name][columns], preserve_index=False)
            base.register(name, pa.Table.from_batches(whole.to_batches(max_chunksize=122_880)))
        return base.sql(SQL).to_arrow_table()


def same(mine: pd.DataFrame, theirs: pa.Table) -> bool:
    """Whether every open item and its amount is equal."""
    ordered = theirs.sort_by("item_id")
    own = pa.Table.from_pandas(
        mine.loc[mine["outstanding"].ne(0), ["item_id", "outstanding"]], preserve_index=False
    )
    return all(own[name].cast(ordered[name].type).equals(ordered[name]) for name in own.column_names)


def balances(book: Book) -> dict[str, int]:
    """What the tie-out holds against the ledger: the sub-ledger's total by control account."""
    sums = totals_by(subledger_postings(book, scope=SCOPE), "account", "functional_amount")
    return dict(zip(sums["account"], sums["functional_amount"].astype(int), strict=True))


def by_size(
    sizes: list[int], *, whole: bool, works: dict[str, object], runs: int
) -> tuple[dict[int, dict[str, Timing]], int]:
    """Timings at each size, and the peak memory at the largest, the book included."""
    found: dict[int, dict[str, Timing]] = {}
    for size in sizes:
        with peak_memory() as peak:
            book = book_of(size, whole=whole)
            found[size] = interleaved(
                {name: lambda work=work, book=book: work(book) for name, work in works.items()},
                runs=runs,
                warm_up=0,
            )
    return found, peak.rss


def main() -> None:
    """Measure and keep."""
    parser = arguments(__doc__, runs=1)
    parser.add_argument("--items", type=int, default=10_000_000)
    chosen = parser.parse_args()
    largest = 100_000 if chosen.quick else chosen.items
    sizes = [largest // 10, largest * 3 // 10, largest]
    rebuilt, peak = by_size(
        sizes,
        whole=False,
        runs=chosen.runs,
        works={"arlib": lambda book: open_items(book, scope=SCOPE), "DuckDB": by_sql},
    )
    for size, timings in rebuilt.items():
        if not same(timings["arlib"].result, timings["DuckDB"].result):
            raise SystemExit(f"{size:,} items: what is open differs")
    smaller = [size // 10 for size in sizes]
    rolled, peak_rolled = by_size(
        smaller, whole=True, runs=chosen.runs,
        works={"tie-out total": balances, "roll-forward": lambda book: roll_forward(book, scope=SCOPE)},
    )  # fmt: skip
    rows = [
        (
            f"{name}, {size:,} items, {3 * size:,} applications",
            seconds(timing),
            f"{timing.busy:.2f}",
            f"{timing.busy / size * 1e6:.2f}",
        )
        for found in (rebuilt, rolled)
        for size, timings in found.items()
        for name, timing in timings.items()
    ]
    first, last = rebuilt[sizes[0]]["arlib"].busy / sizes[0], rebuilt[sizes[-1]]["arlib"].busy / sizes[-1]
    one, ten = (
        rolled[smaller[0]]["roll-forward"].busy / smaller[0],
        rolled[smaller[-1]]["roll-forward"].busy / smaller[-1],
    )
    keep(
        "as_of",
        title=f"Open items as of a date: {largest:,} items, {3 * largest:,} applications",
        quick=chosen.quick,
        tables=[Table("Open items, tie-out total, roll-forward", ("what", "seconds", "processor seconds", "per million items"), rows)],
        sentences=[
            "Every open item is equal to DuckDB's, checked in the run. DuckDB gives id and amount; ours gives open items, their due "
            "dates and carrying amounts, sorted, after every application was held against both of its items.",
            f"Peak memory with the book: {mib(peak)} at {largest:,} items; {mib(peak_rolled)} for roll-forward at {smaller[-1]:,}.",
        ],
        targets=[
            Target("As-of reconstruction is linear", "ten times the items take ten times as long, a fifth more at most",
                   f"{10 * last / first:.1f} times as long", last / first <= 1.2,
                   why="" if last / first <= 1.2 else "Not profiled yet at this size."),
            Target("Roll-forward is linear", "ten times the items take ten times as long, a fifth more at most",
                   f"{10 * ten / one:.1f} times as long", ten / one <= 1.2, why="" if ten / one <= 1.2 else "Not profiled at this size."),
        ],
        charts=[Chart("growth", "Processor seconds by items", {
            name: {str(size): timings[name].busy for size, timings in rebuilt.items()} for name in ("arlib", "DuckDB")
        }, kind="lines")],
        figures={
            "processor_seconds_per_million_items": last * 1e6,
            "times_duckdb": ratio(rebuilt[largest]["arlib"], rebuilt[largest]["DuckDB"]),
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
