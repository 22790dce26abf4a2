"""The data dictionary: the declared tables as a page of Markdown. Floor 0.

Run `python -m arlib.tables.dictionary > docs/data_dictionary.md` after a change to a declared table; a test
compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from arlib.tables.declared import CANONICAL
from arlib.tables.intake import INPUTS, PROBLEMS
from arlib.tables.kinds import Column, Kind, Table

_INTRODUCTION = """\
# Data dictionary

Every table that the library speaks after reading its sources, generated from `arlib/tables/declared.py`;
do not edit it by hand. `python -m arlib.tables.dictionary > docs/data_dictionary.md` writes it anew.

Debits to the customer are positive as items, credits and receipts negative; money into the bank is positive
there; an application's amounts are positive, those of its reversal negative. A column in **bold** is part of
the table's key.

| kind | in memory (pandas) | in Parquet | in CSV |
|---|---|---|---|
| text | `str` | string | as it is; `00417` keeps its zeros |
| day | `datetime64[s]` | date32 | `2026-10-31` |
| instant | `datetime64[us, UTC]` | timestamp[us, UTC] | `2026-10-31T17:04:00Z` |
| money | `Int64`, minor units of its currency | int64 | `1234.50` |
| integer | `Int64` | int64 | `42` |
| flag | `boolean` | bool | `true`, `false` |
| rate | `str`, decimal text | string | `1.0863` |

Required means that a row without the value is rejected. An identifier that begins with `=`, `+`, `@`, a tab
or a return is rejected too, since a spreadsheet would run it.
"""


def dictionary(tables: Iterable[Table] | None = None) -> str:
    """The page for some tables, all canonical ones when left out, ending in one newline."""
    chosen = list(tables) if tables is not None else [*CANONICAL.values(), PROBLEMS, INPUTS]
    contents = "\n".join(f"- [{table.name}](#{table.name}): {table.one_row_is}" for table in chosen)
    return "\n".join([_INTRODUCTION, contents, *(_section(table) for table in chosen)]) + "\n"


def _section(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    head = f"\n## {table.name}\n\nOne row is {table.one_row_is}. Key: {key}.\n"
    lines = [_line(column, is_key=column.name in table.key) for column in table.columns]
    return "\n".join([head, "| column | kind | required | meaning |", "|---|---|---|---|", *lines])


def _line(column: Column, *, is_key: bool) -> str:
    name = f"**{column.name}**" if is_key else column.name
    meaning = column.meaning
    if column.kind is Kind.MONEY:
        is_functional = column.currency == "functional"
        unit = "the entity's functional currency" if is_functional else f"the currency in `{column.currency}`"
        meaning = f"{meaning}; in {unit}"
    if column.choices is not None:
        meaning = f"{meaning}: {', '.join(f'`{member.value}`' for member in column.choices)}"
    return f"| {name} | {column.kind.value} | {'yes' if column.is_required else ''} | {_escaped(meaning)} |"


def _escaped(text: str) -> str:
    """Text that cannot end a table cell."""
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(dictionary())
