"""Bank statements against themselves and against what earlier closes read."""

from __future__ import annotations

from datetime import date

import pandas as pd

from arlib.controls import Status
from arlib.ledger.bank_statements import Finding, bank_statement_check
from arlib.policy import Scope
from arlib.tables import CANONICAL, Book

SCOPE = Scope(
    entity="US01", entity_name="Us", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
    ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31),
)  # fmt: skip


def statement(
    number: str, day: str, opening: int | None, closing: int | None, net: int, **more: object
) -> dict:
    return {
        "statement_id": number, "entity": "US01", "bank_account": "A", "kind": "statement", "number": number,
        "to_date": pd.Timestamp(day), "currency": "USD", "opening": opening, "closing": closing, "entries": 1,
        "net": net, "content_sha256": f"sha-{number}",
    } | more  # fmt: skip


def book(*statements: dict, lines: dict[str, int] | None = None, prior: list[dict] | None = None) -> Book:
    given = lines if lines is not None else {s["statement_id"]: s["net"] for s in statements}
    rows = [
        {"bank_line_id": f"L{at}", "entity": "US01", "bank_account": "A", "booking_date": pd.Timestamp("2026-10-05"),
         "currency": "USD", "amount": amount, "kind": "receipt", "statement_id": number}
        for at, (number, amount) in enumerate(given.items())
    ]  # fmt: skip
    tables = {
        "bank_statements": CANONICAL["bank_statements"].frame(list(statements)),
        "bank_lines": CANONICAL["bank_lines"].frame(rows),
    }
    if prior:
        tables["prior_statements"] = CANONICAL["prior_statements"].frame(
            [{"period": "2026-09", "run_id": "r"} | {k: v for k, v in row.items() if k not in ("kind", "number", "opening", "net")}
             for row in prior]
        )  # fmt: skip
    return Book(tables)


def findings(made: Book) -> tuple[list[str], list[Status]]:
    controls, frame = bank_statement_check(made, scope=SCOPE)
    return frame["finding"].tolist(), [control.status for control in controls]


def test_a_chain_of_statements_ties_from_the_first_opening_to_the_last_closing():
    made = book(statement("1", "2026-10-15", 1000, 1300, 300), statement("2", "2026-10-31", 1300, 1250, -50))
    (control,), frame = bank_statement_check(made, scope=SCOPE)
    assert (control.left, control.right, control.status, control.note) == (1250, 1250, Status.TIED, "")
    assert frame["finding"].tolist() == [Finding.TIES, Finding.TIES]


def test_each_way_to_be_wrong_is_found():
    off = book(statement("1", "2026-10-31", 1000, 1301, 300))
    assert findings(off) == ([Finding.DIFFERS], [Status.UNEXPLAINED])
    gap = book(statement("1", "2026-10-15", 1000, 1300, 300), statement("2", "2026-10-31", 1400, 1350, -50))
    assert findings(gap) == (
        [Finding.GAP, Finding.TIES],
        [Status.UNEXPLAINED],
    )  # what does not tie stands first
    lost = book(statement("1", "2026-10-31", 1000, 1300, 300), lines={"1": 200})
    assert findings(lost) == ([Finding.DIFFERS], [Status.UNEXPLAINED])
    silent = book(statement("1", "2026-10-31", None, None, 300))
    assert findings(silent) == ([Finding.NOT_STATED], [Status.NO_INPUT])


def test_earlier_statements_are_told_only_where_they_do_not_tie():
    made = book(
        statement("1", "2026-08-31", 0, 5, 5),
        statement("2", "2026-09-30", 7, 9, 2),
        statement("3", "2026-10-31", 9, 9, 0),
    )
    assert findings(made) == ([Finding.GAP, Finding.TIES], [Status.TIED])


def test_gaps_that_cancel_out_still_leave_it_unexplained():
    made = book(
        statement("1", "2026-10-10", 1000, 1300, 300), statement("2", "2026-10-20", 1400, 1400, 0),
        statement("3", "2026-10-31", 1300, 1300, 0),
    )  # fmt: skip
    assert findings(made)[1] == [Status.UNEXPLAINED]


def test_a_late_last_statement_and_a_missing_one_are_said():
    (control,), _ = bank_statement_check(book(statement("1", "2026-10-28", 0, 5, 5)), scope=SCOPE)
    assert control.note == "the last statement ends on 2026-10-28"
    (old,), _ = bank_statement_check(book(statement("1", "2026-09-30", 0, 5, 5)), scope=SCOPE)
    assert (old.status, old.note) == (Status.NO_INPUT, "no statement ends in the period")


def test_notices_and_later_statements_do_not_count_and_none_at_all_gives_no_control():
    made = book(statement("1", "2026-10-31", 0, 5, 5, kind="lockbox"), statement("2", "2026-11-30", 0, 9, 5))
    assert bank_statement_check(made, scope=SCOPE)[0] == ()
    assert bank_statement_check(Book({}), scope=SCOPE)[0] == ()


def test_what_an_earlier_close_read_is_held_against_it():
    before = statement("9", "2026-09-30", 0, 1000, 1000)
    good = statement("1", "2026-10-31", 1000, 1300, 300)
    assert findings(book(good, prior=[before])) == ([Finding.TIES], [Status.TIED])
    gap = statement("1", "2026-10-31", 1100, 1400, 300)
    assert findings(book(gap, prior=[before])) == ([Finding.GAP], [Status.UNEXPLAINED])
    altered = good | {"content_sha256": "other"}
    assert findings(book(good, prior=[altered])) == ([Finding.ALTERED], [Status.UNEXPLAINED])
    again = good | {"content_sha256": "sha-9"}
    assert findings(book(again, prior=[before])) == ([Finding.AGAIN], [Status.UNEXPLAINED])


def test_an_old_statement_that_was_altered_is_not_hidden_behind_a_period_that_ties():
    before = statement("9", "2026-09-30", 0, 1000, 1000)
    old, new = before | {"content_sha256": "other"}, statement("1", "2026-10-31", 1000, 1300, 300)
    (control,), frame = bank_statement_check(book(old, new, prior=[before]), scope=SCOPE)
    assert control.status is Status.UNEXPLAINED
    assert "9 was read by an earlier close with other entries" in control.note
    assert frame["finding"].tolist()[0] == Finding.ALTERED


def test_a_missing_month_is_told_with_both_balances():
    made = book(statement("1", "2026-08-31", 0, 500, 500), statement("3", "2026-10-31", 900, 1000, 100))
    (control,), _ = bank_statement_check(made, scope=SCOPE)
    assert "does not open where the statement before it closed (9.00, before it 5.00)" in control.note
