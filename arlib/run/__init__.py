"""Runs: parameters, papermill engine, sealed results, the store. Floor 4. Importing it loads nothing heavy.

`from arlib.run import begin` is the first line of every notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arlib.run.context import begin as begin

__all__ = ["begin"]


def __getattr__(name: str) -> object:
    """`begin`, imported when first asked for."""
    if name == "begin":
        from arlib.run.context import begin

        return begin
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
