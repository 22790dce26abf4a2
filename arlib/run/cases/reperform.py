"""Perform a case again from its own folder, and say where the results differ. Floor 4.

Its book, parameters, close file and statement are laid out as a project of their own in a folder that is thrown away,
and run by the same runner with the notebook of this library: a notebook is a program, and a folder's own is never run.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import arlib
from arlib.report.documents.page import plain_text
from arlib.run import context, platform, record
from arlib.run.audit.differences import Difference, between, controls_between, totals
from arlib.run.audit.running import Question, run
from arlib.run.cases.places import CASE, CLOSE, DECISIONS, KIND, statement_place
from arlib.run.cases.reading import OpenCase, open_case
from arlib.run.init import MARKER_TEXT, project_files
from arlib.run.job import notebook_path
from arlib.run.params import load_close
from arlib.run.progress import Progress, Silent
from arlib.run.project import MARKER
from arlib.run.result import control_to_json

OWN = ("close_file", "entity", "period")


@dataclass(frozen=True, kw_only=True)
class ReperformedCase:
    """How a case was performed again. `tables` counts the rows compared, by table."""

    case_id: str
    customer_id: str
    entity: str
    as_of: str
    sealed_sha256: str
    again_sha256: str
    case_library: str
    this_library: str
    is_same_library: bool
    tables: dict[str, int]
    differences: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether the same facts came out: no row differs, and the hash over results is equal."""
        return not self.differences and self.sealed_sha256 == self.again_sha256

    @property
    def exit_code(self) -> int:
        """0 when the same came out, else 1."""
        return 0 if self.is_same else 1

    def lines(self) -> tuple[str, ...]:
        """What to print; no text of a case can end a line or move the cursor."""
        same = "the same sources" if self.is_same_library else "other sources"
        told = [
            f"{self.case_id}: customer {self.customer_id} of {self.entity} as of {self.as_of}, performed again from the "
            "folder's own data",
            f"library: {self.case_library} made the case, {self.this_library} ran now ({same})",
            f"compared: {len(self.tables)} tables, {sum(self.tables.values()):,} rows",
        ]
        told += [each.sentence().replace(" in the pack, ", " in the case, ") for each in self.differences]
        if self.is_same:
            told.append(f"no difference; results of the run {self.again_sha256}")
        else:
            count = len(self.differences)
            what = (
                f"{count} difference{'s' if count != 1 else ''}"
                if count
                else "the tables agree, but controls do not"
            )
            told.append(
                f"{what}; results of the run {self.sealed_sha256} in the case, {self.again_sha256} now"
            )
        return tuple(plain_text(line) for line in told)


def reperform_case(folder: Path, *, progress: Progress | None = None) -> ReperformedCase:
    """Check the case folder, run its question again and compare every result table (CSV and Parquet) and the controls.

    Raises SourceError for a folder that is no case or is not as it was sealed: what was altered is not performed.
    """
    opened = open_case(folder)
    sealed, told = opened.sealed
    with tempfile.TemporaryDirectory(prefix="arlib-reperform-") as spare:
        root = Path(spare).resolve() / "project"
        made, again = run(_question(opened, root), folder=root / "outputs", progress=progress or Silent())
        found = [
            *between(sealed / "data" / KIND, again / "data" / KIND),
            *controls_between(told["controls"], [control_to_json(control) for control in made.controls]),
        ]
        result = ReperformedCase(
            case_id=opened.case.id,
            customer_id=opened.case.customer_id,
            entity=opened.case.entity,
            as_of=str(told["as_of"]),
            sealed_sha256=opened.results_sha256,
            again_sha256=made.results_sha256,
            case_library=f"arlib {told['environment']['arlib']}",
            this_library=f"arlib {arlib.__version__}",
            is_same_library=told["library_sha256"] == record.library_sha256(),
            tables=dict(totals(again / "data" / KIND)),
            differences=tuple(found),
        )
        platform.make_tree_writable(root)
        return result


def _question(opened: OpenCase, root: Path) -> Question:
    """A project from what the folder holds, and what to run in it."""
    from arlib.sources.snapshot import read_book

    folder, told = opened.sealed
    case = opened.case
    place = notebook_path(KIND)
    for path, content in (
        (root / MARKER, MARKER_TEXT.encode()),
        (root / CLOSE, (folder / CLOSE).read_bytes()),
        (root / place, project_files()[place.as_posix()]),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    beside = {name: (folder / name).read_bytes() for name in (CASE, CLOSE, DECISIONS)}
    if case.statement:
        beside[statement_place(case)] = opened.statement or b""
    parameters = told["notebooks"][KIND]["parameters"]
    return Question(
        plan=load_close(root / CLOSE, root=root).for_period(str(told["period"])),
        kind=KIND,
        entity=str(told["entity"]),
        as_of=date.fromisoformat(str(told["as_of"])),
        parameters={key: value for key, value in parameters.items() if key not in OWN},
        files={},
        beside=beside,
        book=read_book(folder / context.BOOK),
        inputs=tuple(told["inputs"]),
        decisions=told["decisions"],
    )
