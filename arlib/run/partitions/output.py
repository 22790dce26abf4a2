"""The files of a report on a partitioned ledger: workbook, page, data and the result with its controls. Floor 4."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.controls import Control, Identity
from arlib.errors import SourceError
from arlib.policy import Scope
from arlib.report.model import Report
from arlib.run.partitions.parts import Kept
from arlib.sources.partitioned import MANIFEST, Manifest, read_shared
from arlib.sources.partitioned.layout import TOTALLED, Stored, added
from arlib.sources.raw import file_faults
from arlib.tables import CANONICAL, INPUTS, Book

if TYPE_CHECKING:
    from collections.abc import Set

RESULT = "result.json"
NEW, OLD = ".new", ".old"
PROFILE = "partitioned ledger"  # what the list of files says of a file of the ledger


def require_output(out: Path, ledger: Path) -> None:
    """Raise SourceError for an output folder that is the ledger or in it, or that holds what no such run wrote."""
    if out.resolve() == ledger.resolve() or ledger.resolve() in out.resolve().parents:
        raise SourceError("the output lies in the ledger", where=str(out), fix="Name another --out.")
    with file_faults(out, verb="written"):
        if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "parts").is_dir())):
            raise SourceError("stands there and was not written by this command", where=str(out),
                              fix="Name another --out, or remove it.")  # fmt: skip
        (out / "parts").mkdir(parents=True, exist_ok=True)


@contextmanager
def put_in_place(out: Path, entities: Sequence[str]) -> Iterator[Path]:
    """A folder for the reports of a run. They take the place of older ones when all are made, and none when one fails."""
    new, old = out / NEW, out / OLD
    with file_faults(out, verb="written"):
        for left in (new, old):  # of a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        new.mkdir()
    try:
        yield new
        with file_faults(out, verb="written"):
            old.mkdir()
            for entity in entities:
                if (out / entity).exists():
                    (out / entity).replace(old / entity)
                (new / entity).replace(out / entity)
    finally:
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)


def given_tables(folder: Path, manifest: Manifest) -> Book:
    """What was read and which tables were given, without their rows."""
    beside = read_shared(folder, manifest, tables=("entities",))
    given = {name: table.empty() for name, table in CANONICAL.items() if manifest.has(name)}
    return Book(given, beside.problems, beside.inputs, manifest.features, manifest.snapshot_date)


def linked(files: Sequence[Path], home: Path) -> None:
    """Files of parts as files of a report, `home/part-00000.parquet`: the same content without a copy, where the disk can."""
    home.mkdir()
    for file in files:
        try:
            (home / f"{file.parent.name}.parquet").hardlink_to(file)
        except OSError:
            shutil.copyfile(file, home / f"{file.parent.name}.parquet")


def intake_of(manifest: Manifest, kept: Kept, scope: Scope) -> list[Identity]:
    """Rows and money of the whole ledger, as its manifest states them = what the parts were made of, by table and currency."""
    done = added(kept.facts(part.name)["totals"] for part in manifest.partitions)
    made = []
    for table in TOTALLED:
        stated, read = (sums.get(table, {}).get(scope.entity, {}) for sums in (manifest.totals, done))
        said = {"left_label": "ledger", "right_label": "read", "entity": scope.entity}
        made.append(
            Identity(
                name=f"rows of {table} in all partitions",
                **said,
                left=sum(sums[0] for sums in stated.values()),
                right=sum(sums[0] for sums in read.values()),
            )
        )
        made += [
            Identity(
                name=f"{table} in all partitions",
                **said,
                currency=code,
                left=stated.get(code, [0, 0])[1],
                right=read.get(code, [0, 0])[1],
            )
            for code in sorted({*stated, *read})
        ]
    return made  # fmt: skip


def told_of_ledger(
    report: Report, manifest: Manifest, kept: Kept, *, number: int, postings: int, shared: Sequence[str]
) -> Report:
    """The report with the ledger's files among what was read, and, where nothing counts by its date, a control that says so.

    `number` is the entity's place in the run, `postings` how many count by the as-of date, `shared` the shared tables read.
    """
    import pandas as pd

    listed = [
        (table, file)
        for place in (*(part.tables for part in manifest.partitions), {name: manifest.shared.get(name, ()) for name in shared})
        for table, files in place.items()
        for file in files
    ]  # fmt: skip
    whole = Stored(path=MANIFEST, rows=len(manifest.partitions), bytes=manifest.bytes, sha256=manifest.sha256)
    rows = [
        {"file": file.path, "table": table, "profile": PROFILE, "bytes": file.bytes, "sha256": file.sha256,
         "rows_in": file.rows, "rows_out": file.rows, "rows_rejected": 0}
        for table, file in (("partitions", whole), *listed)
    ]  # fmt: skip
    inputs = INPUTS.typed(pd.concat([INPUTS.from_rows(rows), report.inputs], ignore_index=True))
    report = replace(report, inputs=inputs)
    if postings:
        return report
    days = [kept.facts(part.name)["entities"][number]["first"] for part in manifest.partitions]
    first = min(filter(None, days), default="")
    scope = report.scope
    note = f"no item counts on or before {scope.as_of:%Y-%m-%d}; " + (
        f"the first is of {first}" if first else "no item has a date"
    )
    empty = Control(
        name="intake", title=f"Items up to {scope.as_of:%Y-%m-%d}", entity=scope.entity,
        currency=scope.functional_currency, left_label="items", right_label="postings", note=note,
    )  # fmt: skip
    return replace(
        report, controls=(empty, *report.controls), findings=(f"Nothing was open: {note}.", *report.findings)
    )


def write_report(report: Report, home: Path, *, manifest: Manifest, whole: Set[str]) -> None:
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
        known = properties(report, run_id="") | ledger_facts(manifest)
        write_workbook(report, home / f"{report.name}.xlsx", properties=known, data="data")
        (home / f"{report.name}.html").write_text(page(report, manifest), encoding="utf-8", newline="\n")
        files = [
            {name: row[name] for name in ("file", "table", "profile", "rows_in", "bytes", "sha256")}
            for row in report.inputs.to_dict("records")
        ]
        told = payload(report, notebook=report.name, artefacts=()) | {
            "ledger": {
                "manifest_sha256": manifest.sha256,
                "partitions": len(manifest.partitions),
                "files": files,
            }
        }
        (home / RESULT).write_text(
            json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
        )


def ledger_facts(manifest: Manifest) -> dict[str, str]:
    """Which ledger it was, as heading and value."""
    return {"Partitions": f"{len(manifest.partitions):,}", f"SHA-256 of {MANIFEST}": manifest.sha256}


def page(report: Report, manifest: Manifest) -> str:
    """The report as one self-contained page: what a notebook would show, without code."""
    from nbformat import v4

    from arlib.report import show
    from arlib.report.markup import table_html
    from arlib.report.page import render
    from arlib.report.tables import files_table

    notebook: Any = v4  # it has no types

    def cell(heading: str, shown: show.Shown) -> list[object]:
        output = notebook.new_output("display_data", dict(shown.data), metadata=dict(shown.metadata))
        return [notebook.new_markdown_cell(f"## {heading}"), notebook.new_code_cell("", outputs=[output])]

    note = "Money by file and currency is in the workbook, the whole fingerprints in result.json."
    read = replace(files_table(report.inputs), note=note)
    main = [table.name for table in report.tables if not table.is_detail]
    cells = [
        notebook.new_markdown_cell(f"# {report.title}\n\n{report.question}"),
        *cell("What to decide next", show.findings(report)),
        *cell("Controls", show.controls(report)),
        *(part for chart in report.charts for part in cell(chart.title, show.chart(report, chart.name))),
        *cell("Tables", show.tables(report, *main)),
        *cell("What was covered", show.summary(report)),
        *cell(
            "What was read", show.Shown(data={"text/html": table_html(read, rows_shown=report.rows_shown)})
        ),
        *cell("What was checked", show.identities(report.identities)),
    ]
    node = notebook.new_notebook(cells=cells)
    facts = {
        "status": report.status.value,
        "entity": report.scope.entity,
        "as of": report.scope.as_of.isoformat(),
        **ledger_facts(manifest),
    }
    return render(node, mode="report", title=report.title, run_facts=facts)
