"""The benchmark measures what it says: its copies, baselines, scores and tables, on cases small enough to check by hand."""

from __future__ import annotations

import importlib
from dataclasses import replace
from types import ModuleType
from typing import Any

import pandas as pd
import pytest


@pytest.fixture
def part(repo, monkeypatch) -> Any:
    """A module of the benchmark by its short name."""
    monkeypatch.syspath_prepend(str(repo / "benchmarks"))

    def load(name: str) -> ModuleType:
        return importlib.import_module(f"matching_{name}")

    return load


def table(header: str, *rows: str) -> pd.DataFrame:
    return pd.DataFrame([row.split("|") for row in rows], columns=header.split("|"), dtype="str")


INVOICES = table(
    "invoice_id|Document Number|Assignment Number|Billing Number|Customer ID|Customer Name|Currency Code|Amount|Document Date|Due Date",
    "0|1001|INV000000000000001|5550000001|CA|Anvil Ltd|USD|100.0|20200101|20200131",
    "1|1002|INV000000000000002|5550000002|CA|Anvil Ltd|USD|40.000000000001|20200105|20200204",
    "2|1003|INV000000000000003|5550000003|CA|Anvil Ltd|USD|60.0|20200110|20200209",
    "3|1004|INV000000000000004|5550000004|CB|Brass GmbH|USD|100.0|20200101|20200131",
)
PAYMENTS = table(
    "payment_id|Business Partner|Account Number|Memo Line|Amount|Currency|Posting Date",
    "0|Anvil Ltd|XX01|pay INV000000000000001|100.0|USD|20200201",
    "1|Anvil Ltd|XX01|no 0: 5550000002NO 1: 5550000003|100.0|USD|20200210",
    "2|BR HOLDING|XX02|INV00000000000004|99.97|USD|20200220",
)
TRUTH = table(
    "receipt_id|item_id|match_category|perturbation",
    "0|0|one_pay_one_inv|none",
    "1|1|one_pay_multi_inv|none",
    "1|2|one_pay_multi_inv|none",
    "2|3|one_pay_one_inv|perturbed_business_partner",
)
SHORT = table("payment_id|Business Partner|Account Number|Memo Line|Amount|Currency|Posting Date",
              "3|Anvil Ltd|XX01|5550000001|99.96|USD|20200301")  # fmt: skip
SHORT_TRUTH = table("receipt_id|item_id|match_category|perturbation", "3|0|one_pay_one_inv|small_deduction")


@pytest.fixture
def case(part) -> Any:
    return part("data").Case(
        name="tiny",
        profile="pay-to-invoice",
        tables={"invoices.csv": INVOICES, "payments.csv": PAYMENTS},
        items="invoices.csv",
        receipts="payments.csv",
        truth=TRUTH,
    )


def test_a_run_never_sees_the_truth(case, tmp_path):
    items, receipts = case.write(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["invoices.csv", "payments.csv"]
    assert items.read_text().startswith("invoice_id,")
    assert "perturb" not in items.read_text() + receipts.read_text()


def test_plain_view_rounds_noise_and_names_payers(part, case):
    view = part("data").plain(case)
    assert view.items["amount"].tolist() == [10000, 4000, 6000, 10000]
    assert view.receipts["who"].tolist() == ["CA", "CA", ""]


def test_baselines_by_hand(part, case):
    plain, base = part("data").plain(case), part("baselines")
    # the damaged number of the last payment is no word of the index; glued numbers are split where letters begin
    assert base.exact_lookup(plain) == [("0", "0"), ("1", "1"), ("1", "2")]
    # 100.00 takes the oldest item whole, then 40 + 60
    assert base.oldest_first(plain) == [("0", "0"), ("1", "1"), ("1", "2")]
    assert sorted(base.first_exact_subset(plain)) == [("0", "0"), ("1", "1"), ("1", "2")]


def test_oldest_first_carries_its_own_errors_on_unless_it_is_told(part, case):
    """With the payments in the other order, plain oldest-first takes item 0 for the first; told, it knows what is gone."""
    swapped = PAYMENTS.assign(**{"Posting Date": ["20200210", "20200201", "20200220"]})
    other = replace(case, tables=case.tables | {"payments.csv": swapped})
    plain, base = part("data").plain(other), part("baselines")
    assert base.oldest_first(plain) == [("1", "0"), ("0", "1"), ("0", "2")]
    assert base.oldest_first_informed(plain, TRUTH) == [("1", "0"), ("0", "0")]


def test_first_subset_gives_up_at_its_limit(part, monkeypatch):
    base = part("baselines")
    items = [base._Open(str(n), 2**n, "", "") for n in range(12)]
    assert [item.item_id for item in base._first_subset(items, 2**12 - 1)] == [
        str(n) for n in range(11, -1, -1)
    ]
    monkeypatch.setattr(base, "TRIES", 100)
    assert base._first_subset(items, 2**12 - 1) == []


def test_renamed_copy_is_the_same_data_under_other_names(part, case):
    copy = part("copies").renamed(case, 5)
    new = copy.new_ids
    for kind in ("item", "receipt", "customer", "account"):
        assert len(set(new[kind].values())) == len(new[kind])
        assert not set(new[kind]) & set(new[kind].values())
    back = {v: k for ids in new.values() for k, v in ids.items()}
    for name in ("invoices.csv", "payments.csv"):
        found = copy.tables[name].replace(back)
        by = list(found.columns)
        pd.testing.assert_frame_equal(
            found.sort_values(by, ignore_index=True), case.tables[name].sort_values(by, ignore_index=True)
        )
    assert set(zip(copy.truth["receipt_id"].map(back), copy.truth["item_id"].map(back), strict=True)) == set(
        zip(TRUTH["receipt_id"], TRUTH["item_id"], strict=True)
    )
    assert part("copies").renamed(case, 6).new_ids != new


def test_renamed_sap_tables_keep_brackets_and_lists(part):
    sap = part("data").Case(
        name="sap",
        profile="pay-to-invoice-sap",
        tables={
            "sap/invoices_BKPF.csv": table("invoice_id|BELNR", "[0]|1", "[1]|2"),
            "sap/invoices_BSEG.csv": table("invoice_id|BELNR|KUNNR", "[0]|1|K1", "[1]|2|K1"),
            "sap/invoices_KNA-1.csv": table("invoice_id|KUNNR", "[0, 1]|K1"),
            "sap/payments_FEBEP.csv": table("payment_id|AVKON", "[0]|IBAN"),
        },
        items="sap",
        receipts="sap/payments_FEBEP.csv",
        truth=table("receipt_id|item_id", "0|1"),
    )
    copy = part("copies").renamed(sap, 5)
    zero, one = copy.new_ids["item"]["0"], copy.new_ids["item"]["1"]
    assert set(copy.tables["sap/invoices_BKPF.csv"]["invoice_id"]) == {f"[{zero}]", f"[{one}]"}
    assert copy.tables["sap/invoices_KNA-1.csv"]["invoice_id"].tolist() == [f"[{zero}, {one}]"]
    assert set(copy.tables["sap/invoices_BSEG.csv"]["KUNNR"]) == {copy.new_ids["customer"]["K1"]}
    assert copy.truth["item_id"].tolist() == [one]


def test_harder_copy_damages_only_what_it_may_and_keeps_the_links(part, case):
    whole = replace(
        case,
        tables=case.tables | {"payments.csv": pd.concat([PAYMENTS, SHORT], ignore_index=True)},
        truth=pd.concat([TRUTH, SHORT_TRUTH], ignore_index=True),
    )
    copies = part("copies")
    same = copies.harder(whole, 1, share=0.0)
    assert (
        same.tables["payments.csv"]["Memo Line"].tolist()
        == whole.tables["payments.csv"]["Memo Line"].tolist()
    )
    all_of_it = copies.harder(whole, 1, share=1.0)
    before, after = whole.tables["payments.csv"], all_of_it.tables["payments.csv"]
    assert after["payment_id"].tolist() == before["payment_id"].tolist()
    assert (after["Memo Line"].to_numpy()[[0, 1, 3]] != before["Memo Line"].to_numpy()[[0, 1, 3]]).all()
    # the only small deduction of the set is 0.04; the last payment's invoice is alone known under an alias
    assert [float(amount) for amount in after["Amount"]] == pytest.approx([99.96, 99.96, 99.93, 99.92])
    assert all_of_it.tables["invoices.csv"] is whole.tables["invoices.csv"]
    assert all_of_it.truth[["receipt_id", "item_id"]].equals(whole.truth[["receipt_id", "item_id"]])
    assert copies.harder(whole, 1, share=1.0).tables["payments.csv"].equals(after)


def test_value_rate_does_not_add_currencies(part, case):
    payments = PAYMENTS.assign(Amount=["10", "30", "1000"], Currency=["USD", "USD", "JPY"])
    other = replace(case, tables=case.tables | {"payments.csv": payments})
    matches = table("receipt_id|item_id", "0|0", "1|1", "2|3")
    # USD: 10 of 40 (the second receipt lacks an item); JPY: all; weighted by two receipts and one
    assert part("scoring").value_rate(matches, other) == pytest.approx((0.25 * 2 + 1.0) / 3)


def test_ambiguity_counts_receipts_once(part, case):
    matches = table("receipt_id|item_id|explanations", "0|0|1", "1|1|2", "1|2|2")
    alternatives = table("receipt_id", "1", "2")
    assert part("scoring").ambiguity_rate(matches, alternatives, case) == pytest.approx(2 / 3)


MATCHED = table("receipt_id|item_id|applied_amount|discount|deduction|decision|rule",
                "0|0|100.00|0.00|0.00|auto|r", "1|1|40.00|0.00|0.00|suggest|r")  # fmt: skip


@pytest.mark.parametrize("column", [None, "applied_amount", "decision", "rule", "item_id"])
def test_same_decisions_sees_every_change(part, column):
    new = {"receipt": {"0": "a", "1": "b"}, "item": {"0": "x", "1": "y"}}
    other = MATCHED.assign(receipt_id=["a", "b"], item_id=["x", "y"]).iloc[::-1]
    if column:
        other = other.assign(**{column: ["y", "z"] if column == "item_id" else "else"})
    assert part("scoring").same_decisions(MATCHED, other, new) is (column is None)


def cash_rows(*rows: tuple[Any, ...]) -> pd.DataFrame:
    names = ("receipt_id", "item_id", "applied_amount", "discount", "deduction", "fee", "tolerance", "reason")
    return pd.DataFrame(rows, columns=names).assign(currency="USD", decision="auto")


SAMPLE_CASES = {
    # what is true, what was found, cash right by pair, class right
    "as it is": ([("r", "i", 100, 0, 0, 0, 0, "full")], [("r", "i", 100, 0, 0, 0, 0, "full")], [True], [True]),
    "a cent off": ([("r", "i", 100, 0, 0, 0, 0, "full")], [("r", "i", 99, 0, 0, 0, 0, "full")], [False], [True]),
    "wrong class": ([("r", "i", 98, 2, 0, 0, 0, "earned_discount")], [("r", "i", 98, 0, 2, 0, 0, "claim")], [True], [False]),
    "either word": ([("r", "i", 98, 0, 2, 0, 0, "claim|partial")], [("r", "i", 98, 0, 0, 0, 0, "partial")], [True], [True]),
    "charge on another item": (
        [("r", "i", 90, 0, 0, 10, 0, "bank_charge"), ("r", "j", 50, 0, 0, 0, 0, "full")],
        [("r", "i", 100, 0, 0, 0, 0, "full"), ("r", "j", 40, 0, 0, 10, 0, "bank_charge")],
        [True, True], [True, True],
    ),
    "item missed": (
        [("r", "i", 100, 0, 0, 0, 0, "full"), ("r", "j", 50, 0, 0, 0, 0, "full")],
        [("r", "i", 100, 0, 0, 0, 0, "full")],
        [True, False], [True, False],
    ),
    "item too many": (
        [("r", "i", 100, 0, 0, 0, 0, "full")],
        [("r", "i", 100, 0, 0, 0, 0, "full"), ("r", "k", 1, 0, 0, 0, 0, "full")],
        [True, False], [True, False],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLE_CASES)
def test_sample_measure_by_hand(part, name):
    truth, found, cash, classes = SAMPLE_CASES[name]
    pairs = part("sample").compared(cash_rows(*truth).drop(columns="decision"), cash_rows(*found))
    assert pairs["is_cash_right"].tolist() == cash
    assert pairs["is_class_right"].tolist() == classes


def test_sample_measure_leaves_suggestions_out(part):
    found = cash_rows(("r", "i", 99, 0, 0, 0, 0, "full")).assign(decision="suggest")
    assert part("sample").compared(cash_rows(("r", "i", 100, 0, 0, 0, 0, "full")), found).empty


def test_scale_ledger_pays_whole_items_of_one_customer_once(part):
    scale = part("scale")
    items, receipts, customers, truth = scale.ledger(scale.Size(4_000, 200, 400), 1)
    paid = truth.merge(items, on="item_id").merge(receipts, on="receipt_id", suffixes=("", "_receipt"))
    assert not truth["item_id"].duplicated().any()
    assert items["item_id"].is_unique
    assert customers["name"].is_unique
    assert (
        paid.groupby("receipt_id")["open_amount"].sum()
        == paid.groupby("receipt_id")["amount_receipt"].first()
    ).all()
    booked = paid[paid["customer_id_receipt"].notna()]
    assert (booked["customer_id"] == booked["customer_id_receipt"]).all()
    assert (paid["document_date"] <= paid["value_date"]).all()
    again = scale.ledger(scale.Size(4_000, 200, 400), 1)
    assert all(
        one.equals(other) for one, other in zip((items, receipts, customers, truth), again, strict=True)
    )


def test_calibrated_module_is_code_that_gives_the_figures_back(part):
    calibrate = part("calibrate")
    matches = table("entity|receipt_id|item_id|rule|receipt_currency|explanations|held_because",
                    "E|0|0|b.rule|USD|1|", "E|1|1|a.rule|USD|1|", "E|1|2|a.rule|USD|1|", "E|2|0|a.rule|USD|1|",
                    "E|3|3|a.rule|USD|2|")  # fmt: skip
    truth = table("receipt_id|item_id", "0|0", "1|1", "1|2", "2|3", "3|3")
    figures = calibrate.measured_rules(matches, truth, "tiny")
    assert [(m.rule, m.right, m.tried) for m in figures] == [("a.rule", 1, 2), ("b.rule", 1, 1)]
    space: dict[str, Any] = {}
    exec(calibrate.module_text(figures[::-1]), space)
    assert space["SHIPPED"] == figures


def test_table_says_met_missed_and_not_run(part):
    tables = part("table")
    score = dict.fromkeys(tables.FIGURES, 0.9) | {"receipts": 10, "auto_wrong": 1}
    known = tables.Row(data_set="highradius", method="arlib", hash="abc", repeats=False, seconds=1.0)
    rows = [known.of("all", score), known.of("pools of at most 25", score | {"exact_receipts": 0.999})]
    big = tables.Row(
        data_set="synthetic: 100,000 receipts, more", method="arlib", seconds=91.0, peak_bytes=2**31
    )
    text = tables.markdown([*rows, big, tables.Row(data_set="x|y", method="-", note="n")], seconds=1)
    assert "| seconds | under 90 s | 91.0 s | MISSED |" in text
    assert "| peak_bytes | under 4.00 GiB | 2.00 GiB | met |" in text
    assert "| highradius | pools of at most 25 | exact_receipts | 0.998 | 0.9990 | met |" in text
    assert "| highradius | all | exact_receipts | 0.97 | 0.9000 | MISSED |" in text
    assert "| pay-to-invoice, single | all | f1 | 0.999 |  | not run |" in text
    assert "abc (NO)" in text
    assert "x/y" in text
    widths = {line.count("|") for line in text.split("Groups:")[0].splitlines() if line.startswith("|")}
    assert len(widths) == 1


@pytest.mark.shared
def test_baselines_on_the_published_data_are_what_others_found(part, shared):
    """A plain lookup has P 0.989 and R 0.761 by the data's own description; ours is another reading of the same rule."""
    data, base = part("data"), part("baselines")
    case = data.pay_to_invoice(shared)
    found = set(base.exact_lookup(data.plain(case)))
    wanted = set(zip(case.truth["receipt_id"], case.truth["item_id"], strict=True))
    assert len(found & wanted) / len(found) == pytest.approx(0.989, abs=0.01)
    assert len(found & wanted) / len(wanted) == pytest.approx(0.761, abs=0.03)
    harder = data.plain(part("copies").harder(case, 20261))
    hit = set(base.exact_lookup(harder))
    assert len(hit & wanted) / len(wanted) == pytest.approx(0.555, abs=0.02)
