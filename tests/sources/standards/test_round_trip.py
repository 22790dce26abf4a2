"""A book written as an audit data standard reads back whole, and closes to the same results."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from arlib.ledger.openitems import open_items
from arlib.sources import SourceSpec, identify, load_book
from arlib.sources.standards import export_names, write_ads, write_iso21378, write_standard
from arlib.tables import Book

Write = Callable[..., list[Path]]
STANDARDS = [
    pytest.param(write_ads, "ads-o2c", id="ads"),
    pytest.param(write_iso21378, "iso-21378", id="iso21378"),
]
WHOLE: dict[str, Any] = {"period_start": date(2025, 10, 1), "period_end": date(2026, 11, 30)}


@pytest.mark.parametrize(("write", "profile"), STANDARDS)
def test_the_whole_book_comes_back_column_by_column_and_closes_alike(
    write: Write, profile: str, book: Book, beside: Path, closing: ModuleType, closed: Any, tmp_path: Path
) -> None:
    write(book, tmp_path / "set", **WHOLE)
    specs = [SourceSpec(folder=tmp_path / "set", profile=profile), SourceSpec(folder=beside)]
    read = load_book(specs, root=tmp_path)
    assert read.features == book.features
    assert not read.problems["severity"].eq("rejected").any()
    for name in book.tables:  # those beside as well
        pd.testing.assert_frame_equal(read[name], book[name], obj=name)
    for entity in closing.ENTITIES if profile == "ads-o2c" else ["JP01"]:  # the tables are equal already
        theirs = closing.closing_facts(read, entity)
        assert theirs.results == closed[entity].results, closing.differences(closed[entity], theirs)


@pytest.mark.parametrize(("write", "profile"), STANDARDS)
def test_a_month_reads_back_to_the_same_open_items(
    write: Write, profile: str, book: Book, closing: ModuleType, tmp_path: Path
) -> None:
    write(
        book, tmp_path / "set", period_start=date(2026, 10, 1), period_end=date(2026, 10, 31), entity="UK01"
    )
    read = load_book([SourceSpec(folder=tmp_path / "set", profile=profile)], root=tmp_path)
    assert not read.problems["severity"].eq("rejected").any()
    scope = closing.scope_of("UK01")
    columns = ["item_id", "instalment_no", "currency", "outstanding", "functional_outstanding", "due_date",
               "original_due_date", "control_account", "document_customer_id", "item_type"]  # fmt: skip
    ours, theirs = (
        open_items(one.for_entity("UK01"), scope=scope)[columns].sort_values(columns[:2], ignore_index=True)
        for one in (book, read)
    )
    pd.testing.assert_frame_equal(theirs, ours)
    assert len(read["items"]) < len(
        book.for_entity("UK01")["items"]
    )  # settled documents of other months stay out


def test_files_are_known_by_their_columns(book: Book, tmp_path: Path) -> None:
    month: dict[str, Any] = {
        "period_start": date(2026, 10, 1),
        "period_end": date(2026, 10, 31),
        "entity": "JP01",
    }
    for write, profile, known, of_others in (
        (write_ads, "ads-o2c", ("Invoices", "Cash", "Customer", "GL_Detail"), "ARLIB_Control"),
        (write_iso21378, "iso-21378", ("SAL", "AR_Cash_R", "BAS_Customer", "GL_Details"), "ARLIB_Control"),
    ):
        for path in write(book, tmp_path / profile, **month):
            if path.name.startswith(known):
                assert identify(path)[0] == profile, path.name
            elif path.name.startswith(of_others):
                assert profile not in identify(path), path.name


def test_names_of_the_exports(book: Book, tmp_path: Path) -> None:
    assert export_names() == ("ads", "iso21378")
    for name in export_names():
        assert write_standard(book, tmp_path / name, standard=name, **WHOLE, entity="JP01")
