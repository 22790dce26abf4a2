"""Real losses of the sample company: debts of failed customers written off, and what came back. Floor 2."""

from __future__ import annotations

import numpy as np

from arlib.sources.sample.billing import Invoices
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import NONE, Ints, Window
from arlib.sources.sample.subledger import SubLedger
from arlib.sources.sample.truth import Notes


def add_losses(
    ledger: SubLedger,
    invoices: Invoices,
    settled: Ints,
    held: Customers,
    window: Window,
    notes: Notes,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints, Ints]:
    """Write-offs of failed customers' old debts at month ends, and what was recovered later.

    Returns place among the invoices, write-off day, amount and handle of the write-off item.
    """
    failed = held.failed_on[invoices.cust]
    aim = np.maximum(np.maximum(invoices.due, 0) + 100, failed + 60)
    rest = invoices.amount - settled
    rows = np.flatnonzero((failed != NONE) & (rest > 0) & (aim < window.close - 20))
    day = window.month_end(aim[rows])
    rows, day = rows[day <= window.close], day[day <= window.close]
    amount, cust, ccy = rest[rows], invoices.cust[rows], invoices.ccy[rows]
    off = ledger.add_items(
        len(rows),
        type="write_off",
        kind="WO",
        cust=cust,
        eff=day,
        ccy=ccy,
        amount=-amount,
        acct=held.account[cust],
        reason="uncollectable",
        user="gl.poster",
        authorised="controller",
    )
    ledger.apply(
        len(rows),
        src=off,
        tgt=invoices.handle[rows],
        eff=day,
        s=amount,
        kind="write_off",
        reason="uncollectable",
        user="gl.poster",
    )
    back = rng.random(len(rows)) < 0.2
    back[:1] = True  # at least one recovery where there is a loss
    when = window.business(day + 38)
    got = np.flatnonzero(back & (when <= window.close))
    part = np.maximum(amount[got] * 3 // 10, 1)
    debit = ledger.add_items(
        len(got),
        type="recovery",
        kind="RV",
        cust=cust[got],
        eff=when[got],
        ccy=ccy[got],
        amount=part,
        acct=held.account[cust[got]],
        due=when[got],
        orig=invoices.due[rows[got]],
        replaces=invoices.handle[rows[got]],
        reason="reinstated",
        user="gl.poster",
    )
    cash = ledger.add_items(
        len(got),
        type="receipt",
        kind="RC",
        cust=cust[got],
        eff=when[got],
        ccy=ccy[got],
        amount=-part,
        acct=held.account[cust[got]],
        user="cash.chloe",
        reason="recovery",
        batch=np.array([f"DB{d:05d}" for d in when[got].tolist()], dtype=object),
    )
    ledger.apply(
        len(got),
        src=cash,
        tgt=debit,
        eff=when[got],
        s=part,
        kind="payment",
        reason="recovery",
        user="cash.chloe",
    )
    for old, money, amt, code, d in zip(
        invoices.handle[rows[got]], cash, part, ccy[got], when[got], strict=True
    ):
        notes.noise("recovery", [("item", int(old)), ("item", int(money))], int(amt), int(code), int(d))
    return rows, day, amount, off
