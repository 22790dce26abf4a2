"""Accounts and items outside the standard procedure: with reason, owner and last day, or else a finding. Floor 1."""

from __future__ import annotations

from datetime import date

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.frames import EXCEPTION_LIST, ExceptionState
from arlib.collect.work_lists.words import many, said_day
from arlib.credit.write_off.words import day_of
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import totals_by
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.rows import Row, records, text

FINDINGS = (ExceptionState.EXPIRED, ExceptionState.NO_EXPIRY, ExceptionState.NOT_APPROVED)
ORDER = {state.value: at for at, state in enumerate(ExceptionState)}


def exception_list(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """The special exceptions of the entity: EXCEPTION_LIST, findings first, then by what is past due under them.

    Needs COLLECTION_EXCEPTIONS. The last day is still in force. An exception without a last day, one that nobody
    approved, and one that has passed while the customer still has open debits are findings; one that has passed and
    stands on nothing is left out. A reason and an owner are asked for as well: a missing owner is said. Past due is that
    of the item, or of the account, in the books' currency at closing rates, without currencies that have no rate.
    """
    scope = position.scope
    rows = of_entity(book["collection_exceptions"], scope.entity)
    if rows.empty:
        return EXCEPTION_LIST.empty()
    rows = rows.assign(
        customer_id=merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    )
    late = position.past_due[position.past_due["books_amount"].notna()]
    by_account = _sums(late, "customer_id")
    by_item = _sums(late, "item_id")
    owing, open_items = set(position.debits["customer_id"].dropna()), set(position.debits["item_id"])
    numbers = dict(zip(position.items["item_id"], position.items["document_no"], strict=True))
    names = dict(zip(position.customers["customer_id"], position.customers["name"], strict=True))
    made = []
    for row in records(rows):
        item = text(row["item_id"])
        has_debt = item in open_items if item else row["customer_id"] in owing
        state = _state(row, as_of=scope.as_of, warning=policies.work_list.exception_warning_days)
        if state is ExceptionState.EXPIRED and not has_debt:
            continue
        last = day_of(row["expires_on"])
        made.append(
            row
            | {
                "name": names.get(row["customer_id"]), "document_no": numbers.get(item), "state": state.value,
                "days_left": None if last is None else (last - scope.as_of).days,
                "is_finding": state in FINDINGS, "currency": position.currency,
                "past_due": by_item.get(item, 0) if item else by_account.get(text(row["customer_id"]), 0),
                "what": _words(row, state, as_of=scope.as_of),
            }
        )  # fmt: skip
    made.sort(
        key=lambda row: (ORDER[str(row["state"])], -int(row["past_due"] or 0), str(row["exception_id"]))
    )
    return EXCEPTION_LIST.from_rows(made)


def _sums(late: pd.DataFrame, by: str) -> dict[str, int]:
    sums = totals_by(late, [by], "books_amount")
    return {text(key): int(amount) for key, amount in zip(sums[by], sums["books_amount"], strict=True)}


def _state(row: Row, *, as_of: date, warning: int) -> ExceptionState:
    first, last = day_of(row["valid_from"]), day_of(row["expires_on"])
    if first is not None and first > as_of:
        return ExceptionState.NOT_BEGUN
    if last is not None and last < as_of:
        return ExceptionState.EXPIRED
    if last is None:
        return ExceptionState.NO_EXPIRY
    if not text(row["approved_by"]):
        return ExceptionState.NOT_APPROVED
    return ExceptionState.EXPIRES_SOON if (last - as_of).days <= warning else ExceptionState.IN_FORCE


def _words(row: Row, state: ExceptionState, *, as_of: date) -> str:
    last = day_of(row["expires_on"])
    day = said_day(last, as_of=as_of)
    said = {
        ExceptionState.EXPIRED: f"Ended on {day} and still on record: renew it or end it; the standard procedure applies.",
        ExceptionState.NO_EXPIRY: "Has no last day: give it one, or end it.",
        ExceptionState.NOT_APPROVED: "Nobody approved it: have it approved, or end it.",
        ExceptionState.EXPIRES_SOON: f"Ends on {day}: {many((last - as_of).days if last else 0, 'day')} left to renew it.",
        ExceptionState.IN_FORCE: f"In force until {day}.",
        ExceptionState.NOT_BEGUN: f"Begins on {said_day(row['valid_from'], as_of=as_of)}.",
    }[state]
    if not text(row["approved_by"]) and state is not ExceptionState.NOT_APPROVED:
        said += " Nobody approved it either: have it approved, or end it."
    return said if text(row["owner"]) else f"{said} Nobody answers for it: name an owner."
