"""Who and what is on no statement, each with the record that says so. Floor 1.

A statement is a demand like a letter: whom `arlib.collect.exclusions` bars gets none, and no policy switches that off but for
companies of the group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from arlib.collect import exclusions as law
from arlib.collect.exclusions import OF_STATUS, Exclusions, Ground
from arlib.collect.statements.frames import NoStatement
from arlib.policy import StatementPolicy

REASONS: Mapping[Ground, NoStatement] = {
    Ground.INTERCOMPANY: NoStatement.INTERCOMPANY,
    Ground.SANCTIONED: NoStatement.SANCTIONED,
    Ground.CEASE_CONTACT: NoStatement.CEASE_CONTACT,
    Ground.BANKRUPT: NoStatement.BANKRUPT,
    Ground.ESTATE: NoStatement.ESTATE,
    Ground.LEGAL: NoStatement.LEGAL,
    Ground.AGENCY: NoStatement.AGENCY,
    Ground.SANCTION_HOLD: NoStatement.SANCTIONED,
    Ground.LEGAL_HOLD: NoStatement.LEGAL,
    Ground.CLAIM: NoStatement.BANKRUPT,
    Ground.ESTATE_CLAIM: NoStatement.ESTATE,
    Ground.PLACED: NoStatement.PLACED,
    Ground.FACTORED: NoStatement.SOLD,
    Ground.ASSIGNED: NoStatement.SOLD,
    Ground.DISCHARGED: NoStatement.BANKRUPT,
}  # an item of nobody known is no bar here: its money is `unidentified`


@dataclass(frozen=True, slots=True)
class Bar:
    """Why there is no statement: the word, and the sentence that cites the record."""

    reason: NoStatement
    because: str


def barred_accounts(found: Exclusions, *, policy: StatementPolicy) -> dict[str, Bar]:
    """The customers that get no statement, by code at the as-of date; the gravest reason of each."""
    made = {}
    for code, bars in found.whole_accounts().items():
        kept = [bar for bar in bars if _counts(bar.ground, policy)]
        if kept:
            made[code] = Bar(REASONS[kept[0].ground], _because(kept[0]))
    return made


def barred_items(found: Exclusions, items: pd.DataFrame, *, policy: StatementPolicy) -> dict[str, Bar]:
    """The items that are on no statement by themselves or their day, by item id: sold, placed, held, discharged, of the group.

    Needs `items` (ITEMS of the entity with customer codes at the as-of date). Items of an account that is barred whole are
    not there for that.
    """
    rows = found.of_items().on(items)
    rows = rows[rows["ground"].isin([ground.value for ground in Ground if _counts(ground, policy)])]
    rows = rows[~rows.index.duplicated(keep="first")]
    names = items["item_id"].reindex(rows.index)
    return {
        str(item): Bar(REASONS[Ground(ground)], str(because))
        for item, ground, because in zip(names, rows["ground"], rows["because"], strict=True)
    }


def _counts(ground: Ground, policy: StatementPolicy) -> bool:
    if ground is Ground.INTERCOMPANY:
        return not policy.sends_intercompany
    return ground in REASONS


def _because(bar: law.Bar) -> str:
    if bar.ground in OF_STATUS:
        return f"Status {bar.ground.value.replace('_', ' ')} {bar.when}."
    return bar.because
