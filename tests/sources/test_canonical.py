"""The canonical profile: typed rows, totals of what came in, and the same book whatever the format."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from pyarrow import parquet

from arlib.errors import IdentityError, ParameterError, SourceError, TableError
from arlib.sources import SourceSpec, intake_identities, load_book, write_book
from arlib.tables import CANONICAL, Book
from arlib.tables.check import check

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

BOTH = {"items.csv": ITEMS, "applications.csv": APPLICATIONS}


def test_amounts_are_minor_units_and_codes_keep_their_zeros(load: Load) -> None:
    items = load(BOTH)["items"].set_index("item_id")

    assert items["amount"].to_dict() == {"I1": 123450, "I2": 9999, "I3": 1000, "R1": -100000}
    assert items.loc["I1", "customer_id"] == "00417"
    assert items.loc["I3", "customer_id"] == "NO"
    assert items.loc["I1", "due_date"] == pd.Timestamp("2026-10-01")
    assert pd.isna(items.loc["I3", "due_date"])


def test_every_loaded_table_passes_the_declared_check(load: Load) -> None:
    book = load(BOTH)
    for name, frame in book.tables.items():
        assert len(frame)
        assert check(frame, CANONICAL[name], file="x").problems.empty


def test_inputs_name_the_file_its_hash_rows_and_totals_by_currency(load: Load) -> None:
    inputs = load(BOTH).inputs
    items = inputs[inputs["table"].eq("items")].set_index("currency")

    assert items["rows_in"].to_dict() == {"EUR": 1, "GBP": 1, "USD": 2}
    assert items["amount_out"].to_dict() == {"EUR": 9999, "GBP": 1000, "USD": 23450}
    assert set(items["file"]) == {"items.csv"}
    assert set(items["bytes"]) == {len(ITEMS)}
    assert all(identity.holds for identity in intake_identities(load(BOTH)))


def test_a_broken_intake_identity_is_seen(load: Load) -> None:
    book = load(BOTH)
    inputs = book.inputs.assign(rows_out=book.inputs["rows_out"] - 1)
    broken = intake_identities(type(book)(book.tables, book.problems, inputs))
    with pytest.raises(IdentityError, match=r"rows of .* difference 1 rows"):
        _ = [identity.require() for identity in broken]


def test_a_file_without_records_and_one_with_a_single_record_are_valid(load: Load) -> None:
    header = ITEMS.splitlines()[0]
    empty = load({"items.csv": header})
    assert empty.has("items")
    assert len(empty["items"]) == 0
    assert empty.inputs["rows_in"].tolist() == [0]
    one = load({"items.csv": header + "\n" + ITEMS.splitlines()[1]})
    assert one["items"]["item_id"].tolist() == ["I1"]


def test_an_entity_that_the_parameters_do_not_declare_is_refused(load: Load) -> None:
    with pytest.raises(TableError, match="undeclared entity: found 'UK01', wanted one of US01"):
        load(BOTH, entities=("US01",))
    aside = load(BOTH, entities=("US01",), on_rejected="set_aside")
    assert aside["items"]["entity"].unique().tolist() == ["US01"]
    assert aside.inputs.set_index(["table", "currency"]).loc[("items", "GBP"), "amount_rejected"] == 1000
    assert len(load(BOTH, entities=("US01", "UK01"))["items"]) == 4


def test_set_aside_may_be_an_option_of_one_source(load: Load) -> None:
    book = load(BOTH, entities=("US01",), options={"on_rejected": "set_aside"})
    assert book.problems["code"].tolist() == ["undeclared_entity"]
    with pytest.raises(ParameterError, match="on_rejected"):
        load(BOTH, on_rejected="ignore")


def test_the_order_of_rows_and_columns_changes_nothing(load: Load) -> None:
    head, *rows = ITEMS.splitlines()
    names = head.split(",")
    frame = pd.DataFrame([row.split(",") for row in reversed(rows)], columns=names)
    turned = frame[names[::-1]].to_csv(index=False)
    assert_frame_equal(load({"items.csv": ITEMS})["items"], load({"items.csv": turned})["items"])


def test_functional_amounts_need_the_currency_of_the_books(load: Load) -> None:
    head, first, *_ = ITEMS.splitlines()
    text = f"{head},functional_amount\n{first},1111\n"
    three = text + "".join(f"{first.replace('I1', name)},5\n" for name in ("I8", "I9"))
    with pytest.raises(
        TableError, match=r"currency of the books is not known.*entities.csv or the cur"
    ) as caught:
        load({"items.csv": three})
    assert [(p.row, p.found) for p in caught.value.problems] == [(0, "3 rows of US01 with amounts in it")]
    aside = load({"items.csv": three}, on_rejected="set_aside")
    assert (len(aside["items"]), len(aside.problems), int(aside.inputs["rows_rejected"].sum())) == (0, 1, 3)
    assert load({"items.csv": text}, functional={"US01": "JPY"})["items"]["functional_amount"].tolist() == [
        1111
    ]
    entities = "entity,name,functional_currency\nUS01,US,KWD\n"
    book = load({"items.csv": text, "entities.csv": entities})
    assert book["items"]["functional_amount"].tolist() == [1111000]


@pytest.mark.parametrize(
    "form",
    ["semicolon", "tab", "bom", "utf-16", "utf-16-le", "cp1252", "gz", "crlf", "xlsx", "parquet", "ours"],
)
def test_the_same_facts_are_the_same_book_in_every_format(load: Load, tmp_path: Path, form: str) -> None:
    head, *rows = ITEMS.splitlines()
    text = "\n".join([head + ",text", *(row + ",Müller" for row in rows)]) + "\n"
    wanted = load({"plain/items.csv": text}, tables={"items": ("plain/items.csv",)})["items"]
    name, options = "other/items.csv", {}
    content: bytes = text.encode()
    if form in ("semicolon", "tab"):
        content = text.replace(",", ";" if form == "semicolon" else "\t").encode()
    elif form == "bom":
        content = text.encode("utf-8-sig")
    elif form.startswith("utf-16"):
        content = text.encode(form)
    elif form == "cp1252":
        content, options = text.encode("cp1252"), {"encoding": "cp1252"}
    elif form == "gz":
        name, content = "other/items.csv.gz", gzip.compress(text.encode())
    elif form == "crlf":
        content = text.replace("\n", "\r\n").encode()
    elif form == "xlsx":
        name, content = "other/items.xlsx", workbook(text, tmp_path)
    elif form == "parquet":
        name, content = "other/items.parquet", foreign_parquet(text, tmp_path)
    elif form == "ours":
        book = load({"plain/items.csv": text}, tables={"items": ("plain/items.csv",)})
        write_book(book, tmp_path / "book")
        name, content = "other/items.parquet", (tmp_path / "book/items.parquet").read_bytes()
    found = load({name: content}, tables={"items": (name,)}, options=options)["items"]
    assert_frame_equal(found, wanted)


def workbook(text: str, folder: Path) -> bytes:
    """The rows as a person would type them: numbers and dates as such, codes as text."""
    book = openpyxl.Workbook()
    sheet = book.active
    for place, row in enumerate(
        pd.read_csv(pd.io.common.StringIO(text), dtype=str, keep_default_na=False).to_dict("records")
    ):
        if place == 0:
            sheet.append(list(row))
        typed = [
            pd.Timestamp(v).to_pydatetime()
            if k.endswith("date") and v
            else float(v)
            if k == "amount"
            else v or None
            for k, v in row.items()
        ]
        sheet.append(typed)
    book.save(folder / "made.xlsx")
    return (folder / "made.xlsx").read_bytes()


def foreign_parquet(text: str, folder: Path) -> bytes:
    """Dates as dates, amounts as decimals, as another program writes them."""
    frame = pd.read_csv(pd.io.common.StringIO(text), dtype=str, keep_default_na=False)
    columns = {}
    for name in frame.columns:
        values = frame[name].where(frame[name].ne(""), None)
        if name.endswith("date"):
            columns[name] = pa.array(pd.to_datetime(values).dt.date.where(values.notna(), None))
        elif name == "amount":
            columns[name] = pa.array(values.tolist()).cast(pa.decimal128(18, 2))
        else:
            columns[name] = pa.array(values.tolist())
    parquet.write_table(pa.table(columns), folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


@pytest.mark.parametrize("none", ["9999-12-31", "0000-00-00", "00/00/0000"])
def test_what_erp_systems_write_for_no_date_is_none_and_noted(load: Load, none: str) -> None:
    head, first, *_ = ITEMS.splitlines()
    book = load({"items.csv": f"{head}\n{first.replace('2026-10-01', none)}\n"})
    assert book["items"]["due_date"].isna().tolist() == [True]
    assert book.problems[["row", "column", "code", "severity", "found"]].to_numpy().tolist() == [
        [2, "due_date", "date_means_none", "noted", none]
    ]
    with pytest.raises(TableError, match="column 'effective_date': missing value"):
        load({"items.csv": f"{head}\n{first.replace('2026-09-01', none)}\n"})
    timed = load({"items.csv": f"{head},entered_at\n{first},{none}\n"})
    assert timed["items"]["entered_at"].isna().tolist() == [True]
    assert timed.problems["code"].tolist() == ["date_means_none"]


def test_two_sources_with_files_of_one_name_keep_them_apart(tmp_path: Path) -> None:
    head, *rows = ITEMS.splitlines()
    for folder, row in (("us", rows[0]), ("uk", rows[2])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "items.csv").write_text(f"{head}\n{row}\n")
    specs = [SourceSpec(folder=Path(folder)) for folder in ("us", "uk")]
    book = load_book(specs, root=tmp_path)
    assert sorted(book.inputs["file"]) == ["uk/items.csv", "us/items.csv"]
    assert book.inputs["rows_out"].tolist() == [1, 1]


def test_entry_times_are_promised_only_where_every_row_has_one(load: Load) -> None:
    head, *rows = ITEMS.splitlines()
    full = "\n".join([head + ",entered_at", *(row + ",2026-09-01T23:30:00+02:00" for row in rows)])
    book = load({"items.csv": full})
    assert book.features == {"entry_times"}
    assert book["items"]["entered_at"].iloc[0] == pd.Timestamp("2026-09-01T21:30:00Z")
    assert load({"items.csv": full.replace("2026-09-01T23:30:00+02:00", "", 1)}).features == frozenset()


def test_a_folder_or_file_that_is_not_there(load: Load, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        load_book([SourceSpec(folder=Path("nowhere"))], root=tmp_path)
    with pytest.raises(SourceError, match="holds no file that profile canonical knows"):
        load({})
    with pytest.raises(SourceError, match="no such file"):
        load({}, tables={"items": ("gone.csv",)})
    with pytest.raises(ParameterError, match="Did you mean 'items'"):
        load(BOTH, tables={"item": ("items.csv",)})
    with pytest.raises(SourceError, match="several files could be meant"):
        load({"items.csv": ITEMS, "items.csv.gz": gzip.compress(ITEMS.encode())})


AMOUNTS = st.one_of(
    st.integers(-(10**12), 10**12).map(
        lambda cents: f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    ),
    st.sampled_from(["", "1.234,56", "x", "1,234.56", "NaN", "inf", "1e5", "0x10", "１２"]),
)
DAYS = st.sampled_from(["2026-10-31", "2026-02-31", "31.10.2026", "", "0000-00-00", "2026-1-5"])
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "ZZZ", ""])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(AMOUNTS, DAYS, CURRENCIES), max_size=12))
def test_rows_and_money_in_are_rows_and_money_out_and_set_aside(
    load: Load, rows: list[tuple[str, str, str]]
) -> None:
    head = "item_id,entity,customer_id,item_type,document_no,effective_date,currency,amount"
    lines = [
        f'I{n},E,C,invoice,D{n},{day},{currency},"{amount}"' for n, (amount, day, currency) in enumerate(rows)
    ]
    book = load({"items.csv": "\n".join([head, *lines])}, on_rejected="set_aside")

    for identity in intake_identities(book):
        identity.require()
    assert int(book.inputs["rows_in"].sum()) == len(rows)
    rejected = book.problems.loc[book.problems["severity"].eq("rejected"), "row"].nunique()
    assert len(book["items"]) + rejected == len(rows)
