"""Limitation and tax relief: days at their edges, restarts, statuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from arlib.credit.write_off.limitation import deadline, state_of
from arlib.credit.write_off.month import write_offs
from arlib.credit.write_off.relief import claim_window
from arlib.policy.write_off import LIMITATION_RULES, RELIEF_RULES, GoverningLaw, LimitationRule, StartsFrom

SIX = LimitationRule(country="GB", months=72)
GERMAN = next(rule for rule in LIMITATION_RULES if rule.country == "DE")
BRITISH = next(rule for rule in RELIEF_RULES if rule.country == "GB")


def test_six_years_from_the_due_date_and_again_from_a_restart():
    assert deadline(date(2020, 3, 10), [], rule=SIX).last_day == date(2026, 3, 10)
    again = deadline(date(2020, 3, 10), [(date(2022, 5, 1), "part_payment")], rule=SIX)
    assert (again.last_day, again.restarted_on) == (date(2028, 5, 1), date(2022, 5, 1))
    assert deadline(date(2020, 2, 29), [], rule=SIX).last_day == date(2026, 2, 28)
    assert deadline(None, [(date(2022, 5, 1), "part_payment")], rule=SIX).last_day is None


def test_what_is_barred_stays_barred():
    """On the last day it restarts; the day after it does not. A chain of restarts holds while none is missed."""
    start, last = date(2020, 3, 10), date(2026, 3, 10)
    assert deadline(start, [(last, "acknowledgement")], rule=SIX).last_day == date(2032, 3, 10)
    assert deadline(start, [(date(2026, 3, 11), "acknowledgement")], rule=SIX).last_day == last
    chain = [(date(2031, 1, 1), "part_payment"), (date(2025, 6, 1), "acknowledgement")]
    assert deadline(start, chain, rule=SIX).last_day == date(2037, 1, 1)
    assert deadline(start, [(date(2019, 1, 1), "part_payment")], rule=SIX).last_day == last


def test_a_rule_may_refuse_a_kind_of_restart():
    strict = replace(SIX, restarts_on_part_payment=False)
    assert deadline(date(2020, 3, 10), [(date(2022, 5, 1), "part_payment")], rule=strict).last_day == date(
        2026, 3, 10
    )


def test_german_time_begins_at_the_end_of_the_year_and_restarts_on_the_day():
    assert deadline(date(2023, 2, 1), [], rule=GERMAN).last_day == date(2026, 12, 31)
    assert deadline(date(2023, 2, 1), [(date(2025, 5, 5), "acknowledgement")], rule=GERMAN).last_day == date(
        2028, 5, 5
    )
    assert deadline(date(2023, 2, 1), [(date(2023, 5, 5), "acknowledgement")], rule=GERMAN).last_day == date(
        2026, 12, 31
    )


@pytest.mark.parametrize(
    ("last", "state"),
    [(date(2026, 10, 30), "time_barred"), (date(2026, 10, 31), "warning"), (date(2027, 1, 29), "warning"),
     (date(2027, 1, 30), "running"), (None, "unknown")],
)  # fmt: skip
def test_warning_ninety_days_before(last, state):
    """31 October and 90 days is 29 January."""
    assert state_of(last, as_of=date(2026, 10, 31), warning_days=90) == state


def test_limitation_of_open_and_written_off_debts(kit):
    debts = [
        kit.invoice("OLD", due="2022-10-01"), kit.invoice("NEAR", due="2022-12-01"), kit.invoice("NEW"),
        kit.invoice("ACK", due="2022-11-15"), kit.invoice("CON", due="2024-10-20", customer_id="C2"),
        kit.invoice("NODATE", due=None),
    ]  # fmt: skip
    told = [
        {
            "activity_id": "T1",
            "customer_id": "C1",
            "item_id": "ACK",
            "occurred_at": "2024-01-05T00:00:00Z",
            "kind": "acknowledgement",
        }
    ]
    off = kit.written_off("GONE", 5_000, "2026-06-30", debt=kit.invoice("GONE", 5_000, due="2022-09-30"))
    contract = LimitationRule(customer_id="C2", months=24, source="contract")
    policies = kit.policies(limitation_rules=(*LIMITATION_RULES, contract))
    book = kit.book(**kit.together({"items": debts, "activities": told}, off))
    made = write_offs(book, scope=kit.scope(), policies=policies)
    rows = made.limitations.set_index("item_id")

    assert rows["state"].to_dict() == {
        "OLD": "time_barred", "NEAR": "warning", "NEW": "running", "ACK": "running", "CON": "time_barred",
        "NODATE": "unknown", "GONE": "time_barred",
    }  # fmt: skip
    assert rows.loc["ACK", "limitation_date"] == pd.Timestamp("2028-01-05")
    assert rows.loc["ACK", "restarted_by"] == "acknowledgement"
    assert rows.loc["CON", "rule"] == "contract"
    assert "legal" in rows.loc["OLD", "next_step"]
    assert made.register.set_index("item_id").loc["GONE", "is_enforceable"] == False  # noqa: E712
    near = made.proposals.set_index("item_id").loc["NEAR"]
    assert near["decide_by"] == pd.Timestamp("2026-12-01")
    assert "Enforceable until 2026-12-01." in near["caution"]
    assert "to legal first" in made.proposals.set_index("item_id").loc["OLD", "caution"]

    theirs = kit.policies(limitation_law=GoverningLaw.CUSTOMER)
    british = [{"customer_id": "C1", "country": "GB"}]
    again = write_offs(kit.book(items=debts[:1], customers=british), scope=kit.scope(), policies=theirs)
    assert again.limitations["limitation_date"].tolist() == [pd.Timestamp("2028-10-01")]


def test_a_date_of_the_register_goes_before_the_rule(kit):
    off = kit.written_off("I1", 5_000, "2026-06-30", limitation_date="2029-01-01")
    made = write_offs(kit.book(**off), scope=kit.scope(), policies=kit.policies())

    assert made.register["limitation_date"].tolist() == [pd.Timestamp("2029-01-01")]
    assert made.register["is_enforceable"].tolist() == [True]
    assert made.limitations["rule"].tolist() == ["register of debts written off"]


def test_british_relief_window():
    """VAT Notice 700/18: 6 months after the later of due date and supply, within 4 years and 6 months of it."""
    early = claim_window(
        BRITISH, due=date(2026, 1, 31), supply=date(2025, 12, 15), written_off=date(2026, 3, 1)
    )
    assert early == (date(2026, 7, 31), date(2030, 7, 31))
    assert claim_window(BRITISH, due=date(2026, 1, 31), supply=date(2026, 2, 28), written_off=None)[
        0
    ] == date(2026, 8, 28)
    assert claim_window(BRITISH, due=None, supply=date(2026, 2, 28), written_off=None)[0] == date(2026, 8, 28)
    assert claim_window(BRITISH, due=date(2026, 1, 31), supply=None, written_off=date(2026, 9, 9))[0] == date(
        2026, 9, 9
    )
    assert claim_window(BRITISH, due=None, supply=None, written_off=date(2026, 9, 9)) == (None, None)
    assert claim_window(replace(BRITISH, earliest_from=StartsFrom.END_OF_YEAR), due=date(2026, 1, 31), supply=None,
                        written_off=None)[0] == date(2027, 6, 30)  # fmt: skip


@pytest.mark.parametrize(
    ("due", "row", "back", "status", "claim", "repay"),
    [
        ("2026-05-01", {}, 0, "too_early", 2_000, 0),
        ("2026-04-30", {}, 0, "claimable", 2_000, 0),  # six months are up on 30 October
        ("2026-04-30", {}, 3_000, "claimable", 1_500, 0),  # a quarter came back, and its tax with it
        ("2022-04-30", {}, 0, "claimable", 2_000, 0),  # 4 years and 6 months end on 30 October, the as-of date here
        ("2022-04-29", {}, 0, "lapsed", 0, 0),
        ("2025-04-30", {"relief_claimed_on": "2026-01-15"}, 0, "claimed", 0, 0),
        ("2025-04-30", {"relief_claimed_on": "2026-01-15"}, 3_000, "repay_on_recovery", 0, 500),
        ("2025-04-30", {"relief_claimed_on": "2026-10-20"}, 3_000, "claimed", 0, 0),  # it came back before the claim
        ("2025-04-30", {"relief_claimed_on": "2026-01-15", "relief_repaid_on": "2026-10-30"}, 3_000, "repaid", 0, 0),
        ("2025-04-30", {"relief_claimed_on": "2026-11-15"}, 0, "claimable", 2_000, 0),  # not claimed yet
    ],
)  # fmt: skip
def test_relief_by_status(kit, due, row, back, status, claim, repay):
    debt = kit.invoice("I1", 12_000, due=due, tax_amount=2_000)
    off = kit.written_off("I1", 12_000, "2025-12-31", debt=debt, **row)
    if back:
        off["items"] += [
            kit.invoice("V1", back, None, item_type="recovery", replaces="I1", effective_date="2026-10-15"),
            kit.credit("R1", back, item_type="receipt", effective_date="2026-10-15"),
        ]
        off["applications"].append(kit.applied("AV", "R1", "V1", back, "2026-10-15"))
    scope = kit.scope(country="GB") if due != "2022-04-30" else kit.scope(date(2026, 10, 30), country="GB")
    made = write_offs(kit.book(**off), scope=scope, policies=kit.policies()).relief.iloc[0]

    assert (made["status"], made["claim_amount"], made["repay_amount"]) == (status, claim, repay)
    assert made["tax_amount"] == 2_000
    assert "700/18" in made["rule"]


def test_without_a_rule_or_without_tax(kit):
    taxed = kit.written_off("I1", 12_000, "2025-12-31", debt=kit.invoice("I1", 12_000, tax_amount=2_000))
    plain = kit.written_off("I2", 12_000, "2025-12-31", debt=kit.invoice("I2", 12_000, tax_amount=0))
    made = write_offs(
        kit.book(**kit.together(taxed, plain)), scope=kit.scope(), policies=kit.policies()
    ).relief

    assert made[["item_id", "status"]].to_numpy().tolist() == [["I1", "no_rule"]]
