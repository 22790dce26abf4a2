"""What a close promises: controls (business facts that may differ) and identities (ours, that may not). Floor 0.

A control compares two independent figures and ends as one of four words. An identity is arithmetic that the program
itself must satisfy at a hand-over; a broken one stops the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from arlib.errors import IdentityError


class Status(StrEnum):
    """How a control ended."""

    TIED = "tied"  # no difference
    EXPLAINED = "explained"  # differs, and causes that each cite documents add up to the difference
    UNEXPLAINED = "unexplained"  # differs, and some of it has no cause
    NO_INPUT = "no_input"  # not run: an input is missing


STATUS_WORDS = {
    Status.TIED: "tied",
    Status.EXPLAINED: "differs, explained",
    Status.UNEXPLAINED: "differs, unexplained",
    Status.NO_INPUT: "not run: input missing",
}


@dataclass(frozen=True, kw_only=True)
class Control:
    """One line at the end of the close. Amounts are minor units of `currency`; None where the control did not run.

    `left - right = difference = explained + unexplained`. `count` is the number of documents behind the explained part,
    `oldest` the earliest of their dates, `owner` who clears most of it. `unexplained_count` is the number of documents
    without a cause: two that cancel out leave totals equal, and the control unexplained all the same.
    """

    name: str  # machine name, e.g. "control_account"
    title: str  # what a controller reads, e.g. "Trade receivables 1200: general ledger = sub-ledger"
    entity: str
    currency: str
    account: str = ""
    left_label: str = ""
    left: int | None = None
    right_label: str = ""
    right: int | None = None
    explained: int = 0
    count: int = 0
    unexplained_count: int = 0
    oldest: date | None = None
    owner: str = ""
    note: str = ""  # for no_input: which input is missing

    @property
    def difference(self) -> int | None:
        """Left less right, or None when the control did not run."""
        return None if self.left is None or self.right is None else self.left - self.right

    @property
    def unexplained(self) -> int:
        """What no cause accounts for."""
        return 0 if self.difference is None else self.difference - self.explained

    @property
    def status(self) -> Status:
        """One of the four words; what cancels to nothing still counts as explained or unexplained, never as tied."""
        if self.difference is None:
            return Status.NO_INPUT
        if self.unexplained or self.unexplained_count:
            return Status.UNEXPLAINED
        return Status.EXPLAINED if self.difference or self.count else Status.TIED


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Two sums that the program itself must make equal, in minor units of `currency` (or rows where it is '')."""

    name: str
    left_label: str
    left: int
    right_label: str
    right: int
    currency: str = ""
    entity: str = ""

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.left == self.right

    def require(self) -> Identity:
        """Itself when it holds; raises IdentityError with both sides and the difference when not."""
        if not self.holds:
            raise IdentityError(
                f"{self.name}: {self.left_label} {self.left}, {self.right_label} {self.right}, "
                f"difference {self.left - self.right} {self.currency or 'rows'}",
                where=self.entity,
            )
        return self
