"""The timeline of one customer: what happened, on which day, in which order, in words that stay words."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.collect.customer import timeline
from arlib.policy import Policies

POLICIES = Policies()
LONG = "x" * 10_000
HOSTILE = '=HYPERLINK("http://x") <img src=x onerror=alert(1)> \u202eexe'


def told(frame, *kinds):
    """Day, kind and text of the rows of these kinds, all without any."""
    return [
        (str(row.day.date()), row.kind, row.text)
        for row in frame.itertuples()
        if not kinds or row.kind in kinds
    ]


def of(make, tables, as_of=date(2026, 10, 31), customer="C1", **given):
    """The timeline of a customer of a small book."""
    book = make.book_of(**tables)
    return timeline(book, scope=make.scope_of(as_of, **given), policies=POLICIES, customer_id=customer)


@pytest.fixture(scope="module")
def story(make):
    """An invoice that fell due, was paid short and disputed; promises, contacts, changes."""
    k = make
    return {
        "items": [
            k.invoice("I1", 100_00, "2026-09-30", purchase_order="PO-1", user="billing", text=HOSTILE),
            k.cash("R1", 60_00, "2026-10-05", user="amy"), k.invoice("I2", 9_00, "2026-10-31"),
            k.invoice("I3", 9_00, "2026-11-30", reason="later"),
        ],
        "applications": [k.applied("R1", "I1", 60_00, "2026-10-06", user="amy", discount=1_00)],
        "disputes": [{"dispute_id": "DI1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 39_00,
                      "opened_on": "2026-10-07", "closed_on": "2026-10-17", "reason": "price", "root_cause": "old_list",
                      "owner": "dana"}],
        "promises": [
            {"promise_id": "P1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 60_00,
             "promised_on": "2026-10-01", "pay_by": "2026-10-05"},
            {"promise_id": "P2", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 39_00,
             "promised_on": "2026-10-08", "pay_by": "2026-10-20"},
            {"promise_id": "P3", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 39_00,
             "promised_on": "2026-10-28", "pay_by": "2026-11-20"},
        ],
        "activities": [
            {"activity_id": "AC1", "customer_id": "C1", "item_id": "I1", "occurred_at": "2026-10-02T15:04:05Z", "kind": "call",
             "outcome": "will pay", "done_by": "amy", "next_on": "2026-10-09"},
            {"activity_id": "desk-7", "customer_id": "C1", "occurred_at": "2026-10-03T09:00:00Z", "kind": "note", "text": LONG},
            {"activity_id": "AC9", "customer_id": "C1", "occurred_at": "2026-11-01T09:00:00Z", "kind": "call"},
        ],
        "dunning_notices": [{"notice_id": "N1", "customer_id": "C1", "item_id": "I1", "level": 1, "sent_on": "2026-10-04",
                             "channel": "email", "currency": "USD", "amount": 100_00}],
        "customer_history": [
            {"customer_id": "C1", "attribute": "terms", "value": "net 30", "valid_from": "2026-01-01"},
            {"customer_id": "C1", "attribute": "terms", "value": "net 30", "valid_from": "2026-02-01"},
            {"customer_id": "C1", "attribute": "terms", "value": "net 10", "valid_from": "2026-03-01"},
        ],
        "rejected_matches": [{"receipt_id": "RC1", "item_id": "I2", "proposal": 1, "decision_id": "desk-9", "decided_by": "amy",
                              "decided_on": "2026-10-09"}],
        "customer_statement_lines": [
            {"customer_id": "C1", "statement_date": "2026-10-30", "line_no": n, "currency": "USD", "amount": -20_00}
            for n in (1, 2)
        ],
    }  # fmt: skip


def test_all_of_it_in_the_order_of_time(make, story):
    found = of(make, story)

    assert [(day, kind) for day, kind, _ in told(found)] == [
        ("2026-01-01", "master_data"), ("2026-03-01", "master_data"), ("2026-08-31", "document"),
        ("2026-10-01", "fell_due"), ("2026-10-01", "document"), ("2026-10-01", "promise_given"), ("2026-10-02", "contact"),
        ("2026-10-03", "note"), ("2026-10-04", "notice"), ("2026-10-05", "receipt"), ("2026-10-05", "promise_judged"),
        ("2026-10-06", "application"), ("2026-10-07", "dispute_opened"), ("2026-10-08", "promise_given"),
        ("2026-10-09", "decision"), ("2026-10-17", "dispute_settled"), ("2026-10-24", "promise_judged"),
        ("2026-10-28", "promise_given"), ("2026-10-30", "their_statement"), ("2026-10-31", "document"),
    ]  # fmt: skip
    assert found["step"].tolist() == list(range(1, len(found) + 1))
    said = {(row.kind, row.reference): row for row in found.itertuples()}
    assert said["application", "D-R1"].text == "Receipt D-R1 set against invoice D-I1, cash discount USD 1.00"
    assert said["fell_due", "D-I1"].amount == 100_00
    assert str(said["contact", "D-I1"].at) == "2026-10-02 15:04:05+00:00"
    assert said["contact", "D-I1"].text == "Call, will pay (next 2026-10-09)"
    assert said["dispute_settled", "D-I1"].text == "Dispute DI1 settled after 10 days, root cause old list"
    assert said["their_statement", "their statement"].amount == 40_00
    assert said["decision", "D-I2"].by == "amy"
    terms = told(found, "master_data")
    assert [text for _, _, text in terms] == ["Terms: net 30", "Terms: net 30 → net 10"], (
        "the same again is no change"
    )


def test_promises_are_judged_on_their_day(make, story):
    judged = [text for _, _, text in told(of(make, story), "promise_judged")]

    assert "kept" in judged[0]
    assert judged[0].startswith("Promise P1")
    assert "broken" in judged[1]
    assert judged[1].startswith("Promise P2")
    before = of(make, story, date(2026, 10, 23))
    assert len(told(before, "promise_judged")) == 1, "three days of grace were not over"


def test_an_item_falls_due_on_the_day_after_its_due_date(make, story):
    # I2 is due on the as-of date itself: current, not past due
    assert [day for day, _, _ in told(of(make, story), "fell_due")] == ["2026-10-01"]
    assert [day for day, _, _ in told(of(make, story, date(2026, 11, 1)), "fell_due")] == [
        "2026-10-01",
        "2026-11-01",
    ]
    assert told(of(make, story, date(2026, 9, 30)), "fell_due") == []


def test_what_was_paid_by_then_did_not_fall_due(make):
    k = make
    tables = {
        "items": [k.invoice("I1", 90_00, "2026-12-31"), k.cash("R1", 40_00, "2026-08-15"), k.invoice("I2", 5_00, "2026-09-30"),
                  k.cash("R2", 5_00, "2026-09-30")],
        "applications": [k.applied("R1", "I1", 40_00, "2026-08-15"), k.applied("R2", "I2", 5_00, "2026-09-30")],
        "instalments": [{"item_id": "I1", "instalment_no": n, "due_date": day, "currency": "USD", "amount": 30_00}
                        for n, day in ((1, "2026-08-31"), (2, "2026-09-30"), (3, "2026-12-31"))],
    }  # fmt: skip
    tables["items"][0] |= {"effective_date": "2026-08-01", "document_date": "2026-08-01"}

    assert told(of(k, tables), "fell_due") == [
        ("2026-10-01", "fell_due", "Invoice D-I1, part 2, past due with USD 20.00 open"),
    ]


def test_an_old_due_date_counts_where_it_passed_before_it_was_moved(make):
    k = make
    moved = {"original_due_date": "2026-08-31", "due_date": "2026-10-15"}

    def days(on):
        item = k.invoice("I1", 10_00, "2026-08-31") | moved | {"rescheduled_on": on}
        return [day for day, _, _ in told(of(k, {"items": [item]}), "fell_due")]

    assert days("2026-09-10") == ["2026-09-01", "2026-10-16"]
    assert days("2026-08-20") == ["2026-10-16"]


def test_words_of_others_stay_words(make, story):
    found = of(make, story)

    assert found.loc[found["kind"].eq("document"), "text"].iloc[0].endswith(HOSTILE)
    assert found.loc[found["kind"].eq("note"), "text"].iloc[0] == f"Note: {LONG}"
    assert not found[["text", "by", "reference", "other_no", "item_id"]].isna().any().any()


def test_a_record_of_after_the_knowledge_date_is_not_there(make, story):
    given = {"known_at": date(2026, 10, 6)}
    book = make.book_of(**story)
    for name in ("items", "applications"):
        book.tables[name]["entered_at"] = book.tables[name]["effective_date"].dt.tz_localize("UTC")
    book = type(book)(book.tables, features=frozenset({"entry_times"}))

    found = timeline(book, scope=make.scope_of(**given), policies=POLICIES, customer_id="C1")

    assert found["day"].max().date() == date(2026, 10, 6)
    assert "dispute_opened" not in set(found["kind"])


def test_a_merger_brings_the_past_of_the_old_account(make):
    k = make
    tables = {
        "items": [k.invoice("I1", 10_00, "2026-12-31", "OLD"), k.invoice("I2", 10_00, "2026-12-31", "C1")],
        "customers": [k.customer("C1"), k.customer("OLD")],
        "customer_merges": [{"old_customer_id": "OLD", "new_customer_id": "C1", "merged_on": "2026-10-01", "reason": "same"}],
        "holds": [{"hold_id": "H1", "customer_id": "OLD", "kind": "audit", "placed_on": "2026-02-01", "lifted_on": "2026-03-01"}],
    }  # fmt: skip
    for item in tables["items"]:
        item |= {"effective_date": "2026-06-01", "document_date": "2026-06-01"}

    after, before = of(k, tables), of(k, tables, date(2026, 9, 30))

    assert [text for _, _, text in told(after, "merger")] == ["Account OLD merged into C1, same"]
    assert len(told(after, "document")) == 2
    assert [text for _, _, text in told(after, "hold")] == ["Audit hold H1 placed", "Audit hold H1 lifted"]
    assert [text for _, _, text in told(before)] == ["Invoice D-I2, due 2026-12-31"]


def test_both_ends_of_a_payment_between_accounts_tell_it(make):
    k = make
    tables = {
        "items": [k.invoice("I1", 10_00, "2026-12-31", "C2"), k.cash("R1", 10_00, "2026-10-05", "C1")],
        "applications": [k.applied("R1", "I1", 10_00, "2026-10-06")],
        "customers": [k.customer("C1"), k.customer("C2")],
    }  # fmt: skip

    payer = told(of(k, tables), "application")[0][2]
    paid = told(of(k, tables, customer="C2"), "application")[0][2]

    assert payer.startswith("Receipt D-R1 set against invoice D-I1 of customer C2")
    assert paid.startswith("Receipt D-R1 of customer C1 set against invoice D-I1")


def test_every_item_and_application_of_the_sample_is_there(make, index):
    case, found = make.sample("UK01"), index("UK01")
    items, applications = case.book["items"], case.book["applications"]
    for code in items["customer_id"].value_counts().index[:3]:
        book = found.book_of(code)
        rows = timeline(book, scope=case.position.scope, policies=POLICIES)
        assert rows["day"].is_monotonic_increasing
        mine = items[items["customer_id"].isin(book.codes)]
        touched = applications["source_item_id"].isin(mine["item_id"]) | applications["target_item_id"].isin(
            mine["item_id"]
        )
        for source, frame, column in (
            ("items", mine, "item_id"),
            ("applications", applications[touched], "application_id"),
        ):
            counted = frame["posting_date"].fillna(frame["effective_date"]).le("2026-10-31")
            told_of = rows["source"].eq(source) & rows["kind"].ne("fell_due")
            assert sorted(frame.loc[counted, column]) == sorted(rows.loc[told_of, "source_id"])
