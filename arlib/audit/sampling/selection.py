"""Draw a sample: certainty stratum, fixed interval, cells or random, by item or by monetary unit, by stratum. Floor 1.

Zero items can never be hit by money and credits would count against the others, so both are drawn apart, by item. The
population is sealed first; the seed comes afterwards from the requester, or is drawn once and logged by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from arlib.audit.sampling.design import Design, HighValue, Units
from arlib.audit.sampling.draws import Draw, Stream, checked_seed
from arlib.audit.sampling.frames_select import DRAWS, SELECTION, STRATA, How, Part
from arlib.audit.sampling.hits import cell_units, interval_units, random_units
from arlib.audit.sampling.population import Population
from arlib.controls import Identity
from arlib.errors import ParameterError
from arlib.money import minor_places, total

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


MOST_UNITS = 2**62  # running totals stay within 64 bits


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A drawn sample. `items` is the table sampling_selection, `strata` sampling_strata, `draws` sampling_draws."""

    population_sha256: str
    seed: str
    currency: str
    design: Design
    items: pd.DataFrame
    strata: pd.DataFrame
    draws: pd.DataFrame
    identities: tuple[Identity, ...]


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What was done with one part of a stratum: rows in it, and the rows hit with their units."""

    stratum: str
    part: Part
    rows: np.ndarray
    size: int = 0
    hit: tuple[tuple[int, int], ...] = ()  # (row, unit) in the order selected
    how: How | None = None
    interval: Fraction | None = None
    start: Fraction | None = None


def select(
    population: Population, *, design: Design, seed: str, sizes: Mapping[str, int] | None = None
) -> Selection:
    """The sample that the design and the seed give; the same ones give the same sample, on any machine.

    `sizes` gives a size by stratum (see allocation.py) in place of the design's. Without it, and without strata, the whole
    population is one stratum; with strata and an interval each stratum is counted through with it. Raises ParameterError
    where the strata and sizes do not fit, or where a size is larger than the items there are.
    """
    checked_seed(seed)
    items = population.items
    if population.part_total(Part.POSITIVE)[1] >= MOST_UNITS:
        raise ParameterError(
            "book value", found=population.total, wanted=f"less than {MOST_UNITS:,} minor units"
        )
    values = items["book_value"].to_numpy(dtype="int64")
    parts_of = items["part"].to_numpy()
    strata_of = items["stratum"].to_numpy()
    names = sorted(set(strata_of[parts_of == Part.POSITIVE.value].tolist()))
    designs = _designs(names, design, sizes)
    done: list[_Part] = []
    draws: list[Draw] = []

    def stream(stratum: str, part: Part) -> Stream:
        name = f"{stratum}/{part.value}" if stratum else part.value
        return Stream(seed=seed, population_sha256=population.sha256, name=name, drawn=draws)

    for name in names:
        rows = ((strata_of == name) & (parts_of == Part.POSITIVE.value)).nonzero()[0]
        done += _positive(name, rows, values, designs[name], stream(name, Part.POSITIVE))
    for part, size in ((Part.ZERO, design.zero_size), (Part.CREDIT, design.credit_size)):
        rows = (parts_of == part.value).nonzero()[0]
        if len(rows):
            size = min(size, len(rows))
            hit = tuple(
                (int(rows[unit - 1]), unit) for unit in random_units(len(rows), size, stream=stream("", part))
            )
            how = None if not size else How.CERTAINTY if size == len(rows) else How.RANDOM
            done.append(_Part(stratum="", part=part, rows=rows, size=size, hit=hit, how=how))
    return _selection(population, design, seed, done, draws)


def _designs(names: list[str], design: Design, sizes: Mapping[str, int] | None) -> dict[str, Design]:
    """The design of each stratum."""
    if sizes is None:
        if design.size is not None and len(names) > 1:
            raise ParameterError(
                "a size for several strata", found=", ".join(names), wanted="a size for each",
                fix="Give --allocation, --strata, or an interval, which serves all.",
            )  # fmt: skip
        return dict.fromkeys(names, design)
    if unknown := sorted(set(sizes) - set(names)):
        raise ParameterError(
            "strata", found=", ".join(unknown), wanted=f"strata with positive items: {', '.join(names)}"
        )
    if missing := [name for name in names if name not in sizes]:
        raise ParameterError("strata without a size", found=", ".join(missing), wanted="a size for each")
    return {name: replace(design, size=sizes[name], interval=None) for name in names}


def _positive(name: str, rows: np.ndarray, values: np.ndarray, design: Design, stream: Stream) -> list[_Part]:
    """The certainty part and the sampled part of a stratum's positive items."""
    held = values[rows]
    is_high, size, interval = _certain(held, design)
    high, rest = rows[is_high], rows[~is_high]
    parts = []
    if len(high):
        hit = tuple((int(row), 0) for row in high)
        parts.append(
            _Part(stratum=name, part=Part.HIGH_VALUE, rows=high, size=len(high), hit=hit, how=How.CERTAINTY)
        )
    if not len(rest):
        return parts
    running = held[~is_high].cumsum() if design.units is Units.MONEY else None
    units_total = int(running[-1]) if running is not None else len(rest)
    start = None
    if design.method is How.RANDOM:
        assert size is not None
        units = random_units(units_total, size, stream=stream)
    elif interval is None:
        units = []
    elif design.method is How.CELL:
        units = cell_units(units_total, interval, stream=stream)
    else:
        units, start = interval_units(units_total, interval, start=design.start, stream=stream)
    places = (
        running.searchsorted(units, side="left") if running is not None and units else [u - 1 for u in units]
    )
    hit = tuple((int(rest[place]), unit) for place, unit in zip(places, units, strict=True))
    parts.append(
        _Part(stratum=name, part=Part.POSITIVE, rows=rest, size=len(units) if size is None else size, hit=hit,
              how=design.method if units else None, interval=interval, start=start)
    )  # fmt: skip
    return parts


def _certain(held: np.ndarray, design: Design) -> tuple[np.ndarray, int | None, Fraction | None]:
    """Which items are examined in full, and the size and the interval for the others."""
    size, interval = design.size, design.interval
    if isinstance(design.high_value, int):
        is_high = held >= design.high_value
    elif design.high_value is HighValue.NONE or design.units is Units.ITEMS:
        is_high = held < 0
    elif interval is not None:
        is_high = held >= -(-interval.numerator // interval.denominator)
    else:
        assert size is not None
        is_high = _until_stable(held, size)
        size -= int(is_high.sum())
    rest = held[~is_high]
    if size is None:
        return is_high, None, interval
    if design.units is Units.ITEMS and size > len(rest):
        raise ParameterError(
            "size", found=size, wanted=f"at most the {len(rest)} items there are to draw from"
        )
    amount = len(rest) if design.units is Units.ITEMS else int(rest.sum())
    return is_high, size, Fraction(amount, size) if size and amount else None


def _until_stable(held: np.ndarray, size: int) -> np.ndarray:
    """Items at or above the interval that is left for the others, worked out again until none is added."""
    import numpy as np

    order = np.argsort(-held, kind="stable")
    left, taken = int(held.sum()), 0
    while taken < min(size, len(held)) and int(held[order[taken]]) * (size - taken) >= left:
        left -= int(held[order[taken]])
        taken += 1
    is_high = np.zeros(len(held), dtype=bool)
    is_high[order[:taken]] = True
    return is_high


def _selection(
    population: Population, design: Design, seed: str, done: list[_Part], draws: list[Draw]
) -> Selection:
    currency, items = population.currency, population.items
    values, ids = items["book_value"].tolist(), items["item_id"].tolist()
    strata_of = items["stratum"].tolist()
    rows: list[dict[str, Any]] = []
    strata = []
    for part in done:
        units: dict[int, list[int]] = {}
        for row, unit in part.hit:
            units.setdefault(row, []).append(unit)
        for row, hit in units.items():
            rows.append(
                {
                    "order": len(rows) + 1, "item_id": ids[row], "position": row + 1, "currency": currency,
                    "book_value": values[row], "stratum": strata_of[row], "part": part.part.value,
                    "how": part.how.value if part.how else None, "hits": len(hit),
                    "units": None if part.how is How.CERTAINTY else ";".join(_unit(one, design, part.part, currency) for one in hit),
                }
            )  # fmt: skip
        strata.append(
            {
                "stratum": part.stratum, "part": part.part.value, "currency": currency, "items": len(part.rows),
                "book_value": total(items["book_value"].iloc[part.rows]), "size": part.size, "hits": len(part.hit),
                "selected_items": len(units), "selected_value": sum(values[row] for row in units),
                "interval": _amount(part.interval, design, currency), "start": _amount(part.start, design, currency),
                "how": part.how.value if part.how else None,
            }
        )  # fmt: skip
    table = STRATA.from_rows(strata)
    identities = (
        Identity(name="selection_rows", left_label="population", left=len(items),
                 right_label="parts", right=int(table["items"].sum())),
        Identity(name="selection_value", left_label="population", left=population.total,
                 right_label="parts", right=total(table["book_value"]), currency=currency),
    )  # fmt: skip
    for identity in identities:
        identity.require()
    logged = DRAWS.from_rows(
        {"stream": d.stream, "counter": d.counter, "upto": str(d.upto), "value": str(d.value)} for d in draws
    )
    return Selection(
        population_sha256=population.sha256, seed=seed, currency=currency, design=design,
        items=SELECTION.from_rows(rows), strata=table, draws=logged, identities=identities,
    )  # fmt: skip


def _unit(unit: int, design: Design, part: Part, currency: str) -> str:
    from arlib.money import format_minor

    return (
        format_minor(unit, currency) if design.units is Units.MONEY and part is Part.POSITIVE else str(unit)
    )


def _amount(exact: Fraction | None, design: Design, currency: str) -> str | None:
    """An interval or start as text: a plain decimal where it is one, else a fraction such as 1403220.82/60."""
    if exact is None:
        return None
    value = exact / 10 ** minor_places(currency) if design.units is Units.MONEY else exact
    return exact_text(value)


def exact_text(value: Fraction) -> str:
    """An exact number as a decimal where it ends, else as a fraction of whole numbers: '7883.3', '5/2' is '2.5', '1/3'."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
