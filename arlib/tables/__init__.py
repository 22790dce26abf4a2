"""The declared tables. Floor 0: what a row means, how it is typed, and one check that reports every fault."""

from arlib.tables.book import Book
from arlib.tables.declared import CANONICAL
from arlib.tables.intake import INPUTS, PROBLEMS
from arlib.tables.kinds import DTYPES, Column, Kind, Table

__all__ = ["CANONICAL", "DTYPES", "INPUTS", "PROBLEMS", "Book", "Column", "Kind", "Table"]
