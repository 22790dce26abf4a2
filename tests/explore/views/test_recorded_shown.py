"""What was recorded at the desk stands on the card, in the rows and with the hints before any figure has it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from arlib.collect.hints import HINTS
from arlib.explore.recorded import RecordedSince
from arlib.explore.views.desk import DeskView
from arlib.explore.views.header import RECORDED
from arlib.matching.person import DECIDED
from arlib.run.casework import DECISIONS
from tests.explore.views.conftest import HOSTILE, FakeCase

COMMON = {"entity": "US01", "customer_id": "C1", "at": "2026-11-23T08:00:00Z", "on": "2026-11-23", "by": "sam",
          "standing": "stands"}  # fmt: skip
DECIDED_SINCE = (
    {"decision_id": "desk-1", "kind": "promise", "item_ids": "i2", "sentence": f"sam noted a promise {HOSTILE}."},
    {"decision_id": "desk-2", "kind": "apply", "receipt_id": "R1", "item_ids": "i9", "sentence": "sam applied R1."},
)  # fmt: skip
HINT = {
    "entity": "US01",
    "customer_id": "C1",
    "confidence": "certain",
    "team": "cash",
    "currency": "USD",
    "amount": 1,
}


def said(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def recorded(*rows: dict[str, str]) -> property:
    made = RecordedSince(
        decisions=DECISIONS.from_rows([COMMON | row for row in rows]), waiting=DECIDED.empty()
    )
    return property(lambda _: made)


@pytest.fixture
def opened(desk, monkeypatch):
    """The desk with a customer about whom a promise and an application were recorded since."""
    monkeypatch.setattr(FakeCase, "recorded_since", recorded(*DECIDED_SINCE))
    hints = HINTS.from_rows([
        HINT | {"rank": 1, "hint_id": "a", "kind": "duplicate_payment", "sentence": "R1 waits.", "next_step": "Apply R1.",
                "receipt_id": "R1", "evidence": "R1"},
        HINT | {"rank": 2, "hint_id": "b", "kind": "skipped_invoice", "sentence": "900001 was left out.",
                "next_step": "Ask.", "item_id": "i1", "evidence": "i1"},
    ])  # fmt: skip
    monkeypatch.setattr(FakeCase, "hints", SimpleNamespace(rows=hints, limits=()))
    view = DeskView(desk)
    view.search.open.value = 0
    return view


def test_the_card_says_what_no_figure_has_yet_newest_first(opened):
    card = said(opened.header.card.value)
    assert card.index("Recorded at the desk: sam applied R1.") < card.index("Recorded at the desk: sam noted")
    assert "<img" not in opened.header.card.value


def test_a_card_without_anything_recorded_says_nothing_of_it(desk):
    view = DeskView(desk)
    view.search.open.value = 0
    assert "arlib-header-recorded" not in view.header.card.value


def test_a_card_stays_short(desk, monkeypatch):
    rows = (
        {"decision_id": f"desk-{n}", "kind": "note", "sentence": f"note {n}."} for n in range(RECORDED + 3)
    )
    monkeypatch.setattr(FakeCase, "recorded_since", recorded(*rows))
    view = DeskView(desk)
    view.search.open.value = 0
    assert view.header.card.value.count("Recorded at the desk: ") == RECORDED
    assert "and 3 more under Decisions" in said(view.header.card.value)


def test_rows_say_what_was_recorded_about_them_before_their_own_note(opened):
    opened.tabs.selected_index = opened.titles.index("Open items")
    first, second = opened.parts["Open items"].grid.shown.rows["Note"]
    assert "Recorded" not in first
    assert second.startswith("Recorded at the desk: sam noted a promise <img src=x")
    assert second.count("<img") == 2, "its own note is still there"
    opened.tabs.selected_index = opened.titles.index("Receipts")
    assert opened.parts["Receipts"].grid.shown.rows["Note"].tolist() == [
        "Recorded at the desk: sam applied R1.",
        "",
    ]


def test_the_list_of_receipts_takes_off_what_was_decided(opened, monkeypatch):
    part = opened.parts["Receipt"]
    opened.tabs.selected_index = opened.titles.index("Receipt")
    assert "Receipt R1 of 2026-10-20: USD 980.00, USD 980.00 left" in part.pick.options[1][0]
    waiting = pd.DataFrame(
        {"receipt_id": ["R1", "R1"], "receipt_amount": pd.array([70_000, 28_000], dtype="Int64")}
    )
    made = RecordedSince(decisions=DECISIONS.empty(), waiting=waiting.iloc[:1])
    monkeypatch.setattr(FakeCase, "recorded_since", property(lambda _: made))
    part.show(opened.shell.current)
    assert "USD 980.00, USD 280.00 left (recorded at the desk)" in part.pick.options[1][0]
    part.choose("receipt", "R1")
    assert "Left USD 280.00 after what was recorded at the desk" in said(part.facts.value)
    made = RecordedSince(decisions=DECISIONS.empty(), waiting=waiting)
    part.show(opened.shell.current)
    assert any("USD 980.00, applied (recorded at the desk)" in label for label, _ in part.pick.options)


def test_a_hint_that_is_dealt_with_goes_last_and_a_click_still_finds_it(opened, monkeypatch):
    opened.tabs.selected_index = opened.titles.index("Hints")
    part = opened.parts["Hints"]
    rows = part.grid.shown.rows
    assert rows["What stands out"].tolist() == ["900001 was left out.", "R1 waits."]
    assert rows["What to do next"].tolist() == [
        "Ask.",
        "Recorded at the desk: sam applied R1. Before that: Apply R1.",
    ]
    picked = []
    opened.shell.picks_receipt, opened.shell.picks_item = picked.append, picked.append
    part._picked(1)
    part._picked(0)
    assert picked == ["R1", "i1"]
