"""What an attacker or a bad extract can put into a run: nothing crashes, hangs or loses money."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from arlib.errors import InputError
from arlib.matching.calibration import Measured
from arlib.matching.engine import RULES_MEANT, match
from arlib.matching.frames import MATCH_ADVICES, MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.policy.matching import AutoCashRule, MatchingPolicy
from arlib.tables import CANONICAL

TRUSTED = tuple(Measured(rule, 5_000, 5_000, "trusted", True) for rule in RULES_MEANT)
SECONDS = 5.0
LARGEST = 2**63 - 1


def item(number, amount, **more):
    fixed = {"entity": "E1", "item_id": f"i{number}", "customer_id": "C1", "item_type": "invoice", "currency": "USD",
             "document_no": f"INV{4_000_017 + 7_919 * number}", "document_date": "2026-03-02", "due_date": "2026-04-01"}  # fmt: skip
    return fixed | {"open_amount": amount, "amount": amount} | more


def receipt(number, amount, **more):
    fixed = {
        "entity": "E1",
        "receipt_id": f"r{number}",
        "customer_id": "C1",
        "currency": "USD",
        "value_date": "2026-04-03",
    }
    return fixed | {"amount": amount} | more


def run(items, receipts, *, policy=None, customers=(), **more):
    """The result, whole and in time."""
    inputs = MatchInputs(
        items=MATCH_ITEMS.frame(items) if items else MATCH_ITEMS.empty(),
        receipts=MATCH_RECEIPTS.frame(receipts) if receipts else MATCH_RECEIPTS.empty(),
        customers=CANONICAL["customers"].frame(list(customers)),
        **more,
    )
    started = time.process_time()
    result = match(inputs, policy=policy or MatchingPolicy(), history=(), shipped=TRUSTED)
    assert time.process_time() - started < SECONDS
    used = (
        result.matches.groupby("receipt_id")["receipt_amount"].agg(lambda own: sum(map(int, own))).to_dict()
    )
    left = dict(
        zip(result.unmatched["receipt_id"], map(int, result.unmatched["unapplied_amount"]), strict=True)
    )
    for one in receipts:
        assert int(used.get(one["receipt_id"], 0)) + left.get(one["receipt_id"], 0) == one["amount"]
    return result


HOSTILE = {
    "formula": "=HYPERLINK(\"http://x\",\"INV4000017\")",
    "command": "=cmd|' /C calc'!A0",
    "html": "<script>alert(1)</script><b>INV4000017",
    "megabyte": "A1" * 500_000,
    "a megabyte of one digit": "1" * 1_000_000,
    "a megabyte of blanks": " " * 1_000_000 + "INV4000017",
    "a megabyte of separators": "-/" * 500_000,
    "ranges": "INV1-INV999999999 " * 2_000,
    "one range": "INV4000017-INV9999999999",
    "ten thousand words": " ".join(f"INV{n:08}" for n in range(10_000)),
    "right to left": "\u202eINV4000017\u202c \u05d0\u05d1\u05d2",
    "nul": "INV4000017\x00\x00 INV4007936",
    "controls": "".join(map(chr, range(32))) + "INV4000017",
    "combining": "I" + "\u0301" * 50_000 + "NV4000017",
    "wide digits": "\uff29\uff2e\uff36\uff14\uff10\uff10\uff10\uff10\uff11\uff17 \u0664\u0660\u0660\u0660\u0660\u0661\u0667",
    "not a number": "nan NaN None null inf -inf 1e400 NA N/A <NA>",
    "letters that grow": "\ufb03\u0130\u00df" * 20_000,
    "returns": "NSF R01 return of " * 20_000,
    "nested words": "return of return of " * 20_000 + "check check check",
    "contra": "contra netting offset " * 20_000,
    "prepayment": "down payment " * 20_000,
    "discount": "less 2% discount " * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(
    "column", ["remittance_text", "reference", "payer_name", "payer_account", "return_code"]
)
def test_hostile_texts_in_payments_do_no_harm(column, text):
    items = [item(n, 1_000 + n) for n in range(40)]
    owner = {"entity": "E1", "customer_id": "C1", "name": "Alder Pumps Ltd"}
    plain = [receipt(1, 1_001, remittance_text="INV4007936"), receipt(2, 1_002)]
    said = {"customer_id": "", column: text}
    run(items, [receipt(0, 1_000, **said), receipt(3, 1_011, **said), *plain], customers=[owner])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("column", ["document_no", "purchase_order", "terms", "assigned_to", "segment"])
def test_hostile_texts_in_items_do_no_harm(column, text):
    items = [item(n, 1_000 + n) | {column: text} for n in range(5)]
    run(
        items,
        [receipt(0, 1_000, remittance_text="INV4000017"), receipt(1, 3_000, remittance_text=text[:2_000])],
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_in_advices_and_master_data_do_no_harm(text):
    lines = [{"entity": "E1", "receipt_id": "r0", "line_no": n, "reference": text, "currency": "USD", "net": 500, "gross": 500,
              "reason": text} for n in range(2)]  # fmt: skip
    owner = {"entity": "E1", "customer_id": "C1", "name": text, "payer_aliases": f"{text}|{text[:30]}", "terms": text,
             "payer_account": text, "country": "XX"}  # fmt: skip
    run(
        [item(0, 500), item(1, 500)],
        [receipt(0, 1_000), receipt(1, 7, customer_id="", payer_name=text)],
        advices=MATCH_ADVICES.frame(lines),
        customers=[owner],
    )


AMOUNTS = [0, 1, -1, 10**15, -(10**15), LARGEST // 4, -LARGEST // 4, LARGEST, -LARGEST, 100]


@pytest.mark.parametrize(
    "says",
    [{}, {"remittance_text": "INV4000017 INV4007936"}, {"customer_id": ""}],
    ids=["booked", "named", "nobody"],
)
@pytest.mark.parametrize("amount", AMOUNTS)
def test_amounts_of_any_size_and_sign_are_placed_whole_or_refused_in_words(amount, says):
    for own in ([1, amount], [100, 200, -100], [amount, amount]):
        items = [item(n, size) for n, size in enumerate(own)]
        receipts = [receipt(0, amount, **says), receipt(1, amount, **says), receipt(2, 100, **says)]
        try:
            run(items, receipts)
        except InputError:
            if abs(amount) <= 10**15:  # ten trillion dollars
                raise


def test_missing_dates_are_no_dates():
    undated = {"document_date": None, "due_date": None}
    result = run(
        [item(0, 500, **undated), item(1, 700, document_date=None), item(2, 900, due_date=None)],
        [receipt(0, 500, remittance_text="INV4000017"), receipt(1, 700), receipt(2, 900)],
    )
    assert set(result.matches["item_id"]) == {"i0", "i1", "i2"}
    assert result.matches.set_index("item_id")["days_late"].isna().to_dict() == {
        "i0": True,
        "i1": False,
        "i2": True,
    }
    assert result.skipped.empty


def test_ten_thousand_items_of_one_amount():
    items = [
        item(n, 10_00, due_date=str((pd.Timestamp("2026-01-01") + pd.Timedelta(days=n % 300)).date()))
        for n in range(10_000)
    ]
    named = receipt(4, 20_00, remittance_text="INV4000017, INV4007936")
    result = run(
        items, [receipt(0, 10_00), receipt(1, 50_00), receipt(2, 3_33), receipt(3, 99_990_00), named]
    )
    auto = result.matches[result.matches["decision"].eq("auto")]
    assert set(auto["receipt_id"]) <= {"r4"}


@pytest.mark.parametrize(
    "rules", [(AutoCashRule.COMBINATION,), tuple(AutoCashRule)], ids=["combination", "all"]
)
def test_ten_thousand_items_by_ordered_rules(rules):
    items = [item(n, 10_00 + n % 7) for n in range(10_000)]
    run(items, [receipt(0, 10_00), receipt(1, 5_000_00)], policy=MatchingPolicy(rules=rules))


def test_a_receipt_that_names_five_thousand_items_is_read_in_part_and_so_never_auto():
    items = [item(n, 1_000 + n) for n in range(6_000)]
    total = sum(one["amount"] for one in items[:5_000])
    words = " ".join(one["document_no"] for one in items[:5_000])
    for column in ("remittance_text", "reference"):
        result = run(items, [receipt(0, total, **{column: words})])
        assert result.matches["decision"].eq("suggest").all()
        assert result.matches["held_because"].str.contains("first 8,000 characters").all()


def test_an_advice_of_five_thousand_lines():
    items = [item(n, 1_000 + n) for n in range(6_000)]
    lines = [{"entity": "E1", "receipt_id": "r0", "line_no": n, "reference": one["document_no"], "currency": "USD",
              "net": one["amount"], "gross": one["amount"]} for n, one in enumerate(items[:5_000])]  # fmt: skip
    total = sum(one["net"] for one in lines)
    result = run(items, [receipt(0, total)], advices=MATCH_ADVICES.frame(lines))
    assert len(result.matches) == 5_000


def test_a_thousand_receipts_with_one_text_for_one_item():
    cash = [receipt(n, 1_000, remittance_text="INV4000017 please") for n in range(1_000)]
    result = run([item(0, 1_000), item(1, 2_000)], cash)
    assert result.matches["receipt_id"].nunique() <= 3


def test_a_thousand_customers_of_one_name():
    names = [
        {"entity": "E1", "customer_id": f"C{n}", "name": "Same Name Ltd", "payer_account": "GB01SAME"}
        for n in range(1_000)
    ]
    items = [item(n, 1_000 + n, customer_id=f"C{n}") for n in range(1_000)]
    cash = [
        receipt(n, 1_000 + n, customer_id="", payer_name="Same Name", payer_account="GB01SAME")
        for n in range(50)
    ]
    result = run(items, cash, customers=names)
    assert not result.matches["decision"].eq("auto").any()


def test_parents_in_a_circle():
    people = [
        {"entity": "E1", "customer_id": a, "name": f"{a} Ltd", "parent_id": b}
        for a, b in (("C1", "C2"), ("C2", "C3"), ("C3", "C1"))
    ]
    run(
        [item(0, 500, customer_id="C3")],
        [receipt(0, 500), receipt(1, 400, customer_id="", payer_name="C2")],
        customers=people,
    )


def test_returns_that_return_themselves_and_each_other():
    run([item(0, 500)], [receipt(0, -500, return_of="r0"), receipt(1, -5, return_of="r2"), receipt(2, 5, return_of="r1"),
                         receipt(3, 500, remittance_text="NSF r3")])  # fmt: skip


def test_nothing_at_all():
    assert run([], []).matches.empty
    assert run([], [receipt(0, 5)]).unmatched["status"].tolist() == ["unapplied"]
    assert run([item(0, 5)], []).unmatched.empty
