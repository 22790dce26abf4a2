"""The sample company as an SAP system would hold it: tables BKPF, BSEG, KNA1 and their kin, a profile that reads
them, and what an ERP extract does not hold as contract CSV beside. Floor 2.

Amounts have the places of their currency, as SAP's lists show them (not as its database stores yen), and no sign
but where the table itself carries one; days are YYYYMMDD, times UTC.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from arlib.sources.export import contract_text
from arlib.sources.sample.as_sap_applications import application_documents, cleared_by
from arlib.sources.sample.as_sap_bank import bank_tables
from arlib.sources.sample.as_sap_items import Numbers, item_documents
from arlib.sources.sample.as_sap_ledger import ledger_tables
from arlib.sources.sample.as_sap_master import master_tables
from arlib.sources.sample.as_sap_profile import PROFILE, PROFILE_NAME
from arlib.tables import CANONICAL, OF_CLOSES, Table

IN_SAP = (
    "customers", "items", "applications", "gl_lines", "gl_balances", "bank_lines", "bank_statements",
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
        _write(made[-1], frame)
    functional = dict(
        zip(tables["entities"]["entity"], tables["entities"]["functional_currency"], strict=True)
    )
    for name, frame in tables.items():
        if name not in IN_SAP and name not in OF_CLOSES and len(frame):
            made.append(folder / "beside" / f"{name}.csv")
            _write(made[-1], _contract(frame, CANONICAL[name], functional))
    made.append(folder / PROFILE_NAME)
    made[-1].write_text(PROFILE, encoding="utf-8", newline="\n")
    return made


def _contract(frame: pd.DataFrame, table: Table, functional: Mapping[str, str]) -> pd.DataFrame:
    """The contract's texts; columns in the books' currency entity by entity."""
    if not any(column.currency == "functional" for column in table.columns):
        return contract_text(frame, table=table, columns=table.names)
    parts = [
        contract_text(part, table=table, columns=table.names, functional=functional[str(entity)])
        for entity, part in frame.groupby("entity", sort=True)
    ]
    return pd.concat(parts, ignore_index=True)


def _write(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(frame.columns)
        writer.writerows(frame.itertuples(index=False, name=None))
