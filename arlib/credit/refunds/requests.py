"""What people asked to be refunded, spread over the credits that it is asked of. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from arlib.credit.refunds.frames import text_of
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import ProposalKind
from arlib.tables.rows import records


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request for one credit, or what of a request no credit covers (`item_id` empty, or not open)."""

    request_id: str
    customer_id: str
    item_id: str
    currency: str
    amount: int  # 0: the request does not say, the whole credit
    reason: str
    requested_by: str
    requested_on: pd.Timestamp
    payer_account: str = ""
    evidence: str = ""
    fault: str = ""  # machine word: what is wrong with the request itself
    fault_said: str = ""


def refund_requests(book: Book, *, scope: Scope, owing: pd.DataFrame) -> list[Request]:
    """Requests for refunds up to the as-of date, the earliest first, each of one credit.

    A request without an item is spread over the customer's open credits of its currency, the oldest first; what they do
    not cover stays as a request without an item. A request later than the as-of date does not count.
    """
    rows = book["adjustment_requests"]
    mine = rows[
        rows["entity"].eq(scope.entity)
        & rows["kind"].eq(ProposalKind.REFUND.value)
        & ~rows["requested_on"].gt(pd.Timestamp(scope.as_of))
    ].sort_values(["requested_on", "request_id"], kind="stable")
    items = book["items"]
    known = items[items["entity"].eq(scope.entity) & items["item_id"].isin(set(mine["item_id"].dropna()))]
    by_id = known.drop_duplicates("item_id").set_index("item_id")
    open_ids = owing.set_index("item_id")
    made: list[Request] = []
    for record in records(mine):
        if text_of(record, "item_id"):
            made.append(_of_item(record, by_id, open_ids))
        else:
            made.extend(_of_account(record, owing))
    return made


def unanswered_requests(book: Book, *, scope: Scope) -> list[Request]:
    """Requests that no rule here proposes by request: unclaimed property goes by its clock, a netting by its agreement."""
    rows = book["adjustment_requests"]
    said = {
        ProposalKind.UNCLAIMED.value: "unclaimed property is proposed by its dormancy clock, not by request",
        ProposalKind.CONTRA.value: "a netting is proposed by cash application, with its agreement and the payable",
    }
    mine = rows[
        rows["entity"].eq(scope.entity)
        & rows["kind"].isin(list(said))
        & ~rows["requested_on"].gt(pd.Timestamp(scope.as_of))
    ].sort_values("request_id", kind="stable")
    return [
        _request(
            row,
            text_of(row, "item_id"),
            max(_amount(row), 0),
            f"not_by_request:{row['kind']}",
            said[row["kind"]],
        )
        for row in records(mine)
    ]


def _of_item(row: Mapping[str, Any], by_id: pd.DataFrame, open_ids: pd.DataFrame) -> Request:
    item, amount = text_of(row, "item_id"), _amount(row)
    fault = said = ""
    if item not in by_id.index:
        fault, said = "unknown_item", f"no item {item} is in the books"
    elif item in open_ids.index:
        credit = open_ids.loc[item]
        if text_of(row, "customer_id") not in (credit["customer_id"], credit["document_customer_id"]):
            fault, said = "other_customer", f"item {item} is of another customer"
        elif text_of(row, "currency") != credit["currency"]:
            fault, said = (
                "other_currency",
                f"item {item} is in {credit['currency']}: a refund goes out in the currency that came in",
            )
        elif amount > int(str(credit["amount"])):
            fault, said = "over_credit", "more is asked for than is open of the credit"
    if amount < 0 and not fault:
        fault, said = "not_an_amount", "an amount below zero is asked for"
    return _request(row, item, max(amount, 0), fault, said)


def _of_account(row: Mapping[str, Any], owing: pd.DataFrame) -> list[Request]:
    """A request for the account: its amount over the oldest credits, all of them where it names none."""
    asked = _amount(row)
    if asked < 0:
        return [_request(row, "", 0, "not_an_amount", "an amount below zero is asked for")]
    customer, currency = text_of(row, "customer_id"), text_of(row, "currency")
    mine = owing[owing["customer_id"].eq(customer) & owing["currency"].eq(currency)]
    mine = mine.sort_values(["document_date", "item_id"], kind="stable")
    if mine.empty:
        said = f"the customer has no open credit in {currency}"
        return [_request(row, "", asked, "not_open", said)]
    made, left = [], asked
    for item, amount in zip(mine["item_id"], mine["amount"], strict=True):
        taken = min(left, int(amount)) if asked else int(amount)
        if taken:
            made.append(_request(row, str(item), taken))
        left -= taken
    if asked and left > 0:
        made.append(
            _request(row, "", left, "over_credit", "more is asked for than the customer's credits hold")
        )
    return made


def _request(row: Mapping[str, Any], item: str, amount: int, fault: str = "", said: str = "") -> Request:
    if not fault and not text_of(row, "requested_by"):
        fault, said = "no_requester", "nobody is named who asks"
    return Request(
        request_id=text_of(row, "request_id"), customer_id=text_of(row, "customer_id"), item_id=item,
        currency=text_of(row, "currency"), amount=amount, reason=text_of(row, "reason") or "refund",
        requested_by=text_of(row, "requested_by"), requested_on=row["requested_on"],
        payer_account=text_of(row, "payer_account"), evidence=text_of(row, "evidence"), fault=fault, fault_said=said,
    )  # fmt: skip


def _amount(row: Mapping[str, Any]) -> int:
    return 0 if pd.isna(row["amount"]) else int(row["amount"])
