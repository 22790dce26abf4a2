"""Sources: files, exports and bank formats in; canonical tables, problems and inputs out. Floor 2.

    spec        what to read                                   SourceSpec, OnRejected
    catalogue   how a source's columns become ours             load_profile, builtin_profiles
    load        the whole way from files to a checked book      load_book, intake_identities
    show        what a file is, and what is in it              identify, describe
    snapshot    a book as Parquet and back                     write_book, read_book
    export      contract CSV, and CSV that is safe in Excel     write_contract, write_excel_csv

Importing this is cheap; each name loads its module on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arlib.sources.catalogue import builtin_profiles, load_profile
    from arlib.sources.export import write_contract, write_excel_csv
    from arlib.sources.intake import intake_identities
    from arlib.sources.load import load_book
    from arlib.sources.show import describe, identify
    from arlib.sources.snapshot import read_book, write_book
    from arlib.sources.spec import OnRejected, SourceSpec

__all__ = [
    "OnRejected", "SourceSpec", "builtin_profiles", "describe", "identify", "intake_identities", "load_book",
    "load_profile", "read_book", "write_book", "write_contract", "write_excel_csv",
]  # fmt: skip

_HOMES = {
    "OnRejected": "spec",
    "SourceSpec": "spec",
    "builtin_profiles": "catalogue",
    "describe": "show",
    "identify": "show",
    "intake_identities": "intake",
    "load_book": "load",
    "load_profile": "catalogue",
    "read_book": "snapshot",
    "write_book": "snapshot",
    "write_contract": "export",
    "write_excel_csv": "export",
}


def __getattr__(name: str) -> object:
    """Load a public name's module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
