"""High-risk accounts: drivers, points, ranking and the strategy for each."""

from __future__ import annotations

from datetime import date

import pytest

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
