"""A returned workbook: the honest one is recorded whole, a bad one is refused in words and leaves nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import openpyxl.comments
import pytest

from arlib.credit.proposals import DECISIONS, PROPOSALS, proposal_id, proposals_of
from arlib.errors import SourceError, StoreError
from arlib.policy import Scope
from arlib.report.model import Report
from arlib.report.tables import result_table
from arlib.run import approve as approving
from arlib.run import manifest, platform
from arlib.run.approvals import approvals_of, receipts, sealed_proposals
from arlib.run.approve import approve
from arlib.run.approve_facts import differences, layout_of
from arlib.run.approve_sheets import cell_name, read_workbook
from arlib.run.artefacts import write_artefacts
from arlib.run.manifest import text_of
from arlib.run.params import load_close
from arlib.run.review import review
from arlib.run.store import Actor, Authentication, Store, open_store, record_sealed

CLOSE = """\
schema: arlib.close/1
title: Tiny company
period: "2026-10"
entities:
  - {code: "US01", name: "Tiny US", functional_currency: "USD", time_zone: "America/New_York"}
sources:
  - {folder: "extracts", profile: "canonical"}
notebooks: [write_offs, aging]
policies:
  authority:
    people:
      - {name: "Pat Proposer", os_user: "pat"}
      - {name: "Ann Approver", os_user: "ann"}
      - {name: "Bea Boss", os_user: "bea"}
      - {name: "Dan Deputy", os_user: "dan"}
      - {name: "Col Lector", os_user: "col", duties: ["collecting"]}
    grants:
      - {person: "Ann Approver", kinds: ["write_off", "small_balance"], up_to: "1000", currency: "USD"}
      - {person: "Col Lector", kinds: ["write_off"]}
      - {person: "Bea Boss", kinds: ["policy", "write_off"]}
      - {person: "Bea Boss"}
    delegations:
      - {giver: "Bea Boss", taker: "Dan Deputy", valid_from: "2026-11-01", valid_to: "2026-11-10", up_to: "2000", currency: "USD"}
"""
TODAY = date(2026, 11, 22)
HEADS = ("Decision", "Decided by", "Decided on", "Comment")
ROWS = (  # customer, minor units, requested by
    ("C1", 60000, None), ("C2", 40000, None), ("C3", 30000, None), ("C3", 50000, None),
    ("C4", 150000, None), ("C5", 10000, "ann"),
)  # fmt: skip
HOSTILE = '=HYPERLINK("http://evil.example","x")'


def proposals(rows: Any = ROWS) -> Any:
    return proposals_of(
        {
            "proposal_id": proposal_id("write_off", "US01", f"I{at}"),
            "entity": "US01",
            "kind": "write_off",
            "customer_id": customer,
            "customer_name": HOSTILE if at == 0 else f"Customer {customer}",
            "item_id": f"I{at}",
            "document_no": f"{at:05d}",
            "currency": "USD",
            "amount": minor,
            "tax_amount": at * 7,
            "functional_amount": minor,
            "due_date": "2026-03-31",
            "days_past_due": 214,
            "reason": "uncollectable",
            "rule": "older than 180 days",
            "evidence": f"reminders of item {at}",
            "requested_by": by or "",
        }
        for at, (customer, minor, by) in enumerate(rows)
    )


def report(frame: Any) -> Report:
    scope = Scope(entity="US01", entity_name="Tiny US", functional_currency="USD", period="2026-10",
                  starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
    table = result_table(PROPOSALS, frame, title="Write-offs proposed", functional="USD", needs_review=True,
                         decisions=DECISIONS)  # fmt: skip
    small = result_table(PROPOSALS, frame, name="top", title="Largest", functional="USD",
                         columns=("customer_id", "amount"))  # fmt: skip
    return Report(name="write_offs", title="Write-offs", question="What to write off?", reader="Controller",
                  scope=scope, tables=(table, small), findings=("Decide.",))  # fmt: skip


@dataclass
class Case:
    """A project with one sealed run made by hand, whose closer is pat."""

    root: Path
    frame: Any = field(default_factory=proposals)

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    @property
    def store(self) -> Store:
        return open_store(self.outputs, address="")

    def seal(self, run_id: str = "20261105T150000Z-aaaaaa", *, supersedes: str = "", is_partial: bool = False,
             notebooks: tuple[str, ...] = ("write_offs",)) -> Path:  # fmt: skip
        plan = load_close(self.root / "close.yml", root=self.root)
        folder = self.outputs / "2026-10" / "US01" / run_id
        folder.mkdir(parents=True)
        for name in notebooks:
            write_artefacts(report(self.frame), folder, notebook=name, run_id=run_id)
        (folder / "params").mkdir()
        (folder / "params" / "close.json").write_bytes(text_of(plan.as_json()))
        facts = {
            "run_id": run_id, "entity": "US01", "period": "2026-10", "as_of": "2026-10-31", "functional_currency": "USD",
            "created_at": f"2026-11-05T{run_id[9:11]}:00:00Z", "supersedes": supersedes, "is_partial": is_partial,
            "parameters": plan.as_json(), "notebooks": {name: {} for name in notebooks}, "decisions": {"head": None, "events": []},
        }  # fmt: skip
        (folder / "run.json").write_bytes(text_of(facts))
        sha256 = manifest.write(folder, run_id=run_id, sealed_at=facts["created_at"], timings={})
        record_sealed(
            self.store, entity="US01", period="2026-10", run_id=run_id, folder=f"2026-10/US01/{run_id}",
            results_sha256="0" * 64, manifest_sha256=sha256, supersedes=supersedes,
            actor=Actor("pat", Authentication.OS_USER),
        )  # fmt: skip
        return folder

    @property
    def run(self) -> Path:
        return sorted((self.outputs / "2026-10" / "US01").iterdir())[0]

    def approvals(self) -> list[str]:
        return [each.decision for each in approvals_of(self.store)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "project"
    (root / "extracts").mkdir(parents=True)
    (root / "arlib.toml").write_text("")
    (root / "close.yml").write_text(CLOSE)
    Case(root).seal()
    return root


@pytest.fixture
def case(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.delenv("ARLIB_STORE_URL", raising=False)
    shutil.copytree(template, tmp_path / "project")
    return Case(tmp_path / "project")


def sheet_of(book: Any) -> Any:
    return next(s for s in book.worksheets if [c.value for c in s[4]][-4:] == list(HEADS))


def edited(path: Path, change: Callable[[Any, Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book, sheet_of(book))
    book.save(path)
    return path


def decide(
    sheet: Any,
    row: int,
    word: str = "approve",
    name: str = "Ann Approver",
    on: Any = datetime(2026, 11, 9),  # noqa: DTZ001
    comment: str = "",
) -> None:
    last = sheet.max_column
    for step, value in enumerate((word, name, on, comment)):
        sheet.cell(row, last - 3 + step).value = value or None


def row_of(sheet: Any, customer: str, *, number: int = 0) -> int:
    column = next(c.column for c in sheet[4] if c.value == "Customer")
    return [r for r in range(5, sheet.max_row + 1) if sheet.cell(r, column).value == customer][number]


def returned(
    case: Case, *rows: tuple[str, dict[str, Any]], more: Callable[[Any, Any], None] | None = None
) -> Path:
    (copy,) = review(case.run)

    def fill(book: Any, sheet: Any) -> None:
        taken: dict[str, int] = {}
        for customer, given in rows:
            decide(sheet, row_of(sheet, customer, number=taken.get(customer, 0)), **given)
            taken[customer] = taken.get(customer, 0) + 1
        if more is not None:
            more(book, sheet)

    return edited(copy, fill)


def by(user: str) -> Actor:
    return Actor(user, Authentication.OS_USER)


def read(case: Case, path: Path, user: str = "ann", **given: Any) -> Any:
    return approve(path, actor=by(user), today=given.pop("today", TODAY), **given)


def refused(case: Case, path: Path, user: str = "ann", **given: Any) -> str:
    before = case.store.head()
    outcome = read(case, path, user, **given)
    assert outcome.exit_code == 2
    assert not outcome.recorded
    assert case.store.head() == before, "nothing is recorded unless every row is right"
    return "\n".join(outcome.refusals)


def test_an_honest_workbook_is_recorded_whole(case: Case) -> None:
    path = returned(case, ("C1", {}), ("C2", {"word": "reject", "comment": "still pays"}),
                    ("C3", {"word": "ask", "comment": "whose dispute?"}))  # fmt: skip
    dry = read(case, path, is_dry_run=True)
    assert (dry.exit_code, len(dry.accepted), dry.recorded) == (0, 3, ()), dry.refusals
    assert case.approvals() == []

    outcome = read(case, path)

    assert outcome.exit_code == 0, outcome.refusals
    assert outcome.receipt is not None
    assert len(outcome.recorded) == 3
    assert {event.kind for event in outcome.recorded} == {"approval.write_off"}
    one = next(each for each in approvals_of(case.store, entity="US01") if each.decision == "approve")
    frame = sealed_proposals(case.run, "write_offs")
    row = frame[frame["customer_id"] == "C1"].iloc[0]
    assert (one.proposal_id, one.facts_sha256) == (row["proposal_id"], row["facts_sha256"])
    assert (one.amount, one.currency, one.approver, one.proposer) == (
        "600.00",
        "USD",
        "Ann Approver",
        "Pat Proposer",
    )
    assert (one.decided_on, one.authentication, one.item_id) == (date(2026, 11, 9), "os_user", "I0")
    assert one.authority == "grant 1 of Ann Approver"
    assert one.run_json_sha256 == manifest.sha256_of(case.run / "run.json")
    assert one.workbook_sha256 == manifest.sha256_of(path)
    assert case.store.verify(known=receipts(case.outputs)).is_whole
    assert (case.store.events(kinds=("approval.",))[0].actor) == "ann"


def test_rows_may_be_sorted_and_filtered(case: Case) -> None:
    def turn(book: Any, sheet: Any) -> None:
        rows = [[c.value for c in sheet[r]] for r in range(5, 5 + len(ROWS))]
        for at, values in enumerate(reversed(rows)):
            for column, value in enumerate(values, start=1):
                sheet.cell(5 + at, column).value = value
                if isinstance(value, str):
                    sheet.cell(5 + at, column).data_type = "s"
        sheet.row_dimensions[6].hidden = True

    outcome = read(case, returned(case, ("C1", {}), ("C2", {}), more=turn))
    assert outcome.exit_code == 0, outcome.refusals
    assert len(outcome.recorded) == 2


def test_every_single_changed_cell_is_found(case: Case) -> None:
    (copy,) = review(case.run)
    sealed = read_workbook(copy.read_bytes(), "x")
    layout = layout_of(sealed, set(case.frame["proposal_id"]))
    assert differences(sealed, sealed, layout) == ()
    tried = 0
    for name, sheet in sealed.sheets.items():
        for place, value in sheet.cells.items():
            others = (f"{value}x", None) if isinstance(value, str) else (value + 0.01, str(value), None)
            if isinstance(value, float) and abs(value) >= 1e12:
                continue
            for other in others:
                if other is None and place in sheet.formulas:
                    continue  # our own formula, saved without its value
                cells = {at: told for at, told in sheet.cells.items() if at != place or other is not None}
                if other is not None:
                    cells[place] = other
                changed = type(sheet)(name=name, cells=cells, formulas=sheet.formulas, days=sheet.days)
                copied = type(sealed)(sheets={**sealed.sheets, name: changed}, properties={})
                found = differences(copied, sealed, layout)
                assert found, (name, cell_name(place), other)
                assert found[0].sheet == name
                if other is not None:
                    assert cell_name(place) in {each.cell for each in found} | {
                        f.cell.replace("row ", "A") for f in found
                    }
                tried += 1
    assert tried > 500


def on_file(case: Case, change: Callable[[Any, Any], None]) -> str:
    return refused(case, returned(case, ("C1", {}), more=change))


def test_a_tampered_amount_is_named_with_its_sealed_value(case: Case) -> None:
    def tamper(book: Any, sheet: Any) -> None:
        column = next(c.column for c in sheet[4] if c.value == "Amount")
        sheet.cell(row_of(sheet, "C1"), column).value = 6.0

    words = on_file(case, tamper)
    assert "found 6, sealed 600" in words
    assert "sheet 'All proposals', " in words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda book, sheet: sheet.delete_rows(6), "is missing"),
        (lambda book, sheet: sheet.insert_rows(6), "an empty row among the proposals"),
        (lambda book, sheet: sheet.insert_cols(2), "found nothing, sealed"),
        (lambda book, sheet: sheet.delete_cols(3), "sealed 'Customer"),
        (lambda book, sheet: setattr(sheet.cell(4, 2), "value", "Sort"), "found 'Sort', sealed 'Kind'"),
        (lambda book, sheet: setattr(sheet, "title", "Mine"), "the run sealed no such sheet"),
        (lambda book, sheet: setattr(book["Summary"], "title", "Mine"), "missing or renamed"),
        (lambda book, sheet: book.create_sheet("More"), "the run sealed no such sheet"),
        (lambda book, sheet: setattr(book["Summary"].cell(40, 40), "value", "psst"), "AN40: found 'psst', sealed nothing"),
        (lambda book, sheet: setattr(sheet.cell(6, 1), "value", sheet.cell(5, 1).value), "stands in row 5 too"),
        (lambda book, sheet: setattr(sheet.cell(5, 3), "value", "=1+1"), "found '=1+1'"),
        (lambda book, sheet: setattr(sheet.cell(6, 30), "value", "beside"), "found 'beside', sealed nothing"),
        (lambda book, sheet: decide(sheet, 6, "=A1"), "a decision holds a formula"),
        (lambda book, sheet: [setattr(sheet.cell(90, c), "value", sheet.cell(5, c).value) for c in range(1, 21)], "sealed nothing"),
    ],
)  # fmt: skip
def test_what_is_moved_added_or_taken_out_is_refused(case: Case, change: Any, words: str) -> None:
    assert words in on_file(case, change)


def test_formulas_links_and_bombs_are_refused(case: Case) -> None:
    path = returned(case, ("C1", {}))
    content = path.read_bytes()

    def packed(name: str, data: bytes) -> Path:
        target = path.with_name(path.name)
        target.write_bytes(content)
        with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        return target

    for name, words in (("xl/externalLinks/externalLink1.xml", "links to other files"), ("xl/vbaProject.bin", "macros"),
                        ("XL/Workbook.xml", "one part twice")):  # fmt: skip
        with pytest.raises(SourceError, match=words):
            read(case, packed(name, b"<x/>"))
    with pytest.raises(SourceError, match="without measure"):
        read(case, packed("xl/media/zero.bin", bytes((512 << 20) + 1)))
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    with pytest.raises(SourceError, match="password"):
        read(case, path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match="not readable"):
        read(case, path)


@pytest.mark.parametrize("code", ['"1.00"', "#,##0.00;;;", "\\7\\0"])
def test_a_cell_that_shows_another_number_than_it_holds_is_refused(case: Case, code: str) -> None:
    path = edited(
        returned(case, ("C1", {})), lambda book, sheet: setattr(sheet.cell(5, 9), "number_format", code)
    )
    with pytest.raises(SourceError, match="shows something else"):
        read(case, path)


def test_a_comment_on_a_cell_is_refused(case: Case) -> None:
    note = openpyxl.comments.Comment("read as 1.00", "pat")
    path = edited(returned(case, ("C1", {})), lambda book, sheet: setattr(sheet.cell(5, 9), "comment", note))
    with pytest.raises(SourceError, match="comments on cells"):
        read(case, path)


def test_a_row_too_low_to_read_counts_as_hidden(case: Case) -> None:
    path = edited(
        returned(case, ("C1", {})), lambda book, sheet: setattr(sheet.row_dimensions[5], "height", 0.5)
    )
    sheet = read_workbook(path.read_bytes(), path.name).sheets["All proposals"]
    assert 4 in sheet.hidden_rows


def test_a_document_type_is_refused(case: Case) -> None:
    path = returned(case, ("C1", {}))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts["xl/workbook.xml"].decode()
    head, _, rest = text.rpartition("?>")
    parts["xl/workbook.xml"] = (
        (f"{head}?>" if head else "").encode() + b'<!DOCTYPE x [<!ENTITY a "b">]>' + rest.encode()
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(SourceError, match="not readable"):
        read(case, path)


def test_proposer_and_approver_are_two_persons_by_person_not_by_spelling(case: Case) -> None:
    words = refused(case, returned(case, ("C5", {"name": "ａｎｎ  APPROVER"})))
    assert "Ann Approver is the proposer too" in words
    assert read(case, returned(case, ("C5", {"name": "Bea Boss"})), "bea").exit_code == 0


def test_limits_and_splitting(case: Case) -> None:
    assert "1,500.00 USD is above the limit of grant 1 of Ann Approver, 1,000.00 USD" in refused(
        case, returned(case, ("C4", {}))
    )
    both = returned(case, ("C3", {}), ("C3", {}))
    assert read(case, both).exit_code == 0, "800.00 together is within 1,000.00"


def test_what_was_approved_before_counts_towards_the_limit(case: Case) -> None:
    case.frame = proposals((("C3", 60000, None), ("C3", 50000, None)))
    shutil.rmtree(case.outputs)
    case.seal()
    both = refused(case, returned(case, ("C3", {}), ("C3", {})))
    assert "together 1,100.00 USD of customer 'C3' above the limit of Ann Approver, 1,000.00 USD" in both
    assert read(case, returned(case, ("C3", {}))).exit_code == 0
    (copy,) = review(case.run)
    later = edited(copy, lambda book, sheet: decide(sheet, row_of(sheet, "C3", number=1)))
    assert "0.00 USD before, above the limit of Ann Approver" in refused(case, later)


def test_delegation_by_the_day(case: Case) -> None:
    day = datetime(2026, 11, 11)  # noqa: DTZ001
    words = refused(case, returned(case, ("C4", {"name": "Dan Deputy", "on": day})), "dan")
    assert "lent to Dan Deputy from 2026-11-01 to 2026-11-10 expired on 2026-11-10" in words
    fine = returned(case, ("C4", {"name": "Dan Deputy", "on": datetime(2026, 11, 10)}))  # noqa: DTZ001
    assert read(case, fine, "dan").exit_code == 0


def test_days_names_words_and_comments_must_be_whole(case: Case) -> None:
    before, future = datetime(2026, 11, 4), datetime(2026, 11, 23)  # noqa: DTZ001
    words = refused(
        case,
        returned(case, ("C1", {"on": before}), ("C2", {"on": future}), ("C3", {"word": "aprove"}),
                 ("C3", {"word": "reject"}), ("C4", {"name": "", "on": "4.11."}), ("C5", {"word": "", "name": "Anne Approver"})),
    )  # fmt: skip
    for part in ("before the run of 2026-11-05", "in the future; today is 2026-11-22", "did you mean 'approve'?",
                 "a comment must say why: reject", "has no name", "'4.11.' is no day such as 2026-11-04",
                 "is filled in without a decision", "did you mean 'Ann Approver'?"):  # fmt: skip
        assert part in words
    assert "no row is decided" in refused(case, review(case.run)[0])


def test_a_comment_may_not_hold_a_password(case: Case) -> None:
    words = refused(case, returned(case, ("C1", {"comment": "see postgresql://ann:hunter2@host/db"})))
    assert "seems to hold a password" in words
    assert "hunter2" not in words
    assert read(case, returned(case, ("C1", {"comment": HOSTILE[1:] + " <script> \u202e"}))).exit_code == 0


def test_a_typed_name_alone_has_no_authority(case: Case) -> None:
    words = refused(case, returned(case, ("C1", {})), "pat")
    assert "Ann Approver is a typed name, which nothing proves; it has no authority above 0.00 USD" in words
    nobody = Actor("ann", Authentication.UNAUTHENTICATED)
    assert approve(returned(case, ("C1", {})), actor=nobody, today=TODAY).exit_code == 2


def test_incompatible_duties(case: Case) -> None:
    words = refused(case, returned(case, ("C1", {"name": "Col Lector"})), "col")
    assert "Col Lector has incompatible duties: collecting and write_off" in words


def test_the_same_workbook_again_is_known_and_another_word_refused(case: Case) -> None:
    path = returned(case, ("C1", {}), ("C2", {"word": "ask", "comment": "why?"}))
    assert len(read(case, path).recorded) == 2
    again = read(case, path)
    assert (again.exit_code, again.known, again.recorded) == (0, 2, ())
    assert case.approvals() == ["approve", "ask"] or case.approvals() == ["ask", "approve"]
    turned = returned(case, ("C1", {"word": "reject", "comment": "no"}))
    assert "'reject' cannot follow" in refused(case, turned)
    asked = returned(case, ("C2", {}))
    assert len(read(case, asked).recorded) == 1


def test_superseded_and_changed_runs_are_refused(case: Case) -> None:
    path = returned(case, ("C1", {}))
    other = case.seal("20261106T150000Z-bbbbbb", is_partial=True, notebooks=("aging",))
    assert read(case, path, is_dry_run=True).exit_code == 0, "a run of other notebooks leaves it standing"
    partial = case.seal("20261107T150000Z-cccccc", is_partial=True)
    assert f"run {partial.name} of the same period is newer" in refused(case, path)
    case.seal("20261108T150000Z-dddddd", supersedes=case.run.name)
    assert "was superseded by run 20261108T150000Z-dddddd" in refused(case, path)
    platform.make_writable(case.run / "run.json")
    (case.run / "run.json").write_text("{}")
    with pytest.raises(SourceError, match="not as it was sealed"):
        read(case, path)
    assert other.is_dir()


def test_a_run_that_the_store_never_recorded_is_refused(case: Case) -> None:
    """A record of a close that pretends to be running makes `verify` lenient; approving is not."""
    path = returned(case, ("C5", {"name": "Bea Boss"}))
    platform.make_tree_writable(case.run)
    close = {"state": "running", "runs": [], "entities": ["US01"], "period": "2026-10"}
    (case.outputs / "closes").mkdir()
    (case.outputs / "closes" / "forged.json").write_text(json.dumps(close))
    facts = json.loads((case.run / "run.json").read_text())
    forged = case.run.with_name("20261105T150000Z-eeeeee")
    shutil.copytree(case.run, forged)
    (forged / "run.json").write_bytes(text_of({**facts, "run_id": forged.name, "close_id": "forged"}))
    (forged / "manifest.json").unlink()
    manifest.write(forged, run_id=forged.name, sealed_at="2026-11-05T16:00:00Z", timings={})
    book = openpyxl.load_workbook(path)
    book.custom_doc_props["Run"].value = forged.name
    book.save(path)
    outcome = read(case, path, "bea", run=forged)
    assert "is not one that the store recorded" in "\n".join(outcome.refusals)
    shutil.rmtree(case.outputs / "closes")
    (case.outputs / "arlib.db").unlink()
    with pytest.raises(SourceError, match=r"no store of runs|not as it was sealed|cannot be told"):
        read(case, path, "bea", run=forged)


def test_its_run_is_found_by_review_json_by_properties_or_by_name(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = returned(case, ("C1", {}))
    elsewhere = tmp_path / "mail" / "write_offs (signed by Ann).xlsx"
    elsewhere.parent.mkdir()
    shutil.copy(path, elsewhere)
    with pytest.raises(SourceError, match="its run is not here"):
        read(case, elsewhere)
    assert read(case, elsewhere, run=case.run, is_dry_run=True).exit_code == 0
    monkeypatch.chdir(case.root)
    assert read(case, elsewhere, is_dry_run=True).exit_code == 0
    book = openpyxl.load_workbook(elsewhere)
    book.custom_doc_props["Run"].value = "20261105T150000Z-ffffff"
    book.save(elsewhere)
    with pytest.raises(SourceError, match="copy of another run"):
        read(case, elsewhere, run=case.run)


def keys(folder: Path) -> str:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("no ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    return (folder / "key.pub").read_text().strip()


def test_a_signed_file_proves_its_signer(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "extracts").mkdir()
    (root / "arlib.toml").write_text("")
    told = f'{{name: "Ann Approver", os_user: "ann", signing_key: "{keys(tmp_path)}"}}'
    (root / "close.yml").write_text(CLOSE.replace('{name: "Ann Approver", os_user: "ann"}', told))
    case = Case(root)
    case.seal()
    path = returned(case, ("C1", {}))
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", "arlib", "-f", str(tmp_path / "key"), str(path)],
        check=True,
        capture_output=True,
    )
    signature = path.with_name(path.name + ".sig")
    outcome = read(case, path, "clerk", signature=signature)
    assert outcome.exit_code == 0, outcome.refusals
    (event,) = outcome.recorded
    assert (event.actor, event.authentication) == ("Ann Approver", "signed_file")
    assert (event.body["authentication"], event.body["recorded_by"]) == ("signed_file", "clerk")
    edited(path, lambda book, sheet: decide(sheet, row_of(sheet, "C2")))
    with pytest.raises(SourceError, match="not a signature over this file"):
        read(case, path, "clerk", signature=signature)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SourceError, match="there is no ssh-keygen"):
        read(case, path, "clerk", signature=signature)


def spoil(case: Case, *statements: str) -> None:
    with sqlite3.connect(case.outputs / "arlib.db") as link:
        for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            sql = link.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            link.execute(f"DROP TRIGGER {name}")
            case.__dict__.setdefault("guards", []).append(sql)
        for statement in statements:
            link.execute(statement)
        for sql in case.__dict__.pop("guards"):
            link.execute(sql)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE events SET body = replace(body, '00.00', '1.00') WHERE seq = 2", "edited"),
        ("DELETE FROM events WHERE seq = 2", "missing"),
        ("DELETE FROM events WHERE seq = 3", "the tail is cut"),
    ],
)
def test_an_approval_row_that_was_altered_removed_or_cut_off_is_found(
    case: Case, statement: str, words: str
) -> None:
    path = returned(case, ("C1", {}), ("C2", {}))
    assert len(read(case, path).recorded) == 2
    spoil(case, statement)
    with pytest.raises(StoreError, match=words):
        approvals_of(case.store, known=receipts(case.outputs))
    with pytest.raises((StoreError, SourceError), match=words):
        read(case, path)


KILL = textwrap.dedent("""
    import os, signal, sys
    from datetime import date
    from pathlib import Path
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from arlib.run import approve as approving
    from arlib.run.store import Actor, Authentication

    def die(*_args, **_given):
        os.kill(os.getpid(), signal.SIGKILL)

    path, point = sys.argv[1:]
    if point == "before the commit":
        from arlib.run.store import store
        real = store.Store.append_all
        def armed(self, events, **given):
            event.listen(Engine, "commit", die)
            return real(self, events, **given)
        store.Store.append_all = armed
    else:
        approving._receipt = die
    approving.approve(Path(path), actor=Actor("ann", Authentication.OS_USER), today=date(2026, 11, 22))
""")


@pytest.mark.parametrize(("point", "recorded"), [("before the commit", 0), ("before the receipt", 2)])
def test_killed_it_leaves_all_or_nothing(case: Case, point: str, recorded: int) -> None:
    path = returned(case, ("C1", {}), ("C2", {}))
    done = subprocess.run([sys.executable, "-c", KILL, str(path), point], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    assert len(case.approvals()) == recorded
    outcome = read(case, path)
    assert (outcome.exit_code, len(outcome.recorded), outcome.known) == (0, 2 - recorded, recorded)
    assert case.store.head() in receipts(case.outputs)


def test_what_others_write_meanwhile_is_judged_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    path = returned(case, ("C1", {}))
    real, calls = approving._judged, []

    def slow(*given: Any) -> Any:
        made = real(*given)
        if not calls:
            calls.append(1)
            assert len(read(case, path).recorded) == 1  # another program is quicker
        return made

    monkeypatch.setattr(approving, "_judged", slow)
    outcome = read(case, path)
    assert (outcome.recorded, outcome.known) == ((), 1)
    assert case.approvals() == ["approve"]


@pytest.mark.libreoffice
def test_a_workbook_saved_by_libreoffice_is_accepted(case: Case, libreoffice: str, tmp_path: Path) -> None:
    path = returned(case, ("C1", {}), ("C2", {"word": "reject", "comment": "zweifelhaft, 株式会社"}))
    out = tmp_path / "saved"
    env = {**os.environ, "HOME": str(tmp_path)}
    command = [
        libreoffice,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    done = subprocess.run(
        [*command, "--outdir", str(out), str(path)], env=env, capture_output=True, timeout=120, check=False
    )
    saved = out / path.name
    assert saved.is_file(), done.stderr
    assert saved.read_bytes() != path.read_bytes()
    path.write_bytes(saved.read_bytes())

    def tamper(book: Any, sheet: Any) -> None:
        column = next(c.column for c in sheet[4] if c.value == "Due date")
        sheet.cell(row_of(sheet, "C5"), column).value = datetime(2026, 4, 30)  # noqa: DTZ001

    words = refused(case, edited(path, tamper))
    assert "found 2026-04-30, sealed 2026-03-31" in words
    assert "K7" in words.splitlines()[0]
    path.write_bytes(saved.read_bytes())
    outcome = read(case, path)
    assert outcome.exit_code == 0, outcome.refusals
    assert len(outcome.recorded) == 2
    approved = next(each for each in approvals_of(case.store) if each.decision == "approve")
    assert approved.decided_on == date(2026, 11, 9)
    protected = openpyxl.load_workbook(saved)
    assert sheet_of(protected).protection.sheet


def test_the_command_says_what_it_did(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from arlib.cli import root

    monkeypatch.setattr(approving, "current_actor", lambda: by("ann"))
    shown = CliRunner().invoke(root, ["review", str(case.run), "--only", "write_offs"])
    assert "then `arlib approve " in shown.output
    now = datetime.fromisoformat(json.loads((case.run / "run.json").read_text())["created_at"])
    path = returned(case, ("C1", {"on": now.replace(tzinfo=None)}))
    done = CliRunner().invoke(root, ["approve", str(path)])
    assert done.exit_code == 0, done.output
    assert "approve: 1 by Ann Approver (os user), grant 1 of Ann Approver" in done.output
    assert "recorded: 1, chain ends at event 2" in done.output
    bad = returned(case, ("C4", {"on": now.replace(tzinfo=None)}))
    wrong = CliRunner().invoke(root, ["approve", str(bad)])
    assert wrong.exit_code == 2
    assert "refused: row" in wrong.output
    assert "nothing was recorded" in wrong.output
