"""The desk as a whole: what is where, and what others decided meanwhile. Floor 5."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from arlib.errors import ArError, ParameterError
from arlib.explore.desk import open_desk
from arlib.explore.filters import Filters
from arlib.explore.views.case_file import CaseFileView
from arlib.explore.views.decide import DecideView
from arlib.explore.views.decisions import DecisionsView
from arlib.explore.views.header import DaysView, HeaderView
from arlib.explore.views.hints import HintsView
from arlib.explore.views.receipt import ReceiptView
from arlib.explore.views.search import SearchView
from arlib.explore.views.shell import Part, Shell
from arlib.explore.views.stage import Stage
from arlib.explore.views.statement import PASTED, StatementView
from arlib.explore.views.style import marked, style_sheet, text
from arlib.explore.views.tables import (
    RollForwardView,
    TimelineView,
    history_view,
    open_items_view,
    receipts_view,
)
from arlib.run.context import begin

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase
    from arlib.explore.desk import Desk
    from arlib.run.cases import OpenCase

POLL_SECONDS = 5.0
_polling: set[asyncio.Task[None]] = set()  # one desk of a kernel asks: the last one made


class DeskView:
    """All parts of the desk, drawn around one state. Only the tab that is seen is filled."""

    def __init__(self, desk: Desk) -> None:
        """Draw the desk, begin with what its parameters ask for, and listen for others."""
        self.shell = shell = Shell(desk)
        self.search = SearchView(shell)
        self.header, self.days = HeaderView(shell), DaysView(shell)
        self.forward, self.receipt = RollForwardView(shell), ReceiptView(shell)
        self.statement, self.decide = StatementView(shell), DecideView(shell)
        self.case_file = CaseFileView(shell, self)
        self.parts: dict[str, Any] = {
            "Open items": open_items_view(shell),
            "History": history_view(shell),
            "Receipts": receipts_view(shell),
            "Timeline": TimelineView(shell),
            "Where the balance came from": self.forward,
            "Receipt": self.receipt,
            "Their statement": self.statement,
            "Hints": HintsView(shell),
            "Decide": self.decide,
            "Decisions": DecisionsView(shell),
            "Case file": self.case_file,
        }
        self.keeping = (
            self.forward,
            self.receipt,
            self.statement,
            self.parts["Hints"],
            self.parts["Decisions"],
            self.case_file,
        )  # what a person chose or typed there is of one customer
        self._of = ("", "")
        self.titles = tuple(self.parts)
        self._stale = set(self.titles)
        self.tabs = marked(
            widgets.Tab([part.box for part in self.parts.values()], titles=self.titles), "arlib-tabs"
        )
        self.tabs.layout.display = "none"
        self._is_turning = False
        self.tabs.observe(self._turned, names="selected_index")
        shell.shows, shell.turns = self._show, self._turn
        shell.picks_receipt, shell.picks_item = self._pick_receipt, self._pick_item
        self.where = marked(widgets.HTML(_where(desk)), "arlib-where")
        parts = [self.search.box, self.where, shell.stage.box, self.header.box, self.days.box, self.tabs]
        self.box = marked(
            widgets.VBox([style_sheet(), *parts]),
            "arlib-desk",
        )
        self._begin()
        self._listen()

    def asked_of_case(self) -> dict[str, Any]:
        """What the desk shows beside the customer, for the case file; ParameterError for a document of another customer."""
        asked: dict[str, Any] = {"filters": self.search.asked, "search": self.search.text.value}
        since = self.forward.since.value
        if since and since <= self.shell.current.scope.as_of:
            asked["since"] = since.isoformat()
        picked = self.receipt.pick.value
        if picked:
            _require_own(self.shell.current, *picked)
        if picked and picked[0] == "receipt":
            asked["receipt_id"] = picked[1]
            if tried := self.receipt.what_if.tried():
                asked["what_if"] = tried
        elif picked:
            asked["items"] = (picked[1],)
        if self.statement.is_given:
            content, name = self.statement.given
            asked["statement_bytes"] = content if isinstance(content, bytes) else content.encode()
            asked["statement"] = name or PASTED
            asked["statement_choices"] = self.statement.decided
        return asked

    def restore(self, opened: OpenCase) -> tuple[str, ...]:
        """Bring back what a case file says that the desk showed; sentences on what could not be brought back."""
        case, told = opened.case, []
        self.search.start(case.search, Filters.from_parameters(case.filters.model_dump()))
        self.search.found.selected_index = None
        shown = self.shell.current
        if case.since:
            self.forward.since.value = date.fromisoformat(case.since)
        if opened.statement is not None:
            try:
                self.statement.restore(shown, opened.statement, case.statement, case.statement_choices)
            except ArError as fault:
                told.append(f"The statement is not read again: {fault}")
            self._stale.discard("Their statement")
        try:
            if case.receipt_id:
                self._investigate("receipt", case.receipt_id)
                told += self.receipt.what_if.restore(case.what_if)
            elif case.items:
                self._pick_item(case.items[0])
        except ArError as fault:
            told.append(f"The matching is not shown again: {fault}")
        return tuple(told)

    def poll(self) -> None:
        """Ask once what others decided; what they did to the customer on show is on the card and under Decisions.

        The case itself stays the one that is looked at: what is decided on it is judged by what was seen.
        """
        told = self.shell.desk.refresh()
        if told:
            self.shell.stage.tell(told)
            self._mark_stale("Decisions")
            if self.shell.case is not None:
                self.header.show(self.shell.case.again())

    def _begin(self) -> None:
        desk = self.shell.desk
        self.search.start(desk.first_text, Filters())

        def first() -> None:
            desk.refresh()  # news are counted from here
            if (case := desk.first) is not None:
                self.shell.put(case)
                self.search.found.selected_index = None

        self.shell.stage.run("Opening the customer", first)

    def _show(self, case: CustomerCase) -> None:
        if self._of != (case.entity, case.customer_id):
            self._of = (case.entity, case.customer_id)
            for part in self.keeping:
                part.reset()
        self.header.show(case)
        self.days.show(case)
        self._stale = set(self.titles)
        self.tabs.layout.display = ""
        self._fill()

    def _fill(self) -> None:
        """Fill the tab that is seen, where it is behind."""
        title = self.titles[self.tabs.selected_index or 0]
        if title in self._stale and self.shell.case is not None:
            part: Part = self.parts[title]
            part.show(self.shell.case)
            self._stale.discard(title)

    def _mark_stale(self, title: str) -> None:
        self._stale.add(title)
        if self.shell.case is not None and self.titles[self.tabs.selected_index or 0] == title:
            self.shell.stage.run("Showing", self.shell.again)

    def _turn(self, title: str) -> None:
        """Turn to a tab and leave it as it is until there is something to show."""
        self._is_turning = True
        try:
            self.tabs.selected_index = self.titles.index(title)
        finally:
            self._is_turning = False

    def _turned(self, _: dict[str, Any]) -> None:
        if not self._is_turning:
            self.shell.stage.run("Showing", self._fill)

    def _go(self, title: str) -> None:
        self._turn(title)
        self._fill()

    def _pick_receipt(self, receipt_id: str) -> None:
        self._investigate("receipt", receipt_id)

    def _pick_item(self, item_id: str) -> None:
        self._investigate("item", item_id)
        if self.shell.case is not None:
            if "Decide" in self._stale:
                self.decide.show(self.shell.case)
                self._stale.discard("Decide")
            self.decide.choose_item(item_id)

    def _investigate(self, kind: str, document: str) -> None:
        def go() -> None:
            self._go("Receipt")
            self.receipt.choose(kind, document)

        self.shell.stage.run("Matching", go)

    def _listen(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        for task in _polling:
            task.cancel()
        task = loop.create_task(self._poll())
        _polling.add(task)
        task.add_done_callback(_polling.discard)

    async def _poll(self) -> None:
        while self.box.comm is not None:
            await asyncio.sleep(POLL_SECONDS)
            self.shell.stage.listen(self.poll)


def _require_own(case: CustomerCase, kind: str, document: str) -> None:
    """Refuse a receipt or item that has nothing to do with the customer on show."""
    table, column = ("receipts", "receipt_id") if kind == "receipt" else ("items", "item_id")
    if not case.book[table][column].eq(document).any():
        raise ParameterError(
            f"{kind} {document} is not of customer {case.customer_id}",
            where=case.entity,
            fix="Choose another under Receipt, or open the customer that it belongs to.",
        )


def _where(desk: Desk) -> str:
    """Which books and days the desk shows, and who sits at it, in one line."""
    scope = desk.scope(desk.entity)
    known = f"as known at the end of {scope.known_at}" if scope.known_at else "as known now"
    said = (
        f"{scope.entity} {scope.entity_name} · period {scope.period} · as of {scope.as_of}, {scope.basis} dates, {known} · "
        f"{scope.functional_currency} · {desk.source_words} · you are {desk.actor.name}"
    )
    return f"<div class='arlib-quiet'>{text(said, limit=600)}</div>"


def open_desk_view(notebook: str, given: Mapping[str, Any]) -> widgets.Widget:
    """The desk of a notebook from its `globals()`, as a widget; what is wrong with them or the books stands there in words.

    A page without cells shows an error of a cell by its number only, so none leaves here.
    """
    stage = Stage()
    made: list[widgets.Widget] = []
    if stage.run("Opening the desk", lambda: made.append(desk_view(open_desk(begin(notebook, given))))):
        return made[0]
    return marked(widgets.VBox([style_sheet(), stage.box]), "arlib-desk")


def desk_view(desk: Desk) -> widgets.Widget:
    """The desk as a widget: shown when it stands at the end of a cell."""
    return DeskView(desk).box
