"""Declared tables of collected against target. Floor 1.

Texts that name a collector, a region or a bucket are '' where there is none, so that no line is lost. Amounts in the books'
currency are at the closing rate of the day that the portfolio was frozen on, cash included, so that lines add up.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE


class Level(StrEnum):
    """What a total of collected against target is for."""

    ALL = "all"
    COLLECTOR = "collector"
    REGION = "region"
    BUCKET = "bucket"


class Cleared(StrEnum):
    """What a measure of clearing is about."""

    UNAPPLIED_CASH = "unapplied_cash"
    OPEN_CREDITS = "open_credits"


def _classes(unit: str) -> tuple[Column, ...]:
    return (
        Column("frozen", M, "open debits the day before the quarter", True, currency=unit),
        Column("collected", M, "cash on them since, net of reversals and returns", True, currency=unit),
        Column("returned", M, "of their cash, what came back as a debit of its own: not collected, and not open on them", True, currency=unit),
        Column("discounts", M, "cash discounts allowed on them", True, currency=unit),
        Column("credits", M, "credit memos set against them", True, currency=unit),
        Column("write_offs", M, "written off", True, currency=unit),
        Column("other", M, "anything else that settled them: transfers, contra, chargebacks and rebills in their place", True, currency=unit),
        Column("still_open", M, "what is open of them at the as-of date", True, currency=unit),
    )  # fmt: skip


MONEY = tuple(column.name for column in _classes("currency"))
SETTLED = MONEY[1:-1]

COLLECTED_ITEMS = Table("collected_items", "a debit, or an open due part of it, that was frozen at the start of the quarter", ("entity", "item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    Column("customer_id", T, "customer code at the start of the quarter", is_key=True),
    Column("name", T, "customer; never trusted as a formula or markup"),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("collector", T, "who held the account at the start of the quarter; '' for nobody", True),
    Column("region", T, "region at the start of the quarter; '' for none", True),
    Column("bucket", T, "place in the aging at the start of the quarter", True),
    Column("due_date", D, "due date at the start of the quarter"),
    Column("currency", T, "document currency", True),
    *_classes("currency"),
    Column("books_frozen", M, "frozen, in the books' currency; empty without a closing rate", currency="functional"),
    Column("books_collected", M, "collected, in the books' currency", currency="functional"),
))  # fmt: skip


def _against(*dimensions: Column) -> tuple[Column, ...]:
    return (
        *dimensions,
        Column("currency", T, "the books' currency", True),
        Column("accounts", N, "customers", True),
        Column("items", N, "items and due parts", True),
        *_classes("currency"),
        Column("rate", R, "collected as a share of frozen; empty where nothing was frozen", may_be_zero=True),
        Column("target_rate", R, "target as a share of frozen; empty where it is an amount or there is none", may_be_zero=True),
        Column("target_amount", M, "target as an amount; empty where there is none", currency="currency"),
        Column("difference", M, "collected less target; empty where there is none", currency="currency"),
        Column("to_collect", M, "still to collect to reach the target by the end of the quarter; 0 where it is reached", currency="currency"),
        Column("pro_rata", M, "target × days of the quarter gone ÷ days of the quarter", currency="currency"),
        Column("ahead", M, "collected less pro rata: what is ahead of an even pace, negative what is behind", currency="currency"),
        Column("target_for", T, "what the target was set for: the line itself, or what it is part of"),
        Column("what", T, "the line in words", True),
    )  # fmt: skip


COLLECTED_LINES = Table("collected_lines", "collected against target of a collector, region and bucket", ("entity", "collector", "region", "bucket"), _against(
    Column("entity", T, "entity code", True, is_key=True),
    Column("collector", T, "who held the account at the start of the quarter; '' for nobody", True),
    Column("region", T, "region at the start of the quarter; '' for none", True),
    Column("bucket", T, "place in the aging at the start of the quarter", True),
))  # fmt: skip

COLLECTED_TOTALS = Table("collected_totals", "collected against target of all, or of one collector, region or bucket", ("entity", "level", "name"), _against(
    Column("entity", T, "entity code", True, is_key=True),
    Column("level", T, "all, collector, region or bucket", True, choices=Level),
    Column("name", T, "which one; '' for all, and for nobody or none", True),
))  # fmt: skip

COLLECTED_CHECK = Table("collected_check", "a currency and bucket of the frozen portfolio, in document currency", ("entity", "currency", "bucket"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "document currency", True),
    Column("bucket", T, "place in the aging at the start of the quarter", True),
    Column("items", N, "items and due parts", True),
    *_classes("currency"),
    Column("gap", M, "frozen less all that settled it less what the sub-ledger has open: 0", True, currency="currency"),
))  # fmt: skip

PORTFOLIO_MOVES = Table("portfolio_moves", "a collector's portfolio: what came and what went in the quarter", ("entity", "collector"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("collector", T, "collector; '' for nobody", True),
    Column("currency", T, "the books' currency", True),
    Column("accounts_at_start", N, "accounts with open debits at the start of the quarter", True),
    Column("amount_at_start", M, "their open debits then", True, currency="currency"),
    Column("accounts_out", N, "accounts that went to another collector", True),
    Column("amount_out", M, "their open debits at the start of the quarter", True, currency="currency"),
    Column("accounts_in", N, "accounts that came from another collector", True),
    Column("amount_in", M, "their open debits at the start of the quarter", True, currency="currency"),
    Column("net", M, "in less out", True, currency="currency"),
    Column("what", T, "the movement in words", True),
))  # fmt: skip

PORTFOLIO_MOVED = Table("portfolio_moved", "an account that changed collector in the quarter", ("entity", "customer_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer code at the start of the quarter", True, is_key=True),
    Column("name", T, "customer; never trusted as a formula or markup"),
    Column("from_collector", T, "collector at the start of the quarter; '' for nobody", True),
    Column("to_collector", T, "collector at the as-of date; '' for nobody", True),
    Column("moved_on", D, "first day with the new collector"),
    Column("currency", T, "the books' currency", True),
    Column("amount", M, "open debits at the start of the quarter", True, currency="currency"),
))  # fmt: skip

CLEARED = Table("cleared", "unapplied cash or open credits of a currency, and what became of them in the quarter", ("entity", "kind", "currency"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("kind", T, "unapplied cash or open credits", True, choices=Cleared),
    Column("currency", T, "document currency", True),
    Column("items", N, "items open at the start of the quarter", True),
    Column("at_start", M, "open at the start of the quarter, positive", True, currency="currency"),
    Column("applied", M, "of it, set against debits", True, currency="currency"),
    Column("refunded", M, "of it, paid back", True, currency="currency"),
    Column("other", M, "of it, cleared otherwise: returned, transferred, written back", True, currency="currency"),
    Column("left", M, "of it, still open", True, currency="currency"),
    Column("rate", R, "cleared as a share of what was open at the start", may_be_zero=True),
    Column("new", M, "arisen in the quarter and open at the as-of date", True, currency="currency"),
    Column("now", M, "open at the as-of date: left and new", True, currency="currency"),
    Column("what", T, "the line in words", True),
))  # fmt: skip

ACTIVITY_BY_COLLECTOR = Table("activity_by_collector", "what a collector did in the period, against target", ("entity", "collector"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("collector", T, "who did it; '' for nobody named", True),
    Column("contacts", N, "contacts in the period", True),
    Column("calls", N, "of them, calls", True),
    Column("emails", N, "of them, e-mails", True),
    Column("letters", N, "of them, letters", True),
    Column("other", N, "of them, any other kind", True),
    Column("right_contacts", N, "of them, those in which the customer was reached", True),
    Column("right_rate", R, "right contacts as a share of contacts", may_be_zero=True),
    Column("contacts_target", N, "target of contacts; empty where there is none"),
    Column("contacts_difference", N, "contacts less target"),
    Column("promises_taken", N, "promises given to the collector in the period", True),
    Column("promises_due", N, "promises to the collector that were judged in the period", True),
    Column("promises_kept", N, "of those, kept in full", True),
    Column("kept_rate", R, "kept as a share of due", may_be_zero=True),
    Column("kept_target", R, "target of that share; empty where there is none", may_be_zero=True),
    Column("what", T, "the line in words", True),
))  # fmt: skip
