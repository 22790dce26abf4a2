"""A population in parts that add up: what was tested, and what was left out and why. Floor 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.audit.patterns.frames import TESTED
from arlib.controls import Identity
from arlib.money import iso_code, total

TESTED_PART = "tested"


def parts_of(
    rows: pd.DataFrame, left_out: dict[str, pd.Series], *, entity: str
) -> tuple[pd.Series, pd.DataFrame]:
    """Which rows are tested, and TESTED. A row left out for several reasons counts under the first.

    `rows` has currency and amount; `left_out` a flag for each row by reason, in the order that counts.
    """
    part = pd.Series(TESTED_PART, index=rows.index, dtype="object")
    for why, flags in left_out.items():
        part = part.mask(flags.to_numpy(dtype=bool) & part.eq(TESTED_PART).to_numpy(), why)
    made = [
        {"entity": entity, "currency": code, "part": why, "items": len(own), "amount": total(own["amount"])}
        for (code, why), own in rows.assign(part=part).groupby(["currency", "part"], sort=True)
    ]
    return part.eq(TESTED_PART), TESTED.from_rows(made)


def parts_add_up(parts: pd.DataFrame, rows: pd.DataFrame, *, entity: str, what: str) -> tuple[Identity, ...]:
    """Tested and left out = all, by currency and in rows. `rows` are all of them, with currency and amount."""
    codes = sorted({*parts["currency"], *rows["currency"]})
    sums = tuple(
        Identity(
            name=f"tested and left out, {iso_code(code)}", entity=entity, currency=code, left_label="tested and left out",
            left=total(parts.loc[parts["currency"].eq(code), "amount"]), right_label=what,
            right=total(rows.loc[rows["currency"].eq(code), "amount"]),
        )
        for code in codes
    )  # fmt: skip
    count = Identity(
        name="tested and left out, rows", entity=entity, left_label="tested and left out",
        left=int(np.sum(parts["items"].to_numpy(dtype="int64"))), right_label=what, right=len(rows),
    )  # fmt: skip
    return (*sums, count)


def looked_up(keys: pd.Series, by: pd.Series) -> pd.Series:
    """The value of `by`, whose index is unique, for each key, in the order and index of the keys; also where `by` is empty."""
    return by.reindex(keys).set_axis(keys.index)
