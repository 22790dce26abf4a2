"""What a matching run gives back. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from arlib.controls import Identity


@dataclass(frozen=True)
class MatchResult:
    """Tables of `arlib.matching.frames`, each sorted by its key, and the identities that hold between them.

    `pool_items` and `pool_receipts` are the MATCH_ITEMS and MATCH_RECEIPTS that were placed.
    """

    pool_items: pd.DataFrame
    pool_receipts: pd.DataFrame
    matches: pd.DataFrame  # MATCHES
    alternatives: pd.DataFrame  # ALTERNATIVES
    unmatched: pd.DataFrame  # UNMATCHED
    rules: pd.DataFrame  # RULES
    identities: tuple[Identity, ...]
