"""All hints of a customer's book, the surest first. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from arlib.collect.hints.credits import cash_on_account, credits_not_used
from arlib.collect.hints.dated import a_year_off, dated
from arlib.collect.hints.desk import Case
from arlib.collect.hints.doubles import doubles, doubted_cash
from arlib.collect.hints.frames import HINTS, Confidence, HintKind
from arlib.collect.hints.payments import short, skipped, unearned
from arlib.collect.hints.standing import disputed_twice, prevented, promised
from arlib.collect.hints.strangers import strangers
from arlib.collect.hints.why_short import Payments
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import Row

CONFIDENCES = {one.value: at for at, one in enumerate(Confidence)}
KINDS = {one.value: at for at, one in enumerate(HintKind)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Hints:
    """`rows` is HINTS by rank; `limits` says in words what could not be looked for."""

    rows: pd.DataFrame
    limits: tuple[str, ...]
    doubted: frozenset[str] = (
        frozenset()
    )  # items of open cash that may not exist: not to be applied or paid back yet


def hints(
    book: Book, *, scope: Scope, policies: Policies, pairs: pd.DataFrame | None = None, whole: Book | None = None
) -> Hints:  # fmt: skip
    """What somebody who looks into an account should look at, one row a hint, as of the end of the as-of date.

    Every rule is that of the part which owns it: duplicates of the auditors' test (`pairs`, DUPLICATE_PAIRS of the same
    book; that test stands above this floor, so the caller runs it), skipped and short payments of follow-up, discounts of
    leakage, promises, disputes and obstacles of contact. `whole` is the entity's book, in which documents of other customers
    are found that this one's money names. A hint is no finding: `confidence` says certain only where a record says so.

    Needs ITEMS and APPLICATIONS; uses RECEIPTS, REMITTANCES, DEDUCTIONS, DISPUTES, PROMISES, PORTAL_INVOICES, CUSTOMERS,
    CUSTOMER_MERGES, FX_RATES and what `position` uses. What a book has no table for is not looked for, and is said.
    """
    case = Case(book=book, scope=scope, policies=policies, whole=whole)
    payments = Payments(case)
    found: list[Row] = []
    if pairs is not None:
        found += doubles(case, pairs)
    off = a_year_off(case)
    doubted = doubted_cash(case, pairs)
    for rows in (
        skipped(case, frozenset(off["item_id"])), dated(case, off), short(case, payments), unearned(case),
        credits_not_used(case), cash_on_account(case, doubted), strangers(case, payments), disputed_twice(case),
        promised(case), prevented(case),
    ):  # fmt: skip
        found += rows
    once = {(row["customer_id"], row["hint_id"]): row for row in reversed(found)}
    ranked = sorted(
        once.values(),
        key=lambda row: (
            CONFIDENCES[row["confidence"]],
            KINDS[row["kind"]],
            -row["amount"],
            row["customer_id"],
            row["hint_id"],
        ),
    )
    numbered = ({**row, "rank": rank} for rank, row in enumerate(ranked, start=1))
    return Hints(rows=HINTS.from_rows(numbered), limits=tuple(_limits(book, pairs, whole)), doubted=doubted)


def _limits(book: Book, pairs: pd.DataFrame | None, whole: Book | None) -> Iterator[str]:
    """What could not be looked for."""
    if pairs is None:
        yield "Documents and payments that are there twice were not looked for."
    if whole is None:
        yield "Other customers' documents were not looked at: money on the wrong account shows only where it was applied."
    wanted = {
        "receipts": "what payments say", "remittances": "what advices say", "disputes": "disputes", "deductions": "deductions",
        "promises": "promises", "portal_invoices": "what portals refuse",
    }  # fmt: skip
    missing = [words for name, words in wanted.items() if not book.has(name)]
    if missing:
        yield f"The books do not hold {', '.join(missing)}: not looked for."
