"""Rates and translation: published differences, look-up rules, and columns against single amounts."""

import csv
import gzip
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import AmountError, ParameterError, RateError
from arlib.money import Rate, Rates, Rounding, exact_rate, translate, translate_at, translate_column
from arlib.tables import CANONICAL

FX = CANONICAL["fx_rates"]


def rates(*rows: str, **switches: object) -> Rates:
    """Rates from lines 'date base quote rate [kind]'."""
    records = []
    for row in rows:
        day, base, quote, rate, *kind = row.split()
        records.append({"date": day, "base": base, "quote": quote, "rate": rate,
                        "kind": kind[0] if kind else "closing", "source": "ECB"})  # fmt: skip
    return Rates.of(FX.frame(records) if records else FX.empty(), **switches)


def test_erpnext_54153_exchange_difference():
    """1,320,000 MMK is 326.33 at 0.000247219 and 328.36 at 0.000248756: a difference of 2.03."""
    first = translate(1_320_000_00, from_currency="MMK", to_currency="USD", rate="0.000247219")
    second = translate(1_320_000_00, from_currency="MMK", to_currency="USD", rate="0.000248756")

    assert (first, second, second - first) == (326_33, 328_36, 2_03)


def test_oca_1011_exchange_difference():
    """350.85 USD booked as 307.80 EUR and paid as 308.22 EUR: 0.42, by the rates that these figures imply."""
    booked = translate(350_85, from_currency="USD", to_currency="EUR", rate=Fraction(30780, 35085))
    paid = translate(350_85, from_currency="USD", to_currency="EUR", rate=Fraction(30822, 35085))

    assert (booked, paid, paid - booked) == (307_80, 308_22, 42)


@pytest.mark.parametrize(
    ("minor", "source", "target", "rate", "expected"),
    [
        (100_00, "USD", "JPY", "151.235", 15124),  # 15,123.5 yen, a tie away from zero
        (15124, "JPY", "USD", "0.0066122", 100_00),  # 100.0029 dollars
        (1_000, "KWD", "USD", "3.25", 3_25),
        (3_25, "USD", "KWD", "0.3077", 1_000),  # 1.000025 dinars
        (-100_00, "USD", "JPY", "151.235", -15124),
        (0, "USD", "JPY", "151.235", 0),
        (5_00, "USD", "USD", "1", 5_00),
    ],
)
def test_translation_minds_the_places_of_both_currencies(minor, source, target, rate, expected):
    assert translate(minor, from_currency=source, to_currency=target, rate=rate) == expected


def test_a_currency_with_more_places_has_the_rates_of_its_iso_code():
    table = rates("2026-10-30 USD JPY 150")

    found = table.find("JPY.2", "USD", date(2026, 10, 30))
    assert (found.base, found.value) == ("JPY", Fraction(1, 150))
    assert translate(150_00, from_currency="JPY.2", to_currency="USD", rate=found) == 1_00
    assert translate(150_50, from_currency="JPY.2", to_currency="JPY", rate="1") == 151
    yen = pd.Series([150_00], dtype="Int64")
    day = date(2026, 10, 30)
    assert translate_at(yen, from_currency="JPY.2", to_currency="USD", rates=table, on=day)[0] == 1_00


def test_rounding_is_a_parameter():
    amounts = {
        mode: translate(50, from_currency="USD", to_currency="EUR", rate="0.85", rounding=mode)
        for mode in Rounding
    }

    assert amounts[Rounding.HALF_UP] == 43  # 42.5
    assert amounts[Rounding.HALF_EVEN] == 42
    assert amounts[Rounding.DOWN] == 42
    assert amounts[Rounding.UP] == 43


@pytest.mark.parametrize(
    "rate", ["", "1,08", "abc", "0", "-1.1", "NaN", "Infinity", "1E+999999", Fraction(0), None]
)
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(RateError, match="not an exchange rate"):
        exact_rate(rate)


def test_a_float_is_no_rate():
    with pytest.raises(TypeError, match="not float"):
        exact_rate(1.0863)


def test_a_rate_of_another_pair_or_of_a_currency_to_itself_is_refused():
    found = rates("2026-10-30 EUR USD 1.0863").find("EUR", "USD", date(2026, 10, 31))
    with pytest.raises(RateError, match="another pair"):
        translate(1, from_currency="GBP", to_currency="USD", rate=found)
    with pytest.raises(RateError, match="itself"):
        translate(1, from_currency="USD", to_currency="USD", rate="1.1")


def test_the_latest_rate_on_or_before_the_day_is_found_within_its_age():
    table = rates(
        "2026-10-29 EUR USD 1.08", "2026-10-30 EUR USD 1.09", "2026-11-02 EUR USD 1.10", max_age_days=3
    )

    assert table.find("EUR", "USD", date(2026, 10, 30)).rate == Decimal("1.09")
    assert table.find("EUR", "USD", date(2026, 11, 1)).on == date(2026, 10, 30)
    assert table.find("EUR", "USD", date(2026, 11, 2)).rate == Decimal("1.10")
    assert table.find("EUR", "USD", date(2026, 11, 5)).rate == Decimal("1.10")
    with pytest.raises(RateError, match=r"EUR/USD for 2026-11-06 or the 3 days before"):
        table.find("EUR", "USD", date(2026, 11, 6))
    with pytest.raises(RateError, match="2026-10-28"):
        table.find("EUR", "USD", date(2026, 10, 28))


def test_an_inverse_is_taken_and_said_and_is_exact():
    found = rates("2026-10-30 EUR USD 1.6").find("USD", "EUR", date(2026, 10, 31))

    assert (found.value, found.is_inverse, found.rate) == (Fraction(10, 16), True, Decimal("0.625"))
    assert found.how == "closing USD/EUR of 2026-10-30, ECB, inverse"


def test_of_pair_and_inverse_the_newer_counts_and_on_a_tie_the_pair():
    table = rates("2026-10-29 USD EUR 0.9", "2026-10-30 EUR USD 1.25")
    tie = rates("2026-10-30 USD EUR 0.9", "2026-10-30 EUR USD 1.25")

    assert table.find("USD", "EUR", date(2026, 10, 30)).value == Fraction(4, 5)
    assert tie.find("USD", "EUR", date(2026, 10, 30)).value == Fraction(9, 10)


def test_a_cross_needs_a_declared_pivot_and_says_so():
    rows = ("2026-10-30 EUR USD 1.10", "2026-10-29 EUR GBP 0.88")

    with pytest.raises(RateError, match="GBP/USD"):
        rates(*rows).find("GBP", "USD", date(2026, 10, 30))
    found = rates(*rows, pivot="EUR").find("GBP", "USD", date(2026, 10, 30))
    assert found.value == Fraction(110, 88)
    assert (found.pivot, found.on) == ("EUR", date(2026, 10, 29))
    assert "through EUR" in found.how


def test_a_kind_is_never_swapped_for_another():
    table = rates("2026-10-30 EUR USD 1.10 spot")

    assert table.find("EUR", "USD", date(2026, 10, 30), "spot").kind == "spot"
    with pytest.raises(RateError, match="no closing rate"):
        table.find("EUR", "USD", date(2026, 10, 30))


def test_a_currency_to_itself_needs_no_rate():
    assert rates().find("JPY", "JPY", date(2026, 10, 31)).value == 1


def test_two_rates_for_one_day_are_refused_unless_equal():
    with pytest.raises(RateError, match="two closing rates EUR/USD for 2026-10-30"):
        rates("2026-10-30 EUR USD 1.10", "2026-10-30 EUR USD 1.11")
    assert rates("2026-10-30 EUR USD 1.10", "2026-10-30 EUR USD 1.100").find("EUR", "USD", date(2026, 10, 30))


@pytest.mark.parametrize("switches", [{"max_age_days": -1}, {"pivot": "XAU"}])
def test_rates_check_their_switches(switches):
    with pytest.raises(ParameterError):
        rates(**switches)


CODES = ["USD", "EUR", "JPY", "KWD", "CLF"]


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(10**13), 10**13)),
            st.sampled_from(CODES),
            st.decimals("0.000001", 500, places=6).map(str),
        ),
        max_size=25,
    ),
    target=st.sampled_from(["GBP", "ISK"]),
    mode=st.sampled_from(Rounding),
)
def test_a_column_is_translated_as_its_rows_are(rows, target, mode):
    minor = pd.Series(pd.array([r[0] for r in rows], dtype="Int64"), index=range(100, 100 + len(rows)))
    codes = pd.Series([r[1] for r in rows], dtype="str")
    texts = pd.Series([r[2] for r in rows], dtype="str")
    before = minor.copy()

    result = translate_column(minor, from_currency=codes, to_currency=target, rate=texts, rounding=mode)

    expected = [
        None if m is None else translate(m, from_currency=c, to_currency=target, rate=r, rounding=mode)
        for m, c, r in rows
    ]
    assert [None if pd.isna(v) else v for v in result] == expected
    assert result.dtype == "Int64"
    assert result.index.equals(minor.index)
    pd.testing.assert_series_equal(minor, before)


@pytest.mark.parametrize("mode", Rounding)
def test_ties_in_a_column_go_where_single_amounts_go(mode):
    minor = pd.Series(range(-9, 10), dtype="Int64")

    result = translate_column(minor, from_currency="USD", to_currency="EUR", rate="0.5", rounding=mode)

    one = [
        translate(m, from_currency="USD", to_currency="EUR", rate="0.5", rounding=mode) for m in range(-9, 10)
    ]
    assert result.tolist() == one


def test_products_beyond_64_bits_are_exact():
    minor = pd.Series([9 * 10**18, -(9 * 10**18)], dtype="Int64")

    half = translate_column(minor, from_currency="USD", to_currency="EUR", rate="0.500000000000000001")

    assert half.tolist() == [4_500_000_000_000_000_009, -4_500_000_000_000_000_009]
    with pytest.raises(AmountError, match="64 bits"):
        translate_column(minor, from_currency="USD", to_currency="EUR", rate="2")


def test_a_column_at_dated_rates():
    table = rates("2026-10-01 EUR USD 1.10", "2026-10-05 EUR USD 1.20", "2026-10-05 GBP USD 1.30")
    frame = pd.DataFrame({
        "amount": pd.array([100_00, 100_00, None, 100_00, 100_00], dtype="Int64"),
        "currency": pd.Series(["EUR", "EUR", "XXX", "GBP", "USD"], dtype="str"),
        "day": pd.to_datetime(["2026-10-02", *["2026-10-06"] * 4]).astype("datetime64[s]"),
    })  # fmt: skip

    by_row = translate_at(
        frame["amount"], from_currency=frame["currency"], to_currency="USD", rates=table, on=frame["day"]
    )
    one_day = translate_at(
        frame["amount"].iloc[:2], from_currency="EUR", to_currency="USD", rates=table, on=date(2026, 10, 6)
    )

    assert by_row.fillna(-1).tolist() == [110_00, 120_00, -1, 130_00, 100_00]
    assert one_day.tolist() == [120_00, 120_00]


def test_a_missing_rate_currency_or_date_beside_an_amount_is_refused():
    minor = pd.Series([1_00], dtype="Int64")
    none = pd.Series([None], dtype="str")
    with pytest.raises(RateError, match="no rate"):
        translate_column(minor, from_currency="USD", to_currency="EUR", rate=none)
    with pytest.raises(ParameterError, match="unknown currency"):
        translate_column(minor, from_currency=none, to_currency="EUR", rate="1.1")
    day = pd.Series([pd.NaT], dtype="datetime64[s]")
    with pytest.raises(ParameterError, match="date is missing"):
        translate_at(minor, from_currency="USD", to_currency="EUR", rates=rates(), on=day)
    with pytest.raises(RateError, match="USD/EUR for 2026-10-31"):
        translate_at(minor, from_currency="USD", to_currency="EUR", rates=rates(), on=date(2026, 10, 31))
    with pytest.raises(TypeError, match="floats"):
        translate_column(pd.Series([1.5]), from_currency="USD", to_currency="EUR", rate="1.1")


def test_an_empty_column_is_translated():
    empty = pd.Series([], dtype="Int64")
    codes = pd.Series([], dtype="str")

    assert translate_column(empty, from_currency=codes, to_currency="EUR", rate="1.1").dtype == "Int64"
    assert len(translate_column(empty, from_currency="USD", to_currency="EUR", rate="1.1")) == 0


def test_the_european_central_banks_history_is_read_exactly(shared):
    """Every quoted pound rate of 2024 stands in the table to its last digit, and week-ends take Friday's."""
    with gzip.open(shared / "data" / "fx-ecb" / "eurofxref-hist.csv.gz", "rt", encoding="utf-8") as lines:
        quoted = [
            (row["Date"], row["GBP"]) for row in csv.DictReader(lines) if row["Date"].startswith("2024")
        ]
    assert len(quoted) > 250
    columns = {"date": [d for d, _ in quoted], "rate": [r for _, r in quoted]}
    n = len(quoted)
    frame = FX.frame(**columns, base=["EUR"] * n, quote=["GBP"] * n, kind=["spot"] * n, source=["ECB"] * n)
    table = Rates.of(frame, max_age_days=5)

    assert all(table.find("EUR", "GBP", date.fromisoformat(d), "spot").rate == Decimal(r) for d, r in quoted)
    friday = max(date.fromisoformat(d) for d, _ in quoted if date.fromisoformat(d).weekday() == 4)
    assert table.find("EUR", "GBP", friday + timedelta(days=2), "spot").on == friday


def test_speed_and_agreement_on_many_rows():
    rng = np.random.default_rng(7)
    values = rng.integers(-(10**9), 10**9, 200_000)
    minor = pd.Series(pd.array(values, dtype="Int64"))

    result = translate_column(
        minor, from_currency="USD", to_currency="EUR", rate="0.9213", rounding=Rounding.HALF_UP
    )

    sample = rng.integers(0, len(values), 500)
    assert all(
        result[int(i)] == translate(int(values[i]), from_currency="USD", to_currency="EUR", rate="0.9213")
        for i in sample
    )


def test_a_rate_can_be_built_by_hand():
    rate = Rate(
        base="EUR", quote="USD", value=Fraction(11, 10), on=date(2026, 1, 2), kind="contract", source="bank"
    )
    assert translate(10_00, from_currency="EUR", to_currency="USD", rate=rate) == 11_00
