"""Credit memos, prepayments, rebills, refunds and fees of the sample company. Floor 2."""

from __future__ import annotations

import numpy as np

from arlib.sources.sample.billing import Invoices, billing_batch
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import DEPOSIT, INSTALMENTS, NONE, Ints, Window
from arlib.sources.sample.settlement import Fate, Receipts
from arlib.sources.sample.subledger import SubLedger
from arlib.sources.sample.truth import Notes

CREDIT_REASONS = np.array(["price", "returned_goods", "damaged", "short_shipped", "rebate"], dtype=object)


def add_early_credits(
    ledger: SubLedger,
    invoices: Invoices,
    fate: Ints,
    held: Customers,
    window: Window,
    rng: np.random.Generator,
) -> Ints:
    """Credit memos and prepayments that settle a part of an invoice early; returns what they settle."""
    n = invoices.count
    taken = np.zeros(n, dtype=np.int64)
    plain = (
        (fate == Fate.PAID)
        & (invoices.terms != INSTALMENTS)
        & (held.account[invoices.cust] != "1250")
        & (invoices.doc >= 0)
    )
    draw = rng.random(n)

    rows = np.flatnonzero(plain & (draw < 0.035))
    day = window.business(invoices.post[rows] + 3 + rng.integers(0, 12, len(rows)))
    rows, day = rows[day <= window.last], day[day <= window.last]
    amount = np.maximum(invoices.amount[rows] * rng.integers(3, 26, len(rows)) // 100, 1)
    reason = CREDIT_REASONS[rng.integers(0, 5, len(rows))]
    memo = credit_memos(ledger, invoices, rows, day, amount, reason, held)
    ledger.apply(
        len(rows),
        src=memo,
        tgt=invoices.handle[rows],
        eff=day,
        s=amount,
        kind="credit_memo",
        reason=reason,
        user="cash.amy",
    )
    # its payment must not come before it
    taken[rows] = amount

    rows = np.flatnonzero(plain & (draw > 0.992) & (invoices.doc > 25))
    amount = invoices.amount[rows] * rng.integers(30, 51, len(rows)) // 100
    rows, amount = rows[amount > 0], amount[amount > 0]
    paid = window.business(invoices.doc[rows] - 20)
    cash = ledger.add_items(
        len(rows),
        type="prepayment",
        kind="PP",
        cust=invoices.cust[rows],
        eff=paid,
        ccy=invoices.ccy[rows],
        amount=-amount,
        acct=DEPOSIT,
        status="on_account",
        user="cash.ben",
        batch=np.array([f"DB{d:05d}" for d in paid.tolist()], dtype=object),
    )
    ledger.apply(
        len(rows),
        src=cash,
        tgt=invoices.handle[rows],
        eff=invoices.post[rows],
        s=amount,
        kind="prepayment",
        reason="prepayment",
        user="cash.ben",
    )
    taken[rows] = amount
    return taken


def credit_memos(
    ledger: SubLedger,
    invoices: Invoices,
    rows: Ints,
    day: Ints,
    amount: Ints,
    reason: object,
    held: Customers,
) -> Ints:
    """Credit memos to the customers of invoices; their handles."""
    return ledger.add_items(
        len(rows),
        type="credit_memo",
        kind="CM",
        cust=invoices.cust[rows],
        eff=day,
        ccy=invoices.ccy[rows],
        amount=-amount,
        acct=held.account[invoices.cust[rows]],
        reason=reason,
        user="billing",
        batch=np.array([billing_batch(d) for d in day.tolist()], dtype=object),
    )


def add_rebills(
    ledger: SubLedger, invoices: Invoices, fate: Ints, held: Customers, window: Window, notes: Notes
) -> None:
    """Invoices credited whole and billed again, which keep their original due date."""
    rows = np.flatnonzero(fate == Fate.REBILLED)
    day = window.business(invoices.doc[rows] + 14)
    amount = invoices.amount[rows]
    memo = credit_memos(ledger, invoices, rows, day, amount, "rebill", held)
    ledger.apply(
        len(rows),
        src=memo,
        tgt=invoices.handle[rows],
        eff=day,
        s=amount,
        kind="credit_memo",
        reason="rebill",
        user="billing",
    )
    again = ledger.add_items(
        len(rows),
        type="invoice",
        kind="SI",
        cust=invoices.cust[rows],
        eff=day,
        ccy=invoices.ccy[rows],
        amount=amount,
        acct=held.account[invoices.cust[rows]],
        due=day + 30,
        orig=invoices.due[rows],
        replaces=invoices.handle[rows],
        reason="rebill",
        user="billing",
        authorised="credit.manager",
        delivered=invoices.doc[rows],
        batch=np.array([billing_batch(d) for d in day.tolist()], dtype=object),
    )
    for old, new, part, ccy, when in zip(
        invoices.handle[rows], again, amount, invoices.ccy[rows], day, strict=True
    ):
        notes.noise("rebill", [("item", int(old)), ("item", int(new))], int(part), int(ccy), int(when))


def add_refunds(
    ledger: SubLedger, receipts: Receipts, held: Customers, window: Window, rng: np.random.Generator
) -> None:
    """Overpayments that were paid back three weeks later."""
    acct = ledger.items.column("acct")[receipts.handle]
    known = ledger.items.column("cust")[receipts.handle] >= 0
    rows = np.flatnonzero((receipts.over > 0) & known & (rng.random(len(receipts.over)) < 0.5))
    day = window.business(receipts.day[rows] + 21)
    rows, day = rows[day <= window.last], day[day <= window.last]
    paid = ledger.add_items(
        len(rows),
        type="refund",
        kind="RF",
        cust=receipts.payer[rows],
        eff=day,
        ccy=receipts.ccy[rows],
        amount=receipts.over[rows],
        acct=acct[rows],
        reason="overpayment",
        user="treasury",
        authorised="controller",
    )
    ledger.apply(
        len(rows),
        src=receipts.handle[rows],
        tgt=paid,
        eff=day,
        s=receipts.over[rows],
        kind="refund",
        reason="overpayment",
        user="treasury",
    )


def add_loose_ends(
    ledger: SubLedger, invoices: Invoices, held: Customers, window: Window, rng: np.random.Generator
) -> None:
    """Credit memos not applied yet, prepayments not used yet, and fees."""
    count = max(3, invoices.count // 150)
    buyers = rng.choice(held.count, count, p=held.weight)
    day = window.business(rng.integers(window.close - 120, window.close - 2, count))
    size = np.maximum(invoices.amount[rng.integers(0, invoices.count, count)] // 12, 1)
    ccy = held.currency[buyers]
    size = np.where(invoices.ccy[0] == ccy, size, np.maximum(size % 50_000, 100))
    third = np.arange(count) % 3
    for which, kind, code, sign, account in (
        (0, "credit_memo", "CM", -1, None),
        (1, "prepayment", "PP", -1, DEPOSIT),
        (2, "interest_or_fee", "FE", 1, None),
    ):
        at = third == which
        n = int(at.sum())
        batch = "DB{:05d}" if kind == "prepayment" else "BB{:05d}"
        shift = 0 if kind == "prepayment" else 1000
        ledger.add_items(
            n,
            type=kind,
            kind=code,
            cust=buyers[at],
            eff=day[at],
            ccy=ccy[at],
            amount=sign * size[at],
            acct=account or held.account[buyers[at]],
            user="billing" if account is None else "cash.ben",
            status="on_account" if account else "",
            due=day[at] + 30 if sign > 0 else NONE,
            reason={"credit_memo": "rebate", "prepayment": "", "interest_or_fee": "late_interest"}[kind],
            batch=np.array([batch.format(d + shift) for d in day[at].tolist()], dtype=object),
        )
