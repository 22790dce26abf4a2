"""Invoices of one entity of the sample company: when, to whom, how much, due when. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import (
    END_OF_MONTH,
    INSTALMENTS,
    INTERCOMPANY,
    NONE,
    PLACES,
    SEASON,
    TERMS,
    EntityPlan,
    Ints,
    Window,
)
from arlib.sources.sample.rates import Rates
from arlib.sources.sample.subledger import SubLedger
from arlib.tables import CANONICAL

LARGEST = 1_500_000_000  # minor units; products of two amounts stay within int64


@dataclass(frozen=True, kw_only=True)
class Invoices:
    """Drawn invoices as arrays; `handle` is each one's place in the sub-ledger."""

    handle: Ints
    cust: Ints
    ccy: Ints
    doc: Ints
    post: Ints
    due: Ints
    disc_day: Ints
    discount: Ints  # amount that may be taken
    amount: Ints
    terms: Ints

    @property
    def count(self) -> int:
        """How many."""
        return len(self.handle)


def due_days(doc: Ints, terms: Ints, window: Window) -> Ints:
    """Last due day of each document by its terms."""
    net = np.array([term[2] for term in TERMS])[terms]
    due: Ints = np.where(terms == END_OF_MONTH, window.month_end(doc), doc) + net
    return due


def draw_days(count: int, window: Window, rng: np.random.Generator) -> Ints:
    """Days of documents: seasons, working days, and a push at the end of each month."""
    days = np.arange(window.last + 1)
    months = np.array([window.date(day).month for day in range(window.last + 1)])
    weight = np.array(SEASON)[months - 1] * np.array([1.0, 1, 1, 1, 1.05, 0.04, 0])[window.weekday(days)]
    weight[window.month_end(days) - days < 3] *= 1.7
    return rng.choice(days, count, p=weight / weight.sum()).astype(np.int64)


def add_invoices(
    ledger: SubLedger,
    plan: EntityPlan,
    held: Customers,
    rates: Rates,
    count: int,
    window: Window,
    rng: np.random.Generator,
) -> Invoices:
    """Draw invoices, a twelfth of them brought forward from before the window, and add them."""
    forward = max(6, count // 12)
    n = count + forward
    is_forward = np.arange(n) < forward
    cust = rng.choice(held.count, n, p=held.weight).astype(np.int64)
    cust[forward : forward + 2] = 9  # the customer that fails has debts to write off
    doc = np.where(is_forward, -1 - rng.integers(0, 70, n), draw_days(n, window, rng))
    doc[forward : forward + 2] = window.month_ends[0] - 20
    terms, ccy = held.terms[cust], held.currency[cust]
    terms = np.where(is_forward & (terms == INSTALMENTS), 0, terms)
    due = due_days(doc, terms, window)

    units = np.array([PLACES[code] for code in plan.currencies])
    worth = np.array([rates.table[k, 0] / 10 ** rates.digits[k] for k in range(len(plan.currencies))])
    big = plan.typical * held.size[cust] * np.exp(rng.normal(0, 0.75, n)) / worth[ccy]
    home = (ccy == 0) & (held.account[cust] != INTERCOMPANY)
    net = np.clip(np.rint(big * 10.0 ** units[ccy]).astype(np.int64), 10 ** units[ccy], LARGEST)
    even = rng.random(n) < 0.12  # round prices exist, and make amounts ambiguous
    hundred = 100 * 10 ** units[ccy]
    net = np.where(even & (net > hundred), net // hundred * hundred, net)
    percent = np.array([round(rate * 10_000) for rate, _ in plan.tax_rates])
    odds = [part for _, part in plan.tax_rates]
    tax = np.where(home, (net * percent[rng.choice(len(odds), n, p=odds)] + 5_000) // 10_000, 0)
    freight = np.where((rng.random(n) < 0.15) & home, net // 40, 0)
    amount = net + tax + freight

    rate = np.array([term[3] for term in TERMS], dtype=object)[terms]
    basis_points = np.array([round(float(term[3] or 0) * 10_000) for term in TERMS])[terms]
    discount = ((net + tax) * basis_points + 5_000) // 10_000
    disc_day = np.where(discount > 0, doc + np.array([term[4] for term in TERMS])[terms], NONE)
    late = np.where(rng.random(n) < 0.012, rng.integers(1, 4, n), 0)  # honest: the interface ran late
    post = np.where(is_forward, -1, np.minimum(doc + late, np.maximum(doc, window.last)))
    rebill_free = rng.integers(0, 8, n)
    handle = ledger.add_items(
        n,
        type=np.where(is_forward, "opening", "invoice").astype(object),
        kind=np.where(is_forward, "OB", "SI").astype(object),
        cust=cust,
        eff=doc,
        post=post,
        due=due,
        ccy=ccy,
        amount=amount,
        tax=tax,
        freight=freight,
        disc_day=disc_day,
        disc_rate=rate,
        acct=held.account[cust],
        delivered=doc - rebill_free % 4,
        second=rng.integers(32_400, 61_200, n),
        user=np.where(is_forward, "migration", "billing").astype(object),
        batch=np.where(is_forward, "", _batches(post)).astype(object),
        po=np.array([f"PO{k:06d}" for k in rng.integers(1, 999_999, n)], dtype=object),
        order=np.array([f"SO{k:07d}" for k in rng.integers(1, 9_999_999, n)], dtype=object),
        delivery=np.array(
            [f"DN{k:07d}" for k in np.argsort(np.argsort(doc, kind="stable"), kind="stable")], dtype=object
        ),
        terms=np.array([term[0] for term in TERMS], dtype=object)[terms],
    )
    return Invoices(
        handle=handle,
        post=post,
        cust=cust,
        ccy=ccy,
        doc=doc,
        due=due,
        disc_day=disc_day,
        discount=discount,
        amount=amount,
        terms=terms,
    )


def _batches(days: Ints) -> np.ndarray:
    """Billing batch of each day: one a day."""
    return np.array([f"BB{day + 1000:05d}" for day in days.tolist()], dtype=object)


def billing_batch(day: int) -> str:
    """Batch that bills on a day."""
    return f"BB{day + 1000:05d}"


def instalment_table(plan: EntityPlan, invoices: Invoices, ids: np.ndarray, window: Window) -> pd.DataFrame:
    """INSTALMENTS: two halves, the odd unit in the second."""
    rows = np.flatnonzero(invoices.terms == INSTALMENTS)
    half = invoices.amount[rows] // 2
    code = np.array(plan.currencies, dtype=object)[invoices.ccy[rows]]
    parts = [
        pd.DataFrame(
            {
                "entity": plan.code,
                "item_id": ids[invoices.handle[rows]],
                "instalment_no": number,
                "due_date": window.days(invoices.doc[rows] + 30 * number),
                "currency": code,
                "amount": amount,
            }
        )
        for number, amount in ((1, half), (2, invoices.amount[rows] - half))
    ]
    return CANONICAL["instalments"].typed(pd.concat(parts, ignore_index=True))
