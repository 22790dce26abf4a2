"""OFX rules on small files: values, kinds, markup with and without ends, hostile markup, what is refused."""

from __future__ import annotations

import io
import time

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.ofx import FORM
from arlib.sources.forms.form import Row
from arlib.sources.forms.registry import head_of

HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n\n"
BALANCE = "<LEDGERBAL><BALAMT>5.00<DTASOF>20240131</LEDGERBAL>"


def transaction(
    amount: str = "1.00", *, kind: str = "CREDIT", day: str = "20240115", fitid: str = "F1", more: str = ""
) -> str:
    return f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{fitid}{more}</STMTTRN>"


def file_of(*transactions: str, currency: str = "USD", after: str = BALANCE, header: str = HEADER) -> str:
    return (
        f"{header}<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20240201093000"
        "</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        f"<STMTRS><CURDEF>{currency}<BANKACCTFROM><BANKID>1<ACCTID>12 34</BANKACCTFROM><BANKTRANLIST>"
        f"<DTSTART>20240101<DTEND>20240131{''.join(transactions)}</BANKTRANLIST>{after}</STMTRS></STMTTRNRS>"
        "</BANKMSGSRSV1></OFX>\n"
    )


def rows_of(text: str | bytes) -> list[Row]:
    return list(FORM.rows(io.BytesIO(text if isinstance(text, bytes) else text.encode()), "file.ofx"))


def of(rows: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in rows if key == name]


def codes(rows: list[Row]) -> list[str]:
    return [remark["code"] for remark in of(rows, "remarks")]


def entry(**given: str) -> dict[str, str]:
    currency = given.pop("currency", "USD")
    return of(rows_of(file_of(transaction(**given), currency=currency)), "entries")[0]


def test_the_small_file_is_right() -> None:
    rows = rows_of(file_of(transaction()))
    assert codes(rows) == []
    (statement,) = of(rows, "statements")
    assert (statement["account"], statement["currency"], statement["closing"]) == ("1234", "USD", "5.00")
    assert (statement["from_date"], statement["to_date"]) == ("2024-01-01", "2024-01-31")
    assert statement["created_at"] == "2024-02-01T09:30"
    assert (statement["entries"], statement["net"], statement["state"]) == ("1", "1.00", "not stated")


@pytest.mark.parametrize(
    ("written", "currency", "read"),
    [
        ("+100.00", "USD", "100.00"),
        ("-6.6", "USD", "-6.60"),
        ("120", "USD", "120.00"),
        ("-1234,56", "EUR", "-1234.56"),
        ("12,5", "EUR", "12.50"),
        ("1000", "JPY", "1000"),
        ("1.234", "KWD", "1.234"),
        ("1,234", "KWD", "1.234"),
        ("-0000002571.4500", "USD", "-2571.45"),
        ("-0.00", "USD", "0.00"),
    ],
)
def test_amounts(written: str, currency: str, read: str) -> None:
    assert entry(amount=written, currency=currency)["amount"] == read


@pytest.mark.parametrize(
    "written",
    [
        "1,234",
        "1,000",
        "1,234.56",
        "$1",
        "1e3",
        "1.005",
        "--1",
        "1 000",
        "9" * 25,
        "9" * 30 + ".99",
        "NaN",
        "Infinity",
    ],
)
def test_amounts_that_are_none_or_that_can_be_read_in_two_ways(written: str) -> None:
    with pytest.raises(SourceError, match=r"file\.ofx"):
        entry(amount=written)


@pytest.mark.parametrize(
    "day",
    [
        "20240115",
        "20240115120000",
        "20240115235959.999[-5:EST]",
        "20240115235900[-8]",
        "202401150101[+10:AEST]",
    ],
)
def test_days_are_those_of_the_bank(day: str) -> None:
    assert entry(day=day)["booking_date"] == "2024-01-15"


@pytest.mark.parametrize("day", ["20240231", "2024-01-15", "201120000000", "0", "20240115junk"])
def test_days_that_are_none(day: str) -> None:
    with pytest.raises(SourceError, match="is no day"):
        entry(day=day)


@pytest.mark.parametrize(
    ("kind", "amount", "found"),
    [
        ("CREDIT", "1", "receipt"), ("DEP", "1", "receipt"), ("XFER", "1", "receipt"), ("DEBIT", "-1", "other"),
        ("FEE", "-1", "bank_fee"), ("SRVCHG", "-1", "bank_fee"), ("INT", "1", "bank_fee"), ("CHECK", "-1", "other"),
    ],
)  # fmt: skip
def test_kinds(kind: str, amount: str, found: str) -> None:
    assert entry(kind=kind, amount=amount)["kind"] == found


def test_the_fee_of_a_card_is_a_card_fee_and_a_hold_is_pending() -> None:
    card = file_of(transaction("-1", kind="FEE"), transaction("-7", kind="HOLD", fitid="F2"))
    card = card.replace("STMTRS>", "CCSTMTRS>").replace("BANKACCTFROM", "CCACCTFROM")
    rows = rows_of(card)
    assert [(e["kind"], e["status"]) for e in of(rows, "entries")] == [
        ("card_fee", "booked"),
        ("other", "pending"),
    ]
    assert of(rows, "statements")[0]["net"] == "-1.00"


def test_texts_names_and_references() -> None:
    more = "<CHECKNUM>319<REFNUM>R7<NAME>ACME &amp; SONS<MEMO>INV 4711 &lt;JAN&gt; &#163;5"
    found = entry(more=more)
    assert (found["payer_name"], found["reference"]) == ("ACME & SONS", "319")
    assert found["remittance_text"] == "ACME & SONS\nINV 4711 <JAN> £5"
    assert (found["bank_reference"], found["customer_reference"]) == ("F1", "R7")
    assert entry(amount="-1", more=more)["payer_name"] == ""
    assert entry(more="<PAYEE><NAME>BY PAYEE<CITY>X</PAYEE>")["payer_name"] == "BY PAYEE"
    assert entry(more="<NAME>SHORT TE<MEMO>SHORT TEXT, LONG")["remittance_text"] == "SHORT TEXT, LONG"
    assert entry(more="<CHECKNUM>0")["reference"] == ""
    assert entry(more="<MEMO>A < B <> C")["remittance_text"] == "A < B <> C"


def test_currencies_of_a_transaction() -> None:
    other = "<CURRENCY><CURRATE>1.06<CURSYM>CAD</CURRENCY>"
    rows = rows_of(file_of(transaction(more=other), transaction("3", fitid="F2")))
    assert [e["currency"] for e in of(rows, "entries")] == ["CAD", "USD"]
    assert (codes(rows), of(rows, "statements")[0]["net"]) == (["other_currency"], "3.00")
    original = "<ORIGCURRENCY><CURRATE>1.06<CURSYM>CAD</ORIGCURRENCY>"
    found = entry(more=original)
    assert (found["currency"], found["original_currency"]) == ("USD", "CAD")
    rows = rows_of(file_of(transaction(more=other), currency=""))
    assert (of(rows, "statements")[0]["currency"], codes(rows)) == ("CAD", ["currency_not_stated"])
    with pytest.raises(SourceError, match="unknown currency"):
        rows_of(file_of(currency="XQX"))


def test_a_number_given_twice_or_not_at_all_is_noted() -> None:
    rows = rows_of(file_of(transaction(), transaction(), transaction(fitid="")))
    assert codes(rows) == ["reference_twice", "reference_missing"]
    assert len(of(rows, "entries")) == 3


def test_balances() -> None:
    assert codes(rows_of(file_of(transaction(), after=""))) == ["balance_missing"]
    with pytest.raises(SourceError, match="a balance without an amount"):
        rows_of(file_of(transaction(), after="<LEDGERBAL><BALAMT><DTASOF>20240131</LEDGERBAL>"))


def test_xml_with_ends_and_sgml_without_say_the_same() -> None:
    def ended(text: str) -> str:
        import re

        return re.sub(r"<([A-Z]+)>([^<>\s][^<>]*)", r"<\1>\2</\1>\n  ", text)

    sgml = file_of(transaction(more="<NAME>A<MEMO>B"), transaction("-2", fitid="F2"))
    xml = ended(sgml.removeprefix(HEADER))
    xml = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n' + xml
    whole = [fields for _, _, fields in rows_of(sgml)]
    assert [fields for _, _, fields in rows_of(xml)] == whole
    assert [fields for _, _, fields in rows_of(sgml.replace("\n", " "))] == whole
    assert [fields for _, _, fields in rows_of(sgml.replace("</BANKTRANLIST>", ""))] == whole
    assert [fields for _, _, fields in rows_of(sgml.replace("<FITID>F1", "<CHECKNUM><FITID>F1"))] == whole
    assert [
        fields for _, _, fields in rows_of(sgml.replace("<MEMO>B", "<MEMO><![CDATA[B]]></MEMO>"))
    ] == whole
    assert [fields for _, _, fields in rows_of(xml.replace("<STMTTRN>", "<!-- <X> --><STMTTRN>"))] == whole
    assert FORM.claims(head_of(xml.encode()))
    assert FORM.claims(head_of(b"\xef\xbb\xbf\n\n" + sgml.encode()))


def test_encodings() -> None:
    text = file_of(transaction(more="<NAME>CAFÉ"))
    for content in (
        text.encode(),
        text.encode("cp1252"),
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + text.encode(),
    ):
        rows = rows_of(content)
        assert (of(rows, "entries")[0]["payer_name"], codes(rows)) == ("CAFÉ", [])


def test_an_answer_that_is_an_error() -> None:
    text = file_of().replace(
        "<STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO",
        "<STMTTRNRS><TRNUID>1<STATUS><CODE>2003<SEVERITY>ERROR",
    )
    with pytest.raises(SourceError, match=r"the bank's answer is an error: found '2003'"):
        rows_of(text)


def test_investments_beside_a_bank_account_are_left_out_and_said() -> None:
    part = (
        f"<INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><CURDEF>USD<INVTRANLIST><INVBANKTRAN>{transaction('77')}"
    )
    part += "</INVBANKTRAN></INVTRANLIST></INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>"
    rows = rows_of(file_of(transaction()).replace("</OFX>", part + "</OFX>"))
    assert [e["amount"] for e in of(rows, "entries")] == ["1.00"]
    assert codes(rows) == ["investments_not_read"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<STMTTRN>", "<STMTTRX>", "an end without its beginning"),
        ("</STMTTRN>", "</STMTTRX>", "does not end"),
        ("</STMTRS>", "", "does not end"),
        ("</OFX>", "", "the file is cut"),
        ("<LEDGERBAL>", "<LEDGERBAX>", "an end without its beginning"),
        ("<TRNAMT>", "<TRNAMX>", "without an amount"),
        ("<DTPOSTED>", "<DTPOSTEX>", "without a day"),
        ("<ACCTID>", "<ACCTIX>", "without an account"),
        ("<OFX>", "<!DOCTYPE OFX [<!ENTITY a 'b'>]><OFX>", "document type"),
        ("<STMTTRN>", "<!ENTITY a 'b'><STMTTRN>", "declaration"),
        ("<STMTTRN>", "<![CDATA[<STMTTRN>", "without its end"),
        ("<STMTTRN>", "<A>" * 300 + "<STMTTRN>", "nested beyond reason"),
        ("</OFX>", "</OFX><OFX></OFX>", "more behind"),
    ],
)
def test_what_cannot_be_used_is_refused(old: str, new: str, reason: str) -> None:
    text = file_of(transaction())
    assert text.count(old) == 1
    with pytest.raises(SourceError, match=reason):
        rows_of(text.replace(old, new))


def test_entities_are_never_expanded() -> None:
    assert entry(more="<MEMO>&lol9; &amp;amp; &#0;x")["remittance_text"] == "&lol9; &amp;  x"


@pytest.mark.parametrize("junk", ["<", "<A ", "</A>", "<A><B/></A>", "&amp;", "<![CDATA[", "<!--", "x"])
def test_a_megabyte_of_junk_is_refused_at_once(junk: str) -> None:
    text = file_of(transaction()).replace("</OFX>", junk * (1_000_000 // len(junk)))
    started = time.process_time()
    with pytest.raises(SourceError):
        rows_of(text)
    assert time.process_time() - started < 2


def test_other_files_are_not_claimed() -> None:
    for head in (
        b"",
        b"<?xml version='1.0'?><Document xmlns='urn:iso'>",
        b"<html><body>OFX",
        b"OFX;Amount\n1;2\n",
        b"01,a,b,",
    ):
        assert not FORM.claims(head_of(head))
