"""Find a customer: one box for everything, filters, the hits. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from arlib.explore.filters import Filters
from arlib.explore.views.grid import Grid
from arlib.explore.views.shell import Later, Shell
from arlib.explore.views.shown import shown
from arlib.explore.views.style import marked, option, text
from arlib.ledger.search import SEARCH_HITS
from arlib.money import shown as amount_shown

if TYPE_CHECKING:
    import pandas as pd

PAUSE_SECONDS = 0.4
COLUMNS = ("name", "customer_id", "entity", "status", "why", "currency", "balance", "overdue", "open_items")
FILTERS = (
    ("entity", "Entity", "arlib-search-entity"),
    ("currency", "Currency", "arlib-filter-currency"),
    ("bucket", "Bucket", "arlib-filter-bucket"),
    ("status", "Customer status", "arlib-filter-status"),
    ("collector", "Collector", "arlib-filter-collector"),
    ("dispute_reason", "Dispute reason", "arlib-filter-dispute-reason"),
)


class SearchView:
    """The box, the filters and the hits. `filters` and `text` are what is asked now."""

    def __init__(self, shell: Shell) -> None:
        """Fill the filters with what the books hold; nothing is searched yet."""
        self._shell = shell
        self._later = Later(self.search, PAUSE_SECONDS)
        self._hits: pd.DataFrame | None = None
        self._is_filling = False
        self.text = marked(
            widgets.Text(
                description="Search",
                placeholder="customer, name, alias, payer, document, order or amount",
                tooltip="Customer number, name, alias, payer, tax number, document, order, reference or amount; Enter searches",
                style={"description_width": "initial"},
                layout=widgets.Layout(width="520px", max_width="100%"),
            ),
            "arlib-search-text",
        )
        self.text.observe(self._typed, names="value")
        self.text.on_msg(self._entered)
        choices = shell.desk.choices()
        self.filters = {
            name: _filter(label, css, getattr(choices, name), self._filtered) for name, label, css in FILTERS
        }
        self.clear = marked(
            widgets.Button(description="Clear", tooltip="Empty the search box and all filters"),
            "arlib-search-clear",
        )
        self.clear.on_click(lambda _: self._cleared())
        self.said = marked(widgets.HTML(), "arlib-search-said")
        self.open = marked(
            widgets.Dropdown(
                description="Open", options=[("–", None)], tooltip="Open one of the customers found",
                style={"description_width": "initial"}, layout=widgets.Layout(width="520px", max_width="100%"),
            ),
            "arlib-search-open",
        )  # fmt: skip
        self.open.observe(self._opened, names="value")
        self.grid = Grid("Found", "arlib-search-results", picked=self._picked, can_search=False,
                         empty="No customer found.")  # fmt: skip
        self.found = widgets.Accordion([self.grid.box], titles=("Results",), selected_index=None)
        self.box = widgets.VBox(
            [
                marked(widgets.HBox([self.text, self.clear]), "arlib-wrap"),
                marked(widgets.HBox(list(self.filters.values())), "arlib-wrap"),
                marked(widgets.HBox([self.open, self.said]), "arlib-wrap"),
                self.found,
            ]
        )

    @property
    def asked(self) -> Filters:
        """The filters as they stand."""
        return Filters(**{name: control.value or "" for name, control in self.filters.items()})

    def search(self) -> None:
        """Search for what stands in the box, among what the filters leave."""
        self._later.cancel()
        self._shell.stage.run("Searching", self._search)

    def start(self, said: str, filters: Filters) -> None:
        """Begin with this search."""
        self._is_filling = True
        self.text.value = said
        for name, control in self.filters.items():
            wanted = getattr(filters, name)
            control.value = wanted if wanted in [value for _, value in control.options] else ""
        self._is_filling = False
        self.search()

    def _search(self) -> None:
        found = self._shell.desk.search(self.text.value, self.asked)
        self._shell.stage.clear()
        self._hits = found.frame
        self.said.value = f"<div role='status'>{text(found.sentence, limit=600)}</div>"
        self._is_filling = True
        self.open.options = [("– choose –", None), *_labels(found.frame)]
        self.open.value = None
        self._is_filling = False
        self.grid.show(shown(found.frame, SEARCH_HITS, columns=COLUMNS, words={"why": "Found by"}))
        self.found.selected_index = 0

    def _picked(self, row: int) -> None:
        assert self._hits is not None
        hit = self._hits.iloc[row]
        self._shell.stage.run(f"Opening {option(hit['name'])}", lambda: self._open(hit))

    def _open(self, hit: Any) -> None:
        if _given(hit["receipt_id"]) or _given(hit["item_id"]):
            self._shell.turns(
                "Receipt"
            )  # before the work: a tab that the person chooses meanwhile stays chosen
        self._shell.open(str(hit["entity"]), str(hit["customer_id"]))
        self._shell.stage.clear()
        if receipt_id := _given(hit["receipt_id"]):
            self._shell.picks_receipt(receipt_id)
        elif item_id := _given(hit["item_id"]):
            self._shell.picks_item(item_id)
        self.found.selected_index = None

    def _opened(self, change: dict[str, Any]) -> None:
        if change["new"] is not None and not self._is_filling:
            self._picked(change["new"])

    def _typed(self, change: dict[str, Any]) -> None:
        if not self._is_filling:
            self._later.ask()

    def _entered(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if content.get("event") == "submit":
            self.search()

    def _filtered(self, change: dict[str, Any]) -> None:
        if not self._is_filling:
            self.search()

    def _cleared(self) -> None:
        self.start("", Filters())


def _filter(
    label: str, css: str, values: Sequence[str], changed: Callable[[dict[str, Any]], None]
) -> widgets.Dropdown:
    control = widgets.Dropdown(
        description=label,
        options=[("any", ""), *((option(value), value) for value in values)],
        value="",
        tooltip=f"Only customers with this: {label.lower()}",
        style={"description_width": "initial"},
        layout=widgets.Layout(width="auto", max_width="290px"),
    )
    control.observe(changed, names="value")
    return marked(control, css)


def _labels(hits: pd.DataFrame) -> list[tuple[str, int]]:
    """What each hit is called in the list; the number in front keeps two customers of one name apart."""
    labels = []
    for row, hit in enumerate(hits.to_dict("records")):
        owed = ""
        if _given(hit["balance"]) and _given(hit["currency"]):
            owed = f" · {hit['currency']} {amount_shown(int(hit['balance']), str(hit['currency']))}"
        said = f"{row + 1}. {option(hit['name'], limit=50)} · {option(hit['customer_id'])} · {hit['entity']}{owed}"
        labels.append((said, row))
    return labels


def _given(value: Any) -> str:
    return "" if value is None or value != value or str(value) in ("", "<NA>") else str(value)
