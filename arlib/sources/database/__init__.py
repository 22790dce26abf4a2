"""Databases as sources: any SQLAlchemy address, read-only, parameterised, streamed. Floor 2.

    guard      one statement that only reads, and its parameters     check_statement, Statement
    address    the address from the environment, in no output        Address, address_of
    connect    a read-only transaction with one snapshot             reading, Session
    needed     which columns a profile takes from a file role        needed_columns
    question   the query of a role, or the one made for a table      questions, Question
    stream     rows, chunk by chunk, as text columns                 Gathered
    answers    the whole way from a source to its records            read_database
    folder     CSV and Parquet files of a folder as tables           folder_engine, query_folder

Importing this is cheap; each name loads its module on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arlib.sources.database.answers import read_database
    from arlib.sources.database.folder import folder_engine, query_folder
    from arlib.sources.database.guard import check_statement

__all__ = ["check_statement", "folder_engine", "query_folder", "read_database"]

_HOMES = {
    "check_statement": "guard",
    "folder_engine": "folder",
    "query_folder": "folder",
    "read_database": "answers",
}


def __getattr__(name: str) -> object:
    """Load a public name's module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
