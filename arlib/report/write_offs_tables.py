"""The tables of the write-offs report, in reading order. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.credit.authority.needed import APPROVERS
from arlib.credit.proposals import BLOCKED, DECISIONS, PROPOSALS
from arlib.credit.write_off.frames import (
    BY_MONTH,
    BY_REASON,
    DIFFERENCES,
    FLAGS,
    LIMITATIONS,
    RECOVERIES,
    REGISTER,
    RELIEF,
    WRITE_OFF_FLOWS,
    LimitationState,
)
from arlib.credit.write_off.month import WriteOffs
from arlib.policy import Policies, Scope
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.tables import Table

HEADINGS = {
    "proposal_id": "Proposal",
    "functional_amount": "Amount, functional",
    "tax_amount": "Tax in it",
    "facts_sha256": "Facts, SHA-256",
    "blocked_by": "Blocked by",
    "blocked_because": "Why",
    "written_off_on": "Written off on",
    "limitation_date": "Enforceable until",
    "limitation_state": "Limitation",
    "is_enforceable": "Enforceable",
    "source": "Known from",
    "left": "Still written off",
    "functional_recovered": "Recovered, functional",
    "functional_net": "Net, functional",
    "recovery_id": "Recovery",
    "write_off_item_id": "Write-off document",
    "is_reversal": "Reversal",
    "is_of_credit": "Of a credit",
    "earliest_claim": "Claim from",
    "latest_claim": "Claim until",
    "claim_amount": "Tax to claim",
    "repay_amount": "Tax to pay back",
    "is_as_policy": "As the policy has it",
    "first_on": "First written off",
    "in_period": "In the period",
    "items": "Items",
    "over_limit_items": "Above the limit, items",
    "over_limit_amount": "Above the limit",
    "due_date": "Due",
    "is_written_off": "Written off",
    "is_explained": "Explained",
}

FIRST = (
    "customer_id", "customer_name", "document_no", "currency", "amount", "tax_amount", "functional_amount",
    "days_past_due", "reason", "evidence", "caution", "decide_by",
)  # fmt: skip
PROPOSAL_COLUMNS = (*FIRST, *(name for name in PROPOSALS.names if name not in (*FIRST, "entity")))


def tables(
    found: WriteOffs, approvers: pd.DataFrame, *, scope: Scope, policies: Policies
) -> tuple[ResultTable, ...]:
    """All tables; those without a row are there too, so that a reader sees that nothing was found."""
    code = scope.functional_currency
    near = (LimitationState.WARNING.value, LimitationState.BARRED.value)
    limitation = found.limitations[found.limitations["state"].isin(near)]
    of_period = found.flows[found.flows["in_period"].to_numpy(dtype=bool)]
    days = policies.write_off.limitation_warning_days

    return (
        _table(
            PROPOSALS,
            _largest(found.proposals),
            title="Proposed for write-off, largest first",
            columns=PROPOSAL_COLUMNS,
            functional=code,
            is_ordered=True,
            needs_review=True,
            decisions=DECISIONS,
            not_on_page=("kind", "customer_name", "rule", "decide_by"),
            words=spoken(found.proposals, "reason"),
            note="Nothing is posted: each line waits for an approval. The day an age is reached counts.",
        ),
        _table(
            APPROVERS,
            approvers,
            name="approvers",
            title="Who could approve",
            functional=code,
            note="By the authority of the close file; who proposed cannot approve.",
        ),
        _table(
            BLOCKED,
            _largest(found.blocked),
            title="Blocked, and what forbids it, largest first",
            functional=code,
            columns=(
                "customer_id",
                "customer_name",
                "document_no",
                "currency",
                "amount",
                "functional_amount",
                "days_past_due",
                "reason",
                "blocked_by",
                "blocked_because",
                "evidence",
                "rule",
                "item_id",
                "kind",
                "proposal_id",
            ),
            is_ordered=True,
            words=spoken(found.blocked, "reason") | {"blocked_by": _blocks(found.blocked)},
        ),
        _table(
            FLAGS,
            found.flags,
            title="Patterns to look at, the gravest first",
            functional=code,
            columns=(
                "rank",
                "flag",
                "customer_id",
                "customer_name",
                "items",
                "documents",
                "currency",
                "amount",
                "first_on",
                "in_period",
                "people",
                "finding",
                "reference",
            ),
            is_ordered=True,
            needs_review=True,
            not_totalled=("amount",),
            note=f"Write-offs of the last {policies.write_off.review_months} months. A pattern is a question, not a finding "
            "against anybody; one write-off may show in several.",
        ),
        _table(
            WRITE_OFF_FLOWS,
            of_period,
            name="write_offs",
            title="Write-offs posted in the period",
            functional=code,
            columns=(
                "date",
                "customer_id",
                "document_no",
                "currency",
                "amount",
                "functional_amount",
                "reason",
                "user",
                "is_reversal",
                "is_of_credit",
                "item_id",
                "write_off_item_id",
                "application_id",
            ),
            words=spoken(of_period, "reason"),
        ),
        _table(
            BY_REASON,
            found.by_reason,
            title="Write-offs of the period by reason",
            functional=code,
            words=spoken(found.by_reason, "reason"),
            not_totalled=("largest",),
        ),
        _table(
            BY_MONTH,
            found.by_month,
            title="Write-offs and recoveries by month",
            functional=code,
        ),
        _table(
            RELIEF,
            found.relief,
            title="Tax in debts written off, and its relief",
            functional=code,
            columns=(
                "customer_id",
                "document_no",
                "written_off_on",
                "currency",
                "amount",
                "tax_amount",
                "jurisdiction",
                "earliest_claim",
                "latest_claim",
                "status",
                "claim_amount",
                "claimed_on",
                "repay_amount",
                "repaid_on",
                "evidence",
                "rule",
                "item_id",
            ),
            note="The rules are examples of the policy, to be confirmed by your tax adviser.",
        ),
        _table(
            LIMITATIONS,
            limitation,
            title="Debts that are soon, or already, time-barred",
            functional=code,
            columns=(
                "customer_id",
                "document_no",
                "currency",
                "amount",
                "is_written_off",
                "due_date",
                "restarted_on",
                "restarted_by",
                "limitation_date",
                "days_left",
                "state",
                "next_step",
                "rule",
                "item_id",
            ),
            headings={"amount": "Open, or still written off"},
            words=spoken(limitation, "restarted_by"),
            note=f"Those within {days} days of the last day, or past it, of {len(found.limitations):,} debts. "
            "The rules are examples of the policy, to be confirmed by legal.",
        ),
        _table(
            REGISTER,
            found.register,
            title="Register of debts written off",
            functional=code,
            columns=(
                "customer_id",
                "customer_name",
                "document_no",
                "written_off_on",
                "currency",
                "amount",
                "tax_amount",
                "reinstated",
                "recovered",
                "left",
                "reason",
                "proposed_by",
                "approved_by",
                "is_enforceable",
                "limitation_date",
                "limitation_state",
                "source",
                "in_period",
                "item_id",
            ),
            words=spoken(found.register, "reason", "source"),
        ),
        _table(
            RECOVERIES,
            found.recoveries,
            title="Recoveries",
            functional=code,
            columns=(
                "date",
                "customer_id",
                "document_no",
                "written_off_on",
                "days_since",
                "currency",
                "reinstated",
                "recovered",
                "functional_recovered",
                "way",
                "is_as_policy",
                "in_period",
                "item_id",
                "recovery_id",
            ),
        ),
        _table(
            DIFFERENCES,
            found.differences,
            title="Register and ledger, where they differ",
            functional=code,
            words=spoken(found.differences, "cause"),
            is_detail=True,
        ),
        _table(
            REGISTER,
            _by_customer(found),
            name="written_off_by_customer",
            key=("customer_id", "currency"),
            title="Still written off, by customer",
            functional=code,
            columns=("customer_id", "customer_name", "currency", "amount", "reinstated", "recovered", "left"),
        ),
    )


def _table(
    table: Table,
    frame: pd.DataFrame,
    *,
    columns: tuple[str, ...] = (),
    headings: Mapping[str, str] | None = None,
    **more: Any,
) -> ResultTable:
    """A result with the headings of this report over the columns that it shows."""
    names = columns or tuple(name for name in table.names if name != "entity")
    own = {name: HEADINGS[name] for name in names if name in HEADINGS}
    return result_table(table, frame, columns=columns, headings=own | dict(headings or {}), **more)


def _largest(rows: pd.DataFrame) -> pd.DataFrame:
    """Write-offs before sweeps, largest in the books' currency first; what has no such amount comes last."""
    size = rows["functional_amount"].fillna(-1)
    order = rows.assign(size=size).sort_values(
        ["kind", "size", "proposal_id"], ascending=[False, False, True], kind="stable"
    )
    return order.drop(columns="size")


def _blocks(rows: pd.DataFrame) -> dict[str, str]:
    """The machine words of a block as people read them."""
    return {
        str(value): ", ".join(in_words(word).lower() for word in str(value).split("|"))
        for value in rows["blocked_by"].dropna().unique()
    }


def _by_customer(found: WriteOffs) -> pd.DataFrame:
    """Sums of the register by customer and currency."""
    sums = ["amount", "reinstated", "recovered", "left"]
    by = found.register.groupby(["customer_id", "currency"], sort=True)
    made = by[sums].sum().reset_index()
    made["customer_name"] = by["customer_name"].first().to_numpy()
    return made
