"""From a real close to a recorded approval: the closer is the proposer, the next close freezes what was decided."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import openpyxl

from arlib.run.approvals import approvals_of
from arlib.run.approve import approve
from arlib.run.review import review
from arlib.run.store import Actor, Authentication, current_actor, open_store
from arlib.run.verify import verify

POLICY = """\
policies:
  authority:
    people:
      - {name: "Closing Service", os_user: "%s"}
      - {name: "Ann Approver", os_user: "ann-the-approver"}
    grants:
      - {person: "Ann Approver", up_to: "1000"}
"""
MAKE = """\
from arlib.credit.proposals import DECISIONS, PROPOSALS, proposal_id, proposals_of
from arlib.report.model import Report
from arlib.report.tables import result_table


def made(ctx):
    items = ctx.read()["items"]
    rows = [
        {"proposal_id": proposal_id("write_off", ctx.scope.entity, row["item_id"]), "entity": ctx.scope.entity,
         "kind": "write_off", "customer_id": row["customer_id"], "item_id": row["item_id"], "currency": row["currency"],
         "amount": int(row["amount"]), "reason": "uncollectable", "rule": "old", "evidence": "letters"}
        for row in items.to_dict("records")
    ]
    table = result_table(PROPOSALS, proposals_of(rows), title="Proposed", functional=ctx.scope.functional_currency,
                         needs_review=True, decisions=DECISIONS)
    return Report(name="write_offs", title="Write-offs", question="?", reader="Controller", scope=ctx.scope, tables=(table,))
"""


def test_from_the_close_to_the_approval(project) -> None:  # type: ignore[no-untyped-def]
    project.edit("notebooks: [aging, control_account]", "notebooks: [write_offs]")
    project.edit('  - {code: "UK01", name: "Tiny UK", functional_currency: "GBP"}\n', "")
    items = project.root / "extracts" / "items.csv"
    items.write_text("".join(x for x in items.read_text().splitlines(True) if not x.startswith("UK01")))
    close = project.root / "close.yml"
    close.write_text(close.read_text() + POLICY % current_actor().name)
    (project.root / "proposing.py").write_text(MAKE)
    project.notebook("write_offs", finish="import proposing\nctx.finish(proposing.made(ctx))")
    done = project.close()
    assert done.exit_code == 0, done.runs
    folder = project.outputs / done.runs[0].folder
    store = open_store(project.outputs, address="")
    assert [event.kind for event in store.events(kinds=("proposal.",))] == ["proposal.policy"]

    (copy,) = review(folder, only=("write_offs",))
    book = openpyxl.load_workbook(copy)
    sheet = book["All proposals"]
    last, today = sheet.max_column, datetime.now(UTC).replace(tzinfo=None)
    for at, value in enumerate(("approve", "Ann Approver", today, "agreed")):
        sheet.cell(5, last - 3 + at).value = value
    book.save(copy)

    assert approve(copy).exit_code == 2, "the closer's own typing of another name proves nothing"
    outcome = approve(copy, actor=Actor("ann-the-approver", Authentication.OS_USER))
    assert outcome.exit_code == 0, outcome.refusals
    (made,) = approvals_of(store, entity="US01", run_id=folder.name)
    assert (made.proposer, made.approver, made.comment) == ("Closing Service", "Ann Approver", "agreed")
    assert verify(project.outputs).is_whole

    second = project.close()
    told = json.loads((project.outputs / second.runs[0].folder / "run.json").read_text())
    kinds = [event["kind"] for event in told["decisions"]["events"]]
    assert kinds == ["approval.write_off"]
    words = "\n".join(approve(copy, actor=Actor("ann-the-approver", Authentication.OS_USER)).refusals)
    assert "was superseded by run" in words
    assert timedelta(0) <= datetime.now(UTC).replace(tzinfo=None) - today


def test_verify_finds_an_approval_that_was_cut_off(project) -> None:  # type: ignore[no-untyped-def]
    """No later close wrote the head down; the receipt did."""
    from arlib.run.approvals import write_receipt

    project.single()
    project.close()
    store = open_store(project.outputs, address="")
    made = store.append("approval.write_off", "US01/WO-1", {"decision": "approve"}, actor="ann")
    write_receipt(project.outputs, head=made.head, about={})
    assert verify(project.outputs).is_whole
    with sqlite3.connect(project.outputs / "arlib.db") as link:
        guard = link.execute("SELECT sql FROM sqlite_master WHERE name = 'events_no_delete'").fetchone()[0]
        link.execute("DROP TRIGGER events_no_delete")
        link.execute("DELETE FROM events WHERE seq = ?", (made.seq,))
        link.execute(guard)
    assert "the tail is cut" in "\n".join(verify(project.outputs).lines())
