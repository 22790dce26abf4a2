"""The report on completeness of numbering. Floor 3, on top of `audit`."""

from __future__ import annotations

from arlib.audit.ask import Ask
from arlib.audit.cut_off.frames import DISORDER, GAPS, REUSED, SERIES, Grade, State
from arlib.audit.cut_off.numbering import Numbering, numbering
from arlib.audit.options.cut_off import NumberingOptions
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.report.audit.proofs import asked, population_table, population_words, tests_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import result_table, spoken
from arlib.report.tied import tied_as_one
from arlib.report.words import counted, day_text
from arlib.tables import Book

MISSING = {
    "billing_transfers": "a number of a rejected document cannot be told from a missing one",
    "gl_lines": "a number that only the ledger has cannot be seen",
}


def numbering_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Series with first and last numbers, gaps with what explains them, numbers used twice, and dates out of order.

    Needs ITEMS; see `arlib.audit.cut_off.numbering.numbering`.
    """
    found = numbering(book, scope=scope, policies=policies, ask=ask)
    options = ask.options if isinstance(ask.options, NumberingOptions) else NumberingOptions()
    return Report(
        name="numbering",
        title=f"Numbering, {scope.entity}, {day_text(scope.as_of)}",
        question="Is every number some document's, and no number two documents'?",
        reader="auditor, controller, tax",
        scope=scope,
        tables=_tables(found),
        controls=(*tied_as_one(found.controls, functional=scope.functional_currency), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, scope), *intake_findings(book)),
        limits=(*found.limits, *missing_limits(book, MISSING)),
        counts={"series": len(found.series), "gaps": len(found.gaps), "reused": len(found.reused),
                "out_of_order": len(found.out_of_order)},
        parameters=asked(
            ask, scope, Period=f"{options.from_date or day_text(scope.starts_on)} to {day_text(scope.as_of)}",
            **{"Another range": f"from a jump of {options.new_range_from:,} numbers",
               "A sequence": f"{options.least_coverage} of its numbers in use"},
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Numbering) -> tuple[ResultTable, ...]:
    return (
        tests_table(found.tests),
        result_table(
            SERIES, found.series, title="Series", functional="", not_totalled=("documents", "missing", "in_period"), is_ordered=True,
            columns=("series", "item_types", "first", "last", "documents", "missing", "last_earlier", "first_in_period",
                     "last_in_period", "first_later", "in_period", "state", "finding"),
            not_on_page=("item_types", "in_period", "state"),
        ),
        result_table(GAPS, found.gaps, title="Missing numbers", functional="", needs_review=True, is_ordered=True,
                     not_on_page=("series", "in_period")),
        result_table(REUSED, found.reused, title="Numbers of more than one document", functional="", needs_review=True,
                     words=spoken(found.reused, "item_type"), not_on_page=("item_id", "in_period"), not_totalled=("amount",)),
        result_table(DISORDER, found.out_of_order, title="Dated before a document with a lower number", functional="",
                     needs_review=True, not_on_page=("item_id", "in_period"), not_totalled=("days", "amount")),
        population_table(found.population),
    )  # fmt: skip


def _findings(found: Numbering, scope: Scope) -> tuple[str, ...]:
    done = found.series[found.series["state"].eq(State.DONE.value).to_numpy(dtype=bool)]
    made = []
    bad = found.gaps[found.gaps["grade"].eq(Grade.EXCEPTION.value).to_numpy(dtype=bool)]
    if len(bad):
        named = ", ".join(
            low if low == high else f"{low} to {high}"
            for low, high in zip(bad["from_no"].head(10), bad["to_no"].head(10), strict=True)
        )
        more = f" and {len(bad) - 10} more gaps" if len(bad) > 10 else ""
        made.append(
            f"{counted(total(bad['missing']), 'number')} in {counted(len(bad), 'gap')} without an explanation: {named}{more}."
        )
    elif done.empty:
        made.append(
            "Not possible: completeness of numbering could not be tested. "
            + ("No document number runs in sequence." if len(found.series) else "No document has a number.")
        )
    else:
        made.append(
            f"No number is missing without an explanation in {counted(len(done), 'range')} of {total(done['documents']):,} documents."
        )
    explained = found.gaps[found.gaps["grade"].eq(Grade.EXPLAINED.value).to_numpy(dtype=bool)]
    if len(explained):
        made.append(
            f"{counted(total(explained['missing']), 'missing number')} that a record explains; see the table."
        )
    if len(found.reused):
        numbers = ", ".join(sorted(set(found.reused["document_no"].astype(str)))[:10])
        made.append(f"{counted(len(found.reused), 'document')} share a number: {numbers}.")
    else:
        made.append("No number is used twice.")
    late = found.out_of_order
    if len(late):
        said = ", ".join(
            f"{own} of {day:%Y-%m-%d} after {lower} of {on:%Y-%m-%d}"
            for own, day, lower, on in zip(late["document_no"].head(6), late["document_date"].head(6), late["lower_no"].head(6),
                                           late["lower_on"].head(6), strict=True)
        )  # fmt: skip
        made.append(
            f"{counted(len(late), 'document')} dated before one with a lower number: {said}{' and more' if len(late) > 6 else ''}."
        )
    rest = found.series[found.series["state"].ne(State.DONE.value).to_numpy(dtype=bool)]
    made.append(
        f"{counted(total(done['documents']), 'document')} in {counted(len(done), 'sequence')} were tested from first to last; "
        f"{counted(total(rest['documents']), 'document')} in {counted(len(rest), 'range')} that are none, or too short, were not: for "
        f"them completeness is not possible to test. "
        f"{population_words(found.population, noun='document')}"
    )
    return tuple(made)
