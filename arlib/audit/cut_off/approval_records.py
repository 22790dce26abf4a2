"""Changes of receivables that need an approval, and every record of who proposed and approved them. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.audit.population import Population
from arlib.ledger.facts import fact_dates, of_entity
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType, ProposalKind
from arlib.tables.rows import Row

KINDS = {
    ItemType.WRITE_OFF.value: "write_off",
    ItemType.CREDIT_MEMO.value: "credit_memo",
    ItemType.REFUND.value: "refund",
    ItemType.ADJUSTMENT.value: "adjustment",
    ItemType.RECOVERY.value: "write_off_reversal",
}
_SMALL = ("small_balance", "tolerance")


def changes_of(book: Book, *, scope: Scope, population: Population, first: pd.Timestamp) -> pd.DataFrame:
    """Write-offs, credit memos, refunds, adjustments, recoveries and reversals of write-offs, posted from `first` to the
    as-of date, both inside: one row each, with `record_id`, `kind`, `day`, `change` (amount without sign), `worth` (the same in
    the books' currency where known, else the amount), `targets` (items that it was set against) and `asked`.
    """
    items = of_entity(book["items"], scope.entity)
    items = items.assign(
        day=fact_dates(items, Basis.POSTING), asked=population.chosen(items, amount="amount")
    )
    mine = items[items["item_type"].isin(list(KINDS)).to_numpy(dtype=bool)]
    own = mine.assign(record_id=mine["item_id"], kind=mine["item_type"].map(KINDS), posted_by=mine["user"])
    rows = pd.concat([own, _reversals(book, items, scope)], ignore_index=True)
    last = pd.Timestamp(scope.as_of)
    rows = rows[rows["day"].between(first, last).to_numpy(dtype=bool)].reset_index(drop=True)
    worth = rows["functional_amount"].where(rows["functional_amount"].notna(), rows["amount"])
    return rows.assign(change=rows["amount"].abs(), worth=worth.abs())


def _reversals(book: Book, items: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Applications that take a write-off back, as changes of the debt that stands again."""
    applied = of_entity(book["applications"], scope.entity)
    back = applied[
        applied["kind"].eq(ApplicationKind.WRITE_OFF.value) & applied["reverses"].fillna("").ne("")
    ]
    known = items.drop_duplicates("item_id").set_index("item_id")
    back = back[back["target_item_id"].isin(known.index).to_numpy(dtype=bool)]
    if back.empty:
        return items.iloc[:0].assign(record_id="", kind="", posted_by="")
    target = known.loc[back["target_item_id"]].reset_index()
    return target.assign(
        record_id=back["application_id"].to_numpy(),
        kind="write_off_reversal",
        posted_by=back["user"].to_numpy(),
        reason=back["reason"].to_numpy(),
        authorised_by=None,
        day=fact_dates(back, Basis.POSTING).to_numpy(),
        amount=-back["target_amount"].to_numpy(),
        functional_amount=-back["target_functional_amount"].to_numpy(),
    ).astype({"amount": "Int64", "functional_amount": "Int64", "authorised_by": "str"})


def with_records(rows: pd.DataFrame, book: Book, *, scope: Scope) -> pd.DataFrame:
    """The changes with `proposed_by`, `approved_by`, `approved_on`, `approved_amount` and `was_rejected`.

    In this order: a decision on the item or on what it was set against; the register of debts written off; the authoriser
    that the document itself names (without a day); for the proposer also a request. Uses DECIDED_PROPOSALS, WRITTEN_OFF,
    ADJUSTMENT_REQUESTS, APPLICATIONS.
    """
    made = rows.copy()
    about = _about(rows, book, scope)
    decided = _decisions(book, scope)
    register = _register(book, scope)
    requests = of_entity(book["adjustment_requests"], scope.entity)
    asked = requests.drop_duplicates("item_id").set_index("item_id")["requested_by"]
    columns: dict[str, list[object]] = {
        "proposed_by": [], "approved_by": [], "approved_on": [], "approved_amount": [], "was_rejected": [],
    }  # fmt: skip
    for record, day, change, own, kind in zip(
        made["record_id"], made["day"], made["change"], made["authorised_by"], made["kind"], strict=True
    ):
        items = about.get(str(record), [])
        proposer: object = None
        approver: object = own if isinstance(own, str) and own.strip() else None
        on: object = None
        amount: object = None
        decisions = [one for item in items for one in decided.get(item, []) if kind in one["fits"]]
        approvals = [one for one in decisions if one["decision"] == "approve"]
        entries = [one for item in items for one in register.get(item, [])] if kind == "write_off" else []
        if approvals:
            best = min(approvals, key=lambda one: (abs(one["amount"] - int(change)), one["decided_on"]))
            proposer, approver, on, amount = (
                best["proposed_by"],
                best["decided_by"],
                best["decided_on"],
                best["amount"],
            )
        elif entries:
            entry = min(
                entries, key=lambda one: (abs((one["on"] - day).days), abs(one["amount"] - int(change)))
            )
            proposer, approver = entry["proposed_by"], entry["approved_by"] or approver
        if not isinstance(proposer, str) or not proposer:
            proposer = next((asked[item] for item in items if item in asked.index), None)
        columns["proposed_by"].append(proposer)
        columns["approved_by"].append(approver)
        columns["approved_on"].append(on)
        columns["approved_amount"].append(amount)
        columns["was_rejected"].append(
            bool(decisions) and not approvals and decisions[-1]["decision"] == "reject"
        )
    for name in ("proposed_by", "approved_by", "approved_amount"):
        made[name] = pd.Series(columns[name], index=made.index, dtype="object")
    made["was_rejected"] = pd.Series(columns["was_rejected"], index=made.index, dtype="bool")
    made["approved_on"] = pd.to_datetime(pd.Series(columns["approved_on"], index=made.index, dtype="object"))
    return made


def proposal_kind(kind: str, reason: object) -> ProposalKind:
    """The kind whose authority a change needs."""
    word = str(reason).lower() if isinstance(reason, str) else ""
    if kind == "credit_memo":
        return ProposalKind.REBILL if word.startswith("rebill") else ProposalKind.CREDIT_MEMO
    if kind == "refund":
        return ProposalKind.REFUND
    if word in _SMALL:
        return ProposalKind.SMALL_BALANCE
    return ProposalKind.DEDUCTION if kind == "adjustment" else ProposalKind.WRITE_OFF


def _about(rows: pd.DataFrame, book: Book, scope: Scope) -> dict[str, list[str]]:
    """Items that each change is about: itself, what it reverses, what it was set against."""
    applied = of_entity(book["applications"], scope.entity)
    both = np.concatenate([applied["source_item_id"].to_numpy(), applied["target_item_id"].to_numpy()])
    other = np.concatenate([applied["target_item_id"].to_numpy(), applied["source_item_id"].to_numpy()])
    mine = pd.DataFrame({"item_id": both, "other": other})
    mine = mine[mine["item_id"].isin(rows["item_id"])].drop_duplicates()
    linked = mine.groupby("item_id")["other"].agg(list).to_dict() if len(mine) else {}
    made = {}
    for record, item, reverses in zip(rows["record_id"], rows["item_id"], rows["reverses"], strict=True):
        named = [
            str(item),
            *([reverses] if isinstance(reverses, str) and reverses else []),
            *linked.get(item, []),
        ]
        made[str(record)] = list(dict.fromkeys(named))
    return made


_FITS = {
    "write_off": {"write_off", "small_balance", "settlement"},
    "write_off_reversal": {"write_off"},
    "credit_memo": {"credit_memo", "rebill", "rewrite", "tax_correction", "deduction"},
    "refund": {"refund"},
    "adjustment": {"deduction", "small_balance", "credit_memo", "settlement"},
}


def _decisions(book: Book, scope: Scope) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = {}
    rows = of_entity(book["decided_proposals"], scope.entity).sort_values("decided_on", kind="stable")
    for item, kind, amount, word, proposer, who, on in zip(
        rows["item_id"], rows["kind"], rows["amount"], rows["decision"], rows["proposed_by"], rows["decided_by"],
        rows["decided_on"], strict=True,
    ):  # fmt: skip
        if isinstance(item, str) and item:
            fits = {name for name, kinds in _FITS.items() if kind in kinds}
            made.setdefault(item, []).append(
                {"fits": fits, "amount": abs(int(amount)), "decision": word, "proposed_by": proposer, "decided_by": who, "decided_on": on}
            )  # fmt: skip
    return made


def _register(book: Book, scope: Scope) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = {}
    rows = of_entity(book["written_off"], scope.entity)
    for item, on, amount, proposer, approver in zip(
        rows["item_id"], rows["written_off_on"], rows["amount"], rows["proposed_by"], rows["approved_by"], strict=True,
    ):  # fmt: skip
        made.setdefault(str(item), []).append(
            {"on": on, "amount": int(amount), "proposed_by": proposer,
             "approved_by": approver if isinstance(approver, str) and approver.strip() else None}
        )  # fmt: skip
    return made
