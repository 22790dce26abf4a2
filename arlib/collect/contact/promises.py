"""Promises to pay, judged from the ledger: kept, partly, broken or open. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from arlib.collect.contact.cash import applied_cash
from arlib.collect.contact.frames import JUDGED_PROMISES, PROMISES_KEPT, PromiseState
from arlib.collect.contact.owed import of_nothing
from arlib.collect.contact.records import (
    carriers,
    in_books,
    known_day,
    records_of,
    with_customer,
    with_document,
)
from arlib.collect.position import Position
from arlib.credit.allowance.frames import percent_text, rate_text
from arlib.credit.write_off.words import day, money
from arlib.ledger.aging import UNAPPLIED
from arlib.money import divide, total
from arlib.policy import Policies, Scope
from arlib.policy.contact import ContactPolicy
from arlib.tables import Book
from arlib.tables.rows import Row, frame_of, is_none, records, text

ACCOUNT = ""  # a promise that names no item
NEVER = pd.Timestamp("9999-12-31")
UNJUDGED = (PromiseState.OPEN.value, PromiseState.NOT_OWED.value)


def judged_promises(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every promise given by the as-of date and what became of it: JUDGED_PROMISES, sorted by its key.

    Cash counts from `promised_on` to `pay_by` and the days of grace, both ends in: what was applied to the promised item
    or to what carries it on (residual, chargeback, rebill); for a promise of the account, to any item of the customer in
    that currency that was past due on that day. The day that counts is that on which the cash came in, or that of its
    application where it was there before the promise. Returns are taken off. No cash counts twice: the earliest `pay_by`
    takes first, then a promise of an item before one of the account, then the earlier given.

    Kept: `promise_kept_rate` of the amount or more is paid; at once, without waiting for the day. Else open until the last
    day of grace is over; then partly with `promise_partly_rate` or more, else broken. Where nothing was open on the day that
    it was given and no cash counts for it, it is not judged: not owed. A promise of no amount cannot be judged: it stays open
    and says so. `stated_state` is the record's own as of that date: one that was judged later was
    open. Needs PROMISES, ITEMS and APPLICATIONS.
    """
    scope, policy = position.scope, policies.contact
    given = records_of(book, "promises", scope=scope)
    given = given[(given["promised_on"] <= pd.Timestamp(known_day(scope))).to_numpy(dtype=bool)]
    if given.empty:
        return JUDGED_PROMISES.empty()
    given = given.reset_index(drop=True).assign(item_id=given["item_id"].fillna(ACCOUNT).to_numpy())
    given = with_document(with_customer(given, position), book, entity=scope.entity)
    given["books_amount"] = in_books(given["amount"], given["currency"], position)
    rows = records(given)
    carried = _carried(book, scope)
    paid = _paid(rows, book, carried, scope=scope, policy=policy)
    empty = of_nothing(rows, book, carried, scope=scope)
    owed, unapplied = _owed(position, {row["item_id"] for row in rows}, carried), _unapplied(position)
    return frame_of(
        JUDGED_PROMISES,
        (
            _judged(
                row,
                paid[row["promise_id"]],
                owed,
                unapplied,
                scope=scope,
                policy=policy,
                is_owed=row["promise_id"] not in empty,
            )
            for row in rows
        ),
    )


def promises_kept(
    judged: pd.DataFrame, *, scope: Scope, targets: Mapping[str, str] | None = None
) -> pd.DataFrame:  # fmt: skip
    """Of the promises judged in the period, by who took them, how many were kept: PROMISES_KEPT.

    A promise is judged on the day after its last day of grace, so that each counts in one period and no more; that day must
    be in the period and not after the as-of date. One that was given when nothing was owed is not judged: it is in `not_owed`
    alone. One that was kept early is judged on that day too, else early payers
    alone would count. Convention: kept / due, by number; `paid_rate` is by amount at closing rates. No body publishes this
    figure: it is a convention of the trade. `targets` is the share wanted by owner, '' for all. Needs JUDGED_PROMISES.
    """
    on = judged["judged_on"]
    ends = min(scope.ends_on, scope.as_of)
    counts = on.between(pd.Timestamp(scope.starts_on), pd.Timestamp(ends)) & judged["amount"].gt(0)
    over = judged[counts.to_numpy(dtype=bool)]
    owners = sorted(set(over["owner"].dropna()) - {""})
    return frame_of(PROMISES_KEPT, [_kept(over, "", scope, targets or {}), *(
        _kept(over[over["owner"].eq(owner)], owner, scope, targets or {}) for owner in owners
    )])  # fmt: skip


def judged_ones(judged: pd.DataFrame) -> pd.Series:
    """Which promises were judged: neither open, nor of nothing owed. Needs JUDGED_PROMISES."""
    return ~judged["state"].isin(UNJUDGED)


def _kept(over: pd.DataFrame, owner: str, scope: Scope, targets: Mapping[str, str]) -> Row:
    is_owed = over["state"].ne(PromiseState.NOT_OWED.value).to_numpy(dtype=bool)
    due = over[is_owed]
    counts = {state: int(due["state"].eq(state.value).sum()) for state in PromiseState}
    rated = due[(due["books_amount"].notna() & due["amount"].gt(0)).to_numpy(dtype=bool)]
    amount = total(rated["books_amount"])
    # what was paid, in the proportion that it has to the promise: both at one rate
    paid = sum(
        divide(int(row["books_amount"]) * int(row["paid"]), int(row["amount"])) for row in records(rated)
    )
    return {
        "entity": scope.entity, "owner": owner, "due": len(due), "kept": counts[PromiseState.KEPT],
        "partly": counts[PromiseState.PARTLY], "broken": counts[PromiseState.BROKEN], "not_owed": int((~is_owed).sum()),
        "kept_rate": rate_text(Fraction(counts[PromiseState.KEPT], len(due))) if len(due) else None,
        "kept_target": targets.get(owner, targets.get("")),
        "currency": scope.functional_currency, "books_amount": amount, "books_paid": paid,
        "paid_rate": rate_text(Fraction(paid, amount)) if amount else None, "unrated": len(due) - len(rated),
    }  # fmt: skip


def _carried(book: Book, scope: Scope) -> Mapping[str, list[str]]:
    """The items that carry on an item, by that item."""
    made: dict[str, list[str]] = defaultdict(list)
    replaced = carriers(book, entity=scope.entity)
    for old, item in zip(replaced["old"], replaced["item_id"], strict=True):
        made[old].append(item)
    return made


def _ends(row: Row, policy: ContactPolicy) -> date:
    """The last day on which payment keeps a promise."""
    last: date = row["pay_by"].date() + timedelta(days=policy.promise_grace_days)
    return last


def _paid(
    rows: list[Row], book: Book, carried: Mapping[str, list[str]], *, scope: Scope, policy: ContactPolicy
) -> dict[str, int]:
    """Cash that counts for each promise, shared out so that none counts twice."""
    cash = applied_cash(book, scope=scope, customers={row["customer_id"] for row in rows})
    by_item: dict[str, list[int]] = defaultdict(list)
    by_customer: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, (item, customer, currency) in enumerate(
        zip(cash["item_id"], cash["customer_id"], cash["currency"], strict=True)
    ):
        by_item[item].append(at)
        by_customer[customer, currency].append(at)
    left = [int(amount) for amount in cash["amount"]]
    received, applied = _dates(cash["received_on"]), _dates(cash["applied_on"])
    due = _dates(cash["due_date"].fillna(NEVER))  # without a due date it is never past due
    currencies = cash["currency"].to_list()
    made: dict[str, int] = {}
    order = sorted(
        rows,
        key=lambda row: (row["pay_by"], row["item_id"] == ACCOUNT, row["promised_on"], row["promise_id"]),
    )
    for row in order:
        begins, ends = row["promised_on"].date(), _ends(row, policy)
        if row["item_id"] == ACCOUNT:
            places = by_customer.get((row["customer_id"], row["currency"]), [])
        else:
            names = [row["item_id"], *carried.get(row["item_id"], [])]
            places = sorted(at for name in names for at in by_item.get(name, []))
        wanted, took = max(int(row["amount"]), 0), 0
        for at in places:
            on = received[at] if received[at] >= begins else applied[at]
            if not begins <= on <= ends or currencies[at] != row["currency"] or not left[at]:
                continue
            if row["item_id"] == ACCOUNT and due[at] >= on:
                continue
            part = min(left[at], wanted - took)
            left[at] -= part
            took += part
        made[row["promise_id"]] = took
    return made


def _dates(days: pd.Series) -> list[date]:
    return [day.date() for day in days]


def _owed(position: Position, named: set[str], carried: Mapping[str, list[str]]) -> Mapping[Any, int]:
    """What is open of each item named, what carries it on included, and what is past due of each account, by currency."""
    debits, late = position.debits, position.past_due
    wanted = {item for name in named if name for item in (name, *carried.get(name, []))}
    mine = debits[debits["item_id"].isin(wanted)]
    of_item = mine.groupby("item_id")["outstanding"].sum().to_dict()
    made: dict[Any, int] = {}
    for name in named - {ACCOUNT}:
        made["item", name] = sum(int(of_item.get(item, 0)) for item in (name, *carried.get(name, [])))
    by_account = late.groupby(["customer_id", "currency"])["outstanding"].sum()
    return made | {key: int(amount) for key, amount in by_account.items()}


def _unapplied(position: Position) -> Mapping[Any, int]:
    """Unapplied cash of each customer and currency, positive."""
    rows = position.items[position.items["bucket"].eq(UNAPPLIED)]
    sums = rows.groupby(["customer_id", "currency"])["outstanding"].sum()
    return {key: -int(amount) for key, amount in sums.items()}


def _judged(
    row: Row, paid: int, owed: Mapping[Any, int], unapplied: Mapping[Any, int], *, scope: Scope,
    policy: ContactPolicy, is_owed: bool,
) -> Row:  # fmt: skip
    amount, ends = int(row["amount"]), _ends(row, policy)
    state = _state(amount, paid, is_over=ends < known_day(scope), policy=policy)
    if amount > 0 and not paid and not is_owed:
        state = PromiseState.NOT_OWED
    left = max(amount - paid, 0)
    account = (row["customer_id"], row["currency"])
    open_now = owed.get(account, 0) if row["item_id"] == ACCOUNT else owed.get(("item", row["item_id"]), 0)
    stated = text(row["state"])
    if stated and not is_none(row["closed_on"]) and row["closed_on"].date() > scope.as_of:
        stated = PromiseState.OPEN.value
    waiting = unapplied.get(account, 0)
    made = {
        "grace_ends_on": ends, "judged_on": ends + timedelta(days=1), "paid": paid, "left": left, "open_now": min(left, open_now),
        "paid_rate": rate_text(Fraction(paid, amount)) if amount > 0 else None, "state": state.value,
        "stated_state": stated or None, "differs": bool(stated) and stated.casefold() != state.value,
        "unapplied": waiting,
    }  # fmt: skip
    return row | made | {"what": _words(row, made, state)}


def _state(amount: int, paid: int, *, is_over: bool, policy: ContactPolicy) -> PromiseState:
    """What became of a promise of an amount of which so much was paid in time."""
    if amount > 0 and paid >= amount * Fraction(policy.promise_kept_rate):
        return PromiseState.KEPT
    if not is_over or amount <= 0:
        return PromiseState.OPEN
    if paid and paid >= amount * Fraction(policy.promise_partly_rate):
        return PromiseState.PARTLY
    return PromiseState.BROKEN


def _words(row: Row, made: Row, state: PromiseState) -> str:
    """A sentence: what was promised, and what came of it."""
    amount, currency = int(row["amount"]), row["currency"]
    if amount <= 0:
        return "No amount was promised: it cannot be judged."
    said = f"Promised {money(amount, currency)} by {day(row['pay_by'])}"
    paid = f"{money(made['paid'], currency)} of it paid ({percent_text(Fraction(made['paid'], amount))})"
    if state is PromiseState.KEPT:
        end = "kept."
    elif state is PromiseState.OPEN:
        so_far = f"; {paid} so far" if made["paid"] else ""
        end = f"open until {day(made['grace_ends_on'])}{so_far}."
    elif state is PromiseState.NOT_OWED:
        end = f"nothing was owed on {day(row['promised_on'])}: not judged."
    elif state is PromiseState.PARTLY:
        end = f"kept in part: {paid} in time."
    else:
        end = f"broken: {paid} in time." if made["paid"] else "broken: nothing came in time."
    if state in (PromiseState.PARTLY, PromiseState.BROKEN) and not made["open_now"]:
        end += " Settled since."
    if made["differs"]:
        end += f" The record says {made['stated_state']}."
    if state not in (PromiseState.KEPT, PromiseState.NOT_OWED) and made["unapplied"] > 0:
        end += f" Unapplied cash of {money(made['unapplied'], currency)} may be the payment."
    return f"{said}: {end}"
