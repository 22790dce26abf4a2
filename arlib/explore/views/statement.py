"""The customer's own statement: paste it or give the file, and see line by line where it differs. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from arlib.errors import ParameterError
from arlib.explore.views.forms import button, choice_field, text_field
from arlib.explore.views.grid import Grid
from arlib.explore.views.shell import Shell
from arlib.explore.views.shown import shown
from arlib.explore.views.style import bullets, marked, option, paragraphs
from arlib.sources.pasted import (
    PASTED_CAUSES,
    PASTED_LEFT_OUT,
    PASTED_PROBLEMS,
    PASTED_RECON,
    PASTED_ROWS,
)

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase


FIRST = ("document_no", "difference", "cause", "sentence")  # seen without scrolling
HIDDEN = ("entity", "customer_id", "item_id", "line_no")
DAY_STYLES = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y")
PASTED = "pasted.txt"  # what a statement that came as text is called in a case file


class StatementView:
    """Paste or upload, what is asked back, and the reconciliation."""

    def __init__(self, shell: Shell) -> None:
        """Nothing is read yet."""
        self._shell = shell
        self._of = ("", "")
        self._seen: CustomerCase | None = None
        self._answers: dict[str, Any] = {}
        self._kept: tuple[bytes, str] | None = None  # a file that came with a case
        self.text = text_field(
            "Their statement",
            "arlib-statement-text",
            "Paste what the customer sent: from a PDF, mail, sheet or portal",
            area=True,
        )
        self.text.layout.height = "150px"
        self.text.layout.width = "860px"
        self.file = marked(
            widgets.FileUpload(
                description="or choose a file", tooltip="CSV, Excel, PDF with text, or plain text", multiple=False,
                layout=widgets.Layout(width="auto"),
            ),
            "arlib-statement-file",
        )  # fmt: skip
        self.press = button(
            "Read and reconcile", "arlib-statement-read", "Compare it line by line", is_main=True
        )
        self.press.on_click(lambda _: self.read())
        self.choices = marked(widgets.VBox(), "arlib-statement-choice")
        self.said = marked(widgets.HTML(), "arlib-statement-said")
        self.causes = Grid(
            "What the difference is made of",
            "arlib-statement-causes",
            empty="No difference.",
            can_search=False,
        )
        self.lines = Grid("Line by line", "arlib-statement-lines", empty="No line was read.")
        self.problems = Grid(
            "Lines that could not be read", "arlib-statement-problems", empty="None.", can_search=False
        )
        self.left_out = Grid(
            "Lines that are no money", "arlib-statement-left-out", empty="None.", can_search=False
        )
        self.results = widgets.VBox([self.causes.box, self.lines.box, self.problems.box, self.left_out.box])
        self.results.layout.display = "none"
        self.box = widgets.VBox(
            [
                self.text,
                marked(widgets.HBox([self.file, self.press]), "arlib-wrap"),
                self.choices,
                shell.stage.echo,
                self.said,
                self.results,
            ]
        )

    @property
    def is_given(self) -> bool:
        """Whether there is a statement to read."""
        return bool(self.file.value or self.text.value.strip() or self._kept)

    @property
    def given(self) -> tuple[str | bytes, str]:
        """What the customer sent, and the name of its file; ParameterError when nothing was given."""
        if self.file.value:
            upload = self.file.value[0]
            return bytes(upload["content"]), str(upload["name"])
        if self.text.value.strip():
            return self.text.value, ""
        if self._kept:
            return self._kept
        raise ParameterError(
            "no statement is given", fix="Paste the customer's statement, or choose its file."
        )

    @property
    def decided(self) -> dict[str, str]:
        """What was answered to what the reading asked; ParameterError for a day that is none, or may be two."""
        return {
            name: str(control.value) if hasattr(control, "options") else iso_day(str(control.value))
            for name, control in self._answers.items()
            if control.value
        }

    def show(self, case: CustomerCase) -> None:
        """Another customer empties the form; another day reads the statement again when asked."""
        self._seen = case
        if self._of != (case.entity, case.customer_id):
            self.reset()
            self._seen, self._of = case, (case.entity, case.customer_id)
        self.results.layout.display = "none"

    def reset(self) -> None:
        """Forget the statement, what was answered about it, and what came of it."""
        self._of, self._seen = ("", ""), None
        self.text.value, self.file.value = "", ()
        self._answers, self.choices.children, self._kept = {}, (), None
        self.said.value = ""
        self.results.layout.display = "none"

    def restore(self, case: CustomerCase, content: bytes, name: str, decided: Mapping[str, str]) -> None:
        """Bring a case's statement back, with what was answered about it, and reconcile it again."""
        self.show(case)
        self.file.value, self._answers, self.choices.children = (), {}, ()
        is_text = name == PASTED
        self.text.value = content.decode() if is_text else ""
        self._kept = None if is_text else (content, name)
        for _ in range(len(decided) + 1):  # one answer may bring the next question
            self._read()
            open_ = [control for asked, control in self._answers.items()
                     if asked in decided and not control.value and _takes(control, decided[asked])]  # fmt: skip
            if not open_:
                break
            for asked, control in self._answers.items():
                if control in open_:
                    control.value = decided[asked]

    def read(self) -> None:
        """Read what was given and reconcile it, or ask what cannot be known."""
        self._shell.stage.run("Reading the statement", self._read, self.press, self.text, self.file)

    def _read(self) -> None:
        assert self._seen is not None
        self.said.value, self.results.layout.display = "", "none"  # of the statement before
        given, name = self.given
        pasted, found = self._seen.statement(given, name=name, decided=self.decided)
        self._shell.stage.clear()
        self._ask(pasted.choices)
        said = [
            *([f"From the case: {name}."] if self._kept == (given, name) else []),
            pasted.sentence,
            *(f"{name.replace('_', ' ').capitalize()}: {why}" for name, why in pasted.how.items()),
        ]
        self.problems.show(shown(pasted.problems, PASTED_PROBLEMS))
        self.left_out.show(shown(pasted.left_out, PASTED_LEFT_OUT))
        if found is None:
            said.append("Answer what is asked above, then read again." if pasted.choices else "")
            self.causes.said("Not reconciled yet.")
            self.lines.show(shown(pasted.rows, PASTED_ROWS))
        else:
            said.append(found.sentence)
            functional = self._seen.scope.functional_currency
            self.causes.show(shown(found.causes, PASTED_CAUSES, functional=functional))
            self.lines.show(
                shown(
                    found.rows,
                    PASTED_RECON,
                    functional=functional,
                    columns=[
                        *FIRST,
                        *(
                            name
                            for name in PASTED_RECON.names
                            if name not in (*FIRST, *HIDDEN) and found.rows[name].notna().any()
                        ),
                    ],
                )
            )
        checks = [
            f"{'✓' if identity.holds else '✗'} {identity.name}: {identity.left_label} = {identity.right_label}"
            for identity in (pasted.identity, *(found.identities if found else ()))
        ]
        self.said.value = (
            f"<div role='status'>{paragraphs(line for line in said if line)}{bullets(checks)}</div>"
        )
        self.results.layout.display = ""

    def _ask(self, choices: Any) -> None:
        """Keep what was answered; ask what is open."""
        for choice in choices:
            if choice.name not in self._answers:
                self._answers[choice.name] = _answer(choice)
        self.choices.children = tuple(self._answers.values())


def _takes(control: Any, answer: str) -> bool:
    """Whether an answer can be given with a control."""
    return not hasattr(control, "options") or answer in [value for _, value in control.options]


def iso_day(said: str) -> str:
    """A day as ISO, typed as 2026-10-31, 31.10.2026 or 10/31/2026; ParameterError for none, or where two are meant."""
    found: dict[str, None] = {}
    for style in DAY_STYLES:
        with suppress(ValueError):
            found[datetime.strptime(said.strip(), style).date().isoformat()] = None  # noqa: DTZ007  a day has no zone
    if len(found) == 1:
        return next(iter(found))
    wanted = " or ".join(found) if found else "a day such as 2026-10-31, 31.10.2026 or 10/31/2026"
    raise ParameterError("the day of the statement", found=said, wanted=wanted)


def _answer(choice: Any) -> widgets.Widget:
    if choice.is_free:
        return text_field(
            option(choice.question), "arlib-statement-answer", "A day: 2026-10-31, 31.10.2026 or 10/31/2026"
        )
    options = [("– choose –", ""), *((option(given.label), given.value) for given in choice.options)]
    return choice_field(
        option(choice.question, limit=140), "arlib-statement-answer", "How it is to be read", options
    )
