"""Advices as e-mail: read with certainty, or refused with what was found and what is missing."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from arlib.errors import SourceError
from arlib.sources.advice.mail import FORM, TEXT
from arlib.sources.forms import Form
from arlib.sources.forms.registry import head_of

Said = Callable[[Form, bytes], dict[str, list[dict[str, str]]]]
HEAD = "From: =?utf-8?q?M=C3=BCller_AG?= <ap@mueller.example>\nTo: ar@ours.example\nSubject: Zahlungsavis\n"
GERMAN = """
Sehr geehrte Damen und Herren,

Zahlungsreferenz: ZA-4711
Zahlungsdatum:    02.11.2026

Rechnungsnr   Datum        Bruttobetrag   Skonto    Zahlbetrag
RE-1001       01.10.2026   1.190,00 EUR   23,80     1.166,20
RE-1002       05.10.2026     500,00 EUR    0,00       500,00
GS-77         17.10.2026    -100,00 EUR    0,00      -100,00

Gesamtbetrag                                        1.566,20 EUR
"""
TABS = "Remitter: Beta Ltd\n\nInvoice No.\tAmount\n900001\t12.00\n900002\t(2.00)\nTotal paid:\t10.00\n"


def mail(body: str, *, kind: str = "text/plain", head: str = HEAD) -> bytes:
    return f'{head}Content-Type: {kind}; charset="utf-8"\n\n{body}'.encode()


def test_a_german_advice_with_discount_and_a_credit(said: Said) -> None:
    """1,166.20 + 500.00 - 100.00 = 1,566.20."""
    found = said(FORM, mail(GERMAN))
    (payment,) = found["payments"]
    assert payment["amount"] == payment["net"] == "1566.20"
    assert (payment["payer_name"], payment["trace"], payment["date"]) == (
        "Müller AG",
        "ZA-4711",
        "2026-11-02",
    )
    assert (payment["currency"], payment["state"], payment["entries"]) == ("EUR", "ties", "3")
    lines = [
        tuple(row.get(k, "") for k in ("reference", "gross", "discount", "net"))
        for row in found["remittances"]
    ]
    assert lines == [
        ("RE-1001", "1190.00", "23.80", "1166.20"),
        ("RE-1002", "500.00", "0.00", "500.00"),
        ("GS-77", "-100.00", "0.00", "-100.00"),
    ]
    assert [row["document_date"] for row in found["remittances"]] == [
        "2026-10-01",
        "2026-10-05",
        "2026-10-17",
    ]


@pytest.mark.parametrize(
    ("body", "amount"),
    [
        (TABS, "10.00"),
        (TABS.replace("\t", " | "), "10.00"),
        (TABS.replace("\t", ";"), "10.00"),
        (TABS.replace("\t", "     "), "10.00"),
        (TABS.replace("(2.00)", "2.00-"), "10.00"),
        (TABS.replace("(2.00)", "2.00 CR"), "10.00"),
        (TABS.replace("12.00", "$1,012.00").replace("10.00", "USD 1,010.00"), "1010.00"),
        (TABS.replace("12.00", "1'012.00").replace("10.00", "1'010.00"), "1010.00"),
        (
            TABS.replace("12.00", "1 012,00").replace("(2.00)", "-2,00").replace("10.00", "1 010,00"),
            "1010.00",
        ),
        (
            TABS.replace("Invoice No.", "发票号").replace("Amount", "付款金额").replace("Total paid", "合计"),
            "10.00",
        ),
        (
            TABS.replace("Invoice No.", "Facture")
            .replace("Amount", "Net payé")
            .replace("Total paid", "Total payé"),
            "10.00",
        ),
    ],
)
def test_separators_styles_and_languages(said: Said, body: str, amount: str) -> None:
    found = said(FORM, mail(body))
    assert [row["amount"] for row in found["payments"]] == [amount]
    assert [row["reference"] for row in found["remittances"]] == ["900001", "900002"]


def test_a_web_page_is_read_as_a_reader_sees_it(said: Said) -> None:
    page = """<html><head><style>td {}</style><script>Total 5.00</script></head><body><p>Remitter: ACME Corp</p><table>
    <tr><th>Invoice No.</th><th>Gross Amount</th><th>Deduction</th><th>Net Amount</th><th>Reason</th></tr>
    <tr><td>INV-1</td><td>&pound;1,000.00</td><td>50.00</td><td>950.00</td><td>damage &amp; <b>loss</b></td></tr>
    <tr><td>INV-2</td><td>234.50</td><td></td><td>234.50</td><td></td></tr>
    <tr><td>Total</td><td>1,234.50</td><td>50.00</td><td>1,184.50</td><td></td></tr></table></body></html>"""
    found = said(FORM, mail(page, kind="text/html"))
    assert found["payments"][0]["amount"] == "1184.50"
    assert found["payments"][0]["payer_name"] == "ACME Corp"
    assert found["payments"][0]["currency"] == "GBP"
    first = found["remittances"][0]
    assert (first["deduction"], first["reason_text"]) == ("50.00", "damage & loss")


def multipart(*parts: str) -> bytes:
    body = "".join(f"--=b\n{part}\n" for part in parts)
    return f'{HEAD}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=b"\n\n{body}--=b--\n'.encode()


def test_attachments_are_named_and_a_pdf_is_read_where_the_body_has_no_rows(
    said: Said, made_pdf: Callable[..., bytes]
) -> None:
    import base64

    text = "Content-Type: text/plain\n\n"
    csv = 'Content-Type: text/csv\nContent-Disposition: attachment; filename="open.csv"\n\nA,B\n1,2'
    found = said(FORM, multipart(text + TABS, csv))
    assert found["payments"][0]["amount"] == "10.00"
    assert [(row["code"], row["found"]) for row in found["remarks"]] == [("attachment_not_read", "open.csv")]
    packed = base64.encodebytes(made_pdf(TABS.replace("\t", "      "))).decode()
    pdf = (
        "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
        f'Content-Disposition: attachment; filename="advice.pdf"\n\n{packed}'
    )
    found = said(FORM, multipart(text + "see attached", pdf))
    assert [row["net"] for row in found["remittances"]] == ["12.00", "-2.00"]
    assert found["remarks"] == []
    with pytest.raises(SourceError, match="attachments are files of their own"):
        said(FORM, multipart(text + "see attached", csv))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (GERMAN.replace("Gesamtbetrag", "Danke"), "line 12 holds an amount and is no row"),
        (GERMAN[: GERMAN.index("Gesamtbetrag")], "3 rows, sum 1,566.20 EUR, but no total to check them with"),
        (GERMAN.replace("1.566,20", "1.566,30"), "the total on line 12 is not the sum"),
        (GERMAN.replace("1.166,20", "1.166,21"), "line 8 does not add up"),
        (GERMAN.replace("500,00 EUR ", "500.00 EUR "), "not all written in one certain style"),
        (GERMAN.replace("500,00 EUR ", "500,00 USD "), "several currencies"),
        (GERMAN.replace("GS-77  ", "       "), "line 10 holds an amount and is no row"),
        (GERMAN.replace("Rechnungsnr", "Nummer     "), "no table of what is paid"),
        (GERMAN.replace("Zahlbetrag", "Sonstiges ").replace("Bruttobetrag", "x           "), "no table"),
        (GERMAN + GERMAN, "two tables"),
        (GERMAN + "RE-9   01.10.2026   1,00   0,00   1,00\n", "stands behind the total"),
        ("", "holds no text"),
    ],
)
def test_what_is_not_certain_is_refused(body: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(FORM.rows(io.BytesIO(mail(body)), "advice.eml"))


def test_a_text_that_was_saved_without_its_header(said: Said) -> None:
    text = "REMITTANCE ADVICE\nPayer: Beta Ltd\nCurrency: GBP\n\n" + TABS.partition("\n\n")[2]
    found = said(TEXT, text.encode("utf-16"))
    assert (found["payments"][0]["currency"], found["payments"][0]["payer_name"]) == ("GBP", "Beta Ltd")


@pytest.mark.parametrize(
    "content",
    [
        b"Invoice,Amount\n1,2.00\n",
        b"Invoice;Amount\n1;2.00\n",
        b"remittance no;Invoice;Amount\n9;1;2.00\n",
        b"Date: today\nnothing else\n\n",
        b'{"From": 1}',
        b"<html>remittance</html>",
        b"",
    ],
)
def test_a_table_or_other_text_is_not_claimed(content: bytes) -> None:
    assert not FORM.claims(head_of(content))
    assert not TEXT.claims(head_of(content))


@pytest.mark.parametrize(
    "content",
    [
        mail("x" * 3_000_000),
        mail(" " * 3_000_000),
        mail("payer:" * 300_000),
        mail("Invoice   Net\n" + "A   1.00\n" * 19_000),
        mail("total 1.00\n" * 150_000),
        mail("<div>" * 200_000, kind="text/html"),
        mail("<table>" + "<tr><td>1<td>2" * 100_000, kind="text/html"),
        mail('<!DOCTYPE x [<!ENTITY a "b">]><p>&a;</p>', kind="text/html"),
        mail(TABS, head="From: " + "=?utf-8?q?a?= " * 100_000 + "\nTo: b\n"),
        mail(TABS, head="From: =?bad?x?\n =?utf-8?b?a?=\nTo: b\n", kind="text/plain\nContent-Transfer-Encoding: base64"),
        b"From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhi\n" * 100_000,
        b"From: a\nTo: b\n" + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(900)),
        multipart("Content-Type: text/plain; charset=no-such\n\n" + TABS)[:-30],
    ],
)  # fmt: skip
def test_hostile_mail_is_refused_in_time_or_read(content: bytes) -> None:
    import time

    start = time.process_time()
    try:
        rows = list(FORM.rows(io.BytesIO(content), "advice.eml"))
    except SourceError:
        rows = []
    assert time.process_time() - start < 2
    assert all(value.isprintable() for _, _, fields in rows for value in fields.values())


def test_no_cut_of_a_mail_is_read_in_part() -> None:
    content = mail(GERMAN)
    whole = list(FORM.rows(io.BytesIO(content), "a"))
    total = content.index(b"1.566,20") + len("1.566,20")
    for end in range(len(content)):
        try:
            rows = list(FORM.rows(io.BytesIO(content[:end]), "a"))
        except SourceError:
            continue
        assert end >= total
        assert rows == whole
