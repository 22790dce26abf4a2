"""The data dictionary says what the tables declare, and the page in the docs is the present one."""

import pytest

from arlib.tables import CANONICAL, Column, Kind, Table
from arlib.tables.dictionary import dictionary

PAGE = "docs/data_dictionary.md"


def test_the_page_in_the_docs_is_current(repo):
    written = (repo / PAGE).read_text(encoding="utf-8")

    assert written == dictionary(), f"run: python -m arlib.tables.dictionary > {PAGE}"


@pytest.mark.parametrize("name", sorted(CANONICAL))
def test_every_table_and_column_stands_in_it(name):
    section = dictionary().split(f"\n## {name}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]

    assert [row.split(" | ")[0].strip("| *") for row in rows] == CANONICAL[name].names
    assert all(column.meaning.replace("|", "\\|") in section for column in CANONICAL[name].columns)


def test_keys_choices_currencies_and_bars_are_shown():
    table = Table("things", "a thing", ("id",), (
        Column("id", Kind.TEXT, "a | b", True),
        Column("amount", Kind.MONEY, "amount", currency="currency"),
        Column("local", Kind.MONEY, "amount", currency="functional"),
        Column("currency", Kind.TEXT, "ISO code", True, choices=Kind),
    ))  # fmt: skip

    page = dictionary([table])

    assert "| **id** | text | yes | a \\| b |" in page
    assert "in the currency in `currency`" in page
    assert "in the entity's functional currency" in page
    assert "`text`, `day`" in page
    assert page.endswith("|\n")
