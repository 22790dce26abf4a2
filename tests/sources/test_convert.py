"""Texts to times and rates: what a clock that goes back leaves uncertain, and what is no rate."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from arlib.errors import TableError
from arlib.sources.catalogue import profile_from
from arlib.sources.convert import to_instant, to_rate
from arlib.sources.profile import Profile
from arlib.tables import CANONICAL, Book
from arlib.tables.check import check


def profile(**settings: object) -> Profile:
    """A profile of a ledger in New York: the clock went from 02:00 back to 01:00 on 1 November 2026."""
    return profile_from(
        {
            "profile": "p",
            "title": "P",
            "files": {},
            "tables": [],
            "time_zone": "America/New_York",
            **settings,
        },
        where="test",
    )


ITEMS = """\
entity,item_id,customer_id,item_type,document_no,effective_date,currency,amount,discount_rate
E,I1,C,invoice,D1,2026-10-01,USD,1.00,{rate}
"""
FX = "date,base,quote,rate,kind,source\n2026-10-30,EUR,USD,{rate},closing,ECB\n"


def texts(*values: str) -> pd.Series:
    return pd.Series(list(values), dtype="str")


@pytest.mark.parametrize("settings", [{}, {"instant_formats": ["%Y-%m-%d %H:%M:%S"]}], ids=["iso", "formats"])
def test_a_local_time_that_came_twice_is_refused(settings: dict[str, object]) -> None:
    """00:59:59 is 04:59:59 UTC (4 hours behind), 02:00 is 07:00 (5 behind); 01:00 to 01:59:59 is either."""
    given = texts(
        "2026-11-01 00:59:59",
        "2026-11-01 01:00:00",
        "2026-11-01 01:59:59",
        "2026-11-01 02:00:00",
    )
    found = to_instant(given, profile(**settings))
    assert found.faults.tolist() == ["", "not_a_time", "not_a_time", ""]
    assert found.typed.isna().tolist() == [False, True, True, False]
    assert found.typed.dropna().tolist() == [
        pd.Timestamp("2026-11-01T04:59:59Z"),
        pd.Timestamp("2026-11-01T07:00:00Z"),
    ]


def test_the_same_hour_with_its_zone_is_read() -> None:
    found = to_instant(texts("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"), profile())
    assert found.faults.tolist() == ["", ""]
    assert found.typed.tolist() == [
        pd.Timestamp("2026-11-01T05:30:00Z"),
        pd.Timestamp("2026-11-01T06:30:00Z"),
    ]


NO_RATE = ("0", "0.0000", "-0", "-1.10", "NaN", "-NaN", "sNaN", "Infinity", "1,10", " 1.10", "1_000", "x")


def test_an_exchange_rate_is_above_zero() -> None:
    found = to_rate(texts(*NO_RATE, "1.0863", "0.0000000001", ""))
    assert found.faults.tolist() == ["not_a_rate"] * len(NO_RATE) + ["", "", ""]
    assert found.typed.tolist()[-3:-1] == ["1.0863", "0.0000000001"]
    assert found.typed.isna().tolist()[-1]
    assert found.wanted == "a decimal such as 1.0863, above 0"


def test_a_discount_rate_may_be_zero() -> None:
    found = to_rate(texts("0", "0.00", "0.02", "-0.02", "NaN"), may_be_zero=True)
    assert found.faults.tolist() == ["", "", "", "not_a_rate", "not_a_rate"]


def test_which_rates_may_be_zero() -> None:
    rates = {
        (table.name, column.name): column.may_be_zero
        for table in CANONICAL.values()
        for column in table.columns
        if column.kind == "rate"
    }
    assert rates == {
        ("items", "discount_rate"): True,
        ("items", "rate"): False,
        ("revaluations", "rate"): False,
        ("fx_rates", "rate"): False,
        ("security", "cover_rate"): True,
        ("claims", "dividend_rate"): True,
        ("specific_reserves", "loss_rate"): True,
        ("plans", "rate"): True,
        ("adjustment_requests", "rate"): True,
        ("commissions", "rate"): True,
        ("targets", "rate"): False,
        ("placements", "fee_rate"): True,
    }


@pytest.mark.parametrize(("text", "fault"), [("0", True), ("0.000", True), ("0.001", False), ("10", False)])
def test_a_frame_of_rates_is_judged_alike(text: str, fault: bool) -> None:
    """The reader of files and the check of frames agree on what an exchange rate is."""
    table = CANONICAL["fx_rates"]
    row = {"date": "2026-10-30", "base": "EUR", "quote": "USD", "rate": text, "kind": "spot", "source": "ECB"}
    _, problems = check(table.frame([row]), table, file="fx_rates.csv")
    assert problems["code"].tolist() == (["not_a_rate"] if fault else [])
    assert to_rate(texts(text)).faults.tolist() == (["not_a_rate"] if fault else [""])


def test_a_file_of_rates_is_judged_by_what_the_rate_is_of(load: Callable[..., Book]) -> None:
    book = load({"items.csv": ITEMS.format(rate="0"), "fx_rates.csv": FX.format(rate="1.08")})
    assert (book["items"]["discount_rate"].tolist(), book["fx_rates"]["rate"].tolist()) == (["0"], ["1.08"])
    with pytest.raises(TableError) as fault:
        load({"items.csv": ITEMS.format(rate="0"), "fx_rates.csv": FX.format(rate="0")})
    (problem,) = fault.value.problems
    assert (problem.file, problem.row, problem.column, problem.code, problem.found, problem.wanted) == (
        "fx_rates.csv", 2, "rate", "not_a_rate", "0", "a decimal such as 1.0863, above 0")  # fmt: skip
