"""Customers of one entity of the sample company: who they are, how they buy and how they pay. Floor 2.

A few are large and many small (Pareto). Beside the drawn ones there are scripted customers, each for one
planted story, at the end of the list: they buy nothing on their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.sources.sample.names import address, customer_names, subdivision
from arlib.sources.sample.plan import (
    EXPORT,
    INTERCOMPANY,
    NONE,
    TERMS,
    TRADE,
    EntityPlan,
    Flags,
    Ints,
    Texts,
    Window,
)
from arlib.tables import CANONICAL

STAGE = (
    "stage",
    "lapping_a",
    "lapping_b",
    "lapping_c",
    "merged_old",
    "merged_new",
    "statement_clean",
    "statement_transit",
    "statement_claims",
    "statement_twice",
    "statement_behind",
    "bankrupt",
)
LANGUAGE = {"US": "en", "GB": "en", "JP": "ja", "DE": "de", "CA": "en", "KW": "ar"}


@dataclass(frozen=True, kw_only=True)
class Customers:
    """Customers as arrays, one place each; `stage` gives the places of the scripted ones by their part."""

    ids: Texts
    names: list[str]
    currency: Ints
    account: Texts
    terms: Ints
    weight: np.ndarray  # share of orders; 0 for the scripted ones
    size: np.ndarray  # factor on the typical invoice
    delay: np.ndarray  # mean days between due date and payment
    pay_weekday: Ints  # -1: any business day
    takes_discount: Flags
    pays_functional: Flags
    payer: Ints  # place of the customer that pays: itself, or its parent
    parent: Ints  # -1: none
    failed_on: Ints
    rep: Texts
    collector: Texts
    region: Texts
    stage: dict[str, int]

    @property
    def count(self) -> int:
        """How many, the scripted ones included."""
        return len(self.ids)


def draw_customers(plan: EntityPlan, invoices: int, window: Window, rng: np.random.Generator) -> Customers:
    """Draw the customers that so many invoices need."""
    drawn = max(24, invoices // 14)
    n = drawn + len(STAGE)
    place = np.arange(n)
    staged = place >= drawn
    internal = (place == 1) | (place == 3)

    abroad = rng.random(n) < sum(share for _, share in plan.foreign)
    odds = np.array([share for _, share in plan.foreign])
    currency = np.where(abroad, 1 + rng.choice(len(odds), n, p=odds / odds.sum()), 0).astype(np.int64)
    for index in range(len(plan.foreign)):  # every currency has a customer, however small the sample
        currency[5 + 2 * index] = index + 1
    currency[staged] = 0
    currency[drawn + STAGE.index("statement_claims")] = 1
    account = np.where(internal, INTERCOMPANY, np.where(currency > 0, EXPORT, TRADE)).astype(object)

    weight = (rng.pareto(1.16, n) + 0.25) * ~staged
    weight[weight > 0.12 * weight.sum()] = 0.12 * weight.sum()
    weight[5 : 5 + 2 * len(plan.foreign) : 2] += weight.sum() * 0.004
    slow = rng.choice(3, n, p=[0.62, 0.28, 0.10])
    delay = np.array([0.5, 11.0, 34.0])[slow] + rng.normal(0, 2.5, n)
    small = weight < np.quantile(weight[:drawn], 0.6)
    failed = (rng.random(n) < 0.03) & small & ~staged & ~internal
    failed[9] = True  # at least one real loss, however small the sample
    weight[9] = np.quantile(weight[:drawn], 0.3)
    parent = np.where(rng.random(n) < 0.08, rng.integers(0, drawn, n), -1)
    parent[staged | internal | (parent == place)] = -1
    parent[[4, 6]] = 0  # a group that is always there, one of it paid by the parent
    parent[np.isin(place, parent[parent >= 0])] = -1
    payer = np.where((parent >= 0) & (rng.random(n) < 0.5), parent, place)
    payer[4] = 0
    reps = np.array(plan.reps, dtype=object)[rng.integers(0, len(plan.reps), n)]
    return Customers(
        ids=np.array([plan.customer.format(n=int(k) * 7 + 417) for k in place], dtype=object),
        names=customer_names(n, plan.country, rng),
        currency=currency,
        account=account,
        terms=np.where(staged, 0, rng.choice(len(TERMS), n, p=[term[1] for term in TERMS])).astype(np.int64),
        weight=weight / weight.sum(),
        size=np.minimum(np.exp(rng.normal(0, 0.7, n)), np.where(failed, 0.3, np.inf)),  # small ones fail
        delay=delay,
        pay_weekday=np.where(rng.random(n) < 0.55, rng.integers(0, 5, n), -1).astype(np.int64),
        takes_discount=rng.random(n) < 0.7,
        pays_functional=(currency > 0) & (rng.random(n) < 0.12),
        payer=payer,
        parent=parent,
        failed_on=np.where(failed, rng.integers(20, max(21, window.close // 3), n), NONE).astype(np.int64),
        rep=reps,
        collector=np.array(plan.collectors, dtype=object)[rng.integers(0, len(plan.collectors), n)],
        region=np.array(plan.regions, dtype=object)[rng.integers(0, len(plan.regions), n)],
        stage={part: drawn + index for index, part in enumerate(STAGE)},
    )


def customer_table(plan: EntityPlan, held: Customers) -> pd.DataFrame:
    """CUSTOMERS: as they are today, that is with the collector of the last change."""
    where = [
        address(k, plan.country, plan.currencies[c], plan.currency)
        for k, c in enumerate(held.currency.tolist())
    ]
    status = np.full(held.count, "active", dtype=object)
    gone = np.flatnonzero(held.failed_on != NONE)
    status[gone] = np.array(["bankrupt", "agency", "legal", "closed", "estate"], dtype=object)[
        np.arange(len(gone)) % 5
    ]
    status[held.stage["bankrupt"]] = "bankrupt"
    status[held.stage["merged_old"]] = "closed"
    order = np.arange(held.count)
    limit = np.round(held.size * plan.typical * 20, -2).astype(np.int64) * (
        100 if plan.currency != "JPY" else 1
    )
    return CANONICAL["customers"].typed(
        pd.DataFrame(
            {
                "entity": plan.code,
                "customer_id": held.ids,
                "name": held.names,
                "address": [a for a, _ in where],
                "state": [subdivision(a, c) for a, c in where],
                "country": [c for _, c in where],
                "email": [f"ap{k}@customer.example" for k in order],
                "language": [LANGUAGE.get(c, "en") for _, c in where],
                "tax_id": [f"{c}{k * 7919 % 100_000_000:08d}" for k, (_, c) in enumerate(where)],
                "is_intercompany": held.account == INTERCOMPANY,
                "is_related_party": order == 15,
                "payer_account": [payer_account(plan.code, k) for k in range(held.count)],
                "payer_aliases": [
                    f"{name.split(' ')[0]} Group|{name}" if k % 6 == 0 else ""
                    for k, name in enumerate(held.names)
                ],
                "parent_id": np.where(held.parent >= 0, held.ids[held.parent], ""),
                "collector": held.collector,
                "sales_rep": held.rep,
                "region": held.region,
                "terms": np.array([term[0] for term in TERMS], dtype=object)[held.terms],
                "credit_limit": limit,
                "limit_currency": plan.currency,
                "rating": np.array(["A", "B", "C", "D"], dtype=object)[
                    np.clip(held.delay // 10, 0, 3).astype(np.int64)
                ],
                "status": status,
            }
        )
    )


def payer_account(entity: str, place: int) -> str:
    """Bank account that a customer pays from; not a real one."""
    return f"X{entity[:2]}{place * 104_729 % 10**10:010d}"


def history_table(
    plan: EntityPlan, held: Customers, window: Window, rng: np.random.Generator
) -> pd.DataFrame:
    """CUSTOMER_HISTORY: attributes at the start, a tenth changing collector, failed ones their status."""
    n = held.count
    moved = rng.random(n) < 0.1
    moved[0] = True  # at least one change of collector
    moved_on = rng.integers(60, window.close, n)
    before = np.array(plan.collectors, dtype=object)[rng.integers(0, len(plan.collectors), n)]
    start = np.full(n, -400)
    terms = np.array([term[0] for term in TERMS], dtype=object)[held.terms]
    parts = [
        (held.ids, "collector", np.where(moved, before, held.collector), start),
        (held.ids[moved], "collector", held.collector[moved], moved_on[moved]),
        (held.ids, "sales_rep", held.rep, start),
        (held.ids, "region", held.region, start),
        (held.ids, "terms", terms, start),
        (held.ids, "status", np.full(n, "active", dtype=object), start),
    ]
    gone = held.failed_on != NONE
    today = customer_table(plan, held)["status"].to_numpy(dtype=object)
    parts.append((held.ids[gone], "status", today[gone], held.failed_on[gone] + 45))
    kin = held.parent >= 0
    parts.append((held.ids[kin], "parent_id", held.ids[held.parent[kin]], start[kin]))
    frames = [
        pd.DataFrame(
            {
                "entity": plan.code,
                "customer_id": ids,
                "attribute": name,
                "value": value,
                "valid_from": window.days(days),
            }
        )
        for ids, name, value, days in parts
    ]
    return CANONICAL["customer_history"].typed(pd.concat(frames, ignore_index=True))
