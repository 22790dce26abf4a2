"""Requests for plans: read strictly, answered with every figure, all faults at once."""

from __future__ import annotations

from fractions import Fraction

import pytest

from arlib.audit.sampling.frames import PLAN_REQUEST, PLANS, PlanMethod
from arlib.audit.sampling.plan import (
    figures_frame,
    plan_above_interval,
    plan_sample,
    plan_samples,
    plans_frame,
)
from arlib.audit.sampling.request import NEEDS, USES
from arlib.audit.sampling.words import amount, count, decimal_text, money_text, number, share
from arlib.errors import ParameterError, TableError

MUS = {"method": "mus", "risk": "5%", "tolerable_amount": "15000", "book_value": "300000", "currency": "USD"}


def sized(**texts: str) -> int | None:
    return plan_sample(texts).size


def figure(plan, name):
    (found,) = [one for one in plan.figures if one.figure == name]
    return found.value


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ({"method": "poisson", "confidence": "95%", "tolerable_rate": "5%"}, 60),
        ({"method": "binomial", "risk": "0.05", "tolerable_rate": "0.05", "expected_rate": "2.5%"}, 234),
        ({"method": "binomial", "risk_pct": "5", "tolerable_pct": "5", "expected_pct": "2.5"}, 234),
        (
            {"method": "binomial", "confidence_pct": "95", "tolerable_rate_pct": "5", "expected_errors": "2"},
            124,
        ),
        ({"method": "binomial", "risk": "10%", "tolerable_rate": "8%", "expected_rate": "7%"}, 1300),
        (
            {
                "method": "hypergeometric",
                "risk": "10%",
                "tolerable_rate": "60/1200",
                "population_size": "1200",
            },
            45,
        ),
        (
            {
                "method": "hypergeometric",
                "risk": "10%",
                "tolerable_errors": "60",
                "expected_errors": "2",
                "population": "1200",
            },
            102,
        ),
        (
            {
                "method": "binomial",
                "confidence": "95%",
                "tolerable_amount": "36730",
                "book_value": "13500000",
                "currency": "EUR",
            },
            1100,
        ),
        ({"method": "gamma", "confidence": "95%", "tolerable_rate": "5%", "expected_rate": "2.5%"}, 228),
        ({"method": "beta", "confidence": "95%", "tolerable_rate": "5%", "expected_rate": "2.5%"}, 220),
        ({"method": "gamma", "confidence": "95%", "tolerable_rate": "5%", "prior_size": "21"}, 39),
        ({"method": "two-stage", "confidence": "90%", "tolerable_rate": "5%"}, 98),
        (
            {
                "method": "Two Stage",
                "confidence": "90%",
                "tolerable_rate": "5%",
                "distribution": "hypergeometric",
                "population_size": "1200",
            },
            96,
        ),
        ({"method": "mus", "risk": "5%", "tolerable_pct": "0.5", "expected_to_tolerable": "0.2"}, 925),
        (
            {
                "method": "mus",
                "risk": "5%",
                "tolerable_pct": "0.5",
                "expected_to_tolerable": "0.2",
                "convention": "textbook",
            },
            926,
        ),
        (MUS | {"materiality": "20000", "performance_share": "75%", "tolerable_amount": ""}, 60),
        (MUS | {"performance_materiality": "15000", "tolerable_amount": ""}, 60),
        (MUS | {"expected_amount": "3000", "convention": "expansion"}, 89),
        (
            {
                "method": "mus",
                "audit_risk": "5%",
                "inherent_risk": "100%",
                "control_risk": "60%",
                "tolerable_rate": "5%",
                "expected_rate": "2.5%",
            },
            178,
        ),
        (
            {
                "method": "difference",
                "risk": "10%",
                "risk_of_rejection": "25%",
                "standard_deviation": "20",
                "population_size": "4000",
                "tolerable_amount": "21000",
                "expected_amount": "1500",
                "currency": "USD",
            },
            100,
        ),
        (
            {
                "method": "non-statistical",
                "assurance_factor": "2",
                "book_value": "6900000",
                "tolerable_amount": "150000",
                "currency": "USD",
            },
            92,
        ),
        (
            {
                "method": "non-statistical",
                "risk": "5%",
                "book_value": "300000",
                "tolerable_amount": "15000",
                "currency": "USD",
            },
            60,
        ),
    ],
)
def test_sizes(texts, wanted):
    plan = plan_sample(texts)
    assert plan.size == wanted
    assert plan.row["status"] == "planned"
    assert plan.inputs == {k: v for k, v in plan.inputs.items() if v}
    assert figure(
        plan,
        "sample_size" if texts["method"] != "Two Stage" and texts["method"] != "two-stage" else "first_size",
    )
    assert all(one.words for one in plan.figures)


def test_a_monetary_plan_says_everything():
    plan = plan_sample(MUS | {"convention": "textbook", "note": "trade receivables"})
    row = plan.row
    assert (row["sample_size"], row["interval"], row["interval_exact"], row["factor"]) == (
        60,
        5_000_00,
        "5000",
        "3",
    )
    assert (row["book_value"], row["tolerable_amount"], row["expected_amount"]) == (300_000_00, 15_000_00, 0)
    assert (row["note"], row["units"]) == ("trade receivables", "monetary_units")
    assert figure(plan, "largest_interval") == "5000.00"
    assert figure(plan, "risk_left") == "0.0497870683679"


def test_audit_risk_model():
    plan = plan_sample(
        {"method": "mus", "audit_risk": "0.05", "inherent_risk": "1", "control_risk": "0.6", "tolerable_rate": "0.05",
         "expected_rate": "0.025", "book_value": "1403220.82", "currency": "EUR"}
    )  # fmt: skip
    assert plan.row["confidence"] == "0.916666666667"
    assert (plan.row["expected_errors"], plan.row["interval"], plan.row["interval_exact"]) == (
        "4.45",
        7883_26,
        "70161041/8900",
    )
    with pytest.raises(ParameterError, match="no sample is needed"):
        plan_sample({"method": "mus", "audit_risk": "5%", "control_risk": "5%", "tolerable_rate": "5%"})


def test_yen_and_dinar_keep_their_places():
    yen = plan_sample(MUS | {"currency": "JPY"})
    dinar = plan_sample(MUS | {"currency": "KWD", "book_value": "300000.000"})
    assert (yen.row["interval"], dinar.row["interval"]) == (5_000, 5_000_000)
    with pytest.raises(TableError, match="JPY"):
        plan_sample(MUS | {"currency": "JPY", "book_value": "300000.50"})


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"risk": "5"}, "risk", "under 1"),
        ({"largest_size": "999999999999"}, "largest_size", "at most 1000000"),
        ({"method": "gamma", "prior_size": "99999999999999"}, "prior_size", "at most 1000000"),
        ({"method": "two-stage", "continue_to": "51"}, "continue_to", "at most 50"),
        ({"method": "binomial", "expected_errors": "1.5"}, "expected_errors", "whole number for binomial"),
        ({"risk": "0"}, "risk", "more than 0"),
        ({"risk": "1e-2"}, "risk", "under 1"),
        ({"risk": "-5%"}, "risk", "under 1"),
        ({"risk": "nan"}, "risk", "under 1"),
        ({"risk": "5,0%"}, "risk", "under 1"),
        ({"risk": "1/0"}, "risk", "under 1"),
        ({"risk": "٥%"}, "risk", "under 1"),
        ({"risk": "9" * 5000}, "risk", "under 1"),
        ({"confidence": "95%"}, "risk", "one of confidence, risk"),
        ({"risk": ""}, "risk", "one of confidence, risk"),
        ({"tolerable_amount": "15,000"}, "tolerable_amount", "an amount in USD"),
        ({"tolerable_amount": "0"}, "tolerable_amount", "above 0"),
        ({"tolerable_amount": "15000.005"}, "tolerable_amount", "an amount in USD"),
        ({"tolerable_amount": "=1+1"}, "tolerable_amount", "an amount"),
        ({"tolerable_amount": ""}, "tolerable_rate", "one of tolerable_rate"),
        ({"tolerable_rate": "5%"}, "tolerable_rate", "one of"),
        ({"currency": ""}, "currency", "such as USD"),
        ({"currency": "XAU"}, "currency", "ISO 4217"),
        ({"book_value": ""}, "book_value", "compared with"),
        ({"expected_rate": "1%", "expected_amount": "100"}, "expected_rate", "one of them"),
        ({"accept": "1"}, "accept", "no accept for mus"),
        ({"convention": "rounded"}, "convention", "exact, textbook, expansion"),
        ({"method": "pps"}, "method", "one of binomial"),
        ({"method": ""}, "method", "one of binomial"),
        ({"expected_erors": "1"}, "expected_erors", "expected_errors"),
        ({"performance_share": "75%"}, "materiality", "performance_share is of"),
        ({"inherent_risk": "50%"}, "audit_risk", "with inherent_risk"),
        ({"population_size": "12.5"}, "population_size", "whole number"),
        ({"method": "hypergeometric"}, "population_size", "number of items"),
    ],
)
def test_faults_name_the_column_and_what_was_wanted(change, column, words):
    with pytest.raises(TableError) as raised:
        plan_sample(MUS | change)
    assert [p for p in raised.value.problems if p.column == column and words in p.wanted], [
        p.sentence() for p in raised.value.problems
    ]


def test_all_faults_of_all_rows_at_once():
    rows = [
        {"id": "a", **MUS},
        {"id": "a", **MUS, "risk": "5"},
        {"id": "b", "method": "difference", "bogus": "1"},
    ]
    with pytest.raises(TableError) as raised:
        plan_samples(rows, file="plans.csv")
    found = {(p.row, p.column) for p in raised.value.problems}
    assert (3, "risk") in found
    assert (3, "id") in found
    assert {
        (4, "bogus"),
        (4, "population_size"),
        (4, "standard_deviation"),
        (4, "risk_of_rejection"),
        (4, "risk"),
        (4, "tolerable_amount"),
    } <= found
    assert not [row for row, _ in found if row == 2]


def test_a_row_that_no_sample_answers_is_answered_with_the_reason():
    rows = [
        {"method": "binomial", "risk": "5%", "tolerable_rate": "2%", "expected_rate": "3%"},
        {"method": "binomial", "risk": "5%", "tolerable_rate": "5%", "expected_rate": "4.9%", "largest_size": "2000"},
        {"method": "mus", "risk": "7%", "tolerable_rate": "5%", "convention": "expansion"},
        MUS | {"tolerable_amount": "300000"},
        {"method": "mus", "audit_risk": "5%", "control_risk": "4%", "tolerable_rate": "5%"},
        MUS,
    ]  # fmt: skip
    plans = plan_samples(rows)
    assert [one.row["status"] for one in plans] == ["not_possible"] * 5 + ["planned"]
    notes = [one.row["note"] for one in plans]
    for note, words in zip(
        notes,
        (
            "under the tolerable",
            "up to 2000",
            "published expansion",
            "needs no sample",
            "no sample is needed",
        ),
        strict=False,
    ):
        assert words in note
        assert "\n" not in note
    frame = plans_frame(plans)
    assert list(frame.columns) == PLANS.names
    assert frame["sample_size"].isna().tolist() == [True] * 5 + [False]
    assert frame["row"].tolist() == [2, 3, 4, 5, 6, 7]


def test_frames_are_declared_and_money_is_integer():
    plans = plan_samples([MUS, {"method": "two-stage", "risk": "10%", "tolerable_rate": "5%"}])
    frame, figures = plans_frame(plans), figures_frame(plans)
    assert str(frame["interval"].dtype) == "Int64"
    assert frame["note"][1].startswith("accept with at most 0 errors in the first 49")
    assert figures.groupby("row").size().to_dict() == {2: len(plans[0].figures), 3: len(plans[1].figures)}


def test_a_sample_larger_than_its_population_says_so():
    plan = plan_sample({"method": "binomial", "risk": "5%", "tolerable_rate": "5%", "population_size": "50"})
    assert "larger than the population" in plan.row["note"]


def test_every_method_has_its_columns():
    assert set(USES) == set(PlanMethod)
    for method, used in USES.items():
        assert used <= set(PLAN_REQUEST.names)
        assert set(NEEDS.get(method, ())) <= used
    assert set().union(*USES.values()) == set(PLAN_REQUEST.names)  # no column that nothing uses


def test_high_values_apart():
    amounts = [1_000_00] * 300 + [40_000_00, 9_000_00, 5_200_00]
    texts = {"method": "mus", "risk": "5%", "tolerable_amount": "17710", "currency": "USD"}
    plan = plan_above_interval(texts, amounts)
    assert (plan.row["high_items"], plan.row["high_value"], plan.row["book_value"]) == (
        2,
        49_000_00,
        305_200_00,
    )
    assert plan.size == 52
    by_rate = plan_above_interval(texts | {"tolerable_amount": "", "tolerable_rate": "5%"}, amounts)
    assert (by_rate.size, by_rate.row["tolerable_amount"]) == (52, 17_710_00)  # of the whole, not of the rest
    assert figure(plan, "whole_book_value") == "354200.00"
    odd = plan_above_interval(texts | {"expected_rate": "1/3000000"}, amounts)  # 0.118...: rounded against us
    assert odd.row["expected_amount"] == 12
    with pytest.raises(TableError, match="mus"):
        plan_above_interval(texts | {"method": "binomial"}, amounts)
    with pytest.raises(ParameterError, match="Examine them all"):
        plan_above_interval(texts | {"tolerable_amount": "0.10"}, [100, 100])
    with pytest.raises(ParameterError, match="sum of the positive"):
        plan_above_interval(texts | {"book_value": "1"}, amounts)


def test_words_are_read_exactly():
    assert [share("5%"), share("0.05"), share("5 %"), share("60/1200")] == [Fraction(1, 20)] * 4
    assert share("100%", may_be_one=True) == 1
    assert (number("5.775"), count("1200"), amount("15000.00", "USD")) == (Fraction("5.775"), 1200, 1_500_000)
    for reader, texts in (
        (share, ("", "5%%", "1", "0", "1/2/3", "½", "+5%")),
        (number, ("", "-1", "1.", ".5", "1e3")),
        (count, ("1.0", "", "-1", "1_000")),
    ):
        for text in texts:
            with pytest.raises(ValueError, match=r"such as|more than"):
                reader(text)


def test_figures_are_shown_exactly_where_they_are_short():
    assert decimal_text(Fraction(1, 20)) == "0.05"
    assert decimal_text(Fraction(1, 3)) == "0.333333333333"
    assert decimal_text(Fraction(10**15)) == "1000000000000000"
    assert decimal_text(Fraction(1, 10**9)) == "0.000000001"
    assert money_text(Fraction(500_000), "USD") == "5000"
    assert money_text(Fraction(70161041, 89), "EUR") == "70161041/8900"
