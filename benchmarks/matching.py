"""Measure cash application: the table that docs/benchmarks.md reports, from one run.

    python benchmarks/matching.py [--only NAME,NAME] [--quick] [--scale] [--calibrate] [--out FOLDER]

Each data set is written to a fresh folder without its truth, matched there by the command `arlib match`, and scored by the
judge beside the data. NAME is one or more of: invoices, sap, harder, highradius, replay, scenarios, sample, scale. `--quick`
leaves out second runs, copies and the slow baseline; `--scale` adds a million items; `--calibrate` prints the text of
arlib/matching/shipped.py instead.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import matching_calibrate as calibrate
import matching_copies as copies
import matching_data as data
import matching_sample as sample
import matching_scale as scale
import matching_scoring as scoring
import matching_table as table
import pandas as pd
from matching_run import SEED, Bench
from matching_table import Row

from arlib.matching.calibration import Measured

NAMES = ("invoices", "sap", "harder", "highradius", "replay", "scenarios", "sample", "scale")
CALIBRATION_SEEDS = range(1, 13)
HARDER_COPIES = 2
SAMPLES = ((4_000, "ordinary"), (4_000, "heavy"), (100_000, "ordinary"))


def invoices(bench: Bench, only: set[str]) -> None:
    """pay-to-invoice: as published, as SAP tables, and our harder copy."""
    case, sap = data.pay_to_invoice(data.SHARED), data.pay_to_invoice_sap(data.SHARED)
    if case is None or sap is None:
        bench.note("pay-to-invoice", "-", table.ABSENT)
        return
    run = bench.arlib(case) if only & {"invoices", "sap"} else None
    if "invoices" in only:
        bench.plain(case, with_subset=not bench.is_quick)
        bench.copy(case, run)
    if "sap" in only:
        other = bench.arlib(sap, is_twice=False)
        if run and other:
            same = scoring.same_decisions(run.matches, other.matches, {})
            bench.note(sap.name, "beside the readable columns", "identical" if same else "NOT IDENTICAL")
        bench.copy(sap, other)
    if "harder" in only:
        hard = copies.harder(case, SEED)
        bench.copy(hard, bench.arlib(hard))
        bench.plain(hard, with_subset=False)


def food_maker(bench: Bench, only: set[str]) -> None:
    """highradius in backlog mode, and day by day with its open items as decoys."""
    case = data.highradius(data.SHARED)
    if case is None:
        bench.note("highradius", "-", table.ABSENT)
        return
    if "highradius" in only:
        run = bench.arlib(case)
        bench.plain(case, with_subset=not bench.is_quick)
        bench.copy(case, run)
    if "replay" in only:
        more = data.with_open_items(case, data.SHARED)
        if not bench.is_quick:
            bench.arlib(more, is_twice=False)
        bench.arlib(more, "--replay", method="arlib, daily replay", is_twice=False)


def sample_company(bench: Bench) -> None:
    """The sample company, its noise drawn again."""
    for items, level in SAMPLES[: 2 if bench.is_quick else None]:
        name = f"sample of {items:,} items, {level} noise"
        cash, beside = sample.noisy(seed=2026, items=items, noise_seed=SEED, level=level)
        folder = bench.fresh()
        try:
            matches, alternatives = sample.matched(cash, beside, folder)
        except RuntimeError as fault:
            bench.note(name, "arlib", str(fault))
            continue
        found = sample.measure(cash, matches, scale.cost(folder))
        file = folder / "pairs.csv"
        matches[["receipt_id", "item_id", "decision"]].to_csv(file, index=False)
        truth = cash.truth[["receipt_id", "item_id"]].assign(
            **{
                label: cash.truth["receipt_id"].map(cash.truth.groupby("receipt_id")[label].first())
                for label in ("difference", "telling")
            }
        )
        scores = scoring.judged(file, truth, bench.fresh())
        several = set(alternatives["receipt_id"]) | set(
            matches.loc[matches["explanations"].ge(2), "receipt_id"]
        )
        row = Row(
            data_set=name,
            method="arlib",
            ambiguity=len(several) / len(cash.receipts),
            hash=scoring.hash_of(file),
            seconds=found.seconds,
            peak_bytes=found.peak_bytes,
            note=table.sample_note(found),
            sample=asdict(found),
        )
        bench.add(scores, row)
        if items == SAMPLES[0][0] and not bench.is_quick:
            other, fresh = sample.renamed_sample(cash, SEED)
            second, _ = sample.matched(other, beside, bench.fresh())
            same = scoring.same_decisions(matches, second, fresh)
            bench.note(
                f"{name}, shuffled and renamed",
                "arlib",
                "decisions identical" if same else "DECISIONS DIFFER",
            )


def calibration(bench: Bench) -> list[Measured]:
    """Every rule on ledgers with a known truth; the copies and samples are drawn from other seeds than the table's."""
    for case in (data.pay_to_invoice(data.SHARED), data.highradius(data.SHARED)):
        if case is None:
            raise SystemExit("figures are shipped only from a run with all the real data present")
        bench.arlib(case, is_twice=False)
        if case.name.startswith("pay-to-invoice"):
            for number in range(1, HARDER_COPIES + 1):
                bench.arlib(copies.harder(case, SEED + number), is_twice=False)
    drawn: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for seed in CALIBRATION_SEEDS:
        cash, beside = sample.noisy(seed=seed, items=4_000, noise_seed=seed, level="ordinary")
        matches, _ = sample.matched(cash, beside, bench.fresh())
        for one in calibrate.measured_rules(matches, cash.truth, "sample"):
            drawn[one.rule] += one.tried
            right[one.rule] += one.right
    name = f"sample companies {CALIBRATION_SEEDS[0]} to {CALIBRATION_SEEDS[-1]}"
    drawn_here = [
        Measured(rule, right[rule], tried, name, is_transferred=True) for rule, tried in drawn.items()
    ]
    return [*calibrate.added(bench.figures), *drawn_here]


def large(bench: Bench) -> None:
    """A million items, and how it grows."""
    for size in (scale.TENTH, scale.MORE_CUSTOMERS, scale.WHOLE):
        folder = bench.fresh()
        try:
            found = scale.measured(size, folder, SEED)
        except RuntimeError as fault:
            bench.note(size.name, "arlib", str(fault))
            continue
        matches = pd.read_parquet(folder / "matches.parquet", columns=["receipt_id", "item_id", "decision"])
        file = folder / "pairs.csv"
        matches.to_csv(file, index=False)
        scores = scoring.judged(file, data.text_table(folder / "truth.csv"), bench.fresh())
        row = Row(
            data_set=f"synthetic: {size.name}",
            method="arlib, frames in a process of its own",
            seconds=found.seconds,
            peak_bytes=found.peak_bytes,
            note=f"{size.receipts / found.seconds:,.0f} receipts a second",
        )
        bench.add(scores, row)


def main() -> None:
    """Run what is asked for, print the tables, and keep them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--scale", action="store_true")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("outputs/_bench"))
    chosen = parser.parse_args()
    only = set(chosen.only.split(",")) if chosen.only else set(NAMES) - {"scale"}
    only |= {"scale"} if chosen.scale else set()
    if only - set(NAMES):
        parser.error(f"--only knows {', '.join(NAMES)}; found {', '.join(sorted(only - set(NAMES)))}")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bench-matching-") as folder:
        bench = Bench(Path(folder), is_quick=chosen.quick)
        if chosen.calibrate:
            print(calibrate.module_text(calibration(bench)))
            return
        if only & {"invoices", "sap", "harder"}:
            invoices(bench, only)
        if only & {"highradius", "replay"}:
            food_maker(bench, only)
        if "scenarios" in only:
            bench.note("cash-app-scenarios", "-", table.SCENARIOS)
        if "sample" in only:
            sample_company(bench)
        if "scale" in only:
            large(bench)
    text = table.markdown(bench.rows, seconds=time.perf_counter() - started)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "matching.md").write_text(text, encoding="utf-8")
    rows = [asdict(row) for row in bench.rows]
    (chosen.out / "matching.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
