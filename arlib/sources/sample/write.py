"""The sample company on disk: contract CSV files, the truth, and a page that says what they are. Floor 2.

The folder is replaced whole, and only where an earlier call wrote it: a marker file says so.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from arlib.sources.export import contract_rows
from arlib.sources.sample.company import Sample
from arlib.sources.sample.truth import TRUTH
from arlib.sources.wholefolder import replace_whole, require_ours
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
    """Write every table, truth.csv, README.txt and copies of invoices; returns the paths in the order of their names.

    The same sample gives the same bytes. A folder that holds anything, but was not written by this function,
    is left alone and raises SourceError; so does one that cannot be written. The new folder appears whole or
    not at all.
    """
    require_ours(folder, marker=MARKER)
    replace_whole(folder, lambda staging: _fill(sample, staging))
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MARKER)


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
    for path, content in sample.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    counts = [
        f"{name:26}{len(frame):>9}" for name, frame in [*sample.tables.items(), ("truth", sample.truth)]
    ]
    text = README.format(seed=sample.seed, period=sample.period, rows="\n".join(counts))
    (folder / "README.txt").write_text(text, encoding="utf-8", newline="\n")
    (folder / MARKER).write_text("", encoding="utf-8")


def _write(path: Path, frame: pd.DataFrame, table: Table, functional: dict[str, str]) -> None:
    """One contract file, sorted."""
    texts = contract_rows(frame, table=table, functional=functional)
    write_csv(path, table.names, sorted(texts.itertuples(index=False, name=None)))


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    """A plain CSV: UTF-8, LF, comma; its folder is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
