"""The collections report: whom to call, what sales and the credit manager are told, what stands in the way. Floor 3.

Weekly, and on any other calendar: it asks for nothing but an as-of date.
"""

from __future__ import annotations

from dataclasses import replace

from arlib.controls import Control
from arlib.ledger.aging import age_items, aging
from arlib.ledger.openitems import open_items
from arlib.money import iso_code, total
from arlib.policy import Credits, Policies, Scope
from arlib.report.collections_charts import charts
from arlib.report.collections_contact import contact_tables
from arlib.report.collections_credit import credit_tables
from arlib.report.collections_facts import CollectionFacts, gather
from arlib.report.collections_review import review_findings, review_tables
from arlib.report.collections_tables import detail_tables, work_tables
from arlib.report.collections_words import findings, limits, parameters
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report
from arlib.report.tied import tied_as_one
from arlib.report.words import day_text
from arlib.tables import Book

MISSING = {
    "applications": "every item counts as open in full, and no past tells what a call brings",
    "customers": "names, collectors and sales executives are missing",
    "disputes": "nothing is left out as disputed",
    "promises": "no promise is judged, and none leaves an amount out",
    "plans": "no payment arrangement is looked at",
    "activities": "contacts, silence and coverage are not known",
    "collection_exceptions": "no account is outside the procedure by agreement",
    "placements": "nothing is known to be with an agency or an attorney",
    "claims": "bankruptcies and estates are known by the status of a customer only",
    "customer_files": "customer files are not checked",
    "orders": "open orders are in no exposure",
    "terms_exceptions": "no terms beside a customer's own count as approved",
    "bureau_reports": "no reference is shown, and none is behind a limit",
    "portal_invoices": "what became of invoices in portals is not known",
    "security": "no part of an exposure counts as insured or secured",
}


def collections_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """Call list, what is left out of it, hit list for sales, contact, promises, disputes, holds, letters at the as-of date.

    Needs ITEMS; uses every table of collecting and casework that is given, and names the others among the limits. By
    currency, call list and left out add up to the past due of the aging: a control, since it is counted twice. Raises
    what `open_items` raises, and RateError for a limit of the policy in a currency without a closing rate.
    """
    facts = gather(book, scope=scope, policies=policies)
    return Report(
        name="collections",
        title=f"Collections, {scope.entity}, {day_text(scope.as_of)}",
        question="Who is to be called, who is not and why, and what stands in the way of payment?",
        reader="collectors, sales, credit manager",
        scope=scope,
        tables=(
            *work_tables(facts, scope=scope, policies=policies), *contact_tables(facts, scope=scope),
            *credit_tables(facts, scope=scope), *review_tables(facts, scope=scope), *detail_tables(facts, scope=scope),
        ),
        charts=charts(facts, scope=scope, policies=policies),
        controls=(*_controls(book, facts, scope, policies), *intake_controls(book, scope=scope)),
        identities=(*facts.identities, *intake_checks(book)),
        findings=(
            *findings(facts, scope=scope, policies=policies), *review_findings(facts, scope=scope), *intake_findings(book),
        ),
        limits=(*limits(facts, policies=policies), *missing_limits(book, MISSING)),
        counts={
            "calls": len(facts.lists.calls), "left_out": len(facts.lists.left_out), "hits": len(facts.lists.hits),
            "escalations": len(facts.lists.escalations), "obstacles": len(facts.obstacles), "letters": len(facts.dunning.letters),
        },
        parameters=parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _controls(book: Book, facts: CollectionFacts, scope: Scope, policies: Policies) -> tuple[Control, ...]:
    """The lists against an aging that is worked out anew, and whether the bank is up to date."""
    apart = replace(policies.aging, credits=Credits.SHOWN)
    aged = aging(age_items(open_items(book, scope=scope), as_of=scope.as_of, policy=apart), by=("currency",))
    late = aged[aged["bucket"].isin(policies.aging.past_due_buckets)]
    parts, out = facts.lists.parts, facts.lists.left_out
    sums = [
        Control(
            name="work_lists", title=f"Past due in {iso_code(code)}: call list and left out = aging", entity=scope.entity,
            currency=code, left_label="to be called for, and left out",
            left=total(parts.loc[parts["currency"].eq(code), "collectable"]) + total(out.loc[out["currency"].eq(code), "amount"]),
            right_label="past due of the aging", right=total(late.loc[late["currency"].eq(code), "amount"]),
        )
        for code in sorted({*late["currency"], *parts["currency"]}) or [scope.functional_currency]
    ]  # fmt: skip
    return (*tied_as_one(sums, functional=scope.functional_currency), _bank(facts, scope))


def _bank(facts: CollectionFacts, scope: Scope) -> Control:
    """Cash that may have come in after the last statement: none where every account is up to date, else not known."""
    late = facts.lists.cases.late_bank
    return Control(
        name="bank_up_to_date", title="Bank statements up to date: no unknown cash behind the lists", entity=scope.entity,
        currency=scope.functional_currency, left_label="cash after the last statements", left=None if late else 0,
        right_label="none", right=None if late else 0, note=" ".join(late),
    )  # fmt: skip
