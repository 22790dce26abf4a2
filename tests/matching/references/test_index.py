"""Numbers without damage: whole before digits, currencies apart, ranges by both ends, links that teach payers."""

from __future__ import annotations

import pandas as pd
import pytest

from arlib.matching.frames import MATCH_ADVICES, MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.pool import REFERENCE_FIELDS, Pool, pool_of
from arlib.matching.references import find_exact
from arlib.matching.references.index import MANY


def pool(items: list[dict[str, object]], receipts: list[dict[str, object]]) -> Pool:
    base = {"entity": "E", "item_type": "invoice", "currency": "EUR", "open_amount": 100, "amount": 100}
    dates = {"document_date": pd.Timestamp("2024-01-10"), "due_date": pd.Timestamp("2024-02-10")}
    rows = [base | dates | {"item_id": f"i{n}", "customer_id": "C"} | row for n, row in enumerate(items)]
    money = {"entity": "E", "currency": "EUR", "amount": 100, "value_date": pd.Timestamp("2024-02-01")}
    paid = [money | {"receipt_id": f"r{n}"} | row for n, row in enumerate(receipts)]
    return pool_of(_frame(MATCH_ITEMS, rows), _frame(MATCH_RECEIPTS, paid))


def _frame(table: object, rows: list[dict[str, object]]) -> pd.DataFrame:
    names = [column.name for column in table.columns]  # type: ignore[attr-defined]
    return table.typed(pd.DataFrame(rows, columns=names))  # type: ignore[attr-defined]


def hits(made: Pool, receipt: str = "r0") -> dict[str, tuple[str, str]]:
    """Item to field and how, the best reading of each."""
    exact = find_exact(made)
    row = made.receipts.frame["receipt_id"].tolist().index(receipt)
    out: dict[str, tuple[str, str]] = {}
    for one in exact.named[row]:
        out.setdefault(made.items.frame["item_id"].iloc[one.item], (REFERENCE_FIELDS[one.field], one.how))
    return out


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("INV-00012345", "exact"),
        ("inv 000 12345", "blank"),
        ("Rechnung 12345", "prefix"),
        ("no. 012345", "leading_zeros"),
        ("INV00012345PAID", "exact"),
        ("l2E45 I2345", "ocr"),
    ],
)
def test_an_item_is_hit_however_its_number_is_written(text: str, how: str) -> None:
    made = pool(
        [{"document_no": "INV-00012345"}, {"document_no": "INV-00099999"}], [{"remittance_text": text}]
    )
    assert hits(made) == {"i0": ("document_no", how)}


def test_every_field_and_the_structured_reference_count_but_identifiers_do_not() -> None:
    items = [
        {"item_id": "7000001", "purchase_order": "PO-5551"},
        {"order_no": "A77881"},
        {"delivery_no": "88123"},
    ]
    made = pool(items, [{"remittance_text": "7000001 PO5551", "reference": "A77881 / 88123"}])
    assert {item: field for item, (field, _) in hits(made).items()} == {
        "7000001": "purchase_order",
        "i1": "order_no",
        "i2": "delivery_no",
    }


def test_another_currency_is_never_hit() -> None:
    made = pool([{"document_no": "INV12345", "currency": "USD"}], [{"remittance_text": "INV12345"}])
    assert hits(made) == {}


def test_a_range_needs_both_ends_of_one_customer() -> None:
    items = [{"document_no": f"INV{n}"} for n in range(51001, 51006)]
    assert set(hits(pool(items, [{"remittance_text": "INV51001-51005"}]))) == {f"i{n}" for n in range(5)}
    items[4]["customer_id"] = "D"
    assert set(hits(pool(items, [{"remittance_text": "INV51001-51005"}]))) == {"i0", "i4"}


def test_a_number_of_very_many_items_names_none() -> None:
    items = [{"purchase_order": "PO4711", "document_no": f"D{n:05d}X"} for n in range(MANY + 1)]
    assert hits(pool(items, [{"remittance_text": "PO4711"}])) == {}
    assert len(hits(pool(items[:-1], [{"remittance_text": "PO4711"}]))) == MANY


def test_links_leave_out_short_numbers_and_two_customers() -> None:
    items = [
        {"document_no": "2024", "customer_id": "A"},
        {"document_no": "INV7000001", "customer_id": "B"},
        {"document_no": "INV7000002", "customer_id": "C"},
    ]
    texts = ["paid in 2024", "INV7000001", "INV7000001 INV7000002"]
    days = pd.date_range("2024-02-01", periods=3)
    paid = [{"remittance_text": text, "value_date": day} for text, day in zip(texts, days, strict=True)]
    made = pool(items, paid)
    assert [(receipt, made.accounts[account][1]) for receipt, account in find_exact(made).links] == [(1, "B")]


def test_lines_of_an_advice_lie_at_their_references() -> None:
    made = pool(
        [{"document_no": "INV70001"}, {"document_no": "INV70002"}], [{"remittance_text": "see advice"}]
    )
    line = {"entity": "E", "receipt_id": "r0", "currency": "EUR"}
    second = line | {"line_no": 2, "reference": "INV-70002", "net": 40, "discount": 2}
    rows = [second, line | {"line_no": 1, "reference": "INV 70001", "net": 60, "discount": 0}]
    exact = find_exact(made, _frame(MATCH_ADVICES, rows))
    (lines,) = exact.lines.values()
    assert [(exact.texts[0].plain[x.start : x.end], x.net, x.discount) for x in lines] == [
        ("INV70001", 60, 0),
        ("INV70002", 40, 2),
    ]


def test_nothing_at_all() -> None:
    assert find_exact(pool([], [{"remittance_text": "INV1"}])).named == ((),)
    assert find_exact(pool([{"document_no": "INV1"}], [])).named == ()
