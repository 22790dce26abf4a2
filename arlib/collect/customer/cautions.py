"""What to know before anybody asks a customer for money. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from arlib.collect.customer.model import Caution
from arlib.collect.customer.own import Account
from arlib.collect.exclusions import HOLDS, Bar, exclusions
from arlib.credit.write_off.words import day, in_words, listed, many
from arlib.tables.choices import CustomerStatus
from arlib.tables.rows import is_none, records, text


def cautions_of(here: Account) -> tuple[Caution, ...]:
    """The grounds on which nobody may ask for the customer's debts, then what else to beware of.

    The grounds are those of letters: a status of the as-of date or of today counts, and so does a record that began after the
    as-of date, since who calls, calls today. A ground that bars single items names them and bars no other. Uses CUSTOMERS with
    history, HOLDS, CLAIMS, PLACEMENTS, CONTROL_ACCOUNTS, COLLECTION_EXCEPTIONS, CUSTOMER_MERGES.
    """
    found = exclusions(here.book, position=here.position, goes_out=True)
    stops = [_stop(bar) for code in sorted(here.codes) for bar in found.accounts.get(code, ())]
    items = here.position.debits
    met = found.of_items().on(items)
    for (ground, cites, because), rows in met.groupby(["ground", "cites", "because"], sort=False):
        own = items.loc[rows.index.unique()]
        numbers = own["document_no"].fillna(own["item_id"])
        stops.append(_partial(str(ground), numbers, of=items, because=str(because), cites=str(cites)))
    return (*dict.fromkeys(stops), *_others(here))


def _stop(bar: Bar) -> Caution:
    said = [f"status {bar.when}"] if bar.when else []
    said += [f"debts up to {bar.up_to:%Y-%m-%d}"] if bar.up_to is not None else []
    words = f"{bar.because.rstrip('.')} ({', '.join(said)})." if said else bar.because
    return Caution(ground=bar.ground.value, words=words, cites=bar.cites, is_stop=True)


def _partial(ground: str, numbers: pd.Series, *, of: pd.DataFrame, because: str, cites: str) -> Caution:
    """A ground that bars some documents alone; where these are all that is owed, nobody may ask for anything."""
    rest = len(of) - len(numbers)
    them = "it" if len(numbers) == 1 else "them"
    others = (
        f"; {many(rest, 'other open debt')} {'is' if rest == 1 else 'are'} not barred by this" if rest else ""
    )
    return Caution(
        ground=ground, words=f"{listed(numbers)}: {because[:1].lower()}{because[1:].rstrip('.')}. Nobody may ask for {them}{others}.",
        cites=cites, is_stop=not rest, documents=tuple(dict.fromkeys(map(str, numbers))),
    )  # fmt: skip


def _others(here: Account) -> Iterator[Caution]:
    """An account that was merged away, holds that do not bar, the credit hold, a closed account, and what was agreed."""
    merges = here.book["customer_merges"]
    gone = merges["entity"].eq(here.scope.entity) & merges["old_customer_id"].eq(here.customer_id)
    for row in records(merges[gone.to_numpy(dtype=bool)]):
        yield _told(
            "merged", f"The account was merged into {row['new_customer_id']} on {day(row['merged_on'])}."
        )
    for row in records(here.position.customers):
        if not is_none(row["is_on_credit_hold"]) and row["is_on_credit_hold"]:
            since = f" since {day(row['credit_hold_since'])}" if day(row["credit_hold_since"]) else ""
            yield _told("credit_hold", f"On credit hold{since}: no new orders go out.")
        if row["status"] == CustomerStatus.CLOSED.value:
            yield _told("closed", "The account is closed.")
    until = pd.Timestamp(here.scope.as_of)
    for row in records(_of(here, "holds")):
        stands = is_none(row["lifted_on"]) or row["lifted_on"] > until
        if stands and row["kind"] not in HOLDS:
            why = f": {text(row['reason'])}" if text(row["reason"]) else ""
            what = " of an item" if text(row["item_id"]) else ""
            words = f"{in_words(row['kind'])} hold{what} {row['hold_id']} since {day(row['placed_on'])}{why}"
            yield _told(f"{row['kind']}_hold", words, str(row["hold_id"]))
    for row in records(_of(here, "collection_exceptions")):
        if row["valid_from"] > until or (not is_none(row["expires_on"]) and row["expires_on"] < until):
            continue
        ends = f"until {day(row['expires_on'])}" if day(row["expires_on"]) else "without an end"
        what = " for an item" if text(row["item_id"]) else ""
        words = (
            f"{in_words(row['procedure'])}{what} {ends}: {text(row['reason'])} (owner {text(row['owner'])})"
        )
        yield _told("exception", words, str(row["exception_id"]))


def _told(ground: str, words: str, cites: str = "") -> Caution:
    return Caution(ground=ground, words=words, cites=cites, is_stop=False)


def _of(here: Account, table: str) -> pd.DataFrame:
    """The rows of a table that are the customer's."""
    rows = here.book[table]
    mine = rows["entity"].eq(here.scope.entity) & rows["customer_id"].isin(here.codes)
    return rows[mine.to_numpy(dtype=bool)]
