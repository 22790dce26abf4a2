"""What a bank would have delivered for the sample company's receipts: damaged, short, netted, untold. With the truth. Floor 2.

The sample's own applications say who paid what. From them receipts are drawn again as they come in life, for measuring
cash application: the ledger is the sample's, the noise is new with every seed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from arlib.errors import ParameterError
from arlib.matching.frames import MATCH_ADVICES, MATCH_ITEMS, MATCH_RECEIPTS
from arlib.sources.sample.cash_delivery import ODDS, Level, Line, Payment, Teller
from arlib.sources.sample.cash_differences import alter
from arlib.tables.kinds import Column, Kind, Table

BILLED = ("invoice", "opening", "chargeback", "interest_or_fee", "transfer")
T, M = Kind.TEXT, Kind.MONEY

CASH_TRUTH = Table("cash_truth", "what a receipt of the noisy sample pays", ("receipt_id", "item_id"), (
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("item_id", T, "item", True, is_key=True),
    Column("currency", T, "currency of the item", True),
    Column("applied_amount", M, "cash set against the item; negative where a credit is taken up", True, currency="currency"),
    Column("discount", M, "cash discount that passes as earned", True, currency="currency"),
    Column("deduction", M, "claim that stays open", True, currency="currency"),
    Column("fee", M, "bank charge", True, currency="currency"),
    Column("tolerance", M, "small difference", True, currency="currency"),
    Column("reason", T, "class of the difference; words that do as well stand after a bar", True),
    Column("difference", T, "what was done to the amount", True),
    Column("telling", T, "how the payment says what it is for", True),
))  # fmt: skip


class NoisyCash(NamedTuple):
    """Open items, the receipts to be placed, remittance advices, and the truth (never an input of matching)."""

    items: pd.DataFrame  # MATCH_ITEMS
    receipts: pd.DataFrame  # MATCH_RECEIPTS
    advices: pd.DataFrame  # MATCH_ADVICES
    truth: pd.DataFrame  # CASH_TRUTH


def noisy_receipts(
    tables: dict[str, pd.DataFrame], *, seed: int, level: Level | str = Level.ORDINARY
) -> NoisyCash:
    """Draw the sample's customer cash again as a bank would deliver it.

    `tables` are `Sample.tables`. Only receipts that stand are drawn (no returned or corrected ones). Items are open for what
    these receipts, and nobody else, settle; unpaid ones stay as decoys. Identifiers carry the entity, so they are unique over
    all entities. The same tables, seed and level give the same frames. Raises ParameterError for a level that is not known
    or a negative seed.
    """
    if seed < 0 or str(level) not in set(Level):
        raise ParameterError(
            "noise",
            found=f"seed {seed}, level {level}",
            wanted=f"seed of 0 or more, level {', '.join(Level)}",
        )
    rng = np.random.default_rng([seed, list(Level).index(Level(level))])
    items, legs = _ledger(tables)
    rows = {str(row["item_id"]): row for row in _records(items)}
    odds = ODDS[Level(level)]
    teller = Teller(rng, odds, list(rows.values()), _records(tables["customers"]))
    receipts: list[dict[str, Any]] = []
    advices: list[dict[str, Any]] = []
    truth: list[dict[str, Any]] = []
    for payment in _payments(tables, legs, rows):
        credit = alter(payment, odds, rng)
        if credit is not None:
            rows[str(credit["item_id"])] = credit
        receipt, lines = teller.deliver(payment)
        receipts.append(receipt)
        advices.extend(lines)
        truth.extend(_true(payment, str(receipt["receipt_id"])))
    return NoisyCash(
        items=_sorted(MATCH_ITEMS, list(rows.values())),
        receipts=_sorted(MATCH_RECEIPTS, receipts),
        advices=_sorted(MATCH_ADVICES, advices),
        truth=_sorted(CASH_TRUTH, truth),
    )


def _sorted(table: Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = table.typed(pd.DataFrame(rows, dtype=object)) if rows else table.empty()
    return frame.sort_values(list(table.key), kind="stable", ignore_index=True)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows with None where there is no value."""
    plain = frame.astype(object)
    return [
        {str(k): v for k, v in row.items()} for row in plain.where(plain.notna(), None).to_dict("records")
    ]


def _ledger(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Items as they would stand if the receipts had not come, and the legs of the receipts that stand."""
    items = tables["items"].copy()
    items["item_id"] = items["entity"] + "-" + items["item_id"]
    apps = tables["applications"].copy()
    for end in ("source", "target"):
        apps[end] = apps["entity"] + "-" + apps[f"{end}_item_id"]
    undone = set(apps["reverses"].dropna())
    apps = apps[apps["reverses"].isna() & ~apps["application_id"].isin(undone)]
    kinds = items.set_index("item_id")["item_type"]
    cash = items.loc[items["item_type"].eq("receipt") & items["cash_status"].ne("reversed"), "item_id"]
    is_leg = (
        apps["kind"].eq("payment")
        & apps["source"].isin(set(cash))
        & apps["target"].map(kinds).isin(BILLED)
        & apps["target_amount"].gt(0)
    )
    # a write-off is not taken off: what was given up stays a candidate, flagged, since money for it is a recovery
    others = apps[~is_leg & apps["kind"].ne("write_off")]
    settled = (others["target_amount"] + others["discount"]).groupby(others["target"]).sum()
    spent = others["source_amount"].groupby(others["source"]).sum()
    items = items[items["item_type"].isin((*BILLED, "credit_memo"))].copy()
    is_credit = items["item_type"].eq("credit_memo")
    left = items["amount"] - items["item_id"].map(settled).fillna(0).astype("int64")
    left = left.where(~is_credit, items["amount"] + items["item_id"].map(spent).fillna(0).astype("int64"))
    items["open_amount"] = left
    items = items[(left.gt(0) & ~is_credit) | (left.lt(0) & is_credit)]

    legs = apps[is_leg]
    gone, disputes = tables["written_off"], tables["disputes"]
    disputes = disputes[disputes["closed_on"].isna()]
    items["is_written_off"] = items["item_id"].isin(set(gone["entity"] + "-" + gone["item_id"]))
    items["is_disputed"] = items["item_id"].isin(set(disputes["entity"] + "-" + disputes["item_id"]))
    held = tables["customers"][["entity", "customer_id", "terms"]]
    items = items.merge(held, on=["entity", "customer_id"], how="left", validate="many_to_one")
    return items[[name for name in MATCH_ITEMS.names if name in items.columns]], legs


def _payments(
    tables: dict[str, pd.DataFrame], legs: pd.DataFrame, rows: dict[str, dict[str, Any]]
) -> list[Payment]:
    """One payment for each receipt, in the order of day and number."""
    receipts = tables["receipts"].copy()
    receipts["source"] = receipts["entity"] + "-" + receipts["item_id"]
    receipts = receipts[receipts["source"].isin(set(legs["source"])) & receipts["amount"].gt(0)]
    receipts = receipts.sort_values(["effective_date", "entity", "receipt_id"], kind="stable")
    held: dict[str, list[dict[str, Any]]] = {}
    for leg in _records(legs.sort_values(["source", "target"], kind="stable")):
        held.setdefault(str(leg["source"]), []).append(leg)
    left = {name: int(row["open_amount"]) for name, row in rows.items()}
    made = []
    for row in _records(receipts):
        mine = held.pop(str(row["source"]), [])
        lines: dict[str, Line] = {}
        for leg in mine:
            target, cash, discount = str(leg["target"]), int(leg["target_amount"]), int(leg["discount"])
            line = lines.setdefault(target, Line(rows[target], 0))
            line.cash += cash
            line.discount += discount
            left[target] -= cash + discount
            line.reason = _plain_reason(line, left[target])
        if lines:
            foreign = any(line.item["currency"] != row["currency"] for line in lines.values())
            paid = sum(int(leg["source_amount"]) for leg in mine)
            made.append(Payment(row, paid, list(lines.values()), foreign))
    return made


def _plain_reason(line: Line, left: int) -> str:
    if line.discount:
        return "earned_discount"
    if left:
        return "partial"
    return "full" if line.cash == int(line.item["open_amount"]) else "partial|full"


def _true(payment: Payment, receipt_id: str) -> list[dict[str, Any]]:
    return [
        {
            "receipt_id": receipt_id,
            "item_id": line.item["item_id"],
            "currency": line.item["currency"],
            "applied_amount": line.cash,
            "discount": line.discount,
            "deduction": line.deduction,
            "fee": line.fee,
            "tolerance": line.tolerance,
            "reason": "exchange|full" if payment.is_foreign and line.reason == "full" else line.reason,
            "difference": payment.difference,
            "telling": payment.telling,
        }
        for line in payment.lines
    ]
