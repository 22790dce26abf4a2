"""The difference between one receipt and the items chosen for it, worked out to the minor unit. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from arlib.matching.by_hand.answer import Line, WhatIf
from arlib.matching.by_hand.bench import Bench
from arlib.matching.by_hand.frames import PARTS
from arlib.matching.by_hand.given import (
    CLAIMS,
    COLUMN_OF,
    Given,
    customers_of,
    said_of_charge,
    said_of_discount,
    tolerance_faults,
)
from arlib.matching.facts import RECOVERY
from arlib.matching.proposal import Proposal
from arlib.matching.residuals import KINDS, Part, decompose
from arlib.money import allocate, iso_code, shown, translate
from arlib.money.rates import Rate, translation_factor

_KIND_OF = {"discount": "discount", "fee": "charge", "fx": "fx", "tolerance": "tolerance"}
_REASON_OF = {"charge": "bank_charge", "fx": "exchange"}


@dataclass
class Difference:
    """One answer in the making. `fixed` items take the cash that a person set, `whole` ones all that is open of them."""

    bench: Bench
    money: str
    rate: Rate | None
    rows: dict[str, int]
    chosen: dict[str, int | None]
    given: list[Given]
    faults: list[str] = field(default_factory=list)

    def answer(self, none: WhatIf, sentences: list[str]) -> WhatIf:
        """The whole answer."""
        bench, opens = self.bench, self.bench.facts.open
        items = list(self.rows.values())
        fixed = {self.rows[code]: asked for code, asked in self.chosen.items() if asked is not None}
        whole = sorted(item for item in items if item not in fixed)
        of = {item: [one for one in self.given if self.rows[one.item_id] == item] for item in items}
        self.faults += tolerance_faults(bench, self.given, items)
        sentences += said_of_charge(bench, self.given, self.money)
        worth = self._to_items(bench.cash)
        left = worth - sum(fixed.values())
        parts = {item: _made(bench, item, cash, of[item]) for item, cash in fixed.items()}
        self._check_room(parts)
        side = 1 if bench.cash >= 0 else -1
        # a credit beside a receipt is money too, and an invoice beside money paid back
        spare = side * left - sum(min(side * opens[item], 0) for item in whole)
        if spare < 0:
            said = f"{iso_code(self.money)} {shown(-spare, self.money)}"
            self.faults.append(f"{said} more is set against items than the receipt has")
        elif not spare and any(side * opens[item] > 0 for item in whole):
            self.faults.append("no money of the receipt is left for the items without an amount")
        elif whole and (self.given or side * left <= 0):
            parts |= self._by_person(whole, left, of)
        elif whole:
            parts |= self._by_engine(whole, fixed, sentences)
        if any(item not in parts for item in items):
            return replace(
                none, currency=self.money, worth=worth, faults=tuple(self.faults), sentences=tuple(sentences)
            )
        over = worth - sum(part.applied for part in parts.values())
        unapplied = self._unapplied(over, items)
        used = self._used([parts[item].applied for item in items], bench.cash - unapplied)
        rows = [row for item in items for row in self._part_rows(parts[item], item in fixed)]
        rest = sum(int(row["amount"]) for row in rows if row["kind"] == "rest")
        explained = sum(int(row["amount"]) for row in rows) - rest
        target = worth - over + explained + rest
        lines = tuple(self._line(parts[item], own) for item, own in zip(items, used, strict=True))
        return replace(
            none,
            currency=self.money,
            worth=worth,
            chosen=target,
            difference=worth - target,
            rest=rest,
            over=over,
            unapplied=unapplied,
            parts=PARTS.from_rows(rows).sort_values(
                ["item_id", "kind", "code"], kind="stable", ignore_index=True
            ),
            lines=() if self.faults else lines,
            open_amounts={bench.item_id(item): opens[item] for item in items},
            faults=tuple(dict.fromkeys(self.faults)),
            sentences=tuple(dict.fromkeys([*sentences, *self._said(parts, rows, rest, unapplied, over)])),
        )

    def _to_items(self, minor: int) -> int:
        if self.rate is None:
            return minor
        return translate(minor, from_currency=self.bench.money, to_currency=self.money, rate=self.rate)

    def _to_receipt(self, minor: int) -> int:
        if self.rate is None:
            return minor
        return translate(
            minor, from_currency=self.money, to_currency=self.bench.money, rate=1 / self.rate.value
        )

    def _rounding(self, items: int) -> int:
        """How far converted amounts may differ and still be the same: half a minor unit of either currency an item."""
        if self.rate is None:
            return 0
        return ceil(items * (translation_factor(self.bench.money, self.money, self.rate) + 1) / 2)

    def _unapplied(self, over: int, items: list[int]) -> int:
        """Money of the receipt behind what no item takes; a rounding is none."""
        if abs(over) <= self._rounding(len(items)):
            return 0
        if over * self.bench.cash < 0:
            said = f"{iso_code(self.money)} {shown(abs(over), self.money)}"
            self.faults.append(f"the items take {said} more than the receipt is worth")
            return 0
        return self._to_receipt(over) if self.rate is not None else over

    def _used(self, applied: list[int], used: int) -> list[int]:
        if self.rate is None:
            return applied
        if not sum(applied):
            if used:
                self.faults.append(
                    "the chosen items come to nothing, so the receipt cannot be shared out over them"
                )
            return [0] * len(applied)
        return allocate(used, applied)

    def _check_room(self, parts: Mapping[int, Part]) -> None:
        """Cash and given parts of one item may not be more than is open of it."""
        for item, part in parts.items():
            opened = self.bench.facts.open[item]
            asked = part.applied + sum(getattr(part, kind) for kind in KINDS)
            if not min(opened, 0) <= asked <= max(opened, 0):
                self.faults.append(
                    f"cash and parts of {self.bench.called(item)} are {iso_code(self.money)} "
                    f"{shown(asked, self.money)}, it is open for {shown(opened, self.money)}"
                )

    def _by_person(self, whole: list[int], left: int, of: Mapping[int, Sequence[Given]]) -> dict[int, Part]:
        """Parts as given; what they leave of the shortfall stays open on the items with most room."""
        opens = self.bench.facts.open
        asked = {item: sum(one.amount for one in of[item]) for item in whole}
        rest = sum(opens[item] for item in whole) - left - sum(asked.values())
        if abs(rest) <= self._rounding(len(whole)):
            rest = 0
        if rest < 0 and any(asked.values()):
            said = f"{iso_code(self.money)} {shown(-rest, self.money)}"
            self.faults.append(f"the parts are {said} more than the difference")
        room = {item: max(opens[item] - asked[item], 0) for item in whole}
        share = dict.fromkeys(whole, 0)
        for item in sorted(whole, key=lambda row: (-room[row], row)):
            share[item] = min(max(rest, 0), room[item])
            rest -= share[item]
        made = {
            item: _made(self.bench, item, opens[item] - asked[item] - share[item], of[item]) for item in whole
        }
        self._check_room(made)
        return made

    def _by_engine(self, whole: list[int], fixed: Mapping[int, int], sentences: list[str]) -> dict[int, Part]:
        """Parts as the engine explains them: who chose the items named them."""
        bench, opens = self.bench, self.bench.facts.open
        cash = bench.cash - (self._to_receipt(sum(fixed.values())) if fixed else 0)
        settles = tuple(opens[item] for item in whole)
        short = self._to_items(cash) - sum(settles)
        proposal = Proposal(bench.receipt, tuple(whole), settles, "", difference=short)
        parts, _, held = decompose(proposal, bench.with_cash(cash))
        if held:
            sentences.append(f"the engine would not apply it by itself: {held}")
        return {part.item: part for part in parts}

    def _part_rows(self, part: Part, is_fixed: bool) -> list[dict[str, Any]]:
        item_id = self.bench.item_id(part.item)
        own = [one for one in self.given if one.item_id == item_id]
        row = {"item_id": item_id, "currency": self.money}
        if self.given:
            merged: dict[tuple[str, str], int] = {}
            for one in own:
                merged[one.kind, one.code] = merged.get((one.kind, one.code), 0) + one.amount
            rows = [{**row, "kind": kind, "code": code, "amount": amount, "said_by": "person"}
                    for (kind, code), amount in merged.items() if amount]  # fmt: skip
        else:
            rows = [{**row, "kind": kind, "code": "", "amount": getattr(part, name), "said_by": "engine"}
                    for name, kind in _KIND_OF.items() if getattr(part, name)]  # fmt: skip
            if part.deduction:
                kind = part.code if part.code in ("tax", "freight") else "claim"
                rows.append(
                    {**row, "kind": kind, "code": part.code, "amount": part.deduction, "said_by": "engine"}
                )
        rest = self.bench.facts.open[part.item] - part.applied - sum(getattr(part, kind) for kind in KINDS)
        if rest and not is_fixed:
            rows.append({**row, "kind": "rest", "code": "", "amount": rest, "said_by": "engine"})
        return rows

    def _line(self, part: Part, used: int) -> Line:
        return Line(
            item_id=self.bench.item_id(part.item),
            currency=self.money,
            applied_amount=part.applied,
            receipt_currency=self.bench.money,
            receipt_amount=used,
            discount=part.discount,
            deduction=part.deduction,
            fee=part.fee,
            fx=part.fx,
            tolerance=part.tolerance,
            reason=part.reason,
            claim_code=part.code,
        )

    def _said(
        self,
        parts: Mapping[int, Part],
        rows: Sequence[Mapping[str, Any]],
        rest: int,
        unapplied: int,
        over: int,
    ) -> list[str]:
        bench, code = self.bench, iso_code(self.money)
        made = []
        for row in rows:
            item = self.rows[str(row["item_id"])]
            amount = shown(int(row["amount"]), self.money)
            if row["kind"] == "discount":
                settles = bench.facts.open[item]
                made.append(said_of_discount(bench, item, int(row["amount"]), settles=settles)[1])
            elif row["kind"] == "rest":
                made.append(f"{code} {amount} of {bench.called(item)} stays open as a part payment")
            elif row["kind"] in CLAIMS:
                about = f" ({row['code']})" if row["code"] and row["code"] != row["kind"] else ""
                made.append(f"{row['kind']}{about} of {code} {amount} on {bench.called(item)} stays open")
            else:
                word = {"charge": "bank charge", "fx": "exchange difference"}.get(
                    str(row["kind"]), str(row["kind"])
                )
                made.append(f"{word} of {code} {amount} on {bench.called(item)}")
        if unapplied:
            money = bench.money
            made.append(f"{iso_code(money)} {shown(unapplied, money)} of the receipt stays unapplied")
        elif over:
            made.append(f"{code} {shown(over, self.money)} is rounding of the exchange")
        if not rows and not unapplied:
            made.append("the receipt pays exactly what is chosen")
        owners = customers_of(bench, list(parts))
        if len(owners) > 1:
            made.append(f"items of {len(owners)} customers are chosen: {', '.join(owners[:5])}")
        marked = {
            bench.called(item): bench.facts.marked[item] for item in parts if item in bench.facts.marked
        }
        made += [f"{document}: {why}" for document, why in sorted(marked.items())]
        return made


def _made(bench: Bench, item: int, cash: int, given: Sequence[Given]) -> Part:
    """The part of an item that takes this cash and these given parts."""
    sums = dict.fromkeys(KINDS, 0)
    for one in given:
        sums[COLUMN_OF[one.kind]] += one.amount
    falls = cash + sum(sums[kind] for kind in KINDS if kind != "deduction")
    reason = "full" if falls == bench.facts.open[item] else "partial"
    if given:
        largest = max(given, key=lambda one: abs(one.amount))
        reason = _REASON_OF.get(largest.kind, largest.kind)
        if largest.kind == "discount":
            reason = said_of_discount(bench, item, largest.amount, settles=bench.facts.open[item])[0]
    if bench.facts.marked.get(item) == RECOVERY:
        reason = "recovery"
    code = next((one.code or one.kind for one in given if one.kind in CLAIMS), "")
    return Part(item=item, applied=cash, receipt_used=0, reason=reason, code=code, **sums)
