"""The desk's side of the store: what one person has read, and what he records. Floor 4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import TYPE_CHECKING

from arlib.run.casework.asking import Asking
from arlib.run.casework.cash import CashApplication
from arlib.run.casework.collecting import Collecting
from arlib.run.casework.decision import Decision
from arlib.run.casework.duties import Duties
from arlib.run.casework.join import decisions_frame, joined_to
from arlib.run.casework.state import Approved
from arlib.run.store import Actor, Head, Store, current_actor

if TYPE_CHECKING:
    import pandas as pd

    from arlib.run.plan import ClosePlan
    from arlib.tables import Book


class Casework(Collecting, CashApplication, Asking):
    """What one person records, and what he has read. Made by `casework`; may be shared by threads.

    Every act raises FaultsError where it cannot be right, DutyError where it is another's to do, ConflictError where
    somebody was first, StoreError where the store fails; then nothing was recorded. `seen` is the head that what the
    person looked at came from. A caller that tries again after a crash gives the same `request_id`: the same request of
    the same person is recorded once. Amounts are whole minor units.
    """

    def head(self) -> Head:
        """The head up to which this desk has read; nothing is read for it."""
        return self.read_to

    def since(self, head: Head) -> tuple[str, ...]:
        """Sentences of what others recorded after a head, or this person at another desk; the store is read on first."""
        with self.lock:
            self.read_on()
            news: list[Decision | Approved] = []
            for read in (self.state.decisions.values(), self.state.approvals):
                news += takewhile(lambda one: one.seq > head.seq, reversed(read))
            told = sorted((one.seq, one.sentence) for one in news if one.seq not in self.mine)
            return tuple(f"{sentence}." for _, sentence in told)

    def decisions(
        self,
        *,
        entity: str = "",
        customer_id: str = "",
        receipt_id: str = "",
        item_id: str = "",
        by: str = "",
    ) -> pd.DataFrame:
        """DECISIONS as far as this desk has read, in their order, withdrawn ones too; narrowed by what is named."""
        with self.lock:
            return decisions_frame(
                self.state,
                entity=entity,
                customer_id=customer_id,
                receipt_id=receipt_id,
                item_id=item_id,
                by=by,
            )

    def joined(self, book: Book, *, entity: str, customer_id: str = "") -> Book:
        """A book with what holds of the decisions read so far, as `with_casework` joins it.

        With `customer_id` the book is one customer's: only what names the customer, its receipts or its items.
        """
        with self.lock:
            return joined_to(book, self.state, entity=entity, customer_id=customer_id).book


def casework(
    store: Store,
    actor: Actor | None = None,
    *,
    plan: ClosePlan,
    known: Sequence[Head] = (),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Casework:
    """The desk of one person on a store, which is verified whole, once, against heads written down elsewhere.

    Raises StoreError where the chain is broken.
    """
    store.require_whole(known=known)
    made = Casework(
        store=store, actor=actor or current_actor(), plan=plan, clock=clock,
        duties=Duties.of(plan.policies.authority),
    )  # fmt: skip
    made.since(Head())
    return made
