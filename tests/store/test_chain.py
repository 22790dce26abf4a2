"""Every way to falsify the events is found, and told by its name."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError, StoreError
from arlib.run.store import GENESIS, Event, Head, open_store
from arlib.run.store.chain import canonical, event_hash, walk
from arlib.run.store.schema import guards_of

TRIGGERS = {
    "sqlite": (
        "DROP TRIGGER events_no_update",
        "DROP TRIGGER events_no_delete",
        "DROP TRIGGER events_in_order",
    ),
    "postgresql": ("ALTER TABLE events DISABLE TRIGGER USER",),
}


def tamper(store, *statements):
    """Do what someone with the database's own rights can: switch the guards off, change, and switch nothing
    back on.
    """
    with store.database.writing() as connection:
        for statement in (*TRIGGERS[connection.dialect.name], *statements):
            connection.exec_driver_sql(statement)


def filled(store):
    return [store.append("note.added", f"s{n}", {"n": n}, actor="ann").head for n in range(1, 6)]


def codes(verification):
    return [(fault.code, fault.seq) for fault in verification.faults if fault.code != "unguarded"]


def test_an_edited_row_is_found(store):
    filled(store)
    tamper(store, """UPDATE events SET body = '{"n":33}' WHERE seq = 3""")
    found = store.verify()
    assert codes(found) == [("edited", 3)]
    assert "event 3 was edited" in found.faults[0].sentence
    with pytest.raises(StoreError, match=r"cannot be trusted: event 3 was edited.*\(and 1 more\)"):
        store.require_whole()


@pytest.mark.parametrize("column", ["at", "kind", "subject", "body", "actor", "authentication", "hash"])
def test_every_column_is_covered(store, column):
    filled(store)
    tamper(store, f"UPDATE events SET {column} = 'x' WHERE seq = 5")
    assert ("edited", 5) in codes(store.verify())


def test_white_space_in_a_body_is_an_edit_too(store):
    filled(store)
    tamper(store, """UPDATE events SET body = '{"n": 3}' WHERE seq = 3""")
    assert codes(store.verify()) == [("edited", 3)]


def test_taking_the_authentication_away_is_found(store):
    filled(store)
    tamper(store, "UPDATE events SET authentication = NULL WHERE seq = 2")
    assert codes(store.verify()) == [("edited", 2)]


def test_a_deleted_middle_row_is_found(store):
    filled(store)
    tamper(store, "DELETE FROM events WHERE seq = 3")
    assert codes(store.verify()) == [("missing", 3)]


def test_a_deleted_row_with_the_rest_moved_up_is_found(store):
    filled(store)
    tamper(
        store,
        "DELETE FROM events WHERE seq = 3",
        "UPDATE events SET seq = 3 WHERE seq = 4",
        "UPDATE events SET seq = 4 WHERE seq = 5",
    )
    assert codes(store.verify()) == [("reordered", 3), ("reordered", 4)]


def test_a_deleted_first_row_is_found(store):
    filled(store)
    tamper(store, "DELETE FROM events WHERE seq <= 2")
    assert codes(store.verify()) == [("missing", 1)]


def test_a_cut_tail_is_found_against_a_known_head_only(store):
    heads = filled(store)
    tamper(store, "DELETE FROM events WHERE seq >= 4")
    assert codes(store.verify()) == [], "nothing in the database itself can tell"
    found = store.verify(known=heads)
    assert codes(found) == [("cut", 4)]
    assert "ends at event 3" in found.faults[0].sentence
    assert codes(store.verify(known=heads[:3])) == []


def test_a_cut_tail_that_grew_again_is_found(store):
    heads = filled(store)
    tamper(store, "DELETE FROM events WHERE seq >= 4")
    for n in range(3):
        store.append("note.added", f"other{n}", {}, actor="eve")
    assert codes(store.verify()) == []
    assert codes(store.verify(known=[heads[4]])) == [("replaced", 5)]


def test_two_rows_that_changed_places_are_found(store):
    filled(store)
    tamper(
        store,
        "UPDATE events SET seq = 99 WHERE seq = 3",
        "UPDATE events SET seq = 3 WHERE seq = 4",
        "UPDATE events SET seq = 4 WHERE seq = 99",
    )
    found = codes(store.verify())
    assert found == [("reordered", 3), ("reordered", 4), ("broken", 5)]


def test_guards_that_were_taken_away_are_found(store):
    filled(store)
    tamper(store)
    (fault,) = store.verify().faults
    assert fault.code == "unguarded"
    assert "events_no_delete" in fault.sentence


def test_the_guards_stand_on_a_new_store(store):
    with store.database.reading() as connection:
        assert {"events_no_update", "events_no_delete", "events_in_order"} <= guards_of(connection)


def test_a_body_that_is_not_json_any_more_is_an_edit(tmp_path):
    store = open_store(tmp_path, address="")
    filled(store)
    tamper(store, "UPDATE events SET body = 'gone' WHERE seq = 1")
    assert codes(store.verify()) == [("edited", 1)]
    with pytest.raises(StoreError, match="event 1 of the store was edited"):
        _ = store.events()[0].body


def chain_of(bodies):
    events, last = [], Head()
    for body in bodies:
        made = {
            "seq": last.seq + 1,
            "at": "2026-10-31T00:00:00.000000Z",
            "kind": "note.added",
            "subject": "s",
            "actor": "ann",
            "authentication": "os_user",
            "prev_hash": last.hash,
        }
        digest = event_hash(**made, body=canonical(body))
        events.append(Event(**made, body_text=canonical(body), hash=digest))
        last = events[-1].head
    return events


words = st.dictionaries(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
    st.one_of(
        st.integers(),
        st.booleans(),
        st.none(),
        st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(words, min_size=2, max_size=6), st.data())
def test_a_whole_chain_is_whole_and_any_change_breaks_it(bodies, data):
    events = chain_of(bodies)
    heads = [event.head for event in events]
    assert walk(events, known=heads).is_whole
    order = data.draw(st.permutations(range(len(events))))
    kept = data.draw(
        st.lists(st.sampled_from(order), unique=True, max_size=len(order)).map(
            lambda found: [n for n in order if n in found]
        )
    )
    if kept != list(range(len(events))):
        renumbered = [dataclasses.replace(events[n], seq=place) for place, n in enumerate(kept, start=1)]
        assert not walk(renumbered, known=heads).is_whole
        assert not walk([events[n] for n in sorted(kept)], known=heads).is_whole or kept != sorted(kept)


def test_canonical_text_does_not_depend_on_the_order_of_keys():
    assert canonical({"b": [1, {"d": None, "c": "x"}], "a": True}) == '{"a":true,"b":[1,{"c":"x","d":null}]}'
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    for bad in (1.5, float("nan"), {"a": {1, 2}}, b"x"):
        with pytest.raises(ParameterError):
            canonical(bad)


def test_the_genesis_is_all_zeros():
    assert GENESIS == "0" * 64
    assert walk([]).head == Head(0, GENESIS)
