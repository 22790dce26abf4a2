"""The month-end summary: what tied, what needs a person, what moved. Floor 3.

Condenses the reports on aging, control accounts, customers' statements, bad debt, write-offs and adjustments; of cash
application it says what is to be placed, which needs no matching.
"""

from __future__ import annotations

import pandas as pd

from arlib.controls import STATUS_WORDS, Control, Status
from arlib.matching.from_book import match_inputs
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.report.adjustments import adjustments_report
from arlib.report.aging import aging_report
from arlib.report.agreement import AGING, MOVED, bridge_identities, bridges, bridges_table, with_bridge
from arlib.report.bad_debt import bad_debt_report
from arlib.report.cash_ledger import ledger_controls
from arlib.report.control_account import control_account_report
from arlib.report.customer_reconciliation import customer_reconciliation_report
from arlib.report.markup import SIDES
from arlib.report.model import WORST_FIRST, Report, ResultTable
from arlib.report.movements import movements, movements_chart, movements_table
from arlib.report.tables import result_table, spoken
from arlib.report.words import counted, status_counted
from arlib.report.write_offs import write_offs_report
from arlib.tables import Book, Column, Kind, Table

CONTROLS = Table("controls", "a control", ("name", "account", "currency", "title"), (
    Column("status", Kind.TEXT, "how it ended", True, choices=Status),
    Column("name", Kind.TEXT, "machine name", True),
    Column("title", Kind.TEXT, "what was compared", True),
    Column("account", Kind.TEXT, "account"),
    Column("currency", Kind.TEXT, "currency", True),
    Column("left", Kind.MONEY, "left side", currency="currency"),
    Column("right", Kind.MONEY, "right side", currency="currency"),
    Column("difference", Kind.MONEY, "left less right", currency="currency"),
    Column("explained", Kind.MONEY, "what causes account for", currency="currency"),
    Column("unexplained", Kind.MONEY, "what no cause accounts for", currency="currency"),
    Column("count", Kind.INTEGER, "documents behind the difference"),
    Column("oldest", Kind.DAY, "earliest of their dates"),
    Column("owner", Kind.TEXT, "who clears most of it"),
    Column("note", Kind.TEXT, "what is missing, or how far it went"),
))  # fmt: skip
TO_DO = Table("needs_a_person", "a kind of exception in one currency", ("report", "subject", "currency"), (
    Column("report", Kind.TEXT, "report that lists the lines", True),
    Column("subject", Kind.TEXT, "what it is about", True),
    Column("currency", Kind.TEXT, "currency"),
    Column("lines", Kind.INTEGER, "lines to decide on", True),
    Column("amount", Kind.MONEY, "their net amount", currency="currency"),
    Column("oldest", Kind.DAY, "since when, the oldest"),
))  # fmt: skip
KEPT_TABLES = (
    "aging_by_currency",
    "aging_functional",
    "causes_by_kind",
    "roll_forward",
    "differences_by_kind",
)
KEPT_CHARTS = ("aging", "bridge", "roll_forward", "differences")


def month_end_summary_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """All controls of the month with how they ended, what needs a person by kind, and the largest movements.

    Needs what the reports that it condenses need, and raises what they raise; uses RECEIPTS and what
    `match_inputs` says. Of the credit reports it repeats controls, first finding and what waits for a decision.
    """
    parts = (
        aging_report(book, scope=scope, policies=policies, rows_shown=rows_shown),
        control_account_report(book, scope=scope, policies=policies, rows_shown=rows_shown),
        customer_reconciliation_report(book, scope=scope, policies=policies, rows_shown=rows_shown),
    )
    credit = tuple(
        build(book, scope=scope, policies=policies, rows_shown=rows_shown)
        for build in (bad_debt_report, write_offs_report, adjustments_report)
    )
    moved = movements(book, scope=scope, policies=policies)
    waiting = match_inputs(book, scope=scope).receipts
    cash = ledger_controls(book, waiting, scope=scope) if len(book["receipts"]) else ()
    controls = tuple(
        dict.fromkeys([*(control for part in (*parts, *credit) for control in part.controls), *cash])
    )
    controls = tuple(
        sorted(controls, key=lambda control: control.name == "intake")
    )  # what was read comes last
    tables = {table.name: table for part in parts for table in part.tables}
    charts = {chart.name: chart for part in parts for chart in part.charts}
    made = bridges(parts[0], parts[1], moved, scope=scope)
    tables["roll_forward"] = with_bridge(tables["roll_forward"], made.get(AGING), scope=scope)
    return Report(
        name="month_end_summary",
        title=f"Month-end summary, {scope.entity}, {scope.period}",
        question="What tied, what needs a person, and what moved this month?",
        reader="controller, chief financial officer",
        scope=scope,
        tables=(
            _controls_table(controls, scope),
            _to_do_table((*parts, *credit), waiting, scope),
            *(tables[name] for name in KEPT_TABLES),
            with_bridge(movements_table(moved, scope=scope), made.get(MOVED), scope=scope),
            bridges_table(made, scope=scope),
        ),
        charts=(*(charts[name] for name in KEPT_CHARTS), movements_chart(moved, scope=scope)),
        controls=controls,
        identities=(
            *bridge_identities(made, scope=scope),
            *dict.fromkeys(identity for part in (*parts, *credit) for identity in part.identities),
        ),
        findings=(
            _verdict(controls),
            *dict.fromkeys(line for part in parts for line in part.findings),
            *(f"{part.title.split(',')[0]}: {part.findings[0]}" for part in credit if part.findings),
        ),
        limits=tuple(dict.fromkeys(line for part in parts for line in part.limits)),
        counts={
            "controls": len(controls),
            **{status.value: sum(control.status is status for control in controls) for status in Status},
            **{f"{part.name}_exceptions": len(part.table("exceptions").frame) for part in parts},
            **{f"{part.name}_proposals": len(part.table("proposals").frame) for part in credit},
        },
        parameters={name: value for part in parts for name, value in part.parameters.items()},
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )


def _controls_table(controls: tuple[Control, ...], scope: Scope) -> ResultTable:
    """Every control, worst first."""
    rows = [
        {"status": c.status.value, "name": c.name, "title": c.title, "account": c.account,
         "currency": c.currency,
         "left": c.left, "right": c.right, "difference": c.difference,
         "explained": None if c.difference is None else c.explained,
         "unexplained": None if c.difference is None else c.unexplained, "count": c.count, "oldest": c.oldest,
         "owner": c.owner, "note": c.note}
        for c in sorted(controls, key=lambda c: (WORST_FIRST.index(c.status), c.name, c.account, c.currency,
                                                 c.title))
    ]  # fmt: skip
    money = dict.fromkeys(("left", "right", "difference", "explained", "unexplained"), "Int64")
    frame = CONTROLS.typed(pd.DataFrame(rows).astype(money)) if rows else CONTROLS.empty()
    return result_table(
        CONTROLS, frame, title="Controls, worst first", functional=scope.functional_currency, is_ordered=True,
        columns=("status", "name", "title", "account", "currency", "left", "right", "difference", "explained",
                 "unexplained", "count", "oldest", "owner", "note"),
        not_totalled=tuple(money), headings={"title": "Compared", "name": "Control", "count": "Documents", "left": SIDES[0],
                                         "right": SIDES[1]},
        words=spoken(frame, "name") | {"status": {status.value: STATUS_WORDS[status] for status in Status}},
    )  # fmt: skip


def _to_do_table(parts: tuple[Report, ...], waiting: pd.DataFrame, scope: Scope) -> ResultTable:
    """Exceptions of the reports by kind, and the receipts that wait for cash application (MATCH_RECEIPTS)."""
    rows = [
        {"report": "cash_application", "subject": "receipt_to_place", "currency": currency, "lines": len(found),
         "amount": total(found["amount"]), "oldest": found["value_date"].min()}
        for currency, found in waiting.groupby("currency", sort=True)
    ]  # fmt: skip
    for part in parts:
        lines = _lines(part)
        lines = lines.assign(currency=lines["currency"].fillna(""))
        for (subject, currency), found in lines.groupby(["subject", "currency"], sort=True):
            rows.append({"report": part.name, "subject": subject, "currency": currency, "lines": len(found),
                         "amount": total(found["amount"]) if currency else None,
                         "oldest": found["since"].min()})  # fmt: skip
    frame = pd.DataFrame(rows)
    made = TO_DO.typed(frame.assign(amount=frame["amount"].astype("Int64"))) if rows else TO_DO.empty()
    return result_table(TO_DO, made, title="What needs a person, by kind",
                        functional=scope.functional_currency,
                        words=spoken(made, "report", "subject"), not_totalled=("amount",),
                        note="Each line stands in the report named here.")  # fmt: skip


def _lines(part: Report) -> pd.DataFrame:
    """What a report leaves to decide, line by line: its exceptions, or else its proposals by kind."""
    names = {table.name for table in part.tables}
    if "proposals" not in names:
        return part.table("exceptions").frame
    proposed = part.table("proposals").frame
    made = proposed.assign(subject=proposed["kind"], since=proposed["due_date"])
    return made[["subject", "currency", "amount", "since"]]


def _verdict(controls: tuple[Control, ...]) -> str:
    """The close in one sentence."""
    found = [control.status for control in controls]
    parts = [status_counted(status, found.count(status)) for status in WORST_FIRST if status in found]
    said = "; ".join(parts) or "none"
    return f"{counted(len(controls), 'control')}: {said}."
