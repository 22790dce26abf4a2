"""Decisions at the desk are held against the latest facts, whatever day is on show."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.explore.case import CustomerCase
from arlib.explore.desk import Desk, desk_of
from arlib.explore.known import item_of_receipt, open_of
from arlib.ledger.customer.running import own_open_items
from arlib.run.casework import FaultsError
from arlib.run.params import load_close
from arlib.run.store import Actor
from arlib.sources.sample import generate, write_sample
from arlib.tables.choices import ItemType

from .test_desk import CLOSE


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    root = tmp_path_factory.mktemp("known")
    (root / "arlib.toml").write_text("")
    (root / "close.yml").write_text(CLOSE)
    write_sample(generate(seed=7, items=400), root / "extracts")
    plan = load_close(root / "close.yml", root=root)
    return desk_of(plan, entity="UK01", actor=Actor("sam.taylor"), is_ahead=False)


@pytest.fixture(scope="module")
def paid(desk: Desk) -> tuple[CustomerCase, str]:
    """An invoice that was open at the end of the period and is paid in full since, and its customer's case."""
    book = desk.books("UK01").index.book
    invoices = book["items"][book["items"]["item_type"].eq(ItemType.INVOICE.value)].set_index("item_id")
    late = book["applications"]
    late = late[late["posting_date"].gt("2026-10-31") & late["kind"].eq("payment")]
    for item in late["target_item_id"]:
        if item not in invoices.index or invoices.at[item, "posting_date"].date() > date(2026, 10, 31):
            continue
        case = desk.open("UK01", str(invoices.at[item, "customer_id"]))
        if case.known.items[item].amount == 0:
            return case, str(item)
    raise AssertionError("the sample has such an invoice")


def test_it_ties_to_the_open_items_of_the_last_day(desk: Desk, paid: tuple[CustomerCase, str]) -> None:
    case, item = paid
    assert item in case.open_items["item_id"].tolist(), "it is open on the day that is shown"
    rows = own_open_items(case.book, scope=case.scope, customer_id=case.customer_id, as_of=case.last_day)
    owed = rows.groupby("item_id")["outstanding"].sum()
    known = case.known
    assert {one: now.amount for one, now in known.items.items() if now.amount} == owed[owed.ne(0)].to_dict()
    by_currency = rows.groupby("currency")["outstanding"].sum().to_dict()
    assert {code: sum_ for code, sum_ in known.balances.items() if sum_} == {
        code: sum_ for code, sum_ in by_currency.items() if sum_
    }


def test_a_proposal_on_what_was_paid_since_is_refused(desk: Desk, paid: tuple[CustomerCase, str]) -> None:
    case, item = paid
    now = case.known.items[item]
    for record in (
        lambda work: work.propose(
            entity="UK01", kind="write_off", customer_id=case.customer_id, item_id=item, currency=now.currency, amount=100,
            reason="uncollectable", seen=case.head, known=case.known,
        ),
        lambda work: work.promise(
            entity="UK01", customer_id=case.customer_id, item_id=item, currency=now.currency, amount=100,
            pay_by=date(2030, 1, 1), known=case.known,
        ),
    ):  # fmt: skip
        with pytest.raises(
            FaultsError, match=rf"{now.name} was (paid|settled) in full by \S+ on 2026-11-0\d"
        ):
            desk.record(record)
    assert desk.head.seq == 0


def test_cash_is_not_applied_to_what_was_paid_since(desk: Desk) -> None:
    """Every open receipt, against every item around it: those that the books hold no more are refused, and no other."""
    index, refused, allowed = desk.books("UK01").index, 0, 0
    for receipt in desk.prepared("UK01").inputs.receipts["receipt_id"]:
        found = desk.receipt("UK01", str(receipt))
        own = item_of_receipt(index, str(receipt))
        now = open_of(index, desk.scope("UK01"), item_ids=[own, *found.around.items["item_id"]])
        for item in found.around.items["item_id"]:
            answer = found.what_if({str(item): None})
            gone = [one for one in (item, own) if one in now and now[one].amount == 0]
            said = [fault for fault in answer.faults if "in full" in fault]
            assert len(said) == len(gone) or not answer.lines
            refused += bool(said)
            allowed += answer.can_apply
            assert not (answer.can_apply and gone)
    assert refused
    assert allowed
