"""A project, JupyterLab, Voilà and a browser for the tests of this folder. Screenshots go where ARLIB_SCREENSHOTS says."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.driving import ARLIB, CHROMIUM_FLAGS

START_SECONDS = 180
WIDTH, HEIGHT = 1300, 950
# Kernels run as somebody whom nobody knows: what they record and what pictures show names no user of this machine.
SOMEBODY = """\
import os as _os
import pwd as _pwd

_own = _pwd.getpwuid
_pwd.getpwuid = lambda number: _pwd.struct_passwd((_os.environ.get("TESTED_AS", "sam.taylor"), *tuple(_own(number))[1:]))
"""


@pytest.fixture(scope="session")
def new_project(tmp_path_factory):
    """Makes a project as `arlib init` lays it out, with the sample company's extracts."""

    def made(name: str, *, items: int | None = None) -> Path:
        folder = tmp_path_factory.mktemp(name) / "project"
        size = [] if items is None else ["--items", str(items)]
        subprocess.run([ARLIB, "init", folder], check=True, capture_output=True)
        subprocess.run(
            [ARLIB, "sample", "--out", "outputs/_sample", "--seed", "2026", *size],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        return folder

    return made


@pytest.fixture(scope="session")
def project(new_project) -> Path:
    """The project of most tests."""
    return new_project("browser")


@pytest.fixture(scope="session")
def somebody(tmp_path_factory):
    """The environment of a server: settings of its own, and kernels that run as `sam.taylor` or whoever is named."""

    def made(name: str = "sam.taylor", **more: str) -> dict[str, str]:
        home = tmp_path_factory.mktemp("home")
        startup = home / "ipython/profile_default/startup"
        startup.mkdir(parents=True)
        (startup / "00-somebody.py").write_text(SOMEBODY, encoding="utf-8")
        return os.environ | {
            "IPYTHONDIR": str(home / "ipython"), "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "data"), "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "TESTED_AS": name,
        } | more  # fmt: skip

    return made


@pytest.fixture(scope="session")
def serving():
    """Starts an `arlib` server and ends it: `with serving(args, folder, environment) as address`."""
    return _serving


@contextmanager
def _serving(
    arguments: list[str], folder: Path, environment: dict[str, str], *, address: str = ""
) -> Iterator[str]:
    """The address, known before or printed by the server, once it answers there."""
    log = Path(environment["JUPYTER_CONFIG_DIR"]).parent / "server.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [ARLIB, *arguments, "--no-browser"], cwd=folder, env=environment | {"PYTHONUNBUFFERED": "1"}, stdout=out,
            stderr=out, start_new_session=True,
        )  # fmt: skip
        try:
            yield _address(log, process, address)
        finally:
            os.killpg(process.pid, 15)
            process.wait(timeout=30)


def _address(log: Path, process: subprocess.Popen, address: str) -> str:
    """Wait until the server says where it is, where that is not known, and answers there."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        printed = re.search(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+", log.read_text())
        found = address or (printed.group() if printed else "")
        try:
            # the page of a desk starts a kernel: that the server listens is enough
            if found and urllib.request.urlopen(found.split("?")[0] + "login", timeout=10).status == 200:
                return found
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    pytest.fail("the server did not answer: " + log.read_text())


@pytest.fixture(scope="session")
def free_port():
    """A port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="session")
def server(project, somebody, free_port):
    """`arlib lab` on a free port; gives the address without path."""
    environment = somebody()
    config = Path(environment["JUPYTER_CONFIG_DIR"])
    config.mkdir()
    (config / "jupyter_server_config.py").write_text(
        f"c.ServerApp.allow_root = True\nc.ServerApp.ip = '127.0.0.1'\nc.ServerApp.port = {free_port}\n"
        "c.ServerApp.port_retries = 0\nc.IdentityProvider.token = 'test'\nc.LabApp.expose_app_in_browser = True\n"
        "c.JupyterNotebookApp.expose_app_in_browser = True\nc.ServerApp.custom_display_url = ''\n"
        "c.LabApp.news_url = None\nc.LabApp.check_for_updates_class = 'jupyterlab.handlers.announcements.NeverCheckForUpdate'\n",
        encoding="utf-8",
    )
    address = f"http://127.0.0.1:{free_port}"
    with _serving(["lab"], project, environment, address=f"{address}/"):
        yield address


@pytest.fixture(scope="session")
def desk(project, somebody):
    """`arlib desk`; gives the address with its token."""
    with _serving(["desk"], project, somebody()) as address:
        yield address


@pytest.fixture(scope="module")
def browser(chromium):
    """A browser, of one module: as long as it runs, no other test of the process can run an event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def new_page(browser):
    """Opens a page in a context of its own, which remembers faults, dialogs and requests (see `driving.Watched`)."""
    from tests.browser.driving import Watched

    def made(**options) -> Watched:
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, **options)
        context.set_default_timeout(120_000)
        return Watched(context.new_page())

    return made


@pytest.fixture(scope="module")
def page(browser):
    """A page for the tests of one file."""
    page = browser.new_page(viewport={"width": 1500, "height": 1000})
    yield page
    page.close()
