"""Bank statements as CSV and XLSX by mapping profile: every sample, and what a sheet's own balances prove."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from arlib.errors import InputError, ParameterError, SourceError
from arlib.sources import SourceSpec, identify, load_book
from arlib.sources.profile import Frame
from arlib.sources.raw import ReadOptions, read_raw
from arlib.tables import Book

Load = Callable[..., Book]
FOLDER = "data/bank/csv-xlsx-statements"

# file, profile, role: currency, amounts in minor units in the file's order, opening and closing, problems
SAMPLES = [
    ("balance.csv", "bank-csv", "lines", "USD", [-33_50, 1533_50], (10_00, 1510_00), []),
    ("debit_credit.csv", "bank-csv", "by_code", "USD", [-33_50, 1533_50], (10_00, 1510_00), []),
    # its balances agree only when debit is money in: 10.00 - 20.00 - 13.50 + 33.50 + 1,500.00 = 1,510.00
    ("debit_credit_amount.csv", "bank-csv-ledger", "by_column", "USD", [-20_00, -13_50, 33_50, 1500_00], (10_00, 1510_00), []),
    ("debit_credit_amount.csv", "bank-csv", "by_column", "USD", [20_00, 13_50, -33_50, -1500_00], (None, None),
     ["running_balance_differs"]),
    ("multi_currency.csv", "bank-csv", "in_currencies", "", [-33_50, 1525_00], None, []),
    ("original_currency.csv", "bank-csv", "original", "USD", [1525_00], None, []),
    ("original_currency_empty.csv", "bank-csv", "original", "USD", [1525_00], None, []),
    ("original_currency_no_header.csv", "bank-csv-bare", "lines", "USD", [1525_00], None, []),
    ("sample_statement_credit_card_inverse_sign_en.csv", "bank-csv-card", "original", "USD", [-33_50, 1525_00], None, []),
    ("sample_statement_en.csv", "bank-csv", "original", "USD", [-33_50, 1525_00], None, []),
    ("sample_statement_en.xlsx", "bank-csv", "original", "USD", [-33_50, 1525_00], None, []),
    # 30,000.77 - 50.00 - 100.00 - 80.68 + 1,300.00 = 31,070.09, and the file says 31,070.11
    ("meta_data_separated_credit_debit.csv", "bank-csv-framed", "statement", "EUR", [-50_00, -100_00, -80_68, 1300_00],
     (30000_77, 31070_11), ["statement_does_not_add_up"]),
    ("meta_data_separated_credit_debit.xlsx", "bank-csv-framed", "statement", "EUR", [-50_00, -100_00, -80_68, 1300_00],
     (30000_77, 31070_11), ["statement_does_not_add_up"]),
]  # fmt: skip


def own(currency: str = "") -> dict[str, object]:
    """What a sheet cannot say of itself."""
    return {"entity": "OWN", "bank_account": "MAIN", "currency": currency or "USD"}


@pytest.fixture
def load(load: Load) -> Load:
    """The same, told whose account it is where a test does not say."""

    def loaded(files: dict[str, str | bytes], **more: Any) -> Any:
        return load(files, **{"options": own("EUR" if "framed" in more["profile"] else "USD"), **more})

    return loaded  # type: ignore[return-value]


def test_nobody_guesses_whose_account_a_sheet_is_of(load: Load) -> None:
    text = "Date,Label,Amount\n10/31/2026,fee,-5.00\n"
    for missing in ("entity", "bank_account", "currency"):
        options = {name: value for name, value in own().items() if name != missing}
        with pytest.raises(ParameterError, match=f"Set the option `{missing}`"):
            load({"s.csv": text}, profile="bank-csv", tables={"lines": ("s.csv",)}, options=options)


@pytest.mark.shared
def test_the_table_names_every_sample(shared: Path) -> None:
    there = {path.name for path in (shared / FOLDER).iterdir() if path.suffix in (".csv", ".xlsx")}
    assert there == {name for name, *_ in SAMPLES}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "profile", "role", "currency", "amounts", "balances", "codes"), SAMPLES)
def test_a_sample_is_read(
    shared: Path, name: str, profile: str, role: str, currency: str, amounts: list[int],
    balances: tuple[int | None, int | None] | None, codes: list[str],
) -> None:  # fmt: skip
    book = load_book(
        [SourceSpec(folder=shared / FOLDER, profile=profile, tables={role: (name,)}, options=own(currency))],
        root=shared,
    )
    lines = book["bank_lines"]
    assert sorted(lines["amount"]) == sorted(amounts)
    assert set(lines["currency"]) == ({currency} if currency else {"EUR", "USD"})
    assert set(lines["kind"]) <= {"receipt", "other"}
    assert lines["kind"].eq("receipt").tolist() == lines["amount"].gt(0).tolist()
    assert book.problems["code"].tolist() == codes
    if balances is not None:
        (statement,) = book["bank_statements"].to_dict("records")
        given = [statement["opening"], statement["closing"]]
        found = tuple(None if pd.isna(value) else value for value in given)
        assert found == balances
        assert statement["net"] == sum(amounts)
        assert set(lines["statement_id"]) == {statement["statement_id"]}


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["balance.csv", "debit_credit.csv", "sample_statement_en.xlsx", "multi_currency.csv"]
)
def test_identify_offers_the_plain_profile_first(shared: Path, name: str) -> None:
    assert identify(shared / FOLDER / name)[0] == "bank-csv"


@pytest.mark.shared
def test_identify_knows_the_lines_about_the_account(shared: Path) -> None:
    for suffix in ("csv", "xlsx"):
        assert identify(shared / FOLDER / f"meta_data_separated_credit_debit.{suffix}") == ["bank-csv-framed"]


NEWEST_FIRST = 'Date,Label,Amount,Balance\n10/31/2026,c,"1,000.00","1,060.00"\n10/30/2026,b,-40.00,60.00\n10/30/2026,a,50.00,100.00\n'


def test_a_balance_may_run_up_the_sheet(load: Load) -> None:
    """50.00 + 50.00 = 100.00; - 40.00 = 60.00; + 1,000.00 = 1,060.00."""
    book = load({"statement.csv": NEWEST_FIRST}, profile="bank-csv", tables={"lines": ("statement.csv",)})
    (statement,) = book["bank_statements"].to_dict("records")
    assert (statement["opening"], statement["closing"], statement["net"]) == (50_00, 1060_00, 1010_00)
    assert not len(book.problems)


def test_a_line_that_is_missing_shows_in_the_balance(load: Load) -> None:
    lines = NEWEST_FIRST.splitlines(keepends=True)
    book = load(
        {"statement.csv": "".join([*lines[:2], lines[3]])},
        profile="bank-csv",
        tables={"lines": ("statement.csv",)},
    )
    assert book.problems["code"].tolist() == ["running_balance_differs"]


def test_lines_that_are_alike_are_two_lines_and_options_name_the_account(load: Load) -> None:
    text = "Date,Label,Amount\n10/31/2026,fee,-5.00\n10/31/2026,fee,-5.00\n10/31/2026,x,0.00\n"
    options = {"bank_account": "GB00", "currency": "GBP", "entity": "UK01"}
    book = load(
        {"statement.csv": text}, profile="bank-csv", tables={"lines": ("statement.csv",)}, options=options
    )
    lines = book["bank_lines"]
    assert lines["bank_line_id"].is_unique
    assert set(zip(lines["entity"], lines["bank_account"], lines["currency"], strict=True)) == {
        ("UK01", "GB00", "GBP")
    }
    assert sorted(lines["kind"]) == ["other", "other", "other"]


FRAMED = (
    "Account Number : 123,: EUR,,,,\n,,,,,\nBalance at end of period,,,,\"100,00\",\n"
    "Date,Operation Number,Label,Debit,Credit,Detail\n01/04/20,1,a,\"-50,00\",,x\n02/04/20,2,b,,\"120,00\",y\n"
    "Balance at start of period,,,,\"30,00\",\n"
)  # fmt: skip


def test_a_cut_anywhere_above_the_footers_value_is_refused(load: Load, tmp_path: Path) -> None:
    tables = {"statement": ("statement.csv",)}
    book = load({"statement.csv": FRAMED}, profile="bank-csv-framed", tables=tables)
    assert not len(book.problems)
    assert book["bank_lines"]["amount"].sum() == 70_00
    for end in range(len(FRAMED) - len(',"30,00",\n')):
        (tmp_path / "cut.csv").write_text(FRAMED[:end])
        options = ReadOptions(
            expected=("Date", "Operation Number", "Label", "Debit", "Credit", "Detail"),
            frame=Frame(
                header="found",
                footer=("Balance at start of period",),
                stated={"opening": "Balance at start of period"},
            ),
        )
        with pytest.raises(InputError):
            read_raw(tmp_path / "cut.csv", options=options)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Operation Number", "Number", "no row holds the header"),
        ("Balance at start of period", "End", "below the records is missing"),
        (",x\n", ",x,y,z\n", "wrong number of fields"),
        ("-50,00", "-50.00", "other number style"),
        ("Date,Op", "Date,Date,Op", "twice in the header"),
    ],
)
def test_a_framed_sheet_that_is_another_is_refused(load: Load, old: str, new: str, words: str) -> None:
    assert old in FRAMED
    with pytest.raises(InputError, match=words):
        load({"s.csv": FRAMED.replace(old, new)}, profile="bank-csv-framed", tables={"statement": ("s.csv",)})


def test_columns_without_a_header_are_told_by_their_number(load: Load) -> None:
    good = '12/15/2018,pay,EUR,"1,525.00",,Azure,,INV1\n'
    book = load({"s.csv": good}, profile="bank-csv-bare", tables={"lines": ("s.csv",)})
    assert book["bank_lines"]["reference"].tolist() == ["INV1"]
    with pytest.raises(InputError, match="wrong number of fields"):
        load({"s.csv": "12/15/2018,pay,EUR\n" + good}, profile="bank-csv-bare", tables={"lines": ("s.csv",)})


ADVICE = (
    "Reference,Gross,Discount,Deduction,Net,Reason,Payment Reference,Payment Date\n"
    "INV-1,\"1,000.00\",20.00,,980.00,,P-7,2026-11-02\nINV-2,500.00,,50.00,450.00,short,P-7,2026-11-02\nCM-3,(30.00),,,(30.00),,P-7,2026-11-02\n"
)  # fmt: skip


def test_a_remittance_advice_by_profile(load: Load) -> None:
    """980.00 + 450.00 - 30.00 = 1,400.00."""
    book = load({"advice.csv": ADVICE}, profile="remittance-csv")
    lines = book["remittances"].sort_values("reference")
    assert lines["reference"].tolist() == ["CM-3", "INV-1", "INV-2"]
    assert lines["net"].tolist() == [-30_00, 980_00, 450_00]
    assert lines["net"].sum() == 1400_00
    assert lines["deduction"].dropna().tolist() == [50_00]
    assert set(lines["payment_reference"]) == {"P-7"}


def test_a_hostile_sheet_is_refused(tmp_path: Path) -> None:
    frame = Frame(header="found", footer=("End",))
    for content in (
        b"",
        b"\x00" * 100,
        b"PK\x03\x04broken",
        b'"' * 10_001,
        b"a,b\n" * 100_000,
        b"," * 200_000,
        b"x" * 2_000_000,
    ):
        (tmp_path / "s.csv").write_bytes(content)
        with pytest.raises(InputError):
            read_raw(tmp_path / "s.csv", options=ReadOptions(expected=("Date",), frame=frame))
    with pytest.raises(SourceError):
        read_raw(
            tmp_path / "s.csv",
            options=ReadOptions(
                expected=("Date",), frame=Frame(header="none", columns=("a", "b"), footer=("End",))
            ),
        )


OWN = """\
extends: bank-csv-framed
profile: our-bank
files:
  statement:
    header: [Buchungstag, Text, Soll, Haben]
    frame: {header: found, footer: [Anfangssaldo], stated: {opening: Anfangssaldo, closing: Endsaldo}}
tables:
  - into: bank_lines
    columns:
      bank_line_id: {identity: [Buchungstag, Text, Soll, Haben]}
      booking_date: Buchungstag
      amount: &amount
        first_of:
          - {column: Haben, absolute: true, when: [{column: Haben, is: not_zero}]}
          - {column: Soll, absolute: true, negate: true, when: [{column: Soll, is: not_zero}]}
          - {constant: "0"}
      kind: {by_sign: {of: *amount, plus: receipt, minus: other, zero: other}}
      remittance_text: Text
      bank_reference: {constant: ""}
"""


def test_a_layout_of_ones_own(load: Load) -> None:
    """30.00 - 50.00 + 100.00 = 80.00."""
    sheet = "Konto : 1\nEndsaldo;;;80,00\nBuchungstag;Text;Soll;Haben\n01/04/26;a;-50,00;\n02/04/26;b;;100,00\nAnfangssaldo;;;30,00\n"
    files: dict[str, str | bytes] = {"our-bank.yml": OWN, "s.csv": sheet}
    book = load(files, profile="our-bank.yml", tables={"statement": ("s.csv",)})
    assert sorted(book["bank_lines"]["amount"]) == [-50_00, 100_00]
    (statement,) = book["bank_statements"].to_dict("records")
    assert (statement["opening"], statement["closing"]) == (30_00, 80_00)
    assert not len(book.problems)
