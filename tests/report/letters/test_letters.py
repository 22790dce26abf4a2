"""Letters: templates checked, what a PDF says, hostile texts, drafts that nothing can slip a header into."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pypdf
import pytest

from arlib.report.documents.model import Money, Party
from arlib.report.documents.pdf import pdf_bytes
from arlib.report.letters import (
    LANGUAGES,
    SHIPPED,
    Attachment,
    LetterLine,
    LetterTemplates,
    check_templates,
    eml_of,
)
from arlib.report.letters.check import example
from arlib.report.letters.draft import addresses_of
from arlib.report.letters.locales import amount_text, date_text, locale_of, money_text
from arlib.report.letters.model import KINDS

SHOWN = LetterTemplates()
DAY = date(2026, 10, 31)


def text_of(page: str) -> tuple[int, str, list[str]]:
    reader = pypdf.PdfReader(io.BytesIO(pdf_bytes(page)))
    pages = [page.extract_text() for page in reader.pages]
    return len(pages), " ".join(" ".join(pages).split()), pages


def test_every_shipped_template_is_there_and_without_a_fault() -> None:
    assert SHOWN.languages == tuple(sorted(LANGUAGES))
    assert check_templates(SHOWN, kinds=KINDS, languages=LANGUAGES) == ()


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("{{ letter.to.name | safe }}", "unknown filter 'safe'"),
        ("{% autoescape false %}{{ letter.to.name }}{% endautoescape %}", "autoescape cannot be changed"),
    ],
)
def test_a_template_of_one_s_own_cannot_make_a_name_markup(tmp_path: Path, written: str, fault: str) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(SHIPPED, folder)
    own = folder / "en" / "final.html.j2"
    own.write_text(
        own.read_text(encoding="utf-8").replace("{% endblock %}", written + "{% endblock %}"),
        encoding="utf-8",
    )

    found = check_templates(LetterTemplates(folder), kinds=("final",), languages=("en",))

    assert any(fault in one.sentence() for one in found)


def test_every_fault_is_told_at_once_with_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(SHIPPED, folder)
    (folder / "en" / "final.html.j2").write_text(
        '{% extends "en/_letter.html.j2" %}\n{% block body %}\n<p>{{ letter.to_pya | money }}</p>\n'
        "<p>{{ word.total }} {{ words.totl }} {{ letter.pay_by | dya }}</p>\n"
        "{% for line in letter.lines %}{{ line.amuont }}{% endfor %}\n{{ letter.to.nmae }}\n{% endblock %}\n", encoding="utf-8",
    )  # fmt: skip
    (folder / "de" / "nsf.html.j2").write_text(
        '{% extends "de/_letter.html.j2" %}\n{% block body %}', encoding="utf-8"
    )
    (folder / "fr" / "nsf.html.j2").unlink()
    (folder / "es" / "nsf.html.j2").write_text('{% extends "es/_letter.html.j2" %}\n', encoding="utf-8")
    found = check_templates(
        LetterTemplates(folder), kinds=("final", "nsf"), languages=("en", "de", "fr", "es")
    )
    said = [fault.sentence() for fault in found]
    assert "en/final.html.j2, line 3: unknown field letter.to_pya (did you mean 'to_pay'?)" in said
    assert any(one.startswith("en/final.html.j2, line 4: unknown name 'word'") for one in said)
    assert any(one.startswith("en/final.html.j2, line 4: unknown word words.totl") for one in said)
    assert any(one.startswith("en/final.html.j2, line 4: unknown filter 'dya'") for one in said)
    assert any(one.startswith("en/final.html.j2, line 5: unknown field line.amuont") for one in said)
    assert any(one.startswith("en/final.html.j2, line 6: unknown field to.nmae") for one in said)
    assert any(one.startswith("de/nsf.html.j2, line ") and "not a template" in one for one in said)
    assert "fr/nsf.html.j2, line 1: the template is missing" in said
    assert "es/nsf.html.j2, line 1: a nsf letter must show letter.amount" in said


def test_a_template_reaches_nothing_outside_its_letter(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(SHIPPED, folder)
    for bad in ("{{ letter.__class__.__mro__ }}", "{{ ''.__class__ }}", '{% include "../../secret" %}'):
        (folder / "en" / "nsf.html.j2").write_text(
            f'{{% extends "en/_letter.html.j2" %}}\n{{% block body %}}{bad}{{% endblock %}}\n',
            encoding="utf-8",
        )
        assert check_templates(LetterTemplates(folder), kinds=("nsf",), languages=("en",))


def test_texts_of_the_books_are_never_markup() -> None:
    hostile = '<img src=x onerror=alert(1)>{{ 7 * 7 }} & "Söhne" \u202e'
    party = Party(name=hostile, code="C-1", address=(hostile,))
    letter = replace(example("final", "en"), to=party, about=party, contact=hostile)
    page = SHOWN.html(letter)
    assert "<img" not in page
    assert "49" not in page
    assert "\u202e" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize(
    ("language", "country", "currency", "says"),
    [("en", "GB", "GBP", ("GBP 1,234.50", "31 October 2026", "Final notice", "Bristol")),
     ("de", "DE", "EUR", ("1.234,50 EUR", "31. Oktober 2026", "Letzte Mahnung", "Müller & Söhne")),
     ("fr", "FR", "EUR", ("1 234,50 EUR", "31 octobre 2026", "Mise en demeure", "Müller & Söhne")),
     ("es", "ES", "EUR", ("1.234,50 EUR", "31 de octubre de 2026", "Último requerimiento", "Bristol")),
     ("zh", "CN", "JPY", ("JPY 123,450", "2026年10月31日", "最后催款通知", "北京东方"))],
)  # fmt: skip
def test_a_pdf_says_it_in_its_language(
    language: str, country: str, currency: str, says: tuple[str, ...]
) -> None:
    party = Party(name="Müller & Söhne 北京东方", code="C-1", address=("Bristol",), country=country)
    money = Money(amount=123450, currency=currency)
    letter = replace(
        example("final", language), locale=locale_of(language, country), to=party, about=party, to_pay=money, asked=money,
        is_preview=False,
    )  # fmt: skip
    _, said, _ = text_of(SHOWN.html(letter))
    said = said.replace("\u00a0", " ").replace("\u202f", " ")
    for part in says:
        assert part in said


def test_200_lines_run_over_pages_with_their_heading_and_add_up() -> None:
    lines = tuple(
        LetterLine(document_no=f"N{at:05d}", document_date=DAY - timedelta(days=at), due_date=DAY, days=3,
                   amount=Money(amount=-1500 if at % 7 == 0 else 100_000 + at, currency="USD"))
        for at in range(200)
    )  # fmt: skip
    letter = replace(example("estate", "en"), lines=lines, to_pay=None, is_preview=True, locale="en_US")
    count, said, pages = text_of(SHOWN.html(letter))
    assert count > 3
    assert all("Due date" in page for page in pages if "N00" in page)
    assert all(f"N{at:05d}" in said for at in range(200))
    total = letter.lines_total
    assert total is not None
    assert total.amount == sum(line.amount.amount for line in lines)
    assert money_text(total, "en_US").replace("\u00a0", " ") in said.replace("\u00a0", " ")
    assert "\u221215.00" in said
    assert all("PREVIEW, not to be sent" in page for page in pages)


def test_equal_letters_give_equal_pdfs() -> None:
    page = SHOWN.html(example("nsf", "de"))
    assert pdf_bytes(page) == pdf_bytes(page)


def test_amounts_and_days_by_locale() -> None:
    assert amount_text(Money(amount=123456789, currency="KWD"), "de_CH") == "123’456.789"
    assert amount_text(Money(amount=-12346, currency="JPY"), "en_GB") == "\u221212,346"
    assert date_text(DAY, "en_GB") == "31 Oct 2026"
    assert (locale_of("en", "XX"), locale_of("de", "AT"), locale_of("en", "US")) == (
        "en_GB",
        "de_AT",
        "en_US",
    )


def test_a_draft_is_marked_unsent_and_carries_its_files() -> None:
    data = eml_of(subject="Mahnung für Söhne", text="Guten Tag 北京", to=("a@b.example",), attachments=[
        Attachment(name="L 1/../é.pdf", data=b"%PDF-1"), Attachment(name="s.pdf", data=b"%PDF-2")])  # fmt: skip
    message = message_from_bytes(data, policy=default)
    assert (message["X-Unsent"], message["To"], message["Subject"]) == (
        "1",
        "a@b.example",
        "Mahnung für Söhne",
    )
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Guten Tag 北京"
    assert [(part.get_filename(), part.get_content()) for part in message.iter_attachments()] == [
        ("L-1-..-.pdf", b"%PDF-1"), ("s.pdf", b"%PDF-2")]  # fmt: skip
    again = eml_of(subject="Mahnung für Söhne", text="Guten Tag 北京", to=("a@b.example",), attachments=[
        Attachment(name="L 1/../é.pdf", data=b"%PDF-1"), Attachment(name="s.pdf", data=b"%PDF-2")])  # fmt: skip
    assert data == again


@pytest.mark.parametrize(
    "text",
    [
        "x\r\nBcc: evil@x.example",
        "x\nBcc: evil@x.example",
        "x\u2028Bcc: evil@x.example",
        "x\x00\x85Bcc: e@x.example",
    ],
)
def test_no_header_can_be_added(text: str) -> None:
    message = message_from_bytes(eml_of(subject=text, text=text, to=()), policy=default)
    assert sorted(message.keys()) == sorted(
        ["Subject", "X-Unsent", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    )
    with pytest.raises(ValueError, match="not an e-mail address"):
        eml_of(subject="s", text="t", to=(f"a@b.example{text}",))


def test_only_whole_addresses_are_taken() -> None:
    assert addresses_of(" a@b.example; c@d.example,e@f.example ") == (
        "a@b.example",
        "c@d.example",
        "e@f.example",
    )
    for odd in (
        "a@b.example\r\nBcc: z@q.example",
        "Ann <a@b.example>",
        "a@b.example; nobody",
        "=a@b.example|x y",
    ):
        assert addresses_of(odd) == ()
    assert addresses_of("") == ()


SAID = {
    "en": ("has expired", "is valid until October 31", "condolences", "submit our claim", "discount of", "total of", "first on"),
    "de": ("ist abgelaufen", "gilt nur bis zum 31. Oktober", "Beileid", "melden wir hiermit", "Skonto", "Gesamtbetrag", "erste am"),
    "fr": ("a expiré", "valable que jusqu’au 31 octobre 2026", "condoléances", "déclarons", "escompte", "le total de", "la première"),
    "es": ("ha caducado", "solo es válido", "pésame", "comunicamos", "descuento", "paguen el total", "el primero"),
    "zh": ("到期失效", "有效期至2026年10月31日", "哀悼", "申报对该遗产的债权", "现金折扣", "支付合计", "最早一笔"),
}  # fmt: skip


@pytest.mark.parametrize("language", SAID)
def test_what_a_letter_says_fits_its_case(language: str) -> None:
    over, valid, sorry, claims, discount, together, first = SAID[language]

    def page(kind: str, **more: object) -> str:
        return SHOWN.html(replace(example(kind, language), **more)).replace("\u00a0", " ")  # type: ignore[arg-type]

    lasts = page("exemption_request")
    ended = page("exemption_request", happened_on=DAY - timedelta(days=1))
    assert valid in lasts
    assert over not in lasts
    assert over in ended
    family, court = page("estate"), page("estate", to=Party(name="Probate court"))
    assert sorry in family
    assert claims not in family
    assert claims in court
    assert sorry not in court
    assert "1.234,50" in court or "1,234.50" in court or "1\u202f234,50" in court
    back = page("nsf")
    assert discount in back
    assert together in back
    assert discount not in page("nsf", discount=None)
    assert together not in page("nsf", lines=())
    assert first in page("pre_due")
    one, many = page("remittance_request", lines=()), page("remittance_request")
    assert "26-1" in one
    assert "26-1" not in many
