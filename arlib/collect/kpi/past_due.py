"""From what was past due at the start of the month to what is at its end. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.kpi.frames import PAST_DUE_BRIDGE
from arlib.collect.kpi.months import Monthly
from arlib.collect.kpi.runs import CASH, ages, standing_at
from arlib.credit.write_off.words import money
from arlib.ledger.facts import Ints, counted, fact_dates, found_at, in_functional, ints, of_entity
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType

PAID, CREDITED, WRITTEN_OFF, REDATED, OTHER = (
    "paid",
    "credited",
    "written_off",
    "given_later_due_date",
    "other",
)
SETTLED = (PAID, CREDITED, WRITTEN_OFF)
LINES = ("opening", "became_past_due", *SETTLED, REDATED, OTHER, "closing")
NAMED = ("became_past_due", REDATED, OTHER)  # steps that no settlement explains name their documents
SHOWN_DOCUMENTS = 3


def past_due_bridge(book: Book, found: Monthly, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """PAST_DUE_BRIDGE of the last month, in the books' currency at booking rates; empty where the start is not known.

    `became_past_due` is what is past due of documents that were not at the start, and of further due parts of those that were:
    they fell due, or a payment came back. Of what was past due at the start, what cash (net of returns), credit memos and
    write-offs settled; settlements of a document in parts take what was past due first, and beyond it no step.
    `given_later_due_date` is what is still open but not past due any more. `other` is the rest of the difference: offsets and
    exchange. Opening and steps sum to closing, document by document. Needs ITEMS, APPLICATIONS.
    """
    windows, runs = found.windows, found.runs
    last = len(windows.months) - 1
    if not (windows.knows_balance(last) and windows.knows_balance(last - 1)):
        return PAST_DUE_BRIDGE.empty()
    how = ages(book, runs, scope=scope)
    sides = []
    for number in (last - 1, last):
        now = standing_at(runs, how, number=number, scope=scope, policies=policies, windows=windows)
        if not now["is_known"].all():
            return PAST_DUE_BRIDGE.empty()
        places = []
        for name in ("books_past_due", "books_current"):
            of_item = np.zeros(len(runs.items), dtype=np.int64)
            np.add.at(of_item, now["item"].to_numpy(), now[name].to_numpy())
            places.append(of_item)
        sides.append(places)
    (before, early), (after, later) = sides
    was_late = before != 0
    steps = {
        name: np.where(was_late, values, 0)
        for name, values in _settled(book, runs.items, scope, found).items()
    }
    _cap(steps, before, was_late & (early > 0))
    rest = np.where(was_late, after - before, 0) - sum(steps[name] for name in SETTLED)
    fell_due = np.clip(np.minimum(rest, early - later), 0, None)
    moved = np.clip(np.minimum(-rest, later - early), 0, None)
    steps |= {
        "opening": before, "became_past_due": np.where(was_late, fell_due, after), REDATED: -moved,
        OTHER: rest - fell_due + moved, "closing": after,
    }  # fmt: skip
    return PAST_DUE_BRIDGE.from_rows(
        {
            "line_no": number, "line": name, "items": int((steps[name] != 0).sum()), "currency": scope.functional_currency,
            "amount": int(steps[name].sum()), "is_total": name in ("opening", "closing"),
            "documents": _named(runs.items, steps[name]) if name in NAMED else None,
        }
        for number, name in enumerate(LINES, start=1)
    )  # fmt: skip


def _cap(steps: dict[str, Ints], before: Ints, mine: np.ndarray) -> None:
    """Cut what settled these documents to what was past due of them, in place: the rest went on parts not yet due."""
    left = np.clip(before, 0, None)
    for name in SETTLED:
        taken = np.where(mine & (steps[name] < 0), -np.minimum(-steps[name], left), steps[name])
        left = np.clip(left + np.minimum(taken, 0), 0, None)
        steps[name] = taken


def _named(items: pd.DataFrame, amounts: Ints) -> str | None:
    """The numbers of the documents of a step, the largest first."""
    at = np.flatnonzero(amounts)
    at = at[np.argsort(-np.abs(amounts[at]), kind="stable")]
    if not len(at):
        return None
    said = ", ".join(str(number) for number in items["document_no"].iloc[at[:SHOWN_DOCUMENTS]])
    return said if len(at) <= SHOWN_DOCUMENTS else f"{said} and {len(at) - SHOWN_DOCUMENTS} more"


def redated_note(bridge: pd.DataFrame, currency: str) -> str:
    """What to say beside the share not yet due where documents past due got a later due date; '' where none did."""
    rows = bridge[bridge["line"].eq(REDATED) & bridge["amount"].ne(0)]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    return (
        f"{money(-int(row['amount']), currency)} was past due at the start of the month and is not yet due now, because it got a "
        f"later due date: {row['documents']}"
    )


def _settled(book: Book, items: pd.DataFrame, scope: Scope, found: Monthly) -> dict[str, Ints]:
    """What the month's applications took off each document, negative, by what it was settled with."""
    rows = of_entity(book["applications"], scope.entity)
    month = found.windows.months[-1]
    dates = fact_dates(rows, scope.basis)
    mine = counted(rows, scope=scope) & (dates >= pd.Timestamp(month.starts_on)).to_numpy(dtype=bool)
    rows = rows[mine].reset_index(drop=True)
    books = scope.functional_currency
    main = in_functional(rows, "target_functional_amount", "target_amount", "target_currency", books)
    part = in_functional(rows, "discount_functional_amount", "discount", "target_currency", books)
    target = found_at(rows["target_item_id"], items["item_id"])
    source = (
        items["item_type"].to_numpy()[found_at(rows["source_item_id"], items["item_id"])]
        if len(rows)
        else np.array([])
    )
    kind = rows["kind"]
    masks = {
        WRITTEN_OFF: kind.eq(ApplicationKind.WRITE_OFF.value).to_numpy(dtype=bool) | (source == ItemType.WRITE_OFF.value),
        CREDITED: source == ItemType.CREDIT_MEMO.value,
        PAID: np.isin(source, CASH),
    }  # fmt: skip
    made = {}
    taken = np.zeros(len(rows), dtype=bool)
    for name, mask in masks.items():
        chosen = np.asarray(mask, dtype=bool) & ~taken
        taken |= chosen
        values = np.zeros(len(items), dtype=np.int64)
        amount = -ints(main) - (ints(part) if name == PAID else 0)
        np.add.at(values, target[chosen], amount[chosen])
        made[name] = values
    return made
