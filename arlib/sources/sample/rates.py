"""Exchange rates of the sample company, and exact translation of arrays by them. Floor 2.

Rates are a seeded walk in integers: a rate is a count of 10**-digits, so no amount passes through float.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.sources.sample.plan import ENTITIES, PLACES, Ints, Texts, Window
from arlib.tables import CANONICAL

BEFORE = 100  # days of rates before the window, for documents brought forward
START = {"USD": 1.0, "EUR": 1.1, "GBP": 1.29, "CAD": 0.73, "JPY": 0.0067, "KWD": 3.26}


@dataclass(frozen=True)
class Rates:
    """Daily rates into one currency: `table[c, day + BEFORE]` counts 10**-digits[c] per unit of c."""

    currencies: tuple[str, ...]  # functional first
    digits: tuple[int, ...]
    table: Ints

    def at(self, currency: Ints, day: Ints) -> Ints:
        """Rate numbers of each currency index on each day."""
        found: Ints = self.table[currency, np.clip(day + BEFORE, 0, self.table.shape[1] - 1)]
        return found

    def functional(self, amount: Ints, currency: Ints, day: Ints) -> Ints:
        """Amounts in the functional currency at the rate of the day, half away from zero."""
        home = PLACES[self.currencies[0]]
        shift = np.array([home - PLACES[c] - d for c, d in zip(self.currencies, self.digits, strict=True)])[
            currency
        ]
        raw = np.abs(amount) * self.at(currency, day)
        up = 10 ** np.maximum(shift, 0)
        down = 10 ** np.maximum(-shift, 0)
        out: Ints = np.sign(amount) * ((raw * up * 2 + down) // (2 * down))
        return np.where(currency == 0, amount, out)

    def text(self, currency: Ints, day: Ints) -> Texts:
        """The rates as decimal text, '1' for the functional currency."""
        pairs, place = np.unique(currency * 2**40 + self.at(currency, day), return_inverse=True)
        texts = [_decimal(pair % 2**40, self.digits[pair // 2**40]) for pair in pairs.tolist()]
        return np.array(texts, dtype=object)[place]


def _decimal(number: int, digits: int) -> str:
    if digits == 0:
        return str(number)
    text = f"{number:0{digits + 1}d}"
    return f"{text[:-digits]}.{text[-digits:]}"


def draw_rates(window: Window, *, seed: int) -> dict[str, Rates]:
    """Rates of each entity by its code; flat over weekends, as published rates are."""
    rng = np.random.default_rng([seed, 7])
    days = np.arange(-BEFORE, window.last + 1)
    trades = window.weekday(days) < 5
    dollars = {}
    for code, start in START.items():
        steps = np.where(trades, rng.normal(0.0, 0.0 if code == "USD" else 0.0045, len(days)), 0.0)
        pull = np.cumsum(steps)
        dollars[code] = start * np.exp(pull - np.linspace(0.0, 0.5, len(days)) * pull[-1])
        dollars[code] = np.where(trades, dollars[code], np.nan)
        dollars[code] = pd.Series(dollars[code]).ffill().bfill().to_numpy()
    made = {}
    for plan in ENTITIES:
        digits, rows = [0], [np.ones(len(days), dtype=np.int64)]
        for code, _ in plan.foreign:
            ratio = dollars[code] / dollars[plan.currency]
            places = 6 if ratio[0] >= 1 else 8
            digits.append(places)
            rows.append(np.rint(ratio * 10**places).astype(np.int64))
        made[plan.code] = Rates(plan.currencies, tuple(digits), np.vstack(rows))
    return made


def rate_table(rates: dict[str, Rates], window: Window) -> pd.DataFrame:
    """FX_RATES: spot on every business day, closing at every month end."""
    days = np.arange(-BEFORE, window.last + 1)
    spot_days = days[window.weekday(days) < 5]
    ends = np.array(sorted({int(day) for day in window.month_end(days)} & set(days.tolist())))
    parts = []
    for held in rates.values():
        for index, base in enumerate(held.currencies[1:], start=1):
            for kind, when in (("spot", spot_days), ("closing", ends)):
                code = np.full(len(when), index)
                parts.append(
                    pd.DataFrame(
                        {
                            "date": window.days(when),
                            "base": base,
                            "quote": held.currencies[0],
                            "rate": held.text(code, when),
                            "kind": kind,
                            "source": "sample treasury",
                        }
                    )
                )
    return CANONICAL["fx_rates"].typed(pd.concat(parts, ignore_index=True))
