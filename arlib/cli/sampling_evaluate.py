"""`arlib sampling evaluate`: what an audited sample says of the population. Floor 5."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arlib.errors import ParameterError

if TYPE_CHECKING:
    from arlib.audit.sampling.evaluate import Evaluation
    from arlib.audit.sampling.terms import Terms
    from arlib.cli.sampling_samples import Sample

FILE = click.Path(path_type=Path)
MARKER = ".arlib-sampling-evaluation"
SCHEMA = "arlib.evaluation/1"
METHODS = [
    "stringer",
    "poisson",
    "binomial",
    "moment",
    "direct",
    "difference",
    "ratio",
    "quotient",
    "regression",
    "attribute",
]


@click.command("evaluate")
@click.option(
    "--sample",
    "sample_file",
    required=True,
    type=FILE,
    help="CSV with an identifier and an audit value a row.",
)
@click.option(
    "--out", required=True, type=FILE, help="Folder for the result; an earlier one is replaced whole."
)
@click.option("--selection", type=FILE, help="Folder of `arlib sampling select` that the sample answers.")
@click.option(
    "--population",
    "population_file",
    type=FILE,
    help="The population; with --selection its hash must be the sealed one, and the sample is drawn again.",
)
@click.option("--population-value", default="", help="Book value of the population, where no file is given.")
@click.option("--population-items", type=int, help="Items in the population, where no file is given.")
@click.option("--method", type=click.Choice(METHODS), help="[default: stringer by money, difference by item]")
@click.option("--confidence", default="", help="Such as 95% or 0.95; that of the plan otherwise.")
@click.option("--risk", default="", help="Risk of incorrect acceptance instead: 5% is a confidence of 95%.")
@click.option(
    "--tolerable",
    default="",
    help="Tolerable misstatement; that of the plan otherwise. Without it no conclusion.",
)
@click.option(
    "--tolerable-rate",
    default="",
    help="Or as a share of the book value of positive items; of items, for attribute.",
)
@click.option("--law", type=click.Choice(["binomial", "poisson", "hypergeometric"]), default="binomial", show_default=True,
              help="Of the errors, for attribute.")  # fmt: skip
@click.option("--two-sided", is_flag=True, help="Both limits together at the confidence.")
@click.option("--direction", type=click.Choice(["overstatement", "both"]), default="overstatement", show_default=True,
              help="Limits to compare with the tolerable misstatement.")  # fmt: skip
@click.option("--distribution", type=click.Choice(["poisson", "binomial"]), default="poisson", show_default=True,
              help="Of the errors, for stringer.")  # fmt: skip
@click.option("--factors", type=click.Choice(["exact", "rounded"]), default="exact", show_default=True,
              help="Poisson factors as they are, or rounded up to 2 places as textbooks print them.")  # fmt: skip
@click.option("--interval", default="", help="Fixed interval that a sample drawn elsewhere was drawn with.")
@click.option("--high-value", default="interval", show_default=True,
              help="Of a sample drawn elsewhere: items that are their own error: 'interval', 'none', or an amount.")  # fmt: skip
@click.option(
    "--projection",
    type=click.Choice(["interval", "rate"]),
    help="What a hit stands for: the interval, or value / hits.",
)
@click.option("--netting", type=click.Choice(["gross", "less_most_likely"]), default="gross", show_default=True,
              help="What understatements do to the upper limit of overstatement.")  # fmt: skip
@click.option("--count", type=click.Choice(["errors", "taints"]), default="errors", show_default=True,
              help="What poisson and binomial count.")  # fmt: skip
@click.option(
    "--combination", type=click.Choice(["added", "pooled"]), help="Limits of several strata drawn by money."
)
@click.option("--moment", type=click.Choice(["accounts", "inventory"]), default="accounts", show_default=True,
              help="Hypothetical taint of the moment bound.")  # fmt: skip
@click.option(
    "--quantile", type=click.Choice(["t", "z"]), default="t", show_default=True, help="Of estimators by item."
)
@click.option("--fpc", is_flag=True, help="Finite-population correction, of estimators by item.")
@click.option(
    "--minimum-errors",
    type=int,
    default=20,
    show_default=True,
    help="Fewer than that: limits that rest on them warn.",
)
@click.option(
    "--not-found-as-misstated",
    is_flag=True,
    help="An item without an audit value counts as misstated in full.",
)
@click.option("--currency", default="", help="Currency of the amounts.")
@click.option("--order", type=click.Choice(["file", "id", "value"]), default="file", hidden=True)
@click.option("--id-column", default="", help="Column of the identifier.")
@click.option("--book-column", default="", help="Column of the book value.")
@click.option("--audit-column", default="", help="Column of the audit value.")
@click.option("--hits-column", default="", help="Column of how often an item was hit.")
@click.option("--currency-column", default="", help="Column of the currency.")
@click.option("--stratum-column", default="", help="Column of the stratum in the population.")
def evaluate(out: Path, **options: Any) -> None:
    """Project what the auditor found: most likely misstatement, limits and a conclusion.

    \b
    arlib sampling evaluate --sample audited.csv --selection draw --confidence 95% --tolerable 15000 --out result
    arlib sampling evaluate --sample audited.csv --population-value 300000 --interval 5000 --factors rounded \\
        --confidence 95% --tolerable 15000 --currency USD --out result

    Written are evaluation.json, evaluation.csv (a row an error) and parts.csv. Exits with 2 where an input is refused; a
    conclusion that rejects is a result and exits with 0.
    """
    from arlib.audit.sampling.evaluate import evaluate as evaluated
    from arlib.audit.sampling.terms import Bound
    from arlib.cli.sampling_samples import read_sample
    from arlib.cli.sampling_select import SCHEMA as SELECTION
    from arlib.run.wholefolder import require_replaceable

    inputs = [
        path for path in (options["sample_file"], options["selection"], options["population_file"]) if path
    ]
    require_replaceable(out, marker=MARKER, inputs=inputs)
    is_by_item = False
    if options["selection"]:
        from arlib.cli.sampling_columns import read_json

        is_by_item = (
            read_json(options["selection"] / "selection.json", SELECTION)["design"]["units"] == "items"
        )
    if options["method"] == "attribute":
        _attribute(out, options)
        return
    method = Bound(options["method"] or ("difference" if is_by_item else "stringer"))
    sample = read_sample(options, by_money=not method.is_by_item)
    terms = terms_of(options, method, sample)
    result = evaluated(
        sample.audited, sample.strata, currency=sample.currency, terms=terms, units=sample.units
    )
    _write(out, result, content(result, sample))
    click.echo(_words(result.words, sample))
    for warning in (*result.warnings, *sample.notes):
        click.echo(f"  note: {warning}", err=True)
    click.echo(f"{result.conclusion.value}; written to {out}")


def _attribute(out: Path, options: dict[str, Any]) -> None:
    """Count wrong items, say so, and write evaluation.json."""
    from arlib.cli.sampling_attributes import attribute_content
    from arlib.cli.sampling_files import json_text
    from arlib.cli.sampling_samples import read_sample
    from arlib.run.wholefolder import replace_folder

    if options["tolerable"]:
        raise ParameterError("--tolerable", wanted="--tolerable-rate: attributes have no amount")
    sample = read_sample(options, by_money=False)
    plan = sample.about.get("plan") or {}
    rate = options["tolerable_rate"] or plan.get("tolerable_rate") or ""
    made = attribute_content(
        sample,
        law=options["law"],
        confidence=_confidence(options, plan),
        tolerable=_share(rate, "--tolerable-rate") if rate else None,
        is_two_sided=options["two_sided"],
    )
    made["words"] = _words(made["words"], sample)
    made["warnings"] = [*made.get("warnings", []), *sample.notes]
    made["is_selection_redrawn"] = sample.is_redrawn

    def fill(folder: Path) -> None:
        (folder / "evaluation.json").write_bytes(json_text({"schema": SCHEMA, **made}).encode())

    replace_folder(out, fill, marker=MARKER)
    click.echo(made["words"])
    click.echo(f"{made['conclusion']}; written to {out}")


def _share(text: str, name: str) -> Fraction:
    from arlib.audit.sampling.words import share

    try:
        return share(text)
    except ValueError as fault:
        raise ParameterError(name, found=text, wanted=str(fault)) from fault


def _tolerable(options: dict[str, Any], plan: dict[str, Any], sample: Sample) -> int | None:
    """The tolerable misstatement: an amount, or a share of the positive items' book value rounded down; None without."""
    from arlib.audit.sampling.words import amount

    if options["tolerable"] and options["tolerable_rate"]:
        raise ParameterError("--tolerable and --tolerable-rate", wanted="one of the two")
    text = options["tolerable"] or ("" if options["tolerable_rate"] else plan.get("tolerable_amount") or "")
    rate = options["tolerable_rate"] or ("" if text else plan.get("tolerable_rate") or "")
    if rate:
        base = _base(sample)
        if base is None:
            raise ParameterError(
                "--tolerable-rate", wanted="the book value of the population, or --tolerable"
            )
        return int(_share(rate, "--tolerable-rate") * base)
    try:
        return amount(text, sample.currency, least=1) if text else None
    except ValueError as fault:
        raise ParameterError("--tolerable", found=text, wanted=str(fault)) from fault


def _base(sample: Sample) -> int | None:
    """Book value of the positive items of the population; None where it is not known."""
    values = [one.book for one in sample.strata if one.part in ("positive", "high_value")]
    known = [value for value in values if value is not None]
    return sum(known) if sample.clusters is None and known and len(known) == len(values) else None


def terms_of(options: dict[str, Any], method: Any, sample: Sample) -> Terms:
    """The terms of the options; confidence and tolerable misstatement that they do not say are the plan's."""
    from arlib.audit.sampling.estimators import Quantile
    from arlib.audit.sampling.moment import Kind
    from arlib.audit.sampling.stringer import Distribution, Factors
    from arlib.audit.sampling.terms import Combination, Count, Direction, Netting, Projection, Terms

    plan = sample.about.get("plan") or {}
    return Terms(
        method=method, confidence=_confidence(options, plan), tolerable=_tolerable(options, plan, sample),
        is_two_sided=options["two_sided"],
        distribution=Distribution(options["distribution"]), factors=Factors(options["factors"]),
        projection=Projection(options["projection"]) if options["projection"] else None,
        netting=Netting(options["netting"]), count=Count(options["count"]), direction=Direction(options["direction"]),
        combination=Combination(options["combination"]) if options["combination"] else None, moment=Kind(options["moment"]),
        quantile=Quantile(options["quantile"]), has_correction=options["fpc"], minimum_errors=options["minimum_errors"],
    )  # fmt: skip


def _confidence(options: dict[str, Any], plan: dict[str, Any]) -> Fraction:
    if options["confidence"] and options["risk"]:
        raise ParameterError("--confidence and --risk", wanted="one of the two")
    if options["risk"]:
        return 1 - _share(options["risk"], "--risk")
    text = options["confidence"] or plan.get("confidence") or ""
    if not text:
        raise ParameterError("the confidence", wanted="--confidence or --risk, such as --confidence 95%")
    return _share(str(text), "--confidence")


def content(result: Evaluation, sample: Sample) -> dict[str, Any]:
    """What stands in evaluation.json: amounts as plain decimals, shares as decimal text."""
    from arlib.audit.sampling.selection import exact_text
    from arlib.money import format_minor

    def money(minor: int | None) -> str | None:
        return None if minor is None else format_minor(minor, result.currency)

    base = _base(sample)
    terms, about = result.terms, sample.about
    return {
        "schema": SCHEMA,
        "conclusion": result.conclusion.value,
        "words": _words(result.words, sample),
        "warnings": [*result.warnings, *sample.notes],
        "is_selection_redrawn": sample.is_redrawn,
        "currency": result.currency,
        "method": terms.method.value,
        "confidence": exact_text(terms.confidence),
        "tolerable_misstatement": money(terms.tolerable),
        "most_likely_misstatement": money(result.most_likely),
        "most_likely_overstatement": money(result.over_most_likely),
        "most_likely_understatement": money(result.under_most_likely),
        "upper_limit": money(result.upper),
        "lower_limit": money(result.lower),
        "precision": money(result.precision),
        "book_value": money(base),
        "most_likely_rate": _rate(result.most_likely_exact, base),
        "upper_rate": _rate(result.upper_exact, base),
        "items_examined": result.examined,
        "hits": result.hits,
        "errors": result.error_count,
        "conventions": result.conventions,
        "population_sha256": sample.population_sha256 or None,
        "seed": about.get("seed"),
        "controls": [
            {"name": one.name, "left": money(one.left), "right": money(one.right), "holds": one.holds}
            for one in result.identities
        ],
    }


def _words(words: str, sample: Sample) -> str:
    """The result in words, with whether the selection was drawn again where it is one of ours."""
    from arlib.cli.sampling_redraw import CHECKED, NOT_CHECKED

    if sample.is_redrawn is None:
        return words
    said = CHECKED if sample.is_redrawn else NOT_CHECKED
    return f"{words} {said[0].upper()}{said[1:]}."


def _rate(value: Any, base: int | None) -> str | None:
    """A share of the book value of the positive items, to 15 digits; None where that is not known."""
    return f"{value / base:.15g}" if base else None


def _write(out: Path, result: Evaluation, about: dict[str, Any]) -> None:
    from arlib.audit.sampling.frames_evaluate import ERRORS, PARTS
    from arlib.cli.sampling_files import csv_bytes, json_text
    from arlib.run.wholefolder import replace_folder

    files = {
        "evaluation.json": json_text(about).encode(),
        "evaluation.csv": csv_bytes(result.errors, ERRORS),
        "parts.csv": csv_bytes(result.parts, PARTS),
    }

    def fill(folder: Path) -> None:
        for name, data in files.items():
            (folder / name).write_bytes(data)

    replace_folder(out, fill, marker=MARKER)
