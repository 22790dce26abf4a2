"""Leave with evidence: write the case file, open one again. Floor 5."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
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

    def reset(self) -> None:
        """Empty the form: the next case is of another customer."""
        self._seen = None
        self.title.value = self.question.value = self.said.value = ""

    def write(self) -> None:
        """Write the case file of what is shown; the desk stays usable meanwhile where a loop runs."""
        if self._seen is None or (self._at_work and not self._at_work.done()):
            return
        found: list[Any] = []
        if not self._shell.stage.run(
            "Writing the case file", lambda: found.append(self._asked()), self.press
        ):
            return
        action = found[0]
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            made: list[Any] = []
            if self._shell.stage.run("Writing the case file", lambda: made.append(action()), self.press):
                self._written(made[0])
            return
        self._at_work = loop.create_task(self._write(action))

    def _asked(self) -> Callable[[], Any]:
        """What writes the file of the customer, days and choices that are on show at this moment."""
        self._view.days.settle()
        asked = self._view.asked_of_case() | {
            "title": self.title.value.strip(),
            "question": self.question.value.strip(),
        }
        return functools.partial(self._shell.current.export, **asked)

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
        desk = self._shell.desk
        opened = open_case(path if path.is_absolute() else desk.plan.root / path, root=desk.plan.root)
        case = opened.case
        _require_books(case, desk)
        self._shell.open(case.entity, case.customer_id, as_of=_day(case.as_of), known_at=_day(case.known_at))
        missing = self._view.restore(opened)
        self.title.value, self.question.value = case.title, case.question
        lost = (*opened.warnings, *missing)
        self._shell.stage.done(
            f"Case {case.id} is open again{', but not all of it: see the details' if lost else ''}.",
            details=(*lost, *opened.findings), is_unfolded=bool(lost),
        )  # fmt: skip


def _require_books(case: CaseFile, desk: Desk) -> None:
    """Refuse a case of other books than those on the desk: another close file, entity, period or run."""
    plan = desk.plan
    period = case.period
    if not period:
        period = plan.calendar.containing(date.fromisoformat(case.as_of)).name if case.as_of else plan.period
    is_same_file = (plan.root / case.close_file).resolve() == (plan.root / plan.close_file).resolve()
    said = (("close file", case.close_file, case.close_file if is_same_file else plan.close_file),
            ("period", period, plan.period), ("run", case.run or "extracts", desk.run or "extracts"))  # fmt: skip
    other = [(name, theirs, ours) for name, theirs, ours in said if theirs != ours]
    if is_same_file and case.entity not in desk.entities:
        other.append(("entity", case.entity, ", ".join(desk.entities)))
    if not other:
        return
    if not is_same_file:
        fix = f"Open it with `arlib desk {case.close_file}`."
    else:
        fix = (f"Open it with `arlib lab {case.close_file}`, where the cell of parameters says "
               f"period = \"{period}\" and run = \"{case.run}\".")  # fmt: skip
    raise ParameterError(
        "this case is of other books than this desk",
        where=f"case {case.id}",
        found=", ".join(f"{name} {theirs}" for name, theirs, _ in other),
        wanted=", ".join(f"{name} {ours}" for name, _, ours in other),
        fix=fix,
    )


def _day(said: str) -> date | None:
    return date.fromisoformat(said) if said else None
