"""The whole desk driven in process, as a person would: set a value, press a button, read what stands there."""

from __future__ import annotations

import re
from datetime import date

import pytest

from arlib.errors import StoreError
from arlib.explore.views import desk_view
from arlib.explore.views.desk import DeskView


@pytest.fixture
def view(desk):
    return DeskView(desk)


@pytest.fixture
def opened(view):
    view.search.open.value = 0
    return view


def said(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def message(view) -> str:
    return said(view.shell.stage.message.value)


def go(view, title):
    view.tabs.selected_index = view.titles.index(title)
    return view.parts[title]


def every_text(widget, names):
    """What the browser gets of a widget and all below it; markup stands in `value` and `_dt_args` only."""
    is_markup = type(widget).__name__ == "HTML"
    found = [
        str(getattr(widget, name))
        for name in names
        if hasattr(widget, name) and (name != "value" or is_markup)
    ]
    for child in getattr(widget, "children", ()):
        found += every_text(child, names)
    return found


def test_a_desk_begins_with_a_search_and_no_customer(view, desk):
    assert desk.searched[0][0] == ""
    assert view.tabs.layout.display == "none"
    assert "arlib-desk" in desk_view(desk)._dom_classes


def test_filters_and_text_are_asked_together(view, desk):
    view.search.filters["currency"].value = "USD"
    view.search.text.value = "acme"

    text, filters = desk.searched[-1]
    assert (text, filters.currency, filters.entity) == ("acme", "USD", "")
    view.search.clear.click()
    assert desk.searched[-1][0] == ""
    assert desk.searched[-1][1].currency == ""


def test_enter_searches_though_nothing_changed(view, desk):
    before = len(desk.searched)
    view.search.text._handle_custom_msg({"event": "submit"}, [])
    assert len(desk.searched) == before + 1


def test_opening_a_hit_shows_the_customer_and_a_hit_on_a_receipt_goes_to_it(view, desk):
    view.search.open.value = 0
    assert desk.opened[-1][:2] == ("US01", "C1")
    assert view.tabs.layout.display == ""
    assert "Balance at the end of 2026-10-31: USD 91.00" in said(view.days.said.value)

    view.search.open.value = 1
    assert view.titles[view.tabs.selected_index] == "Receipt"
    assert view.receipt.pick.value == ("receipt", "R1")


def test_the_slider_moves_the_balance_and_stays_where_it_is(opened):
    opened.days.slider.value = date(2026, 8, 11)

    assert "Balance at the end of 2026-08-11: USD 10.00" in said(opened.days.said.value)
    assert opened.days.day.value == date(2026, 8, 11)
    assert opened.days.slider.options[0][1] == date(2026, 8, 1)
    assert opened.days.slider.options[-1][1] == date(2026, 10, 31)
    assert not opened.days.slider.continuous_update


def test_as_known_at_is_asked_and_given_up(opened):
    opened.days.known.value = date(2026, 9, 1)
    assert opened.shell.case.scope.known_at == date(2026, 9, 1)
    assert "as known at the end of 2026-09-01" in said(opened.days.said.value)
    opened.days.now.click()
    assert opened.shell.case.scope.known_at is None


def test_every_tab_is_filled_when_it_is_seen_and_nothing_hostile_runs(opened):
    for title in opened.titles:
        go(opened, title)
        assert message(opened) == "", title
    opened.receipt.pick.value = ("receipt", "R1")
    opened.receipt.solve.click()

    for sent in every_text(opened.box, ("value", "_dt_args")):
        assert "<img" not in sent
    for sent in every_text(opened.box, ("value", "_dt_args", "description", "_options_labels")):
        assert "\u202e" not in sent


def test_labels_are_text_and_every_control_has_one(opened):
    def controls(widget):
        if hasattr(widget, "description") and hasattr(widget, "tooltip") and type(widget).__name__ != "HTML":
            yield widget
        for child in getattr(widget, "children", ()):
            yield from controls(child)

    for title in opened.titles:
        go(opened, title)
    opened.receipt.pick.value = ("receipt", "R1")
    found = list(controls(opened.box))
    assert len(found) > 40
    for control in found:
        assert control.description, control
        assert control.tooltip, control.description
        assert not getattr(control, "description_allow_html", False)


def test_roll_forward_opens_a_line_to_its_documents(opened):
    part = go(opened, "Where the balance came from")
    assert "✓ foots: opening + lines = closing" in said(part.lines.value)

    part.line.value = ("USD", "invoices")

    assert part.documents.shown.rows["Document no"].tolist() == ["900001", "900002"]
    assert part.documents.shown.rows["Amount"].tolist() == ["1,000.00", "500.00"]


def test_what_if_follows_every_tick(opened):
    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")
    assert "Nothing is chosen." in part.what_if.said.value
    first, second, _ = part.what_if._rows.values()

    first.tick.value = True
    assert "data-difference='-2000'" in part.what_if.said.value
    second.tick.value = True
    second.cash.value = "1.00"
    assert "data-difference='-2100'" in part.what_if.said.value
    second.cash.value = "1,0"
    assert "✗" in part.what_if.said.value
    part.apply.click()
    assert "cannot be applied" in message(opened)


def test_a_difference_is_told_in_parts_and_the_rest_once(opened):
    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")
    next(iter(part.what_if._rows.values())).tick.value = True

    told = said(part.what_if.said.value)

    assert "of it bank charge USD 20.00" in told
    assert "of it claim" in told
    assert "set by hand USD 0.05" in told
    assert told.count("stays open") == 1, "what is not explained stands in its own line"


def test_a_rate_is_asked_for_only_in_another_currency(opened):
    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")
    tried = part.what_if
    first, _, other = tried._rows.values()
    first.tick.value = True
    assert tried.rate.layout.display == "none"

    first.tick.value, other.tick.value = False, True
    assert tried.rate.layout.display == ""
    assert tried.rate.description == "Rate, EUR for 1 USD"
    tried.rate.value = "0.9"
    assert part._receipt.asked["rate"] == "0.9"
    assert tried.tried()["rate"] == "0.9"

    other.tick.value = False
    assert part._receipt.asked["rate"] == "", "a rate that nobody asks for counts no more"
    assert "rate" not in tried.tried()


def test_the_likeliest_come_first_and_the_filter_reaches_the_rest(opened, monkeypatch):
    monkeypatch.setattr("arlib.explore.views.what_if.LISTED", 1)
    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")
    tried = part.what_if
    assert list(tried._drawn) == ["i1"], "the proposal's"
    assert "2 open documents are not shown" in tried.more.value

    tried.filter.value = "900003"
    assert list(tried._drawn) == ["i3"]
    tried._drawn["i3"].tick.value = True
    tried.filter.value = "500.00"
    assert list(tried._drawn) == ["i2", "i3"], "what is ticked stays in sight"
    tried.filter.value = "no such"
    assert tried.chosen == {"i3": None}


def test_what_was_written_off_does_not_stand_as_open(opened):
    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")
    first, second, lost = part.what_if._rows.values()
    assert "written off: a payment is a recovery" in said(lost.box.children[1].value)
    assert "written off for EUR 77.00" in lost.tick.tooltip
    for row in (first, second):
        assert "written off" not in row.box.children[1].value


def test_a_receipt_that_is_not_open_offers_nothing_to_apply(opened, monkeypatch):
    from .conftest import FakeReceipt

    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")
    assert part.apply.layout.display == part.what_if.box.layout.display == ""
    made = FakeReceipt.__init__

    def closed(self, receipt_id):
        made(self, receipt_id)
        self.around.faults = ("receipt R2 is not open on 2026-10-31",)

    monkeypatch.setattr(FakeReceipt, "__init__", closed)
    part.pick.value = ("receipt", "R2")
    assert said(part.facts.value).count("Receipt R2 is not open on 2026-10-31.") == 1
    for control in (part.apply, part.reject, part.solve, *part.take, part.what_if.box):
        assert control.layout.display == "none"


def test_the_desk_stays_on_the_tab_that_was_chosen_while_it_matched(view, desk, monkeypatch):
    from .conftest import FakeDesk, FakeReceipt

    at = []
    opening = FakeDesk.open
    monkeypatch.setattr(FakeDesk, "open", lambda self, *given, **more: (
        at.append(view.titles[view.tabs.selected_index]), opening(self, *given, **more))[1])  # fmt: skip
    view.search.open.value = 1
    assert at == ["Receipt"], (
        "it turns before the work begins, so that a later choice of the person comes after"
    )

    made = FakeReceipt.__init__

    def while_matching(self, receipt_id):
        made(self, receipt_id)
        view.tabs.selected_index = view.titles.index("History")

    monkeypatch.setattr(FakeReceipt, "__init__", while_matching)
    view.shell.picks_receipt("R2")
    assert view.titles[view.tabs.selected_index] == "History"
    assert view.receipt.pick.value == ("receipt", "R2")


def test_the_card_says_the_most_needed_first_and_keeps_the_rest(opened):
    card = said(opened.header.card.value)
    assert "Balance USD 1,500.00 2 open items, credits of USD 200.00 taken off" in card
    assert "Past due USD 1,000.00 oldest due 2026-10-01, 30 days late; credits are not set against it" in card
    assert opened.header.rest.layout.display == "none"
    opened.header.more.value = True
    assert opened.header.rest.layout.display == ""
    opened.days.slider.value = date(2026, 8, 11)
    assert opened.header.rest.layout.display == "", "another day does not fold it"


def test_ambiguous_combinations_are_all_shown_and_none_is_taken(opened):
    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")

    part.solve.click()

    assert "Combinations: ambiguous" in said(part.solved.value)
    assert "Combination 1" in part.solved.value
    assert "Combination 2" in part.solved.value
    assert part.what_if.chosen == {}
    part.ways.value = 2
    assert part.what_if.chosen == {"i2": None}


def test_applying_records_once_with_what_was_seen(opened, desk):
    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")
    part.take[0].click()
    assert part.what_if.chosen == {"i1": 98_000}

    part.apply.click()

    name, given = desk.casework.asked[0]
    assert name == "apply"
    assert (given["receipt_id"], given["seen"], given["receipt_open"]) == ("R1", "head-1", 98_000)
    assert (given["receipt_no"], given["documents"]["i1"]) == ("R1", "900001")
    assert given["lines"][0].applied_amount == 98_000
    assert given["request_id"]
    assert "Recorded as desk-1: apply recorded." in message(opened)
    part.apply.click()
    assert len(desk.casework.asked) == 1, "a second press of the same records nothing"
    assert "Recorded as desk-1" in message(opened), "and does not hide what was said"


def test_rejecting_and_alias_give_what_was_proposed(opened, desk):
    part = go(opened, "Receipt")
    part.pick.value = ("receipt", "R1")
    part.why.value = "wrong customer"
    part.reject.click()
    name, given = desk.casework.asked[-1]
    assert (name, list(given["item_ids"]), given["why"]) == ("reject", ["i1"], "wrong customer")

    part.alias_name.value = "ACME PAYMENTS"
    part.alias.click()
    name, given = desk.casework.asked[-1]
    assert (name, given["payer_name"], given["customer_id"]) == ("alias", "ACME PAYMENTS", "C1")


def test_an_open_item_asks_which_receipts_may_pay_it(opened):
    opened.parts["Open items"].grid._picked(0)
    assert opened.receipt.pick.value == ("item", "i1")
    assert opened.receipt.what_if.box.layout.display == "none"
    assert opened.decide.fields["item"].value == "i1"


DAY = date(2026, 11, 30)
DECIDED = (
    ("note", {}, "note", {"text": "called", "kind": "note", "item_id": ""}),
    ("promise", {"amount": "1,234.5", "due": DAY}, "promise", {"amount": 123450, "currency": "USD", "pay_by": DAY}),
    ("dispute", {"amount": "10.00", "reason": "price", "owner": "Ann", "item": "i1"}, "dispute",
     {"amount": 1000, "reason": "price", "item_id": "i1", "seen": "head-1", "document_no": "900001"}),
    ("settle", {"dispute": "D1", "root_cause": "wrong_price", "team": "billing"}, "settle_dispute",
     {"dispute_id": "D1", "item_id": "i1", "team": "billing", "document_no": "900001"}),
    ("propose", {"amount": "5.00", "reason": "price", "item": "i2", "proposal": "credit_memo"}, "propose",
     {"kind": "credit_memo", "amount": 500, "item_id": "i2"}),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "fill", "name", "wanted"), DECIDED, ids=[kind for kind, *_ in DECIDED])
def test_each_kind_of_decision_gives_what_the_form_says(opened, desk, kind, fill, name, wanted):
    part = go(opened, "Decide")
    part.kind.value = kind
    part.text.value = "called"
    for field, value in fill.items():
        assert part.fields[field].layout.display == ""
        part.fields[field].value = value

    part.press.click()

    assert desk.casework.asked[0][0] == name, message(opened)
    given = desk.casework.asked[0][1]
    assert {key: given[key] for key in wanted} == wanted
    assert given["text"] == "called"
    assert part.text.value == "", "the form is empty for the next"
    part.press.click()
    assert len(desk.casework.asked) == 1, "a second press records nothing"


def test_a_conflict_says_who_was_first_and_shows_the_customer_anew(opened, desk):
    part = go(opened, "Decide")
    part.text.value = "mine"
    desk.casework.fault = StoreError("Ann decided it at 08:00")
    desk.version = 5

    part.press.click()

    assert "Ann decided it at 08:00" in message(opened)
    assert opened.shell.case.head == "head-5", "the next try knows of it"
    assert part.text.value == "mine", "what was typed is not lost"
    request = part.once.request_id
    part.press.click()
    assert desk.casework.asked[0][1]["request_id"] == request


def test_what_is_missing_is_a_sentence(opened, desk):
    part = go(opened, "Decide")
    part.kind.value = "promise"
    part.fields["amount"].value = "12"
    part.press.click()
    assert "no day is picked" in message(opened)
    part.kind.value = "settle"
    part.press.click()
    assert "no dispute is chosen" in message(opened)
    assert desk.casework.asked == []


def test_a_decision_is_withdrawn_with_a_reason(opened, desk):
    part = go(opened, "Decide")
    part.text.value = "x"
    part.press.click()
    part = go(opened, "Decisions")
    part.pick.value = "desk-1"
    part.why.value = "typed twice"
    part.press.click()

    name, given = desk.casework.asked[-1]
    assert (name, given["decision_id"], given["why"]) == ("withdraw", "desk-1", "typed twice")


def test_others_decisions_are_told(opened, desk):
    go(opened, "Decisions")
    desk.told = ("Ann applied R1.",)
    opened.poll()
    assert "Ann applied R1." in said(opened.shell.stage.news.value)


def test_the_card_follows_what_others_decide_and_the_case_stays_what_was_seen(opened, desk, monkeypatch):
    seen, shown = opened.shell.case, []
    monkeypatch.setattr(opened.header, "show", shown.append)
    opened.poll()
    assert not shown, "nothing new, nothing drawn"
    desk.told = ("Ann applied R1.",)
    opened.poll()
    assert [(case.entity, case.customer_id) for case in shown] == [(seen.entity, seen.customer_id)]
    assert opened.shell.case is seen, "a decision is judged by what was seen"


def test_the_case_file_takes_what_is_on_the_desk(opened):
    opened.search.text.value = "acme"
    go(opened, "Receipt").pick.value = ("receipt", "R1")
    opened.receipt.take[0].click()
    go(opened, "Their statement").text.value = "900001 1,000.00"

    asked = opened.asked_of_case()

    assert asked["receipt_id"] == "R1"
    assert asked["search"] == "acme"
    assert asked["what_if"] == {"items": [{"item_id": "i1", "applied": "980.00"}], "parts": []}
    assert (asked["statement"], asked["statement_bytes"]) == ("pasted.txt", b"900001 1,000.00")
