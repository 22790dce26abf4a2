"""Gather what the rules of causes.py may look at: batches held up, assigned documents, open credits. Floor
1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from arlib.ledger.causes import CASH_SOURCES, Evidence
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import PostingKind
from arlib.ledger.openitems import open_items
from arlib.ledger.sides import Sides
from arlib.policy import Basis, Scope, TieOutPolicy
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, BatchState, JournalSource


def gather(
    book: Book,
    *,
    scope: Scope,
    postings: pd.DataFrame,
    lines: pd.DataFrame,
    sides: Sides,
    roles: Mapping[str, str],
    policy: TieOutPolicy,
) -> Evidence:
    """The evidence of one entity at the as-of date."""
    items = of_entity(book["items"], scope.entity)
    held = items[items["assigned_to"].fillna("").ne("").to_numpy(dtype=bool)]
    entered = postings[postings["kind"].eq(PostingKind.ITEM).to_numpy(dtype=bool)].set_index("item_id")
    revalued = postings["kind"].isin([PostingKind.REVALUATION, PostingKind.REVALUATION_REVERSAL])
    receipts = postings[postings["item_type"].isin(CASH_TYPES).to_numpy(dtype=bool)]
    in_ledger = lines[(lines["is_named"] & lines["source"].isin(CASH_SOURCES)).to_numpy(dtype=bool)]
    kept = in_ledger.merge(
        receipts[["account", "document_no"]].drop_duplicates(),
        left_on=["account", "document"],
        right_on=["account", "document_no"],
    )
    return Evidence(
        roles=roles,
        assigned=_assigned(held, entered["functional_amount"]),
        gl_batches_out=batches_out(book, scope=scope, stage="gl"),
        interface_batches_out=batches_out(book, scope=scope, stage="ar_interface"),
        subledger_documents=frozenset(
            postings.loc[
                postings["document_no"].isin(sides.gl["document"]).to_numpy(dtype=bool), "document_no"
            ]
        ),
        revaluation_documents=frozenset(postings.loc[revalued.to_numpy(dtype=bool), "document_no"]),
        receipt_accounts=frozenset(kept["account"]),
        credits=_open_credits(book, scope=scope, sides=sides, account_of=entered["account"]),
        rounding=policy.rounding_per_document_minor,
    )


def _assigned(held: pd.DataFrame, worth: pd.Series[int]) -> dict[str, tuple[str, int]]:
    """Holder and amount of each assigned document; its parts are added up."""
    rows = held.sort_values("item_id", kind="stable")
    rows = rows.assign(worth=rows["item_id"].map(worth).fillna(0).astype("int64"))
    parts = rows.groupby("document_no", sort=True).agg(
        holder=("assigned_to", "first"), worth=("worth", "sum")
    )
    return {
        str(document): (str(holder), int(amount))
        for document, holder, amount in zip(parts.index, parts["holder"], parts["worth"], strict=True)
    }


def batches_out(book: Book, *, scope: Scope, stage: str) -> frozenset[str]:
    """Batches that stand unposted or rejected at a stage, or passed an earlier one and never reached this
    one.

    The last is told only where the table has the stage at all. Needs BILLING_TRANSFERS.
    """
    rows = of_entity(book["billing_transfers"], scope.entity)
    here = rows[rows["stage"].eq(stage).to_numpy(dtype=bool)]
    stopped = here[here["state"].isin([BatchState.UNPOSTED, BatchState.REJECTED]).to_numpy(dtype=bool)]
    earlier = rows[~rows["stage"].isin([stage, "gl"]) & (rows["transferred_on"] <= pd.Timestamp(scope.as_of))]
    lost = set(earlier["batch_id"]) - set(here["batch_id"]) if len(here) else set()
    return frozenset(stopped["batch_id"]) | frozenset(lost)


def _open_credits(book: Book, *, scope: Scope, sides: Sides, account_of: pd.Series[str]) -> pd.DataFrame:
    """Open credits of each account and customer (and of all, under '') at the dates of unmatched reclass
    lines.
    """
    reclass = sides.gl[sides.gl["source"].eq(JournalSource.RECLASS).to_numpy(dtype=bool)]
    days = {scope.as_of} if "snapshot" in book.features else {stamp.date() for stamp in reclass["date"]}
    parts = (
        [_credits_on(book, scope=scope, day=day, account_of=account_of) for day in sorted(days)]
        if len(reclass)
        else []
    )
    if not parts:
        return pd.DataFrame(
            {
                "account": pd.Series(dtype="str"),
                "customer_id": pd.Series(dtype="str"),
                "date": pd.Series(dtype="datetime64[s]"),
                "credits": pd.Series(dtype="int64"),
            }
        )
    return pd.concat(parts, ignore_index=True)


def _credits_on(book: Book, *, scope: Scope, day: date, account_of: pd.Series[str]) -> pd.DataFrame:
    found = open_items(book, scope=replace(scope, as_of=day, basis=Basis.POSTING))
    amounts = found["functional_outstanding"].fillna(0)
    mine = found[amounts.lt(0).to_numpy(dtype=bool)]
    rows = pd.DataFrame(
        {
            "account": mine["item_id"].map(account_of).fillna("").to_numpy(),
            "customer_id": mine["document_customer_id"].fillna("").to_numpy(),
            "credits": -amounts[amounts.lt(0).to_numpy(dtype=bool)].to_numpy(dtype="int64"),
        }
    )
    by_customer = rows.groupby(["account", "customer_id"], as_index=False).agg(credits=("credits", "sum"))
    of_all = rows.groupby("account", as_index=False).agg(credits=("credits", "sum")).assign(customer_id="")
    named = by_customer[by_customer["customer_id"].ne("").to_numpy(dtype=bool)]
    return pd.concat([named, of_all], ignore_index=True).assign(date=pd.Timestamp(day).as_unit("s"))
