"""A table that sorts, pages and copies in the browser. Floor 5: an `itables` widget that holds text only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from itables.widget import ITable

from arlib.explore.views.shown import Shown
from arlib.explore.views.style import marked, text

PAGE_ROWS = 25
LONG = 60  # characters of a sentence


class Grid:
    """One table with its heading. `show` fills it; a click on a row calls `picked` with the row's position.

    The widget in the browser is made when there is something to show: each one carries the table library along.
    """

    def __init__(
        self,
        title: str,
        css_class: str,
        *,
        empty: str = "Nothing to show.",
        picked: Callable[[int], None] | None = None,
        can_search: bool = True,
    ) -> None:
        """`empty` is what stands there without rows. `css_class` goes on the box."""
        self._title, self._empty, self._picked = title, empty, picked
        self._can_search = can_search
        self._said = widgets.HTML()
        self._table: ITable | None = None
        self.box = marked(widgets.VBox([self._said]), css_class)
        self.shown: Shown | None = None

    def show(self, shown: Shown) -> None:
        """Show these rows instead of the ones before."""
        self.shown = shown
        note = shown.said if len(shown.rows) else self._empty
        self._said.value = f"<h3>{text(self._title)}</h3><span class='arlib-quiet'>{text(note)}</span>"
        if shown.rows.empty:
            self.box.children = (self._said,)
            return
        options = self._options(shown)
        if self._table is None:
            self._table = ITable(shown.rows, **options)
            if self._picked:
                self._table.observe(self._chosen, names="selected_rows")
        else:
            self._table.update(shown.rows, selected_rows=[], **options)
        self.box.children = (self._said, self._table)

    def said(self, sentence: str) -> None:
        """Show a sentence instead of rows."""
        self._said.value = f"<h3>{text(self._title)}</h3>{text(sentence)}"
        self.box.children = (self._said,)

    def _options(self, shown: Shown) -> dict[str, Any]:
        """All options, each time: an update without one falls back to the library's own."""
        return {
            "allow_html": False,
            "showIndex": False,
            "maxBytes": 0,
            "classes": "display compact",
            "style": "table-layout:auto;width:100%;margin:0",
            "select": "single" if self._picked else False,
            "pageLength": PAGE_ROWS,
            "paging": len(shown.rows) > PAGE_ROWS,
            "order": [],
            "autoWidth": False,
            "buttons": [{"extend": "copyHtml5", "text": "Copy rows", "title": None}],
            "layout": {
                "topStart": "buttons",
                "topEnd": "search" if self._can_search else None,
                "bottomStart": "info" if len(shown.rows) > PAGE_ROWS else None,
                "bottomEnd": "paging",
            },
            "columnDefs": _columns(shown),
        }

    def _chosen(self, change: dict[str, Any]) -> None:
        if (
            change["new"]
            and self._picked
            and self.shown is not None
            and change["new"][0] < len(self.shown.rows)
        ):
            self._picked(int(change["new"][0]))
            if self._table is not None:
                self._table.selected_rows = []  # the same row can be picked again


def _is_long(shown: Shown, place: int) -> bool:
    """Whether a column holds sentences, which a narrow column would make a tower of."""
    return any(len(said) > LONG for said in shown.rows.iloc[:PAGE_ROWS, place])


def _columns(shown: Shown) -> list[dict[str, Any]]:
    """How each column sorts and stands: amounts as numbers, everything else as the text that it is (R10 is no rand)."""
    left = [place for place in range(shown.rows.shape[1]) if place not in shown.right]
    return [
        {"targets": list(shown.right), "type": "num-fmt", "className": "dt-right"},
        {"targets": list(shown.days), "className": "arlib-day"},
        {"targets": left, "type": "string"},
        {"targets": [place for place in left if _is_long(shown, place)], "className": "arlib-long"},
    ]
