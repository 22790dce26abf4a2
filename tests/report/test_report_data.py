"""Data files.

Typed Parquet with its meaning, contract CSV in plain decimals, the same bytes whatever the row order.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from arlib.report.data import arrow_table, file_names, write_csv, write_data, write_parquet


def test_parquet_keeps_types_and_meaning(samples, tmp_path):
    made = pq.read_table(write_parquet(samples.detail(), tmp_path))
    types = {field.name: field.type for field in made.schema}
    assert types["outstanding"] == pa.int64()
    assert types["due_date"] == pa.date32()
    assert types["is_hedged"] == pa.bool_()
    assert types["name"] == pa.string()
    about = {key.decode(): value.decode() for key, value in made.schema.metadata.items()}
    assert about["schema_version"] == "1"
    assert json.loads(about["key"]) == ["document_no"]
    assert made.schema.field("functional_outstanding").metadata[b"currency"] == b"USD"
    assert made.column("outstanding").to_pylist() == samples.detail().frame["outstanding"].tolist()
    assert made.column("functional_outstanding").to_pylist()[1] is None
    assert not any(pa.types.is_floating(field.type) for field in made.schema)


def test_csv_is_plain_and_runs_nothing(samples, tmp_path):
    path = write_csv(samples.detail(), tmp_path)
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    rows = list(csv.DictReader(raw.decode("utf-8").splitlines()))
    run = ("=", "+", "-", "@", "\t", "\r")
    expected = [f"'{name}" if name.startswith(run) else name for name in samples.HOSTILE]
    assert [row["name"] for row in rows] == expected
    assert sum(name.startswith("'") for name in expected) == 4  # = + @ -
    kept = pq.read_table(write_parquet(samples.detail(), tmp_path)).column("name").to_pylist()
    assert kept == samples.HOSTILE  # the contract: nothing is made inert here
    assert rows[0]["outstanding"] == "1234.56"
    assert rows[1]["outstanding"] == "123456"
    assert rows[2]["outstanding"] == "123.456"
    assert rows[4]["outstanding"] == "-123456"
    assert (rows[0]["is_hedged"], rows[1]["is_hedged"], rows[2]["is_hedged"]) == ("true", "", "false")
    assert rows[0]["due_date"] == "2026-09-30"
    assert rows[1]["functional_outstanding"] == ""


def test_keys_in_a_csv_stand_as_they_are(samples, tmp_path):
    """A key that looks like a formula still finds its row in another file."""
    table = samples.detail()
    frame = table.frame.assign(document_no=[f"-{n}" for n in range(len(table.frame))]).astype(
        {"document_no": "str"}
    )
    rows = list(csv.DictReader(write_csv(replace(table, frame=frame), tmp_path).read_text().splitlines()))
    assert {row["document_no"] for row in rows} == set(frame["document_no"])


def test_row_order_does_not_matter(samples, tmp_path):
    table = samples.detail()
    turned = replace(table, frame=table.frame.iloc[::-1])
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for write in (write_parquet, write_csv):
        assert write(table, tmp_path / "a").read_bytes() == write(turned, tmp_path / "b").read_bytes()


def test_empty_and_all_tables(samples, tmp_path):
    table = samples.detail()
    empty = replace(table, frame=table.frame.head(0))
    assert arrow_table(empty).num_rows == 0
    assert write_csv(empty, tmp_path).read_text().count("\n") == 1
    report = samples.report()
    paths = write_data(report, tmp_path)
    assert tuple(path.name for path in paths) == file_names(report.tables)
    assert len(paths) == 6
