"""An auditor's request as a short YAML, validated into a frozen one. Floor 4.

`load_request` is the only door: every fault of the file is in one error, also those of the kind's own parameters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, create_model

from arlib.audit.kinds import KINDS
from arlib.credit.write_off.flags import same_person
from arlib.errors import ParameterError, SourceError
from arlib.run.audit_params import (
    AUDIT_NOTEBOOKS,
    AuditCommon,
    ask_of,
    file_options,
    flat_population,
    needed_files,
)
from arlib.run.fault_words import fault_at
from arlib.run.faults import raise_if
from arlib.run.notebook_params import Code, DayText, Line, check_notebook
from arlib.run.params import load_close
from arlib.run.plan import ClosePlan
from arlib.run.project import from_root, inside
from arlib.run.validate import Strict, model_of, refused, validate_yaml
from arlib.run.yamltext import load_yaml

SCHEMA = "arlib.audit/1"
DRAW = "draw"  # a seed that is drawn once, after the population was sealed, and logged
LARGEST_BYTES = 50_000_000


def _needed_day(text: str) -> str:
    if not text:
        raise refused('a date such as "2026-10-31", in quotes')
    return text


def _name(text: str) -> str:
    if len(text) > 200 or not text.isprintable():
        raise refused("a name on one line, of 200 characters at most, without marks that hide or turn a text")
    return text.strip()


def _question(text: str) -> str:
    if len(text) > 2000:
        raise refused("a question of 2,000 characters at most")
    return text


Name = Annotated[str, AfterValidator(_name)]
Named = Annotated[Line, AfterValidator(_name)]
Question = Annotated[Line, AfterValidator(_question)]
NeededDay = Annotated[DayText, AfterValidator(_needed_day)]


class PopulationEntry(Strict):
    """Which items the question is about; what is left out is not narrowed."""

    item_types: tuple[Line, ...] = Field((), description="item types, such as [invoice, debit_memo]")
    currencies: tuple[Line, ...] = Field((), description="ISO 4217 codes")
    customers: tuple[Line, ...] = Field((), description="customer ids in quotes")
    control_accounts: tuple[Line, ...] = Field((), description="control accounts in quotes")
    side: Literal["all", "debits", "credits"] = Field("all", description="debits, credits or all")
    at_least: str = Field("", description='smallest amount without sign, in quotes, such as "1000.00"')


class RequestFile(Strict):
    """One request of an auditor. Codes, dates and amounts are text in quotes."""

    schema_: Literal["arlib.audit/1"] = Field(alias="schema", description="version of this file's form")
    id: Code = Field(description='the auditor\'s number of the request, such as "PBC-017"')
    kind: Literal[tuple(KINDS)] = Field(description="what is asked")  # type: ignore[valid-type]
    question: Question = Field("as stated by the kind", description="the question in the auditor's own words")
    close_file: Line = Field(
        description="close file with entities, sources and policies, from the project root"
    )
    run: Name = Field(
        "",
        description='"" reads the extracts now; "sealed" or a run\'s name takes the book that this run sealed',
    )
    entity: Code = Field(description='entity code in quotes: "00417" keeps its zeros')
    as_of: NeededDay = Field(description='date of the question in quotes, such as "2026-10-31"')
    population: PopulationEntry = Field(
        PopulationEntry.model_validate({}), description="which items it is about"
    )
    parameters: dict[str, str | int | bool] = Field(
        {}, description="parameters of the kind; see docs/audit-procedures.md"
    )
    asked_by: Named = Field(description="who asks, with the firm")
    asked_on: NeededDay = Field(description="day of the question")
    due_on: DayText = Field("", description='day by which the answer is wanted; "" for none')
    prepared_by: Name = Field("", description="who prepares the answer; the user who runs it otherwise")
    reviewed_by: Name = Field(
        "", description="who reviewed the answer before it leaves; empty until somebody has"
    )
    redact: Literal["no", "names", "names_and_ids"] = Field(
        "no", description="replace names (and customer ids) by pseudonyms; the key stays with you"
    )
    rows_shown: int = Field(20, ge=1, le=1000, description="rows of each table on the page")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A validated request, with the plan of its close file at the period that holds `as_of`.

    `files` are the bytes of the files that parameters name, by parameter; `text` is the YAML as it was written.
    """

    request_id: str
    kind: str
    question: str
    plan: ClosePlan
    run: str
    entity: str
    as_of: date
    population: Mapping[str, str]  # flat, as the notebook takes it
    parameters: Mapping[str, str | int | bool]  # of the kind, only what the file says
    asked_by: str
    asked_on: date
    due_on: date | None
    prepared_by: str
    reviewed_by: str
    redact: str
    rows_shown: int
    name: str  # of the file
    text: bytes
    files: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_drawn(self) -> bool:
        """Whether the seed of a sample is drawn by the runner, once the population is sealed."""
        return self.kind == "sample" and self.parameters.get("seed") == DRAW

    def notebook_parameters(self, **more: str) -> dict[str, str | int | bool]:
        """The flat parameters of the notebook beside the close's own, with `more` in place of what the file says."""
        return {
            "rows_shown": self.rows_shown,
            "as_of": self.as_of.isoformat(),
            "request_id": self.request_id,
            "asked_by": self.asked_by,
            **self.population,
            **self.parameters,
            **more,
        }

    def checked(self) -> AuditCommon:
        """All parameters of the notebook, the close's own too, as the notebook will check them."""
        common = {"close_file": self.plan.close_file, "entity": self.entity, "period": self.plan.period}
        made = check_notebook(self.kind, {**common, **self.notebook_parameters()})
        assert isinstance(made, AuditCommon)
        return made

    def as_json(self) -> dict[str, Any]:
        """The request as the register and the pack keep it: who asked what, by when, with the hashes of its files."""
        return {
            "schema": SCHEMA,
            "id": self.request_id,
            "kind": self.kind,
            "answers": KINDS[self.kind].answers,
            "question": self.question,
            "close_file": self.plan.close_file,
            "run": self.run,
            "entity": self.entity,
            "as_of": self.as_of.isoformat(),
            "population": dict(self.population),
            "parameters": dict(self.parameters),
            "asked_by": self.asked_by,
            "asked_on": self.asked_on.isoformat(),
            "due_on": self.due_on.isoformat() if self.due_on else "",
            "redact": self.redact,
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(self.files.items())},
        }

    def facts(self) -> dict[str, Any]:
        """What its answer depends on: no name, number or date of who asked. Equal facts of equal books have one answer."""
        told = self.as_json()
        kept = ("kind", "entity", "as_of", "population", "parameters", "redact", "files")
        return {name: told[name] for name in kept}


def load_request(path: Path, *, root: Path) -> Request:
    """The request at `path`; relative paths in it are taken from `root`.

    Raises SourceError for a file that cannot be read, ParameterError with every fault for one that cannot be used.
    """
    base = root.resolve()
    document = load_yaml(path, shown_as=from_root(base, path))
    model = validate_yaml(document, RequestFile)
    options = model_of(KINDS[model.kind].options, "Own").model_fields
    raise_if(
        [
            fault_at(
                document,
                ("parameters", name),
                found=name,
                wanted=f"a parameter of {model.kind}: {', '.join(options) or 'it has none'}",
            )
            for name in model.parameters
            if name not in options
        ]
    )
    raise_if(
        [
            fault_at(
                document, ("parameters",), wanted=f"{name}: the path of a CSV file, from the project root"
            )
            for name in needed_files(model.kind)
            if not model.parameters.get(name)
        ]
    )
    close_file = inside(base, model.close_file, what="close_file")
    plan = load_close(close_file, root=base)
    plan.entity(model.entity)
    as_of = date.fromisoformat(model.as_of)
    plan = plan.for_period(plan.calendar.containing(as_of).name)
    due_on = date.fromisoformat(model.due_on) if model.due_on else None
    made = Request(
        request_id=model.id,
        kind=model.kind,
        question=model.question if "question" in model.model_fields_set else KINDS[model.kind].answers,
        plan=plan,
        run=model.run,
        entity=model.entity,
        as_of=as_of,
        population=flat_population(model.population.model_dump(mode="json", exclude_unset=True)),
        parameters=dict(model.parameters),
        asked_by=model.asked_by,
        asked_on=date.fromisoformat(model.asked_on),
        due_on=due_on,
        prepared_by=model.prepared_by.strip(),
        reviewed_by=model.reviewed_by.strip(),
        redact=model.redact,
        rows_shown=model.rows_shown,
        name=path.name,
        text=path.read_bytes(),
        files=_files(model.kind, model.parameters, base),
    )
    _check(made)
    return made


def _files(kind: str, parameters: Mapping[str, Any], root: Path) -> dict[str, bytes]:
    from arlib.sources.raw import file_faults

    made: dict[str, bytes] = {}
    for name in file_options(kind):
        if given := str(parameters.get(name, "")):
            path = inside(root, given, what=name)
            with file_faults(path):
                if path.stat().st_size > LARGEST_BYTES:
                    raise SourceError(
                        "is too large for a request",
                        where=path.name,
                        found=f"{path.stat().st_size:,} bytes",
                        wanted=f"{LARGEST_BYTES:,} at most",
                    )
                made[name] = path.read_bytes()
            try:
                made[name].decode("utf-8-sig")
            except UnicodeDecodeError as fault:
                raise SourceError(
                    "is not UTF-8 text", where=path.name, fix="Save it as CSV UTF-8 and run again."
                ) from fault
    return made


def _check(request: Request) -> None:
    """The parameters as the notebook will check them, and the options as logic will: before anything is read."""
    ask_of(request.kind, request.checked(), files={})
    if request.reviewed_by and same_person(request.reviewed_by, request.prepared_by):
        raise ParameterError(
            "reviewed_by",
            where=request.name,
            found=request.reviewed_by,
            wanted="somebody else than who prepared the answer",
        )
    if request.due_on and request.due_on < request.asked_on:
        raise ParameterError(
            "due_on",
            where=request.name,
            found=request.due_on.isoformat(),
            wanted="a day on or after asked_on",
        )


def request_schema() -> dict[str, Any]:
    """The JSON Schema of a request for editors, with the parameters of every kind."""
    own = {
        name: model.model_json_schema(by_alias=True)["properties"] for name, model in AUDIT_NOTEBOOKS.items()
    }
    common = set(AuditCommon.model_fields)
    schema = create_model("Request", __base__=RequestFile).model_json_schema(by_alias=True)
    schema["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": name}}},
            "then": {
                "properties": {
                    "parameters": {
                        "additionalProperties": False,
                        "properties": {key: told for key, told in fields.items() if key not in common},
                    }
                }
            },
        }
        for name, fields in own.items()
    ]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
