"""The makers of small books, shared with payment behaviour and follow-up."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

MAKERS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "behaviour_books.py")))


@pytest.fixture(scope="session")
def k() -> SimpleNamespace:
    """The makers."""
    return MAKERS
