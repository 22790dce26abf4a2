"""Money: integer minor units with a currency beside them. Floor 0.

    currency   which codes exist, and their places   minor_places, is_currency, iso_code, currencies,
                                                     places_of
    style      how a source writes amounts           number_style, NumberStyle, DOT, COMMA, PLAIN
    parse      text to minor units                   parse_minor, parse_minor_column, parse_plain
    shown      minor units to text                   format_minor, format_minor_column, shown
    exact      rounding and sharing out              Rounding, divide, times, allocate
    rates      translation with a dated rate         translate, Rate, Rates, exact_rate
    columns    translation of columns                translate_column, translate_at
    totals     sums that cannot overflow             total, totals_by
    keys       keys as numbers that sort alike       numbered, numbering, named, on_cores, blocks, distinct

Importing this loads no pandas; functions on columns load it when called.
"""

from arlib.money.columns import translate_at, translate_column
from arlib.money.currency import currencies, is_currency, iso_code, minor_places, places_of
from arlib.money.exact import Rounding, allocate, divide, times
from arlib.money.keys import (
    Numbered,
    Numbering,
    blocks,
    distinct,
    large_text,
    named,
    numbered,
    numbering,
    on_cores,
)
from arlib.money.parse import Fault, ParsedColumn, parse_minor, parse_minor_column, parse_plain
from arlib.money.rates import Rate, Rates, exact_rate, translate
from arlib.money.shown import format_minor, format_minor_column, shown
from arlib.money.style import COMMA, DOT, PLAIN, Negative, NumberStyle, number_style
from arlib.money.totals import total, totals_by

__all__ = [
    "COMMA", "DOT", "PLAIN", "Fault", "Negative", "NumberStyle", "Numbered", "Numbering", "ParsedColumn", "Rate",
    "Rates", "Rounding", "allocate", "blocks", "currencies", "distinct", "divide", "exact_rate", "format_minor", "format_minor_column",
    "is_currency", "iso_code", "large_text", "minor_places", "named", "number_style", "numbered", "numbering",
    "on_cores", "parse_minor", "parse_minor_column", "parse_plain", "places_of", "shown", "times", "total", "totals_by", "translate",
    "translate_at", "translate_column",
]  # fmt: skip
