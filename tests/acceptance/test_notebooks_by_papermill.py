"""Each monthly notebook by plain papermill: it passes, and refuses what papermill itself lets through."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
PAPERMILL = Path(sys.executable).with_name("papermill")
NOTEBOOKS = (
    "aging",
    "cash_application",
    "control_account",
    "customer_reconciliation",
    "bad_debt",
    "write_offs",
    "adjustments",
    "performance",
    "statements",
    "collections",
    "month_end_summary",
)
RESULT = "application/vnd.arlib.result+json"


def papermill(project, notebook: str, out, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Plain papermill, as a user calls it."""
    path = f"notebooks/monthly/{notebook}.ipynb"
    return subprocess.run(
        [PAPERMILL, path, out, *arguments], cwd=project, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_passes_with_exported_parameters(project, arlib, tmp_path, notebook):
    flat, out = tmp_path / "flat.yml", tmp_path / "out.ipynb"
    exported = arlib(
        "params",
        "export",
        "params/sample.yml",
        "--notebook",
        notebook,
        "--entity",
        "UK01",
        "--out",
        flat,
        cwd=project,
    )
    assert exported.returncode == 0, exported.stderr

    done = papermill(project, notebook, out, "-f", str(flat))

    assert done.returncode == 0, done.stderr[-2000:]
    cells = [c for c in json.loads(out.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    told = [o["data"][RESULT] for o in cells[-1]["outputs"] if RESULT in o.get("data", {})]
    assert len(told) == 1
    assert told[0]["entity"] == "UK01"
    assert (project / "outputs" / "_adhoc" / notebook / "2026-10" / "UK01").is_dir()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-p", "entitty", "UK01"), "entitty"),  # unknown: papermill only warns
        (("-p", "entity", "00417"), "417"),  # papermill makes it a number
        (("-p", "period", "2026"), "2026"),
        (("-p", "rows_shown", "many"), "rows_shown"),
        (("-y", "{entity: NO}"), "found 'false'"),  # YAML makes it a switch
    ],
)
def test_refuses_unknown_and_retyped_parameters(project, tmp_path, arguments, said):
    done = papermill(project, "aging", tmp_path / "out.ipynb", *arguments)

    assert done.returncode != 0
    assert "ParameterError" in done.stderr or "ParameterFaults" in done.stderr
    assert said in done.stderr
