"""What would prevent payment, and which team clears it. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from arlib.collect.contact.disputes import dispute_standings, route_of
from arlib.collect.contact.frames import OBSTACLES, Obstacle
from arlib.collect.contact.outside import outside
from arlib.collect.contact.records import (
    carriers,
    in_books,
    items_in_one,
    known_day,
    records_of,
    spread_to_carriers,
    with_document,
)
from arlib.collect.contact.touches import activities_until, folded, is_one_of
from arlib.collect.position import Position
from arlib.credit.write_off.words import in_words, money
from arlib.ledger.facts import of_entity
from arlib.policy import Policies
from arlib.policy.contact import ContactPolicy
from arlib.tables import Book
from arlib.tables.choices import ItemType, PortalStatus
from arlib.tables.rows import Row, frame_of, is_none, records, text

Accounts = Mapping[str, Sequence[Row]]  # open debits of each customer, a row for each currency

BILLED = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)
SENT = ("email", "letter")  # kinds of contact that an address can fail
ANY_CHANNEL = ""
SAID = {
    Obstacle.NO_ORDER_NO: "The customer pays no invoice without its order number, and this one carries none",
    Obstacle.PORTAL_REJECTED: "Rejected by the portal",
    Obstacle.PORTAL_MISSING: "Not submitted to the portal",
    Obstacle.WRONG_ADDRESS: "What we sent came back",
    Obstacle.TAX_DOCUMENT: "Tax document missing or expired",
    Obstacle.COPY_ASKED: "Asked for a copy that was not sent",
    Obstacle.DISPUTE: "In dispute",
}


def obstacles(
    book: Book, *, position: Position, policies: Policies, apart: pd.DataFrame | None = None,
    standings: pd.DataFrame | None = None,
) -> pd.DataFrame:  # fmt: skip
    """What would prevent payment of open debits, one row an obstacle: OBSTACLES, sorted by its key.

    no_order_no: an open invoice or debit memo without the customer's order number, where the customer requires one.
    portal_rejected: its last status in the portal is rejected. portal_missing: the customer uses a portal, and the open
    invoice has never been there; only where the book has PORTAL_INVOICES. wrong_address: an e-mail or a
    letter to the account bounced, and nobody answered that channel since. tax_document: a tax form or certificate in CUSTOMER_FILES or
    EXEMPTIONS has expired and no other holds, or one that `credit_review.required_files` asks for is missing; its last
    day still holds. copy_asked: a copy was asked for, and no outcome since says that this is settled. dispute: by
    its reason. Obstacles of an account have a row for each currency of its open debits. A debit that is left out by law
    or by its state (`outside`, is_hard) has no obstacles: nobody may ask for it. What the book has no table for is not
    looked for. `apart` is OUTSIDE and `standings` DISPUTE_STANDINGS where they are at hand.
    """
    apart = outside(book, position=position, policies=policies) if apart is None else apart
    if standings is None:
        standings = dispute_standings(book, position=position, policies=policies)
    closed = set(apart.loc[apart["is_hard"], "item_id"])
    open_ = items_in_one(position.debits)
    open_ = open_[(open_["outstanding"].gt(0) & ~open_["item_id"].isin(closed)).to_numpy(dtype=bool)]
    open_ = open_.assign(document_no=open_["document_no"].fillna("")).reset_index(drop=True)
    accounts = _accounts(open_)
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in records(accounts):
        lines[row["customer_id"]].append(row)
    rows: list[Row] = []
    for found in (
        _no_order_no(book, open_, position), _portal(book, open_, position),
        _bounced(book, lines, position, policies.contact), _tax(book, lines, position, policies),
        _copies(book, open_, lines, position, policies.contact),
        _disputes(book, open_, lines, position, standings),
    ):  # fmt: skip
        rows += list(found)
    as_of = pd.Timestamp(position.scope.as_of)
    for row in rows:
        kind = Obstacle(row["kind"])
        code = row.pop("code", "")
        row["routed_to"] = row.get("routed_to") or route_of(policies.contact, code, kind.value)
        row["entity"], row["days"] = position.scope.entity, (as_of - row["since"]).days
        row["what"] = _words(row, kind)
    frame = frame_of(OBSTACLES, rows)
    return frame.assign(books_amount=in_books(frame["amount"], frame["currency"], position))


def _accounts(open_: pd.DataFrame) -> pd.DataFrame:
    """Open debits by customer and currency: their sum, and the age of the oldest."""
    groups = open_.groupby(["customer_id", "currency"], sort=True, dropna=True)
    return groups.agg(
        name=("name", "first"), collector=("collector", "first"), outstanding=("outstanding", "sum"),
        days_past_due=("days_past_due", "max"), oldest=("document_date", "min"),
    ).reset_index()  # fmt: skip


def _row(kind: Obstacle, item: Row, since: object, *, source_id: object, detail: object = "") -> Row:
    """An obstacle of an item or of an account in one currency."""
    return {
        "customer_id": item["customer_id"], "name": item["name"], "collector": item["collector"],
        "item_id": item.get("item_id", ""), "document_no": item.get("document_no", ""), "kind": kind.value,
        "detail": text(detail), "since": since, "currency": item["currency"], "amount": int(item["outstanding"]),
        "days_past_due": None if is_none(item["days_past_due"]) else int(item["days_past_due"]),
        "source_id": text(source_id),
    }  # fmt: skip


def _no_order_no(book: Book, open_: pd.DataFrame, position: Position) -> Iterator[Row]:
    customers = position.customers
    strict = customers.loc[customers["requires_order_no"].fillna(False), "customer_id"]
    here = open_[(open_["customer_id"].isin(strict) & open_["item_type"].isin(BILLED)).to_numpy(dtype=bool)]
    items = of_entity(book["items"], position.scope.entity)
    numbers = items.loc[items["item_id"].isin(here["item_id"])].set_index("item_id")["purchase_order"]
    known = numbers.reindex(here["item_id"]).fillna("").str.strip().ne("").to_numpy(dtype=bool)
    for item in records(here[~known]):
        yield _row(Obstacle.NO_ORDER_NO, item, item["document_date"], source_id=item["item_id"])


def _portal(book: Book, open_: pd.DataFrame, position: Position) -> Iterator[Row]:
    if not book.has("portal_invoices"):
        return
    scope = position.scope
    stood = of_entity(book["portal_invoices"], scope.entity)
    stood = stood[(stood["status_on"] <= pd.Timestamp(known_day(scope))).to_numpy(dtype=bool)]
    # of two on one day the one submitted last, then the rejection, which has to be looked at
    stood = stood.assign(_bad=stood["status"].eq(PortalStatus.REJECTED.value))
    last = stood.sort_values(
        ["item_id", "status_on", "submitted_on", "_bad"], kind="stable", na_position="first"
    )
    last = last.drop_duplicates("item_id", keep="last").set_index("item_id")
    portals = position.customers.set_index("customer_id")["portal"].fillna("")
    by_item = {row["item_id"]: row for row in records(open_[open_["item_id"].isin(last.index).to_numpy(dtype=bool)])}  # fmt: skip
    for row in records(last[last["_bad"]].reset_index()):
        if row["item_id"] in by_item:
            detail = f"{text(row['portal'])}: {text(row['reason']) or 'no reason given'}"
            yield _row(
                Obstacle.PORTAL_REJECTED, by_item[row["item_id"]], row["status_on"],
                source_id=row["item_id"], detail=detail,
            )  # fmt: skip
    portal = portals.reindex(open_["customer_id"]).set_axis(open_.index).fillna("")
    missing = portal.ne("") & ~open_["item_id"].isin(last.index) & open_["item_type"].isin(BILLED)
    for item in records(open_.assign(portal=portal)[missing.to_numpy(dtype=bool)]):
        yield _row(
            Obstacle.PORTAL_MISSING, item, item["document_date"], source_id=item["item_id"],
            detail=item["portal"],
        )  # fmt: skip


def _bounced(book: Book, accounts: Accounts, position: Position, policy: ContactPolicy) -> Iterator[Row]:
    done = activities_until(book, scope=position.scope)
    done = done.sort_values(["occurred_at", "activity_id"], kind="stable", ignore_index=True)
    kind = folded(done["kind"])
    # somebody who writes a note of returned mail does not say which channel it was
    done["channel"] = kind.where(kind.isin(SENT), ANY_CHANNEL)
    bad = done[is_one_of(done["outcome"], policy.bounced_outcomes).to_numpy(dtype=bool)]
    answered = is_one_of(done["outcome"], policy.right_contact_outcomes) & kind.isin(SENT)
    good = done[answered.to_numpy(dtype=bool)].assign(order=lambda rows: rows.index)
    by_channel = good.groupby(["customer_id", "channel"])["order"].max()
    by_customer = good.groupby("customer_id")["order"].max()
    last = bad.drop_duplicates(["customer_id", "channel"], keep="last")
    for at, row in zip(last.index, records(last), strict=True):
        whose = row["customer_id"]
        since = (
            by_customer.get(whose, -1)
            if row["channel"] == ANY_CHANNEL
            else by_channel.get((whose, row["channel"]), -1)
        )
        if since > at:
            continue
        for account in accounts.get(whose, ()):
            detail = f"{row['kind']}: {text(row['outcome'])}"
            yield _row(
                Obstacle.WRONG_ADDRESS, account, row["on"], source_id=row["activity_id"], detail=detail
            )


def _tax(book: Book, accounts: Accounts, position: Position, policies: Policies) -> Iterator[Row]:
    scope, day = position.scope, pd.Timestamp(known_day(position.scope))
    kinds = [kind.value for kind in policies.contact.tax_files]
    files = records_of(book, "customer_files", scope=scope)
    files = files[(files["kind"].isin(kinds) & files["received_on"].le(day)).to_numpy(dtype=bool)]
    exempt = records_of(book, "exemptions", scope=scope)
    exempt = exempt[(exempt["valid_from"].le(day) & ~exempt["received_on"].gt(day)).to_numpy(dtype=bool)]
    exempt = exempt.assign(
        kind="exemption_certificate", reference=exempt["certificate_no"], expires_on=exempt["valid_to"]
    )
    named = ["customer_id", "kind", "reference", "expires_on"]
    held = pd.concat(
        [files[named], exempt[exempt["kind"].isin(kinds).to_numpy(dtype=bool)][named]], ignore_index=True
    )
    held["_until"] = held["expires_on"].fillna(pd.Timestamp("9999-12-31"))
    last = held.sort_values(["customer_id", "kind", "_until", "reference"], kind="stable")
    last = last.drop_duplicates(["customer_id", "kind"], keep="last")
    over = last[(last["expires_on"] < pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    for row in records(over):
        since = row["expires_on"] + pd.Timedelta(days=1)
        detail = f"{row['kind'].replace('_', ' ')} {text(row['reference'])} expired on {row['expires_on']:%Y-%m-%d}"
        for account in accounts.get(row["customer_id"], ()):
            yield _row(
                Obstacle.TAX_DOCUMENT, account, since, source_id=f"{row['kind']} {text(row['reference'])}",
                detail=detail,
            )  # fmt: skip
    if not book.has("customer_files"):
        return
    wanted = [kind.value for kind in policies.credit_review.required_files if kind.value in kinds]
    for kind in wanted:
        have = set(held.loc[held["kind"].eq(kind), "customer_id"])
        for account in (row for whose in accounts if whose not in have for row in accounts[whose]):
            yield _row(
                Obstacle.TAX_DOCUMENT, account, account["oldest"], source_id=kind,
                detail=f"no {kind.replace('_', ' ')} in the file",
            )  # fmt: skip


def _copies(
    book: Book, open_: pd.DataFrame, accounts: Accounts, position: Position, policy: ContactPolicy
) -> Iterator[Row]:
    done = activities_until(book, scope=position.scope)
    done = done.assign(
        item_id=done["item_id"].fillna(""), asked=is_one_of(done["outcome"], policy.copy_asked_outcomes),
        settled=is_one_of(done["outcome"], policy.copy_settled_outcomes),
    )  # fmt: skip
    told = done[(done["asked"] | done["settled"]).to_numpy(dtype=bool)]
    told = told.sort_values(["occurred_at", "activity_id"], kind="stable").assign(
        _order=lambda rows: np.arange(len(rows))
    )
    settled = told[told["settled"]]
    by_item = settled[settled["item_id"].ne("")].groupby("item_id")["_order"].max()
    by_account = settled[settled["item_id"].eq("")].groupby("customer_id")["_order"].max()
    asked = told[told["asked"]].drop_duplicates(["customer_id", "item_id"], keep="first")
    last = told[told["asked"]].drop_duplicates(["customer_id", "item_id"], keep="last")
    since = asked.set_index(["customer_id", "item_id"])["on"]
    named = last.loc[last["item_id"].ne(""), ["item_id"]].assign(asked=lambda rows: rows["item_id"])
    spread = spread_to_carriers(named, carriers(book, entity=position.scope.entity))
    items: dict[str, list[Row]] = defaultdict(list)
    for item in records(open_.merge(spread, on="item_id")):
        items[item["asked"]].append(item)
    for row in records(last):
        answers = max(by_item.get(row["item_id"], -1), by_account.get(row["customer_id"], -1))
        if answers > row["_order"]:
            continue
        begins = since[row["customer_id"], row["item_id"]] if answers < 0 else row["on"]
        held = items.get(row["item_id"], ()) if row["item_id"] else accounts.get(row["customer_id"], ())
        for item in held:
            yield _row(Obstacle.COPY_ASKED, item, begins, source_id=row["activity_id"])


def _disputes(
    book: Book, open_: pd.DataFrame, accounts: Accounts, position: Position, standings: pd.DataFrame
) -> Iterator[Row]:
    here = standings[(standings["is_open"] & standings["open_now"].gt(0)).to_numpy(dtype=bool)]
    named = with_document(here, book, entity=position.scope.entity)
    aged = open_[["item_id", "days_past_due"]].assign(of=open_["item_id"])
    replaced = carriers(book, entity=position.scope.entity).rename(columns={"old": "of"})
    chained = replaced.merge(aged[["item_id", "days_past_due"]], on="item_id")
    age = pd.concat([aged, chained], ignore_index=True).groupby("of")["days_past_due"].max()
    for row in records(named):
        if row["customer_id"] not in accounts:
            continue
        item = row | {"outstanding": row["open_now"], "days_past_due": age.get(row["item_id"])}
        yield _row(
            Obstacle.DISPUTE, item, row["opened_on"], source_id=row["dispute_id"], detail=row["reason"]
        ) | {"code": text(row["reason"])}


def _words(row: Row, kind: Obstacle) -> str:
    """A sentence: what it is, since when, how much it holds up, and who clears it."""
    detail = text(row["detail"])
    said = SAID[kind] + (f" ({in_words(detail) if kind is Obstacle.DISPUTE else detail})" if detail else "")
    held = f"holds up {money(row['amount'], row['currency'])}"
    return f"{said}, since {row['since']:%Y-%m-%d}; {held}. For {in_words(row['routed_to']).lower()}."
