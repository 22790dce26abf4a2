"""Contacts of the sample's collections desk: touches, letters, promises, disputes, plans. Floor 2.

Accounts that the credit cases use are touched by no word of the owner, so that neither a clock of unclaimed property nor a
limitation starts anew.
"""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from arlib.sources.sample.collect_desk import MANAGER, CollectDesk, Row

CAUSES = {
    "price": (("price_list_not_updated", "sales"), ("wrong_price_keyed", "billing")),
    "quality": (("damaged_in_transit", "logistics"), ("below_specification", "quality")),
    "not_delivered": (("lost_by_carrier", "logistics"), ("delivered_elsewhere", "logistics")),
    "no_order": (("order_no_not_taken", "order_management"), ("customer_error", "customer")),
    "tax": (("wrong_tax_code", "tax"), ("certificate_not_on_file", "sales")),
}
LETTERS = ((1, 6, "email"), (2, 22, "email"), (3, 43, "letter"))  # level, days after the due date, channel
QUIET = frozenset(("silent_large", "mail_bounced", "estate", "sanctioned", "cease_contact"))


def touches(desk: CollectDesk) -> list[Row]:
    """Calls and mails of the last weeks on drawn accounts that owe; every eighth was left alone."""
    collector = desk.tables["customers"].set_index("customer_id")["collector"]
    drawn = set(desk.drawn()["customer_id"])
    owing = [c for c in dict.fromkeys(desk.debits["customer_id"]) if c in drawn]
    made: list[Row] = []
    for number, customer in enumerate(owing):
        if number % 8 == 7:
            continue
        for back in (2 + number % 9, 17 + number % 9, 33 + number % 9):
            made.append({
                "activity_id": f"AT{len(made) + 1:06d}", "customer_id": customer, "done_by": collector.get(customer),
                "occurred_at": desk.books.at(desk.books.worked(desk.ago(back)), 11), "kind": ("email", "call")[(number + back) % 2],
                "outcome": ("will pay", "no answer", "no answer")[(number + back) % 3],
            })  # fmt: skip
    return made


def scripted_touches(desk: CollectDesk) -> list[Row]:
    """What was said to the scripted accounts."""
    collector = desk.tables["customers"].set_index("customer_id")["collector"]
    said: dict[str, tuple[tuple[int, str, str], ...]] = {
        "broken_promise": ((30, "email", "no answer"), (20, "call", "promised"), (5, "call", "no answer")),
        "promise_kept": ((30, "email", "no answer"), (20, "call", "promised")),
        "promise_open": ((14, "email", "no answer"), (3, "call", "promised")),
        "silent_large": ((47, "call", "reached"), (33, "email", "no answer"), (20, "call", "no answer"), (9, "letter", "no answer"),
                         (3, "call", "no answer")),
        "answered_large": ((47, "call", "reached"), (33, "email", "no answer"), (20, "call", "no answer"), (8, "call", "reached")),
        "disputed": ((16, "email", "replied"), (6, "call", "reached")),
        "mail_bounced": ((9, "email", "bounced"),),
        "portal_rejected": ((11, "call", "reached"), (4, "email", "asks for a copy")),
    }  # fmt: skip
    made: list[Row] = []
    for part, told in desk.books.told.items():
        if part in QUIET and part not in said:
            continue
        for back, kind, outcome in said.get(part, ((22, "email", "no answer"), (7, "call", "reached"))):
            day = desk.books.worked(desk.ago(back))
            if part not in said and day <= told.items[0]["document_date"]:
                continue
            made.append({
                "activity_id": f"AK{len(made) + 1:06d}", "customer_id": told.customer, "done_by": collector.get(told.customer),
                "occurred_at": desk.books.at(day, 14), "kind": kind, "outcome": outcome,
            })  # fmt: skip
    return made


def notices(desk: CollectDesk) -> list[Row]:
    """Letters sent so far on what is late: each level at its time, the last one of some items not yet."""
    # the first letter goes out six days late, and not in the last four days
    rows = desk.debits[desk.debits["due_date"] <= pd.Timestamp(desk.ago(10))]
    rows = rows[["customer_id", "item_id", "currency", "due_date", "rest"]]
    disputes = desk.tables["disputes"]
    argued = set(disputes.loc[disputes["closed_on"].isna(), "item_id"].dropna())
    held = set(desk.tables["plans"]["customer_id"]) | {
        desk.told(part).customer for part in ("exception_valid", "exception_expired")
    }
    held |= {desk.told(part).customer for part in ("disputed", "plan_running", "plan_default", "covered")}
    made: list[Row] = []
    letters: dict[tuple[str, str, date, int], str] = {}
    for number, item in enumerate(rows.to_dict("records")):
        if item["item_id"] in argued or item["customer_id"] in held:
            continue
        due = item["due_date"].date()
        late = [(level, due + timedelta(days=after), channel) for level, after, channel in LETTERS]
        sent = [each for each in late if each[1] <= desk.ago(4)]
        for level, day, channel in sent[: len(sent) - (number % 3 == 0)]:
            key = (item["customer_id"], item["currency"], day, level)
            letters.setdefault(key, f"DU{len(letters) + 1:06d}")
            made.append({
                "notice_id": letters[key], "customer_id": item["customer_id"], "item_id": item["item_id"], "level": level,
                "sent_on": day, "channel": channel, "currency": item["currency"], "amount": int(item["rest"]),
            })  # fmt: skip
    return made


def promises(desk: CollectDesk) -> list[Row]:
    """A promise broken, one kept and one not yet due."""
    given = (
        ("broken_promise", 20, 10, "broken"),
        ("promise_kept", 20, 10, "kept"),
        ("promise_open", 3, -9, "open"),
    )
    made = []
    for number, (part, promised, by, state) in enumerate(given, 1):
        told = desk.told(part)
        item = told.items[0]
        made.append({
            "promise_id": f"PC{number:05d}", "customer_id": told.customer, "item_id": item["item_id"],
            "currency": item["currency"], "amount": item["amount"], "promised_on": desk.books.worked(desk.ago(promised)),
            "pay_by": desk.ago(by), "closed_on": None if state == "open" else desk.ago(by), "state": state,
            "owner": desk.plan.collectors[0],
        })  # fmt: skip
    return made


def disputes(desk: CollectDesk) -> list[Row]:
    """A dispute of a whole invoice, and one of a quarter of an invoice."""
    made: list[Row] = []
    for part, share, reason in (("disputed", 1, "quality"), ("disputed_part", 4, "price")):
        told = desk.told(part)
        item = told.items[0]
        made.append({
            "dispute_id": f"DC{len(made) + 1:05d}", "customer_id": told.customer, "item_id": item["item_id"],
            "currency": item["currency"], "amount": int(item["amount"]) // share, "opened_on": desk.ago(15),
            "owner": item["sales_rep"], "state": "open", "reason": reason,
        })  # fmt: skip
    return made


def plans(desk: CollectDesk) -> list[Row]:
    """Two arrangements that run, as far as the books say."""
    return [
        {
            "plan_id": f"PC{number:04d}", "customer_id": desk.told(part).customer, "item_id": desk.told(part).items[0]["item_id"],
            "currency": desk.plan.currency, "amount": desk.told(part).items[0]["amount"], "agreed_on": desk.ago(40),
            "state": "running", "agreed_by": MANAGER, "reference": f"ARR-C{number}",
        }
        for number, part in enumerate(("plan_running", "plan_default"), 1)
    ]  # fmt: skip


def instalments(desk: CollectDesk) -> list[Row]:
    """Three parts each; the first one fell due and was paid, or was not."""
    made = []
    for number, part in enumerate(("plan_running", "plan_default"), 1):
        amount = int(desk.told(part).items[0]["amount"])
        third = amount // 3
        for place, own in enumerate((third, third, amount - 2 * third)):
            made.append({
                "plan_id": f"PC{number:04d}", "instalment_no": place + 1, "due_date": desk.ago(12 - 30 * place),
                "currency": desk.plan.currency, "amount": own, "interest": 0,
            })  # fmt: skip
    return made


def with_next(activities: pd.DataFrame) -> pd.DataFrame:
    """ACTIVITIES with the day agreed for the next contact: a fortnight on."""
    talked = activities["kind"].isin(["call", "email"]) & activities["outcome"].ne("bounced")
    day = activities["occurred_at"].dt.tz_localize(None).dt.normalize().astype(
        "datetime64[s]"
    ) + pd.Timedelta(days=14)
    return activities.assign(next_on=activities["next_on"].fillna(day.where(talked)))


def with_causes(disputes: pd.DataFrame) -> pd.DataFrame:
    """DISPUTES with what went wrong and where, as found when they were settled."""
    found = [
        CAUSES[reason][n % 2] if reason in CAUSES and pd.notna(closed) else (None, None)
        for n, (reason, closed) in enumerate(zip(disputes["reason"], disputes["closed_on"], strict=True))
    ]
    return disputes.assign(
        root_cause=pd.Series([cause for cause, _ in found], index=disputes.index, dtype="str"),
        team=pd.Series([team for _, team in found], index=disputes.index, dtype="str"),
    )
