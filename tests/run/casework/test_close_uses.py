"""By hand and in a close: the book of a project has what people decided, and its run hangs on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from arlib.run import begin
from arlib.run.casework import casework
from arlib.run.params import load_close
from arlib.run.store import open_store
from arlib.run.storeindex import StoreIndex

GIVEN = {"close_file": "close.yml", "entity": "US01", "period": "2026-10"}


def test_a_notebook_reads_what_was_decided(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("ARLIB_STORE_URL", raising=False)
    before = begin("aging", GIVEN).read()
    assert not before.has("decided_applications"), "without a store the book is as it was"

    plan = load_close(Path("close.yml"), root=project.root)
    desk = casework(open_store(project.outputs), plan=plan)
    desk.note(entity="US01", customer_id="C1", item_id="U1", text="x")
    desk.note(entity="UK01", customer_id="C3", text="y")

    after = begin("aging", GIVEN).read()
    assert after["activities"]["activity_id"].tolist() == ["desk-1"], "this entity's"
    assert after.has("decided_applications")
    assert after["items"].equals(before["items"])
    assert after.problems.empty
    index = StoreIndex(open_store(project.outputs))
    assert [event["seq"] for event in index.decisions("US01")["events"]] == [1]
    assert index.head == {"seq": 2, "hash": desk.head().hash}
