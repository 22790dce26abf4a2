"""What was recorded since the store was last read: one indexed read, checked to follow on. Floor 4."""

from __future__ import annotations

from sqlalchemy import Connection, select

from arlib.errors import StoreError
from arlib.run.store.chain import Event, Head
from arlib.run.store.schema import EVENTS


def tail_of(connection: Connection, name: str, last: Head) -> tuple[Event, ...]:
    """The events after a head that was read before, in order, from the store called `name`.

    Raises StoreError where that head is not in the store as it was, or an event does not follow the one before: then
    somebody changed or replaced the store meanwhile.
    """
    query = select(EVENTS).where(EVENTS.c.seq >= last.seq).order_by(EVENTS.c.seq)
    events = [
        Event(**{("body_text" if column == "body" else column): value for column, value in row.items()})
        for row in connection.execute(query).mappings()
    ]
    if last.seq:
        before, events = events[:1], events[1:]
        if not before or before[0].head != last:
            raise _replaced(name, last.seq)
    for event in events:
        if event.seq != last.seq + 1 or event.prev_hash != last.hash:
            raise _replaced(name, event.seq)
        last = event.head
    return tuple(events)


def _replaced(name: str, seq: int) -> StoreError:
    return StoreError(
        f"{name} is not the one that was read before: event {seq} differs",
        fix="Open the desk again; if this stays, check the store with `arlib verify`.",
    )
