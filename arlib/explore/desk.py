"""The desk: books that are indexed, a search, cases, and what people decide. No widget; views draw it. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

import pandas as pd

from arlib.errors import ArError, ParameterError
from arlib.explore.books import Background, BookSource, EntityBooks, stays
from arlib.explore.case import CustomerCase, ReceiptCase
from arlib.explore.filters import Choices, Filters
from arlib.explore.related import related
from arlib.ledger.search import SearchIndex
from arlib.money import Rates, iso_code
from arlib.money.rates import translation_factor

if TYPE_CHECKING:
    from arlib.matching.by_hand import Prepared
    from arlib.policy import Policies, Scope
    from arlib.run.casework import Casework, Recorded
    from arlib.run.context import Context
    from arlib.run.plan import ClosePlan
    from arlib.run.store import Actor, Head

LIMIT = 50
RATE_DAYS = 7  # a closing rate may be so old


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What a search found. `frame` is SEARCH_HITS; `total` counts what was found, `is_capped` says there is still more."""

    frame: pd.DataFrame
    total: int
    is_capped: bool
    sentence: str


@dataclass(eq=False, kw_only=True)
class Desk:
    """All entities of a close file, each read and indexed when it is first needed. Made by `open_desk`."""

    plan: ClosePlan
    source: BookSource
    entity: str  # that the desk was opened for
    casework: Casework
    seen: Head = field(
        repr=False
    )  # of the store, up to which decisions are told; that of the opening at first
    as_of: date | None = None  # None: the end of the period
    known_at: date | None = None
    first_customer: str = ""
    first_text: str = ""
    _books: dict[str, EntityBooks] = field(default_factory=dict, repr=False)
    _lock: RLock = field(default_factory=RLock, repr=False)
    _reading: RLock = field(default_factory=RLock, repr=False)
    _background: Background = field(default_factory=Background, repr=False)
    _news: list[str] = field(default_factory=list, repr=False)

    @property
    def entities(self) -> tuple[str, ...]:
        """Entity codes of the close file, that of the desk first."""
        codes = [each.code for each in self.plan.entities]
        return (self.entity, *(code for code in codes if code != self.entity))

    @property
    def policies(self) -> Policies:
        """The policies of the close file."""
        return self.plan.policies

    @property
    def actor(self) -> Actor:
        """Who decides here."""
        return self.casework.actor

    @property
    def run(self) -> str:
        """Which book: '' the extracts, 'sealed', or a run id."""
        return self.source.run

    @property
    def source_words(self) -> str:
        """Which book, in words."""
        return self.source.words

    @property
    def head(self) -> Head:
        """What this desk has seen of the store."""
        return self.casework.head()

    def books(self, entity: str) -> EntityBooks:
        """An entity's book with its indexes; reads it the first time. Raises what reading raises."""
        if (found := self._books.get(entity)) is not None:
            return found
        with self._reading:  # not the other lock: nobody at the desk waits for another entity's books
            if (found := self._books.get(entity)) is not None:
                return found
            scope = self.plan.scope(entity, as_of=self.as_of, known_at=self.known_at)
            made = EntityBooks.of(
                self.source.book(entity), scope=scope, plan=self.plan, joined=self.casework.joined
            )
            with self._lock:
                made.follow(self.casework.joined)  # what was decided while it was read
                self._books[entity] = made
            stays()
            return made

    def prepared(self, entity: str) -> Prepared:
        """What proposals need; made here where the background has not come to it yet. ParameterError where it cannot be."""
        books = self.books(entity)
        if books.prepared is None:
            books.prepare_matching()
        if books.prepared is None:
            raise ParameterError(f"nothing can be matched: {books.fault}", where=entity)
        return books.prepared

    def scope(self, entity: str, *, as_of: date | None = None, known_at: date | None = None) -> Scope:
        """The desk's scope of an entity, or that of another day."""
        at = self.books(entity).scope
        return (
            at
            if as_of is None and known_at is None
            else replace(at, as_of=as_of or at.as_of, known_at=known_at)
        )

    @property
    def first(self) -> CustomerCase | None:
        """The case that the parameters ask for, if they do."""
        return self.open(self.entity, self.first_customer) if self.first_customer else None

    def choices(self, entity: str = "") -> Choices:
        """What each filter may be: of one entity, or of all."""
        wanted = [entity] if entity else self.entities
        standings = [self.books(code).search.standing for code in wanted]

        def values(name: str) -> tuple[str, ...]:
            return tuple(sorted(frozenset[str]().union(*(each.known[name] for each in standings))))

        there = set(values("bucket"))
        order = (*self.policies.aging.buckets, *sorted(there - set(self.policies.aging.buckets)))
        return Choices(
            entity=self.entities,
            currency=values("currency"),
            bucket=tuple(bucket for bucket in order if bucket in there),
            status=values("status"),
            collector=values("collector"),
            dispute_reason=values("dispute_reason"),
        )

    def search(self, text: str = "", filters: Filters = Filters(), limit: int = LIMIT) -> SearchResult:  # noqa: B008
        """Customers and documents that a text finds, best first; without a text, customers by what they owe.

        A filter that is none of the choices raises ParameterError.
        """
        filters.checked(self.choices(filters.entity if filters.entity in self.entities else ""))
        wanted = [filters.entity] if filters.entity else self.entities
        worth, how = self._worth(wanted)
        index = SearchIndex({code: self.books(code).search for code in wanted}, worth)
        found = index.find(text, narrowing=filters, limit=limit)
        return SearchResult(
            found.frame, found.total, found.is_capped, _said(found.query, found.total, found.is_capped, found.is_cut,
                                                             len(found.frame), filters, how)
        )  # fmt: skip

    def _worth(self, codes: Sequence[str]) -> tuple[Mapping[str, Fraction], str]:
        """What a minor unit of each entity's books is worth in one currency, at closing rates, and how that is said.

        The currency is the first of these entities' into which all others can be translated; without one nothing is, and
        the entities stand one after another.
        """
        scopes = {code: self.scope(code) for code in codes}
        monies = list(dict.fromkeys(scope.functional_currency for scope in scopes.values()))
        if len(monies) == 1:
            return dict.fromkeys(codes, Fraction(1)), ""
        on = scopes[codes[0]].as_of
        rates = self.books(codes[0]).index.book["fx_rates"]
        day = pd.Timestamp(on)
        near = rates["kind"].eq("closing") & rates["date"].between(day - pd.Timedelta(days=RATE_DAYS), day)
        for money in monies:
            try:
                known = Rates.of(rates[near.to_numpy(dtype=bool)], max_age_days=RATE_DAYS)
                factor = {
                    one: translation_factor(one, money, known.find(one, money, on, "closing"))
                    for one in monies
                }
            except ArError:
                continue
            worth = {code: factor[scope.functional_currency] for code, scope in scopes.items()}
            return worth, f", compared in {iso_code(money)} at the closing rates of {on}"
        return {}, f", {codes[0]} first: there are no closing rates of {on} to compare them by"

    def open(
        self, entity: str, customer_id: str, *, as_of: date | None = None, known_at: date | None = None
    ) -> CustomerCase:
        """One customer, at the desk's date or another. Raises ParameterError for an unknown entity, customer, or a date
        that the source cannot answer, or that is still to come.
        """
        from arlib.ledger.facts import require_answerable

        books = self.books(entity)
        scope = self.scope(entity, as_of=as_of, known_at=known_at)
        book = books.index.book_of(customer_id)
        require_answerable(book, scope=scope)
        made = CustomerCase(desk=self, scope=scope, book=book, head=self.head)
        made.require_day(scope.as_of)
        return made

    def receipt(self, entity: str, receipt_id: str) -> ReceiptCase:
        """A receipt of whatever customer, or of nobody yet."""
        self.books(entity).index.customer_of_receipt(receipt_id)
        return ReceiptCase(desk=self, scope=self.scope(entity), head=self.head, receipt_id=receipt_id)

    def related(self, entity: str, customer_id: str) -> pd.DataFrame:
        """RELATED: parent, children, the same code elsewhere, mergers, who pays for whom."""
        whole: Mapping[str, EntityBooks] = {code: self.books(code) for code in self.entities}
        return related(
            whole[entity].index.book_of(customer_id),
            entity=entity,
            books={code: each.index.book for code, each in whole.items()},
        )

    def refresh(self) -> tuple[str, ...]:
        """What others decided since the last time, in sentences; books, indexes and search have it then.

        One look at the store where nothing moved. Cases that were opened stay as they were.
        """
        with self._lock:
            self._follow()
            news, self._news = tuple(self._news), []
            return news

    def record(self, act: Callable[[Casework], Recorded]) -> Recorded:
        """Record one decision, and take it in. ConflictError and DutyError are the caller's to show."""
        with self._lock:
            try:
                return act(self.casework)
            finally:
                self._follow()

    def _follow(self) -> None:
        self._news += self.casework.since(self.seen)
        now = self.casework.head()
        if now != self.seen:
            for books in self._books.values():
                books.follow(self.casework.joined)
        self.seen = now

    def recently(self, limit: int = 20) -> pd.DataFrame:
        """DECISIONS that this user recorded, the newest first."""
        mine = self.casework.decisions(by=self.actor.name)
        return mine.iloc[::-1].head(limit).reset_index(drop=True)

    def start(self, *, is_ahead: bool = True) -> None:
        """Read and index the desk's entity now; the others, and what matching needs, in the background where `is_ahead`,
        else when they are asked for.
        """
        self.books(self.entity)
        if not is_ahead:
            return
        work: dict[str, Callable[[], None]] = {f"matching {self.entity}": self.books(self.entity).prepare}
        for code in self.entities[1:]:
            work[f"books {code}"] = lambda code=code: self._quietly(code)  # type: ignore[misc]
        self._background.start(work)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the background; False where it is not done by then."""
        return self._background.wait(timeout)

    def _quietly(self, entity: str) -> None:
        """Read an entity ahead. What is wrong with it is said when somebody asks for it."""
        from arlib.errors import ArError

        try:
            self.books(entity).prepare()
        except ArError:
            return


def _said(
    query: str, total: int, is_capped: bool, is_cut: bool, shown: int, filters: Filters, how: str
) -> str:
    """The answer as a sentence."""
    what = "customers" if not query else "hits"
    count = f"more than {total:,}" if is_capped else f"{total:,}"
    words = f"{count} {what}" if total != 1 else f"1 {what[:-1]}"
    if filters.sentence:
        words += f" with {filters.sentence}"
    if shown < total:
        words += f"; the first {shown:,} are shown"
    if not query:
        words += f", by what they owe{how}"
    return f"{words}. Only the beginning of the text was looked at." if is_cut else f"{words}."


def open_desk(context: Context) -> Desk:
    """The desk of a notebook: `open_desk(begin("dispute_investigation", globals()))`.

    Reads and indexes the entity's book and opens the store for writing; its chain is verified. Raises ArError in words
    for whatever is wrong with the parameters, the books or the store.
    """
    given = context.parameters
    return desk_of(
        context.plan,
        entity=context.scope.entity,
        run=getattr(given, "run", ""),
        as_of=date.fromisoformat(text) if (text := getattr(given, "as_of", "")) else None,
        known_at=context.scope.known_at,
        customer=getattr(given, "customer", ""),
        search=getattr(given, "search", ""),
    )


def open_desk_of(
    close_file: Path | str, *, entity: str, period: str = "", run: str = "", as_of: date | None = None,
    known_at: date | None = None, root: Path | None = None, actor: Actor | None = None,
) -> Desk:  # fmt: skip
    """The desk of a close file, without a notebook. `period` '' is the close file's. Raises as `open_desk` does."""
    from arlib.run.params import load_close
    from arlib.run.project import find_root, inside

    home = root or find_root(None)
    plan = load_close(inside(home, str(close_file), what="close_file"), root=home)
    plan = plan.for_period(period) if period and period != plan.period else plan
    return desk_of(plan, entity=entity, run=run, as_of=as_of, known_at=known_at, actor=actor)


def desk_of(
    plan: ClosePlan, *, entity: str, run: str = "", as_of: date | None = None, known_at: date | None = None,
    customer: str = "", search: str = "", actor: Actor | None = None, source: BookSource | None = None,
    is_ahead: bool = True,
) -> Desk:  # fmt: skip
    """The desk of a plan. `source` is for books that are made, not read; `is_ahead` as in `Desk.start`. Raises as
    `open_desk` does.
    """
    from arlib.run.approvals import receipts
    from arlib.run.casework import casework
    from arlib.run.store import open_store

    plan.entity(entity)
    work = casework(open_store(plan.outputs), actor, plan=plan, known=receipts(plan.outputs))
    desk = Desk(
        plan=plan,
        source=source or BookSource(plan=plan, run=run),
        entity=entity,
        casework=work,
        seen=work.head(),
        as_of=as_of,
        known_at=known_at,
        first_customer=customer,
        first_text=search,
    )
    desk.start(is_ahead=is_ahead)
    return desk
