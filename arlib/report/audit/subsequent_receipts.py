"""Subsequent receipts: cash after the date traced to the invoices that it paid. Floor 3, on top of `audit.evidence`."""

from __future__ import annotations

from datetime import date

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.evidence.csv_text import read_csv
from arlib.audit.evidence.frames import BY_GRADE, COVERAGE, OTHERWISE, TRACED_ITEMS, TRACES
from arlib.audit.evidence.grades import EXCEPTIONS, WEIGHT_WORDS, WORDS, Grade, Weight
from arlib.audit.evidence.shares import percent
from arlib.audit.evidence.subsequent import SubsequentReceipts, subsequent_receipts
from arlib.audit.options.evidence import SubsequentReceiptsOptions
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.report.audit.evidence_parts import (
    asked,
    left_out_table,
    listed,
    named_documents,
    sums,
    table,
    ties,
)
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

MISSING = {
    "applications": "no payment can be followed to an invoice",
    "receipts": "cash cannot be followed to a receipt, and no payment is evidence",
    "receipt_bank_lines": "no receipt can be followed to the bank, and no payment is evidence",
    "bank_lines": "no receipt can be followed to the bank, and no payment is evidence",
    "remittances": "not possible: to show by an advice which invoice was paid; texts of the bank are read instead",
    "customers": "not possible: to tell whether another party paid",
    "document_links": "no copies of invoices can be named",
}
GRADE_WORDS = {grade.value: words for grade, words in WORDS.items()}
WEIGHTS_SHOWN = {weight.value: words for weight, words in WEIGHT_WORDS.items()}
ITEM_HEADINGS = {
    "invoice_cash": "Shown for it",
    "customer_cash": "Customer's cash, not shown for it",
    "no_evidence": "No evidence",
    "settled_otherwise": "Not cash",
    "still_open": "Still open",
    "unsupported": "Unsupported",
    "grade": "Best evidence",
    "paid_on": "Banked",
    "next_step": "What to look at",
}


def subsequent_receipts_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Each tested item with the cash that paid it after the date, its bank line and advice, and what is left to test.

    Needs ITEMS and APPLICATIONS; without receipts, bank lines or links nothing is evidence, and the report says so.
    Raises ParameterError for items that the books do not know. Identities: what was tested and left out is all that is
    open; what became of the items adds up to them.
    """
    options = ask.options or SubsequentReceiptsOptions()
    named = named_items(options, ask)
    until = date.fromisoformat(options.until) if options.until else None
    found = subsequent_receipts(
        book, scope=scope, policies=policies, population=ask.population, named=named, until=until
    )
    return Report(
        name="subsequent_receipts",
        title=f"Subsequent receipts, {scope.entity}, {day_text(scope.as_of)}",
        question="Which invoices that were open at the date were paid after it, as bank and payer say?",
        reader="external and internal auditors, controller",
        scope=scope,
        tables=(
            *receipt_tables(found, scope=scope, items_title="Tested items and what became of them"),
            left_out_table(found.left_out, scope=scope),
        ),
        controls=(
            *ties(book, found.documents, scope=scope, policies=policies, name="subsequent_receipts"),
            *intake_controls(book, scope=scope),
        ),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, scope=scope, until=until), *intake_findings(book)),
        limits=(*_limits(found, book, scope=scope, until=until), *missing_limits(book, MISSING)),
        counts={
            "open": len(found.documents), "tested": len(found.items), "payments": len(found.traces),
            "exceptions": len(exceptions(found)), "unsupported": int(found.items["unsupported"].gt(0).sum()),
        },
        parameters=asked(ask, scope=scope, extra={
            "Tested": f"{len(named):,} named items" if named else "the whole population",
            "Receipts until": options.until or f"all in the books, last {day_text(found.last_booked) or 'none'}",
            "Assertions": "existence of receivables at the date; cut-off of cash",
        }),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def named_items(options: SubsequentReceiptsOptions, ask: Ask) -> tuple[str, ...]:
    """The items that the request names: its list, or the file's item_id or document_no."""
    if options.selection:
        rows = read_csv(
            ask.files.get("selection", ""), where="selection", one_of=("item_id", "id", "document_no")
        )
        column = next(name for name in ("item_id", "id", "document_no") if name in rows.columns)
        return tuple(dict.fromkeys(rows[column]))
    return tuple(dict.fromkeys(part.strip() for part in options.items.split(",") if part.strip()))


def receipt_tables(found: SubsequentReceipts, *, scope: Scope, items_title: str) -> tuple[ResultTable, ...]:
    """Items, payments, exceptions, coverage and what settled otherwise, in reading order."""
    code = scope.functional_currency
    words = {"grade": GRADE_WORDS, "weight": WEIGHTS_SHOWN}
    items = _largest(found.items, "outstanding")
    rest = items[items["unsupported"].gt(0).to_numpy(dtype=bool)]
    trace_columns = (
        "document_no", "customer_id", "currency", "counted", "receipt_id", "bank_line_id", "bank_date", "bank_amount",
        "reference", "names", "grade", "customer_name", "applied_on", "applied", "receipt_on", "receipt_currency",
        "receipt_amount", "deposit_batch", "bank_account", "value_date", "payer_name", "paid_by", "advice_line",
        "advice_amount", "weight", "applied_by", "item_id", "application_id",
    )  # fmt: skip
    trace_headings = {
        "counted": "Counted", "receipt_id": "Receipt", "bank_date": "Banked", "bank_amount": "Bank amount",
        "reference": "What the payment says", "names": "Documents it names", "grade": "Evidence", "receipt_currency": "Receipt in",
    }  # fmt: skip
    hidden = trace_columns[trace_columns.index("grade") + 1 :]
    return (
        table(
            COVERAGE, found.coverage, title="Coverage by currency and bucket", functional=code,
            columns=("currency", "bucket", "items", "amount", "traced_items", "traced", "share", "customer_cash",
                     "settled_otherwise", "unsupported"),
            headings={"amount": "Open at the date", "traced_items": "Items traced", "traced": "Shown for the invoice",
                      "share": "%", "customer_cash": "Customer's cash only", "settled_otherwise": "Not cash",
                      "unsupported": "Unsupported"},
            words={"bucket": _buckets(found.coverage)},
        ),
        table(
            BY_GRADE, found.by_grade, title="Payments by evidence", functional=code, words=words,
            columns=("currency", "grade", "weight", "payments", "items", "amount", "share"),
            headings={"grade": "Evidence", "weight": "Worth", "amount": "Counted", "share": "% of tested"},
        ),
        table(
            TRACES, found.traces, title="Payments traced to the bank", functional=code, columns=trace_columns, words=words,
            headings=trace_headings, not_on_page=hidden, not_totalled=("bank_amount", "receipt_amount", "advice_amount", "applied"),
            note="Counted is what settles the amount open at the date. A bank line of the date itself was by the date.",
        ),
        table(
            TRACES, exceptions(found), name="exceptions", title="Payments that are no evidence, or need a word", functional=code,
            columns=trace_columns, words=words, headings=trace_headings, not_on_page=hidden, needs_review=True,
            decisions=("explained", "misapplied", "cut-off error", "further work"),
            not_totalled=("bank_amount", "receipt_amount", "advice_amount", "applied"),
        ),
        table(
            TRACED_ITEMS, items, title=f"{items_title}, largest first", functional=code, is_ordered=True, words=words,
            columns=("document_no", "customer_id", "due_date", "currency", "outstanding", "invoice_cash", "customer_cash",
                     "settled_otherwise", "unsupported", "grade", "customer_name", "item_type", "document_date", "bucket",
                     "control_account", "amount", "functional_outstanding", "no_evidence", "still_open", "paid_on",
                     "purchase_order", "order_no", "delivery_no", "delivery_date", "copy_path", "next_step", "item_id"),
            headings=ITEM_HEADINGS, not_totalled=("amount",),
            not_on_page=("customer_name", "item_type", "document_date", "bucket", "control_account", "amount",
                         "functional_outstanding", "no_evidence", "still_open", "paid_on", "purchase_order", "order_no",
                         "delivery_no", "delivery_date", "copy_path", "next_step", "item_id"),
        ),
        table(
            TRACED_ITEMS, rest, name="unsupported", title="What remains: evidence to obtain, largest first", functional=code,
            is_ordered=True, needs_review=True, decisions=("evidence obtained", "exception", "not supported"),
            columns=("document_no", "customer_id", "currency", "unsupported", "delivery_no", "delivery_date", "purchase_order",
                     "next_step", "order_no", "copy_path", "outstanding", "item_type", "document_date", "item_id"),
            headings=ITEM_HEADINGS, not_on_page=("order_no", "copy_path", "outstanding", "item_type", "document_date", "item_id"),
            note="Alternative procedures must address the same assertion as the test that they stand in for (ISA 505.12).",
        ),
        table(
            OTHERWISE, found.otherwise, title="Settled after the date, but not by cash", functional=code,
            columns=("document_no", "customer_id", "applied_on", "kind", "by_document", "reason", "user", "currency", "amount",
                     "is_discount", "customer_name", "item_id", "application_id"),
            headings={"applied_on": "On", "by_document": "By document", "is_discount": "Discount"},
            not_on_page=("customer_name", "item_id", "application_id"),
        ),
    )  # fmt: skip


def exceptions(found: SubsequentReceipts) -> pd.DataFrame:
    """Payments that are contrary evidence, none, or need a word."""
    kinds = [grade.value for grade in EXCEPTIONS]
    return found.traces[found.traces["grade"].isin(kinds).to_numpy(dtype=bool)].reset_index(drop=True)


def _findings(found: SubsequentReceipts, *, scope: Scope, until: date | None) -> tuple[str, ...]:
    """What an auditor would paste into a mail: coverage first, then each exception by number."""
    items, day = found.items, day_text(scope.as_of)
    made = []
    if found.not_open:
        made.append(f"Named but not open at {day}: {listed(found.not_open)}.")
    if not len(items):
        return (*made, f"No open debit at {day} belongs to the population: nothing was tested.")
    if found.last_booked is not None:
        last = min(until, found.last_booked) if until else found.last_booked
        made.append(
            f"Receipts of {counted((last - scope.as_of).days, 'day')} after the date are covered, to {day_text(last)}; what was paid "
            "later is not seen."
        )
    for code, part in items.groupby("currency", sort=True):
        whole, shown = total(part["outstanding"]), total(part["invoice_cash"])
        cash, rest = total(part["customer_cash"]), total(part["unsupported"])
        text = (
            f"{code}: of {counted(len(part), 'item')} open at {day}, {money_text(whole, str(code))}, cash after the date is shown "
            f"for the invoice by bank and payer for {money_text(shown, str(code))} ({percent(shown, whole)} %)"
        )
        text += (
            f", and {money_text(cash, str(code))} came in that only our application ties to it"
            if cash
            else ""
        )
        made.append(f"{text}; {money_text(rest, str(code))} needs alternative procedures.")
    by = found.traces.groupby("grade", sort=True)
    order = {grade.value: at for at, grade in enumerate(reversed(Grade))}
    for grade, rows in sorted(by, key=lambda pair: order[str(pair[0])]):
        if Grade(str(grade)) in EXCEPTIONS:
            made.append(
                f"{counted(len(rows), 'payment')} ({sums(rows, 'counted')}): {GRADE_WORDS[str(grade)]}: {_cited(rows)}."
            )
    strange = found.traces[found.traces["grade"].eq(Grade.NAMES_UNKNOWN.value)]
    if len(strange):
        made.append(
            f"{counted(len(strange), 'payment')} ({sums(strange, 'counted')}) name a document that the books do not know, so they are "
            f"cash of the customer, not evidence for the invoice: {_cited(strange)}."
        )
    if len(found.otherwise):
        made.append(
            f"Not cash: {counted(len(found.otherwise), 'settlement')} after the date by credit note, discount, write-off or the like, "
            f"{sums(found.otherwise, 'amount')}: {named_documents(found.otherwise)}."
        )
    bare = items[
        items["unsupported"].gt(0) & items["delivery_no"].fillna("").eq("") & items["delivery_date"].isna()
    ]
    if len(bare):
        made.append(
            f"For {counted(len(bare), 'unsupported item')} the books name no delivery: {named_documents(bare)}."
        )
    return tuple(made)


def _cited(rows: pd.DataFrame) -> str:
    """Invoice, receipt and bank line of each exception."""
    said = [
        f"{number} by {receipt if isinstance(receipt, str) else 'no receipt'}"
        + (f" ({line})" if isinstance(line, str) else "")
        for number, receipt, line in zip(
            rows["document_no"].fillna(rows["item_id"]), rows["receipt_id"], rows["bank_line_id"], strict=True
        )
    ]
    return listed(tuple(said))


def _limits(found: SubsequentReceipts, book: Book, *, scope: Scope, until: date | None) -> tuple[str, ...]:
    """What these figures do not say."""
    made = [
        "Cash after the date speaks for the existence of the receivable, not for its valuation, nor that nothing is missing.",
        "Application, receipt and the link to the bank line are the entity's own records; agree the bank lines to statements "
        "that you hold.",
    ]  # fmt: skip
    last = until or found.last_booked
    if found.last_booked is None:
        made.append(f"The books hold no cash after {day_text(scope.as_of)}: nothing can be traced yet.")
    elif last is not None:
        days = (min(last, found.last_booked) - scope.as_of).days
        made.append(
            f"Only {counted(days, 'day')} after the date are covered, to {day_text(min(last, found.last_booked))}."
        )
    dates = found.items[["delivery_no", "delivery_date"]]
    if len(dates) and not dates.notna().any(axis=None):
        made.append(
            "Not possible: delivery evidence; the books hold neither delivery notes nor delivery dates."
        )
    weak = found.traces["weight"].eq(Weight.CUSTOMER.value).any()
    if weak:
        made.append(
            "Cash without an advice may have been applied to another invoice than the one that the customer paid."
        )
    return tuple(made)


def _buckets(frame: pd.DataFrame) -> dict[str, str]:
    from arlib.report.tables import in_words

    return {str(name): in_words(str(name)) for name in frame["bucket"].dropna().unique()}


def _largest(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Largest first within each currency; ties by item."""
    return rows.sort_values(
        ["currency", column, "item_id"], ascending=[True, False, True], kind="stable", ignore_index=True
    )
