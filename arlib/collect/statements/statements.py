"""Statements of account of an entity: which go out, what stands on each, and what is on none. Floor 1.

Each amount that is open in the ledger is on one statement, excluded with its reason, or cash of nobody known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from arlib.collect.exclusions import exclusions
from arlib.collect.position import CREDITS, NOT_DUE, Position, position
from arlib.collect.statements.accounts import addressees, gaps, language_of, masters
from arlib.collect.statements.assemble import Parts, is_cash
from arlib.collect.statements.excluded import Bar, barred_accounts, barred_items
from arlib.collect.statements.frames import (
    STATEMENT_LINES,
    STATEMENT_MOVEMENTS,
    STATEMENT_SUMMARY,
    MovementKind,
)
from arlib.collect.statements.lines import disputed, kinds, order_numbers
from arlib.collect.statements.model import Statement
from arlib.collect.statements.movements import movements, opening_balances
from arlib.collect.statements.references import references_of
from arlib.collect.statements.tied import excluded_rows, identities, totals
from arlib.controls import Identity
from arlib.errors import ParameterError, nearest
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import totals_by
from arlib.policy import Policies, Scope, StatementPolicy
from arlib.policy.statement import StatementKind
from arlib.tables import Book
from arlib.tables.choices import CustomerStatus

BY = ["addressee", "currency"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Statements:
    """All statements of an entity as frames; `each` makes the objects that are drawn.

    `summary` is STATEMENT_SUMMARY, `excluded` STATEMENT_EXCLUDED, `gaps` STATEMENT_GAPS, `totals` STATEMENT_TOTALS, `lines`
    STATEMENT_LINES, `movements` STATEMENT_MOVEMENTS (empty for open-item statements).
    """

    summary: pd.DataFrame
    excluded: pd.DataFrame
    gaps: pd.DataFrame
    totals: pd.DataFrame
    lines: pd.DataFrame
    movements: pd.DataFrame
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]
    parts: Parts = field(repr=False)

    @property
    def customers(self) -> tuple[str, ...]:
        """Codes of those who get a statement, sorted."""
        return tuple(sorted(self.parts.members))

    def each(self) -> Iterator[Statement]:
        """The statements, in the order of the customers' codes."""
        return self.parts.each()


def statements(
    book: Book,
    *,
    scope: Scope,
    policies: Policies,
    position: Position | None = None,
    customers: Iterable[str] = (),
) -> Statements:
    """The statements of an entity at the as-of date, and what is on none.

    Needs ITEMS; uses APPLICATIONS, CUSTOMERS, DISPUTES, HOLDS, CLAIMS, PLACEMENTS, CONTROL_ACCOUNTS, FX_RATES. A statement
    has a section for each currency in which anything is open (balance-forward: or moved in the period). `customers` keeps
    the statements to these addressees; sums, identities and exclusions stay those of all. Balance-forward statements of a
    snapshot, which cannot say the opening balance, raise ParameterError; so does a customer that is not known.
    """
    here = position or _position(book, scope, policies)
    policy = policies.statement
    all_items = of_entity(book["items"], scope.entity)
    codes = merged_codes(all_items["customer_id"], book, entity=scope.entity, on=scope.as_of)
    barred = exclusions(book, position=here, goes_out=True)
    accounts = barred_accounts(barred, policy=policy)
    items = barred_items(barred, all_items.assign(customer_id=codes), policy=policy)
    open_ = here.items.assign(
        customer_id=here.items["customer_id"].fillna(""), books=here.items["books_amount"]
    )
    open_ = open_[open_["outstanding"].ne(0)]
    is_on = _is_on(open_, accounts, items)
    kept = _lines(book, open_[is_on], here, policy)

    is_forward = policy.kind is StatementKind.BALANCE_FORWARD
    if is_forward:
        off = frozenset(items)
        moved = movements(book, scope=scope, policy=policy, barred=off)
        moved = moved[~moved["customer_id"].isin(list(accounts))]
        opening = opening_balances(book, scope=scope, barred=off)
        opening = opening[~opening["customer_id"].isin(list(accounts))]
    else:
        moved, opening = STATEMENT_MOVEMENTS.empty(), _no_opening()
    going = _going(kept, moved, opening, here, accounts, policy)
    to = addressees(sorted({*going, *kept["customer_id"]}), position=here, barred=accounts, policy=policy)
    lines = _addressed(kept, to, ["customer_id", "document_date", "item_id", "instalment_no"])
    idle = sorted(set(moved["customer_id"]) - set(to))
    moved = moved.assign(
        is_second=moved["kind"].isin([MovementKind.DISCOUNT.value, MovementKind.OTHER_ACCOUNT.value])
    )
    moved = _addressed(moved[moved["customer_id"].isin(list(to))], to, ["on", "is_second", "fact_id"])
    opening = _addressed(opening[opening["customer_id"].isin(list(to))], to, [])
    sections = _sections(lines, moved, opening, is_forward=is_forward)

    known = masters(here)
    excluded = excluded_rows(open_[~is_on], accounts, items, known, idle=idle, scope=scope)
    wanted = _wanted(customers, to, here)
    members = _members(to, wanted)
    parts = Parts(
        scope=scope,
        policies=policies,
        lines=lines[lines["addressee"].isin(list(members))],
        movements=moved[moved["addressee"].isin(list(members))],
        sections=sections[sections["addressee"].isin(list(members))],
        members=members,
        masters=known,
        references=references_of([*known, *to.values()]),
    )
    summary = _summary(lines, sections, to, known, scope=scope, policies=policies)
    return Statements(
        summary=summary,
        excluded=excluded,
        gaps=gaps(sorted(set(to.values())), position=here, entity=scope.entity),
        totals=totals(summary, excluded, here),
        lines=STATEMENT_LINES.typed(lines),
        movements=STATEMENT_MOVEMENTS.typed(moved),
        identities=identities(summary, excluded, here, is_forward=is_forward),
        limits=_limits(here, parts, policy),
        parts=parts,
    )


def statements_of(
    book: Book, *, scope: Scope, policies: Policies, customers: Iterable[str] = ()
) -> tuple[Statement, ...]:
    """The statements of these customers, or of all; those who may have none are left out, see `Statements.excluded`."""
    return tuple(statements(book, scope=scope, policies=policies, customers=customers).each())


def _position(book: Book, scope: Scope, policies: Policies) -> Position:
    return position(book, scope=scope, policies=policies)


def _is_on(open_: pd.DataFrame, accounts: Mapping[str, Bar], items: Mapping[str, Bar]) -> pd.Series[bool]:
    """Which open items are on a statement."""
    return (
        open_["customer_id"].ne("")
        & ~open_["customer_id"].isin(list(accounts))
        & ~open_["item_id"].isin(list(items))
    )


def _lines(book: Book, rows: pd.DataFrame, position: Position, policy: StatementPolicy) -> pd.DataFrame:
    return rows.assign(
        is_cash=is_cash(rows),
        item_type=kinds(rows, policy),
        reference=order_numbers(book, rows["item_id"], scope=position.scope),
        disputed=disputed(book, rows, scope=position.scope),
    )


def _going(
    kept: pd.DataFrame,
    moved: pd.DataFrame,
    opening: pd.DataFrame,
    position: Position,
    accounts: Mapping[str, Bar],
    policy: StatementPolicy,
) -> set[str]:
    """Accounts that get a statement: those with anything open; by policy also those without."""
    made = set(kept["customer_id"])
    if policy.sends_zero:
        alive = position.customers[position.customers["status"].fillna("").ne(CustomerStatus.CLOSED.value)]
        made |= {*moved["customer_id"], *opening["customer_id"], *alive["customer_id"]} - set(accounts)
    return made


def _addressed(rows: pd.DataFrame, to: Mapping[str, str], by: list[str]) -> pd.DataFrame:
    made = rows.assign(addressee=rows["customer_id"].map(dict(to)).astype("str"))
    return made.sort_values([*BY, *by], kind="stable", ignore_index=True)


def _sections(
    lines: pd.DataFrame, moved: pd.DataFrame, opening: pd.DataFrame, *, is_forward: bool
) -> pd.DataFrame:
    """One row a statement and currency: addressee, currency, opening, movements, closing."""
    parts = {
        "closing": totals_by(lines.assign(closing=lines["outstanding"]), BY, "closing"),
        "movements": totals_by(moved.assign(movements=moved["amount"]), BY, "movements"),
        "opening": totals_by(opening.assign(opening=opening["amount"]), BY, "opening"),
    }
    made = parts["closing"]
    for name in ("movements", "opening"):
        made = made.merge(parts[name], on=BY, how="outer", validate="one_to_one")
    for name in parts:
        made[name] = made[name].astype("Int64").fillna(0)
    if is_forward:
        has_moved = made.set_index(BY).index.isin(pd.MultiIndex.from_frame(moved[BY]))
        made = made[made["opening"].ne(0) | made["closing"].ne(0) | has_moved]
    return made.sort_values(BY, kind="stable", ignore_index=True)


def _summary(
    lines: pd.DataFrame,
    sections: pd.DataFrame,
    to: Mapping[str, str],
    known: Mapping[str, Mapping[str, str]],
    *,
    scope: Scope,
    policies: Policies,
) -> pd.DataFrame:
    policy = policies.statement
    bucket = lines["bucket"]
    work = lines.assign(
        past_due=lines["outstanding"].where(~bucket.isin([*NOT_DUE, *CREDITS]), 0),
        credits=lines["outstanding"].where(bucket.isin(CREDITS), 0),
        unapplied=lines["outstanding"].where(bucket.eq("unapplied"), 0),
    )
    sums = totals_by(work, BY, ["past_due", "credits", "unapplied", "disputed"])
    counts = work.groupby(BY, as_index=False).agg(
        lines=("item_id", "size"), unrated=("books", lambda values: values.isna().any())
    )
    books = totals_by(work.assign(books_closing=work["books"]), BY, "books_closing")
    made = sections
    for part in (sums, counts, books):
        made = made.merge(part, on=BY, how="left", validate="one_to_one")
    for name in ("past_due", "credits", "unapplied", "disputed", "lines", "books_closing"):
        made[name] = made[name].astype("Int64").fillna(0)
    made["books_closing"] = made["books_closing"].mask(made["unrated"].astype("boolean").fillna(False))
    accounts = pd.Series(list(to.values()), dtype="str").value_counts()
    if policy.kind is not StatementKind.BALANCE_FORWARD:
        made = made.drop(columns=["opening", "movements"])
    return STATEMENT_SUMMARY.typed(
        made.assign(
            entity=scope.entity,
            customer_id=made["addressee"],
            name=made["addressee"].map(lambda code: known.get(code, {}).get("name", "") or code),
            kind=policy.kind.value,
            language=made["addressee"].map(
                lambda code: language_of(known.get(code, {}).get("language", ""), policy)
            ),
            accounts=made["addressee"].map(accounts),
        )
    ).sort_values(["customer_id", "currency"], kind="stable", ignore_index=True)


def _wanted(customers: Iterable[str], to: Mapping[str, str], position: Position) -> frozenset[str]:
    """The addressees asked for, and those of the accounts asked for; empty for all. An unknown code is refused."""
    asked = list(dict.fromkeys(customers))
    known = {*position.customers["customer_id"].dropna(), *position.items["customer_id"].dropna(), *to}
    for code in asked:
        if code not in known:
            near = nearest(code, sorted(known))
            raise ParameterError(
                "customer", found=code, wanted="one of the entity's", fix=f"Did you mean {near!r}?" if near else ""
            )  # fmt: skip
    return frozenset({*asked, *(to[code] for code in asked if code in to)})


def _members(to: Mapping[str, str], wanted: frozenset[str]) -> dict[str, tuple[str, ...]]:
    made: dict[str, list[str]] = {}
    for code, addressee in sorted(to.items()):
        if not wanted or addressee in wanted:
            made.setdefault(addressee, []).append(code)
    if wanted and not made:
        return {}
    return {addressee: tuple(codes) for addressee, codes in made.items()}


def _no_opening() -> pd.DataFrame:
    return STATEMENT_MOVEMENTS.empty()[["customer_id", "currency", "amount"]]


def _limits(position: Position, parts: Parts, policy: StatementPolicy) -> tuple[str, ...]:
    made = []
    if position.unrated:
        made.append(
            f"No closing rate for {', '.join(position.unrated)}: such balances are not ranked by size."
        )
    lone = sorted(code for code in parts.members if code not in parts.references)
    if policy.has_reference and lone:
        made.append(
            f"{len(lone)} customer codes give no creditor reference of their own (first: {lone[0]!r}); their slips have none."
        )
    named = {row.currency for row in policy.remit_to}
    codes = {str(code).partition(".")[0] for code in parts.sections["currency"]}
    if policy.has_slip and (without := sorted(codes - named)) and "" not in named:
        made.append(
            f"The policy names no bank account for {', '.join(without)}: slips do not say where to pay."
        )
    return tuple(made)
