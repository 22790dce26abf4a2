"""Our ledger against the customer's own statement, document by document, with the reason of each
difference. Floor 1.

The customer's view: documents count by effective date. A statement in the customer's sign (what they owe us
is negative) is turned into ours first. Every open item and every line of the statement is in the result
exactly once, so the differences add up to ledger balance less statement balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from arlib.controls import Control, Identity
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import CUSTOMER_RECON, MatchKind
from arlib.ledger.openitems import open_items
from arlib.ledger.statement_match import Statement, match_statement
from arlib.policy import Basis, Scope
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class CustomerReconciliation:
    """One control per statement and currency, and every document of it."""

    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    rows: pd.DataFrame  # CUSTOMER_RECON


def reconcile_customer(
    book: Book, *, scope: Scope, customer_id: str | None = None, in_transit_days: int = 10
) -> CustomerReconciliation:
    """Open items at the statement date against the lines of the statement.

    Takes each customer's latest statement of the period; for one named customer the latest on or before the
    as-of date. A document dated within `in_transit_days` before the statement, or a payment that reaches us
    within as many days after it, is in transit; both end days are inside. A customer merged by the
    statement date is reconciled under its new code. Explained are differences that cite a document; a line
    without reference that nothing answers to stays unexplained.

    Needs ITEMS, APPLICATIONS, CUSTOMER_STATEMENT_LINES; uses DISPUTES and CUSTOMER_MERGES. Without
    statements the one control is `no_input`.
    """
    lines = _latest(of_entity(book["customer_statement_lines"], scope.entity), scope, customer_id)
    if lines.empty:
        return CustomerReconciliation(
            controls=(_not_run(book, scope, customer_id),), identities=(), rows=CUSTOMER_RECON.empty()
        )
    made: list[pd.DataFrame] = []
    for stamp, of_day in lines.groupby("statement_date", sort=True):
        ledger = _Ledger.at(book, scope=scope, day=pd.Timestamp(str(stamp)).date())
        for key, of_customer in of_day.groupby("customer_id", sort=True):
            code = str(key)
            for currency in sorted({*of_customer["currency"], *ledger.currencies(code)}):
                statement = ledger.statement(of_customer, code, currency, days=in_transit_days)
                rows = match_statement(statement)
                made.append(
                    rows.assign(
                        entity=scope.entity,
                        customer_id=code,
                        statement_date=pd.Timestamp(str(stamp)),
                        currency=currency,
                    )
                )
    frame = CUSTOMER_RECON.typed(
        pd.concat([rows for rows in made if len(rows)] or made[:1], ignore_index=True)
    )
    groups = frame.groupby(["customer_id", "statement_date", "currency"], sort=True)
    controls, identities = [], []
    for (customer, day, currency), rows in groups:
        control = _control(str(customer), pd.Timestamp(str(day)).date(), str(currency), rows, book, scope)
        controls.append(control)
        identities.append(
            Identity(
                name=f"differences of {customer}",
                entity=scope.entity,
                currency=str(currency),
                left_label="ledger - statement",
                left=control.difference or 0,
                right_label="differences",
                right=int(rows["difference"].sum()),
            ).require()
        )
    return CustomerReconciliation(controls=tuple(controls), identities=tuple(identities), rows=frame)


def _latest(lines: pd.DataFrame, scope: Scope, customer_id: str | None) -> pd.DataFrame:
    """The lines of each customer's latest statement that the run is about."""
    mine = lines["statement_date"] <= pd.Timestamp(scope.as_of)
    if customer_id is None:
        mine &= lines["statement_date"] >= pd.Timestamp(scope.starts_on)
    else:
        mine &= lines["customer_id"].eq(customer_id)
    rows = lines[mine.to_numpy(dtype=bool)]
    latest = rows.groupby("customer_id")["statement_date"].transform("max")
    return rows[rows["statement_date"].eq(latest).to_numpy(dtype=bool)].reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class _Ledger:
    """What a customer can be reconciled to at one day: open items, all items, later cash and disputes."""

    day: date
    open: pd.DataFrame
    items: pd.DataFrame
    applications: pd.DataFrame  # with the document numbers of both items
    disputes: pd.DataFrame

    @staticmethod
    def at(book: Book, *, scope: Scope, day: date) -> _Ledger:
        """The ledger at a day in the customer's view, customers under the code of that day."""
        view = replace(scope, as_of=day, basis=Basis.EFFECTIVE)
        found = open_items(book, scope=view)
        by_item = found.groupby("item_id", as_index=False, sort=True).agg(
            customer_id=("customer_id", "first"),
            document_no=("document_no", "first"),
            item_type=("item_type", "first"),
            document_date=("document_date", "first"),
            effective_date=("effective_date", "first"),
            due_date=("due_date", "first"),
            currency=("currency", "first"),
            amount=("outstanding", "sum"),
        )
        items = of_entity(book["items"], scope.entity)
        by_item = by_item.merge(
            items[["item_id", "amount"]].rename(columns={"amount": "gross"}), on="item_id"
        )
        codes = merged_codes(items["customer_id"].fillna(""), book, entity=scope.entity, on=day)
        disputes = of_entity(book["disputes"], scope.entity)
        stands = (disputes["opened_on"] <= pd.Timestamp(day)) & (
            disputes["closed_on"].isna() | (disputes["closed_on"] > pd.Timestamp(day))
        )
        return _Ledger(
            day=day,
            open=by_item[by_item["amount"].ne(0).to_numpy(dtype=bool)].reset_index(drop=True),
            items=items.assign(customer_id=codes),
            applications=_numbered(of_entity(book["applications"], scope.entity), items),
            disputes=disputes[stands.to_numpy(dtype=bool)],
        )

    def currencies(self, customer: str) -> set[str]:
        """Currencies in which the customer has open items."""
        return set(self.open.loc[self.open["customer_id"].eq(customer).to_numpy(dtype=bool), "currency"])

    def statement(self, lines: pd.DataFrame, customer: str, currency: str, *, days: int) -> Statement:
        """One customer and currency, ready to be matched."""

        def mine(frame: pd.DataFrame) -> pd.DataFrame:
            hit = frame["customer_id"].eq(customer) & frame["currency"].eq(currency)
            return frame[hit.to_numpy(dtype=bool)].reset_index(drop=True)

        items = mine(self.items)
        touched = self.applications["target_item_id"].isin(items["item_id"])
        touched |= self.applications["source_item_id"].isin(items["item_id"])
        theirs = lines[lines["currency"].eq(currency).to_numpy(dtype=bool)].sort_values(
            "line_no", ignore_index=True
        )
        return Statement(
            day=self.day,
            days=days,
            open=mine(self.open).sort_values(["document_date", "item_id"], ignore_index=True),
            items=items,
            lines=theirs.assign(amount=-theirs["amount"]),
            applications=self.applications[touched.to_numpy(dtype=bool)],
            disputes=self.disputes,
        )


def _numbered(applications: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    numbers = items.drop_duplicates("item_id").set_index("item_id")["document_no"]
    return applications.assign(
        source_document=applications["source_item_id"].map(numbers),
        target_document=applications["target_item_id"].map(numbers),
    )


def _control(
    customer: str, day: date, currency: str, rows: pd.DataFrame, book: Book, scope: Scope
) -> Control:
    off = rows[rows["kind"].ne(MatchKind.MATCHED).to_numpy(dtype=bool)]
    cites = off["document_no"].fillna("").ne("") | off["reference"].fillna("").ne("")
    known = off[cites.to_numpy(dtype=bool)]
    dates = known["document_date"].fillna(known["statement_line_date"])
    return Control(
        name="customer_statement",
        title=f"Customer {customer}: our ledger = their statement of {day.isoformat()}",
        entity=scope.entity,
        currency=currency,
        account=customer,
        left_label="our ledger",
        left=int(rows["ledger_amount"].sum()),
        right_label="their statement",
        right=int(rows["statement_amount"].sum()),
        explained=int(known["difference"].sum()),
        count=len(known),
        unexplained_count=len(off) - len(known),
        oldest=None if dates.isna().all() else pd.Timestamp(dates.min()).date(),
        owner=_collector(book, scope, customer),
        note="" if len(known) == len(off) else f"{len(off) - len(known)} lines without a reference",
    )


def _collector(book: Book, scope: Scope, customer: str) -> str:
    rows = book["customers"]
    mine = rows["customer_id"].eq(customer) & (
        rows["entity"].isna() | rows["entity"].isin(["", scope.entity])
    )
    found: Sequence[str] = rows.loc[mine.to_numpy(dtype=bool), "collector"].dropna().tolist()
    return found[0] if found else ""


def _not_run(book: Book, scope: Scope, customer_id: str | None) -> Control:
    given = book.has("customer_statement_lines")
    return Control(
        name="customer_statement",
        title="Customers' statements: our ledger = their statement",
        entity=scope.entity,
        currency=scope.functional_currency,
        account=customer_id or "",
        left_label="our ledger",
        right_label="their statement",
        note="no customer statement falls in the period" if given else "no customer statements were given",
    )
