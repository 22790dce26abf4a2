"""The general ledger of the sample as SAP's new ledger holds it: line items FAGLFLEXA with their heads, totals
FAGLFLEXT. Floor 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from arlib.money import format_minor, format_minor_column
from arlib.sources.sample.as_sap_items import CLIENT, clock, day, text

SOURCES = {
    "billing": "G1", "receipts": "G2", "lockbox": "G3", "adjustments": "G4", "revaluation": "G5", "reclass": "G6",
    "manual": "SA", "other": "G7",
}  # fmt: skip
HEAD = ["entity", "journal_id", "posting_date", "entered_at", "user", "source", "status", "batch_id"]
FIRST = 5_000_000_001
LEADING = "0L"


def ledger_tables(
    lines: pd.DataFrame, balances: pd.DataFrame, functional: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """BKPF, FAGLFLEXA and FAGLFLEXT. What was entered together is one document; its journal is its reference key."""
    filled = lines.assign(**{name: lines[name].fillna("") for name in ("user", "batch_id")})
    heads = filled.drop_duplicates(HEAD).sort_values(HEAD, kind="stable", ignore_index=True)[HEAD]
    heads["number"] = (heads.groupby("entity").cumcount() + FIRST).astype("str")
    both = filled.merge(heads, on=HEAD, how="left", validate="many_to_one")
    entered, at = clock(heads["entered_at"])
    head = pd.DataFrame({
        "MANDT": CLIENT, "BUKRS": heads["entity"], "BELNR": heads["number"],
        "GJAHR": heads["posting_date"].dt.strftime("%Y"), "BLART": heads["source"].map(SOURCES),
        "BLDAT": day(heads["posting_date"]), "BUDAT": day(heads["posting_date"]), "CPUDT": entered, "CPUTM": at,
        "USNAM": heads["user"], "WAERS": heads["entity"].map(functional), "HWAER": heads["entity"].map(functional),
        "BSTAT": heads["status"].map({"posted": "", "unposted": "V"}), "GRPID": heads["batch_id"],
        "STJAH": "0000", "AWTYP": "IDOC", "AWKEY": heads["journal_id"],
    })  # fmt: skip
    books = both["entity"].map(functional)
    made = pd.DataFrame({
        "RCLNT": CLIENT, "RLDNR": LEADING, "RBUKRS": both["entity"],
        "RYEAR": both["posting_date"].dt.strftime("%Y"), "DOCNR": both["number"], "DOCLN": both["line_id"],
        "RACCT": both["account"], "BUDAT": day(both["posting_date"]), "RTCUR": both["currency"],
        "DRCRK": ["H" if value < 0 else "S" for value in both["functional_amount"]],
        "TSL": format_minor_column(both["amount"], both["currency"]),
        "HSL": format_minor_column(both["functional_amount"], books),
        "ZZKUNNR": text(both["customer_id"]), "ZZUONR": text(both["document_no"]), "ZZSGTXT": text(both["text"]),
    })  # fmt: skip
    return head, made, _totals(balances, functional)


def _totals(balances: pd.DataFrame, functional: Mapping[str, str]) -> pd.DataFrame:
    """A row a year, account and side, with what was carried into the year and each month's movement."""
    rows = []
    for (entity, account), mine in balances.groupby(["entity", "account"], sort=True):
        moves: dict[int, dict[str, int]] = {}
        before = 0
        for end, balance in zip(mine["as_of"], mine["balance"], strict=True):
            of_year = moves.setdefault(end.year, {"HSLVT": before})
            of_year[f"HSL{end.month:02d}"] = int(balance) - before
            before = int(balance)
        for year, amounts in moves.items():
            for side, sign in (("S", 1), ("H", -1)):
                row = {
                    "RCLNT": CLIENT, "RYEAR": str(year), "RLDNR": LEADING, "RBUKRS": entity, "RACCT": account,
                    "DRCRK": side, "RTCUR": functional[str(entity)], "RPMAX": "016",
                }  # fmt: skip
                for name in ("HSLVT", *(f"HSL{n:02d}" for n in range(1, 17))):
                    value = amounts.get(name, 0)
                    row[name] = format_minor(value if value * sign > 0 else 0, functional[str(entity)])
                rows.append(row)
    return pd.DataFrame(rows)
