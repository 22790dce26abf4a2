"""Interest and compensation of the lines of letters. Floor 1: asked for in the letter, never posted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.dunning.interest import Accrual, accrual, compensation_of, reference_series, rule_for
from arlib.collect.position import Position
from arlib.ledger.facts import of_entity
from arlib.policy import Policies
from arlib.policy.interest import InterestRule, LawOf
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import text


def with_charges(
    lines: pd.DataFrame, *, position: Position, policies: Policies, book: Book
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Lines with interest, compensation, rule, `asks_interest` and a note, and what is to be said of all of them.

    Only letters of a level with interest have them. Interest is on what the line asks for: disputed, promised and planned
    parts bear none, nor do items that are interest or fees themselves. Compensation is once an item. A rule that nobody
    confirmed is worked out and not asked for.
    """
    levels = {each.level for each in policies.dunning.levels if each.has_interest}
    lines = lines.assign(
        interest=pd.Series(0, index=lines.index, dtype="Int64"), compensation=pd.Series(0, index=lines.index, dtype="Int64"),
        interest_rule=pd.Series("", index=lines.index, dtype="str"), asks_interest=False,
        note=pd.Series("", index=lines.index, dtype="str"), _row=np.arange(len(lines)),
    )  # fmt: skip
    mine = lines[lines["letter_level"].isin(levels) & lines["item_type"].ne(ItemType.INTEREST_OR_FEE.value)]
    if not len(mine) or not policies.dunning.interest_rules:
        return lines.drop(columns="_row"), ()
    rules = _rules(mine, position, policies, book)
    references = reference_series(policies.dunning.reference_rates)
    accruals: dict[tuple[str, object], Accrual] = {}
    interest, compensation = (
        lines["interest"].to_numpy(dtype=np.int64).copy(),
        np.zeros(len(lines), dtype=np.int64),
    )
    names, notes, asks = (
        np.full(len(lines), "", dtype=object),
        np.full(len(lines), "", dtype=object),
        np.zeros(len(lines), dtype=bool),
    )
    whole = mine.groupby("item_id")["asked"].transform("sum")
    is_first = ~mine["item_id"].duplicated()
    columns = (
        mine["_row"],
        mine["customer_id"],
        mine["due_on"].dt.date,
        mine["asked"],
        mine["currency"],
        whole,
        is_first,
    )
    unconfirmed: set[str] = set()
    for row, customer, due, asked, currency, of_item, first in zip(*columns, strict=True):
        rule = rules.get(customer)
        if rule is None:
            continue
        key = (rule.name, due)
        if key not in accruals:
            accruals[key] = accrual(due_on=due, until=position.scope.as_of, rule=rule, references=references)
        found = accruals[key]
        if not found.segments and not found.fault:
            continue
        interest[row] = found.on(int(asked))
        compensation[row] = compensation_of(rule, principal=int(of_item), currency=currency) if first else 0
        names[row], notes[row] = rule.name, found.fault or found.words
        asks[row] = bool(rule.confirmed_by) and not found.fault
        if not rule.confirmed_by:
            unconfirmed.add(rule.name)
    faults = sorted({each.fault for each in accruals.values() if each.fault})
    said = (
        *(f"Interest rule {name} is an example that counsel has not confirmed (confirmed_by): no letter asks for it."
          for name in sorted(unconfirmed)),
        *(f"Interest is not worked out on some items: {fault}." for fault in faults),
        *(("Interest is on what is still open: parts that were paid late before the as-of date bear none here.",) if accruals else ()),
    )  # fmt: skip
    made = lines.assign(
        interest=pd.array(interest, dtype="Int64"), compensation=pd.array(compensation, dtype="Int64"),
        interest_rule=pd.Series(names, index=lines.index, dtype="str"), note=pd.Series(notes, index=lines.index, dtype="str"),
        asks_interest=asks,
    )  # fmt: skip
    return made.drop(columns="_row"), said


def _rules(
    lines: pd.DataFrame, position: Position, policies: Policies, book: Book
) -> dict[str, InterestRule | None]:
    """The rule of each customer of the lines."""
    scope, policy = position.scope, policies.dunning
    places = (
        position.customers.drop_duplicates("customer_id")
        .set_index("customer_id")["country"]
        .fillna("")
        .to_dict()
    )
    home = scope.country
    if not home:
        entity = of_entity(book["entities"], scope.entity)
        home = text(entity["country"].iloc[0]) if len(entity) else ""
    return {
        str(name): rule_for(
            policy.interest_rules, customer=str(name),
            place=home if policy.interest_law_of is LawOf.ENTITY else str(places.get(name, "")),
        )
        for name in lines["customer_id"].unique()
    }  # fmt: skip
