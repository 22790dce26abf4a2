"""A run of cash application as a report: applied, waiting for a person, booked otherwise. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from arlib.matching.from_book import Cash
from arlib.matching.measures import measures
from arlib.matching.proposal import rule_said
from arlib.money import iso_code, total
from arlib.policy import MatchingPolicy, Rest, Scope
from arlib.report.cash_applied import DECIDES, applied_tables, measured_of, rules_and_posting
from arlib.report.cash_charts import cash_charts
from arlib.report.cash_controls import applied_totals, cash_controls, cash_identities
from arlib.report.cash_facts import (
    APPLIED_BY,
    AUTO,
    PLACE_WORDS,
    POPULATIONS,
    CashRun,
    Place,
    percent_text,
    placed,
)
from arlib.report.cash_follow import follow_tables
from arlib.report.cash_people import people_counts, people_findings, people_tables
from arlib.report.cash_queue import (
    candidates_of,
    queue_of,
    queue_tables,
    set_aside_of,
    unidentified_of,
)
from arlib.report.cash_rates import rates_of, rates_tables
from arlib.report.cash_reperformance import QUESTIONED, VERDICT_WORDS, Verdict, compared, reperformance_tables
from arlib.report.cash_short import short_tables
from arlib.report.cash_skipped import skipped_table
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings
from arlib.report.model import Report
from arlib.report.tables import in_words
from arlib.report.words import counted, day_text, money_text
from arlib.tables import INPUTS, PROBLEMS, Book

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

NAME = "cash_application"
MOST_CODES = 4  # currencies that a sentence spells out


def cash_report(
    run: CashRun, *, scope: Scope, policy: MatchingPolicy, rows_shown: int = 50, book: Book | None = None
) -> Report:
    """A run of matching as a report: controls, where the money went, the queue, rules, rates and the posting file.

    Pure: nothing is matched here. With `book` the report also says what was read. Raises nothing of its own; an identity
    that does not hold is in the report and stops its hand-over.
    """
    both = {cash: placed(result, as_of=scope.as_of, names=run.names) for cash, result in run.runs}
    receipts = both[Cash.OPEN]
    queue, unknown = queue_of(receipts, run, scope=scope), unidentified_of(receipts, run, scope=scope)
    aside, again = set_aside_of(receipts), compared(run, scope=scope)
    measured = measures(run.result)
    rates = [rates_of(measured, scope=scope, which=Cash.OPEN)]
    if run.reperformed is not None:
        rates.append(rates_of(measures(run.reperformed), scope=scope, which=run.cash))
    compared_rates, trend = rates_tables(pd.concat(rates, ignore_index=True), run.earlier, scope=scope)
    where, applied = applied_tables(run, both, functional=scope.functional_currency, policy=policy)
    candidates = candidates_of(queue, unknown, run)
    by_queue = queue_tables(queue, candidates, unknown, aside, run=run, functional=scope.functional_currency)
    redone = reperformance_tables(again, run, scope=scope)
    return Report(
        name=NAME,
        title=f"Cash application, {scope.entity}, {day_text(scope.as_of)}",
        question="Which receipts paid which items, how sure is that, and what has a person to decide?",
        reader="cash application, controller, auditors",
        scope=scope,
        tables=(where, applied, *by_queue, *people_tables(run, functional=scope.functional_currency),
                *follow_tables(run, functional=scope.functional_currency),
                *short_tables(run, functional=scope.functional_currency), skipped_table(run, scope=scope),
                *rules_and_posting(run, scope=scope, policy=policy), compared_rates, trend, *redone,
                exceptions_table(_exceptions(aside, unknown, again))),
        charts=cash_charts(run, both, scope=scope),
        controls=(*cash_controls(run, receipts, scope=scope),
                  *(intake_controls(book, scope=scope) if book else ())),
        identities=(*cash_identities(run, receipts, scope=scope), *(intake_checks(book) if book else ())),
        findings=(*people_findings(run), *_findings(run, receipts, queue, again), *(intake_findings(book) if book else ())),
        limits=_limits(run, queue, unknown, scope, policy),
        counts={"receipts": len(receipts), "receipts_applied": int(receipts["auto"].ne(0).sum()), "queue": len(queue),
                "unidentified": len(unknown), "set_aside": len(aside), "candidates": len(candidates),
                "posting_lines": len(run.result.matches[run.result.matches["decision"].isin(APPLIED_BY)]),
                **people_counts(run),
                "questioned_bookings": int(again["verdict"].isin(QUESTIONED).sum())},
        parameters=_parameters(run, policy, measured.result_hash),
        rows_shown=rows_shown,
        inputs=book.inputs if book else INPUTS.empty(),
        problems=book.problems if book else PROBLEMS.empty(),
    )  # fmt: skip


def _exceptions(aside: pd.DataFrame, unknown: pd.DataFrame, again: pd.DataFrame) -> list[pd.DataFrame]:
    """What is not a matter of choosing between candidates: money set aside or unidentified, bookings to question.

    The queue is a list to decide on by itself.
    """
    columns = {
        "customer_id": "customer_id",
        "document_no": "receipt_id",
        "currency": "currency",
        "since": "value_date",
    }

    def held(row: Mapping[str, Any]) -> str:
        return f"{PLACE_WORDS[row['status']]}: {row['evidence'] or in_words(row['reason'] or '')}".rstrip(
            ": "
        )

    def booked(row: Mapping[str, Any]) -> str:
        return f"{VERDICT_WORDS[row['verdict']]}: ledger {row['booked']}, found {row['found']}"

    doubted = again[again["verdict"].isin(QUESTIONED) & again["decision"].eq(AUTO)]
    filled = {"evidence": "", "reason": ""}
    return [
        exceptions_from(doubted, subject="questioned_booking", reference=("receipt_id",), finding=booked,
                        columns=columns | {"amount": "amount", "owner": "user"}),
        exceptions_from(aside.fillna(filled), subject="cash_set_aside", reference=("receipt_id",), finding=held,
                        columns=columns | {"amount": "set_aside"}),
        exceptions_from(unknown.fillna({"payer_name": ""}), subject="unidentified_cash", reference=("receipt_id",),
                        finding=lambda row: f"Payer unknown for {counted(int(row['age_days']), 'day')}: {row['payer_name']}",
                        columns=columns | {"amount": "unidentified"}),
    ]  # fmt: skip


def _money(sums: Mapping[str, int]) -> str:
    """Amounts by currency in one line: `EUR 34.00 and USD 1,200.00`; only how many currencies where there are many."""
    if len(sums) > MOST_CODES:
        return f"in {len(sums)} currencies"
    told = [money_text(int(minor), code) for code, minor in sorted(sums.items())]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _sums(frame: pd.DataFrame, column: str) -> dict[str, int]:
    return {str(code): total(part[column]) for code, part in frame.groupby("currency", sort=True)}


def _findings(
    run: CashRun, receipts: pd.DataFrame, queue: pd.DataFrame, again: pd.DataFrame
) -> tuple[str, ...]:
    made = []
    doubted = again[again["verdict"].isin(QUESTIONED)]
    sure = doubted[doubted["decision"].eq(AUTO)]
    if len(sure):
        made.append(f"Ask why the ledger booked {counted(len(sure), 'receipt')} ({_money(_sums(sure, 'amount'))}) otherwise "
                    f"than a proven rule does: misapplied cash and lapping look like this.")  # fmt: skip
    if len(doubted) > len(sure):
        rest = doubted[doubted["decision"].ne(AUTO)]
        elsewhere = int(rest["verdict"].eq(Verdict.OTHER_CUSTOMER.value).sum())
        said = f"; {elsewhere:,} of them on another customer" if elsewhere else ""
        made.append(f"Look at {counted(len(rest), 'receipt')} ({_money(_sums(rest, 'amount'))}) booked otherwise than "
                    f"suggested{said}. A suggestion proves nothing by itself.")  # fmt: skip
    if len(queue):
        with_proposal = int(queue["proposal"].fillna("").ne("").sum())
        told = f"{with_proposal:,} with a proposal, {len(queue) - with_proposal:,} without"
        if with_proposal in (0, len(queue)):
            told = "each has a proposal" if with_proposal else "none has a proposal"
        made.append(f"Decide on {counted(len(queue), 'receipt')} in the queue ({_money(_sums(queue, 'to_decide'))}): {told}.")  # fmt: skip
    for place in (Place.UNIDENTIFIED, Place.HELD, Place.DUPLICATE, Place.RETURNED):
        rows = receipts[receipts["status"].eq(place.value)]
        if len(rows):
            made.append(TO_DO[place].format(count=counted(len(rows), "receipt"), money=_money(_sums(rows, "amount")),
                                            days=counted(int(rows["age_days"].max()), "day")))  # fmt: skip
    if run.skipped is not None and len(run.skipped):
        made.append(f"Ask customers about {counted(len(run.skipped), 'invoice')} that they passed over "
                    f"({_money(_sums(run.skipped, 'open_amount'))}).")  # fmt: skip
    if applied := applied_totals(run.result):
        lines = int(run.result.matches["decision"].isin(APPLIED_BY).sum())
        made.append(f"Post {counted(lines, 'receipt application')} from the posting file: {_money(applied)}.")
    return tuple(made)


TO_DO = {
    Place.UNIDENTIFIED: "Find the payer of {count} ({money}), the oldest here for {days}.",
    Place.HELD: "Release or send back {count} held ({money}): nothing of it is applied until someone decides.",
    Place.DUPLICATE: "Refund or clear {count} that look like a second payment ({money}).",
    Place.RETURNED: "Reverse what {count} had paid ({money}): the bank returned the money.",
}


def _limits(
    run: CashRun, queue: pd.DataFrame, unknown: pd.DataFrame, scope: Scope, policy: MatchingPolicy
) -> tuple[str, ...]:
    made = [
        "Rates say how much was placed without a person; how much of that was right stands by rule, with its bound."
    ]
    rules = measured_of(run, policy=policy)
    auto = rules[rules["is_auto"].fillna(False) & rules["role"].eq(DECIDES)]
    used = auto[auto["receipts"].fillna(0).ne(0) | auto["again"].ne(0)]
    moved = sorted(set(used.loc[used["is_transferred"].fillna(False), "rule"]))
    if moved:
        made.append(
            f"The precision of {', '.join(map(rule_said, moved))} was measured on other ledgers, not on this one."
        )
    if len(run.result.pool_receipts) and auto.empty:
        made.append("No rule reached the bound that the policy asks for: nothing is applied automatically.")
    for frame, column in ((queue, "functional_to_decide"), (unknown, "functional_unidentified")):
        if lost := sorted(set(frame.loc[frame[column].isna(), "currency"])):
            codes = ", ".join(map(iso_code, lost))
            made.append(f"No closing rate of {codes} to {scope.functional_currency}: those receipts follow the others "
                        "in the order of value.")  # fmt: skip
    if run.skipped is None:
        made.append("Invoices that customers passed over were not looked for.")
    if run.earlier is None or run.earlier.empty:
        made.append("No earlier run is at hand: the hit rates have no trend.")
    if run.reperformed is None:
        made.append(
            "Bookings of the ledger were not performed again: misapplied cash would not show."
            if run.cash is Cash.OPEN
            else "The ledger applied none of these receipts, so there is nothing to perform again."
        )
    return tuple(dict.fromkeys(made))


def _parameters(run: CashRun, policy: MatchingPolicy, fingerprint: str) -> dict[str, str]:
    """The choices behind the run, in words."""
    limits = "; ".join(
        " and ".join(part for part in (
            f"{limit.amount} {limit.currency}".strip() if limit.amount is not None else "",
            f"{percent_text(str(limit.rate))} %" if limit.rate is not None else "") if part)
        + (f" for {limit.scope.replace('_', ' ')} {limit.of}" if limit.of else "")
        for limit in policy.tolerances
    )  # fmt: skip
    asked = percent_text(str(policy.auto_bound))
    return {
        "Receipts": POPULATIONS[Cash.OPEN.value]
        + (f"; {POPULATIONS[run.cash.value]}" if run.reperformed is not None else ""),
        "Applied automatically from": f"a precision of at least {asked} % at {percent_text(str(policy.bound_confidence))} % confidence",
        "Tolerance, the strictest counts": limits or "none",
        "Bank charge up to": f"{policy.bank_charge_max}",
        "Days of grace for a discount": str(policy.discount_grace_days),
        "A short payment leaves": REST_WORDS[policy.rest],
        "Fingerprint of the matches": fingerprint[:12],
    }


REST_WORDS = {
    Rest.PARTIAL: "the item open for the rest",
    Rest.RESIDUAL: "a residual with the original due date",
}
