"""Style sheet of the desk, and text as markup that can do nothing. Floor 5.

Colours come from JupyterLab's theme, so that light and dark both keep their contrast; where there is no theme (Voilà)
the second value counts. Nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeVar

import ipywidgets as widgets

from arlib.report.words import plain

W = TypeVar("W", bound=widgets.DOMWidget)

LONGEST = 300  # characters of a text on the desk; the case file holds them all

CSS = """
.arlib-desk { max-width: 1500px; color: var(--jp-ui-font-color0, #111827); overflow: visible; }
.arlib-desk .widget-html-content, .arlib-desk .jupyter-widget-html-content { line-height: 1.45; white-space: normal; }
.arlib-desk .widget-html, .arlib-desk .jupyter-widget-html, .arlib-desk .widget-html-content,
.arlib-desk .jupyter-widget-html-content { min-width: 0; max-width: 100%; }
.arlib-desk .jupyter-widget-Collapse-header, .arlib-desk .widget-Collapse-header {
  color: var(--jp-ui-font-color0, #111827); }
.arlib-desk .widget-label { color: var(--jp-ui-font-color0, #111827); }
.arlib-desk .arlib-wrap { flex-flow: row wrap; gap: 4px 12px; align-items: flex-end; overflow: visible; }
.arlib-desk h3 { margin: 10px 0 4px; font-size: 1.05em; }
.arlib-desk .widget-button, .arlib-desk .jupyter-button { align-self: flex-start; }
.arlib-desk .arlib-quiet { color: var(--jp-ui-font-color1, #374151); }
.arlib-desk .arlib-error, .arlib-desk .arlib-done, .arlib-desk .arlib-told, .arlib-desk .arlib-working {
  border: 1px solid currentColor; border-left-width: 6px; border-radius: 3px; padding: 6px 10px; margin: 2px 0;
  background: var(--jp-layout-color1, #ffffff); color: var(--jp-ui-font-color0, #111827); overflow-wrap: anywhere; }
.arlib-desk .arlib-error { border-color: #c2410c; } .arlib-desk .arlib-done { border-color: #15803d; }
.arlib-desk .arlib-told { border-color: #1d4ed8; }
.arlib-desk .arlib-working { border-color: #6b7280; }
.arlib-desk .arlib-card { border: 1px solid var(--jp-border-color1, #9ca3af); border-radius: 4px; padding: 8px 12px; }
.arlib-desk .arlib-header-name { font-size: 1.25em; font-weight: 600; overflow-wrap: anywhere; }
.arlib-desk .arlib-header-name .arlib-quiet { font-size: .8em; font-weight: 400; }
.arlib-desk .arlib-header-facts dd { font-variant-numeric: tabular-nums; }
.arlib-desk .arlib-header-cautions li, .arlib-desk .arlib-caution { font-weight: 600; }
.arlib-desk dl.arlib-facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 4px 18px;
  margin: 6px 0; }
.arlib-desk dl.arlib-facts dt { display: block; float: none; width: auto; font-size: .85em; font-weight: 600;
  color: var(--jp-ui-font-color1, #374151); }
.arlib-desk dl.arlib-facts small { display: block; color: var(--jp-ui-font-color1, #374151); }
.arlib-desk dl.arlib-facts dd { display: block; float: none; width: auto; margin: 0; overflow-wrap: anywhere; }
.arlib-desk table.arlib-table { border-collapse: collapse; margin: 4px 0; max-width: 100%; }
.arlib-desk table.arlib-table th, .arlib-desk table.arlib-table td {
  border-bottom: 1px solid var(--jp-border-color2, #d1d5db); padding: 3px 10px 3px 0; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
.arlib-desk table.arlib-table .arlib-right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.arlib-desk table.arlib-buckets { width: 100%; table-layout: auto; max-width: 1100px; }
.arlib-desk table.arlib-buckets td, .arlib-desk table.arlib-buckets th { text-align: right; border: 0; padding: 1px 6px 1px 0;
  font-variant-numeric: tabular-nums; font-weight: 400; vertical-align: bottom; overflow-wrap: normal;
  min-width: 76px; max-width: none; overflow: visible; white-space: nowrap; }
.arlib-desk table.arlib-buckets .arlib-total { font-weight: 600; }
.arlib-desk .arlib-what-if-open { text-align: right; font-variant-numeric: tabular-nums; }
.arlib-desk .arlib-what-if-open .widget-html-content { text-align: right; width: 100%; white-space: nowrap; }
.arlib-desk .arlib-what-if-row { gap: 0 12px; align-items: center; }
@media (max-width: 1100px) { .arlib-desk table.arlib-buckets { font-size: .86em; }
  .arlib-desk table.arlib-buckets td, .arlib-desk table.arlib-buckets th { min-width: 0; padding-right: 3px; } }
.arlib-desk .arlib-scroll { overflow-x: auto; }
.arlib-desk .arlib-bar { display: inline-block; height: .8em; background: #0072b2; min-width: 1px; vertical-align: middle; }
.arlib-desk .arlib-bar.arlib-credit { background: repeating-linear-gradient(45deg, #6b7280 0 3px, transparent 3px 6px);
  outline: 1px solid #6b7280; }
.arlib-desk svg { max-width: 100%; height: auto; color: var(--jp-ui-font-color0, #111827); }
.arlib-desk .arlib-sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 12px; }
.arlib-desk .itables_anywidget { overflow-x: auto; max-width: 100%; }
.arlib-desk table.dataTable td { white-space: normal; overflow-wrap: break-word; max-width: 34em; }
.arlib-desk table.dataTable td.dt-right, .arlib-desk table.dataTable th.dt-right { text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.arlib-desk table.dataTable td.arlib-long { min-width: 26em; }
.arlib-desk table.dataTable td.arlib-day { white-space: nowrap; }
.arlib-desk .lm-TabBar-content { flex-wrap: wrap; }
.arlib-desk .widget-tab > .lm-TabBar, .arlib-desk .jupyter-widget-tab > .lm-TabBar { max-height: none; overflow: visible; }
.arlib-desk .widget-tab > .lm-TabBar .lm-TabBar-tab, .arlib-desk .jupyter-widget-tab > .lm-TabBar .lm-TabBar-tab {
  flex: 0 1 auto; min-width: 0; padding: 0 10px; color: var(--jp-ui-font-color0, #111827); }
.arlib-desk .lm-TabBar-tab.lm-mod-current { font-weight: 600; }
.arlib-desk button:focus-visible, .arlib-desk input:focus-visible, .arlib-desk select:focus-visible,
.arlib-desk textarea:focus-visible, .arlib-desk .lm-TabBar-tab:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #1d4ed8); outline-offset: 1px; }
"""


def style_sheet() -> widgets.HTML:
    """The style sheet as a widget: it stands once on a desk."""
    return widgets.HTML(f"<style>{CSS}</style>")


def text(value: object, *, limit: int = LONGEST) -> str:
    """Any text as markup that shows it and does nothing, held apart so that no reading direction spills over."""
    return f"<bdi>{escape(plain(str(value), limit=limit))}</bdi>"


def option(value: object, *, limit: int = 90) -> str:
    """Any text as the label of a choice: one line, without marks that turn or hide it."""
    return plain(str(value), limit=limit)


def paragraphs(sentences: Iterable[object], *, limit: int = 2_000) -> str:
    """Sentences, one paragraph each."""
    return "".join(f"<p style='margin:2px 0'>{text(said, limit=limit)}</p>" for said in sentences)


def sentence(said: object) -> str:
    """Words as a sentence: a capital in front and a full stop behind, where it begins with a plain word."""
    line = str(said).strip()
    first = line.split(" ", 1)[0]
    line = line[:1].upper() + line[1:] if first.isalpha() and first.islower() else line
    return line if not line or line[-1] in ".!?:" else f"{line}."


def bullets(sentences: Iterable[object], css_class: str = "") -> str:
    """Sentences as a list; '' where there are none."""
    lines = "".join(f"<li>{text(said, limit=2_000)}</li>" for said in sentences)
    return f"<ul class='{css_class}' style='margin:2px 0 2px 1.2em'>{lines}</ul>" if lines else ""


def facts(told: Iterable[tuple[object, object, object]]) -> str:
    """Headings with their values, side by side as the width allows; below each by which convention, '' for none."""
    lines = "".join(
        f"<div><dt>{text(name)}</dt><dd>{text(value, limit=500)}"
        f"{f'<small>{text(convention)}</small>' if convention else ''}</dd></div>"
        for name, value, convention in told
    )
    return f"<dl class='arlib-facts'>{lines}</dl>" if lines else ""


def table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = (), caption: str = ""
) -> str:
    """A small table as markup; columns numbered in `right` hold amounts."""
    right = frozenset(right)
    mark = ["arlib-right" if n in right else "" for n in range(len(heads))]
    head = "".join(f"<th scope='col' class='{mark[n]}'>{text(name)}</th>" for n, name in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(f"<td class='{mark[n]}'>{text(value)}</td>" for n, value in enumerate(row)) + "</tr>"
        for row in rows
    )
    said = f"<caption style='text-align:left'>{text(caption)}</caption>" if caption else ""
    return f"<table class='arlib-table'>{said}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def marked(widget: W, *classes: str) -> W:
    """The widget with style classes on it, by which people and tests find it."""
    for name in classes:
        widget.add_class(name)
    return widget
