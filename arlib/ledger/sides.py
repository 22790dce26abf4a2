"""Two sides of an account, document by document: what agrees is set apart, what is left is named later.
Floor 1.

An entry is a frame row with `account`, `document`, `amount` (books' currency) and `date`; ledger entries
are one per document and journal, sub-ledger entries one per posting. Rules that name what is left live in
causes.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

Rows = npt.NDArray[np.intp]
KEY = ["account", "document"]
SAME = ["account", "document", "amount"]


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Entries of both sides that do not agree, and the pools in which their twins are looked for."""

    gl: pd.DataFrame  # posted, inside the window, not in agreement
    sl: pd.DataFrame
    gl_later: pd.DataFrame  # posted after the as-of date, without a twin of their own there
    sl_later: pd.DataFrame
    gl_unposted: pd.DataFrame
    agreed_gl: pd.DataFrame  # entries of documents that differ in total, but agree one by one
    agreed_sl: pd.DataFrame


def pair_off(
    left: pd.DataFrame, right: pd.DataFrame, left_on: list[str], right_on: list[str] | None = None
) -> tuple[Rows, Rows]:
    """Row positions of equal entries, one to one, the n-th of a kind with the n-th; order of rows is kept."""
    if not len(left) or not len(right):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    names = [f"k{n}" for n in range(len(left_on))]
    keys = []
    for frame, on in ((left, left_on), (right, right_on or left_on)):
        key = pd.DataFrame({name: frame[column].to_numpy() for name, column in zip(names, on, strict=True)})
        key["n"] = key.groupby(names, sort=False).cumcount()
        key["at"] = np.arange(len(frame), dtype=np.intp)
        keys.append(key)
    both = keys[0].merge(keys[1], on=[*names, "n"], suffixes=("_left", "_right"))
    return both["at_left"].to_numpy(dtype=np.intp), both["at_right"].to_numpy(dtype=np.intp)


def without(frame: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """The frame less the rows at these positions."""
    if not len(rows):
        return frame
    kept = np.ones(len(frame), dtype=bool)
    kept[rows] = False
    return frame[kept].reset_index(drop=True)


def differing(gl: pd.DataFrame, sl: pd.DataFrame) -> tuple[Rows, Rows]:
    """Positions of the entries of both sides whose document does not agree in total on its account."""
    both = pd.concat(
        [gl[KEY].assign(value=gl["amount"].to_numpy()), sl[KEY].assign(value=-sl["amount"].to_numpy())],
        ignore_index=True,
    )
    off = both.groupby(KEY, sort=False)["value"].transform("sum").ne(0).to_numpy(dtype=bool)
    return np.flatnonzero(off[: len(gl)]), np.flatnonzero(off[len(gl) :])


def set_apart(
    lines: pd.DataFrame,
    postings: pd.DataFrame,
    *,
    as_of: date,
    opening_on: Mapping[str, pd.Timestamp | None],
    window_days: int,
) -> Sides:
    """Both sides' entries since the opening, less everything that agrees.

    Agreement is looked for by document in total, then entry by entry, then a whole journal against a whole
    document, then a reversal under the number of what it reverses, then by interface batch (a ledger that
    posts in summary), then a day's revaluation in total.
    """
    end, last = pd.Timestamp(as_of), pd.Timestamp(as_of + timedelta(days=window_days))
    start = {account: pd.NaT if day is None else day for account, day in opening_on.items()}

    def inside(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
        since = frame["account"].map(start).astype("datetime64[s]")
        return ((frame["date"] <= end) & (since.isna() | (frame["date"] > since))).to_numpy(dtype=bool)

    def later(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
        return ((frame["date"] > end) & (frame["date"] <= last)).to_numpy(dtype=bool)

    posted = lines["is_posted"].to_numpy(dtype=bool)
    gl, sl = lines[posted & inside(lines)], postings[inside(postings)]
    at_gl, at_sl = differing(gl, sl)
    gl, sl = by_journal(gl.iloc[at_gl]), sl.iloc[at_sl].reset_index(drop=True)
    agreed_gl, agreed_sl = [gl.iloc[:0]], [sl.iloc[:0]]
    for find in (_one_by_one, _journal_by_document, _under_reversed_number, _by_batch, _revaluations_by_day):
        left, right = find(gl, sl)
        agreed_gl.append(gl.iloc[left])
        agreed_sl.append(sl.iloc[right])
        gl, sl = without(gl, left), without(sl, right)

    gl_later, sl_later = (
        by_journal(lines[posted & later(lines)]),
        postings[later(postings)].reset_index(drop=True),
    )
    left, right = pair_off(gl_later, sl_later, SAME)
    unposted = by_journal(lines[~posted & (lines["date"] <= last).to_numpy(dtype=bool)])
    return Sides(
        gl=gl,
        sl=sl,
        gl_later=without(gl_later, left),
        sl_later=without(sl_later, right),
        gl_unposted=unposted,
        agreed_gl=pd.concat(agreed_gl, ignore_index=True),
        agreed_sl=pd.concat(agreed_sl, ignore_index=True),
    )


def by_journal(lines: pd.DataFrame) -> pd.DataFrame:
    """Ledger lines summed by account, document and journal; their line numbers are kept in
    `journal_lines`.
    """
    if lines.empty:
        return lines.reset_index(drop=True)
    keys = ["account", "document", "journal_id", "date", "source", "batch_id", "customer_id"]
    first = dict.fromkeys(("is_named", "user", "text", "is_posted"), "first")
    return lines.groupby(keys, sort=True, as_index=False).agg(
        {**first, "journal_lines": " ".join, "amount": "sum"}
    )


def _one_by_one(gl: pd.DataFrame, sl: pd.DataFrame) -> tuple[Rows, Rows]:
    return pair_off(gl, sl, SAME)


def _journal_by_document(gl: pd.DataFrame, sl: pd.DataFrame) -> tuple[Rows, Rows]:
    """The first journal of a document that equals all of its postings together."""
    if not len(gl) or not len(sl):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    totals = sl.groupby(KEY, sort=False, as_index=False).agg(amount=("amount", "sum"))
    left, right = pair_off(gl, totals, SAME)
    named = totals.iloc[right][KEY].assign(found=True)
    hit = sl[KEY].merge(named, on=KEY, how="left")["found"].notna().to_numpy(dtype=bool)
    return left, np.flatnonzero(hit)


def _under_reversed_number(gl: pd.DataFrame, sl: pd.DataFrame) -> tuple[Rows, Rows]:
    rows = np.flatnonzero(sl["reverses_document_no"].ne("").to_numpy(dtype=bool))
    left, right = pair_off(gl, sl.iloc[rows], SAME, ["account", "reverses_document_no", "amount"])
    return left, rows[right]


def _by_batch(gl: pd.DataFrame, sl: pd.DataFrame) -> tuple[Rows, Rows]:
    """Batches that agree in total, where the ledger's lines do not carry the documents of the sub-ledger."""
    summary = gl["batch_id"].ne("") & ~gl["document"].isin(sl["document"])
    return _groups_that_agree(gl, sl, summary, sl["batch_id"].ne(""), ["account", "batch_id"])


def _revaluations_by_day(gl: pd.DataFrame, sl: pd.DataFrame) -> tuple[Rows, Rows]:
    mine = sl["kind"].isin(["revaluation", "revaluation_reversal"])
    return _groups_that_agree(gl, sl, gl["source"].eq("revaluation"), mine, ["account", "date"])


def _groups_that_agree(
    gl: pd.DataFrame, sl: pd.DataFrame, of_gl: pd.Series[bool], of_sl: pd.Series[bool], by: list[str]
) -> tuple[Rows, Rows]:
    at_gl, at_sl = np.flatnonzero(of_gl.to_numpy(dtype=bool)), np.flatnonzero(of_sl.to_numpy(dtype=bool))
    if not len(at_gl) or not len(at_sl):
        return at_gl[:0], at_sl[:0]
    left = gl.iloc[at_gl].groupby(by, sort=False, as_index=False)["amount"].sum()
    right = sl.iloc[at_sl].groupby(by, sort=False, as_index=False)["amount"].sum()
    same = left.merge(right, on=[*by, "amount"])[by].assign(found=True)
    hit_gl = gl.iloc[at_gl][by].merge(same, on=by, how="left")["found"].notna().to_numpy(dtype=bool)
    hit_sl = sl.iloc[at_sl][by].merge(same, on=by, how="left")["found"].notna().to_numpy(dtype=bool)
    return at_gl[hit_gl], at_sl[hit_sl]
