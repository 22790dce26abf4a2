"""The statements report: which statements go out, who gets none and why, and that all of it is the aging. Floor 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.collect.position import Position, position
from arlib.collect.statements import Statements, statements
from arlib.collect.statements.frames import (
    STATEMENT_EXCLUDED,
    STATEMENT_GAPS,
    STATEMENT_SUMMARY,
    STATEMENT_TOTALS,
    NoStatement,
)
from arlib.controls import Control
from arlib.ledger.aging import aging
from arlib.money import iso_code, total
from arlib.policy import Policies, Scope
from arlib.policy.statement import StatementKind
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Chart, ChartKind, Report, ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.report.tied import tied_as_one
from arlib.report.words import amount_text, counted, day_text, money_text
from arlib.tables import Book, Table

MISSING = {
    "applications": "every item counts as open in full",
    "customers": "statements have no name, address or language, and no status bars anybody",
    "disputes": "nothing is marked as disputed",
    "holds": "no legal hold bars a statement",
    "claims": "bankruptcies and estates are known by status only",
    "placements": "debts with an agency or attorney are known by status and assignment only",
    "document_links": "no copies of invoices can go with the statements",
}
HEADINGS = {
    "name": "Name",
    "kind": "Kind",
    "accounts": "Accounts",
    "lines": "Open items",
    "closing": "Balance",
    "past_due": "Past due",
    "unapplied": "Unapplied cash",
    "disputed": "In dispute",
    "books_closing": "Balance, functional",
    "items": "Open items",
    "because": "Because",
    "gap": "Missing",
    "found": "Stands there",
    "on_statements": "On statements",
    "ledger": "Open in the ledger",
}
LARGEST = 10


def statements_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """Statements by customer and currency with what they lack, exclusions with their reason, and totals against the aging.

    Needs ITEMS; uses what `statements` uses. A date that the source cannot answer raises ParameterError. By currency,
    statements, exclusions and unidentified cash must add up to the ledger: identities; and to the aging: a control.
    """
    here = position(book, scope=scope, policies=policies)
    found = statements(book, scope=scope, policies=policies, position=here)
    return Report(
        name="statements",
        title=f"Statements of account, {scope.entity}, {day_text(scope.as_of)}",
        question="Which statements go out, who gets none and why, and do they add up to the aging?",
        reader="credit manager, collectors, controller",
        scope=scope,
        tables=_tables(found, scope=scope, policies=policies),
        charts=(_largest_chart(found, scope),),
        controls=(*_controls(found, here, scope), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found), *intake_findings(book)),
        limits=(*found.limits, *missing_limits(book, MISSING)),
        counts={
            "statements": len(found.customers),
            "balances": len(found.summary),
            "excluded": len(found.excluded),
            "gaps": len(found.gaps),
        },
        parameters=_parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )


def _tables(found: Statements, *, scope: Scope, policies: Policies) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    is_forward = policies.statement.kind is StatementKind.BALANCE_FORWARD
    ordered = _largest(found.summary)
    zero = found.summary[found.summary["closing"].eq(0)]
    forward = ("opening", "movements") if is_forward else ()
    shown = (
        "customer_id", "name", "currency", *forward, "closing", "past_due", "credits", "disputed", "lines", "language", "kind",
        "accounts", "unapplied", "books_closing",
    )  # fmt: skip
    return (
        _table(
            STATEMENT_TOTALS,
            found.totals,
            title="Statements and the ledger, by currency",
            functional=code,
            note="Statements, excluded and unidentified add up to what is open in the ledger.",
        ),
        _table(
            STATEMENT_SUMMARY,
            ordered,
            name="statements_sent",
            title="Statements, largest first",
            functional=code,
            columns=shown,
            is_ordered=True,
            words=spoken(ordered, "kind"),
            note="One row for each currency of a statement; balances without a closing rate come last.",
        ),
        _table(
            STATEMENT_EXCLUDED,
            found.excluded,
            title="On no statement, and why",
            functional=code,
            columns=("customer_id", "name", "currency", "reason", "items", "amount", "because"),
            note="No policy sends these but to companies of the group.",
        ),
        _table(
            STATEMENT_GAPS,
            found.gaps,
            title="What is missing to send them",
            functional=code,
            columns=("customer_id", "name", "gap", "found", "collector"),
            words=spoken(found.gaps, "gap"),
            needs_review=True,
        ),
        _table(
            STATEMENT_SUMMARY,
            zero,
            name="statements_of_zero",
            title="Statements that come to zero",
            functional=code,
            columns=(
                "customer_id",
                "name",
                "currency",
                "lines",
                "closing",
                "past_due",
                "credits",
                "unapplied",
            ),
            note="Open items that cancel out: set them against each other before the statement goes out.",
        ),
    )


def _table(table: Table, frame: pd.DataFrame, *, columns: tuple[str, ...] = (), **more: Any) -> ResultTable:
    names = columns or tuple(name for name in table.names if name != "entity")
    headings = {name: HEADINGS[name] for name in names if name in HEADINGS}
    return result_table(table, frame, columns=columns, headings=headings, **more)


def _largest(summary: pd.DataFrame) -> pd.DataFrame:
    """The largest balance in the books' currency first, those without a rate last."""
    return summary.assign(rank=summary["books_closing"]).sort_values(
        ["rank", "customer_id", "currency"], ascending=[False, True, True], na_position="last", kind="stable"
    )


def _largest_chart(found: Statements, scope: Scope) -> Chart:
    rows = _largest(found.summary.dropna(subset=["books_closing"])).head(LARGEST)
    code = scope.functional_currency
    labels = rows["customer_id"].where(
        rows["currency"].eq(code), rows["customer_id"] + " " + rows["currency"]
    )
    frame = pd.DataFrame(
        {"label": labels.astype("str").to_numpy(), "amount": rows["books_closing"].astype("Int64").to_numpy()}
    ).astype({"label": "str", "amount": "Int64"})
    whole, top = total(found.summary["books_closing"].dropna()), total(rows["books_closing"])
    sentence = (
        f"The {counted(len(rows), 'largest balance', 'largest balances')} come to {money_text(top, code)} of "
        f"{money_text(whole, code)} on statements, at closing rates."
        if len(rows)
        else "No statement has a balance in the books' currency."
    )
    alt = "Bars by customer: " + "; ".join(
        f"{label} {amount_text(int(amount), code)}"
        for label, amount in zip(frame["label"], frame["amount"], strict=True)
    )
    return Chart(name="largest", title=f"Largest balances on statements, {iso_code(code)}", sentence=sentence,
                 alt=f"{alt}. {sentence}", kind=ChartKind.MOVEMENTS, frame=frame, currency=code)  # fmt: skip


def _controls(found: Statements, here: Position, scope: Scope) -> tuple[Control, ...]:
    """By currency: what is on statements or listed as on none = total of the aging."""
    sums = aging(here.items, by=("currency",))
    made = [
        Control(
            name="statements",
            title=f"Statements and exclusions = aging, {iso_code(row['currency'])}",
            entity=scope.entity,
            currency=str(row["currency"]),
            left_label="statements, excluded, unidentified",
            left=int(row["on_statements"] + row["excluded"] + row["unidentified"]),
            right_label="aging",
            right=total(sums.loc[sums["currency"].eq(row["currency"]), "amount"]),
        )
        for row in found.totals.to_dict("records")
    ]
    return tuple(tied_as_one(made, functional=scope.functional_currency))


def _findings(found: Statements) -> tuple[str, ...]:
    made = []
    if len(found.customers):
        made.append(f"Send {counted(len(found.customers), 'statement')}: {_sums(found.summary, 'closing')}.")
    blocking = found.gaps[found.gaps["gap"].isin(["no_email", "no_address", "no_customer"])]
    if len(blocking):
        counts = Counter(in_words(gap).lower() for gap in blocking["gap"])
        told = ", ".join(f"{word} {count}" for word, count in sorted(counts.items()))
        made.append(
            f"Complete the master data of {counted(blocking['customer_id'].nunique(), 'customer')} first: {told}."
        )
    wordless = int(found.gaps["gap"].isin(["no_language", "language_without_words"]).sum())
    if wordless:
        made.append(
            f"{counted(wordless, 'statement')} {'goes' if wordless == 1 else 'go'} out in the policy's language: the customer's "
            "is not known, or statements have no words in it."
        )
    quiet = (NoStatement.UNIDENTIFIED.value, NoStatement.NOTHING_OPEN.value)
    barred = found.excluded[~found.excluded["reason"].isin(quiet)]
    if len(barred):
        reasons = barred.groupby("reason")["customer_id"].nunique().to_dict()
        told = ", ".join(f"{in_words(str(word)).lower()} {count}" for word, count in sorted(reasons.items()))
        made.append(
            f"Leave out {counted(barred['customer_id'].nunique(), 'customer')}, wholly or in part ({_sums(barred, 'amount')}): {told}."
        )
    nobody = found.excluded[found.excluded["reason"].eq(NoStatement.UNIDENTIFIED.value)]
    if len(nobody):
        made.append(
            f"Find whose cash {_sums(nobody, 'amount')} is before statements go out: it is on none of them."
        )
    unapplied = found.summary[found.summary["unapplied"].ne(0)]
    if len(unapplied):
        made.append(
            f"Apply the cash of {counted(unapplied['customer_id'].nunique(), 'customer')} first ({_sums(unapplied, 'unapplied')}): "
            "it shows as a credit beside the invoices that it pays."
        )
    return tuple(made)


def _parameters(policies: Policies) -> Mapping[str, str]:
    policy = policies.statement
    return {
        "Kind": in_words(policy.kind.value),
        "Statements for": "a parent and its customers" if policy.by_parent else "each customer",
        "Nothing open": "sent as well" if policy.sends_zero else "not sent",
        "Companies of the group": "sent as well" if policy.sends_intercompany else "not sent",
        "Write-offs": "shown as write-offs" if policy.shows_write_offs else "shown as adjustments",
        "Language": f"the customer's, else {policy.default_language}",
        "Bank accounts": ", ".join(row.currency or "any currency" for row in policy.remit_to) or "none",
    }


def _sums(rows: pd.DataFrame, column: str) -> str:
    sums = {str(code): total(part[column]) for code, part in rows.groupby("currency", sort=True)}
    return ", ".join(money_text(amount, code) for code, amount in sums.items())
