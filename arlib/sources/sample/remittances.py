"""Remittance advices of the sample company: what customers say that they pay. Floor 2."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.sources.sample.plan import EntityPlan, Texts
from arlib.sources.sample.planting import Cash
from arlib.sources.sample.subledger import SubLedger
from arlib.tables import CANONICAL


def remittance_table(
    plan: EntityPlan, ledger: SubLedger, ids: Texts, cash: Cash, rng: np.random.Generator
) -> pd.DataFrame:
    """REMITTANCES: lines of two receipts in three, some references damaged; scripted ones by their script."""
    apps = ledger.applications
    rows = np.flatnonzero(np.isin(ledger.items.column("type"), ("receipt", "prepayment")))
    src, tgt = apps.column("src"), apps.column("tgt")
    ccy = ledger.items.column("ccy")
    advised = np.zeros(ledger.items.count, dtype=bool)
    advised[rows[rng.random(len(rows)) < 0.66]] = True
    advised[list(cash.advised)] = False
    at = np.flatnonzero(
        advised[src]
        & (apps.column("kind") == "payment")
        & (apps.column("extra") == 0)
        & (ccy[src] == ccy[tgt])
    )
    net, discount = apps.column("s")[at], apps.column("disc")[at]
    due = ledger.items.column("amount")[tgt[at]]
    short = due - net - discount
    deduction = np.where((short > 0) & (short * 10 < due), short, 0)
    damage = rng.integers(0, 60, len(at))
    reference = [
        (number[:-1] if hit == 0 else number.replace("-", " ") if hit == 1 else number)
        for number, hit in zip(ids[tgt[at]].tolist(), damage.tolist(), strict=True)
    ]
    code = np.array(plan.currencies, dtype=object)
    frames = [
        pd.DataFrame(
            {
                "receipt_id": ids[src[at]],
                "reference": reference,
                "currency": code[ccy[src[at]]],
                "gross": net + discount + deduction,
                "discount": discount,
                "deduction": deduction,
                "reason": np.where(deduction > 0, "price", ""),
                "net": net,
            }
        )
    ]
    for receipt, told in cash.advised.items():
        frames.append(
            pd.DataFrame(
                [
                    {
                        "receipt_id": ids[receipt],
                        "reference": ids[invoice],
                        "currency": code[ccy[receipt]],
                        "gross": paid,
                        "discount": 0,
                        "deduction": 0,
                        "reason": reason,
                        "net": paid,
                    }
                    for invoice, paid, reason in told
                ]
            )
        )
    made = pd.concat(frames, ignore_index=True)
    made["entity"] = plan.code
    made["remittance_id"] = [f"RA{k:07d}" for k in range(1, len(made) + 1)]
    return CANONICAL["remittances"].typed(made)
