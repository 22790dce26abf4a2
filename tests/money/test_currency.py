"""ISO 4217 places of every currency, against the list itself, not the package they are read from."""

import pandas as pd
import pytest

from arlib.errors import ParameterError
from arlib.money import currencies, format_minor, is_currency, iso_code, minor_places, parse_plain, places_of

# ISO 4217 list one: every code whose minor unit is not 2. All other active codes have two places.
NONE = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
    "XAF", "XOF", "XPF",
]  # fmt: skip
THREE = [
    "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND",
]  # fmt: skip
FOUR = [
    "CLF", "UYW",
]  # fmt: skip
NOT_MONEY = [
    "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX",
]  # fmt: skip
TWO_SAMPLE = [
    "USD", "EUR", "GBP", "CHF", "CAD", "AUD", "CNY", "INR", "BRL", "MXN", "SEK", "NOK", "DKK", "PLN",
    "CZK", "HUF", "TRY", "ZAR", "SGD", "HKD", "NZD", "MGA", "MRU",
]  # fmt: skip


def test_places_of_all_currencies_follow_the_iso_list():
    expected = dict.fromkeys(NONE, 0) | dict.fromkeys(THREE, 3) | dict.fromkeys(FOUR, 4)

    assert len(currencies()) > 160
    assert {code: minor_places(code) for code in currencies()} == {
        code: expected.get(code, 2) for code in currencies()
    }
    assert set(expected) <= set(currencies())
    assert set(TWO_SAMPLE) <= set(currencies())


def test_old_currencies_of_the_euro_area_are_known():
    assert [minor_places(code) for code in ("HRK", "BGN", "LTL", "DEM")] == [2, 2, 2, 2]


def test_a_ledger_may_keep_a_currency_with_more_places():
    assert (minor_places("JPY.2"), minor_places("USD.4"), iso_code("JPY.2"), iso_code("USD")) == (
        2,
        4,
        "JPY",
        "USD",
    )
    assert is_currency("KRW.2")
    assert "JPY.2" not in currencies()
    assert places_of(pd.Series(["JPY.2", "JPY", "USD.2"], dtype="str")).fillna(-1).tolist() == [2, 0, -1]
    assert parse_plain(format_minor(-12345, "JPY.2"), "JPY.2") == -12345
    assert format_minor(-12345, "JPY.2") == "-123.45"


@pytest.mark.parametrize(
    "code", ["USD.2", "KWD.2", "JPY.0", "JPY.", "JPY.x", "JPY.12", "JPY.\u0662", "ZZZ.2", ".2"]
)
def test_no_second_name_for_a_currency(code):
    assert not is_currency(code)
    with pytest.raises(ParameterError, match="unknown currency"):
        minor_places(code)


@pytest.mark.parametrize("code", [*NOT_MONEY, "usd", "US", "USX", "", "NO", None, 840])
def test_what_is_no_money_is_refused(code):
    assert not is_currency(code)
    with pytest.raises(ParameterError, match="unknown currency"):
        minor_places(code)


def test_a_misspelt_code_names_the_nearest():
    with pytest.raises(ParameterError, match="'USD'"):
        minor_places("usd")


def test_places_of_a_column_leave_unknown_codes_empty():
    codes = pd.Series(["USD", "JPY", "XAU", None, "KWD"], dtype="str", index=[5, 3, 9, 1, 2])

    places = places_of(codes)

    assert places.dtype == "Int64"
    assert places.index.tolist() == [5, 3, 9, 1, 2]
    assert places.fillna(-1).tolist() == [2, 0, -1, -1, 3]
