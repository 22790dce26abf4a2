"""Disputes, promises, written-off debts, billing transfers and items carried forward. Floor 2."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.sources.sample.billing import Invoices
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import NONE, EntityPlan, Ints, Texts, Window
from arlib.sources.sample.planted_gl import Carried
from arlib.sources.sample.planting import Ledgers
from arlib.sources.sample.settlement import Fate
from arlib.sources.sample.subledger import SubLedger
from arlib.sources.sample.truth import Notes
from arlib.tables import CANONICAL

REASONS = np.array(["price", "quality", "not_delivered", "no_order", "tax"], dtype=object)


def dispute_table(
    plan: EntityPlan,
    invoices: Invoices,
    fate: Ints,
    deduction: Ints,
    held: Customers,
    item_ids: Texts,
    window: Window,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """DISPUTES: of disputed invoices and of deductions; those older than ninety days are mostly settled."""
    rows = np.flatnonzero(((fate == Fate.DISPUTED) | (deduction > 0)) & (invoices.doc <= window.close - 8))
    opened = invoices.doc[rows] + 6 + rng.integers(0, 20, len(rows))
    opened = np.minimum(opened, window.last)
    done = (opened < window.close - 90) & (rng.random(len(rows)) < 0.8)
    return CANONICAL["disputes"].typed(
        pd.DataFrame(
            {
                "dispute_id": [f"DI{k:06d}" for k in range(1, len(rows) + 1)],
                "entity": plan.code,
                "customer_id": held.ids[invoices.cust[rows]],
                "item_id": item_ids[invoices.handle[rows]],
                "currency": np.array(plan.currencies, dtype=object)[invoices.ccy[rows]],
                "amount": np.where(deduction[rows] > 0, deduction[rows], invoices.amount[rows]),
                "opened_on": window.days(opened),
                "closed_on": window.days(np.where(done, opened + 60, NONE)),
                "owner": held.rep[invoices.cust[rows]],
                "state": np.where(done, "settled", "open"),
                "reason": REASONS[rng.integers(0, len(REASONS), len(rows))],
            }
        )
    )


def promise_table(
    plan: EntityPlan,
    invoices: Invoices,
    open_amount: Ints,
    held: Customers,
    item_ids: Texts,
    window: Window,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """PROMISES for invoices that went past due: kept, partly kept, broken, or still open at the close."""
    late = (invoices.due < window.close - 5) & (invoices.doc >= 0) & (held.delay[invoices.cust] > 8)
    rows = np.flatnonzero(late & (rng.random(invoices.count) < 0.18))
    given = np.minimum(invoices.due[rows] + 4 + rng.integers(0, 12, len(rows)), window.close)
    until = given + 5 + rng.integers(0, 10, len(rows))
    rest = open_amount[invoices.handle[rows]]
    state = np.where(rest == 0, "kept", np.where(rest < invoices.amount[rows], "partly", "broken"))
    state = np.where(until > window.close, "open", state)
    return CANONICAL["promises"].typed(
        pd.DataFrame(
            {
                "promise_id": [f"PR{k:06d}" for k in range(1, len(rows) + 1)],
                "entity": plan.code,
                "customer_id": held.ids[invoices.cust[rows]],
                "item_id": item_ids[invoices.handle[rows]],
                "currency": np.array(plan.currencies, dtype=object)[invoices.ccy[rows]],
                "amount": invoices.amount[rows],
                "promised_on": window.days(given),
                "pay_by": window.days(until),
                "closed_on": window.days(np.where(state == "open", NONE, until)),
                "owner": held.collector[invoices.cust[rows]],
                "state": state,
            }
        )
    )


def written_off_table(
    plan: EntityPlan, ledger: SubLedger, held: Customers, item_ids: Texts, window: Window
) -> pd.DataFrame:
    """WRITTEN_OFF: one row a debt that a write-off item was applied to."""
    apps, items = ledger.applications, ledger.items
    at = np.flatnonzero(
        (items.column("type")[apps.column("src")] == "write_off") & (apps.column("reverses") < 0)
    )
    off, debt, amount = apps.column("src")[at], apps.column("tgt")[at], apps.column("t")[at]
    gross, tax = items.column("amount")[debt], items.column("tax")[debt]
    cust, day = items.column("cust")[debt], apps.column("post")[at]
    user = items.column("user")[off]
    return CANONICAL["written_off"].typed(
        pd.DataFrame(
            {
                "entity": plan.code,
                "item_id": item_ids[debt],
                "customer_id": held.ids[cust],
                "written_off_on": window.days(day),
                "currency": np.array(plan.currencies, dtype=object)[items.column("ccy")[debt]],
                "amount": amount,
                "tax_amount": tax * amount // np.maximum(gross, 1),
                "reason": items.column("reason")[off],
                "proposed_by": np.where(user == "coll.max", "coll.max", held.collector[cust]),
                "approved_by": np.where(user == "coll.max", "coll.max", "controller"),
                "is_enforceable": True,
            }
        )
    )


def transfer_table(
    plan: EntityPlan, ledger: SubLedger, func: Ints, changes: Ledgers, window: Window, notes: Notes
) -> pd.DataFrame:
    """BILLING_TRANSFERS: each batch at billing, AR interface and ledger.

    Now and then the interface rejects a document, which comes again, put right, with the next batch.
    """
    items = ledger.items
    batch = items.column("batch")
    mine = np.flatnonzero([text.startswith("BB") for text in batch.tolist()])
    lines = pd.DataFrame(
        {"batch_id": batch[mine], "day": items.column("entered")[mine], "amount": func[mine], "handle": mine}
    )
    by = lines.groupby("batch_id", sort=True).agg(
        day=("day", "max"), documents=("handle", "size"), amount=("amount", "sum"), first=("handle", "first")
    )
    twice = lines[lines["handle"].isin(sorted(changes.doubled))].groupby("batch_id")["amount"]
    more = twice.size().reindex(by.index, fill_value=0).to_numpy()
    plus = twice.sum().reindex(by.index, fill_value=0).to_numpy()
    unposted = by.index.isin(lines[lines["handle"].isin(sorted(changes.unposted))]["batch_id"].unique())
    following = np.roll(by["first"].to_numpy(), -1)
    place = np.arange(len(by))
    rejected = (place % 23 == 11) & (place < len(by) - 1) & ~unposted & (more == 0)
    lost = np.where(rejected, func[following], 0)
    days = by["day"].to_numpy()
    for at in np.flatnonzero(rejected).tolist():
        notes.noise("rejected_document", [("item", int(following[at]))], int(lost[at]), 0, int(days[at]))
    none = np.zeros(len(by), dtype=np.int64)
    frames = []
    for stage, count, amount, refused, lag in (
        ("billing", rejected, lost, none, 0),
        ("ar_interface", none, none, lost, 0),
        ("gl", more, plus, none, 1),
    ):
        columns = {
            "entity": plan.code,
            "batch_id": by.index,
            "stage": stage,
            "transferred_on": window.days(np.minimum(days + lag, window.last)),
            "currency": plan.currency,
            "documents": by["documents"].to_numpy() + count,
            "amount": by["amount"].to_numpy() + amount,
            "rejected_documents": (refused != 0).astype(np.int64),
            "rejected_amount": refused,
            "state": np.where(unposted & (stage == "gl"), "unposted", "posted"),
        }
        frames.append(pd.DataFrame(columns))
    return CANONICAL["billing_transfers"].typed(pd.concat(frames, ignore_index=True))


def reconciling_table(
    plan: EntityPlan, carried: list[Carried], numbers: Texts, window: Window
) -> pd.DataFrame:
    """RECONCILING_ITEMS that earlier closes reported."""
    return CANONICAL["reconciling_items"].typed(
        pd.DataFrame(
            [
                {
                    "entity": plan.code,
                    "control": "control_account",
                    "account": item.account,
                    "cause": item.cause,
                    "document_no": item.number or numbers[item.item],
                    "currency": plan.currency,
                    "amount": item.amount,
                    "first_reported_on": window.date(item.first),
                    "owner": plan.owner,
                }
                for item in carried
            ]
        )
    )
