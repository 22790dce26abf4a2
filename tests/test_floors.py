"""The floors hold, and the guard would see a breach."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

FLOOR = {
    "errors": 0, "money": 0, "calendar": 0, "tables": 0, "policy": 0, "controls": 0,
    "ledger": 1, "matching": 1, "credit": 1, "collect": 1, "audit": 1, "sources": 2, "report": 3, "run": 4, "explore": 5, "cli": 5,
}  # fmt: skip


def import_edges(package: Path) -> list[tuple[str, str, Path]]:
    """(folder that imports, folder imported, file) for every import of arlib inside arlib, also the deferred ones."""
    edges = []
    for path in sorted(package.rglob("*.py")):
        here = path.relative_to(package).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names = (
                    [node.module]
                    if node.module != "arlib"
                    else [f"arlib.{alias.name}" for alias in node.names]
                )
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            edges += [(here, name.split(".")[1], path) for name in names if name.startswith("arlib.")]
    return edges


def breaches(package: Path) -> list[tuple[str, str]]:
    return sorted(
        {(a, b) for a, b, _ in import_edges(package) if a in FLOOR and b in FLOOR and FLOOR[b] > FLOOR[a]}
    )


def test_imports_point_down(repo):
    edges = import_edges(repo / "arlib")

    assert len(edges) > 100, "the guard found almost no imports: is it looking in the right place?"
    assert {a for a, _, _ in edges} >= {"ledger", "sources", "report", "run", "cli"}
    assert breaches(repo / "arlib") == []


def test_a_planted_breach_is_seen(tmp_path):
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "aging.py").write_text(
        "def f():\n    from arlib.report import model\n", encoding="utf-8"
    )

    assert breaches(tmp_path) == [("ledger", "report")]


def test_import_linter_agrees(repo):
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which(
        "lint-imports"
    )
    done = subprocess.run([str(program), "--no-cache"], cwd=repo, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
