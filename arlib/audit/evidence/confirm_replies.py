"""The control sheet of confirmations: one line a letter, and the replies that the auditor recorded. Floor 1."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from arlib.audit.evidence.csv_text import MOST_FAULTS, fault, read_csv
from arlib.audit.evidence.frames_confirm import CONTROL_SHEET, State
from arlib.audit.options.evidence import ConfirmationsOptions
from arlib.errors import AmountError, Problem, TableError
from arlib.ledger.facts import of_entity
from arlib.money import parse_plain
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.rows import is_none, records, text

REPLY_COLUMNS = (
    "request_no", "sent_on", "sent_by", "status", "replied_on", "replied_amount", "channel", "recorded_by", "recorder",
    "reason", "note",
)  # fmt: skip
MORE_COLUMNS = tuple(name for name in CONTROL_SHEET.names if name not in (*REPLY_COLUMNS, "entity"))
STATED = {
    State.REFUSED.value,
    State.UNDELIVERABLE.value,
    State.NON_REPLY.value,
}  # a person says so; the rest follows
RECORDERS = ("auditor", "entity")
NEW_DAYS = 90
NO_HISTORY = "not possible: the books keep no history of addresses"


def control_sheet(
    book: Book, balances: pd.DataFrame, *, options: ConfirmationsOptions, replies: str, scope: Scope
) -> pd.DataFrame:
    """One line a selected letter: CONTROL_SHEET, sorted by its key.

    `replies` is the sheet as the auditor keeps it (columns REPLY_COLUMNS; further columns of the sheet are read over), ''
    for none. What is not in it is to send. A reply agrees where its amount is the ledger's; one without an amount whose
    form is not negative is a fault. A letter that was sent and has no reply is sent while `reply_by` lies ahead of every
    day recorded, else a non-reply. A reply of which the entity is the recorder, or whose recorder is a user of the books,
    is no audit evidence. Raises TableError with every fault of the file.
    """
    mine = balances[balances["is_selected"].to_numpy(dtype=bool)]
    told, latest = _replies(replies, mine, scope)
    customers = _customers(book, scope)
    users = users_of(book, scope=scope)
    made = []
    for row in records(mine):
        customer = customers.get(str(row["customer_id"]), {})
        line: dict[str, Any] = {
            "entity": scope.entity, "form": options.form, "address": text(customer.get("address")) or None,
            "email": text(customer.get("email")) or None, "address_from": "customer master, as it is today",
            "address_changed": _changed(customer, scope.as_of),
        } | {name: row[name] for name in ("request_no", "customer_id", "currency", "items", "amount")}  # fmt: skip
        line["customer_name"] = None if is_none(row["customer_name"]) else row["customer_name"]
        reply = told.get(str(row["request_no"]))
        if reply is not None:
            line |= {name: reply[name] for name in REPLY_COLUMNS if name not in ("request_no", "status")}
            if reply["replied_amount"] is not None:
                line["difference"] = int(row["amount"]) - int(reply["replied_amount"])
        line["status"] = _state(line, reply, options, latest, users).value
        made.append(line)
    return CONTROL_SHEET.from_rows(made).sort_values("request_no", kind="stable", ignore_index=True)


def users_of(book: Book, *, scope: Scope) -> frozenset[str]:
    """Everybody who enters into the books, or collects: their names in lower case."""
    found: set[str] = set()
    for name, column in (("items", "user"), ("applications", "user"), ("receipts", "user"), ("gl_lines", "user"),
                         ("activities", "done_by")):  # fmt: skip
        found |= set(of_entity(book[name], scope.entity)[column].dropna().unique())
    customers = book["customers"]
    found |= set(customers["collector"].dropna().unique()) | set(customers["sales_rep"].dropna().unique())
    return frozenset(str(one).strip().lower() for one in found) - {""}


def _state(
    line: dict[str, Any], reply: dict[str, Any] | None, options: ConfirmationsOptions, latest: date | None, users: frozenset[str]
) -> State:  # fmt: skip
    if reply is None or (reply["sent_on"] is None and reply["replied_on"] is None and not reply["status"]):
        return State.TO_SEND
    has_reply = reply["replied_on"] is not None or reply["replied_amount"] is not None
    if has_reply:
        recorder = (reply["recorded_by"] or "").strip().lower()
        if reply["recorder"] != "auditor" or not recorder or recorder in users:
            return State.NO_EVIDENCE
        if reply["status"] in STATED:
            return State(reply["status"])
        return State.EXCEPTION if line.get("difference") else State.AGREED
    if reply["status"] in STATED:
        return State(reply["status"])
    due = date.fromisoformat(options.reply_by) if options.reply_by else None
    return State.SENT if due is not None and (latest is None or latest < due) else State.NON_REPLY


def _replies(
    content: str, balances: pd.DataFrame, scope: Scope
) -> tuple[dict[str, dict[str, Any]], date | None]:
    """Replies by number of the letter, and the last day that they record."""
    if not content.strip():
        return {}, None
    rows = read_csv(
        content, where="replies", required=("request_no",), optional=(*REPLY_COLUMNS, *MORE_COLUMNS, "entity")
    )
    currency = dict(zip(balances["request_no"], balances["currency"], strict=True))
    odd: list[Problem] = []
    made: dict[str, dict[str, Any]] = {}
    latest: date | None = None
    for row in rows.to_dict("records"):
        line, number = int(row["row"]), str(row["request_no"])
        if number not in currency:
            odd.append(fault("replies", line, "request_no", number, "a letter of this selection"))
            continue
        if number in made:
            odd.append(fault("replies", line, "request_no", number, "each letter once"))
            continue
        reply: dict[str, Any] = {name: str(row.get(name) or "") or None for name in REPLY_COLUMNS}
        reply["status"] = (reply["status"] or "").lower().replace(" ", "_").replace("-", "_")
        for name in ("sent_on", "replied_on"):
            reply[name] = _day(reply[name], line, name, odd)
            latest = max(filter(None, (latest, reply[name])), default=None)
        if reply["replied_amount"] is not None:
            try:
                reply["replied_amount"] = parse_plain(reply["replied_amount"], str(currency[number]))
            except AmountError:
                wanted = f"an amount in {currency[number]}, such as 1234.50"
                odd.append(fault("replies", line, "replied_amount", str(reply["replied_amount"]), wanted))
        elif reply["replied_on"] is not None and reply["status"] not in STATED:
            wanted = "the customer's balance; refused or undeliverable as status where none was given"
            odd.append(fault("replies", line, "replied_amount", "nothing", wanted))
        reply["recorder"] = (reply["recorder"] or "").lower() or None
        if reply["recorder"] is not None and reply["recorder"] not in RECORDERS:
            odd.append(fault("replies", line, "recorder", str(reply["recorder"]), " or ".join(RECORDERS)))
        if reply["sent_on"] and reply["replied_on"] and reply["replied_on"] < reply["sent_on"]:
            odd.append(
                fault("replies", line, "replied_on", str(reply["replied_on"]), "a day from sent_on on")
            )
        if reply["sent_on"] and reply["sent_on"] < scope.as_of:
            odd.append(
                fault("replies", line, "sent_on", str(reply["sent_on"]), f"a day from {scope.as_of} on")
            )
        made[number] = reply
    if odd:
        raise TableError("replies: rows that cannot be read", odd[:MOST_FAULTS], where="replies")
    return made, latest


def _day(value: str | None, line: int, name: str, odd: list[Problem]) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        odd.append(fault("replies", line, name, value, "a day such as 2026-11-20"))
        return None


def _customers(book: Book, scope: Scope) -> dict[str, dict[str, Any]]:
    rows = book["customers"]
    mine = rows[rows["entity"].eq(scope.entity) | rows["entity"].fillna("").eq("")]
    ordered = mine.assign(shared=mine["entity"].fillna("").eq("")).sort_values(
        ["customer_id", "shared"], kind="stable"
    )
    return {str(row["customer_id"]): row for row in records(ordered.drop_duplicates("customer_id"))}


def _changed(customer: dict[str, Any], as_of: date) -> str:
    opened = customer.get("opened_on")
    if opened is not None and not is_none(opened) and opened.date() > as_of - timedelta(days=NEW_DAYS):
        return f"account opened {opened:%Y-%m-%d}, within {NEW_DAYS} days of the date; {NO_HISTORY}"
    return NO_HISTORY
