"""A made ledger of any size as partitioned Parquet: seeded, one partition at a time, its totals stated apart."""

from __future__ import annotations

import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from arlib.sources.partitioned import Manifest, Partition, write_manifest
from arlib.sources.partitioned.layout import added, stored
from arlib.sources.snapshot import arrow_schema, write_parquet
from arlib.tables import CANONICAL

AS_OF = date(2026, 10, 31)
DAY = int(np.datetime64(AS_OF, "D").astype(np.int64))
ENTITY, BOOKS = "BIG1", "EUR"
CURRENCIES, RATES = ("EUR", "USD", "GBP"), (1000, 920, 1160)  # thousandths of a EUR
ACCOUNTS = ("1200", "1201", "1201")
PER_CUSTOMER = 33


@dataclass(frozen=True)
class Made:
    """What one partition holds, as the generator knows it."""

    partition: Partition
    subledger: dict[str, int]  # by account, in the books' currency, up to the as-of date


def write(folder: Path, *, items: int, parts: int, processes: int = 2) -> Manifest:
    """The whole ledger with the general ledger's balances, in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sizes = [items // parts + (number < items % parts) for number in range(parts)]
    with ProcessPoolExecutor(processes) as pool:
        made = list(pool.map(_partition, [str(folder)] * parts, range(parts), sizes))
    balances = {account: sum(part.subledger[account] for part in made) for account in sorted(set(ACCOUNTS))}
    shared = {name: (_shared(folder, name, frame),) for name, frame in _small(balances).items()}
    manifest = Manifest(
        partitions=tuple(part.partition for part in made), shared=shared, functional={ENTITY: BOOKS},
        totals=added(part.partition.totals for part in made),
    )  # fmt: skip
    write_manifest(manifest, folder)
    return manifest


def _small(balances: dict[str, int]) -> dict[str, pd.DataFrame]:
    day = pd.Timestamp(AS_OF)
    return {
        "entities": CANONICAL["entities"].frame([{"entity": ENTITY, "name": "Big One", "functional_currency": BOOKS}]),
        "control_accounts": CANONICAL["control_accounts"].frame([
            {"entity": ENTITY, "account": account, "name": "Trade receivables", "role": "trade", "in_tieout": True}
            for account in balances
        ]),
        "gl_balances": CANONICAL["gl_balances"].frame([
            {"entity": ENTITY, "ledger": "primary", "account": account, "as_of": day, "currency": BOOKS, "balance": minor}
            for account, minor in balances.items()
        ]),
        "fx_rates": CANONICAL["fx_rates"].frame([
            {"date": day, "base": code, "quote": BOOKS, "rate": str(rate / 1000), "kind": "closing", "source": "made"}
            for code, rate in zip(CURRENCIES[1:], RATES[1:], strict=True)
        ]),
    }  # fmt: skip


def _shared(folder: Path, name: str, frame: pd.DataFrame) -> Any:
    path = folder / "shared" / f"{name}-0.parquet"
    path.parent.mkdir(exist_ok=True)
    write_parquet(frame, path, table=CANONICAL[name])
    return stored(path, folder=folder)


def _partition(folder: str, number: int, size: int) -> Made:
    """Invoices, the receipts that pay three in four of them, up to three each, and credit memos."""
    random = np.random.default_rng([9, number])
    customers = max(3, size // PER_CUSTOMER)
    invoices = size * 70 // 100
    owner = np.sort(random.integers(0, customers, invoices))
    amount = (1_000 + random.exponential(40_000, invoices)).astype(np.int64)
    posted = DAY - random.integers(-5, 730, invoices)
    own = (posted - random.choice([0, 2], invoices, p=[0.99, 0.01])).astype(
        np.int64
    )  # dated before it is posted
    due = own + random.choice([14, 30, 60], invoices)
    unit = owner % 10
    currency = np.where(unit < 6, 0, np.where(unit < 9, 1, 2))
    books = amount * np.array(RATES)[currency] // 1000

    paid = np.flatnonzero(random.random(invoices) < 0.75)
    mine = owner[paid]
    run = np.arange(len(paid)) - np.searchsorted(mine, mine)  # place within the customer's paid invoices
    starts = run % 3 == 0
    receipt = np.cumsum(starts) - 1
    receipts = int(starts.sum())
    when = np.zeros(receipts, dtype=np.int64)
    np.maximum.at(when, receipt, due[paid] + random.integers(-10, 40, len(paid)))
    drift = np.where(currency[paid] == 0, 0, random.integers(-90, 90, len(paid)))
    carried = books[paid] + drift
    cash, cash_books = np.zeros(receipts, dtype=np.int64), np.zeros(receipts, dtype=np.int64)
    np.add.at(cash, receipt, amount[paid])
    np.add.at(cash_books, receipt, carried)
    over = np.where(random.random(receipts) < 0.02, random.integers(100, 20_000, receipts), 0)
    payer = mine[starts]
    paid_in = currency[paid][starts]
    cash += over
    cash_books += over * np.array(RATES)[paid_in] // 1000

    credits_ = size - invoices - receipts
    credited = random.integers(0, customers, credits_)
    credit_unit = credited % 10
    credit_in = np.where(credit_unit < 6, 0, np.where(credit_unit < 9, 1, 2))
    credit = -random.integers(500, 20_000, credits_)
    credit_day = DAY - random.integers(0, 400, credits_)

    codes = np.concatenate([currency, paid_in, credit_in])
    signed = np.concatenate([amount, -cash, credit])
    in_books = np.concatenate([books, -cash_books, credit * np.array(RATES)[credit_in] // 1000])
    dates = np.concatenate([posted, when, credit_day])
    effective = np.concatenate([own, when, credit_day])
    ids = _names("I", number, size)
    kinds = np.repeat([0, 1, 2], [invoices, receipts, credits_])
    items = {
        "item_id": ids,
        "entity": _repeated(ENTITY, size),
        "customer_id": _names("C", number, customers).take(pa.array(np.concatenate([owner, payer, credited]))),
        "item_type": _chosen(("invoice", "receipt", "credit_memo"), kinds),
        "document_no": _names("D", number, size),
        "effective_date": _days(effective),
        "posting_date": _days(dates),
        "document_date": _days(effective),
        "due_date": pa.array(np.concatenate([due, np.zeros(size - invoices, dtype=np.int64)]).astype(np.int32),
                             mask=kinds > 0).cast(pa.date32()),
        "currency": _chosen(CURRENCIES, codes),
        "amount": pa.array(signed),
        "functional_amount": pa.array(in_books),
        "control_account": _chosen(ACCOUNTS, codes),
    }  # fmt: skip
    count, settled = len(paid), amount[paid]
    applied = _days(when[receipt])
    applications = {
        "application_id": _names("A", number, count),
        "entity": _repeated(ENTITY, count),
        "source_item_id": ids.take(pa.array(invoices + receipt)),
        "target_item_id": ids.take(pa.array(paid)),
        "effective_date": applied,
        "posting_date": applied,
        "source_currency": _chosen(CURRENCIES, currency[paid]),
        "source_amount": pa.array(settled),
        "source_functional_amount": pa.array(carried),
        "target_currency": _chosen(CURRENCIES, currency[paid]),
        "target_amount": pa.array(settled),
        "target_functional_amount": pa.array(books[paid]),
        "realised_fx": pa.array(drift),
        "kind": _repeated("receipt", count),
        "reason": _repeated("paid", count),
        "pairing": _repeated("stated", count),
    }
    everyone = {
        "entity": _repeated(ENTITY, customers),
        "customer_id": _names("C", number, customers),
        "name": _names("Customer ", number, customers),
        "collector": _chosen(("ana", "bo", "chen", "dana"), np.arange(customers) % 4),
        "region": _chosen(("north", "south", "east"), np.arange(customers) % 3),
    }
    home = Path(folder) / f"part-{number:05d}"
    home.mkdir()
    tables = {"items": items, "applications": applications, "customers": everyone}
    files = {name: (stored(_write(home / f"{name}-0.parquet", name, columns), folder=home.parent),)
             for name, columns in tables.items()}  # fmt: skip
    here, there = dates <= DAY, when[receipt] <= DAY
    subledger = dict.fromkeys(ACCOUNTS, 0)
    for code, account in enumerate(ACCOUNTS):
        moved = in_books[here & (codes == code)].sum() + drift[there & (currency[paid] == code)].sum()
        subledger[account] += int(moved)
    totals = {
        "items": {ENTITY: _totals(codes, signed)},
        "applications": {ENTITY: _totals(currency[paid], settled)},
    }
    return Made(Partition(name=home.name, tables=files, totals=totals), subledger)


def _totals(codes: np.ndarray, amounts: np.ndarray) -> dict[str, list[int]]:
    return {
        code: [int((codes == place).sum()), int(amounts[codes == place].sum())]
        for place, code in enumerate(CURRENCIES) if (codes == place).any()
    }  # fmt: skip


def _names(prefix: str, number: int, count: int) -> pa.Array:
    """Text ids such as `C00017-0000042`."""
    tail = pc.utf8_lpad(pc.cast(pa.array(np.arange(count)), pa.string()), 7, "0")
    return pc.binary_join_element_wise(f"{prefix}{number:05d}", tail, "-")


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(text, count)


def _chosen(texts: tuple[str, ...], codes: np.ndarray) -> pa.Array:
    return pa.array(texts).take(pa.array(codes))


def _days(days: np.ndarray) -> pa.Array:
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def _write(path: Path, name: str, columns: dict[str, Any]) -> Path:
    """The table with every declared column; those that are not made are empty."""
    schema = arrow_schema(CANONICAL[name])
    count = len(next(iter(columns.values())))
    arrays = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(count, f.type) for f in schema]
    parquet.write_table(
        pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd", compression_level=1
    )
    return path
