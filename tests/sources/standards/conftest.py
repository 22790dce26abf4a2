"""The sample company as a book, and what it closes to."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from arlib.sources import SourceSpec, load_book
from arlib.sources.sample import generate, write_sample
from arlib.tables import Book


@pytest.fixture(scope="session")
def closing() -> ModuleType:
    """The module beside the ERP tests that says what a book closes to."""
    path = Path(__file__).parents[1] / "erp" / "closing.py"
    spec = importlib.util.spec_from_file_location("closing_of_the_erp_tests", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample company as contract CSV."""
    folder = tmp_path_factory.mktemp("sample") / "canonical"
    write_sample(generate(seed=11, items=300), folder)
    return folder


@pytest.fixture(scope="session")
def book(canonical: Path) -> Book:
    """The sample company, read."""
    return load_book([SourceSpec(folder=canonical)], root=canonical)


@pytest.fixture(scope="session")
def closed(book: Book, closing: ModuleType) -> dict[str, object]:
    """What each entity of the sample company closes to."""
    return {entity: closing.closing_facts(book, entity) for entity in closing.ENTITIES}


@pytest.fixture(scope="session")
def beside(book: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The canonical tables that no standard carries, in a folder of their own."""
    from arlib.sources.standards import write_beside

    folder = tmp_path_factory.mktemp("beside") / "canonical"
    write_beside(book, folder)
    return folder
