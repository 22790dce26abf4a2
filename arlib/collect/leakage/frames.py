"""Declared tables of leakage. Floor 1.

`books_` amounts are in the books' currency at booking rates. The kinds overlap: a dispute may end as a credit, a short
payment as a small write-off. `amount` is what a kind is about and never adds up over kinds; `lost` is counted once.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG


class Leak(StrEnum):
    """Where revenue leaks."""

    DEDUCTION = "deduction"
    SHORT_PAYMENT = "short_payment"
    DISPUTE = "dispute"
    CREDIT_AND_REBILL = "credit_and_rebill"
    LATE_BILLING = "late_billing"
    SMALL_WRITE_OFF = "small_write_off"
    UNEARNED_DISCOUNT = "unearned_discount"


def _amounts() -> tuple[Column, ...]:
    return (
        Column("currency", T, "document currency", True),
        Column("amount", M, "what it is about", True, currency="currency"),
        Column("pending", M, "of it, not decided yet", True, currency="currency"),
        Column("lost", M, "of it, given up for good", True, currency="currency"),
        Column("books_amount", M, "what it is about, at booking rates", currency="functional"),
        Column("books_pending", M, "not decided yet, at booking rates", currency="functional"),
        Column("books_lost", M, "given up for good, at booking rates", currency="functional"),
    )


LEAKAGE_RECORDS = Table("leakage_records", "a record that revenue leaked by", ("entity", "kind", "source_table", "source_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("kind", T, "where it leaks", True, choices=Leak),
    Column("source_table", T, "table of the book that it stands in", True),
    Column("source_id", T, "its identifier there", True, is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("item_id", T, "item that it is about", is_key=True),
    Column("document_no", T, "number that people quote", is_key=True),
    Column("cause", T, "cause: root cause, else reason code", True),
    Column("team", T, "team where it went wrong, as recorded or by the policy's routes", True),
    Column("on", D, "day", True),
    Column("month", T, "calendar month, such as 2026-10", True),
    *_amounts(),
))  # fmt: skip

LEAKAGE_LINES = Table("leakage", "a cause by team, customer and month", ("entity", "kind", "cause", "team", "customer_id", "month", "currency"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("kind", T, "where it leaks", True, choices=Leak),
    Column("cause", T, "cause: root cause, else reason code", True),
    Column("team", T, "team where it went wrong", True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("month", T, "calendar month, such as 2026-10", True),
    Column("records", N, "records behind it", True),
    *_amounts(),
    Column("unrated", N, "records without a booking rate: not in the books' amounts", True),
))  # fmt: skip

RECURRING_CAUSES = Table("recurring_causes", "a cause over all customers and months", ("entity", "kind", "cause"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("rank", N, "recurring ones first, then by what was lost, is pending, and it is about", True),
    Column("kind", T, "where it leaks", True, choices=Leak),
    Column("cause", T, "cause: root cause, else reason code", True),
    Column("team", T, "team that most records name", True),
    Column("months", N, "months in which it was seen", True),
    Column("customers", N, "customers with whom it was seen", True),
    Column("records", N, "records behind it", True),
    Column("first_month", T, "first of those months", True),
    Column("last_month", T, "last of those months", True),
    Column("currency", T, "currency of the books", True),
    Column("books_amount", M, "what it is about, at booking rates", True, currency="currency"),
    Column("books_pending", M, "not decided yet", True, currency="currency"),
    Column("books_lost", M, "given up for good", True, currency="currency"),
    Column("unrated", N, "records without a booking rate: not in the amounts", True),
    Column("is_recurring", F, "seen in as many months, or with as many customers, as the policy says", True),
    Column("what", T, "the same in words", True),
))  # fmt: skip

LATE_BILLING = Table("late_billing", "an invoice written later after the delivery than the policy allows", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "invoice", True, is_key=True),
    Column("document_no", T, "number that people quote", is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("delivery_date", D, "day of the delivery", True),
    Column("document_date", D, "day of the invoice", True),
    Column("days", N, "days between the two", True),
    Column("days_late", N, "days beyond those that the policy allows", True),
    Column("month", T, "calendar month, such as 2026-10", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "amount of the invoice", True, currency="currency"),
    Column("amount_days", M, "amount times days late: money for a day, not money lost", True, currency="currency"),
    Column("books_amount", M, "amount at the booking rate", currency="functional"),
    Column("books_amount_days", M, "the same times days late", currency="functional"),
))  # fmt: skip
