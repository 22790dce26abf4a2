"""Rows added to the sample company's extracts: hostile texts, and a receipt that exactly one set of invoices explains."""

from __future__ import annotations

import csv
from pathlib import Path

IMAGE = "<img src=x onerror=window.pwned=1>"
TURNED = "\u202eGpj.exe\u2066 Ltd"
MEMO = "<script>window.pwned=1</script>" + "memo " * 2_000
HOSTILE, SOLVED = "66001", "77001"
AMOUNTS = ("310.17", "1204.40", "98.73", "455.05", "2210.31", "73.99", "640.00")
SOLUTION = ("1204.40", "455.05", "640.00")  # what the receipt of SOLVED pays, and nothing else adds up to it
LIKE_INVOICE, LIKE_RECEIPT = "SI-900016", "RC-900017"


def plant(folder: Path) -> None:
    """Add a customer with hostile texts everywhere, and one whose receipt waits to be solved, to the entity US01."""
    items, receipts, customers = (
        _Table(folder / f"{name}.csv") for name in ("items", "receipts", "customers")
    )
    invoice = items.row(document_no=LIKE_INVOICE, entity="US01")
    receipt = receipts.row(receipt_id=LIKE_RECEIPT, entity="US01")
    cash = items.row(item_id=receipt["item_id"], entity="US01")
    like = customers.row(customer_id=invoice["customer_id"], entity="US01")
    for code, name in ((HOSTILE, IMAGE), (SOLVED, "Quarry Fasteners LLC")):
        customers.add(like, customer_id=code, name=name, payer_account=f"X{code}", payer_aliases=TURNED if code == HOSTILE else "",
                      contact=name, collector=IMAGE if code == HOSTILE else like["collector"])  # fmt: skip
        amounts = AMOUNTS if code == SOLVED else ("12.34", "56.78")
        for place, amount in enumerate(amounts):
            number = f"<b>{place}</b>" if code == HOSTILE else f"QF-{place + 1}"
            items.add(invoice, item_id=f"{code}{place:04d}", document_no=f"{number}-{code}", customer_id=code, amount=amount,
                      net_amount=amount, tax_amount="0", freight_amount="0", functional_amount=amount, discount_base="",
                      discount_rate="", discount_date="", purchase_order=f"PO{code}{place}", order_no="", delivery_no="",
                      text=MEMO if code == HOSTILE else "")  # fmt: skip
        paid = f"{sum(map(_cents, SOLUTION)) / 100:.2f}" if code == SOLVED else "5.00"
        items.add(cash, item_id=f"{code}9000", document_no=f"RC-{code}", customer_id=code, amount=f"-{paid}",
                  functional_amount=f"-{paid}")  # fmt: skip
        receipts.add(receipt, receipt_id=f"RC-{code}", item_id=f"{code}9000", customer_id=code, amount=paid, payer_account=f"X{code}",
                     payer_name=name.upper(), remittance_text=MEMO if code == HOSTILE else "", reference="")  # fmt: skip
    for table in (items, receipts, customers):
        table.write()


def _cents(amount: str) -> int:
    return int(amount.replace(".", ""))


class _Table:
    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            self.names = list(reader.fieldnames or ())
            self.rows = list(reader)

    def row(self, **wanted: str) -> dict[str, str]:
        return next(row for row in self.rows if all(row[name] == value for name, value in wanted.items()))

    def add(self, like: dict[str, str], **changed: str) -> None:
        assert set(changed) <= set(self.names), set(changed) - set(self.names)
        self.rows.append(like | changed)

    def write(self) -> None:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
