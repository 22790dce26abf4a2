"""The cash forecast back-tested by rolling origin on real books, and its speed at 1,000,000 open items.

    python benchmarks/forecast.py [--skip-scale] [--only-scale]

Each Sunday is an origin; what is forecast from it uses only what was known on that day. Weights, half-life and billing weeks
were chosen on origins up to the first day of each test; the tables below are of later origins only. Naive forecasts: every
open item is paid on its due date, or so many days after it as the customer's past payments were on average; what is past that
day is expected in the first week. Both are given the same new billing, paid at its mean terms or lag. `recent_mean` is the
mean of the last 8 weeks. The food manufacturer's file lacks almost all documents of 16 to 31 December 2019, so that hardly
any receipts are due in the four weeks to 26 January 2020: tables are given with and without those weeks. Writes
docs/forecast_table.md.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from arlib.collect.forecast import cash_forecast
from arlib.collect.forecast.interval import with_intervals
from arlib.collect.forecast.past import past_of
from arlib.collect.forecast.rolling import METHODS, back_test_rows, outlook
from arlib.collect.forecast.scores import pinball, scored
from arlib.collect.forecast.special import special_of
from arlib.collect.position import position
from arlib.policy import Policies, Scope
from arlib.sources import SourceSpec, load_book
from arlib.tables import Book

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
EPOCH = date(1970, 1, 1)
POLICIES = Policies()
CLAIMED = float(POLICIES.forecast.interval)
HOLE = (
    date(2019, 12, 30),
    date(2020, 1, 26),
)  # weeks whose receipts the file's missing documents would have brought
SHOWN = {
    "forecast": "forecast",
    "due_date": "due date",
    "average_delay": "average delay",
    "recent_mean": "recent mean",
}


@dataclass(frozen=True)
class Test:
    """A rolling back-test."""

    title: str
    entity: str
    currency: str
    first: date  # origin of the first error that an interval may learn from
    held_out: date  # first origin reported
    last: date
    known: date  # receipts are whole up to this day
    hole: tuple[date, date] | None = None


def scope_of(test: Test) -> Scope:
    """The scope at the last known day."""
    return Scope(entity=test.entity, entity_name=test.entity, functional_currency=test.currency, period=f"{test.known:%Y-%m}",
                 starts_on=test.known.replace(day=1), ends_on=test.known, as_of=test.known)  # fmt: skip


def rows_of(book: Book, test: Test) -> pd.DataFrame:
    """Back-test rows with intervals of all origins, each made from what was known then."""
    scope = scope_of(test)
    past = past_of(book, scope=scope)
    made, until = [], (test.known - EPOCH).days
    for origin in range((test.first - EPOCH).days, (test.last - EPOCH).days + 1, 7):
        debits = past.standing(origin)
        special = special_of(book, past, debits, scope=scope, origin=origin)
        looked = outlook(past, debits, special, origin=origin, policy=POLICIES.forecast)
        made.append(back_test_rows(past, looked, origin=origin, until=until, policy=POLICIES.forecast))
    rows = with_intervals(pd.concat(made, ignore_index=True), CLAIMED)
    for method in METHODS[1:]:
        own = with_intervals(rows, CLAIMED, method=method)
        rows[[f"{method}_{end}" for end in ("low", "median", "high")]] = own[["low", "median", "high"]]
    return rows[rows["currency"].eq(past.currencies.index(test.currency))].assign(currency=0)


def lines_of(rows: pd.DataFrame, test: Test, title: str) -> list[str]:
    """The Markdown table of one test."""
    scores = scored(rows, (test.currency,), CLAIMED).set_index(["week_no", "method"])
    level = rows["actual_total"].mean()
    lines = [f"### {title}", "", f"{rows['origin'].nunique()} origins, {_day(rows['origin'].min())} to {_day(rows['origin'].max())};"
             f" mean weekly receipts {level / 100:,.0f} {test.currency}.", "",
             "| week | MAPE % | due date | average delay | recent mean | pinball % | due date | average delay | recent mean "
             "| the same with intervals of their own | 80 % interval held | of |",
             "|---|---|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for week in (*range(1, POLICIES.forecast.weeks + 1), 0):
        chosen = rows if week == 0 else rows[rows["week_no"].eq(week)]
        ours = scores.loc[(week, "forecast")]
        mape = [f"{100 * float(scores.loc[(week, method)]['mape']):.1f}" for method in METHODS]
        loss = [f"{100 * float(scores.loc[(week, method)]['pinball']):.2f}" for method in METHODS]
        own = " / ".join(
            f"{100 * _own(chosen, method) / chosen['actual_total'].mean():.2f}" for method in METHODS[1:]
        )
        held = f"{100 * float(ours['coverage']):.0f} % ({100 * float(ours['coverage_low']):.0f}-{100 * float(ours['coverage_high']):.0f})"
        lines.append(f"| {week or 'all'} | **{mape[0]}** | {' | '.join(mape[1:])} | **{loss[0]}** | {' | '.join(loss[1:])} | {own} "
                     f"| {held} | {ours['interval_weeks']} |")  # fmt: skip
    return [*lines, "", "Items open at the origin only (sum of errors over sum of receipts, %; not billed yet left out):", "",
            "| week | forecast | due date | average delay | receipts of open items, % of all |", "|---|---|---|---|---|",
            *_open_lines(rows), ""]  # fmt: skip


def _open_lines(rows: pd.DataFrame) -> list[str]:
    made = []
    for week in (*range(1, POLICIES.forecast.weeks + 1), 0):
        chosen = rows if week == 0 else rows[rows["week_no"].eq(week)]
        came = chosen["actual_open"]
        errors = [
            f"{100 * (chosen[f'{method}_open'] - came).abs().sum() / came.sum():.1f}"
            for method in METHODS[:3]
        ]
        share = f"{100 * came.sum() / chosen['actual_total'].sum():.1f}"
        made.append(f"| {week or 'all'} | **{errors[0]}** | {errors[1]} | {errors[2]} | {share} |")
    return made


def _own(rows: pd.DataFrame, method: str) -> float:
    """Mean pinball loss of a naive forecast with an interval from its own past errors."""
    actual = rows["actual_total"].to_numpy(float)
    ends = {"low": (1 - CLAIMED) / 2, "median": 0.5, "high": (1 + CLAIMED) / 2}
    return float(
        np.mean([pinball(actual, rows[f"{method}_{end}"].to_numpy(float), q) for end, q in ends.items()])
    )


def _day(day: int) -> date:
    return EPOCH + timedelta(days=int(day))


def accuracy() -> list[str]:
    """All tables."""
    manufacturer = load_book([SourceSpec(folder=DATA / "highradius", profile="highradius")], root=ROOT)
    ibm = load_book([SourceSpec(folder=DATA / "ibm-ar", profile="ibm-ar")], root=ROOT)
    known = date(2020, 3, 1)
    span = (date(2019, 3, 3), date(2019, 8, 4), date(2020, 1, 5), known, HOLE)
    tests = [
        (manufacturer, Test("Food manufacturer, company U001, USD", "U001", "USD", *span)),
        (manufacturer, Test("Food manufacturer, company CA02, CAD", "CA02", "CAD", *span)),
        (manufacturer, Test("Food manufacturer, company U013, USD (305 invoices)", "U013", "USD", *span)),
        (ibm, Test("IBM sample, USD", "IBM", "USD", date(2012, 3, 4), date(2013, 1, 6), date(2013, 9, 29), date(2013, 11, 24))),
    ]  # fmt: skip
    lines = []
    for book, test in tests:
        started = time.perf_counter()
        rows = rows_of(book, test)
        held = rows[rows["origin"] >= (test.held_out - EPOCH).days]
        if test.hole is not None:
            first, last = ((day - EPOCH).days for day in test.hole)
            begin = held["origin"] + 7 * (held["week_no"] - 1) + 1
            whole = held[(begin > last) | (begin < first)]
            lines += lines_of(whole, test, f"{test.title}: weeks whose documents the file holds")
            lines += lines_of(held, test, f"{test.title}: all weeks, the hole in the file included")
        else:
            lines += lines_of(held, test, test.title)
        print(
            f"{test.title}: {rows['origin'].nunique()} origins in {time.perf_counter() - started:.1f} s",
            flush=True,
        )
    return lines


def speed() -> None:
    """1,000,000 open items and 36 months of history."""
    from allowance import SCOPE, SEED, book_of

    book = book_of(1_000_000, 2_000_000, SEED)
    started, worked = time.perf_counter(), time.process_time()
    stood = position(book, scope=SCOPE, policies=POLICIES)
    print(
        f"position: {time.perf_counter() - started:.1f} s, processor {time.process_time() - worked:.1f} s",
        flush=True,
    )
    started, worked = time.perf_counter(), time.process_time()
    made = cash_forecast(book, position=stood, policies=POLICIES)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"forecast of {len(stood.debits):,} open items with {made.backtest['origins'].max()} past origins: "
          f"{time.perf_counter() - started:.1f} s, processor {time.process_time() - worked:.1f} s, target 60 s; "
          f"peak of the process {peak:.2f} GiB, the book included")  # fmt: skip


def main() -> None:
    """Run, print and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--skip-scale", action="store_true")
    parser.add_argument("--only-scale", action="store_true")
    chosen = parser.parse_args()
    if not chosen.only_scale and DATA.is_dir():
        text = "\n".join(accuracy())
        print(text)
        page = "# Back-test of the cash forecast\n\nWritten by `benchmarks/forecast.py`; see [forecast.md](forecast.md).\n\n"
        (ROOT / "docs" / "forecast_table.md").write_text(page + text, encoding="utf-8")
    if not chosen.skip_scale:
        speed()


if __name__ == "__main__":
    main()
