"""Links between bank lines and receipts worked out again, against those that the sample company states."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from arlib.controls import Status
from arlib.ledger.cash_links import worked_out
from arlib.ledger.cash_proof import proof_of_cash
from arlib.policy import Scope
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book


def frames(bank: list[tuple], receipts: list[tuple]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    lines = pd.DataFrame(bank, columns=["bank_line_id", "date", "amount"])
    held = pd.DataFrame(receipts, columns=["receipt_id", "date", "amount", "deposit_batch"])
    for frame in (lines, held):
        frame["date"] = pd.to_datetime("2026-10-" + frame["date"].astype("str")).astype("datetime64[s]")
        frame["bank_account"], frame["currency"] = "A", "USD"
    return lines, held.drop(columns="deposit_batch"), held[["receipt_id", "deposit_batch"]]


def pairs(bank: list[tuple], receipts: list[tuple]) -> set[tuple]:
    made = worked_out(*frames(bank, receipts))
    return set(made[["receipt_id", "bank_line_id", "amount"]].itertuples(index=False, name=None))


def test_a_deposit_goes_to_the_line_of_its_sum_before_any_single_receipt_does():
    found = pairs(
        [("L1", 5, 300), ("L2", 6, 100)], [("R1", 5, 100, "D"), ("R2", 5, 200, "D"), ("R3", 6, 100, None)]
    )
    assert found == {("R1", "L1", 100), ("R2", "L1", 200), ("R3", "L2", 100)}


def test_the_nearest_day_goes_first_and_nothing_is_linked_twice():
    found = pairs(
        [("L1", 5, 100), ("L2", 9, 100)], [("R1", 8, 100, ""), ("R2", 5, 100, ""), ("R3", 5, 100, "")]
    )
    assert found == {("R1", "L2", 100), ("R2", "L1", 100)}


def test_far_days_and_other_amounts_stay_unlinked():
    assert pairs([("L1", 1, 100), ("L2", 20, 99)], [("R1", 20, 100, "")]) == set()


@pytest.mark.parametrize("entity", ["US01", "UK01", "JP01"])
def test_against_the_stated_links_of_the_sample_company(entity):
    tables = generate(seed=7).tables
    own = {
        name: frame[frame["entity"].eq(entity)] for name, frame in tables.items() if "entity" in frame.columns
    }
    bank = own["bank_lines"].rename(columns={"booking_date": "date"})
    bank = bank[bank["kind"].isin(("receipt", "return", "card_fee"))]
    receipts = own["receipts"].rename(columns={"posting_date": "date"})
    made = worked_out(bank, receipts.drop(columns="deposit_batch"), receipts[["receipt_id", "deposit_batch"]])
    stated = own["receipt_bank_lines"]
    said = set(zip(stated["receipt_id"], stated["bank_line_id"], strict=True))
    found = set(zip(made["receipt_id"], made["bank_line_id"], strict=True))
    assert found <= said
    assert len(found) >= 0.7 * len(said)


def test_an_account_without_a_word_from_its_bank_is_not_called_in_transit():
    scope = Scope(
        entity="US01", entity_name="Us", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
        ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31),
    )  # fmt: skip
    tables = dict(generate(seed=7).tables)
    own = tables["bank_lines"]["bank_account"].eq("US01-USD-01")
    tables["bank_lines"] = tables["bank_lines"][~own]
    statement = {"statement_id": "1", "entity": "US01", "bank_account": "US01-CAD-01", "kind": "statement",
                 "to_date": pd.Timestamp("2026-10-31"), "currency": "CAD", "entries": 1, "net": 1, "content_sha256": "x"}  # fmt: skip
    tables["bank_statements"] = CANONICAL["bank_statements"].frame([statement])
    controls, frame = proof_of_cash(Book(tables).for_entity("US01"), scope=scope)
    by_account = {control.account: control for control in controls}
    assert by_account["US01-USD-01"].status is Status.NO_INPUT
    assert by_account["US01-CAD-01"].status is not Status.NO_INPUT
    assert not frame["bank_account"].eq("US01-USD-01").any()
