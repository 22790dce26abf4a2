"""The last day to enforce a debt: by law or contract, restarted by acknowledgement or part payment. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from arlib.calendar import add_months
from arlib.credit.write_off.debts import contacts, payments
from arlib.credit.write_off.frames import LIMITATIONS, LimitationState
from arlib.credit.write_off.words import day_of
from arlib.ledger.facts import of_entity
from arlib.ledger.openitems import original_due_dates
from arlib.policy import Scope, WriteOffPolicy
from arlib.policy.write_off import GoverningLaw, LimitationRule, StartsFrom
from arlib.tables import Book
from arlib.tables.rows import records, text

ACKNOWLEDGEMENT, PART_PAYMENT = "acknowledgement", "part_payment"
NEXT_STEP = {
    LimitationState.WARNING: "Get an acknowledgement or sue before the last day.",
    LimitationState.BARRED: "Time-barred: to legal before anything else is done with it.",
}


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """The last day to enforce a debt, and what it hangs on. Without a day it is not known."""

    last_day: date | None
    restarted_on: date | None = None
    restarted_by: str = ""


def deadline(starts: date | None, restarts: Sequence[tuple[date, str]], *, rule: LimitationRule) -> Deadline:
    """The last day to enforce, that day included: so many months from the start, and again from each restart.

    A debt may be enforced until the same day of the month; a start on 29 February ends on 28 February of a common year.
    An acknowledgement or a part payment after the last day restarts nothing: what is barred stays barred. After a restart
    time runs from that day itself, also where it first began at the end of a year.
    """
    if starts is None:
        return Deadline(last_day=None)
    begins = date(starts.year, 12, 31) if rule.starts_from is StartsFrom.END_OF_YEAR else starts
    made = Deadline(last_day=add_months(begins, rule.months))
    counts = {
        ACKNOWLEDGEMENT: rule.restarts_on_acknowledgement,
        PART_PAYMENT: rule.restarts_on_part_payment,
    }
    for day, by in sorted(restarts):
        if counts[by] and made.last_day is not None and starts <= day <= made.last_day:
            later = add_months(day, rule.months)
            if later > made.last_day:
                made = Deadline(last_day=later, restarted_on=day, restarted_by=by)
    return made


def state_of(last_day: date | None, *, as_of: date, warning_days: int) -> LimitationState:
    """Running, warning (so many days before the last day and on it), time-barred from the day after it, or unknown."""
    if last_day is None:
        return LimitationState.UNKNOWN
    if as_of > last_day:
        return LimitationState.BARRED
    near = last_day - timedelta(days=warning_days) <= as_of
    return LimitationState.WARNING if near else LimitationState.RUNNING


def rule_for(
    customer_id: str, country: str, *, scope: Scope, entity_country: str, policy: WriteOffPolicy
) -> LimitationRule | None:
    """The rule of the customer's contract, else of the country whose law governs; None where the policy has neither."""
    governing = country if policy.limitation_law is GoverningLaw.CUSTOMER else entity_country or scope.country
    own = [rule for rule in policy.limitation_rules if rule.customer_id and rule.customer_id == customer_id]
    law = [rule for rule in policy.limitation_rules if rule.country and rule.country == governing]
    return next(iter(own or law), None)


def entity_country(book: Book, *, scope: Scope) -> str:
    """The country of the entity: of the scope, else of its row in ENTITIES; '' where neither says."""
    if scope.country:
        return scope.country
    rows = of_entity(book["entities"], scope.entity)["country"].dropna()
    return str(rows.iloc[0]) if len(rows) else ""


def limitations(
    book: Book, debts: pd.DataFrame, register: pd.DataFrame, *, scope: Scope, policy: WriteOffPolicy
) -> pd.DataFrame:
    """Every open debit and every debt written off that is not all back, with its last day: LIMITATIONS, sorted by its key.

    Time starts at the original due date (of a reinstated debt: that of the debt). A date in the register goes before the
    rule's, and is moved on only by a restart after the write-off. Acknowledgements are ACTIVITIES of kind
    acknowledgement, about the item or the whole account; part payments are payments that stand. Needs DEBTS, REGISTER
    (without its limitation columns it may be); uses ITEMS, APPLICATIONS, ACTIVITIES, CUSTOMERS.
    """
    items = of_entity(book["items"], scope.entity).drop_duplicates("item_id").reset_index(drop=True)
    due = original_due_dates(items, pd.Index(items["item_id"]))
    starts = pd.Series(due.to_numpy(), index=items["item_id"])
    countries = book["customers"].drop_duplicates("customer_id").set_index("customer_id")["country"]
    here = entity_country(book, scope=scope)
    restarts = _Restarts(book, scope)
    rows = []
    kept = register[register["left"].gt(0)]
    recorded = (
        kept.groupby("item_id")["limitation_date"].min()
        if "limitation_date" in kept
        else pd.Series(dtype="datetime64[s]")
    )
    whole = [
        debts.assign(left=debts["outstanding"], is_written_off=False),
        kept.groupby("item_id", as_index=False)
        .agg(
            {
                "customer_id": "first",
                "document_no": "first",
                "currency": "first",
                "left": "sum",
                "written_off_on": "max",
            }
        )
        .assign(is_written_off=True),
    ]
    columns = ["item_id", "customer_id", "document_no", "currency", "left", "is_written_off"]
    off_on = whole[1].set_index("item_id")["written_off_on"]
    taken = set(whole[1]["item_id"])
    both = pd.concat(
        [whole[0].loc[~whole[0]["item_id"].isin(taken), columns], whole[1][columns]], ignore_index=True
    )
    for row in records(both):
        customer = text(row["customer_id"])
        rule = rule_for(
            customer, text(countries.get(customer)), scope=scope, entity_country=here, policy=policy
        )
        start = day_of(starts.get(row["item_id"]))
        found = (
            Deadline(last_day=None)
            if rule is None
            else deadline(start, restarts.of(row["item_id"], customer), rule=rule)
        )
        said = rule.source or rule.country or rule.customer_id if rule is not None else ""
        given = day_of(recorded.get(row["item_id"]))
        if given is not None:
            off = day_of(off_on.get(row["item_id"]))
            again = found.restarted_on
            moved = again is not None and off is not None and off < again <= given
            later = found.last_day is not None and found.last_day > given
            if not (moved and later):
                found, said = Deadline(last_day=given), "register of debts written off"
        state = state_of(found.last_day, as_of=scope.as_of, warning_days=policy.limitation_warning_days)
        rows.append({
            "entity": scope.entity, "item_id": row["item_id"], "document_no": row["document_no"], "customer_id": customer,
            "currency": row["currency"], "amount": int(row["left"]), "is_written_off": bool(row["is_written_off"]), "due_date": start,
            "restarted_on": found.restarted_on, "restarted_by": found.restarted_by, "limitation_date": found.last_day,
            "days_left": None if found.last_day is None else (found.last_day - scope.as_of).days, "state": state.value,
            "rule": said, "next_step": NEXT_STEP.get(state, ""),
        })  # fmt: skip
    if not rows:
        return LIMITATIONS.empty()
    made = pd.DataFrame(rows)
    made["days_left"] = pd.array(made["days_left"].tolist(), dtype="Int64")
    return LIMITATIONS.typed(made).sort_values(["entity", "item_id"], kind="stable", ignore_index=True)


class _Restarts:
    """Acknowledgements and part payments by item and by customer."""

    def __init__(self, book: Book, scope: Scope) -> None:
        told = contacts(book, scope=scope)
        told = told[told["kind"].eq(ACKNOWLEDGEMENT)]
        paid = payments(book, scope=scope)
        self.by_item: dict[str, list[tuple[date, str]]] = {}
        self.by_customer: dict[str, list[tuple[date, str]]] = {}
        for day, item, customer in zip(told["day"], told["item_id"], told["customer_id"], strict=True):
            place, key = (self.by_item, item) if item else (self.by_customer, customer)
            place.setdefault(str(key), []).append((day.date(), ACKNOWLEDGEMENT))
        for day, item in zip(paid["date"], paid["item_id"], strict=True):
            self.by_item.setdefault(str(item), []).append((day.date(), PART_PAYMENT))

    def of(self, item_id: str, customer_id: str) -> list[tuple[date, str]]:
        """What restarts the time of one debt."""
        return [*self.by_item.get(item_id, []), *self.by_customer.get(customer_id, [])]
