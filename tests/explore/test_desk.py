"""The desk on the sample company's files: search, cases, what people decide, all without a widget."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from arlib.controls import Control
from arlib.errors import ParameterError
from arlib.explore.case import CustomerCase
from arlib.explore.desk import Desk, open_desk, open_desk_of
from arlib.explore.filters import Filters
from arlib.ledger.by_customer import own_rows
from arlib.ledger.openitems import open_items
from arlib.money import Rates
from arlib.money.rates import translation_factor
from arlib.run.casework import Casework, ConflictError, casework
from arlib.run.context import begin
from arlib.run.store import Actor
from arlib.sources.sample import generate, write_sample

CLOSE = """\
schema: "arlib.close/1"
title: "Sample"
period: "2026-10"
outputs: "outputs"
calendar: {kind: "month"}
entities:
  - {code: "US01", name: "Harbor Tools Inc", functional_currency: "USD", time_zone: "America/New_York", country: "US"}
  - {code: "JP01", name: "Harbor Tools KK", functional_currency: "JPY", time_zone: "Asia/Tokyo", country: "JP"}
  - {code: "UK01", name: "Harbor Tools Ltd", functional_currency: "GBP", time_zone: "Europe/London", country: "GB"}
sources:
  - {folder: "extracts", profile: "canonical"}
policies: {}
notebooks: ["aging"]
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("desk")
    (home / "arlib.toml").write_text("")
    (home / "close.yml").write_text(CLOSE)
    write_sample(generate(seed=7, items=400), home / "extracts")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ARLIB_STORE_URL", "ARLIB_ROOT", "ARLIB_RUN_DIR", "ARLIB_OUT_DIR"):
            patch.delenv(name, raising=False)
        yield home


@pytest.fixture(scope="module")
def desk(root: Path) -> Desk:
    return open_desk_of("close.yml", entity="US01", root=root, actor=Actor("sam.taylor"))


@pytest.fixture
def other(desk: Desk) -> Casework:
    """Another user at another desk of the same store."""
    return casework(desk.casework.store, Actor("alex.kim"), plan=desk.plan)


@pytest.fixture(scope="module")
def case(desk: Desk) -> CustomerCase:
    """The customer with most open items."""
    hits = desk.search("", Filters(entity="US01"), limit=500).frame
    return desk.open("US01", hits.sort_values("open_items")["customer_id"].iloc[-1])


def test_it_says_what_it_stands_on(desk: Desk) -> None:
    assert desk.entities == ("US01", "JP01", "UK01")
    assert desk.source_words == "extracts named by close.yml"
    assert desk.actor.name == "sam.taylor"
    assert desk.scope("JP01").as_of == date(2026, 10, 31)
    assert desk.first is None


def test_choices_are_those_of_the_books(desk: Desk) -> None:
    book = desk.books("US01").index.book
    choices = desk.choices("US01")
    assert set(choices.collector) == set(book["customers"]["collector"].dropna())
    assert choices.bucket[0] == "current"
    assert set(desk.choices().currency) >= set(choices.currency)
    with pytest.raises(ParameterError, match="no such bucket"):
        desk.search("", Filters(bucket="0-30"))
    with pytest.raises(ParameterError, match="no such entity"):
        desk.search("", Filters(entity="XX"))


def test_a_list_by_balance_ties_to_the_ledger(desk: Desk) -> None:
    found = desk.search("", Filters(entity="US01"), limit=10_000)
    rows = open_items(desk.books("US01").index.book, scope=desk.scope("US01"))
    known = rows[rows["customer_id"].fillna("").ne("")]
    assert found.frame["balance"].sum() == known["functional_outstanding"].sum()
    assert found.frame["open_items"].sum() == len(known)
    assert found.total == len(found.frame)
    assert found.sentence == f"{found.total} customers with entity US01, by what they owe."
    assert "the first 5 are shown" in desk.search("", limit=5).sentence


def test_a_list_over_entities_is_compared_at_closing_rates(desk: Desk) -> None:
    found = desk.search("", limit=10_000)
    assert found.sentence.endswith("by what they owe, compared in USD at the closing rates of 2026-10-31.")
    rates = Rates.of(desk.books("US01").index.book["fx_rates"])
    rows = found.frame[found.frame["balance"].ne(0)]
    worth = [
        translation_factor(money, "USD", rates.find(money, "USD", date(2026, 10, 31))) * balance
        for money, balance in zip(rows["currency"], rows["balance"].tolist(), strict=True)
    ]
    assert worth == sorted(worth, reverse=True)
    assert set(found.frame["entity"].head(50)) == {"US01", "JP01", "UK01"}
    assert found.frame["balance"].iloc[len(rows) :].eq(0).all()
    balance = int(rows["balance"].iloc[3])
    hits = desk.search(f"{balance / 100:,.2f}").frame
    assert (rows["customer_id"].iloc[3], "balance") in list(
        zip(hits["customer_id"], hits["found_in"], strict=True)
    )


def test_a_text_too_long_is_said(desk: Desk) -> None:
    assert desk.search("x" * 10_000).sentence.endswith("Only the beginning of the text was looked at.")
    assert desk.search("\u202e\u202e").sentence.startswith(str(desk.search("").total))


def test_a_document_leads_to_its_case(desk: Desk) -> None:
    item = desk.books("JP01").index.book["items"].iloc[10]
    hit = desk.search(item["document_no"], Filters(entity="JP01")).frame.iloc[0]
    assert (hit["item_id"], hit["customer_id"]) == (item["item_id"], item["customer_id"])
    assert item["item_id"] in desk.open("JP01", hit["customer_id"]).book["items"]["item_id"].tolist()


def test_the_parts_of_a_case_agree(case: CustomerCase) -> None:
    rows = own_rows(case.book, open_items(case.book, scope=case.scope))
    by_currency = rows.groupby("currency")["outstanding"].sum()
    assert case.open_items.groupby("currency")["outstanding"].sum().equals(by_currency)
    assert {each.currency: each.outstanding for each in case.header.balances} == by_currency[
        by_currency.ne(0)
    ].to_dict()
    last = case.running.groupby("currency")["balance"].last()
    assert last[last.ne(0)].to_dict() == by_currency[by_currency.ne(0)].to_dict()
    on_day = case.balance_on(case.scope.as_of).set_index("currency")["balance"]
    assert on_day[on_day.ne(0)].to_dict() == by_currency[by_currency.ne(0)].to_dict()
    rolled = case.roll_forward().lines
    closing = rolled[rolled["line"].eq("closing")].set_index("currency")["amount"]
    assert closing[closing.ne(0)].to_dict() == by_currency[by_currency.ne(0)].to_dict()
    assert len(case.history) + len(case.receipts) + len(case.timeline)


def test_another_day_is_another_case_of_the_same_book(case: CustomerCase) -> None:
    then = case.at(as_of=date(2026, 8, 31))
    assert then.book is case.book
    assert then.balances_by_day is case.balances_by_day
    balance = then.balance_on(date(2026, 8, 31)).set_index("currency")["balance"]
    rows = (
        own_rows(case.book, open_items(case.book, scope=then.scope)).groupby("currency")["outstanding"].sum()
    )
    assert balance[balance.ne(0)].to_dict() == rows[rows.ne(0)].to_dict()
    assert case.scope.as_of == date(2026, 10, 31)
    with pytest.raises(ParameterError):
        case.balance_on(date(2031, 1, 1))


def test_a_receipt_is_placed_at_the_desks_date_whatever_the_case_shows(desk: Desk) -> None:
    books = desk.books("US01")
    desk.prepared("US01")
    book = books.index.book
    rows = open_items(book, scope=desk.scope("US01"))
    cash = rows[rows["item_type"].eq("receipt") & rows["outstanding"].lt(0)]["item_id"]
    receipt_id = book["receipts"].set_index("item_id")["receipt_id"].reindex(cash).dropna().iloc[0]
    found = desk.receipt("US01", receipt_id)
    assert found.proposals.sentence
    assert found.words
    assert found.combinations().status in ("unique", "ambiguous", "none", "not_decided")
    assert not found.what_if({}).can_apply
    customer = books.index.customer_of_receipt(receipt_id)
    past = desk.open("US01", customer, as_of=date(2026, 8, 31)).receipt(receipt_id)
    assert past.proposals.candidates.equals(found.proposals.candidates)
    moved = "Money is placed as things stand on 2026-10-31, the date of the desk, not on 2026-08-31."
    assert past.around.sentence == f"{found.around.sentence} {moved}"
    assert past.what_if({}).sentences == found.what_if({}).sentences


def test_their_statement_is_read_and_reconciled(case: CustomerCase) -> None:
    rows = case.open_items.head(5)
    text = "\n".join(
        f"{row.document_no}\t2026-10-01\t{row.outstanding / 100:.2f}" for row in rows.itertuples()
    )
    pasted, agreed = case.statement(text)
    answers = {each.name: each.options[0].value if each.options else "2026-10-31" for each in pasted.choices}
    if pasted.choices:
        assert agreed is None
        pasted, agreed = case.statement(text, decided=answers)
    assert agreed is not None
    assert isinstance(pasted.control, Control)
    assert case.hints.rows is not None


def test_what_is_recorded_is_seen_and_found_again(desk: Desk, case: CustomerCase, root: Path) -> None:
    assert case.decisions.empty
    said = "<img src=x onerror=alert(1)> \u202e" + "x" * 9_000
    made = desk.record(
        lambda work: work.note(entity="US01", customer_id=case.customer_id, text=said, request_id="one")
    )
    again = desk.record(
        lambda work: work.note(entity="US01", customer_id=case.customer_id, text=said, request_id="one")
    )
    assert again.decision_id == made.decision_id
    assert case.decisions.empty
    assert case.again().decisions["decision_id"].tolist()[-1] == made.decision_id
    assert said in case.again().book["activities"]["text"].tolist()
    assert said not in case.book["activities"]["text"].tolist()
    assert desk.recently()["decision_id"].iloc[0] == made.decision_id
    assert desk.refresh() == ()
    restarted = open_desk_of("close.yml", entity="US01", root=root, actor=Actor("sam.taylor"))
    assert said in restarted.open("US01", case.customer_id).book["activities"]["text"].tolist()


def test_what_others_decide_is_told_once_and_followed(
    desk: Desk, other: Casework, case: CustomerCase
) -> None:
    reason = "odd_colour"
    assert desk.refresh() == ()
    made = other.dispute(
        entity="US01",
        customer_id=case.customer_id,
        currency="USD",
        amount=100,
        reason=reason,
        owner="alex.kim",
        known=replace(case.known, reasons=frozenset({reason})),
    )
    with pytest.raises(ParameterError):
        desk.search("", Filters(dispute_reason=reason))
    news = desk.refresh()
    assert len(news) == 1
    assert "alex.kim" in news[0]
    assert desk.refresh() == ()
    assert desk.search("", Filters(dispute_reason=reason)).frame["customer_id"].tolist() == [case.customer_id]
    assert desk.search(made.decision_id).frame["customer_id"].iloc[0] == case.customer_id


def test_an_alias_is_searched_for_at_once(desk: Desk, case: CustomerCase) -> None:
    desk.record(
        lambda work: work.alias(
            entity="US01", customer_id=case.customer_id, payer_name="Zyxomma Quartz", seen=case.head
        )
    )
    hit = desk.search("zyxoma quartz").frame.iloc[0]
    assert (hit["customer_id"], hit["found_in"]) == (case.customer_id, "alias")


def test_a_decision_on_what_somebody_has_just_decided_is_refused(
    desk: Desk, other: Casework, case: CustomerCase
) -> None:
    seen = desk.open("US01", case.customer_id).head
    made = other.dispute(
        entity="US01",
        customer_id=case.customer_id,
        currency="USD",
        amount=7,
        reason="price",
        known=case.known,
    )
    other.settle_dispute(entity="US01", dispute_id=made.decision_id, seen=other.head(), known=case.known)
    with pytest.raises(ConflictError, match=r"alex\.kim"):
        desk.record(
            lambda work: work.settle_dispute(
                entity="US01", dispute_id=made.decision_id, seen=seen, known=case.known
            )
        )
    assert desk.refresh()  # what the other did is told, and the desk has it
    assert made.decision_id in desk.books("US01").index.book["disputes"]["dispute_id"].tolist()


def test_what_others_decided_is_told_where_the_first_thing_done_is_refused(
    root: Path, other: Casework, case: CustomerCase
) -> None:
    made = other.dispute(
        entity="US01",
        customer_id=case.customer_id,
        currency="USD",
        amount=9,
        reason="price",
        known=case.known,
    )
    fresh = open_desk_of("close.yml", entity="US01", root=root, actor=Actor("sam.taylor"))
    seen = fresh.head
    other.settle_dispute(entity="US01", dispute_id=made.decision_id, seen=other.head(), known=case.known)
    with pytest.raises(ConflictError):
        fresh.record(
            lambda work: work.settle_dispute(
                entity="US01", dispute_id=made.decision_id, seen=seen, known=case.known
            )
        )
    assert len(fresh.refresh()) == 1
    assert fresh.refresh() == ()


def test_two_threads_at_one_desk_lose_nothing(desk: Desk, case: CustomerCase) -> None:
    def work(number: int) -> None:
        for turn in range(3):
            desk.record(
                lambda w, turn=turn: w.note(
                    entity="US01", customer_id=case.customer_id, text=f"note {number}.{turn}"
                )
            )
            desk.search("note")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = set(desk.open("US01", case.customer_id).book["activities"]["text"])
    assert {f"note {number}.{turn}" for number in range(3) for turn in range(3)} <= texts


def test_related_accounts(desk: Desk) -> None:
    people = desk.books("US01").index.book["customers"]
    child = people[people["parent_id"].notna() & people["parent_id"].ne(people["customer_id"])].iloc[0]
    up = desk.related("US01", child["customer_id"])
    assert ("parent", child["parent_id"]) in set(zip(up["relation"], up["customer_id"], strict=True))
    down = desk.related("US01", child["parent_id"])
    assert ("child", child["customer_id"]) in set(zip(down["relation"], down["customer_id"], strict=True))
    merge = desk.books("US01").index.book["customer_merges"].iloc[0]
    merged = desk.related("US01", merge["new_customer_id"])
    assert ("merged from", merge["old_customer_id"]) in set(
        zip(merged["relation"], merged["customer_id"], strict=True)
    )


def test_faults_are_told_in_words(desk: Desk, root: Path) -> None:
    with pytest.raises(ParameterError, match="no such customer"):
        desk.open("US01", "X" * 10_000)
    with pytest.raises(ParameterError, match="no such receipt"):
        desk.receipt("US01", "nothing")
    with pytest.raises(ParameterError, match="entity not declared"):
        open_desk_of("close.yml", entity="US1", root=root)
    with pytest.raises(ParameterError, match="a sealed run of US01"):
        open_desk_of("close.yml", entity="US01", run="sealed", root=root)


def test_a_notebook_opens_it_by_its_parameters(
    root: Path, monkeypatch: pytest.MonkeyPatch, case: CustomerCase
) -> None:
    monkeypatch.chdir(root)
    given = {
        "close_file": "close.yml", "entity": "US01", "period": "2026-10", "run": "", "customer": case.customer_id,
        "as_of": "2026-09-15", "known_at": "", "search": "paper",
    }  # fmt: skip
    found = open_desk(begin("dispute_investigation", given))
    assert found.first is not None
    assert found.first.scope.as_of == date(2026, 9, 15)
    assert found.first.customer_id == case.customer_id
    assert found.first_text == "paper"
    with pytest.raises(ParameterError):
        begin("dispute_investigation", {**given, "customers": "C1"})
    with pytest.raises(ParameterError):
        begin("dispute_investigation", {**given, "as_of": "15.9.2026"})


def test_the_background_prepares_what_matching_needs(desk: Desk) -> None:
    assert desk.wait(240)
    books = desk.books("US01")
    assert books.prepared is not None
    assert books.history is not None
    assert books.fault == ""
    assert isinstance(books.index.book["items"], pd.DataFrame)
