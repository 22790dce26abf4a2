"""The cut-off report: what stands on the wrong side of the date, and what it comes to. Floor 3, on top of `audit`."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.frames import CUT_OFF, EFFECTS, LAST_NUMBERS, Grade
from arlib.audit.cut_off.sides import CutOff, cut_off
from arlib.audit.options.cut_off import CutOffOptions
from arlib.ledger.facts import fact_dates, of_entity
from arlib.ledger.tieout import tie_out
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.report.audit.proofs import asked, population_table, population_words, sums_text, tests_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.report.tied import tied_as_one
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

MISSING = {
    "bank_lines": "cash cannot be tested on either side of the date",
    "receipts": "cash cannot be tested on either side of the date",
    "gl_lines": "dates of the ledger cannot be set beside those of the sub-ledger",
    "periods": "entries after a close cannot be told",
}
HEADINGS = {
    "evidence_on": "Should be", "posting_date": "Booked", "balance_effect": "Effect on balance", "sales_effect": "Effect on sales",
    "document_date": "Dated", "entered_at": "Entered", "evidence_no": "Evidence",
}  # fmt: skip
COLUMNS = (
    "rank", "test", "document_no", "customer_id", "evidence_on", "posting_date", "currency", "amount", "balance_effect", "finding",
    "sales_effect", "score", "grade", "item_type", "item_id", "evidence_no", "document_date", "entered_at",
)  # fmt: skip
OFF_PAGE = (
    "sales_effect",
    "score",
    "grade",
    "item_type",
    "item_id",
    "evidence_no",
    "document_date",
    "entered_at",
)


def cut_off_report(book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50) -> Report:
    """Exceptions on both sides of the date with their effect, what the usual lag and records explain, last numbers, tests.

    Needs ITEMS; see `arlib.audit.cut_off.sides.cut_off` for what each test uses and for the rules at the boundary.
    """
    found = cut_off(book, scope=scope, policies=policies, ask=ask)
    options = ask.options if isinstance(ask.options, CutOffOptions) else CutOffOptions()
    tied = tie_out(book, scope=scope, policy=policies.tie_out)
    return Report(
        name="cut_off",
        title=f"Cut-off, {scope.entity}, {day_text(scope.as_of)}",
        question="Are invoices, credit notes and cash booked in the period that they belong to?",
        reader="auditor, controller",
        scope=scope,
        tables=_tables(found),
        controls=(*tied_as_one(tied.controls, functional=scope.functional_currency), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *tied.identities, *intake_checks(book)),
        findings=(*_findings(found, book, scope), *intake_findings(book)),
        limits=(*found.limits, *missing_limits(book, MISSING)),
        counts={"exceptions": _count(found, Grade.EXCEPTION), "usual_lag": _count(found, Grade.USUAL),
                "explained": _count(found, Grade.EXPLAINED)},
        parameters=asked(
            ask, scope, Window=f"{found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}",
            **{"In transit": f"up to {options.transit_days} business days",
               "Usual lag": "not known" if found.lag is None else f"{found.lag} days from delivery to bill"},
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: CutOff) -> tuple[ResultTable, ...]:
    is_off = found.findings["grade"].eq(Grade.EXCEPTION.value)
    bad = found.findings[is_off.to_numpy(dtype=bool)]
    rest = found.findings[~is_off.to_numpy(dtype=bool)]
    return (
        tests_table(found.tests),
        result_table(
            EFFECTS, found.effects, title="What it comes to", functional="", words=spoken(found.effects, "test"),
            headings={name: HEADINGS[name] for name in ("balance_effect", "sales_effect")},
            note="The effect is what the balance at the date, or sales to it, would change by. Effects of the "
            "test ledger date are on the general ledger, the others on the sub-ledger.",
        ),
        result_table(
            CUT_OFF, bad, name="exceptions", title="Exceptions, ranked", functional="", columns=COLUMNS, is_ordered=True,
            words=spoken(bad, "test", "item_type"), headings=HEADINGS, needs_review=True, not_on_page=OFF_PAGE,
            not_totalled=("score",),
        ),
        result_table(
            CUT_OFF, rest, name="explained", title="Usual lag, and what a record explains", functional="",
            columns=("rank", "grade", *(name for name in COLUMNS if name not in ("rank", "grade", "test")), "test"), is_ordered=True,
            words=spoken(rest, "test", "item_type"), headings=HEADINGS, not_on_page=(*OFF_PAGE[:2], *OFF_PAGE[3:], "test"),
            not_totalled=("score",),
        ),
        result_table(LAST_NUMBERS, found.last_numbers, title="Last numbers before the date, first after it", functional="",
                     is_ordered=True, words=spoken(found.last_numbers, "kind"), not_totalled=("documents", "crossing")),
        population_table(found.population),
    )  # fmt: skip


def _count(found: CutOff, grade: Grade) -> int:
    return int(found.findings["grade"].eq(grade.value).sum())


def _findings(found: CutOff, book: Book, scope: Scope) -> tuple[str, ...]:
    rows = found.findings
    bad = rows[rows["grade"].eq(Grade.EXCEPTION.value)]
    usual = rows[rows["grade"].eq(Grade.USUAL.value)]
    explained = rows[rows["grade"].eq(Grade.EXPLAINED.value)]
    made = []
    if bad.empty:
        made.append("No exception was found by the tests that could be made.")
    else:
        own = bad[bad["test"].ne("ledger_date")]
        rate = (
            f", {found.flagged:,} of them documents of the window ({found.per_thousand} in 1,000)"
            if found.per_thousand
            else ""
        )
        made.append(
            f"{counted(len(bad), 'exception')}{rate}. Booked on the right side, the sub-ledger's balance at "
            f"{day_text(scope.as_of)} would change by {sums_text(own, 'balance_effect')} and sales by {_sales(own)}."
        )
        parts = [(str(test), part) for test, part in bad.groupby("test", sort=False)]
        made += [_of_test(test, part) for test, part in sorted(parts, key=lambda one: -_weight(one[1]))]
    if len(usual):
        made.append(
            f"{counted(len(usual), 'document')} crossed the date within the usual lag; accrued as a lot they would change the "
            f"balance by {sums_text(usual, 'balance_effect')}."
        )
    if len(explained):
        made.append(f"Explained by a record, and no exception: {_named(explained)}.")
    made.append(
        f"All documents booked from {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d} {_reach(found, book, scope)}. Listing and "
        f"confirmations must be taken at the same date. {population_words(found.population, noun='document')}"
    )
    return tuple(made)


def _weight(rows: pd.DataFrame) -> int:
    """What a test's exceptions come to without sign, in the currency where that is most: for the order of sentences only."""
    return max(total(part["balance_effect"].abs()) for _, part in rows.groupby("currency"))


def _reach(found: CutOff, book: Book, scope: Scope) -> str:
    """How far the tested days are covered by what the books hold."""
    items = of_entity(book["items"], scope.entity)
    last: Any = fact_dates(items, scope.basis).max()
    if pd.isna(last):
        return "were asked for"
    if last >= found.last:
        return "were tested"
    return (
        f"were asked for; the books reach {last:%Y-%m-%d}, so only documents booked to that day were tested"
    )


def _named(rows: pd.DataFrame, most: int = 8) -> str:
    names = ", ".join(rows["document_no"].astype(str).head(most))
    return names + (f" and {len(rows) - most} more" if len(rows) > most else "")


def _of_test(test: str, rows: pd.DataFrame) -> str:
    """The exceptions of a test with their documents."""
    named = ", ".join(
        f"{row_no} ({money_text(int(effect), str(code))})"
        for row_no, effect, code in zip(
            rows["document_no"].head(10),
            rows["balance_effect"].head(10),
            rows["currency"].head(10),
            strict=True,
        )
    )
    more = f" and {len(rows) - 10} more, all in the table" if len(rows) > 10 else ""
    return f"{in_words(test)}: {named}{more}. Effect on the balance: {sums_text(rows, 'balance_effect')}."


def _sales(rows: pd.DataFrame) -> str:
    known = rows[rows["sales_effect"].notna()]
    lacking = len(rows) - len(known)
    more = f" (the net amount of {counted(lacking, 'document')} is not known)" if lacking else ""
    moved = known[known["sales_effect"].ne(0).to_numpy(dtype=bool)]
    return (sums_text(moved, "sales_effect") if total(moved["sales_effect"].abs()) else "nothing") + more
