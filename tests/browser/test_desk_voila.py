"""`arlib desk`: the same path without any code to be seen, for one machine and who has the token."""

from __future__ import annotations

import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from datetime import date

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.driving import ARLIB, DeskPage, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CUSTOMER, RECEIPT = "09056", "RC-900017"
# Of ipywidgets itself: the handle of its sliders has no name, and no way to give it one. The day can be picked beside it.
THEIRS = {("aria-input-field-name", "noUi-handle")}


@pytest.fixture(scope="module")
def open_desk(desk, new_page):
    """A page of the desk, with its books read."""
    watched = new_page()
    watched.page.goto(desk, timeout=180_000)
    DeskPage(watched.page).opened()
    yield watched
    watched.close()


def fetched(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as fault:
        return fault.code, fault.read().decode(errors="replace")


def kernels(desk: str) -> int:
    """How many kernels the server of this address has."""
    port = int(re.search(r":(\d+)/", desk).group(1))
    server = next(
        each.pid
        for each in psutil.net_connections()
        if each.laddr and each.laddr.port == port and each.status == "LISTEN"
    )
    return sum(is_kernel(each) for each in psutil.Process(server).children())


def is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel_launcher" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it just ended; a zombie is one too
        return False


def test_from_the_search_to_the_case_file(open_desk, project, new_page):
    page, desk = open_desk.page, DeskPage(open_desk.page)
    source = page.content()
    assert "open_desk(" not in source
    assert "begin(" not in source
    desk.open(CUSTOMER)
    picture(page, "customer", element=".arlib-desk")
    desk.go_to(date(2026, 10, 15))
    moved = desk.balances()
    desk.go_to(date(2026, 10, 31))
    assert desk.balances() != moved

    desk.pick_receipt(RECEIPT)
    desk.press("arlib-solve")
    desk.wait_for("arlib-solutions-said", "Combinations")
    desk.press("arlib-take-proposal")
    desk.wait_for("arlib-what-if-said", "This can be applied")
    picture(page, "receipt", element=".arlib-tabs")
    desk.note("Promised to send the remittance advice by Friday.")
    desk.wait_for("arlib-message", "Recorded as desk-")
    recorded = re.search(r"desk-\d+", desk["arlib-message"].inner_text()).group()
    assert "sam.taylor recorded" in desk["arlib-message"].inner_text()

    page.reload(timeout=180_000)  # a new kernel: the browser was closed and opened again
    desk.opened()
    desk.open(CUSTOMER)
    desk.tab("Decisions")
    desk.wait_for("arlib-decisions", recorded)
    picture(page, "decisions", element=".arlib-tabs")
    folder = desk.export()
    picture(page, "case_file", element=".arlib-tabs")
    case = project / folder
    offline = new_page(offline=True)
    offline.page.goto((case / "pages/case_file.html").as_uri())
    assert CUSTOMER in offline.page.inner_text("body")
    assert [url for url in offline.requests if not url.startswith(("file:", "data:"))] == []
    offline.close()
    assert open_desk.faults == []
    assert open_desk.dialogs == []


def test_nothing_serious_for_assistive_technology(open_desk):
    desk = DeskPage(open_desk.page)
    desk.open(CUSTOMER)
    found = []
    for title in ("Open items", "Timeline", "Receipt", "Decide", "Case file"):
        desk.tab(title)
        for each in Axe().run(open_desk.page, context=".arlib-desk").response["violations"]:
            if each["impact"] in ("serious", "critical"):
                found += [f"{title}: {each['id']}: {node['html'][:160]}" for node in each["nodes"]
                          if not any(each["id"] == rule and part in node["html"] for rule, part in THEIRS)]  # fmt: skip
    assert sorted(set(found)) == [], "\n".join(sorted(set(found)))


def test_without_the_token_there_is_nothing(desk):
    before = kernels(desk)
    base = desk.split("?")[0]
    for path in ("", "voila/render/dispute_investigation.ipynb", "voila/tree", "api/contents", "api/kernels"):
        for query in ("", "?token=wrong"):
            status, body = fetched(base + path + query)
            assert "arlib" not in body, path
            assert status in (200, 302, 403, 404), path
            assert "Harbor" not in body
    assert kernels(desk) == before


def test_with_the_token_there_is_the_desk_and_no_file(desk):
    base, token = desk.split("?token=")
    for path in (
        "voila/files/arlib.toml", "voila/files/dispute_investigation.ipynb", "voila/files/..%2f..%2farlib.toml",
        "voila/files/a.png", "files/arlib.toml", "outputs/_sample/customers.csv", "voila/tree", "api/contents",
        "voila/render/case_file.ipynb", "voila/api/contents", "api/sessions", "voila/static/..%2f..%2f..%2farlib.toml",
    ):  # fmt: skip
        status, body = fetched(f"{base}{path}?token={token}")
        assert status in (403, 404), path
        assert "arlib.project" not in body


def test_it_listens_to_this_machine_only(desk):
    port = int(re.search(r":(\d+)/", desk).group(1))
    found = {
        each.laddr.ip
        for each in psutil.net_connections()
        if each.laddr.port == port and each.status == psutil.CONN_LISTEN
    }
    assert found == {"127.0.0.1"}


def test_ctrl_c_ends_it(project, somebody):
    process = subprocess.Popen([ARLIB, "desk", "--no-browser"], cwd=project, env=somebody() | {"PYTHONUNBUFFERED": "1"},
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert "http://127.0.0.1:" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0


def test_a_kernel_ends_after_its_page(desk, new_page):
    before = kernels(desk)
    watched = new_page()
    watched.page.goto(desk, timeout=180_000)
    watched.page.wait_for_selector(".arlib-desk, .jp-OutputArea", timeout=180_000)
    assert kernels(desk) == before + 1
    watched.page.close(run_before_unload=True)
    deadline = time.monotonic() + 150
    while kernels(desk) > before and time.monotonic() < deadline:
        time.sleep(0.2)
    assert kernels(desk) == before
    watched.close()
