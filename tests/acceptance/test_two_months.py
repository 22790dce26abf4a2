"""September, then October: the opening is what September sealed, and a changed past is seen."""

from __future__ import annotations

import json

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


def opening(folder) -> dict[str, dict]:
    """The opening controls of the latest October run, by account."""
    run = sorted((folder / "outputs" / "2026-10" / "JP01").iterdir())[-1]
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    return {c["account"]: c for c in record["controls"] if c["name"] == "opening_balance"}


def run_of(folder, period: str):
    return sorted((folder / "outputs" / period / "JP01").iterdir())[-1]


def rates_have_a_trend(folder) -> None:
    """The hit rates of October stand beside those that September sealed, and are handed on with them."""
    september, october = run_of(folder, "2026-09"), run_of(folder, "2026-10")
    sealed, now = (
        pd.read_csv(run / "data" / "cash_application" / "hit_rates.csv", dtype=str, keep_default_na=False)
        for run in (september, october)
    )
    key = ["population", "rate", "currency"]
    both = now.merge(sealed, on=key, suffixes=("", "_sealed"))
    assert len(both) >= 3
    assert both["before"].tolist() == both["share_sealed"].tolist()
    assert set(both["before_period"]) == {"2026-09"}
    assert set(sealed["before_period"]) == {""}
    history = pd.read_parquet(october / "data" / "cash_application" / "rate_history.parquet")
    assert history["period"].unique().tolist() == ["2026-09", "2026-10"]
    prior = pd.read_parquet(october / "data" / "book" / "prior_rates.parquet")
    assert set(prior["run_id"]) == {september.name}
    told = json.loads((october / "run.json").read_text(encoding="utf-8"))["carried_forward"]
    assert (told["run_id"], told["rates"]) == (september.name, len(prior))
    assert told["rows"] == 0  # the sample's extracts give their own list of reconciling items


def test_opening_is_the_closing_that_was_sealed(arlib, tmp_path):
    folder = tmp_path / "books"
    assert arlib("init", folder, cwd=tmp_path).returncode == 0
    assert (
        arlib("sample", "--out", "outputs/_sample", "--seed", 4, "--items", 120, cwd=folder).returncode == 0
    )
    extracts = folder / "outputs" / "_sample"
    close = ("close", "params/sample.yml", "--quiet", "--entity", "JP01")
    september = arlib(*close, "--period", "2026-09", cwd=folder)
    assert september.returncode == 0, september.stdout + september.stderr
    october = arlib(*close, cwd=folder)
    assert october.returncode == 0, october.stdout + october.stderr

    truth = pd.read_csv(extracts / "truth.csv", dtype=str)
    [late] = truth[truth["entity"].eq("JP01") & truth["control"].eq("closed_periods")]["amount"]
    controls = opening(folder)
    assert set(controls) >= {"1200", "1201", "1290"}
    assert (controls["1200"]["status"], controls["1200"]["difference"]) == ("explained", f"-{late}")
    assert {c["status"] for account, c in controls.items() if account != "1200"} == {"tied"}

    rates_have_a_trend(folder)

    items = pd.read_csv(extracts / "items.csv", dtype=str, keep_default_na=False)
    old = (
        items["entity"].eq("JP01") & items["item_type"].eq("invoice") & (items["posting_date"] < "2026-08-01")
    )
    victim = items[old & items["currency"].eq("JPY") & items["control_account"].eq("1200")].index[0]
    amount = int(items.loc[victim, "amount"])
    items.loc[victim, ["amount", "functional_amount"]] = str(amount + 7)
    items.to_csv(extracts / "items.csv", index=False)
    again = arlib(*close, "--only", "control_account", cwd=folder)

    assert again.returncode == 1, again.stdout + again.stderr
    assert opening(folder)["1200"]["status"] == "unexplained"
    assert "facts of an earlier period were changed since its close" in opening(folder)["1200"]["note"]
