"""Hostile and odd input: refused with where and what, or read and inert; never half taken up."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from arlib.errors import InputError, SourceError, TableError
from arlib.tables import Book

Load = Callable[..., Book]
ITEMS = """\
item_id,entity,customer_id,item_type,document_no,effective_date,due_date,currency,amount
I1,US01,00417,invoice,1001,2026-09-01,2026-10-01,USD,1234.50
I2,US01,00417,invoice,1002,2026-09-02,2026-10-02,EUR,99.99
I3,UK01,NO,invoice,1003,2026-09-03,,GBP,10.00
R1,US01,00417,receipt,2001,2026-10-05,,USD,-1000.00
"""
APPLICATIONS = """\
application_id,entity,source_item_id,target_item_id,effective_date,source_currency,source_amount,target_currency,target_amount,kind,reason,pairing
A1,US01,R1,I1,2026-10-05,USD,1000.00,USD,1000.00,payment,payment,stated
"""

HEAD, FIRST, *REST = ITEMS.splitlines()


def with_first(old: str, new: str) -> str:
    assert old in FIRST
    return "\n".join([HEAD, FIRST.replace(old, new), *REST]) + "\n"


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        ("2026-09-01", "31.02.2026", "not a date", "effective_date"),
        ("2026-09-01", "2026-02-31", "not a date", "effective_date"),
        ("2026-09-01", "1026-02-01", "date out of range", "effective_date"),
        ("2026-09-01", "", "missing value", "effective_date"),
        ("1234.50", '"1.234,56"', "other number style", "amount"),
        ("1234.50", '"1,234.56"', "other number style", "amount"),
        ("1234.50", "1234.567", "too many places", "amount"),
        ("1234.50", "1e3", "not an amount", "amount"),
        ("1234.50", "NaN", "not an amount", "amount"),
        ("1234.50", "99999999999999999999", "amount too large", "amount"),
        ("1234.50", "", "missing value", "amount"),
        ("USD", "USX", "unknown currency", "currency"),
        ("USD", "usd", "unknown currency", "currency"),
        ("USD", "", "missing value", "currency"),
        ("invoice", "bill", "not a choice", "item_type"),
    ],
)
def test_a_bad_value_refuses_the_load_and_names_row_and_column(
    load: Load, old: str, new: str, code: str, column: str
) -> None:
    with pytest.raises(TableError) as caught:
        load({"items.csv": with_first(old, new)})
    assert caught.value.exit_code == 2
    fault = next(problem for problem in caught.value.problems if problem.column == column)
    assert (fault.row, fault.code.replace("_", " "), fault.file) == (2, code, "items.csv")
    assert len(str(caught.value).splitlines()) <= 2

    aside = load({"items.csv": with_first(old, new)}, on_rejected="set_aside")
    assert sorted(aside["items"]["item_id"]) == ["I2", "I3", "R1"]


@pytest.mark.parametrize("start", ["=", "+", "@", "\t", "\r"])
@pytest.mark.parametrize("column", ["item_id", "customer_id", "document_no", "entity"])
def test_an_id_that_begins_like_a_formula_refuses_the_file_in_either_mode(
    load: Load, start: str, column: str
) -> None:
    old = dict(zip(HEAD.split(","), FIRST.split(","), strict=True))[column]
    text = "\n".join([HEAD, FIRST.replace(old, f'"{start}{old}"', 1), *REST])
    for mode in ("refuse", "set_aside"):
        with pytest.raises(TableError, match="formula like id") as caught:
            load({"items.csv": text}, on_rejected=mode)
        assert {problem.column for problem in caught.value.problems} >= {column}


def test_all_faults_of_a_file_are_reported_at_once(load: Load) -> None:
    text = ITEMS.replace("2026-09-01", "x").replace("99.99", "y").replace("GBP", "z")
    with pytest.raises(TableError, match="and 2 more") as caught:
        load({"items.csv": text})
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (2, "effective_date"),
        (3, "amount"),
        (4, "currency"),
    ]


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x","y")', "<script>alert(1)</script>", "../../x", "\u202eevil", "-1+1"]
)
def test_names_and_texts_may_be_anything_and_stay_what_they_are(load: Load, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    customers = f"customer_id,name\n00417,{quoted}\n"
    book = load({"items.csv": ITEMS, "customers.csv": customers})
    assert book["customers"]["name"].tolist() == [name]


def test_an_id_may_begin_with_a_minus(load: Load) -> None:
    assert "-12" in set(load({"items.csv": ITEMS.replace("00417", "-12")})["items"]["customer_id"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (ITEMS.replace("document_no", "item_id").encode(), "column stands twice in the header"),
        (ITEMS.replace("amount", "amuont").encode(), "Did you mean 'amuont'"),
        ((ITEMS[:-30]).encode(), "row 5: wrong number of fields"),
        (ITEMS.replace("1002,", "1002,,").encode(), "row 3: wrong number of fields"),
        (ITEMS.replace("I3,", '"I3,').encode(), "a quoted field does not end"),
        (ITEMS.replace("00417", "M\u00fcller").encode("latin-1"), "line 2 is not UTF-8"),
        (b"\x00\x01\x02\xff\xfe" * 50, "not certain|NUL|delimited"),
        (b"PK\x03\x04broken", "not readable as a workbook"),
        (b"PAR1broken", "not readable as Parquet"),
    ],
)
def test_a_file_that_is_cut_or_not_what_it_seems_is_refused(load: Load, content: bytes, words: str) -> None:
    for mode in ("refuse", "set_aside"):
        with pytest.raises(InputError, match=words) as caught:
            load({"items.csv": content}, on_rejected=mode)
        assert len(str(caught.value).splitlines()) <= 2


def test_a_compressed_file_that_is_cut_is_refused(load: Load) -> None:
    packed = gzip.compress(ITEMS.encode())
    for content in (packed[:-10], packed[:20], b"\x1f\x8bnothing"):
        with pytest.raises(SourceError, match="cut or damaged"):
            load({"items.csv.gz": content})


def test_a_wrongly_declared_encoding_is_refused_with_the_line(load: Load) -> None:
    text = ITEMS.replace("00417", "M\u00fcller")
    with pytest.raises(SourceError, match="line 2 is not ascii"):
        load({"items.csv": text}, options={"encoding": "ascii"})
    with pytest.raises(SourceError, match="no such encoding"):
        load({"items.csv": text}, options={"encoding": "utf-9"})


def test_quotes_line_breaks_and_blank_lines_inside_are_read_and_rows_counted_as_a_person_does(
    load: Load,
) -> None:
    text = f'{HEAD},text\n{FIRST},"two\nlines, ""quoted"""\n\n{REST[1]},5" pipe\n{REST[0]},ok\n{REST[2]},x\n'
    items = load({"items.csv": text})["items"].set_index("item_id")
    assert items.loc["I1", "text"] == 'two\nlines, "quoted"'
    assert items.loc["I3", "text"] == '5" pipe'
    with pytest.raises(TableError) as caught:
        load({"items.csv": text.replace("GBP", "XYZ")})
    assert caught.value.problems[0].row == 4  # the blank line is row 3


def test_rows_that_share_a_key_are_all_out(load: Load) -> None:
    text = ITEMS + FIRST.replace("1234.50", "7.00") + "\n"
    with pytest.raises(TableError, match="duplicate key"):
        load({"items.csv": text})
    aside = load({"items.csv": text}, on_rejected="set_aside")
    assert sorted(aside["items"]["item_id"]) == ["I2", "I3", "R1"]
    assert aside.inputs.set_index("currency").loc["USD", "amount_rejected"] == 123450 + 700


def test_an_application_must_name_items_that_are_there_in_their_currency(load: Load) -> None:
    gone = APPLICATIONS.replace(",I1,", ",I9,")
    with pytest.raises(TableError, match=r"applications.csv, row 2, column 'target_item_id': unknown item"):
        load({"items.csv": ITEMS, "applications.csv": gone})
    other = APPLICATIONS.replace(",I1,", ",I2,")
    with pytest.raises(TableError, match="currency differs from item"):
        load({"items.csv": ITEMS, "applications.csv": other})


def test_a_rejected_item_takes_its_applications_with_it_by_name(load: Load) -> None:
    files = {"items.csv": with_first("1234.50", "x"), "applications.csv": APPLICATIONS}
    book = load(files, on_rejected="set_aside")
    assert len(book["applications"]) == 0
    assert set(book.problems["code"]) == {"not_an_amount", "unknown_item"}


def test_instalments_must_sum_to_their_item(load: Load) -> None:
    head = "entity,item_id,instalment_no,due_date,currency,amount\n"
    good = head + "US01,I1,1,2026-10-01,USD,1000.00\nUS01,I1,2,2026-11-01,USD,234.50\n"
    assert len(load({"items.csv": ITEMS, "instalments.csv": good})["instalments"]) == 2
    with pytest.raises(TableError, match="parts do not sum to the item"):
        load({"items.csv": ITEMS, "instalments.csv": good.replace("234.50", "234.51")})


def test_a_column_that_is_not_read_is_noted_with_the_nearest_name(load: Load) -> None:
    book = load({"items.csv": ITEMS.replace("due_date", "due_dat")})
    note = book.problems.iloc[0]
    assert (note["code"], note["found"], note["severity"]) == ("column_not_read", "due_dat", "noted")
    assert "due_date" in note["wanted"]


def test_a_loose_reference_is_noted_only(load: Load) -> None:
    book = load({"items.csv": ITEMS, "customers.csv": "customer_id,name\n00417,A\n"})
    assert book.problems[["code", "found"]].to_numpy().tolist() == [["unknown_customer", "NO"]]
    assert len(book["items"]) == 4


def test_totals_beyond_64_bits_are_refused_and_never_wrap(load: Load) -> None:
    big = "92233720368547758.00"
    text = ITEMS.replace("1234.50", big).replace("99.99", big).replace("EUR", "USD")
    with pytest.raises(SourceError, match="does not fit 64 bits"):
        load({"items.csv": text})
