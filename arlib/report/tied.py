"""Controls of one kind that tie in several currencies, told as one. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from arlib.controls import Control, Status
from arlib.money import iso_code


def tied_as_one(controls: Sequence[Control], *, functional: str) -> tuple[Control, ...]:
    """Those that tie as one control, in the books' currency or else the first, which names the others; then the rest."""
    tied = [control for control in controls if control.status is Status.TIED]
    rest = [control for control in controls if control.status is not Status.TIED]
    if not tied:
        return tuple(rest)
    first = min(tied, key=lambda c: (c.currency != functional, c.currency))
    others = [iso_code(control.currency) for control in tied if control is not first]
    note = f"{', '.join(others)} {'tie' if len(others) > 1 else 'ties'} too" if others else first.note
    return (replace(first, note=note), *rest)
