"""Approved proposals against the newest books: one debt is not taken twice, a settlement waits for its payment, days count."""

from __future__ import annotations

import csv
import sqlite3
from datetime import UTC, date, datetime

import pytest
import yaml

from arlib.errors import ParameterError, SourceError, StoreError, TableError
from arlib.run.approvals import proposal_notebooks, receipts
from arlib.run.post_ledger import POSTED
from arlib.run.post_run import Order, post_run
from arlib.tables import CANONICAL, Book

from .post_runs import BOB, RUN_ID, accounts_file, approve, own_proposals, sealed, small_book

NOW = datetime(2026, 11, 7, 9, 0, tzinfo=UTC)
LATER = "20261106T081502Z-3fa9c2"
WO_A, WO_B = "WO-AAAAAAAAAAAA", "WO-BBBBBBBBBBBB"


@pytest.fixture
def order(tmp_path):
    def made(run, out="posted", batch="B1", day=date(2026, 11, 7), target="sap", accounts=None):
        file = accounts or accounts_file(tmp_path / "accounts.yml")
        return Order(
            folder=run.folder, target=target, accounts_file=file, day=day, batch_id=batch, out=tmp_path / out
        )

    return made


def write_off(amount, proposal_id=WO_A):
    return own_proposals()[0] | {"proposal_id": proposal_id, "amount": amount, "tax_amount": 0}


def moved(amount, *, kind="payment", on=date(2026, 10, 30), of="I1"):
    """The usual books after a credit took an amount of an item."""
    book = small_book()
    items = book["items"].to_dict("records")
    credit = "write_off" if kind == "write_off" else "receipt"
    row = next(row for row in items if row["item_id"] == "I2")
    days = dict.fromkeys(("effective_date", "posting_date", "document_date"), on)
    items.append(row | days | {"item_id": "X1", "item_type": credit, "amount": -amount, "due_date": None})
    applied = {
        "application_id": "A1", "entity": "US01", "source_item_id": "X1", "target_item_id": of, "source_currency": "USD",
        "target_currency": "USD", "source_amount": amount, "target_amount": amount, "kind": kind, "reason": "r",
        "pairing": "stated", "effective_date": on, "posting_date": on,
    }  # fmt: skip
    import pandas as pd

    columns = {name: pd.Series([row.get(name) for row in items], dtype="object") for name in items[0]}
    tables = {
        "items": CANONICAL["items"].typed(pd.DataFrame(columns)),
        "applications": CANONICAL["applications"].frame([applied]),
    }
    return Book({**book.tables, **tables})


def posted(run):
    return run.store.events(kinds=(POSTED,))


def test_matches_of_cash_application_are_no_proposals(tmp_path):
    run = sealed(tmp_path)

    assert (run.folder / "data" / "cash_application" / "proposals.parquet").is_file()
    assert proposal_notebooks(run.folder) == ("adjustments", "write_offs")


def test_a_debt_is_not_written_off_again_after_a_part_payment(tmp_path, order):
    run = sealed(tmp_path)
    approve(run, "write_off")
    post_run(order(run), actor=BOB, now=NOW)
    again = sealed(
        tmp_path, run_id=LATER, rows=[write_off(80000, WO_B)], supersedes=RUN_ID, book=moved(40000)
    )
    approve(again, "write_off")

    with pytest.raises(TableError) as caught:
        post_run(order(again, out="second", batch="B2"), actor=BOB, now=NOW)

    for said in (WO_B, f"{WO_A} of 1200.00 is in batch B1", "only 800.00 USD of it are open", LATER):
        assert said in str(caught.value)
    assert len(posted(run)) == 1
    assert not (tmp_path / "second").exists()


def test_a_debt_is_not_written_off_in_two_periods(tmp_path, order):
    run = sealed(tmp_path)
    later = sealed(tmp_path, run_id=LATER, period="2026-11", rows=[write_off(80000, WO_B)], book=moved(40000))
    approve(run, "write_off")
    approve(later, "write_off")

    with pytest.raises(TableError, match=f"newer run {LATER} of 2026-11 no longer proposes it so"):
        post_run(order(run), actor=BOB, now=NOW)
    lines = post_run(order(later, day=date(2026, 11, 30)), actor=BOB, now=NOW)
    assert ": 1 proposals" in lines[0]


def test_a_later_period_that_proposes_it_too_must_have_as_much_open(tmp_path, order):
    run = sealed(tmp_path)
    approve(run, "write_off")
    sealed(
        tmp_path,
        run_id=LATER,
        period="2026-11",
        rows=[write_off(120000) | {"days_past_due": 299}],
        book=moved(1),
    )

    with pytest.raises(TableError, match=r"only 1199.99 USD of it are open"):
        post_run(order(run), actor=BOB, now=NOW)
    sealed(tmp_path, run_id="20261207T081502Z-3fa9c3", period="2026-11", rows=[write_off(120000)])
    assert ": 1 proposals" in post_run(order(run), actor=BOB, now=NOW)[0]


@pytest.mark.parametrize(("booked", "is_right"), [(True, True), (False, False)])
def test_what_is_left_after_a_booked_write_off_may_be_written_off(tmp_path, order, booked, is_right):
    run = sealed(tmp_path, rows=[write_off(40000)])
    approve(run, "write_off")
    post_run(order(run), actor=BOB, now=NOW)
    kind = "write_off" if booked else "payment"
    book = moved(40000, kind=kind, on=date(2026, 11, 7))
    later = sealed(tmp_path, run_id=LATER, period="2026-11", rows=[write_off(80000, WO_B)], book=book)
    approve(later, "write_off")
    given = order(later, out="second", batch="B2", day=date(2026, 11, 30))

    if is_right:
        assert ": 1 proposals" in post_run(given, actor=BOB, now=NOW)[0]
        return
    with pytest.raises(TableError, match=f"{WO_A} of 400.00 is in batch B1"):
        post_run(given, actor=BOB, now=NOW)


def test_two_approvals_of_one_run_share_what_is_open(tmp_path, order):
    run = sealed(tmp_path, rows=[write_off(80000), write_off(40001, WO_B)])
    approve(run, "write_off")
    with pytest.raises(TableError) as caught:
        post_run(order(run), actor=BOB, now=NOW)
    assert f"{WO_B} of 400.01 is to be posted too" in str(caught.value)
    assert not posted(run)

    fits = sealed(tmp_path / "fits", rows=[write_off(80000), write_off(40000, WO_B)])
    approve(fits, "write_off")
    assert ": 2 proposals" in post_run(order(fits), actor=BOB, now=NOW)[0]


def test_a_refund_that_the_ledger_booked_is_still_paid(tmp_path, order):
    import pandas as pd

    run = sealed(tmp_path)
    approve(run, "refund")
    post_run(order(run), actor=BOB, now=NOW)
    book = small_book()
    on = date(2026, 11, 7)
    items = book["items"].to_dict("records")
    items.append(items[-1] | {"item_id": "F1", "item_type": "refund", "amount": 25000, "functional_amount": 27083,
                              "effective_date": on, "posting_date": on, "document_date": on})  # fmt: skip
    applied = {
        "application_id": "A1", "entity": "US01", "source_item_id": "R1", "target_item_id": "F1", "source_currency": "EUR",
        "target_currency": "EUR", "source_amount": 25000, "target_amount": 25000, "kind": "refund", "reason": "r",
        "pairing": "stated", "effective_date": on, "posting_date": on,
    }  # fmt: skip
    decided = {"proposal_id": "RF-AAAAAAAAAAAA", "entity": "US01", "kind": "refund", "item_id": "R1", "currency": "EUR",
               "amount": 25000, "decision": "approve", "decided_on": date(2026, 11, 6)}  # fmt: skip
    columns = {name: pd.Series([row.get(name) for row in items], dtype="object") for name in items[0]}
    tables = {
        "items": CANONICAL["items"].typed(pd.DataFrame(columns)),
        "applications": CANONICAL["applications"].frame([applied]),
        "decided_proposals": CANONICAL["decided_proposals"].frame([decided]),
    }
    sealed(tmp_path, run_id=LATER, period="2026-11", rows=[], book=Book({**book.tables, **tables}))

    lines = post_run(order(run, out="paid", batch="P1", target="pain001"), actor=BOB, now=NOW)

    assert "1 refunds" in lines[0]


def test_a_credit_memo_beyond_what_is_open_stays_on_account_but_not_beside_a_write_off(tmp_path, order):
    paid = moved(60000, of="I3")
    run = sealed(tmp_path, book=paid)
    approve(run, "credit_memo")  # of an invoice that is paid
    assert ": 1 proposals" in post_run(order(run), actor=BOB, now=NOW)[0]

    lost = write_off(60000) | {"item_id": "I3", "document_no": "9I3", "customer_id": "C2"}
    both = sealed(tmp_path / "both", rows=[lost])
    approve(both, "write_off", "credit_memo")
    with pytest.raises(TableError, match=r"of 600.00 is to be posted too") as caught:
        post_run(order(both, out="second"), actor=BOB, now=NOW)
    assert len(caught.value.problems) == 2


SETTLEMENT = {
    "request_id": "Q2", "entity": "US01", "kind": "settlement", "customer_id": "C1", "item_id": "I1", "currency": "USD",
    "amount": 24000, "reason": "insolvency", "requested_by": "Pat Proposer", "requested_on": date(2026, 10, 20),
    "pay_by": date(2026, 11, 30), "evidence": "release draft",
}  # fmt: skip


def test_a_settlement_waits_for_its_payment(tmp_path, order):
    rows = [row for row in own_proposals() if row["kind"] == "small_balance"]
    run = sealed(tmp_path, rows=rows, book=small_book(adjustment_requests=[SETTLEMENT]))
    approve(run, "settlement")
    with pytest.raises(ParameterError, match="booked by hand once the payment has come in"):
        post_run(order(run), actor=BOB, now=NOW)
    approve(run, "small_balance")

    lines = post_run(order(run), actor=BOB, now=NOW)

    assert any("settlements that were approved, to be booked by hand" in line for line in lines)
    assert [one["proposal_id"][:2] for one in posted(run)[0].body["proposals"]] == ["SB"]
    out = tmp_path / "posted"
    assert run.id_of("settlement") not in (out / "postings" / "journals.csv").read_text(encoding="utf-8")
    with (out / "by_hand.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["proposal_id"], row["item_id"], row["amount"]) == (run.id_of("settlement"), "I1", "240.00")
    assert "only when 960.00 USD have come in by 2026-11-30: debit" in row["text"]
    assert row["text"].endswith("debit allowance 240.00")


def test_the_accounting_date_lies_in_an_open_period_not_before_the_run(tmp_path, order):
    periods = [
        {"entity": "US01", "period": name, "starts_on": start, "ends_on": end, "state": state}
        for name, start, end, state in (
            ("2026-10", date(2026, 10, 1), date(2026, 10, 31), "closed"),
            ("2026-11", date(2026, 11, 1), date(2026, 11, 30), "open"),
        )
    ]
    run = sealed(tmp_path, book=small_book(periods=periods))
    approve(run, "write_off")

    for day, said in ((date(1999, 1, 1), "2026-10-01 or later"), (date(2026, 10, 31), "call 2026-10 closed")):
        with pytest.raises(ParameterError, match=said):
            post_run(order(run, day=day), actor=BOB, now=NOW)
        assert not posted(run)
    assert ": 1 proposals" in post_run(order(run), actor=BOB, now=NOW)[0]


def test_a_batch_that_was_finished_has_a_receipt_too(tmp_path, order):
    run = sealed(tmp_path)
    approve(run, "write_off")
    post_run(order(run), actor=BOB, now=NOW)
    for path in (run.outputs / "_approvals").glob("*.json"):
        path.unlink()  # the kill came before it was written

    post_run(order(run), actor=BOB, now=NOW)

    (head,) = receipts(run.outputs)
    assert head.seq == posted(run)[0].seq
    post_run(order(run), actor=BOB, now=NOW)
    assert len(receipts(run.outputs)) == 1
    with sqlite3.connect(
        run.outputs / "arlib.db"
    ) as link:  # the last event is dropped, and the guard put back
        (guard,) = link.execute("SELECT sql FROM sqlite_master WHERE name = 'events_no_delete'").fetchone()
        link.execute("DROP TRIGGER events_no_delete")
        link.execute("DELETE FROM events WHERE seq = ?", (head.seq,))
        link.execute(guard)
    with pytest.raises((SourceError, StoreError), match=r"cut off|events"):
        post_run(order(run, out="x", batch="B2"), actor=BOB, now=NOW)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"allowance": "4001"}, "allowance and receivable are one account, 4001"),
        ({"bad_debt": "4008"}, "bad_debt and allowance are one account"),
    ],
)
def test_an_account_on_both_sides_of_a_journal_is_refused(tmp_path, order, change, said):
    run = sealed(tmp_path)
    approve(run, "write_off")
    path = accounts_file(tmp_path / "accounts.yml")
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    told["by_entity"] = {"US01": change}
    path.write_text(yaml.safe_dump(told), encoding="utf-8")

    with pytest.raises(ParameterError) as caught:
        post_run(order(run, accounts=path), actor=BOB, now=NOW)

    assert said in str(caught.value) or " and ".join(reversed(said.split(" are ")[0].split(" and "))) in str(
        caught.value
    )


def test_another_books_currency_is_refused_and_one_account_for_unapplied_cash_is_not(tmp_path, order):
    run = sealed(tmp_path)
    approve(run, "write_off")
    path = accounts_file(tmp_path / "accounts.yml")
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    told["accounts"]["unapplied"] = told["accounts"]["receivable"]
    told["functional_currency"] = {"US01": "EUR"}
    path.write_text(yaml.safe_dump(told), encoding="utf-8")

    with pytest.raises(ParameterError, match=r"functional_currency.US01.*'?EUR'?.*USD"):
        post_run(order(run, accounts=path), actor=BOB, now=NOW)
    told["functional_currency"] = {"US01": "USD"}
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    assert ": 1 proposals" in post_run(order(run, accounts=path), actor=BOB, now=NOW)[0]
