"""What an auditor can look at where cash does not support an invoice. Floor 1."""

from __future__ import annotations

import pandas as pd

DONE = "none: paid in full, shown for this invoice"
NO_DELIVERY = "the books name no delivery: ask for a proof of delivery or of service"
LATER = "credited, discounted or written off since: see why, and whether it belongs before the date"


def next_steps(items: pd.DataFrame) -> pd.Series:
    """For each of TRACED_ITEMS (but for the column itself) what evidence the books name for its unsupported part.

    Delivery and the customer's order speak for existence and occurrence; the copy of the invoice alone is the entity's own.
    """
    rest = items[items["unsupported"].ne(0).to_numpy(dtype=bool)]
    if not len(rest):
        return pd.Series(DONE, index=items.index, dtype="str")
    days = rest["delivery_date"].dt.strftime("%Y-%m-%d")
    texts = [
        rest[name].astype("object").where(rest[name].notna(), "").tolist()
        for name in ("item_type", "delivery_no", "purchase_order", "order_no", "copy_path")
    ]
    told = days.astype("object").where(days.notna(), "").tolist()
    later = rest["settled_otherwise"].ne(0).tolist()
    steps = [_step(*row) for row in zip(*texts, told, later, strict=True)]
    return pd.Series(steps, index=rest.index, dtype="str").reindex(items.index).fillna(DONE)


def _step(
    kind: str, note: str, purchase_order: str, order: str, copy: str, day: str, is_settled: bool
) -> str:
    if kind != "invoice":
        start = f"a {kind.replace('_', ' ')}: the agreement or document that it rests on"
    elif note:
        of = f" of {day}" if day else ""
        start = f"obtain and inspect delivery note {note}{of}, signed by the customer or carrier"
    elif day:
        start = f"obtain and inspect proof of the delivery of {day}, signed by the customer or carrier"
    else:
        start = NO_DELIVERY
    orders = [f"customer's order {purchase_order}"] if purchase_order else []
    orders += [f"order {order}"] if order else []
    parts = [start, f"agree to {' and '.join(orders)}" if orders else "no order number in the books"]
    if copy:
        parts.append(f"copy {copy}")
    if is_settled:
        parts.append(LATER)
    return "; ".join(parts)
