"""Pages: self-contained, no script, alt text kept, one title, status on the face.

Report hides code, evidence shows it.
"""

from __future__ import annotations

import copy
import re
import subprocess

import nbformat.v4 as nb4
import pytest
from bs4 import BeautifulSoup

from arlib.report import show
from arlib.report.clean import clean
from arlib.report.page import RESULT_TYPE, cleaned, render

FACTS = {
    "status": "unexplained",
    "Entity": "US01 <Sample> Inc.",
    "Period": "2026-10",
    "Run": "20261104-abcdef",
}
TITLE = "Aging, US01 <2026-10-31>"
EVIL = (
    "<div onclick='x()'>kept<script>evil()</script><iframe src=//x></iframe><a href='javascript:1'>j</a>"
    "<a href='http://evil.example'>out</a><img src='http://evil.example/x.png' alt='gone'><style>p{}</style>"
    "<svg><script>evil()</script></svg><form action=//x><input></form><h1>second</h1></div>"
)


def shown(part):
    data, metadata = part._repr_mimebundle_()
    return nb4.new_output("display_data", data=data, metadata=metadata)


@pytest.fixture(scope="module")
def node(samples):
    report = samples.report()
    return nb4.new_notebook(cells=[
        nb4.new_markdown_cell("# Aging\n\nWho owes us what? <script>alert(1)</script> [link](http://evil.example)"),
        nb4.new_code_cell("secret_code = 1", execution_count=1, outputs=[
            shown(show.controls(report)), shown(show.table(report, "open_items")),
            shown(show.chart(report, "aging"))]),
        nb4.new_markdown_cell("## Results"),
        nb4.new_code_cell("print('x')", execution_count=2, outputs=[
            nb4.new_output("display_data", data={"text/html": EVIL, "text/plain": "x"}),
            nb4.new_output("display_data", data={"application/javascript": "evil()",
                                                 "text/plain": "fallback"}),
            nb4.new_output("display_data", data={"image/svg+xml": "<svg onload='evil()'></svg>",
                                                 "text/plain": "drawn"}),
            nb4.new_output("display_data", data={"text/markdown": "**bold** <script>evil()</script>",
                                                 "text/plain": ""}),
            nb4.new_output("stream", name="stderr", text="\x1b[31mwarned\x1b[0m <b>"),
            nb4.new_output("display_data", data={RESULT_TYPE: {"a": 1}, "text/plain": "handed over"})]),
        nb4.new_code_cell("hidden = 2", execution_count=3),
    ])  # fmt: skip


@pytest.fixture(scope="module", params=["report", "evidence"])
def mode(request):
    return request.param


@pytest.fixture(scope="module")
def text(node, mode):
    return render(node, mode=mode, title=TITLE, run_facts=FACTS)


@pytest.fixture(scope="module")
def page(text):
    return BeautifulSoup(text, "html.parser")


def test_nothing_runs_and_nothing_is_loaded(page, text):
    tags = {tag.name for tag in page.find_all(True)}
    assert len(tags) > 15  # the guard looked at something
    assert not tags & {"script", "iframe", "object", "embed", "link", "form", "input", "svg", "base"}
    for tag in page.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")]
        assert not tag.get("src", "data:").replace("data:", "", 1).startswith(("http", "//"))
        assert tag.get("href", "#").startswith("#")
    assert not re.findall(r"url\(|@import", "".join(style.get_text() for style in page.find_all("style")))
    assert "evil()" not in text.replace("base64", "")
    assert (
        "default-src 'none'" in page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    )


def test_every_picture_has_its_own_words(page, samples):
    pictures = page.find_all("img")
    assert [picture["alt"] for picture in pictures] == [samples.charts()[0].alt, "drawn"]
    assert all(picture["src"].startswith("data:image/") for picture in pictures)


def test_one_title_one_language(page):
    assert page.html["lang"] == "en"
    assert page.title.get_text() == TITLE
    assert [h.get_text() for h in page.find_all("h1")] == [TITLE]
    assert "second" in [h.get_text() for h in page.find_all("h2")]
    assert "¶" not in page.get_text()


def test_the_status_is_on_the_face(page):
    banner = page.select_one("header .ar-banner")
    assert "UNEXPLAINED" in banner.get_text().upper()
    assert "ar-unexplained" in banner["class"]
    assert banner.sourceline < page.h1.sourceline
    assert "US01 <Sample> Inc." in page.select_one("dl.ar-run").get_text()
    assert "20261104-abcdef" in page.footer.get_text()


def test_cleaned_once_is_the_same_page(node, mode, text):
    before = copy.deepcopy(node)
    once = cleaned(node)
    assert render(once, mode=mode, title=TITLE, run_facts=FACTS) == text
    assert node == before
    assert "evil()" in str(node)
    assert "onclick" not in str(once.cells[3].outputs[0])


def test_a_picture_without_words_says_so():
    assert clean("<img src='data:image/png;base64,AAAA'>").count("No description") == 1
    assert "No description" not in clean("<img src='data:image/png;base64,AAAA' alt='bars'>")


@pytest.mark.parametrize(
    ("status", "word", "css"),
    [("tied", "✓ tied", "ar-tied"), ("explained", "≈ differs, explained", "ar-explained"),
     ("no_input", "– not run", "ar-no_input"), ("failed: kernel_died", "failed: kernel_died", "ar-failed")],
)  # fmt: skip
def test_other_words(node, status, word, css):
    made = BeautifulSoup(render(node, mode="report", title="T", run_facts={"status": status}), "html.parser")
    assert made.select_one(".ar-banner").get_text().startswith(word)
    assert css in made.select_one(".ar-banner")["class"]


def test_report_hides_code_and_evidence_shows_it(text, mode):
    has_code = "secret_code" in text
    assert has_code is (mode == "evidence")
    assert ("In [1]" in text) is (mode == "evidence")
    assert ("handed over" in text) is (mode == "evidence")
    assert ("hidden" in BeautifulSoup(text, "html.parser").main.get_text()) is (mode == "evidence")


def test_tables_keep_their_structure(page, samples):
    table = next(t for t in page.find_all("table") if "Open items" in t.caption.get_text())
    assert all(th["scope"] == "col" for th in table.select("thead th"))
    assert table.select_one("tbody td.ar-num")
    assert "<script>alert(1)</script>" in table.get_text()
    assert len(table.select("tfoot tr")) == 3


def test_text_outputs_are_text(page):
    assert "warned <b>" in page.get_text()
    assert page.find("pre", class_="ar-stderr")
    assert "fallback" in page.get_text()
    assert page.find("strong", string="bold")


def test_print_repeats_headings_in_landscape(text):
    assert "size: A4 landscape" in text
    assert "display: table-header-group" in text


def test_same_bytes_and_the_notebook_is_not_changed(node, text, mode):
    before = copy.deepcopy(node)
    assert render(node, mode=mode, title=TITLE, run_facts=FACTS) == text
    assert node == before


def test_clean_keeps_what_is_allowed():
    assert clean("<p class='ar-note' style='x' id='y'>a<br>b</p>") == '<p class="ar-note">a<br>b</p>'
    assert clean("<a href='#part'>x</a><a href='data:text/html,x'>y</a>") == '<a href="#part">x</a><a>y</a>'
    assert clean("<img src='data:image/svg+xml;base64,AAAA' alt='x'>") == ""
    assert "<script" not in clean("<ScRiPt src=x>") + clean("<scr<script>ipt>alert(1)</script>")
    assert clean("<table><tr><td>open") == "<table><tbody><tr><td>open</td></tr></tbody></table>"
    assert clean("a < b & c") == "a &lt; b &amp; c"


@pytest.mark.browser
def test_a_browser_draws_it_with_the_network_off(text, mode, tmp_path, chromium):
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")
    picture = tmp_path / "page.png"
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run",
         f"--user-data-dir={tmp_path}/profile",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=1200,1600", f"--screenshot={picture}",
         file.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert picture.stat().st_size > 20_000
