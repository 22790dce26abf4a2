"""One law for letters, statements and work lists: what bars a debt, both ways, and that all three say so."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.collect.contact.outside import outside
from arlib.collect.dunning import hard_exclusions
from arlib.collect.exclusions import exclusions
from arlib.collect.position import position
from arlib.collect.statements import statements
from arlib.policy import Policies, Scope
from arlib.tables import CANONICAL, Book

SCOPE = Scope(entity="E", entity_name="Seller", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
ITEM = {"entity": "E", "item_id": "I1", "customer_id": "C1", "document_no": "I1", "item_type": "invoice", "currency": "USD",
        "amount": 100, "effective_date": "2026-08-01", "due_date": "2026-08-31"}  # fmt: skip
CLAIM = {
    "claim_id": "K1",
    "customer_id": "C1",
    "kind": "bankruptcy",
    "opened_on": "2026-09-01",
    "currency": "USD",
    "state": "filed",
}
HOLD = {"hold_id": "H1", "customer_id": "C1", "kind": "legal", "placed_on": "2026-10-01"}
PLACED = {"placement_id": "P1", "customer_id": "C1", "kind": "agency", "placed_with": "Grab", "placed_on": "2026-10-01",
          "currency": "USD", "amount": 1}  # fmt: skip
SOLD = {"entity": "E", "account": "1290", "name": "Factored", "role": "factored"}


def book(*, status="active", item=None, **tables):
    rows = {"items": [ITEM | (item or {})], "applications": [],
            "customers": [{"entity": "E", "customer_id": "C1", "name": "One", "status": status}],
            **{name: [{"entity": "E"} | row] for name, row in tables.items()}}  # fmt: skip
    return Book({name: CANONICAL[name].from_rows(each) for name, each in rows.items()})


def answers(the_book):
    """The reason of work lists, letters and statements for the one item; None where it may be asked for."""
    policies = Policies()
    here = position(the_book, scope=SCOPE, policies=policies)
    frames = (
        outside(the_book, position=here, policies=policies),
        hard_exclusions(the_book, position=here),
        statements(the_book, scope=SCOPE, policies=policies, position=here).excluded,
    )
    return tuple(next(iter(frame["reason"]), None) for frame in frames)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({}, (None, None, None)),
        ({"status": "sanctioned"}, ("sanctioned", "sanctioned", "sanctioned")),
        ({"holds": HOLD}, ("legal_hold", "legal_hold", "legal")),
        ({"holds": HOLD | {"lifted_on": "2026-10-31"}}, (None, None, None)),
        ({"holds": HOLD | {"placed_on": "2026-11-01"}}, (None, "legal_hold", "legal")),  # papers leave today
        ({"holds": HOLD | {"item_id": "I0"}, "item": {"replaces": "I0"}}, ("legal_hold", "legal_hold", "legal")),
        ({"holds": HOLD | {"item_id": "I0"}}, (None, None, None)),
        ({"claims": CLAIM | {"state": "paid"}}, ("bankrupt", "claim", "bankrupt")),  # the case is not closed
        ({"claims": CLAIM | {"state": "paid", "closed_on": "2026-10-31"}}, (None, None, None)),
        ({"claims": CLAIM | {"state": "discharged", "closed_on": "2026-10-01"}}, ("bankrupt", "discharged", "bankrupt")),
        ({"claims": CLAIM | {"state": "discharged", "opened_on": "2026-07-31"}}, (None, None, None)),
        ({"placements": PLACED}, ("placed", "placed", "placed")),
        ({"placements": PLACED | {"placed_on": "2026-07-01"}}, (None, "placed", "placed")),  # billed since
        ({"placements": PLACED | {"recalled_on": "2026-10-31"}}, (None, None, None)),
        ({"item": {"assigned_to": "Factor"}}, ("sold", "assigned", "sold")),
        ({"item": {"control_account": "1290"}, "control_accounts": SOLD}, ("sold", "factored", "sold")),
        ({"item": {"assigned_to": " GRAB "}, "placements": PLACED | {"item_id": "I9"}}, ("placed", "placed", "placed")),
    ],
)  # fmt: skip
def test_lists_letters_and_statements_keep_one_law(rows, said):
    assert answers(book(**rows)) == said


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ({"item": {"assigned_to": "Factor"}}, "assigned to Factor: it is not ours to collect"),
        ({"item": {"assigned_to": "Factor", "control_account": "1290"}, "control_accounts": SOLD},
         "sold to Factor: it is not ours to collect"),
        ({"item": {"control_account": "1290"}, "control_accounts": SOLD}, "sold: it is not ours to collect"),
        ({"placements": PLACED}, "placed with Grab"),
    ],
)  # fmt: skip
def test_what_is_sold_is_not_called_placed_and_the_holder_is_named(rows, what):
    the_book, policies = book(**rows), Policies()
    here = position(the_book, scope=SCOPE, policies=policies)
    assert outside(the_book, position=here, policies=policies)["what"].tolist() == [what]


def test_each_row_lists_every_bar_the_gravest_first():
    the_book = book(status="bankrupt", holds=HOLD, item={"assigned_to": "Factor"})
    here = position(the_book, scope=SCOPE, policies=Policies())
    found = exclusions(the_book, position=here, goes_out=True)
    assert found.on(here.debits)["ground"].tolist() == ["bankrupt", "legal_hold", "assigned"]
    assert found.of_items().on(here.debits)["ground"].tolist() == ["assigned"]
