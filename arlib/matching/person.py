"""What people decided about receipts that are still open: placed first, as it was decided, or told why it no longer fits. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from arlib.controls import Identity
from arlib.matching.columns import texts, whole
from arlib.matching.proposal import Proposal
from arlib.matching.residuals import KINDS, Part
from arlib.money import iso_code, shown, total
from arlib.tables.casework import DECIDED_APPLICATIONS
from arlib.tables.kinds import Column, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

    from arlib.matching.pool import Pool
    from arlib.matching.result import MatchResult
    from arlib.matching.special import Special

PERSON = (
    "person"  # the decision, and the rule, of what a person decided; no rule of the engine, so never measured
)
PLACED, POSTED, OVERTAKEN = "placed", "posted", "overtaken"

_T, _M = Kind.TEXT, Kind.MONEY
DECIDED = Table("decided", DECIDED_APPLICATIONS.one_row_is, DECIDED_APPLICATIONS.key, (
    *DECIDED_APPLICATIONS.columns,
    Column("ledger_amount", _M, "what of the receipt stands against the item in the ledger already", currency="currency"),
))  # fmt: skip
BY_HAND = Table("by_hand", "a part of a receipt that a person set against an item, and what became of it", DECIDED_APPLICATIONS.key, (
    Column("entity", _T, "entity code", True),
    Column("receipt_id", _T, "receipt", True, is_key=True),
    Column("item_id", _T, "item", True, is_key=True),
    Column("currency", _T, "currency of the item", True),
    Column("applied_amount", _M, "cash set against the item; negative where a credit is taken up", True, currency="currency"),
    Column("receipt_currency", _T, "currency of the receipt", True),
    Column("receipt_amount", _M, "the part of the receipt that this uses", True, currency="receipt_currency"),
    Column("decision_id", _T, "decision of the store", True, is_key=True),
    Column("decided_by", _T, "who decided", True),
    Column("decided_on", Kind.DAY, "day of the decision", True),
    Column("standing", _T, "placed in this run; posted: the ledger has it as decided; or overtaken: no longer fits", True),
    Column("why", _T, "why it is not placed; empty where it is"),
))  # fmt: skip

_REASONS = {
    "discount": "earned_discount",
    "deduction": "claim",
    "fee": "bank_charge",
    "fx": "exchange",
    "tolerance": "tolerance",
}


@dataclass(frozen=True)
class People:
    """Decisions of people as the engine places them. `overtaken` says by receipt row why its decision is not applied."""

    proposals: tuple[Proposal, ...] = ()
    parts: tuple[tuple[Part, ...], ...] = ()
    overtaken: Mapping[int, str] = field(default_factory=dict)
    frame: pd.DataFrame = field(default_factory=BY_HAND.empty)  # BY_HAND

    @property
    def receipts(self) -> frozenset[int]:
        """Receipts that are placed as people decided."""
        return frozenset(one.receipt for one in self.proposals)


def placed_by_people(
    pool: Pool, decided: pd.DataFrame | None, *, specials: Mapping[int, Special] | None = None
) -> People:
    """Decided applications (DECIDED) that still fit the pool, as proposals with their parts; the others with the reason.

    A receipt's decision is taken whole or not at all. It fits where the receipt and every item are open in the stated
    currency, no item falls by more than is open of it after earlier decisions (the earlier day goes first, then the decision's
    id), and the receipt is not used beyond its money. Rows that the ledger holds as decided are posted, and ask for nothing.
    What the ledger set against an item in another amount is never placed on top. Money that the bank took back, or that sanctions
    block (`specials`), is placed by no decision.
    """
    if decided is None or not len(decided):
        return People()
    rows = _rows(decided)
    open_items = _places(pool.items.frame, "item_id", {(row["entity"], row["item_id"]) for row in rows})
    open_receipts = _places(
        pool.receipts.frame, "receipt_id", {(row["entity"], row["receipt_id"]) for row in rows}
    )
    by_receipt: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        by_receipt.setdefault((row["entity"], row["receipt_id"]), []).append(row)
    left: dict[int, int] = {}
    proposals: list[Proposal] = []
    parts: list[tuple[Part, ...]] = []
    overtaken: dict[int, str] = {}
    for key, mine in by_receipt.items():
        for row in mine:
            row["standing"], row["why"] = POSTED if _is_posted(row) else PLACED, ""
        asked = [row for row in mine if row["standing"] != POSTED]
        if not asked:
            continue
        receipt = open_receipts.get(key)
        faults = _faults(pool, receipt, asked, open_items, left, specials or {})
        if faults:
            who = ", ".join(
                dict.fromkeys(f"{row['decided_by']} on {row['decided_on']:%Y-%m-%d}" for row in asked)
            )
            why = f"decided by {who}, which no longer fits: {'; '.join(faults)}"
            for row in asked:
                row["standing"], row["why"] = OVERTAKEN, why
            if receipt is not None:
                overtaken[receipt] = why
            continue
        assert receipt is not None
        own = tuple(
            sorted(
                (_part(pool, open_items[row["entity"], row["item_id"]], row, left) for row in asked),
                key=lambda part: part.item,
            )
        )
        proposals.append(_proposal(pool, receipt, own, asked))
        parts.append(own)
    order = sorted(range(len(proposals)), key=lambda n: proposals[n].receipt)
    return People(
        tuple(proposals[n] for n in order),
        tuple(parts[n] for n in order),
        overtaken,
        BY_HAND.from_rows(rows).sort_values(list(BY_HAND.key), kind="stable", ignore_index=True),
    )


def told_first(people: People) -> list[Proposal]:
    """A proposal without items for each overtaken decision, so that its reason is the first that is told of the receipt."""
    return [
        Proposal(receipt, (), (), PERSON, sentence=why) for receipt, why in sorted(people.overtaken.items())
    ]


def as_decided(result: MatchResult, people: People) -> MatchResult:
    """The result with what became of the decisions, and the identity that each was placed to the minor unit.

    Raises IdentityError where the engine placed something else than people decided.
    """
    if people.frame.empty:
        return result
    done = people.frame[people.frame["standing"].eq(PLACED)]
    made = result.matches[result.matches["decision"].eq(PERSON)]
    held = []
    for currency in sorted({*done["currency"], *made["currency"]}):
        left, right = (
            total(rows.loc[rows["currency"].eq(currency), "applied_amount"]) for rows in (made, done)
        )
        held.append(Identity(name="decisions of people", left_label="placed", left=left,
                             right_label="decided", right=right, currency=currency).require())  # fmt: skip
    held.append(Identity(name="decisions of people, lines", left_label="placed", left=len(made), right_label="decided",
                         right=len(done)).require())  # fmt: skip
    return replace(result, by_hand=people.frame, identities=(*result.identities, *held))


def _rows(decided: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows in the order in which they were decided."""
    frame = DECIDED.typed(decided).sort_values(
        ["decided_on", "decision_id", *DECIDED.key], kind="stable", ignore_index=True
    )
    columns: dict[str, list[Any]] = {
        column.name: whole(frame, column.name)
        if column.kind is Kind.MONEY
        else texts(frame, column.name)
        if column.kind is Kind.TEXT
        else frame[column.name].tolist()
        for column in DECIDED.columns
    }
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _places(frame: pd.DataFrame, name: str, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Row of each wanted (entity, id)."""
    rows = frame[name].isin({code for _, code in wanted}).to_numpy(dtype=bool).nonzero()[0]
    own = frame.iloc[rows]
    pairs = zip(texts(own, "entity"), texts(own, name), rows.tolist(), strict=True)
    return {(entity, code): row for entity, code, row in pairs if (entity, code) in wanted}


def _is_posted(row: Mapping[str, Any]) -> bool:
    return bool(row["ledger_amount"]) and row["ledger_amount"] == row["applied_amount"]


def _falls(row: Mapping[str, Any]) -> int:
    settles = ("applied_amount", *(kind for kind in KINDS if kind != "deduction"))
    return sum(row[name] or 0 for name in settles)


def _faults(
    pool: Pool,
    receipt: int | None,
    rows: list[dict[str, Any]],
    items: Mapping[tuple[str, str], int],
    left: Mapping[int, int],
    specials: Mapping[int, Special],
) -> list[str]:
    if receipt is None:
        return [f"receipt {rows[0]['receipt_id']} is no longer open in the ledger"]
    special = specials.get(receipt)
    if special is not None and is_out_of_reach(special):
        return [special.sentence]
    found = []
    money = pool.currencies[int(pool.receipts.money[receipt])]
    amount, used = int(pool.receipts.amount[receipt]), sum(row["receipt_amount"] or 0 for row in rows)
    if strange := sorted({row["receipt_currency"] for row in rows} - {money}):
        found.append(f"the receipt is in {iso_code(money)}, not in {', '.join(map(iso_code, strange))}")
    elif not min(amount, 0) <= used <= max(amount, 0):
        found.append(
            f"{iso_code(money)} {shown(used, money)} of the receipt was used, {shown(amount, money)} is open"
        )
    for row in rows:
        item = items.get((row["entity"], row["item_id"]))
        if row["ledger_amount"]:
            said = f"{iso_code(row['currency'])} {shown(row['ledger_amount'], row['currency'])}"
            found.append(f"the ledger has set {said} of it against item {row['item_id']} already")
        elif item is None:
            found.append(f"item {row['item_id']} is no longer open")
        else:
            found += _item_fault(pool, item, row, left)
    return found


def _item_fault(pool: Pool, item: int, row: Mapping[str, Any], left: Mapping[int, int]) -> list[str]:
    money = pool.currencies[int(pool.items.money[item])]
    if row["currency"] != money:
        return [f"item {row['item_id']} is in {iso_code(money)}, not in {iso_code(row['currency'])}"]
    rest, falls = left.get(item, int(pool.items.open[item])), _falls(row)
    if min(rest, 0) <= falls <= max(rest, 0) and rest:
        return []
    beside = " after earlier decisions" if item in left else ""
    return [
        f"{iso_code(money)} {shown(falls, money)} was set against item {row['item_id']}, "
        f"{shown(rest, money)} is open{beside}"
    ]


def is_out_of_reach(special: Special) -> bool:
    """Whether no decision on items may place this money: the bank took it back, or sanctions block it."""
    return special.status == "returned" or special.reason == "sanctioned_payer"


def _part(pool: Pool, item: int, row: Mapping[str, Any], left: dict[int, int]) -> Part:
    falls = _falls(row)
    rest = left.get(item, int(pool.items.open[item]))
    left[item] = rest - falls
    amounts = {kind: row[kind] or 0 for kind in KINDS}
    largest = max(KINDS, key=lambda kind: abs(amounts[kind]))
    plain = "full" if falls == rest else "partial"
    reason = row["reason"] or (_REASONS[largest] if amounts[largest] else plain)
    return Part(
        item=item,
        applied=row["applied_amount"],
        receipt_used=row["receipt_amount"],
        reason=reason,
        code=row["claim_code"],
        **amounts,
    )


def _proposal(pool: Pool, receipt: int, parts: tuple[Part, ...], rows: list[dict[str, Any]]) -> Proposal:
    who = dict.fromkeys(
        f"{row['decided_by']} on {row['decided_on']:%Y-%m-%d} ({row['decision_id']})" for row in rows
    )
    is_one_money = all(pool.items.money[part.item] == pool.receipts.money[receipt] for part in parts)
    opened = sum(int(pool.items.open[part.item]) for part in parts)
    return Proposal(
        receipt=receipt,
        items=tuple(part.item for part in parts),
        settles=tuple(part.applied + part.discount + part.fee + part.fx + part.tolerance for part in parts),
        rule=PERSON,
        difference=int(pool.receipts.amount[receipt]) - opened if is_one_money else 0,
        sentence=f"decided by {', '.join(who)}",
    )
