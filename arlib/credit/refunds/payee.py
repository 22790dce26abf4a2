"""Whom a refund goes to: the original payer, on the original account, unless a change was called back. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from arlib.credit.refunds.frames import text_of
from arlib.credit.refunds.requests import Request
from arlib.ledger.attributes import merged_codes
from arlib.matching.names import account_key, names_in
from arlib.policy import RefundPolicy, Scope
from arlib.tables import Book
from arlib.tables.rows import records


@dataclass(frozen=True, kw_only=True)
class Payee:
    """Where the money of a credit would go, and what stands against that."""

    account: str = ""
    name: str = ""
    evidence: str = ""
    faults: tuple[tuple[str, str], ...] = ()  # machine word and sentence
    caution: str = ""


@dataclass(frozen=True)
class Payees:
    """The records that say whom a refund goes to, read once."""

    receipts: Mapping[str, Mapping[str, Any]]  # of items that stand for cash
    latest: Mapping[str, Mapping[str, Any]]  # last receipt of each customer that names an account
    details: Mapping[str, list[Mapping[str, Any]]]  # bank details by customer, valid at the as-of date
    ended: Mapping[str, set[str]]  # accounts by customer whose details have ended
    notices: Mapping[str, list[Mapping[str, Any]]]  # account changes by customer
    customers: Mapping[str, Mapping[str, Any]]
    holder_of: Mapping[str, str]  # account to the one customer that pays from it
    scope: Scope
    policy: RefundPolicy

    def of(self, credit: Mapping[str, Any], request: Request | None) -> Payee:
        """The payee of a credit: account, name, the record that says so, and what stands against it.

        Cash goes back to the account that it came from; a credit memo to the account that the customer's details name,
        else to the one that its last payment came from. An account that is new since, or that a request names, is paid
        only after a call back (`called_back_on` up to the as-of date, by somebody other than who entered it).
        """
        customer = str(credit["customer_id"])
        receipt = self.receipts.get(str(credit["item_id"]))
        origin = receipt or self.latest.get(customer)
        valid = self.details.get(customer, [])
        before = text_of(origin, "payer_account")
        asked = request.payer_account if request else ""
        own = [row for row in valid if _same(row["account"], asked or before)]
        detail = own[0] if own else None
        if (
            detail is None
            and not asked
            and valid
            and (not before or self._is_replaced(customer, before, origin))
        ):
            detail = valid[0]
        account = asked or (
            text_of(detail, "account") if detail and not _same(detail["account"], before) else before
        )
        faults: list[tuple[str, str]] = []
        if not account:
            faults.append(("no_account", "no receipt, request or bank detail names an account to pay"))
        if len({account_key(str(row["account"])) for row in valid}) > 1 and not before and not asked:
            said = f"{len(valid)} bank accounts of the customer are valid and none is known from a payment"
            faults.append(("account_unclear", said))
        is_own = _same(account, before)
        paid_on = origin["effective_date"] if origin else pd.NaT
        if account and (why := self._why_call(customer, detail, paid_on, before, is_own=is_own)):
            faults.append(("call_back", why))
        if receipt is not None and (why := self._third_party(customer, receipt)):
            faults.append(("third_party_payer", why))
        holder = text_of(detail, "holder")
        name = (
            holder
            or (text_of(origin, "payer_name") if is_own else "")
            or text_of(self.customers.get(customer), "name")
        )
        return Payee(
            account=_with_bank(account, detail), name=name, evidence=self._evidence(receipt, origin, detail, account),
            faults=tuple(faults), caution=self._caution(customer, holder, is_other=bool(before) and not is_own),
        )  # fmt: skip

    def _is_replaced(self, customer: str, account: str, origin: Mapping[str, Any] | None) -> bool:
        """Whether the account that paid has ended by the details, or details came after the payment."""
        if account_key(account) in self.ended.get(customer, set()):
            return True
        paid_on = origin["effective_date"] if origin else pd.NaT
        return any(row["valid_from"] > paid_on for row in self.details.get(customer, []))

    def _is_called_back(self, detail: Mapping[str, Any]) -> bool:
        called, by = detail["called_back_on"], text_of(detail, "called_back_by")
        is_done = pd.notna(called) and called <= pd.Timestamp(self.scope.as_of)
        return bool(is_done and by and by != text_of(detail, "entered_by"))

    def _why_call(
        self, customer: str, detail: Mapping[str, Any] | None, paid_on: Any, before: str, *, is_own: bool
    ) -> str:  # fmt: skip
        """Why the account is in doubt, or '': it is not known, is new, or a change was told that nobody confirmed."""
        if detail is None and not is_own:
            return (
                "the account asked for is not the one that paid, and no bank details of the customer name it"
            )
        start = pd.Timestamp(self.scope.as_of - timedelta(days=self.policy.bank_details_days))
        since = start if pd.isna(paid_on) else min(paid_on, start)
        for row in self.details.get(customer, []):
            is_new = row["valid_from"] > since and not _same(row["account"], before)
            if is_new and not self._is_called_back(row):
                return self._uncalled(row)
        for notice in self.notices.get(customer, []):
            told = notice["told_on"]
            if pd.notna(told) and told > since and not self._confirmed_after(customer, told):
                return (
                    f"notice {notice['change_id']} ({notice['code']}) of {told:%Y-%m-%d} told a change of the account, "
                    "and nobody called the customer back since"
                )
        return ""

    def _uncalled(self, detail: Mapping[str, Any]) -> str:
        told = f"bank details of {detail['valid_from']:%Y-%m-%d} name another account"
        called, by = detail["called_back_on"], text_of(detail, "called_back_by")
        if pd.isna(called) or not by:
            return f"{told}, and nobody called the customer back"
        if by == text_of(detail, "entered_by"):
            return f"{told}, and {by}, who entered them, made the call back too"
        return f"{told}, and the call back of {called:%Y-%m-%d} lies after the as-of date"

    def _confirmed_after(self, customer: str, day: pd.Timestamp) -> bool:
        return any(
            self._is_called_back(row) and row["called_back_on"] >= day
            for row in self.details.get(customer, [])
        )

    def _third_party(self, customer: str, receipt: Mapping[str, Any]) -> str:
        """Why the payer is not the customer, by account and by name; '' where it is, or where nothing tells."""
        key, name = account_key(text_of(receipt, "payer_account")), text_of(receipt, "payer_name")
        mine = self.customers.get(customer, {})
        known = (
            {account_key(text_of(mine, "payer_account"))}
            | {account_key(str(row["account"])) for row in self.details.get(customer, [])}
            | self.ended.get(customer, set())
        )
        other = self.holder_of.get(key, "") if key else ""
        if key and key in known:
            return ""
        if other and other != customer:
            return f"receipt {receipt['receipt_id']} came from an account of customer {other}"
        if not name:
            return ""
        names = [text_of(mine, "name"), *text_of(mine, "payer_aliases").split("|")]
        told = _readings(name)
        if not told or any(told & _readings(one) for one in names):
            return ""
        return f"receipt {receipt['receipt_id']} names a payer that is neither the customer nor one of its other names"

    def _evidence(
        self, receipt: Mapping[str, Any] | None, origin: Mapping[str, Any] | None,
        detail: Mapping[str, Any] | None, account: str,
    ) -> str:  # fmt: skip
        said = []
        if receipt is not None:
            said.append(f"receipt {receipt['receipt_id']} of {receipt['effective_date']:%Y-%m-%d}")
        elif origin is not None and _same(account, text_of(origin, "payer_account")):
            said.append(f"last paid from the account with receipt {origin['receipt_id']}")
        if detail is not None and pd.notna(detail["called_back_on"]):
            by = text_of(detail, "called_back_by") or "nobody named"
            called = f"called back {detail['called_back_on']:%Y-%m-%d} by {by}"
            said.append(f"bank details of {detail['valid_from']:%Y-%m-%d}, {called}")
        elif detail is not None:
            said.append(f"bank details of {detail['valid_from']:%Y-%m-%d}")
        return "; ".join(said)

    def _caution(self, customer: str, holder: str, *, is_other: bool) -> str:
        name = text_of(self.customers.get(customer), "name")
        said = "not the account that paid" if is_other else ""
        if holder and name and not _readings(holder) & _readings(name):
            return "; ".join(part for part in (said, "the name on the account is not the customer's") if part)
        return said


def payees_of(book: Book, *, scope: Scope, policy: RefundPolicy, owing: pd.DataFrame) -> Payees:
    """The records that say whom these credits go to. Uses RECEIPTS, BANK_DETAILS, ACCOUNT_CHANGES and CUSTOMERS."""
    day = pd.Timestamp(scope.as_of)
    receipts = _mine(book, "receipts", scope)
    came_in = receipts[receipts["amount"].gt(0) & receipts["effective_date"].le(day)]
    mine = came_in[came_in["customer_id"].isin(set(owing["customer_id"].dropna()))]
    told = mine[mine["payer_account"].fillna("").map(account_key).ne("")]
    told = told.sort_values(["effective_date", "receipt_id"], kind="stable")
    details = _mine(book, "bank_details", scope)
    details = details[details["valid_from"].le(day)].sort_values(
        ["valid_from", "account"], ascending=[False, True], kind="stable"
    )
    stands = ~details["valid_to"].lt(day)
    notices = _mine(book, "account_changes", scope)
    notices = notices[~notices["told_on"].gt(day)]
    customers = _mine(book, "customers", scope)
    own = customers.assign(key=customers["payer_account"].fillna("").map(account_key))
    own = own[own["key"].ne("") & ~own["key"].duplicated(keep=False)]
    return Payees(
        receipts={str(row["item_id"]): row for row in records(came_in[came_in["item_id"].isin(set(owing["item_id"]))])},
        latest={str(row["customer_id"]): row for row in records(told.drop_duplicates("customer_id", keep="last"))},
        details=_lists(details[stands]),
        ended={name: {account_key(str(row["account"])) for row in rows} for name, rows in _lists(details[~stands]).items()},
        notices=_lists(notices[notices["customer_id"].notna()]),
        customers={str(row["customer_id"]): row for row in records(customers)},
        holder_of=dict(zip(own["key"], own["customer_id"].astype("str"), strict=True)),
        scope=scope, policy=policy,
    )  # fmt: skip


def _mine(book: Book, table: str, scope: Scope) -> pd.DataFrame:
    """Rows of the entity and those that serve all; but for CUSTOMERS, under the customer codes of the as-of date."""
    frame = book[table]
    mine = frame[frame["entity"].fillna("").isin(["", scope.entity])].reset_index(drop=True)
    if table == "customers":
        return mine
    return mine.assign(
        customer_id=merged_codes(mine["customer_id"], book, entity=scope.entity, on=scope.as_of)
    )


def _lists(frame: pd.DataFrame) -> dict[str, list[Mapping[str, Any]]]:
    made: dict[str, list[Mapping[str, Any]]] = {}
    for row in records(frame):
        made.setdefault(str(row["customer_id"]), []).append(row)
    return made


def _with_bank(account: str, detail: Mapping[str, Any] | None) -> str:
    """The account with its bank code before a slash, so that an approval covers both; as it is where none is known."""
    code = text_of(detail, "bank_code")
    return f"{code}/{account}" if code and account and "/" not in account else account


def _same(one: object, other: object) -> bool:
    key = account_key(str(one))
    return bool(key) and key == account_key(str(other))


def _readings(name: str) -> set[str]:
    written = names_in(name)
    return {reading.core for reading in (*written.whole, *written.parts) if reading.core}
