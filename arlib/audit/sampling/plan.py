"""Plan a sample: one request in, its size and every figure behind it out. Floor 1.

The one entry that a request or the command line uses; the arithmetic is in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from arlib.audit.sampling.frames import FIGURES, PLANS, PlanMethod, PlanStatus
from arlib.audit.sampling.monetary_plan import Convention, take_out_high_values
from arlib.audit.sampling.request import EXPECTED, RATES, Request, asked_risk, check, read_request
from arlib.audit.sampling.sized import CONVENTIONS, MONETARY, SIZED, Figure, expected_rate, tolerable_rate
from arlib.audit.sampling.words import decimal_text
from arlib.errors import ParameterError, Problem, TableError
from arlib.money import format_minor, is_currency

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan. `row` holds the columns of `frames.PLANS`, money in minor units; `inputs` is the request as it was given."""

    inputs: Mapping[str, str]
    row: Mapping[str, Any]
    figures: tuple[Figure, ...]

    @property
    def size(self) -> int | None:
        """Items or monetary units to draw; None where no sample answers the request."""
        found: int | None = self.row["sample_size"]
        return found


def plan_sample(texts: Mapping[str, str], *, file: str = "request", row: int = 0) -> Plan:
    """The plan of one request, given as texts by column of `frames.PLAN_REQUEST`.

    Raises TableError with every fault of the request, ParameterError where no sample answers it.
    """
    request, problems = _read(texts, file=file, row=row)
    if problems:
        raise TableError("the request for a sample cannot be used", problems, where=file)
    return _planned(request)


def plan_samples(rows: Sequence[Mapping[str, str]], *, file: str = "requests") -> tuple[Plan, ...]:
    """A plan for each row, in their order; a row that no sample answers is `not_possible` with the reason in its note.

    The first row is row 2 of its file. Raises TableError with the faults of all rows, and for an id that stands twice.
    """
    read = [_read(texts, file=file, row=place) for place, texts in enumerate(rows, start=2)]
    problems = [problem for _, found in read for problem in found]
    first: dict[str, int] = {}
    for request, _ in read:
        if first.setdefault(request.id, request.row) != request.row:
            problems.append(
                Problem(file=file, table=PLANS.name, row=request.row, column="id", code="id_stands_twice",
                        found=request.id, wanted=f"another than in row {first[request.id]}")
            )  # fmt: skip
    if problems:
        raise TableError("the requests for samples cannot be used", problems, where=file)
    plans = []
    for request, _ in read:
        try:
            plans.append(_planned(request))
        except ParameterError as fault:
            plans.append(_impossible(request, fault))
    return tuple(plans)


def plan_above_interval(texts: Mapping[str, str], amounts: Sequence[int], *, file: str = "request") -> Plan:
    """The plan of a monetary-unit sample after the items at or above the interval were taken out (`high_items`).

    `amounts` are the positive book values in minor units; `book_value` of the texts is left out or their sum. The rest keeps
    the whole tolerable and expected misstatement, rounded to the side of a larger sample; see `take_out_high_values`.
    Raises as `plan_sample` does, and ParameterError where every item is at or above the interval.
    """
    whole = sum(amounts)
    currency = texts.get("currency", "")
    texts = dict(texts)
    if is_currency(currency) and not texts.get("book_value"):
        texts["book_value"] = format_minor(whole, currency)
    request, problems = _read(texts, file=file, row=0)
    if request["method"] not in (None, PlanMethod.MUS):
        problems.append(
            Problem(file=file, table=PLANS.name, row=0, column="method", code="has_no_interval",
                    found=texts.get("method", ""), wanted="mus: only it takes out items by its interval")
        )  # fmt: skip
    if problems:
        raise TableError("the request for a sample cannot be used", problems, where=file)
    if request["book_value"] != whole:
        raise ParameterError("book_value", found=texts["book_value"], wanted="the sum of the positive items")
    risk, _ = asked_risk(request)
    rate, _ = tolerable_rate(request)
    expected, _ = expected_rate(request, rate)
    found = take_out_high_values(
        amounts, tolerable=floor(rate * whole), expected=ceil(expected * whole), risk=require_risk(request, risk),
        convention=request["convention"] or Convention.EXACT,
    )  # fmt: skip
    found.identity(currency).require()
    if found.plan is None:
        raise ParameterError(
            "every item is at or above the interval",
            found=f"{len(found.positions)} items",
            fix="Examine them all.",
        )
    kept = {name: text for name, text in texts.items() if name not in RATES | EXPECTED or name == "currency"}
    kept |= {
        "book_value": format_minor(found.rest_value, currency),
        "tolerable_amount": format_minor(floor(rate * whole), currency),
        "expected_amount": format_minor(ceil(expected * whole), currency),
    }
    plan = plan_sample(kept, file=file)
    high = format_minor(found.high_value, currency)
    figures = (
        Figure(
            "whole_book_value", format_minor(whole, currency), currency, "book value of all positive items"
        ),
        Figure(
            "high_items",
            str(len(found.positions)),
            "items",
            "items at or above the interval: all are examined",
        ),
        Figure("high_value", high, currency, "their book value; with book_value it is whole_book_value"),
        Figure(
            "rounds",
            str(found.rounds),
            "",
            "how often the interval was worked out until nothing more was above it",
        ),
        *plan.figures,
    )
    row = {**plan.row, "high_items": len(found.positions), "high_value": found.high_value}
    return Plan(inputs=dict(request.texts), row=row, figures=figures)


def plans_frame(plans: Sequence[Plan]) -> pd.DataFrame:
    """The plans as the table `frames.PLANS`, in their order."""
    return PLANS.from_rows([plan.row for plan in plans])


def figures_frame(plans: Sequence[Plan]) -> pd.DataFrame:
    """Every figure of every plan as the table `frames.FIGURES`."""
    return FIGURES.from_rows(
        {"row": plan.row["row"], "id": plan.row["id"], "rank": rank, "figure": one.figure, "value": one.value,
         "unit": one.unit, "words": one.words}
        for plan in plans
        for rank, one in enumerate(plan.figures, start=1)
    )  # fmt: skip


def _read(texts: Mapping[str, str], *, file: str, row: int) -> tuple[Request, list[Problem]]:
    request, problems = read_request(texts, file=file, row=row)
    unreadable = {problem.column for problem in problems}
    return request, problems + [one for one in check(request) if one.column not in unreadable]


def _planned(request: Request) -> Plan:
    risk, risk_words = asked_risk(request)
    if risk is not None:
        require_risk(request, risk)
    method: PlanMethod = request["method"]
    try:
        sized = SIZED[method](request, risk)
    except ParameterError as fault:
        fault.where = fault.where or f"plan {request.id}"
        raise
    figures = list(sized.figures)
    if risk is not None:
        figures.insert(0, Figure("risk", decimal_text(risk), "share", risk_words))
        figures.insert(1, Figure("confidence", decimal_text(1 - risk), "share", "1 - risk"))
    row = _row(request, risk, PlanStatus.PLANNED, sized.convention or CONVENTIONS[method])
    row |= {name: value for name, value in sized.columns.items() if value is not None}
    notes = (_larger(request, row), sized.note, request.texts.get("note", ""))
    row["note"] = "; ".join(part for part in notes if part)
    return Plan(inputs=dict(request.texts), row=row, figures=tuple(figures))


def require_risk(request: Request, risk: Fraction | None) -> Fraction:
    """The risk, under 1; an audit risk that the other risks do not reach raises ParameterError."""
    assert risk is not None  # the request was checked
    if risk < 1:
        return risk
    raise ParameterError(
        "audit_risk",
        where=f"plan {request.id}",
        found=f"a risk of {decimal_text(risk)}",
        wanted="less than inherent x control x analytical risk",
        fix="The other risks leave no more than the audit risk: no sample is needed for it.",
    )


def _larger(request: Request, row: Mapping[str, Any]) -> str:
    population = request["population_size"]
    if population is None or request["method"] is PlanMethod.MUS or row["sample_size"] <= population:
        return ""
    return "the sample is larger than the population: examine all of it, or plan by the hypergeometric distribution"


def _impossible(request: Request, fault: ParameterError) -> Plan:
    method: PlanMethod = request["method"]
    convention = CONVENTIONS.get(method) or MONETARY[request["convention"] or Convention.EXACT]
    row = _row(request, asked_risk(request)[0], PlanStatus.NOT_POSSIBLE, convention)
    row["note"] = "; ".join(line.strip() for line in str(fault).splitlines())
    return Plan(inputs=dict(request.texts), row=row, figures=())


def _row(request: Request, risk: Fraction | None, status: PlanStatus, convention: str) -> dict[str, Any]:
    is_risk = risk is not None and risk < 1
    return {
        "row": request.row, "id": request.id, "status": status.value, "method": request["method"].value,
        "convention": convention, "sample_size": None,
        "units": "monetary_units" if request["method"] is PlanMethod.MUS else "items",
        "confidence": decimal_text(1 - risk) if risk is not None and is_risk else None,
        "risk": decimal_text(risk) if risk is not None and is_risk else None,
        "population_size": request["population_size"], "currency": request.texts.get("currency"),
        "book_value": request["book_value"], "note": "",
    }  # fmt: skip
