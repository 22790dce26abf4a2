"""Declared tables of credit review. Floor 1.

Amounts are minor units of the books' currency at the closing rates of the as-of date, in column `currency`, but where
another column is named. Shares are decimal text. Names, remarks and reasons that others wrote are never trusted as
formulas or markup.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import choices
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class Level(StrEnum):
    """Whose exposure a line is about."""

    CUSTOMER = "customer"
    PARENT = "parent"  # a parent and all its accounts together


class LimitFrom(StrEnum):
    """Where a limit comes from."""

    OWN = "own"
    MEMBERS = "members"  # the sum of the limits of the accounts of a group
    NONE = "none"


class Recommendation(StrEnum):
    """What a review recommends."""

    HOLD = "hold"
    RELEASE = "release"
    RAISE = "raise"
    LOWER = "lower"
    SET_LIMIT = "set_limit"
    KEEP = "keep"
    NOT_REVIEWED = "not_reviewed"


class FileState(StrEnum):
    """Where a document of a customer's file stands."""

    MISSING = "missing"
    EXPIRED = "expired"
    EXPIRES_SOON = "expires_soon"
    REVIEW_DUE = "review_due"
    ON_FILE = "on_file"


class TermsFinding(StrEnum):
    """What is to be said of terms beside a customer's own."""

    NOT_APPROVED = "not_approved"
    EXPIRED = "expired"
    NO_END = "no_end"
    WITHOUT_EXCEPTION = "item_without_exception"
    UNREADABLE = "unreadable_terms"  # no due date can be worked out from them
    NOT_BEGUN = "not_begun"
    STANDING = "standing"


class PortalFinding(StrEnum):
    """What is to be done about an invoice and its portal, the most urgent first."""

    REJECTED = "rejected"
    NEVER_SUBMITTED = "never_submitted"
    PAY_DATE_PASSED = "pay_date_passed"
    PAID_BUT_OPEN = "paid_but_open"
    WAITING = "waiting"
    SUBMITTED = "submitted"
    APPROVED = "approved"


class Strategy(StrEnum):
    """What is done with an account at risk."""

    CALL = "call"
    HOLD = "hold"
    PLAN = "plan"
    SECURE = "secure"
    PLACE = "place"
    LEGAL = "legal"
    WRITE_OFF = "write_off"
    RESERVE = "reserve"
    AS_AGREED = "as_agreed"  # an exception says how the customer is contacted, or that it is not


def _who() -> tuple[Column, ...]:
    return (
        Column("entity", T, "entity code", True, is_key=True),
        Column("customer_id", T, "customer code at the as-of date; empty where none is known", is_key=True),
        Column("name", T, "name; never trusted as a formula or markup"),
    )


_PEOPLE = (Column("collector", T, "who collects"), Column("sales_rep", T, "who sells"))
_CURRENCY = Column("currency", T, "books' currency", True)


def _books(name: str, meaning: str) -> Column:
    return Column(name, M, meaning, currency="currency")


EXPOSURES = Table("exposures", "what a customer owes and has ordered", ("entity", "customer_id"), (
    *_who(),
    Column("parent_id", T, "parent; its own code where it has none", True, is_key=True),
    *_PEOPLE,
    Column("status", T, "how it may be dealt with", choices=choices.CustomerStatus),
    Column("is_intercompany", F, "a company of the group", True),
    _CURRENCY,
    _books("open_debits", "owed, due or not"),
    _books("credits", "open credits and unapplied cash, above 0"),
    _books("netted_credits", "of them what the policy lets reduce the exposure"),
    _books("open_orders", "ordered and not billed"),
    _books("exposure", "open debits less netted credits, and open orders where the policy counts them"),
    _books("past_due", "of the open debits, past due"),
    _books("disputed", "of what is past due, in open disputes"),
    Column("oldest_due_date", D, "earliest due date past"),
    Column("max_days_past_due", N, "days since then"),
    _books("insured", "what credit insurance in force would pay of the open debits"),
    _books("secured", "what guarantees and other security in force would pay of the rest"),
    Column("unrated", T, "what is owed or ordered in currencies without a closing rate, in words"),
))  # fmt: skip

CREDIT_REVIEW = Table("credit_review", "exposure of a customer or a parent group against its limit", ("entity", "level", "customer_id"), (
    Column("level", T, "one customer, or a parent with all its accounts", True, choices=Level),
    *_who(),
    Column("accounts", N, "accounts in it", True),
    Column("status", T, "how it may be dealt with", choices=choices.CustomerStatus),
    *_PEOPLE,
    _CURRENCY,
    Column("limit_currency", T, "currency of the limit"),
    Column("credit_limit", M, "credit limit", currency="limit_currency"),
    _books("limit_in_books", "the limit at the closing rate"),
    Column("limit_from", T, "where the limit comes from", True, choices=LimitFrom),
    _books("open_debits", "owed, due or not"),
    _books("netted_credits", "own credits that the policy lets reduce the exposure, above 0"),
    _books("open_orders", "ordered and not billed"),
    _books("exposure", "what the limit is held against"),
    _books("available", "limit less exposure; below 0 is above the limit"),
    Column("utilisation", R, "exposure as a share of the limit", may_be_zero=True),
    _books("past_due", "of the open debits, past due"),
    Column("oldest_due_date", D, "earliest due date past"),
    Column("max_days_past_due", N, "days since then"),
    _books("unapplied", "open credits and cash that are not netted, above 0"),
    _books("insured", "what credit insurance would pay of the open debits"),
    _books("secured", "what guarantees and other security would pay of the rest"),
    Column("score", N, "score of payment behaviour; of a group the lowest of its accounts"),
    Column("score_text", T, "the score in words"),
    Column("bureau", T, "who gave the newest report with a score"),
    Column("bureau_score", R, "its score on a scale of 0, worst, to 100", may_be_zero=True),
    Column("bureau_on", D, "day of that report"),
    Column("is_on_hold", F, "on credit hold", True),
    Column("hold_since", D, "first day of the hold"),
    Column("recommendation", T, "what is recommended", True, choices=Recommendation),
    Column("proposed_limit", M, "limit proposed", currency="limit_currency"),
    Column("reason", T, "why, in words", True),
    Column("note", T, "what could not be told, or asks for care"),
))  # fmt: skip

HOLD_PROPOSALS = Table("hold_proposals", "a hold of orders, or its release, for a person to decide", ("entity", "customer_id"), (
    *_who(),
    *_PEOPLE,
    Column("action", T, "hold or release", True),
    Column("is_spared", F, "an exception forbids the hold, or a payment arrangement that is kept", True),
    Column("spared_because", T, "the exception with its owner and last day, or the arrangement"),
    _CURRENCY,
    _books("limit_in_books", "the limit at the closing rate; empty where none is given"),
    _books("exposure", "what the limit is held against"),
    _books("over_limit", "exposure above the limit; 0 where it is not"),
    _books("past_due", "past due, the disputed part left out"),
    _books("disputed", "past due and in dispute"),
    Column("max_days_past_due", N, "days past due of the oldest"),
    _books("open_orders", "ordered and not billed: what the hold stops"),
    Column("is_on_hold", F, "on credit hold now", True),
    Column("hold_since", D, "first day of the hold"),
    Column("reason", T, "why, in words", True),
))  # fmt: skip

FILE_CHECKLIST = Table("file_checklist", "a document that a customer's file has or should have", ("entity", "customer_id", "kind", "reference"), (
    *_who(),
    Column("kind", T, "what it is", True, choices=choices.FileKind),
    Column("reference", T, "number or name of the document; empty where it is missing"),
    Column("state", T, "where it stands", True, choices=FileState),
    Column("is_required", F, "the policy asks for it", True),
    Column("source", T, "customer_files or exemptions; empty where it is missing"),
    Column("jurisdiction", T, "of an exemption certificate"),
    Column("received_on", D, "day that we received it"),
    Column("expires_on", D, "last day that it holds"),
    Column("days_left", N, "days from the as-of date to its last day; below 0 it has expired"),
    Column("what", T, "what is to be done", True),
))  # fmt: skip

TERMS_REGISTER = Table("terms_register", "terms beside a customer's own", ("entity", "exception_id", "item_id"), (
    Column("exception_id", T, "exception; empty for an item without one", is_key=True),
    *_who(),
    Column("item_id", T, "item; empty for all that is billed in the time", is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    Column("finding", T, "what is to be said of it", True, choices=TermsFinding),
    Column("terms", T, "terms granted, or those that the due date comes to"),
    Column("customer_terms", T, "the customer's own terms then"),
    Column("granted_on", D, "first day of the exception"),
    Column("expires_on", D, "last day of it"),
    Column("requested_by", T, "who asked for it"),
    Column("approved_by", T, "who approved it"),
    Column("due_date", D, "of an item: its due date"),
    Column("due_by_terms", D, "of an item: due date by the customer's own terms"),
    Column("extra_days", N, "days granted beyond the own terms; below 0 is sooner"),
    Column("currency", T, "currency of the amount"),
    Column("amount", M, "of an item: what is open", currency="currency"),
    Column("reason", T, "why, as the record says"),
    Column("what", T, "what is to be done", True),
))  # fmt: skip

REFERENCES = Table("references", "a report of a bureau, a trade reference or a bank", ("entity", "customer_id", "provider", "reported_on"), (
    *_who(),
    Column("rank", N, "1 is the newest of the customer", True),
    Column("provider", T, "who reports", True),
    Column("kind", T, "bureau, trade or bank", True, choices=choices.ReferenceKind),
    Column("reported_on", D, "date of the report", True),
    Column("age_days", N, "days since then", True),
    Column("is_stale", F, "older than the months of the policy", True),
    Column("is_latest", F, "the newest of its provider", True),
    Column("score", N, "score as the provider gives it"),
    Column("score_of_100", R, "the same from 0, the worst of its scale, to 100, the best", may_be_zero=True),
    Column("rating", T, "rating in the provider's letters"),
    Column("days_beyond_terms", N, "days that others are paid late"),
    Column("currency", T, "currency of the limit"),
    Column("recommended_limit", M, "limit that the provider recommends", currency="currency"),
    Column("text", T, "remark; never trusted as a formula or markup"),
    Column("what", T, "what is to be said of it", True),
))  # fmt: skip

PORTALS = Table("portals", "an open invoice of a customer that pays through a portal", ("entity", "item_id", "portal"), (
    *_who(),
    Column("collector", T, "who collects"),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    Column("portal", T, "portal", True),
    Column("finding", T, "where it stands", True, choices=PortalFinding),
    Column("status", T, "status in the portal; empty where it was never submitted", choices=choices.PortalStatus),
    Column("submitted_on", D, "day that it was submitted"),
    Column("status_on", D, "day of the status"),
    Column("days", N, "days since the status, or since the document where there is none"),
    Column("pay_date", D, "day that the portal says it will be paid"),
    Column("due_date", D, "due date"),
    Column("days_past_due", N, "days to the as-of date; below 0 it is not due"),
    Column("currency", T, "currency of the item", True),
    Column("amount", M, "what is open", True, currency="currency"),
    Column("reason", T, "why it was rejected, as the portal says; never trusted as a formula or markup"),
    Column("what", T, "what is to be done", True),
))  # fmt: skip

HIGH_RISK = Table("high_risk", "an account at high risk", ("rank",), (
    Column("rank", N, "1 has most at risk", True),
    *_who(),
    *_PEOPLE,
    _CURRENCY,
    _books("exposure", "open debits less netted credits, and open orders"),
    _books("past_due", "of the open debits, past due"),
    Column("max_days_past_due", N, "days past due of the oldest"),
    _books("covered", "what insurance and other security would pay"),
    Column("points", N, "points of its drivers, at most 100", True),
    _books("risk_amount", "open debits that nothing covers, times points of 100: what the ranking goes by"),
    Column("score_text", T, "payment behaviour"),
    Column("drivers", T, "what makes it a risk, in words", True),
    Column("strategy", T, "what is done first", True, choices=Strategy),
    Column("also", T, "what else the policy asks for, machine words separated by |"),
    Column("words", T, "the strategy in a sentence or two", True),
))  # fmt: skip
