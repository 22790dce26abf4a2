"""Whether an executed notebook may be believed.

By its counts, its result, and the files it says it made. Floor 4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.run.engine import Executed, failing_cell, unfinished
from arlib.run.manifest import sha256_of
from arlib.run.result import SCHEMA, broken, find_results, told_digest

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from arlib.run.hygiene import Mask

PICTURES = ("image/png", "image/jpeg", "application/pdf")
WANTED = frozenset(
    {
        "schema",
        "notebook",
        "entity",
        "period",
        "as_of",
        "title",
        "status",
        "controls",
        "identities",
        "counts",
        "artefacts",
        "tables",
        "results_sha256",
    }
)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was found: a result, or the word and sentence for what is wrong."""

    reason: str = ""
    sentence: str = ""
    cell: int = 0
    payload: dict[str, Any] = field(default_factory=dict)


def checked(ended: Executed, *, attempt: Path, notebook: str, entity: str, period: str) -> Checked:
    """The result of an executed notebook, or why it is not one.

    Reasons: those of the engine; not_finished, no_result, result_unsound, identity, artefact_missing.
    """
    if ended.reason:
        return Checked(reason=ended.reason, sentence=ended.sentence, cell=ended.cell)
    if wrong := unfinished(ended.node):
        results = len(find_results(ended.node))
        cell = failing_cell(ended.node)
        return Checked(
            reason="not_finished" if cell or results > 1 else "no_result", sentence=wrong, cell=cell
        )
    found = find_results(ended.node)[0]
    if wrong := _unsound(found, notebook=notebook, entity=entity, period=period):
        return Checked(reason="result_unsound", sentence=wrong)
    if wrong := "; ".join(broken(found)):
        return Checked(reason="identity", sentence=wrong)
    if wrong := _artefacts(found, attempt):
        return Checked(reason="artefact_missing", sentence=wrong)
    return Checked(payload=found)


def _unsound(found: Mapping[str, Any], *, notebook: str, entity: str, period: str) -> str:
    if missing := sorted(WANTED - found.keys()):
        return f"the result lacks {', '.join(missing)}"
    if found["schema"] != SCHEMA:
        return f"the result is of form {found['schema']}, this library reads {SCHEMA}"
    told = (found["notebook"], found["entity"], found["period"])
    if told != (notebook, entity, period):
        return f"the result is of {' '.join(map(str, told))}, wanted {notebook} {entity} {period}"
    tables = {name: table["sha256"] for name, table in found["tables"].items()}
    if told_digest(found["controls"], tables) != found["results_sha256"]:
        return "the hash of the results is not that of the controls and tables beside it"
    return ""


def _artefacts(found: Mapping[str, Any], attempt: Path) -> str:
    """What is wrong with the files: each that is declared must be there unchanged, and no other."""
    declared = {artefact["path"]: artefact for artefact in found["artefacts"]}
    if not declared:
        return "the notebook handed over no file"
    for path, artefact in declared.items():
        target = attempt / path
        if ".." in Path(path).parts or Path(path).is_absolute():
            return f"{path} lies outside the run"
        if not target.is_file():
            return f"{path} was handed over but is not there"
        if target.stat().st_size != artefact["bytes"] or sha256_of(target) != artefact["sha256"]:
            return f"{path} was changed after it was handed over"
    there = {path.relative_to(attempt).as_posix() for path in attempt.rglob("*") if path.is_file()}
    extra = sorted(there - declared.keys())
    return f"{extra[0]} was written but not handed over" if extra else ""


def executed_bytes(node: NotebookNode, *, mask: Mask, about: Mapping[str, object]) -> bytes:
    """The executed notebook as it is kept.

    Our word on its state in the metadata, no machine path, no secret.
    """
    import nbformat

    node.metadata["arlib"] = dict(about)
    mask_cells(node, mask)
    for name in ("papermill", "arlib"):
        node.metadata[name] = nbformat.from_dict(mask.deep(node.metadata[name]))  # type: ignore[no-untyped-call]
    nbformat.validate(node)
    return (json.dumps(node, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def mask_cells(node: NotebookNode, mask: Mask) -> None:
    """Take machine paths and secrets out of sources and outputs of all cells."""
    for cell in node.cells:
        cell["source"] = mask(cell["source"])
        for output in cell.get("outputs", []):
            _mask_output(output, mask)


def _mask_output(output: Any, mask: Callable[[str], str]) -> None:
    for key in ("text", "evalue", "ename"):
        if isinstance(output.get(key), str):
            output[key] = mask(output[key])
    if "traceback" in output:
        output["traceback"] = [mask(line) for line in output["traceback"]]
    for media, value in output.get("data", {}).items():
        if media not in PICTURES and isinstance(value, str):
            output["data"][media] = mask(value)
