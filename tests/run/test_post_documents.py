"""Documents of a run: approved ones, drafts, all at once, receipts and letters."""

from __future__ import annotations

import io
from datetime import date

import pypdf
import pytest
from click.testing import CliRunner

from arlib.cli.documents import document
from arlib.errors import ParameterError
from arlib.run.post_run import Order, post_run
from arlib.sources.upload.from_proposals import document_number

from .post_runs import BOB, accounts_file, approve, sealed, small_book


@pytest.fixture
def run(tmp_path):
    return sealed(tmp_path)


def made(*words):
    return CliRunner().invoke(document, [str(word) for word in words], catch_exceptions=True)


def text_of(path):
    reader = pypdf.PdfReader(io.BytesIO(path.read_bytes()))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()).replace("\u00a0", " ")


def test_a_draft_then_the_approved_note_with_the_number_of_its_posting(run, tmp_path):
    proposal = run.id_of("credit_memo")
    words = ("credit-note", "--run", run.folder, "--proposal", proposal, "--out")

    draft = made(*words, tmp_path / "draft.pdf")
    none_yet = made("credit-note", "--run", run.folder, "--out", tmp_path / "none")
    approve(run, "credit_memo")
    all_of_them = made("credit-note", "--run", run.folder, "--out", tmp_path / "notes")

    assert "(PROPOSAL, not approved)" in draft.output
    assert "PROPOSAL, not approved" in text_of(tmp_path / "draft.pdf")
    assert "nothing to write" in none_yet.output
    assert all_of_them.exit_code == 0, all_of_them.output
    (path,) = (tmp_path / "notes").iterdir()
    number = document_number("US01", proposal)
    assert path.name == f"credit-note-{number}.pdf"
    text = text_of(path)
    for said in ("USD 50.00", "USD 10.00", "USD 60.00", number, f"Proposal {proposal} · approved by Ann Approver", "6 November 2026",
                 "9I3 of 5 January 2026", "=cmd()"):  # fmt: skip
        assert said in text
    assert "PROPOSAL" not in text
    order = Order(folder=run.folder, target="sap", accounts_file=accounts_file(tmp_path / "a.yml"), day=date(2026, 11, 7),
                  batch_id="B1", out=tmp_path / "posted")  # fmt: skip
    post_run(order, actor=BOB)
    assert number in (tmp_path / "posted" / "sap_documents_B1.csv").read_text(encoding="utf-8")


def test_the_issuer_is_named_as_in_the_close_and_matches_are_no_proposals(tmp_path):
    named = {"entity": "US01", "name": "A_NAME_OF_THE_EXTRACT", "functional_currency": "USD", "country": "US"}
    run = sealed(tmp_path, book=small_book(entities=[named]))
    assert (run.folder / "data" / "cash_application" / "proposals.parquet").is_file()

    done = made(
        "credit-note",
        "--run",
        run.folder,
        "--proposal",
        run.id_of("credit_memo"),
        "--out",
        tmp_path / "n.pdf",
    )

    assert done.exit_code == 0, done.output
    text = text_of(tmp_path / "n.pdf")
    assert "Harbor Tools Inc" in text
    assert "EXTRACT" not in text


def test_a_wrong_name_is_said_with_the_nearest(run, tmp_path):
    proposal = run.id_of("credit_memo")

    done = made(
        "credit-note", "--run", run.folder, "--proposal", proposal[:-1] + "0", "--out", tmp_path / "x.pdf"
    )

    assert isinstance(done.exception, ParameterError)
    assert proposal in str(done.exception)
    assert not (tmp_path / "x.pdf").exists()
    for words in (("receipt", "--out", "x.pdf"), ("release", "--out", "x")):
        assert isinstance(made(*words).exception, ParameterError)


def test_a_receipt_says_what_it_settled(tmp_path):
    on = date(2026, 10, 20)
    receipt = {"receipt_id": "P1", "entity": "US01", "item_id": "R1", "customer_id": "C2", "currency": "EUR", "amount": 25000,
               "status": "unapplied", "effective_date": on, "payer_name": "<img src=file:///etc/passwd>", "reference": "RF18"}  # fmt: skip
    back = receipt | {"receipt_id": "P2", "amount": -25000, "return_of": "P1", "item_id": None}
    run = sealed(tmp_path, book=small_book(receipts=[receipt]))
    returned = sealed(tmp_path / "other", book=small_book(receipts=[receipt, back]))

    done = made("receipt", "--run", run.folder, "--receipt", "P1", "--out", tmp_path / "r.pdf")
    refused = made("receipt", "--run", returned.folder, "--receipt", "P1", "--out", tmp_path / "x.pdf")
    unknown = made("receipt", "--run", run.folder, "--receipt", "P3", "--out", tmp_path / "x.pdf")

    assert done.exit_code == 0, done.output
    text = text_of(tmp_path / "r.pdf")
    assert "EUR 250.00" in text
    assert "to your credit" in text
    assert "20 October 2026" in text
    assert "returned payment" in str(refused.exception)
    assert "no such receipt: found 'P3'" in str(unknown.exception)
