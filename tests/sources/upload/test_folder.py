"""The posting folder on disk: whole or not at all, never over what is not its own, nor over what was approved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from arlib.errors import SourceError
from arlib.sources.upload import read_register, write_posting_folder
from arlib.sources.upload.write import MARKER

from .conftest import ACCOUNTS, ON


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_proposal_says_so_everywhere_and_registers_nothing(batch, tmp_path):
    proposal = replace(batch, approved_by="")
    names = write_posting_folder(proposal, tmp_path / "out", target="oracle", accounts=ACCOUNTS)

    assert [name for name in names if "oracle_" in name] == [
        "PROPOSAL_oracle_adjustments_B1.csv",
        "PROPOSAL_oracle_receipts_B1.zip",
    ]
    assert {
        line.split(",")[0] for line in (tmp_path / "out" / "control.csv").read_text().splitlines()[1:]
    } == {"PROPOSAL"}
    assert len(read_register(tmp_path / "out" / "register.csv")) == 0
    write_posting_folder(
        batch, tmp_path / "out", target="oracle", accounts=ACCOUNTS
    )  # a proposal gives way to what was approved
    assert len(read_register(tmp_path / "out" / "register.csv")) == 12
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith("PROPOSAL")]


def test_an_approved_batch_stays_as_it_is(batch, tmp_path):
    out = tmp_path / "out"
    write_posting_folder(batch, out, target="sap", accounts=ACCOUNTS)
    before = contents(out)
    write_posting_folder(batch, out, target="sap", accounts=ACCOUNTS)
    assert contents(out) == before

    with pytest.raises(SourceError, match="holds an approved batch"):
        write_posting_folder(replace(batch, approved_by=""), out, target="sap", accounts=ACCOUNTS)
    with pytest.raises(SourceError, match="holds an approved batch"):
        write_posting_folder(batch, out, target="oracle", accounts=ACCOUNTS)
    assert contents(out) == before


def test_what_this_did_not_write_is_left_alone(batch, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    with pytest.raises(SourceError, match="other files"):
        write_posting_folder(batch, tmp_path / "out", target="sap", accounts=ACCOUNTS)
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match="not a folder"):
        write_posting_folder(batch, tmp_path / "file", target="sap", accounts=ACCOUNTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_disk_that_fills_leaves_the_old_folder(batch, tmp_path, monkeypatch):
    out = tmp_path / "out"
    write_posting_folder(replace(batch, approved_by=""), out, target="sap", accounts=ACCOUNTS)
    before = contents(out)
    whole = Path.write_bytes
    written = []

    def full(self, data):
        written.append(self.name)
        if len(written) > 4:
            raise OSError(28, "No space left on device")
        return whole(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SourceError, match="No space left"):
        write_posting_folder(batch, out, target="sap", accounts=ACCOUNTS)
    assert contents(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_neutral_postings_come_back_as_they_were(batch, tmp_path):
    from arlib.sources.upload.contract import read_contract
    from arlib.sources.upload.tables import TABLES

    write_posting_folder(batch, tmp_path / "out", target="oracle", accounts=ACCOUNTS)
    for name, table in TABLES.items():
        read = read_contract(tmp_path / "out" / "postings" / f"{name}.csv", table)
        for column in table.names:
            assert (
                read[column].astype(object).fillna("").tolist()
                == batch.frames[name][column].astype(object).fillna("").tolist()
            ), (name, column)


def test_the_marker_names_the_batch(batch, tmp_path):
    write_posting_folder(batch, tmp_path / "out", target="oracle", accounts=ACCOUNTS)

    assert (tmp_path / "out" / MARKER).read_text() == "APPROVED B1\n"
    assert batch.accounting_date == ON
