"""The roll-forward of an auditor's window: it foots, ties at both ends, goes down to documents, and says what is unusual."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames import RollGroup
from arlib.audit.ledger.roll_forward import GROUP_OF, rolled
from arlib.audit.options.ledger import RollForwardOptions
from arlib.controls import Status
from arlib.errors import IdentityError, ParameterError
from arlib.ledger.frames_control import RollLine
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import Policies

BY_TYPE = """
    select currency, sum(amount)::bigint from items
    where entity = $entity and item_type in ('invoice', 'debit_memo', 'interest_or_fee')
    and coalesce(posting_date, effective_date) > $interim and coalesce(posting_date, effective_date) <= $day group by 1
"""


def roll(book, scope, **options):
    ask = Ask(kind="roll_forward", options=RollForwardOptions(**options))
    return rolled(book, scope=scope, policies=Policies(), ask=ask)


def test_every_line_of_the_ledger_has_a_group():
    assert set(GROUP_OF) == set(RollLine)
    assert set(GROUP_OF.values()) == set(RollGroup)


@pytest.mark.parametrize(
    ("entity", "interim"), [("US01", "2026-06-30"), ("UK01", ""), ("JP01", "2026-08-14")]
)
def test_it_foots_and_both_ends_are_the_open_items(company, entity, interim):
    book, scope = company[entity]
    found = roll(book, scope, interim=interim)

    assert found.interim == (date.fromisoformat(interim) if interim else date(2026, 9, 30))
    groups = found.groups.set_index(["measure", "currency", "group"])["amount"].sort_index()
    ends = {
        day: open_items(book, scope=replace(found.scope, as_of=day)) for day in (found.interim, scope.as_of)
    }
    for code in {key[1] for key in groups.index if key[0] == "document"}:
        mine = groups.loc["document", code]
        steps = mine.drop(["opening", "closing"])
        assert mine["opening"] + steps.sum() == mine["closing"]
        closing = ends[scope.as_of]
        assert mine["closing"] == total(closing.loc[closing["currency"].eq(code), "outstanding"])
        opening = ends[found.interim]
        late = steps.get("entered_late", 0)
        assert mine["opening"] + late == total(opening.loc[opening["currency"].eq(code), "outstanding"])

    connection = duckdb.connect()
    connection.register("items", book["items"])
    by_sql = dict(
        connection.execute(
            BY_TYPE, {"entity": entity, "interim": found.interim, "day": scope.as_of}
        ).fetchall()
    )
    invoices = {
        key[1]: amount
        for key, amount in groups.items()
        if key[0] == "document" and key[2] == "invoices" and amount
    }
    assert invoices == by_sql

    documents = found.documents.groupby("group")["functional_amount"].sum()
    books = groups.loc["functional", scope.functional_currency].drop(["opening", "closing"])
    assert {group: int(amount) for group, amount in documents.items() if amount} == {
        group: int(amount) for group, amount in books.items() if amount
    }
    closing_ties = [
        one
        for one in found.controls
        if one.title.startswith(f"At {scope.as_of}") and one.name == "control_account"
    ]
    assert {one.status for one in closing_ties} == {Status.TIED, Status.EXPLAINED}
    assert (
        sum(one.right for one in closing_ties)
        == groups.loc["functional", scope.functional_currency, "closing"]
    )


def test_planted_manual_journals_are_unusual_and_the_interface_is_not(company):
    book, scope = company["US01"]
    found = roll(book, scope, interim="2026-06-30", large="999999999")

    ledger = found.unusual[found.unusual["side"].eq("general_ledger")]
    lines = book["gl_lines"].query(
        "source == 'manual' and status == 'posted' and posting_date <= @scope.as_of"
    )
    assert sorted(ledger["reference"]) == sorted(lines["journal_id"] + "/" + lines["line_id"])
    assert not found.unusual["why"].str.contains("large").any()


def test_large_and_near_the_end_at_their_bounds(book, seen):
    made = book(
        items=[
            {"item_id": "I1", "amount": 10_000, "effective_date": "2026-10-02"},
            {"item_id": "I2", "amount": 9_999, "effective_date": "2026-10-03"},
            {"item_id": "C1", "item_type": "credit_memo", "amount": -10, "effective_date": "2026-10-27"},
            {"item_id": "C2", "item_type": "credit_memo", "amount": -10, "effective_date": "2026-10-26"},
            {"item_id": "R1", "item_type": "receipt", "amount": -10, "effective_date": "2026-10-31"},
            {
                "item_id": "C3",
                "item_type": "credit_memo",
                "amount": -10,
                "effective_date": "2026-10-05",
                "entered_at": "2026-11-01T00:00:00Z",
            },
            {
                "item_id": "C4",
                "item_type": "credit_memo",
                "amount": -10_000,
                "effective_date": "2026-10-31",
                "entered_at": "2026-10-31T23:00:00Z",
            },
        ]
    )
    found = roll(made, seen(), large="100.00", last_days=5)

    assert found.unusual[["document_no", "reasons"]].to_numpy().tolist() == [
        ["C4", 2],
        ["I1", 1],
        ["C1", 1],
        ["C3", 1],
    ]
    assert found.unusual["rank"].tolist() == [1, 2, 3, 4]
    whole = roll(made, seen())
    closing = 10_000 + 9_999 - 40 - 10_000
    assert whole.large == round(closing * 0.05)


def test_attributes_that_changed_between_the_dates(book, seen):
    made = book(
        items=[{"item_id": "I1", "amount": 700, "effective_date": "2026-10-02"}],
        customers=[{"customer_id": "C1", "name": "=1+1", "limit_currency": "USD"}, {"customer_id": "C2", "name": "B"}],
        customer_history=[
            {"customer_id": "C1", "attribute": "terms", "value": "net 30", "valid_from": "2026-01-01"},
            {"customer_id": "C1", "attribute": "terms", "value": "net 90", "valid_from": "2026-10-01"},
            {"customer_id": "C1", "attribute": "credit_limit", "value": "1000.00", "valid_from": "2026-01-01"},
            {"customer_id": "C1", "attribute": "credit_limit", "value": "9000.00", "valid_from": "2026-10-31"},
            {"customer_id": "C2", "attribute": "terms", "value": "net 30", "valid_from": "2026-01-01"},
            {"customer_id": "C2", "attribute": "terms", "value": "net 45", "valid_from": "2026-11-01"},
        ],
    )  # fmt: skip
    found = roll(made, seen())
    assert found.changes[["customer_id", "attribute", "before", "after", "balance"]].to_numpy().tolist() == [
        ["C1", "credit_limit", "USD 1000.00", "USD 9000.00", 700], ["C1", "terms", "net 30", "net 90", 700],
    ]  # fmt: skip
    assert not roll(book(items=[]), seen()).knows_history


def test_a_window_that_cannot_be(book, seen, company):
    made = book(items=[{"item_id": "I1", "amount": 5, "effective_date": "2026-10-02"}])
    with pytest.raises(ParameterError, match="interim"):
        roll(made, seen(), interim="2026-10-31")
    assert roll(made, seen(), interim="2026-10-30").interim == date(2026, 10, 30)
    with pytest.raises(ParameterError, match="one day only"):
        roll(book(features=("snapshot",), snapshot_date="2026-10-31"), seen())


def test_without_amounts_in_the_books_currency_it_stands_by_document(book, seen):
    made = book(items=[{"item_id": "I1", "amount": 5, "currency": "EUR", "effective_date": "2026-10-02"}])
    found = roll(made, seen())
    assert set(found.groups["measure"]) == {"document"}
    assert [one.status for one in found.controls if one.name == "roll_forward"] == [Status.NO_INPUT]
    assert found.months.empty


def test_a_lost_document_breaks_its_line(book, seen, monkeypatch):
    import arlib.audit.ledger.roll_forward as module

    made = book(items=[{"item_id": f"I{n}", "amount": n, "effective_date": "2026-10-02"} for n in (1, 2)])
    real = module._documents
    monkeypatch.setattr(module, "_documents", lambda *given: real(*given).iloc[1:].reset_index(drop=True))
    with pytest.raises(IdentityError, match="documents of"):
        roll(made, seen())
