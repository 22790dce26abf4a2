"""Cash on the wrong side of a date: receipts held open, money in the bank that was booked later or never. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd

from arlib.audit.cut_off.frames import Grade
from arlib.audit.cut_off.tested import Test
from arlib.audit.cut_off.transits import Weekdays, usual_transits
from arlib.audit.options.cut_off import CutOffOptions
from arlib.ledger.cash_proof import proof_of_cash
from arlib.ledger.facts import fact_dates, of_entity
from arlib.ledger.frames_control import CashCause
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.rows import Row, records

_LATER = (
    CashCause.IN_TRANSIT.value,
    CashCause.POSTED_LATER.value,
    CashCause.NOT_POSTED.value,
    CashCause.RETURN_NOT_POSTED.value,
)

Booked = dict[tuple[str, str], tuple[pd.Timestamp, str]]  # bank account and line: booking date and reference


def cash_off(book: Book, *, scope: Scope, options: CutOffOptions) -> list[Row]:
    """Findings on cash: rows of CUT_OFF without a rank, from the proof of cash up to the date.

    Booked on or before the date and banked after it is a deposit in transit where it reached the bank within the account's
    usual transit (`usual_transits`), at most `transit_days` business days (explained, no effect), else a receipt held open.
    Banked on or before the date and booked after it is the usual lag within `transit_days`, else late. Money that the bank
    has and nobody booked, and receipts that no bank line stands behind, are exceptions; a receipt so young that the bank
    could not show it yet when its lines end is explained. Week-ends and bank holidays of the entity's country are no
    business days. Needs BANK_LINES and RECEIPTS.
    """
    if not _can(book, scope):
        return []
    start = min(scope.starts_on, scope.as_of - timedelta(days=max(options.days_before - 1, 0)))
    _, proof = proof_of_cash(book, scope=replace(scope, starts_on=start))
    proof = proof[proof["cause"].isin(_LATER).to_numpy(dtype=bool)]
    bank = of_entity(book["bank_lines"], scope.entity)
    booked: Booked = {
        (str(account), str(line)): (pd.Timestamp(day), reference if isinstance(reference, str) else "")
        for account, line, day, reference in zip(
            bank["bank_account"], bank["bank_line_id"], bank["booking_date"], bank["reference"], strict=True
        )
    }
    reach = bank.groupby("bank_account")["booking_date"].max()
    receipts = of_entity(book["receipts"], scope.entity).drop_duplicates("receipt_id")
    receipts = receipts.assign(day=fact_dates(receipts, Basis.POSTING)).set_index("receipt_id", drop=False)
    days = Weekdays(scope.country)
    usual = usual_transits(book, scope=scope, options=options, days=days)
    made = []
    for line in records(proof):
        if line["cause"] == CashCause.IN_TRANSIT.value:
            most = usual.get(str(line["bank_account"]), options.transit_days)
            made.append(_in_transit(line, receipts, booked, reach, days, most))
        elif line["cause"] == CashCause.POSTED_LATER.value:
            made.append(_posted_later(line, receipts, booked, days, options))
        else:
            made.append(_unbooked(line, booked))
    return [row for row in made if row]


def cash_tests(book: Book, cash: pd.DataFrame, *, scope: Scope) -> list[Test]:
    """The tests of cash. `cash` are the receipts of the window with `is_before`."""
    possible = _can(book, scope)
    why = (
        ""
        if possible
        else "no bank lines were given"
        if not book.has("bank_lines")
        else "no receipts with a bank account were given"
    )
    before = int(cash["is_before"].sum())
    bank = of_entity(book["bank_lines"], scope.entity)
    lines = len(bank) if possible else 0
    return [
        Test(name="receipts_held_open", assertion="cut-off, existence of cash", is_possible=possible, why_not=why,
             tested=before if possible else 0, not_tested=0 if possible else before,
             words="Receipts booked on or before the date reached the bank by then, or as deposits in transit."),
        Test(name="banked_before", assertion="cut-off, valuation", is_possible=possible, why_not=why,
             tested=lines, not_tested=0 if possible else len(cash) - before,
             words="Money that the bank had on or before the date was booked by then."),
    ]  # fmt: skip


def _can(book: Book, scope: Scope) -> bool:
    named = of_entity(book["receipts"], scope.entity)["bank_account"].fillna("").ne("").any()
    return bool(book.has("bank_lines") and named)


def _in_transit(
    line: Row,
    receipts: pd.DataFrame,
    booked: Booked,
    reach: pd.Series,
    days: Weekdays,
    most: int,
) -> Row:
    receipt = receipts.loc[[line["document_no"]]].iloc[0]
    key = (line["bank_account"], line["counterpart"])
    amount = -int(line["amount"])
    posted = pd.Timestamp(line["date"])
    if key in booked:
        on, _ = booked[key]
        gap = days.between(posted, on)
        said = f"booked {posted:%Y-%m-%d}, in the bank {on:%Y-%m-%d} ({line['counterpart']}), {gap} business day{'s' * (gap != 1)} later"
        if gap <= most:
            return _row(
                line,
                receipt,
                "receipts_held_open",
                Grade.EXPLAINED,
                12,
                on,
                0,
                f"{said}: a deposit in transit",
            )
        return _row(line, receipt, "receipts_held_open", Grade.EXCEPTION, 60 + min(gap, 20), on, amount,
                    f"{said}, more than the {most} that are usual for the account: was the ledger of receipts held open past "
                    "the date?")  # fmt: skip
    last = reach.get(line["bank_account"])
    waited = 0 if last is None else days.between(posted, last)
    if last is None or waited <= most:
        seen = (
            f"the bank's lines end {last:%Y-%m-%d}"
            if last is not None
            else "no line of this account was read"
        )
        return _row(line, receipt, "receipts_held_open", Grade.EXPLAINED, 14, None, 0,
                    f"booked {posted:%Y-%m-%d}; {seen}, too early to show it: see the next statement")  # fmt: skip
    return _row(line, receipt, "receipts_held_open", Grade.EXCEPTION, 68, None, amount,
                f"booked {posted:%Y-%m-%d}; no bank line up to {last:%Y-%m-%d} stands behind it")  # fmt: skip


def _posted_later(
    line: Row, receipts: pd.DataFrame, booked: Booked, days: Weekdays, options: CutOffOptions
) -> Row:
    receipt = receipts.loc[[line["counterpart"]]].iloc[0]
    on, posted = pd.Timestamp(line["date"]), receipt["day"]
    gap = days.between(on, posted)
    said = f"in the bank {on:%Y-%m-%d} ({line['document_no']}), booked {posted:%Y-%m-%d}, {gap} business day{'s' * (gap != 1)} later"
    effect = -int(line["amount"])
    named = {**line, "document_no": line["counterpart"], "counterpart": line["document_no"]}
    said = f"{said}: paid at the date, open in the books"
    if gap <= options.transit_days:
        return _row(
            named, receipt, "banked_before", Grade.USUAL, 20 + gap, on, effect, f"{said}; the usual lag"
        )
    return _row(named, receipt, "banked_before", Grade.EXCEPTION, 60 + min(gap, 20), on, effect, said)


def _unbooked(line: Row, booked: Booked) -> Row:
    on = pd.Timestamp(line["date"])
    is_return = line["cause"] == CashCause.RETURN_NOT_POSTED.value
    _, text = booked.get((line["bank_account"], line["document_no"]), (on, ""))
    named = f" ({text})" if text else ""
    said = f"the bank took a payment back {on:%Y-%m-%d}{named} and the sub-ledger did not" if is_return else (
        f"in the bank {on:%Y-%m-%d}{named}, and no receipt of the sub-ledger stands behind it"
    )  # fmt: skip
    blank = pd.Series(
        {"item_id": None, "customer_id": None, "document_date": None, "day": None, "entered_at": None}
    )
    return _row(line, blank, "banked_before", Grade.EXCEPTION, 64, on, -int(line["amount"]), said)


def _row(
    line: Row, receipt: pd.Series, test: str, grade: Grade, score: int, on: Any, effect: int, said: str
) -> Row:
    return {
        "entity": line["entity"], "test": test, "grade": grade.value, "score": score, "document_no": line["document_no"],
        "item_id": receipt["item_id"], "item_type": "receipt" if receipt["day"] is not None else "bank_line",
        "customer_id": receipt["customer_id"], "evidence_on": on, "posting_date": receipt["day"],
        "entered_at": receipt["entered_at"], "evidence_no": line["counterpart"] or line["bank_account"],
        "currency": line["currency"],
        "amount": int(line["amount"]) * (1 if line["cause"] == CashCause.IN_TRANSIT.value else -1),
        "balance_effect": effect, "sales_effect": 0, "worth": abs(int(line["amount"])), "finding": said,
    }  # fmt: skip
