"""The allowance by roll rate at 1,000,000 open items and 36 months of history, against the same matrix in DuckDB.

    python benchmarks/allowance.py [--items N] [--history N] [--skip-peer]

Makes a book of canonical tables (seeded): `--items` open invoices and `--history` settled ones (twice as many where not
given), a tenth in a foreign currency, receipts of ten invoices each, part payments, write-offs. Then loss rates by roll
rate, and the allowance measured with them. The peer works out the same migration matrix in SQL over the same frames; both
must be equal to the cent. Peak memory is that of the whole process, the book included.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from arlib.credit.allowance.measure import measure
from arlib.credit.allowance.migration import Migrated, migrated
from arlib.credit.allowance.past import past_of
from arlib.credit.allowance.rates import rates_of
from arlib.policy import AgingPolicy, AllowancePolicy, Policies, Scope
from arlib.policy.allowance import RateMethod
from arlib.tables import CANONICAL, Book

AS_OF, MONTHS, SEED, TARGET_SECONDS = date(2026, 10, 31), 36, 2026, 20.0
SCOPE = Scope(entity="E1", entity_name="Benchmark", functional_currency="USD", period="2026-10",
              starts_on=date(2026, 10, 1), ends_on=AS_OF, as_of=AS_OF)  # fmt: skip
POLICY = AllowancePolicy(method=RateMethod.ROLL_RATE, history_months=MONTHS)
MATRIX = """
    with ends as (
        select cast(range as int) as n, last_day(date '2023-10-31' + to_months(cast(range as int))) as day from range(37)
    ), lives as (
        select item_id, amount::hugeint as billed, functional_amount::hugeint as books, posting_date::date as posted,
            original_due_date::date as due from items where item_type = 'invoice'
    ), moves as (
        select target_item_id as item_id, greatest(datediff('month', date '2023-10-31', posting_date::date), 0) as n,
            sum(case when kind = 'payment' then target_amount else 0 end)::hugeint as paid,
            sum(case when kind = 'credit_memo' then target_amount else 0 end)::hugeint as credited,
            sum(case when kind = 'write_off' then target_amount else 0 end)::hugeint as lost
        from applications group by all
    ), last_move as (
        select item_id, max(n) as n, sum(paid + credited + lost) as settled from moves group by all
    ), grid as (
        select l.*, e.n, e.day from lives l left join last_move m using (item_id) join ends e on e.day >= l.posted
            and (m.settled is null or m.settled < l.billed or e.n <= m.n)
    ), states as (
        select g.*, coalesce(m.paid, 0) as p, coalesce(m.credited, 0) as c, coalesce(m.lost, 0) as l,
            g.billed - sum(coalesce(m.paid + m.credited + m.lost, 0)) over w as rest,
            case when day <= due then 0 when day - due <= 30 then 1 when day - due <= 60 then 2 when day - due <= 90 then 3
                when day - due <= 120 then 4 else 5 end as bucket
        from grid g left join moves m on m.item_id = g.item_id and (m.n = g.n)
        window w as (partition by g.item_id order by g.n)
    ), steps as (
        select bucket, rest, billed, books, lead(p) over w as p, lead(c) over w as c, lead(l) over w as l, lead(bucket) over w as later
        from states window w as (partition by item_id order by n)
    ), booked as (
        select bucket, later, (2 * p * books + billed) // (2 * billed) as up1,
            (2 * (p + c) * books + billed) // (2 * billed) as up2,
            (2 * (p + c + l) * books + billed) // (2 * billed) as up3, (2 * rest * books + billed) // (2 * billed) as stood
        from steps where rest > 0 and later is not null
    )
    select bucket, later as state, sum(stood - up3) as amount from booked where stood > up3 group by all
    union all select bucket, 6, sum(up1) from booked group by all
    union all select bucket, 7, sum(up2 - up1) from booked group by all
    union all select bucket, 8, sum(up3 - up2) from booked group by all
"""


def ids(prefix: str, count: int) -> pd.Series:
    """So many identifiers."""
    return pd.Series(prefix + pd.Series(np.arange(count)).astype("str").str.zfill(8), dtype="str")


def book_of(open_items: int, history: int, seed: int, *, months: int = MONTHS) -> Book:
    """The benchmark's book: settled items were posted in the last so many months."""
    rng = np.random.default_rng(seed)
    count = open_items + history
    last = np.datetime64(AS_OF, "D").astype(np.int64)
    is_open = np.arange(count) < open_items
    age = np.where(
        is_open, np.minimum(rng.exponential(55, count), 600), rng.integers(0, months * 30, count)
    ).astype(np.int64)
    posted = last - age
    amount = rng.integers(1_000, 5_000_000, count)
    rate = np.where(rng.random(count) < 0.1, 1087, 1000)
    books = (amount * rate + 500) // 1000

    delay = (15 + rng.exponential(25, count)).astype(np.int64)
    is_lost = ~is_open & (rng.random(count) < 0.012)
    settled_on = posted + np.where(is_lost, rng.integers(120, 420, count), delay)
    is_settled = ~is_open & (settled_on <= last)
    has_part = (rng.random(count) < 0.15) & (posted + 20 <= last) & (settled_on > posted + 20)
    part = np.where(has_part, amount // 3, 0)
    kind = np.where(is_lost, 2, (rng.random(count) < 0.04).astype(np.int64))
    first, rest = np.flatnonzero(has_part), np.flatnonzero(is_settled)
    target = np.concatenate([first, rest])
    moved = np.concatenate([part[first], (amount - part)[rest]])
    day = np.concatenate([posted[first] + 20, settled_on[rest]])
    flow = np.concatenate([np.zeros(len(first), dtype=np.int64), kind[rest]])
    order = np.lexsort((day, rate[target], flow))
    target, moved, day, flow = target[order], moved[order], day[order], flow[order]
    grouped = np.stack([flow, rate[target], np.arange(len(flow)) // 10])
    source = np.cumsum(np.diff(grouped, prepend=-1, axis=1).any(axis=0)) - 1
    begins = np.flatnonzero(np.diff(source, prepend=-1))
    moved_books = (moved * rate[target] + 500) // 1000
    credit, credit_books = (-np.add.reduceat(part, begins) for part in (moved, moved_books))

    invoice, credits_ = ids("I", count), ids("C", len(credit))
    currency = np.where(rate == 1000, "USD", "EUR")
    names = np.array(["receipt", "credit_memo", "write_off"], dtype=object)
    kinds = np.array(["payment", "credit_memo", "write_off"], dtype=object)
    whole = len(invoice) + len(credits_)
    customer = rng.integers(0, 20_000, count)
    items = pd.DataFrame({
        "item_id": pd.concat([invoice, credits_], ignore_index=True), "entity": pd.Series("E1", index=range(whole), dtype="str"),
        "customer_id": ids("K", 20_000).iloc[np.concatenate([customer, customer[target[begins]]])].reset_index(drop=True),
        "item_type": np.concatenate([np.full(count, "invoice", dtype=object), names[flow[begins]]]),
        "effective_date": np.concatenate([posted, day[begins]]).astype("datetime64[D]"),
        "posting_date": np.concatenate([posted, day[begins]]).astype("datetime64[D]"),
        "due_date": np.concatenate([posted + 30, np.full(len(credit), np.iinfo(np.int64).min)]).astype("datetime64[D]"),
        "currency": np.concatenate([currency, currency[target[begins]]]),
        "amount": np.concatenate([amount, credit]), "functional_amount": np.concatenate([books, credit_books]),
    })  # fmt: skip
    items["document_no"], items["original_due_date"] = items["item_id"], items["due_date"]
    applications = pd.DataFrame({
        "application_id": ids("A", len(target)), "entity": pd.Series("E1", index=range(len(target)), dtype="str"),
        "source_item_id": credits_.iloc[source].reset_index(drop=True), "target_item_id": invoice.iloc[target].reset_index(drop=True),
        "effective_date": day.astype("datetime64[D]"), "posting_date": day.astype("datetime64[D]"),
        "source_currency": currency[target], "source_amount": moved, "target_currency": currency[target],
        "target_amount": moved, "source_functional_amount": moved_books, "target_functional_amount": moved_books,
        "kind": kinds[flow],
        "reason": pd.Series("uncollectable", index=range(len(target)), dtype="str"),
        "pairing": pd.Series("stated", index=range(len(target)), dtype="str"),
    })  # fmt: skip
    return Book(
        {
            "items": CANONICAL["items"].typed(items),
            "applications": CANONICAL["applications"].typed(applications),
        }
    )


def timed(what: str, work: Callable[[], Any]) -> tuple[Any, float]:
    """The result and its seconds, printed."""
    started, worked = time.perf_counter(), time.process_time()
    made = work()
    seconds, busy = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{what:<62} {seconds:8.2f} s   processor {busy:7.2f} s   peak {peak:6.2f} GiB", flush=True)
    return made, seconds


def by_sql(book: Book) -> np.ndarray:
    """The migration matrix of the whole portfolio in DuckDB."""
    size = 6
    made = np.zeros((size, size + 3), dtype=np.int64)
    with duckdb.connect(config={"threads": 2}) as base:
        base.register(
            "items",
            book["items"][
                ["item_id", "item_type", "posting_date", "original_due_date", "amount", "functional_amount"]
            ],
        )
        base.register(
            "applications", book["applications"][["target_item_id", "posting_date", "kind", "target_amount"]]
        )
        for bucket, state, amount in base.execute(MATRIX).fetchall():
            made[bucket, state] += int(amount)
    return made


def main() -> None:
    """Run it and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=1_000_000, help="open items")
    parser.add_argument(
        "--history", type=int, default=0, help="settled items; twice the open ones where not given"
    )
    parser.add_argument("--skip-peer", action="store_true")
    chosen = parser.parse_args()
    history = chosen.history or 2 * chosen.items
    book, _ = timed(
        f"make the book: {chosen.items:,} open, {history:,} settled",
        lambda: book_of(chosen.items, history, SEED),
    )
    print(f"{len(book['items']):,} items, {len(book['applications']):,} applications")
    past, first = timed(
        "history and month-end snapshots",
        lambda: past_of(book, scope=SCOPE, aging=AgingPolicy(), policy=POLICY),
    )
    print(
        f"{sum(len(month.life) for month in past.standing):,} rows stood at {len(past.standing)} month ends"
    )
    rates, second = timed("loss rates by roll rate", lambda: rates_of(past))
    measured, third = timed("allowance: exposure by item x rate",
                            lambda: measure(book, scope=SCOPE, policies=Policies(allowance=POLICY), rates=rates))  # fmt: skip
    whole = first + second + third
    verdict = "met" if whole < TARGET_SECONDS else "MISSED"
    print(f"{'allowance by roll rate, whole':<62} {whole:8.2f} s   target {TARGET_SECONDS:.0f} s: {verdict}")
    shown = ", ".join(f"{row.bucket} {row.rate}" for row in rates.frame.itertuples())
    print(f"allowance {measured.total:,} minor units; rates {shown}")
    if not chosen.skip_peer:
        matrix: Migrated = migrated(past)
        peer, _ = timed("peer: DuckDB, the same migration matrix, 2 threads", lambda: by_sql(book))
        print("matrices equal to the cent" if np.array_equal(peer, matrix.amounts[0]) else "MATRICES DIFFER")


if __name__ == "__main__":
    main()
