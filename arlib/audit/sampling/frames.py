"""Declared tables of sampling plans: what may be asked for, and what comes out. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.audit.sampling.attributes import Method, Side
from arlib.audit.sampling.monetary_plan import Convention
from arlib.tables.kinds import Column, Kind, Table

T, M, N, F, R = Kind.TEXT, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class PlanMethod(StrEnum):
    """What kind of sample is planned."""

    BINOMIAL = "binomial"  # attribute sample, AICPA tables
    POISSON = "poisson"  # attribute sample
    HYPERGEOMETRIC = "hypergeometric"  # attribute sample from a population of known size
    GAMMA = "gamma"  # attribute sample, Bayesian with Poisson errors
    BETA = "beta"  # attribute sample, Bayesian with binomial errors
    TWO_STAGE = "two-stage"  # attribute sample that stops early where it is clean
    MUS = "mus"  # monetary-unit sample, AICPA table C-1
    MEAN_PER_UNIT = "mean-per-unit"  # classical variables sample
    DIFFERENCE = "difference"  # classical variables sample
    NON_STATISTICAL = "non-statistical"  # a size by judgement, for comparison


class PlanStatus(StrEnum):
    """Whether a request has a plan."""

    PLANNED = "planned"
    NOT_POSSIBLE = "not_possible"  # no sample answers it; `note` says why


PLAN_REQUEST = Table("sampling_plan_request", "a sample to plan", ("id",), (
    Column("id", T, "your name for the plan; the row's number where it is empty"),
    Column("method", T, "kind of sample", True, choices=PlanMethod),
    Column("confidence", R, "confidence wanted, 1 less the risk: 95% or 0.95"),
    Column("risk", R, "risk of incorrect acceptance (or of assessing control risk too low): 5% or 0.05"),
    Column("audit_risk", R, "instead of confidence: audit risk; risk = audit / (inherent x control x analytical)"),
    Column("inherent_risk", R, "with audit_risk: inherent risk; 1 where empty"),
    Column("control_risk", R, "with audit_risk: control risk; 1 where empty"),
    Column("analytical_risk", R, "with audit_risk: risk that analytical procedures fail to detect; 1 where empty"),
    Column("tolerable_rate", R, "tolerable rate of deviation or misstatement: 5%, 0.05 or 60/1200"),
    Column("tolerable_amount", M, "tolerable misstatement as an amount", currency="currency"),
    Column("tolerable_errors", N, "tolerable number of wrong items in the population; hypergeometric only"),
    Column("materiality", M, "instead of tolerable_amount: materiality", currency="currency"),
    Column("performance_share", R, "with materiality: performance materiality as a share of it; 1 where empty"),
    Column("expected_rate", R, "expected rate of deviation or misstatement; 0 where empty", may_be_zero=True),
    Column("expected_amount", M, "expected misstatement as an amount", currency="currency"),
    Column("expected_errors", R, "number of errors that the sample may have", may_be_zero=True),
    Column("expected_to_tolerable", R, "expected as a share of tolerable", may_be_zero=True),
    Column("book_value", M, "book value of what is sampled: positive items", currency="currency"),
    Column("population_size", N, "number of items in the population"),
    Column("currency", T, "ISO 4217 code of the amounts; wanted where there are any"),
    Column("convention", T, "how the factor of mus is come by; exact where empty", choices=Convention),
    Column("prior_size", R, "gamma and beta: items seen before; 1 where empty", may_be_zero=True),
    Column("prior_errors", R, "gamma and beta: errors among them; 0 where empty", may_be_zero=True),
    Column("distribution", T, "two-stage: distribution of errors; binomial where empty", choices=Method),
    Column("accept", N, "two-stage: errors in the first sample that accept; 0 where empty"),
    Column("continue_to", N, "two-stage: errors up to which a second sample is drawn; accept + 1 where empty"),
    Column("accept_second", N, "two-stage: errors in the second sample that accept; 0 where empty"),
    Column("standard_deviation", R, "mean-per-unit, difference: standard deviation of one item, as an amount"),
    Column("risk_of_rejection", R, "mean-per-unit, difference: risk of incorrect rejection, two-sided"),
    Column("finite_correction", F, "mean-per-unit, difference: correct for the size of the population; false where empty"),
    Column("assurance_factor", R, "non-statistical: the auditor's factor; from the risk where empty"),
    Column("largest_size", N, "largest sample looked for; 100000 where empty"),
    Column("note", T, "a remark of yours; carried along"),
))  # fmt: skip

PLANS = Table("sampling_plans", "a plan", ("row",), (
    Column("row", N, "row of the request in its file, the header being row 1; 0 for options", True),
    Column("id", T, "name of the plan", True),
    Column("status", T, "whether there is a plan", True, choices=PlanStatus),
    Column("method", T, "kind of sample", True, choices=PlanMethod),
    Column("convention", T, "how the size is come by", True),
    Column("sample_size", N, "items or monetary units to draw; of two stages both together"),
    Column("units", T, "what is drawn: items or monetary_units", True),
    Column("expected_errors", R, "errors (mus: sum of taints) with which the sample still supports the population", may_be_zero=True),
    Column("confidence", R, "confidence"),
    Column("risk", R, "risk asked for"),
    Column("risk_left", R, "risk that the sample leaves, at the expected errors", may_be_zero=True),
    Column("tolerable_rate", R, "tolerable rate, exact where it has at most 12 digits"),
    Column("expected_rate", R, "expected rate", may_be_zero=True),
    Column("population_size", N, "number of items in the population"),
    Column("currency", T, "currency of the amounts"),
    Column("book_value", M, "book value of what is sampled", currency="currency"),
    Column("tolerable_amount", M, "tolerable misstatement, rounded down", currency="currency"),
    Column("expected_amount", M, "expected misstatement, rounded down", currency="currency"),
    Column("factor", R, "confidence factor, rounded where the convention says so"),
    Column("interval", M, "sampling interval, rounded down", currency="currency"),
    Column("interval_exact", T, "sampling interval as a rational of major units"),
    Column("first_size", N, "two-stage: first sample"),
    Column("high_items", N, "items at or above the interval, taken out to be examined one and all"),
    Column("high_value", M, "their book value, not in book_value", currency="currency"),
    Column("note", T, "why there is no plan, or a remark"),
))  # fmt: skip

FIGURES = Table("sampling_plan_figures", "a figure behind a plan", ("row", "rank"), (
    Column("row", N, "row of the request", True),
    Column("id", T, "name of the plan", True),
    Column("rank", N, "place in the plan", True),
    Column("figure", T, "name", True),
    Column("value", T, "as decimal text", True),
    Column("unit", T, "what it counts: items, monetary units, a currency, a share"),
    Column("words", T, "how it is come by", True),
))  # fmt: skip

LIMIT_REQUEST = Table("sampling_limits_request", "an attribute sample to evaluate", ("id",), (
    Column("id", T, "your name for the sample; the row's number where it is empty"),
    Column("method", T, "distribution of the errors", True, choices=Method),
    Column("confidence", R, "confidence wanted: 95% or 0.95"),
    Column("risk", R, "or the risk: 5% or 0.05"),
    Column("sample_size", N, "items examined", True),
    Column("errors", R, "errors found; whole but for poisson, where taints may add up", True, may_be_zero=True),
    Column("population_size", N, "number of items in the population; wanted for hypergeometric"),
    Column("tolerable_rate", R, "tolerable rate, for a conclusion"),
    Column("side", T, "which limit; upper where empty", choices=Side),
    Column("note", T, "a remark of yours; carried along"),
))  # fmt: skip

LIMITS = Table("sampling_limits", "what an attribute sample says", ("row",), (
    Column("row", N, "row of the request in its file, the header being row 1; 0 for options", True),
    Column("id", T, "name of the sample", True),
    Column("method", T, "distribution of the errors", True, choices=Method),
    Column("side", T, "which limit", True, choices=Side),
    Column("confidence", R, "confidence", True),
    Column("sample_size", N, "items examined", True),
    Column("errors", R, "errors found", True, may_be_zero=True),
    Column("population_size", N, "number of items in the population"),
    Column("rate", R, "most likely rate: errors / items", True, may_be_zero=True),
    Column("lower_limit", R, "lower limit of the rate; 0 where not asked for", True, may_be_zero=True),
    Column("upper_limit", R, "upper limit of the rate; 1 where not asked for", True),
    Column("precision", R, "upper limit less rate: the allowance for sampling risk", may_be_zero=True),
    Column("tolerable_rate", R, "tolerable rate"),
    Column("risk_at_tolerable", R, "P(so few errors) were the rate just tolerable", may_be_zero=True),
    Column("conclusion", T, "supported, not_supported, or empty without a tolerable rate"),
    Column("note", T, "a remark"),
))  # fmt: skip
