"""Credit balances to reclassify. Floor 3, on top of `audit.ledger.credit_balances`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.credit_balances import CreditBalances, credit_balances_of
from arlib.audit.ledger.frames import (
    CREDIT_AGES,
    CREDIT_CUSTOMERS,
    CREDIT_ITEMS,
    JOURNAL,
    CreditClass,
)
from arlib.audit.ledger.unbanked import unbanked_items
from arlib.audit.options.ledger import RECORDED, CreditBalancesOptions
from arlib.credit.refunds.frames import UnclaimedState
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.report.audit.balances import (
    controls_told,
    facts,
    flagged,
    in_books,
    named,
    population_said,
    population_table,
)
from arlib.report.audit.evidence_parts import sums, table
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import in_words, spoken
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

ASSERTIONS = "classification and presentation, rights and obligations, completeness of liabilities"
WAYS = {
    "recorded": "only by a right on record (IAS 32.42, ASC 210-20-45-1)",
    "customer": "inside each customer, no right asked for",
}
OWNER_STATES = {
    UnclaimedState.LETTER_DUE.value: "a letter to the owner is due",
    UnclaimedState.REPORTABLE.value: "reportable to the holder state",
}


def credit_balances_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Every open credit by item and customer, its age, what of it is a liability, and a journal that balances.

    Needs ITEMS; uses what `credit_balances_of` uses. Identities: debits less credits = open items, customers = items, the
    journal balances and is the sum of its items, asked about + left out = all.
    """
    found = credit_balances_of(book, scope=scope, policies=policies, ask=ask)
    options = ask.options or CreditBalancesOptions()
    unbanked = flagged(
        found.items, found.items["item_id"].isin(unbanked_items(book, scope=scope)) & found.items["is_asked"]
    )
    return Report(
        name="credit_balances",
        title=f"Credit balances, {scope.entity}, {day_text(scope.as_of)}",
        question="What is owed to customers inside receivables, and what of it must be shown as a liability?",
        reader="auditors, controller",
        scope=scope,
        tables=_tables(found, options, scope, unbanked),
        controls=(*controls_told(found.controls, scope=scope, grouped=("credit_balances",)), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, options, ask, scope), *_unbanked_said(unbanked), *intake_findings(book)),
        limits=_limits(found, book, options, scope),
        counts={"credits": len(found.items), "asked_credits": int(found.items["is_asked"].sum()), "customers": len(found.customers),
                "journal_lines": len(found.journal), "old": int(_old(found, options).sum())},
        parameters=facts(
            ask, scope=scope, assertions=ASSERTIONS,
            **{"Set off": WAYS[options.set_off], "Old from": counted(options.old_days, "day"),
               "Liability account": options.liability_account or "for the books to decide"},
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _old(found: CreditBalances, options: CreditBalancesOptions) -> pd.Series:
    return found.items["days_open"].ge(options.old_days) & found.items["is_asked"]


def _tables(
    found: CreditBalances, options: CreditBalancesOptions, scope: Scope, unbanked: pd.DataFrame
) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    classes = {"class": {each.value: in_words(each.value) for each in CreditClass}}
    asked_items = flagged(found.items, found.items["is_asked"])
    return (
        table(JOURNAL, found.journal, title=f"Proposed reclassification at {day_text(scope.as_of)}, in {code}", functional=code,
              is_ordered=True, headings={"line_no": "No.", "text": "What it does"},
              note="For presentation: reversed on the next day. It needs an approval and is not posted by this report."),
        table(CREDIT_CUSTOMERS, found.customers, title="Open credits by customer, beside what the customer owes", functional=code,
              headings={"group_debits": "Owed by others of the parent", "net_credit": "Net credit", "right": "Right of set-off",
                        "reclassify": f"To reclassify {code}", "others": "Other credits"},
              not_on_page=("others", "oldest_on", "credits")),
        table(CREDIT_AGES, found.ages, title="Open credits by kind and age", functional=code, words=classes, is_ordered=True),
        population_table(found.population, scope=scope, what="open items below zero"),
        table(CREDIT_ITEMS, asked_items, title="Open credits, item by item", functional=code, key=("item_id",),
              words=classes | spoken(asked_items, "owner_state"),
              columns=("customer_id", "name", "class", "document_no", "document_date", "days_open", "age", "control_account",
                       "currency", "amount", "open_debits", "carrying", "set_off", "reclassify", "why", "owner_state", "dormant_on",
                       "item_id"),
              not_totalled=("open_debits",),
              headings={"amount": "Owed to the customer", "open_debits": "The customer owes", "why": "Why",
                        "carrying": f"Carrying amount {code}", "set_off": f"Set off {code}", "reclassify": f"To reclassify {code}",
                        "owner_state": "Unclaimed property"},
              not_on_page=("item_id", "name", "age", "open_debits", "carrying", "set_off", "dormant_on", "owner_state", "control_account")),
        exceptions_table(_exceptions(found, options, unbanked)),
    )  # fmt: skip


def _exceptions(
    found: CreditBalances, options: CreditBalancesOptions, unbanked: pd.DataFrame
) -> list[pd.DataFrame]:
    items = {"customer_id": "customer_id", "document_no": "document_no", "currency": "currency", "amount": "amount",
             "since": "document_date"}  # fmt: skip
    asked_items = flagged(found.items, found.items["is_asked"])
    old = flagged(asked_items, asked_items["days_open"].ge(options.old_days))
    owners = flagged(asked_items, asked_items["owner_state"].isin(list(OWNER_STATES)))
    unknown = flagged(asked_items, asked_items["carrying"].isna())
    liability = flagged(asked_items, asked_items["reclassify"].gt(0))

    def moved(row: Mapping[str, Any]) -> str:
        return f"{in_words(row['class'])}: {row['why']}"

    return [
        exceptions_from(liability, subject="reclassify", finding=moved, reference=("item_id",), columns=items),
        exceptions_from(old, subject="old_credit", reference=("item_id",), columns=items,
                        finding=lambda row: f"Open for {row['days_open']} days: apply, refund, or hold as unclaimed property"),
        exceptions_from(owners, subject="unclaimed_property", reference=("item_id",), columns=items,
                        finding=lambda row: OWNER_STATES[row["owner_state"]].capitalize()),
        exceptions_from(unbanked, subject="receipt_not_at_the_bank", reference=("item_id",), columns=items,
                        finding=lambda row: "No bank line stands behind this receipt: see whether the money came before it is paid back"),
        exceptions_from(unknown, subject="no_carrying_amount", reference=("item_id",), columns=items,
                        finding=lambda row: "Its amount in the books' currency is not known: it is not in the journal"),
    ]  # fmt: skip


def _findings(
    found: CreditBalances, options: CreditBalancesOptions, ask: Ask, scope: Scope
) -> tuple[str, ...]:
    code = scope.functional_currency
    asked_items = flagged(found.items, found.items["is_asked"])
    made = []
    if len(found.journal):
        moved = flagged(asked_items, asked_items["reclassify"].gt(0))
        unknown = ", and unidentified cash" if moved["customer_id"].isna().any() else ""
        made.append(f"Reclassify {money_text(found.to_reclassify, code)} from receivables to liabilities: "
                    f"{counted(len(moved), 'credit')} of {counted(moved['customer_id'].nunique(), 'customer')}{unknown} "
                    f"({named(moved, 'document_no')}).")  # fmt: skip
    else:
        made.append("Nothing is to be reclassified.")
    if found.otherwise is not None:
        other = "customer" if options.set_off == RECORDED else RECORDED
        made.append(
            f"Set off is counted {WAYS[options.set_off]}; {WAYS[other]}, it would be {money_text(found.otherwise, code)}."
        )
    made.append(population_said(found.population, ask, "open items below zero"))
    cash = flagged(
        asked_items,
        asked_items["class"].isin([CreditClass.UNAPPLIED, CreditClass.ON_ACCOUNT, CreditClass.UNIDENTIFIED]),
    )
    memos = flagged(asked_items, asked_items["class"].isin([CreditClass.CREDIT_MEMO, CreditClass.OVERPAID]))
    made.append(f"Cash not applied: {counted(len(cash), 'receipt')}, {sums(cash, 'amount')}; credit memos and overpaid documents: "
                f"{counted(len(memos), 'document')}, {sums(memos, 'amount')}.")  # fmt: skip
    old = flagged(found.items, _old(found, options))
    if len(old):
        made.append(f"{counted(len(old), 'credit')} of {sums(old, 'amount')} open for {options.old_days} days and more: "
                    f"{named(old, 'document_no')}; look at them as unclaimed property.")  # fmt: skip
    standing = flagged(asked_items, asked_items["why"].str.startswith("stands on a liability"))
    if len(standing):
        made.append(
            f"On a liability account already: {counted(len(standing), 'credit')}, {in_books(standing, 'carrying', scope)}."
        )
    return tuple(made)


def _unbanked_said(rows: pd.DataFrame) -> tuple[str, ...]:
    """The caution about credits that may be nobody's money."""
    if rows.empty:
        return ()
    return (
        f"Caution: no bank line stands behind {counted(len(rows), 'credit')} of {sums(rows, 'amount')} ({named(rows, 'document_no')}). "
        "Until the money is found it is no liability to pay, and the receipt may not exist.",
    )


def _limits(
    found: CreditBalances, book: Book, options: CreditBalancesOptions, scope: Scope
) -> tuple[str, ...]:
    made = list(found.limits)
    unknown = int(found.items["carrying"].isna().sum())
    if unknown:
        made.append(f"Not possible in {scope.functional_currency}: {counted(unknown, 'credit')} carry no amount in it and are not in "
                    f"the journal ({sums(flagged(found.items, found.items['carrying'].isna()), 'amount')}).")  # fmt: skip
    if total(found.items["reclassify"]) and not options.liability_account:
        made.append("The request names no liability account: the journal says which kind of liability.")
    if not book.has("security") and options.set_off == RECORDED:
        made.append("No rights of set-off were given: no credit reduces a debit.")
    return (*made, *missing_limits(book, {
        "customers": "names, parents and owners' addresses are missing",
        "control_accounts": "no account is known as a liability",
        "applications": "every item counts as open in full",
    }))  # fmt: skip
