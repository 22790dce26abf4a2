"""A sample from the books: populations by currency, sealed; a plan; a draw from the requester's seed. Floor 1.

The sampling itself is `arlib.audit.sampling`; here the books become its populations and its items documents again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.evidence.documents import open_documents, with_documents
from arlib.audit.evidence.frames_sample import (
    DRAWN,
    PLANNED,
    POPULATION_ITEMS,
    SEALED,
    SELECTED,
    STRATA_OF,
)
from arlib.audit.evidence.subsequent import SubsequentReceipts
from arlib.audit.options.evidence import FUNCTIONAL, EvaluationOptions, SampleOptions
from arlib.audit.population import Population as Asked
from arlib.audit.sampling.design import Design, HighValue, Units
from arlib.audit.sampling.frames_select import How, Part
from arlib.audit.sampling.plan import Plan, plan_sample
from arlib.audit.sampling.population import Order, Population, described, population
from arlib.audit.sampling.selection import Selection, select
from arlib.controls import Identity
from arlib.errors import ParameterError
from arlib.ledger.facts import fact_dates, of_entity
from arlib.money import format_minor
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, ItemType

SEALED_ONLY = "waiting for the seed"
DRAW = "draw"  # the runner draws a seed once, logs it and gives its text; by hand nothing is drawn


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A population in one currency, its plan, and the sample where a seed was given."""

    currency: str
    population: Population
    plan: Plan | None
    selection: Selection | None
    size: int  # sampling units asked of the positive items; 0 where there is no plan and no size


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A sample of an entity's books."""

    base: pd.DataFrame  # documents of the population with `book_value` and `book_currency`
    left_out: pd.DataFrame  # those that the population leaves out
    drawn: tuple[Drawn, ...]
    is_functional: bool
    unvalued: tuple[str, ...]  # documents without an amount in the books' currency, where that is asked for

    def frame(self, name: str) -> pd.DataFrame:
        """One of `sealed`, `population_items`, `plan`, `strata`, `draws` over all currencies."""
        made = {"sealed": self._sealed, "population_items": self._items, "plan": self._plan, "strata": self._strata,
                "draws": self._draws}  # fmt: skip
        return made[name]()

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Sums of populations and selections."""
        return tuple(
            one for each in self.drawn
            for one in (*each.population.identities(), *(each.selection.identities if each.selection else ()))
        )  # fmt: skip

    def _sealed(self) -> pd.DataFrame:
        rows = []
        for each in self.drawn:
            found = {
                part: each.population.part_total(part) for part in (Part.POSITIVE, Part.ZERO, Part.CREDIT)
            }
            rows.append({
                "currency": each.currency, "sha256": each.population.sha256, "items": len(each.population.items),
                "book_value": each.population.total, "positive_items": found[Part.POSITIVE][0],
                "positive": found[Part.POSITIVE][1], "zero_items": found[Part.ZERO][0],
                "credit_items": found[Part.CREDIT][0], "credits": found[Part.CREDIT][1],
            })  # fmt: skip
        return SEALED.from_rows(rows)

    def _items(self) -> pd.DataFrame:
        made = POPULATION_ITEMS.typed(
            self.base.drop(columns="currency").rename(columns={"book_currency": "currency"})
        )
        return made.sort_values(["currency", "item_id"], kind="stable", ignore_index=True)

    def _plan(self) -> pd.DataFrame:
        return PLANNED.from_rows(
            {"currency": each.currency, "rank": rank, "figure": one.figure, "value": one.value, "unit": one.unit,
             "words": one.words}
            for each in self.drawn if each.plan is not None
            for rank, one in enumerate(each.plan.figures, start=1)
        )  # fmt: skip

    def _strata(self) -> pd.DataFrame:
        parts = [each.selection.strata.drop(columns="stratum") for each in self.drawn if each.selection]
        return STRATA_OF.typed(pd.concat(parts, ignore_index=True)) if parts else STRATA_OF.empty()

    def _draws(self) -> pd.DataFrame:
        parts = [each.selection.draws.assign(currency=each.currency) for each in self.drawn if each.selection]
        return DRAWN.typed(pd.concat(parts, ignore_index=True)) if parts else DRAWN.empty()

    def selected(self, paid: SubsequentReceipts | None = None) -> pd.DataFrame:
        """SELECTED in the order drawn, with the cash that paid each item after the date beside it where `paid` is given."""
        rows = []
        base = self.base.drop(columns=["book_value", "currency"]).set_index("item_id")
        for each in self.drawn:
            if each.selection is None:
                continue
            strata, items = each.selection.strata, each.selection.items
            interval = dict(zip(strata["part"], strata["interval"], strict=True))
            fixed = items["part"].map(interval).where(items["how"].eq(How.INTERVAL.value))
            seal, seed = each.population.sha256, each.selection.seed
            rows.append(items.assign(interval=fixed.array, population_sha256=seal, seed=seed))
        if not rows:
            return SELECTED.empty()
        made = pd.concat(rows, ignore_index=True)
        for name in base.columns:
            if name in SELECTED.by_name:
                made[name] = base[name].reindex(made["item_id"]).array
        if paid is not None:
            about = paid.items.set_index("item_id")
            is_own = not self.is_functional
            made["paid_after"] = about["invoice_cash"].reindex(made["item_id"]).array if is_own else pd.NA
            made["paid_grade"] = about["grade"].reindex(made["item_id"]).array
            made["paid_lines"] = _lines(paid.traces).reindex(made["item_id"]).array
        return SELECTED.typed(made)


def sample_of(
    book: Book, *, scope: Scope, policies: Policies, asked: Asked, options: SampleOptions
) -> Sample:
    """The sample that the options ask for; without a seed its populations are sealed and nothing is drawn.

    Book value is the open amount at the date (`open_items`), or the gross amount of documents posted from..to, both days
    in. Each currency is a population of its own; `functional` makes one of carrying amounts in the books' currency. Items
    stand by identifier, so the seal does not depend on the order of rows. Credits and zero items are parts of their own.
    Raises ParameterError where an amount is asked for over several currencies, or nothing is in the population.
    """
    base, left = populations(book, scope=scope, policies=policies, asked=asked, options=options)
    if options.seed == DRAW:
        options = replace(options, seed="")
    is_functional = options.currency == FUNCTIONAL
    unvalued = tuple(base.loc[base["book_value"].isna(), "document_no"].fillna("").astype(str))
    base = base[base["book_value"].notna().to_numpy(dtype=bool)].reset_index(drop=True)
    codes = sorted(base["book_currency"].unique())
    if not codes:
        raise ParameterError("the population is empty", where="sample", found=asked.words(), wanted="an item")
    if options.tolerable_amount and len(codes) > 1:
        raise ParameterError(
            "tolerable_amount", where="sample", found=f"{options.tolerable_amount} over {', '.join(codes)}",
            wanted="one currency", fix="Name a currency, or give tolerable_rate, a share of each book value.",
        )  # fmt: skip
    drawn = tuple(
        _drawn(base[base["book_currency"].eq(code).to_numpy(dtype=bool)], str(code), options)
        for code in codes
    )
    return Sample(base=base, left_out=left, drawn=drawn, is_functional=is_functional, unvalued=unvalued)


def sealed_population(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> dict[str, Any]:
    """What is sealed before a seed is drawn, as plain JSON: `sha256` over all populations, and each of them with its totals.

    The hash of several populations is that of their hashes in the order of their currencies, one a line.
    """
    options = replace(ask.options or SampleOptions(), seed="", size=0, tolerable_amount="", tolerable_rate="")
    found = sample_of(book, scope=scope, policies=policies, asked=ask.population, options=options)
    each = [described(one.population) for one in found.drawn]
    seals = [one.population.sha256 for one in found.drawn]
    whole = (
        seals[0]
        if len(seals) == 1
        else hashlib.sha256("".join(f"{seal}\n" for seal in seals).encode()).hexdigest()
    )
    return {"sha256": whole, "populations": each}


def populations(
    book: Book, *, scope: Scope, policies: Policies, asked: Asked, options: SampleOptions | EvaluationOptions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The documents of the population with `book_value` and `book_currency`, and those left out."""
    if options.of == "open_items":
        rows = open_documents(book, scope=scope, policies=policies)
        amount, functional = "outstanding", "functional_outstanding"
        kept = asked.chosen(rows, amount=amount)
    else:
        rows = _documents(book, scope=scope, options=options)
        amount, functional = "amount", "functional_outstanding"
        kept = asked.chosen(rows, amount=amount)
        if not asked.item_types:
            kept &= ~rows["item_type"].isin([kind.value for kind in (*CASH_TYPES, ItemType.REFUND)])
    if options.currency == FUNCTIONAL:
        rows = rows.assign(book_value=rows[functional], book_currency=scope.functional_currency)
    else:
        rows = rows.assign(book_value=rows[amount], book_currency=rows["currency"])
        if options.currency:
            kept &= rows["currency"].eq(options.currency)
    flag = kept.to_numpy(dtype=bool)
    return rows[flag].reset_index(drop=True), rows[~flag].reset_index(drop=True)


def _documents(book: Book, *, scope: Scope, options: SampleOptions | EvaluationOptions) -> pd.DataFrame:
    """Documents posted in the days asked for, as OPEN_DOCUMENTS whose `outstanding` is their gross amount."""
    items = of_entity(book["items"], scope.entity)
    first = date.fromisoformat(options.documents_from) if options.documents_from else scope.starts_on
    last = date.fromisoformat(options.documents_to) if options.documents_to else scope.as_of
    dates = fact_dates(items, scope.basis)
    mine = items[((dates >= pd.Timestamp(first)) & (dates <= pd.Timestamp(last))).to_numpy(dtype=bool)]
    own = mine["currency"].eq(scope.functional_currency)
    booked = mine["functional_amount"].where(mine["functional_amount"].notna() | ~own, mine["amount"])
    made = mine.assign(
        outstanding=mine["amount"], functional_outstanding=booked, bucket="",
        posting_date=mine["posting_date"].fillna(mine["effective_date"]),
        document_date=mine["document_date"].fillna(mine["effective_date"]),
    )  # fmt: skip
    return with_documents(made.reset_index(drop=True), book, scope=scope)


def sealed(rows: pd.DataFrame, currency: str) -> Population:
    """The sealed population of rows with item_id and book_value, by identifier."""
    return population(rows[["item_id", "book_value"]], currency=currency, order=Order.ID)


def _drawn(rows: pd.DataFrame, currency: str, options: SampleOptions) -> Drawn:
    made = sealed(rows, currency)
    count, value = made.part_total(Part.POSITIVE)
    plan = _plan(options, currency, count, value) if count else None
    size = options.size or (plan.size or 0 if plan else 0)
    by_item = options.method != "mus"
    if by_item:
        size = min(size, count)
    selection = None
    if options.seed and (size or not count):
        design = Design(
            units=Units.ITEMS if by_item else Units.MONEY, method=How.RANDOM if by_item else How.INTERVAL,
            size=max(size, 1), high_value=HighValue.NONE if by_item else HighValue.INTERVAL,
            credit_size=options.credit_size, zero_size=options.zero_size,
        )  # fmt: skip
        selection = select(made, design=design, seed=options.seed)
    return Drawn(currency=currency, population=made, plan=plan, selection=selection, size=size)


def _plan(options: SampleOptions, currency: str, count: int, value: int) -> Plan | None:
    """The plan, where the options say what is tolerable."""
    if not (options.tolerable_amount or options.tolerable_rate):
        return None
    asked = {"id": currency, "confidence": options.confidence}
    if options.method == "mus":
        asked |= {"method": "mus", "book_value": format_minor(value, currency), "currency": currency}
        if options.tolerable_amount:
            asked |= {
                "tolerable_amount": options.tolerable_amount,
                "expected_amount": options.expected_amount,
            }
        else:
            asked |= {"tolerable_rate": options.tolerable_rate, "expected_rate": options.expected_rate}
    elif options.tolerable_rate:
        asked |= {"method": "binomial", "tolerable_rate": options.tolerable_rate, "expected_rate": options.expected_rate,
                  "population_size": str(count)}  # fmt: skip
    else:
        return None
    return plan_sample({name: text for name, text in asked.items() if text}, file="sample")


def interval_of(text: str, currency: str) -> Fraction | None:
    """An interval as SELECTED writes it, in minor units: a decimal or a fraction of major units; None for none."""
    from arlib.money import minor_places

    return Fraction(text) * 10 ** minor_places(currency) if text else None


def _lines(traces: pd.DataFrame) -> pd.Series:
    """Bank lines of each item's payments in words."""
    rows = traces[traces["bank_line_id"].notna().to_numpy(dtype=bool)]
    said = rows["bank_line_id"] + " of " + rows["bank_date"].dt.strftime("%Y-%m-%d")
    return said.groupby(rows["item_id"]).agg("; ".join) if len(rows) else pd.Series(dtype="str")
