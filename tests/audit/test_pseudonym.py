"""Redaction: every column is classified, nothing personal is left in any form, and what must still meet still meets."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.audit import personal, pseudonym
from arlib.audit.personal import Content, all_contents, contents
from arlib.audit.pseudonym import PSEUDONYMS, SURVIVORS, needles, pseudonymised, survivors
from arlib.errors import IdentityError, ParameterError
from arlib.ledger.openitems import open_items
from arlib.policy import Policies, Scope
from arlib.report.aging import aging_report
from arlib.report.cash_application import cash_application_report
from arlib.report.data import write_data
from arlib.report.workbook import write_workbook
from arlib.sources.sample import generate
from arlib.sources.snapshot import write_book
from arlib.tables import CANONICAL, INPUTS, PROBLEMS, Book, Column, Document, Kind, Table

KEY = b"a key of thirty-two bytes or so."
SCOPE = Scope(entity="US01", entity_name="Harbor Tools Inc", functional_currency="USD", period="2026-10",
              starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Book:
    return Book(dict(generate(seed=7, items=800).tables), features=frozenset({"entry_times"})).for_entity(
        "US01"
    )


@pytest.fixture(scope="module")
def redacted(book: Book) -> tuple[Book, pd.DataFrame]:
    return pseudonymised(book, key=KEY)


def small(**tables: list[dict[str, object]]) -> Book:
    return Book({name: CANONICAL[name].from_rows(rows) for name, rows in tables.items()})


def customer(number: str, name: str, **more: object) -> dict[str, object]:
    return {"entity": "E1", "customer_id": number, "name": name, **more}


def item(number: str, **more: object) -> dict[str, object]:
    return {"entity": "E1", "item_id": number, "document_no": f"INV-{number}", "item_type": "invoice", "amount": 100,
            "currency": "USD", "effective_date": "2026-10-01", **more}  # fmt: skip


def values(frame: pd.DataFrame, column: str) -> list[object]:
    return [None if pd.isna(value) else value for value in frame[column]]


# --- what is personal ----------------------------------------------------------------------------------------------


def test_every_text_column_of_every_table_is_classified() -> None:
    found = all_contents()
    for table in (*CANONICAL.values(), PROBLEMS, INPUTS):
        assert set(found[table.name]) == set(table.of_kind(Kind.TEXT)), table.name
    assert found["customers"]["name"] is Content.NAME
    assert found["holds"]["reason"] is Content.TEXT
    assert found["items"]["reason"] is Content.REASON
    assert found["items"]["document_no"] is Content.CODE


def test_a_new_column_stops_the_redaction_until_somebody_classified_it() -> None:
    more = Table(
        "customers", "x", ("name",), (Column("name", Kind.TEXT, "x"), Column("nickname", Kind.TEXT, "x"))
    )
    with pytest.raises(ParameterError, match="nickname"):
        contents(more)


def test_what_is_declared_personal_is_declared_of_real_columns() -> None:
    known = {table.name: set(table.of_kind(Kind.TEXT)) for table in (*CANONICAL.values(), PROBLEMS, INPUTS)}
    for table, told in personal.PERSONAL.items():
        assert {name for names in told.values() for name in names.split()} <= known[table], table


# --- nothing is left -----------------------------------------------------------------------------------------------


def test_nothing_personal_is_left_in_any_byte_of_what_a_report_writes(
    book: Book, redacted: tuple[Book, pd.DataFrame], tmp_path: Path
) -> None:
    """Snapshot, result tables, workbook; the same search in files of the book with names finds them in each form."""
    told = list(needles(redacted[1]))
    assert len(told) > 200
    texts: dict[str, dict[str, str]] = {}
    for name, shown in (("open", book), ("redacted", redacted[0])):
        folder = tmp_path / name
        write_book(shown, folder / "book")
        (folder / "data").mkdir()
        aging = aging_report(shown, scope=SCOPE, policies=Policies())
        write_workbook(aging, folder / "aging.xlsx", properties={})
        write_data(aging, folder / "data")
        texts[name] = {
            path.suffix + path.name: readable(path) for path in folder.rglob("*") if path.is_file()
        }
    found = {form: [n for n in told if n in text] for form, text in texts["redacted"].items()}
    assert not {form: some for form, some in found.items() if some}
    for suffix in (".parquet", ".csv", ".xlsx"):
        assert any(
            n in text for form, text in texts["open"].items() if form.startswith(suffix) for n in told
        ), suffix


def readable(path: Path) -> str:
    """Everything that a file says, unpacked."""
    data = path.read_bytes()
    if path.suffix == ".parquet":
        table = pq.read_table(io.BytesIO(data))
        return f"{table.schema.metadata}" + "\n".join(
            str(v) for c in table.itercolumns() for v in c.to_pylist()
        )
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return data.decode("utf-8", "replace")


def test_the_check_for_survivors_finds_names_where_they_are_and_none_where_they_are_not(
    book: Book, redacted: tuple[Book, pd.DataFrame]
) -> None:
    assert survivors(redacted[0], redacted[1]).empty
    found = survivors(book, redacted[1])
    assert {("customers", "name"), ("receipts", "payer_name"), ("bank_details", "account")} <= set(
        zip(found["table"], found["column"], strict=True)
    )
    assert list(found.columns) == SURVIVORS.names


def test_a_name_hidden_in_a_code_is_a_survivor() -> None:
    book = small(
        customers=[customer("C1", "Willow Glass GK")],
        items=[item("1", customer_id="C1", segment="x WILLOW glass gk, Osaka")],
    )
    made, key_file = pseudonymised(book, key=KEY)
    found = survivors(made, key_file)
    assert found[["table", "column", "rows"]].to_dict("records") == [
        {"table": "items", "column": "segment", "rows": 1}
    ]


def test_bank_files_problems_and_file_names_do_not_carry_names_on() -> None:
    document = Document(name="a.txt", path="bank/a.txt", sha256="00", entities=frozenset({"E1"}))
    book = replace(
        small(customers=[customer("C1", "Willow Glass GK")]),
        documents=(document,),
        problems=PROBLEMS.frame(file=["Willow statement.csv"], table=["items"], row=[2], column=["amount"],
                                severity=["rejected"], code=["not_an_amount"], found=["Willow Glass 1x"], wanted=["1.00"]),
        inputs=INPUTS.frame(file=["items.csv"], table=["items"], profile=["canonical"], bytes=[1], sha256=["ab"],
                            rows_in=[1], rows_out=[0], rows_rejected=[1]),
    )  # fmt: skip
    made, _ = pseudonymised(book, key=KEY)
    assert made.documents == ()
    assert "illow" not in made.problems.to_csv()
    assert made.inputs["file"].tolist() == ["items.csv"]
    assert made.problems["code"].tolist() == ["not_an_amount"]


# --- what still meets ----------------------------------------------------------------------------------------------


def test_names_that_matching_takes_for_one_have_one_pseudonym_in_every_table() -> None:
    book = small(
        customers=[
            customer("C1", "Müller & Söhne GmbH", payer_aliases="Mueller Group|ACME Ltd."),
            customer("C2", "Other"),
        ],
        receipts=[
            {"entity": "E1", "receipt_id": str(n), "payer_name": name, "amount": 1, "currency": "USD"}
            for n, name in enumerate(
                ("MULLER UND SOHNE GMBH", "  müller &  söhne, GmbH ", "Acme Limited", "Acme Inc", "")
            )
        ],
        bank_details=[
            {
                "entity": "E1",
                "customer_id": "C1",
                "account": "DE89 3704 0044 0532 0130 00",
                "holder": "ACME LTD",
            }
        ],
        bank_lines=[{"entity": "E1", "payer_account": "de89370400440532013000"}],
    )
    made, key_file = pseudonymised(book, key=KEY)
    first = made["customers"]["name"][0]
    alias = made["customers"]["payer_aliases"][0].split("|")[1]
    assert made["receipts"]["payer_name"][:3].tolist() == [first, first, alias]
    assert made["receipts"]["payer_name"][3] not in (first, alias)
    assert values(made["receipts"], "payer_name")[4] == ""
    assert made["bank_details"]["holder"].tolist() == [alias]
    assert made["bank_details"]["account"].tolist() == made["bank_lines"]["payer_account"].tolist()
    shared = key_file[key_file["pseudonym"].eq(first)]["original"].tolist()
    assert shared == ["  müller &  söhne, GmbH ", "MULLER UND SOHNE GMBH", "Müller & Söhne GmbH"]


def test_amounts_dates_and_document_numbers_stay_and_the_book_keeps_its_shape(
    book: Book, redacted: tuple[Book, pd.DataFrame]
) -> None:
    made, _ = redacted
    for name, frame in book.tables.items():
        assert list(made[name].columns) == list(frame.columns)
        assert (made[name].dtypes == frame.dtypes).all()
        assert made[name].isna().equals(frame.isna())
        for column in CANONICAL[name].columns:
            if column.kind is not Kind.TEXT or column.choices is not None:
                assert made[name][column.name].equals(frame[column.name]), (name, column.name)
    before, after = open_items(book, scope=SCOPE), open_items(made, scope=SCOPE)
    assert after["outstanding"].equals(before["outstanding"])
    assert after["document_no"].equals(before["document_no"])


def test_cash_still_finds_the_same_items(book: Book, redacted: tuple[Book, pd.DataFrame]) -> None:
    """All receipts placed anew: the same pairs and amounts. How sure a pair is may differ, as names that are alike are not."""
    both = [
        cash_application_report(shown, scope=SCOPE, policies=Policies(), receipts="all")
        .table("proposals")
        .frame
        for shown in (book, redacted[0])
    ]
    assert len(both[0]) > 100
    pairs = [set(zip(f["receipt_id"], f["item_id"], f["applied_amount"], strict=True)) for f in both]
    assert len(pairs[0] & pairs[1]) / len(pairs[0]) > 0.98


def test_numbers_of_our_documents_stay_in_free_texts_and_nothing_else() -> None:
    book = small(
        items=[item("1", document_no="SI-100998"), item("2", document_no="SI/0900003", text="call Jane about SI-100998")],
        receipts=[
            {"entity": "E1", "receipt_id": str(n), "remittance_text": text, "amount": 1, "currency": "USD"}
            for n, text in enumerate((
                "from ACME, SI-100998; and (SI/0900003)", "/RFB/SI-100998/ACME LTD", "pays 100998 of Jane Doe", "SI-100998", "0998",
            ))
        ],
    )  # fmt: skip
    made, _ = pseudonymised(book, key=KEY)
    texts = made["receipts"]["remittance_text"].tolist()
    assert [text.split()[1:] for text in texts] == [
        ["SI-100998", "SI/0900003"],
        ["SI-100998"],
        ["100998"],
        [],
        [],
    ]
    assert texts[3] == "SI-100998"
    assert all(text.startswith("TEXT-") for text in (*texts[:3], texts[4]))
    assert made["items"]["text"][1].split()[1:] == ["SI-100998"]


def test_references_stay_unless_they_name_somebody_and_reasons_unless_they_are_words() -> None:
    book = small(
        customers=[customer("C1", "Willow Glass GK", payer_account="GB33BUKB20201555555555", email="ap@willow.example",
                            tax_id="GB 123 456 789")],
        remittances=[
            {"entity": "E1", "remittance_id": str(n), "reference": text, "reason": reason, "currency": "USD"}
            for n, (text, reason) in enumerate((
                ("00SI0100004", "price"), ("PO-77 willow", "R-12"), ("jane@elsewhere.example", "they were late"),
                ("GB33 BUKB 2020 1555 5555 55", "willow"), ("FR7630006000011234567890189", "a@b"), ("GB123456789", "short delivery"),
            ))
        ],
    )  # fmt: skip
    made, _ = pseudonymised(book, key=KEY, kept=("short delivery",))
    stays = [
        a == b
        for a, b in zip(book["remittances"]["reference"], made["remittances"]["reference"], strict=True)
    ]
    assert stays == [True, False, False, False, False, False]
    stays = [
        a == b for a, b in zip(book["remittances"]["reason"], made["remittances"]["reason"], strict=True)
    ]
    assert stays == [True, True, False, False, False, True]


# --- options, keys -------------------------------------------------------------------------------------------------


def test_users_and_customer_ids_are_replaced_where_asked_and_history_with_them() -> None:
    book = small(
        customers=[
            customer("C1", "Willow", collector="dana.reyes", parent_id="C2"),
            customer("C2", "Oak", sales_rep="a.hart"),
        ],
        customer_history=[
            {
                "entity": "E1",
                "customer_id": "C1",
                "attribute": attribute,
                "value": value,
                "valid_from": "2026-01-01",
            }
            for attribute, value in (("collector", "dana.reyes"), ("parent_id", "C2"), ("terms", "net 30"))
        ],
        items=[item("1", customer_id="C1", user="dana.reyes", authorised_by="a.hart")],
    )
    plain, _ = pseudonymised(book, key=KEY)
    assert plain["customer_history"]["value"].tolist() == ["dana.reyes", "C2", "net 30"]
    assert plain["items"]["customer_id"].tolist() == ["C1"]
    made, key_file = pseudonymised(book, key=KEY, with_users=True, with_customer_ids=True)
    one, two = made["customers"]["customer_id"]
    assert made["customers"]["parent_id"][0] == two
    assert made["items"]["customer_id"].tolist() == [one]
    assert made["customer_history"]["customer_id"].tolist() == [one] * 3
    dana = made["customers"]["collector"][0]
    assert made["customer_history"]["value"].tolist() == [dana, two, "net 30"]
    assert made["items"]["user"].tolist() == [dana]
    assert {"user", "customer", "name"} == set(key_file["kind"])
    assert one.startswith("CUST-")
    assert dana.startswith("USER-")


def test_the_key_decides_and_a_short_one_is_refused(book: Book, redacted: tuple[Book, pd.DataFrame]) -> None:
    again, key_file = pseudonymised(book, key=KEY)
    assert key_file.equals(redacted[1])
    assert all(again[name].equals(redacted[0][name]) for name in book.tables)
    _, other = pseudonymised(book, key=KEY[::-1])
    assert not set(other["pseudonym"]) & set(key_file["pseudonym"])
    with pytest.raises(ParameterError, match="16 or more"):
        pseudonymised(book, key=b"short")


def test_the_key_file_leads_back_to_every_text(book: Book, redacted: tuple[Book, pd.DataFrame]) -> None:
    made, key_file = redacted
    assert list(key_file.columns) == PSEUDONYMS.names
    assert not key_file.duplicated(["pseudonym", "original"]).any()
    back = key_file.groupby("pseudonym")["original"].agg(set)
    for original, shown in zip(book["customers"]["name"], made["customers"]["name"], strict=True):
        assert original in back[shown]


def test_a_collision_of_pseudonyms_stops_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonym, "BYTES", 0)
    with pytest.raises(IdentityError, match="another key"):
        pseudonymised(small(customers=[customer("C1", "A"), customer("C2", "B")]), key=KEY)


@settings(max_examples=30)
@given(name=st.text(min_size=1, max_size=40), reference=st.text(max_size=40))
def test_whatever_a_name_is_it_is_gone_or_empty(name: str, reference: str) -> None:
    made, key_file = pseudonymised(
        small(
            customers=[customer("C1", name)],
            items=[item("1", customer_id="C1", purchase_order=reference, text=name)],
        ),
        key=KEY,
    )
    shown = made["customers"]["name"][0]
    assert shown.startswith("NAME-") if name.strip() else shown == name
    assert made["items"]["text"][0] == shown or made["items"]["text"][0].startswith("TEXT-")
    assert key_file["original"].eq(name).any() == bool(name.strip())


def test_hostile_names_come_back_harmless() -> None:
    hostile = ["=1+1", "<script>", "\u202eevil", "a" * 10_000, "株式会社", "|", "'; drop", "\x00\x07"]
    rows = [customer(f"C{n}", name, payer_aliases=f"{name}|x") for n, name in enumerate(hostile)]
    made, _ = pseudonymised(small(customers=rows), key=KEY)
    for text in (*made["customers"]["name"], *made["customers"]["email"].dropna()):
        assert text.isascii()
        assert len(text) == len("NAME-") + 16


def test_an_empty_book_and_absent_tables_give_empty_answers() -> None:
    made, key_file = pseudonymised(Book({}), key=KEY)
    assert not made.tables
    assert key_file.empty
    assert survivors(made, key_file).empty
