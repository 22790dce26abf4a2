"""Declared tables of contact with customers. Floor 1.

`books_amount` is in the books' currency at the closing rate of the as-of date, missing where there is no rate. An empty
`item_id` means the account as a whole. `what` is a sentence for people.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.credit.adjustments.frames import PLAN_STANDINGS
from arlib.tables.kinds import Column, Kind, Table

T, D, AT, M, N, F, R = (
    Kind.TEXT, Kind.DAY, Kind.INSTANT, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE,
)  # fmt: skip


class PromiseState(StrEnum):
    """What became of a promise."""

    OPEN = "open"  # its last day, grace included, is not over
    KEPT = "kept"
    PARTLY = "partly"
    BROKEN = "broken"
    NOT_OWED = "not_owed"  # nothing was open on the day that it was given: it is not judged


class InstalmentState(StrEnum):
    """What became of an instalment of an arrangement."""

    PAID = "paid"
    NOT_DUE = "not_due"
    IN_GRACE = "in_grace"
    MISSED = "missed"


class Obstacle(StrEnum):
    """What would prevent payment."""

    NO_ORDER_NO = "no_order_no"
    PORTAL_REJECTED = "portal_rejected"
    PORTAL_MISSING = "portal_missing"
    WRONG_ADDRESS = "wrong_address"
    TAX_DOCUMENT = "tax_document"
    COPY_ASKED = "copy_asked"
    DISPUTE = "dispute"


class Outside(StrEnum):
    """Why an open debit is outside the standard procedure; what the law says (`exclusions`) before what was agreed."""

    NO_CUSTOMER = "no_customer"
    INTERCOMPANY = "intercompany"
    BANKRUPT = "bankrupt"
    ESTATE = "estate"
    SANCTIONED = "sanctioned"
    CEASE_CONTACT = "cease_contact"
    LEGAL = "legal"
    LEGAL_HOLD = "legal_hold"
    AGENCY = "agency"
    PLACED = "placed"
    SOLD = "sold"
    ALL = "all"  # from here on by agreement with the customer, in COLLECTION_EXCEPTIONS
    NO_CALLS = "no_calls"
    OWN_SCHEDULE = "own_schedule"


def _entity() -> Column:
    return Column("entity", T, "entity code", True, is_key=True)


def _customer() -> tuple[Column, ...]:
    return (
        Column("customer_id", T, "customer code at the as-of date", is_key=True),
        Column("name", T, "name; never trusted as a formula or markup"),
        Column("collector", T, "who collects"),
    )


def _item() -> tuple[Column, ...]:
    return (
        Column("item_id", T, "item; empty for the account", is_key=True),
        Column("document_no", T, "number that people quote", is_key=True),
    )


def _books(name: str = "books_amount", meaning: str = "open amount in the books' currency") -> Column:
    return Column(name, M, meaning, currency="functional")


TOUCHES = Table("touches", "a contact that counts", ("entity", "customer_id", "item_id", "on", "source", "source_id"), (
    _entity(),
    Column("customer_id", T, "customer code at the as-of date", True, is_key=True),
    Column("item_id", T, "item; '' for the account as a whole", is_key=True),
    Column("on", D, "day, where the entity sits", True),
    Column("at", AT, "instant, UTC; of a notice the end of its day"),
    Column("kind", T, "call, email, letter ...", True),
    Column("outcome", T, "what came of it"),
    Column("done_by", T, "who"),
    Column("next_on", D, "day agreed for the next contact"),
    Column("is_right", F, "somebody who decides on payment answered", True),
    Column("source", T, "activities or dunning_notices", True),
    Column("source_id", T, "its identifier there", True, is_key=True),
))  # fmt: skip

OUTSIDE = Table("outside_procedure", "an open debit outside the standard procedure", ("entity", "item_id", "instalment_no"), (
    _entity(),
    Column("item_id", T, "item", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    *_customer(),
    Column("reason", T, "why: the first that applies", True, choices=Outside),
    Column("is_hard", F, "no policy can switch it off", True),
    Column("source_id", T, "record that says so", is_key=True),
    Column("currency", T, "document currency", True),
    Column("outstanding", M, "what is open", True, currency="currency"),
    _books(),
    Column("what", T, "why, in words"),
))  # fmt: skip

ITEM_TOUCHES = Table("item_touches", "an open debit and its last contact", ("entity", "item_id", "instalment_no"), (
    _entity(),
    Column("item_id", T, "item", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    *_customer(),
    Column("region", T, "region"),
    Column("document_no", T, "number that people quote", is_key=True),
    Column("document_date", D, "date printed on the document", True),
    Column("bucket", T, "place in the aging", True),
    Column("days_past_due", N, "days to the as-of date; negative while not due"),
    Column("currency", T, "document currency", True),
    Column("outstanding", M, "what is open", True, currency="currency"),
    _books(),
    Column("last_contact_on", D, "last contact on the item or its account; empty: never"),
    Column("last_kind", T, "what it was"),
    Column("last_outcome", T, "what came of it"),
    Column("days_since_contact", N, "days to the as-of date"),
    Column("last_right_contact_on", D, "last time that somebody who decides answered"),
    Column("counted_from", D, "the later of the last contact and the date of the document", True),
    Column("allowed_days", N, "days that may pass without a contact", True),
    Column("touch_by", D, "last day for the next contact to be in time", True),
    Column("is_in_cadence", F, "whether the cadence applies", True),
    Column("outside_reason", T, "why it does not", choices=Outside),
    Column("is_in_time", F, "whether the last contact is not too long ago; empty outside the cadence"),
    Column("what", T, "the same in words"),
))  # fmt: skip

ACCOUNT_TOUCHES = Table("account_touches", "a customer with open debits and the last contact", ("entity", "customer_id"), (
    _entity(),
    *_customer(),
    Column("region", T, "region"),
    Column("is_in_cadence", F, "whether the cadence applies to any of its items", True),
    Column("outside_reason", T, "why it does not", choices=Outside),
    Column("oldest_bucket", T, "bucket of its oldest item", True),
    Column("max_days_past_due", N, "age of that item; empty where none has a due date"),
    Column("items", N, "open debits, due parts counted once each", True),
    Column("currency", T, "currency of the books", True),
    _books(meaning="open debits"),
    _books("books_past_due", "of them past due"),
    _books("books_outside", "of them outside the cadence"),
    Column("last_contact_on", D, "last contact on the account or any of its items; empty: never"),
    Column("last_kind", T, "what it was"),
    Column("last_outcome", T, "what came of it"),
    Column("days_since_contact", N, "days to the as-of date"),
    Column("last_right_contact_on", D, "last time that somebody who decides answered"),
    Column("days_since_right_contact", N, "days to the as-of date"),
    Column("next_on", D, "day agreed last for the next contact"),
    Column("counted_from", D, "the later of the last contact and the date of the earliest open document", True),
    Column("allowed_days", N, "days that may pass without a contact: those of its most urgent item", True),
    Column("touch_by", D, "last day for the next contact to be in time", True),
    Column("days_over", N, "days since then; 0 while in time"),
    Column("is_in_time", F, "whether the last contact is not too long ago; empty outside the cadence"),
    Column("what", T, "the same in words"),
))  # fmt: skip

COVERAGE = Table("coverage", "accounts of a band of days past due: how many were touched in time", ("entity", "collector", "band"), (
    _entity(),
    Column("collector", T, "who collects; '' for all", is_key=True),
    Column("band", T, "days past due of the oldest item; the lowest band holds what is not yet due", True),
    Column("accounts", N, "accounts in the cadence", True),
    Column("touched", N, "of them touched in time", True),
    Column("share", R, "share of accounts touched in time; empty without accounts", may_be_zero=True),
    Column("currency", T, "currency of the books", True),
    _books(meaning="their open debits in the cadence"),
    _books("books_touched", "of them touched in time, item by item"),
    Column("amount_share", R, "share of the amount touched in time; empty without amount", may_be_zero=True),
    Column("target", R, "target for both shares", may_be_zero=True),
    Column("target_from", T, "targets, policy or none", True),
    Column("missing", N, "accounts still to touch to reach the target"),
    Column("meets", F, "share of accounts reaches the target; empty without target or accounts"),
    Column("amount_meets", F, "share of the amount reaches it"),
    Column("what", T, "the same in words"),
))  # fmt: skip

JUDGED_PROMISES = Table("judged_promises", "a promise to pay, judged from the ledger", ("entity", "promise_id"), (
    _entity(),
    Column("promise_id", T, "promise", True, is_key=True),
    *_customer(),
    *_item(),
    Column("owner", T, "who took it"),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount promised", True, currency="currency"),
    _books(meaning="amount promised"),
    Column("promised_on", D, "day that it was given", True),
    Column("pay_by", D, "day promised", True),
    Column("grace_ends_on", D, "last day on which payment keeps it", True),
    Column("judged_on", D, "the day after: until then a promise that is not kept is open", True),
    Column("paid", M, "paid in time, net of returns; no cash counts for two promises", True, currency="currency"),
    Column("left", M, "promised less paid", True, currency="currency"),
    Column("open_now", M, "of what is left, still owed at the as-of date", True, currency="currency"),
    Column("paid_rate", R, "share of it paid in time", may_be_zero=True),
    Column("state", T, "what became of it", True, choices=PromiseState),
    Column("stated_state", T, "what the collector's record says of it at the as-of date"),
    Column("differs", F, "the two differ", True),
    Column("unapplied", M, "unapplied cash of the customer at the as-of date, which may be the payment", currency="currency"),
    Column("what", T, "the same in words", True),
))  # fmt: skip

PROMISES_KEPT = Table("promises_kept", "promises judged in the period, and how many were kept", ("entity", "owner"), (
    _entity(),
    Column("owner", T, "who took them; '' for all", is_key=True),
    Column("due", N, "promises judged in the period: the day after the last day of grace is in it", True),
    Column("kept", N, "of them kept", True),
    Column("partly", N, "of them kept in part", True),
    Column("broken", N, "of them broken", True),
    Column("not_owed", N, "beside them: nothing was owed on the day that they were given, so they are not judged", True),
    Column("kept_rate", R, "kept / due; empty where none was due", may_be_zero=True),
    Column("kept_target", R, "target for kept_rate: the owner's own, else that for all; empty without one", may_be_zero=True),
    Column("currency", T, "currency of the books", True),
    _books(meaning="amount promised"),
    _books("books_paid", "of it paid in time"),
    Column("paid_rate", R, "share of the amount; empty without amount", may_be_zero=True),
    Column("unrated", N, "of them without a rate: in the counts, not in the amounts", True),
))  # fmt: skip

PLAN_DEFAULTS = Table("plan_defaults", "a payment arrangement: schedule against payments, and default", ("entity", "plan_id"), (
    _entity(),
    Column("plan_id", T, "plan", True, is_key=True),
    *_customer(),
    *_item(),
    *(PLAN_STANDINGS[name] for name in (
        "currency", "amount", "state", "agreed_on", "instalments", "due", "paid", "behind", "missed", "oldest_missed", "is_default",
    )),
    _books("books_behind", "due less paid, not below zero"),
    Column("is_running", F, "agreed and not ended", True),
    Column("next_due_on", D, "due date of the next instalment that is not paid in full"),
    Column("next_amount", M, "what is left of it", currency="currency"),
    Column("what", T, "what to do, in words", True),
))  # fmt: skip

PLAN_SCHEDULE = Table("plan_schedule", "an instalment of an arrangement and what was paid of it", ("entity", "plan_id", "instalment_no"), (
    _entity(),
    Column("plan_id", T, "plan", True, is_key=True),
    Column("instalment_no", N, "1, 2, 3 ...", True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("due_date", D, "due date", True),
    Column("grace_ends_on", D, "last day before it is missed", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "to be paid", True, currency="currency"),
    Column("paid", M, "paid of it: payments settle the oldest instalment first", True, currency="currency"),
    Column("left", M, "amount less paid", True, currency="currency"),
    Column("state", T, "what became of it", True, choices=InstalmentState),
))  # fmt: skip

DISPUTE_STANDINGS = Table("dispute_standings", "a dispute, open or settled", ("entity", "dispute_id"), (
    _entity(),
    Column("dispute_id", T, "dispute", True, is_key=True),
    *_customer(),
    *_item(),
    Column("currency", T, "currency", True),
    Column("amount", M, "amount in dispute", True, currency="currency"),
    Column("open_now", M, "of it, still owed at the as-of date; 0 once settled", True, currency="currency"),
    _books(meaning="what is still owed of it"),
    Column("opened_on", D, "opened", True),
    Column("closed_on", D, "settled; empty while open"),
    Column("is_open", F, "not settled by the as-of date", True),
    Column("age_days", N, "days from opening to the as-of date, or to the settlement", True),
    Column("owner", T, "who settles it"),
    Column("reason", T, "reason code", True),
    Column("root_cause", T, "what went wrong, as found when it was settled"),
    Column("team", T, "team where it went wrong"),
    Column("routed_to", T, "team that clears it", True),
    Column("is_late", F, "open for longer than the policy allows", True),
    Column("what", T, "the same in words", True),
))  # fmt: skip

OBSTACLES = Table("obstacles", "something that would prevent payment", ("entity", "customer_id", "item_id", "kind", "currency", "source_id"), (
    _entity(),
    *_customer(),
    *_item(),
    Column("kind", T, "what it is", True, choices=Obstacle),
    Column("detail", T, "reason or document concerned; never trusted as a formula or markup"),
    Column("routed_to", T, "team that clears it", True),
    Column("since", D, "first day", True),
    Column("days", N, "days from then to the as-of date", True),
    Column("currency", T, "document currency; an obstacle of an account has a row for each", True),
    Column("amount", M, "open amount that it holds up", True, currency="currency"),
    _books(meaning="amount that it holds up"),
    Column("days_past_due", N, "age of the oldest item held up; negative while not due"),
    Column("source_id", T, "record that says so", is_key=True),
    Column("what", T, "the same in words", True),
))  # fmt: skip
