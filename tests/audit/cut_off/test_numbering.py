"""Numbers taken apart, gaps against a slow second method, reuse and order, with their honest twins."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.audit.cut_off.numbering import numbering
from arlib.audit.cut_off.numbers import normal, parsed
from arlib.audit.population import Population
from arlib.policy import Policies


def run(book, scope, ask):
    return numbering(book, scope=scope, policies=Policies(), ask=ask)


def bills(numbers, **more):
    return [
        {"item_id": f"K{n}", "document_no": number, "posting_date": "2026-10-15", **more}
        for n, number in enumerate(numbers)
    ]


def parts(*texts, year=2026):
    numbers = pd.Series(texts, dtype="str")
    days = pd.Series(pd.to_datetime([f"{year}-05-01"] * len(texts))).astype("datetime64[s]")
    return parsed(numbers, days)


def test_a_number_is_taken_apart():
    made = parts("SI-100001", "INV-2026-00017", "000123/2026", "77-26", "ABC", "0010")
    assert made["series"].fillna("").tolist() == ["SI-#", "INV-2026-#####", "######/2026", "#-26", "", "####"]
    assert made["number"].fillna(-1).tolist() == [100001, 17, 123, 77, -1, 10]
    assert parts("INV202600017", "INV202600018")["series"].tolist() == ["INV2026#####"] * 2
    assert parts("INV202600017", "INV204500018")["number"].tolist() == [202600017, 204500018]  # no year


def test_leading_zeros_are_kept_and_a_wider_number_counts_on():
    made = parts("A0998", "A0999", "A1000")
    assert made["series"].tolist() == ["A####"] * 3
    assert made["digits"].tolist() == ["0998", "0999", "1000"]
    assert parts("9", "10", "11")["series"].tolist() == ["#"] * 3


def test_spellings_of_one_number():
    same = pd.Series(["SI-00042", "si 42", "ＳＩ－０００４２", "SI_42"])
    assert set(normal(same)) == {"si42"}
    apart = pd.Series(["1-23", "12-3", "123"])
    assert normal(apart).nunique() == 3


@settings(max_examples=15, derandomize=True, deadline=None)
@given(st.sets(st.integers(0, 80), min_size=41, max_size=80))
def test_gaps_are_the_numbers_that_are_missing(books, scope, asked, used):
    """Slow second method: the set of all numbers between the first and the last less those in use."""
    result = run(
        books(items=bills([f"SI-{n:04d}" for n in sorted(used)])),
        scope,
        asked("numbering", least_coverage="0.5"),
    )
    named = set()
    for low, high in zip(result.gaps["from_no"], result.gaps["to_no"], strict=True):
        named |= set(range(int(low[3:]), int(high[3:]) + 1))
    assert named == set(range(min(used), max(used) + 1)) - used
    assert result.gaps["missing"].sum() == len(named)
    assert result.series["missing"].sum() == len(named)


def test_random_numbers_are_no_sequence(books, scope, asked):
    numbers = [f"{n * n * 7919 % 99999989:08d}" for n in range(3, 60)]
    result = run(books(items=bills(numbers)), scope, asked("numbering"))
    assert result.gaps.empty
    assert result.series["state"].eq("not_possible").all()
    assert result.tests.set_index("test").loc["gaps", "state"] == "not_possible"
    assert any("no sequence" in said for said in result.limits)


def test_a_jump_begins_another_range_and_is_no_gap(books, scope, asked):
    numbers = [f"SI-{n}" for n in [*range(100, 120), *range(9000, 9020)]]
    result = run(books(items=bills(numbers)), scope, asked("numbering"))
    assert result.gaps.empty
    assert result.series["first"].tolist() == ["SI-100", "SI-9000"]


def numbered(low, high, *, without=(), day="2026-10-{:02d}"):
    return [{"item_id": f"N{n}", "document_no": f"SI-{n}", "posting_date": day.format(1 + (n - low) // 2)}
            for n in range(low, high + 1) if n not in without]  # fmt: skip


def test_a_rejected_document_explains_one_number_and_no_more(books, scope, asked):
    """SI-105 and SI-111 are missing; one document was rejected between the days of the neighbours of SI-105."""
    transfer = {"batch_id": "B7", "stage": "ar_interface", "transferred_on": "2026-10-03", "currency": "USD", "documents": 3, "amount": 1,
                "rejected_documents": 1}  # fmt: skip
    book = books(items=numbered(100, 120, without=(105, 111)), billing_transfers=[transfer])
    gaps = run(book, scope, asked("numbering")).gaps.set_index("from_no")
    assert gaps["grade"].to_dict() == {"SI-105": "explained", "SI-111": "exception"}
    assert "batch B7 of 2026-10-03" in gaps["finding"]["SI-105"]
    two = books(items=numbered(100, 120, without=(105, 106)), billing_transfers=[transfer])
    assert run(two, scope, asked("numbering")).gaps["grade"].tolist() == ["exception"]


def test_a_number_that_the_ledger_has_is_the_gravest_gap(books, scope, asked):
    line = {"ledger": "primary", "account": "1200", "journal_id": "J9", "line_id": "1", "posting_date": "2026-10-03", "source": "billing",
            "status": "posted", "document_no": "SI-105", "currency": "USD", "amount": 1, "functional_amount": 1}  # fmt: skip
    transfer = {"batch_id": "B7", "stage": "ar_interface", "transferred_on": "2026-10-03", "currency": "USD", "documents": 3, "amount": 1,
                "rejected_documents": 1}  # fmt: skip
    book = books(items=numbered(100, 120, without=(105,)), gl_lines=[line], billing_transfers=[transfer])
    gap = run(book, scope, asked("numbering")).gaps.iloc[0]
    assert gap["grade"] == "exception"
    assert "SI-105 (journal J9)" in gap["finding"]


def test_one_counter_of_two_prefixes_is_explained(books, scope, asked):
    receipts = [
        {
            "item_id": f"R{n}",
            "document_no": f"RC-{n}",
            "item_type": "receipt",
            "amount": -1,
            "posting_date": "2026-10-05",
        }
        for n in (103, 117)
    ]
    book = books(items=[*numbered(100, 120, without=(103, 117)), *receipts])
    gaps = run(book, scope, asked("numbering")).gaps
    assert gaps["grade"].tolist() == ["explained", "explained"]
    assert "RC-103" in gaps["finding"].iloc[0]


def test_reuse_whatever_the_spelling_but_not_parts_of_one_document(books, scope, asked):
    items = [
        {"item_id": "A", "document_no": "SI-0042", "customer_id": "C1"},
        {"item_id": "B", "document_no": "si 42", "customer_id": "C2"},
        {"item_id": "P1", "document_no": "SI-50", "control_account": "1200"},
        {
            "item_id": "P2",
            "document_no": "SI-50",
            "control_account": "1280",
        },  # retention of the same document
        {"item_id": "Q1", "document_no": "SI-60", "customer_id": "C1"},
        {"item_id": "Q2", "document_no": "SI-60", "customer_id": "C9"},
    ]
    reused = run(books(items=items), scope, asked("numbering")).reused
    assert reused["item_id"].tolist() == ["A", "B", "Q1", "Q2"]
    assert (
        reused["finding"].tolist()[0]
        == "the same number but for case, signs or leading zeros of two customers"
    )
    assert reused["finding"].tolist()[2] == "the same number of two customers"


def test_a_document_dated_before_lower_numbers(books, scope, asked):
    old = {
        "item_id": "OLD",
        "document_no": "SI-141",
        "document_date": "2026-09-20",
        "posting_date": "2026-10-15",
    }
    near = {
        "item_id": "NEAR",
        "document_no": "SI-142",
        "document_date": "2026-10-10",
        "posting_date": "2026-10-15",
    }
    items = [*numbered(100, 140, day="2026-10-15"), old, near]
    late = run(books(items=items), scope, asked("numbering")).out_of_order
    assert late["document_no"].tolist() == ["SI-141"]  # 25 days; five are allowed
    assert late["days"].tolist() == [25]


def test_the_sample_is_complete_and_its_misdated_documents_are_found(sample, of_sample, asked):
    for entity in ("US01", "UK01", "JP01"):
        book, scope, truth = of_sample(sample, entity)
        result = run(book, scope, asked("numbering"))
        wanted = set(truth.loc[truth["kind"].isin(["misdated", "back_posted"]), "document_no"])
        assert wanted <= set(result.out_of_order["document_no"])
        assert all(identity.holds for identity in result.identities)


def test_a_gap_is_one_row_however_many_numbers(scope, asked):
    """Nothing is enumerated."""
    from arlib.tables import CANONICAL, Book

    n = 30_000
    numbers = pd.Series(range(n)).astype("str").str.zfill(9)
    frame = pd.DataFrame(
        {
            "item_id": numbers,
            "entity": "US01",
            "document_no": "SI-" + numbers,
            "item_type": "invoice",
            "currency": "USD",
            "amount": 1,
            "effective_date": pd.Timestamp("2026-10-02"),
            "posting_date": pd.Timestamp("2026-10-02"),
        }
    )
    frame = frame.drop(index=range(500, 700))
    result = run(Book(tables={"items": CANONICAL["items"].typed(frame)}), scope, asked("numbering"))
    assert result.gaps["missing"].tolist() == [200]


def one_counter(*, without=(), twice=()):
    """Numbers 1 to 30 of one counter under three prefixes in turn; numbers of `twice` stand under two."""
    prefixes = ("SI", "RC", "CM")
    numbers = [f"{prefixes[n % 3]}-{n:04d}" for n in range(1, 31) if n not in without]
    return bills([*numbers, *(f"{prefixes[(n + 1) % 3]}-{n:04d}" for n in twice)])


def test_one_counter_of_several_prefixes_is_tested_as_one(books, scope, asked):
    """No prefix alone has enough of its numbers; together they miss 0017 only."""
    result = run(books(items=one_counter(without=(17,))), scope, asked("numbering"))
    assert result.gaps["from_no"].tolist() == ["RC-0017"]
    assert result.series["series"].tolist() == ["CM-####, RC-####, SI-####"]
    assert result.series["finding"].tolist() == ["1 of 30 numbers are missing; one counter of 3 prefixes"]
    assert all(identity.holds for identity in result.identities)


def test_prefixes_that_share_a_number_have_counters_of_their_own(books, scope, asked):
    """The honest twin: a number under two prefixes shows that they do not draw from one counter."""
    result = run(books(items=one_counter(without=(17,), twice=(5,))), scope, asked("numbering"))
    assert result.gaps.empty
    assert result.series["state"].eq("not_possible").all()


def test_the_population_ties_to_the_ledger_by_currency(books, scope, asked):
    population = Population(currencies=("USD",))
    items = [
        *bills(["SI-1", "SI-2", "SI-3"]),
        {"item_id": "E", "document_no": "SI-4", "currency": "EUR", "amount": 7},
    ]
    result = run(books(items=items), scope, asked("numbering", population))
    told = {control.currency: (control.left, control.right) for control in result.controls}
    assert told == {"USD": (300_00, 300_00), "EUR": (7, 7)}
    assert result.population["part"].eq("left out").any()


def test_a_report_that_could_test_nothing_says_so_first(books, scope, asked):
    from arlib.report.audit.numbering import numbering_report

    numbers = [f"{n * n * 7919 % 99999989:08d}" for n in range(3, 60)]
    told = numbering_report(
        books(items=bills(numbers)), scope=scope, policies=Policies(), ask=asked("numbering")
    )
    assert told.findings[0].startswith("Not possible: ")
    assert not any(said.startswith("No number is missing") for said in told.findings)
    assert [control.name for control in told.controls][:1] == ["population"]
