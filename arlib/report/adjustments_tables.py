"""The tables of the adjustments report. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from arlib.credit.adjustments.frames import (
    ADJUSTMENT_LINES,
    CLAWBACKS,
    DEDUCTION_CASES,
    DEDUCTION_ROLL,
    PLAN_SCHEDULES,
    PLAN_STANDINGS,
    REBILL_LINES,
    RETURN_FEES,
    REWRITES,
    SETTLEMENT_ITEMS,
    SETTLEMENTS,
    TAX_CORRECTIONS,
    RollLine,
)
from arlib.credit.proposals import BLOCKED, DECISIONS, PROPOSALS
from arlib.credit.refunds import BOOKED_REFUNDS, CREDITS, LETTERS, UNCLAIMED_PROPERTY
from arlib.policy import Scope
from arlib.report.adjustments_facts import WAYS, AdjustmentFacts
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.tables import Column, Kind, Table

HEADINGS = {
    "proposal_id": "Proposal", "customer_name": "Name", "functional_amount": "",
    "deduction_id": "Deduction", "plan_id": "Plan", "commission_id": "Commission", "line_no": "No.",
    "fee_item_id": "Fee charged", "payee_account": "Paid to account", "payee_name": "Paid to", "facts_sha256": "Hash of the facts",
    "document_no": "Document", "days_past_due": "Days past due", "blocked_by": "Blocked by", "blocked_because": "Because",
    "tax_amount": "Tax", "net_amount": "Net", "freight_amount": "Freight", "open_debits": "Owed in the currency",
    "apply_amount": "To apply", "because": "Because", "is_default": "In default", "is_limited": "Limited to what was earned",
    "reverses_revenue": "Reverses revenue", "is_confirmed": "Confirmed by counsel", "is_late": "Late",
    "place_from": "Place of", "letter_from": "Letter from", "letter_by": "Letter by", "certificate_no": "Certificate",
    "days_over": "Days over", "instalment_no": "Instalment", "what": "What", "why": "Why",
}  # fmt: skip
READING = (
    "kind", "customer_id", "customer_name", "document_no", "currency", "amount", "tax_amount", "functional_amount",
    "reason", "rule", "evidence", "caution", "decide_by", "due_date", "days_past_due", "payee_account", "payee_name",
    "requested_by", "item_id", "proposal_id", "facts_sha256",
)  # fmt: skip
HELD = (
    "kind", "customer_id", "customer_name", "document_no", "currency", "amount", "blocked_by", "blocked_because", "reason",
    "rule", "evidence", "tax_amount", "functional_amount", "due_date", "days_past_due", "payee_account", "payee_name",
    "requested_by", "item_id", "proposal_id",
)  # fmt: skip
ROLL = Table("deduction_roll", DEDUCTION_ROLL.one_row_is, DEDUCTION_ROLL.key, (
    *DEDUCTION_ROLL.columns, Column("is_total", Kind.FLAG, "a balance", True),
))  # fmt: skip


def adjustment_tables(facts: AdjustmentFacts, *, scope: Scope) -> tuple[ResultTable, ...]:
    """Every table of the report, in reading order. Amounts of proposals are not added up: a fee raises what is owed, a
    credit lowers it."""
    code, made = scope.functional_currency, facts.adjustments
    return (
        _table(PROPOSALS, facts.proposals, code, "Proposals: approve, reject or ask", columns=READING,
               needs_review=True, decisions=DECISIONS, not_totalled=("amount", "tax_amount", "functional_amount"),
               speak=("reason",), not_on_page=("evidence", "reason", "customer_name"),
               note="Nothing is booked before an approval. Evidence and names stand in the workbook."),
        _table(BLOCKED, facts.blocked, code, "Blocked: what is asked for or due, and what forbids it", columns=HELD,
               not_totalled=("amount", "tax_amount", "functional_amount"), speak=("reason",)),
        _table(ADJUSTMENT_LINES, made.lines, code, "What each proposal debits", speak=(), is_detail=True,
               not_totalled=("amount",)),
        _table(REBILL_LINES, made.rebills, code, "Credit and rebill, line by line", is_detail=True, not_totalled=(
            "amount", "net_amount", "tax_amount", "freight_amount"), note="The new invoice keeps the original due date."),
        _deductions(facts, code),
        _roll(facts, code),
        _table(SETTLEMENTS, made.settlements, code, "Settlements offered", not_totalled=("balance", "payment", "present_value"),
               note="The concession is what authority is needed for; present value counts simple interest, actual days over 365."),
        _table(SETTLEMENT_ITEMS, made.settlement_items, code, "Settlements by item", is_detail=True, not_totalled=("balance",)),
        _table(PLAN_STANDINGS, made.plans, code, "Payment arrangements against what was paid", not_totalled=("amount", "due", "paid"),
               note="An arrangement does not change the aging."),
        _table(PLAN_SCHEDULES, made.schedules, code, "Schedules of proposed arrangements", is_detail=True,
               not_totalled=("balance_after", "payment", "interest", "principal")),
        _table(REWRITES, made.rewrites, code, "Services ended early", not_totalled=("credited_before",)),
        _table(TAX_CORRECTIONS, made.tax_corrections, code, "Tax of exempt customers", not_totalled=("tax_charged", "tax_credited")),
        _table(RETURN_FEES, made.fees, code, "Returned payments and their fees", not_totalled=("returned",), speak=()),
        _table(CLAWBACKS, made.clawbacks, code, "Commission to take back, by sales partner", not_totalled=(
            "net_reduction", "earned", "clawed_back"), note="Never more than was earned less what was taken back before."),
        _table(CREDITS, facts.refunds.credits, code, "Open credits and which way each goes", columns=(
            "customer_id", "customer_name", "item_type", "document_no", "document_date", "days_open", "currency", "amount",
            "way", "because", "open_debits", "apply_amount", "overdue_items", "functional_amount", "item_id", "proposal_id"),
            not_totalled=("open_debits", "apply_amount"), note="Credits of any size: none is swept."),
        _table(BOOKED_REFUNDS, facts.booked, code, "Refunds booked against refunds approved", columns=(
            "customer_id", "document_no", "posting_date", "currency", "booked", "approved", "difference", "item_id",
            "proposal_id"), note="A line without a document is approved and not yet booked."),
        _table(UNCLAIMED_PROPERTY, facts.unclaimed.property, code, "Unclaimed property: the dormancy clock of every credit",
               columns=("customer_id", "customer_name", "document_no", "currency", "amount", "place", "place_from", "state",
                        "clock_start", "clock_from", "dormant_on", "letter_from", "letter_by", "letter_sent_on", "report_due",
                        "note", "is_confirmed", "item_id"), headings={"note": "Note"}),
        _table(LETTERS, facts.unclaimed.letters, code, "Due-diligence letters to send", name="due_diligence_letters"),
    )  # fmt: skip


def _table(
    table: Table,
    frame: pd.DataFrame,
    code: str,
    title: str,
    *,
    columns: Sequence[str] = (),
    speak: Sequence[str] = (),
    headings: dict[str, str] | None = None,
    name: str = "",
    note: str = "",
    not_totalled: Sequence[str] = (),
    is_detail: bool = False,
    needs_review: bool = False,
    decisions: tuple[str, ...] = (),
    not_on_page: Sequence[str] = (),
) -> ResultTable:
    shown = columns or [column for column in table.names if column != "entity"]
    said = {
        column: text or f"In {code}"
        for column, text in HEADINGS.items()
        if column in shown or column in table.key
    }
    words = spoken(frame, *(column for column in speak if column in shown))
    if "way" in shown and table is CREDITS:
        words["way"] = {way.value: text for way, text in WAYS.items()}
    if "blocked_by" in shown:
        words["blocked_by"] = {
            str(value): ", ".join(in_words(word) if not at else in_words(word).lower()
                                  for at, word in enumerate(str(value).split("|")))
            for value in frame["blocked_by"].dropna().unique()
        }  # fmt: skip
    return result_table(
        table, frame, title=title, functional=code, name=name, columns=shown, headings=said | (headings or {}), note=note,
        words=words, not_totalled=not_totalled, is_detail=is_detail, needs_review=needs_review, decisions=decisions,
        not_on_page=not_on_page,
    )  # fmt: skip


def _deductions(facts: AdjustmentFacts, code: str) -> ResultTable:
    """Deductions, those past their clock first."""
    cases = facts.adjustments.deductions
    ordered = cases.sort_values(
        ["days_over", "deduction_id"], ascending=[False, True], kind="stable", na_position="last"
    )
    return result_table(
        DEDUCTION_CASES, ordered, title="Deductions and their clock", functional=code, is_ordered=True, columns=(
            "deduction_id", "customer_id", "currency", "amount", "reason", "state", "way", "act_by", "days_over", "owner",
            "escalate_to", "taken_on", "decided_on", "outstanding", "nature", "reference", "item_id", "proposal_id"),
        headings={column: text for column, text in HEADINGS.items() if column in DEDUCTION_CASES.names},
        words=spoken(ordered, "reason"), not_totalled=("outstanding",),
        note="Valid and authorised ones become adjusting entries; refused ones are billed back and collected.",
    )  # fmt: skip


def _roll(facts: AdjustmentFacts, code: str) -> ResultTable:
    """The roll of pending deductions, from opening to closing in each currency."""
    roll = facts.adjustments.deduction_roll
    order = {line.value: at for at, line in enumerate(RollLine)}
    frame = roll.assign(order=roll["line"].map(order), is_total=roll["line"].isin(("opening", "closing")))
    frame = frame.sort_values(["currency", "order"], kind="stable", ignore_index=True).drop(columns="order")
    return result_table(ROLL, frame, title="Pending deductions, from opening to closing", functional=code, is_ordered=True,
                        strong_rows="is_total", not_totalled=("amount",), foots=len(set(frame["currency"])) == 1)  # fmt: skip
