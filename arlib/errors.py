"""The error tree, and problems found in rows. Floor 0.

    ArError                       exit 3, anything of ours that stops a command
    ├── InputError                exit 2, what the user gave cannot be used
    │   ├── ParameterError        a parameter, policy or profile
    │   ├── SourceError           a file or folder that cannot be read as declared
    │   ├── TableError            rows that break a declared table; carries every Problem
    │   ├── AmountError           text that is not an amount in the declared style
    │   ├── DateError             text that is not a date in the declared format
    │   └── RateError             a currency without the exchange rate that a total needs
    ├── IdentityError             exit 3, a hand-over that does not tie: our fault, never the user's
    ├── RunError                  exit 3, a run that failed; carries the reason and the failed cell
    ├── BusyError                 exit 3, another close holds the same entity and period
    └── StoreError                exit 3, the store of decisions cannot be used or trusted

A bad row is data: it becomes a `Problem` and the row is set aside. A bad call, file or parameter raises.
An exception of any other class is a bug and is not caught, but for the last line of defence in the command line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ArError(Exception):
    """Where, what was found, what was wanted, and what to do, in one or two lines."""

    exit_code = 3

    def __init__(
        self, message: str, *, where: str = "", found: object = None, wanted: str = "", fix: str = ""
    ) -> None:
        """Compose the sentence; every part but `message` may be left out."""
        self.message, self.where, self.found, self.wanted, self.fix = message, where, found, wanted, fix
        super().__init__(message)

    def __str__(self) -> str:
        """Two lines at most: the fault, then the way out."""
        where = "".join(
            mark if mark.isprintable() else "?" for mark in self.where
        )  # a file's name may be hostile
        text = f"{where}: {self.message}" if where else self.message
        if self.found is not None:
            text += f": found {shown(self.found)}"
        if self.wanted:
            text += f"{',' if self.found is not None else ':'} wanted {self.wanted}"
        return f"{text}\n  {self.fix}" if self.fix else text

    def __reduce__(self) -> tuple[object, ...]:
        """Whole when it comes from another process, whatever its class asks for when it is made."""
        return _revived, (type(self), self.args, dict(self.__dict__))


def _revived(kind: type[ArError], args: tuple[object, ...], state: dict[str, object]) -> ArError:
    fault = kind.__new__(kind, *args)
    fault.__dict__.update(state)
    return fault


class InputError(ArError):
    """What the user gave cannot be used."""

    exit_code = 2


class ParameterError(InputError):
    """A parameter, policy or profile is unknown, of the wrong type, or contradicts another."""


class SourceError(InputError):
    """A file or folder is missing, unreadable, or not what its profile says."""


class AmountError(InputError):
    """A text is not an amount in the declared number style."""


class DateError(InputError):
    """A text is not a date in the declared format."""


class RateError(InputError):
    """A total needs an exchange rate that was not given."""


class IdentityError(ArError):
    """Rows or money went in and did not all come out; the run must not be sealed."""


class RunError(ArError):
    """A run failed; `reason` is one word for its record, such as kernel_died or timeout."""

    def __init__(self, message: str, *, reason: str, where: str = "", fix: str = "") -> None:
        """Keep the one-word reason beside the sentence."""
        self.reason = reason
        super().__init__(message, where=where, fix=fix)


class BusyError(ArError):
    """Another close of the same entity and period is at work."""


class StoreError(ArError):
    """The store of decisions cannot be opened, is of an unknown version, or its chain is broken."""


class Severity(StrEnum):
    """What became of a row with a problem."""

    REJECTED = "rejected"  # the row is out, and stands in the problems table only
    NOTED = "noted"  # the row was read, with a remark


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """One fault of one row (or of a whole file, `row` 0), in an accountant's words.

    `row` counts as a person does who opens the file: the header is row 1 of a CSV or sheet, the first record row 2.
    `amount` is the money on a rejected row in minor units where it could be read, so that money in = out + rejected.
    """

    file: str
    table: str
    row: int
    column: str = ""
    severity: Severity = Severity.REJECTED
    code: str
    found: str = ""
    wanted: str = ""

    def sentence(self) -> str:
        """The fault as one line of text."""
        where = f"{self.file}, row {self.row}" if self.row else self.file
        column = f", column {self.column!r}" if self.column else ""
        found = f": found {shown(self.found)}" if self.found else ""
        wanted = f", wanted {self.wanted}" if self.wanted else ""
        return f"{where}{column}: {self.code.replace('_', ' ')}{found}{wanted}"


class TableError(InputError):
    """Rows break a declared table, all faults at once in `problems`."""

    def __init__(
        self, message: str, problems: Iterable[Problem] = (), *, where: str = "", fix: str = ""
    ) -> None:
        """Name the first fault in the sentence and keep them all."""
        self.problems = tuple(problems)
        if self.problems:
            more = len(self.problems) - 1
            message += f": {self.problems[0].sentence()}" + (f" (and {more} more)" if more else "")
        super().__init__(message, where=where, fix=fix)


def shown(value: object) -> str:
    """A value as it may stand in a message: quoted, with control characters escaped, and cut at 80 characters."""
    text = ascii(value) if not isinstance(value, str) or not value.isprintable() else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}...'"


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like `name`, or '' when none is near; for messages about a misspelt key."""
    import difflib

    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else ""
