"""Where cash went, what was applied automatically and by which rule, and the file for the ERP. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from arlib.matching.frames import MATCHES, RULES
from arlib.matching.from_book import Cash
from arlib.money import total, totals_by
from arlib.report.cash_facts import (
    AUTO,
    PLACE_WORDS,
    POPULATION,
    POPULATIONS,
    CashRun,
    Place,
    document_numbers,
    heads,
    percent_text,
    share,
    told,
)
from arlib.report.cash_queue import rule_words
from arlib.report.cash_short import reason_words
from arlib.report.model import ResultTable
from arlib.report.tables import result_table, spoken
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from arlib.matching.result import MatchResult
    from arlib.policy import Scope

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE
HISTORY = "history"
NOT_MEASURED, UNUSED = "not measured", "not measured, not used"
BY_PLACE = Table("cash_by_place", "where the money of the receipts went", ("population", "place", "currency"), (
    POPULATION,
    Column("place", T, "where", True),
    Column("currency", T, "currency of the receipts", True),
    Column("receipts", N, "receipts with money there", True),
    Column("amount", M, "money", True, currency="currency"),
    Column("oldest", D, "value date of the oldest"),
))  # fmt: skip
APPLIED = Table("cash_applied", "what a rule applied by itself, in one currency", ("population", "rule", "currency"), (
    POPULATION,
    Column("rule", T, "rule", True),
    Column("meaning", T, "what the rule takes as proof"),
    Column("currency", T, "currency of the receipts", True),
    Column("receipts", N, "receipts", True),
    Column("lines", N, "item lines", True),
    Column("amount", M, "money applied", True, currency="currency"),
    Column("precision", R, "receipts wholly right, of those tried"),
    Column("bound", R, "one-sided lower bound of that"),
    Column("tried", N, "receipts that the rule was measured on"),
    Column("measured_on", T, "own history, or the data set that it is transferred from"),
))  # fmt: skip
MEASURED = Table("cash_rules", RULES.one_row_is, RULES.key, (
    *RULES.columns,
    Column("meaning", T, "what the rule takes as proof"),
    Column("precision", R, "receipts wholly right, of those tried"),
    Column("measured_on", T, "own history, or the data set that it is transferred from"),
))  # fmt: skip
POSTING = Table("posting", "a receipt application for the ERP", ("receipt_id", "item_id"), (
    Column("entity", T, "entity code", True),
    *(MATCHES[name] for name in ("receipt_id", "item_id", "customer_id")),
    Column("document_no", T, "number that people quote"),
    Column("effective_date", D, "day that the money came", True),
    Column("posting_date", D, "day in the period that is closed", True),
    *(MATCHES[name] for name in ("receipt_currency", "receipt_amount", "currency", "applied_amount", "discount", "fee",
                                 "fx", "tolerance", "open_after", "reason", "rule", "evidence")),
))  # fmt: skip
PROPOSALS = Table("proposals", MATCHES.one_row_is, ("population", *MATCHES.key), (
    POPULATION,
    *MATCHES.columns, Column("document_no", T, "number that people quote"),
))  # fmt: skip


def by_place(receipts: Mapping[Cash, pd.DataFrame]) -> pd.DataFrame:
    """BY_PLACE: every place by currency, in the order that a person takes it. The amounts sum to the receipts.

    `receipts` is PLACED of the open receipts and, where any were, of those placed again.
    """
    order = {place.value: at for at, place in enumerate(Place)}
    rows = []
    for cash, mine in receipts.items():
        every = pd.concat(
            [mine.assign(place=Place.AUTO.value, part=mine["auto"]),
             mine.assign(place=Place.PROPOSED.value, part=mine["proposed"]),
             mine.assign(place=mine["status"].fillna(""), part=mine["rest"])], ignore_index=True,
        )  # fmt: skip
        for (place, code), part in every[every["part"].ne(0)].groupby(["place", "currency"], sort=True):
            rows.append({"population": cash.value, "place": place, "currency": code, "receipts": part["receipt_id"].nunique(),
                         "amount": total(part["part"]), "oldest": part["value_date"].min(),
                         "_at": order.get(str(place), len(order))})  # fmt: skip
    if not rows:
        return BY_PLACE.empty()
    made = pd.DataFrame(rows).sort_values(["population", "_at", "currency"], kind="stable", ignore_index=True)
    return BY_PLACE.typed(made)


def applied_of(run: CashRun) -> pd.DataFrame:
    """APPLIED: for each rule that applied cash by itself its money, and how often it was right where that is known."""
    parts = []
    for cash, result in run.runs:
        rows = result.matches[result.matches["decision"].eq(AUTO)].rename(
            columns={"receipt_currency": "of_receipt"}
        )
        if rows.empty:
            continue
        by = ["rule", "of_receipt"]
        counts = rows.groupby(by, sort=True)["receipt_id"].agg(["nunique", "size"]).reset_index()
        rules = measured_of(run, result)
        best = rules.sort_values(
            ["rule", "is_auto", "is_transferred", "data_set"],
            ascending=[True, False, True, True],
            kind="stable",
        )
        best = best.drop_duplicates("rule").set_index("rule")
        made = totals_by(rows, by, "receipt_amount").merge(counts, on=by).assign(population=cash.value)
        for name in ("meaning", "precision", "bound", "tried", "measured_on"):
            made[name] = told(made["rule"], best[name], dtype="Int64" if name == "tried" else "str")
        parts.append(made)
    if not parts:
        return APPLIED.empty()
    names = {"of_receipt": "currency", "receipt_amount": "amount", "nunique": "receipts", "size": "lines"}
    return APPLIED.typed(pd.concat(parts, ignore_index=True).rename(columns=names))


def measured_of(run: CashRun, result: MatchResult) -> pd.DataFrame:
    """MEASURED: every rule of a run with what its precision is and where that was measured."""
    rules = result.rules
    words = rule_words(run)
    where = [
        "this ledger's own history" if data_set == HISTORY and not moved else f"transferred: {data_set}"
        for data_set, moved in zip(
            rules["data_set"].fillna(""), rules["is_transferred"].fillna(False), strict=True
        )
    ]
    made = rules.assign(
        meaning=[run.meant.get(str(name), words[str(name)]) for name in rules["rule"]],
        precision=[share(int(r), int(t), places=2) if t else "" for r, t in
                   zip(rules["right"].fillna(0), rules["tried"].fillna(0), strict=True)],
        measured_on=[place if tried else NOT_MEASURED if used else UNUSED for place, tried, used in
                     zip(where, rules["tried"].fillna(0), rules["receipts"], strict=True)],
        bound=[percent_text(bound) for bound in rules["bound"]],
    )  # fmt: skip
    return MEASURED.typed(made)


def posting_of(run: CashRun, *, scope: Scope) -> pd.DataFrame:
    """POSTING: the automatic applications as the ERP takes them; nothing that waits for a person is in it."""
    rows = run.result.matches[run.result.matches["decision"].eq(AUTO)]
    came = run.result.pool_receipts.set_index("receipt_id")["value_date"]
    day = pd.Series(pd.Timestamp(scope.as_of), index=rows.index)
    return POSTING.typed(rows.assign(
        document_no=told(rows["item_id"], document_numbers(run.result)),
        effective_date=told(rows["receipt_id"], came, dtype="datetime64[s]"),
        posting_date=day,
    ))  # fmt: skip


def applied_tables(
    run: CashRun, receipts: Mapping[Cash, pd.DataFrame], *, functional: str
) -> tuple[ResultTable, ResultTable]:
    """Where the cash went, and what was applied by which rule."""
    return (
        result_table(
            BY_PLACE, by_place(receipts), title="Where the cash went", functional=functional, is_ordered=True,
            words={"place": PLACE_WORDS, "population": POPULATIONS}, headings=heads(BY_PLACE, oldest="Oldest value date"),
            note="A receipt with a rest counts in two lines; its money is never counted twice.",
        ),
        result_table(
            APPLIED, applied_of(run), title="Applied automatically, by rule", functional=functional,
            words={"rule": rule_words(run), "population": POPULATIONS},
            headings=heads(APPLIED, lines="Item lines", precision="Right, %", bound="Bound, %", tried="Measured on receipts",
                           measured_on="Measured where"),
            note="The bound is the one-sided lower limit of the precision that the policy asks for.",
        ),
    )  # fmt: skip


def rules_and_posting(run: CashRun, *, scope: Scope) -> tuple[ResultTable, ...]:
    """All rules of the run on open receipts, the posting file, and every proposal with its evidence."""
    code, words = scope.functional_currency, {"rule": rule_words(run), "reason": reason_words(run)}
    proposals = pd.concat(
        [result.matches.assign(population=cash.value, document_no=told(result.matches["item_id"], document_numbers(result)))
         for cash, result in run.runs], ignore_index=True,
    )  # fmt: skip
    return (
        result_table(
            MEASURED, measured_of(run, run.result), title="Rules, and how often they were right", functional=code,
            words={"rule": words["rule"]}, columns=("rule", "meaning", "is_auto", "receipts", "right", "tried", "precision",
                                                    "bound", "measured_on", "data_set", "is_transferred"),
            headings={"is_auto": "Applies by itself", "receipts": "Receipts of this run", "right": "Wholly right",
                      "tried": "Tried", "precision": "Right, %", "bound": "Bound, %", "measured_on": "Measured where",
                      "is_transferred": "Transferred"},
        ),
        result_table(
            POSTING, posting_of(run, scope=scope), title="Posting file: receipt applications", functional=code, words=words,
            headings=heads(POSTING), is_detail=True, columns=tuple(n for n in POSTING.names if n != "entity"),
            not_totalled=("open_after",),
            note="Automatic decisions on open receipts only. What waits for a person is not in it.",
        ),
        result_table(
            PROPOSALS, proposals, title="All proposals with their evidence", functional=code,
            words=words | {"population": POPULATIONS} | spoken(proposals, "decision"), headings=heads(PROPOSALS), is_detail=True,
            columns=tuple(n for n in PROPOSALS.names if n != "entity"),
            not_totalled=("open_before", "open_after", "amount_difference"),
        ),
    )  # fmt: skip
