"""The sample company's banks: what they send is read back to the same money, line by line, and proves the ledger's cash."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.controls import Status
from arlib.ledger.bank_statements import bank_statement_check
from arlib.ledger.cash_proof import proof_of_cash
from arlib.policy import Scope
from arlib.sources import SourceSpec, identify, load_book
from arlib.sources.sample import generate
from arlib.sources.sample.as_bank import write_bank
from arlib.tables import Book

SAMPLE = generate(seed=7)
CURRENCY = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("bank")
    write_bank(SAMPLE.tables, home)
    return home


@pytest.fixture(scope="module")
def book(folder):
    accounts = {name: f"{name[:4]}/{name}" for name in SAMPLE.tables["bank_lines"]["bank_account"].unique()}
    return load_book([SourceSpec(folder=folder, profile="bank", options={"accounts": accounts})], root=folder)


def facts(frame):
    columns = ["entity", "bank_account", "booking_date", "currency", "amount"]
    return sorted(frame[columns].astype("str").itertuples(index=False, name=None))


def test_every_line_comes_back_with_its_account_day_and_amount(book):
    assert facts(book["bank_lines"]) == facts(SAMPLE.tables["bank_lines"])
    assert book["bank_lines"]["bank_line_id"].is_unique
    assert set(book.problems["code"]) == {
        "no_transactions"
    }  # accounts without a line in a month, which is said


def test_each_bank_has_its_form_told_by_content(folder):
    kinds = {path.suffix: identify(path) for path in folder.iterdir()}
    assert kinds == {".bai": ["bank"], ".xml": ["bank"], ".sta": ["bank"]}


@pytest.mark.parametrize("entity", CURRENCY)
def test_statements_tie_and_the_cash_is_proven_without_stated_links(book, entity):
    scope = Scope(
        entity=entity, entity_name=entity, functional_currency=CURRENCY[entity], period="2026-10",
        starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31),
    )  # fmt: skip
    whole = {**SAMPLE.tables, **book.tables}
    del whole["receipt_bank_lines"], whole["remittances"]
    made = Book(whole).for_entity(entity)
    controls, frame = bank_statement_check(made, scope=scope)
    assert {control.status for control in controls} == {Status.TIED}
    assert len(frame) >= len(controls)
    assert (frame["to_date"] >= "2026-10-01").all()
    proofs, causes = proof_of_cash(made, scope=scope)
    assert {proof.status for proof in proofs} <= {Status.TIED, Status.EXPLAINED}
    assert not causes["cause"].eq("unexplained").any()
