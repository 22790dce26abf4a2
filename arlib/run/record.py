"""Facts about a run that others can check.

Hashes of code and inputs, versions, the machine's settings. Floor 4.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import locale
import platform as machine
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import arlib
from arlib.run.manifest import sha256_of
from arlib.run.result import digest

if TYPE_CHECKING:
    from arlib.tables import Book

SOURCE = frozenset({".py", ".yml", ".yaml", ".j2", ".css", ".json"})
MONEY_IN = ("amount_in", "amount_out", "amount_rejected")


def new_id(now: datetime | None = None) -> str:
    """A name for a run or a close that sorts by time and is given once: 20261105T081502Z-3fa9c1."""
    return f"{(now or datetime.now(UTC)).strftime('%Y%m%dT%H%M%SZ')}-{secrets.token_hex(3)}"


@cache
def library_sha256() -> str:
    """SHA-256 over the sources of this library, by relative path: two runs of one hash used the same code.

    It is what this process loaded; `installed_sha256` looks again.
    """
    return installed_sha256()


def installed_sha256() -> str:
    """The same of the sources as they are now."""
    folder = Path(arlib.__file__).parent
    made = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and (p.suffix in SOURCE)):
        relative = path.relative_to(folder).as_posix()
        if "__pycache__" not in relative and not relative.startswith("_project/"):
            made.update(f"{relative}\0{sha256_of(path)}\n".encode())
    return made.hexdigest()


def environment(root: Path) -> dict[str, object]:
    """Interpreter, operating system, versions of what the library needs, lock file, locale and time zone.

    `packages_sha256` is one hash over names and versions, sorted; `lock_sha256` is None where the project has no
    lock file, as one made by `arlib init` has none.
    """
    lock = root / "requirements.lock"
    return {
        "arlib": arlib.__version__,
        "python": machine.python_version(),
        "implementation": machine.python_implementation(),
        "system": f"{machine.system()} {machine.machine()}",
        "packages": packages(),
        "packages_sha256": digest(packages()),
        "lock_sha256": sha256_of(lock) if lock.is_file() else None,
        "locale": ".".join(part for part in locale.getlocale() if part),
        "time_zone": time.tzname[0],
    }


@cache
def packages() -> dict[str, str]:
    """Installed versions of the distributions that arlib requires, with what those require."""
    found: dict[str, str] = {}
    wanted = ["arlib"]
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in found:
            continue
        try:
            there = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found[name] = there.version
        for line in there.requires or []:
            if "extra ==" not in line and (match := re.match(r"[A-Za-z0-9._-]+", line)):
                wanted.append(match.group())
    return dict(sorted(found.items()))


def inputs(book: Book) -> list[dict[str, object]]:
    """The files and queries that a book came from, in an order of their own, amounts as decimal text."""
    from arlib.money import format_minor

    frame = book.inputs
    told: list[dict[str, object]] = []
    for row, empty in zip(frame.to_dict("records"), frame.isna().to_dict("records"), strict=True):
        line: dict[str, object] = {}
        for key, value in row.items():
            name = str(key)
            if empty[key]:
                line[name] = None
            elif name in MONEY_IN:
                line[name] = format_minor(int(value), str(row["currency"]))
            elif isinstance(value, datetime):
                line[name] = value.isoformat().replace("+00:00", "Z")
            else:
                line[name] = value if isinstance(value, str) else int(value)
        told.append(line)
    order = ("table", "sha256", "currency", "file")
    return sorted(told, key=lambda line: tuple(str(line[name] or "") for name in order))


def inputs_sha256(told: Iterable[Mapping[str, object]]) -> str:
    """One hash over what was read: tables and the hashes of their files, whatever their names and order."""
    return digest(sorted([str(line["table"]), str(line["sha256"]), str(line["profile"])] for line in told))
