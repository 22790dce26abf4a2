"""A profile that extends another."""

from __future__ import annotations

from pathlib import Path

import pytest

from arlib.errors import ParameterError
from arlib.sources import load_profile


def written(folder: Path, text: str, name: str = "mine.yml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_what_is_said_is_laid_over_what_the_other_says(tmp_path):
    mine = load_profile(written(tmp_path, """
profile: mine
extends: sap
files: {KNA1: {names: [k.csv]}, T001: {names: [t.csv]}}
tables:
  - {into: items, part: customer lines, columns: {document_no: BKPF.XBLNR}}
  - {into: periods, from: T001, columns: {entity: B}}
without: [customers/customers of the lines]
"""))  # fmt: skip
    base = load_profile("sap")
    mapped = {(part.into, part.part): part for part in mine.tables}
    theirs = {(part.into, part.part): part for part in base.tables}
    lines, before = mapped["items", "customer lines"], theirs["items", "customer lines"]
    assert (mine.profile, mine.title, mine.time_zone) == ("mine", base.title, base.time_zone)
    assert lines.columns["document_no"].column == "BKPF.XBLNR"
    assert {k: v for k, v in lines.columns.items() if k != "document_no"} == {
        k: v for k, v in before.columns.items() if k != "document_no"
    }
    assert (mine.files["KNA1"].names, mine.files["KNA1"].header) == (("k.csv",), base.files["KNA1"].header)
    assert ("customers", "customers of the lines") in theirs
    assert ("customers", "customers of the lines") not in mapped
    assert ("periods", "") in mapped
    assert mine.steps == base.steps


def test_one_may_extend_one_that_extends(tmp_path):
    written(tmp_path, "profile: a\nextends: canonical\ntitle: A\nentity: X\n", "a.yml")
    made = load_profile(written(tmp_path, f"profile: b\nextends: {tmp_path}/a.yml\ntitle: B\n"))
    assert (made.profile, made.title, made.entity) == ("b", "B", "X")


def test_a_circle_and_a_part_that_is_not_there_are_refused_with_a_way_out(tmp_path):
    own = written(tmp_path, f"profile: c\nextends: {tmp_path}/mine.yml\n")
    with pytest.raises(ParameterError, match="without end"):
        load_profile(own)
    with pytest.raises(ParameterError, match="Did you mean 'customers/customer master'"):
        load_profile(written(tmp_path, "profile: d\nextends: sap\nwithout: [customers/customer mastr]\n"))
    with pytest.raises(ParameterError, match="Did you mean 'sap'"):
        load_profile(written(tmp_path, "profile: e\nextends: sapp\n"))
