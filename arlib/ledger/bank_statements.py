"""Bank statements against themselves: opening + entries = closing, and each opens where the last one closed. Floor 1."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import pandas as pd

from arlib.controls import Control
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import STATEMENT_CHECK
from arlib.money import shown
from arlib.policy import Scope
from arlib.tables import Book

FINAL = "statement"


class Finding(StrEnum):
    """What a statement shows."""

    TIES = "ties"
    DIFFERS = "opening and entries do not give the closing balance"
    GAP = "does not open where the statement before it closed"
    LINES_MISSING = "its entries are not the bank lines that were read"
    ALTERED = "was read by an earlier close with other entries"
    AGAIN = "has the entries of another statement, which an earlier close read"
    NOT_STATED = "states no balances"
    EMPTY = "no entries"


WRONG = (Finding.DIFFERS, Finding.GAP, Finding.LINES_MISSING, Finding.ALTERED, Finding.AGAIN)


def bank_statement_check(book: Book, *, scope: Scope) -> tuple[tuple[Control, ...], pd.DataFrame]:
    """The final statements of the period, those that do not tie first, and one control per bank account and currency.

    Of earlier statements those are told that do not tie.

    The control compares the closing balance of the last statement that ends in the period with the opening balance of the
    first one plus the bank lines on them. It is `no_input` where these state no balances or none ends in the period, and
    says so where the last one ends before the period does. Notices are on no balance and are left out. Without the table
    BANK_STATEMENTS there are no controls. With PRIOR_STATEMENTS, a statement that an earlier close read otherwise, or
    under another number, is found, and the first one here must open where the last one there closed. Returns controls and
    STATEMENT_CHECK.
    """
    rows = of_entity(book["bank_statements"], scope.entity)
    rows = rows[rows["kind"].eq(FINAL).to_numpy(dtype=bool)]
    rows = rows[
        (rows["to_date"].isna() | (rows["to_date"] <= pd.Timestamp(scope.as_of))).to_numpy(dtype=bool)
    ]
    if rows.empty:
        return (), STATEMENT_CHECK.empty()
    lines = of_entity(book["bank_lines"], scope.entity)
    read = lines.groupby(["bank_account", "statement_id"])["amount"].sum()
    # numbers count, so 9 comes before 10
    padded = (
        rows["number"].fillna("").str.replace(r"\d+", lambda digits: digits.group().zfill(18), regex=True)
    )
    order = ["bank_account", "currency", "to_date", "padded"]
    frame = rows.assign(padded=padded).sort_values(order, kind="stable").reset_index(drop=True)
    keys = pd.MultiIndex.from_frame(frame[["bank_account", "statement_id"]])
    frame["lines"] = read.reindex(keys).set_axis(frame.index).fillna(0).astype("Int64")
    same = frame[["bank_account", "currency"]].eq(frame[["bank_account", "currency"]].shift()).all(axis=1)
    prior = of_entity(book["prior_statements"], scope.entity)
    frame["previous_closing"] = frame["closing"].shift().where(same, _closed_before(frame, prior))
    again = frame["repeated"].fillna(0)
    frame["previous_closing"] = frame["previous_closing"].where(
        again.eq(0)
    )  # it begins inside the one before it
    frame["lines"] += again
    frame["difference"] = frame["closing"] - frame["opening"] - frame["lines"]
    frame["finding"] = _findings(frame)
    _against_earlier(frame, prior)
    frame["age_days"] = (pd.Timestamp(scope.as_of) - frame["to_date"]).dt.days
    frame["is_wrong"] = frame["finding"].isin([finding.value for finding in WRONG])
    controls = [
        _control(str(account), str(currency), group, scope)
        for (account, currency), group in frame.groupby(["bank_account", "currency"], sort=True)
    ]
    told = frame["is_wrong"] | frame["to_date"].isna() | (frame["to_date"] >= pd.Timestamp(scope.starts_on))
    first_wrong = frame[told.to_numpy(dtype=bool)].sort_values(
        "is_wrong", ascending=False, kind="stable", ignore_index=True
    )
    return tuple(controls), STATEMENT_CHECK.typed(first_wrong)


def _findings(frame: pd.DataFrame) -> pd.Series:
    found = pd.Series(Finding.TIES.value, index=frame.index, dtype="str")
    found = found.mask(frame["entries"].eq(0).fillna(False), Finding.EMPTY.value)
    gap = (
        frame["previous_closing"].notna()
        & frame["opening"].notna()
        & frame["opening"].ne(frame["previous_closing"])
    )
    found = found.mask(gap.fillna(False), Finding.GAP.value)
    found = found.mask(frame["lines"].ne(frame["net"]).fillna(False), Finding.LINES_MISSING.value)
    found = found.mask(frame["difference"].ne(0).fillna(False), Finding.DIFFERS.value)
    return found.mask(frame["difference"].isna(), Finding.NOT_STATED.value)


def _closed_before(frame: pd.DataFrame, prior: pd.DataFrame) -> pd.Series:
    """The closing balance of the latest earlier statement that is not here too, by account and currency."""
    keys = ["bank_account", "currency"]
    here = pd.MultiIndex.from_frame(frame[["bank_account", "statement_id"]])
    rest = prior[~pd.MultiIndex.from_frame(prior[["bank_account", "statement_id"]]).isin(here)]
    first = frame.groupby(keys)["to_date"].min()
    start = first.reindex(pd.MultiIndex.from_frame(rest[keys])).set_axis(rest.index)
    rest = rest[(rest["to_date"] < start).to_numpy(dtype=bool)]
    last = (
        rest.sort_values("to_date", kind="stable")
        .drop_duplicates(keys, keep="last")
        .set_index(keys)["closing"]
    )
    return last.reindex(pd.MultiIndex.from_frame(frame[keys])).set_axis(frame.index)


def _against_earlier(frame: pd.DataFrame, prior: pd.DataFrame) -> None:
    """Statements that came before, altered or under another number, in place."""
    if prior.empty:
        return
    known = prior.set_index(["bank_account", "statement_id"])["content_sha256"]
    own = known.reindex(pd.MultiIndex.from_frame(frame[["bank_account", "statement_id"]])).set_axis(
        frame.index
    )
    altered = own.notna() & own.ne(frame["content_sha256"])
    seen = set(zip(prior["bank_account"], prior["content_sha256"], strict=True))
    pairs = zip(frame["bank_account"], frame["content_sha256"], strict=True)
    again = (
        own.isna() & frame["entries"].gt(0) & pd.Series([pair in seen for pair in pairs], index=frame.index)
    )
    found = frame["finding"].mask(altered, Finding.ALTERED.value)
    frame["finding"] = found.mask(again.fillna(False), Finding.AGAIN.value)


def _control(account: str, currency: str, group: pd.DataFrame, scope: Scope) -> Control:
    inside = group[(group["to_date"] >= pd.Timestamp(scope.starts_on)).fillna(False).to_numpy(dtype=bool)]
    blank = Control(
        name="bank_statements",
        title=f"Bank account {account}: opening balance + entries = closing balance",
        entity=scope.entity,
        currency=currency,
        account=account,
        left_label="opening + bank lines",
        right_label="closing balance",
    )
    changed = group["finding"].isin([Finding.ALTERED.value, Finding.AGAIN.value])
    bad = pd.concat(
        [
            group[(changed & ~group.index.isin(inside.index)).to_numpy(dtype=bool)],
            inside[inside["is_wrong"].to_numpy(dtype=bool)],
        ]
    )
    notes = [f"{row['statement_id']} {row['finding']}{_gap(row, currency)}" for row in bad.to_dict("records")]
    told = inside[inside["difference"].notna().to_numpy(dtype=bool)]
    if inside.empty or len(told) < len(inside):
        why = (
            "no statement ends in the period"
            if inside.empty
            else "a statement of the period states no balances"
        )
        return replace(blank, note="; ".join([why, *notes]))
    last = pd.Timestamp(inside["to_date"].max()).date()
    if last < scope.as_of:
        notes.append(f"the last statement ends on {last.isoformat()}")
    return replace(
        blank,
        left=int(inside["opening"].iloc[0]) + int((inside["lines"] - inside["repeated"].fillna(0)).sum()),
        right=int(inside["closing"].iloc[-1]),
        unexplained_count=len(bad),
        note="; ".join(notes),
    )


def _gap(row: Mapping[Hashable, Any], currency: str) -> str:
    """For a statement that does not open where the last one closed: both balances."""
    if row["finding"] != Finding.GAP:
        return ""
    opening, closed = (shown(int(row[name]), currency) for name in ("opening", "previous_closing"))
    return f" ({opening}, before it {closed})"
