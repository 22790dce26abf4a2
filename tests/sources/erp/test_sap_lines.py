"""SAP's rules line by line, on small extracts worked by hand: what counts, when it is due, who settles whom."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from arlib.errors import SourceError, TableError
from arlib.ledger.tieout import tie_out
from arlib.policy import Scope
from arlib.sources import SourceSpec, load_book
from arlib.tables import Book

Row = dict[str, str]


def head(number: str, kind: str = "RV", day: str = "20260901", **more: str) -> Row:
    return {
        "BUKRS": "1000", "BELNR": number, "GJAHR": "2026", "BLART": kind, "BLDAT": day, "BUDAT": day, "CPUDT": day,
        "CPUTM": "101500", "USNAM": "ME", "XBLNR": "", "WAERS": "EUR", "HWAER": "EUR", "BSTAT": "",
    } | more  # fmt: skip


def line(number: str, amount: str, side: str = "S", **more: str) -> Row:
    return {
        "BUKRS": "1000", "BELNR": number, "GJAHR": "2026", "BUZEI": "001", "AUGDT": "", "AUGCP": "", "AUGBL": "",
        "KOART": "D", "UMSKZ": "", "SHKZG": side, "DMBTR": amount, "WRBTR": amount, "HKONT": "140000", "KUNNR": "42",
        "ZFBDT": "", "ZTERM": "", "ZBD1T": "", "ZBD2T": "", "ZBD3T": "", "REBZG": "", "REBZJ": "", "REBZZ": "", "REBZT": "",
        "WSKTO": "", "SGTXT": "",
    } | more  # fmt: skip


def write(folder: Path, **tables: list[Row]) -> Path:
    for name, rows in tables.items():
        columns = list(dict.fromkeys(key for row in rows for key in row))
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def book_of(folder: Path, profile: str = "sap", **tables: list[Row]) -> Book:
    return load_book([SourceSpec(folder=write(folder, **tables), profile=profile)], root=folder)


def notes(book: Book) -> dict[str, str]:
    return dict(zip(book.problems["code"], book.problems["found"].fillna(""), strict=True))


def rest(book: Book) -> dict[str, int]:
    """Open amount by document, whatever the date."""
    left = {row.item_id: int(row.amount) for row in book["items"].itertuples()}
    for row in book["applications"].itertuples():
        left[row.target_item_id] -= int(row.target_amount) + (
            0 if pd.isna(row.discount) else int(row.discount)
        )
        left[row.source_item_id] += int(row.source_amount)
    return {item.split("-")[1]: amount for item, amount in left.items()}


PAID = {"AUGBL": "900", "AUGDT": "20261005", "AUGCP": "20261006"}


@pytest.mark.parametrize(
    ("credit", "due"),
    [
        ({}, "2026-09-20"),  # no reference: due on its baseline date, terms do not count
        ({"REBZG": "V"}, "2026-10-20"),  # V: terms count as for an invoice
        ({"REBZG": "1", "REBZJ": "2026", "REBZZ": "001"}, "2026-10-16"),  # follows its invoice
        (
            {"REBZG": "0000000001", "REBZJ": "2026", "REBZZ": "000"},
            "2026-10-16",
        ),  # zeros, and the only line meant
    ],
)
def test_due_date_of_a_credit(tmp_path: Path, credit: Row, due: str) -> None:
    invoice = line("1", "100.00", ZFBDT="20260901", ZBD1T="14", ZBD2T="30", ZBD3T="45")
    memo = line("2", "40.00", "H", ZFBDT="20260920", ZBD1T="30", **credit)
    items = book_of(tmp_path, BKPF=[head("1"), head("2", "DG")], BSEG=[invoice, memo])["items"]
    assert items.set_index("document_no").loc["2", "due_date"] == pd.Timestamp(due)


def test_days_come_from_t052_where_the_line_has_none_and_that_is_noted(tmp_path: Path) -> None:
    terms = [
        {
            "ZTERM": "Z030",
            "ZTAGG": "00",
            "ZTAG1": "10",
            "ZTAG2": "30",
            "ZTAG3": "0",
            "ZFAEL": "00",
            "ZMONA": "00",
        },
        {
            "ZTERM": "ZEOM",
            "ZTAGG": "00",
            "ZTAG1": "0",
            "ZTAG2": "0",
            "ZTAG3": "0",
            "ZFAEL": "15",
            "ZMONA": "01",
        },
    ]
    lines = [
        line("1", "1.00", ZFBDT="20260901", ZTERM="Z030"),
        line("2", "1.00", ZFBDT="20260901", ZTERM="ZEOM"),
        line("3", "1.00", ZFBDT="20260901", ZTERM="Z030", ZBD1T="60"),
    ]
    book = book_of(tmp_path, BKPF=[head(n) for n in "123"], BSEG=lines, T052=terms)
    due = book["items"].set_index("document_no")["due_date"].dt.strftime("%m-%d").to_dict()
    assert due == {"1": "10-01", "2": "09-01", "3": "10-31"}
    assert notes(book)["days_from_terms"] == "1 lines with Z030"
    assert notes(book)["terms_say_more_than_days"] == "1 lines with ZEOM"


def test_parked_documents_noted_items_and_down_payment_requests_are_no_balance(tmp_path: Path) -> None:
    heads = [head("1"), head("2", BSTAT="V"), head("3", BSTAT="S"), head("4", "DZ")]
    lines = [
        line("1", "10.00"),
        line("2", "20.00"),
        line("3", "40.00", UMSKZ="F"),
        line("4", "5.00", "H", UMSKZ="A"),
    ]
    lines[3]["HKONT"] = "170000"
    book = book_of(tmp_path, BKPF=heads, BSEG=lines)
    assert book["items"]["document_no"].tolist() == ["1", "4"]
    assert notes(book)["parked_lines_not_counted"] == "1 customer lines, first 1000/2/2026/1"
    assert notes(book)["noted_items_not_counted"] == "1 customer lines, first 1000/3/2026/1"
    assert book["gl_lines"].set_index("document_no")["status"].to_dict() == {
        "1": "posted", "2": "unposted", "4": "posted",
    }  # fmt: skip
    accounts = book["control_accounts"].set_index("account")["role"].to_dict()
    assert accounts == {"140000": "trade", "170000": "customer_deposit"}


def test_a_down_payment_is_a_prepayment_and_a_bill_of_exchange_a_note(tmp_path: Path) -> None:
    lines = [line("1", "5.00", "H", UMSKZ="A", HKONT="170000"), line("2", "7.00", UMSKZ="W", HKONT="125000")]
    book = book_of(tmp_path, BKPF=[head("1", "DX"), head("2", "DX")], BSEG=lines)
    assert book["items"]["item_type"].tolist() == ["prepayment", "invoice"]
    assert book["control_accounts"].set_index("account")["role"].to_dict() == {
        "125000": "notes", "170000": "customer_deposit",
    }  # fmt: skip


def partial(**more: str) -> list[Row]:
    return [
        line("1", "100.00", ZFBDT="20260901", **more),
        line("2", "30.00", "H", REBZG="1", REBZJ="2026", REBZZ="001", REBZT="Z", **more),
    ]


def test_a_partial_payment_settles_its_invoice_on_its_own_day(tmp_path: Path) -> None:
    book = book_of(tmp_path, BKPF=[head("1"), head("2", "DZ", "20260915")], BSEG=partial())
    made = book["applications"].iloc[0]
    assert (made["pairing"], made["kind"], int(made["target_amount"])) == ("stated", "payment", 3000)
    assert made["effective_date"] == pd.Timestamp("2026-09-15")
    assert rest(book) == {"1": 7000, "2": 0}


def test_the_group_that_clears_a_partly_paid_invoice_settles_the_rest_only(tmp_path: Path) -> None:
    lines = [*partial(**PAID), line("3", "70.00", "H", **PAID)]
    heads = [
        head("1"),
        head("2", "DZ", "20260915"),
        head("3", "DZ", "20261005"),
        head("900", "AB", "20261005", BSTAT="A", USNAM="CLERK"),
    ]
    book = book_of(tmp_path, BKPF=heads, BSEG=lines)
    made = book["applications"].sort_values("effective_date")[
        ["source_item_id", "target_amount", "pairing", "user"]
    ]
    assert made.to_numpy().tolist() == [
        ["1000-2-2026-001", 3000, "stated", "ME"],
        ["1000-3-2026-001", 7000, "derived", "CLERK"],
    ]
    assert rest(book) == {"1": 0, "2": 0, "3": 0}
    assert book["applications"]["entered_at"].max() == pd.Timestamp("2026-10-05 10:15", tz="UTC")


def test_a_partial_payment_that_was_cleared_elsewhere_is_noted_and_not_applied(tmp_path: Path) -> None:
    lines = partial()
    lines[1] |= PAID
    lines.append(line("3", "30.00", **PAID))
    book = book_of(tmp_path, BKPF=[head("1"), head("2", "DZ"), head("3")], BSEG=lines)
    assert rest(book) == {"1": 10000, "2": 0, "3": 0}
    assert notes(book)["partial_payment_not_applied"] == "1000-2-2026-001 to 1000/1/2026/1"


def test_a_residual_item_replaces_the_invoice_that_its_payment_cleared(tmp_path: Path) -> None:
    lines = [
        line("1", "100.00", ZFBDT="20260801", ZBD1T="30", **PAID),
        line("2", "100.00", "H", **PAID),
        line(
            "2",
            "20.00",
            BUZEI="002",
            ZFBDT="20261005",
            ZBD1T="30",
            REBZG="1",
            REBZJ="2026",
            REBZZ="001",
            REBZT="V",
        ),
    ]
    items = book_of(tmp_path, BKPF=[head("1"), head("2", "DZ", "20261005")], BSEG=lines)["items"].set_index(
        "item_id"
    )
    left = items.loc["1000-2-2026-002"]
    assert items["item_type"].tolist() == ["invoice", "receipt", "chargeback"]
    assert (left["replaces"], left["due_date"], left["original_due_date"]) == (
        "1000-1-2026-001", pd.Timestamp("2026-11-04"), pd.Timestamp("2026-08-31"),
    )  # fmt: skip


def test_a_discount_taken_settles_what_the_group_leaves(tmp_path: Path) -> None:
    lines = [line("1", "100.00", WSKTO="2.00", **PAID), line("2", "98.00", "H", **PAID)]
    book = book_of(tmp_path, BKPF=[head("1"), head("2", "DZ")], BSEG=lines)
    made = book["applications"].iloc[0]
    assert (int(made["target_amount"]), int(made["discount"]), int(made["discount_functional_amount"])) == (
        9800,
        200,
        200,
    )
    assert rest(book) == {"1": 0, "2": 0}
    assert notes(book) == {}


def test_a_group_of_two_currencies_is_paired_by_carrying_amounts(tmp_path: Path) -> None:
    lines = [line("1", "110.00", DMBTR="100.00", **PAID), line("2", "97.50", "H", **PAID)]
    book = book_of(tmp_path, BKPF=[head("1", WAERS="USD"), head("2", "DZ")], BSEG=lines)
    made = book["applications"].iloc[0]
    assert (made["source_currency"], int(made["source_amount"])) == ("EUR", 9750)
    assert (made["target_currency"], int(made["target_amount"])) == ("USD", 11000)
    assert int(made["realised_fx"]) == -250
    assert rest(book) == {"1": 0, "2": 0}


def transfer(number: str, sides: str = "SH", **more: str) -> list[Row]:
    named: Any = {"REBZJ": "2026", "REBZZ": "001", "REBZT": "Z", "ZFBDT": ""}
    return [
        line(number, "60.00", sides[0], BUZEI="001", REBZG="2", HKONT="140100", **named),
        line(number, "62.00", sides[1], BUZEI="002", REBZG="1", WSKTO="2.00", SKNTO="2.00", **named),
        line(number, "2.00", sides[0], BUZEI="003", KOART="S", HKONT="480000", KUNNR=""),
    ]


def test_a_transfer_posting_is_one_stated_application_and_its_reversal_takes_it_back(tmp_path: Path) -> None:
    lines = [
        line("1", "100.00"),
        line("2", "80.00", "H", HKONT="140100"),
        *transfer("7"),
        *transfer("8", "HS"),
    ]
    heads = [
        head("1"), head("2", "DZ"), head("7", "AB", "20260910", STBLG="8", STJAH="2026", XREVERSAL="1"),
        head("8", "AB", "20260920", STBLG="7", STJAH="2026", XREVERSAL="2"),
    ]  # fmt: skip
    book = book_of(tmp_path, BKPF=heads, BSEG=lines)
    made = book["applications"].sort_values("effective_date")
    assert made[["source_item_id", "target_item_id"]].drop_duplicates().to_numpy().tolist() == [
        ["1000-2-2026-001", "1000-1-2026-001"]
    ]
    assert made["source_amount"].tolist() == [6000, -6000]
    assert made["target_amount"].tolist() == [6000, -6000]
    assert made["discount"].tolist() == [200, -200]
    assert made["reverses"].fillna("").tolist() == ["", "1000-7-2026"]
    assert set(made["pairing"]) == {"stated"}
    assert len(book["items"]) == 2
    assert rest(book) == {"1": 10000, "2": -8000}
    moved = book["gl_lines"][book["gl_lines"]["document_no"].eq("1000-7-2026")]
    assert moved.set_index("line_id")["amount"].to_dict() == {"001S": 6000, "001T": -6000, "001D": -200}


def test_a_reversed_receipt_stays_and_its_reversal_acts_from_its_own_day(tmp_path: Path) -> None:
    lines = [line("1", "50.00", "H"), line("2", "50.00", "S")]
    heads = [head("1", "DZ", STBLG="2", STJAH="2026"), head("2", "AB", "20260925", STBLG="1", STJAH="2026")]
    items = book_of(tmp_path, BKPF=heads, BSEG=lines)["items"].set_index("document_no")
    assert items["item_type"].to_dict() == {"1": "receipt", "2": "receipt"}
    assert items["amount"].tolist() == [-5000, 5000]
    assert items["reverses"].fillna("").to_dict() == {"1": "", "2": "1000-1-2026-001"}
    assert items.loc["2", "posting_date"] == pd.Timestamp("2026-09-25")


def test_a_clearing_that_was_reset_is_said_and_not_guessed(tmp_path: Path) -> None:
    book = book_of(tmp_path, BKPF=[head("1"), head("900", "AB", BSTAT="B")], BSEG=[line("1", "50.00")])
    assert not len(book["applications"])
    assert notes(book)["clearing_was_reset"] == "1000/900/2026"


def test_a_changed_due_date_keeps_the_first_one_and_who_changed_it(tmp_path: Path) -> None:
    changed = {
        "OBJECTCLAS": "BELEG",
        "CHANGENR": "77",
        "TABNAME": "BSEG",
        "FNAME": "ZFBDT",
        "VALUE_NEW": "20261001",
    }
    book = book_of(
        tmp_path,
        BKPF=[head("0000000001")],
        BSEG=[line("0000000001", "50.00", ZFBDT="20261001", ZBD1T="30")],
        CDPOS=[changed | {"TABKEY": "100" + "1000" + "0000000001" + "2026" + "001", "VALUE_OLD": "20260901"}],
        CDHDR=[{"OBJECTCLAS": "BELEG", "CHANGENR": "77", "USERNAME": "BOSS", "UDATE": "20260930"}],
    )
    item = book["items"].iloc[0]
    assert item["due_date"] == pd.Timestamp("2026-10-31")
    assert item["original_due_date"] == pd.Timestamp("2026-10-01")
    assert (item["authorised_by"], item["rescheduled_on"]) == ("BOSS", pd.Timestamp("2026-09-30"))


def test_the_statement_gives_bank_lines_receipts_and_their_links(tmp_path: Path) -> None:
    key = {"KUKEY": "00000005", "KWAER": "EUR", "BUDAT": "20260915", "GJAHR": "2026"}
    entries = [
        key
        | {
            "ESNUM": "00001",
            "KWBTR": "30.00",
            "EPVOZ": "H",
            "PARTN": "Payer",
            "BELNR": "2",
            "SGTXT": "INV 1",
        },
        key | {"ESNUM": "00002", "KWBTR": "4.00", "EPVOZ": "S", "PARTN": "", "BELNR": "", "SGTXT": "fee"},
    ]
    statement = {
        "KUKEY": "00000005", "BUKRS": "1000", "HBKID": "HB", "HKTID": "GIRO", "AZNUM": "9", "WAERS": "EUR",
        "SSBTR": "100.00", "SSVOZ": "H", "ESBTR": "127.00", "ESVOZ": "H",
    }  # fmt: skip
    book = book_of(
        tmp_path,
        BKPF=[head("1"), head("2", "DZ", "20260915")],
        BSEG=partial(),
        FEBKO=[statement],
        FEBEP=entries,
    )
    assert book["bank_lines"]["amount"].tolist() == [3000, -400]
    assert book["bank_statements"][["opening", "net", "closing", "entries"]].to_numpy().tolist() == [
        [10000, 2600, 12700, 2]
    ]
    assert notes(book)["statement_does_not_add_up"] == "00000005: 127.00"
    receipt = book["receipts"].iloc[0]
    assert (receipt["item_id"], int(receipt["amount"]), receipt["payer_name"]) == (
        "1000-2-2026-001",
        3000,
        "Payer",
    )
    assert book["receipt_bank_lines"][["bank_line_id", "amount"]].to_numpy().tolist() == [
        ["00000005-00001", 3000]
    ]


def test_totals_become_month_ends_and_years_that_are_no_calendar_years_are_left_out(tmp_path: Path) -> None:
    months = {f"HSL{n:02d}": "0" for n in range(1, 17)}
    total = {"RLDNR": "0L", "RYEAR": "2026", "RACCT": "140000", "RTCUR": "EUR", "HSLVT": "0"} | months
    totals = [
        total | {"RBUKRS": "1000", "DRCRK": "S", "HSLVT": "50.00", "HSL08": "100.00", "HSL10": "7.00"},
        total | {"RBUKRS": "1000", "DRCRK": "H", "HSL09": "-30.00"},
        total | {"RBUKRS": "2000", "DRCRK": "S", "HSL09": "1.00"},
    ]
    codes = [
        {"BUKRS": "1000", "BUTXT": "One", "WAERS": "EUR", "PERIV": "K4"},
        {"BUKRS": "2000", "BUTXT": "Two", "WAERS": "EUR", "PERIV": "V3"},
    ]
    book = book_of(tmp_path, BKPF=[head("1")], BSEG=[line("1", "50.00")], FAGLFLEXT=totals, T001=codes)
    ends = dict(
        zip(book["gl_balances"]["as_of"].dt.strftime("%m-%d"), book["gl_balances"]["balance"], strict=True)
    )
    assert {day: ends[day] for day in ("07-31", "08-31", "09-30", "10-31")} == {
        "07-31": 5000, "08-31": 15000, "09-30": 12000, "10-31": 12700,
    }  # fmt: skip
    assert "11-30" not in ends
    assert notes(book)["years_are_not_calendar_years"] == "2000"


def test_rates_of_tcurr(tmp_path: Path) -> None:
    rate = {"KURST": "M", "TCURR": "EUR", "GDATU": str(99999999 - 20261031), "FFACT": "1", "TFACT": "1"}
    rows = [
        rate | {"FCURR": "USD", "UKURS": "0.92000"},
        rate | {"FCURR": "GBP", "UKURS": "-0.87000"},  # indirect: 1 EUR costs 0.87 GBP
        rate | {"FCURR": "JPY", "UKURS": "0.61000", "FFACT": "100"},
        rate | {"KURST": "P", "FCURR": "USD", "UKURS": "0.5"},
    ]
    rates = book_of(tmp_path, BKPF=[head("1")], BSEG=[line("1", "5.00")], TCURR=rows)["fx_rates"]
    closing = rates[rates["kind"].eq("closing")]
    assert closing[["base", "quote", "rate"]].to_numpy().tolist() == [
        ["EUR", "GBP", "0.87"], ["JPY", "EUR", "0.0061"], ["USD", "EUR", "0.92"],
    ]  # fmt: skip
    assert closing["date"].unique().tolist() == [pd.Timestamp("2026-10-31")]


def test_customers_of_a_company_code_carry_terms_head_office_and_clerk(tmp_path: Path) -> None:
    book = book_of(
        tmp_path, BKPF=[head("1")], BSEG=[line("1", "5.00")], KNA1=[{"KUNNR": "42", "NAME1": "Foo", "LAND1": "DE"}],
        KNB1=[{"KUNNR": "42", "BUKRS": "1000", "AKONT": "140000", "ZTERM": "Z030", "KNRZE": "7", "BUSAB": "01"}],
        T001S=[{"BUKRS": "1000", "BUSAB": "01", "SNAME": "Ann"}],
    )  # fmt: skip
    found = book["customers"].iloc[0]
    assert (found["entity"], found["name"], found["terms"], found["parent_id"], found["collector"]) == (
        "1000", "Foo", "Z030", "7", "Ann",
    )  # fmt: skip


def test_open_index_lines_alone_have_no_entry_times_and_say_what_is_missing(tmp_path: Path) -> None:
    open_line = line("1", "5.00") | {"BLART": "RV", "BLDAT": "20260901", "BUDAT": "20260901", "WAERS": "EUR"}
    book = load_book(
        [SourceSpec(folder=write(tmp_path, BSID=[open_line]), profile="sap-index")],
        root=tmp_path,
        functional={"1000": "EUR"},
    )
    assert book["items"]["amount"].tolist() == [500]
    assert "entry_times" not in book.features
    assert notes(book)["cleared_lines_not_given"] == "BSID alone"


def test_the_universal_journal_is_signed_and_knows_its_due_date(tmp_path: Path) -> None:
    own = {
        "RLDNR": "0L", "RBUKRS": "1000", "GJAHR": "2026", "BELNR": "1", "BUZEI": "001", "DOCLN": "000001",
        "RACCT": "140000", "KOART": "D", "KUNNR": "42", "BUDAT": "20260901", "BLDAT": "20260901", "BLART": "RV",
        "RWCUR": "USD", "RHCUR": "EUR", "NETDT": "20261015", "TIMESTAMP": "20260901101500",
    }  # fmt: skip
    rows = [
        own | {"DRCRK": "S", "WSL": "110.00", "HSL": "100.00"},
        own | {"BELNR": "2", "BLART": "DZ", "DRCRK": "H", "WSL": "-50.00", "HSL": "-45.00", "NETDT": ""},
        own | {"RLDNR": "2L", "DRCRK": "S", "WSL": "999.00", "HSL": "999.00"},
    ]
    book = load_book(
        [SourceSpec(folder=write(tmp_path, ACDOCA=rows), profile="sap-s4")],
        root=tmp_path,
        functional={"1000": "EUR"},
    )
    items = book["items"]
    assert items["amount"].tolist() == [11000, -5000]
    assert items["functional_amount"].tolist() == [10000, -4500]
    assert items["due_date"].tolist()[0] == pd.Timestamp("2026-10-15")
    assert items["entered_at"].tolist()[0] == pd.Timestamp("2026-09-01 10:15", tz="UTC")
    assert "entry_times" in book.features


@pytest.mark.parametrize("lost", ["SHKZG", "KUNNR", "HKONT", "DMBTR"])
def test_a_column_that_is_missing_is_named(tmp_path: Path, lost: str) -> None:
    row = line("1", "5.00")
    del row[lost]
    with pytest.raises(SourceError, match=lost):
        book_of(tmp_path, BKPF=[head("1")], BSEG=[row])


@pytest.mark.parametrize("amount", ["1,2,3.00", "12.345", "abc", "1e5", "--5.00", "NaN"])
def test_a_transfer_with_an_amount_that_is_none_is_refused(tmp_path: Path, amount: str) -> None:
    rows = [line("1", "100.00"), line("2", "80.00", "H"), *transfer("7")]
    rows[3] |= {"WRBTR": amount}
    with pytest.raises(TableError):
        book_of(tmp_path, BKPF=[head("1"), head("2", "DZ"), head("7", "AB")], BSEG=rows)


@pytest.mark.parametrize(
    ("style", "amounts"),
    [
        (["1,234.56"], ("2,062.00", "2,060.00", "2.00", "3,000.00")),
        (["1.234,56"], ("2.062,00", "2.060,00", "2,00", "3.000,00")),
        (["1234.56"], ("2062.00", "2060.00", "2.00", "3000.00")),
    ],
)
def test_amounts_of_a_transfer_in_any_number_style(
    tmp_path: Path, style: list[str], amounts: tuple[str, ...]
) -> None:
    gross, taken, discount, whole = amounts
    rows = [line("1", whole), line("2", whole, "H"), *transfer("7")]
    rows[2] |= {"WRBTR": taken, "DMBTR": taken, "HKONT": "140000"}
    rows[3] |= {"WRBTR": gross, "DMBTR": gross, "WSKTO": discount, "SKNTO": discount}
    rows[4] |= {"WRBTR": discount, "DMBTR": discount}
    write(tmp_path, BKPF=[head("1"), head("2", "DZ"), head("7", "AB")], BSEG=rows)
    spec = SourceSpec(folder=tmp_path, profile="sap", options={"number_style": style})
    book = load_book([spec], root=tmp_path)
    made = book["applications"].iloc[0]
    assert (int(made["target_amount"]), int(made["discount"]), int(made["realised_fx"])) == (206000, 200, 0)
    assert rest(book) == {"1": 93800, "2": -94000}
    moved = book["gl_lines"][book["gl_lines"]["journal_id"].eq("7-2026")]
    assert moved["amount"].tolist() == [-200]


def test_the_exchange_difference_of_a_clearing_is_no_item_and_agrees_with_the_ledger(tmp_path: Path) -> None:
    lines = [
        line("1", "110.00", DMBTR="100.00", **PAID),
        line("2", "110.00", "H", DMBTR="95.00", **PAID),
        line("900", "0.00", "H", DMBTR="5.00", **PAID),
    ]
    heads = [head("1", WAERS="USD"), head("2", "DZ", WAERS="USD"), head("900", "AB", "20261005", WAERS="USD")]
    book = book_of(tmp_path, BKPF=heads, BSEG=lines)
    assert len(book["items"]) == 2
    made = book["applications"].iloc[0]
    assert (made["application_id"], int(made["realised_fx"])) == ("900-2026-1", -500)
    assert book["gl_lines"].set_index("document_no")["functional_amount"].to_dict() == {
        "1": 10000, "2": -9500, "900-2026-1": -500,
    }  # fmt: skip
    scope = Scope(
        entity="1000", entity_name="One", functional_currency="EUR", period="2026-10", starts_on=date(2026, 10, 1),
        ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31), time_zone="UTC",
    )  # fmt: skip
    tied = tie_out(book, scope=scope)
    assert [control.status for control in tied.controls] == ["tied"]
    assert not len(tied.unexplained)


@pytest.mark.parametrize("days", ["9999999", "9" * 20, "\u00b2", "-5", "3.5"])
def test_a_day_count_that_is_none_is_refused(tmp_path: Path, days: str) -> None:
    with pytest.raises(TableError, match="due_date"):
        book_of(tmp_path, BKPF=[head("1")], BSEG=[line("1", "5.00", ZFBDT="20260901", ZBD1T=days)])
