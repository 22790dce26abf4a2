"""What others recorded, held against what is to be recorded: by what it touches, not by the whole chain. Floor 4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from arlib.credit.decided import LOWERING
from arlib.run.casework.decision import Decision, called, money, names, seq_of
from arlib.run.casework.faults import ConflictError, FaultsError
from arlib.run.casework.kinds import WRITE_OFFS, Act
from arlib.run.casework.known import BOUNDED, Known, StandingPromise
from arlib.run.casework.lines import AppliedLine
from arlib.run.casework.state import Approved, State, payers
from arlib.tables.choices import ProposalKind


@dataclass(frozen=True, kw_only=True)
class Clashes:
    """A state of decisions, and what of it the person has seen: events up to number `seen`, and his own (`mine`).

    Each method raises ConflictError, or does nothing. What was open is what was left at `seen`, so only what was taken
    later comes off.
    """

    state: State
    entity: str
    seen: int
    mine: Set[int] = frozenset()
    documents: Mapping[str, str] = field(default_factory=dict)  # numbers that people know, by item
    receipt_no: str = ""

    def is_unseen(self, seq: int) -> bool:
        """Whether somebody else recorded it after what the person looked at."""
        return seq > self.seen and seq not in self.mine

    def _item(self, item_id: str) -> str:
        return called(item_id, self.documents.get(item_id, ""))

    def _receipt(self, receipt_id: str) -> str:
        return called(receipt_id, self.receipt_no)

    def apply(
        self,
        receipt_id: str,
        lines: Sequence[AppliedLine],
        *,
        open_amounts: Mapping[str, int],
        receipt_open: int,
        booked: Set[int] = frozenset(),
    ) -> None:
        """The receipt is decided; its items were turned down, proposed away or consumed by others meanwhile.

        A decision that the ledger has booked stands in nobody's way: one that is named in `booked`, and one of which the
        receipt shows that it was used since.
        """
        for made, _ in self.state.links(self.entity, receipt_id).values():
            if made.seq not in booked and not _is_used(made, receipt_open):
                raise _first(made, f"receipt {self._receipt(receipt_id)} is already decided")
        items = {line.item_id for line in lines}
        for turned, made in self.state.turned_down(self.entity, receipt_id).items():
            if turned <= items and self.is_unseen(made.seq):
                raise _first(
                    made,
                    f"{names([self._item(item) for item in sorted(turned)])} was turned down for receipt "
                    f"{self._receipt(receipt_id)} meanwhile",
                )
        for line in lines:
            self._room(line.item_id, line.settles, open_amounts[line.item_id], line.currency)
            self._lowered(line.item_id)

    def reject(self, receipt_id: str, item_ids: Iterable[str]) -> None:
        """An item is applied to the receipt, or the same set was turned down before."""
        items = frozenset(item_ids)
        held = self.state.links(self.entity, receipt_id)
        for item in sorted(items & held.keys()):
            raise _first(
                held[item][0], f"item {self._item(item)} is applied to receipt {self._receipt(receipt_id)}"
            )
        if items in (turned := self.state.turned_down(self.entity, receipt_id)):
            raise _first(
                turned[items],
                f"the same items are turned down for receipt {self._receipt(receipt_id)} already",
                is_wrong="",
            )

    def alias(self, customer_id: str, payer_name: str, payer_account: str) -> None:
        """The payer is this customer's already, or was given to another one meanwhile."""
        key = (self.entity, customer_id, payer_name, payer_account)
        for payer in payers(payer_name, payer_account):
            held = self.state.aliases(self.state.by_payer.get((self.entity, *payer), ()))
            if key in held:
                raise _first(held[key], "the payer is known as this customer's already", is_wrong="")
            for (_, customer, _, _), made in held.items():
                if customer != customer_id and self.is_unseen(made.seq):
                    raise _first(made, f"the payer was given to customer {customer} meanwhile")

    def promise(self, asked: Mapping[str, object], *, today: date, is_beside: bool, known: Known) -> None:
        """One stands already and nothing is said of it; or all that stand are more than is open."""
        customer, item, currency = (str(asked[name]) for name in ("customer_id", "item_id", "currency"))
        replaces, amount = str(asked.get("replaces", "")), asked["amount"]
        stands = {one.promise_id: one for one in self._promised(customer, known) if one.pay_by >= today}
        if replaces and replaces not in stands:
            raise FaultsError(
                "the promise cannot be recorded", [f"{replaces} is no promise of {customer} that stands"]
            )
        beside = [
            one
            for one in stands.values()
            if (one.item_id, one.currency) == (item, currency) and one.promise_id != replaces
        ]
        if beside and not is_beside:
            raise FaultsError(
                "the promise cannot be recorded",
                [f"another stands already: {names([one.sentence for one in beside])}"],
                fix="Say that it is in place of it, or beside it. Nothing was recorded.",
            )
        if not beside or not isinstance(amount, int):
            return
        open_ = abs(known.items[item].left) if item else known.balances.get(currency, 0)
        if (promised := amount + sum(one.amount for one in beside)) > open_:
            raise FaultsError(
                "the promise cannot be recorded",
                [f"{money(promised, currency)} would be promised with {names([one.sentence for one in beside])}, "
                 f"{money(open_, currency)} is open"],
            )  # fmt: skip

    def _promised(self, customer: str, known: Known) -> Iterator[StandingPromise]:
        """Promises of the customer that nobody took back or replaced: of the desk, and those of the books."""
        found = self.state.by_customer.get((self.entity, customer), ())
        ours = {made.decision_id for made in found if made.act is Act.PROMISE}
        for one in known.promises:
            if one.promise_id not in ours and self.state.replacement(self.entity, one.promise_id) is None:
                yield one
        for made in self.state.standing(found, Act.PROMISE):
            if self.state.replacement(self.entity, made.decision_id) is None:
                yield StandingPromise(
                    promise_id=made.decision_id, item_id=made.word("item_id"), currency=made.currency,
                    amount=made.amount or 0, pay_by=date.fromisoformat(made.word("pay_by")),
                )  # fmt: skip

    def dispute(self, item_id: str) -> None:
        """Somebody opened a dispute on the item meanwhile."""
        for made in self.state.standing(self.state.by_item.get((self.entity, item_id), ()), Act.DISPUTE):
            if self.is_unseen(made.seq):
                raise _first(made, f"a dispute on item {self._item(item_id)} was opened meanwhile")

    def settle(self, dispute_id: str) -> None:
        """The dispute is settled, or was withdrawn."""
        opened = self.state.decisions.get(seq_of(dispute_id))
        if opened is not None:
            self._still(opened, f"dispute {dispute_id}")
        if (made := self.state.settlement(self.entity, dispute_id)) is not None:
            raise _first(made, f"dispute {dispute_id} is settled already")

    def propose(self, asked: Mapping[str, object], *, open_amount: int | None) -> None:
        """The same is proposed already; the item was applied to, or proposed away, meanwhile; or nothing is left of it."""
        kind, item = str(asked["kind"]), str(asked["item_id"])
        same = ("customer_id", "item_id", "currency", "amount", "reason")
        found = self.state.by_customer.get((self.entity, str(asked["customer_id"])), ())
        for made in self.state.standing(found, Act.PROPOSE):
            is_same = made.word("kind") == kind and all(
                made.body.get(name, "") == asked[name] for name in same
            )
            is_second = item and made.item_ids == (item,) and {kind, made.word("kind")} <= set(WRITE_OFFS)
            if is_same or is_second:
                raise _first(made, f"that is proposed already for customer {asked['customer_id']}")
        if not item:
            return
        self._lowered(item)
        for made, _ in self.state.of_item(self.entity, item):
            if self.is_unseen(made.seq):
                raise _first(made, f"item {self._item(item)} was applied to meanwhile")
        if open_amount is not None and isinstance(amount := asked["amount"], int):
            self._fits(kind, item, amount, open_amount, str(asked["currency"]))

    def withdraw(self, made: Decision) -> None:
        """It is withdrawn already; or something else stands on it."""
        self._still(made, made.decision_id)
        if made.act is Act.DISPUTE and (settled := self.state.settlement(self.entity, made.decision_id)):
            raise _first(settled, f"dispute {made.decision_id} is settled")
        if made.act is Act.PROPOSE:
            for item in made.item_ids:
                for approved in self.state.approved_items.get((self.entity, item), ()):
                    if (
                        approved.seq > made.seq
                        and approved.word == "approve"
                        and approved.kind == made.word("kind")
                    ):
                        raise _decided(approved, f"{made.decision_id} is approved")

    def _still(self, made: Decision, what: str) -> None:
        if not self.state.stands(made):
            ended = self.state.decisions[self.state.withdrawn[made.seq]]
            raise _first(ended, f"{what} is withdrawn already", is_wrong="")

    def _room(self, item: str, settles: int, open_: int, currency: str) -> None:
        taken = [each for each in self.state.of_item(self.entity, item) if each[0].seq > self.seen]
        left = open_ - sum(line.settles for _, line in taken)
        if taken and not (0 <= settles <= left if open_ >= 0 else left <= settles <= 0):
            last = max((made for made, _ in taken), key=lambda made: made.seq)
            said = (
                f"of item {self._item(item)} {money(left, currency)} is left beside what was applied meanwhile, "
                f"not {money(settles, currency)}"
            )
            raise _first(last, said)

    def _lowered(self, item: str) -> None:
        for made in self.state.standing(self.state.by_item.get((self.entity, item), ()), Act.PROPOSE):
            if made.word("kind") in LOWERING and self.is_unseen(made.seq):
                raise _first(made, f"something else was proposed on item {self._item(item)} meanwhile")
        for approved in self.state.approved_items.get((self.entity, item), ()):
            if approved.kind in LOWERING and approved.word == "approve" and self.is_unseen(approved.seq):
                raise _decided(approved, f"item {self._item(item)} was decided on meanwhile")

    def _fits(self, kind: str, item: str, amount: int, open_: int, currency: str) -> None:
        if kind in BOUNDED:
            if not 0 < amount <= open_:
                raise FaultsError(
                    "the proposal cannot be recorded",
                    [
                        f"{money(amount, currency)} is asked for, {money(open_, currency)} is open of item {self._item(item)}"
                    ],
                )
            self._room(item, amount, open_, currency)
        elif kind == ProposalKind.REFUND.value:
            if amount > -open_:
                raise FaultsError(
                    "the proposal cannot be recorded",
                    [
                        f"{money(amount, currency)} is asked for, the credit of item {self._item(item)} is {money(-open_, currency)}"
                    ],
                )
            self._room(item, -amount, open_, currency)


def _is_used(made: Decision, receipt_open: int) -> bool:
    """Whether so much less is open of a receipt than when it was decided on that the ledger must have the decision."""
    before, used = made.body.get("receipt_open"), made.amount
    return isinstance(before, int) and used is not None and receipt_open <= before - used


def _first(
    made: Decision, what: str, *, is_wrong: str = "withdraw {0} first if it is wrong; "
) -> ConflictError:
    fix = f"Look at it again; {is_wrong.format(made.decision_id)}nothing was recorded."
    return ConflictError(
        f"{what}: {made.sentence}", decision_id=made.decision_id, by=made.by, at=made.at, fix=fix
    )


def _decided(approved: Approved, what: str) -> ConflictError:
    return ConflictError(
        f"{what}: {approved.sentence}", decision_id="", by=approved.by, at=approved.at,
        fix="Look at it again; what was approved is taken back where it was approved. Nothing was recorded.",
    )  # fmt: skip
