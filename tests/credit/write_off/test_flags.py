"""Patterns: the planted case is flagged, the honest one beside it is not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from arlib.credit.write_off.flags import same_person
from arlib.credit.write_off.month import write_offs
from arlib.policy import AuthorityPolicy, Policies, WriteOffPolicy
from arlib.policy.authority import Grant, Person
from arlib.policy.write_off import LimitScope, WriteOffLimit

FIVE_HUNDRED = (WriteOffLimit(scope=LimitScope.REASON, of="small", amount=Decimal(500)),)
DAY = "2026-10-15"


@pytest.fixture
def flagged(kit):
    """Flags of a book of write-offs by word."""

    def make(*parts, policies=None, scope=None, **tables):
        book = kit.book(**kit.together(*parts, {name: list(rows) for name, rows in tables.items()}))
        made = write_offs(book, scope=scope or kit.scope(), policies=policies or Policies()).flags
        return {row["flag"]: row for row in made.to_dict("records")}

    return make


def three(kit, amounts=(498_10, 496_75, 499_00), days=(DAY, DAY, DAY), who=("max", "max", "max"), **row):
    return [kit.written_off(f"I{n}", amount, day, reason="small", **({"proposed_by": person} | row))
            for n, (amount, day, person) in enumerate(zip(amounts, days, who, strict=True))]  # fmt: skip


def test_three_just_under_the_limit_on_one_day(flagged, kit):
    found = flagged(*three(kit), policies=kit.policies(limits=FIVE_HUNDRED))["split_below_limit"]

    assert (found["items"], found["amount"], found["rank"], found["in_period"]) == (3, 1_493_85, 2, True)
    assert found["documents"] == "D-I0, D-I1, D-I2"
    assert "limit of USD 500.00, together USD 1,493.85" in found["finding"]


@pytest.mark.parametrize(
    "honest",
    [
        {"amounts": (498_10, 120_00, 35_00)},  # only one is just below
        {"amounts": (449_99, 449_99, 449_99)},  # more than a tenth below
        {"days": (DAY, "2026-09-15", "2026-08-15")},  # not in a week
        {"who": ("max", "eve", "joe")},  # not one person
    ],
)
def test_honest_write_offs_are_no_split(flagged, kit, honest):
    found = flagged(*three(kit, **honest), policies=kit.policies(limits=FIVE_HUNDRED))

    assert "split_below_limit" not in found


def test_the_window_and_the_edge_of_just_below(flagged, kit):
    """450.00 is a tenth below 500.00 and inside; seven days apart is inside, eight is not."""
    limits = kit.policies(limits=FIVE_HUNDRED)
    assert "split_below_limit" in flagged(
        *three(kit, (450_00, 450_00, 1), ("2026-10-08", DAY, DAY)), policies=limits
    )
    assert "split_below_limit" not in flagged(
        *three(kit, (450_00, 450_00, 1), ("2026-10-07", DAY, DAY)), policies=limits
    )


def test_an_authority_is_a_limit_to_keep_below(flagged, kit):
    grants = (
        Grant(person="Bea", kinds=("write_off",), up_to=Decimal(500)),
        Grant(person="Cy", kinds=("refund",), up_to=Decimal(100)),
    )
    policies = Policies(
        authority=AuthorityPolicy(people=(Person(name="Bea"), Person(name="Cy")), grants=grants),
        write_off=WriteOffPolicy(),
    )

    assert flagged(*three(kit), policies=policies)["split_below_limit"]["amount"] == 1_493_85


def test_near_equal_amounts_where_no_limit_is_known(flagged, kit):
    assert flagged(*three(kit))["near_equal_amounts"]["items"] == 3
    assert "near_equal_amounts" not in flagged(*three(kit, (498_10, 496_75, 300_00)))


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("coll.max", "Coll.Max ", True),
        ("Ａnn", "ann", True),
        ("ann", "bea", False),
        ("", "", False),
        (None, None, False),
    ],
)
def test_one_person_by_another_spelling(first, second, is_same):
    assert same_person(first, second) is is_same


def test_proposer_is_approver(flagged, kit):
    assert (
        "coll.max"
        in flagged(kit.written_off("I1", 900, DAY, proposed_by="coll.max", approved_by="coll.max"))[
            "proposer_is_approver"
        ]["finding"]
    )
    assert "proposer_is_approver" not in flagged(kit.written_off("I1", 900, DAY))


def test_missing_approver(flagged, kit):
    assert "no_approver" in flagged(kit.written_off("I1", 900, DAY, approved_by=" "))
    unregistered = kit.written_off("I1", 900, DAY) | {"written_off": []}
    assert "does not hold it" in flagged(unregistered)["no_approver"]["finding"]
    assert "no_approver" not in flagged(kit.written_off("I1", 900, DAY))


def test_over_limit(flagged, kit):
    limits = kit.policies(limits=FIVE_HUNDRED)
    assert (
        "USD 500"
        in flagged(kit.written_off("I1", 500_01, DAY, reason="small"), policies=limits)["over_limit"][
            "finding"
        ]
    )
    assert "over_limit" not in flagged(kit.written_off("I1", 500_00, DAY, reason="small"), policies=limits)
    assert "over_limit" not in flagged(
        kit.written_off("I1", 500_01, DAY, reason="bankruptcy"), policies=limits
    )


BASE = {"customer_id": "C1", "currency": "USD", "amount": 900}


@pytest.mark.parametrize(
    ("flag", "table", "row", "honest"),
    [
        ("disputed_item", "disputes", {"dispute_id": "DI1", "item_id": "I1", "opened_on": "2026-09-01", "reason": "price"},
         {"closed_on": DAY}),
        ("disputed_item", "disputes", {"dispute_id": "DI1", "item_id": "I1", "opened_on": DAY, "reason": "price"},
         {"opened_on": "2026-10-16"}),
        ("held_item", "holds", {"hold_id": "H1", "kind": "audit", "placed_on": "2026-09-01"}, {"lifted_on": DAY}),
        ("promise_open", "promises", {"promise_id": "P1", "promised_on": "2026-10-01", "pay_by": DAY}, {"pay_by": "2026-10-14"}),
        ("plan_running", "plans", {"plan_id": "PA1", "agreed_on": "2026-06-01", "ended_on": "2026-10-20", "state": "broken"},
         {"ended_on": DAY}),
    ],
)  # fmt: skip
def test_written_off_while_a_record_stood(flagged, kit, flag, table, row, honest):
    record = {key: value for key, value in BASE.items() if table != "holds" or key == "customer_id"} | row

    assert flagged(kit.written_off("I1", 900, DAY), **{table: [record]})[flag]["amount"] == 900
    assert flag not in flagged(kit.written_off("I1", 900, DAY), **{table: [record | honest]})


def test_new_sales_after_a_write_off(flagged, kit):
    off = kit.written_off("I1", 900, "2026-06-30")
    later = kit.invoice("N1", 5_000, due="2026-08-30")  # billed on 31 July
    assert "USD 50.00 (D-N1)" in flagged(off, items=[later])["followed_by_new_sales"]["finding"]

    before = kit.invoice("N1", 5_000, due="2026-07-30")  # billed on the day of the write-off
    rebill = later | {"replaces": "I0"}
    other = later | {"customer_id": "C2"}
    for honest in (before, rebill, other):
        assert "followed_by_new_sales" not in flagged(
            kit.written_off("I1", 900, "2026-06-30"), items=[honest]
        )
    small = kit.written_off("I1", 900, "2026-06-30", reason="small_balance")
    assert "followed_by_new_sales" not in flagged(small, items=[later])


def test_quick_recovery(flagged, kit):
    def back(day):
        return {
            "items": [kit.invoice("V1", 300, None, item_type="recovery", replaces="I1", effective_date=day),
                      kit.credit("R1", 300, item_type="receipt", effective_date=day)],
            "applications": [kit.applied("AV", "R1", "V1", 300, day)],
        }  # fmt: skip

    off = kit.written_off("I1", 900, "2026-06-30")
    assert "60 days after" in flagged(off, back("2026-08-29"))["quick_recovery"]["finding"]
    assert "quick_recovery" not in flagged(off, back("2026-08-30"))


def test_repeated_for_one_customer(flagged, kit):
    days = ("2026-03-31", "2026-05-31", "2026-08-31")
    assert flagged(*three(kit, (900, 100, 5_000), days))["repeated_for_customer"]["items"] == 3
    assert "repeated_for_customer" not in flagged(*three(kit, (900, 100, 5_000), (days[0], days[0], days[2])))
    old = ("2025-03-31", "2025-05-31", "2026-08-31")  # two are older than twelve months
    assert "repeated_for_customer" not in flagged(*three(kit, (900, 100, 5_000), old))


def test_a_credit_written_off(flagged, kit):
    """A write-off document above zero, that takes a credit off the account."""
    items = [kit.credit("K1", 250), kit.invoice("W1", 250, None, item_type="write_off", effective_date=DAY)]
    found = flagged({"items": items, "applications": [kit.applied("A1", "K1", "W1", 250, DAY, "write_off")]})

    assert found["credit_written_off"]["amount"] == 250
    assert "no_approver" not in found


def test_relief_claimed_too_early_or_too_late(flagged, kit):
    def claimed(day):
        debt = kit.invoice("I1", 12_000, due="2026-01-31", tax_amount=2_000)
        return kit.written_off("I1", 12_000, "2026-02-28", debt=debt, relief_claimed_on=day)

    british = kit.scope(country="GB")
    assert (
        "before 2026-07-31" in flagged(claimed("2026-07-30"), scope=british)["relief_out_of_time"]["finding"]
    )
    assert "relief_out_of_time" not in flagged(claimed("2026-07-31"), scope=british)
    late = flagged(
        claimed("2030-08-01"),
        scope=kit.scope(date(2030, 8, 31), country="GB"),
        policies=kit.policies(review_months=72),
    )
    assert "after 2030-07-31" in late["relief_out_of_time"]["finding"]
