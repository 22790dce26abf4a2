"""The adjustments report: what is to be credited, refunded or rearranged, and what forbids it. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.credit.adjustments.frames import DeductionWay
from arlib.credit.refunds import UnclaimedState, Way
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.report.adjustments_charts import adjustment_charts
from arlib.report.adjustments_facts import AdjustmentFacts, gather, kinds_of
from arlib.report.adjustments_tables import adjustment_tables
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report
from arlib.report.tables import in_words
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

LATE = (DeductionWay.OVERDUE.value, DeductionWay.ESCALATE.value)


def adjustments_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """Every adjustment that waits for an approval at the as-of date, with its evidence and what forbids others.

    Needs ITEMS; uses APPLICATIONS, CUSTOMERS, RECEIPTS and the tables of casework (requests, deductions, bank details,
    exemptions, plans, commissions, holds, claims, disputes, activities) and DECIDED_PROPOSALS. What is not given is named
    among the limits. Nothing here is booked. Raises what `open_items` raises.
    """
    facts = gather(book, scope=scope, policies=policies)
    exceptions = exceptions_table(_exceptions(facts))
    return Report(
        name="adjustments",
        title=f"Adjustments and refunds, {scope.entity}, {day_text(scope.as_of)}",
        question="What is to be credited, refunded or rearranged, who asks for it, and what forbids it?",
        reader="credit manager, cash application, controller",
        scope=scope,
        tables=(*adjustment_tables(facts, scope=scope), exceptions),
        charts=adjustment_charts(facts, scope=scope),
        controls=(*facts.controls, *intake_controls(book, scope=scope)),
        identities=(*facts.identities, *intake_checks(book)),
        findings=(*_findings(facts, scope), *intake_findings(book)),
        limits=(*_limits(facts), *missing_limits(book, {
            "applications": "every item counts as open in full, and nothing as credited before",
            "customers": "names, states and standing of customers are missing",
        })),
        counts={"proposals": len(facts.proposals), "blocked": len(facts.blocked), "credits": len(facts.refunds.credits),
                "deductions": len(facts.adjustments.deductions), "letters": len(facts.unclaimed.letters),
                "exceptions": len(exceptions.frame)},
        parameters=parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def parameters(policies: Policies) -> dict[str, str]:
    """The choices behind the proposals, in words."""
    refund, deductions = policies.refund, policies.adjustment
    by_currency = ", ".join(f"{value} {code}" for code, value in sorted(refund.min_amounts.items()))
    return {
        "Refunds without a request": f"from {refund.min_amount}{f' ({by_currency})' if by_currency else ''}, open for "
        f"{refund.min_days_open} days or more",
        "New bank details": f"called back when told within {refund.bank_details_days} days or after the payment",
        "Deductions": f"to be decided within {deductions.deduction_days} days",
        "Unclaimed property": ", ".join(
            f"{rule.place} {rule.dormancy_months} months{'' if rule.confirmed_by else ' (not confirmed)'}"
            for rule in refund.unclaimed.rules
        )
        or "no rules",
    }


def _limits(facts: AdjustmentFacts) -> tuple[str, ...]:
    """What could not be told, each sentence once and written as one."""
    said = (*facts.adjustments.limits, *facts.refunds.limits, *facts.unclaimed.limits)
    return tuple(dict.fromkeys(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in said))


def _exceptions(facts: AdjustmentFacts) -> list[pd.DataFrame]:
    """What a person must look at beside the proposals: clocks that ran out, and refunds that nobody approved."""
    made = facts.adjustments
    late = made.deductions[made.deductions["way"].isin(LATE)]
    broken = made.plans[made.plans["is_default"].fillna(False).astype(bool)]
    unapproved = facts.booked[facts.booked["item_id"].ne("") & facts.booked["difference"].ne(0)]
    letters = facts.unclaimed.letters

    def deduction(row: Mapping[str, Any]) -> str:
        return f"Pending for {int(row['days_over'])} days longer than the policy allows"

    def letter(row: Mapping[str, Any]) -> str:
        late_ = ", whose last day has passed" if row["is_late"] else ""
        return f"Due-diligence letter by {row['send_by']:%Y-%m-%d}{late_}, report to {row['place']} by {row['report_due']:%Y-%m-%d}"

    return [
        exceptions_from(late, subject="deduction_past_its_clock", reference=("deduction_id",), finding=deduction,
                        columns={"customer_id": "customer_id", "document_no": "reference", "currency": "currency",
                                 "amount": "amount", "since": "act_by", "owner": "owner"}),
        exceptions_from(broken, subject="arrangement_in_default", reference=("plan_id",),
                        finding=lambda row: f"{counted(int(row['missed']), 'instalment')} missed",
                        columns={"customer_id": "customer_id", "document_no": "plan_id", "currency": "currency",
                                 "amount": "behind", "since": "oldest_missed"}),
        exceptions_from(unapproved, subject="refund_without_approval", reference=("item_id",),
                        finding=lambda row: "Booked without an approval that is known here",
                        columns={"customer_id": "customer_id", "document_no": "document_no", "currency": "currency",
                                 "amount": "difference", "since": "posting_date"}),
        exceptions_from(letters, subject="letter_due", reference=("customer_id", "currency", "report_due"), finding=letter,
                        columns={"customer_id": "customer_id", "currency": "currency", "amount": "amount",
                                 "since": "send_from"}),
    ]  # fmt: skip


def _findings(facts: AdjustmentFacts, scope: Scope) -> tuple[str, ...]:
    """What to decide next, the largest matters first."""
    made = []
    for kind in kinds_of(facts.proposals):
        rows = facts.proposals[facts.proposals["kind"].eq(kind.value)]
        made.append(
            f"Decide on {counted(len(rows), 'proposal')}: {in_words(kind.value).lower()}, {_sums(rows)}."
        )
    if len(facts.blocked):
        words = facts.blocked["blocked_by"].str.split("|").explode().value_counts()
        told = ", ".join(
            f"{in_words(str(word)).lower()} {count}"
            for word, count in sorted(words.items(), key=lambda w: (-w[1], w[0]))
        )
        made.append(
            f"{counted(len(facts.blocked), 'request or proposal', 'requests and proposals')} blocked: {told}."
        )
    late = facts.adjustments.deductions[facts.adjustments.deductions["way"].isin(LATE)]
    if len(late):
        made.append(f"{counted(len(late), 'deduction')} past the clock: {_sums(late)}.")
    apply = facts.refunds.credits[facts.refunds.credits["way"].eq(Way.APPLY.value)]
    if len(apply):
        sums = _sums(apply.assign(amount=apply["apply_amount"]))
        made.append(f"Apply {counted(len(apply), 'open credit')} to what the same customers owe: {sums}.")
    letters = facts.unclaimed.letters
    if len(letters):
        due = letters["send_by"].min().date()
        made.append(f"Send {counted(len(letters), 'due-diligence letter')}, the first by {day_text(due)}.")
    stranded = facts.unclaimed.property
    none = stranded[stranded["state"].isin([UnclaimedState.NO_RULE.value, UnclaimedState.NO_PLACE.value])]
    if len(none):
        made.append(
            f"Ask counsel about {counted(len(none), 'open credit')} without an unclaimed-property rule: {_sums(none)}."
        )
    return tuple(made)


def _sums(rows: pd.DataFrame) -> str:
    """Totals in words: `EUR 12.00, USD 3.50`."""
    return ", ".join(
        money_text(total(part["amount"]), str(code)) for code, part in rows.groupby("currency", sort=True)
    )
