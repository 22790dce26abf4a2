"""Look-back: what became of the receivables of then, bucket by bucket, and which way the allowance erred."""

from __future__ import annotations

from fractions import Fraction

import pytest

from arlib.audit.ask import Ask
from arlib.audit.ledger.look_back import direction_of, judged, looked_back
from arlib.audit.options.ledger import LookBackOptions
from arlib.errors import IdentityError
from arlib.money import total
from arlib.policy import Policies

PARTS = ["cash", "credited", "lost", "still_open"]


def look(book, scope, months="3"):
    return looked_back(
        book,
        scope=scope,
        policies=Policies(),
        ask=Ask(kind="look_back", options=LookBackOptions(months=months)),
    )


def invoice(item, amount, **more):
    return {
        "item_id": item,
        "amount": amount,
        "effective_date": "2026-05-01",
        "due_date": "2026-05-31",
        **more,
    }


def source(item, kind, amount, day):
    return {"item_id": item, "item_type": kind, "amount": -amount, "effective_date": day}


def set_against(credit, debit, amount, day, kind="payment", reason="cash"):
    return {
        "source_item_id": credit,
        "target_item_id": debit,
        "amount": amount,
        "effective_date": day,
        "kind": kind,
        "reason": reason,
    }


ENTRY = {"account": "1280", "part": "pool", "currency": "USD"}


@pytest.fixture
def ledger(book):
    return book(
        items=[
            invoice("PAID", 1000),
            invoice("MEMO", 500),
            invoice("LOST", 300, due_date="2026-06-30"),
            invoice("OPEN", 200),
            invoice("MIX", 400),
            invoice("NEW", 900) | {"effective_date": "2026-08-01"},
            source("R1", "receipt", 1000, "2026-08-15"),
            source("CM", "credit_memo", 500, "2026-08-15"),
            source("WO", "write_off", 300, "2026-09-30"),
            source("R0", "receipt", 40, "2026-07-31"),
            source("R2", "receipt", 180, "2026-10-31"),
            source("C2", "credit_memo", 180, "2026-08-01"),
            source("R3", "receipt", 999, "2026-11-01"),
        ],
        applications=[
            set_against("R1", "PAID", 1000, "2026-08-15"),
            set_against("CM", "MEMO", 500, "2026-08-15", "credit_memo", "price"),
            set_against("WO", "LOST", 300, "2026-09-30", "write_off", "uncollectable"),
            set_against("R0", "MIX", 40, "2026-07-31"),
            set_against("R2", "MIX", 180, "2026-10-31"),
            set_against("C2", "MIX", 180, "2026-08-01", "credit_memo", "price"),
            set_against("R3", "OPEN", 200, "2026-11-01"),
        ],
        allowance_entries=[
            {"entry_id": "E1", "posting_date": "2026-07-31", "line": "opening", "amount": 250, **ENTRY},
            {"entry_id": "E2", "posting_date": "2026-08-31", "line": "charge", "amount": 900, **ENTRY},
        ],
    )


def test_what_became_of_each_bucket(ledger, seen):
    found = look(ledger, seen())
    row = found.dates.iloc[0]

    assert row[["gross", *PARTS]].tolist() == [2360, 1180, 680, 300, 200]
    assert (row["booked"], row["booked_over"], row["direction"]) == (250, -50, "under")
    assert abs(Fraction(row["resolved"]) - Fraction(2160, 2360)) < Fraction(1, 10**9)
    buckets = found.buckets.set_index("bucket")
    assert buckets["lost"].to_dict() == {"31-60": 300, "61-90": 0}
    assert buckets["gross"].to_dict() == {"31-60": 300, "61-90": 2060}
    assert found.losses[["document_no", "lost"]].to_numpy().tolist() == [["LOST", 300]]
    assert found.direction == "under"


def test_a_chargeback_that_was_open_already_is_still_open(book, seen):
    made = book(
        items=[
            invoice("INV", 1000),
            source("R1", "receipt", 900, "2026-06-10"),
            {"item_id": "TR", "item_type": "transfer", "amount": -100, "effective_date": "2026-06-10"},
            {
                "item_id": "CB",
                "item_type": "chargeback",
                "amount": 100,
                "effective_date": "2026-06-10",
                "due_date": "2026-05-31",
                "replaces": "INV",
            },
        ],
        applications=[
            set_against("R1", "INV", 900, "2026-06-10"),
            set_against("TR", "INV", 100, "2026-06-10", "debit_to_debit", "short_payment"),
        ],
    )
    found = look(made, seen())
    row = found.dates.iloc[0]
    assert row[["gross", *PARTS]].tolist() == [100, 0, 0, 0, 100]
    assert [one.difference for one in found.controls if one.name == "look_back_outcome"] == [0]
    assert row["resolved"] == "0"


def test_a_debt_in_two_buckets_is_shared_out(book, seen):
    made = book(
        items=[invoice("INV", 900), source("WO", "write_off", 300, "2026-09-30")],
        applications=[set_against("WO", "INV", 300, "2026-09-30", "write_off", "uncollectable")],
        instalments=[{"item_id": "INV", "instalment_no": n, "due_date": day, "currency": "USD", "amount": amount}
                     for n, day, amount in ((1, "2026-05-31", 300), (2, "2026-08-31", 600))],
    )  # fmt: skip
    found = look(made, seen())
    assert found.buckets.set_index("bucket")[["gross", "lost", "still_open"]].T.to_dict("list") == {
        "current": [600, 200, 400], "61-90": [300, 100, 200],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("over", "still_open", "said"),
    [
        (None, 0, "unknown"),
        (-1, 1_000, "under"),
        (390_335, 748_330, "not_yet"),  # more than was lost so far, and more is open than the surplus
        (390_335, 390_335, "not_yet"),
        (390_335, 390_334, "over"),
        (1, 0, "over"),
        (0, 0, "even"),
        (0, 1, "not_yet"),
    ],
)
def test_a_surplus_is_judged_only_where_what_is_open_cannot_use_it_up(over, still_open, said):
    assert judged(over, still_open) == said


@pytest.mark.parametrize(
    ("each", "said"),
    [
        ([], "unknown"),
        (["unknown"], "unknown"),
        (["not_yet", "unknown"], "not_yet"),
        (["over", "not_yet"], "over"),
        (["over", "under"], "mixed"),
        (["even", "over"], "mixed"),
        (["under", "under"], "under"),
    ],
)
def test_the_direction_of_several_dates(each, said):
    assert direction_of(each) == said


@pytest.mark.parametrize("entity", ["US01"])
def test_the_sample_adds_up_and_agrees_with_the_back_test(company, entity):
    book, scope = company[entity]
    found = look(book, scope, "12, 6")

    assert [f"{day:%Y-%m-%d}" for day in found.dates["as_of"]] == ["2026-04-30", "2025-10-31"]
    for _, row in found.dates.iterrows():
        mine = found.buckets[found.buckets["as_of"].eq(row["as_of"])]
        assert {name: total(mine[name]) for name in PARTS} == {name: row[name] for name in PARTS}
        assert total(mine["allowance"]) == row["allowance"]
        assert sum(row[name] for name in PARTS) == row["gross"]
    assert all(one.difference == 0 for one in found.controls if one.name == "look_back_outcome")
    written = book["items"].query("item_type == 'write_off' and posting_date <= @scope.as_of")
    assert total(found.losses["lost"]) <= -total(written["functional_amount"].fillna(written["amount"])) * 2


def test_dates_before_the_records_and_books_of_one_day(book, seen):
    made = book(items=[invoice("A", 100)])
    found = look(made, seen(), "3, 60")
    assert len(found.dates) == 1
    assert any("2021-10-31" in said for said in found.limits)
    assert found.dates["booked"].isna().all()
    one_day = book(items=[invoice("A", 100)], features=("snapshot",), snapshot_date="2026-10-31")
    assert look(one_day, seen()).dates.empty


def test_a_lost_bucket_breaks_an_identity(ledger, seen, monkeypatch):
    import arlib.audit.ledger.look_back as module

    real = module._by_bucket
    monkeypatch.setattr(module, "_by_bucket", lambda *given: real(*given).iloc[1:])
    with pytest.raises(IdentityError):
        look(ledger, seen())
