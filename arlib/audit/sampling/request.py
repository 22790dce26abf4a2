"""Requests for a plan, read from texts: every fault at once, nothing guessed. Floor 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from arlib.audit.sampling import words
from arlib.audit.sampling.frames import PLAN_REQUEST, PlanMethod
from arlib.errors import Problem, nearest
from arlib.money import is_currency, minor_places
from arlib.tables.kinds import Column, Kind, Table

# other names that auditors and published tables use for a column
ALIASES = {
    "risk_of_incorrect_acceptance": "risk", "confidence_level": "confidence", "tolerable_misstatement": "tolerable_amount",
    "expected_misstatement": "expected_amount", "performance_materiality": "tolerable_amount",
    "population": "population_size", "risk_of_incorrect_rejection": "risk_of_rejection",
    "deviations": "errors",
    "tolerable_deviation_rate": "tolerable_rate", "expected_deviation_rate": "expected_rate",
    "expected_deviations": "expected_errors",
}  # fmt: skip
PERCENT = "_pct"  # a share in percent, without the sign: tolerable_pct 5 is tolerable_rate 5%

RISK = frozenset({"confidence", "risk", "audit_risk", "inherent_risk", "control_risk", "analytical_risk"})
RATES = frozenset({"tolerable_rate", "tolerable_amount", "materiality", "performance_share", "book_value", "currency"})  # fmt: skip
EXPECTED = frozenset({"expected_rate", "expected_amount", "expected_to_tolerable"})
TOLERABLE = ("tolerable_rate", "tolerable_amount", "tolerable_errors", "materiality")
ALWAYS = frozenset({"id", "method", "note", "population_size", "largest_size"})
ATTRIBUTE = ALWAYS | RISK | RATES | EXPECTED | {"expected_errors"}
VARIABLES = frozenset({"tolerable_amount", "materiality", "performance_share", "expected_amount", "currency",
                       "standard_deviation", "risk_of_rejection", "finite_correction"})  # fmt: skip
USES: Mapping[PlanMethod, frozenset[str]] = {
    PlanMethod.BINOMIAL: ATTRIBUTE,
    PlanMethod.POISSON: ATTRIBUTE,
    PlanMethod.HYPERGEOMETRIC: ATTRIBUTE | {"tolerable_errors"},
    PlanMethod.GAMMA: ATTRIBUTE | {"prior_size", "prior_errors"},
    PlanMethod.BETA: ATTRIBUTE | {"prior_size", "prior_errors"},
    PlanMethod.TWO_STAGE: ALWAYS | RISK | RATES | {"distribution", "accept", "continue_to", "accept_second"},
    PlanMethod.MUS: ALWAYS | RISK | RATES | EXPECTED | {"convention"},
    PlanMethod.MEAN_PER_UNIT: ALWAYS | RISK | VARIABLES,
    PlanMethod.DIFFERENCE: ALWAYS | RISK | VARIABLES,
    PlanMethod.NON_STATISTICAL: ALWAYS | RISK | RATES - {"tolerable_rate"} | {"assurance_factor"},
}
NEEDS: Mapping[PlanMethod, tuple[str, ...]] = {
    PlanMethod.HYPERGEOMETRIC: ("population_size",),
    PlanMethod.MEAN_PER_UNIT: ("population_size", "standard_deviation", "risk_of_rejection"),
    PlanMethod.DIFFERENCE: ("population_size", "standard_deviation", "risk_of_rejection"),
    PlanMethod.NON_STATISTICAL: ("book_value",),
}
NUMBERS = frozenset({"expected_errors", "prior_size", "prior_errors", "assurance_factor", "errors"})
# beyond these a search or a sum would not end in a person's time
MOST = {
    "largest_size": 1_000_000, "sample_size": 1_000_000, "prior_size": 1_000_000,
    "accept": 50, "continue_to": 50, "accept_second": 50,
}  # fmt: skip
FLAGS = {"true": True, "false": False, "yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as texts (`texts`, by the columns' own names) and as exact figures (`values`, those that were given).

    Shares and rates are `Fraction`, amounts minor units, counts int, choices members of their enum.
    """

    file: str
    row: int
    texts: Mapping[str, str]
    values: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its name."""
        return self.texts.get("id") or str(self.row or 1)

    def __getitem__(self, name: str) -> Any:
        """The figure given, or None."""
        return self.values.get(name)


def read_request(
    texts: Mapping[str, str], *, table: Table = PLAN_REQUEST, file: str, row: int = 0
) -> tuple[Request, list[Problem]]:
    """A request from texts by column name, and every fault of reading: unknown columns, values that are none, a currency
    that is wanted. Empty texts count as not given.
    """
    problems: list[Problem] = []

    def fault(column: str, code: str, *, found: str = "", wanted: str = "") -> None:
        problems.append(
            Problem(
                file=file, table=table.name, row=row, column=column, code=code, found=found, wanted=wanted
            )
        )

    given: dict[str, str] = {}
    for column, text in texts.items():
        name, value = own_name(column, (text or "").strip(" "), table)
        if not value:
            continue
        if name not in table.by_name:
            near = nearest(name, table.names)
            fault(
                column, "unknown_column", found=value, wanted=f"{near!r}?" if near else "a column of the docs"
            )
        elif name in given and given[name] != value:
            fault(name, "given_twice", found=f"{given[name]} and {value}", wanted="one of them")
        else:
            given[name] = value
    currency = given.get("currency", "")
    if currency and not is_currency(currency):
        fault("currency", "unknown_currency", found=currency, wanted="an ISO 4217 code such as USD")
        currency = ""
    values: dict[str, Any] = {}
    for name, text in given.items():
        declared = table[name]
        needs_money = declared.kind is Kind.MONEY or name == "standard_deviation"
        if needs_money and not currency:
            if "currency" not in given:
                fault("currency", "missing", wanted=f"the currency of {name}, such as USD")
            continue
        try:
            value = _reader(declared, currency)(text)
        except ValueError as wanted:
            fault(name, "not_readable", found=text, wanted=str(wanted))
            continue
        if name in MOST and value > MOST[name]:
            fault(name, "too_large", found=text, wanted=f"at most {MOST[name]}")
            continue
        values[name] = value
    return Request(file=file, row=row, texts=given, values=values), _once(problems)


def own_name(column: str, text: str, table: Table) -> tuple[str, str]:
    """The column's own name and the text as it reads there: Tolerable-Pct 5 is tolerable_rate 5%."""
    name = column.strip().lower().replace("-", "_").replace(" ", "_")
    if name.endswith(PERCENT) and name not in table.by_name:
        name = name.removesuffix(PERCENT)
        text = f"{text}%" if text and "%" not in text else text
    name = name if name in table.by_name else ALIASES.get(name, name)
    if name not in table.by_name and f"{name}_rate" in table.by_name:
        name = f"{name}_rate"
    return name, text


def _reader(column: Column, currency: str) -> Callable[[str], Any]:
    name = column.name
    if column.choices is not None:
        return lambda text: _choice(column, text)
    if name == "standard_deviation":
        return lambda text: words.number(text) * 10 ** minor_places(currency)
    if column.kind is Kind.MONEY:
        return lambda text: words.amount(text, currency, least=0 if name == "expected_amount" else 1)
    if column.kind is Kind.INTEGER:
        return lambda text: words.count(text, least=0 if name.startswith("accept") else 1)
    if column.kind is Kind.FLAG:
        return _flag
    if name in NUMBERS:
        return words.number
    if column.kind is Kind.RATE:
        is_one = name in ("inherent_risk", "control_risk", "analytical_risk", "performance_share")
        return lambda text: words.share(text, may_be_zero=column.may_be_zero, may_be_one=is_one)
    return str


def _choice(column: Column, text: str) -> Any:
    assert column.choices is not None
    wanted = [str(member.value) for member in column.choices]
    plain = text.lower().replace(" ", "-")
    for form in (plain, plain.replace("_", "-"), plain.replace("-", "_")):
        if form in wanted:
            return column.choices(form)
    raise ValueError(f"one of {', '.join(wanted)}")


def _flag(text: str) -> bool:
    if text.lower() not in FLAGS:
        raise ValueError("true or false")
    return FLAGS[text.lower()]


def _once(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def check(request: Request) -> list[Problem]:
    """What a request lacks, contradicts or gives without use for its method; [] where it can be planned."""
    problems: list[Problem] = []
    given = request.texts.keys()

    def fault(column: str, code: str, wanted: str, found: str = "") -> None:
        problems.append(
            Problem(file=request.file, table=PLAN_REQUEST.name, row=request.row, column=column, code=code,
                    found=found, wanted=wanted)
        )  # fmt: skip

    method: PlanMethod | None = request["method"]
    if method is None:
        if "method" not in given:
            fault("method", "missing", f"one of {', '.join(PlanMethod)}")
        return problems
    for name in given - USES[method]:
        fault(name, "not_used_by_this_method", f"no {name} for {method}", request.texts[name])
    for name in NEEDS.get(method, ()):
        if name not in given:
            fault(name, "missing", PLAN_REQUEST[name].meaning)
    sources = [name for name in ("confidence", "risk", "audit_risk") if name in given]
    is_by_judgement = method is PlanMethod.NON_STATISTICAL and "assurance_factor" in given
    if len(sources) != (0 if is_by_judgement else 1):
        wanted = (
            "no risk beside assurance_factor" if is_by_judgement else "one of confidence, risk, audit_risk"
        )
        fault("risk", "given_twice" if sources else "missing", wanted, " and ".join(sources))
    if "audit_risk" not in given and (more := given & {"inherent_risk", "control_risk", "analytical_risk"}):
        fault("audit_risk", "missing", "audit_risk with " + ", ".join(sorted(more)))
    limits = [name for name in TOLERABLE if name in given]
    usable = [name for name in TOLERABLE if name in USES[method]]
    if len(limits) != 1:
        fault("tolerable_rate" if "tolerable_rate" in usable else "tolerable_amount",
              "given_twice" if limits else "missing", f"one of {', '.join(usable)}", " and ".join(limits))  # fmt: skip
    if "performance_share" in given and "materiality" not in given:
        fault("materiality", "missing", "the materiality that performance_share is of")
    guesses = [name for name in (*sorted(EXPECTED), "expected_errors") if name in given]
    if len(guesses) > 1:
        fault("expected_rate", "given_twice", "one of them", " and ".join(guesses))
    errors = request["expected_errors"]
    if (
        errors is not None
        and errors.denominator != 1
        and method in (PlanMethod.BINOMIAL, PlanMethod.HYPERGEOMETRIC)
    ):
        fault(
            "expected_errors", "not_whole", f"a whole number for {method}", request.texts["expected_errors"]
        )
    by_rate = method not in (PlanMethod.MEAN_PER_UNIT, PlanMethod.DIFFERENCE)
    has_amounts = {"tolerable_amount", "materiality", "expected_amount"} & given
    if by_rate and has_amounts and not {"book_value"} & given and "book_value" not in NEEDS.get(method, ()):
        fault(
            "book_value", "missing", f"the book value that {', '.join(sorted(has_amounts))} is compared with"
        )
    return problems


def asked_risk(request: Request) -> tuple[Fraction | None, str]:
    """The risk asked for and how it is come by; None where none was given. Above 1 it is no risk: see `plan`."""
    if request["risk"] is not None:
        return request["risk"], "as asked"
    if request["confidence"] is not None:
        return 1 - request["confidence"], "1 - confidence"
    if request["audit_risk"] is None:
        return None, ""
    names = [
        name for name in ("inherent_risk", "control_risk", "analytical_risk") if request[name] is not None
    ]
    divisor = Fraction(1)
    for name in names:
        divisor *= request[name]
    return request["audit_risk"] / divisor, f"audit_risk / ({' x '.join(names) or '1'})"
