"""What somebody who knows the trade would look at, and what went wrong with a document. Floor 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from arlib.collect.hints import HINTS, ROOT_CAUSES
from arlib.explore.views.forms import choice_field, item_options, refill
from arlib.explore.views.grid import Grid
from arlib.explore.views.shell import Shell
from arlib.explore.views.shown import shown
from arlib.explore.views.style import bullets, marked

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase

COLUMNS = ("sentence", "next_step", "currency", "amount", "confidence", "team", "documents", "kind")
WORDS = {"sentence": "What stands out", "next_step": "What to do next"}
CAUSES = ("cause", "team", "confidence", "sentence")


class HintsView:
    """Hints, the surest first, those being dealt with last; a click goes to the receipt or item. Below, a document's root cause."""

    def __init__(self, shell: Shell) -> None:
        """Empty until a customer is shown."""
        self._shell = shell
        self._is_filling = False
        self._rows = HINTS.empty()
        self._seen: CustomerCase | None = None
        self.grid = Grid("Hints", "arlib-hints", empty="Nothing stands out.", picked=self._picked)
        self.limits = marked(widgets.HTML(), "arlib-hints-limits")
        self.item = choice_field(
            "Root cause of", "arlib-root-cause-item", "What went wrong with this document?"
        )
        self.item.observe(self._chosen, names="value")
        self.causes = Grid(
            "Likely root cause", "arlib-root-causes", empty="Choose a document.", can_search=False
        )
        self.box = widgets.VBox([self.grid.box, self.limits, self.item, self.causes.box])

    def show(self, case: CustomerCase) -> None:
        """Show the hints of this customer."""
        self._seen = case
        found = case.hints
        self._rows = with_recorded(found.rows, case)
        self.grid.show(shown(self._rows, HINTS, columns=COLUMNS, words=WORDS))
        self.limits.value = bullets(found.limits, "arlib-quiet")
        self._is_filling = True
        refill(self.item, [("– choose –", ""), *item_options(case, also=str(self.item.value or ""))])
        self._is_filling = False
        self._explain()

    def reset(self) -> None:
        """Forget which document's cause was asked for."""
        self._seen, self._rows = None, HINTS.empty()
        self._is_filling = True
        self.item.options = [("– choose –", "")]
        self.item.value = ""
        self._is_filling = False

    def _picked(self, row: int) -> None:
        hint = self._rows.iloc[row]
        for name, picks in (("receipt_id", self._shell.picks_receipt), ("item_id", self._shell.picks_item)):
            if not pd.isna(hint[name]) and hint[name]:
                picks(str(hint[name]))
                return

    def _chosen(self, _: dict[str, Any]) -> None:
        if not self._is_filling:
            self._shell.stage.run("Looking for the cause", self._explain)

    def _explain(self) -> None:
        if self._seen is None or not self.item.value:
            self.causes.show(shown(ROOT_CAUSES.empty(), ROOT_CAUSES))
            return
        found = self._seen.root_cause(self.item.value)
        if found.empty:
            self.causes.said("No record speaks for a cause of this document.")
        else:
            self.causes.show(shown(found, ROOT_CAUSES, columns=CAUSES))


def with_recorded(rows: pd.DataFrame, case: CustomerCase) -> pd.DataFrame:
    """Hints about which something was recorded since go last, and say what was recorded before what was to do."""
    recorded = case.recorded_since
    if recorded.decisions.empty:
        return rows
    said = [" ".join(recorded.of_hint(row)) for row in rows.to_dict("records")]
    steps = [
        f"{words} Before that: {step}" if words else step
        for words, step in zip(said, rows["next_step"].tolist(), strict=True)
    ]
    order = sorted(range(len(rows)), key=lambda place: bool(said[place]))
    made = rows.assign(next_step=steps)
    return made.iloc[order].reset_index(drop=True)
