"""Exchange rates from TCURR: its inverted dates, indirect quotations and factors as plain rates. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Hashable
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from arlib.errors import Problem
from arlib.sources.erp.sap_amounts import exact
from arlib.sources.erp.sap_lines import ByName
from arlib.sources.profile import Profile
from arlib.sources.raw import Records

if TYPE_CHECKING:
    import pandas as pd


def rates(by_name: ByName, profile: Profile) -> tuple[ByName, list[Problem]]:
    """TCURR with `_date` (GDATU holds 99999999 less the date), `_base`, `_quote` and `_rate`.

    A negative UKURS is an indirect quotation: the second currency costs so many of the first. FFACT units of the
    first currency cost UKURS times TFACT of the second. A row whose date, rate or factors cannot be read keeps
    what it says, and is refused.
    """
    if "TCURR" not in by_name:
        return by_name, []
    found = [(file, _read(records, profile)) for file, records in by_name["TCURR"]]
    return {**by_name, "TCURR": found}, []


def _read(records: Records, profile: Profile) -> Records:
    frame: pd.DataFrame = records.frame
    made = [_rate(row, profile) for row in frame.to_dict("records")]
    names = ("_date", "_base", "_quote", "_rate")
    columns = {name: [row[place] for row in made] for place, name in enumerate(names)}
    return Records(frame=frame.assign(**columns).astype(dict.fromkeys(names, "str")), rows=records.rows)


def _rate(row: dict[Hashable, object], profile: Profile) -> tuple[str, str, str, str]:
    text, first, second = (str(row.get(name, "")).strip() for name in ("GDATU", "FCURR", "TCURR"))
    day = text
    if re.fullmatch("[0-9]{8}", text):
        plain = f"{99999999 - int(text):08d}"
        day = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    value = exact(str(row.get("UKURS", "")), profile)
    ours, theirs = (exact(str(row.get(name, "")), profile) or Decimal(1) for name in ("FFACT", "TFACT"))
    if not value:
        return day, first, second, str(row.get("UKURS", ""))
    with localcontext() as context:
        context.prec = 28
        if value < 0:  # indirect
            return day, second, first, format((-value * ours / theirs).normalize(), "f")
        return day, first, second, format((value * theirs / ours).normalize(), "f")
