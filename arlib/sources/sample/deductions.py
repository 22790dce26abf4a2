"""What becomes of short payments in the sample company. Floor 2."""

from __future__ import annotations

import numpy as np

from arlib.sources.sample.billing import Invoices
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.memos import credit_memos
from arlib.sources.sample.plan import Ints, Window
from arlib.sources.sample.settlement import Receipts
from arlib.sources.sample.subledger import SubLedger
from arlib.sources.sample.truth import Notes


def add_deductions(
    ledger: SubLedger,
    invoices: Invoices,
    deduction: Ints,
    receipts: Receipts,
    held: Customers,
    window: Window,
    notes: Notes,
    rng: np.random.Generator,
) -> None:
    """What becomes of short payments: charged back, credited, written off as small, or left in dispute."""
    place = np.flatnonzero(deduction[receipts.legs.inv] > 0)
    rows = receipts.legs.inv[place]
    amount = deduction[rows]
    paid = receipts.applied[place]
    then = window.business(paid + 4 + rng.integers(0, 12, len(rows)))
    way = rng.choice(4, len(rows), p=[0.35, 0.25, 0.2, 0.2])
    way[then > window.last] = 3
    for k in np.flatnonzero(paid <= window.last):
        notes.noise(
            "short_payment",
            [("item", int(invoices.handle[rows[k]]))],
            int(amount[k]),
            int(invoices.ccy[rows[k]]),
            int(paid[k]),
        )

    back = way == 0
    at, day, part = rows[back], then[back], amount[back]
    acct, cust, ccy = held.account[invoices.cust[at]], invoices.cust[at], invoices.ccy[at]
    off = ledger.add_items(
        len(at),
        type="transfer",
        kind="TR",
        cust=cust,
        eff=day,
        ccy=ccy,
        amount=-part,
        acct=acct,
        reason="chargeback",
        user="deductions",
        replaces=invoices.handle[at],
    )
    ledger.add_items(
        len(at),
        type="chargeback",
        kind="CB",
        cust=cust,
        eff=day,
        ccy=ccy,
        amount=part,
        acct=acct,
        reason="short_payment",
        user="deductions",
        due=day + 30,
        orig=invoices.due[at],
        authorised="credit.manager",
        replaces=invoices.handle[at],
    )
    ledger.apply(
        len(at),
        src=off,
        tgt=invoices.handle[at],
        eff=day,
        s=part,
        kind="debit_to_debit",
        reason="chargeback",
        user="deductions",
    )

    given = way == 1
    at, day, part = rows[given], then[given], amount[given]
    memo = credit_memos(ledger, invoices, at, day, part, "deduction_granted", held)
    ledger.apply(
        len(at),
        src=memo,
        tgt=invoices.handle[at],
        eff=day,
        s=part,
        kind="credit_memo",
        reason="deduction_granted",
        user="deductions",
    )

    small = way == 2
    at, day, part = rows[small], then[small], amount[small]
    gone = ledger.add_items(
        len(at),
        type="adjustment",
        kind="AD",
        cust=invoices.cust[at],
        eff=day,
        ccy=invoices.ccy[at],
        amount=-part,
        acct=held.account[invoices.cust[at]],
        reason="small_balance",
        user="deductions",
    )
    ledger.apply(
        len(at),
        src=gone,
        tgt=invoices.handle[at],
        eff=day,
        s=part,
        kind="adjustment",
        reason="small_balance",
        user="deductions",
    )
