"""Makers of small books, and the sample company's entities as indexes by customer."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from arlib.ledger.by_customer import CustomerIndex

MAKERS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "behaviour_books.py")))


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The makers of `behaviour_books`."""
    return MAKERS


@pytest.fixture(scope="session")
def index() -> Callable[[str], CustomerIndex]:
    """An entity of the sample company, by customer."""
    made: dict[str, CustomerIndex] = {}

    def of(entity: str) -> CustomerIndex:
        if entity not in made:
            made[entity] = CustomerIndex.of(MAKERS.sample(entity).book)
        return made[entity]

    return of
