"""What the allowance is counted on: open debits by customer, and why every other open item is left out. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from arlib.credit.allowance.frames_measure import EXCLUDED, LEFT_OUT_WORDS, LeftOut
from arlib.credit.allowance.set_off import set_off
from arlib.errors import RateError
from arlib.ledger.aging import age_items
from arlib.ledger.attributes import customer_attributes
from arlib.ledger.facts import Bools, Ints, ints, of_entity, require_no_overflow
from arlib.money import Rounding, divide
from arlib.policy import AgeFrom, AgingPolicy, AllowancePolicy, Credits, Scope
from arlib.tables import Book
from arlib.tables.choices import AccountRole

RECEIVABLE = (AccountRole.TRADE, AccountRole.NOTES, AccountRole.RETENTION, AccountRole.UNBILLED)
CASH_ACCOUNTS = (AccountRole.UNAPPLIED, AccountRole.UNIDENTIFIED)
NAMED = 5  # items named in a message
FAST = 2.0**60  # products below this fit 64 bits twice over


@dataclass(frozen=True)
class Exposed:
    """Debits that count and items that do not; together they are all open items."""

    rows: (
        pd.DataFrame
    )  # of AGED_ITEMS, with gross, set_off and rest (gross less set_off), all above or equal to 0
    excluded: pd.DataFrame  # EXCLUDED
    limits: tuple[str, ...]


def risk_aged(open_items: pd.DataFrame, *, as_of: date, aging: AgingPolicy) -> pd.DataFrame:
    """Open items aged from their original due date, an item without one from its document date: AGED_ITEMS.

    A chargeback, a rebill or a new due date does not make a debt young. Credits have buckets of their own.
    Needs OPEN_ITEMS.
    """
    dated = open_items.assign(
        original_due_date=open_items["original_due_date"].fillna(open_items["document_date"]),
        item_due_date=open_items["item_due_date"].fillna(open_items["document_date"]),
    )
    policy = replace(aging, age_from=AgeFrom.ORIGINAL_DUE_DATE, credits=Credits.SHOWN)
    return age_items(dated, as_of=as_of, policy=policy)


def carrying_amounts(open_items: pd.DataFrame, *, entity: str) -> Ints:
    """Carrying amount with revaluation of each open item, in the books' currency.

    An item that has none raises RateError naming it: it must not be left out of an allowance unseen.
    """
    missing = open_items[open_items["functional_outstanding"].isna()]
    if len(missing):
        named = [
            f"{item} ({currency})"
            for item, currency in zip(missing["item_id"], missing["currency"], strict=True)
        ]
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        raise RateError(
            f"allowance: {len(named)} open items have no amount in the books' currency",
            where=entity,
            found=", ".join(named[:NAMED]) + more,
            fix="Give functional_amount of these items, and of what settles them.",
        )
    carrying = ints(open_items["functional_outstanding"])
    revaluation = ints(open_items["revaluation"])
    require_no_overflow(carrying, revaluation)
    return carrying + revaluation


def exposed(
    book: Book, open_items: pd.DataFrame, *, scope: Scope, aging: AgingPolicy, policy: AllowancePolicy
) -> Exposed:
    """Gross debits of every customer, less the credits that a right of set-off lets reduce them.

    A debit counts where its carrying amount is above zero and its account is trade, notes, retention or
    unbilled (contract assets), or a cash account (a returned payment); a book that declares no account, or
    not this one, is taken as trade. Out are companies of the group, what is sold and derecognised (role
    factored), unidentified cash, debits on other accounts, and every credit. No debit falls below zero.
    Needs OPEN_ITEMS and CUSTOMERS; uses CONTROL_ACCOUNTS and SECURITY. An item without functional amount
    raises RateError.
    """
    aged = risk_aged(open_items, as_of=scope.as_of, aging=aging)
    gross = carrying_amounts(open_items, entity=scope.entity)
    roles, limits = _roles(book, open_items, scope=scope)
    reason = _reasons(book, open_items, gross, roles, scope=scope)
    is_in = reason == ""
    rows = aged[is_in].assign(gross=gross[is_in]).reset_index(drop=True)
    out = aged[~is_in].assign(amount=gross[~is_in], reason=reason[~is_in]).reset_index(drop=True)

    may_offset = out["reason"].eq(LeftOut.CREDIT).to_numpy(dtype=bool)
    used = set_off(book, rows, out[may_offset], scope=scope, policy=policy)
    taken = np.zeros(len(out), dtype=np.int64)
    taken[may_offset] = used.taken
    rows = rows.assign(set_off=used.against, rest=rows["gross"] - used.against)
    words = {reason.value: text for reason, text in LEFT_OUT_WORDS.items()}
    excluded = EXCLUDED.typed(
        out.assign(because=out["reason"].map(words), set_off=pd.Series(taken, index=out.index, dtype="Int64"))
    )
    return Exposed(rows, excluded, (*limits, *used.limits))


def customers_of(book: Book, *, scope: Scope) -> pd.DataFrame:
    """ATTRIBUTES at the as-of date by customer code; the entity's own account goes before one that serves all."""
    people = customer_attributes(book, on=scope.as_of, entity=scope.entity)
    own_last = people.sort_values("entity", kind="stable", na_position="first")
    return own_last.drop_duplicates("customer_id", keep="last").set_index("customer_id")


def tax_share(book: Book, rows: pd.DataFrame, amounts: Ints, *, scope: Scope) -> tuple[Ints, int]:
    """Tax in a part of each item: part × tax of the item / its amount, half up; and how many items do not say.

    An item without tax amount counts as free of tax. Never more than the part, never below zero.
    """
    items = of_entity(book["items"], scope.entity).set_index("item_id")[["amount", "tax_amount"]]
    found = items.reindex(rows["item_id"])
    made = portion(amounts, ints(found["tax_amount"]), ints(found["amount"]))
    return np.clip(made, 0, amounts), int(found["tax_amount"].isna().sum())


def portion(amounts: Ints, parts: Ints, wholes: Ints) -> Ints:
    """amounts × parts / wholes by row, exact and rounded half up; 0 where the whole is 0."""
    made = np.zeros(len(amounts), dtype=np.int64)
    same = (parts == wholes) & (wholes != 0)
    made[same] = amounts[same]
    todo = (parts != 0) & (wholes != 0) & (amounts != 0) & ~same
    small = (
        todo
        & (np.abs(amounts.astype(np.float64) * parts) < FAST)
        & (wholes > 0)
        & (amounts > 0)
        & (parts > 0)
    )
    made[small] = (2 * amounts[small] * parts[small] + wholes[small]) // (2 * wholes[small])
    for row in np.flatnonzero(todo & ~small).tolist():
        made[row] = divide(int(amounts[row]) * int(parts[row]), int(wholes[row]), Rounding.HALF_UP)
    return made


def _roles(book: Book, rows: pd.DataFrame, *, scope: Scope) -> tuple[pd.Series, tuple[str, ...]]:
    """Role of the account of each row, trade where it is not declared, and a sentence on those that are not."""
    accounts = of_entity(book["control_accounts"], scope.entity).drop_duplicates("account")
    found = rows["control_account"].map(accounts.set_index("account")["role"]).astype("str")
    limits = []
    unknown = sorted(set(rows.loc[found.isna(), "control_account"].dropna()) - {""})
    if unknown and len(accounts):
        limits.append(
            f"Accounts that control_accounts does not declare count as trade: {', '.join(unknown[:NAMED])}."
        )
    held = rows["assigned_to"].fillna("").ne("") & found.fillna("").ne(AccountRole.FACTORED.value)
    if held.any():
        limits.append(
            f"{int(held.sum())} open items are assigned to a factor, agency or attorney and stand on no account "
            "of role factored: they stay in, as if the risk were still borne here."
        )
    return found.fillna(AccountRole.TRADE.value), tuple(limits)


def _reasons(book: Book, rows: pd.DataFrame, gross: Ints, roles: pd.Series, *, scope: Scope) -> np.ndarray:
    """Why each row is out, '' where it is in. The first that fits, in the order of the list."""
    people = customers_of(book, scope=scope)
    group = people.index[people["is_intercompany"].fillna(value=False).to_numpy(dtype=bool)]
    of_role = {role: roles.eq(role.value).to_numpy(dtype=bool) for role in AccountRole}
    receivable: Bools = np.logical_or.reduce([of_role[role] for role in RECEIVABLE])
    cash: Bools = np.logical_or.reduce([of_role[role] for role in CASH_ACCOUNTS])
    deposit = of_role[AccountRole.CUSTOMER_DEPOSIT]
    is_group = rows["customer_id"].isin(group).to_numpy(dtype=bool)
    cases = [
        (is_group | of_role[AccountRole.INTERCOMPANY], LeftOut.INTERCOMPANY),
        (of_role[AccountRole.FACTORED], LeftOut.FACTORED),
        (~(receivable | cash | (deposit & (gross < 0))), LeftOut.NOT_A_RECEIVABLE),
        (rows["customer_id"].fillna("").eq("").to_numpy(dtype=bool), LeftOut.UNIDENTIFIED),
        (gross < 0, LeftOut.CREDIT),
        (gross == 0, LeftOut.NOTHING_CARRIED),
    ]
    return np.select([case for case, _ in cases], [reason.value for _, reason in cases], default="")
