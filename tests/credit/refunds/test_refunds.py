"""Refunds: the honest one goes through, and each thing that forbids one holds it and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.credit.proposals import facts_sha256
from arlib.credit.refunds import Way, booked_refunds, refunds_of
from arlib.policy import Policies, Scope
from arlib.policy.refund import RefundPolicy
from arlib.sources.sample.company import generate
from arlib.tables import Book

ASK = {"request_id": "Q1", "item_id": "R1"}


def words(result, item="R1"):
    rows = result.blocked[result.blocked["item_id"].eq(item)]
    return sorted(word for text in rows["blocked_by"] for word in text.split("|"))


def way_of(result, item="R1"):
    return result.credits.set_index("item_id").loc[item, "way"]


@pytest.fixture
def judged(books, scope, policies):
    _, overpaid = books

    def judge(policy=policies, **more):
        result = refunds_of(overpaid(**more), scope=scope, policies=policy)
        assert all(identity.holds for identity in result.identities)
        return result

    return judge


def test_an_overpayment_goes_back_to_the_payer_and_account_that_paid(judged):
    result = judged()
    (row,) = result.proposals.to_dict("records")
    assert (row["amount"], row["currency"], row["item_id"], row["reason"]) == (
        2000,
        "USD",
        "R1",
        "overpayment",
    )
    assert (row["payee_account"], row["payee_name"], row["functional_amount"]) == (
        "ACC-1001",
        "ACME INC",
        2000,
    )
    assert row["facts_sha256"] == facts_sha256(row)
    assert result.blocked.empty
    assert way_of(result) == Way.REFUND


@pytest.mark.parametrize(("more", "word"), [
    ({"items": [{"item_id": "I2", "item_type": "invoice", "amount": 5, "due_date": "2026-10-30"}]}, "overdue_items"),
    ({"items": [{"item_id": "I2", "item_type": "invoice", "amount": 5, "due_date": "2026-10-30", "currency": "EUR"}]},
     "overdue_items"),
    ({"disputes": [{"dispute_id": "DI", "item_id": "R1"}]}, "disputed"),
    ({"disputes": [{"dispute_id": "DI"}]}, "disputed"),
    ({"holds": [{"hold_id": "H"}]}, "hold"),
    ({"holds": [{"hold_id": "H", "kind": "sanction"}]}, "sanctioned"),
    ({"holds": [{"hold_id": "H", "kind": "bank_details"}]}, "call_back"),
    ({"claims": [{"claim_id": "CL"}]}, "bankrupt"),
    ({"claims": [{"claim_id": "CL", "kind": "estate"}]}, "estate"),
    ({"bank_details": [{"account": "NEW-2002", "valid_from": "2026-10-25"}]}, "call_back"),
    ({"bank_details": [{"account": "NEW-2002", "valid_from": "2026-10-25", "called_back_on": "2026-10-26",
                        "called_back_by": "ann"}]}, "call_back"),
    ({"bank_details": [{"account": "NEW-2002", "valid_from": "2026-10-25", "called_back_on": "2026-11-26",
                        "called_back_by": "bob"}]}, "call_back"),
    ({"account_changes": [{"change_id": "X1", "told_on": "2026-10-01"}]}, "call_back"),
    ({"items": [{"item_id": "F1", "item_type": "refund", "amount": 2000}]}, "already_refunded"),
    ({"items": [{"item_id": "F1", "item_type": "refund", "amount": 2000, "effective_date": "2026-11-05"}]},
     "already_refunded"),
    ({"items": [{"item_id": "I3", "item_type": "invoice", "amount": 2000, "effective_date": "2026-11-05"}],
      "applications": [{"application_id": "A2", "source_item_id": "R1", "target_item_id": "I3", "source_amount": 2000,
                        "target_amount": 2000, "effective_date": "2026-11-06"}]}, "used_since"),
    ({"receipts": [{"receipt_id": "RC9", "return_of": "RC1", "amount": -12000, "effective_date": "2026-10-30"}]},
     "returned"),
    ({"decided_proposals": [{"proposal_id": "RF-X", "item_id": "R1", "amount": 2000}]}, "already_approved"),
    ({"decided_proposals": [{"proposal_id": "RF-X", "item_id": "R1", "amount": 2000, "decision": "reject"}]},
     "rejected_before"),
])  # fmt: skip
def test_what_forbids_a_refund_holds_it_in_words(judged, more, word):
    for rows in ({}, {"adjustment_requests": [ASK]}):
        asked = word == "rejected_before" and bool(rows)
        result = judged(**more, **rows)
        if asked:  # somebody asked anew after the rejection
            assert len(result.proposals) == 1
            continue
        assert result.proposals.empty
        assert words(result) == [word]
        assert way_of(result) == Way.HELD
        assert result.blocked["blocked_because"].str.len().gt(10).all()


@pytest.mark.parametrize("more", [
    {"items": [{"item_id": "I2", "item_type": "invoice", "amount": 5, "due_date": "2026-10-31", "customer_id": "C2"}]},
    {"disputes": [{"dispute_id": "DI", "closed_on": "2026-10-31"}]},
    {"disputes": [{"dispute_id": "DI", "item_id": "I1"}]},
    {"holds": [{"hold_id": "H", "lifted_on": "2026-10-31"}]},
    {"holds": [{"hold_id": "H", "placed_on": "2026-11-01"}]},
    {"claims": [{"claim_id": "CL", "state": "closed"}]},
    {"bank_details": [{"account": "ACC 1001", "valid_from": "2026-10-25"}]},
    {"bank_details": [{"account": "OLD-3003", "valid_from": "2020-01-01"}]},
    {"account_changes": [{"change_id": "X1", "told_on": "2026-11-01"}]},
    {"items": [{"item_id": "F1", "item_type": "refund", "amount": 2000, "currency": "EUR"}]},
    {"decided_proposals": [{"proposal_id": "RF-X", "item_id": "R1", "amount": 2000, "decision": "ask"}]},
    {"decided_proposals": [{"proposal_id": "RF-X", "item_id": "R9", "amount": 2000}]},
])  # fmt: skip
def test_what_only_looks_like_it_does_not_hold_a_refund(judged, more):
    result = judged(**more)
    assert result.proposals["amount"].tolist() == [2000]
    assert result.blocked.empty


@pytest.mark.parametrize("status", ["bankrupt", "estate", "sanctioned", "legal"])
def test_customers_who_may_not_be_paid(books, scope, policies, status):
    _, overpaid = books
    book = overpaid()
    book = replace(book, tables={**book.tables, "customers": book["customers"].assign(status=status)})
    result = refunds_of(book, scope=scope, policies=policies)
    assert words(result) == [status]


def test_a_company_of_the_group_is_not_refunded(books, scope, policies):
    _, overpaid = books
    book = overpaid()
    book = replace(
        book,
        tables={
            **book.tables,
            "customers": book["customers"]
            .assign(is_intercompany=True)
            .astype({"is_intercompany": "boolean"}),
        },
    )
    assert words(refunds_of(book, scope=scope, policies=policies)) == ["intercompany"]


def test_called_back_details_are_paid_and_carry_their_bank_code(judged):
    detail = {"account": "NEW-2002", "valid_from": "2026-10-25", "called_back_on": "2026-10-26", "called_back_by": "bob",
              "bank_code": "231380104", "holder": "Acme Inc"}  # fmt: skip
    (row,) = judged(bank_details=[detail]).proposals.to_dict("records")
    assert (row["payee_account"], row["payee_name"]) == ("231380104/NEW-2002", "Acme Inc")
    assert "called back 2026-10-26 by bob" in row["evidence"]
    (row,) = judged(bank_details=[detail | {"holder": "Somebody Else"}]).proposals.to_dict("records")
    assert "the name on the account is not the customer's" in row["caution"]


def test_details_that_ended_are_not_paid_even_where_they_paid(judged):
    old = {"account": "ACC-1001", "valid_from": "2020-01-01", "valid_to": "2026-10-01"}
    new = {"account": "NEW-2002", "valid_from": "2026-10-02"}
    assert words(judged(bank_details=[old, new])) == ["call_back"]
    called = new | {"called_back_on": "2026-10-03", "called_back_by": "bob"}
    assert judged(bank_details=[old, called]).proposals["payee_account"].tolist() == ["NEW-2002"]


def test_a_request_for_another_account_waits_for_a_call_back(judged):
    asked = ASK | {"payer_account": "NEW-2002", "evidence": "mail 7"}
    assert words(judged(adjustment_requests=[asked])) == ["call_back"]
    long_known = {"account": "NEW-2002", "valid_from": "2024-01-01"}
    (row,) = judged(adjustment_requests=[asked], bank_details=[long_known]).proposals.to_dict("records")
    assert row["payee_account"] == "NEW-2002"
    assert "not the account that paid" in row["caution"]


def test_a_third_party_that_paid_is_asked_about(judged, books, scope, policies):
    make_book, _ = books
    paid = {
        "receipt_id": "RC1",
        "item_id": "R1",
        "amount": 2000,
        "payer_name": "Zed Holdings",
        "payer_account": "ZED-9",
    }
    tables = {
        "items": [{"item_id": "R1", "item_type": "receipt", "amount": -2000, "cash_status": "unapplied"}],
        "receipts": [paid],
    }
    assert words(refunds_of(make_book(**tables), scope=scope, policies=policies)) == ["third_party_payer"]
    asked = refunds_of(
        make_book(**tables, adjustment_requests=[ASK | {"evidence": "letter"}]),
        scope=scope,
        policies=policies,
    )
    (row,) = asked.proposals.to_dict("records")
    assert (row["payee_account"], row["payee_name"]) == ("ZED-9", "Zed Holdings")  # the original payer
    assert "neither the customer nor" in row["caution"]
    other = [{"customer_id": "C1"}, {"customer_id": "C2", "name": "Zed", "payer_account": "ZED-9"}]
    result = refunds_of(make_book(**tables, customers=other), scope=scope, policies=policies)
    assert "customer C2" in result.blocked["blocked_because"].iloc[0]


def test_overdue_items_give_way_to_a_request_with_evidence_only(judged):
    late = [{"item_id": "I2", "item_type": "invoice", "amount": 500, "due_date": "2026-10-30"}]
    assert words(judged(items=late, adjustment_requests=[ASK])) == ["overdue_items"]
    (row,) = judged(items=late, adjustment_requests=[ASK | {"evidence": "mail 7"}]).proposals.to_dict(
        "records"
    )
    assert "1 item is overdue, the oldest D-I2 due 2026-10-30" in row["caution"]
    assert row["requested_by"] == "ben"
    due_today = [late[0] | {"due_date": "2026-10-31"}]
    result = judged(items=due_today)
    assert way_of(result) == Way.APPLY  # not overdue, but apply first
    assert result.credits["apply_amount"].tolist() == [500]
    assert result.proposals.empty


def test_the_same_credit_asked_for_twice_is_proposed_once(judged):
    twice = [ASK, ASK | {"request_id": "Q2", "requested_on": "2026-10-21", "requested_by": "cy"}]
    for rows in (twice, twice[::-1]):
        result = judged(adjustment_requests=rows)
        assert result.proposals["requested_by"].tolist() == ["ben"]
        assert words(result) == ["requested_twice"]
        assert result.blocked["requested_by"].tolist() == ["cy"]
    assert (
        judged().proposals["proposal_id"].tolist() == result.proposals["proposal_id"].tolist()
    )  # asked or not: one id


def test_a_refund_that_was_paid_is_refused_the_second_time(books, scope, policies):
    _, overpaid = books
    book = overpaid(
        items=[{"item_id": "F1", "item_type": "refund", "amount": 2000, "effective_date": "2026-09-01"}],
        applications=[{"application_id": "A2", "source_item_id": "R1", "target_item_id": "F1", "source_amount": 2000,
                       "target_amount": 2000, "kind": "refund", "effective_date": "2026-09-01"}],
        adjustment_requests=[ASK],
    )  # fmt: skip
    result = refunds_of(book, scope=scope, policies=policies)
    assert result.proposals.empty
    assert words(result) == ["already_refunded"]


def test_an_approval_in_part_that_was_booked_frees_the_rest(books, scope, policies):
    _, overpaid = books
    approved = {"proposal_id": "RF-X", "item_id": "R1", "amount": 500}
    booked = {
        "items": [{"item_id": "F1", "item_type": "refund", "amount": 500, "effective_date": "2026-10-06"}],
        "applications": [{"application_id": "A2", "source_item_id": "R1", "target_item_id": "F1", "source_amount": 500,
                          "target_amount": 500, "kind": "refund", "effective_date": "2026-10-06"}],
        "decided_proposals": [approved],
    }  # fmt: skip
    book = overpaid(**booked)
    assert refunds_of(book, scope=scope, policies=policies).proposals["amount"].tolist() == [1500]
    (row,) = booked_refunds(book, scope=scope).to_dict("records")
    assert (row["item_id"], row["proposal_id"], row["booked"], row["difference"]) == ("F1", "RF-X", 500, 0)
    (row,) = booked_refunds(overpaid(**(booked | {"decided_proposals": []})), scope=scope).to_dict("records")
    assert (row["proposal_id"], row["difference"]) == ("", 500)  # nobody approved it here
    waiting = booked_refunds(overpaid(decided_proposals=[approved]), scope=scope)
    assert waiting[["item_id", "booked", "approved"]].to_numpy().tolist() == [["", 0, 500]]


@pytest.mark.parametrize(("request_", "word"), [
    ({"item_id": "NONE"}, "unknown_item"),
    ({"item_id": "I1"}, "not_open"),
    ({"customer_id": "C2"}, "other_customer"),
    ({"currency": "EUR"}, "other_currency"),
    ({"amount": 2001}, "over_credit"),
    ({"amount": -1}, "not_an_amount"),
    ({"requested_by": ""}, "no_requester"),
    ({"kind": "unclaimed"}, "not_by_request"),
    ({"kind": "contra"}, "not_by_request"),
])  # fmt: skip
def test_a_bad_request_is_refused_and_stops_no_other(judged, request_, word):
    bad = ASK | {"request_id": "Q0"} | request_
    good = ASK | {"request_id": "Q9", "requested_on": "2026-10-22"}
    result = judged(adjustment_requests=[bad, good])
    assert result.proposals["amount"].tolist() == [2000]
    assert result.blocked["blocked_by"].tolist() == [word]
    assert result.blocked["kind"].tolist() == [request_.get("kind", "refund")]


def test_a_request_for_the_account_takes_the_oldest_credits_first(books, scope, policies):
    make_book, _ = books
    items = [
        {"item_id": "M2", "item_type": "credit_memo", "amount": -3000, "effective_date": "2026-05-01"},
        {"item_id": "M1", "item_type": "credit_memo", "amount": -4000, "effective_date": "2026-06-01"},
    ]
    detail = [{"account": "ACC-1001"}]
    cases = (
        (None, {"M2": 3000, "M1": 4000}, 0),
        (5000, {"M2": 3000, "M1": 2000}, 0),
        (9000, {"M2": 3000, "M1": 4000}, 2000),
    )
    for amount, wanted, over in cases:
        asked = [{"request_id": "Q1", "amount": amount}]
        result = refunds_of(
            make_book(items=items, adjustment_requests=asked, bank_details=detail),
            scope=scope,
            policies=policies,
        )
        assert dict(zip(result.proposals["item_id"], result.proposals["amount"], strict=True)) == wanted
        assert result.blocked["amount"].tolist() == ([over] if over else [])


def test_small_young_kept_and_unknown_credits_go_their_ways(books, scope, policies):
    make_book, _ = books
    items = [
        {"item_id": "SMALL", "item_type": "credit_memo", "amount": -999},
        {"item_id": "EDGE", "item_type": "credit_memo", "amount": -1000},
        {"item_id": "YOUNG", "item_type": "credit_memo", "amount": -5000, "effective_date": "2026-10-02"},
        {"item_id": "OLD", "item_type": "credit_memo", "amount": -5000, "effective_date": "2026-10-01"},
        {"item_id": "PRE", "item_type": "prepayment", "amount": -5000},
        {"item_id": "KEPT", "item_type": "receipt", "amount": -5000, "cash_status": "on_account"},
        {
            "item_id": "WHOSE",
            "item_type": "receipt",
            "amount": -5000,
            "cash_status": "unidentified",
            "customer_id": None,
        },
        {"item_id": "OURS", "item_type": "write_off", "amount": -5000},
        {"item_id": "YEN", "item_type": "credit_memo", "amount": -999, "currency": "JPY"},
    ]
    book = make_book(items=items, bank_details=[{"account": "ACC-1001"}])
    result = refunds_of(book, scope=scope, policies=policies)
    ways = dict(zip(result.credits["item_id"], result.credits["way"], strict=True))
    assert ways == {
        "SMALL": Way.UNCLAIMED, "EDGE": Way.REFUND, "YOUNG": Way.WAIT, "OLD": Way.REFUND, "PRE": Way.KEEP, "KEPT": Way.KEEP,
        "WHOSE": Way.IDENTIFY, "OURS": Way.KEEP, "YEN": Way.UNCLAIMED,
    }  # fmt: skip
    assert set(result.proposals["item_id"]) == {"EDGE", "OLD"}
    everything = Policies(
        refund=RefundPolicy(refunds_on_account=True, min_days_open=0, min_amount=Decimal(0), min_amounts={})
    )
    loose = refunds_of(book, scope=scope, policies=everything)
    assert set(loose.proposals["item_id"]) == {
        "SMALL",
        "EDGE",
        "YOUNG",
        "OLD",
        "PRE",
        "KEPT",
        "YEN",
    }  # never WHOSE or OURS


def test_open_debits_are_offered_to_credits_once(books, scope, policies):
    make_book, _ = books
    items = [{"item_id": f"M{at}", "item_type": "credit_memo", "amount": -4000} for at in range(3)]
    debt = {"item_id": "I1", "item_type": "invoice", "amount": 6000, "due_date": "2026-12-01"}
    credits_ = refunds_of(make_book(items=[*items, debt]), scope=scope, policies=policies).credits
    assert credits_["apply_amount"].fillna(0).tolist() == [4000, 2000, 0]
    assert set(credits_["way"]) == {Way.APPLY}


def test_unidentified_cash_is_not_refunded_even_when_asked_for(books, scope, policies):
    make_book, _ = books
    items = [{"item_id": "R1", "item_type": "receipt", "amount": -5000, "cash_status": "unidentified"}]
    result = refunds_of(
        make_book(items=items, adjustment_requests=[ASK | {"evidence": "x"}]), scope=scope, policies=policies
    )
    assert result.proposals.empty
    assert "unidentified" in words(result)


def test_a_credit_without_any_account_waits_for_one(books, scope, policies):
    make_book, _ = books
    items = [{"item_id": "R1", "item_type": "credit_memo", "amount": -5000}]
    assert words(refunds_of(make_book(items=items), scope=scope, policies=policies)) == ["no_account"]
    two = [{"account": "A-1001"}, {"account": "B-2002"}]
    assert "account_unclear" in words(
        refunds_of(make_book(items=items, bank_details=two), scope=scope, policies=policies)
    )


def test_merged_customers_keep_their_accounts(books, scope, policies):
    _, overpaid = books
    merged = {"old_customer_id": "C1", "new_customer_id": "C9", "merged_on": "2026-09-01"}
    book = overpaid(customer_merges=[merged], customers=[{"customer_id": "C9"}])
    (row,) = refunds_of(book, scope=scope, policies=policies).proposals.to_dict("records")
    assert (row["customer_id"], row["payee_account"]) == ("C9", "ACC-1001")


def test_without_the_optional_tables_it_works_and_says_so(books, scope, policies):
    make_book, _ = books
    items = [{"item_id": "R1", "item_type": "receipt", "amount": -5000, "cash_status": "unapplied"}]
    result = refunds_of(make_book(items=items), scope=scope, policies=policies)
    assert words(result) == ["no_account"]
    assert any(line.startswith("No receipts were given") for line in result.limits)
    empty = refunds_of(Book({"items": make_book(items=[])["items"]}), scope=scope, policies=policies)
    assert empty.proposals.empty
    assert empty.credits.empty


AMOUNT = st.integers(1, 10**12)


@settings(max_examples=12)
@given(
    st.lists(st.tuples(AMOUNT, AMOUNT | st.none()), min_size=1, max_size=5),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_never_more_than_is_open_and_each_credit_once(books, scope, policies, pairs, currency):
    make_book, _ = books
    items = [
        {"item_id": f"M{at}", "item_type": "credit_memo", "amount": -size, "currency": currency}
        for at, (size, _) in enumerate(pairs)
    ]
    asked = [
        {"request_id": f"Q{at}{turn}", "item_id": f"M{at}", "amount": amount, "currency": currency}
        for at, (_, amount) in enumerate(pairs)
        for turn in range(2)
    ]
    book = make_book(items=items, adjustment_requests=asked, bank_details=[{"account": "ACC-1001"}])
    result = refunds_of(book, scope=scope, policies=policies)
    sizes = {item["item_id"]: -item["amount"] for item in items}
    assert result.proposals["item_id"].is_unique
    for item, amount in zip(result.proposals["item_id"], result.proposals["amount"], strict=True):
        assert 0 < amount <= sizes[item]
    assert len(result.proposals) + len(result.blocked) >= len(asked)  # no request is lost
    assert all(identity.holds for identity in result.identities)


@pytest.fixture(scope="module")
def sample():
    made = generate(seed=7, items=800)
    return Book(dict(made.tables), features=frozenset({"entry_times"}))


@pytest.mark.parametrize(("entity", "currency"), [("US01", "USD"), ("UK01", "GBP"), ("JP01", "JPY")])
def test_credits_of_the_sample_agree_with_sql(sample, policies, entity, currency):
    """Open credits by currency, computed another way: item amounts and applications in SQL."""
    day = date(2026, 10, 31)
    scope = Scope(entity=entity, entity_name=entity, functional_currency=currency, period="2026-10",
                  starts_on=day.replace(day=1), ends_on=day, as_of=day)  # fmt: skip
    result = refunds_of(sample.for_entity(entity), scope=scope, policies=policies)
    items, applications = sample["items"], sample["applications"]  # noqa: F841  # read by the query
    found = (
        duckdb.connect()
        .sql(
            f"""with moved as (
              select target_item_id item_id, -(target_amount + coalesce(discount, 0)) amount from applications
              where entity = '{entity}' and coalesce(posting_date, effective_date) <= date '{day}'
              union all
              select source_item_id, source_amount from applications
              where entity = '{entity}' and coalesce(posting_date, effective_date) <= date '{day}'
              union all
              select item_id, amount from items
              where entity = '{entity}' and coalesce(posting_date, effective_date) <= date '{day}'),
            open as (select item_id, sum(amount) amount from moved group by 1 having sum(amount) < 0)
            select i.currency, -sum(o.amount)::bigint from open o join items i on i.item_id = o.item_id
            and i.entity = '{entity}' group by 1 order by 1"""
        )
        .fetchall()
    )
    mine = result.credits.groupby("currency")["amount"].sum()
    assert found == [(code, int(amount)) for code, amount in mine.items()]
    assert len(found)


def test_planted_cases_of_the_sample_are_held_and_the_honest_one_passes(sample, policies):
    day = date(2026, 10, 31)
    scope = Scope(entity="UK01", entity_name="UK", functional_currency="GBP", period="2026-10",
                  starts_on=day.replace(day=1), ends_on=day, as_of=day)  # fmt: skip
    result = refunds_of(sample.for_entity("UK01"), scope=scope, policies=policies)
    held = [word for text in result.blocked["blocked_by"] for word in text.split("|")]
    assert "requested_twice" in held
    assert "call_back" in held
    assert len(result.proposals) == 1
    twice = result.blocked.loc[result.blocked["blocked_by"].eq("requested_twice"), "item_id"].tolist()
    assert twice == result.proposals["item_id"].tolist()


def test_row_order_changes_nothing(books, scope, policies, sample):
    one = refunds_of(sample.for_entity("US01"), scope=replace(scope, entity="US01"), policies=policies)
    mixed = Book({name: frame.sample(frac=1, random_state=5) for name, frame in sample.for_entity("US01").tables.items()},
                 features=sample.features)  # fmt: skip
    two = refunds_of(mixed, scope=replace(scope, entity="US01"), policies=policies)
    for name in ("proposals", "blocked", "credits"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
