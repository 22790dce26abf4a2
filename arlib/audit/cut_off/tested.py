"""What was tested, how far, and that it is all: rows of TESTS and POPULATION with their sums. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from arlib.audit.cut_off.frames import POPULATION, TESTS, Grade, State
from arlib.controls import Identity
from arlib.money import total, totals_by


@dataclass(frozen=True, kw_only=True)
class Test:
    """One test before its findings are counted; `why_not` says why it could not be made, or not on all."""

    __test__ = False  # no test of pytest

    name: str
    assertion: str
    words: str
    tested: int = 0
    not_tested: int = 0
    why_not: str = ""
    is_possible: bool = True

    @property
    def state(self) -> State:
        """Not possible where it is said so, or where all that there is lacks what the test needs."""
        if not self.is_possible or (self.not_tested and not self.tested):
            return State.NOT_POSSIBLE
        return State.IN_PART if self.not_tested or self.why_not else State.DONE


def tests_of(tests: Iterable[Test], found: pd.DataFrame) -> pd.DataFrame:
    """TESTS in their order, with what `found` (columns test and grade) counts for each."""
    grades = found["grade"].eq(Grade.EXCEPTION.value)
    flagged = found.loc[grades, "test"].value_counts()
    explained = found.loc[~grades, "test"].value_counts()
    return TESTS.from_rows(
        {
            "line_no": number,
            "test": test.name,
            "assertion": test.assertion,
            "state": test.state.value,
            "tested": test.tested,
            "not_tested": test.not_tested,
            "exceptions": int(flagged.get(test.name, 0)),
            "explained": int(explained.get(test.name, 0)),
            "words": f"Not possible: {test.why_not}. {test.words}"
            if test.state is State.NOT_POSSIBLE
            else f"{test.words} In part: {test.why_not}."
            if test.why_not
            else test.words,
        }
        for number, test in enumerate(tests, start=1)
    )


def not_possible(tests: Iterable[Test]) -> tuple[str, ...]:
    """A sentence for each test that could not be made, or not on all of its population."""
    made = []
    for test in tests:
        name = test.name.replace("_", " ")
        if test.state is State.NOT_POSSIBLE:
            count = f"; {test.not_tested:,} could not be tested" if test.not_tested else ""
            made.append(f"{name}: not possible: {test.why_not}{count}.")
        elif test.state is State.IN_PART:
            count = f"{test.not_tested:,} could not be tested: " if test.not_tested else "in part: "
            made.append(f"{name}: {count}{test.why_not}.")
    return tuple(f"{said[0].upper()}{said[1:]}" for said in made)


def population_of(rows: pd.DataFrame, part: pd.Series, *, amount: str = "amount") -> pd.DataFrame:
    """POPULATION by `part` (a name for each row) and currency. Rows need currency and the money column `amount`."""
    if rows.empty:
        return POPULATION.empty()
    work = pd.DataFrame(
        {
            "part": part.to_numpy(),
            "currency": rows["currency"].to_numpy(),
            "documents": 1,
            "amount": rows[amount].to_numpy(),
        }
    )
    work["amount"] = work["amount"].astype("Int64")
    made = totals_by(work, ["part", "currency"], ["documents", "amount"])
    return POPULATION.typed(made).sort_values(["part", "currency"], ignore_index=True)


def adds_up(
    population: pd.DataFrame, whole: Mapping[str, tuple[int, int]], *, name: str, label: str, entity: str
) -> tuple[Identity, ...]:
    """Parts = whole in number and, by currency, in money. `whole` gives number and amount of each currency."""
    by = {str(code): rows for code, rows in population.groupby("currency")}
    made = []
    for code in sorted({*by, *whole}):
        rows = by.get(code, population.iloc[:0])
        count, amount = whole.get(code, (0, 0))
        made += [
            Identity(name=f"{name}_documents", left_label=f"parts, {code}", left=total(rows["documents"]),
                     right_label=label, right=count, entity=entity),
            Identity(name=f"{name}_amount", left_label="parts", left=total(rows["amount"]), right_label=label,
                     right=amount, currency=code, entity=entity),
        ]  # fmt: skip
    return tuple(identity.require() for identity in made)


def counted_by(rows: pd.DataFrame, *, amount: str = "amount") -> dict[str, tuple[int, int]]:
    """Number and amount of rows by currency."""
    return {str(code): (len(part), total(part[amount])) for code, part in rows.groupby("currency")}


def per_thousand(flagged: int, population: int) -> str:
    """Flags per 1,000 of a population as decimal text with one place, rounded half up; '' for none."""
    if not population:
        return ""
    tenths = int(Fraction(flagged * 10_000, population) + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"


def share_text(part: int, whole: int, *, places: int = 4) -> str | None:
    """A share as decimal text, rounded half away from zero; None where the whole is nothing."""
    if not whole:
        return None
    scale = 10**places
    share = Fraction(part, whole)
    cut = int(abs(share) * scale + Fraction(1, 2))
    sign = "-" if share < 0 and cut else ""
    return f"{sign}{cut // scale}.{cut % scale:0{places}d}"
