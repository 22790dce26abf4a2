"""The register, what came back, and the register against the ledger."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.controls import Status
from arlib.credit.write_off.month import write_offs
from arlib.policy import Policies


@pytest.fixture
def run(kit):
    def make(*parts, scope=None, policies=None, **tables):
        book = kit.book(**kit.together(*parts, tables))
        return write_offs(book, scope=scope or kit.scope(), policies=policies or Policies())

    return make


def reinstated(kit, back=300, paid=200, day="2026-10-15"):
    return {
        "items": [kit.invoice("V1", back, None, item_type="recovery", replaces="I1", effective_date=day),
                  kit.credit("R1", 500, item_type="receipt", effective_date=day)],
        "applications": [kit.applied("AV", "R1", "V1", paid, day)],
    }  # fmt: skip


def test_put_back_and_paid_in_part(run, kit):
    made = run(kit.written_off("I1", 900, "2026-06-30"), reinstated(kit))
    row = made.register.iloc[0]

    assert (row["amount"], row["reinstated"], row["recovered"], row["left"]) == (900, 300, 200, 600)
    assert made.recoveries[
        ["way", "recovered", "functional_recovered", "days_since"]
    ].to_numpy().tolist() == [["reinstated_and_paid", 200, 200, 107]]
    assert made.recoveries["is_as_policy"].tolist() == [True]
    open_ = run(kit.written_off("I1", 900, "2026-06-30"), reinstated(kit, paid=0)).recoveries
    assert open_["way"].tolist() == ["reinstated_open"]


def test_money_booked_straight_is_against_the_policy(run, kit):
    direct = {
        "items": [kit.credit("V1", 300, item_type="recovery", replaces="I1", effective_date="2026-10-15")]
    }
    made = run(kit.written_off("I1", 900, "2026-06-30"), direct)

    assert made.recoveries[["way", "reinstated", "recovered"]].to_numpy().tolist() == [["direct", 300, 300]]
    assert made.recoveries["is_as_policy"].tolist() == [False]
    assert made.register["left"].tolist() == [600]
    straight = run(
        kit.written_off("I1", 900, "2026-06-30"), direct, policies=kit.policies(reinstates_on_recovery=False)
    )
    assert straight.recoveries["is_as_policy"].tolist() == [True]


def test_a_write_off_taken_back_and_then_paid(run, kit):
    back = {
        "items": [kit.credit("R1", 900, item_type="receipt", effective_date="2026-09-20")],
        "applications": [
            kit.applied("AR", "WI1", "I1", -900, "2026-09-01", "write_off", reverses="AI1"),
            kit.applied("AP", "R1", "I1", 900, "2026-09-20"),
        ],
    }
    made = run(kit.written_off("I1", 900, "2026-06-30"), back)

    assert made.recoveries[["way", "reinstated", "recovered"]].to_numpy().tolist() == [
        ["write_off_reversed", 900, 900]
    ]
    assert made.register["left"].tolist() == [0]
    control = next(control for control in made.controls if control.name == "written_off_register")
    assert (control.status, control.explained) == (Status.EXPLAINED, 900)
    assert made.differences["cause"].tolist() == ["reversed"]


def test_two_write_offs_of_one_item_share_what_came_back(run, kit):
    debt = kit.invoice("I1", 1_000)
    first = kit.written_off("I1", 600, "2026-05-31", debt=debt)
    off = kit.credit("W2", 400, item_type="write_off", effective_date="2026-07-31")
    second = {
        "items": [off],
        "applications": [kit.applied("A2", "W2", "I1", 400, "2026-07-31", "write_off")],
        "written_off": [first["written_off"][0] | {"written_off_on": "2026-07-31", "amount": 400}],
    }
    back = reinstated(kit, 700, 500)
    rows = run(first, second, back).register

    assert rows[["amount", "reinstated", "recovered", "left"]].to_numpy().tolist() == [
        [600, 600, 500, 0],
        [400, 100, 0, 300],
    ]


def test_tied_and_each_kind_of_difference(run, kit):
    good = kit.written_off("I1", 900, "2026-06-30")
    assert [control.status for control in run(good).controls] == [Status.TIED, Status.TIED]

    def control(made):
        return next(one for one in made.controls if one.name == "written_off_register")

    less = kit.written_off("I1", 900, "2026-06-30")
    less["written_off"][0]["amount"] = 899
    made = run(less)
    assert (control(made).status, made.differences["cause"].tolist()) == (
        Status.UNEXPLAINED,
        ["amount_differs"],
    )
    assert made.differences["document_no"].tolist() == ["D-I1"]

    made = run(good | {"written_off": []})
    assert (control(made).unexplained, made.differences["cause"].tolist()) == (-900, ["not_in_register"])
    assert made.register[["source", "amount"]].to_numpy().tolist() == [["ledger", 900]]

    made = run(good | {"items": good["items"][:1], "applications": []})
    assert (control(made).unexplained, made.differences["cause"].tolist()) == (900, ["not_in_ledger"])

    late = kit.written_off("I1", 900, "2026-10-31")
    late["items"][1]["posting_date"] = late["applications"][0]["posting_date"] = "2026-11-02"
    made = run(late)
    assert (control(made).status, made.differences["cause"].tolist()) == (Status.EXPLAINED, ["other_date"])


def test_two_that_cancel_out_are_not_tied(run, kit):
    one, two = kit.written_off("I1", 900, "2026-06-30"), kit.written_off("I2", 900, "2026-06-30")
    one["written_off"][0]["amount"], two["written_off"][0]["amount"] = 800, 1_000

    assert run(one, two).controls[0].status is Status.UNEXPLAINED


def test_without_a_register_the_control_says_so(run, kit):
    off = kit.written_off("I1", 900, "2026-06-30")
    off.pop("written_off")
    made = run(off)

    assert [control.status for control in made.controls] == [Status.NO_INPUT, Status.TIED]
    nothing = run(items=[kit.invoice()]).controls
    assert [(control.name, control.left, control.right) for control in nothing] == [
        ("write_offs_posted", 0, 0)
    ]


def test_a_document_that_is_not_applied_explains_its_difference(run, kit):
    loose = kit.credit("W9", 400, item_type="write_off", effective_date="2026-10-05")
    made = run(kit.written_off("I1", 900, "2026-10-04"), items=[loose])
    posted = next(control for control in made.controls if control.name == "write_offs_posted")

    assert (posted.left, posted.right, posted.count, posted.status) == (1_300, 900, 1, Status.EXPLAINED)


def test_trend_and_reasons_foot_and_know_their_period(run, kit):
    old, new = (
        kit.written_off("I1", 900, "2026-09-30"),
        kit.written_off("I2", 100, "2026-10-01", reason="small_balance"),
    )
    made = run(old, new, reinstated(kit, 300, 300))

    assert made.by_month[["month", "written_off", "recovered", "net", "items"]].to_numpy().tolist() == [
        ["2026-09", 900, 0, 900, 1], ["2026-10", 100, 300, -200, 1],
    ]  # fmt: skip
    assert made.by_reason[["reason", "items", "amount"]].to_numpy().tolist() == [["small_balance", 1, 100]]
    assert all(identity.holds for identity in made.identities)
    before = run(old, new, scope=kit.scope(date(2026, 9, 30)))
    assert before.register["item_id"].tolist() == ["I1"]


def test_no_more_is_recovered_than_was_put_back(run, kit):
    """300 of 900 are put back; of the 500 paid afterwards 300 are a recovery."""
    back = {
        "items": [kit.credit("R1", 500, item_type="receipt", effective_date="2026-09-20")],
        "applications": [
            kit.applied("AR", "WI1", "I1", -300, "2026-09-01", "write_off", reverses="AI1"),
            kit.applied("AP", "R1", "I1", 500, "2026-09-20"),
        ],
    }

    assert run(kit.written_off("I1", 900, "2026-06-30"), back).register["recovered"].tolist() == [300]
