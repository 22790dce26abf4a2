"""Typed cells of a workbook: text stays text, money is a number that is exact to its last place. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from arlib import money
from arlib.report.words import inert
from arlib.tables import Kind

EXACT_DIGITS = 10**15  # Excel keeps fifteen significant digits; an amount beyond them is written as text
CELL_CHARACTERS = 32767  # the longest text that a cell holds
_LAST_OF_1899 = date(1899, 12, 31).toordinal()
COUNT_FORMAT = "#,##0;[Red]-#,##0"


class Cells:
    """Writes values into the sheets of one workbook by kind, with shared formats. It knows no layout."""

    def __init__(self, book: Any) -> None:
        """Keep the workbook, whose formats are made once each."""
        self.book = book
        self._formats: dict[frozenset[tuple[str, object]], Any] = {}

    def style(self, **properties: object) -> Any:
        """The workbook format with these properties; the same properties give the same format."""
        key = frozenset(properties.items())
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {"font_name": "Calibri", "valign": "top", **dict(sorted(properties.items()))}
            )
        return self._formats[key]

    def text(self, sheet: Any, row: int, column: int, value: object, **properties: object) -> None:
        """Text as text: never a formula, an address or a number, whatever it begins with."""
        content = "" if pd.isna(value) else inert(str(value))[:CELL_CHARACTERS]  # type: ignore[call-overload]
        if content:
            sheet.write_string(row, column, content, self.style(**properties))
        elif properties:
            sheet.write_blank(row, column, None, self.style(**properties))

    def amount(
        self, sheet: Any, row: int, column: int, minor: Any, currency: str, **properties: object
    ) -> None:
        """Money as a number with the places of its currency; checked to give back the same minor units."""
        style = {"num_format": money_format(currency), "align": "right", **properties}
        if pd.isna(minor):
            if properties:
                sheet.write_blank(row, column, None, self.style(**style))
        elif is_exact(int(minor)):
            sheet.write_number(row, column, as_number(int(minor), currency), self.style(**style))
        else:
            sheet.write_string(row, column, money.shown(int(minor), currency), self.style(**style))

    def value(
        self,
        sheet: Any,
        row: int,
        column: int,
        value: Any,
        kind: Kind,
        *,
        currency: str = "",
        words: Mapping[str, str] | None = None,
        **properties: object,
    ) -> None:
        """One value of a result table by its kind; nothing is written where there is none."""
        if kind is Kind.MONEY:
            self.amount(sheet, row, column, value, currency, **properties)
        elif pd.isna(value):
            if properties:
                sheet.write_blank(row, column, None, self.style(**properties))
        elif kind is Kind.DAY:
            self.day(sheet, row, column, pd.Timestamp(value).to_pydatetime(), **properties)
        elif kind is Kind.INSTANT:
            naive = pd.Timestamp(value).tz_convert("UTC").tz_localize(None).to_pydatetime()
            style = {"num_format": "yyyy-mm-dd hh:mm", "align": "left", **properties}
            sheet.write_datetime(row, column, naive, self.style(**style))
        elif kind is Kind.INTEGER:
            style = {"num_format": COUNT_FORMAT, "align": "right", **properties}
            sheet.write_number(row, column, int(value), self.style(**style))
        elif kind is Kind.FLAG:
            self.text(sheet, row, column, "yes" if value else "no", **properties)
        else:
            align = {"align": "right"} if kind is Kind.RATE else {}
            self.text(sheet, row, column, (words or {}).get(str(value), value), **align, **properties)

    def day(self, sheet: Any, row: int, column: int, day: date | None, **properties: object) -> None:
        """A day in ISO form, as a real date; days that Excel does not know (before 1900) as text."""
        if day is None:
            return
        if day.year < 1900:
            self.text(sheet, row, column, f"{day:%Y-%m-%d}", **properties)
            return
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001
        style = {"num_format": "yyyy-mm-dd", "align": "left", **properties}
        sheet.write_datetime(row, column, moment, self.style(**style))

    def formula(
        self, sheet: Any, row: int, column: int, formula: str, value: object, **properties: object
    ) -> None:
        """A live formula of ours with the value that it must give, for readers that do not calculate."""
        sheet.write_formula(row, column, formula, self.style(**properties), value)


def money_format(currency: str) -> str:
    """The number format of a currency: thousands, its places, negative in red with a minus sign."""
    places = money.minor_places(currency)
    digits = "#,##0" + (f".{'0' * places}" if places else "")
    return f"{digits};[Red]-{digits}"


def day_number(day: date) -> float | None:
    """The number by which a spreadsheet knows a day, whose calendar has a 29 February 1900; None before 1900."""
    number = date(day.year, day.month, day.day).toordinal() - _LAST_OF_1899
    return None if number < 1 else float(number + (number >= 60))


def is_exact(minor: int) -> bool:
    """Whether a spreadsheet, which keeps fifteen digits, can hold the amount to its last place."""
    return abs(minor) < EXACT_DIGITS


def as_number(minor: int, currency: str) -> float:
    """The amount in units of its currency as a spreadsheet holds it.

    Raises ValueError where a place would be lost.
    """
    places = money.minor_places(currency)
    number = minor / 10**places
    if Decimal(f"{number:.15G}").scaleb(places) != minor:
        raise ValueError(f"{minor} {currency} minor units are not exact as a number")
    return float(number)
