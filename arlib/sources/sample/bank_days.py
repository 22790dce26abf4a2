"""Bank statements of the sample company: one a month and account; one account's is late at the close. Floor 2."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from arlib.sources.sample.as_bank import OPENING
from arlib.sources.sample.plan import EntityPlan, Window
from arlib.tables import CANONICAL

LATE_ENTITY, LATE_DAYS = "JP01", 9
DAY = timedelta(days=1)


def statement_tables(
    plan: EntityPlan, window: Window, lines: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """BANK_STATEMENTS of BANK_LINES, the lines with their statement, and the account whose statement is late, if any.

    Every account has a statement for each month to the close and one for the days after it, with or without entries; each
    opens where the last one closed. In one entity the quietest account outside the books' currency has had none for nine
    days at the close; its next statement comes after the last day.
    """
    made: list[dict[str, Any]] = []
    of_line = pd.Series(pd.NA, index=lines.index, dtype="object")
    names = ["booking_date", "bank_line_id", "bank_account", "currency", "amount"]
    late = _late_account(plan, window, lines)
    first = min(lines["booking_date"].min().date(), window.first).replace(day=1)
    for account, mine in lines[names].sort_values(names[:2]).groupby("bank_account", sort=True):
        opening = OPENING
        day = mine["booking_date"].to_numpy()
        for number, (start, end) in enumerate(_spans(first, window, is_late=account == late), start=1):
            own = mine.iloc[slice(*np.searchsorted(day, [np.datetime64(start), np.datetime64(end + DAY)]))]
            net, name = int(own["amount"].sum()), f"{account}-{number:03d}"
            of_line[own.index] = name
            text = "\n".join(
                f"{line} {amount}" for line, amount in zip(own["bank_line_id"], own["amount"], strict=True)
            )
            made.append({
                "entity": plan.code, "bank_account": account, "statement_id": name, "kind": "statement", "number": str(number),
                "from_date": start, "to_date": end, "currency": mine["currency"].iloc[0], "opening": opening,
                "closing": opening + net, "entries": len(own), "net": net, "repeated": 0,
                "content_sha256": hashlib.sha256(f"{opening}\n{text}".encode()).hexdigest(),
            })  # fmt: skip
            opening += net
    frame = CANONICAL["bank_statements"].from_rows(made)
    return frame, lines.assign(statement_id=of_line.astype("str")), late


def _late_account(plan: EntityPlan, window: Window, lines: pd.DataFrame) -> str:
    """The account whose last line is oldest, of those in other currencies; '' in the other entities."""
    if plan.code != LATE_ENTITY:
        return ""
    past = lines[(lines["booking_date"] <= pd.Timestamp(window.as_of)) & lines["currency"].ne(plan.currency)]
    last = past.groupby("bank_account")["booking_date"].max().sort_values(kind="stable")
    return str(last.index[0]) if len(last) else ""


def _spans(first: date, window: Window, *, is_late: bool) -> list[tuple[date, date]]:
    """First and last days of the statements."""
    ends = [end.date() for end in pd.date_range(first, window.as_of, freq="ME")]
    if is_late:
        ends[-1] = window.as_of - timedelta(days=LATE_DAYS)
    else:
        ends.append(window.date(window.last))
    starts = [first, *(end + DAY for end in ends[:-1])]
    return list(zip(starts, ends, strict=True))
