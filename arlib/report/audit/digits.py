"""The digits report: first and second digits against Benford's law, with what it does not say. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.options.patterns import DigitsOptions
from arlib.audit.patterns.benford import EVERY, Digits, digits
from arlib.audit.patterns.frames_digits import DIGIT_COUNTS, DIGIT_TESTS, REPEATED, Conformity
from arlib.policy import Policies, Scope
from arlib.report.audit.tested import asked, book_controls, only, parts_table, population_sentence
from arlib.report.intake import intake_checks, intake_controls, intake_findings
from arlib.report.model import Chart, ChartKind, Report, ResultTable
from arlib.report.tables import in_words, result_table
from arlib.report.words import day_text
from arlib.tables import Book
from arlib.tables.rows import records

CLASSES = {
    Conformity.CLOSE: "conform closely", Conformity.ACCEPTABLE: "conform acceptably", Conformity.MARGINAL: "conform marginally",
    Conformity.NONE: "do not conform", Conformity.NOT_JUDGED: "are too few to be judged",
}  # fmt: skip
ALONE = (
    "Benford's law says nothing by itself: digits that do not follow it prove no fraud, and digits that follow it prove no honesty. "
    "It needs many amounts that spread over several orders of magnitude and that nobody assigned or limited; prices, fees, limits "
    "and instalments break it honestly. Use it to choose where to look."
)
HEADINGS = {
    "mad": "Mean absolute deviation", "mad_by_chance": "By chance alone", "conformity": "Conformity", "count": "Amounts",
    "chi_square": "Chi-square", "p_value": "p", "spikes": "Digits above", "degrees": "Degrees of freedom",
    "expected": "Expected", "share": "Share", "expected_share": "By the law", "is_above": "Above", "stands_out": "Stands out",
    "set": "Amounts of", "test": "Digits", "digits": "Digit", "times": "Times",
}  # fmt: skip


def digits_report(book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50) -> Report:
    """Digit tests by population: counts against the law, z, chi-square, mean absolute deviation and its class, and cautions.

    Needs ITEMS. `ask.options` are DigitsOptions. Too few amounts are counted, and not judged.
    """
    options = ask.options if isinstance(ask.options, DigitsOptions) else DigitsOptions()
    found = digits(book, scope=scope, options=options, population=ask.population)
    return Report(
        name="digits",
        title=f"First and second digits, {scope.entity}, {day_text(scope.as_of)}",
        question="Do the digits of the amounts look as digits of amounts that nobody chose do?",
        reader="external and internal auditors",
        scope=scope,
        tables=_tables(found, functional=scope.functional_currency),
        charts=tuple(_charts(found)),
        controls=(*book_controls(book, scope=scope, name="population"), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found), *intake_findings(book)),
        limits=(ALONE, *_cautions(found)),
        counts={"tested": found.tested, "tests": len(found.tests), "not_conforming": int(found.tests["conformity"].eq("none").sum())},
        parameters=asked(ask, {
            "Amounts of": options.sets, "Tests": options.tests, "First day": options.since or "all that the books hold",
            "Smallest amount": options.least or "none", "Judged": f"from {options.least_count} amounts on",
        }),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Digits, *, functional: str) -> tuple[ResultTable, ...]:
    words = {
        "set": {name: in_words(name) for name in found.tests["set"].unique()},
        "test": {name: in_words(name) for name in found.tests["test"].unique()},
    }
    out = found.counts[found.counts["stands_out"].to_numpy(dtype=bool)]
    note = "z beyond 1.96. Of 90 pairs, four or five stand out by chance."
    shown = (
        "set",
        "currency",
        "test",
        "digits",
        "count",
        "expected",
        "share",
        "expected_share",
        "z",
        "is_above",
    )
    return (
        result_table(DIGIT_TESTS, found.tests, title="Tests", functional=functional,
                     headings=only(HEADINGS, DIGIT_TESTS.names), words=words, is_ordered=True,
                     not_totalled=("count", "degrees", "spikes"), not_on_page=("degrees", "spikes"),
                     note="Classes: Nigrini, Benford's Law (2012), table 7.1. All: every currency together."),
        result_table(DIGIT_COUNTS, out, name="digits_that_stand_out", title="Digits that stand out", functional=functional, columns=shown,
                     headings=only(HEADINGS, shown), words=words, not_totalled=("digits", "count"), note=note,
                     is_ordered=True, needs_review=True),
        result_table(REPEATED, found.repeated, title="Amounts that come again within pairs that stand out", functional=functional,
                     columns=("set", "digits", "currency", "amount", "times", "customers", "documents"),
                     headings=only(HEADINGS, ("set", "digits", "times")),
                     words={"set": words["set"]}, not_totalled=("digits", "times", "customers", "amount"), is_ordered=True),
        result_table(DIGIT_COUNTS, found.counts, title="All digits", functional=functional, columns=(*shown, "stands_out"),
                     headings=only(HEADINGS, DIGIT_COUNTS.names), words=words,
                     not_totalled=("digits", "count"), is_ordered=True, is_detail=True),
        parts_table(found.parts, functional=functional, what="documents of the sets"),
    )  # fmt: skip


def _charts(found: Digits) -> Iterator[Chart]:
    """First digits of each judged set beside the law."""
    for name in found.tests["set"].unique():
        lines = found.counts[
            found.counts["set"].eq(name)
            & found.counts["currency"].eq(EVERY)
            & found.counts["test"].eq("first")
        ]
        if lines.empty:
            continue
        parts = [
            pd.DataFrame(
                {
                    "label": lines["digits"].astype("str").to_numpy(),
                    "series": series,
                    "value": lines[column].to_numpy(),
                }
            )
            for series, column in (("found", "share"), ("by the law", "expected_share"))
        ]
        worst = (
            lines.assign(size=lines["z"].astype("float64"))
            .sort_values(["size", "digits"], ascending=[False, True])
            .iloc[0]
        )
        sentence = (
            f"Of the {int(lines['count'].sum()):,} {in_words(str(name)).lower()}, {worst['count']} begin with {worst['digits']}, where "
            f"the law expects {worst['expected']}: the largest deviation, z {worst['z']}."
        )
        yield Chart(
            name=f"first_digits_{name}", title=f"First digits of {in_words(str(name)).lower()}", sentence=sentence,
            alt=f"Two lines over the digits 1 to 9, found and by the law. {sentence}", kind=ChartKind.LINES,
            frame=pd.concat(parts, ignore_index=True), currency="", unit="share",
        )  # fmt: skip


def _findings(found: Digits) -> Iterator[str]:
    every = found.tests[found.tests["currency"].eq(EVERY)]
    few = every[every["conformity"].eq(Conformity.NOT_JUDGED.value)]
    for name, rows in every[~every.index.isin(few.index)].groupby("set", sort=False):
        each = "; ".join(
            f"{in_words(row['test']).lower()} digits {CLASSES[Conformity(row['conformity'])]} (mean absolute deviation "
            f"{row['mad']}, by chance {row['mad_by_chance']}; chi-square p {row['p_value']}){_by_chance(row)}"
            for row in records(rows)
        )
        yield f"{in_words(str(name))}, {int(rows['count'].iloc[0]):,} amounts: {each}."
    if len(few):
        sets = ", ".join(
            f"{in_words(str(name)).lower()} ({int(own['count'].iloc[0]):,})"
            for name, own in few.groupby("set", sort=False)
        )
        yield f"Too few amounts to be judged: {sets}."
    if len(found.repeated):
        top = found.repeated.sort_values("times", ascending=False, kind="stable").iloc[0]
        yield f"Look first at amounts that come again within pairs that stand out, such as {top['documents']}."
    yield population_sentence(found.parts, "amounts")


def _by_chance(row: Mapping[str, Any]) -> str:
    """What a deviation that chance alone would make at this number of amounts says: nothing."""
    if row["conformity"] == Conformity.CLOSE.value or Decimal(row["mad"]) > Decimal(row["mad_by_chance"]):
        return ""
    return ", which is no more than chance alone makes at this number of amounts: the deviation says nothing"


def _cautions(found: Digits) -> Iterator[str]:
    for row in found.tests.drop_duplicates(["set", "currency"]).to_dict("records"):
        if isinstance(row["caution"], str):
            yield f"{in_words(row['set'])}, {row['currency']}: {row['caution']}"
