"""The parameters of each audit notebook: the common ones, the population, and the kind's options, all flat. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, create_model

from arlib.audit.ask import Ask
from arlib.audit.kinds import KINDS
from arlib.audit.population import Population
from arlib.run.notebook_params import Common, DayText, Shown
from arlib.run.validate import model_of

LISTED = ("item_types", "currencies", "customers", "control_accounts")  # flat as text, by comma


class AuditCommon(Shown, Common):
    """What every audit notebook is given beside its own options."""

    as_of: DayText = Field("", description='date of the question, ISO; "" for the end of the period')
    request_id: str = Field("", description="the auditor's number of the request")
    asked_by: str = Field("", description="who asks")
    item_types: str = Field("", description='item types of the population by comma, "" for all')
    currencies: str = Field("", description='currencies of the population by comma, "" for all')
    customers: str = Field("", description='customer ids of the population by comma, "" for all')
    control_accounts: str = Field("", description='control accounts of the population by comma, "" for all')
    side: Literal["all", "debits", "credits"] = Field("all", description="which side of the population")
    at_least: str = Field("", description='smallest amount without sign, decimal text; "" for none')


def _model(name: str) -> type[Common]:
    kind = KINDS[name]
    title = "".join(part.capitalize() for part in name.split("_"))
    own = model_of(kind.options, f"{title}Own")
    declared: dict[str, Any] = {key: (info.annotation, info) for key, info in own.model_fields.items()}
    doc = f"{kind.answers[0].upper()}{kind.answers[1:]}."
    return create_model(f"{title}Params", __base__=AuditCommon, __doc__=doc, **declared)


AUDIT_NOTEBOOKS: Mapping[str, type[Common]] = MappingProxyType({name: _model(name) for name in KINDS})


def file_options(kind: str) -> tuple[str, ...]:
    """The options of a kind that name a file which comes with the request."""
    return tuple(each.name for each in fields(KINDS[kind].options) if each.metadata.get("file"))


def needed_files(kind: str) -> tuple[str, ...]:
    """Those of them without which the kind cannot answer anything."""
    return tuple(each.name for each in fields(KINDS[kind].options) if each.metadata.get("needed"))


def population_of(parameters: AuditCommon) -> Population:
    """The population that flat parameters name; ParameterError for one that cannot be."""
    listed = {name: _split(getattr(parameters, name)) for name in LISTED}
    return Population(**listed, side=parameters.side, at_least=parameters.at_least)


def ask_of(kind: str, parameters: AuditCommon, *, files: Mapping[str, str]) -> Ask:
    """What logic is given: population, options and the texts of the files. The options check themselves."""
    own = {each.name: getattr(parameters, each.name) for each in fields(KINDS[kind].options) if each.init}
    return Ask(
        kind=kind,
        request_id=parameters.request_id,
        asked_by=parameters.asked_by,
        population=population_of(parameters),
        options=KINDS[kind].options(**own),
        files=MappingProxyType(dict(files)),
    )


def as_of_of(parameters: AuditCommon) -> date | None:
    """The date of the question; None for the end of the period."""
    return date.fromisoformat(parameters.as_of) if parameters.as_of else None


def flat_population(given: Mapping[str, Any]) -> dict[str, str]:
    """A population of a request as the flat parameters that stand for it."""
    return {
        name: ", ".join(value) if isinstance(value, (list, tuple)) else str(value)
        for name, value in given.items()
    }


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
