"""Planted gaps between general ledger and sub-ledger: one story a cause. Floor 2.

Amounts of gaps are general ledger less sub-ledger at the close. Anything that is not here ties to the last
unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from arlib.sources.sample.plan import EXPORT, INTERCOMPANY, TRADE
from arlib.sources.sample.planting import GlLine, Stage


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A reconciling item that an earlier close reported: `item` or `number` names its document."""

    cause: str
    account: str
    amount: int
    first: int  # day number of the period end that reported it first
    item: int = -1
    number: str = ""


def plant_gaps(stage: Stage) -> list[Carried]:
    """Plant every cause of a gap; returns the reconciling items of earlier closes."""
    _dates(stage)
    _batches(stage)
    _accounts(stage)
    _one_sided_cash(stage)
    _derecognised(stage)
    return [*_journals(stage), *_settled_since(stage)]


def _dates(stage: Stage) -> None:
    day = stage.business(stage.close)
    amount = stage.money("7,318.45")
    late = stage.invoice("stage", day, amount)
    stage.gl.moved[late] = stage.close + 2
    story = stage.gap(
        "date_outside_period",
        late,
        -amount,
        day,
        note="in the sub-ledger before the close, in the ledger after it",
    )
    amount = stage.money("2,906.10")
    early = stage.invoice("stage", stage.close + 2, amount)
    stage.gl.moved[early] = day
    stage.gap(
        "date_outside_period",
        early,
        amount,
        day,
        story=story,
        note="in the ledger before the close, in the sub-ledger after it",
    )

    amount = stage.money("3,454.80")
    wrong = stage.invoice("stage", stage.business(stage.close - 20), amount)
    back = stage.ledger.add_item(
        type="credit_memo",
        kind="CM",
        cust=stage.cust("stage"),
        eff=day,
        amount=-amount,
        acct=TRADE,
        reverses=wrong,
        reason="billed_in_error",
        user="billing",
    )
    stage.ledger.apply_one(
        back, wrong, day, amount, kind="credit_memo", reason="billed_in_error", user="billing"
    )
    stage.gl.moved[back] = stage.close + 3
    stage.gap(
        "reversal_other_period",
        back,
        amount,
        day,
        note="invoice reversed before the close, in the ledger after it",
    )


def _batches(stage: Stage) -> None:
    stories = (
        (
            "unposted_batch",
            -1,
            3,
            "BBU001",
            ("1,250.00", "884.37", "4,019.62"),
            "stands unposted in the ledger",
        ),
        ("doubled_batch", 1, 9, "BBD001", ("640.25", "2,215.90", "731.08", "1,507.44"), "was posted twice"),
    )
    for cause, sign, back, batch, amounts, words in stories:
        day, story, total = stage.business(stage.close - back), None, 0
        for dollars in amounts:
            amount = stage.money(dollars)
            item = stage.invoice("stage", day, amount, batch=batch)
            (stage.gl.unposted if sign < 0 else stage.gl.doubled).add(item)
            story = stage.gap(cause, item, sign * amount, day, story=story, note=f"batch {batch} {words}")
            total += sign * amount
        stage.notes.plant(
            cause,
            [("text", batch)],
            total,
            day,
            control="billing_transfers",
            cause=cause.removesuffix("_batch"),
            story=story,
            note="the same, seen in the transfer totals",
        )


def _accounts(stage: Stage) -> None:
    day, amount = stage.business(stage.close - 14), stage.money("5,120.33")
    item = stage.invoice("stage", day, amount)
    stage.gl.accounts[item] = INTERCOMPANY
    story = stage.gap("wrong_account", item, -amount, day, note="posted to intercompany in the ledger")
    stage.gap(
        "wrong_account",
        item,
        amount,
        day,
        account=INTERCOMPANY,
        story=story,
        note="posted to intercompany in the ledger",
    )

    day, amount = stage.business(stage.close - 12), stage.money("1,933.17")
    item = stage.invoice("stage", day, amount)
    stage.gl.deltas[item] = 1
    stage.gap("rounding", item, 1, day, note="one unit of rounding in the interface")


def _one_sided_cash(stage: Stage) -> None:
    day, story = stage.business(stage.close - 2), None
    for number, dollars in enumerate(("1,412.50", "3,008.75", "962.20"), start=1):
        amount = stage.money(dollars)
        line = GlLine(
            account=TRADE,
            day=day,
            source="lockbox",
            number=f"LB-{stage.plan.code}-{number:03d}",
            amount=-amount,
            text="lockbox direct",
            user="lockbox",
            batch="LBX001",
        )
        story = stage.gl_only("receipt_gl_only", line, story=story, note="lockbox posted in the ledger only")
        stage.cash.only_bank.append((day, amount, line.number))
        stage.notes.plant(
            "receipt_gl_only",
            [("text", f"BX{number:04d}")],
            amount,
            day,
            control="cash_proof",
            account=f"{stage.plan.code}-{stage.plan.currency}-01",
            cause="not_posted",
            story=story,
            note="the same money, seen at the bank",
        )
    day, amount = stage.business(stage.close - 5), stage.money("2,640.00")
    owed = stage.invoice("stage", stage.business(stage.close - 38), amount)
    money = stage.pay("stage", owed, day, amount)
    stage.gl.omitted.add(money)
    stage.gap("receipt_subledger_only", money, amount, day, note="receipt that never reached the ledger")


def _derecognised(stage: Stage) -> None:
    amount = stage.money("9,875.00")
    sold = stage.invoice("stage", stage.business(stage.close - 45), amount, assigned="Meridian Factors")
    day = stage.business(stage.close - 6)
    stage.gl_only(
        "factored",
        GlLine(
            account=TRADE,
            day=day,
            source="other",
            number="",
            item=sold,
            amount=-amount,
            customer=stage.cust("stage"),
            text="derecognised: sold to Meridian Factors",
        ),
        note="sold to a factor; the sub-ledger still holds it",
    )
    amount = stage.money("1,180.00")
    stage.gl_only(
        "contra",
        GlLine(
            account=TRADE,
            day=day,
            source="other",
            number="CT-8841",
            amount=-amount,
            customer=stage.cust("stage"),
            text="contra AP 8841, netting agreement NA-17",
        ),
        note="netted against payables in the ledger only",
    )
    amount, given = stage.money("1,366.90"), stage.business(stage.close - 25)
    stage.ledger.add_item(
        type="credit_memo",
        kind="CM",
        cust=stage.cust("bankrupt"),
        eff=given,
        amount=-amount,
        acct=TRADE,
        reason="rebate",
        user="billing",
    )
    stage.gl_only(
        "credit_balance_reclass",
        GlLine(
            account=TRADE,
            day=stage.close,
            source="reclass",
            number="RCL-0001",
            amount=amount,
            customer=stage.cust("bankrupt"),
            text="customers with credit balances to other liabilities",
        ),
        note="credit balance shown as a liability in the ledger",
    )
    stage.gl_only(
        "gl_only_revaluation",
        GlLine(
            account=EXPORT,
            day=stage.close,
            source="revaluation",
            number="RVX-0001",
            amount=stage.money("417.26"),
            text="revaluation top-up, head office",
        ),
        note="revaluation that the sub-ledger does not know",
    )


def _journals(stage: Stage) -> list[Carried]:
    before = stage.window.month_ends[-3]
    old, day, amount = "JM-0001", stage.business(before - 17), stage.money("2,500.00")
    story = stage.gl_only(
        "manual_journal",
        GlLine(
            account=TRADE, day=day, source="manual", number=old, amount=amount, text="accrual, to be reversed"
        ),
        note="never reversed",
    )
    stage.gl_only(
        "manual_journal",
        GlLine(
            account=TRADE,
            day=stage.business(stage.close - 10),
            source="manual",
            number="JM-0002",
            amount=-stage.money("318.64"),
            text="correction per e-mail",
        ),
        story=story,
        note="posted straight to the control account",
    )
    return [Carried(cause="manual_journal", account=TRADE, amount=amount, first=before, number=old)]


def _settled_since(stage: Stage) -> list[Carried]:
    """A difference of the previous close that has cleared: the ledger followed two days later."""
    before = stage.window.month_ends[-2]
    amount = stage.money("1,047.71")
    item = stage.invoice("stage", stage.business(before), amount)
    stage.gl.moved[item] = before + 2
    stage.notes.plant(
        "cleared_since",
        [("item", item)],
        -amount,
        stage.business(before),
        note="reconciling item of the previous close, cleared in the period",
    )
    return [Carried(cause="date_outside_period", account=TRADE, amount=-amount, first=before, item=item)]
