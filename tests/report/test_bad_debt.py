"""The bad-debt report: on the sample company, on a source without losses, and with next to nothing given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from arlib.controls import Status
from arlib.policy import AllowancePolicy, Policies, Scope
from arlib.policy.allowance import Framework, GivenRate, Overlay, RateMethod
from arlib.report.bad_debt import bad_debt_report
from arlib.report.figures import draw
from arlib.report.model import Report
from arlib.sources import SourceSpec, load_book
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

OPTIONAL = ("allowance_entries", "specific_reserves", "security", "claims", "disputes", "written_off", "gl_lines", "gl_balances",
            "control_accounts", "revaluations", "customer_history", "customer_merges", "holds", "plans")  # fmt: skip


def scope(entity: str = "US01", currency: str = "USD", period: str = "2026-10", **more: object) -> Scope:
    first = pd.Timestamp(f"{period}-01")
    last = (first + pd.offsets.MonthEnd(0)).date()
    facts = {"entity": entity, "entity_name": "", "functional_currency": currency, "period": period,
             "starts_on": first.date(), "ends_on": last, "as_of": last}  # fmt: skip
    return Scope(**(facts | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sample() -> Book:
    return Book(tables=generate(seed=7, items=800).tables)


@pytest.fixture(scope="module")
def report(sample: Book) -> Report:
    return bad_debt_report(sample, scope=scope(), policies=Policies())


def column(report: Report, table: str, name: str) -> list[int]:
    return [int(x) for x in report.table(table).frame[name]]


def line(report: Report, name: str) -> dict[str, int]:
    frame = report.table("movement").frame
    return {
        k: int(v) for k, v in frame[frame["line"].eq(name)].iloc[0].items() if k not in ("line", "is_total")
    }


def test_every_identity_holds_and_the_parts_agree(report):
    assert report.identities
    assert all(identity.holds for identity in report.identities)
    required = line(report, "closing")["amount"]
    assert sum(column(report, "coverage", "allowance")) == required
    assert (
        sum(column(report, "provision_matrix", "allowance"))
        + sum(column(report, "specific_lines", "allowance"))
        == required
    )
    assert sum(column(report, "top_exposures", "pool_allowance")) == sum(
        column(report, "provision_matrix", "allowance")
    )
    assert sum(column(report, "top_exposures", "exposure")) == sum(column(report, "coverage", "exposure"))
    base = report.table("sensitivity").frame
    assert int(base.loc[base["is_base"], "total"].iloc[0]) == required
    views = report.table("allowance_views").frame.set_index("figure")
    assert int(views.loc["allowance", "management"]) == required


def test_the_charge_is_one_proposal_and_explains_the_control(report):
    proposals = report.table("proposals")
    assert (proposals.needs_review, proposals.decisions) == (True, ("approve", "reject", "ask"))
    row = proposals.frame.iloc[0]
    assert len(proposals.frame) == 1
    ends = line(report, "closing")
    assert int(row["amount"]) == ends["to_book"] == ends["amount"] - ends["booked"]
    control = next(c for c in report.controls if c.title == "Allowance booked = allowance required")
    assert (control.status, control.difference) == (Status.EXPLAINED, -int(row["amount"]))
    assert str(row["proposal_id"]) in control.note
    assert str(row["proposal_id"]) in report.findings[0]


def test_an_approved_charge_is_not_proposed_again(sample, report):
    row = report.table("proposals").frame.iloc[0]
    decided = {"entity": "US01", "proposal_id": row["proposal_id"], "kind": "allowance", "currency": "USD",
               "amount": int(row["amount"]), "decision": "approve", "decided_on": "2026-11-03"}  # fmt: skip
    tables = {**sample.tables, "decided_proposals": CANONICAL["decided_proposals"].frame([decided])}
    again = bad_debt_report(Book(tables), scope=scope(), policies=Policies())
    assert again.table("proposals").frame.empty
    assert again.table("blocked").frame["blocked_by"].tolist() == ["already_approved"]
    assert "is not in the books yet: nothing new is proposed" in again.findings[0]


def test_the_next_close_opens_with_what_this_one_required(sample, report):
    history = report.table("allowance_history").frame
    assert sum(int(x) for x in history["allowance"]) == line(report, "closing")["amount"]
    prior = CANONICAL["prior_allowance"].typed(history.assign(entity="US01", run_id="r1"))
    tables = {name: frame for name, frame in sample.tables.items() if name != "allowance_entries"} | {
        "prior_allowance": prior
    }
    next_one = bad_debt_report(Book(tables), scope=scope(period="2026-11"), policies=Policies())
    assert line(next_one, "opening")["amount"] == line(report, "closing")["amount"]
    both = next_one.table("allowance_history").frame
    assert sorted(both["period"].unique()) == ["2026-10", "2026-11"]


def test_charts_are_drawn_and_say_their_amounts(report):
    assert [chart.name for chart in report.charts] == [
        "coverage",
        "movement",
        "losses",
        "allowances",
        "sensitivity",
    ]
    for chart in report.charts:
        assert draw(chart)[:4] == b"\x89PNG"
        assert chart.sentence in chart.alt


def test_without_every_optional_table_it_still_says_what_it_can(sample):
    bare = Book({name: frame for name, frame in sample.tables.items() if name not in OPTIONAL})
    made = bad_debt_report(bare, scope=scope(), policies=Policies())
    assert {c.status for c in made.controls} == {Status.NO_INPUT}
    limits = " ".join(made.limits)
    for words in ("the movement starts at 0", "required and booked cannot be compared", "specific_reserves"):
        assert words in limits
    assert line(made, "opening")["amount"] == 0
    caution = str(made.table("proposals").frame["caution"].iloc[0])
    assert "What is booked is not known." in caution
    for chart in made.charts:
        assert draw(chart)


def test_a_book_of_nothing(sample):
    empty = Book({name: frame.head(0) for name, frame in sample.tables.items()})
    made = bad_debt_report(empty, scope=scope(), policies=Policies())
    assert made.table("proposals").frame.empty
    for chart in made.charts:
        assert draw(chart)


def test_segments_given_rates_and_overlays(sample):
    given = {
        "current": "0.01",
        "1-30": "0.02",
        "31-60": "0.05",
        "61-90": "0.1",
        "91-120": "0.2",
        "121+": "0.5",
    }
    rates = tuple(GivenRate(bucket=bucket, rate=Decimal(rate)) for bucket, rate in given.items())
    policy = AllowancePolicy(method=RateMethod.GIVEN, given_rates=rates, segment_by="region", framework=Framework.ASC326,
                             overlays=(Overlay(value=Decimal("1.2"), reason="a weaker market"),))  # fmt: skip
    made = bad_debt_report(sample, scope=scope(), policies=Policies(allowance=policy))
    matrix = made.table("provision_matrix").frame
    assert set(matrix["overlay_reason"]) == {"a weaker market"}
    assert (matrix["at_history"] + matrix["overlay"] + matrix["discount"] == matrix["allowance"]).all()
    assert "Without overlays" in set(made.table("sensitivity").frame["scenario"])
    assert "the pool as a whole" in " ".join(made.limits)  # the books keep one pool


def test_shuffled_rows_give_the_same_tables(sample, report):
    mixed = Book(
        {
            name: frame.sample(frac=1, random_state=3, ignore_index=True)
            for name, frame in sample.tables.items()
        }
    )
    made = bad_debt_report(mixed, scope=scope(), policies=Policies())
    for ours, theirs in zip(report.tables, made.tables, strict=True):
        pd.testing.assert_frame_equal(ours.frame, theirs.frame)


def test_write_offs_that_are_no_credit_loss_are_asked_about(report):
    assert any("Confirm that 3 write-offs of USD 1,493.85" in line for line in report.findings)


def test_doubts_go_before_the_approval_and_into_the_caution(sample, report):
    policy = AllowancePolicy(method=RateMethod.COHORT, history_months=12)
    made = bad_debt_report(sample, scope=scope("UK01", "GBP"), policies=Policies(allowance=policy))
    row = made.table("proposals").frame.iloc[0]
    assert made.findings[0].startswith("Judge what is said next before the ")
    thin = [
        line for line in made.findings if "no allowance, at a rate of 0.00 %" in line or "decided in" in line
    ]
    assert thin
    assert all(line in row["caution"] for line in thin)
    assert any(line.startswith("The method decides much: before overlays") for line in made.findings)
    rates = made.table("loss_rates")
    assert rates.heading("exposed") == "Decided"
    assert (rates.frame["exposed"] <= rates.frame["stood"]).all()


def test_a_back_test_without_history_shows_no_outcome_and_one_with_too_much_is_said(report):
    tested = report.table("back_test").frame
    assert (tested["over"].isna() == tested["history_months"].eq(0)).all()
    for row in tested[tested["over"].fillna(0).gt(0).to_numpy(dtype=bool)].to_dict("records"):
        assert any(
            f"more than enough so far by USD {row['over'] / 100:,.2f}" in line for line in report.findings
        )


def test_debts_without_an_amount_in_the_books_currency_leave_a_report_that_says_so(sample):
    items = sample["items"]
    mine = items["entity"].eq("US01") & items["item_type"].eq("invoice") & items["currency"].ne("USD")
    assert mine.any()
    lost = items.assign(functional_amount=items["functional_amount"].mask(mine))
    prior = CANONICAL["prior_allowance"].frame([
        {"entity": "US01", "period": "2026-09", "as_of": "2026-09-30", "part": "pool", "currency": "USD", "allowance": 5_00}
    ])  # fmt: skip
    book = Book({**sample.tables, "items": lost, "prior_allowance": prior})
    made = bad_debt_report(book, scope=scope(), policies=Policies())
    assert {c.status for c in made.controls} == {Status.NO_INPUT}
    assert all("no amount in the books' currency" in c.note for c in made.controls)
    assert "Nothing is proposed." in made.findings[0]
    assert {len(table.frame) for table in made.tables if table.name != "allowance_history"} == {0}
    assert made.table("allowance_history").frame["period"].tolist() == [
        "2026-09"
    ]  # the next close opens with it
    for chart in made.charts:
        assert draw(chart)


@pytest.mark.shared
def test_ibm_ar_is_the_zero_loss_case_and_says_so(shared: Path):
    folder = shared / "data" / "ibm-ar"
    file = "WA_Fn-UseC_-Accounts-Receivable.csv"
    book = load_book([SourceSpec(folder=folder, profile="ibm-ar", tables={"items": (file,)})], root=folder)
    entity = str(book["items"]["entity"].iloc[0])
    made = bad_debt_report(book, scope=scope(entity, period="2013-06"), policies=Policies())
    assert line(made, "closing")["amount"] == 0
    assert made.table("proposals").frame.empty
    assert any(limit.startswith("No loss in 17 months over ") for limit in made.limits)
    assert any(finding.startswith("History shows no loss") for finding in made.findings)
    exposure = sum(column(made, "coverage", "exposure"))
    sql = """select cast(sum(cast(round(cast(InvoiceAmount as decimal(18, 4)) * 100) as bigint)) as bigint)
             from read_csv(?, header = true, all_varchar = true)
             where strptime(InvoiceDate, '%m/%d/%Y')::date <= date '2013-06-30'
               and strptime(SettledDate, '%m/%d/%Y')::date > date '2013-06-30'"""
    assert duckdb.connect().execute(sql, [str(folder / file)]).fetchone() == (exposure,)
    tested = made.table("back_test").frame
    assert (tested["lost"] == 0).all()
    assert date(2012, 6, 30) in {day.date() for day in tested["as_of"]}
