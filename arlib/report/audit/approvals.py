"""The report on approvals of write-offs, credits, refunds and adjustments. Floor 3, on top of `audit`."""

from __future__ import annotations

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.approvals import Approvals, approvals
from arlib.audit.cut_off.frames import APPROVAL_FAULTS, APPROVALS, State
from arlib.audit.options.cut_off import ApprovalsOptions
from arlib.policy import Policies, Scope
from arlib.report.audit.proofs import asked, population_table, population_words, sums_text, tests_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.report.tied import tied_as_one
from arlib.report.words import counted, day_text
from arlib.tables import Book

MISSING = {
    "applications": "what a change was set against is not known, so records of the item cannot be found",
    "decided_proposals": "decisions of this system's own runs cannot be seen",
    "written_off": "proposers and approvers of write-offs are not on record",
    "adjustment_requests": "who asked for a change is not on record",
}


def approvals_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Every change of a receivable that needs an approval, what is wrong with it, and what cannot be told.

    Needs ITEMS; see `arlib.audit.cut_off.approvals.approvals`.
    """
    found = approvals(book, scope=scope, policies=policies, ask=ask)
    options = ask.options if isinstance(ask.options, ApprovalsOptions) else ApprovalsOptions()
    return Report(
        name="approvals",
        title=f"Approvals, {scope.entity}, {day_text(scope.as_of)}",
        question="Was every write-off, credit, refund and adjustment approved by somebody who might?",
        reader="auditor, controller",
        scope=scope,
        tables=_tables(found),
        controls=(*tied_as_one(found.controls, functional=scope.functional_currency), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found), *intake_findings(book)),
        limits=(*found.limits, *missing_limits(book, MISSING),
                "Authority is judged by the policy given today; what an older policy allowed is not known here."),
        counts={"changes": len(found.rows), "with_faults": int(found.rows["faults"].notna().sum())},
        parameters=asked(
            ask, scope, Period=f"{options.from_date or day_text(scope.starts_on)} to {day_text(scope.as_of)}",
            Authority=f"{len(policies.authority.people)} people, {len(policies.authority.grants)} grants",
            Splitting=f"within {options.split_window_days} days, up to {options.split_within_share} below a limit",
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Approvals) -> tuple[ResultTable, ...]:
    columns = (
        "rank", "document_no", "kind", "posting_date", "customer_id", "currency", "amount", "proposed_by", "approved_by", "finding",
        "posted_by", "approved_on", "reason", "state", "faults", "score", "record_id",
    )  # fmt: skip
    off_page = ("posted_by", "approved_on", "reason", "state", "faults", "score", "record_id")
    faulty = found.rows["faults"].notna().to_numpy(dtype=bool)
    bad, rest = found.rows[faulty], found.rows[~faulty]
    return (
        tests_table(found.tests),
        result_table(APPROVAL_FAULTS, found.faults, title="What is wrong", functional="", words=spoken(found.faults, "fault"),
                     not_totalled=("documents", "amount"), note="A change with two faults stands in two lines."),
        result_table(APPROVALS, bad, name="exceptions", title="Changes with a fault, ranked", functional="", columns=columns,
                     is_ordered=True, needs_review=True, not_on_page=off_page, not_totalled=("score",), words=spoken(bad, "kind"),
                     headings={"posting_date": "Posted"}),
        result_table(APPROVALS, rest, name="approved", title="Changes without a fault, and those that cannot be tested", functional="",
                     columns=columns, is_ordered=True, not_on_page=off_page, not_totalled=("score",), words=spoken(rest, "kind"),
                     headings={"posting_date": "Posted"}),
        population_table(found.population, noun="Changes"),
    )  # fmt: skip


def _findings(found: Approvals) -> tuple[str, ...]:
    rows = found.rows
    made = []
    bad = rows[rows["faults"].notna().to_numpy(dtype=bool)]
    untold = rows[rows["state"].eq(State.NOT_POSSIBLE.value) & rows["faults"].isna()]
    if bad.empty:
        made.append("No fault was found in the changes that could be tested.")
    else:
        faults = " ".join(
            _of_fault(str(fault), part, bad) for fault, part in found.faults.groupby("fault", sort=True)
        )
        made.append(f"{counted(len(bad), 'change')} of {sums_text(bad, 'amount')} with a fault. {faults}")
    if len(untold):
        made.append(
            f"{counted(len(untold), 'change')} of {sums_text(untold, 'amount')} cannot be tested: no change of its kind names an approver."
        )
    made.append(
        f"{counted(len(rows) - len(bad) - len(untold), 'change')} with an approval on record and nothing against it."
    )
    made.append(population_words(found.population, noun="change"))
    return tuple(made)


def _of_fault(fault: str, part: pd.DataFrame, bad: pd.DataFrame) -> str:
    """The changes with a fault, by document."""
    mine = bad[[fault in str(names).split(", ") for names in bad["faults"]]]
    named = ", ".join(mine["document_no"].astype(str).head(10))
    more = f" and {len(mine) - 10} more" if len(mine) > 10 else ""
    return f"{in_words(fault)}: {counted(len(mine), 'change')}, {sums_text(part, 'amount')} ({named}{more})."
