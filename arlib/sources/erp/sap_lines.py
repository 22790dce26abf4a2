"""SAP's customer and ledger lines in one shape, from whichever tables an extract holds: BSEG (with BKPF), BSID
and BSAD (open and cleared), or ACDOCA.

`arrange` works on text, before any value is read: it puts the document's head beside each line (as BKPF.X),
says what a line is (`_role`), which line it refers to, and which days of payment count. Floor 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from arlib.errors import Problem, SourceError
from arlib.sources.erp.sap_amounts import exact
from arlib.sources.erp.sap_heads import Heads, heads_of
from arlib.sources.erp.sap_keys import document_key, filled, joined_key, line_key, plain
from arlib.sources.erp.sap_terms import days_of_terms
from arlib.sources.erp.sap_transfers import transfer_rows
from arlib.sources.express import Source, negated
from arlib.sources.profile import Profile
from arlib.sources.raw import RawFile, Records, remark

if TYPE_CHECKING:
    import pandas as pd

ByName = dict[str, list[tuple[RawFile, Records]]]

LINES, TRANSFERS, LEDGER = "BSEG.lines", "BSEG.transfers", "BSEG.ledger"
SOURCES = ("BSEG", "BSID", "BSAD", "ACDOCA")
NEEDED = ("BUKRS", "BELNR", "GJAHR", "BUZEI", "SHKZG", "DMBTR", "WRBTR", "HKONT", "KUNNR")
OPTIONAL = (
    "KOART", "AUGDT", "AUGBL", "AUGGJ", "AUGCP", "UMSKZ", "UMSKS", "ZFBDT", "ZTERM", "ZBD1T", "ZBD2T", "ZBD3T",
    "ZBD1P", "REBZG", "REBZJ", "REBZZ", "REBZT", "WSKTO", "SKNTO", "NETDT", "PYCUR", "PYAMT", "SGTXT", "ZUONR", "RSTGR",
)  # fmt: skip
OF_ACDOCA = {
    "RBUKRS": "BUKRS", "DRCRK": "SHKZG", "RACCT": "HKONT", "HSL": "DMBTR", "WSL": "WRBTR", "RWCUR": "WAERS",
    "RHCUR": "HWAER",
}  # fmt: skip
PARKED, NOTED_ITEM = ("V", "W", "Z", "D", "M"), "S"
DOWN_PAYMENT_REQUEST = "F"


def arrange(by_name: ByName, profile: Profile) -> tuple[ByName, list[Problem]]:
    """The records by name with three lists more: BSEG.lines, BSEG.transfers and BSEG.ledger.

    Lines are all lines of the extract, `_role` being item, transfer, exchange, parked, noted or other. Transfers are
    the postings that move a credit to a debit and bring no receivable of their own, one row each. The ledger
    is what stands on reconciliation accounts. Raises SourceError where lines come from two kinds of table or
    a column is missing.
    """
    files = _line_files(by_name)
    heads = heads_of(by_name.get("BKPF", []))
    problems: list[Problem] = []
    parts: list[tuple[RawFile, Records]] = []
    for role, file, records in files:
        frame = _columns(role, file, records, profile)
        keep = _leading(frame) if role == "ACDOCA" else None
        rows = records.rows
        if keep is not None:
            frame, rows = frame[keep].reset_index(drop=True), rows[keep.to_numpy()]
        frame, notes = days_of_terms(heads.beside(frame), by_name.get("T052", []), file.name)
        problems += notes
        parts.append((file, Records(frame=frame, rows=rows)))
    if "BSID" in by_name and "BSAD" not in by_name:
        name = by_name["BSID"][0][0].name
        wanted = "BSAD beside BSID; without it what was open at an earlier date is not known"
        problems.append(noted(name, "AUGBL", "cleared_lines_not_given", "BSID alone", wanted))
    parts, notes = _roles(parts, heads, profile)
    problems += notes
    transfers, ledger, parts = transfer_rows(parts, profile)
    made = {name: list(found) for name, found in by_name.items()}
    made |= {LINES: parts, TRANSFERS: transfers, LEDGER: ledger}
    problems += heads.left_out([records.frame for _, records in parts])
    return made, problems


def _line_files(by_name: ByName) -> list[tuple[str, RawFile, Records]]:
    given = [role for role in SOURCES if role in by_name]
    kinds = {"BSID" if role == "BSAD" else role for role in given}
    if not given:
        raise SourceError(
            "the extract holds no lines",
            wanted="BSEG, or BSID and BSAD, or ACDOCA",
            fix="Extract one of them.",
        )
    if len(kinds) > 1:
        raise SourceError(
            "lines are given twice",
            where=by_name[given[1]][0][0].name,
            found=" and ".join(given),
            wanted="BSEG, or BSID and BSAD, or ACDOCA",
            fix="Name the tables to read under `tables` of the source.",
        )
    return [(role, file, records) for role in given for file, records in by_name[role]]


def _columns(role: str, file: RawFile, records: Records, profile: Profile) -> pd.DataFrame:
    """The line's columns under BSEG's names; every column that a rule asks for is there."""
    frame = records.frame
    if role == "ACDOCA":
        frame = frame.rename(columns={k: v for k, v in OF_ACDOCA.items() if v not in frame.columns})
        if "BUZEI" in frame.columns and "DOCLN" in frame.columns:  # lines that FI does not number
            frame = frame.assign(
                BUZEI=frame["BUZEI"].where(~frame["BUZEI"].str.fullmatch("0*"), frame["DOCLN"])
            )
    source = Source(replace(records, frame=frame), profile, {}, file.name)
    for name in NEEDED:
        source.column(name)
    missing = [name for name in OPTIONAL if name not in frame.columns]
    frame = frame.assign(**dict.fromkeys(missing, ""))
    for name in missing:
        frame[name] = frame[name].astype("str")
    if role in ("BSID", "BSAD"):
        frame["KOART"] = "D"
    if role == "ACDOCA":  # its amounts are signed already
        for name in ("DMBTR", "WRBTR"):
            frame[name] = frame[name].where(frame["SHKZG"].ne("H"), negated(frame[name]))
    return frame


def _leading(frame: pd.DataFrame) -> pd.Series:
    """The lines of the leading ledger, where ledgers are named."""
    import pandas as pd

    if "RLDNR" not in frame.columns:
        return pd.Series(True, index=frame.index)
    return frame["RLDNR"].isin(("", "0L"))


def _roles(
    parts: list[tuple[RawFile, Records]], heads: Heads, profile: Profile
) -> tuple[list[tuple[RawFile, Records]], list[Problem]]:
    """`_role`, `_key`, `_refers_to`, `_reverses`, `_TYPE`, `_SIDE` and the head of the clearing document on
    every line."""
    import pandas as pd

    whole = pd.concat([records.frame for _, records in parts], ignore_index=True).fillna("")
    whole["_key"], whole["_document"] = line_key(whole), document_key(whole)
    customer = whole["KOART"].eq("D")
    role = pd.Series("other", index=whole.index, dtype="str").mask(customer, "item")
    state = whole["BKPF.BSTAT"].str.strip()
    parked = state.isin(PARKED)
    is_noted = state.eq(NOTED_ITEM) | whole["UMSKZ"].eq(DOWN_PAYMENT_REQUEST)
    role = role.mask(customer & parked, "parked").mask(customer & is_noted & ~parked, "noted")
    # a line without a document amount is the exchange difference of the clearing that it belongs to
    exchange = filled(whole["AUGBL"]) & _is_zero(whole["WRBTR"]) & ~_is_zero(whole["DMBTR"])
    whole["_role"] = role.mask(role.eq("item") & exchange, "exchange")
    accounts = whole["HKONT"].where(customer, "")
    whole["_reconciliation"] = accounts
    whole["_noted"] = is_noted.map({True: "X", False: ""}).astype("str")
    whole = _references(whole, customer)
    whole = _days(whole)
    whole["_discount_rate"] = _discount_rates(whole, profile)
    whole = heads.reversals(whole, profile)
    whole = heads.clearing(whole, profile)
    problems = [
        note
        for name, code, words in (
            ("parked", "parked_lines_not_counted", "posted documents; parked ones are in no total"),
            ("noted", "noted_items_not_counted", "balances; noted items and down payment requests are none"),
        )
        for note in _counted(parts, whole, name, code, words)
    ]
    return _back(parts, whole), problems


def _back(parts: Sequence[tuple[RawFile, Records]], whole: pd.DataFrame) -> list[tuple[RawFile, Records]]:
    """The lines of all files, divided by file again."""
    made, at = [], 0
    for file, records in parts:
        end = at + len(records.frame)
        made.append((file, Records(frame=whole.iloc[at:end].reset_index(drop=True), rows=records.rows)))
        at = end
    return made


def _references(whole: pd.DataFrame, customer: pd.Series) -> pd.DataFrame:
    """`_refers_to`: the line that REBZG names; where it names no line, the only customer line of the document."""
    import pandas as pd

    number = plain(whole["REBZG"])
    has = customer & filled(number) & number.ne("V")
    year = plain(whole["REBZJ"])
    year = year.where(filled(year), plain(whole["GJAHR"]))
    document = joined_key([plain(whole["BUKRS"]), number, year])
    line = plain(whole["REBZZ"])
    key = document + "/" + line
    mine = whole.loc[customer, ["_document", "_key"]]
    only = mine[~mine["_document"].duplicated(keep=False)].set_index("_document")["_key"]
    alone = (
        pd.Series(only.reindex(document).to_numpy(), index=whole.index, dtype="object")
        .fillna("")
        .astype("str")
    )
    key = key.where(filled(line), alone)
    whole["_refers_to"] = key.where(has, "")
    return whole


def _days(whole: pd.DataFrame) -> pd.DataFrame:
    """A credit that refers to no invoice is due on its baseline date: terms do not count, unless REBZG is V."""
    bare = whole["KOART"].eq("D") & whole["SHKZG"].eq("H") & ~filled(plain(whole["REBZG"]))
    for name in ("ZBD1T", "ZBD2T", "ZBD3T"):
        whole[name] = whole[name].mask(bare, "")
    return whole


def _is_zero(amounts: pd.Series) -> pd.Series:
    return amounts.str.fullmatch(r"[0.,+\- ]*")


def _discount_rates(whole: pd.DataFrame, profile: Profile) -> list[str]:
    """The first discount's per cent as a rate, where days for it stand beside days for the net amount."""
    has = plain(whole["ZBD1P"]).ne("") & (plain(whole["ZBD2T"]).ne("") | plain(whole["ZBD3T"]).ne(""))
    rates = [
        exact(text, profile) / 100 if one else None for text, one in zip(whole["ZBD1P"], has, strict=True)
    ]
    return [format(rate.normalize(), "f") if rate else "" for rate in rates]


def _counted(
    parts: Sequence[tuple[RawFile, Records]], whole: pd.DataFrame, role: str, code: str, wanted: str
) -> list[Problem]:
    """One note of how many lines are not counted, and the first."""
    hit = whole["_role"].eq(role)
    if not hit.any():
        return []
    first = str(whole.loc[hit, "_key"].iloc[0])
    return [noted(parts[0][0].name, "BSTAT", code, f"{int(hit.sum())} customer lines, first {first}", wanted)]


def noted(
    file: str, column: str, code: str, found: str, wanted: str, *, row: int = 0, table: str = "items"
) -> Problem:
    """A remark that does not keep the extract from being read."""
    return remark(file, code, found=found, wanted=wanted, table=table, column=column, row=row)
