"""Whether earlier allowances were enough. Floor 3, on top of `audit.ledger.look_back`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames_parties import LOOK_BACK_DATES, OUTCOME_ITEMS, OUTCOMES
from arlib.audit.ledger.look_back import LookedBack, looked_back
from arlib.audit.options.ledger import LookBackOptions
from arlib.credit.allowance.booked import BookedFrom
from arlib.credit.allowance.frames_movement import LOOK_BACK
from arlib.money import iso_code, shown
from arlib.policy import Policies, Scope
from arlib.report.audit.balances import (
    controls_told,
    facts,
    named,
    population_said,
    population_table,
    shared,
)
from arlib.report.audit.evidence_parts import table
from arlib.report.bad_debt_percents import percent_of
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Chart, ChartKind, Report, ResultTable
from arlib.report.tables import in_words
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book
from arlib.tables.rows import is_none, records

ASSERTIONS = "valuation: retrospective review of the estimate (ISA 540 (Revised).14, AS 2501, AS 2401.64)"
DIRECTIONS = {
    "over": "All dates that can be judged lie on the same side: the allowance was more than was lost since. Errors on one side may "
            "point to bias towards caution (ISA 540.32).",
    "under": "All dates that can be judged lie on the same side: the allowance was less than was lost since. Errors on one side may "
             "point to bias towards a better result (ISA 540.32).",
    "mixed": "The dates lie on both sides: no direction of bias shows.",
    "not_yet": "Not resolved yet: at no date does the allowance pass what was lost and what is still open, so it may turn out too "
               "much, enough or too little.",
    "even": "The allowance equalled what was lost since at every date.",
    "unknown": "Not possible to say which way earlier allowances erred: neither what was booked nor a rate of then is known.",
}  # fmt: skip


ONE_DATE = {
    "over": "One date can be judged: there the allowance was more than was lost since. One date shows no direction of bias.",
    "under": "One date can be judged: there the allowance was less than was lost since. One date shows no direction of bias.",
}


VERDICTS = {
    "over": "too much, even if all that is open were lost",
    "under": "too little already",
    "even": "as much as was lost",
    "not_yet": "not resolved yet, since what is open may still be lost",
    "unknown": "not possible to judge",
}


def look_back_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Earlier allowances, booked and by today's policy, against cash, credits, losses and recoveries since; by bucket.

    Needs what `looked_back` needs. A date before the first posting is left out and said; rates without a month of history
    give no verdict. Identities: the parts of the gross amount add up to it, buckets = the allowance's own back-test.
    """
    found = looked_back(book, scope=scope, policies=policies, ask=ask)
    options = ask.options or LookBackOptions()
    return Report(
        name="look_back",
        title=f"Look-back at the allowance, {scope.entity}, {day_text(scope.as_of)}",
        question="Were earlier allowances enough for what was lost since, and which way did they err?",
        reader="auditors, controller, credit manager",
        scope=scope,
        tables=_tables(found, policies, scope),
        charts=(_chart(found, scope),),
        controls=(*controls_told(found.controls, scope=scope, grouped=("look_back",)), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, ask, scope), *intake_findings(book)),
        limits=_limits(found, book),
        counts={"dates": len(found.dates), "buckets": len(found.buckets), "losses": len(found.losses)},
        parameters=facts(
            ask, scope=scope, assertions=ASSERTIONS,
            **{"Months back": ", ".join(str(months) for months in options.months_back),
               "Framework and method": f"{policies.allowance.framework.value.upper()}, {in_words(policies.allowance.method.value).lower()}",
               "Booked allowance from": found.booked.source.value,
               "Too much": "more than what was lost since and what is still open together", "Too little": "less than what was lost since"},
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: LookedBack, policies: Policies, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    buckets = {"bucket": {name: in_words(name) for name in policies.aging.buckets}}
    outcome = {"gross": "Open then", "cash": "Paid since", "credited": "Credited since", "lost": "Lost since",
               "recovered": "Recovered since", "allowance": "Allowance by today's policy"}  # fmt: skip
    money = tuple(column.name for column in LOOK_BACK_DATES.columns if column.currency)
    return (
        table(LOOK_BACK_DATES, shared(found.dates, "resolved"), title=f"Earlier allowances against the outcome, in {code}", functional=code,
              is_ordered=True, not_totalled=money, words={"direction": {name: in_words(name) for name in DIRECTIONS}},
              headings=outcome | {"as_of": "Date", "booked": "Booked then", "resolved": "Resolved, %",
                                  "booked_over": "Booked less net loss", "over": "Today's policy less net loss"},
              not_on_page=("months_since", "history_months", "cash", "credited", "recovered"),
              note="Net loss is lost less recovered. What is still open may yet be lost: the outcome is as complete as the "
                   "resolved share."),
        table(OUTCOMES, shared(found.buckets, "loss_rate", "allowance_rate"), title=f"By bucket of then, in {code}", functional=code,
              is_ordered=True, words=buckets, not_totalled=money,
              headings=outcome | {"as_of": "Date", "over": "Allowance less net loss", "loss_rate": "Net loss, %",
                                  "allowance_rate": "Allowance, %"},
              not_on_page=("bucket_no", "items", "recovered", "cash", "credited")),
        table(OUTCOME_ITEMS, found.losses, title="Receivables of then that were lost or recovered since", functional=code, is_ordered=True,
              words=buckets, not_totalled=("gross", "lost", "recovered"),
              headings=outcome | {"as_of": "Date", "was_specific": "Reserved one by one"}, not_on_page=("item_id",),
              note="A debt that was open at several dates stands at each of them."),
        table(LOOK_BACK, found.windows, name="look_back_windows", title="As booked, by twelve months", functional=code, is_ordered=True,
              not_totalled=tuple(column.name for column in LOOK_BACK.columns if column.currency),
              headings={"expense_to_write_offs": "Expense to write-offs", "opening_to_write_offs": "Opening to write-offs",
                        "exhaustion_years": "Exhausted after years"},
              not_on_page=("is_exhausted",), note="A window of fewer than twelve months is not scaled up."),
        population_table(found.population, scope=scope),
        exceptions_table(_exceptions(found, scope)),
    )  # fmt: skip


def _chart(found: LookedBack, scope: Scope) -> Chart:
    """Booked allowance, allowance by today's policy and net loss of each date."""
    code = scope.functional_currency
    rows = []
    for row in reversed(records(found.dates)):
        label = f"{row['as_of']:%Y-%m-%d}"
        if not is_none(row["booked"]):
            rows.append((label, "booked", int(row["booked"])))
        rows += [
            (label, "by today's policy", int(row["allowance"])),
            (label, "net loss since", int(row["lost"]) - int(row["recovered"])),
        ]
    frame = pd.DataFrame({
        "label": pd.Series([one[0] for one in rows], dtype="str"), "series": pd.Series([one[1] for one in rows], dtype="str"),
        "amount": pd.Series([one[2] for one in rows], dtype="Int64"),
    })  # fmt: skip
    sentence = _direction_said(found) if rows else "The records reach no earlier date."
    told = "; ".join(f"{label} {series} {shown(amount, code)}" for label, series, amount in rows)
    return Chart(
        name="look_back", title=f"Allowances and net losses since, {iso_code(code)}", sentence=sentence,
        alt=f"Bars by date: {told}. {sentence}" if told else sentence, kind=ChartKind.GROUPED_BARS, frame=frame, currency=code,
    )  # fmt: skip


def _exceptions(found: LookedBack, scope: Scope) -> list[pd.DataFrame]:
    code = scope.functional_currency
    short = found.dates[found.dates["booked_over"].lt(0).fillna(False).to_numpy(dtype=bool)].assign(
        currency=code
    )
    thin = found.buckets[found.buckets["over"].lt(0).fillna(False).to_numpy(dtype=bool)].assign(currency=code)

    def bucket(row: Mapping[str, Any]) -> str:
        return (f"Of {row['as_of']:%Y-%m-%d}, {in_words(str(row['bucket']))}: net loss of {percent_of(str(row['loss_rate']))} % against an "
                f"allowance of {percent_of(str(row['allowance_rate']))} %")  # fmt: skip

    def booked(row: Mapping[str, Any]) -> str:
        return f"Booked {shown(int(row['booked']), code)}, net loss since {shown(int(row['lost']) - int(row['recovered']), code)}"

    return [
        exceptions_from(short, subject="allowance_short", reference=("as_of",), finding=booked,
                        columns={"currency": "currency", "amount": "booked_over", "since": "as_of"}),
        exceptions_from(thin, subject="bucket_short", reference=("as_of", "bucket"), finding=bucket,
                        columns={"currency": "currency", "amount": "over", "since": "as_of"}),
    ]  # fmt: skip


def _direction_said(found: LookedBack) -> str:
    """Which way earlier allowances erred; a single date is no pattern."""
    judged = ~found.dates["direction"].isin(["unknown", "not_yet"])
    return (ONE_DATE if int(judged.sum()) == 1 else DIRECTIONS).get(
        found.direction, DIRECTIONS[found.direction]
    )


def _findings(found: LookedBack, ask: Ask, scope: Scope) -> tuple[str, ...]:
    code, made = scope.functional_currency, [_direction_said(found)]
    for row in records(found.dates)[:3]:
        net = int(row["lost"]) - int(row["recovered"])
        booked = (
            "nothing says what was booked"
            if is_none(row["booked"])
            else f"booked {shown(int(row['booked']), code)}"
        )
        verdict = "" if is_none(row["over"]) else f", today's policy {shown(int(row['allowance']), code)}"
        share = percent_of(str(row["resolved"]), 1) if not is_none(row["resolved"]) else "0.0"
        made.append(f"At {row['as_of']:%Y-%m-%d}: {booked}{verdict}; net loss since {money_text(net, code)} on "
                    f"{shown(int(row['gross']), code)}, {share} % of it resolved, {money_text(int(row['still_open']), code)} still open: "
                    f"{VERDICTS[row['direction']]}.")  # fmt: skip
    if len(found.losses):
        made.append(
            f"Lost since: {counted(found.losses['item_id'].nunique(), 'receivable')} ({named(found.losses, 'document_no')})."
        )
    made.append(population_said(found.population, ask))
    return tuple(made)


def _limits(found: LookedBack, book: Book) -> tuple[str, ...]:
    made = list(found.limits)
    if found.booked.source is not BookedFrom.ENTRIES:
        made.append(
            "Not possible: no entries of the allowance were given, so what was booked at earlier dates is not known."
        )
    if (found.dates["history_months"].eq(0) & found.dates["over"].isna()).any():
        made.append(
            "The books begin shortly before the earliest date: rates of then rest on no month, and give no verdict."
        )
    made.append("The review judges the estimate by its outcome, not the judgement of then: what could be known then decides "
                "(ISA 540 (Revised).14).")  # fmt: skip
    return (*made, *missing_limits(book, {
        "applications": "nothing counts as paid or written off",
        "customers": "companies of the group are not known",
    }))  # fmt: skip
