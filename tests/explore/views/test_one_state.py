"""The desk never shows two customers, two days or two sets of books at once, and never nothing."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace

import ipywidgets as widgets
import pytest

from arlib.errors import InputError, ParameterError, SourceError
from arlib.explore.views import desk as desk_module
from arlib.explore.views import open_desk_view
from arlib.explore.views.case_file import _require_books
from arlib.explore.views.desk import DeskView
from arlib.explore.views.forms import amount
from arlib.explore.views.statement import iso_day
from arlib.run.cases.model import new_case
from tests.explore.views.conftest import FakeCase


@pytest.fixture
def view(desk):
    made = DeskView(desk)
    made.search.open.value = 0
    return made


def said(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def message(view) -> str:
    return said(view.shell.stage.message.value)


def go(view, title):
    view.tabs.selected_index = view.titles.index(title)
    return view.parts[title]


@pytest.mark.parametrize("other", [("US01", "C2"), ("UK01", "C1")])
def test_nothing_that_was_chosen_or_typed_goes_over_to_another_customer(view, desk, monkeypatch, other):
    monkeypatch.setattr(
        type(desk), "open",
        lambda self, entity, customer_id, **days: FakeCase(self, customer_id, date(2026, 10, 31), None, entity=entity),
    )  # fmt: skip
    part = go(view, "Receipt")
    part.pick.value = ("receipt", "R1")
    part.take[0].click()
    part.solve.click()
    part.why.value = "no"
    go(view, "Their statement").text.value = "900001 1,000.00"
    go(view, "Hints").item.value = "i1"
    go(view, "Where the balance came from").since.value = date(2026, 9, 1)
    file = go(view, "Case file")
    file.title.value, file.question.value = "of C1", "why C1?"
    assert {"receipt_id", "what_if", "statement", "since"} <= set(view.asked_of_case())

    view.shell.open(*other)  # the tab on show is Case file: no other tab is drawn

    assert set(view.asked_of_case()) == {"filters", "search"}
    assert (part.pick.value, part.what_if.chosen, part._ways, part.why.value) == (None, {}, {}, "")
    assert part.solved.value == ""
    assert view.statement.text.value == ""
    assert view.parts["Hints"].item.value == ""
    assert (file.title.value, file.question.value) == ("", "")


def test_the_same_customer_on_another_day_keeps_what_was_chosen(view):
    go(view, "Receipt").pick.value = ("receipt", "R1")
    view.receipt.take[0].click()
    view.days.slider.value = date(2026, 10, 20)
    assert view.asked_of_case()["receipt_id"] == "R1"


def test_a_document_of_somebody_else_is_refused_for_the_file(view, monkeypatch):
    written = []
    monkeypatch.setattr(FakeCase, "export", lambda self, **asked: written.append(asked), raising=False)
    go(view, "Receipt").choose("receipt", "R77")
    go(view, "Case file").press.click()

    assert "receipt R77 is not of customer C1" in message(view)
    assert written == []


def shows(view) -> tuple[object, ...]:
    return (
        view.shell.case.scope.as_of, view.days.slider.value, view.days.day.value, view.days.known.value,
        said(view.days.said.value), said(view.header.card.value),
    )  # fmt: skip


@pytest.mark.parametrize("control", ["slider", "day", "known"])
def test_a_day_that_is_refused_leaves_all_as_it_was(view, monkeypatch, control):
    before = shows(view)
    refused = date(2026, 8, 3)
    real = FakeCase.at

    def at(self, *, as_of=None, known_at=None):
        if refused in (as_of, known_at):
            raise ParameterError("day of the balance", found=refused.isoformat())
        return real(self, as_of=as_of, known_at=known_at)

    monkeypatch.setattr(FakeCase, "at", at)
    getattr(view.days, control).value = refused

    assert "day of the balance" in message(view)
    assert shows(view) == before


def test_a_part_that_cannot_follow_takes_the_whole_desk_back(view, monkeypatch):
    part = go(view, "Open items")
    before = shows(view)
    real = part._frame

    def frame(case):
        if case.scope.as_of != date(2026, 10, 31):
            raise ParameterError("before the first document")
        return real(case)

    monkeypatch.setattr(part, "_frame", frame)
    view.days.day.value = date(2026, 9, 3)

    assert "before the first document" in message(view)
    assert shows(view) == before


def test_what_is_written_is_where_the_slider_stands(view, monkeypatch):
    written = []
    monkeypatch.setattr(
        FakeCase, "export", lambda self, **asked: written.append(self.scope.as_of) or _stop(), raising=False
    )
    monkeypatch.setattr(view.days._rest, "ask", lambda: None)  # it still moves
    go(view, "Case file")
    view.days.slider.value = date(2026, 9, 9)
    assert view.shell.case.scope.as_of == date(2026, 10, 31)

    view.case_file.press.click()

    assert written == [date(2026, 9, 9)]
    assert shows(view)[0] == date(2026, 9, 9)


def _stop():
    raise ParameterError("kept for the test")


def books(tmp_path, **changes):
    plan = SimpleNamespace(root=tmp_path, close_file="params/mine.yml", period="2026-10", calendar=None)
    return SimpleNamespace(plan=plan, entities=("US01", "UK01"), run="", **changes)


@pytest.mark.parametrize(
    ("changes", "found", "fix"),
    [
        ({"close_file": "params/other.yml"}, "close file params/other.yml", "arlib desk params/other.yml"),
        ({"period": "2026-09"}, "period 2026-09", 'period = "2026-09"'),
        ({"run": "sealed"}, "run sealed", 'run = "sealed"'),
        ({"entity": "ZZ01"}, "entity ZZ01", "arlib lab params/mine.yml"),
    ],
)
def test_a_case_of_other_books_is_refused_in_words(tmp_path, changes, found, fix):
    told = {
        "id": "C-1",
        "close_file": "params/mine.yml",
        "entity": "US01",
        "period": "2026-10",
        "customer_id": "C1",
    }
    _require_books(new_case(told), books(tmp_path))
    _require_books(new_case(told | {"close_file": "./params/mine.yml", "period": ""}), books(tmp_path))
    with pytest.raises(ParameterError) as refused:
        _require_books(new_case(told | changes), books(tmp_path))
    assert found in str(refused.value)
    assert fix in str(refused.value)


def test_a_case_is_open_again_in_one_line_and_what_is_lost_is_told(view, desk, tmp_path, monkeypatch):
    (tmp_path / "c.yml").write_text(
        new_case({"id": "C-1", "close_file": "params/mine.yml", "entity": "US01", "period": "2026-10",
                  "customer_id": "C1", "statement": "gone.csv"}).as_yaml()
    )  # fmt: skip
    desk.plan, desk.run, desk.entities = books(tmp_path).plan, "", ("US01",)
    view.case_file.path.value = "c.yml"
    view.case_file.reopen.click()

    line, details = view.shell.stage.message.value.split("<details open>")
    assert said(line) == "✓ Case C-1 is open again, but not all of it: see the details."
    assert "gone.csv is not here" in said(details)


@pytest.mark.parametrize("where", ["begin", "open_desk"])
def test_what_is_wrong_with_the_parameters_or_the_books_stands_on_the_page(monkeypatch, where):
    fault = SourceError("column amount is missing", where="items.csv", fix="Export it again.")
    monkeypatch.setattr(desk_module, "begin", lambda notebook, given: None)
    monkeypatch.setattr(desk_module, where, lambda *given: (_ for _ in ()).throw(fault))

    made = open_desk_view("dispute_investigation", {})

    texts = "".join(each.value for each in made.children[1].children if isinstance(each, widgets.HTML))
    assert "role='alert'" in texts
    assert "column amount is missing" in said(texts)
    assert "Export it again." in said(texts)


def test_a_statement_that_cannot_be_read_leaves_no_reading_of_the_one_before(view):
    part = go(view, "Their statement")
    part.said.value, part.results.layout.display = "read before", ""
    part.press.click()
    assert "no statement is given" in message(view)
    assert (part.said.value, part.results.layout.display) == ("", "none")


@pytest.mark.parametrize("typed", ["2026-10-31", "31.10.2026", "10/31/2026", "31/10/2026"])
def test_the_day_of_a_statement_may_be_typed_as_people_do(typed):
    assert iso_day(typed) == "2026-10-31"


def test_a_day_that_may_be_two_is_asked():
    with pytest.raises(ParameterError, match="2026-10-11 or 2026-11-10"):
        iso_day("10/11/2026")


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [("803,60", "USD", 80_360), ("1.234,56", "EUR", 123_456), ("1 234,56", "EUR", 123_456), ("1,234", "JPY", 1_234),
     ("1,234.56", "USD", 123_456), ("1,234", "USD", 123_400)],
)  # fmt: skip
def test_amounts_are_read_with_the_marks_of_their_country(typed, currency, minor):
    assert amount(typed, currency) == minor


@pytest.mark.parametrize(("typed", "currency"), [("1,234", "KWD"), ("1.234", "USD"), ("803,60", "JPY")])
def test_an_amount_that_may_be_two_or_none_is_refused(typed, currency):
    with pytest.raises(InputError):
        amount(typed, currency)


def test_a_promise_on_a_document_is_of_what_is_open_until_an_amount_is_typed(view):
    part = go(view, "Decide")
    part.kind.value = "promise"
    part.fields["item"].value = "i1"
    assert part.fields["amount"].value == "1,000.00"
    part.fields["item"].value = "i2"
    assert part.fields["amount"].value == "500.00"
    part.fields["amount"].value = "12.00"
    part.fields["item"].value = "i1"
    assert part.fields["amount"].value == "12.00"
