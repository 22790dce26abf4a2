"""docs/sizing.md from kept figures: what 1,000 entities a month and a ledger of 1,000,000,000 items take, with the arithmetic.

`python benchmarks/sizing.py` writes the page anew from what `cluster.py` and `larger_than_memory.py` kept; nothing is measured here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kept import ROOT, folder

PAGE = ROOT / "docs" / "sizing.md"
ENTITIES, MONTHS, NOTEBOOKS = 1000, 12, 10
CORES = (2, 16, 64, 256)
ITEMS = 1_000_000_000
GIB = 1024**3

CLOSES = f"## {ENTITIES:,} entities, {MONTHS} months"
LEDGER = f"## A ledger of {ITEMS:,} items"
HEAD = """\
# Sizing

How many cores, how long and how much disk, worked out from costs measured on one machine (see the [benchmarks](benchmarks.md) for
the machine and its noise). Written by `make bench` from what the parts `cluster` and `larger_than_memory` kept; the arithmetic is
shown so that you can put your own figures in. Estimates, not measurements: nothing of this size was run as a whole but where it says so.
"""


def page(figures: Mapping[str, Mapping[str, float]]) -> str:
    """The page as Markdown; `figures` by part."""
    missing = "Not measured yet: `make bench ONLY={}`.\n"
    sections = (("cluster", CLOSES, closes), ("larger_than_memory", LEDGER, ledger))
    told = [
        f"{title}\n\n{made(figures[part]) if part in figures else missing.format(part)}"
        for part, title, made in sections
    ]
    return "\n".join([HEAD, *told])


def closes(found: Mapping[str, float]) -> str:
    """A thousand entities a month."""
    coordinator = found["coordinator_seconds_per_entity"]
    kernel = found["processor_seconds_per_notebook"]
    many = ENTITIES * NOTEBOOKS
    work, alone = many * kernel, ENTITIES * coordinator
    sent, came = found["sent_bytes_per_notebook"], found["received_bytes_per_notebook"]
    sealed = found["sealed_bytes_per_run"]
    rows = "\n".join(
        f"| {cores} | {hours(work / cores)} | {hours(max(work / cores, alone))} |" for cores in CORES
    )
    return f"""\
Each entity like one of the sample's, {NOTEBOOKS} notebooks a month. Measured:

| | |
|---|---|
| processor time of workers for a notebook, its kernel and its pages | {kernel:.2f} s |
| processor time of the coordinator for an entity: book, checks, seal | {coordinator:.2f} s |
| what a cluster adds to a notebook | {found["overhead_seconds_per_notebook"]:.2f} s of waiting |
| sent and received, for each notebook | {sent / 1024:,.0f} KiB and {came / 1024:,.0f} KiB |
| a sealed run on disk | {sealed / 1024**2:.1f} MiB |

- One month: {ENTITIES:,} entities × {NOTEBOOKS} notebooks × {kernel:.2f} s = {work:,.0f} core-seconds = {work / 3600:.1f} core-hours.
- The coordinator: {ENTITIES:,} × {coordinator:.2f} s = {alone:,.0f} s = {hours(alone)}, while workers work. It is one process, so this is
  the least that a month takes however many workers there are. Cores that it can keep busy: {work:,.0f} / {alone:,.0f} = {work / alone:.0f}.
- Beyond that, split the entities over several closes (`--entity`), each with a coordinator of its own and the same cluster: locks
  are per entity and period, and nothing else is shared but the store.
- Network: {many:,} × {(sent + came) / 1024:,.0f} KiB = {many * (sent + came) / GIB:.1f} GiB a month.
- Disk: {ENTITIES:,} × {MONTHS} × {sealed / 1024**2:.1f} MiB = {ENTITIES * MONTHS * sealed / GIB:,.0f} GiB a year.
- Twelve months at once, as after a change of policy: twelve times a month, {MONTHS * work / 3600:,.0f} core-hours.

| cores of workers | a month's notebooks | with one coordinator |
|---|---|---|
{rows}

Memory: a core of workers takes one kernel (a few hundred MiB at the sample's size; it grows with the entity's book), the coordinator
holds the books of all entities that it closes.
"""


def ledger(found: Mapping[str, float]) -> str:
    """A billion items."""
    items, parts = found["items"], found["partitions"]
    times = ITEMS / items
    size, peak = found["bytes"] / GIB, found["peak_bytes"] / GIB
    lines = []
    for name, words in (("age", "aged"), ("tie", "tied")):
        busy = found[f"{name}_processor_seconds"]
        lines.append(
            f"- {words.capitalize()}: {busy:,.0f} core-seconds × {times:g} = {busy * times:,.0f} = {busy * times / 3600:.1f} core-hours."
        )
    total = (found["age_processor_seconds"] + found["tie_processor_seconds"]) * times
    alone = found["age_sum_seconds"] + found["tie_sum_seconds"]
    shared = total - alone * times
    rows = "\n".join(f"| {cores} | {hours(shared / cores + alone * times)} |" for cores in CORES)
    return f"""\
Measured: {items:,.0f} items in {parts:,.0f} partitions, {size:.2f} GiB of Parquet, aged in
{found["age_seconds"]:,.0f} s and tied in {found["tie_seconds"]:,.0f} s with two worker processes, peak
of all processes {peak:.2f} GiB. Both are a map over partitions and a sum, so work grows with the items and memory with the workers:

{chr(10).join(lines)}
- Partitions of that size: {parts:,.0f} × {times:g} = {parts * times:,.0f}; Parquet {size:.2f} GiB × {times:g} = {size * times:,.0f} GiB.

| cores | aged and tied, the sums included |
|---|---|
{rows}

One process adds the partitions up and writes the reports, however many cores there are: {alone:,.0f} s were measured, so
{alone * times:,.0f} s ({hours(alone * times)}) here. Left out: reading from a disk that many workers share.
"""


def hours(seconds: float) -> str:
    """Seconds as a person would say them."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def write(kept: Path) -> bool:
    """Write the page from what lies in `kept`; False, and the page stays, where nothing that it needs does."""
    parts = {name: kept / f"{name}.json" for name in ("cluster", "larger_than_memory")}
    figures = {
        name: json.loads(path.read_text())["figures"] for name, path in parts.items() if path.is_file()
    }
    if not figures:
        return False
    PAGE.write_text(page(figures), encoding="utf-8", newline="\n")
    return True


if __name__ == "__main__":
    print(
        f"wrote {PAGE.relative_to(ROOT)}"
        if write(folder())
        else "not written: run cluster.py and larger_than_memory.py first"
    )
