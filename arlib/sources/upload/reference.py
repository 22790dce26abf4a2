"""Stable references of postings, and the register of those that were written before. Floor 2.

A reference is "AR" and 14 letters or digits of a hash over what the posting is: entity, source documents, amounts and the
source's dates. The accounting date is not in it: the same posting proposed for another day is still the same posting. 16
characters fit every target's field (SAP XBLNR 16, Oracle receipt number 30).
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import Problem, Severity
from arlib.sources.upload.contract import read_contract
from arlib.sources.upload.tables import REGISTER
from arlib.sources.upload.values import Row
from arlib.tables.rows import is_none, whole

if TYPE_CHECKING:
    import pandas as pd

PREFIX, LENGTH = "AR", 16
PRIMARY = (
    "receipts",
    "applications",
    "adjustments",
    "credit_memos",
    "invoices",
    "journals",
)  # in the order of a batch


def reference(kind: str, entity: str, *parts: object) -> str:
    """The reference of a posting: equal parts give the same 16 characters A-Z and 2-7, others different ones (70 bits)."""
    text = json.dumps([kind, entity, *(_plain(part) for part in parts)], ensure_ascii=False)
    digest = base64.b32encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return PREFIX + digest[: LENGTH - len(PREFIX)]


def _plain(part: object) -> str:
    if is_none(part):
        return ""
    return part.strftime("%Y-%m-%d") if hasattr(part, "strftime") else str(part)


def read_register(path: Path | None) -> pd.DataFrame:
    """REGISTER from a register.csv that an earlier batch left; empty where there is none to read.

    Raises SourceError for a file that cannot be read, TableError with every faulty row.
    """
    return REGISTER.empty() if path is None else read_contract(path, REGISTER)


def registered(frames: dict[str, pd.DataFrame], *, batch_id: str) -> pd.DataFrame:
    """REGISTER rows of a batch's postings, one for each reference; journals only where they are to be posted."""
    rows = []
    for name in PRIMARY:
        made: dict[tuple[str, str], Row] = {}
        for row in frames[name].to_dict("records"):
            if name == "journals" and row["purpose"] != "post":
                continue
            own = {column: row[column] for column in ("entity", "reference", "currency", "gl_date")}
            own |= {
                "kind": name.removesuffix("s"),
                "batch_id": batch_id,
                "amount": 0,
                "target_id": _target(name, row),
            }
            own["source_id"] = row[_SOURCE.get(name, "source_id")] or row["reference"]
            first = made.setdefault((row["entity"], row["reference"]), own)
            first["amount"] += _amount(name, row)
        rows += [made[key] for key in sorted(made)]
    return REGISTER.from_rows(rows)


_SOURCE = {"receipts": "receipt_id", "journals": "reference"}


def _target(name: str, row: Row) -> str:
    if name == "adjustments":
        return f"{row['item_id']}/{row['adjustment_type']}" + (f"/{row['role']}" if row["role"] else "")
    return str(row["item_id"]) if name == "applications" else ""


def _amount(name: str, row: Row) -> int:
    if name in ("credit_memos", "invoices"):
        return int(row["net_amount"]) + whole(row["tax_amount"])
    return max(int(row["amount"]), 0) if name == "journals" else int(row["amount"])


def split_by_register(
    new: pd.DataFrame, register: pd.DataFrame
) -> tuple[set[tuple[str, str]], list[Problem]]:
    """(entity, reference) of postings that the register holds already, and a problem for each that it holds otherwise.

    The same source document against the same item with another reference is a changed proposal: loaded beside the first it
    would post the document twice, so it is refused.
    """
    held = set(zip(register["entity"], register["reference"], strict=True))
    keys = ["entity", "kind", "source_id", "target_id"]
    by_source = {
        tuple("" if value is None or value != value else str(value) for value in row[:4]): str(row[4])
        for row in register[[*keys, "reference"]].itertuples(index=False, name=None)
    }
    again, problems = set(), []
    for at, row in enumerate(new.to_dict("records")):
        if (row["entity"], row["reference"]) in held:
            again.add((str(row["entity"]), str(row["reference"])))
            continue
        key = tuple("" if row[n] is None or row[n] != row[n] else str(row[n]) for n in keys)
        if key in by_source:
            problems.append(
                Problem(
                    file="register",
                    table="register",
                    row=at + 2,
                    column="source_id",
                    severity=Severity.REJECTED,
                    code="written_before_with_other_content",
                    found=f"{row['kind']} {row['source_id']} {row['target_id']}".strip(),
                    wanted=f"the posting written as {by_source[key]}, or that one reversed in the ERP and taken out of the register",
                )
            )
    return again, problems
