"""The desk's benchmark, small: every interaction answers, the desk agrees with SQL on the same rows, and a difference ends the run."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

ASKED = ("search: an amount", "filter: currency", "open a customer", "slider moved", "receipt: what-if",
         "record a note", "record its application",
         "refresh, another user decided", "DuckDB: a customer's open items at a date")  # fmt: skip


@pytest.fixture
def bench(repo: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(repo / "benchmarks"))
    monkeypatch.delenv("ARLIB_STORE_URL", raising=False)
    return importlib.import_module("desk")


def test_a_small_run_answers_and_agrees_with_sql(
    bench: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["--items", "2000", "--repeats", "1", "--no-history", "--limit", "600"]) == 0
    shown = capsys.readouterr().out
    assert "open items of 11 customers: the desk and DuckDB say the same" in shown
    assert not [name for name in ASKED if name not in shown]


def test_an_amount_that_differs_ends_the_run(bench: ModuleType, tmp_path: Path) -> None:
    book = bench.made_book(2000)
    chosen = bench.Chosen(book)
    items = book["items"]
    first = items.index[items["customer_id"].eq(chosen.middle[0])][0]
    wrong = items.assign(amount=items["amount"].where(items.index != first, items["amount"] + 1))
    wrong.to_parquet(tmp_path / "items.parquet")
    book["applications"].to_parquet(tmp_path / "applications.parquet")
    with pytest.raises(SystemExit, match=chosen.middle[0]):
        bench.agreed(tmp_path, bench.desk_at(tmp_path, book, is_ahead=False), chosen)
