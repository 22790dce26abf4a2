"""The AR listing, tied to control account and trial balance at the same date. Floor 3, on top of `audit.ledger.listing`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames import FOREIGN, LATE_ENTRIES, LISTING, TIE, TIE_DOCUMENT
from arlib.audit.ledger.listing import TRIAL_BALANCE, Listing, listing_of
from arlib.audit.options.ledger import ListingOptions
from arlib.controls import STATUS_WORDS, Status
from arlib.ledger.aging import wide
from arlib.ledger.frames import BASIS_BRIDGE, wide_table
from arlib.ledger.frames_control import CAUSES, UNEXPLAINED_ITEMS
from arlib.ledger.gap_frames import CONTROL
from arlib.money import shown, total
from arlib.policy import Policies, Scope
from arlib.report.audit.balances import (
    controls_told,
    facts,
    flagged,
    named,
    population_said,
    population_table,
    ties_said,
)
from arlib.report.audit.evidence_parts import sums, table
from arlib.report.control_account import SIDES, SPOKEN_CAUSES
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

ASSERTIONS = "existence, completeness, accuracy and valuation (allocation), presentation"
STATUSES = {"status": {status.value: STATUS_WORDS[status] for status in Status}}


def listing_report(book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50) -> Report:
    """Every open item at the date of the question, and how the total agrees with control accounts and trial balance.

    Needs ITEMS; uses all that `listing_of` uses. Without a ledger the ties are `no_input`, without a balance stated for
    that very date the trial balance is. Identities: Σ buckets = outstanding, asked about + left out = all, causes = gap,
    and as known at the date + entered later = listing.
    """
    found = listing_of(book, scope=scope, policies=policies, ask=ask)
    options = ask.options or ListingOptions()
    return Report(
        name="listing",
        title=f"AR listing, {scope.entity}, {day_text(scope.as_of)}",
        question="Which items were open at the date, and does their total agree with control account and trial balance?",
        reader="auditors, controller",
        scope=scope,
        tables=_tables(found, scope, policies),
        controls=(*controls_told(found.controls, scope=scope, grouped=("listing",)), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, ask, scope), *intake_findings(book)),
        limits=_limits(found, book, scope, options),
        counts={"open_items": len(found.items), "asked_items": int(found.items["is_asked"].sum()), "causes": len(found.found.causes),
                "unexplained": len(found.found.unexplained), "entered_later": len(found.late),
                "disputed": int(found.items["is_disputed"].sum())},
        parameters=facts(
            ask, scope=scope, assertions=ASSERTIONS, Ledger=policies.tie_out.ledger,
            **{"Exchange rates": f"{options.rate_kind}, at most {counted(options.rate_max_age_days, 'day')} old",
               "Aged from": in_words(policies.aging.age_from.value).lower()},
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Listing, scope: Scope, policies: Policies) -> tuple[ResultTable, ...]:
    code, policy = scope.functional_currency, policies.aging
    aged = wide_table(("currency",), policy)
    causes = {"cause": SPOKEN_CAUSES}
    asked_items = flagged(found.items, found.items["is_asked"])
    return (
        table(TIE, found.tie, title="Listing, sub-ledger, general ledger and trial balance, by account", functional=code,
              columns=("account", "name", "role", "items", "listing", "subledger", "ledger", "trial_balance", "difference",
                       "explained", "unexplained", "status"),
              headings={"ledger": "General ledger", "subledger": "Sub-ledger", "difference": "Ledger less listing"},
              words=STATUSES | spoken(found.tie, "role"), not_on_page=("role", "subledger"),
              note="The trial balance is what the ledger states for that very date."),
        table(TIE_DOCUMENT, found.by_account, title="Listing by account and document currency", functional=code,
              headings={"postings": "Sub-ledger postings", "difference": "Listing less postings"}),
        result_table(aged, wide(found.aged, policy=policy, by=("currency",)), name="listing_by_age", functional=code,
                     title="Listing by age", headings={name: in_words(name) for name in (*policy.buckets, "total")}),
        population_table(found.population, scope=scope),
        table(CAUSES, found.found.causes, title="Causes of the gap, by document", functional=code, words=causes,
              columns=("account", "cause", "document_no", "customer_id", "date", "user", "currency", "amount", "owner", "sentence"),
              key=("account", "cause", "document_no"), headings={"sentence": "Evidence"}, not_on_page=("user",)),
        table(UNEXPLAINED_ITEMS, found.found.unexplained, title="Differences without a cause", functional=code,
              columns=("account", "document_no", "side", "customer_id", "date", "currency", "amount", "sentence"),
              key=("account", "document_no", "side"), words={"side": SIDES}, headings={"sentence": "What is known"}),
        table(FOREIGN, found.foreign, title=f"Foreign currency at the rate of the date, in {code}", functional=code,
              headings={"at_rate": "At the rate of the date", "not_booked": "Exchange not booked", "rate_from": "Rate from",
                        "booked": "At booking rates", "revaluation": "Unrealised exchange booked", "hedged": "Of it, hedged"},
              not_on_page=("hedged", "rate_on"),
              note="A hedged item keeps its contract rate, an advance its booking rate."),
        table(LATE_ENTRIES, found.late, name="entered_later", title="Dated on or before the date, entered after it",
              functional=code, headings={"amount": "Change of the open amount"}, not_on_page=("fact_id", "item_id", "effective_date"),
              note="As known at the end of the date, and these, make the listing."),
        table(BASIS_BRIDGE, found.bridge, name="two_dates", title="Business date and ledger date on two sides of the date",
              functional=code, columns=("fact", "fact_id", "item_id", "customer_id", "document_no", "effective_date", "posting_date",
                                        "currency", "amount"),
              not_on_page=("fact_id", "item_id"), note="The listing goes by ledger date."),
        table(LISTING, asked_items, title="The listing, item by item", functional=code, is_detail=True,
              columns=("customer_id", "name", "item_id", "instalment_no", "item_type", "document_no", "document_date",
                       "posting_date", "due_date", "days_past_due", "bucket", "is_disputed", "disputes", "control_account",
                       "currency", "amount", "outstanding", "booked", "revaluation", "at_rate", "rate", "rate_on", "rate_from",
                       "is_hedged"),
              key=("item_id", "instalment_no"), not_totalled=("amount",), words={"bucket": {b: in_words(b) for b in policy.buckets}},
              headings={"amount": "Document amount", "at_rate": f"At the rate of the date, {code}", "booked": f"At booking rates, {code}",
                        "revaluation": f"Unrealised exchange booked, {code}", "is_disputed": "Disputed"},
              not_on_page=("item_id", "instalment_no", "posting_date", "days_past_due", "disputes", "control_account", "amount",
                           "revaluation", "at_rate", "rate", "rate_on", "rate_from", "is_hedged", "booked")),
        exceptions_table(_exceptions(found)),
    )  # fmt: skip


def _exceptions(found: Listing) -> list[pd.DataFrame]:
    def odd(row: Mapping[str, Any]) -> str:
        return f"Account {row['account']}: {row['sentence']}"

    def late(row: Mapping[str, Any]) -> str:
        return f"Dated {row['posting_date']:%Y-%m-%d}, entered {row['entered_at']:%Y-%m-%d %H:%M} UTC"

    items = {
        "customer_id": "customer_id",
        "document_no": "document_no",
        "currency": "currency",
        "amount": "amount",
    }
    missing = flagged(found.items, found.items["at_rate"].isna() & found.items["is_asked"])
    return [
        exceptions_from(found.found.unexplained, subject="unexplained_difference", finding=odd,
                        reference=("account", "document_no", "side"), columns={**items, "since": "date", "owner": "owner"}),
        exceptions_from(found.found.causes, subject="reconciling_item", finding=odd,
                        reference=("account", "cause", "document_no"), columns={**items, "since": "date", "owner": "owner"}),
        exceptions_from(found.late, subject="entered_later", finding=late, reference=("fact", "fact_id", "item_id"),
                        columns={**items, "since": "posting_date", "owner": "user"}),
        exceptions_from(missing, subject="no_rate", finding=lambda row: f"No rate for {row['currency']}: not translated",
                        reference=("item_id", "instalment_no"), columns={**items, "amount": "outstanding"}),
    ]  # fmt: skip


def _findings(found: Listing, ask: Ask, scope: Scope) -> tuple[str, ...]:
    code, made = scope.functional_currency, []
    whole = total(found.tie["listing"])
    lines, items = len(found.items), found.items["item_id"].nunique()
    held = (
        counted(items, "open item")
        if lines == items
        else f"{lines:,} lines of {counted(items, 'open item')} (by instalment)"
    )
    rest = f"{held}, {sums(found.items, 'outstanding')}"
    known = found.items["booked"].notna().all()
    carried = f"; {money_text(whole, code)} in the books with unrealised exchange" if known else ""
    made.append(f"At {day_text(scope.as_of)} the listing holds {rest}{carried}.")
    made.append(population_said(found.population, ask, "open items" if lines == items else "lines"))
    made.append(
        ties_said(
            [one for one in found.controls if one.name == TRIAL_BALANCE], "Listing against trial balance"
        )
    )
    ledger = [one for one in found.controls if one.name == CONTROL]
    if any(one.status is Status.UNEXPLAINED for one in ledger):
        made.append(f"Find the cause of {counted(len(found.found.unexplained), 'difference')} between ledger and sub-ledger: "
                    f"{named(found.found.unexplained, 'document_no')}.")  # fmt: skip
    elif len(found.found.causes):
        made.append(f"Every difference has a cause that cites documents: {counted(len(found.found.causes), 'document')} "
                    f"({named(found.found.causes, 'document_no')}).")  # fmt: skip
    if found.knows_entry_times:
        made.append(
            f"Entered after the date and dated before it: {counted(len(found.late), 'fact')}, {sums(found.late, 'amount')}."
            if len(found.late) else "Nothing dated on or before the date was entered after it."
        )  # fmt: skip
    gap = found.foreign["not_booked"].dropna()
    if gap.ne(0).any():
        made.append(
            f"Exchange that the books lack at the rate of the date: {code} {shown(total(gap), code)}."
        )
    return tuple(made)


def _limits(found: Listing, book: Book, scope: Scope, options: ListingOptions) -> tuple[str, ...]:
    made = []
    if not found.knows_entry_times:
        made.append("Not possible: the books do not say when every item and application was entered, so what was entered after "
                    "the date cannot be named.")  # fmt: skip
    if found.unrated:
        made.append(
            f"Not possible: no {options.rate_kind} rate for {', '.join(found.unrated)}; these items are not translated."
        )
    if found.items["booked"].isna().any():
        count = int(found.items["booked"].isna().sum())
        made.append(
            f"{counted(count, 'open item')} without an amount in {scope.functional_currency}: their accounts are not compared."
        )
    return (*made, *missing_limits(book, {
        "gl_balances": "there is no trial balance to compare with",
        "gl_lines": "differences cannot be named by document",
        "disputes": "no item is marked as disputed",
        "customers": "names are missing",
    }))  # fmt: skip
