"""What a payment says against its own proposal keeps it from being applied by itself."""

import pandas as pd
import pytest

from arlib.matching.calibration import Measured
from arlib.matching.engine import RULES_MEANT, match
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.policy import MatchingPolicy

EVERY_RULE = tuple(Measured(rule, 5000, 5000, "test", is_transferred=True) for rule in RULES_MEANT)


def item(number, amount, *, customer="C1", document=None, due="2026-10-30"):
    return {"entity": "E1", "item_id": f"A{number}", "customer_id": customer, "item_type": "invoice", "currency": "USD",
            "document_no": document or f"INV-{500_100 + number * 7}", "document_date": "2026-09-30", "due_date": due,
            "amount": amount, "open_amount": amount}  # fmt: skip


def receipt(
    number,
    amount,
    text="",
    *,
    customer="C1",
    payer="Alpha Works",
    account="GB33BUKB20201555555555",
    day="2026-10-28",
):
    return {"entity": "E1", "receipt_id": f"R{number}", "customer_id": customer, "value_date": day, "currency": "USD",
            "amount": amount, "payer_name": payer, "payer_account": account, "remittance_text": text}  # fmt: skip


def run(items, receipts, **given):
    inputs = MatchInputs(items=MATCH_ITEMS.frame(items), receipts=MATCH_RECEIPTS.frame(receipts), **given)
    return match(inputs, policy=MatchingPolicy(), history=(), shipped=EVERY_RULE)


def decisions(result):
    rows = result.matches
    return dict(
        zip(
            rows["receipt_id"],
            zip(rows["decision"], rows["held_because"].fillna(""), strict=True),
            strict=True,
        )
    )


def test_nothing_speaks_against_a_plain_payment():
    items = [item(1, 250_00), item(2, 310_00)]
    assert decisions(run(items, [receipt(1, 250_00, items[0]["document_no"])]))["R1"] == ("auto", "")


@pytest.mark.parametrize(
    "words",
    ["do not apply to", "NOT for", "on account,", "disputed", "Refund of", "chargeback", "prepayment, not"],
)
def test_words_that_say_otherwise(words):
    items = [item(1, 250_00), item(2, 310_00)]
    found = decisions(run(items, [receipt(1, 250_00, f"{words} {items[0]['document_no']}")]))
    assert found.get("R1", ("suggest", ""))[0] == "suggest"


def test_a_number_that_is_another_items_is_not_read_as_damaged():
    ours, theirs = (
        item(1, 250_00, document="INV-500103"),
        item(2, 99_00, customer="C2", document="INV-500102"),
    )
    found = decisions(run([ours, theirs, item(3, 777_00)], [receipt(1, 250_00, "INV-500102")]))
    assert found["R1"][0] == "suggest"


def test_a_number_of_a_closed_item_is_not_read_as_damaged():
    items = [item(1, 250_00, document="INV-500103"), item(3, 777_00)]
    cash = [receipt(1, 250_00, "INV-500102")]
    assert decisions(run(items, cash))["R1"][0] == "auto"
    assert decisions(run(items, cash, closed=frozenset({"INV500102"})))["R1"][0] == "suggest"


def test_two_copies_of_one_payment_with_a_damaged_number():
    items = [item(1, 100_00, document="INV-500101"), item(2, 100_00, document="INV-500102"), item(3, 7_00)]
    found = decisions(run(items, [receipt(n, 100_00, "INV-500103") for n in (1, 2)]))
    assert {decision for decision, _ in found.values()} <= {"suggest"}


def test_an_amount_alone_beside_a_number_that_is_nobodys():
    found = decisions(run([item(1, 250_00), item(2, 310_00)], [receipt(1, 250_00, "invoice 88123456")]))
    assert found["R1"][0] == "suggest"
    assert "88123456" in found["R1"][1]


def test_booked_to_one_customer_and_paid_by_another():
    items = [item(1, 250_00), item(2, 310_00), item(3, 40_00, customer="C2")]
    customers = pd.DataFrame(
        {
            "entity": ["E1", "E1"],
            "customer_id": ["C1", "C2"],
            "name": ["Alpha Works", "Beta Mills"],
            "payer_account": ["GB33BUKB20201555555555", "GB29NWBK60161331926819"],
        }
    )
    from arlib.tables import CANONICAL

    given = {"customers": CANONICAL["customers"].typed(customers)}
    assert decisions(run(items, [receipt(1, 250_00)], **given))["R1"][0] == "auto"
    assert (
        decisions(run(items, [receipt(1, 250_00, account="GB29NWBK60161331926819")], **given))["R1"][0]
        == "suggest"
    )


def test_a_copy_of_what_is_applied_already_is_a_duplicate():
    items = [item(1, 250_00), item(2, 310_00)]
    cash = receipt(1, 250_00, items[0]["document_no"])
    past = MATCH_RECEIPTS.frame([cash | {"receipt_id": "R0"}])
    known = pd.DataFrame({"entity": ["E1"], "receipt_id": ["R0"], "item_id": ["A9"], "currency": ["USD"],
                          "applied_amount": pd.array([250_00], "Int64")})  # fmt: skip
    result = run(
        items,
        [cash],
        confirmed=known,
        confirmed_receipts=past,
        confirmed_items=MATCH_ITEMS.frame([item(9, 250_00)]),
    )
    assert result.matches.empty
    assert result.unmatched["status"].tolist() == ["duplicate"]
    assert "R0" in result.unmatched["evidence"].iloc[0]


def test_nothing_is_automatic_that_rests_on_a_suggestion():
    items = [item(1, 1000_00), item(2, 55_00)]
    number = items[0]["document_no"]
    cash = [receipt(1, 400_00, f"on account {number}", day="2026-10-20"), receipt(2, 600_00, number)]
    found = decisions(run(items, cash))
    if "R1" in found:
        assert found["R1"][0] == "suggest"
        assert found["R2"][0] == "suggest"
