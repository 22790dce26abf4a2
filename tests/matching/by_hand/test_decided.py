"""What people decided is placed first and exactly, or told; without decisions nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.matching.calibration import Measured
from arlib.matching.engine import RULES_MEANT, match
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.from_book import match_inputs
from arlib.matching.from_people import with_people
from arlib.matching.inputs import MatchInputs
from arlib.matching.measures import measures
from arlib.matching.person import DECIDED
from arlib.matching.posting import posting_lines
from arlib.policy import MatchingPolicy, Scope
from arlib.tables import CANONICAL, Book

POLICY = MatchingPolicy()
TRUSTED = tuple(Measured(rule, 5_000, 5_000, "trusted", True) for rule in RULES_MEANT)
SCOPE = Scope(entity="E1", entity_name="One", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def item(number, amount, **more):
    return {"entity": "E1", "item_id": number, "customer_id": "C1", "item_type": "invoice", "currency": "USD",
            "document_no": f"INV{number}00417", "document_date": "2026-09-01", "due_date": "2026-10-01", "open_amount": amount,
            "amount": amount, **more}  # fmt: skip


def receipt(number, amount, **more):
    return {"entity": "E1", "receipt_id": number, "customer_id": "C1", "currency": "USD", "amount": amount,
            "value_date": "2026-10-05", "payer_name": "Alder", **more}  # fmt: skip


def says(receipt_id, item_id, cash, **more):
    return {"entity": "E1", "receipt_id": receipt_id, "item_id": item_id, "currency": "USD", "applied_amount": cash,
            "receipt_currency": "USD", "receipt_amount": cash, "decision_id": f"D-{receipt_id}", "decided_by": "anna",
            "decided_on": "2026-11-03", **more}  # fmt: skip


def inputs(items, receipts, decided=(), **more):
    return MatchInputs(
        items=MATCH_ITEMS.frame(list(items)), receipts=MATCH_RECEIPTS.frame(list(receipts)),
        decided=DECIDED.from_rows(decided) if decided else None, **more,
    )  # fmt: skip


def run(*args, **more):
    return match(inputs(*args, **more), policy=POLICY, history=(), shipped=TRUSTED)


def links(result, decision=None):
    rows = result.matches if decision is None else result.matches[result.matches["decision"].eq(decision)]
    return list(zip(rows["receipt_id"], rows["item_id"], rows["applied_amount"].tolist(), strict=True))


def standing(result):
    return dict(zip(result.by_hand["item_id"], result.by_hand["standing"], strict=True))


NAMED = receipt("r1", 100_00, remittance_text="INVi100417")
OPEN = (item("i1", 100_00), item("i2", 100_00), item("i3", 70_00))


def test_a_decision_goes_before_what_the_text_says_and_its_item_is_gone_for_the_others():
    alone = run(OPEN, [NAMED])
    assert links(alone, "auto") == [("r1", "i1", 100_00)]
    other = receipt("r2", 100_00, remittance_text="INVi200417", value_date="2026-10-06")
    made = run(OPEN, [NAMED, other], [says("r1", "i2", 100_00)])
    assert links(made, "person") == [("r1", "i2", 100_00)]
    assert ("r2", "i2", 100_00) not in links(made)
    line = made.matches.iloc[0]
    assert (line["rule"], line["reason"], line["held_because"]) == ("person", "full", "")
    assert "anna on 2026-11-03 (D-r1)" in line["evidence"]
    assert "person" not in set(made.rules["rule"])
    assert standing(made) == {"i2": "placed"}


def test_the_posting_file_holds_automatic_and_decided_lines_and_who_decided():
    cash = [NAMED, receipt("r2", 70_00), receipt("r3", 50_00, customer_id="C1", remittance_text="thanks")]
    made = run(OPEN, cash, [says("r2", "i3", 70_00)])
    lines = posting_lines(made)
    assert list(zip(lines["receipt_id"], lines["decided_by"], strict=True)) == [
        ("r1", "rule"),
        ("r2", "anna"),
    ]
    assert "r3" not in set(lines["receipt_id"])


def test_parts_of_a_decision_settle_the_item_and_a_claim_stays_open():
    decided = [
        says("r1", "i1", 90_00, discount=2_00, deduction=8_00, reason="claim", claim_code="damage"),
        says("r1", "i3", 10_00),
    ]
    made = run(OPEN, [NAMED], decided)
    rows = made.matches.set_index("item_id")
    assert rows.loc["i1", "open_after"] == 8_00
    assert (rows.loc["i1", "reason"], rows.loc["i1", "claim_code"]) == ("claim", "damage")
    assert (rows.loc["i3", "open_after"], rows.loc["i3", "reason"]) == (60_00, "partial")
    assert all(one.holds for one in made.identities)


def test_a_rest_of_a_decided_receipt_stays_unapplied():
    made = run(OPEN, [receipt("r1", 120_00)], [says("r1", "i1", 100_00)])
    rest = made.unmatched.iloc[0]
    assert (rest["unapplied_amount"], rest["status"], rest["reason"]) == (20_00, "unapplied", "remainder")


def overtaken(made, why):
    assert set(made.by_hand["standing"]) == {"overtaken"}
    assert why in made.by_hand["why"].iloc[0]
    assert not links(made, "person")
    assert not links(made, "auto")


def test_an_item_that_is_closed_since_then_is_told_and_the_receipt_is_only_suggested():
    made = run(OPEN, [NAMED], [says("r1", "gone", 100_00)])
    overtaken(made, "item gone is no longer open")
    held = made.matches.iloc[0]
    assert (held["item_id"], held["decision"]) == ("i1", "suggest")
    assert "decided by anna on 2026-11-03, which no longer fits" in held["held_because"]
    assert posting_lines(made).empty


def test_without_a_proposal_the_reason_stands_with_the_unmatched_money():
    made = run([item("i1", 40_00)], [receipt("r1", 100_00)], [says("r1", "i1", 100_00)])
    overtaken(made, "USD 100.00 was set against item i1, 40.00 is open")
    assert made.unmatched["reason"].tolist() == ["overtaken"]
    assert "no longer fits" in made.unmatched["evidence"].iloc[0]


def test_other_ways_in_which_a_decision_no_longer_fits():
    overtaken(
        run(OPEN, [receipt("r1", 50_00)], [says("r1", "i1", 100_00)]),
        "USD 100.00 of the receipt was used, 50.00 is open",
    )
    overtaken(run(OPEN, [NAMED], [says("r1", "i1", 100_00, currency="EUR")]), "item i1 is in USD, not in EUR")
    overtaken(
        run(OPEN, [NAMED], [says("r1", "i1", 100_00, receipt_currency="EUR")]),
        "the receipt is in USD, not in EUR",
    )
    overtaken(
        run(OPEN, [NAMED], [says("r1", "i1", 60_00, ledger_amount=40_00)]),
        "the ledger has set USD 40.00 of it",
    )
    gone = run(OPEN, [receipt("r9", 1_00)], [says("r1", "i1", 100_00)])
    assert standing(gone) == {"i1": "overtaken"}
    assert "receipt r1 is no longer open" in gone.by_hand["why"].iloc[0]


def test_what_the_ledger_booked_as_decided_is_posted_and_never_placed_again():
    made = run(
        OPEN, [receipt("r1", 100_00)], [says("r1", "i1", 40_00, ledger_amount=40_00), says("r1", "i3", 60_00)]
    )
    assert standing(made) == {"i1": "posted", "i3": "placed"}
    assert links(made, "person") == [("r1", "i3", 60_00)]


def test_two_decisions_on_one_item_the_earlier_day_goes_first():
    cash = [receipt("r1", 80_00), receipt("r2", 80_00, value_date="2026-10-06")]
    decided = [says("r1", "i1", 80_00), says("r2", "i1", 80_00, decided_on="2026-11-01", decided_by="bo")]
    made = run([item("i1", 100_00)], cash, decided)
    assert links(made, "person") == [("r2", "i1", 80_00)]
    told = made.by_hand.set_index("receipt_id")["why"]["r1"]
    assert "20.00 is open after earlier decisions" in told


def test_a_receipt_that_the_bank_took_back_is_placed_by_no_decision_and_its_twin_is():
    back = receipt("r9", -100_00, return_of="r1", return_code="AC04", value_date="2026-10-09")
    made = run(OPEN, [NAMED, back], [says("r1", "i1", 100_00)])
    assert set(made.by_hand["standing"]) == {"overtaken"}
    assert set(made.unmatched["status"]) == {"returned"}
    assert links(run(OPEN, [NAMED], [says("r1", "i1", 100_00)]), "person") == [("r1", "i1", 100_00)]


def test_sanctioned_money_is_placed_by_no_decision_a_prepayment_is():
    people = CANONICAL["customers"].frame(
        [{"entity": "E1", "customer_id": "C1", "name": "Alder", "status": "sanctioned"}]
    )
    made = match(
        replace(inputs(OPEN, [NAMED], [says("r1", "i1", 100_00)]), customers=people),
        policy=POLICY,
        history=(),
        shipped=TRUSTED,
    )
    overtaken(made, "under sanctions")
    early = receipt("r1", 90_00, remittance_text="prepayment")
    assert run(OPEN, [early]).unmatched["status"].tolist() == ["prepayment"]
    assert links(run(OPEN, [early], [says("r1", "i1", 90_00)]), "person") == [("r1", "i1", 90_00)]


def test_hostile_names_of_people_and_items_are_only_text():
    evil = '=HYPERLINK("x")<img onerror=1>\u202e' + "a" * 5_000
    made = run(OPEN, [NAMED], [says("r1", "i1", 100_00, decided_by=evil, decision_id=evil)])
    assert posting_lines(made)["decided_by"].tolist() == [evil]
    assert all(one.holds for one in made.identities)


@settings(max_examples=15, derandomize=True, deadline=None)
@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=5), st.lists(st.integers(1, 400), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(1, 300)), max_size=6),
)  # fmt: skip
def test_money_in_is_money_out_and_what_is_placed_is_what_was_decided(opens, cash, asked):
    items = [item(f"i{n}", amount) for n, amount in enumerate(opens)]
    receipts = [receipt(f"r{n}", amount) for n, amount in enumerate(cash)]
    wanted = {(f"r{r}", f"i{i}"): amount for r, i, amount in asked}
    decided = [says(r, i, amount) for (r, i), amount in wanted.items()]
    made = run(items, receipts, decided)
    assert {(r, i): a for r, i, a in links(made, "person")} == {
        (r, i): a
        for r, i, a, word in made.by_hand[["receipt_id", "item_id", "applied_amount", "standing"]].itertuples(
            index=False
        )
        if word == "placed"
    }
    used = made.matches.groupby("receipt_id")["receipt_amount"].sum()
    rest = made.unmatched.set_index("receipt_id")["unapplied_amount"]
    assert used.add(rest, fill_value=0).astype(int).to_dict() == {
        f"r{n}": amount for n, amount in enumerate(cash)
    }
    assert len(made.by_hand) == len(decided)


def test_an_empty_table_of_decisions_changes_no_hash():
    plain = run(OPEN, [NAMED])
    also = match(
        replace(inputs(OPEN, [NAMED]), decided=DECIDED.empty()), policy=POLICY, history=(), shipped=TRUSTED
    )
    assert measures(plain).result_hash == measures(also).result_hash
    assert plain.identities == also.identities


LEDGER = {
    "items": [
        {"entity": "E1", "item_id": n, "item_type": kind, "document_no": f"D{n}", "effective_date": day, "currency": "USD",
         "amount": amount, "customer_id": "C1", "due_date": "2026-10-30"}
        for n, kind, day, amount in [("1", "invoice", "2026-09-01", 100_00), ("2", "invoice", "2026-09-02", 60_00),
                                     ("91", "receipt", "2026-10-05", -100_00), ("92", "receipt", "2026-10-06", -60_00)]
    ],
    "receipts": [
        {"entity": "E1", "receipt_id": f"R{n}", "item_id": n, "customer_id": "C1", "effective_date": day, "currency": "USD",
         "amount": amount, "status": "unapplied", "payer_name": "Moss"}
        for n, day, amount in [("91", "2026-10-05", 100_00), ("92", "2026-10-06", 60_00)]
    ],
}  # fmt: skip


def book(**more):
    rows = LEDGER | more
    return Book({name: CANONICAL[name].frame(list(value)) for name, value in rows.items()})


def test_the_book_gives_decisions_rejections_and_aliases_up_to_the_day_known():
    by = {"decided_by": "anna", "decided_on": "2026-11-03"}
    tables = {
        "decided_applications": [says("R91", "1", 100_00), says("R1", "1", 5, entity="E2")],
        "rejected_matches": [
            {"entity": "E1", "receipt_id": "R92", "item_id": "2", "proposal": 7, "decision_id": "d7", **by}
        ],
        "payer_aliases": [
            {"entity": "E1", "customer_id": "C1", "payer_name": "Moss", "decision_id": "d8", **by}
        ],
    }
    given_ = match_inputs(book(**tables), scope=SCOPE)
    assert given_.decided["receipt_id"].tolist() == ["R91"]
    assert (len(given_.rejected), len(given_.aliases)) == (1, 1)
    made = match(given_, policy=POLICY, history=(), shipped=TRUSTED)
    assert links(made, "person") == [("R91", "1", 100_00)]
    assert ("R92", "2", 60_00) not in links(made)
    before = {"E1": (book(**tables), replace(SCOPE, known_at=date(2026, 11, 2)))}
    early = with_people(given_, before)
    assert with_people(early, {"E1": (book(**tables), SCOPE)}).decided is not None
    assert (early.decided, early.rejected, early.aliases) == (None, None, None)
    again = match_inputs(book(**tables), scope=SCOPE, receipts="period")
    assert again.decided is None
    none = match_inputs(book(), scope=SCOPE)
    assert (none.decided, none.rejected, none.aliases) == (None, None, None)


def test_what_the_ledger_made_of_a_decided_receipt_stands_beside_it():
    paid = {"entity": "E1", "application_id": "A1", "source_item_id": "91", "target_item_id": "1", "effective_date": "2026-10-07",
            "source_currency": "USD", "source_amount": 40_00, "target_currency": "USD", "target_amount": 40_00, "kind": "payment",
            "reason": "payment", "pairing": "stated"}  # fmt: skip
    made = match_inputs(
        book(applications=[paid], decided_applications=[says("R91", "1", 40_00)]), scope=SCOPE
    )
    assert made.decided["ledger_amount"].tolist() == [40_00]
    assert standing(match(made, policy=POLICY, history=(), shipped=TRUSTED)) == {"1": "posted"}


def test_an_alias_names_the_payer_of_an_unidentified_receipt():
    unknown = receipt("r1", 100_00, customer_id=None, payer_name="Zyx Treasury Hub")
    alias = pd.DataFrame(
        {"entity": ["E1"], "customer_id": ["C1"], "payer_name": ["ZYX TREASURY HUB"], "payer_account": [None]}
    )
    assert run([item("i1", 70_00)], [unknown]).unmatched["status"].tolist() == ["unidentified"]
    made = run([item("i1", 70_00)], [unknown], aliases=alias)
    assert made.unmatched["status"].tolist() == ["unapplied"]
