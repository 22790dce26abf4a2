"""What customers did not pay: deductions, short payments and disputes. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.collect.contact.disputes import Owed, route_of
from arlib.collect.leakage.facts import Facts
from arlib.collect.leakage.frames import Leak
from arlib.credit.adjustments.deductions import state_at
from arlib.tables.choices import ApplicationKind, DeductionState, ItemType
from arlib.tables.rows import Row, is_none, records

GIVEN_UP = (ApplicationKind.CREDIT_MEMO.value, ApplicationKind.WRITE_OFF.value, ApplicationKind.ADJUSTMENT.value)  # fmt: skip
DEBITS = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)


def deductions(facts: Facts) -> pd.DataFrame:
    """DEDUCTIONS taken in the months, by their reason code. Pending until decided; lost where found valid.

    One that was agreed beforehand, refused, or settled in a way that the record does not say, lost nothing here.
    """
    rows = facts.records("deductions", "taken_on")
    states = pd.Series(
        [state_at(row | _days(row), facts.scope.as_of).value for row in records(rows)], index=rows.index, dtype="str"
    )  # fmt: skip
    amount = rows["amount"].astype("Int64")
    return rows.assign(
        kind=Leak.DEDUCTION.value, source_table="deductions", source_id=rows["deduction_id"],
        cause=rows["reason"], team=_teams(facts, rows["reason"], Leak.DEDUCTION),
        pending=amount.where(states.eq(DeductionState.PENDING.value), 0),
        lost=amount.where(states.eq(DeductionState.VALID.value), 0),
    )  # fmt: skip


def disputes(facts: Facts) -> pd.DataFrame:
    """DISPUTES opened in the months, by root cause once settled, else by reason.

    Pending is of an open one what is still owed of its item; what a settled one cost stands in its credits.
    """
    rows = facts.records("disputes", "opened_on")
    rows = rows.sort_values(["opened_on", "dispute_id"], kind="stable", ignore_index=True)
    is_open = ~rows["closed_on"].le(pd.Timestamp(facts.scope.as_of))
    return rows.assign(
        kind=Leak.DISPUTE.value, source_table="disputes", source_id=rows["dispute_id"],
        **_cause_and_team(facts, rows), pending=_still_owed(facts, rows, is_open), lost=0,
    )  # fmt: skip


def short_payments(facts: Facts, *, counted_elsewhere: set[str]) -> pd.DataFrame:
    """Chargebacks and residuals made in the months that no DEDUCTIONS row is about: the rest of an invoice paid short.

    Pending is what is still open of one; lost what was credited or written off on it, but for the credits and write-offs
    that count under another kind (`counted_elsewhere`, their items). A residual is an invoice or debit memo that carries
    on a document whose rest was moved to it, not credited and billed again. The cause is that of a dispute about it or the
    document before it, else its own reason.
    """
    items, ledger = facts.items, facts.linked
    applied = ledger.applications
    moved = applied["kind"].eq(ApplicationKind.DEBIT_TO_DEBIT.value).to_numpy(dtype=bool)
    old = set(items["item_id"].to_numpy()[ledger.target[moved]])
    is_rest = items["item_type"].eq(ItemType.CHARGEBACK.value) | (
        items["item_type"].isin(DEBITS) & items["replaces"].isin(list(old))
    )
    claims = facts.book["deductions"]
    claimed = claims.loc[claims["entity"].eq(facts.scope.entity).to_numpy(dtype=bool), "item_id"]
    rows = items[(is_rest & facts.in_window & ~items["item_id"].isin(claimed)).to_numpy(dtype=bool)]
    rows = rows.reset_index(drop=True)
    left = facts.open_debits
    open_now = (
        left[left["item_id"].isin(rows["item_id"]).to_numpy(dtype=bool)]
        .groupby("item_id")["outstanding"]
        .sum()
    )
    sources = items["item_id"].to_numpy()[ledger.source]
    given = applied["kind"].isin(GIVEN_UP).to_numpy(dtype=bool) & ~np.isin(sources, list(counted_elsewhere))
    lost = applied["target_amount"].fillna(0)[given].groupby(
        items["item_id"].to_numpy()[ledger.target][given]
    ).sum()  # fmt: skip
    cause = rows["reason"].fillna("").where(rows["reason"].fillna("").ne(""), Leak.SHORT_PAYMENT.value)
    told = _disputed(facts)
    why = told.reindex(rows["replaces"]).set_axis(rows.index)
    why = why.where(why.notna(), told.reindex(rows["item_id"]).set_axis(rows.index))
    return rows.assign(
        kind=Leak.SHORT_PAYMENT.value, source_table="items", source_id=rows["item_id"],
        cause=why["cause"].fillna(cause), customer_id=rows["customer_now"],
        team=why["team"].fillna(_teams(facts, cause, Leak.SHORT_PAYMENT)),
        pending=open_now.reindex(rows["item_id"]).set_axis(rows.index).fillna(0).astype("Int64"),
        lost=lost.reindex(rows["item_id"]).set_axis(rows.index).fillna(0).astype("Int64"),
    )  # fmt: skip


def _cause_and_team(facts: Facts, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Root cause and team of settled disputes; the reason and where it is routed of the others."""
    is_open = ~rows["closed_on"].le(pd.Timestamp(facts.scope.as_of))
    cause = rows["root_cause"].where(~is_open & rows["root_cause"].fillna("").ne(""), rows["reason"])
    found = rows["team"].where(~is_open).fillna("")
    routed = [
        route_of(facts.policies.contact, str(code), str(reason), Leak.DISPUTE.value)
        for code, reason in zip(cause, rows["reason"], strict=True)
    ]
    return {
        "cause": cause,
        "team": found.where(found.ne(""), pd.Series(routed, index=rows.index, dtype="str")),
    }


def _disputed(facts: Facts) -> pd.DataFrame:
    """Cause and team of the last dispute about each item, by item."""
    rows = facts.book["disputes"]
    here = rows["entity"].eq(facts.scope.entity) & rows["opened_on"].le(pd.Timestamp(facts.scope.as_of))
    mine = rows[(here & rows["item_id"].fillna("").ne("")).to_numpy(dtype=bool)]
    mine = mine.sort_values(["opened_on", "dispute_id"], kind="stable").drop_duplicates(
        "item_id", keep="last"
    )
    return pd.DataFrame({"item_id": mine["item_id"], **_cause_and_team(facts, mine)}).set_index("item_id")


def _still_owed(facts: Facts, rows: pd.DataFrame, is_open: pd.Series) -> pd.Series:
    """What of each open dispute is still owed."""
    owed = Owed(facts.open_debits, facts.book, entity=facts.scope.entity)
    found = [owed.take(row) if here else 0 for row, here in zip(records(rows), is_open, strict=True)]
    return pd.Series(found, index=rows.index, dtype="Int64")


def _teams(facts: Facts, causes: pd.Series, kind: Leak) -> pd.Series:
    teams = {
        code: route_of(facts.policies.contact, str(code), kind.value) for code in causes.dropna().unique()
    }
    return causes.map(teams).fillna(facts.policies.contact.default_route).astype("str")


def _days(row: Row) -> Row:
    """The days of a deduction as dates."""
    decided = row["decided_on"]
    return {"taken_on": row["taken_on"].date(), "decided_on": None if is_none(decided) else decided.date()}
