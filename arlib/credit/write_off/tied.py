"""Register of debts written off against the ledger, and write-offs of the period by reason. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from arlib.controls import Control
from arlib.credit.write_off.flags import over_limits
from arlib.credit.write_off.flows import write_off_flows
from arlib.credit.write_off.frames import BY_REASON, DIFFERENCES
from arlib.credit.write_off.words import looked_up
from arlib.ledger.facts import counted, fact_dates, of_entity
from arlib.money import Rates, iso_code, total
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import records


def register_differences(book: Book, flows: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Items that WRITTEN_OFF and the ledger's write-offs hold differently at the as-of date: DIFFERENCES, sorted by its key.

    Explained is what a record accounts for: dated on one side of the as-of date and posted on the other, or taken back
    by a reversal. Not explained: not in the register, not in the ledger, another amount. Needs WRITE_OFF_FLOWS of the
    same scope; uses WRITTEN_OFF, ITEMS, APPLICATIONS.
    """
    day = pd.Timestamp(scope.as_of)
    register = of_entity(book["written_off"], scope.entity)
    debit = flows[~flows["is_of_credit"].to_numpy(dtype=bool)]
    keys = ["item_id", "currency"]
    now = register[register["written_off_on"] <= day].groupby(keys)["amount"].sum()
    posted = debit.groupby(keys)["amount"].sum()
    both = (
        pd.concat([now.rename("registered"), posted.rename("posted")], axis=1)
        .fillna(0)
        .astype("Int64")
        .reset_index()
    )
    both = both[both["registered"].ne(both["posted"])].reset_index(drop=True)
    if both.empty:
        return DIFFERENCES.empty()
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").set_index("item_id")
    gross = debit[debit["amount"].gt(0)].groupby(keys)["amount"].sum()
    later = register[register["written_off_on"] > day].groupby(keys)["amount"].sum()
    after = _posted_later(book, scope)
    causes = []
    for row in records(both):
        key = (row["item_id"], row["currency"])
        there, here = int(row["registered"]), int(row["posted"])
        if there + int(later.get(key, 0)) == here + after.get(key, 0):
            causes.append("other_date")
        elif there == int(gross.get(key, 0)):
            causes.append("reversed")
        else:
            causes.append(
                "not_in_register"
                if not there
                else "not_in_ledger"
                if not gross.get(key, 0)
                else "amount_differs"
            )
    first = (
        pd.concat(
            [
                register.rename(columns={"written_off_on": "date"})[["item_id", "date"]],
                debit[["item_id", "date"]],
            ]
        )
        .groupby("item_id")["date"]
        .min()
    )
    made = both.assign(
        entity=scope.entity,
        document_no=looked_up(both["item_id"], items["document_no"]),
        customer_id=looked_up(both["item_id"], items["customer_id"]),
        difference=both["registered"] - both["posted"],
        cause=causes,
        is_explained=pd.Series(causes).isin(["other_date", "reversed"]),
        since=looked_up(both["item_id"], first),
    )
    return DIFFERENCES.typed(made).sort_values(list(DIFFERENCES.key), kind="stable", ignore_index=True)


def _posted_later(book: Book, scope: Scope) -> dict[tuple[str, str], int]:
    """What the ledger writes off of an item after the as-of date, by item and currency."""
    every = write_off_flows(book, scope=replace(scope, as_of=date(9999, 12, 31)))
    rest = every[every["date"].gt(pd.Timestamp(scope.as_of)) & ~every["is_of_credit"]]
    sums = rest.groupby(["item_id", "currency"])["amount"].sum().reset_index()
    return {(row["item_id"], row["currency"]): int(row["amount"]) for row in records(sums)}


def register_controls(
    book: Book, flows: pd.DataFrame, differences: pd.DataFrame, *, scope: Scope
) -> tuple[Control, ...]:
    """Register = write-offs of the ledger, in each document currency; not run where no register was given.

    Without a register and without any write-off in the ledger there is nothing to compare: no control.
    """
    debit = flows[~flows["is_of_credit"].to_numpy(dtype=bool)]
    if not book.has("written_off"):
        if debit.empty:
            return ()
        return (
            Control(name="written_off_register", title="Register of debts written off = write-offs in the ledger", entity=scope.entity,
                    currency=scope.functional_currency, note="no register of debts written off (written_off) was given"),
        )  # fmt: skip
    register = of_entity(book["written_off"], scope.entity)
    register = register[register["written_off_on"] <= pd.Timestamp(scope.as_of)]
    made = []
    for code in sorted({*register["currency"], *debit["currency"]}) or [scope.functional_currency]:
        own = differences[differences["currency"].eq(code)]
        explained = own[own["is_explained"].to_numpy(dtype=bool)]
        made.append(
            Control(
                name="written_off_register", title=f"Register of debts written off in {iso_code(code)} = write-offs in the ledger",
                entity=scope.entity, currency=code, left_label="register",
                left=total(register.loc[register["currency"].eq(code), "amount"]), right_label="ledger",
                right=total(debit.loc[debit["currency"].eq(code), "amount"]), explained=total(explained["difference"]),
                count=len(explained), unexplained_count=len(own) - len(explained),
                oldest=None if own.empty else own["since"].min().date(),
            )
        )  # fmt: skip
    return tuple(made)


def by_reason(
    flows: pd.DataFrame, register: pd.DataFrame, *, scope: Scope, policies: Policies, rates: Rates
) -> pd.DataFrame:
    """Write-offs that the ledger posted in the period, by reason, against the policy's limits: BY_REASON, sorted by its key.

    Above the limit are rows of the register of the period; where there is no limit nothing is. Credits written off are left
    out. Needs WRITE_OFF_FLOWS and REGISTER. A limit in a currency without a closing rate raises RateError.
    """
    rows = flows[flows["in_period"].to_numpy(dtype=bool) & ~flows["is_of_credit"].to_numpy(dtype=bool)]
    if rows.empty:
        return BY_REASON.empty()
    rows = rows.assign(reason=rows["reason"].fillna(""), one=(~rows["is_reversal"]).astype("Int64"))
    by = ["currency", "reason"]
    made = rows.groupby(by).agg(items=("one", "sum"), amount=("amount", "sum"), largest=("amount", "max"))
    made["largest"] = made["largest"].clip(lower=0)
    own = register[register["in_period"].to_numpy(dtype=bool)].reset_index(drop=True)
    over = own.loc[list(over_limits(own, scope=scope, policies=policies, rates=rates))]
    over = over.assign(reason=over["reason"].fillna("")).groupby(by)["amount"].agg(["size", "sum"])
    made["over_limit_items"] = over["size"].reindex(made.index).fillna(0).astype("Int64")
    made["over_limit_amount"] = over["sum"].reindex(made.index).fillna(0).astype("Int64")
    return BY_REASON.typed(made.reset_index())


def posted_controls(book: Book, flows: pd.DataFrame, *, scope: Scope) -> tuple[Control, ...]:
    """Write-off documents of the period = what was applied of them to debts in the period, in each document currency.

    What moves the ledger is the document, what clears a debt is its application. A document that was applied in part, not
    at all or in another period explains its own difference. Without any there is one control, of 0.
    """
    items = of_entity(book["items"], scope.entity)
    dated = fact_dates(items, scope.basis).between(pd.Timestamp(scope.starts_on), pd.Timestamp(scope.as_of))
    is_document = items["item_type"].eq(ItemType.WRITE_OFF.value)
    documents = items[(is_document & dated).to_numpy(dtype=bool) & counted(items, scope=scope)]
    of_document = flows["write_off_item_id"].isin(set(items.loc[is_document.to_numpy(dtype=bool), "item_id"]))
    mine = flows[flows["in_period"].to_numpy(dtype=bool) & of_document.to_numpy(dtype=bool)]
    signed = mine["amount"].mask(mine["is_of_credit"], -mine["amount"])
    applied = mine.assign(amount=signed).groupby(["write_off_item_id", "currency"])["amount"].sum()
    posted = -documents.groupby(["item_id", "currency"])["amount"].sum()
    applied.index.names = posted.index.names = ["item_id", "currency"]
    both = (
        pd.concat([posted.rename("posted"), applied.rename("applied")], axis=1)
        .fillna(0)
        .astype("Int64")
        .reset_index()
    )
    made = []
    for code in sorted(both["currency"].unique()) or [scope.functional_currency]:
        own = both[both["currency"].eq(code)]
        odd = own[own["posted"].ne(own["applied"])]
        made.append(
            Control(
                name="write_offs_posted", title=f"Write-off documents of the period in {iso_code(code)} = applied to debts",
                entity=scope.entity, currency=code, left_label="documents", left=total(own["posted"]),
                right_label="applied", right=total(own["applied"]),
                explained=total(odd["posted"]) - total(odd["applied"]), count=len(odd),
            )
        )  # fmt: skip
    return tuple(made)
