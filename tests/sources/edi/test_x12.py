"""X12 by hand: envelopes, separators, loops, sums, cuts."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pytest

from arlib.errors import SourceError
from arlib.sources.edi.payment820 import read_text
from arlib.sources.forms import Form
from arlib.sources.forms.registry import head_of

Said = Callable[[bytes], dict[str, list[dict[str, str]]]]


def isa(number: int = 1, *, mark: str = "*", end: str = "~", usage: str = "P") -> str:
    parts = [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        "ZZ",
        "A".ljust(15),
        "ZZ",
        "B".ljust(15),
        "260101",
        "0900",
        "U",
        "00401",
    ]
    return mark.join([*parts, f"{number:09}", "0", usage, ">"]) + end


def set_of(*segments: str, control: str = "0001", kind: str = "820") -> list[str]:
    return [f"ST*{kind}*{control}", *segments, f"SE*{len(segments) + 2}*{control}"]


def file_of(*sets: list[str], end: str = "~", between: str = "\n", mark: str = "*") -> bytes:
    """One interchange and group with these sets."""
    body = [
        "GS*RA*A*B*20260101*0900*7*X*004010",
        *(one for each in sets for one in each),
        f"GE*{len(sets)}*7",
        "IEA*1*000000001",
    ]
    text = isa(end=end) + between + "".join(one + end + between for one in body)
    return text.replace("*", mark).encode()


def paid(amount: str, *segments: str) -> list[str]:
    return set_of(
        f"BPR*C*{amount}*C*ACH*CTX*01*121*DA*555*1444444444**01*122*DA*777*20260105", "TRN*1*T-1", *segments
    )


GOOD = paid("100.00", "CUR*PR*USD", "N1*PR*PAYER*92*C-9", "N1*PE*WE", "RMR*IV*INV-1**60.00", "DTM*003*20251201",
            "RMR*IV*INV-2**40.00*45.00*5.00", "REF*PO*PO-7")  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        file_of(GOOD),
        file_of(GOOD, between=""),
        file_of(GOOD, between="\r\n\r\n"),
        file_of(GOOD, end="\n", between=""),
        file_of(GOOD, end="\r\n", between=""),
        file_of(GOOD, end="'", mark="+"),
        file_of(GOOD, mark="|"),
        file_of(GOOD, mark="\x1d"),
        b"\xef\xbb\xbf" + file_of(GOOD),
        file_of(GOOD).decode().encode("utf-16"),
        b"  \n" + file_of(GOOD) + b"\n \x1a\x00",
        file_of(GOOD).replace(b"A              *", b"A*"),  # blanks of the header lost
        "~\n".join([*GOOD, ""]).encode(),  # no envelope
        "~\n".join(["GS*RA*A*B*20260101*0900*7*X*004010", *GOOD, "GE*1*7", ""]).encode(),
        file_of(GOOD).replace(b"RMR*IV*INV-1", b"RMR*I\nV*INV-1"),  # wrapped
    ],
)
def test_the_same_advice_in_many_shapes(said: Said, content: bytes) -> None:
    found = said(content)
    (payment,) = found["payments"]
    assert (payment["amount"], payment["net"], payment["state"], payment["difference"]) == (
        "100.00",
        "100.00",
        "ties",
        "0.00",
    )
    assert (payment["payer_name"], payment["payer_id"], payment["payer_account"]) == ("PAYER", "C-9", "555")
    assert (payment["payee_account"], payment["date"], payment["trace"]) == ("777", "2026-01-05", "T-1")
    first, second = found["remittances"]
    assert (first["reference"], first["net"], first["document_date"]) == ("INV-1", "60.00", "2025-12-01")
    assert (second["gross"], second["discount"], second["customer_reference"]) == ("45.00", "5.00", "PO-7")
    assert not found["remarks"]


ONE, TWO = "RMR*IV*INV-1**60.00", "RMR*IV*INV-2**40.00"


@pytest.mark.parametrize(
    ("amount", "segments", "nets", "state"),
    [
        ("100.00", [ONE, TWO], ["60.00", "40.00"], "ties"),
        ("90.00", [ONE, TWO, "ADX*-10.00*01"], ["60.00", "40.00", "-10.00"], "ties"),  # a line of its own
        ("100.00", [ONE, TWO, "ADX*-10.00*01"], ["60.00", "40.00"], "ties"),  # says why 50.00 became 40.00
        ("100.00", [ONE, "RMR*IV*INV-2**40.00*50.00", "ADX*-10.00*01"], ["60.00", "40.00"], "ties"),
        ("100.00", [ONE, "RMR*IV*INV-2**40.00*50.00", "ADX*10.00*01"], ["60.00", "40.00"], "ties"),
        (
            "95.00",
            ["ENT*1", "ADX*-5.00*04*CM*9", ONE, TWO],
            ["60.00", "40.00", "-5.00"],
            "ties",
        ),  # of the entity
        ("95.00", ["ADX*-5.00*04*CM*9", ONE, TWO], ["60.00", "40.00", "-5.00"], "ties"),
        ("20.00", [ONE, "RMR*CM*CM-2**-40.00"], ["60.00", "-40.00"], "ties"),
        ("101.00", [ONE, TWO], ["60.00", "40.00"], "differs"),
        ("0", [], [], "no entries"),
        ("0.00", ["RMR*IV*INV-1**60.00", "RMR*CM*CM-2**-60.00"], ["60.00", "-60.00"], "ties"),
    ],
)
def test_lines_and_adjustments_against_the_payment(
    said: Said, amount: str, segments: list[str], nets: list[str], state: str
) -> None:
    found = said(file_of(paid(amount, *segments)))
    (payment,) = found["payments"]
    assert payment["state"] == state
    assert [row["net"] for row in found["remittances"]] == nets
    codes = [row["code"] for row in found["remarks"]]
    assert ("payment_does_not_add_up" in codes) == (state == "differs")
    assert ("payment_without_documents" in codes) == (state == "no entries")
    if state == "differs":
        assert payment["difference"] == "1.00"
    if state == "ties":
        assert sum(map(Decimal, nets)) == Decimal(amount)


def test_a_deduction_and_its_reason(said: Said) -> None:
    found = said(
        file_of(
            paid("40.00", "RMR*IV*INV-2**40.00*50.00", "ADX*-7.00*01*IV*X", "NTE**damaged", "ADX*-3.00*06")
        )
    )
    (line,) = found["remittances"]
    assert (line["gross"], line["deduction"], line["net"], line["reason"]) == (
        "50.00",
        "10.00",
        "40.00",
        "01 06",
    )
    assert "damaged" in line["reason_text"]


def test_a_debit_takes_money_from_the_receiver(said: Said) -> None:
    found = said(file_of(set_of("BPR*C*60.00*D*ACH", ONE)))
    assert found["payments"][0]["amount"] == "-60.00"
    assert found["remittances"][0]["net"] == "-60.00"
    assert [row["code"] for row in found["remarks"]] == ["debit_advice"]


def test_items_below_a_line_are_passed_over_and_said(said: Said) -> None:
    found = said(file_of(paid("60.00", ONE, "IT1*1", "SLN*1**O*5*IE", "REF*PO*X", "XYZ*1")))
    (remark,) = found["remarks"]
    assert (remark["code"], remark["found"]) == ("segments_not_read", "IT1 1, SLN 1, XYZ 1")
    assert "customer_reference" not in found["remittances"][0]


def test_several_sets_groups_interchanges_and_others_among_them(said: Said) -> None:
    invoice = set_of("BIG*20260101*1", control="0002", kind="810")
    two = file_of(GOOD, invoice, paid("60.00", ONE)).decode()
    group = two[two.index("GS*") : two.index("IEA*")]
    twice = two.replace("IEA*1*", "IEA*2*").replace(group, group * 2)
    found = said((two + twice).encode())
    assert [row["payment"] for row in found["payments"]] == ["1", "2", "3", "4", "5", "6"]
    assert [row["amount"] for row in found["payments"]] == ["100.00", "60.00"] * 3
    assert [row["found"] for row in found["remarks"]] == ["3 of an invoice (810)"]


def test_wrong_counts_and_control_numbers_are_said(said: Said) -> None:
    content = (
        file_of(GOOD)
        .replace(b"SE*11*0001", b"SE*99*0009")
        .replace(b"GE*1*7", b"GE*3*8")
        .replace(b"IEA*1*000000001", b"IEA*x*2")
    )
    remarks = said(content)["remarks"]
    assert [(row["code"], row["column"]) for row in remarks] == [
        ("count_differs", "SE01"), ("control_number_differs", "SE02"), ("count_differs", "GE01"),
        ("control_number_differs", "GE02"), ("count_differs", "IEA01"), ("control_number_differs", "IEA02"),
    ]  # fmt: skip
    assert remarks[0]["wanted"] == "11 segments as read"


def test_every_cut_is_refused_or_loses_nothing(said: Said, forms: tuple[Form, ...]) -> None:
    content = file_of(GOOD, paid("60.00", ONE))
    whole = said(content)["remittances"]
    for end in range(len(content)):
        if not any(form.claims(head_of(content[:end])) for form in forms):
            continue
        try:
            found = said(content[:end])
        except SourceError:
            continue
        assert content[end:].strip(b"~\n") == b""
        assert found["remittances"] == whole


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file_of(GOOD).replace(b"**60.00", b"**sixty"), "not an amount"),
        (file_of(GOOD).replace(b"**60.00", b"**1e99999999"), "not an amount"),
        (file_of(GOOD).replace(b"**60.00", b"**" + b"9" * 40), "not an amount"),
        (file_of(GOOD).replace(b"BPR*C*100.00", b"BPR*C*"), "without an amount"),
        (file_of(GOOD).replace(b"RMR*IV*INV-1", b"BPR*C*1"), "a second payment"),
        (file_of(GOOD).replace(b"ST*820*0001~\n", b""), "outside of a transaction set"),
        (file_of(GOOD).replace(b"DTM*003", b"@!*003"), "not a segment"),
        (file_of(GOOD).replace(b"DTM*003*20251201", b"CUR*PR*EUR"), "another currency"),
        (file_of(GOOD).replace(b"*ZZ*B", b"*ZZB"), "header \\(ISA\\) is damaged"),
        (file_of(set_of("BIG*1", kind="810")), "is an invoice \\(810\\)"),
        (file_of(), "no transaction set"),
        (file_of(GOOD).replace(b"INV-1", b"INV\x001"), "NUL"),
    ],
)
def test_what_is_refused(said: Said, content: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        said(content)


def test_an_account_that_is_a_qualifier_is_not_taken(said: Said) -> None:
    shifted = set_of("BPR*C*60.00*C*ACH*CCD*01*SBIN**DA*123*01*HDFC**DA*987*20260516", ONE)
    found = said(file_of(shifted))
    assert found["payments"][0]["payee_account"] == "987"
    assert "payer_account" not in found["payments"][0]


def test_text_of_an_ach_addendum_with_and_without_its_envelope() -> None:
    for text in (
        file_of(GOOD).decode(),
        "~".join([*GOOD, ""]),
        "\\".join(["BPR*C*100.00*C*ACH", ONE, TWO, ""]) + "   ",
        "\\".join([ONE, TWO, ""]),
    ):
        rows = list(read_text(text, "addenda"))
        assert [fields["net"] for name, _, fields in rows if name == "remittances"] == ["60.00", "40.00"]
        (payment,) = [fields for name, _, fields in rows if name == "payments"]
        assert payment["net"] == "100.00"
    for text in ("RMR*IV*1**2.00", "RMR*IV*INV-1**60.00\\RMR*IV*IN", "hello", ""):
        with pytest.raises(SourceError):
            list(read_text(text, "addenda"))


LOCKBOX = [
    "N1*LB*FIRST BANK*92*B1", "CUR*LB*USD", "TRN*1*T1", "DTM*009*20260102",
    "DEP*BOX7*20260102***01*123456789*DA*99 8877", "AMT*TD*150.00", "QTY*41*2", "BAT*20260102**B1", "AMT*TP*150.00",
    "BPR*C*100.00*C*CHK**01*121*DA*555", "TRN*1*1001", "RMR*IV*INV-1**100.00", "N1*PE*PAYER ONE",
    "BPR*C*50.00*C*CHK", "TRN*1*1002", "RMR*IV*INV-2**60.00", "ADX*-10.00*01",
]  # fmt: skip


@pytest.mark.parametrize("has_envelope", [True, False])
def test_a_lockbox(said: Said, has_envelope: bool) -> None:
    body = set_of(*LOCKBOX, kind="823")
    found = said(file_of(body) if has_envelope else "~\n".join([*body, ""]).encode())
    (statement,) = found["statements"]
    assert (statement["kind"], statement["account"], statement["net"], statement["entries"]) == (
        "lockbox",
        "998877",
        "150.00",
        "1",
    )
    assert [row["amount"] for row in found["entries"]] == ["150.00"]
    assert [(row["amount"], row.get("payer_name")) for row in found["details"]] == [
        ("100.00", "PAYER ONE"),
        ("50.00", None),
    ]
    assert [(row["amount"], row["state"]) for row in found["payments"]] == [
        ("100.00", "ties"),
        ("50.00", "ties"),
    ]
    lines = [(row["payment"], row["detail"], row["reference"], row["net"]) for row in found["remittances"]]
    assert lines == [
        ("1", "1", "INV-1", "100.00"),
        ("2", "2", "INV-2", "60.00"),
        ("2", "2", "INV-2", "-10.00"),
    ]
    assert not found["remarks"]


def test_a_lockbox_whose_totals_differ(said: Said) -> None:
    changed = [
        one.replace("AMT*TD*150.00", "AMT*TD*151.00").replace("QTY*41*2", "QTY*41*3") for one in LOCKBOX
    ]
    changed = [one.replace("AMT*TP*150.00", "AMT*TP*149.00") for one in changed]
    remarks = said(file_of(set_of(*changed, kind="823")))["remarks"]
    assert sorted(row["code"] for row in remarks) == ["batch_total_differs", "count_differs", "total_differs"]
    with pytest.raises(SourceError, match="before any deposit"):
        said(file_of(set_of("BPR*C*1*C*CHK", kind="823")))


def test_big_files_in_time(forms: tuple[Form, ...]) -> None:
    import time

    lines = [f"RMR*IV*INV{n}**1.00" for n in range(40_000)]
    start = time.process_time()
    rows = list(forms[0].rows(io.BytesIO(file_of(paid("40000.00", *lines))), "big"))
    assert len(rows) == 40_001
    assert rows[0][2]["state"] == "ties"
    assert time.process_time() - start < 2
