"""The two pictures of a case: what is open by age, and how the balance went. Floor 3."""

from __future__ import annotations

import pandas as pd

from arlib.collect.customer import AgingLine
from arlib.money import format_minor, iso_code, total
from arlib.report.case_file.facts import CaseFacts
from arlib.report.model import Chart, ChartKind
from arlib.report.tables import in_words
from arlib.report.words import amount_text, day_text, money_text
from arlib.tables import Column, Kind, Table

MONTHS = 12  # month ends on the picture, before the as-of date itself

BALANCE_BY_MONTH = Table("balance_by_month", "the customer's balance at the end of a day", ("currency", "day"), (
    Column("currency", Kind.TEXT, "document currency", True),
    Column("day", Kind.DAY, "last day of a month, or the as-of date", True),
    Column("balance", Kind.MONEY, "balance at its end", True, currency="currency"),
    Column("moved", Kind.MONEY, "change since the day before on this list; empty for the first of all", currency="currency"),
))  # fmt: skip


def balance_by_month(facts: CaseFacts) -> pd.DataFrame:
    """BALANCE_BY_MONTH: each month end of the last year that the account was alive, and the as-of date."""
    days = facts.by_day
    last = pd.Timestamp(facts.scope.as_of)
    first = last - pd.DateOffset(months=MONTHS)
    is_end = days["day"].dt.is_month_end | days["day"].eq(last)
    rows = days[is_end & days["day"].ge(first)].sort_values(
        ["currency", "day"], kind="stable", ignore_index=True
    )
    before = rows.groupby("currency", sort=False)["balance"].shift()
    earlier = days[days["day"].lt(first)].groupby("currency")["balance"].last()
    base = before.fillna(rows["currency"].map(earlier).astype("Int64"))
    return BALANCE_BY_MONTH.typed(rows.assign(moved=rows["balance"] - base))


def charts_of(facts: CaseFacts, months: pd.DataFrame) -> tuple[Chart, ...]:
    """Aging bars and the line of the balance, both in the currency of most items."""
    return (_aging(facts), _balance(facts, months))


def aging_line(facts: CaseFacts) -> AgingLine | None:
    """The aging in the currency of the pictures; None where nothing is open in it."""
    return next((line for line in facts.header.aging if line.currency == facts.currency), None)


def _aging(facts: CaseFacts) -> Chart:
    code, line = facts.currency, aging_line(facts)
    buckets = line.buckets if line else tuple((name, 0) for name in facts.policies.aging.buckets)
    frame = pd.DataFrame({
        "label": pd.Series([in_words(name) for name, _ in buckets], dtype="str"),
        "amount": pd.Series([amount for _, amount in buckets], dtype="Int64"),
    })  # fmt: skip
    whole = sum(amount for _, amount in buckets)
    late = sum(amount for name, amount in buckets if name in facts.policies.aging.past_due_buckets)
    day = day_text(facts.scope.as_of)
    sentence = f"{money_text(whole, code)} is open at {day}, of which {money_text(late, code)} is past due."
    alt = "Bars by age: " + "; ".join(
        f"{in_words(name)} {amount_text(amount, code)}" for name, amount in buckets
    )
    return Chart(name="aging", title=f"Open amount by age, {iso_code(code)}", sentence=sentence,
                 alt=f"{alt}. {sentence}", kind=ChartKind.AGING_BARS, frame=frame, currency=code)  # fmt: skip


def _balance(facts: CaseFacts, months: pd.DataFrame) -> Chart:
    code = facts.currency
    rows = months[months["currency"].eq(code)]
    labels = [f"{day:%Y-%m}" if day.is_month_end else f"{day:%Y-%m-%d}" for day in rows["day"]]
    texts = [format_minor(int(amount), code) for amount in rows["balance"]]
    frame = pd.DataFrame({
        "label": pd.Series(labels, dtype="str"),
        "series": pd.Series(["Balance"] * len(rows), dtype="str"),
        "value": pd.Series(texts, dtype="str"),
    })  # fmt: skip
    if rows.empty:
        sentence = "Nothing was posted on this account."
    else:
        change = total(rows["moved"].iloc[1:])
        first = money_text(int(rows["balance"].iloc[0]), code)
        sentence = (
            f"The balance went from {first} at {labels[0]} to {money_text(int(rows['balance'].iloc[-1]), code)} at "
            f"{labels[-1]}, {'up' if change > 0 else 'down'} by {money_text(abs(change), code)}."
            if change
            else f"The balance is {first}, as it was at {labels[0]}."
        )
    told = "; ".join(
        f"{day} {amount_text(int(minor), code)}" for day, minor in zip(labels, rows["balance"], strict=True)
    )
    return Chart(name="balance", title="Balance at month ends", sentence=sentence,
                 alt=f"A line over days: {told}. {sentence}" if told else sentence, kind=ChartKind.LINES, frame=frame,
                 currency=code, unit=iso_code(code))  # fmt: skip
