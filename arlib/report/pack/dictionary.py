"""What every table and column of a pack means, as a page: the books as declared, results as their files say. Floor 3."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from arlib.errors import SourceError
from arlib.report.pack.sheet import CODE, TEXT, WIDE, heading, paragraph, sheet, table
from arlib.tables import CANONICAL

FORMS = (
    ("text", "string", "as it is; 00417 keeps its zeros"),
    ("day", "date32", "2026-10-31"),
    ("instant", "timestamp in microseconds, UTC", "2026-10-31T17:04:00Z"),
    ("money", "int64, minor units of its currency", "1234.50"),
    ("integer", "int64", "42"),
    ("flag", "bool", "true, false"),
    ("rate", "string, decimal text", "1.0863"),
)


@dataclass(frozen=True, kw_only=True)
class ColumnMeaning:
    """One column: its kind, its unit where it is money, and what it means."""

    name: str
    kind: str
    meaning: str
    unit: str = ""
    is_key: bool = False


@dataclass(frozen=True, kw_only=True)
class TableMeaning:
    """One table: what one row is, and its columns in order."""

    name: str
    words: str
    columns: tuple[ColumnMeaning, ...]
    is_result: bool = False


def canonical_meanings(names: Iterable[str] | None = None) -> tuple[TableMeaning, ...]:
    """Tables of the books as they are declared, in declared order; `names` are those in the pack, None is all.

    A name that is not declared is left out.
    """
    wanted = set(CANONICAL) if names is None else set(names)
    return tuple(
        TableMeaning(
            name=one.name,
            words=one.one_row_is,
            columns=tuple(
                ColumnMeaning(
                    name=column.name,
                    kind=column.kind.value,
                    meaning=_with_choices(column.meaning, column.choices),
                    unit=column.currency,
                    is_key=column.name in one.key,
                )
                for column in one.columns
            ),
        )
        for name, one in CANONICAL.items()
        if name in wanted
    )


def result_meanings(folder: Path) -> tuple[TableMeaning, ...]:
    """Result tables as their Parquet files below `folder` say it, sorted by path.

    Raises SourceError for a file that is no Parquet of ours.
    """
    import pyarrow.parquet as pq

    made = []
    for path in sorted(folder.rglob("*.parquet")):
        try:
            schema = pq.read_schema(path)
            about = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
            keys = json.loads(about["key"])
            fields = [
                (one.name, {k.decode(): v.decode() for k, v in (one.metadata or {}).items()})
                for one in schema
            ]
            made.append(
                TableMeaning(
                    name=about["table"],
                    words=about["title"],
                    is_result=True,
                    columns=tuple(
                        ColumnMeaning(
                            name=name,
                            kind=told["kind"],
                            meaning=told["heading"],
                            unit=told.get("currency", ""),
                            is_key=name in keys,
                        )
                        for name, told in fields
                    ),
                )
            )
        except (KeyError, ValueError, OSError) as fault:
            raise SourceError(
                "is no result table of a run", where=path.name, found=str(fault).splitlines()[0][:120]
            ) from fault
    return tuple(made)


def dictionary_page(tables: Sequence[TableMeaning], *, facts: Mapping[str, str]) -> str:
    """The page: how values are written, then every table with its columns; results first, then the books."""
    body = [
        paragraph(
            "Debits to the customer are positive as items, credits and receipts negative; money into the bank is "
            "positive there. Money is a whole count of minor units in Parquet and plain decimals in CSV, with its "
            "currency in the column named as its unit; functional is the currency of the entity's books."
        ),
        table("How values are written", ((CODE, "Kind"), (TEXT, "In Parquet"), (TEXT, "In CSV")), FORMS),
    ]
    for words, wanted in (("Results", True), ("Books that they were made from", False)):
        chosen = [one for one in tables if one.is_result is wanted]
        if chosen:
            body.append(heading(words))
            body += [_table(one) for one in chosen]
    return sheet(title="Data dictionary", facts=facts, body=body)


def _table(one: TableMeaning) -> str:
    rows = [
        (column.name, column.kind, column.unit, "yes" if column.is_key else "", column.meaning)
        for column in one.columns
    ]
    heads = ((CODE, "Column"), (CODE, "Kind"), (CODE, "Currency in"), (CODE, "Key"), (WIDE, "Meaning"))
    return table(f"{one.name}: {one.words}", heads, rows)


def _with_choices(meaning: str, choices: object) -> str:
    told = ", ".join(str(member.value) for member in choices) if isinstance(choices, type) else ""  # type: ignore[attr-defined]
    return f"{meaning}; one of {told}" if told else meaning
