"""Declared results of cut-off, credit notes, journals, numbering and approvals. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, D, AT, M, N, F, R = (
    Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE,
)  # fmt: skip


class State(StrEnum):
    """Whether a test could be made."""

    DONE = "done"
    IN_PART = "in_part"  # some of the population lacks what the test needs
    NOT_POSSIBLE = "not_possible"


class Grade(StrEnum):
    """What a finding is."""

    EXCEPTION = "exception"
    USUAL = "usual_lag"  # crosses the date by no more than the company's usual lag: to accrue as a lot
    EXPLAINED = "explained"  # looks like an exception, and a record explains it


class BridgePart(StrEnum):
    """Where a finding of cut-off counts, once."""

    EXCEPTIONS = "exceptions"  # of the sub-ledger: the headline
    LEDGER_ONLY = "ledger_only"  # the sub-ledger stands right, the general ledger does not
    USUAL = "usual_lag"
    EXPLAINED = "explained"


def _id(name: str, meaning: str) -> Column:
    return Column(name, T, meaning, is_key=True)


TESTS = Table("tests", "a test, what it proves and how far it could be made", ("line_no",), (
    Column("line_no", N, "order of the tests", True),
    Column("test", T, "test", True),
    Column("assertion", T, "assertion that it addresses", True),
    Column("state", T, "whether it could be made", True, choices=State),
    Column("tested", N, "documents or lines tested", True),
    Column("not_tested", N, "documents or lines that lack what the test needs", True),
    Column("exceptions", N, "exceptions", True),
    Column("explained", N, "looked like an exception, and a record explains it", True),
    Column("words", T, "what it compares; why it was not possible", True),
))  # fmt: skip

POPULATION = Table("population", "a part of the population, by currency", ("part", "currency"), (
    Column("part", T, "part: tested, left out, or which", True),
    Column("currency", T, "document currency", True),
    Column("documents", N, "documents or lines", True),
    Column("amount", M, "their amount: debits to the customer +, credits -", True, currency="currency"),
))  # fmt: skip

CUT_OFF = Table("cut_off", "a document that stands on one side of the date and belongs, or seems to belong, to the other", ("rank",), (
    Column("rank", N, "1 is looked at first", True),
    _id("entity", "entity code"),
    Column("grade", T, "what it is", True, choices=Grade),
    Column("test", T, "test that found it", True),
    Column("score", N, "points, by which it is ranked", True),
    _id("document_no", "document, receipt or bank line"),
    _id("item_id", "item; empty for a bank line"),
    Column("item_type", T, "type of document, or bank line"),
    _id("customer_id", "customer"),
    Column("evidence_on", D, "what the day should have been: delivery, end of service, bank, or the document's own date"),
    Column("document_date", D, "date printed on the document"),
    Column("posting_date", D, "date that it is booked on; empty where it is not booked"),
    Column("entered_at", AT, "when it was entered, UTC"),
    _id("evidence_no", "delivery note, bank line or batch that shows it"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "amount of the document", True, currency="currency"),
    Column("balance_effect", M, "what the balance at the date would change by if it were booked on the other side; 0 where it stands right", True, currency="currency"),
    Column("sales_effect", M, "the same for sales to the date, net of tax; empty where the net amount is not known", currency="currency"),
    Column("finding", T, "what was found, in words", True),
))  # fmt: skip

EFFECTS = Table("effects", "what the findings of a test come to in a currency", ("grade", "test", "currency"), (
    Column("grade", T, "exceptions, usual lag or explained", True, choices=Grade),
    Column("test", T, "test", True),
    Column("currency", T, "document currency", True),
    Column("documents", N, "documents", True),
    Column("amount", M, "their amount", True, currency="currency"),
    Column("balance_effect", M, "correction of the balance at the date", True, currency="currency"),
    Column("sales_effect", M, "correction of sales to the date, net of tax", True, currency="currency"),
    Column("in_headline", F, "an exception of the sub-ledger: it counts in the headline", True),
))  # fmt: skip

BRIDGE = Table("bridge", "what the findings come to, each in one part only", ("line_no", "currency"), (
    Column("line_no", N, "place", True),
    Column("part", T, "exceptions, ledger only, usual lag or explained", True, choices=BridgePart),
    Column("currency", T, "document currency", True),
    Column("findings", N, "findings", True),
    Column("amount", M, "their amount", True, currency="currency"),
    Column("balance_effect", M, "correction of the balance at the date", True, currency="currency"),
    Column("sales_effect", M, "correction of sales to the date, net of tax", True, currency="currency"),
    Column("in_headline", F, "whether it counts in the headline", True),
))  # fmt: skip

LAST_NUMBERS = Table("last_numbers", "the last number before the date and the first after it, of one series", ("kind", "series"), (
    Column("kind", T, "document, delivery note or deposit", True),
    Column("series", T, "fixed part of the numbers", True),
    Column("documents", N, "numbers within the window", True),
    Column("last_before", T, "highest number booked on or before the date"),
    Column("last_before_on", D, "when it was booked"),
    Column("first_after", T, "lowest number booked after the date"),
    Column("first_after_on", D, "when it was booked"),
    Column("crossing", N, "numbers booked on the other side of the date than their neighbours; empty where numbers do not run with dates"),
    Column("finding", T, "what it shows", True),
))  # fmt: skip

CREDITS_AFTER = Table("credits_after", "a credit booked after the date for an invoice booked before it", ("rank",), (
    Column("rank", N, "1 is looked at first", True),
    _id("entity", "entity code"),
    _id("item_id", "item of the credit"),
    _id("document_no", "credit"),
    Column("item_type", T, "what it is", True),
    Column("posting_date", D, "when it was booked", True),
    _id("customer_id", "customer"),
    Column("sales_rep", T, "who sold"),
    Column("user", T, "who entered it"),
    Column("reason", T, "reason code"),
    Column("way", T, "credit, reversal, rebill or short payment accepted", True),
    _id("invoices", "invoices of before the date that it credits"),
    Column("invoiced_on", D, "posting date of the oldest of them"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "the part for invoices of before the date, positive", True, currency="currency"),
    Column("tax_amount", M, "tax in it, in the proportion of the invoices; empty where that is not known", currency="currency"),
    Column("was_known", F, "whether a record of on or before the date shows the cause", True),
    Column("accrual", M, "proposed at the date: the balance would fall by so much", True, currency="currency"),
    Column("rebilled", M, "billed again within the window: the loss is the rest", currency="currency"),
    Column("finding", T, "evidence, in words", True),
))  # fmt: skip

CREDIT_PATTERNS = Table("credit_patterns", "credits after the date by customer, salesperson, user or reason", ("by", "name", "currency"), (
    Column("by", T, "customer, salesperson, user or reason", True),
    Column("name", T, "which; empty where the books do not say", True),
    Column("currency", T, "document currency", True),
    Column("credits", N, "credits", True),
    Column("amount", M, "their amount for invoices of before the date", True, currency="currency"),
    Column("share", R, "share of all such credits in the currency, decimal text"),
))  # fmt: skip

CREDIT_WINDOWS = Table("credit_windows", "the same window after an earlier month end", ("month_end", "currency"), (
    Column("month_end", D, "date before which the invoices were booked", True),
    Column("currency", T, "document currency", True),
    Column("credits", N, "credits in the window after it", True),
    Column("amount", M, "their amount for invoices of before the month end", True, currency="currency"),
    Column("billed", M, "billed in the calendar month that ends then", True, currency="currency"),
    Column("rate", R, "amount as a share of billed, decimal text; empty where nothing was billed"),
    Column("is_asked", F, "the date of the question", True),
))  # fmt: skip

ENTRIES = Table("journal_entries", "a ledger line on a control account that has the signs of an entry to look at", ("rank",), (
    Column("rank", N, "1 is looked at first", True),
    _id("entity", "entity code"),
    Column("score", N, "points", True),
    _id("journal_id", "journal"),
    _id("line_id", "line"),
    _id("account", "ledger account"),
    _id("document_no", "document that it names"),
    Column("posting_date", D, "ledger date", True),
    Column("entered_at", AT, "when it was entered, UTC"),
    Column("user", T, "who posted"),
    Column("source", T, "where it came from"),
    Column("status", T, "whether it counts"),
    _id("customer_id", "customer"),
    Column("currency", T, "functional currency", True),
    Column("amount", M, "in the books' currency, debit +", True, currency="currency"),
    Column("text", T, "line text; never trusted as a formula or markup"),
    Column("signs", T, "names of the signs, the weightiest first", True),
    Column("finding", T, "the signs, in words", True),
))  # fmt: skip

SIGN_COUNTS = Table("journal_signs", "a sign of an entry to look at, and how often it was seen", ("sign",), (
    Column("sign", T, "sign", True),
    Column("points", N, "points that it gives", True),
    Column("state", T, "whether it could be looked for", True, choices=State),
    Column("lines", N, "lines that show it", True),
    Column("listed", N, "of them on the list", True),
    Column("currency", T, "functional currency", True),
    Column("amount", M, "sum of the lines that show it, debit +", True, currency="currency"),
    Column("words", T, "what is looked for; why it could not be", True),
))  # fmt: skip

SOURCES = Table("journal_sources", "ledger lines of a source and user on an account", ("account", "source", "user", "status"), (
    _id("account", "ledger account"),
    Column("source", T, "where the lines came from", True),
    Column("user", T, "who posted; empty where the books do not say", True),
    Column("status", T, "whether they count", True),
    Column("lines", N, "lines", True),
    Column("currency", T, "functional currency", True),
    Column("debits", M, "sum of debits", True, currency="currency"),
    Column("credits", M, "sum of credits, negative", True, currency="currency"),
    Column("listed", N, "of them on the list", True),
))  # fmt: skip

SERIES = Table("series", "a range of document numbers", ("series", "first"), (
    Column("series", T, "fixed part of the numbers, # for the digits that count up", True),
    Column("item_types", T, "types that draw from it", True),
    Column("state", T, "whether its numbers are a sequence", True, choices=State),
    Column("first", T, "first number in use", True),
    Column("last", T, "last number in use", True),
    Column("documents", N, "documents", True),
    Column("missing", N, "numbers between first and last that no document has; empty where they are no sequence"),
    Column("last_earlier", T, "last number of before the period"),
    Column("first_in_period", T, "first number of the period"),
    Column("last_in_period", T, "last number of the period"),
    Column("first_later", T, "first number after the period"),
    Column("in_period", N, "documents of the period", True),
    Column("finding", T, "what it shows", True),
))  # fmt: skip

GAPS = Table("gaps", "numbers that no document has", ("series", "from_no"), (
    Column("series", T, "series", True),
    Column("from_no", T, "first missing number", True),
    Column("to_no", T, "last missing number", True),
    Column("missing", N, "how many", True),
    Column("after_document", T, "document with the number before", True),
    Column("after_on", D, "its date"),
    Column("before_document", T, "document with the number after", True),
    Column("before_on", D, "its date"),
    Column("in_period", F, "between documents of which one is of the period", True),
    Column("grade", T, "exception, or explained", True, choices=Grade),
    Column("finding", T, "what a record says of it", True),
))  # fmt: skip

REUSED = Table("reused", "a document of a number that another document has too", ("normal_no", "item_id"), (
    Column("normal_no", T, "number without case, signs and leading zeros", True),
    _id("item_id", "item"),
    _id("document_no", "number as it is written"),
    Column("item_type", T, "type", True),
    _id("customer_id", "customer"),
    Column("document_date", D, "date"),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount", True, currency="currency"),
    Column("in_period", F, "one of the documents is of the period", True),
    Column("finding", T, "how the numbers are alike", True),
))  # fmt: skip

DISORDER = Table("out_of_order", "a document dated before one with a lower number", ("series", "document_no", "item_id"), (
    Column("series", T, "series", True),
    _id("document_no", "document"),
    _id("item_id", "item"),
    _id("customer_id", "customer"),
    Column("document_date", D, "its date", True),
    Column("days", N, "days that it lies before a document with a lower number", True),
    Column("lower_no", T, "that document", True),
    Column("lower_on", D, "its date", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount", True, currency="currency"),
    Column("in_period", F, "posted in the period", True),
))  # fmt: skip

APPROVALS = Table("approvals", "a change of a receivable, and who approved it", ("rank",), (
    Column("rank", N, "1 is looked at first", True),
    _id("entity", "entity code"),
    _id("record_id", "item, or application of a reversal"),
    _id("document_no", "document"),
    Column("kind", T, "what it is", True),
    Column("posting_date", D, "when it was posted", True),
    _id("customer_id", "customer"),
    Column("reason", T, "reason code"),
    Column("currency", T, "currency", True),
    Column("amount", M, "by which the receivable changed, without sign", True, currency="currency"),
    Column("posted_by", T, "who entered it"),
    Column("proposed_by", T, "who proposed it"),
    Column("approved_by", T, "who approved it"),
    Column("approved_on", D, "day of the approval, where a record says it"),
    Column("state", T, "done, or not possible where no record of this kind of change names approvers", True, choices=State),
    Column("faults", T, "names of what is wrong, the gravest first; empty where nothing is"),
    Column("score", N, "points", True),
    Column("finding", T, "in words", True),
))  # fmt: skip

APPROVAL_FAULTS = Table("approval_faults", "a fault of approvals in a currency", ("fault", "currency"), (
    Column("fault", T, "what is wrong", True),
    Column("currency", T, "currency", True),
    Column("documents", N, "documents", True),
    Column("amount", M, "by which receivables changed", True, currency="currency"),
))  # fmt: skip
