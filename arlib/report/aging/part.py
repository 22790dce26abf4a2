"""What the aging report needs of some customers, and how two of those add up. Floor 3.

The aging is a map over customers followed by a sum: `aging_part` is the map, `merged` the sum. A book that fits
memory is one part. Lists (customers, large balances, items ...) are put one below the other; a merged part may hold
the largest rows of each only, its counts and sums are always those of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from arlib.controls import Identity
from arlib.errors import RateError
from arlib.ledger.aging import age_items, aging, aging_compared, aging_identities
from arlib.ledger.attributes import customer_attributes, with_attributes
from arlib.ledger.bridge import basis_bridge, bridge_identities
from arlib.ledger.frames import (
    AGED_ITEMS,
    AGING_COMPARED,
    BASIS_BRIDGE,
    LARGE_BALANCES,
    REAGED,
    REAGED_TOTALS,
    Measure,
    aging_table,
)
from arlib.ledger.large_balance import large_balances
from arlib.ledger.openitems import open_items
from arlib.ledger.postings import subledger_postings
from arlib.ledger.reaging import reaged, reaged_totals
from arlib.money import Rates, totals_by
from arlib.policy import AgingPolicy, Policies, Scope
from arlib.report.aging.exceptions import exceptions
from arlib.report.exceptions import EXCEPTIONS
from arlib.report.intake import filled
from arlib.tables import Book, Column, Kind, Table

DIMENSIONS = {"parent_id": "parent", "collector": "collector", "sales_rep": "sales rep", "region": "region"}
BY = {"currency": ("currency",), **{name: (name, "currency") for name in DIMENSIONS}}
CUSTOMER = ("customer_id", "currency")

SUMS = Table("aging_sums", "a currency", ("currency",), (
    Column("currency", Kind.TEXT, "document currency", True),
    Column("items", Kind.INTEGER, "open items", True),
    Column("outstanding", Kind.MONEY, "open items", True, currency="currency"),
    Column("movements", Kind.INTEGER, "postings of the sub-ledger", True),
    Column("posted", Kind.MONEY, "postings of the sub-ledger", True, currency="currency"),
    Column("lines", Kind.INTEGER, "customers and buckets with an amount", True),
    Column("differing", Kind.INTEGER, "facts that count in one view only", True),
    Column("bridge", Kind.MONEY, "customer view less ledger view", True, currency="currency"),
    Column("oldest", Kind.DAY, "earliest business date of those facts"),
))  # fmt: skip
BUCKETS = Table("aging_buckets", "a bucket in one currency", ("bucket", "currency"), (
    Column("bucket", Kind.TEXT, "place in the aging", True),
    Column("currency", Kind.TEXT, "document currency", True),
    Column("items", Kind.INTEGER, "open items, also those of which only a carrying amount is left", True),
    Column("outstanding", Kind.MONEY, "open items", True, currency="currency"),
))  # fmt: skip
OWED = Table("aging_customers", "a customer in one currency", CUSTOMER, (
    Column("customer_id", Kind.TEXT, "customer code, '' for unidentified cash", True),
    Column("currency", Kind.TEXT, "document currency", True),
    Column("name", Kind.TEXT, "name"),
    Column("outstanding", Kind.MONEY, "open items", True, currency="currency"),
    Column("functional_outstanding", Kind.MONEY, "their carrying amount, where it is known", True, currency="functional"),
))  # fmt: skip
LARGE_SUMS = Table("large_sums", "a currency of the limit", ("reporting_currency",), (
    Column("reporting_currency", Kind.TEXT, "currency of the limit", True),
    Column("reporting_amount", Kind.MONEY, "large balances in it", True, currency="reporting_currency"),
))  # fmt: skip
ITEMS = Table("open_items", AGED_ITEMS.one_row_is, AGED_ITEMS.key, (
    *AGED_ITEMS.columns, Column("name", Kind.TEXT, "name of the customer"),
    Column("collector", Kind.TEXT, "who collects"),
))  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class AgingPart:
    """The aging of some customers of one entity, reduced to what the report tells."""

    sums: pd.DataFrame  # SUMS
    buckets: pd.DataFrame  # BUCKETS
    by: Mapping[str, pd.DataFrame]  # AGING by currency and, with it, by each of DIMENSIONS
    functional: pd.DataFrame | None  # AGING by currency in functional currency; None where it is not known
    compared: pd.DataFrame  # AGING_COMPARED
    reaged_totals: pd.DataFrame  # REAGED_TOTALS
    large_sums: pd.DataFrame  # LARGE_SUMS
    by_customer: pd.DataFrame  # AGING
    owed: pd.DataFrame  # OWED
    large: pd.DataFrame  # LARGE_BALANCES
    reaged: pd.DataFrame  # REAGED
    bridge: pd.DataFrame  # BASIS_BRIDGE
    exceptions: pd.DataFrame  # EXCEPTIONS
    items: pd.DataFrame  # ITEMS
    counts: Mapping[str, int]
    filled: frozenset[str]  # dimensions that any customer has
    is_own_parent: bool  # nobody has a parent but himself
    identities: tuple[Identity, ...]


LISTS = {
    "by_customer": aging_table(CUSTOMER), "owed": OWED, "large": LARGE_BALANCES, "reaged": REAGED, "bridge": BASIS_BRIDGE,
    "exceptions": EXCEPTIONS, "items": ITEMS,
}  # fmt: skip
ADDED = {
    "sums": SUMS,
    "buckets": BUCKETS,
    "compared": AGING_COMPARED,
    "reaged_totals": REAGED_TOTALS,
    "large_sums": LARGE_SUMS,
}
FUNCTIONAL = aging_table(("currency",), Measure.FUNCTIONAL)


def aging_part(book: Book, *, scope: Scope, policies: Policies) -> AgingPart:
    """The aging of the customers in a book, at the as-of date.

    Needs ITEMS; uses APPLICATIONS, INSTALMENTS, CUSTOMERS with history and merges, REVALUATIONS, FX_RATES. Raises as
    `aging_report` does.
    """
    open_ = open_items(book, scope=scope)
    aged = age_items(open_, as_of=scope.as_of, policy=policies.aging)
    large = large_balances(aged, policy=policies.large_balance, scope=scope, rates=Rates.of(book["fx_rates"]))
    attributes = customer_attributes(
        book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity
    )
    aged = with_attributes(aged, attributes)
    by_customer, moved, bridge = aging(aged), reaged(book, scope=scope), basis_bridge(book, scope=scope)
    posted = totals_by(subledger_postings(book, scope=scope).assign(rows=1), "currency", ["rows", "amount"])
    found = exceptions(aged, large, moved)
    return AgingPart(
        sums=_sums(open_, posted, by_customer, bridge),
        buckets=BUCKETS.typed(totals_by(aged.assign(items=1), ["bucket", "currency"], ["items", "outstanding"])),
        by={name: aging(aged, by=by) for name, by in BY.items()},
        functional=_functional(aged),
        compared=aging_compared(open_, as_of=scope.as_of, policy=policies.aging),
        reaged_totals=reaged_totals(moved, scope=scope),
        large_sums=LARGE_SUMS.typed(totals_by(large, "reporting_currency", "reporting_amount")),
        by_customer=by_customer,
        owed=_owed(aged),
        large=large,
        reaged=moved,
        bridge=bridge,
        exceptions=found,
        items=ITEMS.typed(aged),
        counts={
            "open_items": len(open_), "customers": int(open_["customer_id"].nunique()), "large_balances": len(large),
            "reaged_items": len(moved), "large_customers": int(large["customer_id"].nunique()),
            "nameless": int(moved["authorised_by"].fillna("").eq("").sum()),
        },
        filled=frozenset(name for name in DIMENSIONS if filled(aged, name)),
        is_own_parent=bool(aged["parent_id"].fillna("").eq(aged["customer_id"].fillna("")).all()),
        identities=(
            *aging_identities(open_, by_customer, entity=scope.entity),
            *bridge_identities(book, bridge, scope=scope, open_=open_),
        ),
    )  # fmt: skip


def merged(parts: Sequence[AgingPart], *, policy: AgingPolicy) -> AgingPart:
    """The aging of all customers of the parts together; no customer may stand in two of them.

    Sums are added, lists put one below the other in the order that one part of all would have.
    """
    added = {name: _added([getattr(part, name) for part in parts], table) for name, table in ADDED.items()}
    by = {name: _added([part.by[name] for part in parts], aging_table(key)) for name, key in BY.items()}
    lists = {name: _below([getattr(part, name) for part in parts], table) for name, table in LISTS.items()}
    functional = [part.functional for part in parts if part.functional is not None]
    places = {bucket: place for place, bucket in enumerate(policy.buckets)}
    added["compared"] = _in_order(
        added["compared"].assign(place=added["compared"]["bucket"].map(places)),
        ["currency", "place"],
        AGING_COMPARED,
    )
    large = lists["large"].sort_values(list(LARGE_BALANCES.key), kind="stable")
    lists["large"] = large.sort_values("customer_total", ascending=False, kind="stable", ignore_index=True)
    for name, key in (
        ("reaged", "item_id"),
        ("bridge", list(BASIS_BRIDGE.key)),
        ("items", ["item_id", "instalment_no"]),
    ):
        lists[name] = lists[name].sort_values(key, kind="stable", ignore_index=True)
    return AgingPart(
        by=by,
        functional=_added(functional, FUNCTIONAL) if len(functional) == len(parts) else None,
        counts={name: sum(part.counts[name] for part in parts) for name in parts[0].counts},
        filled=frozenset(name for part in parts for name in part.filled),
        is_own_parent=all(part.is_own_parent for part in parts),
        identities=summed([part.identities for part in parts]),
        **added,
        **lists,
    )


def summed(found: Sequence[Sequence[Identity]]) -> tuple[Identity, ...]:
    """Identities of the same name and currency as one, both sides added; the empty book's falls away beside others."""
    sides: dict[tuple[str, str, str, str, str], list[int]] = {}
    for identity in (each for identities in found for each in identities):
        key = (identity.name, identity.left_label, identity.right_label, identity.currency, identity.entity)
        left, right = sides.setdefault(key, [0, 0])
        sides[key] = [left + identity.left, right + identity.right]
    named = {key[0] for key in sides if key[3]}
    return tuple(
        Identity(name=name, left_label=one, right_label=other, currency=code, entity=entity, left=left, right=right)
        for (name, one, other, code, entity), (left, right) in sorted(sides.items())
        if code or name not in named or left or right
    )  # fmt: skip


def _functional(aged: pd.DataFrame) -> pd.DataFrame | None:
    try:
        return aging(aged, by=("currency",), measure=Measure.FUNCTIONAL)
    except RateError:
        return None


def _owed(aged: pd.DataFrame) -> pd.DataFrame:
    """What each customer owes in each currency, with the name."""
    keyed = aged[["customer_id", "currency", "name", "outstanding", "functional_outstanding"]]
    keyed = keyed.assign(customer_id=keyed["customer_id"].fillna(""))
    sums = totals_by(keyed, list(CUSTOMER), ["outstanding", "functional_outstanding"])
    names = keyed.drop_duplicates("customer_id").set_index("customer_id")["name"]
    return OWED.typed(sums.assign(name=sums["customer_id"].map(names)))


def _sums(
    open_: pd.DataFrame, posted: pd.DataFrame, by_customer: pd.DataFrame, bridge: pd.DataFrame
) -> pd.DataFrame:
    """Both sides of the controls and the bridge by currency."""
    parts = [
        totals_by(open_.assign(items=1), "currency", ["items", "outstanding"]),
        posted.rename(columns={"rows": "movements", "amount": "posted"}),
        totals_by(by_customer.assign(lines=1), "currency", "lines"),
        totals_by(bridge.assign(differing=1, bridge=bridge["amount"]), "currency", ["differing", "bridge"]),
    ]
    made = pd.concat([part.set_index("currency") for part in parts], axis=1).sort_index()
    made = made.fillna(0).assign(oldest=bridge.groupby("currency")["effective_date"].min())
    return SUMS.typed(made.rename_axis("currency").reset_index())


def _added(frames: Sequence[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Rows of the same key as one: numbers added, the earliest of days."""
    rows = pd.concat(frames, ignore_index=True)
    key = [name for name in table.names if table[name].kind is Kind.TEXT]
    made = totals_by(rows, key, [*table.of_kind(Kind.INTEGER), *table.of_kind(Kind.MONEY)])
    for name in table.of_kind(Kind.DAY):
        made[name] = rows.groupby(key, dropna=False, sort=True)[name].min().to_numpy()
    return table.typed(made)


def _below(frames: Sequence[pd.DataFrame], table: Table) -> pd.DataFrame:
    filled_ = [frame for frame in frames if len(frame)]
    return pd.concat(filled_, ignore_index=True) if filled_ else table.empty()


def _in_order(frame: pd.DataFrame, by: list[str], table: Table) -> pd.DataFrame:
    return table.typed(frame.sort_values(by, kind="stable", ignore_index=True))
