"""SAF-T and JSON: nothing outside the file is fetched, nothing is a float, and what is cut is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources import SourceSpec, load_book
from arlib.sources.jsonfile import read_json
from arlib.sources.saft import read_saft
from arlib.tables import Book

SAFT = """<?xml version="1.0"?>
<AuditFile xmlns="urn:StandardAuditFile-Taxation-Financial:NO"><Header><AuditFileCountry>NO</AuditFileCountry>
<Company><RegistrationNumber>999</RegistrationNumber><Name>A</Name></Company><DefaultCurrencyCode>NOK</DefaultCurrencyCode>
<SelectionCriteria><PeriodStart>1</PeriodStart><PeriodStartYear>2026</PeriodStartYear><PeriodEnd>2</PeriodEnd><PeriodEndYear>2026</PeriodEndYear></SelectionCriteria>
</Header><MasterFiles><GeneralLedgerAccounts>
<Account><AccountID>1500</AccountID><AccountDescription>AR</AccountDescription><OpeningDebitBalance>100</OpeningDebitBalance><ClosingCreditBalance>5.5</ClosingCreditBalance></Account>
</GeneralLedgerAccounts><Customers>
<Customer><Name>C</Name><CustomerID>007</CustomerID><BalanceAccount><AccountID>1500</AccountID><OpeningCreditBalance>20</OpeningCreditBalance></BalanceAccount></Customer>
</Customers></MasterFiles><GeneralLedgerEntries><Journal><JournalID>J</JournalID>
<Transaction><TransactionID>T1</TransactionID><TransactionDate>2026-01-05</TransactionDate><SystemEntryDate>2026-01-05</SystemEntryDate><GLPostingDate>2026-01-06</GLPostingDate>
<Line><RecordID>1</RecordID><AccountID>1500</AccountID><CustomerID>007</CustomerID><Description>inv</Description><DebitAmount><Amount>1000.50</Amount><CurrencyCode>EUR</CurrencyCode><CurrencyAmount>100.05</CurrencyAmount></DebitAmount></Line>
<Line><RecordID>2</RecordID><AccountID>3000</AccountID><Description>x</Description><CreditAmount><Amount>1000.50</Amount></CreditAmount></Line></Transaction>
<Transaction><TransactionID>T2</TransactionID><TransactionDate>2026-01-07</TransactionDate><SystemEntryDate>2026-01-07</SystemEntryDate><GLPostingDate>2026-01-07</GLPostingDate>
<Line><RecordID>1</RecordID><AccountID>1500</AccountID><CustomerID>007</CustomerID><Description>credit note</Description><CreditAmount><Amount>3</Amount></CreditAmount></Line>
<Line><RecordID>2</RecordID><AccountID>1500</AccountID><Description>manual</Description><CreditAmount><Amount>-4</Amount></CreditAmount></Line></Transaction>
</Journal></GeneralLedgerEntries></AuditFile>
"""  # noqa: E501


def saft(folder: Path, text: str = SAFT) -> Book:
    (folder / "file.xml").write_text(text)
    return load_book([SourceSpec(folder=folder, profile="saf-t")], root=folder)


def test_saf_t_lines_signs_currencies_and_lines_without_a_customer(tmp_path: Path) -> None:
    book = saft(tmp_path)
    items = book["items"].set_index("item_id")
    assert items["amount"].to_dict() == {"OPEN-007": -2000, "T1-1": 10005, "T2-1": -300}
    assert items["currency"].to_dict() == {"OPEN-007": "NOK", "T1-1": "EUR", "T2-1": "NOK"}
    assert items["functional_amount"].to_dict() == {"OPEN-007": -2000, "T1-1": 100050, "T2-1": -300}
    assert items["item_type"].to_dict() == {"OPEN-007": "opening", "T1-1": "invoice", "T2-1": "credit_memo"}
    lines = book["gl_lines"].set_index(["journal_id", "line_id"])
    assert lines["functional_amount"].to_dict() == {("T1", "1"): 100050, ("T2", "1"): -300, ("T2", "2"): 400}
    assert lines.loc[("T2", "2"), "source"] == "manual"
    assert book["gl_balances"].set_index("as_of")["balance"].tolist() == [10000, -550]


def test_a_document_type_is_refused_so_no_entity_is_ever_expanded(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("TOPSECRET")
    evil = SAFT.replace(
        '<?xml version="1.0"?>',
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "{tmp_path}/secret.txt">]>',
    )
    with pytest.raises(SourceError, match="document type") as caught:
        saft(tmp_path, evil.replace("<Name>C</Name>", "<Name>&x;</Name>"))
    assert "TOPSECRET" not in str(caught.value)
    entities = '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    bomb = f"<!DOCTYPE l [{entities}]><AuditFile>&b;</AuditFile>"
    with pytest.raises(SourceError, match="document type"):
        read_saft(bomb.encode(), "bomb.xml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SAFT[:-40], "not well-formed"),
        ("<html/>", "is no SAF-T file"),
        ("<AuditFile/>", "has no Header"),
        (SAFT.replace("<PeriodStart>1<", "<PeriodStart>13<"), "do not give a period"),
    ],
)
def test_a_file_that_is_no_saf_t_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        saft(tmp_path, text)


def test_json_numbers_never_pass_through_a_float() -> None:
    row = '{"amount": 0.1, "big": 12345678901234567.89, "id": 7, "none": null, "deep": {"a": true}}'
    text = f'{{"day": "2026-10-31", "rows": [{row}]}}'.encode()
    frame = read_json(text, "x.json", lists={"rows": "rows"})["rows"].frame
    assert frame.to_dict("records") == [
        {
            "top.day": "2026-10-31",
            "amount": "0.1",
            "big": "12345678901234567.89",
            "id": "7",
            "none": "",
            "deep.a": "true",
        }
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"rows": [{"a": 1}', "not readable as JSON"),
        (b'{"rows": [{"a": 1, "a": 2}]}', "stands twice"),
        (b'{"rows": [{"a": NaN}]}', "not an amount"),
        (b"[1]", "without names"),
        (b'{"rows": [1]}', "something else"),
        (b'{"rows": ' + b"[" * 100000, "JSON"),
    ],
)
def test_json_that_cannot_be_trusted_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        read_json(text, "x.json", lists={"rows": "rows"})
