"""Payment files: totals to the cent, valid against the published schema and our own ACH reader, or no file at all."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import sepaxml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from arlib.credit.proposals import PROPOSALS
from arlib.errors import ParameterError, TableError
from arlib.money import format_minor, minor_places
from arlib.sources.bank.nacha import FORM
from arlib.sources.payment import (
    PAYMENTS,
    Debtor,
    payment_contents,
    payment_problems,
    payments_of,
    transliterated,
)
from arlib.sources.payment.accounts import bic_fault, iban_fault, routing_fault, split_account
from arlib.sources.payment.characters import ALLOWED, written

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
OURS = Debtor(name="Harbor Tools N.V.", account="BE68 5390 0754 7034", bank_code="GEBABEBB", country="BE")
BANK = Debtor(
    name="Harbor Tools Inc", account="555", bank_code="121042882", company_id="1234567890", bank_name="Wells"
)
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
HOSTILE = [
    '=HYPERLINK("http://x","y")',
    "<script>alert(1)</script>",
    "\u202eevil",
    "Müller & Söhne ß",
    "A//B/",
    "a\nb\tc",
    "x]]>",
    "&amp;",
]
USD = {"currency": "USD", "payee_account": "12345678", "bank_code": "231380104"}
EUR = {"currency": "EUR", "payee_account": "DE89370400440532013000"}


def paid(*rows, base=EUR):
    full = [
        {"proposal_id": f"RF-{at:012d}", "entity": "E1", "payee_name": "Acme GmbH", "amount": 12345, "reference": "CM-1",
         "approver": "eve"} | base | row
        for at, row in enumerate(rows, 1)
    ]  # fmt: skip
    return PAYMENTS.typed(
        pd.DataFrame({n: pd.Series([r.get(n) for r in full], dtype="object") for n in PAYMENTS.names})
    )


@pytest.fixture(scope="module")
def schema():
    path = Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"
    return etree.XMLSchema(etree.parse(path))


def pain(payments, **more):
    return payment_contents(payments, debtor=OURS, created_at=NOW, target="pain001", **more)


def ach(payments, **more):
    return payment_contents(payments, debtor=BANK, created_at=NOW, target="ach", **more)


def texts(root, path):
    return [node.text for node in root.findall(f".//{'/'.join('p:' + part for part in path.split('/'))}", NS)]


@pytest.mark.parametrize("name", HOSTILE)
def test_pain001_is_valid_and_its_totals_are_exact(schema, name):
    payments = paid({"payee_name": name, "reference": name}, {"amount": 1}, {"amount": 10**15 + 7},
                    {"payee_account": "12-34", "bank_code": "MHCBJPJT", "payee_country": "JP"})  # fmt: skip
    (content,) = pain(payments).values()
    root = etree.fromstring(content)
    schema.assertValid(root)
    amounts = [Decimal(text) for text in texts(root, "InstdAmt")]
    assert (
        sum(amounts) == Decimal(texts(root, "GrpHdr/CtrlSum")[0]) == Decimal(10**15 + 7 + 1 + 2 * 12345) / 100
    )
    assert texts(root, "GrpHdr/NbOfTxs") == ["4"]
    blocks = root.findall(".//p:PmtInf", NS)
    assert [texts(block, "SvcLvl/Cd") for block in blocks] == [["SEPA"], []]  # Japan is not in SEPA
    assert [texts(block, "ChrgBr") for block in blocks] == [["SLEV"], ["SHAR"]]
    for block in blocks:
        assert sum(Decimal(text) for text in texts(block, "InstdAmt")) == Decimal(
            block.find("p:CtrlSum", NS).text
        )
    assert sorted(texts(root, "EndToEndId")) == payments["proposal_id"].tolist()
    assert all(set(text) <= ALLOWED for text in (*texts(root, "Nm"), *texts(root, "Nb")))


def test_the_schema_sees_a_fault(schema):
    (content,) = pain(paid({})).values()
    broken = content.replace(b"<PmtMtd>TRF</PmtMtd>", b"")
    assert not schema.validate(etree.fromstring(broken))


@pytest.mark.parametrize(("currency", "amount", "wanted"), [
    ("JPY", 1833, "1833"), ("KWD", 1833, "1.833"), ("USD", 5, "0.05"), ("JPY.2", 183300, "1833"),
])  # fmt: skip
def test_amounts_have_the_places_of_their_currency(schema, currency, amount, wanted):
    (content,) = pain(paid({"currency": currency, "amount": amount, "bank_code": "DEUTDEFF"})).values()
    root = etree.fromstring(content)
    schema.assertValid(root)
    assert texts(root, "InstdAmt") == [wanted]
    assert root.find(".//p:InstdAmt", NS).get("Ccy") == currency[:3]


def test_one_file_for_each_currency_and_the_same_bytes_in_any_order():
    payments = paid({}, {"currency": "USD", "bank_code": "DEUTDEFF"}, {"amount": 5})
    made = pain(payments)
    assert [name.split("-")[1] for name in made] == ["EUR", "USD"]
    assert pain(payments.iloc[::-1].reset_index(drop=True)) == made
    later = payment_contents(payments, debtor=OURS, created_at=NOW.replace(second=1), target="pain001")
    assert not set(made) & set(later)  # another file, another message id
    assert pain(paid()) == {}


def test_days_and_times_are_asked_for():
    with pytest.raises(ParameterError, match="zone"):
        payment_contents(paid({}), debtor=OURS, created_at=NOW.replace(tzinfo=None), target="pain001")
    with pytest.raises(ParameterError, match="2026-11-22 or later"):
        pain(paid({}), execute_on=date(2026, 11, 21))
    (content,) = pain(paid({}), execute_on=date(2026, 11, 24)).values()
    assert texts(etree.fromstring(content), "ReqdExctnDt/Dt") == ["2026-11-24"]


def ach_rows(content):
    return list(FORM.rows(io.BytesIO(content), "x.ach"))


def remarks(rows):
    return [row for row in rows if row[0] not in ("entries", "payments", "remittances", "statements")]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 40])
def test_ach_is_read_back_without_a_remark(count):
    payments = paid(*[{"amount": 100 + at, "is_person": at % 3 == 0, "reference": f"CM-{at}",
                       "account_type": "savings" if at == 1 else None} for at in range(count)], base=USD)  # fmt: skip
    (content,) = ach(payments).values()
    lines = content.decode("ascii").split("\r\n")[:-1]
    assert {len(line) for line in lines} == {94}
    assert len(lines) % 10 == 0
    rows = ach_rows(content)
    assert not remarks(rows)  # counts, hashes and totals agree with every record
    entries = [fields for key, _, fields in rows if key == "entries"]
    assert -sum(Decimal(one["amount"]) for one in entries) == Decimal(int(payments["amount"].sum())) / 100
    assert sorted(one["customer_reference"] for one in entries) == payments["proposal_id"].tolist()
    assert {one["code"] for one in entries} <= {"22", "32"}
    told = {fields["reference"] for key, _, fields in rows if key == "remittances"}
    companies = payments[~payments["is_person"].fillna(False).astype(bool)]
    assert told == set(companies["reference"])
    traces = [one["bank_reference"] for one in entries]
    assert len(set(traces)) == count
    assert all(trace.startswith("12104288") for trace in traces)


def test_the_reader_sees_a_changed_amount():
    (content,) = ach(paid({}, {}, base=USD)).values()
    changed = content.replace(b"0000012345RF-000000000001", b"0000092345RF-000000000001")
    assert changed != content
    assert any("total" in str(row) for row in remarks(ach_rows(changed)))


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.text(max_size=60), st.booleans()), min_size=1, max_size=6)
)
def test_whatever_the_names_a_file_reads_back_or_every_fault_is_told(rows):
    payments = paid(*[{"amount": a, "payee_name": name, "is_person": p} for a, name, p in rows], base=USD)
    without = [name for _, name, _ in rows if not written(name, limit=70)]
    if without:
        with pytest.raises(TableError) as raised:
            ach(payments)
        assert len(raised.value.problems) == len(without)
        return
    (content,) = ach(payments).values()
    found = ach_rows(content)
    assert not remarks(found)
    assert (
        -sum(Decimal(f["amount"]) for key, _, f in found if key == "entries")
        == Decimal(sum(a for a, _, _ in rows)) / 100
    )


def test_all_faults_at_once_and_nothing_written():
    payments = paid(
        {"payee_account": "DE89370400440532013001"}, {"amount": 0}, {"amount": -5}, {"currency": "XXX"}, {"approver": " "},
        {"payee_name": "株式会社"}, {"payee_name": None}, {"bank_code": "NOBIC"}, {"reference": "—"}, {"payee_country": "Germany"},
        {"payee_account": OURS.account}, {"currency": "JPY.2", "amount": 5, "bank_code": "DEUTDEFF"}, {"payee_account": "1234"},
        {"currency": "USD"}, {"amount": 10**18}, {"payee_account": "a b/c"}, {"bank_code": "231380105", "payee_account": "77"},
        {"proposal_id": "RF-000000000001"}, {},
    )  # fmt: skip
    with pytest.raises(TableError) as raised:
        pain(payments)
    found = {(problem.row, problem.column, problem.code) for problem in raised.value.problems}
    assert found == {
        (2, "payee_account", "not_an_iban"), (2, "proposal_id", "paid_twice"), (3, "amount", "not_above_zero"),
        (4, "amount", "not_above_zero"), (5, "currency", "unknown_currency"), (5, "bank_code", "missing"),
        (6, "approver", "missing"), (7, "payee_name", "no_latin_text"), (8, "payee_name", "missing"),
        (9, "bank_code", "not_a_bic"), (10, "reference", "no_latin_text"), (11, "payee_country", "not_a_country"),
        (12, "payee_account", "own_account"), (13, "amount", "too_many_places"), (14, "bank_code", "missing"),
        (15, "bank_code", "missing"), (16, "amount", "too_large"), (17, "payee_account", "not_an_account"),
        (18, "bank_code", "not_a_routing_number"), (19, "proposal_id", "paid_twice"),
    }  # fmt: skip
    assert all(problem.sentence() for problem in raised.value.problems)


def test_ach_refuses_what_an_ach_file_cannot_say():
    payments = paid(
        {"currency": "EUR"}, {"bank_code": "231380105"}, {"bank_code": None}, {"payee_account": "1" * 18}, {"amount": 10**10},
        {"account_type": "loan"}, {}, base=USD,
    )  # fmt: skip
    problems = payment_problems(payments, debtor=BANK, target="ach")
    assert [(p.row, p.column) for p in problems] == [
        (2, "currency"), (3, "bank_code"), (4, "bank_code"), (5, "payee_account"), (6, "amount"), (7, "account_type"),
    ]  # fmt: skip
    bad = Debtor(name="", account="1", bank_code="12", company_id="short")
    assert len(payment_problems(paid({}, base=USD), debtor=bad, target="ach")) == 3
    full = paid(*[{"amount": 10**10 - 1}] * 101, base=USD)
    with pytest.raises(ParameterError, match="does not fit"):
        ach(full)


@pytest.mark.parametrize("text", [
    "GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "FR1420041010050500013M02606", "BE68539007547034",
    "NO9386011117947", "MT84MALT011000012345MTLCAST001S",
])  # fmt: skip
def test_published_ibans_are_valid_and_any_changed_digit_is_seen(text):
    """Examples of the SWIFT IBAN registry; mod 97 sees every single change and every swap of neighbours."""
    assert iban_fault(text) == ""
    bare = text.replace(" ", "")
    for at in range(4, len(bare)):
        if bare[at].isdigit():
            assert iban_fault(bare[:at] + str((int(bare[at]) + 1) % 10) + bare[at + 1 :])
    assert iban_fault(bare[:-1])
    assert iban_fault("US" + bare[2:])


def test_codes_of_banks():
    assert routing_fault("121042882") == ""  # check digit by 3 7 1
    assert routing_fault("121042883") == "the check digit of the routing number is wrong"
    assert routing_fault("12104288")
    assert bic_fault("DEUTDEFF") == bic_fault("deutdeff500") == ""
    assert bic_fault("DEUTDEF")
    assert split_account("231380104/12345678") == ("231380104", "12345678")
    assert split_account("DEUTDEFF/DE89370400440532013000") == ("DEUTDEFF", "DE89370400440532013000")
    assert split_account("19-2000145399/0800") == ("", "19-2000145399/0800")  # a Czech account


def test_what_is_written_otherwise_is_noted():
    found = transliterated(
        paid({"payee_name": "Müller & Söhne"}, {"payee_name": "Plain Ltd"}, {"reference": "x" * 50})
    )
    assert found[["column", "given", "written"]].to_numpy().tolist() == [
        ["payee_name", "Müller & Söhne", "Muller + Sohne"], ["reference", "x" * 50, "x" * 35],
    ]  # fmt: skip
    assert written("Straße Łódź Ærø", limit=70) == "Strasse Lodz AEro"
    assert written("//A//B/", limit=70) == "A/B"


@given(st.text(max_size=100), st.integers(1, 70))
def test_what_is_written_is_always_allowed(text, limit):
    made = written(text, limit=limit)
    assert set(made) <= ALLOWED
    assert len(made) <= limit
    assert "//" not in made
    assert not made.startswith("/")


def test_payments_come_from_approved_refunds_only():
    rows = pd.DataFrame({"proposal_id": ["RF-A", "UP-B"], "entity": "E1", "kind": ["refund", "unclaimed"], "currency": "USD",
                         "amount": [500, 700], "reason": "x", "rule": "x", "evidence": "x", "document_no": ["CM-7", "CM-8"],
                         "payee_account": ["231380104/12345678", None], "payee_name": "Acme", "facts_sha256": "0"})  # fmt: skip
    proposals = PROPOSALS.typed(rows)
    (row,) = payments_of(proposals, approvers={"RF-A": "eve"}).to_dict("records")
    assert (row["bank_code"], row["payee_account"], row["reference"], row["approver"]) == (
        "231380104",
        "12345678",
        "CM-7",
        "eve",
    )
    (content,) = ach(payments_of(proposals, approvers={"RF-A": "eve"})).values()
    assert format_minor(500, "USD").encode() in content
    for approvers in ({}, {"RF-A": ""}):
        with pytest.raises(ParameterError, match="nobody approved"):
            payments_of(proposals, approvers=approvers)
    assert minor_places("USD") == 2


def test_the_bank_of_an_approved_account_cannot_be_exchanged():
    """The account carries its bank code; another code beside it is a fault, the same or none is not."""
    joined = {"payee_account": "231380104/12345678", "bank_code": None}
    plain = {"payee_account": "12345678", "bank_code": "231380104"}
    assert ach(paid(joined, base=USD)).keys() == ach(paid(plain, base=USD)).keys()
    assert (
        payment_problems(paid(joined | {"bank_code": "231380104"}, base=USD), debtor=BANK, target="ach") == []
    )
    (problem,) = payment_problems(
        paid(joined | {"bank_code": "121042882"}, base=USD), debtor=BANK, target="ach"
    )
    assert (problem.column, problem.code) == ("payee_account", "not_an_account")
