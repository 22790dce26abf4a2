"""The tabs that show tables: open items, history, receipts, timeline, where the balance came from. Floor 5."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from arlib.collect.customer.frames import (
    HISTORY_OF_CUSTOMER,
    OPEN_OF_CUSTOMER,
    RECEIPTS_OF_CUSTOMER,
    TIMELINE,
)
from arlib.explore.views.grid import Grid
from arlib.explore.views.pictures import Mark
from arlib.explore.views.pictures import timeline as drawn
from arlib.explore.views.shell import Shell
from arlib.explore.views.shown import cell, shown
from arlib.explore.views.style import marked, option, paragraphs
from arlib.explore.views.style import table as small_table
from arlib.ledger.customer.frames import CUSTOMER_ROLL_FORWARD, ROLL_DOCUMENTS

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase
    from arlib.tables.kinds import Table

ID_OF_ROW = {"item_id": "item_ids", "receipt_id": "receipt_ids"}
HIDDEN = ("rank", "entity", "customer_id", "item_id", "receipt_id", "fact_id", "line_no", "step")


class TableView:
    """One table of the case. A click on a row goes on to the receipt or the item that it stands for."""

    def __init__(
        self,
        title: str,
        css: str,
        table: Table,
        frame: Callable[[CustomerCase], pd.DataFrame],
        *,
        picked: Callable[[Any], None] | None = None,
        empty: str,
        hide: tuple[str, ...] = (),
        words: dict[str, str] | None = None,
        noted: str = "",
    ) -> None:
        """`frame` takes the rows from a case; `picked` gets the row that was clicked.

        `noted` is the column of the record that a row stands for: what was recorded about it since stands in its note.
        """
        self._table, self._frame, self._rows_picked = table, frame, picked
        self._hide, self._words, self._noted = (*HIDDEN, *hide), words, noted
        self._rows = table.empty()
        self.grid = Grid(title, css, empty=empty, picked=self._picked if picked else None)
        self.box = self.grid.box

    def show(self, case: CustomerCase) -> None:
        """Show the rows of this case."""
        self._rows = self._frame(case)
        self.grid.show(
            shown(
                with_recorded(self._rows, case, self._noted) if self._noted else self._rows,
                self._table,
                functional=case.scope.functional_currency,
                hide=self._hide,
                words=self._words,
            )
        )

    def _picked(self, row: int) -> None:
        assert self._rows_picked is not None
        self._rows_picked(self._rows.iloc[row])


def with_recorded(rows: pd.DataFrame, case: CustomerCase, of: str) -> pd.DataFrame:
    """The rows, each with what was recorded about its item or receipt (`of`: the column) in front of its note."""
    recorded = case.recorded_since
    if recorded.decisions.empty:
        return rows
    notes = []
    for code, note in zip(rows[of].tolist(), rows["note"].tolist(), strict=True):
        said = () if pd.isna(code) or not code else recorded.about(**{ID_OF_ROW[of]: [code]})
        notes.append(" ".join((*said, *([] if pd.isna(note) else [str(note)]))))
    return rows.assign(note=notes)


def open_items_view(shell: Shell) -> TableView:
    """Open items, oldest due first; a click asks what may pay the item."""
    return TableView(
        "Open items", "arlib-open-items", OPEN_OF_CUSTOMER, lambda case: case.open_items,
        empty="Nothing is open at this date.", picked=lambda row: shell.picks_item(str(row["item_id"])),
        noted="item_id",
    )  # fmt: skip


def history_view(shell: Shell) -> TableView:
    """Closed items, last settled first."""
    return TableView(
        "Settled items, last settled first", "arlib-history", HISTORY_OF_CUSTOMER, lambda case: case.history,
        empty="Nothing was settled by this date.", words={"how": "How it was settled"},
    )  # fmt: skip


def receipts_view(shell: Shell) -> TableView:
    """Receipts, newest first; a click investigates one."""
    return TableView(
        "Receipts, newest first", "arlib-receipts", RECEIPTS_OF_CUSTOMER, lambda case: case.receipts,
        empty="No receipt by this date.", picked=lambda row: shell.picks_receipt(str(row["receipt_id"])),
        noted="receipt_id",
    )  # fmt: skip


class TimelineView:
    """All that happened: a picture, and the rows, newest first."""

    def __init__(self, shell: Shell) -> None:
        """Empty until a customer is shown."""
        self.picture = marked(widgets.HTML(), "arlib-timeline-picture")
        self.grid = Grid(
            "What happened, newest first", "arlib-timeline", empty="Nothing happened that the books know of."
        )
        self.box = widgets.VBox([self.picture, self.grid.box])

    def show(self, case: CustomerCase) -> None:
        """Show what happened to this customer."""
        rows = case.timeline
        self.picture.value = drawn(marks(rows), last=case.scope.as_of)
        newest = rows.iloc[::-1].reset_index(drop=True)
        self.grid.show(
            shown(newest, TIMELINE, hide=(*HIDDEN, "source", "source_id"), words={"at": "Time", "by": "By"})
        )


def marks(rows: pd.DataFrame) -> list[Mark]:
    """A mark for every row of a timeline."""
    made = []
    for row in rows.to_dict("records"):
        amount = cell(row["amount"], TIMELINE["amount"], str(row["currency"]))
        parts = (row["reference"], row["currency"] if amount else "", amount, row["text"])
        said = " ".join(str(part) for part in parts if not pd.isna(part) and part)
        made.append(Mark(row["day"].date(), str(row["kind"]).replace("_", " "), said))
    return made


class RollForwardView:
    """Where the balance came from: opening to closing by kind, and the documents behind any line."""

    def __init__(self, shell: Shell) -> None:
        """Empty until a customer is shown."""
        self._shell = shell
        self._is_filling = False
        self._forward: Any = None
        self.since = marked(
            widgets.DatePicker(
                description="Since",
                tooltip="First day of the movements",
                style={"description_width": "initial"},
            ),
            "arlib-roll-forward-since",
        )
        self.since.observe(self._asked, names="value")
        self.lines = marked(widgets.HTML(), "arlib-roll-forward")
        self.line = marked(
            widgets.Dropdown(
                description="Documents of", options=[("–", None)], tooltip="Show the documents behind a line",
                style={"description_width": "initial"}, layout=widgets.Layout(width="520px", max_width="100%"),
            ),
            "arlib-roll-forward-line",
        )  # fmt: skip
        self.line.observe(self._chosen, names="value")
        self.documents = Grid("Documents behind the line", "arlib-roll-forward-documents",
                              empty="Choose a line to see its documents.")  # fmt: skip
        self.box = widgets.VBox([self.since, self.lines, self.line, self.documents.box])

    def show(self, case: CustomerCase) -> None:
        """Show how this customer's balance moved; the first time since the period began."""
        self._is_filling = True
        since: date = self.since.value or case.scope.starts_on
        self.since.value = since = min(since, case.scope.as_of)
        forward = self._forward = case.roll_forward(since)
        rows = [
            [row["currency"], row["words"], cell(row["amount"], CUSTOMER_ROLL_FORWARD["amount"], str(row["currency"])),
             cell(row["count"], CUSTOMER_ROLL_FORWARD["count"])]
            for row in forward.lines.to_dict("records")
        ]  # fmt: skip
        ties = [
            f"{'✓ foots' if identity.holds else '✗ does not foot'}: {identity.name} {identity.currency}"
            for identity in forward.identities
        ]
        self.lines.value = small_table(
            ("Currency", "Line", "Amount", "Documents"), rows, right=(2, 3),
            caption=f"From {since} to {case.scope.as_of}",
        ) + paragraphs(ties)  # fmt: skip
        was = self.line.value
        keys = [(row["currency"], row["line"]) for row in forward.lines.to_dict("records")]
        labels = [option(f"{row['currency']} {row['words']}") for row in forward.lines.to_dict("records")]
        self.line.options = [("– choose a line –", None), *zip(labels, keys, strict=True)]
        self.line.value = was if was in keys else None
        self._is_filling = False
        self._expand()

    def reset(self) -> None:
        """Go back to the beginning of the period, with no line opened."""
        self._is_filling = True
        self.since.value, self._forward = None, None
        self.line.options = [("– choose a line –", None)]
        self.line.value = None
        self._is_filling = False

    def _asked(self, change: dict[str, Any]) -> None:
        if not self._is_filling and change["new"] and self._shell.case:
            case = self._shell.case
            self._shell.stage.run(f"Rolling forward from {change['new']}", lambda: self.show(case))

    def _chosen(self, change: dict[str, Any]) -> None:
        if not self._is_filling:
            self._shell.stage.run("Showing the documents", self._expand)

    def _expand(self) -> None:
        if self.line.value is None:
            self.documents.show(shown(ROLL_DOCUMENTS.empty(), ROLL_DOCUMENTS))
            return
        currency, line = self.line.value
        self.documents.show(shown(self._forward.of(currency, line), ROLL_DOCUMENTS, hide=(*HIDDEN, "line")))
