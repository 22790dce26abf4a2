"""The store: append-only events, read back in order, verified as a chain. Floor 4.

Everything that people decide and every run that was sealed is an event; nothing is ever changed or taken out.
A later event may say that an earlier one no longer holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, or_, select

from arlib import __version__
from arlib.errors import StoreError
from arlib.run.store.chain import (
    Authentication,
    ChainFault,
    Event,
    Head,
    Verification,
    canonical,
    check_words,
    event_hash,
    instant,
    walk,
)
from arlib.run.store.database import (
    Database,
    address_from_environment,
    connect_sqlite,
    connect_url,
)
from arlib.run.store.schema import EVENTS, GUARDS, NEWEST, guards_of, migrate, version_of
from arlib.run.store.tail import tail_of

FILE_NAME = "arlib.db"


class HeadMovedError(StoreError):
    """The chain has grown since what is to be recorded was judged."""


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """An event that is not recorded yet; the words are those of `Store.append`."""

    kind: str
    subject: str
    body: Mapping[str, Any]
    actor: str
    authentication: Authentication = Authentication.UNAUTHENTICATED


@dataclass(frozen=True)
class Store:
    """A store that was opened and is of this library's version; make one with `open_store`."""

    database: Database

    def append(
        self,
        kind: str,
        subject: str,
        body: Mapping[str, Any],
        *,
        actor: str,
        authentication: Authentication = Authentication.UNAUTHENTICATED,
        at: datetime | None = None,
        is_once: bool = False,
    ) -> Event:
        """Record an event at the end of the chain and return it.

        `body` is plain JSON data: text, whole numbers, switches, lists and keys, money as decimal text; no
        secrets. With `is_once` an event of the same kind and subject that is already there is returned
        instead, and another body for it refused: so a resumed run may record again what it does not know to
        be recorded. Raises ParameterError for what may not be recorded, StoreError when the database fails.
        """
        check_words(kind=kind, subject=subject, actor=actor, body=body)
        text = canonical(body)
        with self.database.writing() as connection:
            if is_once and (
                there := _first(connection, _selected(kinds=(kind,)).where(EVENTS.c.subject == subject))
            ):
                if there.body_text != text:
                    raise StoreError(f"{kind} of {subject} is already recorded, with other content")
                return there
            last = _head(connection)
            event = _event_after(
                last,
                kind=kind,
                subject=subject,
                body=text,
                actor=actor,
                authentication=Authentication(authentication),
                at=instant(at),
            )
            connection.execute(EVENTS.insert().values(event))
        return _event(event)

    def append_all(
        self, events: Iterable[NewEvent], *, after: Head | None = None, at: datetime | None = None
    ) -> tuple[Event, ...]:
        """Record events at the end of the chain in their order, all in one transaction or none, and return them.

        With `after` they are recorded only while that is still the head: what was judged by the events up to it is
        not recorded after others; StoreError says so then. All bear one time. Raises as `append` does, before
        anything is written where an event may not be recorded.
        """
        given = tuple(events)
        for each in given:
            check_words(kind=each.kind, subject=each.subject, actor=each.actor, body=each.body)
        bodies = [canonical(each.body) for each in given]
        moment = instant(at)
        with self.database.writing() as connection:
            last = _head(connection)
            if after is not None and last != after:
                raise HeadMovedError(
                    f"{self.database.name} was written by another program meanwhile", fix="Try again."
                )
            made: list[dict[str, Any]] = []
            for each, body in zip(given, bodies, strict=True):
                made.append(
                    _event_after(
                        last,
                        kind=each.kind,
                        subject=each.subject,
                        body=body,
                        actor=each.actor,
                        authentication=Authentication(each.authentication),
                        at=moment,
                    )
                )
                last = Head(made[-1]["seq"], made[-1]["hash"])
            if made:
                connection.execute(EVENTS.insert(), made)
        return tuple(_event(row) for row in made)

    def append_judged(
        self,
        new: NewEvent,
        *,
        last: Head,
        judge: Callable[[tuple[Event, ...]], bool],
        at: datetime | None = None,
    ) -> Event | None:
        """Record an event if `judge` says so, who is given what was recorded after `last` while nobody else may write.

        So it is judged once, by all that is there, however busy the store is. Nothing is recorded, and None returned, where
        he says False; what he raises passes through. Raises as `append` does, and StoreError where `last` is not in the
        store as it was.
        """
        check_words(kind=new.kind, subject=new.subject, actor=new.actor, body=new.body)
        text = canonical(new.body)
        with self.database.writing() as connection:
            later = tail_of(connection, self.database.name, last)
            if not judge(later):
                return None
            event = _event_after(
                later[-1].head if later else last,
                kind=new.kind,
                subject=new.subject,
                body=text,
                actor=new.actor,
                authentication=Authentication(new.authentication),
                at=instant(at),
            )
            connection.execute(EVENTS.insert().values(event))
        return _event(event)

    def events_after(self, last: Head) -> tuple[Event, ...]:
        """The events after a head that was read before, in order; StoreError where it is not in the store as it was."""
        with self.database.reading() as connection:
            return tail_of(connection, self.database.name, last)

    def head(self) -> Head:
        """The number and hash of the last event; number 0 and zeros for an empty store."""
        with self.database.reading() as connection:
            return _head(connection)

    def events(
        self,
        *,
        kinds: Sequence[str] = (),
        subject: str = "",
        subject_prefix: str = "",
        up_to: Head | None = None,
        is_newest_first: bool = False,
        limit: int | None = None,
    ) -> tuple[Event, ...]:
        """Events in order, narrowed by kinds (a kind that ends with a point takes all below it), subject and
        head.
        """
        query = _selected(kinds=kinds, is_newest_first=is_newest_first)
        if subject:
            query = query.where(EVENTS.c.subject == subject)
        if subject_prefix:
            query = query.where(func.substr(EVENTS.c.subject, 1, len(subject_prefix)) == subject_prefix)
        if up_to is not None:
            query = query.where(EVENTS.c.seq <= up_to.seq)
        if limit is not None:
            query = query.limit(limit)
        with self.database.reading() as connection:
            return tuple(_event(row._mapping) for row in connection.execute(query))

    def verify(self, *, known: Iterable[Head] = ()) -> Verification:
        """Walk the whole chain and look at the database's guards.

        Finds an edited event, a deleted or moved one, a tail cut below a head in `known` (from run.json
        files), a chain rewritten under such a head, and triggers that were taken away.
        """
        with self.database.reading() as connection:
            chain = walk(_stream(connection), known=known)
            lost = sorted(GUARDS[connection.dialect.name] - guards_of(connection))
        if not lost:
            return chain
        words = f"the database no longer guards the events: {', '.join(lost)} is gone or switched off"
        unguarded = ChainFault(seq=0, code="unguarded", sentence=words)
        return Verification(head=chain.head, events=chain.events, faults=(*chain.faults, unguarded))

    def require_whole(self, *, known: Iterable[Head] = ()) -> Head:
        """The head of a chain that is whole; raises StoreError with the first break otherwise."""
        found = self.verify(known=known)
        if found.faults:
            more = f" (and {len(found.faults) - 1} more)" if len(found.faults) > 1 else ""
            raise StoreError(
                f"{self.database.name} cannot be trusted: {found.faults[0].sentence}{more}",
                fix="Restore it from a copy, and find out who changed it.",
            )
        return found.head


def open_store(outputs: Path, *, address: str | None = None, is_read_only: bool = False) -> Store:
    """The store of an output folder: `arlib.db` in it, or the PostgreSQL database of ARLIB_STORE_URL when
    that is set.

    A new store is laid out and an older one brought to this version, in one transaction. `address` is for
    tests; '' means the default in spite of the environment. Raises StoreError, which never repeats the
    address.
    """
    where = address_from_environment() if address is None else address
    if where:
        database = connect_url(where)
    else:
        name = f"{outputs.name}/{FILE_NAME}"
        if not is_read_only:
            _make_folder(outputs, name)
        database = connect_sqlite(outputs / FILE_NAME, name=name, is_read_only=is_read_only)
    _bring_up(database, is_read_only=is_read_only)
    return Store(database)


def _make_folder(folder: Path, name: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StoreError(f"{name} cannot be made", found=fault.strerror) from None


def _bring_up(database: Database, *, is_read_only: bool) -> None:
    with database.reading() as connection:
        version = version_of(connection)
    if version == NEWEST:
        return
    if is_read_only and version < NEWEST:
        raise StoreError(
            f"{database.name} is of an older version",
            found=f"schema version {version}",
            wanted=str(NEWEST),
            fix="Open it once for writing, as `arlib close` does, to bring it up.",
        )
    with database.writing() as connection:
        migrate(connection, applied_at=instant(None), library=__version__)


def _selected(*, kinds: Sequence[str] = (), is_newest_first: bool = False) -> Select[Any]:
    query = select(EVENTS).order_by(EVENTS.c.seq.desc() if is_newest_first else EVENTS.c.seq)
    if not kinds:
        return query
    exact = [kind for kind in kinds if not kind.endswith(".")]
    below = [func.substr(EVENTS.c.kind, 1, len(kind)) == kind for kind in kinds if kind.endswith(".")]
    return query.where(or_(EVENTS.c.kind.in_(exact), *below))


def _first(connection: Connection, query: Select[Any]) -> Event | None:
    row = connection.execute(query.limit(1)).first()
    return _event(row._mapping) if row is not None else None


def _head(connection: Connection) -> Head:
    row = connection.execute(
        select(EVENTS.c.seq, EVENTS.c.hash).order_by(EVENTS.c.seq.desc()).limit(1)
    ).first()
    return Head(row.seq, row.hash) if row is not None else Head()


def _event_after(last: Head, **content: Any) -> dict[str, Any]:
    made = {
        "seq": last.seq + 1,
        **content,
        "authentication": content["authentication"].value,
        "prev_hash": last.hash,
    }
    return {**made, "hash": event_hash(**made)}


def _stream(connection: Connection) -> Iterator[Event]:
    rows = connection.execution_options(yield_per=1000).execute(_selected())
    for row in rows:
        yield _event(row._mapping)


def _event(row: RowMapping | Mapping[str, Any]) -> Event:
    return Event(**{("body_text" if name == "body" else name): value for name, value in row.items()})
