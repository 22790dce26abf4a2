"""`make close` on the sample company: everything planted is found, nothing else is, and what is sealed stays whole."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal

import pandas as pd
import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.slow
ENTITIES = ("US01", "UK01", "JP01")
NOTEBOOKS = (
    "aging",
    "cash_application",
    "control_account",
    "customer_reconciliation",
    "bad_debt",
    "write_offs",
    "adjustments",
    "performance",
    "statements",
    "month_end_summary",
)


def table(closed, entity: str, notebook: str, name: str) -> pd.DataFrame:
    """A result table of the latest run, as the text that its contract CSV holds."""
    return pd.read_csv(
        closed.runs(entity)[-1] / "data" / notebook / f"{name}.csv", dtype=str, keep_default_na=False
    )


@pytest.fixture(scope="module")
def truth(project) -> pd.DataFrame:
    """What was planted, line by line."""
    frame = pd.read_csv(project / "outputs" / "_sample" / "truth.csv", dtype=str, keep_default_na=False)
    planted = frame[frame["is_planted"].eq("true")]
    assert len(planted) > 100, "almost nothing is planted: is the truth file read?"
    return planted


@pytest.mark.parametrize("entity", ENTITIES)
def test_causes_are_what_was_planted_to_the_cent(closed, truth, entity):
    wanted = truth[truth["entity"].eq(entity) & truth["control"].eq("control_account")]
    found = table(closed, entity, "control_account", "causes")
    columns = ["account", "cause", "document_no", "amount"]

    assert sorted(map(tuple, found[columns].to_numpy())) == sorted(map(tuple, wanted[columns].to_numpy()))
    assert table(closed, entity, "control_account", "unexplained").empty


@pytest.mark.parametrize("entity", ENTITIES)
def test_statement_differences_are_what_was_planted(closed, truth, entity):
    wanted = truth[truth["entity"].eq(entity) & truth["control"].eq("customer_statement")]
    lines = table(closed, entity, "customer_reconciliation", "reconciliation_lines")
    found = lines[lines["kind"].ne("matched")]

    assert sorted(zip(found["customer_id"], found["kind"], strict=True)) == sorted(
        zip(wanted["account"], wanted["cause"], strict=True)
    )
    named = found["document_no"].where(found["document_no"].ne(""), found["reference"])
    assert set(wanted["document_no"]) <= set(named) | set(found["reference"])


@pytest.mark.parametrize("entity", ENTITIES)
def test_proof_of_cash_holds_what_was_planted_and_honest_transit_only(closed, project, entity):
    planted = pd.read_csv(project / "outputs" / "_sample" / "truth.csv", dtype=str, keep_default_na=False)
    planted = planted[planted["entity"].eq(entity)]
    found = table(closed, entity, "control_account", "cash_proof")
    duplicate = planted[planted["control"].eq("cash_proof") & planted["is_planted"].eq("true")]
    lockbox = planted[planted["cause"].eq("receipt_gl_only")]

    assert not found["cause"].eq("unexplained").any()
    for line in duplicate.to_dict("records"):
        assert (line["document_no"], line["cause"]) in set(
            zip(found["document_no"], found["cause"], strict=True)
        )
    not_posted = found[found["cause"].eq("not_posted")]
    assert sorted(map(Decimal, not_posted["amount"])) == sorted(
        -Decimal(amount) for amount in lockbox["amount"]
    )


@pytest.mark.parametrize("entity", ENTITIES)
def test_billing_batches_that_differ_are_those_planted(closed, project, entity):
    planted = pd.read_csv(project / "outputs" / "_sample" / "truth.csv", dtype=str, keep_default_na=False)
    wanted = planted[planted["entity"].eq(entity) & planted["control"].eq("billing_transfers")]
    found = table(closed, entity, "control_account", "billing_check")
    differing = found[found["state"].isin(["unposted", "doubled", "differs"])]

    assert len(wanted) == 2
    assert set(differing["batch_id"]) == set(wanted["document_no"])


@pytest.mark.parametrize("entity", ENTITIES)
def test_back_posted_entries_are_listed(closed, truth, entity):
    wanted = truth[truth["entity"].eq(entity) & truth["control"].eq("closed_periods")]
    found = table(closed, entity, "control_account", "closed_period_postings")

    assert set(found["document_no"]) == set(wanted["document_no"])


@pytest.mark.parametrize("entity", ENTITIES)
def test_money_on_another_customer_is_the_planted_lapping_and_nothing_else(closed, truth, entity):
    [planted] = truth.loc[truth["entity"].eq(entity) & truth["kind"].eq("lapping"), "documents"]
    found = table(closed, entity, "cash_application", "reperformed_differences")
    found = found[found["verdict"].eq("other_customer")]

    assert {*found["receipt_id"], *found["booked"], *found["found"]} == set(planted.split())
    assert len(set(found["user"])) == 1


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_posting_file_is_of_open_receipts_alone_and_the_queue_holds_the_rest(closed, entity):
    where = table(closed, entity, "cash_application", "cash_by_place")
    where = where[where["population"].eq("open")]
    placed = table(closed, entity, "cash_application", "posting")
    waiting = table(closed, entity, "cash_application", "cash_queue")
    unknown = table(closed, entity, "cash_application", "cash_unidentified")
    aside = table(closed, entity, "cash_application", "cash_set_aside")
    applied = table(closed, entity, "cash_application", "reperformed")
    assert int(applied["receipts"].astype(int).sum()) > len(waiting)
    for currency, mine in where.groupby("currency"):
        told = sum(
            Decimal(amount)
            for rows, name in ((placed, "receipt_amount"), (waiting, "to_decide"), (unknown, "unidentified"),
                               (aside, "set_aside"))
            for amount in rows.loc[rows["receipt_currency" if rows is placed else "currency"].eq(currency), name]
        )  # fmt: skip
        assert told == sum(map(Decimal, mine["amount"])), currency


@pytest.mark.parametrize("entity", ENTITIES)
def test_no_control_is_unexplained_or_left_out(closed, entity):
    record = json.loads((closed.runs(entity)[-1] / "run.json").read_text(encoding="utf-8"))
    words = {control["status"] for control in record["controls"]}
    names = {control["name"] for control in record["controls"]}

    assert words == {"tied", "explained"}
    assert names >= {
        "control_account",
        "proof_of_cash",
        "customer_statement",
        "billing_to_receivables",
        "receivables_to_ledger",
    }
    for control in record["controls"]:
        assert Decimal(control["left"]) - Decimal(control["right"]) == Decimal(control["difference"])
        assert Decimal(control["explained"]) + Decimal(control["unexplained"]) == Decimal(
            control["difference"]
        )


@pytest.mark.parametrize("entity", ENTITIES)
def test_aging_equals_the_sub_ledger_that_was_tied(closed, entity):
    aged = table(closed, entity, "aging", "aging_by_currency")
    open_items = table(closed, entity, "aging", "open_items")
    for currency, rows in open_items.groupby("currency"):
        total = sum(map(Decimal, rows["outstanding"]))
        assert Decimal(aged.loc[aged["currency"].eq(currency), "total"].item()) == total


def test_the_command_says_one_line_per_control_and_the_folder(closed):
    lines = closed.said.splitlines()

    assert re.fullmatch(r"folder: .*outputs/2026-10", lines[-1])
    for entity in ENTITIES:
        assert any(
            re.match(
                rf"{entity}\s+Trade receivables 1200.*differs, explained \(.*documents, oldest .*owner", x
            )
            for x in lines
        )
    assert len(lines) < 80, "more lines than a person reads"
    assert sum("more controls tie" in line for line in lines) == len(ENTITIES)


def test_a_second_close_supersedes_with_the_same_results(closed):
    for entity in ENTITIES:
        first, second = (
            json.loads((run / "run.json").read_text(encoding="utf-8")) for run in closed.runs(entity)
        )
        assert second["supersedes"] == first["run_id"]
        assert not first["supersedes"]
        assert second["results_sha256"] == first["results_sha256"]


def test_verify_finds_one_changed_byte_and_only_warns_of_litter(closed, arlib, tmp_path):
    run = closed.runs("JP01")[-1]
    assert arlib("verify", run, cwd=closed.folder).returncode == 0
    copy = tmp_path / run.name
    shutil.copytree(run, copy)
    (copy / ".DS_Store").write_bytes(b"litter")
    warned = arlib("verify", copy, cwd=closed.folder)
    assert warned.returncode == 0
    assert ".DS_Store" in warned.stdout
    victims = [path for path in sorted(copy.rglob("*")) if path.is_file() and path.name != ".DS_Store"]
    assert len(victims) > 50
    for victim in (victims[0], victims[len(victims) // 2], copy / "run.json", copy / "manifest.json"):
        before = victim.read_bytes()
        victim.chmod(0o600)
        victim.write_bytes(before[:-2] + bytes([before[-2] ^ 1]) + before[-1:])
        found = arlib("verify", copy, cwd=closed.folder)
        assert found.returncode == 1, victim
        victim.write_bytes(before)
    assert arlib("verify", copy, cwd=closed.folder).returncode == 0


def test_pages_are_self_contained_and_inert(closed):
    pages = [
        page for entity in ENTITIES for page in sorted((closed.runs(entity)[-1] / "pages").glob("*.html"))
    ]
    assert len(pages) == 2 * len(NOTEBOOKS) * len(ENTITIES)
    for page in pages:
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        assert soup.find_all(["script", "iframe", "object", "embed", "link", "base"]) == []
        for tag in soup.find_all(True):
            assert not [name for name in tag.attrs if name.lower().startswith("on")]
            for name in ("src", "href", "action", "srcset"):
                value = tag.attrs.get(name, "")
                assert value.startswith(("data:", "#")) or not value, value[:80]
        assert all(image.get("alt", "").strip() for image in soup.find_all("img"))
        assert len(soup.find_all("h1")) == 1
        assert soup.html.get("lang")
        assert soup.title.string.strip()
        has_code = bool(soup.select(".jp-CodeCell .jp-InputArea, .input_area, div.highlight"))
        assert has_code is page.name.endswith(".evidence.html"), page.name


def test_nothing_sealed_names_this_machine(closed, project):
    looked = 0
    for entity in ENTITIES:
        for path in closed.runs(entity)[-1].rglob("*"):
            if path.suffix in {".json", ".jsonl", ".ipynb", ".html", ".csv"}:
                looked += 1
                assert str(project) not in path.read_text(encoding="utf-8"), path
    assert looked > 60
