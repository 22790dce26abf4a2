"""Credit work of the sample company: every planted case has an honest one beside it, and the allowance ties."""

from __future__ import annotations

import pandas as pd
import pytest

from arlib.sources.sample import Sample, generate

ENTITIES = ("US01", "UK01", "JP01")


@pytest.fixture(scope="module", params=[1, 7], ids=["seed-1", "seed-7"])
def sample(request: pytest.FixtureRequest) -> Sample:
    return generate(seed=request.param)


def planted(sample: Sample, kind: str) -> pd.DataFrame:
    truth = sample.truth
    return truth[truth["is_planted"] & truth["kind"].eq(kind)].set_index("entity")


def test_a_write_off_of_a_disputed_debt_stands_beside_undisputed_ones(sample: Sample) -> None:
    disputes, lost = sample.tables["disputes"], sample.tables["written_off"]
    for entity, story in planted(sample, "write_off_of_disputed").iterrows():
        mine = disputes[disputes["entity"].eq(entity) & disputes["item_id"].eq(story["document_no"])]
        gone = lost[lost["entity"].eq(entity) & lost["item_id"].eq(story["document_no"])].iloc[0]
        assert (mine["closed_on"].isna() & (mine["opened_on"] < gone["written_off_on"])).any()
        others = set(lost.loc[lost["entity"].eq(entity), "item_id"])
        assert others - set(disputes.loc[disputes["entity"].eq(entity), "item_id"])


def test_requests_ask_for_more_than_billed_and_for_less(sample: Sample) -> None:
    asked = sample.tables["adjustment_requests"].merge(
        sample.tables["items"][["entity", "item_id", "amount"]],
        on=["entity", "item_id"],
        suffixes=("", "_billed"),
    )
    memos = asked[asked["kind"].eq("credit_memo")]
    for entity in ENTITIES:
        mine = memos[memos["entity"].eq(entity)]
        assert (mine["amount"] > mine["amount_billed"]).sum() == 1
        assert (mine["amount"] < mine["amount_billed"]).any()


def test_a_refund_is_asked_for_twice_and_others_once(sample: Sample) -> None:
    items, requests = sample.tables["items"], sample.tables["adjustment_requests"]
    refunds = requests[requests["kind"].eq("refund")]
    used = sample.tables["applications"]
    used = used[used["kind"].eq("refund")]
    for entity in ENTITIES:
        mine = refunds[refunds["entity"].eq(entity)]
        paid_back = set(used.loc[used["entity"].eq(entity), "source_item_id"])
        again = mine["item_id"].isin(paid_back) | mine["item_id"].duplicated()
        assert again.any()
        assert not again.all()
    assert refunds.merge(items, on=["entity", "item_id"])["amount_y"].lt(0).all()


def test_bank_details_changed_with_and_without_a_call_back(sample: Sample) -> None:
    details = sample.tables["bank_details"]
    new = details[details["told_by"].eq("e-mail")]
    assert set(planted(sample, "changed_bank_details").index) == set(ENTITIES)
    assert new.groupby("entity")["called_back_on"].agg(lambda days: days.isna().sum()).eq(1).all()
    assert new["called_back_on"].notna().any()
    assert details["told_by"].eq("contract").any()


def test_the_allowance_account_is_the_sum_of_its_entries_at_every_month_end(sample: Sample) -> None:
    entries = sample.tables["allowance_entries"]
    balances = sample.tables["gl_balances"]
    for row in balances[balances["account"].eq("1280")].itertuples():
        mine = entries[entries["entity"].eq(row.entity) & (entries["posting_date"] <= row.as_of)]
        assert row.balance == -int(mine["amount"].sum())
    assert set(entries["line"]) >= {"opening", "charge", "write_off"}


def test_what_was_written_off_against_it_is_what_the_ledger_wrote_off(sample: Sample) -> None:
    items, entries = sample.tables["items"], sample.tables["allowance_entries"]
    off = items[items["item_type"].eq("write_off") & items["reason"].eq("uncollectable")]
    off = off[off["posting_date"] <= pd.Timestamp("2026-10-31")]
    booked = entries[entries["line"].eq("write_off")].groupby("entity")["amount"].sum()
    assert booked.to_dict() == off.groupby("entity")["functional_amount"].sum().to_dict()


def test_instalments_make_up_their_plan_and_commission_follows_its_rate(sample: Sample) -> None:
    plans, parts = sample.tables["plans"], sample.tables["plan_instalments"]
    sums = parts.groupby(["entity", "plan_id"])["amount"].sum()
    assert sums.to_dict() == plans.set_index(["entity", "plan_id"])["amount"].to_dict()
    earned = sample.tables["commissions"]
    assert (earned["amount"] == earned["base_amount"] * 3 // 100).all()
    assert len(earned)
