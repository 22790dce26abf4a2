"""The register of requests: open, overdue, answered, reviewed, sent; nothing of it can be taken back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from arlib.errors import ParameterError
from arlib.run.audit.register import (
    ARLIB,
    REQUESTER,
    Mark,
    find,
    packs_of,
    record_answered,
    record_asked,
    record_mark,
    record_sealed,
    register,
    seed_of,
)
from arlib.run.audit.request import Request
from arlib.run.store import Actor, Store, open_store
from tests.run.audit.asking import GOOD, load

ANN = Actor("ann")
TODAY = date(2026, 11, 10)
PACK = {
    "pack": "PBC-017-x", "pack_sha256": "a" * 64, "archive_sha256": "b" * 64, "verify_sha256": "c" * 64,
    "content_sha256": "d" * 64, "results_sha256": "e" * 64, "run_id": "R1", "outcome": "tied", "prepared_by": "ann",
    "reviewed_by": "", "signed_by": "", "stamped_at": "",
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "outputs")


@pytest.fixture
def asked(root: Path) -> Request:
    return load(root, GOOD)


def test_a_request_is_open_then_overdue_then_answered_reviewed_and_sent(store: Store, asked: Request) -> None:
    record_asked(store, asked, actor=ANN)
    assert find(store, "PBC-017", today=TODAY).status == "open"
    assert find(store, "PBC-017", today=date(2026, 11, 11)).status == "open"
    assert find(store, "PBC-017", today=date(2026, 11, 12)).status == "overdue"
    record_answered(store, "PBC-017", PACK, actor=ANN)
    assert find(store, "PBC-017", today=date(2026, 12, 1)).status == "answered"
    record_mark(store, "PBC-017", Mark.REVIEWED, actor=ANN, on=TODAY, by="controller")
    record_mark(store, "PBC-017", Mark.SENT, actor=ANN, on=TODAY, note="by the portal")
    entry = find(store, "PBC-017", today=TODAY)
    assert (entry.status, entry.reviewed_by, entry.sent_at, entry.note) == (
        "sent",
        "controller",
        "2026-11-10",
        "by the portal",
    )
    assert packs_of(store) == {"PBC-017-x": "a" * 64}


def test_a_new_answer_has_to_be_reviewed_again(store: Store, asked: Request) -> None:
    record_asked(store, asked, actor=ANN)
    record_answered(store, "PBC-017", PACK, actor=ANN)
    record_mark(store, "PBC-017", Mark.REVIEWED, actor=ANN, on=TODAY, by="controller")
    record_answered(store, "PBC-017", {**PACK, "pack": "PBC-017-y"}, actor=ANN)
    entry = find(store, "PBC-017", today=TODAY)
    assert (entry.status, entry.answers, entry.pack, entry.reviewed_by) == ("answered", 2, "PBC-017-y", "")


def test_a_review_is_by_somebody_else_and_of_an_answer(store: Store, asked: Request) -> None:
    record_asked(store, asked, actor=ANN)
    with pytest.raises(ParameterError, match="no answer"):
        record_mark(store, "PBC-017", Mark.SENT, actor=ANN, on=TODAY)
    record_answered(store, "PBC-017", PACK, actor=ANN)
    for who in ("", "ANN"):
        with pytest.raises(ParameterError, match="who prepared the answer"):
            record_mark(store, "PBC-017", Mark.REVIEWED, actor=ANN, on=TODAY, by=who)
    with pytest.raises(ParameterError, match="one line"):
        record_mark(store, "PBC-017", Mark.SENT, actor=ANN, on=TODAY, note="a\nb")
    with pytest.raises(ParameterError, match="PBC-017"):
        record_mark(store, "PBC-071", Mark.SENT, actor=ANN, on=TODAY)
    assert find(store, "PBC-017", today=TODAY).status == "answered"


def test_asking_twice_is_told_once_and_a_changed_request_again(
    store: Store, asked: Request, root: Path
) -> None:
    record_asked(store, asked, actor=ANN)
    record_asked(store, asked, actor=Actor("bob"))
    assert find(store, "PBC-017", today=TODAY).asked_again == 0
    record_asked(store, load(root, GOOD.replace("1000.00", "1.00")), actor=ANN)
    assert find(store, "PBC-017", today=TODAY).asked_again == 1
    assert len(register(store, today=TODAY)) == 1


def test_a_seed_is_drawn_once_for_a_population(store: Store, asked: Request) -> None:
    one, other = {"sha256": "p1"}, {"sha256": "p2"}
    record_sealed(store, asked, one, actor=ANN)
    assert seed_of(store, asked, one, seed="first", by=ARLIB, actor=ANN) == ("first", ARLIB)
    assert seed_of(store, asked, one, seed="second", by=ARLIB, actor=ANN) == ("first", ARLIB)
    assert seed_of(store, asked, other, seed="third", by=ARLIB, actor=ANN) == ("third", ARLIB)
    kinds = [event.kind for event in store.events(subject="audit/PBC-017")]
    assert kinds == ["audit.sealed", "audit.seed", "audit.seed"], (
        "the population is sealed before anything is drawn"
    )


def test_another_seed_for_a_population_is_refused_under_any_number(
    store: Store, asked: Request, root: Path
) -> None:
    whole = {"sha256": "all", "populations": [{"sha256": "usd"}, {"sha256": "eur"}]}
    record_asked(store, asked, actor=ANN)
    record_sealed(store, asked, whole, actor=ANN)
    assert seed_of(store, asked, whole, seed="4711", by=REQUESTER, actor=ANN) == ("4711", REQUESTER)
    again = load(root, GOOD.replace("PBC-017", "PBC-018"))
    for population in (whole, {"sha256": "usd"}, {"sha256": "x", "populations": [{"sha256": "eur"}]}):
        with pytest.raises(ParameterError, match=r"another seed") as fault:
            seed_of(store, again, population, seed="4712", by=REQUESTER, actor=ANN)
        assert "PBC-017" in str(fault.value)
        assert "'4711'" in str(fault.value)
    assert seed_of(store, again, whole, seed="4711", by=REQUESTER, actor=ANN) == ("4711", REQUESTER)
    assert seed_of(store, again, whole, seed="new", by=ARLIB, actor=ANN) == ("4711", REQUESTER)
    assert seed_of(store, again, {"sha256": "jpy"}, seed="4712", by=REQUESTER, actor=ANN)[0] == "4712"
    entry = find(store, "PBC-017", today=TODAY)
    assert (entry.population_sha256, entry.seed, entry.seed_by) == ("all", "4711", REQUESTER)


def test_an_answer_that_only_sealed_waits_for_the_seed(store: Store, asked: Request) -> None:
    record_asked(store, asked, actor=ANN)
    record_answered(store, "PBC-017", {**PACK, "waits_for": "seed"}, actor=ANN)
    record_mark(store, "PBC-017", Mark.SENT, actor=ANN, on=TODAY)
    assert find(store, "PBC-017", today=TODAY).status == "waiting for the seed"
    record_answered(store, "PBC-017", {**PACK, "pack": "PBC-017-y", "waits_for": ""}, actor=ANN)
    assert find(store, "PBC-017", today=TODAY).status == "answered"
    record_mark(store, "PBC-017", Mark.WITHDRAWN, actor=ANN, on=TODAY)
    assert find(store, "PBC-017", today=TODAY).status == "withdrawn"


def test_days_late_count_to_the_first_answer(store: Store, asked: Request, root: Path) -> None:
    record_asked(store, asked, actor=ANN)
    assert find(store, "PBC-017", today=date(2026, 11, 11)).late_days == 0
    assert find(store, "PBC-017", today=date(2026, 11, 14)).late_days == 3
    record_answered(store, "PBC-017", PACK, actor=ANN)
    first = date.fromisoformat(find(store, "PBC-017", today=TODAY).answered_at[:10])
    late = max(0, (first - date(2026, 11, 11)).days)
    assert find(store, "PBC-017", today=date(2030, 1, 1)).late_days == late
    record_asked(store, load(root, GOOD.replace("PBC-017", "PBC-019")), actor=ANN)
    record_mark(store, "PBC-019", Mark.WITHDRAWN, actor=ANN, on=date(2026, 11, 13))
    assert find(store, "PBC-019", today=date(2030, 1, 1)).late_days == 2


def test_what_was_sent_without_a_review_is_marked_so(store: Store, asked: Request) -> None:
    record_asked(store, asked, actor=ANN)
    record_answered(store, "PBC-017", PACK, actor=ANN)
    record_mark(store, "PBC-017", Mark.SENT, actor=ANN, on=TODAY)
    assert find(store, "PBC-017", today=TODAY).unreviewed
    record_answered(store, "PBC-017", {**PACK, "pack": "PBC-017-y"}, actor=ANN)
    record_mark(store, "PBC-017", Mark.REVIEWED, actor=ANN, on=TODAY, by="controller")
    record_mark(store, "PBC-017", Mark.SENT, actor=ANN, on=TODAY)
    assert not find(store, "PBC-017", today=TODAY).unreviewed


def test_a_withdrawn_request_is_no_longer_open(store: Store, asked: Request) -> None:
    record_asked(store, asked, actor=ANN)
    record_mark(store, "PBC-017", Mark.WITHDRAWN, actor=ANN, on=TODAY, note="no longer needed")
    assert find(store, "PBC-017", today=date(2027, 1, 1)).status == "withdrawn"
