"""Policy of dunning: levels, channels, interest, what is spared. Floor 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class DunningLevel:
    """A letter: from so many days past due on, not sooner than so many days after the level before."""

    level: int
    min_days_past_due: int  # negative: a reminder before the due date
    template: str  # name of the letter: reminder, first, second, final ...
    channel: str = "email"
    wait_days: int = 10
    has_interest: bool = False
    has_fee: bool = False

    def __post_init__(self) -> None:
        """The level counts from 0."""
        if self.level < 0 or self.wait_days < 0:
            raise ParameterError(
                "dunning level", found=f"{self.level}, {self.wait_days} days", wanted="0 or more"
            )


@dataclass(frozen=True, kw_only=True)
class DunningPolicy:
    """Who gets which letter. What accounting.md forbids is excluded whatever this policy says."""

    levels: tuple[DunningLevel, ...] = (
        DunningLevel(level=0, min_days_past_due=-5, template="pre_due", wait_days=0),
        DunningLevel(level=1, min_days_past_due=5, template="reminder"),
        DunningLevel(level=2, min_days_past_due=20, template="second", wait_days=10),
        DunningLevel(level=3, min_days_past_due=40, template="final", channel="letter", wait_days=14, has_interest=True, has_fee=True),
    )  # fmt: skip
    min_amounts: Mapping[str, Decimal] = field(default_factory=lambda: {"JPY": Decimal(1000)})
    min_amount: Decimal = Decimal(10)  # of a letter, in every currency that `min_amounts` does not name
    bank_max_age_days: int = 3  # calendar days that a bank account's last statement may be old
    languages: tuple[str, ...] = ("en", "de", "fr", "es", "zh")
    default_language: str = "en"

    def __post_init__(self) -> None:
        """Levels differ and rise with their delays; no amount or age is negative."""
        order = sorted(self.levels, key=lambda each: each.level)
        if len({each.level for each in order}) < len(order):
            raise ParameterError("dunning levels", wanted="each level once")
        if [each.min_days_past_due for each in order] != sorted(each.min_days_past_due for each in order):
            raise ParameterError("dunning levels", wanted="a higher level is later")
        if self.min_amount < 0 or self.bank_max_age_days < 0:
            raise ParameterError(
                "dunning policy", found=f"{self.min_amount}, {self.bank_max_age_days}", wanted="0 or more"
            )
