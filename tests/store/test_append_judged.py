"""An event that is judged by all that is there, while nobody else may write: recorded once, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from arlib.errors import StoreError
from arlib.run.store import Authentication, Event, Head, NewEvent, Store


def note(subject: str) -> NewEvent:
    return NewEvent(
        kind="note.added", subject=subject, body={}, actor="ann", authentication=Authentication.OS_USER
    )


def test_the_judge_sees_what_came_after_and_his_word_holds(store: Store) -> None:
    first = store.append("note.added", "s", {}, actor="bea")
    later = store.append("note.added", "t", {}, actor="cid")
    seen: list[tuple[Event, ...]] = []

    def judge(found: tuple[Event, ...]) -> bool:
        seen.append(found)
        return len(seen) > 1

    assert store.append_judged(note("u"), last=first.head, judge=judge) is None
    assert store.head() == later.head
    made = store.append_judged(note("u"), last=first.head, judge=judge)
    assert made is not None
    assert seen == [(later,), (later,)]
    assert store.events_after(first.head) == (later, made)
    assert store.require_whole() == made.head


def test_what_the_judge_raises_leaves_nothing(store: Store) -> None:
    def judge(_: tuple[Event, ...]) -> bool:
        raise KeyError("no")

    with pytest.raises(KeyError):
        store.append_judged(note("u"), last=store.head(), judge=judge)
    assert store.events() == ()


def test_a_head_that_the_store_does_not_have_is_refused(store: Store) -> None:
    store.append("note.added", "s", {}, actor="bea")
    with pytest.raises(StoreError, match="is not the one that was read before"):
        store.append_judged(note("u"), last=Head(1, "f" * 64), judge=lambda _: True)
    assert len(store.events()) == 1


def test_however_busy_the_store_is_each_is_judged_once(store: Store) -> None:
    """Forty decisions of eight at once, all from the same head: none is judged again, none is lost."""
    counted: list[int] = []

    def decide(number: int) -> None:
        def judge(later: tuple[Event, ...]) -> bool:
            counted.append(len(later))
            return True

        store.append_judged(note(f"n{number}"), last=Head(), judge=judge)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decide, range(40)))
    assert sorted(counted) == list(range(40))
    assert store.require_whole().seq == 40
