"""Customers, company codes, accounting clerks and terms of the sample as SAP's master tables. Floor 2."""

from __future__ import annotations

import pandas as pd

from arlib.money import format_minor_column
from arlib.sources.sample.as_sap_items import CLIENT, day, text
from arlib.sources.sample.plan import TERMS

CLASSES = {
    "active": "01", "closed": "02", "bankrupt": "03", "estate": "04", "legal": "05", "agency": "06",
    "sanctioned": "07", "cease_contact": "08",
}  # fmt: skip
CODES = {name: f"Z{place:03d}" for place, (name, *_) in enumerate(TERMS, start=1)}


def master_tables(customers: pd.DataFrame, entities: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """KNA1, KNB1, KNKK, T001, T001S and T052."""
    street, _, city = zip(*(str(value).partition(", ") for value in text(customers["address"])), strict=True)
    first = customers.drop_duplicates("customer_id").index
    general = pd.DataFrame({
        "MANDT": CLIENT, "KUNNR": customers["customer_id"], "NAME1": text(customers["name"]),
        "LAND1": text(customers["country"]), "STRAS": street, "ORT01": city, "ORT02": text(customers["region"]),
        "REGIO": text(customers["state"]).str[3:],
        "SPRAS": text(customers["language"]).str.upper(), "STCD1": text(customers["tax_id"]),
        "VBUND": ["GROUP" if one is not pd.NA and one else "" for one in customers["is_intercompany"]],
        "KONZS": ["RELATED" if one is not pd.NA and one else "" for one in customers["is_related_party"]],
        "KUKLA": text(customers["status"]).map(CLASSES).fillna(""),
    })  # fmt: skip
    clerks = (
        customers[["entity", "collector"]].dropna().drop_duplicates().sort_values(["entity", "collector"])
    )
    clerks = clerks.assign(code=(clerks.groupby("entity").cumcount() + 1).astype("str").str.zfill(2))
    own = customers.merge(clerks, on=["entity", "collector"], how="left")
    company = pd.DataFrame({
        "MANDT": CLIENT, "KUNNR": own["customer_id"], "BUKRS": own["entity"],
        "AKONT": ["1250" if one is not pd.NA and one else "1200" for one in own["is_intercompany"]], "BUSAB": text(own["code"]),
        "KNRZE": text(own["parent_id"]), "ZTERM": text(own["terms"]).map(CODES).fillna(""),
        "INTAD": text(own["email"]), "ZZREP": text(own["sales_rep"]), "ZZBANKN": text(own["payer_account"]),
        "ZZALIAS": text(own["payer_aliases"]), "ZZCONTACT": text(own["contact"]), "ZZPHONE": text(own["phone"]),
        "ZZHOLD": _flag(own["is_on_credit_hold"]), "ZZHOLDSINCE": day(own["credit_hold_since"]),
        "ZZORDERNO": _flag(own["requires_order_no"]), "ZZPORTAL": text(own["portal"]), "ERDAT": day(own["opened_on"]),
    })  # fmt: skip
    credit = pd.DataFrame({
        "MANDT": CLIENT, "KUNNR": customers["customer_id"], "KKBER": customers["entity"],
        "KLIMK": format_minor_column(customers["credit_limit"], customers["limit_currency"]).fillna(""),
        "CTLPC": text(customers["rating"]), "ZZWAERS": text(customers["limit_currency"]),
    })  # fmt: skip
    return {
        "KNA1": general.loc[first],
        "KNB1": company,
        "KNKK": credit,
        "T001": pd.DataFrame({
            "MANDT": CLIENT, "BUKRS": entities["entity"], "BUTXT": entities["name"], "LAND1": text(entities["country"]),
            "WAERS": entities["functional_currency"], "PERIV": "K4",
        }),
        "T001S": pd.DataFrame({
            "MANDT": CLIENT, "BUKRS": clerks["entity"], "BUSAB": clerks["code"], "SNAME": clerks["collector"],
        }),
        "T052": pd.DataFrame([
            {
                "MANDT": CLIENT, "ZTERM": CODES[name], "ZTAGG": "00",
                "ZTAG1": str(early if rate else net), "ZPRZ1": f"{int(rate[-2:])}.000" if rate else "0.000",
                "ZTAG2": str(net) if rate else "0", "ZTAG3": "0", "TEXT1": name,
            }
            for name, _, net, rate, early in TERMS
        ]),
    }  # fmt: skip


def _flag(values: pd.Series) -> list[str]:
    return ["" if one is pd.NA else "X" if one else "N" for one in values]
