"""The declared tables. Floor 0: what a row means, how it is typed, and one check that reports every fault."""

from arlib.tables.book import Book, Document
from arlib.tables.declared import CANONICAL, OF_CLOSES
from arlib.tables.intake import INPUTS, PROBLEMS
from arlib.tables.kinds import DTYPES, Column, Kind, Table

__all__ = [
    "CANONICAL",
    "DTYPES",
    "INPUTS",
    "OF_CLOSES",
    "PROBLEMS",
    "Book",
    "Column",
    "Document",
    "Kind",
    "Table",
]
