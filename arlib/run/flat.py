"""Flat parameters: what plain papermill takes with `-f`, and what `arlib params show` prints. Floor 4."""

from __future__ import annotations

from typing import Any

from arlib.run.notebook_params import NOTEBOOKS, Common, notebook_model
from arlib.run.params import ClosePlan
from arlib.run.yamltext import quoted


def write_flat(plan: ClosePlan, *, entity: str, notebook: str) -> str:
    """Flat YAML with every parameter of a notebook for one entity, texts in quotes, so that papermill changes
    none.

    For `papermill NOTEBOOK OUT.ipynb -f FLAT.yml`. Raises ParameterError for an undeclared entity or unknown
    notebook.
    """
    lines = [
        f"# Parameters of the notebook {notebook} for {entity}, {plan.period}, by `arlib params export`.",
        f"# papermill notebooks/monthly/{notebook}.ipynb OUT.ipynb -f THIS_FILE",
    ]
    lines += [f"{name}: {_scalar(value)}" for name, value in plan.flat(notebook, entity).items()]
    return "\n".join(lines) + "\n"


def describe(notebook: str = "") -> str:
    """The parameters of a notebook, or of all when none is named: name, type, default, meaning."""
    names = [notebook] if notebook else list(NOTEBOOKS)
    return "\n\n".join(_described(name, notebook_model(name)) for name in names)


def _described(name: str, model: type[Common]) -> str:
    schema = model.model_json_schema()
    rows = []
    common = list(Common.model_fields)
    keys = [*common, *(key for key in schema["properties"] if key not in common)]
    for key in keys:
        declared = schema["properties"][key]
        default = (
            "required" if key in schema.get("required", ()) else f"default {_scalar(declared['default'])}"
        )
        rows.append((key, _kind(declared, schema), default, declared.get("description", "")))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]))
        for row in rows
    ]
    return "\n".join([f"{name}: {(model.__doc__ or '').strip()}", *(f"  {line}" for line in lines)])


def _kind(declared: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in declared:
        declared = schema["$defs"][str(declared["$ref"]).rsplit("/", 1)[-1]]
    if choices := declared.get("enum"):
        return " | ".join(choices)
    if declared.get("type") == "integer":
        return f"{declared['minimum']} to {declared['maximum']}" if "minimum" in declared else "whole number"
    return {"boolean": "true | false"}.get(str(declared.get("type")), "text")


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else quoted(str(value))
