# ruff: noqa: E501  (a declared column is one line)
"""Tables of the history behind the loss rates: migration, roll rates, vintages, cohorts. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.credit.allowance.cohort import cohort_frame, cohorts_of
from arlib.credit.allowance.frames import COHORTS, MIGRATION, ROLL_RATES, VINTAGES
from arlib.credit.allowance.migration import ENDS, migrated, migration_frame, roll_frame
from arlib.credit.allowance.past import Past
from arlib.credit.allowance.vintage import triangle_of, vintage_frame
from arlib.money import total
from arlib.report.bad_debt_percents import percent_of, percents, share_percents
from arlib.report.bad_debt_tables import without_whole
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table
from arlib.tables import Column, Kind, Table

T, D, M, N, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE

END_WORDS = {"paid": "Paid", "credited": "Credited", "written_off": "Written off"}
WHOLE = {"": "Whole portfolio"}
VINTAGE_SUMMARY = Table("vintage", "the invoices of a month and what became of them", ("segment", "vintage"), (
    Column("segment", T, "segment; empty for the whole"),
    Column("vintage", T, "month of the invoices", True),
    Column("age_months", N, "months since", True),
    Column("billed", M, "billed, less what was credited", True, currency="functional"),
    Column("paid", M, "paid by now", True, currency="functional"),
    Column("lost", M, "lost by now", True, currency="functional"),
    Column("open", M, "still open", True, currency="functional"),
    Column("loss", R, "lost of billed, in percent"),
))  # fmt: skip


def history_tables(past: Past, *, code: str) -> tuple[ResultTable, ...]:
    """Migration matrix in percent with its rows summing to 100, roll rates, vintages; amounts and cohorts as detail."""
    moved = migrated(past)
    long, rolled, vintages = migration_frame(moved), roll_frame(moved), vintage_frame(triangle_of(past))
    cohorts = cohort_frame(cohorts_of(past))
    words = {name: in_words(name) for name in past.buckets}
    return (
        _matrix(long, past, code, words),
        _rolls(rolled, code, words),
        _vintages(vintages, code),
        result_table(MIGRATION, long.assign(segment=long["segment"].fillna("")), name="migration_amounts", functional=code,
                     title="Migration from month end to month end, amounts", is_detail=True, is_ordered=True,
                     words={"segment": WHOLE, "from_bucket": words, "to_state": words | END_WORDS}, not_totalled=("amount",)),
        result_table(VINTAGES, vintages.assign(segment=vintages["segment"].fillna("")), functional=code, is_detail=True,
                     title="Vintages month by month", is_ordered=True, words={"segment": WHOLE},
                     not_totalled=("billed", "paid", "lost", "open")),
        result_table(COHORTS, cohorts.assign(segment=cohorts["segment"].fillna("")), functional=code, is_detail=True,
                     title="Cohorts by month end and bucket", is_ordered=True, words={"segment": WHOLE, "bucket": words},
                     not_totalled=("stood", "paid", "credited", "lost", "recovered", "open")),
    )  # fmt: skip


def _matrix(long: pd.DataFrame, past: Past, code: str, words: dict[str, str]) -> ResultTable:
    states = (*past.buckets, *ENDS)
    table = Table("migration", "a bucket and where it went in a month", ("segment", "from_bucket"), (
        Column("segment", T, "segment; empty for the whole"), Column("from_bucket", T, "bucket at the month end", True),
        Column("stood", M, "amounts at all month ends", True, currency="functional"),
        *(Column(state, R, "share a month later, in percent") for state in states),
    ))  # fmt: skip
    rows = []
    for (segment, bucket), part in long.assign(segment=long["segment"].fillna("")).groupby(
        ["segment", "from_bucket"], sort=False
    ):
        shares = {
            state: percent_of(share) for state, share in zip(part["to_state"], part["share"], strict=True)
        }
        rows.append({"segment": segment, "from_bucket": bucket, "stood": total(part["amount"]), **shares})
    frame = table.typed(pd.DataFrame(rows)) if rows else table.empty()
    columns, key = without_whole(table, frame)
    return result_table(
        table, frame, title="Migration matrix: where each bucket was a month later, in percent", functional=code, is_ordered=True,
        columns=columns, key=key, words=_known(columns, segment=WHOLE, from_bucket=words), not_totalled=("stood",),
        headings={"from_bucket": "From", "stood": "Stood, all month ends"} | {name: words.get(name, END_WORDS.get(name, name)) for name in states},
        note="Each row sums to 100 but for rounding: paid, credited and written off are its ends.",
    )  # fmt: skip


def _rolls(rolled: pd.DataFrame, code: str, words: dict[str, str]) -> ResultTable:
    rates = (
        "roll_rate",
        "onward_rate",
        "product",
        "absorbed_paid",
        "absorbed_credited",
        "absorbed_written_off",
        "absorbed_rate",
    )
    frame = rolled.assign(segment=rolled["segment"].fillna(""))
    for name in rates:
        frame[name] = percents(rolled[name])
    columns, key = without_whole(ROLL_RATES, frame)
    columns = tuple(
        name for name in columns if name not in ("absorbed_paid", "absorbed_credited", "absorbed_written_off")
    )
    return result_table(
        ROLL_RATES, frame, title="Roll rates, in percent", functional=code, is_ordered=True, columns=columns, key=key,
        words=_known(columns, segment=WHOLE, bucket=words), not_totalled=("stood", "stayed", "rolled", "paid", "credited", "written_off"),
        headings={"roll_rate": "Roll rate, %", "onward_rate": "Rolled of decided, %", "product": "Loss rate by roll rates, %",
                  "absorbed_rate": "Loss rate by the matrix, %"},
        note="Amounts are sums over the month ends. A loss rate is empty where nothing of the bucket was ever decided.",
    )  # fmt: skip


def _vintages(vintages: pd.DataFrame, code: str) -> ResultTable:
    """The last known age of each vintage."""
    named = vintages.assign(segment=vintages["segment"].fillna(""))
    last = named.sort_values("age_months", kind="stable").drop_duplicates(["segment", "vintage"], keep="last")
    last = last.sort_values(["segment", "vintage"], kind="stable", ignore_index=True)
    frame = last.assign(
        vintage=last["vintage"].dt.strftime("%Y-%m").astype("str"),
        loss=share_percents(last["lost"], last["billed"]),
    )
    has_segments = bool(last["segment"].ne("").any())
    columns, key = without_whole(VINTAGE_SUMMARY, frame)
    return result_table(
        VINTAGE_SUMMARY, frame, title="Vintages: the invoices of each month by now", functional=code, is_ordered=True,
        columns=columns, key=key, words=_known(columns, segment=WHOLE), headings={"loss": "Lost, %", "age_months": "Months since"},
        not_totalled=("billed", "paid", "lost", "open") if has_segments else (),
    )  # fmt: skip


def _known(columns: tuple[str, ...], **words: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: said for name, said in words.items() if name in columns}
