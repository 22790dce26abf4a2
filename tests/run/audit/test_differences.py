"""Differences between result tables are found to the cent, and told by the row that they are in."""

from __future__ import annotations

from pathlib import Path

from arlib.run.audit.differences import between, totals


def folders(tmp_path: Path, left: str, right: str) -> tuple[Path, Path]:
    made = []
    for name, text in (("left", left), ("right", right)):
        (tmp_path / name).mkdir()
        if text:
            (tmp_path / name / "items.csv").write_text(text, encoding="utf-8", newline="")
        made.append(tmp_path / name)
    return made[0], made[1]


HEAD = "item_id,currency,amount,words\n"


def test_equal_tables_differ_nowhere_whatever_the_order(tmp_path: Path) -> None:
    left, right = folders(
        tmp_path, HEAD + "a,USD,1.00,x\nb,USD,2.00,y\n", HEAD + "b,USD,2.00,y\na,USD,1.00,x\n"
    )
    assert between(left, right) == []
    assert totals(left) == {"items": 2}


def test_a_cent_is_a_difference_with_its_row_and_amount(tmp_path: Path) -> None:
    left, right = folders(
        tmp_path, HEAD + "a,USD,1.00,x\nb,USD,2.00,y\n", HEAD + "a,USD,1.01,x\nb,USD,2.00,y\n"
    )
    assert [each.sentence() for each in between(left, right)] == [
        "items, a: amount 1.00 in the pack, 1.01 now, +0.01"
    ]


def test_rows_that_are_gone_or_new_are_named(tmp_path: Path) -> None:
    left, right = folders(
        tmp_path, HEAD + "a,USD,1.00,x\nb,USD,2.00,y\n", HEAD + "b,USD,2.00,y\nc,USD,3.00,z\n"
    )
    assert [each.sentence() for each in between(left, right)] == [
        "items, a: a row in the pack, not now",
        "items, c: not in the pack, a row now",
    ]


def test_tables_without_a_key_are_compared_as_a_whole(tmp_path: Path) -> None:
    left, right = folders(tmp_path, "a,b\n1,1\n1,1\n", "a,b\n1,1\n")
    assert [each.sentence() for each in between(left, right)] == ["items, 1 / 1: a row in the pack, not now"]


def test_a_table_that_is_gone_and_other_columns_are_told(tmp_path: Path) -> None:
    left, right = folders(tmp_path, HEAD, "")
    assert [each.sentence() for each in between(left, right)] == ["items: a table in the pack, not now"]
    (right / "items.csv").write_text("item_id\n")
    assert "columns" in between(left, right)[0].sentence()
