"""Confirmations: letters, the auditor's control sheet, exceptions and alternative procedures. Floor 3."""

from __future__ import annotations

from arlib.audit.ask import Ask
from arlib.audit.evidence.confirm import Confirmations, confirmations, not_confirmable
from arlib.audit.evidence.frames import TRACES
from arlib.audit.evidence.frames_confirm import (
    ALTERNATIVE_ITEMS,
    ALTERNATIVES,
    BALANCES,
    BY_STATE,
    CAUSE_WORDS,
    CONTROL_SHEET,
    EXCEPTIONS,
    STATE_WORDS,
    UNANSWERED,
    Cause,
    State,
)
from arlib.audit.evidence.shares import percent
from arlib.audit.options.evidence import ConfirmationsOptions
from arlib.money import iso_code, total
from arlib.policy import Policies, Scope
from arlib.report.audit.evidence_parts import asked, listed, sums, table, ties
from arlib.report.audit.subsequent_receipts import GRADE_WORDS, WEIGHTS_SHOWN
from arlib.report.confirmation_letters import letters_of, pdfs_of, template_of
from arlib.report.confirmation_letters.batch import SHEET
from arlib.report.confirmation_letters.fill import reply_address
from arlib.report.documents.pdf import NotInstalledError
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

STATES = {state.value: words for state, words in STATE_WORDS.items()}
CAUSES = {cause.value: words for cause, words in CAUSE_WORDS.items()}
NO_REPLY = (State.TO_SEND, State.SENT, State.NON_REPLY)
NO_ADDRESS = (
    "No letters were made: the request gives no address of the auditor (reply_to or reply_email), and a reply that comes to "
    "the entity is no audit evidence."
)  # fmt: skip
MISSING = {
    "customers": "letters have no addresses",
    "applications": "balances cannot be told net of payments, and no payment can be followed",
    "bank_lines": "no receipt can be followed to the bank as an alternative procedure",
    "remittances": "not possible: to show by an advice which invoice was paid",
    "disputes": "no exception can be explained by a dispute",
}


def confirmations_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Whom to ask, letters as PDF, the control sheet, exceptions explained by documents, alternatives for each non-reply.

    Without the auditor's address no letter is made and the report says so; the sheet and its CSV for the auditor are there
    all the same. Letters of balances that were answered are made again only where they are still to send.
    Raises TableError for a file of replies that cannot be read, ParameterError for customers that are not known.
    """
    options = ask.options or ConfirmationsOptions()
    found = confirmations(book, scope=scope, policies=policies, ask=ask)
    files, missing = _letters(book, found, options=options, scope=scope)
    return Report(
        name="confirmations",
        title=f"Confirmations, {scope.entity}, {day_text(scope.as_of)}",
        question="Which balances do customers confirm to the auditor, and what supports those that they do not?",
        reader="external auditors, controller",
        scope=scope,
        tables=_tables(found, scope=scope),
        controls=(
            *ties(book, found.documents, scope=scope, policies=policies, name="confirmations"), *intake_controls(book, scope=scope),
        ),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, options=options, scope=scope), *missing, *intake_findings(book)),
        limits=(*_limits(found, options=options), *missing_limits(book, MISSING)),
        counts={
            "balances": len(found.balances), "letters": len(found.sheet), "pdfs": len(files) - 1,
            "exceptions": len(found.exceptions),
            "without_reply": int(found.sheet["status"].isin([state.value for state in NO_REPLY]).sum()) if _was_sent(found) else 0,
            "unanswered": int(found.sheet["status"].isin([state.value for state in UNANSWERED]).sum()),
        },
        parameters=asked(ask, scope=scope, extra={
            "Form": options.form,
            "Selection": {"all": "every balance", "largest": f"the {options.count:,} largest of each currency",
                          "coverage": f"the largest until {options.coverage} of debits", "amount": f"balances from {options.amount}",
                          "file": "customers named by the auditor"}[options.select],
            "Replies go to": ", ".join((*reply_address(options), options.reply_email)).strip(", ") or "not given",
            "Reply by": options.reply_by or "not given",
            "Assertions": "existence and rights; of credit balances, completeness of liabilities; not valuation",
        }),
        attachments=files,
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _letters(
    book: Book, found: Confirmations, *, options: ConfirmationsOptions, scope: Scope
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Files to hand over: the sheet, and a PDF for each letter that is to be sent; and why there is none."""
    files = {SHEET: template_of(found.sheet)}
    if not reply_address(options) and not options.reply_email:
        return files, (NO_ADDRESS,)
    to_send = found.sheet[found.sheet["status"].eq(State.TO_SEND.value).to_numpy(dtype=bool)]
    letters = letters_of(book, to_send, found.in_letters, options=options, scope=scope)
    try:
        return files | pdfs_of(letters), ()
    except NotInstalledError as fault:
        return files, (f"No letters were made: {' '.join(str(fault).split())}",)


def _tables(found: Confirmations, *, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    sheet_columns = (
        "request_no", "customer_id", "customer_name", "currency", "amount", "sent_on", "replied_on", "replied_amount",
        "difference", "status", "address", "email", "address_from", "address_changed", "form", "items", "sent_by", "channel",
        "recorded_by", "recorder", "reason", "note",
    )  # fmt: skip
    paid = found.paid.traces if found.paid is not None else TRACES.empty()
    return (
        table(
            BY_STATE, found.by_status, title="Coverage: every balance of the population by status", functional=code,
            columns=("currency", "status", "letters", "debits", "amount", "share"),
            headings={"letters": "Letters or balances", "debits": "Open debits", "amount": "Balance", "share": "% of debits"},
        ),
        table(
            CONTROL_SHEET, found.sheet, title="Control sheet", functional=code, columns=sheet_columns,
            words={"status": STATES},
            headings={"request_no": "Letter", "customer_name": "Name", "amount": "Ledger", "replied_amount": "Customer"},
            not_on_page=sheet_columns[sheet_columns.index("status") + 1 :], not_totalled=("replied_amount", "difference"),
            note="Kept by the auditor, who sends, receives and records; control-sheet.csv is its template. A reply that the "
            "entity records is no audit evidence.",
        ),
        table(
            EXCEPTIONS, found.exceptions, title="Exceptions and what the books show", functional=code, needs_review=True,
            decisions=("timing, no misstatement", "misstatement", "disputed", "further work"),
            columns=("request_no", "currency", "amount", "replied_amount", "difference", "reason", "cause", "documents",
                     "evidence", "explained", "customer_id", "customer_name"),
            words={"cause": CAUSES}, headings={"request_no": "Letter", "amount": "Ledger", "replied_amount": "Customer",
                                               "reason": "Customer's reason", "cause": "The books show"},
            not_on_page=("explained", "customer_id", "customer_name"), not_totalled=("amount", "replied_amount"),
            note="A cause is named only where documents add up to just the difference.",
        ),
        table(
            ALTERNATIVES, found.alternatives, title="Letters without a usable reply: alternative procedures", functional=code,
            columns=("request_no", "customer_name", "status", "currency", "debits", "paid", "delivery", "unsupported",
                     "open_documents", "customer_id"),
            words={"status": STATES}, not_on_page=("customer_id",), needs_review=True,
            decisions=("supported", "evidence to obtain", "exception"),
            headings={"request_no": "Letter", "customer_name": "Name", "debits": "Open debits", "paid": "Paid since, shown",
                      "delivery": "Delivery to inspect", "unsupported": "Neither", "open_documents": "Documents of these"},
            note="Delivery is named by the books, not yet inspected: the note or proof itself is the evidence.",
        ),
        table(
            ALTERNATIVE_ITEMS, found.alternative_items, title="Alternative procedures, item by item", functional=code,
            columns=("request_no", "document_no", "currency", "outstanding", "invoice_cash", "grade", "delivery_no",
                     "purchase_order", "next_step", "unsupported", "delivery_date", "order_no", "copy_path", "customer_cash",
                     "no_evidence", "settled_otherwise", "paid_on", "customer_id", "item_id"),
            words={"grade": GRADE_WORDS},
            headings={"request_no": "Letter", "invoice_cash": "Shown paid", "grade": "Evidence", "next_step": "What to look at"},
            not_on_page=("unsupported", "delivery_date", "order_no", "copy_path", "customer_cash", "no_evidence",
                         "settled_otherwise", "paid_on", "customer_id", "item_id"),
        ),
        table(
            TRACES, paid, title="Cash after the date behind exceptions and unanswered letters", functional=code,
            words={"grade": GRADE_WORDS, "weight": WEIGHTS_SHOWN},
            columns=("document_no", "customer_id", "currency", "counted", "receipt_id", "bank_line_id", "bank_date", "bank_amount",
                     "names", "grade", "applied_on", "applied", "receipt_on", "receipt_currency", "receipt_amount", "bank_account",
                     "payer_name", "reference", "advice_line", "weight", "item_id", "application_id"),
            headings={"bank_date": "Banked", "names": "Documents it names", "grade": "Evidence", "receipt_currency": "Receipt in"},
            not_on_page=("applied_on", "applied", "receipt_on", "receipt_currency", "receipt_amount", "bank_account", "payer_name",
                         "reference", "advice_line", "weight", "item_id", "application_id"),
            not_totalled=("bank_amount", "receipt_amount", "applied"),
        ),
        table(
            BALANCES, found.balances, title="Balances of the population, and which were selected", functional=code, is_detail=True,
            columns=("request_no", "customer_id", "customer_name", "currency", "items", "debits", "credits", "amount", "is_selected",
                     "why"),
            headings={"request_no": "Letter", "customer_name": "Name", "amount": "Balance", "is_selected": "Selected"},
        ),
    )  # fmt: skip


def _was_sent(found: Confirmations) -> bool:
    return bool(found.sheet["status"].ne(State.TO_SEND.value).any())


def _status_findings(found: Confirmations, options: ConfirmationsOptions) -> list[str]:
    """Every letter once, by where it stands; and those whose reply is overdue, with their amounts."""
    if not len(found.sheet):
        return []
    counts = found.sheet["status"].value_counts()
    parts = [
        f"{int(counts[state.value]):,} {STATES[state.value]}" for state in State if state.value in counts
    ]
    made = [f"{counted(len(found.sheet), 'letter')}: {'; '.join(parts)}."]
    late = found.sheet[found.sheet["status"].eq(State.NON_REPLY.value)]
    if len(late):
        cited = [
            f"{number} ({money_text(int(amount), str(code))})"
            for number, amount, code in zip(late["request_no"], late["amount"], late["currency"], strict=True)
        ]
        due = f"No reply by {options.reply_by}, the day asked for" if options.reply_by else "No reply"
        made.append(f"{due}: {listed(tuple(cited), most=30)}; together {sums(late, 'amount')}.")
    return made


def _findings(found: Confirmations, *, options: ConfirmationsOptions, scope: Scope) -> tuple[str, ...]:
    made = _status_findings(found, options)
    for code, part in found.balances.groupby("currency", sort=True):
        chosen = part[part["is_selected"].to_numpy(dtype=bool)]
        sheet = found.sheet[found.sheet["currency"].eq(code)]
        whole = total(part["debits"])
        agreed = sheet.loc[sheet["status"].eq(State.AGREED.value), "request_no"]
        confirmed = total(part.loc[part["request_no"].isin(agreed), "debits"])
        made.append(
            f"{iso_code(str(code))}: {counted(len(chosen), 'letter')} on debits of {money_text(total(chosen['debits']), str(code))}, "
            f"{percent(total(chosen['debits']), whole)} % of {money_text(whole, str(code))}; confirmed without a difference: "
            f"{money_text(confirmed, str(code))} ({percent(confirmed, whole)} %)."
        )
    for cause in Cause:
        rows = found.exceptions[found.exceptions["cause"].eq(cause.value)]
        if len(rows):
            cited = [f"{no} {documents}" if isinstance(documents, str) else str(no)
                     for no, documents in zip(rows["request_no"], rows["documents"], strict=True)]  # fmt: skip
            made.append(
                f"{counted(len(rows), 'exception')} ({sums(rows, 'difference')}), {CAUSES[cause.value]}: {listed(tuple(cited))}."
            )
    if len(found.alternatives):
        rows = found.alternatives
        made.append(
            f"{counted(len(rows), 'letter')} without a usable reply, debits of {sums(rows, 'debits')}: cash after the date is shown for "
            f"{sums(rows, 'paid')}; delivery is to be inspected for {sums(rows, 'delivery')}; neither for {sums(rows, 'unsupported')}."
        )
    own = found.sheet[found.sheet["status"].eq(State.NO_EVIDENCE.value)]
    if len(own):
        made.append(f"Recorded by the entity, so no audit evidence: {listed(tuple(own['request_no']))}.")
    unknown = not_confirmable(found.balances)
    if len(unknown):
        made.append(f"Cash of unknown payers cannot be confirmed: {sums(unknown, 'amount')}.")
    bare = found.sheet[found.sheet["address"].fillna("").eq("") & found.sheet["email"].fillna("").eq("")]
    if len(bare):
        made.append(f"Without an address in the books: {listed(tuple(bare['request_no']))}.")
    new = found.sheet[found.sheet["address_changed"].str.startswith("account opened")]
    if len(new):
        made.append(
            f"Accounts opened shortly before the date, whose address needs a check: {listed(tuple(new['request_no']))}."
        )
    return tuple(made)


def _limits(found: Confirmations, *, options: ConfirmationsOptions) -> tuple[str, ...]:
    made = [
        "A confirmation speaks for existence and rights, not for valuation: a debtor that agrees may still not pay.",
        "Addresses come from the entity's master data; the auditor checks them against another source before sending (AS 2310.14).",
        "Not possible: to see whether an address changed in the last 90 days; the books keep no history of addresses.",
    ]
    if options.form == "negative":
        made.append(
            "Negative letters that stay unanswered are no evidence by themselves (ISA 505.15): use them only beside other procedures, "
            "with low risk, many small balances and few expected exceptions."
        )
    if len(found.sheet) and found.sheet["status"].eq(State.TO_SEND.value).all():
        made.append("No replies were given: nothing is confirmed yet.")
    return tuple(made)
