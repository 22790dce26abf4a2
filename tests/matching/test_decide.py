"""The joint decision: what is applied, suggested, left, and that money and rows come out as they went in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.matching.calibration import UNPROVEN, Measured, auto_rules, measure
from arlib.matching.decide import decide
from arlib.matching.frames import ALTERNATIVES, MATCH_ITEMS, MATCH_RECEIPTS, MATCHES, RULES, UNMATCHED
from arlib.matching.memory import Memory
from arlib.matching.pool import pool_of
from arlib.matching.proposal import Hit, Other, Proposal
from arlib.matching.residuals import Part
from arlib.matching.special import Special
from arlib.policy.matching import MatchingPolicy

POLICY = MatchingPolicy()
SETTLES = ["applied_amount", "discount", "fee", "fx", "tolerance"]
PROVEN = [Measured("sure", 5000, 5000, "set A", True), Measured("surer", 9000, 9000, "set A", True)]
STANDINGS = auto_rules([], PROVEN, policy=POLICY, declared=["sure", "surer", "weak", "weaker"])


@dataclass
class Run:
    """A pool in the making; items and receipts are named here, and numbered when it is made."""

    items: list[dict]
    receipts: list[dict]

    def pool(self):
        return pool_of(MATCH_ITEMS.frame(self.items), MATCH_RECEIPTS.frame(self.receipts))


def item(name: str, opened: int, **more) -> dict:
    fixed = {"entity": "E1", "item_id": name, "customer_id": "C1", "item_type": "invoice", "currency": "USD"}
    return fixed | {"open_amount": opened, "amount": opened, "due_date": "2026-03-01"} | more


def receipt(name: str, amount: int, **more) -> dict:
    fixed = {"entity": "E1", "receipt_id": name, "customer_id": "", "currency": "USD"}
    return fixed | {"amount": amount, "value_date": "2026-03-05"} | more


def numbered(pool):
    items = {name: row for row, name in enumerate(pool.items.frame["item_id"])}
    receipts = {name: row for row, name in enumerate(pool.receipts.frame["receipt_id"])}
    return items, receipts


def way(receipt_id: str, pays: dict[str, int], rule: str = "sure", **more) -> tuple:
    return receipt_id, pays, rule, more


def made(run: Run, *ways, specials=(), rules=None, memory=None, payers=None, pool=None):
    pool = pool or run.pool()
    items, receipts = numbered(pool)
    proposals, parts = [], []
    for receipt_id, pays, rule, more in ways:
        more = dict(more)
        changes = more.pop("parts", {})
        hits = tuple(Hit(items[name], name, "document_no", how) for name, how in more.pop("hits", {}).items())
        others = tuple(
            Other(tuple(sorted(items[n] for n in names)), tuple(amounts), rule, because)
            for names, amounts, because in more.pop("others", ())
        )
        rows = sorted((items[name], amount) for name, amount in pays.items())
        proposals.append(
            Proposal(
                receipts[receipt_id],
                tuple(r for r, _ in rows),
                tuple(a for _, a in rows),
                rule,
                hits=hits,
                others=others,
                **more,
            )
        )
        own = {row: Part(row, amount, amount) for row, amount in rows}
        for name, fields in changes.items():
            own[items[name]] = replace(own[items[name]], **fields)
        parts.append(tuple(own.values()))
    special = [Special(receipts[name], *rest) for name, *rest in specials]
    paid_by = {receipts[name]: account for name, account in (payers or {}).items()}
    return decide(
        pool, proposals, parts, special,
        rules=STANDINGS if rules is None else rules, policy=POLICY, memory=memory, payers=paid_by,
    )  # fmt: skip


def decisions(result) -> dict[str, str]:
    frame = result.matches
    return dict(zip(frame["receipt_id"], frame["decision"], strict=True))


def held(result, receipt_id: str) -> str:
    return result.matches.set_index("receipt_id")["held_because"].groupby(level=0).first()[receipt_id]


def lost(result) -> list[list]:
    return result.alternatives[["receipt_id", "rank", "item_id", "lost_because"]].to_numpy().tolist()


def unmatched(result) -> list[list]:
    return result.unmatched[["receipt_id", "unapplied_amount", "status", "reason"]].to_numpy().tolist()


ONE = Run([item("A", 100), item("B", 100)], [receipt("P", 100)])


def test_one_receipt_pays_one_item():
    result = made(ONE, way("P", {"A": 100}, sentence="P names A", hits={"A": "exact"}, payer_how="name"))
    row = result.matches.iloc[0].to_dict()
    assert row == row | {
        "entity": "E1", "receipt_id": "P", "item_id": "A", "customer_id": "C1", "currency": "USD",
        "applied_amount": 100, "receipt_currency": "USD", "receipt_amount": 100, "open_before": 100, "open_after": 0,
        "reason": "full", "decision": "auto", "rule": "sure", "evidence": "P names A", "held_because": "",
        "reference": "A", "reference_field": "document_no", "reference_how": "exact", "payer_how": "name",
        "amount_difference": 0, "days_late": 4, "explanations": 1,
    }  # fmt: skip
    assert result.unmatched.empty
    assert result.alternatives.empty
    for frame, table in (
        (result.matches, MATCHES), (result.alternatives, ALTERNATIVES), (result.unmatched, UNMATCHED), (result.rules, RULES)
    ):  # fmt: skip
        assert frame.dtypes.astype(str).to_dict() == table.empty().dtypes.astype(str).to_dict()
    assert [one.holds for one in result.identities] == [True] * len(result.identities)


@pytest.mark.parametrize(
    ("rule", "more", "why"),
    [
        ("weak", {}, f"{UNPROVEN}: “weak” was never measured"),
        ("unheard of", {}, f"{UNPROVEN}: “unheard of” was never measured"),
        ("sure", {"explanations": 2}, "more than one way explains the receipt"),
        ("sure", {"explanations": 0}, "whether another way explains the receipt was not counted"),
        ("sure", {"held_because": "the payer is bankrupt"}, "the payer is bankrupt"),
        (
            "weak",
            {"held_because": "the payer is bankrupt"},
            f"the payer is bankrupt; {UNPROVEN}: “weak” was never measured",
        ),
    ],
)
def test_it_is_automatic_only_where_nothing_forbids_it(rule, more, why):
    result = made(ONE, way("P", {"A": 100}, rule, **more))
    assert decisions(result) == {"P": "suggest"}
    assert held(result, "P") == why


def test_an_item_of_another_entity_is_for_a_person():
    run = Run([item("A", 100, entity="E2")], [receipt("P", 100)])
    assert held(made(run, way("P", {"A": 100})), "P") == "an item belongs to another entity"


def test_of_two_claims_on_an_item_the_surer_rule_gets_it():
    run = Run([item("A", 100)], [receipt("P", 100), receipt("Q", 100)])
    for ways in permutations(
        [way("P", {"A": 100}, "sure", strength=9.0), way("Q", {"A": 100}, "surer", strength=1.0)]
    ):
        result = made(run, *ways)
        assert decisions(result) == {"Q": "auto"}
        assert lost(result) == [["P", 1, "A", "A is taken by receipt Q"]]
        assert unmatched(result) == [["P", 100, "unidentified", "taken"]]


def test_what_may_be_applied_goes_before_what_is_only_suggested():
    run = Run([item("A", 100)], [receipt("P", 100), receipt("Q", 100)])
    result = made(run, way("P", {"A": 100}, "surer", explanations=2), way("Q", {"A": 100}, "sure"))
    assert decisions(result) == {"Q": "auto"}


def test_without_figures_the_rule_declared_first_goes_first():
    run = Run([item("A", 100)], [receipt("P", 100), receipt("Q", 100)])
    rules = auto_rules([], [], policy=POLICY, declared=["zuerst", "alone"])
    result = made(run, way("P", {"A": 100}, "alone"), way("Q", {"A": 100}, "zuerst"), rules=rules)
    assert decisions(result) == {"Q": "suggest"}


def test_within_a_rule_the_stronger_evidence_gets_it_and_equal_evidence_is_for_a_person():
    run = Run([item("A", 100)], [receipt("P", 100), receipt("Q", 100)])
    result = made(run, way("P", {"A": 100}, strength=1.0), way("Q", {"A": 100}, strength=2.0))
    assert decisions(result) == {"Q": "auto"}
    result = made(run, way("P", {"A": 100}, strength=2.0), way("Q", {"A": 100}, strength=2.0))
    assert decisions(result) == {"P": "suggest"}
    assert held(result, "P") == "receipt Q claims A on equal evidence"
    # a claim that is held anyway contests nothing
    result = made(run, way("P", {"A": 100}), way("Q", {"A": 100}, explanations=2))
    assert decisions(result) == {"P": "auto"}


def test_of_two_payments_that_name_an_item_the_earlier_settles_it():
    run = Run([item("A", 100)], [receipt("P", 100, value_date="2026-03-06"), receipt("Q", 100)])
    named = {"hits": {"A": "exact"}}
    result = made(run, way("P", {"A": 100}, **named), way("Q", {"A": 100}, **named))
    assert decisions(result) == {"Q": "auto"}
    result = made(run, way("P", {"A": 100}), way("Q", {"A": 100}, hits={"A": "truncated"}))
    assert decisions(result) == {"Q": "suggest"}
    same_day = Run(run.items, [receipt("P", 100), receipt("Q", 100)])
    assert decisions(made(same_day, way("P", {"A": 100}, **named), way("Q", {"A": 100}, **named))) == {
        "P": "suggest"
    }


def test_two_ways_for_one_receipt():
    result = made(ONE, way("P", {"A": 100}, "sure"), way("P", {"B": 100}, "surer"))
    assert result.matches["item_id"].tolist() == ["B"]
    assert decisions(result) == {"P": "auto"}
    assert lost(result) == [["P", 2, "A", "the receipt is explained by “surer”, which goes first"]]
    result = made(ONE, way("P", {"A": 100}), way("P", {"B": 100}))
    assert held(result, "P") == "“sure” explains the receipt in another way on equal evidence"
    result = made(ONE, way("P", {"A": 100}, "sure"), way("P", {"A": 100}, "surer"))  # the same by two rules
    assert decisions(result) == {"P": "auto"}
    assert result.alternatives.empty
    twice = made(ONE, way("P", {"A": 100}, sentence="by number"), way("P", {"A": 100}, sentence="by order"))
    assert decisions(twice) == {"P": "auto"}


def test_two_part_payments_share_an_item():
    run = Run([item("A", 100)], [receipt("P", 60), receipt("Q", 30)])
    result = made(run, way("P", {"A": 60}), way("Q", {"A": 30}))
    assert result.matches["open_before"].tolist() == [100, 100]
    assert result.matches["open_after"].tolist() == [10, 10]
    assert decisions(result) == {"P": "auto", "Q": "auto"}
    assert result.matches["amount_difference"].tolist() == [-40, -70]
    third = Run(run.items, [*run.receipts, receipt("R", 20)])
    result = made(third, way("P", {"A": 60}), way("Q", {"A": 30}), way("R", {"A": 20}, "weak"))
    assert lost(result) == [["R", 1, "A", "A is taken by receipt Q, P"]]


@pytest.mark.parametrize(
    ("opened", "amount", "pays", "because"),
    [
        (100, 200, 120, "more than A is open for"),
        (-100, 200, 50, "more than A is open for"),  # a credit cannot be paid
        (100, 80, 100, "it would use USD 1.00 of USD 0.80"),
        (0, 10, 10, "more than A is open for"),
    ],
)
def test_a_proposal_that_takes_too_much_is_no_proposal(opened, amount, pays, because):
    result = made(Run([item("A", opened)], [receipt("P", amount)]), way("P", {"A": pays}))
    assert result.matches.empty
    assert lost(result) == [["P", 1, "A", because]]
    assert unmatched(result) == [["P", amount, "unidentified", "excessive"]]


def test_credits_are_taken_up_and_what_is_over_stays_unapplied():
    run = Run([item("A", 100), item("K", -20), item("B", 50)], [receipt("P", 95)])
    result = made(run, way("P", {"A": 100, "K": -20}))
    assert result.matches[["item_id", "applied_amount", "open_after"]].to_numpy().tolist() == [
        ["A", 100, 0],
        ["K", -20, 0],
    ]
    assert result.matches["amount_difference"].tolist() == [15, 15]
    assert unmatched(result) == [["P", 15, "unapplied", "remainder"]]
    assert result.unmatched["evidence"].tolist() == ["0.15 of USD 0.95 is left after the items that it pays"]
    assert result.unmatched["customer_id"].tolist() == ["C1"]


def test_differences_settle_and_a_deduction_stays_open():
    run = Run([item("A", 1000), item("B", 1000)], [receipt("P", 1865)])
    fields = {
        "A": {
            "applied": 970,
            "receipt_used": 970,
            "discount": 20,
            "fee": 7,
            "tolerance": 3,
            "reason": "earned_discount",
        },
        "B": {"applied": 895, "receipt_used": 895, "deduction": 105, "reason": "claim"},
    }
    result = made(run, way("P", {"A": 1000, "B": 895}, parts=fields))
    shown = result.matches[["item_id", *SETTLES, "deduction", "open_after", "reason"]].to_numpy().tolist()
    assert shown == [
        ["A", 970, 20, 7, 0, 3, 0, 0, "earned_discount"],
        ["B", 895, 0, 0, 0, 0, 105, 105, "claim"],
    ]
    assert result.unmatched.empty


def test_a_receipt_in_another_currency():
    run = Run([item("A", 1000)], [receipt("P", 900, currency="EUR")])
    result = made(run, way("P", {"A": 1000}, parts={"A": {"applied": 990, "receipt_used": 900, "fx": 10}}))
    row = result.matches.iloc[0]
    assert (row["currency"], row["receipt_currency"], row["receipt_amount"], row["fx"]) == (
        "USD",
        "EUR",
        900,
        10,
    )
    assert pd.isna(row["amount_difference"])
    assert {(one.name, one.currency) for one in result.identities} >= {
        ("cash placed", "EUR"),
        ("open items", "USD"),
    }


def test_a_rejected_proposal_does_not_come_back_and_its_second_is_for_a_person():
    memory = Memory(rejected_pairs=frozenset({("E1", "P", "A")}))
    result = made(ONE, way("P", {"A": 100}), memory=memory)
    assert unmatched(result) == [["P", 100, "unidentified", "rejected"]]
    assert lost(result) == [["P", 1, "A", "a person turned down A for this receipt"]]
    result = made(ONE, way("P", {"A": 100}, "surer"), way("P", {"B": 100}), memory=memory)
    assert result.matches["item_id"].tolist() == ["B"]
    assert held(result, "P") == "another proposal for this receipt was turned down"
    assert decisions(
        made(ONE, way("P", {"A": 100}), memory=Memory(rejected_pairs=frozenset({("E2", "P", "A")})))
    ) == {"P": "auto"}


@pytest.mark.parametrize("status", ["returned", "held", "duplicate", "prepayment", "on_account"])
def test_special_receipts_get_no_item(status):
    result = made(ONE, way("P", {"A": 100}), specials=[("P", status, "word", "because of this")])
    assert result.matches.empty
    assert unmatched(result) == [["P", 100, status, "word"]]
    assert result.unmatched["evidence"].tolist() == ["because of this"]
    assert lost(result) == [["P", 1, "A", "because of this"]]


def test_an_unknown_status_is_refused():
    with pytest.raises(ParameterError, match="status of a special receipt"):
        made(ONE, specials=[("P", "lost", "word", "sentence")])


def test_whose_money_is_left():
    accounts = {"E1": ("E1", "C1")}
    items = [item("A", 100), item("B", 100, customer_id="C2")]
    names = [("P", {"customer_id": "C1"}), ("Q", {}), ("R", {}), ("S", {})]
    run = Run(items, [receipt(name, 7, **more) for name, more in names])
    carrier = way(
        "R",
        {},
        "weak",
        explanations=2,
        sentence="A and B each explain it",
        others=[(["A"], [7], "B does too")],
    )
    named = way("S", {"B": 200}, "weak", payer_how="name")
    result = made(run, carrier, named, payers={"Q": accounts["E1"]})
    assert result.unmatched[
        ["receipt_id", "customer_id", "status", "reason", "evidence"]
    ].to_numpy().tolist() == [
        ["P", "C1", "unapplied", "no_candidate", "no open item explains it"],
        ["Q", "C1", "unapplied", "no_candidate", "no open item explains it"],
        ["R", "", "unidentified", "ambiguous", "A and B each explain it"],
        ["S", "C2", "unapplied", "excessive", "it would use USD 2.00 of USD 0.07"],
    ]
    assert lost(result)[0] == ["R", 1, "A", "B does too"]


def test_a_receipt_of_nothing_is_still_a_row():
    assert unmatched(made(Run([], [receipt("P", 0)]))) == [["P", 0, "unidentified", "no_candidate"]]


def test_nothing_in_nothing_out():
    result = made(Run([], []), pool=pool_of(MATCH_ITEMS.empty(), MATCH_RECEIPTS.empty()))
    assert result.matches.empty
    assert result.unmatched.empty
    assert result.rules["rule"].tolist() == ["sure", "surer", "weak", "weaker"]


def test_runners_up_are_ranked_and_at_most_three():
    run = Run([item(name, 100) for name in "ABCDEF"], [receipt("P", 100)])
    others = [([name], [100], f"{name} is worse") for name in "BCDE"]
    result = made(
        run, way("P", {"A": 100}, others=others), way("P", {"F": 100}, "weak"), way("P", {"A": 100}, "weaker")
    )
    assert [[rank, name] for _, rank, name, _ in lost(result)] == [[2, "F"], [3, "B"], [4, "C"]]


def test_the_rules_show_their_figures_and_what_they_decided():
    shipped = [Measured("sure", 900, 900, "set A", True), Measured("sure", 800, 800, "set B", True)]
    rules = auto_rules(
        [Measured("sure", 40, 40, "history", False)], shipped, policy=POLICY, declared=["sure"]
    )
    run = Run([item("A", 100), item("B", 100)], [receipt("P", 100), receipt("Q", 100)])
    result = made(run, way("P", {"A": 100}), way("Q", {"B": 100}, "odd"), rules=rules)
    rows = result.rules.drop(columns="bound").astype(object)
    assert rows.where(rows.notna(), None).to_numpy().tolist() == [
        ["odd", None, None, "", None, False, 1],
        ["sure", 40, 40, "history", False, True, 1],
        ["sure", 900, 900, "set A", True, True, 1],
        ["sure", 1700, 1700, "set A + set B", True, True, 1],
        ["sure", 800, 800, "set B", True, True, 1],
    ]
    assert result.rules["bound"].fillna("?").tolist() == ["?", "0.927842", "0.996676", "0.998239", "0.996262"]


def test_a_run_without_figures_is_measured_as_one_with_them_would_decide():
    run = Run(
        [item("A", 100), item("B", 50), item("C", 70)],
        [receipt("P", 100), receipt("Q", 50), receipt("R", 70)],
    )
    ways = [way("P", {"A": 100}), way("Q", {"B": 50}), way("R", {"C": 70}, explanations=2)]
    before = made(run, *ways, rules=auto_rules([], [], policy=POLICY, declared=["sure"]))
    assert set(decisions(before).values()) == {"suggest"}
    truth = pd.DataFrame({"entity": "E1", "receipt_id": ["P", "Q", "R"], "item_id": ["A", "C", "C"]})
    assert measure(before.matches, truth) == measure(made(run, *ways).matches, truth)
    assert measure(before.matches, truth) == (Measured("sure", 1, 2, "history", False),)


def test_hostile_texts_stay_as_they_are():
    nasty = '=HYPERLINK("x")\n<script>\u202e' + "9" * 10_000
    run = Run([item("A", 100)], [receipt("P", 100, payer_name=nasty)])
    result = made(run, way("P", {"A": 100}, sentence=nasty, hits={"A": "exact"}, held_because=nasty))
    assert result.matches["evidence"].tolist() == [nasty]
    assert decisions(result) == {"P": "suggest"}


@pytest.mark.parametrize("names", [["A"], ["A", "A", "B"], ["A", "C"]])
def test_parts_that_are_not_those_of_the_proposal_are_refused(names):
    run = Run([item(name, 100) for name in "ABC"], [receipt("P", 100)])
    pool = run.pool()
    items, _ = numbered(pool)
    proposal = Proposal(0, (items["A"], items["B"]), (50, 50), "sure")
    with pytest.raises(ParameterError, match="parts of a proposal"):
        decide(pool, [proposal], [[Part(items[n], 1, 1) for n in names]], [], rules=STANDINGS, policy=POLICY)
    with pytest.raises(ParameterError, match="0 for 1 proposals"):
        decide(pool, [proposal], [], [], rules=STANDINGS, policy=POLICY)


@st.composite
def runs(draw):
    """Items, receipts and any proposals, most of which cannot all stand."""
    amounts = st.integers(-40, 120)
    days = st.sampled_from(["2026-03-05", "2026-03-06"])
    money = st.sampled_from(["USD", "EUR"])
    items = [
        item(
            f"I{n}", draw(amounts), currency=draw(money), customer_id=draw(st.sampled_from(["C1", "C2", ""]))
        )
        for n in range(draw(st.integers(0, 5)))
    ]
    receipts = [
        receipt(f"R{n}", draw(amounts), currency=draw(money), value_date=draw(days))
        for n in range(draw(st.integers(1, 5)))
    ]
    ways = []
    for _ in range(draw(st.integers(0, 8))):
        names = (
            draw(st.lists(st.sampled_from([i["item_id"] for i in items]), unique=True, max_size=3))
            if items
            else []
        )
        opened = {i["item_id"]: i["open_amount"] for i in items}
        pays = {name: draw(st.one_of(st.just(opened[name]), amounts)) for name in names}
        ways.append(
            way(
                draw(st.sampled_from(receipts))["receipt_id"],
                pays,
                draw(st.sampled_from(["sure", "surer", "weak", "none"])),
                strength=float(draw(st.integers(0, 1))),
                explanations=draw(st.integers(0, 2)),
                parts={
                    name: {
                        "discount": amount // 3,
                        "applied": amount - amount // 3,
                        "receipt_used": amount - amount // 3,
                    }
                    for name, amount in pays.items()
                    if draw(st.booleans())
                },
            )
        )
    specials = [(one["receipt_id"], "held", "w", "s") for one in receipts if draw(st.integers(0, 5)) == 0]
    return Run(items, receipts), ways, specials


@settings(max_examples=50)
@given(runs())
def test_money_and_rows_come_out_as_they_went_in(given_):
    run, ways, specials = given_
    result = made(run, *ways, specials=specials)
    matches, left = result.matches, result.unmatched
    for frame, table in (
        (matches, MATCHES),
        (left, UNMATCHED),
        (result.alternatives, ALTERNATIVES),
        (result.rules, RULES),
    ):
        assert not frame.duplicated(list(table.key)).any()
        assert frame[list(table.key)].to_numpy().tolist() == sorted(
            frame[list(table.key)].to_numpy().tolist()
        )
    for one in run.receipts:
        used = int(matches.loc[matches["receipt_id"] == one["receipt_id"], "receipt_amount"].sum())
        rest = left.loc[left["receipt_id"] == one["receipt_id"], "unapplied_amount"]
        assert used + int(rest.sum()) == one["amount"]
        assert used or len(rest) or (matches["receipt_id"] == one["receipt_id"]).any()
    for one in run.items:
        mine = matches[matches["item_id"] == one["item_id"]]
        after = one["open_amount"] - int(mine[SETTLES].sum().sum())
        assert min(0, one["open_amount"]) <= after <= max(0, one["open_amount"])
        assert mine["open_after"].tolist() == [after] * len(mine)
        assert mine["open_before"].tolist() == [one["open_amount"]] * len(mine)
    assert not {name for name, *_ in specials} & set(matches["receipt_id"])
    auto = matches[matches["decision"] == "auto"]
    assert auto["held_because"].eq("").all()
    assert auto["explanations"].eq(1).all()
    assert auto["rule"].isin(["sure", "surer"]).all()
    assert all(one.holds for one in result.identities)


@settings(max_examples=50)
@given(runs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_proposals_changes_nothing(given_, random):
    run, ways, specials = given_
    first = made(run, *ways, specials=specials)
    mixed = Run(random.sample(run.items, len(run.items)), random.sample(run.receipts, len(run.receipts)))
    second = made(mixed, *random.sample(ways, len(ways)), specials=random.sample(specials, len(specials)))
    for name in ("matches", "alternatives", "unmatched", "rules"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert first.identities == second.identities


@settings(max_examples=50)
@given(runs())
def test_a_customer_that_nothing_concerns_changes_nothing(given_):
    run, ways, specials = given_
    more = Run(
        [*run.items, item("X", 77, customer_id="CX", due_date="2026-01-01", currency="GBP")],
        [*run.receipts, receipt("X", 55, currency="GBP", value_date="2026-01-01")],
    )
    first, second = made(run, *ways, specials=specials), made(more, *ways, specials=specials)
    pd.testing.assert_frame_equal(first.matches, second.matches)
    pd.testing.assert_frame_equal(first.alternatives, second.alternatives)
    others = second.unmatched[second.unmatched["receipt_id"] != "X"].reset_index(drop=True)
    pd.testing.assert_frame_equal(first.unmatched, others)
