"""What people recorded of one customer: contacts, disputes, promises, notices, holds, changes, decisions. Floor 1.

Rows are as TIMELINE has them, without the step. A record counts from its own day, and where the scope has a knowledge date,
only up to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from arlib.collect.contact.frames import PromiseState
from arlib.collect.contact.records import known_day
from arlib.collect.contact.touches import activities_until
from arlib.collect.customer.frames import TimelineKind
from arlib.collect.customer.own import Account
from arlib.credit.write_off.words import day, in_words, many, money, money_of
from arlib.ledger.facts import of_entity
from arlib.tables.rows import Row, is_none, records, text

K = TimelineKind
RECORD = 30
NO_ITEMS: Mapping[str, str] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """How rows of a table become events: on which day, of which kind, in which words."""

    table: str
    day: str
    kind: TimelineKind
    id: str
    words: Callable[[Row], str]
    by: str = ""
    has_amount: bool = True


def _plain(word: object) -> str:
    return text(word).replace("_", " ")


def _with(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


EVENTS = (
    Event(table="dunning_notices", day="sent_on", kind=K.NOTICE, id="notice_id",
          words=lambda r: f"Dunning level {r['level']} by {_plain(r['channel'])}: {money_of(r)} asked for"),
    Event(table="plans", day="agreed_on", kind=K.PLAN, id="plan_id", by="agreed_by",
          words=lambda r: _with(f"Payment arrangement {r['plan_id']} agreed over {money_of(r)}", text(r["reference"]))),
    Event(table="plans", day="ended_on", kind=K.PLAN, id="plan_id",
          words=lambda r: f"Payment arrangement {r['plan_id']} ended: {_plain(r['state'])}"),
    Event(table="deductions", day="taken_on", kind=K.DEDUCTION, id="deduction_id",
          words=lambda r: _with(f"Deduction {r['deduction_id']} taken: {_plain(r['reason'])}", text(r["reference"]))),
    Event(table="deductions", day="decided_on", kind=K.DEDUCTION, id="deduction_id", by="decided_by",
          words=lambda r: f"Deduction {r['deduction_id']} decided: {_plain(r['state'])}"),
    Event(table="holds", day="placed_on", kind=K.HOLD, id="hold_id", by="owner", has_amount=False,
          words=lambda r: _with(f"{in_words(r['kind'])} hold {r['hold_id']} placed", text(r["reason"]))),
    Event(table="holds", day="lifted_on", kind=K.HOLD, id="hold_id", has_amount=False,
          words=lambda r: f"{in_words(r['kind'])} hold {r['hold_id']} lifted"),
    Event(table="claims", day="opened_on", kind=K.CLAIM, id="claim_id",
          words=lambda r: _with(f"{in_words(r['kind'])}: case opened", text(r["case_no"]), text(r["court"]))),
    Event(table="claims", day="filed_on", kind=K.CLAIM, id="claim_id",
          words=lambda r: f"Claim {r['claim_id']} filed"),
    Event(table="claims", day="closed_on", kind=K.CLAIM, id="claim_id",
          words=lambda r: f"Case of claim {r['claim_id']} closed: {_plain(r['state'])}"),
    Event(table="placements", day="placed_on", kind=K.PLACEMENT, id="placement_id", by="approved_by",
          words=lambda r: f"Placed with {_plain(r['kind'])} {text(r['placed_with'])}"),
    Event(table="placements", day="recalled_on", kind=K.PLACEMENT, id="placement_id",
          words=lambda r: f"Came back from {_plain(r['kind'])} {text(r['placed_with'])}"),
    Event(table="collection_exceptions", day="valid_from", kind=K.EXCEPTION, id="exception_id", by="approved_by", has_amount=False,
          words=lambda r: _with(f"Outside the procedure ({_plain(r['procedure'])})", text(r["reason"]),
                                f"until {day(r['expires_on'])}" if day(r["expires_on"]) else "without an end")),
    Event(table="terms_exceptions", day="granted_on", kind=K.EXCEPTION, id="exception_id", by="approved_by", has_amount=False,
          words=lambda r: _with(f"Terms granted: {text(r['terms'])}", text(r["reason"]),
                                f"until {day(r['expires_on'])}" if day(r["expires_on"]) else "")),
    Event(table="portal_invoices", day="status_on", kind=K.PORTAL, id="item_id", has_amount=False,
          words=lambda r: _with(f"Portal {text(r['portal'])}: {_plain(r['status'])}",
                                f"to be paid {day(r['pay_date'])}" if day(r["pay_date"]) else "", text(r["reason"]))),
    Event(table="adjustment_requests", day="requested_on", kind=K.REQUEST, id="request_id", by="requested_by",
          words=lambda r: _with(f"{in_words(r['kind'])} asked for ({_plain(r['reason'])})", text(r["evidence"]), text(r["text"]))),
    Event(table="decided_proposals", day="decided_on", kind=K.DECISION, id="proposal_id", by="decided_by",
          words=lambda r: f"Proposal {r['proposal_id']} ({_plain(r['kind'])}): {text(r['decision'])}"),
    Event(table="payer_aliases", day="decided_on", kind=K.DECISION, id="decision_id", by="decided_by", has_amount=False,
          words=lambda r: f"Payer {text(r['payer_name']) or text(r['payer_account'])} taken for this customer"),
)  # fmt: skip


def recorded(here: Account, *, items: Mapping[str, str]) -> Iterator[Row]:
    """Every record of the customer up to the as-of date.

    `items` is the document number of each of its items.

    Uses ACTIVITIES, DISPUTES, PROMISES (judged from the ledger), DUNNING_NOTICES, PLANS, DEDUCTIONS, HOLDS, CLAIMS, PLACEMENTS,
    COLLECTION_EXCEPTIONS, TERMS_EXCEPTIONS, PORTAL_INVOICES, ADJUSTMENT_REQUESTS, CUSTOMER_HISTORY, CUSTOMER_MERGES,
    CUSTOMER_STATEMENT_LINES and what people decided; none of them is needed.
    """
    until = pd.Timestamp(known_day(here.scope))
    given = [event for event in EVENTS if here.book.has(event.table)]
    for event in given:
        yield from _events(event, _rows(event.table, here, items), items, until)
    yield from _activities(here, items)
    yield from _disputes(here, items, until)
    yield from _promises(here, items, until)
    yield from _master_data(here, until)
    yield from _mergers(here, until)
    yield from _decisions(here, items, until)
    yield from _statements(here, until)


def _rows(table: str, here: Account, items: Mapping[str, str]) -> pd.DataFrame:
    """The rows of a table that name the customer, or one of its items where the table has no customers."""
    rows = here.book[table]
    if rows.empty:
        return rows
    mine = rows["entity"].eq(here.scope.entity) | rows["entity"].fillna("").eq("")
    if "customer_id" in rows.columns:
        mine &= rows["customer_id"].fillna("").isin(here.codes)
    else:
        mine &= rows["item_id"].isin(items.keys())
    return rows[mine.to_numpy(dtype=bool)]


def _until(rows: pd.DataFrame, column: str, until: pd.Timestamp) -> list[Row]:
    return records(rows[rows[column].le(until).to_numpy(dtype=bool)])


def _event(
    row: Row, day_: object, kind: K, source: str, source_id: object, words: str, items: Mapping[str, str]
) -> Row:
    item = text(row.get("item_id"))
    return {
        "day": day_, "kind": kind.value, "reference": text(items.get(item, "")) or str(source_id), "text": words,
        "item_id": item, "source": source, "source_id": str(source_id), "order": RECORD,
    }  # fmt: skip


def _amount(row: Row) -> Row:
    has = not is_none(row.get("amount"))
    return {"currency": row["currency"], "amount": int(row["amount"])} if has else {}


def _events(event: Event, rows: pd.DataFrame, items: Mapping[str, str], until: pd.Timestamp) -> Iterator[Row]:
    for row in _until(rows, event.day, until):
        made = _event(row, row[event.day], event.kind, event.table, row[event.id], event.words(row), items)
        yield (
            made
            | (_amount(row) if event.has_amount else {})
            | {"by": text(row[event.by]) if event.by else ""}
        )


def _activities(here: Account, items: Mapping[str, str]) -> Iterator[Row]:
    rows = activities_until(here.book, scope=here.scope)
    for row in records(rows[rows["customer_id"].fillna("").isin(here.codes)]):
        kind = K.NOTE if text(row["kind"]).casefold() == "note" else K.CONTACT
        words = _with(in_words(row["kind"]), text(row["outcome"]))
        said = f"{words}: {text(row['text'])}" if text(row["text"]) else words
        if day(row["next_on"]):
            said += f" (next {day(row['next_on'])})"
        made = _event(row, row["on"], kind, "activities", row["activity_id"], said, items)
        yield made | {"at": row["occurred_at"], "by": text(row["done_by"])}


def _disputes(here: Account, items: Mapping[str, str], until: pd.Timestamp) -> Iterator[Row]:  # fmt: skip
    for row in records(here.disputes):
        name = row["dispute_id"]
        words = f"Dispute {name} opened: {_plain(row['reason'])}"
        made = _event(row, row["opened_on"], K.DISPUTE_OPENED, "disputes", name, words, items) | _amount(row)
        yield made | {"by": text(row["owner"])}
        if not row["is_open"] and row["closed_on"] <= until:
            cause = _plain(row["root_cause"])
            words = f"Dispute {name} settled after {many(int(row['age_days']), 'day')}"
            words += f", root cause {cause}" if cause else ", no root cause recorded"
            made = _event(row, row["closed_on"], K.DISPUTE_SETTLED, "disputes", name, words, items)
            yield made | _amount(row) | {"by": text(row["owner"])}


def _promises(here: Account, items: Mapping[str, str], until: pd.Timestamp) -> Iterator[Row]:  # fmt: skip
    """Given on its day; judged on the day after the last day of grace, one that was kept on the day it was for."""
    for row in records(here.promises):
        name, state = row["promise_id"], PromiseState(row["state"])
        words = f"Promise {name}: {money(int(row['amount']), row['currency'])} by {day(row['pay_by'])}"
        made = _event(row, row["promised_on"], K.PROMISE_GIVEN, "promises", name, words, items) | _amount(row)
        yield made | {"by": text(row["owner"])}
        if state is PromiseState.OPEN:
            continue
        on = min(row["pay_by"] if state is PromiseState.KEPT else row["judged_on"], until)
        made = _event(
            row, on, K.PROMISE_JUDGED, "promises", name, f"Promise {name}: {text(row['what'])}", items
        )
        yield made | {"currency": row["currency"], "amount": int(row["paid"])}


def _master_data(here: Account, until: pd.Timestamp) -> Iterator[Row]:
    """Changes of dated attributes: the value before is said where it is known."""
    rows = _rows("customer_history", here, NO_ITEMS)
    rows = rows.sort_values(["customer_id", "attribute", "valid_from"], kind="stable")
    before: dict[tuple[str, str], str] = {}
    for row in _until(rows, "valid_from", until):
        key = (str(row["customer_id"]), str(row["attribute"]))
        now = text(row["value"]) or "none"
        if before.get(key) == now:  # recorded again, not changed
            continue
        was = f"{before[key]} → {now}" if key in before else now
        before[key] = now
        name = in_words(row["attribute"])
        words, source = f"{name}: {was}", f"{key[0]} {key[1]}"
        made = _event(row, row["valid_from"], K.MASTER_DATA, "customer_history", source, words, NO_ITEMS)
        yield made | {"reference": key[0]}
    for row in records(here.position.customers):
        if (
            not is_none(row["credit_hold_since"])
            and row["credit_hold_since"] <= until
            and row["is_on_credit_hold"]
        ):
            yield _event(row, row["credit_hold_since"], K.HOLD, "customers", row["customer_id"],
                         "Credit hold: no new orders go out", NO_ITEMS)  # fmt: skip


def _mergers(here: Account, until: pd.Timestamp) -> Iterator[Row]:
    if not here.book.has("customer_merges"):
        return
    rows = of_entity(here.book["customer_merges"], here.scope.entity)
    rows = rows[rows["old_customer_id"].isin(here.codes) | rows["new_customer_id"].isin(here.codes)]
    for row in _until(rows, "merged_on", until):
        words = _with(
            f"Account {row['old_customer_id']} merged into {row['new_customer_id']}", text(row["reason"])
        )
        yield _event(row, row["merged_on"], K.MERGER, "customer_merges", row["old_customer_id"], words, NO_ITEMS)  # fmt: skip


def _decisions(here: Account, items: Mapping[str, str], until: pd.Timestamp) -> Iterator[Row]:
    """Applications and rejections that people decided, which the ledger may not have booked yet."""
    for table, words in (
        ("decided_applications", "decided to apply receipt {}"),
        ("rejected_matches", "turned down for receipt {}"),
    ):
        if not here.book.has(table):
            continue
        rows = of_entity(here.book[table], here.scope.entity)
        for row in _until(rows[rows["item_id"].isin(items.keys())], "decided_on", until):
            number = text(items.get(text(row["item_id"]), "")) or row["item_id"]
            said = f"{number}: {words.format(row['receipt_id'])}"
            made = _event(row, row["decided_on"], K.DECISION, table, row["decision_id"], said, items)
            has = "applied_amount" in row
            yield (
                made
                | {"by": text(row["decided_by"])}
                | ({"currency": row["currency"], "amount": int(row["applied_amount"])} if has else {})
            )


def _statements(here: Account, until: pd.Timestamp) -> Iterator[Row]:
    """The customer's own statements, by date and currency; in their sign what they owe us is negative."""
    rows = _rows("customer_statement_lines", here, NO_ITEMS)
    for (on, code), lines in rows[rows["statement_date"].le(until)].groupby(["statement_date", "currency"]):
        yield {
            "day": on, "kind": K.THEIR_STATEMENT.value, "reference": "their statement", "currency": code,
            "amount": -int(lines["amount"].sum()), "text": f"Their statement of {day(on)}: {many(len(lines), 'line')}",
            "source": "customer_statement_lines", "source_id": f"{day(on)} {code}", "order": RECORD, "item_id": "",
        }  # fmt: skip
