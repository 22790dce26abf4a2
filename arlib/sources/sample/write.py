"""The sample company on disk: contract CSV files, the truth, and a page that says what they are. Floor 2.

The folder is replaced whole, and only where an earlier call wrote it: a marker file says so.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from arlib.errors import SourceError
from arlib.sources.export import contract_text
from arlib.sources.sample.company import Sample
from arlib.sources.sample.truth import TRUTH
from arlib.tables import CANONICAL, Table

MARKER = ".arlib-sample"

README = """\
Sample company of arlib: seed {seed}, period {period}.

One CSV file a canonical table (UTF-8, LF, comma, plain decimals, sorted), read by the built-in profile
`canonical`. `truth.csv` is for checking only: what was planted, where, with which amount, and what honest
noise looks like it. Amounts of a control account's gap there are general ledger less sub-ledger at the
period's end. No name, account or number is real.

{rows}
"""


def write_sample(sample: Sample, folder: Path) -> list[Path]:
    """Write every table, truth.csv and README.txt; returns the paths in the order of their names.

    The same sample gives the same bytes. A folder that holds anything, but was not written by this function,
    is left alone and raises SourceError; so does one that cannot be written. The new folder appears whole or
    not at all.
    """
    if folder.exists() and not folder.is_dir():
        raise SourceError("is not a folder", where=str(folder))
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise SourceError(
            "the folder holds other files",
            where=str(folder),
            fix="Name a new folder, or an earlier sample's.",
        )
    staging = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        staging.mkdir(parents=True)
        _fill(sample, staging)
        if folder.exists():
            aside = folder.with_name(f".{folder.name}.{os.getpid()}.old")
            folder.replace(aside)
            staging.replace(folder)
            shutil.rmtree(aside)
        else:
            staging.replace(folder)
    except OSError as fault:
        shutil.rmtree(staging, ignore_errors=True)
        raise SourceError(f"cannot be written ({fault.strerror})", where=str(folder)) from fault
    return sorted(path for path in folder.iterdir() if path.name != MARKER)


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> dict[str, str]:
    """Canonical tables as contract CSV in a folder; returns the functional currency of each entity."""
    entities = tables["entities"]
    functional = dict(zip(entities["entity"], entities["functional_currency"], strict=True))
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        _write(folder / f"{name}.csv", frame, CANONICAL[name], functional)
    return functional


def _fill(sample: Sample, folder: Path) -> None:
    functional = write_tables(sample.tables, folder)
    _write(folder / "truth.csv", sample.truth, TRUTH, functional)
    counts = [
        f"{name:26}{len(frame):>9}" for name, frame in [*sample.tables.items(), ("truth", sample.truth)]
    ]
    text = README.format(seed=sample.seed, period=sample.period, rows="\n".join(counts))
    (folder / "README.txt").write_text(text, encoding="utf-8", newline="\n")
    (folder / MARKER).write_text("", encoding="utf-8")


def _write(path: Path, frame: pd.DataFrame, table: Table, functional: dict[str, str]) -> None:
    """One contract file; columns in the books' currency are formatted entity by entity."""
    in_books = any(column.currency == "functional" for column in table.columns)
    if in_books:
        parts = [
            contract_text(part, table=table, columns=table.names, functional=functional[str(entity)])
            for entity, part in frame.groupby("entity", sort=True)
        ]
        texts = pd.concat(parts) if parts else table.empty()
    else:
        texts = contract_text(frame, table=table, columns=table.names)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.names)
        writer.writerows(sorted(texts.itertuples(index=False, name=None)))
