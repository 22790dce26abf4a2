"""A batch of applications from a result folder of `arlib match`: only what was decided auto. Floor 2.

Read are matches.csv, posting.csv, unmatched.csv and summary.json. matches.csv must have the hash that summary.json states, and
posting.csv must be its automatic rows: a folder that was changed by hand is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, Severity, SourceError
from arlib.matching.frames import MATCHES, UNMATCHED
from arlib.matching.posting import POSTING
from arlib.sources.upload.accounts import Accounts
from arlib.sources.upload.batch import Batch
from arlib.sources.upload.contract import raise_faults, read_contract
from arlib.sources.upload.make import make_batch
from arlib.sources.upload.reference import reference
from arlib.sources.upload.tables import (
    POSTING_ADJUSTMENTS,
    POSTING_APPLICATIONS,
    POSTING_RECEIPTS,
    AdjustmentType,
)
from arlib.tables.rows import whole

if TYPE_CHECKING:
    import pandas as pd

MARKER = ".arlib-match"
DIFFERENCES = {
    "fee": AdjustmentType.BANK_CHARGE,
    "fx": AdjustmentType.EXCHANGE,
    "tolerance": AdjustmentType.TOLERANCE,
}
Key = tuple[str, str]


def from_match_folder(
    folder: Path,
    *,
    accounts: Accounts,
    batch_id: str,
    accounting_date: date,
    proposed_by: str,
    approved_by: str = "",
    register: pd.DataFrame | None = None,
) -> Batch:
    """The receipts, applications and differences that the folder's run decided by itself, with their journals.

    `register` (REGISTER) names postings that were written before; they are left out and kept in `left_out`. Raises
    SourceError for a folder that is none or was changed, TableError with every fault of the postings.
    """
    posting, matches, unmatched = _tables(folder)
    receipts, applications, adjustments = _postings(
        posting, matches, unmatched, accounts=accounts, on=accounting_date
    )
    frames = {
        "receipts": POSTING_RECEIPTS.from_rows(receipts),
        "applications": POSTING_APPLICATIONS.from_rows(applications),
        "adjustments": POSTING_ADJUSTMENTS.from_rows(adjustments),
    }
    suggested = int(matches["decision"].eq("suggest").sum())
    notes: tuple[str, ...] = ()
    if suggested:
        notes += (
            f"{suggested} suggested {'matches of the run are' if suggested > 1 else 'match of the run is'} not posted.",
        )
    if claims := sum(1 for value in posting["deduction"].fillna(0) if int(value)):
        notes += (
            f"{claims} {'items keep' if claims > 1 else 'item keeps'} a claimed deduction open; it is not posted.",
        )
    return make_batch(
        frames,
        accounts=accounts,
        batch_id=batch_id,
        accounting_date=accounting_date,
        proposed_by=proposed_by,
        approved_by=approved_by,
        register=register,
        notes=notes,
    )


def _tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    if not (folder / MARKER).is_file():
        raise SourceError(
            "is not a result folder of arlib match",
            where=str(folder),
            fix="Name the folder that arlib match --out wrote.",
        )
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        stated = summary["matches_sha256"]
        own = hashlib.sha256((folder / "matches.csv").read_bytes()).hexdigest()
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(folder)) from fault
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise SourceError("is not the summary of a match run", where="summary.json") from fault
    if own != stated:
        raise SourceError(
            "was changed after the run",
            where="matches.csv",
            found=own[:16],
            wanted=f"the hash {str(stated)[:16]} of summary.json",
            fix="Run arlib match again; a changed proposal cannot be posted.",
        )
    matches = read_contract(folder / "matches.csv", MATCHES)
    posting = read_contract(folder / "posting.csv", POSTING)
    unmatched = read_contract(folder / "unmatched.csv", UNMATCHED)
    keys = list(POSTING.key)
    columns = [
        *keys,
        "currency",
        "applied_amount",
        "discount",
        "fee",
        "fx",
        "tolerance",
        "receipt_currency",
        "receipt_amount",
        "customer_id",
    ]
    applied = matches[matches["decision"].ne("suggest")][columns].sort_values(keys, ignore_index=True)
    given = posting[columns].sort_values(keys, ignore_index=True)
    same = len(applied) == len(given) and all(
        applied[name].fillna(0).tolist() == given[name].fillna(0).tolist() for name in columns
    )
    if not same:
        raise SourceError(
            "is not what matches.csv applies",
            where="posting.csv",
            found=f"{len(given)} rows",
            wanted=f"the {len(applied)} rows that are automatic or decided by a person",
            fix="Run arlib match again; a changed proposal cannot be posted.",
        )
    return posting, matches, unmatched


def _postings(
    posting: pd.DataFrame, matches: pd.DataFrame, unmatched: pd.DataFrame, *, accounts: Accounts, on: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    opened = {
        tuple(row[:3]): int(row[3])
        for row in matches[["entity", "receipt_id", "item_id", "open_before"]].itertuples(
            index=False, name=None
        )
    }
    received = _receipt_amounts(matches, unmatched)
    payers = _payers(posting, unmatched)
    is_new = accounts.receipts == "create"
    receipts: dict[Key, dict[str, Any]] = {}
    applications, adjustments = [], []
    for row in posting.to_dict("records"):
        entity, receipt, item = row["entity"], row["receipt_id"], row["item_id"]
        amount = received[entity, receipt]
        source = {
            "entity": entity,
            "source_id": receipt,
            "item_id": item,
            "document_no": row["document_no"],
            "customer_id": row["customer_id"],
            "currency": row["currency"],
            "gl_date": on,
            "open_before": opened[entity, receipt, item],
        }
        if is_new and (entity, receipt) not in receipts:
            receipts[entity, receipt] = {
                "entity": entity,
                "receipt_id": receipt,
                "customer_id": payers[entity, receipt],
                "receipt_date": row["value_date"],
                "gl_date": on,
                "currency": row["receipt_currency"],
                "amount": amount,
                "text": f"receipt {receipt}",
                "reference": reference(
                    "receipt", entity, receipt, row["receipt_currency"], amount, row["value_date"]
                ),
            }
        applied, discount = int(row["applied_amount"]), whole(row["discount"])
        applications.append(
            {
                **source,
                "source_kind": "receipt",
                "source_customer_id": payers[entity, receipt],
                "amount": applied,
                "discount": discount,
                "receipt_currency": row["receipt_currency"],
                "receipt_amount": int(row["receipt_amount"]),
                "source_open": amount,
                "text": row["evidence"],
                "reference": reference(
                    "application",
                    entity,
                    receipt,
                    item,
                    row["currency"],
                    applied,
                    discount,
                    row["receipt_currency"],
                    int(row["receipt_amount"]),
                    row["value_date"],
                ),
            }
        )
        for column, kind in DIFFERENCES.items():
            if value := whole(row[column]):
                adjustments.append(
                    {
                        **source,
                        "adjustment_type": kind.value,
                        "reason": row["reason"],
                        "amount": value,
                        "text": row["evidence"],
                        "reference": reference(
                            "adjustment",
                            entity,
                            receipt,
                            item,
                            kind.value,
                            row["currency"],
                            value,
                            row["value_date"],
                        ),
                    }
                )
    return list(receipts.values()), applications, adjustments


def _receipt_amounts(matches: pd.DataFrame, unmatched: pd.DataFrame) -> dict[Key, int]:
    """What each receipt is of: all that its matches use of it and what nothing takes. A receipt in two currencies is refused."""
    made: dict[Key, int] = defaultdict(int)
    currencies: dict[Key, str] = {}
    problems = []
    for frame, currency, column in (
        (matches, "receipt_currency", "receipt_amount"),
        (unmatched, "currency", "unapplied_amount"),
    ):
        for entity, receipt, code, value in frame[["entity", "receipt_id", currency, column]].itertuples(
            index=False, name=None
        ):
            made[entity, receipt] += int(value)
            if currencies.setdefault((entity, receipt), code) != code:
                problems.append(
                    Problem(
                        file="matches.csv" if frame is matches else "unmatched.csv",
                        table="matches",
                        row=0,
                        column=currency,
                        severity=Severity.REJECTED,
                        code="receipt_in_two_currencies",
                        found=f"{receipt}: {code}",
                        wanted=currencies[entity, receipt],
                    )
                )
    stated = {
        (entity, receipt): int(value)
        for entity, receipt, value in unmatched[["entity", "receipt_id", "amount"]].itertuples(
            index=False, name=None
        )
    }
    for key, value in stated.items():
        if made[key] != value:
            problems.append(
                Problem(
                    file="unmatched.csv",
                    table="unmatched",
                    row=0,
                    column="amount",
                    severity=Severity.REJECTED,
                    code="receipt_does_not_add_up",
                    found=f"{key[1]}: applied and unapplied {made[key]}",
                    wanted=str(value),
                )
            )
    raise_faults(problems, where="match folder", fix="Run arlib match again.")
    return made


def _payers(posting: pd.DataFrame, unmatched: pd.DataFrame) -> dict[Key, str]:
    """The customer that a receipt stands on: the payer where the run names one, else the customer of most of its items."""
    by: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entity, receipt, customer in posting[["entity", "receipt_id", "customer_id"]].itertuples(
        index=False, name=None
    ):
        by[entity, receipt][str(customer or "")] += 1
    made = {key: min(found, key=lambda name: (-found[name], name)) for key, found in by.items()}
    for entity, receipt, customer in unmatched[["entity", "receipt_id", "customer_id"]].itertuples(
        index=False, name=None
    ):
        if customer and (entity, receipt) in made:
            made[entity, receipt] = str(customer)
    return made
