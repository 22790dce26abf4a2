"""Declared tables of refunds and unclaimed property. Floor 1. Credits are positive here: what we owe the customer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from arlib.tables import Column, Kind, Table
from arlib.tables.choices import ItemType
from arlib.tables.rows import text

T, D, M, N, F = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG


class Way(StrEnum):
    """Which way an open credit goes. None is ever swept."""

    REFUND = "refund"  # proposed
    HELD = "held"  # a refund that something forbids
    APPLY = "apply"  # the customer has open debits of the currency: apply first
    WAIT = "wait"  # younger than the policy's days
    KEEP = "keep"  # on account on purpose, or a prepayment
    IDENTIFY = "identify"  # nobody knows whose it is
    UNCLAIMED = "unclaimed"  # too small to be sent back unasked: the dormancy clock runs


class UnclaimedState(StrEnum):
    """Where a credit stands on its way to the holder state."""

    RUNNING = "running"
    LETTER_DUE = "letter_due"
    REPORTABLE = "reportable"
    ESCHEATED = "escheated"
    EXEMPT = "exempt"  # a business's credit where the rule exempts businesses, or a company of the group
    NO_RULE = "no_rule"  # the place has no row: counsel must give one
    NO_PLACE = "no_place"  # neither the owner's nor the holder's place is known


CREDITS = Table("credits", "an open credit and which way it goes", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "the credit", True, is_key=True),
    Column("customer_id", T, "customer at the as-of date; empty for unidentified cash", is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("item_type", T, "what it is", True, choices=ItemType),
    Column("document_no", T, "its document number", is_key=True),
    Column("document_date", D, "its date", True),
    Column("days_open", N, "days from its date to the as-of date", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "what we owe the customer by it", True, currency="currency"),
    Column("functional_amount", M, "its carrying amount; empty where it is not known", currency="functional"),
    Column("open_debits", M, "what the customer owes in the same currency", True, currency="currency"),
    Column("overdue_items", N, "overdue items of the customer in any currency", True),
    Column("way", T, "which way it goes", True, choices=Way),
    Column("apply_amount", M, "of a credit to apply: how much of it open debits can take", currency="currency"),
    Column("because", T, "why, in words", True),
    Column("proposal_id", T, "the refund proposed or held", is_key=True),
))  # fmt: skip

BOOKED_REFUNDS = Table("booked_refunds", "a refund in the ledger or an approval, set against each other", ("entity", "item_id", "proposal_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "the refund in the ledger; empty where the approval is not booked", is_key=True),
    Column("proposal_id", T, "the approval; empty where nobody approved it here", is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("document_no", T, "document number of the refund", is_key=True),
    Column("posting_date", D, "ledger date of the refund"),
    Column("currency", T, "currency", True),
    Column("booked", M, "booked", True, currency="currency"),
    Column("approved", M, "approved", True, currency="currency"),
    Column("difference", M, "booked less approved", True, currency="currency"),
))  # fmt: skip

UNCLAIMED_PROPERTY = Table("unclaimed_property", "an open credit on the clock of its holder state", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "the credit", True, is_key=True),
    Column("customer_id", T, "owner; empty where nobody knows", is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("document_no", T, "its document number", is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "what we owe the owner", True, currency="currency"),
    Column("place", T, "state or country whose rule counts: the owner's last known address, else the holder's state"),
    Column("place_from", T, "owner or holder; empty where neither is known"),
    Column("clock_start", D, "last contact of the owner, not before the credit's own date", True),
    Column("clock_from", T, "what the last contact was", True),
    Column("dormant_on", D, "first day that it is dormant"),
    Column("letter_from", D, "first day of the due-diligence letter; empty where none is asked for"),
    Column("letter_by", D, "last day of the letter"),
    Column("letter_sent_on", D, "day that it was sent"),
    Column("report_due", D, "last day to report"),
    Column("state", T, "where it stands", True, choices=UnclaimedState),
    Column("note", T, "what must be known beside it, in words"),
    Column("is_confirmed", F, "whether counsel confirmed the rule"),
))  # fmt: skip

LETTERS = Table("due_diligence_letters", "a letter to the owner of unclaimed credits", ("entity", "customer_id", "currency", "report_due"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "owner", True, is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("address", T, "last known address"),
    Column("place", T, "state or country that it would be reported to", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "together", True, currency="currency"),
    Column("credits", N, "credits", True),
    Column("documents", T, "their document numbers, separated by commas", True),
    Column("dormant_on", D, "day that the first of them is dormant", True),
    Column("send_from", D, "first day of the letter", True),
    Column("send_by", D, "last day of the letter", True),
    Column("report_due", D, "day by which they are reported", True),
    Column("is_late", F, "the last day of the letter has passed", True),
))  # fmt: skip


def text_of(row: Mapping[str, Any] | None, name: str) -> str:
    """The text in a column of a plain row, '' where there is none, or no row."""
    return text(row.get(name)) if row else ""
