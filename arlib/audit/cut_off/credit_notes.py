"""Credits booked after the date for invoices booked before it: what the balance at the date was too high by. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.credit_links import CREDITS, credits_of, evidence_of, links_of
from arlib.audit.cut_off.credit_windows import patterns_of, reach_of, windows_of
from arlib.audit.cut_off.frames import CREDITS_AFTER, Grade
from arlib.audit.cut_off.population_ties import documents_posted, population_controls
from arlib.audit.cut_off.tested import Test, adds_up, counted_by, not_possible, population_of, tests_of
from arlib.audit.options.cut_off import CreditNotesAfterOptions
from arlib.audit.population import Population
from arlib.controls import Control, Identity
from arlib.ledger.facts import of_entity
from arlib.money import times
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType

_REBILL = ("rebill", "rebilled")
_MANY = 4  # invoices that a row names


@dataclass(frozen=True, kw_only=True)
class CreditsAfter:
    """What `credits_after` found."""

    credits: pd.DataFrame  # CREDITS_AFTER
    patterns: pd.DataFrame  # CREDIT_PATTERNS
    windows: pd.DataFrame  # CREDIT_WINDOWS
    tests: pd.DataFrame  # TESTS
    population: pd.DataFrame  # POPULATION
    controls: tuple[Control, ...]  # the population against the sub-ledger's postings, by currency
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]
    days: int  # days after the date that were looked at: the option, or as far as the books reach


def credits_after(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> CreditsAfter:
    """Credit memos and adjustments booked within `days_after` of the date for invoices booked on or before it.

    The date itself is before; the last of the days is in the window. Where the books end earlier, the window ends there,
    for the earlier months too, so that rates compare. Cause known at the date: a dispute, a deduction or a request was
    there on or before it, the goods came back or the credit itself is dated on or before it, or the invoice was taken back
    whole. IAS 10.9 and ASC 855-10-25-1 make such credits an adjustment of the balance at the date; whether others are is
    a judgement (IFRS 15.56 constrains revenue that may be reversed), so their accrual is 0 and they are listed. What was
    billed again within the window is taken off the accrual. Write-offs are not credits; see approvals and look-back. Needs
    ITEMS; uses APPLICATIONS, DISPUTES, DEDUCTIONS, ADJUSTMENT_REQUESTS.
    """
    options = ask.options if isinstance(ask.options, CreditNotesAfterOptions) else CreditNotesAfterOptions()
    every = credits_of(book, scope=scope, population=ask.population)
    links = links_of(every, book, scope=scope)
    days = min(options.days_after, reach_of(book, scope=scope))
    cut = pd.Timestamp(scope.as_of)
    until = cut + timedelta(days=days)
    inside = every[(every["day"].gt(cut) & every["day"].le(until)).to_numpy(dtype=bool)].reset_index(
        drop=True
    )
    mine = links[links["item_id"].isin(inside["item_id"])]
    early = mine[(mine["target_day"] <= cut).to_numpy(dtype=bool)]
    part = pd.Series("credits that name no invoice", index=inside.index)
    part[inside["item_id"].isin(mine["item_id"])] = "for invoices after the date"
    part[inside["item_id"].isin(early["item_id"])] = "for invoices before the date"
    whole = credits_of(book, scope=scope, population=Population())
    whole = whole[(whole["day"].gt(cut) & whole["day"].le(until)).to_numpy(dtype=bool)]
    rest = whole[~whole["item_id"].isin(inside["item_id"])]
    population = pd.concat(
        [population_of(inside, part), population_of(rest, pd.Series("left out: not asked for", index=rest.index))], ignore_index=True,
    )  # fmt: skip
    posted = documents_posted(book, scope=scope, days=(cut + timedelta(days=1), until), item_types=CREDITS)
    posted = posted[posted["amount"].lt(0).to_numpy(dtype=bool)]
    rows = _rows(inside, early, book, scope=scope, until=until)
    windows = windows_of(book, every, links, scope=scope, months=options.earlier_months, days=days)
    tests = _tests(book, inside, part, windows, days=days, wanted=options.days_after)
    found = pd.DataFrame(
        {"test": "credits", "grade": np.where(rows["was_known"], Grade.EXCEPTION.value, Grade.EXPLAINED.value)}
    )  # fmt: skip
    return CreditsAfter(
        credits=rows,
        patterns=patterns_of(rows),
        windows=windows,
        tests=tests_of(tests, found),
        population=population,
        controls=population_controls(population, posted, what="Credits", scope=scope),
        identities=adds_up(population, counted_by(whole), name="credits_after", label="credits booked in the window",
                           entity=scope.entity),
        limits=not_possible(tests),
        days=days,
    )  # fmt: skip


def _rows(
    inside: pd.DataFrame, early: pd.DataFrame, book: Book, *, scope: Scope, until: pd.Timestamp
) -> pd.DataFrame:
    """CREDITS_AFTER: one row a credit, the known causes first, then by amount in the books' currency."""
    if early.empty:
        return CREDITS_AFTER.empty()
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    known = evidence_of(book, scope=scope)
    again = items[
        items["replaces"].isin(early["target_item_id"])
        & items["item_type"].eq(ItemType.INVOICE.value)
        & items["posting_date"].fillna(items["effective_date"]).between(pd.Timestamp(scope.as_of), until)
    ]
    rebilled = again.groupby("replaces")["amount"].sum()
    by_credit = {str(item): part for item, part in early.groupby("item_id", sort=True)}
    rows = []
    for at in np.flatnonzero(inside["item_id"].isin(early["item_id"]).to_numpy(dtype=bool)).tolist():
        credit = inside.iloc[at]
        rows.append(_row(credit, by_credit[str(credit["item_id"])], items, known, rebilled, scope))
    order = [(not row["was_known"], -row["worth"], row["document_no"], row["item_id"]) for row in rows]
    ranked = [row for _, row in sorted(zip(order, rows, strict=True), key=lambda pair: pair[0])]
    return CREDITS_AFTER.from_rows({**row, "rank": number} for number, row in enumerate(ranked, start=1))


def _row(
    credit: pd.Series,
    links: pd.DataFrame,
    items: pd.DataFrame,
    known: pd.DataFrame,
    rebilled: pd.Series,
    scope: Scope,
) -> dict[str, Any]:
    targets = items.loc[links["target_item_id"]]
    amount = min(int(links["applied"].sum()), -int(credit["amount"]))
    again = min(int(rebilled.reindex(links["target_item_id"]).fillna(0).sum()), amount)
    is_rebill = again > 0 or str(credit["reason"]).lower() in _REBILL
    is_reversal = bool(credit["reverses"] in items.index) and amount >= int(targets["amount"].sum())
    evidence = _evidence(credit, links, known, scope)
    if is_reversal and not evidence and not is_rebill:
        evidence.append("the invoice is taken back whole: the sale did not stand at the date")
    way = "rebill" if is_rebill else "reversal" if is_reversal else (
        "short payment accepted" if credit["item_type"] == ItemType.ADJUSTMENT.value else "credit"
    )  # fmt: skip
    numbers = [str(number) for number in targets["document_no"]]
    first = targets["posting_date"].fillna(targets["effective_date"]).min()
    worth = credit["functional_amount"]
    return {
        **{name: credit[name] for name in ("entity", "item_id", "document_no", "item_type", "customer_id", "user", "reason", "currency")},
        "posting_date": credit["day"], "sales_rep": targets["sales_rep"].dropna().min() if targets["sales_rep"].notna().any() else None,
        "way": way, "invoices": ", ".join(numbers[:_MANY]) + (f" and {len(numbers) - _MANY} more" if len(numbers) > _MANY else ""),
        "invoiced_on": first, "amount": amount, "tax_amount": _tax(links, targets), "was_known": bool(evidence),
        "accrual": amount - again if evidence else 0, "rebilled": again,
        "worth": abs(int(worth)) if pd.notna(worth) else amount,
        "finding": _sentence(credit, evidence, again),
    }  # fmt: skip


def _evidence(credit: pd.Series, links: pd.DataFrame, known: pd.DataFrame, scope: Scope) -> list[str]:
    """Records of on or before the date."""
    cut = pd.Timestamp(scope.as_of)
    about = known[known["item_id"].isin(links["target_item_id"]) & known["on"].le(cut)]
    found = [str(record) for record in about["record"]]
    for name, words in (("delivery_date", "the goods came back on"), ("document_date", "the credit is dated"),
                        ("effective_date", "it took effect on")):  # fmt: skip
        day = credit[name]
        if pd.notna(day) and day <= cut:
            found.append(f"{words} {day:%Y-%m-%d}")
            break
    return list(dict.fromkeys(found))


def _sentence(credit: pd.Series, evidence: list[str], again: int) -> str:
    reason = (
        f"reason {credit['reason']}" if pd.notna(credit["reason"]) and credit["reason"] else "no reason code"
    )
    said = (
        f"known at the date: {'; '.join(evidence)}"
        if evidence
        else "nothing on record shows that the cause was known at the date"
    )
    more = "; billed again within the window" if again else ""
    return f"{said}; {reason}{more}"


def _tax(links: pd.DataFrame, targets: pd.DataFrame) -> int | None:
    """Tax in what is credited, in the proportion of each invoice; None where an invoice does not say its tax."""
    if targets["tax_amount"].isna().any():
        return None
    return sum(
        times(int(applied), Fraction(int(tax), int(amount))) if amount else 0
        for applied, tax, amount in zip(
            links["applied"], targets["tax_amount"], targets["amount"], strict=True
        )
    )


def _tests(
    book: Book, inside: pd.DataFrame, part: pd.Series, windows: pd.DataFrame, *, days: int, wanted: int
) -> list[Test]:
    linked = int(part.ne("credits that name no invoice").sum())
    records = [name for name in ("disputes", "deductions", "adjustment_requests") if book.has(name)]
    earlier = windows.loc[~windows["is_asked"].to_numpy(dtype=bool), "month_end"].nunique()
    short = f"the books end {days} days after the date, {wanted} were asked for" if 0 < days < wanted else ""
    nothing = "the books hold nothing after the date" if days == 0 else ""
    no_link = "they name no invoice" if linked < len(inside) else ""
    return [
        Test(name="credits", assertion="cut-off, accuracy of revenue", tested=linked, not_tested=len(inside) - linked,
             is_possible=days > 0, why_not="; ".join(said for said in (nothing, short, no_link) if said),
             words="Credits after the date are traced to the invoices that they reduce; those of before the date lower the balance at it."),
        Test(name="known_at_the_date", assertion="valuation", tested=linked if records else 0, not_tested=0 if records else linked,
             why_not="" if records else "no disputes, deductions or requests were given; only dates and reversals speak",
             words="A record of on or before the date shows the cause."),
        Test(name="earlier_months", assertion="cut-off", tested=earlier, why_not="" if earlier >= 3 else "fewer than three earlier windows",
             words="The same window after earlier month ends, as a share of what was billed in the month."),
    ]  # fmt: skip
