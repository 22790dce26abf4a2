"""Every BAI2 sample by name: statements, entries, total, states and remarks, or why it is refused."""

from __future__ import annotations

import io
import random
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.bai2 import FORM
from arlib.sources.forms.form import Row
from arlib.sources.forms.registry import head_of

DATA = Path(__file__).parent.parent / "data" / "bai2"

# file, statements, entries, their sum, states. Sums by hand from the amounts of the records 16 and the sign of their code:
# nwb 0.89 - 9.71 - 1.00 - 1.23 - 15.71; svb 4,901.96 + 9,058.00; sample2 4,500 + 5,000 + 200,000 + 100,000;
# sample4 1,435.00 - 600.00 - 9,286.50 in its second account; in its third 19.12 + 11.25 + 600.00 + 9.31 + 500.50 + 5.27 +
# 3,376.86 + 50.00 less 2,000.00 + 555.55 + 505.00 + 101.00 + 442.50 + 300,000.00.
READ = [
    ("moj/nwb_example.bai2", 1, 5, "-26.76", ["ties"]),
    ("moj/svb_us_example.bai2", 2, 2, "13959.96", ["ties", "ties"]),
    ("moov/sample2.txt", 5, 4, "309500.00", ["not stated"] * 3 + ["no entries"] * 2),
    (
        "moov/sample4-continuations-newline-delimited.txt",
        5,
        17,
        "-307483.24",
        ["no entries", "not stated", "differs", "no entries", "no entries"],
    ),
]
# What the samples say of themselves that is not so. sample4 is cut together from several files: its trailers are wrong.
REMARKS = {
    "moj/nwb_example.bai2": {},
    "moj/svb_us_example.bai2": {},
    "moov/sample2.txt": {"total_differs": 4, "no_transactions": 2, "group_is_correction": 1},
    "moov/sample4-continuations-newline-delimited.txt": {
        "no_transactions": 3,
        "count_differs": 7,
        "total_differs": 4,
        "control_total_differs": 4,
        "statement_does_not_add_up": 1,
    },
}


def rows_of(content: bytes) -> list[Row]:
    return list(FORM.rows(io.BytesIO(content), "file"))


def of(rows: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in rows if key == name]


@pytest.mark.parametrize(("name", "statements", "entries", "total", "states"), READ)
def test_a_sample_is_read(name: str, statements: int, entries: int, total: str, states: list[str]) -> None:
    content = (DATA / name).read_bytes()
    assert FORM.claims(head_of(content))
    rows = rows_of(content)
    assert len(of(rows, "statements")) == statements
    assert len(of(rows, "entries")) == entries
    assert sum(Decimal(entry["amount"]) for entry in of(rows, "entries")) == Decimal(total)
    assert [statement["state"] for statement in of(rows, "statements")] == states
    assert Counter(remark["code"] for remark in of(rows, "remarks")) == REMARKS[name]


def test_every_sample_is_in_the_table() -> None:
    named = {name for name, *_ in READ} | {"moov/sample-parseError.txt"}
    assert named == {path.relative_to(DATA).as_posix() for path in DATA.glob("*/*")}


def test_the_sample_that_is_meant_to_fail_begins_with_a_record_that_does_not_exist() -> None:
    content = (DATA / "moov/sample-parseError.txt").read_bytes()
    assert not FORM.claims(head_of(content))
    with pytest.raises(SourceError, match="line 1 is no BAI2 record"):
        rows_of(content)


def test_balances_of_the_british_sample() -> None:
    statement = of(rows_of((DATA / "moj/nwb_example.bai2").read_bytes()), "statements")[0]
    assert statement["account"] == "88888888600004"
    assert statement["currency"] == "GBP"
    assert (statement["opening"], statement["closing"]) == ("365.21", "338.45")
    assert (statement["stated_credits"], statement["stated_debits"]) == ("0.89", "27.65")
    assert statement["stated_entries"] == "5"
    assert (statement["from_date"], statement["created_at"]) == ("2009-12-16", "2010-02-15T14:59")


def test_a_word_broken_by_a_full_record_is_made_whole() -> None:
    last = of(rows_of((DATA / "moj/nwb_example.bai2").read_bytes()), "entries")[-1]
    assert last["remittance_text"].endswith("BGC INTERNATIONAL-5373 CLIENT SECCY AC TFR")


def test_labelled_lines_and_returns() -> None:
    rows = rows_of((DATA / "moov/sample4-continuations-newline-delimited.txt").read_bytes())
    entries = {(entry["code"], entry["bank_reference"]): entry for entry in of(rows, "entries")}
    returned = entries["557", "SB2322600000214"]
    assert (returned["amount"], returned["kind"], returned["return_code"]) == ("-2000.00", "return", "R02")
    assert returned["return_of"] == "021000080000030"
    paid = entries["195", "GI2228400005800"]
    assert (paid["payer_name"], paid["payer_account"]) == ("SAMPLE INC", "02122056789012205")
    assert paid["end_to_end_id"] == "RTR60880840833"
    assert paid["remittance_text"].split("\n")[1] == "REMI: Test Remittance"


@pytest.mark.parametrize("name", [name for name, *_ in READ])
def test_a_sample_cut_anywhere_is_refused_or_whole(name: str) -> None:
    content = (DATA / name).read_bytes()
    whole = of(rows_of(content), "entries")
    step = 1 if len(content) <= 4096 else 5
    for end in range(0, len(content), step):
        try:
            assert of(rows_of(content[:end]), "entries") == whole, end
        except SourceError:
            continue


@pytest.mark.parametrize("name", [name for name, *_ in READ])
def test_changed_bytes_never_give_another_fault(name: str) -> None:
    content, chance = (DATA / name).read_bytes(), random.Random(11)
    for _ in range(150):
        damaged = bytearray(content)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            rows_of(bytes(damaged))
        except SourceError:
            continue
