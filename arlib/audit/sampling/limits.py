"""Evaluate attribute samples: a row with size and errors in, the limits of the rate out. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from arlib.audit.sampling.attributes import AttributeResult, Method, Side, evaluate
from arlib.audit.sampling.frames import LIMIT_REQUEST, LIMITS
from arlib.audit.sampling.request import Request, read_request
from arlib.audit.sampling.words import decimal_text
from arlib.errors import Problem, TableError

if TYPE_CHECKING:
    import pandas as pd

NEEDS = ("method", "sample_size", "errors")


def evaluate_rows(
    rows: Sequence[Mapping[str, str]], *, file: str = "samples", first_row: int = 2
) -> tuple[dict[str, Any], ...]:
    """The limits of each sample, given as texts by column of `frames.LIMIT_REQUEST`; rows of `frames.LIMITS`, in order.

    `first_row` is the row of the first in its file, 0 for options. The conclusion compares P(so few errors) at the
    tolerable rate with the risk, exactly; for a lower limit there is none. Raises TableError with all faults of all rows.
    """
    problems: list[Problem] = []
    found: list[dict[str, Any]] = []
    for place, texts in enumerate(rows, start=first_row):
        request, faults = read_request(texts, table=LIMIT_REQUEST, file=file, row=place)
        unreadable = {fault.column for fault in faults}
        faults += [fault for fault in _check(request) if fault.column not in unreadable]
        problems += faults
        if not faults:
            found.append(_row(request))
    if problems:
        raise TableError("the samples cannot be evaluated", problems, where=file)
    return tuple(found)


def limits_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows as the table `frames.LIMITS`, in their order."""
    return LIMITS.from_rows(rows)


def _check(request: Request) -> list[Problem]:
    problems: list[Problem] = []

    def fault(column: str, code: str, wanted: str, found: str = "") -> None:
        problems.append(
            Problem(file=request.file, table=LIMIT_REQUEST.name, row=request.row, column=column, code=code,
                    found=found, wanted=wanted)
        )  # fmt: skip

    for name in NEEDS:
        if name not in request.texts:
            wanted = f"one of {', '.join(Method)}" if name == "method" else LIMIT_REQUEST[name].meaning
            fault(name, "missing", wanted)
    if len({"confidence", "risk"} & request.texts.keys()) != 1:
        both = "confidence" in request.texts
        fault("risk", "given_twice" if both else "missing", "one of confidence, risk")
    if problems:
        return problems
    size, errors, population = request["sample_size"], request["errors"], request["population_size"]
    if size is None or errors is None or request["method"] is None:
        return problems
    if errors > size:
        fault("errors", "more_errors_than_items", f"at most {size}", request.texts["errors"])
    if request["method"] is not Method.POISSON and errors.denominator != 1:
        fault("errors", "not_whole", "a whole number, or poisson", request.texts["errors"])
    if request["method"] is Method.HYPERGEOMETRIC and "population_size" not in request.texts:
        fault("population_size", "missing", LIMIT_REQUEST["population_size"].meaning)
    if population is not None and size > population:
        fault(
            "sample_size", "larger_than_the_population", f"at most {population}", request.texts["sample_size"]
        )
    return problems


def _row(request: Request) -> dict[str, Any]:
    risk = request["risk"] if request["risk"] is not None else 1 - request["confidence"]
    result = evaluate(
        request["method"], size=request["sample_size"], errors=request["errors"], risk=risk,
        population=request["population_size"], side=request["side"] or Side.UPPER, tolerable=request["tolerable_rate"],
    )  # fmt: skip
    return limit_row(result, row=request.row, name=request.id, note=request.texts.get("note", ""))


def limit_row(result: AttributeResult, *, row: int = 0, name: str = "1", note: str = "") -> dict[str, Any]:
    """A result as a row of `frames.LIMITS`."""
    conclusion = {None: None, True: "supported", False: "not_supported"}[result.is_supported]
    return {
        "row": row, "id": name, "method": result.method.value, "side": result.side.value,
        "confidence": decimal_text(1 - result.risk), "sample_size": result.size,
        "errors": decimal_text(result.errors), "population_size": result.population,
        "rate": decimal_text(result.rate), "lower_limit": decimal_text(result.lower),
        "upper_limit": decimal_text(result.upper), "precision": decimal_text(result.precision),
        "tolerable_rate": _text(result.tolerable),
        "risk_at_tolerable": None if result.tolerable_risk is None else decimal_text(result.tolerable_risk),
        "conclusion": conclusion, "note": note,
    }  # fmt: skip


def _text(value: Fraction | None) -> str | None:
    return None if value is None else decimal_text(value)
