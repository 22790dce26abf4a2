"""How a sample is to be drawn, as the requester says it. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from arlib.audit.sampling.frames_select import How
from arlib.errors import ParameterError

METHODS = (How.INTERVAL, How.CELL, How.RANDOM)


class Units(StrEnum):
    """What is drawn."""

    MONEY = "money"  # monetary units: an item of 500 is ten times as likely as one of 50
    ITEMS = "items"  # items: each as likely as any other


class HighValue(StrEnum):
    """Which positive items are examined in full, where no amount is given."""

    INTERVAL = "interval"  # by money: items at or above the interval, which a fixed interval cannot miss
    NONE = "none"  # no item: all are left to the draw


@dataclass(frozen=True, kw_only=True)
class Design:
    """A way to draw. Money in minor units; `start` and `interval` are exact, in minor units or items.

    `size` or `interval` is given, not both. By money the size counts the items of the certainty stratum, and the interval is
    worked out again from the rest until no item reaches it; an interval that is given stays as it is. With an amount as
    `high_value` (or by items) the items at or above it come on top of the size. `credit_size` and `zero_size` items are
    drawn at random from the credits and from the zero items, all of them where there are no more.
    """

    units: Units = Units.MONEY
    method: How = How.INTERVAL
    size: int | None = None
    interval: Fraction | None = None
    start: Fraction | None = None  # from the requester; else drawn
    high_value: HighValue | int = HighValue.INTERVAL
    credit_size: int = 0
    zero_size: int = 0

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.method not in METHODS:
            raise ParameterError("method", found=self.method, wanted=", ".join(METHODS))
        if (self.size is None) == (self.interval is None):
            raise ParameterError(
                "size and interval", found=(self.size, str(self.interval)), wanted="one of the two"
            )
        if self.size is not None and self.size < 1:
            raise ParameterError("size", found=self.size, wanted="1 or more")
        if self.interval is not None and self.interval <= 0:
            raise ParameterError("interval", found=str(self.interval), wanted="more than 0")
        if self.interval is not None and self.units is Units.ITEMS and self.interval < 1:
            raise ParameterError("interval", found=str(self.interval), wanted="1 item or more")
        if self.method is How.RANDOM and self.size is None:
            raise ParameterError("a random draw", wanted="a size: it has no interval")
        if self.start is not None and self.method is not How.INTERVAL:
            raise ParameterError(
                "start", found=str(self.start), wanted="nothing: only a fixed interval has a start"
            )
        if isinstance(self.high_value, int) and self.high_value < 1:
            raise ParameterError("high_value", found=self.high_value, wanted="an amount above 0")
        if min(self.credit_size, self.zero_size) < 0:
            raise ParameterError("credit_size and zero_size", wanted="0 or more")
