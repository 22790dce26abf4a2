"""What must be the same on every machine that takes part in a close, so that results are. Floor 4."""

from __future__ import annotations

import locale
import platform
import time
from collections.abc import Mapping
from typing import Any

from arlib.run import record

WORDS = {
    "library": "sources of arlib",
    "python": "Python",
    "implementation": "interpreter",
    "system": "system",
    "encoding": "text encoding",
    "time_zone": "time zone",
}


def facts() -> dict[str, Any]:
    """Code, interpreter and packages of this process as JSON; the code is hashed anew, as it is on disk now."""
    return {
        "library": record.installed_sha256(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "implementation": platform.python_implementation(),
        "system": f"{platform.system()} {platform.machine()}",
        "encoding": locale.getpreferredencoding(False),
        "time_zone": time.tzname[0],
        "packages": record.packages(),
    }


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """How `found` differs from `wanted`, a phrase each."""
    told = [
        f"{word} {_short(found[name])}, wanted {_short(wanted[name])}"
        for name, word in WORDS.items()
        if found[name] != wanted[name]
    ]
    ours, theirs = wanted["packages"], found["packages"]
    return told + [
        f"{name} {theirs.get(name, 'missing')}, wanted {ours.get(name, 'none')}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def _short(value: str) -> str:
    return value[:12] if len(value) == 64 else value
