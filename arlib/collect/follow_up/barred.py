"""What stands against asking a customer for an item: the law, a placement or sale, an agreement, an arrangement. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.collect.contact.frames import Outside
from arlib.collect.contact.outside import outside
from arlib.collect.contact.plans import plan_defaults
from arlib.collect.follow_up.cases import Cases, running_plans
from arlib.collect.position import Position
from arlib.credit.write_off.words import day, many
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.rows import Row, records, text, whole

# the one agreement that stops every contact; the others only say how it is made
NOT_ASKED = Outside.ALL.value


@dataclass(frozen=True, kw_only=True)
class Barred:
    """Open debits outside the procedure by item (OUTSIDE), the arrangements that run, and how each of them stands."""

    apart: dict[str, Row]
    plans: Cases
    standings: dict[str, Row]  # PLAN_DEFAULTS by plan

    def words(self, row: Row) -> str:
        """Why nobody asks for the item of `row` (item_id, customer_id, effective_date), or how; '' where nothing bars it.

        What is outside the procedure goes first, then the arrangement. One for the account is about what was dated by
        the day that it was agreed.
        """
        found = self.apart.get(str(row["item_id"]))
        if found is not None and (bool(found["is_hard"]) or found["reason"] == NOT_ASKED):
            return f"do not ask for it, {apart_words(found)}"
        return self._plan(row)

    def manner(self, row: Row) -> str:
        """How the customer may be asked, where an agreement says so: `; no calls by agreement (EX0003)`; else ''."""
        found = self.apart.get(str(row["item_id"]))
        return "" if found is None else f"; {apart_words(found)}"

    def _plan(self, row: Row) -> str:
        plan = self.plans.of(str(row["item_id"]), text(row["customer_id"]))
        if plan is None or (not text(plan["item_id"]) and row["effective_date"] > plan["agreed_on"]):
            return ""
        name = plan["plan_id"]
        stands = self.standings.get(str(name))
        if stands is not None and bool(stands["is_default"]):
            return f"payment arrangement {name} is in default: give notice before the item is asked for"
        missed = 0 if stands is None else whole(stands["missed"])
        if missed:
            return f"payment arrangement {name} runs, {many(missed, 'instalment')} missed: ask for that only"
        return f"payment arrangement {name} is kept since {day(plan['agreed_on'])}: watch its instalments, do not ask for the item"


def barred(
    book: Book, *, position: Position, policies: Policies, apart: pd.DataFrame | None = None
) -> Barred:
    """What bars asking at the as-of date. Uses what `outside` and `plan_defaults` use; `apart` is OUTSIDE where it is at hand."""
    left_out = outside(book, position=position, policies=policies) if apart is None else apart
    plans = plan_defaults(book, position=position, policies=policies)
    return Barred(
        apart={str(row["item_id"]): row for row in records(left_out.drop_duplicates("item_id"))},
        plans=running_plans(book, position=position),
        standings={str(row["plan_id"]): row for row in records(plans)},
    )


def apart_words(found: Row) -> str:
    """Why a debit is outside the procedure, with the record that says so: a row of OUTSIDE in words."""
    what, source = text(found["what"]), text(found["source_id"])
    return f"{what} ({source})" if source and source not in what else what
