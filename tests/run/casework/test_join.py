"""Decisions in the books: each where it belongs, what does not stand is out, and nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arlib.ledger.by_customer import CustomerIndex
from arlib.matching.memory import decided
from arlib.run.casework import joined, with_casework
from arlib.run.casework.join import FILE, joined_to
from arlib.run.casework.state import State
from arlib.run.decided import with_decided
from arlib.run.store import Event, Store, snapshot_decisions
from arlib.run.storeindex import StoreIndex
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book
from arlib.tables.check import check
from arlib.tables.rows import records

from .conftest import NOW, Desks, applied, desks_on, line
from .test_record import everything

OWN = ("activities", "promises", "disputes", "adjustment_requests")


def book_of(**tables: list[dict[str, Any]]) -> Book:
    """A book of these rows of US01."""
    made = {name: [{"entity": "US01"} | row for row in rows] for name, rows in tables.items()}
    return Book(tables={name: CANONICAL[name].from_rows(rows) for name, rows in made.items()})


DISPUTE = {
    "dispute_id": "DI-7", "customer_id": "C1", "item_id": "INV-7", "currency": "USD", "amount": 900, "opened_on": "2026-10-01",
    "state": "open", "reason": "price",
}  # fmt: skip


def row(book: Book, table: str, **asked: object) -> dict[str, Any]:
    """The one row of a table that has these values, without what is empty."""
    found = [one for one in records(book[table]) if all(one[name] == value for name, value in asked.items())]
    assert len(found) == 1, found
    return {name: value for name, value in found[0].items() if not pd.isna(value)}


def test_each_decision_is_a_row_of_its_table(store: Store) -> None:
    everything(desks_on(store))
    book = with_casework(Book(tables={}), store, entity="US01")
    day = pd.Timestamp("2026-11-23")
    assert row(book, "activities", activity_id="desk-1") == {
        "activity_id": "desk-1", "entity": "US01", "customer_id": "C1", "occurred_at": pd.Timestamp(NOW), "done_by": "col",
        "kind": "call", "outcome": "will pay", "text": "spoke to Kim", "next_on": pd.Timestamp("2026-12-01"),
    }  # fmt: skip
    assert row(book, "activities", activity_id="desk-3") == {
        "activity_id": "desk-3", "entity": "US01", "customer_id": "C1", "item_id": "INV-9", "occurred_at": pd.Timestamp(NOW),
        "done_by": "col", "kind": "note", "outcome": "dispute", "text": "wrong list", "next_on": pd.Timestamp("2026-12-05"),
    }  # fmt: skip
    assert book["activities"]["activity_id"].tolist() == ["desk-1", "desk-3"], "what was withdrawn is out"
    assert book.has("promises") is False
    assert row(book, "disputes") == {
        "dispute_id": "desk-3", "entity": "US01", "customer_id": "C1", "item_id": "INV-9", "currency": "USD", "amount": 700,
        "opened_on": day, "closed_on": day, "owner": "sam", "state": "settled", "reason": "price", "root_cause": "list",
        "team": "sales",
    }  # fmt: skip
    assert row(book, "adjustment_requests") == {
        "request_id": "desk-7", "entity": "US01", "kind": "write_off", "customer_id": "C1", "item_id": "INV-7",
        "currency": "USD", "amount": 300, "reason": "uncollectable", "requested_by": "cre", "requested_on": day,
        "evidence": "mail",
    }  # fmt: skip
    assert row(book, "decided_applications", item_id="INV-1") == {
        "entity": "US01", "receipt_id": "R-1", "item_id": "INV-1", "currency": "USD", "applied_amount": 9000,
        "receipt_currency": "USD", "receipt_amount": 9000, "discount": 200, "deduction": 0, "fee": 0, "fx": 0, "tolerance": 0,
        "reason": "earned_discount", "decision_id": "desk-4", "decided_by": "ann", "decided_on": day,
    }  # fmt: skip
    assert book["rejected_matches"]["item_id"].tolist() == ["INV-3", "INV-4"]
    assert book["rejected_matches"]["proposal"].tolist() == [5, 5]
    assert row(book, "payer_aliases")["payer_account"] == "DE89 3704"
    assert book.problems.empty
    other = with_casework(Book(tables={}), store, entity="JP01")
    assert sorted(other.tables) == ["decided_applications", "payer_aliases", "rejected_matches"]
    assert not any(len(frame) for frame in other.tables.values())


def test_a_promise_stands_until_it_is_withdrawn(desk: Desks, sqlite_store: Store) -> None:
    col = desk("col")
    col.promise(
        entity="US01", customer_id="C1", currency="USD", amount=500, pay_by=date(2026, 12, 1), item_id="INV-1"
    )
    before = book_of(promises=[{
        "promise_id": "P1", "customer_id": "C1", "currency": "USD", "amount": 1, "promised_on": "2026-10-01", "pay_by": "2026-10-02"
    }])  # fmt: skip
    book = with_casework(before, sqlite_store, entity="US01")
    assert book["promises"]["promise_id"].tolist() == ["P1", "desk-1"]
    made = row(book, "promises", promise_id="desk-1")
    assert (made["state"], made["owner"], made["amount"]) == ("open", "col", 500)
    col.withdraw(decision_id="desk-1", why="misheard", seen=col.head())
    pd.testing.assert_frame_equal(
        with_casework(before, sqlite_store, entity="US01")["promises"], before["promises"]
    )
    assert with_casework(book, sqlite_store, entity="US01")["promises"]["promise_id"].tolist() == ["P1"], (
        "out of a book that was joined before, too"
    )


def test_a_dispute_of_the_books_is_settled_and_opened_again(desk: Desks, sqlite_store: Store) -> None:
    before = book_of(disputes=[DISPUTE, DISPUTE | {"dispute_id": "DI-8"}])
    col = desk("col")
    col.settle_dispute(
        entity="US01", dispute_id="DI-7", root_cause="list", customer_id="C1", text="agreed", seen=col.head()
    )
    book = with_casework(before, sqlite_store, entity="US01")
    made = row(book, "disputes", dispute_id="DI-7")
    assert (made["state"], made["root_cause"], made["closed_on"]) == (
        "settled",
        "list",
        pd.Timestamp("2026-11-23"),
    )
    assert row(book, "disputes", dispute_id="DI-8")["state"] == "open"
    assert row(book, "activities")["outcome"] == "dispute settled"
    pd.testing.assert_frame_equal(
        with_casework(book, sqlite_store, entity="US01")["disputes"], book["disputes"]
    )
    col.withdraw(decision_id="desk-1", why="not yet", seen=col.head())
    for each in (before, book):
        again = with_casework(each, sqlite_store, entity="US01")
        pd.testing.assert_frame_equal(again["disputes"], before["disputes"])


def test_what_the_books_closed_themselves_holds_and_is_told(desk: Desks, sqlite_store: Store) -> None:
    closed = DISPUTE | {"closed_on": "2026-11-20", "state": "settled", "root_cause": "tax"}
    col = desk("col")
    col.settle_dispute(entity="US01", dispute_id="DI-7", root_cause="list", seen=col.head())
    book = with_casework(book_of(disputes=[closed]), sqlite_store, entity="US01")
    assert row(book, "disputes")["root_cause"] == "tax"
    assert book.problems["code"].tolist() == ["settled_in_the_books"]


def test_what_the_books_no_longer_hold_is_kept_and_told(desk: Desks, sqlite_store: Store) -> None:
    col, ann = desk("col"), desk("ann")
    told = {"entity": "US01", "customer_id": "C9", "currency": "USD", "amount": 5}
    col.dispute(reason="price", item_id="INV-9", **told)  # type: ignore[arg-type]
    col.note(
        entity="US01",
        customer_id="C1",
        item_id="INV-8",
        text="a note on an item that is long paid is no fault",
    )
    col.settle_dispute(entity="US01", dispute_id="DI-9", seen=col.head())
    applied(ann, "R-9", line("INV-1"))
    sqlite_store.append("decision.promise", "s", {"entity": "US01"}, actor="x")
    before = book_of(
        customers=[{"customer_id": "C1", "name": "One"}],
        items=[{"item_id": "INV-1", "customer_id": "C1"}],
        receipts=[{"receipt_id": "R-1"}],
    )
    made = joined(before, sqlite_store, entity="US01")
    assert made.book["disputes"]["dispute_id"].tolist() == ["desk-1"]
    assert len(made.book["decided_applications"]) == 1
    found = made.book.problems
    assert set(found["file"]) == {FILE}
    assert set(found["severity"]) == {"noted"}
    assert sorted(zip(found["row"], found["code"], found["found"].fillna(""), strict=True)) == [
        (1, "not_in_the_books", "C9"), (1, "not_in_the_books", "INV-9"), (3, "not_in_the_books", "DI-9"),
        (4, "not_in_the_books", "R-9"), (5, "unreadable_decision", ""),
    ]  # fmt: skip
    assert len(made.told) == 5
    assert any("item INV-9 is not in the books now, and it is kept" in sentence for sentence in made.told)
    again = joined(made.book, sqlite_store, entity="US01")
    pd.testing.assert_frame_equal(again.book.problems, found)
    assert with_casework(Book(tables={}), sqlite_store, entity="US01").problems["row"].tolist() == [5, 3], (
        "nothing is said of tables that were not given"
    )


def test_an_id_of_the_books_is_not_overwritten(desk: Desks, sqlite_store: Store) -> None:
    desk("col").dispute(entity="US01", customer_id="C1", currency="USD", amount=5, reason="price")
    theirs = book_of(disputes=[DISPUTE | {"dispute_id": "desk-1", "customer_id": "C2"}])
    found = with_casework(theirs, sqlite_store, entity="US01")["disputes"]["dispute_id"].tolist()
    assert found[0] == "desk-1"
    assert found[1].startswith("desk-1-")
    assert len(found) == 2
    ours = with_casework(book_of(), sqlite_store, entity="US01")
    assert with_casework(ours, sqlite_store, entity="US01")["disputes"]["dispute_id"].tolist() == ["desk-1"]


@pytest.fixture(scope="module")
def sample() -> Book:
    return Book(tables=generate(seed=7, items=800).tables).for_entity("US01")


def test_the_books_own_rows_stay_as_they_are_and_pass_the_check(
    sample: Book, desk: Desks, sqlite_store: Store
) -> None:
    """On the sample company, with everything recorded for one of its customers."""
    item = sample["items"].iloc[0]
    col, ann = desk("col"), desk("ann")
    told = {"entity": "US01", "customer_id": item["customer_id"], "currency": item["currency"], "amount": 5}
    col.promise(pay_by=date(2026, 12, 1), item_id=item["item_id"], **told)
    col.dispute(reason="price", **told)
    col.note(entity="US01", customer_id=item["customer_id"], text="x")
    desk("cre").propose(kind="credit_memo", item_id=item["item_id"], reason="price", seen=col.head(), **told)
    book = with_casework(sample, sqlite_store, entity="US01")
    for name in OWN:
        frame = book[name]
        assert frame.dtypes.astype(str).tolist() == sample[name].dtypes.astype(str).tolist()
        pd.testing.assert_frame_equal(frame.iloc[: len(sample[name])], sample[name].reset_index(drop=True))
        assert len(frame) == len(sample[name]) + 1
        assert frame.iloc[-1][CANONICAL[name].key[-1]].startswith("desk-")
        assert check(frame, CANONICAL[name], file="x").problems.empty, "as strict as on an extract"
    for name in sorted(set(sample.tables) - set(OWN)):
        assert book[name] is sample[name]
    assert book.problems is sample.problems

    index = CustomerIndex.of(sample)
    mine, other = (
        index.book_of(code) for code in (item["customer_id"], sample["customers"]["customer_id"].iloc[-1])
    )
    ann.since(ann.head())
    for name in OWN:
        narrow = ann.joined(mine, entity="US01", customer_id=item["customer_id"])
        assert len(narrow[name]) == len(mine[name]) + 1
        assert len(ann.joined(other, entity="US01", customer_id=other.customer_id)[name]) == len(other[name])
    assert type(narrow) is type(mine)


def test_a_narrow_book_gets_applications_by_its_items_and_receipts(sample: Book, desk: Desks) -> None:
    item = sample["items"][sample["items"]["item_type"].eq("invoice")].iloc[0]
    other = sample["customers"]["customer_id"].iloc[-1]
    ann = desk("ann")
    applied(ann, "R-1", line(item["item_id"]))
    index = CustomerIndex.of(sample)
    for code, count in ((item["customer_id"], 1), (other, 0)):
        assert (
            len(ann.joined(index.book_of(code), entity="US01", customer_id=code)["decided_applications"])
            == count
        )


def test_without_a_store_and_by_every_way_in(sample: Book, desk: Desks, sqlite_store: Store) -> None:
    assert with_decided(sample, None, entity="US01") is sample
    assert StoreIndex(None).with_decided(sample, "US01") is sample
    desk("ann").alias(entity="US01", customer_id="C1", payer_name="ACME", seen=desk().head())
    for book in (
        with_decided(sample, sqlite_store, entity="US01"),
        StoreIndex(sqlite_store).with_decided(sample, "US01"),
    ):
        assert len(book["payer_aliases"]) == 1
        assert book.has("decided_proposals")
    events = StoreIndex(sqlite_store).decisions("US01")["events"]
    assert [event["kind"] for event in events] == ["decision.alias"], "run.json and its fingerprint have it"


RECEIPTS, ITEMS = ("R1", "R2"), ("A", "B", "C")
some_items = st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3, unique=True)
histories = st.lists(
    st.one_of(
        st.tuples(st.just("decision.confirm_application"), st.sampled_from(RECEIPTS), some_items),
        st.tuples(st.just("decision.reject_proposal"), st.sampled_from(RECEIPTS), some_items),
        st.tuples(st.just("decision.alias"), st.sampled_from(("C1", "C2")), st.booleans()),
        st.tuples(st.just("decision.withdraw"), st.integers(1, 8), st.none()),
    ),
    max_size=10,
)


def event_of(seq: int, kind: str, what: Any, more: Any) -> Event:
    body: Mapping[str, Any] = {"entity": "US01"}
    if kind == "decision.withdraw":
        body |= {"decision_id": f"desk-{what}"}
    elif kind == "decision.alias":
        body |= {"customer_id": what, "payer_name": "ACME", "is_alias": more}
    elif kind == "decision.reject_proposal":
        body |= {"receipt_id": what, "items": more}
    else:
        rows = [{"item_id": item, "currency": "USD", "applied_amount": seq} for item in more]
        body |= {"receipt_id": what, "items": rows}
    from arlib.run.store.chain import canonical

    at = datetime(2026, 11, 1, 0, seq, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Event(
        seq=seq, at=at, kind=kind, subject="s", body_text=canonical(body), actor="ann", authentication="os_user",
        prev_hash="", hash=f"{seq:064}",
    )  # fmt: skip


@settings(max_examples=80, derandomize=True, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(histories)
def test_the_tables_say_what_matching_reads_from_the_events(history: list[tuple[str, Any, Any]]) -> None:
    """A second method: `decided` over the events that nobody withdrew."""
    events = [event_of(n, *one) for n, one in enumerate(history, start=1)]
    state = State.of(events)
    book = joined_to(Book(tables={}), state, entity="US01").book
    gone = {*state.withdrawn, *(seq for seq, made in state.decisions.items() if made.act == "withdraw")}
    left = [
        {"seq": event.seq, "kind": event.kind, "body": event.body}
        for event in events
        if event.seq not in gone
    ]
    read = decided(left)
    for name, told, columns in (
        (
            "decided_applications",
            read.confirmed,
            ["entity", "receipt_id", "item_id", "currency", "applied_amount"],
        ),
        ("rejected_matches", read.rejected, ["entity", "receipt_id", "item_id", "proposal"]),
        ("payer_aliases", read.aliases, ["entity", "customer_id", "payer_name"]),
    ):
        mine = sorted(book[name][columns].itertuples(index=False, name=None))
        assert mine == sorted(told[columns].itertuples(index=False, name=None)), name
    standing = {made.decision_id: state.ended(made)[0] for made in state.decisions.values()}
    for name in ("decided_applications", "rejected_matches"):
        assert {standing[one] for one in book[name]["decision_id"]} <= {"stands"}


def test_a_snapshot_of_an_empty_store_changes_no_figure(sample: Book, sqlite_store: Store) -> None:
    book = with_casework(sample, sqlite_store, entity="US01")
    assert {name for name in book.tables if book[name] is not sample.tables.get(name)} == {
        "decided_applications", "rejected_matches", "payer_aliases"
    }  # fmt: skip
    assert not snapshot_decisions(sqlite_store).events
