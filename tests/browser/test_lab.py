"""JupyterLab in a real Chromium: every monthly notebook passes *Run all*, twice in a row, on the sample company."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.browser.driving import KERNEL_IS_READY

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MONTHLY = (
    "aging",
    "cash_application",
    "control_account",
    "customer_reconciliation",
    "bad_debt",
    "write_offs",
    "adjustments",
    "month_end_summary",
)
RESULT = "application/vnd.arlib.result+json"
RUN_MILLISECONDS = 180_000


@pytest.mark.parametrize("name", MONTHLY)
def test_run_all_passes_twice(name, page, server, project):
    path = f"notebooks/monthly/{name}.ipynb"
    page.goto(f"{server}/lab/tree/{path}?token=test&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=RUN_MILLISECONDS)
    page.wait_for_function("() => window.jupyterapp !== undefined")
    page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.context?.isReady")
    page.evaluate(KERNEL_IS_READY)
    for round_ in (1, 2):
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        cells = [
            c
            for c in json.loads((project / path).read_text(encoding="utf-8"))["cells"]
            if c["cell_type"] == "code"
        ]
        counts = [cell["execution_count"] for cell in cells]
        errors = [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]

        assert errors == [], (
            re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(errors[0]["traceback"])) if errors else ""
        )
        assert counts == list(range((round_ - 1) * len(cells) + 1, round_ * len(cells) + 1))
        assert any(RESULT in output.get("data", {}) for output in cells[-1]["outputs"])
    if shots := os.environ.get("ARLIB_SCREENSHOTS"):
        page.screenshot(path=str(Path(shots) / f"lab_{name}.png"))
