"""The tables of an aging report, from a part. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from arlib.ledger.aging import wide
from arlib.ledger.frames import (
    AGING_COMPARED,
    BASIS_BRIDGE,
    LARGE_BALANCES,
    REAGED,
    REAGED_TOTALS,
    Measure,
    wide_table,
)
from arlib.money import minor_places
from arlib.policy import AgingPolicy, Policies, Scope
from arlib.report.aging.part import BY, CUSTOMER, DIMENSIONS, ITEMS, AgingPart
from arlib.report.aging.words import parameters
from arlib.report.exceptions import exceptions_table
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table
from arlib.tables import Column, Kind, Table


def tables(
    part: AgingPart, scope: Scope, policies: Policies, beside: Mapping[str, str]
) -> tuple[ResultTable, ...]:
    """Every table of the report. `beside` says, for one that shows its largest rows only, where all of them are."""
    code, policy = scope.functional_currency, policies.aging
    is_known = part.functional is not None
    functional = part.by["currency"].head(0) if part.functional is None else part.functional
    made = [
        _aging_table(part.by["currency"], ("currency",), "aging_by_currency", "Aging by currency", policy, code),
        _wide_result(
            wide_table(("currency",), policy, Measure.FUNCTIONAL),
            wide(functional, policy=policy, by=("currency",), measure=Measure.FUNCTIONAL),
            "aging_functional", f"Aging in {code}, at booking rates", code,
            note="" if is_known else f"Some open items carry no amount in {code}."),
        _customers_table(part, policy, code),
    ]  # fmt: skip
    for column, word in DIMENSIONS.items():
        is_given = column in part.filled and not (column == "parent_id" and part.is_own_parent)
        rows = part.by[column] if is_given else part.by[column].head(0)
        made.append(
            _aging_table(rows, BY[column], f"aging_by_{column}", f"Aging by {word}", policy, code,
                         note="" if is_given else f"No customer has a {word}.")
        )  # fmt: skip
    made += [
        result_table(LARGE_BALANCES, part.large, title="Large balances past due", functional=code,
                     is_ordered=True, not_totalled=("customer_total",),
                     note=parameters(policies)["Large balance"].capitalize() + ".",
                     columns=("customer_id", "currency", "items", "oldest_due_date", "max_days_past_due",
                              "amount",
                              "rate", "reporting_currency", "reporting_amount", "customer_total")),
        result_table(AGING_COMPARED, part.compared, functional=code,
                     title="Contractual aging beside risk aging", is_ordered=True,
                     words={"bucket": {name: in_words(name) for name in policy.buckets}},
                     headings={"contractual": "By due date", "risk": "By original due date",
                               "moved": "Moved"},
                     note="Risk aging counts from the due date before any residual, rebill or rescheduling."),
        result_table(REAGED_TOTALS, part.reaged_totals, functional=code,
                     title="Re-aged in the period, by authoriser", note="An empty name: nobody is named."),
        result_table(REAGED, part.reaged, title="Items re-aged in the period", functional=code,
                     is_detail=True),
        result_table(BASIS_BRIDGE, part.bridge, functional=code, is_detail=True,
                     title="Customer view less ledger view",
                     note="Facts dated on one side of the as-of date and posted on the other."),
        _items_table(part.items, policy, code),
        exceptions_table([part.exceptions]),
    ]  # fmt: skip
    return tuple(_cut(table, beside[table.name]) if table.name in beside else table for table in made)


def _cut(table: ResultTable, where: str) -> ResultTable:
    """A table that is not whole: it says so and shows no totals."""
    money = frozenset(name for name in table.columns if table.kinds[name] is Kind.MONEY)
    return replace(table, note=f"{table.note} {where}".strip(), not_totalled=money, is_cut=True)


def _aging_table(
    long: pd.DataFrame,
    by: tuple[str, ...],
    name: str,
    title: str,
    policy: AgingPolicy,
    code: str,
    note: str = "",
) -> ResultTable:
    frame = wide(long, policy=policy, by=by)
    return _wide_result(wide_table(by, policy), frame, name, title, code, note)


def _wide_result(
    table: Table, frame: pd.DataFrame, name: str, title: str, code: str, note: str = ""
) -> ResultTable:
    headings = {column: in_words(column) for column in frame.columns if column not in table.key}
    return result_table(table, frame, name=name, title=title, functional=code, headings=headings, note=note)


def customers_wide(policy: AgingPolicy) -> Table:
    """The declared table of the aging by customer, with the name beside the code."""
    base = wide_table(CUSTOMER, policy)
    return Table(base.name, base.one_row_is, base.key, (
        base["customer_id"], Column("name", Kind.TEXT, "name"), base["currency"],
        *(column for column in base.columns if column.name not in CUSTOMER),
    ))  # fmt: skip


def _customers_table(part: AgingPart, policy: AgingPolicy, code: str) -> ResultTable:
    """The aging by customer with names, largest total first."""
    frame = wide(part.by_customer, policy=policy, by=CUSTOMER)
    frame = frame.merge(
        part.owed.drop(columns="outstanding"), on=list(CUSTOMER), how="left", validate="one_to_one"
    )
    frame["size"] = frame["functional_outstanding"] if part.functional is not None else whole_units(frame)
    frame = frame.sort_values(["size", *CUSTOMER], ascending=[False, True, True], kind="stable")
    table = customers_wide(policy)
    headings = {column: in_words(column) for column in table.names[3:]} | {"name": in_words("name")}
    return result_table(table, frame, name="aging_by_customer", title="Aging by customer, largest first",
                        functional=code, headings=headings, is_ordered=True)  # fmt: skip


def whole_units(frame: pd.DataFrame) -> pd.Series:
    """By what customers are ranked where a functional amount is not known: minor units of two currencies do not compare."""
    scale = unit_scale(set(frame["currency"]))
    return frame["total"] * frame["currency"].map(scale).astype("Int64")


def unit_scale(currencies: set[str]) -> dict[str, int]:
    """By what minor units of each currency are multiplied so that one whole unit counts the same in all."""
    finest = max((minor_places(code) for code in currencies), default=0)
    return {code: 10 ** (finest - minor_places(code)) for code in currencies}


def _items_table(items: pd.DataFrame, policy: AgingPolicy, code: str) -> ResultTable:
    columns = (
        "customer_id", "name", "item_id", "instalment_no", "item_type", "document_no", "document_date",
        "due_date",
        "original_due_date", "days_past_due", "bucket", "currency", "amount", "outstanding",
        "functional_outstanding", "revaluation", "control_account", "cash_status", "collector", "sales_rep",
    )  # fmt: skip
    words = {"bucket": {name: in_words(name) for name in policy.buckets}}
    return result_table(ITEMS, items, title="Open items", functional=code, columns=columns, words=words,
                        key=("item_id", "instalment_no"), is_detail=True, not_totalled=("amount",),
                        headings={"functional_outstanding": f"Open amount {code}",
                                  "revaluation": f"Unrealised exchange {code}", "name": "Name",
                                  "amount": "Document amount"})  # fmt: skip
