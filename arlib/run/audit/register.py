"""The register of audit requests: what was asked, answered, by whom, when, and what is open. Floor 4.

It is read from the store's events, so nothing in it can be changed, only added to:

    audit.asked      the request as it was read; once more when its file has changed
    audit.sealed     a population's hash and totals, before anything is drawn from it
    audit.seed       the seed of a draw from that population, and whose it is: the requester's, or drawn once by arlib
    audit.answered   a pack with its hashes
    audit.marked     what a person says of it: reviewed, sent, withdrawn, with a note
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from arlib.credit.write_off.flags import same_person
from arlib.errors import ParameterError, StoreError, nearest
from arlib.run.result import digest

if TYPE_CHECKING:
    from arlib.run.audit.request import Request
    from arlib.run.store import Actor, Event, Store

ASKED, SEALED, SEED, ANSWERED, MARKED = (
    f"audit.{word}" for word in ("asked", "sealed", "seed", "answered", "marked")
)
REQUESTER, ARLIB = "requester", "arlib"  # whose seed it is
WAITING = "waiting for the seed"
KINDS = (ASKED, SEALED, SEED, ANSWERED, MARKED)


class Mark(StrEnum):
    """What a person may say of a request."""

    REVIEWED = "reviewed"  # somebody other than the preparer looked at the answer
    SENT = "sent"
    WITHDRAWN = "withdrawn"  # by who asked


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One request as it stands. Times are UTC, as the store has them; days are ISO dates, '' where there is none."""

    request_id: str
    kind: str
    question: str
    entity: str
    as_of: str
    asked_by: str
    asked_on: str
    due_on: str
    status: str  # open, overdue, waiting for the seed, answered, reviewed, sent, withdrawn
    late_days: int = 0  # days from due_on to the first answer, to today without one
    asked_again: int = 0  # how often its file has changed since it was first read
    answers: int = 0
    answered_at: str = ""
    answered_by: str = ""
    outcome: str = ""  # the word for the answer's controls
    pack: str = ""
    pack_sha256: str = ""
    verify_sha256: str = ""
    content_sha256: str = ""
    reviewed_by: str = ""
    sent_at: str = ""
    unreviewed: bool = False  # sent before anybody else had reviewed it
    population_sha256: str = ""  # of a sample: what was sealed last
    seed: str = ""  # that was drawn with, from that population
    seed_by: str = ""  # requester or arlib
    note: str = ""


def subject_of(request_id: str) -> str:
    """Under which subject the store keeps a request."""
    return f"audit/{request_id}"


def require_sound(store: Store) -> None:
    """Raise StoreError where the chain of the store is broken: a register that somebody changed is not shown as one."""
    found = store.verify()
    if not found.is_whole:
        raise StoreError(
            f"the register cannot be trusted: {found.faults[0].sentence}",
            fix="See `arlib verify` on the output folder, and restore the store from a copy.",
        )


def record_asked(store: Store, request: Request, *, actor: Actor) -> None:
    """Record a request as it was read, unless it stands there just so already."""
    told = {**request.as_json(), "prepared_by": request.prepared_by}
    before = store.events(kinds=(ASKED,), subject=subject_of(request.request_id))
    if not before or digest(dict(before[-1].body)) != digest(told):
        _append(store, ASKED, request.request_id, told, actor=actor)


def record_sealed(store: Store, request: Request, population: Mapping[str, Any], *, actor: Actor) -> None:
    """Record the hash and totals of a population, unless this one stands there already."""
    before = store.events(kinds=(SEALED,), subject=subject_of(request.request_id))
    if not before or digest(dict(before[-1].body)) != digest(dict(population)):
        _append(store, SEALED, request.request_id, population, actor=actor)


def seed_of(
    store: Store, request: Request, population: Mapping[str, Any], *, seed: str, by: str, actor: Actor
) -> tuple[str, str]:
    """The seed to draw from a sealed population with, and whose it is; it is recorded before anything is drawn.

    A population has one seed, under whatever number it is asked for, so nobody can draw until a sample suits: `by` ARLIB
    is given the earlier one where there is one, `by` REQUESTER must name it again. Populations of several currencies are
    each by itself. Raises ParameterError with the earlier draw for another seed.
    """
    seals = {str(one["sha256"]) for one in (population, *population.get("populations", ()))}
    used, whose = "", by
    for event in store.events(kinds=(SEED,), subject_prefix="audit/"):
        if seals.isdisjoint({event.body["population_sha256"], *event.body.get("populations", ())}):
            continue
        earlier = str(event.body["drawn"])
        if not used and (by == ARLIB or earlier == seed):
            used, whose = earlier, str(event.body.get("by", ARLIB))
        elif earlier != used:
            raise ParameterError(
                "seed: this population was drawn from before, with another seed",
                where=request.request_id,
                found=used or seed,
                wanted=f"{earlier!r}, of {event.subject.removeprefix('audit/')} on {event.at[:10]}",
                fix="A sealed population is drawn from once. Name that seed, or seal another population.",
            )
    used = used or seed
    body = {
        "population_sha256": population["sha256"],
        "populations": sorted(seals),
        "drawn": used,
        "by": whose,
    }
    before = store.events(kinds=(SEED,), subject=subject_of(request.request_id))
    if not any(
        (event.body["population_sha256"], event.body["drawn"]) == (population["sha256"], used)
        for event in before
    ):
        _append(store, SEED, request.request_id, body, actor=actor)
    return used, whose


def record_answered(store: Store, request_id: str, told: Mapping[str, Any], *, actor: Actor) -> None:
    """Record a pack, unless it stands there already."""
    there = store.events(kinds=(ANSWERED,), subject=subject_of(request_id))
    if told["pack"] not in {event.body["pack"] for event in there}:
        _append(store, ANSWERED, request_id, told, actor=actor)


def record_mark(
    store: Store, request_id: str, mark: Mark, *, actor: Actor, on: date, by: str = "", note: str = ""
) -> None:
    """Record what a person says of a request.

    A review must be of an answer, and by somebody else than who prepared it; only an answer can be sent, and one that
    nobody reviewed is marked so. Raises ParameterError for an unknown request and for what cannot be.
    """
    entry = find(store, request_id, today=on)
    who = (by or actor.name).strip()
    if not re.fullmatch(r"[^\x00-\x1f]{1,100}", who) or len(note) > 500 or (not note.isprintable() and note):
        raise ParameterError("audit mark", found=by or note, wanted="a name and a note on one line each")
    if mark is not Mark.WITHDRAWN and not entry.answers:
        raise ParameterError(
            f"{request_id} has no answer that could be {mark}",
            fix=f"Run `arlib audit run` for {request_id} first.",
        )
    if mark is Mark.REVIEWED and same_person(who, entry.answered_by):
        raise ParameterError(
            "the reviewer is who prepared the answer",
            where=request_id,
            found=who,
            wanted="somebody else, with --by",
        )
    body: dict[str, Any] = {
        "mark": str(mark),
        "on": on.isoformat(),
        "by": who,
        "note": note,
        "pack": entry.pack,
    }
    if mark is Mark.SENT and not entry.reviewed_by:
        body["unreviewed"] = True
    _append(store, MARKED, request_id, body, actor=actor)


def find(store: Store, request_id: str, *, today: date) -> Entry:
    """One request; ParameterError with the nearest for an unknown one."""
    entries = {entry.request_id: entry for entry in register(store, today=today)}
    if request_id not in entries:
        near = nearest(request_id, entries)
        raise ParameterError(
            "no such request in the register",
            found=request_id,
            fix=f"Did you mean {near!r}?" if near else "",
        )
    return entries[request_id]


def register(store: Store, *, today: date) -> tuple[Entry, ...]:
    """Every request by its number, as it stands; one that is due before `today` and has no answer is overdue."""
    by_id: dict[str, list[Event]] = {}
    for event in store.events(kinds=KINDS, subject_prefix="audit/"):
        by_id.setdefault(event.subject.removeprefix("audit/"), []).append(event)
    return tuple(_entry(request_id, events, today) for request_id, events in sorted(by_id.items()))


def packs_of(store: Store) -> dict[str, str]:
    """The recorded hash of every pack by its name."""
    return {event.body["pack"]: event.body["pack_sha256"] for event in store.events(kinds=(ANSWERED,))}


def _entry(request_id: str, events: Iterable[Event], today: date) -> Entry:
    """Later events stand over earlier ones; a mark counts for the pack that it was made of, a withdrawal for all."""
    asked = [event for event in events if event.kind == ASKED]
    answers = [event for event in events if event.kind == ANSWERED]
    request = asked[-1].body if asked else {}
    last = answers[-1] if answers else None
    pack = last.body["pack"] if last else ""
    marks = [
        event
        for event in events
        if event.kind == MARKED and (event.body["pack"] == pack or event.body["mark"] == Mark.WITHDRAWN)
    ]
    told = {str(event.body["mark"]): event.body for event in marks}
    due = str(request.get("due_on", ""))
    status = "open"
    if due and date.fromisoformat(due) < today:
        status = "overdue"
    if last:
        status = "answered"
    for mark in (Mark.REVIEWED, Mark.SENT):
        if mark in told:
            status = str(mark)
    if last and last.body.get("waits_for") == "seed":
        status = WAITING
    if Mark.WITHDRAWN in told:
        status = str(Mark.WITHDRAWN)
    sealed = [event.body for event in events if event.kind == SEALED]
    population = str(sealed[-1]["sha256"]) if sealed else ""
    seeds = [
        event.body for event in events if event.kind == SEED and event.body["population_sha256"] == population
    ]
    return Entry(
        request_id=request_id,
        kind=str(request.get("kind", "")),
        question=str(request.get("question", "")),
        entity=str(request.get("entity", "")),
        as_of=str(request.get("as_of", "")),
        asked_by=str(request.get("asked_by", "")),
        asked_on=str(request.get("asked_on", "")),
        due_on=due,
        status=status,
        late_days=_late(due, answers, told, today),
        asked_again=max(0, len(asked) - 1),
        answers=len(answers),
        answered_at=last.at if last else "",
        answered_by=str(last.body["prepared_by"]) if last else "",
        outcome=str(last.body["outcome"]) if last else "",
        pack=pack,
        pack_sha256=str(last.body["pack_sha256"]) if last else "",
        verify_sha256=str(last.body["verify_sha256"]) if last else "",
        content_sha256=str(last.body["content_sha256"]) if last else "",
        reviewed_by=str(told[Mark.REVIEWED]["by"])
        if Mark.REVIEWED in told
        else str(last.body.get("reviewed_by", ""))
        if last
        else "",
        sent_at=str(told[Mark.SENT]["on"]) if Mark.SENT in told else "",
        unreviewed=bool(told[Mark.SENT].get("unreviewed", False)) if Mark.SENT in told else False,
        population_sha256=population,
        seed=str(seeds[-1]["drawn"]) if seeds else "",
        seed_by=str(seeds[-1].get("by", ARLIB)) if seeds else "",
        note=str(marks[-1].body["note"]) if marks else "",
    )


def _late(due: str, answers: list[Event], marks: Mapping[str, Mapping[str, Any]], today: date) -> int:
    """Days from the day that an answer was due to the first one; to its withdrawal or today where there is none."""
    if not due:
        return 0
    ended = str(marks[Mark.WITHDRAWN]["on"]) if Mark.WITHDRAWN in marks else today.isoformat()
    return max(
        0, (date.fromisoformat(answers[0].at[:10] if answers else ended) - date.fromisoformat(due)).days
    )


def _append(store: Store, kind: str, request_id: str, body: Mapping[str, Any], *, actor: Actor) -> None:
    store.append(kind, subject_of(request_id), body, actor=actor.name, authentication=actor.authentication)
