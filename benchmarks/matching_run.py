"""One run of the matching benchmark: the command in a fresh folder, its scores, its copies, the baselines beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import matching_baselines as baselines
import matching_calibrate as calibrate
import matching_copies as copies
import matching_data as data
import matching_scoring as scoring
import matching_table as table
import pandas as pd
from matching_table import Row

from arlib.matching.calibration import Measured

SEED = 20261
ARLIB = Path(sys.executable).with_name("arlib")


@dataclass(frozen=True)
class Run:
    """A run of the command: its tables as text, whole-process seconds and peak memory, and the hash of matches.csv."""

    matches: pd.DataFrame
    alternatives: pd.DataFrame
    file: Path
    seconds: float
    peak_bytes: int
    hash: str


def command(case: data.Case, folder: Path, *flags: str) -> Run:
    """Run `arlib match` on a case in a fresh folder. Raises RuntimeError with its last words when it fails."""
    items, receipts = case.write(folder)
    out = folder / "out"
    words = [
        str(ARLIB),
        "match",
        "--items",
        str(items),
        "--receipts",
        str(receipts),
        "--profile",
        case.profile,
    ]
    started = time.perf_counter()
    with (folder / "said.txt").open("wb") as said:
        running = subprocess.Popen([*words, "--out", str(out), *flags], cwd=folder, stdout=said, stderr=said)
        try:
            _, status, usage = os.wait4(running.pid, 0)
        except KeyboardInterrupt:
            running.kill()
            raise
    running.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if running.returncode:
        last = (folder / "said.txt").read_text(errors="replace").strip().splitlines()[-3:]
        raise RuntimeError("arlib match failed: " + " / ".join(last))
    matches = out / "matches.csv"
    return Run(
        matches=data.text_table(matches),
        alternatives=data.text_table(out / "alternatives.csv"),
        file=matches,
        seconds=seconds,
        peak_bytes=usage.ru_maxrss * 1024,
        hash=scoring.hash_of(matches),
    )


class Bench:
    """One benchmark run: collects rows; a part that fails becomes a row that says so."""

    def __init__(self, folder: Path, *, is_quick: bool) -> None:
        """`folder` is scratch space."""
        self.folder, self.is_quick = folder, is_quick
        self.rows: list[Row] = []
        self.figures: list[Measured] = []
        self.count = 0

    def fresh(self) -> Path:
        """A new empty folder."""
        self.count += 1
        made = self.folder / f"{self.count:03d}"
        made.mkdir()
        return made

    def note(self, name: str, method: str, words: str) -> None:
        """A row without figures."""
        self.rows.append(Row(data_set=name, method=method, note=words))
        print(f"{name}: {method}: {words}", file=sys.stderr, flush=True)

    def arlib(self, case: data.Case, *flags: str, method: str = "arlib", is_twice: bool = True) -> Run | None:
        """Run, run again where asked, score."""
        try:
            run = command(case, self.fresh(), *flags)
            again = None if self.is_quick or not is_twice else command(case, self.fresh(), *flags)
        except RuntimeError as fault:
            self.note(case.name, method, str(fault))
            return None
        scores = scoring.judged(run.file, case.truth, self.fresh())
        known = Row(
            data_set=case.name,
            method=method,
            value=scoring.value_rate(run.matches, case),
            ambiguity=scoring.ambiguity_rate(run.matches, run.alternatives, case),
            hash=run.hash,
            repeats=None if again is None else again.hash == run.hash,
            seconds=run.seconds,
            peak_bytes=run.peak_bytes,
        )
        self.add(scores, known, groups="" if is_twice else case.label)
        self.figures.extend(calibrate.measured_rules(run.matches, case.truth, case.name))
        return run

    def copy(self, case: data.Case, run: Run | None, *flags: str) -> None:
        """The shuffled, renamed copy: the same figures, and the same decisions under other names."""
        if run is None or self.is_quick:
            return
        other = copies.renamed(case, SEED)
        try:
            second = command(other, self.fresh(), *flags)
        except RuntimeError as fault:
            self.note(other.name, "arlib", str(fault))
            return
        scores = scoring.judged(second.file, other.truth, self.fresh())
        same = scoring.same_decisions(run.matches, second.matches, other.new_ids)
        known = Row(
            data_set=other.name,
            method="arlib",
            value=scoring.value_rate(second.matches, other),
            ambiguity=scoring.ambiguity_rate(second.matches, second.alternatives, other),
            hash=second.hash,
            seconds=second.seconds,
            peak_bytes=second.peak_bytes,
            note="decisions identical" if same else "DECISIONS DIFFER from the set as published",
        )
        self.add(scores, known, groups="none")

    def plain(self, case: data.Case, *, with_subset: bool) -> None:
        """The baselines."""
        view = data.plain(case)
        for name, matcher in baselines.BASELINES.items():
            if name == "first exact subset" and not with_subset:
                continue
            started = time.perf_counter()
            self._baseline(case, name, matcher(view), time.perf_counter() - started)
        if case.profile == "highradius":
            started = time.perf_counter()
            pairs = baselines.oldest_first_informed(view, case.truth)
            self._baseline(case, table.INFORMED, pairs, time.perf_counter() - started)

    def _baseline(self, case: data.Case, name: str, pairs: baselines.Pairs, seconds: float) -> None:
        folder = self.fresh()
        file = scoring.write_pairs(pairs, folder / "matches.csv")
        scores = scoring.judged(file, case.truth, folder)
        value = scoring.value_rate(data.text_table(file), case) if pairs else 0.0
        known = Row(data_set=case.name, method=name, value=value, seconds=seconds)
        self.add(scores, known, groups=case.label)

    def add(self, scores: scoring.Scores, known: Row, *, groups: str = "") -> None:
        """A row for all receipts, and one for each group whose label begins with `groups`."""
        for group, score in scores.items():
            if group == "all" or group.startswith(groups):
                title = data.POOL_TITLES.get(group.partition("=")[2], group)
                self.rows.append(known.of(title, score))
        whole = scores["all"]
        print(
            f"{known.data_set}: {known.method}: right {whole['exact_receipts']:.4f}, F1 {whole['f1']:.4f}, auto "
            f"{whole['auto_coverage']:.4f} at {whole['auto_precision_low95']:.4f}, {known.seconds or 0:.1f} s {known.note}",
            file=sys.stderr,
            flush=True,
        )
