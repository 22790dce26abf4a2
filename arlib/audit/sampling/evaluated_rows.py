"""Rows of the tables sampling_errors and sampling_parts. Floor 1."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from arlib.audit.sampling.frames_evaluate import Side
from arlib.audit.sampling.frames_select import Part
from arlib.audit.sampling.misstatements import Item
from arlib.audit.sampling.stringer import decimal

if TYPE_CHECKING:
    from arlib.audit.sampling.evaluate import Stratum


def item_errors(mine: list[Item], factor: Decimal | None, currency: str, part: Part) -> list[dict[str, Any]]:
    """The misstated items of a part drawn by item or examined in full; `factor` is what one of them stands for."""
    rows = []
    for side in Side:
        wrong = [i for i in mine if i.misstatement and i.side is side]
        has_taint = part in (Part.HIGH_VALUE, Part.POSITIVE) and all(i.book > 0 for i in wrong)
        wrong.sort(key=lambda i: (-(abs(i.taint) if has_taint else abs(i.misstatement)), i.item_id))
        for rank, item in enumerate(wrong, start=1):
            row: dict[str, Any] = {"item": item, "rank": rank, "taint": abs(decimal(item.taint)) if item.book > 0 else None,
                                   "projected": None if factor is None else factor * abs(item.misstatement)}  # fmt: skip
            rows.append(error_row(side, row, currency))
    return rows


def part_row(one: Stratum, mine: list[Item], currency: str, how: str) -> dict[str, Any]:
    """A part with what was examined and found in it, and nothing projected yet."""
    return {
        "stratum": one.stratum, "part": one.part.value, "currency": currency, "items": one.items, "book_value": one.book,
        "examined": len(mine), "examined_value": sum(i.book for i in mine), "hits": sum(i.hits for i in mine),
        "errors": sum(i.misstatement != 0 for i in mine), "known": sum(i.misstatement for i in mine),
        "over_projected": 0, "under_projected": 0, "how": how,
    }  # fmt: skip


def error_row(side: Side, row: dict[str, Any], currency: str) -> dict[str, Any]:
    """A misstated item with its rank, taint and, where they are used, factors and amounts."""
    item: Item = row["item"]
    return {
        "side": side.value, "stratum": item.stratum, "part": item.part.value, "rank": row["rank"], "item_id": item.item_id,
        "currency": currency, "book_value": item.book, "audit_value": item.audit, "misstatement": item.misstatement,
        "is_found": item.is_found, "taint": figure(row["taint"]), "factor": figure(row.get("factor")),
        "increment": figure(row.get("increment")), "projected": nearest(row["projected"]),
        "incremental": nearest(row.get("incremental")),
    }  # fmt: skip


def nearest(value: Decimal | None) -> Any:
    """Whole minor units, a half away from zero; None stays None."""
    return None if value is None else int(value.to_integral_value(ROUND_HALF_UP))


def figure(value: Decimal | None) -> str | None:
    """A statistic as text, to 15 significant digits."""
    if value is None:
        return None
    with localcontext() as context:
        context.prec = 15
        return f"{(+value).normalize():f}"
