"""The size that each method gives to a request, with the figures behind it in words. Floor 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from arlib.audit.sampling import attributes, bayes, two_stage, variables
from arlib.audit.sampling.attributes import LARGEST, Method
from arlib.audit.sampling.frames import PlanMethod
from arlib.audit.sampling.monetary_plan import Convention, MonetaryPlan, plan_monetary
from arlib.audit.sampling.request import Request
from arlib.audit.sampling.words import decimal_text, money_text
from arlib.errors import ParameterError
from arlib.money import format_minor

NORMAL = "normal coefficients, one-sided for acceptance and two-sided for rejection"
CONVENTIONS = {
    PlanMethod.BINOMIAL: "exact binomial; expected errors rounded up (AICPA tables A-1, A-2)",
    PlanMethod.POISSON: "exact Poisson; expected errors not rounded",
    PlanMethod.HYPERGEOMETRIC: "exact hypergeometric; expected errors and tolerable errors rounded up",
    PlanMethod.GAMMA: "gamma posterior; expected errors not rounded",
    PlanMethod.BETA: "beta posterior; expected errors not rounded",
    PlanMethod.TWO_STAGE: "two samples of equal size",
    PlanMethod.MEAN_PER_UNIT: NORMAL,
    PlanMethod.DIFFERENCE: NORMAL,
    PlanMethod.NON_STATISTICAL: "book value x assurance factor / tolerable",
}
MONETARY = {
    Convention.EXACT: "exact: factor not rounded (AICPA table C-1)",
    Convention.TEXTBOOK: "textbook: factor rounded up to two places",
    Convention.EXPANSION: "expansion: factor for no error and expansion factor (AICPA guides before 2008)",
}
FACTOR_WORDS = {
    Convention.EXACT: "F that solves F = gamma quantile(confidence; 1 + F x expected / tolerable), not rounded",
    Convention.TEXTBOOK: "F that solves F = gamma quantile(confidence; 1 + F x expected / tolerable), rounded up",
    Convention.EXPANSION: "Poisson factor for no error, rounded up to two places",
}
SIZE_WORDS = {
    Convention.EXACT: "smallest n with P(at most expected_rate x n errors, where tolerable_rate x n are to be expected) "
    "at or under the risk, Poisson; the same as factor / tolerable_rate rounded up",
    Convention.TEXTBOOK: "factor / tolerable_rate, rounded up",
    Convention.EXPANSION: "factor / (tolerable_rate - expected_rate x expansion_factor), rounded up",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure behind a plan: name, value as text, what it counts, and how it is come by."""

    figure: str
    value: str
    unit: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Sized:
    """What a method answers: columns of `frames.PLANS`, figures, and where it has its own, convention and remark."""

    columns: Mapping[str, Any]
    figures: tuple[Figure, ...]
    convention: str = ""
    note: str = ""


def tolerable_amount(request: Request) -> tuple[Fraction | None, str]:
    """The tolerable misstatement in minor units, and how it is come by; None where only a rate was given."""
    if request["tolerable_amount"] is not None:
        return Fraction(request["tolerable_amount"]), "as asked"
    if request["materiality"] is None:
        return None, ""
    if request["performance_share"] is None:
        return Fraction(request["materiality"]), "materiality"
    return request["materiality"] * request["performance_share"], "materiality x performance_share"


def tolerable_rate(request: Request) -> tuple[Fraction, str]:
    """The tolerable rate and how it is come by; ParameterError where it is no share, as no sample is needed then."""
    amount, _ = tolerable_amount(request)
    if amount is not None:
        rate, words = amount / request["book_value"], "tolerable_amount / book_value"
    elif request["tolerable_errors"] is not None:
        rate = Fraction(request["tolerable_errors"], request["population_size"])
        words = "tolerable_errors / population_size"
    else:
        rate, words = request["tolerable_rate"], "as asked"
    if not 0 < rate < 1:
        raise ParameterError(
            "tolerable rate",
            found=decimal_text(rate),
            wanted="more than 0 and less than 1",
            fix="A tolerable misstatement of the whole book value or more needs no sample.",
        )
    return rate, words


def expected_rate(request: Request, tolerable: Fraction) -> tuple[Fraction, str]:
    """The expected rate and how it is come by."""
    if request["expected_rate"] is not None:
        return request["expected_rate"], "as asked"
    if request["expected_amount"] is not None:
        return Fraction(request["expected_amount"], request["book_value"]), "expected_amount / book_value"
    if request["expected_to_tolerable"] is not None:
        return tolerable * request["expected_to_tolerable"], "expected_to_tolerable x tolerable_rate"
    return Fraction(0), "none expected"


def _rates(
    request: Request, *, expects: bool = True
) -> tuple[dict[str, Any], list[Figure], Fraction, Fraction]:
    """Columns, figures, the tolerable and the expected rate; amounts beside them where there is a book value."""
    book, currency = request["book_value"], request.texts.get("currency", "")
    tolerable, words = tolerable_rate(request)
    expected, expected_words = expected_rate(request, tolerable)
    columns: dict[str, Any] = {"tolerable_rate": decimal_text(tolerable)}
    figures = [Figure("tolerable_rate", decimal_text(tolerable), "share", words)]
    expects = expects and request["expected_errors"] is None
    if expects:
        columns["expected_rate"] = decimal_text(expected)
        figures.append(Figure("expected_rate", decimal_text(expected), "share", expected_words))
    if book:
        amount, amount_words = tolerable_amount(request)
        used = tolerable * book if amount is None else amount
        columns["tolerable_amount"] = floor(used)
        words = amount_words or "tolerable_rate x book_value"
        figures.append(Figure("tolerable_amount", money_text(used, currency), currency, words))
        if expects:
            columns["expected_amount"] = floor(expected * book)
            text = money_text(expected * book, currency)
            figures.append(Figure("expected_amount", text, currency, "expected_rate x book_value"))
    return columns, figures, tolerable, expected


def _answer(
    size: int, errors: Fraction, left: Fraction, *, words: str, left_words: str
) -> tuple[dict[str, Any], list[Figure]]:
    columns = {
        "sample_size": size,
        "expected_errors": decimal_text(errors),
        "risk_left": decimal_text(left),
    }
    allowed = "errors that the sample may have and still support the population"
    return columns, [
        Figure("sample_size", str(size), "items", words),
        Figure("expected_errors", decimal_text(errors), "errors", allowed),
        Figure("risk_left", decimal_text(left), "share", left_words),
    ]


def _attribute(request: Request, risk: Fraction | None) -> Sized:
    columns, figures, tolerable, expected = _rates(request)
    method = Method(request["method"].value)
    found = attributes.size(
        method, tolerable=tolerable, risk=_given(risk), expected_rate=expected,
        expected_errors=request["expected_errors"], population=request["population_size"],
        largest=request["largest_size"] or LARGEST,
    )  # fmt: skip
    more, shown = _answer(
        found.size, found.errors, found.risk,
        words=f"smallest n with P(at most the expected errors; n, tolerable rate) at or under the risk, {method}",
        left_words="P(at most the expected errors) in such a sample, were the population just tolerable",
    )  # fmt: skip
    return Sized(columns=columns | more, figures=(*figures, *shown))


def _posterior(request: Request, risk: Fraction | None) -> Sized:
    columns, figures, tolerable, expected = _rates(request)
    seen, wrong = request["prior_size"], request["prior_errors"]
    found = bayes.size(
        bayes.Prior(request["method"].value), tolerable=tolerable, risk=_given(risk), expected_rate=expected,
        expected_errors=request["expected_errors"], prior_size=Fraction(1) if seen is None else seen,
        prior_errors=wrong or Fraction(0), largest=request["largest_size"] or LARGEST,
    )  # fmt: skip
    more, shown = _answer(
        found.size, found.errors, found.risk,
        words=f"smallest n after which P(rate above the tolerable one) is at or under the risk, {request['method']} posterior",
        left_words="P(rate above the tolerable one) after such a sample with the expected errors",
    )  # fmt: skip
    return Sized(columns=columns | more, figures=(*figures, *shown))


def _two_stage(request: Request, risk: Fraction | None) -> Sized:
    columns, figures, tolerable, _ = _rates(request, expects=False)
    accept = request["accept"] or 0
    found = two_stage.two_stage_size(
        request["distribution"] or Method.BINOMIAL, tolerable=tolerable, risk=_given(risk), accept=accept,
        continue_to=accept + 1 if request["continue_to"] is None else request["continue_to"],
        accept_second=request["accept_second"] or 0, population=request["population_size"],
        largest=request["largest_size"] or LARGEST,
    )  # fmt: skip
    left = decimal_text(found.risk_left)
    rule = (
        f"accept with at most {found.accept} errors in the first {found.first}; with up to {found.continue_to} draw "
        f"{found.second} more and accept with at most {found.accept_second} in those; else stop"
    )
    come_by = "smallest n with P(accepting) at or under the risk, both samples of n items"
    left_words = (
        "P(accept at once) + the sum of P(so many in the first) x P(accepted in the second), "
        "were the population just tolerable"
    )
    figures += [
        Figure("first_size", str(found.first), "items", come_by),
        Figure("second_size", str(found.second), "items", "as the first"),
        Figure("risk_left", left, "share", left_words),
    ]
    columns |= {"sample_size": found.most, "first_size": found.first, "risk_left": left}
    convention = f"{CONVENTIONS[PlanMethod.TWO_STAGE]}, {found.method}"
    return Sized(columns=columns, figures=tuple(figures), convention=convention, note=rule)


def _monetary(request: Request, risk: Fraction | None) -> Sized:
    columns, figures, tolerable, expected = _rates(request)
    convention = request["convention"] or Convention.EXACT
    book = request["book_value"] or 1  # by rates alone the size is the same for every book value
    found = plan_monetary(
        book_value=book, tolerable=tolerable * book, expected=expected * book, risk=_given(risk),
        convention=convention, largest=request["largest_size"] or LARGEST,
    )  # fmt: skip
    factor, taint = decimal_text(found.factor), decimal_text(found.expected_taint)
    left = decimal_text(found.risk_left)
    columns |= {
        "sample_size": found.size,
        "expected_errors": taint,
        "risk_left": left,
        "factor": factor,
    }
    figures.append(Figure("factor", factor, "errors", FACTOR_WORDS[convention]))
    if found.expansion is not None:
        text = decimal_text(found.expansion)
        figures.append(Figure("expansion_factor", text, "", "published table, by risk"))
    taint_words = "expected_rate x sample_size: the sum of taints at which the balance is still supported"
    left_words = "P(at most the expected taint), Poisson, were the balance just tolerable"
    figures += [
        Figure("sample_size", str(found.size), "monetary units", SIZE_WORDS[convention]),
        Figure("expected_taint", taint, "taints", taint_words),
        Figure("risk_left", left, "share", left_words),
    ]
    if request["book_value"] is not None:
        interval, shown = _interval(found, request.texts["currency"])
        columns |= interval
        figures += shown
    return Sized(columns=columns, figures=tuple(figures), convention=MONETARY[convention])


def _interval(found: MonetaryPlan, currency: str) -> tuple[dict[str, Any], list[Figure]]:
    exact = money_text(found.interval, currency)
    most = (
        "(tolerable_amount - expected_amount x expansion_factor) / factor, rounded down: not to be passed"
        if found.expansion is not None
        else "tolerable_amount / factor, rounded down: not to be passed"
    )
    return {"interval": found.interval_minor, "interval_exact": exact}, [
        Figure(
            "interval",
            format_minor(found.interval_minor, currency),
            currency,
            "book_value / sample_size, rounded down",
        ),
        Figure("interval_exact", exact, currency, "book_value / sample_size"),
        Figure("largest_interval", format_minor(floor(found.largest_interval), currency), currency, most),
    ]


def _variables(request: Request, risk: Fraction | None) -> Sized:
    amount, words = tolerable_amount(request)
    assert amount is not None
    currency, expected = request.texts["currency"], Fraction(request["expected_amount"] or 0)
    found = variables.plan_variables(
        population=request["population_size"], deviation=request["standard_deviation"], tolerable=amount,
        expected=expected, risk=_given(risk), risk_of_rejection=request["risk_of_rejection"],
        is_corrected=bool(request["finite_correction"]),
    )  # fmt: skip
    correction = ", then n / (1 + n / population_size)" if found.is_corrected else ""
    accept, reject = decimal_text(found.accept_coefficient), decimal_text(found.reject_coefficient)
    formula = (
        "(population_size x standard_deviation x (acceptance + rejection coefficient) / (tolerable_amount - "
        "expected_amount)) squared"
    )
    two_sided = "normal quantile of 1 - risk_of_rejection / 2 (two-sided)"
    rounding = f"uncorrected_size n{correction}, rounded up, at most the population"
    figures = (
        Figure("tolerable_amount", money_text(amount, currency), currency, words),
        Figure("expected_amount", money_text(expected, currency), currency, "as asked"),
        Figure("acceptance_coefficient", accept, "", "normal quantile of 1 - risk (one-sided)"),
        Figure("rejection_coefficient", reject, "", two_sided),
        Figure("uncorrected_size", decimal_text(found.unlimited_size), "items", formula),
        Figure("sample_size", str(found.size), "items", rounding),
    )
    columns = {"sample_size": found.size, "tolerable_amount": floor(amount), "expected_amount": int(expected)}
    return Sized(columns=columns, figures=figures)


def _non_statistical(request: Request, risk: Fraction | None) -> Sized:
    columns, figures, tolerable, _ = _rates(request, expects=False)
    found = variables.plan_non_statistical(
        book_value=1, tolerable=tolerable, risk=risk, factor=request["assurance_factor"]
    )
    come_by = (
        "the auditor's judgement"
        if found.is_given
        else "Poisson factor for no error, rounded up to two places"
    )
    formula = "book_value x assurance_factor / tolerable_amount, rounded up"
    figures += [
        Figure("assurance_factor", decimal_text(found.factor), "", come_by),
        Figure("sample_size", str(found.size), "items", formula),
    ]
    columns |= {"sample_size": found.size, "factor": decimal_text(found.factor)}
    note = "by judgement: ordinarily no smaller than a statistical sample (PCAOB AS 2315.23A)"
    return Sized(columns=columns, figures=tuple(figures), note=note)


def _given(risk: Fraction | None) -> Fraction:
    assert risk is not None  # the request was checked
    return risk


SIZED: Mapping[PlanMethod, Callable[[Request, Fraction | None], Sized]] = {
    PlanMethod.BINOMIAL: _attribute,
    PlanMethod.POISSON: _attribute,
    PlanMethod.HYPERGEOMETRIC: _attribute,
    PlanMethod.GAMMA: _posterior,
    PlanMethod.BETA: _posterior,
    PlanMethod.TWO_STAGE: _two_stage,
    PlanMethod.MUS: _monetary,
    PlanMethod.MEAN_PER_UNIT: _variables,
    PlanMethod.DIFFERENCE: _variables,
    PlanMethod.NON_STATISTICAL: _non_statistical,
}
