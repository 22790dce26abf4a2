"""Evaluate a profile's expressions on records: text in, text out, one value per row. Floor 2.

Amounts stay text here as well; a sign is put in front or taken away, and a difference is worked out in
exact decimals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from arlib.errors import ParameterError, SourceError, nearest
from arlib.sources.identity import hashes, numbered
from arlib.sources.profile import BySign, Condition, Expression, PlusDays, Profile
from arlib.sources.raw import Records

if TYPE_CHECKING:
    import pandas as pd

UNMAPPED = "\x00unmapped\x00"  # marks a code that the map does not list; the row is rejected with the code
FLOAT_ID = r"^(-?\d+)\.0+$"
ZERO = r"[0., +\-\u2212]*"  # no digit but 0
VALUES = (
    "entity", "functional_currency", "control_account", "snapshot_date", "bank_account", "currency",
)  # fmt: skip
NEEDED = {
    "entity": "whose books these are",
    "bank_account": "which bank account this is",
    "currency": "which currency the account is in",
}
DAY_COUNT = re.compile(r"[0-9]{1,5}")
BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Source:
    """The records that a part reads, the profile's settings, and the other files for look-ups."""

    records: Records
    profile: Profile
    others: Mapping[str, Records]
    where: str  # file name, for messages

    def column(self, name: str, *, is_optional: bool = False) -> pd.Series:
        """A source column as text; a missing one that is not optional raises SourceError with the nearest
        name."""
        import pandas as pd

        frame = self.records.frame
        if name in frame.columns:
            return frame[name]
        if is_optional:
            return pd.Series("", index=frame.index, dtype="str")
        near = nearest(name, [str(column) for column in frame.columns])
        raise SourceError(
            "a column is missing",
            where=self.where,
            wanted=repr(name),
            fix=f"Did you mean {near!r}? Say so in a profile of your own." if near else "",
        )


def selected(source: Source, conditions: tuple[Condition, ...]) -> pd.Series:
    """True on the rows on which every condition holds."""
    import pandas as pd

    chosen = pd.Series(True, index=source.records.frame.index)
    for condition in conditions:
        values = source.column(condition.column, is_optional=condition.is_optional)
        if condition.equals is not None:
            chosen &= values.isin(condition.equals)
        elif condition.differs is not None:
            chosen &= ~values.isin(condition.differs)
        elif condition.differs_from is not None:
            chosen &= values.ne(source.column(condition.differs_from))
        elif condition.is_in is not None:
            file, _, column = condition.is_in.rpartition(".")
            there = Source(source.others[file], source.profile, {}, file).column(column)
            chosen &= values.isin(set(there) - {""})
        elif condition.among is not None:
            there = source.column(condition.among.column)[selected(source, condition.among.where)]
            chosen &= values.isin(set(there) - {""})
        elif condition.is_ == "not_zero":
            chosen &= ~values.str.fullmatch(ZERO)
        else:
            chosen &= values.str.strip().ne("") if condition.is_ == "filled" else values.str.strip().eq("")
    return chosen


def evaluate(expression: Expression, source: Source) -> pd.Series:
    """The expression's value on every record, as text with '' for none."""
    values = _origin(expression, source)
    if expression.strip:
        values = values.str.strip(expression.strip)
    if expression.whole_number:
        values = values.str.replace(FLOAT_ID, r"\1", regex=True)
    if expression.prefix:
        values = (expression.prefix + values).where(values.ne(""), "")
    if expression.map is not None:
        values = _mapped(values, expression)
    if expression.absolute:
        values = values.where(~_is_negative(values), negated(values))
    if expression.sign is not None:
        values = _signed(values, expression, source)
    if expression.negate:
        values = negated(values)
    if expression.when:
        values = values.where(selected(source, expression.when), "")
    return values


def native_of(expression: Expression, source: Source) -> pd.Series | None:
    """Where the value comes from a typed cell, for an expression that passes a column on."""
    return source.records.native.get(expression.column) if expression.column else None


def _origin(expression: Expression, source: Source) -> pd.Series:
    import pandas as pd

    index = source.records.frame.index
    if expression.column is not None:
        return source.column(expression.column, is_optional=expression.is_optional)
    if expression.constant is not None:
        return pd.Series(expression.constant, index=index, dtype="str")
    if expression.option is not None:
        return pd.Series(setting(source.profile, expression.option), index=index, dtype="str")
    if expression.template is not None:
        return _template(expression, source)
    if expression.first_of is not None:
        made = pd.Series("", index=index, dtype="str")
        none = {"", *source.profile.none_dates}
        for choice in expression.first_of:  # a date that means none gives way to the next
            if len(made) and not made.isin(none).any():
                break
            made = made.where(~made.isin(none), evaluate(choice, source))
        return made
    if expression.subtract is not None:
        first, second = (evaluate(operand, source) for operand in expression.subtract)
        pairs = zip(first, second, strict=True)
        return pd.Series([_difference(a, b) for a, b in pairs], index=index, dtype="str")
    if expression.plus_days is not None:
        return _plus_days(expression.plus_days, source)
    if expression.by_sign is not None:
        return _by_sign(expression.by_sign, source)
    if expression.identity is not None:
        return _identity([evaluate(operand, source) for operand in expression.identity])
    raise AssertionError("the model has checked that there is exactly one origin")


def setting(profile: Profile, name: str) -> str:
    """A text setting of the profile that a part may use as a value; an empty or unknown one raises
    ParameterError."""
    if name not in VALUES:
        raise ParameterError(
            "not a setting that can be a value", where=f"profile {profile.profile}", found=name
        )
    value = str(getattr(profile, name))
    if name == "currency":
        value = value or profile.functional_currency
    if not value and name in NEEDED:
        raise ParameterError(
            f"the source does not say {NEEDED[name]}",
            where=f"profile {profile.profile}",
            fix=f"Set the option `{name}` of the source.",
        )
    return value


def _is_negative(values: pd.Series) -> pd.Series:
    bare = values.str.strip(" ")
    marks = ("-", "\u2212")
    return (
        bare.str.startswith(marks)
        | bare.str.endswith(marks)
        | (bare.str.startswith("(") & bare.str.endswith(")"))
    )


def _by_sign(spec: BySign, source: Source) -> pd.Series:
    """The constant for each amount; '' where there is none."""
    import pandas as pd

    values = evaluate(spec.of, source)
    made = pd.Series(spec.plus, index=values.index, dtype="str")
    return made.where(~_is_negative(values), spec.minus).where(~values.str.fullmatch(ZERO), spec.zero)


def _identity(columns: list[pd.Series]) -> pd.Series:
    return numbered(hashes(columns, index=columns[0].index, places=16))


def _template(expression: Expression, source: Source) -> pd.Series:
    import pandas as pd

    assert expression.template is not None
    pieces = BRACES.split(expression.template)
    index = source.records.frame.index
    made, filled = pd.Series("", index=index, dtype="str"), pd.Series(True, index=index)
    for place, piece in enumerate(pieces):
        if place % 2:
            values = (
                source.column(piece, is_optional=expression.is_optional)
                .str.replace(FLOAT_ID, r"\1", regex=True)
                .str.strip()
            )
            filled &= values.ne("")
            made = made + values
        elif piece:
            made = made + piece
    return made.where(filled, "")


def _mapped(values: pd.Series, expression: Expression) -> pd.Series:
    assert expression.map is not None
    table = {value: expression.map.get(value) for value in values.unique()}
    if expression.otherwise is None:
        table = {
            value: (UNMAPPED + value if to is None and value else to or "") for value, to in table.items()
        }
    else:
        table = {value: expression.otherwise if to is None else to for value, to in table.items()}
    return values.map(table).astype("str")


def _signed(values: pd.Series, expression: Expression, source: Source) -> pd.Series:
    assert expression.sign is not None
    codes = source.column(expression.sign.by)
    minus, plus = codes.isin(expression.sign.minus), codes.isin(expression.sign.plus)
    made = values.where(~minus, negated(values))
    return made.where(minus | plus | values.eq(""), UNMAPPED + codes)


def negated(values: pd.Series) -> pd.Series:
    """Amount texts with the other sign, however it is written; a text that is no amount stays one that is
    refused."""
    bare = values.str.strip(" ")
    is_leading = bare.str.startswith(("-", "\u2212"))
    is_trailing = bare.str.endswith(("-", "\u2212")) & ~is_leading
    is_bracketed = bare.str.startswith("(") & bare.str.endswith(")")
    made = ("-" + bare).where(~is_leading, bare.str.slice(1))
    made = made.where(~is_trailing, bare.str.slice(0, -1)).where(~is_bracketed, bare.str.slice(1, -1))
    return made.where(bare.ne(""), "")


def _difference(first: str, second: str) -> str:
    if not first:
        return ""
    try:
        return format(Decimal(first) - Decimal(second or "0"), "f")
    except InvalidOperation:
        return f"{first} less {second}"  # refused as an amount, with both texts in the message


def _plus_days(spec: PlusDays, source: Source) -> pd.Series:
    """ISO dates; a date or count that cannot be read passes through as text, to be refused with its row."""
    import pandas as pd

    dates = evaluate(spec.date, source)
    days = pd.Series("", index=dates.index, dtype="str")
    for name in spec.days:
        values = source.column(name).str.strip().str.replace(FLOAT_ID, r"\1", regex=True)
        days = days.where(days.ne(""), values.where(~values.isin(("", "0")), ""))
    formats = source.profile.date_formats
    none = {*source.profile.none_dates, ""}
    made = [
        _moved(day, count, formats) if day not in none else day
        for day, count in zip(dates, days, strict=True)
    ]
    return pd.Series(made, index=dates.index, dtype="str")


def _moved(day: str, count: str, formats: tuple[str, ...]) -> str:
    for pattern in formats:
        try:
            at = datetime.strptime(day, pattern)  # noqa: DTZ007  (a business date has no zone)
        except ValueError:
            continue
        if not DAY_COUNT.fullmatch(count or "0"):
            return f"{day} + {count}"
        try:
            return (at + timedelta(days=int(count or "0"))).strftime(pattern)
        except OverflowError:
            return f"{day} + {count}"
    return day


def joined(source: Source, name: str, on: Mapping[str, str], *, used: str = "") -> Source:
    """The source with the columns of another file beside its own, as NAME.COLUMN, by equal key columns
    (here: there); of these the ones that `used`, the part's own text, names, or all where it is ''.

    A record without a counterpart has empty texts there; of several counterparts the first counts.
    """
    import pandas as pd

    if name not in source.others:
        return source
    there = Source(source.others[name], source.profile, {}, name)
    here_key = _key([source.column(column) for column in on])
    there_key = _key([there.column(column) for column in on.values()])
    first = ~there_key.duplicated()
    at = pd.Index(there_key[first]).get_indexer(here_key)
    frame = there.records.frame[first]
    texts = {
        f"{name}.{column}": values.take(at).set_axis(here_key.index).mask(at < 0, "")
        if len(frame)
        else pd.Series("", index=here_key.index, dtype="str")
        for column, values in frame.items()
        if not used or f"{name}.{column}" in used
    }
    beside = pd.concat([source.records.frame, pd.DataFrame(texts, index=here_key.index)], axis=1)
    return replace(source, records=replace(source.records, frame=beside))


def _key(columns: list[pd.Series]) -> pd.Series:
    """Key columns as one text; ids that went through a float compare as what they were."""
    cleaned = [column.str.replace(FLOAT_ID, r"\1", regex=True).str.strip() for column in columns]
    made = cleaned[0]
    for column in cleaned[1:]:
        made = made + "\x1f" + column
    return made
