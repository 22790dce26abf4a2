"""Bank lines of the sample as SAP's electronic bank statement: a statement a month and account (FEBKO), its entries
(FEBEP). Floor 2.
"""

from __future__ import annotations

import pandas as pd

from arlib.money import format_minor_column
from arlib.sources.sample.as_sap_items import CLIENT, day, money, text

KINDS = {"receipt": "0001", "return": "0002", "card_fee": "0003", "bank_fee": "0004", "other": "0005"}


def bank_tables(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """FEBKO and FEBEP. The bank books money in as H and money out as S; balances run from nil."""
    rows = lines.assign(month=lines["booking_date"].dt.strftime("%Y%m"))
    order = ["entity", "bank_account", "booking_date", "bank_line_id"]
    rows = rows.sort_values(order, kind="stable", ignore_index=True)
    heads = rows.groupby(["entity", "bank_account", "month"], sort=True, as_index=False).agg(
        net=("amount", "sum"), currency=("currency", "first"), last=("booking_date", "max")
    )
    heads["closing"] = heads.groupby(["entity", "bank_account"])["net"].cumsum()
    heads["opening"] = heads["closing"] - heads["net"]
    heads["KUKEY"] = [f"{n:08d}" for n in range(1, len(heads) + 1)]
    heads["AZNUM"] = (heads.groupby(["entity", "bank_account"]).cumcount() + 1).astype("str").str.zfill(5)
    part = heads["bank_account"].str.split("-", n=2)
    febko = pd.DataFrame({
        "MANDT": CLIENT, "ANWND": "0001", "KUKEY": heads["KUKEY"], "BUKRS": heads["entity"], "HBKID": part.str[1],
        "HKTID": part.str[2], "AZNUM": heads["AZNUM"], "AZDAT": day(heads["last"]), "WAERS": heads["currency"],
        "SSBTR": money(heads["opening"], heads["currency"]), "SSVOZ": _side(heads["opening"]),
        "ESBTR": money(heads["closing"], heads["currency"]), "ESVOZ": _side(heads["closing"]), "ASTAT": "8",
    })  # fmt: skip
    rows = rows.merge(
        heads[["entity", "bank_account", "month", "KUKEY"]], on=["entity", "bank_account", "month"]
    )
    febep = pd.DataFrame({
        "MANDT": CLIENT, "KUKEY": rows["KUKEY"],
        "ESNUM": (rows.groupby("KUKEY").cumcount() + 1).astype("str").str.zfill(5), "BUDAT": day(rows["booking_date"]),
        "VALUT": day(rows["value_date"]), "KWAER": rows["currency"],
        "KWBTR": format_minor_column(rows["amount"].abs(), rows["currency"]), "EPVOZ": _side(rows["amount"]),
        "VGINT": rows["kind"].map(KINDS), "PARTN": text(rows["payer_name"]), "PAKTO": text(rows["payer_account"]),
        "SGTXT": text(rows["remittance_text"]), "XBLNR": text(rows["reference"]), "CHECT": rows["bank_line_id"],
        "ZZSTATEMENT": text(rows["statement_id"]), "ZUONR": text(rows["return_of"]), "ZZRETURN": text(rows["return_code"]),
        "ZZRECEIVABLE": ["" if one is pd.NA else "X" if one else "N" for one in rows["is_receivable"]],
    })  # fmt: skip
    return {"FEBKO": febko, "FEBEP": febep}


def _side(amounts: pd.Series) -> list[str]:
    return ["S" if value < 0 else "H" for value in amounts]
