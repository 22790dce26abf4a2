"""Statements as PDF and workbook: their totals are the ledger's, whatever texts and sizes; copies of invoices stay inside."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import openpyxl
import pypdf
import pytest
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from arlib.collect.statements import Movement, OpenLine, Section, Statement, statements
from arlib.policy import AgingPolicy, Policies, Scope, StatementPolicy
from arlib.policy.statement import LANGUAGES, RemitTo, StatementKind
from arlib.report.statement_documents import statement_html, statement_pdf, statement_xlsx
from arlib.report.statement_documents.copies import CopyError, CopyLink, joined, read_copy
from arlib.report.statement_documents.words import WORDS, amount_of, day_of, money_of
from arlib.sources.sample.company import generate
from arlib.tables import Book

BUCKETS = AgingPolicy().buckets


def line(at, amount, **more):
    given = {
        "customer_id": "C1", "item_id": f"I{at}", "document_no": f"INV-{at:06d}", "item_type": "invoice",
        "document_date": date(2026, 8, 1) + timedelta(at % 90), "due_date": date(2026, 9, 1), "reference": f"PO-{at}",
        "instalment_no": None, "amount": amount, "outstanding": amount, "days_past_due": 60, "disputed": 0, "is_cash": False,
        "bucket": "31-60",
    }  # fmt: skip
    return OpenLine(**(given | more))


def section(currency, lines, **more):
    sums = dict.fromkeys(BUCKETS, 0)
    for one in lines:
        sums[one.bucket] += one.outstanding
    given = {
        "currency": currency, "lines": tuple(lines), "opening": None, "movements": (),
        "closing": sum(sums.values()), "aging": tuple(sums.items()), "past_due": sums["31-60"],
        "disputed": sum(one.disputed for one in lines), "credits": sums["credit"] + sums["unapplied"],
        "unapplied": sums["unapplied"], "reference": "RF18539007547034", "remit_to": RemitTo(account="DE89 3704"),
    }  # fmt: skip
    return Section(**(given | more))


def statement(*sections, **more):
    given = {
        "entity": "E", "entity_name": "Seller Inc.", "issuer_lines": ("1 Road",), "number": "C1/2026-10-31", "customer_id": "C1",
        "name": "Müller & Söhne", "address": "Weg 1, 53111 Bonn", "country": "DE", "contact": "", "email": "", "language": "en",
        "kind": StatementKind.OPEN_ITEM, "as_of": date(2026, 10, 31), "starts_on": date(2026, 10, 1),
        "ends_on": date(2026, 10, 31), "customers": (("C1", "Müller & Söhne"),), "sections": sections,
    }  # fmt: skip
    return Statement(**(given | more))


def texts(data):
    return [page.extract_text().replace("\u00a0", " ") for page in pypdf.PdfReader(io.BytesIO(data)).pages]


def test_the_total_in_each_pdf_of_the_sample_is_the_ledgers():
    book = Book(generate(seed=7, items=800).tables).for_entity("JP01")
    scope = Scope(entity="JP01", entity_name="S", functional_currency="JPY", period="2026-10", starts_on=date(2026, 10, 1),
                  ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
    found = statements(book, scope=scope, policies=Policies(statement=StatementPolicy()))
    closing = found.summary.set_index(["customer_id", "currency"])["closing"]
    chosen = list(found.each())[:6]
    for one in chosen:
        said = " ".join(texts(statement_pdf(one)))
        for part in one.sections:
            assert part.closing == closing[one.customer_id, part.currency]
            assert money_of(part.closing, part.currency, one.language).replace("\u00a0", " ") in said


def test_two_hundred_lines_carry_their_sum_from_page_to_page():
    lines = [line(at, 1000 + at) for at in range(200)]
    pages = texts(statement_pdf(statement(section("USD", lines))))
    running = [sum(1000 + at for at in range(last + 1)) for last in range(200)]
    carried = [page for page in pages if "Carried forward" in page]
    assert len(carried) >= 3
    for page, following in pairwise(pages):
        if "Carried forward" in page:
            last = max(at for at in range(200) if f"INV-{at:06d}" in page)
            told = f"forward USD {amount_of(running[last], 'USD', 'en')}"
            assert told in page
            assert told in following
            assert "Your reference" in " ".join(following.split())  # the head of the table again
    ends = next(page for page in pages if "Total due" in page)
    assert "Age of the balance" in ends  # the footer stays with the total
    assert "INV-000199" in ends  # and the total with the last line
    assert "Carried forward" not in ends
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]


def test_yen_have_no_decimals_and_a_credit_balance_has_no_slip():
    credit = line(1, -9_999_999, item_type="credit_memo", bucket="credit", due_date=None, days_past_due=None)
    said = " ".join(texts(statement_pdf(statement(section("JPY", [line(0, 1_234_567), credit])))))
    assert "Balance in your favour JPY -8,765,432" in " ".join(said.split())
    assert "1,234,567" in said
    assert "1,234,567." not in said
    assert "Remittance slip" not in said


def test_currencies_are_apart_and_the_slip_says_where_to_pay():
    said = texts(statement_pdf(statement(section("EUR", [line(1, 100)]), section("USD", [line(2, 2000)]))))
    assert "Total due EUR 1.00" in " ".join(said[0].split())
    assert "RF18 5390 0754 7034" in said[0]
    assert "DE89 3704" in said[0]
    assert "Total due USD 20.00" in " ".join(said[1].split())
    assert "21.00" not in "".join(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language):
    assert WORDS[language].keys() == WORDS["en"].keys()
    one = statement(section("EUR", [line(1, 123_456_789)]), language=language, name="上海‮国际‬ Żółć")
    said = " ".join(texts(statement_pdf(one)))
    assert amount_of(123_456_789, "EUR", language).replace("\u00a0", " ") in said
    assert "上海国际 Żółć" in said
    assert WORDS[language]["title"].replace("\u00a0", " ") in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_date_part_or_reference_breaks_inside(language):
    days = [date(2026, month, 30 if month != 2 else 28) for month in range(1, 13)]
    lines = [
        line(at, 987_654_321, document_no=f"SI-10073{at:02d}", reference=f"PO3669{at:02d}", document_date=day, due_date=day,
             instalment_no=2)
        for at, day in enumerate(days)
    ]  # fmt: skip
    page = texts(
        statement_pdf(statement(section("USD", lines, remit_to=None), language=language, has_slip=False))
    )
    said, words = "".join(page), WORDS[language]
    for at, day in enumerate(days):
        assert said.count(day_of(day, language).replace("\u00a0", " ")) >= 2, day
        assert f"SI-10073{at:02d}" in said  # before the part a long number may break
        assert f"({words['part']} 2)" in said
        assert f"PO3669{at:02d}" in said


@pytest.mark.parametrize(
    ("late", "total", "slip"), [(0, "Balance", "Balance:"), (60, "Total due", "Amount due:")]
)
def test_nothing_is_called_due_where_nothing_is_past_due(late, total, slip):
    one = line(1, 2000) if late else line(1, 2000, days_past_due=0, bucket="current")
    made = statement(section("USD", [one]))
    said = " ".join("".join(texts(statement_pdf(made))).split())
    assert f"{total} USD 20.00" in said
    assert f"{slip} USD 20.00" in said
    assert (" due USD" in said or "due: USD" in said) == bool(late)
    sheet = openpyxl.load_workbook(io.BytesIO(statement_xlsx(made))).active
    told = [cell.value for cell in sheet["A"]]
    assert total in told
    assert slip.rstrip(":") in told
    assert ("Total due" in told) == ("Amount due" in told) == bool(late)


def test_headings_of_the_workbook_are_capitals_and_the_reference_stands_off():
    sheet = openpyxl.load_workbook(
        io.BytesIO(statement_xlsx(statement(section("USD", [line(1, 2000)]))))
    ).active
    heads = [cell.value for cell in sheet[7]]
    assert all(head[0].isupper() for head in heads), heads
    at = heads.index("Your reference")
    assert heads[at - 1] == "Days late"
    assert [sheet.cell(row, at + 1).alignment.indent for row in (7, 8)] == [1, 1]


def test_amounts_and_days_by_language():
    assert amount_of(-123456789, "EUR", "de") == "-1.234.567,89"
    assert amount_of(123456789, "EUR", "fr") == "1\u00a0234\u00a0567,89"
    assert day_of(date(2026, 3, 4), "de") == "04.03.2026"
    assert day_of(date(2026, 3, 4), "zh") == "2026-03-04"


def test_hostile_texts_are_only_texts():
    bad = '<img src="file:///etc/passwd" onerror=x>{{ 7*7 }}'
    one = statement(section("USD", [line(1, 100, reference=bad, document_no=bad)]), name=bad, address=bad)
    page = statement_html(one)
    assert "<img" not in page
    assert "{{ 7*7 }}" in page
    assert "passwd" in " ".join(texts(statement_pdf(one)))


def test_the_same_statement_gives_the_same_bytes():
    one = statement(section("USD", [line(1, 100)]))
    assert statement_pdf(one) == statement_pdf(one)
    assert statement_xlsx(one) == statement_xlsx(one)


def test_nothing_open_says_so():
    assert "Nothing is open" in texts(statement_pdf(statement()))[0]
    assert openpyxl.load_workbook(io.BytesIO(statement_xlsx(statement()))).sheetnames


def test_balance_forward_has_its_opening_and_movements():
    moves = (
        Movement("C1", date(2026, 10, 5), "invoice", "D1", "", 500),
        Movement("C1", date(2026, 10, 6), "receipt", "D2", "", -300),
    )
    part = section("USD", [line(1, 1200)], opening=1000, movements=moves)
    said = " ".join(
        " ".join(texts(statement_pdf(statement(part, kind=StatementKind.BALANCE_FORWARD)))).split()
    )
    assert "Balance on 1 Oct 2026 10.00" in said
    assert "D2 Payment 6 Oct 2026 -3.00" in said
    assert "Total due USD 12.00" in said
    sheet = openpyxl.load_workbook(
        io.BytesIO(statement_xlsx(statement(part, kind=StatementKind.BALANCE_FORWARD)))
    ).active
    assert [cell.value for cell in sheet["F"] if isinstance(cell.value, int | float)][:3] == [10, 5, -3]


def test_the_workbook_has_numbers_and_no_formula_of_others():
    one = statement(
        section("JPY", [line(1, 700, reference="=1+1", document_no='=HYPERLINK("x")')]), name="@cmd"
    )
    sheet = openpyxl.load_workbook(io.BytesIO(statement_xlsx(one))).active
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == ["=SUM($J$8)"]
    assert sheet["J8"].value == 700
    assert sheet["G8"].value == "=1+1"
    told = openpyxl.load_workbook(io.BytesIO(statement_xlsx(one)), data_only=True).active
    assert told["J9"].value == 700


@pytest.fixture
def extracts(tmp_path):
    home = tmp_path / "extracts"
    home.mkdir()
    Image.new("RGB", (300, 400), "red").save(home / "one.png")
    writer = pypdf.PdfWriter()
    for _ in range(3):
        writer.add_blank_page(200, 300)
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    writer.root_object[NameObject("/OpenAction")] = script
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): script})
    writer.write(home / "three.pdf")
    locked = pypdf.PdfWriter()
    locked.add_blank_page(200, 300)
    locked.encrypt("secret", algorithm="RC4-128")
    locked.write(home / "locked.pdf")
    (home / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (home / "broken.png").write_bytes(b"\x89PNG nothing")
    (tmp_path / "secret.pdf").write_bytes((home / "three.pdf").read_bytes())
    (home / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    (home / "out").symlink_to(tmp_path)
    return home


def copy(extracts, path, *, pages=3, **more):
    return read_copy(
        CopyLink(document_no="D", path=path, **more), [extracts], max_pages=pages, max_megabytes=1
    )


def test_copies_of_images_and_pdfs_are_joined_without_scripts(extracts):
    data = joined([copy(extracts, "one.png"), copy(extracts, "three.pdf")])
    assert len(pypdf.PdfReader(io.BytesIO(data)).pages) == 4
    assert b"JavaScript" not in data
    assert b"app.alert" not in data
    assert data == joined([copy(extracts, "one.png"), copy(extracts, "three.pdf")])


@pytest.mark.parametrize(
    "path",
    ["../secret.pdf", "/etc/passwd", "out/secret.pdf", "link.pdf", "a/../one.png", "C:\\x.pdf", "..\\secret.pdf", "", "gone.pdf",
     "one.png\n"],
)  # fmt: skip
def test_no_path_leads_out(extracts, path):
    with pytest.raises(CopyError):
        copy(extracts, path)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("locked.pdf", "encrypted"),
        ("broken.pdf", "no PDF"),
        ("broken.png", "no image"),
        ("three.pdf", "too many pages"),
    ],
)
def test_what_cannot_be_used_is_told(extracts, path, said):
    with pytest.raises(CopyError, match=said):
        copy(extracts, path, pages=2)


def test_a_file_of_another_hash_or_size_is_refused(extracts):
    right = hashlib.sha256((extracts / "three.pdf").read_bytes()).hexdigest()
    assert len(copy(extracts, "three.pdf", sha256=right).pages) == 3
    with pytest.raises(CopyError, match="another"):
        copy(extracts, "three.pdf", sha256="0" * 64)
    (extracts / "big.pdf").write_bytes(b"%PDF" + b" " * 1_000_001)
    with pytest.raises(CopyError, match="too large"):
        copy(extracts, "big.pdf")


def test_an_amount_beyond_a_spreadsheet_is_written_as_text():
    huge = statement(section("USD", [line(1, 10**16 + 1)]))
    sheet = openpyxl.load_workbook(io.BytesIO(statement_xlsx(huge))).active
    assert sheet["J8"].value == "100,000,000,000,000.01"
    assert replace(huge, language="de") != huge
