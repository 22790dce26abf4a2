"""Declared tables of hints and root causes. Floor 1.

Names, texts and reasons that others wrote are never trusted as formulas or markup.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, M, N = Kind.TEXT, Kind.MONEY, Kind.INTEGER


class HintKind(StrEnum):
    """What somebody who looks into an account should look at."""

    DUPLICATE_INVOICE = "duplicate_invoice"
    DUPLICATE_PAYMENT = "duplicate_payment"
    DUPLICATE_CREDIT = "duplicate_credit"
    DUPLICATE_REFUND = "duplicate_refund"
    SKIPPED_INVOICE = "skipped_invoice"  # older, open, and passed over by later payments
    DOCUMENT_DATE = "document_date"  # about a year from the day on which it was posted
    SHORT_PAYMENT = "short_payment"
    UNEARNED_DISCOUNT = "unearned_discount"
    CREDIT_NOT_USED = "credit_not_used"
    CASH_ON_ACCOUNT = "cash_on_account"
    WRONG_CUSTOMER = "wrong_customer"
    DISPUTED_TWICE = "disputed_twice"
    PROMISE_COVERS = "promise_covers"
    NO_ORDER_NO = "no_order_no"
    PORTAL_REJECTED = "portal_rejected"
    PORTAL_MISSING = "portal_missing"


class Confidence(StrEnum):
    """How sure a hint is, the surest first."""

    CERTAIN = "certain"  # a record says so
    LIKELY = "likely"
    POSSIBLE = "possible"


HINTS = Table("hints", "something to look at on a customer's account", ("entity", "customer_id", "hint_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer code at the as-of date; empty for unidentified cash", is_key=True),
    Column("rank", N, "1 is the first to look at: the surest, then by kind, then by amount", True),
    Column("hint_id", T, "kind and the record that it starts from", True, is_key=True),
    Column("kind", T, "what it is", True, choices=HintKind),
    Column("sentence", T, "the same in words", True),
    Column("documents", T, "document numbers that it is about, separated by blanks"),
    Column("currency", T, "currency of the amount", True),
    Column("amount", M, "what is at stake, without sign", True, currency="currency"),
    Column("next_step", T, "what to do next", True),
    Column("confidence", T, "how sure it is", True, choices=Confidence),
    Column("team", T, "team that clears it, by the policy's routes", True),
    Column("item_id", T, "item that it starts from", is_key=True),
    Column("receipt_id", T, "receipt that it starts from", is_key=True),
    Column("evidence", T, "identifiers of the records behind it, separated by blanks", True),
))  # fmt: skip

ROOT_CAUSES = Table("root_causes", "a cause that records speak for, the likeliest first", ("entity", "item_id", "rank"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("rank", N, "1 is the likeliest", True),
    Column("cause", T, "root cause or reason code, as disputes have it", True),
    Column("team", T, "team where it went wrong, as recorded or by the policy's routes", True),
    Column("confidence", T, "how sure it is", True, choices=Confidence),
    Column("sentence", T, "why, in words; never trusted as a formula or markup", True),
    Column("evidence", T, "identifiers of the records behind it, separated by blanks", True),
))  # fmt: skip
