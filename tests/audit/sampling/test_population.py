"""The seal of a population: canonical form, parts that add up, and every fault at once."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.audit.sampling.frames_select import Part
from arlib.audit.sampling.population import Order, described, population, sealed_text
from arlib.errors import ParameterError, TableError


def made(values, ids=None, strata=None, currency="USD", order=Order.FILE):
    frame = pd.DataFrame(
        {
            "item_id": ids or [f"I{i}" for i in range(len(values))],
            "book_value": pd.array(values, dtype="Int64"),
        }
    )
    if strata is not None:
        frame["stratum"] = strata
    return population(frame, currency=currency, order=order)


def test_the_hash_can_be_worked_out_by_hand():
    ours = made([1050, 0, -700], ids=["INV-1", "Ä;2", "=3"], strata=["a", "", "b"])
    text = "arlib.population/1\tUSD\nINV-1\t10.50\ta\nÄ;2\t0.00\t\n=3\t-7.00\tb\n"

    assert sealed_text(ours.items, "USD") == text
    assert ours.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_each_fact_changes_the_hash():
    base = made([100, 200], ids=["a", "b"]).sha256
    others = {
        made([100, 201], ids=["a", "b"]).sha256, made([100, 200], ids=["a", "c"]).sha256,
        made([200, 100], ids=["b", "a"]).sha256, made([100, 200], ids=["a", "b"], strata=["x", ""]).sha256,
        made([100, 200], ids=["a", "b"], currency="EUR").sha256,
    }  # fmt: skip

    assert len(others | {base}) == 6
    assert made([100, 200], ids=["a", "b"]).sha256 == base


def test_order_by_identifier_forgets_the_order_of_rows():
    assert (
        made([1, 2, 3], ids=["c", "a", "b"], order=Order.ID).sha256
        == made([3, 2, 1], ids=["b", "a", "c"], order=Order.ID).sha256
    )
    assert made([1, 3, 3], ids=["c", "b", "a"], order=Order.VALUE).items["item_id"].tolist() == [
        "a",
        "b",
        "c",
    ]


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40))
def test_parts_add_up_and_nothing_is_dropped(values):
    ours = made(values)
    parts = [ours.part_total(part) for part in (Part.POSITIVE, Part.ZERO, Part.CREDIT)]

    assert sum(count for count, _ in parts) == len(values)
    assert sum(value for _, value in parts) == sum(values) == ours.total
    assert parts[1][1] == 0
    assert parts[2] == (sum(v < 0 for v in values), sum(v for v in values if v < 0))


def test_description_has_totals_by_stratum():
    held = described(made([500, 700, -300, 0], strata=["n", "s", "n", "n"]))

    assert held["total"] == {"items": 4, "book_value": "9.00"}
    assert held["parts"]["credit"] == {"items": 1, "book_value": "-3.00"}
    assert {(row["stratum"], row["part"]): row["book_value"] for row in held["strata"]} == {
        ("n", "credit"): "-3.00", ("n", "positive"): "5.00", ("n", "zero"): "0.00", ("s", "positive"): "7.00",
    }  # fmt: skip


def test_all_faults_at_once_with_their_rows():
    frame = pd.DataFrame(
        {"item_id": ["a", "", "a", "b\tc", "d"], "book_value": pd.array([1, 2, 3, 4, None], dtype="Int64")}
    )
    with pytest.raises(TableError) as caught:
        population(frame, currency="USD")

    assert [(p.row, p.code) for p in caught.value.problems] == [
        (2, "repeated_identifier"), (3, "missing_identifier"), (4, "repeated_identifier"), (5, "control_character"),
        (6, "missing_amount"),
    ]  # fmt: skip


def test_another_population_is_not_the_sealed_one():
    ours = made([100, 200])
    ours.require_sealed(ours.sha256)
    with pytest.raises(ParameterError, match="not the one that was sealed"):
        ours.require_sealed(made([100, 201]).sha256)


def test_empty_and_unknown_currency_are_refused():
    with pytest.raises(TableError, match="no items"):
        made([])
    with pytest.raises(ParameterError, match="currency"):
        made([1], currency="US$")


def test_the_caller_keeps_its_frame():
    frame = pd.DataFrame({"item_id": ["b", "a"], "book_value": [1, 2]})
    before = frame.copy()
    population(frame, currency="USD", order=Order.ID)
    pd.testing.assert_frame_equal(frame, before)
