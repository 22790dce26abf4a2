"""From a close to decisions and back: review, approve, document, close again, all by the real command."""

from __future__ import annotations

import shutil

import openpyxl
import pandas as pd
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def decided(closed, arlib, tmp_path_factory):
    """The closed project, copied, with one credit memo approved by a typed name within its limit; then closed again."""
    folder = tmp_path_factory.mktemp("decide") / "project"
    shutil.copytree(closed.folder, folder)
    run = sorted((folder / "outputs" / "2026-10" / "US01").iterdir())[-1]
    copy = arlib("review", run, "--only", "adjustments", cwd=folder).stdout.splitlines()[0].strip()
    book = openpyxl.load_workbook(copy)
    sheet = book["All proposals"]
    heads = {cell.value: cell.column for cell in sheet[4]}
    ids = [
        cell[0] for cell in sheet.iter_rows(min_row=5, min_col=heads["Proposal"], max_col=heads["Proposal"])
    ]
    row = next(cell.row for cell in ids if str(cell.value).startswith("CM-"))
    for head, value in (
        ("Decision", "approve"),
        ("Decided by", "credit.manager"),
        ("Decided on", pd.Timestamp.today().normalize().to_pydatetime()),
    ):
        sheet.cell(row, heads[head]).value = value
    book.save(copy)
    first = arlib("approve", copy, cwd=folder)
    again = arlib("approve", copy, cwd=folder)
    document = arlib("document", "credit-note", "--run", run, "--out", folder / "notes", cwd=folder)
    closing = arlib("close", "params/sample.yml", "--entity", "US01", cwd=folder)
    return folder, str(sheet.cell(row, heads["Proposal"]).value), first, again, document, closing


def test_the_decision_is_recorded_once(decided):
    _, number, first, again, _, _ = decided
    assert first.returncode == 0, first.stdout + first.stderr
    assert "1" in first.stdout
    assert again.returncode == 0
    assert "already" in again.stdout
    assert number.startswith("CM-")


def test_its_credit_note_is_a_document(decided):
    folder, number, _, _, document, _ = decided
    assert document.returncode == 0, document.stdout + document.stderr
    made = sorted((folder / "notes").glob("*.pdf"))
    assert len(made) == 1
    pypdf = pytest.importorskip("pypdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(made[0]).pages)
    assert number in text
    assert "207.73" in text


def test_the_next_close_does_not_propose_it_again_and_says_who_approved_it(decided):
    folder, number, _, _, _, closing = decided
    assert closing.returncode == 0, closing.stdout + closing.stderr
    data = sorted((folder / "outputs" / "2026-10" / "US01").iterdir())[-1] / "data" / "adjustments"
    proposals = pd.read_csv(data / "proposals.csv", dtype=str)
    blocked = pd.read_csv(data / "blocked.csv", dtype=str).set_index("proposal_id")
    assert number not in set(proposals["proposal_id"])
    assert blocked.loc[number, "blocked_by"] == "already_approved"
    assert "by credit.manager" in blocked.loc[number, "blocked_because"]


def test_another_name_than_the_policys_is_refused_and_nothing_is_recorded(decided, arlib):
    folder = decided[0]
    run = sorted((folder / "outputs" / "2026-10" / "US01").iterdir())[-1]
    copy = arlib("review", run, "--only", "write_offs", cwd=folder).stdout.splitlines()[0].strip()
    book = openpyxl.load_workbook(copy)
    sheet = book["All proposals"]
    heads = {cell.value: cell.column for cell in sheet[4]}
    sheet.cell(5, heads["Decision"]).value = "approve"
    sheet.cell(5, heads["Decided by"]).value = "somebody"
    sheet.cell(5, heads["Decided on"]).value = pd.Timestamp.today().normalize().to_pydatetime()
    book.save(copy)
    done = arlib("approve", copy, cwd=folder)
    assert done.returncode == 2
    assert "somebody" in done.stdout + done.stderr
    assert arlib("verify", "outputs/2026-10/US01", cwd=folder).returncode == 0
