"""Copies of a data set that must not change the figures, and a harder one that may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
from matching_data import Case

# columns that hold the same identifier, by profile: (file's stem, column)
IDENTIFIERS: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "pay-to-invoice": {
        "item": (("invoices", "invoice_id"),),
        "receipt": (("payments", "payment_id"),),
        "customer": (("invoices", "Customer ID"),),
        "account": (("payments", "Account Number"),),
    },
    "pay-to-invoice-sap": {
        "item": (("invoices_BKPF", "invoice_id"), ("invoices_BSEG", "invoice_id"), ("invoices_KNA-1", "invoice_id")),
        "receipt": (("payments_FEBEP", "payment_id"),),
        "customer": (("invoices_BSEG", "KUNNR"), ("invoices_KNA-1", "KUNNR")),
        "account": (("payments_FEBEP", "AVKON"),),
    },
    "highradius": {
        "item": (("items", "item_id"),),
        "receipt": (("receipts", "receipt_id"),),
        "customer": (("items", "customer_id"), ("receipts", "customer_id")),
    },
}  # fmt: skip
BRACKETED = re.compile(r"[^\[\],\s]+")  # the SAP tables hold ids as "[12]" and lists of them as "[1, 2]"
AT_LEAST = 6  # characters of a number that may be damaged


def renamed(case: Case, seed: int) -> Case:
    """Fresh random identifiers of items, receipts, customers and payers' accounts, and shuffled rows; the truth with them."""
    rng = np.random.default_rng(seed)
    tables = dict(case.tables)
    stems = {name.rpartition("/")[2].removesuffix(".csv"): name for name in tables}
    fresh: dict[str, dict[str, str]] = {}
    for kind, places in IDENTIFIERS[case.profile].items():
        old = {
            identifier: None
            for stem, column in places
            for text in tables[stems[stem]][column]
            for identifier in (BRACKETED.findall(text) if text.startswith("[") else [text])
        }
        new = _fresh(len(old), rng)
        fresh[kind] = dict(zip(old, new, strict=True))
        for stem, column in places:
            frame = tables[stems[stem]].copy()
            frame[column] = [_replaced(text, fresh[kind]) for text in frame[column]]
            tables[stems[stem]] = frame
    shuffled = {name: frame.iloc[rng.permutation(len(frame))] for name, frame in tables.items()}
    truth = case.truth.assign(
        receipt_id=case.truth["receipt_id"].map(fresh["receipt"]),
        item_id=case.truth["item_id"].map(fresh["item"]),
    )
    return replace(
        case, name=f"{case.name}, shuffled and renamed", tables=shuffled, truth=truth, new_ids=fresh
    )


def _fresh(count: int, rng: np.random.Generator) -> list[str]:
    """Different random names of twelve letters and digits."""
    letters = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ23456789"))
    made: dict[str, None] = {}
    while len(made) < count:
        for row in letters[rng.integers(0, len(letters), (count - len(made), 12))]:
            made["".join(row)] = None
    return list(made)


def _replaced(text: str, fresh: dict[str, str]) -> str:
    if text.startswith("["):
        return BRACKETED.sub(lambda found: fresh[found.group()], text)
    return fresh[text]


def harder(case: Case, seed: int, *, share: float = 0.26) -> Case:
    """Our harder copy of pay-to-invoice: its published payments damaged again, several faults in one payment.

    To each payment, each of four faults comes with chance `share`, on top of what was published: its assignment numbers
    damaged, its billing numbers damaged, its payer under the alias that the set itself uses for it, and a small deduction
    drawn from those of the set in that currency. The truth serves only to find which numbers in a text to damage.
    """
    rng = np.random.default_rng(seed)
    items, receipts = case.tables["invoices.csv"], case.tables["payments.csv"].copy()
    pairs = case.truth.merge(receipts, left_on="receipt_id", right_on="payment_id").merge(
        items, left_on="item_id", right_on="invoice_id", suffixes=("", " billed")
    )
    alias = dict(
        pairs.loc[
            pairs["perturbation"].eq("perturbed_business_partner"), ["Customer Name", "Business Partner"]
        ].to_numpy()
    )
    short = _deductions(pairs)
    numbers: dict[str, list[tuple[str, str]]] = {}
    for receipt_id, *pair in pairs[["receipt_id", "Assignment Number", "Billing Number"]].itertuples(
        index=False
    ):
        numbers.setdefault(receipt_id, []).append((pair[0], pair[1]))
    texts, payers, amounts = [], [], []
    for receipt_id, text, payer, amount, currency in receipts[
        ["payment_id", "Memo Line", "Business Partner", "Amount", "Currency"]
    ].itertuples(index=False):
        wanted = rng.random(4) < share
        for place in (0, 1):
            if wanted[place]:
                for pair in numbers.get(receipt_id, ()):
                    text = _damage_in(text, pair[place], rng)
        texts.append(text)
        payers.append(alias.get(payer, payer) if wanted[2] else payer)
        less = short.get(currency, ())
        off = less[int(rng.integers(len(less)))] if wanted[3] and len(less) else Decimal(0)
        amounts.append(str(Decimal(amount) - off))
    receipts["Memo Line"], receipts["Business Partner"], receipts["Amount"] = texts, payers, amounts
    return replace(
        case,
        name="pay-to-invoice, our harder copy",
        tables=case.tables | {"payments.csv": receipts},
        truth=case.truth[["receipt_id", "item_id", "match_category"]],
    )


def _deductions(pairs: pd.DataFrame) -> dict[str, list[Decimal]]:
    """The small deductions of the set's own payments of one whole item, by currency."""
    some = pairs[pairs["perturbation"].eq("small_deduction") & pairs["match_category"].eq("one_pay_one_inv")]
    made: dict[str, list[Decimal]] = {}
    cent = Decimal("0.01")
    for billed, amount, currency in some[["Amount billed", "Amount", "Currency"]].itertuples(index=False):
        off = (Decimal(billed) - Decimal(amount)).quantize(cent)
        if off > 0:
            made.setdefault(currency, []).append(off)
    return made


def _damage_in(text: str, number: str, rng: np.random.Generator) -> str:
    if len(number) < AT_LEAST or number not in text:
        return text
    return text.replace(number, damaged(number, rng), 1)


def damaged(number: str, rng: np.random.Generator) -> str:
    """The number with one or two faults as in the published set: lost, added, changed, swapped, or a blank put in."""
    for _ in range(1 + int(rng.random() < 0.3)):
        at = int(rng.integers(0, len(number) - 1))
        number = FAULTS[int(rng.integers(len(FAULTS)))](number, at, str(rng.integers(0, 10)))
    return number


FAULTS: tuple[Callable[[str, int, str], str], ...] = (
    lambda number, at, digit: number[:at] + number[at + 1 :],
    lambda number, at, digit: number[:at] + digit + number[at:],
    lambda number, at, digit: number[:at] + digit + number[at + 1 :],
    lambda number, at, digit: number[:at] + number[at + 1] + number[at] + number[at + 2 :],
    lambda number, at, digit: number[: at + 1] + " " + number[at + 1 :],
    lambda number, at, digit: number[:at] + " " + number[at + 1 :],
)
