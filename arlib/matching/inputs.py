"""What a matching run takes. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arlib.matching.frames import MATCH_ADVICES
from arlib.tables.declared import CANONICAL

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class MatchInputs:
    """Tables of one run. `confirmed` are applications that people made or checked, as MATCHES-like links.

    `confirmed` has the columns entity, receipt_id, item_id, currency, applied_amount; with `confirmed_items` and
    `confirmed_receipts` (MATCH_ITEMS and MATCH_RECEIPTS as they were before) it is the history that rules are measured on and
    aliases are learned from. `rejected` has entity, receipt_id, item_id: proposals that a person turned down. `aliases` are
    names and accounts that a person gave to a customer, as `arlib.matching.memory.decided` has them. `decided` are applications
    of open receipts that people decided (DECIDED of `arlib.matching.person`): they are placed first, as they were decided.
    `held_from` has, by
    (entity, customer), the day from 1970-01-01 on which a customer that must be held came to be so; money before it is not
    held. A customer without a day is held whenever the money came. `paid_late` has, by (entity, customer), days after the due
    date of what earlier runs placed: it tells a habit, and confirms nothing. `closed` are numbers of items that are not open,
    as `arlib.matching.facts.plain` makes them.
    """

    items: pd.DataFrame  # MATCH_ITEMS
    receipts: pd.DataFrame  # MATCH_RECEIPTS
    advices: pd.DataFrame = field(default_factory=MATCH_ADVICES.empty)
    customers: pd.DataFrame = field(default_factory=CANONICAL["customers"].empty)
    rates: pd.DataFrame = field(default_factory=CANONICAL["fx_rates"].empty)
    confirmed: pd.DataFrame | None = None
    confirmed_items: pd.DataFrame | None = None
    confirmed_receipts: pd.DataFrame | None = None
    rejected: pd.DataFrame | None = None
    aliases: pd.DataFrame | None = None
    decided: pd.DataFrame | None = None
    held_from: Mapping[tuple[str, str], int] = field(default_factory=dict)
    paid_late: Mapping[tuple[str, str], Sequence[int]] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
