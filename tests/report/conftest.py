"""A small report with everything hostile and odd in it, for the tests of how reports look."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from arlib.controls import Control, Identity
from arlib.policy import Scope
from arlib.report.model import Chart, ChartKind, Report, ResultTable
from arlib.tables import INPUTS, PROBLEMS, Kind

HOSTILE = [
    '=HYPERLINK("http://evil.example","click")',
    "<script>alert(1)</script>",
    "../../x",
    "\u202eevil\u202c Ltd",
    "株式会社サンプル",
    "+1+1",
    "@SUM(A1)",
    "http://example.com/x",
    "$a_b$ & 100% <b>",
    "-5",
    "{=1+1}",
    "00417",
]


def scope(**changes: object) -> Scope:
    facts: dict[str, object] = {
        "entity": "US01", "entity_name": "Sample Inc.", "functional_currency": "USD", "period": "2026-10",
        "starts_on": date(2026, 10, 1), "ends_on": date(2026, 10, 31), "as_of": date(2026, 10, 31),
    }  # fmt: skip
    return Scope(**(facts | changes))  # type: ignore[arg-type]


def detail(rows: int = len(HOSTILE)) -> ResultTable:
    names = (HOSTILE * (rows // len(HOSTILE) + 1))[:rows]
    codes = ["USD", "JPY", "KWD"]
    frame = pd.DataFrame({
        "document_no": pd.Series([f"{n:06d}" for n in range(1, rows + 1)], dtype="str"),
        "name": pd.Series(names, dtype="str"),
        "due_date": pd.Series(pd.to_datetime(["2026-09-30"] * rows)).astype("datetime64[s]"),
        "days_past_due": pd.Series([31] * rows, dtype="Int64"),
        "is_hedged": pd.Series([True, None, False, None][:rows] + [None] * max(0, rows - 4), dtype="boolean"),
        "currency": pd.Series([codes[n % 3] for n in range(rows)], dtype="str"),
        "outstanding": pd.Series([123456 * (-1 if n % 5 == 4 else 1) for n in range(rows)], dtype="Int64"),
        "functional_outstanding": pd.Series([None if n == 1 else 10 * n + 7 for n in range(rows)],
                                            dtype="Int64"),
    })  # fmt: skip
    return ResultTable(
        name="open_items", title="Open items", frame=frame, key=("document_no",),
        kinds={"document_no": Kind.TEXT, "name": Kind.TEXT, "due_date": Kind.DAY,
               "days_past_due": Kind.INTEGER,
               "is_hedged": Kind.FLAG, "currency": Kind.TEXT, "outstanding": Kind.MONEY,
               "functional_outstanding": Kind.MONEY},
        currency={"outstanding": "currency", "functional_outstanding": "USD"},
        headings={"document_no": "Document", "name": "Customer", "outstanding": "Open amount",
                  "functional_outstanding": "Open amount, USD"},
        is_detail=True,
    )  # fmt: skip


def exceptions() -> ResultTable:
    frame = pd.DataFrame({
        "reference": pd.Series(["control_account/1200/JE-77", "control_account/1200/LB-9"], dtype="str"),
        "finding": pd.Series(["Manual journal JE-77 on the control account", HOSTILE[0]], dtype="str"),
        "currency": pd.Series(["USD", "USD"], dtype="str"),
        "amount": pd.Series([150000, -2599], dtype="Int64"),
        "owner": pd.Series(["A. Nakamura", None], dtype="str"),
    })  # fmt: skip
    return ResultTable(
        name="exceptions", title="What needs a person", frame=frame, key=("reference",), needs_review=True,
        kinds={"reference": Kind.TEXT, "finding": Kind.TEXT, "currency": Kind.TEXT, "amount": Kind.MONEY,
               "owner": Kind.TEXT},
        currency={"amount": "currency"},
    )  # fmt: skip


def rolled() -> ResultTable:
    frame = pd.DataFrame({
        "line_no": pd.Series([1, 2, 3, 4], dtype="Int64"),
        "line": pd.Series(["Opening", "Invoices", "Receipts", "Closing"], dtype="str"),
        "amount": pd.Series([100000000, 45000000, -39912345, 105087655], dtype="Int64"),
        "is_total": pd.Series([True, False, False, True], dtype="boolean"),
    })  # fmt: skip
    return ResultTable(
        name="roll_forward", title="Roll-forward, functional currency", frame=frame, key=("line_no",),
        kinds={"line_no": Kind.INTEGER, "line": Kind.TEXT, "amount": Kind.MONEY, "is_total": Kind.FLAG},
        currency={"amount": "USD"}, not_totalled=frozenset({"amount"}), strong_rows="is_total",
        foots=True,
    )  # fmt: skip


def controls() -> tuple[Control, ...]:
    return (
        Control(name="control_account", title="Trade receivables 1200: general ledger = sub-ledger",
                entity="US01",
                currency="USD", account="1200", left_label="general ledger", left=123456789,
                right_label="sub-ledger", right=123309388, explained=147401, count=2, oldest=date(2026, 9, 3),
                owner="A. Nakamura"),
        Control(name="control_account", title="Unapplied cash 1210: general ledger = sub-ledger",
                entity="US01",
                currency="USD", account="1210", left_label="general ledger", left=-500000,
                right_label="sub-ledger", right=-500000),
        Control(name="proof_of_cash", title="Bank account 77: bank = ledger", entity="US01", currency="USD",
                account="77", note="no bank lines were given"),
        Control(name="statement", title=f"Statement of {HOSTILE[1]}", entity="US01", currency="JPY",
                left_label="ours", left=1000, right_label="theirs", right=900, explained=40, count=1),
    )  # fmt: skip


def charts() -> tuple[Chart, ...]:
    buckets = ["current", "1-30", "31-60", "61-90", "91-120", "121+", "credit", "unapplied", "no due date"]
    return (
        Chart(name="aging", title="Open amount by age, USD", sentence="Most of the ledger is current.",
              alt="Bar chart: current 812,345.67, 1-30 days 220,000.00.", kind=ChartKind.AGING_BARS,
              currency="USD",
              frame=pd.DataFrame({"label": pd.Series(buckets, dtype="str"), "amount": pd.Series(
                  [81234567, 22000000, 8000050, 4000000, 120000, 2500000, -1200000, -3300099, 1000],
                  dtype="Int64")})),
        Chart(name="roll", title="From opening to closing",
              sentence="Receipts took more than invoices brought.",
              alt="Steps from opening 1,000,000.00 to closing 1,050,876.55.", kind=ChartKind.WATERFALL,
              currency="USD",
              frame=rolled().frame.rename(columns={"line": "label"})),
        Chart(name="bridge", title="From the sub-ledger to the general ledger",
              sentence="Three causes account for the whole gap.", alt="Steps.", kind=ChartKind.BRIDGE,
              currency="USD",
              frame=pd.DataFrame({
                  "label": pd.Series(["Sub-ledger 1200", "Manual journal", "Lockbox in the ledger only",
                                      "Date outside the period", "General ledger 1200"], dtype="str"),
                  "amount": pd.Series([123309388, 150000, -50000, 47401, 123456789], dtype="Int64"),
                  "is_total": pd.Series([True, False, False, False, True], dtype="boolean")})),
        Chart(name="moves", title="Top movements", sentence="Two customers explain half of it.", alt="Bars.",
              kind=ChartKind.MOVEMENTS, currency="JPY",
              frame=pd.DataFrame({"label": pd.Series(HOSTILE[:9], dtype="str"),
                                  "amount": pd.Series([900000, -700000, 5, 40000, 30000, -2000, 1000, 0, -1],
                                                      dtype="Int64")})),
    )  # fmt: skip


def report(**changes: object) -> Report:
    inputs = INPUTS.frame(
        file=["items.csv", "items.csv"], table=["items", "items"], profile=["canonical"] * 2,
        bytes=[1234] * 2,
        sha256=["ab" * 32] * 2, currency=["USD", "JPY"], rows_in=[10, 3], rows_out=[9, 3], rows_rejected=[1,
                                                                                                          0],
        amount_in=[1000, 300], amount_out=[900, 300], amount_rejected=[100, 0],
    )  # fmt: skip
    problems = PROBLEMS.frame(
        file=["items.csv"], table=["items"], row=[7], column=["amount"], severity=["rejected"],
        code=["not_an_amount"], found=["=1+1"], wanted=["an amount like 1,234.56"],
    )  # fmt: skip
    facts: dict[str, object] = {
        "name": "sample", "title": "Sample report", "question": "What is open, and does it tie?",
        "reader": "Controller", "scope": scope(), "tables": (rolled(), exceptions(), detail()),
        "charts": charts(), "controls": controls(),
        "identities": (Identity(name="buckets", left_label="sum of buckets", left=5,
                                right_label="outstanding",
                                right=5, currency="USD"),),
        "findings": ("Decide on JE-77 <b>now</b>.",), "limits": ("No bank lines were given.",),
        "counts": {"items": 12},
        "parameters": {"Buckets": "1-30, 31-60, 61-90, 91-120, 121+"}, "inputs": inputs, "problems": problems,
    }  # fmt: skip
    return Report(**(facts | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def samples() -> SimpleNamespace:
    """The makers of sample reports and their parts."""
    return SimpleNamespace(
        HOSTILE=HOSTILE, charts=charts, controls=controls, detail=detail, exceptions=exceptions,
        report=report,
        rolled=rolled, scope=scope,
    )  # fmt: skip
