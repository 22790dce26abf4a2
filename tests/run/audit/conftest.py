"""A project with a close file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.run.audit.asking import CLOSE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "params").mkdir()
    (tmp_path / "arlib.toml").write_text("")
    (tmp_path / "params" / "close.yml").write_text(CLOSE)
    return tmp_path
