"""High-risk accounts: drivers, points, ranking and the strategy for each."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.collect.contact.outside import outside
from arlib.collect.follow_up.placements import placements_proposed
from arlib.collect.review.high_risk import high_risk
from arlib.policy import CreditReviewPolicy, PerformancePolicy, Policies
from arlib.policy.credit_review import RiskPolicy


def late(days: int) -> str:
    return str(date.fromordinal(date(2026, 10, 31).toordinal() - days))


def rows(k, tables, policies=None):
    return k.case(tables, policies).of(high_risk).set_index("customer_id")


def owing(k, days, amount=5_000_00, **customer):
    return {
        "customers": [k.customer("C1", 90_000_00, **customer)],
        "items": [k.invoice("I1", amount, late(days))],
    }


def many(k, *cases):
    """A customer for each case of days, amount and status, all in one book."""
    return {
        "customers": [
            k.customer(f"C{n}", 90_000_00, status=status) for n, (_, _, status) in enumerate(cases)
        ],
        "items": [
            k.invoice(f"I{n}", amount, late(days), f"C{n}") for n, (days, amount, _) in enumerate(cases)
        ],
    }


def test_lateness_by_its_days_and_amount(k):
    cases = {
        (59, 5_000_00): None,
        (60, 5_000_00): 25,
        (89, 5_000_00): 25,
        (90, 5_000_00): 45,
        (90, 999_99): None,
    }
    made = rows(k, many(k, *((*case, "active") for case in cases)))
    for number, ((_, amount), points) in enumerate(cases.items()):
        if points is None:
            assert f"C{number}" not in made.index
        else:
            row = made.loc[f"C{number}"]
            assert (row["points"], row["risk_amount"]) == (points, amount * points // 100)


def test_a_small_late_rest_of_a_large_account_drives_nothing(k):
    tables = owing(k, 100, 1_000_00)
    tables["items"].append(k.invoice("I2", 9_000_00, "2026-11-30"))
    assert rows(k, tables)["points"].tolist() == [45]  # exactly a tenth
    tables["items"][1]["amount"] += 1
    assert rows(k, tables).empty


def test_drivers_add_up_and_never_pass_100(k):
    tables = owing(k, 100, status="legal")
    tables["customers"][0]["credit_limit"] = 3_000_00
    made = rows(k, tables).loc["C1"]
    assert made["points"] == 100
    assert made["drivers"] == (
        "with counsel; USD 5,000.00 is 90 days past due or more (the oldest 100 days); USD 2,000.00 above its limit"
    )
    policies = Policies(
        credit_review=CreditReviewPolicy(risk=RiskPolicy(failed=1, very_late=2, over_limit=3, min_points=6))
    )
    assert rows(k, tables, policies)["points"].tolist() == [6]


def test_cover_lowers_what_is_at_risk_and_the_rank_follows(k):
    tables = {
        "customers": [k.customer("C1", 90_000_00), k.customer("C2", 90_000_00), k.customer("G", 90_000_00, is_intercompany=True)],
        "items": [k.invoice("I1", 5_000_00, late(90)), k.invoice("I2", 4_000_00, late(90), "C2"),
                  k.invoice("I3", 9_000_00, late(900), "G")],
        "security": [{"security_id": "S", "customer_id": "C1", "kind": "credit_insurance", "currency": "USD", "cover_rate": "0.9",
                      "valid_from": "2026-01-01"}],
    }  # fmt: skip
    made = rows(k, tables)
    assert made["rank"].to_dict() == {"C2": 1, "C1": 2}
    assert made["risk_amount"].to_dict() == {"C2": 1_800_00, "C1": 225_00}
    short = Policies(performance=PerformancePolicy(high_risk_accounts=1))
    assert rows(k, tables, short).index.tolist() == ["C2"]


def test_the_strategy_by_status_age_and_amount(k):
    cases = {
        (100, 5_000_00, "bankrupt"): "reserve", (100, 5_000_00, "estate"): "reserve", (10, 5_000_00, "legal"): "legal",
        (10, 5_000_00, "sanctioned"): "legal", (10, 5_000_00, "cease_contact"): "legal", (10, 5_000_00, "agency"): "place",
        (119, 5_000_00, "active"): "hold", (120, 5_000_00, "active"): "place", (120, 10_000_00, "active"): "legal",
        (120, 9_999_99, "active"): "place",
    }  # fmt: skip
    made = rows(k, many(k, *cases))
    assert made["strategy"].to_dict() == {f"C{n}": strategy for n, strategy in enumerate(cases.values())}
    assert made["words"].ne("").all()


def test_small_old_debts_are_written_off_and_large_uncovered_ones_secured(k):
    small = owing(k, 200, 249_99)
    small["customers"][0]["status"] = "active"
    policies = Policies(credit_review=CreditReviewPolicy(hold_min_amount=0, hold_days_past_due=900))
    assert rows(k, small, policies).loc["C1", "strategy"] == "write_off"
    large = owing(k, 70, 25_000_00)
    assert "secure" in rows(k, large).loc["C1", "also"]
    large["items"][0]["amount"] -= 1
    assert "secure" not in rows(k, large).loc["C1", "also"]


def test_who_still_pays_is_not_placed_for_an_old_rest(k):
    tables = k.together(
        k.paid(1, 100_00, "2026-10-01", "2026-10-02"),
        {"customers": [k.customer("C1", 90_000_00)], "items": [k.invoice("I1", 5_000_00, late(200)), k.invoice("I2", 6_000_00, late(1))]},
    )  # fmt: skip
    made = rows(k, tables).loc["C1"]
    assert made["strategy"] == "hold"
    assert "place" not in {made["strategy"], *made["also"].split("|")}
    tables["items"][-1]["amount"] = 4_000_00  # now most of it is old
    assert rows(k, tables).loc["C1", "strategy"] == "place"


def test_a_dispute_is_settled_and_not_chased(k):
    tables = owing(k, 100)
    tables["customers"][0]["credit_limit"] = 2_000_00
    tables["disputes"] = [{"dispute_id": "D", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 5_000_00,
                           "opened_on": "2026-09-01", "reason": "price"}]  # fmt: skip
    made = rows(k, tables).loc["C1"]
    assert made["drivers"] == "USD 3,000.00 above its limit"
    assert "Settle the dispute" in made["words"]


def hold(**more):
    return {
        "hold_id": "H1",
        "customer_id": "C1",
        "kind": "legal",
        "placed_on": "2026-09-01",
        "reason": "suit",
    } | more


def exception(**more):
    return {"exception_id": "X1", "customer_id": "C1", "procedure": "no_calls", "reason": "agreed", "owner": "cfo",
            "valid_from": "2026-10-01"} | more  # fmt: skip


@pytest.mark.parametrize(
    ("more", "strategy", "says"),
    [
        ({"holds": [hold()]}, "legal", "Leave it to counsel: under a legal hold (H1)"),
        ({"holds": [hold(lifted_on="2026-10-31")]}, "place", "Place USD 5,000.00 with an agency"),
        ({"holds": [hold(kind="sanction")]}, "legal", "Leave it to compliance: "),
        ({"claims": [{"claim_id": "K", "customer_id": "C1", "kind": "bankruptcy", "opened_on": "2026-10-01", "currency": "USD",
                      "state": "filed", "filed_on": "2026-10-05", "amount": 1}]}, "reserve", "Follow the claim"),
        ({"collection_exceptions": [exception()]}, "hold", "No calls by agreement (X1): write, do not call."),
        ({"collection_exceptions": [exception(procedure="all")]}, "as_agreed", "ask the owner of the exception"),
        ({"collection_exceptions": [exception(expires_on="2026-10-30")]}, "place", "Call for USD 5,000.00"),
    ],
)  # fmt: skip
def test_the_law_and_what_was_agreed_go_before_calls_and_placements(k, more, strategy, says):
    """Each record in force stops the call and the agency; ended, the account is placed and called."""
    made = rows(k, owing(k, 200) | more).loc["C1"]
    assert made["strategy"] == strategy
    assert says in made["words"]
    is_ours = strategy == "place"
    assert ("Place USD" in made["words"], "Call for" in made["words"]) == (is_ours, is_ours)
    assert ("call" in made["also"].split("|")) is is_ours


def test_an_item_apart_leaves_the_rest_to_be_called(k):
    tables = owing(k, 100) | {"holds": [hold(item_id="I2")]}
    tables["items"].append(k.invoice("I2", 3_000_00, late(100)))
    made = rows(k, tables).loc["C1"]
    assert "Call for USD 5,000.00 past due" in made["words"]
    assert "Apart: under a legal hold (H1)." in made["words"]


def test_nothing_is_placed_that_the_list_of_placements_does_not_propose(k):
    """The letters are not exhausted, or a copy that was asked for is not sent: the words say what comes first."""
    notice = {"notice_id": "N", "customer_id": "C1", "item_id": "I1", "level": 3, "sent_on": "2026-10-17", "channel": "letter",
              "currency": "USD", "amount": 1_00}  # fmt: skip
    asked = {"activity_id": "T", "customer_id": "C1", "item_id": "I1", "kind": "call", "outcome": "asks for a copy",
             "occurred_at": "2026-01-06T10:00:00Z"}  # fmt: skip
    tables = owing(k, 200) | {"dunning_notices": [notice]}
    assert rows(k, tables).loc["C1", "strategy"] == "place"
    early = rows(k, tables | {"dunning_notices": [notice | {"level": 2}]}).loc["C1"]
    assert "Not placed yet: its letters are not exhausted." in early["words"]
    unsent = rows(k, tables | {"activities": [asked]}).loc["C1"]
    assert "Not placed yet: a copy that it asked for is not sent." in unsent["words"]
    for made in (early, unsent):
        assert not {"place", "legal", "write_off"} & {made["strategy"], *made["also"].split("|")}


def arranged(k, due, amount=5_000_00):
    return owing(k, 100) | {
        "plans": [{"plan_id": "L1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": amount,
                   "agreed_on": "2026-09-01", "state": "running"}],
        "plan_instalments": [{"plan_id": "L1", "instalment_no": 1, "due_date": due, "currency": "USD", "amount": amount}],
    }  # fmt: skip


def test_who_keeps_an_arrangement_is_neither_called_nor_held_for_it(k):
    made = rows(k, arranged(k, "2026-11-20")).loc["C1"]
    assert (made["strategy"], made["also"]) == ("plan", "")
    assert made["words"] == (
        "Keep to the payment arrangement and watch each instalment. No hold: keeps its payment arrangement L1 of "
        "2026-09-01, next USD 5,000.00 on 2026-11-20."
    )
    broken = rows(k, arranged(k, "2026-09-20")).loc["C1"]
    assert "is in default" in broken["words"]
    assert "Call for USD 5,000.00" in broken["words"]
    tables = arranged(k, "2026-11-20")
    tables["items"].append(k.invoice("I2", 1_000_00, late(70)))
    beside = rows(k, tables).loc["C1"]
    assert "Call for USD 1,000.00" in beside["words"]
    assert "hold" in beside["also"].split("|")


@pytest.mark.parametrize("entity", ["US01", "UK01", "JP01"])
def test_the_sample_says_in_one_voice(k, entity):
    """Called for is what the call list has; placed is what the placements propose; nobody apart is called."""
    sample = k.sample(entity)
    made = sample.of(high_risk)
    left_out = sample.of(outside)
    hard = left_out[left_out["is_hard"]].groupby("customer_id").size()
    owed = sample.position.debits.groupby("customer_id").size()
    wholly = {code for code, count in hard.items() if count == owed[code]}
    proposed = sample.of(placements_proposed)
    may_go = set(proposed.loc[~proposed["is_blocked"], "customer_id"])
    assert wholly & set(made["customer_id"])
    for row in made.to_dict("records"):
        if row["customer_id"] in wholly:
            assert "Call for" not in row["words"]
        if "Place " in row["words"] or "to an attorney" in row["words"]:
            assert row["customer_id"] in may_go
    no_calls = set(left_out.loc[left_out["reason"].eq("no_calls"), "customer_id"])
    assert not made.loc[made["customer_id"].isin(no_calls), "words"].str.contains("Call for").any()


@pytest.mark.parametrize("entity", ["US01", "UK01", "JP01"])
def test_the_sample_names_its_failed_customers(k, entity):
    sample = k.sample(entity)
    made = sample.of(high_risk)
    assert made["rank"].tolist() == list(range(1, len(made) + 1))
    assert made["risk_amount"].is_monotonic_decreasing
    assert made["points"].between(25, 100).all()
    plan = k.planted(entity, "plan_in_default")
    assert plan <= set(
        made.loc[made["drivers"].str.contains("payment arrangement is in default"), "customer_id"]
    )
    kept = k.planted(entity, "plan_running") & set(made["customer_id"])
    assert not made.loc[made["customer_id"].isin(kept), "drivers"].str.contains("in default").any()
    assert made.equals(sample.of(high_risk))
