"""One decision on its way into the store: check, judge by all that is there, append. Floor 4."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

from arlib.calendar import time_zone
from arlib.errors import StoreError
from arlib.run.casework.checks import Faults
from arlib.run.casework.clashes import Clashes
from arlib.run.casework.decision import NEW_OWNER, Decision, documents_of, seq_of
from arlib.run.casework.duties import Duties
from arlib.run.casework.faults import FaultsError
from arlib.run.casework.kinds import KIND_OF, Act, duty_of
from arlib.run.casework.state import State
from arlib.run.store import Actor, Event, Head, NewEvent, Store

if TYPE_CHECKING:
    from arlib.run.plan import ClosePlan

LATEST = 2**63  # seen is all that was ever recorded
_BY_THEN = ("on", NEW_OWNER)  # of a body: what follows from the day that it was recorded on


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A decision that is in the store. `is_again` where the same request had been recorded before."""

    decision_id: str
    at: datetime
    by: str
    sentence: str
    head: Head
    is_again: bool = False


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be recorded, the duty that it is, what it touches, and how it is held against what others did."""

    act: Act
    entity: str
    subject: str
    body: Mapping[str, Any]
    request_id: str
    duty: str = ""
    items: tuple[str, ...] = ()
    receipt_id: str = ""
    clash: Callable[[Clashes], None] = lambda _: None
    seen: int = LATEST


@dataclass(kw_only=True)
class Recorder:
    """A store, a person, what he has read of it so far, and how one more decision is recorded.

    `state` is of the decisions up to the head `read_to`; `mine` are the numbers of what this desk recorded itself.
    """

    store: Store
    actor: Actor
    plan: ClosePlan
    clock: Callable[[], datetime]
    duties: Duties
    state: State = field(default_factory=State)
    read_to: Head = field(default_factory=Head)
    mine: set[int] = field(default_factory=set)
    lock: Any = field(default_factory=RLock, repr=False)

    def asked(self, what: str, entity: str, request_id: object) -> tuple[Faults, date]:
        """A list for the faults of what is asked for, and today; ParameterError for an entity that is not declared."""
        faults, today = Faults(f"{what} cannot be recorded"), self.today(entity)
        faults.word("request_id", request_id, is_needed=False)
        return faults, today

    def today(self, entity: str) -> date:
        """The day in the entity's time zone; ParameterError for an entity that the close file does not declare."""
        return self.clock().astimezone(time_zone(self.plan.entity(entity).time_zone)).date()

    def check_money(
        self, faults: Faults, customer_id: object, item_id: object, currency: object, amount: object, text: object,
        *, is_worked_out: bool = False,
    ) -> None:  # fmt: skip
        """The faults of customer, item, currency, amount and text."""
        faults.word("customer_id", customer_id)
        faults.word("item_id", item_id, is_needed=False)
        faults.currency(currency)
        if not (is_worked_out and amount is None):
            faults.positive("amount", amount)
        faults.text("text", text)

    def seen_of(self, seen: Head | None) -> int:
        """The number of the last event that the person has seen; StoreError for one that the store does not have."""
        if seen is None:
            return LATEST
        with self.lock:
            if seen.seq > self.read_to.seq:
                self.read_on()
            if seen.seq > self.read_to.seq:
                raise StoreError(
                    f"{self.store.database.name} ends at event {self.read_to.seq}, what was shown came from event {seen.seq}",
                    fix="Open the desk again.",
                )
        return seen.seq

    def decision(self, decision_id: object) -> Decision | None:
        """The decision of that name, None where there is none; what was not read yet is read first."""
        seq = seq_of(decision_id) if isinstance(decision_id, str) else 0
        with self.lock:
            if seq > self.read_to.seq:
                self.read_on()
            return self.state.decisions.get(seq)

    def record(self, draft: Draft) -> Recorded:
        """Record a draft, or what the same request recorded before, or raise what stands in the way.

        It is judged by all that is in the store while nobody else may write.
        """
        new = NewEvent(
            kind=KIND_OF[draft.act], subject=draft.subject, body={"entity": draft.entity, **draft.body},
            actor=self.actor.name, authentication=self.actor.authentication,
        )  # fmt: skip

        def judge(later: tuple[Event, ...]) -> bool:
            for event in later:
                self._take(event)
            if self._again(draft) is not None:
                return False
            self._judge(draft)
            return True

        with self.lock:
            made = self.store.append_judged(new, last=self.read_to, judge=judge, at=self.clock())
            if made is None:
                again = self._again(draft)
                assert again is not None, "only what is there already is not recorded"
                return again
            self.mine.add(made.seq)
            self._take(made)
            return self._recorded(made.seq, made.head)

    def _judge(self, draft: Draft) -> None:
        self.duties.require(
            self.actor.name,
            draft.duty,
            self.state,
            entity=draft.entity,
            items=draft.items,
            receipt=draft.receipt_id,
        )
        draft.clash(
            Clashes(
                state=self.state,
                entity=draft.entity,
                seen=draft.seen,
                mine=self.mine,
                documents=documents_of(draft.body),
                receipt_no=str(draft.body.get("receipt_no", "")),
            )
        )

    def _again(self, draft: Draft) -> Recorded | None:
        """What the same request of the same person recorded before; FaultsError where it was another one."""
        made = self.state.by_request.get((self.actor.name, draft.request_id)) if draft.request_id else None
        if made is None:
            return None
        told = {name: value for name, value in made.body.items() if name not in (*_BY_THEN, "entity")}
        asked = {name: value for name, value in draft.body.items() if name not in _BY_THEN}
        if made.act is not draft.act or made.entity != draft.entity or told != asked:
            raise FaultsError(
                "the decision cannot be recorded",
                [f"request_id {draft.request_id} was used for another one: {made.sentence}"],
            )
        return self._recorded(made.seq, Head(made.seq, made.hash), is_again=True)

    def _recorded(self, seq: int, head: Head, *, is_again: bool = False) -> Recorded:
        made = self.state.decisions[seq]
        return Recorded(
            decision_id=made.decision_id, at=datetime.fromisoformat(made.at).astimezone(UTC), by=made.by,
            sentence=f"{made.sentence}.", head=head, is_again=is_again,
        )  # fmt: skip

    def read_on(self) -> bool:
        """Read what is new; whether anything was."""
        found = self.store.events_after(self.read_to)
        for event in found:
            self._take(event)
        return bool(found)

    def _take(self, event: Event) -> None:
        self.state.take(event)
        self.read_to = event.head


def draft(
    act: Act,
    entity: str,
    body: Mapping[str, Any],
    subject: tuple[str, str],
    today: date,
    request_id: str,
    **more: Any,
) -> Draft:
    """A draft; its duty and what it touches follow from its body where they are not given."""
    item = body.get("item_id", "")
    items = tuple(one if isinstance(one, str) else one["item_id"] for one in body.get("items", ())) or (
        (item,) if item else ()
    )
    kept = {**body, "on": today.isoformat()} | ({"request_id": request_id} if request_id else {})
    told = {
        "duty": duty_of(act, str(body.get("kind", ""))),
        "items": items,
        "receipt_id": body.get("receipt_id", ""),
    }
    what, name = subject
    line = "".join(sign if sign.isprintable() else "?" for sign in f"{entity}/{what}/{name}")
    return Draft(
        act=act, entity=entity, subject=line[:300], body=kept, request_id=request_id, **(told | more)
    )


def numbered(faults: Faults, given: Mapping[str, str], items: Iterable[str]) -> dict[str, dict[str, str]]:
    """The document numbers of these items as a body keeps them; nothing where none is given."""
    told = {item: given[item] for item in items if isinstance(item, str) and given.get(item)}
    for number in told.values():
        faults.word("document_no", number)
    return {"documents": told} if told else {}


def known_as(faults: Faults, **given: str) -> dict[str, str]:
    """Numbers that people know a document by, as a body keeps them; without those that are ''."""
    for name, number in given.items():
        faults.word(name, number, is_needed=False)
    return {name: number for name, number in given.items() if number}


def iso(day: date | None) -> str:
    """A day as events keep it, '' for none."""
    return day.isoformat() if isinstance(day, date) else ""
