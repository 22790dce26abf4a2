"""The run index: which run of an entity and period stands."""

from __future__ import annotations

import os

import pytest

from arlib.errors import ParameterError, StoreError
from arlib.run.store import (
    Actor,
    Authentication,
    current_actor,
    latest_final,
    latest_sealed,
    record_close_finished,
    record_failed,
    record_reviewed,
    record_sealed,
    sealed_runs,
)

US = {"entity": "US01", "period": "2026-10"}


def seal(store, run_id, *, supersedes="", **where):
    return record_sealed(
        store,
        **{**US, **where},
        run_id=run_id,
        folder=f"2026-10/US01/{run_id}",
        results_sha256="r" * 64,
        manifest_sha256="m" * 64,
        supersedes=supersedes,
        controls=[{"name": "control_account", "status": "tied"}],
    )


def test_the_last_sealed_run_stands(store):
    assert latest_sealed(store, **US) is None
    seal(store, "r1")
    seal(store, "r2", supersedes="r1")
    seal(store, "q1", period="2026-09")
    seal(store, "u1", entity="US0")

    stands = latest_sealed(store, **US)

    assert stands is not None
    assert (stands.run_id, stands.supersedes, stands.superseded_by, stands.folder) == (
        "r2",
        "r1",
        "",
        "2026-10/US01/r2",
    )
    assert [(run.run_id, run.superseded_by) for run in sealed_runs(store, **US)] == [("r1", "r2"), ("r2", "")]
    assert [run.run_id for run in sealed_runs(store, entity="US0", period="2026-10")] == ["u1"]
    assert latest_sealed(store, entity="US01", period="2026-09").run_id == "q1"
    assert store.events(kinds=("run.superseded",))[0].body == {**US, "run_id": "r1", "by": "r2"}


def test_recording_twice_changes_nothing(store):
    first = seal(store, "r2", supersedes="r1")
    head = store.head()
    assert seal(store, "r2", supersedes="r1") == first
    assert store.head() == head
    with pytest.raises(StoreError, match="already recorded"):
        seal(store, "r2", supersedes="r0")


def test_a_failed_run_does_not_stand(store):
    seal(store, "r1")
    record_failed(store, **US, run_id="r2", reason="kernel_died", cell="cell 3")
    assert latest_sealed(store, **US).run_id == "r1"
    assert store.events(kinds=("run.failed",))[0].body["reason"] == "kernel_died"


def test_a_run_is_final_once_a_reviewer_signed(store):
    seal(store, "r1")
    seal(store, "r2", supersedes="r1")
    record_reviewed(store, **US, run_id="r1", is_final=False, note="see INV-1")
    assert latest_final(store, **US) is None
    record_reviewed(store, **US, run_id="r1", is_final=True, actor=Actor("bob", Authentication.SIGNED_FILE))
    assert latest_final(store, **US).run_id == "r1", "the later run was not signed"
    assert not latest_sealed(store, **US).is_final
    assert store.events(kinds=("run.reviewed",))[1].actor == "bob"


def test_a_close_is_recorded_once(store):
    runs = [{"entity": "US01", "run_id": "r1", "state": "sealed"}]
    first = record_close_finished(store, close_id="c1", period="2026-10", runs=runs, exit_code=0)
    assert record_close_finished(store, close_id="c1", period="2026-10", runs=runs, exit_code=0) == first
    assert first.body["exit_code"] == 0


def test_a_slash_cannot_move_a_run_to_another_entity(store):
    with pytest.raises(ParameterError, match="without a slash"):
        seal(store, "r1", entity="US01/2026-11")


def test_the_actor_is_the_systems_user_not_the_environments(monkeypatch):
    monkeypatch.setenv("LOGNAME", "the-controller")
    monkeypatch.setenv("USER", "the-controller")
    who = current_actor()
    if os.name == "posix":
        assert who.name != "the-controller"
        assert who.authentication is Authentication.OS_USER
