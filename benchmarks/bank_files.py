"""A camt.053 of 1,000,000 entries (500 MB) read in a stream to Parquet parts. Prints a Markdown table.

    python benchmarks/bank_files.py [--quick] [--entries N] [--keep FOLDER]

The file is made in a temporary folder (not counted). A child process reads it through `arlib.sources.forms.batches` and writes
entries and details as Parquet parts of at most 50,000 rows; its seconds (wall and processor) and its peak of resident memory are
shown. The run fails where the number of entries or details, the sum of the parts or the closing balance is not what was
written. As peers, on the quick file (50,000 entries) in the same run: lxml parsing the whole document and summing the entries,
and pycamt and camt053 where they are installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bank_files_made import OPENING, Made, write_camt053

FULL, QUICK = 1_000_000, 50_000
SECONDS, MEBIBYTES = 60, 500
CHILD = Path(__file__).with_name("bank_files_child.py")


def main() -> int:
    """Make the files, run each reader in its own process, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} entries only")
    parser.add_argument("--entries", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="write the files here and leave them")
    options = parser.parse_args()
    entries = options.entries or (QUICK if options.quick else FULL)
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        return _run(folder, entries)


def _run(folder: Path, entries: int) -> int:
    print("| reader | entries | MB | seconds | processor s | peak MiB |\n|---|---|---|---|---|---|")
    path = folder / f"camt053-{entries}.xml"
    made = write_camt053(path, entries)
    found = _child("arlib", path, folder / "parts")
    _show("arlib, stream to Parquet parts", path, entries, found)
    problems = _differences(found, made)
    small = folder / f"camt053-{QUICK}.xml"
    if small != path:
        written = write_camt053(small, QUICK)
        again = _child("arlib", small, folder / "parts-quick")
        _show("arlib, stream to Parquet parts", small, QUICK, again)
        problems += _differences(again, written)
    for peer in ("lxml", "pycamt", "camt053"):
        if importlib.util.find_spec("lxml" if peer == "lxml" else peer) is None:
            print(f"| {peer} | not installed | | | | |")
            continue
        _show(f"{peer}, whole document", small, QUICK, _child(peer, small, folder))
    if entries >= FULL:
        if found["seconds"] > SECONDS:
            print(f"\nslower than the target of {SECONDS} s (wall) on this machine at this time")
        if found["peak_mib"] > MEBIBYTES:
            problems.append(f"{found['peak_mib']:.0f} MiB, more than {MEBIBYTES}")
    for problem in problems:
        print(f"DIFFERS: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _differences(found: dict[str, float], made: Made) -> list[str]:
    wanted = {
        "entries": made.entries,
        "details": made.details,
        "net_cents": made.closing - OPENING,
        "closing_cents": made.closing,
        "ties": 1,
    }
    return [
        f"{key}: {found[key]} read, {value} written" for key, value in wanted.items() if found[key] != value
    ]


def _child(reader: str, path: Path, out: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, str(CHILD), reader, str(path), str(out)], check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout))


def _show(title: str, path: Path, entries: int, found: dict[str, float]) -> None:
    size = path.stat().st_size / 1e6
    note = "" if found.get("entries") == entries else f" ({int(found.get('entries', 0)):,} found)"
    print(
        f"| {title} | {entries:,}{note} | {size:.0f} | {found['seconds']:.1f} | {found['processor']:.1f} "
        f"| {found['peak_mib']:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
