"""Ways to take items of each amount so that they sum to a window: the exact search behind the public functions. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import comb

from arlib.matching.combine.few import few
from arlib.matching.combine.frontier import frontier
from arlib.matching.combine.plan import planned
from arlib.matching.combine.probes import probes
from arlib.matching.combine.question import Counts, Found, Question, question
from arlib.matching.combine.small import listed, sums_in_all

QUICK = 20_000  # what a search of the whole pool may cost before ambiguity is looked for in smaller ones
FEW = 4  # items that fit at most, for combinations of few items to be listed
LISTED = 10_000  # combinations up to the last item that are listed rather than searched
LONGER = 1000  # ways that may have too many items beside the ways asked for
PROBE = 1_000_000  # a probe that may cost more than this is left out


def ways(
    amounts: Sequence[int],
    sizes: Sequence[int],
    low: int,
    high: int,
    *,
    most: int,
    work_limit: int,
    at_most_items: int | None = None,
) -> Found:
    """Up to `most` ways to take from groups of equal `amounts` so that the sum lies in `low` .. `high`, and one more if there is.

    No more than `most` ways with `complete` False means that the work limit was reached.
    """
    if at_most_items is not None and at_most_items < sum(sizes):
        return _few(amounts, sizes, low, high, items=at_most_items, most=most, work_limit=work_limit)
    asked = question(amounts, sizes, low, high)
    if asked.low > asked.high:
        return Found((), complete=True, work=0)
    wanted = most + 2  # the empty way may be among them, and one more shows that there are more
    small = sums_in_all(asked.limits)
    if small:
        if small > work_limit:
            return Found((), complete=False, work=0)
        counts = listed(asked.weights, asked.limits, asked.low, asked.high, most=wanted)
        return _found((asked.answer(each) for each in counts), most, whole=True, work=small)
    work = 0
    for number, probe in enumerate(probes(asked)):
        if number == 0:
            part, work = _searched(asked, most=wanted, spent=0, work_limit=min(QUICK, work_limit))
            if part is not None:
                return _found((asked.answer(each) for each in part), most, whole=True, work=work)
        if probe.asked.low > probe.asked.high or planned(probe.asked).bound(PROBE) > PROBE:
            continue
        part, work = _searched(probe.asked, most=wanted, spent=work, work_limit=work_limit)
        if part is None:
            break
        found = _found((asked.answer(probe.answer(each)) for each in part), most, whole=False, work=work)
        if len(found.ways) > most:
            return found
    part, work = _searched(asked, most=wanted, spent=work, work_limit=work_limit)
    if part is None:
        return Found((), complete=False, work=work)
    return _found((asked.answer(each) for each in part), most, whole=True, work=work)


def _few(
    amounts: Sequence[int],
    sizes: Sequence[int],
    low: int,
    high: int,
    *,
    items: int,
    most: int,
    work_limit: int,
) -> Found:
    """Combinations of few items; where these are too many to list, all ways, should they prove to be few."""
    found = few(amounts, sizes, low, high, items=items, most=most, work_limit=work_limit // 2)
    if found.complete or len(found.ways) > most:
        return found
    every = ways(amounts, sizes, low, high, most=most + LONGER, work_limit=work_limit // 2)
    kept = tuple(counts for counts in every.ways if sum(counts) <= items)
    work = min(found.work, work_limit // 2) + every.work
    return Found(kept[: most + 1], complete=every.complete and len(kept) <= most, work=work)


def _found(answers: Iterator[Counts], most: int, whole: bool, work: int) -> Found:
    kept = [counts for counts in dict.fromkeys(answers) if any(counts)]
    return Found(tuple(kept[: most + 1]), complete=whole and len(kept) <= most, work=work)


def _searched(asked: Question, *, most: int, spent: int, work_limit: int) -> tuple[list[Counts] | None, int]:
    if asked.low > asked.high:
        return [], spent
    if sums_in_all(asked.limits):
        work = spent + sums_in_all(asked.limits)
        if work > work_limit:
            return None, work
        return listed(asked.weights, asked.limits, asked.low, asked.high, most=most), work
    fit = _most_items(asked)
    if fit <= FEW and comb(sum(asked.limits), max(0, fit - 1)) <= LISTED:
        found = few(
            asked.weights,
            asked.limits,
            asked.low,
            asked.high,
            items=fit,
            most=most - 1,
            work_limit=work_limit - spent,
        )
        nothing = [(0,) * len(asked.weights)] if asked.low <= 0 else []
        done = found.complete or len(found.ways) == most
        return [*nothing, *found.ways] if done else None, spent + found.work
    made = frontier(planned(asked), work_limit=work_limit - spent)
    if not made.done:
        return None, spent + made.work
    return list(islice(made.ways(), most)), spent + made.work


def _most_items(asked: Question) -> int:
    """The most items that any way can take: as many of the smallest as fit under `high`."""
    items, rest = 0, asked.high
    for weight, limit in zip(reversed(asked.weights), reversed(asked.limits), strict=True):
        took = min(limit, rest // weight)
        items += took
        rest -= took * weight
        if took < limit:
            break
    return items
