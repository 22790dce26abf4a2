"""Parts that are done, each in a folder of its own, so that a run that was killed carries on. Floor 4.

parts/part-00017/facts.json          what the part says of itself: its key, the hash of each file
parts/part-00017/0-owed.parquet      a table of the first entity
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.sources.raw import file_faults

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Table

FACTS = "facts.json"


@dataclass(frozen=True)
class Kept:
    """The folder of parts of one run."""

    folder: Path

    def has(self, task: dict[str, Any]) -> bool:
        """Whether the part of this task is there: of the same question and files, by the same program, and unharmed."""
        home = self.folder / task["partition"]
        try:
            told = json.loads((home / FACTS).read_text(encoding="utf-8"))
            return bool(told["key"] == task["key"]) and all(
                hashlib.sha256((home / name).read_bytes()).hexdigest() == sha256
                for name, sha256 in told["files"].items()
            )
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def keep(self, result: dict[str, Any]) -> None:
        """Put a result in its place, whole or not at all."""
        name = str(result["partition"])
        home, spare = self.folder / name, self.folder / f".{name}"
        with file_faults(home, verb="written"):
            for old in (spare, home):
                if old.exists():
                    shutil.rmtree(old)
            spare.mkdir(parents=True)
            for file, content in result["files"].items():
                (spare / file).write_bytes(content)
            hashes = {file: hashlib.sha256(content).hexdigest() for file, content in result["files"].items()}
            told = {"key": result["key"], "files": hashes, "facts": result["facts"]}
            (spare / FACTS).write_text(json.dumps(told) + "\n", encoding="utf-8", newline="\n")
            spare.replace(home)

    def facts(self, partition: str) -> dict[str, Any]:
        """What a kept part says of itself."""
        with file_faults(self.folder / partition):
            told = json.loads((self.folder / partition / FACTS).read_text(encoding="utf-8"))
        return dict(told["facts"])

    def path(self, partition: str, name: str) -> Path:
        """The file of one table of a kept part."""
        return self.folder / partition / f"{name}.parquet"

    def frame(self, partition: str, name: str, table: Table) -> pd.DataFrame:
        """One table of a kept part."""
        from arlib.sources.snapshot import read_parquet_table

        return read_parquet_table(self.path(partition, name), table=table)
