"""The sample company as an SAP system would hold it: tables BKPF, BSEG, KNA1 and their kin, a profile that reads
them, and what an ERP extract does not hold as contract CSV beside. Floor 2.

Amounts have the places of their currency, as SAP's lists show them (not as its database stores yen), and no sign
but where the table itself carries one; days are YYYYMMDD, times UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from arlib.sources.sample.as_sap_applications import application_documents, cleared_by
from arlib.sources.sample.as_sap_bank import bank_tables
from arlib.sources.sample.as_sap_items import Numbers, item_documents
from arlib.sources.sample.as_sap_ledger import ledger_tables
from arlib.sources.sample.as_sap_master import master_tables
from arlib.sources.sample.as_sap_profile import PROFILE, PROFILE_NAME
from arlib.sources.sample.write import write_csv, write_tables
from arlib.tables import OF_CLOSES

IN_SAP = (
    "customers", "items", "applications", "gl_lines", "gl_balances", "bank_lines",
    "bank_line_details", "account_changes",
)  # fmt: skip


def sap_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """SAP tables by name, all columns text, from the sample's canonical tables.

    An item is a document with one customer line. Applications that settle whole documents of one account on one
    day without discount or exchange difference are clearing groups (AUGBL); every other is a transfer posting of
    two lines that name both documents (REBZG, REBZT Z). The ledger's own lines are FAGLFLEXA.
    """
    functional = dict(
        zip(tables["entities"]["entity"], tables["entities"]["functional_currency"], strict=True)
    )
    numbers = Numbers(tables["items"])
    groups = cleared_by(tables["items"], tables["applications"], functional)
    heads, lines, changes, changed = item_documents(tables["items"], numbers, groups, functional)
    more_heads, more_lines = application_documents(
        tables["items"], tables["applications"], numbers, groups, functional
    )
    ledger_heads, ledger, totals = ledger_tables(tables["gl_lines"], tables["gl_balances"], functional)
    made = {
        "BKPF": pd.concat([heads, more_heads, ledger_heads], ignore_index=True),
        "BSEG": pd.concat([lines, more_lines], ignore_index=True),
        "CDHDR": changes,
        "CDPOS": changed,
        "FAGLFLEXA": ledger,
        "FAGLFLEXT": totals,
        **master_tables(tables["customers"], tables["entities"]),
        **bank_tables(tables["bank_lines"]),
    }
    return {name: frame.fillna("").astype("str") for name, frame in made.items()}


def write_sap(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write `sap/TABLE.csv`, `beside/table.csv` and the profile harbor-sap.yml into a folder; returns the paths.

    `beside` holds as contract CSV what these SAP tables do not: periods, disputes, receipts and the like.
    """
    made = []
    for name, frame in sap_tables(tables).items():
        made.append(folder / "sap" / f"{name}.csv")
        write_csv(made[-1], frame.columns, frame.itertuples(index=False, name=None))
    beside = {
        name: frame
        for name, frame in tables.items()
        if name not in IN_SAP and name not in OF_CLOSES and len(frame)
    }
    write_tables(beside, folder / "beside")
    made += [folder / "beside" / f"{name}.csv" for name in beside]
    made.append(folder / PROFILE_NAME)
    made[-1].write_text(PROFILE, encoding="utf-8", newline="\n")
    return made
