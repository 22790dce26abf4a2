"""What cannot be right by the books is refused in words, and its honest twin is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from arlib.ledger.open_now import OpenNow
from arlib.policy import Policies
from arlib.run.casework import FaultsError, Known, StandingPromise, with_casework, words_of
from arlib.run.store import Store
from arlib.tables import CANONICAL, Book

from .conftest import Desks, desks_on

DAY = date(2026, 11, 30)
PAID = OpenNow(
    item_id="I2", name="SI-2", currency="USD", amount=0, settled="SI-2 was paid in full by RC-9 on 2026-11-02"
)
KNOWN = Known(
    customer_id="C1", balances={"USD": 150_000},
    items={
        "I1": OpenNow(item_id="I1", name="SI-1", currency="USD", amount=100_000),
        "I2": PAID,
        "I3": OpenNow(item_id="I3", name="CM-3", currency="USD", amount=-5_000),
        "I4": OpenNow(item_id="I4", name="SI-4", currency="USD", amount=9_000, decided=4_000),
    },
    **words_of(Policies(), reasons=["odd colour"], people=["a.hart"]),
)  # fmt: skip
ACTS: dict[str, dict[str, Any]] = {
    "promise": {"pay_by": DAY},
    "dispute": {"reason": "price"},
    "propose": {"kind": "credit_memo", "reason": "price"},
    "settle_dispute": {},
}


def act(desk: Any, name: str, **given: Any) -> Any:
    told: dict[str, Any] = {"entity": "US01", "customer_id": "C1", "known": KNOWN}
    if name != "settle_dispute":
        told |= {"currency": "USD", "amount": 100, "item_id": "I1"}
    if name in ("propose", "settle_dispute"):
        told["seen"] = desk.head()
    return getattr(desk, name)(**{**told, **ACTS[name], **given})


TOO_MUCH = (
    ("promise", {"amount": 100_001}, "the promise is USD 1,000.01, and USD 1,000.00 is open of SI-1"),
    ("promise", {"amount": 1, "item_id": "I2"}, "SI-2 was paid in full by RC-9 on 2026-11-02"),
    ("promise", {"amount": 150_001, "item_id": ""}, "the promise is USD 1,500.01, the balance is USD 1,500.00"),
    ("promise", {"currency": "EUR", "item_id": ""}, "the balance is EUR 0.00"),
    ("dispute", {"amount": 99_999_999_999}, "the dispute is USD 999,999,999.99, and USD 1,000.00 is open of SI-1"),
    ("dispute", {"amount": 5_001, "item_id": "I3"}, "open of CM-3"),
    ("dispute", {"amount": 5_001, "item_id": "I4"}, "USD 40.00 is decided at the desk"),
    ("dispute", {"amount": 150_001, "item_id": ""}, "the balance is USD 1,500.00"),
    ("propose", {"amount": 100_001}, "USD 1,000.01 is asked for, and USD 1,000.00 is open of SI-1"),
    ("propose", {"kind": "write_off", "amount": 1, "item_id": "I2"}, "SI-2 was paid in full by RC-9 on 2026-11-02"),
    ("propose", {"kind": "refund", "amount": 5_001, "item_id": "I3"}, "the credit of item I3 is USD 50.00"),
)  # fmt: skip
AS_MUCH = (
    ("promise", {"amount": 100_000}), ("promise", {"amount": 150_000, "item_id": ""}), ("dispute", {"amount": 100_000}),
    ("dispute", {"amount": 5_000, "item_id": "I3"}), ("dispute", {"amount": 5_000, "item_id": "I4"}),
    ("propose", {"amount": 100_000}), ("propose", {"kind": "write_off", "amount": 5_000, "item_id": "I4"}),
    ("propose", {"kind": "refund", "amount": 5_000, "item_id": "I3"}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "given", "words"), TOO_MUCH)
def test_more_than_is_open_is_refused(desk: Desks, name: str, given: dict[str, Any], words: str) -> None:
    made = desk()
    with pytest.raises(FaultsError) as refused:
        act(made, name, **given)
    assert words in str(refused.value)
    assert made.store.head().seq == 0


@pytest.mark.parametrize(("name", "given"), AS_MUCH)
def test_all_that_is_open_is_recorded(desk: Desks, name: str, given: dict[str, Any]) -> None:
    assert act(desk(), name, **given).decision_id == "desk-1"


@pytest.mark.parametrize("name", ["promise", "dispute", "propose"])
def test_whose_item_and_which_customer(desk: Desks, name: str) -> None:
    made = desk()
    with pytest.raises(FaultsError, match="item 'X9' is none of the customer's in the books"):
        act(made, name, item_id="X9")
    with pytest.raises(FaultsError, match="customer 'NOPE' is not the one that the books were asked for"):
        act(made, name, customer_id="NOPE")
    with pytest.raises(FaultsError, match="SI-1 is in USD, the amount in EUR"):
        act(made, name, currency="EUR")
    assert made.store.head().seq == 0


def test_codes_are_of_the_policy_or_the_books(desk: Desks) -> None:
    made = desk()
    with pytest.raises(FaultsError, match=r"reason 'prise' is none .* \(did you mean 'price'\?\)"):
        act(made, "dispute", reason="prise")
    with pytest.raises(FaultsError, match="reason is other: say in the text"):
        act(made, "dispute", reason="other")
    act(made, "dispute", reason="other", text="the colour fades")
    act(made, "dispute", reason="odd colour")
    assert "new to the books" not in act(made, "dispute", owner="A. Hart").sentence, "however it is written"
    with pytest.raises(FaultsError, match="root_cause 'gremlins' is none") as refused:
        act(made, "settle_dispute", dispute_id="desk-1", root_cause="gremlins", team="astrology")
    assert "team 'astrology' is none" in str(refused.value)
    act(made, "settle_dispute", dispute_id="desk-1", root_cause="other", team="sales", text="the dye")


def test_a_new_owner_is_said_and_a_retry_is_the_same(desk: Desks) -> None:
    made = desk()
    first = act(made, "dispute", owner="Zoe New", request_id="q")
    assert "owner Zoe New, a name new to the books, on 2026-11-23" in first.sentence
    learnt = replace(KNOWN, people=KNOWN.people | {"Zoe New"})
    assert act(made, "dispute", owner="Zoe New", request_id="q", known=learnt).is_again


BOOKS = replace(
    KNOWN,
    promises=(StandingPromise(promise_id="P7", item_id="I1", currency="USD", amount=60_000, pay_by=DAY),),
)


def test_a_second_promise_says_what_becomes_of_the_first(desk: Desks) -> None:
    made = desk()
    with pytest.raises(FaultsError, match=r"another stands already: USD 600.00 by 2026-11-30 \(P7\)"):
        act(made, "promise", known=BOOKS)
    with pytest.raises(FaultsError, match="P8 is no promise of C1 that stands"):
        act(made, "promise", known=BOOKS, replaces="P8")
    with pytest.raises(
        FaultsError, match=r"USD 1,000.01 would be promised with USD 600.00 .* USD 1,000.00 is open"
    ):
        act(made, "promise", known=BOOKS, is_beside=True, amount=40_001)
    act(made, "promise", known=BOOKS, is_beside=True, amount=40_000)
    act(made, "promise", known=BOOKS, item_id="", amount=1)  # of the account, not of the item
    with pytest.raises(FaultsError, match=r"another stands already: .*desk-1"):
        act(made, "promise", known=BOOKS, replaces="P7", amount=50_000)


def test_a_promise_in_place_of_another_ends_it(store: Store) -> None:
    made = desks_on(store)()
    rows = CANONICAL["promises"].from_rows([
        {"promise_id": "P7", "entity": "US01", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 60_000,
         "promised_on": "2026-11-01", "pay_by": "2026-11-30", "state": "open"}
    ])  # fmt: skip
    book = Book(tables={"promises": rows})
    act(made, "promise", known=BOOKS, replaces="P7", amount=100_000)
    last = act(made, "promise", known=BOOKS, replaces="desk-1", amount=90_000)
    assert "in place of desk-1" in last.sentence
    assert made.decisions()["standing"].tolist() == ["superseded", "stands"]
    assert made.decisions()["ended_by"].tolist() == ["desk-2", ""]
    assert with_casework(book, store, entity="US01")["promises"]["promise_id"].tolist() == ["desk-2"]
    made.withdraw(decision_id="desk-2", why="misheard", seen=made.head())
    assert with_casework(book, store, entity="US01")["promises"]["promise_id"].tolist() == ["desk-1"]


@pytest.mark.parametrize(("name", "field"), [("promise", "pay_by"), ("dispute", "due_on")])
def test_a_day_that_is_over_is_refused(desk: Desks, name: str, field: str) -> None:
    made = desk()
    with pytest.raises(FaultsError, match=f"{field} is 2026-11-22, before today, 2026-11-23"):
        act(made, name, **{field: date(2026, 11, 22)})
    with pytest.raises(FaultsError, match=f"{field} is 2037-01-01, more than 10 years ahead"):
        act(made, name, **{field: date(2037, 1, 1)})
    with pytest.raises(FaultsError, match="next_on is 2026-11-22, before today"):
        made.note(entity="US01", customer_id="C1", text="x", next_on=date(2026, 11, 22))
    act(made, name, **{field: date(2026, 11, 23)})


def test_control_characters_are_refused(desk: Desks) -> None:
    made = desk()
    with pytest.raises(FaultsError, match=r"text holds control characters.*'\\x00', '\\x1b', '\\x7f'"):
        made.note(entity="US01", customer_id="C1", text="a\x00b\x1b[31m\x7f")
    made.note(entity="US01", customer_id="C1", text="two\nlines\tand a tab\r\n")
