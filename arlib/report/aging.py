"""The aging report: who owes what since when, and what of it needs a person. Floor 3, on top of `ledger`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from arlib.controls import Control, Identity
from arlib.errors import RateError
from arlib.ledger.aging import age_items, aging, aging_compared, aging_identities, wide
from arlib.ledger.attributes import customer_attributes, with_attributes
from arlib.ledger.bridge import basis_bridge, bridge_identities
from arlib.ledger.frames import (
    AGED_ITEMS,
    AGING_COMPARED,
    BASIS_BRIDGE,
    LARGE_BALANCES,
    REAGED,
    REAGED_TOTALS,
    Measure,
    wide_table,
)
from arlib.ledger.large_balance import large_balances
from arlib.ledger.openitems import open_items
from arlib.ledger.postings import subledger_postings
from arlib.ledger.reaging import reaged, reaged_totals
from arlib.money import Rates, Rounding, divide, iso_code, minor_places, shown, total, totals_by
from arlib.policy import AgeFrom, AgingPolicy, Basis, Credits, Policies, Scope
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import filled, intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Chart, ChartKind, Report, ResultTable
from arlib.report.tables import in_words, result_table
from arlib.report.tied import tied_as_one
from arlib.report.words import amount_text, counted, day_text, money_text
from arlib.tables import Book, Column, Kind, Table

DIMENSIONS = {"parent_id": "parent", "collector": "collector", "sales_rep": "sales rep", "region": "region"}
AGE_FROM = {
    AgeFrom.DUE_DATE: "due date",
    AgeFrom.ORIGINAL_DUE_DATE: "original due date",
    AgeFrom.DOCUMENT_DATE: "document date",
}


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What the tables, charts and sentences of the report are made from."""

    aged: pd.DataFrame  # AGED_ITEMS with customer attributes
    by_customer: pd.DataFrame  # AGING
    functional: pd.DataFrame | None  # AGING by currency in functional currency; None where it is not known
    large: pd.DataFrame
    reaged: pd.DataFrame
    bridge: pd.DataFrame


def aging_report(book: Book, *, scope: Scope, policies: Policies, rows_shown: int = 50) -> Report:
    """Open items by age at the as-of date, in document and functional currency and by every dimension known.

    Needs ITEMS; uses APPLICATIONS, INSTALMENTS, CUSTOMERS with history and merges, REVALUATIONS, FX_RATES. A
    customer over the limit of `policies.large_balance` in a currency without closing rate raises RateError;
    a knowledge date that the source cannot answer, ParameterError. Σ buckets = outstanding by currency is
    among the identities.
    """
    open_ = open_items(book, scope=scope)
    facts = _facts(book, open_, scope, policies)
    identities: tuple[Identity, ...] = (
        *aging_identities(open_, facts.by_customer, entity=scope.entity),
        *bridge_identities(book, facts.bridge, scope=scope),
        *intake_checks(book),
    )
    return Report(
        name="aging",
        title=f"Aging, {scope.entity}, {day_text(scope.as_of)}",
        question="Who owes us what, since when, and which of it needs a person?",
        reader="collections, credit manager, controller",
        scope=scope,
        tables=_tables(facts, open_, scope, policies),
        charts=_charts(facts, scope, policies.aging),
        controls=(*_controls(book, open_, facts.bridge, scope), *intake_controls(book, scope=scope)),
        identities=identities,
        findings=(*_findings(facts, policies), *intake_findings(book)),
        limits=(*_limits(facts), *missing_limits(book, {
            "applications": "every item counts as open in full",
            "customers": "names, collectors and regions are missing",
        })),
        counts={"open_items": len(open_), "customers": int(open_["customer_id"].nunique()),
                "large_balances": len(facts.large), "reaged_items": len(facts.reaged)},
        parameters=parameters(policies),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _controls(book: Book, open_: pd.DataFrame, bridge: pd.DataFrame, scope: Scope) -> tuple[Control, ...]:
    """Open items = the sub-ledger's postings, counted another way, in each document currency.

    Currencies that tie share one control, which shows the books' currency (or the first) and counts the others. In the
    customer view the documents dated on one side of the as-of date and posted on the other explain the difference.
    """
    posted = subledger_postings(book, scope=scope)
    explained = bridge if scope.basis is Basis.EFFECTIVE else bridge.iloc[:0]
    sums = [
        Control(
            name="aging", title=f"Aging in {iso_code(code)}: open items = sub-ledger postings", entity=scope.entity,
            currency=code, left_label="open items", left=total(open_.loc[open_["currency"].eq(code), "outstanding"]),
            right_label="postings", right=total(posted.loc[posted["currency"].eq(code), "amount"]),
            explained=total(mine["amount"]), count=len(mine),
            oldest=None if mine.empty else mine["effective_date"].min().date(),
        )
        for code in sorted({*open_["currency"].dropna(), *posted["currency"].dropna()})
        for mine in [explained[explained["currency"].eq(code)]]
    ]  # fmt: skip
    return tied_as_one(sums, functional=scope.functional_currency)


def parameters(policies: Policies) -> dict[str, str]:
    """The choices behind an aging, in words."""
    aging_, large = policies.aging, policies.large_balance
    limit = "at or above" if large.is_inclusive else "above"
    credits_ = "in columns of their own" if aging_.credits is Credits.SHOWN else "netted"
    return {
        "Aged from": AGE_FROM[aging_.age_from],
        "Buckets": ", ".join(aging_.past_due_buckets),
        "Credits and unapplied cash": credits_,
        "By instalment": "yes" if aging_.by_instalment else "no",
        "Large balance": f"{limit} {large.amount:,} at {large.min_days_past_due} days past due and more, "
        f"in {large.unit.value} currency",
    }  # fmt: skip


def _facts(book: Book, open_: pd.DataFrame, scope: Scope, policies: Policies) -> _Facts:
    aged = age_items(open_, as_of=scope.as_of, policy=policies.aging)
    attributes = customer_attributes(
        book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity
    )
    try:
        functional = aging(aged, by=("currency",), measure=Measure.FUNCTIONAL)
    except RateError:
        functional = None
    return _Facts(
        aged=with_attributes(aged, attributes),
        by_customer=aging(aged),
        functional=functional,
        large=large_balances(
            aged, policy=policies.large_balance, scope=scope, rates=Rates.of(book["fx_rates"])
        ),
        reaged=reaged(book, scope=scope),
        bridge=basis_bridge(book, scope=scope),
    )


def _tables(facts: _Facts, open_: pd.DataFrame, scope: Scope, policies: Policies) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    policy = policies.aging
    made = [_aging_table(facts.aged, ("currency",), "aging_by_currency", "Aging by currency", policy, code)]
    is_known = facts.functional is not None
    functional = facts.by_customer.head(0) if facts.functional is None else facts.functional
    table = wide_table(("currency",), policy, Measure.FUNCTIONAL)
    frame = wide(functional, policy=policy, by=("currency",), measure=Measure.FUNCTIONAL)
    made.append(
        _wide_result(table, frame, "aging_functional", f"Aging in {code}, at booking rates",
                     code, note="" if is_known else f"Some open items carry no amount in {code}.")
    )  # fmt: skip
    made.append(_customers_table(facts, policy, code))
    for column, word in DIMENSIONS.items():
        is_given = filled(facts.aged, column) and not (column == "parent_id" and _is_own_parent(facts.aged))
        rows = facts.aged if is_given else facts.aged.head(0)
        made.append(
            _aging_table(rows, (column, "currency"), f"aging_by_{column}", f"Aging by {word}", policy, code,
                         note="" if is_given else f"No customer has a {word}.")
        )  # fmt: skip
    made += [
        result_table(LARGE_BALANCES, facts.large, title="Large balances past due", functional=code,
                     is_ordered=True, not_totalled=("customer_total",),
                     note=parameters(policies)["Large balance"].capitalize() + ".",
                     columns=("customer_id", "currency", "items", "oldest_due_date", "max_days_past_due",
                              "amount",
                              "rate", "reporting_currency", "reporting_amount", "customer_total")),
        result_table(AGING_COMPARED, aging_compared(open_, as_of=scope.as_of, policy=policy), functional=code,
                     title="Contractual aging beside risk aging", is_ordered=True,
                     words={"bucket": {name: in_words(name) for name in policy.buckets}},
                     headings={"contractual": "By due date", "risk": "By original due date",
                               "moved": "Moved"},
                     note="Risk aging counts from the due date before any residual, rebill or rescheduling."),
        result_table(REAGED_TOTALS, reaged_totals(facts.reaged, scope=scope), functional=code,
                     title="Re-aged in the period, by authoriser", note="An empty name: nobody is named."),
        result_table(REAGED, facts.reaged, title="Items re-aged in the period", functional=code,
                     is_detail=True),
        result_table(BASIS_BRIDGE, facts.bridge, functional=code, is_detail=True,
                     title="Customer view less ledger view",
                     note="Facts dated on one side of the as-of date and posted on the other."),
        _items_table(facts, policy, code),
        exceptions_table(_exceptions(facts, scope)),
    ]  # fmt: skip
    return tuple(made)


def _aging_table(
    aged: pd.DataFrame,
    by: tuple[str, ...],
    name: str,
    title: str,
    policy: AgingPolicy,
    code: str,
    note: str = "",
) -> ResultTable:
    frame = wide(aging(aged, by=by), policy=policy, by=by)
    return _wide_result(wide_table(by, policy), frame, name, title, code, note)


def _wide_result(
    table: Table, frame: pd.DataFrame, name: str, title: str, code: str, note: str = ""
) -> ResultTable:
    headings = {column: in_words(column) for column in frame.columns if column not in table.key}
    return result_table(table, frame, name=name, title=title, functional=code, headings=headings, note=note)


def _customers_table(facts: _Facts, policy: AgingPolicy, code: str) -> ResultTable:
    """The aging by customer with names, largest total first."""
    by = ("customer_id", "currency")
    base = wide_table(by, policy)
    table = Table(base.name, base.one_row_is, base.key, (
        base["customer_id"], Column("name", Kind.TEXT, "name"), base["currency"],
        *(column for column in base.columns if column.name not in by),
    ))  # fmt: skip
    frame = wide(facts.by_customer, policy=policy, by=by)
    names = facts.aged.drop_duplicates("customer_id").set_index("customer_id")["name"]
    frame["name"] = frame["customer_id"].map(names)
    frame["size"] = _sizes(facts, frame)
    frame = frame.sort_values(["size", *by], ascending=[False, True, True], kind="stable").drop(
        columns="size"
    )
    headings = {column: in_words(column) for column in frame.columns if column not in by}
    return result_table(table, frame, name="aging_by_customer", title="Aging by customer, largest first",
                        functional=code, headings=headings, is_ordered=True)  # fmt: skip


def _sizes(facts: _Facts, frame: pd.DataFrame) -> pd.Series:
    """By what customers are ranked: what they owe in functional currency.

    Minor units of two currencies do not compare. Where a functional amount is not known, whole units rank.
    """
    if facts.functional is None:
        finest = max((minor_places(code) for code in set(frame["currency"])), default=0)
        scale = {code: 10 ** (finest - minor_places(code)) for code in set(frame["currency"])}
        return frame["total"] * frame["currency"].map(scale).astype("Int64")
    owed = facts.aged.assign(customer_id=facts.aged["customer_id"].fillna(""))
    sums = totals_by(owed, ["customer_id", "currency"], "functional_outstanding")
    at = pd.MultiIndex.from_frame(frame[["customer_id", "currency"]])
    return (
        sums.set_index(["customer_id", "currency"])["functional_outstanding"]
        .reindex(at)
        .set_axis(frame.index)
    )


def _items_table(facts: _Facts, policy: AgingPolicy, code: str) -> ResultTable:
    table = Table("open_items", AGED_ITEMS.one_row_is, AGED_ITEMS.key, (
        *AGED_ITEMS.columns, Column("name", Kind.TEXT, "name of the customer"),
        Column("collector", Kind.TEXT, "who collects"),
    ))  # fmt: skip
    columns = (
        "customer_id", "name", "item_id", "instalment_no", "item_type", "document_no", "document_date",
        "due_date",
        "original_due_date", "days_past_due", "bucket", "currency", "amount", "outstanding",
        "functional_outstanding", "revaluation", "control_account", "cash_status", "collector", "sales_rep",
    )  # fmt: skip
    words = {"bucket": {name: in_words(name) for name in policy.buckets}}
    return result_table(table, facts.aged, title="Open items", functional=code, columns=columns, words=words,
                        key=("item_id", "instalment_no"), is_detail=True, not_totalled=("amount",),
                        headings={"functional_outstanding": f"Open amount {code}",
                                  "revaluation": f"Unrealised exchange {code}", "name": "Name",
                                  "amount": "Document amount"})  # fmt: skip


def _exceptions(facts: _Facts, scope: Scope) -> list[pd.DataFrame]:
    def large(row: Mapping[str, Any]) -> str:
        amount = shown(int(row["amount"]), row["currency"])
        items, days = counted(int(row["items"]), "item"), row["max_days_past_due"]
        return f"{items} of {row['currency']} {amount} up to {days} days past due"

    collectors = facts.aged.drop_duplicates("customer_id").set_index("customer_id")["collector"]
    big = facts.large.assign(collector=facts.large["customer_id"].map(collectors).astype("str"))
    nameless = facts.reaged[facts.reaged["authorised_by"].fillna("").eq("")]
    undated = facts.aged[facts.aged["bucket"].eq("no_due_date")]
    turned = facts.aged["outstanding"].ne(0) & (facts.aged["outstanding"].gt(0) != facts.aged["amount"].gt(0))
    over_applied = facts.aged[turned.to_numpy(dtype=bool)]
    return [
        exceptions_from(big, subject="large_balance", reference=("customer_id", "currency"), finding=large,
                        columns={"customer_id": "customer_id", "currency": "currency", "amount": "amount",
                                 "since": "oldest_due_date", "owner": "collector"}),
        exceptions_from(nameless, subject="reaged_without_authority", reference=("item_id",),
                        finding=lambda row: f"Due date moved by {row['days_moved']} days, nobody is named",
                        columns={"customer_id": "customer_id", "document_no": "document_no",
                                 "currency": "currency",
                                 "amount": "amount", "since": "reaged_on", "owner": "user"}),
        exceptions_from(undated, subject="no_due_date", reference=("item_id",),
                        finding=lambda row: f"{in_words(row['item_type'])} without a due date",
                        columns={"customer_id": "customer_id", "document_no": "document_no",
                                 "currency": "currency",
                                 "amount": "outstanding", "since": "document_date", "owner": "collector"}),
        exceptions_from(over_applied, subject="over_applied", reference=("item_id",),
                        finding=lambda row: f"{in_words(row['item_type'])} of {shown(int(row['amount']), row['currency'])} "
                        "has more applied than it was for: check its applications",
                        columns={"customer_id": "customer_id", "document_no": "document_no",
                                 "currency": "currency",
                                 "amount": "outstanding", "since": "document_date", "owner": "collector"}),
    ]  # fmt: skip


def _charts(facts: _Facts, scope: Scope, policy: AgingPolicy) -> tuple[Chart, ...]:
    if facts.functional is not None:
        long, code, said = facts.functional, scope.functional_currency, "all currencies at booking rates"
    elif len(facts.by_customer):
        code = str(facts.by_customer["currency"].mode().iloc[0])
        long, said = (
            facts.by_customer[facts.by_customer["currency"].eq(code)],
            f"items in {iso_code(code)} only",
        )
    else:
        long, code, said = facts.by_customer, scope.functional_currency, "no open items"
    sums = {bucket: total(long.loc[long["bucket"].eq(bucket), "amount"]) for bucket in policy.buckets}
    frame = pd.DataFrame({
        "label": pd.Series([in_words(bucket) for bucket in sums], dtype="str"),
        "amount": pd.Series(list(sums.values()), dtype="Int64"),
    })  # fmt: skip
    whole = sum(sums.values())
    late = sum(sums[bucket] for bucket in policy.past_due_buckets)
    share = f", of which {percent(late, whole)} past due" if whole > 0 else ""
    sentence = f"{money_text(whole, code)} is open at {day_text(scope.as_of)}{share} ({said})."
    alt = "Bars by age: " + "; ".join(
        f"{in_words(bucket)} {amount_text(amount, code)}" for bucket, amount in sums.items()
    )
    return (
        Chart(name="aging", title=f"Open amount by age, {iso_code(code)}", sentence=sentence, alt=f"{alt}. {sentence}",
              kind=ChartKind.AGING_BARS, frame=frame, currency=code),
    )  # fmt: skip


def percent(part: int, whole: int) -> str:
    """A share in percent with one place, from whole numbers: `12.3 %`."""
    tenths = divide(1000 * part, whole, Rounding.HALF_UP)
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10} %"


def _findings(facts: _Facts, policies: Policies) -> tuple[str, ...]:
    made = []
    if len(facts.large):
        unit = str(facts.large["reporting_currency"].iloc[0])
        worth = (
            total(facts.large["reporting_amount"])
            if len(set(facts.large["reporting_currency"])) == 1
            else None
        )
        money = f", together {money_text(worth, unit)}" if worth is not None else ""
        made.append(
            f"Decide on {counted(int(facts.large['customer_id'].nunique()), 'customer')} with large balances "
            f"{policies.large_balance.min_days_past_due} days past due and more{money}."
        )
    for bucket, what in (
        ("unapplied", "Apply or refund unapplied cash"),
        ("credit", "Settle open credits"),
        ("no_due_date", "Set due dates"),
    ):
        rows = facts.aged[facts.aged["bucket"].eq(bucket)]
        if len(rows):
            made.append(f"{what}: {counted(len(rows), 'item')}, {_by_currency(rows, 'outstanding')}.")
    nameless = facts.reaged[facts.reaged["authorised_by"].fillna("").eq("")]
    if len(nameless):
        made.append(f"{counted(len(nameless), 'item')} re-aged in the period without a named authoriser.")
    if len(facts.bridge):
        made.append(
            f"The customer view differs from the ledger view by {_by_currency(facts.bridge, 'amount')} "
            f"({counted(len(facts.bridge), 'fact')})."
        )
    return tuple(made)


def _by_currency(rows: pd.DataFrame, column: str) -> str:
    """Totals in words: `EUR 12.00, USD -3.50`."""
    sums = {str(code): total(part[column]) for code, part in rows.groupby("currency", sort=True)}
    return ", ".join(money_text(amount, code) for code, amount in sums.items())


def _limits(facts: _Facts) -> tuple[str, ...]:
    if facts.functional is None:
        return ("Some open items carry no amount in the books' currency: there is no aging in it.",)
    return ()


def _is_own_parent(aged: pd.DataFrame) -> bool:
    return bool(aged["parent_id"].fillna("").eq(aged["customer_id"].fillna("")).all())
