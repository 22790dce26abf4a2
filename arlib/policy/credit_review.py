"""Policy of credit review: limits, holds, releases, customer files. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from arlib.errors import ParameterError
from arlib.tables.choices import FileKind


@dataclass(frozen=True, kw_only=True)
class CreditReviewPolicy:
    """When a limit is raised or lowered, an account held or released, and what its file must have."""

    hold_utilisation_rate: Decimal = Decimal("1.10")  # exposure above this share of the limit proposes a hold
    hold_days_past_due: int = 60  # so does a debt that many days past due or more
    hold_min_amount: Decimal = Decimal(1000)  # of at least this amount, in the limit's currency
    release_days_past_due: int = (
        30  # a hold is released when nothing is later than this and the limit is not exceeded
    )
    raise_utilisation_rate: Decimal = Decimal("0.80")  # a good payer that uses so much may have more
    review_months: int = 12  # a file is reviewed again after so many months
    required_files: tuple[FileKind, ...] = (FileKind.CREDIT_APPLICATION, FileKind.TAX_FORM)
    expiry_warning_days: int = 60
    counts_open_orders: bool = True

    def __post_init__(self) -> None:
        """Rates and days are not negative."""
        for name in (
            "hold_utilisation_rate", "hold_days_past_due", "hold_min_amount", "release_days_past_due",
            "raise_utilisation_rate", "review_months", "expiry_warning_days",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise ParameterError(name, found=str(getattr(self, name)), wanted="0 or more")
