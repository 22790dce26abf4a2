"""Declared tables of the work lists. Floor 1.

`currency` is that of the amounts beside it; where a table adds up several currencies of an account it is the books'
currency at closing rates. Names, reasons and notes of people are hostile text.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.ledger.frames import LARGE_BALANCES
from arlib.policy import AgingPolicy
from arlib.tables.choices import ExceptionProcedure
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class Turn(StrEnum):
    """Whether a call fits into the day."""

    TODAY = "today"
    NEXT = "next"


class Change(StrEnum):
    """What an assignment does to an account."""

    STAYS = "stays"
    NEW = "new"  # nobody had it, or somebody who takes no portfolio now
    MOVED = "moved"
    UNPLACED = "unplaced"


class ExceptionState(StrEnum):
    """Where a special exception stands at the as-of date."""

    EXPIRED = "expired"  # its last day has passed, and it has not been ended or renewed
    NO_EXPIRY = "no_expiry"
    NOT_APPROVED = "not_approved"
    EXPIRES_SOON = "expires_soon"
    IN_FORCE = "in_force"
    NOT_BEGUN = "not_begun"


def _who(*, is_key: bool = True) -> tuple[Column, ...]:
    return (
        Column("entity", T, "entity code", True, is_key=True),
        Column("customer_id", T, "customer code at the as-of date; '' where none is known", is_key=is_key),
    )


CHANCES = Table("collection_rates", "what share of past-due items came in within the days of the policy", ("habit", "bucket"), (
    Column("habit", T, "how the customer pays: none_known, on_time, late, very_late", True),
    Column("bucket", T, "bucket of the aging", True),
    Column("items", N, "past-due items of that habit and bucket that the past shows", True),
    Column("seen_rate", R, "share of their open amount that cash paid in time, each item counted alike", may_be_zero=True),
    Column("rate", R, "share that the lists use: the same, pulled towards wider groups where items are few", True, may_be_zero=True),
))  # fmt: skip

ACCOUNT_PARTS = Table("account_parts", "past due of a customer in one currency, and what a call can bring in of it", ("entity", "customer_id", "currency"), (
    *_who(),
    Column("currency", T, "document currency", True),
    Column("past_due", M, "open debit items at least one day past due", True, currency="currency"),
    Column("excluded", M, "of accounts and items that nobody calls", True, currency="currency"),
    Column("planned", M, "on a payment arrangement that is kept", True, currency="currency"),
    Column("disputed", M, "in dispute", True, currency="currency"),
    Column("promised", M, "promised for a day that has not come", True, currency="currency"),
    Column("covered", M, "covered by cash and credits of the customer that are not applied", True, currency="currency"),
    Column("collectable", M, "the rest", True, currency="currency"),
    Column("expected", M, "share of the rest that the past expects, without uplifts", True, currency="currency"),
))  # fmt: skip

CALL_LIST = Table("call_list", "a customer to call", ("entity", "collector", "customer_id"), (
    *_who(),
    Column("collector", T, "who calls; '' where nobody has the account"),
    Column("rank", N, "place in the collector's list", True),
    Column("turn", T, "today; or next, when the day is full or the customer agreed to a later one", True, choices=Turn),
    Column("name", T, "name of the customer"),
    Column("contact", T, "person who pays there"),
    Column("phone", T, "telephone of the contact"),
    Column("currency", T, "the books' currency", True),
    Column("past_due", M, "open debit items past due", currency="currency"),
    Column("collectable", M, "of it, what a call can bring in", currency="currency"),
    Column("chance", R, "share expected of a call today; empty where no amount is known", may_be_zero=True),
    Column("expected", M, "expected recovery of a call today", currency="currency"),
    Column("oldest_due_date", D, "earliest due date of what is collectable"),
    Column("max_days_past_due", N, "days past due of the oldest"),
    Column("usual_days_late", N, "days that the customer pays late by habit; empty where not known"),
    Column("last_contact_on", D, "last contact"),
    Column("next_on", D, "day set for the next contact"),
    Column("reason", T, "why it is called, in words", True),
))  # fmt: skip

LEFT_OUT = Table("left_out", "past due that is not on the call list, and why", ("entity", "customer_id", "currency", "cause"), (
    *_who(),
    Column("collector", T, "who has the account"),
    Column("name", T, "name of the customer"),
    Column("cause", T, "why, a machine word", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "past due that is left out for it", True, currency="currency"),
    Column("books_amount", M, "the same at the closing rate; empty where there is none", currency="functional"),
    Column("is_whole", F, "nothing of the account is left to call for in this currency", True),
    Column("detail", T, "the same in a sentence, citing the record", True),
))  # fmt: skip

ESCALATIONS = Table("escalations", "an account that goes up", ("entity", "customer_id"), (
    *_who(),
    Column("name", T, "name"),
    Column("collector", T, "who collects"),
    Column("sales_rep", T, "who sells"),
    Column("to", T, "who it goes to: the highest step reached", True),
    Column("days_past_due", N, "days past due of the step", True),
    Column("currency", T, "the books' currency", True),
    Column("limit_amount", M, "amount of the step", True, currency="currency"),
    Column("amount", M, "items that are so late or later", True, currency="currency"),
    Column("past_due", M, "all that is past due", True, currency="currency"),
    Column("max_days_past_due", N, "days past due of the oldest", True),
    Column("last_escalated_on", D, "last escalation on record"),
    Column("is_due", F, "no escalation on record since the oldest item reached the step", True),
    Column("reason", T, "in words", True),
))  # fmt: skip

EXCEPTION_LIST = Table("exception_list", "an account or item outside the standard procedure", ("entity", "exception_id"), (
    Column("exception_id", T, "identifier", True, is_key=True),
    *_who(),
    Column("name", T, "name"),
    Column("item_id", T, "item; empty for the account", is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    Column("procedure", T, "what is not done, or done otherwise", True, choices=ExceptionProcedure),
    Column("reason", T, "why", True),
    Column("owner", T, "who answers for it"),
    Column("approved_by", T, "who approved it"),
    Column("valid_from", D, "first day", True),
    Column("expires_on", D, "last day"),
    Column("days_left", N, "days to the last one; negative since it passed"),
    Column("state", T, "where it stands; the first of the words that fits", True, choices=ExceptionState),
    Column("is_finding", F, "somebody has to decide", True),
    Column("currency", T, "the books' currency", True),
    Column("past_due", M, "past due that it stands on", True, currency="currency"),
    Column("what", T, "what to do, in words", True),
))  # fmt: skip

LARGE = Table("large_balances", "one currency of a customer whose past-due total is above the limit", LARGE_BALANCES.key, (
    *LARGE_BALANCES.columns,
    Column("name", T, "name"),
    Column("collector", T, "who collects"),
    Column("sales_rep", T, "who sells"),
))  # fmt: skip

PORTFOLIOS = Table("portfolios", "an account and the collector who has it", ("entity", "customer_id"), (
    *_who(),
    Column("name", T, "name"),
    Column("region", T, "region"),
    Column("items", N, "open transactions", True),
    Column("currency", T, "the books' currency", True),
    Column("amount", M, "open debit items at closing rates; without currencies that have no rate", True, currency="currency"),
    Column("collector_before", T, "who had it"),
    Column("collector", T, "who has it now; '' where nobody has room"),
    Column("change", T, "what changes", True, choices=Change),
    Column("why", T, "why it changes, in words"),
))  # fmt: skip

LOADS = Table("portfolio_loads", "the portfolio of a collector before and after an assignment", ("entity", "collector"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("collector", T, "who collects; '' for accounts of nobody"),
    Column("accounts_before", N, "accounts", True),
    Column("items_before", N, "open transactions", True),
    Column("accounts", N, "accounts after it", True),
    Column("items", N, "open transactions after it", True),
    Column("currency", T, "the books' currency", True),
    Column("amount_before", M, "open debit items", True, currency="currency"),
    Column("amount", M, "open debit items after it", True, currency="currency"),
    Column("regions", T, "regions after it"),
    Column("came", N, "accounts that came", True),
    Column("left", N, "accounts that left", True),
))  # fmt: skip


def hit_list_table(policy: AgingPolicy) -> Table:
    """The hit list: a customer of a sales executive, one money column a past-due bucket, in the books' currency."""
    buckets = [
        Column(bucket, M, f"past due in {bucket}", True, currency="currency")
        for bucket in policy.past_due_buckets
    ]
    return Table("hit_list", "a customer with past-due amounts, for its sales executive", ("entity", "sales_rep", "customer_id"), (
        *_who(),
        Column("sales_rep", T, "who sells; '' where nobody is named"),
        Column("name", T, "name"),
        Column("collector", T, "who collects"),
        Column("currency", T, "the books' currency", True),
        *buckets,
        Column("total", M, "all past due", True, currency="currency"),
        Column("oldest_due_date", D, "earliest due date"),
        Column("max_days_past_due", N, "days past due of the oldest", True),
        Column("largest_document", T, "number of the largest document past due", is_key=True),
        Column("largest_amount", M, "its open amount", currency="currency"),
        Column("disputed", M, "of the total, in dispute", True, currency="currency"),
        Column("last_contact_on", D, "last contact with the customer"),
        Column("promise_on", D, "day of the next promise"),
        Column("promised", M, "promised, and not yet due", True, currency="currency"),
        Column("unrated", T, "past due in currencies without a closing rate, not in the amounts"),
    ))  # fmt: skip
