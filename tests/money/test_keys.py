"""Keys as numbers: equal and ordered as Python's own tuples are, whatever the texts; look-ups against a dict."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arlib.money import distinct, keys, named, numbered, numbering

TEXT = st.one_of(
    st.none(),
    st.text(alphabet=["a", "b", "é", "z", "\0", "1"], max_size=3),
    st.builds(lambda n: f"K{n:08d}", st.integers(0, 30)),
    st.sampled_from(["x" * 60 + "1", "x" * 60 + "2", "x" * 8, "x" * 9, ""]),
)


def texts(values) -> pd.Series:
    return pd.Series(values, dtype="str")


@pytest.fixture(autouse=True, params=[3, keys.BLOCK])
def block(request, monkeypatch):
    """Blocks so small that every example has several, and the usual ones."""
    monkeypatch.setattr(keys, "BLOCK", request.param)
    monkeypatch.setattr(keys, "_SOME", min(request.param, keys._SOME))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, st.integers(-3, 3)), max_size=20))
def test_numbers_are_equal_and_ordered_as_the_keys(rows):
    columns = [
        texts([row[0] for row in rows]),
        texts([row[1] for row in rows]),
        pd.Series([row[2] for row in rows], dtype="int64"),
    ]
    made = numbered(columns)
    # Python sorts by code point, which is the order of UTF-8's bytes; None goes last
    order = sorted(
        {
            tuple((part is None, part or "" if not isinstance(part, int) else part) for part in row)
            for row in rows
        }
    )
    place = {key: at for at, key in enumerate(order)}
    ours = pd.Series(made.numbers).rank(method="dense").astype(int).tolist()
    assert ours == [
        place[tuple((p is None, p or "" if not isinstance(p, int) else p) for p in row)] + 1 for row in rows
    ]
    assert all(0 <= number < made.size for number in made.numbers)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT, max_size=20), st.lists(TEXT, max_size=20))
@example(["", "x" * 9], ["x" * 8])  # both words occur, but in no row together
def test_other_rows_get_the_number_of_their_text_or_none(rows, wanted):
    made = numbering([texts(rows)])
    known = {
        row: number for row, number in zip(rows, made.rows.numbers.tolist(), strict=True) if row is not None
    }
    assert made.of([texts(wanted)]).tolist() == [known.get(text, -1) for text in wanted]


def test_sparse_numbers_are_packed():
    ids = texts([f"{n * 7919 % 1000003:012d}-{n % 97:05d}-{n * 31 % 1009:08d}" for n in range(3000)])
    made = numbering([ids, ids])
    assert made.rows.size <= max(4 * 3000, 1 << 12)
    assert made.of([ids, ids]).tolist() == made.rows.numbers.tolist()
    assert pd.Series(made.rows.numbers).rank().tolist() == ids.rank().tolist()


def test_names_by_number():
    assert list(pd.Series(named(pd.array([1, 0, 1]).to_numpy(dtype="int64"), ["a", "b"]))) == ["b", "a", "b"]


@pytest.mark.parametrize(
    "values", [[], [7], [5, 1, 5, 5, 2**63 + 1, 0], [-1, -1], list(range(99, -1, -1)) * 2]
)
def test_distinct_values_are_those_of_numpy(values):
    array = np.array(values, dtype=np.uint64 if max(values, default=0) > 2**62 else np.int64)
    made = distinct(array)
    np.testing.assert_array_equal(made, np.unique(array))
    assert made.dtype == array.dtype
