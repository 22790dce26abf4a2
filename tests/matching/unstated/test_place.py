"""Receipts that name nothing, placed by amount and habit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.memory import Memory
from arlib.matching.payers import resolve_payers
from arlib.matching.pool import NO_DAY, pool_of
from arlib.matching.unstated.place import place_unstated
from arlib.matching.unstated.words import Structure, sentence
from arlib.policy import MatchingPolicy
from arlib.tables import CANONICAL

START = pd.Timestamp("2026-01-01")


def items(*rows, customer="C1", prefix="I"):
    """(amount, due day) or (amount, due day, document day); days from the start."""
    made = []
    for number, row in enumerate(rows):
        amount, due, document = (*row, row[1] - 30)[:3]
        made.append({"entity": "E", "item_id": f"{prefix}{number}", "customer_id": customer, "item_type": "invoice",
                     "document_date": START + pd.Timedelta(days=document), "due_date": START + pd.Timedelta(days=due),
                     "currency": "USD", "open_amount": amount, "amount": amount})  # fmt: skip
    return made


def receipts(*rows, customer="C1", prefix="R"):
    """(amount, day)."""
    return [{"entity": "E", "receipt_id": f"{prefix}{number}", "customer_id": customer, "currency": "USD", "amount": amount,
             "value_date": START + pd.Timedelta(days=day)} for number, (amount, day) in enumerate(rows)]  # fmt: skip


def placed(item_rows, receipt_rows, *, near=0, discounts=None, policy=None):
    pool = pool_of(MATCH_ITEMS.frame(item_rows), MATCH_RECEIPTS.frame(receipt_rows))
    payers = resolve_payers(pool, customers=CANONICAL["customers"].empty(), memory=Memory(), links=[])
    cut, until = np.zeros(len(pool.items), np.int64), np.full(len(pool.items), NO_DAY, np.int32)
    for row, name in enumerate(pool.items.frame["item_id"]):
        if discounts and name in discounts:
            cut[row], until[row] = discounts[name], 10**6
    found = place_unstated(
        pool, receipts=range(len(pool.receipts)), remaining=pool.items.open.copy(), payers=payers, paid_late={}, paid_whole={},
        discounts=cut, discount_days=until, near=lambda item, left: near, policy=policy or MatchingPolicy(),
    )  # fmt: skip
    names, ids = pool.items.frame["item_id"].tolist(), pool.receipts.frame["receipt_id"].tolist()
    return {ids[one.receipt]: (tuple(sorted(names[row] for row in one.items)), one) for one in found}


def test_one_amount_is_one_item():
    found = placed(items((500, 30), (700, 40), (900, 50)), receipts((700, 41)))
    assert found["R0"][0] == ("I1",)
    assert found["R0"][1].rule == "amount.proven"
    assert found["R0"][1].explanations == 1
    assert "one open item" in found["R0"][1].sentence


def test_two_sets_that_fit_alike_are_never_proven():
    found = placed(items((500, 30), (500, 30)), receipts((500, 31)))
    assert found["R0"][1].rule == "amount.open"
    assert found["R0"][1].explanations == 2
    assert found["R0"][1].held_because
    assert found["R0"][1].others


def test_what_one_receipt_takes_is_gone_for_the_others():
    found = placed(items((500, 30), (200, 30), (300, 31)), receipts((500, 31), (500, 32)))
    assert {found["R0"][0], found["R1"][0]} == {("I0",), ("I1", "I2")}


def test_a_whole_due_date_goes_before_a_mixture():
    rows = items((111, 30), (222, 30), (100, 33), (233, 37), (900, 60), (901, 61))
    assert placed(rows, receipts((333, 31)))["R0"][0] == ("I0", "I1")


def test_of_equal_items_the_older_is_paid_first():
    found = placed(items((500, 30, 0), (500, 37, 7)), receipts((500, 36), (500, 38)))
    assert found["R0"][0] == ("I0",)
    assert found["R1"][0] == ("I1",)


def test_nothing_dated_after_the_payment_is_proven():
    found = placed(items((500, 40, 32)), receipts((500, 31)))
    assert found["R0"][1].rule == "amount.open"


def test_a_document_dated_days_later_was_not_paid():
    assert placed(items((500, 60, 50)), receipts((500, 31))) == {}


def test_credits_are_taken_up():
    rows = items((900, 30), (-150, 25), (400, 90))
    assert placed(rows, receipts((750, 31)))["R0"][0] == ("I0", "I1")


def test_items_less_their_discount():
    found = placed(items((1000, 30), (777, 60)), receipts((980, 5)), discounts={"I0": 20, "I1": 15})
    assert found["R0"][0] == ("I0",)
    assert found["R0"][1].rule == "amount.discount"
    assert found["R0"][1].difference == -20


def test_a_little_less_than_one_item():
    found = placed(items((1000, 30), (777, 60)), receipts((995, 31)), near=10)
    assert found["R0"][1].rule == "amount.near"
    assert found["R0"][1].difference == -5
    assert placed(items((1000, 30), (1001, 60)), receipts((995, 31)), near=10) == {}


def test_a_payer_that_nobody_knows():
    rows = items((1000, 30), (777, 60)) + items((555, 30), customer="C2", prefix="J")
    found = placed(rows, receipts((555, 31), customer=""))
    assert found["R0"][0] == ("J0",)
    assert found["R0"][1].rule == "amount.anyone"
    twice = rows + items((555, 35), customer="C3", prefix="K")
    assert placed(twice, receipts((555, 31), customer="")) == {}


def test_older_than_the_policy_offers():
    rows = items((500, 0))
    assert "R0" in placed(rows, receipts((500, 300)))
    assert placed(rows, receipts((500, 300)), policy=MatchingPolicy(days_without_reference=200)) == {}


ACCOUNT = st.lists(
    st.tuples(st.integers(1, 60).map(lambda n: n * 50), st.integers(0, 60)), min_size=1, max_size=10
)
CASH = st.lists(
    st.tuples(st.integers(1, 100).map(lambda n: n * 50), st.integers(0, 90)), min_size=1, max_size=6
)


@settings(max_examples=60)
@given(ACCOUNT, CASH)
def test_amounts_are_exact_and_nothing_is_used_twice(account, cash):
    rows, money = items(*account), receipts(*cash)
    found = placed(rows, money)
    amount = {row["item_id"]: row["open_amount"] for row in rows}
    paid = {row["receipt_id"]: row["amount"] for row in money}
    used = [name for names, _ in found.values() for name in names]
    assert len(used) == len(set(used))
    for receipt, (names, proposal) in found.items():
        assert sum(amount[name] for name in names) == paid[receipt]
        assert proposal.difference == 0


@settings(max_examples=40)
@given(ACCOUNT, CASH, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(account, cash, random):
    rows, money = items(*account), receipts(*cash)
    before = {key: value[0] for key, value in placed(rows, money).items()}
    random.shuffle(rows)
    random.shuffle(money)
    assert {key: value[0] for key, value in placed(rows, money).items()} == before


@settings(max_examples=40)
@given(ACCOUNT, CASH, ACCOUNT, CASH)
def test_another_customer_changes_nothing(account, cash, other, theirs):
    rows, money = items(*account), receipts(*cash)
    before = {key: value[0] for key, value in placed(rows, money).items()}
    both = placed(
        rows + items(*other, customer="C2", prefix="J"), money + receipts(*theirs, customer="C2", prefix="S")
    )
    # the last day of the run is a fact of the run, not of the other customer
    last = max(day for _, day in cash)
    if all(day <= last for _, day in theirs):
        assert {key: value[0] for key, value in both.items() if key.startswith("R")} == before


@pytest.mark.parametrize(
    ("late", "said"),
    [
        ((0, 0), "paid on the due date"),
        ((1, 1), "paid 1 day after the due date"),
        ((-2, -2), "paid 2 days before the due date"),
        ((2, 27), "paid 2 to 27 days after the due date"),
        ((-5, -2), "paid 2 to 5 days before the due date"),
        ((0, 3), "paid up to 3 days after the due date"),
        ((-3, 0), "paid up to 3 days before the due date"),
        ((-3, 1), "paid from 3 days before to 1 day after the due date"),
    ],
)
def test_how_late_in_words(late, said):
    shape = Structure(items=2, due_dates=1, is_whole=True, offered=5, late_days=late)
    assert said in sentence(shape, None, is_alone=True)
