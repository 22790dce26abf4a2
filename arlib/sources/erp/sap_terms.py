"""Days of payment from the terms table T052, for lines that carry a key of terms and no days. Floor 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.errors import Problem, Severity
from arlib.sources.erp.sap_keys import filled, plain
from arlib.sources.raw import RawFile, Records

if TYPE_CHECKING:
    import pandas as pd

DAYS = {"ZBD1T": "ZTAG1", "ZBD2T": "ZTAG2", "ZBD3T": "ZTAG3"}


def days_of_terms(
    frame: pd.DataFrame, terms: list[tuple[RawFile, Records]], file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """The lines with ZBD1T to ZBD3T filled from T052 where all are blank or zero, ZTERM is not and no net due
    date is given.

    Terms with a fixed day, additional months or several day limits say more than days; they are not used, and noted.
    """
    blank = frame["KOART"].eq("D") & filled(frame["ZTERM"]) & ~filled(frame["NETDT"])
    for name in DAYS:
        blank &= plain(frame[name]).isin(("", "0"))
    if not terms or not blank.any():
        return frame, []
    known, other = {}, set()
    for _, records in terms:
        for row in records.frame.to_dict("records"):
            key = str(row.get("ZTERM", "")).strip()
            if any(str(row.get(name, "")).strip(" 0") for name in ("ZTAGG", "ZFAEL", "ZMONA", "ZSTG1")):
                other.add(key)
            known[key] = {name: str(row.get(there, "")).strip() for name, there in DAYS.items()}
    code = frame["ZTERM"].str.strip()
    useful = {
        key: days
        for key, days in known.items()
        if key not in other and any(d.strip("0") for d in days.values())
    }
    hit = blank & code.isin(useful)
    problems = []
    frame = frame.copy()
    for name in DAYS:
        days_of = {key: days[name] for key, days in useful.items()}
        values = code.map(lambda key, of=days_of: of.get(key, "")).astype("str")
        frame[name] = frame[name].mask(hit, values)
    lost = blank & code.isin(other)
    for mask, name, wanted in (
        (hit, "days_from_terms", "days on the line; those of T052 are used"),
        (lost, "terms_say_more_than_days", "days on the line; the baseline date alone is used"),
    ):
        if mask.any():
            codes = ", ".join(sorted(set(code[mask])))
            problems.append(
                Problem(
                    file=file, table="items", row=0, column="ZTERM", severity=Severity.NOTED, code=name,
                    found=f"{int(mask.sum())} lines with {codes}", wanted=wanted,
                )
            )  # fmt: skip
    return frame, problems
