"""Links between bank lines and receipts worked out again, against those that the sample company states."""

from __future__ import annotations

import pandas as pd
import pytest

from arlib.ledger.cash_links import worked_out
from arlib.sources.sample import generate


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
