"""The write-offs report: what is proposed, what is blocked and why, and what came back. Floor 3, on top of `credit`."""

from __future__ import annotations

from arlib.controls import Control
from arlib.credit.authority import needed
from arlib.credit.write_off.month import WriteOffs, write_offs
from arlib.money import Rates
from arlib.policy import Policies, Scope
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report
from arlib.report.tied import tied_as_one
from arlib.report.words import day_text
from arlib.report.write_offs_charts import charts
from arlib.report.write_offs_tables import tables
from arlib.report.write_offs_words import findings, limits, parameters
from arlib.tables import Book

MISSING = {
    "applications": "every item counts as open in full, and write-offs of the ledger cannot be seen",
    "customers": "status, rating and country are missing",
    "disputes": "nothing is blocked by a dispute",
    "holds": "nothing is blocked by a hold",
    "claims": "claims in bankruptcies and estates are not looked at",
    "promises": "open promises block nothing",
    "plans": "payment arrangements block nothing",
    "activities": "contacts are not in the evidence, and no acknowledgement restarts a limitation",
}


def write_offs_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """Proposals with their evidence, what is blocked, tax relief, limitation, the register, recoveries and odd patterns.

    Needs ITEMS and APPLICATIONS; uses every table of casework, CUSTOMERS, WRITTEN_OFF, FX_RATES. A limit in a currency
    without a closing rate raises RateError; a date that the source cannot answer, ParameterError. Write-offs and recoveries
    by month and by reason must foot to the ledger's: identities.
    """
    found = write_offs(book, scope=scope, policies=policies)
    approvers = needed(
        found.proposals, policy=policies.authority, functional=scope.functional_currency,
        rates=Rates.of(book["fx_rates"]), on=scope.as_of,
    )  # fmt: skip
    return Report(
        name="write_offs",
        title=f"Write-offs, {scope.entity}, {day_text(scope.as_of)}",
        question="What should be written off, what may not be, and what became of what was?",
        reader="credit manager, controller, tax",
        scope=scope,
        tables=tables(found, approvers, scope=scope, policies=policies),
        charts=charts(found, scope=scope),
        controls=(*_controls(found, scope), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*findings(found, approvers, scope=scope), *intake_findings(book)),
        limits=(*limits(found, book, scope=scope, policies=policies), *missing_limits(book, MISSING)),
        counts={
            "proposals": len(found.proposals), "blocked": len(found.blocked), "written_off": len(found.register),
            "recoveries": len(found.recoveries), "flags": len(found.flags),
        },
        parameters=parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _controls(found: WriteOffs, scope: Scope) -> tuple[Control, ...]:
    """Controls of one name that tie in several currencies are told as one."""
    names = dict.fromkeys(control.name for control in found.controls)
    return tuple(
        control
        for name in names
        for control in tied_as_one(
            [one for one in found.controls if one.name == name], functional=scope.functional_currency
        )
    )
