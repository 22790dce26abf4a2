"""What every report says of its input: controls of rows and money read, identities, and limits. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.controls import Control, Identity, Status
from arlib.money import iso_code, totals_by
from arlib.policy import Scope
from arlib.report.words import counted
from arlib.sources.intake import intake_identities
from arlib.tables import Book

SUMMED = ("amount_in", "amount_out", "amount_rejected", "rows_rejected")


def intake_controls(book: Book, *, scope: Scope) -> tuple[Control, ...]:
    """Money in the files = money read: a control for each table and currency that lost rows; none while all was read.

    Rows set aside explain the difference and are listed as problems. That nothing is lost otherwise is an identity of
    every load (`intake_checks`), not a control.
    """
    rows = book.inputs[book.inputs["currency"].fillna("").ne("")]
    sums = totals_by(rows, ["table", "currency"], list(SUMMED))
    made = [_read(*read, scope=scope) for read in sums.itertuples(index=False, name=None)]
    return tuple(control for control in made if control.status is not Status.TIED)


def _read(table: str, currency: str, came: int, read: int, left: int, rows: int, *, scope: Scope) -> Control:
    """The control of one table in one currency."""
    count = int(rows)
    return Control(
        name="intake", title=f"Files of all entities, {table.replace('_', ' ')} in {iso_code(currency)}: money in = money out",
        entity=scope.entity, currency=currency, left_label="in the files", left=int(came),
        right_label="read", right=int(read), explained=int(left), count=count,
        note=f"{counted(count, 'row')} set aside, listed under problems" if count else "",
    )  # fmt: skip


def intake_checks(book: Book) -> tuple[Identity, ...]:
    """Rows in = rows read + set aside, and money alike, for each file, table and currency."""
    return tuple(intake_identities(book))


def intake_findings(book: Book) -> tuple[str, ...]:
    """Sentences on rows that were set aside or read with a remark."""
    found = book.problems
    if found.empty:
        return ()
    rejected = int(found["severity"].eq("rejected").sum())
    noted = len(found) - rejected
    made = []
    if rejected:
        first = found[found["severity"].eq("rejected")].iloc[0]
        made.append(
            f"{counted(rejected, 'problem')} set rows aside (first: {first['file']}, row {first['row']}); "
            "correct the source and run again, or accept that these rows are out of every figure."
        )
    if noted:
        made.append(f"{counted(noted, 'remark')} on rows that were read; see problems.")
    return tuple(made)


def missing_limits(book: Book, wanted: dict[str, str]) -> tuple[str, ...]:
    """A sentence for each table that was not given, saying what cannot be told without it."""
    return tuple(
        f"No {name.replace('_', ' ')} were given: {consequence}."
        for name, consequence in wanted.items()
        if not book.has(name)
    )


def filled(frame: pd.DataFrame, column: str) -> bool:
    """Whether any row says something in a text column."""
    return bool(frame[column].fillna("").ne("").any())
