"""Month-end revaluations of open foreign-currency items, taken back on the next day. Floor 2."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.sources.sample.general_ledger import Carrying
from arlib.sources.sample.plan import DEPOSIT, EntityPlan, Flags, Texts, Window
from arlib.sources.sample.rates import Rates
from arlib.sources.sample.subledger import SubLedger
from arlib.tables import CANONICAL

HEDGED_EVERY = 17  # every so manyth foreign document keeps its contract rate


def is_hedged(ledger: SubLedger) -> Flags:
    """Foreign invoices that a forward contract covers."""
    items = ledger.items
    every = np.arange(items.count) % HEDGED_EVERY == 0
    hedged: Flags = every & (items.column("type") == "invoice") & (items.column("ccy") > 0)
    return hedged


def revalue(
    plan: EntityPlan, ledger: SubLedger, item_ids: Texts, carried: Carrying, rates: Rates, window: Window
) -> pd.DataFrame:
    """Revaluations at every month end; deposits, being no monetary items, and hedged invoices are left out.

    Returns REVALUATIONS and three columns for the general ledger: ccy and day as numbers, and the document.
    """
    items, apps = ledger.items, ledger.applications
    ccy, post, account = items.column("ccy"), items.column("post"), items.column("acct")
    counted = (ccy > 0) & (account != DEPOSIT) & ~is_hedged(ledger)
    amount, func = items.column("amount"), carried.item
    src, tgt, when = apps.column("src"), apps.column("tgt"), apps.column("post")
    settled = apps.column("t") + apps.column("disc")
    settled_func = carried.target + carried.discount
    touches = counted[src] | counted[tgt]
    frames = []
    for day in window.month_ends:
        alive = counted & (post <= day)
        open_amount = np.where(alive, amount, 0)
        carrying = np.where(alive, func, 0)
        upto = np.flatnonzero(touches & (when <= day))
        for column, out, back in (
            (open_amount, settled, apps.column("s")),
            (carrying, settled_func, carried.source),
        ):
            np.subtract.at(column, tgt[upto], out[upto])
            np.add.at(column, src[upto], back[upto])
        rows = np.flatnonzero(alive & (open_amount != 0))
        days = np.full(len(rows), day)
        change = rates.functional(open_amount[rows], ccy[rows], days) - carrying[rows]
        code = np.array(plan.currencies, dtype=object)[ccy[rows]]
        date = window.date(day)
        frames.append(
            pd.DataFrame(
                {
                    "entity": plan.code,
                    "item_id": item_ids[rows],
                    "date": window.days(days),
                    "rate": rates.text(ccy[rows], days),
                    "amount": change,
                    "account": account[rows],
                    "reverses_on": window.days(days + 1),
                    "document_no": f"RV{date:%Y%m}-" + account[rows] + "-" + code,
                    "ccy": ccy[rows],
                    "day": day,
                }
            )[change != 0]
        )
    made = pd.concat(frames, ignore_index=True)
    return CANONICAL["revaluations"].typed(made).assign(ccy=made["ccy"], day=made["day"])
