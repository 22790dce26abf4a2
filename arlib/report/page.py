"""An executed notebook as one self-contained page: a report without code, or evidence with it. Floor 3.

The page is nbconvert's, through a template of our own (`template/arlib`): no script, no outside reference,
one style sheet, alt text kept, one first-level heading, and the run's status on its face.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from copy import copy
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Literal

from arlib.controls import STATUS_WORDS, Status
from arlib.report.clean import clean, demote_headings
from arlib.report.words import STATUS_MARKS, plain

RESULT_TYPE = "application/vnd.arlib.result+json"
TEMPLATES = Path(__file__).parent / "template"
Mode = Literal["report", "evidence"]
NOTES = {
    Status.TIED: "Every control ties.",
    Status.EXPLAINED: "A control differs; causes that cite documents add up to the difference.",
    Status.UNEXPLAINED: "A control differs and some of the difference has no cause.",
    Status.NO_INPUT: "A control did not run because its input is missing.",
}


EVIDENCE_ONLY = "evidence-only"  # tag of a cell that the report page leaves out


def render(
    notebook_node: Any,
    *,
    mode: Mode,
    title: str,
    run_facts: Mapping[str, str],
    language: str = "en",
) -> str:
    """The page as text. `report` hides code, prompts and the machine-readable result.

    `evidence` shows all of it.

    `run_facts` are headings and values for the top of the page, in their order; `status`, when among them,
    becomes the banner: a word of `Status`, or any other text such as `failed: kernel_died`. The same
    notebook and facts give the same bytes. All markup from cells and data is cleaned: see `clean`.
    """
    from nbconvert.exporters import TemplateExporter

    facts = dict(run_facts)
    status = facts.pop("status", "")
    resources = {"arlib": {
        "mode": mode,
        "language": escape(language),
        "title": escape(plain(title)),
        "css": _css(mode),
        "facts": [(escape(name), escape(value)) for name, value in facts.items()],
        "footer": escape(" · ".join(f"{name} {value}" for name, value in facts.items())),
        **_banner(status),
    }}  # fmt: skip
    node = _prepared(notebook_node, title, mode)
    exporter = _exporter(str(node.metadata.get("language_info", {}).get("pygments_lexer", "ipython3")))
    # Not HTMLExporter's own: that parses the finished page again, to add what our filters have added already.
    body, _ = TemplateExporter.from_notebook_node(exporter, node, resources=resources)
    return "\n".join(line.rstrip() for line in str(body).splitlines()) + "\n"


def cleaned(notebook_node: Any) -> Any:
    """The notebook with its outputs' markup cleaned, so that several pages of it need not clean it again each.

    The caller's node is not changed. `render` gives the same page of either.
    """
    node = copy(notebook_node)
    node.cells = [copy(cell) for cell in node.cells]
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs = [_cleaned_output(output) for output in cell.outputs]
    return node


def _cleaned_output(output: Any) -> Any:
    if "text/html" not in output.get("data", {}):
        return output
    made = copy(output)
    made.data = copy(output.data)
    made.data["text/html"] = clean(str(output.data["text/html"]))
    return made


@cache
def _exporter(lexer: str) -> Any:
    """nbconvert's exporter with our template, compiled once; it holds nothing of a page while it makes one."""
    from nbconvert.exporters import HTMLExporter
    from nbconvert.filters import Highlight2HTML

    made = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="arlib",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"page_html": _page_html, "page_output": _page_output},
        sanitize_html=False,
    )
    made.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer))  # type: ignore[no-untyped-call]
    assert made.template is not None
    return made


def _banner(status: str) -> dict[str, str]:
    if not status:
        return {"status": "", "status_class": "", "status_note": ""}
    if status in set(Status):
        known = Status(status)
        word = f"{STATUS_MARKS[known]} {known.value if known is Status.UNEXPLAINED else STATUS_WORDS[known]}"
        return {
            "status": escape(word),
            "status_class": known.value,
            "status_note": escape(f" — {NOTES[known]}"),
        }
    kind = "failed" if status.startswith("failed") else "other"
    return {"status": escape(status), "status_class": kind, "status_note": ""}


def _prepared(node: Any, title: str, mode: str) -> Any:
    """The notebook without its own first heading, which the page's title replaces, nor cells meant for evidence only.

    The caller's node is not changed.
    """
    node = copy(node)
    node.metadata = copy(node.metadata)
    node.metadata["title"] = plain(title)
    node.metadata.pop("widgets", None)
    if mode == "report":
        node.cells = [cell for cell in node.cells if EVIDENCE_ONLY not in cell.metadata.get("tags", [])]
    for cell in node.cells:
        if cell.cell_type == "markdown":
            bare = copy(cell)
            bare.source = re.sub(r"\A\s*#[ \t]+[^\n]*(\n|\Z)", "", cell.source)
            node.cells = [bare if each is cell else each for each in node.cells]
            break
        if cell.cell_type == "code":
            break
    return node


def _page_html(markup: str) -> str:
    return demote_headings(clean(markup))


def _page_output(output: Mapping[str, Any], mode: str) -> str:
    """One output of a cell as markup: the richest of the media types that need no script."""
    kind = output["output_type"]
    if kind == "stream":
        css = ' class="ar-stderr"' if output["name"] == "stderr" else ""
        return f"<pre{css}>{escape(_without_colour(output['text']))}</pre>"
    if kind == "error":
        trace = "\n".join(output.get("traceback") or [f"{output['ename']}: {output['evalue']}"])
        return f'<pre class="ar-stderr">{escape(_without_colour(trace))}</pre>'
    data = output["data"]
    if RESULT_TYPE in data and mode == "report":
        return ""
    for media in ("image/png", "image/jpeg"):
        if media in data:
            return _picture(data[media], media, output)
    if "image/svg+xml" in data:
        coded = base64.b64encode(str(data["image/svg+xml"]).encode("utf-8")).decode("ascii")
        return _picture(coded, "image/svg+xml", output)
    if "text/html" in data:
        return _page_html(data["text/html"])
    if "text/markdown" in data:
        from nbconvert.filters import markdown2html

        return _page_html(str(markdown2html(data["text/markdown"])))
    return f"<pre>{escape(_without_colour(str(data.get('text/plain', ''))))}</pre>"


def _picture(coded: str, media: str, output: Mapping[str, Any]) -> str:
    alt = output.get("metadata", {}).get(media, {}).get("alt") or output["data"].get("text/plain", "")
    return f'<img src="data:{media};base64,{escape("".join(coded.split()))}" alt="{escape(str(alt))}">'


def _without_colour(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@cache
def _css(mode: str) -> str:
    sheet = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    if mode != "evidence":
        return sheet
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    return sheet + str(HtmlFormatter(style="default").get_style_defs(".highlight"))
