"""pack.json: rows and totals of every result table, exact beyond 64 bits, and what a CSV cannot give back said."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from arlib.errors import ParameterError, SourceError
from arlib.report.data import write_data
from arlib.report.model import ResultTable
from arlib.report.pack import totals
from arlib.report.pack.verify_pack import read_table
from arlib.run.result import table_digest
from arlib.tables import Kind

from ..conftest import report
from .packs import sealed_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed_run(tmp_path_factory.mktemp("run") / "run", library_sha256="a", lock_sha256="b")


def told(
    frame: pd.DataFrame, folder: Path, *, kinds: dict[str, Kind], currency: dict[str, str]
) -> dict[str, object]:
    """What pack.json says of one table, and that verify.py reads the same from its CSV."""
    table = ResultTable(name="t", title="T", frame=frame, key=("key",), kinds=kinds, currency=currency)
    (folder / "data" / "n").mkdir(parents=True)
    write_data(report(tables=(table,)), folder / "data" / "n")
    run_json = {"notebooks": {"n": {"tables": {"t": {"rows": len(frame), "sha256": table_digest(table)}}}}}
    (folder / "run.json").write_text(json.dumps(run_json), encoding="utf-8")
    (made,) = totals.tables_of(folder)
    with (folder / "data" / "n" / "t.csv").open("rb") as file:
        reading = read_table(file, made, keep_rows=made["is_recomputed"])
    assert reading.rows == made["rows"] == len(frame)
    assert reading.totals == made["totals"]
    assert reading.digest == (made["sha256"] if made["is_recomputed"] else "")
    return made


def test_tables_come_with_totals_by_currency_and_their_hash_can_be_made_again(run: Path) -> None:
    made = {one["table"]: one for one in totals.tables_of(run)}
    assert made["open_items"]["totals"] == {
        "outstanding": {"JPY": "246912", "KWD": "493.824", "USD": "2469.12"},
        "functional_outstanding": {"USD": "7.27"},
    }
    assert made["open_items"]["rows"] == 12
    assert all(one["is_recomputed"] for one in made.values())


def test_totals_are_exact_where_a_sum_of_64_bits_overflows(tmp_path: Path) -> None:
    most = 2**63 - 1
    frame = pd.DataFrame(
        {"key": pd.Series(["a", "b", "c"], dtype="str"), "amount": pd.Series([most] * 3, dtype="Int64")}
    )
    made = told(frame, tmp_path, kinds={"key": Kind.TEXT, "amount": Kind.MONEY}, currency={"amount": "JPY"})
    assert made["totals"] == {"amount": {"JPY": str(3 * most)}}


def test_empty_texts_and_none_are_told_apart(tmp_path: Path) -> None:
    texts = ["", None, "x", "=1", "a\r\nb", 'q"', "-"]
    frame = pd.DataFrame({
        "key": pd.Series([str(n) for n in range(len(texts))], dtype="str"),
        "mixed": pd.Series(texts, dtype="str"),
        "blank": pd.Series([""] * len(texts), dtype="str"),
        "none": pd.Series([None] * len(texts), dtype="str"),
    })  # fmt: skip
    made = told(frame, tmp_path, kinds=dict.fromkeys(frame.columns, Kind.TEXT), currency={})
    assert made["blanks"] == {"mixed": [0], "blank": True}
    assert made["is_recomputed"] is True


@pytest.mark.parametrize("odd", ["'=1", "fraction"])
def test_a_table_whose_csv_does_not_hold_all_of_it_is_told(tmp_path: Path, odd: str) -> None:
    instants = pd.Series(
        pd.to_datetime(["2026-10-01T00:00:00.5Z" if odd == "fraction" else "2026-10-01T00:00:00Z"])
    )
    frame = pd.DataFrame({
        "key": pd.Series(["a"], dtype="str"), "text": pd.Series([odd], dtype="str"),
        "at": instants.astype("datetime64[us, UTC]"),
    })  # fmt: skip
    made = told(frame, tmp_path, kinds={"key": Kind.TEXT, "text": Kind.TEXT, "at": Kind.INSTANT}, currency={})
    assert made["is_recomputed"] is False


def test_the_content_hash_is_of_the_question_and_the_results_alone(run: Path) -> None:
    def made(content: dict[str, object], **facts: object) -> dict[str, object]:
        told_pack = json.loads(totals.pack_json(run=run, content=content, facts=facts))
        assert isinstance(told_pack, dict)
        return told_pack

    one = made({"request": {"kind": "aging", "as_of": "2026-10-31"}}, request_id="PBC-1", asked_by="A")
    two = made({"request": {"as_of": "2026-10-31", "kind": "aging"}}, request_id="PBC-2")
    other = made({"request": {"kind": "aging", "as_of": "2026-09-30"}})
    assert one["content_sha256"] == two["content_sha256"] != other["content_sha256"]
    assert one["request_id"] == "PBC-1"


def test_names_that_are_ours_and_runs_that_are_not_whole_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="as_of, tables"):
        totals.pack_json(run=run, content={}, facts={"tables": [], "as_of": ""})
    with pytest.raises(SourceError, match="no sealed run"):
        totals.tables_of(tmp_path)
    (tmp_path / "run.json").write_bytes((run / "run.json").read_bytes())
    with pytest.raises(SourceError, match="a result table is missing"):
        totals.tables_of(tmp_path)
