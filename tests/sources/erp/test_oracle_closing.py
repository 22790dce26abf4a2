"""The sample company's month from Oracle tables, as CSV and in PostgreSQL, closes to what its own tables close to."""

from __future__ import annotations

import csv
import importlib.util
import shutil
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
import sqlglot

from arlib.ledger.openitems import open_items
from arlib.sources import SourceSpec, load_book
from arlib.sources.catalogue import load_profile
from arlib.sources.database.guard import check_statement
from arlib.sources.sample import generate, write_sample
from arlib.sources.sample.as_oracle import CANONICAL_BESIDE, fill_oracle, oracle_tables, write_oracle
from arlib.tables import CANONICAL, Book


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


HERE = Path(__file__).resolve().parent
closing = _module("closing_for_oracle", HERE / "closing.py")
_store = _module("store_for_oracle", HERE.parents[1] / "store" / "conftest.py")
postgres = _store.postgres

SEED, ITEMS = 7, 300
ENTITIES = ("US01", "UK01", "JP01")
QUERIES = {role: mapping.query for role, mapping in load_profile("oracle-fusion").files.items()}
VARIABLE = "ARLIB_ORACLE_TEST_URL"


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return dict(generate(seed=SEED, items=ITEMS).tables)


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("company") / "canonical"
    write_sample(generate(seed=SEED, items=ITEMS), folder)
    return load_book([SourceSpec(folder=folder)], root=folder)


@pytest.fixture(scope="module")
def extract(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oracle")
    write_oracle(tables, folder)
    return folder


@pytest.fixture(scope="module")
def facts(canonical: Book) -> dict[str, object]:
    return {entity: closing.closing_facts(canonical, entity) for entity in ENTITIES}


def load(extract: Path) -> Book:
    specs = [SourceSpec(folder=extract, profile="harbor-oracle"), SourceSpec(folder=extract / "canonical")]
    return load_book(specs, root=extract)


@pytest.fixture(scope="module")
def from_files(extract: Path) -> Book:
    return load(extract)


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_month_from_oracle_files_is_the_same_to_the_byte(
    entity: str, from_files: Book, facts: dict[str, object]
) -> None:
    found = closing.closing_facts(from_files, entity)
    assert closing.differences(facts[entity], found) == []
    assert found.results == facts[entity].results


def test_every_table_is_the_same_row_by_row(from_files: Book, canonical: Book) -> None:
    for name, table in CANONICAL.items():
        if not canonical.has(name):
            continue
        left, right = (
            book[name][table.names].sort_values(list(table.key), ignore_index=True)
            for book in (canonical, from_files)
        )
        pd.testing.assert_frame_equal(left, right, obj=name, check_dtype=False)
    assert from_files.problems.empty


def test_the_plain_profile_knows_nothing_of_the_company_and_finds_the_same_open_amounts(
    extract: Path, canonical: Book
) -> None:
    """Its own types and numbers differ; what a customer owes by account and currency, on any day, does not."""
    plain = load_book([SourceSpec(folder=extract, profile="oracle-fusion")], root=extract)
    keys = ["control_account", "currency", "document_customer_id"]
    for entity in ENTITIES:
        for day in (date(2026, 6, 30), date(2026, 10, 31)):
            scope = replace(closing.scope_of(entity), as_of=day)
            ours, theirs = (
                open_items(book, scope=scope).groupby(keys, dropna=False)["outstanding"].sum()
                for book in (plain, canonical)
            )
            pd.testing.assert_series_equal(ours[ours.ne(0)], theirs[theirs.ne(0)])


def test_the_export_is_the_same_for_the_same_tables(tables: dict[str, pd.DataFrame]) -> None:
    first, second = oracle_tables(tables), oracle_tables(tables)
    assert list(first) == list(second)
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name])
    assert set(first) == set(QUERIES)
    assert all(column == column.upper() for frame in first.values() for column in frame.columns)


def test_receipts_and_their_application_rows_foot_as_in_oracle(tables: dict[str, pd.DataFrame]) -> None:
    """Oracle: the cash rows of a receipt, whatever their status, sum to the receipt, as its mirror rows take back."""
    made = oracle_tables(tables)
    rows = made["AR_RECEIVABLE_APPLICATIONS_ALL"].query("APPLICATION_TYPE == 'CASH'")
    amount = rows["AMOUNT_APPLIED_FROM"].where(rows["AMOUNT_APPLIED_FROM"].ne(""), rows["AMOUNT_APPLIED"])
    rows = rows.assign(amount=amount.map(Decimal))
    rows = rows[~rows["APPLIED_PAYMENT_SCHEDULE_ID"].isin(("-1", "-7"))]
    sums = rows.groupby("CASH_RECEIPT_ID")["amount"].sum()
    cash = made["AR_CASH_RECEIPTS_ALL"].set_index("CASH_RECEIPT_ID")["AMOUNT"].map(Decimal)
    assert dict(sums) == dict(cash)


@pytest.mark.parametrize("role", sorted(QUERIES))
@pytest.mark.parametrize("dialect", ["oracle", "postgres"])
def test_every_query_is_sql_of_both_databases(role: str, dialect: str) -> None:
    text = check_statement(QUERIES[role]).text
    tree = sqlglot.parse_one(text, dialect=dialect)
    assert isinstance(tree, sqlglot.exp.Select)
    assert not list(tree.find_all(sqlglot.exp.Star))  # columns are named
    assert role.lower() in {table.name.lower() for table in tree.find_all(sqlglot.exp.Table)}


@pytest.fixture(scope="module")
def address(postgres: str, tables: dict[str, pd.DataFrame]) -> str:
    import psycopg
    from sqlalchemy import create_engine

    with psycopg.connect(postgres.format(database="postgres"), autocommit=True) as link:
        link.execute("CREATE DATABASE oracle_shaped")
    made = postgres.format(database="oracle_shaped")
    with create_engine(made.replace("postgresql:", "postgresql+psycopg:")).begin() as connection:
        fill_oracle(tables, connection)
    return made


def ask(
    address: str, extract: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, **parameters: object
) -> Book:
    """From the database; beside it the canonical tables, of US01 alone where one operating unit is asked for."""
    monkeypatch.setenv(VARIABLE, address)
    beside = folder / "beside"
    beside.mkdir()
    for name in CANONICAL_BESIDE:
        rows = list(csv.reader((extract / "canonical" / f"{name}.csv").open(encoding="utf-8", newline="")))
        at, day = rows[0].index("entity"), rows[0].index("date") if name == "revaluations" else -1
        kept = [
            row for row in rows[1:]
            if ("org_id" not in parameters or row[at] == "US01")
            and ("since" not in parameters or day < 0 or row[day] >= "2026-09-30")
        ]  # fmt: skip
        with (beside / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([rows[0], *kept])
    spec = SourceSpec(
        database=VARIABLE, profile="harbor-oracle", options={"parameters": parameters} if parameters else {}
    )
    return load_book([spec, SourceSpec(folder=beside)], root=folder)


@pytest.mark.postgres
def test_the_month_from_postgresql_is_the_same_to_the_byte(
    address: str, extract: Path, facts: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = ask(address, extract, tmp_path, monkeypatch)
    for entity in ENTITIES:
        found = closing.closing_facts(book, entity)
        assert closing.differences(facts[entity], found) == []
        assert found.results == facts[entity].results


@pytest.mark.postgres
def test_one_operating_unit_up_to_a_day(
    address: str, extract: Path, facts: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = ask(address, extract, tmp_path, monkeypatch, org_id=103, until="2026-11-06")
    assert set(book["items"]["entity"]) == {"US01"}
    assert closing.closing_facts(book, "US01").results == facts["US01"].results


@pytest.mark.postgres
def test_schedules_closed_before_a_day_stay_in_the_database(
    address: str,
    extract: Path,
    canonical: Book,
    facts: dict[str, object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Aging, balances and the month's movements are the same with a third of the rows; causes of older gaps are not
    named, since their documents were left out."""
    given = {"org_id": 103, "until": "2026-11-06", "since": "2026-10-01", "gl_since": "2026-10-01"}
    book = ask(address, extract, tmp_path, monkeypatch, **given)
    found, whole = closing.closing_facts(book, "US01"), facts["US01"]
    ours = canonical["items"][canonical["items"]["entity"].eq("US01")]
    left_out = ~ours["document_no"].isin(book["items"]["document_no"])
    moved = canonical["applications"][canonical["applications"]["entity"].eq("US01")]
    moved = moved[moved["posting_date"].ge("2026-10-01")]
    alive = ours["posting_date"].ge("2026-10-01") | ours["item_id"].isin(
        [*moved["source_item_id"], *moved["target_item_id"]]
    )
    assert not (left_out & alive).any()
    assert left_out.sum() > 80  # of some 180 that are dated before
    aging = (
        {name: one.tables[name] for name in one.tables if name.startswith("aging/")} for one in (found, whole)
    )
    assert next(aging) == next(aging)  # all but the list of remarks
    for name, keys, amounts in (
        (
            "control_balances",
            ["measure", "account", "currency"],
            ["gl_amount", "subledger_amount", "difference"],
        ),
        ("roll_forward", ["currency", "line"], ["amount"]),
    ):
        ours, theirs = (
            functional(one.frames[f"control_account/{name}"]).set_index(keys)[amounts]
            for one in (found, whole)
        )
        both = ours.add_suffix("_ours").join(theirs, how="outer").fillna(0)
        for amount in amounts:
            differs = both[both[f"{amount}_ours"].ne(both[amount])]
            assert differs.empty, f"{name}: {differs.to_dict()}"


def functional(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in the books' currency: the ledger's amounts in others are sums of lines, and older ones stayed out."""
    return frame[frame["measure"].eq("functional")] if "measure" in frame else frame


@pytest.mark.slow
def test_the_whole_sample_from_oracle_files(tmp_path: Path) -> None:
    book = closing.canonical_book(tmp_path / "canonical")
    write_oracle(closing.sample_tables(), tmp_path / "oracle")
    found = load(tmp_path / "oracle")
    for entity in ENTITIES:
        assert closing.closing_facts(found, entity).results == closing.closing_facts(book, entity).results
    shutil.rmtree(tmp_path / "oracle")
