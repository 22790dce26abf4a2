"""Real, foreign books closed by the real command; figures against plain sums over the same files."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def close(arlib, repo, tmp_path):
    """Close one of params/examples into a folder of its own; gives the sealed run of an entity."""

    def closing(example: str, *arguments: str) -> dict[str, Path]:
        out = tmp_path / "out"
        done = arlib("close", f"params/examples/{example}.yml", "--quiet", "--out", out, *arguments, cwd=repo)
        assert done.returncode == 0, done.stdout + done.stderr
        assert arlib("verify", out, cwd=repo).returncode == 0
        return {path.parent.parent.name: path.parent for path in out.glob("*/*/*/run.json")}

    return closing


def text_table(run: Path, notebook: str, name: str) -> pd.DataFrame:
    return pd.read_csv(run / "data" / notebook / f"{name}.csv", dtype=str, keep_default_na=False)


def statuses(run: Path) -> dict[str, str]:
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    return {control["name"]: control["status"] for control in record["controls"]}


def test_pay_to_invoice_ships_with_the_project(close, repo):
    run = close("pay-to-invoice")["P2I"]
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    folder = repo / "params" / "examples" / "pay-to-invoice"
    heads = pd.read_csv(folder / "invoices_BKPF.csv.gz", dtype=str).set_index("invoice_id")
    currency = heads["WAERS"]
    invoices = pd.read_csv(folder / "invoices_BSEG.csv.gz", dtype=str)
    payments = pd.read_csv(folder / "payments_FEBEP.csv.gz", dtype=str)
    assert len(invoices) == 15_527
    assert len(payments) == 12_262
    invoices = invoices[invoices["invoice_id"].map(heads["BLDAT"]) <= "20241031"]
    payments = payments[payments["BVDAT"] <= "20241031"]
    cent = Decimal("0.01")  # yen and won carry two places here, and float noise is rounded off
    for code, amount in zip(invoices["invoice_id"].map(currency), invoices["WRBTR"], strict=True):
        wanted[code] += Decimal(amount).quantize(cent)
    for code, amount in zip(payments["KWAER"], payments["KWBTR"], strict=True):
        wanted[code] -= Decimal(amount).quantize(cent)
    aged = text_table(run, "aging", "aging_by_currency")
    found = {
        code.split(".")[0]: Decimal(total)
        for code, total in zip(aged["currency"], aged["total"], strict=True)
    }

    assert found == dict(wanted)
    assert statuses(run)["control_account"] == "no_input"
    assert statuses(run)["aging"] == "tied"


@pytest.mark.shared
@pytest.mark.parametrize("period", ["2013-03", "2013-06", "2013-09"])
def test_ibm_ar_at_month_ends_equals_sql(close, shared, period):
    run = close("ibm-ar", "--period", period, "--only", "aging")["IBM"]
    file = shared / "data" / "ibm-ar" / "WA_Fn-UseC_-Accounts-Receivable.csv"
    day = (pd.Period(period, "M").end_time).date().isoformat()
    wanted = (
        duckdb.connect()
        .sql(
            f"""
        with read as (
            select customerID as customer, cast(InvoiceAmount as decimal(18, 2)) as amount,
                   strptime(InvoiceDate, '%m/%d/%Y')::date as billed, strptime(DueDate, '%m/%d/%Y')::date as due,
                   strptime(SettledDate, '%m/%d/%Y')::date as settled
            from read_csv('{file}', all_varchar = true, header = true)),
        open as (select *, date_diff('day', due, date '{day}') as late from read
                 where billed <= date '{day}' and settled > date '{day}'
                 union all  -- settled before it was billed: the cash stands unapplied until the invoice comes
                 select customer, -amount, billed, due, settled, null from read
                 where settled <= date '{day}' and billed > date '{day}')
        select case when late is null then 'other' when late <= 0 then 'current' when late <= 30 then '1-30'
                    when late <= 60 then '31-60' when late <= 90 then '61-90' when late <= 120 then '91-120'
                    else '121+' end as bucket, sum(amount) as amount
        from open group by 1"""
        )
        .fetchall()
    )
    [row] = text_table(run, "aging", "aging_by_currency").to_dict("records")
    found = {name: Decimal(row[name]) for name in ("current", "1-30", "31-60", "61-90", "91-120", "121+")}
    sums = {name: amount for name, amount in wanted if name != "other"}

    assert sum(found.values()) > 0
    for name, amount in found.items():
        extra = Decimal(0)  # an invoice of later that was paid already is not a debit
        assert amount == sums.get(name, extra), name


@pytest.mark.shared
def test_highradius_history_equals_a_plain_sum_with_usd_and_cad_apart(close, shared):
    runs = close("highradius", "--only", "aging")
    folder = shared / "data" / "highradius"
    items = pd.read_csv(folder / "items.csv.gz", dtype=str)
    cleared = pd.read_csv(folder / "applications.csv.gz", dtype=str).set_index("item_id")["effective_date"]
    standing = items[
        (items["document_date"] <= "2019-12-31")
        & (items["item_id"].map(cleared).fillna("9999") > "2019-12-31")
    ]
    wanted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for company, currency, amount in zip(
        standing["company"], standing["currency"], standing["amount"], strict=True
    ):
        wanted[company, currency] += Decimal(amount)
    found = {
        (entity, row["currency"]): Decimal(row["total"]) - Decimal(row["unapplied"])
        for entity, run in runs.items()
        for row in text_table(run, "aging", "aging_by_currency").to_dict("records")
    }

    assert set(runs) == {"U001", "CA02", "U002", "U005", "U007", "U013"}
    assert {key: amount for key, amount in found.items() if amount} == dict(wanted)
    assert {currency for _, currency in wanted} == {"USD", "CAD"}


@pytest.mark.shared
def test_both_sap_clients(close):
    pirates = close("sap-forensic-pirates")["US00"]
    record = json.loads((pirates / "run.json").read_text(encoding="utf-8"))
    [control] = [one for one in record["controls"] if one["name"] == "control_account"]

    assert (control["account"], control["left"], control["right"], control["status"]) == (
        "110000", "60000.00", "60000.00", "tied",
    )  # fmt: skip


@pytest.mark.shared
def test_the_sap_client_without_customer_lines_says_so(close):
    first = close("sap-forensic", "--only", "control_account,aging")["US00"]
    problems = pd.read_parquet(first / "data" / "book" / "problems.parquet")

    assert statuses(first)["control_account"] == "no_input"
    assert text_table(first, "aging", "open_items").empty
    assert int(problems["code"].eq("document_without_lines").sum()) == 6
