"""What may be asked about the ledger and its balances: flat options, each with a default. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ListingOptions:
    """The AR listing tied to control account and trial balance at the same date."""


@dataclass(frozen=True, kw_only=True)
class RollForwardOptions:
    """The balance carried from an interim date to the year end."""


@dataclass(frozen=True, kw_only=True)
class CreditBalancesOptions:
    """Credit balances to reclassify."""


@dataclass(frozen=True, kw_only=True)
class ConcentrationOptions:
    """How much of the balance few customers owe."""


@dataclass(frozen=True, kw_only=True)
class RelatedPartiesOptions:
    """Balances and transactions with related parties and own companies."""


@dataclass(frozen=True, kw_only=True)
class LookBackOptions:
    """Whether earlier allowances were enough."""
