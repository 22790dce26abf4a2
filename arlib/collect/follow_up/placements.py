"""The register of placements, and the accounts that the policy would give to an agency or an attorney. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.collect.contact.frames import Obstacle
from arlib.collect.contact.obstacles import obstacles
from arlib.collect.contact.outside import outside
from arlib.collect.contact.records import with_customer
from arlib.collect.follow_up.cases import open_promises, running_plans
from arlib.collect.follow_up.frames import PLACEMENT_REGISTER, PLACEMENTS_PROPOSED, PlacementState
from arlib.collect.follow_up.placed import placements_of
from arlib.collect.paid import paid_lines
from arlib.collect.position import Position
from arlib.collect.review.exposure import disputed_parts
from arlib.credit.write_off.words import day, many, money
from arlib.ledger.facts import of_entity
from arlib.money import Rounding, minor_places, times, total
from arlib.policy import DunningPolicy, Policies
from arlib.tables import Book
from arlib.tables.choices import PlacementKind
from arlib.tables.rows import Row, is_none, records, text


def placement_register(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Every placement that began by the as-of date, with what came in and the fee on it: PLACEMENT_REGISTER by key.

    Collected is cash on the placed item, or on what the account owed that day (items dated by it) in the placement's
    currency, from the first day to the day before the recall, net of reversals and returns. Days count to the recall or
    the as-of date. Uses PLACEMENTS, APPLICATIONS.
    """
    del policies  # nothing here is a choice; the argument is that of its neighbours
    rows = placements_of(book, position=position)
    if rows.empty:
        return PLACEMENT_REGISTER.empty()
    items = of_entity(book["items"], position.scope.entity)
    lines = paid_lines(book, position=position).frame
    lines = lines[lines["customer_id"].isin(rows["customer_id"]) | lines["item_id"].isin(rows["item_id"])]
    lines = lines.assign(dated=items["effective_date"].to_numpy()[lines["item"].to_numpy()])
    debits = position.debits
    made = [_registered(row, lines, debits, position) for row in records(with_customer(rows, position))]
    framed = PLACEMENT_REGISTER.from_rows(made)
    return framed.sort_values(list(PLACEMENT_REGISTER.key), kind="stable", ignore_index=True)


def _registered(row: Row, lines: pd.DataFrame, debits: pd.DataFrame, position: Position) -> Row:
    item, since = text(row["item_id"]), row["placed_on"]
    end = pd.Timestamp(position.scope.as_of) if is_none(row["recalled_on"]) else row["recalled_on"]
    is_there = bool(row["is_there"])
    mine = lines["currency"].eq(row["currency"]) & lines["paid_on"].ge(since)
    mine &= lines["paid_on"].le(end) if is_there else lines["paid_on"].lt(end)
    owed = debits["currency"].eq(row["currency"])
    if item:
        mine, owed = mine & lines["item_id"].eq(item), owed & debits["item_id"].eq(item)
    else:
        mine &= lines["customer_id"].eq(row["customer_id"]) & lines["dated"].le(since)
        owed &= debits["customer_id"].eq(row["customer_id"]) & debits["effective_date"].le(since)
    collected, open_now = total(lines.loc[mine, "amount"]), total(debits.loc[owed, "outstanding"])
    rate = text(row["fee_rate"])
    fee = times(collected, Decimal(rate), Rounding.HALF_UP) if rate else None
    days = int(((end if not is_there else pd.Timestamp(position.scope.as_of)) - since).days)
    return row | {
        "state": (PlacementState.PLACED if is_there else PlacementState.RECALLED).value, "days": days,
        "collected": collected, "open_now": open_now, "fee": fee, "what": _status(row, is_there, collected, open_now, fee),
    }  # fmt: skip


def _status(row: Row, is_there: bool, collected: int, open_now: int, fee: int | None) -> str:
    code = row["currency"]
    owed = f"; fee {money(fee, code)}" if fee else "" if fee is not None else "; no fee rate is on record"
    came = f"{money(collected, code)} collected{owed}" if collected else "nothing collected"
    if is_there:
        return f"{came}: {'ask for a report' if open_now else 'nothing is open any more, take it back'}"
    return f"{came}; back since {day(row['recalled_on'])}, {money(open_now, code)} is ours to collect or write off"


def placements_proposed(
    book: Book, *, position: Position, policies: Policies, apart: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Accounts with enough that is late enough to be placed, and why not where not: PLACEMENTS_PROPOSED by key.

    Late enough is `work_list.placement_min_days_past_due` days past due, that day in. Left out are items outside the
    standard procedure (insolvent, with counsel, placed, sold, sanctioned, intercompany, by agreement ...), the disputed
    part, items with a payment arrangement running or a promise whose day has not passed, items of which the customer asked
    for a copy that was not sent (where it named no item, all of its account), and items on which the letters are
    not exhausted: the last level was not sent, or its days of waiting are not over. Without DUNNING_NOTICES nobody can tell,
    and letters stop nothing. What is left is placed where it reaches `placement_min_amount`, with an attorney from
    `attorney_min_amount` on, in the books' currency. Uses DISPUTES, PLANS, PROMISES, PLACEMENTS, HOLDS, CLAIMS, ACTIVITIES
    and more; `apart` is OUTSIDE where it is at hand.
    """
    work = policies.work_list
    late = position.past_due
    late = late[late["days_past_due"].ge(work.placement_min_days_past_due) & late["customer_id"].notna()]
    late = late[late["books_amount"].notna()].reset_index(drop=True)
    if late.empty:
        return PLACEMENTS_PROPOSED.empty()
    late = late.assign(why=_why_not(book, late, position, policies, apart), free=_free(book, late, position))
    rule = _Rule(
        code=position.currency, least=_minor(work.placement_min_amount, work.currency, position),
        lawyer=_minor(work.attorney_min_amount, work.currency, position), has_letters=book.has("dunning_notices"),
        paying=_paying(book, late, position, days=policies.credit_review.risk.late_days),
    )  # fmt: skip
    by_customer = late.groupby("customer_id", sort=True)
    rows = [_account(str(customer), mine, rule) for customer, mine in by_customer]
    framed = PLACEMENTS_PROPOSED.from_rows(
        row | {"currency": position.currency, "entity": position.scope.entity}
        for row in rows
        if row["amount"] or row["excluded"]
    )
    made = PLACEMENTS_PROPOSED.typed(with_customer(framed, position))
    return made.sort_values(list(PLACEMENTS_PROPOSED.key), kind="stable", ignore_index=True)


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """What an account must reach, in minor units of `code`, and who paid lately (customer: last day)."""

    code: str
    least: int
    lawyer: int
    has_letters: bool
    paying: Mapping[str, pd.Timestamp]


def _account(customer: str, late: pd.DataFrame, rule: _Rule) -> Row:
    """One account: what may be placed of it, and what is left out."""
    may = late[late["why"].eq("") & late["free"].gt(0)]
    amount = total(may["free"])
    out = late[late["why"].ne("")]
    disputed = total(late.loc[late["why"].eq(""), "books_amount"]) - amount
    words = [*dict.fromkeys(out["why"]), *(["disputed"] if disputed else [])]
    excluded = total(out["books_amount"]) + disputed
    is_blocked = amount < rule.least or not amount
    kind = None if is_blocked else PlacementKind.ATTORNEY if amount >= rule.lawyer else PlacementKind.AGENCY
    return {
        "customer_id": customer, "kind": None if kind is None else kind.value, "amount": amount, "items": len(may),
        "oldest_due_date": may["aged_from"].min(), "max_days_past_due": may["days_past_due"].max(),
        "excluded": excluded, "excluded_because": "|".join(words), "is_blocked": is_blocked,
        "reason": _reason(customer, may, amount, is_blocked, rule) + _left_out(excluded, words, rule.code),
    }  # fmt: skip


def _reason(customer: str, may: pd.DataFrame, amount: int, is_blocked: bool, rule: _Rule) -> str:
    owed = money(amount, rule.code)
    if is_blocked:
        return (
            f"{owed} may be placed, less than {money(rule.least, rule.code)}"
            if amount
            else "Nothing may be placed"
        )
    letters = "its letters are exhausted" if rule.has_letters else "no letters are on record"
    last = rule.paying.get(customer)
    still = f"; it still pays, last on {day(last)}: ask for this first" if last is not None else ""
    oldest = many(int(may["days_past_due"].max()), "day")
    return f"{owed} in {many(len(may), 'item')} is up to {oldest} past due, {letters}{still}"


def _left_out(excluded: int, words: list[str], code: str) -> str:
    said = ", ".join(word.replace("_", " ") for word in words)
    return f"; {money(excluded, code)} as late is left out ({said})" if excluded else ""


def _paying(book: Book, late: pd.DataFrame, position: Position, *, days: int) -> Mapping[str, pd.Timestamp]:
    """The last payment of each customer that paid anything in the last so many days."""
    lines = paid_lines(book, position=position).frame
    since = pd.Timestamp(position.scope.as_of) - pd.Timedelta(days=days)
    mine = lines[lines["customer_id"].isin(late["customer_id"]) & lines["paid_on"].ge(since)]
    return {str(customer): on for customer, on in mine.groupby("customer_id")["paid_on"].max().items()}


def _why_not(
    book: Book, late: pd.DataFrame, position: Position, policies: Policies, apart: pd.DataFrame | None
) -> pd.Series:
    """Why an item is not placed, '' where nothing stands against it; the first of the reasons."""
    left_out = outside(book, position=position, policies=policies) if apart is None else apart
    reasons = left_out.drop_duplicates("item_id").set_index("item_id")["reason"].to_dict()
    plans, promises = running_plans(book, position=position), open_promises(book, position=position)
    items, accounts = _copies_asked(book, position, policies)
    written = _exhausted(book, position, policies.dunning)
    made = []
    for item, customer in zip(late["item_id"], late["customer_id"], strict=True):
        if item in reasons:
            made.append(str(reasons[item]))
        elif plans.of(item, customer):
            made.append("plan")
        elif promises.of(item, customer):
            made.append("promised")
        elif item in items or customer in accounts:
            made.append(Obstacle.COPY_ASKED.value)
        else:
            made.append("" if written is None or item in written else "letters_not_exhausted")
    return pd.Series(made, index=late.index, dtype="str")


def _copies_asked(
    book: Book, position: Position, policies: Policies
) -> tuple[frozenset[str], frozenset[str]]:
    """Items, and whole accounts by customer, of which a copy was asked for and not sent."""
    found = obstacles(book, position=position, policies=policies)
    asked = found[found["kind"].eq(Obstacle.COPY_ASKED.value)]
    of_account = asked["item_id"].fillna("").eq("")
    return frozenset(asked.loc[~of_account, "item_id"]), frozenset(asked.loc[of_account, "customer_id"])


def _exhausted(book: Book, position: Position, policy: DunningPolicy) -> frozenset[str] | None:
    """Items that had the last letter, whose days of waiting are over on the as-of date; None where nobody can tell."""
    if not book.has("dunning_notices"):
        return None
    last = max(policy.levels, key=lambda each: each.level)
    rows = of_entity(book["dunning_notices"], position.scope.entity)
    until = pd.Timestamp(position.scope.as_of) - pd.Timedelta(days=last.wait_days)
    return frozenset(rows.loc[rows["level"].ge(last.level) & rows["sent_on"].le(until), "item_id"])


def _free(book: Book, late: pd.DataFrame, position: Position) -> pd.Series:
    """What of each item is not in dispute, in the books' currency."""
    parts = disputed_parts(book, position=position).assign(
        instalment_no=lambda rows: rows["instalment_no"].fillna(0)
    )
    taken = parts.groupby(["item_id", "instalment_no"])["books_amount"].sum()
    keys = pd.MultiIndex.from_arrays([late["item_id"], late["instalment_no"].fillna(0)])
    apart = taken.reindex(keys).fillna(0).to_numpy(dtype=np.int64)
    return pd.Series(late["books_amount"].to_numpy(dtype=np.int64) - apart, index=late.index, dtype="Int64")


def _minor(amount: Decimal, currency: str, position: Position) -> int:
    """An amount of the policy in minor units of the books' currency; a missing rate raises RateError."""
    own, code = position.currency, currency or position.currency
    rate = position.rates.find(code, own, position.scope.as_of).value
    exact: Fraction = Fraction(amount) * rate * 10 ** minor_places(own)
    return -(-exact.numerator // exact.denominator)
