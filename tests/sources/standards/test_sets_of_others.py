"""Sets that somebody else wrote, without our columns: read with what is there, and what is missing is noted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from arlib.errors import SourceError, TableError
from arlib.ledger.openitems import open_items
from arlib.policy import Scope
from arlib.sources import SourceSpec, load_book
from arlib.tables import Book

ADS = {
    "Business_Unit_Listing.txt": "Business_Unit_Code|Business_Unit_Description\nBU7|North America\n",
    "Customer_Master_Listing_20261031.txt": "Customer_Account_ID|Customer_Account_Name|Customer_TIN|Overall_Credit_Limit\n"
    "00417|=1+1 Ltd|99-1|5000.0\nC2|Birch|99-2|\n",
    "Invoices_Generated_20261001_20261031.txt": "Invoice_ID|Invoice_Number|Invoice_Date|Invoice_Fiscal_Year|Invoice_Period|"
    "Invoice_Due_Date|Business_Unit_Code|Customer_Account_ID|Entered_By|Entered_Date|Entered_Time|Invoice_Amount|"
    "Invoice_Amount_Currency|Invoice_Amount_Local|Invoice_Local_Currency\n"
    "I1|1001|2026-10-02|2026|M10|2026-11-01|BU7|00417|amy|2026-10-02|1530|1000.00|USD|1000.00|USD\n"
    "I2|1002|2026-10-12|2026|M10|2026-11-11|BU7|C2|amy|2026-10-12|0905|550.00|USD|500.00|EUR\n",
    "Open_Accounts_Receivable_20260930.txt": "Customer_Account_ID|Transaction_ID|Transaction_Date|Transaction_Type|"
    "Transaction_Due_Date|Balance_Amount|Balance_Amount_Currency|Original_Balance_Amount|Business_Unit_Code|"
    "Amount_Credit_Debit_Indicator\n"
    "00417|I0|2026-08-01|invoice|2026-08-31|300.00|USD|700.00|BU7|D\n"
    "C2|R0|2026-09-15|cash||50.00|USD|50.00|BU7|C\n",
    "Open_Accounts_Receivable_20261031.txt": "Customer_Account_ID|Transaction_ID|Transaction_Date|Transaction_Type|"
    "Transaction_Due_Date|Balance_Amount|Balance_Amount_Currency|Original_Balance_Amount|Business_Unit_Code|"
    "Amount_Credit_Debit_Indicator\n"
    "00417|I1|2026-10-02|invoice|2026-11-01|315.00|USD|1000.00|BU7|D\n",
    "Cash_Received_20261001_20261031.txt": "Receipt_ID|Customer_Account_ID|Business_Unit_Code|Receipt_Date|Reference_Number|"
    "Amount_Credit_Debit_Indicator|Receipt_Amount|Receipt_Amount_Currency|GL_Credit_Account_Number\n"
    "R1|00417|BU7|2026-10-15|CHK 55|C|900.00|USD|1200\nR2|C2|BU7|2026-10-20|NSF|D|50.00|USD|1200\n",
    "AR_Cash_Application_20261001_20261031.txt": "AR_Application_ID|AR_Application_Date|Customer_Account_ID|Receipt_ID|"
    "Invoice_ID|Business_Unit_Code|AR_Application_Amount|AR_Application_Amount_Currency\n"
    "X1|2026-10-15|00417|R1|I1|BU7|600.00|USD\nX2|2026-10-15|00417|R1|I0|BU7|300.00|USD\nX3|2026-10-16|00417|R1||BU7|0.00|USD\n",
    "AR_Adjustments_20261001_20261031.txt": "Adjustment_ID|Adjustment_Type|Adjustment_Document_Number|Invoice_ID|Adjustment_Date|"
    "Business_Unit_Code|Customer_Account_ID|Adjustment_Amount|Adjustment_Amount_Currency\n"
    "A1|credit memo|CM1|I1|2026-10-20|BU7|00417|-100.00|USD\nA2|credit memo|CM2||2026-10-21|BU7|00417|-20.00|USD\n"
    "A3|finance charge|FC3|I1|2026-10-22|BU7|00417|15.00|USD\n",
    "GL_Detail_20261001_20261031.txt": "Journal_ID|Journal_ID_Line_Number|Source|Business_Unit_Code|Effective_Date|"
    "GL_Account_Number|Amount|Amount_Credit_Debit_Indicator|Amount_Currency\n"
    "J1|1|Sales journal|BU7|2026-10-02|1200|1000.00|D|USD\nJ2|1|Cash receipts|BU7|2026-10-15|1200|900.00|C|USD\n",
    "Trial_Balance_20261031.txt": "GL_Account_Number|Business_Unit_Code|Balance_AsOf_Date|Amount_Beginning|Amount_Ending|"
    "Amount_Currency\n1200|BU7|2026-10-31|250.00|845.00|USD\n",
}  # fmt: skip
ISO = {
    "SAL_Invoices_Generated.csv": "Invoice_ID,Invoice_Number,Invoice_Type_Name,Invoice_Date,Invoice_Due_Date,Customer_Account_ID,"
    "Invoice_Transaction_Amount,Invoice_Transaction_CUR_Code,Business_Segment_01\n"
    "I1,1001,Standard,2026-10-02,2026-11-01,00417,1000.00,USD,BU7\n",
    "AR_Cash_Received.csv": "Receipt_ID,Receipt_Number,Customer_Account_ID,Receipt_Date,Functional_Amount,Functional_CUR_Code,"
    "Amount_Credit_Debit_Indicator,GL_Credit_Account_Number,Business_Segment_01\nR1,7,00417,2026-10-15,-900.00,USD,C,1200,BU7\n",
    "AR_Cash_Application.csv": "AR_Application_ID,AR_Application_Date,Receipt_ID,Invoice_ID,Functional_Amount,Functional_CUR_Code,"
    "Business_Segment_01\nX1,2026-10-15,R1,I1,600.00,USD,BU7\n",
}  # fmt: skip


def _load(files: dict[str, str], profile: str, folder: Path, **options: object) -> Book:
    for name, text in files.items():
        (folder / name).write_text(text, newline="")
    return load_book([SourceSpec(folder=folder, profile=profile, options=options)], root=folder)


def _left(book: Book) -> dict[str, int]:
    scope = Scope(
        entity="BU7", entity_name="", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
        ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31),
    )  # fmt: skip
    found = open_items(book, scope=scope)
    return dict(zip(found["item_id"], found["outstanding"], strict=True))


def test_what_is_open_by_hand(tmp_path: Path) -> None:
    book = _load(ADS, "ads-o2c", tmp_path)
    # I0 300 - 300; I1 1000 - 600 - 100 + 15; I2 EUR 500; R0 -50; R1 -900 + 600 + 300; R2 +50; A2 -20
    assert _left(book) == {"I1": 31_500, "I2": 50_000, "R0": -5_000, "R2": 5_000, "A2": -2_000}
    items = book["items"].set_index("item_id")
    assert items.loc["I0", "item_type"] == "opening"
    assert items.loc["I0", "amount"] == 30_000
    assert [items.loc["I2", name] for name in ("currency", "amount", "functional_amount")] == [
        "EUR",
        50_000,
        55_000,
    ]
    assert items["item_type"].to_dict() == {
        "A1-I1": "credit_memo", "A2": "credit_memo", "A3-I1": "adjustment", "I0": "opening", "I1": "invoice",
        "I2": "invoice", "R0": "opening", "R1": "receipt", "R2": "receipt",
    }  # fmt: skip
    assert str(items.loc["I1", "entered_at"]) == "2026-10-02 15:30:00+00:00"
    assert book["entities"].iloc[0][["entity", "name", "functional_currency"]].tolist() == [
        "BU7",
        "North America",
        "USD",
    ]
    assert book["control_accounts"][["account", "role"]].values.tolist() == [["1200", "trade"]]
    assert book["gl_lines"]["functional_amount"].tolist() == [100_000, -90_000]
    assert book["gl_balances"]["balance"].tolist() == [84_500]
    assert book["receipts"]["amount"].tolist() == [90_000, -5_000]
    assert "entry_times" not in book.features  # cash and adjustments have none


def test_what_is_missing_is_noted_file_by_file(tmp_path: Path) -> None:
    problems = _load(ADS, "ads-o2c", tmp_path).problems
    noted = problems[problems["code"].eq("column_not_given")]
    of = {file: set(rows["column"]) for file, rows in noted.groupby("file")}
    assert of["Invoices_Generated_20261001_20261031.txt"] == {
        "ARLIB_item_type", "ARLIB_posting_date", "ARLIB_entered_at", "ARLIB_original_due_date", "ARLIB_control_account",
    }  # fmt: skip
    assert "ARLIB_discount" in of["AR_Cash_Application_20261001_20261031.txt"]
    assert set(problems["severity"]) == {"noted"}


def test_a_zone_of_their_own(tmp_path: Path) -> None:
    book = _load(ADS, "ads-o2c", tmp_path, time_zone="America/Chicago")
    assert str(book["items"].set_index("item_id").loc["I1", "entered_at"]) == "2026-10-02 20:30:00+00:00"


def test_iso_21378_tables(tmp_path: Path) -> None:
    book = _load(ISO, "iso-21378", tmp_path)
    assert _left(book) == {"I1": 40_000, "R1": -30_000}  # a minus beside C counts once
    assert book["entities"]["functional_currency"].tolist() == ["USD"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("|1000.00|USD|1000.00|USD\n", "|1000.00|USD|1,000.00|USD\n", "other_number_style"),
        ("|2026-11-01|BU7", "|2026-31-11|BU7", "not_a_date"),
        ("I1|1001|", "=I1|1001|", "formula_like_id"),
        ("|500.00|EUR\n", "|500.00|EUX\n", "unknown_currency"),
        ("|C|900.00", "|X|900.00", "unknown_code"),
        ("|R1|I1|BU7|600", "|R1|I9|BU7|600", "unknown_item"),
    ],
)
def test_bad_rows_are_named(old: str, new: str, code: str, tmp_path: Path) -> None:
    files = {name: text.replace(old, new) for name, text in ADS.items()}
    assert files != ADS
    with pytest.raises(TableError) as caught:
        _load(files, "ads-o2c", tmp_path)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    files = dict(ADS)
    name = "Invoices_Generated_20261001_20261031.txt"
    files[name] = files[name][:-30]
    with pytest.raises((SourceError, TableError)):
        _load(files, "ads-o2c", tmp_path)
