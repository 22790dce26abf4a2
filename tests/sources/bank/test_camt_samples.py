"""Every camt sample by name: statements, entries, total and state, or why it is none of ours."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from arlib.sources.bank.camt import FORM, iso_message
from arlib.sources.forms import collect

DATA = Path(__file__).parent.parent / "data" / "camt"

# file, statements, entries, sum of the booked entries in the statement's currency, states in the order of the file
READ = [
    ("genkgo/camt052.v1.xml", 1, 1, "-200000", "not-stated"),
    ("genkgo/camt052.v2.with-account-name.xml", 1, 1, "-200000", "not-stated"),
    ("genkgo/camt052.v4.xml", 1, 1, "0", "no-entries"),
    ("genkgo/camt052.v8.xml", 1, 1, "-200000", "not-stated"),
    ("genkgo/camt053.v2.all-balance-types.xml", 1, 1, "8.85", "differs"),
    ("genkgo/camt053.v2.five.decimals.xml", 1, 1, "8.85", "differs"),
    ("genkgo/camt053.v2.minimal.ultimate.xml", 1, 1, "8.85", "not-stated"),
    ("genkgo/camt053.v2.with-party-ids.xml", 1, 1, "8.85", "not-stated"),
    ("genkgo/camt053.v3.xml", 1, 1, "8.85", "not-stated"),
    ("genkgo/camt053.v4.xml", 1, 1, "8.85", "not-stated"),
    ("genkgo/camt053.v8.xml", 1, 1, "8.85", "not-stated"),
    ("genkgo/camt054.v2.with-account-name.xml", 1, 1, "-200000", "not-stated"),
    ("genkgo/camt054.v4.xml", 1, 1, "-200000", "not-stated"),
    ("genkgo/camt054.v8-with-UETR.xml", 1, 1, "-200000", "not-stated"),
    ("genkgo/camt054.v8-with-financial-institution.xml", 1, 1, "-200000", "not-stated"),
    ("genkgo/camt53.only-Dt-with-DtTm.xml", 1, 0, "0", "no-entries"),
    (
        "moov-iso20022/200519_camt.054-Credit_P_CH2909000000250094239_1110092691_0_2019042421291293.xml",
        1,
        1,
        "1500.00",
        "not-stated",
    ),
    (
        "moov-iso20022/200519_camt.054-Debit_P_CH2909000000250094239_1110092692_0_2019042401501580.xml",
        1,
        1,
        "-913.00",
        "not-stated",
    ),
    (
        "moov-iso20022/200519_camt.054_P_CH2909000000250094239_1111091335_0_2020061900081727.xml",
        1,
        1,
        "1692.22",
        "not-stated",
    ),
    (
        "moov-iso20022/200519_camt054-ESR-ASR_P_CH2909000000250094239_1110092704_0_2019042500372179.xml",
        1,
        2,
        "1390.00",
        "not-stated",
    ),
    (
        "moov-iso20022/200519_camt054-chdd_p_ch2909000000250094239_1110097484_0_20190520700381159.xml",
        1,
        1,
        "4.50",
        "not-stated",
    ),
    (
        "moov-iso20022/200519_camt054-epo_p_ch5109000000250092291_1110097605_0_2019052003522556.xml",
        1,
        1,
        "-750.00",
        "not-stated",
    ),
    (
        "moov-iso20022/200519_camt054-epo_p_ch5109000000250092291_1110097605_0_2019052103322231.xml",
        1,
        1,
        "-750.00",
        "not-stated",
    ),
    (
        "moov-iso20022/200924_camt.054_P_CH2909000000250094239_1110092703_0_2019042423412214.xml",
        1,
        1,
        "1500.00",
        "not-stated",
    ),
    (
        "moov-iso20022/200924_camt.054_P_CH2909000000250094239_1111091335_0_2020061900081727.xml",
        1,
        1,
        "1692.22",
        "not-stated",
    ),
    ("moov-iso20022/FI_camt_052_sample.xml.xml", 2, 2, "100.00", "no-entries ties"),
    ("moov-iso20022/FI_camt_053_sample.xml.xml", 1, 10, "13644.83", "ties"),
    ("moov-iso20022/FI_camt_054_sample.xml.xml", 1, 6, "269.95", "not-stated"),
    ("moov-iso20022/statement_1.xml", 1, 4, "-2768.08", "not-stated"),
    ("oca/test-camt053-txdtls", 1, 1, "3483.00", "ties"),
    ("oca/test-camt054", 1, 1, "5.00", "not-stated"),
    ("prowide/camt.053.001.07.xml", 1, 0, "0", "no-entries"),
    ("sebastienrousseau/business_sample_camt.053.001.04.xml", 1, 3, "-64321.50", "ties"),
    ("sebastienrousseau/business_sample_camt.054.001.04.xml", 1, 1, "105678.50", "not-stated"),
    ("sebastienrousseau/statement_ac04.xml", 1, 3, "2438.50", "not-stated"),
    ("tryton/camt.053.001.02.xml", 1, 1, "-100.00", "ties"),
    ("tryton/camt.054.001.01.xml", 1, 1, "105678.50", "not-stated"),
    ("tryton/camt.054.001.04.xml", 1, 1, "105678.50", "not-stated"),
]
OTHERS = [
    ("moov-iso20022/gistfile1.xml", "a payment initiation (pain.001), not a statement"),
    ("moov-iso20022/valid_camt_v09.xml", "a request to cancel a payment (camt.055), not a statement"),
    ("moov-iso20022/valid_remt_v04.xml", "a remittance advice (remt.001), not a statement"),
]


def path_of(name: str, request: pytest.FixtureRequest) -> Path:
    """A sample of the repository, else of the folder of real data (where the test is skipped without it)."""
    found = DATA / name
    if found.exists():
        return found
    shared: Path = request.getfixturevalue("shared")
    return shared / "data" / "bank" / "camt" / name


@pytest.mark.parametrize(
    ("name", "statements", "entries", "total", "states"), READ, ids=[row[0] for row in READ]
)
def test_sample(
    name: str, statements: int, entries: int, total: str, states: str, request: pytest.FixtureRequest
) -> None:
    path = path_of(name, request)
    content = path.read_bytes()
    assert FORM.claims(content[:65536])
    assert iso_message(content[:65536]) == ""
    with path.open("rb") as stream:
        found = collect(FORM.rows(stream, path.name), path.name)
    own, booked = found["statements"].frame, found["entries"].frame
    assert (len(own), len(booked)) == (statements, entries)
    counted = booked[booked["status"] == "booked"]
    assert sum(map(Decimal, counted["amount"]), Decimal(0)) == Decimal(total)
    assert " ".join(state.replace(" ", "-") for state in own["state"]) == states
    for one in own[own["state"] == "ties"].to_dict("records"):
        mine = counted[counted["statement"] == one["statement"]]
        assert Decimal(one["closing"]) - Decimal(one["opening"]) == sum(map(Decimal, mine["amount"]))


@pytest.mark.parametrize(("name", "said"), OTHERS)
def test_other_messages_are_named(name: str, said: str) -> None:
    head = (DATA / name).read_bytes()[:65536]
    assert not FORM.claims(head)
    assert iso_message(head) == said


def test_every_sample_is_named(shared: Path) -> None:
    folder = shared / "data" / "bank" / "camt"
    there = {str(p.relative_to(folder)) for p in folder.glob("*/*") if p.suffix != ".zip"}
    assert there == {row[0] for row in (*READ, *OTHERS)}
