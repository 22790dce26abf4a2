"""Write-offs and recoveries as they were posted: what moved between receivables and losses. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.credit.allowance.frames_movement import LOSS_FLOWS, LossFlow
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import fact_dates, in_functional, ints
from arlib.ledger.openitems import Linked, linked
from arlib.money import Rounding, divide
from arlib.policy import AllowancePolicy, Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind, ItemType

RECOVERED = "recovery"  # reason of cash that was put on a written-off debt without reinstating it first


def loss_flows(book: Book, *, scope: Scope, policy: AllowancePolicy) -> pd.DataFrame:
    """Every write-off and recovery posted on or before the as-of date: LOSS_FLOWS, sorted by its key.

    A write-off is an application of kind `write_off`, at the amount of the document that wrote it off (what the
    ledger took from receivables; what that differs from the debt's carrying amount is exchange). A recovery is an item
    of type `recovery`, which reinstates the debt it `replaces`; else an application of reason `recovery` to the debt
    itself. Reversals are rows of their own, negative, on their own dates. The tax part is the debt's own share of tax.
    `loss` is 0 for debts of companies of the group and for the policy's reasons that are no credit loss.

    Needs ITEMS and APPLICATIONS; uses CUSTOMERS and CUSTOMER_MERGES. Raises what `linked` raises.
    """
    facts = linked(book, scope=scope)
    parts = [_write_offs(facts, scope), _recoveries(facts, scope), _direct_recoveries(facts, scope)]
    rows = pd.concat([part for part in parts if len(part)] or [LOSS_FLOWS.empty()], ignore_index=True)
    if rows.empty:
        return LOSS_FLOWS.empty()
    debts = facts.items.iloc[facts.ids.get_indexer(pd.Index(rows["item_id"]))].reset_index(drop=True)
    rows["entity"] = scope.entity
    rows["customer_id"] = merged_codes(
        debts["customer_id"], book, entity=scope.entity, on=scope.as_of
    ).fillna("")
    rows["is_credit_loss"] = ~(
        rows["reason"].fillna("").isin(policy.reasons_not_credit_loss)
        | _of_group(book, debts["customer_id"], scope)
    )
    rows["tax_functional_amount"] = _tax_parts(rows, debts)
    lost = rows["functional_amount"] - (rows["tax_functional_amount"] if policy.is_net_of_tax else 0)
    rows["loss"] = lost.where(rows["is_credit_loss"], 0)
    return LOSS_FLOWS.typed(rows).sort_values(list(LOSS_FLOWS.key), kind="stable", ignore_index=True)


def losses(
    flows: pd.DataFrame, flow: LossFlow, *, after: object = None, until: object = None
) -> pd.DataFrame:
    """The rows of one flow posted after one day and on or before another; None leaves that end open."""
    mine = flows["flow"].eq(flow.value)
    if after is not None:
        mine &= flows["posting_date"] > pd.Timestamp(after)  # type: ignore[arg-type]
    if until is not None:
        mine &= flows["posting_date"] <= pd.Timestamp(until)  # type: ignore[arg-type]
    return flows[mine.to_numpy(dtype=bool)].reset_index(drop=True)


def _write_offs(facts: Linked, scope: Scope) -> pd.DataFrame:
    mine = facts.applications["kind"].eq(ApplicationKind.WRITE_OFF.value).to_numpy(dtype=bool)
    rows, source, target = facts.applications[mine], facts.source[mine], facts.target[mine]
    books = scope.functional_currency
    functional = in_functional(rows, "source_functional_amount", "source_amount", "source_currency", books)
    return pd.DataFrame(
        {
            "flow": LossFlow.WRITE_OFF.value,
            "fact_id": rows["application_id"].to_numpy(),
            "posting_date": fact_dates(rows, Basis.POSTING).to_numpy(),
            "item_id": facts.items["item_id"].to_numpy()[target],
            "document_no": facts.items["document_no"].to_numpy()[source],
            "reason": rows["reason"].to_numpy(),
            "currency": rows["source_currency"].to_numpy(),
            "amount": ints(rows["source_amount"]),
            "functional_amount": functional.array,
        }
    )


def _recoveries(facts: Linked, scope: Scope) -> pd.DataFrame:
    """Items that reinstate a debt. One that reverses another names its debt through it."""
    items = facts.items
    mine = facts.is_counted & items["item_type"].eq(ItemType.RECOVERY.value).to_numpy(dtype=bool)
    rows = items[mine]
    debt = rows["replaces"].fillna("")
    through = facts.ids.get_indexer(pd.Index(rows["reverses"].fillna("")))
    reversed_debt = pd.Series(
        np.where(through >= 0, items["replaces"].fillna("").to_numpy()[through], ""), index=rows.index
    )
    debt = debt.where(debt.ne(""), reversed_debt)
    known = facts.ids.get_indexer(pd.Index(debt)) >= 0
    functional = in_functional(rows, "functional_amount", "amount", "currency", scope.functional_currency)
    return pd.DataFrame(
        {
            "flow": LossFlow.RECOVERY.value,
            "fact_id": rows["item_id"].to_numpy(),
            "posting_date": fact_dates(rows, Basis.POSTING).to_numpy(),
            "item_id": np.where(known, debt.to_numpy(), rows["item_id"].to_numpy()),
            "document_no": rows["document_no"].to_numpy(),
            # the reason of the recovery is not that of the loss: a small balance stays one when it comes back
            "reason": _loss_reasons(facts, debt),
            "currency": rows["currency"].to_numpy(),
            "amount": ints(rows["amount"]),
            "functional_amount": functional.array,
        }
    )


def _direct_recoveries(facts: Linked, scope: Scope) -> pd.DataFrame:
    """Cash put on the written-off debt itself."""
    is_recovery = facts.applications["reason"].eq(RECOVERED).to_numpy(dtype=bool)
    reinstated = facts.items["item_type"].eq(ItemType.RECOVERY.value).to_numpy(dtype=bool)[facts.target]
    kinds = facts.applications["kind"].isin([ApplicationKind.PAYMENT.value, ApplicationKind.CLEARING.value])
    mine = is_recovery & ~reinstated & kinds.to_numpy(dtype=bool)
    rows, source, target = facts.applications[mine], facts.source[mine], facts.target[mine]
    debt = pd.Series(facts.items["item_id"].to_numpy()[target], index=rows.index, dtype="str")
    books = scope.functional_currency
    functional = in_functional(rows, "target_functional_amount", "target_amount", "target_currency", books)
    return pd.DataFrame(
        {
            "flow": LossFlow.RECOVERY.value,
            "fact_id": rows["application_id"].to_numpy(),
            "posting_date": fact_dates(rows, Basis.POSTING).to_numpy(),
            "item_id": debt.to_numpy(),
            "document_no": facts.items["document_no"].to_numpy()[source],
            "reason": _loss_reasons(facts, debt),
            "currency": rows["target_currency"].to_numpy(),
            "amount": ints(rows["target_amount"]),
            "functional_amount": functional.array,
        }
    )


def _loss_reasons(facts: Linked, debts: pd.Series[str]) -> list[str]:
    """Why each debt was written off: the reason of its first write-off, '' where none is known."""
    mine = facts.applications["kind"].eq(ApplicationKind.WRITE_OFF.value).to_numpy(dtype=bool)
    reasons = pd.Series(
        facts.applications["reason"].fillna("").to_numpy()[mine],
        index=facts.items["item_id"].to_numpy()[facts.target[mine]],
    )
    first = reasons[~reasons.index.duplicated()].to_dict()
    return [str(first.get(str(debt), "")) for debt in debts]


def _of_group(book: Book, customers: pd.Series[str], scope: Scope) -> pd.Series[bool]:
    rows = book["customers"]
    own = rows["entity"].fillna("").isin([scope.entity, ""]) & rows["is_intercompany"].fillna(False)
    return customers.fillna("").isin(set(rows.loc[own.to_numpy(dtype=bool), "customer_id"]))


def _tax_parts(rows: pd.DataFrame, debts: pd.DataFrame) -> pd.Series[int]:
    """The tax in each flow: the flow's amount by the debt's tax to its gross amount; 0 where the debt names no tax."""
    gross, tax = ints(debts["amount"]), ints(debts["tax_amount"])
    made = [
        None if pd.isna(minor) else divide(int(minor) * t, g, Rounding.HALF_UP) if g and t else 0
        for minor, g, t in zip(rows["functional_amount"], gross.tolist(), tax.tolist(), strict=True)
    ]
    return pd.Series(pd.array(made, dtype="Int64"), index=rows.index)
