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
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from arlib.errors import nearest, shown
from arlib.run.faults import Fault, raise_if
from arlib.run.secretwords import is_secret_text, secret_paths
from arlib.run.yamltext import Ambiguous, Path_, YamlText, quoted

M = TypeVar("M", bound=BaseModel)

AmountText = Annotated[
    Decimal,
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {"type": ["string", "integer"], "description": 'decimal text in quotes, such as "10000.00"'}
    ),
]

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list, such as [a, b]",
    "tuple_type": "a list, such as [a, b]",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "decimal_type": 'an amount as text, such as "10000.00"',
    "decimal_parsing": 'an amount as text, such as "10000.00"',
    "finite_number": "a finite number",
}


class Strict(BaseModel):
    """A frozen model that converts nothing and knows all its keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, validate_default=False)


def refused(wanted: str, *, fix: str = "") -> PydanticCustomError:
    """What a validator of ours raises: the value stands in the message by itself."""
    return PydanticCustomError("arlib", "not allowed", {"wanted": wanted, "fix": fix})


def model_of(kind: type[Any], name: str) -> type[Strict]:
    """A strict model with the fields, types and defaults of a dataclass, so that the two cannot drift."""
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
        declared[each.name] = (_with_amounts(hints[each.name]), default)
    doc = (kind.__doc__ or "").strip().split("\n")[0]
    return create_model(name, __base__=Strict, __doc__=doc, **declared)


def validate_yaml(document: YamlText, model: type[M]) -> M:
    """The document as the model; raises ParameterFaults with all faults, each with its line."""
    text = json.dumps(_plain(document.data), ensure_ascii=False)
    errors, made = _errors(lambda: model.model_validate_json(text))
    faults = [*_secret_faults(document.data, document=document, name=document.file)]
    hidden = {fault.key for fault in faults}
    ambiguous = dict(_ambiguous(document.data))
    for path, error in _first_by_path(errors, ambiguous):
        faults.append(_fault(path, error, model, data=document.data, document=document, name=document.file))
        ambiguous.pop(path, None)
    for path in ambiguous:
        error = {"type": "string_type"}
        faults.append(_fault(path, error, model, data=document.data, document=document, name=document.file))
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
    for path, error in _first_by_path(errors, {}):
        fault = _fault(path, error, model, data=given, document=None, name=name)
        if fault.key not in hidden:
            faults.append(fault)
    raise_if(faults)
    assert isinstance(made, model)
    return made


def fault_at(
    document: YamlText, path: Path_, *, found: object = None, wanted: str = "", fix: str = ""
) -> Fault:
    """A fault of the value at `path`, for checks that no model can make."""
    place = document.place(path)
    text = None if found is None else str(found)
    return Fault(
        file=document.file,
        line=place.line,
        column=place.column,
        key=_dotted(path),
        message=in_words(path),
        found=text,
        wanted=wanted,
        fix=fix,
    )


def in_words(path: Path_) -> str:
    """A path as a person reads it, entries counted from 1: 'entities, entry 1, code'."""
    return ", ".join(f"entry {part + 1}" if isinstance(part, int) else part for part in path)


def known_keys(model: type[BaseModel], path: Path_) -> list[str]:
    """The keys that the model takes at a path; empty where any key is allowed."""
    here: Any = model
    for part in path:
        here = _inside(here, part)
        if here is None:
            return []
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [info.alias or name for name, info in here.model_fields.items()]
    return []


def _inside(here: Any, part: str | int) -> Any:
    if isinstance(here, type) and issubclass(here, BaseModel):
        for name, info in here.model_fields.items():
            if part in (name, info.alias):
                return _bare(info.annotation)
        return None
    arguments = [argument for argument in get_args(here) if argument is not Ellipsis]
    return _bare(arguments[-1]) if arguments else None


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        left = [argument for argument in get_args(annotation) if argument is not type(None)]
        return _bare(left[0])
    return annotation


def _with_amounts(hint: Any) -> Any:
    if hint is Decimal:
        return AmountText
    if get_origin(hint) in (Union, types.UnionType) and Decimal in get_args(hint):
        return AmountText | None
    return hint


def _errors(build: Any) -> tuple[list[Any], Any]:
    try:
        return [], build()
    except ValidationError as fault:
        return fault.errors(include_url=False, include_input=False), None


def _first_by_path(errors: Iterable[Any], ambiguous: Mapping[Path_, Ambiguous]) -> list[tuple[Path_, Any]]:
    """One error a value; what is said inside the stand-in of an ambiguous scalar belongs to the scalar."""
    kept: dict[Path_, Any] = {}
    for error in errors:
        path: Path_ = tuple(part for part in error["loc"] if part != "[key]")
        over = next((path[:n] for n in range(len(path) + 1) if path[:n] in ambiguous), None)
        if over is not None and over != path:
            path, error = over, {"type": "dict_type"}
        kept.setdefault(path, error)
    # a list with a bad entry is told to be too short as well: the entry is not counted
    deeper = {path[:n] for path in kept for n in range(len(path))}
    return [
        (path, error) for path, error in kept.items() if error["type"] != "too_short" or path not in deeper
    ]


def _fault(
    path: Path_, error: Any, model: type[BaseModel], *, data: Any, document: YamlText | None, name: str
) -> Fault:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(path, model, document=document, name=name)
    place = document.place(path) if document else None
    at = {"line": place.line, "column": place.column} if place else {}
    common: dict[str, Any] = {"file": name, "key": _dotted(path), **at}
    if kind == "missing":
        around = in_words(path[:-1])
        return Fault(message=f"missing key {str(path[-1])!r}" + (f" in {around}" if around else ""), **common)
    value = _value(data, path)
    wanted = _wanted(kind, context, error)
    fix = str(context.get("fix", ""))
    found = _found(value)
    if kind == "string_type" and value is not None and not isinstance(value, (dict, list, str)):
        reads = (
            value.reads_as
            if isinstance(value, Ambiguous)
            else "true or false"
            if isinstance(value, bool)
            else "a number"
        )
        written = place.written if place else found
        if document:
            wanted, fix = f"text, but unquoted YAML can read it as {reads}", f"Quote it: {quoted(written)}"
        found = written
    elif isinstance(value, Ambiguous) and not fix:
        fix = (
            f"Quote it: {quoted(value.written)}"
            if kind in ("decimal_type", "enum", "literal_error")
            else (
                "Write it in plain digits, without leading zeros, points or exponents."
                if kind.startswith("int")
                else ""
            )
        )
    elif isinstance(value, str) and kind in ("int_type", "bool_type") and document:
        fix = "Take the quotes away."
    return Fault(message=in_words(path), found=found, wanted=wanted, fix=fix, **common)


def _unknown_key(path: Path_, model: type[BaseModel], *, document: YamlText | None, name: str) -> Fault:
    known = known_keys(model, path[:-1])
    near, around = nearest(str(path[-1]), known), in_words(path[:-1])
    place = document.key_place(path) if document else None
    word = "key" if document else "parameter"
    return Fault(
        file=name,
        line=place.line if place else 0,
        column=place.column if place else 0,
        key=_dotted(path),
        message=f"unknown {word} {shown(str(path[-1]))}" + (f" in {around}" if around else ""),
        fix=f"Did you mean {near!r}?" if near else f"Known: {', '.join(known)}.",
    )


def _wanted(kind: str, context: Mapping[str, Any], error: Any) -> str:
    if kind == "arlib":
        return str(context["wanted"])
    if kind in ("enum", "literal_error"):
        return f"one of {context.get('expected', '')}".replace(" or ", ", ")
    bounds = {
        "greater_than_equal": ("ge", "{} or more"),
        "less_than_equal": ("le", "{} or less"),
        "greater_than": ("gt", "more than {}"),
        "less_than": ("lt", "less than {}"),
        "too_short": ("min_length", "at least {} of them"),
        "too_long": ("max_length", "at most {} of them"),
        "string_too_short": ("min_length", "at least {} characters"),
        "string_too_long": ("max_length", "at most {} characters"),
    }
    if kind in bounds:
        name, form = bounds[kind]
        return form.format(context.get(name))
    return _WANTED.get(kind, str(error.get("msg", "a value of another kind")))


def _secret_faults(data: Any, *, document: YamlText | None, name: str) -> list[Fault]:
    faults = []
    for path in secret_paths(data):
        place = document.key_place(path) if document else None
        faults.append(
            Fault(
                file=name,
                line=place.line if place else 0,
                column=place.column if place else 0,
                key=_dotted(path),
                message=f"looks like a secret: {in_words(path)}",
                wanted="no password, token or address with credentials",
                fix="Secrets come from the environment, such as ARLIB_STORE_URL. Change this one: it was in a file.",
            )
        )
    return faults


def _plain(data: Any) -> Any:
    if isinstance(data, Ambiguous):
        return {"ambiguous": data.written}
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


def _value(data: Any, path: Path_) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _found(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Ambiguous):
        return value.written
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    return "a text with credentials" if is_secret_text(text) else text


def _dotted(path: Path_) -> str:
    return ".".join(str(part) for part in path)
