"""An audited sample read for evaluation: beside the selection it answers, beside its population, or by itself. Floor 5."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, Problem, SourceError

if TYPE_CHECKING:
    import pandas as pd

    from arlib.audit.sampling.design import Units
    from arlib.audit.sampling.evaluate import Stratum


@dataclass(frozen=True)
class Sample:
    """What is evaluated: items (table sampling_audited), strata of the population, and how it was drawn where known."""

    audited: pd.DataFrame
    strata: list[Stratum]
    currency: str
    units: Units | None
    population_sha256: str
    about: dict[str, Any]  # selection.json, where there is one
    clusters: int | None = None  # of a draw in two stages: clusters in the population
    notes: tuple[str, ...] = ()  # what was checked of the selection, and what was not
    is_redrawn: bool | None = None  # the selection was drawn again; None without a selection of ours


@dataclass(frozen=True)
class _Known:
    """An item as the selection, the population or the sample's own row has it."""

    book: int
    stratum: str
    part: str
    hits: int


def read_sample(options: dict[str, Any], *, by_money: bool) -> Sample:
    """The sample of the options. Raises TableError with all faults of its rows, SourceError or ParameterError else."""
    if options["selection"]:
        return _of_selection(options)
    if options["population_file"]:
        return _of_population(options, by_money=by_money)
    return _alone(options, by_money=by_money)


def _of_selection(options: dict[str, Any]) -> Sample:
    """The answer to a selection of ours: exactly its items, with the book values that were sealed."""
    from arlib.audit.sampling.design import Units
    from arlib.audit.sampling.evaluate import Stratum
    from arlib.audit.sampling.frames_select import Part
    from arlib.cli.sampling_clusters import TWO_STAGE, drawn_clusters
    from arlib.cli.sampling_columns import read_columns, read_json
    from arlib.cli.sampling_redraw import NOT_CHECKED, require_as_drawn, require_files
    from arlib.cli.sampling_select import SCHEMA, read_population, said_left_out

    folder: Path = options["selection"]
    about = read_json(folder / "selection.json", SCHEMA)
    require_files(folder, about)
    currency, design = str(about["currency"]), about["design"]
    if options["currency"] and options["currency"] != currency:
        raise ParameterError(
            "--currency", found=options["currency"], wanted=f"{currency}, which the selection is in"
        )
    notes = [NOT_CHECKED]
    if options["population_file"]:
        columns = {
            f"{name}_column": options[f"{name}_column"] or held for name, held in about["columns"].items()
        }
        again, left_out, _ = read_population(
            options["population_file"], {"currency": currency, "order": design["order"], **columns}
        )
        again.require_sealed(about["population_sha256"])
        require_as_drawn(folder, about, again)
        notes = [line.strip() for line in said_left_out(left_out)]
    units = Units(design["units"])
    clusters = None
    strata: list[Stratum] = []
    if is_two_stage := design["method"] == TWO_STAGE:
        strata, clusters = drawn_clusters(folder, currency)
    for row in [] if is_two_stage else read_columns(folder / "strata.csv").records():
        is_fixed = units is Units.MONEY and row["how"] == "interval"
        strata.append(
            Stratum(stratum=row["stratum"], part=Part(row["part"]), items=int(row["items"]),
                    book=_minor(row["book_value"], currency), interval=_interval(row["interval"], currency) if is_fixed else None)
        )  # fmt: skip
    known = {
        row["item_id"]: _Known(
            _minor(row["book_value"], currency),
            row["stratum"] if is_two_stage else _stratum(row["stratum"], row["part"]),
            Part.POSITIVE.value if is_two_stage else row["part"],
            int(row["hits"]),
        )
        for row in read_columns(folder / "selection.csv").records()
    }
    audited = _audited(options, currency, known, is_complete=True)
    return Sample(audited, strata, currency, units, about["population_sha256"], about, clusters, tuple(notes),
                  is_redrawn=bool(options["population_file"]))  # fmt: skip


def _of_population(options: dict[str, Any], *, by_money: bool) -> Sample:
    """A sample drawn elsewhere, with the file of its population."""
    from arlib.audit.sampling.evaluate import Stratum
    from arlib.audit.sampling.frames_select import Part
    from arlib.cli.sampling_select import read_population, said_left_out
    from arlib.money import total

    made, left_out, _ = read_population(options["population_file"], options)
    interval = _interval(options["interval"], made.currency)
    limit = _limit(options, interval, made.currency) if by_money else None
    items = made.items
    parts = items["part"].mask(
        items["part"].eq(Part.POSITIVE.value) & items["book_value"].ge(limit or 2**62), Part.HIGH_VALUE.value
    )
    apart = items["stratum"].mask(parts.isin([Part.ZERO.value, Part.CREDIT.value]), "")
    hits = _hits(options)
    known = {
        item: _Known(book, stratum, part, hits.get(item, 1))
        for item, book, stratum, part in zip(
            items["item_id"].tolist(),
            items["book_value"].tolist(),
            apart.tolist(),
            parts.tolist(),
            strict=True,
        )
    }
    frame = items.assign(part=parts, stratum=apart)
    strata = []
    for (stratum, part), group in frame.groupby(["stratum", "part"], sort=True):
        fixed = interval if part == Part.POSITIVE.value else None
        strata.append(
            Stratum(
                stratum=str(stratum),
                part=Part(str(part)),
                items=len(group),
                book=total(group["book_value"]),
                interval=fixed,
            )
        )
    audited = _audited(options, made.currency, known, is_complete=False)
    notes = tuple(line.strip() for line in said_left_out(left_out))
    return Sample(audited, strata, made.currency, None, made.sha256, {}, notes=notes)


def _alone(options: dict[str, Any], *, by_money: bool) -> Sample:
    """A sample drawn elsewhere, with totals from options: it brings its own book values, and is one stratum."""
    from arlib.audit.sampling.evaluate import Stratum
    from arlib.audit.sampling.frames_select import Part
    from arlib.audit.sampling.words import amount
    from arlib.cli.sampling_columns import amounts, currency_faults, currency_of, identifiers, read_columns

    rows = read_columns(options["sample_file"], is_strict=False)
    code_column = rows.column("currency", options["currency_column"])
    ids, problems = identifiers(rows, rows.need("id", options["id_column"]))
    problems += currency_faults(rows, code_column)
    currency, is_mine = currency_of(rows, code_column, options["currency"], problems)
    if not all(is_mine) and not rows.ragged and not problems:
        raise ParameterError("several currencies in a sample", where=rows.file, wanted="one")
    interval = _interval(options["interval"], currency)
    limit = _limit(options, interval, currency) if by_money else None
    books, faults = amounts(rows, rows.need("book", options["book_column"]), currency)
    rows.refuse([*problems, *faults])
    hits = _hits(options)

    def part(book: int) -> str:
        if not by_money:
            return Part.POSITIVE.value
        if book <= 0:
            return Part.ZERO.value if not book else Part.CREDIT.value
        return Part.HIGH_VALUE.value if limit is not None and book >= limit else Part.POSITIVE.value

    known = {
        i: _Known(book, "", part(book), hits.get(i, 1)) for i, book in zip(ids, books.tolist(), strict=True)
    }
    try:
        value = amount(options["population_value"], currency) if options["population_value"] else None
    except ValueError as fault:
        raise ParameterError(
            "--population-value", found=options["population_value"], wanted=str(fault)
        ) from fault
    count = options["population_items"]
    if not by_money and count is None:
        raise ParameterError(
            "the population", wanted="--selection, --population, or --population-items and --population-value"
        )
    high = [one.book for one in known.values() if one.part == Part.HIGH_VALUE.value]
    strata = [
        Stratum(stratum="", part=Part.POSITIVE, items=None if count is None else count - len(high),
                book=None if value is None else value - sum(high), interval=interval)
    ]  # fmt: skip
    strata += [Stratum(stratum="", part=Part.HIGH_VALUE, items=len(high), book=sum(high))] if high else []
    for other in (Part.ZERO, Part.CREDIT):
        if any(one.part == other.value for one in known.values()):
            strata.append(Stratum(stratum="", part=other, items=None, book=None))
    return Sample(_audited(options, currency, known, is_complete=True), strata, currency, None, "", {})


def _audited(
    options: dict[str, Any], currency: str, known: dict[str, _Known], *, is_complete: bool
) -> pd.DataFrame:
    """The sample's rows as the table sampling_audited; `is_complete` says that every known item must be answered."""
    from arlib.audit.sampling.frames_evaluate import AUDITED
    from arlib.audit.sampling.misstatements import with_not_found
    from arlib.cli.sampling_columns import EXAMPLE, amounts, identifiers, read_columns

    rows = read_columns(options["sample_file"], is_strict=False)
    ids, problems = identifiers(rows, rows.need("id", options["id_column"]))
    may_miss = options["not_found_as_misstated"]
    audits, faults = amounts(
        rows, rows.need("audit", options["audit_column"]), currency, may_be_empty=may_miss
    )
    problems += faults
    book_column = rows.column("book", options["book_column"])
    books = None
    if book_column:
        books, more = amounts(rows, book_column, currency)
        problems += more

    def fault(row: int, column: str, code: str, found: str, wanted: str) -> Problem:
        return Problem(
            file=rows.file, table="sample", row=row, column=column, code=code, found=found, wanted=wanted
        )

    for row, item in enumerate(ids, start=2):
        if item not in known and item.strip():
            what = "an item of the selection" if options["selection"] else "an item of the population"
            problems.append(
                fault(row, "id", "not_selected" if options["selection"] else "not_in_population", item, what)
            )
        elif books is not None and item in known and books.iloc[row - 2] != known[item].book:
            problems.append(
                fault(
                    row,
                    book_column,
                    "other_book_value",
                    str(rows.columns[book_column][row - 2]),
                    "the one that was sealed",
                )
            )
    answered = dict(zip(ids, audits.astype("object").where(audits.notna(), None).tolist(), strict=True))
    left = [item for item in known if item not in answered] if is_complete else []
    if left and not may_miss:
        problems += [
            fault(
                0,
                "id",
                "selected_item_without_answer",
                item,
                f"its audit value, {EXAMPLE}, or --not-found-as-misstated",
            )
            for item in left
        ]
    rows.refuse(problems)
    chosen = [item for item in known if item in answered or item in set(left)] if is_complete else ids
    frame = AUDITED.from_rows(
        {
            "item_id": item, "stratum": known[item].stratum, "part": known[item].part, "currency": currency,
            "book_value": known[item].book, "audit_value": answered.get(item), "hits": known[item].hits, "is_found": True,
        }
        for item in chosen
    )  # fmt: skip
    return with_not_found(frame)


def _hits(options: dict[str, Any]) -> dict[str, int]:
    """How often each item of the sample was hit, where a column says so."""
    from arlib.cli.sampling_columns import read_columns

    rows = read_columns(options["sample_file"], is_strict=False)
    column = rows.column("hits", options["hits_column"])
    if not column or rows.ragged:  # ragged rows are refused with all others
        return {}
    texts = rows.columns[column]
    if bad := next(
        (
            text
            for text in texts
            if not (text.isascii() and text.isdigit() and 0 < len(text) < 9 and int(text))
        ),
        None,
    ):
        raise SourceError(
            "hits", where=rows.file, found=bad, wanted="a whole number of 1 or more in each row"
        )
    if "" in texts:
        raise SourceError(
            "hits", where=rows.file, found="an empty field", wanted="a whole number of 1 or more in each row"
        )
    return {
        item: int(text)
        for item, text in zip(rows.columns[rows.need("id", options["id_column"])], texts, strict=True)
    }


def _stratum(name: str, part: str) -> str:
    """The stratum that an item is evaluated in: zeros and credits are one of all strata."""
    return "" if part in ("zero", "credit") else name


def _interval(text: str, currency: str) -> Fraction | None:
    from arlib.audit.sampling.words import number
    from arlib.money import minor_places

    if not text:
        return None
    try:
        above, _, below = text.partition("/")
        value = number(above) / (number(below) if below else Fraction(1))
    except (ValueError, ZeroDivisionError) as fault:
        raise ParameterError(
            "--interval", found=text, wanted="an amount such as 5000, or a fraction such as 300000/60"
        ) from fault
    return Fraction(value * 10 ** minor_places(currency))


def _limit(options: dict[str, Any], interval: Fraction | None, currency: str) -> int | None:
    """The amount from which positive items are their own error, in minor units; None where there is none."""
    from arlib.audit.sampling.words import amount

    if options["high_value"] == "none" or (options["high_value"] == "interval" and interval is None):
        return None
    if options["high_value"] == "interval":
        assert interval is not None
        return -(-interval.numerator // interval.denominator)
    try:
        return amount(options["high_value"], currency, least=1)
    except ValueError as fault:
        raise ParameterError(
            "--high-value", found=options["high_value"], wanted=f"interval, none, or {fault}"
        ) from fault


def _minor(text: str, currency: str) -> int:
    from arlib.money import parse_plain

    return parse_plain(text, currency)
