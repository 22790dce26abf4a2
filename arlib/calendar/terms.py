"""Payment terms: when an item falls due, in how many parts, and which discount early payment earns. Floor 0.

Read from the words that invoices carry; words that have two meanings in the trade are refused, not guessed.
Accepted:

    net 30 · n/30 · 30 days                30 days from the document date
    net 2 months                           the same day two months on, or that month's last
    due on receipt · immediate · COD       the document date
    EOM · EOM+15 · net 15 EOM              the end of the document's month, and so many days after it
    10 prox · net 10 prox · 10 MFI         the 10th of the next month, or that month's last day
    2/10 net 30 · 2% 10 net 30             2 % off when paid within 10 days of the document date, else net 30
    2/10 EOM+15 · 2/EOM+5 EOM+15           either part may count from the end of the month
    50% net 30, 50% net 60                 instalments, which must add up to 100 %
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from arlib.calendar.periods import add_months, month_end
from arlib.errors import ParameterError
from arlib.money.exact import Rounding, allocate, times

_MAX_DAYS = 3650


class From(StrEnum):
    """What a term counts from."""

    DOCUMENT_DATE = "document_date"
    MONTHS = "months"  # whole months after the document date
    END_OF_MONTH = "end_of_month"
    DAY_OF_NEXT_MONTH = "day_of_next_month"


@dataclass(frozen=True, kw_only=True)
class When:
    """A day relative to a document: `number` days (or months, or the day of the month) after its base."""

    base: From
    number: int = 0

    def on(self, document_date: date) -> date:
        """The day, for a document of that date. A day that a month does not have is its last."""
        if self.base is From.MONTHS:
            return add_months(document_date, self.number)
        if self.base is From.DAY_OF_NEXT_MONTH:
            last = month_end(add_months(document_date, 1))
            return last.replace(day=min(self.number, last.day))
        start = month_end(document_date) if self.base is From.END_OF_MONTH else document_date
        return start + timedelta(days=self.number)

    def __str__(self) -> str:
        """The canonical words."""
        if self.base is From.DOCUMENT_DATE:
            return f"net {self.number}" if self.number else "due on receipt"
        if self.base is From.MONTHS:
            return f"net {self.number} month" + ("s" if self.number > 1 else "")
        if self.base is From.DAY_OF_NEXT_MONTH:
            return f"{self.number} prox"
        return f"EOM+{self.number}" if self.number else "EOM"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One due part: its share in percent, when it is due, and the discount for paying by an earlier day."""

    share_percent: Decimal = Decimal(100)
    due: When
    discount_rate: Decimal = Decimal(0)
    discount_by: When | None = None

    def __str__(self) -> str:
        """The canonical words, without the share."""
        if self.discount_by is None:
            return str(self.due)
        percent = f"{(self.discount_rate * 100).normalize():f}"
        plain = self.discount_by.base is From.DOCUMENT_DATE
        return f"{percent}/{self.discount_by.number if plain else self.discount_by} {self.due}"


@dataclass(frozen=True, kw_only=True)
class Instalment:
    """What falls due when, in minor units. `discount_date` is the last day that earns the discount."""

    number: int
    due_date: date
    amount_minor: int
    discount_rate: Decimal = Decimal(0)
    discount_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Payment terms of one part or more. Made by `parse_terms`; `str` gives words that parse back."""

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        """Shares add up to a hundred; a discount day is not after the due day."""
        shares = sum((part.share_percent for part in self.parts), Decimal(0))
        if shares != 100:
            raise ParameterError("payment terms: the parts must add up to 100 %", found=f"{shares} %")

    def __str__(self) -> str:
        """The canonical words."""
        if len(self.parts) == 1:
            return str(self.parts[0])
        return ", ".join(f"{part.share_percent.normalize():f}% {part}" for part in self.parts)

    def due_date(self, document_date: date) -> date:
        """The day by which all of it is due."""
        return max(part.due.on(document_date) for part in self.parts)

    def due_dates(self, document_date: date, amount_minor: int) -> tuple[Instalment, ...]:
        """The parts of an amount with their due days, in order of the terms; they sum to the amount exactly.

        Numbered from 1. Works for credits too: a negative amount has negative parts.
        """
        amounts = allocate(amount_minor, [part.share_percent for part in self.parts])
        return tuple(
            Instalment(
                number=number,
                due_date=part.due.on(document_date),
                amount_minor=amount,
                discount_rate=part.discount_rate,
                discount_date=part.discount_by.on(document_date) if part.discount_by else None,
            )
            for number, (part, amount) in enumerate(zip(self.parts, amounts, strict=True), start=1)
        )

    def discount_for(
        self,
        document_date: date,
        discount_base_minor: int,
        paid_on: date,
        *,
        grace_days: int = 0,
        rounding: Rounding = Rounding.HALF_UP,
    ) -> int:
        """The discount earned by paying in full on a day, in minor units; 0 after the last day that earns it.

        The last day itself earns it. The base is the caller's: many contracts leave out tax and freight. With
        instalments each part earns its own. `grace_days` are added to the last day.
        """
        earned = 0
        for part in self.due_dates(document_date, discount_base_minor):
            if part.discount_date and paid_on <= part.discount_date + timedelta(days=grace_days):
                earned += times(part.amount_minor, part.discount_rate, rounding)
        return earned


_DAY = r"(?:st|nd|rd|th)?"
_AT_ONCE = r"(?:due )?(?:up)?on receipt|(?:due )?immediate(?:ly)?|cod|cash on delivery"
_WHENS = (
    (re.compile(_AT_ONCE), From.DOCUMENT_DATE),
    (re.compile(r"(?:net |n/)?eom"), From.END_OF_MONTH),
    (re.compile(r"(?:net )?eom ?\+ ?(?P<n>[0-9]{1,4})(?: days?)?"), From.END_OF_MONTH),
    (re.compile(r"(?:net ?|n/ ?)(?P<n>[0-9]{1,4})(?: days?)? eom"), From.END_OF_MONTH),
    (
        re.compile(rf"(?:net ?|n/ ?)?(?P<n>[0-9]{{1,2}}){_DAY} (?:prox(?:imo)?|mfi)\.?"),
        From.DAY_OF_NEXT_MONTH,
    ),
    (re.compile(r"(?:net ?)?(?P<n>[0-9]{1,3}) months?"), From.MONTHS),
    (re.compile(r"(?:net ?|n/ ?)(?P<n>[0-9]{1,4})(?: days?)?"), From.DOCUMENT_DATE),
    (re.compile(r"(?P<n>[0-9]{1,4}) days?(?: net)?"), From.DOCUMENT_DATE),
)
# "2% 10 net 30" is a discount and "50% net 30" a share: a percentage before a bare day count is a discount
_NO_DISCOUNT = r"(?![0-9]+(?: days?)?,? (?:net|n/|eom))"
_SHARE = re.compile(rf"(?P<share>[0-9]{{1,3}}(?:\.[0-9]{{1,6}})?) ?% {_NO_DISCOUNT}(?P<rest>.+)")
_SPLIT = re.compile(rf"[,;] ?(?=[0-9]{{1,3}}(?:\.[0-9]+)? ?% {_NO_DISCOUNT})")
_DISCOUNT = re.compile(
    r"(?P<rate>[0-9]{1,2}(?:\.[0-9]{1,4})?)(?: ?%)? ?[/ ] ?"
    rf"(?P<by>[0-9]{{1,2}}{_DAY} prox|[0-9]{{1,4}} days?|[0-9]{{1,4}}|eom ?\+ ?[0-9]{{1,3}}|eom),? "
    r"(?P<rest>.+)"
)


@lru_cache(maxsize=4096)
def parse_terms(text: str) -> Terms:
    """The terms that the words say, see the module's table; others raise ParameterError. No guessing."""
    words = re.sub(r"\s+", " ", text.strip().lower())
    pieces = _SPLIT.split(words)
    found = [_part(piece, text, is_only=len(pieces) == 1) for piece in pieces]
    return Terms(parts=tuple(found))


def _part(words: str, text: str, *, is_only: bool) -> Part:
    share = Decimal(100)
    match = _SHARE.fullmatch(words)
    if match:
        share, words = Decimal(match["share"]), match["rest"]
    elif not is_only:
        raise _unknown(text)
    discount = _DISCOUNT.fullmatch(words)
    if discount is None:
        return Part(share_percent=share, due=_when(words, text))
    by = discount["by"]
    discount_by = _when(by if not by.isdigit() else f"net {by}", text)
    rate = Decimal(discount["rate"]) / 100
    due = _when(discount["rest"], text)
    return Part(share_percent=share, due=due, discount_rate=rate, discount_by=discount_by)


def _when(words: str, text: str) -> When:
    for pattern, base in _WHENS:
        match = pattern.fullmatch(words)
        if match:
            number = int(match.groupdict().get("n") or 0)
            largest = 31 if base is From.DAY_OF_NEXT_MONTH else 120 if base is From.MONTHS else _MAX_DAYS
            if number > largest or (number < 1 and base in (From.DAY_OF_NEXT_MONTH, From.MONTHS)):
                raise _unknown(text)
            return When(base=base, number=number)
    raise _unknown(text)


def _unknown(text: str) -> ParameterError:
    return ParameterError(
        "payment terms",
        found=text,
        wanted="words such as net 30, 2/10 net 30, EOM+15, 10 prox, due on receipt; 50% net 30, 50% net 60",
    )
