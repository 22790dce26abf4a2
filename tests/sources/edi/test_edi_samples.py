"""Every sample: its payments, remittances and totals worked out from its own amounts, or why it is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from arlib.errors import SourceError

Said = Callable[[bytes], dict[str, list[dict[str, str]]]]

# amount, state, what each line pays (reference, net), remarks
READ = {
    "x12/herophilus_parse_820_04.edi": (
        "123.45", "ties", [("LL88888L", "123.45")], ["test_interchange", "count_differs"],
    ),
    # -63.34 + 8.89 - 12.67 + 183.47 + 449.94 = 566.29; each ADX leads from RMR05 to RMR04: 1.83 + 181.64 = 183.47
    "x12/herophilus_parse_820_05.edi": (
        "566.29", "ties",
        [("12345678", "-63.34"), ("12345678", "8.89"), ("12345678", "-12.67"), ("1000210000000020", "183.47"),
         ("1000210000000020", "449.94")],
        ["test_interchange"],
    ),
    # -63.37 - 56.63 + 120 = 0
    "x12/herophilus_parse_820_06.edi": (
        "0", "ties", [("01234567", "-63.37"), ("01234567", "-56.63"), ("1320600000000020", "120")], ["test_interchange"],
    ),
    "x12/idx22143508655_820_two_ent.edi": (
        "1500", "ties", [("123456789", "500"), ("987654321", "1000")], ["test_interchange", "count_differs"],
    ),
    "x12/idx52547636712_820_single_invoice.edi": (
        "500180.00", "ties", [("REWPL-CI-2026-0547", "500180.00")], ["account_out_of_place", "count_differs"],
    ),
    # 5,500.00 - 110.00 = 5,390.00 = BPR02: the sender wrote RMR04 and RMR05 the other way round
    "x12/idx68439575341_820_discount.edi": (
        "5390.00", "ties", [("INV-2026-8801", "5390.00")], ["paid_and_billed_exchanged", "count_differs"],
    ),
    "edifact/idx36036668941_REMADV_D06A_BDEW_refused.edi": (
        "0", "ties", [("DH7965542", "0"), ("DH5437867", "0")], [],
    ),
    "edifact/idx61429315777_REMADV_D96A_short_paid.edi": (
        "1460.00", "ties", [("FT-2026-777", "1460.00")], ["amount_read_as_deduction"],
    ),
}  # fmt: skip
REFUSED = {
    "x12/edifabric_997.txt": "is an acknowledgement \\(997\\), not a remittance",
    "x12/edifabric_CorruptIsa.txt": "does not begin as X12 does",
    "x12/edifabric_Invoice.txt": "is an invoice \\(810\\), not a remittance",
    "x12/edifabric_MixedTransactions.txt": "is a purchase order \\(850\\) and an invoice \\(810\\), not a remittance",
    "edifact/edifabric_INVOIC.edi": "is an invoice \\(INVOIC\\), not a remittance advice",
    "edifact/staedi_invoic_d93a_una.edi": "is an invoice \\(INVOIC\\), not a remittance advice",
    "edifact/staedi_invoic_d97b.edi": "is an invoice \\(INVOIC\\), not a remittance advice",
}


def test_the_table_names_every_sample(shared: Path) -> None:
    there = {
        f"{path.parent.name}/{path.name}"
        for path in (shared / "data/edi").rglob("*")
        if path.parent.name != "edi"
    }
    assert {name for name in there if not name.endswith(("x12", "edifact"))} <= {*READ, *REFUSED}


@pytest.mark.parametrize("name", READ)
def test_a_sample_is_read(said: Said, content_of: Callable[[str], bytes], name: str) -> None:
    amount, state, lines, remarks = READ[name]
    found = said(content_of(name))
    (payment,) = found["payments"]
    assert (payment["amount"], payment["state"]) == (amount, state)
    assert [(row["reference"], row["net"]) for row in found["remittances"]] == lines
    assert sum(Decimal(net) for _, net in lines) == Decimal(amount)
    assert [row["code"] for row in found["remarks"]] == remarks


@pytest.mark.parametrize("name", REFUSED)
def test_a_sample_is_refused_in_words(said: Said, content_of: Callable[[str], bytes], name: str) -> None:
    with pytest.raises(SourceError, match=REFUSED[name]):
        said(content_of(name))


def test_what_adjustments_and_discounts_say(said: Said, content_of: Callable[[str], bytes]) -> None:
    five = said(content_of("x12/herophilus_parse_820_05.edi"))["remittances"]
    assert [(row.get("gross"), row.get("deduction"), row.get("reason")) for row in five[3:]] == [
        ("1.83", "-181.64", "IA"),
        ("4.49", "-445.45", "IA"),
    ]
    assert [row["entity_no"] for row in five] == ["1", "1", "1", "2", "3"]
    assert five[0]["reason_text"] == "RECOVERY OF FUNDS"
    six = said(content_of("x12/herophilus_parse_820_06.edi"))["remittances"][2]
    assert (six["gross"], six["deduction"], six["reason"]) == ("2971.11", "2851.11", "H1")


@pytest.mark.shared
def test_a_discount_and_a_refusal(said: Said, content_of: Callable[[str], bytes]) -> None:
    (line,) = said(content_of("x12/idx68439575341_820_discount.edi"))["remittances"]
    assert (line["gross"], line["discount"], line["net"]) == ("5500.00", "110.00", "5390.00")
    refused = said(content_of("edifact/idx36036668941_REMADV_D06A_BDEW_refused.edi"))
    assert [
        (row["gross"], row["deduction"], row["reason"], row["reason_text"]) for row in refused["remittances"]
    ] == [
        ("50", "50", "9", "Falscher Abrechnungszeitraum Grund 1"),
        ("50", "50", "Z06", "Artikel unbekannt Grund 1"),
    ]
    (short,) = said(content_of("edifact/idx61429315777_REMADV_D96A_short_paid.edi"))["remittances"]
    assert (short["deduction"], short["reason"], short["document_date"]) == ("13.60", "1", "2026-01-20")
    (payment,) = said(content_of("edifact/idx61429315777_REMADV_D96A_short_paid.edi"))["payments"]
    assert (payment["payer_name"], payment["payee_account"]) == ("MEGA RETAIL AS", "NL91ABNA0417164300")
