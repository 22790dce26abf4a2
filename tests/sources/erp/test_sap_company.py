"""The sample company exported as SAP tables closes to the results of its canonical CSV files, to the byte."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from arlib.errors import SourceError
from arlib.sources import SourceSpec, load_book
from arlib.sources.sample.as_sap import sap_tables, write_sap
from arlib.tables import Book

HEAD = ["BLART", "BLDAT", "BUDAT", "CPUDT", "WAERS", "XBLNR", "BSTAT"]
KEY = ["BUKRS", "BELNR", "GJAHR"]


def _closing() -> ModuleType:
    """The module beside this file that closes a book without notebooks."""
    name = "arlib_tests_closing"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("closing.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


closing = _closing()


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return sap_tables(closing.sample_tables())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("company")
    write_sap(closing.sample_tables(), folder)
    return folder


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Book:
    book: Book = closing.canonical_book(tmp_path_factory.mktemp("canonical"))
    return book


@pytest.fixture(scope="module")
def facts(canonical: Book) -> Callable[[str], object]:
    known: dict[str, object] = {}

    def of(entity: str) -> object:
        if entity not in known:
            known[entity] = closing.closing_facts(canonical, entity)
        return known[entity]

    return of


def book_of(folder: Path, kind: str) -> Book:
    """The book of the SAP tables in a folder, with what lies beside."""
    profile = (folder / "harbor-sap.yml").read_text().replace("extends: sap\n", f"extends: {kind}\n")
    (folder / f"harbor-{kind}.yml").write_text(profile)
    specs = [
        SourceSpec(folder=folder / kind, profile=f"harbor-{kind}.yml"),
        SourceSpec(folder=folder / "beside", profile="canonical"),
    ]
    return load_book(specs, root=folder)


@pytest.fixture(scope="module")
def from_sap(written: Path) -> Book:
    return book_of(written, "sap")


@pytest.mark.parametrize("entity", ["US01", "UK01", "JP01"])
def test_balances_aging_tie_out_and_roll_forward_are_the_same(
    from_sap: Book, facts: Callable[[str], object], entity: str
) -> None:
    ours = closing.closing_facts(from_sap, entity)
    assert closing.differences(ours, facts(entity)) == []
    assert ours.results == facts(entity).results  # type: ignore[attr-defined]


def test_nothing_is_lost_on_the_way(from_sap: Book, canonical: Book) -> None:
    for name in ("customers", "gl_lines", "gl_balances", "bank_lines", "control_accounts", "revaluations"):
        pd.testing.assert_frame_equal(from_sap[name], canonical[name])
    same = [
        "item_id", "entity", "customer_id", "item_type", "document_no", "purchase_order", "order_no", "delivery_no",
        "effective_date", "posting_date", "entered_at", "due_date", "currency", "amount", "functional_amount",
        "control_account", "cash_status", "reverses", "batch_id", "reason", "user", "authorised_by", "discount_base",
        "discount_rate", "discount_date", "rescheduled_on", "is_hedged",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(from_sap["items"][same], canonical["items"][same])


def test_stated_pairs_are_those_of_the_company_and_groups_are_marked_derived(
    from_sap: Book, canonical: Book
) -> None:
    made, true = from_sap["applications"], canonical["applications"]
    assert len(made) == len(true)
    counts = made["pairing"].value_counts().to_dict()
    assert counts["stated"] > 900
    assert counts["derived"] > 900
    key = ["entity", "application_id"]
    stated = made[made["pairing"].eq("stated")].sort_values(key, ignore_index=True)
    theirs = true.merge(stated[key], on=key).sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(stated.drop(columns="clearing_id"), theirs.drop(columns="clearing_id"))
    derived = made[made["pairing"].eq("derived")]
    for side in ("source", "target"):  # whatever the pairs, each document is settled by what settled it
        columns = ["entity", f"{side}_item_id", f"{side}_amount", f"{side}_functional_amount"]
        rest = true.merge(derived[columns[:2]].drop_duplicates(), on=columns[:2])
        left, right = (f.groupby(columns[:2])[columns[2:]].sum() for f in (derived, rest))
        pd.testing.assert_frame_equal(left, right)


def test_every_document_balances_and_only_shkzg_gives_a_sign(tables: dict[str, pd.DataFrame]) -> None:
    lines = tables["BSEG"]
    assert (
        not lines[["WRBTR", "DMBTR", "WSKTO", "SKNTO"]]
        .apply(lambda column: column.str.contains("-"))
        .any()
        .any()
    )
    for column in ("WRBTR", "DMBTR"):
        minor = (
            lines[column].str.replace(".", "").astype("int64")
        )  # one currency a document: places are alike
        sums = minor.where(lines["SHKZG"].eq("S"), -minor).groupby([lines[name] for name in KEY]).sum()
        assert not sums.any(), sums[sums != 0]
    assert all(frame.dtypes.eq("str").all() for frame in tables.values())
    assert lines.loc[lines["BUKRS"].eq("JP01") & lines["KOART"].eq("D"), "DMBTR"].str.fullmatch(r"\d+").all()


def test_statements_of_the_bank_add_up(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    lines = tables["BSEG"].head(4)
    heads = tables["BKPF"].merge(lines[KEY].drop_duplicates(), on=KEY)
    for name, frame in {
        "BSEG": lines,
        "BKPF": heads,
        "FEBKO": tables["FEBKO"],
        "FEBEP": tables["FEBEP"],
    }.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    functional = {entity: currency for entity, (_, currency, _) in closing.ENTITIES.items()}
    book = load_book([SourceSpec(folder=tmp_path, profile="sap")], root=tmp_path, functional=functional)
    statements = book["bank_statements"]
    assert len(statements) > 100
    assert (statements["opening"] + statements["net"] == statements["closing"]).all()
    assert "statement_does_not_add_up" not in set(book.problems["code"])
    assert (
        statements["entries"].sum() == len(book["bank_lines"]) == len(closing.sample_tables()["bank_lines"])
    )


@pytest.mark.parametrize("kind", ["sap-index", "sap-s4"])
def test_index_tables_and_the_universal_journal_close_alike(
    written: Path, facts: Callable[[str], object], kind: str
) -> None:
    folder = written / kind
    folder.mkdir()
    for path in (written / "sap").iterdir():
        if path.name != "BSEG.csv":
            (folder / path.name).write_bytes(path.read_bytes())
    lines, heads = (
        pd.read_csv(written / "sap" / f"{name}.csv", dtype="str", keep_default_na=False)
        for name in ("BSEG", "BKPF")
    )
    if kind == "sap-index":
        both = (
            lines[lines["KOART"].eq("D")].drop(columns=["KOART", "AUGCP"]).merge(heads[[*KEY, *HEAD]], on=KEY)
        )
        both[both["AUGBL"].eq("")].to_csv(folder / "BSID.csv", index=False)
        both[both["AUGBL"].ne("")].to_csv(folder / "BSAD.csv", index=False)
    else:
        both = lines.merge(heads[[*KEY, "BLART", "BLDAT", "BUDAT", "WAERS", "HWAER"]], on=KEY)
        sign = both["SHKZG"].map({"S": "", "H": "-"})
        both = both.assign(
            WSL=sign + both["WRBTR"], HSL=sign + both["DMBTR"], RLDNR="0L", DOCLN="000" + both["BUZEI"]
        )
        both = both.drop(columns=["WRBTR", "DMBTR"]).rename(
            columns={
                "BUKRS": "RBUKRS",
                "SHKZG": "DRCRK",
                "HKONT": "RACCT",
                "WAERS": "RWCUR",
                "HWAER": "RHCUR",
            }
        )
        other_ledger = both.head(40).assign(RLDNR="2L")
        pd.concat([both, other_ledger]).to_csv(folder / "ACDOCA.csv", index=False)
    book = book_of(written, kind)
    ours = closing.closing_facts(book, "JP01")
    assert closing.differences(ours, facts("JP01")) == []


def test_lines_given_twice_are_refused(written: Path, tmp_path: Path) -> None:
    for name in ("BKPF", "BSEG"):
        (tmp_path / f"{name}.csv").write_bytes((written / "sap" / f"{name}.csv").read_bytes())
    (tmp_path / "BSID.csv").write_bytes((written / "sap" / "BSEG.csv").read_bytes())
    (tmp_path / "both.yml").write_text(
        "profile: both\nextends: sap\ntitle: both\nfiles: {BSID: {names: [BSID.csv], header: [BUKRS]}}\n"
    )
    with pytest.raises(SourceError, match="lines are given twice"):
        load_book([SourceSpec(folder=tmp_path, profile="both.yml")], root=tmp_path)
