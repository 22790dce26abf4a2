"""Receivables carried from an interim date to the date of the question, every line down to its documents. Floor 1.

The lines are those of `ledger.rollforward`, with the period set to begin on the day after the interim date. What is
new: the documents behind each line (that they add up to it is an identity), the tie-out at both ends, and what is
unusual.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames import (
    ATTRIBUTE_CHANGES,
    ROLL_DOCUMENTS,
    ROLL_GROUPS,
    ROLL_MONTHS,
    RollGroup,
)
from arlib.audit.ledger.population import Split, carrying, split
from arlib.audit.ledger.unusual import unusual_movements
from arlib.audit.options.ledger import RollForwardOptions
from arlib.audit.population import least_in
from arlib.controls import Control, Identity
from arlib.errors import ParameterError
from arlib.ledger.attributes import DATED, customer_attributes
from arlib.ledger.frames_control import RollLine
from arlib.ledger.openitems import open_items
from arlib.ledger.postings import subledger_postings
from arlib.ledger.reaging import reaged
from arlib.ledger.rollforward import RollForward, line_amount, roll_forward
from arlib.ledger.tieout import TieOut, tie_out
from arlib.money import Rounding, divide, format_minor, totals_by
from arlib.policy import Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import records

G, L = RollGroup, RollLine
GROUP_OF: dict[RollLine, RollGroup] = {
    L.OPENING: G.OPENING, L.POSTED_TO_CLOSED: G.ENTERED_LATE, L.TAKEN_OVER: G.ADJUSTMENTS, L.INVOICES: G.INVOICES,
    L.DEBIT_MEMOS: G.INVOICES, L.FEES_AND_INTEREST: G.INVOICES, L.RECEIPTS: G.RECEIPTS,
    L.RETURNED_PAYMENTS: G.RECEIPTS, L.REFUNDS: G.RECEIPTS, L.CREDIT_MEMOS: G.CREDITS, L.DISCOUNTS: G.CREDITS,
    L.DEDUCTIONS: G.CREDITS, L.ADJUSTMENTS: G.ADJUSTMENTS, L.WRITE_OFFS: G.WRITE_OFFS, L.RECOVERIES: G.WRITE_OFFS,
    L.TRANSFERS: G.ADJUSTMENTS, L.CONTRA: G.ADJUSTMENTS, L.DERECOGNISED: G.ADJUSTMENTS,
    L.CROSS_CURRENCY: G.ADJUSTMENTS, L.REALISED_FX: G.EXCHANGE, L.UNREALISED_FX: G.EXCHANGE, L.CLOSING: G.CLOSING,
}  # fmt: skip
ENDS = (RollGroup.OPENING, RollGroup.CLOSING)
DEFAULT_LARGE = (5, 100)  # of the closing balance
MEASURES = ("functional", "document")


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """The roll-forward of an auditor's window."""

    interim: date
    scope: Scope  # from the day after the interim date
    roll: RollForward
    groups: pd.DataFrame  # ROLL_GROUPS, both measures
    months: pd.DataFrame  # ROLL_MONTHS
    documents: pd.DataFrame  # ROLL_DOCUMENTS
    unusual: pd.DataFrame  # UNUSUAL
    large: int  # from which a movement is large, functional minor units
    changes: pd.DataFrame  # ATTRIBUTE_CHANGES
    reaged: pd.DataFrame  # REAGED
    ties: dict[str, TieOut]  # at "interim" and "closing"
    population: Split
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    knows_history: bool  # customer attributes are dated


def rolled(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> Rolled:
    """From the end of the interim date to the as-of date, by posting date whatever the scope's basis.

    A movement of the day after the interim date and of the as-of date is inside. Needs ITEMS, APPLICATIONS; uses
    REVALUATIONS, PERIODS, GL_LINES, GL_BALANCES, CONTROL_ACCOUNTS, CUSTOMERS with history. An interim date on or after the
    as-of date raises ParameterError, and so does a book of one day only. Every identity is required to hold.
    """
    options = ask.options or RollForwardOptions()
    inner = window_of(book, scope=scope, interim=options.interim_date)
    interim = inner.starts_on - timedelta(days=1)
    roll = roll_forward(book, scope=inner)
    documents = _documents(book, roll, inner)
    part = split(_as_items(documents), ask.population, amount="amount", entity=scope.entity, what="postings")
    documents = ROLL_DOCUMENTS.typed(documents.assign(is_asked=part.mask))
    large = _large(options, roll, inner)
    ends = {"interim": replace(inner, as_of=interim, starts_on=interim, ends_on=interim), "closing": inner}
    ties = {name: tie_out(book, scope=each, policy=policies.tie_out) for name, each in ends.items()}
    identities = (
        *roll.identities,
        *part.identities,
        *_line_identities(roll, documents, inner),
        *(identity for tie in ties.values() for identity in tie.identities),
    )
    for identity in identities:
        identity.require()
    return Rolled(
        interim=interim,
        scope=inner,
        roll=roll,
        groups=_groups(roll),
        months=_months(documents, inner),
        documents=documents,
        unusual=unusual_movements(
            book, documents, scope=inner, ledger=policies.tie_out.ledger, large=large,
            last_days=options.last_days, accounts=set(_tied(ties["closing"])),
        ),
        large=large,
        changes=_changes(book, interim=interim, scope=inner),
        reaged=reaged(book, scope=inner),
        ties=ties,
        population=part,
        controls=(*_at(ties["interim"], interim), *_at(ties["closing"], inner.as_of), *roll.controls),
        identities=identities,
        knows_history=book.has("customer_history"),
    )  # fmt: skip


def window_of(book: Book, *, scope: Scope, interim: date | None) -> Scope:
    """The scope from the day after the interim date, else from the first day of the period, by posting date."""
    starts_on = scope.starts_on if interim is None else interim + timedelta(days=1)
    if starts_on > scope.as_of:
        raise ParameterError(
            "interim", where="roll_forward", found=str(starts_on - timedelta(days=1)),
            wanted=f"a day before the date of the question, {scope.as_of}",
        )  # fmt: skip
    if "snapshot" in book.features:
        raise ParameterError(
            "the source holds one day only: nothing can be rolled forward",
            where="roll_forward",
            found=book.snapshot_date,
        )
    return replace(scope, starts_on=starts_on, ends_on=max(scope.ends_on, scope.as_of), basis=Basis.POSTING)


def _documents(book: Book, roll: RollForward, scope: Scope) -> pd.DataFrame:
    """The postings behind every line between opening and closing, as `roll_forward` counts them."""
    postings = subledger_postings(book, scope=scope)
    late = roll.late.loc[roll.late["side"].eq("sub_ledger").to_numpy(dtype=bool), "posting_id"]
    is_before = postings["date"].lt(pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)
    is_late = postings["posting_id"].isin(late).to_numpy(dtype=bool)
    kept = postings[~is_before | is_late].reset_index(drop=True)
    line = kept["line"].mask(is_before[~is_before | is_late], RollLine.POSTED_TO_CLOSED.value)
    groups = {line.value: group.value for line, group in GROUP_OF.items()}
    made = kept.assign(line=line, group=line.map(groups), is_asked=True)
    return made.sort_values(["date", "posting_id"], kind="stable", ignore_index=True)


def _as_items(documents: pd.DataFrame) -> pd.DataFrame:
    return documents.rename(columns={"account": "control_account"})


def _large(options: RollForwardOptions, roll: RollForward, scope: Scope) -> int:
    """The amount from which a movement is large; without one, a share of the closing balance, 1 minor unit at least."""
    if options.large:
        return max(least_in(options.large, scope.functional_currency), 1)
    closing = line_amount(roll.functional, RollLine.CLOSING, currency=scope.functional_currency)
    part, whole = DEFAULT_LARGE
    return max(divide(abs(closing) * part, whole, Rounding.HALF_UP), 1)


def _line_identities(roll: RollForward, documents: pd.DataFrame, scope: Scope) -> tuple[Identity, ...]:
    """Each line of the roll-forward = the sum of its documents."""
    made = []
    for frame, column in ((roll.document, "amount"), (roll.functional, "functional_amount")):
        if not len(frame):
            continue
        is_books = column == "functional_amount"
        rows = documents.assign(currency=scope.functional_currency) if is_books else documents
        if is_books:  # across currencies nothing is exchanged in the books' currency: the legs are transfers
            rows = rows.assign(
                line=rows["line"].mask(rows["line"].eq(RollLine.CROSS_CURRENCY), RollLine.TRANSFERS.value)
            )
        found = totals_by(rows, ["currency", "line"], column)
        sums = {
            (str(a), str(b)): int(c)
            for a, b, c in zip(found["currency"], found["line"], found[column], strict=True)
        }
        wanted = frame[~frame["line"].isin([RollLine.OPENING, RollLine.CLOSING]).to_numpy(dtype=bool)]
        for code, line, amount in zip(wanted["currency"], wanted["line"], wanted["amount"], strict=True):
            behind = sums.get((str(code), str(line)), 0)
            if behind or int(amount):
                made.append(Identity(
                    name=f"documents of {line}", entity=scope.entity, currency=str(code), left_label="documents",
                    left=behind, right_label="line of the roll-forward", right=int(amount),
                ))  # fmt: skip
    return tuple(made)


def _groups(roll: RollForward) -> pd.DataFrame:
    """ROLL_GROUPS of both measures; currencies without balance or movement are left out, and exchange by document."""
    order = {group: number for number, group in enumerate(RollGroup, start=1)}
    rows = []
    for frame in (roll.functional, roll.document):
        if not len(frame):
            continue
        named = frame.assign(
            group=frame["line"].map({line.value: group.value for line, group in GROUP_OF.items()})
        )
        sums = totals_by(named, ["measure", "currency", "group"], ["amount", "count"])
        is_document = str(frame["measure"].iloc[0]) == "document"
        live = sums["amount"].ne(0) | (sums["count"].ne(0) & ~sums["group"].isin(ENDS))
        for row in records(sums[sums["currency"].isin(sums.loc[live, "currency"])]):
            group = RollGroup(row["group"])
            is_empty = not int(row["amount"]) and not int(row["count"])
            if (group is RollGroup.EXCHANGE and is_document) or (
                group is RollGroup.ENTERED_LATE and is_empty
            ):
                continue
            rows.append({**row, "line_no": order[group], "is_total": group in ENDS})
    made = ROLL_GROUPS.from_rows(rows)
    first = made["measure"].map({name: number for number, name in enumerate(MEASURES)})
    return (
        made.assign(first=first)
        .sort_values(["first", "currency", "line_no"], kind="stable", ignore_index=True)
        .drop(columns="first")
    )


def _months(documents: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """ROLL_MONTHS; empty where an amount in the books' currency is not known."""
    if documents.empty or documents["functional_amount"].isna().any():
        return ROLL_MONTHS.empty()
    rows = documents.assign(
        month=documents["date"].dt.strftime("%Y-%m").astype("str"),
        count=1,
        amount=documents["functional_amount"],
    )
    sums = totals_by(rows, ["month", "group"], ["amount", "count"]).assign(currency=scope.functional_currency)
    order = {group.value: number for number, group in enumerate(RollGroup)}
    sums = sums.assign(order=sums["group"].map(order)).sort_values(
        ["month", "order"], kind="stable", ignore_index=True
    )
    return ROLL_MONTHS.typed(sums)


def _changes(book: Book, *, interim: date, scope: Scope) -> pd.DataFrame:
    """ATTRIBUTE_CHANGES between the two dates, of customers that are there at both. Needs CUSTOMER_HISTORY."""
    if not book.has("customer_history"):
        return ATTRIBUTE_CHANGES.empty()
    before, after = (
        customer_attributes(book, on=day, entity=scope.entity)
        .drop_duplicates("customer_id")
        .set_index("customer_id")
        for day in (interim, scope.as_of)
    )
    owed = open_items(book, scope=scope)
    balance = carrying(owed).fillna(0).groupby(owed["customer_id"]).sum()
    parts = []
    for name in DATED:
        then, now = _shown(before, name), _shown(after, name).reindex(before.index)
        differs = np.flatnonzero(then.ne(now).to_numpy(dtype=bool))
        parts.append(pd.DataFrame({
            "customer_id": before.index[differs], "name": after["name"].reindex(before.index).to_numpy()[differs],
            "attribute": name, "before": then.to_numpy()[differs], "after": now.to_numpy()[differs],
            "currency": scope.functional_currency,
        }))  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    rows["balance"] = rows["customer_id"].map(balance).fillna(0).astype("Int64")
    return ATTRIBUTE_CHANGES.typed(rows).sort_values(
        ["customer_id", "attribute"], kind="stable", ignore_index=True
    )


def _shown(attributes: pd.DataFrame, name: str) -> pd.Series:
    """One attribute as text; a limit in its currency."""
    if name != "credit_limit":
        return attributes[name].fillna("").astype("str")
    return pd.Series(
        [
            "" if pd.isna(minor) or not isinstance(code, str) else f"{code} {format_minor(int(minor), code)}"
            for minor, code in zip(attributes[name], attributes["limit_currency"], strict=True)
        ],
        index=attributes.index, dtype="str",
    )  # fmt: skip


def _tied(found: TieOut) -> list[str]:
    return [control.account for control in found.controls if control.account]


def _at(found: TieOut, day: date) -> tuple[Control, ...]:
    """The controls of a tie-out, with their date in the title."""
    return tuple(replace(control, title=f"At {day:%Y-%m-%d}, {control.title}") for control in found.controls)
