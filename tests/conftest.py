"""Fixtures shared by all tests. Optional parts skip with a reason, or fail where ARLIB_REQUIRE names them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# A busy core must not fail a test that is right. On CI the same examples are tried each time, so that a red run is the
# change's own; elsewhere new ones are, and what they find becomes an @example.
settings.register_profile("arlib", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "arlib")

REPO = Path(__file__).resolve().parent.parent


def need(part: str, *, is_present: bool, reason: str) -> None:
    """Skip a test whose optional part is missing; fail it where ARLIB_REQUIRE (comma-separated) asks for the part."""
    if is_present:
        return
    required = {name.strip() for name in os.environ.get("ARLIB_REQUIRE", "").split(",")}
    if part in required:
        pytest.fail(f"ARLIB_REQUIRE asks for {part}: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The checkout."""
    return REPO


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data that others wrote, beside the checkout or where ARLIB_SHARED says."""
    folder = Path(os.environ.get("ARLIB_SHARED", str(REPO.parent / "shared")))
    need("shared", is_present=(folder / "data").is_dir(), reason=f"no real data at {folder.name}/data")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The Chromium program."""
    found = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), "")
    need("chromium", is_present=bool(found), reason="no Chromium")
    return found


@pytest.fixture(scope="session")
def libreoffice() -> str:
    """The LibreOffice program."""
    found = shutil.which("soffice") or shutil.which("libreoffice") or ""
    need("libreoffice", is_present=bool(found), reason="no LibreOffice")
    return found
