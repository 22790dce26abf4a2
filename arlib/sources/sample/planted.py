"""Planted anomalies that leave both ledgers in agreement: for cash, cut-off and pattern tests. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass

from arlib.sources.sample.plan import TRADE, UNAPPLIED, UNIDENTIFIED
from arlib.sources.sample.planting import Stage


@dataclass(frozen=True, kw_only=True)
class Merge:
    """A customer account merged into another on a day."""

    old: int
    new: int
    day: int


def plant_stories(stage: Stage) -> list[Merge]:
    """Plant them all; returns the customer merges."""
    _late_entries(stage)
    _duplicates(stage)
    _short_payment(stage)
    _lapping(stage)
    _cut_off(stage)
    _split_write_offs(stage)
    _returned(stage)
    _rescheduled(stage)
    _bankrupt(stage)
    _held_cash(stage)
    _transit(stage)
    return [_merged(stage)]


def _late_entries(stage: Stage) -> None:
    closed = stage.business(stage.window.month_ends[-2] - 3)
    amount = stage.money("1,284.55")
    item = stage.invoice("stage", closed, amount, entered=stage.business(stage.close - 8))
    stage.notes.plant(
        "back_posted",
        [("item", item)],
        amount,
        closed,
        control="closed_periods",
        note="entered into the previous period after its close",
    )
    day, amount = stage.business(stage.close - 11), stage.money("2,077.30")
    item = stage.invoice("stage", day, amount, eff=day - 365, post=day, due=day - 335)
    stage.notes.plant("misdated", [("item", item)], amount, day, note="document dated a year too early")
    day, amount = stage.business(stage.close - 1), stage.money("1,610.42")
    item = stage.invoice("stage", day, amount, post=stage.close + 2)
    stage.notes.plant(
        "posted_late",
        [("item", item)],
        amount,
        day,
        note="business date before the close, posted after it on both sides",
    )


def _duplicates(stage: Stage) -> None:
    day, amount = stage.business(stage.close - 18), stage.money("3,349.99")
    one = stage.invoice("stage", day, amount, po="PO-778812")
    two = stage.invoice("stage", day, amount, po="PO-778812")
    stage.notes.plant("duplicate_invoice", [("item", one), ("item", two)], amount, day, cites=("item", two))
    day, amount = stage.business(stage.close - 7), stage.money("1,875.20")
    owed = stage.invoice("stage", stage.business(stage.close - 40), amount)
    first = stage.pay("stage", owed, day, amount)
    again = stage.receipt("stage", day, amount, status="unapplied", user="cash.chloe")
    stage.cash.references[first] = stage.cash.references[again] = "WIRE-55210"
    stage.cash.booked[first] = day
    stage.cash.unbanked.add(again)
    stage.notes.plant(
        "duplicate_receipt",
        [("item", first), ("item", again)],
        amount,
        day,
        cites=("item", again),
        control="cash_proof",
        account=f"{stage.plan.code}-{stage.plan.currency}-01",
        cause="in_transit",
        note="posted twice, banked once",
    )


def _short_payment(stage: Stage) -> None:
    day, amount = stage.business(stage.close - 13), stage.money("4,400.00")
    missing = stage.money("212.50")
    owed = stage.invoice("stage", stage.business(stage.close - 44), amount)
    money = stage.pay("stage", owed, day, amount - missing)
    stage.cash.advised[money] = [(owed, amount - missing, "")]
    stage.notes.plant(
        "short_payment", [("item", owed), ("item", money)], missing, day, note="no reason given"
    )


def _lapping(stage: Stage) -> None:
    """A's cheque is kept; B's money settles A, C's money settles B. The remittance advices say otherwise."""
    amount = stage.money("1,990.00")
    owed = {
        part: stage.invoice(
            f"lapping_{part}", stage.business(stage.close - start), amount + extra * stage.money("15.00")
        )
        for part, start, extra in (("a", 75, 0), ("b", 68, 1), ("c", 61, 2))
    }
    sums = {part: amount + extra * stage.money("15.00") for part, extra in (("a", 0), ("b", 1), ("c", 2))}
    receipts = []
    for payer, settles, back in (("b", "a", 30), ("c", "b", 21)):
        day = stage.business(stage.close - back)
        money = stage.receipt(f"lapping_{payer}", day, sums[payer], user="cash.ben", status="on_account")
        part = min(sums[payer], sums[settles])
        stage.ledger.apply_one(
            money, owed[settles], day + 3, part, kind="payment", reason="payment", user="cash.ben"
        )
        stage.cash.advised[money] = [(owed[payer], sums[payer], "")]
        receipts.append(money)
    stage.notes.plant(
        "lapping",
        [("item", receipts[0]), ("item", receipts[1]), *(("item", owed[p]) for p in "abc")],
        amount,
        stage.business(stage.close - 30),
        note="money applied to another customer than the remittance says, by one user",
    )


def _cut_off(stage: Stage) -> None:
    day, amount = stage.business(stage.close), stage.money("6,215.00")
    early = stage.invoice("stage", day, amount, delivered=stage.close + 4)
    stage.notes.plant(
        "cut_off_sale_early",
        [("item", early)],
        amount,
        day,
        note="billed before the close, delivered after it",
    )
    amount = stage.money("2,740.85")
    late = stage.invoice("stage", stage.close + 2, amount, delivered=stage.close - 2)
    stage.notes.plant(
        "cut_off_sale_late",
        [("item", late)],
        amount,
        stage.close + 2,
        note="delivered before the close, billed after it",
    )


def _split_write_offs(stage: Stage) -> None:
    day, made = stage.business(stage.close - 16), []
    for dollars in ("498.10", "496.75", "499.00"):
        amount = stage.money(dollars)
        owed = stage.invoice("stage", stage.business(stage.close - 140), amount)
        off = stage.ledger.add_item(
            type="write_off",
            kind="WO",
            cust=stage.cust("stage"),
            eff=day,
            amount=-amount,
            acct=TRADE,
            reason="small_balance",
            user="coll.max",
        )
        stage.ledger.apply_one(
            off, owed, day, amount, kind="write_off", reason="small_balance", user="coll.max"
        )
        made.append((off, amount))
    stage.notes.plant(
        "split_write_offs",
        [("item", off) for off, _ in made],
        sum(a for _, a in made),
        day,
        note="three just under the limit of 500, one day, one user",
    )


def _returned(stage: Stage) -> None:
    day = stage.business(stage.close - 22)
    amount = stage.money("3,000.00")
    taken = amount * 2 // 100
    owed = stage.invoice("stage", day - 7, amount, disc_rate="0.02", disc_day=day + 3, terms="2/10 net 30")
    money = stage.receipt("stage", day, amount - taken, status="reversed")
    first = stage.ledger.apply_one(
        money,
        owed,
        day,
        amount - taken,
        disc=taken,
        kind="payment",
        reason="discount_earned",
        user="cash.amy",
        extra=1,
    )
    back = stage.business(stage.close - 15)
    stage.undo_all([first], back, reason="nsf_return")
    returned = stage.ledger.add_item(
        type="receipt",
        kind="RR",
        cust=stage.cust("stage"),
        eff=back,
        amount=amount - taken,
        acct=TRADE,
        status="reversed",
        reverses=money,
        reason="nsf",
        due=day + 23,
        user="cash.amy",
    )
    stage.ledger.apply_one(
        money, returned, back, amount - taken, kind="return", reason="nsf_return", user="cash.amy"
    )
    fee = stage.ledger.add_item(
        type="interest_or_fee",
        kind="FE",
        cust=stage.cust("stage"),
        eff=back,
        amount=stage.money("35.00"),
        acct=TRADE,
        due=back,
        reason="nsf_fee",
        user="billing",
    )
    stage.notes.plant(
        "nsf_return",
        [("item", returned), ("item", money), ("item", owed), ("item", fee)],
        amount - taken,
        back,
        note="returned by the bank; discount clawed back, invoice open again",
    )


def _rescheduled(stage: Stage) -> None:
    day, amount = stage.business(stage.close - 17), stage.money("12,480.00")
    item = stage.invoice(
        "stage",
        stage.business(stage.close - 105),
        amount,
        due=stage.close + 43,
        orig=stage.close - 75,
        rescheduled=day,
        authorised="a.hart",
        text="new terms agreed",
    )
    note = "new due date in the period, authorised by sales"
    stage.notes.plant("re_aged", [("item", item)], amount, day, note=note)


def _bankrupt(stage: Stage) -> None:
    amount = stage.money("2,231.00")
    owed = stage.invoice("bankrupt", stage.business(stage.close - 95), amount)
    day = stage.business(stage.close - 4)
    part = stage.money("700.00")
    money = stage.pay("bankrupt", owed, day, part)
    stage.notes.plant(
        "money_from_bankrupt", [("item", money), ("item", owed)], part, day, note="applied instead of held"
    )


def _held_cash(stage: Stage) -> None:
    """Cash that waits at the close, as in any company: payer unknown, and payer known but not what for."""
    day, amount = stage.business(stage.close - 3), stage.money("1,432.18")
    unknown = stage.receipt("stage", day, amount, cust=-1, acct=UNIDENTIFIED, status="unidentified")
    stage.notes.noise("unidentified_cash", [("item", unknown)], amount, 0, day)
    amount = stage.money("803.60")
    waiting = stage.receipt("stage", day, amount, acct=UNAPPLIED, status="unapplied")
    stage.notes.noise("unapplied_cash", [("item", waiting)], amount, 0, day)


def _transit(stage: Stage) -> None:
    """Money on its way at the close and at the one before, which a proof of cash names by itself."""
    for end, dollars in ((stage.close, "1,505.00"), (stage.window.month_ends[-2], "1,655.00")):
        day, amount = stage.business(end), stage.money(dollars)
        owed = stage.invoice("stage", stage.business(end - 33), amount)
        money = stage.pay("stage", owed, day, amount)
        stage.cash.booked[money] = stage.window.after_weekend(end + 1)
        stage.notes.noise("deposit_in_transit", [("item", money)], amount, 0, day)
    day, amount = stage.business(stage.close), stage.money("940.00")
    posted = stage.window.after_weekend(stage.close + 1)
    owed = stage.invoice("stage", stage.business(stage.close - 34), amount)
    money = stage.pay("stage", owed, posted, amount)
    stage.cash.booked[money] = day
    stage.notes.noise("posted_after_the_bank", [("item", money)], amount, 0, day)


def _merged(stage: Stage) -> Merge:
    day = stage.close - 60
    before = [
        stage.invoice("merged_old", stage.business(day - back), stage.money(dollars))
        for back, dollars in ((20, "1,111.10"), (8, "2,222.20"))
    ]
    stage.invoice("merged_new", stage.business(day + 20), stage.money("1,515.15"))
    stage.pay("merged_new", before[0], stage.business(day + 12), stage.money("1,111.10"))
    stage.notes.plant(
        "customer_merge",
        [("item", handle) for handle in before],
        stage.money("3,333.30"),
        day,
        note="old account's invoices are paid and open under the new one",
    )
    return Merge(old=stage.cust("merged_old"), new=stage.cust("merged_new"), day=day)
