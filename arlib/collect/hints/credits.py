"""Credits and cash that lie open beside debts. Floor 1."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import cast

import pandas as pd

from arlib.collect.follow_up.frames import CashState
from arlib.collect.follow_up.remittances import open_cash
from arlib.collect.hints.desk import Case
from arlib.collect.hints.frames import Confidence, HintKind
from arlib.credit.write_off.words import listed, money
from arlib.money import total
from arlib.tables.rows import Row, records, text, whole

NOT_OURS = (CashState.HELD.value, CashState.PREPAYMENT.value)


def credits_not_used(case: Case) -> Iterator[Row]:
    """Open credits of a customer that owes something in the same currency: one row a credit."""
    debits = case.own(case.position.debits)
    for row in records(case.own(case.position.credits)):
        if row["bucket"] == "unapplied" or not text(row["customer_id"]):
            continue
        mine = debits[debits["customer_id"].eq(row["customer_id"]) & debits["currency"].eq(row["currency"])]
        if mine.empty:
            continue
        amount, owed = -whole(row["outstanding"]), total(mine["outstanding"])
        number, code = text(row["document_no"]), row["currency"]
        same = mine[mine["outstanding"].eq(amount)]
        named = f"; it is as large as {same['document_no'].iloc[0]}" if len(same) == 1 else ""
        credited = case.number(text(row["reverses"])) if text(row["reverses"]) else ""
        yield case.row(
            HintKind.CREDIT_NOT_USED, customer=row["customer_id"], currency=code, amount=amount, item=row["item_id"],
            documents=[number, credited, *(same["document_no"].head(1) if len(same) == 1 else ())],
            sentence=f"{number} has {money(amount, code)} of credit open, beside {money(owed, code)} that is owed{named}",
            next_step=f"set it against {credited or (same['document_no'].iloc[0] if len(same) == 1 else 'what it belongs to')}, "
            "or ask the customer where to set it",
            confidence=Confidence.LIKELY if credited or len(same) == 1 else Confidence.POSSIBLE, evidence=(row["item_id"],),
            team="collections",
        )  # fmt: skip


def cash_on_account(case: Case, doubted: Collection[str] = ()) -> Iterator[Row]:
    """Cash that is not applied beside open items: one row a customer and currency; held money and prepayments do not count.

    Nor does what may not exist (`doubted`); the sentence names it.
    """
    every = case.own(open_cash(case.book, position=case.position, policies=case.policies))
    is_doubted = every["item_id"].isin(list(doubted))
    left_out, rows = every[is_doubted], every[~is_doubted]
    rows = rows[~rows["state"].isin(NOT_OURS) & rows["customer_id"].fillna("").ne("")]
    debits, late = case.own(case.position.debits), case.own(case.position.past_due)
    for key, own in rows.groupby(["customer_id", "currency"], sort=True):
        customer, code = (str(part) for part in cast("tuple[str, str]", key))
        owed = debits[debits["customer_id"].eq(customer) & debits["currency"].eq(code)]
        if owed.empty:
            continue
        cash, past = total(own["amount"]), late[late["customer_id"].eq(customer) & late["currency"].eq(code)]
        due = total(past["outstanding"])
        same = _same(own, owed)
        words = (
            f"covers all that is past due, {money(due, code)}" if 0 < due <= cash
            else f"would pay part of {money(due or total(owed['outstanding']), code)} {'past due' if due else 'open'}"
        )  # fmt: skip
        exact = f"; {same[0]} is exactly {same[1]}" if same else ""
        out = left_out[left_out["customer_id"].eq(customer) & left_out["currency"].eq(code)]
        exact += (
            f"; without {money(total(out['amount']), code)} ({listed(out['document_no'])}) that may be entered twice"
            if len(out)
            else ""
        )
        yield case.row(
            HintKind.CASH_ON_ACCOUNT, customer=customer, currency=code, amount=cash, item=own["item_id"].iloc[0],
            documents=[*own["document_no"].fillna(""), *([same[1]] if same else [])], receipt=text(own["receipt_id"].iloc[0]),
            sentence=f"{money(cash, code)} is not applied ({listed(own['document_no'])}) and {words}{exact}",
            next_step=text(own["ask"].iloc[0]), evidence=[*own["item_id"].head(20)], team="collections",
            confidence=Confidence.LIKELY if same or 0 < due <= cash else Confidence.POSSIBLE,
        )  # fmt: skip


def _same(cash: pd.DataFrame, owed: pd.DataFrame) -> tuple[str, str] | None:
    """The only receipt and open item of one amount, by document number."""
    both = cash[["document_no", "amount"]].merge(
        owed[["document_no", "outstanding"]], left_on="amount", right_on="outstanding", suffixes=("", "_owed")
    )
    return (
        (str(both["document_no"].iloc[0]), str(both["document_no_owed"].iloc[0])) if len(both) == 1 else None
    )
