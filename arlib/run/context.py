"""The notebook's side of a run: `begin("aging", globals())`, `ctx.read()`, `ctx.finish(report)`. Floor 4.

The same three calls serve a sealed run, plain papermill and a person in JupyterLab. Under the runner the book
is the snapshot that the runner wrote; else it is read from the extracts that the close file names. Output
goes to the run, or to `outputs/_adhoc/`, which is never evidence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import arlib
from arlib.errors import ParameterError
from arlib.run.manifest import entry
from arlib.run.notebook_params import Common, check_notebook, notebook_model
from arlib.run.params import ClosePlan, load_close
from arlib.run.project import ROOT_VARIABLE, find_root, inside
from arlib.run.result import MIME, digest, payload

if TYPE_CHECKING:
    from arlib.audit.ask import Ask
    from arlib.policy import Policies, Scope
    from arlib.report.model import Report
    from arlib.tables import Book

RUN_FOLDER = "ARLIB_RUN_DIR"  # the run as far as it has come: data/book, params; read only
OUT_FOLDER = "ARLIB_OUT_DIR"  # where this notebook's artefacts go
RUN_ID = "ARLIB_RUN_ID"
ADHOC = "_adhoc"
FROZEN = "params/close.json"
BOOK = "data/book"
ASKED = "data/request"  # files that came with an audit request


def variables(*, run: Path, out: Path, run_id: str, root: Path) -> dict[str, str]:
    """What the runner tells a notebook's process of its place; `begin` reads it."""
    return {RUN_FOLDER: str(run), OUT_FOLDER: str(out), RUN_ID: run_id, ROOT_VARIABLE: str(root)}


_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a notebook works with. Made by `begin`; shows its facts when it stands at the end of a cell."""

    notebook: str
    plan: ClosePlan
    parameters: Common
    scope: Scope
    run_folder: Path | None = None
    out_folder: Path
    run_id: str = field(default="")

    @property
    def policies(self) -> Policies:
        """The policies of the close file."""
        return self.plan.policies

    @property
    def ask(self) -> Ask:
        """What an auditor asked; ParameterError for a notebook that answers no audit request.

        The files of a request are those that the runner laid beside the book, or by hand those that options name.
        """
        from arlib.run.audit_params import AUDIT_NOTEBOOKS, AuditCommon, ask_of, file_options
        from arlib.sources.raw import file_faults

        if self.notebook not in AUDIT_NOTEBOOKS or not isinstance(self.parameters, AuditCommon):
            raise ParameterError("not an audit notebook", where=self.notebook)
        files: dict[str, str] = {}
        for name in file_options(self.notebook):
            if given := str(getattr(self.parameters, name)):
                path = self.run_folder / ASKED / f"{name}.csv" if self.run_folder else self.plan.root / given
                with file_faults(path):
                    files[name] = path.read_text(encoding="utf-8-sig")
        return ask_of(self.notebook, self.parameters, files=files)

    @property
    def rows_shown(self) -> int:
        """How many rows of a table the page shows."""
        return int(getattr(self.parameters, "rows_shown", 20))

    def read(self) -> Book:
        """The entity's book; the last close's reconciling items are in it where the extracts give none."""
        entity = self.scope.entity
        if self.run_folder is not None:
            from arlib.sources.snapshot import read_book

            return read_book(self.run_folder / BOOK)
        from arlib.run.decided import store_of, with_decided
        from arlib.run.history import carried_forward, with_carried
        from arlib.sources import load_book

        plan = self.plan
        whole = load_book(
            plan.sources, root=plan.root, entities=tuple(plan.functional), functional=plan.functional
        )
        carried = carried_forward(plan.outputs, entity=entity, previous=plan.previous_period())
        book = with_carried(whole.for_entity(entity), carried)
        return with_decided(book, store_of(plan.outputs), entity=entity)

    def finish(self, report: Report) -> None:
        """Write workbook and tables; hand over the machine-readable result and a sentence for people.

        Raises IdentityError when a sum of the report does not hold (nothing is handed over then),
        ParameterError when the report is another entity's or period's.
        """
        if (report.scope.entity, report.scope.period) != (self.scope.entity, self.scope.period):
            raise ParameterError(
                "the report is not of this run",
                where=self.notebook,
                found=report.scope.entity,
                wanted=f"{self.scope.entity} {self.scope.period}",
            )
        for identity in report.identities:
            identity.require()
        from IPython.display import display

        from arlib.run.artefacts import write_artefacts

        paths = write_artefacts(report, self.out_folder, notebook=self.notebook, run_id=self.run_id)
        told = payload(
            report, notebook=self.notebook, artefacts=[entry(self.out_folder, p).to_json() for p in paths]
        )
        display({MIME: told, "text/plain": self._said(report, len(paths))}, raw=True)  # type: ignore[no-untyped-call]

    def _said(self, report: Report, files: int) -> str:
        where = "this run" if self.run_folder else self.out_folder.relative_to(self.plan.root).as_posix()
        return f"{report.title}: {report.status}. {files} files handed over to {where}."

    def facts(self) -> dict[str, str]:
        """Heading and value of what this run is, in reading order."""
        scope = self.scope
        return {
            "Entity": f"{scope.entity} {scope.entity_name}",
            "Period": f"{scope.period} ({scope.starts_on} to {scope.ends_on})",
            "As of": scope.as_of.isoformat(),
            "Basis": f"{scope.basis} date",
            "Known at": scope.known_at.isoformat() if scope.known_at else "now",
            "Currency": scope.functional_currency,
            "Run": self.run_id or "by hand; not evidence",
            "arlib": arlib.__version__,
        }

    def __repr__(self) -> str:
        """The facts, one a line."""
        return "\n".join(f"{name}: {value}" for name, value in self.facts().items())

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f'<tr><th scope="row">{escape(k)}</th><td>{escape(v)}</td></tr>' for k, v in self.facts().items()
        )
        return f"<table><caption>{escape(self.plan.title)}</caption><tbody>{rows}</tbody></table>"


def begin(notebook: str, given: Mapping[str, Any]) -> Context:
    """The first call of a notebook: its parameters, from its `globals()`, checked as the close checks them.

    Every public global that is text, a number, a switch or None counts as a parameter, so that an unknown one
    is refused; so is one of another type. Raises ParameterError; also when the close file was changed after
    the run that executes this notebook had read it.
    """
    model = notebook_model(notebook)
    parameters = check_notebook(notebook, parameters_among(given, set(model.model_fields)))
    run_folder = Path(os.environ[RUN_FOLDER]) if os.environ.get(RUN_FOLDER) else None
    root = find_root(None if run_folder is None else run_folder)
    plan = load_close(inside(root, parameters.close_file, what="close_file"), root=root)
    if parameters.period != plan.period:
        plan = plan.for_period(parameters.period)
    if run_folder is not None:
        frozen = json.loads((run_folder / FROZEN).read_bytes())
        if _facts(frozen) != _facts(plan.as_json()):
            raise ParameterError(
                "the close file was changed while its close was running",
                where=parameters.close_file,
                fix="Close again.",
            )
    basis, known_at = getattr(parameters, "basis", None), getattr(parameters, "known_at", "")
    as_of = _day(getattr(parameters, "as_of", ""))
    scope = plan.scope(
        parameters.entity, **({"basis": basis} if basis else {}), known_at=_day(known_at), as_of=as_of
    )
    out = os.environ.get(OUT_FOLDER, "")
    adhoc = plan.outputs / ADHOC / notebook / plan.period / parameters.entity
    return Context(
        notebook=notebook,
        plan=plan,
        parameters=parameters,
        scope=scope,
        run_folder=run_folder,
        out_folder=Path(out) if out and run_folder else adhoc,
        run_id=os.environ.get(RUN_ID, "") if run_folder else "",
    )


def parameters_among(given: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """Of a notebook's globals, those that are meant as parameters.

    Plain public values, and anything of a known name.
    """
    return {
        name: value
        for name, value in given.items()
        if not name.startswith("_") and (name in known or isinstance(value, _PLAIN))
    }


def _facts(frozen: Mapping[str, Any]) -> str:
    """One hash over a frozen plan but for which notebooks run with what: each of them checks its own parameters.

    Where the sources lie stands in the close file, whose own hash is in the plan; seen from a worker's private folder
    the same place has another relative path.
    """
    left_out = ("notebooks", "parameters", "sources")
    return digest({key: value for key, value in frozen.items() if key not in left_out})


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
