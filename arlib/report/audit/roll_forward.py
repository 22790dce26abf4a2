"""Receivables rolled forward from an interim date to the date of the question. Floor 3, on top of `audit.ledger.roll_forward`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames import (
    ATTRIBUTE_CHANGES,
    ROLL_DOCUMENTS,
    ROLL_GROUPS,
    ROLL_MONTHS,
    UNUSUAL,
    RollGroup,
)
from arlib.audit.ledger.roll_forward import Rolled, rolled
from arlib.audit.options.ledger import RollForwardOptions
from arlib.ledger.closed_periods import can_tell
from arlib.ledger.frames import REAGED
from arlib.ledger.frames_control import LATE_POSTINGS
from arlib.ledger.gap_frames import CONTROL
from arlib.money import shown, total
from arlib.policy import Policies, Scope
from arlib.report.audit.balances import facts, flagged, named, population_said, population_table, ties_said
from arlib.report.audit.evidence_parts import table
from arlib.report.control_account import ROLLED, SIDES
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Chart, ChartKind, Report, ResultTable
from arlib.report.tables import in_words, spoken
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book
from arlib.tables.rows import records

ASSERTIONS = "completeness, accuracy, cut-off, existence: from an interim date to the date of the question"


def roll_forward_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Opening, every kind of movement and closing, down to documents; ties at both ends; what is unusual.

    Needs ITEMS, APPLICATIONS; uses what `rolled` uses. An interim date on or after the date of the question, and a book of
    one day only, raise ParameterError. Identities: opening and lines foot to the open items at both ends, the documents
    of each line add up to it.
    """
    found = rolled(book, scope=scope, policies=policies, ask=ask)
    options = ask.options or RollForwardOptions()
    code = scope.functional_currency
    return Report(
        name="roll_forward",
        title=f"Roll-forward, {scope.entity}, {day_text(found.interim)} to {day_text(scope.as_of)}",
        question="What moved receivables from the interim date to the date of the question, and is any of it unusual?",
        reader="auditors, controller",
        scope=scope,
        tables=_tables(found, scope),
        charts=(_chart(found, scope),),
        controls=(*found.controls, *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, ask, scope), *intake_findings(book)),
        limits=_limits(found, book, scope),
        counts={"postings": len(found.documents), "asked_postings": int(found.documents["is_asked"].sum()), "unusual": len(found.unusual),
                "attribute_changes": len(found.changes), "reaged_items": len(found.reaged), "entered_late": len(found.roll.late)},
        parameters=facts(
            ask, scope=scope, assertions=ASSERTIONS,
            **{"Interim date": day_text(found.interim),
               "Large from": money_text(found.large, code) + ("" if options.large else ", 5 % of the closing balance"),
               "Near the end": f"the last {counted(options.last_days, 'day')}", "Ledger": policies.tie_out.ledger},
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Rolled, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    asked_documents = flagged(found.documents, found.documents["is_asked"])
    groups = {"group": {group.value: in_words(group.value) for group in RollGroup}}
    made = []
    for name, measure, title in (("roll_forward", "functional", f"Roll-forward in {code}"),
                                 ("roll_forward_document", "document", "Roll-forward by document currency")):  # fmt: skip
        made.append(table(
            ROLL_GROUPS, flagged(found.groups, found.groups["measure"].eq(measure)), name=name, title=title, functional=code,
            columns=("currency", "line_no", "group", "amount", "count", "is_total"), key=("currency", "line_no"), words=groups,
            strong_rows="is_total", foots=True, not_totalled=("amount",), headings={"line_no": "No.", "count": "Postings", "group": "Line"},
        ))  # fmt: skip
    return (
        *made,
        _lines("roll_forward_lines", found.roll.functional, f"All lines, in {code}", code),
        _lines("roll_forward_by_account", found.roll.by_account, f"All lines by control account, in {code}", code),
        table(ROLL_MONTHS, found.months, title=f"Movements by month, in {code}", functional=code, words=groups, is_ordered=True,
              headings={"group": "Line", "count": "Postings"}),
        population_table(found.population, scope=scope, what="postings between the two dates"),
        table(UNUSUAL, found.unusual, title="Unusual movements, most reasons first", functional=code, is_ordered=True,
              key=("side", "reference"), not_totalled=("amount",),
              columns=("rank", "side", "reference", "account", "date", "user", "document_no", "customer_id", "line", "currency",
                       "amount", "why"),
              words=spoken(found.unusual, "line") | {"side": SIDES}, not_on_page=("reference", "account", "currency"),
              headings={"why": "Why"}),
        table(ATTRIBUTE_CHANGES, found.changes, title="Attributes of customers that changed between the two dates", functional=code,
              words=spoken(found.changes, "attribute"), not_totalled=("balance",),
              headings={"balance": "Balance at the date", "before": "At the interim date", "after": "At the date"}),
        table(REAGED, found.reaged, title="Items that got another due date between the two dates", functional=code,
              not_on_page=("item_id", "replaces", "user", "reaged_on")),
        table(LATE_POSTINGS, found.roll.late, name="closed_period_postings", title="Dated before, entered after the close",
              functional=code, key=("side", "posting_id"), words=spoken(found.roll.late, "kind") | {"side": SIDES},
              headings={"functional_amount": f"Amount {code}", "amount": "Document amount"},
              not_on_page=("posting_id", "closed_at", "is_reopened", "kind", "amount")),
        table(ROLL_DOCUMENTS, asked_documents, title="Every posting behind the lines", functional=code, is_detail=True,
              key=("posting_id",), words=groups | spoken(asked_documents, "line", "kind", "item_type"),
              columns=("group", "line", "date", "document_no", "customer_id", "account", "kind", "item_type", "user", "entered_at",
                       "currency", "amount", "functional_amount", "posting_id"),
              not_on_page=("kind", "item_type", "entered_at", "posting_id", "account"),
              headings={"group": "Line", "line": "Detail", "functional_amount": f"Amount {code}"}),
        exceptions_table(_exceptions(found)),
    )  # fmt: skip


def _lines(name: str, frame: pd.DataFrame, title: str, code: str) -> ResultTable:
    """Every line of the ledger's own roll-forward; opening and closing stand out, lines without a posting are left out."""
    key = ["account", "currency"]
    moved = (
        (frame["amount"].ne(0) | frame["count"].gt(0))
        .groupby([frame[name].fillna("") for name in key])
        .transform("any")
    )
    frame = frame[moved.to_numpy(dtype=bool)] if bool(moved.any()) else frame
    ends = [RollGroup.OPENING.value, RollGroup.CLOSING.value]
    frame = frame[
        (frame["line"].isin(ends) | frame["amount"].ne(0) | frame["count"].gt(0)).to_numpy(dtype=bool)
    ]
    marked = frame.assign(is_total=frame["line"].isin(ends).astype("boolean"))
    account = ("account",) if bool(marked["account"].fillna("").ne("").any()) else ()
    return table(
        ROLLED, marked, name=name, title=title, functional=code, key=(*account, "currency", "line_no"),
        columns=(*account, "currency", "line_no", "line", "amount", "count", "is_total"), strong_rows="is_total", foots=True,
        not_totalled=("amount",), headings={"line_no": "No.", "count": "Postings"},
    )  # fmt: skip


def _chart(found: Rolled, scope: Scope) -> Chart:
    """The steps from opening to closing in the books' currency."""
    code = scope.functional_currency
    rows = flagged(found.groups, found.groups["measure"].eq("functional"))
    steps = rows[(rows["is_total"] | rows["amount"].ne(0)).to_numpy(dtype=bool)]
    labels = (
        steps["group"].map({group.value: in_words(group.value) for group in RollGroup}).astype("str").tolist()
    )
    frame = pd.DataFrame({
        "label": pd.Series(labels, dtype="str"), "amount": pd.Series(steps["amount"].tolist(), dtype="Int64"),
        "is_total": pd.Series(steps["is_total"].tolist(), dtype="boolean"),
    })  # fmt: skip
    sentence = (
        f"Receivables moved by {money_text(_moved(found), code)} from {day_text(found.interim)} to {day_text(scope.as_of)}."
        if len(rows) else f"Not every posting has an amount in {code}: nothing can be drawn."
    )  # fmt: skip
    told = "; ".join(
        f"{label} {shown(int(amount), code)}" for label, amount in zip(labels, steps["amount"], strict=True)
    )
    return Chart(name="roll_forward", title=f"From the interim date to the date of the question, {code}", sentence=sentence,
                 alt=f"Steps: {told}. {sentence}" if told else sentence, kind=ChartKind.WATERFALL, frame=frame, currency=code)  # fmt: skip


def _moved(found: Rolled) -> int:
    rows = found.groups[found.groups["measure"].eq("functional").to_numpy(dtype=bool)]
    return total(rows.loc[~rows["group"].isin([RollGroup.OPENING, RollGroup.CLOSING]), "amount"])


def _exceptions(found: Rolled) -> list[pd.DataFrame]:
    def odd(row: Mapping[str, Any]) -> str:
        return f"{in_words(row['line'])}: {row['why']}"

    def late(row: Mapping[str, Any]) -> str:
        return f"Dated in {row['period']}, entered after its close on the {SIDES[row['side']]}, account {row['account']}"

    def moved(row: Mapping[str, Any]) -> str:
        return f"Due date moved by {row['days_moved']} days, authorised by {row['authorised_by'] or 'nobody'}"

    items = {
        "customer_id": "customer_id",
        "document_no": "document_no",
        "currency": "currency",
        "amount": "amount",
    }
    nobody = found.reaged[found.reaged["authorised_by"].fillna("").eq("").to_numpy(dtype=bool)]
    return [
        exceptions_from(found.unusual, subject="unusual_movement", finding=odd, reference=("side", "reference"),
                        columns={**items, "since": "date", "owner": "user"}),
        exceptions_from(found.roll.late, subject="entered_late", finding=late, reference=("side", "posting_id"),
                        columns={**items, "since": "date", "owner": "user"}),
        exceptions_from(nobody.assign(authorised_by=""), subject="due_date_without_authoriser", finding=moved, reference=("item_id",),
                        columns={**items, "since": "reaged_on", "owner": "user"}),
    ]  # fmt: skip


def _findings(found: Rolled, ask: Ask, scope: Scope) -> tuple[str, ...]:
    code, made = scope.functional_currency, []
    rows = {
        row["group"]: row
        for row in records(found.groups[found.groups["measure"].eq("functional").to_numpy(dtype=bool)])
    }
    if rows:
        opening, closing = (int(rows[group]["amount"]) for group in ("opening", "closing"))
        steps = ", ".join(
            f"{in_words(group).lower()} {shown(int(row['amount']), code)}"
            for group, row in rows.items() if group not in ("opening", "closing") and int(row["amount"])
        )  # fmt: skip
        made.append(f"{code} {shown(opening, code)} at {day_text(found.interim)}, {steps or 'no movement'}, makes {shown(closing, code)} "
                    f"at {day_text(scope.as_of)}; each line is the sum of its documents.")  # fmt: skip
    for end, day in (("interim", found.interim), ("closing", scope.as_of)):
        made.append(
            ties_said(
                [one for one in found.ties[end].controls if one.name == CONTROL], f"Ledger at {day_text(day)}"
            )
        )
    made.append(population_said(found.population, ask, "postings"))
    if len(found.unusual):
        manual = int(found.unusual["side"].eq("general_ledger").sum())
        documents = found.unusual["document_no"].nunique()
        made.append(f"Look at {counted(len(found.unusual), 'unusual movement')} of {counted(documents, 'document')}, {manual} of them by "
                    f"manual journal: "
                    f"{named(found.unusual, 'document_no')}.")  # fmt: skip
    else:
        made.append("No movement is unusual by the rules stated.")
    if len(found.changes):
        made.append(f"{counted(found.changes['customer_id'].nunique(), 'customer')} changed in "
                    f"{named(found.changes.assign(said=found.changes['attribute'].map(in_words).str.lower()), 'said')}.")  # fmt: skip
    return tuple(made)


def _limits(found: Rolled, book: Book, scope: Scope) -> tuple[str, ...]:
    made = []
    if not len(found.groups[found.groups["measure"].eq("functional").to_numpy(dtype=bool)]):
        made.append(f"Not possible in {scope.functional_currency}: postings carry no amount in it; the roll-forward stands by document "
                    "currency.")  # fmt: skip
    if not can_tell(book, scope=scope):
        made.append(
            "Not possible: the books keep no closing or entry times, so entries made into closed periods cannot be told."
        )
    if not found.knows_history:
        made.append(
            "Not possible: the books keep no history of customers, so changed attributes cannot be told."
        )
    return (*made, *missing_limits(book, {
        "gl_lines": "neither end is tied to ledger lines, and manual journals cannot be found",
        "applications": "every item counts as open in full",
    }))  # fmt: skip
