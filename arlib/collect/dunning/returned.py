"""Letters about payments that came back: what they had settled, the discount that lapsed, the fee charged. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pandas as pd

from arlib.collect.dunning.drafts import Draft, Known
from arlib.credit.adjustments.fees import charged_fees
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import Row, records, text


def returned_payments(book: Book, *, scope: Scope, policies: Policies) -> list[Row]:
    """RECEIPTS that returned another in the last `returned_days`, the as-of date in, by receipt.

    With `paid_item`, the item of the receipt that came back ('' where it is not known), and the customer's code after
    merges, the payer's where the return names none.
    """
    receipts = of_entity(book["receipts"], scope.entity)
    first = receipts.drop_duplicates("receipt_id").set_index("receipt_id")
    now = pd.Timestamp(scope.as_of)
    since = now - timedelta(days=policies.dunning.returned_days)
    back = receipts[receipts["return_of"].fillna("").ne("") & (receipts["effective_date"] > since)
                    & (receipts["effective_date"] <= now)]  # fmt: skip
    if not len(back):
        return []
    paid = first.reindex(back["return_of"])
    customer = back["customer_id"].fillna("")
    customer = customer.where(customer.ne(""), paid["customer_id"].fillna("").set_axis(back.index))
    codes = merged_codes(customer, book, entity=scope.entity, on=scope.as_of)
    made = back.assign(customer_id=codes, paid_item=paid["item_id"].fillna("").to_numpy())
    return records(made.sort_values("receipt_id", kind="stable"))


def returned_items(book: Book, *, scope: Scope, policies: Policies) -> set[str]:
    """The items that such payments had settled."""
    paid = {text(row["paid_item"]) for row in returned_payments(book, scope=scope, policies=policies)} - {""}
    return set(_settled(book, paid, scope=scope)["target_item_id"]) if paid else set()


def nsf(known: Known) -> Iterator[Draft]:
    """A letter for each returned payment: the documents that are open again and the open fee of the return.

    `discount` is what had been allowed with the payment and was taken back. A fee is the return's where it names it, else
    the first of the customer and currency from that day to `fee_match_days` after it; each is in one letter.
    """
    scope, policies = known.position.scope, known.policies
    debits = known.position.debits
    fees = charged_fees(known.book, scope=scope, policy=policies.adjustment)
    for row in returned_payments(known.book, scope=scope, policies=policies):
        customer, code = text(row["customer_id"]), str(row["currency"])
        applied = _settled(known.book, {text(row["paid_item"])} - {""}, scope=scope)
        mine = debits[debits["customer_id"].eq(customer) & debits["currency"].eq(code)]
        again = mine[mine["item_id"].isin(applied["target_item_id"])]
        gone = applied[applied["target_item_id"].isin(again["item_id"]) & applied["discount"].lt(0)]
        fee = _fee(row, fees, known)
        charged = mine[mine["item_id"].eq(fee["item_id"])] if fee else mine.head(0)
        if fee:
            fees.remove(fee)
        yield Draft(
            row={
                "letter_id": f"NSF-{row['receipt_id']}", "customer_id": customer, "currency": code,
                "amount": abs(int(row["amount"])), "case_no": text(row["return_of"]), "happened_on": row["effective_date"],
                "answer_by": known.answer_by, "detail": text(row["return_code"]),
                "discount": -total(gone["discount"]) or None, "fee": total(charged["outstanding"]) or None,
                "cites": f"{row['receipt_id']}, {row['return_of']}",
            },
            items=pd.concat([again, charged]),
        )  # fmt: skip


def _settled(book: Book, receipt_items: set[str], *, scope: Scope) -> pd.DataFrame:
    """What receipts were applied to by the as-of date."""
    applied = of_entity(book["applications"], scope.entity)
    return applied[
        applied["source_item_id"].isin(receipt_items)
        & applied["effective_date"].le(pd.Timestamp(scope.as_of)).fillna(False)
    ]


def _fee(row: Row, fees: list[Row], known: Known) -> Row | None:
    named = next((fee for fee in fees if text(row["item_id"]) in (fee["reverses"], fee["replaces"])), None)
    if named is not None:
        return named
    begins = row["effective_date"].date()
    ends = begins + timedelta(days=known.policies.adjustment.fee_match_days)
    return next((fee for fee in fees if fee["customer_id"] == row["customer_id"]
                 and fee["currency"] == row["currency"] and begins <= fee["effective_date"] <= ends), None)  # fmt: skip
