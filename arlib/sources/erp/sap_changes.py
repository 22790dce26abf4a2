"""Due dates that were changed: SAP keeps the old baseline date in the change documents CDHDR and CDPOS. Floor 2."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from arlib.errors import Problem
from arlib.sources.erp.sap_keys import joined_key, plain
from arlib.sources.erp.sap_lines import LINES, ByName
from arlib.sources.profile import Profile
from arlib.sources.raw import Records

if TYPE_CHECKING:
    import pandas as pd

FIELDS = ("_first_ZFBDT", "_changed_on", "_changed_by")


def changes(by_name: ByName, profile: Profile) -> tuple[ByName, list[Problem]]:
    """The lines with the first baseline date, and the day and user of the last change, where ZFBDT was changed.

    TABKEY of a change to BSEG is client (3), company code (4), document (10), year (4), line (3).
    """
    import pandas as pd

    if LINES not in by_name:
        return by_name, []
    heads: dict[str, dict[Hashable, str]] = {}
    for _, records in by_name.get("CDHDR", []):
        heads |= {str(row.get("CHANGENR", "")).strip(): row for row in records.frame.to_dict("records")}
    rows = []
    for _, records in by_name.get("CDPOS", []):
        for row in records.frame.to_dict("records"):
            if row.get("TABNAME") == "BSEG" and row.get("FNAME") == "ZFBDT":
                key, head = str(row.get("TABKEY", "")), heads.get(str(row.get("CHANGENR", "")).strip(), {})
                parts = (key[3:7], key[7:17], key[17:21], key[21:24])
                at = (str(head.get("UDATE", "")), str(head.get("USERNAME", "")))
                rows.append((*parts, str(row.get("CHANGENR", "")), str(row.get("VALUE_OLD", "")), *at))
    frame = pd.DataFrame(rows, columns=["b", "d", "y", "l", "n", *("old", "on", "by")], dtype="str")
    frame["key"] = joined_key([plain(frame[name]) for name in ("b", "d", "y", "l")])
    frame = frame.sort_values(["key", "n"], kind="stable")
    first, last = frame.drop_duplicates("key"), frame.drop_duplicates("key", keep="last")
    old = dict(zip(first["key"], first["old"], strict=True))
    on, by = (dict(zip(last["key"], last[name], strict=True)) for name in ("on", "by"))
    found = [(file, _beside(records, (old, on, by))) for file, records in by_name[LINES]]
    return {**by_name, LINES: found}, []


def _beside(records: Records, known: tuple[dict[str, str], ...]) -> Records:
    columns: dict[str, pd.Series] = {
        name: records.frame["_key"].map(lambda key, of=values: of.get(key, "")).astype("str")
        for name, values in zip(FIELDS, known, strict=True)
    }
    return Records(frame=records.frame.assign(**columns), rows=records.rows)
