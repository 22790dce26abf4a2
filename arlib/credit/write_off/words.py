"""Rows, days and amounts of records as sentences need them. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import pandas as pd

from arlib.money import iso_code, shown
from arlib.tables.rows import is_none

Record = Mapping[str, Any]


def looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each key, missing where there is none; unlike `map` an empty table of days gives days."""
    return values.reindex(keys).set_axis(keys.index)


def day_of(value: object) -> date | None:
    """A day, None where there is none."""
    return None if is_none(value) else pd.Timestamp(cast("Any", value)).date()


def day(value: object) -> str:
    """A day in ISO form, '' where there is none."""
    return "" if is_none(value) else f"{pd.Timestamp(cast('Any', value)):%Y-%m-%d}"


def money(minor: int, currency: object) -> str:
    """An amount with its currency: `USD 1,200.00`."""
    return f"{iso_code(str(currency))} {shown(int(minor), str(currency))}"


def money_of(record: Record) -> str:
    """The amount of a record with its currency, or that it is not known."""
    return "an unknown amount" if is_none(record["amount"]) else money(record["amount"], record["currency"])


def in_words(word: object) -> str:
    """A machine word for people: `credit_insurance` gives `Credit insurance`."""
    words = str(word).replace("_", " ")
    return words[:1].upper() + words[1:]


def many(count: int, noun: str) -> str:
    """A count with its noun: `1 write-off`, `3 write-offs`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def listed(numbers: pd.Series, most: int = 8) -> str:
    """Document numbers in their order, each once, the first of them where they are many."""
    named = [str(number) for number in dict.fromkeys(numbers.dropna())]
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + more
