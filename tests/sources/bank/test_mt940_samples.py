"""Every MT940 and MT942 sample by name: statements, entries, total and state, or why it is refused."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.mt940 import FORM
from arlib.sources.forms import collect

DATA = Path(__file__).parent.parent / "data" / "mt940"

# file, statements, entries, sum of the entries, states in the order of the file. A sample that "differs" does so in itself:
# its makers shortened or changed its entries and left the balances.
READ = [
    ("ASNB/mt940_with_spaces_for_entry_date.txt", 31, 8, "56.94", "5 ties, 26 no-entries"),
    ("betterplace/sepa_snippet_broken.sta", 1, 1, "50990.05", "differs"),
    ("betterplace/with_binary_character.sta", 2, 4, "-179066.75", "ties ties"),
    ("cmxl/mt940.sta", 3, 16, "12327.30", "ties ties ties"),
    ("jejik/abnamro.sta", 2, 10, "-345.93", "differs differs"),
    ("jejik/ing.sta", 1, 7, "-45.59", "differs"),
    ("jejik/knab.sta", 2, 3, "-6260", "ties differs"),
    ("jejik/postfinance.sta", 1, 4, "159.4", "differs"),
    ("jejik/rabobank.sta", 4, 5, "-1589.09", "differs no-entries differs ties"),
    ("jejik/sns.sta", 2, 2, "-25.00", "ties no-entries"),
    ("mBank/with_newline_in_tnr.sta", 1, 2, "89.00", "differs"),
    ("sberbank/171011_01234945.sta", 1, 3, "-9437.00", "ties"),
    ("self-provided/details_60-63.sta", 1, 1, "-233.15", "differs"),
    ("self-provided/long_statement_number.sta", 1, 0, "0", "no-entries"),
    ("self-provided/malformed_details.sta", 1, 1, "-233.15", "differs"),
    ("self-provided/mt942.sta", 1, 1, "-0.42", "not-stated"),
    ("self-provided/overly_long_details.sta", 1, 1, "-233.15", "differs"),
    ("self-provided/raiffeisen-cmi.sta", 1, 7, "-1012213.50", "differs"),
    ("self-provided/raphaelm.sta", 2, 9, "95000.00", "ties ties"),
    ("self-provided/whitespace.sta", 1, 1, "-233.15", "differs"),
    ("tryton/MT940.txt", 1, 1, "100.00", "ties"),
]
REFUSED = [
    ("betterplace/amount_formats.sta", "no complete statement", "also :20: :25: :62F:"),
    ("betterplace/currency_in_25.sta", "no complete statement", "also :20: :60F: :62F:"),
    ("betterplace/empty_line.sta", "no complete statement", "also :25: :60F: :62F:"),
    ("betterplace/missing_crlf_at_end.sta", "no complete statement", "also :20: :25: :60F:"),
    ("cmxl/account_balance_debit.sta", "no complete statement", "also :20: :25: :62F:"),
    ("cmxl/account_identification_iban.sta", "no complete statement", "also :20: :60F: :62F:"),
    (
        "cmxl/statement_line.sta",
        "an entry (:61:) outside a statement",
        ":20:, :25: and an opening balance before it",
    ),
    ("self-provided/account_identification.sta", "no complete statement", "also :60F: :62F:"),
    ("self-provided/empty_non_swift.sta", "no complete statement", "also :20: :25: :60F: :62F:"),
    (
        "self-provided/multiline.sta",
        "an entry (:61:) outside a statement",
        ":20:, :25: and an opening balance before it",
    ),
    (
        "self-provided/sparkassen.sta",
        "an entry (:61:) outside a statement",
        ":20:, :25: and an opening balance before it",
    ),
]


def path_of(name: str, request: pytest.FixtureRequest) -> Path:
    """A sample of the repository, else of the folder of real data (where the test is skipped without it)."""
    found = DATA / name
    if found.exists():
        return found
    shared: Path = request.getfixturevalue("shared")
    return shared / "data" / "bank" / "mt940" / name


@pytest.mark.parametrize(
    ("name", "statements", "entries", "total", "states"), READ, ids=[row[0] for row in READ]
)
def test_sample(
    name: str, statements: int, entries: int, total: str, states: str, request: pytest.FixtureRequest
) -> None:
    path = path_of(name, request)
    assert FORM.claims(path.read_bytes()[:65536].lstrip())
    with path.open("rb") as stream:
        found = collect(FORM.rows(stream, path.name), path.name)
    own, booked = found["statements"].frame, found["entries"].frame
    assert (len(own), len(booked)) == (statements, entries)
    assert sum(map(Decimal, booked["amount"]), Decimal(0)) == Decimal(total)
    shown = [state.replace(" ", "-") for state in own["state"]]
    counted = ", ".join(f"{n} {state}" for state, n in Counter(shown).items())
    assert states in (" ".join(shown), counted)
    for one in own[own["state"] == "ties"].to_dict("records"):
        # the file's own balances, not our sum
        mine = booked[booked["statement"] == one["statement"]]
        assert Decimal(one["closing"]) - Decimal(one["opening"]) == sum(map(Decimal, mine["amount"]))


@pytest.mark.parametrize(("name", "message", "wanted"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(name: str, message: str, wanted: str, request: pytest.FixtureRequest) -> None:
    path = path_of(name, request)
    assert FORM.claims(path.read_bytes()[:65536].lstrip())
    with path.open("rb") as stream, pytest.raises(SourceError) as fault:
        list(FORM.rows(stream, path.name))
    assert (fault.value.message, fault.value.wanted) == (message, wanted)


def test_every_sample_is_named(shared: Path) -> None:
    folder = shared / "data" / "bank" / "mt940"
    there = {str(p.relative_to(folder)) for p in folder.glob("*/*") if p.name != "LICENSE"}
    assert there == {row[0] for row in READ} | {row[0] for row in REFUSED}
