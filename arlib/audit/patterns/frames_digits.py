"""The tables of the digit tests. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class Conformity(StrEnum):
    """Nigrini's classes of the mean absolute deviation."""

    CLOSE = "close"
    ACCEPTABLE = "acceptable"
    MARGINAL = "marginal"
    NONE = "none"
    NOT_JUDGED = "not_judged"


DIGIT_TESTS = Table("digit_tests", "one test of one set of amounts", ("entity", "set", "currency", "test"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("set", T, "which documents", True),
    Column("currency", T, "currency of the amounts; all for every currency together", True),
    Column("test", T, "first, second or first_two digits", True),
    Column("count", N, "amounts tested", True),
    Column("mad", R, "mean absolute deviation of the shares", may_be_zero=True),
    Column("mad_by_chance", R, "what as many amounts that follow the law deviate by chance", may_be_zero=True),
    Column("conformity", T, "class of that deviation", True, choices=Conformity),
    Column("chi_square", R, "chi-square", may_be_zero=True),
    Column("degrees", N, "degrees of freedom"),
    Column("p_value", R, "chance of as large a chi-square if the digits followed the law", may_be_zero=True),
    Column("spikes", N, "digits that stand out above, z beyond 1.96"),
    Column("caution", T, "why the test says little or nothing here"),
))  # fmt: skip

DIGIT_COUNTS = Table("digit_counts", "one digit, or pair of digits, of one test", ("entity", "set", "currency", "test", "digits"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("set", T, "which documents", True),
    Column("currency", T, "currency of the amounts, or all", True),
    Column("test", T, "first, second or first_two digits", True),
    Column("digits", N, "the digit or pair", True),
    Column("count", N, "amounts that have it", True),
    Column("expected", R, "how many the law expects", True, may_be_zero=True),
    Column("share", R, "share of the amounts", True, may_be_zero=True),
    Column("expected_share", R, "share by the law", True),
    Column("z", R, "deviation in standard errors, with the continuity correction, without sign", True, may_be_zero=True),
    Column("is_above", F, "more than expected", True),
    Column("stands_out", F, "z beyond 1.96", True),
))  # fmt: skip

REPEATED = Table("repeated_amounts", "an amount that makes up much of a pair of digits that stands out", ("entity", "set", "currency", "digits", "amount"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("set", T, "which documents", True),
    Column("digits", N, "the pair of digits", True),
    Column("currency", T, "currency", True),
    Column("amount", M, "the amount, without sign", True, currency="currency"),
    Column("times", N, "how often it comes", True),
    Column("customers", N, "to how many customers", True),
    Column("documents", T, "documents, up to ten by number", True),
))  # fmt: skip
