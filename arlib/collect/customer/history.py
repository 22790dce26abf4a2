"""What a customer owed and does not owe any more: when and how it was settled, and how late. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.customer.frames import HISTORY_OF_CUSTOMER
from arlib.collect.customer.own import Account, account_of, for_people
from arlib.collect.customer.settled import CASH, pairs_of, settled_words
from arlib.collect.paid import paid_lines
from arlib.collect.position import Position
from arlib.ledger.customer.whose import own_at
from arlib.ledger.facts import Ints, fact_dates, ints
from arlib.ledger.openitems import Linked, original_due_dates
from arlib.policy import Policies, Scope
from arlib.tables import Book


def history_of(
    book: Book, *, scope: Scope, policies: Policies, customer_id: str = "", account: Account | None = None
) -> pd.DataFrame:
    """Every document of the customer that is settled at the as-of date: HISTORY_OF_CUSTOMER, the last settled first.

    Settled is what counts and has nothing open; cash has a list of its own (`receipts_of`). `settled_on` is the day of the
    last application on it, by the scope's basis, or its own where it was of no amount. Days late count from the due date before
    any rescheduling to the business day of the last cash, as payment behaviour counts them. amount = paid + discount + other.
    Needs ITEMS and APPLICATIONS; uses CUSTOMER_MERGES, INSTALMENTS. A snapshot lists nothing that was settled.
    """
    here = account_of(book, scope=scope, policies=policies, customer_id=customer_id, account=account)
    facts = here.facts
    items = facts.items
    mine = facts.is_counted & own_at(items["customer_id"], book, here.customer_id, scope=scope)
    mine &= ~items["item_type"].isin(CASH).to_numpy(dtype=bool)
    pairs = pairs_of(facts)
    sums = _sums(facts, pairs)
    closed = np.flatnonzero(
        mine & (ints(items["amount"]) - sums["paid"] - sums["discount"] - sums["other"] == 0)
    )
    if not len(closed):
        return HISTORY_OF_CUSTOMER.empty()
    rows = items.iloc[closed].reset_index(drop=True)
    late = _days_late(book, here.position)
    words = settled_words(facts, pairs[pairs["item"].isin(closed)])
    made = rows.assign(
        document_date=rows["document_date"].fillna(rows["effective_date"]),
        due_date=original_due_dates(items, facts.places).iloc[closed].reset_index(drop=True),
        settled_on=_settled_on(facts, scope)[closed],
        days_late=late.reindex(rows["item_id"]).reset_index(drop=True).astype("Int64"),
        how=[words.get(at, "of no amount") for at in closed.tolist()],
        **{name: pd.array(values[closed], dtype="Int64") for name, values in sums.items()},
    )
    made = made.sort_values(
        ["settled_on", "document_date", "item_id"], ascending=[False, False, True], kind="stable", ignore_index=True
    )  # fmt: skip
    made["rank"] = np.arange(1, len(made) + 1)
    return for_people(HISTORY_OF_CUSTOMER, made)


def _sums(facts: Linked, pairs: pd.DataFrame) -> dict[str, Ints]:
    """What settled each item: cash, cash discount, and the rest."""
    made = {name: np.zeros(len(facts.items), dtype=np.int64) for name in ("paid", "discount", "other")}
    item, amount = pairs["item"].to_numpy(dtype=np.int64), pairs["amount"].to_numpy(dtype=np.int64)
    is_cash = (
        facts.items["item_type"].isin(CASH).to_numpy(dtype=bool)[pairs["other"].to_numpy(dtype=np.int64)]
    )
    is_cash &= ~pairs["is_source"].to_numpy(dtype=bool)
    np.add.at(made["paid"], item[is_cash], amount[is_cash])
    np.add.at(made["other"], item[~is_cash], amount[~is_cash])
    np.add.at(made["discount"], item, pairs["discount"].to_numpy(dtype=np.int64))
    return made


def _settled_on(facts: Linked, scope: Scope) -> np.ndarray:
    """The last day on which an application changed each item, its own day where none did."""
    made = fact_dates(facts.items, scope.basis).to_numpy(dtype="datetime64[s]").copy()
    on = fact_dates(facts.applications, scope.basis).to_numpy(dtype="datetime64[s]")
    np.maximum.at(made, facts.target, on)
    np.maximum.at(made, facts.source, on)
    return made


def _days_late(book: Book, here: Position) -> pd.Series:
    """Days late of the last cash on each item; missing where it has no due date or no cash."""
    lines = paid_lines(book, position=here).frame
    last = lines.sort_values(["item_id", "paid_on"], kind="stable").drop_duplicates("item_id", keep="last")
    late: pd.Series = last.set_index("item_id")["days_late"]
    return late
