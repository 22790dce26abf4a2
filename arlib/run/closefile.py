"""The close file as it is written: the pydantic model of its keys. Floor 4.

`params` makes the frozen plan of it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, create_model

from arlib.calendar.periods import FiscalCalendar
from arlib.policy import Policies
from arlib.run.audit_params import AUDIT_NOTEBOOKS
from arlib.run.notebook_params import CODE_PATTERN, NOTEBOOKS, OWN, Code, Line
from arlib.run.plan import LimitSpec
from arlib.run.validate import Strict, entry_of, model_of, refused
from arlib.sources.database.address import VARIABLE

SCHEMA = "arlib.close/1"


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _country(text: str) -> str:
    if text and not (len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()):
        raise refused('an ISO 3166 code of two capitals, such as "US"')
    return text


FileNames = Annotated[
    tuple[Line, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str]), Field(min_length=1)
]
# Which names a calendar has is its own to say, with the one that is meant; the pattern is for editors.
PeriodName = Annotated[str, Field(json_schema_extra={"pattern": CODE_PATTERN})]
Variable = Annotated[Line, Field(json_schema_extra={"pattern": f"^{VARIABLE.pattern}$"})]  # see params
Country = Annotated[str, AfterValidator(_country), Field(json_schema_extra={"pattern": "^([A-Z]{2})?$"})]
NotebookName = Literal[
    "aging",
    "cash_application",
    "control_account",
    "customer_reconciliation",
    "bad_debt",
    "write_offs",
    "adjustments",
    "performance",
    "statements",
    "collections",
    "month_end_summary",
]

CalendarEntry = model_of(FiscalCalendar, "CalendarEntry")


POLICY_WORDS = {
    "aging": "buckets and what goes in them",
    "large_balance": "customers above an amount and age",
    "tie_out": "how the control account is compared",
    "controls": "which controls must run and when they block",
    "matching": "what cash application may do by itself",
    "allowance": "framework, loss rates, overlay and reserves",
    "write_off": "what is proposed for write-off, and what blocks it",
    "adjustment": "credits, deductions, settlements, fees and commission",
    "refund": "refunds and unclaimed property",
    "authority": "who may propose, approve and post what, up to what amount",
    "contact": "how often accounts are touched, when a promise is kept, who clears what prevents payment",
    "work_list": "who is called first, portfolios, escalation, placement",
    "credit_review": "credit limits, holds, releases and customer files",
    "dunning": "letters by level, interest and what is spared",
    "statement": "statements of account",
    "performance": "KPI conventions, trend and recurring causes",
    "forecast": "cash forecast",
}


class EntityEntry(Strict):
    """A legal entity that is closed."""

    code: Code = Field(description='entity code in quotes: "00417" keeps its zeros')
    name: Line = Field(description="name on reports")
    functional_currency: str = Field(description="ISO 4217 code of the currency of its books")
    time_zone: str = Field(
        "UTC", description="IANA name, such as America/New_York; its days end at midnight there"
    )
    country: Country = Field("", description="ISO 3166 code, for business days")


class SourceEntry(Strict):
    """A folder of extracts, or a database, and the profile that reads it."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["folder"]}, {"required": ["database"]}]}
    )

    folder: Line = Field("", description="folder, from the project root; it may lie outside the project")
    database: Variable = Field(
        "", description="instead of a folder: the environment variable that holds the address of a database"
    )
    profile: Line = Field(
        "canonical", description="a built-in profile or a YAML file of one, from the project root"
    )
    tables: dict[str, FileNames] = Field(
        {}, description="file names (of a database: tables) by role, when not the profile's own"
    )
    options: dict[str, str | bool | int | list[str] | dict[str, str | int]] = Field(
        {}, description="settings of the profile to override; of a database also parameters of its queries"
    )


class Limits(Strict):
    """How long notebooks may take."""

    cell_seconds: int = Field(
        LimitSpec.cell_seconds, ge=1, le=86_400, description="longest time for one cell"
    )
    run_seconds: int = Field(
        LimitSpec.run_seconds, ge=1, le=604_800, description="longest time for one notebook"
    )


if TYPE_CHECKING:
    PoliciesEntry = Strict
    ParametersEntry = Strict
else:
    PoliciesEntry = create_model(
        "PoliciesEntry",
        __base__=Strict,
        __doc__="What is a choice of the company.",
        **{
            name: (entry_of(kind), Field(entry_of(kind)(), description=POLICY_WORDS[name]))
            for name, kind in get_type_hints(Policies).items()
        },
    )
    ParametersEntry = create_model(
        "ParametersEntry",
        __base__=Strict,
        __doc__="Parameters of single notebooks.",
        **{
            name: (own, Field(own(), description=f"parameters of the notebook {name}"))
            for name, own in OWN.items()
        },
    )


class CloseFile(Strict):
    """Parameters of a month-end close of arlib. Codes, dates and amounts are text in quotes."""

    schema_: Literal["arlib.close/1"] = Field(alias="schema", description="version of this file's form")
    title: Line = Field(description="title on the reports")
    period: PeriodName = Field(description='period to close, in quotes, such as "2026-10"')
    outputs: Line = Field("outputs", description="output folder inside the project")
    calendar: CalendarEntry = Field(CalendarEntry(), description="fiscal calendar")  # type: ignore[valid-type]
    entities: tuple[EntityEntry, ...] = Field(min_length=1, description="legal entities that are closed")
    sources: tuple[SourceEntry, ...] = Field(min_length=1, description="where their extracts are")
    policies: PoliciesEntry = Field(PoliciesEntry(), description="policies, each with a default")
    notebooks: tuple[NotebookName, ...] = Field(
        get_args(NotebookName), min_length=1, description="notebooks to run, in this order"
    )
    parameters: ParametersEntry = Field(ParametersEntry(), description="parameters of single notebooks")
    limits: Limits = Field(Limits.model_validate({}), description="time limits")


class PolicyFile(Strict):
    """Policies alone, as `--policy` takes them."""

    policies: PoliciesEntry = Field(description="policies, each with a default")


@cache
def schemas() -> dict[str, str]:
    """JSON Schemas for editors by file name: the close file, a policy file, an audit request, a case, and each notebook's
    flat parameters.
    """
    models: dict[str, type[Strict]] = {"close": CloseFile, "policies": PolicyFile}
    models |= {f"notebook.{name}": model for name, model in {**NOTEBOOKS, **AUDIT_NOTEBOOKS}.items()}
    made = {}
    for name, model in models.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(by_alias=True),
        }
        made[f"{name}.schema.json"] = _text(schema)
    from arlib.run.audit.request import request_schema

    made["audit.schema.json"] = _text(request_schema())
    from arlib.run.cases.model import case_schema

    made["case.schema.json"] = _text(case_schema())
    return made


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
