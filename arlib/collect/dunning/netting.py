"""Open credits and unapplied cash set against what a letter would ask for, oldest debts first. Floor 1."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.ledger.facts import Ints, ints
from arlib.money import divide, minor_places
from arlib.policy import DunningPolicy
from arlib.tables.choices import ItemType

CITED = 5  # credits that a sentence names


def open_credits(items: pd.DataFrame, *, policy: DunningPolicy) -> tuple[dict[str, int], dict[str, str]]:
    """What is open to each addressee and currency (`account_keys`), positive, and the documents.

    Prepayments are not money for old debts. Nothing where the policy nets no credits.
    """
    if not policy.nets_credits:
        return {}, {}
    mine = items[
        items["bucket"].isin(["credit", "unapplied"]) & items["item_type"].ne(ItemType.PREPAYMENT.value)
    ]
    mine = mine[mine["customer_id"].fillna("").ne("") & (mine["outstanding"] < 0)]
    keys = account_keys(mine, policy=policy)
    amounts = (-mine["outstanding"]).groupby(keys).sum()
    documents = (
        mine["document_no"]
        .fillna(mine["item_id"])
        .groupby(keys)
        .agg(lambda texts: ", ".join(texts.head(CITED)))
    )
    return {str(k): int(v) for k, v in amounts.items()}, {str(k): str(v) for k, v in documents.items()}


def account_keys(items: pd.DataFrame, *, policy: DunningPolicy) -> pd.Series:
    """Who is written to (the parent by policy) and the currency, as one text."""
    to: pd.Series = items["parent_id"] if policy.by_parent else items["customer_id"]
    return to + "\0" + items["currency"]


def covered(asked: Ints, keys: pd.Series, to_net: dict[str, int]) -> Ints:
    """What of each amount the credits of its key cover, in the order of the rows: 0 to the amount."""
    owed = ints(keys.map(to_net).fillna(0).astype("int64"))
    before = pd.Series(asked).groupby(keys.to_numpy()).cumsum().to_numpy(dtype=np.int64) - asked
    return np.asarray(np.clip(owed - before, 0, asked), dtype=np.int64)


def least(currency: str, *, policy: DunningPolicy) -> int:
    """The smallest total that a letter asks for, in minor units."""
    return minor_of(policy.minimum(currency), currency)


def minor_of(amount: object, currency: str) -> int:
    """A policy's amount in minor units, rounded once."""
    exact = Fraction(str(amount)) * 10 ** minor_places(currency)
    return divide(exact.numerator, exact.denominator)
