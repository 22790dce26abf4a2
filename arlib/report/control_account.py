"""The control-account report.

Does the sub-ledger tie to the general ledger, and how did it get here? Floor 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from arlib.controls import STATUS_WORDS, Control, Identity, Status
from arlib.ledger.bank_statements import bank_statement_check
from arlib.ledger.billing import billing_transfers
from arlib.ledger.cash_proof import proof_of_cash
from arlib.ledger.closed_periods import can_tell
from arlib.ledger.frames_control import (
    BALANCES,
    BILLING_CHECK,
    CASH_PROOF,
    CAUSE_WORDS,
    CAUSES,
    LATE_POSTINGS,
    ROLL_FORWARD,
    STATEMENT_CHECK,
    UNEXPLAINED_ITEMS,
    RollLine,
)
from arlib.ledger.opening import opening_controls
from arlib.ledger.postings import all_postings
from arlib.ledger.rollforward import RollForward, roll_forward
from arlib.ledger.tieout import TieOut, tie_out
from arlib.money import shown, total
from arlib.policy import Policies, Scope
from arlib.report.bridges import bridge_charts, roll_chart
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings
from arlib.report.model import Report, ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.report.words import control_sentence, counted, day_text
from arlib.tables import CANONICAL, Book, Column, Kind, Table

SPOKEN_CAUSES = {str(cause.value): text[:1].upper() + text[1:] for cause, text in CAUSE_WORDS.items()} | {
    "unexplained": "Unexplained"
}
CAUSE_TOTALS = Table("causes_by_kind", "a cause on one account", ("account", "cause"), (
    Column("account", Kind.TEXT, "control account"),
    Column("cause", Kind.TEXT, "why", True),
    Column("documents", Kind.INTEGER, "documents behind it", True),
    Column("currency", Kind.TEXT, "functional currency", True),
    Column("amount", Kind.MONEY, "general ledger less sub-ledger", True, currency="currency"),
    Column("oldest", Kind.DAY, "earliest date behind it"),
))  # fmt: skip
ROLLED = Table("rolled", ROLL_FORWARD.one_row_is, ROLL_FORWARD.key, (
    *ROLL_FORWARD.columns, Column("is_total", Kind.FLAG, "opening or closing", True),
))  # fmt: skip
SIDES = {
    "general_ledger": "general ledger",
    "sub_ledger": "sub-ledger",
    "both": "both",
    "balance": "whole balance",
}


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What the tables, charts and sentences of the report are made from."""

    tie: TieOut
    roll: RollForward
    cash: pd.DataFrame  # CASH_PROOF
    billing: pd.DataFrame  # BILLING_CHECK
    statements: pd.DataFrame  # STATEMENT_CHECK


def control_account_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """General ledger against sub-ledger by account, roll-forward, proof of cash, and billing transfers.

    Needs ITEMS, APPLICATIONS, CONTROL_ACCOUNTS, GL_LINES or GL_BALANCES; uses BANK_LINES, RECEIPTS, their
    links, BILLING_TRANSFERS, PERIODS, REVALUATIONS and RECONCILING_ITEMS. What is not given makes its
    control `no_input`. Causes and what is unexplained add up to each gap; the roll-forward foots; both are
    among the identities.
    """
    billing_controls, billing = billing_transfers(book, scope=scope, ledger=policies.tie_out.ledger)
    cash_controls, cash = proof_of_cash(book, scope=scope)
    bank_controls, statements = bank_statement_check(book, scope=scope)
    postings = all_postings(book, scope=scope)
    facts = _Facts(
        tie=tie_out(book, scope=scope, policy=policies.tie_out, postings=postings),
        roll=roll_forward(book, scope=scope, postings=postings),
        cash=cash,
        billing=billing,
        statements=statements,
    )
    opening = opening_controls(book, facts.roll.by_account, facts.roll.late, scope=scope)
    controls = (*facts.tie.controls, *opening, *facts.roll.controls, *bank_controls, *cash_controls,
                *billing_controls)  # fmt: skip
    return Report(
        name="control_account",
        title=f"Control account, {scope.entity}, {day_text(scope.as_of)}",
        question="Does the sub-ledger tie to the general ledger, what explains a gap, and what moved?",
        reader="controller, auditors",
        scope=scope,
        tables=_tables(facts, scope),
        charts=(*bridge_charts(facts.tie, scope=scope), roll_chart(facts.roll, scope=scope)),
        controls=(*controls, *intake_controls(book, scope=scope)),
        identities=(*facts.tie.identities, *_labelled(facts.roll.identities), *intake_checks(book)),
        findings=(*_findings(facts, controls), *intake_findings(book)),
        limits=_limits(book, scope),
        counts={"causes": len(facts.tie.causes), "unexplained": len(facts.tie.unexplained),
                "closed_period_postings": len(facts.roll.late), "cash_lines": len(facts.cash),
                "billing_batches": len(billing)},
        parameters=parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _labelled(identities: tuple[Identity, ...]) -> tuple[Identity, ...]:
    """Opening identities that say what they hold: the opening as it was closed, and what was posted to it since."""
    return tuple(
        replace(identity, left_label="opening + posted to closed periods since",
                right_label="open items of the day before the period")
        if identity.name.startswith("roll-forward opening")
        else identity
        for identity in identities
    )  # fmt: skip


def parameters(policies: Policies) -> dict[str, str]:
    """The choices behind a tie-out, in words."""
    policy = policies.tie_out
    return {
        "Ledger": policy.ledger,
        "Rounding allowed per document": f"{policy.rounding_per_document_minor} minor unit(s)",
        "Twins looked for within": counted(policy.matching_window_days, "day"),
    }  # fmt: skip


def _tables(facts: _Facts, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    cause_words = {"cause": SPOKEN_CAUSES}
    tie, roll = facts.tie, facts.roll
    columns = ("account", "cause", "document_no", "customer_id", "date", "user", "currency", "amount",
               "owner",
               "first_reported_on", "age_days", "sentence")  # fmt: skip
    late_headings = {"functional_amount": f"Amount {code}", "amount": "Document amount"}
    return (
        result_table(BALANCES, tie.balances, title="Control accounts, both sides", functional=code,
                     name="control_balances", headings={"gl_amount": "General ledger",
                                                        "subledger_amount": "Sub-ledger"},
                     not_totalled=("gl_amount", "subledger_amount", "difference", "explained", "unexplained"),
                     words=spoken(tie.balances, "role") | {"measure": {"functional": f"books, {code}"},
                            "status": {status.value: STATUS_WORDS[status] for status in Status}}),
        result_table(CAUSE_TOTALS, _by_cause(tie), title="Causes of the gap", functional=code,
                     words=cause_words),
        result_table(CAUSES, tie.causes, title="Reconciling items", functional=code, columns=columns,
                     words=cause_words, key=("account", "cause", "document_no"),
                     headings={"sentence": "Evidence"}),
        result_table(UNEXPLAINED_ITEMS, tie.unexplained, title="Differences without a cause", functional=code,
                     key=("account", "document_no", "side"), words={"side": SIDES},
                     headings={"sentence": "What is known"},
                     columns=("account", "document_no", "side", "customer_id", "date", "user", "currency",
                              "amount",
                              "owner", "first_reported_on", "age_days", "sentence")),
        _rolled("roll_forward", roll.functional, f"Roll-forward in {code}", code),
        _rolled("roll_forward_document", roll.document, "Roll-forward by document currency", code),
        _rolled("roll_forward_by_account", roll.by_account, f"Roll-forward by account in {code}", code),
        result_table(LATE_POSTINGS, roll.late, title="Posted to closed periods", functional=code,
                     words=spoken(roll.late, "kind") | {"side": SIDES}, headings=late_headings, key=("side",
                                                                                                     "posting_id"),
                     note="Entries made into a period after its close, since the last close."),
        result_table(CASH_PROOF, facts.cash, title="Proof of cash", functional=code,
                     headings={"sentence": "Evidence"},
                     words=spoken(facts.cash, "cause")),
        result_table(STATEMENT_CHECK, facts.statements, title="Bank statements", functional=code,
                     not_totalled=("previous_closing", "opening", "closing"),
                     headings={"finding": "What it shows", "lines": "Bank lines read", "statement_id": "Statement"},
                     note="Statements of the period, and earlier ones that do not tie: opening + bank lines = closing, and each opens "
                     "where the one before it closed."),
        result_table(BILLING_CHECK, facts.billing, title="Billing batches", functional=code,
                     words=spoken(facts.billing, "state"), headings={"sentence": "What is known"}),
        result_table(CANONICAL["reconciling_items"], tie.cleared, name="cleared_items",
                     title="Cleared since the last close",
                     functional=code, words=cause_words | spoken(tie.cleared, "control")),
        exceptions_table(_exceptions(facts)),
    )  # fmt: skip


def _rolled(name: str, frame: pd.DataFrame, title: str, code: str) -> ResultTable:
    """A roll-forward whose opening and closing stand out; between them it must foot on the sheet too."""
    ends = [RollLine.OPENING.value, RollLine.CLOSING.value]
    marked = frame.assign(is_total=frame["line"].isin(ends).astype("boolean"))
    has_account = bool(marked["account"].fillna("").ne("").any())
    columns = (
        *(("account",) if has_account else ()),
        "currency",
        "line_no",
        "line",
        "amount",
        "count",
        "is_total",
    )
    key = (*(("account",) if has_account else ()), "currency", "line_no")
    return result_table(
        ROLLED, marked, name=name, title=title, functional=code, columns=columns, key=key,
        strong_rows="is_total",
        foots=True, not_totalled=("amount",), headings={"line_no": "No.", "count": "Postings"},
    )  # fmt: skip


def _by_cause(tie: TieOut) -> pd.DataFrame:
    rest = tie.unexplained.assign(cause="unexplained")
    parts = [
        part[["account", "cause", "currency", "amount", "date"]] for part in (tie.causes, rest) if len(part)
    ]
    if not parts:
        return CAUSE_TOTALS.empty()
    rows = [
        {"account": account, "cause": cause, "documents": len(part), "currency": part["currency"].iloc[0],
         "amount": total(part["amount"]), "oldest": part["date"].min()}
        for (account, cause), part in pd.concat(parts, ignore_index=True).groupby(["account", "cause"],
                                                                                  sort=True)
    ]  # fmt: skip
    return CAUSE_TOTALS.typed(pd.DataFrame(rows))


def _exceptions(facts: _Facts) -> list[pd.DataFrame]:
    def unexplained(row: Mapping[str, Any]) -> str:
        return f"Unexplained on account {row['account']}: {row['sentence']}"

    def cause(row: Mapping[str, Any]) -> str:
        named = SPOKEN_CAUSES.get(row["cause"], in_words(row["cause"]))
        return f"{named} on account {row['account']}: {row['sentence']}"

    def late(row: Mapping[str, Any]) -> str:
        return (
            f"Posted to closed period {row['period']} on the {SIDES[row['side']]}, account {row['account']}"
        )

    def bank(row: Mapping[str, Any]) -> str:
        return f"{in_words(row['cause'])} on bank account {row['bank_account']}: {row['sentence']}"

    items = {"customer_id": "customer_id", "document_no": "document_no", "currency": "currency",
             "amount": "amount",
             "since": "date"}  # fmt: skip
    batches = facts.billing[~facts.billing["state"].isin(["agrees"])]
    batches = batches.assign(
        gap=batches["interface_difference"].fillna(0) + batches["gl_difference"].fillna(0)
    )
    return [
        exceptions_from(facts.tie.unexplained, subject="unexplained_difference", finding=unexplained,
                        reference=("account", "document_no", "side"), columns={**items, "owner": "owner"}),
        exceptions_from(facts.tie.causes, subject="reconciling_item", finding=cause,
                        reference=("account", "cause", "document_no"), columns={**items, "owner": "owner"}),
        exceptions_from(facts.roll.late, subject="posted_to_closed_period", finding=late,
                        reference=("side", "posting_id"), columns={**items, "owner": "user"}),
        exceptions_from(facts.cash, subject="proof_of_cash", finding=bank,
                        reference=("bank_account", "cause", "document_no"), columns=items),
        exceptions_from(batches, subject="billing_batch", reference=("batch_id", "currency"),
                        finding=lambda row: f"Batch {row['batch_id']} {row['state']}: {row['sentence']}",
                        columns={"document_no": "batch_id", "currency": "currency", "amount": "gap",
                                 "since": "transferred_on"}),
    ]  # fmt: skip


def _findings(facts: _Facts, controls: tuple[Control, ...]) -> tuple[str, ...]:
    made = [
        f"Find the cause: {control_sentence(control)}."
        for control in controls
        if control.status is Status.UNEXPLAINED
    ]
    for row in _by_cause(facts.tie).to_dict("records"):
        if row["cause"] != "unexplained":
            made.append(
                f"Clear {SPOKEN_CAUSES[row['cause']].lower()} on account {row['account']}: "
                f"{counted(int(row['documents']), 'document')}, "
                f"{row['currency']} {shown(int(row['amount']), row['currency'])}."
            )
    if len(facts.roll.late):
        made.append(f"Approve or move {counted(len(facts.roll.late), 'entry', 'entries')} "
                    "posted to closed periods.")  # fmt: skip
    held = facts.billing[~facts.billing["state"].isin(["agrees"])]
    if len(held):
        made.append(f"Follow up {counted(len(held), 'billing batch', 'billing batches')} "
                    "that did not reach the ledger as billed.")  # fmt: skip
    return tuple(made)


def _limits(book: Book, scope: Scope) -> tuple[str, ...]:
    if can_tell(book, scope=scope):
        return ()
    return ("The source keeps no closing or entry times: entries posted to closed periods cannot be told.",)
