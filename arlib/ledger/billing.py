"""Billing batches on their way to the ledger: what was billed, what receivables took, what the ledger has.
Floor 1.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from arlib.controls import Control
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import BILLING_CHECK
from arlib.ledger.general_ledger import ledger_lines
from arlib.ledger.postings import functional_or_own
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import BatchState, JournalSource

STAGES = ("billing", "ar_interface", "gl")
STEPS = (
    ("billing_to_receivables", "Billing = AR interface", "interface_difference"),
    ("receivables_to_ledger", "AR interface = general ledger", "gl_difference"),
)


def billing_transfers(
    book: Book, *, scope: Scope, ledger: str = "primary"
) -> tuple[tuple[Control, ...], pd.DataFrame]:
    """Monthly transfer totals: billing against AR interface against general ledger, batch by batch.

    A batch belongs to the period in which its first stage is dated; both end days are inside. A difference
    is explained where the batch says so itself: rejects, a stage that stands unposted or rejected, or a
    batch that the ledger's own lines hold twice. A batch without a stage, or that stands unposted or
    rejected at it, counts there as 0. Needs BILLING_TRANSFERS; uses ITEMS and GL_LINES for what really
    arrived. Returns two controls by currency, and BILLING_CHECK.
    """
    rows = of_entity(book["billing_transfers"], scope.entity)
    first = rows.groupby("batch_id")["transferred_on"].transform("min")
    inside = (first >= pd.Timestamp(scope.starts_on)) & (first <= pd.Timestamp(scope.ends_on))
    rows = rows[inside.to_numpy(dtype=bool)].reset_index(drop=True)
    if not book.has("billing_transfers") or rows.empty:
        note = (
            "no billing transfers were given"
            if not len(book["billing_transfers"])
            else "no batch in the period"
        )
        empty = tuple(
            _control(name, title, BILLING_CHECK.empty(), column, scope.functional_currency, scope, note=note)
            for name, title, column in STEPS
        )
        return empty, BILLING_CHECK.empty()
    frame = _check(book, rows, scope=scope, ledger=ledger)
    controls = [
        _control(
            name, title, frame[frame["currency"].eq(currency).to_numpy(dtype=bool)], column, currency, scope
        )
        for name, title, column in STEPS
        for currency in sorted(frame["currency"].unique())
    ]
    return tuple(controls), frame


def _stage(rows: pd.DataFrame, stage: str) -> pd.DataFrame:
    mine = rows[rows["stage"].eq(stage).to_numpy(dtype=bool)]
    columns = ["documents", "amount", "rejected_documents", "rejected_amount"]
    arrived = ~mine["state"].isin([BatchState.UNPOSTED, BatchState.REJECTED])
    mine = mine.assign(documents=mine["documents"].where(arrived, 0), amount=mine["amount"].where(arrived, 0))
    sums = mine.groupby(["batch_id", "currency"])[columns].sum().astype("Int64")
    return sums.join(mine.groupby(["batch_id", "currency"])["state"].first()).add_prefix(f"{stage}_")


def _check(book: Book, rows: pd.DataFrame, *, scope: Scope, ledger: str) -> pd.DataFrame:
    """One row a batch, wide. A stage reports its own rejects: those of the interface lie between billing
    and it.
    """
    wide = rows.groupby(["batch_id", "currency"], as_index=False)["transferred_on"].min()
    for stage in STAGES:
        wide = wide.merge(_stage(rows, stage).reset_index(), on=["batch_id", "currency"], how="left")
    items = of_entity(book["items"], scope.entity)
    worth = functional_or_own(
        items["functional_amount"], items["amount"], items["currency"], scope.functional_currency
    )
    arrived = (
        items.assign(worth=worth)
        .groupby("batch_id")
        .agg(item_documents=("item_id", "size"), item_amount=("worth", "sum"))
    )
    lines = ledger_lines(book, scope=scope, ledger=ledger)
    posted = lines[
        (
            lines["is_posted"]
            & lines["source"].eq(JournalSource.BILLING)
            & lines["batch_id"].ne("")
            & (lines["date"] <= pd.Timestamp(scope.as_of))
        ).to_numpy(dtype=bool)
    ]
    held = posted.groupby("batch_id").agg(ledger_amount=("amount", "sum"))
    wide = wide.merge(arrived, on="batch_id", how="left").merge(held, on="batch_id", how="left")
    money = [name for name in wide.columns if name.endswith(("_documents", "_amount"))]
    wide[money] = wide[money].astype("Int64")
    stage_money = [name for name in money if name.startswith(STAGES)]
    filled = wide[stage_money].fillna(0)
    wide = wide.assign(
        interface_difference=filled["billing_amount"] - filled["ar_interface_amount"],
        gl_difference=filled["ar_interface_amount"] - filled["gl_amount"],
        rejected_documents=filled["billing_rejected_documents"] + filled["ar_interface_rejected_documents"],
        rejected_amount=filled["billing_rejected_amount"] + filled["ar_interface_rejected_amount"],
    )
    states = [_state(row) for row in wide.to_dict("records")]
    wide = wide.assign(
        entity=scope.entity,
        state=[state for state, _ in states],
        sentence=[words for _, words in states],
        interface_documents=wide["ar_interface_documents"],
        interface_amount=wide["ar_interface_amount"],
        gl_rejected_documents=wide["gl_rejected_documents"],
        gl_rejected_amount=wide["gl_rejected_amount"],
    )
    return BILLING_CHECK.typed(wide).sort_values(["batch_id", "currency"], ignore_index=True)


def _number(value: Any) -> int:
    return 0 if pd.isna(value) else int(value)


def _state(row: Mapping[Hashable, Any]) -> tuple[str, str]:
    """Where the batch stands, in one word and in a sentence."""
    held_up = {BatchState.UNPOSTED.value: "unposted", BatchState.REJECTED.value: "rejected"}
    stops = [
        f"{held_up[str(row[f'{stage}_state'])]} at stage {stage}"
        for stage in STAGES
        if str(row.get(f"{stage}_state")) in held_up
    ]
    missing = [stage for stage in STAGES if pd.isna(row[f"{stage}_amount"])]
    differs = _number(row["interface_difference"]) or _number(row["gl_difference"])
    in_ledger, interface = row.get("ledger_amount"), _number(row["ar_interface_amount"])
    if stops:
        return stops[0].split(" ", 1)[0], "stands " + " and ".join(stops)
    if not pd.isna(in_ledger) and interface and _number(in_ledger) == 2 * interface:
        return "doubled", "the ledger's lines hold the batch twice"
    rejected = _number(row["rejected_amount"]) + _number(row["gl_rejected_amount"])
    if differs and rejected == _number(row["interface_difference"]) + _number(row["gl_difference"]):
        return "rejected", "the rejects are the difference"
    if missing:
        return "unposted", f"never reached stage {missing[0]}"
    return ("differs", "the stages differ, and no reject says why") if differs else ("agrees", "")


def _control(
    name: str, title: str, frame: pd.DataFrame, column: str, currency: str, scope: Scope, *, note: str = ""
) -> Control:
    left, right = ("billing", "interface") if column == "interface_difference" else ("interface", "gl")
    head = Control(
        name=name,
        title=title,
        entity=scope.entity,
        currency=currency,
        left_label=title.split(" = ")[0],
        right_label=title.split(" = ")[1],
        note=note,
    )
    if frame.empty:
        return head
    off = frame[frame[column].ne(0).to_numpy(dtype=bool)]
    known = off[off["state"].ne("differs").to_numpy(dtype=bool)]
    oldest = known["transferred_on"].min()
    return replace(
        head,
        left=int(frame[f"{left}_amount"].fillna(0).sum()),
        right=int(frame[f"{right}_amount"].fillna(0).sum()),
        explained=int(known[column].sum()),
        count=len(known),
        unexplained_count=len(off) - len(known),
        oldest=None if pd.isna(oldest) else oldest.date(),
        note="" if len(known) == len(off) else f"{len(off) - len(known)} batches differ without a reject",
    )
