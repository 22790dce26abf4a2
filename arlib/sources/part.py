"""One part of a profile: records of a file in, typed canonical rows out, every fault with its row. Floor
2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from arlib.errors import Problem, Severity
from arlib.money import minor_places
from arlib.sources import convert
from arlib.sources.convert import Converted
from arlib.sources.express import UNMAPPED, Source, evaluate, joined, native_of, selected
from arlib.sources.profile import Expression, Part, Profile
from arlib.sources.raw import Records
from arlib.tables import CANONICAL, Column, Kind, Table
from arlib.tables.check import ID_WANTED, id_faults

if TYPE_CHECKING:
    import pandas as pd

BOOKS_CURRENCY = "the_currency_of_the_books_is_not_known"
CURRENCY_NAMES = frozenset(("functional_currency", "base", "quote", "limit_currency"))


@dataclass(frozen=True, kw_only=True)
class Context:
    """Whose books may be read, and in which currency each entity keeps them."""

    functional: Mapping[str, str] = field(default_factory=dict)
    entities: frozenset[str] | None = None  # None: any


@dataclass(frozen=True, kw_only=True)
class PartRows:
    """What became of the records: rows read (with `_file`, `_row`, `_part`), and money and rows in, by
    currency."""

    table: str
    part: str
    frame: pd.DataFrame
    rejected: pd.DataFrame  # currency, amount of the rows set aside
    problems: tuple[Problem, ...]
    came_in: pd.DataFrame  # currency, rows, amount of all records


def money_columns(table: Table) -> tuple[str, str] | None:
    """The amount that a table is totalled by and its currency column: the first required money column,
    else the first."""
    named = [
        column for column in table.columns if column.kind is Kind.MONEY and column.currency != "functional"
    ]
    if not named:
        return None
    first = next((column for column in named if column.is_required), named[0])
    return first.name, first.currency


def currency_columns(table: Table) -> frozenset[str]:
    """Columns of a table that hold currency codes."""
    beside = {column.currency for column in table.columns if column.kind is Kind.MONEY} - {"functional", ""}
    return frozenset(beside | {column.name for column in table.columns if column.name in CURRENCY_NAMES})


def read_part(
    part: Part, source: Source, *, context: Context, earlier: Sequence[pd.DataFrame] = ()
) -> PartRows:
    """Typed rows of one part. Nothing is dropped: a record is in the frame or among the rejected, never
    neither.

    `earlier` are the rows that other parts gave for the same table, for a part that adds only new keys.
    """
    import pandas as pd

    table = CANONICAL[part.into]
    used = part.model_dump_json() if part.join else ""
    for name, on in part.join.items():
        source = joined(source, name, on, used=used)
    chosen = _chosen(part, source)
    own = Source(chosen, source.profile, source.others, source.where)
    texts = {name: evaluate(expression, own) for name, expression in part.columns.items()}
    texts, chosen = _distinct(part, texts, chosen)
    if part.only_new:
        known = {
            key for frame in earlier for key in zip(*(frame[k].fillna("") for k in table.key), strict=True)
        }
        blank = pd.Series("", index=chosen.frame.index, dtype="str")
        keys = zip(*(texts.get(k, blank) for k in table.key), strict=True)
        texts, chosen = _kept(
            texts, chosen, pd.Series([key not in known for key in keys], index=blank.index, dtype=bool)
        )
    own = Source(chosen, source.profile, source.others, source.where)
    texts = _own_places(texts, table, source.profile)
    index = chosen.frame.index
    problems: list[Problem] = []
    rejected = pd.Series(False, index=index)
    functional = _functional(texts, context, source.profile, index)
    bookless = rejected.copy()  # rows with an amount in the currency of the books, which is not known
    made: dict[str, pd.Series] = {}
    for name, column in table.by_name.items():
        expression = part.columns.get(name)
        if expression is None:
            continue
        if not column.is_required and not texts[name].ne("").any():
            continue  # an empty column has no faults; the table adds it in its dtype
        converted = _converted(table, column, expression, texts, own, functional)
        made[name] = converted.typed
        faults = _faults(column, texts[name], converted)
        rejected |= faults.ne("")
        if column.currency == "functional":
            unknown = faults.eq("amount_without_currency")
            faults = faults.mask(unknown, "")  # one cause for all rows: said once, of the file
            bookless |= unknown
        problems += _problems(
            faults, Severity.REJECTED, part, expression, column, texts[name], converted.wanted, own
        )
        remarks = converted.remarks.where(faults.eq(""), "")
        problems += _problems(
            remarks, Severity.NOTED, part, expression, column, texts[name], converted.wanted, own
        )
    if bookless.any():
        problems.append(_unknown_books(source.where, table, texts, bookless))
    if context.entities is not None and "entity" in texts:
        outside = ~texts["entity"].isin({*context.entities, ""})
        rejected |= outside
        codes = pd.Series("", index=index, dtype="str").where(~outside, "undeclared_entity")
        problems += _problems(
            codes,
            Severity.REJECTED,
            part,
            part.columns["entity"],
            table["entity"],
            texts["entity"],
            f"one of {', '.join(sorted(context.entities))}",
            own,
        )
    frame = table.typed(pd.DataFrame(made, index=index))
    for name, values in texts.items():
        if name.startswith("_"):
            frame[name] = values
    frame["_file"] = pd.Series(source.where, index=index, dtype="str")
    frame["_row"], frame["_part"] = chosen.rows, part.part
    return _divided(part, table, frame, rejected, problems)


def _divided(
    part: Part, table: Table, frame: pd.DataFrame, rejected: pd.Series, problems: list[Problem]
) -> PartRows:
    """Split good rows from rejected ones and total both sides."""
    named = money_columns(table)
    totals = frame[[]].assign(
        currency=frame[named[1]].fillna("") if named else "", amount=frame[named[0]].fillna(0) if named else 0
    )
    totals["amount"] = totals["amount"].astype("Int64")
    totals["file"] = frame["_file"]
    good = frame[~rejected].reset_index(drop=True)
    return PartRows(
        table=part.into,
        part=part.part,
        frame=good,
        rejected=totals[rejected],
        problems=tuple(problems),
        came_in=totals,
    )


def _chosen(part: Part, source: Source) -> Records:
    """The records that the part's conditions select."""
    records = source.records
    if not part.where:
        return records
    return _kept({}, records, selected(source, part.where))[1]


def _kept(
    texts: dict[str, pd.Series], chosen: Records, keep: pd.Series
) -> tuple[dict[str, pd.Series], Records]:
    """Texts and records of the rows to keep."""
    native = {name: mask[keep].reset_index(drop=True) for name, mask in chosen.native.items()}
    frame, rows = chosen.frame[keep].reset_index(drop=True), chosen.rows[keep.to_numpy()]
    kept = Records(frame=frame, rows=rows, native=native, minor=chosen.minor)
    return {name: values[keep].reset_index(drop=True) for name, values in texts.items()}, kept


def _distinct(
    part: Part, texts: dict[str, pd.Series], chosen: Records
) -> tuple[dict[str, pd.Series], Records]:
    """The first row of each key in file order, with further spellings gathered."""
    if part.distinct is None:
        return texts, chosen
    import pandas as pd

    key = pd.DataFrame({name: texts[name] for name in part.distinct.by})
    first = ~key.duplicated()
    for into, gathered in part.distinct.collect.items():
        both = key.assign(_value=texts[gathered]).drop_duplicates()
        both = both.sort_values([*part.distinct.by, "_value"], kind="stable")
        joined = both.groupby(list(part.distinct.by), sort=False)["_value"].agg(tuple)
        keys = (
            list(zip(*(key[name] for name in part.distinct.by), strict=True))
            if len(part.distinct.by) > 1
            else list(key.iloc[:, 0])
        )
        lists = [joined.get(one, ()) for one in keys] if len(key) else []
        pairs = zip(lists, texts[gathered], strict=True)
        texts = {
            **texts,
            into: pd.Series(
                ["|".join(n for n in names if n and n != own) for names, own in pairs],
                index=key.index,
                dtype="str",
            ),
        }
    return _kept(texts, chosen, first)


def _own_places(texts: dict[str, pd.Series], table: Table, profile: Profile) -> dict[str, pd.Series]:
    """Currencies for which the profile declares other places carry them in their code: JPY with two places
    is JPY.2."""
    if not profile.minor_places:
        return texts
    own_places = profile.minor_places.items()
    codes = {code: f"{code}.{places}" for code, places in own_places if places != minor_places(code)}
    own = currency_columns(table)
    return {name: values.replace(codes) if name in own else values for name, values in texts.items()}


def _functional(
    texts: dict[str, pd.Series], context: Context, profile: Profile, index: pd.Index
) -> pd.Series:
    """The currency of the books per row, '' where it is not known."""
    import pandas as pd

    if "entity" not in texts:
        return pd.Series(profile.functional_currency, index=index, dtype="str")
    known = {
        code: context.functional.get(code, profile.functional_currency) for code in texts["entity"].unique()
    }
    return texts["entity"].map(known).astype("str")


def _converted(
    table: Table,
    column: Column,
    expression: Expression,
    texts: dict[str, pd.Series],
    source: Source,
    functional: pd.Series,
) -> Converted:
    """One column typed by its kind."""
    import pandas as pd

    values = texts[column.name]
    native = native_of(expression, source)
    if expression.option is not None:
        native = pd.Series(True, index=values.index)
    match column.kind:
        case Kind.DAY:
            return convert.to_day(values, source.profile, native=native)
        case Kind.INSTANT:
            return convert.to_instant(values, source.profile)
        case Kind.MONEY:
            beside = functional if column.currency == "functional" else texts.get(column.currency, functional)
            is_minor = expression.column in source.records.minor
            return convert.to_money(values, beside, source.profile, native=native, is_minor=is_minor)
        case Kind.INTEGER:
            return convert.to_integer(values)
        case Kind.FLAG:
            return convert.to_flag(values)
        case Kind.RATE:
            return convert.to_rate(values, may_be_zero=column.may_be_zero)
    if column.choices is not None:
        return convert.to_choice(values, column.choices)
    if column.name in currency_columns(table):
        return convert.to_currency(values)
    return convert.to_text(values)


def _faults(column: Column, texts: pd.Series, converted: Converted) -> pd.Series:
    """The converter's faults, then what holds for every column: required (a date that means none is no
    value), unmapped code, id that acts as a formula or has blanks."""
    faults = converted.faults
    if column.is_required:
        is_there = texts.ne("") if column.kind is Kind.MONEY else converted.typed.notna()
        faults = faults.where(
            is_there | faults.ne(""), "missing_value"
        )  # of money its currency may be at fault
    unmapped = texts.str.contains(UNMAPPED, regex=False)
    if unmapped.any():
        faults = faults.where(~unmapped, "unknown_code")
    if column.is_key:
        of_ids = id_faults(texts)
        faults = faults.where(of_ids.eq(""), of_ids)
    return faults


def _problems(
    codes: pd.Series,
    severity: Severity,
    part: Part,
    expression: Expression,
    column: Column,
    texts: pd.Series,
    wanted: str,
    source: Source,
) -> list[Problem]:
    """A Problem per row with a code, naming the source's column where the value is one."""
    at = codes.ne("").to_numpy().nonzero()[0]
    if not len(at):
        return []
    name = expression.column or column.name
    rows, found = source.records.rows[at], texts.iloc[at].str.replace(UNMAPPED, "", regex=False)
    words = {
        "missing_value": "a value",
        **ID_WANTED,
        "unknown_code": "a code that the profile lists",
    }
    return [
        Problem(
            file=source.where,
            table=part.into,
            row=int(row),
            column=name,
            severity=severity,
            code=code,
            found=text,
            wanted=words.get(code, wanted),
        )
        for row, code, text in zip(rows, codes.iloc[at], found, strict=True)
    ]


def _unknown_books(where: str, table: Table, texts: Mapping[str, pd.Series], rows: pd.Series) -> Problem:
    """One problem of the whole file for all rows whose books' currency is not known."""
    of = f" of {', '.join(sorted(texts['entity'][rows].unique()))}" if "entity" in texts else ""
    return Problem(
        file=where,
        table=table.name,
        row=0,
        code=BOOKS_CURRENCY,
        found=f"{int(rows.sum())} rows{of} with amounts in it",
        wanted="entities.csv or the currency (option functional_currency)",
    )


def concat(frames: Sequence[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Frames of one table as one; the declared dtypes hold even when some are empty."""
    import pandas as pd

    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return frames[0] if frames else table.empty()
    return filled[0].reset_index(drop=True) if len(filled) == 1 else pd.concat(filled, ignore_index=True)
