"""Declared tables of what open items and aging return. Floor 1.

Text keys of totals are '' (never missing) where a document has none, so that no group is lost. Amounts keep
the sign of the ledger: debits +, credits and cash -.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from arlib.errors import ParameterError
from arlib.policy import AgingPolicy
from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class DueFrom(StrEnum):
    """Where an open item's due date comes from."""

    ITEM = "item"
    INSTALMENT = "instalment"
    RESTORED = "restored"  # a returned payment takes the due date of what the payment had settled
    OWN_DATE = "own_date"  # a returned payment that had settled nothing
    NONE = "none"


class Measure(StrEnum):
    """Which amount an aging shows."""

    OUTSTANDING = "outstanding"  # document currency
    FUNCTIONAL = "functional_outstanding"  # carrying amount at booking rates, in the books' currency
    REVALUED = "revalued"  # carrying amount and unreversed revaluation, in the books' currency


OPEN_ITEMS = Table(
    "open_items", "an open item, or an open due part of it, at the as-of date",
    ("entity", "item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item identifier", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    Column("customer_id", T, "customer code at the as-of date; empty for unidentified cash", is_key=True),
    Column("document_customer_id", T, "customer code on the document, before any merge", is_key=True),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("document_date", D, "date printed on the document, else its effective date", True),
    Column("effective_date", D, "business date", True),
    Column("posting_date", D, "ledger date, else its effective date", True),
    Column("due_date", D, "contractual due date as it stood at the as-of date, if any"),
    Column("original_due_date", D, "due date before any residual, rebill or rescheduling"),
    Column("item_due_date", D, "due date of the whole item: its own, else of its last part"),
    Column("due_from", T, "where the due date comes from", True, choices=DueFrom),
    Column("currency", T, "ISO 4217 code of the document", True),
    Column("amount", M, "gross amount of the item or part", True, currency="currency"),
    Column("outstanding", M, "what is open; 0 where a carrying amount is left", True, currency="currency"),
    Column("functional_outstanding", M, "carrying amount of what is open", currency="functional"),
    Column("revaluation", M, "revaluation not taken back by the as-of date", True, currency="functional"),
    Column("control_account", T, "ledger account that it stands on", is_key=True),
    Column("cash_status", T, "for cash: where it stands when not applied", choices=choices.ReceiptStatus),
    Column("sales_rep", T, "who sold"),
    Column("segment", T, "segment for loss rates"),
    Column("assigned_to", T, "factor, agency or attorney that holds it"),
    Column("reverses", T, "item that this one reverses", is_key=True),
    Column("replaces", T, "item whose rest this one carries on", is_key=True),
    Column("batch_id", T, "batch that brought it", is_key=True),
    Column("reason", T, "reason code"),
    Column("user", T, "who entered it"),
    Column("authorised_by", T, "who authorised a new due date"),
))  # fmt: skip

AGED_ITEMS = Table("aged_items", "an open item with its age and bucket", OPEN_ITEMS.key, (
    *OPEN_ITEMS.columns,
    Column("aged_from", D, "day that the age is counted from; empty where there is none"),
    Column("days_past_due", N, "days to the as-of date; negative while not due"),
    Column("bucket", T, "place in the aging", True),
))  # fmt: skip

ATTRIBUTES = Table("customer_attributes", "a customer as it was at a date", ("entity", "customer_id"), (
    Column("entity", T, "entity code; empty when one account serves all", is_key=True),
    Column("customer_id", T, "customer code", True, is_key=True),
    Column("name", T, "name"),
    Column("country", T, "ISO 3166 code"),
    Column("is_intercompany", F, "a company of the group"),
    Column("parent_id", T, "customer code of the parent", is_key=True),
    Column("collector", T, "who collects"),
    Column("sales_rep", T, "who sells"),
    Column("region", T, "region"),
    Column("terms", T, "payment terms"),
    Column("status", T, "how it may be dealt with", choices=choices.CustomerStatus),
    Column("rating", T, "credit rating"),
    Column("credit_limit", M, "credit limit", currency="limit_currency"),
    Column("limit_currency", T, "currency of the limit"),
))  # fmt: skip

LARGE_BALANCES = Table(
    "large_balances", "one currency of a customer whose past-due total is above the limit",
    ("entity", "customer_id", "currency"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer code", True, is_key=True),
    Column("currency", T, "document currency", True),
    Column("items", N, "items at least so many days past due", True),
    Column("oldest_due_date", D, "earliest of their dates", True),
    Column("max_days_past_due", N, "age of the oldest", True),
    Column("amount", M, "total in document currency", True, currency="currency"),
    Column("rate", R, "closing rate, reporting per document unit"),
    Column("rate_date", D, "date of the rate"),
    Column("reporting_currency", T, "currency of the limit", True),
    Column("reporting_amount", M, "total in the limit's currency", True, currency="reporting_currency"),
    Column("customer_total", M, "what was compared with the limit", True, currency="reporting_currency"),
))  # fmt: skip

REAGED = Table(
    "reaged", "an item that got a later or earlier due date in the period", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item identifier", True, is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("item_type", T, "what it is", True, choices=choices.ItemType),
    Column("replaces", T, "item whose rest it carries on", is_key=True),
    Column("reaged_on", D, "day that the new due date was given", True),
    Column("original_due_date", D, "due date before", True),
    Column("due_date", D, "due date now", True),
    Column("days_moved", N, "days from the original to the new due date", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "amount re-aged: what was open at the end of the day", True, currency="currency"),
    Column("authorised_by", T, "who authorised it; empty when nobody is named"),
    Column("user", T, "who entered it"),
    Column("reason", T, "reason code"),
))  # fmt: skip

REAGED_TOTALS = Table(
    "reaged_totals", "the amount re-aged in the period by authoriser",
    ("entity", "currency", "authorised_by"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "document currency", True),
    Column("authorised_by", T, "who authorised it; '' when nobody is named"),
    Column("items", N, "items re-aged", True),
    Column("amount", M, "amount re-aged", True, currency="currency"),
))  # fmt: skip

AGING_COMPARED = Table(
    "aging_compared", "a bucket by contractual and by original due date", ("currency", "bucket"), (
    Column("currency", T, "document currency", True),
    Column("bucket", T, "place in the aging", True),
    Column("contractual", M, "by the due date now in force", True, currency="currency"),
    Column("risk", M, "by the original due date", True, currency="currency"),
    Column("moved", M, "risk less contractual", True, currency="currency"),
))  # fmt: skip

BASIS_BRIDGE = Table(
    "basis_bridge", "a document that counts in one view and not in the other",
    ("entity", "fact", "fact_id", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("fact", T, "item or application", True),
    Column("fact_id", T, "item or application", True, is_key=True),
    Column("item_id", T, "item whose outstanding differs by it", True, is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("document_no", T, "document number of the item", is_key=True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "customer view less control-account view", True, currency="currency"),
    Column("cause", T, "date_outside_period: dated and posted on two sides of the as-of date", True),
    Column("effective_date", D, "business date", True),
    Column("posting_date", D, "ledger date", True),
))  # fmt: skip


def aging_table(by: Sequence[str], measure: Measure = Measure.OUTSTANDING) -> Table:
    """The declared table of an aging by these columns: the columns, bucket and amount.

    Raises ParameterError for document amounts without `currency` among the columns: totals never cross
    currencies.
    """
    if not by or len(set(by)) != len(by) or {"bucket", "amount"} & set(by):
        raise ParameterError(
            "aging by", found=tuple(by), wanted="distinct columns such as 'customer_id', 'currency'"
        )
    if measure is Measure.OUTSTANDING and "currency" not in by:
        raise ParameterError(
            "aging by",
            found=tuple(by),
            wanted="'currency' among the columns: currencies do not add up",
            fix="Or ask for functional amounts.",
        )
    unit = "currency" if measure is Measure.OUTSTANDING else "functional"
    return Table("aging", "an amount in one place of the aging", (*by, "bucket"), (
        *(Column(name, T, "dimension; '' where a document has none") for name in by),
        Column("bucket", T, "place in the aging", True),
        Column("amount", M, "total of the open items in it", True, currency=unit),
    ))  # fmt: skip


AGING = aging_table(("customer_id", "currency"))


def wide_table(by: Sequence[str], policy: AgingPolicy, measure: Measure = Measure.OUTSTANDING) -> Table:
    """The declared table of an aging with one money column a bucket, and their total."""
    long = aging_table(by, measure)
    unit = long["amount"].currency
    money = [Column(bucket, M, f"open amount in {bucket}", True, currency=unit) for bucket in policy.buckets]
    total = Column("total", M, "sum of all buckets", True, currency=unit)
    return Table("aging_wide", "an aging line", tuple(by), (*(long[name] for name in by), *money, total))
