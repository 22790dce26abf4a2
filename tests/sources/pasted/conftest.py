"""The corpus of pasted statements, for tests that are imported one by one."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

CORPUS = runpy.run_path(str(Path(__file__).parent / "corpus.py"))["CORPUS"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `given` runs once for each paste."""
    if "given" in metafunc.fixturenames:
        metafunc.parametrize("given", CORPUS, ids=[one.name for one in CORPUS])
