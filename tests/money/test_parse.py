"""Amounts from text: what each declared style reads and refuses, and that a column reads as its rows do."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import AmountError, ParameterError
from arlib.money import (
    COMMA,
    DOT,
    PLAIN,
    Fault,
    Negative,
    NumberStyle,
    currencies,
    format_minor,
    format_minor_column,
    minor_places,
    number_style,
    parse_minor,
    parse_minor_column,
    parse_plain,
    places_of,
    shown,
)

SPACE, APOSTROPHE = number_style("1 234,56"), number_style("1'234.56")
NBSP, NARROW, THIN = "\u00a0", "\u202f", "\u2009"


def fault_of(text: str, style: NumberStyle, *, places: int = 2, **switches: object) -> str:
    """The fault code of one text read as a column of one row, which must agree with the single reader."""
    read = parse_minor_column(pd.Series([text], dtype="str"), style, places=places, **switches)
    if not read.fault[0] and text:
        assert parse_minor(text, style, places=places, **switches) == read.minor[0]
    else:
        with pytest.raises(AmountError):
            parse_minor(text, style, places=places, **switches)
    return read.fault[0]


@pytest.mark.parametrize(
    ("sample", "text", "minor"),
    [
        ("1,234.56", "1,234.56", 123456),
        ("1,234.56", "-1,234,567.89", -123456789),
        ("1,234.56", "\u22121234.56", -123456),
        ("1,234.56", "999.99", 99999),
        ("1,234.56", "0.00", 0),
        ("1,234.56", "-0.00", 0),
        ("1,234.56", "1234", 123400),
        ("1,234.56", "1,234,567", 123456700),
        ("1.234,56", "1.234,56", 123456),
        ("1.234,56", "12.345.678,90", 1234567890),
        ("1 234,56", "1 234,56", 123456),
        ("1 234,56", f"1{NBSP}234{NBSP}567,89", 123456789),
        ("1 234,56", f"1{NARROW}234,56", 123456),
        ("1 234,56", f"1{THIN}234,56", 123456),
        ("1 234,56", "1 234", 123400),
        (f"1{NBSP}234,56", "1 234,56", 123456),
        ("1 234.56", "1 234.56", 123456),
        ("1'234.56", "1'234.56", 123456),
        ("1'234.56", "1\u2019234\u2019567.00", 123456700),
        ("1234.56", "1234.56", 123456),
        ("1234,56", "-1234,56", -123456),
        ("(1,234.56)", "(1,234.56)", -123456),
        ("(1,234.56)", "1,234.56", 123456),
        ("(1,234.56)", "-1,234.56", -123456),
        ("1,234.56-", "1,234.56-", -123456),
        ("1.234,56-", "0,01-", -1),
        ("12,34,567.89", "12,34,567.89", 123456789),
        ("12,34,567.89", "1,00,00,000.00", 1000000000),
    ],
)
def test_each_declared_style_reads_its_amounts(sample, text, minor):
    assert parse_minor(text, number_style(sample), places=2) == minor
    assert fault_of(text, number_style(sample)) == ""


@pytest.mark.parametrize(
    ("text", "places", "minor"),
    [("1,234", 0, 1234), ("(1,234)", 0, -1234), ("1.234", 3, 1234), ("0.0001", 4, 1), ("7", 3, 7000)],
)
def test_places_are_those_of_the_currency(text, places, minor):
    assert parse_minor(text, DOT, places=places) == minor


@pytest.mark.parametrize(
    ("text", "style", "code"),
    [
        ("1.234,56", DOT, Fault.OTHER_STYLE),
        ("1,234.56", COMMA, Fault.OTHER_STYLE),
        ("1 234,56", DOT, Fault.OTHER_STYLE),
        ("1,234.56", PLAIN, Fault.OTHER_STYLE),
        ("(5.00)", PLAIN, Fault.OTHER_STYLE),
        ("5.00-", DOT, Fault.OTHER_STYLE),
        (" 5.00", DOT, Fault.OTHER_STYLE),
        ("12.1", DOT, Fault.SHORT_FRACTION),
        ("12.345", DOT, Fault.TOO_MANY_PLACES),
        ("12.000", DOT, Fault.TOO_MANY_PLACES),
        ("1,234", DOT, Fault.AMBIGUOUS_GROUP),
        ("1.234", COMMA, Fault.AMBIGUOUS_GROUP),
        ("12,34.56", DOT, Fault.NOT_AN_AMOUNT),
        ("1,2345.00", DOT, Fault.NOT_AN_AMOUNT),
        ("1234,567.00", DOT, Fault.NOT_AN_AMOUNT),
        (",123.00", DOT, Fault.NOT_AN_AMOUNT),
        (f"1 234{NBSP}567,00", SPACE, Fault.NOT_AN_AMOUNT),
        (".50", DOT, Fault.NOT_AN_AMOUNT),
        ("5.", DOT, Fault.NOT_AN_AMOUNT),
        ("--5.00", DOT, Fault.NOT_AN_AMOUNT),
        ("+5.00", DOT, Fault.NOT_AN_AMOUNT),
        ("- 5.00", DOT, Fault.NOT_AN_AMOUNT),
        ("-(5.00)", DOT, Fault.NOT_AN_AMOUNT),
        ("(-5.00)", DOT, Fault.NOT_AN_AMOUNT),
        ("(5.00", DOT, Fault.NOT_AN_AMOUNT),
        ("5.00)", DOT, Fault.NOT_AN_AMOUNT),
        ("-5.00-", number_style("1,234.56-"), Fault.NOT_AN_AMOUNT),
        ("1e5", DOT, Fault.NOT_AN_AMOUNT),
        ("1.00E+03", DOT, Fault.NOT_AN_AMOUNT),
        ("nan", DOT, Fault.NOT_AN_AMOUNT),
        ("inf", DOT, Fault.NOT_AN_AMOUNT),
        ("0x10", DOT, Fault.NOT_AN_AMOUNT),
        ("1_000.00", DOT, Fault.NOT_AN_AMOUNT),
        ("$5.00", DOT, Fault.NOT_AN_AMOUNT),
        ("5.00 USD", DOT, Fault.NOT_AN_AMOUNT),
        ("\u0663.00", DOT, Fault.NOT_AN_AMOUNT),  # an Arabic digit, which int() would take
        ("\uff15.00", DOT, Fault.NOT_AN_AMOUNT),  # a full-width digit
        ("5.00\n", DOT, Fault.OTHER_STYLE),
        ("=1+1", DOT, Fault.NOT_AN_AMOUNT),
        ("9" * 5000, DOT, Fault.NOT_AN_AMOUNT),
        ("92233720368547758.08", PLAIN, Fault.TOO_LARGE),
    ],
)
def test_hostile_and_foreign_amounts_are_refused_with_their_fault(text, style, code):
    assert fault_of(text, style) == code


def test_the_largest_amount_that_64_bits_hold_is_read():
    assert parse_minor("92233720368547758.07", PLAIN, places=2) == 2**63 - 1
    assert parse_minor("-92233720368547758.07", PLAIN, places=2) == -(2**63 - 1)


def test_an_empty_text_is_no_amount_but_no_fault_of_a_column():
    read = parse_minor_column(pd.Series(["", None, "1.00"], dtype="str"), DOT, places=2)

    assert read.minor.isna().tolist() == [True, True, False]
    assert read.fault.tolist() == ["", "", ""]
    with pytest.raises(AmountError, match="missing amount"):
        parse_minor("", DOT, places=2)


def test_short_fractions_are_a_declared_switch():
    relaxed = DOT.relaxed()

    assert [parse_minor(t, relaxed, places=2) for t in ("12.1", "12.10", "12", "1,234")] == [
        1210,
        1210,
        1200,
        123400,
    ]
    assert fault_of("12.123", relaxed) == Fault.TOO_MANY_PLACES


def test_padding_is_a_declared_switch():
    padded = number_style("1,234.56", allow_padding=True)

    assert parse_minor("      60,000.00", padded, places=2) == 6000000
    assert parse_minor("5.00  ", padded, places=2) == 500
    assert fault_of("6 000.00", padded) == Fault.OTHER_STYLE


def test_float_noise_is_rounded_away_within_its_bound_and_noted():
    bound = Decimal("0.000001")
    texts = pd.Series(
        ["54273.280000000001", "54273.279999999999", "54273.28", "54273.281", "1.0000"], dtype="str"
    )

    read = parse_minor_column(texts, PLAIN, places=2, float_noise=bound)

    assert read.minor.fillna(-1).tolist() == [5427328, 5427328, 5427328, -1, 100]
    assert read.noted.tolist() == [True, True, False, False, False]
    assert read.fault.tolist() == ["", "", "", Fault.FLOAT_NOISE.value, ""]
    assert parse_minor("-0.30000000000000004", PLAIN, places=2, float_noise=bound) == -30


def test_the_float_noise_bound_itself_is_within():
    bound = Decimal("0.000001")

    assert parse_minor("1.000001", PLAIN, places=2, float_noise=bound) == 100
    assert parse_minor("0.999999", PLAIN, places=2, float_noise=bound) == 100
    assert fault_of("1.0000011", PLAIN, float_noise=bound) == Fault.FLOAT_NOISE
    assert fault_of("0.9999989", PLAIN, float_noise=bound) == Fault.FLOAT_NOISE


@pytest.mark.parametrize("bound", [Decimal("0.01"), Decimal("-1"), Decimal("NaN"), 0.001])
def test_a_float_noise_bound_that_could_move_a_cent_is_refused(bound):
    with pytest.raises(ParameterError, match="float_noise"):
        parse_minor("1.00", PLAIN, places=2, float_noise=bound)


def test_a_source_may_write_more_places_than_the_currency_has():
    """SAP keeps yen with two places; what the yen cannot hold must be zeros, and the row is noted."""
    assert parse_minor("1,234.00", DOT, places=0, source_places=2) == 1234
    read = parse_minor_column(
        pd.Series(["500.00", "500.50", "500"], dtype="str"),
        DOT,
        places=pd.Series([0, 0, 0], dtype="Int64"),
        source_places=2,
    )
    assert read.minor.fillna(-1).tolist() == [500, -1, 500]
    assert read.fault.tolist() == ["", Fault.TOO_MANY_PLACES.value, ""]
    assert read.noted.tolist() == [True, False, False]


def test_a_source_may_write_fewer_places_than_the_currency_has():
    assert parse_minor("1.25", DOT, places=3, source_places=2) == 1250
    assert (
        parse_minor_column(pd.Series(["1.25"], dtype="str"), DOT, places=3, source_places=2).minor[0] == 1250
    )


def test_a_row_without_known_places_is_a_fault_of_that_row():
    texts = pd.Series(["1.00", "1.00", "1"], dtype="str", index=[7, 8, 9])
    codes = pd.Series(["USD", "USX", "JPY"], dtype="str", index=[7, 8, 9])

    read = parse_minor_column(texts, DOT, places=places_of(codes))

    assert read.fault.tolist() == ["", Fault.UNKNOWN_CURRENCY.value, ""]
    assert read.minor.dropna().to_dict() == {7: 100, 9: 1}
    assert read.minor.dtype == "Int64"


def test_a_column_that_is_not_text_is_refused():
    with pytest.raises(TypeError, match="read from text"):
        parse_minor_column(pd.Series([1.5]), DOT, places=2)


def test_an_empty_column_is_read():
    read = parse_minor_column(pd.Series([], dtype="str"), DOT, places=2)

    assert (len(read.minor), read.minor.dtype, len(read.fault), len(read.noted)) == (0, "Int64", 0, 0)


@pytest.mark.parametrize(
    "sample", ["", "1234", "1,234", "1,234,56", "abc", "1;234.56", "((1,234.56))", "12.34"]
)
def test_an_unknown_sample_is_refused_with_the_list(sample):
    with pytest.raises(ParameterError, match=r"1'234\.56"):
        number_style(sample)


def test_samples_that_disagree_are_refused_and_agreeing_ones_add_up():
    with pytest.raises(ParameterError, match="different marks"):
        number_style("1,234.56", "1.234,56")
    both = number_style("(1,234.56)", "1,234.56-")
    assert both.negatives == (Negative.LEADING, Negative.PARENTHESES, Negative.TRAILING)
    assert [parse_minor(t, both, places=2) for t in ("(1.00)", "1.00-", "-1.00")] == [-100, -100, -100]


@pytest.mark.parametrize(
    "marks", [{"decimal": ",", "group": ","}, {"decimal": ";"}, {"group": "_"}, {"negatives": ()}]
)
def test_a_style_checks_itself(marks):
    with pytest.raises(ParameterError):
        NumberStyle(**marks)


def test_an_example_shows_the_style_and_the_places():
    assert (DOT.example(2), DOT.example(0), COMMA.example(3)) == ("1,234.56", "1,234", "1.234,567")
    assert parse_minor(APOSTROPHE.example(2), APOSTROPHE, places=2) == 123456
    assert number_style("12,34,567.89").example() == "12,34,567.56"


def test_plain_and_shown_amounts():
    amounts = ((-123450, "USD"), (-1234, "JPY"), (5, "KWD"), (0, "USD"), (-5, "USD"))
    assert [format_minor(*amount) for amount in amounts] == ["-1234.50", "-1234", "0.005", "0.00", "-0.05"]
    assert [shown(m, c) for m, c in ((123450, "USD"), (-1234567, "JPY"), (5, "CLF"))] == [
        "1,234.50",
        "-1,234,567",
        "0.0005",
    ]


def test_a_plain_column_keeps_index_and_gaps_and_needs_a_currency():
    minor = pd.Series(pd.array([123450, None, -7], dtype="Int64"), index=[4, 2, 9], name="amount")
    codes = pd.Series(["USD", None, "JPY"], dtype="str", index=[4, 2, 9])

    plain = format_minor_column(minor, codes)

    assert plain.dropna().to_dict() == {4: "1234.50", 9: "-7"}
    assert plain.dtype == "str"
    with pytest.raises(ParameterError, match="unknown currency"):
        format_minor_column(minor, pd.Series(["USD", "USD", None], dtype="str"))
    with pytest.raises(TypeError, match="floats"):
        format_minor_column(pd.Series([1.0]), "USD")


@settings(deadline=None)
@given(minor=st.integers(-(2**63) + 1, 2**63 - 1), currency=st.sampled_from(currencies()))
def test_plain_text_reads_back(minor, currency):
    assert parse_plain(format_minor(minor, currency), currency) == minor
    assert parse_minor(shown(minor, currency), DOT, places=minor_places(currency)) == minor or "," in shown(
        minor, currency
    )


def _written(minor: int, style: NumberStyle, places: int, negative: Negative) -> str:
    """An amount in a style, by its own route: no code of the reader is used."""
    whole, fraction = divmod(abs(minor), 10**places)
    text = f"{whole:,}".replace(",", style.group) + (
        f"{style.decimal}{fraction:0{places}d}" if places else ""
    )
    if minor >= 0:
        return text
    return {"leading": f"-{text}", "parentheses": f"({text})", "trailing": f"{text}-"}[negative.value]


@settings(deadline=None)
@given(
    minor=st.integers(-(10**17), 10**17),
    sample=st.sampled_from(["1,234.56", "1.234,56", "1 234,56", "1'234.56", "1234.56", "1234,56"]),
    negative=st.sampled_from(Negative),
    places=st.sampled_from([2, 3, 4]),
)
def test_every_style_reads_back_what_is_written_in_it(minor, sample, negative, places):
    style = number_style(
        {"leading": sample, "parentheses": f"({sample})", "trailing": f"{sample}-"}[negative.value]
    )

    assert parse_minor(_written(minor, style, places, negative), style, places=places) == minor


@settings(deadline=None)
@given(st.lists(st.text(alphabet="0123456789.,-() '\u00a0eE+", max_size=12), max_size=30))
def test_a_column_is_read_exactly_as_its_rows_are(texts):
    read = parse_minor_column(pd.Series(texts, dtype="str"), DOT, places=2)

    for text, minor, fault in zip(texts, read.minor, read.fault, strict=True):
        try:
            assert (parse_minor(text, DOT, places=2), "") == (minor, fault)
        except AmountError:
            assert pd.isna(minor)
            assert fault or text == ""


@settings(deadline=None)
@given(
    st.text(alphabet="0123456789.,- ", max_size=14), st.sampled_from([DOT, COMMA, SPACE, APOSTROPHE, PLAIN])
)
def test_what_is_read_has_the_digits_that_were_written(text, style):
    """No cleaning: the digits of an accepted text, in order, are the digits of the amount."""
    try:
        minor = parse_minor(text, style, places=2)
    except AmountError:
        return
    digits = "".join(c for c in text if c in "0123456789")
    digits += "" if style.decimal in text else "00"
    assert abs(minor) == int(digits)
