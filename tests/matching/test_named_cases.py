"""Cases that the scenario collection names but does not ship, through the whole engine."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from arlib.matching.frames import MATCH_ADVICES, MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.policy.matching import MatchingPolicy
from arlib.tables import CANONICAL

BASE = {"entity": "E1", "currency": "USD"}


def item(name: str, customer: str, amount: int, **more: Any) -> dict[str, Any]:
    dated = {"document_date": "2026-06-01", "due_date": "2026-07-01", "item_type": "invoice"}
    named = {
        "item_id": name,
        "document_no": name,
        "customer_id": customer,
        "open_amount": amount,
        "amount": amount,
    }
    return BASE | dated | named | more


def run(
    items: list[dict[str, Any]], cash: dict[str, Any], **more: Any
) -> tuple[dict[str, int], pd.DataFrame, pd.DataFrame]:
    """Cents applied by item, the matches and the unmatched of one receipt."""
    engine = pytest.importorskip("arlib.matching.engine", reason="the engine's entry is not there yet")
    row = BASE | {"receipt_id": "R1", "value_date": "2026-07-02", "remittance_text": ""} | cash
    inputs = MatchInputs(items=MATCH_ITEMS.frame(items), receipts=MATCH_RECEIPTS.frame([row]), **more)
    result = engine.match(inputs, policy=MatchingPolicy())
    applied = result.matches["applied_amount"].astype(int)
    return dict(zip(result.matches["item_id"], applied, strict=True)), result.matches, result.unmatched


def people(*rows: dict[str, Any]) -> pd.DataFrame:
    return CANONICAL["customers"].frame([{"entity": "E1", "status": "active"} | row for row in rows])


TWO = people(
    {"customer_id": "C1", "name": "Granite Products International Inc."},
    {"customer_id": "C2", "name": "Harbor Tech Solutions"},
)


def test_overpayment_is_unapplied() -> None:
    found, _, rest = run(
        [item("INV-7001", "C1", 100_000), item("INV-7002", "C1", 25_000)],
        {"amount": 110_000, "remittance_text": "INV-7001", "customer_id": "C1"},
    )
    assert found == {"INV-7001": 100_000}
    assert rest[["unapplied_amount", "status"]].to_numpy().tolist() == [[10_000, "unapplied"]]


def test_truncated_name_and_no_remittance() -> None:
    found, _, _ = run(
        [item("INV-7001", "C1", 273_112), item("INV-7002", "C2", 273_112)],
        {"amount": 273_112, "payer_name": "GRANITE PRODUCTS INTERNATIO"},
        customers=TWO,
    )
    assert found == {"INV-7001": 273_112}


def test_a_number_of_the_system_before() -> None:
    found, _, _ = run(
        [
            item("1400012345", "C1", 88_200, order_no="LEG-44718"),
            item("1400012346", "C1", 88_200, order_no="LEG-44719"),
        ],
        {"amount": 88_200, "remittance_text": "your ref LEG-44719", "customer_id": "C1"},
    )
    assert found == {"1400012346": 88_200}


def test_a_late_remittance_advice_decides() -> None:
    items = [item(f"INV-700{n}", "C1", 50_000) for n in range(1, 5)]
    cash = {"amount": 100_000, "customer_id": "C1"}
    _, matches, _ = run(items, cash)
    assert "auto" not in set(matches["decision"])  # any two of four would do
    lines = [
        BASE | {"receipt_id": "R1", "line_no": n, "reference": name, "gross": 50_000, "net": 50_000}
        for n, name in enumerate(("INV-7002", "INV-7004"), 1)
    ]
    found, _, _ = run(items, cash, advices=MATCH_ADVICES.frame(lines))
    assert found == {"INV-7002": 50_000, "INV-7004": 50_000}


def test_a_credit_memo_is_netted() -> None:
    found, _, _ = run(
        [item("INV-7001", "C1", 100_000), item("CM-8001", "C1", -20_000, item_type="credit_memo")],
        {"amount": 80_000, "remittance_text": "INV-7001 CM-8001", "customer_id": "C1"},
    )
    assert found == {"INV-7001": 100_000, "CM-8001": -20_000}


def test_another_currency() -> None:
    rates = CANONICAL["fx_rates"].frame(
        [
            {
                "date": "2026-07-02",
                "base": "EUR",
                "quote": "USD",
                "rate": "1.08",
                "kind": "spot",
                "source": "test",
            }
        ]
    )
    found, matches, rest = run(
        [item("INV-7001", "C1", 5_400_000)],
        {"amount": 5_000_000, "currency": "EUR", "remittance_text": "INV-7001", "customer_id": "C1"},
        rates=rates,
    )
    assert found == {"INV-7001": 5_400_000}
    assert matches["receipt_amount"].tolist() == [5_000_000]
    assert rest.empty


def test_money_for_a_written_off_invoice_is_a_recovery() -> None:
    found, matches, _ = run(
        [item("INV-7001", "C1", 90_000, is_written_off=True)],
        {"amount": 90_000, "remittance_text": "INV-7001", "customer_id": "C1"},
    )
    assert found == {"INV-7001": 90_000}
    assert matches[["reason", "decision"]].to_numpy().tolist() == [["recovery", "suggest"]]
