"""Contract CSV is exact and sorted, Excel CSV inert; a file is known by its content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from arlib.errors import ParameterError, SourceError
from arlib.sources import SourceSpec, describe, identify, load_book, write_contract, write_excel_csv
from arlib.tables import CANONICAL, Book

Load = Callable[..., Book]
ITEMS = CANONICAL["items"].frame(
    item_id=["I2", "I1"],
    entity=["E", "E"],
    customer_id=["C", "00417"],
    item_type=["invoice", "receipt"],
    document_no=["2", "1"],
    effective_date=["2026-11-01", "2026-10-31"],
    currency=["JPY", "KWD"],
    amount=[-5, 1234],
    entered_at=["2026-10-31T23:59:59.5Z", None],
    is_hedged=[None, True],
    text=["=1+1", 'a "quoted", text'],
    functional_amount=[100, 200],
)


def test_contract_csv_is_utf8_lf_sorted_with_plain_decimals(tmp_path: Path) -> None:
    out = tmp_path / "items.csv"
    rows = write_contract(
        ITEMS, out, name="items", columns=("item_id", "currency", "amount", "effective_date", "text")
    )
    assert rows == 2
    assert out.read_bytes().decode() == (
        "item_id,currency,amount,effective_date,text\n"
        'I1,KWD,1.234,2026-10-31,"a ""quoted"", text"\nI2,JPY,-5,2026-11-01,=1+1\n'
    )
    assert [path.name for path in tmp_path.iterdir()] == ["items.csv"]


def test_what_is_written_can_be_loaded_again(tmp_path: Path) -> None:
    write_contract(ITEMS, tmp_path / "items.csv", name="items", functional="USD")
    book = load_book([SourceSpec(folder=tmp_path)], root=tmp_path, functional={"E": "USD"})
    assert_frame_equal(book["items"], ITEMS.sort_values("item_id", ignore_index=True))


def test_a_column_in_the_currency_of_the_books_needs_it_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="functional"):
        write_contract(ITEMS, tmp_path / "items.csv", name="items")
    with pytest.raises(ParameterError, match="no declared table"):
        write_contract(ITEMS, tmp_path / "items.csv", name="itms")


def test_no_rows_are_a_header(tmp_path: Path) -> None:
    assert write_contract(None, tmp_path / "a.csv", name="items", columns=("item_id", "amount")) == 0
    assert (tmp_path / "a.csv").read_text() == "item_id,amount\n"


def test_a_place_that_cannot_be_written_is_a_source_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be written"):
        write_contract(ITEMS, tmp_path / "no" / "such" / "a.csv", name="items", columns=("item_id",))
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(SourceError, match="cannot be written"):
        write_contract(ITEMS, tmp_path / "a.csv", name="items", columns=("item_id",))
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "  =x"])
def test_excel_csv_makes_texts_inert_and_leaves_amounts(tmp_path: Path, text: str) -> None:
    frame = ITEMS.assign(text=text)
    write_excel_csv(
        frame, tmp_path / "x.csv", name="items", columns=("item_id", "text", "amount", "currency")
    )
    raw = (tmp_path / "x.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert f"I2,'{text},-5,JPY" in raw.decode("utf-8-sig")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("ibm-ar/WA_Fn-UseC_-Accounts-Receivable.csv", "ibm-ar"),
        ("unicorn-inc-ar/unicorn_inc.csv", "unicorn"),
        ("highradius/receipts.csv.gz", "highradius"),
        ("pay-to-invoice/single/descriptive/payments.csv.gz", "pay-to-invoice"),
        ("pay-to-invoice/single/multi-table/payments_FEBEP.csv.gz", "pay-to-invoice-sap"),
        ("sap-forensic/BSEG_Pirates.csv.gz", "sap"),
        ("cash-app-scenarios/samples/sample_01/bank_statement.json", "cash-app"),
        ("saf-t-norway/ExampleFile_SAF-T_Financial_888888888_20180228235959.xml", "saf-t"),
    ],
)
def test_a_file_is_known_by_its_content(shared: Path, file: str, wanted: str) -> None:
    assert identify(shared / "data" / file) == [wanted]


@pytest.mark.shared
def test_a_file_of_no_profile_is_claimed_by_none(shared: Path) -> None:
    assert identify(shared / "data/sap-forensic/EKKO.csv") == []


def test_canonical_files_are_known_too_and_described_with_totals_and_faults(tmp_path: Path) -> None:
    text = (
        "item_id,entity,customer_id,item_type,document_no,effective_date,currency,amount\n"
        "I1,E,C,invoice,1,2026-10-31,USD,1234.50\nI2,E,C,invoice,2,2026-02-31,USD,7.00\n"
    )
    (tmp_path / "renamed.csv").write_text(text)
    assert identify(tmp_path / "renamed.csv") == ["canonical"]
    told = describe(tmp_path / "renamed.csv")
    assert "items: 1 of 2 rows, 1234.50 USD; 1 set aside" in told
    assert (
        "rejected, 1 time: not a date\n    row 3, effective_date: '2026-02-31', wanted a date as 2026-10-31"
        in told
    )
    with pytest.raises(SourceError, match="no such file"):
        identify(tmp_path / "gone.csv")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match="no built-in profile"):
        describe(tmp_path / "other.csv")


@pytest.mark.parametrize(
    "content",
    [
        b"# Where this comes from\n\nFrom a, b, c\nand d, e\nhttp://x\n",
        b"a,b\n1,2,3\n",
        b"\n\na,b\n1,2\n",
        b"",
        b'"never ended\n1\n',
        b"x" * 200_000,
        b"PK\x03\x04broken",
        b"PAR1broken",
        b"\x1f\x8bnothing",
        b"<html><p>no",
        b"{",
        b"[1, 2]",
        bytes(range(256)) * 8,
    ],
)
def test_a_foreign_file_is_claimed_by_none_and_described_with_the_reason(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "SOURCE.md").write_bytes(content)
    assert identify(tmp_path / "SOURCE.md") == []
    with pytest.raises(SourceError, match="no built-in profile reads this file"):
        describe(tmp_path / "SOURCE.md")


def test_the_reason_why_a_file_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("a,b\n1,2,3\n")
    with pytest.raises(SourceError, match=r"reads this file .rows with a wrong number of fields"):
        describe(tmp_path / "items.csv")
    with pytest.raises(SourceError, match="not a file"):
        identify(tmp_path)


def test_problems_are_described_by_kind_with_their_count_and_first_row(tmp_path: Path) -> None:
    head = "item_id,entity,customer_id,item_type,document_no,effective_date,due_date,currency,amount\n"
    rows = [f"I{n},E,C,invoice,{n},2026-10-31,9999-12-31,USD,{'x' if n > 2 else '1.00'}" for n in range(1, 9)]
    (tmp_path / "items.csv").write_text(head + "\n".join(rows))
    told = describe(tmp_path / "items.csv").splitlines()
    assert told[2:8] == [
        "  rejected, 6 times: not an amount",
        "    first row 4, amount: 'x', wanted an amount as 1234.56 with the places of its currency",
        "  noted, 8 times: date means none",
        "    first row 2, due_date: '9999-12-31', wanted a date as 2026-10-31",
        "  noted, 1 time: no final line end",
        "    row 9, wanted a line end after the last record, or it may be cut",
    ]


@pytest.mark.shared
def test_a_file_that_needs_another_says_so(shared: Path) -> None:
    told = describe(shared / "data/sap-forensic/BSEG_Pirates.csv.gz")
    assert "2598 records of 99 columns" in told
    assert "read together with BKPF" in told
