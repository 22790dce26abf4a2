"""The week that `make close` closes after the month: planted cases are on the right list, with the right reason."""

from __future__ import annotations

import json
from decimal import Decimal

import pandas as pd
import pytest

pytestmark = pytest.mark.slow
ENTITIES = ("US01", "UK01", "JP01")
WHY = {  # kind in the truth: what the reason says, or the cause that leaves the account out
    "broken_promise": ("call_list", "Broke a promise of"),
    "silent_large_account": ("call_list", "silent since"),
    "promise_not_yet_due": ("left_out", "promised"),
    "disputed_item_excluded": ("left_out", "disputed"),
    "unapplied_cash_covers": ("left_out", "unapplied_cash"),
}


@pytest.fixture(scope="module")
def week(project, arlib):
    """The latest sealed run of the week by entity."""
    done = arlib("close", "params/sample-weekly.yml", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = project / "outputs" / "2026-W44"
    return {entity: sorted((folder / entity).iterdir())[-1] for entity in ENTITIES}


@pytest.fixture(scope="module")
def truth(project) -> pd.DataFrame:
    return pd.read_csv(project / "outputs" / "_sample" / "truth.csv", dtype=str, keep_default_na=False)


def table(run, name: str) -> pd.DataFrame:
    return pd.read_csv(run / "data" / "collections" / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.mark.parametrize("entity", ENTITIES)
@pytest.mark.parametrize("kind", WHY)
def test_a_planted_account_is_where_it_belongs(week, truth, entity, kind):
    name, wanted = WHY[kind]
    planted = truth[truth["entity"].eq(entity) & truth["kind"].eq(kind) & truth["is_planted"].eq("true")]
    assert len(planted)
    rows = table(week[entity], name)
    for account in planted["account"]:
        mine = rows[rows["customer_id"].eq(account)]
        said = mine["reason"] if name == "call_list" else mine["cause"]
        assert said.str.contains(wanted).any(), (account, mine.to_dict("records"))


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_honest_twin_is_not_accused(week, truth, entity):
    calls = table(week[entity], "call_list").set_index("customer_id")["reason"].to_dict()
    left = table(week[entity], "left_out")
    for kind, word in (("promise_kept", "Broke a promise"), ("answered_large_account", "silent since")):
        for account in truth[truth["entity"].eq(entity) & truth["kind"].eq(kind)]["account"]:
            assert word not in calls.get(account, "")
    twin = truth[truth["entity"].eq(entity) & truth["kind"].eq("undisputed_item")].iloc[0]
    assert twin["account"] in calls
    disputed = left[left["customer_id"].eq(twin["account"]) & left["cause"].eq("disputed")]
    assert Decimal(twin["amount"]) not in [Decimal(amount) for amount in disputed["amount"]]


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_bank_that_is_behind_is_said(week, entity):
    controls = json.loads((week[entity] / "run.json").read_bytes())["controls"]
    bank = [one for one in controls if one["name"] == "bank_up_to_date"]
    assert [one["status"] for one in bank] == ["no_input" if entity == "JP01" else "tied"]


def test_letters_are_held_where_the_bank_is_behind(project, arlib, week, tmp_path):
    held = arlib(
        "letters",
        "--close",
        "params/sample-weekly.yml",
        "--entity",
        "JP01",
        "--out",
        tmp_path / "jp",
        cwd=project,
    )
    assert held.returncode == 1
    assert "JP01-EUR-01" in held.stdout + held.stderr
    assert not list((tmp_path / "jp").rglob("*.pdf"))


def test_statements_of_a_sealed_run_are_those_of_its_ledger(project, arlib, closed, tmp_path):
    run = closed.runs("JP01")[-1]
    done = arlib("statements", "--run", run, "--format", "xlsx", "--out", tmp_path / "st", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    sealed = pd.read_csv(run / "data" / "statements" / "statement_totals.csv", dtype=str)
    index = pd.read_csv(tmp_path / "st" / "index.csv", dtype=str, keep_default_na=False)
    assert len(index)
    wanted = dict(zip(sealed["currency"], sealed["on_statements"].map(Decimal), strict=True))
    made = index[index["state"].eq("made")].assign(balance=index["balance"].map(Decimal))
    assert made.groupby("currency")["balance"].sum().to_dict() == {
        code: amount for code, amount in wanted.items() if code in set(made["currency"])
    }
