"""What was recorded at the desk and is in no figure of a case yet. Floor 5.

Figures are as of a day, and out of the ledger. A promise of today is after that day, and an application that was just decided
is booked later; whoever recorded it must see it all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from arlib.matching.from_people import not_booked
from arlib.matching.residuals import KINDS
from arlib.money import total
from arlib.run.casework.frames import DECISIONS, Standing
from arlib.run.casework.kinds import Act

if TYPE_CHECKING:
    from arlib.ledger.by_customer import CustomerBook
    from arlib.policy import Scope
    from arlib.run.casework import Casework

SAID = "Recorded at the desk: "
SETTLES = (
    "applied_amount",
    *(kind for kind in KINDS if kind != "deduction"),
)  # a claim stays open on its item


@dataclass(frozen=True, eq=False, kw_only=True)
class RecordedSince:
    """Decisions on a customer that stand and are in none of its figures.

    `decisions` (DECISIONS, oldest first) are those of a day after the as-of date, and applications that the ledger has not
    booked. `waiting` (DECIDED) are the parts of receipts that these applications set against items.
    """

    decisions: pd.DataFrame
    waiting: pd.DataFrame

    @property
    def sentences(self) -> tuple[str, ...]:
        """Each as a sentence that says where it was recorded; none where the figures show everything."""
        return _said(self.decisions)

    def about(
        self,
        *,
        item_ids: Collection[str] = (),
        receipt_ids: Collection[str] = (),
        kinds: Collection[str] = (),
    ) -> tuple[str, ...]:
        """Sentences on decisions that name one of these items or receipts; `kinds` (of DECISIONS) narrows them, if given."""
        rows = self.decisions
        named = [
            (row["receipt_id"] in receipt_ids or not set(row["item_ids"].split("|")).isdisjoint(item_ids))
            and (not kinds or row["kind"] in kinds)
            for row in rows.fillna({"receipt_id": "", "item_ids": ""}).to_dict("records")
        ]
        return _said(rows[named])

    def of_hint(self, hint: Mapping[Any, Any]) -> tuple[str, ...]:
        """Sentences on decisions about what a row of HINTS starts from, or rests on."""
        words = [hint[name] for name in ("item_id", "receipt_id", "evidence")]
        ids = {word for text in words if isinstance(text, str) for word in text.split()}
        return self.about(item_ids=ids, receipt_ids=ids)

    def used_of(self, receipt_id: str) -> int:
        """What these applications use of a receipt, minor units of its currency."""
        rows = self.waiting
        return total(rows.loc[rows["receipt_id"].eq(receipt_id), "receipt_amount"])

    def settled_of(self, item_id: str) -> int:
        """What these applications settle of an item, minor units of its currency; a claim stays open."""
        rows = self.waiting[self.waiting["item_id"].eq(item_id)]
        return sum(total(rows[name].fillna(0)) for name in SETTLES)


def recorded_since(book: CustomerBook, work: Casework, *, scope: Scope, up_to: int) -> RecordedSince:
    """What stands recorded on a customer up to the event `up_to` and is in no figure at the as-of date of `scope`.

    A decision of the as-of date itself is in the figures, an application as soon as the ledger has booked it as it was decided.
    Of a knowledge date in `scope` only what was recorded by its end counts. Uses DECIDED_APPLICATIONS with what
    `match_inputs` takes to see what was booked.
    """
    waiting = not_booked(book, scope)
    found = [
        work.decisions(entity=scope.entity, customer_id=code)
        for code in sorted({book.customer_id, *book.codes} - {""})
    ]
    named = {code for each in found for code in each["decision_id"]}
    strange = waiting[~waiting["decision_id"].isin(named)]  # recorded from the other customer's side
    found += [work.decisions(entity=scope.entity, receipt_id=code) for code in strange["receipt_id"].unique()]
    filled = [each for each in found if len(each)]
    if not filled:
        return RecordedSince(decisions=DECISIONS.empty(), waiting=waiting)
    rows = pd.concat(filled, ignore_index=True).drop_duplicates("decision_id")
    seq = rows["decision_id"].str.rsplit("-", n=1).str[-1].astype("int64")
    is_applied = rows["kind"].eq(Act.APPLY.value)
    is_out = (is_applied & rows["decision_id"].isin(waiting["decision_id"])) | (
        ~is_applied & rows["on"].gt(pd.Timestamp(scope.as_of))
    )
    is_out &= rows["standing"].eq(Standing.STANDS.value) & rows["kind"].ne(Act.WITHDRAW.value) & seq.le(up_to)
    if scope.known_at is not None:
        is_out &= rows["on"].le(pd.Timestamp(scope.known_at))
    rows = rows.assign(seq=seq)[is_out.to_numpy(dtype=bool)].sort_values("seq", ignore_index=True)
    kept = waiting[waiting["decision_id"].isin(rows["decision_id"])].reset_index(drop=True)
    return RecordedSince(decisions=DECISIONS.typed(rows[list(DECISIONS.names)]), waiting=kept)


def _said(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(f"{SAID}{sentence}" for sentence in rows["sentence"])
