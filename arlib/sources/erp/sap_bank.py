"""SAP's electronic bank statement: heads (FEBKO) with what their entries (FEBEP) add up to, and the entries with
their account and the receipts that they were posted as. Floor 2.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from arlib.errors import Problem
from arlib.sources.erp.sap_amounts import exact, written
from arlib.sources.erp.sap_keys import filled, joined_key, plain
from arlib.sources.erp.sap_lines import LINES, ByName, noted
from arlib.sources.profile import Profile
from arlib.sources.raw import RawFile, Records

if TYPE_CHECKING:
    import pandas as pd

HEADS, ENTRIES, LINKS = "FEBKO", "FEBEP", "FEBEP.links"
OF_HEAD = ("BUKRS", "HBKID", "HKTID", "AZNUM", "AZDAT", "WAERS", "SSBTR", "SSVOZ", "ESBTR", "ESVOZ")
OF_ENTRY = (
    "ESNUM", "KWBTR", "KWAER", "EPVOZ", "BUDAT", "VALUT", "PARTN", "PAKTO", "PIBAN", "SGTXT", "XBLNR", "VGINT",
    "BELNR", "GJAHR", "NBBLN",
)  # fmt: skip


def statements(by_name: ByName, profile: Profile) -> tuple[ByName, list[Problem]]:
    """FEBKO with `_entries`, `_net` and `_sha`, FEBEP with its head's columns as FEBKO.X, and FEBEP.links: one row
    for each customer line of the document that an entry was posted as (NBBLN, else BELNR).

    A statement whose opening balance and entries do not make its closing balance is noted. An entry without its
    head keeps empty columns and is refused by the part that needs them.
    """
    import pandas as pd

    if ENTRIES not in by_name:
        return by_name, []
    entries = [(file, _with(records, ("KUKEY", *OF_ENTRY))) for file, records in by_name[ENTRIES]]
    heads = [(file, _with(records, ("KUKEY", *OF_HEAD))) for file, records in by_name.get(HEADS, [])]
    all_heads = (
        pd.concat([r.frame for _, r in heads], ignore_index=True)
        if heads
        else pd.DataFrame({"KUKEY": []}, dtype="str")
    )
    first = all_heads[~plain(all_heads["KUKEY"]).duplicated()]
    places = pd.Index(plain(first["KUKEY"]))
    beside = []
    for file, records in entries:
        at = places.get_indexer(pd.Index(plain(records.frame["KUKEY"])))
        columns = {
            f"FEBKO.{name}": first[name].take(at).set_axis(records.frame.index).mask(at < 0, "").astype("str")
            if name in first.columns and len(first)
            else pd.Series("", index=records.frame.index, dtype="str")
            for name in OF_HEAD
        }
        frame = pd.concat([records.frame, pd.DataFrame(columns)], axis=1)
        beside.append((file, replace(records, frame=frame)))
    whole = pd.concat([records.frame for _, records in beside], ignore_index=True)
    totals = _totals(whole, profile)
    problems: list[Problem] = []
    made_heads = []
    for file, records in heads:
        frame, notes = _added_up(file, records, totals, profile)
        problems += notes
        made_heads.append((file, replace(records, frame=frame)))
    made = {**by_name, ENTRIES: beside, LINKS: [_links(f, r, by_name.get(LINES, [])) for f, r in beside]}
    if made_heads:
        made[HEADS] = made_heads
    return made, problems


def _with(records: Records, names: tuple[str, ...]) -> Records:
    missing = [name for name in names if name not in records.frame.columns]
    frame = records.frame.assign(**dict.fromkeys(missing, ""))
    return replace(records, frame=frame.astype(dict.fromkeys(missing, "str")))


def _totals(entries: pd.DataFrame, profile: Profile) -> dict[str, tuple[int, Decimal, str]]:
    """Entries, their sum (money in +) and a hash of what they say, by statement."""
    made: dict[str, tuple[int, Decimal, str]] = {}
    for key, rows in entries.groupby(plain(entries["KUKEY"]), sort=True):
        net = Decimal(0)
        for amount, side in zip(rows["KWBTR"], rows["EPVOZ"], strict=True):
            net += exact(str(amount), profile) * (-1 if side == "S" else 1)
        said = sorted(
            "\x1f".join(map(str, row)) for row in rows[list(OF_ENTRY)].itertuples(index=False, name=None)
        )
        made[str(key)] = (len(rows), net, hashlib.sha256("\x1e".join(said).encode()).hexdigest())
    return made


def _added_up(
    file: RawFile, records: Records, totals: dict[str, tuple[int, Decimal, str]], profile: Profile
) -> tuple[pd.DataFrame, list[Problem]]:
    none = (0, Decimal(0), hashlib.sha256(b"").hexdigest())
    found = [totals.get(key, none) for key in plain(records.frame["KUKEY"])]
    frame = records.frame.assign(
        _entries=[str(count) for count, _, _ in found],
        _net=[written(net, profile) for _, net, _ in found],
        _sha=[sha for _, _, sha in found],
    )
    problems = []
    for at, (row, (_, net, _)) in enumerate(zip(frame.to_dict("records"), found, strict=True)):
        if not str(row["SSBTR"]).strip() or not str(row["ESBTR"]).strip():
            continue
        opening, closing = (
            exact(str(row[name]), profile) * (-1 if row[side] == "S" else 1)
            for name, side in (("SSBTR", "SSVOZ"), ("ESBTR", "ESVOZ"))
        )
        if opening + net != closing:
            problems.append(
                noted(
                    file.name, "ESBTR", "statement_does_not_add_up", f"{row['KUKEY']}: {closing}",
                    f"{opening} + {net} = {opening + net}", row=int(records.rows[at]), table="bank_statements",
                )
            )  # fmt: skip
    return frame, problems


def _links(file: RawFile, entries: Records, lines: list[tuple[RawFile, Records]]) -> tuple[RawFile, Records]:
    """Each entry beside each credit line of the document that it was posted as."""
    import numpy as np
    import pandas as pd

    frame = entries.frame
    number = plain(frame["NBBLN"]).where(filled(plain(frame["NBBLN"])), plain(frame["BELNR"]))
    key = joined_key([plain(frame["FEBKO.BUKRS"]), number, plain(frame["GJAHR"])]).where(filled(number), "")
    if not lines:
        return file, Records(frame=frame.iloc[:0], rows=entries.rows[:0])
    all_lines = pd.concat([records.frame for _, records in lines], ignore_index=True)
    mine = all_lines[all_lines["_role"].eq("item")].add_prefix("L.")
    left = frame.assign(_posted=key, _at=np.arange(len(frame)))
    both = left[left["_posted"].ne("")].merge(mine, left_on="_posted", right_on="L._document", how="inner")
    alone = ~both["_at"].duplicated(keep=False) & both["KWAER"].eq(both["L.BKPF.WAERS"])
    both["_amount"] = both["KWBTR"].where(alone, both["L.WRBTR"])
    both["_side"] = both["EPVOZ"].where(alone, both["L.SHKZG"])
    rows = entries.rows[both["_at"].to_numpy(dtype=np.intp)]
    return file, Records(frame=both.drop(columns=["_at"]).reset_index(drop=True), rows=rows)
