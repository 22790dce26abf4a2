"""The search over all entities: one ranked answer. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pandas as pd

from arlib.ledger.search.entity import PLACE, EntitySearch, Hit
from arlib.ledger.search.frames import SEARCH_HITS
from arlib.ledger.search.standing import Narrowing
from arlib.ledger.search.text import read_query


@dataclass(frozen=True, eq=False)
class Found:
    """The first hits, how many there are, and whether there are more than were counted."""

    frame: pd.DataFrame  # SEARCH_HITS
    total: int
    is_capped: bool
    query: str  # what of the text was looked at
    is_cut: bool  # the text was longer than what was looked at


@dataclass(frozen=True, eq=False)
class SearchIndex:
    """Entities by code, in the order in which they are listed."""

    entities: Mapping[str, EntitySearch]
    worth: Mapping[str, Fraction] = field(
        default_factory=dict
    )  # of a minor unit of each entity's books, in one currency

    def with_entity(self, made: EntitySearch) -> SearchIndex:
        """The index with one entity put in or replaced."""
        return replace(self, entities={**self.entities, made.entity: made})

    def find(self, text: str, *, narrowing: Narrowing = Narrowing(), limit: int = 50) -> Found:  # noqa: B008
        """Customers and documents that the text finds: SEARCH_HITS, best first.

        A whole code or number goes before a name, an exact amount before a part of a number, and equals stand by field,
        balance and code, so that the order is always the same. A document, or a customer by its own data, stands once,
        with the best reason. Without any text: customers by balance, largest first and those without one last, over all
        entities where `worth` knows each of them, else one entity after another. At most 500 hits of a field are kept;
        `is_capped` says that there were more.
        """
        query = read_query(text)
        parts = [one for code, one in self.entities.items() if narrowing.entity in ("", code)]
        if not query:
            return self._listed(parts, narrowing, limit=limit, is_cut=bool(text.strip()))
        best: dict[tuple[str, int, int, int], tuple[EntitySearch, Hit]] = {}
        is_capped = False
        for part in parts:
            hits, left_off = part.hits(query, narrowing)
            is_capped |= left_off
            for hit in sorted(hits, key=_order):
                best.setdefault((part.entity, hit.owner, hit.item, hit.receipt), (part, hit))
        ranked = sorted(best.items(), key=lambda each: (*_order(each[1][1]), each[0]))
        rows = [
            _row(part, hit.owner)
            | dict(zip(("item_id", "receipt_id"), part.ids(hit), strict=True))
            | {"rank": rank, "found_in": hit.field, "why": part.why(hit)}
            for rank, (_, (part, hit)) in enumerate(ranked[: max(limit, 0)], 1)
        ]
        return Found(SEARCH_HITS.from_rows(rows), len(best), is_capped, query, len(text) > len(query) + 40)

    def _listed(self, parts: list[EntitySearch], narrowing: Narrowing, *, limit: int, is_cut: bool) -> Found:
        first: list[tuple[EntitySearch, int]] = []
        total = 0
        for part in parts:
            owners = part.listed(narrowing)
            total += len(owners)
            first += [(part, owner) for owner in owners[: max(limit, 0)].tolist()]
        if all(part.entity in self.worth for part in parts):
            first.sort(key=self._by_worth)  # stable: equals stay in the order of the entities
        rows = [_row(part, owner) for part, owner in first[: max(limit, 0)]]
        told = {"found_in": "list", "item_id": "", "receipt_id": ""}
        frame = SEARCH_HITS.from_rows(
            row | told | {"rank": rank, "why": f"{row['open_items']} open items"}
            for rank, row in enumerate(rows, 1)
        )
        return Found(frame, total, False, "", is_cut)

    def _by_worth(self, each: tuple[EntitySearch, int]) -> tuple[bool, Fraction]:
        part, owner = each
        balance = _money(part.standing.balance.iloc[owner]) or 0
        return balance == 0, -balance * self.worth[part.entity]


def _order(hit: Hit) -> tuple[int, int, int, int, int]:
    return -hit.score, PLACE[hit.field], -hit.size, hit.owner, hit.item


def _row(part: EntitySearch, owner: int) -> dict[str, object]:
    standing = part.standing
    return {
        "entity": part.entity,
        "customer_id": part.index.code(owner),
        "name": standing.name.iloc[owner],
        "status": standing.status.iloc[owner] or None,
        "currency": part.functional,
        "balance": _money(standing.balance.iloc[owner]),
        "overdue": _money(standing.overdue.iloc[owner]),
        "open_items": int(standing.open_items[owner]),
    }


def _money(value: object) -> int | None:
    return None if value is pd.NA else int(value)  # type: ignore[call-overload]
