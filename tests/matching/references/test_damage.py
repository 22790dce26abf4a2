"""Damaged numbers: what each kind of damage costs, and that the true item is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.matching.references.damage import nearest, what_happened
from arlib.matching.references.tokens import read

NUMBER = "4070986529"
OTHERS = ["9751955178", "2704185543", "6628130946"]
BEARINGS = [(item, 3, number) for item, number in enumerate([NUMBER, *OTHERS])]


@pytest.mark.parametrize(
    ("written", "how", "distance"),
    [
        ("4070986529", "exact", 0),
        ("407098652", "truncated", 1),
        ("986529", "truncated", 4),
        ("407986529", "deleted", 1),
        ("40709865290", "inserted", 1),
        ("4070966529", "substituted", 1),
        ("4070086529", "substituted", 1),
        ("4070986S29", "ocr", 1),
        ("4079086529", "transposed", 1),
    ],
)
def test_what_happened(written: str, how: str, distance: int) -> None:
    assert what_happened(written, NUMBER, has_blank=False) == (how, distance)


def test_a_blank_is_told() -> None:
    assert what_happened(NUMBER, NUMBER, has_blank=True) == ("blank", 0)
    assert what_happened("407986529", NUMBER, has_blank=True) == ("deleted+blank", 1)


@given(st.data())
def test_one_or_two_edits_leave_the_true_item_nearest(data: st.DataObject) -> None:
    written = list(NUMBER)
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.integers(0, len(written) - 1))
        kind = data.draw(st.sampled_from(["drop", "put", "change", "swap"]))
        if kind == "drop":
            del written[place]
        elif kind == "put":
            written.insert(place, data.draw(st.sampled_from("0123456789")))
        elif kind == "change":
            written[place] = data.draw(st.sampled_from("0123456789"))
        else:
            written[place - 1 : place + 1] = reversed(written[place - 1 : place + 1])
    found = nearest(read("pay " + "".join(written) + " thanks"), BEARINGS)
    best = min(found, key=lambda one: one.cost)
    assert best.item == 0
    assert best.cost <= 3  # a swap with a digit put between is three edits by optimal string alignment


def test_numbers_glued_together_and_damaged_are_found_by_the_deep_look_only() -> None:
    text = read("RECEIPT " + "4070986529" + "975195517" + "66281309460")
    assert not {one.item for one in nearest(text, BEARINGS) if one.cost <= 1}
    found = {one.item for one in nearest(text, BEARINGS, deep=True) if one.cost <= 1}
    assert {0, 1, 3} <= found
    assert 2 not in found


def test_nothing_like_any_number_names_nothing() -> None:
    assert nearest(read("thank you for 12 months"), BEARINGS) == []
    assert nearest(read("1111111111"), BEARINGS) == []
    assert nearest(read(""), BEARINGS) == []
    assert nearest(read(NUMBER), []) == []
