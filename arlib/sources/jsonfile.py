"""JSON as records: numbers keep the text that stands in the file, so no amount passes through a float.
Floor 2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from arlib.errors import SourceError
from arlib.sources.encoding import decoded
from arlib.sources.raw import Records


def read_json(content: bytes, name: str, *, lists: Mapping[str, str]) -> dict[str, Records]:
    """Record lists of a JSON file by name; `lists` gives each one's path from the top, such as `invoices`.

    Every record carries the plain values of the top beside its own (as `top.as_of_date`); nested mappings
    are joined by dots, lists by `|`. A list that is not there gives no records. Row numbers count records
    from 1 in each list.
    """
    text, _ = decoded(content, name)
    try:
        top = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_no_constant, object_pairs_hook=_pairs
        )
    except json.JSONDecodeError as fault:
        raise SourceError(
            f"not readable as JSON, line {fault.lineno} ({fault.msg})",
            where=name,
            fix="The file may be cut; fetch it again.",
        ) from fault
    except (ValueError, RecursionError) as fault:
        raise SourceError(f"not usable as JSON ({fault})", where=name) from fault
    if not isinstance(top, dict):
        raise SourceError(
            "JSON without names at the top", where=name, wanted=f"lists {', '.join(lists.values())}"
        )
    shared = {f"top.{key}": _text(value) for key, value in top.items() if not isinstance(value, dict | list)}
    return {
        record: _records(top.get(path, []), shared, name) for record, path in lists.items() if path in top
    }


def _records(found: Any, shared: dict[str, str], name: str) -> Records:
    import numpy as np
    import pandas as pd

    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise SourceError("a list of records is something else", where=name)
    rows = [shared | _flat(record) for record in found]
    frame = pd.DataFrame(rows, columns=None if rows else list(shared)).fillna("").astype("str")
    return Records(frame=frame, rows=np.arange(1, len(rows) + 1))


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, str]:
    made: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            made |= _flat(value, f"{prefix}{key}.")
        else:
            made[f"{prefix}{key}"] = _text(value)
    return made


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "|".join(_text(one) for one in value)
    return str(value)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping; a name twice in one record is refused, since which one is meant cannot be known."""
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise ValueError(f"{twice!r} stands twice in one record")
    return made


def _no_constant(text: str) -> str:
    raise ValueError(f"{text} is not an amount")
