"""Documents and payments that may be there twice, as the duplicate test of the auditors found them. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from arlib.collect.hints.desk import Case
from arlib.collect.hints.frames import Confidence, HintKind
from arlib.credit.write_off.words import day, money
from arlib.tables.rows import Row, records, text

KINDS = {
    "invoice": HintKind.DUPLICATE_INVOICE, "receipt": HintKind.DUPLICATE_PAYMENT, "credit_memo": HintKind.DUPLICATE_CREDIT,
    "refund": HintKind.DUPLICATE_REFUND,
}  # fmt: skip
STEPS = {
    HintKind.DUPLICATE_INVOICE: "compare order, delivery note and lines of both; where they are one, credit the second",
    HintKind.DUPLICATE_PAYMENT: "see whether the bank has both; entered twice is reversed, paid twice is asked about or paid back",
    HintKind.DUPLICATE_CREDIT: "compare what both credit; where it is one, reverse the second",
    HintKind.DUPLICATE_REFUND: "see whether both left the bank; ask for the second back",
}
BOTH = "the bank has both"  # how the test says that each of the two came in
SURE = 80  # points of the test from which a pair is likely


def doubted_cash(case: Case, pairs: pd.DataFrame | None) -> frozenset[str]:
    """Items of open cash that may not exist: one of each flagged pair of receipts, unless the bank has both.

    Of the two that one is doubted which is open; where both are, the one posted last. Money that the bank has twice is there,
    whatever it was paid for. Nothing without `pairs` (DUPLICATE_PAIRS).
    """
    if pairs is None:
        return frozenset()
    mine = pairs[pairs["is_flagged"].to_numpy(dtype=bool) & pairs["what"].eq("receipt").to_numpy(dtype=bool)]
    open_ = {str(item) for item in case.position.credits["item_id"]}
    made = set()
    for row in records(case.own(mine)):
        if BOTH not in text(row["explained_by"]).casefold():
            two = [str(row[name]) for name in ("other_item_id", "item_id") if str(row[name]) in open_]
            made |= set(two[:1])
    return frozenset(made)


def doubles(case: Case, pairs: pd.DataFrame) -> Iterator[Row]:
    """A hint for each flagged pair of DUPLICATE_PAIRS; what its test explains away (recurring, reversed) is not flagged."""
    for row in records(case.own(pairs[pairs["is_flagged"].to_numpy(dtype=bool)])):
        kind = KINDS.get(str(row["what"]))
        if kind is None:
            continue
        numbers = [text(row["document_no"]), text(row["other_document_no"])]
        what = str(row["what"]).replace("_", " ")
        dated = f"of {day(row['posted_on'])} and {day(row['other_posted_on'])}"
        against = f". Against it: {text(row['explained_by'])}" if text(row["explained_by"]) else ""
        yield case.row(
            kind, customer=row["customer_id"], documents=numbers, currency=row["currency"], amount=int(row["amount"]),
            sentence=f"{numbers[0]} and {numbers[1]}, {dated}, may be one {what} of {money(int(row['amount']), row['currency'])}: "
            f"{text(row['reasons'])}{against}",
            next_step=STEPS[kind], confidence=Confidence.LIKELY if int(row["score"]) >= SURE else Confidence.POSSIBLE,
            evidence=(row["other_item_id"], row["item_id"]), item=row["other_item_id"], codes=("duplicate_invoice",),
            team="cash_application" if kind is HintKind.DUPLICATE_PAYMENT else "",
        )  # fmt: skip
