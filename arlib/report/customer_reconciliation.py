"""The customer reconciliation report: our ledger against the customers' own statements. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.controls import Control, Status
from arlib.ledger.attributes import customer_attributes
from arlib.ledger.customer_recon import reconcile_customer
from arlib.ledger.frames_control import CUSTOMER_RECON, MatchKind
from arlib.money import iso_code, shown, total
from arlib.policy import Policies, Scope
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings
from arlib.report.model import Chart, ChartKind, Report, ResultTable
from arlib.report.tables import in_words, result_table
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book, Column, Kind, Table

QUIET = (MatchKind.MATCHED.value, MatchKind.IN_TRANSIT.value)  # need nobody: agreed, or on its way
KIND_WORDS = {kind.value: in_words(kind.value) for kind in MatchKind}
BY_CUSTOMER = Table("by_customer", "one statement in one currency", ("customer_id", "statement_date",
                                                                     "currency"), (
    Column("customer_id", Kind.TEXT, "customer", True),
    Column("name", Kind.TEXT, "name"),
    Column("statement_date", Kind.DAY, "date of the customer's statement", True),
    Column("currency", Kind.TEXT, "currency", True),
    Column("ledger_amount", Kind.MONEY, "open in our ledger", True, currency="currency"),
    Column("statement_amount", Kind.MONEY, "on the statement, in our sign", True, currency="currency"),
    Column("difference", Kind.MONEY, "ledger less statement", True, currency="currency"),
    Column("matched", Kind.INTEGER, "documents that agree", True),
    Column("in_transit", Kind.INTEGER, "documents on their way", True),
    Column("other", Kind.INTEGER, "documents that need a person", True),
))  # fmt: skip
BY_KIND = Table("by_kind", "how documents stand, in one currency", ("kind", "currency"), (
    Column("kind", Kind.TEXT, "how they stand", True, choices=MatchKind),
    Column("currency", Kind.TEXT, "currency", True),
    Column("documents", Kind.INTEGER, "documents", True),
    Column("difference", Kind.MONEY, "ledger less statement", True, currency="currency"),
))  # fmt: skip


LINES = Table("lines", CUSTOMER_RECON.one_row_is, CUSTOMER_RECON.key, (
    *CUSTOMER_RECON.columns, Column("name", Kind.TEXT, "name of the customer"),
))  # fmt: skip


def customer_reconciliation_report(
    book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50
) -> Report:
    """Every customer statement of the period against our ledger at its date, by document, with the reason.

    Needs ITEMS, APPLICATIONS and CUSTOMER_STATEMENT_LINES (without them the control is `no_input`); uses
    CUSTOMERS. For each statement the causes add up to ledger less statement.
    """
    found = reconcile_customer(book, scope=scope)
    controls, lines = found.controls, found.rows
    attributes = customer_attributes(
        book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity
    )
    people = attributes.drop_duplicates("customer_id").set_index("customer_id")
    code = scope.functional_currency
    differ = lines[~lines["kind"].isin(QUIET)]
    named = lines.assign(name=lines["customer_id"].map(people["name"]).astype("str"))
    return Report(
        name="customer_reconciliation",
        title=f"Customer reconciliation, {scope.entity}, {day_text(scope.as_of)}",
        question="Do our customers' own statements agree with our ledger, and what differs and why?",
        reader="collections, cash application, controller",
        scope=scope,
        tables=(
            result_table(BY_CUSTOMER, _by_customer(lines, people), name="statements", functional=code,
                         title="Statements received", headings={"ledger_amount": "Our ledger", "name": "Name",
                         "statement_amount": "Their statement", "other": "To look into",
                         "in_transit": "In transit"}),
            result_table(BY_KIND, _by_kind(lines), name="differences_by_kind", title="Differences by kind",
                         functional=code),
            _lines_table("differences", "Documents that differ", named[~named["kind"].eq(MatchKind.MATCHED)],
                         code),
            _lines_table("reconciliation_lines", "All documents", named, code, is_detail=True),
            exceptions_table([_exceptions(differ, people)]),
        ),
        charts=(_chart(lines, scope),),
        controls=(*controls, *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(differ, controls), *intake_findings(book)),
        limits=("Only customers who sent a statement are reconciled.",) if len(lines) else (),
        counts={"statements": sum(control.difference is not None for control in controls),
                "documents": len(lines), "differences": len(differ)},
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _lines_table(
    name: str, title: str, lines: pd.DataFrame, code: str, *, is_detail: bool = False
) -> ResultTable:
    columns = (
        "customer_id", "name", "statement_date", "currency", "row_no", "kind", "document_no", "item_type",
        "document_date",
        "due_date", "reference", "line_no", "statement_line_date", "ledger_amount", "statement_amount",
        "difference", "age_days", "reason",
    )  # fmt: skip
    headings = {
        "row_no": "No.", "name": "Name", "kind": "How it stands", "reference": "Their reference", "line_no": "Their line",
        "statement_line_date": "Their date", "ledger_amount": "Our ledger",
        "statement_amount": "Their statement",
    }  # fmt: skip
    return result_table(LINES, lines, name=name, title=title, functional=code, columns=columns,
                        headings=headings, is_detail=is_detail, words={"kind": KIND_WORDS})  # fmt: skip


def _by_customer(lines: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (customer, day, currency), part in lines.groupby(
        ["customer_id", "statement_date", "currency"], sort=True
    ):
        kinds = part["kind"]
        rows.append({
            "customer_id": customer, "statement_date": day, "currency": currency,
            "ledger_amount": total(part["ledger_amount"]),
            "statement_amount": total(part["statement_amount"]),
            "difference": total(part["difference"]), "matched": int(kinds.eq(MatchKind.MATCHED).sum()),
            "in_transit": int(kinds.eq(MatchKind.IN_TRANSIT).sum()), "other": int((~kinds.isin(QUIET)).sum()),
        })  # fmt: skip
    if not rows:
        return BY_CUSTOMER.empty()
    made = pd.DataFrame(rows)
    return BY_CUSTOMER.typed(made.assign(name=made["customer_id"].map(people["name"])))


def _by_kind(lines: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"kind": kind, "currency": currency, "documents": len(part), "difference": total(part["difference"])}
        for (kind, currency), part in lines.groupby(["kind", "currency"], sort=True)
    ]
    return BY_KIND.typed(pd.DataFrame(rows)) if rows else BY_KIND.empty()


def _exceptions(differ: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    def finding(row: Mapping[str, Any]) -> str:
        return f"{KIND_WORDS[row['kind']]}, statement of {day_text(row['statement_date'])}: {row['reason']}"

    document = differ["document_no"].fillna("")
    rows = differ.assign(
        cited=document.where(document.ne(""), differ["reference"].fillna("")),
        since=differ["document_date"].fillna(differ["statement_line_date"]),
        collector=differ["customer_id"].map(people["collector"]).astype("str"),
    )
    return exceptions_from(
        rows, subject="customer_statement", reference=("customer_id", "statement_date", "currency", "kind",
                                                       "cited"),
        finding=finding, columns={"customer_id": "customer_id", "document_no": "cited",
                                  "currency": "currency",
                                  "amount": "difference", "since": "since", "owner": "collector"},
    )  # fmt: skip


def _chart(lines: pd.DataFrame, scope: Scope) -> Chart:
    currency = str(lines["currency"].mode().iloc[0]) if len(lines) else scope.functional_currency
    mine = lines[lines["currency"].eq(currency) & ~lines["kind"].eq(MatchKind.MATCHED)]
    sums = {kind.value: total(mine.loc[mine["kind"].eq(kind), "difference"]) for kind in MatchKind}
    counts = {kind.value: int(mine["kind"].eq(kind).sum()) for kind in MatchKind}
    shown_kinds = [kind for kind in sums if counts[kind]]
    frame = pd.DataFrame({
        "label": pd.Series([f"{KIND_WORDS[kind]} ({counts[kind]})" for kind in shown_kinds], dtype="str"),
        "amount": pd.Series([sums[kind] for kind in shown_kinds], dtype="Int64"),
    })  # fmt: skip
    whole = total(mine["difference"])
    if shown_kinds:
        behind = counted(len(mine), "document")
        sentence = f"Ledger less statements is {money_text(whole, currency)}, by {behind}."
    else:
        sentence = "No document differs." if len(lines) else "No customer statement was given."
    told = "; ".join(f"{KIND_WORDS[kind]} {shown(sums[kind], currency)}" for kind in shown_kinds)
    return Chart(
        name="differences", title=f"What differs from customers' statements, {iso_code(currency)}", sentence=sentence,
        alt=f"Bars by kind: {told}. {sentence}" if told else sentence, kind=ChartKind.MOVEMENTS, frame=frame,
        currency=currency,
    )  # fmt: skip


def _findings(differ: pd.DataFrame, controls: tuple[Control, ...]) -> tuple[str, ...]:
    made = []
    for (kind, currency), part in differ.groupby(["kind", "currency"], sort=True):
        made.append(
            f"Customer statements, {KIND_WORDS[str(kind)].lower()}: {counted(len(part), 'document')} of "
            f"{counted(part['customer_id'].nunique(), 'customer')}, "
            f"{money_text(total(part['difference']), str(currency))}."
        )
    broken = [control for control in controls if control.status is Status.UNEXPLAINED]
    if broken:
        made.insert(0, f"{counted(len(broken), 'statement')} with a difference that no document explains.")
    return tuple(made)
