"""Balances of ledger accounts from SAP's totals (FAGLFLEXT or GLT0): a year in one row becomes month ends. Floor 2."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from arlib.errors import Problem
from arlib.sources.erp.sap_amounts import exact, written
from arlib.sources.erp.sap_lines import ByName, noted
from arlib.sources.profile import Profile
from arlib.sources.raw import Records

if TYPE_CHECKING:
    import pandas as pd

YEAR = re.compile("(19|20|21)[0-9]{2}")
TOTALS = ("FAGLFLEXT", "GLT0")
MONTHS = "months"
Key = tuple[str, str, str]  # company code, ledger, account


def balances(by_name: ByName, profile: Profile) -> tuple[ByName, list[Problem]]:
    """FAGLFLEXT.months or GLT0.months: a row a company code, ledger, account and month end with the balance in the
    company code's currency.

    Months go from the first with a balance or a movement to the last with a movement, of any account of the company
    code, so that a month to come is not taken for a balance; periods 13 to 16 count into December. Years must be
    calendar years: a company code whose variant (T001 PERIV) is none of the K variants is left out, and noted.
    """
    made = dict(by_name)
    problems: list[Problem] = []
    currency, variant = _companies(by_name)
    for role in TOTALS:
        for file, records in by_name.get(role, []):
            odd = sorted(
                {
                    c
                    for c in set(_column(records.frame, "RBUKRS", "BUKRS"))
                    if variant.get(c, "K4")[:1] not in ("K", "")
                }
            )
            if odd:
                problems.append(
                    noted(file.name, "RYEAR", "years_are_not_calendar_years", ", ".join(odd),
                          "a calendar year variant such as K4; its balances are not read", table="gl_balances")
                )  # fmt: skip
            made.setdefault(f"{role}.{MONTHS}", []).append(
                (file, _months(records, currency, set(odd), profile))
            )
    return made, problems


def _column(frame: pd.DataFrame, *names: str) -> pd.Series:
    import pandas as pd

    for name in names:
        if name in frame.columns:
            return frame[name].str.strip()
    return pd.Series("", index=frame.index, dtype="str")


def _companies(by_name: ByName) -> tuple[dict[str, str], dict[str, str]]:
    """Currency and fiscal year variant by company code."""
    currency: dict[str, str] = {}
    variant: dict[str, str] = {}
    for _, records in by_name.get("BKPF", []):
        pairs = zip(_column(records.frame, "BUKRS"), _column(records.frame, "HWAER"), strict=True)
        currency |= {code: unit for code, unit in pairs if unit}
    for _, records in by_name.get("T001", []):
        for code, unit, kind in zip(
            _column(records.frame, "BUKRS"),
            _column(records.frame, "WAERS"),
            _column(records.frame, "PERIV"),
            strict=True,
        ):
            currency[code], variant[code] = unit, kind
    return currency, variant


def _months(records: Records, currency: dict[str, str], odd: set[str], profile: Profile) -> Records:
    import numpy as np
    import pandas as pd

    frame = records.frame
    carried: dict[Key, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    moved: dict[Key, dict[tuple[int, int], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    row_of: dict[Key, int] = {}
    amounts = [name for name in ("HSLVT", *(f"HSL{n:02d}" for n in range(1, 17))) if name in frame.columns]
    named = [name for name in ("RYEAR", "RACCT") if name in frame.columns]
    company, ledger = _column(frame, "RBUKRS", "BUKRS"), _column(frame, "RLDNR")
    for at, row in enumerate(frame[[*named, *amounts]].to_dict("records")):
        year = str(row.get("RYEAR", "")).strip()
        key = (str(company.iloc[at]), str(ledger.iloc[at]), str(row.get("RACCT", "")).strip())
        if key[0] in odd or not YEAR.fullmatch(year):
            continue
        row_of.setdefault(key, at)
        for name in amounts:
            value = exact(str(row[name]), profile)
            if name == "HSLVT":
                carried[key][int(year)] += value
            elif value:
                moved[key][int(year), min(int(name[3:]), 12)] += value
    rows, places = [], []
    for key, at in sorted(row_of.items()):
        for when, month, value in _ends(key, carried, moved):
            end = f"{when:04d}-{month:02d}-{monthrange(when, month)[1]:02d}"
            rows.append((*key, end, currency.get(key[0], ""), written(value, profile)))
            places.append(at)
    made = pd.DataFrame(
        rows, columns=["BUKRS", "RLDNR", "RACCT", "_as_of", "_currency", "_balance"], dtype="str"
    )
    return Records(frame=made, rows=records.rows[np.array(places, dtype=np.intp)])


def _ends(
    key: Key, carried: dict[Key, dict[int, Decimal]], moved: dict[Key, dict[tuple[int, int], Decimal]]
) -> list[tuple[int, int, Decimal]]:
    """Month ends of one account: the balance carried into the year and the movements since."""
    months = {month for one in moved if one[:2] == key[:2] for month in moved[one]}
    if not months:
        return []
    first, last = min(months), max(months)
    made: list[tuple[int, int, Decimal]] = []
    years = sorted(carried[key]) if key in carried else []
    start = next((year for year in years if carried[key][year]), None)
    for year in range(first[0], last[0] + 1):
        value = carried[key].get(year, Decimal(0)) if key in carried else Decimal(0)
        if key not in carried or year not in carried[key]:
            value = made[-1][2] if made else Decimal(0)
        for month in range(1, 13):
            value += moved[key].get((year, month), Decimal(0))
            if first <= (year, month) <= last or (
                start is not None and start <= year and (year, month) < first
            ):
                made.append((year, month, value))
    return made
