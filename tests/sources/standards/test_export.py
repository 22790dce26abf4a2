"""What an export holds: bytes that do not change, control totals, credits divided over invoices, texts as they are."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from arlib.errors import ParameterError, SourceError
from arlib.sources import SourceSpec, load_book
from arlib.sources.standards import write_ads, write_iso21378
from arlib.sources.standards.ads import ADS
from arlib.sources.standards.iso21378 import ISO21378
from arlib.sources.standards.layout import PREFIX, Layout
from arlib.sources.standards.split import adjustment_parts
from arlib.tables import CANONICAL, Book

OCTOBER: dict[str, Any] = {"period_start": date(2026, 10, 1), "period_end": date(2026, 10, 31)}
SMALL = {
    "entities.csv": "entity,name,functional_currency\nE1,One,USD\nE2,Two,JPY\n",
    "customers.csv": 'entity,customer_id,name\n,00417,"=HYPERLINK(""x|y"")"\n,C2,"Line\nbreak | pipe, comma"\n',
    "items.csv": "entity,item_id,customer_id,item_type,document_no,effective_date,posting_date,due_date,currency,"
    "amount,functional_amount,text\n"
    "E1,1,00417,invoice,INV-1,2026-09-10,2026-09-10,2026-10-10,USD,1000.00,1000.00,\n"
    "E1,2,00417,invoice,INV-2,2026-10-05,2026-10-05,2026-11-04,EUR,200.00,220.00,a|b\n"
    "E2,1,C2,invoice,INV-1,2026-10-06,2026-10-06,2026-11-05,JPY,5000,5000,\n"
    "E1,3,00417,credit_memo,CM-3,2026-10-07,2026-10-07,,USD,-300.00,-300.00,\n"
    "E1,4,00417,receipt,RC-4,2026-10-08,2026-10-08,,USD,-600.00,-600.00,\n"
    "E1,5,00417,receipt,RC-5,2026-11-02,2026-11-02,,USD,-50.00,-50.00,\n",
    "applications.csv": "entity,application_id,source_item_id,target_item_id,effective_date,posting_date,"
    "source_currency,source_amount,source_functional_amount,target_currency,target_amount,target_functional_amount,"
    "discount,discount_functional_amount,kind,reason,pairing,reverses\n"
    "E1,A1,4,1,2026-10-08,2026-10-08,USD,500.00,500.00,USD,500.00,500.00,10.00,10.00,payment,cash,stated,\n"
    "E1,A2,3,1,2026-10-09,2026-10-09,USD,120.00,120.00,USD,120.00,120.00,0.00,0.00,credit_memo,cm,stated,\n"
    "E1,A3,3,1,2026-10-10,2026-10-10,USD,30.00,30.00,USD,30.00,30.00,0.00,0.00,credit_memo,cm,stated,\n"
    "E1,A4,3,1,2026-10-11,2026-10-11,USD,-30.00,-30.00,USD,-30.00,-30.00,0.00,0.00,credit_memo,cm,stated,A3\n",
    "control_accounts.csv": "entity,account,role,in_tieout\nE1,1200,trade,true\n",
}  # fmt: skip


@pytest.fixture
def small(tmp_path: Path) -> Book:
    """A ledger of six documents."""
    folder = tmp_path / "small"
    folder.mkdir()
    for name, text in SMALL.items():
        (folder / name).write_text(text, newline="")
    return load_book([SourceSpec(folder=folder)], root=folder)


def _rows(path: Path, delimiter: str = "|") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_documents_go_to_their_files(small: Book, tmp_path: Path) -> None:
    names = [path.name for path in write_ads(small, tmp_path / "ads", **OCTOBER)]
    assert names == [
        "Business_Unit_Listing.txt", "User_Listing.txt", "Customer_Master_Listing_20261031.txt",
        "Chart_Of_Accounts.txt", "Open_Accounts_Receivable_20260930.txt", "Open_Accounts_Receivable_20261031.txt",
        "Invoices_Generated_20261001_20261031.txt", "Cash_Received_20261001_20261031.txt",
        "AR_Cash_Application_20261001_20261031.txt", "AR_Adjustments_20261001_20261031.txt",
        "GL_Detail_20261001_20261031.txt", "Trial_Balance_20261031.txt", "Source_Listing.txt",
        "ARLIB_AR_Credit_Application_20261001_20261031.txt", "ARLIB_Instalments_20261031.txt",
        "ARLIB_Control_20261001_20261031.txt",
    ]  # fmt: skip
    invoices = _rows(tmp_path / "ads" / "Invoices_Generated_20261001_20261031.txt")
    assert [(r["Invoice_ID"], r["Invoice_Amount_Local"], r["Invoice_Local_Currency"], r["Invoice_Amount"])
            for r in invoices] == [("E1-2", "200.00", "EUR", "220.00"), ("E2-1", "5000", "JPY", "5000")]  # fmt: skip
    assert invoices[0]["Terms_Due_Days"] == "30"
    assert invoices[0]["Invoice_Period"] == "M10"
    opening = _rows(tmp_path / "ads" / "Open_Accounts_Receivable_20260930.txt")
    assert [(r["Transaction_ID"], r["Balance_Amount_Local"]) for r in opening] == [("E1-1", "1000.00")]
    # by hand: INV-1 1000 - 500 - 10 - 120; credit memo -300 + 120; receipt -600 + 500
    closing = _rows(tmp_path / "ads" / "Open_Accounts_Receivable_20261031.txt")
    assert [(r["Transaction_ID"], r["Balance_Amount_Local"], r["Amount_Credit_Debit_Indicator"]) for r in closing] == [
        ("E1-1", "370.00", "D"), ("E1-2", "200.00", "D"), ("E1-3", "180.00", "C"), ("E1-4", "100.00", "C"),
        ("E2-1", "5000", "D"),
    ]  # fmt: skip


def test_a_credit_is_divided_over_its_invoices_and_a_discount_is_an_adjustment(
    small: Book, tmp_path: Path
) -> None:
    write_ads(small, tmp_path / "ads", **OCTOBER)
    found = _rows(tmp_path / "ads" / "AR_Adjustments_20261001_20261031.txt")
    assert [(r["Adjustment_ID"], r["Adjustment_Type"], r["Invoice_ID"], r["Adjustment_Amount_Local"]) for r in found] == [
        ("E1-3", "credit_memo", "", "-180.00"),
        ("E1-3", "credit_memo", "E1-1", "-120.00"),
        ("E1-A1", "discount", "E1-1", "-10.00"),
    ]  # fmt: skip
    cash = _rows(tmp_path / "ads" / "AR_Cash_Application_20261001_20261031.txt")
    assert [(r["Receipt_ID"], r["Invoice_ID"], r["AR_Application_Amount_Local"]) for r in cash] == [
        ("E1-4", "E1-1", "500.00")
    ]
    credits_ = _rows(tmp_path / "ads" / "ARLIB_AR_Credit_Application_20261001_20261031.txt")
    assert [r["ARLIB_application_id"] for r in credits_] == ["A2", "A3", "A4"]


def test_the_period_rolls_forward_from_the_standard_fields_alone(book: Book, tmp_path: Path) -> None:
    """Opening + invoices + adjustments + cash = closing, by currency of the document, without our columns.

    What a payment in one currency settles in another is the one thing that no file of the standard shows.
    """
    write_ads(book, tmp_path / "ads", **OCTOBER)
    moved: dict[str, Decimal] = defaultdict(Decimal)

    def add(name: str, amount: str, currency: str, factor: int) -> None:
        for row in _rows(tmp_path / "ads" / name):
            sign = -1 if row.get("Amount_Credit_Debit_Indicator") == "C" else 1
            moved[row[currency]] += factor * sign * Decimal(row[amount] or "0")

    add("Open_Accounts_Receivable_20260930.txt", "Balance_Amount_Local", "Balance_Local_Currency", 1)
    add("Invoices_Generated_20261001_20261031.txt", "Invoice_Amount_Local", "Invoice_Local_Currency", 1)
    add("AR_Adjustments_20261001_20261031.txt", "Adjustment_Amount_Local", "Adjustment_Local_Currency", 1)
    add("Cash_Received_20261001_20261031.txt", "Receipt_Amount_Local", "Receipt_Local_Currency", 1)
    add("Open_Accounts_Receivable_20261031.txt", "Balance_Amount_Local", "Balance_Local_Currency", -1)
    for row in _rows(tmp_path / "ads" / "AR_Cash_Application_20261001_20261031.txt"):
        if row["ARLIB_source_currency"] != row["AR_Application_Local_Currency"]:
            moved[row["ARLIB_source_currency"]] += Decimal(row["ARLIB_source_amount"])
            moved[row["AR_Application_Local_Currency"]] -= Decimal(row["AR_Application_Amount_Local"])
    assert set(moved.values()) == {Decimal(0)}
    assert len(moved) >= 5


def test_the_same_book_gives_the_same_bytes_whatever_the_order_of_its_rows(
    book: Book, tmp_path: Path
) -> None:
    shuffled = Book({name: frame.sample(frac=1, random_state=1) for name, frame in book.tables.items()})
    for write in (write_ads, write_iso21378):
        first = write(book, tmp_path / write.__name__, **OCTOBER, entity="UK01")
        second = write(shuffled, tmp_path / f"{write.__name__}2", **OCTOBER, entity="UK01")
        for left, right in zip(first, second, strict=True):
            assert left.read_bytes() == right.read_bytes(), left.name


@pytest.mark.parametrize(("layout", "delimiter"), [(ADS, "|"), (ISO21378, ",")])
def test_the_control_file_states_what_the_files_hold(
    layout: Layout, delimiter: str, book: Book, tmp_path: Path
) -> None:
    write = write_ads if layout is ADS else write_iso21378
    paths = {path.name: path for path in write(book, tmp_path / "set", **OCTOBER)}
    control = _rows(paths.pop(next(name for name in paths if name.startswith("ARLIB_Control"))), delimiter)
    assert {row["File"] for row in control} == set(paths)
    for row in control:
        path = paths[row["File"]]
        lines = _rows(path, delimiter)
        assert len(lines) == int(row["Records"])
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["SHA256"]
        if row["Total"]:
            field = next(
                f
                for f in layout.files
                if f.total == row["Total_Field"] and f.role in _role(layout, path.name)
            )
            side = next((n for n, c in field.fields if c == "_side"), "")
            mine = [line for line in lines if line[field.currency] == row["Currency"]]
            total = sum(
                (
                    Decimal(line[field.total] or "0") * (-1 if side and line[side] == "C" else 1)
                    for line in mine
                ),
                Decimal(0),
            )
            assert total == Decimal(row["Total"]), row


def _role(layout: Layout, name: str) -> set[str]:
    return {file.role for file in layout.files if name.startswith(file.file.split("{")[0].removesuffix("_"))
            or name == file.file}  # fmt: skip


def test_texts_stand_as_they_are(small: Book, tmp_path: Path) -> None:
    for write, delimiter, name in (
        (write_ads, "|", "Customer_Master_Listing_20261031.txt"),
        (write_iso21378, ",", "BAS_Customer.csv"),
    ):
        write(small, tmp_path / write.__name__, **OCTOBER)
        names = [row["Customer_Account_Name"] for row in _rows(tmp_path / write.__name__ / name, delimiter)]
        assert names == ['=HYPERLINK("x|y")', "Line\nbreak | pipe, comma"]


def test_one_entity_of_several(small: Book, tmp_path: Path) -> None:
    write_ads(small, tmp_path / "ads", **OCTOBER, entity="E2")
    assert [r["Business_Unit_Code"] for r in _rows(tmp_path / "ads" / "Business_Unit_Listing.txt")] == ["E2"]
    assert len(_rows(tmp_path / "ads" / "Invoices_Generated_20261001_20261031.txt")) == 1
    with pytest.raises(ParameterError, match="no such entity"):
        write_ads(small, tmp_path / "other", **OCTOBER, entity="E9")


def test_what_is_refused(small: Book, tmp_path: Path) -> None:
    write_ads(small, tmp_path / "ads", **OCTOBER)
    with pytest.raises(SourceError, match="not empty"):
        write_ads(small, tmp_path / "ads", **OCTOBER)
    with pytest.raises(ParameterError, match="period of the export"):
        write_ads(small, tmp_path / "b", period_start=date(2026, 10, 31), period_end=date(2026, 10, 1))
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError):
        write_ads(small, tmp_path / "file", **OCTOBER)
    poor = Book({name: frame for name, frame in small.tables.items() if name != "entities"})
    with pytest.raises(ParameterError, match="currency the books are kept in"):
        write_ads(poor, tmp_path / "c", **OCTOBER)
    assert not (tmp_path / "c").exists()


def test_an_empty_book_is_headers(tmp_path: Path) -> None:
    for write in (write_ads, write_iso21378):
        paths = write(Book({}), tmp_path / write.__name__, **OCTOBER)
        assert all(path.read_text().count("\n") == 1 for path in paths[:-1])


@pytest.mark.parametrize("layout", [ADS, ISO21378])
def test_every_canonical_column_is_carried_once(layout: Layout) -> None:
    of_role = {"business_units": "entities", "customers": "customers", "accounts": "control_accounts", "invoices": "items",
               "adjustments": "items", "applications": "applications", "journal": "gl_lines", "balances": "gl_balances",
               "instalments": "instalments"}  # fmt: skip
    for file in layout.files:
        assert len(set(file.names)) == len(file.names), file.role
        assert all(name.startswith(PREFIX) for name, _ in file.own)
        assert not any(name.startswith(PREFIX) for name, _ in file.fields)
        columns = {column for _, column in (*file.fields, *file.own)}
        missing = set(CANONICAL[of_role[file.role]].names) - columns if file.role in of_role else set()
        assert missing <= {"amount", "functional_amount"}, file.role


def test_parts_of_an_adjustment_sum_to_it() -> None:
    documents = CANONICAL["items"].frame(
        entity=["E", "E", "E"], item_id=["c", "d", "z"], amount=[-100, 70, 0], functional_amount=[-110, 70, 0]
    )
    applications = CANONICAL["applications"].frame(
        entity=["E"] * 3, source_item_id=["c", "c", "x"], target_item_id=["i", "j", "i"], source_amount=[60, 40, 5],
        source_functional_amount=[66, 40, 5],
    )  # fmt: skip
    parts = adjustment_parts(documents, applications)
    assert list(zip(parts["item_id"], parts["invoice"], parts["amount"], strict=True)) == [
        ("c", "", 0), ("c", "i", -60), ("c", "j", -40), ("d", "", 70), ("z", "", 0),
    ]  # fmt: skip
    assert parts["functional_amount"].tolist()[:3] == [
        -4,
        -66,
        -40,
    ]  # the 4 is the exchange difference left on it
    assert parts["functional_amount"].tolist()[3:] == [70, 0]
