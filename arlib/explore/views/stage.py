"""Where the desk speaks: what it does, what went wrong, what was done, what others decided. Floor 5.

Every action of a person goes through `Stage.run`, so that no error ends in a log that nobody reads: what a person can
mend is a sentence on the desk, anything else is one sentence with the name of the file that holds the rest.
"""

from __future__ import annotations

import contextlib
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from arlib.errors import ArError
from arlib.explore.views.style import bullets, marked, paragraphs, text


class Stage:
    """The lines at the top of a desk, and the one way to do something."""

    def __init__(self) -> None:
        """Make the lines; they are empty."""
        self.message = marked(widgets.HTML(), "arlib-message")
        self.busy = marked(widgets.HTML(), "arlib-busy")
        self.news = marked(widgets.HTML(), "arlib-news")
        self.echo = marked(
            widgets.HTML(), "arlib-echo"
        )  # the message where the press was; said aloud by the first alone
        widgets.dlink((self.message, "value"), (self.echo, "value"), _unspoken)
        self.box = widgets.VBox([self.busy, self.message, self.news])
        self._depth = 0
        self._is_deaf = False  # whether the last question for news failed

    def run(self, doing: str, action: Callable[[], Any], *controls: widgets.DOMWidget) -> bool:
        """Do it with the controls locked meanwhile; an error becomes a sentence. Whether it went well.

        `doing` is what a person reads while waiting: "Searching". An action within an action is part of the outer one.
        """
        if self._depth:
            action()
            return True
        with self._working(doing, controls):
            try:
                action()
            except ArError as fault:
                self.fault(str(fault))
            except (
                Exception
            ) as fault:  # last line of defence: a bug must show on the desk, not vanish in a callback
                self.fault(
                    f"{doing} failed for a reason that the desk does not know ({type(fault).__name__}). "
                    "What you recorded before is safe. Try again; if it comes back, pass the file below on.",
                    details=f"Details are in the log file {_logged()}",
                )
            else:
                return True
        return False

    def fault(self, sentence: str, *, details: str = "") -> None:
        """Say what went wrong, at once and aloud."""
        more = f"<details><summary>details</summary>{text(details, limit=1_000)}</details>" if details else ""
        lines = paragraphs(line.strip() for line in sentence.splitlines() if line.strip())
        self.message.value = (
            f"<div class='arlib-error' role='alert'><strong>✗ Not done.</strong> {lines}{more}</div>"
        )

    def done(self, *sentences: str, details: Sequence[str] = (), is_unfolded: bool = False) -> None:
        """Say what was done; `details` stand folded below it."""
        state = " open" if is_unfolded else ""
        more = f"<details{state}><summary>details</summary>{bullets(details)}</details>" if details else ""
        self.message.value = f"<div class='arlib-done' role='status'>{paragraphs((f'✓ {sentences[0]}', *sentences[1:]))}{more}</div>"

    def clear(self) -> None:
        """Say nothing."""
        self.message.value = ""

    def tell(self, sentences: Sequence[str]) -> None:
        """Show what other people decided meanwhile; without sentences what was told before stays."""
        if sentences:
            self.news.value = (
                "<div class='arlib-told' role='status'><strong>Meanwhile, others decided:</strong>"
                f"{paragraphs(sentences[-8:])}</div>"
            )

    def listen(self, ask: Callable[[], None]) -> None:
        """Ask for news without being asked to; a fault of it stands where the news do, until it is over."""
        try:
            ask()
        except (
            Exception
        ) as fault:  # nobody pressed anything: the desk goes on, and says what it does not know
            known = isinstance(fault, ArError)
            said = str(fault) if known else f"{type(fault).__name__}; details are in the log file {_logged()}"
            self.news.value = f"<div class='arlib-error' role='alert'>What others decide cannot be seen just now: {text(said)}</div>"
            self._is_deaf = True
        else:
            if self._is_deaf:
                self.news.value, self._is_deaf = "", False

    @contextlib.contextmanager
    def _working(self, doing: str, controls: Sequence[widgets.DOMWidget]) -> Iterator[None]:
        was = [(control, control.disabled) for control in controls if hasattr(control, "disabled")]
        self._depth += 1
        self.busy.value = f"<div class='arlib-working' role='status'>⏳ {text(doing)} …</div>"
        for control, _ in was:
            control.disabled = True
        try:
            yield
        finally:
            for control, state in was:
                control.disabled = state
            if controls and not controls[0].disabled:
                controls[
                    0
                ].focus()  # a browser takes the focus from what is locked; give it back to what was pressed
            self.busy.value = ""
            self._depth -= 1


def _unspoken(markup: str) -> str:
    return markup.replace(" role='alert'", "").replace(" role='status'", "")


def _logged() -> str:
    with tempfile.NamedTemporaryFile(
        "w", prefix="arlib-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exc(file=log)
    return str(Path(log.name))
