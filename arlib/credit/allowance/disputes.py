"""Disputes: what is expected to be credited is a matter of revenue, not of credit risk. Floor 1.

A dispute over price, quality or service is variable consideration (IFRS 15.50-15.59; ASC 606-10-32-5 to 32-14):
its reserve stands against revenue and leaves the base of the allowance, so that nothing is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.credit.allowance.exposure import portion, tax_share
from arlib.credit.allowance.frames import percent_text, rate_text
from arlib.credit.allowance.frames_measure import DISPUTE_RESERVE
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import Ints, counted, fact_dates, ints, of_entity
from arlib.ledger.replaced import carried_items
from arlib.money import allocate, divide
from arlib.policy import AllowancePolicy, Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind

CREDITING = (ApplicationKind.CREDIT_MEMO, ApplicationKind.ADJUSTMENT)


@dataclass(frozen=True)
class Disputed:
    """The reserve by dispute, and what of each row is expected to be credited."""

    lines: pd.DataFrame  # DISPUTE_RESERVE
    expected: Ints  # by row of the exposures, from 0 to its rest
    limits: tuple[str, ...]


def dispute_reserve(book: Book, rows: pd.DataFrame, *, scope: Scope, policy: AllowancePolicy) -> Disputed:
    """What of the open disputes is expected to be credited, dispute by dispute and exposure by exposure.

    A dispute opened on or before the as-of date and not closed by it counts, up to what is open of its item
    after set-off; of several on one item the earlier opened goes first. What its item does not have open counts
    on the open items that carry it on (residual, chargeback, rebill), the nearest first. The share that is
    credited is the policy's, else `credit_history`. Needs DISPUTES, ITEMS and rows of `exposed`. A dispute that
    names no item, an item that is no exposure nor carried on by one, or another currency than its item's counts
    0 and says so.
    """
    disputes = of_entity(book["disputes"], scope.entity)
    day = pd.Timestamp(scope.as_of)
    is_open = disputes["opened_on"].le(day) & ~disputes["closed_on"].le(day)
    disputes = disputes[is_open.to_numpy(dtype=bool)]
    disputes = disputes.sort_values(["opened_on", "dispute_id"], kind="stable", ignore_index=True)
    expected = np.zeros(len(rows), dtype=np.int64)
    if disputes.empty:
        return Disputed(DISPUTE_RESERVE.empty(), expected, ())
    rate, limits = _credit_rate(book, scope=scope, policy=policy)

    item_ids = rows["item_id"].to_numpy()
    at_item = _places(book, rows, set(disputes["item_id"].dropna()), entity=scope.entity)
    left_document, left = ints(rows["outstanding"]).copy(), ints(rows["rest"]).copy()
    open_document, gross = left_document.copy(), ints(rows["gross"])
    currencies = rows["currency"].to_numpy()
    made = []
    for dispute in disputes.to_dict("records"):
        places = at_item.get(dispute["item_id"], [])
        note = "" if places else "its item is no exposure: settled, left out, or not named"
        other = next((str(currencies[at]) for at in places if currencies[at] != dispute["currency"]), "")
        places = [at for at in places if currencies[at] == dispute["currency"]]
        if other and not places:
            note = f"in {dispute['currency']}, its item in {other}: not counted"
        counted_document, counted_functional = 0, []
        want, heirs = int(dispute["amount"]), []
        for at in places:
            part = max(0, min(want - counted_document, int(left_document[at])))
            carried = int(portion(np.array([part]), gross[[at]], open_document[[at]])[0])
            carried = min(carried, int(left[at]))
            if part and item_ids[at] != dispute["item_id"]:
                heirs.append(str(item_ids[at]))
            counted_document += part
            counted_functional.append(carried)
            left_document[at] -= part
            left[at] -= carried
        total = sum(counted_functional)
        credit = divide(total * rate.numerator, rate.denominator, policy.rounding)
        shares = allocate(credit, counted_functional) if credit else [0] * len(places)
        for at, share in zip(places, shares, strict=True):
            expected[at] += share
        if heirs:
            note = f"carried on by {', '.join(dict.fromkeys(heirs))}"
        if places and counted_document < want:
            note = f"{note}; " * bool(heirs) + "more than is open of its item: only what is open counts"
        made.append(
            dispute | {
                "currency": dispute["currency"],
                "disputed": want, "counted": counted_document, "counted_functional": total,
                "credit_rate": rate_text(rate), "expected_credit": credit, "note": note,
            }
        )  # fmt: skip
    lines = pd.DataFrame(made)
    tax, _ = tax_share(book, lines, ints(lines["expected_credit"]), scope=scope)
    codes = merged_codes(lines["customer_id"], book, entity=scope.entity, on=scope.as_of)
    lines = lines.assign(tax=tax, reserve=lines["expected_credit"] - tax, customer_id=codes)
    lines = DISPUTE_RESERVE.typed(lines).sort_values("dispute_id", kind="stable", ignore_index=True)
    return Disputed(lines, expected, limits)


def _places(book: Book, rows: pd.DataFrame, disputed: set[str], *, entity: str) -> dict[str, list[int]]:
    """Rows of the exposures on which a dispute of each item counts: the item's own, then those that carry it on."""
    carried = carried_items(book, entity=entity)
    found: dict[str, list[tuple[int, int]]] = {}
    item_ids = rows["item_id"]
    wanted = item_ids.isin(disputed) | item_ids.isin(list(carried))
    for at in np.flatnonzero(wanted.to_numpy(dtype=bool)).tolist():
        own = str(item_ids.iloc[at])
        for steps, item in enumerate((own, *carried.get(own, ()))):
            if item in disputed:
                found.setdefault(item, []).append((steps, at))
    return {item: [at for _, at in sorted(places)] for item, places in found.items()}


def _credit_rate(book: Book, *, scope: Scope, policy: AllowancePolicy) -> tuple[Fraction, tuple[str, ...]]:
    """The policy's share, else history's, else nothing, with a sentence on which."""
    if policy.dispute_credit_rate is not None:
        return Fraction(policy.dispute_credit_rate), ()
    rate, disputes = credit_history(book, scope=scope)
    if rate is None:
        return Fraction(0), (
            "No dispute was closed yet, so no share of credits is known: open disputes stay in the exposure whole. "
            "Set dispute_credit_rate to reserve them.",
        )
    return rate, (
        f"The share of disputes that is credited, {percent_text(rate)}, is that of {disputes} disputed items whose "
        "disputes were closed.",
    )


def credit_history(book: Book, *, scope: Scope) -> tuple[Fraction | None, int]:
    """Share of closed disputes that was credited, by value at booking rates, and of how many items it is.

    Per item: credit memos and adjustments applied from the day that the dispute was opened up to the as-of
    date, reversals taken back, at most what was disputed. A dispute closed on the as-of date is closed. Needs
    DISPUTES, ITEMS and APPLICATIONS; None without a closed dispute.
    """
    disputes = of_entity(book["disputes"], scope.entity)
    closed = disputes[(disputes["closed_on"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    items = of_entity(book["items"], scope.entity).set_index("item_id")
    closed = closed[closed["item_id"].isin(items.index)]
    if closed.empty:
        return None, 0
    by_item = closed.groupby("item_id", sort=True).agg(
        disputed=("amount", "sum"), opened=("opened_on", "min")
    )
    found = items.loc[by_item.index]

    applications = of_entity(book["applications"], scope.entity)
    applications = applications[applications["target_item_id"].isin(by_item.index)]
    applications = applications[counted(applications, scope=scope)]
    opened = by_item["opened"].reindex(applications["target_item_id"]).to_numpy()
    since = (fact_dates(applications, Basis.EFFECTIVE) >= opened).to_numpy(dtype=bool)
    is_credit = applications["kind"].isin([kind.value for kind in CREDITING]).to_numpy(dtype=bool)
    given = applications[since & is_credit].groupby("target_item_id")["target_amount"].sum()
    credited = np.clip(ints(given.reindex(by_item.index)), 0, ints(by_item["disputed"]))

    own = found["currency"].eq(scope.functional_currency)
    booked = found["functional_amount"].where(found["functional_amount"].notna() | ~own, found["amount"])
    amount = ints(found["amount"])
    base = int(portion(ints(by_item["disputed"]), ints(booked), amount).sum())
    if base <= 0:
        return None, 0
    return Fraction(int(portion(credited, ints(booked), amount).sum()), base), len(by_item)
