"""Notes, promises and disputes out of a collector's export: hostile memo texts, totals, and bad rows by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arlib.errors import TableError
from arlib.sources import SourceSpec, identify, load_book
from arlib.tables import Book

DATA = Path(__file__).parent / "data"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Book]:
    """Load files under a profile, from a folder of this test."""

    def loaded(profile: str, files: dict[str, bytes], **options: object) -> Book:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        spec = SourceSpec(folder=tmp_path, profile=profile, options=options)
        return load_book([spec], root=tmp_path)

    return loaded


def _files(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((DATA / folder).glob("*.csv"))}


def test_getpaid_notes_are_text_whatever_they_say(read: Callable[..., Book]) -> None:
    book = read("getpaid", _files("getpaid"), time_zone="America/New_York")
    notes = book["activities"].sort_values("activity_id", ignore_index=True)
    assert notes["activity_id"].tolist() == [f"N-{n}" for n in range(1, 9)]
    assert notes["kind"].tolist() == ["call", "email", "note", "letter", "call", "escalation", "note", "call"]
    said = dict(zip(notes["activity_id"], notes["text"], strict=True))
    assert said["N-2"] == '=HYPERLINK("http://x.example","pay here")'
    assert said["N-3"] == 'NSF check 4471 returned, R01.\nCustomer says bank error; <b>call</b> "AP" Monday'
    assert said["N-7"] == "@SUM(1+1)*cmd|' /C calc'!A0"
    assert said["N-5"] == "Überfällig – Señora Núñez sagt, Zahlung folgt ¥"
    # 2:15 PM in New York on 26 October is still summer time: four hours behind UTC
    assert str(notes["occurred_at"].iloc[0]) == "2026-10-26 18:15:00+00:00"
    # a note without a time stands at the day's first moment there
    assert str(notes["occurred_at"].iloc[3]) == "2026-10-28 04:00:00+00:00"


def test_getpaid_promises_and_disputes_add_up(read: Callable[..., Book]) -> None:
    book = read("getpaid", _files("getpaid"))
    promises = book["promises"].sort_values("promise_id", ignore_index=True)
    disputes = book["disputes"].sort_values("dispute_id", ignore_index=True)
    # by hand: USD 12,500.00 + 1,999.99 + 40,000.00 + 250.50 = 54,750.49; JPY 1,250,000
    assert promises.groupby("currency")["amount"].sum().to_dict() == {"JPY": 1_250_000, "USD": 5_475_049}
    assert promises["state"].tolist() == ["open", "broken", "kept", "partly", "open"]
    assert promises["closed_on"].notna().tolist() == [False, True, True, True, False]
    assert promises["item_id"].tolist()[0] == "INV-100231"
    # by hand: USD 3,120.00 + 75.25 - 410.00 = 2,785.25; GBP 990.10
    assert disputes.groupby("currency")["amount"].sum().to_dict() == {"GBP": 99_010, "USD": 278_525}
    assert disputes["reason"].tolist() == ["SHORT SHIP", "PRICING", "NSF FEE", "POD MISSING"]
    assert disputes["closed_on"].isna().tolist() == [True, False, True, True]
    totals = book.inputs.groupby("table")[["rows_in", "rows_out"]].sum()
    assert totals.loc[["promises"]].to_numpy().tolist() == [[5, 5]]
    assert totals.loc[["disputes"]].to_numpy().tolist() == [[4, 4]]


def test_icollections_reads_the_same_three(read: Callable[..., Book]) -> None:
    book = read("icollections", _files("icollections"))
    assert book["activities"]["kind"].tolist() == ["call", "email", "letter", "note", "escalation"]
    assert str(book["activities"]["occurred_at"].iloc[1]) == "2026-10-27 13:05:00+00:00"
    assert book["activities"]["text"].iloc[3] == "+44 20 7946 0000 rings out; voicemail full\t(tab kept)"
    # by hand: EUR 8,000.00 + 1,200.50; KWD 75.125
    assert book["promises"].groupby("currency")["amount"].sum().to_dict() == {"EUR": 920_050, "KWD": 75_125}
    assert book["promises"]["state"].tolist() == ["open", "broken", "partly"]
    # by hand: EUR 512.00 + 64.10
    assert book["disputes"].groupby("currency")["amount"].sum().to_dict() == {"EUR": 57_610}


BAD = b"""\
Company,Customer Number,Invoice Number,Promise ID,Promise Date,Promised Pay Date,Promise Amount,Currency,Collector,Promise Status
US01,00417,INV-1,P-1,10/26/2026,11/02/2026,"1,000.00",USD,amy,OPEN
US01,00417,INV-2,P-2,10/26/2026,11/02/2026,,USD,amy,OPEN
US01,00417,INV-3,P-3,26/10/2026,11/02/2026,10.00,USD,amy,OPEN
US01,00417,INV-4,P-4,10/26/2026,11/02/2026,10.00,USX,amy,OPEN
US01,00417,INV-5,P-5,10/26/2026,11/02/2026,10.00,USD,amy,WISHFUL
US01,,INV-6,P-6,10/26/2026,11/02/2026,10.00,USD,amy,OPEN
US01,00417,INV-7,=P-7,10/26/2026,11/02/2026,10.00,USD,amy,OPEN
US01,00417,INV-8,P-8,10/26/2026,11/02/2026,10.005,USD,amy,OPEN
"""


def test_each_bad_row_is_named_with_its_row_and_column(read: Callable[..., Book]) -> None:
    with pytest.raises(TableError) as caught:
        read("getpaid", {"promises.csv": BAD})
    found = {(p.row, p.column, p.code) for p in caught.value.problems if str(p.severity) == "rejected"}
    assert (3, "Promise Amount", "missing_value") in found
    assert (4, "Promise Date", "not_a_date") in found
    assert (5, "Currency", "unknown_currency") in found
    assert (6, "Promise Status", "unknown_code") in found
    assert (8, "Promise ID", "formula_like_id") in found
    assert {row for row, _, _ in found} == {3, 4, 5, 6, 7, 8, 9}


def test_bad_rows_can_be_set_aside_with_what_they_carried(read: Callable[..., Book]) -> None:
    lines = BAD.splitlines(keepends=True)
    harmless = b"".join(line for line in lines if b"=P-7" not in line)
    book = read("getpaid", {"promises.csv": harmless}, on_rejected="set_aside")
    assert book["promises"]["promise_id"].tolist() == ["P-1"]
    mine = book.inputs[book.inputs["table"].eq("promises")]
    assert mine["rows_in"].sum() == 7
    assert mine["rows_out"].sum() == 1
    assert mine["rows_rejected"].sum() == 6


def test_other_column_names_by_a_profile_that_extends_ours(read: Callable[..., Book], tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(
        "profile: mine\ntitle: Our view\nextends: getpaid\nentity: US01\n"
        "files:\n  promises: {names: [ptp_view.csv], header: [CUSTNO, PTP_KEY]}\n"
        'without: ["activities/notes", "disputes/disputes"]\n'
        "tables:\n  - into: promises\n    part: promises\n    columns:\n"
        "      promise_id: PTP_KEY\n      entity: {option: entity}\n      customer_id: CUSTNO\n"
        "      item_id: {column: INVNO, prefix: 'INV-'}\n      currency: {constant: USD}\n      amount: PTP_AMT\n"
        "      promised_on: TAKEN\n      pay_by: DUE\n      state: {column: ST, map: {O: open, X: broken}}\n"
    )
    data = b'CUSTNO,PTP_KEY,INVNO,PTP_AMT,TAKEN,DUE,ST\n00417,7,100231,"1,250.00",10/26/2026,11/02/2026,X\n'
    book = read("mine.yml", {"ptp_view.csv": data})
    row = book["promises"].iloc[0]
    assert (row["promise_id"], row["item_id"], int(row["amount"]), row["state"]) == (
        "7",
        "INV-100231",
        125_000,
        "broken",
    )


@pytest.mark.parametrize(("folder", "profile"), [("getpaid", "getpaid"), ("icollections", "icollections")])
def test_an_export_is_known_by_its_columns(folder: str, profile: str, tmp_path: Path) -> None:
    for name, content in _files(folder).items():
        other = tmp_path / f"x_{name}.data"
        other.write_bytes(content)
        assert identify(other)[0] == profile, name
