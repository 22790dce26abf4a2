"""A fault of a posting as a problem, by the neutral table that it stands in. Floor 2."""

from __future__ import annotations

from arlib.errors import Problem, Severity
from arlib.sources.upload.tables import TABLES


def fault(name: str, row: int, column: str, code: str, found: object, wanted: str) -> Problem:
    """The problem of a row of `name` (the attribute of Batch); row 0 is the batch itself."""
    file = "batch" if name == "batch" else f"{name}.csv"
    return Problem(
        file=file,
        table=f"posting_{name}" if name in TABLES else name,
        row=row,
        column=column,
        severity=Severity.REJECTED,
        code=code,
        found=str(found)[:200],
        wanted=wanted,
    )
