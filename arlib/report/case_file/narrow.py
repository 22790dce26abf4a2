"""One customer's book as it may leave the house: without other customers' rows, totals and files. Floor 3."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from arlib.ledger.by_customer import CustomerBook, CustomerIndex, own_rows
from arlib.tables import CANONICAL, INPUTS, PROBLEMS, Book

SHARED = (
    "entities",
    "periods",
    "control_accounts",
    "fx_rates",
    "gl_balances",
)  # of no customer, and needed to read it
NAMED = ("customers", "customer_history")  # who somebody is: of this customer only
LINKS = (
    "customer_id",
    "item_id",
    "receipt_id",
    "plan_id",
    "bank_line_id",
    "source_item_id",
    "target_item_id",
)


def narrowed(book: Book, customer_id: str) -> CustomerBook:
    """The book of one customer of one entity, again the same when it is narrowed twice.

    Files are told by name, size, hash and rows; what all of their rows add up to, problems of their rows and copies of
    the bank's files stay behind. Raises ParameterError for a customer that no table knows.
    """
    mine = CustomerIndex.of(book).book_of(customer_id)
    kept = {name: frame for name, frame in mine.tables.items() if name in SHARED or _is_linked(name)}
    kept |= {name: own_rows(mine, kept[name]) for name in NAMED if name in kept}
    used = {name for name, frame in kept.items() if len(frame)}
    inputs = without_sums(mine.inputs[mine.inputs["table"].isin(used)])
    return replace(mine, tables=kept, problems=PROBLEMS.empty(), inputs=inputs, documents=())


def without_sums(inputs: pd.DataFrame) -> pd.DataFrame:
    """INPUTS with one row a file and table and without money: what a file adds up to is every customer's."""
    if inputs.empty:
        return inputs.reset_index(drop=True)
    rows = ["rows_in", "rows_out", "rows_rejected"]
    by = ["file", "table", "part"]
    plain = inputs.assign(part=inputs["part"].fillna(""))
    first = plain.drop_duplicates(by).drop(columns=rows)
    sums = plain.groupby(by, sort=True, as_index=False)[rows].sum()
    made = sums.merge(first, on=by).assign(currency="")
    for name in ("amount_in", "amount_out", "amount_rejected"):
        made[name] = pd.NA
    return INPUTS.typed(made)


def _is_linked(name: str) -> bool:
    return any(link in CANONICAL[name].by_name for link in LINKS)
