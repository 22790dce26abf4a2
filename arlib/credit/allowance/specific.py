"""Specific reserves: named customers and items whose loss is judged one by one, out of the pool first. Floor 1.

A receivable that no longer shares the risk of its pool is judged on its own (IFRS 9 B5.5.1-B5.5.5; ASC 326-20-30-2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from arlib.credit.allowance.exposure import customers_of
from arlib.credit.allowance.frames import rate_text
from arlib.credit.allowance.frames_measure import SPECIFIC_LINES, Basis
from arlib.credit.allowance.securities import functional_limits, share_faults, sign_faults, standing
from arlib.errors import Problem, TableError
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import divide
from arlib.policy import AllowancePolicy, Scope
from arlib.tables import Book
from arlib.tables.choices import ClaimKind, ClaimState, CustomerStatus
from arlib.tables.rows import text

OPEN_CLAIM = (ClaimState.NOT_FILED, ClaimState.FILED, ClaimState.ALLOWED, ClaimState.DISALLOWED)
STATUS_OF_CLAIM = {
    ClaimKind.BANKRUPTCY.value: CustomerStatus.BANKRUPT,
    ClaimKind.ESTATE.value: CustomerStatus.ESTATE,
}
BY_PERSON = (Basis.RATE, Basis.AMOUNT)


@dataclass(frozen=True)
class Reserve:
    """One line to be: who or what is taken out of the pool, and by which loss."""

    line_id: str
    customer_id: str
    item_id: str
    reason: str
    basis: Basis
    rate: Fraction | None  # None: `amount` counts
    amount: int = 0  # functional minor units
    set_by: str = ""
    approved_by: str = ""
    note: str = ""


@dataclass(frozen=True)
class Assigned:
    """Which exposures are specific, by which line."""

    line_ids: pd.Series  # by exposure row; '' in the pool
    reserves: Mapping[str, Reserve]
    limits: tuple[str, ...]

    @property
    def is_by_person(self) -> pd.Series:
        """Rows whose loss a person set."""
        return self.line_ids.isin([key for key, each in self.reserves.items() if each.basis in BY_PERSON])


def assign_specific(book: Book, rows: pd.DataFrame, *, scope: Scope, policy: AllowancePolicy) -> Assigned:
    """Each exposure to at most one specific line: its item's reserve, else its customer's, else its status's.

    Reserves stand from `valid_from` to `valid_to`, both days in it. Of several for one item, or for one
    customer, the one that began last counts, then the greater identifier; the others are named in a limit.
    A customer without a reserve whose status at the as-of date is in the policy's `specific_rates`, or who is
    in an open bankruptcy or estate claim, takes the policy's rate, or 1 less the dividend that the claim
    expects: a claim refused, or not filed in time, expects none. Needs rows of `exposed`, CUSTOMERS; uses
    SPECIFIC_RESERVES and CLAIMS. Raises TableError for a reserve without rate or amount, or with one that
    cannot be.
    """
    reserves, superseded = _set_reserves(book, scope=scope)
    for_item = {each.item_id: each for each in reserves if each.item_id}
    for_customer = {each.customer_id: each for each in reserves if not each.item_id}
    by_item = _mapped(rows["item_id"], {key: each.line_id for key, each in for_item.items()})
    by_customer = _mapped(rows["customer_id"], {key: each.line_id for key, each in for_customer.items()})
    line_ids = by_item.where(by_item.ne(""), by_customer)
    waiting = set(rows.loc[line_ids.eq(""), "customer_id"].unique())
    found = _by_status(book, waiting, scope=scope, policy=policy)
    by_status = _mapped(rows["customer_id"], {each.customer_id: each.line_id for each in found})
    line_ids = line_ids.where(line_ids.ne(""), by_status)
    limits = list(superseded)
    if found:
        limits.append(
            f"{len(found)} customers are bankrupt, in an estate, at law or with an agency and nobody set a "
            "reserve for them: the policy's rate, or the dividend of the claim, stands in."
        )
    return Assigned(line_ids, {each.line_id: each for each in (*reserves, *found)}, tuple(limits))


def specific_lines(
    assigned: Assigned, exposures: pd.DataFrame, *, scope: Scope, policy: AllowancePolicy
) -> pd.DataFrame:
    """The loss expected on each specific line: SPECIFIC_LINES, sorted by its key.

    A rate acts on exposure less cover, rounded once per line; an amount counts as it is, at most the exposure,
    and a cut is said. A reserve that a person set is taken to know of any security, so cover is not counted
    on it again; nor is it discounted. Needs rows with line_id, exposure and cover.
    """
    groups = exposures[exposures["line_id"].ne("")].groupby("line_id")[["exposure", "cover"]].sum()
    counts = exposures["line_id"].value_counts()
    made = []
    for line_id, each in sorted(assigned.reserves.items()):
        exposure, cover = (int(groups[name].get(line_id, 0)) for name in ("exposure", "cover"))
        notes = [each.note] if each.note else []
        if each.rate is None:
            allowance = min(each.amount, exposure)
            if each.amount > exposure:
                notes.append(
                    f"set above the exposure: cut by {each.amount - exposure} minor units of {scope.functional_currency}"
                )
        else:
            exact = (exposure - cover) * each.rate
            allowance = divide(exact.numerator, exact.denominator, policy.rounding)
        if not exposure:
            notes.append("nothing is open for it")
        made.append({
            "entity": scope.entity, "line_id": line_id, "customer_id": each.customer_id, "item_id": each.item_id,
            "reason": each.reason, "basis": each.basis.value, "items": int(counts.get(line_id, 0)), "exposure": exposure,
            "cover": cover, "loss_rate": None if each.rate is None else rate_text(each.rate), "allowance": allowance,
            "needs_reserve": each.basis not in BY_PERSON, "set_by": each.set_by, "approved_by": each.approved_by,
            "note": "; ".join(notes),
        })  # fmt: skip
    return SPECIFIC_LINES.from_rows(made)


def _set_reserves(book: Book, *, scope: Scope) -> tuple[list[Reserve], tuple[str, ...]]:
    rows = standing(book["specific_reserves"], scope=scope)
    no_value = rows["loss_rate"].fillna("").eq("") & rows["amount"].isna()
    faults = [
        *share_faults(rows, "loss_rate", table="specific_reserves"),
        *sign_faults(rows, "amount", table="specific_reserves"),
        *(
            Problem(file="table specific_reserves", table="specific_reserves", row=0, column="loss_rate",
                    code="no_value", found=str(name), wanted="a loss rate, or an amount")
            for name in rows.loc[no_value, "reserve_id"]
        ),
    ]  # fmt: skip
    if faults:
        raise TableError("specific_reserves: losses that cannot be", faults, where=scope.entity)
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    rows = rows.assign(customer_id=codes, item_id=rows["item_id"].fillna(""))
    rows["about"] = rows["customer_id"].where(rows["item_id"].eq(""), "")
    rows = rows.sort_values(
        ["item_id", "about", "valid_from", "reserve_id"], kind="stable", ignore_index=True
    )
    last = ~rows.duplicated(["item_id", "about"], keep="last")
    older = rows.loc[~last, "reserve_id"].tolist()
    said = (
        (
            f"Reserves that a later one for the same customer or item replaces: {', '.join(sorted(older)[:5])}.",
        )
        if older
        else ()
    )
    rows = rows[last].reset_index(drop=True)
    functional = functional_limits(rows.assign(amount=rows["amount"].where(rows["loss_rate"].fillna("").eq(""))),
                                   book, scope=scope)  # fmt: skip
    return [
        _reserve(row, amount) for row, amount in zip(rows.to_dict("records"), functional, strict=True)
    ], said


def _reserve(row: Mapping[Any, Any], amount: int | None) -> Reserve:
    approver = text(row["approved_by"])
    return Reserve(
        line_id=row["reserve_id"],
        customer_id=row["customer_id"],
        item_id=row["item_id"],
        reason=row["reason"],
        basis=Basis.RATE if amount is None else Basis.AMOUNT,
        rate=Fraction(row["loss_rate"]) if amount is None else None,
        amount=amount or 0,
        set_by=text(row["set_by"]),
        approved_by=approver,
        note="" if approver else "nobody approved it",
    )


def _by_status(book: Book, waiting: set[str], *, scope: Scope, policy: AllowancePolicy) -> list[Reserve]:
    """A line for each of these customers that the status or a claim takes out of the pool."""
    status = customers_of(book, scope=scope)["status"]
    claims = _open_claims(book, scope=scope)
    made = []
    for customer in sorted(
        waiting & (set(status.index[status.isin(list(policy.specific_rates))]) | claims.keys())
    ):
        named, claim = text(status.get(customer)), claims.get(customer)
        if named not in policy.specific_rates and claim is not None:
            named = STATUS_OF_CLAIM[claim["kind"]].value
        dividend, note = _dividend(claim, scope=scope)
        if dividend is None and named not in policy.specific_rates:
            continue
        rate = Fraction(policy.specific_rates[named]) if dividend is None else 1 - dividend
        basis = Basis.STATUS if dividend is None else Basis.CLAIM
        made.append(Reserve(f"{named}:{customer}", customer, "", named, basis, rate, note=note))
    return made


def _open_claims(book: Book, *, scope: Scope) -> dict[str, Mapping[Any, Any]]:
    """The open claim of each customer that began last."""
    rows = of_entity(book["claims"], scope.entity)
    day = pd.Timestamp(scope.as_of)
    stands = (
        rows["opened_on"].le(day)
        & ~rows["closed_on"].le(day)
        & rows["state"].isin([s.value for s in OPEN_CLAIM])
    )
    rows = rows[stands.to_numpy(dtype=bool)].sort_values(
        ["opened_on", "claim_id"], kind="stable", ignore_index=True
    )
    if faults := share_faults(rows, "dividend_rate", table="claims"):
        raise TableError("claims: dividends that cannot be", faults, where=scope.entity)
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    return dict(zip(codes, rows.to_dict("records"), strict=True))


def _dividend(claim: Mapping[Any, Any] | None, *, scope: Scope) -> tuple[Fraction | None, str]:
    """Share that the claim is expected to pay, None where nobody says, and what a reader must know."""
    if claim is None:
        return None, ""
    name = claim["claim_id"]
    if claim["state"] == ClaimState.DISALLOWED.value:
        return Fraction(0), f"claim {name} was disallowed: nothing is expected"
    is_late = claim["state"] == ClaimState.NOT_FILED.value and claim["file_by"] < pd.Timestamp(scope.as_of)
    if is_late:
        return Fraction(0), f"claim {name} was not filed by {claim['file_by']:%Y-%m-%d}: nothing is expected"
    dividend = text(claim["dividend_rate"])
    return (
        (Fraction(dividend), f"claim {name} expects a dividend of {dividend}")
        if dividend
        else (None, f"claim {name} names no dividend")
    )


def _mapped(codes: pd.Series, names: Mapping[str, str]) -> pd.Series:
    """The name of each code, '' where it has none."""
    places, labels = pd.factorize(codes)
    named = np.array([names.get(label, "") for label in labels], dtype=object)
    return pd.Series(named[places], index=codes.index, dtype="str")
