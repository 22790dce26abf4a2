"""The sample company's books behind a close file, without reading any extract."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from arlib.run.init import init_project
from arlib.run.params import load_close
from arlib.run.plan import ClosePlan
from arlib.sources.sample import generate
from arlib.tables import Book


@dataclass(frozen=True)
class Books:
    """A source of books that are made already; counts how often each is asked for."""

    plan: ClosePlan
    whole: Book
    read: list[str]

    def book(self, entity: str) -> Book:
        self.read.append(entity)
        return self.whole.for_entity(entity)


@pytest.fixture(scope="session")
def made() -> Book:
    return Book(tables=generate(seed=7, items=800).tables)


@pytest.fixture(scope="session")
def plan(tmp_path_factory) -> ClosePlan:
    root = tmp_path_factory.mktemp("twins") / "project"
    init_project(root)
    return load_close(root / "params/sample.yml", root=root)


@pytest.fixture
def books(plan, made) -> Books:
    return Books(plan, made, [])


@pytest.fixture
def with_policies(books):
    """The same books behind a plan with other policies."""

    def changed(**policies: Any) -> Books:
        return replace(books, plan=replace(books.plan, policies=replace(books.plan.policies, **policies)))

    return changed
