"""What may be asked about samples and outside evidence: flat options, each with a default. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """A sample drawn from a sealed population."""


@dataclass(frozen=True, kw_only=True)
class EvaluationOptions:
    """What the audited values of a sample say about the population."""


@dataclass(frozen=True, kw_only=True)
class ConfirmationsOptions:
    """Confirmation letters, their control sheet and alternative procedures."""


@dataclass(frozen=True, kw_only=True)
class SubsequentReceiptsOptions:
    """Cash after the date, traced to the invoices that it paid."""
