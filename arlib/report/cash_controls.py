"""Controls of a cash-application run: nothing lost, nothing applied twice. Floor 3."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from arlib.controls import Control, Identity
from arlib.matching.frames import MATCHES
from arlib.matching.leftovers import SETTLES
from arlib.money import iso_code, total, totals_by
from arlib.report.cash_facts import APPLIED_BY, CashRun
from arlib.report.tied import tied_as_one

if TYPE_CHECKING:
    from arlib.matching.result import MatchResult
    from arlib.policy import Scope


def cash_controls(run: CashRun, receipts: pd.DataFrame, *, scope: Scope) -> tuple[Control, ...]:
    """What the ledger holds; by currency, receipts = applied + proposed + unapplied; and items settled beyond what was open."""
    result = run.result
    placed = []
    for code, part in receipts.groupby("currency", sort=True):
        went = sum(total(part[name]) for name in ("auto", "person", "proposed", "rest"))
        placed.append(Control(
            name="cash_placed", title=f"Receipts in {iso_code(str(code))}: money to place = applied + proposed + unapplied",
            entity=scope.entity, currency=str(code), left_label="money to place", left=total(part["amount"]),
            right_label="applied, proposed and unapplied", right=went,
        ))  # fmt: skip
    made = [*run.ledger_controls, *tied_as_one(placed, functional=scope.functional_currency)]
    items = settled_items(result)
    for code, part in items[items["over"].ne(0)].groupby("currency", sort=True):
        made.append(Control(
            name="cash_over_applied", title=f"Items in {iso_code(str(code))}: nothing settled beyond what was open",
            entity=scope.entity, currency=str(code), left_label="settled beyond open", left=total(part["over"]),
            right_label="allowed", right=0, unexplained_count=len(part),
        ))  # fmt: skip
    return tuple(made)


def cash_identities(run: CashRun, receipts: pd.DataFrame, *, scope: Scope) -> tuple[Identity, ...]:
    """The engine's own identities, and those that hold between its tables and this report's."""
    again = run.reperformed.identities if run.reperformed is not None else ()
    made = [*run.result.identities, *(replace(one, name=f"performed again, {one.name}") for one in again)]
    for code, part in receipts.groupby("currency", sort=True):
        went = sum(total(part[name]) for name in ("auto", "person", "proposed", "rest"))
        made.append(Identity(name="cash in this report", left_label="receipts", left=total(part["amount"]),
                             right_label="applied + proposed + unapplied", right=went, currency=str(code),
                             entity=scope.entity))  # fmt: skip
    for code, part in settled_items(run.result).groupby("currency", sort=True):
        made.append(Identity(name="items of the run", left_label="open before - settled",
                             left=total(part["open_before"]) - total(part["settled"]), right_label="open after",
                             right=total(part["open_after"]), currency=str(code), entity=scope.entity))  # fmt: skip
        made.append(Identity(name="items over-applied", left_label="items settled beyond what was open",
                             left=int(part["over"].ne(0).sum()), right_label="none", right=0, entity=scope.entity))  # fmt: skip
    seen = receipts["receipt_id"].isin(
        [*run.result.matches["receipt_id"], *run.result.unmatched["receipt_id"]]
    )
    placed = int((seen | receipts["amount"].eq(0)).sum())
    made.append(Identity(name="receipts told of", left_label="receipts", left=len(receipts), right_label="placed or left over",
                         right=placed, entity=scope.entity))  # fmt: skip
    return tuple(dict.fromkeys(made))


def settled_items(result: MatchResult) -> pd.DataFrame:
    """One row an item of the run: open before, settled by all its matches, open after, and settled beyond open.

    Open amounts are of the pool, not of the matches, so that a line that was told wrong is seen.
    """
    rows = MATCHES.typed(result.matches)
    if rows.empty:
        columns = {
            name: pd.Series([], dtype="Int64") for name in ("open_before", "settled", "open_after", "over")
        }
        return pd.DataFrame(
            {"item_id": pd.Series([], dtype="str"), "currency": pd.Series([], dtype="str"), **columns}
        )
    settled = sum(
        (rows[name].fillna(0) for name in SETTLES), start=pd.Series(0, index=rows.index, dtype="Int64")
    )
    sums = totals_by(rows.assign(settled=settled), ["item_id", "currency"], "settled")
    after = rows.drop_duplicates("item_id", keep="last").set_index("item_id")["open_after"]
    before = result.pool_items.set_index("item_id")["open_amount"]
    sums["open_before"] = sums["item_id"].map(before).astype("Int64")
    sums["open_after"] = sums["item_id"].map(after).astype("Int64")
    rest = sums["open_before"] - sums["settled"]
    is_over = (rest * sums["open_before"].map(lambda minor: 1 if minor >= 0 else -1)).lt(0)
    sums["over"] = rest.abs().where(is_over, 0).astype("Int64")
    return sums


def applied_totals(result: MatchResult) -> dict[str, int]:
    """Money of the posting file, automatic or as people decided, by currency of the receipts."""
    rows = result.matches[result.matches["decision"].isin(APPLIED_BY)]
    if rows.empty:
        return {}
    sums = totals_by(rows, "receipt_currency", "receipt_amount")
    return dict(zip(sums["receipt_currency"], sums["receipt_amount"], strict=True))
