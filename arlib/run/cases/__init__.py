"""Case files: what was seen at the desk, written as a sealed run, opened and performed again. Floor 4.

    model      the case as YAML                 CaseFile, new_case, load_case
    write      a sealed folder of it            write_case, next_case_id
    reading    opened from YAML or folder       open_case
    reperform  run again from its own data      reperform_case

Importing it loads nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arlib.run.cases.model import CaseFile as CaseFile
    from arlib.run.cases.model import load_case as load_case
    from arlib.run.cases.model import new_case as new_case
    from arlib.run.cases.reading import OpenCase as OpenCase
    from arlib.run.cases.reading import open_case as open_case
    from arlib.run.cases.reperform import reperform_case as reperform_case
    from arlib.run.cases.write import WrittenCase as WrittenCase
    from arlib.run.cases.write import next_case_id as next_case_id
    from arlib.run.cases.write import write_case as write_case

HOMES = {
    "CaseFile": "model", "load_case": "model", "new_case": "model", "OpenCase": "reading", "open_case": "reading",
    "reperform_case": "reperform", "WrittenCase": "write", "next_case_id": "write", "write_case": "write",
}  # fmt: skip
__all__ = [
    "CaseFile", "OpenCase", "WrittenCase", "load_case", "new_case", "next_case_id", "open_case", "reperform_case",
    "write_case",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """A name of here, imported when first asked for."""
    if name in HOMES:
        return getattr(import_module(f"arlib.run.cases.{HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
