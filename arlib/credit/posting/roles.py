"""The part that an account plays in a posting; which account that is, the accounts file says. Floor 1."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The part that an account plays in a posting."""

    BANK = "bank"  # bank or bank clearing: debited with money received
    RECEIVABLE = "receivable"
    UNAPPLIED = "unapplied"  # cash of a known customer that no item takes yet, and cash of unknown payers
    DISCOUNT = "discount"
    BANK_CHARGE = "bank_charge"
    EXCHANGE = "exchange"
    TOLERANCE = "tolerance"  # rests too small to ask for
    BAD_DEBT = "bad_debt"  # credit-loss expense
    ALLOWANCE = "allowance"  # allowance for credit losses
    ADJUSTMENT = "adjustment"
    REVENUE = "revenue"  # debited by credit memos
    SALES_RETURNS = "sales_returns"  # goods taken back
    REBATE = "rebate"
    PRICE_CONCESSION = "price_concession"  # less revenue, and no credit loss: price, quality
    GOODWILL = "goodwill"
    FREIGHT = "freight"
    TAX = "tax"
    FEE_INCOME = "fee_income"
    PAYABLE = "payable"  # the supplier's account that a contra takes
    REFUND_CLEARING = "refund_clearing"  # what is to be paid back; the payment file clears it
    UNCLAIMED_PROPERTY = "unclaimed_property"  # owed to a holder state
    RECOVERY_INCOME = "recovery_income"
    COMMISSION_EXPENSE = "commission_expense"
    COMMISSION_PAYABLE = "commission_payable"  # earned and not yet paid
    COMMISSION_RECEIVABLE = "commission_receivable"  # paid, and to be given back
    CONVERSION = "conversion"  # between two currencies of one posting
