"""Texts in payments that name items. Floor 1.

tokens   stretches of a text that may be a number          read, pieces, readings, ranges
index    items' own numbers, found exactly                 find_exact, Exact
damage   numbers written wrongly, within a short list      nearest, what_happened
"""

from arlib.matching.references.index import Exact, find_exact

__all__ = ["Exact", "find_exact"]
