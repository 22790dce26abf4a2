"""The files of a report on a partitioned ledger: workbook, page, data and the result with its controls. Floor 4."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.controls import Identity
from arlib.errors import SourceError
from arlib.policy import Scope
from arlib.report.model import Report
from arlib.run.partitions.parts import Kept
from arlib.sources.partitioned import Manifest, read_shared
from arlib.sources.raw import file_faults
from arlib.tables import CANONICAL, Book

if TYPE_CHECKING:
    from collections.abc import Set

RESULT = "result.json"


def require_output(out: Path, ledger: Path) -> None:
    """Raise SourceError for an output folder that is the ledger or in it, or that holds what no such run wrote."""
    if out.resolve() == ledger.resolve() or ledger.resolve() in out.resolve().parents:
        raise SourceError("the output lies in the ledger", where=str(out), fix="Name another --out.")
    with file_faults(out, verb="written"):
        if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "parts").is_dir())):
            raise SourceError("stands there and was not written by this command", where=str(out),
                              fix="Name another --out, or remove it.")  # fmt: skip
        (out / "parts").mkdir(parents=True, exist_ok=True)


def given_tables(folder: Path, manifest: Manifest) -> Book:
    """What was read and which tables were given, without their rows."""
    beside = read_shared(folder, manifest, tables=("entities",))
    given = {name: table.empty() for name, table in CANONICAL.items() if manifest.has(name)}
    return Book(given, beside.problems, beside.inputs, manifest.features, manifest.snapshot_date)


def intake_of(manifest: Manifest, kept: Kept, scope: Scope) -> list[Identity]:
    """Rows in the manifest = rows that the parts were made of, by table."""
    done = [kept.facts(part.name)["rows"] for part in manifest.partitions]
    return [
        Identity(name=f"rows of {table} in all partitions", left_label="manifest", right_label="read", entity=scope.entity,
                 left=sum(part.rows(table) for part in manifest.partitions), right=sum(rows[table] for rows in done))
        for table in ("items", "applications")
    ]  # fmt: skip


def write_report(report: Report, home: Path, *, whole: Set[str]) -> None:
    """Workbook, page, data files and result of a report. `whole` are tables whose data file stands there already."""
    from arlib.report.data import write_csv, write_parquet
    from arlib.report.workbook import write_workbook
    from arlib.run.artefacts import properties
    from arlib.run.result import payload

    data = home / "data"
    data.mkdir(parents=True, exist_ok=True)
    with file_faults(home, verb="written"):
        for table in report.tables:
            if table.name not in whole:
                write_parquet(table, data)
                write_csv(table, data)
        write_workbook(
            report, home / f"{report.name}.xlsx", properties=properties(report, run_id=""), data="data"
        )
        (home / f"{report.name}.html").write_text(page(report), encoding="utf-8", newline="\n")
        told = payload(report, notebook=report.name, artefacts=())
        (home / RESULT).write_text(
            json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
        )


def page(report: Report) -> str:
    """The report as one self-contained page: what a notebook would show, without code."""
    from nbformat import v4

    from arlib.report import show
    from arlib.report.page import render

    notebook: Any = v4  # it has no types

    def cell(heading: str, shown: show.Shown) -> list[object]:
        output = notebook.new_output("display_data", dict(shown.data), metadata=dict(shown.metadata))
        return [notebook.new_markdown_cell(f"## {heading}"), notebook.new_code_cell("", outputs=[output])]

    main = [table.name for table in report.tables if not table.is_detail]
    cells = [
        notebook.new_markdown_cell(f"# {report.title}\n\n{report.question}"),
        *cell("What to decide next", show.findings(report)),
        *cell("Controls", show.controls(report)),
        *(part for chart in report.charts for part in cell(chart.title, show.chart(report, chart.name))),
        *cell("Tables", show.tables(report, *main)),
        *cell("What was covered", show.summary(report)),
        *cell("What was checked", show.identities(report.identities)),
    ]
    node = notebook.new_notebook(cells=cells)
    facts = {
        "status": report.status.value,
        "entity": report.scope.entity,
        "as of": report.scope.as_of.isoformat(),
    }
    return render(node, mode="report", title=report.title, run_facts=facts)
