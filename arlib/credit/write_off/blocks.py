"""What forbids a write-off, each time citing the record that says so. Floor 1: frames in, sentences out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from arlib.credit.write_off.words import Record, day, in_words, money, money_of
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.ledger.replaced import carried_items
from arlib.money import Rounding, times
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import (
    AccountRole,
    ClaimState,
    CustomerStatus,
    DeductionState,
    HoldKind,
    PlanState,
    SecurityKind,
)
from arlib.tables.rows import is_none, records, text

COVERS = tuple(kind.value for kind in SecurityKind if kind is not SecurityKind.SET_OFF)
INSOLVENT = (CustomerStatus.BANKRUPT.value, CustomerStatus.ESTATE.value)
PLACED = (CustomerStatus.AGENCY.value, CustomerStatus.LEGAL.value)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Something that forbids: a machine word, and the sentence that cites the record."""

    word: str
    because: str


@dataclass(frozen=True, kw_only=True)
class Casework:
    """The records of one entity that may forbid a write-off, by item and by customer (those without an item).

    `carried` has the items that an item carries on, nearest first: what is recorded about them is about it too.
    """

    by_item: Mapping[tuple[str, str], list[Record]]
    by_customer: Mapping[tuple[str, str], list[Record]]
    carried: Mapping[str, tuple[str, ...]]
    given: frozenset[str]
    scope: Scope

    def of(self, table: str, debt: Record) -> list[Record]:
        """The records of a table about an item and what it carries on, then those about its customer's account."""
        item = str(debt["item_id"])
        own = [
            row for name in (item, *self.carried.get(item, ())) for row in self.by_item.get((table, name), [])
        ]
        return [*own, *self.by_customer.get((table, str(debt["customer_id"])), [])]


TABLES = ("disputes", "security", "promises", "plans", "holds", "claims", "deductions", "specific_reserves")


def casework(book: Book, *, scope: Scope) -> Casework:
    """The records of the entity, found by item or by customer (codes after merges up to the as-of date). Needs ITEMS."""
    by_item: dict[tuple[str, str], list[Record]] = defaultdict(list)
    by_customer: dict[tuple[str, str], list[Record]] = defaultdict(list)
    given = frozenset(name for name in TABLES if book.has(name))
    for name in TABLES:
        if name not in given:
            continue
        rows = of_entity(book[name], scope.entity)
        rows = rows.assign(
            customer_id=merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of)
        )
        for record in records(rows.sort_values(str(rows.columns[0]), kind="stable")):
            item = text(record.get("item_id"))
            if item:
                by_item[name, item].append(record)
            else:
                by_customer[name, text(record["customer_id"])].append(record)
    carried = carried_items(book, entity=scope.entity)
    return Casework(by_item=by_item, by_customer=by_customer, carried=carried, given=given, scope=scope)


def blocks(debt: Record, known: Casework) -> list[Block]:
    """Everything that forbids to write this item off at the as-of date; empty where nothing does.

    In order: intercompany, factored, assigned, sanctioned, held, disputed, deduction, secured, promised, plan, claim, credit.
    A record counts from its first day; the day that it ends no longer counts, the day promised still does. One about an
    item that this one carries on counts as one about itself, and the sentence says so.
    """
    return [
        block
        for kind in (
            _whose, _holds, _disputes, _deductions, _security, _promises, _plans, _claims, _credits,
        )
        for block in kind(debt, known)
    ]  # fmt: skip


def _whose(debt: Record, known: Casework) -> Iterator[Block]:
    account, role = text(debt["control_account"]), text(debt["role"])
    if bool(debt["is_intercompany"]) or role == AccountRole.INTERCOMPANY:
        yield Block(
            word="intercompany",
            because=f"Customer {debt['customer_id']} is a company of the group: settle it between the companies.",
        )
    if role == AccountRole.FACTORED:
        yield Block(
            word="factored",
            because=f"The item stands on the account of factored debt {account}: it is not ours to write off.",
        )
    holder, status = text(debt["assigned_to"]), text(debt["status"])
    if holder and status not in PLACED:
        yield Block(
            word="assigned", because=f"The item is assigned to {holder}: it has to be returned first."
        )
    if status == CustomerStatus.SANCTIONED:
        yield Block(
            word="sanctioned",
            because=f"Customer {debt['customer_id']} is sanctioned: held until compliance decides.",
        )


def _holds(debt: Record, known: Casework) -> Iterator[Block]:
    for row in known.of("holds", debt):
        if row["kind"] != HoldKind.BANK_DETAILS and _stands(row, "placed_on", "lifted_on", known):
            owner = f", {text(row['owner'])} may lift it" if text(row["owner"]) else ""
            yield Block(
                word="hold",
                because=f"{in_words(row['kind'])} hold {row['hold_id']}{where(row, debt)} since {day(row['placed_on'])}{owner}.",
            )


def _disputes(debt: Record, known: Casework) -> Iterator[Block]:
    for said in open_disputes(debt, known):
        yield Block(word="disputed", because=f"{said}: settle it first.")


def open_disputes(debt: Record, known: Casework) -> Iterator[str]:
    """A clause, without its full stop, for each dispute about an item or its customer's account open at the as-of date."""
    for row in known.of("disputes", debt):
        if _stands(row, "opened_on", "closed_on", known):
            owner = f", owner {text(row['owner'])}" if text(row["owner"]) else ""
            yield (
                f"Dispute {row['dispute_id']} ({_code(row['reason'])}, {money_of(row)}){where(row, debt)} is open "
                f"since {day(row['opened_on'])}{owner}"
            )


def where(row: Record, debt: Record) -> str:
    """Which item a record is about, where that is one that the item carries on; '' where it is the item itself."""
    item = text(row.get("item_id"))
    return f" on {item}, which it carries on," if item and item != debt["item_id"] else ""


def _deductions(debt: Record, known: Casework) -> Iterator[Block]:
    done = (DeductionState.SETTLED.value, DeductionState.INVALID.value)
    for row in known.of("deductions", debt):
        if row["state"] not in done and row["taken_on"] <= pd.Timestamp(known.scope.as_of):
            what = (
                "decide it first"
                if row["state"] == DeductionState.PENDING
                else "it becomes an adjusting entry, not a loss"
            )
            yield Block(
                word="deduction",
                because=f"Deduction {row['deduction_id']} ({_code(row['reason'])}, {money_of(row)}){where(row, debt)} is "
                f"{row['state']}: {what}.",
            )


def _security(debt: Record, known: Casework) -> Iterator[Block]:
    found = list(covers(debt, known))
    for said in found:
        yield Block(word="secured", because=f"{said}: claim there first.")
    marks = [
        word for word, name in (("secured", "is_secured"), ("insured", "is_insured")) if bool(debt[name])
    ]
    if marks and not found:
        yield Block(
            word="secured",
            because=f"The item is marked as {' and '.join(marks)}: claim on the security first, or correct the mark.",
        )


def covers(debt: Record, known: Casework) -> Iterator[str]:
    """A clause, without its full stop, for each insurance, guarantee or other security that pays anything of an item."""
    for row in known.of("security", debt):
        if row["kind"] in COVERS and _covers(row, debt, known):
            rate = text(row["cover_rate"])
            share = f" for {(100 * Decimal(rate)).normalize():f} %" if rate else ""
            by = f" by {text(row['provider'])}" if text(row["provider"]) else ""
            yield f"{in_words(row['kind'])} {row['security_id']}{by} covers it{share}"


def _covers(row: Record, debt: Record, known: Casework) -> bool:
    """Whether a security pays anything of the item: in force on the document's date or now, a rate and a limit above zero."""
    days = (debt["document_date"], pd.Timestamp(known.scope.as_of))
    begun = [row["valid_from"] <= then and not (row["valid_to"] < then) for then in days]
    rate = text(row["cover_rate"])
    if not any(begun) or (rate and Decimal(rate) <= 0) or (not is_none(row["amount"]) and row["amount"] <= 0):
        return False
    same = row["currency"] == debt["currency"] and not is_none(row["deductible"])
    return not (same and debt["outstanding"] <= row["deductible"])


def _promises(debt: Record, known: Casework) -> Iterator[Block]:
    now = pd.Timestamp(known.scope.as_of)
    for row in known.of("promises", debt):
        if _stands(row, "promised_on", "closed_on", known) and row["pay_by"] >= now:
            yield Block(
                word="promise",
                because=f"Promise {row['promise_id']} of {money_of(row)}{where(row, debt)} is due on {day(row['pay_by'])}: wait for it.",
            )


def _plans(debt: Record, known: Casework) -> Iterator[Block]:
    for row in known.of("plans", debt):
        if is_running(row, pd.Timestamp(known.scope.as_of)):
            yield Block(
                word="plan",
                because=f"Payment arrangement {row['plan_id']} of {money_of(row)}{where(row, debt)} is running since "
                f"{day(row['agreed_on'])}.",
            )


def is_running(plan: Record, on: pd.Timestamp) -> bool:
    """Whether a payment arrangement ran on a day: agreed by it, and not ended by it; the day that it ended is out."""
    if plan["agreed_on"] > on:
        return False
    return bool(plan["ended_on"] > on) or (is_none(plan["ended_on"]) and plan["state"] == PlanState.RUNNING)


def claim_state(claim: Record, on: pd.Timestamp) -> ClaimState:
    """The state of a claim on a day, as far as its dates tell: filed and closed only from their days on."""
    state = ClaimState(claim["state"])
    if claim["filed_on"] > on:
        return ClaimState.NOT_FILED
    if state in (ClaimState.CLOSED, ClaimState.DISCHARGED) and claim["closed_on"] > on:
        return ClaimState.FILED if not is_none(claim["filed_on"]) else ClaimState.NOT_FILED
    return state


def claims_of(debt: Record, known: Casework) -> list[Record]:
    """The claims on the item's customer that were opened by the as-of date."""
    now = pd.Timestamp(known.scope.as_of)
    return [row for row in known.of("claims", debt) if row["opened_on"] <= now]


def _claims(debt: Record, known: Casework) -> Iterator[Block]:
    now = pd.Timestamp(known.scope.as_of)
    found = claims_of(debt, known)
    for row in found:
        state, case = claim_state(row, now), _case(row)
        if state is ClaimState.NOT_FILED and not (row["file_by"] < now):
            by = f" by {day(row['file_by'])}" if not is_none(row["file_by"]) else ""
            yield Block(
                word="claim_not_filed",
                because=f"Claim {row['claim_id']}{case} is not filed: file it{by} first.",
            )
        elif state is ClaimState.FILED:
            on = f" on {day(row['filed_on'])}" if not is_none(row["filed_on"]) else ""
            yield Block(
                word="claim_filed",
                because=f"Claim {row['claim_id']}{case} was filed{on}: wait for it, and hold a reserve.",
            )
        elif state is ClaimState.ALLOWED and dividend(row) is None:
            yield Block(
                word="claim_allowed",
                because=f"Claim {row['claim_id']}{case} is allowed and its dividend is not known yet.",
            )
        elif state is ClaimState.ALLOWED and above_dividend(debt, known)[0] <= 0:
            yield Block(
                word="claim_allowed",
                because=f"Claim {row['claim_id']}{case} is allowed and expected to be paid in full.",
            )
    if not found and text(debt["status"]) in INSOLVENT and "claims" in known.given:
        what = "bankrupt" if debt["status"] == CustomerStatus.BANKRUPT else "an estate"
        yield Block(
            word="claim_not_filed",
            because=f"Customer {debt['customer_id']} is {what} and no claim is on record: file one, or record why not.",
        )


def dividend(claim: Record) -> Fraction | None:
    """The share of a claim that is expected or was paid, between 0 and 1; None where it is not known."""
    rate = text(claim["dividend_rate"])
    return None if not rate else max(Fraction(0), min(Fraction(1), Fraction(Decimal(rate))))


def above_dividend(debt: Record, known: Casework) -> tuple[int, Record | None]:
    """What of the item may be written off beside an allowed claim: all but the dividend, and that claim.

    The dividend on the item is rounded up, so that what is expected stays on the account. Of several allowed claims the
    highest dividend counts. Without such a claim all of it, and None.
    """
    now = pd.Timestamp(known.scope.as_of)
    open_ = int(debt["outstanding"])
    rates = [
        (rate, claim)
        for claim in claims_of(debt, known)
        if claim_state(claim, now) is ClaimState.ALLOWED and (rate := dividend(claim))
    ]
    if not rates:
        return open_, None
    rate, claim = max(rates, key=lambda pair: pair[0])
    return open_ - times(open_, rate, Rounding.UP), claim


def _credits(debt: Record, known: Casework) -> Iterator[Block]:
    credit = int(debt["open_credit"])
    if credit > 0:
        amount = money(credit, debt["currency"])
        yield Block(
            word="unapplied_credit",
            because=f"Credit of {amount} of the customer is not applied ({debt['open_credit_documents']}): apply it first.",
        )


def _stands(row: Record, begins: str, ends: str, known: Casework) -> bool:
    now = pd.Timestamp(known.scope.as_of)
    return bool(row[begins] <= now) and not row[ends] <= now


def _case(row: Record) -> str:
    return f" (case {text(row['case_no'])})" if text(row["case_no"]) else ""


def _code(reason: object) -> str:
    return text(reason).replace("_", " ")
