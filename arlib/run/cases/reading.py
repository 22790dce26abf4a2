"""Open a case again: from its YAML, or from a sealed case folder that is as it was sealed. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from arlib.errors import InputError, SourceError
from arlib.report.documents.page import plain_text
from arlib.run.cases.model import CaseFile, load_case, read_case
from arlib.run.cases.places import CASE, CLOSE, KIND, statement_place
from arlib.run.manifest import NAME, RUN
from arlib.run.notebook_params import Code
from arlib.run.project import find_root
from arlib.run.verify import verify

HEAD_DIGITS = 12  # of a hash, as the page's head shows it


class _Told(BaseModel):
    """Only what is read; the rest of a record may say what it likes."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Environment(_Told):
    arlib: str


class _Notebook(_Told):
    parameters: dict[str, str | int | bool]
    source_sha256: str
    results_sha256: str
    findings: list[str] = []


class _RunJson(_Told):
    run_id: str
    entity: Code
    entity_name: str
    period: Code
    as_of: str
    functional_currency: str
    results_sha256: str
    library_sha256: str
    created_at: str
    environment: _Environment
    notebooks: dict[str, _Notebook]
    controls: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    decisions: dict[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenCase:
    """A case to work on. `folder` is the sealed one that it was opened from; None for one from its YAML."""

    case: CaseFile
    statement: bytes | None = None
    folder: Path | None = None
    told: Mapping[str, Any] | None = None  # run.json
    warnings: tuple[str, ...] = ()  # such as that nothing outside the folder knows it

    @property
    def sealed(self) -> tuple[Path, Mapping[str, Any]]:
        """Folder and run.json; SourceError for a case that was opened from its YAML."""
        if self.folder is None or self.told is None:
            raise SourceError(
                "not a case folder", where=self.case.id, fix="Write the case first, and name its folder."
            )
        return self.folder, self.told

    @property
    def run_id(self) -> str:
        """Name of the sealed run; '' for none."""
        return str(self.told["run_id"]) if self.told else ""

    @property
    def results_sha256(self) -> str:
        """Hash over the results of the whole run; '' for a case that was not sealed."""
        return str(self.told["results_sha256"]) if self.told else ""

    @property
    def page_sha256(self) -> str:
        """Hash of the page's own results: the one that the page's head quotes. That of the whole run is made of it."""
        return str(self.told["notebooks"][KIND]["results_sha256"]) if self.told else ""

    @property
    def findings(self) -> tuple[str, ...]:
        """What was to be decided next, as the sealed case says."""
        return tuple(self.told["notebooks"][KIND].get("findings", ())) if self.told else ()

    def lines(self) -> tuple[str, ...]:
        """What to print, in plain English; no text of a case can end a line or move the cursor."""
        case = self.case
        seen = f"as of {case.as_of or 'the end of the period'}" + (
            f", as known at {case.known_at}" if case.known_at else ""
        )
        made = [
            f"{case.id}: {case.title}",
            f"question: {case.question}",
            f"customer {case.customer_id} of {case.entity}, {seen}, books {case.run or 'read from the extracts'}",
        ]
        made += [f"receipt {case.receipt_id}"] if case.receipt_id else []
        made += [f"items {', '.join(case.items[:10])}"] if case.items else []
        made += [f"prepared by {case.prepared_by}"] if case.prepared_by else []
        if self.told:
            made += [
                f"sealed run {self.run_id}",
                f"results of the page {self.page_sha256}, whose first {HEAD_DIGITS} digits stand in its head",
            ]
            made += [
                f"control {control['title']}: {str(control['status']).replace('_', ' ')}"
                for control in self.told["controls"]
            ]
            made += [f"next: {sentence}" for sentence in self.findings]
        made += [f"warning: {warning}" for warning in self.warnings]
        return tuple(plain_text(line) for line in made)


def open_case(path: Path, *, root: Path | None = None) -> OpenCase:
    """The case at `path`: a YAML, or a sealed case folder with all that restores the desk.

    `root` is the project's, for the YAML's own path in messages. Raises SourceError for a folder that is no case or is
    not as it was sealed, ParameterError with every fault of a YAML.
    """
    if not path.is_dir():
        home = root or find_root(path)
        case = load_case(path, root=home)
        statement, missing = _beside(case, home)
        return OpenCase(case=case, statement=statement, warnings=missing)
    folder = path.resolve()
    if not (folder / CASE).is_file() or not (folder / NAME).is_file():
        raise SourceError(
            "not a case folder",
            where=path.name,
            fix="Name a case's own folder, outputs/cases/ID/RUN, or its YAML.",
        )
    found = verify(folder)
    if not found.is_whole:
        raise SourceError(
            f"the case is not as it was sealed: {sorted(found.findings)[0].sentence()}",
            fix="See `arlib verify`, and write the case again from the books.",
        )
    told = run_json(folder)
    case = read_case((folder / CASE).read_text(encoding="utf-8"), name=f"{path.name}/{CASE}")
    statement = (folder / statement_place(case)).read_bytes() if case.statement else None
    return OpenCase(
        case=case,
        statement=statement,
        folder=folder,
        told=told,
        warnings=tuple(each.sentence() for each in found.warnings),
    )


def _beside(case: CaseFile, root: Path) -> tuple[bytes | None, tuple[str, ...]]:
    """The statement that a YAML names, and what is to be told where it cannot be read."""
    if not case.statement:
        return None, ()
    from arlib.run.cases.write import statement_of  # brings the runner along

    try:
        return statement_of(case, root), ()
    except InputError as fault:
        return None, (f"The customer's statement {case.statement} is not here: {fault}",)


def run_json(folder: Path) -> dict[str, Any]:
    """run.json of a case folder, of the right types; SourceError where it is not one that we could have written."""
    try:
        told: dict[str, Any] = json.loads((folder / RUN).read_bytes())
        _RunJson.model_validate(told)
        is_case = set(told["notebooks"]) == {KIND} and (folder / CLOSE).is_file()
    except (OSError, ValueError, ValidationError) as fault:
        raise SourceError("is no case of ours: its record cannot be read", where=folder.name) from fault
    if not is_case:
        raise SourceError("is no case of ours: it holds another notebook", where=folder.name)
    return told
