"""All leaks by cause, team, customer and month; which causes recur; and that each ties to its source. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from arlib.collect.leakage.billing import LateBilling, credits_and_rebills, late_billing
from arlib.collect.leakage.claims import deductions, disputes, short_payments
from arlib.collect.leakage.facts import AMOUNTS, Facts, facts_of
from arlib.collect.leakage.frames import LEAKAGE_LINES, LEAKAGE_RECORDS, RECURRING_CAUSES, Leak
from arlib.collect.leakage.settled import Discounts, small_write_offs, unearned_discounts
from arlib.collect.leakage.ties import leakage_identities
from arlib.controls import Identity
from arlib.credit.write_off.words import in_words, many, money
from arlib.money import totals_by
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import records

MONEY = [*AMOUNTS, *(f"books_{name}" for name in AMOUNTS)]
BY = ["entity", "kind", "cause", "team", "customer_id", "month", "currency"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Leakage:
    """Where revenue leaked in the months; `limits` says in words what could not be told."""

    lines: pd.DataFrame  # LEAKAGE_LINES
    records: pd.DataFrame  # LEAKAGE_RECORDS
    recurring: pd.DataFrame  # RECURRING_CAUSES
    late_billing: pd.DataFrame  # LATE_BILLING
    months: tuple[str, ...]
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]


def leakage(book: Book, *, scope: Scope, policies: Policies) -> Leakage:
    """Leaks of the last `trend_months` calendar months up to the as-of date, that day in.

    Needs ITEMS and APPLICATIONS; uses DEDUCTIONS, DISPUTES, CUSTOMERS and their terms, FX_RATES. A record falls into the
    month of the day on which it was taken, opened, or counts in the ledger (the scope's basis). See `claims`, `billing`
    and `settled` for what each kind is and what of it counts as lost. Never add `amount` over kinds; `lost` may be added.
    A cause recurs that was seen in `recurring_months` of the months or more, or with `recurring_customers` customers or
    more.
    """
    facts = facts_of(book, scope=scope, policies=policies)
    errors, small = credits_and_rebills(facts), small_write_offs(facts)
    late, discounts = late_billing(facts), unearned_discounts(facts)
    counted = set(errors["item_id"]) | set(small["item_id"])
    short = short_payments(facts, counted_elsewhere=counted)
    found = [deductions(facts), short, disputes(facts), errors, late.rows, small, discounts.rows]
    rows = _records(found, facts)
    return Leakage(
        lines=_lines(rows, facts),
        records=rows,
        recurring=_recurring(rows, facts),
        late_billing=late.lines,
        months=facts.months,
        identities=leakage_identities(rows, facts, discounts.judged),
        limits=tuple(_limits(rows, facts, late, discounts)),
    )


def _records(found: list[pd.DataFrame], facts: Facts) -> pd.DataFrame:
    """LEAKAGE_RECORDS of all kinds, with month, name, document number and amounts at booking rates."""
    parts = []
    for rows in found:
        kept = rows.drop(columns=["books_amount"], errors="ignore").assign(
            **{name: rows[name].astype("Int64") for name in AMOUNTS}
        )
        parts.append(LEAKAGE_RECORDS.typed(facts.booked(kept)))
    made = pd.concat(parts, ignore_index=True)
    made["entity"] = facts.scope.entity
    made["month"] = made["on"].dt.strftime("%Y-%m")
    made["customer_id"] = made["customer_id"].fillna("")
    made["name"] = facts.names.reindex(made["customer_id"]).set_axis(made.index)
    numbers = facts.items.set_index("item_id")["document_no"]
    made["item_id"] = made["item_id"].fillna("")
    made["document_no"] = numbers.reindex(made["item_id"]).set_axis(made.index).fillna("")
    typed = LEAKAGE_RECORDS.typed(made)
    return typed.sort_values(list(LEAKAGE_RECORDS.key), kind="stable", ignore_index=True)


def _lines(rows: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    if rows.empty:
        return LEAKAGE_LINES.empty()
    made = totals_by(rows, BY, MONEY)
    groups = rows.assign(unrated=rows["books_amount"].isna()).groupby(BY, dropna=False, sort=True)
    counts = groups.agg(records=("source_id", "size"), unrated=("unrated", "sum")).reset_index()
    made = made.merge(counts, on=BY, validate="one_to_one")
    made["name"] = facts.names.reindex(made["customer_id"]).set_axis(made.index)
    return LEAKAGE_LINES.typed(made).sort_values(list(LEAKAGE_LINES.key), kind="stable", ignore_index=True)


def _recurring(rows: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """RECURRING_CAUSES, ranked: the recurring first, then by what was lost, is pending, and it is about."""
    if rows.empty:
        return RECURRING_CAUSES.empty()
    by, policy = ["kind", "cause"], facts.policies.performance
    made = totals_by(rows, by, [f"books_{name}" for name in AMOUNTS])
    groups = rows.assign(unrated=rows["books_amount"].isna()).groupby(by, sort=True)
    seen = groups.agg(
        months=("month", "nunique"), customers=("customer_id", "nunique"), records=("source_id", "size"),
        first_month=("month", "min"), last_month=("month", "max"), unrated=("unrated", "sum"),
    ).reset_index()  # fmt: skip
    teams = rows.groupby([*by, "team"]).size().rename("n").reset_index()
    teams = teams.sort_values([*by, "n", "team"], ascending=[True, True, False, True], kind="stable")
    made = made.merge(seen, on=by, validate="one_to_one").merge(
        teams.drop_duplicates(by)[[*by, "team"]], on=by, validate="one_to_one"
    )
    made["is_recurring"] = made["months"].ge(policy.recurring_months) | made["customers"].ge(
        policy.recurring_customers
    )
    made = made.sort_values(
        ["is_recurring", "books_lost", "books_pending", "books_amount", "kind", "cause"],
        ascending=[False, False, False, False, True, True], kind="stable", ignore_index=True,
    )  # fmt: skip
    made = made.assign(
        entity=facts.scope.entity, currency=facts.scope.functional_currency, rank=range(1, len(made) + 1)
    )
    made["what"] = [_words(row) for row in records(made)]
    return RECURRING_CAUSES.typed(made)


def _words(row: dict[str, object]) -> str:
    currency = str(row["currency"])
    count, months, customers = (int(str(row[name])) for name in ("records", "months", "customers"))
    said = (
        f"{in_words(row['cause'])}: {many(count, 'record')} with {many(customers, 'customer')} in "
        f"{many(months, 'month')}, about {money(int(str(row['books_amount'])), currency)}"
    )
    parts = [
        f"{money(int(str(row[name])), currency)} {word}"
        for name, word in (("books_lost", "lost"), ("books_pending", "not decided"))
        if int(str(row[name]))
    ]
    return f"{said}; {', '.join(parts)}." if parts else f"{said}."


def _limits(rows: pd.DataFrame, facts: Facts, late: LateBilling, discounts: Discounts) -> Iterator[str]:
    """What could not be told, in words."""
    for table, kind in (("deductions", "deductions"), ("disputes", "disputes")):
        if not facts.book.has(table):
            yield f"The books have no table of {kind}: none is counted."
    if late.undated:
        yield f"No day of delivery on {many(late.undated, 'invoice')} of the months: whether billed late cannot be told."
    if discounts.unjudged:
        yield f"{many(discounts.unjudged, 'discount')} of the months cannot be judged: neither invoice nor customer has readable terms."
    errors = rows[rows["kind"].eq(Leak.CREDIT_AND_REBILL.value)]
    if len(errors):
        yield "A credit for a billing error that no new invoice follows is counted, but not as lost: it should not have been billed."
    if unrated := int(rows["books_amount"].isna().sum()):
        yield f"No booking rate for {many(unrated, 'record')}: left out of the amounts in the books' currency."
