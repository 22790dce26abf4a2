"""Write docs/benchmarks.md and its pictures from kept figures alone; nothing is measured here.

    python benchmarks/page.py [--quick]

What the parts kept in outputs/_bench goes into docs/benchmarks.json, part by part, and the page is written from that file: a
part that was not run again stays as it was, with its own time and revision. `--quick` writes the page of quick runs to
outputs/_bench/quick/benchmarks.md instead. The same figures give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from drawn import drawn, said
from kept import FAILED, ROOT, folder

Kept = Mapping[str, Any]
PARTS = ("close", "aging", "as_of", "matching", "budgets", "larger_than_memory", "cluster", "use")
KEPT, PAGE, PICTURES = "benchmarks.json", "benchmarks.md", "pictures/bench"
HEAD = """\
# Benchmarks

Written by `make bench` from the figures that it measured ([benchmarks.json](benchmarks.json)); not edited by hand. Peers run in turns
with arlib, in the same process or one after the other in each round, so that what disturbs the machine hits all alike. A figure with a
range is the median with the least and the most; a ratio is the median of the ratios round by round. That results are equal is checked
in the run, and a part whose results differ keeps no figures.

What is measured by hand and seldom (accuracy of matching on real books, sources, statements, the desk) is in
[measurements](measurements.md). What follows for a thousand entities and a billion items: [sizing](sizing.md).
"""
REPEAT = """\
## How to repeat

`make bench` runs all parts, each in a process of its own, and writes this page. `make bench ONLY=aging,close` runs these parts and leaves
the others as they stand; `make bench QUICK=1` runs all on small data in a few minutes and leaves this page alone;
`python benchmarks/page.py` writes the page again without measuring. The ratios that must not get worse are tests (`tests/benchmarks`,
`tests/ledger`, `tests/matching`): they compare two things measured in turns, never seconds with a limit, and run with all others.
"""


def gathered(home: Path, kept: Path) -> dict[str, Any]:
    """All that the page says: `parts` by name, those of an earlier page replaced by what was kept since, and `failed`."""
    earlier = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    parts: dict[str, Kept] = earlier.get("parts", {})
    for path in sorted(home.glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        if found.get("schema") == "arlib.bench/1":
            parts[found["part"]] = found
    failed = home / FAILED
    return {
        "failed": json.loads(failed.read_text()) if failed.exists() else earlier.get("failed", {}),
        "parts": {name: parts[name] for name in sorted(parts, key=_order)},
    }


def written(found: Mapping[str, Any], docs: Path) -> Path:
    """Write the pictures and the page below `docs`; returns the page."""
    pictures = docs / PICTURES
    pictures.mkdir(parents=True, exist_ok=True)
    wanted = set()
    for kept in found["parts"].values():
        for chart in kept["charts"]:
            wanted.add(drawn(chart, pictures / picture_name(kept, chart)).name)
    for path in pictures.glob("*.svg"):
        if path.name not in wanted:
            path.unlink()
    page = docs / PAGE
    page.write_text(page_text(found), encoding="utf-8")
    return page


def page_text(found: Mapping[str, Any]) -> str:
    """The page in Markdown."""
    parts: Mapping[str, Kept] = found["parts"]
    blocks = [HEAD, *_targets(parts.values())]
    for name, trouble in found["failed"].items():
        figures = "its figures below are of an earlier run" if name in parts else "it has no figures"
        blocks.append(f"**{name} failed when it was last run** ({trouble}); {figures}.")
    for kept in parts.values():
        blocks += _part(kept)
    blocks += [*_machine(parts.values()), REPEAT]
    return "\n".join(block.rstrip() + "\n" for block in blocks)


def picture_name(kept: Kept, chart: Mapping[str, Any]) -> str:
    """The file of a chart."""
    return f"{kept['part']}-{chart['name']}.svg".replace("_", "-").replace(" ", "-")


def _order(name: str) -> tuple[int, str]:
    return (PARTS.index(name) if name in PARTS else len(PARTS), name)


def _targets(parts: Iterable[Kept]) -> list[str]:
    rows = [
        (target["what"], target["wanted"], target["found"], "met" if target["is_met"] else "**missed**")
        for kept in parts
        for target in kept["targets"]
    ]
    met = sum(row[-1] == "met" for row in rows)
    return ["## Targets", f"{met} of {len(rows)} met; why one is missed stands with its part.",
            _table(("what", "wanted", "found", ""), rows)]  # fmt: skip


def _part(kept: Kept) -> list[str]:
    blocks = [f"## {kept['title']}"]
    for table in kept["tables"]:
        blocks.append(f"**{table['title']}**" + (f": {table['note']}" if table["note"] else ""))
        blocks.append(_table(table["heads"], table["rows"]))
    blocks += [f"![{_cell(said(chart))}]({PICTURES}/{picture_name(kept, chart)})" for chart in kept["charts"]]
    missed = [target for target in kept["targets"] if not target["is_met"]]
    sentences = [
        *(f"Missed: {_lower(target['what'])}, wanted {target['wanted']}, found {target['found']}. {target['why']}".rstrip()
          for target in missed),
        *(target["why"] for target in kept["targets"] if target["is_met"] and target["why"]),
        *kept["sentences"],
    ]  # fmt: skip
    if sentences:
        blocks.append("\n".join(f"- {' '.join(sentence.split())}" for sentence in sentences))
    return blocks


def _machine(parts: Iterable[Kept]) -> list[str]:
    parts = list(parts)
    blocks = ["## Machine, versions, noise"]
    alike: dict[str, list[str]] = {}
    for kept in parts:
        about = kept["machine"]
        versions = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
        text = (f"{about['processor']}, {about['cores']} cores, {about['memory_gib']:.0f} GiB, {about['system']}, "
                f"Python {about['python']}; {versions}.")  # fmt: skip
        alike.setdefault(text, []).append(kept["part"])
    for text, names in alike.items():
        blocks.append(text if len(alike) == 1 else f"{', '.join(names)}: {text}")
    blocks.append("Noise: a fixed piece of work in Python and NumPy, timed around every round; the wider its range, the less a single "
                  "figure says.")  # fmt: skip
    rows = [
        (kept["part"], kept["at"].replace("T", " ").rstrip("Z"), kept["machine"]["revision"], f"{kept['seconds']:,.0f}",
         f"{kept['processor_seconds']:,.0f}", "{median:.0f} ({least:.0f} to {most:.0f})".format(
             **{name: 1000 * kept["noise"][name] for name in ("median", "least", "most")}))
        for kept in parts
    ]  # fmt: skip
    heads = ("part", "when (UTC)", "revision", "seconds", "processor seconds", "noise, ms")
    blocks.append(_table(heads, rows))
    whole = sum(kept["seconds"] for kept in parts)
    return [*blocks, f"All parts together: {whole / 60:.0f} minutes."]


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def main() -> None:
    """Gather what was kept and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    home = folder(quick=chosen.quick)
    docs = home if chosen.quick else ROOT / "docs"
    kept = docs / KEPT
    found = gathered(home, docs / "none" if chosen.quick else kept)
    if not chosen.quick:
        kept.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{written(found, docs)}: {', '.join(found['parts']) or 'no part'}")


if __name__ == "__main__":
    main()
