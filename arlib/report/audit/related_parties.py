"""Related parties and own companies, and who may be one. Floor 3, on top of `audit.ledger.related_parties`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.evidence import KINDS, WORDS
from arlib.audit.ledger.frames import RollGroup
from arlib.audit.ledger.frames_parties import (
    EVIDENCE,
    MISPLACED,
    PARTIES,
    PARTY_BALANCES,
    PARTY_TERMS,
    PARTY_TRANSACTIONS,
    Standing,
    Strength,
)
from arlib.audit.ledger.related_parties import FEWEST, RelatedParties, related_parties_of
from arlib.audit.options.ledger import RelatedPartiesOptions
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
from arlib.report.words import counted, day_text, plain
from arlib.tables import Book
from arlib.tables.rows import is_none, records

ASSERTIONS = "completeness and accuracy of disclosure (IAS 24.18, ASC 850-10-50-1), existence, valuation"


def related_parties_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Parties on record, candidates with their evidence, balances, the year's transactions, terms and lateness.

    Needs ITEMS, APPLICATIONS and CUSTOMERS; uses what `related_parties_of` uses. A candidate is a question, not a finding:
    what it shares stands beside it. Identities: balances by standing = open items asked about = population.
    """
    found = related_parties_of(book, scope=scope, policies=policies, ask=ask)
    options = ask.options or RelatedPartiesOptions()
    parties = found.parties["standing"]
    return Report(
        name="related_parties",
        title=f"Related parties, {scope.entity}, {day_text(scope.as_of)}",
        question="What is open and was done with related parties and own companies, and who may be one and is not on record?",
        reader="auditors, controller",
        scope=scope,
        tables=_tables(found, scope),
        controls=(*controls_told(found.controls, scope=scope, grouped=("related_parties",)), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, ask, scope), *intake_findings(book)),
        limits=_limits(found, book, scope),
        counts={"intercompany": int(parties.eq(Standing.INTERCOMPANY).sum()), "related": int(parties.eq(Standing.RELATED).sum()),
                "candidates": int(parties.eq(Standing.CANDIDATE).sum()), "transactions": len(found.transactions),
                "long_terms": len(found.terms), "misplaced": len(found.misplaced)},
        parameters=facts(
            ask, scope=scope, assertions=ASSERTIONS,
            **{"Transactions from": day_text(found.first), "Evidence": ", ".join(WORDS[kind] for kind in KINDS),
               "Shared by too many": f"more than {counted(options.shared_by_at_most, 'customer')}",
               "Late": f"more than {counted(options.later_days, 'day')} later than others, by amount"},
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: RelatedParties, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    standing = {
        "standing": {each.value: in_words(each.value) for each in Standing}
        | {"own_bank_account": "Our own account"}
    }
    groups = {"group": {group.value: in_words(group.value) for group in RollGroup}}
    candidates = flagged(found.parties, found.parties["standing"].eq(Standing.CANDIDATE))
    on_record = flagged(found.parties, found.parties["standing"].ne(Standing.CANDIDATE))
    money = {name: f"{in_words(name)} {code}" for name in ("debits", "credits", "balance", "past_due", "sales", "receipts",
                                                           "write_offs", "adjustments")}  # fmt: skip
    headings = money | {"credit_days": "Credit days", "usual_days": "Others' credit days", "days_late": "Days late",
                        "usual_late": "Others' days late", "findings": "What stands out"}  # fmt: skip
    hidden = ("rank", "debits", "credits", "past_due", "adjustments", "usual_days", "usual_late", "evidence", "strength", "write_offs",
              "standing", "findings")  # fmt: skip
    made = []
    for name, frame, title, shown in (
        (
            "parties_on_record",
            on_record,
            "Related parties and own companies on record",
            ("standing", "findings"),
        ),
        (
            "candidates",
            candidates,
            "Candidates: not flagged, and sharing something with one that is",
            ("strength", "findings"),
        ),
    ):
        made.append(table(
            PARTIES, frame, name=name, title=title, functional=code, is_ordered=True, words=standing | spoken(frame, "strength"),
            headings=headings, not_on_page=tuple(each for each in hidden if each not in shown), key=("customer_id",),
        ))  # fmt: skip
    return (
        *made,
        table(EVIDENCE, found.found.evidence, title="What candidates share, side by side", functional=code, is_ordered=True,
              words=standing | {"kind": {kind: word.capitalize() for kind, word in WORDS.items()}},
              columns=("rank", "customer_id", "name", "kind", "strength", "value", "shared_with", "other_name", "standing", "sentence"),
              headings={"shared_with": "Shared with", "other_name": "Its name", "sentence": "In words"}, not_on_page=("sentence",)),
        table(PARTY_BALANCES, found.balances, title="Open items by standing and currency", functional=code, is_ordered=True,
              words=standing, headings={"outstanding": "Open, net"}),
        population_table(found.population, scope=scope),
        table(PARTY_TERMS, found.terms, title="Invoices with longer credit than others get", functional=code, words=standing,
              columns=("customer_id", "standing", "document_no", "document_date", "due_date", "credit_days", "usual_limit", "currency",
                       "amount", "item_id"), key=("item_id",), not_on_page=("item_id",),
              headings={"usual_limit": "19 of 20 of others'"}),
        table(MISPLACED, found.misplaced, title="Own companies outside intercompany accounts, and others on them", functional=code,
              key=("item_id", "instalment_no"), not_on_page=("item_id", "instalment_no"), words=spoken(found.misplaced, "role"),
              headings={"outstanding": "Open", "why": "Why"}),
        table(PARTY_TRANSACTIONS, found.transactions, name="related_transactions", title="Transactions of the year", functional=code,
              is_detail=True, key=("posting_id",), words=standing | groups | spoken(found.transactions, "line", "item_type"),
              columns=("customer_id", "standing", "group", "line", "date", "document_no", "item_type", "account", "user", "currency",
                       "amount", "functional_amount", "posting_id"),
              headings={"group": "Line", "line": "Detail", "functional_amount": f"Amount {code}"},
              not_on_page=("item_type", "account", "user", "posting_id", "line")),
        exceptions_table(_exceptions(found, scope)),
    )  # fmt: skip


def _exceptions(found: RelatedParties, scope: Scope) -> list[pd.DataFrame]:
    parties = found.parties.assign(currency=scope.functional_currency)
    columns = {"customer_id": "customer_id", "currency": "currency", "amount": "balance"}
    candidates = flagged(parties, parties["standing"].eq(Standing.CANDIDATE))
    odd = flagged(parties, parties["standing"].ne(Standing.CANDIDATE) & parties["findings"].fillna("").ne(""))
    items = {"customer_id": "customer_id", "document_no": "document_no", "currency": "currency"}

    def candidate(row: Mapping[str, Any]) -> str:
        return f"May be a related party ({row['strength']} evidence): {row['evidence']}"

    def long(row: Mapping[str, Any]) -> str:
        return f"Credit of {row['credit_days']} days; 19 of 20 invoices to others have {row['usual_limit']} or fewer"

    return [
        exceptions_from(candidates, subject="candidate", finding=candidate, reference=("customer_id",), columns=columns),
        exceptions_from(odd, subject="related_party", reference=("customer_id",), columns=columns,
                        finding=lambda row: f"{row['evidence'].capitalize()}: {row['findings']}"),
        exceptions_from(found.terms, subject="long_terms", reference=("item_id",), finding=long,
                        columns={**items, "amount": "amount", "since": "document_date"}),
        exceptions_from(found.misplaced, subject="misplaced_item", reference=("item_id", "instalment_no"),
                        columns={**items, "amount": "outstanding"}, finding=lambda row: f"Account {row['control_account']}: {row['why']}"),
    ]  # fmt: skip


def _findings(found: RelatedParties, ask: Ask, scope: Scope) -> tuple[str, ...]:
    rows, made = found.parties, []
    for standing, what, plural in ((Standing.INTERCOMPANY, "company of the group", "companies of the group"),
                                   (Standing.RELATED, "related party", "related parties")):  # fmt: skip
        part = flagged(rows, rows["standing"].eq(standing))
        balance, sales = (in_books(part, name, scope) for name in ("balance", "sales"))
        said = f": balance {balance}, sales since {day_text(found.first)} {sales}" if len(part) else ""
        made.append(f"On record: {counted(len(part), what, plural)}{said}.")
    candidates = flagged(rows, rows["standing"].eq(Standing.CANDIDATE))
    strong = flagged(candidates, candidates["strength"].eq(Strength.STRONG))
    weak = flagged(candidates, candidates["strength"].eq(Strength.WEAK))
    for part, word in ((strong, "strong"), (weak, "weak")):
        if len(part):
            told = "; ".join(
                f"{row['customer_id']} {_name(row)}{row['evidence']}" for row in records(part.head(5))
            )
            more = f"; and {len(part) - 5} more" if len(part) > 5 else ""
            made.append(
                f"Ask management about {counted(len(part), 'customer')} not on record, with {word} evidence: {told}{more}."
            )
    if not len(candidates):
        made.append(
            "No customer shares bank account, tax number, parent, e-mail domain, telephone or address with one on record."
        )
    odd = flagged(rows, rows["findings"].fillna("").ne(""))
    if len(odd):
        made.append(
            "Stands out: "
            + "; ".join(f"{row['customer_id']} {row['findings']}" for row in records(odd.head(5)))
            + "."
        )
    if len(found.misplaced):
        made.append(f"{counted(len(found.misplaced), 'open item')} on the wrong kind of account, {sums(found.misplaced, 'outstanding')}: "
                    f"{named(found.misplaced, 'document_no')}.")  # fmt: skip
    made.append(population_said(found.population, ask))
    return tuple(made)


def _name(row: Mapping[str, Any]) -> str:
    return "" if is_none(row["name"]) else f"{plain(str(row['name']), limit=40)}, "


def _limits(found: RelatedParties, book: Book, scope: Scope) -> tuple[str, ...]:
    made = list(found.found.crowded)
    if lost := [WORDS[kind] for kind in KINDS if kind not in (*found.found.looked_at, "own_bank_account")]:
        made.append(
            f"Not possible: the books say no {', '.join(lost)} of any customer, so candidates cannot be found by it."
        )
    if not found.parties["standing"].isin([Standing.INTERCOMPANY, Standing.RELATED]).any():
        made.append(
            "No customer is flagged as a related party or a company of the group: candidates are looked for beside flagged ones."
        )
    if found.usual_invoices < FEWEST:
        made.append(
            f"Only {counted(found.usual_invoices, 'invoice')} to others in the year: what is usual says little."
        )
    if found.unvalued:
        made.append(f"{counted(found.unvalued, 'open item')} of these parties without an amount in {scope.functional_currency} "
                    "count as nothing in its balances.")  # fmt: skip
    made.append(
        "Who owns or manages a customer is not in these books: ask for the declarations of those in charge."
    )
    return (
        *made,
        *missing_limits(
            book,
            {"customers": "there are no flags, names or evidence", "applications": "lateness is not known"},
        ),
    )
