"""What was just recorded is shown although the figures are of an earlier day; any day up to today can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from arlib.errors import ParameterError
from arlib.explore.case import CustomerCase, ReceiptCase
from arlib.explore.desk import Desk, open_desk_of
from arlib.explore.filters import Filters
from arlib.run.casework import AppliedLine
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
TODAY = date(2026, 12, 4)
CLOSED = date(2026, 10, 31)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("recorded")
    (home / "arlib.toml").write_text("")
    (home / "close.yml").write_text(CLOSE)
    write_sample(generate(seed=7, items=300), home / "extracts")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ARLIB_STORE_URL", "ARLIB_ROOT", "ARLIB_RUN_DIR", "ARLIB_OUT_DIR"):
            patch.delenv(name, raising=False)
        made = open_desk_of("close.yml", entity="US01", root=home, actor=Actor("sam.taylor"))
        made.wait()
        made.casework.clock = lambda: datetime(2026, 12, 4, 15, tzinfo=UTC)
        yield made


def placeable(desk: Desk) -> tuple[CustomerCase, ReceiptCase]:
    """A receipt that may pay an item of its customer."""
    prepared = desk.prepared("US01")
    index = desk.books("US01").index
    for receipt_id in prepared.index.receipts:
        code = index.customer_of_receipt(receipt_id)
        found = desk.receipt("US01", receipt_id)
        if code and found.proposals.decision in ("auto", "suggest"):
            return desk.open("US01", code), found
    raise AssertionError("nothing is proposed")


def test_an_application_is_shown_until_the_ledger_has_booked_it(desk: Desk) -> None:
    case, receipt = placeable(desk)
    assert case.recorded_since.sentences == ()
    proposed = receipt.proposals.candidates
    proposed = proposed[proposed["role"].eq("proposal")]
    answer = receipt.what_if(dict.fromkeys(proposed["item_id"]))
    assert answer.can_apply, answer.faults
    made = desk.record(
        lambda work: work.apply(
            entity="US01", receipt_id=receipt.receipt_id, lines=[AppliedLine(**asdict(line)) for line in answer.lines],
            seen=case.head, open_amounts=answer.open_amounts, receipt_open=answer.receipt_open, customer_id=case.customer_id,
        )
    )  # fmt: skip
    assert case.recorded_since.sentences == ()  # the case stays as it was opened
    now = case.again().recorded_since
    assert now.decisions["decision_id"].tolist() == [made.decision_id]
    assert now.sentences[0].startswith("Recorded at the desk: sam.taylor applied")
    assert now.used_of(receipt.receipt_id) == sum(line.receipt_amount for line in answer.lines)
    first = answer.lines[0]
    settled = first.applied_amount + first.discount + first.fee + first.fx + first.tolerance
    assert now.settled_of(first.item_id) == settled
    assert now.about(receipt_ids=[receipt.receipt_id]) == now.about(item_ids=[first.item_id]) == now.sentences
    assert now.about(item_ids=["x"], receipt_ids=["x"]) == ()
    assert now.about(receipt_ids=[receipt.receipt_id], kinds=["reject"]) == ()
    assert (
        now.of_hint({"item_id": None, "receipt_id": None, "evidence": f"a {receipt.receipt_id}"})
        == now.sentences
    )
    late = case.again().at(as_of=TODAY)  # its day is in the figures, the money is not in the ledger
    assert late.recorded_since.decisions["decision_id"].tolist() == [made.decision_id]
    desk.record(lambda work: work.withdraw(decision_id=made.decision_id, why="wrong", seen=desk.head))
    after = case.again().recorded_since
    assert (after.sentences, after.used_of(receipt.receipt_id)) == ((), 0)


def test_a_promise_of_today_is_shown_beside_figures_of_the_close_only(desk: Desk) -> None:
    case, _ = placeable(desk)
    row = case.open_items[case.open_items["outstanding"].gt(0)].iloc[0]
    desk.record(
        lambda work: work.promise(
            entity="US01", customer_id=case.customer_id, currency=row["currency"], amount=1_00,
            pay_by=TODAY + timedelta(days=9), item_id=row["item_id"], known=case.known,
        )
    )  # fmt: skip
    now = case.again()
    assert len(now.recorded_since.about(item_ids=[row["item_id"]], kinds=["promise"])) == 1
    assert now.at(as_of=TODAY).recorded_since.sentences == ()  # the figures of the day itself have it
    before = replace(now.scope, known_at=TODAY - timedelta(days=1))
    known = CustomerCase(desk=desk, scope=before, book=now.book, head=now.head)
    assert known.recorded_since.sentences == ()
    others = desk.search("", Filters(entity="US01"), limit=500).frame["customer_id"]
    stranger = next(code for code in others if code != case.customer_id)
    assert desk.open("US01", stranger).recorded_since.sentences == ()


def test_any_day_up_to_today_is_shown_and_a_later_one_refused(desk: Desk) -> None:
    case, _ = placeable(desk)
    assert case.last_day == TODAY
    last = case.at(as_of=TODAY)
    assert last.balance_on(TODAY).equals(case.balance_on(TODAY))
    assert last.running.groupby("currency")["balance"].last().to_dict() == {
        code: int(balance)
        for code, balance in zip(
            *(case.balance_on(TODAY)[name] for name in ("currency", "balance")), strict=True
        )
    }
    tomorrow = TODAY + timedelta(days=1)
    for ask in (lambda: case.at(as_of=tomorrow), lambda: desk.open("US01", case.customer_id, as_of=tomorrow)):
        with pytest.raises(ParameterError, match="still to come"):
            ask()
    assert case.scope.as_of == CLOSED
