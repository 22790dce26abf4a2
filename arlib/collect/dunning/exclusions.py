"""Whom no letter may be sent to, whatever the policy says: `arlib.collect.exclusions` in the words of dunning. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.collect.dunning.frames import HARD_EXCLUSIONS, Spared
from arlib.collect.exclusions import Bar, Ground, exclusions
from arlib.collect.position import Position
from arlib.tables import Book

SPARED = {ground: Spared(ground.value) for ground in Ground if ground is not Ground.ESTATE_CLAIM} | {
    Ground.ESTATE_CLAIM: Spared.ESTATE
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A reason, the record that says so, and a sentence."""

    reason: Spared
    cites: str
    because: str


def hard_exclusions(book: Book, *, position: Position) -> pd.DataFrame:
    """Every open debit that no letter may ask for: HARD_EXCLUSIONS, the first reason that applies to each.

    What bars and from when is `exclusions` with `goes_out`; uses the same tables. The order is that of `Ground`.
    """
    debits = position.debits
    found = exclusions(book, position=position, goes_out=True).on(debits)
    found = found[~found.index.duplicated(keep="first")].sort_index()
    reasons = {ground.value: spared.value for ground, spared in SPARED.items()}
    made = debits.drop(columns="reason", errors="ignore").join(found.drop(columns="holder"), how="inner")
    return HARD_EXCLUSIONS.typed(made.assign(reason=made["ground"].map(reasons)))


def customer_findings(book: Book, *, position: Position) -> dict[str, Finding]:
    """The first hard reason of each customer that has one, by its code, the gravest first as in `hard_exclusions`."""
    return {name: found[0] for name, found in all_findings(book, position=position).items()}


def all_findings(book: Book, *, position: Position) -> dict[str, list[Finding]]:
    """Every hard reason of each customer that has one on the whole account, by its code, the gravest first."""
    found = exclusions(book, position=position, goes_out=True).whole_accounts()
    return {name: [_finding(bar) for bar in bars] for name, bars in found.items()}


def _finding(bar: Bar) -> Finding:
    return Finding(reason=SPARED[bar.ground], cites=bar.cites, because=bar.because)
