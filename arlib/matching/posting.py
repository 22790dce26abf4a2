"""The projected posting file: what an ERP is to apply, one line a receipt and item. Floor 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.matching.person import PERSON, PLACED
from arlib.tables.kinds import Column, Kind, Table

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from arlib.matching.result import MatchResult

T, D, M = Kind.TEXT, Kind.DAY, Kind.MONEY

POSTING = Table("posting", "a receipt application for the ERP", ("entity", "receipt_id", "item_id"), (
    Column("entity", T, "entity code", True),
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "number of the item's document"),
    Column("customer_id", T, "customer of the item", is_key=True),
    Column("value_date", D, "when the money came", True),
    Column("posting_date", D, "day that it is applied on in the ledger", True),
    Column("currency", T, "currency of the item", True),
    Column("applied_amount", M, "cash set against the item; negative where a credit is taken up", True, currency="currency"),
    Column("discount", M, "cash discount allowed", currency="currency"),
    Column("fee", M, "bank charge", currency="currency"),
    Column("fx", M, "exchange difference", currency="currency"),
    Column("tolerance", M, "small difference written off", currency="currency"),
    Column("deduction", M, "claim of the customer that stays open", currency="currency"),
    Column("open_after", M, "open on the item afterwards", True, currency="currency"),
    Column("receipt_currency", T, "currency of the receipt", True),
    Column("receipt_amount", M, "the part of the receipt that this uses", True, currency="receipt_currency"),
    Column("reason", T, "what the difference is", True),
    Column("rule", T, "rule that decided", True),
    Column("evidence", T, "one sentence a person can check", True),
    Column("decided_by", T, "who decided: a person's name, or rule where the run applies it by itself"),
))  # fmt: skip


def posting_lines(result: MatchResult, *, posted_on: date | None = None) -> pd.DataFrame:
    """What the run applies by itself, and what people decided: POSTING, by its key. A suggestion is never in it.

    `posted_on` is the day of the applications, the last one of the period that is closed; without it each is applied on the
    day that its money came.
    """
    import pandas as pd

    auto = result.matches[result.matches["decision"].isin(["auto", PERSON])].reset_index(drop=True)
    keys = ["entity", "receipt_id"]
    days = result.pool_receipts[[*keys, "value_date"]]
    numbers = result.pool_items[["entity", "item_id", "document_no"]]
    made = auto.merge(days, on=keys, how="left", validate="many_to_one")
    made = made.merge(numbers, on=["entity", "item_id"], how="left", validate="many_to_one")
    line = [*keys, "item_id"]
    people = result.by_hand.loc[result.by_hand["standing"].eq(PLACED), [*line, "decided_by"]]
    made = made.merge(people, on=line, how="left", validate="one_to_one")
    made["decided_by"] = made["decided_by"].fillna("rule")
    made["posting_date"] = made["value_date"] if posted_on is None else pd.Timestamp(posted_on)
    return POSTING.typed(made).sort_values(list(POSTING.key), kind="stable", ignore_index=True)
