"""One entity's book as the desk holds it: loaded, indexed, and followed when people decide. Floor 5.

What takes long at a million items is done here, once: reading, the index by customer, the aging that filters use, the
search. What the matching needs is prepared in the background, so that no click waits for it.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any

from arlib.errors import ArError, ParameterError
from arlib.ledger.aging import age_items
from arlib.ledger.by_customer import CustomerIndex
from arlib.ledger.openitems import open_items
from arlib.ledger.search import EntitySearch
from arlib.matching.names import names_in
from arlib.tables import Book

if TYPE_CHECKING:
    from arlib.matching.by_hand import Prepared
    from arlib.policy import Scope
    from arlib.run.plan import ClosePlan

SEALED = "sealed"
JOINED = ("activities", "promises", "disputes", "adjustment_requests", "decided_applications", "rejected_matches",
          "payer_aliases")  # fmt: skip
Joined = Callable[..., Book]  # Casework.joined


def readings(text: str) -> list[str]:
    """How a name may be written: as cash application compares payers, without legal forms."""
    written = names_in(text)
    return [" ".join(name.words).casefold() for name in (*written.whole, *written.parts)]


def stays() -> None:
    """What was read stays as long as the desk does: the collector need not walk through it at every click, which was a third
    of the slowest answers. What an earlier desk left behind is collected first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # what ends with the process is taken down as ever


@dataclass(frozen=True, kw_only=True)
class BookSource:
    """Where the desk's books come from: the extracts as they are now, or sealed runs. Raises what reading raises."""

    plan: ClosePlan
    run: str = ""  # '' the extracts; 'sealed' the run that stands; else a run id, of one entity

    @cached_property
    def whole(self) -> Book:
        """All entities' extracts, read once."""
        from arlib.sources import load_book

        plan = self.plan
        return load_book(
            plan.sources, root=plan.root, entities=tuple(plan.functional), functional=plan.functional
        )

    def book(self, entity: str) -> Book:
        """The entity's book with what the period before left open and what was decided on proposals."""
        plan = self.plan
        if self.run:
            return self._sealed(entity)
        from arlib.run.decided import store_of, with_decided
        from arlib.run.history import carried_forward, with_carried

        carried = carried_forward(plan.outputs, entity=entity, previous=plan.previous_period())
        book = with_carried(self.whole.for_entity(entity), carried)
        return with_decided(book, store_of(plan.outputs), entity=entity)

    def _sealed(self, entity: str) -> Book:
        from arlib.run.history import standing
        from arlib.run.post_approved import sealed_books

        plan = self.plan
        home = plan.outputs / plan.period / entity
        stands = standing(plan.outputs, entity=entity, period=plan.period) if self.run == SEALED else None
        folder = home / self.run if self.run != SEALED else stands.folder if stands else None
        if folder is None or not folder.is_dir() or folder.parent != home:
            raise ParameterError(
                "run",
                where=plan.close_file,
                found=self.run,
                wanted=f"a sealed run of {entity} {plan.period}",
                fix=f"Close {plan.period} first, or leave `run` out to read the extracts now.",
            )
        return sealed_books(folder).book()

    @property
    def words(self) -> str:
        """Where the books come from, in words."""
        if not self.run:
            return f"extracts named by {self.plan.close_file}"
        return (
            f"the sealed run that stands for {self.plan.period}"
            if self.run == SEALED
            else f"sealed run {self.run}"
        )


@dataclass(eq=False)
class EntityBooks:
    """An entity's book with its indexes. `follow` takes in what people decided since."""

    scope: Scope  # the desk's default
    base: Book
    index: CustomerIndex
    search: EntitySearch
    policy: Any  # MatchingPolicy
    prepared: Prepared | None = None
    history: tuple[Any, ...] | None = None
    fault: str = ""  # why nothing is prepared for matching
    lock: RLock = field(default_factory=RLock, repr=False)
    preparing: RLock = field(default_factory=RLock, repr=False)

    @classmethod
    def of(cls, book: Book, *, scope: Scope, plan: ClosePlan, joined: Joined) -> EntityBooks:
        """Index a book with what was decided at the desk before: seconds at a million items."""
        policies = plan.policies
        index = CustomerIndex.of(joined(book, entity=scope.entity))
        at = scope
        if "snapshot" in book.features and book.snapshot_date:
            from datetime import date

            at = replace(scope, as_of=date.fromisoformat(book.snapshot_date), known_at=None)
        aged = age_items(
            open_items(index.book, scope=replace(at, known_at=None)), as_of=at.as_of, policy=policies.aging
        )
        found = EntitySearch.of(
            index, aged, entity=scope.entity, functional=scope.functional_currency, readings=readings
        )
        return cls(scope=at, base=book, index=index, search=found, policy=policies.matching)

    def follow(self, joined: Joined) -> None:
        """Take in what people decided since: only the tables that decisions touch are looked at again."""
        made = joined(self.base, entity=self.scope.entity)
        known = self.index.book
        changed = {
            name: made[name]
            for name in JOINED
            if made.has(name) and not (known.has(name) and known[name].equals(made[name]))
        }
        if not changed:
            return
        index = self.index.with_tables(changed)
        search = self.search.with_index(index, changed)
        with self.lock:
            self.index, self.search = index, search
            if self.prepared is not None:
                self.prepared = self.prepared.refreshed(index.book)

    def prepare(self) -> None:
        """Make what proposals for a receipt need, and measure the rules on the ledger's own history; long."""
        self.prepare_matching()
        if self.prepared is None or self.history is not None:
            return
        try:
            self.history = self.prepared.history(
                self.policy, entity_names=self.ours("name"), home=self.ours("country")
            )
        except ArError as fault:
            self.fault = str(fault)

    def ours(self, column: str) -> dict[str, str]:
        """Name or country of each of our own entities, as the close gives them to the matching."""
        told = self.index.book["entities"]
        return dict(zip(told["entity"], told[column].fillna(""), strict=True))

    def prepare_matching(self) -> None:
        """Make what proposals for a receipt need; `fault` says why where it cannot be made."""
        from arlib.matching.by_hand import prepare

        with self.preparing:  # not the other lock: a decision does not wait for this
            if self.prepared is not None:
                return
            try:
                made = prepare(self.index.book, scope=self.scope)
            except ArError as fault:
                self.fault = str(fault)
                return
            with self.lock:
                self.prepared = made.refreshed(self.index.book)
            stays()


class Background:
    """Work that is done one after another while people use the desk; it ends with the process."""

    def __init__(self) -> None:
        """Nothing is under way."""
        self._threads: list[Thread] = []

    def start(self, work: Mapping[str, Callable[[], None]]) -> None:
        """Do these in their order, in a thread of their own."""

        def run() -> None:
            for each in work.values():
                each()

        thread = Thread(target=run, name="arlib-desk", daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all is done; False where it is not by then."""
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)
