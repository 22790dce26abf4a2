"""What the store has recorded since it was last read: one indexed read. Floor 4."""

from __future__ import annotations

from sqlalchemy import select

from arlib.errors import StoreError
from arlib.run.store import Event, Head, Store
from arlib.run.store.schema import EVENTS


def events_after(store: Store, last: Head) -> tuple[Event, ...]:
    """The events after a head that was read before, in order.

    Raises StoreError where that head is not in the store as it was, or an event does not follow the one before: then
    somebody changed or replaced the store under the desk.
    """
    query = select(EVENTS).where(EVENTS.c.seq >= last.seq).order_by(EVENTS.c.seq)
    with store.database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    events = [
        Event(**{("body_text" if name == "body" else name): value for name, value in row.items()})
        for row in rows
    ]
    if last.seq:
        before, events = events[:1], events[1:]
        if not before or before[0].head != last:
            raise _replaced(store, last.seq)
    for event in events:
        if event.seq != last.seq + 1 or event.prev_hash != last.hash:
            raise _replaced(store, event.seq)
        last = event.head
    return tuple(events)


def _replaced(store: Store, seq: int) -> StoreError:
    return StoreError(
        f"{store.database.name} is not the one that was read before: event {seq} differs",
        fix="Open the desk again; if this stays, check the store with `arlib verify`.",
    )
