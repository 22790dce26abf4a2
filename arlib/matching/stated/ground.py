"""What a receipt may be about: open items by account and currency, and how soon this ledger's money comes. Floor 1."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from arlib.matching.columns import texts
from arlib.matching.discounts import day_of, taken
from arlib.matching.pool import NO_DAY, REFERENCE_FIELDS
from arlib.matching.references.days import FEW, usual_days
from arlib.matching.stated.less import said_less
from arlib.money import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from arlib.matching.facts import Facts
    from arlib.matching.payers import Payers
    from arlib.matching.pool import Pool
    from arlib.matching.references.damage import Bearing
    from arlib.matching.references.index import Exact, Named

DIGITS = "0123456789"
RARE = 0.01  # share of payments; a number of items that fewer write is hardly ever meant
SMALL = 1_000  # one part in so many is the most that may be called a small deduction
UNLEARNED = 10_000  # the same where the ledger shows no habit of its own
SHORTEST_NUMBER = 5  # a shorter number is never sought damaged: everything resembles it
COMPARED = 60  # numbers of a customer that are compared to learn how much two of them differ
NEAR = 0.3  # share of that difference, up to which a damaged number counts without its amount
NEAR_PAYER = 0.5  # share of the best candidate's strength that another account of the payer needs


MOST_LESS = 3  # what a payer may keep: up to one part in so many of what it pays


class Ground:
    """Items and receipts of a run as plain lists, with what of each item is still open."""

    def __init__(
        self,
        pool: Pool,
        exact: Exact,
        payers: Payers,
        remaining: NDArray[np.int64],
        days_before: int,
        facts: Facts | None = None,
    ) -> None:
        """Nothing is learned yet; `remaining` is copied."""
        self.facts = facts
        items, receipts = pool.items, pool.receipts
        self.pool, self.exact, self.payers = pool, exact, payers
        self.left: list[int] = remaining.tolist()
        self.start: list[int] = list(self.left)
        self.account: list[int] = items.account.tolist()
        self.money: list[int] = items.money.tolist()
        self.amount: list[int] = receipts.amount.tolist()
        self.currency: list[int] = receipts.money.tolist()
        self.day: list[int] = receipts.day.tolist()
        self.dated: list[int] = items.document_day.tolist()
        self.days_before = days_before
        self.usual: tuple[int, int] | None = None
        self.rare_fields: frozenset[int] = frozenset()
        self.small = 1 / SMALL
        self.owners = [self._owners(receipt) for receipt in range(len(receipts))]
        self._dated_rows: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
        self._said: dict[int, tuple[int, ...]] = {}
        self._differences: dict[tuple[int, int], float] = {}
        lengths = (pc.max(pc.utf8_length(column)).as_py() for column in exact.keys.whole)
        self._fields = [field for field, most in enumerate(lengths) if (most or 0) >= SHORTEST_NUMBER]
        self._bearings: dict[int, list[Bearing]] = {}
        self._written: dict[str, list[str]] = {}
        self._numbers: dict[int, NDArray[np.object_]] = {}

    def _owners(self, receipt: int) -> tuple[int, ...]:
        found = self.payers.candidates[receipt]
        if not found:
            return ()
        floor = NEAR_PAYER * max(one.strength for one in found)
        return tuple(one.account for one in found if one.strength >= floor)

    def _typical(self, account: int, field: int) -> float:
        """Edits between any two of a customer's numbers in a field, on average over some spread evenly.

        Half the length of the number where the customer has but one.
        """
        known = self._differences.get((account, field))
        if known is None:
            some = [
                number
                for row in self.pool.items.of_account(account)[:COMPARED].tolist()
                if (number := self.whole(row, field))
            ]
            if len(some) > 1:
                total = cdist(some, some, scorer=OSA.distance, dtype=np.uint8).sum(dtype=np.int64)
                known = float(total / (len(some) * (len(some) - 1)))
            else:
                known = len(some[0]) / 2 if some else 0.0
            self._differences[account, field] = known
        return known

    def _by_date(self, account: int, currency: int) -> tuple[list[int], list[int]]:
        """Items of the account in the currency by document day, those without one first; and these days."""
        known = self._dated_rows.get((account, currency))
        if known is None:
            items = self.pool.items
            rows = items.of_account(account)
            rows = rows[items.money[rows] == currency]
            rows = rows[np.argsort(items.document_day[rows], kind="stable")]
            known = self._dated_rows[account, currency] = rows.tolist(), items.document_day[rows].tolist()
        return known

    def is_near(self, one: Named) -> bool:
        """Whether a number is read so nearly that it counts without its amount: two of the customer's differ far more."""
        return one.cost < 1 or one.cost <= NEAR * self._typical(self.account[one.item], one.field)

    def payer_of(self, receipt: int, item: int) -> tuple[str, float]:
        """How the payer of the receipt is known to be the item's customer and how likely; empty and 0 where it is not."""
        account = self.account[item]
        return next(
            ((one.how, one.strength) for one in self.payers.candidates[receipt] if one.account == account),
            ("", 0.0),
        )

    def is_open(self, item: int) -> bool:
        """Whether more of the item is open than what small deductions of this run have left."""
        left = self.left[item]
        return left != 0 and (left == self.start[item] or abs(left) * SMALL > abs(self.start[item]))

    def small_of(self, amount: int, parts: int) -> int:
        """What a payment in full may lack: as much of it as payers of this ledger take off, and one minor unit a part."""
        return max(int(abs(amount) * self.small), parts)

    def pays(self, receipt: int, items: Sequence[int]) -> str:
        """How the receipt pays these items in full together: exact, less, short; empty where it does not.

        It is less where what is missing is just what the payer says that it keeps, the tax or freight of the one item, or
        discounts that the items offer.
        """
        amount = self.amount[receipt]
        over = sum([self.left[item] for item in items]) - amount
        if over == 0:
            return "exact"
        if over < 0:
            return ""
        if self.facts is not None and over * MOST_LESS <= amount and self._is_less(receipt, items, over):
            return "less"
        return "short" if over <= self.small_of(amount, 1) else ""

    def _is_less(self, receipt: int, items: Sequence[int], over: int) -> bool:
        assert self.facts is not None
        known = self._said.get(receipt)
        if known is None:
            known = self._said[receipt] = said_less(self.facts, receipt)
        if over in known:
            return True
        if len(items) == 1 and over in (self.facts.tax(items[0]), self.facts.freight(items[0])):
            return True
        offers = self.facts.offers(receipt, items, self.left)
        return (
            any(taken(offers, over - said, spare=0) for said in (0, *known) if over > said)
            if offers
            else False
        )

    def learn_small(self, shares: Iterable[float]) -> None:
        """From payments that name their items surely: the share of the amount that small deductions take off."""
        known = np.fromiter(shares, np.float64)
        known = known[known < 1 / SMALL]
        enough = len(known) >= FEW
        self.small = 2 * float(np.quantile(known, 0.998)) if enough else 1 / UNLEARNED

    def learn_fields(self, named: Iterable[Sequence[Named]]) -> None:
        """From names that are sure: which numbers of an item this ledger's payers hardly ever write."""
        counts, total = [0] * len(REFERENCE_FIELDS), 0
        for names in named:
            total += 1
            for field in {one.field for one in names}:
                counts[field] += 1
        if total >= FEW:
            self.rare_fields = frozenset(f for f, count in enumerate(counts) if count < RARE * total)

    def learn_days(self, pairs: Iterable[tuple[int, int]]) -> None:
        """From sure (receipt, item) pairs: how many days after its document money usually comes."""
        self.usual = usual_days([
            self.day[r] - self.dated[i] for r, i in pairs if NO_DAY not in (self.day[r], self.dated[i])
        ])  # fmt: skip

    def is_usual(self, receipt: int, item: int) -> bool:
        """Whether the receipt came within the days in which this ledger's money comes; true where no habit is known."""
        if NO_DAY in (self.day[receipt], self.dated[item]):
            return True
        lag = self.day[receipt] - self.dated[item]
        low, high = self.usual or (-self.days_before, lag)
        return low <= lag <= high

    def candidates(self, receipt: int, *, wide: bool = False) -> list[int]:
        """Open items of the payer in the receipt's currency that its date allows; `wide` leaves the ledger's habit out."""
        out: list[int] = []
        day = self.day[receipt]
        for account in self.owners[receipt]:
            rows, days = self._by_date(account, self.currency[receipt])
            start, stop = 0, len(rows)
            if day != NO_DAY:
                low, high = (
                    (NO_DAY, day + self.days_before)
                    if wide or not self.usual
                    else (day - self.usual[1], day - self.usual[0])
                )
                start, stop = bisect_left(days, low), bisect_right(days, high)
                if not wide:
                    out.extend(row for row in rows[: bisect_right(days, NO_DAY)] if self.is_open(row))
            out.extend(row for row in rows[start:stop] if self.is_open(row))
        return sorted(set(out))

    def worth(self, receipt: int, money: int) -> int:
        """The receipt in minor units of a currency, by the rate of its day; 0 where there is none."""
        if money == self.currency[receipt]:
            return self.amount[receipt]
        ours, theirs = self.pool.currencies[money], self.pool.currencies[self.currency[receipt]]
        day = self.day[receipt]
        rate = self.facts.rate(theirs, ours, day_of(day)) if self.facts and day != NO_DAY else None
        return (
            translate(self.amount[receipt], from_currency=theirs, to_currency=ours, rate=rate) if rate else 0
        )

    def elsewhere_in_currency(self, receipt: int) -> list[int]:
        """Open items of the payer in other currencies than the receipt's."""
        own = self.currency[receipt]
        if len(self.pool.currencies) == 1:
            return []
        out = [
            row
            for account in self.owners[receipt]
            for row in self.pool.items.of_account(account).tolist()
            if self.money[row] != own and self.is_open(row)
        ]
        return sorted(set(out))

    def bearings(self, items: Sequence[int]) -> list[Bearing]:
        """Numbers of the items, whole and by their digits, that a text may have damaged."""
        new = [item for item in items if item not in self._bearings]
        if new:
            self._read(new)
        return [bearing for item in items for bearing in self._bearings[item]]

    def _read(self, items: Sequence[int]) -> None:
        for item in items:
            self._bearings[item] = []
        for field in self._fields:
            for item in items:
                whole = self.whole(item, field)
                if len(whole) < SHORTEST_NUMBER:
                    continue
                self._bearings[item].append((item, field, whole))
                digits = whole[len(whole.rstrip(DIGITS)) :].lstrip("0")
                if not whole.isdigit() and len(digits) >= SHORTEST_NUMBER:
                    self._bearings[item].append((item, field, digits))

    def whole(self, item: int, field: int) -> str:
        """The item's number in a field of REFERENCE_FIELDS, letters and digits."""
        if field not in self._numbers:
            self._numbers[field] = self.exact.keys.whole[field].to_numpy(zero_copy_only=False)
        return str(self._numbers[field][item])

    def written(self, item: int, field: str) -> str:
        """The item's number as the ledger writes it."""
        if field not in self._written:
            self._written[field] = texts(self.pool.items.frame, field)
        return self._written[field][item]

    def nearest_form(self, item: int, field: int, written: str) -> str:
        """The item's number, or its digits alone where they come nearer to what is written."""
        forms = [number for _, at, number in self.bearings([item]) if at == field] or [
            self.whole(item, field)
        ]
        return min(forms, key=lambda number: (OSA.distance(written, number), number))
