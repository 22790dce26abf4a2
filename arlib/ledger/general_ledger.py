"""The general ledger's side of a control account: its lines and its balance. Floor 1.

A balance that the ledger states stands; lines are added from the last stated balance on. The last balance
stated before the first line is the opening: what lies before it can be compared in total only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from arlib.ledger.facts import ints, known_until, of_entity, require_no_overflow
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import JournalStatus


@dataclass(frozen=True, kw_only=True)
class AccountBalance:
    """One account at the as-of date. `balance` is None where the ledger says nothing about the account."""

    account: str
    balance: int | None
    opening_on: pd.Timestamp | None = (
        None  # lines count from the day after; None when they count from the first
    )
    opening: int = 0
    lines: int = 0  # sum of the posted lines after the opening, up to the as-of date

    @property
    def missing_lines(self) -> int:
        """What the stated balance holds beyond its opening and its lines."""
        return 0 if self.balance is None else self.balance - self.opening - self.lines


def ledger_lines(book: Book, *, scope: Scope, ledger: str) -> pd.DataFrame:
    """Lines of one ledger, posted or not, of all dates, as known at the scope's knowledge date; text '' for
    missing.

    `document` is the document number or, where a line names none, its journal (`is_named` false). Needs
    GL_LINES.
    """
    lines = of_entity(book["gl_lines"], scope.entity)
    mine = lines["ledger"].fillna("").isin([ledger, ""]).to_numpy(dtype=bool, copy=True)
    end = known_until(scope)
    if end is not None:
        mine &= (lines["entered_at"].isna() | (lines["entered_at"] < end)).to_numpy(dtype=bool)
    lines = lines[mine].sort_values(["journal_id", "line_id"], kind="stable", ignore_index=True)
    require_no_overflow(ints(lines["functional_amount"]))
    text = {
        name: lines[name].fillna("")
        for name in ("account", "batch_id", "customer_id", "user", "source", "status", "text", "currency")
    }
    document = lines["document_no"].fillna("")
    return pd.DataFrame(
        {
            **text,
            "document": document.where(document.ne(""), lines["journal_id"]),
            "is_named": document.ne("").to_numpy(dtype=bool),
            "journal_id": lines["journal_id"],
            "journal_lines": lines["journal_id"] + "/" + lines["line_id"],
            "date": lines["posting_date"],
            "entered_at": lines["entered_at"],
            "is_posted": lines["status"].eq(JournalStatus.POSTED).to_numpy(dtype=bool),
            "document_amount": ints(lines["amount"]),
            "amount": ints(lines["functional_amount"]),
        }
    )


def stated_balances(book: Book, *, scope: Scope, ledger: str) -> pd.DataFrame:
    """The ledger's own balances in the books' currency up to the as-of date, by account and day."""
    rows = of_entity(book["gl_balances"], scope.entity)
    mine = rows["ledger"].fillna("").isin([ledger, ""]) & rows["currency"].eq(scope.functional_currency)
    mine &= rows["as_of"] <= pd.Timestamp(scope.as_of)
    return rows.loc[mine, ["account", "as_of", "balance"]].sort_values(
        ["account", "as_of"], ignore_index=True
    )


def account_balances(
    lines: pd.DataFrame, stated: pd.DataFrame, *, as_of: date, accounts: list[str], is_lines_given: bool
) -> dict[str, AccountBalance]:
    """The balance of each account: the last one stated, and the posted lines since.

    An account without lines or balances is 0 where lines were given at all, and unknown where only balances
    were.
    """
    posted = lines[lines["is_posted"] & lines["account"].isin(accounts)]
    first = posted.groupby("account")["date"].min()
    posted = posted[(posted["date"] <= pd.Timestamp(as_of)).to_numpy(dtype=bool)]
    by_account = {str(name): rows for name, rows in posted.groupby("account")}
    stated_by = {str(name): rows for name, rows in stated.groupby("account")}
    nothing = posted.iloc[:0]
    return {
        account: _balance(
            account,
            by_account.get(account, nothing),
            stated_by.get(account),
            first.get(account),
            is_lines_given=is_lines_given,
        )
        for account in accounts
    }


def _balance(
    account: str,
    posted: pd.DataFrame,
    stated: pd.DataFrame | None,
    first: pd.Timestamp | None,
    *,
    is_lines_given: bool,
) -> AccountBalance:
    if stated is None:
        total = int(posted["amount"].sum())
        return AccountBalance(account=account, balance=total if is_lines_given else None, lines=total)
    latest = stated.iloc[-1]
    since = posted[(posted["date"] > latest["as_of"]).to_numpy(dtype=bool)]
    balance = int(latest["balance"]) + int(since["amount"].sum())
    before = stated if first is None else stated[(stated["as_of"] < first).to_numpy(dtype=bool)]
    if before.empty:
        return AccountBalance(account=account, balance=balance, lines=int(posted["amount"].sum()))
    opening = before.iloc[-1]
    inside = posted[(posted["date"] > opening["as_of"]).to_numpy(dtype=bool)]
    return AccountBalance(
        account=account,
        balance=balance,
        opening_on=pd.Timestamp(opening["as_of"]),
        opening=int(opening["balance"]),
        lines=int(inside["amount"].sum()),
    )
