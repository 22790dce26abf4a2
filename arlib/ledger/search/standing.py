"""What each customer of an entity owes at the default date, and which customers a filter leaves. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from arlib.ledger.aging import CREDIT, CURRENT, NO_DUE_DATE, UNAPPLIED
from arlib.ledger.by_customer import CustomerIndex, row_of
from arlib.ledger.facts import Bools, Ints, found_at, ints

VALUES = ("currency", "bucket", "status", "collector", "dispute_reason")
NOT_DUE = frozenset((CREDIT, CURRENT, NO_DUE_DATE, UNAPPLIED))


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """Which customers are wanted; '' is any. Currency and bucket are meant together: one open item has both."""

    entity: str = ""
    currency: str = ""
    bucket: str = ""
    status: str = ""
    collector: str = ""
    dispute_reason: str = ""


@dataclass(frozen=True, eq=False)
class Standing:
    """By owner of a CustomerIndex, nobody last: name, status, collector, balance, open disputes."""

    name: pd.Series
    status: pd.Series
    collector: pd.Series
    balance: pd.Series  # Int64, the books' currency
    size: Ints  # of the balance, without sign; 0 where it is not known
    overdue: pd.Series
    open_items: Ints
    owner: Ints  # of each open item
    currency: pd.Series  # of each open item
    bucket: pd.Series
    dispute_owner: Ints
    dispute_reason: pd.Series
    order: Ints  # owners by balance, largest first; nobody is not among them

    @classmethod
    def of(cls, index: CustomerIndex, aged: pd.DataFrame, *, entity: str) -> Standing:
        """Needs AGED_ITEMS of the entity; CUSTOMERS and DISPUTES as they are today. A balance of which one item has no
        amount in the books' currency is not known.
        """
        nobody = len(index.codes)
        people = index.book["customers"]
        people = people.assign(is_shared=~people["entity"].eq(entity)).sort_values("is_shared", kind="stable")
        people = people.drop_duplicates("customer_id").set_index("customer_id")
        by_owner = (
            people[["name", "status", "collector"]]
            .reindex(pd.Index([*index.codes, None]))
            .reset_index(drop=True)
        )
        dispute_owner, dispute_reason = _disputes(index)
        owner = found_at(aged["customer_id"], index.codes)
        owner = np.where(owner < 0, nobody, owner)
        amount = aged["functional_outstanding"]
        late = amount.where(~aged["bucket"].isin(NOT_DUE) | amount.isna(), 0)
        balance, overdue = (_by_owner(owner, each, nobody + 1) for each in (amount, late))
        size = balance.abs().fillna(0).to_numpy(dtype=np.int64)
        rank = np.lexsort(
            (np.arange(nobody), -balance.fillna(0).to_numpy(dtype=np.int64)[:nobody], size[:nobody] == 0)
        )
        return cls(
            name=by_owner["name"].fillna(""),
            status=by_owner["status"].fillna(""),
            collector=by_owner["collector"].fillna(""),
            balance=balance,
            overdue=overdue,
            size=size,
            open_items=np.bincount(owner, minlength=nobody + 1).astype(np.int64),
            owner=owner,
            currency=aged["currency"].reset_index(drop=True),
            bucket=aged["bucket"].reset_index(drop=True),
            dispute_owner=dispute_owner,
            dispute_reason=dispute_reason,
            order=rank,
        )

    def with_disputes(self, index: CustomerIndex) -> Standing:
        """The same after the disputes changed."""
        owner, reason = _disputes(index)
        return replace(self, dispute_owner=owner, dispute_reason=reason)

    @cached_property
    def known(self) -> Mapping[str, frozenset[str]]:
        """What each filter may be."""
        columns = {name: getattr(self, name) for name in VALUES}
        return {name: frozenset(map(str, column.unique())) - {""} for name, column in columns.items()}

    def wanted(self, narrowing: Narrowing) -> Bools | None:
        """Which owners are left by the filters but the entity's; None where there are none."""
        found = np.ones(len(self.open_items), dtype=bool)
        if narrowing.currency or narrowing.bucket:
            fits = np.ones(len(self.owner), dtype=bool)
            for column, value in ((self.currency, narrowing.currency), (self.bucket, narrowing.bucket)):
                if value:
                    fits &= column.eq(value).to_numpy(dtype=bool)
            found &= np.bincount(self.owner[fits], minlength=len(found)) > 0
        for column, value in ((self.status, narrowing.status), (self.collector, narrowing.collector)):
            if value:
                found &= column.eq(value).to_numpy(dtype=bool)
        if narrowing.dispute_reason:
            fits = self.dispute_reason.eq(narrowing.dispute_reason).to_numpy(dtype=bool)
            found &= np.bincount(self.dispute_owner[fits], minlength=len(found)) > 0
        return None if found.all() else found


def _by_owner(owner: Ints, amounts: pd.Series, owners: int) -> pd.Series:
    """Σ by owner; missing where one amount is."""
    sums = np.zeros(owners, dtype=np.int64)
    np.add.at(sums, owner, ints(amounts))
    unknown = np.bincount(owner[amounts.isna().to_numpy(dtype=bool)], minlength=owners) > 0
    return pd.Series(sums, dtype="Int64").mask(unknown)


def _disputes(index: CustomerIndex) -> tuple[Ints, pd.Series]:
    """Owner and reason of each dispute without a closing day."""
    disputes = index.book["disputes"]
    found = disputes[disputes["closed_on"].isna()].reset_index(drop=True)
    owner = found_at(found["customer_id"], index.codes)
    by_item = row_of(found["item_id"], index.book["items"]["item_id"])
    owner = np.where(owner >= 0, owner, np.append(index.item_owner, len(index.codes))[by_item])
    return owner, found["reason"].fillna("")
