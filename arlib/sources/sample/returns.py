"""Receipts that went wrong and were put right: returned payments, corrected misapplications. Floor 2.

Both leave nothing behind but their own rows: the wrong application and its reversal cancel, so they are added
as extras beside the settlement that finally held.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from arlib.sources.sample.billing import Invoices
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import INSTALMENTS, INTERCOMPANY, NONE, PLACES, EntityPlan, Flags, Ints, Window
from arlib.sources.sample.settlement import Fate, Receipts
from arlib.sources.sample.subledger import SubLedger
from arlib.sources.sample.truth import Notes

MOST = 120  # corrected misapplications of one entity, however large the sample


def simple_receipts(receipts: Receipts, invoices: Invoices, fate: Ints, taken: Ints) -> Flags:
    """Receipts applied on their day in the currency of their invoices, which they settle whole and alone."""
    legs = receipts.legs
    count = np.bincount(legs.inv, minlength=invoices.count)
    plain = (count == 1) & (fate == Fate.PAID) & (taken == 0) & (invoices.terms != INSTALMENTS)
    bad = (
        ~plain[legs.inv]
        | (receipts.applied != legs.day)
        | (invoices.ccy[legs.inv] != receipts.ccy[receipts.of_leg])
    )
    is_simple: Flags = np.ones(len(receipts.handle), dtype=bool)
    is_simple[receipts.of_leg[bad]] = False
    is_simple &= receipts.over == 0
    return is_simple


def add_returned_payments(
    ledger: SubLedger,
    plan: EntityPlan,
    receipts: Receipts,
    invoices: Invoices,
    simple: Flags,
    held: Customers,
    window: Window,
    notes: Notes,
    rng: np.random.Generator,
) -> None:
    """A payment that bounced some days before the one that held, with a fee for it."""
    legs = receipts.legs
    newest = np.full(len(receipts.handle), NONE)
    np.maximum.at(newest, receipts.of_leg, invoices.post[legs.inv])
    able = simple & (newest < receipts.day - 10) & (receipts.day > 12) & (rng.random(len(simple)) < 0.006)
    fee = 35 * 10 ** PLACES[plan.currency] * (100 if plan.currency == "JPY" else 1)
    for receipt in np.flatnonzero(able).tolist():
        mine = np.flatnonzero(receipts.of_leg == receipt)
        paid = int(window.business(receipts.day[receipt : receipt + 1] - 9)[0])
        back = int(window.business(receipts.day[receipt : receipt + 1] - 5)[0])
        ccy, payer, amount = (
            int(receipts.ccy[receipt]),
            int(receipts.payer[receipt]),
            int(receipts.amount[receipt]),
        )
        acct = str(held.account[invoices.cust[legs.inv[mine[0]]]])
        bounced = ledger.add_item(
            type="receipt",
            kind="RC",
            cust=payer,
            eff=paid,
            ccy=ccy,
            amount=-amount,
            acct=acct,
            status="reversed",
            user="cash.amy",
            batch=f"DB{paid:05d}",
        )
        first = ledger.apply(
            len(mine),
            src=bounced,
            tgt=invoices.handle[legs.inv[mine]],
            eff=paid,
            s=legs.amount[mine],
            disc=legs.discount[mine],
            kind="payment",
            reason="payment",
            user="cash.amy",
            extra=1,
        )
        ledger.undo(first, back, reason="nsf_return")
        returned = ledger.add_item(
            type="receipt",
            kind="RR",
            cust=payer,
            eff=back,
            ccy=ccy,
            amount=amount,
            acct=acct,
            status="reversed",
            reverses=bounced,
            reason="nsf",
            user="cash.amy",
            due=int(invoices.due[legs.inv[mine[0]]]),
            rate_day=paid,
        )
        ledger.apply_one(bounced, returned, back, amount, kind="return", reason="nsf_return", user="cash.amy")
        if held.currency[payer] == 0 and acct != INTERCOMPANY:
            ledger.add_item(
                type="interest_or_fee",
                kind="FE",
                cust=payer,
                eff=back,
                amount=fee,
                acct=acct,
                due=back,
                reason="nsf_fee",
                user="billing",
                batch=f"BB{back + 1000:05d}",
            )
        notes.noise("returned_payment", [("item", bounced), ("item", returned)], amount, ccy, back)


def add_corrected_misapplications(
    ledger: SubLedger,
    receipts: Receipts,
    invoices: Invoices,
    fate: Ints,
    taken: Ints,
    simple: Flags,
    held: Customers,
    window: Window,
    notes: Notes,
    rng: np.random.Generator,
) -> Receipts:
    """Receipts first applied to a wrong invoice, put right days later; returns them with the new days."""
    legs = receipts.legs
    count = np.bincount(receipts.of_leg, minlength=len(receipts.handle))
    first_leg = np.full(invoices.count, 10**6)
    np.minimum.at(first_leg, legs.inv, legs.day)
    account = held.account[invoices.cust]
    able = (taken == 0) & np.isin(fate, (Fate.PAID, Fate.UNPAID)) & (invoices.doc >= 0)
    chosen = np.flatnonzero(
        simple & (count == 1) & (receipts.day < window.last - 8) & (rng.random(len(simple)) < 0.012)
    )[:MOST]
    of = np.full(len(receipts.handle), -1)
    of[receipts.of_leg] = np.arange(len(legs.inv))
    applied = receipts.applied.copy()
    undone: list[tuple[int, int]] = []
    for receipt in chosen.tolist():
        leg = int(of[receipt])
        right, amount, day = int(legs.inv[leg]), int(legs.amount[leg]), int(legs.day[leg])
        until = int(window.business(np.array([day + int(rng.integers(2, 7))]))[0])
        fits = (
            able
            & (invoices.amount >= amount)
            & (invoices.ccy == invoices.ccy[right])
            & (account == account[right])
            & (invoices.post <= day)
            & (first_leg > until + 1)
        )
        fits[right] = False
        found = np.flatnonzero(fits)
        if legs.discount[leg] or not len(found):
            continue
        same = found[invoices.cust[found] == invoices.cust[right]]
        wrong = int((same if len(same) else found)[0])
        able[wrong] = False
        source, user = int(receipts.handle[receipt]), "cash.ben"
        wrongly = ledger.apply_one(
            source,
            int(invoices.handle[wrong]),
            day,
            amount,
            kind="payment",
            reason="payment",
            user=user,
            extra=1,
        )
        undone.append((wrongly, until))
        applied[leg] = until
        notes.noise(
            "corrected_misapplication",
            [("item", source), ("item", int(invoices.handle[wrong])), ("item", int(invoices.handle[right]))],
            amount,
            int(invoices.ccy[right]),
            day,
        )
    if undone:
        pairs = np.array(undone, dtype=np.int64)
        ledger.undo(pairs[:, 0], pairs[:, 1], reason="misapplied", user="cash.ben")
    return replace(receipts, applied=applied)
