"""The sample company with noise drawn again: how much of what was applied by itself is right to the cent, and why it differs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matching_scale import Cost, run_worker

from arlib.sources.sample import generate
from arlib.sources.sample.cash_noise import NoisyCash, noisy_receipts

DIFFERENCES = ["discount", "deduction", "fee", "tolerance"]
KEYS = ["receipt_id", "item_id"]


@dataclass(frozen=True)
class Measure:
    """Of the receipts that were applied by themselves. Rates are None where there are none.

    `cash_right` counts receipt-item pairs whose money is right to the cent, `class_right` receipts whose differences are of
    the right class and amount; the same weighted by money, currency by currency.
    """

    receipts: int
    auto: int
    cash_right: float | None
    cash_right_by_value: float | None
    class_right: float | None
    class_right_by_value: float | None
    seconds: float
    peak_bytes: int


def noisy(*, seed: int, items: int, noise_seed: int, level: str) -> tuple[NoisyCash, dict[str, pd.DataFrame]]:
    """A noisy sample, and the tables that a run may see beside it."""
    sample = generate(seed=seed, items=items)
    cash = noisy_receipts(sample.tables, seed=noise_seed, level=level)
    return cash, {name: sample.tables[name] for name in ("customers", "fx_rates")}


def renamed_sample(cash: NoisyCash, seed: int) -> tuple[NoisyCash, dict[str, dict[str, str]]]:
    """Fresh random identifiers of items and receipts, and shuffled rows; and the new identifiers by the old."""
    rng = np.random.default_rng(seed)
    fresh = {
        kind: dict(
            zip(
                ids, (f"{number:010d}" for number in rng.choice(10**10, len(ids), replace=False)), strict=True
            )
        )
        for kind, ids in (
            ("item", cash.items["item_id"].tolist()),
            ("receipt", cash.receipts["receipt_id"].tolist()),
        )
    }
    frames = []
    for frame in cash:
        new = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
        for kind in ("item", "receipt"):
            if f"{kind}_id" in new:
                new[f"{kind}_id"] = new[f"{kind}_id"].map(fresh[kind]).astype("str")
        frames.append(new)
    return NoisyCash(*frames), fresh


def matched(
    cash: NoisyCash, beside: dict[str, pd.DataFrame], folder: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """MATCHES and ALTERNATIVES of a run in a process of its own; the truth stays here."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("items", "receipts", "advices"):
        getattr(cash, name).to_parquet(folder / f"{name}.parquet")
    for name, frame in beside.items():
        frame.to_parquet(folder / f"{name}.parquet")
    run_worker(folder)
    return pd.read_parquet(folder / "matches.parquet"), pd.read_parquet(folder / "alternatives.parquet")


def measure(cash: NoisyCash, matches: pd.DataFrame, took: Cost) -> Measure:
    """Compare what was applied by itself with the truth."""
    pairs = compared(cash.truth, matches)
    if pairs.empty:
        return Measure(len(cash.receipts), 0, None, None, None, None, took.seconds, took.peak_bytes)
    by_receipt = pairs.groupby("receipt_id").agg(
        is_right=("is_class_right", "all"), value=("value", "sum"), currency=("currency", "first")
    )
    return Measure(
        receipts=len(cash.receipts),
        auto=len(by_receipt),
        cash_right=float(pairs["is_cash_right"].mean()),
        cash_right_by_value=by_value(pairs, "is_cash_right"),
        class_right=float(by_receipt["is_right"].mean()),
        class_right_by_value=by_value(by_receipt, "is_right"),
        seconds=took.seconds,
        peak_bytes=took.peak_bytes,
    )


def compared(truth: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Each receipt-item pair of the truth or the run, for receipts applied by themselves, with verdicts.

    A charge or a small difference of a whole receipt may lie on any of its items, so there the cash counts together with it;
    everywhere else the cash counts alone. Of a short payment that nobody explains, claim and part payment are both right.
    """
    auto = matches[matches["decision"].eq("auto")]
    amounts = ["applied_amount", *DIFFERENCES]
    found = auto[[*KEYS, "currency", *amounts, "reason"]]
    wanted = truth[truth["receipt_id"].isin(set(auto["receipt_id"]))]
    both = wanted.merge(found, on=KEYS, how="outer", suffixes=("", "_found"), indicator="side")
    both["currency"] = both["currency"].fillna(both["currency_found"])
    for name in amounts:
        for column in (name, f"{name}_found"):
            both[column] = both[column].fillna(0).astype("int64")
    on_receipt = both.groupby("receipt_id")
    spread = {name: [name, f"{name}_found"] for name in ("fee", "tolerance")}
    is_spread = (on_receipt[[c for cs in spread.values() for c in cs]].transform("sum") != 0).any(axis=1)
    cash, cash_found = both["applied_amount"], both["applied_amount_found"]
    with_charge = cash + both["fee"] + both["tolerance"]
    with_charge_found = cash_found + both["fee_found"] + both["tolerance_found"]
    in_both = both["side"].eq("both")
    both["is_cash_right"] = in_both & (cash.eq(cash_found) | (is_spread & with_charge.eq(with_charge_found)))
    both["value"] = cash.abs().where(cash.ne(0), cash_found.abs())
    sums = on_receipt[[column for name in DIFFERENCES for column in (name, f"{name}_found")]].transform("sum")
    words = both["reason"].fillna("").str.split("|")
    is_open = on_receipt["reason"].transform(
        lambda reasons: reasons.fillna("").str.contains("claim|partial", regex=False).any()
    )
    amounts_right = pd.Series(True, index=both.index)
    for name in DIFFERENCES:
        same = sums[name].eq(sums[f"{name}_found"])
        amounts_right &= same | (is_open if name == "deduction" else False)
    said = pd.Series(
        [reason in allowed for reason, allowed in zip(both["reason_found"].fillna("-"), words, strict=True)],
        index=both.index,
    )
    spread_said = _same_reasons(both)
    both["is_class_right"] = in_both & amounts_right & (said | (is_spread & spread_said))
    return both


def _same_reasons(both: pd.DataFrame) -> pd.Series:
    """Whether a receipt has the wanted reasons, whichever of its items bear them."""
    verdict = {}
    for receipt, rows in both.groupby("receipt_id"):
        wanted = sorted(reason.split("|")[0] for reason in rows["reason"].fillna(""))
        verdict[receipt] = wanted == sorted(rows["reason_found"].fillna(""))
    return both["receipt_id"].map(verdict).astype(bool)


def by_value(frame: pd.DataFrame, column: str) -> float:
    """The share weighted by money; currencies are not added but weighted by their number of rows."""
    shares, weights = [], []
    for _, rows in frame.groupby("currency"):
        total = int(rows["value"].sum())
        if total:
            shares.append(int(rows.loc[rows[column], "value"].sum()) / total)
            weights.append(len(rows))
    return float(np.average(shares, weights=weights)) if weights else 1.0
