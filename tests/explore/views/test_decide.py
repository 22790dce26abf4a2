"""The form of decisions offers what policy and books know, and hands the facts on."""

from __future__ import annotations

from datetime import date

import pytest

from arlib.explore.views.desk import DeskView

from .conftest import HOSTILE

DAY = date(2026, 11, 30)


@pytest.fixture
def part(desk):
    view = DeskView(desk)
    view.search.open.value = 0
    view.tabs.selected_index = view.titles.index("Decide")
    return view.parts["Decide"]


def pressed(part, kind, **fill):
    part.kind.value = kind
    for name, value in fill.items():
        part.fields[name].value = value
    part.press.click()


def test_reasons_causes_teams_and_people_are_offered(part):
    assert part.fields["reason"].options[-1] != HOSTILE, "shown without marks that turn it"
    assert {"other", "price"} <= set(part.fields["reason"].options)
    assert part.fields["root_cause"].options == ("other", "wrong_price")
    assert [value for _, value in part.fields["team"].options] == ["", "billing", "other"]
    assert "Ann" in part.fields["owner"].options


def test_what_was_chosen_by_its_label_is_the_word_of_the_books(part, desk):
    label = next(one for one in part.fields["reason"].options if one.startswith("<img"))
    pressed(part, "dispute", item="i1", amount="5", reason=label, owner=" Zoe ")
    name, given = desk.casework.asked[0]
    assert (name, given["reason"], given["owner"]) == ("dispute", HOSTILE, "Zoe")
    assert given["known"].items["i1"].amount == 100_000


@pytest.mark.parametrize(
    ("choice", "replaces", "is_beside"), [("P1", "P1", False), ("beside", "", True), ("", "", False)]
)
def test_a_promise_says_what_becomes_of_the_one_that_stands(part, desk, choice, replaces, is_beside):
    part.kind.value = "promise"
    assert part.fields["standing"].layout.display == ""
    assert [value for _, value in part.fields["standing"].options] == ["", "beside", "P1"]
    pressed(part, "promise", item="i1", amount="5", due=DAY, standing=choice)
    _, given = desk.casework.asked[0]
    assert (given["replaces"], given["is_beside"]) == (replaces, is_beside)
    assert part.fields["standing"].value == ""


def test_other_kinds_ask_nothing_of_promises(part):
    part.kind.value = "dispute"
    assert part.fields["standing"].layout.display == "none"
