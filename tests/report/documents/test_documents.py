"""Documents as PDF: what they say, hostile texts, long ones, the same bytes again."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pypdf
import pytest

from arlib.report.documents import (
    Approved,
    CreditNote,
    DueDiligence,
    Party,
    Receipt,
    Release,
    RevisedInvoice,
    html_of,
    pdf_of,
)
from arlib.report.documents.model import Amount, Money
from arlib.report.documents.page import money_text, plain_text
from arlib.report.documents.pdf import NotInstalledError, pdf_bytes

US = Party(name="Harbor Tools Inc", code="US01", country="US")
ACME = Party(
    name="Acme & Söhne 株式会社", code="C-17", address=("Weg 1", "53111 Bonn"), country="DE", tax_id="DE1"
)
APPROVED = Approved(
    proposal_id="CM-ABCDEFGHIJKL", run_id="20261105T081502Z-3fa9c1", approver="Ann Approver",
    approved_on=date(2026, 11, 6), event="a1" * 32,
)  # fmt: skip
DRAFT = Approved(proposal_id="CM-ABCDEFGHIJKL", run_id="20261105T081502Z-3fa9c1")
HEAD = {"number": "ARZZ234567ABCDEF", "dated": date(2026, 11, 7), "issuer": US, "to": ACME}


def usd(amount):
    return Money(amount=amount, currency="USD")


def line(value, words="Net, price concession", number="9001"):
    return Amount(words=words, money=usd(value), reference=number, on=date(2026, 1, 5))


def credit_note(**changes):
    made = CreditNote(
        **HEAD, rests_on=APPROVED, invoice_no="9001", invoice_date=date(2026, 1, 5), reason="price",
        lines=(line(500000), line(1234, "Freight")), net=usd(501234), tax=usd(100246), total=usd(601480),
    )  # fmt: skip
    return replace(made, **changes)


DOCUMENTS = [
    credit_note(),
    RevisedInvoice(
        **HEAD, rests_on=APPROVED, invoice_no="9001", due_date=date(2026, 2, 4), lines=(line(5000),), net=usd(5000),
        tax=usd(1000), total=usd(6000), moved=usd(2000), to_pay=usd(4000),
    ),
    Receipt(**HEAD, received=usd(120000), received_on=date(2026, 10, 20), settled=(line(100000, "Invoice"),), rest=usd(20000)),
    DueDiligence(**HEAD, total=usd(25000), credits=(line(25000, "Credit"),), place="US-DE", report_due=date(2027, 3, 1),
                 answer_by=date(2026, 12, 31)),
    Release(**HEAD, rests_on=APPROVED, balance=usd(120000), payment=usd(90000), concession=usd(30000), tax=usd(5000),
            pay_by=date(2026, 12, 1), items=(line(120000, "Invoice"),)),
]  # fmt: skip
SAYS = {
    "credit_note": ("Total credit", "USD 6,014.80", "USD 1,002.46", "9001 of 5 January 2026"),
    "revised_invoice": ("USD 60.00", "USD 20.00", "USD 40.00", "4 February 2026", "credited in full"),
    "receipt": ("USD 1,200.00", "USD 200.00", "20 October 2026"),
    "due_diligence": ("USD 250.00", "US-DE", "1 March 2027", "31 December 2026"),
    "release": ("USD 1,200.00", "USD 900.00", "USD 300.00", "1 December 2026", "is released"),
}


def text_of(data):
    reader = pypdf.PdfReader(io.BytesIO(data))
    return len(reader.pages), " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.template)
def test_each_document_says_what_it_must_on_one_page(document):
    pages, text = text_of(pdf_of(document))

    assert pages == 1
    for words in (
        document.title,
        "ARZZ234567ABCDEF",
        "Acme & Söhne",
        "株式会社",
        "Harbor Tools Inc",
        *SAYS[document.template],
    ):
        assert words in text.replace("\u00a0", " ")
    if document.rests_on.proposal_id:
        assert "Proposal CM-ABCDEFGHIJKL" in text
        assert "approved by Ann Approver on 6 November 2026" in text
        assert "Run 20261105T081502Z-3fa9c1 · event a1a1a1a1a1a1a1a1" in text
    assert "not approved" not in text


def test_a_proposal_says_so_on_every_page():
    rows = tuple(line(100) for _ in range(120))
    pages, text = text_of(pdf_of(credit_note(rests_on=DRAFT, lines=rows)))

    assert pages > 1
    assert text.count("PROPOSAL, not approved") == pages + 1  # the mark on each page, and the notice
    assert "must not be sent" in text
    assert text.count("Credit for") == pages  # the head of the table again on each page
    assert f"Page {pages} of {pages}" in text
    assert text.count("USD 1.00") == 120


HOSTILE = "<script>alert(1)</script><img src=file:///etc/passwd><b onload=x>'\"{{ 7*7 }}{% raw %} url(http://x.test/a)"


def test_hostile_texts_are_inert(monkeypatch):
    opened = []
    import weasyprint.urls

    monkeypatch.setattr(weasyprint.urls, "fetch", lambda *a, **k: opened.append(a))
    party = Party(name=HOSTILE, code="=1+1", address=(HOSTILE, "\u202egnp.exe", "a\x00b"), country="<u>")
    document = credit_note(to=party, reason=HOSTILE, lines=(line(100, HOSTILE, HOSTILE),))

    page = html_of(document)
    _, text = text_of(pdf_of(document))

    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "49" not in page.split("<body>")[1].replace("ARZZ234567ABCDEF", "")
    assert "{{ 7*7 }}" in text.replace("\u00a0", " ")
    assert "\u202e" not in page
    assert "\x00" not in page
    assert "root:" not in text
    assert opened == []


@pytest.mark.parametrize(
    "markup",
    ["<img src='FILE'>", "<link rel=stylesheet href='FILE'>",
     "<style>@import url('http://127.0.0.1:9/x.css'); body { background: url(FILE) }</style>",
     "<object data='FILE'></object>"],
)  # fmt: skip
def test_even_markup_in_the_page_loads_nothing(markup, tmp_path):
    (tmp_path / "secret.html").write_text("<p>secret</p>", encoding="utf-8")
    markup = markup.replace("FILE", (tmp_path / "secret.html").as_uri())
    _, text = text_of(
        pdf_bytes(f"<!DOCTYPE html><html><head></head><body>{markup}<p>whole</p></body></html>")
    )

    assert text == "whole"


def test_long_names_and_words_stay_on_the_page():
    party = Party(name="W" * 300, address=("x" * 200,))
    data = pdf_of(credit_note(to=party, reason="y" * 3000, number="N" * 60))
    pages, text = text_of(data)

    assert pages <= 2
    joined = text.replace(" ", "")
    assert "W" * 300 in joined
    assert "x" * 200 in joined
    assert "y" * 399 + "…" in joined
    assert "USD6,014.80" in joined.replace("\u00a0", "")


def test_equal_documents_give_equal_bytes_in_another_process():
    here = pdf_of(DOCUMENTS[0])
    code = (
        "import sys, pickle; from arlib.report.documents import pdf_of; "
        "sys.stdout.buffer.write(pdf_of(pickle.load(sys.stdin.buffer)))"
    )
    import pickle

    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(DOCUMENTS[0]), capture_output=True, check=True
    )

    assert done.stdout == here
    assert pdf_of(credit_note(tax=usd(100247))) != here


def test_amounts_have_the_places_of_their_currency():
    said = {code: money_text(Money(amount=1234567, currency=code)) for code in ("USD", "JPY", "KWD", "JPY.2")}

    assert said == {
        "USD": "USD\u00a012,345.67", "JPY": "JPY\u00a01,234,567", "KWD": "KWD\u00a01,234.567", "JPY.2": "JPY\u00a012,345.67",
    }  # fmt: skip
    assert plain_text("a\r\n\t b\u2028c\u00a0d") == "a b c\u00a0d"


@pytest.mark.parametrize(
    ("fault", "said"), [(OSError("no pango"), "pango"), (ImportError("x"), "WeasyPrint")]
)
def test_a_missing_library_is_said(monkeypatch, fault, said):
    import builtins

    whole = builtins.__import__

    def refusing(name, *rest, **more):
        if name == "weasyprint":
            raise fault
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(NotInstalledError, match=said):
        pdf_bytes("<p>x</p>")
