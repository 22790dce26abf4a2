"""Proof of cash: what a bank account booked for receivables against the receipts of the ledger. Floor 1.

    bank - not posted - posted in other periods + in transit - fees = ledger receipts

Bank lines and receipts are different things, joined many to many by links that carry the amount they share.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from arlib.controls import Control
from arlib.ledger.cash_links import worked_out
from arlib.ledger.facts import fact_dates, known_until, of_entity
from arlib.ledger.frames_control import CASH_PROOF, UNEXPLAINED, CashCause
from arlib.policy import Basis, Scope
from arlib.tables import Book

RECEIVABLE_KINDS = ("receipt", "return", "card_fee")
OF_KIND = {"return": CashCause.RETURN_NOT_POSTED.value, "card_fee": CashCause.CARD_FEE.value}
ACCOUNT = ["bank_account", "currency"]


def proof_of_cash(book: Book, *, scope: Scope) -> tuple[tuple[Control, ...], pd.DataFrame]:
    """Bank lines of the period against receipts posted in it, per bank account and currency.

    The period runs from `starts_on` to the as-of date, both inside; bank lines count by booking date,
    receipts by posting date. Every line cites its bank line or receipt; a receipt of another amount than
    its links, and a bank line linked beyond its amount, are unexplained. Needs BANK_LINES and RECEIPTS; uses
    RECEIPT_BANK_LINES, and where no system keeps such links works them out (see cash_links). Without bank lines the
    controls are `no_input`, and so are receipts that name no bank account, and an account of which neither a line nor a
    statement of the period was read though BANK_STATEMENTS has others. Returns controls and CASH_PROOF.
    """
    bank, receipts = _bank(book, scope), _receipts(book, scope)
    links = of_entity(book["receipt_bank_lines"], scope.entity)
    accounts = sorted(set(_accounts(bank)) | set(_accounts(receipts)))
    missing = ""
    if not book.has("bank_lines"):
        missing = "no bank lines were given"
    elif not book.has("receipt_bank_lines") and not book.has("receipts"):
        missing = "no links between receipts and bank lines were given"
    if missing:
        whole = _control("", scope.functional_currency, scope=scope, note=missing)
        return (replace(whole, title="Bank accounts: bank = ledger receipts"),), CASH_PROOF.empty()
    worked = "" if book.has("receipt_bank_lines") else "links worked out by deposit, amount and date"
    if worked:
        deposits = of_entity(book["receipts"], scope.entity)[["receipt_id", "deposit_batch"]]
        links = worked_out(bank, receipts, deposits)
    frame = _differences(bank, receipts, links, scope)
    unheard = _unheard(book, bank, scope)
    frame = frame[~frame["bank_account"].isin(unheard).to_numpy(dtype=bool)]
    controls = []
    for key in accounts:
        if key[0] == "":
            count = int(receipts["bank_account"].eq("").sum())
            controls.append(_control(*key, scope=scope, note=f"{count} receipts name no bank account"))
            continue
        if key[0] in unheard:
            note = "no statement or line of this account in the period: what is in transit cannot be told"
            controls.append(_control(*key, scope=scope, note=note))
            continue
        proved = _proved(key, bank, receipts, frame, scope)
        controls.append(replace(proved, note="; ".join(part for part in (proved.note, worked) if part)))
    return tuple(controls), frame[frame["bank_account"].ne("").to_numpy(dtype=bool)].reset_index(drop=True)


def _unheard(book: Book, bank: pd.DataFrame, scope: Scope) -> frozenset[str]:
    """Accounts of the ledger of which neither a line nor a statement of the period was read, where statements are read."""
    statements = of_entity(book["bank_statements"], scope.entity)
    if statements.empty:
        return frozenset()
    ends = statements["to_date"]
    inside = (ends >= pd.Timestamp(scope.starts_on)) & (
        statements["from_date"].fillna(ends) <= pd.Timestamp(scope.as_of)
    )
    heard = set(statements.loc[inside.fillna(False).to_numpy(dtype=bool), "bank_account"])
    heard |= set(bank.loc[bank["when"].eq(0).to_numpy(dtype=bool), "bank_account"])
    named = of_entity(book["receipts"], scope.entity)["bank_account"].dropna().unique()
    return frozenset(str(account) for account in named) - heard


def _accounts(frame: pd.DataFrame) -> list[tuple[str, str]]:
    inside = frame[frame["when"].eq(0).to_numpy(dtype=bool)]
    return [
        (str(account), str(currency))
        for account, currency in inside[ACCOUNT].drop_duplicates().itertuples(index=False)
    ]


def _when(dates: pd.Series[pd.Timestamp], scope: Scope) -> np.ndarray:
    """-1 before the period, 0 inside it, 1 after the as-of date."""
    after = (dates > pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)
    before = (dates < pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)
    return after.astype(np.int64) - before.astype(np.int64)


def _bank(book: Book, scope: Scope) -> pd.DataFrame:
    """Bank lines that concern receivables."""
    rows = of_entity(book["bank_lines"], scope.entity)
    mine = rows["is_receivable"].fillna(rows["kind"].isin(RECEIVABLE_KINDS)).to_numpy(dtype=bool)
    mine &= rows["notice"].fillna("").eq("").to_numpy(dtype=bool)  # a notice is on no balance
    rows = rows[mine]
    return pd.DataFrame(
        {
            "bank_account": rows["bank_account"],
            "currency": rows["currency"],
            "bank_line_id": rows["bank_line_id"],
            "date": rows["booking_date"],
            "amount": rows["amount"],
            "kind": rows["kind"],
            "when": _when(rows["booking_date"], scope),
        }
    ).reset_index(drop=True)


def _receipts(book: Book, scope: Scope) -> pd.DataFrame:
    rows = of_entity(book["receipts"], scope.entity)
    end = known_until(scope)
    if end is not None:
        rows = rows[(rows["entered_at"].isna() | (rows["entered_at"] < end)).to_numpy(dtype=bool)]
    dates = fact_dates(rows, Basis.POSTING)
    return pd.DataFrame(
        {
            "bank_account": rows["bank_account"].fillna(""),
            "currency": rows["currency"],
            "receipt_id": rows["receipt_id"],
            "customer_id": rows["customer_id"].fillna(""),
            "date": dates,
            "amount": rows["amount"],
            "when": _when(dates, scope),
        }
    ).reset_index(drop=True)


def _differences(
    bank: pd.DataFrame, receipts: pd.DataFrame, links: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    pairs = links[["receipt_id", "bank_account", "bank_line_id", "amount"]].merge(
        bank.drop(columns="amount"), on=["bank_account", "bank_line_id"]
    )
    pairs = pairs.merge(
        receipts[["receipt_id", "date", "when", "customer_id"]],
        on="receipt_id",
        suffixes=("_bank", "_receipt"),
    )
    parts = [_other_period(pairs), _rest_of_bank(bank, pairs), _rest_of_receipts(receipts, pairs)]
    made = [part for part in parts if len(part)]
    if not made:
        return CASH_PROOF.empty()
    rows = pd.concat(made, ignore_index=True)
    rows = rows.assign(entity=scope.entity, age_days=(pd.Timestamp(scope.as_of) - rows["date"]).dt.days)
    keys = ["bank_account", "currency", "cause", "document_no", "counterpart"]
    return CASH_PROOF.typed(rows).sort_values(keys, kind="stable", ignore_index=True)


def _day(dates: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    return dates.dt.strftime("%Y-%m-%d")


def _other_period(pairs: pd.DataFrame) -> pd.DataFrame:
    """Links of which one side only lies in the period."""
    in_bank = pairs[(pairs["when_bank"].eq(0) & pairs["when_receipt"].ne(0)).to_numpy(dtype=bool)]
    later = in_bank["when_receipt"].gt(0)
    ours = in_bank.assign(
        cause=np.where(later, CashCause.POSTED_LATER.value, CashCause.POSTED_EARLIER.value),
        document_no=in_bank["bank_line_id"],
        counterpart=in_bank["receipt_id"],
        date=in_bank["date_bank"],
        sentence="bank " + _day(in_bank["date_bank"]) + ", receipt posted " + _day(in_bank["date_receipt"]),
    )
    in_ledger = pairs[(pairs["when_receipt"].eq(0) & pairs["when_bank"].ne(0)).to_numpy(dtype=bool)]
    later = in_ledger["when_bank"].gt(0)
    theirs = in_ledger.assign(
        cause=np.where(later, CashCause.IN_TRANSIT.value, CashCause.BANKED_EARLIER.value),
        amount=-in_ledger["amount"],
        document_no=in_ledger["receipt_id"],
        counterpart=in_ledger["bank_line_id"],
        date=in_ledger["date_receipt"],
        sentence="receipt posted "
        + _day(in_ledger["date_receipt"])
        + ", bank "
        + _day(in_ledger["date_bank"]),
    )
    return pd.concat([part for part in (ours, theirs) if len(part)] or [ours], ignore_index=True)


def _rest_of_bank(bank: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """What of the period's bank lines no link takes up."""
    inside = bank[bank["when"].eq(0).to_numpy(dtype=bool)].reset_index(drop=True)
    linked = pairs.groupby(["bank_account", "bank_line_id"])["amount"].sum().rename("linked").reset_index()
    inside = inside.merge(linked, on=["bank_account", "bank_line_id"], how="left")
    rest = inside["amount"] - inside["linked"].fillna(0)
    is_part = (rest * inside["amount"]).gt(0) & rest.abs().le(inside["amount"].abs())
    cause = inside["kind"].map(OF_KIND).fillna(CashCause.NOT_POSTED.value).where(is_part, UNEXPLAINED)
    words = ("bank " + _day(inside["date"]) + ", no receipt in the ledger").where(
        is_part, "linked beyond its amount"
    )
    frame = inside.assign(
        cause=cause,
        document_no=inside["bank_line_id"],
        counterpart="",
        amount=rest,
        sentence=words,
        customer_id="",
    )
    return frame[rest.ne(0).to_numpy(dtype=bool)]


def _rest_of_receipts(receipts: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """What of the period's receipts no link takes up: in transit as a whole, unexplained as a part."""
    inside = receipts[receipts["when"].eq(0).to_numpy(dtype=bool)].reset_index(drop=True)
    linked = pairs.groupby("receipt_id")["amount"].sum().rename("linked").reset_index()
    inside = inside.merge(linked, on="receipt_id", how="left")
    rest = inside["amount"] - inside["linked"].fillna(0)
    whole = inside["linked"].isna()
    cause = pd.Series(np.where(whole, CashCause.IN_TRANSIT.value, UNEXPLAINED), dtype="str")
    words = ("receipt posted " + _day(inside["date"]) + ", not in the bank").where(
        whole, "receipt and the bank lines linked to it differ"
    )
    frame = inside.assign(
        cause=cause, document_no=inside["receipt_id"], counterpart="", amount=-rest, sentence=words
    )
    return frame[rest.ne(0).to_numpy(dtype=bool)]


def _control(account: str, currency: str, *, scope: Scope, note: str = "") -> Control:
    return Control(
        name="proof_of_cash",
        title=f"Bank account {account or '(none)'}: bank = ledger receipts",
        entity=scope.entity,
        currency=currency,
        account=account,
        left_label="bank lines for receivables",
        right_label="ledger receipts",
        note=note,
    )


def _proved(
    key: tuple[str, str], bank: pd.DataFrame, receipts: pd.DataFrame, frame: pd.DataFrame, scope: Scope
) -> Control:
    def mine(rows: pd.DataFrame) -> pd.DataFrame:
        hit = rows["bank_account"].eq(key[0]) & rows["currency"].eq(key[1])
        return rows[hit.to_numpy(dtype=bool)]

    causes = mine(frame)
    known = causes[causes["cause"].ne(UNEXPLAINED).to_numpy(dtype=bool)]
    oldest: date | None = None if known.empty else pd.Timestamp(known["date"].min()).date()
    blank = _control(*key, scope=scope)
    left, right = (
        int(rows.loc[rows["when"].eq(0).to_numpy(dtype=bool), "amount"].sum())
        for rows in (mine(bank), mine(receipts))
    )
    return replace(
        blank,
        left=left,
        right=right,
        explained=int(known["amount"].sum()),
        count=len(known),
        unexplained_count=len(causes) - len(known),
        oldest=oldest,
        note="" if len(known) == len(causes) else f"{len(causes) - len(known)} differences without a cause",
    )
