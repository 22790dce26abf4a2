"""A snapshot of what people decided, as a run freezes it. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arlib.run.store.chain import Event, Head
from arlib.run.store.store import Store

DECISION_KINDS = ("decision.", "approval.", "note.")


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Decisions, approvals and notes up to a head of the store."""

    head: Head
    events: tuple[Event, ...]

    def as_json(self) -> dict[str, Any]:
        """The snapshot as run.json keeps it: the head and every event with its own hash."""
        return {
            "head": {"seq": self.head.seq, "hash": self.head.hash},
            "events": [_plain(event) for event in self.events],
        }


def snapshot_decisions(store: Store, *, entity: str = "", up_to: Head | None = None) -> Decisions:
    """Decisions up to the store's head, or up to an earlier one.

    With `entity`, those whose body names that entity and those that name none.
    """
    head = up_to if up_to is not None else store.head()
    found = store.events(kinds=DECISION_KINDS, up_to=head)
    kept = tuple(event for event in found if not entity or event.body.get("entity", entity) == entity)
    return Decisions(head=head, events=kept)


def _plain(event: Event) -> Mapping[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "subject": event.subject,
        "body": dict(event.body),
        "actor": event.actor,
        "authentication": event.authentication,
        "hash": event.hash,
    }
