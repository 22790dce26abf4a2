"""All decisions that were read so far, found by what they touch. Floor 4.

Nothing is worked out while reading: what holds of one receipt, item or payer is replayed from the few decisions about it, so
that a withdrawal takes back all that a decision did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from arlib.matching.names import account_key, names_in
from arlib.policy.authority import plain_name
from arlib.run.casework.decision import Decision, decision_of, is_ours, seq_of
from arlib.run.casework.frames import Standing
from arlib.run.casework.kinds import APPROVAL, OF_POLICY, Act
from arlib.run.casework.lines import AppliedLine
from arlib.run.store import Event

Key = tuple[str, str]  # entity and id


@dataclass(frozen=True, kw_only=True)
class Approved:
    """A decision of an approver on a proposal, as far as the desk must know it."""

    seq: int
    at: str
    by: str
    word: str
    kind: str
    entity: str
    customer_id: str
    item_id: str

    @property
    def sentence(self) -> str:
        """Who decided what, when."""
        did = {"approve": "approved", "reject": "rejected", "ask": "asked about"}.get(self.word, self.word)
        about = f" on item {self.item_id}" if self.item_id else f" of customer {self.customer_id}"
        return f"{self.by} {did} {self.kind.replace('_', ' ')}{about} on {self.at[:10]} {self.at[11:16]} UTC"


@dataclass
class State:
    """Decisions in the order of the store, with indexes. `unread` tells of those that do not say what they must."""

    decisions: dict[int, Decision] = field(default_factory=dict)
    approvals: list[Approved] = field(default_factory=list)
    unread: dict[int, str] = field(default_factory=dict)
    withdrawn: dict[int, int] = field(default_factory=dict)  # a decision, and its withdrawal
    by_receipt: dict[Key, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    by_item: dict[Key, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    by_dispute: dict[Key, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    by_payer: dict[tuple[str, str, str], list[Decision]] = field(default_factory=lambda: defaultdict(list))
    by_customer: dict[Key, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    by_request: dict[Key, Decision] = field(default_factory=dict)
    by_promise: dict[Key, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    approved_items: dict[Key, list[Approved]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, events: Iterable[Event]) -> State:
        """The state after these events, which are in order."""
        made = cls()
        for event in events:
            made.take(event)
        return made

    def take(self, event: Event) -> None:
        """Read one more event; what is none of the desk's is passed over, what cannot be read is told in `unread`."""
        if event.kind.startswith(APPROVAL) and event.kind != OF_POLICY:
            self._approval(event)
        if not is_ours(event):
            return
        try:
            made = decision_of(event)
        except ValueError as fault:
            self.unread[event.seq] = (
                f"decision {event.seq} does not say what it must, and is left out: wanted {fault}"
            )
            return
        self.decisions[made.seq] = made
        for item in made.item_ids:
            self.by_item[made.entity, item].append(made)
        if made.receipt_id:
            self.by_receipt[made.entity, made.receipt_id].append(made)
        if made.customer_id:
            self.by_customer[made.entity, made.customer_id].append(made)
        if made.act is Act.SETTLE:
            self.by_dispute[made.entity, made.word("dispute_id")].append(made)
        if made.act is Act.PROMISE and (before := made.word("replaces")):
            self.by_promise[made.entity, before].append(made)
        for payer in (
            payers(made.word("payer_name"), made.word("payer_account")) if made.act is Act.ALIAS else ()
        ):
            self.by_payer[(made.entity, *payer)].append(made)
        if request := made.word("request_id"):
            self.by_request.setdefault((made.by, request), made)
        if made.act is Act.WITHDRAW:
            self.withdrawn.setdefault(seq_of(made.word("decision_id")), made.seq)

    def _approval(self, event: Event) -> None:
        body = {name: value for name, value in event.body.items() if isinstance(value, str)}
        made = Approved(
            seq=event.seq, at=event.at, by=body.get("approver", event.actor), word=body.get("decision", ""),
            kind=body.get("kind", ""), entity=body.get("entity", ""), customer_id=body.get("customer_id", ""),
            item_id=body.get("item_id", ""),
        )  # fmt: skip
        self.approvals.append(made)
        if made.item_id:
            self.approved_items[made.entity, made.item_id].append(made)

    def stands(self, made: Decision) -> bool:
        """Whether nobody withdrew it."""
        return made.seq not in self.withdrawn

    def standing(self, found: Iterable[Decision], *acts: Act) -> list[Decision]:
        """Those of some decisions that nobody withdrew, of these acts where any is named."""
        return [each for each in found if self.stands(each) and (not acts or each.act in acts)]

    def links(self, entity: str, receipt_id: str) -> dict[str, tuple[Decision, AppliedLine]]:
        """By item: the application that holds for it. The later decision counts: turning an item down takes it back."""
        held: dict[str, tuple[Decision, AppliedLine]] = {}
        for made in self.standing(self.by_receipt.get((entity, receipt_id), ())):
            if made.act is Act.APPLY:
                held |= {line.item_id: (made, line) for line in made.lines}
            elif made.act is Act.REJECT:
                for item in made.item_ids:
                    held.pop(item, None)
        return held

    def turned_down(self, entity: str, receipt_id: str) -> dict[frozenset[str], Decision]:
        """Sets of items that are turned down for a receipt. Applying all of a set takes that back."""
        held: dict[frozenset[str], Decision] = {}
        for made in self.standing(self.by_receipt.get((entity, receipt_id), ())):
            if made.act is Act.REJECT:
                held[frozenset(made.item_ids)] = made
            elif made.act is Act.APPLY:
                held = {items: one for items, one in held.items() if not items <= set(made.item_ids)}
        return held

    def aliases(self, found: Iterable[Decision]) -> dict[tuple[str, str, str, str], Decision]:
        """By entity, customer, name and account: the decisions that give a payer to a customer."""
        held: dict[tuple[str, str, str, str], Decision] = {}
        for made in self.standing(found, Act.ALIAS):
            key = (made.entity, made.customer_id, made.word("payer_name"), made.word("payer_account"))
            held.pop(key, None)
            if made.body.get("is_alias") is not False:
                held[key] = made
        return held

    def of_item(self, entity: str, item_id: str) -> Iterator[tuple[Decision, AppliedLine]]:
        """Applications of any receipt that hold for an item."""
        touching = self.by_item.get((entity, item_id), ())
        for receipt in dict.fromkeys(made.receipt_id for made in touching if made.act is Act.APPLY):
            held = self.links(entity, receipt).get(item_id)
            if held is not None:
                yield held

    def settlement(self, entity: str, dispute_id: str) -> Decision | None:
        """What settled a dispute, None while nobody has at the desk."""
        found = self.standing(self.by_dispute.get((entity, dispute_id), ()))
        return found[-1] if found else None

    def replacement(self, entity: str, promise_id: str) -> Decision | None:
        """The promise that was given in place of one, None while that one stands."""
        found = self.standing(self.by_promise.get((entity, promise_id), ()))
        return found[0] if found else None

    def ended(self, made: Decision) -> tuple[Standing, int]:
        """Whether a decision still holds, and the number of the one that ended it, 0 for none."""
        if made.seq in self.withdrawn:
            return Standing.WITHDRAWN, self.withdrawn[made.seq]
        if made.act is Act.PROMISE:
            later = self.replacement(made.entity, made.decision_id)
            return (Standing.SUPERSEDED, later.seq) if later else (Standing.STANDS, 0)
        if made.act is Act.APPLY:
            held = self.links(made.entity, made.receipt_id).values()
            holds = any(one.seq == made.seq for one, _ in held)
        elif made.act is Act.REJECT:
            holds = any(
                one.seq == made.seq for one in self.turned_down(made.entity, made.receipt_id).values()
            )
        else:
            return Standing.STANDS, 0
        if holds:
            return Standing.STANDS, 0
        after = self.standing(self.by_receipt[made.entity, made.receipt_id], Act.APPLY, Act.REJECT)
        mine = set(made.item_ids)
        ends = [one.seq for one in after if one.seq > made.seq and mine & set(one.item_ids)]
        return Standing.SUPERSEDED, min(ends)


def payers(name: str, account: str) -> list[tuple[str, str]]:
    """What a payer is known by: the readings of the name and of the account, as matching compares them."""
    made = [("account", account_key(account) or plain_name(account))] if account.strip() else []
    if name.strip():
        whole = names_in(name).whole
        made.append(("name", whole[0].full if whole else plain_name(name)))
    return made
