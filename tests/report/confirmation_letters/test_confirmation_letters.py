"""Confirmation letters: who signs and dates them, what the slip says by itself, what is assigned, pages of long lists."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from arlib.audit.ask import Ask
from arlib.audit.evidence.confirm import confirmations
from arlib.audit.options.evidence import ConfirmationsOptions
from arlib.audit.population import Population
from arlib.policy import Policies, Scope
from arlib.report.confirmation_letters import ConfirmationLetter, ConfirmationLine, letters_of, pdfs_of
from arlib.report.confirmation_letters.batch import TEMPLATES
from arlib.report.documents.model import Money, Party
from arlib.report.documents.pdf import NotInstalledError, weasyprint_parts
from arlib.sources.sample import generate
from arlib.tables import Book

AUDITOR = {"reply_to": "R. Vale|5 Audit Lane|Boston MA", "reply_email": "confirm@vale.example",
           "auditor": "Vale & Partners LLP", "reply_by": "2026-11-20"}  # fmt: skip
EVIL = '<script>alert(1)</script>=HYPERLINK("http://x","y")' + "W" * 300
SIGNED = "authorised signatory"
SLIP = "Reply to the auditor, reference"


@pytest.fixture(scope="module")
def company():
    return Book(dict(generate(seed=7, items=800).tables), features=frozenset({"entry_times"}))


def letter_of(company, entity, customer, **options):
    """The letter to one customer of the sample company as of the end of October 2026."""
    name, code = {"US01": ("Harbor Tools Inc", "USD"), "JP01": ("Harbor Tools KK", "JPY")}[entity]
    scope = Scope(entity=entity, entity_name=name, functional_currency=code, period="2026-10", starts_on=date(2026, 10, 1),
                  ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
    chosen = ConfirmationsOptions(**{**AUDITOR, **options})
    book = company.for_entity(entity)
    ask = Ask(kind="confirmations", options=chosen, population=Population(customers=(customer,)))
    found = confirmations(book, scope=scope, policies=Policies(), ask=ask)
    (made,) = letters_of(book, found.sheet, found.in_letters, options=chosen, scope=scope)
    return made


def long_letter(lines, *, sign=1, **changed):
    """A letter in dinars with so many documents; every ninth is assigned."""
    made = ConfirmationLetter(
        number="AC-1-KWD", kind="positive", dated=date(2026, 10, 31), language="en", locale="en_GB", as_of=date(2026, 10, 31),
        sender=Party(name="Harbor"), to=Party(name="Dune", code="1"), about=Party(name="Dune", code="1"), balance_currency="KWD",
        lines=tuple(
            ConfirmationLine(document_no=f"SI-{no}", document_date=date(2026, 10, 1), due_date=date(2026, 10, 31),
                             amount=Money(amount=sign * (1000 + no), currency="KWD"), assigned_to="" if no % 9 else "Meridian")
            for no in range(lines)
        ),
        auditor="Vale", reply_to=("5 Audit Lane",), reply_email="c@vale.example",
    )  # fmt: skip
    return replace(made, **changed)


def words_of(page):
    """The words of a letter as they are read, without markup."""
    body = page.split("<body>")[1]
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("\u00a0", " ").split())


def pages_of(letter):
    """The text of each page of the PDF."""
    try:
        weasyprint_parts()
    except NotInstalledError:
        pytest.skip("no WeasyPrint")
    (content,) = pdfs_of([letter]).values()
    return [
        " ".join(page.extract_text().replace("\u00a0", " ").split())
        for page in PdfReader(BytesIO(content)).pages
    ]


def test_a_letter_bears_a_line_for_the_day_that_the_auditor_sends_it(company):
    letter = letter_of(company, "US01", "00585")
    page = TEMPLATES.html(letter)
    assert '<div class="dated">Date: <span class="gap"></span></div>' in page
    assert "balance at October 31, 2026" in page
    dated = TEMPLATES.html(letter_of(company, "US01", "00585", dated="2026-11-05"))
    assert '<div class="dated">Date: November 5, 2026</div>' in dated


@pytest.mark.parametrize("form", ["positive", "negative", "blank"])
def test_the_slip_says_by_itself_who_replies_to_whom_about_what(company, form):
    said = words_of(TEMPLATES.html(letter_of(company, "US01", "00585", form=form)))
    letter, slip = said.split(SLIP)
    for wanted in ("AC-00585-USD", "Vale & Partners LLP".replace("&", "&amp;"), "5 Audit Lane", "confirm@vale.example",
                   "Slate Seeds Co.", "00585 with Harbor Tools Inc", "October 31, 2026", "Currency USD",
                   "Balance by our records (USD)", "Name Title", "Signature Date"):  # fmt: skip
        assert wanted in slip
    assert ("Difference (USD)" in slip) == (form != "blank")
    assert ("66,808.85" in slip) == ("66,808.85" in letter) == (form != "blank")
    assert SIGNED not in slip
    assert "We authorise you to give our auditor directly" in letter
    assert f"For Harbor Tools Inc, {SIGNED}" in letter


def test_what_a_factor_holds_is_told_as_such_and_sums(company):
    letter = letter_of(company, "US01", "00585")
    held = [(line.document_no, line.assigned_to) for line in letter.lines if line.assigned_to]
    assert held == [("SI-100143", "Meridian Factors")]
    assert letter.assigned == (("Meridian Factors", Money(amount=987500, currency="USD")),)
    said = words_of(TEMPLATES.html(letter))
    assert "SI-100143 assigned to Meridian Factors" in said
    assert "of this, assigned to Meridian Factors USD 9,875.00" in said
    assert "USD 66,808.85 , owed by us; of this USD 9,875.00 assigned to Meridian Factors" in said
    blank = words_of(TEMPLATES.html(letter_of(company, "US01", "00585", form="blank")))
    assert "assigned to Meridian Factors." in blank
    assert "9,875.00" not in blank
    assert "assigned" not in words_of(TEMPLATES.html(letter_of(company, "US01", "00578")))


def test_an_entity_has_no_address_of_another(company):
    letter = letter_of(company, "JP01", "J00585")
    assert (letter.sender.name, letter.sender.address) == ("Harbor Tools KK", ())
    page = TEMPLATES.html(letter)
    head = words_of(page).split("Request for confirmation")[0]
    assert "Boston" not in head
    assert "JPY 8,165,517" in words_of(page)  # yen have no places


def test_a_balance_in_the_customers_favour_is_said_to_be_one():
    said = words_of(TEMPLATES.html(long_letter(2, sign=-1)))
    assert "Balance in your favour KWD −2.001" in said
    assert "KWD −2.001 , in our favour" in said
    assert "owed" not in said.split(SLIP)[1]


@pytest.mark.parametrize("lines", [1, 9, 13, 21, 33, 130])
def test_the_slip_is_a_page_with_its_reference_and_the_signature_stays_with_the_letter(lines):
    pages = pages_of(long_letter(lines))
    assert all("reference AC-1-KWD" in page for page in pages)
    assert [SLIP in page for page in pages] == [False] * (len(pages) - 1) + [True]
    (signed,) = (page for page in pages if SIGNED in page)
    assert "Balance that you owed us" in signed
    assert f"SI-{lines - 1} " in signed  # never a signature without a document
    whole = " ".join(pages)
    assert all(f"SI-{no} " in whole for no in range(lines))


def test_hostile_names_are_text_and_never_push_the_slip_apart():
    evil = Party(name=EVIL, code="1", address=("=1+1", "../../etc", "<b>x</b>" + "Z" * 300))
    lines = tuple(replace(line, assigned_to="<i>Evil</i> =1") for line in long_letter(9).lines)
    letter = replace(long_letter(9), to=evil, about=evil, lines=lines, holders=("<i>Evil</i> =1",))
    page = TEMPLATES.html(letter)
    assert "<script>" not in page
    assert "<i>" not in page
    assert "<script>" not in TEMPLATES.html(replace(letter, kind="blank", lines=()))
    pages = pages_of(letter)
    assert [SLIP in page for page in pages] == [False] * (len(pages) - 1) + [True]
