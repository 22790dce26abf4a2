"""A choice of items by hand: the difference ties to the minor unit, is explained as policy says, and faults are told, not raised."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.matching.by_hand import Given, around, prepare, what_if
from arlib.matching.engine import match
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.matching.person import DECIDED
from arlib.policy import MatchingPolicy, Scope
from arlib.policy.matching import Limit
from arlib.tables import CANONICAL, Book

POLICY = MatchingPolicy()
EMPTY = Book({})
SCOPE = Scope(entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
RATES = [
    {"date": "2026-10-05", "base": "EUR", "quote": "USD", "rate": "1.1000", "kind": "spot", "source": "ECB"}
]


def item(number, amount, **more):
    kind = "credit_memo" if amount < 0 else "invoice"
    return {"entity": "E1", "item_id": number, "customer_id": "C1", "item_type": kind, "currency": "USD", "document_no": f"INV-{number}",
            "document_date": "2026-09-01", "due_date": "2026-10-01", "open_amount": amount, "amount": amount, **more}  # fmt: skip


def pool(items, cash, *, decided=(), rates=(), others=(), **more):
    receipt = {"entity": "E1", "receipt_id": "r1", "customer_id": "C1", "currency": "USD", "amount": cash, "value_date": "2026-10-05",
               **more}  # fmt: skip
    inputs = MatchInputs(
        items=MATCH_ITEMS.from_rows(items), receipts=MATCH_RECEIPTS.frame([receipt, *others]),
        rates=CANONICAL["fx_rates"].frame(list(rates)) if rates else CANONICAL["fx_rates"].empty(),
        decided=DECIDED.from_rows(decided) if decided else None,
    )  # fmt: skip
    return around(EMPTY, scope=SCOPE, receipt_id="r1", prepared=prepare(EMPTY, scope=SCOPE, inputs=inputs))


def ask(view, chosen, *parts, policy=POLICY, **more):
    return what_if(view, receipt_id="r1", chosen=chosen, policy=policy, given=parts, **more)


def parts_of(made):
    return [tuple(row) for row in made.parts[["item_id", "kind", "amount"]].to_numpy().tolist()]


def ties(made):
    """Parts + rest = difference, every line ends where the item does, and the receipt is used to the minor unit."""
    assert -made.difference == made.parts["amount"].sum() - made.over
    assert made.rest == made.parts.loc[made.parts["kind"].eq("rest"), "amount"].sum()
    assert sum(line.receipt_amount for line in made.lines) + made.unapplied == made.cash


def test_an_exact_choice_has_no_difference_and_a_line_for_each_item():
    made = ask(pool([item("a", 60_00), item("b", 40_00)], 100_00), {"a": None, "b": None})
    assert (made.difference, made.unapplied, made.can_apply) == (0, 0, True)
    assert [(one.item_id, one.applied_amount, one.reason) for one in made.lines] == [
        ("a", 60_00, "full"),
        ("b", 40_00, "full"),
    ]
    assert made.sentences == ("the receipt pays exactly what is chosen",)
    assert (made.open_amounts, made.receipt_open) == ({"a": 60_00, "b": 40_00}, 100_00)
    ties(made)


def test_nothing_chosen_is_no_fault_and_nothing_to_apply():
    made = ask(pool([item("a", 60_00)], 100_00), {})
    assert (made.faults, made.can_apply, made.sentences) == ((), False, ("nothing is chosen",))


def test_an_overpayment_stays_unapplied():
    made = ask(pool([item("a", 60_00)], 100_00), {"a": None})
    assert (made.difference, made.unapplied, made.over) == (40_00, 40_00, 40_00)
    ties(made)


def test_a_difference_is_explained_as_the_engine_does():
    terms = {"discount_rate": "0.02", "discount_date": "2026-10-10"}
    made = ask(pool([item("a", 100_00, **terms)], 98_00), {"a": None})
    assert parts_of(made) == [("a", "discount", 2_00)]
    assert "discount of USD 2.00 on INV-a: earned" in made.sentences
    assert made.lines[0].reason == "earned_discount"
    late = ask(pool([item("a", 100_00, **terms)], 98_00, value_date="2026-10-20"), {"a": None})
    assert parts_of(late) == [("a", "claim", 2_00)]
    freight = ask(pool([item("a", 100_00, freight_amount=7_00)], 93_00), {"a": None})
    assert parts_of(freight) == [("a", "freight", 7_00)]
    small = ask(pool([item("a", 100_00)], 99_50), {"a": None})
    assert parts_of(small) == [("a", "tolerance", 50)]
    for one in (made, late, freight, small):
        ties(one)


def test_the_engine_and_a_hand_that_chooses_the_same_agree():
    items = [
        item("a", 100_00, tax_amount=9_00, document_no="INV-400417"),
        item("b", 50_00, document_no="INV-400519"),
    ]
    view = pool(items, 141_00, remittance_text="INV-400417 INV-400519 less tax")
    own = match(view.inputs, policy=POLICY, history=()).matches.set_index("item_id")
    made = ask(view, {"a": None, "b": None})
    for line in made.lines:
        row = own.loc[line.item_id]
        for name in (
            "applied_amount",
            "receipt_amount",
            "discount",
            "deduction",
            "fee",
            "fx",
            "tolerance",
            "reason",
        ):
            assert getattr(line, name) == row[name], name


def test_cash_set_by_hand_pays_in_part_and_a_credit_is_taken_up():
    view = pool([item("a", 100_00), item("c", -30_00)], 20_00)
    made = ask(view, {"a": 50_00, "c": None})
    assert [(one.item_id, one.applied_amount) for one in made.lines] == [("a", 50_00), ("c", -30_00)]
    assert (made.difference, made.can_apply) == (0, True)
    ties(made)


def test_given_parts_are_the_only_ones_and_the_rest_stays_open():
    made = ask(
        pool([item("a", 100_00)], 80_00),
        {"a": None},
        Given("a", "freight", 5_00),
        Given("a", "claim", 8_00, "damage"),
    )
    assert sorted(parts_of(made)) == [("a", "claim", 8_00), ("a", "freight", 5_00), ("a", "rest", 7_00)]
    line = made.lines[0]
    assert (line.applied_amount, line.deduction, line.claim_code) == (80_00, 13_00, "freight")
    assert made.can_apply
    assert "USD 7.00 of INV-a stays open as a part payment" in made.sentences
    ties(made)


def test_parts_beyond_the_difference_or_beyond_the_item_are_faults():
    more = ask(pool([item("a", 100_00)], 95_00), {"a": None}, Given("a", "discount", 6_00))
    assert "the parts are USD 1.00 more than the difference" in more.faults
    assert not more.lines
    beyond = ask(pool([item("a", 100_00)], 99_00), {"a": 99_00}, Given("a", "charge", 2_00))
    assert "cash and parts of INV-a are USD 101.00, it is open for 100.00" in beyond.faults
    fits = ask(pool([item("a", 100_00)], 99_00), {"a": 99_00}, Given("a", "charge", 1_00))
    assert fits.can_apply
    ties(fits)


def test_a_tolerance_above_the_limit_is_refused_with_the_limit_and_whose_it_is():
    view = pool([item("a", 100_00)], 97_00)
    made = ask(view, {"a": None}, Given("a", "tolerance", 3_00))
    assert made.faults == ("a tolerance of USD 3.00 is above the limit of 1.00 (for anyone)",)
    wide = MatchingPolicy(
        tolerances=(Limit(amount=Decimal(5)), Limit(scope="user", of="bo", amount=Decimal(2)))
    )
    assert ask(view, {"a": None}, Given("a", "tolerance", 3_00), policy=wide, user="anna").can_apply
    bo = ask(view, {"a": None}, Given("a", "tolerance", 3_00), policy=wide, user="bo")
    assert "limit of 2.00 (user bo)" in bo.faults[0]
    none = ask(view, {"a": None}, Given("a", "tolerance", 3_00), policy=MatchingPolicy(tolerances=()))
    assert none.faults == ("the policy allows no tolerance for these items",)


def test_a_discount_by_hand_is_said_to_be_earned_or_not():
    terms = {"discount_rate": "0.02", "discount_date": "2026-10-10"}
    cases = [
        ("2026-10-05", 2_00, "earned", "earned_discount"),
        ("2026-10-20", 2_00, "unearned", "unearned_discount"),
        ("2026-10-05", 3_00, "more than its terms give", "unearned_discount"),
    ]
    for day, amount, word, reason in cases:
        made = ask(
            pool([item("a", 100_00, **terms)], 100_00 - amount, value_date=day),
            {"a": None},
            Given("a", "discount", amount),
        )
        assert any(word in said for said in made.sentences)
        assert (made.lines[0].reason, made.can_apply) == (reason, True)


def test_another_currency_goes_by_a_named_rate():
    view = pool([item("a", 110_00)], 100_00, currency="EUR", rates=RATES)
    made = ask(view, {"a": None})
    assert (made.worth, made.difference, made.unapplied) == (110_00, 0, 0)
    assert "spot EUR/USD of 2026-10-05, ECB" in made.sentences[0]
    assert (made.lines[0].receipt_currency, made.lines[0].receipt_amount) == ("EUR", 100_00)
    by_hand = ask(view, {"a": None}, Given("a", "fx", 2_00), rate="1.08")
    assert (by_hand.worth, by_hand.can_apply) == (108_00, True)
    assert "as entered by hand" in by_hand.sentences[0]
    ties(by_hand)
    unknown = pool([item("a", 110_00)], 100_00, currency="GBP", rates=RATES)
    assert "no exchange rate GBP/USD" in ask(unknown, {"a": None}).faults[0]
    assert ask(unknown, {"a": None}, rate="1.10").can_apply
    for bad in ("nan", "-1", "0", "=1+1", "1e999"):
        assert "cannot be used" in ask(unknown, {"a": None}, rate=bad).faults[0]


def test_unfinished_and_impossible_choices_are_told():
    view = pool([item("a", 100_00), item("e", 10_00, currency="EUR")], 100_00, rates=RATES)
    cases = [
        ({"zz": None}, (), "item zz is not among the open items"), ({"a": 101_00}, (), "cannot be set against INV-a"),
        ({"a": -1}, (), "cannot be set against"), ({"a": True}, (), "whole minor units"), ({"a": 1.5}, (), "whole minor units"),
        ({"a": None, "e": None}, (), "several currencies"), ({"a": None}, (Given("b", "tax", 1),), "which is not chosen"),
        ({"a": None}, (Given("a", "gift", 1),), "is not known"), ({"a": None}, (Given("a", "tax", -1),), "is negative"),
        ({"a": None}, (Given("a", "claim", 1),), "no reason code"),
    ]  # fmt: skip
    for chosen, parts, said in cases:
        made = ask(view, chosen, *parts)
        assert any(said in fault for fault in made.faults), (said, made.faults)
        assert not made.can_apply
    two = pool([item("a", 100_00), item("b", 90_00)], 100_00)
    assert "50.00 more is set against items" in ask(two, {"a": 80_00, "b": 70_00}).faults[0]
    assert "no money of the receipt is left" in ask(two, {"a": 100_00, "b": None}).faults[0]
    assert "r9" in what_if(two, receipt_id="r9", chosen={}, policy=POLICY).faults[0]


def test_what_others_decided_is_no_longer_open_here():
    other = {
        "entity": "E1",
        "receipt_id": "r2",
        "customer_id": "C1",
        "currency": "USD",
        "amount": 70_00,
        "value_date": "2026-10-05",
    }
    says = {"entity": "E1", "receipt_id": "r2", "item_id": "a", "currency": "USD", "applied_amount": 70_00, "receipt_currency": "USD",
            "receipt_amount": 70_00, "decision_id": "d1", "decided_by": "bo", "decided_on": "2026-11-02"}  # fmt: skip
    view = pool([item("a", 100_00)], 30_00, others=[other], decided=[says])
    made = ask(view, {"a": None})
    assert (made.difference, dict(made.open_amounts)) == (0, {"a": 30_00})
    again = what_if(view, receipt_id="r2", chosen={"a": None}, policy=POLICY)
    assert "a decision of bo stands on it: withdraw it before another is recorded" in again.sentences
    assert again.open_amounts == {"a": 100_00}


def test_hostile_texts_are_only_text():
    evil = "=cmd|calc<img onerror=1>\u202e" + "9" * 10_000
    made = ask(pool([item("a", 100_00, document_no=evil)], 80_00, remittance_text=evil), {"a": None})
    assert made.can_apply
    ties(made)
    assert asdict(made.lines[0])["item_id"] == "a"


@settings(max_examples=20, derandomize=True, deadline=None)
@given(
    st.lists(st.integers(-50_00, 300_00).filter(bool), min_size=1, max_size=4), st.integers(1, 600_00),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["discount", "tax", "charge", "claim", "fx"]),
                       st.integers(1, 40_00)), max_size=3),
    st.lists(st.integers(0, 100), min_size=4, max_size=4), st.booleans(),
)  # fmt: skip
def test_the_parts_tie_whatever_is_chosen(opens, cash, parts, shares, is_foreign):
    items = [item(f"i{n}", amount) for n, amount in enumerate(opens)]
    more = {"currency": "EUR", "rates": RATES} if is_foreign else {}
    chosen = {
        f"i{n}": None if share > 60 else (abs(amount) * share // 100 or 1) * (1 if amount > 0 else -1)
        for n, (amount, share) in enumerate(zip(opens, shares, strict=False))
    }
    set_by_hand = [Given(f"i{n}", kind, amount, "damage") for n, kind, amount in parts if n < len(opens)]
    made = ask(pool(items, cash, **more), chosen, *set_by_hand)
    if not made.lines:
        assert made.faults
        return
    ties(made)
    for line in made.lines:
        opened = made.open_amounts[line.item_id]
        falls = line.applied_amount + line.discount + line.fee + line.fx + line.tolerance
        assert min(opened, 0) <= falls <= max(opened, 0)
