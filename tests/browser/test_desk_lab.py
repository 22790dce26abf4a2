"""The desk in JupyterLab and Notebook 7, in a real Chromium: from the search to the case file, over a kernel's restart."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from arlib.explore.desk import open_desk_of
from arlib.money import shown
from tests.browser.driving import DeskPage, picture, restart, run_all

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOTEBOOK = "notebooks/explore/dispute_investigation.ipynb"
ENTITY, CUSTOMER, RECEIPT = (
    "UK01",
    "GB9056",
    "RC/0900017",
)  # cash that waits, with an advice that names an invoice
END = date(2026, 10, 31)


@pytest.fixture(scope="module")
def library(project):
    """The same desk without a browser: what the numbers must be."""
    return open_desk_of("params/sample.yml", entity="US01", root=project)


def wanted(library, day: date) -> dict[str, str]:
    balances = library.open(ENTITY, CUSTOMER).balance_on(day)
    return {
        code: shown(int(amount), code)
        for code, amount in zip(balances["currency"], balances["balance"], strict=True)
    }


@pytest.fixture(scope="module")
def lab(server, new_page):
    watched = new_page()
    watched.page.goto(f"{server}/lab/tree/{NOTEBOOK}?token=test&reset")
    yield watched
    watched.close()


def test_from_the_search_to_the_case_file_over_a_restart(lab, library, project, new_page):
    page, desk = lab.page, DeskPage(lab.page)
    assert run_all(page) == []
    desk.opened()
    desk.open(CUSTOMER)
    assert desk.balances() == wanted(library, END)

    receipts = library.open(ENTITY, CUSTOMER).receipts
    received = receipts.loc[receipts["receipt_id"].eq(RECEIPT), "received_on"].iloc[0].date()
    desk.go_to(received)
    before = desk.step_back(1)
    assert before == received - timedelta(days=1)
    assert desk.balances() == wanted(library, before) != wanted(library, received)
    desk.go_to(END)
    assert desk.balances() == wanted(library, END)

    desk.pick_receipt(RECEIPT)
    desk.press("arlib-solve")
    desk.wait_for("arlib-solutions-said", "Combinations")
    desk.press("arlib-take-proposal")
    desk.wait_for("arlib-what-if-said", "This can be applied")
    desk.press("arlib-apply")
    desk.wait_for("arlib-message", "Recorded as desk-")
    recorded = re.search(r"desk-\d+", desk["arlib-message"].inner_text()).group()
    desk.wait_for("arlib-header-recorded", "Recorded at the desk: sam.taylor applied")
    assert desk.errors() == []

    restart(page)
    assert run_all(page) == []
    desk.opened()
    desk.open(CUSTOMER)
    desk.tab("Decisions")
    desk.wait_for("arlib-decisions", recorded)
    picture(page, "lab_desk")

    folder = desk.export()
    case = project / folder
    assert (case / "manifest.json").is_file()
    told = (case / "pages/case_file.html").read_text(encoding="utf-8")
    assert recorded in told

    offline = new_page(offline=True)
    offline.page.goto((case / "pages/case_file.html").as_uri())
    assert CUSTOMER in offline.page.inner_text("body")
    assert [url for url in offline.requests if not url.startswith(("file:", "data:"))] == []
    assert offline.faults == []
    picture(offline.page, "case_page")
    offline.close()
    assert lab.dialogs == []


def test_it_runs_in_notebook_7(server, new_page):
    watched = new_page()
    watched.page.goto(f"{server}/notebooks/{NOTEBOOK}?token=test")
    assert run_all(watched.page) == []
    desk = DeskPage(watched.page).opened()
    desk.open(CUSTOMER)
    assert desk.errors() == []
    picture(watched.page, "notebook7_desk")
    watched.close()
