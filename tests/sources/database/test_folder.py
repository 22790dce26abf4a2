"""A folder of CSV and Parquet files is asked with SQL, and nothing else is."""

from __future__ import annotations

import pandas as pd
import pytest
from sqlalchemy import text

from arlib.errors import ArError, ParameterError, SourceError
from arlib.sources.database import folder_engine, query_folder


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "extracts"
    home.mkdir()
    (home / "items.csv").write_text(
        "id,code,amount,due\n1,00417,10.10,2026-10-31\n2,007,-0.30,\n3,00417,5.00,2026-11-30\n"
    )
    (home / "odd name's.csv").write_text("a\n1\n")
    (home / "notes.txt").write_text("not read")
    pd.DataFrame({"code": ["00417", "007"], "name": ["Ann", "Bob"]}).to_parquet(home / "customers.parquet")
    return home


def test_files_are_tables_and_values_stay_text(folder):
    made = query_folder(folder, "SELECT * FROM items WHERE code = :code ORDER BY id", {"code": "00417"})
    assert made.to_dict("list") == {
        "id": ["1", "3"], "code": ["00417", "00417"], "amount": ["10.10", "5.00"], "due": ["2026-10-31", "2026-11-30"],
    }  # fmt: skip
    assert {str(kind) for kind in made.dtypes} == {"str"}


def test_csv_and_parquet_together(folder):
    made = query_folder(
        folder,
        "SELECT name, sum(amount::DECIMAL(18, 2)) AS total, max(due) AS due"
        " FROM items JOIN customers USING (code) GROUP BY name ORDER BY name",
    )
    assert made.to_numpy().tolist() == [["Ann", "15.1", "2026-11-30"], ["Bob", "-0.3", ""]]


def test_a_name_is_a_name(folder):
    assert query_folder(folder, 'SELECT * FROM "odd name\'s"')["a"].tolist() == ["1"]


@pytest.mark.parametrize("sql", [
    "DELETE FROM items", "COPY items TO 'out.csv'", "SELECT 1; DROP VIEW items", "INSTALL httpfs", "SET threads = 8",
    "SELECT * FROM read_csv('../outside.csv')", "SELECT * FROM '../outside.csv'", "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM 'https://example.org/a.csv'", "SELECT * FROM nowhere", "SELECT id, id FROM items", "SELECT :a",
])  # fmt: skip
def test_nothing_but_reading_these_files(sql, folder):
    (folder.parent / "outside.csv").write_text("secret\n1\n")
    with pytest.raises(ArError):
        query_folder(folder, sql)
    assert sorted(path.name for path in folder.iterdir()) == [
        "customers.parquet",
        "items.csv",
        "notes.txt",
        "odd name's.csv",
    ]


def test_the_engine_only_reads(folder):
    engine = folder_engine(folder)
    with engine.connect() as link:
        assert link.execute(text("SELECT count(*) FROM items WHERE code = :c"), {"c": "007"}).scalar() == 1
        for deed in (
            "DROP VIEW items",
            f"COPY items TO '{folder}/items.csv'",
            "SET enable_external_access = true",
        ):
            with pytest.raises(ParameterError):
                link.execute(text(deed))
        assert pd.read_sql(text("SELECT id FROM items ORDER BY id"), link)["id"].tolist() == ["1", "2", "3"]


def test_folders_that_cannot_be_asked(tmp_path):
    with pytest.raises(SourceError, match="no such folder"):
        query_folder(tmp_path / "none", "SELECT 1")
    with pytest.raises(SourceError, match="holds no CSV or Parquet file"):
        query_folder(tmp_path, "SELECT 1")
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "A.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(SourceError, match="two files would be one table"):
        query_folder(tmp_path, "SELECT 1")
    (tmp_path / "a.csv").unlink()
    with pytest.raises(SourceError, match=r"A\.parquet: cannot be asked") as caught:
        query_folder(tmp_path, "SELECT 1")
    assert str(tmp_path) not in str(caught.value)
