"""What may be asked about patterns that may hide a loss: flat options, each with a default. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LappingOptions:
    """Receipts applied to other items than their remittance names."""


@dataclass(frozen=True, kw_only=True)
class DuplicatesOptions:
    """Documents and receipts booked twice."""


@dataclass(frozen=True, kw_only=True)
class LargeAndUnusualOptions:
    """Large and unusual items."""


@dataclass(frozen=True, kw_only=True)
class DigitsOptions:
    """First and second digits against Benford."""
