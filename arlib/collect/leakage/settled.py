"""What was let go in settling: small write-offs, and discounts that were not earned. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from arlib.calendar import parse_terms
from arlib.collect.contact.disputes import route_of
from arlib.collect.leakage.facts import Facts
from arlib.collect.leakage.frames import Leak
from arlib.credit.write_off.limits import limit_minor
from arlib.errors import ParameterError, RateError
from arlib.ledger.facts import fact_dates
from arlib.money import times
from arlib.policy import WriteOffPolicy
from arlib.policy.write_off import WriteOffLimit
from arlib.tables.choices import ItemType, ProposalKind
from arlib.tables.rows import Row, is_none, records

WRITTEN_OFF = (ItemType.WRITE_OFF.value, ItemType.ADJUSTMENT.value)
ROUNDING = 1  # minor units that a discount may be above the one offered


@dataclass(frozen=True, kw_only=True, eq=False)
class Discounts:
    """Discounts taken without being earned, as records; and all that were allowed, by currency and judgement."""

    rows: pd.DataFrame
    judged: pd.DataFrame  # currency, discount, unearned (missing where nobody can tell)
    unjudged: int


def small_write_offs(facts: Facts) -> pd.DataFrame:
    """Write-offs and adjustments of the months that were small: by their reason code, or up to `small_balance_amount`.

    A reversal takes its amount off. Needs ITEMS of type write_off and adjustment; credits lower the debt, so that lost is
    positive. The policy's amount counts in the item's currency as the sweep counts it.
    """
    items = facts.items
    rows = items[(facts.in_window & items["item_type"].isin(WRITTEN_OFF)).to_numpy(dtype=bool)]
    rows = rows.reset_index(drop=True)
    limits = {code: _limit(facts, code) for code in rows["currency"].unique()}
    is_small = rows["amount"].abs().le(rows["currency"].map(limits).astype("Int64")) | rows["reason"].eq(
        ProposalKind.SMALL_BALANCE.value
    )
    rows = rows[is_small.to_numpy(dtype=bool)].reset_index(drop=True)
    cause = rows["reason"].fillna("").where(rows["reason"].fillna("").ne(""), Leak.SMALL_WRITE_OFF.value)
    return rows.assign(
        kind=Leak.SMALL_WRITE_OFF.value, source_table="items", source_id=rows["item_id"], cause=cause,
        customer_id=rows["customer_now"], amount=-rows["amount"], pending=0, lost=-rows["amount"],
        team=route_of(facts.policies.contact, Leak.SMALL_WRITE_OFF.value),
    )  # fmt: skip


def unearned_discounts(facts: Facts) -> Discounts:
    """Cash discounts that applications of the months allowed and that were not earned.

    taken_late: the cash came in after the last day of the discount and the days of grace of the matching policy; all of it
    is lost. more_than_agreed: in time, but above the rate on its base (a minor unit is rounding); the excess. not_agreed:
    the terms offer none; all of it. The item's own rate and day go before the words of its customer's terms. Where
    neither says anything the discount cannot be judged. A reversal takes its discount back.
    """
    items, ledger = facts.items, facts.linked
    applied = ledger.applications
    on = fact_dates(applied, facts.scope.basis)
    here = (applied["discount"].fillna(0).ne(0) & on.ge(pd.Timestamp(facts.begins))).to_numpy(dtype=bool)
    target, source = ledger.target[here], ledger.source[here]
    rows = applied[here].reset_index(drop=True).assign(on=on[here].to_numpy())
    debit = items.iloc[target].reset_index(drop=True)
    paid_on = pd.Series(items["effective_date"].to_numpy()[source])
    terms = facts.terms.reindex(debit["customer_now"]).set_axis(debit.index)
    grace = facts.policies.matching.discount_grace_days
    found = [
        _unearned(debit_row, str(words) if isinstance(words, str) else "", paid.date(), int(discount), int(settled), grace)
        for debit_row, words, paid, discount, settled in zip(
            records(debit[["amount", "discount_base", "discount_rate", "discount_date", "document_date"]]),
            terms, paid_on, rows["discount"], rows["target_amount"].fillna(0), strict=True,
        )
    ]  # fmt: skip
    unearned = pd.Series([amount for amount, _ in found], index=rows.index, dtype="Int64")
    judged = pd.DataFrame({"currency": debit["currency"], "discount": rows["discount"], "unearned": unearned})
    made = rows.assign(
        kind=Leak.UNEARNED_DISCOUNT.value, source_table="applications", source_id=rows["application_id"],
        item_id=debit["item_id"], document_no=debit["document_no"], customer_id=debit["customer_now"],
        currency=debit["currency"], cause=[cause for _, cause in found], amount=unearned, pending=0,
        lost=unearned, team=route_of(facts.policies.contact, Leak.UNEARNED_DISCOUNT.value),
    )  # fmt: skip
    kept = made[unearned.fillna(0).ne(0).to_numpy(dtype=bool)].reset_index(drop=True)
    return Discounts(rows=kept, judged=judged, unjudged=int(unearned.isna().sum()))


def _unearned(
    debit: Row, words: str, paid_on: date, discount: int, settled: int, grace: int
) -> tuple[int | None, str]:
    """What of a discount was not earned, and why; None where nobody can tell."""
    rate, last = _offer(debit, words)
    if rate is None:
        return None, ""
    if not rate:
        return discount, "not_agreed"
    if last is not None and paid_on > last + pd.Timedelta(days=grace).to_pytimedelta():
        return discount, "taken_late"
    whole, sign = int(debit["amount"]), -1 if discount < 0 else 1
    base: int = whole if is_none(debit["discount_base"]) else int(debit["discount_base"])
    part = min(abs(settled + discount), abs(whole))
    offered = times(abs(base) * part, rate) // max(abs(whole), 1)
    over = abs(discount) - offered
    return (sign * over, "more_than_agreed") if over > ROUNDING else (0, "")


def _offer(debit: Row, words: str) -> tuple[Decimal | None, date | None]:
    """Rate and last day of the discount of an item; a rate of 0 where none is offered, None where nothing says so."""
    rate, last = debit["discount_rate"], debit["discount_date"]
    if isinstance(rate, str) and rate and not is_none(last):
        return Decimal(rate), last.date()
    try:
        terms = parse_terms(words)
    except ParameterError:
        return None, None
    offers = [part for part in terms.parts if part.discount_by is not None and part.discount_rate]
    if not offers:
        return Decimal(0), None
    written = debit["document_date"].date()
    days = [part.discount_by.on(written) for part in offers if part.discount_by is not None]
    return max(part.discount_rate for part in offers), max(days)


def _limit(facts: Facts, currency: str) -> int:
    """The largest small balance in a currency, in minor units; 0 where it has no rate."""
    policy: WriteOffPolicy = facts.policies.write_off
    sweep = WriteOffLimit(amount=policy.small_balance_amount, currency=policy.small_balance_currency)
    try:
        return limit_minor(sweep, currency, rates=facts.rates, on=facts.scope.as_of)
    except RateError:
        return 0
