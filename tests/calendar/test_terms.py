"""Payment terms: what the words mean, to the day and the cent; words with two meanings are refused."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.calendar import Terms, parse_terms
from arlib.errors import ParameterError


@pytest.mark.parametrize(
    ("words", "document", "due"),
    [
        ("net 30", date(2026, 10, 1), date(2026, 10, 31)),
        ("Net 30", date(2026, 1, 31), date(2026, 3, 2)),
        ("NET30", date(2028, 1, 31), date(2028, 3, 1)),  # a leap year
        ("n/30", date(2026, 10, 1), date(2026, 10, 31)),
        ("30 days", date(2026, 10, 1), date(2026, 10, 31)),
        ("net 30 days", date(2026, 10, 1), date(2026, 10, 31)),
        ("net 0", date(2026, 10, 1), date(2026, 10, 1)),
        ("due on receipt", date(2026, 10, 1), date(2026, 10, 1)),
        ("Due upon receipt", date(2026, 10, 1), date(2026, 10, 1)),
        ("COD", date(2026, 10, 1), date(2026, 10, 1)),
        ("EOM", date(2026, 2, 3), date(2026, 2, 28)),
        ("EOM", date(2028, 2, 29), date(2028, 2, 29)),
        ("EOM+15", date(2026, 10, 1), date(2026, 11, 15)),
        ("EOM+15", date(2026, 10, 31), date(2026, 11, 15)),
        ("EOM + 15 days", date(2026, 1, 31), date(2026, 2, 15)),
        ("net 15 EOM", date(2026, 12, 31), date(2027, 1, 15)),
        ("EOM+30", date(2026, 1, 15), date(2026, 3, 2)),
        ("net 30 prox", date(2026, 1, 15), date(2026, 2, 28)),  # February has no 30th
        ("net 30 prox", date(2028, 1, 31), date(2028, 2, 29)),
        ("10th prox", date(2026, 12, 31), date(2027, 1, 10)),
        ("10 MFI", date(2026, 10, 31), date(2026, 11, 10)),
        ("31 prox.", date(2026, 3, 31), date(2026, 4, 30)),
        ("net 1 month", date(2026, 1, 31), date(2026, 2, 28)),
        ("2 months", date(2026, 12, 31), date(2027, 2, 28)),
        ("2/10 net 30", date(2026, 10, 1), date(2026, 10, 31)),
        ("2/10 EOM+15", date(2026, 10, 1), date(2026, 11, 15)),
    ],
)
def test_the_words_give_the_day(words, document, due):
    assert parse_terms(words).due_date(document) == due


@pytest.mark.parametrize(
    ("words", "rate", "last_day"),
    [
        ("2/10 net 30", "0.02", date(2026, 10, 11)),
        ("2/10, n/30", "0.02", date(2026, 10, 11)),
        ("2% 10 net 30", "0.02", date(2026, 10, 11)),
        ("2% 10, net 30", "0.02", date(2026, 10, 11)),
        ("2/10 days net 30 days", "0.02", date(2026, 10, 11)),
        ("1.5/15 net 45", "0.015", date(2026, 10, 16)),
        ("1/3 net 30", "0.01", date(2026, 10, 4)),
        ("2/10 EOM+15", "0.02", date(2026, 10, 11)),
        ("2/EOM+5 EOM+15", "0.02", date(2026, 11, 5)),
        ("2/10th prox net 60", "0.02", date(2026, 11, 10)),
    ],
)
def test_the_discount_and_the_last_day_that_earns_it(words, rate, last_day):
    (part,) = parse_terms(words).due_dates(date(2026, 10, 1), 100_00)

    assert (part.discount_rate, part.discount_date) == (Decimal(rate), last_day)


def test_a_discount_is_earned_up_to_and_with_its_last_day():
    terms, document = parse_terms("2/10 net 30"), date(2026, 10, 1)

    assert terms.discount_for(document, 1_234_56, date(2026, 10, 11)) == 24_69  # 24.6912
    assert terms.discount_for(document, 1_234_56, date(2026, 10, 12)) == 0
    assert parse_terms("net 30").discount_for(document, 1_234_56, document) == 0


def test_oracle_single_rule_earned_discount():
    """C-AC: 2,000 at 10/10 net 30 of 1 Jan 2003, paid on the 14th, grace 5: 200 (the page's 20 is wrong)."""
    terms, document = parse_terms("10/10 net 30"), date(2003, 1, 1)

    assert terms.discount_for(document, 2_000_00, date(2003, 1, 14), grace_days=5) == 200_00
    assert terms.discount_for(document, 2_000_00, date(2003, 1, 16), grace_days=5) == 200_00
    assert terms.discount_for(document, 2_000_00, date(2003, 1, 17), grace_days=5) == 0
    assert terms.discount_for(document, 2_000_00, date(2003, 1, 14)) == 0


def test_instalments_lose_no_cent():
    parts = parse_terms("50% net 30, 50% net 60").due_dates(date(2026, 10, 1), 100_01)

    assert [(p.number, p.due_date, p.amount_minor) for p in parts] == [
        (1, date(2026, 10, 31), 50_01),
        (2, date(2026, 11, 30), 50_00),
    ]


def test_instalments_may_have_discounts_of_their_own():
    terms = parse_terms("50% 2/10 net 30, 50% net 60")

    assert [p.discount_date for p in terms.due_dates(date(2026, 10, 1), 100_00)] == [date(2026, 10, 11), None]
    assert terms.discount_for(date(2026, 10, 1), 100_00, date(2026, 10, 5)) == 1_00


def test_three_parts_with_decimals():
    terms = parse_terms("33.33% net 30; 33.33% EOM+60; 33.34% 10 prox")

    assert sum(p.amount_minor for p in terms.due_dates(date(2026, 1, 31), -99_99)) == -99_99
    assert terms.due_date(date(2026, 1, 31)) == date(2026, 4, 1)


@pytest.mark.parametrize(
    "words",
    [
        "", "banana", "30", "net", "net -5", "net 30 60", "2/10", "2/10 prox", "EOM-5", "EOM 15", "32 prox",
        "0 prox",
        "net 99999", "50% net 30, 40% net 60", "50% net 30", "50% net 30, net 60", "110% net 30", "0 months",
        "net \u0663\u0660", "30 days end of month", "2/10 net 30 or so", "net 30; drop table",
    ],
)  # fmt: skip
def test_what_cannot_be_read_for_sure_is_refused(words):
    with pytest.raises(ParameterError, match="payment terms"):
        parse_terms(words)


WORDS = [
    "net 30", "due on receipt", "EOM", "EOM+15", "10 prox", "net 2 months", "2/10 net 30", "2.5/10 EOM+15",
    "2/EOM+5 EOM+15", "2/EOM EOM+15", "3/10 prox net 60", "50% net 30, 50% net 60",
    "30% 1/5 net 30, 70% 15 prox",
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_the_canonical_words_parse_back(words):
    assert str(parse_terms(words)) == words
    assert parse_terms(str(parse_terms(words))) == parse_terms(words)


@settings(deadline=None)
@given(st.sampled_from(WORDS), st.dates(date(2000, 1, 1), date(2090, 12, 31)), st.integers(-(10**12), 10**12))
def test_parts_sum_to_the_amount_and_none_is_due_before_the_document(words, document, amount):
    terms = parse_terms(words)
    parts = terms.due_dates(document, amount)

    assert sum(p.amount_minor for p in parts) == amount
    assert all(p.due_date >= document for p in parts)
    assert max(p.due_date for p in parts) == terms.due_date(document)
    assert abs(terms.discount_for(document, amount, document)) <= abs(amount)


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2090, 12, 31)))
def test_proximo_is_always_in_the_next_month(document):
    due = parse_terms("31 prox").due_date(document)

    assert (due + timedelta(days=1)).day == 1  # its last day
    assert (due.year * 12 + due.month) - (document.year * 12 + document.month) == 1


def test_terms_of_no_parts_are_refused():
    with pytest.raises(ParameterError, match="100 %"):
        Terms(parts=())
