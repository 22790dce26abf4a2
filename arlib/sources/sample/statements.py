"""Customers' own statements of our account at the close, with planted differences. Floor 2.

A statement lists what the customer holds open, in its sign: what it owes us is negative. The statements of a
few ordinary customers agree with ours; scripted ones differ, each in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import EntityPlan, Ints, Texts
from arlib.sources.sample.planting import Stage
from arlib.sources.sample.subledger import SubLedger
from arlib.tables import CANONICAL

HONEST = 3  # ordinary customers with a statement


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line that only the customer has."""

    part: str
    reference: str
    day: int
    amount: int  # in their sign
    text: str


@dataclass
class Scripts:
    """How the scripted statements depart from our open items, by item handle."""

    left_out: set[int] = field(default_factory=set)
    twice: set[int] = field(default_factory=set)
    amounts: dict[int, int] = field(default_factory=dict)  # their open amount in our sign
    lines: list[Line] = field(default_factory=list)


def plant_statements(stage: Stage) -> Scripts:
    """Scripted documents and differences of five customers."""
    scripts, close = Scripts(), stage.close
    for back, dollars in ((40, "2,150.00"), (26, "987.65"), (12, "3,406.12")):
        stage.invoice("statement_clean", stage.business(close - back), stage.money(dollars))
    _in_transit(stage, scripts)
    _claims(stage, scripts)

    amount = stage.money("1,777.00")
    twice = stage.invoice("statement_twice", stage.business(close - 33), amount)
    stage.invoice("statement_twice", stage.business(close - 19), stage.money("845.50"))
    scripts.twice.add(twice)
    _note(
        stage,
        "duplicate",
        "statement_twice",
        ("item", twice),
        amount,
        close - 33,
        "entered twice by the customer",
    )

    amount = stage.money("2,468.00")
    behind = stage.invoice("statement_behind", stage.business(close - 52), amount)
    scripts.left_out.add(behind)
    _note(
        stage,
        "missing_on_statement",
        "statement_behind",
        ("item", behind),
        amount,
        close - 52,
        "never entered by the customer",
    )
    amount = stage.money("654.30")
    settled = stage.invoice("statement_behind", stage.business(close - 47), amount)
    day = stage.business(close - 21)
    memo = stage.ledger.add_item(
        type="credit_memo",
        kind="CM",
        cust=stage.cust("statement_behind"),
        eff=day,
        amount=-amount,
        acct=stage.held.account[stage.cust("statement_behind")],
        reason="returned_goods",
        user="billing",
    )
    stage.ledger.apply_one(
        memo, settled, day, amount, kind="credit_memo", reason="returned_goods", user="billing"
    )
    scripts.amounts[settled] = amount
    _note(
        stage,
        "settled_in_ledger",
        "statement_behind",
        ("item", settled),
        amount,
        close - 47,
        "our credit memo is not in their books",
    )
    return scripts


def _in_transit(stage: Stage, scripts: Scripts) -> None:
    part, close = "statement_transit", stage.close
    amount = stage.money("5,230.40")
    paid = stage.invoice(part, stage.business(close - 31), amount)
    stage.invoice(part, stage.business(close - 22), stage.money("1,090.00"))
    money = stage.pay(part, paid, close + 2, amount)
    stage.cash.references[money] = "PAY-7001"
    scripts.lines.append(Line(part=part, reference="PAY-7001", day=close - 1, amount=amount, text="payment"))
    _note(
        stage,
        "in_transit",
        part,
        ("text", "PAY-7001"),
        amount,
        close - 1,
        "paid before the close, received after it",
    )
    amount = stage.money("2,018.75")
    sent = stage.invoice(part, stage.business(close), amount)
    scripts.left_out.add(sent)
    _note(
        stage,
        "in_transit",
        part,
        ("item", sent),
        amount,
        close,
        "billed on the last day, not yet with the customer",
    )


def _claims(stage: Stage, scripts: Scripts) -> None:
    part, close = "statement_claims", stage.close
    amount, claim = stage.money("3,180.00"), stage.money("240.00")
    short = stage.invoice(part, stage.business(close - 36), amount)
    stage.invoice(part, stage.business(close - 29), stage.money("1,264.00"))
    scripts.amounts[short] = amount - claim
    _note(
        stage,
        "amount_differs",
        part,
        ("item", short),
        claim,
        close - 36,
        "the customer holds a price claim against it",
    )
    note = stage.money("512.00")
    scripts.lines.append(
        Line(part=part, reference="DN-3310", day=close - 18, amount=note, text="debit note: late delivery")
    )
    _note(
        stage,
        "missing_in_ledger",
        part,
        ("text", "DN-3310"),
        note,
        close - 18,
        "a debit note that we do not have",
    )


def _note(
    stage: Stage, cause: str, part: str, cites: tuple[str, int | str], amount: int, day: int, note: str
) -> None:
    stage.notes.plant(
        f"statement_{cause}",
        [cites],
        amount,
        day,
        ccy=int(stage.held.currency[stage.cust(part)]),
        control="customer_statement",
        account=str(stage.held.ids[stage.cust(part)]),
        cause=cause,
        note=note,
    )


def statement_table(
    plan: EntityPlan,
    ledger: SubLedger,
    held: Customers,
    open_amount: Ints,
    ids: Texts,
    scripts: Scripts,
    stage: Stage,
) -> pd.DataFrame:
    """CUSTOMER_STATEMENT_LINES at the close; `open_amount` is ours by effective date, an item."""
    window = stage.window
    cust, ccy, doc = (ledger.items.column(name) for name in ("cust", "ccy", "doc"))
    kind = ledger.items.column("type")
    shown = open_amount.copy()
    for handle, amount in scripts.amounts.items():
        shown[handle] = amount
    listed = shown != 0
    listed[list(scripts.left_out)] = False
    copies = np.ones(len(cust), dtype=np.int64)
    copies[list(scripts.twice)] = 2

    plain = np.isin(kind, ("invoice", "opening"))
    odd = np.zeros(held.count, dtype=bool)
    odd[cust[(open_amount != 0) & ~plain & (cust >= 0)]] = True
    owed = np.zeros(held.count, dtype=np.int64)
    np.add.at(owed, cust[listed & (cust >= 0)], 1)
    ordinary = np.flatnonzero(~odd & (owed > 1) & (held.weight > 0) & (held.account != "1250"))
    ordinary = ordinary[np.argsort(-held.weight[ordinary], kind="stable")][:HONEST]
    scripted = [held.stage[part] for part in held.stage if part.startswith("statement_")]
    frames = []
    for place in (*ordinary.tolist(), *scripted):
        mine = np.flatnonzero(listed & (cust == place))
        mine = np.repeat(mine, copies[mine])
        extra = [line for line in scripts.lines if held.stage[line.part] == place]
        days = np.r_[doc[mine], np.array([line.day for line in extra], dtype=np.int64)]
        code = plan.currencies[int(held.currency[place])]
        frame = pd.DataFrame(
            {
                "reference": [*ids[mine], *(line.reference for line in extra)],
                "date": window.days(days),
                "amount": [*(-shown[mine]).tolist(), *(line.amount for line in extra)],
                "currency": code,
                "text": [*(["invoice"] * len(mine)), *(line.text for line in extra)],
            }
        ).sort_values(["date", "reference"], kind="stable")
        frame["line_no"] = np.arange(1, len(frame) + 1)
        frame["entity"], frame["customer_id"] = plan.code, held.ids[place]
        frames.append(frame)
    made = pd.concat(frames, ignore_index=True)
    made["statement_date"] = np.datetime64(window.as_of, "s")
    assert (
        ccy[listed & np.isin(cust, scripted)] == held.currency[cust[listed & np.isin(cust, scripted)]]
    ).all()
    return CANONICAL["customer_statement_lines"].typed(made)
