"""The CSV and Parquet files of a folder as tables of an in-memory DuckDB, to ask them with SQL. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, SourceError
from arlib.sources.database.address import Address
from arlib.sources.database.answers import run
from arlib.sources.database.connect import DUCKDB_THREADS, Session
from arlib.sources.database.guard import check_statement
from arlib.sources.database.question import Value, asked
from arlib.sources.database.stream import Gathered

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Engine

READERS = {
    ".parquet": "read_parquet({})",
    ".csv": "read_csv({}, header = true, all_varchar = true)",
    ".csv.gz": "read_csv({}, header = true, all_varchar = true)",
}
SECONDS = 600


def query_folder(folder: Path | str, sql: str, parameters: Mapping[str, Value] | None = None) -> pd.DataFrame:
    """What a SELECT over the files of a folder gives, every column as text.

    Each `NAME.csv`, `NAME.csv.gz` or `NAME.parquet` is the table NAME; a CSV's values are text as they stand, so
    a sum needs a cast: `sum(amount::DECIMAL(18, 2))`. Parameters are written `:name`. Raises ParameterError for
    anything but one SELECT or WITH, SourceError for files that cannot be read.
    """
    question = asked(check_statement(sql), parameters or {}, where="query")
    engine = folder_engine(Path(folder))
    with engine.connect() as connection:
        session = Session(_nowhere(), connection, "DuckDB", SECONDS)
        with session.query("query"):
            names, chunks = run(session, question)
            if len({name.lower() for name in names}) < len(names):
                raise ParameterError(
                    "a column stands twice in the result", where="query", found=", ".join(names)
                )
            found = Gathered(names, where="query")
            for columns in chunks:
                found.add(columns)
    return found.records().frame


def folder_engine(folder: Path) -> Engine:
    """An SQLAlchemy engine that only reads, in which each CSV and Parquet file is a view of its own name.

    No extension is loaded, nothing but these files can be opened, and any statement but one SELECT raises
    ParameterError. Raises SourceError where the folder is missing, holds no such file, two files have one name, or
    a file cannot be read.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import StaticPool

    link = _opened(_files(folder), folder.name)
    engine = create_engine(
        "duckdb:///:memory:",
        creator=lambda: link,
        poolclass=StaticPool,
        _initialize=False,
        hide_parameters=True,
    )

    @event.listens_for(engine, "before_cursor_execute")
    def _only_reads(*given: Any) -> None:
        check_statement(given[2])

    return engine


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise SourceError("no such folder", where=str(folder))
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        suffix = next((s for s in READERS if path.name.lower().endswith(s)), "")
        if not suffix or not path.is_file() or path.name.startswith("."):
            continue
        name = path.name[: -len(suffix)]
        if any(mark in str(path) for mark in "*?[]"):
            raise SourceError("a name with *, ? or brackets stands for several files", where=path.name)
        if (twin := next((n for n in found if n.lower() == name.lower()), None)) is not None:
            raise SourceError(
                "two files would be one table", where=folder.name, found=f"{found[twin].name}, {path.name}"
            )
        found[name] = path
    if not found:
        raise SourceError("holds no CSV or Parquet file", where=str(folder))
    return found


def _opened(files: Mapping[str, Path], where: str) -> Any:
    """A connection as duckdb-engine's dialect makes it, with the views made and everything else shut."""
    import duckdb
    from duckdb_engine import ConnectionWrapper

    link = duckdb.connect(":memory:", config={"threads": str(DUCKDB_THREADS)})
    link.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    for name, path in files.items():
        suffix = next(s for s in READERS if path.name.lower().endswith(s))
        reader = READERS[suffix].format(_text(str(path.resolve())))
        try:
            link.execute(f'CREATE VIEW "{name.replace(chr(34), chr(34) * 2)}" AS SELECT * FROM {reader}')  # noqa: S608
        except duckdb.Error as fault:
            first = str(fault).split("\n", 1)[0].replace(str(path.resolve()), path.name)
            raise SourceError(f"cannot be asked ({first})", where=path.name) from None
    allowed = ", ".join(_text(str(path.resolve())) for path in files.values())
    link.execute(
        f"SET allowed_paths = [{allowed}]; SET enable_external_access = false; SET lock_configuration = true"
    )
    return ConnectionWrapper(link)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _nowhere() -> Address:
    from sqlalchemy import make_url

    return Address("", make_url("duckdb:///:memory:"))
