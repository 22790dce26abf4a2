"""Policies need an approval too: somebody other than who first closed with them, by the policies that stand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from arlib.errors import SourceError, StoreError
from arlib.run.approvals import receipts
from arlib.run.approve_policy import approve_policies, policies_sha256, propose, standing, state
from arlib.run.params import load_close
from arlib.run.store import Actor, Authentication, open_store

CLOSE = """\
schema: arlib.close/1
title: Tiny company
period: "2026-10"
entities:
  - {code: "US01", name: "Tiny US", functional_currency: "USD"}
sources:
  - {folder: "extracts", profile: "canonical"}
notebooks: [aging]
policies:
  authority:
    people:
      - {name: "Pat Proposer", os_user: "pat"}
      - {name: "Ann Approver", os_user: "ann"}
      - {name: "Bea Boss", os_user: "bea"}
    grants:
      - {person: "Ann Approver", kinds: ["write_off"], up_to: "1000", currency: "USD"}
      - {person: "Bea Boss", kinds: ["policy"], valid_to: "2026-12-31"}
"""
TODAY = date(2026, 11, 22)


def by(user: str) -> Actor:
    return Actor(user, Authentication.OS_USER)


class Home:
    def __init__(self, root: Path) -> None:
        self.root, self.path = root, root / "close.yml"
        (root / "arlib.toml").write_text("")
        (root / "extracts").mkdir()
        self.path.write_text(CLOSE)

    @property
    def store(self) -> Any:
        return open_store(self.root / "outputs", address="")

    @property
    def sha256(self) -> str:
        return policies_sha256(load_close(self.path, root=self.root).as_json()["policies"])

    def closed_by(self, user: str) -> None:
        propose(self.store, load_close(self.path, root=self.root), actor=by(user))

    def edit(self, old: str, new: str) -> None:
        assert old in self.path.read_text()
        self.path.write_text(self.path.read_text().replace(old, new))

    def approve(self, user: str, **given: Any) -> Any:
        return approve_policies(
            self.path, actor=given.pop("actor", by(user)), today=given.pop("today", TODAY), **given
        )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("ARLIB_STORE_URL", raising=False)
    return Home(tmp_path)


def kinds(home: Home) -> list[str]:
    return [event.kind for event in home.store.events()]


def test_the_first_approval_comes_from_a_grant_of_kind_policy(home: Home) -> None:
    with pytest.raises(SourceError, match="no store of runs"):
        home.approve("bea")
    assert home.store.events() == ()
    assert "nobody has closed with these policies yet" in home.approve("bea").problems[0]
    home.closed_by("pat")
    home.closed_by("ann")
    assert kinds(home) == ["proposal.policy"], "once, by who came first"
    for user, words in (("ann", "Ann Approver may not approve policies"), ("zoe", "'zoe' is no person")):
        refused = home.approve(user)
        assert refused.exit_code == 2
        assert words in refused.problems[0]
    assert home.approve("bea", actor=Actor("bea")).exit_code == 2, "a typed name"
    assert "expired on 2026-12-31" in home.approve("bea", today=date(2027, 1, 1)).problems[0]
    assert home.approve("bea", is_dry_run=True).exit_code == 0
    assert kinds(home) == ["proposal.policy"]

    done = home.approve("bea")

    assert done.exit_code == 0, done.problems
    stands = standing(home.store)
    assert stands is not None
    assert (stands.sha256, stands.approver) == (home.sha256, "Bea Boss")
    assert stands.authority == load_close(home.path, root=home.root).policies.authority
    assert home.store.head() in receipts(home.root / "outputs")
    assert "approved by Bea Boss on 2026-11-22" in home.approve("bea").lines[0]
    assert kinds(home) == ["proposal.policy", "approval.policy"]


def test_who_first_closed_with_them_does_not_approve_them(home: Home) -> None:
    home.closed_by("bea")
    assert (
        "Bea Boss first closed with these policies; somebody else must approve them"
        in home.approve("bea").problems
    )


def test_a_change_is_judged_by_what_stands_and_not_by_itself(home: Home) -> None:
    home.closed_by("pat")
    home.approve("bea")
    first = home.sha256
    home.edit('up_to: "1000"', 'up_to: "1000000"')
    home.edit('{person: "Bea Boss", kinds: ["policy"]', '{person: "Ann Approver", kinds: ["policy"]')
    words, is_right = state(standing(home.store), home.sha256)
    assert not is_right
    assert "have these approved" in words
    home.closed_by("pat")
    assert "Ann Approver may not approve policies" in home.approve("ann").problems[0], (
        "she granted it to herself"
    )
    assert home.approve("bea").exit_code == 0
    assert state(standing(home.store), first)[1] is False, "what was approved before no longer stands"
    assert state(standing(home.store), home.sha256)[1]


def test_credit_policies_count_and_others_do_not(home: Home) -> None:
    before = home.sha256
    home.path.write_text(home.path.read_text() + "  aging: {bucket_edges_days: [30, 60]}\n")
    assert home.sha256 == before
    home.path.write_text(home.path.read_text() + "  write_off: {min_days_past_due: 90}\n")
    assert home.sha256 != before


def test_without_grants_nothing_is_proposed(home: Home) -> None:
    home.path.write_text(CLOSE.partition("policies:")[0])
    home.closed_by("pat")
    assert kinds(home) == []


def test_an_altered_approval_is_not_believed(home: Home) -> None:
    import sqlite3

    home.closed_by("pat")
    home.approve("bea")
    with sqlite3.connect(home.root / "outputs" / "arlib.db") as link:
        link.execute("DROP TRIGGER events_no_update")
        link.execute("UPDATE events SET body = replace(body, 'Bea Boss', 'Pat Boss') WHERE seq = 2")
    with pytest.raises(StoreError, match="edited"):
        home.approve("bea")
