"""The bad-debt report: what is expected to be lost, how the allowance moved, whether last year's was enough. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd

from arlib.controls import Control, Status
from arlib.credit.allowance.checks import LISTED
from arlib.credit.allowance.frames_movement import LossFlow
from arlib.credit.allowance.frameworks import resolved
from arlib.errors import RateError
from arlib.money import shown, total
from arlib.policy import Policies, Scope
from arlib.policy.allowance import RateMethod
from arlib.report.bad_debt_charts import bad_debt_charts
from arlib.report.bad_debt_facts import BadDebt, gather
from arlib.report.bad_debt_history import history_tables
from arlib.report.bad_debt_percents import percent_of, share_percent
from arlib.report.bad_debt_tables import bad_debt_tables, history_table
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report
from arlib.report.tables import in_words
from arlib.report.tied import tied_as_one
from arlib.report.words import control_sentence, counted, day_text, money_text
from arlib.tables import Book

METHODS = {
    RateMethod.COHORT: "cohorts (provision matrix)",
    RateMethod.ROLL_RATE: "roll rates between month ends",
    RateMethod.VINTAGE: "vintages",
    RateMethod.GIVEN: "given by the policy",
}


def bad_debt_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """The loss allowance at the as-of date, its movement over the period, and what came of earlier ones.

    Needs ITEMS, APPLICATIONS and CUSTOMERS; uses ALLOWANCE_ENTRIES, PRIOR_ALLOWANCE, CONTROL_ACCOUNTS, GL_LINES,
    GL_BALANCES, WRITTEN_OFF, SPECIFIC_RESERVES, CLAIMS, SECURITY, DISPUTES, REVALUATIONS and FX_RATES. What is not
    given makes its control `no_input` and is named among the limits. The allowance goes by posting dates and by original
    due dates, whatever the basis of the close. Where debts have no amount in the books' currency the allowance is not
    known: every table is empty, every control `no_input`, nothing is proposed, and the report says why. Raises what else
    `gather` raises.
    """
    try:
        facts = gather(book, scope=scope, policies=policies)
    except RateError as error:
        return _not_known(
            book, " ".join(str(error).split()), scope=scope, policies=policies, rows_shown=rows_shown
        )
    exceptions = exceptions_table(_exceptions(facts, scope))
    return Report(
        name="bad_debt",
        title=f"Bad debt, {scope.entity}, {day_text(scope.as_of)}",
        question="What is expected to be lost, how did the allowance move, and was last year's enough?",
        reader="controller, credit manager, auditors",
        scope=scope,
        tables=(
            *bad_debt_tables(facts, scope=scope),
            *history_tables(facts.past, code=scope.functional_currency),
            history_table(facts, book, scope=scope),
            exceptions,
        ),
        charts=bad_debt_charts(facts, scope=scope),
        controls=(*_controls(facts, scope), *intake_controls(book, scope=scope)),
        identities=(*facts.identities, *intake_checks(book)),
        findings=(*_findings(facts, scope), *intake_findings(book)),
        limits=(*facts.limits, *missing_limits(book, {
            "applications": "no item was ever paid or written off, and every rate is without a history",
        })),
        counts={"exposures": len(facts.measured.exposures), "excluded": len(facts.measured.excluded),
                "specific": len(facts.measured.specific), "proposals": len(facts.proposals),
                "exceptions": len(exceptions.frame)},
        parameters=parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _not_known(book: Book, because: str, *, scope: Scope, policies: Policies, rows_shown: int) -> Report:
    """The report without a figure: the tables and charts of a book of nothing, emptied; earlier closes stay listed."""
    nothing = bad_debt_report(Book({}), scope=scope, policies=policies, rows_shown=rows_shown)
    said = f"The allowance is not known: {because}"
    kept = history_table(gather(Book({}), scope=scope, policies=policies), book, scope=scope)
    return replace(
        nothing,
        tables=tuple(
            kept if table.name == kept.name else replace(table, frame=table.frame.head(0), note=said)
            for table in nothing.tables
        ),
        charts=tuple(
            replace(chart, frame=chart.frame.head(0), sentence=said, alt=f"Empty chart. {said}") for chart in nothing.charts
        ),
        controls=(
            *(
                replace(control, left=None, right=None, explained=0, count=0, unexplained_count=0, note=because)
                for control in nothing.controls
            ),
            *intake_controls(book, scope=scope),
        ),
        identities=intake_checks(book),
        findings=(f"{said} Nothing is proposed.", *intake_findings(book)),
        limits=(said,),
        inputs=book.inputs,
        problems=book.problems,
    )  # fmt: skip


def parameters(policies: Policies) -> dict[str, str]:
    """The choices behind the allowance, in words."""
    policy = resolved(policies.allowance)
    overlays = "; ".join(
        f"{overlay.kind.value} {overlay.value}"
        + (f" on {' '.join(part for part in (overlay.segment, overlay.bucket) if part)}" if overlay.segment or overlay.bucket else "")
        + f" ({overlay.reason})"
        for overlay in policy.overlays
    )  # fmt: skip
    return {
        "Framework": {"ifrs9": "IFRS 9, simplified approach", "asc326": "ASC 326, aging schedule"}[policy.framework.value],
        "Loss rates": METHODS[policy.method],
        "History": counted(policy.history_months, "month"),
        "Segments": in_words(policy.segment_by) if policy.segment_by else "none: one pool",
        "Buckets by original due date": ", ".join(policies.aging.past_due_buckets),
        "Overlays": overlays or "none",
        "Tax": "net of tax" if policy.is_net_of_tax else "gross of tax",
        "Recoveries": "credit the allowance" if policy.credits_recoveries else "go to profit and loss",
        "No credit losses": ", ".join(map(in_words, policy.reasons_not_credit_loss)) or "every write-off is one",
        "Rounding": in_words(policy.rounding.value),
    }  # fmt: skip


def _controls(facts: BadDebt, scope: Scope) -> tuple[Control, ...]:
    """The list of written-off debts is compared by currency: those that tie are told as one."""
    listed = [c for c in facts.controls if c.left_label == LISTED and c.status is not Status.NO_INPUT]
    rest = [c for c in facts.controls if c not in listed]
    return (*rest, *tied_as_one(listed, functional=scope.functional_currency))


def _findings(facts: BadDebt, scope: Scope) -> tuple[str, ...]:
    """What to decide, most pressing first."""
    made = [
        f"Find the cause: {control_sentence(c)}." for c in facts.controls if c.status is Status.UNEXPLAINED
    ]
    made += _on_proposal(facts, scope)
    made += facts.doubts
    made += _on_specific(facts, scope)
    made += _on_other_write_offs(facts, scope)
    made += _on_history(facts, scope)
    return tuple(made)


def _on_proposal(facts: BadDebt, scope: Scope) -> list[str]:
    code, required = scope.functional_currency, facts.measured.total
    if len(facts.blocked):
        return [
            f"{row['blocked_because']}: nothing new is proposed." for row in facts.blocked.to_dict("records")
        ]
    if facts.proposals.empty:
        said = "what is booked is not known" if facts.booked.closing is None else "that is booked"
        return [f"The allowance required is {money_text(required, code)}, and {said}: nothing is proposed."]
    row = facts.proposals.iloc[0]
    amount = int(row["amount"])
    has = (
        "what is booked is not known"
        if facts.booked.closing is None
        else f"booked {shown(facts.booked.closing, code)}"
    )
    word = "charge" if amount > 0 else "release"
    named = f"the {word} of {money_text(abs(amount), code)} (proposal {row['proposal_id']})"
    asked = f"Judge what is said next before {named} is approved" if facts.doubts else f"Approve {named}"
    return [f"{asked}: required {shown(required, code)}, {has}."]


def _on_specific(facts: BadDebt, scope: Scope) -> list[str]:
    code, made = scope.functional_currency, []
    lines = facts.measured.specific
    waiting = lines[lines["needs_reserve"].fillna(False).to_numpy(dtype=bool)]
    if len(waiting):
        made.append(
            f"Set specific reserves for {counted(int(waiting['customer_id'].nunique()), 'customer')} with an exposure of "
            f"{money_text(total(waiting['exposure']), code)}: nobody did, and the policy's rates stand in."
        )
    if reserve := facts.measured.credit_note_reserve:
        count = counted(int(facts.measured.dispute_reserve["reserve"].gt(0).sum()), "dispute")
        made.append(
            f"Book a credit-note reserve of {money_text(reserve, code)} against revenue for {count}; "
            "it is no part of the allowance."
        )
    if apart := facts.measured.separate_reimbursement:
        made.append(
            f"Decide on an asset or a disclosure of {money_text(apart, code)}: "
            "reimbursement by security that does not reduce the allowance."
        )
    return made


def _on_other_write_offs(facts: BadDebt, scope: Scope) -> list[str]:
    """Write-offs of the period that the policy takes for no credit loss: somebody must agree."""
    rows = facts.flows[(facts.flows["posting_date"] >= pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)]
    rows = rows[(rows["flow"].eq(LossFlow.WRITE_OFF.value) & ~rows["is_credit_loss"]).to_numpy(dtype=bool)]
    if rows.empty:
        return []
    reasons = ", ".join(sorted({in_words(str(reason)).lower() for reason in rows["reason"].dropna()}))
    amount = money_text(total(rows["functional_amount"]), scope.functional_currency)
    return [
        f"Confirm that {counted(len(rows), 'write-off')} of {amount} in the period are no credit losses ({reasons})."
    ]


def _on_history(facts: BadDebt, scope: Scope) -> list[str]:
    """What history says about the method: no loss, too little before, gone too soon."""
    code, made = scope.functional_currency, []
    if not facts.measured.pool and facts.measured.exposures["exposure"].gt(0).any():
        made.append("History shows no loss, so that the pool gets no allowance: decide on given rates or an overlay, or record "
                    "why none is needed.")  # fmt: skip
    for row in facts.back_test.to_dict("records"):
        over = 0 if pd.isna(row["over"]) else int(row["over"])
        if over:
            did = "fallen short" if over < 0 else "been more than enough so far"
            made.append(
                f"The method would have {did} by {money_text(abs(over), code)} at {row['as_of']:%Y-%m-%d} "
                f"({percent_of(str(row['resolved_rate'])) if row['resolved_rate'] else '0.00'} % resolved): review rates and overlay."
            )
    for row in facts.look_back.to_dict("records"):
        if row["is_exhausted"] and int(row["months"]) >= 12 and Fraction(str(row["exhaustion_years"])) < 1:
            made.append(
                f"The allowance booked before {row['starts_on']:%Y-%m-%d} ({money_text(int(row['opening']), code)}) was used up "
                f"after {percent_of(Fraction(str(row['exhaustion_years'])) / 100)} years by write-offs."
            )
    rows = facts.item_allowances.groupby("customer_id")["exposure"].sum()
    if len(rows) and (whole := int(rows.sum())):
        largest = str(rows.idxmax())
        made.append(
            f"The largest customer, {largest}, is {share_percent(int(rows.max()), whole, 1)} % of the exposure."
        )
    return made


def _exceptions(facts: BadDebt, scope: Scope) -> list[pd.DataFrame]:
    code = scope.functional_currency
    lines = facts.measured.specific.assign(currency=code)
    waiting = lines[lines["needs_reserve"].fillna(False).to_numpy(dtype=bool)]
    noted = lines[
        lines["note"].fillna("").ne("").to_numpy(dtype=bool)
        & ~lines["needs_reserve"].fillna(False).to_numpy(dtype=bool)
    ]

    def differs(row: Mapping[str, Any]) -> str:
        left, right = (shown(int(row[name]), str(row["currency"])) for name in ("left", "right"))
        return (
            f"In the comparison with the {row['check']}: {left} there, {right} in the sub-ledger or entries"
        )

    return [
        exceptions_from(waiting, subject="no_specific_reserve", reference=("line_id",),
                        finding=lambda row: f"{in_words(str(row['reason']))}: nobody set a reserve, the policy takes "
                        f"{percent_of(str(row['loss_rate'])) if row['loss_rate'] else 'no'} % of {shown(int(row['exposure']), code)}",
                        columns={"customer_id": "customer_id", "currency": "currency", "amount": "allowance"}),
        exceptions_from(noted, subject="specific_reserve", reference=("line_id",),
                        finding=lambda row: f"{in_words(str(row['reason']))}: {row['note']}",
                        columns={"customer_id": "customer_id", "currency": "currency", "amount": "allowance", "owner": "set_by"}),
        exceptions_from(facts.differences, subject="loss_record_differs", reference=("check", "document_no", "currency"),
                        finding=differs, columns={"document_no": "document_no", "currency": "currency",
                                                  "amount": "difference", "since": "since"}),
    ]  # fmt: skip
