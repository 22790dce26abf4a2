"""Stretches of texts that may be numbers: creditor references by ISO's own examples, blanks, ranges, hostile texts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.matching.references.tokens import (
    LONGEST_PIECE,
    is_creditor_reference,
    pieces,
    plain_number,
    ranges,
    read,
    readings,
)


def keys(*fields: str | None) -> set[str]:
    return {key for key, _, _, _ in pieces(read(*fields))}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("payment INV-2024/0815", "INV20240815"),
        ("INV1 00000000016907", "INV100000000016907"),
        ("no 0: 0445967089no 1: 9751955178", "0445967089"),
        ("no 0: 0445967089no 1: 9751955178", "9751955178"),
        ("5INV100000000011997", "INV100000000011997"),
        ("ｆａｋｔｕｒ　１２３４５", "12345"),
        ("فاتورة ٤٥٦٧٨", "45678"),
        ("inv\u200b 77\u200b123", "INV77123"),
        ("发票1001发票", "1001"),
    ],
)
def test_a_number_is_among_the_pieces_however_it_is_written(text: str, wanted: str) -> None:
    assert wanted in keys(text)


def test_a_blank_inside_is_told_from_punctuation() -> None:
    how = {key: how for key, _, _, how in pieces(read("12-34 56"))}
    assert how["1234"] == "exact"
    assert how["123456"] == "blank"


def test_no_piece_goes_across_two_fields() -> None:
    assert "123456" not in keys("123", "456")
    assert "123456" in keys("123 456")


# ISO 11649 (and the worked example of the Finnish and Swiss implementation guides).
@pytest.mark.parametrize(
    "reference", ["RF18539007547034", "RF45G72UUR", "RF6518K5", "RF712348231", "RF332348236"]
)
def test_creditor_references_of_published_examples_agree(reference: str) -> None:
    assert is_creditor_reference(reference)
    wrong = reference[:-1] + ("1" if reference[-1] != "1" else "2")
    assert not is_creditor_reference(wrong)


def test_a_creditor_reference_gives_its_body_and_a_wrong_one_does_not() -> None:
    assert "539007547034" in {key for key, _, _, _ in readings(read("RF18 5390 0754 7034"))}
    assert not {key for key, _, _, how in readings(read("RF19 5390 0754 7034")) if how == "prefix"}


def test_letters_that_scanners_take_for_digits_are_read_as_digits() -> None:
    assert ("1004589", "ocr") in {(key, how) for key, _, _, how in readings(read("1OO4S89"))}
    assert not [key for key, _, _, _ in readings(read("SOLD BIG OIL"))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("INV 1001-1005", ("1002", "1003", "1004")),
        ("invoices 1001 to 1004", ("1002", "1003")),
        ("RE 1001 - 04", ("1002", "1003")),
        ("0098 bis 0101", ("0099", "0100")),
        ("INV1001 - INV1003", ("1002",)),
    ],
)
def test_ranges(text: str, wanted: tuple[str, ...]) -> None:
    assert [between for _, _, between, _, _ in ranges(read(text))] == [wanted]


@pytest.mark.parametrize(
    "text", ["1001-9001", "1005-1001", "1001, 1005", "4650291168- 6182110773", "2024-01-15"]
)
def test_what_is_no_range(text: str) -> None:
    assert not [between for _, _, between, _, _ in ranges(read(text)) if len(between) > 12]


@given(st.text(max_size=300), st.text(max_size=50))
def test_pieces_lie_in_the_text(one: str, other: str) -> None:
    text = read(one, other)
    assert text.plain == "".join(c for c in text.plain if c.isascii() and c.isalnum())
    for key, a, b, _ in pieces(text):
        assert text.plain[a:b] == key
        assert len(key) <= LONGEST_PIECE
        assert plain_number(text.shown(a, b)) == key


@pytest.mark.parametrize(
    "text", ["1" * 200_000, "1 " * 100_000, "1A" * 100_000, "- " * 100_000, "‮1001 to " * 20_000]
)
def test_long_and_hostile_texts_take_linear_time(text: str) -> None:
    start = time.perf_counter()
    made = read(text)
    list(pieces(made)), list(readings(made)), list(ranges(made))
    assert time.perf_counter() - start < 2
