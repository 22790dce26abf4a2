"""Signs of a journal entry that an auditor looks at, each with its points and words. Floor 1.

ISA 240.33 and A45, AS 2401.58 to .62 name them: entries to unrelated, unusual or seldom-used accounts, by people who do not
make entries, at the end of a period or after it was closed, with little or no explanation, of round numbers, or that take
the place of what the sub-ledger should post.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.audit.options.cut_off import JournalEntriesOptions
from arlib.calendar import time_zone
from arlib.ledger.facts import Bools, found_at, ints
from arlib.money import minor_places
from arlib.tables.choices import JournalSource, JournalStatus

INTERFACES = frozenset(
    {JournalSource.BILLING.value, JournalSource.RECEIPTS.value, JournalSource.LOCKBOX.value,
     JournalSource.ADJUSTMENTS.value, JournalSource.REVALUATION.value}
)  # fmt: skip
_ODD_WORDS = (
    r"\b(?:plug|per (?:ceo|cfo|management|e-?mail|call|phone)|as (?:instructed|agreed|per)|top-?up|true-?up|to be reversed"
    r"|correction|correct|error|adjust to|balanc(?:e|ing))\b"
)
_HOSTILE = r"^\s*[=+\-@\t]|<[a-zA-Z/!]|[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]"
_SOON = 40  # days within which an entry of the end of a period is taken back in the next


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the signs are looked for in: ledger lines (columns of GL_LINES, `document`, `amount` in the books' currency)
    with what the sub-ledger and the calendar say of them.
    """

    lines: pd.DataFrame
    options: JournalEntriesOptions
    zone: str
    currency: str
    periods: pd.DataFrame
    causes: pd.DataFrame  # CAUSES of the tie-out
    known: pd.Series  # documents that the sub-ledger holds
    limits: tuple[int, ...]  # limits of authority in minor units of the books' currency
    has_entry_times: bool
    has_closes: bool

    def by_hand(self) -> Bools:
        """Lines that no interface made."""
        return np.asarray(~self.lines["source"].isin(INTERFACES), dtype=bool)


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One sign: the lines that show it count `points`; `words` goes into the sentence."""

    name: str
    points: int
    words: str
    found: Callable[[Seen], Bools]
    needs: str = ""  # what must be there: '' or entry_times, closes, limits


def local(seen: Seen) -> pd.Series:
    """Entry times in the entity's zone."""
    entered: pd.Series = seen.lines["entered_at"].dt.tz_convert(time_zone(seen.zone))
    return entered


def _manual(seen: Seen) -> Bools:
    return np.asarray(seen.lines["source"].eq(JournalSource.MANUAL.value), dtype=bool)


def _other_source(seen: Seen) -> Bools:
    return np.asarray(~seen.lines["source"].isin(INTERFACES) & ~seen.lines["source"].eq(JournalSource.MANUAL.value)
                      & ~_is_opening(seen), dtype=bool)  # fmt: skip


def _is_opening(seen: Seen) -> pd.Series:
    """Balances brought forward: a line that stands for documents which the sub-ledger holds too."""
    return pd.Series(found_at(seen.lines["document"], seen.known) >= 0, index=seen.lines.index)


def _no_twin(seen: Seen) -> Bools:
    return np.asarray(~_is_opening(seen), dtype=bool)


def _differs(seen: Seen) -> Bools:
    cited = {name for lines in seen.causes["journal_lines"].fillna("") for name in str(lines).split()}
    return np.asarray(seen.lines["line_name"].isin(cited), dtype=bool)


def _unposted(seen: Seen) -> Bools:
    return np.asarray(seen.lines["status"].eq(JournalStatus.UNPOSTED.value), dtype=bool)


def _night(seen: Seen) -> Bools:
    hour = local(seen).dt.hour
    first, last = seen.options.night_from_hour, seen.options.night_to_hour
    inside = (hour >= first) | (hour < last) if first > last else (hour >= first) & (hour < last)
    return np.asarray(inside.fillna(False), dtype=bool)


def _weekend(seen: Seen) -> Bools:
    return np.asarray(local(seen).dt.day_of_week.ge(5).fillna(False), dtype=bool) & seen.by_hand()


def _after_close(seen: Seen) -> Bools:
    closed = seen.periods[seen.periods["closed_at"].notna()].sort_values("starts_on")
    if closed.empty:
        return np.zeros(len(seen.lines), dtype=bool)
    starts = closed["starts_on"].to_numpy()
    at = np.searchsorted(starts, seen.lines["posting_date"].to_numpy(), side="right") - 1
    mine = closed.iloc[np.maximum(at, 0)].reset_index(drop=True)
    days = seen.lines["posting_date"].reset_index(drop=True)
    late = (days <= mine["ends_on"]) & (seen.lines["entered_at"].reset_index(drop=True) > mine["closed_at"])
    return np.asarray(late.fillna(False), dtype=bool) & (at >= 0)


def _posted_back(seen: Seen) -> Bools:
    entered = local(seen).dt.tz_localize(None)
    days = (entered - seen.lines["posting_date"]).dt.days
    return np.asarray((days > seen.options.late_days).fillna(False), dtype=bool)


def _period_end(seen: Seen) -> Bools:
    days = seen.lines["posting_date"]
    left = (days + pd.offsets.MonthEnd(0) - days).dt.days
    if len(seen.periods):
        ends = np.sort(seen.periods["ends_on"].dropna().to_numpy())
        at = np.minimum(np.searchsorted(ends, days.to_numpy()), len(ends) - 1)
        left = pd.Series(ends[at], index=days.index).sub(days).dt.days if len(ends) else left
    near = left.between(0, max(seen.options.period_end_days - 1, 0))
    return np.asarray(near, dtype=bool) & seen.by_hand() & _no_twin(seen)


def _round(seen: Seen) -> Bools:
    unit = seen.options.round_units * 10 ** minor_places(seen.currency)
    amount = ints(seen.lines["amount"])
    return np.asarray((amount != 0) & (amount % unit == 0), dtype=bool)


def _taken_back(seen: Seen) -> Bools:
    """Posted by hand, and the same amount the other way round on the account in the next period, soon after."""
    return _opposites(seen, in_next=True) & _no_twin(seen)


def _never_taken_back(seen: Seen) -> Bools:
    says = seen.lines["text"].fillna("").str.contains(r"revers|accrual", case=False, regex=True)
    return np.asarray(says, dtype=bool) & _no_twin(seen) & ~_opposites(seen, in_next=False)


def _opposites(seen: Seen, *, in_next: bool) -> Bools:
    lines = seen.lines
    hand = seen.by_hand()
    rows = pd.DataFrame(
        {"place": np.arange(len(lines)), "account": lines["account"].fillna("").to_numpy(), "amount": ints(lines["amount"]),
         "day": lines["posting_date"].to_numpy()}
    )[hand]  # fmt: skip
    pairs = rows.merge(rows.assign(amount=-rows["amount"]), on=["account", "amount"], suffixes=("", "_back"))
    pairs = pairs[(pairs["day_back"] > pairs["day"]) & pairs["amount"].ne(0)]
    if in_next:
        soon = (pairs["day_back"] - pairs["day"]) <= timedelta(days=_SOON)
        months = (pairs["day_back"].dt.to_period("M") - pairs["day"].dt.to_period("M")).map(lambda gap: gap.n)
        pairs = pairs[soon & months.eq(1)]
    made = np.zeros(len(lines), dtype=bool)
    made[pairs["place"].unique()] = True
    return made


def _rare_pair(seen: Seen) -> Bools:
    pair = seen.lines["user"].fillna("") + "\0" + seen.lines["account"].fillna("")
    journals = seen.lines["journal_id"].groupby(pair).transform("nunique")
    return np.asarray(journals.le(seen.options.rare_lines), dtype=bool) & seen.by_hand() & _no_twin(seen)


def _empty_text(seen: Seen) -> Bools:
    return np.asarray(seen.lines["text"].fillna("").str.strip().eq(""), dtype=bool) & seen.by_hand()


def _odd_text(seen: Seen) -> Bools:
    text = seen.lines["text"].fillna("")
    odd = text.str.contains(_ODD_WORDS, case=False, regex=True) & pd.Series(
        _no_twin(seen), index=seen.lines.index
    )
    return np.asarray(odd, dtype=bool)


def _hostile_text(seen: Seen) -> Bools:
    return np.asarray(seen.lines["text"].fillna("").str.contains(_HOSTILE, regex=True), dtype=bool)


def _below_limit(seen: Seen) -> Bools:
    amount = np.abs(ints(seen.lines["amount"]))
    share = 1 - Fraction(seen.options.below_limit_share)
    made = np.zeros(len(amount), dtype=bool)
    for limit in seen.limits:
        least = -(-(limit * share.numerator) // share.denominator)
        made |= (amount >= least) & (amount <= limit)
    routine = seen.lines["source"].isin(INTERFACES - {JournalSource.ADJUSTMENTS.value})
    return np.asarray(made & ~routine.to_numpy(dtype=bool), dtype=bool)


SIGNS = (
    Sign(name="manual", points=30, words="a manual journal on a control account", found=_manual),
    Sign(name="differs", points=30, words="the sub-ledger does not agree with it", found=_differs),
    Sign(name="no_sub_ledger_document", points=25, words="the sub-ledger holds no such document", found=_no_twin),
    Sign(name="after_close", points=25, words="entered after its period was closed", found=_after_close, needs="closes"),
    Sign(name="not_by_interface", points=20, words="no interface made it", found=_other_source),
    Sign(name="unposted", points=30, words="it stands unposted", found=_unposted),
    Sign(name="never_taken_back", points=15, words="its text promises a reversal that never came", found=_never_taken_back),
    Sign(name="taken_back", points=15, words="taken back in the next period", found=_taken_back),
    Sign(name="posted_back", points=10, words="entered days after its posting date", found=_posted_back, needs="entry_times"),
    Sign(name="night", points=10, words="entered at night", found=_night, needs="entry_times"),
    Sign(name="weekend", points=10, words="entered on a week-end", found=_weekend, needs="entry_times"),
    Sign(name="rare_user_and_account", points=10, words="its user seldom posts to the account", found=_rare_pair),
    Sign(name="below_limit", points=10, words="just below a limit of authority", found=_below_limit, needs="limits"),
    Sign(name="hostile_text", points=10, words="its text would act as a formula or markup", found=_hostile_text),
    Sign(name="round_amount", points=5, words="a round amount", found=_round),
    Sign(name="period_end", points=5, words="posted in the last days of a period", found=_period_end),
    Sign(name="empty_text", points=5, words="no explanation", found=_empty_text),
    Sign(name="odd_text", points=5, words="an explanation that says little", found=_odd_text),
)  # fmt: skip
