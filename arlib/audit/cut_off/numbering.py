"""Completeness of numbering: gaps, reuse, order. Floor 1. Sorting is the slowest step: no number is enumerated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.frames import DISORDER, REUSED, SERIES, Grade, State
from arlib.audit.cut_off.gap_records import explained_gaps
from arlib.audit.cut_off.numbers import parsed, ranges, written
from arlib.audit.cut_off.population_ties import documents_posted, population_controls
from arlib.audit.cut_off.shared_counters import shared_counters
from arlib.audit.cut_off.tested import Test, adds_up, counted_by, not_possible, population_of, tests_of
from arlib.audit.options.cut_off import NumberingOptions
from arlib.controls import Control, Identity
from arlib.ledger.facts import fact_dates, of_entity
from arlib.policy import Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import records

_MIN_OF_RANGE = 3  # fewer documents show no sequence
_BESIDE = [
    "number",
    "digits",
    "prefix",
    "suffix",
    "series",
    "document_no",
    "day",
    "in_period",
    "runs_with_dates",
]
_MOST_DISORDER = 0.1  # share of neighbours out of order from which numbers do not run with dates


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """What `numbering` found."""

    series: pd.DataFrame  # SERIES
    gaps: pd.DataFrame  # GAPS
    reused: pd.DataFrame  # REUSED
    out_of_order: pd.DataFrame  # DISORDER
    tests: pd.DataFrame  # TESTS
    population: pd.DataFrame  # POPULATION
    controls: tuple[Control, ...]  # the population against the sub-ledger's postings, by currency
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]


def numbering(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> Numbering:
    """Every document number of the entity: series and ranges, missing and repeated numbers, dates against numbers.

    A series is what stays of the numbers (`numbers.parsed`); types that draw from one series are tested together, since each
    alone would show gaps. A jump of `new_range_from` numbers begins another range. A range is a sequence where at least
    `least_coverage` of its numbers are in use, and so many of the documents of its series stand in such ranges; else its
    completeness is not possible to test, and said so. Ranges that are none by themselves, but fill one range together and
    share no number, draw from one counter and are tested as one (`shared_counters`). The period runs from `from_date` (else
    the first of the period) to the as-of date, both inside, by posting date; a gap is of the period where a document beside
    it is. All documents that the books hold are used, also later ones: a number missing at the end is seen by the next.
    Opening balances carry numbers of another time and are left out, and documents outside the asked population. Parts of one
    document on two control accounts (same number, type, customer and date) are one. Needs ITEMS; uses BILLING_TRANSFERS,
    GL_LINES.
    """
    options = _options(ask)
    items = of_entity(book["items"], scope.entity)
    items = items.assign(day=fact_dates(items, Basis.POSTING))
    mine = ask.population.chosen(items, amount="amount") & items["item_type"].ne(ItemType.OPENING.value)
    taken = items[mine.to_numpy(dtype=bool)].reset_index(drop=True)
    first = pd.Timestamp(options.from_date or scope.starts_on)
    last = pd.Timestamp(scope.as_of)
    dated = taken["document_date"].fillna(taken["effective_date"])
    rows = pd.concat([taken, parsed(taken["document_no"], dated)], axis=1)
    rows = rows.assign(dated=dated, in_period=rows["day"].between(first, last))
    numbered = rows[rows["number"].notna().to_numpy(dtype=bool)].reset_index(drop=True)
    numbered = _ranged(numbered, options)
    disorder, not_ordered = _disorder(numbered, options)
    numbered = numbered.assign(runs_with_dates=~not_ordered.to_numpy(dtype=bool))
    series, missing = _series(numbered, first=first, last=last)
    gaps = explained_gaps(missing, numbered, book, scope=scope)
    reused = _reused(rows)
    sequences = numbered["is_sequence"].to_numpy(dtype=bool)
    part = pd.Series("no number", index=rows.index)
    part[rows["number"].notna().to_numpy(dtype=bool)] = np.where(
        sequences, "in a sequence", "numbers are no sequence"
    )
    population = population_of(rows, part)
    left_out = items[~mine.to_numpy(dtype=bool)]
    population = pd.concat([population, population_of(left_out, pd.Series("left out", index=left_out.index))],
                           ignore_index=True)  # fmt: skip
    tests = _tests(rows, numbered, not_ordered)
    found = _found(gaps, reused, disorder)
    return Numbering(
        series=series,
        gaps=gaps,
        reused=reused,
        out_of_order=disorder,
        tests=tests_of(tests, found),
        population=population,
        controls=population_controls(population, documents_posted(book, scope=scope), what="Documents", scope=scope),
        identities=adds_up(population, counted_by(items), name="numbering", label="documents in the sub-ledger",
                           entity=scope.entity),
        limits=not_possible(tests),
    )  # fmt: skip


def _options(ask: Ask) -> NumberingOptions:
    return ask.options if isinstance(ask.options, NumberingOptions) else NumberingOptions()


def _ranged(numbered: pd.DataFrame, options: NumberingOptions) -> pd.DataFrame:
    """In the order of series and number: the range of each number, and whether the range is a sequence."""
    ordered = numbered.sort_values(["series", "number", "item_id"], kind="stable", ignore_index=True)
    codes = ordered["series"].astype("category").cat.codes.to_numpy(dtype=np.int64)
    numbers = ordered["number"].to_numpy(dtype=np.int64)
    starts = np.r_[True, codes[1:] != codes[:-1]] if len(codes) else np.zeros(0, dtype=bool)
    part = ranges(numbers, new_from=options.new_range_from)
    part = np.cumsum(starts | (np.r_[0, np.diff(part)] != 0)) if len(codes) else part
    made = ordered.assign(range=part)
    dense = _is_dense(made, options)
    counters = shared_counters(made, dense, coverage=options.coverage)
    pooled = counters.ge(0).to_numpy(dtype=bool)
    dense = dense | pooled
    share = pd.Series(dense.astype("float64")).groupby(codes).transform("mean").to_numpy()
    scattered = share < float(options.coverage)  # a few dense ranges by chance do not make a sequence
    if len(made):
        one = pd.Series(made["range"]).groupby(codes).transform("min")
        made = made.assign(range=made["range"].where(~scattered, one))
    # a counter of which one series is scattered is none
    lost = pd.Series(scattered & pooled).groupby(counters.to_numpy()).transform("any").to_numpy(dtype=bool)
    pooled = pooled & ~lost
    made = made.assign(is_sequence=dense & ~scattered & ~lost)
    return _joined(made, counters, pooled) if pooled.any() else made


def _joined(made: pd.DataFrame, counters: pd.Series, pooled: np.ndarray) -> pd.DataFrame:
    """The ranges of one counter as one range, in the order of its numbers, under the names of all its series."""
    names = made["series"].where(pooled).groupby(counters.to_numpy())
    joined = names.transform(lambda part: ", ".join(sorted(part.dropna().unique())))
    one = made.assign(
        series=made["series"].mask(pooled, joined),
        range=made["range"].mask(pooled, int(made["range"].max()) + 1 + counters),
    )
    one = one.sort_values(["series", "range", "number", "item_id"], kind="stable", ignore_index=True)
    return one.assign(range=(one["range"] != one["range"].shift()).cumsum())


def _is_dense(made: pd.DataFrame, options: NumberingOptions) -> np.ndarray:
    """Documents of ranges of which enough numbers are in use."""
    by = made.groupby("range")["number"]
    distinct, low, high = by.transform("nunique"), by.transform("min"), by.transform("max")
    used = distinct * options.coverage.denominator >= (high - low + 1) * options.coverage.numerator
    return np.asarray(used & distinct.ge(_MIN_OF_RANGE), dtype=bool)


def _series(
    numbered: pd.DataFrame, *, first: pd.Timestamp, last: pd.Timestamp
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    gaps: list[dict[str, Any]] = []
    for _, part in numbered.groupby("range", sort=True):
        mine = gaps_of(part) if bool(part["is_sequence"].iloc[0]) else []
        gaps += mine
        rows.append(_one_series(part, sum(gap["missing"] for gap in mine), first=first, last=last))
    made = SERIES.from_rows(rows).sort_values(["series", "first"], kind="stable", ignore_index=True)
    return made, gaps


def gaps_of(part: pd.DataFrame) -> list[dict[str, Any]]:
    """Missing numbers of one range, from `parsed` rows in the order of their number, as intervals."""
    numbers = part["number"].to_numpy(dtype=np.int64)
    at = np.flatnonzero(np.diff(numbers) > 1)
    before, after = records(part.iloc[at][_BESIDE]), records(part.iloc[at + 1][_BESIDE])
    made = []
    for low, high in zip(before, after, strict=True):
        first, last, width = int(low["number"]) + 1, int(high["number"]) - 1, len(low["digits"])
        made.append(
            {
                "low": first, "high": last, "runs_with_dates": bool(low["runs_with_dates"]), "series": low["series"],
                "from_no": written(low["prefix"], first, width, low["suffix"]),
                "to_no": written(low["prefix"], last, width, low["suffix"]), "missing": last - first + 1,
                "after_document": low["document_no"], "after_on": low["day"], "before_document": high["document_no"],
                "before_on": high["day"], "in_period": bool(low["in_period"] or high["in_period"]),
                "grade": Grade.EXCEPTION.value, "finding": "",
            }
        )  # fmt: skip
    return made


def _one_series(
    part: pd.DataFrame, missing: int, *, first: pd.Timestamp, last: pd.Timestamp
) -> dict[str, Any]:
    is_sequence = bool(part["is_sequence"].iloc[0])
    inside = part[part["in_period"].to_numpy(dtype=bool)]
    earlier = part[(part["day"] < first).to_numpy(dtype=bool)]
    later = part[(part["day"] > last).to_numpy(dtype=bool)]
    span = int(part["number"].iloc[-1]) - int(part["number"].iloc[0]) + 1
    prefixes = part["prefix"].nunique()
    if is_sequence:
        finding = f"{missing:,} of {span:,} numbers are missing" if missing else "no number is missing"
        finding += f"; one counter of {prefixes} prefixes" if prefixes > 1 else ""
    elif part["number"].nunique() < _MIN_OF_RANGE:
        finding = "too few documents to show a sequence: completeness is not possible to test"
    else:
        finding = f"{part['number'].nunique():,} of {span:,} numbers in use: no sequence, completeness is not possible to test"
    return {
        "series": part["series"].iloc[0],
        "item_types": ", ".join(sorted(part["item_type"].unique())),
        "state": (State.DONE if is_sequence else State.NOT_POSSIBLE).value,
        "first": part["document_no"].iloc[0],
        "last": part["document_no"].iloc[-1],
        "documents": len(part),
        "missing": missing if is_sequence else None,
        "last_earlier": _at(earlier, -1),
        "first_in_period": _at(inside, 0),
        "last_in_period": _at(inside, -1),
        "first_later": _at(later, 0),
        "in_period": len(inside),
        "finding": finding,
    }


def _at(rows: pd.DataFrame, place: int) -> str | None:
    return None if rows.empty else str(rows["document_no"].iloc[place])


def _reused(rows: pd.DataFrame) -> pd.DataFrame:
    """Documents whose number is another's too; parts of one document on two accounts are one."""
    named = rows[rows["normal"].ne("").to_numpy(dtype=bool)]
    whole = named.drop_duplicates(["document_no", "item_type", "customer_id", "dated", "control_account"])
    one = named.drop_duplicates(["document_no", "item_type", "customer_id", "dated"])
    parts = named["item_id"].isin(whole["item_id"]) & ~named["item_id"].isin(one["item_id"])
    kept = named[~parts.to_numpy(dtype=bool)]
    again = kept[kept.duplicated("normal", keep=False).to_numpy(dtype=bool)]
    if again.empty:
        return REUSED.empty()
    by = again.groupby("normal")
    spellings, customers = by["document_no"].transform("nunique"), by["customer_id"].transform("nunique")
    types = by["item_type"].transform("nunique")
    how = np.where(spellings.eq(1), "the same number", "the same number but for case, signs or leading zeros")
    who = np.where(types.gt(1), " on two types of document", "")
    whom = np.where(customers.gt(1), " of two customers", " of one customer")
    made = again.assign(
        normal_no=again["normal"],
        document_date=again["dated"],
        in_period=by["in_period"].transform("max"),
        finding=pd.Series(how, index=again.index) + who + whom,
    )
    return REUSED.typed(made).sort_values(["normal_no", "item_id"], kind="stable", ignore_index=True)


def _disorder(numbered: pd.DataFrame, options: NumberingOptions) -> tuple[pd.DataFrame, pd.Series]:
    """Documents dated before one with a lower number, and which documents stand in ranges without order."""
    days = numbered["dated"].to_numpy().astype("datetime64[D]").astype(np.int64)
    own = pd.Series(np.where(numbered["dated"].isna(), np.iinfo(np.int64).min // 2, days))
    by = numbered["range"]
    highest = own.groupby(by.to_numpy()).cummax()
    back = (highest - own).where(numbered["dated"].notna(), 0)
    off = back > options.order_days
    share = off.astype("float64").groupby(by.to_numpy()).transform("mean")
    not_ordered = (share > _MOST_DISORDER) | ~numbered["is_sequence"]
    at = np.flatnonzero((off & ~not_ordered).to_numpy(dtype=bool))
    if not len(at):
        return DISORDER.empty(), not_ordered
    place = pd.Series(np.arange(len(numbered)))
    leads = place.where(own.eq(highest)).groupby(by.to_numpy()).ffill().astype("int64")
    lower = numbered.iloc[leads.to_numpy()[at]]
    made = numbered.iloc[at].assign(
        document_date=numbered["dated"].to_numpy()[at],
        days=back.to_numpy()[at],
        lower_no=lower["document_no"].to_numpy(),
        lower_on=lower["dated"].to_numpy(),
    )
    key = ["series", "document_no", "item_id"]
    return DISORDER.typed(made).sort_values(key, kind="stable", ignore_index=True), not_ordered


def _found(gaps: pd.DataFrame, reused: pd.DataFrame, disorder: pd.DataFrame) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"test": "gaps", "grade": gaps["grade"]}),
        pd.DataFrame({"test": "reuse", "grade": [Grade.EXCEPTION.value] * len(reused)}),
        pd.DataFrame({"test": "order", "grade": [Grade.EXCEPTION.value] * len(disorder)}),
    ]
    return pd.concat(parts, ignore_index=True)


def _tests(rows: pd.DataFrame, numbered: pd.DataFrame, not_ordered: pd.Series) -> list[Test]:
    sequence = int(numbered["is_sequence"].sum())
    ordered = int((~not_ordered).sum())
    return [
        Test(
            name="gaps", assertion="completeness", tested=sequence, not_tested=len(rows) - sequence,
            why_not="" if sequence == len(rows) else "their numbers are no sequence" if len(rows) else "there are no documents",
            words="Every number between the first and the last of a range is some document's.",
        ),
        Test(name="reuse", assertion="occurrence", tested=int(rows["normal"].ne("").sum()),
             not_tested=int(rows["normal"].eq("").sum()),
             why_not="they have no number" if rows["normal"].eq("").any() else "",
             words="No number is two documents', however it is written."),
        Test(name="order", assertion="cut-off", tested=ordered, not_tested=len(rows) - ordered,
             why_not="" if ordered == len(rows) else "their numbers do not run with dates",
             words="A document is not dated before one with a lower number."),
    ]  # fmt: skip
