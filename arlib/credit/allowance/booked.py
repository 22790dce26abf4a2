"""What the books hold as allowance: its entries, its accounts in the general ledger, an earlier close. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

from arlib.errors import TableError
from arlib.ledger.facts import of_entity
from arlib.ledger.general_ledger import account_balances, ledger_lines, stated_balances
from arlib.money import total
from arlib.policy import Scope
from arlib.tables import CANONICAL, Book
from arlib.tables.choices import AccountRole, AllowanceLine, AllowancePart


class BookedFrom(StrEnum):
    """Where the allowance that the books hold is read."""

    ENTRIES = "entries"  # postings to the allowance
    LEDGER = "ledger"  # balance of the allowance accounts only
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class BookedAllowance:
    """The allowance in the books, positive as a reserve, in minor units of the functional currency."""

    source: BookedFrom
    entries: pd.DataFrame  # ALLOWANCE_ENTRIES of the entity up to the as-of date
    ledger: dict[str, int]  # balance of each allowance account in the general ledger, as a reserve
    prior: pd.DataFrame  # PRIOR_ALLOWANCE of the previous close; empty where there is none
    closing: int | None  # at the as-of date; None where nothing says

    def at(self, day: date) -> int | None:
        """What entries up to and including a day add up to; None without entries."""
        if self.source is not BookedFrom.ENTRIES:
            return None
        return total(self.entries.loc[self.entries["posting_date"] <= pd.Timestamp(day), "amount"])

    def between(self, after: date, until: date) -> pd.DataFrame:
        """Entries posted after one day and on or before another; an `opening` entry is never a movement."""
        day = self.entries["posting_date"]
        mine = (day > pd.Timestamp(after)) & (day <= pd.Timestamp(until))
        mine &= self.entries["line"].ne(AllowanceLine.OPENING.value)
        return self.entries[mine.to_numpy(dtype=bool)].reset_index(drop=True)


def booked_allowance(book: Book, *, scope: Scope, ledger: str = "primary") -> BookedAllowance:
    """What the books hold on the as-of date, from the best record that is there.

    Uses ALLOWANCE_ENTRIES; else CONTROL_ACCOUNTS of role allowance with GL_LINES and GL_BALANCES, where a credit
    balance is an allowance. PRIOR_ALLOWANCE is taken from the last close before the period. An entry of the as-of
    date counts. An entry in another currency than the books' raises TableError.
    """
    entries = of_entity(book["allowance_entries"], scope.entity)
    entries = entries[(entries["posting_date"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    if len(odd := entries[entries["currency"].ne(scope.functional_currency).to_numpy(dtype=bool)]):
        raise TableError(
            f"allowance_entries: {len(odd)} entries are not in {scope.functional_currency}, the books' currency; "
            f"the first is {odd['entry_id'].iloc[0]} in {odd['currency'].iloc[0]}",
            where=scope.entity,
        )
    entries = entries.sort_values(["posting_date", "entry_id"], kind="stable", ignore_index=True)
    balances = _ledger(book, scope, ledger)
    if book.has("allowance_entries"):
        source, closing = BookedFrom.ENTRIES, total(entries["amount"])
    elif balances:
        source, closing = BookedFrom.LEDGER, sum(balances.values())
    else:
        source, closing = BookedFrom.NOTHING, None
    return BookedAllowance(
        source=source, entries=entries, ledger=balances, prior=_prior(book, scope), closing=closing
    )


def segments_of_entries(entries: pd.DataFrame) -> set[str]:
    """The segments that pool entries name, '' among them where one names none."""
    pool = entries[entries["part"].eq(AllowancePart.POOL.value).to_numpy(dtype=bool)]
    return set(pool["segment"].fillna(""))


def _ledger(book: Book, scope: Scope, ledger: str) -> dict[str, int]:
    """Balance of each allowance account that the general ledger says something about."""
    if not (book.has("gl_lines") or book.has("gl_balances")):
        return {}
    declared = of_entity(book["control_accounts"], scope.entity)
    accounts = sorted(
        declared.loc[declared["role"].eq(AccountRole.ALLOWANCE.value).to_numpy(dtype=bool), "account"]
    )
    found = account_balances(
        ledger_lines(book, scope=scope, ledger=ledger),
        stated_balances(book, scope=scope, ledger=ledger),
        as_of=scope.as_of,
        accounts=accounts,
        is_lines_given=book.has("gl_lines"),
    )
    return {name: -each.balance for name, each in found.items() if each.balance is not None}


def _prior(book: Book, scope: Scope) -> pd.DataFrame:
    """PRIOR_ALLOWANCE of the latest close before the period."""
    rows = of_entity(book["prior_allowance"], scope.entity)
    rows = rows[(rows["as_of"] <= pd.Timestamp(scope.starts_on - timedelta(days=1))).to_numpy(dtype=bool)]
    if rows.empty:
        return CANONICAL["prior_allowance"].empty()
    return rows[rows["as_of"].eq(rows["as_of"].max()).to_numpy(dtype=bool)].reset_index(drop=True)
