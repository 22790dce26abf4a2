"""camt.052, .053 and .054: each feature on small documents whose figures are worked by hand."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.camt import FORM, iso_message
from arlib.sources.forms import Row

DATA = Path(__file__).parent.parent / "data" / "camt"
ACCOUNT = "<Acct><Id><IBAN>DE89 3704 0044 0532 0130 00</IBAN></Id><Ccy>EUR</Ccy></Acct>"


def balance(code: str, amount: str, day: str = "2026-03-02", mark: str = "CRDT") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(amount: str, inner: str = "", *, mark: str = "CRDT", status: str = "<Cd>BOOK</Cd>") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>2026-03-02</Dt></BookgDt><ValDt><DtTm>2026-03-03T00:00:00+01:00</DtTm></ValDt>{inner}</Ntry>"
    )


def document(
    *parts: str, kind: str = "BkToCstmrStmt", own: str = "Stmt", version: str = "053.001.08"
) -> bytes:
    body = "".join(f"<{own}><Id>S{n}</Id>{ACCOUNT}{part}</{own}>" for n, part in enumerate(parts, 1))
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{version}"><{kind}><GrpHdr><MsgId>M</MsgId>'
        f"<CreDtTm>2026-03-03T05:00:00Z</CreDtTm></GrpHdr>{body}</{kind}></Document>"
    ).encode()


def read(content: bytes) -> list[Row]:
    assert FORM.claims(content[:65536])
    return list(FORM.rows(io.BytesIO(content), "bank.xml"))


def rows(found: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in found if key == name]


def lifted(inner: str, *, amount: str = "5.00", mark: str = "CRDT", outer: str = "") -> dict[str, str]:
    """The entry with this one transaction."""
    one = entry(amount, f"{outer}<NtryDtls><TxDtls>{inner}</TxDtls></NtryDtls>", mark=mark)
    (found,) = rows(read(document(one)), "entries")
    return found


def remarks(found: list[Row]) -> set[str]:
    return {fields["code"] for fields in rows(found, "remarks")}


def test_several_statements_each_with_its_own_sums() -> None:
    one = (
        balance("OPBD", "10.00", "2026-03-01")
        + balance("CLBD", "12.50")
        + entry("5.00")
        + entry("2.50", mark="DBIT")
    )
    two = balance("PRCD", "1.00", "2026-03-01", "DBIT") + entry("1.00") + balance("CLBD", "0.00")
    found = read(document(one, two, balance("OPBD", "3") + balance("CLBD", "4")))
    own = rows(found, "statements")
    assert [(s["opening"], s["net"], s["closing"], s["state"]) for s in own] == [
        ("10.00", "2.50", "12.50", "ties"), ("-1.00", "1.00", "0.00", "ties"), ("3", "0", "4", "differs"),
    ]  # fmt: skip
    assert own[0]["account"] == "DE89370400440532013000"
    assert [e["statement"] for e in rows(found, "entries")] == ["1", "1", "2"]
    assert [e["line"] for e in rows(found, "entries")] == ["1", "2", "1"]
    assert rows(found, "entries")[0]["value_date"] == "2026-03-03"
    assert [key for key, _, _ in found][:3] == ["entries", "entries", "statements"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("BOOK", "booked"),
        ("<Cd>PDNG</Cd>", "pending"),
        ("<Cd>INFO</Cd>", "info"),
        ("<Prtry>X</Prtry>", "info"),
    ],
)
def test_only_booked_entries_count(status: str, said: str) -> None:
    found = read(document(balance("OPBD", "0") + balance("CLBD", "5.00") + entry("5.00", status=status)))
    assert rows(found, "entries")[0]["status"] == said
    assert rows(found, "statements")[0]["net"] == ("5.00" if said == "booked" else "0")
    assert ("unknown_status" in remarks(found)) == ("Prtry" in status)


def test_stated_totals_may_count_what_is_not_booked() -> None:
    summary = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>"
    both = entry("5.00") + entry("1.00", status="<Cd>PDNG</Cd>")
    assert "count_differs" not in remarks(read(document(summary + both)))
    assert "count_differs" in remarks(read(document(summary.replace(">2<", ">3<") + both)))


@pytest.mark.parametrize(
    ("kind", "own", "version", "said"),
    [
        ("BkToCstmrStmt", "Stmt", "053.001.14", "statement"),
        ("BkToCstmrStmtV01", "Stmt", "053.001.01", "statement"),
        ("BkToCstmrAcctRpt", "Rpt", "052.001.06", "interim"),
        ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "054.001.12", "notification"),
    ],
)
def test_messages_and_versions(kind: str, own: str, version: str, said: str) -> None:
    found = read(document(entry("5.00"), kind=kind, own=own, version=version))
    assert rows(found, "statements")[0]["kind"] == said
    assert len(rows(found, "entries")) == 1


def test_wrappers_prefixes_and_encodings() -> None:
    plain = document(balance("OPBD", "0") + balance("CLBD", "5.00") + entry("5.00"))
    prefixed = (
        plain.replace(b"</", b"</c:")
        .replace(b"<", b"<c:")
        .replace(b"<c:/c:", b"</c:")
        .replace(b"xmlns=", b"xmlns:c=")
    )
    soap = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        + plain
        + b"</s:Body></s:Envelope>"
    )
    utf16 = plain.decode().encode("utf-16")
    latin = b"<?xml version='1.0' encoding='ISO-8859-1'?>" + plain.replace(b"<MsgId>M", b"<MsgId>M\xfc")
    for content in (plain, prefixed, soap, b"\xef\xbb\xbf" + plain, latin, b"<m><x/>" + plain + b"</m>"):
        assert rows(read(content), "statements")[0]["state"] == "ties", content[:80]
    assert next(iter(FORM.rows(io.BytesIO(utf16), "bank.xml")))[2]["amount"] == "5.00"


def test_batch_below_an_entry() -> None:
    one = '<TxDtls><Refs><EndToEndId>{}</EndToEndId></Refs><Amt Ccy="EUR">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>'
    inside = f"<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{one.format('A', '3.00')}{one.format('B', '2.00')}</NtryDtls>"
    found = read(document(entry("5.00", inside)))
    assert [(d["detail"], d["amount"], d["end_to_end_id"]) for d in rows(found, "details")] == [
        ("1", "3.00", "A"),
        ("2", "2.00", "B"),
    ]
    assert rows(found, "entries")[0]["batch_count"] == "2"
    assert remarks(found) == set()
    found = read(document(entry("6.00", inside.replace(">2<", ">3<"))))
    assert remarks(found) == {"details_do_not_add_up", "batch_count_differs"}


def test_transaction_amount_by_version() -> None:
    """The one in the currency of the entry counts; an instructed one in another currency is the original."""
    found = lifted(
        '<AmtDtls><InstdAmt><Amt Ccy="USD">6.10</Amt></InstdAmt><TxAmt><Amt Ccy="EUR">5.00</Amt></TxAmt></AmtDtls>'
        '<Chrgs><Amt Ccy="EUR">0.50</Amt></Chrgs>'
    )
    assert (found["amount"], found["original_amount"], found["original_currency"]) == ("5.00", "6.10", "USD")
    assert found["charges"] == "0.50"
    later = lifted(
        '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">1.5</TtlChrgsAndTaxAmt><Rcrd><Amt Ccy="EUR">9</Amt></Rcrd></Chrgs>'
    )
    assert later["charges"] == "1.5"
    assert "original_amount" not in lifted('<Amt Ccy="EUR">0</Amt><CdtDbtInd>CRDT</CdtDbtInd>')


def test_parties() -> None:
    both = "<RltdPties><Dbtr>{}</Dbtr><DbtrAcct><Id><IBAN>X1</IBAN></Id></DbtrAcct><Cdtr><Nm>Us</Nm></Cdtr></RltdPties>"
    assert lifted(both.format("<Nm>Payer</Nm>"))["payer_name"] == "Payer"
    assert lifted(both.format("<Pty><Nm>Payer</Nm></Pty>"))["payer_account"] == "X1"
    assert lifted(both.format("<Agt><FinInstnId><Nm>Bank</Nm></FinInstnId></Agt>"))["payer_name"] == "Bank"
    assert lifted(both.format("<Nm>Payer</Nm>"), mark="DBIT")["payer_name"] == "Us"
    behind = lifted(
        "<RltdPties><Dbtr><Nm>Agent</Nm></Dbtr><UltmtDbtr><Nm>Behind</Nm></UltmtDbtr></RltdPties>"
    )
    assert (behind["payer_name"], behind["remittance_text"]) == ("Agent", "on behalf of Behind")
    own = "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>"
    ours = f"<RltdPties><Dbtr><Nm>Us</Nm></Dbtr>{own}<Cdtr><Nm>Them</Nm></Cdtr></RltdPties>"
    assert lifted(ours)["payer_name"] == "Them"


def test_references() -> None:
    structured = "<RmtInf><Ustrd>Text</Ustrd><Strd><CdtrRefInf><Ref>RF18 5390 0754 7034</Ref></CdtrRefInf></Strd></RmtInf>"
    found = lifted("<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>" + structured)
    assert (found["reference"], found["end_to_end_id"], found["remittance_text"]) == (
        "RF18539007547034",
        "",
        "Text",
    )
    old = lifted("<RmtInf><Strd><CdtrRefInf><CdtrRef>4711</CdtrRef></CdtrRefInf></Strd></RmtInf>")
    assert old["reference"] == "4711"
    free = lifted("<RmtInf><Ustrd>RF18539007547034</Ustrd><Ustrd>more</Ustrd></RmtInf>")
    assert (free["reference"], free["remittance_text"]) == ("RF18539007547034", "RF18539007547034 more")


def test_referred_documents() -> None:
    part = (
        "<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>INV-1</Nb><RltdDt>2026-02-01</RltdDt></RfrdDocInf>"
        '<RfrdDocAmt><DuePyblAmt Ccy="EUR">100.00</DuePyblAmt><DscntApldAmt><Amt Ccy="EUR">2.00</Amt></DscntApldAmt>'
        '<AdjstmntAmtAndRsn><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Rsn>0001</Rsn><AddtlInf>damaged</AddtlInf>'
        '</AdjstmntAmtAndRsn><RmtdAmt Ccy="EUR">95.00</RmtdAmt></RfrdDocAmt></Strd>'
        "<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CREN</Cd></CdOrPrtry></Tp><Nb>CN-9</Nb></RfrdDocInf>"
        '<RfrdDocAmt><CdtNoteAmt Ccy="EUR">10.00</CdtNoteAmt></RfrdDocAmt></Strd>'
    )
    found = read(document(entry("85.00", f"<NtryDtls><TxDtls><RmtInf>{part}</RmtInf></TxDtls></NtryDtls>")))
    first, second = rows(found, "remittances")
    assert first == {
        "payment": "", "statement": "1", "line": "1", "detail": "", "remittance_line": "1", "reference": "INV-1",
        "reference_kind": "invoice", "document_date": "2026-02-01", "customer_reference": "", "currency": "EUR",
        "gross": "100.00", "discount": "2.00", "deduction": "3.00", "net": "95.00", "reason": "0001", "reason_text": "damaged",
    }  # fmt: skip
    assert (second["reference"], second["reference_kind"], second["net"]) == ("CN-9", "credit_note", "-10.00")
    turned = part.replace("DBIT", "CRDT")  # the payer's own sum decides on the sign
    found = read(document(entry("85.00", f"<NtryDtls><TxDtls><RmtInf>{turned}</RmtInf></TxDtls></NtryDtls>")))
    assert rows(found, "remittances")[0]["deduction"] == "3.00"


@pytest.mark.parametrize("code", ["AC01", "AC04", "AC06", "AG01", "AG02", "AM04", "AM05", "BE05", "CNOR", "DNOR", "FF01",
                                  "FOCR", "MD01", "MD02", "MD06", "MD07", "MS02", "MS03", "RC01", "RR01", "RR02", "RR03",
                                  "RR04", "SL01"])  # fmt: skip
def test_returns(code: str) -> None:
    found = lifted(
        f"<Refs><EndToEndId>E2E-1</EndToEndId></Refs><RltdPties><Dbtr><Nm>Customer</Nm></Dbtr><Cdtr><Nm>Us</Nm></Cdtr></RltdPties>"
        f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf>",
        mark="DBIT",
    )
    assert (found["kind"], found["return_code"], found["return_of"]) == ("return", code, "E2E-1")
    assert found["payer_name"] == "Customer"  # the parties keep the roles of the collection that came back


def test_reversals_and_codes() -> None:
    found = lifted("", mark="DBIT", outer="<RvslInd>true</RvslInd>")
    assert (found["kind"], found["is_reversal"], found["amount"]) == ("return", "true", "-5.00")
    domain = "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{}</Cd><SubFmlyCd>{}</SubFmlyCd></Fmly></Domn></BkTxCd>"
    assert lifted("", mark="DBIT", outer=domain.format("IDDT", "UPDD"))["kind"] == "return"
    assert lifted("", mark="DBIT", outer=domain.format("MDOP", "CHRG"))["kind"] == "bank_fee"
    assert lifted("", mark="DBIT", outer=domain.format("MCRD", "FEES"))["kind"] == "card_fee"
    own = "<BkTxCd><Prtry><Cd>NRTI+109+00931</Cd><Issr>DK</Issr></Prtry></BkTxCd>"
    found = lifted("", mark="DBIT", outer=own)
    assert (found["kind"], found["code"]) == ("return", "NRTI+109+00931")
    assert lifted("", outer=domain.format("RCDT", "ESCT"))["code"] == "PMNT/RCDT/ESCT"


def test_header_behind_the_entries_counts_as_well() -> None:
    found = read(
        document(
            balance("OPBD", "1.00") + entry("5.00") + "<Other/>" + entry("1.00") + balance("CLBD", "7.00")
        )
    )
    assert rows(found, "statements")[0]["state"] == "ties"


def test_remarks_on_the_statement() -> None:
    found = read(
        document(
            "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><CpyDplctInd>DUPL</CpyDplctInd>"
        )
    )
    assert remarks(found) == {"more_pages_to_come", "copy_or_duplicate", "no_transactions"}
    other = entry("5.00").replace('Ccy="EUR"', 'Ccy="USD"')
    assert "entry_in_other_currency" in remarks(read(document(other)))


def test_comments_inside_an_amount_do_not_cut_it() -> None:
    found = read(document(entry("12<!-- x -->34.50")))
    assert rows(found, "entries")[0]["amount"] == "1234.50"


def test_finnish_notification_in_all_its_parts() -> None:
    """Six entries of which five are booked: 2000 + 500 + 3000 - 4230.05 - 1000 = 269.95; the sixth is for information."""
    with (DATA / "moov-iso20022" / "FI_camt_054_sample.xml.xml").open("rb") as stream:
        found = list(FORM.rows(stream, "fi.xml"))
    assert rows(found, "statements")[0]["net"] == "269.95"
    assert [e["status"] for e in rows(found, "entries")] == ["booked"] * 5 + ["info"]
    taken = [(r["reference"], r["net"]) for r in rows(found, "remittances")[:2]]
    assert taken == [
        ("3900", "2500.00"),
        ("12344", "-600.00"),
    ]  # 2500 less a credit note of 600: 1900, as the detail says
    assert rows(found, "details")[0]["amount"] == "1900.00"
    assert [d["return_code"] for d in rows(found, "details") if d.get("return_code")] == ["AC01", "CUST"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (document(), "holds no statement"),
        (document(entry("x")), "not an amount"),
        (document(entry("-5.00")), "negative amount"),
        (document(entry("5.00").replace("CRDT", "PLUS")), "without credit or debit"),
        (document(entry("5.00").replace(' Ccy="EUR"', "")), "no amount with a currency"),
        (document(entry("5.00").replace("<Dt>2026-03-02</Dt>", "<Dt>2026-13-02</Dt>")), "not a date"),
        (document(entry("1<b/>5")), "text with elements inside"),
        (document(entry("5.00"))[:-30], "not well-formed"),
        (document(entry("5.00")) + b"<x/>", "not well-formed"),
        (
            document(entry("5.00")).replace(b"Stmt>", b"Foo>").replace(b"BkToCstmrFoo", b"BkToCstmrStmt"),
            "outside a statement",
        ),
    ],
)
def test_refused_in_words(content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read(content)


def test_names_of_other_messages() -> None:
    head = b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.02"><CstmrDrctDbtInitn/></Document>'
    assert iso_message(head) == "a direct debit initiation (pain.008), not a statement"
    assert iso_message(b"<html/>") == ""
    assert not FORM.claims(head)
