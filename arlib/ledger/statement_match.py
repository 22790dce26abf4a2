"""Match one statement to one customer's documents. Floor 1: both lists in, one row per document out.

Evidence in falling order: the same number and amount, the number written another way, the same document
again, the number alone, a document that we have settled, our posting that follows soon after, cash of the
same amount.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arlib.ledger.frames_control import MatchKind
from arlib.ledger.sides import Rows, pair_off, without
from arlib.tables.choices import CASH_TYPES, ItemType

OURS = ["item_id", "document_no", "item_type", "document_date", "due_date"]
WITH_CASH = (*CASH_TYPES, ItemType.REFUND)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One customer, currency and statement date; amounts in our sign."""

    day: date
    days: int  # how long a document may be in transit
    open: pd.DataFrame  # our open items: OURS, effective_date, amount (open), gross
    items: pd.DataFrame  # all of the customer's items
    lines: pd.DataFrame  # the statement: line_no, reference, date, amount
    applications: pd.DataFrame  # of these items, with source_document and target_document
    disputes: pd.DataFrame


@dataclass(frozen=True)
class _Work:
    ours: pd.DataFrame
    theirs: pd.DataFrame
    rows: tuple[pd.DataFrame, ...] = field(default=())

    def took(
        self,
        left: Rows,
        right: Rows,
        kind: MatchKind,
        reason: str | pd.Series[str],
        *,
        ours: pd.DataFrame | None = None,
    ) -> _Work:
        """Both rows of each pair moved to the result; `ours` stands in where our side is no open item."""
        mine = (self.ours if ours is None else ours).iloc[left].reset_index(drop=True)
        theirs = self.theirs.iloc[right].reset_index(drop=True)
        if mine.empty:
            return self
        amount = mine["amount"] if ours is None else 0
        made = mine[OURS].assign(
            ledger_amount=amount,
            kind=kind.value,
            reason=reason,
            **_line(theirs),
            statement_amount=theirs["amount"],
        )
        kept = self.ours if ours is not None else without(self.ours, left)
        return _Work(kept, without(self.theirs, right), (*self.rows, made))

    def ours_alone(self, left: Rows, kind: MatchKind, reason: str | pd.Series[str]) -> _Work:
        """Our rows without a line."""
        mine = self.ours.iloc[left].reset_index(drop=True)
        made = mine[OURS].assign(
            ledger_amount=mine["amount"], statement_amount=0, kind=kind.value, reason=reason
        )
        return replace(self, ours=without(self.ours, left), rows=(*self.rows, made)) if len(mine) else self

    def theirs_alone(self, right: Rows, kind: MatchKind, reason: str | pd.Series[str]) -> _Work:
        """Their lines without a document."""
        theirs = self.theirs.iloc[right].reset_index(drop=True)
        made = pd.DataFrame(_line(theirs)).assign(
            ledger_amount=0, statement_amount=theirs["amount"], kind=kind.value, reason=reason
        )
        return (
            replace(self, theirs=without(self.theirs, right), rows=(*self.rows, made))
            if len(theirs)
            else self
        )


def _line(theirs: pd.DataFrame) -> dict[str, pd.Series[str]]:
    return {
        "reference": theirs["reference"],
        "line_no": theirs["line_no"],
        "statement_line_date": theirs["date"],
    }


def match_statement(statement: Statement) -> pd.DataFrame:
    """Rows of CUSTOMER_RECON but for customer, date and currency; every open item and every line exactly
    once.
    """
    work = _Work(_keyed(statement.open, "document_no"), _keyed(statement.lines, "reference"))
    day = pd.Timestamp(statement.day)

    work = work.took(
        *pair_off(work.ours, work.theirs, ["document_no", "amount"], ["exact", "amount"]),
        MatchKind.MATCHED,
        "",
    )
    named = np.flatnonzero(work.theirs["key"].ne("").to_numpy(dtype=bool))
    left, right = pair_off(work.ours, work.theirs.iloc[named], ["key", "amount"])
    work = work.took(left, named[right], MatchKind.MATCHED, "their number is written another way")
    work = _doubled(work)
    work = _other_amount(work, statement)
    work = _settled(work, statement)
    work = _on_its_way(work, statement)
    work = _cash_by_amount(work, statement)

    since = day - pd.Timedelta(days=statement.days)
    young = np.flatnonzero((work.ours["effective_date"] >= since).to_numpy(dtype=bool))
    words = (
        "dated " + _day(work.ours.iloc[young]["effective_date"]) + ", may be too new to be on their statement"
    )
    work = work.ours_alone(young, MatchKind.IN_TRANSIT, words)
    work = work.ours_alone(
        np.arange(len(work.ours)), MatchKind.MISSING_ON_STATEMENT, "open with us, not on their statement"
    )
    reference = work.theirs["reference"].fillna("").reset_index(drop=True)
    words = pd.Series(
        np.where(reference.ne(""), "we have no such document", "the line has no reference"), dtype="str"
    )
    work = work.theirs_alone(np.arange(len(work.theirs)), MatchKind.MISSING_IN_LEDGER, words)
    return _result(work, day)


def _result(work: _Work, day: pd.Timestamp) -> pd.DataFrame:
    columns = [
        *OURS,
        "reference",
        "line_no",
        "statement_line_date",
        "ledger_amount",
        "statement_amount",
        "kind",
        "reason",
    ]
    rows = pd.concat(work.rows, ignore_index=True) if work.rows else pd.DataFrame(columns=columns)
    rows = rows.reindex(columns=columns)
    order = {kind.value: number for number, kind in enumerate(MatchKind)}
    rows = rows.assign(order=rows["kind"].map(order)).sort_values(
        ["order", "document_date", "document_no", "line_no"], kind="stable", ignore_index=True
    )
    since = pd.to_datetime(rows["document_date"]).fillna(pd.to_datetime(rows["statement_line_date"]))
    return rows.drop(columns="order").assign(
        difference=rows["ledger_amount"] - rows["statement_amount"],
        row_no=np.arange(1, len(rows) + 1),
        age_days=(day - since).dt.days.astype("Int64"),
    )


def plain_number(texts: pd.Series[str]) -> pd.Series[str]:
    """A document number as people write it: letters and digits only, in capitals, without leading zeros."""
    return texts.fillna("").str.upper().str.replace(r"[^0-9A-Z]", "", regex=True).str.lstrip("0")


def _keyed(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(key=plain_number(frame[column]), exact=frame[column].fillna("")).reset_index(
        drop=True
    )


def _day(dates: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    return dates.dt.strftime("%Y-%m-%d").reset_index(drop=True)


def _doubled(work: _Work) -> _Work:
    """What is left on a side at the number and amount of a document that is matched already."""
    if not work.rows:
        return work
    done = pd.concat(work.rows, ignore_index=True)
    known = pd.DataFrame(
        {"key": plain_number(done["document_no"]), "amount": done["ledger_amount"], "hit": True}
    )
    known = known[known["key"].ne("").to_numpy(dtype=bool)].drop_duplicates()

    def again(frame: pd.DataFrame) -> Rows:
        return np.flatnonzero(
            frame[["key", "amount"]].merge(known, how="left")["hit"].notna().to_numpy(dtype=bool)
        )

    work = work.theirs_alone(again(work.theirs), MatchKind.DUPLICATE, "on their statement more than once")
    return work.ours_alone(again(work.ours), MatchKind.DUPLICATE, "in our ledger more than once")


def _other_amount(work: _Work, statement: Statement) -> _Work:
    named = np.flatnonzero(work.theirs["key"].ne("").to_numpy(dtype=bool))
    left, right = pair_off(work.ours, work.theirs.iloc[named], ["key"])
    ours, theirs = (
        work.ours.iloc[left].reset_index(drop=True),
        work.theirs.iloc[named[right]].reset_index(drop=True),
    )
    reasons = [
        _why(item, int(ours_amount), int(gross), int(their_amount), statement)
        for item, ours_amount, gross, their_amount in zip(
            ours["item_id"], ours["amount"], ours["gross"], theirs["amount"], strict=True
        )
    ]
    return work.took(left, named[right], MatchKind.AMOUNT_DIFFERS, pd.Series(reasons, dtype="str"))


def _why(item: str, ours: int, gross: int, theirs: int, statement: Statement) -> str:
    """The reason of another amount, where the data say one."""
    claims = statement.disputes[statement.disputes["item_id"].eq(item).to_numpy(dtype=bool)]
    for amount, reason in zip(claims["amount"], claims["reason"], strict=True):
        if int(amount) == ours - theirs:
            return f"they hold back what is in dispute ({reason})"
    mine = statement.applications
    mine = mine[mine["target_item_id"].eq(item).to_numpy(dtype=bool)]
    last = pd.Timestamp(statement.day + timedelta(days=statement.days))
    soon = mine[
        ((mine["effective_date"] > pd.Timestamp(statement.day)) & (mine["effective_date"] <= last)).to_numpy(
            dtype=bool
        )
    ]
    settled = int(soon["target_amount"].sum()) + int(soon["discount"].fillna(0).sum())
    if settled and settled == ours - theirs:
        return "settled with us in part after the statement, by " + ", ".join(
            sorted(set(soon["source_document"]))
        )
    if theirs == gross and ours != gross:
        before = mine[(mine["effective_date"] <= pd.Timestamp(statement.day)).to_numpy(dtype=bool)]
        by = ", ".join(sorted(set(before["source_document"])))
        return f"they show it whole; in our ledger part is settled{f' by {by}' if by else ''}"
    return (
        "they show less than is open with us"
        if abs(theirs) < abs(ours)
        else "they show more than is open with us"
    )


def _closed(statement: Statement) -> pd.DataFrame:
    """The customer's items of the day or before that are not open any more."""
    items = statement.items
    past = items["effective_date"] <= pd.Timestamp(statement.day)
    rows = items[(past & ~items["item_id"].isin(statement.open["item_id"])).to_numpy(dtype=bool)]
    return _keyed(rows.sort_values(["effective_date", "item_id"]), "document_no")


def _settled(work: _Work, statement: Statement) -> _Work:
    """Lines whose document we hold as settled: at the same amount first, then at any."""
    closed = _closed(statement)
    for on in (["key", "amount"], ["key"]):
        named = np.flatnonzero(work.theirs["key"].ne("").to_numpy(dtype=bool))
        left, right = pair_off(closed, work.theirs.iloc[named], on)
        by = [_settled_by(item, statement) for item in closed.iloc[left]["item_id"]]
        words = pd.Series([f"settled with us{text}, open with them" for text in by], dtype="str")
        work = work.took(left, named[right], MatchKind.SETTLED_IN_LEDGER, words, ours=closed)
        closed = without(closed, left)
    return work


def _settled_by(item: str, statement: Statement) -> str:
    rows = statement.applications
    past = rows["effective_date"] <= pd.Timestamp(statement.day)
    other = [
        rows.loc[(rows[f"{one}_item_id"].eq(item) & past).to_numpy(dtype=bool), f"{two}_document"]
        for one, two in (("target", "source"), ("source", "target"))
    ]
    found = sorted(set(pd.concat(other)))
    return f" by {', '.join(found[:3])}{' and more' if len(found) > 3 else ''}" if found else ""


def _on_its_way(work: _Work, statement: Statement) -> _Work:
    """Lines that our posting follows within the days of transit: by number, then cash by amount."""
    items, last = statement.items, pd.Timestamp(statement.day + timedelta(days=statement.days))
    soon = items[
        (
            (items["effective_date"] > pd.Timestamp(statement.day)) & (items["effective_date"] <= last)
        ).to_numpy(dtype=bool)
    ]
    later = _keyed(soon.sort_values(["effective_date", "item_id"]), "document_no")
    named = np.flatnonzero(work.theirs["key"].ne("").to_numpy(dtype=bool))
    left, right = pair_off(later, work.theirs.iloc[named], ["key", "amount"])
    words = "in our ledger on " + _day(later.iloc[left]["effective_date"])
    work = work.took(left, named[right], MatchKind.IN_TRANSIT, words, ours=later)
    later = without(later, left)
    cash = later[later["item_type"].isin(WITH_CASH).to_numpy(dtype=bool)].reset_index(drop=True)
    left, right = pair_off(cash, work.theirs, ["amount"])
    found = cash.iloc[left]
    words = (
        "their payment, in our ledger on "
        + _day(found["effective_date"])
        + " as "
        + found["document_no"].reset_index(drop=True)
    )
    return work.took(left, right, MatchKind.IN_TRANSIT, words, ours=cash)


def _cash_by_amount(work: _Work, statement: Statement) -> _Work:
    """Their payment under their own number: our cash of that amount, open or applied, where only one can be
    meant.
    """
    mine = np.flatnonzero(work.ours["item_type"].isin(WITH_CASH).to_numpy(dtype=bool))
    left, right = _only_pairs(work.ours.iloc[mine], work.theirs)
    words = "by amount: their payment is our " + work.ours.iloc[mine[left]]["document_no"].reset_index(
        drop=True
    )
    work = work.took(mine[left], right, MatchKind.MATCHED, words)
    closed = _closed(statement)
    closed = closed[closed["item_type"].isin(WITH_CASH).to_numpy(dtype=bool)].reset_index(drop=True)
    used = {item for rows in work.rows for item in rows.get("item_id", pd.Series(dtype="str")).dropna()}
    closed = closed[(~closed["item_id"].isin(used)).to_numpy(dtype=bool)].reset_index(drop=True)
    since = pd.Timestamp(statement.day - timedelta(days=31))
    closed = closed[(closed["effective_date"] >= since).to_numpy(dtype=bool)].reset_index(drop=True)
    left, right = _only_pairs(closed, work.theirs)
    words = "their payment, applied with us as " + closed.iloc[left]["document_no"].reset_index(drop=True)
    return work.took(left, right, MatchKind.SETTLED_IN_LEDGER, words, ours=closed)


def _only_pairs(ours: pd.DataFrame, theirs: pd.DataFrame) -> tuple[Rows, Rows]:
    """Pairs by amount that is the only one of its size on both sides."""
    one = ~ours["amount"].duplicated(keep=False).to_numpy(dtype=bool)
    two = ~theirs["amount"].duplicated(keep=False).to_numpy(dtype=bool)
    at, other = np.flatnonzero(one), np.flatnonzero(two)
    left, right = pair_off(ours.iloc[at], theirs.iloc[other], ["amount"])
    return at[left], other[right]
