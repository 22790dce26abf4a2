"""Parameters against a pydantic model: strict, nothing unknown, every fault at once in an accountant's words.
Floor 4.

pydantic stays at this edge; what leaves `run` are frozen dataclasses. The same faults come from a file (with
lines) and from a notebook's globals (without).
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from arlib.errors import nearest
from arlib.run.fault_words import dotted, fault_of, in_words
from arlib.run.faults import Fault, raise_if
from arlib.run.secretwords import secret_paths
from arlib.run.yamltext import Ambiguous, Path_, YamlText

M = TypeVar("M", bound=BaseModel)

AmountText = Annotated[
    Decimal,
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {"type": ["string", "integer"], "description": 'decimal text in quotes, such as "10000.00"'}
    ),
]

_STAND_IN = "\x00"  # the key of what stands for an ambiguous scalar in JSON: fits no field


class Strict(BaseModel):
    """A frozen model that converts nothing and knows all its keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, validate_default=False)


def refused(wanted: str, *, fix: str = "") -> PydanticCustomError:
    """What a validator of ours raises: the value stands in the message by itself."""
    return PydanticCustomError("arlib", "not allowed", {"wanted": wanted, "fix": fix})


@cache
def entry_of(kind: Any) -> type[Strict]:
    """The model of a dataclass under its usual name."""
    return model_of(kind, f"{kind.__name__.removesuffix('Policy')}Entry")


def model_of(kind: type[Any], name: str) -> type[Strict]:
    """A strict model with the fields, types and defaults of a dataclass, so that the two cannot drift.

    Dataclasses inside it become models too: alone, in a tuple, or as the values of a mapping.
    """
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    declared: dict[str, Any] = {}
    for each in fields(kind):
        if not each.init:
            continue
        default: Any = ...
        if each.default is not MISSING:
            default = each.default
        elif each.default_factory is not MISSING:
            default = each.default_factory()
        declared[each.name] = (_as_read(hints[each.name]), _as_model(default))
    doc = (kind.__doc__ or "").strip().split("\n")[0]
    return create_model(name, __base__=Strict, __doc__=doc, **declared)


def validate_yaml(document: YamlText, model: type[M]) -> M:
    """The document as the model; raises ParameterFaults with all faults, each with its line."""
    text = json.dumps(_plain(document.data), ensure_ascii=False)
    errors, made = _errors(lambda: model.model_validate_json(text))
    faults = [*_secret_faults(document.data, document=document, name=document.file)]
    hidden = {fault.key for fault in faults}
    ambiguous = dict(_ambiguous(document.data))
    for path, error in _first_by_path(errors, document.data, ambiguous):
        faults.append(fault_of(path, error, model, data=document.data, document=document, name=document.file))
        ambiguous.pop(path, None)
    for path in ambiguous:
        error = {"type": "string_type"}
        faults.append(fault_of(path, error, model, data=document.data, document=document, name=document.file))
    raise_if(f for f in faults if f.key not in hidden or f.message.startswith("looks like a secret"))
    assert isinstance(made, model)
    return made


def validate_given(given: Mapping[str, Any], model: type[M], *, name: str) -> M:
    """Values given by a program or a notebook as the model; raises ParameterFaults.

    `name` is what messages call it.
    """
    errors, made = _errors(lambda: model.model_validate(dict(given)))
    faults = [*_secret_faults(given, document=None, name=name)]
    hidden = {fault.key for fault in faults}
    for path, error in _first_by_path(errors, given, {}):
        fault = fault_of(path, error, model, data=given, document=None, name=name)
        if fault.key not in hidden:
            faults.append(fault)
    raise_if(faults)
    assert isinstance(made, model)
    return made


def _as_read(hint: Any) -> Any:
    """A field's type as a file gives it: decimals as text, dataclasses as models."""
    if hint is Decimal:
        return AmountText
    kept: Any = hint
    if is_dataclass(hint):
        return entry_of(kept)
    inner, kind = get_args(hint), get_origin(hint)
    if kind in (Union, types.UnionType):
        members = [_as_read(each) for each in inner]
        return reduce(or_, members)
    if kind is tuple:
        return types.GenericAlias(
            tuple, tuple(each if each is Ellipsis else _as_read(each) for each in inner)
        )
    if kind is Mapping:
        return types.GenericAlias(dict, (inner[0], _as_read(inner[1])))
    return hint


def _as_model(value: Any) -> Any:
    """A default as the model has it."""
    if is_dataclass(value) and not isinstance(value, type):
        own = {each.name: _as_model(getattr(value, each.name)) for each in fields(value) if each.init}
        return entry_of(type(value)).model_construct(**own)
    if isinstance(value, tuple):
        return tuple(_as_model(each) for each in value)
    return value


def _errors(build: Any) -> tuple[list[Any], Any]:
    try:
        return [], build()
    except ValidationError as fault:
        return fault.errors(include_url=False, include_input=False), None


def _first_by_path(
    errors: Iterable[Any], data: Any, ambiguous: Mapping[Path_, Ambiguous]
) -> list[tuple[Path_, Any]]:
    """One error a value: the members of a union each complain, and so does the list around a bad entry."""
    missing = {error["loc"] for error in errors if error["type"] == "missing"}
    misspelt = {
        (*path[:-1], near)
        for path in (error["loc"] for error in errors if error["type"] == "extra_forbidden")
        if (near := nearest(str(path[-1]), [str(m[-1]) for m in missing if m[:-1] == path[:-1]]))
    }
    kept: dict[Path_, Any] = {}
    for error in errors:
        path: Path_ = tuple(part for part in error["loc"] if part != "[key]")
        if path in misspelt and error["type"] == "missing":
            continue
        over = next((path[:n] for n in range(len(path)) if path[:n] in ambiguous), None)
        if over is not None:
            path, error = over, {"type": "dict_type" if path[len(over)] == _STAND_IN else "string_type"}
        elif error["type"] not in ("missing", "extra_forbidden"):
            path = _existing(data, path)
        kept.setdefault(path, error)
    deeper = {path[:n] for path in kept for n in range(len(path))}
    return [
        (path, error) for path, error in kept.items() if error["type"] != "too_short" or path not in deeper
    ]


def _existing(data: Any, path: Path_) -> Path_:
    for length, part in enumerate(path):
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return path[:length]
    return path


def _secret_faults(data: Any, *, document: YamlText | None, name: str) -> list[Fault]:
    faults = []
    for path in secret_paths(data):
        place = document.key_place(path) if document else None
        faults.append(
            Fault(
                file=name,
                line=place.line if place else 0,
                column=place.column if place else 0,
                key=dotted(path),
                message=f"looks like a secret: {in_words(path)}",
                wanted="no password, token or address with credentials",
                fix="Secrets come from the environment, like ARLIB_STORE_URL. Change it where it is used.",
            )
        )
    return faults


def _plain(data: Any) -> Any:
    if isinstance(data, Ambiguous):
        return {_STAND_IN: data.written}
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list) else data


def _ambiguous(data: Any, path: Path_ = ()) -> Iterable[tuple[Path_, Ambiguous]]:
    if isinstance(data, Ambiguous):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _ambiguous(value, (*path, key))
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from _ambiguous(value, (*path, position))
