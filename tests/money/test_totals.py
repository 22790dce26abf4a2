"""Sums that cannot overflow, against Python's own integers; no floats, and no pandas on import."""

import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.money import total, totals_by

AMOUNTS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))


@settings(deadline=None)
@given(st.lists(AMOUNTS, max_size=40))
def test_a_total_is_exact_at_any_size(amounts):
    series = pd.Series(pd.array(amounts, dtype="Int64"))

    assert total(series) == sum(a for a in amounts if a is not None)
    assert type(total(series)) is int


def test_a_total_that_int64_would_wrap():
    series = pd.Series([2**63 - 1] * 3, dtype="Int64")

    assert total(series) == 3 * (2**63 - 1)
    assert series.astype("int64").sum() != total(series)  # the trap is real


def test_totals_of_exact_objects_and_of_nothing():
    assert total(pd.Series([2**70, None, 1], dtype="object")) == 2**70 + 1
    assert total(pd.Series([], dtype="Int64")) == 0
    assert total(pd.Series([None, None], dtype="Int64")) == 0


@pytest.mark.parametrize(
    "bad", [pd.Series([1.0]), pd.Series([1.5, 2], dtype="object"), pd.Series([True], dtype="object")]
)
def test_floats_are_no_money(bad):
    with pytest.raises(TypeError, match="money must be integer"):
        total(bad)
    with pytest.raises(TypeError, match="money must be integer"):
        totals_by(pd.DataFrame({"k": ["a"] * len(bad), "amount": bad}), "k", "amount")


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["USD", "JPY"]), AMOUNTS), max_size=30
    )
)
def test_totals_by_group_are_exact_and_miss_no_group(rows):
    frame = pd.DataFrame({
        "customer": pd.Series([r[0] for r in rows], dtype="str"),
        "currency": pd.Series([r[1] for r in rows], dtype="str"),
        "amount": pd.array([r[2] for r in rows], dtype="Int64"),
    })  # fmt: skip
    before = frame.copy(deep=True)
    expected: dict[tuple[object, str], int] = {}
    for customer, currency, amount in rows:
        expected[customer, currency] = expected.get((customer, currency), 0) + (amount or 0)

    result = totals_by(frame, ["customer", "currency"], "amount")

    found = {(None if pd.isna(c) else c, k): int(a) for c, k, a in result.itertuples(index=False)}
    assert found == expected
    assert list(result.columns) == ["customer", "currency", "amount"]
    pd.testing.assert_frame_equal(frame, before)
    reversed_rows = totals_by(frame.iloc[::-1], ["customer", "currency"], "amount")
    pd.testing.assert_frame_equal(result, reversed_rows)


def test_totals_by_fall_back_to_exact_integers_and_say_so_in_the_dtype():
    frame = pd.DataFrame(
        {"k": ["a", "a", "b"], "x": pd.array([2**62, 2**62, 1], dtype="Int64"), "y": [1, 2, 3]}
    )

    result = totals_by(frame, "k", ["x", "y"])

    assert result["x"].tolist() == [2**63, 1]
    assert (str(result["x"].dtype), str(result["y"].dtype)) == ("object", "Int64")


def test_totals_of_rows_that_a_mask_emptied_can_be_merged():
    frame = pd.DataFrame({"currency": ["EUR"], "bucket": ["0-30"], "amount": [5]}).astype({"amount": "Int64"})
    emptied = pd.DataFrame({name: frame[name][frame["amount"].eq(6)] for name in frame})
    none = totals_by(emptied, ["currency", "bucket"], "amount")
    assert none.merge(none, on=["currency", "bucket"], how="outer", validate="one_to_one").empty


def test_importing_money_and_calendar_loads_no_pandas(repo):
    heavy = "('pandas', 'numpy', 'holidays')"
    program = f"import sys, arlib.money, arlib.calendar; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=repo
    )

    assert done.stdout.strip() == "[]"
