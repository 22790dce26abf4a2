"""What needs a person: one line a decision, gathered from every part of a report. Floor 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from arlib.report.model import ResultTable
from arlib.report.tables import result_table
from arlib.tables import Column, Kind, Table

EXCEPTIONS = Table("exceptions", "something for a person to decide", ("reference",), (
    Column("reference", Kind.TEXT, "stable name of the line, by which a decision finds it again", True),
    Column("subject", Kind.TEXT, "what it is about", True),
    Column("finding", Kind.TEXT, "what was found, in words", True),
    Column("customer_id", Kind.TEXT, "customer"),
    Column("document_no", Kind.TEXT, "document"),
    Column("currency", Kind.TEXT, "currency of the amount"),
    Column("amount", Kind.MONEY, "amount in question", currency="currency"),
    Column("since", Kind.DAY, "since when"),
    Column("owner", Kind.TEXT, "who clears it"),
))  # fmt: skip

Source = str | Callable[[Mapping[str, Any]], object]


def exceptions_from(
    rows: pd.DataFrame,
    *,
    subject: str,
    reference: tuple[str, ...],
    finding: Callable[[Mapping[str, Any]], str],
    columns: Mapping[str, str],
) -> pd.DataFrame:
    """Rows of some result as EXCEPTIONS.

    `reference` names the columns that, after the subject, make the stable reference; `columns` says which
    column of `rows` fills which of EXCEPTIONS. Rows with equal references are numbered in their order.
    """
    if rows.empty:
        return EXCEPTIONS.empty()
    records: list[dict[str, Any]] = [
        dict(zip(rows.columns, row, strict=True)) for row in rows.itertuples(index=False)
    ]
    made = pd.DataFrame({ours: rows[theirs] for ours, theirs in columns.items()}).reset_index(drop=True)
    names = ["/".join([subject, *(_text(record[part]) for part in reference)]) for record in records]
    repeated = pd.Series(names, dtype="str")
    nth = repeated.groupby(repeated).cumcount()
    made["reference"] = repeated.where(nth == 0, repeated + "/" + (nth + 1).astype("str"))
    made["subject"] = subject
    made["finding"] = [finding(record) for record in records]
    return EXCEPTIONS.typed(made)


def exceptions_table(parts: list[pd.DataFrame]) -> ResultTable:
    """All EXCEPTIONS of a report as one result, largest subjects in the order given."""
    filled = [part for part in parts if len(part)]
    frame = pd.concat(filled, ignore_index=True) if filled else EXCEPTIONS.empty()
    return result_table(
        EXCEPTIONS, frame, title="What needs a person", functional="", needs_review=True,
        not_totalled=("amount",),  # gaps of several accounts and open amounts do not add up
        columns=("subject", "finding", "customer_id", "document_no", "currency", "amount", "since", "owner",
                 "reference"),
        words={"subject": {subject: subject.replace("_",
                                                    " ") for subject in frame["subject"].dropna().unique()}},
    )  # fmt: skip


def _text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
