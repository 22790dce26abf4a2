"""How the known result tables stand on a page and in a workbook: sheet name, columns, rows. Floor 3.

What a table holds is said where it is built; data files and workbooks keep all of it. Here is only what a page
leaves to the workbook, which tables a page never cuts, and what an empty name reads like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from arlib.report.model import ResultTable


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """The looks of one table; the default is that of a table nobody said anything about."""

    sheet: str = ""  # name of its sheet, at most 31 characters; '' makes one from the title
    is_complete: bool = False  # a page shows every row, whatever the limit
    not_on_page: frozenset[str] = frozenset()  # columns that only workbook and data show
    quiet: Mapping[str, str] = field(default_factory=dict)  # column and value of rows that a page leaves out
    loud: str = "differ"  # what the other rows do
    empty: Mapping[str, str] = field(default_factory=dict)  # what an empty name in a text column reads like
    total_by: str = ""  # totals are of one value of this column each: accounts are never added up


def _hide(*names: str) -> frozenset[str]:
    return frozenset(names)


UNIDENTIFIED, NONE = {"customer_id": "(unidentified)"}, "(none)"
_LINES = _hide("row_no", "item_type", "document_date", "due_date", "line_no", "statement_line_date")
_DEFAULT = Presentation()

PRESENTATIONS: Mapping[str, Presentation] = {
    "aging_by_currency": Presentation(sheet="Aging by currency", is_complete=True),
    "aging_functional": Presentation(sheet="Aging in functional currency", is_complete=True),
    "aging_by_customer": Presentation(sheet="Aging by customer", empty=UNIDENTIFIED),
    "aging_by_parent_id": Presentation(sheet="Aging by parent", empty={"parent_id": NONE}),
    "aging_by_collector": Presentation(sheet="Aging by collector", empty={"collector": NONE}),
    "aging_by_sales_rep": Presentation(sheet="Aging by sales rep", empty={"sales_rep": NONE}),
    "aging_by_region": Presentation(sheet="Aging by region", empty={"region": NONE}),
    "aging_compared": Presentation(sheet="Contractual and risk aging", is_complete=True),
    "large_balances": Presentation(sheet="Large balances", is_complete=True, empty=UNIDENTIFIED),
    "reaged_totals": Presentation(sheet="Re-aged by authoriser"),
    "reaged": Presentation(sheet="Items re-aged", not_on_page=_hide("item_id", "replaces", "user")),
    "basis_bridge": Presentation(sheet="Customer less ledger view", not_on_page=_hide("fact_id", "item_id")),
    "open_items": Presentation(sheet="Open items", empty=UNIDENTIFIED, not_on_page=_hide(
        "item_id", "original_due_date", "amount", "cash_status", "collector", "sales_rep",
        "control_account")),
    "exceptions": Presentation(sheet="Exceptions", not_on_page=_hide("reference")),
    "control_balances": Presentation(sheet="Control accounts", is_complete=True),
    "causes_by_kind": Presentation(sheet="Causes by kind", is_complete=True, total_by="account"),
    "causes": Presentation(sheet="Reconciling items", is_complete=True, total_by="account",
                           not_on_page=_hide("first_reported_on")),
    "unexplained": Presentation(sheet="Differences without a cause", is_complete=True, total_by="account",
                                not_on_page=_hide("first_reported_on")),
    "roll_forward": Presentation(sheet="Roll-forward", is_complete=True),
    "roll_forward_document": Presentation(sheet="Roll-forward by currency", is_complete=True),
    "roll_forward_by_account": Presentation(sheet="Roll-forward by account", is_complete=True),
    "closed_period_postings": Presentation(sheet="Posted to closed periods", not_on_page=_hide(
        "posting_id", "entered_at", "is_reopened")),
    "cash_proof": Presentation(sheet="Proof of cash", is_complete=True, total_by="bank_account"),
    "billing_check": Presentation(sheet="Billing batches", is_complete=True, quiet={"state": "agrees"},
                                  not_on_page=_hide(
        "billing_documents", "rejected_documents", "interface_documents", "gl_rejected_documents",
        "gl_documents", "item_documents", "rejected_amount", "gl_rejected_amount", "item_amount",
        "ledger_amount")),
    "cleared_items": Presentation(sheet="Cleared items", total_by="account"),
    "statements": Presentation(sheet="Statements received"),
    "differences_by_kind": Presentation(sheet="Differences by kind", is_complete=True),
    "differences": Presentation(sheet="Documents that differ", not_on_page=_LINES),
    "reconciliation_lines": Presentation(sheet="All documents", not_on_page=_LINES),
    "controls": Presentation(sheet="Controls", is_complete=True),
    "cash_by_place": Presentation(sheet="Where the cash went", is_complete=True, total_by="population"),
    "cash_applied": Presentation(sheet="Applied", is_complete=True, total_by="population", not_on_page=_hide(
        "meaning", "precision")),
    "cash_queue": Presentation(sheet="Needs a person", empty={"proposal": NONE, "runner_up": NONE}, not_on_page=_hide(
        "payer_name", "value_date", "amount", "functional_to_decide", "items", "rule", "evidence",
        "remittance_text")),
    "cash_candidates": Presentation(sheet="Candidates", not_on_page=_hide("item_id", "name", "open_amount")),
    "cash_unidentified": Presentation(sheet="Unidentified", not_on_page=_hide("customer_id", "name", "third_candidate")),
    "cash_set_aside": Presentation(sheet="Held and returned", not_on_page=_hide("payer_name", "reason")),
    "cash_reversals": Presentation(sheet="Returns to put back", not_on_page=_hide("item_id")),
    "cash_residuals": Presentation(sheet="Residuals", not_on_page=_hide("item_id")),
    "cash_contras": Presentation(sheet="Nettings", not_on_page=_hide("item_id")),
    "cash_skipped": Presentation(sheet="Passed over", not_on_page=_hide("item_id")),
    "short_payments": Presentation(sheet="Short payments", is_complete=True, total_by="population"),
    "short_payment_lines": Presentation(sheet="Short payment lines", total_by="population", not_on_page=_hide(
        "item_id", "fx", "tolerance", "evidence", "customer_id")),
    "cash_rules": Presentation(sheet="Rules", is_complete=True, quiet={"role": "beside"}, loud="decide or were used",
                               not_on_page=_hide("data_set", "is_transferred", "right", "role", "precision")),
    "posting": Presentation(sheet="Posting", not_on_page=_hide(
        "item_id", "value_date", "posting_date", "receipt_currency", "fee", "fx", "tolerance", "evidence")),
    "proposals": Presentation(sheet="All proposals", total_by="population", not_on_page=_hide(
        "facts_sha256", "functional_amount", "tax_amount", "due_date", "days_past_due", "item_id",
        "payee_account", "payee_name")),
    "blocked": Presentation(sheet="Blocked", not_on_page=_hide(
        "rule", "evidence", "tax_amount", "functional_amount", "due_date", "days_past_due", "payee_account",
        "payee_name", "item_id", "proposal_id", "blocked_by")),
    "hit_rates": Presentation(sheet="Hit rates", is_complete=True),
    "rate_history": Presentation(sheet="Hit rates run by run"),
    "reperformed": Presentation(sheet="Performed again", is_complete=True),
    "reperformed_differences": Presentation(sheet="Booked otherwise", not_on_page=_hide(
        "customer_id", "value_date", "functional_amount", "booked_customers", "found_customers", "rule")),
    "provision_matrix": Presentation(sheet="Provision matrix", is_complete=True),
    "coverage": Presentation(sheet="Coverage by bucket", is_complete=True),
    "top_exposures": Presentation(sheet="Customers by exposure", not_on_page=_hide("limit_currency", "status")),
    "movement": Presentation(sheet="Movement", is_complete=True),
    "movement_by_segment": Presentation(sheet="Movement by segment"),
    "bad_debt_expense": Presentation(sheet="Cost in the period", is_complete=True),
    "specific_lines": Presentation(sheet="Specific reserves", is_complete=True),
    "dispute_reserve": Presentation(sheet="Credit-note reserve"),
    "security_used": Presentation(sheet="Security"),
    "excluded": Presentation(sheet="No exposure", empty=UNIDENTIFIED),
    "loss_rates": Presentation(sheet="Loss rates", is_complete=True, not_on_page=_hide("rate")),
    "methods": Presentation(sheet="Pool by each method", is_complete=True),
    "migration": Presentation(sheet="Migration matrix", is_complete=True),
    "roll_rates": Presentation(sheet="Roll rates", is_complete=True),
    "vintage": Presentation(sheet="Vintages", is_complete=True),
    "migration_amounts": Presentation(sheet="Migration amounts"),
    "vintages": Presentation(sheet="Vintages by month"),
    "cohorts": Presentation(sheet="Cohorts"),
    "allowance_history": Presentation(sheet="Allowance by close"),
    "loss_flows": Presentation(sheet="Write-offs and recoveries", not_on_page=_hide("fact_id", "item_id")),
    "loss_trend": Presentation(sheet="By month", is_complete=True, not_on_page=_hide("ends_on")),
    "look_back": Presentation(sheet="Look-back", is_complete=True),
    "back_test": Presentation(sheet="Back-test", is_complete=True),
    "sensitivity": Presentation(sheet="Sensitivity", is_complete=True),
    "allowance_views": Presentation(sheet="Views", is_complete=True),
    "allowance_differences": Presentation(sheet="Allowance documents"),
    "adjustment_lines": Presentation(sheet="What proposals debit"),
    "rebill_lines": Presentation(sheet="Credit and rebill"),
    "deduction_cases": Presentation(sheet="Deductions", not_on_page=_hide(
        "item_id", "proposal_id", "outstanding", "nature")),
    "deduction_roll": Presentation(sheet="Pending deductions", is_complete=True),
    "settlements": Presentation(sheet="Settlements", not_on_page=_hide("item_id", "release_reference")),
    "settlement_items": Presentation(sheet="Settlements by item"),
    "plan_standings": Presentation(sheet="Arrangements"),
    "plan_schedules": Presentation(sheet="Schedules"),
    "rewrites": Presentation(sheet="Services ended early"),
    "tax_corrections": Presentation(sheet="Tax of exempt customers"),
    "return_fees": Presentation(sheet="Fees of returns"),
    "clawbacks": Presentation(sheet="Commission"),
    "credits": Presentation(sheet="Open credits", empty=UNIDENTIFIED, not_on_page=_hide(
        "functional_amount", "item_id", "proposal_id", "overdue_items")),
    "booked_refunds": Presentation(sheet="Refunds booked"),
    "unclaimed_property": Presentation(sheet="Unclaimed property", empty=UNIDENTIFIED, not_on_page=_hide(
        "item_id", "place_from", "is_confirmed")),
    "due_diligence_letters": Presentation(sheet="Due-diligence letters"),
    "kpis": Presentation(sheet="Figures of the month", is_complete=True),
    "kpis_by_convention": Presentation(sheet="Other conventions", is_complete=True),
    "past_due_bridge": Presentation(sheet="Past due over the month", is_complete=True),
    "kpi_months": Presentation(sheet="Month by month", is_complete=True),
    "season": Presentation(sheet="Season", is_complete=True),
    "kpi_values": Presentation(sheet="All figures"),
    "kpi_months_by_currency": Presentation(sheet="Months by currency"),
    "kpi_items": Presentation(sheet="Behind the figures", empty=UNIDENTIFIED),
    "collected_by_bucket": Presentation(sheet="Collected by bucket", is_complete=True),
    "collected_by_region": Presentation(sheet="Collected by region", is_complete=True),
    "collected_by_collector": Presentation(sheet="Collected by collector", is_complete=True),
    "collected_lines": Presentation(sheet="Collected, all lines"),
    "cleared": Presentation(sheet="Cash and credits cleared", is_complete=True),
    "activity_by_collector": Presentation(sheet="Activity by collector", is_complete=True),
    "portfolio_moves": Presentation(sheet="Portfolio movements", is_complete=True),
    "portfolio_moved": Presentation(sheet="Accounts moved"),
    "coverage_by_band": Presentation(sheet="Contacted in time", is_complete=True),
    "coverage_by_collector": Presentation(sheet="Contacted by collector"),
    "promises_kept": Presentation(sheet="Promises kept", is_complete=True),
    "recurring_causes": Presentation(sheet="Recurring causes"),
    "leakage_by_team": Presentation(sheet="Lost revenue by team", is_complete=True),
    "leakage": Presentation(sheet="Leakage"),
    "late_billing": Presentation(sheet="Billed late"),
    "high_risk": Presentation(sheet="High-risk accounts", is_complete=True),
    "forecast_total": Presentation(sheet="Expected receipts", is_complete=True),
    "forecast_by_currency": Presentation(sheet="Receipts by currency"),
    "forecast_backtest": Presentation(sheet="Forecasts back-tested", is_complete=True),
    "needs_a_person": Presentation(sheet="What needs a person", is_complete=True),
    "movements": Presentation(sheet="Movements by customer", empty=UNIDENTIFIED),
    "contact_coverage": Presentation(sheet="Contact against target", is_complete=True, empty={"collector": "(all)"}),
    "call_list": Presentation(sheet="Call list", is_complete=True, quiet={"turn": "next"}, loud="are for today",
                              empty={"collector": NONE}),
    "left_out": Presentation(sheet="Left out", empty=UNIDENTIFIED),
    "hit_list": Presentation(sheet="Hit list", is_complete=True, empty=UNIDENTIFIED | {"sales_rep": NONE}, total_by="sales_rep"),
    "escalations": Presentation(sheet="Escalations", is_complete=True),
    "promises": Presentation(sheet="Promises", is_complete=True),
    "arrangements": Presentation(sheet="Payment arrangements", is_complete=True),
    "disputes_open": Presentation(sheet="Open disputes"),
    "contacts_due": Presentation(sheet="Contacts overdue", empty={"collector": NONE}),
    "obstacles": Presentation(sheet="Obstacles"),
    "follow_ups": Presentation(sheet="Follow-ups", empty=UNIDENTIFIED),
    "hold_proposals": Presentation(sheet="Holds and releases", is_complete=True),
    "claims": Presentation(sheet="Claims", is_complete=True),
    "placements_proposed": Presentation(sheet="To be placed", is_complete=True, quiet={"kind": ""}, loud="may be placed"),
    "placement_register": Presentation(sheet="Placed"),
    "exception_list": Presentation(sheet="Special exceptions", is_complete=True),
    "letters_due": Presentation(sheet="Letters due"),
    "file_checklist": Presentation(sheet="Customer files"),
    "credit_review": Presentation(sheet="Credit review", empty=UNIDENTIFIED),
    "terms_register": Presentation(sheet="Terms exceptions", is_complete=True),
    "references": Presentation(sheet="References"),
    "portals": Presentation(sheet="Portals", is_complete=True, quiet={"finding": "approved"}, loud="are not approved"),
    "portfolio_loads": Presentation(sheet="Portfolios", is_complete=True, empty={"collector": NONE}),
    "portfolio_changes": Presentation(sheet="Portfolio changes", empty={"collector": NONE, "collector_before": NONE}),
    "collection_rates": Presentation(sheet="Collection rates", is_complete=True),
    "bank_standings": Presentation(sheet="Bank accounts", is_complete=True),
    "bridges": Presentation(sheet="How the totals agree", is_complete=True),
    "problems": Presentation(sheet="Problems"),
    "statement_totals": Presentation(sheet="Statements and ledger", is_complete=True),
    "statements_sent": Presentation(sheet="Statements", not_on_page=_hide(
        "kind", "accounts", "unapplied", "books_closing", "opening", "movements")),
    "statement_excluded": Presentation(sheet="On no statement", empty=UNIDENTIFIED),
    "statement_gaps": Presentation(sheet="Missing to send"),
    "statements_of_zero": Presentation(sheet="Zero statements"),
}  # fmt: skip


def presentation(table: ResultTable) -> Presentation:
    """The looks of a table, found by its name."""
    return PRESENTATIONS.get(table.name, _DEFAULT)


def page_rows(table: ResultTable) -> pd.DataFrame:
    """The rows that a page may show: all but the quiet ones."""
    frame = table.frame
    for name, value in presentation(table).quiet.items():
        if name in table.kinds:
            frame = frame[frame[name].fillna("").ne(value)]
    return frame


def empty_word(table: ResultTable, column: str) -> str:
    """What stands for an empty name in this column, or '' where empty stays empty."""
    return presentation(table).empty.get(column, "")


def total_by(table: ResultTable) -> str:
    """The column whose values are totalled apart, or '' where money of one currency adds up."""
    column = presentation(table).total_by
    return column if column in table.shown_columns else ""
