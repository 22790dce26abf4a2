"""The sample company as other systems hold it, and how a close reads it from there. Floor 2.

    sap        SAP tables, and the profile that maps this company's document types
    oracle     Oracle receivables tables
    ads        AICPA Audit Data Standard files; iso21378 likewise
    sqlite     one database file with the canonical tables
    bank       canonical tables, and the bank's own files in place of bank lines and their links

What such a system does not hold (disputes, customers' statements and the like) stands beside as contract CSV.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from arlib.sources.sample.company import Sample
from arlib.sources.sample.write import MARKER
from arlib.sources.wholefolder import replace_whole, require_ours
from arlib.tables import Book

Source = dict[str, Any]
ADDRESS = "ARLIB_SAMPLE_URL"  # the environment variable that holds the address of the SQLite file


def write_system(sample: Sample, folder: Path, *, system: str) -> list[Source]:
    """Write the sample as that system holds it into a new folder, or over an earlier sample.

    Returns the `sources` of a close file, folders relative to `folder`. Raises SourceError for a folder that holds other
    files or cannot be written.
    """
    require_ours(folder, marker=MARKER)
    sources: list[Source] = []

    def fill(staging: Path) -> None:
        (staging / MARKER).write_text("", encoding="utf-8")
        sources.extend(SYSTEMS[system](sample, staging))

    replace_whole(folder, fill)
    return sources


def _sap(sample: Sample, folder: Path) -> list[Source]:
    from arlib.sources.sample.as_sap import write_sap
    from arlib.sources.sample.as_sap_profile import PROFILE_NAME

    write_sap(sample.tables, folder)
    return [{"folder": "sap", "profile": PROFILE_NAME}, {"folder": "beside", "profile": "canonical"}]


def _oracle(sample: Sample, folder: Path) -> list[Source]:
    from arlib.sources.sample.as_oracle import write_oracle

    write_oracle(sample.tables, folder / "oracle")
    return [
        {"folder": "oracle", "profile": "harbor-oracle"},
        {"folder": "oracle/canonical", "profile": "canonical"},
    ]


def _standard(name: str, profile: str) -> Callable[[Sample, Path], list[Source]]:
    def written(sample: Sample, folder: Path) -> list[Source]:
        from arlib.sources.standards import write_beside, write_standard

        book = Book(sample.tables)
        days = sample.tables["items"]["posting_date"]
        first, last = (date.fromisoformat(f"{day:%Y-%m-%d}") for day in (days.min(), days.max()))
        write_standard(book, folder / name, standard=name, period_start=first, period_end=last)
        write_beside(book, folder / "beside")
        return [{"folder": name, "profile": profile}, {"folder": "beside", "profile": "canonical"}]

    return written


def _sqlite(sample: Sample, folder: Path) -> list[Source]:
    from arlib.sources.standards import write_sqlite

    write_sqlite(sample.tables, folder / "sample.sqlite")
    return [{"database": ADDRESS, "profile": "canonical"}]


def _bank(sample: Sample, folder: Path) -> list[Source]:
    from arlib.sources.sample.as_bank import write_bank
    from arlib.sources.sample.write import write_tables

    write_bank(sample.tables, folder / "bank")
    left_out = ("bank_lines", "bank_statements", "bank_line_details", "receipt_bank_lines")
    write_tables(
        {name: frame for name, frame in sample.tables.items() if name not in left_out}, folder / "books"
    )
    accounts = {
        name: f"{name[:4]}/{name}" for name in sorted(sample.tables["bank_lines"]["bank_account"].unique())
    }
    return [
        {"folder": "bank", "profile": "bank", "options": {"accounts": accounts}},
        {"folder": "books", "profile": "canonical"},
    ]


SYSTEMS: dict[str, Callable[[Sample, Path], list[Source]]] = {
    "sap": _sap,
    "oracle": _oracle,
    "ads": _standard("ads", "ads-o2c"),
    "iso21378": _standard("iso21378", "iso-21378"),
    "sqlite": _sqlite,
    "bank": _bank,
}
