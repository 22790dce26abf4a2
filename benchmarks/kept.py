"""What a benchmark found, as JSON: tables, targets, charts, sentences, machine. The manual is in measured.py."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import psutil

ROOT = Path(__file__).resolve().parent.parent
FAILED = "failed.txt"  # what run.py notes of parts that did not end well, as JSON: the page says it
PACKAGES = ("pandas", "pyarrow", "numpy", "duckdb", "polars", "papermill", "ipykernel", "jupyter_client", "distributed", "xlsxwriter",
            "weasyprint", "rapidfuzz")  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table of the page: what it shows, its heads, its rows. Numbers are texts, or are shown as they are."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str = ""


@dataclass(frozen=True)
class Target:
    """What was wanted and what was found; a target that is missed says why."""

    what: str
    wanted: str
    found: str
    is_met: bool
    why: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture: its file name, title and numbers by series and label. The alternative text is made of the numbers."""

    name: str
    title: str
    series: Mapping[str, Mapping[str, float]]
    kind: Literal["bars", "lines"] = "bars"
    unit: str = "seconds"
    across: str = ""  # what the labels of lines count, such as "items"


def kept(
    part: str,
    *,
    title: str,
    quick: bool,
    took: Mapping[str, Any],
    tables: Sequence[Table],
    sentences: Sequence[str],
    targets: Sequence[Target],
    charts: Sequence[Chart],
    figures: Mapping[str, float],
) -> Path:
    """Print it and write `<part>.json`; returns its path. Parts call `measured.keep`."""
    found = {
        "schema": "arlib.bench/1",
        "part": part,
        "title": title,
        "quick": quick,
        "at": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
        **took,
        "machine": machine(),
        "targets": [asdict(target) for target in targets],
        "tables": [asdict(table) for table in tables],
        "charts": [asdict(chart) for chart in charts],
        "sentences": list(sentences),
        "figures": dict(figures),
    }
    path = folder(quick=quick) / f"{part}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    note = path.parent / FAILED
    failed = json.loads(note.read_text()) if note.exists() else {}
    if failed.pop(part, ""):  # run alone since, and well
        note.write_text(json.dumps(failed))
    show(found)
    return path


def short(number: float) -> str:
    """A number to three digits that count, with thousands."""
    if number == 0:
        return "0"
    places = max(0, 2 - int(f"{abs(number):e}".split("e")[1]))
    return f"{number:,.{places}f}"


def folder(*, quick: bool = False) -> Path:
    """Where figures are kept."""
    home = Path(os.environ.get("BENCH_FOLDER", ROOT / "outputs" / "_bench"))
    return home / "quick" if quick else home


def machine() -> dict[str, Any]:
    """What the figures depend on: processor, memory, system, versions, revision. No name of the machine."""
    about = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next(
        (line.split(":", 1)[1].strip() for line in about.splitlines() if line.startswith("model name")), ""
    )
    return {
        "processor": model or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 1024**3, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "revision": _revision(),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _revision() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "arlib", "benchmarks", "notebooks")
    return git("rev-parse", "--short=12", "HEAD") + (" and changes" if changed else "")


def show(kept: Mapping[str, Any]) -> None:
    """Print what is kept."""
    print(f"\n{kept['title']}")
    for table in kept["tables"]:
        print(f"\n{table['title']}")
        lines = [[str(cell) for cell in row] for row in (table["heads"], *table["rows"])]
        wide = [max(len(line[at]) for line in lines) for at in range(len(table["heads"]))]
        for line in lines:
            print("  " + "  ".join(cell.ljust(size) for cell, size in zip(line, wide, strict=True)).rstrip())
    for target in kept["targets"]:
        verdict = "met" if target["is_met"] else "MISSED"
        print(
            f"{verdict}: {target['what']}: wanted {target['wanted']}, found {target['found']}. {target['why']}".rstrip()
        )
    for sentence in kept["sentences"]:
        print(sentence)
    sys.stdout.flush()
