"""Which items explain a total, and whether only these do. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, combinations, islice
from operator import index

from arlib.errors import ParameterError
from arlib.matching.combine.question import Counts, Groups, grouped
from arlib.matching.combine.search import ways

WORK_LIMIT = 2_000_000
LARGEST = 1 << 61  # all magnitudes of one search together must stay below this, so that no sum overflows
Explanation = tuple[int, ...]


class Status(StrEnum):
    """What is known about the explanations of a total."""

    UNIQUE = "unique"  # there is one, and proof that there is no other
    AMBIGUOUS = "ambiguous"  # two are shown
    NONE = "none"  # proof that there is none
    NOT_DECIDED = "not_decided"  # the work limit was reached first


@dataclass(frozen=True, slots=True)
class Solved:
    """The answer for one total. `explanations` are positions in the pool as given, ascending, at most two.

    `interchangeable`: ambiguous only as to which of several equal amounts; every explanation has the same amounts.
    `exact`: the explanations meet the total itself, not only within the tolerance.
    """

    status: Status
    explanations: tuple[Explanation, ...]
    work: int  # partial sums held, a row of 64 as bits counting one
    interchangeable: bool = False
    exact: bool = True


def solve(
    amounts: Sequence[int],
    total: int,
    *,
    tolerance: int = 0,
    work_limit: int = WORK_LIMIT,
    at_most_items: int | None = None,
) -> Solved:
    """Which items of `amounts` sum to `total`, give or take `tolerance`; counted up to two.

    Amounts are signed integers (minor units, credits negative). An explanation has at least one item and no item of zero.
    Two items of the same amount are two items: where either would do, the answer is ambiguous and `interchangeable`.
    Explanations that meet the total exactly come first: only where it is proved that there is none are those counted that
    miss it, by at most `tolerance` (|sum - total| <= tolerance), all alike. `at_most_items` narrows what counts as an
    explanation. Beyond `work_limit` the answer is NOT_DECIDED. The answer does not depend on the order of the items, but
    for positions and for which two are shown of more than two.
    Raises ParameterError for values that are not whole numbers, are too large, or a negative tolerance or limit.
    """
    pool, total = _checked(amounts, total, tolerance, work_limit, at_most_items)
    groups = grouped(pool)
    sizes = groups.sizes()
    work = 0
    for spread in (0, tolerance) if tolerance else (0,):
        found = ways(
            groups.amounts,
            sizes,
            total - spread,
            total + spread,
            most=1,
            work_limit=work_limit - work,
            at_most_items=at_most_items,
        )
        work += found.work
        shown = tuple(sorted(islice(_positions(groups, found.ways), 2)))
        if len(found.ways) > 1 or (len(shown) > 1 and found.complete):
            return Solved(Status.AMBIGUOUS, shown, work, len(found.ways) == 1, spread == 0)
        if not found.complete:
            return Solved(Status.NOT_DECIDED, (), work, exact=spread == 0)
        if shown:
            return Solved(Status.UNIQUE, shown, work, exact=spread == 0)
    return Solved(Status.NONE, (), work)


def explanations(
    amounts: Sequence[int],
    total: int,
    *,
    tolerance: int = 0,
    cap: int = 50,
    work_limit: int = WORK_LIMIT,
    at_most_items: int | None = None,
    exact_first: bool = True,
) -> tuple[tuple[Explanation, ...], bool]:
    """Up to `cap` explanations of `total`, and whether these are all. Terms as in `solve`.

    Fewer items come first, then earlier positions. False with fewer than `cap` means that the work limit was reached. Where
    there are more than `cap`, which are shown is fixed by the amounts but says nothing about which is likelier: ask again
    with `at_most_items` or a smaller pool. `exact_first` False takes all within the tolerance alike.
    """
    made = listing(
        amounts,
        total,
        tolerance=tolerance,
        cap=cap,
        work_limit=work_limit,
        at_most_items=at_most_items,
        exact_first=exact_first,
    )
    return made.explanations, made.complete


@dataclass(frozen=True, slots=True)
class Listing:
    """What `explanations` returns, and the work it took."""

    explanations: tuple[Explanation, ...]
    complete: bool
    work: int


def listing(
    amounts: Sequence[int],
    total: int,
    *,
    tolerance: int,
    cap: int,
    work_limit: int,
    at_most_items: int | None,
    exact_first: bool,
) -> Listing:
    """`explanations` with its work, for searches that share one limit."""
    pool, total = _checked(amounts, total, tolerance, work_limit, at_most_items)
    if cap < 1:
        raise ParameterError("cap of explanations", found=cap, wanted="1 or more")
    groups = grouped(pool)
    sizes = groups.sizes()
    work = 0
    for spread in (0, tolerance) if tolerance and exact_first else (tolerance,):
        found = ways(
            groups.amounts,
            sizes,
            total - spread,
            total + spread,
            most=cap,
            work_limit=work_limit - work,
            at_most_items=at_most_items,
        )
        work += found.work
        shown = list(islice(_positions(groups, found.ways), cap + 1))
        if shown or not found.complete:
            kept = sorted(shown[:cap], key=lambda each: (len(each), each))
            return Listing(tuple(kept), found.complete and len(shown) <= cap, work)
    return Listing((), True, work)


def _positions(groups: Groups, found: Sequence[Counts]) -> Iterator[Explanation]:
    """Every choice of items that takes so many of each group, first the first of each group."""
    for counts in found:
        parts = [(members, count) for members, count in zip(groups.members, counts, strict=True) if count]
        yield from _chosen(parts, ())


def _chosen(parts: Sequence[tuple[Explanation, int]], before: Explanation) -> Iterator[Explanation]:
    if all(len(members) == count for members, count in parts):
        yield tuple(sorted(chain(before, *(members for members, _ in parts))))
        return
    members, count = parts[0]
    for choice in combinations(members, count):
        yield from _chosen(parts[1:], before + choice)


def _checked(
    amounts: Sequence[int], total: int, tolerance: int, work_limit: int, at_most_items: int | None
) -> tuple[list[int], int]:
    try:
        pool = [index(amount) for amount in (amounts.tolist() if hasattr(amounts, "tolist") else amounts)]
        total = index(total)
    except TypeError as error:
        raise ParameterError(
            "amounts of a combination", found=str(error), wanted="integers in minor units"
        ) from None
    for name, value in (
        ("tolerance", tolerance),
        ("work limit", work_limit),
        ("at_most_items", at_most_items or 0),
    ):
        if value < 0:
            raise ParameterError(f"{name} of a combination", found=value, wanted="0 or more")
    if sum(map(abs, pool)) + abs(total) + tolerance >= LARGEST:
        raise ParameterError(
            "amounts of a combination are too large", wanted=f"magnitudes that sum to less than {LARGEST}"
        )
    return pool, total
