"""What is owed to customers inside receivables: by item and customer, its age, and what of it is a liability. Floor 1.

An asset and a liability are shown net only with a legally enforceable right of set-off and the intention to use it
(IAS 32.42; ASC 210-20-45-1). A credit without one leaves receivables for liabilities; cash paid in advance of a sale is a
contract liability (IFRS 15.106; ASC 606-10-45-2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames import (
    CREDIT_AGES,
    CREDIT_CUSTOMERS,
    CREDIT_ITEMS,
    JOURNAL,
    CreditClass,
)
from arlib.audit.ledger.population import Split, carrying, customers_here, ledger_controls, split
from arlib.audit.options.ledger import CUSTOMER, CreditBalancesOptions
from arlib.controls import Control, Identity
from arlib.credit.allowance.securities import securities
from arlib.credit.allowance.set_off import set_off
from arlib.credit.refunds.unclaimed import unclaimed_of
from arlib.ledger.attributes import customer_attributes, with_attributes
from arlib.ledger.facts import of_entity
from arlib.ledger.openitems import open_items
from arlib.money import total, totals_by
from arlib.policy import Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES, AccountRole, ItemType, ReceiptStatus, SecurityKind

CASH = (CreditClass.UNAPPLIED, CreditClass.ON_ACCOUNT, CreditClass.UNIDENTIFIED, CreditClass.PREPAYMENT)
MEMOS = (CreditClass.CREDIT_MEMO, CreditClass.OVERPAID)
LIABILITIES = (AccountRole.CUSTOMER_DEPOSIT.value,)
EDGES = (30, 90, 180, 365)
LIABILITY = {
    "customer": "Customer credit balances (other liabilities)",
    "contract": "Contract liabilities (advances from customers)",
    "group": "Payables to companies of the group",
}


@dataclass(frozen=True, kw_only=True)
class CreditBalances:
    """The open credits and the proposed reclassification."""

    items: pd.DataFrame  # CREDIT_ITEMS
    customers: pd.DataFrame  # CREDIT_CUSTOMERS
    ages: pd.DataFrame  # CREDIT_AGES
    journal: pd.DataFrame  # JOURNAL
    otherwise: int | None  # to reclassify by the other way of setting off; None where an amount is not known
    population: Split
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]

    @property
    def to_reclassify(self) -> int:
        """What the journal moves, functional minor units."""
        return total(self.journal["debit"])


def credit_balances_of(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> CreditBalances:
    """Every open item below zero at the as-of date, by posting date whatever the scope's basis.

    Needs ITEMS; uses what `open_items` uses, CUSTOMERS, CONTROL_ACCOUNTS, SECURITY, FX_RATES (for limits of rights of
    set-off), RECEIPTS and ACTIVITIES (for unclaimed property). An over-paid invoice is a credit, a returned payment is
    none. A credit on an account of role customer_deposit is a liability already. A credit without a carrying amount in the
    books' currency is listed and not in the journal. The question's population limits what is listed as asked about and
    the journal; sums of both parts make the ledger. Every identity is required to hold.
    """
    scope = replace(scope, basis=Basis.POSTING)
    options = ask.options or CreditBalancesOptions()
    open_ = open_items(book, scope=scope)
    below = open_[open_["outstanding"].lt(0).to_numpy(dtype=bool)]
    part = split(
        below, ask.population, amount="outstanding", entity=scope.entity, what="open items below zero"
    )
    named = with_attributes(below, customer_attributes(book, on=scope.as_of, entity=scope.entity))
    items = _by_item(named.assign(is_asked=part.mask), book, scope)
    debits = open_[open_["outstanding"].gt(0).to_numpy(dtype=bool)]
    is_netted = options.set_off == CUSTOMER
    taken, limits = _taken(book, debits, items, scope=scope, policies=policies, nets=is_netted)
    other, _ = _taken(book, debits, items, scope=scope, policies=policies, nets=not is_netted)
    items = _reclassified(items, taken, book, scope)
    other_way = _reclassified(items, other, book, scope)["reclassify"]
    items = _with_owners(items, book, scope=scope, policies=policies)
    items = items.assign(open_debits=_debits_of(items, debits))
    made = CREDIT_ITEMS.typed(items).sort_values("item_id", kind="stable", ignore_index=True)
    customers = _customers(made, open_, book, scope)
    journal = _journal(made, book, options, scope)
    identities = (*part.identities, *_identities(open_, made, customers, journal, scope))
    for identity in identities:
        identity.require()
    return CreditBalances(
        items=made, customers=customers, ages=_ages(made), journal=journal,
        otherwise=total(other_way[made["is_asked"].to_numpy(dtype=bool)]) if other_way.notna().all() else None,
        population=part, controls=ledger_controls(book, open_, scope=scope, name="credit_balances"),
        identities=identities, limits=limits,
    )  # fmt: skip


def _by_item(rows: pd.DataFrame, book: Book, scope: Scope) -> pd.DataFrame:
    """Credits by item, amounts positive; parts of one item are one credit, sorted by item."""
    ordered = rows.assign(owed=carrying(rows)).sort_values(["item_id", "instalment_no"], kind="stable")
    first = ordered.drop_duplicates("item_id").reset_index(drop=True)
    sums = (
        totals_by(ordered, "item_id", ["outstanding", "owed"]).set_index("item_id").reindex(first["item_id"])
    )
    lacks = set(ordered.loc[ordered["owed"].isna(), "item_id"])
    owed = pd.Series((-sums["owed"]).to_numpy(), index=first.index, dtype="Int64").mask(
        first["item_id"].isin(lacks)
    )
    days = (pd.Timestamp(scope.as_of) - first["document_date"]).dt.days.astype("Int64")
    return first.assign(
        amount=pd.Series((-sums["outstanding"]).to_numpy(), index=first.index, dtype="Int64"), carrying=owed,
        days_open=days, age=_age(days), **{"class": _classes(first)},
    )  # fmt: skip


def _classes(rows: pd.DataFrame) -> pd.Series:
    """What each credit is: by its cash status and type; a debit document below zero was overpaid."""
    is_cash = rows["item_type"].isin([kind.value for kind in CASH_TYPES]) | rows["cash_status"].fillna("").ne(
        ""
    )
    status = rows["cash_status"].fillna("")
    made = pd.Series(CreditClass.OTHER.value, index=rows.index, dtype="str")
    made = made.mask(rows["amount"].gt(0), CreditClass.OVERPAID.value)
    made = made.mask(rows["item_type"].eq(ItemType.CREDIT_MEMO.value), CreditClass.CREDIT_MEMO.value)
    made = made.mask(is_cash, CreditClass.UNAPPLIED.value)
    made = made.mask(is_cash & status.eq(ReceiptStatus.ON_ACCOUNT.value), CreditClass.ON_ACCOUNT.value)
    unknown = status.eq(ReceiptStatus.UNIDENTIFIED.value) | rows["customer_id"].fillna("").eq("")
    made = made.mask(is_cash & unknown, CreditClass.UNIDENTIFIED.value)
    return made.mask(rows["item_type"].eq(ItemType.PREPAYMENT.value), CreditClass.PREPAYMENT.value)


def _age(days: pd.Series) -> pd.Series:
    """Age bands in words, both ends in."""
    starts = (0, *(edge + 1 for edge in EDGES))
    names = [f"{start} to {end} days" for start, end in zip(starts, EDGES, strict=False)] + [
        f"{starts[-1]} days and more"
    ]
    place = np.searchsorted(np.array(EDGES), days.to_numpy(dtype="int64"), side="left")
    return pd.Series(np.array(names, dtype=object)[place], index=days.index, dtype="str")


def _taken(
    book: Book, debits: pd.DataFrame, credits_: pd.DataFrame, *, scope: Scope, policies: Policies, nets: bool
) -> tuple[pd.Series, tuple[str, ...]]:
    """What of each credit may reduce the customer's debits, as the allowance sets off; carrying amounts."""
    owed = debits.assign(
        gross=carrying(debits), aged_from=debits["original_due_date"].fillna(debits["document_date"])
    )
    owed = owed[
        (owed["gross"].gt(0).fillna(False) & owed["customer_id"].notna()).to_numpy(dtype=bool)
    ].reset_index(drop=True)
    owing = credits_.assign(amount=-credits_["carrying"], aged_from=credits_["document_date"])
    usable = owing["amount"].lt(0).fillna(False) & owing["customer_id"].notna()
    usable &= ~owing["control_account"].isin(_accounts_of(book, scope, LIABILITIES))
    rows = owing[usable.to_numpy(dtype=bool)].reset_index(drop=True)
    policy = replace(policies.allowance, nets_credits=nets)
    found = set_off(book, owed, rows, scope=scope, policy=policy)
    made = pd.Series(pd.array(found.taken, dtype="Int64"), index=rows["item_id"].to_numpy())
    return made, () if nets else found.limits


def _accounts_of(book: Book, scope: Scope, roles: tuple[str, ...]) -> set[str]:
    accounts = of_entity(book["control_accounts"], scope.entity)
    return set(accounts.loc[accounts["role"].isin(roles).to_numpy(dtype=bool), "account"])


def _reclassified(items: pd.DataFrame, taken: pd.Series, book: Book, scope: Scope) -> pd.DataFrame:
    """Credits with what is set off, what leaves receivables, and why."""
    settled = items["item_id"].map(taken).fillna(0).astype("Int64")
    settled = settled.mask(items["carrying"].isna())
    is_liability = items["control_account"].isin(_accounts_of(book, scope, LIABILITIES)).to_numpy(dtype=bool)
    # exchange alone may leave a carrying amount on the debit side of an open credit: nothing to reclassify then
    rest = (items["carrying"] - settled).clip(lower=0).mask(is_liability & items["carrying"].notna(), 0)
    why = pd.Series("no right of set-off is on record: a liability", index=items.index, dtype="str")
    why = why.mask(items["class"].eq(CreditClass.PREPAYMENT.value), "paid in advance: a contract liability")
    why = why.mask(
        items["class"].eq(CreditClass.UNIDENTIFIED.value),
        "payer unknown: a liability until the payer is found",
    )
    why = why.mask(
        (settled.gt(0) & rest.gt(0)).fillna(False),
        "in part set off against the customer's own debits, the rest a liability",
    )
    why = why.mask((settled.gt(0) & rest.eq(0)).fillna(False), "set off against the customer's own debits")
    why = why.mask(is_liability, "stands on a liability account already")
    why = why.mask(
        items["carrying"].isna(), "its amount in the books' currency is not known: not in the journal"
    )
    return items.assign(set_off=settled, reclassify=rest.astype("Int64"), why=why)


def _with_owners(items: pd.DataFrame, book: Book, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """Where each credit stands as unclaimed property, and from when it is dormant."""
    clocks = unclaimed_of(book, scope=scope, policies=policies).property.drop_duplicates("item_id")
    known = clocks[["item_id", "state", "dormant_on"]].rename(columns={"state": "owner_state"})
    return items.merge(known, on="item_id", how="left", validate="one_to_one")


def _debits_of(items: pd.DataFrame, debits: pd.DataFrame) -> pd.Series:
    """What the customer of each credit owes in the credit's currency."""
    sums = totals_by(debits, ["customer_id", "currency"], "outstanding")
    keyed = sums.set_index(["customer_id", "currency"])["outstanding"]
    at = pd.MultiIndex.from_frame(items[["customer_id", "currency"]])
    found = pd.Series(keyed.reindex(at).to_numpy(), index=items.index).fillna(0).astype("Int64")
    return found.mask(items["customer_id"].fillna("").eq(""), 0)


def _customers(items: pd.DataFrame, open_: pd.DataFrame, book: Book, scope: Scope) -> pd.DataFrame:
    """CREDIT_CUSTOMERS, the largest amount to reclassify of a currency first in the report's own order."""
    attributes = customer_attributes(book, on=scope.as_of, entity=scope.entity)
    rows = with_attributes(open_, attributes).assign(customer_id=open_["customer_id"].fillna(""))
    by = ["customer_id", "currency"]
    owed = rows[rows["outstanding"].gt(0).to_numpy(dtype=bool)]
    debits = totals_by(owed, by, "outstanding").rename(columns={"outstanding": "debits"})
    groups = totals_by(owed, ["parent_id", "currency"], "outstanding").rename(
        columns={"outstanding": "group_debits"}
    )
    mine = items.assign(
        customer_id=items["customer_id"].fillna(""),
        cash=items["amount"].where(items["class"].isin([each.value for each in CASH]), 0),
        credit_memos=items["amount"].where(items["class"].isin([each.value for each in MEMOS]), 0),
        credits=items["amount"], lacks=items["reclassify"].isna().astype("Int64"),
    )  # fmt: skip
    made = totals_by(mine, by, ["cash", "credit_memos", "credits", "reclassify", "lacks"])
    made["others"] = made["credits"] - made["cash"] - made["credit_memos"]
    made["oldest_on"] = (
        mine.groupby(by)["document_date"].min().reindex(pd.MultiIndex.from_frame(made[by])).to_numpy()
    )
    made = made.merge(debits, on=by, how="left")
    known = attributes.drop_duplicates("customer_id").set_index("customer_id")
    parent = made["customer_id"].map(known["parent_id"]).astype("str").fillna(made["customer_id"])
    made = made.assign(parent_id=parent, name=made["customer_id"].map(known["name"])).merge(
        groups, on=["parent_id", "currency"], how="left"
    )
    made["debits"] = made["debits"].fillna(0).astype("Int64")
    made["group_debits"] = (made["group_debits"].fillna(0) - made["debits"]).clip(lower=0).astype("Int64")
    made.loc[made["customer_id"].eq(""), "group_debits"] = 0
    made["net_credit"] = (made["credits"] - made["debits"]).clip(lower=0)
    made["reclassify"] = made["reclassify"].mask(made["lacks"].gt(0))
    made["right"] = made["customer_id"].map(_rights(book, scope))
    return CREDIT_CUSTOMERS.typed(made).sort_values(by, kind="stable", ignore_index=True)


def _rights(book: Book, scope: Scope) -> dict[str, str]:
    """Rights of set-off on record by customer: reference, else identifier."""
    rows = securities(book, scope=scope)
    rows = rows[rows["kind"].eq(SecurityKind.SET_OFF.value).to_numpy(dtype=bool)]
    named = rows["reference"].fillna("").where(rows["reference"].fillna("").ne(""), rows["security_id"])
    return {str(key): ", ".join(part) for key, part in named.groupby(rows["customer_id"])}


def _journal(items: pd.DataFrame, book: Book, options: CreditBalancesOptions, scope: Scope) -> pd.DataFrame:
    """JOURNAL: each receivable account is debited with what leaves it, each liability credited; it balances."""
    mine = items[(items["is_asked"] & items["reclassify"].gt(0).fillna(False)).to_numpy(dtype=bool)]
    accounts = (
        of_entity(book["control_accounts"], scope.entity).drop_duplicates("account").set_index("account")
    )
    group = accounts.index[accounts["role"].eq(AccountRole.INTERCOMPANY.value).to_numpy(dtype=bool)]
    customers = customers_here(book, scope.entity)
    own = set(customers.loc[customers["is_intercompany"].fillna(False).to_numpy(dtype=bool), "customer_id"])
    kind = np.where(
        mine["control_account"].isin(group) | mine["customer_id"].isin(own), "group",
        np.where(mine["class"].eq(CreditClass.PREPAYMENT.value), "contract", "customer"),
    )  # fmt: skip
    rows = []
    for account, part in mine.groupby(mine["control_account"].fillna(""), sort=True):
        name = accounts["name"].get(account)
        rows.append({"account": account, "account_name": name if isinstance(name, str) and name else "Receivables",
                     "debit": total(part["reclassify"]), "credit": 0, "items": len(part),
                     "text": "credits out of receivables"})  # fmt: skip
    for which in LIABILITY:
        part = mine[kind == which]
        if len(part):
            rows.append({"account": options.liability_account, "account_name": LIABILITY[which], "debit": 0,
                         "credit": total(part["reclassify"]), "items": len(part), "text": "into liabilities"})  # fmt: skip
    return JOURNAL.from_rows(
        {**row, "line_no": number, "currency": scope.functional_currency}
        for number, row in enumerate(rows, start=1)
    )


def _ages(items: pd.DataFrame) -> pd.DataFrame:
    """CREDIT_AGES of all open credits, in the order of classes and ages."""
    sums = totals_by(items.assign(items=1), ["class", "age", "currency"], ["items", "amount"])
    order = {each.value: number for number, each in enumerate(CreditClass)}
    first = sums["age"].str.extract(r"^(\d+)")[0].astype("Int64")
    sums = sums.assign(order=sums["class"].map(order), first=first)
    return CREDIT_AGES.typed(
        sums.sort_values(["order", "first", "currency"], kind="stable", ignore_index=True)
    )


def _identities(
    open_: pd.DataFrame, items: pd.DataFrame, customers: pd.DataFrame, journal: pd.DataFrame, scope: Scope
) -> tuple[Identity, ...]:
    """Debits less credits = open items; customers = items; the journal balances and moves what the items say."""
    made = []
    for code in sorted(open_["currency"].unique()):
        here = open_[open_["currency"].eq(code).to_numpy(dtype=bool)]
        credits_ = total(items.loc[items["currency"].eq(code), "amount"])
        made += [
            Identity(name="credits and debits", entity=scope.entity, currency=str(code), left_label="debits less credits",
                     left=total(here.loc[here["outstanding"].gt(0), "outstanding"]) - credits_,
                     right_label="open items", right=total(here["outstanding"])),
            Identity(name="credits by customer", entity=scope.entity, currency=str(code), left_label="by customer",
                     left=total(customers.loc[customers["currency"].eq(code), "credits"]),
                     right_label="by item", right=credits_),
        ]  # fmt: skip
    asked = items[items["is_asked"].to_numpy(dtype=bool)]
    made += [
        Identity(name="reclassification balances", entity=scope.entity, currency=scope.functional_currency,
                 left_label="debits", left=total(journal["debit"]), right_label="credits", right=total(journal["credit"])),
        Identity(name="reclassification = items", entity=scope.entity, currency=scope.functional_currency,
                 left_label="journal", left=total(journal["debit"]), right_label="items", right=total(asked["reclassify"])),
    ]  # fmt: skip
    return tuple(made)
