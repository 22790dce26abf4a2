"""Cut-off: documents that stand on one side of a date and belong to the other, ranked. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.bills import BILLS, bill_tests, bills_off, finding, usual_lag
from arlib.audit.cut_off.bridge import bridge_of, bridge_ties, effects_of
from arlib.audit.cut_off.cash import cash_off, cash_tests
from arlib.audit.cut_off.crossings import (
    CREDIT_NOTE,
    credits_off,
    crossing_tests,
    entries_off,
    ledger_off,
)
from arlib.audit.cut_off.frames import CUT_OFF, Grade
from arlib.audit.cut_off.last_numbers import LastNumbers, last_numbers
from arlib.audit.cut_off.tested import (
    Test,
    adds_up,
    counted_by,
    not_possible,
    per_thousand,
    population_of,
    tests_of,
)
from arlib.audit.options.cut_off import CutOffOptions
from arlib.controls import Identity
from arlib.ledger.facts import fact_dates, of_entity
from arlib.ledger.postings import all_postings
from arlib.policy import Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import Row

_CASH = (ItemType.RECEIPT.value, ItemType.PREPAYMENT.value)
_GRADES = {grade.value: number for number, grade in enumerate(Grade)}
NO_TERMS = (
    "The books hold no shipping terms: the delivery date stands for the day on which control passed. Under terms such as FOB "
    "destination that is the arrival, under FOB shipping point the dispatch; see which of the two the date is."
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CutOff:
    """What `cut_off` found."""

    findings: pd.DataFrame  # CUT_OFF
    effects: pd.DataFrame  # EFFECTS
    bridge: (
        pd.DataFrame
    )  # BRIDGE: the effects by part; the headline is the exceptions of the sub-ledger alone
    last_numbers: pd.DataFrame  # LAST_NUMBERS
    tests: pd.DataFrame  # TESTS
    population: pd.DataFrame  # POPULATION
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]
    flagged: int  # documents of the window with an exception
    per_thousand: str  # the same for 1,000 documents of the window, decimal text
    lag: int | None  # usual days from delivery to posting
    first: pd.Timestamp  # first and last day of the window
    last: pd.Timestamp


def cut_off(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> CutOff:
    """Invoices, credit notes and cash on both sides of `scope.as_of`, exceptions first, then by points and amount.

    The date itself is before. The window runs from `days_before` days up to and with the date to `days_after` days after
    it; a document is of the window by its posting date (else the effective one), and all of the window are tested, not a
    sample. Tests that find the other side by its own date (bank, entry, ledger) look at the whole period too. Findings are
    graded: an exception; within the company's usual lag from delivery to bill (or from bank to books), to accrue as a lot;
    explained by a record. Effects are what would change in the balance at the date and in sales to it, net of tax, by
    currency. Needs ITEMS; uses APPLICATIONS, RECEIPTS, BANK_LINES, RECEIPT_BANK_LINES, PERIODS, GL_LINES, DISPUTES,
    DEDUCTIONS, ADJUSTMENT_REQUESTS. What is missing makes a test not possible, and never a finding.
    """
    options = ask.options if isinstance(ask.options, CutOffOptions) else CutOffOptions()
    cut = pd.Timestamp(scope.as_of)
    first = cut - timedelta(days=max(options.days_before - 1, 0))
    last = cut + timedelta(days=options.days_after)
    items = of_entity(book["items"], scope.entity)
    items = items.assign(day=fact_dates(items, Basis.POSTING))
    items = items.assign(is_before=items["day"].le(cut))
    in_window = items["day"].between(first, last)
    chosen = ask.population.chosen(items, amount="amount")
    mine = items[chosen.to_numpy(dtype=bool)]
    window = items[(chosen & in_window).to_numpy(dtype=bool)].reset_index(drop=True)
    bills = window[window["item_type"].isin(BILLS).to_numpy(dtype=bool)].reset_index(drop=True)
    credits_in = window[window["item_type"].eq(CREDIT_NOTE).to_numpy(dtype=bool)].reset_index(drop=True)
    cash = window[window["item_type"].isin(_CASH).to_numpy(dtype=bool)]
    lag = usual_lag(items[items["item_type"].isin(BILLS).to_numpy(dtype=bool)], options)
    numbers = last_numbers(items, chosen & in_window)
    batches = items[items["batch_id"].fillna("").ne("").to_numpy(dtype=bool)].groupby("batch_id")["day"].min()
    booked = items.drop_duplicates("item_id").set_index("item_id")["day"]
    found = _own(bills_off(bills, scope=scope, lag=lag, batches=batches, booked=booked), mine)
    found += credits_off(book, credits_in, scope=scope, policies=policies, ask=ask, options=options)
    found += _own(cash_off(book, scope=scope, options=options), mine)
    found += entries_off(book, mine[in_window[mine.index] | mine["is_before"]], scope=scope)
    found += ledger_off(book, scope=scope, policies=policies)
    found += _by_number(window, numbers, found)
    findings = _ranked(found)
    effects = effects_of(findings)
    bridge = bridge_of(findings)
    population = population_of(items[in_window.to_numpy(dtype=bool)], _parts(items, chosen)[in_window])
    tests = [
        *bill_tests(bills), _number_test(numbers, len(bills)), *crossing_tests(book, mine, credits_in, scope=scope),
        *cash_tests(book, cash, scope=scope),
    ]  # fmt: skip
    flagged = findings[findings["grade"].eq(Grade.EXCEPTION.value)]["item_id"].dropna()
    of_window = int(window["item_id"].isin(flagged).sum())
    return CutOff(
        findings=findings, effects=effects, bridge=bridge, last_numbers=numbers.rows, tests=tests_of(tests, findings),
        population=population,
        identities=(*_identities(book, population, scope, first, last), *bridge_ties(bridge, effects, entity=scope.entity)),
        limits=(*not_possible(tests), *_ends(items, last), *((NO_TERMS,) if len(bills) else ())),
        flagged=of_window,
        per_thousand=per_thousand(of_window, len(window)), lag=lag, first=first, last=last,
    )  # fmt: skip


def _own(found: list[Row], mine: pd.DataFrame) -> list[Row]:
    """Findings about documents of the population; a bank line that nobody booked belongs to no item and stays."""
    ids = set(mine["item_id"])
    return [row for row in found if not isinstance(row["item_id"], str) or row["item_id"] in ids]


def _by_number(window: pd.DataFrame, numbers: LastNumbers, found: list[Row]) -> list[Row]:
    """Documents whose number alone says that they belong to the other side; one found by a date too gets three points."""
    by_item = {row["item_id"]: row for row in found if isinstance(row["item_id"], str)}
    made = []
    mine = window[window["item_id"].isin(numbers.crossing).to_numpy(dtype=bool)]
    for at in range(len(mine)):
        item = mine.iloc[at]
        known = by_item.get(item["item_id"])
        side = "after" if item["is_before"] else "on or before"
        said = f"its number belongs {side} the date by its neighbours"
        if known is not None:
            known["score"] += 3
            known["finding"] += f"; {said}"
            continue
        made.append(finding(item, test="last_numbers", grade=Grade.EXCEPTION, score=40, evidence_on=None,
                            sign=-1 if item["is_before"] else 1, said=f"booked {item['day']:%Y-%m-%d}; {said}"))  # fmt: skip
    return made


def _number_test(numbers: LastNumbers, bills: int) -> Test:
    told = numbers.rows[numbers.rows["crossing"].notna()]
    tested = int(told["documents"].sum())
    rest = int(numbers.rows["documents"].sum()) - tested
    why = [] if not rest else ["their numbers do not run with dates, or are too few"]
    why += [] if numbers.has_deliveries or not bills else ["the books hold no delivery numbers"]
    return Test(name="last_numbers", assertion="cut-off", tested=tested, not_tested=rest, why_not="; ".join(why),
                words="Lower numbers of documents, delivery notes and receipts are booked on or before the date.")  # fmt: skip


def _ranked(found: list[Row]) -> pd.DataFrame:
    """CUT_OFF: exceptions, usual lag, explained; within each by points, then amount, then number."""
    ordered = sorted(
        found,
        key=lambda row: (_GRADES[row["grade"]], -row["score"], -row["worth"], str(row["document_no"]), row["test"]),
    )  # fmt: skip
    return CUT_OFF.from_rows({**row, "rank": number} for number, row in enumerate(ordered, start=1))


def _parts(items: pd.DataFrame, chosen: pd.Series) -> pd.Series:
    kinds = np.select(
        [
            ~chosen.to_numpy(dtype=bool),
            items["item_type"].isin(BILLS),
            items["item_type"].eq(CREDIT_NOTE),
            items["item_type"].isin(_CASH),
        ],
        ["left out: not asked for", "tested: bills", "tested: credit notes", "tested: cash"],
        default="left out: no sale, credit note or cash",
    )
    return pd.Series(kinds, index=items.index)


def _identities(
    book: Book, population: pd.DataFrame, scope: Scope, first: pd.Timestamp, last: pd.Timestamp
) -> tuple[Identity, ...]:
    """The parts of the window are what the sub-ledger posts in it, document by document."""
    ledger = all_postings(book, scope=scope)
    ledger = ledger[ledger["kind"].eq("item") & ledger["date"].between(first, last)]
    return adds_up(population, counted_by(ledger), name="cut_off", label="posted by the sub-ledger in the window",
                   entity=scope.entity)  # fmt: skip


def _ends(items: pd.DataFrame, last: pd.Timestamp) -> tuple[str, ...]:
    reach = items["day"].max()
    if pd.isna(reach) or reach >= last:
        return ()
    return (f"The books end {reach:%Y-%m-%d}, the window {last:%Y-%m-%d}: what is booked later is not seen.",)
