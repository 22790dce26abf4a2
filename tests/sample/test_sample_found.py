"""The ledger's logic finds what was planted in the sample, to the cent, and nothing that was not."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from arlib.controls import Status
from arlib.ledger.cash_proof import proof_of_cash
from arlib.ledger.closed_periods import closed_period_postings
from arlib.ledger.customer_recon import reconcile_customer
from arlib.ledger.reaging import reaged
from arlib.ledger.rollforward import roll_forward
from arlib.ledger.tieout import tie_out
from arlib.policy import Scope
from arlib.sources.sample import Sample, generate
from arlib.tables import Book

ENTITIES = ("US01", "UK01", "JP01")


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate(seed=2026, items=4000)


def book_and_scope(sample: Sample, entity: str) -> tuple[Book, Scope]:
    row = sample.tables["entities"].set_index("entity").loc[entity]
    scope = Scope(
        entity=entity,
        entity_name=row["name"],
        functional_currency=row["functional_currency"],
        period="2026-10",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 10, 31),
        as_of=date(2026, 10, 31),
        time_zone=row["time_zone"],
        country=row["country"],
    )
    return Book(tables=sample.tables, features=frozenset({"entry_times"})).for_entity(entity), scope


def planted(sample: Sample, entity: str, control: str) -> pd.DataFrame:
    truth = sample.truth
    return truth[truth["is_planted"] & truth["control"].eq(control) & truth["entity"].eq(entity)]


@pytest.mark.parametrize("entity", ENTITIES)
def test_causes_are_the_planted_ones(sample: Sample, entity: str) -> None:
    book, scope = book_and_scope(sample, entity)
    found = tie_out(book, scope=scope)
    key = ["account", "cause", "document_no"]
    expected = planted(sample, entity, "control_account").set_index(key)["amount"].to_dict()
    assert found.causes.set_index(key)["amount"].to_dict() == expected
    assert len(found.unexplained) == 0
    assert {control.status for control in found.controls} == {Status.TIED, Status.EXPLAINED}


@pytest.mark.parametrize("entity", ENTITIES)
def test_carried_items_keep_their_age_and_the_cleared_one_is_named(sample: Sample, entity: str) -> None:
    book, scope = book_and_scope(sample, entity)
    found = tie_out(book, scope=scope)
    old = found.causes.set_index("document_no").loc["JM-0001"]
    assert old["first_reported_on"] == pd.Timestamp("2026-08-31")
    cleared = sample.truth[sample.truth["kind"].eq("cleared_since") & sample.truth["entity"].eq(entity)]
    assert found.cleared["document_no"].tolist() == cleared["document_no"].tolist()


@pytest.mark.parametrize("entity", ENTITIES)
def test_statement_differences_are_the_planted_ones(sample: Sample, entity: str) -> None:
    book, scope = book_and_scope(sample, entity)
    rows = reconcile_customer(book, scope=scope).rows
    off = rows[rows["kind"].ne("matched")]
    by_customer = off.groupby("customer_id")["kind"].agg(sorted).to_dict()
    expected = planted(sample, entity, "customer_statement")
    assert by_customer == expected.groupby("account")["cause"].agg(sorted).to_dict()
    assert sorted(off["difference"].abs()) == sorted(expected["amount"])


@pytest.mark.parametrize("entity", ENTITIES)
def test_cash_proof_names_every_planted_document(sample: Sample, entity: str) -> None:
    book, scope = book_and_scope(sample, entity)
    controls, rows = proof_of_cash(book, scope=scope)
    assert all(control.unexplained == 0 for control in controls)
    named = set(zip(rows["cause"], rows["document_no"], rows["amount"].abs(), strict=True))
    expected = planted(sample, entity, "cash_proof")
    assert set(zip(expected["cause"], expected["document_no"], expected["amount"], strict=True)) <= named


@pytest.mark.parametrize("entity", ENTITIES)
def test_roll_forward_foots(sample: Sample, entity: str) -> None:
    book, scope = book_and_scope(sample, entity)
    found = roll_forward(book, scope=scope)
    assert found.identities
    assert [i.name for i in found.identities if not i.holds] == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_back_posted_and_re_aged_are_found_alone(sample: Sample, entity: str) -> None:
    book, scope = book_and_scope(sample, entity)
    truth = sample.truth[sample.truth["entity"].eq(entity)].set_index("kind")["document_no"]
    late = closed_period_postings(book, scope=scope)
    assert set(late["document_no"]) == {truth["back_posted"]}
    moved = reaged(book, scope=scope)
    own = moved[moved["replaces"].isna()]
    assert own["document_no"].tolist() == [truth["re_aged"]]
