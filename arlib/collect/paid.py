"""Cash that paid debts, line by line: which receipt, which item, when, how late. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.collect.position import Position
from arlib.errors import RateError
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import Ints, found_at, in_functional, ints, of_entity
from arlib.ledger.openitems import Linked, linked, original_due_dates
from arlib.money import divide, translate_at
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ApplicationKind

NOT_PAYING = (
    ApplicationKind.RETURN.value,
    ApplicationKind.REFUND.value,
    ApplicationKind.CREDIT_TO_CREDIT.value,
)


MAX_REVERSALS = 20  # reversals of reversals; a longer chain is a loop, and stays as it is


@dataclass(frozen=True)
class Lines:
    """Payments on items. `frame` has a row for each application of cash that stands at the as-of date.

    Its columns: item_id, receipt_id (item of the receipt), item and receipt (their rows in ITEMS of the entity),
    customer_id (after mergers), currency, amount (of the item's currency, without discount), books_amount (at booking
    rates; where the source has none, at the closing rate; missing where there is no rate either), paid_on, due
    (original, missing where there is none), days_late (Int64). `unrated` names customers and currencies without amount.
    """

    frame: pd.DataFrame
    unrated: tuple[tuple[str, str], ...]


def paid_lines(book: Book, *, position: Position) -> Lines:
    """The cash that stands on debts at the as-of date, net of reversals, at most what returns left of each receipt.

    Cash set against a refund, a return or another credit pays nothing. Needs ITEMS and APPLICATIONS; uses
    CUSTOMER_MERGES and INSTALMENTS. Raises what `linked` raises.
    """
    facts = linked(book, scope=position.scope)
    items, rows = facts.items, facts.applications
    types = items["item_type"].to_numpy(dtype=object)
    is_cash = np.isin(types.astype(str), [kind.value for kind in CASH_TYPES])
    is_debt = (ints(items["amount"]) > 0) & ~is_cash
    net, counts = _net_of_reversals(rows)
    counts &= is_cash[facts.source] & is_debt[facts.target] & (net["target_amount"] > 0)
    counts &= ~rows["kind"].isin(NOT_PAYING).to_numpy(dtype=bool)
    target, source = facts.target[counts], facts.source[counts]
    amounts = _left_by_returns(facts, is_cash, source, {name: values[counts] for name, values in net.items()})
    kept = amounts["target_amount"] > 0
    target, source = target[kept], source[kept]
    made = pd.DataFrame({
        "item_id": items["item_id"].to_numpy()[target], "receipt_id": items["item_id"].to_numpy()[source],
        "item": target, "receipt": source, "currency": items["currency"].to_numpy()[target],
    })  # fmt: skip
    for name in ("item_id", "receipt_id", "currency"):
        made[name] = made[name].astype("str")
    codes = merged_codes(items["customer_id"], book, entity=position.scope.entity, on=position.scope.as_of)
    made["customer_id"] = pd.Series(codes.to_numpy()[target], dtype="str")
    made["amount"] = pd.array(amounts["target_amount"][kept], dtype="Int64")
    given = pd.Series(pd.array(amounts["functional"][kept], dtype="Int64"))
    given = given.mask(amounts["functional_missing"][kept] != 0)
    made["books_amount"], unrated = in_books(given, made["amount"], made["currency"], position=position)
    billed = items["effective_date"].to_numpy()[target]
    cash_on = items["effective_date"].to_numpy()[source]
    made["paid_on"] = np.maximum(billed, cash_on)
    made["due"] = _due(book, facts, made, position=position)
    made["days_late"] = (made["paid_on"] - made["due"]).dt.days.astype("Int64")
    missing = made[made["books_amount"].isna() & made["currency"].isin(unrated)]
    pairs = sorted(set(zip(missing["customer_id"], missing["currency"], strict=True)))
    return Lines(frame=made[made["customer_id"].notna()].reset_index(drop=True), unrated=tuple(pairs))


def in_books(
    given: pd.Series, amount: pd.Series, currency: pd.Series, *, position: Position
) -> tuple[pd.Series, tuple[str, ...]]:
    """Amounts of facts in the books' currency: as booked, else at the closing rate; and the currencies without one."""
    made = given.where(given.notna() | currency.ne(position.currency), amount).reset_index(drop=True)
    todo = made.isna().to_numpy(dtype=bool) & amount.notna().to_numpy(dtype=bool)
    if not todo.any():
        return made.astype("Int64"), ()
    unrated = []
    for code in sorted(currency[todo].unique()):
        try:
            position.rates.find(code, position.currency, position.scope.as_of)
        except RateError:
            unrated.append(str(code))
    todo &= ~currency.isin(unrated).to_numpy(dtype=bool)
    found = translate_at(
        amount[todo], from_currency=currency[todo], to_currency=position.currency, rates=position.rates,
        on=position.scope.as_of,
    )  # fmt: skip
    made.iloc[np.flatnonzero(todo)] = found.to_numpy()
    return made.astype("Int64"), tuple(unrated)


def _net_of_reversals(rows: pd.DataFrame) -> tuple[dict[str, Ints], np.ndarray]:
    """Each application's amounts less what reversals took back, and which rows are no reversals themselves."""
    back = rows["reverses"].fillna("").ne("").to_numpy(dtype=bool)
    functional = in_functional(rows, "target_functional_amount", "target_amount", "target_currency", "")
    net = {
        "target_amount": ints(rows["target_amount"]).copy(), "source_amount": ints(rows["source_amount"]).copy(),
        "functional": ints(functional).copy(),
    }  # fmt: skip
    missing = functional.isna().to_numpy(dtype=bool).copy()
    if back.any():
        mine = np.flatnonzero(back)
        at = np.full(len(rows), -1, dtype=np.int64)
        at[mine] = found_at(rows.loc[back, "reverses"], rows["application_id"])
        root = at[mine]
        for _ in range(MAX_REVERSALS):  # a reversal may itself be reversed: all of it belongs to the first
            onward = (root >= 0) & (at[root] >= 0)
            if not onward.any():
                break
            root = np.where(onward, at[root], root)
        known = root >= 0
        for values in net.values():
            np.add.at(values, root[known], values[mine[known]])
        missing[root[known]] |= missing[mine[known]]
    net["functional_missing"] = missing.astype(np.int64)
    return net, ~back


def _left_by_returns(
    facts: Linked, is_cash: np.ndarray, source: Ints, net: dict[str, Ints]
) -> dict[str, Ints]:
    """The amounts of each line, cut down in proportion where returns left less of a receipt than is applied."""
    items = facts.items
    back = is_cash & facts.is_counted & (ints(items["amount"]) > 0)
    named = np.flatnonzero(back & items["reverses"].fillna("").ne("").to_numpy(dtype=bool))
    if not len(named):
        return net
    at = found_at(items["reverses"].iloc[named], items["item_id"])
    returned = np.zeros(len(items), dtype=np.int64)
    np.add.at(returned, at[at >= 0], ints(items["amount"])[named[at >= 0]])
    used = np.zeros(len(items), dtype=np.int64)
    np.add.at(used, source, net["source_amount"])
    left = np.maximum(np.abs(ints(items["amount"])) - returned, 0)
    for row in np.flatnonzero((returned[source] > 0) & (used[source] > left[source])).tolist():
        share, whole = int(left[source[row]]), int(used[source[row]])
        for name in ("target_amount", "functional"):
            net[name][row] = divide(int(net[name][row]) * share, whole)
    return net


def _due(book: Book, facts: Linked, lines: pd.DataFrame, *, position: Position) -> pd.Series:
    """Original due date of what each line paid; of an item in parts, of the earliest part that cash had not paid yet."""
    due = original_due_dates(facts.items, facts.places).to_numpy()[lines["item"].to_numpy()]
    made = pd.Series(due, index=lines.index)
    parts = of_entity(book["instalments"], position.scope.entity)
    if parts.empty:
        return made
    parts = parts[parts["item_id"].isin(lines["item_id"])]
    parts = parts.sort_values(["item_id", "due_date", "instalment_no"], kind="stable")
    starts = parts.assign(
        start=parts.groupby("item_id")["amount"].cumsum().astype("int64") - parts["amount"].astype("int64")
    )
    mine = lines[lines["item_id"].isin(parts["item_id"])].sort_values(["paid_on", "receipt"], kind="stable")
    before = mine.groupby("item_id")["amount"].cumsum().astype("int64") - mine["amount"].astype("int64")
    found = pd.merge_asof(
        mine.assign(before=before).reset_index()[["index", "item_id", "before"]].sort_values("before", kind="stable"),
        starts[["item_id", "start", "due_date"]].sort_values("start", kind="stable"),
        left_on="before", right_on="start", by="item_id",
    ).set_index("index")  # fmt: skip
    made.loc[found.index] = found["due_date"]
    return made
