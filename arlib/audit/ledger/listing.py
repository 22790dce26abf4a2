"""The AR listing: every open item, tied to control account and trial balance at one date. Floor 1.

Its total is that of the aging, since both are `open_items`; its tie-out is that of `ledger.tieout`. What is new here
is the trial balance of that very date, the rate of each foreign item, and what was entered after the date.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.frames import FOREIGN, LATE_ENTRIES, LISTING, TIE, TIE_DOCUMENT
from arlib.audit.ledger.population import Split, ledger_controls, split
from arlib.audit.options.ledger import ListingOptions
from arlib.controls import Control, Identity
from arlib.errors import RateError
from arlib.ledger.aging import age_items, aging, aging_identities
from arlib.ledger.attributes import customer_attributes, with_attributes
from arlib.ledger.bridge import basis_bridge
from arlib.ledger.facts import counted, fact_dates, of_entity, positions
from arlib.ledger.frames import AGED_ITEMS
from arlib.ledger.gap_frames import CONTROL
from arlib.ledger.general_ledger import stated_balances
from arlib.ledger.openitems import open_items
from arlib.ledger.postings import subledger_postings
from arlib.ledger.tieout import TieOut, tie_out
from arlib.money import Rate, Rates, iso_code, total, totals_by, translate_at
from arlib.policy import Basis, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType
from arlib.tables.rows import is_none, records

TRIAL_BALANCE = "trial_balance"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The listing and all that it was tied to."""

    items: pd.DataFrame  # LISTING
    aged: pd.DataFrame  # AGING by currency
    tie: pd.DataFrame  # TIE
    by_account: pd.DataFrame  # TIE_DOCUMENT
    foreign: pd.DataFrame  # FOREIGN
    late: pd.DataFrame  # LATE_ENTRIES
    bridge: pd.DataFrame  # BASIS_BRIDGE
    found: TieOut
    population: Split
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    knows_entry_times: bool
    unrated: tuple[str, ...]  # currencies of open items without a rate


def listing_of(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> Listing:
    """The listing at the as-of date by posting date, whatever the scope's basis, and its ties.

    Needs ITEMS; uses all that `open_items` and `tie_out` use, CUSTOMERS, DISPUTES, FX_RATES. A fact of the as-of date is
    in; a dispute closed on that day is closed. The trial balance counts only where the ledger states a balance of that
    very day in the books' currency, else its control is `no_input`. A currency without a rate leaves `at_rate` empty and is
    named. `entered_later` needs entry times of every item and application. Every identity is required to hold.
    """
    scope = replace(scope, basis=Basis.POSTING)
    options = ask.options or ListingOptions()
    open_ = open_items(book, scope=scope)
    aged = age_items(open_, as_of=scope.as_of, policy=policies.aging)
    by_currency = aging(aged, by=("currency",))
    part = split(aged, ask.population, amount="outstanding", entity=scope.entity)
    rates = _rates(book, aged, options, scope)
    items = _items(book, aged, part, rates, scope=scope)
    found = tie_out(book, scope=scope, policy=policies.tie_out)
    account = _accounts(items["control_account"], found)
    tie, trial = _tie(book, items, account, found, scope=scope, ledger=policies.tie_out.ledger)
    late, knows = _entered_later(book, scope)
    identities = (
        *aging_identities(open_, by_currency, entity=scope.entity),
        *part.identities,
        *found.identities,
        *_late_identities(book, open_, late, scope, knows=knows),
    )
    for identity in identities:
        identity.require()
    return Listing(
        items=items,
        aged=by_currency,
        tie=tie,
        by_account=_by_account(book, items, account, found, scope),
        foreign=_foreign(items, account, rates, options, scope),
        late=late,
        bridge=basis_bridge(book, scope=scope),
        found=found,
        population=part,
        controls=(*ledger_controls(book, open_, scope=scope, name="listing"), *found.controls, *trial,
                  *_carrying_controls(tie, scope)),
        identities=identities,
        knows_entry_times=knows,
        unrated=tuple(code for code, rate in rates.items() if rate is None),
    )  # fmt: skip


def _rates(book: Book, aged: pd.DataFrame, options: ListingOptions, scope: Scope) -> dict[str, Rate | None]:
    """The rate of each currency on the date, None where none is in reach."""
    rates = Rates.of(book["fx_rates"], max_age_days=options.rate_max_age_days)
    made: dict[str, Rate | None] = {}
    for code in sorted(aged["currency"].unique()):
        try:
            made[str(code)] = rates.find(code, scope.functional_currency, scope.as_of, options.rate_kind)
        except RateError:
            made[str(code)] = None
    return made


def _items(
    book: Book, aged: pd.DataFrame, part: Split, rates: dict[str, Rate | None], *, scope: Scope
) -> pd.DataFrame:
    """LISTING from aged items."""
    attributes = customer_attributes(book, on=scope.as_of, entity=scope.entity)
    made = with_attributes(AGED_ITEMS.typed(aged), attributes)
    disputes = _disputes(book, scope)
    at_rate = _at_rate(made, rates, scope)
    hedged = of_entity(book["items"], scope.entity).set_index("item_id")["is_hedged"]
    is_hedged = made["item_id"].map(hedged).fillna(False).astype("boolean")
    # an advance is no claim to money: it keeps its rate (IFRIC 22), as a hedged item does
    keeps = is_hedged | made["item_type"].eq(ItemType.PREPAYMENT.value)
    own = made["functional_outstanding"].where(keeps & made["functional_outstanding"].notna(), at_rate)
    shown = {code: format(rate.rate.normalize(), "f") for code, rate in rates.items() if rate}
    frame = made.assign(
        booked=made["functional_outstanding"],
        at_rate=own.astype("Int64"),
        rate=made["currency"].map(shown),
        rate_on=pd.to_datetime(made["currency"].map({code: rate.on for code, rate in rates.items() if rate})),
        rate_from=made["currency"].map({code: rate.how for code, rate in rates.items() if rate}),
        is_hedged=is_hedged,
        disputes=made["item_id"].map(disputes),
        is_disputed=made["item_id"].isin(disputes.index),
        is_asked=part.mask,
    )
    return LISTING.typed(frame).sort_values(["item_id", "instalment_no"], kind="stable", ignore_index=True)


def _disputes(book: Book, scope: Scope) -> pd.Series:
    """Disputes open at the end of the date, by item, separated by blanks."""
    rows, day = of_entity(book["disputes"], scope.entity), pd.Timestamp(scope.as_of)
    stands = rows["opened_on"].le(day) & ~rows["closed_on"].le(day) & rows["item_id"].notna()
    mine = rows[stands.to_numpy(dtype=bool)].sort_values("dispute_id", kind="stable")
    return mine.groupby("item_id")["dispute_id"].agg(" ".join)


def _at_rate(rows: pd.DataFrame, rates: dict[str, Rate | None], scope: Scope) -> pd.Series:
    """Open amounts at the rates found; missing where there is none."""
    made = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    for code, rate in rates.items():
        mine = rows["currency"].eq(code).to_numpy(dtype=bool)
        if rate is None or not mine.any():
            continue
        one = Rates(table={(rate.base, rate.quote, rate.kind): ((rate.on,), (rate.value,), (rate.source,))})
        made[mine] = translate_at(
            rows.loc[mine, "outstanding"], from_currency=code, to_currency=scope.functional_currency, rates=one,
            on=rate.on, kind=rate.kind,
        )  # fmt: skip
    return made


def _accounts(given: pd.Series, found: TieOut) -> pd.Series:
    """The account of each item as the tie-out sees it: the only one there is where an item names none."""
    known = sorted({control.account for control in found.controls if control.account})
    text = given.fillna("")
    return text.mask(text.eq(""), known[0]) if len(known) == 1 else text


def _tie(
    book: Book, items: pd.DataFrame, account: pd.Series, found: TieOut, *, scope: Scope, ledger: str
) -> tuple[pd.DataFrame, tuple[Control, ...]]:
    """TIE, and a control of the trial balance for each account of the tie-out."""
    code = scope.functional_currency
    stated = stated_balances(book, scope=scope, ledger=ledger)
    of_day = stated[stated["as_of"].eq(pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    balances = dict(zip(of_day["account"], of_day["balance"].astype("int64"), strict=True))
    last = {str(name): part["as_of"].max() for name, part in stated.groupby("account")}
    rows = items.assign(account=account, value=items["booked"].fillna(0) + items["revaluation"])
    sums = dict(
        zip(*[totals_by(rows, "account", "value")[name] for name in ("account", "value")], strict=True)
    )
    counts = rows["account"].value_counts()
    declared = of_entity(book["control_accounts"], scope.entity).set_index("account")
    made, controls = [], []
    by_account = {control.account: control for control in found.controls if control.name == CONTROL}
    for name in sorted({*by_account, *sums}):
        control, listed = by_account.get(name), int(sums.get(name, 0))
        named = declared.loc[name] if name in declared.index else None
        trial = balances.get(name)
        made.append({
            "account": name, "name": None if named is None else named["name"], "role": None if named is None else named["role"],
            "currency": code, "items": int(counts.get(name, 0)), "listing": listed,
            "subledger": control.right if control else None, "ledger": control.left if control else None,
            "trial_balance": trial,
            "difference": None if control is None or control.left is None else control.left - listed,
            "explained": control.explained if control and control.left is not None else None,
            "unexplained": None if control is None or control.left is None else control.left - listed - control.explained,
            "status": control.status.value if control else "no_input",
        })  # fmt: skip
        if control is not None:
            controls.append(_trial_control(control, trial, listed, last.get(name), scope))
    return TIE.from_rows(made), tuple(controls)


def _trial_control(
    control: Control, trial: int | None, listed: int, last: pd.Timestamp | None, scope: Scope
) -> Control:
    """The ledger's own statement of the balance at that date against the listing; causes are those of the tie-out."""
    head = Control(
        name=TRIAL_BALANCE, title=control.title.replace("general ledger = sub-ledger", "trial balance = listing"),
        entity=scope.entity, currency=scope.functional_currency, account=control.account,
        left_label="trial balance", right_label="listing",
    )  # fmt: skip
    if trial is None:
        note = f"the ledger states no balance of the account at {scope.as_of:%Y-%m-%d}"
        return replace(head, note=note if last is None else f"{note}; its last one is of {last:%Y-%m-%d}")
    if control.left is None:
        return replace(head, note=control.note)
    return replace(
        head, left=trial, right=listed, explained=control.explained, count=control.count,
        unexplained_count=control.unexplained_count, oldest=control.oldest, owner=control.owner,
    )  # fmt: skip


def _carrying_controls(tie: pd.DataFrame, scope: Scope) -> tuple[Control, ...]:
    """Listing = sub-ledger by its postings, by account in the books' currency: two ways of counting."""
    return tuple(
        Control(
            name="listing_carrying", title=f"Account {row['account'] or '(none named)'}: listing = sub-ledger postings",
            entity=scope.entity, currency=row["currency"], account=row["account"], left_label="listing", left=int(row["listing"]),
            right_label="postings", right=int(row["subledger"]),
        )
        for row in records(tie) if not is_none(row["subledger"])
    )  # fmt: skip


def _by_account(
    book: Book, items: pd.DataFrame, account: pd.Series, found: TieOut, scope: Scope
) -> pd.DataFrame:
    """TIE_DOCUMENT: each account in each document currency, listing against postings."""
    postings = subledger_postings(book, scope=scope)
    theirs = postings.assign(account=_accounts(postings["account"], found))
    ours = items.assign(account=account)
    left = totals_by(ours, ["account", "currency"], "outstanding")
    counts = ours.groupby(["account", "currency"]).size().rename("items").reset_index()
    right = totals_by(theirs, ["account", "currency"], "amount").rename(columns={"amount": "postings"})
    both = left.merge(counts, on=["account", "currency"], how="left").merge(
        right, on=["account", "currency"], how="outer"
    )
    for name in ("outstanding", "postings", "items"):
        both[name] = both[name].fillna(0).astype("Int64")
    both = both[
        (both["items"].ne(0) | both["outstanding"].ne(0) | both["postings"].ne(0)).to_numpy(dtype=bool)
    ]
    both["difference"] = both["outstanding"] - both["postings"]
    return TIE_DOCUMENT.typed(both).sort_values(["account", "currency"], kind="stable", ignore_index=True)


def _foreign(
    items: pd.DataFrame,
    account: pd.Series,
    rates: dict[str, Rate | None],
    options: ListingOptions,
    scope: Scope,
) -> pd.DataFrame:
    """FOREIGN: open items in other currencies than the books'."""
    rows = items.assign(account=account)
    rows = rows[rows["currency"].map(iso_code).ne(iso_code(scope.functional_currency)).to_numpy(dtype=bool)]
    made = []
    for (code, name), part in rows.groupby(["currency", "account"], sort=True):
        rate = rates[str(code)]
        booked = total(part["booked"]) if part["booked"].notna().all() else None
        now = total(part["at_rate"]) if part["at_rate"].notna().all() else None
        made.append({
            "currency": code, "account": name, "items": len(part), "outstanding": total(part["outstanding"]),
            "hedged": total(part.loc[part["is_hedged"].to_numpy(dtype=bool), "outstanding"]),
            "booked": booked, "revaluation": total(part["revaluation"]), "at_rate": now,
            "not_booked": None if booked is None or now is None else now - booked - total(part["revaluation"]),
            "rate": format(rate.rate.normalize(), "f") if rate else None, "rate_on": rate.on if rate else None,
            "rate_from": rate.how if rate else f"no {options.rate_kind} rate for the date or the "
            f"{options.rate_max_age_days} days before",
        })  # fmt: skip
    return FOREIGN.from_rows(made)


def _entered_later(book: Book, scope: Scope) -> tuple[pd.DataFrame, bool]:
    """LATE_ENTRIES, and whether the source can tell: it keeps entry times of every item and application."""
    items, applications = (of_entity(book[name], scope.entity) for name in ("items", "applications"))
    if (
        "entry_times" not in book.features
        or items["entered_at"].isna().any()
        or applications["entered_at"].isna().any()
    ):
        return LATE_ENTRIES.empty(), False
    known = replace(scope, known_at=scope.as_of)
    ids, parts = pd.Index(items["item_id"]), []
    mine = counted(items, scope=scope) & ~counted(items, scope=known)
    parts.append(items[mine].assign(fact="item", fact_id=items.loc[mine, "item_id"]))
    rows = applications[counted(applications, scope=scope) & ~counted(applications, scope=known)]
    for side in ("target", "source"):
        at = positions(
            ids, rows[f"{side}_item_id"], table="applications", column=f"{side}_item_id", entity=scope.entity
        )
        effect = (
            -(rows["target_amount"] + rows["discount"].fillna(0))
            if side == "target"
            else rows["source_amount"]
        )
        of_item = items.iloc[at]
        parts.append(rows.assign(
            fact="application", fact_id=rows["application_id"], item_id=rows[f"{side}_item_id"],
            customer_id=of_item["customer_id"].to_numpy(), document_no=of_item["document_no"].to_numpy(),
            currency=rows[f"{side}_currency"], amount=effect,
        ))  # fmt: skip
    made = pd.concat(
        [LATE_ENTRIES.typed(part.assign(posting_date=fact_dates(part, Basis.POSTING))) for part in parts]
    )
    made = made[made["amount"].ne(0).to_numpy(dtype=bool)]
    return made.sort_values(list(LATE_ENTRIES.key), kind="stable", ignore_index=True), True


def _late_identities(
    book: Book, open_: pd.DataFrame, late: pd.DataFrame, scope: Scope, *, knows: bool
) -> tuple[Identity, ...]:
    """By currency: open items as known at the end of the date + what was entered later = open items as known now."""
    if not knows:
        return ()
    then = open_items(book, scope=replace(scope, known_at=scope.as_of))
    codes = sorted({*open_["currency"], *then["currency"], *late["currency"]})
    sums = [
        {name: total(frame.loc[frame["currency"].eq(code), column]) for name, frame, column in (
            ("now", open_, "outstanding"), ("then", then, "outstanding"), ("late", late, "amount"))}
        for code in codes
    ]  # fmt: skip
    return tuple(
        Identity(name="listing as known at the date", entity=scope.entity, currency=code,
                 left_label="as known at the end of the date + entered later", left=each["then"] + each["late"],
                 right_label="listing", right=each["now"])
        for code, each in zip(codes, sums, strict=True)
    )  # fmt: skip
