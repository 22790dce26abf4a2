"""The report of a case: the answer in words, then everything that it stands on. Floor 3."""

from __future__ import annotations

from arlib.controls import Control, Identity
from arlib.ledger.customer import running_identities
from arlib.money import iso_code, total
from arlib.policy import Policies, Scope
from arlib.report.case_file.answer import answer_of, chosen_words, findings_of, limits_of
from arlib.report.case_file.asked import CaseAsked
from arlib.report.case_file.charts import balance_by_month, charts_of
from arlib.report.case_file.facts import CaseFacts, facts_of
from arlib.report.case_file.hand import hand_tables
from arlib.report.case_file.narrow import narrowed
from arlib.report.case_file.tables import tables_of
from arlib.report.intake import intake_checks
from arlib.report.model import Report
from arlib.report.tied import tied_as_one
from arlib.report.words import day_text
from arlib.tables import Book


def case_file_report(
    book: Book, *, scope: Scope, policies: Policies, asked: CaseAsked, rows_shown: int = 40
) -> Report:
    """What one customer owes and why, what was found out and decided, with what it stands on.

    `book` may be an entity's or already the customer's: it is narrowed here, so that nothing of other customers is in
    the report. Needs ITEMS; uses whatever else is there. Raises ParameterError for a customer that no table knows. What
    cannot be matched or read is told in the answer and raises nothing.
    """
    mine = narrowed(book, asked.customer_id)
    facts = facts_of(mine, scope=scope, policies=policies, asked=asked)
    months = balance_by_month(facts)
    return Report(
        name="case_file",
        title=f"Case {asked.case_id}, {scope.entity}, customer {asked.customer_id}, {day_text(scope.as_of)}",
        question=asked.question,
        reader="collections, cash application, credit manager, auditor",
        scope=scope,
        tables=tables_of(facts, answer=answer_of(facts), months=months, hand=hand_tables(facts)),
        charts=charts_of(facts, months),
        controls=_controls(facts),
        identities=(*_identities(facts), *intake_checks(mine)),
        findings=findings_of(facts),
        limits=limits_of(facts),
        counts={
            "open_items": len(facts.open_items),
            "receipts": len(facts.receipts),
            "hints": len(facts.hints.rows),
            "decisions": len(asked.decisions),
        },
        parameters=chosen_words(facts),
        inputs=mine.inputs,
        problems=mine.problems,
        rows_shown=rows_shown,
    )


def _controls(facts: CaseFacts) -> tuple[Control, ...]:
    """Three ways to the same balance in each currency, the customer's share of the ledger, and their statement."""
    scope, open_ = facts.scope, facts.outstanding
    last = facts.running.drop_duplicates("currency", keep="last").set_index("currency")["balance"]
    aged = {line.currency: line.total for line in facts.header.aging}
    codes = sorted({*open_["currency"].dropna().astype(str), *map(str, last.index), *aged})
    made: list[Control] = []
    for ways in (
        ("running", "running balance", {str(code): int(amount) for code, amount in last.items()}),
        ("aging", "aging", aged),
    ):
        name, words, sums = ways
        made += tied_as_one(
            [
                Control(
                    name=f"case_{name}",
                    title=f"Customer's open items in {iso_code(code)} = {words}",
                    entity=scope.entity,
                    currency=code,
                    left_label="open items",
                    left=total(open_.loc[open_["currency"].eq(code), "outstanding"]),
                    right_label=words,
                    right=sums.get(code, 0),
                )
                for code in codes
            ],
            functional=scope.functional_currency,
        )
    their = facts.their
    stated: tuple[Control, ...] = facts.on_file.controls if facts.on_file else ()
    if their is not None:
        stated = (their.pasted.control,) if their.pasted else ()
        stated += their.found.controls if their.found else ()
    return (*made, facts.share.control, *stated)


def _identities(facts: CaseFacts) -> tuple[Identity, ...]:
    made: tuple[Identity, ...] = (
        *running_identities(facts.book, facts.running, scope=facts.scope),
        *facts.rolled.identities,
    )
    if facts.their is not None and facts.their.pasted is not None:
        made += (facts.their.pasted.identity,)
        made += facts.their.found.identities if facts.their.found else ()
    return made + (facts.on_file.identities if facts.on_file else ())
