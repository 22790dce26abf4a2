"""How much of receivables and of sales few customers are. Floor 1.

A customer with a tenth or more of revenue is disclosed (ASC 280-10-50-42, IFRS 8.34: customers under common control are
one), concentrations of credit risk by what the risks have in common (ASC 825-10-50-20, ASC 275-10-50-16, IFRS 7.34(c)).
Companies of the entity's own group are no external customers: they are listed, and outside every share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames_parties import CONCENTRATION, CONCENTRATION_BY, CONCENTRATION_INDEX
from arlib.audit.ledger.population import Split, carrying, customers_here, ledger_controls, split
from arlib.audit.options.ledger import NET, ConcentrationOptions
from arlib.controls import Control, Identity
from arlib.credit.allowance.frames import rate_text
from arlib.credit.allowance.securities import securities
from arlib.errors import RateError
from arlib.ledger.attributes import customer_attributes, merged_codes, with_attributes
from arlib.ledger.facts import Bools, counted, fact_dates, in_functional, ints, of_entity
from arlib.ledger.openitems import open_items
from arlib.money import Rounding, divide, total, totals_by
from arlib.policy import Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType, SecurityKind

SALES_TYPES = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value, ItemType.CREDIT_MEMO.value)
LEVELS = ("customer", "group")
INSURED, SECURED, BARE = "insured", "secured", "neither"


@dataclass(frozen=True, kw_only=True)
class Concentration:
    """Who owes and buys how much."""

    parties: pd.DataFrame  # CONCENTRATION, customers and groups, by rank
    by: pd.DataFrame  # CONCENTRATION_BY
    index: pd.DataFrame  # CONCENTRATION_INDEX
    threshold: Fraction
    sales_from: date
    without_tax: bool  # every sales document says what it is without tax
    population: Split
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    sales_begin: date | None  # first document of the books; None without any sale


def concentration_of(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> Concentration:
    """Balances at the as-of date and sales of the year up to it, by customer and by parent, in the books' currency.

    Needs ITEMS; uses what `open_items` uses, CUSTOMERS with history and mergers, SECURITY. Balances are carrying amounts
    with unrealised exchange, debits only or net as asked; sales are invoices and debit memos less credit memos posted from
    the first day to the as-of date, both in, net of tax where the document says so. A share that equals the threshold
    reaches it. Customers with nothing or less than nothing are in no share. An open item without an amount in the books'
    currency raises RateError: a share without it would be wrong.
    """
    scope = replace(scope, basis=Basis.POSTING)
    options = ask.options or ConcentrationOptions()
    open_ = open_items(book, scope=scope)
    part = split(open_, ask.population, amount="outstanding", entity=scope.entity)
    asked = open_[part.mask].reset_index(drop=True)
    first = options.first_day or _year_before(scope.as_of) + timedelta(days=1)
    people = _people(book, scope)
    owed = _owed(asked, options, scope)
    sales, without_tax, begin = _sales(book, first, scope)
    before = _before(book, options, ask, scope)
    parties = pd.concat([
        _parties(level, owed, sales, before, people, options.threshold) for level in LEVELS
    ], ignore_index=True)  # fmt: skip
    made = CONCENTRATION.typed(parties)
    identities = (*part.identities, *_identities(made, owed, sales, scope))
    for identity in identities:
        identity.require()
    return Concentration(
        parties=made,
        by=_by(owed, book, people, options, scope),
        index=_index(made, options.top),
        threshold=options.threshold,
        sales_from=first,
        without_tax=without_tax,
        population=part,
        controls=ledger_controls(book, open_, scope=scope, name="concentration"),
        identities=identities,
        sales_begin=begin,
    )


def herfindahl(amounts: list[int]) -> Fraction:
    """The sum of the squared shares of amounts above zero: 1 for one of them, 1/n for n equal ones, 0 for none.

    Exact. Amounts of 0 and below are left out (Hirschman 1945, Herfindahl 1950).
    """
    above = [amount for amount in amounts if amount > 0]
    whole = sum(above)
    return Fraction(sum(amount * amount for amount in above), whole * whole) if whole else Fraction(0)


def _year_before(day: date) -> date:
    """The same day a year earlier; 29 February becomes the 28th."""
    return (pd.Timestamp(day) - pd.DateOffset(years=1)).date()


def _people(book: Book, scope: Scope) -> pd.DataFrame:
    """Customers with what groups them, by code: name, parent, flags, and dimensions as they were on the date."""
    attributes = customer_attributes(book, on=scope.as_of, entity=scope.entity).drop_duplicates(
        "customer_id", keep="last"
    )
    flags = customers_here(book, scope.entity).set_index("customer_id")
    made = attributes.set_index("customer_id")
    for name in ("is_intercompany", "is_related_party"):
        made[name] = flags[name].reindex(made.index).fillna(False).astype(bool)
    made["parent_id"] = made["parent_id"].where(
        made["parent_id"].fillna("").ne(""), pd.Series(made.index, index=made.index)
    )
    return made


def _owed(asked: pd.DataFrame, options: ConcentrationOptions, scope: Scope) -> pd.DataFrame:
    """Open items with `owed`, the carrying amount that counts; only debits, unless balances are net."""
    amount = carrying(asked)
    if amount.isna().any():
        codes = ", ".join(sorted(asked.loc[amount.isna(), "currency"].unique()))
        raise RateError(
            f"concentration: {int(amount.isna().sum())} open items have no amount in the books' currency",
            where=scope.entity, found=codes, fix="Give functional_amount of these items, and of what settles them.",
        )  # fmt: skip
    made = asked.assign(owed=amount, customer_id=asked["customer_id"].fillna(""))
    return (
        made
        if options.balance == NET
        else made[made["outstanding"].gt(0).to_numpy(dtype=bool)].reset_index(drop=True)
    )


def _sales(book: Book, first: date, scope: Scope) -> tuple[pd.Series, bool, date | None]:
    """Sales of the year by customer; whether all are without tax; and the first document of the books."""
    items = of_entity(book["items"], scope.entity)
    dates = fact_dates(items, Basis.POSTING)
    is_sale = items["item_type"].isin(SALES_TYPES) & counted(items, scope=scope)
    begin = dates[counted(items, scope=scope)].min() if is_sale.any() else None
    rows = items[(is_sale & dates.ge(pd.Timestamp(first))).to_numpy(dtype=bool)].reset_index(drop=True)
    amounts = in_functional(rows, "functional_amount", "amount", "currency", scope.functional_currency)
    known = amounts.notna().to_numpy(dtype=bool)
    if not known.all():
        raise RateError(
            f"concentration: {int((~known).sum())} sales documents have no amount in the books' currency",
            where=scope.entity, found=", ".join(sorted(rows.loc[~known, "currency"].unique())), fix="Give functional_amount.",
        )  # fmt: skip
    code = merged_codes(rows["customer_id"], book, entity=scope.entity, on=scope.as_of).fillna("")
    net = _without_tax(rows, ints(amounts))
    sums = totals_by(
        pd.DataFrame({"customer_id": code, "sales": pd.array(net, dtype="Int64")}), "customer_id", "sales"
    )
    without_tax = bool((rows["net_amount"].notna() | rows["tax_amount"].notna()).all())
    return sums.set_index("customer_id")["sales"], without_tax, None if pd.isna(begin) else begin.date()


def _without_tax(rows: pd.DataFrame, functional: np.ndarray) -> np.ndarray:
    """The functional amounts less the documents' own share of tax, each rounded half up; as they are where none is given."""
    gross, tax = ints(rows["amount"]), ints(rows["tax_amount"])
    made = functional.copy()
    for at in np.flatnonzero((tax != 0) & (gross != 0)).tolist():
        made[at] -= divide(int(functional[at]) * int(tax[at]), int(gross[at]), Rounding.HALF_UP)
    return made


def _before(book: Book, options: ConcentrationOptions, ask: Ask, scope: Scope) -> pd.Series | None:
    """What each customer owed a year earlier; None where the records do not reach or an amount is not known."""
    day = _year_before(scope.as_of)
    items = of_entity(book["items"], scope.entity)
    first = fact_dates(items, Basis.POSTING).min()
    if "snapshot" in book.features or pd.isna(first) or first > pd.Timestamp(day):
        return None
    earlier = replace(scope, as_of=day, starts_on=day, ends_on=day, known_at=None)
    rows = open_items(book, scope=earlier)
    rows = rows[ask.population.chosen(rows, amount="outstanding").to_numpy(dtype=bool)].reset_index(drop=True)
    try:
        owed = _owed(rows, options, earlier)
    except RateError:
        return None
    code = merged_codes(owed["customer_id"], book, entity=scope.entity, on=scope.as_of)
    return totals_by(owed.assign(customer_id=code), "customer_id", "owed").set_index("customer_id")["owed"]


def _parties(
    level: str,
    owed: pd.DataFrame,
    sales: pd.Series,
    before: pd.Series | None,
    people: pd.DataFrame,
    threshold: Fraction,
) -> pd.DataFrame:
    """CONCENTRATION of one level."""
    balance = totals_by(owed, "customer_id", "owed").set_index("customer_id")["owed"]
    codes = sorted({*balance.index, *sales.index[sales.ne(0).to_numpy(dtype=bool)]})
    made = pd.DataFrame({"customer_id": pd.Series(codes, dtype="str")})
    for name, given in (("balance", balance), ("sales", sales), ("before", before)):
        values = made["customer_id"].map(given).fillna(0) if given is not None else pd.NA
        made[name] = pd.Series(values, index=made.index).astype("Int64")
    made["own"] = made["customer_id"].isin(people.index[people["is_intercompany"]])
    made["related"] = made["customer_id"].isin(people.index[people["is_related_party"]])
    parent = made["customer_id"].map(people["parent_id"]).astype("str").fillna(made["customer_id"])
    # an own company stands by itself: its amounts must not get into the share of an outside group
    made["party_id"] = (
        parent.where(~made["own"], made["customer_id"]) if level == "group" else made["customer_id"]
    )
    key = ["party_id", "own"]
    by = made.groupby(key, sort=True)
    sums = totals_by(made, key, ["balance", "sales", "before"]).set_index(key)
    rows = pd.DataFrame({
        "members": by.size(), "is_related": by["related"].any(),
        "balance": sums["balance"], "sales": sums["sales"], "before": sums["before"],
    }).reset_index().rename(columns={"own": "is_own_group"})  # fmt: skip
    rows["before"] = (
        rows["before"].astype("Int64") if before is not None else pd.array([pd.NA] * len(rows), dtype="Int64")
    )
    rows["level"], rows["name"] = level, rows["party_id"].map(people["name"])
    for measure in ("balance", "sales"):
        shares = _shares(rows[measure], rows["is_own_group"].to_numpy(dtype=bool))
        rows[f"{measure}_share"] = pd.Series(
            [None if one is None else rate_text(one) for one in shares], index=rows.index, dtype="str"
        )
        rows[f"disclose_{measure}"] = [one is not None and one >= threshold for one in shares]
    rows = rows.sort_values(
        ["is_own_group", "balance", "party_id"],
        ascending=[True, False, True],
        kind="stable",
        ignore_index=True,
    )
    return rows.assign(rank=np.arange(1, len(rows) + 1))


def _shares(amounts: pd.Series, own: Bools) -> list[Fraction | None]:
    """Each amount of what external parties with an amount above zero sum to; None for own companies, 0 for none."""
    values = ints(amounts).tolist()
    whole = sum(value for value, is_own in zip(values, own, strict=True) if value > 0 and not is_own)
    return [
        None if is_own else Fraction(max(value, 0), whole) if whole else Fraction(0)
        for value, is_own in zip(values, own, strict=True)
    ]


def _index(parties: pd.DataFrame, top: int) -> pd.DataFrame:
    """CONCENTRATION_INDEX of balance and sales, by customer and by group; own companies are left out."""
    rows = []
    for measure in ("balance", "sales"):
        for level in LEVELS:
            mine = parties[(parties["level"].eq(level) & ~parties["is_own_group"]).to_numpy(dtype=bool)]
            amounts = sorted((int(value) for value in mine[measure] if value > 0), reverse=True)
            whole, squared = sum(amounts), herfindahl(amounts)
            rows.append({
                "measure": measure, "level": level, "parties": len(amounts), "amount": whole,
                "largest": rate_text(Fraction(amounts[0], whole)) if amounts else "0",
                "top": rate_text(Fraction(sum(amounts[:top]), whole)) if amounts else "0",
                "herfindahl": rate_text(squared), "equal_parties": rate_text(1 / squared) if squared else "0",
            })  # fmt: skip
    return CONCENTRATION_INDEX.from_rows(rows)


def _by(
    owed: pd.DataFrame, book: Book, people: pd.DataFrame, options: ConcentrationOptions, scope: Scope
) -> pd.DataFrame:
    """CONCENTRATION_BY of what customers outside the own group owe."""
    named = with_attributes(
        owed.assign(customer_id=owed["customer_id"].where(owed["customer_id"].ne(""))),
        customer_attributes(book, on=scope.as_of, entity=scope.entity),
    )
    named["customer_id"] = named["customer_id"].fillna("")
    is_own = named["customer_id"].isin(people.index[people["is_intercompany"]])
    named = named[~is_own.to_numpy(dtype=bool)].reset_index(drop=True)
    named["country"] = named["customer_id"].map(people["country"]).astype("str")
    named["cover"] = _cover(named, book, scope)
    whole, parts = total(named["owed"]), []
    for dimension, column in (("region", "region"), ("country", "country"), ("currency", "currency"), ("cover", "cover"),
                              ("rating", "rating"), ("account", "control_account")):  # fmt: skip
        rows = named.assign(value=named[column].astype("str").fillna(""))
        sums = totals_by(rows, "value", "owed").rename(columns={"owed": "balance"})
        sums["customers"] = sums["value"].map(rows.groupby("value")["customer_id"].nunique()).astype("Int64")
        shares = [Fraction(int(one), whole) if whole else Fraction(0) for one in sums["balance"]]
        sums["share"] = pd.Series([rate_text(one) for one in shares], index=sums.index, dtype="str")
        sums["is_over"] = [one >= options.threshold for one in shares]
        parts.append(
            sums.assign(dimension=dimension).sort_values(
                ["balance", "value"], ascending=[False, True], kind="stable"
            )
        )
    return CONCENTRATION_BY.typed(pd.concat(parts, ignore_index=True))


def _cover(rows: pd.DataFrame, book: Book, scope: Scope) -> pd.Series:
    """Insured, secured or neither, by the item's own flags and the securities that stand at the date; limits do not count."""
    standing = securities(book, scope=scope)
    items = of_entity(book["items"], scope.entity).set_index("item_id")
    is_insurance = standing["kind"].eq(SecurityKind.CREDIT_INSURANCE.value)
    is_right = standing["kind"].eq(SecurityKind.SET_OFF.value)
    made = pd.Series(BARE, index=rows.index, dtype="str")
    for word, flag, kinds in (
        (SECURED, "is_secured", ~is_insurance & ~is_right),
        (INSURED, "is_insured", is_insurance),
    ):
        own = rows["item_id"].map(items[flag]).fillna(False).to_numpy(dtype=bool)
        mine = standing[kinds.to_numpy(dtype=bool)]
        whole = mine["item_id"].fillna("").eq("")
        covered = rows["customer_id"].isin(mine.loc[whole, "customer_id"]) | rows["item_id"].isin(
            mine.loc[~whole, "item_id"]
        )
        made = made.mask(covered.to_numpy(dtype=bool) | own, word)
    return made


def _identities(
    parties: pd.DataFrame, owed: pd.DataFrame, sales: pd.Series, scope: Scope
) -> tuple[Identity, ...]:
    """By level: parties = open items asked about; and their sales = sales of the year."""
    made = []
    for level in LEVELS:
        mine = parties[parties["level"].eq(level).to_numpy(dtype=bool)]
        for name, left, right in (
            ("balances", total(mine["balance"]), total(owed["owed"])),
            ("sales", total(mine["sales"]), total(sales) if len(sales) else 0),
        ):
            made.append(Identity(
                name=f"{name} by {level}", entity=scope.entity, currency=scope.functional_currency,
                left_label=f"by {level}", left=left, right_label=f"all {name}", right=right,
            ))  # fmt: skip
    return tuple(made)
