"""Insurance, guarantees and other security: what of an exposure they pay for. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from arlib.credit.allowance.frames_measure import SECURITY_USED
from arlib.credit.allowance.securities import functional_limits, securities
from arlib.ledger.facts import Ints, ints
from arlib.money import Rounding, allocate, divide
from arlib.policy import AllowancePolicy, Scope
from arlib.tables import Book
from arlib.tables.choices import SecurityKind


@dataclass(frozen=True)
class Covered:
    """What each security covers, and how much of each exposure the integral ones take."""

    lines: pd.DataFrame  # SECURITY_USED without reimbursement
    cover: Ints  # by exposure row, of the securities that count
    pairs: pd.DataFrame  # security_id, row, cover: of all securities


def cover_exposures(book: Book, rows: pd.DataFrame, *, scope: Scope, policy: AllowancePolicy) -> Covered:
    """What the securities of the as-of date pay of the exposures that they secure, whether they count or not.

    A security covers `cover_rate` of what its customer (or item) owes above the deductible, at most its
    amount; minor units are cut down. The deductible, being the first part of a loss that is not paid, leaves
    so much uncovered. Cover is shared over the items by exposure, cents to the largest remainders. No
    exposure is covered twice: those that count go first, then those for an item, then by identifier, each on
    what the ones before left. Security counts where it is integral to the terms and the policy (credit
    insurance: the framework, where the policy leaves it open) says so. Rows with `is_by_person` are left out:
    who set the loss knew the security. Needs rows with exposure; `policy` must be `resolved`.
    """
    found = securities(book, scope=scope)
    found = found[found["kind"].ne(SecurityKind.SET_OFF.value)].reset_index(drop=True)
    cover = np.zeros(len(rows), dtype=np.int64)
    if found.empty:
        return Covered(SECURITY_USED.empty(), cover, _paired([]))
    integral = found["is_integral"].fillna(value=False).astype(bool)
    notes = [_why_not(kind, is_own, policy) for kind, is_own in zip(found["kind"], integral, strict=True)]
    found = found.assign(
        item_id=found["item_id"].fillna(""),
        is_integral=integral,
        note=notes,
        counts=[not note for note in notes],
        limit=pd.Series(functional_limits(found, book, scope=scope), dtype="object"),
        first=pd.Series(functional_limits(found, book, scope=scope, column="deductible"), dtype="object"),
    )
    found["is_account"] = found["item_id"].eq("")
    order = found.sort_values(
        ["counts", "is_account", "security_id"], ascending=[False, True, True], kind="stable"
    )
    open_rows = rows.loc[~rows["is_by_person"], ["customer_id", "item_id"]]
    places = {
        "customer_id": _places(open_rows, "customer_id", set(found["customer_id"])),
        "item_id": _places(open_rows, "item_id", set(found["item_id"])),
    }
    left = ints(rows["exposure"]).copy()
    used: dict[str, tuple[int, int]] = {}
    pairs: list[tuple[str, Ints, Ints]] = []
    for each in order.to_dict("records"):
        at = (
            places["customer_id"].get(each["customer_id"])
            if each["is_account"]
            else places["item_id"].get(each["item_id"])
        )
        at = np.zeros(0, dtype=np.int64) if at is None else at
        secured = int(left[at].sum())
        pays = _pays(secured, each)
        shares = np.array(allocate(pays, left[at].tolist()) if pays else [0] * len(at), dtype=np.int64)
        left[at] -= shares
        if each["counts"]:
            cover[at] += shares
        used[each["security_id"]] = (secured, pays)
        pairs.append((each["security_id"], at, shares))
    lines = found.assign(
        secured=[used[name][0] for name in found["security_id"]],
        cover=[used[name][1] for name in found["security_id"]],
    )
    return Covered(lines, cover, _paired(pairs))


def security_used(covered: Covered, rates: pd.Series, *, policy: AllowancePolicy) -> pd.DataFrame:
    """SECURITY_USED with the loss expected on each cover, rounded once per security.

    `rates` are the exact loss rates by exposure row, as Fractions. What counts was taken off the allowance by
    it; what does not is an asset or a disclosure of its own (IAS 37.53 by analogy; ASC 326-20-30-12).
    """
    if covered.lines.empty:
        return SECURITY_USED.empty()
    pairs = covered.pairs[covered.pairs["cover"].gt(0)]
    rate = rates.iloc[pairs["row"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    sums = pd.DataFrame(
        {"security_id": pairs["security_id"].to_numpy(), "rate": rate, "cover": pairs["cover"].to_numpy()}
    ).groupby(["security_id", "rate"])["cover"].sum()  # fmt: skip
    exact: dict[str, Fraction] = {}
    for name, share, amount in sums.reset_index().itertuples(index=False):
        exact[name] = exact.get(name, Fraction(0)) + int(amount) * share
    expected = [
        divide(value.numerator, value.denominator, policy.rounding)
        for value in (exact.get(name, Fraction(0)) for name in covered.lines["security_id"])
    ]
    return SECURITY_USED.typed(covered.lines.assign(reimbursement=expected))


def _why_not(kind: str, is_integral: bool, policy: AllowancePolicy) -> str:
    """Why a security does not reduce the allowance; '' where it does."""
    if not is_integral:
        return "not integral to the terms of the debt"
    if kind == SecurityKind.CREDIT_INSURANCE.value and not policy.counts_insurance:
        return f"credit insurance does not reduce the allowance under {policy.framework} by this policy"
    if kind != SecurityKind.CREDIT_INSURANCE.value and not policy.counts_collateral:
        return "the policy does not count guarantees and collateral"
    return ""


def _paired(pairs: list[tuple[str, Ints, Ints]]) -> pd.DataFrame:
    """One row for each security and exposure that it covers."""
    none = np.zeros(0, dtype=np.int64)
    return pd.DataFrame(
        {
            "security_id": np.repeat(
                np.array([name for name, _, _ in pairs], dtype=object), [len(at) for _, at, _ in pairs]
            ),
            "row": np.concatenate([none, *(at for _, at, _ in pairs)]),
            "cover": np.concatenate([none, *(shares for _, _, shares in pairs)]),
        }
    )


def _places(rows: pd.DataFrame, column: str, wanted: set[str]) -> Mapping[str, Ints]:
    """Row positions of each wanted customer or item."""
    mine = rows[rows[column].isin(wanted)]
    return {
        str(name): np.sort(np.asarray(index, dtype=np.int64))
        for name, index in mine.groupby(column).groups.items()
    }


def _pays(secured: int, security: Mapping[Any, Any]) -> int:
    """What a security pays if all that it secures is lost."""
    text, limit = security["cover_rate"], security["limit"]
    share = Fraction(text) if isinstance(text, str) and text else Fraction(1)
    above = max(0, secured - (security["first"] or 0))
    pays = divide(above * share.numerator, share.denominator, Rounding.FLOOR)
    return pays if limit is None else min(pays, int(limit))
