"""MT940 and MT942: each dialect on small statements whose figures are worked by hand."""

from __future__ import annotations

import io

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.mt940 import FORM
from arlib.sources.bank.mt940_references import is_qr_reference, reference_in
from arlib.sources.forms import Row

HEAD = ":20:REF1\n:25:DE89370400440532013000\n:28C:7/1\n:60F:C260301EUR1000,00\n"


def read(text: str | bytes) -> list[Row]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(FORM.rows(io.BytesIO(content), "bank.sta"))


def rows(found: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in found if key == name]


def entry(line: str, *, closing: str = "1000,00", narrative: str = "") -> dict[str, str]:
    """The one entry of a statement with this :61: (and :86:)."""
    text = (
        f"{HEAD}:61:{line}\n" + (f":86:{narrative}\n" if narrative else "") + f":62F:C260302EUR{closing}\n-\n"
    )
    (only,) = rows(read(text), "entries")
    return only


def remarks(found: list[Row]) -> list[str]:
    return [fields["code"] for fields in rows(found, "remarks")]


@pytest.mark.parametrize(
    ("line", "amount", "value_date", "booking_date", "code"),
    [
        ("2603020302C12,5NTRFNONREF", "12.5", "2026-03-02", "2026-03-02", "TRF"),
        ("260302D1,NCHGNONREF", "-1", "2026-03-02", "2026-03-02", "CHG"),
        ("260302    CR1234,56NTRFX", "1234.56", "2026-03-02", "2026-03-02", "TRF"),
        ("2601021231C5,00S051X", "5.00", "2026-01-02", "2025-12-31", "051"),
        ("2512310102C5,00FMSCX", "5.00", "2025-12-31", "2026-01-02", "MSC"),
        ("260302RC7,00NTRFX", "-7.00", "2026-03-02", "2026-03-02", "TRF"),
        ("260302RDR7,00NTRFX", "7.00", "2026-03-02", "2026-03-02", "TRF"),
        ("990302C000000000000,17NTRFX", "0.17", "1999-03-02", "1999-03-02", "TRF"),
    ],
)
def test_entry_line(line: str, amount: str, value_date: str, booking_date: str, code: str) -> None:
    found = entry(line)
    # leading noughts are no amount; Decimal keeps the digits that count
    assert found["amount"].lstrip("-").lstrip("0").rjust(1, "0") in (amount.lstrip("-"), amount.lstrip("-0"))
    assert found["amount"].startswith("-") == amount.startswith("-")
    assert (found["value_date"], found["booking_date"], found["code"]) == (value_date, booking_date, code)


def test_reversals_and_expected_entries() -> None:
    found = entry("260302RC7,00NTRFX")
    assert (found["kind"], found["is_reversal"]) == ("return", "true")
    assert entry("260302EC7,00NTRFX")["status"] == "pending"
    expected = read(HEAD + ":61:260302EC7,00NTRFX\n:62F:C260302EUR1000,00\n-")
    assert rows(expected, "statements")[0]["state"] in ("ties", "no entries")


def test_references_of_the_entry_line() -> None:
    found = entry("2603020302C5,00NTRFOURREF-1//BANKREF-9\nsupplement")
    assert (found["customer_reference"], found["bank_reference"]) == ("OURREF-1", "BANKREF-9")
    assert found["code_text"] == "supplement"


def test_iban_in_the_supplement_and_reference_elsewhere() -> None:
    found = entry(
        "260302C5,00N626EREF//93395\nNL06RABO0100902936", narrative="/EREF/E-1/ORDP//NAME/Parcs BV/REMI/CPE1"
    )
    assert (found["payer_account"], found["customer_reference"]) == ("NL06RABO0100902936", "")
    assert (found["end_to_end_id"], found["payer_name"], found["remittance_text"]) == (
        "E-1",
        "Parcs BV",
        "CPE1",
    )


def test_february_has_no_thirtieth_day() -> None:
    text = HEAD + ":61:260230C5,00NTRFX\n:62F:C260302EUR1005,00\n-\n"
    found = read(text)
    assert rows(found, "entries")[0]["value_date"] == "2026-02-28"
    assert "day_not_in_calendar" in remarks(found)


def test_line_broken_before_the_amount() -> None:
    assert entry("2603020302CR\n30,00N062NONREF", closing="1030,00")["amount"] == "30.00"


def test_german_fields_and_sepa_words() -> None:
    found = entry(
        "2603020302C5,00NTRFNONREF",
        narrative="166?00GUTSCHRIFT?109999?20EREF+E2E-77?21KREF+K-1?22SVWZ+Rechnung 4711?23 vom 2.3.?30COBADEFFXXX\n"
        "?31DE89370400440532013000?32Muster?33 GmbH",
    )
    assert found["code"] == "166"
    assert found["code_text"] == "GUTSCHRIFT"
    assert found["end_to_end_id"] == "E2E-77"
    assert found["customer_reference"] == "K-1"
    assert found["remittance_text"] == "Rechnung 4711 vom 2.3."
    assert (found["payer_name"], found["payer_account"]) == ("Muster GmbH", "DE89370400440532013000")
    assert found["kind"] == "receipt"


@pytest.mark.parametrize(
    ("code", "reason"), [("901", "AC01"), ("906", "AM04"), ("912", "MD06"), ("914", "914")]
)
def test_german_return_with_reason(code: str, reason: str) -> None:
    """914 is left as it stands: public sources do not agree on it."""
    found = entry("2603020302D5,00NRTINONREF", narrative=f"109?00RETOURE?20EREF+E2E-77?32Muster?34{code}")
    assert (found["kind"], found["return_code"], found["return_of"]) == ("return", reason, "E2E-77")


def test_charges_are_fees() -> None:
    assert entry("260302D5,00NMSCX", narrative="805?00ABSCHLUSS")["kind"] == "bank_fee"
    assert entry("260302D5,00NCHGX")["kind"] == "bank_fee"
    assert entry("260302D5,00NTRFX")["kind"] == "other"


def test_slashed_words() -> None:
    found = entry(
        "2603020302C5,00NTRFNONREF",
        narrative="/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/J JANS\nEN/REMI/FACTUUR 2026-1/EREF/E2E-9",
    )
    assert (found["payer_name"], found["payer_account"]) == ("J JANSEN", "NL91ABNA0417164300")
    assert (found["remittance_text"], found["end_to_end_id"]) == ("FACTUUR 2026-1", "E2E-9")
    found = entry(
        "2603020302D5,00NTRFNONREF",
        narrative="/RTRN/MS03//EREF/E2E-9//CNTP/NL91ABNA0417164300/ABNANL2A/J JANSEN///REMI/USTD//FACTUUR 5/",
    )
    assert (found["kind"], found["return_code"], found["return_of"]) == ("return", "MS03", "E2E-9")
    assert (found["payer_name"], found["remittance_text"]) == ("J JANSEN", "FACTUUR 5")
    found = entry(
        "260302C5,00NTRFX", narrative="/EREF/A/ORDP//NAME/Acme BV/REMI/INV 1/OCMT/USD6,10/CHGS/EUR0,50"
    )
    assert (found["original_amount"], found["original_currency"], found["charges"]) == ("6.10", "USD", "0.50")


def test_labels() -> None:
    found = entry(
        "260302C5,00NTRFX", narrative="FACTUUR 201403110, 201403113\nREK: NL65INGB0123456789/NAAM: PICQER"
    )
    assert (found["payer_name"], found["payer_account"]) == ("PICQER", "NL65INGB0123456789")
    assert found["remittance_text"] == "FACTUUR 201403110, 201403113"


def test_full_line_goes_on_in_the_next_one() -> None:
    full = "X" * 60 + "Betal"
    assert entry("260302C5,00NTRFX", narrative=f"{full}\ning")["remittance_text"] == "X" * 60 + "Betaling"
    assert entry("260302C5,00NTRFX", narrative="short\nline")["remittance_text"] == "short line"


def test_nonswift_fields() -> None:
    text = (
        HEAD
        + ":61:260302C5,00S051X\n:NS:01Rechnung\n024711\n15Muster\n16GmbH\n17Gutschrift\n34123456\n:62F:C260302EUR1005,00\n"
    )
    (found,) = rows(read(text), "entries")
    assert found["remittance_text"] == "Rechnung 4711"
    assert (found["payer_name"], found["payer_account"], found["code_text"]) == (
        "Muster GmbH",
        "123456",
        "Gutschrift",
    )


def test_references_with_check_digits() -> None:
    # RF18 5390 0754 7034 is the worked example of ISO 11649; the QR one that of the Swiss guidelines
    assert reference_in("pay RF18 5390 0754 7034 now") == "RF18539007547034"
    assert reference_in("pay RF19539007547034") == ""
    assert reference_in("21 00000 00003 13947 14300 09017") == "210000000003139471430009017"
    assert is_qr_reference("210000000003139471430009017")
    assert not is_qr_reference("210000000003139471430009018")
    assert not is_qr_reference("0" * 27)
    assert reference_in("+++090/9337/55493+++") == "090933755493"
    assert reference_in("+++090/9337/55494+++") == ""
    assert reference_in("RF18539007547034 and 210000000003139471430009017") == ""


def test_pages_of_one_statement_are_joined() -> None:
    page1 = ":20:A\n:25:1\n:28C:9/1\n:60F:C260301EUR10,00\n:61:260302C5,00NTRFX\n:62M:C260302EUR15,00\n-\n"
    page2 = ":20:B\n:25:1\n:28C:9/2\n:60M:C260302EUR15,00\n:61:260302D1,00NTRFX\n:62F:C260302EUR14,00\n-\n"
    found = read(page1 + page2)
    (own,) = rows(found, "statements")
    assert (own["opening"], own["closing"], own["net"], own["state"], own["entries"]) == (
        "10.00",
        "14.00",
        "4.00",
        "ties",
        "2",
    )
    assert [one["line"] for one in rows(found, "entries")] == ["1", "2"]
    alone = read(page1)
    assert "more_pages_to_come" in remarks(alone)
    other = read(page1 + page2.replace(":60M:C260302EUR15,00", ":60M:C260302EUR16,00"))
    assert len(rows(other, "statements")) == 2
    assert [one["statement"] for one in rows(other, "entries")] == ["1", "2"]
    assert "statement_does_not_add_up" in remarks(other)


def test_interim_report_checks_its_totals() -> None:
    head = ":20:A\n:25:1\n:28C:1\n:34F:EURD0,\n:34F:EURC0,\n:13D:2603021730+0100\n"
    body = ":61:260302C5,00NTRFX\n:61:260302C2,00NTRFX\n:61:260302D1,00NTRFX\n"
    found = read(head + body + ":90D:1EUR1,00\n:90C:2EUR7,00\n-\n")
    (own,) = rows(found, "statements")
    assert (own["kind"], own["net"], own["currency"], own["created_at"]) == (
        "interim",
        "6.00",
        "EUR",
        "2026-03-02T17:30:00+01:00",
    )
    assert {one["statement"] for one in rows(found, "entries")} == {"1"}
    assert remarks(found) == []
    assert set(remarks(read(head + body + ":90D:1EUR1,00\n:90C:3EUR8,00\n-\n"))) == {
        "count_differs",
        "total_differs",
    }
    with pytest.raises(SourceError, match="without totals"):
        read(head + body)


def test_envelopes_and_end_marks() -> None:
    inner = HEAD + ":61:260302C5,00NTRFX\n:62F:C260302EUR1005,00\n"
    head = "{1:F01BANKDEFFAXXX0000000000}{2:O9400000000000BANKDEFFAXXX00000000000000000000N}{3:}{4:\n"
    for text in (
        f"{head}{inner}-}}{{5:{{CHK:123456789012}}}}\n",
        f"{head.strip()}{inner}-}}{head}{inner}-}}",
        "\ufeff" + inner + "-",
        inner.replace("\n", "\r\n"),
        inner.replace("\n", "\r"),
        "\x01\n" + inner + "-\x03",
        "BANKDEFF\n940\nBANKDEFF\n" + inner + "-XXX\n",
    ):
        found = read(text)
        assert {one["state"] for one in rows(found, "statements")} == {"ties"}, text
        assert {one["amount"] for one in rows(found, "entries")} == {"5.00"}
    assert rows(read(inner.encode("utf-16")), "statements")[0]["state"] == "ties"


def test_text_that_looks_like_a_tag_or_an_end() -> None:
    text = HEAD + ":61:260302C5,00NTRFX\n:86:see\n:20:15 o'clock\n:99:x\n-\nmore\n:62F:C260302EUR1005,00\n-\n"
    found = read(text)
    assert rows(found, "entries")[0]["remittance_text"] == "see :20:15 o'clock :99:x - more"
    assert remarks(found) == ["unknown_tag"]


@pytest.mark.parametrize(
    ("code", "word"), [("cp1252", "Müller"), ("cp852", "Csoportos átutalás jóváírása"), ("utf-8", "Łódź")]
)
def test_encodings(code: str, word: str) -> None:
    text = HEAD + f":61:260302C5,00NTRFX\n:86:{word}\n:62F:C260302EUR1005,00\n-\n"
    found = read(text.encode(code))
    assert rows(found, "entries")[0]["remittance_text"] == word
    assert ("encoding_found" in remarks(found)) == (code != "utf-8")


def test_account_without_the_currency_behind_it() -> None:
    for written in ("NL31RABO0300087233 EUR", "NL31RABO0300087233EUR", "NL31RABO0300087233"):
        text = f":20:A\n:25:{written}\n:60F:C260301EUR1,00\n:62F:C260301EUR1,00\n-\n"
        assert rows(read(text), "statements")[0]["account"] == "NL31RABO0300087233"


def test_claims_only_its_own() -> None:
    assert FORM.claims(HEAD.encode())
    for other in (
        b"date;amount\n1;2\n",
        b'{"20": 1}',
        b"01,A,B,260301/",
        b"<a/>",
        b"UNA:+.? 'UNB+",
        b"10:20:30 text",
        b"",
    ):
        assert not FORM.claims(other)
