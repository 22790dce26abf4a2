"""How invoices of the sample are settled: what becomes of each, and the receipts that pay them. Floor 2.

Every invoice gets a fate. What is paid is a list of legs (invoice, day, amount, discount); the legs of one
payer, account, currency and day are one receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from arlib.sources.sample.billing import Invoices
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import INSTALMENTS, NONE, UNAPPLIED, UNIDENTIFIED, Flags, Ints, Texts, Window
from arlib.sources.sample.rates import Rates
from arlib.sources.sample.subledger import SubLedger


class Fate(IntEnum):
    """What becomes of an invoice."""

    PAID = 0
    IN_PARTS = 1  # a part now, the rest later
    PART_ONLY = 2
    SHORT = 3  # less a deduction that the customer claims
    UNPAID = 4
    DISPUTED = 5
    REBILLED = 6  # credited whole and billed again


ODDS = (0.897, 0.04, 0.006, 0.028, 0.006, 0.018, 0.005)


@dataclass(frozen=True, kw_only=True)
class Legs:
    """Payments of invoices: `inv` is the place among the invoices."""

    inv: Ints
    day: Ints
    amount: Ints
    discount: Ints


@dataclass(frozen=True, kw_only=True)
class Receipts:
    """Receipts made of legs. `of_leg` is the receipt of each leg, `applied` the day the leg was applied."""

    handle: Ints
    day: Ints
    payer: Ints
    ccy: Ints
    amount: Ints  # positive
    legs: Legs
    of_leg: Ints
    leg_source: Ints  # leg in the receipt's currency
    applied: Ints
    over: Ints
    is_parent: Flags


def draw_fates(invoices: Invoices, held: Customers, window: Window, rng: np.random.Generator) -> Ints:
    """One fate an invoice; intercompany and instalments are plain."""
    fate = rng.choice(len(ODDS), invoices.count, p=ODDS).astype(np.int64)
    plain = (held.account[invoices.cust] == "1250") | (invoices.terms == INSTALMENTS) | (invoices.doc < 0)
    fate[plain & (fate != Fate.UNPAID)] = Fate.PAID
    fate[(fate == Fate.REBILLED) & (invoices.doc > window.close - 40)] = Fate.PAID
    return fate


def draw_legs(
    invoices: Invoices, fate: Ints, taken: Ints, held: Customers, window: Window, rng: np.random.Generator
) -> tuple[Legs, Ints]:
    """The payments, those after the window left out; and the deduction of each short payment.

    `taken` is what credits and prepayments settle of each invoice before it is paid.
    """
    n = invoices.count
    cust = invoices.cust
    discounted = (
        (invoices.discount > 0)
        & held.takes_discount[cust]
        & (fate == Fate.PAID)
        & (taken == 0)
        & (rng.random(n) < 0.9)
    )
    aim = invoices.due + np.rint(held.delay[cust] + rng.normal(0, 5, n)).astype(np.int64)
    aim = np.where(discounted, invoices.disc_day - rng.integers(0, 4, n), aim)
    day = _pay_run(np.maximum(aim, np.maximum(invoices.post + 2, 0)), held.pay_weekday[cust], window)
    # a few take the discount late, and it is let through
    discounted &= (day <= invoices.disc_day) | ((day <= invoices.disc_day + 2) & (rng.random(n) < 0.25))
    discount = np.where(discounted, invoices.discount, 0)

    due = invoices.amount - taken
    deduction = np.where(fate == Fate.SHORT, np.maximum(due * rng.integers(1, 9, n) // 100, 1), 0)
    part = np.where(np.isin(fate, (Fate.IN_PARTS, Fate.PART_ONLY)), due * rng.integers(30, 80, n) // 100, 0)
    halves = invoices.terms == INSTALMENTS
    first = np.where(part > 0, part, due - deduction - discount)
    first = np.where(halves, np.minimum(invoices.amount // 2, due), first)
    stuck = (fate == Fate.DISPUTED) & (rng.random(n) < 0.3)  # the other disputes end, and are paid late
    first = np.where(np.isin(fate, (Fate.UNPAID, Fate.REBILLED)) | stuck, 0, first)
    ended = _pay_run(day + rng.integers(45, 90, n), held.pay_weekday[cust], window)
    day = np.where(fate == Fate.DISPUTED, ended, day)
    day = np.where(halves, _pay_run(np.maximum(invoices.doc + 30, 0), held.pay_weekday[cust], window), day)

    second = np.where((fate == Fate.IN_PARTS) | (halves & (first > 0)), due - first, 0)
    second_day = _pay_run(day + np.where(halves, 30, rng.integers(12, 45, n)), held.pay_weekday[cust], window)

    place = np.arange(n)
    legs = [
        np.r_[place, place],
        np.r_[day, second_day],
        np.r_[first, second],
        np.r_[np.where(first > 0, discount, 0), np.zeros(n, dtype=np.int64)],
    ]
    failed = held.failed_on[cust[legs[0]]]
    kept = (legs[2] > 0) & (legs[1] <= window.last) & ((failed == NONE) | (legs[1] < failed))
    inv, days, amount, disc = (leg[kept] for leg in legs)
    return Legs(inv=inv, day=days, amount=amount, discount=disc), deduction


def _pay_run(aim: Ints, weekday: Ints, window: Window) -> Ints:
    """The payer's next payment day."""
    wait = (weekday - window.weekday(aim)) % 7
    return np.where(weekday >= 0, aim + wait, window.business(aim))


def add_receipts(
    ledger: SubLedger,
    invoices: Invoices,
    legs: Legs,
    held: Customers,
    rates: Rates,
    window: Window,
    rng: np.random.Generator,
) -> Receipts:
    """Group legs into receipts and add those; most are applied at once, some wait as unapplied."""
    cust = invoices.cust[legs.inv]
    payer = held.payer[cust]
    ccy = np.where(held.pays_functional[cust], 0, invoices.ccy[legs.inv])
    account = held.account[cust]
    code = (account == "1201") * 1 + (account == "1250") * 2
    key = ((payer * 16 + ccy) * 4 + code) * 4096 + legs.day
    _, first, of_leg = np.unique(key, return_index=True, return_inverse=True)
    n = len(first)
    converted = rates.functional(legs.amount, invoices.ccy[legs.inv], legs.day)
    source = np.where(ccy == invoices.ccy[legs.inv], legs.amount, converted)
    source = np.maximum(source, 1)
    paid = np.zeros(n, dtype=np.int64)
    np.add.at(paid, of_leg, source)
    day, who, currency = legs.day[first], payer[first], ccy[first]

    draw = rng.random(n)
    over = np.where(draw < 0.008, paid // 50 + 100, 0)
    waits = (draw > 0.955) & (code[first] != 2)
    unknown = (draw > 0.996) & (code[first] != 2)
    lag = np.where(waits, 1 + rng.geometric(0.22, n), 0)
    status = np.where(
        unknown, "unidentified", np.where(waits, "unapplied", np.where(over > 0, "unapplied", ""))
    ).astype(object)
    where = np.where(unknown, UNIDENTIFIED, np.where(waits, UNAPPLIED, account[first])).astype(object)
    clerk = _clerks(rng.integers(0, 3, n))
    handle = ledger.add_items(
        n,
        type="receipt",
        kind="RC",
        cust=np.where(unknown, -1, who),
        eff=day,
        ccy=currency,
        amount=-(paid + over),
        acct=where,
        status=status,
        user=clerk,
        second=rng.integers(32_400, 61_200, n),
        batch=np.array([f"DB{d:05d}" for d in day.tolist()], dtype=object),
    )
    applied = window.business(legs.day + lag[of_leg])
    return Receipts(
        handle=handle,
        day=day,
        payer=who,
        ccy=currency,
        amount=paid + over,
        legs=legs,
        of_leg=of_leg,
        leg_source=source,
        applied=applied,
        over=over,
        is_parent=who != cust[first],
    )


def _clerks(picks: Ints) -> Texts:
    return np.array(["cash.amy", "cash.ben", "cash.chloe"], dtype=object)[picks]


def apply_receipts(ledger: SubLedger, invoices: Invoices, receipts: Receipts, window: Window) -> None:
    """Apply every leg by the end of the window; what is later stays unapplied."""
    legs = receipts.legs
    on = np.flatnonzero(receipts.applied <= window.last)
    user = ledger.items.column("user")[receipts.handle[receipts.of_leg[on]]]
    late = legs.discount[on] > 0
    missed = late & (legs.day[on] > invoices.disc_day[legs.inv[on]])
    reason = np.where(
        missed, "discount_unearned_allowed", np.where(late, "discount_earned", "payment")
    ).astype(object)
    ledger.apply(
        len(on),
        src=receipts.handle[receipts.of_leg[on]],
        tgt=invoices.handle[legs.inv[on]],
        eff=receipts.applied[on],
        s=receipts.leg_source[on],
        t=legs.amount[on],
        disc=legs.discount[on],
        kind="payment",
        reason=reason,
        user=user,
    )
