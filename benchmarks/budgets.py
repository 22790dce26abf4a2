"""Budgets: the allowance and the key figures of a million items, 1,000 statements, workbooks of 100,000 and of 1,000,000 rows.

    python benchmarks/budgets.py [--quick]

Each in a process of its own, whose peak memory (its children included) is sampled; data is made before the clock starts. The
workbooks are opened again by openpyxl: rows, and the totals of the long one against its Parquet file.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measured import (
    Chart,
    Table,
    Target,
    Timing,
    arguments,
    interleaved,
    keep,
    mib,
    process,
    processor_seconds,
    seconds,
)

SEED = 2026
ALLOWANCE, KPIS, STATEMENTS, LONG, TOO_LONG = "allowance", "kpis", "statements", "long", "too_long"
BUDGETS = {
    ALLOWANCE: (20.0, 4.5),
    KPIS: (20.0, 4.5),
    STATEMENTS: (90.0, 2.0),
    LONG: (20.0, 1.0),
    TOO_LONG: (20.0, 2.0),
}
SIZES = {ALLOWANCE: 1_000_000, KPIS: 1_000_000, STATEMENTS: 1_000, LONG: 100_000, TOO_LONG: 1_000_000}
QUICK = {ALLOWANCE: 10_000, KPIS: 10_000, STATEMENTS: 4, LONG: 2_000, TOO_LONG: 20_000}
WORDS = {
    ALLOWANCE: "Allowance by roll rate, {:,} open items, 36 months of history",
    KPIS: "Key figures of the month, {:,} items over 13 months",
    STATEMENTS: "{:,} statements of account, PDF and workbook",
    LONG: "Workbook and data files, {:,} rows of detail",
    TOO_LONG: "Workbook with a pointer, and data files, {:,} rows of detail",
}


def allowance(count: int) -> tuple[Callable[[], Any], Callable[[Any], str]]:
    """History, loss rates and the allowance, as `benchmarks/allowance.py` holds against SQL."""
    from allowance import POLICY, SCOPE, book_of

    from arlib.credit.allowance.measure import measure
    from arlib.credit.allowance.past import past_of
    from arlib.credit.allowance.rates import rates_of
    from arlib.policy import AgingPolicy, Policies

    book = book_of(count, 2 * count, SEED)

    def work() -> Any:
        rates = rates_of(past_of(book, scope=SCOPE, aging=AgingPolicy(), policy=POLICY))
        return measure(book, scope=SCOPE, policies=Policies(allowance=POLICY), rates=rates)

    return work, lambda made: f"{len(book['items']):,} items and {len(book['applications']):,} applications"


def kpis(count: int) -> tuple[Callable[[], Any], Callable[[Any], str]]:
    """The key figures, each by its conventions, with the month-end balances they rest on."""
    from allowance import SCOPE, book_of

    from arlib.collect.kpi.performance import performance
    from arlib.collect.position import position
    from arlib.policy import Policies

    book = book_of(count * 3 // 10, count * 7 // 10, SEED, months=13)

    def work() -> Any:
        return performance(
            book, position=position(book, scope=SCOPE, policies=Policies()), policies=Policies()
        )

    def told(made: Any) -> str:
        broken = [identity.name for identity in made.identities if not identity.holds]
        if broken:
            raise RuntimeError(f"identities do not hold: {', '.join(broken)}")
        return f"{len(made.identities):,} identities hold"

    return work, told


def statements(count: int) -> tuple[Callable[[], Any], Callable[[Any], str]]:
    """A batch of statements by two processes, whose totals tie."""
    from statements import made_books

    from arlib.run.statements import write_statements

    books, home = made_books(count), tempfile.mkdtemp()

    def told(made: Any) -> str:
        if made.failed:
            raise RuntimeError(f"{len(made.failed)} statements failed")
        return f"{made.made:,} made"

    return lambda: write_statements(books, Path(home) / "out", jobs=2), told


def workbook(count: int, *, most: int = 0) -> tuple[Callable[[], Any], Callable[[Any], str]]:
    """The files of a report with so many rows of detail; `most` sets the rows that a sheet takes (quick runs)."""
    import pandas as pd
    from allowance import SCOPE, book_of

    from arlib.report import sheets
    from arlib.report.data import write_data
    from arlib.report.model import Report, ResultTable
    from arlib.report.workbook import write_workbook
    from arlib.tables import Kind

    sheets.MOST_ROWS = most or sheets.MOST_ROWS
    items = book_of(count, 0, SEED)["items"].head(count)
    kinds = {
        "item_id": Kind.TEXT, "customer_id": Kind.TEXT, "item_type": Kind.TEXT, "document_no": Kind.TEXT, "posting_date": Kind.DAY,
        "due_date": Kind.DAY, "currency": Kind.TEXT, "amount": Kind.MONEY, "functional_amount": Kind.MONEY,
    }  # fmt: skip
    table = ResultTable(
        name="open_items", title="Open items", frame=items[list(kinds)].reset_index(drop=True), key=("item_id",), kinds=kinds,
        currency={"amount": "currency", "functional_amount": "USD"}, is_detail=True,
    )  # fmt: skip
    report = Report(name="detail", title="Detail", question="?", reader="?", scope=SCOPE, tables=(table,))
    home = Path(tempfile.mkdtemp())

    def work() -> Path:
        (home / "data").mkdir(exist_ok=True)
        made = write_workbook(report, home / "detail.xlsx", properties={}, data="data")
        write_data(report, home / "data")
        return made

    def told(path: Path) -> str:
        import openpyxl
        import pyarrow.parquet as pq

        from arlib.report.cells import as_number

        sheet = openpyxl.load_workbook(path, read_only=True)["Open items"]
        rows = list(sheet.iter_rows(min_row=3, values_only=True))
        if count <= sheets.MOST_ROWS:
            shown = sum(str(row[0]).startswith("I0") for row in rows)
            if shown != count:
                raise RuntimeError(f"{shown} of {count} rows on the sheet")
        else:
            kept = pq.read_table(
                home / "data" / "open_items.parquet", columns=["currency", "amount"]
            ).to_pandas()
            sums = {
                code: as_number(int(part.sum()), code) for code, part in kept.groupby("currency")["amount"]
            }
            at = list(rows[1]).index("Amount")
            shown_sums = {row[0].split()[1]: row[at] for row in rows[2 : 2 + len(sums)]}
            if (
                shown_sums != sums
                or f"{count:,}" not in rows[0][0]
                or "data/open_items.parquet" not in rows[0][0]
            ):
                raise RuntimeError(f"the sheet says {shown_sums}, its file {sums}")
        sizes = {
            ending: path_size
            for ending in ("parquet", "csv")
            if (path_size := (home / "data" / f"open_items.{ending}").stat().st_size)
        }
        return f"xlsx {mib(path.stat().st_size)}, parquet {mib(sizes['parquet'])}, csv {mib(sizes['csv'])}"

    assert pd.api.types.is_integer_dtype(items["amount"].dtype)
    return work, told


MAKERS: dict[str, Callable[..., tuple[Callable[[], Any], Callable[[Any], str]]]] = {
    ALLOWANCE: allowance, KPIS: kpis, STATEMENTS: statements, LONG: workbook, TOO_LONG: workbook,
}  # fmt: skip


def child(name: str, count: int, *, quick: bool) -> None:
    """One budget in this process: what it took, as JSON."""
    options = {"most": count // 2} if quick and name == TOO_LONG else {}
    work, told = MAKERS[name](count, **options)
    started, worked = time.perf_counter(), processor_seconds()
    made = work()
    wall, busy = time.perf_counter() - started, processor_seconds() - worked
    print(json.dumps({"wall": wall, "busy": busy, "told": told(made)}))


def apart(name: str, count: int, *, quick: bool) -> Timing:
    """One budget in a process of its own."""
    words = [sys.executable, __file__, "--one", name, "--count", str(count), *(["--quick"] if quick else [])]
    whole = process(words, memory=True, limit=600)
    found = json.loads(whole.result.stdout.splitlines()[-1])
    return Timing((found["wall"],), (found["busy"],), whole.peak, found["told"])


def main() -> None:
    """Measure all and keep what was found."""
    parser = arguments(__doc__, runs=1)
    parser.add_argument("--one", default="")
    parser.add_argument("--count", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.one:
        child(chosen.one, chosen.count, quick=chosen.quick)
        return
    sizes = QUICK if chosen.quick else SIZES
    found = interleaved(
        {name: lambda name=name: apart(name, sizes[name], quick=chosen.quick) for name in MAKERS}, runs=chosen.runs, warm_up=0
    )  # fmt: skip
    rows, targets = [], []
    for name, timing in found.items():
        limit, room = BUDGETS[name]
        words = WORDS[name].format(sizes[name])
        rows.append((words, seconds(timing), f"{timing.busy:.1f}", mib(timing.peak), timing.result))
        is_met = timing.median < limit and timing.peak < room * 1024**3
        targets.append(
            Target(
                words, f"{limit:.0f} s, {room:.1f} GiB", f"{timing.median:.1f} s, {mib(timing.peak)}", is_met
            )
        )
    keep(
        "budgets", title="Budgets: allowance, key figures, statements, workbooks", quick=chosen.quick,
        tables=[Table("One run each, in a process of its own", ("what", "seconds", "processor seconds", "peak memory", "made"), rows)],
        targets=targets,
        charts=[Chart("seconds", "Seconds, arlib", {"arlib": {WORDS[name].format(sizes[name]): t.median for name, t in found.items()}})],
        sentences=[
            "Peak memory is that of the whole process with all the data it was made from, and of its children.",
            "A table of more than 500,000 rows is not put on a sheet: the sheet shows the totals of all rows by currency, the first 1,000 "
            "rows and the name of the Parquet file that has all of them. The run opens the workbook and ties its totals with that file.",
        ],
        figures={f"{name}_seconds_per_1000": timing.busy / sizes[name] * 1000 for name, timing in found.items()},
    )  # fmt: skip


if __name__ == "__main__":
    main()
