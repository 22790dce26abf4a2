"""The parameters of each monthly notebook: flat, of plain types, and refused when unknown or retyped (those of audit
notebooks: `audit_params`). Floor 4.

A notebook's `parameters` cell has exactly these names; `arlib params show` lists them from here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, Field

from arlib.errors import ParameterError, nearest
from arlib.policy import Basis
from arlib.run.validate import Strict, refused, validate_given

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(10))})


CODE_WORDS = "a code of 1 to 32 letters, digits and . _ - that begins with a letter or digit"


def _is_code(text: str) -> bool:
    is_reserved = text.endswith(".") or text.split(".")[0].lower() in _RESERVED
    return bool(_CODE.fullmatch(text)) and not is_reserved


def _code(text: str) -> str:
    if not _is_code(text):
        raise refused(CODE_WORDS)
    return text


def require_code(entity: str) -> None:
    """An entity's code that becomes a folder; raises ParameterError where it is none."""
    if not _is_code(entity):
        raise ParameterError("an entity whose code cannot name a folder", found=entity, wanted=CODE_WORDS)


def _day(text: str) -> str:
    if text:
        try:
            is_day = date.fromisoformat(text).isoformat() == text
        except ValueError:
            is_day = False
        if not is_day:
            raise refused('a date such as "2026-11-03", in quotes, or "" for none')
    return text


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise refused("one line of text")
    return text


# A code becomes a folder name on any system, so it is kept to what every file system takes.
CODE_PATTERN = f"^{_CODE.pattern}$"
Code = Annotated[str, AfterValidator(_code), Field(json_schema_extra={"pattern": CODE_PATTERN})]
DayText = Annotated[
    str, AfterValidator(_day), Field(json_schema_extra={"pattern": r"^(\d{4}-\d{2}-\d{2})?$"})
]
Line = Annotated[str, AfterValidator(_line), Field(json_schema_extra={"minLength": 1})]


class Shown(Strict):
    """What any notebook may be told."""

    rows_shown: int = Field(
        20, ge=1, le=1000, description="rows of each table on the page; the workbook has them all"
    )


class AgingOwn(Shown):
    """Parameters of the aging notebook beside the common ones."""

    basis: Annotated[Basis, Field(strict=False)] = Field(
        Basis.POSTING,
        description="which date counts: posting (the ledger's) or effective (the customer's view)",
    )
    known_at: DayText = Field(
        "", description='as known at the end of this day, ISO date; "" for all that is known now'
    )


class CashApplicationOwn(Shown):
    """Parameters of the cash-application notebook beside the common ones."""

    receipts: Literal["open", "period", "all"] = Field(
        "period",
        description="open: place what the ledger has not applied; period: and place the period's receipts again, to "
        "compare with what was booked; all: every receipt again",
    )


class Common(Strict):
    """Parameters that the close gives to every notebook."""

    close_file: Line = Field(description="close file, from the project root")
    entity: Code = Field(description='entity code, text in quotes: "00417" keeps its zeros')
    period: Code = Field(description='period name, text in quotes, such as "2026-10"')


class AgingParams(AgingOwn, Common):
    """Aging: who owes what, how late."""


class CashApplicationParams(CashApplicationOwn, Common):
    """Cash application: which receipts paid which items, and what waits for a person."""


class ControlAccountParams(Shown, Common):
    """Control account: does the sub-ledger agree with the general ledger, and how did the balance move."""


class CustomerReconciliationParams(Shown, Common):
    """Customer reconciliation: our ledger against the customers' own statements."""


class BadDebtParams(Shown, Common):
    """Bad debt: what is expected to be lost, how the allowance moved, and whether last year's was enough."""


class WriteOffsParams(Shown, Common):
    """Write-offs: what is proposed, what is blocked and why, and what came back."""


class AdjustmentsParams(Shown, Common):
    """Adjustments: credits, deductions, refunds and settlements that wait for an approval."""


class PerformanceParams(Shown, Common):
    """Performance: how the month went, by named conventions, and what cash to expect."""


class StatementsParams(Shown, Common):
    """Statements: what each customer is told that it owes, and that it adds up to the ledger."""


class CollectionsParams(Shown, Common):
    """Collections: who to call, what was promised, who gets which letter."""


class MonthEndSummaryParams(Shown, Common):
    """Month-end summary: what tied, what needs a person, top movements."""


NOTEBOOKS: Mapping[str, type[Common]] = MappingProxyType(
    {
        "aging": AgingParams,
        "cash_application": CashApplicationParams,
        "control_account": ControlAccountParams,
        "customer_reconciliation": CustomerReconciliationParams,
        "bad_debt": BadDebtParams,
        "write_offs": WriteOffsParams,
        "adjustments": AdjustmentsParams,
        "performance": PerformanceParams,
        "statements": StatementsParams,
        "collections": CollectionsParams,
        "month_end_summary": MonthEndSummaryParams,
    }
)

OWN: Mapping[str, type[Strict]] = MappingProxyType(
    {
        "aging": AgingOwn,
        "cash_application": CashApplicationOwn,
        "control_account": Shown,
        "customer_reconciliation": Shown,
        "bad_debt": Shown,
        "write_offs": Shown,
        "adjustments": Shown,
        "performance": Shown,
        "statements": Shown,
        "collections": Shown,
        "month_end_summary": Shown,
    }
)


def notebook_model(name: str) -> type[Common]:
    """The model of a notebook's parameters; an unknown name raises ParameterError with the nearest."""
    from arlib.run.audit_params import AUDIT_NOTEBOOKS
    from arlib.run.explore_params import EXPLORE_NOTEBOOKS

    known = {**NOTEBOOKS, **AUDIT_NOTEBOOKS, **EXPLORE_NOTEBOOKS}
    if name not in known:
        near = nearest(name, known)
        raise ParameterError(
            "no such notebook",
            found=name,
            wanted=f"one of {', '.join(known)}",
            fix=f"Did you mean {near!r}?" if near else "",
        )
    return known[name]


def check_notebook(name: str, given: Mapping[str, Any]) -> Common:
    """The parameters that a notebook was given, validated; unknown, missing or retyped ones raise
    ParameterFaults.
    """
    return validate_given(given, notebook_model(name), name=f"notebook {name}")


def flat_values(model: BaseModel) -> dict[str, str | int | bool]:
    """A notebook's parameters as JSON primitives, in declared order, common ones first."""
    dumped = cast(dict[str, str | int | bool], model.model_dump(mode="json"))
    first = [key for key in Common.model_fields if key in dumped]
    return {key: dumped[key] for key in (*first, *(key for key in dumped if key not in first))}
