"""EDIFACT by hand: service characters, envelopes, documents, totals, cuts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from arlib.errors import SourceError
from arlib.sources.forms import Form
from arlib.sources.forms.registry import head_of

Said = Callable[[bytes], dict[str, list[dict[str, str]]]]


def message(*segments: str, control: str = "1", kind: str = "REMADV") -> list[str]:
    return [f"UNH+{control}+{kind}:D:96A:UN", *segments, f"UNT+{len(segments) + 2}+{control}"]


def file_of(*messages: list[str], una: str = "", between: str = "") -> bytes:
    body = [
        "UNB+UNOC:3+A:14+B:14+260101:0900+REF1",
        *(one for each in messages for one in each),
        f"UNZ+{len(messages)}+REF1",
    ]
    return (una + between + "".join(f"{one}'{between}" for one in body)).encode("latin-1")


GOOD = message(
    "BGM+481+ADV-1+9", "DTM+137:20260105:102", "DTM+138:20260106:102", "NAD+PR+111::9++M?'S B\xfcro ?+ CO+Street", "NAD+PE+222",
    "CUX+2:EUR:9", "DOC+380+INV-1", "MOA+9:100.00", "MOA+52:2.00", "MOA+12:98.00", "DTM+137:20251201:102",
    "DOC+381+CM-1", "MOA+9:-10.00", "MOA+12:-10.00", "UNS+S", "MOA+9:90.00", "MOA+12:88.00",
)  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        file_of(GOOD),
        file_of(GOOD, between="\r\n"),
        file_of(GOOD, una="UNA:+.? '", between="\n"),
        file_of(GOOD, una="UNA:+,? '").replace(b".00", b",00"),
        file_of(GOOD, una="UNA:+.?*'"),
        b"\xef\xbb\xbf" + file_of(GOOD).decode("latin-1").encode(),
        "'".join([*GOOD, ""]).encode(),  # no interchange
        (b"UNA#!.? ~" + file_of(GOOD).replace(b"?'", b"\x01").replace(b"?+", b"\x02").replace(b":", b"#").replace(b"+", b"!"))
        .replace(b"'", b"~").replace(b"\x01", b"'").replace(b"\x02", b"+"),
    ],
)  # fmt: skip
def test_the_same_advice_in_many_shapes(said: Said, content: bytes) -> None:
    found = said(content)
    (payment,) = found["payments"]
    assert (payment["amount"], payment["state"], payment["currency"]) == ("88.00", "ties", "EUR")
    assert (payment["payer_name"], payment["date"], payment["reference"]) == (
        "M'S Büro + CO",
        "2026-01-06",
        "ADV-1",
    )
    first, second = found["remittances"]
    assert (first["gross"], first["discount"], first["net"], first["document_date"]) == (
        "100.00",
        "2.00",
        "98.00",
        "2025-12-01",
    )
    assert (second["reference_kind"], second["net"]) == ("credit_memo", "-10.00")
    assert not found["remarks"]


def test_credits_without_a_sign_are_turned_only_where_it_then_adds_up(said: Said) -> None:
    content = file_of(GOOD).replace(b"9:-10.00", b"9:10.00").replace(b"12:-10.00", b"12:10.00")
    found = said(content)
    assert [row["net"] for row in found["remittances"]] == ["98.00", "-10.00"]
    assert [row["code"] for row in found["remarks"]] == ["credits_without_sign"]
    other = said(content.replace(b"MOA+12:88.00", b"MOA+12:108.00").replace(b"MOA+9:90.00", b"MOA+9:110.00"))
    assert [row["net"] for row in other["remittances"]] == ["98.00", "10.00"]
    assert other["payments"][0]["state"] == "ties"


def test_totals_counts_and_references_that_differ_are_said(said: Said) -> None:
    content = file_of(GOOD).replace(b"MOA+12:88.00", b"MOA+12:89.00").replace(b"MOA+9:90.00", b"MOA+9:91.00")
    content = content.replace(b"UNT+19+1", b"UNT+7+2").replace(b"UNZ+1+REF1", b"UNZ+4+REF9")
    found = said(content)
    assert (found["payments"][0]["state"], found["payments"][0]["difference"]) == ("differs", "1.00")
    assert [row["code"] for row in found["remarks"]] == [
        "payment_does_not_add_up", "total_differs", "count_differs", "control_number_differs", "count_differs",
        "control_number_differs",
    ]  # fmt: skip


def test_reasons_and_deductions(said: Said) -> None:
    found = said(
        file_of(message("CUX+2:EUR:9", "DOC+380+A", "MOA+9:50", "MOA+12:40", "AJT+4", "MOA+165:10", "FTX+ABO+1++short:twice",
                        "DOC+380+B", "MOA+9:30", "MOA+12:30", "UNS+S", "MOA+12:70"))
    )  # fmt: skip
    first, second = found["remittances"]
    assert (first["deduction"], first["reason"], first["reason_text"]) == ("10", "4", "short twice")
    assert "deduction" not in second
    assert found["payments"][0]["state"] == "ties"


def test_several_messages_groups_and_others_among_them(said: Said) -> None:
    invoice = message("BGM+380+1", control="2", kind="INVOIC")
    found = said(file_of(GOOD, invoice, GOOD))
    assert [row["payment"] for row in found["payments"]] == ["1", "2"]
    assert [row["found"] for row in found["remarks"]] == ["1 of an invoice (INVOIC)"]
    grouped = file_of(["UNG+REMADV+A+B+260101:0900+5+UN+D:96A", *GOOD, "UNE+1+5"])
    assert not said(grouped)["remarks"]


def test_an_amount_in_another_currency_is_said_and_not_mixed_in(said: Said) -> None:
    found = said(
        file_of(message("CUX+2:EUR:9", "DOC+380+A", "MOA+9:50:USD", "MOA+12:40:EUR", "UNS+S", "MOA+12:40"))
    )
    assert [row["code"] for row in found["remarks"]] == ["amount_in_another_currency"]
    assert "gross" not in found["remittances"][0]


def test_every_cut_is_refused_or_loses_nothing(said: Said, forms: tuple[Form, ...]) -> None:
    content = file_of(GOOD, una="UNA:+.? '", between="\n")
    whole = said(content)["remittances"]
    for end in range(len(content)):
        if not any(form.claims(head_of(content[:end])) for form in forms):
            continue
        try:
            found = said(content[:end])
        except SourceError:
            continue
        assert content[end:].strip(b"'\n") == b""
        assert found["remittances"] == whole


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file_of(GOOD).replace(b"MOA+12:98.00", b"MOA+12:x"), "not an amount"),
        (file_of(GOOD).replace(b"MOA+12:98.00", b"MOA+12:1e9"), "not an amount"),
        (file_of(GOOD).replace(b"UNT+19+1'", b""), "is cut"),
        (file_of(GOOD).replace(b"UNH+1", b"UNX+1"), "outside of a message"),
        (file_of(GOOD).replace(b"DOC+380", b"d-c+380"), "not a segment"),
        (file_of(GOOD, una="UNA::.? '"), "service characters"),
        (file_of(message("BGM+1", kind="CREMUL")), "is a multiple credit advice \\(CREMUL\\)"),
        (b"UNB+UNOC:3+" + b"?'" * 200_000, "is cut"),
        (b"UNB+UNOC:3+" + b"?+" * 200_000, "is cut"),
    ],
)
def test_what_is_refused(said: Said, content: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        said(content)
