"""What a person asks to record, held against common sense: all faults at once, before anything is judged. Floor 4."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from operator import index

from arlib.errors import nearest, shown
from arlib.money import is_currency
from arlib.run.casework.decision import money
from arlib.run.casework.faults import FaultsError
from arlib.run.casework.lines import AMOUNTS, PARTS, AppliedLine

LONGEST = 10_000  # characters of a text; longer ones are refused, never cut
LONGEST_WORD = 200
LAYOUT = "\n\r\t"
YEARS_AHEAD = 10
MOST = 2**63 - 1  # minor units that a table holds


@dataclass
class Faults:
    """What was found wanting so far."""

    what: str
    found: list[str] = field(default_factory=list)

    def require_none(self) -> None:
        """Raise FaultsError where anything was found."""
        if self.found:
            raise FaultsError(self.what, self.found, fix="Nothing was recorded.")

    def say(self, *sentences: str) -> None:
        """Add faults."""
        self.found += sentences

    def word(self, name: str, value: object, *, is_needed: bool = True) -> None:
        """A code or id: one line of up to 200 characters."""
        if not isinstance(value, str):
            self.say(f"{name} is {type(value).__name__}, wanted text")
        elif is_needed and not value.strip():
            self.say(f"{name} is missing")
        elif len(value) > LONGEST_WORD:
            self.say(f"{name} has {len(value):,} characters, wanted at most {LONGEST_WORD}")
        elif not _is_storable(value) or any(ord(sign) < 32 for sign in value):
            self.say(f"{name} holds signs that no code has: {shown(value)}")

    def text(self, name: str, value: object, *, is_needed: bool = False) -> None:
        """A person's words: any signs but control characters, several lines, up to 10,000 characters."""
        if not isinstance(value, str):
            self.say(f"{name} is {type(value).__name__}, wanted text")
        elif is_needed and not value.strip():
            self.say(f"{name} is missing")
        elif len(value) > LONGEST:
            self.say(f"{name} has {len(value):,} characters, wanted at most {LONGEST:,}")
        elif not _is_storable(value):
            self.say(f"{name} holds signs that cannot be kept: half of a pair")
        elif unseen := sorted({sign for sign in value if unicodedata.category(sign) == "Cc"} - set(LAYOUT)):
            self.say(
                f"{name} holds control characters, wanted none but new lines and tabs: {', '.join(map(ascii, unseen))}"
            )

    def one_of(self, name: str, value: str, known: Iterable[str]) -> None:
        """A word of a closed list."""
        among = list(known)
        if value not in among:
            near = nearest(value, among) if isinstance(value, str) else ""
            hint = f"; did you mean {near!r}?" if near else ""
            self.say(f"{name} is {shown(value)}, wanted one of {', '.join(among)}{hint}")

    def currency(self, value: object, name: str = "currency") -> bool:
        """A currency of ISO 4217."""
        if isinstance(value, str) and is_currency(value):
            return True
        self.say(f"{name} is {shown(value)}, wanted a code such as USD")
        return False

    def whole(self, name: str, value: object) -> int | None:
        """Whole minor units that fit a table; None where they are not."""
        try:
            number = None if isinstance(value, bool) else index(value)  # type: ignore[arg-type]
        except TypeError:
            number = None
        if number is None:
            self.say(f"{name} is {shown(value)}, wanted whole minor units")
        elif abs(number) > MOST:
            self.say(f"{name} is larger than any table holds")
            return None
        return number

    def positive(self, name: str, value: object) -> bool:
        """An amount above zero."""
        number = self.whole(name, value)
        if number is not None and number <= 0:
            self.say(f"{name} is {number}, wanted more than 0")
        return number is not None and number > 0

    def day(
        self, name: str, value: object, *, today: date, is_needed: bool = False, may_be_past: bool = False
    ) -> None:
        """A day from today on, at most ten years ahead; today is allowed."""
        if value is None:
            if is_needed:
                self.say(f"{name} is missing")
        elif type(value) is not date:
            self.say(f"{name} is {shown(str(value))}, wanted a day")
        elif value < today and not may_be_past:
            self.say(f"{name} is {value}, before today, {today}")
        elif value > today + timedelta(days=366 * YEARS_AHEAD):
            self.say(f"{name} is {value}, more than {YEARS_AHEAD} years ahead")

    def rate(self, name: str, value: object) -> None:
        """A share as decimal text, zero or more."""
        try:
            is_one = isinstance(value, str) and "/" not in value and Fraction(value) >= 0
        except (ValueError, ZeroDivisionError):
            is_one = False
        if not is_one:
            self.say(f"{name} is {shown(value)}, wanted decimal text of 0 or more, such as 0.05")


def check_lines(
    faults: Faults,
    lines: Sequence[AppliedLine],
    *,
    receipt_id: str,
    open_amounts: Mapping[str, int],
    receipt_open: object,
) -> None:
    """An application against what the book shows open: by line, by item, and the receipt as a whole.

    A line lowers its item by cash, discount, fee, exchange and tolerance together, towards zero and never past it; in the
    receipt's currency it uses as much of the receipt as it applies. Taken credits and paid debits together use more than
    nothing of the receipt, and no more than is open of it.
    """
    whole = faults.whole("open amount of the receipt", receipt_open)
    if whole is not None and whole <= 0:
        faults.say(f"receipt {receipt_id} has nothing open")
    if not lines:
        faults.say("no item is named")
    sound = [line for line in lines if _is_sound(faults, line)]
    items = [line.item_id for line in lines]
    faults.say(*(f"item {item} is named twice" for item in sorted({i for i in items if items.count(i) > 1})))
    for line in sound:
        if line.item_id not in open_amounts:
            faults.say(f"item {line.item_id} is not open in the books")
            continue
        open_ = faults.whole(f"open amount of item {line.item_id}", open_amounts[line.item_id])
        if open_ is not None:
            faults.say(*_past_zero(line, open_))
    if len({line.receipt_currency for line in sound}) > 1:
        faults.say("a receipt has one currency, the lines name several")
    elif sound and len(sound) == len(lines) and whole is not None and whole > 0:
        used = sum(line.receipt_amount for line in sound)
        code = sound[0].receipt_currency
        if used <= 0:
            faults.say(f"the lines use {money(used, code)} of the receipt, wanted more than 0")
        elif used > whole:
            faults.say(
                f"the lines use {money(used, code)} of receipt {receipt_id}, {money(whole, code)} is open"
            )


def _is_sound(faults: Faults, line: AppliedLine) -> bool:
    before = len(faults.found)
    named = f"of item {line.item_id}"
    faults.word("item_id", line.item_id)
    faults.word(f"reason {named}", line.reason)
    faults.word(f"claim_code {named}", line.claim_code, is_needed=False)
    for code, name in ((line.currency, "currency"), (line.receipt_currency, "receipt_currency")):
        faults.currency(code, f"{name} {named}")
    amounts = {name: faults.whole(f"{name} {named}", getattr(line, name)) for name in AMOUNTS}
    if len(faults.found) > before:
        return False
    if not line.settles:
        faults.say(f"item {line.item_id} would not change")
    if (amounts["deduction"] or 0) < 0:
        faults.say(f"deduction {named} is negative, wanted 0 or more")
    if line.currency == line.receipt_currency and line.applied_amount != line.receipt_amount:
        faults.say(
            f"item {line.item_id} takes {money(line.applied_amount, line.currency)} and uses "
            f"{money(line.receipt_amount, line.currency)} of the receipt, wanted the same"
        )
    if line.applied_amount * line.receipt_amount < 0:
        faults.say(f"applied_amount and receipt_amount {named} have different signs")
    return len(faults.found) == before


def _past_zero(line: AppliedLine, open_: int) -> Iterator[str]:
    said = f"item {line.item_id} would fall by {money(line.settles, line.currency)}, {money(open_, line.currency)} is open"
    if (open_ >= 0 and not 0 <= line.settles <= open_) or (open_ < 0 and not open_ <= line.settles <= 0):
        yield said
    elif open_ < 0 and any(getattr(line, part) for part in (*PARTS, "deduction")):
        yield f"item {line.item_id} is a credit: it is taken up without discount, fee, exchange, tolerance or claim"
    elif line.settles + line.deduction > max(open_, 0) and line.deduction:
        yield f"the claim of item {line.item_id} is more than what stays open of it"


def _is_storable(text: str) -> bool:
    return not any(0xD800 <= ord(sign) < 0xE000 for sign in text)
