"""Document numbers taken apart: what stays, what counts up, and how two spellings of one number are told. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.ledger.facts import Ints

_LAST = r"^(.*?)([0-9]+)([^0-9]*)$"  # the last run of digits
_BEFORE_LAST = r"^(.*?)([0-9]+)([^0-9]+[0-9]+[^0-9]*)$"  # the run before it
_MOST_DIGITS = 18  # more do not fit into 64 bits: the leading ones stay
_SHARE = 0.9  # of numbers of one shape that must hold the document's year for it to be a year


def parsed(numbers: pd.Series, days: pd.Series) -> pd.DataFrame:
    """Each number as `prefix`, `digits`, `suffix` and the integer `number`, missing where it has no digits.

    The digits that count up are the last run, but for a year: a last run that is the document's year (four digits, or
    two) stays in the suffix, four leading digits of a run of seven or more that are its year stay in the prefix, each
    where at least nine in ten numbers of the shape hold theirs. Leading zeros stay in `digits`. `days` are the
    documents' dates. `series` is the prefix, # and the suffix, with the count of digits where numbers are padded with
    zeros: SI-######. One row for each row, in the same order.
    """
    plain = numbers.fillna("").astype("str")
    parts = plain.str.extract(_LAST)
    parts.columns = pd.Index(["prefix", "digits", "suffix"])
    year = days.dt.year.fillna(0).astype("int64").astype("str")
    parts = _year_at_the_end(plain, parts, year)
    long = parts["digits"].str.len().gt(_MOST_DIGITS).fillna(False).to_numpy(dtype=bool)
    parts.loc[long, "prefix"] += parts.loc[long, "digits"].str[:-_MOST_DIGITS]
    parts.loc[long, "digits"] = parts.loc[long, "digits"].str[-_MOST_DIGITS:]
    parts = _year_in_front(parts, year)
    made = parts.assign(number=parts["digits"].astype("Int64"))
    return made.assign(series=_series(made), normal=normal(plain))


def normal(numbers: pd.Series) -> pd.Series:
    """Numbers as they are compared: compatibility forms, letter case, signs and leading zeros do not count.

    A sign between two digits counts, whichever it is: 1-23 and 12-3 are two numbers.
    """
    plain = numbers.fillna("").astype("str").str.normalize("NFKC").str.casefold()
    plain = plain.str.replace(r"(?<=[0-9])[\W_]+(?=[0-9])", "\x1f", regex=True)
    plain = plain.str.replace(r"[^\w\x1f]|_", "", regex=True)
    return plain.str.replace(r"(?<![0-9])0+(?=[0-9])", "", regex=True).str.replace("\x1f", "-", regex=False)


def written(prefix: str, number: int, width: int, suffix: str) -> str:
    """A number as its series writes it."""
    return f"{prefix}{number:0{width}d}{suffix}"


def ranges(numbers: Ints, *, new_from: int) -> Ints:
    """For ascending numbers, which range each belongs to: a jump of `new_from` or more begins another."""
    if not len(numbers):
        return np.zeros(0, dtype=np.int64)
    return np.asarray(np.r_[0, np.cumsum(np.diff(numbers) >= new_from)], dtype=np.int64)


def _year_at_the_end(plain: pd.Series, parts: pd.DataFrame, year: pd.Series) -> pd.DataFrame:
    """Where the last run is the document's year, the run before it counts up."""
    last = parts["digits"]
    is_year = last.eq(year) | (last.str.len().eq(2) & last.eq(year.str[-2:]))
    if not is_year.any():
        return parts
    before = plain.str.extract(_BEFORE_LAST)
    shape = before[0] + before[2].str.replace(r"[0-9]", "#", regex=True)
    share = is_year.astype("float64").groupby(shape).transform("mean")
    mine = (share >= _SHARE).fillna(False) & before[1].notna() & is_year
    made = parts.copy()
    for name, at in (("prefix", 0), ("digits", 1), ("suffix", 2)):
        made[name] = parts[name].mask(mine, before[at])
    return made


def _year_in_front(parts: pd.DataFrame, year: pd.Series) -> pd.DataFrame:
    """Where a long run begins with the document's year, the rest counts up."""
    long = parts["digits"].str.len().ge(7)
    is_year = long & parts["digits"].str[:4].eq(year)
    if not is_year.any():
        return parts
    shape = parts["prefix"] + "|" + parts["digits"].str.len().astype("str") + "|" + parts["suffix"]
    share = is_year.astype("float64").groupby(shape).transform("mean")
    mine = long.fillna(False) & (share >= _SHARE).fillna(False)
    return parts.assign(
        prefix=parts["prefix"].mask(mine, parts["prefix"] + parts["digits"].str[:4]),
        digits=parts["digits"].mask(mine, parts["digits"].str[4:]),
    )


def _series(parts: pd.DataFrame) -> pd.Series:
    """The fixed part, with a # for each digit where any number of the fixed part is padded with zeros, else one."""
    fixed = parts["prefix"] + "\0" + parts["suffix"]
    padded = parts["digits"].str.startswith("0") & parts["digits"].str.len().gt(1)
    is_padded = padded.fillna(False).astype("int64").groupby(fixed).transform("max").eq(1)
    width = parts["digits"].str.len().fillna(1).astype("int64")
    signs = pd.Series("#", index=parts.index).str.repeat(width.where(is_padded.fillna(False), 1).tolist())
    return parts["prefix"] + signs + parts["suffix"]
