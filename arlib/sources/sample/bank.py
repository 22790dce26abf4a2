"""Bank lines, receipts and their links in the sample company. Floor 2.

Money arrives by wire (one line a receipt, some in two), by cheque (a day's deposit is one line) or by card (a
day's settlement is one line, and the acquirer's fee another). A tenth is booked by the bank a day before or
after the ledger.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.sources.sample.customers import Customers, payer_account
from arlib.sources.sample.plan import NONE, EntityPlan, Ints, Texts, Window
from arlib.sources.sample.planting import Cash
from arlib.sources.sample.subledger import SubLedger
from arlib.sources.sample.truth import Notes
from arlib.tables import CANONICAL

WIRE, SPLIT, CHEQUE, CARD, RETURN = range(5)


def cash_tables(
    plan: EntityPlan,
    ledger: SubLedger,
    held: Customers,
    ids: Texts,
    item_ids: Texts,
    open_amount: Ints,
    cash: Cash,
    window: Window,
    notes: Notes,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    """BANK_LINES, RECEIPTS and RECEIPT_BANK_LINES of one entity."""
    items = ledger.items
    kind = items.column("type")
    rows = np.flatnonzero((kind == "receipt") | (kind == "prepayment"))
    amount, ccy, day, cust = (items.column(name)[rows] for name in ("amount", "ccy", "post", "cust"))
    reverses = items.column("reverses")[rows]
    n = len(rows)
    method = rng.choice(4, n, p=[0.58, 0.05, 0.27, 0.1])
    internal = items.column("acct")[rows] == "1250"
    scripted = np.isin(rows, list(cash.booked) + list(cash.references) + list(cash.unbanked))
    status = items.column("status")[rows]
    method = np.where(internal | scripted | (status == "reversed"), WIRE, method)
    method = np.where(reverses >= 0, RETURN, method)
    # cheques and card settlements are booked together, so they share the day
    slip = rng.choice([0, 1, -1], n, p=[0.86, 0.08, 0.06])
    together = np.isin(method, (CHEQUE, CARD))
    shared = rng.choice([0, 1], window.last + 2, p=[0.88, 0.12])[np.clip(day, 0, window.last + 1)]
    booked = _working(
        day + np.where(together, shared, np.where((method == RETURN) | scripted, 0, slip)), window
    )
    place = {int(handle): at for at, handle in enumerate(rows)}
    for handle, when in cash.booked.items():
        booked[place[handle]] = when
    accounts = np.array([f"{plan.code}-{code}-01" for code in plan.currencies], dtype=object)[ccy]
    names = np.array([*(name.upper() for name in held.names), ""], dtype=object)
    payer = np.where(cust >= 0, cust, held.count)
    receipt_ids = ids[rows]

    key = np.where(together, ((ccy * 8 + method) * 8192 + booked + 512) * 2, 2 * (10**7 + np.arange(n)))
    unbanked = np.isin(rows, list(cash.unbanked))
    links = pd.DataFrame({"row": np.arange(n), "key": key, "amount": -amount})[~unbanked]
    split = links[method[links["row"]] == SPLIT]
    half = split["amount"] * 6 // 10
    links.loc[split.index, "amount"] = half
    links = pd.concat(
        [links, split.assign(key=split["key"] + 1, amount=split["amount"] - half)], ignore_index=True
    )
    for at in split["row"].tolist()[:200]:
        notes.noise("split_deposit", [("item", int(rows[at]))], int(-amount[at]), int(ccy[at]), int(day[at]))

    lines = links.groupby("key", sort=True).agg(
        row=("row", "first"), amount=("amount", "sum"), parts=("row", "size")
    )
    first = lines["row"].to_numpy()
    line_days = booked[first]
    lines["bank_line_id"] = [f"BL{k:07d}" for k in range(1, len(lines) + 1)]
    single = lines["parts"].to_numpy() == 1
    text_of = _references(rows, cash, rng)
    code = np.array(plan.currencies, dtype=object)
    line_of_row = pd.Series(lines["bank_line_id"].to_numpy(), index=first)
    returned = [
        line_of_row.get(place.get(int(handle), -1), "") if handle >= 0 else "" for handle in reverses[first]
    ]
    one_payer = single & (method[first] != CARD)
    bank = pd.DataFrame(
        {
            "bank_line_id": lines["bank_line_id"],
            "entity": plan.code,
            "bank_account": accounts[first],
            "booking_date": window.days(line_days),
            "value_date": window.days(line_days),
            "currency": code[ccy[first]],
            "amount": lines["amount"],
            "kind": np.where(method[first] == RETURN, "return", "receipt"),
            "payer_name": np.where(
                one_payer, names[payer[first]], np.where(method[first] == CARD, "CARD ACQUIRER", "DEPOSIT")
            ),
            "payer_account": np.where(
                one_payer, [payer_account(plan.code, int(k)) for k in payer[first]], ""
            ),
            "remittance_text": np.where(one_payer, text_of[first], ""),
            "reference": np.where(one_payer, "", [f"DEP{d:05d}" for d in line_days.tolist()]),
            "return_of": returned,
            "return_code": np.where(method[first] == RETURN, "R01", ""),
            "is_receivable": True,
        }
    )
    bank = pd.concat(
        [bank, *_other_lines(plan, bank, method[first] == CARD, cash, window, rng)], ignore_index=True
    )
    linked = links.merge(lines[["bank_line_id"]], left_on="key", right_index=True)
    table = pd.DataFrame(
        {
            "receipt_id": receipt_ids,
            "entity": plan.code,
            "item_id": item_ids[rows],
            "customer_id": np.where(cust >= 0, held.ids[cust], ""),
            "bank_account": accounts,
            "effective_date": window.days(items.column("eff")[rows]),
            "posting_date": window.days(day),
            "entered_at": instants(items.column("entered")[rows], items.column("second")[rows], plan, window),
            "currency": code[ccy],
            "amount": -amount,
            "status": _status(kind[rows], status, open_amount[rows], reverses, reversed_rows(ledger)[rows]),
            "deposit_batch": items.column("batch")[rows],
            "user": items.column("user")[rows],
            "payer_name": names[payer],
            "payer_account": [payer_account(plan.code, int(k)) if k < held.count else "" for k in payer],
            "remittance_text": text_of,
            "reference": [cash.references.get(int(h), "") for h in rows],
            "return_of": np.where(reverses >= 0, ids[reverses], ""),
            "return_code": np.where(reverses >= 0, "R01", ""),
        }
    )
    return {
        "bank_lines": CANONICAL["bank_lines"].typed(bank),
        "receipts": CANONICAL["receipts"].typed(table),
        "receipt_bank_lines": CANONICAL["receipt_bank_lines"].typed(
            pd.DataFrame(
                {
                    "entity": plan.code,
                    "receipt_id": receipt_ids[linked["row"]],
                    "bank_account": accounts[linked["row"]],
                    "bank_line_id": linked["bank_line_id"],
                    "currency": code[ccy[linked["row"]]],
                    "amount": linked["amount"],
                }
            )
        ),
    }


def instants(days: Ints, seconds: Ints, plan: EntityPlan, window: Window) -> pd.Series:
    """Local working hours of a day as UTC instants."""
    start = np.datetime64(window.first, "s")
    local = start + days * 86_400 + seconds - plan.hours_from_utc * 3_600
    made = local.astype("datetime64[us]")
    made[days == NONE] = np.datetime64("NaT")
    return pd.Series(pd.DatetimeIndex(made, tz="UTC").as_unit("us"))


def reversed_rows(ledger: SubLedger) -> np.ndarray:
    """Which items another item reverses."""
    reverses = ledger.items.column("reverses")
    made = np.zeros(ledger.items.count, dtype=bool)
    made[reverses[reverses >= 0]] = True
    return made


def _working(day: Ints, window: Window) -> Ints:
    """Weekends to the Monday after; what slipped to a Sunday was booked on Friday."""
    weekday = window.weekday(day)
    return np.where(weekday == 6, day - 2, np.where(weekday == 5, day + 2, day))


def _status(kind: Texts, given: Texts, open_amount: Ints, reverses: Ints, is_reversed: np.ndarray) -> Texts:
    settled = np.where(open_amount == 0, "applied", np.where(given == "", "unapplied", given))
    settled = np.where(
        (open_amount == 0) & (given == "on_account") & (kind == "prepayment"), "applied", settled
    )
    made: Texts = np.where((reverses >= 0) | is_reversed, "reversed", settled).astype(object)
    return made


def _references(rows: Ints, cash: Cash, rng: np.random.Generator) -> Texts:
    """Free text of a payment: a reference, a word, or nothing."""
    style = rng.integers(0, 4, len(rows))
    number = rng.integers(10_000, 99_999, len(rows))
    words = [
        cash.references.get(int(handle), "") or (f"INV {k}", "", f"payment {k}", f"/ROC/{k}//thank you")[pick]
        for handle, k, pick in zip(rows.tolist(), number.tolist(), style.tolist(), strict=True)
    ]
    return np.array(words, dtype=object)


def _other_lines(
    plan: EntityPlan,
    bank: pd.DataFrame,
    is_card: np.ndarray,
    cash: Cash,
    window: Window,
    rng: np.random.Generator,
) -> list[pd.DataFrame]:
    """Card fees, lockbox lines that the sub-ledger does not know, charges, and money that is none of ours."""
    cards = bank[is_card & (bank["amount"] > 0)]
    fees = cards.assign(
        bank_line_id="F" + cards["bank_line_id"],
        amount=-np.maximum(cards["amount"] * 25 // 1000, 1),
        kind="card_fee",
        remittance_text="acquirer fee",
    )
    home = f"{plan.code}-{plan.currency}-01"
    months = np.array(window.month_ends)
    n = len(months)
    other = pd.DataFrame(
        {
            "bank_line_id": [f"BC{k:04d}" for k in range(2 * n)],
            "entity": plan.code,
            "bank_account": home,
            "booking_date": window.days(np.r_[months, months - 9]),
            "value_date": window.days(np.r_[months, months - 9]),
            "currency": plan.currency,
            "amount": np.r_[-rng.integers(2_000, 9_000, n), rng.integers(10_000, 90_000, n)],
            "kind": ["bank_fee"] * n + ["other"] * n,
            "payer_name": ["BANK"] * n + ["TAX OFFICE"] * n,
            "payer_account": "",
            "remittance_text": ["charges"] * n + ["refund of tax"] * n,
            "reference": "",
            "return_of": "",
            "return_code": "",
            "is_receivable": False,
        }
    )
    only = pd.DataFrame(
        [
            {
                "bank_line_id": f"BX{k:04d}",
                "entity": plan.code,
                "bank_account": home,
                "booking_date": window.date(day),
                "value_date": window.date(day),
                "currency": plan.currency,
                "amount": amount,
                "kind": "receipt",
                "payer_name": "LOCKBOX",
                "payer_account": "",
                "remittance_text": text,
                "reference": text,
                "return_of": "",
                "return_code": "",
                "is_receivable": True,
            }
            for k, (day, amount, text) in enumerate(cash.only_bank, start=1)
        ]
    )
    for frame in (fees, other, only):
        for name in ("booking_date", "value_date"):
            frame[name] = frame[name].astype("datetime64[s]")
    return [fees, other, only]
