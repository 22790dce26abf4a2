"""Collected against target: what counts as cash, whose it is, which target holds, and that it all adds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arlib.collect.targets import Collected, by_collector, collected
from arlib.collect.targets.quarter import quarter_of
from arlib.errors import ParameterError
from arlib.policy import Policies, Scope
from arlib.tables import CANONICAL, Book

SCOPE = Scope(
    entity="E1", entity_name="One", functional_currency="USD", period="2026-11", starts_on=date(2026, 11, 1),
    ends_on=date(2026, 11, 30), as_of=date(2026, 11, 30),
)  # fmt: skip
CUSTOMERS = [
    {"customer_id": "C1", "name": "One", "collector": "ann", "region": "N"},
    {"customer_id": "C2", "name": "Two", "collector": "bob", "region": "S"},
    {"customer_id": "IC", "name": "Ours", "collector": "ann", "region": "N", "is_intercompany": True},
]


def item(
    item_id: str, amount: int, day: str = "2026-08-01", due: str | None = "2026-08-31", **more: Any
) -> dict[str, Any]:
    return {
        "item_id": item_id, "document_no": f"D-{item_id}", "customer_id": "C1", "item_type": "invoice", "currency": "USD",
        "amount": amount, "effective_date": day, "posting_date": day, "due_date": due, "control_account": "1200",
    } | more  # fmt: skip


def cash(item_id: str, amount: int, day: str, **more: Any) -> dict[str, Any]:
    return item(item_id, -amount, day, None) | {"item_type": "receipt", "cash_status": "applied"} | more


def applied(app_id: str, source: str, target: str, amount: int, day: str, **more: Any) -> dict[str, Any]:
    return {
        "application_id": app_id, "source_item_id": source, "target_item_id": target, "effective_date": day,
        "posting_date": day, "source_currency": "USD", "source_amount": amount, "target_currency": "USD",
        "target_amount": amount, "kind": "payment", "reason": "payment", "pairing": "stated",
    } | more  # fmt: skip


def book(
    items: list[dict[str, Any]], apps: list[dict[str, Any]] = (), **tables: list[dict[str, Any]]
) -> Book:
    given_ = {"items": items, "applications": apps, "customers": CUSTOMERS, **tables}
    return Book({
        name: CANONICAL[name].from_rows(row if name == "fx_rates" else {"entity": "E1"} | row for row in rows)
        for name, rows in given_.items()
    })  # fmt: skip


def made(
    items: list[dict[str, Any]], apps: list[dict[str, Any]] = (), scope: Scope = SCOPE, **tables: Any
) -> Collected:
    found = collected(book(items, apps, **tables), scope=scope, policies=Policies())
    assert [each for each in found.identities if not each.holds] == []
    return found


def whole(found: Collected) -> dict[str, Any]:
    return found.totals.set_index("level").loc["all"].to_dict()


def goal(**more: Any) -> dict[str, Any]:
    return {"period": "2026-Q4", "measure": "collected"} | more


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-10-01", "2026-10-01"),
        ("2026-12-31", "2026-10-01"),
        ("2027-01-01", "2027-01-01"),
        ("2026-09-30", "2026-07-01"),
    ],
)
def test_the_quarter_is_the_calendar_quarter_of_the_day(day, first):
    assert quarter_of(date.fromisoformat(day)).starts_on == date.fromisoformat(first)


@pytest.mark.parametrize(("posted", "in_portfolio"), [("2026-09-30", True), ("2026-10-01", False)])
def test_what_was_posted_on_the_last_day_before_the_quarter_is_frozen_the_next_day_not(posted, in_portfolio):
    found = made([item("I1", 1000, posted, "2026-10-30"), item("I2", 1)])
    assert ("I1" in set(found.items["item_id"])) is in_portfolio


@pytest.mark.parametrize(
    ("day", "collected_"), [("2026-09-30", 0), ("2026-10-01", 400), ("2026-11-30", 400), ("2026-12-01", 0)]
)
def test_cash_counts_from_the_first_day_of_the_quarter_to_the_as_of_date(day, collected_):
    found = made([item("I1", 1000), cash("R", 400, day)], [applied("A", "R", "I1", 400, day)])
    assert whole(found)["collected"] == collected_
    assert whole(found)["frozen"] == (600 if day < "2026-10-01" else 1000)


def test_cash_on_what_was_billed_in_the_quarter_is_not_collected():
    found = made(
        [item("I1", 1000), item("I2", 500, "2026-10-05", "2026-10-20"), cash("R", 500, "2026-10-25")],
        [applied("A", "R", "I2", 500, "2026-10-25")],
    )
    assert whole(found)["collected"] == 0
    assert whole(found)["still_open"] == 1000


def test_credits_write_offs_discounts_and_contra_are_no_cash():
    items = [
        item("I1", 1000), cash("R", 300, "2026-10-05"), item("CM", -200, "2026-10-05", None) | {"item_type": "credit_memo"},
        item("WO", -100, "2026-10-05", None) | {"item_type": "write_off"},
        item("TR", -50, "2026-10-05", None) | {"item_type": "transfer"},
    ]  # fmt: skip
    apps = [
        applied("A1", "R", "I1", 300, "2026-10-05", discount=20),
        applied("A2", "CM", "I1", 200, "2026-10-05", kind="credit_memo"),
        applied("A3", "WO", "I1", 100, "2026-10-05", kind="write_off"),
        applied("A4", "TR", "I1", 50, "2026-10-05", kind="contra"),
    ]  # fmt: skip
    row = whole(made(items, apps))
    names = ("frozen", "collected", "discounts", "credits", "write_offs", "other", "still_open")
    assert [row[name] for name in names] == [1000, 300, 20, 200, 100, 50, 330]


def test_a_reversal_takes_cash_back_and_cash_of_an_earlier_quarter_too():
    items = [item("I1", 1000), cash("R", 300, "2026-10-05"), cash("R0", 100, "2026-09-05")]
    apps = [
        applied("A0", "R0", "I1", 100, "2026-09-05"), applied("B0", "R0", "I1", -100, "2026-10-09", reverses="A0"),
        applied("A1", "R", "I1", 300, "2026-10-05"), applied("B1", "R", "I1", -300, "2026-11-30", reverses="A1"),
    ]  # fmt: skip
    row = whole(made(items, apps))
    assert (row["frozen"], row["collected"], row["still_open"]) == (900, -100, 1000)
    assert row["what"].startswith("Collected USD -1.00 of 9.00 (-11.11 %)")


def test_a_return_whose_application_stands_is_collected_no_longer():
    """The bank returned 300 of a receipt of 500 that paid 400 of the portfolio and 100 of a new invoice: 240 and 60."""
    items = [
        item("I1", 400), item("I2", 100, "2026-10-02", "2026-11-01"), cash("R", 500, "2026-10-05"),
        item("RR", 300, "2026-10-20", "2026-10-20") | {"item_type": "receipt", "reverses": "R"},
    ]  # fmt: skip
    apps = [applied("A1", "R", "I1", 400, "2026-10-05"), applied("A2", "R", "I2", 100, "2026-10-05")]
    row = whole(made(items, apps))
    assert (row["collected"], row["returned"], row["still_open"]) == (160, 240, 0)


def test_a_return_that_was_taken_back_on_the_invoice_counts_once():
    items = [
        item("I1", 400), cash("R", 400, "2026-10-05"),
        item("RR", 400, "2026-10-20", "2026-10-20") | {"item_type": "receipt", "reverses": "R"},
    ]  # fmt: skip
    apps = [
        applied("A1", "R", "I1", 400, "2026-10-05"), applied("A2", "R", "I1", -400, "2026-10-20", reverses="A1"),
        applied("A3", "R", "RR", 400, "2026-10-20", kind="return"),
    ]  # fmt: skip
    row = whole(made(items, apps))
    assert (row["collected"], row["returned"], row["still_open"]) == (0, 0, 400)


def test_a_rebill_in_its_place_is_no_cash():
    items = [
        item("I1", 1000),
        item("CB", 1000, "2026-10-10", "2026-11-10") | {"item_type": "chargeback", "replaces": "I1"},
    ]
    apps = [applied("A", "CB", "I1", 1000, "2026-10-10", kind="debit_to_debit")]
    row = whole(made(items, apps))
    assert (row["collected"], row["other"], row["still_open"]) == (0, 1000, 0)


def test_the_group_is_out_by_customer_and_by_account():
    accounts = [{"account": "1250", "role": "intercompany"}, {"account": "1200", "role": "trade"}]
    found = made(
        [item("I1", 10), item("I2", 20, customer_id="IC"), item("I3", 30, control_account="1250")],
        control_accounts=accounts,
    )
    assert found.items["item_id"].tolist() == ["I1"]


def test_bucket_collector_and_region_are_those_of_the_freeze():
    history = [
        {"customer_id": "C1", "attribute": "collector", "value": "ann", "valid_from": "2025-01-01"},
        {"customer_id": "C1", "attribute": "collector", "value": "bob", "valid_from": "2026-10-01"},
        {"customer_id": "C2", "attribute": "collector", "value": "ann", "valid_from": "2025-01-01"},
        {"customer_id": "C2", "attribute": "collector", "value": "bob", "valid_from": "2026-09-30"},
    ]  # fmt: skip
    items = [
        item("I1", 1000),
        item("I2", 500, customer_id="C2", due="2026-10-15"),
        cash("R", 1000, "2026-11-05"),
    ]
    found = made(items, [applied("A", "R", "I1", 1000, "2026-11-05")], customer_history=history)
    lines = found.lines.set_index(["collector", "region", "bucket"])["collected"].to_dict()
    assert lines == {("ann", "N", "1-30"): 1000, ("bob", "S", "current"): 0}
    assert found.moved[["customer_id", "from_collector", "to_collector", "amount"]].to_dict("records") == [
        {"customer_id": "C1", "from_collector": "ann", "to_collector": "bob", "amount": 1000}
    ]
    assert found.moved["moved_on"].item() == pd.Timestamp("2026-10-01")
    moves = found.moves.set_index("collector")
    assert moves.loc["ann", ["accounts_out", "amount_out", "net"]].tolist() == [1, 1000, -1000]
    assert moves.loc["bob", ["accounts_in", "amount_in", "net"]].tolist() == [1, 1000, 1000]


def test_the_most_specific_target_wins_and_an_amount_holds_for_its_own_line_alone():
    items = [
        item("I1", 1000),
        item("I2", 500, customer_id="C2"),
        item("I3", 200, due="2026-12-01"),
        cash("R", 900, "2026-10-05"),
    ]
    targets = [
        goal(rate="0.5"), goal(bucket="1-30", rate="0.6"), goal(collector="ann", rate="0.7"),
        goal(collector="ann", bucket="1-30", rate="0.8"), goal(collector="bob", currency="USD", amount=123),
        goal(period="2026-Q3", collector="bob", rate="0.99"), goal(measure="coverage", collector="bob", rate="0.99"),
    ]  # fmt: skip
    found = made(items, [applied("A", "R", "I1", 900, "2026-10-05")], targets=targets)
    lines = found.lines.set_index(["collector", "bucket"])
    assert lines.loc[("ann", "1-30"), ["target_rate", "target_amount", "difference"]].tolist() == [
        "0.8",
        800,
        100,
    ]
    assert lines.loc[("ann", "current"), "target_rate"] == "0.7"
    assert lines.loc[("bob", "1-30"), "target_rate"] == "0.6"
    totals = found.totals.set_index(["level", "name"])
    assert totals.loc[("collector", "bob"), ["target_amount", "difference", "target_for"]].tolist() == [
        123,
        -123,
        "collector bob",
    ]
    assert pd.isna(totals.loc[("collector", "bob"), "target_rate"])
    assert totals.loc[("region", "N"), ["target_rate", "target_for"]].tolist() == ["0.5", "all"]
    assert totals.loc[("bucket", "1-30"), "target_amount"] == 900
    assert (
        totals.loc[("collector", "ann"), "what"]
        == "Collected USD 9.00 of 12.00 (75.00 %); target 70.00 %, 8.40: 0.60 above it."
    )


def test_no_target_is_said_and_compares_nothing():
    found = made([item("I1", 1000)])
    row = whole(found)
    assert pd.isna(row["target_amount"])
    assert pd.isna(row["difference"])
    assert row["what"].endswith("no target was set.")
    assert any("No target of collected was set for 2026-Q4" in limit for limit in found.limits)
    said = made(
        [item("I1", 1000)], targets=[goal(collector="ann"), goal(collector="bob", currency="CHF", amount=1)]
    ).limits
    assert any("collector ann has neither" in limit for limit in said)
    assert any("collector bob has no place" in limit for limit in said)


def test_foreign_items_are_at_the_rate_of_the_freeze_and_without_one_in_the_check_alone():
    rates = [
        {"date": day, "base": "EUR", "quote": "USD", "rate": rate, "kind": "closing", "source": "x"}
        for day, rate in (("2026-09-30", "2"), ("2026-11-30", "3"))
    ]  # fmt: skip
    items = [
        item("I1", 1000, currency="EUR"), item("I2", 77, currency="CHF"), cash("R", 400, "2026-11-05", currency="EUR"),
    ]  # fmt: skip
    euros = {"source_currency": "EUR", "target_currency": "EUR"}
    found = made(items, [applied("A", "R", "I1", 400, "2026-11-05", **euros)], fx_rates=rates)
    assert whole(found)["frozen"] == 2000
    assert whole(found)["collected"] == 800
    assert found.checks.set_index("currency").loc["CHF", "frozen"] == 77
    assert any("CHF" in limit for limit in found.limits)


def test_parts_have_their_own_bucket_and_cash_fills_the_first():
    parts = [
        {"item_id": "I1", "instalment_no": 1, "due_date": "2026-08-31", "currency": "USD", "amount": 500},
        {"item_id": "I1", "instalment_no": 2, "due_date": "2026-10-31", "currency": "USD", "amount": 500},
    ]  # fmt: skip
    items = [item("I1", 1000, due="2026-10-31"), cash("R", 600, "2026-10-05"),
             item("CM", -150, "2026-10-06", None) | {"item_type": "credit_memo"}]  # fmt: skip
    apps = [
        applied("A", "R", "I1", 600, "2026-10-05"),
        applied("B", "CM", "I1", 150, "2026-10-06", kind="credit_memo"),
    ]
    found = made(items, apps, instalments=parts)
    rows = found.items.set_index("bucket")[["frozen", "collected", "credits", "still_open"]]
    assert rows.loc["1-30"].tolist() == [500, 500, 0, 0]
    assert rows.loc["current"].tolist() == [500, 100, 150, 250]


def test_unapplied_cash_and_open_credits_cleared_are_a_measure_of_their_own():
    items = [
        item("I1", 1000), cash("U", 500, "2026-09-15", cash_status="unapplied"), cash("N", 70, "2026-10-20", cash_status="unapplied"),
        item("CM", -200, "2026-09-01", None) | {"item_type": "credit_memo"},
        item("RF", 120, "2026-10-10", None) | {"item_type": "refund"},
    ]  # fmt: skip
    apps = [
        applied("A1", "U", "I1", 300, "2026-10-05"), applied("A2", "U", "RF", 120, "2026-10-10", kind="refund"),
        applied("A3", "CM", "I1", 50, "2026-10-06", kind="credit_memo"),
    ]  # fmt: skip
    rows = made(items, apps).cleared.set_index("kind")
    names = ["items", "at_start", "applied", "refunded", "other", "left", "rate", "new", "now"]
    assert rows.loc["unapplied_cash", names].tolist() == [1, 500, 300, 120, 0, 80, "0.84", 70, 150]
    assert rows.loc["open_credits", names].tolist() == [1, 200, 50, 0, 0, 150, "0.25", 0, 150]


def test_a_snapshot_cannot_say_what_was_open_before():
    given_ = replace(book([item("I1", 1)]), features=frozenset({"snapshot"}), snapshot_date="2026-11-30")
    with pytest.raises(ParameterError, match="snapshot"):
        collected(given_, scope=SCOPE, policies=Policies())


def test_an_empty_book_has_no_lines():
    found = made([])
    assert len(found.lines) == len(found.totals) == len(found.cleared) == 0


CASES = st.lists(
    st.tuples(
        st.integers(1, 5), st.integers(-300, 900), st.sampled_from(["2026-09-15", "2026-10-01", "2026-11-30", "2026-12-01"]),
        st.sampled_from(["R", "CM", "WO"]),
    ),
    max_size=12,
)  # fmt: skip


@given(CASES)
@example(
    [(2, -200, "2026-09-15", "CM"), (2, 860, "2026-11-30", "R")]
)  # owed before the invoice itself is there
@settings(max_examples=12, deadline=None)
def test_whatever_is_applied_the_portfolio_adds_up(cases):
    items = [
        item(
            f"I{k}",
            1000 * k,
            "2026-08-01" if k % 2 else "2026-10-02",
            customer_id=f"C{1 + k % 2}",
            currency="USD",
        )
        for k in range(1, 6)
    ]
    parts = [
        {"item_id": "I3", "instalment_no": n, "due_date": day, "currency": "USD", "amount": amount}
        for n, day, amount in ((1, "2026-08-31", 1000), (2, "2026-09-30", 1000), (3, "2026-11-30", 1000))
    ]
    kinds = {"R": "receipt", "CM": "credit_memo", "WO": "write_off"}
    items += [item(name, -50_000, "2026-08-01", None) | {"item_type": kind} for name, kind in kinds.items()]
    apps = [
        applied(f"A{n}", source, f"I{k}", amount, day)
        for n, (k, amount, day, source) in enumerate(cases)
        if amount
    ]
    found = made(items, apps, instalments=parts)
    row = whole(found)
    inside = [(k, a, s) for k, a, d, s in cases if d in ("2026-10-01", "2026-11-30")]
    owed = {
        k: 1000 * k * (k % 2) - sum(a for i, a, d, _ in cases if i == k and d == "2026-09-15")
        for k in range(1, 6)
    }
    frozen = {k for k, amount in owed.items() if amount > 0}
    assert set(found.items["item_id"]) == {f"I{k}" for k in frozen}
    assert row["collected"] == sum(a for k, a, s in inside if s == "R" and k in frozen)
    assert found.lines["collected"].sum() == row["collected"]


def test_contacts_and_promises_belong_to_who_made_them():
    activities = [
        {"activity_id": f"A{n}", "customer_id": "C1", "occurred_at": f"{day}T12:00:00Z", "done_by": who, "kind": kind, "outcome": outcome}
        for n, (day, who, kind, outcome) in enumerate([
            ("2026-11-01", "ann", "call", "reached"), ("2026-11-30", "ann", "email", "no answer"),
            ("2026-10-31", "ann", "call", "reached"), ("2026-12-01", "ann", "call", "reached"),
            ("2026-11-05", "bob", "meeting", "reached"), ("2026-11-05", "ann", "note", "reached"),
        ])
    ]  # fmt: skip
    promises = [
        {"promise_id": "P1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 400, "promised_on": "2026-11-01",
         "pay_by": "2026-11-10", "owner": "ann"},
        {"promise_id": "P2", "customer_id": "C1", "item_id": "I2", "currency": "USD", "amount": 400, "promised_on": "2026-11-01",
         "pay_by": "2026-11-10", "owner": "ann"},
    ]  # fmt: skip
    targets = [
        {"period": "2026-11", "measure": "contacts", "collector": "ann", "count": 5},
        {"period": "2026-Q4", "measure": "contacts", "collector": "bob", "count": 90},
        {"period": "2026-Q4", "measure": "promises_kept", "rate": "0.8"},
    ]  # fmt: skip
    items = [item("I1", 400), item("I2", 400), cash("R", 400, "2026-11-09")]
    given_ = book(
        items,
        [applied("A", "R", "I1", 400, "2026-11-09")],
        activities=activities,
        promises=promises,
        targets=targets,
    )
    rows = by_collector(given_, scope=SCOPE, policies=Policies()).set_index("collector")
    names = [
        "contacts",
        "calls",
        "emails",
        "other",
        "right_contacts",
        "contacts_target",
        "contacts_difference",
    ]
    assert rows.loc["ann", names].tolist() == [2, 1, 1, 0, 1, 5, -3]
    assert rows.loc["bob", names[:5]].tolist() == [1, 0, 0, 1, 1]
    assert pd.isna(rows.loc["bob", "contacts_target"])  # a quarter's target is none of a month
    promised = ["promises_taken", "promises_due", "promises_kept", "kept_rate", "kept_target"]
    assert rows.loc["ann", promised].tolist() == [2, 2, 1, "0.5", "0.8"]


@pytest.mark.parametrize(
    ("as_of", "said", "pro_rata", "ahead"),
    [
        (date(2026, 10, 31), "200.00 still to collect. Month 1 of 3, day 31 of 92: pro rata 134.78, 65.22 ahead.", 134_78, 65_22),
        (date(2026, 11, 30), "200.00 still to collect. Month 2 of 3, day 61 of 92: pro rata 265.22, 65.22 behind.", 265_22, -65_22),
        (date(2026, 12, 31), "200.00 short of it.", 400_00, -200_00),
    ],
)  # fmt: skip
def test_a_target_of_the_quarter_is_held_against_its_days_gone(as_of, said, pro_rata, ahead):
    scope = replace(
        SCOPE, as_of=as_of, ends_on=as_of, starts_on=as_of.replace(day=1), period=f"{as_of:%Y-%m}"
    )
    row = whole(made(
        [item("I1", 500_00), cash("R", 200_00, "2026-10-10")], [applied("A", "R", "I1", 200_00, "2026-10-10")],
        scope, targets=[goal(rate="0.8")],
    ))  # fmt: skip
    assert (row["to_collect"], row["pro_rata"], row["ahead"]) == (200_00, pro_rata, ahead)
    assert row["what"].endswith(said)


def test_the_frozen_portfolio_is_reconciled_to_booking_rates_with_the_group_in():
    """EUR 100.00 booked at 1.00 is 110.00 at the closing rate; the group's own 50.00 leave."""
    rows = [
        item("I1", 300_00), item("I2", 100_00, due="2026-10-15", currency="EUR", functional_amount=100_00),
        item("IC1", 50_00, customer_id="IC"),
    ]  # fmt: skip
    rates = [
        {"date": "2026-09-30", "base": "EUR", "quote": "USD", "rate": "1.1", "kind": "closing", "source": "x"}
    ]
    current, late = made(rows, fx_rates=rates).reconciled
    assert (current.booked, current.internal, current.rates, current.frozen) == (100_00, 0, 10_00, 110_00)
    assert (late.booked, late.internal, late.rates, late.frozen) == (350_00, 50_00, 0, 300_00)
