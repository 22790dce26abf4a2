"""Several events at once: all or none, in order, and only while the chain is where it was judged."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from arlib.errors import ParameterError, StoreError
from arlib.run.store import Authentication, HeadMovedError, NewEvent, Store


def events(count: int, **changes: object) -> list[NewEvent]:
    given = {"kind": "note.added", "actor": "ann", "authentication": Authentication.OS_USER, **changes}
    return [NewEvent(subject=f"US01/{at}", body={"at": at}, **given) for at in range(count)]  # type: ignore[arg-type]


def test_they_stand_at_the_end_in_their_order(store: Store) -> None:
    first = store.append("note.added", "s", {}, actor="bea")
    made = store.append_all(events(5), after=first.head)
    assert store.events() == (first, *made)
    assert [event.body["at"] for event in made] == list(range(5))
    assert {event.at for event in made} == {made[0].at}
    assert {event.authentication for event in made} == {"os_user"}
    assert store.require_whole() == made[-1].head
    assert store.append_all([]) == ()


def test_one_that_may_not_be_recorded_keeps_out_all(store: Store) -> None:
    bad = NewEvent(kind="note.added", subject="s", body={"comment": "password=hunter2"}, actor="ann")
    with pytest.raises(ParameterError, match="may not hold a secret"):
        store.append_all([*events(3), bad])
    with pytest.raises(ParameterError, match="money as decimal text"):
        store.append_all([*events(3), NewEvent(kind="note.added", subject="s", body={"x": 1.5}, actor="a")])
    assert store.events() == ()


def test_nothing_is_recorded_once_the_head_has_moved(store: Store) -> None:
    head = store.head()
    store.append("note.added", "s", {}, actor="bea")
    with pytest.raises(HeadMovedError, match="another program"):
        store.append_all(events(2), after=head)
    assert len(store.events()) == 1


def test_a_fault_of_the_database_takes_all_back(store: Store) -> None:
    """The third row is refused by the database itself: the two before it are gone with it."""
    with store.database.writing() as connection:
        if connection.dialect.name == "sqlite":
            when = "WHEN NEW.subject = 'US01/2' BEGIN SELECT RAISE(ABORT, 'no'); END"
            connection.execute(text(f"CREATE TRIGGER planted BEFORE INSERT ON events {when}"))
        else:
            body = "BEGIN IF NEW.subject = 'US01/2' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END"
            connection.exec_driver_sql(
                f"CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER planted BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION planted()"
            )
    with pytest.raises(StoreError):
        store.append_all(events(5))
    assert store.events() == ()
