"""What spares an open amount for now: exceptions, disputes, deductions, promises, plans. Floor 1. Policies may narrow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.collect.contact.frames import PromiseState
from arlib.collect.contact.promises import judged_promises
from arlib.collect.dunning.frames import Spared
from arlib.collect.position import Position
from arlib.credit.adjustments.plan_standings import plan_standings
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import Ints, ints, of_entity
from arlib.ledger.replaced import carried_items
from arlib.policy import Policies, Scope
from arlib.policy.dunning import DisputedPart
from arlib.tables import Book
from arlib.tables.choices import DeductionState, ExceptionProcedure, HoldKind, PlanState
from arlib.tables.rows import Row, is_none, records, text

WHOLE = 2**62  # more than any amount: the whole item or account
SETTLED = (DeductionState.SETTLED.value, DeductionState.INVALID.value)
JUDGED = ("kept", "partly", "broken", "cancelled")


@dataclass(frozen=True, kw_only=True)
class Excuse:
    """Up to `amount` of an item, or of a customer's debt in a currency (all currencies where it is ''), is spared."""

    reason: Spared
    cites: str
    because: str
    amount: int = WHOLE
    item_id: str = ""
    customer_id: str = ""
    currency: str = ""


def excuses(book: Book, *, position: Position, policies: Policies) -> list[Excuse]:
    """Every record that spares an amount at the as-of date, in the order that they are counted.

    Exceptions (last day in), holds of other kinds, disputes, deductions that are not decided against the customer,
    promises to the end of their days of grace (that day in), plans that run and are not in default. Uses
    COLLECTION_EXCEPTIONS, HOLDS, DISPUTES, DEDUCTIONS, PROMISES, PLANS and PLAN_INSTALMENTS.
    """
    made: list[Excuse] = []
    for kind in (_exceptions, _holds, _disputes, _deductions):
        made += kind(book, position.scope, policies)
    made += _promises(book, position, policies)
    return [*made, *_plans(book, position.scope, policies)]


def spare(items: pd.DataFrame, found: list[Excuse], book: Book, *, scope: Scope) -> tuple[Ints, pd.DataFrame]:
    """What is left of each item after the excuses, and the parts spared: item row, amount, reason, cites, because.

    An excuse on an account takes the oldest debts first; one on an item takes what carries it on, where the item
    itself is not among the rows. `items` needs item_id, customer_id, currency, outstanding, in the order of age.
    """
    left = ints(items["outstanding"]).copy()
    if not found:
        return left, _parts([])
    by_item = items.groupby("item_id", sort=False).indices
    by_customer = items.groupby("customer_id", sort=False).indices
    currencies = items["currency"].to_numpy(dtype=object)
    heirs: dict[str, list[str]] = {}
    for item, chain in carried_items(book, entity=scope.entity).items():
        for old in chain:
            heirs.setdefault(old, []).append(item)
    taken: list[tuple[Ints, Ints, Excuse]] = []
    for each in found:
        if each.item_id:
            names = [each.item_id, *heirs.get(each.item_id, ())]
            found_rows = [by_item[name] for name in names if name in by_item]
            rows = np.asarray(np.concatenate(found_rows) if found_rows else [], dtype=np.int64)
        else:
            rows = np.asarray(by_customer.get(each.customer_id, []), dtype=np.int64)
            if each.currency:
                rows = rows[currencies[rows] == each.currency]
        rows = np.sort(rows)
        before = np.cumsum(left[rows]) - left[rows]
        part = np.clip(each.amount - before, 0, left[rows])
        if part.any():
            left[rows] -= part
            taken.append((rows[part > 0], part[part > 0], each))
    return left, _parts(taken)


def _parts(taken: list[tuple[Ints, Ints, Excuse]]) -> pd.DataFrame:
    sizes = [len(rows) for rows, _, _ in taken]

    def repeated(name: str) -> pd.Series:
        values = [str(getattr(each, name)) for _, _, each in taken]
        return pd.Series(np.repeat(np.array(values, dtype=object), sizes), dtype="str")

    empty = np.array([], dtype=np.int64)
    return pd.DataFrame(
        {
            "row": np.concatenate([rows for rows, _, _ in taken] or [empty]),
            "amount": np.concatenate([part for _, part, _ in taken] or [empty]),
            "reason": repeated("reason"),
            "cites": repeated("cites"),
            "because": repeated("because"),
        }
    )


def _exceptions(book: Book, scope: Scope, policies: Policies) -> Iterator[Excuse]:
    for row in _records(book, "collection_exceptions", scope):
        if row["procedure"] not in (ExceptionProcedure.NO_DUNNING, ExceptionProcedure.ALL):
            continue
        now = pd.Timestamp(scope.as_of)
        if row["valid_from"] <= now and not row["expires_on"] < now:
            end = "without an end" if is_none(row["expires_on"]) else f"until {row['expires_on']:%Y-%m-%d}"
            yield _excuse(
                row,
                Spared.EXCEPTION,
                "exception_id",
                f"Exception {row['exception_id']} of {text(row['owner'])}, {end}.",
            )


def _holds(book: Book, scope: Scope, policies: Policies) -> Iterator[Excuse]:
    for row in _records(book, "holds", scope):
        if row["kind"] in (HoldKind.AUDIT, HoldKind.OTHER) and _stands(row, "placed_on", "lifted_on", scope):
            yield _excuse(
                row, Spared.HOLD, "hold_id",
                f"Hold {row['hold_id']} ({text(row['kind'])}) stands since {row['placed_on']:%Y-%m-%d}.",
            )  # fmt: skip


def _disputes(book: Book, scope: Scope, policies: Policies) -> Iterator[Excuse]:
    for row in _records(book, "disputes", scope):
        if _stands(row, "opened_on", "closed_on", scope):
            is_part = policies.dunning.disputes is DisputedPart.PART
            yield _excuse(
                row, Spared.DISPUTED, "dispute_id",
                f"Dispute {row['dispute_id']} ({text(row['reason'])}) is open since {row['opened_on']:%Y-%m-%d}.",
                amount=int(row["amount"]) if is_part else WHOLE,
            )  # fmt: skip


def _deductions(book: Book, scope: Scope, policies: Policies) -> Iterator[Excuse]:
    for row in _records(book, "deductions", scope):
        if row["state"] not in SETTLED and row["taken_on"] <= pd.Timestamp(scope.as_of):
            yield _excuse(
                row, Spared.DEDUCTION, "deduction_id",
                f"Deduction {row['deduction_id']} ({text(row['reason'])}) is {text(row['state'])}.", amount=int(row["amount"]),
            )  # fmt: skip


def _promises(book: Book, position: Position, policies: Policies) -> Iterator[Excuse]:
    """What is left of promises whose days of grace are not over: what was paid on them spares nothing more."""
    if not policies.dunning.spares_promises:
        return
    for row in records(judged_promises(book, position=position, policies=policies)):
        is_open = row["state"] == PromiseState.OPEN and text(row["stated_state"]).lower() not in JUDGED
        if is_open and row["left"] > 0:
            yield _excuse(
                row, Spared.PROMISE, "promise_id",
                f"Promise {row['promise_id']} is due on {row['pay_by']:%Y-%m-%d}, with days of grace to "
                f"{row['grace_ends_on']:%Y-%m-%d}.",
                amount=int(row["left"]),
            )  # fmt: skip


def _plans(book: Book, scope: Scope, policies: Policies) -> Iterator[Excuse]:
    if not policies.dunning.spares_plans or not book.has("plans"):
        return
    standings = {
        text(row["plan_id"]): row for row in records(plan_standings(book, scope=scope, policies=policies))
    }
    for row in _records(book, "plans", scope):
        runs = row["state"] == PlanState.RUNNING and _stands(row, "agreed_on", "ended_on", scope)
        if not runs or standings[row["plan_id"]]["is_default"]:
            continue
        yield _excuse(
            row, Spared.PLAN, "plan_id", f"Plan {row['plan_id']} of {row['agreed_on']:%Y-%m-%d} runs and is not in default.",
            amount=max(int(row["amount"]) - int(standings[row["plan_id"]]["paid"]), 0),
        )  # fmt: skip


def _excuse(row: Row, reason: Spared, key: str, because: str, *, amount: int = WHOLE) -> Excuse:
    item = text(row["item_id"])
    return Excuse(
        reason=reason, cites=str(row[key]), because=because, amount=amount, item_id=item,
        customer_id="" if item else str(row["customer_id"]),
        currency="" if amount == WHOLE else text(row.get("currency")),
    )  # fmt: skip


def _records(book: Book, table: str, scope: Scope) -> list[Row]:
    rows = of_entity(book[table], scope.entity)
    if not len(rows):
        return []
    codes = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
    order = next(
        name for name in rows.columns if name.endswith("_id") and name not in ("customer_id", "item_id")
    )
    return records(rows.assign(customer_id=codes).sort_values(order, kind="stable"))


def _stands(row: Row, start: str, end: str, scope: Scope) -> bool:
    """From its first day; the day that it ends no longer counts."""
    now = pd.Timestamp(scope.as_of)
    return bool(row[start] <= now and (is_none(row[end]) or row[end] > now))
