"""The portfolio as it was frozen: open debits of the day before the quarter, outside the group. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from arlib.collect.position import Position, position
from arlib.collect.targets.quarter import at_start
from arlib.ledger.aging import CURRENT, NO_DUE_DATE
from arlib.ledger.facts import of_entity
from arlib.money import total
from arlib.policy import AttributesAt, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import AccountRole


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What was open at the end of the day before the quarter."""

    position: Position
    debits: pd.DataFrame  # items of the position, outside the group, sorted by item and due date
    credits: pd.DataFrame  # the same of credits and unapplied cash
    is_internal: pd.Series  # of the position's items: within the group


def frozen(book: Book, *, scope: Scope, policies: Policies) -> Frozen:
    """The portfolio of the quarter of the as-of date.

    Open items by posting date at the end of the day before the quarter, aged by the aging policy on that day; collector and
    region are the customer's of that day. What belongs to a company of the group, by its customer or by its control account,
    is out. Needs what `position` needs; raises ParameterError where the source cannot answer that day.
    """
    then = replace(policies, aging=replace(policies.aging, attributes_at=AttributesAt.AS_OF))
    start = position(book, scope=at_start(scope), policies=then)
    internal = within_group(book, start)
    mine = start.items[(~internal & start.items["outstanding"].ne(0)).to_numpy(dtype=bool)]
    mine = mine.sort_values(["item_id", "due_date", "instalment_no"], kind="stable", ignore_index=True)
    for name in ("collector", "region"):
        mine[name] = mine[name].fillna("")
    is_debit = mine["outstanding"].gt(0).to_numpy(dtype=bool)
    return Frozen(
        position=start,
        debits=mine[is_debit].reset_index(drop=True),
        credits=mine[~is_debit].reset_index(drop=True),
        is_internal=internal,
    )


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """From what a page of figures shows to what was frozen, of one part of the open debits; in the books' currency."""

    part: str  # current or past due
    booked: int | None  # at booking rates, the group's own in; empty where an item has no amount in the books
    internal: int  # the group's own, at booking rates
    rates: int | None  # closing rate of the day in place of the booking rate; items without one leave
    frozen: int


def reconciled(start: Frozen) -> tuple[Reconciled, ...]:
    """Open debits that were current and past due on the day of the freeze: sub-ledger at booking rates to frozen portfolio."""
    rows = start.position.items
    debit = rows["outstanding"].gt(0).to_numpy(dtype=bool)
    current = rows["bucket"].eq(CURRENT).to_numpy(dtype=bool)
    late = debit & ~current & rows["bucket"].ne(NO_DUE_DATE).to_numpy(dtype=bool)
    internal = start.is_internal.to_numpy(dtype=bool)
    made = []
    for part, mine in (("current", debit & current), ("past due", late)):
        amounts = rows.loc[mine, "functional_outstanding"]
        own = total(rows.loc[mine & internal, "functional_outstanding"])
        frozen_ = total(rows.loc[mine & ~internal, "books_amount"])
        booked = None if amounts.isna().any() else total(amounts)
        rates = None if booked is None else frozen_ - (booked - own)
        made.append(Reconciled(part=part, booked=booked, internal=own, rates=rates, frozen=frozen_))
    return tuple(made)


def within_group(book: Book, found: Position) -> pd.Series:
    """Which items of a position are of a company of the group, by customer or by control account."""
    customers = found.attributes
    internal = set(
        customers.loc[customers["is_intercompany"].fillna(False).to_numpy(dtype=bool), "customer_id"]
    )
    accounts = of_entity(book["control_accounts"], found.scope.entity)
    roles = set(accounts.loc[accounts["role"].eq(AccountRole.INTERCOMPANY.value), "account"])
    rows = found.items
    mine = rows["customer_id"].isin(internal) | rows["control_account"].isin(roles)
    return pd.Series(np.asarray(mine, dtype=bool), index=rows.index)
