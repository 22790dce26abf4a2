"""The documents link to what is there, name every command, and say nothing about the machine they were made on."""

from __future__ import annotations

import re
import subprocess

import pytest

LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def pages(repo):
    found = [*repo.glob("*.md"), *repo.glob("docs/*.md"), repo / "outputs" / "README.md"]
    assert len(found) > 12, "almost no pages: is the guard looking in the right place?"
    return found


def test_every_link_leads_somewhere(repo):
    links = [
        (page, target) for page in pages(repo) for target in LINK.findall(page.read_text(encoding="utf-8"))
    ]

    assert len(links) > 20
    assert [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()] == []


@pytest.mark.parametrize(
    "command",
    ["close", "age", "tie", "sources", "verify", "review", "params", "init", "sample", "lab", "match"],
)
def test_every_command_is_documented(repo, command):
    assert any(f"arlib {command}" in page.read_text(encoding="utf-8") for page in pages(repo))


def test_no_tracked_text_names_a_machine_or_an_index(repo):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repo, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode().split("\0") if name]
    assert len(names) > 200
    forbidden = re.compile(
        rb"(?<![A-Za-z0-9_.])/(?:wo" rb"rk|ro" rb"ot)/|--(?:extra-)?index-url\s+http|py" rb"pi\.org"
    )
    bad = [
        name
        for name in names
        if (repo / name).is_file() and not name.endswith((".gz", ".png"))
        if forbidden.search((repo / name).read_bytes())
    ]
    assert bad == []
