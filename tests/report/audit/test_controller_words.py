"""Sentences that a controller relies on: debits apart from credits, deviations by chance, items and lines."""

from __future__ import annotations

import pandas as pd

from arlib.audit.patterns.frames_digits import Conformity
from arlib.report.audit.digits import _by_chance
from arlib.report.audit.journal_entries import _side


def test_a_deviation_within_chance_says_that_it_says_nothing():
    row = {"conformity": Conformity.NONE.value, "mad": "0.00231", "mad_by_chance": "0.00243"}
    assert "says nothing" in _by_chance(row)
    assert _by_chance({**row, "mad": "0.00341"}) == ""
    assert _by_chance({**row, "conformity": Conformity.CLOSE.value}) == ""


def test_debits_and_credits_stand_apart_and_without_sign():
    rows = pd.DataFrame({"currency": ["USD", "USD"], "amount": pd.array([-100_00, -50], dtype="Int64")})
    assert _side(rows, "credit") == "2 credits of USD 100.50"
    assert _side(rows.iloc[:0], "debit") == "no debits"
