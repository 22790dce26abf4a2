"""Everything that a batch of postings must keep to, all faults at once. Floor 2. Sums are exact integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.errors import Problem
from arlib.policy.authority import bare_name
from arlib.sources.upload.contract import checked
from arlib.sources.upload.faults import fault
from arlib.sources.upload.sums import item_faults, journal_faults, receipt_faults
from arlib.sources.upload.tables import TABLES
from arlib.sources.upload.values import Row
from arlib.tables.check import id_fault
from arlib.tables.rows import whole

if TYPE_CHECKING:
    from arlib.sources.upload.batch import Batch

Key = tuple[str, str]


def faults(batch: Batch) -> list[Problem]:
    """Every fault of the batch: people, tables, references, balances, and what would be settled twice or beyond what is open."""
    found = _people(batch)
    for name, table in TABLES.items():
        found += checked(batch.frames[name], table, file=f"{name}.csv")
    if found:
        return found  # sums over rows that are not even typed rightly say nothing
    rows = {name: batch.rows(name) for name in TABLES}
    found += _currencies(batch)
    found += _amounts(rows)
    found += _references(rows)
    found += item_faults(rows)
    found += receipt_faults(rows)
    found += journal_faults(rows["journals"])
    return found


def same_person(one: str, other: str) -> bool:
    """Whether two typed names are one person's, whatever their case, blanks and accents' encoding."""
    return bare_name(one) == bare_name(other)


def _people(batch: Batch) -> list[Problem]:
    from arlib.sources.upload.batch import BATCH_ID

    found = []
    if not BATCH_ID.fullmatch(batch.batch_id):
        found.append(
            fault("batch", 0, "batch_id", "not_a_batch_id", batch.batch_id, "1 to 25 letters, digits, - or _")
        )
    for column, name in (("proposed_by", batch.proposed_by), ("approved_by", batch.approved_by)):
        if name and (id_fault(name) or len(name) > 60):
            found.append(fault("batch", 0, column, "not_a_name", name, "a name of at most 60 characters"))
    if not batch.proposed_by.strip():
        found.append(fault("batch", 0, "proposed_by", "missing_value", "", "who proposes the postings"))
    if batch.approved_by and not bare_name(batch.approved_by):
        found.append(
            fault("batch", 0, "approved_by", "missing_value", batch.approved_by, "who approves, or nothing")
        )
    elif batch.approved_by and same_person(batch.proposed_by, batch.approved_by):
        found.append(
            fault("batch", 0, "approved_by", "approver_is_the_proposer", batch.approved_by, "another person")
        )
    return found


def _currencies(batch: Batch) -> list[Problem]:
    found = []
    for name, table in TABLES.items():
        frame = batch.frames[name]
        for column in {c.currency for c in table.columns if c.currency}:
            for at in frame.index[frame[column].str.contains(".", regex=False)]:
                found.append(
                    fault(
                        name,
                        int(at) + 2,
                        column,
                        "not_an_iso_currency",
                        frame.loc[at, column],
                        "a code of three letters",
                    )
                )
    return found


def _amounts(rows: dict[str, list[Row]]) -> list[Problem]:
    found = []
    for at, row in enumerate(rows["receipts"], 2):
        if row["amount"] <= 0:
            found.append(
                fault(
                    "receipts",
                    at,
                    "amount",
                    "receipt_not_positive",
                    row["amount"],
                    "money received; a return is reversed in the ERP",
                )
            )
    for at, row in enumerate(rows["applications"], 2):
        amount, discount = int(row["amount"]), whole(row["discount"])
        if not amount and not discount:
            found.append(fault("applications", at, "amount", "zero_amount", 0, "an amount"))
        if amount * discount < 0:
            found.append(
                fault(
                    "applications",
                    at,
                    "discount",
                    "discount_with_other_sign",
                    discount,
                    "the sign of the amount",
                )
            )
        if row["currency"] == row["receipt_currency"] and amount != int(row["receipt_amount"]):
            found.append(
                fault(
                    "applications",
                    at,
                    "receipt_amount",
                    "sides_differ",
                    row["receipt_amount"],
                    f"{amount}: both sides are {row['currency']}",
                )
            )
        if amount * int(row["receipt_amount"]) < 0:
            found.append(
                fault(
                    "applications",
                    at,
                    "receipt_amount",
                    "sides_with_other_signs",
                    row["receipt_amount"],
                    "the sign of the amount",
                )
            )
    for at, row in enumerate(rows["adjustments"], 2):
        amount, tax = int(row["amount"]), whole(row["tax_amount"])
        if not amount:
            found.append(fault("adjustments", at, "amount", "zero_amount", 0, "an amount"))
        if tax * amount < 0 or abs(tax) > abs(amount):
            found.append(
                fault("adjustments", at, "tax_amount", "tax_beyond_amount", tax, f"a part of {amount}")
            )
    for at, row in enumerate(rows["credit_memos"], 2):
        if (
            int(row["net_amount"]) < 0
            or whole(row["tax_amount"]) < 0
            or not int(row["net_amount"]) + whole(row["tax_amount"])
        ):
            found.append(
                fault(
                    "credit_memos",
                    at,
                    "net_amount",
                    "credit_not_positive",
                    row["net_amount"],
                    "the amount credited, positive",
                )
            )
    for at, row in enumerate(rows["invoices"], 2):
        if int(row["net_amount"]) < 0 or whole(row["tax_amount"]) < 0 or not _billed(row):
            found.append(
                fault(
                    "invoices",
                    at,
                    "net_amount",
                    "invoice_not_positive",
                    row["net_amount"],
                    "a positive amount",
                )
            )
    for at, row in enumerate(rows["journals"], 2):
        if not row["amount"]:
            found.append(fault("journals", at, "amount", "zero_amount", 0, "an amount"))
    return found


def _billed(row: Row) -> int:
    return int(row["net_amount"]) + whole(row["tax_amount"])


def _references(rows: dict[str, list[Row]]) -> list[Problem]:
    """One reference is one posting: across tables, and a receipt, or a receipt against an item, stands once."""
    found = []
    owner: dict[Key, str] = {}
    for name in TABLES:
        for at, row in enumerate(rows[name], 2):
            if name == "journals" and row["purpose"] != "post":
                continue  # an expected journal bears the reference of the posting that it explains
            key = (row["entity"], row["reference"])
            if owner.setdefault(key, name) != name:
                found.append(
                    fault(
                        name,
                        at,
                        "reference",
                        "reference_used_twice",
                        row["reference"],
                        f"a reference that {owner[key]} does not use",
                    )
                )
    for name, columns in (
        ("receipts", ("entity", "receipt_id")),
        ("applications", ("entity", "source_kind", "source_id", "item_id")),
    ):
        seen: set[tuple[str, ...]] = set()
        for at, row in enumerate(rows[name], 2):
            twice = tuple(row[column] for column in columns)
            if twice in seen:
                found.append(fault(name, at, columns[-1], "posted_twice", " / ".join(twice), "each once"))
            seen.add(twice)
    return found
