"""The aging at any date, by any dimension, in any buckets: the same functions as the aging report. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from arlib.errors import ParameterError, nearest
from arlib.explore.twins.yaml import parameters_text, policy_text
from arlib.ledger.aging import age_items, aging, aging_identities, wide
from arlib.ledger.attributes import customer_attributes, with_attributes
from arlib.ledger.frames import wide_table
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import AgingPolicy, Basis
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book, Column, Kind, Table

if TYPE_CHECKING:
    from arlib.controls import Identity
    from arlib.explore.books import BookSource
    from arlib.policy import Scope
    from arlib.run.context import Context
    from arlib.run.explore_params import AgingExplorerParams
    from arlib.run.plan import ClosePlan

NOTEBOOK = "aging_explorer"
DIMENSIONS: Mapping[str, str] = {
    "customer_id": "customer",
    "collector": "collector",
    "region": "region",
    "sales_rep": "sales representative",
    "parent_id": "parent",
    "currency": "currency",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class AgingExplorer:
    """One question about the aging, and its answer. `asked` gives another question; books and open items are kept."""

    source: BookSource
    entity: str
    as_of: date
    known_at: date | None = None
    basis: Basis = Basis.POSTING
    edges: tuple[int, ...] = ()  # () as the policy has them
    by: str = "customer_id"
    _books: dict[str, Book] = field(default_factory=dict, repr=False)
    _open: dict[tuple[Any, ...], pd.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def plan(self) -> ClosePlan:
        """The close file's plan."""
        return self.source.plan

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities of the close file."""
        return tuple(each.code for each in self.plan.entities)

    @cached_property
    def scope(self) -> Scope:
        """Whose books, as of when, known when."""
        return self.plan.scope(self.entity, basis=self.basis, known_at=self.known_at, as_of=self.as_of)

    @cached_property
    def policy(self) -> AgingPolicy:
        """The policy of the close file with the buckets asked for."""
        own = self.plan.policies.aging
        return replace(own, bucket_edges_days=self.edges) if self.edges else own

    @cached_property
    def book(self) -> Book:
        """The entity's book; read when it is first needed."""
        if self.entity not in self._books:
            self._books[self.entity] = self.source.book(self.entity)
        return self._books[self.entity]

    @cached_property
    def span(self) -> tuple[date, date]:
        """First and last day that can be asked for: of the first posting, and the later of period end and last posting."""
        days = self.book["items"]["posting_date"].dropna()
        end = self.plan.period_dates().ends_on
        if days.empty:
            return end, end
        return days.min().date(), max(end, days.max().date())

    def asked(self, **changed: Any) -> AgingExplorer:
        """The same with other answers to: entity, as_of, known_at, basis, edges (rising day counts), by.

        Raises ParameterError for an entity, basis, dimension or edges that cannot be, and for a knowledge date that the
        source cannot answer (when the aging is looked at).
        """
        made = replace(self, **changed)
        if made.by not in DIMENSIONS:
            near = nearest(made.by, DIMENSIONS)
            raise ParameterError(
                "by",
                found=made.by,
                wanted=", ".join(DIMENSIONS),
                fix=f"Did you mean {near!r}?" if near else "",
            )
        _ = made.scope, made.policy
        return made

    @cached_property
    def open_items(self) -> pd.DataFrame:
        """OPEN_ITEMS of the day, kept for every other question about that day."""
        key = (self.entity, self.as_of, self.known_at, self.basis)
        if key not in self._open:
            self._open.clear()  # one day's rows are enough: a slider goes over hundreds
            self._open[key] = open_items(self.book, scope=self.scope)
        return self._open[key]

    @cached_property
    def aged(self) -> pd.DataFrame:
        """AGED_ITEMS with their customers' attributes at the as-of date."""
        attributes = customer_attributes(
            self.book, on=self.as_of, at=self.policy.attributes_at, entity=self.entity
        )
        return with_attributes(age_items(self.open_items, as_of=self.as_of, policy=self.policy), attributes)

    @property
    def keys(self) -> tuple[str, ...]:
        """What makes a row."""
        return ("currency",) if self.by == "currency" else (self.by, "currency")

    @cached_property
    def table(self) -> Table:
        """How `lines` is declared: the aging report's columns, and the name where a row is a customer."""
        base = wide_table(self.keys, self.policy)
        if self.by != "customer_id":
            return base
        name = Column("name", Kind.TEXT, "name of the customer")
        return Table(base.name, base.one_row_is, base.key, (base["customer_id"], name, *base.columns[1:]))

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The aging, one column a bucket, largest total first within a currency; the numbers of the aging report."""
        long = aging(self.aged, by=self.keys)
        made = wide(long, policy=self.policy, by=self.keys)
        if self.by == "customer_id":
            names = self.aged.drop_duplicates("customer_id").set_index("customer_id")["name"]
            made["name"] = made["customer_id"].map(names)
        order = made.sort_values(["currency", "total", *self.keys], ascending=[True, False, *(True for _ in self.keys)],
                                 kind="stable", ignore_index=True)  # fmt: skip
        return self.table.typed(order)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """The aging by currency alone: what the lines add up to."""
        return wide(aging(self.aged, by=("currency",)), policy=self.policy, by=("currency",))

    @cached_property
    def identities(self) -> tuple[Identity, ...]:
        """By currency: buckets add up to what is outstanding. All hold."""
        long = aging(self.aged, by=self.keys)
        return tuple(each.require() for each in aging_identities(self.open_items, long, entity=self.entity))

    @property
    def sentence(self) -> str:
        """What is on show, in words."""
        count = counted(len(self.open_items), "open item")
        known = f", as known at {day_text(self.known_at)}" if self.known_at else ""
        sums = [
            money_text(total(row), str(code))
            for code, row in self.open_items.groupby("currency")["outstanding"]
        ]
        owed = f": {', '.join(sums)}" if sums else ""
        return f"{self.entity}, {day_text(self.as_of)} ({self.basis} date{known}): {count}{owed}."

    @property
    def parameters(self) -> dict[str, str | int]:
        """The question as the parameters of the notebook; what is as the close has it is left empty."""
        is_end = self.as_of == self.plan.period_dates().ends_on
        return {
            "close_file": self.plan.close_file,
            "entity": self.entity,
            "period": self.plan.period,
            "as_of": "" if is_end else self.as_of.isoformat(),
            "known_at": self.known_at.isoformat() if self.known_at else "",
            "basis": str(self.basis),
            "edges": ", ".join(map(str, self.edges)),
            "by": self.by,
        }

    def saved(self) -> str:
        """The question as YAML parameters for papermill, checked as the notebook checks them."""
        return parameters_text(NOTEBOOK, self.parameters)

    def saved_policy(self) -> str:
        """The buckets as a policy file, for the close to use; checked as the close checks it."""
        return policy_text("aging", self.policy)


def edges_of(text: str) -> tuple[int, ...]:
    """Bucket edges as a person types them: '30, 60, 90'. '' is (). ParameterError for anything but rising day counts."""
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):
        raise ParameterError(
            "buckets", found=text[:80], wanted="day counts by comma, such as 30, 60, 90, 120"
        )
    edges = tuple(map(int, parts))
    if edges:
        AgingPolicy(bucket_edges_days=edges)
    return edges


def open_aging(context: Context) -> AgingExplorer:
    """The explorer of a notebook: ctx = begin("aging_explorer", globals()). Raises what reading the books raises."""
    from arlib.explore.books import BookSource

    given: AgingExplorerParams = context.parameters  # type: ignore[assignment]
    scope = context.scope
    return AgingExplorer(
        source=BookSource(plan=context.plan), entity=scope.entity, as_of=scope.as_of, known_at=scope.known_at,
        basis=scope.basis, edges=edges_of(given.edges), by=given.by,
    )  # fmt: skip
