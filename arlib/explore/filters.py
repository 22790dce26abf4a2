"""Which customers are looked for, as text that can be kept in a case file and read back. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from arlib.errors import ParameterError, nearest
from arlib.ledger.search import Narrowing

WORDS = {
    "entity": "entity {}",
    "currency": "open items in {}",
    "bucket": "open items {}",
    "status": "status {}",
    "collector": "collector {}",
    "dispute_reason": "open dispute {}",
}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The values that each filter may take, sorted; buckets in their order."""

    entity: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    bucket: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    collector: tuple[str, ...] = ()
    dispute_reason: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Filters(Narrowing):
    """The filters of a search; '' is any. See `Narrowing` for what they mean together."""

    @classmethod
    def from_parameters(cls, given: Mapping[str, str]) -> Self:
        """The filters that `as_parameters` gave. An unknown name or a value that is no text raises ParameterError."""
        known = [each.name for each in fields(Narrowing)]
        for name, value in given.items():
            if name not in known:
                near = nearest(name, known)
                raise ParameterError(
                    "filters: no such filter", found=name, fix=f"Did you mean {near!r}?" if near else ""
                )
            if not isinstance(value, str):
                raise ParameterError(f"filters: {name}", found=value, wanted="text")
        return cls(**given)

    def as_parameters(self) -> dict[str, str]:
        """Those that are set, by name."""
        return {name: value for name, value in self._values().items() if value}

    def checked(self, choices: Choices) -> Self:
        """The filters themselves. ParameterError with every value that is none of the choices."""
        faults = []
        for name, value in self._values().items():
            allowed = getattr(choices, name)
            if value and value not in allowed:
                near = nearest(value[:80], allowed)
                hint = f"; did you mean {near!r}?" if near else ""
                faults.append(f"no such {name.replace('_', ' ')}: {value[:80]!r}{hint}")
        if faults:
            raise ParameterError(
                "filters: " + "; ".join(faults), fix="Choose from the list, or leave it empty."
            )
        return self

    @property
    def sentence(self) -> str:
        """The filters in words; '' without any."""
        return ", ".join(WORDS[name].format(value) for name, value in self.as_parameters().items())

    def _values(self) -> dict[str, str]:
        return {each.name: getattr(self, each.name) for each in fields(self)}
