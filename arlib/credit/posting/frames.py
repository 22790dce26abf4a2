"""Journal lines of approved proposals, by roles. Floor 1."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from arlib.credit.posting.roles import Role
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    pass

T, D, M, N = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER


class Action(StrEnum):
    """How an ERP takes a leg of a proposal."""

    ADJUSTMENT = "adjustment"  # an item moved without cash
    CREDIT_MEMO = "credit_memo"
    INVOICE = "invoice"  # a debit to the customer: a rebilled invoice, a fee
    JOURNAL = "journal"  # the general ledger alone
    TRANSFER = "transfer"  # a payment moved from one document to another; in the ERP, by hand


ENTRIES = Table("entries", "a journal line of an approved proposal", ("entity", "proposal_id", "leg", "line_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("proposal_id", T, "proposal that it books", True, is_key=True),
    Column("leg", N, "posting of the proposal, 1, 2, 3 ...: one for each item, one for a new invoice; 0 is its commission", True),
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("action", T, "how an ERP takes the leg", True, choices=Action),
    Column("role", T, "part that the account plays", True, choices=Role),
    Column("customer_id", T, "customer of a line on a customer's account", is_key=True),
    Column("item_id", T, "item that the line moves", is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "debit +, credit -", True, currency="currency"),
    Column("functional_currency", T, "currency of the books"),
    Column("functional_amount", M, "at the carrying rate of the item; empty where it is not known", currency="functional_currency"),
    Column("reason", T, "reason code", True),
    Column("text", T, "the proposal's id, and what it is", True),
))  # fmt: skip
