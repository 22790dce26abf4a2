"""A validated close: whose books, which period, from which extracts, by which policies. Floor 4.

Frozen; made by `params.load_close` only. It answers what each notebook is given and in which scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from arlib.calendar import FiscalCalendar, Period
from arlib.errors import DateError, ParameterError, nearest
from arlib.policy import Basis, Policies, Scope, choices
from arlib.run.notebook_params import Common, check_notebook, flat_values, notebook_model
from arlib.run.project import from_root
from arlib.sources.spec import SourceSpec


@dataclass(frozen=True, kw_only=True)
class EntitySpec:
    """A legal entity that is closed."""

    code: str
    name: str
    functional_currency: str
    time_zone: str = "UTC"
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class LimitSpec:
    """How long notebooks may take; the one place of these defaults."""

    cell_seconds: int = 300
    run_seconds: int = 1200


@dataclass(frozen=True, kw_only=True)
class ClosePlan:
    """A validated close.

    `close_file` is named from the project root; `outputs` and source folders are absolute.
    """

    close_file: str
    close_file_sha256: str
    root: Path
    title: str
    period: str
    calendar: FiscalCalendar
    outputs: Path
    entities: tuple[EntitySpec, ...]
    sources: tuple[SourceSpec, ...]
    policies: Policies
    notebooks: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, str | int | bool]] = field(default_factory=dict)
    limits: LimitSpec = field(default_factory=LimitSpec)

    @property
    def functional(self) -> dict[str, str]:
        """Functional currency by entity code, as `load_book` takes it."""
        return {entity.code: entity.functional_currency for entity in self.entities}

    def entity(self, code: str) -> EntitySpec:
        """The entity of that code; one that the close file does not declare raises ParameterError."""
        known = {entity.code: entity for entity in self.entities}
        if code not in known:
            near = nearest(code, known)
            raise ParameterError(
                "entity not declared",
                where=self.close_file,
                found=code,
                wanted=f"one of {', '.join(known)}",
                fix=f"Did you mean {near!r}?" if near else "",
            )
        return known[code]

    def period_dates(self) -> Period:
        """The period with its first and last day."""
        return self.calendar.period(self.period)

    def previous_period(self) -> str:
        """The name of the period before."""
        return self.calendar.previous(self.period_dates()).name

    def for_period(self, period: str) -> ClosePlan:
        """The same plan for another period of its calendar; ParameterError when the calendar has none of that
        name.
        """
        return replace(self, period=self.calendar.period(period).name)

    def scope(
        self,
        entity: str,
        *,
        basis: Basis | str = Basis.POSTING,
        known_at: date | str | None = None,
        as_of: date | None = None,
    ) -> Scope:
        """What logic is given for one entity: its period, seen as of the period's end unless `as_of` says
        otherwise.

        `known_at` may be ISO text, '' for none. Raises ParameterError for an undeclared entity or a malformed
        value.
        """
        spec, period = self.entity(entity), self.period_dates()
        if basis not in list(Basis):
            raise ParameterError("basis", found=basis, wanted=f"one of {choices(Basis)}")
        return Scope(
            entity=spec.code,
            entity_name=spec.name,
            functional_currency=spec.functional_currency,
            period=period.name,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            as_of=as_of or period.ends_on,
            time_zone=spec.time_zone,
            country=spec.country,
            basis=Basis(basis),
            known_at=_day(known_at),
        )

    def notebook_parameters(self, notebook: str, entity: str) -> Common:
        """The validated parameters of one notebook for one entity: the close's own and those of the close
        file.
        """
        _ = notebook_model(notebook), self.entity(entity)
        common = {"close_file": self.close_file, "entity": entity, "period": self.period}
        return check_notebook(notebook, {**common, **self.parameters.get(notebook, {})})

    def flat(self, notebook: str, entity: str) -> dict[str, str | int | bool]:
        """The same as JSON primitives, as they are injected into the notebook."""
        return flat_values(self.notebook_parameters(notebook, entity))

    def as_json(self) -> dict[str, Any]:
        """The plan as run.json freezes it: plain data, money as decimal text, paths from the project root."""
        return {
            "schema": "arlib.close/1",
            "close_file": self.close_file,
            "close_file_sha256": self.close_file_sha256,
            "title": self.title,
            "period": self.period,
            "calendar": _plain(asdict(self.calendar)),
            "entities": [asdict(entity) for entity in self.entities],
            "sources": [_source_json(self.root, source) for source in self.sources],
            "policies": _plain(asdict(self.policies)),
            "notebooks": list(self.notebooks),
            "parameters": {name: dict(own) for name, own in self.parameters.items()},
            "limits": asdict(self.limits),
        }


def _source_json(base: Path, source: SourceSpec) -> dict[str, Any]:
    profile = source.profile
    if profile.endswith((".yml", ".yaml")):
        profile = from_root(base, Path(profile))
    place = (
        {"database": source.database} if source.folder is None else {"folder": from_root(base, source.folder)}
    )
    return {
        **place,
        "profile": profile,
        "tables": {name: list(files) for name, files in source.tables.items()},
        "options": _plain(dict(source.options)),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)


def _day(value: date | str | None) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise DateError("known_at", found=value, wanted="a date such as 2026-11-03") from None
