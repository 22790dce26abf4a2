"""A pasted statement against our ledger, line by line, with the cause of each difference. Floor 2.

What agrees and what differs is found by `ledger.customer_recon`, the one implementation; here each row gets its side, the
cause in one word, and what an amount differs by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

import pandas as pd

from arlib.controls import Control, Identity
from arlib.credit.write_off.words import day, many, money
from arlib.errors import InputError
from arlib.ledger.customer_recon import reconcile_customer
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import CUSTOMER_RECON, MatchKind
from arlib.matching.discounts import Discountable, Offer, offer
from arlib.matching.pool import NO_DAY
from arlib.money import total
from arlib.policy import MatchingPolicy, Policies, Scope
from arlib.sources.pasted.by_posting import by_posting
from arlib.sources.pasted.result import Pasted
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ItemType
from arlib.tables.kinds import Column, Kind, Table
from arlib.tables.rows import Row, is_none, records, text, whole

T, M, N = Kind.TEXT, Kind.MONEY, Kind.INTEGER
CASH = (*(kind.value for kind in CASH_TYPES), ItemType.REFUND.value)
EPOCH = pd.Timestamp("1970-01-01")


class Place(StrEnum):
    """On which side a document stands."""

    BOTH = "both"
    ONLY_THEIRS = "only_theirs"
    ONLY_OURS = "only_ours"


class GapCause(StrEnum):
    """Why a document makes the two balances differ."""

    AGREED = "agreed"
    PAYMENT_IN_TRANSIT = "payment_in_transit"  # paid by one side's books, not yet in the other's
    DOCUMENT_IN_TRANSIT = "document_in_transit"
    ONLY_OURS_BEFORE = "only_ours_before"  # dated on or before the last entry on their statement
    ONLY_OURS_AFTER = "only_ours_after"
    ONLY_THEIRS = "only_theirs"
    DISCOUNT = "discount"
    TAX = "tax"
    FREIGHT = "freight"
    DISPUTED = "disputed"
    PART_PAYMENT = "part_payment"
    SETTLED_WITH_US = "settled_with_us"
    DUPLICATE = "duplicate"
    AMOUNT_OTHER = "amount_other"


PASTED_RECON = Table("pasted_recon", CUSTOMER_RECON.one_row_is, CUSTOMER_RECON.key, (
    *CUSTOMER_RECON.columns,
    Column("place", T, "on which side it stands", True, choices=Place),
    Column("cause", T, "why it differs", True, choices=GapCause),
    Column("sentence", T, "the same in words; never trusted as a formula or markup", True),
))  # fmt: skip
PASTED_CAUSES = Table("pasted_causes", "a cause of the gap between our ledger and their statement", ("currency", "cause"), (
    Column("currency", T, "currency", True),
    Column("cause", T, "why documents differ", True, choices=GapCause),
    Column("documents", N, "documents", True),
    Column("ledger_amount", M, "open in our ledger", True, currency="currency"),
    Column("statement_amount", M, "on the statement, in our sign", True, currency="currency"),
    Column("difference", M, "ledger less statement", True, currency="currency"),
))  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class PastedReconciliation:
    """Every document once, what the gap is made of, and the controls of `reconcile_customer`."""

    rows: pd.DataFrame  # PASTED_RECON
    causes: pd.DataFrame  # PASTED_CAUSES
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    sentence: str


def reconcile_pasted(
    book: Book, *, scope: Scope, pasted: Pasted, policies: Policies | None = None, in_transit_days: int = 10
) -> PastedReconciliation:
    """Our open items at the statement's day against its lines; see `reconcile_customer` for what agrees and what is in transit.

    The ledger is taken at the statement's own day, also where that lies after the as-of date. Amounts are in our sign. An
    amount differs by a discount that the item offers (a minor unit is rounding), its tax, its freight, a dispute about that
    amount, or what was paid in part; else by something nobody says. A document of ours alone stands before or after the last
    entry on their statement; that day itself is before. Causes add up to ledger less statement, by currency (identities).

    Needs ITEMS and APPLICATIONS; uses DISPUTES, CUSTOMERS, CUSTOMER_MERGES. Raises InputError while `pasted` has choices open.
    """
    if not pasted.is_ready or pasted.statement_date is None:
        asked = ", ".join(choice.name for choice in pasted.choices)
        raise InputError("the statement is not read yet", where=pasted.name, found=f"open: {asked}",
                         fix="Answer what is asked first.")  # fmt: skip
    held = replace(book, tables={**book.tables, "customer_statement_lines": pasted.lines})
    view = replace(scope, as_of=max(scope.as_of, pasted.statement_date))
    found = reconcile_customer(
        held, scope=view, customer_id=pasted.customer_id, in_transit_days=in_transit_days
    )
    facts = _Facts.of(
        book, scope=scope, pasted=pasted, rows=found.rows, policy=(policies or Policies()).matching
    )
    rows = PASTED_RECON.typed(PASTED_RECON.from_rows(facts.told(row) for row in records(found.rows)))
    causes = _causes(rows)
    sums = [
        Identity(
            name="causes of the gap", entity=scope.entity, currency=str(code), left_label="ledger - statement",
            left=sum(control.difference or 0 for control in found.controls if control.currency == code),
            right_label="causes", right=total(causes.loc[causes["currency"].eq(code), "difference"]),
        ).require()
        for code in sorted(rows["currency"].unique())
    ]  # fmt: skip
    return PastedReconciliation(
        rows=rows, causes=causes, controls=found.controls, identities=(*found.identities, *sums),
        sentence=_sentence(rows, causes, found.controls, pasted, by_posting(book, scope=scope, pasted=pasted)),
    )  # fmt: skip


def _causes(rows: pd.DataFrame) -> pd.DataFrame:
    made = [
        {"currency": code, "cause": cause, "documents": len(own),
         **{name: total(own[name]) for name in ("ledger_amount", "statement_amount", "difference")}}
        for (code, cause), own in rows.groupby(["currency", "cause"], sort=True)
    ]  # fmt: skip
    return PASTED_CAUSES.from_rows(made)


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What the ledger says of the items of the reconciliation."""

    items: Mapping[str, Row]
    disputed: Mapping[str, frozenset[int]]
    terms: str
    last: pd.Timestamp
    grace: int
    shown: Mapping[pd.Timestamp, str]  # a document of ours that their statement has, by its date

    @staticmethod
    def of(book: Book, *, scope: Scope, pasted: Pasted, rows: pd.DataFrame, policy: MatchingPolicy) -> _Facts:
        items = of_entity(book["items"], scope.entity)
        items = items[items["item_id"].isin(rows["item_id"].dropna())]
        disputes = of_entity(book["disputes"], scope.entity)
        now = pd.Timestamp(str(pasted.statement_date))
        stands = disputes["opened_on"].le(now) & ~disputes["closed_on"].le(now)
        about: dict[str, set[int]] = {}
        for row in records(disputes[stands.to_numpy(dtype=bool)]):
            about.setdefault(text(row["item_id"]), set()).add(whole(row["amount"]))
        people = book["customers"]
        own = people.loc[people["customer_id"].eq(pasted.customer_id).to_numpy(dtype=bool), "terms"].dropna()
        last = pasted.lines["date"].max()
        return _Facts(
            items={str(row["item_id"]): row for row in records(items)},
            disputed={item: frozenset(amounts) for item, amounts in about.items()},
            terms=str(own.iloc[0]) if len(own) else "", last=now if is_none(last) else last,
            grace=policy.discount_grace_days, shown=_shown(rows),
        )  # fmt: skip

    def told(self, row: Row) -> Row:
        """The row with place, cause and sentence."""
        kind = MatchKind(row["kind"])
        has_ours, has_theirs = (
            bool(text(row["document_no"]) or text(row["item_id"])),
            not is_none(row["line_no"]),
        )
        place = Place.BOTH if has_ours and has_theirs else Place.ONLY_OURS if has_ours else Place.ONLY_THEIRS
        if kind is MatchKind.SETTLED_IN_LEDGER or (kind is MatchKind.IN_TRANSIT and has_theirs):
            place = Place.ONLY_THEIRS  # our document is no open item of that day
        cause, why = self._cause(row, kind, has_theirs=has_theirs)
        said = why or text(row["reason"]) or "same number and amount"
        gap = whole(row["difference"])
        amount = (
            "" if not gap else f"; {money(abs(gap), row['currency'])} {'more' if gap > 0 else 'less'} with us"
        )
        named = text(row["document_no"]) or text(row["reference"]) or f"line {row['line_no']}"
        return row | {"place": place.value, "cause": cause.value, "sentence": f"{named}: {said}{amount}."}

    def _cause(self, row: Row, kind: MatchKind, *, has_theirs: bool) -> tuple[GapCause, str]:
        if kind is MatchKind.MATCHED:
            return GapCause.AGREED, ""
        if kind is MatchKind.IN_TRANSIT:
            is_cash = text(row["item_type"]) in CASH or (has_theirs and whole(row["statement_amount"]) < 0)
            cause = GapCause.PAYMENT_IN_TRANSIT if is_cash else GapCause.DOCUMENT_IN_TRANSIT
            return cause, "" if has_theirs else self._young(row)
        if kind is MatchKind.MISSING_ON_STATEMENT:
            dated = row["document_date"]
            if not is_none(dated) and dated > self.last:
                return (
                    GapCause.ONLY_OURS_AFTER,
                    f"dated {day(dated)}, after the last entry on their statement ({day(self.last)})",
                )
            return (
                GapCause.ONLY_OURS_BEFORE,
                "open with us, not on their statement, though it goes on to " + day(self.last),
            )
        if kind is MatchKind.AMOUNT_DIFFERS:
            return self._differs(row)
        return {
            MatchKind.MISSING_IN_LEDGER: GapCause.ONLY_THEIRS, MatchKind.DUPLICATE: GapCause.DUPLICATE,
            MatchKind.SETTLED_IN_LEDGER: GapCause.SETTLED_WITH_US,
        }[kind], ""  # fmt: skip

    def _young(self, row: Row) -> str:
        """A young document of ours alone: what their statement says of its day."""
        dated = row["document_date"]
        if is_none(dated) or dated > self.last:
            return ""
        said = (
            f"dated {day(dated)}, may be too new for their statement, though it goes on to {day(self.last)}"
        )
        return f"{said} and has {self.shown[dated]} of the same day" if dated in self.shown else said

    def _differs(self, row: Row) -> tuple[GapCause, str]:
        """What an amount differs by."""
        item = self.items.get(text(row["item_id"]), {})
        gap, code = whole(row["difference"]), row["currency"]
        if gap > 0 and gap in self.disputed.get(text(row["item_id"]), frozenset()):
            return GapCause.DISPUTED, text(row["reason"])
        if "in part" in text(row["reason"]) or "part is settled" in text(row["reason"]):
            return GapCause.PART_PAYMENT, text(row["reason"])
        if gap > 0 and item:
            offered = self._offer(item, whole(row["ledger_amount"]))
            if offered is not None and any(abs(gap - amount) <= 1 for amount in offered.amounts):
                until = "in time" if offered.is_earned else "no longer earned on the day of the statement"
                return GapCause.DISCOUNT, f"they have taken the discount of {money(gap, code)} off, {until}"
            for name, cause in (("tax", GapCause.TAX), ("freight", GapCause.FREIGHT)):
                if whole(item.get(f"{name}_amount")) == gap:
                    return cause, f"they leave out the {name} of {money(gap, code)}"
        return GapCause.AMOUNT_OTHER, text(row["reason"])

    def _offer(self, item: Row, settles: int) -> Offer | None:
        rate = text(item.get("discount_rate"))
        own = Discountable(
            item=0, amount=whole(item["amount"]), base=None if is_none(item.get("discount_base")) else int(item["discount_base"]),
            tax=whole(item.get("tax_amount")), freight=whole(item.get("freight_amount")), document_day=_number(item.get("document_date")),
            rate=Fraction(rate) if rate else Fraction(0), last_day=_number(item.get("discount_date")), terms=self.terms,
        )  # fmt: skip
        return offer(own, settles=settles, paid_on=_number(self.last), grace_days=self.grace)


def _shown(rows: pd.DataFrame) -> dict[pd.Timestamp, str]:
    both = rows[
        rows["kind"].eq(MatchKind.MATCHED.value) & rows["document_no"].notna() & rows["document_date"].notna()
    ]
    return {row["document_date"]: text(row["document_no"]) for row in reversed(records(both))}


def _number(day_: object) -> int:
    return NO_DAY if is_none(day_) else (pd.Timestamp(str(day_)) - EPOCH).days


def _sentence(
    rows: pd.DataFrame, causes: pd.DataFrame, controls: tuple[Control, ...], pasted: Pasted, others: Mapping[str, str]
) -> str:  # fmt: skip
    said = []
    for control in controls:
        own = causes[causes["currency"].eq(control.currency)]
        gap = control.difference or 0
        code = control.currency
        agreed = int(own.loc[own["cause"].eq(GapCause.AGREED.value), "documents"].sum())
        rest = own[own["difference"].ne(0)]
        named = "; ".join(
            f"{cause.replace('_', ' ')} {money(int(amount), code)} ({many(int(count), 'document')})"
            for cause, amount, count in zip(rest["cause"], rest["difference"], rest["documents"], strict=True)
        )
        theirs = f"their statement of {pasted.statement_date} {money(control.right or 0, code)}"
        head = f"Our ledger is {money(control.left or 0, code)}{others.get(code, '')}, {theirs}, {many(agreed, 'document')}"
        tail = f": {money(gap, code)} differ: {named}" if rest.size else ": no document differs"
        said.append(f"{head} {'agrees' if agreed == 1 else 'agree'}{tail}.")
    return " ".join(said)
