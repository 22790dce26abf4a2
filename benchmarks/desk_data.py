"""A large made-up book for the desk: customers of very different sizes, invoices, receipts, applications, casework."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from arlib.tables import CANONICAL, Book

ENTITY, CURRENCY = "B1", "USD"
FIRST_DAY, AS_OF = np.datetime64("2024-11-01"), date(2026, 10, 31)
DAYS = 729
SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]
FORMS = ("Ltd", "GmbH", "Inc.", "SA", "BV")
COLLECTORS = ("dana.reyes", "marcus.lee", "priya.nair", "owen.price")


def made_book(items: int, *, seed: int = 8) -> Book:
    """A book of so many items (invoices and receipts), nearly as many applications, and a customer for every twenty items.

    Sizes of customers fall as 1 / rank up to the largest, which has about one in two hundred of all items. Four in five invoices are
    paid, some short; a receipt pays one to three invoices of its customer that follow each other.
    """
    rng = np.random.default_rng([seed, items])
    invoices, people = items * 6 // 10, max(items // 20, 10)
    weights = 1 / (np.arange(people) + 24)
    owner = np.sort(rng.choice(people, invoices, p=weights / weights.sum()))
    day = rng.integers(0, DAYS, invoices)
    order = np.lexsort((day, owner))
    day = day[order]
    amount = np.maximum(500, np.rint(np.exp(rng.normal(11, 1.1, invoices)))).astype(np.int64)
    codes = np.array([f"C{number:06d}" for number in range(people)], dtype=object)
    numbers = 900_000_000 + rng.permutation(invoices)
    made = {
        "entity": ENTITY, "customer_id": codes[owner], "item_type": "invoice", "currency": CURRENCY,
        "item_id": np.char.add("I", np.arange(invoices).astype(str)), "document_no": numbers.astype(str),
        "purchase_order": np.char.add("PO", rng.permutation(invoices).astype(str)),
        "effective_date": FIRST_DAY + day, "due_date": FIRST_DAY + day + 30, "amount": amount,
    }  # fmt: skip
    paid = rng.random(invoices) < 0.8
    paid &= day + 20 < DAYS
    at = np.flatnonzero(paid)
    size = rng.integers(1, 4, len(at))
    group = (
        np.cumsum(
            np.concatenate(
                [[True], (owner[at][1:] != owner[at][:-1]) | (rng.random(len(at) - 1) < 1 / size[1:])]
            )
        )
        - 1
    )
    first = np.concatenate([[0], np.flatnonzero(np.diff(group)) + 1])
    settled = np.where(rng.random(len(at)) < 0.04, amount[at] * 9 // 10, amount[at])
    worth = np.add.reduceat(settled, first)
    pay_day = np.minimum(np.maximum.reduceat(day[at], first) + rng.integers(15, 70, len(first)), DAYS)
    extra = items - invoices - len(first)  # cash that nothing was set against yet, and a few credits
    return Book(
        {
            "entities": CANONICAL["entities"].frame(
                [{"entity": ENTITY, "name": "Bench", "functional_currency": CURRENCY, "time_zone": "UTC"}]
            ),
            "customers": _customers(codes, rng),
            "items": CANONICAL["items"].typed(
                pd.concat([pd.DataFrame(made), *_cash(codes, owner[at][first], worth, pay_day, max(extra, 0), rng)], ignore_index=True)
            ),
            "applications": _applications(at, group, settled, pay_day),
            "receipts": _receipts(codes, owner[at][first], worth, pay_day, max(extra, 0), rng),
            **_casework(codes, owner, amount, at, rng, items // 50),
        }
    )  # fmt: skip


def _customers(codes: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    count = len(codes)
    frame = pd.DataFrame(
        {
            "entity": ENTITY, "customer_id": codes, "name": names(count), "collector": rng.choice(COLLECTORS, count),
            "status": np.where(rng.random(count) < 0.97, "active", "legal"), "terms": "net 30", "country": "US",
            "tax_id": np.char.add("US", (10**8 + rng.permutation(count)).astype(str)), "payer_account": accounts(count),
            "credit_limit": pd.array(rng.integers(1, 500, count) * 100_000, dtype="Int64"), "limit_currency": CURRENCY,
        }
    )  # fmt: skip
    return CANONICAL["customers"].typed(frame)


def names(count: int) -> list[str]:
    """Different names of two made-up words and a legal form."""
    base = len(SYLLABLES)
    made = []
    for number in range(count):
        mixed = number * 7919 % base**4
        parts = [SYLLABLES[mixed // base**place % base] for place in range(4)]
        made.append(
            f"{''.join(parts[:2]).title()}n {''.join(parts[2:]).title()}ra {FORMS[number % len(FORMS)]}"
        )
    return made


def accounts(count: int) -> list[str]:
    """Bank accounts by customer."""
    return [f"US64SVBKUS6S33009{number:07d}" for number in range(count)]


def _cash(codes, owner, worth, pay_day, extra, rng):  # type: ignore[no-untyped-def]
    yield _cash_items(np.arange(len(owner)), codes[owner], worth, pay_day)
    if extra:
        more = rng.integers(0, len(codes), extra)
        ids = np.arange(len(owner), len(owner) + extra)
        yield _cash_items(ids, codes[more], rng.integers(10_000, 900_000, extra), np.full(extra, DAYS - 10))


def _cash_items(number, customer, worth, day):  # type: ignore[no-untyped-def]
    ids = np.char.add("R", number.astype(str))
    return pd.DataFrame(
        {
            "entity": ENTITY, "customer_id": customer, "item_type": "receipt", "currency": CURRENCY, "item_id": ids,
            "document_no": ids, "effective_date": FIRST_DAY + day, "amount": -worth, "cash_status": "unapplied",
        }
    )  # fmt: skip


def _receipts(codes, owner, worth, pay_day, extra, rng):  # type: ignore[no-untyped-def]
    cash = pd.concat(_cash(codes, owner, worth, pay_day, extra, np.random.default_rng(1)), ignore_index=True)
    people = dict(zip(codes, names(len(codes)), strict=True))
    status = np.where(np.arange(len(cash)) < len(owner), "applied", "unapplied")
    return CANONICAL["receipts"].typed(
        cash.assign(
            receipt_id="P" + cash["item_id"].str.slice(1), amount=-cash["amount"], status=status, bank_account="MAIN",
            payer_name=cash["customer_id"].map(people).str.upper(),
            reference="RF" + pd.Series(rng.permutation(len(cash)).astype(str)),
        )
    )  # fmt: skip


def _applications(at, group, settled, pay_day):  # type: ignore[no-untyped-def]
    frame = pd.DataFrame(
        {
            "entity": ENTITY, "application_id": np.char.add("A", np.arange(len(at)).astype(str)),
            "source_item_id": np.char.add("R", group.astype(str)), "target_item_id": np.char.add("I", at.astype(str)),
            "effective_date": FIRST_DAY + pay_day[group], "source_currency": CURRENCY, "source_amount": settled,
            "target_currency": CURRENCY, "target_amount": settled, "kind": "payment", "reason": "cash", "pairing": "stated",
        }
    )  # fmt: skip
    return CANONICAL["applications"].typed(frame)


def _casework(codes, owner, amount, at, rng, count):  # type: ignore[no-untyped-def]
    item = rng.integers(0, len(owner), count)
    base = {
        "entity": ENTITY,
        "customer_id": codes[owner[item]],
        "item_id": np.char.add("I", item.astype(str)),
    }
    money = {"currency": CURRENCY, "amount": amount[item]}
    day = FIRST_DAY + rng.integers(600, DAYS, count)
    number = np.arange(count).astype(str)
    return {
        "disputes": CANONICAL["disputes"].typed(pd.DataFrame({
            **base, **money, "dispute_id": np.char.add("D", number), "opened_on": day, "state": "open",
            "reason": rng.choice(["price", "tax", "quality", "not_delivered"], count)})),
        "promises": CANONICAL["promises"].typed(pd.DataFrame({
            **base, **money, "promise_id": np.char.add("PR", number), "promised_on": day, "pay_by": day + 14, "state": "open"})),
        "activities": CANONICAL["activities"].typed(pd.DataFrame({
            **base, "activity_id": np.char.add("AC", number), "occurred_at": day, "done_by": "dana.reyes", "kind": "call",
            "text": "called"})),
    }  # fmt: skip
