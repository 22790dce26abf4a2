"""Digits: expected shares as published, known sequences, and scipy as the second method."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from scipy import stats

from arlib.audit.options.patterns import DigitsOptions
from arlib.audit.patterns.benford import (
    DIGITS,
    chi_square_tail,
    conformity,
    digits,
    digits_of,
    expected,
    mad_by_chance,
    z_score,
)
from arlib.audit.patterns.frames_digits import Conformity
from arlib.errors import ParameterError
from arlib.tables import Book

FIRST = (".30103", ".17609", ".12494", ".09691", ".07918", ".06695", ".05799", ".05115", ".04576")
SECOND = (".11968", ".11389", ".10882", ".10433", ".10031", ".09668", ".09337", ".09035", ".08757", ".08500")


def test_expected_shares_are_those_published():
    for test, told in (("first", FIRST), ("second", SECOND)):
        shares = expected(test)
        assert [round(share, 5) for share in shares.values()] == [Decimal(text) for text in told]
        assert abs(sum(shares.values()) - 1) < Decimal("1e-24")
    pairs = expected("first_two")
    assert (round(pairs[10], 5), round(pairs[99], 5)) == (Decimal("0.04139"), Decimal("0.00436"))
    for digit in range(1, 10):
        assert sum(pairs[10 * digit + k] for k in range(10)) - expected("first")[digit] < Decimal("1e-24")
    for digit in range(10):
        assert sum(pairs[10 * k + digit] for k in range(1, 10)) - expected("second")[digit] < Decimal("1e-24")


def test_first_digits_of_known_sequences():
    fibonacci = [1, 1]
    while len(fibonacci) < 80:  # what int64 holds
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    powers = pd.Series([2**n for n in range(60)], dtype="Int64")
    assert digits_of(powers, "first").tolist() == [int(str(2**n)[0]) for n in range(60)]
    assert digits_of(pd.Series(fibonacci, dtype="Int64"), "first").value_counts()[1] == sum(
        str(n)[0] == "1" for n in fibonacci
    )
    few = pd.Series([7, -1234, 10, 0, 99], dtype="Int64")
    assert digits_of(few, "first").tolist() == [7, 1, 1, pd.NA, 9]
    assert digits_of(few, "second").tolist() == [pd.NA, 2, 0, pd.NA, 9]
    assert digits_of(few, "first_two").tolist() == [pd.NA, 12, 10, pd.NA, 99]


@pytest.mark.parametrize("degrees", [8, 9, 89])
@pytest.mark.parametrize("value", [0.0, 0.3, 7.5, 15.51, 112.02, 400.0])
def test_the_tail_of_chi_square_is_scipy_s(value, degrees):
    assert math.isclose(
        chi_square_tail(value, degrees), stats.chi2.sf(value, degrees), rel_tol=1e-9, abs_tol=1e-15
    )


def test_z_has_the_continuity_correction_only_where_it_is_smaller_than_the_deviation():
    share = math.log10(2)
    spread = math.sqrt(share * (1 - share) / 1000)
    assert math.isclose(z_score(350, 1000, share), (0.35 - share - 0.0005) / spread)
    assert math.isclose(z_score(301, 1000, share), (share - 0.301) / spread)


def test_classes_are_nigrini_s_and_a_border_belongs_to_the_better():
    for test, borders in (
        ("first", (0.006, 0.012, 0.015)),
        ("second", (0.008, 0.010, 0.012)),
        ("first_two", (0.0012, 0.0018, 0.0022)),
    ):
        for border, inside, outside in zip(
            borders, ("close", "acceptable", "marginal"), ("acceptable", "marginal", "none"), strict=True
        ):
            assert conformity(border, test) == inside
            assert conformity(border + 1e-9, test) == outside


def test_deviation_by_chance_is_that_of_drawn_amounts():
    import numpy as np

    rng = np.random.default_rng(7)
    shares = np.array([float(share) for share in expected("first").values()])
    drawn = rng.multinomial(500, shares, size=4000) / 500
    found = np.abs(drawn - shares).mean(axis=1).mean()
    assert math.isclose(mad_by_chance(500, "first"), found, rel_tol=0.01)


def book_of(small, amounts: list[int], **given) -> Book:
    item = small("item")
    return small("book")(
        items=[item(f"D{n}", "invoice", "A", amount, **given) for n, amount in enumerate(amounts)]
    )


def test_amounts_by_the_law_conform_and_invented_ones_stand_out(small):
    lawful = [int(1000 * 10 ** (3 * n / 900)) for n in range(900)]
    scope, options = small("scope")(), DigitsOptions(sets="invoices")
    found = digits(book_of(small, lawful), scope=scope, options=options).tests.set_index("test")
    assert found.loc["first", "conformity"] == Conformity.CLOSE
    assert found.loc["first", "spikes"] == 0
    assert float(found.loc["first", "p_value"]) > 0.99
    invented = lawful[:700] + [49_900 + n % 90 for n in range(200)]  # just below a limit of 500.00
    found = digits(book_of(small, invented), scope=scope, options=options)
    tests, counts = found.tests.set_index("test"), found.counts
    assert tests.loc["first", "conformity"] == Conformity.NONE
    assert counts.loc[counts["test"].eq("first_two") & counts["digits"].eq(49), "stands_out"].item()
    assert found.repeated.loc[found.repeated["digits"].eq(49), "times"].max() == 3
    assert all(identity.holds for identity in found.identities)


def test_few_narrow_and_assigned_amounts_are_cautioned(small):
    scope, options = small("scope")(), DigitsOptions(sets="invoices", tests="first")
    few = digits(book_of(small, list(range(1_000, 1_100))), scope=scope, options=options).tests.iloc[0]
    assert few["conformity"] == Conformity.NOT_JUDGED
    assert "fewer than 300" in few["caution"]
    assert "orders of magnitude" in few["caution"]
    fees = digits(
        book_of(small, [5_000] * 101 + list(range(1_000, 1_900))), scope=scope, options=options
    ).tests.iloc[0]
    assert "assigned" in fees["caution"]


def test_what_is_left_out_is_told_and_adds_up(small):
    item = small("item")
    rows = [item(f"D{n}", "invoice", "A", 1_000 + n) for n in range(5)]
    rows += [item("small", "invoice", "A", 999), item("back", "invoice", "A", -1_000, reverses="D0"),
             item("later", "invoice", "A", 5_000, date(2026, 11, 1)), item("old", "invoice", "A", 5_000, date(2025, 1, 1)),
             item("yen", "invoice", "A", 12, currency="JPY")]  # fmt: skip
    found = digits(
        small("book")(items=rows),
        scope=small("scope")(),
        options=DigitsOptions(sets="invoices", since="2026-01-01"),
    )
    parts = found.parts.groupby("part")["items"].sum().to_dict()
    assert parts == {"tested": 6, "below the smallest amount tested": 1, "takes another document back": 1,
                     "posted before the first day asked about": 1}  # fmt: skip
    assert all(identity.holds for identity in found.identities)
    assert digits(Book({}), scope=small("scope")(), options=DigitsOptions()).tested == 0


def test_options_that_cannot_be_are_refused():
    for wrong in (
        {"sets": "all"},
        {"tests": "third"},
        {"least": "-1"},
        {"least_count": 5},
        {"since": "2026-13-01"},
    ):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            DigitsOptions(**wrong)
    assert set(DIGITS) == {"first", "second", "first_two"}
