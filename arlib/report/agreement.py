"""How the totals of a month-end agree: aging, customers' movements and roll-forward differ by what is named. Floor 3."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from arlib.controls import Identity
from arlib.ledger.frames_control import RollLine
from arlib.ledger.rollforward import line_amount
from arlib.money import shown, total
from arlib.policy import Basis, Scope
from arlib.report.model import Report, ResultTable
from arlib.report.tables import result_table
from arlib.report.totals import money_totals
from arlib.tables import Column, Kind, Table

BRIDGES = Table("bridges", "a line on the way from one total to another", ("bridge", "line_no"), (
    Column("bridge", Kind.TEXT, "from which total to which", True),
    Column("line_no", Kind.INTEGER, "1, 2, 3 within the bridge", True),
    Column("line", Kind.TEXT, "what the amount is", True),
    Column("currency", Kind.TEXT, "functional currency", True),
    Column("amount", Kind.MONEY, "amount", True, currency="currency"),
    Column("is_total", Kind.FLAG, "either end", True),
))  # fmt: skip
AGING, MOVED = "aging to roll-forward", "movements to roll-forward"
Steps = tuple[tuple[str, int], ...]  # from one end to the other; the last is what the others add up to


def bridges(aging: Report, control_account: Report, moved: pd.DataFrame, *, scope: Scope) -> dict[str, Steps]:
    """The ways between totals of one close that look alike, in functional currency.

    From the aging at booking rates by unrealised exchange to the closing of the roll-forward, and from the movement
    of customers by what was posted to closed periods to the change of the roll-forward. None in the customer view,
    whose dates differ from the ledger's, nor where an amount in functional currency is not known.
    """
    code = scope.functional_currency
    rolled = control_account.table("roll_forward").frame.assign(account="")
    booked = money_totals(aging.table("aging_functional"), "total")
    stated = {i.name for i in control_account.identities}
    if scope.basis is not Basis.POSTING or set(booked) != {code} or CARRYING.format("closing") not in stated:
        return {}
    opening, late, closing = (
        line_amount(rolled, line, currency=code)
        for line in (RollLine.OPENING, RollLine.POSTED_TO_CLOSED, RollLine.CLOSING)
    )
    exchange = total(aging.table("open_items").frame["revaluation"])
    made: dict[str, Steps] = {
        AGING: (("Aging at booking rates", booked[code]), ("Unrealised exchange of open items", exchange),
                ("Closing of the roll-forward", closing)),
    }  # fmt: skip
    if CARRYING.format("opening") in stated and set(moved["currency"]) <= {code}:
        made[MOVED] = (("Movements of all customers", total(moved["movement"])),
                       ("Posted to closed periods since", late),
                       ("Closing less opening of the roll-forward", closing - opening))  # fmt: skip
    return made


CARRYING = "roll-forward {} = open items, carrying amount"  # an identity that is there while carrying amounts are known


def bridges_table(made: dict[str, Steps], *, scope: Scope) -> ResultTable:
    """BRIDGES as a result; each bridge foots."""
    rows = [
        {"bridge": name[:1].upper() + name[1:], "line_no": number, "line": line, "amount": amount,
         "currency": scope.functional_currency, "is_total": number in (1, len(steps))}
        for name, steps in made.items()
        for number, (line, amount) in enumerate(steps, start=1)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    typed = BRIDGES.typed(frame.assign(amount=frame["amount"].astype("Int64"))) if rows else BRIDGES.empty()
    return result_table(BRIDGES, typed, title="How the totals agree", functional=scope.functional_currency,
                        headings={"line_no": "No."}, strong_rows="is_total", foots=True,
                        not_totalled=("amount",))  # fmt: skip


def bridge_identities(made: dict[str, Steps], *, scope: Scope) -> tuple[Identity, ...]:
    """That each bridge lands."""
    return tuple(
        Identity(name=name, entity=scope.entity, currency=scope.functional_currency,
                 left_label=" + ".join(line[:1].lower() + line[1:] for line, _ in steps[:-1]),
                 left=sum(amount for _, amount in steps[:-1]),
                 right_label=steps[-1][0][:1].lower() + steps[-1][0][1:], right=steps[-1][1])
        for name, steps in made.items()
    )  # fmt: skip


def with_bridge(table: ResultTable, steps: Steps | None, *, scope: Scope) -> ResultTable:
    """The table with the bridge in words under its title; as it is where there is none."""
    if not steps:
        return table
    code = scope.functional_currency
    *parts, (end, amount) = [(line[:1].lower() + line[1:], minor) for line, minor in steps]
    told = " and ".join(f"{line} {shown(minor, code)}" for line, minor in parts)
    said = f"{told[:1].upper()}{told[1:]} make {end} {shown(amount, code)}."
    return replace(table, note=f"{table.note} {said}".strip())
