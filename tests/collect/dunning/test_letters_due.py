"""Levels, what spares an amount, credits that cover, minimums; every open amount stands somewhere."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.policy import DunningPolicy
from arlib.policy.dunning import DisputedPart, DunFrom, LettersBy
from arlib.policy.interest import InterestRule


@pytest.mark.parametrize(
    ("late", "notices", "level", "outcome"),
    [
        (-6, [], None, "not_due"), (-5, [], 0, None), (0, [], 0, None), (-3, [(0, "2026-10-27")], None, "not_due"),
        (1, [], None, "waiting"), (4, [], None, "waiting"), (5, [], 1, None), (400, [], 1, None),
        (20, [(1, "2026-10-20")], 2, None), (20, [(1, "2026-10-21")], None, "waiting"), (19, [(1, "2026-10-10")], None, "waiting"),
        (60, [(1, "2026-09-01"), (2, "2026-10-16")], 3, None), (60, [(2, "2026-10-17")], None, "waiting"),
        (90, [(3, "2026-09-01")], None, "done"), (30, [(1, "2026-11-05")], None, "waiting"),
        (6, [(0, "2026-10-20")], 1, None), (6, [(0, "2026-10-21")], None, "waiting"),
    ],
)  # fmt: skip
def test_the_next_level_and_no_other(
    kit: Any, late: int, notices: Any, level: int | None, outcome: str | None
) -> None:
    book = kit.book(
        items=[kit.item(late=late)], dunning_notices=[kit.notice("I1", n, day) for n, day in notices]
    )
    made = kit.dun(book)
    assert made.letters["level"].tolist() == ([] if level is None else [level])
    assert made.spared["outcome"].tolist() == ([] if outcome is None else [outcome])


def test_levels_are_skipped_only_where_the_policy_says_so(kit: Any) -> None:
    book = kit.book(items=[kit.item(late=50)])
    assert kit.dun(book).letters["level"].tolist() == [1]
    assert kit.dun(book, may_skip_levels=True).letters["level"].tolist() == [3]


def test_days_count_from_the_due_date_or_the_original_one(kit: Any) -> None:
    book = kit.book(items=[kit.item(late=2, original_due_date="2026-08-01")])
    assert kit.dun(book).spared["outcome"].tolist() == ["waiting"]
    made = kit.dun(book, age_from=DunFrom.ORIGINAL_DUE_DATE)
    assert made.lines[["level", "days_past_due"]].values.tolist() == [[1, 90]]


def test_one_letter_at_the_highest_level_or_one_for_each(kit: Any) -> None:
    book = kit.book(
        items=[kit.item("I1", late=25), kit.item("I2", late=25)],
        dunning_notices=[kit.notice("I1", 1, "2026-10-01")],
    )
    one = kit.dun(book)
    assert one.letters[["level", "asked", "template"]].values.tolist() == [[2, 20_000, "second"]]
    assert one.lines["level"].tolist() == [2, 1]
    two = kit.dun(book, letters_by=LettersBy.LEVEL)
    assert two.letters[["level", "asked"]].values.tolist() == [[1, 10_000], [2, 10_000]]


def test_currencies_are_never_in_one_letter(kit: Any) -> None:
    made = kit.dun(kit.book(items=[kit.item("I1"), kit.item("I2", currency="EUR", functional_amount=11_000)]))
    assert made.letters[["currency", "asked"]].values.tolist() == [["EUR", 10_000], ["USD", 10_000]]


def test_a_reminder_before_the_due_date_is_a_letter_of_its_own(kit: Any) -> None:
    made = kit.dun(kit.book(items=[kit.item("I1", late=-3), kit.item("I2", late=30)]))
    assert made.letters[["level", "asked", "template"]].values.tolist() == [
        [0, 10_000, "pre_due"],
        [1, 10_000, "reminder"],
    ]


RECORDS = {
    "dispute": ("disputes", {"dispute_id": "R1", "amount": 4_000, "opened_on": "2026-10-01", "reason": "price"}, "disputed"),
    "deduction": ("deductions", {"deduction_id": "R1", "amount": 4_000, "taken_on": "2026-10-01", "reason": "price",
                                 "state": "pending"}, "deduction"),
    "promise": ("promises", {"promise_id": "R1", "amount": 4_000, "promised_on": "2026-10-01", "pay_by": "2026-10-27",
                             "state": "open"}, "promise"),
}  # fmt: skip


OF_ACCOUNT = [name for name, (table, _, _) in RECORDS.items() if table != "deductions"]


@pytest.mark.parametrize(
    ("name", "of_item"), [*((name, True) for name in RECORDS), *((name, False) for name in OF_ACCOUNT)]
)
def test_the_part_that_a_record_is_about_is_spared(kit: Any, name: str, of_item: bool) -> None:
    table, row, reason = RECORDS[name]
    row = {"customer_id": "C1", "currency": "USD"} | row | ({"item_id": "I1"} if of_item else {})
    made = kit.dun(kit.book(items=[kit.item()], **{table: [row]}))
    assert made.letters[["asked", "left_out", "to_pay"]].values.tolist() == [[6_000, 4_000, 6_000]]
    assert made.spared[["reason", "cites", "amount", "is_hard"]].values.tolist() == [
        [reason, "R1", 4_000, False]
    ]


TWINS = {
    "closed dispute": ("disputes", RECORDS["dispute"][1] | {"closed_on": "2026-10-30"}),
    "invalid deduction": ("deductions", RECORDS["deduction"][1] | {"state": "invalid"}),
    "promise past its grace": ("promises", RECORDS["promise"][1] | {"pay_by": "2026-10-26"}),
    "broken promise": ("promises", RECORDS["promise"][1] | {"state": "broken", "closed_on": "2026-10-29"}),
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_a_record_that_is_over_spares_nothing(kit: Any, name: str) -> None:
    table, row = TWINS[name]
    row = {"customer_id": "C1", "currency": "USD", "item_id": "I1"} | row
    assert kit.dun(kit.book(items=[kit.item()], **{table: [row]})).letters["asked"].tolist() == [10_000]


def test_the_whole_disputed_item_by_policy(kit: Any) -> None:
    row = {"customer_id": "C1", "currency": "USD", "item_id": "I1"} | RECORDS["dispute"][1]
    book = kit.book(items=[kit.item("I1"), kit.item("I2")], disputes=[row])
    assert kit.dun(book, disputes=DisputedPart.ITEM).lines["item_id"].tolist() == ["I2"]


def test_a_promise_on_the_account_takes_the_oldest_debt_first(kit: Any) -> None:
    row = {"customer_id": "C1", "currency": "USD"} | RECORDS["promise"][1] | {"amount": 15_000}
    made = kit.dun(kit.book(items=[kit.item("NEW", late=10), kit.item("OLD", late=50)], promises=[row]))
    assert made.lines[["item_id", "asked"]].values.tolist() == [["NEW", 5_000]]


@pytest.mark.parametrize(("paid", "asked"), [(0, 6_000), (1_000, 6_000), (4_000, 6_000)])
def test_what_was_paid_on_a_promise_is_not_spared_again(kit: Any, paid: int, asked: int) -> None:
    """4,000 promised on a debt of 10,000: paid or not, 6,000 are asked for while the promise stands."""
    cash = kit.item(
        "R",
        -paid or -1,
        item_type="receipt",
        due_date=None,
        effective_date="2026-10-20",
        posting_date="2026-10-20",
    )
    applied = {
        "application_id": "A1", "source_item_id": "R", "target_item_id": "I1", "source_amount": paid, "target_amount": paid,
        "source_currency": "USD", "target_currency": "USD", "kind": "payment", "reason": "payment",
        "effective_date": "2026-10-20", "posting_date": "2026-10-20",
    }  # fmt: skip
    row = {"customer_id": "C1", "currency": "USD"} | RECORDS["promise"][1]
    tables = {"applications": [applied]} if paid else {}
    made = kit.dun(kit.book(items=[kit.item(), *([cash] if paid else [])], promises=[row], **tables))
    assert made.letters["to_pay"].tolist() == [asked]


@pytest.mark.parametrize(
    ("expires", "is_spared"), [("2026-10-30", True), ("2026-10-29", False), (None, True)]
)
def test_an_exception_holds_to_its_last_day(kit: Any, expires: str | None, is_spared: bool) -> None:
    row = {
        "exception_id": "X1",
        "customer_id": "C1",
        "procedure": "no_dunning",
        "reason": "r",
        "owner": "o",
        "valid_from": "2026-01-01",
    }
    made = kit.dun(
        kit.book(
            items=[kit.item()], collection_exceptions=[row | ({"expires_on": expires} if expires else {})]
        )
    )
    assert (not len(made.letters)) is is_spared


def test_a_plan_that_runs_spares_and_one_in_default_does_not(kit: Any) -> None:
    plan = {
        "plan_id": "PL",
        "customer_id": "C1",
        "item_id": "I1",
        "currency": "USD",
        "amount": 10_000,
        "agreed_on": "2026-09-01",
        "state": "running",
    }

    def parts(day: str) -> list[dict[str, Any]]:
        return [{"plan_id": "PL", "instalment_no": 1, "due_date": day, "currency": "USD", "amount": 10_000}]

    runs = kit.dun(kit.book(items=[kit.item()], plans=[plan], plan_instalments=parts("2026-12-01")))
    assert runs.spared["reason"].tolist() == ["plan"]
    book = kit.book(items=[kit.item()], plans=[plan], plan_instalments=parts("2026-09-15"))
    assert kit.dun(book).letters["asked"].tolist() == [10_000]


def test_credits_that_cover_the_debt_spare_it_and_others_are_set_against_it(kit: Any) -> None:
    paid = kit.item("R1", -9_500, item_type="receipt", cash_status="unapplied")
    covered = kit.dun(kit.book(items=[kit.item(), paid]))
    assert covered.spared.loc[
        covered.spared["outcome"].eq("spared"), ["reason", "cites"]
    ].values.tolist() == [["covered", "D-R1"]]
    part = kit.dun(kit.book(items=[kit.item(), paid | {"amount": -3_000}]))
    assert part.letters[["asked", "credits", "to_pay"]].values.tolist() == [[10_000, -3_000, 7_000]]
    assert kit.dun(kit.book(items=[kit.item(), paid]), nets_credits=False).letters["to_pay"].tolist() == [
        10_000
    ]
    prepaid = kit.dun(kit.book(items=[kit.item(), paid | {"item_type": "prepayment"}]))
    assert prepaid.letters["credits"].tolist() == [0]


def test_a_credit_is_set_against_one_letter_only(kit: Any) -> None:
    items = [kit.item("I1", late=30), kit.item("I2", late=-1), kit.item("CR", -4_000)]
    made = kit.dun(kit.book(items=items))
    assert made.letters[["level", "credits"]].values.tolist() == [[0, 0], [1, -4_000]]


@pytest.mark.parametrize(
    ("amount", "currency", "is_written"),
    [(999, "USD", False), (1_000, "USD", True), (999, "JPY", False), (1_000, "JPY", True)],
)
def test_a_letter_below_the_minimum_is_not_written(
    kit: Any, amount: int, currency: str, is_written: bool
) -> None:
    made = kit.dun(kit.book(items=[kit.item(amount=amount, currency=currency, functional_amount=amount)]))
    assert bool(len(made.letters)) is is_written
    assert made.spared["outcome"].tolist() == ([] if is_written else ["below_minimum"])


def test_interest_compensation_and_fee_are_asked_for_where_counsel_confirmed(kit: Any) -> None:
    rule = InterestRule(name="contract", customer="C1", percent=Decimal(5), compensation_currency="USD", confirmed_by="counsel",
                        compensation=DunningPolicy().interest_rules[0].compensation)  # fmt: skip
    notices = [kit.notice("I1", 2, "2026-09-01")]
    dispute = {"customer_id": "C1", "currency": "USD", "item_id": "I1"} | RECORDS["dispute"][1]
    choices: dict[str, Any] = {"fees": {"USD": Decimal(10)}, "interest_rules": (rule,)}
    made = kit.dun(kit.book(items=[kit.item(late=73)], dunning_notices=notices), **choices)
    assert made.letters[["asked", "interest", "compensation", "fee", "to_pay"]].values.tolist() == [
        [10_000, 100, 4_000, 1_000, 15_100]
    ]
    net = kit.dun(kit.book(items=[kit.item(late=73)], dunning_notices=notices, disputes=[dispute]), **choices)
    assert net.letters["interest"].tolist() == [60]
    example = kit.dun(
        kit.book(items=[kit.item(late=73)], dunning_notices=notices),
        **choices | {"interest_rules": (replace(rule, confirmed_by=""),)},
    )
    assert example.lines[["interest", "asks_interest"]].values.tolist() == [[100, False]]
    assert example.letters["to_pay"].tolist() == [11_000]
    assert "not confirmed" in example.limits[-2]


def test_fees_and_interest_bear_no_interest(kit: Any) -> None:
    rule = InterestRule(name="contract", customer="C1", percent=Decimal(5), confirmed_by="counsel")
    book = kit.book(
        items=[kit.item(late=73, item_type="interest_or_fee")],
        dunning_notices=[kit.notice("I1", 2, "2026-09-01")],
    )
    assert kit.dun(book, interest_rules=(rule,)).letters["interest"].tolist() == [0]


items = st.lists(
    st.tuples(st.sampled_from(["C1", "C2"]), st.sampled_from(["USD", "JPY"]), st.integers(-5_000, 20_000).filter(bool),
              st.integers(-20, 120), st.sampled_from([None, 0, 1, 2, 3])),
    max_size=12,
)  # fmt: skip


@settings(max_examples=10)
@given(rows=items, disputed=st.integers(0, 30_000), by=st.sampled_from(LettersBy), skip=st.booleans())
def test_every_open_amount_stands_somewhere(
    kit: Any, rows: Any, disputed: int, by: LettersBy, skip: bool
) -> None:
    made = [
        kit.item(f"I{at}", amount, late, customer_id=customer, currency=code, functional_amount=amount)
        for at, (customer, code, amount, late, _) in enumerate(rows)
    ]
    notices = [
        kit.notice(f"I{at}", row[4], "2026-10-01") for at, row in enumerate(rows) if row[4] is not None
    ]
    dispute = {
        "dispute_id": "R1",
        "customer_id": "C1",
        "currency": "USD",
        "amount": disputed,
        "opened_on": "2026-10-01",
        "reason": "price",
    }
    book = kit.book(items=made, customers=[kit.CUSTOMER, kit.CUSTOMER | {"customer_id": "C2"}], dunning_notices=notices,
                    disputes=[dispute])  # fmt: skip
    got = kit.dun(book, letters_by=by, may_skip_levels=skip)  # dun requires the identities
    assert (got.lines["asked"] > 0).all()
    assert (got.lines["asked"] <= got.lines["outstanding"]).all()
    sums = got.lines.groupby("letter_id")["asked"].sum()
    assert dict(zip(got.letters["letter_id"], got.letters["asked"], strict=True)) == sums.to_dict()
    assert (got.letters["to_pay"] >= 0).all()
    if not skip:
        last = got.lines["last_level"].fillna(0)
        assert ((got.lines["level"] == last + 1) | got.lines["level"].eq(0)).all()
