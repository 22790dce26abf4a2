"""What the write-offs report says in sentences: what to decide, what it does not tell, and by which policy. Floor 3."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from arlib.credit.write_off.candidates import REASONS
from arlib.credit.write_off.frames import LimitationState, ReliefStatus
from arlib.credit.write_off.limitation import entity_country
from arlib.credit.write_off.limits import idle_limits
from arlib.credit.write_off.month import WriteOffs
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.policy.write_off import LimitScope
from arlib.report.tables import in_words
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book


def findings(found: WriteOffs, approvers: pd.DataFrame, *, scope: Scope) -> tuple[str, ...]:
    """What a person has to decide next, the most pressing first."""
    made = []
    grave = found.flags[found.flags["rank"].le(4) & found.flags["in_period"]]
    if len(grave):
        kinds = ", ".join(dict.fromkeys(in_words(flag).lower() for flag in grave["flag"]))
        made.append(f"Look first at {counted(len(grave), 'pattern')} in write-offs of the period: {kinds}.")
    barred = found.limitations[found.limitations["state"].eq(LimitationState.BARRED.value)]
    if len(barred):
        made.append(f"To legal: {counted(len(barred), 'debt')} time-barred, {_sums(barred, 'amount')}.")
    near = found.limitations[found.limitations["state"].eq(LimitationState.WARNING.value)]
    if len(near):
        first = pd.Timestamp(near["limitation_date"].min()).date()
        made.append(
            f"{counted(len(near), 'debt')} can soon be enforced no more ({_sums(near, 'amount')}); the first on {day_text(first)}."
        )
    if len(found.proposals):
        made.append(
            f"Decide on {counted(len(found.proposals), 'proposal')}: {_sums(found.proposals, 'amount')}."
        )
        nobody = int(approvers["approvers"].fillna("").eq("").sum())
        if nobody:
            made.append(
                f"Nobody has the authority to approve {counted(nobody, 'proposal')}; see who could approve."
            )
    if len(found.blocked):
        counts = Counter(word for blocks in found.blocked["blocked_by"] for word in str(blocks).split("|"))
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        by = ", ".join(f"{in_words(word).lower()} {count}" for word, count in ordered)
        made.append(
            f"Clear what blocks {counted(len(found.blocked), 'item')}, {_sums(found.blocked, 'amount')}: {by}."
        )
    for status, words in (
        (ReliefStatus.CLAIMABLE, "Claim tax relief now"),
        (ReliefStatus.REPAY, "Pay tax relief back after recoveries"),
        (ReliefStatus.LAPSED, "Tax relief was not claimed in time"),
    ):
        rows = found.relief[found.relief["status"].eq(status.value)]
        column = {ReliefStatus.CLAIMABLE: "claim_amount", ReliefStatus.REPAY: "repay_amount"}.get(
            status, "tax_amount"
        )
        if len(rows):
            made.append(f"{words}: {counted(len(rows), 'debt')}, {_sums(rows, column)}.")
    odd = found.recoveries[~found.recoveries["is_as_policy"] & found.recoveries["in_period"]]
    if len(odd):
        made.append(
            f"{counted(len(odd), 'recovery', 'recoveries')} of the period {'was' if len(odd) == 1 else 'were'} "
            "not booked as the policy has it."
        )
    return tuple(made)


def limits(found: WriteOffs, book: Book, *, scope: Scope, policies: Policies) -> tuple[str, ...]:
    """What these figures do not say."""
    made = []
    if found.by_month["functional_net"].isna().any():
        made.append("Some write-offs or recoveries carry no amount in the books' currency.")
    country = entity_country(book, scope=scope)
    taxed = found.relief["status"].eq(ReliefStatus.NO_RULE.value).any()
    if taxed:
        made.append(f"The policy has no rule on tax relief for {country or 'an entity without a country'}.")
    unknown = int(found.limitations["state"].eq(LimitationState.UNKNOWN.value).sum())
    if unknown:
        made.append(
            f"{counted(unknown, 'debt')} without a limitation date: no due date, no country, or no rule for it."
        )
    made += idle_limits(policies.write_off.limits, _known_names(found, book, scope=scope))
    if not policies.write_off.limits:
        made.append("The policy has no limits by amount: only authority limits a write-off.")
    without_tax = int(found.proposals["tax_amount"].isna().sum())
    if without_tax:
        made.append(f"The tax in {counted(without_tax, 'proposal')} is not known: the item does not say it.")
    if not book.has("security"):
        made.append(
            "No records of security were given: only items marked as secured or insured are blocked by it."
        )
    if not book.has("written_off"):
        made.append(
            "No register of debts written off was given: who proposed and approved, and tax claims, are not known."
        )
    return tuple(made)


def _known_names(found: WriteOffs, book: Book, *, scope: Scope) -> dict[LimitScope, set[str]]:
    """What a limit may be for: names in the books, and the reasons that the rules themselves give."""
    customers = book["customers"]
    reasons = {
        *found.flows["reason"].dropna(),
        *found.proposals["reason"],
        *found.blocked["reason"],
        *REASONS,
    }
    made = {LimitScope.BUSINESS_UNIT: {scope.entity}, LimitScope.REASON: reasons}
    for kind, frame, column in (
        (LimitScope.CUSTOMER, customers, "customer_id"),
        (LimitScope.RATING, customers, "rating"),
        (LimitScope.STATUS, customers, "status"),
        (LimitScope.SEGMENT, book["items"], "segment"),
    ):
        if frame[column].notna().any():
            made[kind] = set(frame[column].dropna())
    return made


def parameters(policies: Policies) -> dict[str, str]:
    """The choices behind the proposals, in words."""
    policy = policies.write_off
    status = ", ".join(f"{row.status.replace('_', ' ')} {row.min_days}" for row in policy.min_days_by_status)
    sweep = f"{policy.small_balance_currency} " if policy.small_balance_currency else ""
    return {
        "Proposed from": f"{policy.min_days_past_due} days past due; by status: {status or 'none'}",
        "Small balances": f"debits up to {sweep}{policy.small_balance_amount:,}, from {policy.small_balance_min_days} days past due",
        "Limits": f"{len(policy.limits)}, the most restrictive wins" if policy.limits else "none",
        "Limitation": f"warning {policy.limitation_warning_days} days before; law of the {policy.limitation_law.value}",
        "Patterns": f"write-offs of {policy.review_months} months, splitting within {policy.split_window_days} days",
        "Recoveries": "put back on the account first" if policy.reinstates_on_recovery else "booked directly",
    }


def _sums(rows: pd.DataFrame, column: str) -> str:
    """Totals in words: `EUR 12.00, USD 3.50`."""
    sums = {str(code): total(part[column]) for code, part in rows.groupby("currency", sort=True)}
    return ", ".join(money_text(amount, code) for code, amount in sums.items())
