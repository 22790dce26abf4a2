"""Choices of how approved proposals are booked. Floor 1. The accounts file names them under `rules:`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WriteOffTo(StrEnum):
    """What a write-off is charged to."""

    ALLOWANCE = "allowance"  # allowance method: the loss was expensed when the allowance was made
    BAD_DEBT = "bad_debt"  # direct method


class TaxOnWriteOff(StrEnum):
    """Whether the tax in a write-off goes to the tax account."""

    CLAIMABLE = "claimable"  # only where its relief may be claimed now
    ALWAYS = "always"
    NEVER = "never"  # it is lost with the debt


@dataclass(frozen=True, kw_only=True)
class PostingRules:
    """How approved proposals are booked."""

    write_off_to: WriteOffTo = WriteOffTo.ALLOWANCE
    tax_on_write_off: TaxOnWriteOff = TaxOnWriteOff.CLAIMABLE
    recovery_to: WriteOffTo = (
        WriteOffTo.ALLOWANCE
    )  # what a reinstated debt is credited to; bad_debt: recovery income
