"""What the parts of a desk share: the state behind it, the customer on show, the way to speak. Floor 5."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Protocol

import ipywidgets as widgets

from arlib.explore.views.stage import Stage

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase
    from arlib.explore.desk import Desk
    from arlib.run.casework import Casework, Recorded


class Part(Protocol):
    """A part of the desk that shows a customer."""

    def show(self, case: CustomerCase) -> None:
        """Show this customer, as of these days, instead of what stood there before."""


class Shell:
    """Holds the desk and the case on show. It computes nothing: it asks the desk and tells the parts."""

    def __init__(self, desk: Desk) -> None:
        """No customer is on show yet."""
        self.desk = desk
        self.stage = Stage()
        self.case: CustomerCase | None = None
        self.shows: Callable[[CustomerCase], None] = lambda case: None
        self.turns: Callable[[str], None] = lambda title: (
            None
        )  # to the tab of that title, which is filled later
        self.picks_receipt: Callable[[str], None] = lambda receipt_id: None
        self.picks_item: Callable[[str], None] = lambda item_id: None

    @property
    def current(self) -> CustomerCase:
        """The customer on show. Parts that ask exist only while there is one."""
        assert self.case is not None
        return self.case

    def open(
        self, entity: str, customer_id: str, *, as_of: date | None = None, known_at: date | None = None
    ) -> None:
        """Put a customer on show."""
        self.put(self.desk.open(entity, customer_id, as_of=as_of, known_at=known_at))

    def put(self, case: CustomerCase) -> None:
        """Put a case on show in every part that is seen, or leave all of them at the one before."""
        before, self.case = self.case, case
        try:
            self.shows(case)
        except Exception:  # whatever it is: a card of one day above tables of another is worse
            self.case = before
            if before is not None:
                self.shows(before)
            raise

    def again(self) -> None:
        """Show the same customer with what was decided meanwhile."""
        if self.case is not None:
            self.put(self.case.again())

    def record(self, doing: str, act: Callable[[Casework], Recorded], *controls: widgets.DOMWidget) -> bool:
        """Record a decision, say who recorded what and when, and show what follows from it. Whether it was recorded.

        Where somebody else was first, that is said and the customer is shown anew, so that the next try knows of it.
        """
        made: list[Recorded] = []

        def recorded() -> None:
            made.append(self.desk.record(act))

        if not self.stage.run(doing, recorded, *controls):
            self.quietly(self.again)
            return False
        done = made[0]
        self.quietly(self.again)
        again = ("That had been recorded before; it stands once.",) if done.is_again else ()
        self.stage.done(f"Recorded as {done.decision_id}: {done.sentence}", *again)
        return True

    def quietly(self, action: Callable[[], object]) -> None:
        """Do what follows from something said already; a fault of it is said too, and does not hide the first."""
        said = self.stage.message.value
        self.stage.run("Showing what changed", action)
        if said and self.stage.message.value != said:
            self.stage.message.value = said + self.stage.message.value


class Later:
    """Calls an action once the person has paused; without a running loop at once."""

    def __init__(self, action: Callable[[], None], seconds: float) -> None:
        """`seconds` is the pause."""
        self._action, self._seconds = action, seconds
        self._waiting: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Call it after the pause, counted from now."""
        self.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._action()
            return
        self._waiting = loop.call_later(self._seconds, self._action)

    def cancel(self) -> None:
        """Do not call it after all."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
