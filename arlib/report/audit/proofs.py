"""What every report on cut-off, journals, numbering and approvals says of its tests and its population. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.frames import POPULATION, TESTS
from arlib.money import total
from arlib.policy import Scope
from arlib.report.model import ResultTable
from arlib.report.tables import result_table, spoken
from arlib.report.words import counted, money_text


def tests_table(tests: pd.DataFrame) -> ResultTable:
    """The tests in their order, with what each proves and how far it could be made."""
    return result_table(
        TESTS, tests, title="Tests, and how far they could be made", functional="", is_ordered=True, words=spoken(tests, "test"),
        columns=("test", "assertion", "state", "tested", "not_tested", "exceptions", "explained", "words", "line_no"),
        headings={"words": "What it compares"}, not_totalled=("tested", "not_tested", "exceptions", "explained"),
        not_on_page=("line_no",),
    )  # fmt: skip


def population_table(population: pd.DataFrame, *, noun: str = "Documents") -> ResultTable:
    """Every part of the population with number and amount by currency."""
    return result_table(POPULATION, population, title="Population", functional="", headings={"documents": noun},
                        note="The parts are all that the books hold of it; that they add up is checked by currency.")  # fmt: skip


def population_words(population: pd.DataFrame, *, noun: str, plural: str = "") -> str:
    """The population in a sentence: how many, and how much by currency."""
    if population.empty:
        return f"The population is empty: the books hold no {plural or noun + 's'} of these days."
    sums = ", ".join(
        money_text(total(part["amount"]), str(code))
        for code, part in population.groupby("currency", sort=True)
    )
    left = total(
        population.loc[population["part"].str.startswith("left out").to_numpy(dtype=bool), "documents"]
    )
    rest = f", of which {left:,} left out" if left else ""
    return f"The population is {counted(total(population['documents']), noun, plural)}{rest}: {sums}."


def sums_text(rows: pd.DataFrame, column: str) -> str:
    """Totals by currency in words: `EUR 12.00, USD 3.50`; 'nothing' for no rows."""
    sums = [money_text(total(part[column]), str(code)) for code, part in rows.groupby("currency", sort=True)]
    return ", ".join(sums) or "nothing"


def asked(ask: Ask, scope: Scope, **more: str) -> dict[str, str]:
    """The question in words: who, which population, and what was chosen."""
    given = {"Request": ask.request_id, "Asked by": ask.asked_by, "Date": f"{scope.as_of:%Y-%m-%d}"}
    return (
        {name: value for name, value in given.items() if value}
        | {"Population": ask.population.words()}
        | more
    )
