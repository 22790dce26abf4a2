"""Receipts and the bank lines behind them. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.ledger.facts import of_entity
from arlib.money import totals_by
from arlib.policy import Basis, Scope
from arlib.tables import Book

OF_RECEIPT = ("receipt_id", "receipt_currency", "receipt_amount", "receipt_on", "deposit_batch", "receipt_payer",
              "receipt_account", "receipt_text", "receipt_reference", "is_returned")  # fmt: skip
OF_BANK = ("bank_account", "bank_line_id", "bank_date", "first_bank_date", "value_date", "bank_amount", "linked",
           "bank_payer", "payer_account", "bank_text", "bank_reference", "bank_returned")  # fmt: skip


def receipts_of(book: Book, *, scope: Scope) -> pd.DataFrame:
    """Receipts by the item that stands for them: `source_item_id` and OF_RECEIPT. A receipt that returns is none.

    `is_returned`: another receipt says that it returns this one. Needs RECEIPTS.
    """
    rows = of_entity(book["receipts"], scope.entity)
    back = set(rows["return_of"].dropna())
    is_own = rows["return_of"].fillna("").eq("") & rows["item_id"].fillna("").ne("")
    date = (
        rows["effective_date"]
        if scope.basis is Basis.EFFECTIVE
        else rows["posting_date"].fillna(rows["effective_date"])
    )
    made = rows.assign(
        source_item_id=rows["item_id"], receipt_currency=rows["currency"], receipt_amount=rows["amount"], receipt_on=date,
        receipt_payer=rows["payer_name"], receipt_account=rows["payer_account"], receipt_text=rows["remittance_text"],
        receipt_reference=rows["reference"], is_returned=rows["receipt_id"].isin(back),
    )[is_own.to_numpy(dtype=bool)]  # fmt: skip
    ordered = made.sort_values(["source_item_id", "receipt_id"], kind="stable")
    return ordered.drop_duplicates("source_item_id")[["source_item_id", *OF_RECEIPT]].reset_index(drop=True)


def bank_of(book: Book, receipts: pd.Series, *, scope: Scope) -> pd.DataFrame:
    """Bank lines behind receipts: `receipt_id` and OF_BANK, one row a receipt that has any.

    Several lines of one receipt are told together: ids by comma, amounts added, the last dates, the first payer. `linked` is
    the part of them that is the receipt's; `bank_returned`: the bank took one of them back. Needs RECEIPT_BANK_LINES
    and BANK_LINES; a link to a line that is not there counts nothing.
    """
    links = of_entity(book["receipt_bank_lines"], scope.entity)
    links = links[links["receipt_id"].isin(receipts)]
    lines = of_entity(book["bank_lines"], scope.entity)
    returned = set(lines["return_of"].dropna())
    key = ["bank_account", "bank_line_id"]
    wanted = lines[lines["bank_line_id"].isin(links["bank_line_id"])].drop_duplicates(key)
    mine = links[["receipt_id", *key, "amount"]].merge(
        wanted[[*key, "booking_date", "value_date", "amount", "payer_name", "payer_account", "remittance_text", "reference"]],
        on=key, suffixes=("", "_bank"),
    )  # fmt: skip
    if not len(mine):
        return pd.DataFrame(
            {"receipt_id": pd.Series(dtype="str"), **{name: pd.Series(dtype="object") for name in OF_BANK}}
        )
    mine["back"] = mine["bank_line_id"].isin(returned)
    mine = mine.sort_values(["receipt_id", "booking_date", *key], kind="stable")
    by = mine.groupby("receipt_id", sort=True)
    made = by.agg(
        bank_account=("bank_account", "first"), bank_line_id=("bank_line_id", ", ".join), bank_date=("booking_date", "max"),
        first_bank_date=("booking_date", "min"), value_date=("value_date", "max"), bank_payer=("payer_name", "first"),
        payer_account=("payer_account", "first"), bank_text=("remittance_text", "first"), bank_reference=("reference", "first"),
        bank_returned=("back", "any"),
    ).reset_index()  # fmt: skip
    sums = totals_by(mine, "receipt_id", ["amount", "amount_bank"]).set_index("receipt_id")
    made["linked"] = pd.Series(sums["amount"].reindex(made["receipt_id"]).to_numpy(), dtype="Int64")
    made["bank_amount"] = pd.Series(sums["amount_bank"].reindex(made["receipt_id"]).to_numpy(), dtype="Int64")
    return made[["receipt_id", *OF_BANK]]
