"""What a pack says of itself, read as a stranger's: of the right types, by names of ours, from places of ours. Floor 4."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from arlib.audit.kinds import KINDS
from arlib.errors import SourceError
from arlib.run import context
from arlib.run.audit_params import file_options
from arlib.run.manifest import RUN
from arlib.run.notebook_params import Code

RUN_IN_PACK = "data/run"
REQUEST = "data/request"
NOTEBOOK = "data/notebook"
LIBRARY = "data/library"
BOOKS = "data/books"

_VERSION = re.compile(r"[0-9A-Za-z.+!-]{1,40}")
_HASH = re.compile(r"[0-9a-f]{64}")


class _Told(BaseModel):
    """Only what is read; the rest of a record may say what it likes."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Asked(_Told):
    kind: str


class _PackJson(_Told):
    request: _Asked


class _Environment(_Told):
    arlib: str


class _NotebookRecord(_Told):
    parameters: dict[str, str | int | bool]


class _RunJson(_Told):
    entity: Code
    period: Code
    as_of: str
    functional_currency: str
    results_sha256: str
    library_sha256: str
    environment: _Environment
    notebooks: dict[str, _NotebookRecord]
    controls: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    decisions: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SealedPack:
    """A pack's own words, checked. `folder` is where it lies unpacked; `parameters` are the notebook's, without the close's."""

    folder: Path
    kind: str
    entity: str
    period: str
    as_of: date
    functional_currency: str
    parameters: Mapping[str, str | int | bool]
    results_sha256: str
    library_sha256: str
    version: str
    controls: tuple[Mapping[str, Any], ...]
    inputs: tuple[Mapping[str, Any], ...]
    decisions: Mapping[str, Any]

    @property
    def run(self) -> Path:
        """The sealed run inside."""
        return self.folder / RUN_IN_PACK

    def results(self) -> Path:
        """The folder of result tables."""
        return self.run / "data" / self.kind

    def close_file(self) -> bytes:
        """The close file as it was."""
        return (self.folder / REQUEST / "close.yml").read_bytes()

    def notebook(self) -> bytes:
        """The notebook before it ran."""
        return (self.folder / NOTEBOOK / f"{self.kind}.ipynb").read_bytes()

    def files(self) -> dict[str, bytes]:
        """The files that came with the request, by option."""
        home = self.run / context.ASKED
        found = {name: home / f"{name}.csv" for name in file_options(self.kind)}
        return {name: path.read_bytes() for name, path in found.items() if path.is_file()}


def read_pack(folder: Path, *, name: str) -> SealedPack:
    """The pack in a folder; SourceError, which calls it `name`, where it is not one that we could have made."""
    try:
        pack = _PackJson.model_validate(json.loads((folder / "data" / "pack.json").read_bytes()))
        run = _RunJson.model_validate(json.loads((folder / RUN_IN_PACK / RUN).read_bytes()))
        as_of = date.fromisoformat(run.as_of)
    except (OSError, ValueError, ValidationError) as fault:
        first = (
            fault.errors()[0] if isinstance(fault, ValidationError) else {"loc": (), "msg": "is not readable"}
        )
        where = ".".join(str(part) for part in first["loc"]) or "pack.json or run.json"
        raise SourceError(f"is no pack of ours: {where[:80]}: {first['msg'][:80]}", where=name) from fault
    kind = pack.request.kind
    wrong = ""
    if kind not in KINDS or set(run.notebooks) != {kind}:
        wrong = "it answers no kind of request that this arlib knows"
    elif not _VERSION.fullmatch(run.environment.arlib):
        wrong = "the version that made it is no version"
    elif not _HASH.fullmatch(run.results_sha256) or not _HASH.fullmatch(run.library_sha256):
        wrong = "a hash in its record is none"
    if wrong:
        raise SourceError(f"is no pack of ours: {wrong}", where=name)
    own = ("close_file", "entity", "period")
    given = {key: value for key, value in run.notebooks[kind].parameters.items() if key not in own}
    return SealedPack(
        folder=folder,
        kind=kind,
        entity=run.entity,
        period=run.period,
        as_of=as_of,
        functional_currency=run.functional_currency,
        parameters=given,
        results_sha256=run.results_sha256,
        library_sha256=run.library_sha256,
        version=run.environment.arlib,
        controls=tuple(run.controls),
        inputs=tuple(run.inputs),
        decisions=run.decisions,
    )
