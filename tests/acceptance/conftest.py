"""A project laid out by `arlib init`, closed twice by the real command; shared by the tests of this folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ARLIB = Path(sys.executable).with_name("arlib")


class Closed(NamedTuple):
    """A project after its close."""

    folder: Path
    said: str
    said_again: str

    def runs(self, entity: str) -> list[Path]:
        """Sealed runs of an entity, oldest first."""
        return sorted((self.folder / "outputs" / "2026-10" / entity).iterdir())


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The real command, its output kept."""
    return subprocess.run([ARLIB, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def arlib():
    """The real command as a function."""
    return run


@pytest.fixture(scope="package")
def project(tmp_path_factory) -> Path:
    """A fresh project with the sample company's extracts."""
    folder = tmp_path_factory.mktemp("acceptance") / "project"
    for done in (
        run("init", folder, cwd=folder.parent),
        run("sample", "--out", "outputs/_sample", "--seed", 2026, cwd=folder),
    ):
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="package")
def closed(project) -> Closed:
    """The sample company closed, then closed again."""
    first = run("close", "params/sample.yml", cwd=project)
    assert first.returncode == 0, first.stdout + first.stderr
    again = run("close", "params/sample.yml", cwd=project)
    assert again.returncode == 0, again.stdout + again.stderr
    return Closed(project, first.stdout, again.stdout)


def pytest_collection_modifyitems(items):
    """The first test of a worker closes the whole sample twice before it starts."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(900))
