"""Leave with evidence: write the case file, open one again. Floor 5."""

from __future__ import annotations

import asyncio
import functools
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from arlib.errors import ParameterError
from arlib.explore.views.forms import button, text_field
from arlib.explore.views.shell import Shell
from arlib.explore.views.style import marked, paragraphs
from arlib.run.project import from_root

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase
    from arlib.explore.desk import Desk
    from arlib.explore.views.desk import DeskView
    from arlib.run.cases import CaseFile


class CaseFileView:
    """One press writes what is seen as evidence; a path brings a case back on show."""

    def __init__(self, shell: Shell, view: DeskView) -> None:
        """`view` is the desk whose filters, receipt and statement go into the file."""
        self._shell, self._view = shell, view
        self._seen: CustomerCase | None = None
        self._at_work: asyncio.Task[None] | None = None
        self.title = text_field(
            "Title", "arlib-case-title", "One line; empty for a title made of the customer and the day"
        )
        self.question = text_field("Question", "arlib-case-question", "What the case is to answer", area=True)
        self.press = button(
            "Write the case file",
            "arlib-case-export",
            "Page, workbook, data and manifest, sealed",
            is_main=True,
        )
        self.press.on_click(lambda _: self.write())
        self.said = marked(widgets.HTML(), "arlib-case-said")
        self.path = text_field(
            "Open a case again", "arlib-case-path", "Case folder or case.yml, from the project's root"
        )
        self.path.layout.width = "640px"
        self.reopen = button("Open it", "arlib-case-open", "Customer, days, filters and receipt as they were")
        self.reopen.on_click(
            lambda _: shell.stage.run("Opening the case", self._reopen, self.reopen, self.path)
        )
        self.box = widgets.VBox(
            [
                self.title,
                self.question,
                self.press,
                shell.stage.echo,
                self.said,
                marked(widgets.HBox([self.path, self.reopen]), "arlib-wrap"),
            ]
        )

    def show(self, case: CustomerCase) -> None:
        """The next file is of this case."""
        self._seen = case

    def write(self) -> None:
        """Write the case file; the desk stays usable meanwhile where a loop runs."""
        if self._seen is None or (self._at_work and not self._at_work.done()):
            return
        asked = self._view.asked_of_case() | {
            "title": self.title.value.strip(),
            "question": self.question.value.strip(),
        }
        action = functools.partial(self._seen.export, **asked)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            made: list[Any] = []
            if self._shell.stage.run("Writing the case file", lambda: made.append(action()), self.press):
                self._written(made[0])
            return
        self._at_work = loop.create_task(self._write(action))

    async def _write(self, action: Any) -> None:
        self.press.disabled = True
        self.said.value = (
            "<div class='arlib-working' role='status'>⏳ Writing the case file; the desk stays usable …</div>"
        )
        outcome: list[Any] = []
        fault: list[Exception] = []
        try:
            outcome.append(await asyncio.get_running_loop().run_in_executor(None, action))
        except Exception as raised:  # said by the stage below, as any other
            fault.append(raised)
        self.press.disabled = False
        self.said.value = ""

        def finish() -> None:
            if fault:
                raise fault[0]
            self._written(outcome[0])

        self._shell.stage.run("Writing the case file", finish)

    def _written(self, written: Any) -> None:
        path = from_root(self._shell.desk.plan.root, Path(written.folder))
        self.path.value = path
        self.said.value = (
            "<div class='arlib-done' role='status'><strong>✓ Case file written and sealed.</strong>"
            f"{paragraphs([f'Folder: {path}', 'Page: pages/case_file.html; workbook, data and manifest are beside it.'], limit=2_000)}"
            "</div>"
        )

    def _reopen(self) -> None:
        given = self.path.value.strip()
        if not given:
            raise ParameterError("no case is named", fix="Give the folder of a case file, or its case.yml.")
        from arlib.run.cases import open_case  # brings the runner along, which a desk needs only here

        path = Path(given)
        opened = open_case(path if path.is_absolute() else self._shell.desk.plan.root / path)
        case = opened.case
        self._shell.open(case.entity, case.customer_id, as_of=_day(case.as_of), known_at=_day(case.known_at))
        missing = self._view.restore(opened)
        self.title.value, self.question.value = case.title, case.question
        self._shell.stage.done(f"Case {case.id} is open again.", *_other_books(case, self._shell.desk), *missing,
                               *opened.findings)  # fmt: skip


def _other_books(case: CaseFile, desk: Desk) -> tuple[str, ...]:
    """That the case was made from other books than those on the desk, where it was."""
    if case.run == desk.run:
        return ()
    made, here = (f"run {run}" if run else "the extracts" for run in (case.run, desk.run))
    return (f"It was made from the books of {made}; this desk shows those of {here}.",)


def _day(said: str) -> date | None:
    return date.fromisoformat(said) if said else None
