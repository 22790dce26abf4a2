"""Scores: the judge's own figures, and those that it does not print."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
from matching_baselines import Pairs
from matching_data import SHARED, Case, minor

JUDGE = SHARED / "bench" / "score_matches.py"
Scores = dict[str, dict[str, float]]
AMOUNTS = {
    "pay-to-invoice": ("payments.csv", "payment_id", "Amount", "Currency"),
    "pay-to-invoice-sap": ("sap/payments_FEBEP.csv", "payment_id", "KWBTR", "KWAER"),
    "highradius": ("receipts.csv", "receipt_id", "amount", "currency"),
}


def judged(matches: Path, truth: pd.DataFrame, folder: Path) -> Scores:
    """What the judge says, by `all` and by `label=value`. The truth lies in a folder that no run sees."""
    truth_file = folder / "truth.csv"
    truth.to_csv(truth_file, index=False)
    done = subprocess.run(
        [sys.executable, str(JUDGE), str(matches), str(truth_file), "--json"], capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"the judge refused {matches.name}: {done.stderr.strip()}")
    scores: Scores = json.loads(done.stdout)
    return scores


def write_pairs(pairs: Pairs, path: Path) -> Path:
    """Pairs as a file that the judge reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("receipt_id", "item_id", "decision"))
        writer.writerows((receipt, item, "auto") for receipt, item in pairs)
    return path


def value_rate(matches: pd.DataFrame, case: Case) -> float:
    """Share of the receipts' money that is on receipts whose whole item set is right.

    Money of different currencies is not added: the share is taken in each currency and weighted by its number of receipts.
    """
    file, receipt, amount, currency = AMOUNTS[case.profile]
    table = case.tables[file]
    receipts = pd.DataFrame(
        {
            "receipt_id": table[receipt].str.strip("[]"),
            "amount": minor(table[amount]),
            "currency": table[currency],
        }
    )
    found = matches.groupby("receipt_id")["item_id"].agg(frozenset)
    wanted = case.truth.groupby("receipt_id")["item_id"].agg(frozenset)
    receipts["is_right"] = [
        found.get(name) == wanted.get(name) and name in wanted.index for name in receipts["receipt_id"]
    ]
    groups = receipts.groupby("currency")
    shares = groups[["amount", "is_right"]].apply(
        lambda g: g.loc[g["is_right"], "amount"].sum() / g["amount"].sum()
    )
    return float((shares * groups.size()).sum() / len(receipts))


def ambiguity_rate(matches: pd.DataFrame, alternatives: pd.DataFrame, case: Case) -> float:
    """Share of receipts of which the run says that more than one explanation stands."""
    several = set(matches.loc[pd.to_numeric(matches["explanations"]).ge(2), "receipt_id"])
    several |= set(alternatives["receipt_id"])
    return len(several & set(case.truth["receipt_id"])) / case.truth["receipt_id"].nunique()


def hash_of(path: Path) -> str:
    """First characters of the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def same_decisions(first: pd.DataFrame, second: pd.DataFrame, new_ids: dict[str, dict[str, str]]) -> bool:
    """Whether the second result is the first one under other names: every pair, amount, decision and rule."""
    columns = ["receipt_id", "item_id", "applied_amount", "discount", "deduction", "decision", "rule"]
    mapped = first[columns].copy()
    if new_ids:
        mapped["receipt_id"] = mapped["receipt_id"].map(new_ids["receipt"])
        mapped["item_id"] = mapped["item_id"].map(new_ids["item"])
    keys = ["receipt_id", "item_id"]
    left, right = (frame[columns].sort_values(keys, ignore_index=True) for frame in (mapped, second))
    return bool(left.equals(right))
