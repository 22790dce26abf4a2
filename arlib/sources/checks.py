"""Faults that only show between rows: a key twice, an application of an item that is not there. Floor 2.

Each check takes the tables with their provenance columns `_file` and `_row`, and names the rows to set
aside or to note.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arlib.errors import Problem, Severity
from arlib.tables import CANONICAL

if TYPE_CHECKING:
    import pandas as pd

Tables = dict[str, "pd.DataFrame"]


@dataclass(frozen=True)
class Finding:
    """Rows of one table with one fault; `is_fatal` sets them aside."""

    table: str
    at: pd.Series  # True on the rows
    column: str
    code: str
    wanted: str
    is_fatal: bool = True


def checked(tables: Tables) -> tuple[Tables, Tables, list[Problem]]:
    """Tables without the rows at fault, the rows set aside by table, and a problem for each fault.

    Order matters: keys first, then items' dependants, so that a rejected item takes its applications with
    it by name.
    """
    kept, problems = dict(tables), list[Problem]()
    aside: Tables = {}
    for check in (duplicate_keys, instalment_sums, application_items, loose_ends):
        for finding in check(kept):
            frame = kept[finding.table]
            bad = finding.at.reindex(frame.index, fill_value=False)
            problems += _problems(finding, frame[bad])
            if finding.is_fatal and bad.any():
                aside[finding.table] = _joined(aside.get(finding.table), frame[bad])
                kept[finding.table] = frame[~bad].reset_index(drop=True)
    return kept, aside, problems


def duplicate_keys(tables: Tables) -> Iterator[Finding]:
    """A key that stands twice: all such rows go, since which is right is not ours to guess."""
    for name, frame in tables.items():
        key = list(CANONICAL[name].key)
        yield Finding(
            name, frame.duplicated(key, keep=False), " + ".join(key), "duplicate_key", "each key once"
        )


def application_items(tables: Tables) -> Iterator[Finding]:
    """Applications and instalments must point to items that are there, in the items' own currency."""
    if "items" not in tables:
        return
    currencies = _by_key(tables["items"], "item_id", "currency")
    for side in ("source", "target"):
        if "applications" not in tables:
            break
        frame = tables["applications"]
        found = _looked(frame, f"{side}_item_id", currencies)
        yield Finding(
            "applications", found.isna(), f"{side}_item_id", "unknown_item", "an item that is in the book"
        )
        frame = tables["applications"]
        found = _looked(frame, f"{side}_item_id", currencies)
        differs = found.notna() & frame[f"{side}_currency"].ne(found)
        yield Finding(
            "applications", differs, f"{side}_currency", "currency_differs_from_item", "the item's currency"
        )
    for name in ("revaluations",):
        if name in tables:
            lost = _looked(tables[name], "item_id", currencies).isna()
            yield Finding(name, lost, "item_id", "unknown_item", "an item that is in the book")


def instalment_sums(tables: Tables) -> Iterator[Finding]:
    """The parts of an item sum to it; where they do not, all parts of the item are set aside."""
    if "items" not in tables or "instalments" not in tables or not len(tables["instalments"]):
        return
    frame = tables["instalments"]
    amounts = _looked(frame, "item_id", _by_key(tables["items"], "item_id", "amount"))
    yield Finding("instalments", amounts.isna(), "item_id", "unknown_item", "an item that is in the book")
    frame = tables["instalments"]
    amounts = _looked(frame, "item_id", _by_key(tables["items"], "item_id", "amount"))
    sums = frame.groupby(["entity", "item_id"], dropna=False)["amount"].transform("sum")
    yield Finding(
        "instalments",
        sums.ne(amounts.astype("Int64")).fillna(True).astype(bool),
        "amount",
        "parts_do_not_sum_to_the_item",
        "parts that sum to the item's amount",
    )


def loose_ends(tables: Tables) -> Iterator[Finding]:
    """References that no total depends on: noted, not set aside."""
    if "items" not in tables:
        return
    items = tables["items"]
    if "customers" in tables and len(tables["customers"]):
        known = {*tables["customers"]["customer_id"].dropna()}
        lost = items["customer_id"].notna() & ~items["customer_id"].isin(known)
        yield Finding(
            "items", lost, "customer_id", "unknown_customer", "a customer that is in the book", is_fatal=False
        )
    if "control_accounts" in tables and len(tables["control_accounts"]):
        known = {*tables["control_accounts"]["account"].dropna()}
        lost = items["control_account"].notna() & ~items["control_account"].isin(known)
        yield Finding(
            "items", lost, "control_account", "unknown_account", "a declared control account", is_fatal=False
        )
    ids = _by_key(items, "item_id", "currency")
    if "receipts" in tables:
        frame = tables["receipts"]
        lost = frame["item_id"].notna() & _looked(frame, "item_id", ids).isna()
        yield Finding(
            "receipts", lost, "item_id", "unknown_item", "an item that is in the book", is_fatal=False
        )
    lost = items["reverses"].notna() & _looked(items, "reverses", ids).isna()
    yield Finding("items", lost, "reverses", "unknown_item", "an item that is in the book", is_fatal=False)


def _by_key(items: pd.DataFrame, column: str, value: str) -> pd.Series:
    key = items["entity"].astype("str") + "\x1f" + items[column].astype("str")
    return items[value].set_axis(key)


def _looked(frame: pd.DataFrame, column: str, by_key: pd.Series) -> pd.Series:
    """The value beside each row's (entity, column), missing where there is none."""
    import pandas as pd

    key = frame["entity"].astype("str") + "\x1f" + frame[column].astype("str")
    unique = by_key[~by_key.index.duplicated()]
    return unique.reindex(pd.Index(key)).set_axis(frame.index)


def _joined(first: pd.DataFrame | None, second: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return second if first is None else pd.concat([first, second], ignore_index=True)


def _problems(finding: Finding, rows: pd.DataFrame) -> list[Problem]:
    severity = Severity.REJECTED if finding.is_fatal else Severity.NOTED
    names = finding.column.split(" + ")
    texts = rows[names].astype("str").fillna("")
    found = [" + ".join(values) for values in texts.itertuples(index=False, name=None)]
    return [
        Problem(
            file=str(file),
            table=finding.table,
            row=int(row),
            column=finding.column,
            severity=severity,
            code=finding.code,
            found=str(text),
            wanted=finding.wanted,
        )
        for file, row, text in zip(rows["_file"], rows["_row"], found, strict=True)
    ]
