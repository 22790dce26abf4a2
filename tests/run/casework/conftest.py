"""Desks of several people on one store, SQLite and PostgreSQL, by a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from arlib.calendar import FiscalCalendar
from arlib.ledger.open_now import OpenNow
from arlib.policy import AuthorityPolicy, Policies
from arlib.run.casework import AppliedLine, Casework, Known, Recorded, casework
from arlib.run.plan import ClosePlan, EntitySpec
from arlib.run.store import Actor, Authentication, Store, open_store

from ...store.conftest import opener, postgres, postgres_database, store  # noqa: F401 - fixtures

MUCH = 10**15
NOW = datetime(2026, 11, 23, 10, 12, tzinfo=UTC)


def plan_of(authority: AuthorityPolicy | None = None) -> ClosePlan:
    """A plan of two entities, of which the desk asks only policies and time zones."""
    return ClosePlan(
        close_file="close.yml", close_file_sha256="", root=Path(), title="Test", period="2026-10",
        calendar=FiscalCalendar(), outputs=Path(),
        entities=(
            EntitySpec(code="US01", name="US", functional_currency="USD", time_zone="America/New_York"),
            EntitySpec(code="JP01", name="JP", functional_currency="JPY", time_zone="Asia/Tokyo"),
        ),
        sources=(), policies=Policies(authority=authority or AuthorityPolicy()), notebooks=(),
    )  # fmt: skip


class Trusting(Casework):
    """A desk whose books hold a lot of everything that it is asked of, unless a test says what they hold."""

    def promise(self, **given: Any) -> Recorded:
        return super().promise(**{"known": known_of(**given), **given})

    def dispute(self, **given: Any) -> Recorded:
        return super().dispute(**{"known": known_of(**given), **given})

    def settle_dispute(self, **given: Any) -> Recorded:
        return super().settle_dispute(**{"known": known_of(**given), **given})

    def propose(self, **given: Any) -> Recorded:
        return super().propose(**{"known": known_of(**given), **given})


def known_of(**given: Any) -> Known:
    """Books that know the customer, the item and the words of a request, and hold more of it than is asked."""
    item, currency = str(given.get("item_id", "")), str(given.get("currency", ""))
    owed = -MUCH if given.get("kind") == "refund" else MUCH
    said = {str(given.get(name, "")) for name in ("reason", "root_cause", "team", "owner")}
    return Known(
        customer_id=str(given.get("customer_id", "")), balances={currency: MUCH},
        items={item: OpenNow(item_id=item, name=item, currency=currency, amount=owed)},
        **{name: frozenset(said) for name in ("reasons", "root_causes", "teams", "people")},
    )  # fmt: skip


Desks = Callable[..., Casework]


def desks_on(kept: Store) -> Desks:
    """Opens desks on a store by the name of who sits at them."""

    def opened(name: str = "ann", authority: AuthorityPolicy | None = None, at: datetime = NOW) -> Casework:
        made = casework(kept, Actor(name, Authentication.OS_USER), plan=plan_of(authority), clock=lambda: at)
        return Trusting(**{each.name: getattr(made, each.name) for each in fields(made)})

    return opened


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Store:
    """An empty store in a file."""
    return open_store(tmp_path / "outputs", address="")


@pytest.fixture
def desk(sqlite_store: Store) -> Desks:
    """Desks on one SQLite store."""
    return desks_on(sqlite_store)


def line(item: str = "INV-1", amount: int = 10000, **more: object) -> AppliedLine:
    """A line in one currency."""
    told: dict[str, object] = {
        "item_id": item, "currency": "USD", "applied_amount": amount, "receipt_currency": "USD", "receipt_amount": amount,
    }  # fmt: skip
    return AppliedLine(**(told | more))  # type: ignore[arg-type]


def applied(
    desk: Casework,
    receipt: str = "R-1",
    *lines: AppliedLine,
    opens: Mapping[str, int] | None = None,
    **more: object,
) -> object:
    """An application in US01 of what is asked, all of it open unless `opens` says otherwise."""
    made = lines or (line(),)
    told: dict[str, object] = {
        "entity": "US01", "receipt_id": receipt, "lines": made, "seen": desk.head(),
        "open_amounts": opens or {each.item_id: each.settles for each in made},
        "receipt_open": sum(each.receipt_amount for each in made),
    }  # fmt: skip
    return desk.apply(**(told | more))  # type: ignore[arg-type]
