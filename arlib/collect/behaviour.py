"""How each customer pays: days late, trend, failures, highest balance, and a score with its parts named. Floor 1.

The score is a sum of six parts, each of which falls in a straight line (`ScorePolicy`): punctuality has the most
points since amount-weighted days beyond terms is what trade credit indices are built on; arrears stand beside it
because an invoice that is never paid has no days late. Nothing is fitted or learned, so anyone can work it out again.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from arlib.collect.contact.frames import PromiseState
from arlib.collect.contact.promises import judged_promises
from arlib.collect.frames_behaviour import PAYMENT_BEHAVIOUR
from arlib.collect.paid import Lines, paid_lines
from arlib.collect.peaks import highest_balances
from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, is_among, of_entity, require_no_overflow
from arlib.money import divide, iso_code, totals_by
from arlib.policy import Policies, Scope
from arlib.policy.credit_review import ScorePolicy
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES
from arlib.tables.rows import Row, is_none, records, whole


def payment_behaviour(
    book: Book, *, position: Position, policies: Policies, promises: pd.DataFrame | None = None
) -> pd.DataFrame:
    """How every customer of the entity pays: PAYMENT_BEHAVIOUR, sorted by its key.

    A payment is cash applied to a debt, net of reversals, and no more of a receipt than its returns left; the day of it
    is the receipt's business day, or the debt's where the cash was there before, so that our delay in applying it does
    not count. Days late count from the original due date; of an item in due parts, from the earliest part not yet paid.
    The months looked at end with the as-of date, which is in; the day so many months before is not. Needs ITEMS and
    APPLICATIONS; uses CUSTOMERS with mergers, INSTALMENTS, PROMISES (as judged from the ledger), FX_RATES. Works on
    columns, so a million applications take seconds. `promises` is JUDGED_PROMISES where it is at hand already.
    """
    scope, policy = position.scope, policies.credit_review.score
    lines = paid_lines(book, position=position)
    until = pd.Timestamp(scope.as_of)
    since = until - pd.DateOffset(months=policy.months)
    recent = until - pd.DateOffset(months=policy.recent_months)
    every = lines.frame
    mine = every[every["paid_on"].gt(since) & every["paid_on"].le(until)]
    made = pd.DataFrame({"customer_id": _codes(book, position)}).set_index("customer_id")
    made = made.join(_counts(mine)).join(_lateness(mine, ""))
    made = made.join(_lateness(mine[mine["paid_on"].gt(recent)], "recent_"))
    made = made.join(_lateness(mine[mine["paid_on"].le(recent)], "earlier_"))
    made = made.join(_spread(mine)).join(_last(every[every["paid_on"].le(until)]))
    made["returned_payments"] = _returned(book, since, until, scope=scope)
    waiting = waiting_cash(book, position=position)
    made["payments_waiting"] = waiting.loc[waiting["effective_date"].gt(since), "customer_id"].value_counts()
    made["broken_promises"] = _broken(
        judged_promises(book, position=position, policies=policies) if promises is None else promises,
        since,
        until,
    )
    made = made.join(highest_balances(book, position=position, since=since)).join(_arrears(position))
    names = position.customers.drop_duplicates("customer_id").set_index("customer_id")["name"]
    notes = _notes(every, lines)
    made = made.reset_index()
    rows = (_scored(row, policy) for row in records(made))
    framed = PAYMENT_BEHAVIOUR.from_rows(
        {
            **row, "entity": scope.entity, "currency": position.currency,
            "name": names.get(row["customer_id"]), "note": notes.get(row["customer_id"], ""),
        }
        for row in rows
    )  # fmt: skip
    return framed.sort_values(list(PAYMENT_BEHAVIOUR.key), kind="stable", ignore_index=True)


def waiting_cash(book: Book, *, position: Position) -> pd.DataFrame:
    """Rows of `position.credits` that are cash which came in by the as-of date and pays nothing yet, in full or in part.

    What was returned is left out: nobody paid it. Prepayments are cash too. Uses ITEMS.
    """
    scope, rows = position.scope, position.credits
    rows = rows[rows["item_type"].isin(CASH_TYPES) & rows["effective_date"].le(pd.Timestamp(scope.as_of))]
    if rows.empty:
        return rows
    items = of_entity(book["items"], scope.entity)
    back = items[is_among(items["reverses"], rows["item_id"])]
    back = back[counted(back, scope=scope)]
    return rows[~rows["item_id"].isin(back["reverses"])]


def _broken(rows: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """Of JUDGED_PROMISES those due after `since` and by `until` that the ledger shows broken, by customer."""
    mine = rows["state"].eq(PromiseState.BROKEN.value) & rows["pay_by"].gt(since) & rows["pay_by"].le(until)
    return rows.loc[mine, "customer_id"].value_counts()


def _codes(book: Book, position: Position) -> list[str]:
    """Every customer code of the books at the as-of date."""
    scope = position.scope
    named = pd.concat(
        [position.customers["customer_id"], of_entity(book["items"], scope.entity)["customer_id"]]
    )
    codes = pd.Series(named.dropna().unique(), dtype="str")
    return sorted({*merged_codes(codes, book, entity=scope.entity, on=scope.as_of)} - {""})


def _counts(lines: pd.DataFrame) -> pd.DataFrame:
    by = lines.groupby("customer_id", sort=True)
    made = by.agg(payments=("receipt", "nunique"), items_paid=("item", "nunique"))
    made["amount"] = totals_by(lines, "customer_id", "books_amount").set_index("customer_id")["books_amount"]
    return made


def _lateness(lines: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Exact sums for the amount-weighted days late: amount, amount times days, amount late; and receipts."""
    known = lines[lines["days_late"].notna() & lines["books_amount"].notna()]
    amount = known["books_amount"].to_numpy(dtype=np.int64)
    days = known["days_late"].to_numpy(dtype=np.int64)
    require_no_overflow(amount * 1, (amount.astype(np.float64) * days).astype(np.int64))
    work = pd.DataFrame({
        "customer_id": known["customer_id"].to_numpy(), f"{prefix}weight": pd.array(amount, dtype="Int64"),
        f"{prefix}amount_days": pd.array(amount * days, dtype="Int64"),
        f"{prefix}late_amount": pd.array(np.where(days > 0, amount, 0), dtype="Int64"),
    })  # fmt: skip
    made = totals_by(work, "customer_id", list(work.columns[1:])).set_index("customer_id")
    made[f"{prefix}receipts"] = known.groupby("customer_id")["receipt"].nunique()
    return made


def _spread(lines: pd.DataFrame) -> pd.DataFrame:
    """Quartiles of the days late, in quarter days so that they are whole numbers."""
    known = lines[lines["days_late"].notna()]
    grouped = known.assign(days_late=known["days_late"].astype("float64")).groupby("customer_id")["days_late"]
    if known.empty:
        return pd.DataFrame(columns=["q1", "q2", "q3"])
    return pd.DataFrame({
        name: np.rint(4 * grouped.quantile(part)).astype("int64")
        for name, part in (("q1", 0.25), ("q2", 0.5), ("q3", 0.75))
    })  # fmt: skip


def _last(lines: pd.DataFrame) -> pd.DataFrame:
    last = lines.groupby("customer_id")["paid_on"].transform("max")
    newest = lines[lines["paid_on"].eq(last)]
    made = totals_by(newest, "customer_id", "books_amount").set_index("customer_id")
    made.columns = ["last_payment_amount"]
    made["last_payment_on"] = newest.groupby("customer_id")["paid_on"].max()
    return made


def _returned(book: Book, since: pd.Timestamp, until: pd.Timestamp, *, scope: Scope) -> pd.Series:
    """Payments that came back, by customer."""
    items = of_entity(book["items"], scope.entity)
    back = (
        items["item_type"].isin(CASH_TYPES) & items["amount"].gt(0) & items["reverses"].fillna("").ne("")
        & items["effective_date"].gt(since) & items["effective_date"].le(until)
    )  # fmt: skip
    mine = items[back.to_numpy(dtype=bool) & counted(items, scope=scope)]
    return merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of).value_counts()


def _arrears(position: Position) -> pd.DataFrame:
    """What each customer owes, and that times its days past the original due date."""
    debits = position.debits[position.debits["books_amount"].notna()]
    amount = debits["books_amount"].to_numpy(dtype=np.int64)
    days = (pd.Timestamp(position.scope.as_of) - debits["original_due_date"]).dt.days.fillna(0)
    late = days.clip(lower=0).to_numpy(dtype=np.int64)
    require_no_overflow((amount.astype(np.float64) * late).astype(np.int64))
    work = pd.DataFrame({
        "customer_id": debits["customer_id"].to_numpy(), "open_debits": pd.array(amount, dtype="Int64"),
        "open_days": pd.array(amount * late, dtype="Int64"),
    })  # fmt: skip
    return totals_by(work, "customer_id", ["open_debits", "open_days"]).set_index("customer_id")


def _notes(lines: pd.DataFrame, found: Lines) -> dict[str, str]:
    """What could not be counted, by customer."""
    made: dict[str, list[str]] = {}
    undated = lines[lines["days_late"].isna()].groupby("customer_id").size()
    for customer, count in undated.items():
        made.setdefault(str(customer), []).append(
            f"{count} payment{'s' * (count != 1)} on items without a due date say nothing of lateness"
        )
    for customer, code in found.unrated:
        made.setdefault(customer, []).append(
            f"payments in {iso_code(code)} have no amount in the books' currency and are left out"
        )
    return {customer: "; ".join(said) for customer, said in made.items()}


def _scored(row: Row, policy: ScorePolicy) -> Row:
    """A customer's row with days in words, points and score."""
    weight = whole(row["weight"])
    mean = Fraction(whole(row["amount_days"]), weight) if weight else None
    late = Fraction(whole(row["late_amount"]), weight) if weight else None
    has_days = not is_none(row["q2"])
    spread = Fraction(int(row["q3"] - row["q1"]), 4) if has_days else None
    median = Fraction(int(row["q2"]), 4) if has_days else None
    recent, earlier = _window(row, "recent", policy), _window(row, "earlier", policy)
    trend = None if recent is None or earlier is None else recent - earlier
    owed = whole(row["open_debits"])
    arrears = Fraction(whole(row["open_days"]), owed) if owed else Fraction(0)
    failures = whole(row["returned_payments"]) + whole(row["broken_promises"])
    payments, waiting = whole(row["payments"]), whole(row["payments_waiting"])
    made: dict[str, Any] = {
        **row,
        "payments": payments, "payments_waiting": waiting, "items_paid": whole(row["items_paid"]), "amount": whole(row["amount"]),
        "open_debits": owed, "returned_payments": whole(row["returned_payments"]),
        "broken_promises": whole(row["broken_promises"]),
        "mean_days_late": days_text(mean), "median_days_late": days_text(median), "spread_days": days_text(spread),
        "late_share": None if late is None else share_text(late), "recent_days_late": days_text(recent),
        "earlier_days_late": days_text(earlier), "trend_days": days_text(trend), "arrears_days": days_text(arrears),
        "habit_days": None if median is None else _rounded(median),
        "score_text": f"no score: {payments} payment{'s' * (payments != 1)}{' applied' if waiting else ''}",
        "habit": habit_words(payments, median, spread, trend, policy, waiting=waiting),
    }  # fmt: skip
    if payments >= policy.min_payments and mean is not None and late is not None and spread is not None:
        points = {
            "punctuality": falling(policy.punctuality, mean, policy.punctuality_zero_days),
            "on_time": falling(policy.on_time, late, 1),
            "steadiness": falling(policy.steadiness, spread, policy.steadiness_zero_days),
            "trend": falling(policy.trend, trend or Fraction(0), policy.trend_zero_days),
            "reliability": max(0, policy.reliability - policy.points_a_failure * failures),
            "arrears": falling(policy.arrears, arrears, policy.arrears_zero_days),
        }
        score = sum(points.values())
        made |= points | {"score": score, "score_text": f"{score} of 100"}
    return made


def _window(row: Row, name: str, policy: ScorePolicy) -> Fraction | None:
    """Mean days late of a part of the months, None where it has too few payments to say."""
    if whole(row[f"{name}_receipts"]) < policy.trend_min_payments or not whole(row[f"{name}_weight"]):
        return None
    return Fraction(whole(row[f"{name}_amount_days"]), whole(row[f"{name}_weight"]))


def falling(points: int, value: Fraction, zero_at: int) -> int:
    """Points that fall in a straight line from all at 0 or less to none at `zero_at` or more, rounded half up."""
    left = min(Fraction(1), max(Fraction(0), 1 - value / zero_at))
    return divide(points * left.numerator, left.denominator)


def habit_words(
    payments: int,
    median: Fraction | None,
    spread: Fraction | None,
    trend: Fraction | None,
    policy: ScorePolicy,
    *,
    waiting: int = 0,
) -> str:
    """How a customer pays: 'pays 9 days late, steady'; with too few payments, that it cannot be told.

    Cash that nobody applied yet (`waiting` receipts) says nothing of lateness, and is a payment all the same.
    """
    if not payments and waiting:
        return (
            f"none of its {waiting} payments is applied yet"
            if waiting > 1
            else "its one payment is not applied yet"
        )
    if payments < policy.min_payments or median is None or spread is None:
        many = f"{payments} payment{'s' * (payments != 1)} in {policy.months} months"
        return f"{many}: too few to tell" if payments else f"no payment in {policy.months} months"
    days = _rounded(median)
    when = (
        "on the due date"
        if days == 0
        else f"{abs(days)} day{'s' * (abs(days) != 1)} {'late' if days > 0 else 'early'}"
    )
    how = (
        "steady" if spread <= policy.steady_days else "varies" if spread <= policy.varying_days else "erratic"
    )
    if trend is None or abs(trend) < policy.trend_days:
        return f"pays {when}, {how}"
    moved = abs(_rounded(trend))
    return f"pays {when}, {how}, lately {moved} day{'s' * (moved != 1)} {'later' if trend > 0 else 'sooner'}"


def days_text(days: Fraction | None) -> str | None:
    """Days with one place, rounded half up: '9.3'; None where they are not known."""
    if days is None:
        return None
    tenths = divide(10 * days.numerator, days.denominator)
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"


def share_text(share: Fraction) -> str:
    """A share with four places, rounded half up: '0.8312'."""
    parts = divide(10_000 * share.numerator, share.denominator)
    return f"{'-' if parts < 0 else ''}{abs(parts) // 10_000}.{abs(parts) % 10_000:04d}"


def _rounded(value: Fraction) -> int:
    return divide(value.numerator, value.denominator)
