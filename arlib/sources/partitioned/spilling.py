"""A DuckDB of its own that works within a memory limit and spills into a folder that is gone afterwards. Floor 2."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import SourceError
from arlib.sources.partitioned.typed_sql import quoted, teach_places

if TYPE_CHECKING:
    import duckdb

MEMORY, THREADS = "1GB", 2


@contextmanager
def spilling(
    folder: Path, *, what: str, memory: str = MEMORY, threads: int = THREADS
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """An empty database that knows currencies, and its scratch folder inside `folder`; both go at the end.

    What it says against a file is SourceError: `what` (such as "cannot be partitioned"), with its first line.
    """
    import duckdb

    with tempfile.TemporaryDirectory(dir=folder, prefix=".work-") as scratch:
        link = duckdb.connect(str(Path(scratch) / "work.db"))
        try:
            for setting in (f"memory_limit = {quoted(memory)}", f"threads = {threads}", "TimeZone = 'UTC'",
                            f"temp_directory = {quoted(scratch)}", "preserve_insertion_order = false"):  # fmt: skip
                link.execute(f"set {setting}")
            teach_places(link)
            yield link, Path(scratch)
        except duckdb.Error as fault:
            raise SourceError(f"{what} ({str(fault).splitlines()[0]})", where=str(folder)) from fault
        finally:
            link.close()
