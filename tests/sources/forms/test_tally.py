"""Opening + entries = closing, by exact decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.errors import SourceError
from arlib.sources.forms.amounts import exact, plain
from arlib.sources.forms.tally import Tally

AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=2).map(lambda value: f"{value:f}")


@given(AMOUNTS, st.lists(AMOUNTS, max_size=30))
def test_a_statement_ties_exactly_when_it_adds_up(opening, entries):
    closing = Decimal(opening) + sum(map(Decimal, entries), Decimal(0))
    for off, state in ((Decimal(0), "ties" if entries else "no entries"), (Decimal("0.01"), "differs")):
        tally = Tally()
        for amount in entries:
            tally.add(amount)
        (_, _, own), *remarks = tally.close({"opening": opening, "closing": plain(closing + off)}, 9)
        assert own["state"] == state
        assert Decimal(own["difference"]) == off
        assert ("statement_does_not_add_up" in {row["code"] for _, _, row in remarks}) == bool(off)


def test_pending_entries_do_not_count_and_stated_totals_are_compared():
    tally = Tally()
    tally.add("5.00")
    tally.add("-2.00")
    tally.add("100.00", status="pending")
    stated = {"stated_entries": "3", "stated_credits": "5.00", "stated_debits": "-2.5", "stated_net": "3"}
    (_, _, own), *remarks = tally.close(stated, 1)
    assert (own["entries"], own["net"], own["state"]) == ("2", "3.00", "not stated")
    assert [(row["code"], row["column"]) for _, _, row in remarks] == [
        ("count_differs", "stated_entries"), ("total_differs", "stated_debits")]  # fmt: skip


def test_sums_of_very_large_amounts_are_not_rounded():
    tally = Tally()
    for _ in range(3):
        tally.add("999999999999999999999999999999.99")
    assert plain(tally.net) == "2999999999999999999999999999999.97"


@pytest.mark.parametrize(
    "text", ["", "1e5", "1,5", "NaN", "Infinity", "1.2.3", "--1", "٣", "1 000", "9" * 31, "0x10"]
)
def test_what_is_no_plain_amount_is_refused(text):
    with pytest.raises(SourceError, match="not an amount"):
        exact(text, where="f", line=3)


def test_plain_amounts_with_point_or_comma():
    assert exact("12.", where="", line=1) == 12
    assert exact(",50", where="", line=1, comma=True) == Decimal("0.50")
    assert plain(Decimal("-0.00")) == "0.00"
    assert plain(Decimal("1E+3")) == "1000"
