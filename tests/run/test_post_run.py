"""Posting what was approved in a run: three persons, traces, nothing twice, nothing lost to a kill."""

from __future__ import annotations

import csv
import re
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from arlib.cli.posting import post
from arlib.errors import ParameterError, SourceError, StoreError, TableError
from arlib.run.post_ledger import POSTED, staging_of
from arlib.run.post_run import Order, post_run
from arlib.run.store.store import Store
from arlib.tables import Book

from .post_runs import ANN, BOB, EVE, PAT, RUN_ID, accounts_file, approve, own_proposals, sealed, small_book

NOW = datetime(2026, 11, 7, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 7)


@pytest.fixture
def run(tmp_path):
    return sealed(tmp_path)


@pytest.fixture
def order(run, tmp_path):
    def made(out="posted", batch="B1", target="sap", folder=None, **more):
        return Order(
            folder=folder or run.folder, target=target, accounts_file=accounts_file(tmp_path / "accounts.yml"),
            day=DAY, batch_id=batch, out=tmp_path / out, **more,
        )  # fmt: skip

    return made


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def posted_events(run):
    return run.store.events(kinds=(POSTED,))


@pytest.mark.parametrize("target", ["sap", "oracle"])
def test_what_was_approved_is_written_balanced_and_traced(run, order, tmp_path, target):
    approve(run, "write_off", "small_balance", "refund", "credit_memo", "plan")

    lines = post_run(order(target=target), actor=BOB, now=NOW)

    assert "approved by Ann Approver, posted by Bob Poster: 4 proposals" in lines[0]
    out = tmp_path / "posted"
    journals = rows(out / "postings" / "journals.csv")
    sums: dict[tuple[str, str], Decimal] = {}
    for row in journals:
        for currency, amount in ((row["currency"], row["amount"]), ("books", row["functional_amount"])):
            key = (row["reference"], currency)
            sums[key] = sums.get(key, Decimal(0)) + Decimal(amount or 0)
    assert set(sums.values()) == {0}
    by_role = {(row["role"], row["amount"], row["functional_amount"]) for row in journals}
    assert {("allowance", "1200.00", "1200.00"), ("receivable", "-1200.00", "-1200.00"), ("tolerance", "4.80", "4.80"),
            ("price_concession", "50.00", "50.00"), ("tax", "10.00", "10.00"), ("receivable", "-60.00", "-60.00"),
            ("unapplied", "250.00", "270.83"), ("refund_clearing", "-250.00", "-270.83")} <= by_role  # fmt: skip
    trace = rows(out / "trace.csv")
    assert {row["reference"] for row in trace} == {row["reference"] for row in journals}
    events = {event.body["proposal_id"]: event for event in run.store.events(kinds=("approval.",))}
    facts = dict(zip(run.proposals["proposal_id"], run.proposals["facts_sha256"], strict=True))
    for row in trace:
        assert row["approval_event_hash"] == events[row["proposal_id"]].hash
        assert (row["proposer"], row["approver"], row["poster"]) == (
            "Pat Proposer",
            "Ann Approver",
            "Bob Poster",
        )
        assert (row["decided_on"], row["run_id"], row["facts_sha256"]) == (
            "2026-11-06",
            RUN_ID,
            facts[row["proposal_id"]],
        )
    assert all(re.match(r"[A-Z]{2}-[A-Z2-7]{12} ", row["text"]) for row in journals)
    (event,) = posted_events(run)
    assert event.actor == "bob"
    assert len(event.body["proposals"]) == 4
    assert "PL-AAAAAAAAAAAA" not in str(event.body["proposals"])
    assert "payment arrangements that were approved and book nothing: 1" in lines


def test_only_approvals_are_posted(run, order, tmp_path):
    with pytest.raises(ParameterError, match="nothing of this run was approved"):
        post_run(order(), actor=BOB, now=NOW)
    approve(run, "write_off", decision="ask")
    approve(run, "small_balance", decision="reject")
    with pytest.raises(ParameterError, match="nothing of this run was approved"):
        post_run(order(), actor=BOB, now=NOW)
    approve(run, "write_off")

    lines = post_run(order(), actor=BOB, now=NOW)

    assert ": 1 proposals" in lines[0]
    assert not posted_events(run)[0].body["proposals"][1:]


@pytest.mark.parametrize(
    ("actor", "said"),
    [(ANN, "Ann Approver is the approver too"), (PAT, "Pat Proposer is the proposer too"), (EVE, "Eve Other"),
     (type(EVE)("mallory"), "no person of the authority policy")],
)  # fmt: skip
def test_the_poster_is_a_third_person_with_a_grant(run, order, tmp_path, actor, said):
    approve(run, "write_off")

    with pytest.raises(TableError) as caught:
        post_run(order(), actor=actor, now=NOW)

    assert said in str(caught.value)
    assert not (tmp_path / "posted").exists()
    assert not posted_events(run)
    assert post_run(order(), actor=BOB, now=NOW)


def test_an_approver_who_proposed_is_refused_whoever_posts(run, order):
    approve(run, "write_off", proposer="ann approver")

    with pytest.raises(TableError, match="three persons are needed"):
        post_run(order(), actor=BOB, now=NOW)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"facts_sha256": "2" * 64}, "not those that were approved"),
        ({"amount": "1.00"}, "approved as write_off of 1.00 USD"),
        ({"run_json_sha256": "3" * 64}, "run.json with another hash"),
        ({"proposal_id": "WO-BBBBBBBBBBBB"}, "has no such proposal"),
    ],
)
def test_an_approval_of_other_facts_is_refused(run, order, tmp_path, change, said):
    approve(run, "write_off", **change)

    with pytest.raises(TableError) as caught:
        post_run(order(), actor=BOB, now=NOW)

    assert said.replace("_", " ") in str(caught.value).replace("_", " ")
    assert not (tmp_path / "posted").exists()


def test_a_changed_run_and_a_changed_store_are_refused(run, order):
    approve(run, "write_off")
    path = run.folder / "data" / "write_offs" / "proposals.parquet"
    data = path.read_bytes()
    path.write_bytes(data + b" ")
    with pytest.raises(SourceError, match="not as it was sealed"):
        post_run(order(), actor=BOB, now=NOW)
    path.write_bytes(data)
    with sqlite3.connect(run.outputs / "arlib.db") as link:
        link.execute("DROP TRIGGER events_no_update")
        link.execute(
            "UPDATE events SET body = replace(body, '\"1200.00\"', '\"1300.00\"') WHERE kind = 'approval.write_off'"
        )
    with pytest.raises((SourceError, StoreError), match=r"edited|not as it was"):
        post_run(order(), actor=BOB, now=NOW)


def test_nothing_is_posted_twice(run, order, tmp_path):
    approve(run, "write_off")
    post_run(order(), actor=BOB, now=NOW)
    before = {path: path.read_bytes() for path in (tmp_path / "posted").rglob("*") if path.is_file()}

    again = post_run(order(), actor=BOB, now=NOW)
    with pytest.raises(ParameterError) as caught:
        post_run(order(out="second", batch="B2", target="oracle"), actor=BOB, now=NOW)

    assert again == (
        f"nothing to do: batch B1 of {posted_events(run)[0].at[:10]}, folder {(tmp_path / 'posted').name} (event 3) is in place",
    )
    assert "posted already: 1 proposals left out, posted before in batch B1" in str(caught.value)
    assert "folder posted (event 3)" in str(caught.value)
    assert not (tmp_path / "second").exists()
    assert {path: path.read_bytes() for path in (tmp_path / "posted").rglob("*") if path.is_file()} == before
    assert len(posted_events(run)) == 1
    approve(run, "small_balance")
    lines = post_run(order(out="second", batch="B2"), actor=BOB, now=NOW)
    assert ": 1 proposals" in lines[0]
    assert any("1 proposals left out, posted before in batch B1" in line for line in lines)
    assert {row["proposal_id"] for row in rows(tmp_path / "second" / "trace.csv")} == {"SB-AAAAAAAAAAAA"}
    with pytest.raises(ParameterError, match="another name"):
        post_run(order(out="third", batch="b1", target="oracle"), actor=BOB, now=NOW)


def test_a_register_given_by_hand_counts_too(run, order, tmp_path):
    approve(run, "write_off")
    post_run(order(), actor=BOB, now=NOW)
    register = tmp_path / "posted" / "register.csv"
    other = sealed(tmp_path / "other")
    approve(other, "write_off")

    with pytest.raises(ParameterError, match="nothing is left to post"):
        post_run(order(out="x", folder=other.folder, register_file=register), actor=BOB, now=NOW)
    assert not posted_events(other)
    assert not (tmp_path / "x").exists()
    approve(other, "small_balance")
    lines = post_run(order(out="x", folder=other.folder, register_file=register), actor=BOB, now=NOW)
    assert "postings left out, written before: 1" in lines
    assert [one["proposal_id"] for one in posted_events(other)[0].body["proposals"]] == ["SB-AAAAAAAAAAAA"]


def test_refunds_are_paid_once_beside_their_posting(run, order, tmp_path):
    approve(run, "refund", "write_off")
    post_run(order(), actor=BOB, now=NOW)

    lines = post_run(order(out="paid", batch="P1", target="pain001"), actor=BOB, now=NOW)

    assert "1 refunds, to be paid on 2026-11-07, posted by Bob Poster" in lines[0]
    (name,) = [path.name for path in (tmp_path / "paid").glob("pain001-EUR-*.xml")]
    text = (tmp_path / "paid" / name).read_text(encoding="utf-8")
    assert "<CtrlSum>250.00</CtrlSum>" in text
    assert "DE89370400440532013000" in text
    assert "Zwei GmbH" in text
    assert [row["proposal_id"] for row in rows(tmp_path / "paid" / "trace.csv")] == ["RF-AAAAAAAAAAAA"]
    assert rows(tmp_path / "paid" / "control.csv")[0]["total"] == "250.00"
    with pytest.raises(ParameterError, match="posted already"):
        post_run(order(out="again", batch="P2", target="pain001"), actor=BOB, now=NOW)
    # made again after a kill days later, it has the same bytes
    files = {path.name: path.read_bytes() for path in (tmp_path / "paid").iterdir()}
    (tmp_path / "paid").rename(tmp_path / "lost")
    later = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
    assert "finished" in post_run(order(out="paid", batch="P1", target="pain001"), actor=BOB, now=later)[0]
    assert {path.name: path.read_bytes() for path in (tmp_path / "paid").iterdir()} == files


def test_no_account_that_pays_is_said(run, order):
    approve(run, "write_off")
    with pytest.raises(ParameterError, match="nothing that was approved in this run goes to ach"):
        post_run(order(target="ach"), actor=BOB, now=NOW)
    approve(run, "refund")
    with pytest.raises(TableError):
        post_run(order(target="ach"), actor=BOB, now=NOW)  # euros by ACH


def decided(*, item_id="I2"):
    return {
        "decided_proposals": [
            {"proposal_id": "SB-AAAAAAAAAAAA", "entity": "US01", "kind": "small_balance", "item_id": item_id,
             "currency": "USD", "amount": 480, "decision": "approve", "decided_on": date(2026, 11, 6)},
        ]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "is_known", "said"),
    [
        (480, False, ""),
        (400, False, "no longer proposes it so"),
        (None, True, ""),
        (None, False, "no longer proposes"),
    ],
)
def test_a_newer_run_must_bear_an_approval_out(run, order, tmp_path, amount, is_known, said):
    approve(run, "write_off", "small_balance")
    mine = [row for row in own_proposals() if row["kind"] != "small_balance" or amount]
    changed = [row | {"amount": amount} if row["kind"] == "small_balance" else row for row in mine]
    book = small_book(**(decided() if is_known else {}))
    sealed(tmp_path, run_id="20261106T081502Z-3fa9c2", rows=changed, supersedes=RUN_ID, book=book)

    if not said:
        lines = post_run(order(), actor=BOB, now=NOW)
        assert ": 2 proposals" in lines[0]
        assert any("superseded by 20261106T081502Z-3fa9c2" in line for line in lines)
        return
    with pytest.raises(TableError, match=said) as caught:
        post_run(order(), actor=BOB, now=NOW)
    assert "SB-AAAAAAAAAAAA" in str(caught.value)
    assert len(caught.value.problems) == 1


def test_what_was_paid_since_is_not_written_off(run, order, tmp_path):
    approve(run, "small_balance", item_id="I2")
    book = small_book(**decided())
    items = book["items"]
    paid = Book({**book.tables, "items": items[items["item_id"].ne("I2")].reset_index(drop=True)})
    left = [row for row in own_proposals() if row["kind"] != "small_balance"]
    sealed(tmp_path, run_id="20261106T081502Z-3fa9c2", rows=left, supersedes=RUN_ID, book=paid)

    with pytest.raises(TableError, match=r"only 0.00 USD of it are open"):
        post_run(order(), actor=BOB, now=NOW)


def test_another_writer_in_between_is_judged_again(run, order, monkeypatch, tmp_path):
    approve(run, "write_off")
    whole, calls = Store.append_all, []

    def late(self, events, **more):
        if not calls:
            calls.append(1)
            approve(run, "small_balance")
        return whole(self, events, **more)

    monkeypatch.setattr(Store, "append_all", late)
    lines = post_run(order(), actor=BOB, now=NOW)

    assert ": 2 proposals" in lines[0]
    assert len(posted_events(run)) == 1


SCRIPT = """
import os, signal, sys
from datetime import UTC, date, datetime
from pathlib import Path
from arlib.run import post_ledger
from arlib.run.post_run import Order, post_run
from arlib.run.store import Actor, Authentication
from arlib.run.store.store import Store
from arlib.tables import Book

at, folder, accounts, out = sys.argv[1], *map(Path, sys.argv[2:])
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
if at == "before_event":
    Store.append_all = die
else:
    post_ledger._move = die
post_run(Order(folder=folder, target="sap", accounts_file=accounts, day=date(2026, 11, 7), batch_id="B1", out=out),
         actor=Actor("bob", Authentication.OS_USER), now=datetime(2026, 11, 7, 9, 0, tzinfo=UTC))
"""


@pytest.mark.parametrize("at", ["before_event", "after_event", "after_event_staging_lost"])
def test_a_kill_loses_nothing_and_doubles_nothing(run, order, tmp_path, at):
    approve(run, "write_off", "credit_memo")
    given = order()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, at.removesuffix("_staging_lost"), given.folder, given.accounts_file, given.out],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not given.out.exists()
    is_recorded = at.startswith("after")
    assert len(posted_events(run)) == is_recorded
    staging = staging_of(given.out, "B1")
    assert staging.is_dir()
    if at == "after_event_staging_lost":
        staging.rename(tmp_path / "gone")
    if is_recorded:
        with pytest.raises(ParameterError, match="posted already"):
            post_run(order(out="elsewhere", batch="B2"), actor=BOB, now=NOW)

    lines = post_run(given, actor=BOB, now=NOW)

    assert ("was recorded, but its folder was not in place; finished" in lines[0]) == is_recorded
    assert len(posted_events(run)) == 1
    files = posted_events(run)[0].body["files"]
    from arlib.run.manifest import sha256_of

    assert {name: sha256_of(given.out / name) for name in files} == files
    assert not staging.exists()
    assert len([path for path in given.out.rglob("*") if path.is_file()]) == len(files)


def test_the_command_takes_a_run(run, order, tmp_path, monkeypatch):
    monkeypatch.setattr("arlib.run.post_approved.current_actor", lambda: BOB)
    approve(run, "write_off")
    given = order()
    words = [
        run.folder,
        "--as",
        "sap",
        "--accounts",
        given.accounts_file,
        "--date",
        "2026-11-07",
        "--batch",
        "B1",
    ]

    typed = CliRunner().invoke(post, [str(w) for w in (*words, "--approved-by", "Ann", "--out", given.out)])
    done = CliRunner().invoke(post, [str(w) for w in (*words, "--out", given.out)])

    assert isinstance(typed.exception, ParameterError)
    assert done.exit_code == 0, done.output
    assert "recorded as event 3" in done.output
    assert Path(given.out / "control.xlsx").is_file()
