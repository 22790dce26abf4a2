"""The call list of each collector, and what is left out of it: together all that is past due. Floor 1.

What a call is worth today:

    expected = collectable x rate x (1 + uplifts), or x within_habit_factor where the account is not later than usual

`rate` is the share that the past brought in within the policy's days, by habit and bucket (`chances`), weighted by what
is collectable in each bucket. The uplifts are the policy's judgement, not history's: a broken promise, silence, and
being later than the customer's own habit. A promise whose debt is on a kept arrangement, or otherwise not to be called
for, is no broken one here. Up to 70 % of early calls go to accounts that pay anyway (FIS GetPaid); the
factor puts those behind the others. A broken promise overrules it. Nothing is expected above what is collectable.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.work_lists.cases import Cases
from arlib.collect.work_lists.chances import share_text
from arlib.collect.work_lists.frames import ACCOUNT_PARTS, CALL_LIST, Turn
from arlib.collect.work_lists.words import call_reason
from arlib.credit.write_off.words import day_of, money
from arlib.money import times, totals_by, translate_at
from arlib.policy import Policies
from arlib.tables.rows import Row, is_none, records, text, whole

Rates = dict[tuple[str, str], Fraction]
SUMS = ["outstanding", "excluded", "planned", "disputed", "promised", "cash", "credits", "collectable"]


def account_parts(split: pd.DataFrame, rates: Rates, *, entity: str) -> pd.DataFrame:
    """Sums of the split by customer and currency: ACCOUNT_PARTS. Needs what `split_past_due` returned, with `habit`."""
    keys = ["customer_id", "currency"]
    made = totals_by(split, keys, SUMS).rename(columns={"outstanding": "past_due"})
    by_bucket = totals_by(split, [*keys, "habit", "bucket"], "collectable")
    expected: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in by_bucket.to_dict("records"):
        expected[row["customer_id"], row["currency"]] += (
            whole(row["collectable"]) * rates[row["habit"], row["bucket"]]
        )
    return ACCOUNT_PARTS.typed(
        made.assign(
            entity=entity,
            covered=made["cash"] + made["credits"],
            expected=[times(1, expected[key]) for key in zip(made["customer_id"], made["currency"], strict=True)],
        )
    )  # fmt: skip


def call_list(
    split: pd.DataFrame,
    parts: pd.DataFrame,
    rates: Rates,
    *,
    position: Position,
    cases: Cases,
    policies: Policies,
) -> pd.DataFrame:
    """A row for each customer that a call can bring money from: CALL_LIST, ranked within each collector.

    Needs the split with `habit` and `usual_days`, and ACCOUNT_PARTS. Amounts of several currencies of a customer are
    added at closing rates; what has no rate is said in words, and a customer without any rate comes last. Ranks are by
    expected recovery, then collectable amount, then customer code; the first `calls_per_collector` are for today. Who was
    reached and agreed to a contact on a later day is for next, unless a promise or an instalment fell through since, and
    takes no place of the day.
    """
    mine = in_books(split[split["collectable"].gt(0)], position)
    known = _Known(cases, parts, split, position)
    worth = _Worth(mine, rates)
    facts = mine.groupby("customer_id", sort=True).agg(
        collector=("collector", "first"), name=("name", "first"), usual_days_late=("usual_days", "first"),
        oldest_due_date=("aged_from", "min"), max_days_past_due=("days_past_due", "max"), least_days=("days_past_due", "min"),
    )  # fmt: skip
    rows = [
        _call(row, worth, known, position=position, policies=policies) for row in records(facts.reset_index())
    ]
    rows.sort(key=_worth)
    rank: dict[str, int] = defaultdict(int)
    full: dict[str, int] = defaultdict(int)
    for row in rows:
        whose = row["collector"]
        rank[whose] += 1
        is_today = not row.pop("can_wait") and full[whose] < policies.work_list.calls_per_collector
        full[whose] += is_today
        row |= {"rank": rank[whose], "turn": (Turn.TODAY if is_today else Turn.NEXT).value}
    return CALL_LIST.from_rows(rows)


def in_books(rows: pd.DataFrame, position: Position) -> pd.DataFrame:
    """The rows with `books`: what is collectable at the closing rate, missing where there is none."""
    rated = rows[~rows["currency"].isin(position.unrated)]
    books = translate_at(
        rated["collectable"], from_currency=rated["currency"], to_currency=position.currency,
        rates=position.rates, on=position.scope.as_of,
    )  # fmt: skip
    return rows.assign(books=books.reindex(rows.index).astype("Int64"))


def _worth(row: Row) -> tuple[Any, ...]:
    """Collectors by name; of each the call that is worth most first, one without a known amount last."""
    expected = -1 if row["expected"] is None else row["expected"]
    return row["collector"], -expected, -(row["collectable"] or 0), row["customer_id"]


class _Known:
    """What is on record of each customer, by its code."""

    def __init__(self, cases: Cases, parts: pd.DataFrame, split: pd.DataFrame, position: Position) -> None:
        """Broken promises that are still owed, arrangements that are behind, contacts, past due and its parts."""
        promises, plans = cases.promises, cases.plans
        broken = promises[
            promises["state"].isin(("broken", "partly")) & promises["open_now"].gt(0).fillna(False)
        ]
        broken = broken[_is_called_for(broken, split, cases).to_numpy(dtype=bool)]
        latest = broken.sort_values(["pay_by", "promise_id"], ascending=[False, True], kind="stable")
        behind = plans["is_running"].fillna(False).astype(bool) & plans["missed"].gt(0).fillna(False)
        owed = totals_by(split[split["books_amount"].notna()], ["customer_id"], "books_amount")
        self.promises, self.plans, self.parts = (
            by_customer(latest),
            by_customer(plans[behind]),
            by_customer(parts),
        )
        self.touches = {code: rows[0] for code, rows in by_customer(cases.touches).items()}
        self.customers = {code: rows[0] for code, rows in by_customer(position.customers).items()}
        self.past_due = dict(zip(owed["customer_id"], owed["books_amount"], strict=True))
        self.planned = {code: rows[0] for code, rows in by_customer(cases.next_contacts).items()}
        in_way = cases.obstacles
        is_late = in_way["item_id"].fillna("").eq("") | in_way["item_id"].isin(
            split.loc[split["collectable"].gt(0), "item_id"]
        )
        self.obstacles = by_customer(in_way[is_late.to_numpy(dtype=bool)])
        self.has_touches = bool(cases.touches["last_contact_on"].notna().any())


def _is_called_for(promises: pd.DataFrame, split: pd.DataFrame, cases: Cases) -> pd.Series:
    """Whether a call is for what was promised: something of its item, or of what carries it on, is collectable.

    A promise of the account stands unless the account agreed to an arrangement since, which is kept.
    """
    due = set(split.loc[split["collectable"].gt(0), "item_id"])
    due |= set(cases.replaced.loc[cases.replaced["item_id"].isin(due), "old"])
    plans = cases.plans
    kept = plans[
        plans["is_running"].fillna(False).astype(bool) & ~plans["is_default"].fillna(False).astype(bool)
    ]
    agreed = kept.groupby(["customer_id", "currency"])["agreed_on"].max()
    since = agreed.reindex(pd.MultiIndex.from_frame(promises[["customer_id", "currency"]])).set_axis(
        promises.index
    )
    item = promises["item_id"].fillna("")
    return item.isin(due).where(item.ne(""), ~since.ge(promises["promised_on"]))


def by_customer(frame: pd.DataFrame) -> dict[str, list[Row]]:
    """The rows of each customer code as plain mappings, in their order."""
    made: dict[str, list[Row]] = defaultdict(list)
    for row in records(frame):
        made[text(row["customer_id"])].append(row)
    return made


class _Worth:
    """What can be collected of each customer in the books' currency, what the past expects of it, and what has no rate."""

    def __init__(self, mine: pd.DataFrame, rates: Rates) -> None:
        """Needs rows with `habit` and `books`."""
        rated, unrated = mine[mine["books"].notna()], mine[mine["books"].isna()]
        self.collectable: dict[str, int] = defaultdict(int)
        self.base: dict[str, Fraction] = defaultdict(Fraction)
        for row in records(totals_by(rated, ["customer_id", "habit", "bucket"], "books")):
            self.collectable[row["customer_id"]] += row["books"]
            self.base[row["customer_id"]] += row["books"] * rates[row["habit"], row["bucket"]]
        self.unrated = {
            str(code): unrated_words(own, "collectable")
            for code, own in unrated.groupby("customer_id", sort=True)
        }


def _call(row: Row, worth: _Worth, known: _Known, *, position: Position, policies: Policies) -> Row:
    """One call: whom, how much it is worth, and why."""
    code, as_of = str(row["customer_id"]), position.scope.as_of
    touch, customer = known.touches.get(code, {}), known.customers.get(code, {})
    planned = known.planned.get(code, {})
    facts: Row = {
        "max_days_past_due": int(row["max_days_past_due"]),
        "has_several": row["max_days_past_due"] > row["least_days"],
        "usual_days_late": row["usual_days_late"],
        "last_contact_on": touch.get("last_contact_on"),
        "last_right_contact_on": touch.get("last_right_contact_on"),
        "next_on": touch.get("next_on"),
        "is_agreed": bool(planned.get("is_right", False)),
        "has_touches": known.has_touches,
        "unrated": worth.unrated.get(code, ""),
    }
    broken, behind = known.promises.get(code, []), known.plans.get(code, [])
    factor = _factor(facts, is_broken=bool(broken or behind), policies=policies, as_of=as_of)
    collectable = expected = chance = None
    if code in worth.collectable:
        collectable = worth.collectable[code]
        expected = min(times(1, worth.base[code] * factor), collectable)
        chance = share_text(Fraction(expected, collectable)) if collectable else None
    return {
        "entity": position.scope.entity, "customer_id": code, "collector": text(row["collector"]), "name": row["name"],
        "contact": customer.get("contact"), "phone": customer.get("phone"), "currency": position.currency,
        "past_due": known.past_due.get(code), "collectable": collectable, "chance": chance, "expected": expected,
        "oldest_due_date": row["oldest_due_date"], "max_days_past_due": facts["max_days_past_due"],
        "usual_days_late": facts["usual_days_late"], "last_contact_on": facts["last_contact_on"], "next_on": facts["next_on"],
        "reason": call_reason(facts, promises=broken, plans=behind, parts=known.parts.get(code, []),
                              obstacles=known.obstacles.get(code, []), as_of=as_of,
                              silent_days=policies.work_list.silent_days),
        "can_wait": _can_wait(planned, broken, behind, as_of=as_of),
    }  # fmt: skip


def _can_wait(planned: Row, broken: list[Row], behind: list[Row], *, as_of: date) -> bool:
    """Whether the customer was reached, agreed to a contact on a later day, and has broken no word since."""
    until, agreed = day_of(planned.get("next_on")), day_of(planned.get("on"))
    if not planned.get("is_right") or until is None or agreed is None or until <= as_of:
        return False
    failed = [
        *(day_of(row["judged_on"]) for row in broken),
        *(day_of(row["oldest_missed"]) for row in behind),
    ]
    return not any(day is not None and day > agreed for day in failed)


def _factor(facts: Row, *, is_broken: bool, policies: Policies, as_of: date) -> Fraction:
    """What a call adds to the rate of the past, by the policy."""
    policy = policies.work_list
    made = Fraction(1) + (Fraction(policy.broken_promise_uplift) if is_broken else 0)
    reached, late = day_of(facts["last_right_contact_on"]), facts["max_days_past_due"]
    quiet_days = late if reached is None else (as_of - reached).days
    if facts["has_touches"] and quiet_days >= policy.silent_days:
        made += Fraction(policy.silence_uplift)
    if is_none(facts["usual_days_late"]):
        return made
    if late > int(facts["usual_days_late"]):
        return made + Fraction(policy.past_habit_uplift)
    return made if is_broken else made * Fraction(policy.within_habit_factor)


def unrated_words(rows: pd.DataFrame, column: str) -> str:
    """Sums of amounts without a closing rate, by currency: `BRL 1,200.00, CLP 400`; '' without any."""
    sums = totals_by(rows, ["currency"], column)
    return ", ".join(money(amount, code) for code, amount in zip(sums["currency"], sums[column], strict=True))
