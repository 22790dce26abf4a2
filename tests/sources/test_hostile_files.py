"""Hostile and odd input: refused with where and what, or read and inert; never half taken up."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from arlib.errors import InputError, SourceError, TableError
from arlib.sources import archive, encoding, identify, load_profile, raw, read_book, write_book
from arlib.sources.convert import to_day
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


ODD_STARTS = [
    " =", "\u00a0=", "\u200b=", "\ufeff+", "\n=", "\u2028@", " \u200d =", "\uff1d", "\uff0b", "\uff20",
    "-1+", "-cmd|", "-(", " -2*",
]  # fmt: skip


@pytest.mark.parametrize("start", ODD_STARTS)
def test_blanks_and_look_alikes_hide_no_formula(load: Load, start: str) -> None:
    text = with_first("00417", f'"{start}417"')
    for mode in ("refuse", "set_aside"):
        with pytest.raises(TableError, match=r"an id could act as a formula.*row 2.*formula like id"):
            load({"items.csv": text}, on_rejected=mode)


@pytest.mark.parametrize(
    "customer",
    [
        "417 ",
        " 417",
        "417\u00a0",
        "\u200b417",
        "417\n",
        "4\n17",
        "4\t17",
        "4\u202817",
        "4\u200b17",
    ],
)
def test_an_id_with_blanks_is_rejected_and_never_trimmed(load: Load, customer: str) -> None:
    text = with_first("00417", f'"{customer}"')
    with pytest.raises(TableError, match="id with blanks") as caught:
        load({"items.csv": text})
    assert [(p.row, p.column, p.code) for p in caught.value.problems] == [
        (2, "customer_id", "id_with_blanks")
    ]
    aside = load({"items.csv": text}, on_rejected="set_aside")
    assert sorted(aside["items"]["item_id"]) == ["I2", "I3", "R1"]
    assert aside.problems["code"].tolist() == ["id_with_blanks"]


@pytest.mark.parametrize(
    "customer", ["-12", "-A/7", "-", "A B", "M\u00fcller & Co", "a=b", "\u682a\u5f0f", "#1"]
)
def test_honest_ids_stay_what_they_are(load: Load, customer: str) -> None:
    book = load({"items.csv": with_first("00417", customer)})
    assert customer in set(book["items"]["customer_id"])
    assert book.problems.empty


def test_a_last_record_without_line_end_is_read_and_noted(load: Load) -> None:
    assert load({"items.csv": ITEMS}).problems.empty
    for cut, row, amount in ((ITEMS[:-2], 5, -100000), (ITEMS[:-5], 5, -10000), (HEAD, 1, None)):
        book = load({"items.csv": cut})
        assert book.problems[["row", "code", "severity"]].to_numpy().tolist() == [
            [row, "no_final_line_end", "noted"]
        ]
        if amount is not None:  # of -1000.00 the cuts leave -1000.0 and -100: both are amounts
            assert book["items"].set_index("item_id").loc["R1", "amount"] == amount
    assert load({"items.csv": ITEMS.replace("\n", "\r\n")}).problems.empty


def test_a_compression_bomb_is_refused_before_it_fills_the_memory(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "BOMB_BYTES", 2 << 20)
    bomb = gzip.compress(b"0" * (64 << 20))
    tracemalloc.start()
    with pytest.raises(SourceError, match="expands without measure") as caught:
        load({"items.csv.gz": bomb})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.exit_code == 2
    assert peak < 24 << 20
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (8 << 20))
    with pytest.raises(SourceError, match="expands without measure"):
        load({"items.xlsx": packed.getvalue()}, tables={"items": ("items.xlsx",)})


def test_a_large_file_that_shrinks_as_text_does_is_no_bomb(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "BOMB_BYTES", 100)
    assert len(load({"items.csv.gz": gzip.compress(ITEMS.encode())})["items"]) == 4
    monkeypatch.setattr(archive, "MAX_EXPANDED_BYTES", 200)
    with pytest.raises(SourceError, match="expands without measure"):
        load({"items.csv.gz": gzip.compress(ITEMS.encode())})


def test_a_file_larger_than_the_memory_is_a_source_error(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(raw, "_read", full)
    with pytest.raises(SourceError, match="larger than the memory"):
        load({"items.csv": ITEMS})


def test_what_the_system_says_against_a_file_is_a_source_error(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = load({"items.csv": ITEMS})

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as closed:
        closed.setattr(Path, "read_bytes", denied)
        with pytest.raises(SourceError, match=r"items.csv: cannot be read \(Permission denied\)"):
            load({}, tables={"items": ("items.csv",)})
    with monkeypatch.context() as closed:
        closed.setattr(Path, "open", denied)
        with pytest.raises(SourceError, match="cannot be read"):
            identify(tmp_path / "items.csv")
    with monkeypatch.context() as closed:
        closed.setattr(Path, "mkdir", denied)
        with pytest.raises(SourceError, match="cannot be written"):
            write_book(book, tmp_path / "book")
    write_book(book, tmp_path / "book")
    with monkeypatch.context() as closed:
        closed.setattr(Path, "read_text", denied)
        with pytest.raises(SourceError, match="cannot be read"):
            read_book(tmp_path / "book")
        (tmp_path / "own.yml").touch()
        with pytest.raises(SourceError, match="cannot be read"):
            load_profile("own.yml", root=tmp_path)
    with monkeypatch.context() as closed:
        there = Path.is_dir
        closed.setattr(Path, "is_dir", lambda path: denied() if path == tmp_path else there(path))
        with pytest.raises(SourceError, match="cannot be read"):
            load({})


def test_root_causes_come_first_each_once_and_what_follows_from_them_last(load: Load) -> None:
    files = {"items.csv": with_first("1234.50", "x"), "applications.csv": APPLICATIONS}
    files["instalments.csv"] = (
        "entity,item_id,instalment_no,due_date,currency,amount\nUS01,I1,1,2026-10-01,USD,1\n"
    )
    with pytest.raises(
        TableError, match=r"items.csv, row 2, column 'amount': not an amount.*and 2 more"
    ) as caught:
        load(files)
    problems = caught.value.problems
    assert [(p.file, p.code) for p in problems] == [
        ("items.csv", "not_an_amount"), ("applications.csv", "unknown_item"), ("instalments.csv", "unknown_item"),
    ]  # fmt: skip
    assert len(set(problems)) == len(problems)


def test_a_western_file_is_advised_western_encodings_first(load: Load) -> None:
    for word in ("M\u00fcller", "Caf\u00e9 Zo\u00eb na\u00efve", "G\u00f6\u00dfmann \u00c7elik"):
        text = ITEMS.replace("00417", word).replace("NO,", "\u00c9ole\u00df,")
        with pytest.raises(SourceError, match="for example cp1252 or latin-1"):
            load({"items.csv": text.encode("latin-1")})
    cyrillic = "".join(chr(0x410 + n % 32) for n in range(8))
    assert encoding._western(f"id,name\n1,{cyrillic}\n".encode("cp1251")) == []
    assert encoding._western("id,name\n1,M\u00fcller \x81\n".encode("latin-1")) == ["latin-1"]


def test_a_date_is_wanted_by_example(load: Load) -> None:
    with pytest.raises(TableError, match=r"wanted a date as 2026-10-31 or 31\.10\.2026"):
        load(
            {"items.csv": with_first("2026-09-01", "1/9/26")},
            options={"date_formats": ("%Y-%m-%d", "%d.%m.%Y")},
        )
    assert "%" not in to_day(pd.Series(["x"]), load_profile("sap"), native=pd.Series([True])).wanted


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


@pytest.mark.parametrize("name", ["due_dat", "duedate", "Due Date", "DUE_DATE", "Due-Date"])
def test_a_misspelt_optional_column_refuses_the_file(load: Load, name: str) -> None:
    for mode in ("refuse", "set_aside"):
        with pytest.raises(SourceError, match=f"items.csv: unknown column '{name}'; did you mean 'due_date'"):
            load({"items.csv": ITEMS.replace("due_date", name)}, on_rejected=mode)


@pytest.mark.parametrize("name", ["warehouse", "amount_2", "unnamed_1"])
def test_a_column_of_another_kind_is_noted(load: Load, name: str) -> None:
    """`amount_2` is near `amount`, which is there: no value is lost by leaving it out."""
    lines = [f"{HEAD},{name}", *(f"{line},7" for line in (FIRST, *REST))]
    book = load({"items.csv": "\n".join(lines) + "\n"})
    assert book.problems[["code", "found", "severity"]].to_numpy().tolist() == [
        ["column_not_read", name, "noted"]
    ]


def test_a_loose_reference_is_noted_only(load: Load) -> None:
    book = load({"items.csv": ITEMS, "customers.csv": "customer_id,name\n00417,A\n"})
    assert book.problems[["code", "found"]].to_numpy().tolist() == [["unknown_customer", "NO"]]
    assert len(book["items"]) == 4


def test_totals_beyond_64_bits_are_refused_and_never_wrap(load: Load) -> None:
    big = "92233720368547758.00"
    text = ITEMS.replace("1234.50", big).replace("99.99", big).replace("EUR", "USD")
    with pytest.raises(SourceError, match="does not fit 64 bits"):
        load({"items.csv": text})


def test_a_zip_of_two_statements_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.sta", ":20:x")
        archive.writestr("b.sta", ":20:y")
    with pytest.raises(SourceError, match="found 2\n  Unpack it"):
        identify(path)
