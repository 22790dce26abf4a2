"""Audit data standards: a book written as AICPA Audit Data Standard or ISO 21378 files, or as SQLite. Floor 2."""

from arlib.sources.standards.sqlite import write_sqlite
from arlib.sources.standards.write import (
    CARRIED,
    export_names,
    write_ads,
    write_beside,
    write_iso21378,
    write_standard,
)

__all__ = [
    "CARRIED",
    "export_names",
    "write_ads",
    "write_beside",
    "write_iso21378",
    "write_sqlite",
    "write_standard",
]
