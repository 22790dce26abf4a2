"""The design of a draw from the options of `arlib sampling select`. Floor 5."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, SourceError

if TYPE_CHECKING:
    from arlib.audit.sampling.design import Design
    from arlib.audit.sampling.population import Population

PLAN = "arlib.sampling.plan/1"
BY_ITEM = ("attribute", "binomial", "poisson", "hypergeometric", "mean-per-unit", "difference")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?(/[0-9]+(\.[0-9]+)?)?")


def read_plan(path: Path | None) -> dict[str, Any]:
    """The one plan of a plan.json, or nothing."""
    from arlib.cli.sampling_columns import read_json

    if path is None:
        return {}
    plans = read_json(path, PLAN).get("plans", [])
    if len(plans) != 1:
        raise SourceError("holds several plans", where=str(path), found=len(plans), wanted="one")
    return dict(plans[0])


def design_of(options: dict[str, Any], plan: dict[str, Any], population: Population) -> Design:
    """The design of the options; what they do not say the plan says."""
    from arlib.audit.sampling.design import Design, Units
    from arlib.audit.sampling.frames_select import How, Part

    is_by_item = bool(plan) and plan.get("method") in BY_ITEM
    units = Units(options["units"] or ("items" if is_by_item else "money"))
    method = How(options["method"] or ("random" if is_by_item else "interval"))
    size, interval = options["size"], exact(options["interval"], units, population.currency, "--interval")
    if size is None and interval is None and plan:
        planned = plan.get("interval_exact") if method is How.INTERVAL and units is Units.MONEY else None
        interval = (
            exact(str(planned), units, population.currency, "interval of the plan") if planned else None
        )
        size = None if interval is not None else int(plan["sample_size"])
    if size is None and interval is None and not options["strata_file"]:
        raise ParameterError("the size of the sample", wanted="--size, --interval, --plan or --strata")
    if size is None and interval is None:
        size = 1  # each stratum has its own
    counts = {part: population.part_total(part)[0] for part in (Part.CREDIT, Part.ZERO)}
    return Design(
        units=units, method=method, size=size, interval=interval,
        start=exact(options["start"], units, population.currency, "--start"),
        high_value=high_value(options["high_value"], population.currency),
        credit_size=_count(options["credit_size"], counts[Part.CREDIT], "--credits"),
        zero_size=_count(options["zero_size"], counts[Part.ZERO], "--zeros"),
    )  # fmt: skip


def sizes_of(options: dict[str, Any], design: Design, population: Population) -> dict[str, int] | None:
    """A size for each stratum: from the file of strata, or by allocation; None where the design's own serves all."""
    from arlib.audit.sampling.allocation import Allocation, allocated
    from arlib.audit.sampling.frames_select import Part
    from arlib.cli.sampling_columns import read_columns
    from arlib.money import totals_by

    given: dict[str, str] = {}
    is_neyman = options["allocation"] == "neyman"
    if options["strata_file"]:
        rows = read_columns(options["strata_file"])
        wanted = "deviation" if is_neyman else "size"
        if missing := [name for name in ("stratum", wanted) if name not in rows.columns]:
            raise SourceError(
                "no such column", where=rows.file, found=", ".join(rows.header), wanted=", ".join(missing)
            )
        given = dict(zip(rows.columns["stratum"], rows.columns[wanted], strict=True))
    if not options["allocation"]:
        return {name: _count(text, 0, "size of a stratum") for name, text in given.items()} if given else None
    if design.size is None or (options["size"] is None and not options["plan_file"]):
        raise ParameterError("--allocation", wanted="a size to share out")
    mine = population.items[population.items["part"].eq(Part.POSITIVE.value)]
    items = mine.groupby("stratum", sort=True).size()
    values = totals_by(mine, "stratum", "book_value")
    return allocated(
        design.size, by=Allocation(options["allocation"]),
        items={str(name): int(count) for name, count in items.items()},
        values=dict(zip(values["stratum"], values["book_value"].tolist(), strict=True)),
        deviations={name: _fraction(text, "deviation") for name, text in given.items()} if is_neyman else None,
    )  # fmt: skip


def exact(text: str, units: Any, currency: str, name: str) -> Fraction | None:
    """An interval or a start: an amount in minor units, or a number of items; None where nothing is given."""
    from arlib.money import minor_places

    if not text:
        return None
    value = _fraction(text, name)
    return value * 10 ** minor_places(currency) if units.value == "money" else value


def _fraction(text: str, name: str) -> Fraction:
    if not NUMBER.fullmatch(text) or len(text) > 60:
        raise ParameterError(
            name, found=text, wanted="a plain decimal such as 5000 or 1.2, or a fraction such as 300000/60"
        )
    above, _, below = text.partition("/")
    if below and not Fraction(below):
        raise ParameterError(name, found=text, wanted="a fraction that is not of zero")
    return Fraction(above) / (Fraction(below) if below else 1)


def high_value(text: str, currency: str) -> Any:
    """What `--high-value` says: a HighValue, or an amount in minor units; ParameterError else."""
    from arlib.audit.sampling.design import HighValue
    from arlib.audit.sampling.words import amount

    if text in {one.value for one in HighValue}:
        return HighValue(text)
    try:
        return amount(text, currency, least=1)
    except ValueError as fault:
        raise ParameterError("--high-value", found=text, wanted=f"interval, none, or {fault}") from fault


def _count(text: str, available: int, name: str) -> int:
    if text == "all":
        return available
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise ParameterError(name, found=text, wanted="a whole number")
    return int(text)
