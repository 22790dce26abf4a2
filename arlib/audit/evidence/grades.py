"""How well a payment after the date is evidence that an invoice was owed at it. Floor 1.

A tick that "cash came in" is no alternative procedure (AS 2310, ISA 505): the payment must be shown for the invoice itself.
So each application is graded by what the bank and the payer say, not by what the ledger says about itself.
"""

from __future__ import annotations

from enum import StrEnum


class Weight(StrEnum):
    """What a grade is worth."""

    INVOICE = "invoice"  # cash from outside, shown for this invoice
    CUSTOMER = "customer"  # cash from outside; that it was for this invoice is only what the entity says
    NONE = "none"  # no evidence that the invoice was owed at the date


class Grade(StrEnum):
    """The grades, from the best evidence to what is none."""

    BANK_AND_ADVICE = "bank_and_advice"
    BANK_AND_AMOUNT = "bank_and_amount"
    BANK_LINES_AND_AMOUNT = "bank_lines_and_amount"
    POSTED_BEFORE_BANKED = "posted_before_banked"
    OTHER_PARTY = "other_party"
    ADVICE_FOR_LESS = "advice_for_less"
    BANKED_IN_PART = "banked_in_part"
    WITHOUT_ADVICE = "without_advice"
    NAMES_UNKNOWN = "names_unknown"
    NAMES_ANOTHER = "names_another"
    NO_BANK_LINE = "no_bank_line"
    NO_RECEIPT = "no_receipt"
    IN_LEDGER_BEFORE = "in_ledger_before"
    BANKED_BEFORE = "banked_before"
    REVERSED = "reversed"


WORDS = {
    Grade.BANK_AND_ADVICE: "bank line after the date, and the payment names the invoice",
    Grade.BANK_AND_AMOUNT: "bank line after the date of just the open amount, used for this invoice alone; no document is named",
    Grade.BANK_LINES_AND_AMOUNT: "several bank lines after the date that add up to just the open amount, used for this invoice alone; "
    "no document is named",
    Grade.POSTED_BEFORE_BANKED: "booked by the date, in the bank after it: the cash book was held open",
    Grade.OTHER_PARTY: "bank line after the date, but another party paid",
    Grade.ADVICE_FOR_LESS: "the payment names the invoice with a smaller amount than was applied to it",
    Grade.BANKED_IN_PART: "the bank shows less than the receipt",
    Grade.WITHOUT_ADVICE: "bank line after the date, applied without an advice that names a document of ours",
    Grade.NAMES_UNKNOWN: "bank line after the date, but the payment names a document that the books do not know",
    Grade.NAMES_ANOTHER: "the payment names another document than the one that it was applied to",
    Grade.NO_BANK_LINE: "the ledger shows a receipt, no bank line is linked to it",
    Grade.NO_RECEIPT: "applied as cash, but no receipt stands behind it",
    Grade.IN_LEDGER_BEFORE: "cash that the ledger held by the date, applied after it",
    Grade.BANKED_BEFORE: "in the bank by the date, booked after it: the invoice was paid by then",
    Grade.REVERSED: "reversed or returned since",
}
WEIGHTS = {
    Grade.BANK_AND_ADVICE: Weight.INVOICE,
    Grade.BANK_AND_AMOUNT: Weight.INVOICE,
    Grade.BANK_LINES_AND_AMOUNT: Weight.INVOICE,
    Grade.POSTED_BEFORE_BANKED: Weight.CUSTOMER,
    Grade.OTHER_PARTY: Weight.CUSTOMER,
    Grade.ADVICE_FOR_LESS: Weight.CUSTOMER,
    Grade.BANKED_IN_PART: Weight.CUSTOMER,
    Grade.WITHOUT_ADVICE: Weight.CUSTOMER,
    Grade.NAMES_UNKNOWN: Weight.CUSTOMER,
    Grade.NAMES_ANOTHER: Weight.NONE,
    Grade.NO_BANK_LINE: Weight.NONE,
    Grade.NO_RECEIPT: Weight.NONE,
    Grade.IN_LEDGER_BEFORE: Weight.NONE,
    Grade.BANKED_BEFORE: Weight.NONE,
    Grade.REVERSED: Weight.NONE,
}
EXCEPTIONS = frozenset(
    {Grade.NAMES_ANOTHER, Grade.BANKED_BEFORE, Grade.POSTED_BEFORE_BANKED, Grade.REVERSED, Grade.NO_RECEIPT,
     Grade.NO_BANK_LINE, Grade.BANKED_IN_PART, Grade.ADVICE_FOR_LESS, Grade.OTHER_PARTY}
)  # fmt: skip
WEIGHT_WORDS = {
    Weight.INVOICE: "evidence for the invoice",
    Weight.CUSTOMER: "cash of the customer, for the invoice by our word only",
    Weight.NONE: "no evidence",
}
