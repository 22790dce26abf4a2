"""Every ACH sample by name: batches, entries, money by the company's side, returns and changes, or why it is refused."""

from __future__ import annotations

import io
import random
from decimal import Decimal
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.nacha import FORM
from arlib.sources.forms.form import Row
from arlib.sources.forms.registry import head_of

DATA = Path(__file__).parent.parent / "data" / "nacha"

# file, statements, entries, their sum as the company sees it, reasons of returns, codes of changes, remarks.
# Sums from the amounts on the records 6: a debit that collects is +, a credit that pays is -, a return turns it round.
READ = [
    ("cor-read.ach", 1, 1, "0", [], ["C01"], []),
    ("ctx-debit.ach", 1, 1, "1000000.00", [], [], []),
    (
        "dishonored-return.ach",
        1,
        2,
        "480.00",
        ["R68", "R68"],
        [],
        [],
    ),  # the returns are refused: the money stays
    ("issue1595.ach", 1, 1, "-100.00", [], [], []),  # its file control is short, which is blanks left out
    ("issue1620_return.ach", 1, 1, "0.01", ["R03"], [], []),  # a payment of ours that came back
    ("issue702-1.ach", 0, 0, "0", [], [], ["no_transactions"]),  # a file that says there was nothing
    ("issue702.ach", 3, 3, "-100.00", ["R04", "R03", "R01"], [], []),  # + 1.02 - 1.01 - 100.01, CR LF
    # One whole batch without a file around it, as banks cut returns out: its own control proves it.
    ("issue751.ach", 1, 2, "-171.60", ["R01", "R03"], [], ["file_header_missing"]),
    (
        "return-no-file-header-control.ach",
        1,
        1,
        "-123.54",
        ["R01"],
        [],
        ["date_uncertain", "file_header_missing"],
    ),
    ("ppd-debit.ach", 1, 1, "2000000.00", [], [], []),
    ("return-WEB.ach", 2, 2, "-77.89", ["R01", "R03"], [], []),  # - 123.54 + 45.65
    ("segmentFile-ppd-debit.ach", 1, 1, "2000000.00", [], [], []),
    ("test__ach-cor-read__cor-read.ach", 1, 1, "0", [], ["C01"], []),
    ("test__ach-ctx-read__ctx-debit.ach", 1, 1, "1000000.00", [], [], []),
    ("test__ach-ppd-read__ppd-debit.ach", 1, 1, "1000000.00", [], [], []),
    ("test__testdata__ppd-debit.ach", 1, 1, "1000000.00", [], [], []),
    # - 35.21 - 23.00 - 24.99 - 10.00, - 175.00, + 150.00; control: debits 150.00, credits 268.20
    ("web-debit.ach", 3, 6, "-118.20", [], [], []),
]
REFUSED = [
    # R96 is no published reason, and its addendum carries the trace number of no entry.
    (
        "pos-invalidReturnFile.ach",
        r"line 4: unknown return code, on a record that is not the entry's own: found 'R96'",
    ),
    # Without a control nothing proves that the entries of a batch are all there.
    ("return-no-batch-controls.ach", r"line 4: a batch without its control"),
    # Without a batch header nobody says whose entries these are, nor of which day.
    ("return-no-batch-header.ach", r"line 1: an entry without its batch header"),
]


def rows_of(content: bytes) -> list[Row]:
    return list(FORM.rows(io.BytesIO(content), "file"))


def of(rows: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in rows if key == name]


@pytest.mark.parametrize(("name", "statements", "entries", "total", "reasons", "changes", "remarks"), READ)
def test_a_sample_is_read(
    name: str,
    statements: int,
    entries: int,
    total: str,
    reasons: list[str],
    changes: list[str],
    remarks: list[str],
) -> None:
    content = (DATA / name).read_bytes()
    assert FORM.claims(head_of(content))
    rows = rows_of(content)
    assert len(of(rows, "statements")) == statements
    assert len(of(rows, "entries")) == entries
    booked = [Decimal(e["amount"]) for e in of(rows, "entries") if e["status"] == "booked"]
    assert sum(booked) == Decimal(total)
    assert sum(Decimal(s["net"]) for s in of(rows, "statements")) == Decimal(total)
    assert [e["return_code"] for e in of(rows, "entries") if e["kind"] == "return"] == reasons
    assert [change["code"] for change in of(rows, "changes")] == changes
    assert sorted(remark["code"] for remark in of(rows, "remarks")) == remarks


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_a_sample_is_refused(name: str, reason: str) -> None:
    content = (DATA / name).read_bytes()
    assert FORM.claims(head_of(content))
    with pytest.raises(SourceError, match=reason):
        rows_of(content)


def test_every_sample_is_in_the_tables() -> None:
    named = {name for name, *_ in READ} | {name for name, _ in REFUSED}
    assert named == {path.name for path in DATA.glob("*.ach")}


def test_a_bounced_debit_is_money_out_with_its_reason() -> None:
    rows = rows_of((DATA / "return-WEB.ach").read_bytes())
    first, second = of(rows, "entries")
    assert (first["amount"], first["kind"], first["return_code"]) == ("-123.54", "return", "R01")
    assert first["return_of"] == "091400600000001"
    assert first["payer_name"] == "Paul Jones"
    assert first["payer_account"] == "091400606/123456789"
    assert first["booking_date"] == "2018-10-17"  # of the file; the batch repeats the day of the original
    assert of(rows, "statements")[0]["to_date"] == "2018-10-17"
    assert (second["amount"], second["return_code"], second["payer_name"]) == ("45.65", "R03", "CoinLion")
    payment = of(rows, "payments")[0]
    assert (payment["return_of"], payment["amount"], payment["method"]) == (
        "091400600000001",
        "-123.54",
        "ach",
    )
    assert payment["remittance_text"] == "R01 Insufficient Funds"


def test_a_notification_of_change_moves_no_money() -> None:
    rows = rows_of((DATA / "cor-read.ach").read_bytes())
    (change,) = of(rows, "changes")
    assert (change["code"], change["code_text"]) == ("C01", "Incorrect DFI Account Number")
    assert (change["corrected"], change["trace"], change["bank"]) == (
        "1918171614",
        "121042880000001",
        "12104288",
    )
    assert (change["customer_id"], change["customer_name"]) == ("location #23", "Best Co. #23")
    assert of(rows, "entries")[0]["status"] == "info"
    assert of(rows, "payments") == []


def test_ctx_addenda_are_one_text() -> None:
    (payment,) = of(rows_of((DATA / "ctx-debit.ach").read_bytes()), "payments")
    assert payment["remittance_text"] == "Debit First Account Debit Second Account"
    assert (payment["payer_name"], payment["payee_name"]) == ("Receiver Company", "Name on Account")


@pytest.mark.parametrize(
    "name",
    [
        "cor-read.ach",
        "issue751.ach",
        "issue702-1.ach",
        "return-WEB.ach",
        "test__testdata__ppd-debit.ach",
        "web-debit.ach",
    ],
)
def test_a_sample_cut_anywhere_is_refused_or_whole(name: str) -> None:
    content = (DATA / name).read_bytes()
    whole = of(rows_of(content), "entries")
    for end in range(len(content)):
        try:
            assert of(rows_of(content[:end]), "entries") == whole, end
        except SourceError:
            continue


@pytest.mark.parametrize("name", [name for name, *_ in READ])
def test_changed_bytes_never_give_another_fault(name: str) -> None:
    content, chance = (DATA / name).read_bytes(), random.Random(3)
    for _ in range(60):
        damaged = bytearray(content)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            rows_of(bytes(damaged))
        except SourceError:
            continue
