"""The small pool of one receipt says what the whole run says of it; items, aliases and numbers bring their customers in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from arlib.errors import ParameterError
from arlib.matching.by_hand import around, prepare, propose, what_if
from arlib.matching.engine import match
from arlib.matching.from_book import match_inputs
from arlib.policy import MatchingPolicy, Scope
from arlib.report.cash_ledger import ledger_controls
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book

POLICY = MatchingPolicy()
BY = {"decided_by": "anna", "decided_on": "2026-11-03"}


def scope(entity="US01"):
    return Scope(entity=entity, entity_name="x", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
                 ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


@pytest.fixture(scope="module")
def company():
    return Book(tables=dict(generate(seed=7, items=400).tables)).for_entity("US01")


@pytest.fixture(scope="module")
def placed_again(company):
    inputs = match_inputs(company, scope=scope(), receipts="period")
    return prepare(company, scope=scope(), inputs=inputs), match(inputs, policy=POLICY, history=())


def test_the_small_pool_says_what_the_whole_run_says(company, placed_again):
    prepared, whole = placed_again
    columns = ["item_id", "applied_amount", "deduction", "discount", "decision", "reason", "rule"]
    rest = ["status", "reason", "unapplied_amount"]
    chosen = list(whole.pool_receipts["receipt_id"])[::3][:8]
    for code in chosen:
        pool = around(company, scope=scope(), receipt_id=code, prepared=prepared)
        found = propose(pool, policy=POLICY)
        for frame, names in (("matches", columns), ("unmatched", rest)):
            mine, own = (
                getattr(r, frame)[getattr(r, frame)["receipt_id"].eq(code)] for r in (found.result, whole)
            )
            assert mine[names].to_numpy().tolist() == own[names].to_numpy().tolist(), code
        assert len(pool.inputs.items) < len(whole.pool_items)
        proposal = found.candidates[found.candidates["role"].eq("proposal")]
        assert set(proposal["rank"]) <= {1}
        assert found.amount == proposal["applied_amount"].sum() + found.unapplied or found.decision == "none"


def test_the_sentence_says_how_narrow_the_view_is(company, placed_again):
    prepared, whole = placed_again
    pool = around(company, scope=scope(), receipt_id=whole.matches["receipt_id"].iloc[0], prepared=prepared)
    items, customers = int((~pool.items["is_written_off"]).sum()), len(pool.customers)
    assert f"the {items:,} open item" in pool.sentence
    assert f"{customers} customer" in pool.sentence
    assert pool.sentence.endswith("the close matches all.")


def test_what_was_written_off_is_not_counted_as_open():
    lost = {
        "entity": "E1",
        "item_id": "3",
        "customer_id": "C3",
        "written_off_on": "2026-10-20",
        "currency": "USD",
        "amount": 55_00,
    }
    items = [*ledger()["items"].to_dict("records")]
    gone = items[2] | {
        "item_id": "93",
        "item_type": "write_off",
        "amount": -55_00,
        "effective_date": "2026-10-20",
    }
    off = {"entity": "E1", "application_id": "A9", "source_item_id": "93", "target_item_id": "3", "effective_date": "2026-10-20",
           "source_currency": "USD", "source_amount": 55_00, "target_currency": "USD", "target_amount": 55_00, "kind": "write_off",
           "reason": "write_off", "pairing": "stated"}  # fmt: skip
    paid = ledger()["applications"].to_dict("records")
    book = ledger(items=[*items, gone], applications=[*paid, off], written_off=[lost])
    pool = around(book, scope=scope("E1"), receipt_id="R1")
    assert pool.items["is_written_off"].tolist() == [True]
    assert "among the 0 open items, and 1 written off, of 1 customer;" in pool.sentence


def test_an_item_brings_the_receipts_that_pay_it(company, placed_again):
    prepared, whole = placed_again
    line = whole.matches.iloc[0]
    pool = around(company, scope=scope(), item_id=line["item_id"], prepared=prepared)
    found = propose(pool, policy=POLICY)
    assert line["receipt_id"] in set(found.candidates["receipt_id"])
    assert "proposed for it" in found.sentence
    assert found.payers.empty


def test_what_is_not_open_is_told_and_asking_for_nothing_is_an_error(company, placed_again):
    prepared, _ = placed_again
    gone = around(company, scope=scope(), receipt_id="<img onerror=1>", prepared=prepared)
    assert gone.faults == ("receipt <img onerror=1> is not open on 2026-10-31",)
    assert propose(gone, policy=POLICY).decision == "none"
    for what in ({}, {"receipt_id": "a", "item_id": "b"}):
        with pytest.raises(ParameterError):
            around(company, scope=scope(), prepared=prepared, **what)
    with pytest.raises(ParameterError):
        prepare(company, scope=replace(scope(), entity=""))


def ledger(**more):
    def item(number, customer, amount, day="2026-09-01", **also):
        return {"entity": "E1", "item_id": number, "item_type": "invoice", "document_no": f"SI-40{number}77", "effective_date": day,
                "document_date": day, "due_date": "2026-10-30", "currency": "USD", "amount": amount, "customer_id": customer,
                **also}  # fmt: skip

    tables = {
        "items": [item("1", "C1", 100_00), item("2", "C2", 60_00), item("3", "C3", 55_00), item("4", "C3", 10_00),
                  item("91", None, -77_00, item_type="receipt"), item("81", "C3", -10_00, item_type="receipt")],
        "receipts": [{"entity": "E1", "receipt_id": "R1", "item_id": "91", "effective_date": "2026-10-05", "currency": "USD",
                      "amount": 77_00, "status": "unidentified", "payer_name": "Zyx Hub", "remittance_text": "SI-40477"}],
        "applications": [{"entity": "E1", "application_id": "A1", "source_item_id": "81", "target_item_id": "4",
                          "effective_date": "2026-10-01", "source_currency": "USD", "source_amount": 10_00, "target_currency": "USD",
                          "target_amount": 10_00, "kind": "payment", "reason": "payment", "pairing": "stated"}],
        "customers": [{"entity": "E1", "customer_id": code, "name": f"{name} Pumps"} for code, name in
                      [("C1", "Alder"), ("C2", "Birch"), ("C3", "Cedar")]],
    }  # fmt: skip
    return Book({name: CANONICAL[name].frame(rows) for name, rows in (tables | more).items()})


def test_a_number_of_a_closed_document_brings_its_customer_in():
    pool = around(ledger(), scope=scope("E1"), receipt_id="R1")
    assert pool.customers == ("C3",)
    assert pool.inputs.items["item_id"].tolist() == ["3"]


def test_an_alias_given_since_the_book_was_prepared_brings_its_customer_in():
    before = prepare(ledger(), scope=scope("E1"))
    alias = {"entity": "E1", "customer_id": "C2", "payer_name": "ZYX hub", "decision_id": "d1", **BY}
    book = ledger(payer_aliases=[alias])
    pool = around(book, scope=scope("E1"), receipt_id="R1", prepared=before.refreshed(book))
    assert set(pool.customers) == {"C2", "C3"}
    assert propose(pool, policy=POLICY).status == "unapplied"


def test_a_decision_since_then_is_what_is_proposed():
    before = prepare(ledger(), scope=scope("E1"))
    line = {"entity": "E1", "receipt_id": "R1", "item_id": "3", "currency": "USD", "applied_amount": 55_00, "receipt_currency": "USD",
            "receipt_amount": 55_00, "decision_id": "d2", **BY}  # fmt: skip
    book = ledger(decided_applications=[line])
    found = propose(
        around(book, scope=scope("E1"), receipt_id="R1", prepared=before.refreshed(book)), policy=POLICY
    )
    assert (found.decision, found.unapplied) == ("person", 22_00)
    assert found.candidates["item_id"].tolist() == ["3"]


def kept(**more):
    """R2 of Cedar, 65.00: 10.00 of it was applied, the rest is on account on purpose; R3 pays Cedar's item as well."""
    tables = ledger()
    receipts = [
        {"entity": "E1", "receipt_id": code, "item_id": item, "customer_id": "C3", "effective_date": "2026-10-02", "currency": "USD",
         "amount": amount, "status": status, "user": "kim.sato", "payer_name": "Cedar Pumps"}
        for code, item, amount, status in [("R2", "81", 65_00, "on_account"), ("R3", "82", 20_00, "unapplied")]
    ]  # fmt: skip
    items = tables["items"].to_dict("records")
    items = [row if row["item_id"] != "81" else row | {"amount": -65_00} for row in items]
    items.append(next(row for row in items if row["item_id"] == "81") | {"item_id": "82", "amount": -20_00})
    return ledger(items=items, receipts=receipts, **more)


def test_what_was_left_on_account_is_placed_by_a_person_only():
    book = kept()
    assert match_inputs(book, scope=scope("E1")).receipts["receipt_id"].tolist() == ["R3"]
    whole = prepare(book, scope=scope("E1"))
    pool = around(book, scope=scope("E1"), receipt_id="R2", prepared=whole)
    assert (pool.faults, set(pool.receipts)) == ((), {"R2", "R3"})
    found = propose(pool, policy=POLICY)
    assert found.amount == 55_00  # what is open of it
    assert found.decision == "suggest"
    assert found.candidates["item_id"].tolist()[:1] == ["3"]
    assert set(found.candidates["decision"].dropna()) <= {"suggest"}
    assert found.sentence.count("on account: booked so by kim.sato") == 1
    assert what_if(pool, receipt_id="R2", chosen={"3": None}, policy=POLICY).can_apply
    # nobody asked for it: it competes with nothing
    assert around(book, scope=scope("E1"), receipt_id="R3", prepared=whole).receipts == ("R3",)
    assert around(book, scope=scope("E1"), item_id="3", prepared=whole).receipts == ("R3",)


def test_a_prepayment_on_account_is_placed_by_a_person_too():
    book = kept()
    items = [
        row if row["item_id"] != "81" else row | {"item_type": "prepayment"}
        for row in book["items"].to_dict("records")
    ]
    book = replace(book, tables={**book.tables, "items": CANONICAL["items"].frame(items)})
    assert match_inputs(book, scope=scope("E1")).receipts["receipt_id"].tolist() == ["R3"]
    pool = around(book, scope=scope("E1"), receipt_id="R2")
    assert what_if(pool, receipt_id="R2", chosen={"3": None}, policy=POLICY).cash == 55_00


def test_what_a_person_decided_about_money_on_account_the_close_places():
    line = {"entity": "E1", "receipt_id": "R2", "item_id": "3", "currency": "USD", "applied_amount": 50_00, "receipt_currency": "USD",
            "receipt_amount": 50_00, "decision_id": "d2", **BY}  # fmt: skip
    decided = kept(decided_applications=[line])
    inputs = match_inputs(decided, scope=scope("E1"))
    assert inputs.receipts["receipt_id"].tolist() == ["R2", "R3"]
    made = match(inputs, policy=POLICY, history=()).matches
    placed = made[made["receipt_id"].eq("R2")]
    assert placed[["item_id", "applied_amount", "decision"]].to_numpy().tolist() == [["3", 50_00, "person"]]
    assert {
        control.unexplained for control in ledger_controls(decided, inputs.receipts, scope=scope("E1"))
    } == {0}
    paid = [
        *ledger()["applications"].to_dict("records"),
        {"entity": "E1", "application_id": "A2", "source_item_id": "81", "target_item_id": "3", "effective_date": "2026-10-09",
         "source_currency": "USD", "source_amount": 50_00, "target_currency": "USD", "target_amount": 50_00, "kind": "payment",
         "reason": "payment", "pairing": "stated"}
    ]  # fmt: skip
    booked = kept(
        decided_applications=[line], applications=paid
    )  # the ledger has it: the rest stays on account
    assert match_inputs(booked, scope=scope("E1")).receipts["receipt_id"].tolist() == ["R3"]


def test_a_payer_is_shown_with_how_it_is_known_and_how_sure():
    alias = {"entity": "E1", "customer_id": "C2", "payer_name": "Zyx Hub", "decision_id": "d1", **BY}
    found = propose(around(ledger(payer_aliases=[alias]), scope=scope("E1"), receipt_id="R1"), policy=POLICY)
    assert found.payers["customer_id"].tolist() == ["C2"]
    assert isinstance(found.payers["strength"].iloc[0], str)
    assert pd.notna(found.payers["meaning"].iloc[0])


def test_decisions_read_again_are_those_that_the_whole_ledger_gives(company):
    before = prepare(company, scope=scope())
    # every second link that the ledger has, decided for a little more, and one that it does not have
    links = before.inputs.confirmed.iloc[::2].assign(
        receipt_currency="USD", decision_id="d", decided_by="anna"
    )
    links["receipt_amount"] = links["applied_amount"] = links["applied_amount"] + 1
    links = pd.concat([links, links.iloc[:1].assign(item_id="none")], ignore_index=True).assign(
        decided_on=pd.Timestamp("2026-11-03")
    )
    decided = CANONICAL["decided_applications"].typed(links)
    book = replace(company, tables={**company.tables, "decided_applications": decided})
    after = before.refreshed(book)
    whole = match_inputs(book, scope=scope()).decided
    pd.testing.assert_frame_equal(after.inputs.decided, whole)
    assert int((whole["applied_amount"] - whole["ledger_amount"]).eq(1).sum()) == len(links) - 1
    assert after.index is before.index
