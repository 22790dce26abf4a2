"""Declared tables of statements: lines, movements, one row a statement and currency, and who gets none. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG


class MovementKind(StrEnum):
    """What moved a balance, as a customer reads it."""

    INVOICE = "invoice"
    DEBIT_MEMO = "debit_memo"
    CREDIT_MEMO = "credit_memo"
    CHARGEBACK = "chargeback"
    INTEREST_OR_FEE = "interest_or_fee"
    RECEIPT = "receipt"
    RETURNED = "returned"  # a payment that came back
    PREPAYMENT = "prepayment"
    REFUND = "refund"
    WRITE_OFF = "write_off"
    RECOVERY = "recovery"
    ADJUSTMENT = "adjustment"
    TRANSFER = "transfer"
    OPENING = "opening"
    DISCOUNT = "discount"  # allowed when a payment was applied
    OTHER_ACCOUNT = (
        "other_account"  # set against another account, currency, or an item that is not on the statement
    )


class NoStatement(StrEnum):
    """Why money of the ledger is on no statement."""

    SANCTIONED = "sanctioned"
    CEASE_CONTACT = "cease_contact"
    BANKRUPT = "bankrupt"
    ESTATE = "estate"
    LEGAL = "legal"  # status or hold
    AGENCY = "agency"
    INTERCOMPANY = "intercompany"
    SOLD = "sold"  # factored, or assigned to somebody else
    PLACED = "placed"  # with an agency or attorney
    UNIDENTIFIED = "unidentified"  # cash of nobody known
    NOTHING_OPEN = "nothing_open"  # moved in the period, nothing is open now


STATEMENT_LINES = Table("statement_lines", "an open item, or open due part, on a statement", ("entity", "addressee", "currency", "item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("addressee", T, "customer that the statement goes to", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("customer_id", T, "customer that owes it", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    Column("document_no", T, "document number", is_key=True),
    Column("item_type", T, "what it is, as a customer reads it", True, choices=MovementKind),
    Column("document_date", D, "date of the document", True),
    Column("due_date", D, "due date, if any"),
    Column("reference", T, "customer's order number"),
    Column("amount", M, "gross amount of the item or part", True, currency="currency"),
    Column("outstanding", M, "what is open", True, currency="currency"),
    Column("days_past_due", N, "days past due by the aging; negative while not due"),
    Column("bucket", T, "place in the aging", True),
    Column("disputed", M, "how much of it is in an open dispute", True, currency="currency"),
))  # fmt: skip

STATEMENT_MOVEMENTS = Table("statement_movements", "what changed a balance in the period", ("entity", "addressee", "currency", "on", "fact_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("addressee", T, "customer that the statement goes to", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("customer_id", T, "customer whose account it is", True, is_key=True),
    Column("on", D, "day", True),
    Column("fact_id", T, "item or application", True, is_key=True),
    Column("kind", T, "what it is, as a customer reads it", True, choices=MovementKind),
    Column("document_no", T, "document number", is_key=True),
    Column("reference", T, "customer's order number"),
    Column("amount", M, "change of the balance, debits +", True, currency="currency"),
))  # fmt: skip

STATEMENT_SUMMARY = Table("statement_summary", "a statement in one currency", ("entity", "customer_id", "currency"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer that it goes to", True, is_key=True),
    Column("name", T, "name"),
    Column("currency", T, "currency", True),
    Column("kind", T, "open item or balance forward", True),
    Column("language", T, "language that it is in", True),
    Column("accounts", N, "customer accounts on it", True),
    Column("lines", N, "open items on it", True),
    Column("opening", M, "balance before the period; of balance-forward statements", currency="currency"),
    Column("movements", M, "change in the period; of balance-forward statements", currency="currency"),
    Column("closing", M, "balance at the as-of date", True, currency="currency"),
    Column("past_due", M, "past due, before credits", True, currency="currency"),
    Column("credits", M, "credits and unapplied cash, negative", True, currency="currency"),
    Column("unapplied", M, "cash not applied, negative", True, currency="currency"),
    Column("disputed", M, "in an open dispute", True, currency="currency"),
    Column("books_closing", M, "closing balance at the closing rate; empty without one", currency="functional"),
))  # fmt: skip

STATEMENT_EXCLUDED = Table("statement_excluded", "money of the ledger that is on no statement", ("entity", "customer_id", "currency", "reason"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer code; '' for unidentified cash", is_key=True),
    Column("name", T, "name"),
    Column("currency", T, "currency", True),
    Column("reason", T, "why", True, choices=NoStatement),
    Column("items", N, "open items", True),
    Column("amount", M, "what is open of them", True, currency="currency"),
    Column("because", T, "the record that says so", True),
))  # fmt: skip

STATEMENT_GAPS = Table("statement_gaps", "what a statement's way to its customer lacks", ("entity", "customer_id", "gap"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer that it goes to", True, is_key=True),
    Column("name", T, "name"),
    Column("gap", T, "no_customer, no_email, no_address, no_language or language_without_words", True),
    Column("found", T, "what stands in the master data"),
    Column("collector", T, "who collects"),
))  # fmt: skip

STATEMENT_TOTALS = Table("statement_totals", "one currency: statements and what is on none, and the aging", ("entity", "currency"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("statements", N, "statements with this currency", True),
    Column("on_statements", M, "sum of their closing balances", True, currency="currency"),
    Column("excluded", M, "of customers and items without a statement", True, currency="currency"),
    Column("unidentified", M, "cash of nobody known", True, currency="currency"),
    Column("ledger", M, "open in the ledger: the total of the aging", True, currency="currency"),
    Column("difference", M, "statements, excluded and unidentified less ledger", True, currency="currency"),
))  # fmt: skip
