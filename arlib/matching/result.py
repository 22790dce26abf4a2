"""What a matching run gives back. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arlib.matching.leftovers import CONTRAS, RESIDUALS, SKIPPED
from arlib.matching.person import BY_HAND
from arlib.matching.returned import REVERSALS

if TYPE_CHECKING:
    import pandas as pd

    from arlib.controls import Identity


@dataclass(frozen=True)
class MatchResult:
    """Tables of `arlib.matching.frames`, `leftovers` and `returned`, each sorted by its key, and identities between them.

    `pool_items` and `pool_receipts` are the MATCH_ITEMS and MATCH_RECEIPTS that were placed. Residuals, contras and items
    passed over follow from all matches, suggested ones too: whether a residual or a contra waits for a person is told by the
    decision of its receipt and item in `matches`.
    """

    pool_items: pd.DataFrame
    pool_receipts: pd.DataFrame
    matches: pd.DataFrame  # MATCHES
    alternatives: pd.DataFrame  # ALTERNATIVES
    unmatched: pd.DataFrame  # UNMATCHED
    rules: pd.DataFrame  # RULES
    identities: tuple[Identity, ...]
    residuals: pd.DataFrame = field(default_factory=RESIDUALS.empty)
    contras: pd.DataFrame = field(default_factory=CONTRAS.empty)
    skipped: pd.DataFrame = field(default_factory=SKIPPED.empty)
    reversals: pd.DataFrame = field(default_factory=REVERSALS.empty)
    by_hand: pd.DataFrame = field(default_factory=BY_HAND.empty)  # what people decided, and what became of it
