"""The close file, validated into a frozen plan: whose books, which period, from which extracts, by which
policies. Floor 4.

`load_close` is the only door. Every fault of the file is in one error; nothing is converted, and no code,
date or amount is read as anything but text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import BaseModel

from arlib.calendar import FiscalCalendar, time_zone
from arlib.errors import ParameterError, nearest
from arlib.money import currencies, is_currency
from arlib.policy import Policies
from arlib.run.closefile import CloseFile, PolicyFile, SourceEntry, schemas
from arlib.run.fault_words import fault_at
from arlib.run.faults import Fault, raise_if
from arlib.run.notebook_params import NOTEBOOKS, check_notebook
from arlib.run.plan import ClosePlan, EntitySpec, LimitSpec
from arlib.run.project import anywhere, from_root, inside
from arlib.run.validate import validate_yaml
from arlib.run.yamltext import Path_, YamlText, load_yaml
from arlib.sources.database.address import VARIABLE, VARIABLE_WORDS
from arlib.sources.spec import SourceSpec

__all__ = [
    "NOTEBOOKS",
    "ClosePlan",
    "EntitySpec",
    "LimitSpec",
    "check_notebook",
    "load_close",
    "load_policies",
    "schemas",
]

T = TypeVar("T")


def load_close(path: Path, *, root: Path) -> ClosePlan:
    """The close file at `path` as a frozen plan; relative paths in it are taken from `root`.

    Raises SourceError when the file cannot be read, ParameterFaults (a ParameterError) with every fault in
    `problems`.
    """
    base = root.resolve()
    name = from_root(base, path)
    document = load_yaml(path, shown_as=name)
    model = validate_yaml(document, CloseFile)
    faults = _Faults(document)
    calendar = (
        faults.placing(("calendar",), lambda: _made(FiscalCalendar, model.calendar)) or FiscalCalendar()
    )
    faults.placing(("period",), lambda: calendar.period(model.period))
    outputs = faults.placing(("outputs",), lambda: inside(base, model.outputs, what="outputs"))
    policies = _policies(model.policies, faults, ("policies",))
    _check_entities(model, faults)
    _check_sources(model, faults)
    if len(set(model.notebooks)) < len(model.notebooks):
        faults.add(("notebooks",), wanted="each notebook once")
    raise_if(faults.found)
    assert outputs is not None
    return ClosePlan(
        close_file=name,
        close_file_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        root=base,
        title=model.title,
        period=model.period,
        calendar=calendar,
        outputs=outputs,
        entities=tuple(EntitySpec(**entity.model_dump()) for entity in model.entities),
        sources=tuple(_source(base, entry) for entry in model.sources),
        policies=policies,
        notebooks=model.notebooks,
        parameters=_given_parameters(model),
        limits=_made(LimitSpec, model.limits),
    )


def load_policies(path: Path) -> Policies:
    """Policies from a YAML file with the key `policies`, or from a whole close file. Raises as `load_close` does."""
    document = load_yaml(path, shown_as=path.name)
    is_close = isinstance(document.data, dict) and "schema" in document.data
    model: CloseFile | PolicyFile = (
        validate_yaml(document, CloseFile) if is_close else validate_yaml(document, PolicyFile)
    )
    faults = _Faults(document)
    made = _policies(model.policies, faults, ("policies",))
    raise_if(faults.found)
    return made


class _Faults:
    """Faults that no model finds, collected with their places."""

    def __init__(self, document: YamlText) -> None:
        self.document = document
        self.found: list[Fault] = []

    def add(self, path: Path_, **words: Any) -> None:
        self.found.append(fault_at(self.document, path, **words))

    def placing(self, path: Path_, make: Callable[[], T]) -> T | None:
        """What `make` makes; its ParameterError becomes a fault at `path`."""
        try:
            return make()
        except ParameterError as fault:
            at = self.document.place(path)
            self.found.append(
                Fault(
                    file=self.document.file,
                    line=at.line,
                    column=at.column,
                    key=".".join(str(part) for part in path),
                    message=fault.message,
                    found=None if fault.found is None else str(fault.found),
                    wanted=fault.wanted,
                    fix=fault.fix,
                )
            )
            return None


def _check_entities(model: CloseFile, faults: _Faults) -> None:
    seen: dict[str, str] = {}
    for number, entity in enumerate(model.entities):
        where: Path_ = ("entities", number)
        if twin := seen.get(entity.code.lower()):
            same = (
                ""
                if twin == entity.code
                else f"; {twin!r} differs in case only, and a folder could not tell them apart"
            )
            faults.add((*where, "code"), found=entity.code, wanted=f"a code of its own{same}")
        seen.setdefault(entity.code.lower(), entity.code)
        _check_currency(entity.functional_currency, (*where, "functional_currency"), faults)
        faults.placing((*where, "time_zone"), lambda zone=entity.time_zone: time_zone(zone))  # type: ignore[misc]


def _check_sources(model: CloseFile, faults: _Faults) -> None:
    """A folder or a database each. What stands for a database is not repeated: it may be an address."""
    for number, entry in enumerate(model.sources):
        where: Path_ = ("sources", number)
        if bool(entry.folder) == bool(entry.database):
            faults.add(where, wanted="a folder or a database, one of them")
        elif entry.database and not VARIABLE.fullmatch(entry.database):
            faults.add(
                (*where, "database"),
                wanted=VARIABLE_WORDS,
                fix="The address itself stands in the environment only.",
            )


def _check_currency(code: str, path: Path_, faults: _Faults) -> None:
    if not is_currency(code):
        near = nearest(code.upper(), currencies())
        faults.add(
            path,
            found=code,
            wanted="an ISO 4217 currency, such as USD",
            fix=f"Did you mean {near!r}?" if near else "",
        )


def _policies(model: Any, faults: _Faults, path: Path_) -> Policies:
    return _placed(Policies, model, faults, path) or Policies()


def _placed(kind: Any, model: Any, faults: _Faults, path: Path_) -> Any:
    """The dataclass of a model, with the dataclasses inside it; each one's own faults are placed where it stands."""
    before = len(faults.found)
    own: dict[str, Any] = {}
    for each in fields(kind):
        if each.init:
            given = getattr(model, each.name)
            own[each.name] = _inside(get_type_hints(kind)[each.name], given, faults, (*path, each.name))
            if each.name.endswith("currency") and given:
                _check_currency(given, (*path, each.name), faults)
    if len(faults.found) > before:
        return None
    return faults.placing(path, lambda: kind(**own))


def _inside(hint: Any, value: Any, faults: _Faults, path: Path_) -> Any:
    if isinstance(value, BaseModel):
        kind: Any = next(each for each in _kinds(hint) if is_dataclass(each))
        return _placed(kind, value, faults, path)
    if isinstance(value, tuple) and any(isinstance(each, BaseModel) for each in value):
        return tuple(_inside(hint, each, faults, (*path, at)) for at, each in enumerate(value))
    if isinstance(value, dict) and any(isinstance(each, BaseModel) for each in value.values()):
        return {key: _inside(hint, each, faults, (*path, key)) for key, each in value.items()}
    return value


def _kinds(hint: Any) -> list[Any]:
    """A type and those inside it."""
    return [hint, *(deeper for each in get_args(hint) for deeper in _kinds(each))]


def _made(kind: type[T], model: Any) -> T:
    return kind(**{each.name: getattr(model, each.name) for each in fields(kind) if each.init})  # type: ignore[arg-type]


def _given_parameters(model: CloseFile) -> dict[str, dict[str, str | int | bool]]:
    """Only what the file says itself; a default that changes later must not look as if it had been chosen."""
    given = model.parameters.model_dump(mode="json", exclude_unset=True)
    return {name: own for name, own in given.items() if own}


def _source(base: Path, entry: SourceEntry) -> SourceSpec:
    profile = entry.profile
    if profile.endswith((".yml", ".yaml")):
        profile = str(anywhere(base, profile))
    return SourceSpec(
        folder=anywhere(base, entry.folder) if entry.folder else None,
        database=entry.database,
        profile=profile,
        tables=dict(entry.tables),
        options=dict(entry.options),
    )
