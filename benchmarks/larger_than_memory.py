"""A ledger larger than memory is aged and tied: 100,000,000 items within 4 GiB, beside DuckDB on the same files.

    python benchmarks/larger_than_memory.py [--quick] [--items N] [--folder FOLDER] [--keep-ledger]

Data is made first, in a folder that is removed at the end (about 80 bytes an item). `arlib age` and `arlib tie` run as a user
runs them, with two worker processes; the memory of the whole process tree is sampled. DuckDB does the aging by customer
alone, partition by partition, with 4 GB; every row of its answer must be in ours and the other way round.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import larger_than_memory_data as data
from measured import Chart, Table, Target, Timing, arguments, keep, mib, process, short, timed

ITEMS, QUICK_ITEMS, PER_PARTITION = 100_000_000, 1_000_000, 500_000
LIMIT = 4 * 1024**3
AGING = """
with moved as (
    select item_id, sum(amount) as amount from (
        select target_item_id as item_id, -target_amount as amount, posting_date from read_parquet('{applications}')
        union all select source_item_id, source_amount, posting_date from read_parquet('{applications}')
    ) where posting_date <= date '{day}' group by item_id
), open as (
    select customer_id, currency, item_type, due_date,
        case when i.posting_date <= date '{day}' then i.amount else 0 end + coalesce(m.amount, 0)::BIGINT as amount
    from read_parquet('{items}') i left join moved m using (item_id)
)
select customer_id, currency, bucket, sum(amount)::BIGINT as amount from (
    select customer_id, currency, amount, case
        when amount < 0 and item_type = 'receipt' then 'unapplied' when amount < 0 then 'credit'
        when due_date is null then 'no_due_date'
        when date '{day}' - due_date <= 0 then 'current' when date '{day}' - due_date <= 30 then '1-30'
        when date '{day}' - due_date <= 60 then '31-60' when date '{day}' - due_date <= 90 then '61-90'
        when date '{day}' - due_date <= 120 then '91-120' else '121+' end as bucket
    from open where amount <> 0
) group by all
"""


def main() -> None:
    """Make, age, tie, compare, keep."""
    given = arguments(__doc__, runs=1)
    given.add_argument("--items", type=int, default=0)
    given.add_argument(
        "--folder", type=Path, help="where the ledger and the reports go; default a temporary folder"
    )
    given.add_argument("--keep-ledger", action="store_true", help="leave them there")
    chosen = given.parse_args()
    items = chosen.items or (QUICK_ITEMS if chosen.quick else ITEMS)
    work = Path(tempfile.mkdtemp(prefix="larger-than-memory-", dir=chosen.folder))
    try:
        measure(work, items, is_quick=chosen.quick)
    finally:
        if not chosen.keep_ledger:
            shutil.rmtree(work, ignore_errors=True)


def measure(work: Path, items: int, *, is_quick: bool) -> None:
    """Everything that is measured, with the ledger in `work`."""
    ledger, parts = work / "ledger", max(2, round(items / PER_PARTITION))
    made = timed(lambda: data.write(ledger, items=items, parts=parts))
    manifest = made.result
    size = sum(file.bytes for part in manifest.partitions for files in part.tables.values() for file in files)
    applications = sum(part.rows("applications") for part in manifest.partitions)
    customers = sum(part.rows("customers") for part in manifest.partitions)
    print(
        f"made {items:,} items, {applications:,} applications, {customers:,} customers: {mib(size)} in {short(made.median)} s",
        flush=True,
    )

    runs = {name: ask(name, ledger, work / name) for name in ("age", "tie")}
    stages = {name: stages_of(work / name, runs[name]) for name in runs}
    peer = timed(lambda: duckdb_aging(ledger, work / "peer"))
    rows = same(work / "age", work / "peer")
    print(f"equal to DuckDB in all {rows:,} rows", flush=True)

    peak = max(run.peak for run in runs.values())
    is_within = peak <= LIMIT
    why = "" if is_within else "the partition of a worker takes more than its share: more partitions"
    if items < ITEMS:
        why, is_within = f"measured with {items:,} items only, {mib(peak)}", False
    shape = f"{items:,} items and {applications:,} applications of {customers:,} customers in {parts:,} partitions"
    keep(
        "larger_than_memory",
        title=f"Larger than memory: {items:,} items",
        quick=is_quick,
        tables=[summary(runs, stages, peer, items), spent(stages)],
        targets=[Target(f"{ITEMS:,} items aged, tied and written", "4 GiB in all processes", mib(peak), is_within, why=why)],
        sentences=[
            f"{shape}, {mib(size)} of Parquet; making them took {short(made.median)} s and is not counted.",
            f"Two worker processes. The aging by customer equals DuckDB's in all {rows:,} rows; the control accounts tie "
            "with the balances that the generator states.",
            "DuckDB computes one of the eight agings and none of the checks; it too goes partition by partition.",
        ],
        charts=[Chart("stages", "Seconds in the workers by stage", {name: in_workers(stages[name]) for name in stages})],
        figures={
            "items": items, "age_seconds": runs["age"].median, "tie_seconds": runs["tie"].median,
            "age_processor_seconds": runs["age"].busy, "tie_processor_seconds": runs["tie"].busy,
            "age_sum_seconds": stages["age"]["sum and reports"], "tie_sum_seconds": stages["tie"]["sum and reports"],
            "peak_bytes": peak, "bytes": size, "partitions": parts,
        },
    )  # fmt: skip


def summary(runs: dict[str, Timing], stages: dict[str, dict[str, float]], peer: Timing, items: int) -> Table:
    """What each took in all."""
    words = {
        "age": "arlib age: eight agings, reports, every open item",
        "tie": "arlib tie: accounts, roll-forward",
    }
    rows = [
        (words[name], short(run.median), short(stages[name]["sum and reports"]), short(run.busy),
         f"{items / run.median:,.0f}", mib(run.peak))
        for name, run in runs.items()
    ]  # fmt: skip
    rows.append(("DuckDB: aging by customer alone", short(peer.median), "", short(peer.busy),
                 f"{items / peer.median:,.0f}", "limit 4 GB"))  # fmt: skip
    heads = (
        "what",
        "seconds",
        "of them after the last partition",
        "processor seconds",
        "items a second",
        "peak memory",
    )
    return Table("A ledger in partitions", heads, rows)


def spent(stages: dict[str, dict[str, float]]) -> Table:
    """What the time is made of; seconds of the two workers are added."""
    names = ("read", "age", "tie", "write", "sum and reports")
    rows = [(name, *(short(stages[run].get(name, 0.0)) for run in ("age", "tie"))) for name in names]
    return Table(
        "What the time is made of, both workers added", ("stage", "age, seconds", "tie, seconds"), rows
    )


def in_workers(stages: dict[str, float]) -> dict[str, float]:
    """The stages that are worked partition by partition."""
    return {name: stages.get(name, 0.0) for name in ("read", "age", "tie", "write")}


def ask(name: str, ledger: Path, out: Path) -> Timing:
    """`arlib age` or `arlib tie` as a user runs it; every control must tie."""
    command = [
        Path(sys.executable).with_name("arlib"),
        name,
        "--items",
        ledger,
        "--as-of",
        data.AS_OF.isoformat(),
        "--out",
        out,
        "--jobs",
        "2",
    ]
    run = process(command, memory=True, limit=7200)
    result = json.loads((out / data.ENTITY / "result.json").read_text())
    assert result["status"] == "tied", result["controls"]
    print(f"{name}: {short(run.median)} s, {mib(run.peak)}", flush=True)
    return run


def stages_of(out: Path, run: Timing) -> dict[str, float]:
    """Seconds that the workers spent by stage, over all partitions, and what is left on the clock after the last of them."""
    made: dict[str, float] = {}
    last = 0.0
    for path in sorted((out / "parts").glob("part-*/facts.json")):
        last = max(last, path.stat().st_mtime)
        for stage, taken in json.loads(path.read_text())["facts"]["seconds"].items():
            made[stage] = made.get(stage, 0.0) + taken
    made["sum and reports"] = max(0.0, (out / data.ENTITY / "result.json").stat().st_mtime - last)
    return made


def duckdb_aging(ledger: Path, out: Path) -> None:
    """The aging by customer in SQL, one partition after the other, into Parquet."""
    out.mkdir()
    link = duckdb.connect()
    link.execute(f"set memory_limit = '4GB'; set threads = 2; set temp_directory = '{out / 'spill'}'")
    for part in sorted(ledger.glob("part-*")):
        query = AGING.format(
            day=data.AS_OF, items=part / "items-0.parquet", applications=part / "applications-0.parquet"
        )
        link.execute(f"copy ({query}) to '{out / part.name}.parquet' (format parquet)")
    link.close()


def same(ours: Path, theirs: Path) -> int:
    """How many rows both agings have; an AssertionError where one has a row that the other has not."""
    started = perf_counter()
    link = duckdb.connect()
    link.execute(f"set memory_limit = '4GB'; set threads = 2; set temp_directory = '{theirs / 'spill'}'")
    one = f"read_parquet('{ours}/parts/*/0-by_customer.parquet')"
    other = f"read_parquet('{theirs}/*.parquet')"
    counts: list[Any] = link.execute(
        f"select (select count(*) from {one}), (select count(*) from {other})"  # noqa: S608
    ).fetchall()
    joined = link.execute(
        f"select count(*) from {one} join {other} using (customer_id, currency, bucket, amount)"  # noqa: S608
    ).fetchall()[0][0]
    assert counts[0] == (joined, joined), (counts, joined)
    link.close()
    print(f"compared in {short(perf_counter() - started)} s", flush=True)
    return int(joined)


if __name__ == "__main__":
    main()
