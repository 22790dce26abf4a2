"""The tax in a debt written off: when relief may be claimed, whether it was, and what is to be paid back. Floor 1."""

from __future__ import annotations

from datetime import date

import pandas as pd

from arlib.calendar import add_months
from arlib.credit.write_off.frames import RELIEF, ReliefStatus
from arlib.credit.write_off.limitation import entity_country
from arlib.credit.write_off.words import day_of
from arlib.ledger.facts import of_entity
from arlib.ledger.openitems import original_due_dates
from arlib.money import Rounding, divide
from arlib.policy import Scope, WriteOffPolicy
from arlib.policy.write_off import ReliefRule, StartsFrom
from arlib.tables import Book
from arlib.tables.rows import records


def claim_window(
    rule: ReliefRule, *, due: date | None, supply: date | None, written_off: date | None
) -> tuple[date | None, date | None]:
    """First and last day of a claim, both included; None where a day that it is counted from is not known, or no end.

    A debt cannot be claimed before it is written off: then the first day is that of the write-off. Of due date and supply
    the later counts where the rule says so, and the one that is known where only one is.
    """
    first = _counted(rule.earliest_from, rule.min_months, due, supply, written_off)
    if first is not None and written_off is not None:
        first = max(first, written_off)
    if rule.latest_months is None:
        return first, None
    return first, _counted(rule.latest_from, rule.latest_months, due, supply, written_off)


def _counted(
    kind: StartsFrom, months: int, due: date | None, supply: date | None, off: date | None
) -> date | None:
    known = [day for day in (due, supply) if day is not None]
    starts = {
        StartsFrom.DUE_DATE: due,
        StartsFrom.SUPPLY_DATE: supply,
        StartsFrom.LATER_OF_BOTH: max(known) if known else None,
        StartsFrom.WRITTEN_OFF: off,
        StartsFrom.END_OF_YEAR: None if due is None else date(due.year, 12, 31),
    }[kind]
    return None if starts is None else add_months(starts, months)


def tax_relief(
    book: Book, register: pd.DataFrame, came_back: pd.DataFrame, *, scope: Scope, policy: WriteOffPolicy
) -> pd.DataFrame:
    """The tax part of every debt written off that has one, with its claim: RELIEF, sorted by its key.

    The country is the entity's: it paid the tax. Supply is the delivery date, else the end of the service, else the
    document's date. What may be claimed is the tax in what has not come back; what came back after a claim is paid back
    in proportion, where the rule says so. A claim in the future of the as-of date does not count yet. A day on which a claim
    may be made for the first or the last time is inside. Needs REGISTER and RECOVERIES; uses ITEMS, ENTITIES.
    """
    rows = register[register["tax_amount"].fillna(0).gt(0)]
    if rows.empty:
        return RELIEF.empty()
    country = entity_country(book, scope=scope)
    rule = next((row for row in policy.relief_rules if row.country == country), None)
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").reset_index(drop=True)
    due = pd.Series(original_due_dates(items, pd.Index(items["item_id"])).to_numpy(), index=items["item_id"])
    supplied = (
        items["delivery_date"]
        .fillna(items["service_to"])
        .fillna(items["document_date"])
        .fillna(items["effective_date"])
    )
    supply = pd.Series(supplied.to_numpy(), index=items["item_id"])
    made = []
    for row in records(rows):
        off = row["written_off_on"].date()
        days = (day_of(due.get(row["item_id"])), day_of(supply.get(row["item_id"])))
        first, last = (
            (None, None) if rule is None else claim_window(rule, due=days[0], supply=days[1], written_off=off)
        )
        tax, amount = int(row["tax_amount"]), int(row["amount"])
        back = min(int(row["recovered"]), amount)
        claimed = _upto(row["relief_claimed_on"], scope)
        if claimed is not None:  # what came back before the claim was never claimed
            later = came_back["item_id"].eq(row["item_id"]) & came_back["date"].gt(pd.Timestamp(claimed))
            back = min(back, int(came_back.loc[later.to_numpy(dtype=bool), "recovered"].sum()))
        tax_back = divide(tax * back, amount, Rounding.HALF_UP) if amount else 0
        repaid = _upto(row["relief_repaid_on"], scope)
        status = _status(rule, first, last, claimed, repaid, tax_back, scope)
        made.append(
            {
                **{
                    name: row[name]
                    for name in (
                        "entity",
                        "item_id",
                        "written_off_on",
                        "document_no",
                        "customer_id",
                        "currency",
                        "amount",
                        "tax_amount",
                    )
                },
                "jurisdiction": country,
                "earliest_claim": first,
                "latest_claim": last,
                "status": status.value,
                "claim_amount": tax - tax_back
                if status in (ReliefStatus.TOO_EARLY, ReliefStatus.CLAIMABLE)
                else 0,
                "claimed_on": claimed,
                "repay_amount": tax_back if status is ReliefStatus.REPAY else 0,
                "repaid_on": repaid,
                "evidence": rule.evidence if rule else "",
                "rule": rule.source if rule else "",
            }
        )
    return RELIEF.typed(pd.DataFrame(made)).sort_values(list(RELIEF.key), kind="stable", ignore_index=True)


def _status(
    rule: ReliefRule | None, first: date | None, last: date | None, claimed: date | None, repaid: date | None,
    tax_back: int, scope: Scope,
) -> ReliefStatus:  # fmt: skip
    if claimed is not None:
        if repaid is not None:
            return ReliefStatus.REPAID
        owes = tax_back > 0 and (rule is None or rule.repays_on_recovery)
        return ReliefStatus.REPAY if owes else ReliefStatus.CLAIMED
    if rule is None:
        return ReliefStatus.NO_RULE
    if last is not None and scope.as_of > last:
        return ReliefStatus.LAPSED
    return ReliefStatus.TOO_EARLY if first is None or scope.as_of < first else ReliefStatus.CLAIMABLE


def _upto(value: object, scope: Scope) -> date | None:
    day = day_of(value)
    return day if day is not None and day <= scope.as_of else None
