"""The benchmark page is made of kept figures alone, the same bytes each time, and hides neither a miss nor a failure."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def page(script):
    return script("page")


@pytest.fixture
def kept(tmp_path):
    shutil.copytree(HERE / "kept", tmp_path / "kept")
    return tmp_path / "kept"


def test_the_page_is_what_the_kept_figures_say(page, kept, tmp_path):
    found = page.gathered(kept, tmp_path / "none.json")
    made = page.written(found, tmp_path / "docs")

    assert made.read_text(encoding="utf-8") == (HERE / "expected.md").read_text(encoding="utf-8")


def test_pictures_are_the_same_bytes_each_time_and_stale_ones_go(page, kept, tmp_path):
    found = page.gathered(kept, tmp_path / "none.json")
    for name in ("one", "two"):
        (tmp_path / name / page.PICTURES).mkdir(parents=True)
        (tmp_path / name / page.PICTURES / "stale.svg").write_text("")
        page.written(found, tmp_path / name)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name / page.PICTURES).iterdir()}
        for name in ("one", "two")
    )

    assert one == two
    assert sorted(one) == ["aging-growth.svg", "aging-in-memory.svg", "aging-two.svg"]


def test_a_miss_says_why_and_a_failure_is_told(page, kept):
    (kept / page.FAILED).write_text(
        json.dumps({"aging": "exit code 1", "cluster": "stopped after 15 minutes"})
    )
    text = page.page_text(page.gathered(kept, kept / "none.json"))

    assert "1 of 2 met" in text
    assert "**missed**" in text
    assert "Missed: aging from Parquet, wanted 1 x DuckDB, found 0.8 x. Hashing takes it." in text
    assert (
        "**aging failed when it was last run** (exit code 1); its figures below are of an earlier run."
        in text
    )
    assert "**cluster failed when it was last run** (stopped after 15 minutes); it has no figures." in text


def test_a_part_that_was_not_run_again_stays(page, kept, tmp_path):
    earlier = tmp_path / "benchmarks.json"
    other = json.loads((kept / "aging.json").read_text(encoding="utf-8")) | {
        "part": "use",
        "title": "Cost of use",
    }
    old = other | {"part": "aging", "title": "Old"}
    earlier.write_text(json.dumps({"failed": {}, "parts": {"use": other, "aging": old}}))

    found = page.gathered(kept, earlier)

    assert {name: part["title"] for name, part in found["parts"].items()} == {
        "aging": "Aging of 10,000,000 items", "use": "Cost of use"}  # fmt: skip


def test_docs_show_what_their_figures_say(page, repo):
    found = json.loads((repo / "docs" / page.KEPT).read_text(encoding="utf-8"))

    assert (repo / "docs" / page.PAGE).read_text(encoding="utf-8") == page.page_text(found)
    for part in found["parts"].values():
        assert not part["quick"]
        for chart in part["charts"]:
            assert (repo / "docs" / page.PICTURES / page.picture_name(part, chart)).is_file()


def test_a_part_that_was_run_alone_and_well_has_not_failed(script, page, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BENCH_FOLDER", str(tmp_path))
    (tmp_path / "failed.txt").write_text(json.dumps({"use": "exit code 1", "aging": "exit code 1"}))

    script("measured").keep("use", title="Cost")

    assert page.gathered(tmp_path, tmp_path / "none.json")["failed"] == {"aging": "exit code 1"}
