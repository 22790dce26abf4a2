"""Debts written off: what came back, what is left, and whether they may still be enforced. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.credit.write_off.frames import REGISTER, LimitationState
from arlib.credit.write_off.words import looked_up
from arlib.ledger.attributes import customer_attributes, merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import Rounding, divide
from arlib.policy import Scope
from arlib.tables import Book


def written_off(book: Book, flows: pd.DataFrame, came_back: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Every debt written off by the as-of date: REGISTER, sorted by its key; limitation is filled by `with_limitation`.

    The rows of WRITTEN_OFF, and those write-offs of the ledger whose item WRITTEN_OFF does not hold (`source` says
    which; such a row has neither proposer nor approver). What came back fills the earliest write-off of the item first.
    A missing tax part is the item's, in proportion. Needs WRITE_OFF_FLOWS and RECOVERIES; uses ITEMS, WRITTEN_OFF.
    """
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    own = of_entity(book["written_off"], scope.entity)
    own = own[own["written_off_on"] <= pd.Timestamp(scope.as_of)].assign(source="register")
    debit = flows[~flows["is_of_credit"].to_numpy(dtype=bool) & flows["amount"].gt(0).to_numpy(dtype=bool)]
    rest = debit[~debit["item_id"].isin(set(own["item_id"]))]
    extra = (
        rest.groupby(["entity", "item_id", "date"], as_index=False, sort=True)
        .agg({"customer_id": "first", "currency": "first", "amount": "sum", "reason": "first"})
        .rename(columns={"date": "written_off_on"})
        .assign(source="ledger")
    )
    parts = [part for part in (own, extra) if len(part)]
    if not parts:
        return REGISTER.empty()
    made = pd.concat(parts, ignore_index=True).sort_values(
        ["entity", "item_id", "written_off_on"], kind="stable", ignore_index=True
    )
    made["customer_id"] = merged_codes(made["customer_id"], book, entity=scope.entity, on=scope.as_of)
    names = customer_attributes(book, on=scope.as_of, entity=scope.entity).drop_duplicates("customer_id")
    made["customer_name"] = looked_up(made["customer_id"], names.set_index("customer_id")["name"])
    made["document_no"] = looked_up(made["item_id"], items["document_no"])
    tax = made["tax_amount"] if "tax_amount" in made else pd.Series(pd.NA, index=made.index, dtype="Int64")
    made["tax_amount"] = tax.where(tax.notna(), _tax(made, items))
    for name in ("reinstated", "recovered"):
        made[name] = _first_in(made, came_back, name)
    made["left"] = made["amount"] - made["reinstated"]
    made["limitation_state"] = LimitationState.UNKNOWN.value
    made["in_period"] = made["written_off_on"].between(
        pd.Timestamp(scope.starts_on), pd.Timestamp(scope.as_of)
    )
    return REGISTER.typed(made)


def with_limitation(register: pd.DataFrame, limitations: pd.DataFrame) -> pd.DataFrame:
    """REGISTER with the last day to enforce each debt; one that is time-barred is no longer enforceable.

    A debt that all came back keeps the date that was recorded. Needs LIMITATIONS of the same register.
    """
    by_item = limitations[limitations["is_written_off"].to_numpy(dtype=bool)].set_index("item_id")
    known = register["item_id"].isin(by_item.index)
    state = looked_up(register["item_id"], by_item["state"]).where(known, register["limitation_state"])
    barred = state.eq(LimitationState.BARRED.value)
    runs = state.isin([LimitationState.RUNNING.value, LimitationState.WARNING.value])
    enforceable = register["is_enforceable"].mask(barred, False)
    enforceable = enforceable.where(enforceable.notna() | ~runs, True)
    day = looked_up(register["item_id"], by_item["limitation_date"]).where(known, register["limitation_date"])
    return REGISTER.typed(
        register.assign(limitation_date=day, limitation_state=state, is_enforceable=enforceable)
    )


def _tax(rows: pd.DataFrame, items: pd.DataFrame) -> pd.Series:
    """The item's tax in proportion to what was written off, rounded half up; missing where it is not known."""
    whole, gross = (
        looked_up(rows["item_id"], items["tax_amount"]),
        looked_up(rows["item_id"], items["amount"]),
    )
    made = [
        None
        if pd.isna(tax) or pd.isna(of) or not of
        else divide(int(tax) * int(part), int(of), Rounding.HALF_UP)
        for tax, of, part in zip(whole, gross, rows["amount"], strict=True)
    ]
    return pd.Series(made, index=rows.index, dtype="Int64")


def _first_in(rows: pd.DataFrame, came_back: pd.DataFrame, name: str) -> pd.Series:
    """What came back of each item, the earliest write-off filled first and the last one taking any rest."""
    sums = came_back.groupby("item_id")[name].sum()
    left = {str(item): int(amount) for item, amount in sums.items()}
    last = ~rows.duplicated("item_id", keep="last")
    made = []
    for item, amount, is_last in zip(rows["item_id"], rows["amount"], last, strict=True):
        part = left.get(item, 0) if is_last else min(int(amount), left.get(item, 0))
        left[item] = left.get(item, 0) - part
        made.append(part)
    return pd.Series(made, index=rows.index, dtype="Int64")
