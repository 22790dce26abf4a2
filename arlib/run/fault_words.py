"""What a fault of a parameter is called: keys in words, what was wanted, the way out. Floor 4."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from arlib.errors import nearest, shown
from arlib.run.faults import Fault
from arlib.run.secretwords import is_secret_text
from arlib.run.yamltext import Ambiguous, Path_, YamlText, quoted

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
        key=dotted(path),
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


def fault_of(
    path: Path_, error: Any, model: type[BaseModel], *, data: Any, document: YamlText | None, name: str
) -> Fault:
    """The fault that an error of pydantic's at `path` stands for, with place, value, and the way out."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(path, model, document=document, name=name)
    place = document.place(path) if document else None
    at = {"line": place.line, "column": place.column} if place else {}
    common: dict[str, Any] = {"file": name, "key": dotted(path), **at}
    if kind == "missing":
        around = in_words(path[:-1])
        return Fault(
            message=f"missing key {str(path[-1])!r}" + (f" in {around}" if around else ""),
            is_missing=True,
            **common,
        )
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
    elif isinstance(value, str) and kind in ("enum", "literal_error") and not fix:
        near = nearest(value, re.findall(r"'([^']*)'", str(context.get("expected", ""))))
        fix = f"Did you mean {near!r}?" if near and not is_secret_text(value) else ""
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
        key=dotted(path),
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


def dotted(path: Path_) -> str:
    """A path as a fault's key: entities.0.code."""
    return ".".join(str(part) for part in path)


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
