"""The customer's share of the control accounts: what both ledgers posted for it, document by document. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from arlib.controls import Control
from arlib.ledger.by_customer import CustomerBook, own_rows
from arlib.ledger.postings import subledger_postings
from arlib.money import total, totals_by
from arlib.policy import Scope
from arlib.tables import Column, Kind, Table

T, M = Kind.TEXT, Kind.MONEY
POSTED = "posted"  # a line that counts

LEDGER_SHARE = Table("ledger_share", "a document that the two ledgers do not book alike", ("document_no", "account"), (
    Column("document_no", T, "document; empty for lines of the general ledger that name none", is_key=True),
    Column("account", T, "control account", True, is_key=True),
    Column("subledger", M, "posted by the sub-ledger", True, currency="functional"),
    Column("general_ledger", M, "posted in the general ledger", True, currency="functional"),
    Column("difference", M, "general ledger less sub-ledger", True, currency="functional"),
    Column("why", T, "what the difference is, in words", True),
))  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Share:
    """What both ledgers posted for the customer from `since` to the as-of date, in the books' currency.

    `rows` (LEDGER_SHARE) are the documents that differ. `account_balance` is what the control accounts stand at, None
    where the ledger gives no balance of the day.
    """

    since: date
    rows: pd.DataFrame
    control: Control
    account_balance: int | None


def share_of(book: CustomerBook, *, scope: Scope, since: date) -> Share:
    """The postings of both ledgers for the customer on accounts that tie out, both days in.

    Needs ITEMS, GL_LINES and CONTROL_ACCOUNTS; uses APPLICATIONS, REVALUATIONS, GL_BALANCES. Without lines of the
    general ledger that name the customer the control is not run. A line that names no document has no cause.
    """
    accounts = _accounts(book)
    gl = own_rows(book, book["gl_lines"])
    gl = gl[gl["account"].isin(accounts) & gl["status"].eq(POSTED)]
    mine = own_rows(book, subledger_postings(book, scope=scope))
    mine = mine[mine["account"].isin(accounts)]
    first, last = pd.Timestamp(since), pd.Timestamp(scope.as_of)
    gl = gl[gl["posting_date"].between(first, last)]
    mine = mine[mine["date"].between(first, last)]
    code = scope.functional_currency
    is_told = book.has("gl_lines") and bool(book["gl_lines"]["customer_id"].notna().any())
    rows = _differing(mine, gl)
    named = rows[rows["document_no"].ne("")]
    return Share(
        since=since,
        rows=LEDGER_SHARE.typed(rows),
        control=Control(
            name="customer_share",
            title="Postings to this customer: general ledger = sub-ledger",
            entity=scope.entity,
            currency=code,
            left_label="general ledger",
            left=total(gl["functional_amount"]) if is_told else None,
            right_label="sub-ledger",
            right=total(mine["functional_amount"]) if is_told else None,
            explained=total(named["difference"]) if is_told else 0,
            count=len(named) if is_told else 0,
            unexplained_count=len(rows) - len(named) if is_told else 0,
            note="" if is_told else "no line of the general ledger names this customer",
        ),
        account_balance=_balance(book, accounts, scope),
    )


def _accounts(book: CustomerBook) -> list[str]:
    rows = book["control_accounts"]
    return sorted(rows.loc[rows["in_tieout"].fillna(False).astype(bool), "account"].astype(str).unique())


def _differing(mine: pd.DataFrame, gl: pd.DataFrame) -> pd.DataFrame:
    by = ["document_no", "account"]
    sums = [
        totals_by(
            frame.assign(document_no=frame["document_no"].fillna("")), by, "functional_amount"
        ).set_index(by)
        for frame in (mine, gl)
    ]
    both = pd.concat([one["functional_amount"] for one in sums], axis=1, keys=["sub", "gl"]).reset_index()
    left, right = both["sub"], both["gl"]
    made = both[by].assign(
        subledger=left.fillna(0).astype("Int64"),
        general_ledger=right.fillna(0).astype("Int64"),
        why="another amount in the general ledger",
    )
    made["difference"] = made["general_ledger"] - made["subledger"]
    made.loc[right.isna(), "why"] = "not booked to this customer in the general ledger in this time"
    made.loc[left.isna(), "why"] = "booked to this customer in the general ledger only, in this time"
    made.loc[made["document_no"].eq(""), "why"] = "lines that name no document"
    return made[made["difference"].ne(0)].reset_index(drop=True)


def _balance(book: CustomerBook, accounts: list[str], scope: Scope) -> int | None:
    rows = book["gl_balances"]
    rows = rows[rows["account"].isin(accounts) & rows["as_of"].eq(pd.Timestamp(scope.as_of))]
    return total(rows["balance"]) if len(rows) else None
