"""A proposal: one change of a receivable that a person has to approve. Floor 1.

Whatever proposes makes the same table, so that authority, review and posting know one form. A proposal's id hangs on what
is proposed and not on when: proposed again next month it is the same one, and is not approved twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from arlib.tables import Column, Kind, Table
from arlib.tables.choices import ProposalKind
from arlib.tables.rows import frame_of, is_none, records

T, D, M, N = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER

DECISIONS = ("approve", "reject", "ask")

PROPOSALS = Table("proposals", "a change of a receivable that waits for an approval", ("entity", "proposal_id"), (
    Column("proposal_id", T, "stable identifier: the same proposal has always the same", True, is_key=True),
    Column("entity", T, "entity code", True, is_key=True),
    Column("kind", T, "what is proposed", True, choices=ProposalKind),
    Column("customer_id", T, "customer", is_key=True),
    Column("customer_name", T, "name; never trusted as a formula or markup"),
    Column("item_id", T, "item that moves; empty where several or none", is_key=True),
    Column("document_no", T, "its document number", is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "gross amount; + the debt or the credit falls by it (a fee, a charge to the allowance: rises)", True, currency="currency"),
    Column("tax_amount", M, "tax in it", currency="currency"),
    Column("functional_amount", M, "amount in the books' currency, for authority; empty where it is not known", currency="functional"),
    Column("due_date", D, "due date of the item"),
    Column("days_past_due", N, "days past due at the as-of date"),
    Column("reason", T, "reason code", True),
    Column("rule", T, "the rule that proposes it, in words", True),
    Column("evidence", T, "what supports it, in words", True),
    Column("caution", T, "what speaks against it or asks for care; empty where nothing does"),
    Column("decide_by", D, "day by which it must be decided; empty where there is none"),
    Column("payee_account", T, "of a refund: account that is paid", is_key=True),
    Column("payee_name", T, "of a refund: name on that account"),
    Column("requested_by", T, "person who asked for it; empty where a policy proposes it, then who ran the close is the proposer"),
    Column("facts_sha256", T, "hash of all the other columns", True),
))  # fmt: skip

BLOCKED = Table("blocked", "a change that a policy would propose, and what forbids it", ("entity", "proposal_id"), (
    *(column for column in PROPOSALS.columns if column.name not in ("facts_sha256", "caution", "decide_by")),
    Column("blocked_by", T, "what forbids it, machine words separated by |", True),
    Column("blocked_because", T, "the same in a sentence, citing the record", True),
))  # fmt: skip

PREFIX = {
    ProposalKind.WRITE_OFF: "WO", ProposalKind.SMALL_BALANCE: "SB", ProposalKind.CREDIT_MEMO: "CM",
    ProposalKind.REBILL: "RB", ProposalKind.DEDUCTION: "DE", ProposalKind.REWRITE: "RW",
    ProposalKind.TAX_CORRECTION: "TX", ProposalKind.FEE: "FE", ProposalKind.SETTLEMENT: "SE",
    ProposalKind.PLAN: "PL", ProposalKind.REFUND: "RF", ProposalKind.UNCLAIMED: "UP",
    ProposalKind.CONTRA: "CO", ProposalKind.ALLOWANCE: "AL",
}  # fmt: skip


def proposal_id(kind: ProposalKind | str, entity: str, *parts: object) -> str:
    """The id of a proposal: its kind's two letters and 12 letters or digits of a hash of what it changes.

    `parts` say what it is: item, customer, currency, minor units, reason, request; never a date of the run.
    """
    text = json.dumps([str(kind), entity, *(str(part) for part in parts)], ensure_ascii=False)
    digest = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"{PREFIX[ProposalKind(kind)]}-{digest[:12]}"


def facts_sha256(row: Mapping[str, Any]) -> str:
    """The hash of a proposal's facts: every declared column but the hash itself, empty ones as null."""
    facts = {name: _plain(row.get(name)) for name in PROPOSALS.names if name != "facts_sha256"}
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def proposals_of(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """PROPOSALS from plain rows, each with its hash, sorted by the key. Raises what `Table.typed` raises."""
    frame = frame_of(PROPOSALS, ({"facts_sha256": "", **row} for row in rows))
    frame["facts_sha256"] = pd.Series([facts_sha256(row) for row in records(frame)], dtype="str")
    return frame


def _plain(value: Any) -> str | int | None:
    if is_none(value):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str):
        return value or None
    return int(value)
