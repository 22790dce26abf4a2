"""The files that a notebook hands over: its workbook, every table as Parquet and as CSV, and letters. Floor 4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import arlib

if TYPE_CHECKING:
    from arlib.report.model import Report


def write_artefacts(report: Report, folder: Path, *, notebook: str, run_id: str) -> list[Path]:
    """Write the report's files below `folder` and give their paths: the workbook first, then tables by name.

    What an earlier run of the same notebook left there is replaced file by file.
    """
    from arlib.report.data import write_data
    from arlib.report.workbook import write_workbook

    workbooks, data = folder / "workbooks", folder / "data" / notebook
    for made in (workbooks, data):
        made.mkdir(parents=True, exist_ok=True)
    book = workbooks / f"{notebook}.xlsx"
    spare = workbooks / f".{notebook}.part.xlsx"
    write_workbook(report, spare, properties=properties(report, run_id=run_id), data=f"../data/{notebook}")
    spare.replace(book)
    tables = list(write_data(report, data))
    for stale in sorted(set(data.iterdir()) - set(tables)):
        stale.unlink()
    return [book, *tables, *_attached(report, folder / "letters" / notebook)]


def _attached(report: Report, folder: Path) -> list[Path]:
    """The report's files of other kinds, such as letters; what an earlier run left is removed."""
    if not report.attachments and not folder.is_dir():
        return []
    folder.mkdir(parents=True, exist_ok=True)
    for stale in sorted(folder.iterdir()):
        if stale.name not in report.attachments:
            stale.unlink()
    for name, content in report.attachments.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in sorted(report.attachments)]


def properties(report: Report, *, run_id: str) -> dict[str, str]:
    """What the workbook says about itself in its document properties."""
    scope = report.scope
    return {
        "Run": run_id or "by hand; not evidence",
        "Entity": scope.entity,
        "Period": scope.period,
        "As of": scope.as_of.isoformat(),
        "arlib": arlib.__version__,
    }
