"""The movement of the allowance over a period, by part and segment, and what it costs. Floor 1.

    opening + charge - release - write-offs + recoveries + unwind ± transfers ± scope ± exchange = closing

Opening is what is booked, closing what is required. Write-offs and recoveries come from the sub-ledger. Charge and
release are what makes it foot, on lines of their own: nothing else is worked out backwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pandas as pd

from arlib.controls import Identity
from arlib.credit.allowance.booked import BookedAllowance, BookedFrom, segments_of_entries
from arlib.credit.allowance.flows import losses
from arlib.credit.allowance.frames_movement import EXPENSE, MOVEMENT, LossFlow, MovementLine, MovementPart
from arlib.money import total
from arlib.policy import Scope

Place = tuple[str, str]  # part, segment

FROM_ENTRIES = (MovementLine.TRANSFER, MovementLine.SCOPE, MovementLine.EXCHANGE)
ENDS = (MovementLine.OPENING, MovementLine.CLOSING)


@dataclass(frozen=True, kw_only=True)
class Movement:
    """The movement, what it costs in profit and loss, and what must add up."""

    frame: pd.DataFrame  # MOVEMENT
    expense: pd.DataFrame  # EXPENSE
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]

    def amount(self, line: MovementLine, *, part: str = MovementPart.TOTAL.value, segment: str = "") -> int:
        """One figure, as required."""
        rows = self.frame[self.frame["line"].eq(line.value) & self.frame["part"].eq(part)]
        return total(rows.loc[rows["segment"].fillna("").eq(segment), "amount"])


@dataclass
class _Sheet:
    """One place of the movement while it is made: amounts as required and as booked, and facts, by line."""

    amount: dict[MovementLine, int] = field(default_factory=dict)
    booked: dict[MovementLine, int] = field(default_factory=dict)
    facts: dict[MovementLine, int] = field(default_factory=dict)

    def add(self, line: MovementLine, amount: int, facts: int) -> None:
        self.amount[line] = self.amount.get(line, 0) + amount
        self.facts[line] = self.facts.get(line, 0) + facts


def movement(
    flows: pd.DataFrame,
    booked: BookedAllowance,
    closing: Mapping[Place, int],
    *,
    scope: Scope,
    credits_recoveries: bool,
    unwind: Mapping[Place, int] | None = None,
) -> Movement:
    """From the allowance before the period to the one required at the as-of date: MOVEMENT and EXPENSE.

    `flows` is LOSS_FLOWS with `part` and `segment` of each row. `closing` is the allowance required by (part, segment);
    the specific part has segment ''. `unwind` is interest that the passing of time added to a discounted allowance.
    The opening is the sum of the entries up to the day before `starts_on`, else what the previous close required, else 0,
    which is said. A flow or entry of `starts_on` and of the as-of date is inside. Transfers, scope and exchange are
    those booked. Where entries name segments that were not measured, or none, the pool stands as a whole.

    A recovery credits the allowance where `credits_recoveries`; else it stands in EXPENSE only. Raises IdentityError
    where a place or the total does not foot.
    """
    before = scope.starts_on - timedelta(days=1)
    closing, whole = _one_pool_where_needed(booked, closing)
    unwound = _as_one(unwind or {}) if whole else dict(unwind or {})
    opening = _opening(booked, before=before, whole=whole)
    inside = booked.between(before, scope.as_of)
    now = flows[(flows["posting_date"] > pd.Timestamp(before)).to_numpy(dtype=bool)]

    counts = now[now["loss"].ne(0).to_numpy(dtype=bool)]
    places = {*closing, *opening, *unwound, *_places(counts, whole), *_places(inside, whole)}
    sheets: dict[Place, _Sheet] = {place: _Sheet() for place in sorted(places)}
    for place, (amount, facts) in opening.items():
        sheets[place].add(MovementLine.OPENING, amount, facts)
    for flow, sign in ((LossFlow.WRITE_OFF, -1), (LossFlow.RECOVERY, 1)):
        if flow is LossFlow.RECOVERY and not credits_recoveries:
            continue
        rows = losses(counts, flow)
        for place, part in _grouped(rows, whole):
            sheets[place].add(MovementLine(flow.value), sign * total(part["loss"]), len(part))
    for place, amount in unwound.items():
        sheets[place].add(MovementLine.UNWIND, amount, 1 if amount else 0)
    for place, part in _grouped(inside, whole):
        for line in FROM_ENTRIES:
            mine = part[part["line"].eq(line.value)]
            sheets[place].add(line, total(mine["amount"]), len(mine))
        for line in MovementLine:
            sheets[place].booked[line] = total(part.loc[part["line"].eq(line.value), "amount"])
    for place, sheet in sheets.items():
        _balance(sheet, closing.get(place, 0))

    is_booked = booked.source is BookedFrom.ENTRIES
    frame = _frame(sheets, is_booked=is_booked)
    identities = tuple(_identities(frame, closing, booked, scope, is_booked=is_booked))
    for identity in identities:
        identity.require()
    expense = _expense(frame, losses(now, LossFlow.RECOVERY), credits_recoveries=credits_recoveries)
    return Movement(
        frame=frame, expense=expense, identities=identities, limits=_limits(booked, closing, whole)
    )


def _one_pool_where_needed(
    booked: BookedAllowance, closing: Mapping[Place, int]
) -> tuple[dict[Place, int], bool]:
    """The closing with the pool as a whole where the books do not keep it by the segments measured."""
    measured = {segment for part, segment in closing if part == MovementPart.POOL.value}
    kept = segments_of_entries(booked.entries) | segments_of_entries(booked.prior)
    if kept <= measured:
        return dict(closing), False
    return _as_one(closing), True


def _as_one(amounts: Mapping[Place, int]) -> dict[Place, int]:
    """The same by part only."""
    made: dict[Place, int] = {}
    for (part, _), amount in amounts.items():
        made[part, ""] = made.get((part, ""), 0) + amount
    return made


def _keys(rows: pd.DataFrame, whole: bool) -> list[pd.Series]:
    """Part and segment of each row; the specific part has no segments."""
    part = rows["part"].fillna(MovementPart.POOL.value)
    segment = rows["segment"].fillna("").where(part.eq(MovementPart.POOL.value), "")
    return [part, segment.where(segment.eq("") if whole else segment.notna(), "")]


def _grouped(rows: pd.DataFrame, whole: bool) -> list[tuple[Place, pd.DataFrame]]:
    """The rows of each part and segment."""
    part, segment = _keys(rows, whole)
    return [
        ((str(name), str(label)), group) for (name, label), group in rows.groupby([part, segment], sort=True)
    ]


def _places(rows: pd.DataFrame, whole: bool) -> list[Place]:
    part, segment = _keys(rows, whole)
    return list(zip(part, segment, strict=True))


def _opening(booked: BookedAllowance, *, before: object, whole: bool) -> dict[Place, tuple[int, int]]:
    if booked.source is BookedFrom.ENTRIES:
        rows = booked.entries[(booked.entries["posting_date"] <= pd.Timestamp(before)).to_numpy(dtype=bool)]  # type: ignore[arg-type]
        column = "amount"
    else:
        rows, column = booked.prior, "allowance"
    return {place: (total(part[column]), len(part)) for place, part in _grouped(rows, whole)}


def _balance(sheet: _Sheet, closing: int) -> None:
    """Charge or release: what the opening and every other line lack to the closing."""
    gap = closing - sum(sheet.amount.values())
    sheet.add(MovementLine.CHARGE, max(gap, 0), 0)
    sheet.add(MovementLine.RELEASE, min(gap, 0), 0)
    sheet.amount[MovementLine.CLOSING] = closing
    sheet.booked[MovementLine.OPENING] = sheet.amount.get(MovementLine.OPENING, 0)
    sheet.booked[MovementLine.CLOSING] = sum(
        amount for line, amount in sheet.booked.items() if line is not MovementLine.CLOSING
    )


def _frame(sheets: Mapping[Place, _Sheet], *, is_booked: bool) -> pd.DataFrame:
    whole = _Sheet()
    for sheet in sheets.values():
        for line in MovementLine:
            whole.add(line, sheet.amount.get(line, 0), sheet.facts.get(line, 0))
            whole.booked[line] = whole.booked.get(line, 0) + sheet.booked.get(line, 0)
    order = {part.value: at for at, part in enumerate(MovementPart)}
    rows = [
        {
            "part": part,
            "segment": segment,
            "line_no": number,
            "line": line.value,
            "amount": sheet.amount.get(line, 0),
            "booked": sheet.booked.get(line, 0) if is_booked else None,
            "to_book": sheet.amount.get(line, 0) - sheet.booked.get(line, 0) if is_booked else None,
            "facts": sheet.facts.get(line, 0),
            "is_total": line in ENDS,
        }
        for (part, segment), sheet in sorted(
            [*sheets.items(), ((MovementPart.TOTAL.value, ""), whole)],
            key=lambda each: (order[each[0][0]], each[0][1]),
        )
        for number, line in enumerate(MovementLine, start=1)
    ]
    frame = pd.DataFrame(rows)
    for name in ("amount", "booked", "to_book"):
        frame[name] = frame[name].astype("Int64")
    return MOVEMENT.typed(frame)


def _identities(
    frame: pd.DataFrame,
    closing: Mapping[Place, int],
    booked: BookedAllowance,
    scope: Scope,
    *,
    is_booked: bool,
) -> list[Identity]:
    """Each place and the total foot, and close at what is required and at what is booked."""
    made = []
    for (part, segment), rows in (
        ((str(one), str(label)), rows)
        for (one, label), rows in frame.groupby(["part", "segment"], sort=False)
    ):
        name = f"movement of the allowance, {part} {segment}".strip()
        ends = rows["line"].eq(MovementLine.CLOSING.value)
        required = (
            sum(closing.values()) if part == MovementPart.TOTAL.value else closing.get((part, segment), 0)
        )
        columns = ["amount", "booked"] if is_booked else ["amount"]
        made += [
            Identity(
                name=f"{name}, {'required' if column == 'amount' else column}",
                left_label="opening and lines", left=total(rows.loc[~ends, column]),
                right_label="closing", right=total(rows.loc[ends, column]),
                currency=scope.functional_currency, entity=scope.entity,
            )
            for column in columns
        ]  # fmt: skip
        made.append(
            Identity(
                name=f"{name}, closing", left_label="movement", left=total(rows.loc[ends, "amount"]),
                right_label="allowance required", right=required,
                currency=scope.functional_currency, entity=scope.entity,
            )
        )  # fmt: skip
    if is_booked:
        ends = frame["line"].eq(MovementLine.CLOSING.value) & frame["part"].eq(MovementPart.TOTAL.value)
        made.append(
            Identity(
                name="movement of the allowance, booked closing", left_label="movement",
                left=total(frame.loc[ends, "booked"]), right_label="allowance entries", right=booked.closing or 0,
                currency=scope.functional_currency, entity=scope.entity,
            )
        )  # fmt: skip
    return made


def _expense(frame: pd.DataFrame, recoveries: pd.DataFrame, *, credits_recoveries: bool) -> pd.DataFrame:
    """What credit losses cost in the period; interest that unwinds is no part of it."""
    sums = frame[frame["part"].eq(MovementPart.TOTAL.value)].set_index("line")["amount"]
    direct = 0 if credits_recoveries else -total(recoveries["loss"])
    where = "credited to the allowance" if credits_recoveries else "straight to profit and loss"
    lines = [
        ("Charge to the allowance", int(sums[MovementLine.CHARGE.value]), False),
        ("Release of the allowance", int(sums[MovementLine.RELEASE.value]), False),
        (f"Recoveries of the period, {where}", direct, False),
    ]
    lines.append(("Net cost of credit losses", sum(amount for _, amount, _ in lines), True))
    rows = [
        {"line_no": number, "line": line, "amount": amount, "is_total": is_total}
        for number, (line, amount, is_total) in enumerate(lines, start=1)
    ]
    return EXPENSE.typed(pd.DataFrame(rows))


def _limits(booked: BookedAllowance, closing: Mapping[Place, int], whole: bool) -> tuple[str, ...]:
    made = []
    if booked.source is not BookedFrom.ENTRIES:
        if len(booked.prior):
            made.append(
                "No allowance entries were given: the movement opens with what the previous close required."
            )
        else:
            made.append("No allowance entries and no earlier close were given: the movement starts at 0.")
    if whole:
        made.append(
            "The books do not keep the allowance by the segments measured: the movement shows the pool as a whole."
        )
    if booked.source is BookedFrom.NOTHING:
        made.append("Nothing says what is booked as allowance: required and booked cannot be compared.")
    return tuple(made)
