"""Measures of a run: hit rates by hand, fingerprints, and scores as the judge of the benchmark prints them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arlib.controls import Identity
from arlib.errors import ParameterError
from arlib.matching.frames import ALTERNATIVES, MATCH_ITEMS, MATCH_RECEIPTS, MATCHES, RULES, UNMATCHED
from arlib.matching.measures import measures, summary
from arlib.matching.result import MatchResult
from arlib.matching.scores import scores


def matched(receipt: str, item: str, used: int, decision: str = "auto", **more) -> dict:
    fixed = {
        "entity": "E1", "receipt_id": receipt, "item_id": item, "customer_id": "C1", "currency": "USD",
        "applied_amount": used, "receipt_currency": "USD", "receipt_amount": used, "open_before": used, "open_after": 0,
        "reason": "full", "decision": decision, "rule": "exact", "evidence": f"{receipt} names {item}", "explanations": 1,
    }  # fmt: skip
    return fixed | more


def left(
    receipt: str, amount: int, rest: int, status: str = "unapplied", reason: str = "remainder", currency="USD"
) -> dict:
    return {
        "entity": "E1", "receipt_id": receipt, "customer_id": "C1", "value_date": "2026-03-05", "currency": currency,
        "amount": amount, "unapplied_amount": rest, "status": status, "reason": reason, "evidence": f"about {receipt}",
    }  # fmt: skip


def run(
    matches: list[dict], unmatched: list[dict], receipts: dict[str, tuple[int, str]], items=()
) -> MatchResult:
    made = [
        {
            "entity": "E1",
            "receipt_id": name,
            "value_date": "2026-03-05",
            "amount": amount,
            "currency": currency,
        }
        for name, (amount, currency) in receipts.items()
    ]
    offered = [
        {"entity": "E1", "item_id": name, "customer_id": "C1", "item_type": "invoice", "currency": "USD", "open_amount": amount,
         "amount": amount, "due_date": "2026-02-01"}
        for name, amount in items
    ]  # fmt: skip
    return MatchResult(
        pool_items=MATCH_ITEMS.frame(offered) if offered else MATCH_ITEMS.empty(),
        pool_receipts=MATCH_RECEIPTS.frame(made) if made else MATCH_RECEIPTS.empty(),
        matches=MATCHES.frame(matches) if matches else MATCHES.empty(),
        alternatives=ALTERNATIVES.empty(),
        unmatched=UNMATCHED.frame(unmatched) if unmatched else UNMATCHED.empty(),
        rules=RULES.frame([{"rule": "exact", "right": 1, "tried": 2, "data_set": "history", "is_transferred": False,
                            "bound": "0.025320", "is_auto": False, "receipts": 2},
                           {"rule": "new", "is_auto": False, "receipts": 0}]),
        identities=(Identity(name="cash placed", left_label="l", left=105, right_label="r", right=105, currency="USD"),),
    )  # fmt: skip


# P: three items, automatic; Q: one, suggested, 40 too much; R: nothing; S: yen, automatic; N: returned; T: two ways
EXAMPLE = run(
    [
        matched("P", "A", 500), matched("P", "B", 300), matched("P", "C", 200),
        matched("Q", "D", 60, "suggest"),
        matched("S", "F", 700, currency="JPY", receipt_currency="JPY"),
        matched("T", "G", 100, "suggest", explanations=2),
    ],
    [left("Q", 100, 40), left("R", 800, 800, "unidentified", "ambiguous"), left("N", -70, -70, "returned", "nsf")],
    {"P": (1000, "USD"), "Q": (100, "USD"), "R": (800, "USD"), "S": (700, "JPY"), "T": (100, "USD"), "N": (-70, "USD")},
    items=[("A", 500), ("B", 300), ("C", 200), ("D", 60), ("F", 700), ("G", 100)],
)  # fmt: skip


def test_hit_rates_by_hand():
    made = measures(EXAMPLE)
    assert (made.receipts, made.receipts_proposed, made.receipts_auto, made.receipts_ambiguous) == (
        6,
        4,
        2,
        2,
    )
    assert (made.envelope_rate, made.envelope_rate_proposed, made.ambiguity_rate) == (2 / 6, 4 / 6, 2 / 6)
    assert (made.lines, made.lines_proposed, made.lines_auto) == (8, 6, 4)  # R and N count as a line each
    assert (made.line_rate, made.line_rate_proposed) == (4 / 8, 6 / 8)
    usd, jpy = made.money["USD"], made.money["JPY"]
    assert (usd.received, usd.applied_auto, usd.applied, usd.unmatched, usd.returned) == (
        2000,
        1000,
        1160,
        840,
        -70,
    )
    assert usd.applied + usd.unmatched == usd.received
    assert made.value_rates == {"JPY": 1.0, "USD": 1000 / 2000}
    assert made.value_rates_proposed == {"JPY": 1.0, "USD": 1160 / 2000}
    assert jpy.returned == 0
    assert made.statuses == {"returned": 1, "unapplied": 1, "unidentified": 1}
    assert made.scores == {}


def test_a_return_that_was_placed_is_no_money_received():
    back = run([matched("N", "A", -70)], [], {"N": (-70, "USD")}, items=[("A", -70)])
    made = measures(back)
    assert (made.money["USD"].received, made.money["USD"].applied, made.value_rates) == (0, 0, {"USD": None})


def test_nothing_has_no_rates():
    made = measures(run([], [], {}))
    assert made.envelope_rate is None
    assert made.line_rate is None
    assert made.ambiguity_rate is None
    assert made.money == {}


def test_the_summary_is_plain_data():
    made = summary(
        EXAMPLE, measures(EXAMPLE, truth=truth_of({"P": {"A", "B", "C"}, "Q": {"D"}, "S": {"X"}, "T": {"G"}}))
    )
    again = json.loads(json.dumps(made, allow_nan=False))
    assert again == made
    assert made["money"]["USD"] == {
        "received": "20.00", "applied_auto": "10.00", "applied": "11.60", "unmatched": "8.40", "returned": "-0.70"
    }  # fmt: skip
    assert made["money"]["JPY"]["received"] == "700"
    assert made["rules"][0] == {
        "rule": "exact", "right": 1, "tried": 2, "data_set": "history", "is_transferred": False, "bound": "0.025320",
        "is_auto": False, "receipts": 2,
    }  # fmt: skip
    assert made["rules"][1]["right"] is None
    assert made["rules"][1]["bound"] is None
    assert made["identities"][0]["left"] == "1.05"
    assert made["receipts"]["unmatched"] == {"returned": 1, "unapplied": 1, "unidentified": 1}
    assert made["scores"]["all"]["auto_precision"] == 0.5


def shuffled(result: MatchResult) -> MatchResult:
    return replace(
        result,
        pool_items=result.pool_items.sample(frac=1, random_state=1, ignore_index=True),
        pool_receipts=result.pool_receipts.sample(frac=1, random_state=2, ignore_index=True),
    )


def renamed(result: MatchResult) -> MatchResult:
    """Other ids, customers and entity, and rows in the order of the new keys."""
    names = [f"{n:04d}" for n in range(100)]
    random.Random(3).shuffle(names)
    new = {
        old: names.pop()
        for old in ("E1", "C1", *result.pool_items["item_id"], *result.pool_receipts["receipt_id"])
    }

    def rename(frame: pd.DataFrame) -> pd.DataFrame:
        ids = [n for n in ("entity", "receipt_id", "item_id", "customer_id") if n in frame.columns]
        made = frame.assign(**{name: frame[name].map(new).astype("str") for name in ids})
        if "evidence" in made.columns:
            made["evidence"] = [f"{made['receipt_id'].iloc[n]} in other words" for n in range(len(made))]
        return made.sort_values(ids, ignore_index=True)

    return replace(
        result,
        **{
            name: rename(getattr(result, name))
            for name in ("pool_items", "pool_receipts", "matches", "unmatched")
        },
    )


def test_fingerprints():
    first = measures(EXAMPLE)
    assert len(first.result_hash) == len(first.content_hash) == 64
    again = measures(shuffled(EXAMPLE))
    assert (again.result_hash, again.content_hash) == (first.result_hash, first.content_hash)
    other = measures(renamed(EXAMPLE))
    assert other.result_hash != first.result_hash
    assert other.content_hash == first.content_hash


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("matches", "applied_amount", 499), ("matches", "item_id", "D"), ("matches", "decision", "suggest"),
        ("matches", "discount", 1), ("matches", "rule", "fuzzy"), ("matches", "reason", "partial"),
        ("unmatched", "unapplied_amount", 1), ("unmatched", "status", "held"),
    ],
)  # fmt: skip
def test_a_fingerprint_changes_with_what_was_decided(table, column, value):
    changed = getattr(EXAMPLE, table).copy()
    changed.loc[0, column] = value
    first, second = measures(EXAMPLE), measures(replace(EXAMPLE, **{table: changed}))
    assert first.result_hash != second.result_hash
    assert first.content_hash != second.content_hash


def test_no_text_can_forge_a_fingerprint():
    one = replace(EXAMPLE, matches=EXAMPLE.matches.assign(evidence="a,1:b", held_because=""))
    two = replace(EXAMPLE, matches=EXAMPLE.matches.assign(evidence="a", held_because="b,0:"))
    assert measures(one).result_hash != measures(two).result_hash
    lone = replace(EXAMPLE, matches=EXAMPLE.matches.assign(evidence="line\nbreak \u202e 'quoted'"))
    assert len(measures(lone).result_hash) == 64


def truth_of(paid: dict[str, set[str]], **labels) -> pd.DataFrame:
    rows = [(receipt, item) for receipt, items in paid.items() for item in sorted(items)]
    frame = pd.DataFrame(rows, columns=["receipt_id", "item_id"])
    return frame.assign(**{name: frame["receipt_id"].map(values) for name, values in labels.items()})


def judged(shared, folder, matches: pd.DataFrame, truth: pd.DataFrame) -> dict:
    folder.mkdir(exist_ok=True)
    columns = ["receipt_id", "item_id", "decision"]
    matches[columns].to_csv(folder / "matches.csv", index=False)
    truth.to_csv(folder / "truth.csv", index=False)
    judge = [sys.executable, str(shared / "bench" / "score_matches.py"), "matches.csv", "truth.csv", "--json"]
    done = subprocess.run(judge, cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def agree(mine, theirs: dict) -> None:
    assert list(mine) == list(theirs)
    for name, score in mine.items():
        figures = score.as_dict()
        assert figures.pop("auto_precision_bound") == pytest.approx(
            theirs[name].pop("auto_precision_low95"), abs=1e-9
        )
        assert figures == theirs[name]


def test_scores_are_those_of_the_judge(shared, tmp_path):
    draw = random.Random(11)
    paid = {
        f"R{n}": {f"I{draw.randrange(4000)}" for _ in range(draw.choice([1, 1, 1, 2, 5]))}
        for n in range(1500)
    }
    rows = []
    for receipt, items in paid.items():
        kind = draw.random()
        if kind < 0.1:
            continue
        found = (
            set(items)
            if kind < 0.9
            else set(items) ^ {draw.choice(sorted(items)), f"I{draw.randrange(4000)}"}
        )
        decision = "auto" if draw.random() < 0.8 else "suggest"
        rows += [matched(receipt, item, 1, decision) for item in sorted(found)]
    labels = {
        "pool_class": {receipt: draw.choice(["small", "large", ""]) for receipt in paid},
        "match_category": {receipt: draw.choice(["1:1", "1:n"]) for receipt in paid},
    }
    matches, truth = MATCHES.frame(rows), truth_of(paid, **labels)
    made = scores(matches, truth)
    assert 0.9 < made["all"].precision < 1
    assert made["all"].auto_wrong > 0
    agree(made, judged(shared, tmp_path, matches, truth))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from("PQRST"), st.sets(st.sampled_from("ABCD"), min_size=1), min_size=1),
    st.dictionaries(
        st.sampled_from("PQRST"), st.tuples(st.sets(st.sampled_from("ABCDE"), min_size=1), st.booleans())
    ),
)
def test_any_scores_are_those_of_the_judge(shared, tmp_path, paid, found):
    rows = [
        matched(receipt, item, 1, "auto" if is_auto else "suggest")
        for receipt, (items, is_auto) in found.items()
        if receipt in paid
        for item in sorted(items)
    ]
    matches = MATCHES.frame(rows) if rows else MATCHES.empty()
    truth = truth_of(paid, label={receipt: receipt < "R" for receipt in paid})
    agree(scores(matches, truth), judged(shared, tmp_path, matches, truth))


def test_a_receipt_that_the_truth_does_not_name_is_refused():
    with pytest.raises(ParameterError, match="not in the truth"):
        measures(EXAMPLE, truth=truth_of({"P": {"A"}}))
    with pytest.raises(ParameterError, match="truth has no rows"):
        measures(EXAMPLE, truth=truth_of({}))


def test_entities_keep_equal_receipt_numbers_apart():
    matches = MATCHES.frame([matched("P", "A", 1), matched("P", "B", 1, entity="E2")])
    truth = pd.DataFrame({"entity": ["E1", "E2"], "receipt_id": ["P", "P"], "item_id": ["A", "B"]})
    assert scores(matches, truth)["all"].exact_receipts == 1.0
    assert scores(matches, truth.drop(columns="entity"))["all"].receipts == 1
