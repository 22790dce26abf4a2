"""Policies of aging and of what counts as a large balance. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from itertools import pairwise

from arlib.errors import ParameterError


class Basis(StrEnum):
    """Which date decides whether a fact counts at the as-of date."""

    POSTING = "posting"  # control-account view: the ledger's date
    EFFECTIVE = "effective"  # customer view: the business date


class AgeFrom(StrEnum):
    """Which date an item's age is counted from."""

    DUE_DATE = "due_date"  # contractual aging
    ORIGINAL_DUE_DATE = "original_due_date"  # risk aging: before any residual, rebill or rescheduling
    DOCUMENT_DATE = "document_date"


class Credits(StrEnum):
    """How credits and unapplied cash are shown; they are in the total either way."""

    SHOWN = "shown"  # in columns of their own
    NETTED = "netted"  # aged like debits, by their own date, inside the buckets


class Unit(StrEnum):
    """In which currency a limit is meant."""

    REPORTING = "reporting"  # translated at the closing rate
    DOCUMENT = "document"  # the same number in every document currency


class AttributesAt(StrEnum):
    """Which of a customer's attributes a report uses."""

    AS_OF = "as_of"
    TODAY = "today"


def choices(kind: type[Enum]) -> str:
    """The values of an enum as a message lists them."""
    return ", ".join(repr(member.value) for member in kind)


@dataclass(frozen=True, kw_only=True)
class AgingPolicy:
    """Buckets and what goes in them. Edges are the last day of each closed bucket: (30, 60) gives 1-30, 31-60, 61+."""

    bucket_edges_days: tuple[int, ...] = (30, 60, 90, 120)
    age_from: AgeFrom = AgeFrom.DUE_DATE
    credits: Credits = Credits.SHOWN
    by_instalment: bool = True
    attributes_at: AttributesAt = AttributesAt.AS_OF

    def __post_init__(self) -> None:
        """Edges must be rising, positive and at least one."""
        edges = self.bucket_edges_days
        if not edges or edges[0] < 1 or any(b <= a for a, b in pairwise(edges)):
            raise ParameterError(
                "bucket_edges_days", found=edges, wanted="rising day counts from 1, such as 30, 60, 90, 120"
            )

    @property
    def past_due_buckets(self) -> tuple[str, ...]:
        """Names of the past-due buckets, the last one open-ended: '1-30', ..., '121+'."""
        starts = (1, *(edge + 1 for edge in self.bucket_edges_days))
        closed = [f"{start}-{end}" for start, end in zip(starts, self.bucket_edges_days, strict=False)]
        return (*closed, f"{starts[-1]}+")

    @property
    def buckets(self) -> tuple[str, ...]:
        """Every place that money can have, in report order."""
        return ("current", *self.past_due_buckets, "credit", "unapplied", "no_due_date")


@dataclass(frozen=True, kw_only=True)
class LargeBalancePolicy:
    """'Over 10,000 and 60 days': a customer's total of items at least so many days past due, above an amount."""

    amount: Decimal = Decimal(10000)
    min_days_past_due: int = 60
    unit: Unit = Unit.REPORTING
    is_inclusive: bool = False  # True takes a total that equals the amount as well
    reporting_currency: str = ""  # empty means the entity's functional currency

    def __post_init__(self) -> None:
        """The amount must be a number of zero or more, the days not negative."""
        try:
            ok = Decimal(self.amount) >= 0
        except InvalidOperation:
            ok = False
        if not ok:
            raise ParameterError(
                "large balance amount", found=str(self.amount), wanted="a decimal of 0 or more"
            )
        if self.min_days_past_due < 0:
            raise ParameterError("min_days_past_due", found=self.min_days_past_due, wanted="0 or more")
