"""What a run gives back beside matches, and what it measures on the confirmed past."""

from __future__ import annotations

import pandas as pd

from arlib.matching import history
from arlib.matching.calibration import Measured
from arlib.matching.engine import RULES_MEANT, match, own_history
from arlib.matching.frames import MATCH_ADVICES, MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.matching.replay import replay
from arlib.policy.matching import AutoCashRule, MatchingPolicy, Rest
from arlib.tables import CANONICAL

TRUSTED = tuple(Measured(rule, 5_000, 5_000, "trusted", True) for rule in RULES_MEANT)
POLICY = MatchingPolicy()
NUMBERS = {"A": "INV-400017", "B": "INV-400936", "D": "INV-401855"}


def item(name, amount, customer="C1", **more):
    fixed = {"entity": "E1", "item_id": name, "customer_id": customer, "item_type": "invoice", "currency": "USD",
             "document_no": NUMBERS.get(name, f"INV-{name}"), "document_date": "2026-03-02", "due_date": "2026-04-01"}  # fmt: skip
    return fixed | {"open_amount": amount, "amount": amount} | more


def receipt(name, amount, day="2026-04-03", **more):
    fixed = {"entity": "E1", "receipt_id": name, "currency": "USD", "value_date": day}
    return fixed | {"amount": amount} | more


def links(*pairs):
    rows = [
        {"entity": "E1", "receipt_id": r, "item_id": i, "currency": "USD", "applied_amount": a}
        for r, i, a in pairs
    ]
    return pd.DataFrame(rows)


def inputs_of(items, receipts, customers=(), **more):
    people = CANONICAL["customers"]
    return MatchInputs(
        items=MATCH_ITEMS.frame(items) if items else MATCH_ITEMS.empty(),
        receipts=MATCH_RECEIPTS.frame(receipts) if receipts else MATCH_RECEIPTS.empty(),
        customers=people.frame(list(customers)) if customers else people.empty(),
        **more,
    )


def placed(inputs, policy=POLICY):
    return match(inputs, policy=policy, history=(), shipped=TRUSTED)


def statuses(result):
    return {
        r: (s, why) for r, s, why in result.unmatched[["receipt_id", "status", "reason"]].to_numpy().tolist()
    }


def test_a_returned_payment_puts_back_what_the_ledger_had_applied():
    inputs = inputs_of(
        [], [receipt("R9", -10_25, "2026-05-04", customer_id="C1", return_of="R1", return_code="R01")],
        confirmed=links(("R1", "A", 10_00)), confirmed_items=MATCH_ITEMS.frame([item("A", 10_00)]),
        confirmed_receipts=MATCH_RECEIPTS.frame([receipt("R1", 10_00, customer_id="C1")]),
    )  # fmt: skip
    made = placed(inputs).reversals
    assert made[["kind", "item_id", "amount"]].to_numpy().tolist() == [
        ["application", "A", 10_00],
        ["fee", "", 25],
    ]
    assert made["due_date"].iloc[0] == pd.Timestamp("2026-04-01")
    again = replay(inputs, match=lambda given, *, policy, as_of_day: placed(given, policy), policy=POLICY)
    pd.testing.assert_frame_equal(again.reversals, made)


def test_rests_and_items_passed_over_stand_beside_the_matches():
    items = [item("A", 10_00), item("B", 30_00, due_date="2026-04-20")]
    cash = [receipt("R1", 20_00, customer_id="C1", remittance_text=NUMBERS["B"]),
            receipt("R2", 5_00, "2026-04-09", customer_id="C1", remittance_text=NUMBERS["B"])]  # fmt: skip
    policy = MatchingPolicy(rest=Rest.RESIDUAL)
    once = placed(inputs_of(items, cash), policy)
    daily = replay(
        inputs_of(items, cash), match=lambda given, *, policy, as_of_day: placed(given, policy), policy=policy
    )
    for result in (once, daily):
        assert result.residuals[["item_id", "receipt_id", "amount"]].to_numpy().tolist() == [
            ["B", "R2", 5_00]
        ]
        assert result.skipped[["item_id", "receipt_id", "receipts"]].to_numpy().tolist() == [["A", "R1", 2]]
    assert placed(inputs_of(items, cash)).residuals.empty


def test_a_contra_is_shown_as_a_proposal():
    items = [item("A", 100_00)]
    cash = [
        receipt("R1", 60_00, customer_id="C1", remittance_text="INV-400017 less contra against your supplies")
    ]
    made = placed(inputs_of(items, cash))
    assert made.contras[["item_id", "amount", "has_agreement"]].to_numpy().tolist() == [["A", 40_00, False]]
    assert made.matches["decision"].eq("suggest").all()


BANKRUPT = {"entity": "E1", "customer_id": "C1", "name": "Alder Ltd", "status": "bankrupt"}


def test_money_before_the_petition_is_not_held():
    items = [item("A", 10_00), item("B", 20_00)]
    cash = [
        receipt("R1", 10_00, "2026-04-03", customer_id="C1"),
        receipt("R2", 20_00, "2026-04-05", customer_id="C1"),
    ]
    day = int((pd.Timestamp("2026-04-05") - pd.Timestamp("1970-01-01")).days)
    for key in (("E1", "C1"), ("", "C1")):
        found = statuses(placed(inputs_of(items, cash, [BANKRUPT], held_from={key: day})))
        assert found == {"R2": ("held", "bankrupt_payer")}
    assert set(statuses(placed(inputs_of(items, cash, [BANKRUPT])))) == {"R1", "R2"}


PEOPLE = [
    {"entity": "E1", "customer_id": "C1", "name": "Alder Ltd"},
    {"entity": "E2", "customer_id": "D1", "name": "Alder Ltd", "payer_account": "GB00ALDER"},
]


def test_money_of_another_entitys_customer_is_held_unless_it_names_an_item_here():
    items = [item("A", 10_00), item("B", 20_00), item("D", 20_00, "D1", entity="E2")]
    from_there = {"payer_name": "Alder Ltd", "payer_account": "GB00ALDER"}
    cash = [
        receipt("R1", 10_00, **from_there),
        receipt("R2", 20_00, remittance_text=NUMBERS["B"], **from_there),
        receipt("R3", 10_00, customer_id="C1", **from_there),
        receipt("R4", 10_00, payer_name="Alder Ltd"),
    ]
    found = statuses(placed(inputs_of(items, cash, PEOPLE)))
    assert found["R1"] == ("held", "other_entity")
    assert "other_entity" not in {why for name, (_, why) in found.items() if name != "R1"}
    here_too = [PEOPLE[0] | {"payer_account": "GB00ALDER"}, PEOPLE[1]]
    assert "other_entity" not in {
        why for _, why in statuses(placed(inputs_of(items, cash, here_too))).values()
    }


def test_ordered_rules_also_place_money_whose_payer_was_resolved():
    people = [{"entity": "E1", "customer_id": "C1", "name": "Alder Ltd", "payer_account": "GB00ALDER"}]
    cash = [
        receipt("R1", 15_00, payer_account="GB00ALDER"),
        receipt("R2", 15_00, "2026-04-04", customer_id="C1"),
    ]
    policy = MatchingPolicy(rules_of={"C1": (AutoCashRule.OLDEST_FIRST,)})
    made = placed(inputs_of([item("A", 40_00)], cash, people), policy).matches
    assert made["rule"].eq("autocash.oldest_first").all()
    assert made["payer_how"].tolist() == ["resolved", "booked"]


def test_money_of_a_customer_that_has_no_items_is_told_by_its_code():
    people = [{"entity": "E1", "customer_id": "C7", "name": "Alder Ltd", "payer_account": "GB00ALDER"}]
    made = placed(inputs_of([item("A", 40_00)], [receipt("R1", 15_00, payer_account="GB00ALDER")], people))
    assert made.unmatched[["customer_id", "status"]].to_numpy().tolist() == [["C7", "unapplied"]]


def past(count, **more):
    items = [item(f"P{n}", 1_000 + n, document_date="2026-01-02") for n in range(count)]
    cash = [receipt(f"Q{n}", 1_000 + n, f"2026-02-{1 + n * 20 // count:02}", customer_id="C1", remittance_text=f"INV-P{n}")
            for n in range(count)]  # fmt: skip
    confirmed = links(*((f"Q{n}", f"P{n}", 1_000 + n) for n in range(count)))
    return {
        "confirmed": confirmed,
        "confirmed_items": MATCH_ITEMS.frame(items),
        "confirmed_receipts": MATCH_RECEIPTS.frame(cash),
    } | more


def test_the_past_is_matched_again_with_its_advices_and_not_where_nothing_is_to_be_placed():
    lines = [{"entity": "E1", "receipt_id": f"Q{n}", "line_no": 1, "reference": f"INV-P{n}", "currency": "USD", "net": 1_000 + n,
              "gross": 1_000 + n} for n in range(50)]  # fmt: skip
    told = inputs_of([item("A", 5)], [receipt("R1", 5)], advices=MATCH_ADVICES.frame(lines), **past(50))
    assert own_history(told, policy=POLICY) == (Measured("stated.advice", 50, 50, "history", False),)
    rules = match(told, policy=POLICY, shipped=()).rules.set_index("rule")
    assert rules.loc["stated.advice", "tried"] == 50
    assert own_history(inputs_of([item("A", 5)], [], **past(50)), policy=POLICY) == ()
    assert own_history(inputs_of([item("A", 5)], [receipt("R1", 5)]), policy=POLICY) == ()


def test_a_long_past_is_cut_at_a_whole_day_and_what_was_paid_before_is_not_offered(monkeypatch):
    monkeypatch.setattr(history, "LATEST", 10)
    known = past(40)
    paid_twice = links(("Q0", "P39", 39))
    known["confirmed"] = pd.concat([known["confirmed"], paid_twice], ignore_index=True)
    still_open = [item("P1", 300), item("A", 5)]
    blind, truth = history.latest_confirmed(inputs_of(still_open, [receipt("R1", 5)], **known))
    assert sorted(blind.receipts["receipt_id"]) == sorted(f"Q{n}" for n in range(30, 40))
    assert sorted(truth["receipt_id"]) == sorted(blind.receipts["receipt_id"])
    opened = dict(zip(blind.items["item_id"], blind.items["open_amount"].tolist(), strict=True))
    assert opened == {"P1": 300} | {f"P{n}": 1_000 + n for n in range(30, 39)} | {"P39": 1_000}
    mixed = {name: frame.sample(frac=1, random_state=3) for name, frame in known.items()}
    other, _ = history.latest_confirmed(inputs_of(still_open, [receipt("R1", 5)], **mixed))
    assert set(other.receipts["receipt_id"]) == set(blind.receipts["receipt_id"])
