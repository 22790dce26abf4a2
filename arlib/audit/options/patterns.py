"""What may be asked about patterns that may hide a loss: flat options, each with a default. Floor 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

from arlib.audit.options.texts import day_of, listed
from arlib.errors import ParameterError

_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")
SETS = ("open", "period", "year")
DIGIT_SETS = ("invoices", "receipts", "credit_memos", "adjustments", "refunds")
DIGIT_TESTS = ("first", "second", "first_two")


@dataclass(frozen=True, kw_only=True)
class LappingOptions:
    """Receipts applied to other items than their remittance names.

    `since` is the first posting date tested, "" for all that the books hold. `users` are users by comma, "" for all.
    A receipt is late when bank and posting lie `delay_days` or more beyond the usual gap. A reversal counts within
    `reversal_days` of what it reverses. A receipt is flagged from a score of `flag_from` points on.
    """

    since: str = ""
    users: str = ""
    delay_days: int = 3
    reversal_days: int = 10
    flag_from: int = 50

    def __post_init__(self) -> None:
        """Days, dates and points must be what they say."""
        _days("lapping", delay_days=self.delay_days, reversal_days=self.reversal_days)
        _between("lapping", "flag_from", self.flag_from, 1, 200)
        _date("lapping", "since", self.since)


@dataclass(frozen=True, kw_only=True)
class DuplicatesOptions:
    """Documents and receipts booked twice.

    `since` is the first posting date of a document looked at, "" for all. Two documents are compared when they are
    `within_days` days apart or less; `least` leaves smaller amounts out, in their own currency. A pair is flagged from a
    score of `flag_from` points on.
    """

    since: str = ""
    within_days: int = 45
    least: str = ""
    flag_from: int = 50

    def __post_init__(self) -> None:
        """Days, dates, amount and points must be what they say."""
        _days("duplicates", within_days=self.within_days)
        _between("duplicates", "flag_from", self.flag_from, 1, 200)
        _date("duplicates", "since", self.since)
        _amount("duplicates", "least", self.least)


@dataclass(frozen=True, kw_only=True)
class LargeAndUnusualOptions:
    """Large and unusual items.

    `of` is what is looked at: items "open" at the date, or documents posted in the "period" or in the twelve months to the
    date ("year"). `largest` is how many of the largest are listed by currency. An item is beyond the customer's usual from
    `times_usual` times its median on, where there are `usual_from` earlier items. `round_to` is what a round amount is a
    whole multiple of; `near_end_days` are the last days of the period; `new_days` how long a customer is new; `long_days`
    how far a due date may lie beyond the customer's usual term. An item is flagged from `flag_from` points on.
    """

    of: str = "open"
    largest: int = 10
    times_usual: int = 5
    usual_from: int = 5
    round_to: str = "1000"
    near_end_days: int = 3
    new_days: int = 90
    long_days: int = 30
    flag_from: int = 30

    def __post_init__(self) -> None:
        """Every number must be one that the tests can use."""
        where = "large_and_unusual"
        if self.of not in SETS:
            raise ParameterError("of", where=where, found=self.of, wanted=f"one of {', '.join(SETS)}")
        _days(where, near_end_days=self.near_end_days, new_days=self.new_days, long_days=self.long_days)
        _between(where, "largest", self.largest, 0, 10_000)
        _between(where, "times_usual", self.times_usual, 2, 1_000)
        _between(where, "usual_from", self.usual_from, 3, 1_000)
        _between(where, "flag_from", self.flag_from, 1, 300)
        _amount(where, "round_to", self.round_to)


@dataclass(frozen=True, kw_only=True)
class DigitsOptions:
    """First and second digits against Benford.

    `sets` are the populations tested, by comma, of invoices, receipts, credit_memos, adjustments and refunds; `tests` of
    first, second and first_two. `since` is the first posting date, "" for all. `least` leaves out smaller amounts, in their
    own currency. Fewer than `least_count` amounts are not judged.
    """

    sets: str = "invoices, receipts, credit_memos"
    tests: str = "first, second, first_two"
    since: str = ""
    least: str = "10"
    least_count: int = 300

    def __post_init__(self) -> None:
        """Names must be known, and the smallest number of amounts must allow a test."""
        for name, known in (("sets", DIGIT_SETS), ("tests", DIGIT_TESTS)):
            given = listed(getattr(self, name))
            if not given or set(given) - set(known):
                raise ParameterError(
                    name, where="digits", found=getattr(self, name), wanted=f"of {', '.join(known)}"
                )
        _date("digits", "since", self.since)
        _amount("digits", "least", self.least)
        _between("digits", "least_count", self.least_count, 100, 1_000_000)


def _days(where: str, **given: int) -> None:
    for name, days in given.items():
        _between(where, name, days, 0, 3_650)


def _between(where: str, name: str, found: int, lowest: int, highest: int) -> None:
    if isinstance(found, bool) or not lowest <= found <= highest:
        raise ParameterError(name, where=where, found=found, wanted=f"{lowest} to {highest}")


def _date(where: str, name: str, found: str) -> None:
    try:
        day_of(found)
    except ValueError as fault:
        raise ParameterError(
            name, where=where, found=found, wanted='a date such as 2026-10-31, or ""'
        ) from fault


def _amount(where: str, name: str, found: str) -> None:
    if found and not _AMOUNT.fullmatch(found):
        raise ParameterError(
            name, where=where, found=found, wanted='an amount without sign, such as "1000.00", or ""'
        )
