"""What the sample company is: its entities, accounts, currencies, terms, and the window of days. Floor 2.

Constants and small frozen records only; every draw is made elsewhere from a generator that is seeded by the
caller. Days are whole numbers counted from the first day of the window, so that arithmetic on them is plain
numpy.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from arlib.errors import ParameterError

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.object_]

NONE = -(10**6)  # a day that is not there

TRADE, EXPORT, INTERCOMPANY, UNAPPLIED, UNIDENTIFIED, DEPOSIT, ALLOWANCE, RETIRED = (
    "1200",
    "1201",
    "1250",
    "1290",
    "1295",
    "2310",
    "1280",
    "1190",
)

# account, name, role, in_tieout
ACCOUNTS: tuple[tuple[str, str, str, bool], ...] = (
    (RETIRED, "Trade receivables, old chart", "trade", True),
    (TRADE, "Trade receivables", "trade", True),
    (EXPORT, "Trade receivables, export", "trade", True),
    (INTERCOMPANY, "Intercompany receivables", "intercompany", True),
    (ALLOWANCE, "Allowance for credit losses", "allowance", False),
    (UNAPPLIED, "Unapplied receipts", "unapplied", True),
    (UNIDENTIFIED, "Unidentified receipts", "unidentified", True),
    (DEPOSIT, "Customer deposits", "customer_deposit", True),
)


@dataclass(frozen=True, kw_only=True)
class EntityPlan:
    """One legal entity of the sample company."""

    code: str
    name: str
    currency: str
    foreign: tuple[tuple[str, float], ...]  # currency and the share of customers that are billed in it
    time_zone: str
    hours_from_utc: int
    country: str
    share: float  # of all items
    typical: float  # invoice, in whole units of the functional currency
    tax_rates: tuple[tuple[float, float], ...]  # rate on home sales and its share
    document: str  # pattern of document numbers: {kind} and {n}
    customer: str  # pattern of customer codes
    collectors: tuple[str, ...]
    reps: tuple[str, ...]
    regions: tuple[str, ...]
    owner: str

    @property
    def currencies(self) -> tuple[str, ...]:
        """Functional currency first."""
        return (self.currency, *(code for code, _ in self.foreign))


ENTITIES: tuple[EntityPlan, ...] = (
    EntityPlan(
        code="US01",
        name="Harbor & Pine Supply Inc.",
        currency="USD",
        time_zone="America/New_York",
        hours_from_utc=-5,
        foreign=(("CAD", 0.08), ("EUR", 0.05), ("GBP", 0.03), ("JPY", 0.02), ("KWD", 0.02)),
        country="US",
        share=0.5,
        typical=1800.0,
        tax_rates=((0.0, 0.6), (0.0825, 0.4)),
        document="{kind}-{n:06d}",
        customer="{n:05d}",
        collectors=("dana.reyes", "marcus.lee", "priya.nair", "tom.kowalski"),
        reps=("a.hart", "b.olsen", "c.ruiz", "d.young", "e.zhou"),
        regions=("Northeast", "South", "Midwest", "West"),
        owner="dana.reyes",
    ),
    EntityPlan(
        code="UK01",
        name="Harbor & Pine Supply (UK) Ltd",
        currency="GBP",
        time_zone="Europe/London",
        hours_from_utc=0,
        foreign=(("EUR", 0.12), ("USD", 0.06)),
        country="GB",
        share=0.3,
        typical=1500.0,
        tax_rates=((0.2, 0.9), (0.0, 0.1)),
        document="{kind}/{n:07d}",
        customer="GB{n:04d}",
        collectors=("fiona.grant", "owen.price", "sunita.patel"),
        reps=("g.ward", "h.quinn", "i.shah"),
        regions=("London", "North", "Scotland", "Ireland"),
        owner="fiona.grant",
    ),
    EntityPlan(
        code="JP01",
        name="Harbor & Pine Japan KK",
        currency="JPY",
        time_zone="Asia/Tokyo",
        hours_from_utc=9,
        foreign=(("USD", 0.12), ("EUR", 0.05)),
        country="JP",
        share=0.2,
        typical=220_000.0,
        tax_rates=((0.1, 1.0),),
        document="00{kind}{n:07d}",
        customer="J{n:05d}",
        collectors=("sato.yuki", "tanaka.ken"),
        reps=("mori.aya", "ito.jun"),
        regions=("Kanto", "Kansai", "Kyushu"),
        owner="sato.yuki",
    ),
)

PLACES = {"USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "JPY": 0, "KWD": 3}

# text, share, days net, discount rate, discount days; EOM+15 and the instalments have their own rule
TERMS: tuple[tuple[str, float, int, str, int], ...] = (
    ("net 30", 0.42, 30, "", 0),
    ("net 45", 0.12, 45, "", 0),
    ("net 60", 0.12, 60, "", 0),
    ("2/10 net 30", 0.14, 30, "0.02", 10),
    ("1/15 net 45", 0.03, 45, "0.01", 15),
    ("EOM+15", 0.08, 15, "", 0),
    ("due on receipt", 0.05, 0, "", 0),
    ("50% net 30, 50% net 60", 0.04, 60, "", 0),
)
END_OF_MONTH, INSTALMENTS = 5, 7

# orders by month, January first: a weak summer, a strong autumn
SEASON = (0.85, 0.88, 1.05, 0.98, 1.0, 1.02, 0.86, 0.84, 1.08, 1.15, 1.2, 1.1)


@dataclass(frozen=True)
class Window:
    """The days that the sample covers: twelve months to the end of the period, and six days after it."""

    first: date
    as_of: date

    @property
    def close(self) -> int:
        """Day number of the as-of date."""
        return (self.as_of - self.first).days

    @property
    def last(self) -> int:
        """Day number of the last fact: six days past the close, so that late entries and cut-off exist."""
        return self.close + 6

    def day(self, when: date) -> int:
        """Day number of a date."""
        return (when - self.first).days

    def date(self, day: int) -> date:
        """Date of a day number."""
        return self.first + timedelta(days=int(day))

    def days(self, numbers: Ints) -> NDArray[np.datetime64]:
        """Day numbers as datetime64[s]; NONE becomes NaT."""
        made: NDArray[np.datetime64] = (np.datetime64(self.first, "D") + numbers).astype("datetime64[s]")
        made[numbers == NONE] = np.datetime64("NaT")
        return made

    def weekday(self, numbers: Ints) -> Ints:
        """Monday 0 to Sunday 6."""
        return (numbers + self.first.weekday()) % 7

    def business(self, numbers: Ints) -> Ints:
        """The day itself, or the Monday after a weekend."""
        moved: Ints = numbers + np.array([0, 0, 0, 0, 0, 2, 1])[self.weekday(numbers)]
        return moved

    def after_weekend(self, day: int) -> int:
        """One day, or the Monday after a weekend."""
        return int(self.business(np.array([day]))[0])

    def month_end(self, numbers: Ints) -> Ints:
        """Last day of the month of each day."""
        start = np.datetime64(self.first, "D")
        months = (start + numbers).astype("datetime64[M]")
        return ((months + 1).astype("datetime64[D]") - 1 - start).astype(np.int64)

    @property
    def month_ends(self) -> tuple[int, ...]:
        """Day numbers of the twelve month ends, the close last."""
        ends = self.month_end(np.arange(self.close + 1))
        return tuple(int(day) for day in np.unique(ends))


def window_of(period: str) -> Window:
    """The window of a period 'YYYY-MM'; raises ParameterError for any other text."""
    try:
        year, month = (int(part) for part in period.split("-"))
        end = date(year, month, monthrange(year, month)[1])
    except (ValueError, IndexError) as fault:  # monthrange raises a ValueError of its own for month 13
        raise ParameterError("period", found=period, wanted="a month such as '2026-10'") from fault
    return Window(date(year - 1, month + 1, 1) if month < 12 else date(year, 1, 1), end)
