"""The sample company: one call draws its books and the truth about them. Floor 2.

The same seed, size and period give the same tables, whatever the machine or the day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arlib.errors import ParameterError
from arlib.sources.sample import (
    allowance_book,
    bank,
    billing,
    casework,
    collect_truth,
    collect_work,
    credit_work,
    deductions,
    losses,
    memos,
    returns,
    settlement,
    tables,
)
from arlib.sources.sample.audit_stories import add_audit_stories
from arlib.sources.sample.bank_days import statement_tables
from arlib.sources.sample.collect_books import add_accounts
from arlib.sources.sample.collect_desk import CollectDesk
from arlib.sources.sample.copies import copy_files, copy_links
from arlib.sources.sample.customers import customer_table, draw_customers, history_table
from arlib.sources.sample.general_ledger import Carrying, balance_table, gl_table
from arlib.sources.sample.plan import ENTITIES, NONE, EntityPlan, Ints, Window, window_of
from arlib.sources.sample.planted import plant_stories
from arlib.sources.sample.planted_gl import plant_gaps
from arlib.sources.sample.planting import Cash, Ledgers, Stage
from arlib.sources.sample.rates import Rates, draw_rates, rate_table
from arlib.sources.sample.remittances import remittance_table
from arlib.sources.sample.revaluation import revalue
from arlib.sources.sample.statements import plant_statements, statement_table
from arlib.sources.sample.subledger import SubLedger, carry, numbers, outstanding
from arlib.sources.sample.truth import TRUTH, Notes
from arlib.tables import CANONICAL, Kind

SMALLEST, SCRIPTED = 60, 66  # scripted documents of one entity


TOLD_BY_OTHERS = frozenset(("bank_line_details", "account_changes"))
"""Tables that its books do not hold: what banks, clearing houses and collectors' systems tell; see as_bank."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The books as canonical tables, the truth about them, and what earlier closes carried forward."""

    tables: dict[str, pd.DataFrame]
    truth: pd.DataFrame
    prior: pd.DataFrame
    seed: int
    period: str
    files: Mapping[str, bytes] = field(default_factory=dict)  # copies of invoices by path, beside the tables


def generate(*, seed: int, items: int = 4000, period: str = "2026-10") -> Sample:
    """Draw the sample company: three entities, the year to the end of `period` and six days after it.

    Every planted story is there at any size; below some hundreds of items they are most of the books. Raises
    ParameterError for fewer than 60 items, a negative seed, or a period that is no month.
    """
    if items < SMALLEST or seed < 0:
        raise ParameterError(
            "sample company",
            found=f"items {items}, seed {seed}",
            wanted=f"items of {SMALLEST} or more, seed of 0 or more",
        )
    window = window_of(period)
    rates = draw_rates(window, seed=seed)
    parts = [
        _entity(plan, rates[plan.code], items, window, np.random.default_rng([seed, place]))
        for place, plan in enumerate(ENTITIES)
    ]
    made = {name: _stacked([part[name] for part in parts], name) for name in parts[0]}
    truth = made.pop("truth")
    made["fx_rates"] = _sorted(rate_table(rates, window), "fx_rates")
    ordered = {name: made[name] for name in CANONICAL if name in made}
    return Sample(
        tables=ordered,
        truth=truth,
        prior=ordered["reconciling_items"],
        seed=seed,
        period=period,
        files=copy_files(ordered["document_links"], ordered["items"]),
    )


def _entity(
    plan: EntityPlan, rates: Rates, items: int, window: Window, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    count = max(24, round((items * plan.share - SCRIPTED) * _invoice_share(items)))
    ledger, notes = SubLedger(), Notes(plan, window)
    held = draw_customers(plan, count, window, rng)
    stage = Stage(plan=plan, ledger=ledger, held=held, window=window, notes=notes, gl=Ledgers(), cash=Cash())

    invoices = billing.add_invoices(ledger, plan, held, rates, count, window, rng)
    fate = settlement.draw_fates(invoices, held, window, rng)
    taken = memos.add_early_credits(ledger, invoices, fate, held, window, rng)
    legs, deduction = settlement.draw_legs(invoices, fate, taken, held, window, rng)
    receipts = settlement.add_receipts(ledger, invoices, legs, held, rates, window, rng)
    simple = returns.simple_receipts(receipts, invoices, fate, taken)
    receipts = returns.add_corrected_misapplications(
        ledger, receipts, invoices, fate, taken, simple, held, window, notes, rng
    )
    simple &= returns.simple_receipts(receipts, invoices, fate, taken)
    returns.add_returned_payments(ledger, plan, receipts, invoices, simple, held, window, notes, rng)
    settlement.apply_receipts(ledger, invoices, receipts, window)
    deductions.add_deductions(ledger, invoices, deduction, receipts, held, window, notes, rng)
    memos.add_rebills(ledger, invoices, fate, held, window, notes)
    memos.add_refunds(ledger, receipts, held, window, rng)
    memos.add_loose_ends(ledger, invoices, held, window, rng)
    losses.add_losses(ledger, invoices, _settled(ledger)[invoices.handle], held, window, notes, rng)
    for receipt in np.flatnonzero(receipts.is_parent)[:200].tolist():
        notes.noise(
            "parent_pays",
            [("item", int(receipts.handle[receipt]))],
            int(receipts.amount[receipt]),
            int(receipts.ccy[receipt]),
            int(receipts.day[receipt]),
        )

    carried_forward = plant_gaps(stage)
    merges = plant_stories(stage)
    scripts = plant_statements(stage)

    func = _functional(ledger, rates)
    source, target, discount = carry(ledger, func)
    carried = Carrying(item=func, source=source, target=target, discount=discount)
    document_numbers, item_ids = numbers(ledger, plan.document), tables.item_identifiers(ledger)
    app_ids = tables.application_ids(ledger)
    at_close, at_end = outstanding(ledger, window.close), outstanding(ledger, window.last)
    theirs = outstanding(ledger, window.close, posted=False)
    revaluations = revalue(plan, ledger, item_ids, carried, rates, window)
    allowance = allowance_book.allowance_table(plan, ledger, held, func, stage.gl, window)
    lines = gl_table(plan, ledger, held, document_numbers, app_ids, carried, revaluations, stage.gl, window)
    cash = bank.cash_tables(
        plan, ledger, held, document_numbers, item_ids, at_end, stage.cash, window, notes, rng
    )
    made = {
        **tables.standing_tables(plan, window, merges, held),
        "customers": customer_table(plan, held),
        "customer_history": history_table(plan, held, window, rng),
        "items": tables.item_table(
            plan, ledger, held, item_ids, document_numbers, func, at_end, rates, window
        ),
        "instalments": billing.instalment_table(plan, invoices, item_ids, window),
        "applications": tables.application_table(plan, ledger, item_ids, app_ids, carried, window),
        "revaluations": CANONICAL["revaluations"].typed(revaluations),
        **cash,
        "remittances": remittance_table(plan, ledger, document_numbers, stage.cash, rng),
        "customer_statement_lines": statement_table(
            plan, ledger, held, theirs, document_numbers, scripts, stage
        ),
        "disputes": casework.dispute_table(plan, invoices, fate, deduction, held, item_ids, window, rng),
        "promises": casework.promise_table(plan, invoices, at_close, held, item_ids, window, rng),
        "written_off": casework.written_off_table(plan, ledger, held, item_ids, window),
        "billing_transfers": casework.transfer_table(plan, ledger, func, stage.gl, window, notes),
        "reconciling_items": casework.reconciling_table(plan, carried_forward, document_numbers, window),
        "allowance_entries": allowance,
        "gl_lines": lines,
        "gl_balances": balance_table(plan, lines, window),
    }
    every, customers = made["items"].assign(rest=at_close), made["customers"]
    desk = credit_work.Desk(
        plan=plan,
        window=window,
        tables=made,
        open_items=every[every["rest"] != 0],
        status=dict(zip(customers["customer_id"], customers["status"], strict=True)),
        notes=notes,
    )
    made["disputes"] = credit_work.more_disputes(desk, made["disputes"])
    made |= credit_work.credit_tables(desk)
    bankrupt = str(held.ids[held.stage["bankrupt"]])
    books = add_accounts(plan, window, made, bankrupt=bankrupt)
    still_open = _open_at_close(made, window)
    made |= collect_work.collect_tables(
        CollectDesk(plan=plan, window=window, tables=made, open_items=still_open, books=books)
    )
    made["document_links"] = copy_links(plan, books)
    add_audit_stories(plan, window, made, notes, last_lapped=str(held.ids[held.stage["lapping_c"]]))
    made["bank_statements"], made["bank_lines"], late_account = statement_tables(
        plan, window, made["bank_lines"]
    )
    collect_truth.tell(notes, books, still_open, bankrupt, late_account)
    return {**made, "truth": notes.table(document_numbers, app_ids)}


def _open_at_close(made: dict[str, pd.DataFrame], window: Window) -> pd.DataFrame:
    """ITEMS that are open at the close, with `rest`."""
    day = pd.Timestamp(window.as_of)
    items, apps = made["items"], made["applications"]
    apps = apps.loc[
        apps["posting_date"] <= day,
        ["source_item_id", "target_item_id", "source_amount", "target_amount", "discount"],
    ]
    settled = (apps["target_amount"] + apps["discount"]).groupby(apps["target_item_id"]).sum()
    taken = apps.groupby("source_item_id")["source_amount"].sum()
    rest = items["amount"] - items["item_id"].map(settled).fillna(0) + items["item_id"].map(taken).fillna(0)
    rest = rest.astype("Int64")
    is_open = rest.ne(0) & items["posting_date"].le(day)
    return items[is_open].assign(rest=rest[is_open]).reset_index(drop=True)


def _invoice_share(items: int) -> float:
    """Invoices among all drawn items; a large company has fewer receipts, each paying more invoices."""
    return 0.5 + 0.055 * math.log10(max(items, 1000) / 4000)


def _functional(ledger: SubLedger, rates: Rates) -> Ints:
    """Functional amount of every item at the rate of its business day, or of the day it was told to use."""
    items = ledger.items
    day = np.where(items.column("rate_day") != NONE, items.column("rate_day"), items.column("eff"))
    return rates.functional(items.column("amount"), items.column("ccy"), day)


def _settled(ledger: SubLedger) -> Ints:
    """What all applications, whenever, settle of each item as a target."""
    apps = ledger.applications
    made = np.zeros(ledger.items.count, dtype=np.int64)
    np.add.at(made, apps.column("tgt"), apps.column("t") + apps.column("disc"))
    return made


def _stacked(parts: list[pd.DataFrame], name: str) -> pd.DataFrame:
    return _sorted(pd.concat(parts, ignore_index=True), name)


def _sorted(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame by its key; Arrow's sort is stable."""
    table = TRUTH if name == "truth" else CANONICAL[name]
    for column in table.of_kind(Kind.TEXT):
        frame[column] = frame[column].replace("", None)
    keys = pa.Table.from_pandas(frame[list(table.key)], preserve_index=False)
    order = pc.sort_indices(keys, sort_keys=[(column, "ascending") for column in table.key])
    return frame.take(order.to_numpy()).reset_index(drop=True)
