"""What a pattern report tested, what it left out, and which tests the books allow: tables and sentences. Floor 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.population import ledger_controls
from arlib.audit.patterns.frames import SUBTESTS, TESTED
from arlib.audit.patterns.parts import TESTED_PART
from arlib.controls import Control
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import Basis, Scope
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table
from arlib.report.words import money_text
from arlib.tables import Book


def subtests_table(subtests: pd.DataFrame, *, functional: str) -> ResultTable:
    """Each test: what it asks, the assertion that it speaks to, whether it was possible, and what it found."""
    return result_table(
        SUBTESTS, subtests, title="Tests, and which of them the books allow", functional=functional, is_ordered=True,
        columns=("test", "asks", "assertion", "is_possible", "tested", "found", "why"),
        headings={"is_possible": "Possible", "asks": "Looks for", "why": "Remark"}, not_totalled=("tested", "found"),
        words={"test": {name: in_words(name) for name in subtests["test"]}},
    )  # fmt: skip


def parts_table(parts: pd.DataFrame, *, functional: str, what: str) -> ResultTable:
    """What was tested and what was left out, by currency."""
    return result_table(
        TESTED, parts, name="population", title=f"Population: {what}, tested and left out", functional=functional,
        columns=("currency", "part", "items", "amount"), headings={"part": "Part", "items": "Documents"},
        words={"part": {part: part[:1].upper() + part[1:] for part in parts["part"].unique()}},
        note="Both parts together are the population: an identity of this report.",
    )  # fmt: skip


def population_sentence(parts: pd.DataFrame, what: str) -> str:
    """How many documents were tested, with their sum by currency, and how many were left out."""
    mine = parts[parts["part"].eq(TESTED_PART)]
    if mine.empty:
        return f"No {what} were tested: there are none in the population."
    sums = ", ".join(money_text(int(row["amount"]), row["currency"]) for row in mine.to_dict("records"))
    out = int(parts["items"].sum() - mine["items"].sum())
    return f"{int(mine['items'].sum()):,} {what} were tested ({sums}); {out:,} were left out, for the reasons in the population table."


def not_possible(subtests: pd.DataFrame) -> Iterator[str]:
    """A sentence for each test that the books do not allow, and for each that could look at a part only."""
    for row in subtests.to_dict("records"):
        if isinstance(row["why"], str) and row["why"]:
            yield f"{in_words(row['test'])}: {row['why']}."


def book_controls(book: Book, *, scope: Scope, name: str) -> tuple[Control, ...]:
    """Open items against the sub-ledger's postings by currency: the books that the documents come from tie."""
    if scope.basis is not Basis.POSTING:
        return ()
    return ledger_controls(book, open_items(book, scope=scope), scope=scope, name=name)


def asked(ask: Ask, more: Mapping[str, str]) -> dict[str, str]:
    """The question as parameters of the report: who asks, the population, and the options in words."""
    told = {"Request": ask.request_id, "Asked by": ask.asked_by}
    return (
        {name: text for name, text in told.items() if text}
        | {"Population": ask.population.words()}
        | dict(more)
    )


def register_controls(book: Book, cash_sums: pd.DataFrame, *, scope: Scope) -> tuple[Control, ...]:
    """Receipts of the sub-ledger against the register of receipts, by currency, to the date.

    `cash_sums` has currency and amount of every receipt of the sub-ledger by the date. Register entries that no item stands
    for are listed by the proof of cash, and count here as a difference.
    """
    if not book.has("receipts"):
        return (
            Control(name="receipts_register", title="Receipts: sub-ledger = register of receipts", entity=scope.entity,
                    currency=scope.functional_currency, note="the books hold no register of receipts"),
        )  # fmt: skip
    rows = book["receipts"]
    day = rows["posting_date"].fillna(rows["effective_date"])
    mine = rows[(rows["entity"].eq(scope.entity) & day.le(pd.Timestamp(scope.as_of))).to_numpy(dtype=bool)]
    return tuple(
        Control(
            name="receipts_register", title=f"Receipts in {code}: sub-ledger = register of receipts", entity=scope.entity,
            currency=code, left_label="sub-ledger", left=total(cash_sums.loc[cash_sums["currency"].eq(code), "amount"]),
            right_label="register of receipts", right=total(mine.loc[mine["currency"].eq(code), "amount"]),
        )
        for code in sorted({*cash_sums["currency"], *mine["currency"]}) or [scope.functional_currency]
    )  # fmt: skip


def only(headings: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The headings of these columns."""
    return {name: headings[name] for name in names if name in headings}
