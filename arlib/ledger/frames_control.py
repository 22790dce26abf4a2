# ruff: noqa: E501  (a declared column is one line)
"""Declared results of the control side: causes, roll-forward, cash proof, customer reconciliation. Floor 1.

The enums say by which rule a difference is named. A rule names a difference only where its evidence stands in the
data; what no rule can name is listed as unexplained, and never plugged.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, D, AT, M, N, F = Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.MONEY, Kind.INTEGER, Kind.FLAG


class Cause(StrEnum):
    """Why the general ledger and the sub-ledger differ on one document; amounts are ledger less sub-ledger."""

    # Both sides hold the document at the same amount on the same account, one of them dated after the as-of date.
    DATE_OUTSIDE_PERIOD = "date_outside_period"
    # As above, and the document is a reversal (an item or application with `reverses`, a returned payment, or the
    # taking back of a revaluation). The ledger may carry it under its own number or under that of what it reverses.
    REVERSAL_OTHER_PERIOD = "reversal_other_period"
    # A ledger line of source `revaluation` whose document the sub-ledger's revaluations do not hold.
    GL_ONLY_REVALUATION = "gl_only_revaluation"
    # A ledger line of source `manual` without a twin in the sub-ledger, on this or another account, at any date; also one
    # that moves a document which both sides hold and agree on but for it.
    MANUAL_JOURNAL = "manual_journal"
    # The sub-ledger holds the document; the ledger has it as an `unposted` line, or the document's batch stands
    # `unposted` or `rejected` (or not at all) at stage gl of the billing transfers. The mirror case (ledger posted,
    # batch `unposted` or `rejected` at stage ar_interface) counts too.
    UNPOSTED_BATCH = "unposted_batch"
    # An interface line (billing, receipts, lockbox, adjustments) posted again: same account, document and amount as a
    # line that does agree with the sub-ledger, in another journal. Or a document taken twice into the sub-ledger from
    # one batch and once into the ledger.
    DOUBLED_BATCH = "doubled_batch"
    # The sub-ledger holds the document at this amount on one account, the ledger on another.
    WRONG_ACCOUNT = "wrong_account"
    # A ledger line of source `reclass` that lifts a customer's (or, without one, all customers') open credits on the
    # account out of receivables, up to the amount of those credits; or the taking back of such a line.
    CREDIT_BALANCE_RECLASS = "credit_balance_reclass"
    # A ledger line that takes out a document which the sub-ledger still holds with `assigned_to` filled; or a document
    # that stands on an account of role `factored` on one side only.
    FACTORED = "factored"
    # A contra posted on one side only: in the sub-ledger a `transfer` item applied by kind `contra` or with a reason
    # that begins with 'contra'; in the ledger a line whose text begins with 'contra' and that names its customer.
    CONTRA = "contra"
    # A ledger line of source `lockbox` or `receipts` whose document the sub-ledger does not hold at any date.
    RECEIPT_GL_ONLY = "receipt_gl_only"
    # A receipt or prepayment in the sub-ledger without any ledger line, where the ledger keeps receipts by document.
    RECEIPT_SUBLEDGER_ONLY = "receipt_subledger_only"
    # Both sides hold the document and differ by no more than the policy's rounding per document.
    ROUNDING = "rounding"

    @property
    def words(self) -> str:
        """The cause as a report names it."""
        return CAUSE_WORDS[self]


CAUSE_WORDS = {
    Cause.DATE_OUTSIDE_PERIOD: "date outside the period",
    Cause.REVERSAL_OTHER_PERIOD: "reversal in another period",
    Cause.GL_ONLY_REVALUATION: "revaluation in the ledger only",
    Cause.MANUAL_JOURNAL: "manual journal",
    Cause.UNPOSTED_BATCH: "unposted batch",
    Cause.DOUBLED_BATCH: "doubled batch",
    Cause.WRONG_ACCOUNT: "wrong account",
    Cause.CREDIT_BALANCE_RECLASS: "credit-balance reclass",
    Cause.FACTORED: "factored or derecognised",
    Cause.CONTRA: "contra",
    Cause.RECEIPT_GL_ONLY: "receipt in the ledger only",
    Cause.RECEIPT_SUBLEDGER_ONLY: "receipt in the sub-ledger only",
    Cause.ROUNDING: "rounding",
}

UNEXPLAINED = "unexplained"  # stands in the cause column of reconciling items that no rule could name


class PostingKind(StrEnum):
    """What moved a control account from the sub-ledger."""

    ITEM = "item"  # a document was entered
    DISCOUNT = "discount"  # cash discount allowed by an application
    REALISED_FX = "realised_fx"  # source and target of an application carried at different rates
    TRANSFER = "transfer"  # one leg of an application between items on two accounts or in two currencies
    REVALUATION = "revaluation"  # unrealised difference
    REVALUATION_REVERSAL = "revaluation_reversal"  # the same, taken back


class RollLine(StrEnum):
    """Lines of the roll-forward, in report order."""

    OPENING = (
        "opening"  # balance at the end of the day before the period, as it was when that period was closed
    )
    POSTED_TO_CLOSED = "posted_to_closed_periods"  # entered into closed periods since; listed one by one
    TAKEN_OVER = (
        "taken_over"  # balances brought forward from before the first extract, dated inside the period
    )
    INVOICES = "invoices"
    DEBIT_MEMOS = "debit_memos"
    FEES_AND_INTEREST = "fees_and_interest"
    RECEIPTS = "receipts"  # with prepayments
    RETURNED_PAYMENTS = "returned_payments"  # receipt items that take back another, positive
    REFUNDS = "refunds"
    CREDIT_MEMOS = "credit_memos"
    DISCOUNTS = "discounts"
    DEDUCTIONS = (
        "deductions_and_chargebacks"  # chargebacks, and the transfers that take their amount off the invoice
    )
    ADJUSTMENTS = "adjustments"
    WRITE_OFFS = "write_offs"
    RECOVERIES = "recoveries"
    TRANSFERS = "transfers"  # reclass, customer merge, between entities or accounts
    CONTRA = "contra"
    DERECOGNISED = "derecognised"  # sold or otherwise off the books
    CROSS_CURRENCY = (
        "applied_across_currencies"  # document currency only: nothing is exchanged, two currencies move
    )
    REALISED_FX = "realised_exchange"  # functional currency only
    UNREALISED_FX = "unrealised_exchange"  # functional currency only
    CLOSING = "closing"


class CashCause(StrEnum):
    """Why a bank account and the ledger's receipts differ; amounts are bank less ledger."""

    NOT_POSTED = "not_posted"  # in the bank, no receipt in the ledger
    POSTED_LATER = "posted_later"  # in the bank in the period, receipt posted after it
    POSTED_EARLIER = (
        "posted_earlier"  # in the bank in the period, receipt posted before it: last period's transit
    )
    IN_TRANSIT = "in_transit"  # receipt posted in the period, not in the bank by its end
    BANKED_EARLIER = "banked_earlier"  # receipt posted in the period, in the bank before it
    RETURN_NOT_POSTED = "return_not_posted"  # the bank took a payment back, the ledger did not
    CARD_FEE = "card_fee"  # kept by the card acquirer


class MatchKind(StrEnum):
    """How one document stands between our ledger and the customer's statement."""

    MATCHED = "matched"  # same document, same amount
    # ours: dated within `in_transit_days` before the statement; theirs: our posting follows within as many days
    IN_TRANSIT = "in_transit"
    MISSING_IN_LEDGER = "missing_in_ledger"  # on the statement; we have no such document
    MISSING_ON_STATEMENT = (
        "missing_on_statement"  # open with us, older than transit explains, not on the statement
    )
    AMOUNT_DIFFERS = "amount_differs"  # same document, other open amount
    DUPLICATE = "duplicate"  # the same document and amount again, on one side
    SETTLED_IN_LEDGER = "settled_in_ledger"  # stands on the statement at its full amount, settled with us


def _id(name: str, meaning: str) -> Column:
    return Column(name, T, meaning, is_key=True)


POSTINGS = Table("postings", "one movement of a control account out of the sub-ledger", ("entity", "posting_id"), (
    _id("entity", "entity code"),
    _id("posting_id", "kind and source record, unique"),
    Column("kind", T, "what moved the account", True, choices=PostingKind),
    _id("account", "control account; empty where the item names none"),
    Column("date", D, "posting date; the effective date where none is given", True),
    Column("entered_at", AT, "when it was entered, UTC"),
    Column("user", T, "who entered it"),
    _id("document_no", "number under which the ledger holds it"),
    _id("reverses_document_no", "document that it takes back"),
    _id("customer_id", "customer"),
    _id("item_id", "item"),
    _id("application_id", "application"),
    _id("batch_id", "interface batch"),
    Column("item_type", T, "type of the item"),
    Column("line", T, "line of the roll-forward", choices=RollLine),
    Column("is_reversal", F, "takes another posting back", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "in document currency", True, currency="currency"),
    Column("functional_amount", M, "in the books' currency; empty where it cannot be known", currency="functional"),
))  # fmt: skip

CAUSES = Table("causes", "one document's part of a gap, with its cause", ("control", "account", "cause", "document_no"), (
    _id("entity", "entity code"),
    Column("control", T, "control, e.g. control_account", True),
    _id("account", "control account"),
    Column("cause", T, "why", True, choices=Cause),
    _id("document_no", "document; the journal where the line names none"),
    Column("journal_lines", T, "ledger lines, journal/line, separated by blanks"),
    _id("batch_id", "interface batch"),
    _id("customer_id", "customer"),
    Column("date", D, "posting date of the earliest entry behind it, on the side that counts at the as-of date"),
    Column("user", T, "who entered it"),
    Column("currency", T, "functional currency", True),
    Column("amount", M, "general ledger less sub-ledger", True, currency="currency"),
    Column("owner", T, "who clears it"),
    Column("first_reported_on", D, "period end of the close that reported it first"),
    Column("age_days", N, "days from `date` to the as-of date"),
    Column("sentence", T, "the evidence, in words"),
))  # fmt: skip

UNEXPLAINED_ITEMS = Table("unexplained", "a part of a gap that no rule can name", ("control", "account", "document_no", "side"), (
    _id("entity", "entity code"),
    Column("control", T, "control", True),
    _id("account", "control account"),
    _id("document_no", "document, journal, or 'opening' and 'ledger lines' for a whole balance"),
    Column("side", T, "general_ledger, sub_ledger, both or balance", True),
    Column("journal_lines", T, "ledger lines, journal/line, separated by blanks"),
    _id("batch_id", "interface batch"),
    _id("customer_id", "customer"),
    Column("date", D, "posting date"),
    Column("user", T, "who entered it"),
    Column("currency", T, "functional currency", True),
    Column("amount", M, "general ledger less sub-ledger", True, currency="currency"),
    Column("owner", T, "who looks into it"),
    Column("first_reported_on", D, "period end of the close that reported it first"),
    Column("age_days", N, "days from `date` to the as-of date"),
    Column("sentence", T, "what is known"),
))  # fmt: skip

BALANCES = Table("control_balances", "a control account in one currency, both sides", ("account", "measure", "currency"), (
    _id("entity", "entity code"),
    _id("account", "control account"),
    Column("name", T, "account name"),
    Column("role", T, "what it is for"),
    Column("measure", T, "functional, document, or document movement (where the ledger's opening has no currencies)", True),
    Column("currency", T, "currency of the row", True),
    Column("gl_amount", M, "general ledger", currency="currency"),
    Column("subledger_amount", M, "sub-ledger", True, currency="currency"),
    Column("difference", M, "general ledger less sub-ledger", currency="currency"),
    Column("explained", M, "sum of the causes", currency="currency"),
    Column("unexplained", M, "what is left", currency="currency"),
    Column("status", T, "how the control ended; empty on rows for information"),
))  # fmt: skip

ROLL_FORWARD = Table("roll_forward", "one line of the roll-forward in one currency", ("measure", "account", "currency", "line_no"), (
    _id("entity", "entity code"),
    Column("measure", T, "document or functional", True),
    _id("account", "control account; empty in the totals"),
    Column("currency", T, "currency of the row", True),
    Column("line_no", N, "order of the lines", True),
    Column("line", T, "line", True, choices=RollLine),
    Column("amount", M, "amount, signed: opening and lines sum to closing", True, currency="currency"),
    Column("count", N, "postings behind it"),
))  # fmt: skip

LATE_POSTINGS = Table("closed_period_postings", "an entry made into a period after its close", ("side", "posting_id"), (
    _id("entity", "entity code"),
    Column("side", T, "sub_ledger or general_ledger", True),
    _id("posting_id", "posting, or journal/line", ),
    _id("period", "closed period"),
    _id("account", "control account"),
    _id("document_no", "document"),
    _id("customer_id", "customer"),
    Column("date", D, "posting date", True),
    Column("entered_at", AT, "when it was entered, UTC", True),
    Column("closed_at", AT, "when the period was closed, UTC", True),
    Column("is_reopened", F, "entered after the period was reopened", True),
    Column("user", T, "who entered it"),
    Column("kind", T, "kind of posting or source of the journal"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "in document currency", True, currency="currency"),
    Column("functional_amount", M, "in the books' currency", currency="functional"),
))  # fmt: skip

CASH_PROOF = Table("cash_proof", "one reconciling line between a bank account and the ledger's receipts", ("bank_account", "currency", "cause", "document_no", "counterpart"), (
    _id("entity", "entity code"),
    _id("bank_account", "our account"),
    Column("currency", T, "currency", True),
    Column("cause", T, "why; 'unexplained' where no rule can name it", True),
    _id("document_no", "bank line or receipt that it cites"),
    _id("counterpart", "the other side of the link, where there is one"),
    _id("customer_id", "customer"),
    Column("date", D, "booking date of the bank line, posting date of the receipt"),
    Column("amount", M, "bank less ledger", True, currency="currency"),
    Column("age_days", N, "days from `date` to the as-of date"),
    Column("sentence", T, "the evidence, in words"),
))  # fmt: skip

STATEMENT_CHECK = Table("bank_statement_check", "a final statement of a bank account", ("bank_account", "currency", "statement_id"), (
    _id("entity", "entity code"),
    _id("bank_account", "our account"),
    _id("statement_id", "statement"),
    Column("to_date", D, "last day that it covers"),
    Column("currency", T, "currency", True),
    Column("previous_closing", M, "closing balance of the statement before it", currency="currency"),
    Column("opening", M, "opening balance as stated", currency="currency"),
    Column("entries", N, "entries", True),
    Column("lines", M, "the bank lines on it that were read", True, currency="currency"),
    Column("closing", M, "closing balance as stated", currency="currency"),
    Column("difference", M, "closing less opening less bank lines", currency="currency"),
    Column("age_days", N, "days from its last day to the as-of date"),
    Column("finding", T, "what it shows", True),
))  # fmt: skip

BILLING_CHECK = Table("billing_check", "a billing batch through all stages", ("batch_id", "currency"), (
    _id("entity", "entity code"),
    _id("batch_id", "batch"),
    Column("transferred_on", D, "date at the first stage"),
    Column("currency", T, "currency of the totals", True),
    Column("billing_documents", N, "documents billed"),
    Column("billing_amount", M, "amount billed", currency="currency"),
    Column("rejected_documents", N, "documents rejected on the way to receivables"),
    Column("rejected_amount", M, "amount rejected on the way to receivables", currency="currency"),
    Column("interface_documents", N, "documents that reached receivables"),
    Column("interface_amount", M, "amount that reached receivables", currency="currency"),
    Column("gl_rejected_documents", N, "documents rejected on the way to the ledger"),
    Column("gl_rejected_amount", M, "amount rejected on the way to the ledger", currency="currency"),
    Column("gl_documents", N, "documents that reached the ledger"),
    Column("gl_amount", M, "amount that reached the ledger", currency="currency"),
    Column("item_documents", N, "items in the sub-ledger with this batch"),
    Column("item_amount", M, "their amount in the books' currency", currency="currency"),
    Column("ledger_amount", M, "posted ledger lines with this batch on control accounts", currency="currency"),
    Column("interface_difference", M, "billed less rejected less receivables", currency="currency"),
    Column("gl_difference", M, "receivables less rejected less ledger", currency="currency"),
    Column("state", T, "agrees, rejected, unposted, doubled, or differs", True),
    Column("sentence", T, "what is known"),
))  # fmt: skip

CUSTOMER_RECON = Table("customer_recon", "a document between our ledger and the customer's statement", ("customer_id", "statement_date", "currency", "row_no"), (
    _id("entity", "entity code"),
    _id("customer_id", "customer"),
    Column("statement_date", D, "date of the customer's statement", True),
    Column("currency", T, "currency", True),
    Column("row_no", N, "1, 2, 3 ... within the statement", True),
    Column("kind", T, "how the document stands", True, choices=MatchKind),
    _id("document_no", "our document; empty where we have none"),
    _id("item_id", "our item"),
    Column("item_type", T, "type of our item"),
    Column("document_date", D, "date of our document"),
    Column("due_date", D, "due date of our document"),
    Column("reference", T, "their reference"),
    Column("line_no", N, "line of the statement"),
    Column("statement_line_date", D, "date on the line of the statement"),
    Column("ledger_amount", M, "open in our ledger at the statement date", True, currency="currency"),
    Column("statement_amount", M, "on the statement, in our sign", True, currency="currency"),
    Column("difference", M, "ledger less statement", True, currency="currency"),
    Column("age_days", N, "days from our document, else from their line, to the statement date"),
    Column("reason", T, "why, in words"),
))  # fmt: skip

CONTROL_TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        POSTINGS, CAUSES, UNEXPLAINED_ITEMS, BALANCES, ROLL_FORWARD, LATE_POSTINGS, CASH_PROOF, STATEMENT_CHECK,
        BILLING_CHECK, CUSTOMER_RECON,
    )
}  # fmt: skip
