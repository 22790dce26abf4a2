"""Faults of a parameter file: where, what was found, what was wanted, what to do; all of them in one error.
Floor 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from arlib.errors import ParameterError, shown


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault of a parameter file or of parameters given by a notebook (then `file` names the notebook,
    line 0).

    `found` is text that may be shown; a value that looks like a secret never gets here.
    """

    file: str
    line: int = 0
    column: int = 0
    key: str = ""  # dotted path, e.g. entities.0.code
    message: str
    found: str | None = None
    wanted: str = ""
    fix: str = ""
    is_missing: bool = False  # nothing stands in the file where it should

    @property
    def where(self) -> str:
        """File and line as a person looks them up."""
        return f"{self.file}, line {self.line}" if self.line else self.file

    def sentence(self) -> str:
        """The fault as one line of text."""
        text = f"{self.where}: {self.message}"
        if self.found is not None:
            text += f": found {shown(self.found)}"
        if self.wanted:
            text += f"{',' if self.found is not None else ':'} wanted {self.wanted}"
        return text


class ParameterFaults(ParameterError):  # noqa: N818 - many faults in one error
    """A ParameterError with every fault in `problems`; its sentence is the first, with how many more."""

    def __init__(self, problems: Iterable[Fault]) -> None:
        """Order the faults as they stand in the file, what is missing last."""
        self.problems = tuple(
            sorted(problems, key=lambda fault: (fault.is_missing, fault.line, fault.column, fault.key))
        )
        first = self.problems[0]
        super().__init__(
            first.message, where=first.where, found=first.found, wanted=first.wanted, fix=first.fix
        )

    def __str__(self) -> str:
        """The first fault and how many more on one line, then the way out."""
        first, more = self.problems[0], len(self.problems) - 1
        text = first.sentence() + (f" (and {more} more)" if more else "")
        return f"{text}\n  {first.fix}" if first.fix else text


def raise_if(problems: Iterable[Fault]) -> None:
    """Raise ParameterFaults when there is any fault."""
    if found := list(problems):
        raise ParameterFaults(found)
