"""What a receipt may be about: open items by account and currency, and how soon this ledger's money comes. Floor 1."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from arlib.matching.pool import NO_DAY, NOBODY, REFERENCE_FIELDS
from arlib.matching.references.days import FEW, usual_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from arlib.matching.payers import Payers
    from arlib.matching.pool import Pool
    from arlib.matching.references.damage import Bearing
    from arlib.matching.references.index import Exact, Named

RARE = 0.01  # share of payments; a number of items that fewer write is hardly ever meant
SMALL = 1_000  # one part in so many is the most that may be called a small deduction
UNLEARNED = 10_000  # the same where the ledger shows no habit of its own
SHORTEST_NUMBER = 5  # a shorter number is never sought damaged: everything resembles it
COMPARED = 60  # numbers of a customer that are compared to learn how much two of them differ
NEAR = 0.3  # share of that difference, up to which a damaged number counts without its amount
NEAR_PAYER = 0.5  # share of the best candidate's strength that another account of the payer needs


class Ground:
    """Items and receipts of a run as plain lists, with what of each item is still open."""

    def __init__(
        self, pool: Pool, exact: Exact, payers: Payers, remaining: NDArray[np.int64], days_before: int
    ) -> None:
        """Sort the items of each account and currency by document date; `remaining` is copied."""
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
        self.rows: dict[tuple[int, int], list[int]] = {}
        self.row_days: dict[tuple[int, int], list[int]] = {}
        wanted = {(a, self.currency[r]) for r, owners in enumerate(self.owners) for a in owners}
        for row in np.argsort(items.document_day, kind="stable").tolist():
            place = (self.account[row], self.money[row])
            if place in wanted:
                self.rows.setdefault(place, []).append(row)
                self.row_days.setdefault(place, []).append(self.dated[row])
        self._differences: dict[tuple[int, int], float] = {}
        self._bearings: dict[int, list[Bearing]] = {}
        self._written: dict[str, list[object]] = {}

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
            rows = np.flatnonzero(self.pool.items.account == account)
            some = [number for row in rows[:COMPARED].tolist() if (number := self.whole(row, field))]
            if len(some) > 1:
                total = cdist(some, some, scorer=OSA.distance, dtype=np.uint8).sum(dtype=np.int64)
                known = float(total / (len(some) * (len(some) - 1)))
            else:
                known = len(some[0]) / 2 if some else 0.0
            self._differences[account, field] = known
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
            place = (account, self.currency[receipt])
            rows = self.rows.get(place)
            if rows is None or account == NOBODY:
                continue
            days = self.row_days[place]
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

    def bearings(self, items: Sequence[int]) -> list[Bearing]:
        """Numbers of the items, whole and by their digits, that a text may have damaged."""
        out: list[Bearing] = []
        for item in items:
            known = self._bearings.get(item)
            if known is None:
                known = self._bearings[item] = self._numbers(item)
            out.extend(known)
        return out

    def _numbers(self, item: int) -> list[Bearing]:
        keys = self.exact.keys
        out: list[Bearing] = []
        for field in range(len(REFERENCE_FIELDS)):
            whole = self.whole(item, field)
            if len(whole) < SHORTEST_NUMBER:
                continue
            out.append((item, field, whole))
            digits = keys.digits[field][item].as_py()
            if whole[0] > "9" and len(digits) >= SHORTEST_NUMBER and whole.endswith(digits):
                out.append((item, field, digits))
        return out

    def whole(self, item: int, field: int) -> str:
        """The item's number in a field of REFERENCE_FIELDS, letters and digits."""
        number: str = self.exact.keys.whole[field][item].as_py()
        return number

    def written(self, item: int, field: str) -> str:
        """The item's number as the ledger writes it."""
        if field not in self._written:
            self._written[field] = self.pool.items.frame[field].tolist()
        return str(self._written[field][item])

    def nearest_form(self, item: int, field: int, written: str) -> str:
        """The item's number, or its digits alone where they come nearer to what is written."""
        forms = [number for _, at, number in self.bearings([item]) if at == field] or [
            self.whole(item, field)
        ]
        return min(forms, key=lambda number: (OSA.distance(written, number), number))
