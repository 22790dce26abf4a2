"""Lockbox files: the two samples, and rules on small files."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.lockbox import FORM
from arlib.sources.forms.form import Row
from arlib.sources.forms.registry import head_of

DATA = Path(__file__).parent.parent / "data" / "lockbox"
FULL, EMPTY = "test_lockbox.bai", "test_empty_lockbox.bai"

HEADER = "100OURCOMPANY00999999912605231800"
SERVICE = "2OURCOMPANY00999999910000000000400080" + "00801"
OPEN = "50000000012345260523OURCOMPANY0099999991"


def cheque(
    item: int, cents: int, *, batch: int = 1, number: int = 180, rest: str = "051626BOB E SMITH"
) -> str:
    return f"6{batch:03d}{item:03d}{cents:010d}0550027070012345555{number:010d}{rest}"


def overflow(item: int, sequence: int, text: str, *, last: bool = True, batch: int = 1) -> str:
    return f"4{batch:03d}{item:03d}6{sequence % 100:02d}{'9' if last else '0'}{text}"


def total(cents: int, count: int, *, batch: int = 1) -> str:
    return f"7{batch:03d}0000012345260523{count:03d}{cents:010d}"


def closing(cents: int, count: int) -> str:
    return f"80000000012345260523{count:04d}{cents:010d}"


def file_of(*body: str) -> str:
    records = (HEADER, SERVICE, OPEN, *body)
    return "\n".join((*records, f"9{len(records) + 1:06d}"))


def rows_of(text: str | bytes) -> list[Row]:
    return list(FORM.rows(io.BytesIO(text if isinstance(text, bytes) else text.encode()), "file.bai"))


def of(rows: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in rows if key == name]


def codes(rows: list[Row]) -> list[str]:
    return [remark["code"] for remark in of(rows, "remarks")]


def test_the_full_sample_has_a_cheque_of_7000_and_its_invoice() -> None:
    content = (DATA / FULL).read_bytes()
    assert FORM.claims(head_of(content))
    rows = rows_of(content)
    (statement,) = of(rows, "statements")
    assert (statement["kind"], statement["account"], statement["to_date"]) == (
        "lockbox",
        "0022222",
        "2016-05-23",
    )
    assert (statement["entries"], statement["net"], statement["bank"]) == ("1", "7000.00", "0099999991")
    (entry,) = of(rows, "entries")
    assert (entry["amount"], entry["reference"], entry["batch_count"]) == ("7000.00", "001", "1")
    (detail,) = of(rows, "details")
    assert (detail["amount"], detail["line"], detail["detail"]) == ("7000.00", "1", "1")
    (payment,) = of(rows, "payments")
    assert payment["method"] == "cheque"
    assert (payment["trace"], payment["payer_name"]) == ("180", "BOB E SMITH")
    assert (payment["payer_account"], payment["payee_name"]) == (
        "055002707/0012345555",
        "MY BUSINESS COMPANY",
    )
    (remittance,) = of(rows, "remittances")
    assert (remittance["payment"], remittance["reference"]) == ("1", "CE554")
    assert codes(rows) == []


def test_the_empty_sample_is_a_finding() -> None:
    rows = rows_of((DATA / EMPTY).read_bytes())
    assert of(rows, "statements")[0]["state"] == "no entries"
    assert codes(rows) == ["no_transactions"]
    assert of(rows, "entries") == of(rows, "payments") == []


@pytest.mark.parametrize("name", [FULL, EMPTY])
def test_a_sample_cut_anywhere_is_refused_or_whole(name: str) -> None:
    content = (DATA / name).read_bytes()
    whole = rows_of(content)
    for end in range(len(content)):
        try:
            assert rows_of(content[:end]) == whole, end
        except SourceError:
            continue


def test_changed_bytes_never_give_another_fault() -> None:
    content, chance = (DATA / FULL).read_bytes(), random.Random(5)
    for _ in range(400):
        damaged = bytearray(content)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            rows_of(bytes(damaged))
        except SourceError:
            continue


def test_two_batches_are_two_entries_of_one_deposit() -> None:
    rows = rows_of(
        file_of(
            cheque(1, 10000),
            cheque(2, 2550, number=181),
            total(12550, 2),
            cheque(1, 1, batch=2),
            total(1, 1, batch=2),
            closing(12551, 3),
        )
    )
    assert [(e["line"], e["amount"], e["batch_count"]) for e in of(rows, "entries")] == [
        ("1", "125.50", "2"),
        ("2", "0.01", "1"),
    ]
    assert [(d["line"], d["detail"], d["amount"]) for d in of(rows, "details")] == [
        ("1", "1", "100.00"),
        ("1", "2", "25.50"),
        ("2", "1", "0.01"),
    ]
    assert of(rows, "statements")[0]["net"] == "125.51"
    assert codes(rows) == []


def test_bai2_overflow_names_what_is_paid_and_deducted() -> None:
    rows = rows_of(
        file_of(
            cheque(1, 15000),
            overflow(1, 1, "INV-1001        00000100000000000500" + "D01SHORT", last=False),
            overflow(1, 2, "INV-1002        0000005000          "),
            total(15000, 1),
            closing(15000, 1),
        )
    )
    found = [(r["reference"], r["net"], r["deduction"], r["reason"]) for r in of(rows, "remittances")]
    assert found == [("INV-1001", "100.00", "5.00", "D01"), ("INV-1002", "50.00", "", "")]
    assert [r["remittance_line"] for r in of(rows, "remittances")] == ["1", "2"]
    (payment,) = of(rows, "payments")
    assert (payment["entries"], payment["net"], payment["state"], payment["difference"]) == (
        "2",
        "150.00",
        "ties",
        "0.00",
    )


def test_invoices_that_do_not_make_up_the_cheque() -> None:
    paid = overflow(1, 1, "INV-1001        00000100000000000000")
    (payment,) = of(rows_of(file_of(cheque(1, 15000), paid, total(15000, 1), closing(15000, 1))), "payments")
    assert (payment["net"], payment["state"], payment["difference"]) == ("100.00", "differs", "50.00")


def test_totals_and_counts_that_differ_are_remarks() -> None:
    rows = rows_of(
        file_of(cheque(1, 15000), total(15001, 2), closing(14999, 3)).replace("9000007", "9000009")
    )
    assert codes(rows) == [
        "control_total_differs", "count_differs", "control_total_differs", "count_differs", "count_differs",
    ]  # fmt: skip
    assert of(rows, "remarks")[0]["found"] == "150.01"


def test_a_batch_without_its_total_is_a_remark_and_a_lockbox_without_one_a_refusal() -> None:
    assert codes(rows_of(file_of(cheque(1, 15000), closing(15000, 1)))) == ["batch_total_missing"]
    with pytest.raises(SourceError, match="without its total"):
        rows_of(file_of(cheque(1, 15000), total(15000, 1)))


def test_overflow_that_is_not_whole() -> None:
    one = overflow(1, 1, "A", last=False)
    end = (total(1, 1), closing(1, 1))
    assert codes(rows_of(file_of(cheque(1, 1), one, *end))) == ["overflow_incomplete"]
    assert codes(rows_of(file_of(cheque(1, 1), overflow(1, 3, "A"), *end))) == ["overflow_out_of_order"]
    with pytest.raises(SourceError, match="without its cheque"):
        rows_of(file_of(cheque(1, 1), overflow(2, 1, "A"), *end))


def test_more_than_99_invoices_on_a_cheque() -> None:
    many = [overflow(1, (n - 1) % 99 + 1, f"INV{n}", last=n == 120) for n in range(1, 121)]
    rows = rows_of(file_of(cheque(1, 1), *many, total(1, 1), closing(1, 1)))
    assert len(of(rows, "remittances")) == 120
    assert codes(rows) == []


def test_text_of_the_banks_own_in_place_of_the_cheque_day() -> None:
    rows = rows_of(file_of(cheque(1, 1, rest="INV 4711 AND 4712"), total(1, 1), closing(1, 1)))
    (payment,) = of(rows, "payments")
    assert (payment["remittance_text"], payment["payer_name"]) == ("INV 4711 AND 4712", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        file_of().replace(HEADER + "\n", ""),
        file_of(closing(0, 0)).replace("260523OUR", "269923OUR"),
        file_of(cheque(1, 1).replace("0000000001", "00000000X1"), total(1, 1), closing(1, 1)),
        file_of(closing(0, 0)) + "\n" + HEADER,
        file_of(total(1, 1).replace("0000000001", "000000001"), closing(0, 0)),
    ],
)
def test_what_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(SourceError):
        rows_of(text)


def test_an_ach_file_is_not_claimed() -> None:
    head = b"101 23138010401210428821908161055A094101Federal Reserve Bank   My Bank Name                   \n5220"
    assert not FORM.claims(head)
    assert FORM.claims(file_of(closing(0, 0)).replace("\n", "\r\n").encode())
