"""Incompatible duties: declared ones, and what the same person did before on the same item or receipt."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.credit.authority import Decision, Proof, judge
from arlib.credit.proposals import proposal_id, proposals_of
from arlib.money import Rates
from arlib.policy import AuthorityPolicy
from arlib.policy.authority import Grant, Person
from arlib.run.casework import Casework, DutyError, with_casework
from arlib.run.store import Store
from arlib.tables import Book
from arlib.tables.rows import records

from .conftest import Desks, applied, line

PEOPLE = (
    Person(name="Ann Cash", os_user="ann", duties=("cash_application",)),
    Person(name="Col Lector", os_user="col", duties=("collecting",)),
    Person(name="Cre Dit", os_user="cre", duties=("credit",)),
    Person(name="Off Writer", os_user="off", duties=("write_off",)),
    Person(name="Two Hats", os_user="two", duties=("cash_application", "Collecting")),
    Person(name="Bea Boss", os_user="bea"),
)
POLICY = AuthorityPolicy(people=PEOPLE, grants=(Grant(person="Bea Boss"), Grant(person="Cre Dit")))
SOON = date(2026, 12, 1)


def act(made: Casework, word: str, item: str = "INV-1", **more: object) -> object:
    """One act by its word."""
    told = {"entity": "US01", "customer_id": "C1", "item_id": item, "currency": "USD", "amount": 500}
    seen, receipt = made.head(), str(more.pop("receipt", "R-1"))
    if word == "apply":
        return applied(made, receipt, line(item))
    if word == "reject":
        return made.reject(entity="US01", receipt_id="R-1", item_ids=[item], seen=seen)
    if word == "alias":
        return made.alias(entity="US01", customer_id="C1", payer_name="ACME", seen=seen)
    if word == "note":
        return made.note(entity="US01", customer_id="C1", item_id=item, text="x")
    if word == "promise":
        return made.promise(**(told | {"pay_by": SOON} | more))  # type: ignore[arg-type]
    if word == "dispute":
        return made.dispute(**(told | {"reason": "price"} | more))  # type: ignore[arg-type]
    if word == "settle":
        return made.settle_dispute(entity="US01", dispute_id="DI-1", item_id=item, seen=seen)
    return made.propose(**(told | {"kind": word, "reason": "x", "seen": seen} | more))  # type: ignore[arg-type]


ACTS = ("apply", "reject", "alias", "promise", "dispute", "settle", "credit_memo", "write_off", "note")
MAY = {
    "ann": {"apply", "reject", "alias"},
    "Ann  CASH": {"apply", "reject", "alias"},  # the same person by another spelling
    "col": {"promise", "dispute", "settle"},
    "cre": {"credit_memo", "write_off"},
    "off": {"credit_memo", "write_off"},
    "two": set(),
    "bea": set(ACTS),
    "a stranger": set(ACTS),
}


@pytest.mark.parametrize("name", MAY)
@pytest.mark.parametrize("word", ACTS)
def test_declared_duties_say_who_may_do_what(desk: Desks, name: str, word: str) -> None:
    made = desk(name, POLICY)
    if word in MAY[name] | {"note"}:
        act(made, word)
        return
    with pytest.raises(DutyError, match="are incompatible duties"):
        act(made, word)
    assert made.store.head().seq == 0


@pytest.mark.parametrize(
    ("first", "then", "is_free"),
    [
        ("apply", "write_off", False),
        ("write_off", "apply", False),
        ("apply", "credit_memo", False),
        ("apply", "promise", False),
        ("dispute", "apply", False),
        ("promise", "credit_memo", False),
        ("write_off", "promise", False),
        ("reject", "dispute", False),
        ("settle", "write_off", False),
        ("apply", "note", True),
        ("note", "write_off", True),
        ("promise", "dispute", True),
        ("credit_memo", "write_off", True),
        ("reject", "apply", True),
        ("alias", "promise", True),  # touches no document
    ],
)
def test_what_one_did_before_on_the_item_counts(desk: Desks, first: str, then: str, is_free: bool) -> None:
    act(desk("bea", POLICY), first)
    again = desk("Bea Boss", POLICY)  # known by name as by login
    if is_free:
        act(again, then)
    else:
        with pytest.raises(DutyError, match=r"on item INV-1: the same person acted in .*desk-1"):
            act(again, then)
    act(again, then, item="INV-2", receipt="R-2")
    act(desk("cy"), "promise", item="INV-9")


def test_a_strangers_name_is_compared_without_blanks_and_case(desk: Desks) -> None:
    act(desk("Kim Lee"), "apply")
    with pytest.raises(DutyError):
        act(desk("KIM\u200blee"), "write_off")
    act(desk("Kim Li"), "write_off")


def test_what_was_withdrawn_counts_no_more_but_undoing_anothers_does(desk: Desks) -> None:
    ann, bob = desk("ann"), desk("bob")
    act(ann, "apply")
    ann.withdraw(decision_id="desk-1", why="wrong", seen=ann.head())
    act(ann, "promise")
    act(bob, "apply", receipt="R-2")
    eve = desk("eve")
    eve.withdraw(decision_id="desk-4", why="wrong", seen=eve.head())
    with pytest.raises(DutyError):
        act(eve, "write_off")
    act(bob, "write_off")


def test_to_withdraw_is_an_act_in_the_duty_of_what_it_undoes(desk: Desks) -> None:
    ann, col = desk("ann", POLICY), desk("col", POLICY)
    act(ann, "apply")
    act(col, "note")
    with pytest.raises(DutyError):
        col.withdraw(decision_id="desk-1", why="x", seen=col.head())
    ann.withdraw(decision_id="desk-2", why="a note is free to all", seen=ann.head())


def test_an_approver_is_of_the_duty_too(desk: Desks, sqlite_store: Store) -> None:
    body = {"decision": "approve", "kind": "write_off", "entity": "US01", "customer_id": "C1", "item_id": "INV-1",
            "approver": "Bea Boss"}  # fmt: skip
    sqlite_store.append("approval.recorded", "US01/WO-1", body, actor="bea")
    with pytest.raises(DutyError, match="acted in write off on it before"):
        act(desk("bea", POLICY), "apply")


def test_who_proposed_here_does_not_approve(desk: Desks, sqlite_store: Store) -> None:
    """The request bears the actor, and authority refuses him as approver, by login and by name; another may."""
    act(desk("cre", POLICY), "credit_memo")
    (request,) = records(with_casework(Book(tables={}), sqlite_store, entity="US01")["adjustment_requests"])
    assert (request["request_id"], request["requested_by"], request["amount"]) == ("desk-1", "cre", 500)
    told = {
        "proposal_id": proposal_id("credit_memo", "US01", "x"), "entity": "US01", "kind": "credit_memo", "customer_id": "C1",
        "item_id": "INV-1", "currency": "USD", "amount": 500, "reason": "price", "rule": "asked", "evidence": "mail",
        "requested_by": request["requested_by"],
    }  # fmt: skip
    today = date(2026, 11, 23)

    def judged(name: str) -> object:
        made = Decision(
            proposal_id=told["proposal_id"], word="approve", name=name, decided_on=today, comment="", where="row 2"  # type: ignore[arg-type]
        )  # fmt: skip
        return judge(
            [made], proposals_of([told]), policy=POLICY, functional="USD", rates=Rates(), as_of=today, run_on=today,
            today=today, run_by="bea", proof=Proof(person=name, method="os_user"),
        )  # fmt: skip

    refused = judged("Cre Dit")
    assert any("is the proposer too" in one.sentence for one in refused.problems)  # type: ignore[attr-defined]
    assert len(judged("Bea Boss").accepted) == 1  # type: ignore[attr-defined]
