"""Declared tables of the history and of the loss rates, and the rates as a result. Floor 1.

Amounts are functional minor units at each item's booking rate. Rates are exact fractions; their text shows 12 digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pandas as pd

from arlib.errors import ParameterError
from arlib.money import Rounding, divide
from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE

POOL = ""  # the label of the whole portfolio
TWELVE = Context(prec=12, rounding=ROUND_HALF_UP)

LIVES = Table("lives", "a debt and how it left", ("entity", "item_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "the item that began it; residuals, chargebacks and rebills belong to it", True, is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("currency", T, "document currency", True),
    Column("document_date", D, "date of the invoice", True),
    Column("aged_from", D, "original due date, else the document date", True),
    Column("billed", M, "amount at the booking rate", True, currency="functional"),
    Column("paid", M, "paid, net of returned payments", True, currency="functional"),
    Column("credited", M, "credited, discounted, adjusted, less what was billed again: neither cure nor loss", True, currency="functional"),
    Column("lost", M, "written off as a credit loss, net of reversals, before recoveries", True, currency="functional"),
    Column("open", M, "open at the as-of date; billed = paid + credited + lost + open", True, currency="functional"),
    Column("recovered", M, "came back after the write-off; apart from the sum", True, currency="functional"),
))  # fmt: skip

COHORTS = Table("cohorts", "what stood in a bucket for the first time at a month end, and what became of it", ("segment", "month_end", "bucket"), (
    Column("segment", T, "segment; '' for all", is_key=True),
    Column("month_end", D, "month end at which it stood there first", True),
    Column("bucket", T, "bucket", True),
    Column("items", N, "items", True),
    Column("losses", N, "of them, with a loss since", True),
    Column("stood", M, "amount that stood", True, currency="functional"),
    Column("paid", M, "of it, paid since", True, currency="functional"),
    Column("credited", M, "of it, credited since: on neither side of the rate", True, currency="functional"),
    Column("lost", M, "of it, written off since", True, currency="functional"),
    Column("recovered", M, "of what was written off, came back", True, currency="functional"),
    Column("open", M, "of it, still open: neither paid nor lost", True, currency="functional"),
    Column("is_resolved", F, "old enough to count", True),
))  # fmt: skip

MIGRATION = Table("migration", "what went from a bucket to another, or left, from one month end to the next", ("segment", "from_bucket", "to_state"), (
    Column("segment", T, "segment; '' for all", is_key=True),
    Column("from_bucket", T, "bucket at the month end", True),
    Column("to_state", T, "bucket at the next one; or paid, credited, written_off", True),
    Column("amount", M, "sum over the months", True, currency="functional"),
    Column("share", R, "of the bucket; the shares of a bucket sum to one", True, may_be_zero=True),
))  # fmt: skip

ROLL_RATES = Table("roll_rates", "how a bucket rolls on", ("segment", "bucket"), (
    Column("segment", T, "segment; '' for all", is_key=True),
    Column("bucket", T, "bucket", True),
    Column("stood", M, "amount at the month ends", True, currency="functional"),
    Column("stayed", M, "of it, in the same bucket a month later", True, currency="functional"),
    Column("rolled", M, "of it, in a later bucket a month later", True, currency="functional"),
    Column("paid", M, "of it, paid in the month", True, currency="functional"),
    Column("credited", M, "of it, credited in the month", True, currency="functional"),
    Column("written_off", M, "of it, written off in the month", True, currency="functional"),
    Column("roll_rate", R, "rolled of stood, as the field quotes it", True, may_be_zero=True),
    Column("onward_rate", R, "rolled of what was decided: paid, written off or rolled", True, may_be_zero=True),
    Column("product", R, "loss rate by the product of the onward rates; empty where nothing was decided", may_be_zero=True),
    Column("absorbed_paid", R, "chance to end paid, by the whole matrix", True, may_be_zero=True),
    Column("absorbed_credited", R, "chance to end credited", True, may_be_zero=True),
    Column("absorbed_written_off", R, "chance to end written off", True, may_be_zero=True),
    Column("absorbed_rate", R, "written off of paid and written off, by the whole matrix; empty where neither is reached", may_be_zero=True),
))  # fmt: skip

VINTAGES = Table("vintages", "the invoices of a month, so many months later", ("segment", "vintage", "age_months"), (
    Column("segment", T, "segment; '' for all", is_key=True),
    Column("vintage", D, "first day of the invoice month", True),
    Column("age_months", N, "months since", True),
    Column("billed", M, "billed, less what was credited by the as-of date", True, currency="functional"),
    Column("paid", M, "paid by the end of that month", True, currency="functional"),
    Column("lost", M, "lost by the end of that month, net of recoveries where the policy says so", True, currency="functional"),
    Column("open", M, "billed less paid and lost", True, currency="functional"),
    Column("loss_rate", R, "lost of billed", True, may_be_zero=True),
))  # fmt: skip

LOSS_RATES = Table("loss_rates", "the historical loss rate of a bucket", ("segment", "bucket"), (
    Column("segment", T, "segment; '' for all", is_key=True),
    Column("bucket", T, "bucket by original due date", True),
    Column("stood", M, "amount that stood in it in the months that count, sum over them", True, currency="functional"),
    Column("exposed", M, "of it, what the rate rests on: decided, that is paid, lost or rolled on", True, currency="functional"),
    Column("lost", M, "of it, lost", True, currency="functional"),
    Column("rate", R, "loss rate; exact in the result, here 12 digits", True, may_be_zero=True),
    Column("pooled", F, "the rate is that of the whole portfolio", True),
    Column("items", N, "debts that stood in the bucket in the months that count", True),
    Column("losses", N, "of them, with a loss that `lost` holds, before recoveries", True),
))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LossRates:
    """Loss rates by segment and bucket; '' is the whole portfolio."""

    frame: pd.DataFrame  # LOSS_RATES
    exact: Mapping[tuple[str, str], Fraction]
    method: str
    pooled: Mapping[str, str]  # segment to why it takes the pool's rates
    warnings: tuple[str, ...] = ()

    def rate(self, segment: str, bucket: str) -> Fraction:
        """The exact rate of a segment and bucket, else the pool's; a bucket without any raises ParameterError."""
        found = self.exact.get((segment, bucket), self.exact.get((POOL, bucket)))
        if found is None:
            raise ParameterError(
                "a bucket has no loss rate",
                where=segment,
                found=bucket,
                wanted=", ".join(name for label, name in self.exact if label == POOL),
            )
        return found


def percent_text(rate: Fraction) -> str:
    """A share of 0 or more in a sentence, half up: `3.14 %`."""
    hundredths = divide(rate.numerator * 10_000, rate.denominator, Rounding.HALF_UP)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def rate_text(rate: Fraction) -> str:
    """A fraction as plain decimal text of at most 12 significant digits, half up."""
    shown = TWELVE.divide(Decimal(rate.numerator), Decimal(rate.denominator))
    return format(shown.normalize(TWELVE), "f")
