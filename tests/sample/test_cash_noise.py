"""The sample's cash drawn again with noise: what it promises about money, identity, damage and the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.sources.sample import Sample, generate
from arlib.sources.sample.cash_noise import NoisyCash, noisy_receipts
from arlib.sources.sample.cash_texts import damaged, ranged, shortened, spelled


@pytest.fixture(scope="module")
def company() -> Sample:
    return generate(seed=2026)


@pytest.fixture(scope="module")
def noisy(company: Sample) -> NoisyCash:
    return noisy_receipts(company.tables, seed=11, level="heavy")


def settled(cash: NoisyCash) -> pd.Series:
    """What the truth takes off each item."""
    parts = cash.truth[["applied_amount", "discount", "fee", "tolerance"]].sum(axis=1)
    return parts.groupby(cash.truth["item_id"]).sum()


@pytest.mark.parametrize("level", ["light", "ordinary", "heavy"])
def test_money_of_each_receipt_is_what_the_truth_applies_and_the_rest_is_over_only_where_it_says_so(
    company, level
):
    cash = noisy_receipts(company.tables, seed=3, level=level)
    home = cash.receipts.merge(cash.truth, on="receipt_id", suffixes=("", "_item"))
    home = home[home["currency"] == home["currency_item"]]
    sums = home.groupby("receipt_id").agg(
        amount=("amount", "first"), applied=("applied_amount", "sum"), difference=("difference", "first")
    )
    over = sums["amount"] - sums["applied"]
    assert len(sums) > 900
    assert (over[sums["difference"] != "over"] == 0).all()
    assert (over[sums["difference"] == "over"] > 0).all()
    assert (cash.receipts["amount"] > 0).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_item_is_settled_beyond_what_it_is_open_for(company, seed):
    cash = noisy_receipts(company.tables, seed=seed, level="heavy")
    opened = cash.items.set_index("item_id")["open_amount"]
    taken = settled(cash)
    room = opened.reindex(taken.index)
    assert room.notna().all()
    assert ((room > 0) & (taken <= room) | (room < 0) & (taken >= room)).all()


def test_a_part_payment_is_one_that_leaves_something_open(company):
    """Item by item in the order of the days: 'partial' leaves a rest, 'full' and 'earned_discount' leave none."""
    cash = noisy_receipts(company.tables, seed=5, level="light")
    rows = cash.truth[cash.truth["difference"] == "none"].merge(cash.receipts, on="receipt_id")
    rows = rows[~rows["item_id"].isin(cash.truth.loc[cash.truth["difference"] != "none", "item_id"])]
    left = cash.items.set_index("item_id")["open_amount"].to_dict()
    seen = set()
    for row in rows.sort_values(["value_date", "receipt_id"]).itertuples():
        left[row.item_id] -= row.applied_amount + row.discount
        seen.add(row.reason)
        assert (left[row.item_id] > 0) == (row.reason == "partial"), row
    assert seen >= {"partial", "partial|full", "full", "earned_discount"}


def test_items_that_the_books_call_paid_are_paid_by_the_truth(company):
    """Against the sample's own books: what its receipts settled there is what the noisy receipts settle, noise aside."""
    cash = noisy_receipts(company.tables, seed=5, level="light")
    quiet = cash.truth[cash.truth["difference"] == "none"]
    apps = company.tables["applications"]
    mine = apps[apps["kind"].eq("payment") & apps["reverses"].isna()]
    told = (
        (mine["target_amount"] + mine["discount"])
        .groupby(mine["entity"] + "-" + mine["target_item_id"])
        .sum()
    )
    noisy_items = set(cash.truth.loc[cash.truth["difference"] != "none", "item_id"])
    found = (quiet["applied_amount"] + quiet["discount"]).groupby(quiet["item_id"]).sum()
    found = found[~found.index.isin(noisy_items)]
    same = found == told.reindex(found.index)
    assert len(found) > 1000
    assert same.mean() > 0.995  # a returned payment of the books counts there and is not drawn here


def test_identifiers_are_unique_and_the_truth_names_what_is_there(noisy):
    assert noisy.items["item_id"].is_unique
    assert noisy.receipts["receipt_id"].is_unique
    assert not noisy.truth.duplicated(["receipt_id", "item_id"]).any()
    assert set(noisy.truth["item_id"]) <= set(noisy.items["item_id"])
    assert set(noisy.truth["receipt_id"]) == set(noisy.receipts["receipt_id"])
    assert set(noisy.advices["receipt_id"]) <= set(noisy.receipts["receipt_id"])
    assert len(set(noisy.items["item_id"]) - set(noisy.truth["item_id"])) > 50  # decoys


def test_the_same_seed_gives_the_same_frames_and_another_one_others(company, noisy):
    again = noisy_receipts(company.tables, seed=11, level="heavy")
    for one, other in zip(noisy, again, strict=True):
        pd.testing.assert_frame_equal(one, other)
    assert not noisy_receipts(company.tables, seed=12, level="heavy").receipts.equals(noisy.receipts)


def test_every_promised_trouble_is_there(noisy):
    assert set(noisy.truth["difference"]) >= {"none", "fee", "claim", "tax", "tolerance", "over", "netted"}
    assert set(noisy.truth["telling"]) == {"text", "advice", "untold", "partly", "range"}
    several = noisy.truth.groupby("item_id")["receipt_id"].nunique()
    assert (several > 1).sum() > 50
    netted = noisy.truth[noisy.truth["difference"] == "netted"]
    assert netted.groupby("receipt_id")["applied_amount"].min().lt(0).all()


def test_heavier_levels_damage_more(company):
    """The share of quoted texts that hold a document number of the receipt as it is written falls from level to level."""
    shares = []
    for level in ("light", "ordinary", "heavy"):
        cash = noisy_receipts(company.tables, seed=4, level=level)
        numbers = cash.items.set_index("item_id")["document_no"]
        texts = cash.receipts.set_index("receipt_id")["remittance_text"].fillna("")
        told = cash.truth[cash.truth["telling"] == "text"]
        hits = [
            number in texts[receipt]
            for receipt, number in zip(told["receipt_id"], numbers[told["item_id"]], strict=True)
        ]
        shares.append(np.mean(hits))
    assert shares[0] > shares[1] + 0.03
    assert shares[1] > shares[2] + 0.05


def test_claims_and_charges_have_their_class(noisy):
    by_reason = {
        "bank_charge": "fee", "tolerance": "tolerance", "claim": "deduction", "tax": "deduction", "freight": "deduction",
        "earned_discount": "discount",
    }  # fmt: skip
    for reason, column in by_reason.items():
        rows = noisy.truth[noisy.truth["reason"] == reason]
        assert (rows[column] > 0).all(), reason
        others = [name for name in set(by_reason.values()) if name != column]
        assert (rows[others] == 0).all(axis=None), reason
    taxed = noisy.truth[noisy.truth["reason"] == "tax"].merge(noisy.items, on="item_id")
    assert (taxed["deduction"] == taxed["tax_amount"]).all()


def test_advices_add_up_to_what_the_receipt_pays(noisy):
    lines = noisy.advices.groupby("receipt_id")["net"].sum()
    said = noisy.truth[noisy.truth["telling"] == "advice"]
    applied = said.groupby("receipt_id")["applied_amount"].sum()
    assert set(lines.index) == set(applied.index)
    assert (lines.sort_index() == applied.sort_index()).all()
    assert (
        noisy.advices["gross"] - noisy.advices["discount"] - noisy.advices["deduction"]
        == noisy.advices["net"]
    ).all()


def test_a_range_names_numbers_that_follow_each_other_on_the_account(noisy):
    ranges = noisy.truth[noisy.truth["telling"] == "range"].merge(noisy.items, on="item_id")
    assert len(ranges)
    for _, rows in ranges.groupby("receipt_id"):
        mine = noisy.items[noisy.items["customer_id"].eq(rows["customer_id"].iloc[0])
                           & noisy.items["entity"].eq(rows["entity"].iloc[0])]  # fmt: skip
        between = mine["document_no"].between(rows["document_no"].min(), rows["document_no"].max())
        assert set(mine.loc[between, "item_id"]) == set(rows["item_id"])


@given(st.text(min_size=0, max_size=40), st.integers(0, 2**32 - 1))
@settings(max_examples=200)
def test_damage_is_one_small_fault(token, seed):
    found = damaged(token, np.random.default_rng(seed))
    assert abs(len(found) - len(token)) <= 1
    if len(token) < 4:
        assert found == token


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 2**32 - 1))
@settings(max_examples=200)
def test_payers_are_cut_where_a_bank_cuts_them(name, aliases, seed):
    rng = np.random.default_rng(seed)
    assert len(spelled(name, aliases, rng, 0.0)) <= 35
    assert len(spelled(name, aliases, rng, 1.0)) <= 35


def test_short_forms_keep_the_digits_that_matter():
    rng = np.random.default_rng(1)
    forms = {shortened("00SI0100001", rng) for _ in range(200)}
    assert forms == {"00SI0100001", "100001"}
    assert {shortened("SI/0100001", rng) for _ in range(200)} == {"SI/0100001", "SI0100001", "100001"}
    assert ranged(["A1", "A2", "A3"]) == "INV A1 - A3"


@pytest.mark.parametrize(("seed", "level"), [(-1, "light"), (1, "loud")])
def test_a_wrong_level_or_seed_is_refused(company, seed, level):
    with pytest.raises(ParameterError, match="noise"):
        noisy_receipts(company.tables, seed=seed, level=level)
