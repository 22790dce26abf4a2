"""Short payments by reason: what was allowed and what stays open. Floor 3."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from arlib.matching.frames import MATCHES
from arlib.money import totals_by
from arlib.report.cash_facts import (
    AUTO,
    DECISION_SAID,
    POPULATION,
    WHICH,
    CashRun,
    document_numbers,
    heads,
    told,
)
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table
from arlib.tables import Column, Kind, Table

T, M, N = Kind.TEXT, Kind.MONEY, Kind.INTEGER
SHORT = Table("short_payments", "what short payments came to, by reason", ("population", "reason", "about", "currency"), (
    POPULATION,
    Column("reason", T, "why the customer paid less", True),
    Column("about", T, "what a claim is about, as the payer says; undefined where nobody says"),
    Column("currency", T, "currency of the items", True),
    Column("lines", N, "item lines", True),
    Column("settled", M, "allowed: settles the item on top of the cash", True, currency="currency"),
    Column("left_open", M, "not allowed: stays open as a claim or a rest", True, currency="currency"),
    Column("auto_lines", N, "of them applied automatically", True),
))  # fmt: skip
SHORT_LINES = Table("short_payment_lines", "an item that was not paid in full", ("population", "receipt_id", "item_id"), (
    POPULATION,
    *(MATCHES[name] for name in ("receipt_id", "item_id", "customer_id")),
    Column("name", T, "name of the customer"),
    Column("document_no", T, "number that people quote"),
    *(MATCHES[name] for name in ("reason", "claim_code", "currency", "open_before", "applied_amount", "discount", "fee", "fx",
                                 "tolerance", "deduction", "open_after", "decision", "evidence")),
))  # fmt: skip
PARTS = {
    "discount": "settled",
    "fee": "settled",
    "fx": "settled",
    "tolerance": "settled",
    "deduction": "left_open",
}
REASON_OF = {"discount": ("earned_discount", "unearned_discount"), "fee": ("bank_charge",), "fx": ("exchange",),
             "tolerance": ("tolerance",), "deduction": ("claim", "tax", "freight")}  # fmt: skip
REASON_WORDS = {"fx": "Exchange", "exchange": "Exchange difference", "partial": "Part payment",
                "claim": "Claim of the customer", "tolerance": "Within tolerance", "tax": "Claim: tax",
                "freight": "Claim: freight"}  # fmt: skip


ABOUT_WORDS = {
    "undefined": "not said",
    "discount": "discount not earned",
    "contra": "set against what we owe",
    "bank_charge": "bank charge",
}


def short_of(run: CashRun) -> tuple[pd.DataFrame, pd.DataFrame]:
    """SHORT and SHORT_LINES: each part of a difference under its own reason, and the lines behind them.

    A part payment leaves its item open: that rest counts once for an item, however many receipts paid parts of it.
    """
    sums, lines = [], []
    for cash, result in run.runs:
        matches = result.matches
        has_part = matches[list(PARTS)].fillna(0).ne(0).any(axis=1)
        is_partial = (
            matches["reason"].eq("partial") & matches["open_after"].ne(0) & matches["applied_amount"].ne(0)
        )
        found = matches[has_part | is_partial]
        parts = {name: found[name].mask(found[name].eq(0)) for name in PARTS}
        lines.append(found.assign(
            population=cash.value, document_no=told(found["item_id"], document_numbers(result)),
            name=told(found["customer_id"], run.names), **parts,
        ))  # fmt: skip
        every = _parts(matches, is_partial)
        if len(every):
            by, counts = ["reason", "about", "currency"], ["lines", "auto_lines"]
            money = totals_by(every, by, ["settled", "left_open"])
            money = money.merge(every.groupby(by, as_index=False)[counts].sum(), on=by)
            sums.append(money.assign(population=cash.value))
    listed = pd.concat(lines, ignore_index=True)
    listed = listed.sort_values(["population", "receipt_id", "item_id"], kind="stable", ignore_index=True)
    return SHORT.typed(pd.concat(sums, ignore_index=True)) if sums else SHORT.empty(), SHORT_LINES.typed(
        listed
    )


def short_tables(run: CashRun, *, functional: str) -> tuple[ResultTable, ResultTable]:
    """Short payments by reason, and line by line."""
    short, lines = short_of(run)
    about = about_words([*short["about"].dropna().unique(), *lines["claim_code"].dropna().unique()])
    words = {"reason": reason_words(run), "population": WHICH}
    return (
        result_table(SHORT, short, title="Short payments by reason", functional=functional, words=words | {"about": about},
                     headings=heads(SHORT, lines="Item lines", about="About", settled="Allowed", auto_lines="Of them automatic")),
        result_table(SHORT_LINES, lines, title="Short payments, line by line", functional=functional,
                     words=words | {"claim_code": about, "decision": DECISION_SAID},
                     headings=heads(SHORT_LINES, claim_code="About"), is_detail=True,
                     not_totalled=("open_before", "applied_amount", "open_after")),
    )  # fmt: skip


def reason_words(run: CashRun) -> dict[str, str]:
    """Every reason of a difference in words."""
    found = {str(name) for _, result in run.runs for name in result.matches["reason"].dropna().unique()}
    known = found | {name for names in REASON_OF.values() for name in names} | {"discount", "partial"}
    return {name: REASON_WORDS.get(name, in_words(name)) for name in sorted(known)}


def about_words(codes: Iterable[str]) -> dict[str, str]:
    """What claims are about, in words."""
    return {name: ABOUT_WORDS.get(name, in_words(name).lower()) for name in sorted(set(codes) - {""})}


def _parts(matches: pd.DataFrame, is_partial: pd.Series) -> pd.DataFrame:
    """Every part of a difference with its reason, settled or left open."""
    found = []
    for name, side in PARTS.items():
        rows = matches[matches[name].fillna(0).ne(0)]
        own = rows["reason"].isin(REASON_OF[name])
        fallback = "discount" if name == "discount" else REASON_OF[name][0]
        is_claim = name == "deduction"
        about = rows["claim_code"].where(~rows["claim_code"].isin(REASON_OF[name])) if is_claim else None
        found.append(_part(rows, rows["reason"].where(own, fallback), rows[name], side, about))
    rest = matches[is_partial].drop_duplicates("item_id", keep="last")
    left = rest["open_after"] - rest["deduction"].fillna(0)
    found.append(_part(rest, rest["reason"], left, "left_open", rest["claim_code"]))
    return pd.concat(found, ignore_index=True)


def _part(
    rows: pd.DataFrame, reason: pd.Series, amount: pd.Series, side: str, about: pd.Series | None = None
) -> pd.DataFrame:
    zero = pd.Series(0, index=rows.index, dtype="Int64")
    told_of = (
        pd.Series("", index=rows.index, dtype="str") if about is None else about.astype("str").fillna("")
    )
    return pd.DataFrame({
        "reason": reason.astype("str"), "about": told_of, "currency": rows["currency"],
        "settled": amount if side == "settled" else zero, "left_open": amount if side == "left_open" else zero,
        "lines": zero + 1, "auto_lines": rows["decision"].eq(AUTO).astype("Int64"),
    })  # fmt: skip
