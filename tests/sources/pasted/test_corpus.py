"""Every paste of the corpus: its lines, signs, days, closing balance and questions; every line in one place."""

from __future__ import annotations

import pandas as pd
import pytest

from arlib.controls import Status
from arlib.errors import ParameterError
from arlib.sources.pasted import PASTED_ROWS, pasted_statement
from arlib.tables import CANONICAL

HELD = CANONICAL["customer_statement_lines"]


def read(text, currency="USD", **more):
    return pasted_statement(text, entity="E1", customer_id="C1", currency=currency, **more)


def told(frame):
    return tuple(
        (row.reference if isinstance(row.reference, str) else "", f"{row.date:%Y-%m-%d}", int(row.amount))
        for row in frame.itertuples()
    )


def test_a_paste_gives_its_lines_and_asks_what_it_leaves_open(given):
    made = read(given.text, given.currency, decided=given.decided)
    assert tuple(choice.name for choice in made.choices) == given.asks
    if given.lines:
        assert told(made.rows) == given.lines
    assert made.closing == given.closing
    assert str(made.statement_date or "") == given.day
    assert tuple(made.problems["line"]) == given.problems
    assert made.problems["why"].ne("").all()
    assert len(made.lines) == (0 if given.asks else len(made.rows))
    assert list(made.lines.columns) == HELD.names
    assert list(made.rows.columns) == PASTED_ROWS.names


def test_every_line_of_a_paste_is_in_one_place(given):
    made = read(given.text, given.currency, decided=given.decided)
    places = [*made.rows["line"], *made.left_out["line"], *made.problems["line"]]
    assert sorted(places) == list(range(1, len(given.text.splitlines()) + 1))
    assert made.identity.holds
    assert made.identity.right == len(given.text.splitlines())


def test_a_printed_total_is_held_against_the_lines():
    good = read("Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t10.00\nTotal\t\t10.00\n")
    bad = read("Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t10.00\nTotal\t\t11.00\n")
    none = read("Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t10.00\n")
    assert good.control.status is Status.TIED
    assert good.sentence.endswith("total agrees with the printed USD 10.00.")
    assert bad.control.status is Status.UNEXPLAINED
    assert "USD 1.00 differ" in bad.sentence
    assert none.control.status is Status.NO_INPUT


def known(**rows):
    """Our documents: number to (amount, document date, due date)."""
    return pd.DataFrame({
        "customer_id": "C1", "document_no": list(rows), "amount": pd.array([row[0] for row in rows.values()], dtype="Int64"),
        "document_date": pd.to_datetime([row[1] for row in rows.values()]),
        "due_date": pd.to_datetime([row[2] for row in rows.values()]),
    })  # fmt: skip


OPEN = "Statement date 30 April 2026\n03/04/2026,INV1,100.00\n05/04/2026,INV2,200.00\n"


@pytest.mark.parametrize(
    ("dated", "order"), [(("2026-04-03", "2026-05-03"), "day_first"), (("2026-03-04", "2026-04-30"), "month_first"),
                         (("2025-01-01", "2026-04-03"), "day_first")],
)  # fmt: skip
def test_the_day_of_a_matching_document_or_its_due_date_says_the_order(dated, order):
    assert [choice.name for choice in read(OPEN).choices] == ["dates"]
    made = read(OPEN, known=known(INV1=(10000, *dated)))
    assert made.decided["dates"] == order
    assert not made.choices


def test_documents_that_contradict_each_other_leave_the_order_open():
    ours = known(INV1=(10000, "2026-04-03", None), INV2=(20000, "2026-05-04", None))
    assert [choice.name for choice in read(OPEN, known=ours).choices] == ["dates"]


def test_a_number_of_ours_that_stands_twice_says_nothing():
    ours = pd.concat([known(INV1=(10000, "2026-04-03", None)), known(INV1=(5, "2026-04-03", None))])
    assert [choice.name for choice in read(OPEN, known=ours).choices] == ["dates"]


def test_our_documents_say_how_the_sign_runs_also_against_the_headings():
    text = "Statement date 2026-10-31\nInvoice\tDate\tDebit\tCredit\nINV1\t2026-10-01\t100.00\t\nCM9\t2026-10-02\t\t30.00\n"
    assert read(text).rows["amount"].tolist() == [
        10000,
        -3000,
    ]  # the customer's books: a debit lowers what it owes
    ours = known(INV1=(10000, "2026-10-01", None), CM9=(-3000, "2026-10-02", None))
    mirrored = read(text, known=ours)
    assert mirrored.rows["amount"].tolist() == [-10000, 3000]
    assert mirrored.how["sign"] == "2 of our documents stand so on it"


def test_the_column_with_our_numbers_is_the_reference():
    text = "Statement date 2026-10-31\nReference\tDoc number\tDate\tAmount\nX1\tINV1\t2026-10-01\t100.00\nX2\tINV2\t2026-10-02\t50.00\n"
    assert read(text).rows["reference"].tolist() == ["X1", "X2"]
    ours = known(INV1=(10000, None, None), INV2=(5000, None, None))
    assert read(text, known=ours).rows["reference"].tolist() == ["INV1", "INV2"]


def test_mixed_signs_without_a_word_are_asked_and_then_follow_the_answer():
    text = "Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t2026-10-01\t10.00\nA2\t2026-10-02\t-4.00\n"
    assert [choice.name for choice in read(text).choices] == ["sign"]
    for sign, wanted in (("owed_is_positive", [-1000, 400]), ("owed_is_negative", [1000, -400])):
        assert read(text, decided={"sign": sign}).lines["amount"].tolist() == wanted


@pytest.mark.parametrize(
    "decided",
    [
        {"dates": "year_first"},
        {"colour": "blue"},
        {"statement_date": "31.10.2026"},
        {"amounts": "1;234"},
        {"sign": "odd"},
    ],
)
def test_an_answer_that_is_none_is_refused(decided):
    text = "03/04/2026,INV-1,100.00\n05/04/2026,INV-2,-200.00\n"
    with pytest.raises(ParameterError):
        read(text, decided=decided)


def test_two_amounts_a_line_without_a_header_are_asked_about():
    text = "As of 2026-10-31\n2026-10-01\tINV-1\t100.00\t60.00\n2026-10-02\tINV-2\t80.00\t80.00\n"
    assert [choice.name for choice in read(text).choices] == ["amount_column"]
    assert read(text, decided={"amount_column": "last"}).lines["amount"].tolist() == [-6000, -8000]
    assert read(text, decided={"amount_column": "first"}).lines["amount"].tolist() == [-10000, -8000]


def test_credits_of_ours_turn_a_list_that_looks_like_what_is_owed():
    text = (
        "Statement date 2026-10-31\nDocument\tDate\tAmount\nCM1\t2026-10-01\t10.00\nCM2\t2026-10-02\t20.00\n"
    )
    assert read(text).rows["amount"].tolist() == [-1000, -2000]  # one sign: a list of what is owed
    ours = known(CM1=(-1000, "2026-10-01", None), CM2=(-2000, "2026-10-02", None))
    assert read(text, known=ours).rows["amount"].tolist() == [1000, 2000]


@pytest.mark.parametrize(
    ("day", "wanted"),
    [("03.04.2026", "2026-04-03"), ("4 March 2026", "2026-03-04"), ("2026/03/04", "2026-03-04")],
)
def test_points_and_words_and_a_leading_year_leave_no_order_open(day, wanted):
    made = read(f"Statement date 2026-10-31\nInvoice\tDate\tAmount\nA1\t{day}\t10.00\n")
    assert told(made.lines) == (("A1", wanted, -1000),)
