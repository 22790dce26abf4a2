"""Working copies for a reviewer."""

from __future__ import annotations

import json

import pytest

from arlib.errors import SourceError
from arlib.run import platform
from arlib.run.review import review
from arlib.run.verify import verify


def test_copies_are_free_to_edit_and_the_sealed_run_stays(project) -> None:  # type: ignore[no-untyped-def]
    project.single()
    folder = project.outputs / project.close().runs[0].folder
    (copy,) = review(folder)
    assert copy.relative_to(project.outputs).as_posix() == f"_review/2026-10/US01/{folder.name}/01/aging.xlsx"
    assert copy.read_bytes() == (folder / "workbooks/aging.xlsx").read_bytes()
    assert copy.stat().st_mode & 0o200
    copy.write_text("edited")
    assert verify(project.outputs).is_whole
    told = json.loads((copy.parent / "review.json").read_text())
    assert told["run_id"] == folder.name
    assert told["workbooks"].keys() == {"aging.xlsx"}
    (second,) = review(folder)
    assert second.parent.name == "02"
    assert copy.read_text() == "edited", "no reviewer's work is overwritten"

    platform.make_writable(folder / "workbooks/aging.xlsx")
    (folder / "workbooks/aging.xlsx").write_text("forged")
    with pytest.raises(SourceError, match="not as it was sealed"):
        review(folder)


def test_only_a_sealed_run_is_reviewed(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SourceError, match="not a sealed run"):
        review(tmp_path)
