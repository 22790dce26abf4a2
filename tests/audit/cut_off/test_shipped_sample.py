"""The sample company as shipped (seed 2026): what was planted about numbers and cash at the date is found in every entity."""

from __future__ import annotations

import pytest

from arlib.audit.cut_off.numbering import numbering
from arlib.audit.cut_off.sides import cut_off
from arlib.policy import Policies
from arlib.sources.sample import generate

ENTITIES = ("US01", "UK01", "JP01")


@pytest.fixture(scope="module")
def shipped():
    return generate(seed=2026)


def documents(truth, kind):
    return set(truth.loc[truth["kind"].eq(kind), "document_no"])


@pytest.mark.parametrize("entity", ENTITIES)
def test_numbers_missing_rejected_and_reused(shipped, of_sample, asked, entity):
    book, scope, truth = of_sample(shipped, entity)
    found = numbering(book, scope=scope, policies=Policies(), ask=asked("numbering"))
    grades = found.gaps.set_index("from_no")["grade"]
    assert set(grades[grades.eq("exception")].index) == documents(truth, "number_missing")
    assert {grades[number] for number in documents(truth, "number_rejected")} == {"explained"}
    assert set(found.reused["document_no"]) == documents(truth, "number_reused")
    assert all(control.difference == 0 for control in found.controls)


@pytest.mark.parametrize("entity", ENTITIES)
def test_everything_planted_at_the_date_is_an_exception(shipped, of_sample, asked, entity):
    """JP01: five days of which one is a holiday are three business days, and still beyond the account's usual one."""
    book, scope, truth = of_sample(shipped, entity)
    found = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off"))
    wrong = set(found.findings.loc[found.findings["grade"].eq("exception"), "document_no"])
    for kind in ("receipt_held_open", "duplicate_receipt", "posted_late", "back_posted", "cut_off_sale_early", "cut_off_sale_late",
                 "date_outside_period", "reversal_other_period"):  # fmt: skip
        planted = truth[truth["kind"].eq(kind) & truth["is_planted"]]
        assert set(planted["document_no"]) <= wrong, kind
    honest = found.findings[found.findings["document_no"].isin(documents(truth, "deposit_in_transit"))]
    assert honest["grade"].eq("explained").all()
    assert len(honest)


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_bridge_is_the_effects_and_the_headline_the_exceptions(shipped, of_sample, asked, entity):
    book, scope, _ = of_sample(shipped, entity)
    found = cut_off(book, scope=scope, policies=Policies(), ask=asked("cut_off"))
    assert int(found.bridge["findings"].sum()) == len(found.findings) == int(found.effects["documents"].sum())
    head = found.bridge[found.bridge["in_headline"]]
    own = found.findings[found.findings["grade"].eq("exception") & found.findings["test"].ne("ledger_date")]
    assert head["part"].unique().tolist() == ["exceptions"]
    assert int(head["balance_effect"].sum()) == int(own["balance_effect"].sum())
    assert found.effects.loc[found.effects["test"].eq("ledger_date"), "in_headline"].eq(False).all()
    by = found.findings.groupby("currency")["balance_effect"].sum()
    assert found.bridge.groupby("currency")["balance_effect"].sum().to_dict() == by.to_dict()
