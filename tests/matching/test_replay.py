"""Daily replay: nobody sees tomorrow, and what was decided stays."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.matching.frames import ALTERNATIVES, MATCH_ITEMS, MATCH_RECEIPTS, MATCHES, RULES, UNMATCHED
from arlib.matching.inputs import MatchInputs
from arlib.matching.replay import replay
from arlib.matching.result import MatchResult
from arlib.policy import MatchingPolicy


def inputs_of(items, receipts):
    debts = [
        {"entity": "E1", "item_id": f"I{n}", "item_type": "invoice", "document_date": day, "currency": "USD", "open_amount": amount,
         "amount": amount}
        for n, (day, amount) in enumerate(items)
    ]  # fmt: skip
    cash = [
        {"entity": "E1", "receipt_id": f"R{n}", "value_date": day, "currency": "USD", "amount": amount}
        for n, (day, amount) in enumerate(receipts)
    ]
    return MatchInputs(items=MATCH_ITEMS.frame(debts), receipts=MATCH_RECEIPTS.frame(cash))


class Greedy:
    """Sets a receipt against the first open item of at least its amount, and keeps what it was shown."""

    def __init__(self, status="unidentified"):
        self.seen = []
        self.status = status

    def __call__(self, inputs, *, policy, as_of_day):
        self.seen.append(inputs)
        assert pd.Timestamp(as_of_day, unit="D") == inputs.receipts["value_date"].max()
        left = dict(zip(inputs.items["item_id"], inputs.items["open_amount"].tolist(), strict=True))
        matches, unmatched = [], []
        for row in inputs.receipts.sort_values("receipt_id").to_dict("records"):
            amount = int(row["amount"])
            item = next((one for one in sorted(left) if left[one] >= amount), None)
            common = {"entity": "E1", "receipt_id": row["receipt_id"], "currency": "USD"}
            if item is None:
                unmatched.append({**common, "value_date": row["value_date"], "amount": amount, "unapplied_amount": amount,
                                  "status": self.status, "reason": "none", "evidence": f"run {len(self.seen)}"})  # fmt: skip
                continue
            matches.append({**common, "item_id": item, "applied_amount": amount, "receipt_currency": "USD",
                            "receipt_amount": amount, "open_before": left[item], "open_after": left[item] - amount,
                            "reason": "full", "decision": "suggest", "rule": "greedy", "evidence": ""})  # fmt: skip
            left[item] -= amount
        rules = [{"rule": "greedy", "right": 1, "tried": 1, "data_set": "x", "is_transferred": True, "is_auto": False,
                  "receipts": len(matches)}]  # fmt: skip
        return MatchResult(
            inputs.items, inputs.receipts, MATCHES.frame(matches), ALTERNATIVES.empty(), UNMATCHED.frame(unmatched),
            RULES.frame(rules), (),
        )  # fmt: skip


def test_an_item_is_seen_from_its_day_on_and_a_receipt_waits_for_it_as_long_as_the_policy_says():
    inputs = inputs_of([("2026-10-05", 100)], [("2026-10-03", 100), ("2026-10-06", 30)])
    patient = replay(inputs, match=Greedy(), policy=MatchingPolicy(days_before_document=3))
    hasty = replay(inputs, match=Greedy(), policy=MatchingPolicy(days_before_document=2))
    assert patient.matches[["receipt_id", "item_id"]].to_numpy().tolist() == [["R0", "I0"]]
    assert patient.unmatched["receipt_id"].tolist() == ["R1"]
    assert hasty.matches["receipt_id"].tolist() == ["R1"]
    assert hasty.unmatched[["receipt_id", "evidence"]].to_numpy().tolist() == [["R0", "run 1"]]


def test_what_was_decided_stays_and_the_item_has_fallen_for_later_days():
    inputs = inputs_of([("2026-10-01", 100)], [("2026-10-02", 60), ("2026-10-03", 60), ("2026-10-04", 40)])
    seen = Greedy()
    result = replay(inputs, match=seen, policy=MatchingPolicy())
    assert [int(run.items["open_amount"].sum()) for run in seen.seen] == [100, 40, 40]
    assert result.matches["receipt_id"].tolist() == ["R0", "R2"]
    assert result.matches["open_before"].tolist() == [100, 100]
    assert result.matches["open_after"].tolist() == [0, 0]
    assert result.rules["receipts"].tolist() == [2]


def test_money_that_is_set_aside_for_a_reason_does_not_come_back():
    inputs = inputs_of([("2026-10-05", 100)], [("2026-10-04", 100), ("2026-10-05", 10)])
    seen = Greedy(status="held")
    result = replay(inputs, match=seen, policy=MatchingPolicy())
    assert seen.seen[1].receipts["receipt_id"].tolist() == ["R1"]
    assert result.unmatched["receipt_id"].tolist() == ["R0"]


def test_nothing_to_do_is_a_result_too():
    result = replay(inputs_of([], []), match=Greedy(), policy=MatchingPolicy())
    assert not len(result.matches)
    assert all(identity.holds for identity in result.identities)


DAYS = st.integers(1, 4).map(lambda day: f"2026-10-{day:02}")
ROWS = st.lists(st.tuples(DAYS, st.integers(1, 90)), max_size=6)


@settings(max_examples=15)
@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_money_is_whole_no_day_sees_tomorrow_and_order_says_nothing(items, receipts, random):
    inputs, seen = inputs_of(items, receipts), Greedy()
    result = replay(inputs, match=seen, policy=MatchingPolicy())
    for identity in result.identities:
        identity.require()
    for run in seen.seen:
        today = run.receipts["value_date"].max()
        assert not (run.items["document_date"] > today).any()
    first = [set(run.receipts["value_date"]) for run in seen.seen]
    assert [max(days) for days in first] == sorted({day for days in first for day in days})
    assert set(result.matches["receipt_id"]) | set(result.unmatched["receipt_id"]) == set(
        inputs.receipts["receipt_id"]
    )
    assert not set(result.matches["receipt_id"]) & set(result.unmatched["receipt_id"])
    shuffled = MatchInputs(
        items=inputs.items.sample(frac=1, random_state=random.randrange(99)),
        receipts=inputs.receipts.sample(frac=1, random_state=random.randrange(99)),
    )
    again = replay(shuffled, match=Greedy(), policy=MatchingPolicy())
    pd.testing.assert_frame_equal(
        again.unmatched.drop(columns="evidence"), result.unmatched.drop(columns="evidence")
    )


def test_an_overdrawn_item_breaks_an_identity():
    """A matcher that takes more than is open is caught."""

    def greedy_twice(inputs, *, policy, as_of_day):
        made = Greedy()(inputs, policy=policy, as_of_day=as_of_day)
        return MatchResult(made.pool_items, made.pool_receipts, made.matches.assign(discount=1_00), made.alternatives,
                           made.unmatched, made.rules, ())  # fmt: skip

    result = replay(
        inputs_of([("2026-10-01", 60)], [("2026-10-02", 60)]), match=greedy_twice, policy=MatchingPolicy()
    )
    assert [identity.name for identity in result.identities if not identity.holds] == [
        "items applied beyond what is open"
    ]


def test_an_item_without_a_date_is_always_there():
    result = replay(inputs_of([(None, 60)], [("2026-10-02", 60)]), match=Greedy(), policy=MatchingPolicy())
    assert result.matches["item_id"].tolist() == ["I0"]
