"""The allowance account of the sample company: what it booked month by month, by a rule of thumb. Floor 2.

The company still takes fixed percentages of each age, and half of what failed customers owe; the charge of the last month
is not booked yet. What the library works out from history differs, which is what the bad-debt notebook is for.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import ALLOWANCE, INTERCOMPANY, NONE, EntityPlan, Ints, Window
from arlib.sources.sample.planting import GlLine, Ledgers
from arlib.sources.sample.subledger import SubLedger, outstanding
from arlib.tables import CANONICAL

EDGES_DAYS, PER_MILLE = (0, 30, 60, 90), (5, 20, 50, 100, 250)  # current, 1-30, 31-60, 61-90, over 90 days
SPECIFIC_PER_MILLE = 500


def allowance_table(
    plan: EntityPlan, ledger: SubLedger, held: Customers, func: Ints, changes: Ledgers, window: Window
) -> pd.DataFrame:
    """ALLOWANCE_ENTRIES; the same postings go to the allowance account of the general ledger."""
    rows: list[dict[str, object]] = []
    balance: dict[str, int] = {}

    def book(day: int, line: str, customer: str, amount: int) -> None:
        if not amount:
            return
        balance[customer] = balance.get(customer, 0) + amount
        number = f"ALW{len(rows) + 1:05d}"
        rows.append(
            {
                "entry_id": number,
                "entity": plan.code,
                "account": ALLOWANCE,
                "posting_date": window.date(day),
                "line": line,
                "part": "specific" if customer else "pool",
                "customer_id": customer or None,
                "currency": plan.currency,
                "amount": amount,
                "journal_id": number,
            }
        )
        changes.lines.append(
            GlLine(
                account=ALLOWANCE,
                day=day,
                source="adjustments",
                number=number,
                amount=-amount,
                text=f"allowance: {line}",
                user="gl.clerk",
            )
        )

    ends = (-1, *window.month_ends)
    for at, end in enumerate(ends):
        wanted = _required(ledger, held, func, end)
        if at:
            for day, customer, line, amount in _flows(ledger, held, func, ends[at - 1], end):
                book(day, line, customer if customer in balance else "", amount)
        if end == window.close:
            break
        for customer in sorted({*wanted, *balance}):
            change = wanted.get(customer, 0) - balance.get(customer, 0)
            book(end, ("charge" if change > 0 else "release") if at else "opening", customer, change)
    return CANONICAL["allowance_entries"].typed(pd.DataFrame(rows))


def _required(ledger: SubLedger, held: Customers, func: Ints, day: int) -> dict[str, int]:
    """The allowance by the rule of thumb at the end of a day: '' for the pool, else by failed customer."""
    items = ledger.items
    open_amount, amount, cust = outstanding(ledger, day), items.column("amount"), items.column("cust")
    due = np.where(items.column("orig") != NONE, items.column("orig"), items.column("doc"))
    counts = (open_amount > 0) & (cust >= 0) & (items.column("acct") != INTERCOMPANY)
    carrying = func * np.clip(open_amount, 0, None) // np.maximum(np.abs(amount), 1)
    failed = counts & (held.failed_on[cust] != NONE) & (held.failed_on[cust] + 45 <= day)
    rate = np.array(PER_MILLE)[np.searchsorted(np.array(EDGES_DAYS), day - due, side="left")]
    made = {"": int((carrying * rate)[counts & ~failed].sum()) // 1000}
    for place in np.unique(cust[failed]).tolist():
        mine = failed & (cust == place)
        made[str(held.ids[place])] = int(carrying[mine].sum()) * SPECIFIC_PER_MILLE // 1000
    return made


def _flows(
    ledger: SubLedger, held: Customers, func: Ints, after: int, until: int
) -> list[tuple[int, str, str, int]]:
    """Day, customer, line and effect of the write-offs of bad debts; recoveries go to profit and loss."""
    items = ledger.items
    post, cust = items.column("post"), items.column("cust")
    kind, reason = items.column("type"), items.column("reason")
    inside = (post > after) & (post <= until)
    made = [
        (int(post[at]), str(held.ids[cust[at]]), "write_off", int(func[at]))
        for at in np.flatnonzero(inside & (kind == "write_off") & (reason == "uncollectable")).tolist()
    ]
    return sorted(made)
