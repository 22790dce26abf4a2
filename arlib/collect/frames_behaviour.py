"""Declared table of payment behaviour. Floor 1.

Days that may be fractions and shares are decimal text. Amounts are minor units of the books' currency, at booking rates
where they are of the past and at closing rates where they are open.
"""

from __future__ import annotations

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE


def _days(name: str, meaning: str) -> Column:
    return Column(name, R, meaning, may_be_zero=True)


PAYMENT_BEHAVIOUR = Table("payment_behaviour", "how a customer pays", ("entity", "customer_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer code at the as-of date", True, is_key=True),
    Column("name", T, "name; never trusted as a formula or markup"),
    Column("payments", N, "receipts of the months looked at that paid anything of the customer's debts", True),
    Column("payments_waiting", N, "receipts of these months that are not applied, in full or in part", True),
    Column("items_paid", N, "items that they paid on", True),
    Column("currency", T, "books' currency", True),
    Column("amount", M, "what they paid, net of reversals and returns", True, currency="currency"),
    _days("mean_days_late", "days from the original due date to the payment, weighted by amount; negative is early"),
    _days("median_days_late", "the same in the middle of all payments on items"),
    _days("spread_days", "from the lower to the upper quartile of the days late"),
    _days("late_share", "share of the amount that came after the original due date"),
    _days("recent_days_late", "mean days late of the last months"),
    _days("earlier_days_late", "mean days late of the months before them"),
    _days("trend_days", "recent less earlier: above 0 is getting later; empty with too few payments in either"),
    Column("last_payment_on", D, "day of the last payment, however long ago"),
    Column("last_payment_amount", M, "what came in on that day", currency="currency"),
    Column("returned_payments", N, "payments that came back in the months looked at", True),
    Column("broken_promises", N, "promises due in the months looked at that were broken", True),
    Column("highest_balance", M, "highest balance at the end of a day in these months, net of credits", currency="currency"),
    Column("highest_balance_on", D, "first day of it"),
    Column("open_debits", M, "owed at the as-of date, credits not netted", True, currency="currency"),
    _days("arrears_days", "days past due of what is owed now, weighted by amount; what is not due counts as 0"),
    Column("punctuality", N, "points for the mean days late"),
    Column("on_time", N, "points for the share paid in time"),
    Column("steadiness", N, "points for a small spread"),
    Column("trend", N, "points for not getting later"),
    Column("reliability", N, "points for kept promises and payments that did not come back"),
    Column("arrears", N, "points for what is open not being late"),
    Column("score", N, "sum of the points, 0 to 100; empty with too few payments"),
    Column("score_text", T, "the score in words", True),
    Column("habit_days", N, "median days late, to the whole day"),
    Column("habit", T, "how the customer pays, in words", True),
    Column("note", T, "what could not be counted"),
))  # fmt: skip
