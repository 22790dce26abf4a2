"""What a bank file or an advice says, for a person: its totals, what is odd in it, and its first rows. Floor 2."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path

from arlib.errors import SourceError, shown
from arlib.sources.archive import expanded, is_sheet, unzipped
from arlib.sources.forms.form import Form, collect
from arlib.sources.forms.registry import HEAD_BYTES, form_of
from arlib.sources.raw import Records, file_faults

GZIP, ZIP = ARCHIVES = (b"\x1f\x8b", b"PK")  # what a file begins with that must be unpacked to be told
SHOWN_REMARKS = 10
WIDEST = 32
COLUMNS = {
    "entries": ("booking_date", "value_date", "amount", "currency", "kind", "status", "payer_name", "remittance_text",
                "reference", "return_code"),
    "details": ("line", "detail", "amount", "payer_name", "remittance_text", "reference", "return_code"),
    "payments": ("date", "currency", "amount", "method", "trace", "payer_name", "return_of", "return_code"),
    "remittances": ("payment", "reference", "document_date", "gross", "discount", "deduction", "net", "reason"),
    "changes": ("code", "customer_id", "customer_name", "trace", "corrected"),
}  # fmt: skip


def form_at(path: Path) -> Form | None:
    """The form of the file there, None where it is a table or nothing that is known."""
    with file_faults(path):
        if not path.is_file():
            raise SourceError("not a file" if path.exists() else "no such file", where=str(path))
        with path.open("rb") as file:
            content = file.read(HEAD_BYTES)
        if content[:2] in ARCHIVES:
            content = path.read_bytes()
    if is_sheet(content):
        return None
    try:
        return form_of(_unpacked(content, path.name)[0], path.name)
    except SourceError:
        if content[:2] == b"\x1f\x8b" or (
            content[:2] == b"PK" and not zipfile.is_zipfile(io.BytesIO(content))
        ):
            return None  # a damaged archive of a table or anything else: whoever reads it says so
        raise


def require_read(path: Path, form: Form) -> None:
    """Read the whole file and keep nothing; SourceError where it cannot be used."""
    with file_faults(path):
        content, name = _unpacked(path.read_bytes(), path.name)
    for _ in form.rows(io.BytesIO(content), name):
        pass


def told(path: Path, form: Form, *, rows: int) -> str:
    """The whole text. Raises SourceError where the file cannot be used."""
    with file_faults(path):
        content, name = _unpacked(path.read_bytes(), path.name)
    lists = collect(form.rows(io.BytesIO(content), name), name)
    lines = [f"{path.name}: {form.title} (profile {form.family})"]
    lines += [line for record in _dicts(lists["statements"]) for line in _statement(record)]
    lines += [_payment(record) for record in _dicts(lists["payments"])[:rows]]
    if (more := len(lists["payments"].frame) - rows) > 0:
        lines.append(f"  and {more} more payments")
    lines += _counts(lists)
    lines += _remarks(lists["remarks"])
    for key, columns in COLUMNS.items():
        if len(lists[key].frame):
            lines += ["", f"{key}: {len(lists[key].frame)}", *_first(lists[key], columns, rows)]
    return "\n".join(lines)


def _unpacked(content: bytes, name: str) -> tuple[bytes, str]:
    if content[:2] == GZIP:
        content = expanded(content, name)
    return unzipped(content, name)


def _dicts(records: Records) -> list[dict[str, str]]:
    return [{str(k): str(v) for k, v in row.items()} for row in records.frame.to_dict("records")]


def _statement(record: dict[str, str]) -> list[str]:
    """Two lines: whose and when, then the balances."""
    days = " to ".join(
        dict.fromkeys(d for d in (record["from_date"], record["to_date"] or record["closing_date"]) if d)
    )
    about = [f"account {safe(record['account'])}" if record["account"] else "no account named"]
    about += [f"number {safe(record['number'])}" if record["number"] else "", days, record["currency"]]
    kind = "" if record["kind"] == "statement" else f" ({record['kind']})"
    count = record["entries"]
    sums = f"{count} entries {record['net']}" if count != "1" else f"1 entry {record['net']}"
    opening = f"opening {record['opening']} + " if record["opening"] else ""
    closing = f" = closing {record['closing']}" if record["closing"] else ""
    state = {"differs": f"differs by {record['difference']}", "not stated": "balances not stated"}
    first = f"  statement {record['statement']}{kind}: {', '.join(part for part in about if part)}"
    return [first, f"    {opening}{sums}{closing}: {state.get(record['state'], record['state'])}"]


def _payment(record: dict[str, str]) -> str:
    about = [record["date"], f"{record['amount']} {record['currency']}".strip(), record["method"]]
    about += [f"trace {safe(record['trace'])}" if record["trace"] else "", safe(record["payer_name"])]
    state = {
        "differs": f"; its documents differ by {record['difference']}",
        "ties": "; its documents add up to it",
    }
    return (
        f"  payment {record['payment']}: {', '.join(p for p in about if p)}{state.get(record['state'], '')}"
    )


def _counts(lists: dict[str, Records]) -> list[str]:
    kinds = Counter(record["kind"] for record in _dicts(lists["entries"]))
    said = [f"  entries: {', '.join(f'{kind} {n}' for kind, n in sorted(kinds.items()))}"] if kinds else []
    for key in ("details", "remittances", "changes"):
        if len(lists[key].frame):
            said.append(f"  {key}: {len(lists[key].frame)}")
    return said


def _remarks(records: Records) -> list[str]:
    found = list(zip(records.rows.tolist(), _dicts(records), strict=True))
    if not found:
        return ["  no problems"]
    by_code: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, record in found:
        by_code.setdefault(record["code"], []).append((line, record))
    said = []
    for code, rows in list(by_code.items())[:SHOWN_REMARKS]:
        line, first = rows[0]
        times = f"{len(rows)} times: " if len(rows) > 1 else ""
        detail = f": {shown(first['found'])}" if first["found"] else ""
        wanted = f", wanted {safe(first['wanted'])}" if first["wanted"] else ""
        said.append(f"  noted, {times}{code.replace('_', ' ')}, line {line}{detail}{wanted}")
    more = len(by_code) - SHOWN_REMARKS
    return [*said, f"  and {more} more kinds of remark"] if more > 0 else said


def _first(records: Records, columns: tuple[str, ...], rows: int) -> list[str]:
    found = _dicts(records)[:rows]
    used = [name for name in columns if any(record[name] for record in found)]
    texts = [[safe(record[name]) for name in used] for record in found]
    widths = [min(WIDEST, max(len(name), *(len(row[at]) for row in texts))) for at, name in enumerate(used)]
    lines = ["  " + "  ".join(name.ljust(width) for name, width in zip(used, widths, strict=True)).rstrip()]
    for row in texts:
        cells = (text if len(text) <= w else text[: w - 1] + "…" for text, w in zip(row, widths, strict=True))
        lines.append("  " + "  ".join(c.ljust(w) for c, w in zip(cells, widths, strict=True)).rstrip())
    return lines


def safe(text: str) -> str:
    """Text that does nothing to a terminal."""
    return "".join(mark if mark.isprintable() else " " for mark in text)
