"""What a book closes to: results and their hashes, as the notebooks hand them over, without a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.policy import Policies, Scope
from arlib.report.aging import aging_report
from arlib.report.control_account import control_account_report
from arlib.run.result import payload, table_digest
from arlib.sources import SourceSpec, load_book
from arlib.sources.sample import generate, write_sample

if TYPE_CHECKING:
    import pandas as pd

    from arlib.report.model import Report
    from arlib.tables import Book

ENTITIES = {
    "US01": ("Harbor Tools Inc", "USD", "America/New_York"),
    "UK01": ("Harbor Tools Ltd", "GBP", "Europe/London"),
    "JP01": ("Harbor Tools KK", "JPY", "Asia/Tokyo"),
}
BUILDERS = {"aging": aging_report, "control_account": control_account_report}


@dataclass(frozen=True)
class Closing:
    """The results of one entity: hash by notebook, hash and frame by 'notebook/table', controls in words."""

    results: dict[str, str]
    tables: dict[str, str]
    frames: dict[str, pd.DataFrame]
    controls: list[str]


def scope_of(entity: str, period: str = "2026-10") -> Scope:
    """The scope of the sample's close."""
    name, currency, zone = ENTITIES[entity]
    year, month = (int(part) for part in period.split("-"))
    last = date(year + month // 12, month % 12 + 1, 1).toordinal() - 1
    ends = date.fromordinal(last)
    return Scope(
        entity=entity, entity_name=name, functional_currency=currency, period=period,
        starts_on=date(year, month, 1), ends_on=ends, as_of=ends, time_zone=zone,
    )  # fmt: skip


def closing_facts(book: Book, entity: str, period: str = "2026-10") -> Closing:
    """What the notebooks aging and control_account hand over for this entity and period."""
    results, tables, frames, controls = {}, {}, {}, []
    for name, builder in BUILDERS.items():
        report: Report = builder(book.for_entity(entity), scope=scope_of(entity, period), policies=Policies())
        results[name] = str(payload(report, notebook=name, artefacts=())["results_sha256"])
        for table in report.tables:
            if table.name not in ("inputs", "problems"):
                tables[f"{name}/{table.name}"] = table_digest(table)
                frames[f"{name}/{table.name}"] = table.frame
        controls += [
            f"{c.name} {c.account} {c.currency} {c.left} {c.right} {c.explained} {c.status}"
            for c in report.controls
        ]
    return Closing(results, tables, frames, controls)


def differences(ours: Closing, theirs: Closing) -> list[str]:
    """What differs, first the controls, then table by table with the first rows that only one side has."""
    said = [f"only ours:   {line}" for line in sorted(set(ours.controls) - set(theirs.controls))]
    said += [f"only theirs: {line}" for line in sorted(set(theirs.controls) - set(ours.controls))]
    for name in sorted({*ours.tables, *theirs.tables}):
        if ours.tables.get(name) == theirs.tables.get(name):
            continue
        if name not in ours.frames or name not in theirs.frames:
            said.append(f"{name}: only on one side")
            continue
        left, right = (set(_lines(side.frames[name])) for side in (ours, theirs))
        said.append(f"{name}: {len(left - right)} rows only ours, {len(right - left)} only theirs")
        said += [f"    ours:   {line}" for line in sorted(left - right)[:3]]
        said += [f"    theirs: {line}" for line in sorted(right - left)[:3]]
    return said


def _lines(frame: pd.DataFrame) -> list[str]:
    columns = sorted(map(str, frame.columns))
    return ["|".join(f"{c}={v}" for c, v in zip(columns, row, strict=True) if str(v) not in ("", "nan", "<NA>", "NaT"))
            for row in frame[columns].astype("str").itertuples(index=False, name=None)]  # fmt: skip


@lru_cache(maxsize=1)
def sample_tables() -> dict[str, pd.DataFrame]:
    """The canonical tables of the sample company, seed 7."""
    return dict(generate(seed=7).tables)


def canonical_book(folder: Path) -> Book:
    """The sample company written to `folder` as contract CSV and read back."""
    write_sample(generate(seed=7), folder)
    return load_book([SourceSpec(folder=folder, profile="canonical")], root=folder)
