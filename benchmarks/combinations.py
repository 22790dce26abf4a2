"""Combination solver beside OR-Tools CP-SAT and dpss on the same pools, in one run. Prints a Markdown table.

    python benchmarks/combinations.py [--timeout SECONDS] [--pools N]

Each clock runs from the list of integers to the answer. CP-SAT enumerates up to two solutions with one worker. dpss lists all
subsets, in a process of its own (whose start is not counted) that may use 2 GiB. A program that reaches the time limit is
reported as slower than it. Every answer that two programs give is compared; a difference ends the run with an error. The
middle of the pools is shown. Seconds are those of the wall or the processor, whichever is less.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import dpss
import numpy as np
from ortools.sat.python import cp_model

from arlib.matching.combine import Status, solve

Pool = tuple[list[int], int]
MEMORY = 2 << 30
UNKNOWN = Status.NOT_DECIDED


@dataclass(frozen=True)
class Case:
    """A row of the table: pools of one kind and size, and the answer that all of them have (None: whatever comes)."""

    name: str
    items: int
    wanted: Status | None
    pool: Callable[[np.random.Generator], Pool]
    work_limit: int = 2_000_000


def amounts(rng: np.random.Generator, items: int, middle: float, spread: float) -> list[int]:
    """Log-normal amounts in minor units, all different, one in twenty a credit."""
    made: dict[int, None] = {}
    while len(made) < items:
        size = max(1, int(rng.lognormal(np.log(middle), spread)))
        if size not in made and -size not in made:
            made[-size if rng.random() < 0.05 else size] = None
    return list(made)


def half_of(items: int, middle: float, spread: float, off: int = 0) -> Callable[[np.random.Generator], Pool]:
    """The total of about half of the items; `off` by so much."""

    def pool(rng: np.random.Generator) -> Pool:
        made = amounts(rng, items, middle, spread)
        picked = [amount for amount in made if rng.random() < 0.5] or made[:1]
        return made, sum(picked) + off

    return pool


def all_but(items: int, middle: float, spread: float, left: int) -> Callable[[np.random.Generator], Pool]:
    """Everything but the `left` smallest invoices."""

    def pool(rng: np.random.Generator) -> Pool:
        made = [abs(amount) for amount in amounts(rng, items, middle, spread)]
        return made, sum(sorted(made)[left:])

    return pool


def odd_cent(items: int) -> Callable[[np.random.Generator], Pool]:
    """Whole amounts, six of them with cents, and a total with cents that these cannot give."""

    def pool(rng: np.random.Generator) -> Pool:
        whole = [100 * amount for amount in amounts(rng, items - 6, 2_000, 1.0)]
        made = [*whole, *(100 * int(rng.integers(10, 9_000)) + 10 * digit for digit in range(1, 7))]
        return made, sum(made[::2]) // 10 * 10 + 5

    return pool


def doubling(items: int) -> Callable[[np.random.Generator], Pool]:
    """Amounts of very different size, each about twice the one before."""

    def pool(rng: np.random.Generator) -> Pool:
        made = [int((1 << place) * (1 + rng.random() / 4)) + place for place in range(4, items + 4)]
        return made, sum(amount for amount in made if rng.random() < 0.5) or made[0]

    return pool


HARD = {items: half_of(items, 1e7, 0.3) for items in (26, 32)}
CASES = [
    Case("unique, half of the items, middle 1,000.00", 10, Status.UNIQUE, half_of(10, 1e5, 1.0)),
    Case("unique, half of the items, middle 1,000.00", 14, Status.UNIQUE, half_of(14, 1e5, 1.0)),
    Case("unique, half of the items, middle 1,000.00", 18, Status.UNIQUE, half_of(18, 1e5, 1.0)),
    Case("unique, half of the items, middle 1,000.00", 20, Status.UNIQUE, half_of(20, 1e5, 1.0)),
    Case("unique, half of the items, middle 100,000.00", 16, Status.UNIQUE, half_of(16, 1e7, 0.3)),
    Case("unique, half of the items, middle 100,000.00", 20, Status.UNIQUE, half_of(20, 1e7, 0.3)),
    Case("unique, half of the items, middle 100,000.00", 22, Status.UNIQUE, half_of(22, 1e7, 0.3)),
    Case("unique, amounts doubling", 30, Status.UNIQUE, doubling(30)),
    Case("unique, amounts doubling", 50, Status.UNIQUE, doubling(50)),
    Case("unique, all but the three smallest", 100, Status.UNIQUE, all_but(100, 1e5, 0.6, 3)),
    Case("unique, all but the three smallest", 1000, Status.UNIQUE, all_but(1000, 1e7, 0.6, 3)),
    Case("infeasible, half of the items and a cent", 10, Status.NONE, half_of(10, 1e5, 1.0, 1)),
    Case("infeasible, half of the items and a cent", 18, Status.NONE, half_of(18, 1e7, 0.3, 1)),
    Case("infeasible, half of the items and a cent", 22, Status.NONE, half_of(22, 1e7, 0.3, 1)),
    Case("infeasible, cents that no item has", 100, Status.NONE, odd_cent(100)),
    Case("infeasible, cents that no item has", 1000, Status.NONE, odd_cent(1000)),
    Case("ambiguous, half of the items, middle 1,000.00", 30, Status.AMBIGUOUS, half_of(30, 1e5, 1.0)),
    Case("ambiguous, half of the items, middle 1,000.00", 100, Status.AMBIGUOUS, half_of(100, 1e5, 1.0)),
    Case("ambiguous, half of the items, middle 1,000.00", 300, Status.AMBIGUOUS, half_of(300, 1e5, 1.0)),
    Case("ambiguous, half of the items, middle 1,000.00", 1000, Status.AMBIGUOUS, half_of(1000, 1e5, 1.0)),
    Case("ambiguous, half of the items, middle 100,000.00", 100, Status.AMBIGUOUS, half_of(100, 1e7, 0.3)),
    Case("hard, half of the items, middle 100,000.00", 26, None, HARD[26]),
    Case("hard, half of the items, middle 100,000.00", 32, None, HARD[32]),
    Case("the same with ten times the work limit", 26, None, HARD[26], 20_000_000),
    Case("the same with ten times the work limit", 32, None, HARD[32], 20_000_000),
]


class Clock:
    """Seconds since it was made: by the wall or of the processor, whichever is less, so that a busy machine counts for nobody."""

    def __init__(self) -> None:
        """Start."""
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def seconds(self) -> float:
        """Read it."""
        return min(time.perf_counter() - self.wall, time.process_time() - self.processor)


def ours(pool: Pool, work_limit: int) -> tuple[float, Status]:
    """Middle of five runs where they are short, one otherwise."""
    seconds = []
    for _ in range(5):
        clock = Clock()
        found = solve(*pool, work_limit=work_limit)
        seconds.append(clock.seconds())
        if seconds[-1] > 0.3:
            break
    for each in found.explanations:
        assert sum(pool[0][place] for place in each) == pool[1], "an explanation does not sum to the total"
    return statistics.median(seconds), found.status


class _Two(cp_model.CpSolverSolutionCallback):
    """Stops at the second solution."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def on_solution_callback(self) -> None:
        """Count."""
        self.seen += 1
        if self.seen == 2:
            self.stop_search()


def cp_sat(pool: Pool, timeout: float) -> tuple[float, Status]:
    """One worker, all solutions asked for, stopped at two."""
    clock = Clock()
    model = cp_model.CpModel()
    takes = [model.new_bool_var("") for _ in pool[0]]
    model.add(cp_model.LinearExpr.weighted_sum(takes, pool[0]) == pool[1])
    model.add(cp_model.LinearExpr.sum(takes) >= 1)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.max_time_in_seconds = timeout
    two = _Two()
    outcome = solver.solve(model, two)
    seconds = clock.seconds()
    if two.seen > 1:
        return seconds, Status.AMBIGUOUS
    if outcome == cp_model.OPTIMAL:
        return seconds, Status.UNIQUE
    return seconds, Status.NONE if outcome == cp_model.INFEASIBLE else UNKNOWN


def _dpss_child(pool: Pool, out: multiprocessing.Queue[tuple[float, int]]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    clock = Clock()
    found = dpss.find_subset(*pool, len(pool[0]))
    out.put((clock.seconds(), len(found)))


def with_dpss(pool: Pool, timeout: float) -> tuple[float, Status]:
    """All subsets, timed inside a process that is ended at the time limit."""
    out: multiprocessing.Queue[tuple[float, int]] = multiprocessing.Queue()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = multiprocessing.Process(target=_dpss_child, args=(pool, out))
    child.start()
    child.join(timeout)
    if child.is_alive() or child.exitcode:
        child.kill()
        child.join()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return min(timeout, used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime), UNKNOWN
    seconds, count = out.get(timeout=5)
    return seconds, (Status.NONE, Status.UNIQUE, Status.AMBIGUOUS)[min(2, count)]


def dpss_until_late(pools: list[Pool], timeout: float) -> list[tuple[float, Status]]:
    """One pool after the other, none after the first that reaches the time limit."""
    done: list[tuple[float, Status]] = []
    for pool in pools:
        done.append(with_dpss(pool, timeout))
        if done[-1][1] == UNKNOWN:
            break
    return done


def pools_of(case: Case, number: int) -> list[Pool]:
    """The first pools of the case's kind that have the answer it is about, by our solver; the others check that."""
    kept: list[Pool] = []
    seed = 0
    while len(kept) < number and seed < 200:
        pool = case.pool(np.random.default_rng([seed, case.items]))
        seed += 1
        if case.wanted is None or ours(pool, case.work_limit)[1] == case.wanted:
            kept.append(pool)
    if len(kept) < number:
        sys.exit(f"{case.name}, {case.items} items: too few pools are {case.wanted}")
    return kept


def shown(runs: list[tuple[float, Status]]) -> str:
    """Middle in milliseconds, with a sign where more than half of the pools reached the time or work limit."""
    middle = f"{1000 * statistics.median(seconds for seconds, _ in runs):,.2f}"
    late = sum(answer == UNKNOWN for _, answer in runs)
    return f"> {middle}" if 2 * late > len(runs) else middle


def ratio(theirs: list[float], answers: list[Status], mine: list[float]) -> str:
    """How many times longer they took."""
    if not theirs:
        return ""
    sign = "> " if any(answer == UNKNOWN for answer in answers) else ""
    return f"{sign}{statistics.median(theirs) / statistics.median(mine):,.0f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", type=float, default=1.5, help="seconds for each pool and program")
    parser.add_argument("--pools", type=int, default=3, help="pools in each row")
    options = parser.parse_args()
    print(
        f"Milliseconds, middle of {options.pools} pools; time limit {options.timeout:g} s for the others.\n"
    )
    print("| pools | items | answer | arlib | CP-SAT | dpss | CP-SAT / arlib | dpss / arlib |")
    print("|---|--:|---|--:|--:|--:|--:|--:|")
    compared = 0
    uniqueness: list[float] = []
    too_large: dict[str, int] = {}
    known: dict[Callable[[np.random.Generator], Pool], tuple[list[tuple[float, Status]], ...]] = {}
    for case in CASES:
        pools = pools_of(case, options.pools)
        mine = [ours(pool, case.work_limit) for pool in pools]
        if case.pool not in known:
            tried = case.items < too_large.get(case.name, sys.maxsize)
            known[case.pool] = (
                [cp_sat(pool, options.timeout) for pool in pools],
                dpss_until_late(pools, options.timeout) if tried else [],
            )
        cp, other = known[case.pool]
        if any(answer == UNKNOWN for _, answer in other):
            too_large[case.name] = case.items
        for theirs in (cp, other):
            for (_, ask), (_, answer) in zip(mine, theirs, strict=False):
                if UNKNOWN not in (ask, answer):
                    compared += 1
                    if ask != answer:
                        sys.exit(f"{case.name}, {case.items} items: arlib says {ask}, another {answer}")
        times = [seconds for seconds, _ in mine]
        cells = [ratio([s for s, _ in each], [a for _, a in each], times) for each in (cp, other)]
        if case.wanted is Status.UNIQUE:
            uniqueness.append(statistics.median(s for s, _ in cp) / statistics.median(times))
        answers = ", ".join(sorted({answer.value.replace("_", " ") for _, answer in mine}))
        row = [case.name, f"{case.items:,}", answers, shown(mine), shown(cp),
               shown(other) if other else "not tried", *cells]  # fmt: skip
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
    print(
        f"\n{compared} answers compared, all the same. Not tried: a smaller pool of the kind took longer than the limit."
    )
    print(
        f"Proving uniqueness, CP-SAT / arlib: least {min(uniqueness):,.0f}, middle {statistics.median(uniqueness):,.0f}."
    )


if __name__ == "__main__":
    main()
