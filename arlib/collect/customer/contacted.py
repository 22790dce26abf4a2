"""When a customer was last spoken to, and whether that is too long ago. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.contact.cadence import account_touches, knows_contacts
from arlib.collect.contact.touches import activities_until, touches
from arlib.collect.customer.model import Contact
from arlib.collect.customer.own import Account
from arlib.credit.write_off.words import day, day_of, in_words
from arlib.tables.rows import Row, is_none, records, text


def contact_of(here: Account) -> Contact:
    """The last contact by the contact policy, days without one against it, and the last touch of any kind.

    A contact of the as-of date counts. Where nothing is open, no contact is due. Uses ACTIVITIES, DUNNING_NOTICES.
    """
    scope, policies = here.scope, here.policies
    known = here.own(touches(here.book, scope=scope, policies=policies))
    known = known.sort_values(["on", "at", "source_id"], kind="stable")
    last = _last(known)
    right = _last(known[known["is_right"].to_numpy(dtype=bool)])
    agreed = _last(known[known["next_on"].notna().to_numpy(dtype=bool)])
    judged = here.own(account_touches(here.book, position=here.position, policies=policies))
    cadence = records(judged)[0] if len(judged) else {}
    last_on = day_of(last.get("on"))
    touched = _last_touch(here)
    return Contact(
        last_on=last_on, last_kind=text(last.get("kind")), last_outcome=text(last.get("outcome")),
        last_by=text(last.get("done_by")), last_right_on=day_of(right.get("on")), next_on=day_of(agreed.get("next_on")),
        days_since=None if last_on is None else (scope.as_of - last_on).days,
        allowed_days=_number(cadence.get("allowed_days")), days_over=_number(cadence.get("days_over")),
        is_in_time=None if is_none(cadence.get("is_in_time")) else bool(cadence["is_in_time"]),
        words=_words(here, last, cadence), last_touch_on=day_of(touched.get("on")),
        last_touch_words=_touch_words(touched),
    )  # fmt: skip


def _last(rows: pd.DataFrame) -> Row:
    return records(rows.tail(1))[0] if len(rows) else {}


def _number(value: object) -> int | None:
    return None if is_none(value) else int(str(value))


def _words(here: Account, last: Row, cadence: Row) -> str:
    if cadence:
        return text(cadence["what"])
    if not knows_contacts(here.book):
        return "No contacts in the books."
    said = f"Last contact {day(last['on'])} ({text(last['kind'])})" if last else "Never contacted"
    return f"{said}; nothing is open, so no contact is due."


def _last_touch(here: Account) -> Row:
    rows = here.own(activities_until(here.book, scope=here.scope))
    return _last(rows.sort_values(["occurred_at", "activity_id"], kind="stable"))


def _touch_words(row: Row) -> str:
    if not row:
        return "no activity on file"
    by = f" by {text(row['done_by'])}" if text(row["done_by"]) else ""
    outcome = f", {text(row['outcome'])}" if text(row["outcome"]) else ""
    note = f": {text(row['text'])}" if text(row["text"]) else ""
    return f"{in_words(row['kind'])}{by} on {day(row['on'])}{outcome}{note}"
