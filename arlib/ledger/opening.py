"""Opening = closing of the previous close, account by account. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.controls import Control
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import RollLine
from arlib.policy import Scope
from arlib.tables import Book

CONTROL = "opening_balance"


def opening_controls(
    book: Book, by_account: pd.DataFrame, late: pd.DataFrame, *, scope: Scope
) -> tuple[Control, ...]:
    """The roll-forward's opening against the balance that the previous close sealed, in the books' currency.

    Needs PRIOR_BALANCES (none: no control, this is the first close), the roll-forward by account and LATE_POSTINGS. What
    was entered into closed periods since may be the whole difference: it is then explained by those documents. Anything
    else is unexplained: facts of an earlier period were changed or dropped.
    """
    prior = of_entity(book["prior_balances"], scope.entity)
    if prior.empty:
        return ()
    mine = by_account[by_account["currency"].eq(scope.functional_currency).to_numpy(dtype=bool)]
    opening = _amounts(mine, RollLine.OPENING)
    added = _amounts(mine, RollLine.POSTED_TO_CLOSED)
    sealed = dict(zip(prior["account"].fillna(""), prior["balance"].astype("int64"), strict=True))
    made = []
    for account in sorted({*opening, *sealed}):
        gap = opening.get(account, 0) - sealed.get(account, 0)
        since = late[late["account"].fillna("").eq(account) & late["side"].eq("sub_ledger")]
        is_late = bool(gap) and gap == -added.get(account, 0)
        made.append(
            Control(
                name=CONTROL,
                title=" ".join(part for part in ("Opening", account) if part)
                + " = closing of the previous close",
                entity=scope.entity,
                currency=scope.functional_currency,
                account=account,
                left_label="opening",
                left=opening.get(account, 0),
                right_label="sealed closing",
                right=sealed.get(account, 0),
                explained=gap if is_late else 0,
                count=len(since) if is_late else 0,
                oldest=since["date"].min().date() if is_late and len(since) else None,
                note="" if not gap or is_late else "facts of an earlier period were changed since its close",
            )
        )
    return tuple(made)


def _amounts(rows: pd.DataFrame, line: RollLine) -> dict[str, int]:
    """Amount of one line by account."""
    of_line = rows[rows["line"].eq(line.value).to_numpy(dtype=bool)]
    return dict(zip(of_line["account"].fillna(""), of_line["amount"].astype("int64"), strict=True))
