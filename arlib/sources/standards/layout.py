"""How the files of an audit data standard are laid out: names, fields, and the extension columns. Floor 2.

A field of the standard is filled from a column of the rows (see `rows`); '' leaves it empty. What the standard has
no field for follows in columns of our own, whose names begin with PREFIX, so that a set can be read back whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arlib.tables import CANONICAL

PREFIX = "ARLIB_"
OF_CASH_ROWS = (
    "entity",
    "customer_id",
    "effective_date",
    "currency",
    "amount",
    "functional_amount",
    "user",
)  # fmt: skip  (columns of an item that a row of cash carries under a name of its own)
RECEIPT = "receipt:"  # columns of the receipts table beside those of the items table


@dataclass(frozen=True, kw_only=True)
class FileLayout:
    """One file of a set."""

    role: str  # what the profile calls it
    file: str  # its name; {start}, {end} and {day} are YYYYMMDD
    rows: str  # which rows stand in it, see rows.row_sets
    fields: tuple[tuple[str, str], ...]  # name in the standard, column of the rows
    own: tuple[tuple[str, str], ...] = ()  # name with the prefix, column of the rows
    total: str = ""  # field whose sum the control file states ...
    currency: str = ""  # ... by this field
    in_standard: bool = True  # False: a file that only we have

    @property
    def names(self) -> tuple[str, ...]:
        """The header of the file."""
        return tuple(name for name, _ in (*self.fields, *self.own))


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A standard as flat files."""

    standard: str  # name of the profile that reads it
    delimiter: str
    suffix: str
    month: str  # how a month is named in a period field; {month} is its number
    files: tuple[FileLayout, ...]


def own_columns(
    table: str, fields: Sequence[tuple[str, str]], *, carried: Sequence[str] = (), of: str = ""
) -> tuple[tuple[str, str], ...]:
    """Extension columns for all of a canonical table that the fields do not carry as it stands.

    `carried` are columns that the fields carry in another form, such as an amount and a letter for its side.
    `of` is the marker of the table in the rows (RECEIPT), '' for the rows' own table.
    """
    there = {column for _, column in fields} | {of + name for name in carried}
    head = of.removesuffix(":") + "_" if of else ""
    return tuple(
        (PREFIX + head + (name.removeprefix(head) if head else name), of + name)
        for name in CANONICAL[table].names
        if of + name not in there
    )
