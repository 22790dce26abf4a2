"""Specific reserves, disputes and security: out of the pool first, and nothing twice."""

from __future__ import annotations

import runpy
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from arlib.credit.allowance.disputes import credit_history
from arlib.errors import RateError, TableError
from arlib.policy.allowance import Framework

m = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("measuring.py"))))
book, debit, credit, measured = m.book, m.debit, m.credit, m.measured


def reserve(**more):
    return {
        "reserve_id": "R1", "customer_id": "C1", "reason": "legal", "loss_rate": "0.5", "currency": "USD",
        "set_by": "ann", "approved_by": "bob", "valid_from": "2026-01-01",
    } | more  # fmt: skip


def claim(**more):
    return {
        "claim_id": "CL1", "customer_id": "C1", "kind": "bankruptcy", "opened_on": "2026-05-01", "currency": "USD",
        "state": "filed", "dividend_rate": "0.2",
    } | more  # fmt: skip


def one(frame):
    assert len(frame) == 1, frame
    return frame.iloc[0]


ITEMS = [debit("I1", "C1", 10_001), debit("I2", "C1", 5_000, "121+"), debit("I3", "C2", 20_000)]


def test_a_reserved_customer_leaves_the_pool_and_the_rest_stays():
    made = measured(book(ITEMS, specific_reserves=[reserve()]))
    line = one(made.specific)
    assert (line.exposure, line.allowance, line["items"]) == (15_001, 7_501, 2)
    assert not line.needs_reserve
    assert one(made.lines).exposure == 20_000
    assert made.total == 7_501 + 200
    assert made.by_segment["allowance"].tolist() == [200, 7_501]


def test_an_item_reserve_takes_its_item_and_the_customer_reserve_what_is_left():
    rows = [reserve(), reserve(reserve_id="R2", item_id="I2", loss_rate="1")]
    made = measured(book(ITEMS, specific_reserves=rows))
    assert made.specific.set_index("line_id")["exposure"].to_dict() == {"R1": 10_001, "R2": 5_000}
    only_item = measured(book(ITEMS, specific_reserves=rows[1:]))
    assert only_item.exposures.set_index("item_id")["part"].to_dict() == {
        "I1": "pool",
        "I2": "specific",
        "I3": "pool",
    }


@pytest.mark.parametrize(
    ("dates", "counts"),
    [
        ({"valid_from": "2026-10-31"}, True), ({"valid_from": "2026-11-01"}, False),
        ({"valid_to": "2026-10-31"}, True), ({"valid_to": "2026-10-30"}, False),
    ],
)  # fmt: skip
def test_a_reserve_counts_on_its_first_and_last_day(dates, counts):
    made = measured(book(ITEMS, specific_reserves=[reserve(**dates)]))
    assert (len(made.specific) == 1) is counts


def test_of_two_reserves_the_later_counts_and_the_other_is_named():
    rows = [reserve(reserve_id="NEW", loss_rate="0.9", valid_from="2026-06-01"), reserve(reserve_id="OLD")]
    made = measured(book(ITEMS, specific_reserves=rows))
    assert one(made.specific).line_id == "NEW"
    assert any("OLD" in sentence for sentence in made.limits)


def test_an_amount_above_the_exposure_is_cut_and_said():
    rows = [reserve(loss_rate=None, amount=20_000)]
    line = one(measured(book(ITEMS, specific_reserves=rows)).specific)
    assert line.allowance == line.exposure == 15_001
    assert "4999" in line.note
    honest = one(measured(book(ITEMS, specific_reserves=[reserve(loss_rate=None, amount=9_000)])).specific)
    assert (honest.allowance, honest.note) == (9_000, "")


def test_an_amount_in_another_currency_is_translated_at_the_closing_rate_or_refused():
    rates = [
        {
            "date": "2026-10-30",
            "base": "EUR",
            "quote": "USD",
            "rate": "1.25",
            "kind": "closing",
            "source": "ECB",
        }
    ]
    rows = [reserve(loss_rate=None, amount=1_000, currency="EUR")]
    made = book(ITEMS, specific_reserves=rows)
    with pytest.raises(RateError, match="EUR/USD"):
        measured(made)
    tables = dict(made.tables) | {"fx_rates": m.frame("fx_rates", rates)}
    assert one(measured(type(made)(tables)).specific).allowance == 1_250


def test_reserves_without_value_or_beyond_the_whole_are_refused_together():
    rows = [
        reserve(loss_rate=None),
        reserve(reserve_id="R2", loss_rate="1.01"),
        reserve(reserve_id="R3", loss_rate="nan"),
    ]
    with pytest.raises(TableError) as caught:
        measured(book(ITEMS, specific_reserves=rows))
    assert len(caught.value.problems) == 3
    assert "R2: 1.01" in [problem.found for problem in caught.value.problems]


def test_an_unapproved_reserve_counts_and_is_flagged():
    assert (
        "nobody approved"
        in one(measured(book(ITEMS, specific_reserves=[reserve(approved_by=None)])).specific).note
    )


@pytest.mark.parametrize(
    ("status", "rate", "allowance"),
    [("bankrupt", "1", 15_001), ("estate", "0.5", 7_501), ("legal", "0.5", 7_501), ("agency", "0.5", 7_501)],
)
def test_a_status_without_reserve_takes_the_policys_rate_and_is_flagged(status, rate, allowance):
    made = measured(book(ITEMS, customers=[{"customer_id": "C1", "status": status}]))
    line = one(made.specific)
    assert (line.loss_rate, line.allowance, line.basis, line.reason) == (rate, allowance, "status", status)
    assert line.needs_reserve
    assert any("nobody set a reserve" in sentence for sentence in made.limits)


def test_a_status_counts_as_of_the_date_and_a_policy_may_leave_it_in_the_pool():
    history = [
        {"customer_id": "C1", "attribute": "status", "value": "active", "valid_from": "2026-01-01"},
        {"customer_id": "C1", "attribute": "status", "value": "bankrupt", "valid_from": "2026-11-01"},
    ]
    people = [{"customer_id": "C1", "status": "bankrupt"}]
    assert measured(book(ITEMS, customers=people, customer_history=history)).specific.empty
    assert measured(book(ITEMS, customers=people), specific_rates={"legal": Decimal("0.5")}).specific.empty


@pytest.mark.parametrize(
    ("given", "allowance", "says"),
    [
        ({}, 12_001, "dividend of 0.2"),
        ({"dividend_rate": "0"}, 15_001, "dividend of 0"),
        ({"dividend_rate": None}, 15_001, "names no dividend"),
        ({"state": "disallowed"}, 15_001, "disallowed"),
        ({"state": "not_filed", "file_by": "2026-10-30"}, 15_001, "not filed by 2026-10-30"),
        ({"state": "not_filed", "file_by": "2026-10-31"}, 12_001, "dividend"),
        ({"kind": "estate", "dividend_rate": "0.4"}, 9_001, "dividend of 0.4"),
    ],
)
def test_the_dividend_of_a_claim_is_what_is_not_lost(given, allowance, says):
    made = measured(
        book(ITEMS, customers=[{"customer_id": "C1", "status": "bankrupt"}], claims=[claim(**given)])
    )
    line = one(made.specific)
    assert (line.allowance, says in line.note) == (allowance, True)


def test_a_claim_alone_takes_the_customer_out_of_the_pool_and_a_closed_one_does_not():
    assert one(measured(book(ITEMS, claims=[claim()])).specific).basis == "claim"
    assert measured(book(ITEMS, claims=[claim(closed_on="2026-10-31")])).specific.empty
    assert measured(book(ITEMS, claims=[claim(opened_on="2026-11-01")])).specific.empty


def test_a_reserve_goes_before_status_and_claim():
    made = measured(
        book(
            ITEMS,
            customers=[{"customer_id": "C1", "status": "bankrupt"}],
            claims=[claim()],
            specific_reserves=[reserve()],
        )
    )
    assert one(made.specific).line_id == "R1"


def test_a_reserve_for_nothing_open_is_said():
    line = one(measured(book(ITEMS, specific_reserves=[reserve(customer_id="C9")])).specific)
    assert (line.exposure, line.allowance, line.note) == (0, 0, "nothing is open for it")


# disputes


def dispute(**more):
    return {
        "dispute_id": "D1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 4_000,
        "opened_on": "2026-09-01", "reason": "price",
    } | more  # fmt: skip


def test_what_will_be_credited_is_a_reserve_against_revenue_and_no_credit_loss():
    items = [debit("I1", "C1", 12_000, tax_amount=2_000), debit("I2", "C1", 5_000)]
    made = measured(book(items, disputes=[dispute(amount=6_000)]), dispute_credit_rate=Decimal("0.5"))
    line = one(made.dispute_reserve)
    assert (line.counted, line.expected_credit, line.tax, line.reserve) == (6_000, 3_000, 500, 2_500)
    assert made.exposures["exposure"].tolist() == [9_000, 5_000]
    assert (made.total, made.credit_note_reserve) == (140, 2_500)


@pytest.mark.parametrize(
    ("given", "counted", "says"),
    [
        ({"amount": 99_000}, 10_001, "more than is open"),
        ({"closed_on": "2026-11-01"}, 4_000, ""),
        ({"opened_on": "2026-10-31"}, 4_000, ""),
        ({"item_id": "GONE"}, 0, "no exposure"),
        ({"item_id": None}, 0, "no exposure"),
        ({"currency": "EUR"}, 0, "in EUR"),
    ],
)
def test_a_dispute_counts_up_to_what_is_open(given, counted, says):
    line = one(
        measured(book(ITEMS, disputes=[dispute(**given)]), dispute_credit_rate=Decimal(1)).dispute_reserve
    )
    assert (line.counted, says in line.note) == (counted, True)


@pytest.mark.parametrize(
    ("given", "counted", "exposures", "note"),
    [
        ({"amount": 4_000}, 4_000, [1_000, 1_000, 8_000], "carried on by I2"),
        ({"amount": 9_000}, 9_000, [1_000, 0, 4_000], "carried on by I2, I3"),
        ({"amount": 14_000}, 13_000, [1_000, 0, 0], "carried on by I2, I3; more than is open"),
        ({"item_id": "I2", "amount": 6_000}, 6_000, [1_000, 0, 7_000], "carried on by I3"),
        ({"item_id": "I3", "amount": 6_000}, 6_000, [1_000, 5_000, 2_000], ""),
        ({"currency": "EUR"}, 0, [1_000, 5_000, 8_000], "in EUR"),
    ],
)
def test_a_dispute_on_a_replaced_item_counts_on_those_that_carry_it_on(given, counted, exposures, note):
    """I0 is settled: chargeback I2 of 50.00 carries it on, I3 of 80.00 carries I2 on; I1 of 10.00 stands apart."""
    items = [
        debit("I1", "C1", 1_000),
        debit("I2", "C1", 5_000, item_type="chargeback", replaces="I0"),
        debit("I3", "C1", 8_000, replaces="I2"),
    ]
    made = measured(book(items, disputes=[dispute(item_id="I0") | given]), dispute_credit_rate=Decimal(1))
    line = one(made.dispute_reserve)
    assert (line.counted, made.exposures["exposure"].tolist()) == (counted, exposures)
    assert line.note.startswith(note)
    assert bool(line.note) == bool(note)


@pytest.mark.parametrize("given", [{"closed_on": "2026-10-31"}, {"opened_on": "2026-11-01"}])
def test_a_dispute_closed_by_the_date_or_opened_after_it_does_not_count(given):
    assert measured(
        book(ITEMS, disputes=[dispute(**given)]), dispute_credit_rate=Decimal(1)
    ).dispute_reserve.empty


def test_two_disputes_on_one_item_never_credit_more_than_is_open():
    rows = [dispute(amount=7_000), dispute(dispute_id="D0", amount=7_000, opened_on="2026-09-02")]
    made = measured(book(ITEMS, disputes=rows), dispute_credit_rate=Decimal(1))
    assert made.dispute_reserve.set_index("dispute_id")["counted"].to_dict() == {"D1": 7_000, "D0": 3_001}
    assert made.exposures.set_index("item_id").at["I1", "exposure"] == 0


def application(number, source, target, amount, day, kind="credit_memo"):
    return {
        "application_id": number, "source_item_id": source, "target_item_id": target, "effective_date": day,
        "source_currency": "USD", "source_amount": amount, "target_currency": "USD", "target_amount": amount,
        "kind": kind, "reason": kind, "pairing": "stated",
    }  # fmt: skip


def test_the_share_that_is_credited_is_that_of_the_closed_disputes():
    items = [debit("A", "C1", 8_000), debit("B", "C1", 2_000), credit("K", "C1", 3_000), *ITEMS]
    applied = [
        application("A1", "K", "A", 1_000, "2026-03-01"),  # before the dispute was opened
        application("A2", "K", "A", 1_500, "2026-05-01"),
        application("A3", "K", "B", 500, "2026-05-01", kind="payment"),
    ]
    rows = [
        dispute(dispute_id="X", item_id="A", amount=4_000, opened_on="2026-04-01", closed_on="2026-06-01"),
        dispute(dispute_id="Y", item_id="B", amount=2_000, opened_on="2026-04-01", closed_on="2026-10-31"),
        dispute(),
    ]
    made = book(items, applications=applied, disputes=rows)
    assert credit_history(made, scope=m.scope()) == (Fraction(1_500, 6_000), 2)
    line = one(measured(made).dispute_reserve)
    assert (line.credit_rate, line.expected_credit) == ("0.25", 1_000)


def test_without_a_closed_dispute_nothing_leaves_the_exposure_and_it_is_said():
    made = measured(book(ITEMS, disputes=[dispute()]))
    assert (one(made.dispute_reserve).expected_credit, int(made.exposures["disputed"].sum())) == (0, 0)
    assert any("No dispute was closed" in sentence for sentence in made.limits)


# security


def security(**more):
    return {
        "security_id": "S1", "customer_id": "C1", "kind": "credit_insurance", "currency": "USD", "cover_rate": "0.9",
        "is_integral": True, "valid_from": "2026-01-01", "provider": "Insurer",
    } | more  # fmt: skip


POOL = [debit("I1", "C1", 10_000, "31-60"), debit("I2", "C1", 20_000, "61-90"), debit("I3", "C2", 7_000)]


@pytest.mark.parametrize(
    ("given", "cover", "allowance"),
    [
        ({}, 27_000, 100 + 500 + 70),
        ({"amount": 15_000}, 15_000, 500 + 2_500 + 70),
        ({"deductible": 5_000}, 22_500, 250 + 1_250 + 70),
        ({"deductible": 50_000}, 0, 1_000 + 5_000 + 70),
        ({"cover_rate": None}, 30_000, 70),
        ({"item_id": "I2"}, 18_000, 1_000 + 500 + 70),
    ],
)
def test_integral_insurance_covers_its_share_above_the_deductible_up_to_its_limit(given, cover, allowance):
    made = measured(book(POOL, security=[security(**given)]))
    line = one(made.security)
    assert (line.cover, made.total, line.counts) == (cover, allowance, True)
    assert line.reimbursement == 6_070 - allowance
    assert made.separate_reimbursement == 0


@pytest.mark.parametrize(
    ("given", "policy", "says"),
    [
        ({"is_integral": False}, {}, "not integral"),
        ({"is_integral": None}, {}, "not integral"),
        ({}, {"framework": Framework.ASC326}, "asc326"),
        ({}, {"counts_insurance": False}, "policy"),
        ({"kind": "guarantee"}, {"counts_collateral": False}, "guarantees"),
    ],
)
def test_security_that_does_not_count_stands_apart(given, policy, says):
    made = measured(book(POOL, security=[security(**given)]), **policy)
    line = one(made.security)
    assert made.total == 6_070
    assert (line.cover, line.reimbursement, made.separate_reimbursement) == (27_000, 5_400, 5_400)
    assert says in line.note


def test_a_guarantee_counts_under_asc_326_and_insurance_where_the_policy_insists():
    for given, policy in (({"kind": "guarantee"}, {}), ({}, {"counts_insurance": True})):
        made = measured(book(POOL, security=[security(**given)]), framework=Framework.ASC326, **policy)
        assert made.total == 670


def test_two_securities_never_cover_the_same_cent():
    rows = [
        security(cover_rate="0.5"),
        security(security_id="S0", kind="guarantee", cover_rate="0.5", item_id="I2"),
    ]
    made = measured(book(POOL, security=rows))
    used = made.security.set_index("security_id")
    assert used["secured"].to_dict() == {"S0": 20_000, "S1": 20_000}
    assert used["cover"].to_dict() == {"S0": 10_000, "S1": 10_000}
    assert made.exposures.set_index("item_id")["cover"].to_dict() == {"I1": 5_000, "I2": 15_000, "I3": 0}


def test_cover_reduces_a_status_reserve_and_not_what_a_person_set():
    bankrupt = [{"customer_id": "C1", "status": "bankrupt"}]
    by_status = measured(book(POOL, customers=bankrupt, security=[security()]))
    assert one(by_status.specific).allowance == 3_000
    by_person = measured(book(POOL, specific_reserves=[reserve()], security=[security()]))
    assert (one(by_person.specific).allowance, one(by_person.security).cover) == (15_000, 0)


def test_a_loss_that_does_not_divide_is_covered_to_the_cent():
    items = [debit(f"I{n}", "C1", 333) for n in range(3)]
    made = measured(book(items, security=[security(cover_rate="0.5")]))
    assert sorted(made.exposures["cover"].tolist()) == [166, 166, 167]
