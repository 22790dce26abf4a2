"""Where cash went, what was applied automatically and by which rule, and the file for the ERP. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from arlib.matching.calibration import HISTORY, Measured, auto_rules
from arlib.matching.frames import MATCHES, RULES
from arlib.matching.from_book import Cash
from arlib.matching.posting import POSTING, posting_lines
from arlib.money import total, totals_by
from arlib.report.cash_facts import (
    AUTO,
    PLACE_WORDS,
    POPULATION,
    WHICH,
    CashRun,
    Place,
    document_numbers,
    heads,
    percent_text,
    sentences,
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
    from arlib.policy import MatchingPolicy, Scope

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE
POOLED = " + "  # between the data sets of a figure that is their sum
DECIDES, UNMEASURED, BESIDE = "decides", "not measured", "beside"
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
    Column("again", N, "receipts that it decided of those placed again"),
    Column("own_history", T, "right of tried on this ledger's own history"),
    Column("precision", R, "receipts wholly right, of those tried"),
    Column("measured_on", T, "own history, or the data set that it is transferred from"),
    Column("role", T, "decides whether the rule applies by itself, or stands beside what does", True),
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
             mine.assign(place=Place.PERSON.value, part=mine["person"]),
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


def applied_of(run: CashRun, *, policy: MatchingPolicy) -> pd.DataFrame:
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
        rules = measured_of(run, policy=policy)
        best = rules[rules["role"].eq(DECIDES)].set_index("rule")
        made = totals_by(rows, by, "receipt_amount").merge(counts, on=by).assign(population=cash.value)
        for name in ("meaning", "precision", "bound", "tried", "measured_on"):
            made[name] = told(made["rule"], best[name], dtype="Int64" if name == "tried" else "str")
        parts.append(made)
    if not parts:
        return APPLIED.empty()
    names = {"of_receipt": "currency", "receipt_amount": "amount", "nunique": "receipts", "size": "lines"}
    return APPLIED.typed(pd.concat(parts, ignore_index=True).rename(columns=names))


def measured_of(run: CashRun, *, policy: MatchingPolicy) -> pd.DataFrame:
    """MEASURED: every figure known for every rule, where it was measured, and which one decides; rules that apply first."""
    rules, words = run.result.rules, rule_words(run)
    used = _used(run.reperformed)
    data_sets = rules["data_set"].fillna("").tolist()
    moved = rules["is_transferred"].fillna(False).tolist()
    tried = rules["tried"].fillna(0).astype(int).tolist()
    right = rules["right"].fillna(0).astype(int).tolist()
    figures = [
        Measured(str(rule), was_right, of, data_set, bool(is_moved)) if of else None
        for rule, was_right, of, data_set, is_moved in zip(
            rules["rule"], right, tried, data_sets, moved, strict=True
        )
    ]
    known = [one for one in figures if one is not None and POOLED not in one.data_set]
    standing = auto_rules(
        [one for one in known if not one.is_transferred], [one for one in known if one.is_transferred], policy=policy
    )  # fmt: skip
    own = {one.rule: f"{one.right:,} of {one.tried:,}" for one in known if not one.is_transferred}
    deciding = {one.decided_by for one in standing.values()}
    made = rules.assign(
        meaning=sentences(pd.Series([run.meant.get(str(name), words[str(name)]) for name in rules["rule"]], index=rules.index)),
        again=[used.get(str(name), 0) for name in rules["rule"]],
        own_history=[own.get(str(name), "") for name in rules["rule"]],
        precision=[share(r, t, places=2) if t else "" for r, t in zip(right, tried, strict=True)],
        measured_on=[_where(one) for one in figures],
        bound=[percent_text(bound) for bound in rules["bound"]],
    )  # fmt: skip
    has_use = made["receipts"].fillna(0).ne(0) | made["again"].ne(0)
    made["role"] = [
        DECIDES if one in deciding else UNMEASURED if one is None and is_used else BESIDE
        for one, is_used in zip(figures, has_use, strict=True)
    ]
    first = made.assign(_last=~made["is_auto"].fillna(False).astype(bool))
    return MEASURED.typed(first.sort_values(["_last", "rule", "data_set"], kind="stable", ignore_index=True))


def _used(result: MatchResult | None) -> dict[str, int]:
    if result is None:
        return {}
    rows = result.rules.drop_duplicates("rule")
    return {
        str(rule): int(count) for rule, count in zip(rows["rule"], rows["receipts"].fillna(0), strict=True)
    }


def _where(figures: Measured | None) -> str:
    if figures is None:
        return "not measured"
    if figures.data_set == HISTORY and not figures.is_transferred:
        return "this ledger's own history"
    return f"transferred: {figures.data_set}"


def applied_tables(
    run: CashRun, receipts: Mapping[Cash, pd.DataFrame], *, functional: str, policy: MatchingPolicy
) -> tuple[ResultTable, ResultTable]:
    """Where the cash went, and what was applied by which rule."""
    return (
        result_table(
            BY_PLACE, by_place(receipts), title="Where the cash went", functional=functional, is_ordered=True,
            words={"place": PLACE_WORDS, "population": WHICH}, headings=heads(BY_PLACE, oldest="Oldest value date"),
            note="A receipt with a rest counts in two lines; its money is never counted twice.",
        ),
        result_table(
            APPLIED, applied_of(run, policy=policy), title="Applied automatically, by rule", functional=functional,
            words={"rule": rule_words(run), "population": WHICH},
            headings=heads(APPLIED, lines="Item lines", precision="Right, %", bound="Bound, %", tried="Measured on receipts",
                           measured_on="Measured where"),
            note="The bound is the one-sided lower limit of the precision that the policy asks for.",
        ),
    )  # fmt: skip


def rules_and_posting(run: CashRun, *, scope: Scope, policy: MatchingPolicy) -> tuple[ResultTable, ...]:
    """All rules of the run on open receipts, the posting file, and every proposal with its evidence."""
    code, words = scope.functional_currency, {"rule": rule_words(run), "reason": reason_words(run)}
    proposals = pd.concat(
        [result.matches.assign(population=cash.value, document_no=told(result.matches["item_id"], document_numbers(result)))
         for cash, result in run.runs], ignore_index=True,
    )  # fmt: skip
    return (
        result_table(
            MEASURED, measured_of(run, policy=policy), title="Rules, and how often they were right", functional=code,
            words={"rule": words["rule"]}, is_ordered=True,
            columns=("rule", "meaning", "is_auto", "receipts", "again", "own_history", "right", "tried", "precision", "bound",
                     "measured_on", "role", "data_set", "is_transferred"),
            headings={"is_auto": "Applies by itself", "receipts": "Open receipts", "again": "Placed again",
                      "own_history": "Right in own history", "right": "Wholly right", "tried": "Tried", "precision": "Right, %",
                      "bound": "Bound, %", "measured_on": "What decides", "is_transferred": "Transferred"},
            note="A rule applies by itself where the bound reaches what the policy asks for.",
        ),
        result_table(
            POSTING, posting_lines(run.result, posted_on=scope.as_of), title="Posting file: receipt applications",
            functional=code, words=words, headings=heads(POSTING), is_detail=True, not_totalled=("open_after",),
            columns=tuple(n for n in POSTING.names if n != "entity"),
            note="Automatic decisions on open receipts only. What waits for a person is not in it."
            if run.result.by_hand.empty
            else "Automatic decisions on open receipts, and what people decided. What waits for a person is not in it.",
        ),
        result_table(
            PROPOSALS, proposals, title="All proposals with their evidence", functional=code,
            words=words | {"population": WHICH} | spoken(proposals, "decision"), headings=heads(PROPOSALS), is_detail=True,
            columns=tuple(n for n in PROPOSALS.names if n != "entity"),
            not_totalled=("open_before", "open_after", "amount_difference"),
        ),
    )  # fmt: skip
