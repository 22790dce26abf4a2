# ruff: noqa: E501  (text books are wide)
"""Whatever the books: causes and unexplained parts add up to the gap, order changes nothing, frames stay as they were.

The balances are counted here a second time, row by row in plain Python.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from arlib.ledger.closed_periods import closed_period_postings
from arlib.ledger.rollforward import roll_forward
from arlib.ledger.tieout import tie_out
from arlib.policy import Scope
from arlib.tables import CANONICAL, Book

AS_OF = date(2026, 10, 31)
SCOPE = Scope(entity="E1", entity_name="E", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=AS_OF, as_of=AS_OF)  # fmt: skip
DAYS = st.integers(-80, 60).map(lambda days: AS_OF + timedelta(days=days))
AMOUNTS = st.sampled_from([-300, -200, -100, -1, 1, 100, 101, 200, 300])
ACCOUNTS = st.sampled_from(["1200", "1300", "1290"])
DOCUMENTS = st.sampled_from([f"D{n}" for n in range(6)])
QUIET = settings(
    max_examples=16, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@st.composite
def items(draw: st.DrawFn) -> list[dict[str, Any]]:
    types = ["invoice", "receipt", "credit_memo", "transfer", "opening", "prepayment"]
    return [
        {"entity": "E1", "item_id": f"I{n}", "customer_id": draw(st.sampled_from(["A", "B"])), "item_type": draw(st.sampled_from(types)),
             "document_no": draw(DOCUMENTS), "effective_date": draw(DAYS), "currency": "USD", "amount": draw(AMOUNTS),
             "control_account": draw(ACCOUNTS), "reverses": draw(st.sampled_from([None, "I0"])) if n else None,
             "batch_id": draw(st.sampled_from([None, "B1", "B2"])), "assigned_to": draw(st.sampled_from([None, "Factor"])),
             "reason": draw(st.sampled_from([None, "contra"])), "entered_at": None}
        for n in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


@st.composite
def gl_lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    sources = ["billing", "receipts", "lockbox", "manual", "revaluation", "reclass", "other"]
    rows = []
    for n in range(draw(st.integers(0, 8))):
        amount = draw(AMOUNTS)
        rows.append({
            "entity": "E1", "ledger": "primary", "account": draw(ACCOUNTS), "journal_id": draw(st.sampled_from(["J1", "J2", "J3"])), "line_id": str(n),
            "posting_date": draw(DAYS), "source": draw(st.sampled_from(sources)), "status": draw(st.sampled_from(["posted", "posted", "unposted"])),
            "customer_id": draw(st.sampled_from([None, "A"])), "document_no": draw(st.one_of(st.none(), DOCUMENTS)), "currency": "USD",
            "batch_id": draw(st.sampled_from([None, "B1", "B2"])), "amount": amount, "functional_amount": amount,
            "text": draw(st.sampled_from([None, "contra"])),
        })  # fmt: skip
    return rows


@st.composite
def links(draw: st.DrawFn, count: int) -> list[dict[str, Any]]:
    rows = []
    for n in range(draw(st.integers(0, 4)) if count > 1 else 0):
        amount = draw(st.sampled_from([100, 200, -100]))
        rows.append({
            "entity": "E1", "application_id": f"A{n}", "source_item_id": f"I{draw(st.integers(0, count - 1))}",
            "target_item_id": f"I{draw(st.integers(0, count - 1))}", "effective_date": draw(DAYS), "source_currency": "USD", "source_amount": amount,
            "target_currency": "USD", "target_amount": amount, "discount": draw(st.sampled_from([None, 2])), "kind": "payment", "reason": "x",
            "pairing": "stated", "entered_at": None,
        })  # fmt: skip
    return rows


@st.composite
def whole_books(draw: st.DrawFn) -> Book:
    mine = draw(items())
    accounts = [{"entity": "E1", "account": "1200", "role": "trade", "in_tieout": True}, {"entity": "E1", "account": "1290", "role": "factored"},
                {"entity": "E1", "account": "1300", "role": "intercompany", "in_tieout": draw(st.booleans())}]  # fmt: skip
    openings = [{"entity": "E1", "ledger": "primary", "account": account, "as_of": draw(DAYS), "currency": "USD", "balance": draw(AMOUNTS)}
                for account in draw(st.sets(ACCOUNTS))]  # fmt: skip
    given_rows = {"items": mine, "applications": draw(links(len(mine))), "gl_lines": draw(gl_lines()), "gl_balances": openings,
                  "control_accounts": accounts}  # fmt: skip
    return Book({name: frame(name, rows) for name, rows in given_rows.items()})


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = CANONICAL[name]
    names = dict.fromkeys(key for row in rows for key in row)
    columns = {key: pd.Series([row.get(key) for row in rows], dtype="object") for key in names}
    return table.typed(pd.DataFrame(columns)) if rows else table.empty()


def subledger(book: Book, account: str) -> int:
    """Items, less discounts, plus what applications bring from other accounts: row by row."""
    of_item = {row["item_id"]: row["control_account"] for row in book["items"].to_dict("records")}
    total = sum(row["amount"] for row in book["items"].to_dict("records")
                if row["control_account"] == account and row["effective_date"].date() <= AS_OF)  # fmt: skip
    for row in book["applications"].to_dict("records"):
        if row["effective_date"].date() <= AS_OF:
            if of_item[row["source_item_id"]] == account:
                total += row["source_amount"]
            if of_item[row["target_item_id"]] == account:
                total -= row["target_amount"] + (0 if pd.isna(row["discount"]) else row["discount"])
    return int(total)


def ledger(book: Book, account: str) -> int:
    """The last stated balance and the posted lines after it: row by row."""
    stated = [
        row
        for row in book["gl_balances"].to_dict("records")
        if row["account"] == account and row["as_of"].date() <= AS_OF
    ]
    since = stated[0]["as_of"].date() if stated else date.min
    return int((stated[0]["balance"] if stated else 0) + sum(
        row["functional_amount"] for row in book["gl_lines"].to_dict("records")
        if row["account"] == account and row["status"] == "posted" and since < row["posting_date"].date() <= AS_OF
    ))  # fmt: skip


@QUIET
@given(whole_books())
def test_causes_and_unexplained_are_the_gap(book):
    result = tie_out(book, scope=SCOPE)
    assert result.controls
    for control in result.controls:
        if control.difference is None:
            continue
        assert (control.left, control.right) == (
            ledger(book, control.account),
            subledger(book, control.account),
        )
        causes = result.causes.loc[result.causes["account"].eq(control.account), "amount"]
        rest = result.unexplained.loc[result.unexplained["account"].eq(control.account), "amount"]
        assert int(causes.sum()) == control.explained
        assert int(causes.sum()) + int(rest.sum()) == control.difference
        assert not causes.eq(0).any()
    assert result.causes["document_no"].ne("").all()
    assert not result.causes.duplicated(["account", "cause", "document_no"]).any()


@settings(QUIET, max_examples=8)
@given(whole_books(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing_and_frames_are_left_alone(book, random):
    before = {name: rows.copy(deep=True) for name, rows in book.tables.items()}
    first = tie_out(book, scope=SCOPE)
    for name, rows in book.tables.items():
        assert_frame_equal(rows, before[name])
    shuffled = {}
    for name, rows in book.tables.items():
        order = list(range(len(rows)))
        random.shuffle(order)
        shuffled[name] = rows.iloc[order].reset_index(drop=True)
    second = tie_out(Book(shuffled), scope=SCOPE)
    assert first.controls == second.controls
    assert_frame_equal(first.causes, second.causes)
    assert_frame_equal(first.unexplained, second.unexplained)


@settings(QUIET, max_examples=10)
@given(whole_books())
def test_the_roll_forward_foots_to_the_postings(book):
    result = roll_forward(book, scope=SCOPE)
    assert len(closed_period_postings(book, scope=SCOPE)) == 0
    for account in {"1200", "1290", "1300"} & set(result.by_account["account"]):
        lines = result.by_account[result.by_account["account"].eq(account)]
        closing = int(lines.loc[lines["line"].eq("closing"), "amount"].iloc[0])
        assert (
            closing == int(lines.loc[lines["line"].ne("closing"), "amount"].sum()) == subledger(book, account)
        )


def test_a_large_book_of_noise_adds_up():
    """3,000 items and 3,000 ledger lines drawn at random: all rules meet each other."""
    random = Random(20261031)
    sources = ["billing", "receipts", "lockbox", "manual", "revaluation", "reclass", "other", "adjustments"]

    def day() -> date:
        return AS_OF + timedelta(days=random.randint(-80, 60))

    def amount() -> int:
        return random.choice([-300, -200, -100, 100, 101, 200, 300])

    rows = [
        {"entity": "E1", "item_id": f"I{n}", "customer_id": random.choice("AB"), "document_no": f"D{random.randrange(2500)}", "currency": "USD",
             "item_type": random.choice(["invoice", "receipt", "credit_memo", "transfer"]), "effective_date": day(), "amount": amount(),
             "control_account": random.choice(["1200", "1300", "1290"]), "reverses": random.choice([None, None, f"I{random.randrange(3000)}"]),
             "batch_id": random.choice([None, f"B{random.randrange(40)}"]), "assigned_to": random.choice([None, None, "Factor"])}
        for n in range(3000)
    ]  # fmt: skip
    lines = [
        {"entity": "E1", "ledger": "primary", "account": random.choice(["1200", "1300", "1290"]), "journal_id": f"J{random.randrange(900)}",
             "line_id": str(n), "posting_date": day(), "source": random.choice(sources), "status": random.choice(["posted"] * 5 + ["unposted"]),
             "customer_id": random.choice([None, "A"]), "document_no": random.choice([None, *[f"D{random.randrange(2500)}"] * 9]),
             "currency": "USD", "batch_id": random.choice([None, f"B{random.randrange(40)}"]), "amount": (value := amount()),
             "functional_amount": value, "text": random.choice([None, "contra"])}
        for n in range(3000)
    ]  # fmt: skip
    accounts = [
        {"entity": "E1", "account": a, "role": "factored" if a == "1290" else "trade", "in_tieout": True}
        for a in ("1200", "1300", "1290")
    ]
    book = Book(
        {
            "items": frame("items", rows),
            "gl_lines": frame("gl_lines", lines),
            "control_accounts": frame("control_accounts", accounts),
        }
    )
    result = tie_out(book, scope=SCOPE)
    assert len(set(result.causes["cause"])) >= 9  # most of the rules had something to say
    for control in result.controls:
        assert (control.left, control.right) == (
            ledger(book, control.account),
            subledger(book, control.account),
        )
        parts = [
            part.loc[part["account"].eq(control.account), "amount"].sum()
            for part in (result.causes, result.unexplained)
        ]
        assert sum(parts) == control.difference
