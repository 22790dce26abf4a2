"""Declared columns of the bad-debt report's own tables. Floor 3; they are filled in bad_debt_tables."""

from __future__ import annotations

from arlib.credit.allowance.frames_movement import MOVEMENT
from arlib.tables import CANONICAL, Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE

WHOLE = {"": "Whole portfolio"}
METHOD_WORDS = {"cohort": "Cohorts", "roll_rate": "Roll rates", "vintage": "Vintages"}
MONTHS_THAT_COUNT = {
    "cohort": "All columns are of the cohorts that are old enough to count; lost is net of recoveries where the policy nets them.",
    "roll_rate": "All columns are of the month ends that another one follows: lost is what was written off in the month after, and the "
                 "loss rate adds what rolls on.",
    "vintage": "The rate is of the triangle of vintages; beside it stand all cohorts of the bucket.",
}  # fmt: skip
PROVISION = Table("provision_matrix", "a segment and bucket of the pool", ("segment", "bucket"), (
    Column("segment", T, "segment; empty for the whole"),
    Column("bucket", T, "place in the aging by original due date", True),
    Column("items", N, "items in it", True),
    Column("exposure", M, "exposure", True, currency="functional"),
    Column("cover", M, "part of it that integral security pays", True, currency="functional"),
    Column("historical", R, "loss rate of history in percent; the exact one is used", True),
    Column("at_history", M, "expected loss at the rate of history", True, currency="functional"),
    Column("overlay", M, "what the overlays change", True, currency="functional"),
    Column("discount", M, "what discounting changes", True, currency="functional"),
    Column("applied", R, "loss rate after overlays in percent", True),
    Column("allowance", M, "allowance", True, currency="functional"),
    Column("coverage", R, "allowance by exposure in percent"),
    Column("overlay_reason", T, "reason of the overlay"),
))  # fmt: skip
COVERAGE = Table("coverage", "a bucket of all exposures", ("bucket",), (
    Column("bucket", T, "place in the aging by original due date", True),
    Column("pool", M, "exposure in the pool", True, currency="functional"),
    Column("specific", M, "exposure judged one by one", True, currency="functional"),
    Column("exposure", M, "both", True, currency="functional"),
    Column("pool_allowance", M, "allowance of the pool", True, currency="functional"),
    Column("specific_allowance", M, "specific allowance, shared out by exposure", True, currency="functional"),
    Column("allowance", M, "both", True, currency="functional"),
    Column("coverage", R, "allowance by exposure in percent"),
))  # fmt: skip
TOP = Table("top_exposures", "a customer", ("customer_id",), (
    Column("customer_id", T, "customer", True, is_key=True),
    Column("name", T, "name"),
    Column("status", T, "how it may be dealt with"),
    Column("gross", M, "open debits", True, currency="functional"),
    Column("exposure", M, "what the allowance is counted on", True, currency="functional"),
    Column("share", R, "of all exposure, in percent"),
    Column("past_due", M, "of the exposure, past due by original due date", True, currency="functional"),
    Column("max_days_past_due", N, "age of the oldest", True),
    Column("pool_allowance", M, "its share of the pool's allowance", True, currency="functional"),
    Column("specific_allowance", M, "specific allowance", True, currency="functional"),
    Column("dispute_reserve", M, "credit-note reserve, against revenue", True, currency="functional"),
    Column("cover", M, "what integral security pays", True, currency="functional"),
    Column("limit_currency", T, "currency of the limit"),
    Column("credit_limit", M, "credit limit", currency="limit_currency"),
    Column("over_limit", M, "open debits above the limit, where it is in the books' currency", currency="functional"),
))  # fmt: skip
RATES = Table("loss_rates", "the historical loss rate of a bucket", ("segment", "bucket"), (
    Column("segment", T, "segment; empty for the whole"),
    Column("bucket", T, "bucket", True),
    Column("items", N, "debts that stood in it in the months that count", True),
    Column("losses", N, "of them, with a loss that is in the amount lost", True),
    Column("stood", M, "amount that stood in it in those months", True, currency="functional"),
    Column("exposed", M, "of it, decided: what the rate rests on", True, currency="functional"),
    Column("decided", R, "decided of what stood, in percent"),
    Column("lost", M, "of it, lost", True, currency="functional"),
    Column("percent", R, "loss rate in percent", True),
    Column("rate", R, "loss rate, 12 digits", True, may_be_zero=True),
    Column("pooled", F, "it takes the rate of the whole portfolio", True),
))  # fmt: skip
PRIOR = CANONICAL["prior_allowance"]
MOVEMENT_HEADINGS = {
    "line_no": "No.", "amount": "As required", "booked": "As booked", "to_book": "To book", "facts": "Documents",
}  # fmt: skip
BOTH_PARTS = Table("movement", "a line of the movement of the whole allowance", ("line_no",), (
    MOVEMENT["line_no"],
    MOVEMENT["line"],
    Column("pool", M, "of the pool, as required", True, currency="functional"),
    Column("specific", M, "of specific reserves, as required", True, currency="functional"),
    *(MOVEMENT[name] for name in ("amount", "booked", "to_book", "facts", "is_total")),
))  # fmt: skip
BY_METHOD = Table("methods", "a bucket of the pool by each method of loss rates", ("segment", "bucket"), (
    Column("segment", T, "segment; empty for the whole"),
    Column("bucket", T, "place in the aging by original due date", True),
    Column("at_risk", M, "exposure less cover", True, currency="functional"),
    *(part for name in METHOD_WORDS for part in (
        Column(f"{name}_rate", R, "loss rate in percent"),
        Column(name, M, "expected loss before overlays", True, currency="functional"),
    )),
))  # fmt: skip
