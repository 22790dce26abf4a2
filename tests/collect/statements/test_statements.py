"""Statements of account: what is on them, what is not and why, and that all of it is the ledger."""

from __future__ import annotations

import pickle
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.collect.statements import creditor_reference, is_creditor_reference, statements, statements_of
from arlib.collect.statements.references import references_of
from arlib.errors import ParameterError
from arlib.policy import Policies, Scope, StatementPolicy
from arlib.policy.statement import RemitTo, StatementKind
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

FORWARD = StatementPolicy(kind=StatementKind.BALANCE_FORWARD)
SCOPE = Scope(entity="E", entity_name="Seller", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def item(item_id, amount, *, customer="C1", day="2026-09-15", kind="invoice", currency="USD", **more):
    return {
        "entity": "E", "item_id": item_id, "customer_id": customer, "document_no": item_id, "item_type": kind, "currency": currency,
        "amount": amount, "effective_date": day, "due_date": None if kind == "receipt" else "2026-10-10", **more,
    }  # fmt: skip


def applied(number, source, target, amount, *, day="2026-10-20", discount=0, kind="payment"):
    return {
        "entity": "E", "application_id": number, "source_item_id": source, "target_item_id": target, "effective_date": day,
        "source_currency": "USD", "source_amount": amount, "target_currency": "USD", "target_amount": amount, "discount": discount,
        "kind": kind, "reason": "payment", "pairing": "stated",
    }  # fmt: skip


def customer(code, **more):
    return {"entity": "E", "customer_id": code, "name": f"Name {code}", "status": "active", **more}


def book(items, *, applications=(), customers=("C1",), **tables):
    people = [one if isinstance(one, dict) else customer(one) for one in customers]
    rows = {"items": items, "applications": applications, "customers": people, **tables}
    return Book({name: CANONICAL[name].from_rows(each) for name, each in rows.items()})


def made(the_book, policy=None, **more):
    return statements(the_book, scope=SCOPE, policies=Policies(statement=policy or StatementPolicy()), **more)


def test_the_published_example_of_a_creditor_reference():
    assert creditor_reference("539007547034") == "RF18539007547034"
    assert is_creditor_reference("RF18 5390 0754 7034")
    assert not is_creditor_reference("RF19 5390 0754 7034")
    assert creditor_reference("2348231") == "RF712348231"


@given(st.from_regex(r"[A-Z0-9]{1,21}", fullmatch=True))
def test_a_reference_is_right_and_every_single_slip_is_found(code):
    reference = creditor_reference(code)
    assert is_creditor_reference(reference)
    last = reference[-1]
    other = ("1" if last != "1" else "2") if last.isdigit() else ("A" if last != "A" else "B")
    assert not is_creditor_reference(reference[:-1] + other)


def test_a_code_that_is_no_reference_has_none_and_two_never_share_one():
    assert creditor_reference("Ü1") == ""
    assert creditor_reference("X" * 22) == ""
    assert references_of(["C-1", "C1", "C2"]) == {"C2": creditor_reference("C2")}


def test_an_open_item_statement():
    found = made(
        book(
            [item("I1", 1000), item("R1", -300, kind="receipt"), item("I2", 500, currency="JPY"), item("I3", 77, day="2026-11-01")],
            disputes=[
                {"entity": "E", "dispute_id": "D1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 5000,
                 "opened_on": "2026-10-31", "reason": "price"},
                {"entity": "E", "dispute_id": "D2", "customer_id": "C1", "item_id": "I2", "currency": "JPY", "amount": 5,
                 "opened_on": "2026-10-01", "closed_on": "2026-10-31", "reason": "price"},
            ],
        ),
        StatementPolicy(remit_to=(RemitTo(account="A-USD", currency="USD"), RemitTo(account="A-ANY"))),
    )  # fmt: skip
    (one,) = found.each()
    yen, dollar = one.sections
    assert (yen.currency, yen.closing, yen.disputed) == (
        "JPY",
        500,
        0,
    )  # the day a dispute is closed it is over
    assert (dollar.closing, dollar.past_due, dollar.credits, dollar.unapplied) == (700, 1000, -300, -300)
    assert dollar.disputed == 1000  # never more than is open
    assert [line.is_cash for line in dollar.lines] == [False, True]
    assert dict(dollar.aging)["1-30"] == 1000
    assert dict(dollar.aging)["unapplied"] == -300
    assert (dollar.remit_to.account, yen.remit_to.account) == ("A-USD", "A-ANY")
    assert dollar.reference == creditor_reference("C1")
    assert pickle.loads(pickle.dumps(one)) == one


def test_balance_forward_shows_documents_discounts_and_what_other_accounts_paid():
    the_book = book(
        [
            item("OLD", 1000),
            item("NEW", 400, day="2026-10-01"),
            item("R1", -980, kind="receipt", day="2026-10-20"),
            item("W1", -400, kind="write_off", day="2026-10-31"),
            item("OTHER", 600, customer="C2"),
            item("R2", -600, kind="receipt", day="2026-10-05"),
        ],
        applications=[
            applied("A1", "R1", "OLD", 980, discount=20),
            applied("A2", "W1", "NEW", 400, kind="write_off", day="2026-10-31"),
            applied("A3", "R2", "OTHER", 600),
        ],
        customers=("C1", "C2"),
    )
    found = made(the_book, StatementPolicy(kind=StatementKind.BALANCE_FORWARD, sends_zero=True))
    first, second = found.each()
    (section,) = first.sections
    assert (section.opening, section.closing) == (1000, 0)
    assert [(move.kind, move.amount) for move in section.movements] == [
        ("invoice", 400), ("receipt", -600), ("receipt", -980), ("discount", -20), ("other_account", 600), ("adjustment", -400),
    ]  # fmt: skip  # by day; the write-off reads as an adjustment
    assert [(move.kind, move.amount) for move in second.sections[0].movements] == [("other_account", -600)]
    assert all(identity.holds for identity in found.identities)
    shown = made(
        the_book, StatementPolicy(kind=StatementKind.BALANCE_FORWARD, sends_zero=True, shows_write_offs=True)
    )
    assert next(shown.each()).sections[0].movements[-1].kind == "write_off"


def test_nothing_open_gets_no_statement_and_is_listed_unless_the_policy_sends_it():
    the_book = book(
        [item("I", 100, day="2026-10-02"), item("R", -100, kind="receipt", day="2026-10-03")],
        applications=[applied("A", "R", "I", 100)],
        customers=("C1", "C2", customer("C3", status="closed")),
    )
    found = made(the_book, FORWARD)
    assert found.customers == ()
    assert found.excluded[["customer_id", "reason", "amount"]].to_numpy().tolist() == [
        ["C1", "nothing_open", 0]
    ]
    assert made(the_book, StatementPolicy(sends_zero=True)).customers == ("C1", "C2")


@pytest.mark.parametrize(
    ("status", "reason"),
    [("bankrupt", "bankrupt"), ("estate", "estate"), ("legal", "legal"), ("agency", "agency"), ("sanctioned", "sanctioned"),
     ("cease_contact", "cease_contact")],
)  # fmt: skip
def test_whom_the_law_bars_gets_none_and_an_honest_twin_does(status, reason):
    found = made(
        book(
            [item("I1", 100), item("I2", 100, customer="C2")], customers=(customer("C1", status=status), "C2")
        )
    )
    assert found.customers == ("C2",)
    assert found.excluded["reason"].tolist() == [reason]
    assert statements_of(book([item("I1", 1)], customers=(customer("C1", status=status),)), scope=SCOPE,
                         policies=Policies(), customers=["C1"]) == ()  # fmt: skip


def test_a_status_of_today_and_one_of_the_as_of_date_both_bar():
    history = [
        {
            "entity": "E",
            "customer_id": "C1",
            "attribute": "status",
            "value": "active",
            "valid_from": "2026-01-01",
        }
    ]
    found = made(
        book([item("I1", 1)], customers=(customer("C1", status="sanctioned"),), customer_history=history)
    )
    assert found.excluded["because"].tolist() == ["Status sanctioned today."]


def test_holds_claims_and_placements_bar_while_they_stand():
    def hold(code, lifted, **more):
        return {"entity": "E", "hold_id": f"H{code}", "customer_id": code, "kind": "legal", "placed_on": "2026-10-31",
                "lifted_on": lifted, **more}  # fmt: skip

    codes = ("C1", "C2", "C3", "C4", "C5")
    found = made(
        book(
            [item(f"I{code}", 100, customer=code) for code in codes],
            customers=codes,
            holds=[hold("C1", None), hold("C2", "2026-10-31"), hold("C3", None, kind="audit")],
            claims=[{"entity": "E", "claim_id": "K", "customer_id": "C4", "kind": "bankruptcy", "opened_on": "2026-10-31",
                     "currency": "USD", "state": "filed"}],
            placements=[{"entity": "E", "placement_id": "P", "customer_id": "C5", "kind": "agency", "placed_with": "Agency",
                         "placed_on": "2026-10-31", "currency": "USD", "amount": 100}],
        )
    )  # fmt: skip
    assert found.customers == ("C2", "C3")
    assert dict(zip(found.excluded["customer_id"], found.excluded["reason"], strict=True)) == {
        "C1": "legal", "C4": "bankrupt", "C5": "placed",
    }  # fmt: skip


def test_a_sold_item_is_left_out_and_the_rest_is_sent():
    accounts = [{"entity": "E", "account": "1290", "name": "Factored", "role": "factored", "in_tieout": True}]
    found = made(
        book([item("I1", 100), item("I2", 40, control_account="1290"), item("I3", 7, assigned_to="Factor")],
             control_accounts=accounts)
    )  # fmt: skip
    (one,) = found.each()
    assert one.totals() == {"USD": 100}
    assert found.excluded[["reason", "items", "amount"]].to_numpy().tolist() == [["sold", 2, 47]]
    assert found.totals[["on_statements", "excluded", "ledger", "difference"]].to_numpy().tolist() == [
        [100, 47, 147, 0]
    ]


def test_intercompany_by_policy_and_cash_of_nobody():
    the_book = book(
        [item("I1", 100), item("R1", -9, kind="receipt", customer=None, cash_status="unidentified")],
        customers=(customer("C1", is_intercompany=True),),
    )
    found = made(the_book)
    assert found.customers == ()
    assert found.excluded["reason"].tolist() == ["unidentified", "intercompany"]
    assert found.totals["unidentified"].tolist() == [-9]
    assert made(the_book, StatementPolicy(sends_intercompany=True)).customers == ("C1",)


def test_one_statement_for_a_parent_but_not_for_one_that_may_have_none():
    rows = [item("I1", 1), item("I2", 20, customer="C2"), item("I4", 4000, customer="C4")]
    people = (
        "C1",
        customer("C2", parent_id="C1"),
        customer("C3", status="bankrupt"),
        customer("C4", parent_id="C3"),
    )
    found = made(book(rows, customers=people), StatementPolicy(by_parent=True))
    parent, alone = found.each()
    assert [code for code, _ in parent.customers] == ["C1", "C2"]
    assert parent.is_group
    assert parent.totals() == {"USD": 21}
    assert (alone.customer_id, alone.totals()) == ("C4", {"USD": 4000})
    (asked,) = made(book(rows, customers=people), StatementPolicy(by_parent=True), customers=["C2"]).each()
    assert asked.customer_id == "C1"


def test_language_falls_back_and_is_told():
    people = (
        customer("C1", language="de_AT", email="a@b", address="x"),
        customer("C2", language="ja", address="x"),
    )
    found = made(
        book([item("I1", 1), item("I2", 1, customer="C2"), item("I3", 1, customer="C9")], customers=people)
    )
    assert [one.language for one in found.each()] == ["de", "en", "en"]
    assert set(zip(found.gaps["customer_id"], found.gaps["gap"], strict=True)) == {
        ("C2", "no_email"), ("C2", "language_without_words"), ("C9", "no_customer"),
    }  # fmt: skip


def test_an_unknown_customer_is_refused_with_the_near_one():
    with pytest.raises(ParameterError, match="C1"):
        made(book([item("I1", 1)]), customers=["C11"])


def test_a_snapshot_has_no_opening_balance():
    items = book([item("I1", 1)])
    snapshot = Book(items.tables, features=frozenset({"snapshot"}), snapshot_date="2026-10-31")
    assert made(snapshot).customers == ("C1",)
    with pytest.raises(ParameterError, match="snapshot"):
        made(snapshot, FORWARD)


def test_a_policy_checks_itself():
    with pytest.raises(ParameterError):
        StatementPolicy(default_language="xx")
    with pytest.raises(ParameterError):
        StatementPolicy(remit_to=(RemitTo(account="1"), RemitTo(account="2")))
    with pytest.raises(ParameterError):
        RemitTo(account=" ")


@pytest.fixture(scope="module")
def whole():
    return Book(generate(seed=7, items=800).tables)


def scope_of(entity, currency):
    return Scope(entity=entity, entity_name="S", functional_currency=currency, period="2026-10", starts_on=date(2026, 10, 1),
                 ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


@pytest.mark.parametrize(("entity", "currency"), [("US01", "USD"), ("UK01", "GBP"), ("JP01", "JPY")])
@pytest.mark.parametrize("kind", list(StatementKind))
@pytest.mark.parametrize("by_parent", [False, True])
def test_all_of_the_sample_is_the_ledger_and_each_foots(whole, entity, currency, kind, by_parent):
    policies = Policies(statement=StatementPolicy(kind=kind, by_parent=by_parent))
    found = statements(whole.for_entity(entity), scope=scope_of(entity, currency), policies=policies)
    assert all(identity.holds for identity in found.identities)
    assert found.totals["difference"].eq(0).all()
    for one in found.each():
        for section in one.sections:
            assert sum(line.outstanding for line in section.lines) == section.closing
            assert sum(amount for _, amount in section.aging) == section.closing
            if kind is StatementKind.BALANCE_FORWARD:
                assert section.opening + sum(move.amount for move in section.movements) == section.closing


def test_the_ledger_side_by_a_second_method(whole):
    """Open by currency from items and applications in SQL, without any code of ours."""
    found = statements(whole.for_entity("UK01"), scope=scope_of("UK01", "GBP"), policies=Policies())
    items, applications = (
        whole[name][whole[name]["entity"].eq("UK01")] for name in ("items", "applications")
    )
    with duckdb.connect() as base:
        base.register("items", items[["item_id", "currency", "amount", "posting_date", "effective_date"]])
        base.register("applications", applications)
        rows = base.sql(
            """
            with a as (select * from applications where coalesce(posting_date, effective_date) <= date '2026-10-31')
            select currency, sum(x)::bigint from (
              select currency, amount x from items where coalesce(posting_date, effective_date) <= date '2026-10-31'
              union all select target_currency, -target_amount - coalesce(discount, 0) from a
              union all select source_currency, source_amount from a)
            group by 1 having sum(x) <> 0 order by 1
            """
        ).fetchall()
    assert dict(rows) == dict(zip(found.totals["currency"], found.totals["ledger"], strict=True))


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"),
            st.integers(-900, 900).filter(bool),
            st.integers(1, 28),
            st.sampled_from([9, 10]),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_any_book_foots(rows, by_parent):
    items = [
        item(
            f"I{at}",
            amount,
            customer=code,
            day=f"2026-{month:02d}-{day:02d}",
            kind="invoice" if amount > 0 else "receipt",
        )
        for at, (code, amount, day, month) in enumerate(rows)
    ]
    debits = [one for one in items if one["amount"] > 0]
    receipts = [one for one in items if one["amount"] < 0]
    pairs = [
        applied(f"A{at}", source["item_id"], target["item_id"], min(target["amount"], -source["amount"]))
        for at, (source, target) in enumerate(zip(receipts, debits, strict=False))
    ]
    people = ("A", customer("B", parent_id="A"), customer("C", status="bankrupt"))
    policy = StatementPolicy(kind=StatementKind.BALANCE_FORWARD, by_parent=by_parent, sends_zero=True)
    found = made(book(items, applications=pairs, customers=people), policy)
    assert all(identity.holds for identity in found.identities)
    for one in found.each():
        for section in one.sections:
            assert section.opening + sum(move.amount for move in section.movements) == section.closing
