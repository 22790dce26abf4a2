"""Coverage: how many accounts, and how much of what they owe, were touched in time, against targets. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np
import pandas as pd

from arlib.collect.contact.cadence import account_touches, item_touches, knows_contacts
from arlib.collect.contact.frames import COVERAGE
from arlib.collect.position import Position
from arlib.credit.allowance.frames import percent_text, rate_text
from arlib.ledger.facts import of_entity
from arlib.money import total
from arlib.policy import Policies
from arlib.policy.contact import band_start
from arlib.tables import Book
from arlib.tables.choices import TargetMeasure
from arlib.tables.rows import is_none, records, text

ALL = ""  # every collector
NOBODY = "nobody"  # accounts without a collector


class Target(NamedTuple):
    """A share to reach, and where it stands."""

    rate: Fraction | None
    told_by: str


def coverage(
    book: Book, *, position: Position, policies: Policies, items: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Accounts in the cadence by days past due of their oldest item, touched in time or not: COVERAGE.

    Sorted by collector ('' first, which is all) and band, the latest debts first. Bands are those of the policy's
    `coverage_targets`; an account that is not due yet is in the lowest. Amounts are open debits in the cadence in the
    books' currency, and count as touched item by item; what has no closing rate is left out of them, not of the counts.
    A row of TARGETS (measure coverage, of the period or of the quarter of the as-of date, its bucket a band or empty, for
    all regions) goes before the policy; one for the collector goes before one for all, one for the band before one for all.
    Books without any contacts judge nothing: touched and shares are empty. `items` is ITEM_TOUCHES where it is at hand.
    """
    if items is None:
        items = item_touches(book, position=position, policies=policies)
    accounts = account_touches(book, position=position, policies=policies, items=items)
    accounts = accounts[accounts["is_in_cadence"].to_numpy(dtype=bool)]
    bands = sorted(policies.contact.coverage_targets, key=band_start, reverse=True)
    accounts = accounts.assign(
        band=band_of(accounts["max_days_past_due"], bands), collector=accounts["collector"].fillna(NOBODY)
    )
    items = items[items["is_in_cadence"].to_numpy(dtype=bool)]
    # the collector of the account: one account has one row, whatever its items say
    items = items.drop(columns="collector").merge(
        accounts[["customer_id", "band", "collector"]], on="customer_id"
    )
    targets = _stated(book, position)
    rows = []
    for collector in (ALL, *sorted(accounts["collector"].unique())):
        mine, owed = accounts, items
        if collector != ALL:
            mine, owed = mine[mine["collector"].eq(collector)], owed[owed["collector"].eq(collector)]
        for band in bands:
            here, parts = mine[mine["band"].eq(band)], owed[owed["band"].eq(band)]
            if len(here) or collector == ALL:
                target = _target(targets, collector, band, policies.contact.coverage_targets)
                rows.append(_row(here, parts, target, is_known=knows_contacts(book))
                            | {"collector": collector, "band": band})  # fmt: skip
    made = COVERAGE.from_rows(rows)
    return made.assign(entity=position.scope.entity, currency=position.currency)


def band_of(days: pd.Series, bands: list[str]) -> pd.Series:
    """The band of each number of days past due: the highest that begins at or before it; the lowest holds the rest."""
    names = sorted(bands, key=band_start)
    starts = np.array([band_start(band) for band in names])
    known = days.fillna(-1).to_numpy(dtype=np.int64)
    place = np.clip(np.searchsorted(starts, known, side="right") - 1, 0, None)
    return pd.Series(np.array(names, dtype=object)[place], index=days.index, dtype="str")


def _row(accounts: pd.DataFrame, items: pd.DataFrame, target: Target, *, is_known: bool) -> dict[str, object]:
    count, amount = len(accounts), total(items["books_amount"])
    made: dict[str, object] = {
        "accounts": count, "books_amount": amount, "target_from": target.told_by,
        "target": None if target.rate is None else rate_text(target.rate),
    }  # fmt: skip
    if not is_known:
        return made | {"what": "No contacts in the books: coverage cannot be told."}
    touched = int(accounts["is_in_time"].fillna(False).sum())
    reached = total(items.loc[items["is_in_time"].fillna(False).to_numpy(dtype=bool), "books_amount"])
    share = Fraction(touched, count) if count else None
    part = Fraction(reached, amount) if amount else None
    made |= {
        "touched": touched, "books_touched": reached,
        "share": None if share is None else rate_text(share),
        "amount_share": None if part is None else rate_text(part),
    }  # fmt: skip
    missing = 0 if target.rate is None else max(ceil(target.rate * count) - touched, 0)
    if target.rate is not None:
        made["missing"] = missing
        made["meets"] = None if share is None else share >= target.rate
        made["amount_meets"] = None if part is None else part >= target.rate
    return made | {"what": _words(touched, count, share, target, missing)}


def _words(touched: int, count: int, share: Fraction | None, target: Target, missing: int) -> str:
    if share is None:
        return "No account in this band."
    said = f"{touched} of {count} accounts touched in time ({percent_text(share)})"
    if target.rate is None:
        return f"{said}; no target."
    aim = f"target {percent_text(target.rate)}"
    if not missing:
        return f"{said}; {aim} reached."
    return f"{said}; {aim}, {missing} {'account' if missing == 1 else 'accounts'} short."


def _stated(book: Book, position: Position) -> list[dict[str, object]]:
    """The rows of TARGETS that are about coverage at the as-of date."""
    scope = position.scope
    quarter = f"{scope.as_of.year}-Q{(scope.as_of.month + 2) // 3}"
    rows = of_entity(book["targets"], scope.entity)
    here = (
        rows["measure"].eq(TargetMeasure.COVERAGE.value)
        & rows["period"].isin([scope.period, quarter])
        & rows["region"].fillna("").eq("")
        & rows["rate"].notna()
    )
    found = rows[here.to_numpy(dtype=bool)]
    # a target for the period itself goes before one for its quarter
    found = found.assign(_own=found["period"].eq(scope.period)).sort_values("_own", ascending=False, kind="stable")  # fmt: skip
    return records(found)


def _target(
    stated: list[dict[str, object]], collector: str, band: str, policy: Mapping[str, Decimal]
) -> Target:
    """The most specific target of a collector and band."""
    best, score = None, -1
    for row in stated:
        whose, which = text(row["collector"]), text(row["bucket"])
        if whose not in (ALL, collector) or which not in ("", band) or is_none(row["rate"]):
            continue
        fits = 2 * (whose == collector and whose != ALL) + (which == band)
        if fits > score:
            best, score = Fraction(str(row["rate"])), fits
    if best is not None:
        return Target(best, "targets")
    return Target(Fraction(policy[band]), "policy") if band in policy else Target(None, "none")
