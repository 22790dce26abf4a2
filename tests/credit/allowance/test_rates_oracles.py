"""Published figures, and rates worked by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from arlib.credit.allowance.absorbing import absorbed
from arlib.credit.allowance.cohort import cohort_frame, cohorts_of, uncollected_rates
from arlib.credit.allowance.frames import LOSS_RATES, rate_text
from arlib.credit.allowance.migration import migrated, migration_frame, roll_frame, roll_rates
from arlib.credit.allowance.past import past_of
from arlib.credit.allowance.rates import filled, loss_rates, upper_bound
from arlib.credit.allowance.standing import month_ends
from arlib.credit.allowance.vintage import age_rates, triangle_of, vintage_frame, vintage_rates
from arlib.errors import AmountError, ParameterError
from arlib.policy import AgingPolicy, AllowancePolicy
from arlib.policy.allowance import GivenRate, RateMethod

AGING = AgingPolicy()


def past(book, scope, **policy):
    return past_of(book, scope=scope, aging=AGING, policy=AllowancePolicy(**policy))


def test_uncollected_amounts_of_a_published_cohort():
    # finlearnhub: 100,000 billed; 20k, 35k, 30k, 12k collected; 3,000 bad -> 3 / 3.75 / 6.67 / 20 / 100 %
    found = uncollected_rates((2_000_000, 3_500_000, 3_000_000, 1_200_000), 300_000)
    assert found == (Fraction(3, 100), Fraction(3, 80), Fraction(1, 15), Fraction(1, 5), Fraction(1))
    assert [rate_text(100 * rate) for rate in found] == ["3", "3.75", "6.66666666667", "20", "100"]


def test_uncollected_amounts_of_another_published_cohort():
    # stevenrfirer: uncollected 100/70/45/35/10 of which 10 are bad -> 10/14/22/29/100 %
    assert uncollected_rates((30, 25, 10, 25), 10) == (
        Fraction(10, 100), Fraction(10, 70), Fraction(10, 45), Fraction(10, 35), Fraction(1),
    )  # fmt: skip
    assert uncollected_rates((50, 50), 0) == (0, 0, 0)
    with pytest.raises(AmountError):
        uncollected_rates((50, -1), 0)


def test_a_published_roll_rate():
    # calculator.city: 1,000,000 in 30-59 -> 200,000 in 60-89 = 20 %
    assert roll_rates((1_000_000_00, 200_000_00)) == (Fraction(1, 5),)
    assert roll_rates((100, 50, 20)) == (Fraction(1, 2), Fraction(2, 5))
    with pytest.raises(AmountError, match="no roll rate"):
        roll_rates((100, 0, 20))


def test_the_same_roll_rate_from_a_ledger(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-01 1000000.00 due=2025-01-10
        pay  I1 2025-03-05 800000.00
        off  I1 2025-06-30 200000.00
    """)
    frame = roll_frame(migrated(past(book, seen("2025-12-31")))).set_index("bucket")
    # 31 January: 21 days late (1-30); 28 February: 49 (31-60); 31 March: 80 (61-90), 800,000 paid in between
    assert frame.loc["31-60", ["stood", "rolled", "paid"]].tolist() == [1_000_000_00, 200_000_00, 800_000_00]
    assert frame.loc["31-60", "roll_rate"] == "0.2"
    assert frame.loc["1-30", "roll_rate"] == "1"
    assert frame.loc[["91-120", "121+"], "written_off"].tolist() == [0, 200_000_00]
    assert frame["product"].tolist()[1:] == ["0.2", "0.2", "1", "1", "1"]
    assert frame["absorbed_rate"].tolist()[1:] == ["0.2", "0.2", "1", "1", "1"]


def test_roll_rates_by_hand_with_credits_and_early_write_offs(debts, seen):
    book = debts("""
        bill   I1 ACME 2025-01-05 1000.00 due=2025-01-31
        pay    I1 2025-02-10 500.00
        credit I1 2025-02-11 100.00
        off    I1 2025-02-12 40.00
        pay    I1 2025-03-10 120.00
        credit I1 2025-03-11 60.00
        off    I1 2025-04-10 180.00
    """)
    policy = AllowancePolicy(method=RateMethod.ROLL_RATE)
    found = loss_rates(book, scope=seen("2025-12-31"), aging=AGING, policy=policy)
    # 31-60: 180 written off of 180. 1-30: 360 stood; 120 paid, 60 credited (on neither side), 180 rolled: 180 / 300 x 1.
    # current: 1,000 stood; 500 paid, 100 credited, 40 written off, 360 rolled: 40 / 900 + 360 / 900 x 180 / 300
    assert found.rate("", "31-60") == 1
    assert found.rate("", "1-30") == Fraction(180, 300)
    assert found.rate("", "current") == Fraction(40, 900) + Fraction(360, 900) * Fraction(180, 300)
    assert found.rate("", "121+") == 1  # nothing ever stood there: the nearest younger bucket's
    row = roll_frame(migrated(past(book, seen("2025-12-31")))).set_index("bucket").loc["current"]
    assert (row["roll_rate"], row["onward_rate"]) == ("0.36", "0.4")
    # by the whole matrix: 0.04 + 0.36 x (180 / 360) written off, 0.5 + 0.36 x (120 / 360) paid
    assert (row["absorbed_written_off"], row["absorbed_paid"], row["absorbed_credited"]) == (
        "0.22",
        "0.62",
        "0.16",
    )
    assert row["absorbed_rate"] == rate_text(Fraction(22, 84))


def test_a_gamblers_chain_is_solved_exactly():
    half = Fraction(1, 2)
    rows = {"1": {"0": half, "2": half}, "2": {"1": half, "3": half}, "stuck": {"stuck": Fraction(1)}}
    found = absorbed(rows, absorbing=("0", "3"))
    assert found["1"] == {"0": Fraction(2, 3), "3": Fraction(1, 3)}
    assert found["2"] == {"0": Fraction(1, 3), "3": Fraction(2, 3)}
    assert found["stuck"] == {"0": 0, "3": 0}


COHORT = """
    bill I1 ACME 2025-01-05 600.00 due=2025-01-31
    bill I2 ACME 2025-01-06 300.00 due=2025-01-31
    bill I3 ACME 2025-01-07 100.00 due=2025-01-31
    bill I4 ACME 2025-01-08 500.00 due=2025-01-31
    pay  I1 2025-02-10 600.00
    pay  I2 2025-03-10 200.00
    off  I2 2025-05-31 100.00
    credit I3 2025-02-11 100.00
    off  I4 2025-07-31 40.00
"""


def test_cohort_rates_by_hand(debts, seen):
    found = loss_rates(
        debts(COHORT), scope=seen("2025-12-31"), aging=AGING, policy=AllowancePolicy(method=RateMethod.COHORT)
    )
    # current, 31 January: 1,500 stood; 800 paid, 100 credited, 140 lost, 460 open (neither): 140 / 940
    assert found.rate("", "current") == Fraction(140, 940)
    # 1-30, 28 February: 800 stood (I2, I4); 200 paid, 140 lost
    assert found.rate("", "1-30") == Fraction(140, 340)
    assert found.rate("", "31-60") == Fraction(140, 140)
    assert found.rate("nowhere", "1-30") == Fraction(140, 340)
    row = found.frame.set_index("bucket").loc["current"]
    assert (row["exposed"], row["lost"], row["items"], row["losses"]) == (940_00, 140_00, 4, 2)
    assert row["rate"] == "0.148936170213"
    assert list(found.frame.columns) == LOSS_RATES.names
    with pytest.raises(ParameterError, match="no loss rate"):
        found.rate("", "unapplied")


def test_a_cohort_that_is_not_old_enough_does_not_count(debts, seen):
    policy = AllowancePolicy(method=RateMethod.COHORT, resolution_months=6)
    young = cohorts_of(past_of(debts(COHORT), scope=seen("2025-06-30"), aging=AGING, policy=policy))
    assert young.of("", "current")["stood"] == 0  # January is 5 months old
    assert young.of("", "current", all_months=True)["stood"] == 1_500_00
    old = cohorts_of(past_of(debts(COHORT), scope=seen("2025-07-31"), aging=AGING, policy=policy))
    assert old.of("", "current")["stood"] == 1_500_00
    frame = cohort_frame(old)
    assert frame["is_resolved"].tolist() == [True, False, False, False, False, False]
    assert (frame["stood"] == frame["paid"] + frame["credited"] + frame["lost"] + frame["open"]).all()


def test_recoveries_reduce_the_rates_only_where_the_policy_says_so(debts, seen):
    text = COHORT.rstrip() + """
    bill V1 ACME 2025-08-31 35.00 type=recovery replaces=I4
    pay  V1 2025-08-31 35.00
    """  # fmt: skip
    for method, plain in (
        (RateMethod.COHORT, Fraction(140, 940)),
        (RateMethod.ROLL_RATE, None),
        (RateMethod.VINTAGE, None),
    ):
        policy = AllowancePolicy(method=method)
        net = loss_rates(debts(text), scope=seen("2025-12-31"), aging=AGING, policy=policy).rate(
            "", "current"
        )
        gross = loss_rates(
            debts(text), scope=seen("2025-12-31"), aging=AGING, policy=replace(policy, nets_recoveries=False)
        ).rate("", "current")
        assert net == gross * Fraction(140 - 35, 140)
        if plain:
            assert gross == plain


def test_more_than_was_lost_does_not_come_back(debts, seen):
    text = COHORT.rstrip() + """
    bill V1 ACME 2025-08-31 500.00 type=recovery replaces=I4
    pay  V1 2025-08-31 500.00
    """  # fmt: skip
    policy = AllowancePolicy(method=RateMethod.COHORT)
    found = loss_rates(debts(text), scope=seen("2025-12-31"), aging=AGING, policy=policy)
    assert found.rate("", "current") == Fraction(100, 940)  # the 40 of I4 came back, and interest on top


def test_vintage_rates_by_hand(debts, seen):
    # two vintages of 1,000; the first loses 100 at age 3; the second is 2 months old
    book = debts("""
        bill I1 ACME 2025-01-10 1000.00 due=2025-02-09
        pay  I1 2025-02-10 700.00
        pay  I1 2025-03-10 200.00
        off  I1 2025-04-30 100.00
        bill I2 ACME 2025-02-10 1000.00 due=2025-03-12
        pay  I2 2025-03-20 500.00
    """)
    triangle = triangle_of(past(book, seen("2025-04-30"), method=RateMethod.VINTAGE))
    rates = age_rates(triangle, "")
    # m(3) = 100 / 1,000, seen by the first vintage only; open: age 0 all, age 1 (300 + 500) / 2,000, age 2 (100 + 500) / 2,000
    assert rates[:4] == (
        Fraction(1, 10),
        Fraction(1, 10) / Fraction(2, 5),
        Fraction(1, 10) / Fraction(3, 10),
        None,
    )
    frame = vintage_frame(triangle)
    assert frame["age_months"].tolist() == [0, 1, 2, 3, 0, 1, 2]
    assert frame["loss_rate"].tolist() == ["0", "0", "0", "0.1", "0", "0", "0"]
    # current: 1,000 at age 0, twice; 1-30: 300 and 500 at age 1; 31-60: 100 and 500 at age 2
    assert vintage_rates(triangle, "")["current"] == Fraction(1, 10)
    assert vintage_rates(triangle, "")["31-60"] == Fraction(1, 3)
    half = triangle_of(past(book, seen("2025-04-29"), method=RateMethod.VINTAGE))
    assert vintage_frame(half)["age_months"].tolist() == [0, 1, 2, 0, 1]  # April is not complete


def test_a_returned_payment_is_new_exposure_and_keeps_every_row_whole(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-05 100.00 due=2025-01-31
        pay  I1 2025-02-10 60.00
        pay  I1 2025-03-15 -60.00
        off  I1 2025-06-30 100.00
    """)
    matrix = migrated(past(book, seen("2025-12-31")))
    assert matrix.row("", "current") | {} == dict.fromkeys(matrix.states, 0) | {"1-30": 40_00, "paid": 60_00}
    assert matrix.row("", "1-30")["31-60"] == 40_00  # 60.00 came back in March: new in 31-60
    assert matrix.row("", "31-60")["61-90"] == 100_00
    for bucket in matrix.buckets:
        assert sum(matrix.shares("", bucket).values()) in (0, 1)


def test_zero_losses_give_zero_rates_and_say_so_loudly(debts, seen):
    book = debts("""
        bill I1 ACME 2025-01-05 100.00 due=2025-01-31
        pay  I1 2025-02-10 100.00
        bill I2 ACME 2025-02-05 100.00 due=2025-02-28
        pay  I2 2025-04-10 100.00
    """)
    for method in (RateMethod.COHORT, RateMethod.ROLL_RATE, RateMethod.VINTAGE):
        found = loss_rates(
            book,
            scope=seen("2025-12-31"),
            aging=AGING,
            policy=AllowancePolicy(method=method, history_months=11),
        )
        assert set(found.exact.values()) == {0}
        assert found.warnings[0].startswith(
            "No loss in 11 months over 2 items: history alone gives no allowance; set rates"
        )
        assert "77.6393 %" in found.warnings[0]
    lost = debts("bill I1 ACME 2025-01-05 100.00 due=2025-01-31\noff I1 2025-03-10 100.00")
    said = loss_rates(lost, scope=seen("2025-12-31"), aging=AGING, policy=AllowancePolicy()).warnings
    assert said[0] == "Thin data: the rates rest on 1 lost item of 1."
    assert said[1].startswith("The history covers 11 months of the 36")


def test_the_upper_bound_is_the_exact_one():
    assert round(1 - upper_bound(59), 6) == round(Decimal("0.05") ** (Decimal(1) / 59), 6)
    assert round((1 - upper_bound(59)) ** 59, 12) == Decimal("0.05")
    assert upper_bound(0) == 1


def test_a_bucket_without_a_rate_takes_the_nearest_older_else_the_nearest_younger():
    third = Fraction(1, 3)
    assert filled({"a": None, "b": third, "c": None, "d": None}) == {
        "a": (third, "b"), "b": (third, "b"), "c": (third, "b"), "d": (third, "b"),
    }  # fmt: skip
    assert filled({"a": Fraction(0), "b": None, "c": third})["b"] == (third, "c")
    assert filled({"a": None}) == {"a": (0, "")}


def test_given_rates_are_checked(seen, company):
    buckets = ("current", "1-30", "31-60", "61-90", "91-120", "121+")
    whole = tuple(GivenRate(bucket=bucket, rate=Decimal("0.1")) for bucket in buckets)
    policy = AllowancePolicy(
        method=RateMethod.GIVEN,
        given_rates=(*whole, GivenRate(bucket="121+", rate=Decimal("0.9"), segment="B")),
    )
    found = loss_rates(company, scope=seen("2026-10-31", "US01"), aging=AGING, policy=policy)
    assert (found.rate("A", "121+"), found.rate("B", "121+"), found.rate("B", "1-30")) == (
        Fraction(1, 10), Fraction(9, 10), Fraction(1, 10),
    )  # fmt: skip
    for bad, word in (
        (whole[:-1], "121+"),
        ((*whole, GivenRate(bucket="over 90", rate=Decimal(1))), "over 90"),
    ):
        with pytest.raises(ParameterError, match=word.replace("+", r"\+")):
            loss_rates(
                company,
                scope=seen("2026-10-31", "US01"),
                aging=AGING,
                policy=replace(policy, given_rates=bad),
            )


def test_month_ends_go_back_over_short_months():
    from datetime import date

    assert month_ends(date(2024, 3, 31), 2) == (date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31))
    assert month_ends(date(2025, 1, 15), 1) == (date(2024, 12, 31), date(2025, 1, 15))


def test_the_matrix_is_shown_whole(debts, seen):
    frame = migration_frame(migrated(past(debts(COHORT), seen("2025-12-31"))))
    assert frame.groupby("from_bucket").size().eq(9).all()
    rows = frame[frame["from_bucket"].eq("current")]
    assert dict(zip(rows["to_state"], rows["amount"], strict=True))["paid"] == 600_00
