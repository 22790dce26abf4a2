"""Adjustments, write-offs and credit memos of the canonical tables as postings. Floor 2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from arlib.errors import Problem, Severity
from arlib.money import allocate, iso_code, minor_places
from arlib.sources.upload.contract import raise_faults
from arlib.sources.upload.reference import reference
from arlib.sources.upload.tables import POSTING_ADJUSTMENTS, POSTING_CREDIT_MEMOS
from arlib.sources.upload.values import Row
from arlib.tables.rows import is_none, whole

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str, str]


def adjustments_of(
    items: pd.DataFrame,
    applications: pd.DataFrame,
    *,
    gl_date: date,
    functional: Mapping[str, str] | None = None,
    open_amounts: Mapping[Key, int] | None = None,
    of: Iterable[str] = ("write_off", "adjustment"),
) -> pd.DataFrame:
    """POSTING_ADJUSTMENTS from canonical items of these types and the applications that set them against their documents.

    One row for each application; tax and books' amount of the item are shared out over them to the cent. `functional` is
    the books' currency by entity, `open_amounts` what a document was open for before, by (entity, item). An item without
    an application moves nothing and raises TableError, as does one whose amount its currency's places cannot hold.
    """
    made, problems = [], []
    numbers = _numbers(items)
    for row, parts in _with_parts(items, applications, of):
        if not parts:
            problems.append(
                _fault(row, "adjustment_without_document", "an application that sets it against a document")
            )
            continue
        sizes = [int(part["target_amount"]) for part in parts]
        taxes, books = (
            _shared(-whole(row["tax_amount"]), sizes),
            _shared(-whole(row["functional_amount"]), sizes),
        )
        for part, size, tax, book in zip(parts, sizes, taxes, books, strict=True):
            currency, (amount, own_tax) = plain_amounts(part["target_currency"], (size, tax), row, problems)
            home = (functional or {}).get(row["entity"], "")
            number, customer = numbers.get((row["entity"], part["target_item_id"]), ("", row["customer_id"]))
            made.append(
                {
                    "entity": row["entity"],
                    "adjustment_type": row["item_type"],
                    "reason": row["reason"] or row["item_type"],
                    "source_id": row["item_id"],
                    "item_id": part["target_item_id"],
                    "document_no": number,
                    "customer_id": customer,
                    "gl_date": gl_date,
                    "currency": currency,
                    "amount": amount,
                    "tax_amount": own_tax,
                    "open_before": (open_amounts or {}).get((row["entity"], part["target_item_id"])),
                    "functional_currency": home,
                    "functional_amount": book if home and not is_none(row["functional_amount"]) else None,
                    "text": row["text"],
                    "reference": reference(
                        "adjustment",
                        row["entity"],
                        row["item_id"],
                        part["target_item_id"],
                        currency,
                        amount,
                        own_tax,
                        row["effective_date"],
                    ),
                }
            )
    raise_faults(problems, where="adjustments")
    return POSTING_ADJUSTMENTS.from_rows(made)


def credit_memos_of(
    items: pd.DataFrame,
    applications: pd.DataFrame,
    *,
    gl_date: date,
    functional: Mapping[str, str] | None = None,
    open_amounts: Mapping[Key, int] | None = None,
) -> pd.DataFrame:
    """POSTING_CREDIT_MEMOS from canonical credit memos: a line for each document credited, and one for what stays on account."""
    made, problems = [], []
    numbers = _numbers(items)
    for row, parts in _with_parts(items, applications, ("credit_memo",)):
        total = -int(row["amount"])
        if total <= 0 or is_none(row["customer_id"]) or not row["customer_id"]:
            problems.append(_fault(row, "not_a_credit", "a negative amount and a customer"))
            continue
        sizes = [int(part["source_amount"]) for part in parts]
        rest = total - sum(sizes)
        targets = [str(part["target_item_id"]) for part in parts] + ([""] if rest else [])
        sizes += [rest] if rest else []
        taxes, books = (
            _shared(-whole(row["tax_amount"]), sizes),
            _shared(-whole(row["functional_amount"]), sizes),
        )
        home = (functional or {}).get(row["entity"], "")
        for at, (target, size, tax, book) in enumerate(zip(targets, sizes, taxes, books, strict=True), 1):
            currency, (net, own_tax) = plain_amounts(row["currency"], (size - tax, tax), row, problems)
            made.append(
                {
                    "entity": row["entity"],
                    "line_no": at,
                    "source_id": row["item_id"],
                    "memo_no": row["document_no"],
                    "item_id": target,
                    "document_no": numbers.get((row["entity"], target), ("", ""))[0],
                    "customer_id": row["customer_id"],
                    "memo_date": row["effective_date"]
                    if is_none(row["document_date"])
                    else row["document_date"],
                    "gl_date": gl_date,
                    "currency": currency,
                    "net_amount": net,
                    "tax_amount": own_tax,
                    "open_before": (open_amounts or {}).get((row["entity"], target)),
                    "functional_currency": home,
                    "functional_amount": book if home and not is_none(row["functional_amount"]) else None,
                    "reason": row["reason"] or "credit",
                    "text": row["text"],
                    "reference": reference(
                        "credit_memo",
                        row["entity"],
                        row["item_id"],
                        row["currency"],
                        total,
                        row["effective_date"],
                    ),
                }
            )
    raise_faults(problems, where="credit memos")
    return POSTING_CREDIT_MEMOS.from_rows(made)


def _with_parts(
    items: pd.DataFrame, applications: pd.DataFrame, of: Iterable[str]
) -> list[tuple[Row, list[Row]]]:
    """Items of these types, each with what is left of its applications after their reversals."""
    import pandas as pd

    wanted = items[items["item_type"].isin(list(of))].sort_values(["entity", "item_id"], kind="stable")
    sources = set(zip(wanted["entity"], wanted["item_id"], strict=True))
    own = applications[
        [key in sources for key in zip(applications["entity"], applications["source_item_id"], strict=True)]
    ]
    gone = {
        (row["entity"], row["reverses"])
        for row in own.to_dict("records")
        if row["reverses"] and not pd.isna(row["reverses"])
    }
    parts: dict[Key, list[Row]] = defaultdict(list)
    for row in own.sort_values("application_id", kind="stable").to_dict("records"):
        is_reversal = bool(row["reverses"]) and not pd.isna(row["reverses"])
        if not is_reversal and (row["entity"], row["application_id"]) not in gone:
            parts[row["entity"], row["source_item_id"]].append(row)
    clean = wanted.astype(object).where(wanted.notna(), None)
    records = [
        {name: "" if value is None and name in _TEXTS else value for name, value in row.items()}
        for row in clean.to_dict("records")
    ]
    return [(row, parts.get((row["entity"], row["item_id"]), [])) for row in records]


_TEXTS = ("customer_id", "document_no", "reason", "text", "item_type")


def _numbers(items: pd.DataFrame) -> dict[Key, tuple[str, str]]:
    columns = items[["entity", "item_id", "document_no", "customer_id"]].astype(object)
    filled = columns.where(columns.notna(), "")
    return {(row[0], row[1]): (row[2], row[3]) for row in filled.itertuples(index=False, name=None)}


def _shared(total: int, sizes: list[int]) -> list[int]:
    return allocate(total, sizes) if total and sum(sizes) else [0] * len(sizes)


def plain_amounts(
    currency: str, amounts: tuple[int, ...], row: Row, problems: list[Problem]
) -> tuple[str, tuple[int, ...]]:
    """The amounts in the plain ISO currency: yen that a source keeps with two places must be whole to be posted."""
    plain = iso_code(currency)
    unit = 10 ** (minor_places(currency) - minor_places(plain))
    if any(amount % unit for amount in amounts):
        problems.append(_fault(row, "more_places_than_the_currency_has", f"whole minor units of {plain}"))
    return plain, tuple(amount // unit for amount in amounts)


def _fault(row: Row, code: str, wanted: str) -> Problem:
    return Problem(
        file="items",
        table="items",
        row=0,
        column="item_id",
        severity=Severity.REJECTED,
        code=code,
        found=f"{row['entity']} {row['item_id']}",
        wanted=wanted,
    )
