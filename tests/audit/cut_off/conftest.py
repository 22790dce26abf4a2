"""Small books by hand for cut-off, journals, numbering and approvals; the sample company once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from arlib.audit.ask import Ask
from arlib.audit.kinds import KINDS
from arlib.audit.population import Population
from arlib.policy import Scope
from arlib.sources.sample import Sample, generate
from arlib.tables import CANONICAL, Book

SCOPE = Scope(entity="US01", entity_name="Sample", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31), time_zone="America/New_York", country="US")  # fmt: skip


def made(**tables: list[dict[str, object]]) -> Book:
    """A book of entity US01; every row gets the entity, items what a plain invoice has."""
    frames = {}
    for name, rows in tables.items():
        full = [{"entity": "US01", **row} for row in rows]
        if name == "items":
            full = [_item(row, number) for number, row in enumerate(full, start=1)]
        frames[name] = CANONICAL[name].from_rows(full)
    return Book(tables=frames, features=frozenset({"entry_times"}))


def _item(row: dict[str, object], number: int) -> dict[str, object]:
    day = row.get("posting_date") or row.get("document_date") or "2026-10-15"
    plain = {"item_id": f"I{number}", "document_no": f"D-{number}", "item_type": "invoice", "customer_id": "C1", "currency": "USD",
             "amount": 100_00, "effective_date": row.get("document_date", day), "posting_date": day, "document_date": day,
             "control_account": "1200"}  # fmt: skip
    return plain | row


def ask(kind: str, population: Population | None = None, **options: object) -> Ask:
    return Ask(kind=kind, population=population or Population(), options=KINDS[kind].options(**options))


@pytest.fixture(scope="session")
def scope() -> Scope:
    return SCOPE


@pytest.fixture(scope="session")
def books() -> Callable[..., Book]:
    return made


@pytest.fixture(scope="session")
def asked() -> Callable[..., Ask]:
    return ask


@pytest.fixture(scope="session")
def sample() -> Sample:
    return generate(seed=7, items=800)


ENTITIES = {"US01": ("USD", "US"), "UK01": ("GBP", "GB"), "JP01": ("JPY", "JP")}


@pytest.fixture(scope="session")
def of_sample() -> Callable[[Sample, str], tuple[Book, Scope, pd.DataFrame]]:
    """Book, scope and truth of one entity of a sample."""

    def chosen(sample: Sample, entity: str) -> tuple[Book, Scope, pd.DataFrame]:
        currency, country = ENTITIES[entity]
        row = sample.tables["entities"].set_index("entity").loc[entity]
        book = Book(dict(sample.tables), features=frozenset({"entry_times"})).for_entity(entity)
        seen = replace(
            SCOPE, entity=entity, functional_currency=currency, country=country, time_zone=row["time_zone"]
        )
        return book, seen, sample.truth[sample.truth["entity"].eq(entity)]

    return chosen
