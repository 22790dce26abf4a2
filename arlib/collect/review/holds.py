"""Hold and release proposals: whose orders should wait for credit, and whose need not any more. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from arlib.collect.contact.plans import plan_defaults
from arlib.collect.contact.records import records_of
from arlib.collect.position import Position
from arlib.collect.review.collectable import split_in_books
from arlib.collect.review.credit_review import credit_review
from arlib.collect.review.exposure import disputed_parts, totals
from arlib.collect.review.frames import HOLD_PROPOSALS, Level, Recommendation
from arlib.collect.review.grounds import late_ground
from arlib.collect.review.recommend import hold_grounds
from arlib.credit.write_off.words import day, money
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import ExceptionProcedure
from arlib.tables.rows import Row, is_none, records, text, whole

ACTIONS = (Recommendation.HOLD.value, Recommendation.RELEASE.value)
SPARING = (ExceptionProcedure.NO_CREDIT_HOLD.value, ExceptionProcedure.ALL.value)


def hold_proposals(
    book: Book, *, position: Position, policies: Policies, review: pd.DataFrame | None = None,
    split: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The customers that the credit review would hold or release: HOLD_PROPOSALS, sorted by its key.

    A proposal for a person; nothing is held by it. Companies of the group are never held. A customer with an exception
    from credit holds in force (both its first and its last day are in) is listed and spared. So is one that keeps its
    payment arrangement (it runs, and no instalment is missed) where nothing but the debt on it is a ground to hold; where
    there is another ground, the hold is proposed and the reason names the arrangement. `review` is CREDIT_REVIEW and
    `split` what `split_in_books` returns where they are at hand. Uses COLLECTION_EXCEPTIONS, DISPUTES,
    PLANS, PLAN_INSTALMENTS and what `credit_review` does.
    """
    found = credit_review(book, position=position, policies=policies) if review is None else review
    mine = found[found["level"].eq(Level.CUSTOMER.value) & found["recommendation"].isin(ACTIONS)]
    sparing = exceptions_in_force(book, position=position)
    disputed = totals(disputed_parts(book, position=position), "books_amount", "disputed").to_dict()
    kept = _Kept.of(book, position=position, policies=policies, split=split)
    rows = []
    for row in records(mine):
        spared = [one for one in sparing.get(str(row["customer_id"]), []) if one["procedure"] in SPARING]
        is_hold = row["recommendation"] == Recommendation.HOLD.value
        apart = whole(disputed.get(row["customer_id"]))
        above = 0 if is_none(row["limit_in_books"]) else whole(row["exposure"]) - whole(row["limit_in_books"])
        because = said_of(spared[0]) if spared else kept.spares(row)
        caution = kept.caution(row) if is_hold and not because else ""
        rows.append(row | {
            "action": row["recommendation"], "is_spared": is_hold and bool(because),
            "spared_because": because if is_hold else "", "reason": str(row["reason"]) + caution,
            "over_limit": max(0, above), "past_due": whole(row["past_due"]) - apart, "disputed": apart,
        })  # fmt: skip
    made = HOLD_PROPOSALS.from_rows(rows)
    return made.sort_values(list(HOLD_PROPOSALS.key), kind="stable", ignore_index=True)


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """Payment arrangements that are kept, by customer, and what is late enough to hold beside what is on them."""

    plans: dict[str, Row]
    late_to_hold: dict[str, int]
    policies: Policies

    @classmethod
    def of(cls, book: Book, *, position: Position, policies: Policies, split: pd.DataFrame | None) -> _Kept:
        found = plan_defaults(book, position=position, policies=policies)
        runs = (
            found["is_running"].fillna(False).astype(bool)
            & found["instalments"].gt(0)
            & found["missed"].eq(0)
        )
        plans: dict[str, Row] = {}
        for row in records(found[runs.to_numpy(dtype=bool)]):
            plans.setdefault(str(row["customer_id"]), row)
        if not plans:
            return cls(plans={}, late_to_hold={}, policies=policies)
        ground = late_ground(book, position=position, policies=policies)["late_to_hold"]
        if split is None:
            split = split_in_books(book, position=position, policies=policies)
        old = split[
            split["days_past_due"].ge(policies.credit_review.hold_days_past_due)
            & split["customer_id"].isin(plans)
        ]
        beside = old["books_amount"] - old["planned"] - old["disputed"]
        sums = beside.fillna(0).groupby(old["customer_id"]).sum()
        late = {code: min(whole(ground.get(code)), max(0, whole(sums.get(code)))) for code in plans}
        return cls(plans=plans, late_to_hold=late, policies=policies)

    def spares(self, row: Row) -> str:
        """The arrangement in words where the debt on it is the only ground to hold; '' where not."""
        plan = self.plans.get(str(row["customer_id"]))
        if plan is None:
            return ""
        beside = row | {"late_to_hold": self.late_to_hold[str(row["customer_id"])]}
        return "" if hold_grounds(beside, policy=self.policies.credit_review) else _keeps(plan)

    def caution(self, row: Row) -> str:
        """A sentence for a hold that is proposed although an arrangement is kept; '' where there is none."""
        plan = self.plans.get(str(row["customer_id"]))
        return "" if plan is None else f" But it {_keeps(plan)}: ask who agreed it first."


def _keeps(plan: Row) -> str:
    following = (
        ""
        if is_none(plan["next_due_on"])
        else f", next {money(whole(plan['next_amount']), plan['currency'])} on {day(plan['next_due_on'])}"
    )
    return f"keeps its payment arrangement {plan['plan_id']} of {day(plan['agreed_on'])}{following}"


def exceptions_in_force(book: Book, *, position: Position) -> dict[str, list[Row]]:
    """The exceptions for whole accounts that stand at the as-of date, by customer."""
    rows = records_of(book, "collection_exceptions", scope=position.scope)
    now = pd.Timestamp(position.scope.as_of)
    stands = rows["valid_from"].le(now) & ~rows["expires_on"].lt(now) & rows["item_id"].fillna("").eq("")
    made: dict[str, list[Row]] = defaultdict(list)
    for row in records(rows[stands.to_numpy(dtype=bool)].sort_values("exception_id", kind="stable")):
        made[str(row["customer_id"])].append(row)
    return made


def said_of(exception: Row) -> str:
    """An exception in words: what it forbids, its owner, its last day."""
    owner = f", owner {text(exception['owner'])}" if text(exception["owner"]) else ""
    until = (
        f"until {day(exception['expires_on'])}"
        if not is_none(exception["expires_on"])
        else "without a last day"
    )
    return f"exception {exception['exception_id']} ({str(exception['procedure']).replace('_', ' ')}) {until}{owner}"
