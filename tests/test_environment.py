"""The lock file, environment.yml and pyproject.toml say the same, and name no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml


def locked(repo: Path) -> dict[str, str]:
    """Package → version of every requirement in the lock file (the first, where markers give several)."""
    text = (repo / "requirements.lock").read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9_.\-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, flags=re.MULTILINE)
    assert len(found) > 80, "the guard found almost no pins: is it reading the lock file?"
    return {name.lower().replace("_", "-"): version for name, version in reversed(found)}


def test_every_pin_carries_a_hash(repo):
    text = (repo / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    pins = [line for line in text.splitlines() if re.match(r"^[A-Za-z0-9_.\-]+(\[[^\]]*\])?==", line)]

    assert len(pins) > 80
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []


def test_lock_names_no_address(repo):
    text = (repo / "requirements.lock").read_text(encoding="utf-8")

    assert re.findall(r"(?:https?|file|ssh|git)[:+]|--(?:extra-)?index-url|--find-links|@ ", text) == []


def test_every_declared_requirement_is_locked(repo):
    project = tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
        *project["optional-dependencies"]["postgres"],
    ]
    names = {re.match(r"[A-Za-z0-9_.\-]+", one).group().lower().replace("_", "-") for one in wanted} - {
        "arlib"
    }

    assert len(names) > 20
    assert sorted(names - locked(repo).keys()) == []


def test_environment_installs_the_same_lock(repo):
    declared = yaml.safe_load((repo / "environment.yml").read_text(encoding="utf-8"))
    pip = next(entry["pip"] for entry in declared["dependencies"] if isinstance(entry, dict))
    conda = [entry for entry in declared["dependencies"] if isinstance(entry, str)]
    wanted = tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "requires-python"
    ]

    assert pip == ["-r requirements.lock"], "conda users must get the lock and nothing else"
    assert {re.split(r"[ <>=]", one)[0] for one in conda} <= {"python", "pip"}, (
        "a Python package outside the lock"
    )
    assert wanted == ">=3.11"
    assert any(one.replace(" ", "").startswith("python>=3.11") for one in conda)
