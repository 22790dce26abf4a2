"""Texts made to harm: bounded, told, inert, and in time that grows with their length and no faster."""

from __future__ import annotations

import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import InputError, SourceError
from arlib.sources.pasted import pasted_file, pasted_statement

ASKED = {"entity": "E1", "customer_id": "C1", "currency": "USD"}
ROW = "INV-{}\t2026-10-01\t1,234.56"


@pytest.mark.parametrize("text", ["", "   \n\t\n", "no amounts here\nat all\n", "\ufeff", "----\n====\n"])
def test_a_text_without_money_is_refused_in_words(text):
    with pytest.raises(SourceError):
        pasted_statement(text, **ASKED)


def test_more_than_a_person_pastes_is_refused():
    with pytest.raises(SourceError, match="20,001"):
        pasted_statement("1\n" * 20_001, **ASKED)
    with pytest.raises(SourceError, match="characters"):
        pasted_statement("x" * ((1 << 20) + 1), **ASKED)
    with pytest.raises(SourceError, match="bytes"):
        pasted_file(b"x" * (9 << 20), "big.csv", **ASKED)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + b"x" * 600, b"%PDF-1.7 broken"]
)
def test_a_damaged_file_is_refused_in_words(content):
    with pytest.raises(SourceError):
        pasted_file(content, "statement", **ASKED)


def test_twenty_thousand_lines_are_read_whole():
    lines = [ROW.format(number) for number in range(19_998)]
    made = pasted_statement(
        "\n".join(["Statement date 2026-10-31", "Invoice\tDate\tAmount", *lines]), **ASKED
    )
    assert len(made.lines) == 19_998
    assert made.lines["amount"].sum() == -123456 * 19_998


EVIL = {
    "one line": "1,234 " * 40_000,
    "digits": "1" * 200_000,
    "groups in long lines": "\n".join("123 " * 480 for _ in range(400)),
    "opened brackets": "\n".join("(" * 1900 for _ in range(400)),
    "quotes": "\n".join('"' * 999 for _ in range(800)),
    "one quote each": "\n".join('"a\t1.00' for _ in range(5_000)),
    "tabs": "\n".join("\t" * 1_500 for _ in range(500)),
    "months": "\n".join("1 jan " * 300 for _ in range(400)),
    "minus": "\n".join("-" * 1_000 + "1" for _ in range(900)),
    "pipes and dates": "\n".join("|".join(["31/10/2026"] * 50) for _ in range(1_500)),
}


@pytest.mark.parametrize("name", EVIL)
def test_a_text_made_to_keep_a_reader_busy_ends(name):
    """Measured in processor time, generously: what grows with the square of these texts would take minutes."""
    before = time.process_time()
    try:
        made = pasted_statement(EVIL[name][: 1 << 20], **ASKED)
        assert made.identity.holds
    except InputError:
        pass
    assert time.process_time() - before < 60


def test_hostile_words_stay_words():
    text = (
        "Statement date 2026-10-31\nInvoice\tDate\tText\tAmount\n"
        '=HYPERLINK("http://x")\t2026-10-01\t<img src=x onerror=alert(1)>\t10.00\n'
        "INV-2\t2026-10-02\t\u202egnihtyna\u200b\x07 {{7*7}}\t20.00\n"
        + "INV-3\t2026-10-03\t" + "w" * 1_800 + "\t30.00\n"
    )  # fmt: skip
    made = pasted_statement(text, **ASKED)
    assert made.lines["amount"].tolist() == [-1000, -2000, -3000]
    assert made.lines["text"].iloc[0] == "<img src=x onerror=alert(1)>"
    assert made.lines["text"].iloc[1] == "gnihtyna {{7*7}}"
    assert made.lines["text"].str.len().max() <= 300
    assert made.lines["reference"].iloc[0].startswith("=HYPERLINK")


@settings(max_examples=40)
@given(text=st.text(alphabet=st.sampled_from(list('0123456789.,;|\t\n" -()/abcINVReDate€')), max_size=400))
def test_any_text_is_counted_whole_or_refused(text):
    try:
        made = pasted_statement(text, **ASKED)
    except InputError:
        return
    places = [*made.rows["line"], *made.left_out["line"], *made.problems["line"]]
    assert len(places) == len(set(places))
    assert made.identity.holds


def test_random_printable_noise_is_counted_whole():
    mind = random.Random(11)
    for _ in range(40):
        text = "\n".join("".join(mind.choices(string.printable, k=60)) for _ in range(30))
        try:
            assert pasted_statement(text, **ASKED).identity.holds
        except InputError:
            continue
