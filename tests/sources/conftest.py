"""Small ledgers as text for the tests of sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arlib.sources import SourceSpec, load_book
from arlib.tables import Book

Load = Callable[..., Book]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write the given files into a folder and load it: load({'items.csv': text or bytes},
    on_rejected=...)."""

    def loaded(
        files: dict[str, str | bytes],
        *,
        profile: str = "canonical",
        tables: dict[str, tuple[str, ...]] | None = None,
        options: dict[str, object] | None = None,
        **more: object,
    ) -> Book:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        spec = SourceSpec(folder=tmp_path, profile=profile, tables=tables or {}, options=options or {})
        return load_book([spec], root=tmp_path, **more)  # type: ignore[arg-type]

    return loaded
