"""What the browser gets: text that does nothing, few rows, amounts as people read them, pictures with figures."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from arlib.errors import AmountError, ParameterError
from arlib.explore.views.forms import Once, amount
from arlib.explore.views.grid import Grid
from arlib.explore.views.pictures import MARKS, Mark, aging_bar, balance_line, timeline
from arlib.explore.views.shown import ROWS_SENT, shown
from arlib.explore.views.style import bullets, facts, option, paragraphs, table, text
from arlib.tables.kinds import Column, Kind, Table

T, D, M = Kind.TEXT, Kind.DAY, Kind.MONEY
ROWS = Table(
    "rows", "a row of a test", ("code",), (
    Column("code", T, "code", True),
    Column("name", T, "name"),
    Column("due_date", D, "day"),
    Column("currency", T, "currency"),
    Column("amount", M, "amount", currency="currency"),
    Column("carrying", M, "amount in the books", currency="functional"),
))  # fmt: skip
HOSTILE = "<img src=x onerror='window.pwned=1'>"
TURNED = "invoice \u202egpj.exe\u2066"


def rows(count: int, **changes):
    made = {
        "code": "A",
        "name": "Acme",
        "due_date": "2026-10-31",
        "currency": "USD",
        "amount": 123456,
        "carrying": 7,
    }
    return ROWS.from_rows([made | {"code": f"A{n}"} | changes for n in range(count)])


def test_amounts_are_grouped_and_keep_the_places_of_their_currency():
    made = ROWS.from_rows([
        {"code": "1", "currency": "USD", "amount": -123456789, "carrying": 5},
        {"code": "2", "currency": "JPY", "amount": 1234567, "carrying": 5},
        {"code": "3", "currency": "KWD", "amount": 1234567, "carrying": None},
    ])  # fmt: skip

    seen = shown(made, ROWS, functional="EUR")

    assert seen.rows["Amount"].tolist() == ["-1,234,567.89", "1,234,567", "1,234.567"]
    assert seen.rows["Carrying EUR"].tolist() == ["0.05", "0.05", ""]
    assert [seen.rows.columns[place] for place in seen.right] == ["Amount", "Carrying EUR"]
    assert "Name" not in seen.rows.columns, "a column without a value is noise"


def test_rows_beyond_what_a_browser_bears_stay_behind_and_are_told():
    seen = shown(rows(ROWS_SENT + 1), ROWS)

    assert len(seen.rows) == ROWS_SENT
    assert seen.said == "First 2,000 of 2,001 rows; export the case file for all."
    assert shown(rows(1), ROWS).said == "1 row"


def test_hostile_text_in_a_table_is_text_that_does_nothing():
    names = [HOSTILE, TURNED, "=cmd|'/c calc'!A1", "x" * 10_000, "line\nbreak", "&lt;b&gt;"]
    made = ROWS.from_rows([{"code": str(n), "name": name} for n, name in enumerate(names)])
    grid = Grid(HOSTILE, "arlib-test")

    grid.show(shown(made, ROWS))
    sent = json.loads(grid.box.children[1]._dt_args["data_json"])

    assert "<img" not in grid.box.children[0].value
    assert [row[1] for row in sent][:3] == [
        "&lt;img src=x onerror='window.pwned=1'&gt;", "invoice gpj.exe", "'=cmd|'/c calc'!A1",
    ]  # fmt: skip
    assert len(sent[3][1]) == 300
    assert sent[4][1] == "line break"
    assert sent[5][1] == "&amp;lt;b&amp;gt;"
    assert "<img" not in grid.box.children[1]._dt_args["table_html"]


def test_a_row_that_is_clicked_is_told_and_a_stale_click_is_not():
    picked = []
    grid = Grid("Rows", "arlib-test", picked=picked.append, empty="None here.")
    grid.show(shown(rows(30), ROWS))
    table_widget = grid.box.children[1]

    table_widget.selected_rows = [7]
    grid.show(shown(rows(2), ROWS))
    table_widget.selected_rows = [29]

    assert picked == [7]
    assert grid.box.children[1] is table_widget, "a new widget would carry the whole library over again"
    grid.show(shown(ROWS.empty(), ROWS))
    assert "None here." in grid.box.children[0].value
    assert len(grid.box.children) == 1


@pytest.mark.parametrize("made", [
    text(HOSTILE), paragraphs([HOSTILE]), bullets([HOSTILE]), facts([(HOSTILE, HOSTILE, HOSTILE)]), table([HOSTILE], [[HOSTILE]]),
    aging_bar([(HOSTILE, 1)], "USD"), timeline([Mark(date(2026, 1, 1), HOSTILE, HOSTILE)]),
])  # fmt: skip
def test_no_markup_of_a_name_survives(made):
    assert "<img" not in made
    assert "&lt;img" in made


def test_marks_that_turn_the_reading_direction_are_gone():
    assert option(TURNED) == "invoice gpj.exe"
    assert text(TURNED) == "<bdi>invoice gpj.exe</bdi>"
    assert len(option("y" * 10_000)) == 90


def test_aging_bar_shows_every_amount_and_its_sum():
    seen = aging_bar([("current", 123456), ("1-30", 5_000_000), ("credit", -70_000)], "USD")

    for figure in ("1,234.56", "50,000.00", "-700.00", "50,534.56"):
        assert figure in seen
    assert "arlib-credit" in seen, "a credit is hatched, not only coloured"


def test_balance_line_says_the_balance_of_the_day_in_words():
    points = [(date(2026, 1, 1), 100_00), (date(2026, 2, 1), -50_00), (date(2026, 3, 1), 0)]

    seen = balance_line(points, "USD", marker=date(2026, 2, 20))

    assert "-50.00 at the end of 2026-02-20" in seen
    assert "role='img'" in seen
    assert "0.00 at the end of 2025-12-31" in balance_line(points, "USD", marker=date(2025, 12, 31))
    assert "No postings" in balance_line([], "USD")


def test_a_long_life_is_drawn_with_few_points():
    points = [(date(1990, 1, 1) + timedelta(days=n), n) for n in range(12_000)]

    assert len(balance_line(points, "USD", marker=points[-1][0])) < 60_000
    marks = [Mark(day, "invoice", "x") for day, _ in points]
    seen = timeline(marks)
    assert f"the newest {MARKS:,} of 12,000" in seen


def test_amounts_are_typed_as_they_are_shown_or_refused():
    assert amount(" 1,234.5 ", "USD") == 123450
    assert amount("1,234", "JPY") == 1234
    for wrong in ("1.234,5", "", "12.345", "ten", "1e5", "<b>"):
        with pytest.raises(AmountError):
            amount(wrong, "USD")
    with pytest.raises(ParameterError):
        amount("1", "")


def test_a_form_that_did_not_change_is_the_same_request():
    import ipywidgets as widgets

    field = widgets.Text()
    once = Once(field)
    assert once.request_id == ""
    field.value = "a"
    first = once.request_id
    assert first
    assert once.request_id == first
    once.recorded()
    with once:
        field.value = ""
    assert once.request_id == "", "the desk emptied the form, nobody asked for anything"
    field.value = "b"
    assert once.request_id not in ("", first)
