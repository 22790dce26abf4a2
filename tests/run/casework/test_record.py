"""What the desk records: events that stay readable, once each, with who and when; and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError, StoreError
from arlib.matching.memory import decided
from arlib.run.casework import AppliedLine, ConflictError, FaultsError
from arlib.run.casework.checks import Faults, check_lines
from arlib.run.store import Head, Store, snapshot_decisions
from arlib.tables.rows import records

from .conftest import Desks, applied, desks_on, line

HOSTILE = (
    "<img src=x onerror=alert(1)> =cmd()|' \u202egnp.exe \t \n second line 'quoted' \"x\" " + "x" * 9_900
)


def everything(desk: Desks) -> list[str]:
    """One of each act, each by who may do it; their ids."""
    ann, col, cre = desk("ann"), desk("col"), desk("cre")
    made = [
        col.note(entity="US01", customer_id="C1", text="spoke to Kim", kind="call", outcome="will pay", next_on=date(2026, 12, 1)),
        col.promise(entity="US01", customer_id="C1", currency="USD", amount=50000, pay_by=date(2026, 11, 30), text="by wire"),
        col.dispute(entity="US01", customer_id="C1", currency="USD", amount=700, reason="price", owner="sam",
                    due_on=date(2026, 12, 5), item_id="INV-9", text="wrong list"),
        applied(ann, "R-1", line("INV-1", 9000, discount=200, reason="earned_discount"), line("INV-2", 1000)),
        ann.reject(entity="US01", receipt_id="R-2", item_ids=["INV-4", "INV-3"], why="other customer", seen=ann.head()),
        ann.alias(entity="US01", customer_id="C1", payer_name="ACME Holding", payer_account="DE89 3704", seen=ann.head()),
        cre.propose(entity="US01", kind="write_off", customer_id="C1", item_id="INV-7", currency="USD", amount=300,
                    reason="uncollectable", evidence="mail", seen=cre.head()),
    ]  # fmt: skip
    col.since(Head())
    made.append(
        col.settle_dispute(
            entity="US01", dispute_id=made[2].decision_id, root_cause="list", team="sales", seen=col.head()
        )
    )
    made.append(col.withdraw(decision_id=made[1].decision_id, why="misheard", seen=col.head()))
    return [each.decision_id for each in made]


def test_each_act_is_one_event_with_who_and_when(store: Store) -> None:
    ids = everything(desks_on(store))
    events = store.events()
    assert ids == [f"desk-{n}" for n in range(1, 10)]
    assert [event.kind for event in events] == [
        "note.recorded", "decision.promise", "decision.dispute", "decision.confirm_application", "decision.reject_proposal",
        "decision.alias", "decision.propose", "decision.settle_dispute", "decision.withdraw",
    ]  # fmt: skip
    assert [event.subject for event in events][3:6] == [
        "US01/receipt/R-1",
        "US01/receipt/R-2",
        "US01/customer/C1",
    ]
    assert {event.actor for event in events} == {"ann", "col", "cre"}
    assert {event.authentication for event in events} == {"os_user"}
    assert {event.at for event in events} == {"2026-11-23T10:12:00.000000Z"}
    assert store.verify().is_whole
    assert len(snapshot_decisions(store, entity="US01").events) == 9, "a run freezes them all"
    assert not snapshot_decisions(store, entity="JP01").events

    frame = desks_on(store)("bob").decisions()
    assert frame["decision_id"].tolist() == ids
    assert frame["standing"].tolist() == ["stands", "withdrawn", *["stands"] * 7]
    assert frame["ended_by"].tolist()[1] == "desk-9"
    assert frame["sentence"].tolist()[:5] == [
        "col recorded a call on customer C1: will pay on 2026-11-23 10:12 UTC (desk-1).",
        "col recorded a promise of USD 500.00 by 2026-11-30 of customer C1 on 2026-11-23 10:12 UTC (desk-2).",
        "col opened a dispute of USD 7.00 for price of customer C1, item INV-9 on 2026-11-23 10:12 UTC (desk-3).",
        "ann applied USD 100.00 of receipt R-1 to INV-1 and INV-2 on 2026-11-23 10:12 UTC (desk-4).",
        "ann turned down INV-3 and INV-4 for receipt R-2 on 2026-11-23 10:12 UTC (desk-5).",
    ]
    assert frame["amount"].tolist()[3] == 10000


def test_matching_reads_them_as_they_are_written(store: Store) -> None:
    everything(desks_on(store))
    read = decided(snapshot_decisions(store).as_json()["events"])
    assert read.unread == ()
    assert records(read.confirmed[["receipt_id", "item_id", "currency", "applied_amount"]]) == [
        {"receipt_id": "R-1", "item_id": "INV-1", "currency": "USD", "applied_amount": 9000},
        {"receipt_id": "R-1", "item_id": "INV-2", "currency": "USD", "applied_amount": 1000},
    ]
    assert read.rejected["item_id"].tolist() == ["INV-3", "INV-4"]
    assert read.aliases["payer_account"].tolist() == ["DE89 3704"]


def test_the_day_is_the_entitys(desk: Desks) -> None:
    late = desk(at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC))  # the 23rd in New York, the 24th in Tokyo
    for entity in ("US01", "JP01"):
        late.note(entity=entity, customer_id="C1", text="x")
    assert [f"{day:%Y-%m-%d}" for day in late.decisions()["on"]] == ["2026-11-23", "2026-11-24"]
    with pytest.raises(FaultsError, match="2026-11-22, before today, 2026-11-23"):
        late.promise(entity="US01", customer_id="C1", currency="USD", amount=1, pay_by=date(2026, 11, 22))
    late.promise(entity="US01", customer_id="C1", currency="USD", amount=1, pay_by=date(2026, 11, 23))


def test_a_retry_is_recorded_once(store: Store) -> None:
    open_desk = desks_on(store)
    first = applied(open_desk(), request_id="q1")
    again = applied(
        open_desk(at=datetime(2026, 11, 25, tzinfo=UTC)), request_id="q1"
    )  # the kernel died meanwhile
    assert (again.decision_id, again.head, again.is_again) == (first.decision_id, first.head, True)  # type: ignore[attr-defined]
    assert store.head().seq == 1
    with pytest.raises(FaultsError, match="request_id q1 was used for another one: ann applied"):
        applied(open_desk(), "R-2", request_id="q1")
    applied(open_desk("bob"), "R-2", line("INV-2"), request_id="q1")  # another's q1 is another request
    assert store.head().seq == 2


def test_hostile_text_is_kept_whole_as_text(store: Store) -> None:
    made = desks_on(store)()
    made.note(entity="US01", customer_id="C1", text=HOSTILE)
    made.note(entity="US01", customer_id="=HYPERLINK(1)", text="x" * 10_000)
    frame = desks_on(store)("bob").decisions()
    assert frame["text"].tolist() == [HOSTILE, "x" * 10_000]
    assert store.events()[0].body["text"] == HOSTILE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": ""}, "text is missing"),
        ({"text": "x" * 10_001}, "text has 10,001 characters, wanted at most 10,000"),
        ({"text": "\ud800"}, "half of a pair"),
        ({"text": 5}, "text is int"),
        ({"customer_id": " "}, "customer_id is missing"),
        ({"customer_id": "C\n1"}, "signs that no code has"),
        ({"customer_id": "C" * 201}, "201 characters"),
        ({"kind": "cal"}, "did you mean 'call'"),
        ({"next_on": datetime(2026, 12, 1, tzinfo=UTC)}, "wanted a day"),
        ({"next_on": date(2126, 12, 1)}, "more than 10 years ahead"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desks, change: dict[str, object], words: str) -> None:
    made = desk()
    with pytest.raises(FaultsError, match=words):
        made.note(**({"entity": "US01", "customer_id": "C1", "text": "x"} | change))  # type: ignore[arg-type]
    assert made.store.head() == Head()


def test_all_faults_are_told_at_once(desk: Desks) -> None:
    with pytest.raises(FaultsError) as caught:
        desk().dispute(
            entity="US01", customer_id="", currency="XXQ", amount=1.5, reason="", due_on=date(2020, 1, 1)  # type: ignore[arg-type]
        )  # fmt: skip
    assert len(caught.value.faults) == 5, caught.value.faults
    with pytest.raises(ParameterError, match="US02"):
        desk().note(entity="US02", customer_id="C1", text="x")
    with pytest.raises(ParameterError, match="may not hold a secret"):
        desk().note(entity="US01", customer_id="C1", text="portal password=hunter2")


@pytest.mark.parametrize("amount", [0, -1, True, 1.0, "100", None, 2**63])
def test_a_promise_is_of_whole_minor_units_above_zero(desk: Desks, amount: object) -> None:
    with pytest.raises(FaultsError, match="amount"):
        desk().promise(
            entity="US01", customer_id="C1", currency="USD", amount=amount, pay_by=date(2026, 12, 1)  # type: ignore[arg-type]
        )  # fmt: skip


GOOD = [line("INV-1", 9000, discount=1000), line("CM-1", -2000), line("INV-2", 500, deduction=100)]
OPENS = {"INV-1": 10000, "CM-1": -2000, "INV-2": 600}


def faults_of(lines: list[AppliedLine], receipt_open: object = 8000) -> list[str]:
    found = Faults("x")
    check_lines(found, lines, receipt_id="R-1", open_amounts=OPENS, receipt_open=receipt_open)
    return found.found


def test_a_sound_application_has_no_fault() -> None:
    assert faults_of(GOOD, 7500) == []
    assert faults_of(GOOD, 8000) == [], "the rest stays unapplied"
    euro = line("INV-1", 9000, receipt_currency="EUR", receipt_amount=8100)
    assert faults_of([euro]) == ["the lines use EUR 81.00 of receipt R-1, EUR 80.00 is open"]
    assert faults_of([euro], 8100) == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "no item is named"),
        ([GOOD[0], GOOD[0]], "named twice"),
        ([replace(GOOD[0], discount=1001)], "would fall by USD 100.01, USD 100.00 is open"),
        ([replace(GOOD[0], applied_amount=-9000, receipt_amount=-9000)], "would fall by"),
        ([replace(GOOD[0], receipt_amount=8999)], "wanted the same"),
        ([replace(GOOD[0], discount=1000.0)], "whole minor units"),  # type: ignore[arg-type]
        ([replace(GOOD[0], item_id="INV-8")], "INV-8 is not open in the books"),
        ([replace(GOOD[2], deduction=101)], "more than what stays open"),
        ([replace(GOOD[2], deduction=-1)], "deduction of item INV-2 is negative"),
        ([GOOD[0], replace(GOOD[1], applied_amount=-2001, receipt_amount=-2001)], "CM-1 would fall by"),
        (
            [GOOD[0], replace(GOOD[1], discount=-1, applied_amount=-1999, receipt_amount=-1999)],
            "without discount",
        ),
        ([GOOD[1]], "wanted more than 0"),
        ([GOOD[0], replace(GOOD[2], receipt_currency="EUR")], "a receipt has one currency"),
        ([replace(GOOD[0], applied_amount=0, receipt_amount=0, discount=0)], "would not change"),
        ([replace(GOOD[0], currency="EUR", receipt_amount=-9000)], "different signs"),
    ],
)
def test_an_application_must_fit(lines: list[AppliedLine], words: str) -> None:
    found = faults_of(lines)
    assert any(words in fault for fault in found), found


def test_a_receipt_without_money_takes_nothing() -> None:
    assert faults_of(GOOD, 7499) == ["the lines use USD 75.00 of receipt R-1, USD 74.99 is open"]
    assert "receipt R-1 has nothing open" in faults_of(GOOD, 0)
    assert any("whole minor units" in fault for fault in faults_of(GOOD, 80.0))


@settings(max_examples=200, derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(-50, 100), st.integers(-50, 150), st.integers(-5, 20)), min_size=1, max_size=4
    ),
    st.integers(0, 250),
)
def test_what_passes_never_overdraws(rows: list[tuple[int, int, int]], receipt_open: int) -> None:
    """By brute force: what passes leaves no item past zero and no receipt overdrawn."""
    lines = [line(f"I{n}", cash, discount=extra) for n, (_, cash, extra) in enumerate(rows)]
    opens = {f"I{n}": open_ for n, (open_, _, _) in enumerate(rows)}
    found = Faults("x")
    check_lines(found, lines, receipt_id="R", open_amounts=opens, receipt_open=receipt_open)
    is_sound = (
        receipt_open > 0
        and 0 < sum(cash for _, cash, _ in rows) <= receipt_open
        and all(cash + extra for _, cash, extra in rows)
        and all(
            (0 <= cash + extra <= open_) if open_ >= 0 else (open_ <= cash <= 0 and not extra)
            for open_, cash, extra in rows
        )
    )
    assert (found.found == []) == is_sound, found.found


def test_a_store_that_was_replaced_is_not_written_on(store: Store) -> None:
    made = desks_on(store)()
    made.note(entity="US01", customer_id="C1", text="x")
    with pytest.raises(StoreError, match="ends at event 1, what was shown came from event 9"):
        applied(made, seen=Head(9, "f" * 64))
    made.read_to = Head(1, "f" * 64)
    with pytest.raises(StoreError, match="not the one that was read before"):
        made.since(Head())


def test_sentences_name_the_numbers_that_people_know(desk: Desks) -> None:
    ann, bob = desk("ann"), desk("bob")
    seen = bob.head()
    made = applied(ann, "000000007", line("000000001"), line("000000002"), receipt_no="RC-7",
                   documents={"000000001": "SI-1", "000000002": "000000002", "000000003": "SI-3"})  # fmt: skip
    assert "of receipt RC-7 (000000007) to SI-1 (000000001) and 000000002 on" in made.sentence  # type: ignore[attr-defined]
    with pytest.raises(
        ConflictError,
        match=r"receipt RC-7 \(000000007\) is already decided: ann applied .* SI-1 \(000000001\)",
    ):
        applied(bob, "000000007", line("000000001"), seen=seen, receipt_no="RC-7")
    with pytest.raises(ConflictError, match=r"item SI-1 \(000000001\) is applied to receipt 000000007"):
        bob.reject(
            entity="US01",
            receipt_id="000000007",
            item_ids=["000000001"],
            seen=seen,
            documents={"000000001": "SI-1"},
        )

    told = bob.decisions()["sentence"].tolist()
    assert "SI-1 (000000001)" in told[0]
    opened = ann.dispute(entity="US01", customer_id="C1", currency="USD", amount=5, reason="price", item_id="000000009",
                         document_no="SI-9")  # fmt: skip
    assert "of customer C1, item SI-9 (000000009) on" in opened.sentence
    settled = ann.settle_dispute(entity="US01", dispute_id=opened.decision_id, seen=ann.head())
    assert f"settled dispute {opened.decision_id} of customer C1, item SI-9 (000000009)" in settled.sentence
    with pytest.raises(FaultsError, match="document_no has 201 characters"):
        ann.note(entity="US01", customer_id="C1", text="x", item_id="1", document_no="9" * 201)


def test_a_number_changes_nothing_but_the_words(desk: Desks) -> None:
    ann = desk("ann")
    first = ann.note(
        entity="US01", customer_id="C1", text="x", item_id="1", request_id="r1", document_no="SI-1"
    )
    again = ann.note(
        entity="US01", customer_id="C1", text="x", item_id="1", request_id="r1", document_no="SI-1"
    )
    assert (again.decision_id, again.is_again) == (first.decision_id, True)
    plain = ann.note(entity="US01", customer_id="C1", text="x", item_id="1")
    assert "customer C1, item 1 on" in plain.sentence
