"""What may be asked about cut-off, journals, numbering and approvals: flat options, each with a default. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CutOffOptions:
    """Invoices, credit notes and cash in the right period."""


@dataclass(frozen=True, kw_only=True)
class CreditNotesAfterOptions:
    """Credit notes after the date for sales before it."""


@dataclass(frozen=True, kw_only=True)
class JournalEntriesOptions:
    """Journal entries on the control account."""


@dataclass(frozen=True, kw_only=True)
class NumberingOptions:
    """Completeness of numbering: gaps and reuse."""


@dataclass(frozen=True, kw_only=True)
class ApprovalsOptions:
    """Approvals of write-offs and adjustments."""
