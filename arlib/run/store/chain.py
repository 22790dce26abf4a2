"""Events and the chain that they form: canonical text, hashes, and what a break in it looks like. Floor 4.

An event's hash covers everything in it and the hash before it, so an edited, deleted or moved event shows; a
cut tail shows against a head that was written down elsewhere, as every run.json does. This module touches no
database.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from arlib.errors import ParameterError, StoreError
from arlib.run.secretwords import secret_paths

GENESIS = "0" * 64
_REACH = 50  # how far from its place a moved event is looked for, to tell "moved" from "edited"
_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


class Authentication(StrEnum):
    """How it is known who the actor is."""

    UNAUTHENTICATED = "unauthenticated"  # a typed name; no proof, and no authority above a policy limit
    OS_USER = "os_user"  # the operating system's user of the process
    SINGLE_SIGN_ON = "single_sign_on"
    SIGNED_FILE = "signed_file"


@dataclass(frozen=True)
class Head:
    """The end of the chain: the number and hash of its last event."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened. `body_text` is canonical JSON without floats, as it is hashed; `at` is UTC.

    `authentication` is None only on events that a version-1 store wrote, which did not keep it.
    """

    seq: int
    at: str
    kind: str
    subject: str
    body_text: str
    actor: str
    authentication: str | None
    prev_hash: str
    hash: str

    @property
    def body(self) -> Mapping[str, Any]:
        """What was recorded; a text that was spoilt raises StoreError."""
        try:
            return dict(json.loads(self.body_text))
        except (ValueError, TypeError):
            raise StoreError(f"event {self.seq} of the store was edited: its body is not readable") from None

    @property
    def head(self) -> Head:
        """The chain's head just after this event."""
        return Head(self.seq, self.hash)

    def computed_hash(self, *, seq: int | None = None) -> str:
        """The hash that the content calls for, as event `seq` (its own number by default)."""
        return event_hash(
            seq=self.seq if seq is None else seq,
            at=self.at,
            kind=self.kind,
            subject=self.subject,
            body=self.body_text,
            actor=self.actor,
            authentication=self.authentication,
            prev_hash=self.prev_hash,
        )


@dataclass(frozen=True, kw_only=True)
class ChainFault:
    """A break in the chain: `code` is edited, missing, reordered, broken, cut, replaced or unguarded."""

    seq: int
    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What a walk along the chain found."""

    head: Head
    events: int
    faults: tuple[ChainFault, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found wanting."""
        return not self.faults


def canonical(body: object) -> str:
    """JSON with sorted keys and no spaces, the same text for the same data; floats and unknown types are
    refused.

    Raises ParameterError.
    """
    _check(body, "body")
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def event_hash(
    *,
    seq: int,
    at: str,
    kind: str,
    subject: str,
    body: str,
    actor: str,
    authentication: str | None,
    prev_hash: str,
) -> str:
    """SHA-256 over the canonical JSON of an event; `body` is its canonical text.

    An event of a version-1 store (authentication None) is hashed without that field, as it was when it was
    written.
    """
    content: dict[str, object] = {
        "seq": seq,
        "at": at,
        "kind": kind,
        "subject": subject,
        "body": body,
        "actor": actor,
        "prev_hash": prev_hash,
    }
    if authentication is not None:
        content["authentication"] = authentication
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def instant(at: datetime | None) -> str:
    """A moment as the store keeps it, UTC to the microsecond; a datetime without a zone raises
    ParameterError.
    """
    moment = at if at is not None else datetime.now(UTC)
    if moment.tzinfo is None:
        raise ParameterError("time of an event", found=moment.isoformat(), wanted="a time with its zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check_words(*, kind: str, subject: str, actor: str, body: Mapping[str, Any]) -> None:
    """Refuse what may not be recorded: a malformed kind, an empty subject or actor, a secret.

    Raises ParameterError.
    """
    if not _KIND.fullmatch(kind):
        raise ParameterError(
            "kind of event", found=kind, wanted="two or more small words joined by points, like run.sealed"
        )
    for name, text in (("subject", subject), ("actor", actor)):
        if (
            not text
            or len(text) > 300
            or any(ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000 for sign in text)
        ):
            raise ParameterError(f"{name} of an event", found=text, wanted="1 to 300 characters on one line")
    if secret := next(secret_paths({"subject": subject, "actor": actor, **body}), None):
        where = ".".join(str(part) for part in secret)
        raise ParameterError(
            f"an event may not hold a secret: {where}",
            fix="Take it out; the store keeps everything for ever.",
        )


def walk(events: Iterable[Event], *, known: Iterable[Head] = ()) -> Verification:
    """Follow the chain from its beginning and report every break once.

    `known` are heads written down elsewhere: one beyond the end shows a cut tail, one with another hash shows
    that the chain was rewritten.
    """
    faults: list[ChainFault] = []
    wanted: dict[int, set[str]] = {}
    for head in known:
        if head.seq:
            wanted.setdefault(head.seq, set()).add(head.hash)
    last, count = Head(), 0
    for event in events:
        count += 1
        faults += _faults_of(event, last)
        if wanted.get(event.seq, {event.hash}) != {event.hash}:
            faults.append(
                ChainFault(
                    seq=event.seq,
                    code="replaced",
                    sentence=f"event {event.seq} is not the one that was there: "
                    "its hash differs from the head written down elsewhere",
                )
            )
        last = event.head
    if (beyond := max(wanted, default=0)) > last.seq:
        faults.append(
            ChainFault(
                seq=last.seq + 1,
                code="cut",
                sentence=f"the tail is cut: the chain ends at event {last.seq}, "
                f"a head written down elsewhere is event {beyond}",
            )
        )
    return Verification(head=last, events=count, faults=tuple(faults))


def _faults_of(event: Event, last: Head) -> Iterator[ChainFault]:
    seq = event.seq
    is_gap = seq != last.seq + 1
    if is_gap:
        first, end = last.seq + 1, seq - 1
        which = f"event {first} is" if first == end else f"events {first} to {end} are"
        yield ChainFault(seq=first, code="missing", sentence=f"{which} missing")
    if event.computed_hash() != event.hash:
        near = range(max(1, seq - _REACH), seq + _REACH + 1)
        if was := next((number for number in near if event.computed_hash(seq=number) == event.hash), 0):
            yield ChainFault(
                seq=seq, code="reordered", sentence=f"event {seq} was event {was}: the order was changed"
            )
        else:
            yield ChainFault(
                seq=seq,
                code="edited",
                sentence=f"event {seq} was edited: its content does not match its hash",
            )
    elif event.prev_hash != last.hash and not is_gap:
        yield ChainFault(
            seq=seq,
            code="broken",
            sentence=f"event {seq} does not follow event {last.seq}: one of them was moved or replaced",
        )


def _check(value: object, where: str) -> None:
    if value is None or isinstance(value, (bool, int)):
        return
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ParameterError(
                f"{where} of an event", found=value, wanted="text that UTF-8 can hold"
            ) from None
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ParameterError(f"{where} of an event", found=repr(key), wanted="keys that are text")
            _check(inner, f"{where}.{key}")
        return
    if isinstance(value, (list, tuple)):
        for position, inner in enumerate(value):
            _check(inner, f"{where}.{position}")
        return
    raise ParameterError(
        f"{where} of an event",
        found=type(value).__name__,
        wanted="text, whole numbers, true or false, lists and keys; money as decimal text",
    )
