"""The commands `sampling plan`, `sampling limits` and `sampling table`, and the group that they stand in. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from arlib.cli.sampling_evaluate import evaluate
from arlib.cli.sampling_files import csv_bytes, json_text, read_rows, records, write_folder
from arlib.cli.sampling_select import select
from arlib.errors import ParameterError, Problem, TableError

if TYPE_CHECKING:
    from arlib.audit.sampling.plan import Plan

FILE = click.Path(path_type=Path)
PLAN_SCHEMA, LIMITS_SCHEMA = "arlib.sampling.plan/1", "arlib.sampling.limits/1"
FOUND = 1
T = TypeVar("T")
# option and what it is; the columns of arlib.audit.sampling.frames, which are loaded only when a command runs
PLAN_OPTIONS = {
    "id": "Your name for the plan.",
    "method": "binomial, poisson, hypergeometric (attributes); gamma, beta (Bayesian); two-stage; mus (monetary units); "
    "mean-per-unit, difference (variables); non-statistical.",
    "confidence": "Confidence: 95% or 0.95.",
    "risk": "Or the risk of incorrect acceptance: 5% or 0.05.",
    "audit-risk": "Or the audit risk, with the next three: risk = audit / (inherent x control x analytical).",
    "inherent-risk": "Inherent risk; 100% if left out.",
    "control-risk": "Control risk; 100% if left out.",
    "analytical-risk": "Risk that analytical procedures fail to detect; 100% if left out.",
    "tolerable-rate": "Tolerable rate: 5%, 0.05 or 60/1200.",
    "tolerable-amount": "Or the tolerable misstatement.",
    "tolerable-errors": "Or the tolerable number of wrong items (hypergeometric).",
    "materiality": "Or the materiality, with --performance-share.",
    "performance-share": "Performance materiality as a share of materiality: 75%.",
    "expected-rate": "Expected rate; 0 if left out.",
    "expected-amount": "Or the expected misstatement.",
    "expected-errors": "Or the number of errors that the sample may have.",
    "expected-to-tolerable": "Or expected as a share of tolerable.",
    "book-value": "Book value of what is sampled: positive items.",
    "population-size": "Number of items in the population.",
    "currency": "Currency of the amounts, such as USD.",
    "convention": "Factor of mus: exact, textbook (rounded up to two places) or expansion. [default: exact]",
    "prior-size": "gamma, beta: items seen before. [default: 1]",
    "prior-errors": "gamma, beta: errors among them. [default: 0]",
    "distribution": "two-stage: binomial, poisson or hypergeometric. [default: binomial]",
    "accept": "two-stage: errors in the first sample that accept. [default: 0]",
    "continue-to": "two-stage: errors up to which a second sample is drawn. [default: accept + 1]",
    "accept-second": "two-stage: errors in the second sample that accept. [default: 0]",
    "standard-deviation": "mean-per-unit, difference: standard deviation of one item, as an amount.",
    "risk-of-rejection": "mean-per-unit, difference: risk of incorrect rejection, two-sided.",
    "finite-correction": "mean-per-unit, difference: true corrects for the size of the population. [default: false]",
    "assurance-factor": "non-statistical: the auditor's factor; from the risk if left out.",
    "largest-size": "Largest sample looked for. [default: 100000]",
    "note": "A remark; carried along.",
}
LIMIT_OPTIONS = {
    "id": "Your name for the sample.",
    "method": "binomial, poisson or hypergeometric.",
    "confidence": "Confidence: 95% or 0.95.",
    "risk": "Or the risk: 5% or 0.05.",
    "sample-size": "Items examined.",
    "errors": "Errors found.",
    "population-size": "Number of items in the population; wanted for hypergeometric.",
    "tolerable-rate": "Tolerable rate, for a conclusion.",
    "side": "upper, lower or two-sided. [default: upper]",
    "note": "A remark; carried along.",
}


def text_options(options: Mapping[str, str]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option of text for each name; what was not given is empty."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for name, words in reversed(list(options.items())):
            command = click.option(f"--{name}", name.replace("-", "_"), default="", help=words)(command)
        return command

    return decorate


@click.group("sampling")
def sampling() -> None:
    """Audit sampling by itself: plan, select, evaluate.

    Shares are written 5%, 0.05 or 60/1200; amounts as plain decimals, with their currency. See docs/sampling.md.
    """


sampling.add_command(select)
sampling.add_command(evaluate)


@sampling.command("plan")
@click.option("--from", "source", type=FILE, help="CSV with a plan a row; its columns are the options below.")
@click.option("--out", type=FILE, help="Folder for plan.json, plan.csv and figures.csv; replaced whole.")
@click.option("--population", "population_file", type=FILE,
              help="CSV with an identifier and a book value a row: book value or number of items are taken from it.")  # fmt: skip
@click.option("--high-values", "is_high_apart", is_flag=True,
              help="mus: take the items of --population at or above the interval out, and plan the rest.")  # fmt: skip
@click.option("--id-column", default="", help="With --population: column of the identifier.")
@click.option("--book-column", default="", help="With --population: column of the book value.")
@click.option("--currency-column", default="", help="With --population: column of the currency.")
@text_options(PLAN_OPTIONS)
def plan(
    source: Path | None, out: Path | None, population_file: Path | None, is_high_apart: bool, id_column: str,
    book_column: str, currency_column: str, **texts: str,
) -> None:  # fmt: skip
    """Say how many items or monetary units to draw, with every figure and its formula.

    \b
    arlib sampling plan --method binomial --confidence 95% --tolerable-rate 5% --expected-rate 1%
    arlib sampling plan --method mus --risk 5% --tolerable-amount 15000 --book-value 300000 --currency USD
    arlib sampling plan --method mus --risk 5% --tolerable-amount 15000 --population ar.csv --currency USD --high-values
    arlib sampling plan --from plans.csv --out plans/

    JSON goes to standard output. Exits with 1 where a row of the file has no answer (its note says why), with 2 where a
    request is faulty; then nothing is written.
    """
    from arlib.audit.sampling.frames import FIGURES, PLANS
    from arlib.audit.sampling.plan import figures_frame, plan_sample, plan_samples, plans_frame

    given = {name: text for name, text in texts.items() if text}
    columns = {"id_column": id_column, "book_column": book_column, "currency_column": currency_column}
    plans: tuple[Plan, ...]
    if source is not None:
        plans = of_rows(source, given, lambda rows: plan_samples(rows, file=source.name))
    elif population_file is not None:
        plans = (_of_population(population_file, given, columns, is_high_apart=is_high_apart),)
    else:
        plans = (plan_sample(given, file="sampling plan"),)
    if population_file is None and (is_high_apart or any(columns.values())):
        raise ParameterError("--high-values and the names of columns", wanted="--population")
    if source is not None and population_file is not None:
        raise ParameterError("--population", found="beside --from", wanted="one of them")
    frame = plans_frame(plans)
    printed = json_text({"schema": PLAN_SCHEMA, "plans": _plans(plans, records(frame, PLANS))})
    if out is not None:
        files = {
            "plan.json": printed.encode("utf-8"),
            "plan.csv": csv_bytes(frame, PLANS),
            "figures.csv": csv_bytes(figures_frame(plans), FIGURES),
        }
        write_folder(out, files, inputs=[path for path in (source, population_file) if path])
    click.echo(printed, nl=False)
    if out is not None:
        click.echo(f"written to {out}", err=True)
    if any(one.size is None for one in plans):
        click.get_current_context().exit(FOUND)


def _of_population(
    path: Path, given: dict[str, str], columns: dict[str, str], *, is_high_apart: bool
) -> Plan:
    """The plan for a population from a file: monetary units by its positive items, other samples by their number."""
    from arlib.audit.sampling.frames_select import Part
    from arlib.audit.sampling.plan import plan_above_interval, plan_sample
    from arlib.cli.sampling_select import read_population, said_left_out
    from arlib.money import format_minor, shown

    options = {**columns, "currency": given.get("currency", ""), "order": "file", "stratum_column": ""}
    made, left_out, _ = read_population(path, options)
    positive, zero, credit = (made.part_total(part) for part in (Part.POSITIVE, Part.ZERO, Part.CREDIT))
    apart = f"{zero[0]} zero and {credit[0]} credit items ({shown(credit[1], made.currency)} {made.currency}) are apart"
    click.echo(f"{positive[0]} positive items, {shown(positive[1], made.currency)} {made.currency}; {apart}", err=True)  # fmt: skip
    for line in said_left_out(left_out):
        click.echo(line.strip(), err=True)
    texts = {**given, "currency": made.currency}
    name = "sampling plan"
    if is_high_apart:
        mine = made.items[made.items["part"].eq(Part.POSITIVE.value)]
        return plan_above_interval(texts, [int(value) for value in mine["book_value"]], file=name)
    if given.get("method", "").lower() in ("mus", "non-statistical"):
        return plan_sample({"book_value": format_minor(positive[1], made.currency)} | texts, file=name)
    items = sum(count for count, _ in (positive, zero, credit))
    return plan_sample({"population_size": str(items)} | texts, file=name)


def _plans(plans: tuple[Plan, ...], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**row, "inputs": dict(one.inputs), "figures": [
            {"figure": f.figure, "value": f.value, "unit": f.unit, "words": f.words} for f in one.figures
        ]}
        for one, row in zip(plans, rows, strict=True)
    ]  # fmt: skip


@sampling.command("limits")
@click.option(
    "--from", "source", type=FILE, help="CSV with a sample a row; its columns are the options below."
)
@click.option("--out", type=FILE, help="Folder for limits.json and limits.csv; replaced whole.")
@text_options(LIMIT_OPTIONS)
def limits(source: Path | None, out: Path | None, **texts: str) -> None:
    """Evaluate attribute samples: the limits of the rate of errors.

    \b
    arlib sampling limits --method binomial --confidence 95% --sample-size 100 --errors 2 --tolerable-rate 8%
    arlib sampling limits --from samples.csv --out limits/
    """
    given = {name: text for name, text in texts.items() if text}
    if source is None:
        answer_limits([given], out=out)
    else:
        of_rows(source, given, lambda rows: answer_limits(rows, out=out, source=source))


def answer_limits(rows: list[dict[str, str]], *, out: Path | None, source: Path | None = None) -> None:
    """Evaluate attribute samples given as texts, print JSON, and write the folder where one was named."""
    from arlib.audit.sampling.frames import LIMITS
    from arlib.audit.sampling.limits import evaluate_rows, limits_frame

    name = source.name if source else "sampling limits"
    frame = limits_frame(evaluate_rows(rows, file=name, first_row=2 if source else 0))
    printed = json_text({"schema": LIMITS_SCHEMA, "limits": records(frame, LIMITS)})
    if out is not None:
        files = {"limits.json": printed.encode("utf-8"), "limits.csv": csv_bytes(frame, LIMITS)}
        write_folder(out, files, inputs=[source] if source else [])
    click.echo(printed, nl=False)
    if out is not None:
        click.echo(f"written to {out}", err=True)


@sampling.command("table")
@click.argument("name", type=click.Choice(["sizes", "limits", "monetary", "factors", "ratios"]))
@click.option("--risk", default="5%", show_default=True, help="Risk: 5% or 0.05.")
def table(name: str, risk: str) -> None:
    """Print a published table, computed again at any risk, as CSV.

    \b
    sizes      AICPA A-1, A-2: attribute sample sizes
    limits     AICPA A-3, A-4: upper limits
    monetary   AICPA C-1: monetary-unit sample sizes
    factors    Poisson factors
    ratios     factors by expected / tolerable misstatement
    """
    from arlib.audit.sampling.tables import Published, published
    from arlib.audit.sampling.words import share

    try:
        exact = share(risk)
    except ValueError as wanted:
        raise ParameterError("--risk", found=risk, wanted=str(wanted)) from wanted
    declared, frame = published(Published(name), risk=exact)
    click.echo(csv_bytes(frame, declared).decode("utf-8"), nl=False)


def of_rows(source: Path, given: Mapping[str, str], answer: Callable[[list[dict[str, str]]], T]) -> T:
    """What `answer` makes of the rows of a CSV.

    Rows that do not fit the header are told with the faults of all others. No other option may stand beside --from, and a
    file without rows is a fault.
    """
    if given:
        beside = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ParameterError(
            "--from", found=f"beside {beside}", wanted="alone: every value stands in the file"
        )
    rows, ragged = read_rows(source)
    if not rows:
        raise ParameterError("--from", where=source.name, wanted="at least one row under the header")
    if not ragged:
        return answer(rows)
    odd = {problem.row for problem in ragged}
    others: tuple[Problem, ...] = ()
    try:
        answer(rows)
    except TableError as fault:
        others = tuple(problem for problem in fault.problems if problem.row not in odd)
    raise TableError(
        "rows cannot be used", sorted([*ragged, *others], key=lambda p: p.row), where=source.name
    )
