"""Declared tables of listing, roll-forward and credit balances. Floor 1.

Debits to the customer are positive, credits and cash negative, but in the tables of credit balances, where what is owed
to a customer is positive. Amounts of currency `functional` are in the books' currency.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.ledger.frames_control import RollLine
from arlib.tables import Column, Kind, Table
from arlib.tables.choices import ItemType

T, D, AT, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


def _id(name: str, meaning: str) -> Column:
    return Column(name, T, meaning, is_key=True)


POPULATION = Table("population", "a currency: what the question is about, and what it leaves out", ("currency",), (
    Column("currency", T, "document currency", True),
    Column("asked_rows", N, "rows that the question is about", True),
    Column("asked", M, "their total", True, currency="currency"),
    Column("other_rows", N, "rows that it leaves out", True),
    Column("other", M, "their total", True, currency="currency"),
    Column("all_rows", N, "both", True),
    Column("all", M, "both", True, currency="currency"),
))  # fmt: skip

LISTING = Table("listing", "an open item, or an open due part of it, at the date of the question", ("entity", "item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item identifier", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    _id("customer_id", "customer at the date; empty for unidentified cash"),
    Column("name", T, "customer's name; never trusted as a formula or markup"),
    Column("item_type", T, "what it is", True, choices=ItemType),
    _id("document_no", "document number"),
    Column("document_date", D, "date of the document", True),
    Column("posting_date", D, "ledger date", True),
    Column("due_date", D, "contractual due date, if any"),
    Column("days_past_due", N, "days past due; negative while not due"),
    Column("bucket", T, "place in the aging", True),
    Column("is_disputed", F, "a dispute on it was open at the end of the date", True),
    Column("disputes", T, "the disputes, separated by blanks"),
    _id("control_account", "ledger account that it stands on; empty where none is named"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "gross amount of the document or part", True, currency="currency"),
    Column("outstanding", M, "what is open", True, currency="currency"),
    Column("booked", M, "open at booking rates; empty where the books do not say", currency="functional"),
    Column("revaluation", M, "unrealised exchange that is booked on it", True, currency="functional"),
    Column("at_rate", M, "open at the rate of the date; a hedged item or an advance at its own; empty without a rate", currency="functional"),
    Column("rate", R, "functional per document unit"),
    Column("rate_on", D, "date of the rate"),
    Column("rate_from", T, "where the rate comes from, in words"),
    Column("is_hedged", F, "keeps its contract rate", True),
    Column("is_asked", F, "the question is about it", True),
))  # fmt: skip

TIE = Table("listing_tie", "a control account: listing, sub-ledger, general ledger and trial balance", ("account",), (
    _id("account", "control account; empty for items that name none"),
    Column("name", T, "account name"),
    Column("role", T, "what it is for"),
    Column("currency", T, "books' currency", True),
    Column("items", N, "open items on it", True),
    Column("listing", M, "listing: open at booking rates and unrealised exchange booked", True, currency="currency"),
    Column("subledger", M, "sub-ledger by its postings", currency="currency"),
    Column("ledger", M, "general ledger", currency="currency"),
    Column("trial_balance", M, "balance that the ledger states for that very date; empty where it states none", currency="currency"),
    Column("difference", M, "general ledger less listing", currency="currency"),
    Column("explained", M, "of it, with causes that cite documents", currency="currency"),
    Column("unexplained", M, "of it, without a cause", currency="currency"),
    Column("status", T, "how the control ended", True),
))  # fmt: skip

TIE_DOCUMENT = Table("listing_by_account", "a control account in one document currency", ("account", "currency"), (
    _id("account", "control account; empty for items that name none"),
    Column("currency", T, "document currency", True),
    Column("items", N, "open items", True),
    Column("outstanding", M, "listing", True, currency="currency"),
    Column("postings", M, "the sub-ledger's postings", True, currency="currency"),
    Column("difference", M, "listing less postings", True, currency="currency"),
))  # fmt: skip

FOREIGN = Table("foreign_currency", "open items of one currency on one account, at the rate of the date", ("currency", "account"), (
    Column("currency", T, "document currency", True),
    _id("account", "control account"),
    Column("items", N, "open items", True),
    Column("outstanding", M, "open in document currency", True, currency="currency"),
    Column("hedged", M, "of it, items that keep their contract rate", True, currency="currency"),
    Column("booked", M, "at booking rates; empty where an item does not say", currency="functional"),
    Column("revaluation", M, "unrealised exchange booked", True, currency="functional"),
    Column("at_rate", M, "at the rate of the date; empty without a rate", currency="functional"),
    Column("not_booked", M, "at the rate of the date less what is booked: exchange that the books lack", currency="functional"),
    Column("rate", R, "functional per document unit"),
    Column("rate_on", D, "date of the rate"),
    Column("rate_from", T, "where the rate comes from, or why there is none", True),
))  # fmt: skip

LATE_ENTRIES = Table("entered_later", "a fact dated on or before the date of the question and entered after it", ("fact", "fact_id", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("fact", T, "item or application", True),
    _id("fact_id", "item or application"),
    _id("item_id", "item whose open amount it changed"),
    _id("customer_id", "customer"),
    _id("document_no", "document of the item"),
    Column("effective_date", D, "business date", True),
    Column("posting_date", D, "ledger date", True),
    Column("entered_at", AT, "when it was entered, UTC", True),
    Column("user", T, "who entered it"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "what it changes of the item's open amount", True, currency="currency"),
))  # fmt: skip


class RollGroup(StrEnum):
    """The lines of a roll-forward as auditors ask for them, in order."""

    OPENING = "opening"
    ENTERED_LATE = "entered_late"  # dated on or before the interim date, entered after its period was closed
    INVOICES = "invoices"  # invoices, debit memos, fees and interest
    CREDITS = "credits"  # credit memos, discounts, deductions
    RECEIPTS = "receipts"  # net of returned payments and refunds
    ADJUSTMENTS = "adjustments"  # adjustments, transfers, contra, derecognition, balances taken over
    WRITE_OFFS = "write_offs"  # net of recoveries
    EXCHANGE = "exchange"
    CLOSING = "closing"


ROLL_GROUPS = Table("roll_forward_groups", "a group of lines of the roll-forward in one currency", ("measure", "currency", "line_no"), (
    Column("measure", T, "document or functional", True),
    Column("currency", T, "currency of the row", True),
    Column("line_no", N, "order of the lines", True),
    Column("group", T, "group of lines", True, choices=RollGroup),
    Column("amount", M, "signed: opening and groups sum to closing", True, currency="currency"),
    Column("count", N, "postings behind it", True),
    Column("is_total", F, "opening or closing", True),
))  # fmt: skip

ROLL_MONTHS = Table("roll_forward_months", "a group of lines in one month, in the books' currency", ("month", "group"), (
    Column("month", T, "calendar month of the posting date", True),
    Column("group", T, "group of lines", True, choices=RollGroup),
    Column("currency", T, "books' currency", True),
    Column("count", N, "postings", True),
    Column("amount", M, "signed", True, currency="currency"),
))  # fmt: skip

ROLL_DOCUMENTS = Table("roll_forward_documents", "a posting behind a line of the roll-forward", ("entity", "posting_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    _id("posting_id", "kind and source record, unique"),
    Column("group", T, "group of lines", True, choices=RollGroup),
    Column("line", T, "line of the roll-forward", True, choices=RollLine),
    Column("kind", T, "what moved the account", True),
    _id("account", "control account"),
    Column("date", D, "posting date", True),
    Column("entered_at", AT, "when it was entered, UTC"),
    Column("user", T, "who entered it"),
    _id("document_no", "document"),
    _id("customer_id", "customer"),
    Column("item_type", T, "type of the item"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "in document currency", True, currency="currency"),
    Column("functional_amount", M, "in the books' currency; empty where it is not known", currency="functional"),
    Column("is_asked", F, "the question is about it", True),
))  # fmt: skip

UNUSUAL = Table("unusual_movements", "a movement to look at, with why", ("side", "reference"), (
    Column("rank", N, "1 for the most reasons and the largest amount", True),
    Column("side", T, "sub_ledger or general_ledger", True),
    _id("reference", "posting, or journal/line"),
    _id("account", "control account"),
    Column("date", D, "posting date", True),
    Column("user", T, "who entered it"),
    _id("document_no", "document or journal"),
    _id("customer_id", "customer"),
    Column("line", T, "line of the roll-forward, or source of the journal", True),
    Column("currency", T, "books' currency", True),
    Column("amount", M, "amount", True, currency="currency"),
    Column("reasons", N, "how many reasons", True),
    Column("why", T, "the reasons in words", True),
))  # fmt: skip

ATTRIBUTE_CHANGES = Table("attribute_changes", "an attribute of a customer that was another at the interim date", ("customer_id", "attribute"), (
    _id("customer_id", "customer"),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("attribute", T, "what changed", True),
    Column("before", T, "at the interim date; empty where there was none"),
    Column("after", T, "at the date of the question"),
    Column("currency", T, "books' currency", True),
    Column("balance", M, "what the customer owes net, as far as its carrying amount is known", True, currency="currency"),
))  # fmt: skip


class CreditClass(StrEnum):
    """What an open credit is, as presentation needs it."""

    UNAPPLIED = "unapplied"  # cash of a known customer, not applied
    ON_ACCOUNT = "on_account"  # left so on purpose
    UNIDENTIFIED = "unidentified"  # payer unknown
    PREPAYMENT = "prepayment"  # paid in advance: a contract liability
    CREDIT_MEMO = "credit_memo"
    OVERPAID = "overpaid"  # a debit document that more was set against than it was
    OTHER = "other"  # write-off, transfer or adjustment that is not set against anything


CREDIT_ITEMS = Table("credit_items", "an open credit, and what of it is a liability", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    _id("item_id", "item"),
    _id("customer_id", "customer; empty for unidentified cash"),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("class", T, "what it is", True, choices=CreditClass),
    _id("document_no", "document"),
    Column("document_date", D, "date of the document", True),
    Column("days_open", N, "days from it to the date of the question", True),
    Column("age", T, "age in words", True),
    _id("control_account", "ledger account that it stands on"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "what is owed to the customer by it", True, currency="currency"),
    Column("open_debits", M, "what the customer owes in the same currency", True, currency="currency"),
    Column("carrying", M, "carrying amount; empty where the books do not say", currency="functional"),
    Column("set_off", M, "of it, what may reduce the customer's debits", currency="functional"),
    Column("reclassify", M, "of it, to show as a liability; 0 where it stands on a liability already", currency="functional"),
    Column("why", T, "why, in words", True),
    Column("owner_state", T, "where it stands as unclaimed property; empty where no clock runs"),
    Column("dormant_on", D, "first day that it is dormant under the holder's rule"),
    Column("is_asked", F, "the question is about it", True),
))  # fmt: skip

CREDIT_CUSTOMERS = Table("credit_customers", "a customer with open credits in one currency, beside its debits", ("customer_id", "currency"), (
    _id("customer_id", "customer; empty for unidentified cash"),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("currency", T, "document currency", True),
    Column("cash", M, "open receipts: unapplied, on account, unidentified, prepaid", True, currency="currency"),
    Column("credit_memos", M, "open credit memos and overpaid documents", True, currency="currency"),
    Column("others", M, "other credits", True, currency="currency"),
    Column("credits", M, "all credits", True, currency="currency"),
    Column("debits", M, "what the customer owes", True, currency="currency"),
    Column("group_debits", M, "what other customers of the same parent owe", True, currency="currency"),
    Column("net_credit", M, "credits beyond the customer's debits; 0 where debits are more", True, currency="currency"),
    Column("oldest_on", D, "date of the oldest credit", True),
    Column("right", T, "right of set-off on record; empty where there is none"),
    Column("reclassify", M, "to show as a liability", currency="functional"),
))  # fmt: skip

JOURNAL = Table("reclassification", "a line of the proposed reclassification", ("line_no",), (
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("account", T, "ledger account; empty where the books decide", is_key=True),
    Column("account_name", T, "its name, or the liability in words", True),
    Column("currency", T, "books' currency", True),
    Column("debit", M, "debit", True, currency="currency"),
    Column("credit", M, "credit", True, currency="currency"),
    Column("items", N, "open credits behind it", True),
    Column("text", T, "what it does", True),
))  # fmt: skip

CREDIT_AGES = Table("credit_ages", "open credits of one class and age", ("class", "age", "currency"), (
    Column("class", T, "what they are", True, choices=CreditClass),
    Column("age", T, "age in words", True),
    Column("currency", T, "document currency", True),
    Column("items", N, "items", True),
    Column("amount", M, "what is owed to customers", True, currency="currency"),
))  # fmt: skip
