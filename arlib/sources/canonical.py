"""The built-in profile `canonical`: our own contract tables, one file each, made from the declared tables.
Floor 2."""

from __future__ import annotations

from typing import Any

from arlib.tables import CANONICAL, Table

SENTINELS = ("9999-12-31", "0000-00-00", "00/00/0000")  # what ERP systems write for no date
SUFFIXES = (".csv", ".csv.gz", ".xlsx", ".parquet")


def canonical_profile() -> dict[str, Any]:
    """The profile as a mapping: file `<table>.csv` (or .csv.gz, .xlsx, .parquet), columns by their own
    names."""
    return {
        "profile": "canonical",
        "title": "Canonical tables",
        "note": "Our own contract: UTF-8, ISO dates, plain decimals, UTC times. "
        "Columns that are not required may be missing.",
        "features": ["entry_times"],
        "ignored_columns_are_noted": True,
        "allow_short_fraction": True,
        "none_dates": SENTINELS,
        "files": {
            name: {
                "names": [name + suffix for suffix in SUFFIXES],
                "header": [column.name for column in table.columns if column.is_required],
                "query": f"table {name} where entity = :entity?" if _is_of_entity(table) else f"table {name}",
            }
            for name, table in CANONICAL.items()
        },
        "tables": [
            {
                "into": name,
                "from": name,
                "columns": {
                    column.name: {"column": column.name, "is_optional": not column.is_required}
                    for column in table.columns
                },
            }
            for name, table in CANONICAL.items()
        ],
    }


def _is_of_entity(table: Table) -> bool:
    """Whether every row is one entity's, so that a database may give those of one entity only."""
    return "entity" in table.by_name and table["entity"].is_required
