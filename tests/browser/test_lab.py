"""JupyterLab in a real Chromium: every monthly notebook passes *Run all*, twice in a row, on the sample company."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

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
START_SECONDS, RUN_MILLISECONDS = 60, 180_000
KERNEL_IS_READY = """async () => {
    const context = window.jupyterapp.shell.currentWidget.sessionContext;
    await context.ready;
    await context.session.kernel.info;
}"""
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project as `arlib init` lays it out, with the sample company's extracts."""
    folder = tmp_path_factory.mktemp("lab") / "project"
    arlib = Path(sys.executable).with_name("arlib")
    subprocess.run([arlib, "init", folder], check=True, capture_output=True)
    subprocess.run(
        [arlib, "sample", "--out", "outputs/_sample", "--seed", "2026"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def server(project, tmp_path_factory):
    """`arlib lab` on a free port; gives the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path_factory.mktemp("config")
    (config / "jupyter_server_config.py").write_text(
        f"c.ServerApp.allow_root = True\nc.ServerApp.ip = '127.0.0.1'\nc.ServerApp.port = {port}\n"
        "c.ServerApp.port_retries = 0\nc.IdentityProvider.token = 'test'\nc.LabApp.expose_app_in_browser = True\n"
        "c.LabApp.news_url = None\nc.LabApp.check_for_updates_class = 'jupyterlab.handlers.announcements.NeverCheckForUpdate'\n",
        encoding="utf-8",
    )
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_RUNTIME_DIR": str(config / "runtime"),
    }
    arlib = Path(sys.executable).with_name("arlib")
    log = (config / "server.log").open("w")
    process = subprocess.Popen(
        [arlib, "lab", "--no-browser"],
        cwd=project,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api/status?token=test", process)
        yield address
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=20)
        log.close()


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    pytest.fail("JupyterLab did not answer")


@pytest.fixture(scope="module")
def page(chromium, server):
    """A browser page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        yield page
        browser.close()


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
