"""Policies of the tie-out and of the close's controls. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class TieOutPolicy:
    """How the sub-ledger is compared with the control account."""

    rounding_per_document_minor: int = (
        1  # a document difference up to this is a rounding cause, in minor units
    )
    matching_window_days: int = 45  # how far from the period a twin on the other side is looked for
    ledger: str = "primary"

    def __post_init__(self) -> None:
        """Neither may be negative."""
        if self.rounding_per_document_minor < 0 or self.matching_window_days < 0:
            raise ParameterError("tie_out policy", found=(self.rounding_per_document_minor, self.matching_window_days),
                                 wanted="0 or more")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ControlPolicy:
    """Which controls must run, and how large or old an explained difference may be before it blocks."""

    must_run: tuple[str, ...] = ()
    max_explained: Decimal | None = None  # in functional currency, absolute; None means any
    max_age_days: int | None = None  # of the oldest document behind an explained difference; None means any
