"""What an auditor asked, as logic needs it: the kind, the population, the options, and what came with the question. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from arlib.audit.population import Population


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question of an auditor; `scope.as_of` is its date.

    `options` is the frozen dataclass of the kind (see `arlib.audit.kinds`); `files` are the texts of the files that
    came with the request, by the name of the option that names them, such as `replies`.
    """

    kind: str
    request_id: str = ""
    asked_by: str = ""
    population: Population = field(default_factory=Population)
    options: Any = None
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
