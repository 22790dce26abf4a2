"""The benchmark's own small run: every interaction answers, and the desk agrees with SQL on the same rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "desk.py"
ASKED = ("search: an amount", "filter: currency", "open a customer", "slider moved", "receipt: what-if", "record a note",
         "refresh, another user decided", "DuckDB: a customer's open items at a date")  # fmt: skip


def test_a_small_run_answers_and_agrees_with_sql() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--items", "3000", "--repeats", "1", "--no-history", "--limit", "600"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "open items of 11 customers: the desk and DuckDB say the same" in done.stdout
    assert not [name for name in ASKED if name not in done.stdout]
