"""The cash-application report over hand-made runs: where money went, the queue, posting, rates, bookings compared."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.controls import Status
from arlib.matching.frames import ALTERNATIVES, MATCH_ITEMS, MATCH_RECEIPTS, MATCHES, RULES, UNMATCHED
from arlib.matching.from_book import Cash
from arlib.matching.leftovers import CONTRAS, RESIDUALS
from arlib.matching.result import MatchResult
from arlib.matching.returned import REVERSALS
from arlib.money import Rates
from arlib.policy import MatchingPolicy, Scope
from arlib.report import show
from arlib.report.cash_facts import BOOKED, CashRun, in_functional, percent_text, sentences, share
from arlib.report.cash_rates import RATE_HISTORY
from arlib.report.cash_report import cash_report
from arlib.report.cash_skipped import passed_over
from arlib.report.data import write_data
from arlib.report.figures import draw
from arlib.report.workbook import write_workbook
from arlib.tables import CANONICAL

SCOPE = Scope(entity="E1", entity_name="Sample", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
HOSTILE = (
    '=HYPERLINK("x")',
    "<script>alert(1)</script>",
    "\u202eevil",
    "a" * 5000,
    "+1",
    "@x",
    "\x07bell",
    "",
)


def item(item_id, amount, *, customer="C1", currency="USD", document=None):
    return {"entity": "E1", "item_id": item_id, "customer_id": customer, "item_type": "invoice", "currency": currency,
            "document_no": document or f"INV-{item_id}", "open_amount": amount, "amount": amount,
            "due_date": "2026-10-15"}  # fmt: skip


def receipt(receipt_id, amount, *, customer="C1", currency="USD", day="2026-10-20", payer="Payer"):
    return {"entity": "E1", "receipt_id": receipt_id, "customer_id": customer, "value_date": day, "currency": currency,
            "amount": amount, "payer_name": payer}  # fmt: skip


def match(receipt_id, item_id, amount, *, before, after=0, decision="auto", rule="stated.exact", reason="full", customer="C1",
          currency="USD", **more):  # fmt: skip
    return {"entity": "E1", "receipt_id": receipt_id, "item_id": item_id, "customer_id": customer, "currency": currency,
            "applied_amount": amount, "receipt_currency": currency, "receipt_amount": amount, "open_before": before,
            "open_after": after, "reason": reason, "decision": decision, "rule": rule, "evidence": f"text names {item_id}",
            "explanations": 1, "discount": 0, "deduction": 0, "fee": 0, "fx": 0, "tolerance": 0, **more}  # fmt: skip


def left(
    receipt_id,
    amount,
    *,
    status,
    of=None,
    customer="C1",
    currency="USD",
    reason="no_candidate",
    day="2026-10-20",
):
    return {"entity": "E1", "receipt_id": receipt_id, "customer_id": customer, "value_date": day, "currency": currency,
            "amount": of or amount, "unapplied_amount": amount, "status": status, "reason": reason,
            "evidence": "no open item explains it"}  # fmt: skip


def other(receipt_id, rank, item_id, amount, *, customer="C1", because="another customer", currency="USD"):
    return {"entity": "E1", "receipt_id": receipt_id, "rank": rank, "item_id": item_id, "customer_id": customer,
            "currency": currency, "applied_amount": amount, "rule": "amount.one", "lost_because": because}  # fmt: skip


def result(items, receipts, matches=(), unmatched=(), alternatives=(), rules=()):
    def frame(table, rows):
        return table.frame(list(rows)) if rows else table.empty()

    return MatchResult(
        pool_items=frame(MATCH_ITEMS, items), pool_receipts=frame(MATCH_RECEIPTS, receipts),
        matches=frame(MATCHES, matches), alternatives=frame(ALTERNATIVES, alternatives),
        unmatched=frame(UNMATCHED, unmatched), rules=frame(RULES, rules), identities=(),
    )  # fmt: skip


RULE_ROWS = (
    {"rule": "stated.exact", "right": 1999, "tried": 2000, "data_set": "history", "is_transferred": False,
     "bound": "0.99763", "is_auto": True, "receipts": 2},
    {"rule": "amount.one", "right": 90, "tried": 100, "data_set": "highradius", "is_transferred": True,
     "bound": "0.8362", "is_auto": False, "receipts": 1},
)  # fmt: skip


def sample_result():
    """Two receipts applied, one proposed, one unknown, one held, one in euros with a rest; a discount and a claim."""
    return result(
        [item("1", 10000), item("2", 5000), item("3", 7000), item("4", 2000, currency="EUR", customer="C2"), item("5", 800)],
        [receipt("R1", 9800), receipt("R2", 4500), receipt("R3", 7000, payer="Anyone"),
         receipt("R4", 800, customer="", day="2026-08-01"), receipt("R5", 3300),
         receipt("R6", 2500, currency="EUR", customer="C2")],
        [match("R1", "1", 9800, before=10000, reason="earned_discount", discount=200),
         match("R2", "2", 4500, before=5000, after=500, reason="claim", deduction=500, claim_code="pricing"),
         match("R3", "3", 7000, before=7000, decision="suggest", rule="amount.one", held_because="two explanations",
               explanations=2),
         match("R6", "4", 2000, before=2000, currency="EUR", customer="C2")],
        [left("R4", 800, status="unidentified", customer="", day="2026-08-01"),
         left("R5", 3300, status="held", reason="bankrupt"),
         left("R6", 500, status="unapplied", of=2500, currency="EUR", customer="C2", reason="remainder")],
        [other("R3", 2, "5", 800), other("R4", 1, "5", 800), other("R4", 2, "2", 800, customer="C9")],
        RULE_ROWS,
    )  # fmt: skip


FX = CANONICAL["fx_rates"].frame(
    date=["2026-10-31"], base=["EUR"], quote=["USD"], rate=["2"], kind=["closing"], source=["x"]
)


def run_of(**more):
    known = {"result": sample_result(), "rates": Rates.of(FX), "names": {"C1": "One Ltd", "C2": "Two GmbH"}}
    return CashRun(**(known | more))


def report_of(run, **more):
    return cash_report(run, scope=SCOPE, policy=MatchingPolicy(), **more)


def rows(report, name, *columns):
    frame = report.table(name).frame
    return list(frame[list(columns)].itertuples(index=False, name=None))


def test_money_goes_to_one_place_each_and_adds_up():
    report = report_of(run_of())

    assert rows(report, "cash_by_place", "place", "currency", "receipts", "amount") == [
        ("auto", "EUR", 1, 2000), ("auto", "USD", 2, 14300), ("proposed", "USD", 1, 7000),
        ("unapplied", "EUR", 1, 500), ("unidentified", "USD", 1, 800), ("held", "USD", 1, 3300),
    ]  # fmt: skip
    assert all(identity.holds for identity in report.identities)
    assert {control.status for control in report.controls} == {Status.TIED}


def test_the_queue_is_by_value_in_one_currency_with_the_runner_up_beside():
    report = report_of(run_of())

    assert rows(report, "cash_queue", "queue_no", "receipt_id", "to_decide", "functional_to_decide") == [
        (1, "R3", 7000, 7000), (2, "R6", 500, 1000),
    ]  # fmt: skip
    first = report.table("cash_queue").frame.iloc[0]
    assert first["proposal"] == "INV-3"
    assert (first["runner_up"], first["why"]) == ("INV-5: another customer", "Two explanations")
    assert report.table("cash_queue").frame.iloc[1]["proposal"] == ""  # of R6 only a rest waits
    assert rows(report, "cash_candidates", "receipt_id", "rank", "document_no") == [
        ("R3", 1, "INV-3"), ("R3", 2, "INV-5"), ("R4", 1, "INV-5"), ("R4", 2, "INV-2"),
    ]  # fmt: skip


def test_a_currency_without_a_rate_follows_the_others_and_is_said():
    report = report_of(replace(run_of(), rates=Rates()))

    assert [row[0] for row in rows(report, "cash_queue", "receipt_id")] == ["R3", "R6"]
    assert any("No closing rate of EUR" in line for line in report.limits)


def test_unidentified_cash_has_an_age_and_ranked_candidates():
    found = report_of(run_of()).table("cash_unidentified").frame.iloc[0]

    assert (found["age_days"], found["unidentified"]) == (91, 800)
    assert found["first_candidate"] == "INV-5 (C1 One Ltd)"
    assert found["second_candidate"] == "INV-2 (C9)"


def test_short_payments_by_reason_and_what_stays_open():
    report = report_of(run_of())

    assert rows(report, "short_payments", "reason", "about", "settled", "left_open", "lines") == [
        ("claim", "pricing", 0, 500, 1), ("earned_discount", "", 200, 0, 1),
    ]  # fmt: skip
    lines = report.table("short_payment_lines").frame
    assert lines[["discount", "deduction", "fee"]].isna().to_numpy().tolist() == [
        [False, True, True],
        [True, False, True],
    ]
    assert report.chart("short_payments").frame["amount"].tolist() == [500, 200]
    assert "USD 7.00" in report.chart("short_payments").sentence


def test_a_part_payment_counts_its_rest_once():
    made = result([item("1", 1000)], [receipt("A", 300), receipt("B", 200)],
                  [match("A", "1", 300, before=1000, after=500, reason="partial"),
                   match("B", "1", 200, before=1000, after=500, reason="partial")])  # fmt: skip
    report = report_of(CashRun(result=made))

    assert rows(report, "short_payments", "reason", "left_open", "lines") == [("partial", 500, 1)]
    assert report.status is Status.TIED


def test_only_automatic_decisions_are_posted():
    report = report_of(run_of())
    posting = report.table("posting").frame

    assert posting["value_date"].eq(pd.Timestamp("2026-10-20")).all()
    assert posting["receipt_id"].tolist() == ["R1", "R2", "R6"]
    assert posting["posting_date"].eq(pd.Timestamp("2026-10-31")).all()
    by_place = dict(rows(report, "cash_by_place", "place", "amount")[:1])
    assert by_place["auto"] == posting.loc[posting["currency"].eq("EUR"), "receipt_amount"].sum()


def test_rules_say_where_they_were_measured_and_never_round_up():
    report = report_of(run_of(meant={"stated.exact": "the payment names the item"}))

    assert rows(report, "cash_applied", "rule", "meaning", "precision", "bound", "measured_on")[0] == (
        "stated.exact", "The payment names the item", "99.95", "99.76", "this ledger's own history",
    )  # fmt: skip
    assert rows(report, "cash_rules", "rule", "own_history", "role", "measured_on") == [
        ("stated.exact", "1,999 of 2,000", "decides", "this ledger's own history"),
        ("amount.one", "", "decides", "transferred: highradius"),
    ]
    assert share(99999, 100000) == "99.9"
    assert percent_text("0.99999") == "99.99"
    assert share(0, 0) == ""


def test_over_application_is_a_broken_control_and_identity():
    made = result([item("1", 1000)], [receipt("A", 700), receipt("B", 500)],
                  [match("A", "1", 700, before=1000, after=-200), match("B", "1", 500, before=1000, after=-200)])  # fmt: skip
    report = report_of(CashRun(result=made))

    assert report.status is Status.UNEXPLAINED
    assert [i.name for i in report.identities if not i.holds] == ["items over-applied"]


def test_money_that_vanishes_is_a_broken_control():
    made = result([item("1", 1000)], [receipt("A", 1500)], [match("A", "1", 1000, before=1000)])
    report = report_of(CashRun(result=made))

    control = next(control for control in report.controls if control.name == "cash_placed")
    assert control.unexplained == 500
    assert not all(identity.holds for identity in report.identities)


def booked(*links):
    return BOOKED.frame([{"receipt_id": r, "item_id": i, "currency": "USD", "applied_amount": a, "user": u}
                         for r, i, a, u in links])  # fmt: skip


def test_bookings_are_compared_and_the_wrong_customer_comes_first():
    items = [
        item("1", 100),
        item("2", 100, customer="C7"),
        item("3", 50),
        item("4", 60),
        item("5", 70),
        item("6", 60),
    ]
    receipts = [receipt(f"R{n}", a) for n, a in ((1, 100), (2, 50), (3, 60), (4, 70), (5, 5), (6, 60))]
    again = result(items, receipts, [match("R1", "1", 100, before=100), match("R2", "3", 50, before=50),
                                     match("R3", "4", 60, before=60), match("R4", "5", 70, before=70)],
                   [left("R5", 5, status="unapplied"), left("R6", 60, status="unapplied")])  # fmt: skip
    links = booked(
        ("R1", "2", 100, "ann"), ("R2", "3", 50, "ben"), ("R3", "6", 60, "ben"), ("R6", "6", 60, "ann")
    )
    report = report_of(run_of(reperformed=again, booked=links, cash=Cash.PERIOD))

    assert [
        tuple("" if pd.isna(value) else value for value in row)
        for row in rows(report, "reperformed_differences", "receipt_id", "verdict", "booked", "found")
    ] == [
        ("R1", "other_customer", "INV-2", "INV-1"), ("R3", "other_items", "INV-6", "INV-4"),
        ("R6", "not_proposed", "INV-6", ""),  # R4 is not booked: it stands in the queue
    ]  # fmt: skip
    assert report.table("reperformed_differences").frame["user"].tolist()[:2] == ["ann", "ben"]
    verdicts = dict(rows(report, "reperformed", "verdict", "receipts"))
    assert verdicts == {
        "other_customer": 1,
        "other_items": 1,
        "not_booked": 1,
        "not_proposed": 1,
        "same": 1,
        "neither": 1,
    }
    assert "USD 1.60" in report.findings[0]
    assert report.table("posting").frame["receipt_id"].tolist() == [
        "R1",
        "R2",
        "R6",
    ]  # of open receipts alone
    references = report.table("exceptions").frame["reference"].tolist()
    assert "questioned_booking/R1" in references


def test_rates_have_a_trend_where_an_earlier_run_is_at_hand():
    earlier = RATE_HISTORY.frame([
        {"period": p, "population": "open", "rate": "envelope", "currency": "", "hits": h, "of": 10, "share": s}
        for p, h, s in (("2026-08", 2, "20.0"), ("2026-09", 4, "40.0"), ("2026-10", 9, "90.0"))
    ])  # fmt: skip
    report = report_of(run_of(earlier=earlier))

    row = report.table("hit_rates").frame.set_index("rate").loc["envelope"]
    assert (row["share"], row["hits"], row["of"], row["before"], row["before_period"]) == (
        "50.0",
        3,
        6,
        "40.0",
        "2026-09",
    )
    assert row["trend"] == "20.0, 40.0"
    trend = report.table("rate_history").frame
    assert trend.loc[trend["rate"].eq("envelope"), "share"].tolist() == ["20.0", "40.0", "50.0"]
    value = {r[0]: r[1] for r in rows(report, "hit_rates", "currency", "share") if r[0]}
    assert value.keys() == {"USD", "EUR"}
    assert not any("no trend" in line for line in report.limits)


def test_nothing_to_place(tmp_path):
    report = report_of(CashRun(result=result([], [])))

    assert report.status is Status.TIED
    for chart in report.charts:
        assert draw(chart)
    write_workbook(report, tmp_path / "x.xlsx", properties={})
    write_data(report, tmp_path)


def test_hostile_texts_stay_text(tmp_path):
    receipts = [
        receipt(f"R{n}", 100 + n, payer=text) | {"remittance_text": text} for n, text in enumerate(HOSTILE)
    ]
    unmatched = [left(f"R{n}", 100 + n, status="unapplied") for n in range(len(HOSTILE))]
    made = result([item("1", 100)], receipts, (), unmatched)
    report = report_of(CashRun(result=made, names={"C1": HOSTILE[1]}), rows_shown=100)
    book = openpyxl.load_workbook(write_workbook(report, tmp_path / "x.xlsx", properties={}))

    sheet = next(
        book[name] for name in book.sheetnames if name.startswith(("Needs a person", "Receipts that need"))
    )
    assert "f" not in {
        cell.data_type for line in sheet.iter_rows(min_row=5, max_row=4 + len(HOSTILE)) for cell in line
    }
    page = show.table(report, "cash_queue").data["text/html"]
    assert "<script" not in page
    assert "\u202e" not in page
    assert len(page) < 20_000


def test_row_order_of_the_run_changes_nothing(tmp_path):
    one = run_of()
    mixed = {name: getattr(one.result, name).sample(frac=1, random_state=5)
             for name in ("pool_items", "pool_receipts", "matches", "alternatives", "unmatched", "rules")}  # fmt: skip
    two = replace(one, result=replace(one.result, **mixed))
    paths = [
        write_workbook(report_of(run), tmp_path / f"{n}.xlsx", properties={})
        for n, run in enumerate((one, two))
    ]

    assert paths[0].read_bytes() == paths[1].read_bytes()


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["auto", "suggest", "unapplied", "unidentified", "held", "returned"]),
                          st.integers(1, 10**9), st.integers(0, 10**6), st.sampled_from(["USD", "EUR"])), max_size=12))  # fmt: skip
def test_every_cent_is_somewhere_exactly_once(lines):
    items, receipts, matches, unmatched = [], [], [], []
    for n, (kind, amount, rest, code) in enumerate(lines):
        is_placed = kind in ("auto", "suggest")
        receipts.append(receipt(f"R{n}", amount + (rest if is_placed else 0), currency=code))
        if is_placed:
            items.append(item(f"I{n}", amount, currency=code))
            matches.append(match(f"R{n}", f"I{n}", amount, before=amount, decision=kind, currency=code))
            if rest:
                unmatched.append(left(f"R{n}", rest, status="unapplied", currency=code))
        else:
            unmatched.append(left(f"R{n}", amount, status=kind, currency=code))
    report = report_of(CashRun(result=result(items, receipts, matches, unmatched)))

    assert all(identity.holds for identity in report.identities)
    listed = sum(report.table(name).frame[column].sum() for name, column in
                 (("cash_queue", "to_decide"), ("cash_unidentified", "unidentified"), ("cash_set_aside", "set_aside"),
                  ("posting", "receipt_amount")))  # fmt: skip
    assert listed == sum(r["amount"] for r in receipts)
    assert report.table("cash_by_place").frame["amount"].sum() == listed


def test_amounts_without_a_rate_stay_empty():
    amounts = pd.Series([100, 200], dtype="Int64")
    codes = pd.Series(["EUR", "CHF"], dtype="str")
    found = in_functional(amounts, codes, rates=Rates.of(FX), functional="USD", on=SCOPE.as_of)

    assert found.tolist()[0] == 200
    assert found.isna().tolist() == [False, True]


@pytest.mark.parametrize("name", ["cash_placed", "cash_ages", "short_payments"])
def test_every_chart_says_in_words_what_it_shows(name):
    chart = report_of(run_of()).chart(name)

    assert chart.sentence in chart.alt
    assert chart.alt.startswith("Bars by")
    assert draw(chart)


def test_an_invoice_that_was_paid_round_is_listed():
    items = [item("1", 100) | {"due_date": "2026-09-01", "document_date": "2026-08-01"}, item("2", 50)]
    made = result(items, [receipt("R1", 50)], [match("R1", "2", 50, before=50)])
    skipped = passed_over(made, as_of=SCOPE.as_of)
    report = report_of(CashRun(result=made, skipped=skipped, names={"C1": "One Ltd"}))

    assert rows(
        report, "cash_skipped", "document_no", "name", "open_amount", "days_past_due", "receipts"
    ) == [("INV-1", "One Ltd", 100, 60, 1)]
    assert any("passed over (USD 1.00)" in line for line in report.findings)
    assert passed_over(made, as_of=date(2026, 9, 1)).empty  # not due yet


def test_what_the_ledger_paid_is_not_passed_over_because_it_was_not_found_again():
    def old(name, **more):
        return item(name, 100, **more) | {"due_date": f"2026-09-0{name}", "document_date": "2026-08-01"}

    before = [old("1"), old("2"), old("3"), item("9", 50)]
    receipts = [receipt("R1", 50), receipt("R2", 100), receipt("R3", 40)]
    again = result(before, receipts, [match("R1", "9", 50, before=50)])
    now = result([old("1"), old("3") | {"open_amount": 60}], [])
    links = booked(("R1", "9", 50, "ann"), ("R2", "2", 100, "ann"), ("R3", "3", 40, "ann"))
    found = passed_over(now, as_of=SCOPE.as_of, again=again, booked=links)

    assert found[["item_id", "open_amount", "receipts"]].to_numpy().tolist() == [["1", 100, 3]]


def test_a_second_payment_of_what_is_applied_already_is_said():
    again = result([item("1", 100)], [receipt("R3", 7000), receipt("R9", 100)], (),
                   [left("R3", 7000, status="duplicate"),
                    left("R6", 500, status="duplicate") | {"evidence": "the same as R2 of the day before"}])  # fmt: skip
    found = report_of(run_of(reperformed=again, booked=booked(), cash=Cash.PERIOD)).table("cash_queue").frame

    assert found.set_index("receipt_id")["why"].to_dict() == {
        "R3": "Two explanations",  # it has a proposal
        "R6": "The same as R2 of the day before",
    }


def test_returns_residuals_and_nettings_are_listed_with_their_documents():
    facts = {
        "entity": "E1",
        "item_id": "1",
        "receipt_id": "R1",
        "customer_id": "C1",
        "currency": "USD",
        "amount": 700,
    }
    made = replace(
        sample_result(),
        reversals=REVERSALS.frame([facts | {"return_id": "R9", "kind": "application", "effective_date": "2026-10-30"}]),
        residuals=RESIDUALS.frame([facts | {"reason": "claim", "code": "pricing"}]),
        contras=CONTRAS.frame([facts | {"has_agreement": False, "needs": "a netting agreement"}]),
    )  # fmt: skip
    report = report_of(run_of(result=made))

    for name in ("cash_reversals", "cash_residuals", "cash_contras"):
        assert rows(report, name, "document_no", "name", "amount") == [("INV-1", "One Ltd", 700)], name
    assert rows(report, "cash_residuals", "decision") == [("auto",)]


def test_a_number_that_begins_a_sentence_keeps_its_letters():
    texts = pd.Series(["two ways.", "i1 is taken by receipt r2", "INV-3 is taken", None], dtype="str")

    assert sentences(texts).tolist() == ["Two ways", "i1 is taken by receipt r2", "INV-3 is taken", ""]


@pytest.mark.libreoffice
def test_totals_of_open_receipts_and_of_those_placed_again_hold_when_recalculated(tmp_path, libreoffice):
    made = sample_result()
    run = run_of(reperformed=made, booked=booked(("R1", "1", 9800, "ann")), cash=Cash.PERIOD)
    written = write_workbook(report_of(run), tmp_path / "written.xlsx", properties={})
    openpyxl.load_workbook(written).save(
        tmp_path / "cash.xlsx"
    )  # without the values that were kept with the formulas
    subprocess.run(
        [libreoffice, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "out", tmp_path / "cash.xlsx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "out" / "cash.xlsx", data_only=True)["Reconciliation"]
    told = [[cell.value for cell in line] for line in sheet.iter_rows()]

    assert sum("placed again" in str(line[0]) for line in told) > 3
    assert {"ties"} <= {value for line in told for value in line if isinstance(value, str)}
    assert not [line for line in told if "BREAK" in line]


def test_the_whole_way_from_a_book():
    from arlib.policy import Policies
    from arlib.report.cash_application import cash_application_report
    from arlib.sources.sample import generate
    from arlib.tables import Book

    made = generate(seed=11, items=300)
    prior = CANONICAL["prior_rates"].frame([
        {"entity": "UK01", "period": p, "population": "open", "rate": "envelope", "currency": "", "hits": h, "of": 10}
        for p, h in (("2026-09", 4), ("2026-08", 3))
    ])  # fmt: skip
    tables = {**made.tables, "prior_rates": prior}
    book = Book(tables, features=frozenset({"entry_times"})).for_entity("UK01")
    scope = replace(SCOPE, entity="UK01", functional_currency="GBP", time_zone="Europe/London")
    report = cash_application_report(book, scope=scope, policies=Policies(), receipts="period")

    assert all(identity.holds for identity in report.identities)
    assert report.status in (Status.TIED, Status.EXPLAINED)
    assert report.table("reperformed").frame["receipts"].sum() > 0
    rate = report.table("hit_rates").frame.set_index(["population", "rate"]).loc["open", "envelope"]
    assert (rate["before"], rate["before_period"], rate["trend"]) == ("40.0", "2026-09", "30.0, 40.0")
    ledger = [control for control in report.controls if control.name == "cash_offered"]
    assert ledger
    assert all(control.unexplained == 0 for control in ledger)
