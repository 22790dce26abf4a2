"""Unapplied cash and open credits at the start of the quarter, and what became of them. Floor 1."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pandas as pd

from arlib.collect.position import position
from arlib.collect.targets import words
from arlib.collect.targets.frames import CLEARED, Cleared
from arlib.collect.targets.frozen import Frozen, within_group
from arlib.collect.targets.quarter import at_start, posted
from arlib.controls import Identity
from arlib.credit.allowance.frames import rate_text
from arlib.ledger.aging import UNAPPLIED
from arlib.ledger.facts import counted
from arlib.ledger.openitems import linked
from arlib.money import total
from arlib.policy import AttributesAt, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ApplicationKind
from arlib.tables.rows import Row, frame_of

SAID = {Cleared.UNAPPLIED_CASH: "unapplied cash", Cleared.OPEN_CREDITS: "open credits"}
BACK = (ApplicationKind.RETURN.value,)


def cleared(
    book: Book, *, start: Frozen, scope: Scope, policies: Policies
) -> tuple[pd.DataFrame, tuple[Identity, ...]]:
    """CLEARED by kind and currency, sorted by its key, and that it adds up to the credits of the aging at the as-of date.

    Cash and credits outside the group that were open at the start of the quarter, with what was applied, refunded or cleared
    otherwise by the as-of date, that date in. Amounts are positive. An item that is a debit now has nothing left. Applied is net
    of reversals. Kinds are never added up with what was collected: the cash may have come in before.
    """
    then = replace(policies, aging=replace(policies.aging, attributes_at=AttributesAt.AS_OF))
    now = position(book, scope=posted(scope), policies=then)
    here = now.items[(~within_group(book, now)).to_numpy(dtype=bool)]
    here = here[here["outstanding"].lt(0).to_numpy(dtype=bool)]
    before = start.credits
    open_now = here.groupby("item_id")["outstanding"].sum()
    old = before.groupby(["item_id", "currency", "bucket"], as_index=False)["outstanding"].sum()
    used = _used(book, scope)
    made = old.assign(
        kind=_kind(old["bucket"]), at_start=-old["outstanding"],
        left=-_of(open_now, old["item_id"]),
        applied=_of(used["applied"], old["item_id"]), refunded=_of(used["refunded"], old["item_id"]),
    )  # fmt: skip
    made["other"] = made["at_start"] - made["left"] - made["applied"] - made["refunded"]
    fresh = here[~here["item_id"].isin(old["item_id"])]
    fresh = fresh.assign(kind=_kind(fresh["bucket"]), new=-fresh["outstanding"])
    names = ["at_start", "applied", "refunded", "other", "left"]
    sums = made.groupby(["kind", "currency"])[names].sum()
    counts = made.groupby(["kind", "currency"]).size()
    arisen = fresh.groupby(["kind", "currency"])["new"].sum()
    rows = []
    for kind, currency in sorted({*sums.index, *arisen.index}):
        key = (kind, currency)
        row: Row = {name: int(sums.loc[key, name]) if key in sums.index else 0 for name in names}
        new = int(arisen.get(key, 0))
        row |= {
            "entity": scope.entity, "kind": kind, "currency": currency, "items": int(counts.get(key, 0)), "new": new,
            "now": row["left"] + new,
            "rate": rate_text(Fraction(row["at_start"] - row["left"], row["at_start"])) if row["at_start"] else None,
        }  # fmt: skip
        rows.append(row | {"what": words.cleared(row, SAID[Cleared(kind)])})
    frame = frame_of(CLEARED, rows)
    return frame, _identities(frame, here, scope)


def _of(values: pd.Series, items: pd.Series) -> pd.Series:
    return pd.Series(values.reindex(items).fillna(0).to_numpy(), index=items.index, dtype="Int64")


def _kind(buckets: pd.Series) -> pd.Series:
    return buckets.eq(UNAPPLIED).map({True: Cleared.UNAPPLIED_CASH.value, False: Cleared.OPEN_CREDITS.value})


def _used(book: Book, scope: Scope) -> pd.DataFrame:
    """By source item, what was applied and what was refunded of it in the quarter, net of reversals."""
    rows = linked(book, scope=posted(scope)).applications
    rows = rows[~counted(rows, scope=at_start(scope))]
    refunded = rows["kind"].eq(ApplicationKind.REFUND.value)
    applied = ~refunded & ~rows["kind"].isin(BACK)
    work = pd.DataFrame({
        "item_id": rows["source_item_id"], "applied": rows["source_amount"].where(applied, 0),
        "refunded": rows["source_amount"].where(refunded, 0),
    })  # fmt: skip
    return work.groupby("item_id")[["applied", "refunded"]].sum()


def _identities(frame: pd.DataFrame, here: pd.DataFrame, scope: Scope) -> tuple[Identity, ...]:
    return tuple(
        Identity(
            name="unapplied cash and open credits", left_label="left and new",
            left=total(frame.loc[frame["currency"].eq(code), "now"]), right_label="credits in the aging",
            right=-total(here.loc[here["currency"].eq(code), "outstanding"]), currency=code, entity=scope.entity,
        )
        for code in sorted({*frame["currency"], *here["currency"]})
    )  # fmt: skip
