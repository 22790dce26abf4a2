"""The aging report: who owes what since when, and what of it needs a person. Floor 3, on top of `ledger`.

part      what the report needs of some customers, and its sum     aging_part, merged, AgingPart
tables    the tables of a part
words     its chart, findings and parameters
"""

from __future__ import annotations

from collections.abc import Mapping

from arlib.controls import Control
from arlib.money import iso_code
from arlib.policy import Basis, Policies, Scope
from arlib.report.aging.part import AgingPart, aging_part, merged
from arlib.report.aging.tables import tables
from arlib.report.aging.words import charts, findings, parameters, percent
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report
from arlib.report.tied import tied_as_one
from arlib.report.words import day_text
from arlib.tables import Book

__all__ = ["AgingPart", "aging_part", "aging_report", "merged", "parameters", "percent", "report_of"]

SHOWN = ("open_items", "customers", "large_balances", "reaged_items")  # counts that the report tells


def aging_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """Open items by age at the as-of date, in document and functional currency and by every dimension known.

    Needs ITEMS; uses APPLICATIONS, INSTALMENTS, CUSTOMERS with history and merges, REVALUATIONS, FX_RATES. A
    customer over the limit of `policies.large_balance` in a currency without closing rate raises RateError;
    a knowledge date that the source cannot answer, ParameterError. Σ buckets = outstanding by currency is
    among the identities.
    """
    part = aging_part(book, scope=scope, policies=policies)
    return report_of(part, book=book, scope=scope, policies=policies, rows_shown=rows_shown)


def report_of(
    part: AgingPart,
    *,
    book: Book,
    scope: Scope,
    policies: Policies,
    rows_shown: int = 50,
    beside: Mapping[str, str] | None = None,
) -> Report:
    """The report on a part. Of the book only what was read and which tables were given are asked.

    `beside` names the tables of which the part holds the largest rows only, with a sentence that says where all are.
    """
    return Report(
        name="aging",
        title=f"Aging, {scope.entity}, {day_text(scope.as_of)}",
        question="Who owes us what, since when, and which of it needs a person?",
        reader="collections, credit manager, controller",
        scope=scope,
        tables=tables(part, scope, policies, beside or {}),
        charts=charts(part, scope, policies.aging),
        controls=(*_controls(part, scope), *intake_controls(book, scope=scope)),
        identities=(*part.identities, *intake_checks(book)),
        findings=(*findings(part, policies), *intake_findings(book)),
        limits=(*_limits(part), *missing_limits(book, {
            "applications": "every item counts as open in full",
            "customers": "names, collectors and regions are missing",
        })),
        counts={name: part.counts[name] for name in SHOWN},
        parameters=parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _controls(part: AgingPart, scope: Scope) -> tuple[Control, ...]:
    """Open items = the sub-ledger's postings, counted another way, in each document currency.

    Currencies that tie share one control, which shows the books' currency (or the first) and counts the others. In the
    customer view the documents dated on one side of the as-of date and posted on the other explain the difference.
    """
    is_effective = scope.basis is Basis.EFFECTIVE
    there = part.sums[(part.sums["items"] > 0) | (part.sums["movements"] > 0)]
    sums = [
        Control(
            name="aging", title=f"Aging in {iso_code(row['currency'])}: open items = sub-ledger postings", entity=scope.entity,
            currency=row["currency"], left_label="open items", left=int(row["outstanding"]),
            right_label="postings", right=int(row["posted"]),
            explained=int(row["bridge"]) if is_effective else 0, count=int(row["differing"]) if is_effective else 0,
            oldest=row["oldest"].date() if is_effective and row["differing"] else None,
        )
        for row in there.sort_values("currency").to_dict("records")
    ]  # fmt: skip
    return tied_as_one(sums, functional=scope.functional_currency)


def _limits(part: AgingPart) -> tuple[str, ...]:
    if part.functional is None:
        return ("Some open items carry no amount in the books' currency: there is no aging in it.",)
    return ()
