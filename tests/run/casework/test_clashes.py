"""Two people on the same thing: one wins, the other is told; on different things both are recorded."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.run.casework import Casework, ConflictError, FaultsError
from arlib.run.casework.state import State
from arlib.run.store import Head, Store

from .conftest import Desks, applied, desks_on, line


def test_one_receipt_is_decided_once(store: Store) -> None:
    open_desk = desks_on(store)
    ann, bob = open_desk("ann"), open_desk("bob")
    seen = bob.head()
    won = applied(ann)
    with pytest.raises(ConflictError) as told:
        applied(bob, "R-1", line("INV-5"), seen=seen)
    assert (told.value.decision_id, told.value.by) == ("desk-1", "ann")
    assert str(told.value) == (
        "receipt R-1 is already decided: ann applied USD 100.00 of receipt R-1 to INV-1 on 2026-11-23 10:12 UTC (desk-1)\n"
        "  Look at it again; withdraw desk-1 first if it is wrong; nothing was recorded."
    )
    with pytest.raises(ConflictError):
        applied(bob)  # and now that he has seen it, too
    assert store.head() == won.head  # type: ignore[attr-defined]

    bob.withdraw(decision_id="desk-1", why="wrong customer", seen=bob.head())
    assert applied(bob, "R-1", line("INV-5")).decision_id == "desk-3"  # type: ignore[attr-defined]


def test_what_is_left_alone_is_no_conflict(store: Store) -> None:
    open_desk = desks_on(store)
    ann, bob = open_desk("ann"), open_desk("bob")
    applied(ann)
    applied(bob, "R-2", line("INV-2"), seen=Head())
    ann.note(entity="US01", customer_id="C1", text="x")
    bob.reject(entity="US01", receipt_id="R-1", item_ids=["INV-2"], seen=Head())
    assert store.head().seq == 4
    applied(bob, entity="JP01", seen=Head())  # the same numbers in another entity


def test_an_item_is_consumed_once_by_several_receipts(desk: Desks) -> None:
    """Three people look at the same open items; what is left for the last is what the first two left."""
    opens = {"INV-1": 10000, "CM-1": -500, "INV-2": 900}
    ann, bob, cy = desk("ann"), desk("bob"), desk("cy")
    seen = ann.head()
    applied(ann, "R-1", line(amount=6000), opens=opens)
    applied(bob, "R-2", line(amount=3000, discount=500), opens=opens, seen=seen)
    with pytest.raises(
        ConflictError,
        match=r"of item INV-1 USD 5.00 is left beside what was applied meanwhile, not USD 5.01: bob",
    ) as told:
        applied(cy, "R-3", line(amount=501), opens=opens, seen=seen)
    assert told.value.decision_id == "desk-2"
    applied(cy, "R-3", line(amount=500), line("CM-1", -400), opens=opens, seen=seen)
    for who in (ann, cy):  # nor does he who recorded it take it twice, from what he saw before
        with pytest.raises(ConflictError, match="CM-1"):
            applied(who, "R-4", line("INV-2", 900), line("CM-1", -101), opens=opens, seen=seen)
    applied(ann, "R-4", line("INV-2", 900), line("CM-1", -100), opens=opens, seen=seen)


def test_what_was_seen_is_not_taken_off_twice(desk: Desks) -> None:
    ann, bob = desk("ann"), desk("bob")
    applied(ann, "R-1", line(amount=6000), opens={"INV-1": 10000})
    bob.since(bob.head())
    with pytest.raises(FaultsError):
        applied(bob, "R-2", line(amount=4001), opens={"INV-1": 4000})
    applied(bob, "R-2", line(amount=4000), opens={"INV-1": 4000})


def test_a_decision_that_the_ledger_has_booked_stands_in_nobodys_way(desk: Desks) -> None:
    ann = desk()
    applied(ann, "R-1", line(amount=6000), opens={"INV-1": 6000}, receipt_open=10000)
    for open_ in (10000, 4001):  # not booked, or something else was
        with pytest.raises(ConflictError, match="already decided"):
            applied(ann, "R-1", line("INV-3", 100), receipt_open=open_)
    applied(ann, "R-1", line("INV-3", 1000), receipt_open=4000)  # the ledger used 6,000 of it
    with pytest.raises(ConflictError, match="desk-2"):
        applied(ann, "R-1", line("INV-4", 3000), receipt_open=4000)
    applied(ann, "R-1", line("INV-4", 3000), receipt_open=3500, booked=["desk-2"])


def test_turned_down_and_applied(desk: Desks) -> None:
    ann, bob = desk("ann"), desk("bob")
    seen = bob.head()
    ann.reject(entity="US01", receipt_id="R-1", item_ids=["INV-1"], seen=ann.head())
    with pytest.raises(ConflictError, match="INV-1 was turned down for receipt R-1 meanwhile"):
        applied(bob, seen=seen)
    with pytest.raises(ConflictError, match="the same items are turned down"):
        bob.reject(entity="US01", receipt_id="R-1", item_ids=["INV-1"], seen=bob.head())
    bob.since(seen)
    applied(bob)  # he knows, and decides otherwise
    assert bob.decisions()["standing"].tolist() == ["superseded", "stands"]
    assert bob.decisions()["ended_by"].tolist() == ["desk-2", ""]
    with pytest.raises(ConflictError, match="item INV-1 is applied to receipt R-1"):
        ann.reject(entity="US01", receipt_id="R-1", item_ids=["INV-1", "INV-2"], seen=ann.head())


@pytest.mark.parametrize(
    ("name", "account"),
    [("ACME Ltd", ""), ("Acme  limited", ""), ("", "DE89 3704 0044"), ("x", "DE8937040044")],
)
def test_a_payer_given_to_two_customers(desk: Desks, name: str, account: str) -> None:
    ann, bob = desk("ann"), desk("bob")
    seen = bob.head()
    given = ann.alias(
        entity="US01",
        customer_id="C1",
        payer_name="ACME Ltd.",
        payer_account="DE89 3704 0044",
        seen=ann.head(),
    )
    with pytest.raises(ConflictError, match="the payer was given to customer C1 meanwhile"):
        bob.alias(entity="US01", customer_id="C2", payer_name=name, payer_account=account, seen=seen)
    with pytest.raises(ConflictError, match="known as this customer's already"):
        bob.alias(
            entity="US01",
            customer_id="C1",
            payer_name="ACME Ltd.",
            payer_account="DE89 3704 0044",
            seen=given.head,
        )
    bob.alias(entity="US01", customer_id="C2", payer_name="Other Inc", seen=seen)
    bob.alias(
        entity="US01", customer_id="C2", payer_name=name, payer_account=account, seen=bob.head()
    )  # pays for both


def dispute(made: Casework, **more: object) -> str:
    told = {"entity": "US01", "customer_id": "C1", "currency": "USD", "amount": 500, "reason": "price"} | more
    return made.dispute(**told).decision_id  # type: ignore[arg-type]


def test_a_dispute_is_settled_once(desk: Desks) -> None:
    ann, bob = desk("ann"), desk("bob")
    mine, seen = dispute(ann, item_id="INV-1"), Head()
    for one in (mine, "DI-7"):  # the desk's own, and one of the books
        ann.settle_dispute(entity="US01", dispute_id=one, seen=ann.head())
        with pytest.raises(ConflictError, match=f"dispute {one} is settled already: ann settled"):
            bob.settle_dispute(entity="US01", dispute_id=one, seen=seen)
    with pytest.raises(ConflictError, match="is settled: ann settled"):
        bob.withdraw(decision_id=mine, why="x", seen=bob.head())
    bob.withdraw(decision_id="desk-2", why="not yet", seen=bob.head())  # open again
    bob.withdraw(decision_id=mine, why="x", seen=bob.head())
    with pytest.raises(ConflictError, match="is withdrawn already"):
        ann.settle_dispute(entity="US01", dispute_id=mine, seen=ann.head())
    for wrong in ("desk-99", "desk-2"):
        with pytest.raises(FaultsError, match=r"not in the store|no dispute of US01"):
            ann.settle_dispute(entity="US01", dispute_id=wrong, seen=ann.head())


def test_a_dispute_on_the_same_item_is_told_where_it_was_not_seen(desk: Desks) -> None:
    dispute(desk("ann"), item_id="INV-1")
    bob = desk("bob")
    with pytest.raises(ConflictError, match="a dispute on item INV-1 was opened meanwhile"):
        dispute(bob, item_id="INV-1", seen=Head())
    dispute(bob, item_id="INV-1", seen=bob.head())


def propose(made: Casework, **more: object) -> str:
    told = {
        "entity": "US01", "kind": "write_off", "customer_id": "C1", "item_id": "INV-1", "currency": "USD", "amount": 500,
        "reason": "uncollectable", "seen": made.head(),
    } | more  # fmt: skip
    return made.propose(**told).decision_id  # type: ignore[arg-type]


def test_the_same_is_proposed_once(desk: Desks) -> None:
    ann, bob = desk("ann"), desk("bob")
    seen = bob.head()
    propose(ann)
    with pytest.raises(ConflictError, match="that is proposed already"):
        propose(bob)
    with pytest.raises(ConflictError, match="that is proposed already"):
        propose(bob, kind="small_balance", amount=400)
    with pytest.raises(ConflictError, match="something else was proposed on item INV-1 meanwhile"):
        propose(bob, kind="credit_memo", seen=seen)
    with pytest.raises(ConflictError, match="something else was proposed on item INV-1 meanwhile"):
        applied(desk("cash"), seen=seen)
    propose(bob, kind="credit_memo")
    propose(bob, kind="credit_memo", amount=499)
    seen = bob.head()
    applied(desk("cash"))
    with pytest.raises(ConflictError, match="item INV-1 was applied to meanwhile"):
        propose(bob, kind="credit_memo", amount=498, seen=seen)


def test_a_proposal_is_no_more_than_what_is_left(desk: Desks) -> None:
    ann = desk("ann")
    with pytest.raises(FaultsError, match=r"USD 10.01 is asked for, USD 10.00 is open of item INV-1"):
        propose(ann, amount=1001, open_amount=1000)
    propose(ann, amount=400, open_amount=1000)
    with pytest.raises(FaultsError, match=r"the credit of item CM-1 is USD 2.00"):
        propose(ann, kind="refund", item_id="CM-1", amount=201, open_amount=-200)
    propose(ann, kind="refund", item_id="CM-1", amount=200, open_amount=-200)
    for wrong, words in (("allowance", "kind"), ("contra", "kind"), ("write_of", "did you mean 'write_off'")):
        with pytest.raises(FaultsError, match=words):
            propose(ann, kind=wrong)
    with pytest.raises(FaultsError, match="item_id is missing: a write off is of one item"):
        propose(ann, item_id="")
    with pytest.raises(FaultsError, match="a column of the request is 'rebate'"):
        propose(ann, kind="plan", item_id="", rebate=1)
    propose(ann, kind="plan", item_id="", amount=None, instalments=3, rate="0.05", pay_by=None)


def test_an_approved_proposal_is_not_withdrawn(desk: Desks, sqlite_store: Store) -> None:
    ann = desk()
    mine = propose(ann)
    body = {
        "decision": "ask",
        "kind": "write_off",
        "entity": "US01",
        "customer_id": "C1",
        "item_id": "INV-1",
        "approver": "pat",
    }
    sqlite_store.append("approval.recorded", "US01/WO-1", body, actor="pat")
    assert ann.since(ann.head()) == ("pat asked about write off on item INV-1 on " + ann.state.approvals[0].at[:10] + " "
                                     + ann.state.approvals[0].at[11:16] + " UTC.",)  # fmt: skip
    sqlite_store.append("approval.recorded", "US01/WO-1", body | {"decision": "approve"}, actor="pat")
    ann.since(ann.head())
    with pytest.raises(ConflictError, match="desk-1 is approved: pat approved write off on item INV-1"):
        ann.withdraw(decision_id=mine, why="x", seen=ann.head())
    with pytest.raises(ConflictError, match="was decided on meanwhile"):
        applied(desk("cash"), seen=Head(1, "x"))


def test_nothing_is_withdrawn_twice(desk: Desks) -> None:
    ann, bob = desk("ann"), desk("bob")
    mine = ann.note(entity="US01", customer_id="C1", text="x").decision_id
    seen = bob.head()
    ann.withdraw(decision_id=mine, why="wrong customer", seen=ann.head())
    bob.since(seen)
    with pytest.raises(ConflictError, match="desk-1 is withdrawn already: ann withdrew desk-1"):
        bob.withdraw(decision_id=mine, why="x", seen=seen)
    for wrong in ("desk-2", "desk-77", "", "17", "desk-²"):
        with pytest.raises(FaultsError):
            bob.withdraw(decision_id=wrong, why="x", seen=bob.head())
    with pytest.raises(FaultsError, match="why is missing"):
        bob.withdraw(decision_id=mine, why=" ", seen=bob.head())


def test_a_second_person_sees_at_once(store: Store) -> None:
    open_desk = desks_on(store)
    ann, bob = open_desk("ann"), open_desk("bob")
    at = bob.head()
    assert bob.since(at) == ()
    applied(ann)
    store.append("run.sealed", "x", {}, actor="close")
    bob.note(entity="US01", customer_id="C1", text="mine is no news to me")
    assert bob.since(at) == (
        "ann applied USD 100.00 of receipt R-1 to INV-1 on 2026-11-23 10:12 UTC (desk-1).",
    )
    assert bob.since(bob.head()) == ()
    assert open_desk("bob").since(at)[-1].startswith("bob recorded a note"), "the same person at another desk"


def test_what_was_undone_meanwhile_stands_in_nobodys_way(desk: Desks) -> None:
    """Bob's desk has read the application, not its withdrawal: he is not refused by what he has read."""
    ann = desk("ann")
    applied(ann)
    bob = desk("bob")
    ann.withdraw(decision_id="desk-1", why="x", seen=ann.head())
    assert applied(bob).decision_id == "desk-3"  # type: ignore[attr-defined]


def test_events_of_others_that_say_too_little_are_told(desk: Desks, sqlite_store: Store) -> None:
    bad = [
        ("decision.confirm_application", {"entity": "US01", "receipt_id": "R-1", "items": [{"item_id": "A"}]}),
        ("decision.confirm_application", {"entity": "US01", "receipt_id": "R-1", "items": []}),
        ("decision.promise", {"entity": "US01", "customer_id": "C1", "currency": "USD", "amount": True, "pay_by": "2026-12-01"}),
        ("decision.promise", {"entity": "US01", "customer_id": "C1", "currency": "USD", "amount": 1, "pay_by": "soon"}),
        ("decision.alias", {"entity": 5}),
        ("decision.withdraw", {"entity": "US01", "decision_id": 5}),
    ]  # fmt: skip
    for kind, body in bad:
        sqlite_store.append(kind, "s", body, actor="x")
    sqlite_store.append(
        "decision.recorded", "s", {"entity": "US01"}, actor="x"
    )  # of a kind that is not the desk's
    state = State.of(sqlite_store.events())
    assert list(state.unread) == [1, 2, 3, 4, 5, 6]
    assert not state.decisions
    applied(desk())


def test_a_rounded_day_of_a_promise_stays(desk: Desks) -> None:
    made = desk()
    made.promise(entity="JP01", customer_id="C1", currency="JPY", amount=100, pay_by=date(2026, 12, 1))
    assert "JPY 100 by 2026-12-01" in made.decisions()["sentence"].tolist()[0]
