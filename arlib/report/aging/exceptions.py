"""What of an aging needs a person: large balances, re-aging without a name, missing due dates, too much applied. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.money import shown
from arlib.report.exceptions import EXCEPTIONS, exceptions_from
from arlib.report.tables import in_words
from arlib.report.words import counted


def exceptions(aged: pd.DataFrame, large: pd.DataFrame, reaged: pd.DataFrame) -> pd.DataFrame:
    """EXCEPTIONS of an aging. Needs AGED_ITEMS with customer attributes, LARGE_BALANCES and REAGED."""

    def of_customer(row: Mapping[str, Any]) -> str:
        amount = shown(int(row["amount"]), row["currency"])
        items, days = counted(int(row["items"]), "item"), row["max_days_past_due"]
        return f"{items} of {row['currency']} {amount} up to {days} days past due"

    collectors = aged.drop_duplicates("customer_id").set_index("customer_id")["collector"]
    big = large.assign(collector=large["customer_id"].map(collectors).astype("str"))
    nameless = reaged[reaged["authorised_by"].fillna("").eq("")]
    undated = aged[aged["bucket"].eq("no_due_date")]
    turned = aged["outstanding"].ne(0) & (aged["outstanding"].gt(0) != aged["amount"].gt(0))
    over_applied = aged[turned.to_numpy(dtype=bool)]
    found = [
        exceptions_from(big, subject="large_balance", reference=("customer_id", "currency"), finding=of_customer,
                        columns={"customer_id": "customer_id", "currency": "currency", "amount": "amount",
                                 "since": "oldest_due_date", "owner": "collector"}),
        exceptions_from(nameless, subject="reaged_without_authority", reference=("item_id",),
                        finding=lambda row: f"Due date moved by {row['days_moved']} days, nobody is named",
                        columns={"customer_id": "customer_id", "document_no": "document_no",
                                 "currency": "currency",
                                 "amount": "amount", "since": "reaged_on", "owner": "user"}),
        exceptions_from(undated, subject="no_due_date", reference=("item_id",),
                        finding=lambda row: f"{in_words(row['item_type'])} without a due date",
                        columns={"customer_id": "customer_id", "document_no": "document_no",
                                 "currency": "currency",
                                 "amount": "outstanding", "since": "document_date", "owner": "collector"}),
        exceptions_from(over_applied, subject="over_applied", reference=("item_id",),
                        finding=lambda row: f"{in_words(row['item_type'])} of {shown(int(row['amount']), row['currency'])} "
                        "has more applied than it was for: check its applications",
                        columns={"customer_id": "customer_id", "document_no": "document_no",
                                 "currency": "currency",
                                 "amount": "outstanding", "since": "document_date", "owner": "collector"}),
    ]  # fmt: skip
    filled = [part for part in found if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else EXCEPTIONS.empty()
