"""Declared tables of dunning: letters, their lines, what is spared, bank accounts, special letters. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class Outcome(StrEnum):
    """Where an open amount that is in no letter stands."""

    SPARED = "spared"  # a record forbids or excuses a letter
    WAITING = "waiting"  # past due, and the next letter is not due yet
    DONE = "done"  # every letter was sent
    NOT_DUE = "not_due"
    NO_DUE_DATE = "no_due_date"
    BELOW_MINIMUM = "below_minimum"
    CREDIT = "credit"


class Spared(StrEnum):
    """Why an open amount is spared."""

    INTERCOMPANY = "intercompany"
    BANKRUPT = "bankrupt"
    ESTATE = "estate"
    LEGAL = "legal"
    AGENCY = "agency"
    SANCTIONED = "sanctioned"
    CEASE_CONTACT = "cease_contact"
    LEGAL_HOLD = "legal_hold"
    SANCTION_HOLD = "sanction_hold"
    CLAIM = "claim"
    DISCHARGED = "discharged"
    FACTORED = "factored"
    ASSIGNED = "assigned"
    PLACED = "placed"
    NO_CUSTOMER = "no_customer"
    HOLD = "hold"
    EXCEPTION = "exception"
    DISPUTED = "disputed"
    DEDUCTION = "deduction"
    PROMISE = "promise"
    PLAN = "plan"
    COVERED = "covered"


class SpecialKind(StrEnum):
    """Letters outside the levels of dunning."""

    NSF = "nsf"
    ESTATE = "estate"
    BANKRUPTCY = "bankruptcy"
    REMITTANCE_REQUEST = "remittance_request"
    BROKEN_PROMISE = "broken_promise"
    EXEMPTION_REQUEST = "exemption_request"


NEEDS_BANK = frozenset({SpecialKind.BROKEN_PROMISE})  # asks for money that may have come in

_ITEM = (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
)

HARD_EXCLUSIONS = Table("hard_exclusions", "an open debit that no letter may ask for, whatever the policy says", ("entity", "item_id", "instalment_no"), (
    *_ITEM,
    Column("customer_id", T, "customer; empty where it is not known", is_key=True),
    Column("reason", T, "the first reason that applies", True, choices=Spared),
    Column("cites", T, "record that says so: a hold, claim, placement, account; empty where it is the customer's own"),
    Column("because", T, "the reason in words", True),
))  # fmt: skip

DUNNING_LETTERS = Table("dunning_letters", "a letter that is due", ("entity", "letter_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("letter_id", T, "letter: customer, currency, level and day", True, is_key=True),
    Column("customer_id", T, "who is written to: the customer, or its parent by policy", True, is_key=True),
    Column("name", T, "name"),
    Column("currency", T, "currency", True),
    Column("level", N, "level of the letter: the highest of its items", True),
    Column("template", T, "name of the letter", True),
    Column("channel", T, "email or letter", True),
    Column("language", T, "language of the customer; empty where none is known"),
    Column("items", N, "open items in it", True),
    Column("asked", M, "open amount asked for", True, currency="currency"),
    Column("credits", M, "open credits and unapplied cash set against it, 0 or less", True, currency="currency"),
    Column("interest", M, "interest asked for, not posted", True, currency="currency"),
    Column("compensation", M, "flat compensation by law asked for, not posted", True, currency="currency"),
    Column("fee", M, "fee of the letter by contract, not posted", True, currency="currency"),
    Column("to_pay", M, "all of it", True, currency="currency"),
    Column("left_out", M, "of the same items, what is disputed, promised or planned", True, currency="currency"),
    Column("oldest_due", D, "earliest due date", True),
    Column("days_past_due", N, "most days past due; negative before the due date", True),
    Column("pay_by", D, "day by which it asks for payment", True),
))  # fmt: skip

DUNNING_LINES = Table("dunning_lines", "an open item, or an open part of it, in a letter", ("entity", "letter_id", "item_id", "instalment_no"), (
    *_ITEM,
    Column("letter_id", T, "letter", True, is_key=True),
    Column("customer_id", T, "customer", True, is_key=True),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("document_date", D, "date of the document"),
    Column("due_date", D, "due date that the days are counted from", True),
    Column("days_past_due", N, "days past it; negative before", True),
    Column("currency", T, "currency", True),
    Column("outstanding", M, "open amount", True, currency="currency"),
    Column("asked", M, "what the letter asks for of it", True, currency="currency"),
    Column("level", N, "level of this item", True),
    Column("last_level", N, "level of the last notice on it; empty where none was sent"),
    Column("last_sent_on", D, "day of the last notice"),
    Column("interest", M, "interest to the day of the letter, exact and rounded once", True, currency="currency"),
    Column("compensation", M, "flat compensation", True, currency="currency"),
    Column("interest_rule", T, "rule that gives them; empty where none does"),
    Column("asks_interest", F, "the letter asks for them: its level does, and counsel confirmed the rule", True),
    Column("note", T, "how interest was come by, or why there is none"),
))  # fmt: skip

DUNNING_SPARED = Table("dunning_spared", "an open amount that is in no letter", ("entity", "item_id", "instalment_no", "part"), (
    *_ITEM,
    Column("part", N, "1, 2 ... where one item is spared for several reasons", True),
    Column("customer_id", T, "customer", is_key=True),
    Column("name", T, "name"),
    Column("document_no", T, "document number", is_key=True),
    Column("due_date", D, "due date"),
    Column("currency", T, "currency", True),
    Column("amount", M, "open amount that is not asked for; credits negative", True, currency="currency"),
    Column("outcome", T, "where it stands", True, choices=Outcome),
    Column("reason", T, "of what is spared: the reason", choices=Spared),
    Column("is_hard", F, "no policy can switch it off", True),
    Column("cites", T, "record that says so"),
    Column("because", T, "the reason in words", True),
))  # fmt: skip

BANK_STANDINGS = Table("bank_standings", "how up to date a bank account is", ("entity", "bank_account"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("bank_account", T, "our account", True, is_key=True),
    Column("up_to", D, "last day that its statements cover, or its newest line; empty where there is none"),
    Column("told_by", T, "statement, line or none", True),
    Column("business_days", N, "business days after that day, up to and with the as-of date"),
    Column("is_up_to_date", F, "within the policy's limit", True),
    Column("because", T, "in words", True),
))  # fmt: skip

SPECIAL_LETTERS = Table("special_letters", "a letter outside the levels of dunning", ("entity", "letter_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("letter_id", T, "letter", True, is_key=True),
    Column("kind", T, "which letter", True, choices=SpecialKind),
    Column("customer_id", T, "customer that it is about", True, is_key=True),
    Column("name", T, "name of the customer"),
    Column("addressee", T, "who is written to instead of the customer: court or administrator; empty otherwise"),
    Column("language", T, "language of the customer; empty where none is known"),
    Column("currency", T, "currency; empty where the letter has no amount"),
    Column("amount", M, "what it is about: payment returned, debt, promise", currency="currency"),
    Column("discount", M, "of a returned payment: the discount allowed with it that lapsed", currency="currency"),
    Column("fee", M, "of a returned payment: the fee charged for it, one of its lines", currency="currency"),
    Column("case_no", T, "case, certificate, promise or receipts that it cites", is_key=True),
    Column("happened_on", D, "return, petition or death, receipt, promise or last day of the certificate"),
    Column("answer_by", D, "day by which an answer is needed"),
    Column("detail", T, "return code, place or the like; never trusted as a formula or markup"),
    Column("cites", T, "records that it rests on"),
))  # fmt: skip

SPECIAL_LINES = Table("special_lines", "a document in a special letter", ("entity", "letter_id", "line_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("letter_id", T, "letter", True, is_key=True),
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("item_id", T, "item", is_key=True),
    Column("document_no", T, "document", is_key=True),
    Column("document_date", D, "its date"),
    Column("due_date", D, "its due date"),
    Column("days_past_due", N, "days past due"),
    Column("currency", T, "currency", True),
    Column("amount", M, "open amount that the letter is about; of a receipt what came in; credits negative", True, currency="currency"),
))  # fmt: skip

SPECIAL_LEFT_OUT = Table("special_left_out", "a special letter that is not written", ("entity", "kind", "customer_id", "cites"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("kind", T, "which letter", True, choices=SpecialKind),
    Column("customer_id", T, "customer", is_key=True),
    Column("name", T, "name"),
    Column("cites", T, "record that would have asked for it"),
    Column("because", T, "why not", True),
))  # fmt: skip
