"""Values of an explorer as YAML text that the close reads: checked before it is shown. Floor 5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from arlib.run.closefile import PolicyFile
from arlib.run.notebook_params import check_notebook, flat_values
from arlib.run.validate import validate_yaml
from arlib.run.yamltext import quoted, read_yaml

NAME = "values of the explorer"


def parameters_text(notebook: str, given: Mapping[str, Any]) -> str:
    """Flat parameters for `papermill NOTEBOOK OUT.ipynb -f THIS`; ParameterError where the notebook would refuse them."""
    model = check_notebook(notebook, given)
    lines = [
        f"# Parameters of the notebook {notebook}: papermill notebooks/explore/{notebook}.ipynb OUT.ipynb -f THIS_FILE"
    ]
    text = (
        "\n".join([*lines, *(f"{key}: {_scalar(value)}" for key, value in flat_values(model).items())]) + "\n"
    )
    check_notebook(notebook, read_yaml(text, file=NAME).data)
    return text


def policy_text(name: str, policy: Any) -> str:
    """A policy as a policy file (`--policy FILE`, or a part of a close file); its defaults are left out.

    Raises ParameterError where a close would refuse it.
    """
    body = "\n".join(_section(_own(policy), indent=4))
    text = f"policies:\n  {name}:\n{body}\n" if body else f"policies:\n  {name}: {{}}\n"
    validate_yaml(read_yaml(text, file=NAME), PolicyFile)
    return text


def _own(policy: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not as a new one has them."""
    plain = type(policy)
    made = {}
    for each in fields(plain):
        value = getattr(policy, each.name)
        try:
            default = getattr(plain(), each.name)
        except TypeError:  # a field without a default: all are told
            default = object()
        if value != default:
            made[each.name] = value
    return made


def _section(own: Mapping[str, Any], *, indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, value in own.items():
        if isinstance(value, tuple) and value and is_dataclass(value[0]):
            yield f"{pad}{key}:"
            yield from (f"{pad}  - {_flow(_own(each))}" for each in value)
        else:
            yield f"{pad}{key}: {_flow(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(str(key))}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    if is_dataclass(value):
        return _flow(_own(value))
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, Enum):
        return quoted(str(value.value))
    return (
        str(value)
        if isinstance(value, int)
        else quoted(format(value, "f") if isinstance(value, Decimal) else str(value))
    )
