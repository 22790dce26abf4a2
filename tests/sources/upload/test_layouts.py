"""Oracle and SAP files: positions, amounts, texts, control totals, and bytes that are equal from run to run."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import IdentityError, TableError
from arlib.money import minor_places, number_style, parse_minor
from arlib.sources.upload import Batch, accounts_from, from_match_folder, make_batch, posting_contents
from arlib.sources.upload.accounts import NUMBER_STYLES
from arlib.sources.upload.layout import Layout, styled
from arlib.sources.upload.oracle_columns import (
    GL_INTERFACE,
    OVERFLOW_RECORD,
    RA_INTERFACE_DISTRIBUTIONS,
    RA_INTERFACE_LINES,
    RECEIPT_RECORD,
)
from arlib.sources.upload.sap import sap_notes
from arlib.sources.upload.tables import (
    POSTING_APPLICATIONS,
    POSTING_CREDIT_MEMOS,
    POSTING_JOURNALS,
    POSTING_RECEIPTS,
)

from .conftest import ACCOUNTS, ON, ROLES
from .test_batch import application, line, receipt

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r\n=1",
    " =1+1",
    "\uff1d1",
    "https://x.example",
    'a;b,c"d\\e',
    "x" * 400,
    "\u202e=1",
]


def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def rows_of(text, separator=","):
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def test_positions_are_those_that_a_live_import_took():
    """One-based positions of a journal import that ran and of two AutoInvoice generators; see docs/posting-files.md."""
    at = {
        name: GL_INTERFACE.index(name) + 1
        for name in (
            "STATUS",
            "ACCOUNTING_DATE",
            "USER_JE_SOURCE_NAME",
            "CURRENCY_CODE",
            "DATE_CREATED",
            "ACTUAL_FLAG",
            "SEGMENT1",
            "ENTERED_DR",
            "ENTERED_CR",
            "REFERENCE1",
            "REFERENCE4",
            "REFERENCE10",
            "GROUP_ID",
            "LEDGER_NAME",
            "PERIOD_NAME",
        )
    }
    assert list(at.values()) == [1, 3, 4, 6, 7, 8, 9, 39, 40, 43, 46, 52, 67, 92, 95]
    assert len(GL_INTERFACE) == 149
    lines = {
        name: RA_INTERFACE_LINES.index(name) + 1
        for name in (
            "BATCH_SOURCE_NAME",
            "TRX_DATE",
            "BILL_CUSTOMER_ACCOUNT_NUMBER",
            "LINE_TYPE",
            "AMOUNT",
            "INTERFACE_LINE_CONTEXT",
            "LINK_TO_LINE_CONTEXT",
            "RELATED_TRX_NUMBER",
            "TRANSLATED_DESCRIPTION",
            "BU_NAME",
        )
    }
    assert list(lines.values()) == [2, 5, 19, 26, 32, 37, 114, 165, 192, 287]
    assert (RA_INTERFACE_DISTRIBUTIONS.index("SEGMENT1"), RA_INTERFACE_DISTRIBUTIONS.index("BU_NAME")) == (
        21,
        98,
    )
    assert RECEIPT_RECORD.index("INVOICE1") == 22
    for columns in (
        GL_INTERFACE,
        RA_INTERFACE_LINES,
        RA_INTERFACE_DISTRIBUTIONS,
        RECEIPT_RECORD,
        OVERFLOW_RECORD,
    ):
        assert len(set(columns)) == len(columns)


def test_receipts_go_through_lockbox(batch):
    contents = posting_contents(batch, target="oracle", accounts=ACCOUNTS)
    files = unzipped(contents["oracle_receipts_B1.zip"])
    assert list(files) == ["ArPaymentsInterfaceAll.csv"]
    rows = [
        dict(zip(RECEIPT_RECORD, row, strict=True)) for row in rows_of(files["ArPaymentsInterfaceAll.csv"])
    ]

    by_text = {row["COMMENTS"]: row for row in rows}
    assert {row["RECORD_TYPE"] for row in rows} == {"6"}
    cross = by_text["receipt R4"]
    assert (
        cross["REMITTANCE_AMOUNT"],
        cross["CURRENCY_CODE"],
        cross["INVOICE1"],
        cross["AMOUNT_APPLIED1"],
        cross["AMOUNT_APPLIED_FROM1"],
        cross["INVOICE_CURRENCY_CODE1"],
    ) == ("110.00", "USD", "9004", "100.00", "110.00", "EUR")
    netted = by_text["receipt R5"]
    assert {netted["AMOUNT_APPLIED1"], netted["AMOUNT_APPLIED2"]} == {"120.00", "-20.00"}
    assert by_text["receipt R3"]["REMITTANCE_AMOUNT"] == "500"
    assert by_text["receipt R3"]["RECEIPT_DATE"] == "2026/10/20"


def test_what_has_no_file_import_is_a_list(batch):
    contents = posting_contents(batch, target="oracle", accounts=ACCOUNTS)
    header, fee = rows_of(contents["oracle_adjustments_B1.csv"].decode())
    row = dict(zip(header, fee, strict=True))

    assert (
        row["AdjustmentAmount"],
        row["TransactionNumber"],
        row["ReceivablesActivity"],
        row["Account"],
    ) == ("-5.00", "9002", "Bank charge", "")
    assert (
        "oracle_journals_B1.zip" not in contents
    )  # what Receivables posts itself is not loaded a second time


def test_receipts_that_exist_are_a_list_for_oracle_and_lines_for_sap(folder):
    accounts = accounts_from({"schema": "arlib.post/1", "accounts": ROLES, "receipts": "exist"})
    batch = from_match_folder(
        folder, accounts=accounts, batch_id="B1", accounting_date=ON, proposed_by="Pat", approved_by="Ann"
    )
    contents = posting_contents(batch, target="oracle", accounts=accounts)
    header, *rows = rows_of(contents["oracle_applications_B1.csv"].decode())
    listed = {row[header.index("TransactionNumber")]: dict(zip(header, row, strict=True)) for row in rows}

    assert "oracle_receipts_B1.zip" not in contents
    assert sorted(listed) == ["9001", "9002", "9003", "9004", "9005", "9006"]
    assert (listed["9002"]["AmountApplied"], listed["9002"]["Discount"]) == ("975.00", "20.00")
    assert (listed["9004"]["AmountApplied"], listed["9004"]["AllocatedReceiptAmount"]) == ("100.00", "110.00")
    texts = rows_of(
        posting_contents(batch, target="sap", accounts=accounts)["sap_documents_B1.csv"].decode(), ";"
    )
    keys = [(row[10], row[11], row[12]) for row in texts if row[15] == "receipt R1"]
    assert keys == [("05", "C1", "100,00")]


def test_more_than_eight_items_overflow():
    items = [
        application(
            reference=f"AR{n}",
            item_id=f"I{n}",
            document_no=f"D{n}",
            amount=100,
            receipt_amount=100,
            open_before=100,
        )
        for n in range(20)
    ]
    batch = make_batch(
        {
            "receipts": POSTING_RECEIPTS.from_rows([receipt(amount=2000)]),
            "applications": POSTING_APPLICATIONS.from_rows(items),
        },
        accounts=ACCOUNTS,
        batch_id="B1",
        accounting_date=ON,
        proposed_by="Pat",
        approved_by="Ann",
    )
    text = unzipped(posting_contents(batch, target="oracle", accounts=ACCOUNTS)["oracle_receipts_B1.zip"])[
        "ArPaymentsInterfaceAll.csv"
    ]
    first, second, third = rows_of(text)

    assert (first[0], len(first)) == ("6", len(RECEIPT_RECORD))
    assert (second[0], second[3:5], len(second)) == ("4", ["1", "0"], len(OVERFLOW_RECORD))
    assert (third[0], third[3:5], third[-8:]) == ("4", ["2", "9"], [""] * 8)
    numbers = [
        cell for row in (first, second, third) for cell in row if cell.startswith("D") and cell[1:].isdigit()
    ]
    assert sorted(numbers) == sorted(f"D{n}" for n in range(20))


def test_credit_memos_are_lines_and_distributions():
    memo = {
        "entity": "US01",
        "reference": "ARM",
        "line_no": 1,
        "source_id": "CM1",
        "item_id": "I1",
        "document_no": "9001",
        "customer_id": "C1",
        "memo_date": ON,
        "gl_date": ON,
        "currency": "USD",
        "net_amount": 10000,
        "tax_amount": 825,
        "reason": "price",
        "text": "=HYPERLINK(1)",
        "open_before": 20000,
    }
    accounts = accounts_from(
        {
            "schema": "arlib.post/1",
            "accounts": ROLES | {"revenue": "01-4000-000"},
            "functional_currency": {"US01": "USD"},
        }
    )
    frames = {"credit_memos": POSTING_CREDIT_MEMOS.from_rows([memo])}
    batch = make_batch(
        frames, accounts=accounts, batch_id="B1", accounting_date=ON, proposed_by="Pat", approved_by="Ann"
    )
    files = unzipped(
        posting_contents(batch, target="oracle", accounts=accounts)["oracle_credit_memos_B1.zip"]
    )
    lines = [
        dict(zip(RA_INTERFACE_LINES, row, strict=True)) for row in rows_of(files["RaInterfaceLinesAll.csv"])
    ]
    shares = [
        dict(zip(RA_INTERFACE_DISTRIBUTIONS, row, strict=True))
        for row in rows_of(files["RaInterfaceDistributionsAll.csv"])
    ]

    assert [
        (row["LINE_TYPE"], row["AMOUNT"], row["RELATED_TRX_NUMBER"], row["CONVERSION_TYPE"]) for row in lines
    ] == [("LINE", "-100.00", "9001", "User"), ("TAX", "-8.25", "9001", "User")]
    assert lines[1]["LINK_TO_LINE_ATTRIBUTE2"] == lines[0]["INTERFACE_LINE_ATTRIBUTE2"]
    assert [(row["ACCOUNT_CLASS"], row["AMOUNT"], row["SEGMENT1"], row["SEGMENT2"]) for row in shares] == [
        ("REV", "-100.00", "01", "4000"),
        ("TAX", "-8.25", "2200", ""),
    ]
    assert lines[0]["DESCRIPTION"] == "'=HYPERLINK(1)"
    assert [(r["role"], r["amount"]) for r in batch.journals.to_dict("records")] == [
        ("revenue", 10000),
        ("tax", 825),
        ("receivable", -10825),
    ]

    nobody = accounts_from({"schema": "arlib.post/1", "accounts": ROLES})
    with pytest.raises(TableError, match="currency of the books unknown"):
        posting_contents(
            make_batch(frames, accounts=nobody, batch_id="B1", accounting_date=ON, proposed_by="Pat"),
            target="oracle",
            accounts=nobody,
        )


def general(**changes):
    rows = [
        line(reference="ARG", account="01-6500-000", amount=123456, text="provision"),
        line(reference="ARG", line_no=2, account="01-1490-000", amount=-123456),
    ]
    return Batch(
        batch_id="B1",
        accounting_date=ON,
        proposed_by="Pat",
        approved_by="Ann",
        journals=POSTING_JOURNALS.from_rows([row | changes for row in rows]),
    )


def test_journals_that_nothing_else_posts_are_loaded():
    text = unzipped(
        posting_contents(general(), target="oracle", accounts=ACCOUNTS)["oracle_journals_B1.zip"]
    )["GlInterface.csv"]
    debit, credit = (dict(zip(GL_INTERFACE, row, strict=True)) for row in rows_of(text))

    assert (debit["ENTERED_DR"], debit["ENTERED_CR"], credit["ENTERED_DR"], credit["ENTERED_CR"]) == (
        "1234.56",
        "",
        "",
        "1234.56",
    )
    assert (debit["STATUS"], debit["SEGMENT2"], debit["REFERENCE4"], debit["GROUP_ID"]) == (
        "NEW",
        "6500",
        "ARG",
        credit["GROUP_ID"],
    )
    assert debit["GROUP_ID"].isdigit()
    assert len(debit["GROUP_ID"]) == 9


def test_the_s4_workbook_holds_journals_without_customers_only(batch):
    accounts = accounts_from({"schema": "arlib.post/1", "accounts": ROLES})
    plain = general(account="6500")
    contents = posting_contents(plain, target="sap", accounts=accounts)
    sheet = openpyxl.load_workbook(io.BytesIO(contents["sap_journals_B1.xlsx"])).worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]

    heads = next(row for row in cells if "WRSOL" in row)
    lines = [row for row in cells if row[heads.index("HKONT")] == "6500"]
    assert [(row[heads.index("WRSOL")], row[heads.index("WRHAB")]) for row in lines] == [
        (1234.56, None),
        (None, 1234.56),
    ]
    assert "sap_journals_B1.xlsx" not in posting_contents(batch, target="sap", accounts=accounts)


def sap(batch, **options):
    entities = {"company_code": {"US01": "1000", "JP01": "3000"}} | options
    return posting_contents(
        batch,
        target="sap",
        accounts=accounts_from({"schema": "arlib.post/1", "accounts": ROLES, "sap": entities}),
    )


def test_sap_documents_clear_what_is_paid_whole_and_reference_what_is_not(batch):
    contents = sap(batch)
    header, *rows = rows_of(contents["sap_documents_B1.csv"].decode(), ";")
    documents = [dict(zip(header, row, strict=True)) for row in rows]
    head, *more = rows_of(contents["sap_clearing_B1.csv"].decode(), ";")
    cleared = [dict(zip(head, row, strict=True)) for row in more]

    discounted = [
        row for row in documents if row["SGTXT"] == "receipt R2 on 9002" or row["SGTXT"] == "receipt R2"
    ]
    assert [(r["TCODE"], r["NEWBS"], r["NEWKO"], r["WRBTR"]) for r in discounted] == [
        ("FB05", "40", "1010", "975,00"),
        ("FB05", "40", "4090", "20,00"),
        ("FB05", "40", "6300", "5,00"),
    ]
    assert [(r["SELVON"], r["SELFD"], r["AGKON"], r["WRBTR"]) for r in cleared if r["SELVON"] == "9002"] == [
        ("9002", "BELNR", "C1", "-1.000,00")
    ]
    yen = [row for row in documents if row["BUKRS"] == "3000"]
    assert [(r["TCODE"], r["NEWBS"], r["NEWKO"], r["WRBTR"], r["REBZG"], r["WAERS"]) for r in yen] == [
        ("FB01", "40", "1010", "500", "", "JPY"),
        ("FB01", "15", "J1", "400", "9003", "JPY"),
        ("FB01", "15", "J1", "100", "", "JPY"),
    ]
    assert {row["BUDAT"] for row in documents} == {"31.10.2026"}
    assert all(len(row["XBLNR"]) == 16 for row in documents)


@pytest.mark.parametrize("style", NUMBER_STYLES)
def test_every_sap_document_balances_with_what_it_clears(batch, style):
    contents = sap(batch, number_style=style, separator="\t")
    sums: dict[tuple[str, str], int] = {}
    for name, columns in (
        ("sap_documents_B1.csv", ("NEWBS", "WRBTR")),
        ("sap_clearing_B1.csv", ("", "WRBTR")),
    ):
        header, *rows = rows_of(contents[name].decode(), "\t")
        for row in (dict(zip(header, cells, strict=True)) for cells in rows):
            minor = parse_minor(row["WRBTR"], number_style(style), places=minor_places(row["WAERS"]))
            sign = -1 if columns[0] and row["NEWBS"] in ("50", "15", "17", "11") else 1
            key = (row["DOC"], row["WAERS"])
            sums[key] = sums.get(key, 0) + sign * minor

    assert len(sums) == 6  # the receipt in two currencies is two documents
    assert set(sums.values()) == {0}


def test_an_item_that_two_documents_move_is_cleared_by_neither():
    receipts = [receipt(reference=f"ARR{n}", receipt_id=f"R{n}", amount=5000) for n in range(2)]
    rows = [
        application(reference=f"ARA{n}", source_id=f"R{n}", amount=5000, receipt_amount=5000)
        for n in range(2)
    ]
    batch = make_batch(
        {
            "receipts": POSTING_RECEIPTS.from_rows(receipts),
            "applications": POSTING_APPLICATIONS.from_rows(rows),
        },
        accounts=ACCOUNTS,
        batch_id="B1",
        accounting_date=ON,
        proposed_by="Pat",
        approved_by="Ann",
    )
    contents = sap(batch)

    assert "sap_clearing_B1.csv" not in contents
    assert sap_notes(batch)[0].startswith("1 items are moved by more than one document")
    assert contents["sap_documents_B1.csv"].decode().count(";15;") == 2


def test_what_a_field_cannot_hold_is_refused_and_all_of_it(batch):
    long = replace(batch, receipts=batch.receipts.assign(customer_id="C" * 31))
    with pytest.raises(TableError) as caught:
        posting_contents(long, target="oracle", accounts=ACCOUNTS)
    assert [problem.code for problem in caught.value.problems] == ["longer_than_the_field"] * 5

    with pytest.raises(TableError, match="longer than the field"):
        posting_contents(
            replace(batch, journals=batch.journals.assign(account="01234567890")),
            target="sap",
            accounts=ACCOUNTS,
        )
    huge = make_batch(
        {"receipts": POSTING_RECEIPTS.from_rows([receipt(amount=10**15, currency="JPY")])},
        accounts=ACCOUNTS,
        batch_id="B1",
        accounting_date=ON,
        proposed_by="Pat",
    )
    with pytest.raises(TableError, match="amount longer than the field"):
        posting_contents(huge, target="sap", accounts=ACCOUNTS)


def test_huge_amounts_keep_their_last_cent():
    big = 9_223_372_036_854_775_807
    batch = make_batch(
        {"receipts": POSTING_RECEIPTS.from_rows([receipt(amount=big)])},
        accounts=ACCOUNTS,
        batch_id="B1",
        accounting_date=ON,
        proposed_by="Pat",
        approved_by="Ann",
    )
    contents = posting_contents(batch, target="oracle", accounts=ACCOUNTS)

    assert (
        "92233720368547758.07" in unzipped(contents["oracle_receipts_B1.zip"])["ArPaymentsInterfaceAll.csv"]
    )
    assert b"92233720368547758.07" in contents["control.csv"]
    texts = [
        c.value
        for row in openpyxl.load_workbook(io.BytesIO(contents["control.xlsx"])).worksheets[0].iter_rows()
        for c in row
    ]
    assert "92,233,720,368,547,758.07" in texts


@settings(max_examples=200)
@given(
    minor=st.integers(-(2**63) + 1, 2**63 - 1),
    currency=st.sampled_from(["USD", "JPY", "KWD", "CLF"]),
    style=st.sampled_from(NUMBER_STYLES),
)
def test_amounts_go_round_in_every_style(minor, currency, style):
    assert (
        parse_minor(styled(minor, currency, style), number_style(style), places=minor_places(currency))
        == minor
    )


@settings(max_examples=300)
@given(
    text=st.one_of(
        st.sampled_from(HOSTILE),
        st.text(max_size=80),
        st.text(alphabet="=+-@\t\r\n ;,\"'|\u202e\uff1d\u200b1aA", max_size=12),
    )
)
def test_free_text_is_inert_on_one_line_and_in_its_field(text):
    layout = Layout("f.csv", ("a",), separator=";")
    safe = layout.text(text, "a", 50, "REF")

    assert len(safe) <= 50
    assert not any(c in safe for c in '\r\n\t;"\u2028')
    assert not safe.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff20"))
    assert safe == text or layout.notes
    assert layout.text(safe, "a", 51, "REF") == safe  # once safe, it stays as it is


@pytest.mark.parametrize("target", ["oracle", "sap"])
def test_no_cell_and_no_text_becomes_a_formula(batch, target):
    many = [t for t in HOSTILE for _ in range(1)]
    texts = (many * 2)[: len(batch.journals)] + ["=1"] * max(0, len(batch.journals) - 2 * len(many))
    hostile = replace(
        batch,
        receipts=batch.receipts.assign(text=many[: len(batch.receipts)]),
        journals=batch.journals.assign(text=texts),
        notes=("=1+1",),
        adjustments=batch.adjustments.assign(text="=1", reason="+cmd"),
    )
    contents = posting_contents(hostile, target=target, accounts=ACCOUNTS)

    seen = 0
    for name, data in contents.items():
        if name.endswith(".xlsx"):
            book = openpyxl.load_workbook(io.BytesIO(data))
            for sheet in book.worksheets:
                for row in sheet.iter_rows():
                    for cell in row:
                        assert cell.data_type != "f", (name, cell.coordinate)
                        assert cell.hyperlink is None
                        seen += cell.value is not None
    assert seen > 100
    files = (
        unzipped(contents["oracle_receipts_B1.zip"]).values()
        if target == "oracle"
        else [contents["sap_documents_B1.csv"].decode()]
    )
    for text in files:
        for row in rows_of(text, "," if target == "oracle" else ";"):
            for cell in row:
                assert not cell.startswith(("=", "+", "@", "\t")), cell
                assert not cell.startswith("-") or cell[1:].replace(".", "").replace(",", "").isdigit(), cell


@pytest.mark.parametrize("target", ["oracle", "sap"])
def test_equal_batches_give_equal_bytes_and_control_totals_tie(batch, target):
    first, second = (posting_contents(batch, target=target, accounts=ACCOUNTS) for _ in range(2))
    assert first == second
    for name, data in first.items():
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}

    import hashlib

    header, *rows = rows_of(first["control.csv"].decode())
    control = [dict(zip(header, row, strict=True)) for row in rows]
    for row in control:
        if not row["part"] or not row["file"].endswith(".zip"):
            assert hashlib.sha256(first[row["file"]]).hexdigest() == row["sha256"]
            assert len(first[row["file"]]) == int(row["bytes"])
    dollars = {row["part"]: (row["debit"], row["credit"]) for row in control if row["currency"] == "USD"}
    if target == "oracle":
        assert dollars["ArPaymentsInterfaceAll.csv"] == (
            "1285.00",
            "1175.00",
        )  # 100 + 975 + 110 + 100; 100 + 975 + 120 - 20
    else:
        assert dollars["sap_documents.csv"] == (
            "1310.00",
            "110.00",
        )  # cash 1,285 and 25 of discount and charge; 110 to conversion
        assert dollars["sap_clearing.csv"] == ("20.00", "1220.00")


def test_a_file_that_does_not_hold_the_batch_is_never_written(batch, monkeypatch):
    from arlib.sources.upload import oracle

    whole = oracle._receipts

    def lossy(*given):
        made = whole(*given)
        made.rows.pop()
        return made

    monkeypatch.setattr(oracle, "_receipts", lossy)
    with pytest.raises(IdentityError, match="holds the batch"):
        posting_contents(batch, target="oracle", accounts=ACCOUNTS)
