"""Every OFX sample by name: accounts, entries, total, closing balance, or why it is refused; against ofxparse where that
library is right. The samples are under several licences, so that they are read where they lie."""

from __future__ import annotations

import io
import random
import warnings
from decimal import Decimal
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.ofx import FORM
from arlib.sources.forms.form import Row
from arlib.sources.forms.registry import head_of

pytestmark = pytest.mark.shared

# file, statements, entries, their sum, closing balances, remarks
READ = [
    ("ofxparse/account_listing_aggregation.ofx", 0, 0, "0", [], ["no_transactions"]),
    ("ofxparse/anzcc.ofx", 1, 1, "-5.50", ["-123.45"], []),
    ("ofxparse/bank_medium.ofx", 1, 3, "-345.27", ["382.34"], []),
    ("ofxparse/bank_small.ofx", 0, 0, "0", [], ["no_transactions"]),
    ("ofxparse/checking.ofx", 1, 3, "-59.50", ["100.99"], []),
    ("ofxparse/multiple_accounts.ofx", 2, 0, "0", ["111.00", "222.00"], ["no_transactions"] * 2),
    (
        "ofxparse/ofx-v102-empty-tags.ofx",
        1,
        1,
        "12.34",
        [""],
        ["balance_missing", "currency_not_stated", "reference_missing"],
    ),
    ("ofxparse/signon_success.ofx", 0, 0, "0", [], ["no_transactions"]),
    ("ofxparse/suncorp.ofx", 1, 1, "-16.85", ["1234.12"], []),
    ("ofxtools/br_nubank_cc.ofx", 1, 6, "-1280.91", ["-1280.91"], []),
    ("tryton/OFX.txt", 1, 1, "100.00", ["500.00"], []),
]
REFUSED = [
    ("oca/test_ofx_wrong.ofx", "a transaction without an amount"),
    ("ofxparse/fail_nice/date_missing.ofx", "line 33: a transaction without a day"),
    ("ofxparse/fail_nice/decimal_error.ofx", r"not an amount: found '\$120'"),
    ("ofxparse/fail_nice/empty_balance.ofx", "line 19: a balance without an amount"),
    ("ofxparse/fidelity.ofx", "is an investment statement"),
    ("ofxparse/investment_401k.ofx", "is an investment statement"),
    ("ofxparse/investment_medium.ofx", "is an investment statement"),
    ("ofxparse/vanguard.ofx", "is an investment statement"),
    ("ofxparse/vanguard401k.ofx", "is an investment statement"),
    ("ofxtools/profrs.ofx", "the bank's answer is an error: found '15500'"),
]
# Where ofxparse stops (an empty currency), there is nothing to compare.
COMPARED = [name for name, _, entries, *_ in READ if entries and "empty-tags" not in name]


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / "bank" / "ofx"


def rows_of(content: bytes) -> list[Row]:
    return list(FORM.rows(io.BytesIO(content), "file"))


def of(rows: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in rows if key == name]


@pytest.mark.parametrize(("name", "statements", "entries", "total", "closing", "remarks"), READ)
def test_a_sample_is_read(
    folder: Path, name: str, statements: int, entries: int, total: str, closing: list[str], remarks: list[str]
) -> None:
    content = (folder / name).read_bytes()
    assert FORM.claims(head_of(content))
    rows = rows_of(content)
    assert len(of(rows, "statements")) == statements
    assert len(of(rows, "entries")) == entries
    assert sum(Decimal(entry["amount"]) for entry in of(rows, "entries")) == Decimal(total)
    assert [statement["closing"] for statement in of(rows, "statements")] == closing
    assert sorted(remark["code"] for remark in of(rows, "remarks")) == remarks


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_a_sample_is_refused(folder: Path, name: str, reason: str) -> None:
    content = (folder / name).read_bytes()
    assert FORM.claims(head_of(content))
    with pytest.raises(SourceError, match=reason):
        rows_of(content)


def test_every_sample_is_in_the_tables(folder: Path) -> None:
    named = {name for name, *_ in READ} | {name for name, _ in REFUSED}
    there = [path for path in folder.rglob("*") if path.suffix in (".ofx", ".txt")]
    assert named == {path.relative_to(folder).as_posix() for path in there}


@pytest.mark.parametrize("name", COMPARED)
def test_the_library_says_the_same_where_it_is_right(folder: Path, name: str) -> None:
    parser = pytest.importorskip("ofxparse").OfxParser
    content = (folder / name).read_bytes()
    rows = rows_of(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        accounts = parser.parse(io.BytesIO(content)).accounts
    theirs = [(t.amount, t.id, t.memo or "") for account in accounts for t in account.statement.transactions]
    ours = of(rows, "entries")
    assert [(Decimal(e["amount"]), e["bank_reference"]) for e in ours] == [
        (amount, fitid) for amount, fitid, _ in theirs
    ]
    assert all(memo.strip() in e["remittance_text"] for e, (_, _, memo) in zip(ours, theirs, strict=True))
    assert [Decimal(s["closing"]) for s in of(rows, "statements")] == [a.statement.balance for a in accounts]
    assert [s["account"] for s in of(rows, "statements")] == ["".join(a.account_id.split()) for a in accounts]


@pytest.mark.parametrize("name", [name for name, _, entries, *_ in READ if entries])
def test_a_sample_cut_anywhere_is_refused_or_whole(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    whole = of(rows_of(content), "entries")
    for end in range(len(content)):
        try:
            assert of(rows_of(content[:end]), "entries") == whole, end
        except SourceError:
            continue


@pytest.mark.parametrize("name", [name for name, *_ in READ] + [name for name, _ in REFUSED])
def test_changed_bytes_never_give_another_fault_and_lose_no_entry(folder: Path, name: str) -> None:
    content, chance = (folder / name).read_bytes(), random.Random(17)
    try:
        count = len(of(rows_of(content), "entries"))
    except SourceError:
        count = -1
    for _ in range(60):
        damaged = bytearray(content)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            found = len(of(rows_of(bytes(damaged)), "entries"))
        except SourceError:
            continue
        assert count in (-1, found)
