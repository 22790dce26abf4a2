"""Roll receivables forward over a period: opening, every kind of movement, closing. Floor 1.

    opening (as it was when closed) + posted to closed periods since + invoices + ... + exchange = closing

In document currency there is no exchange line; in the books' currency realised and unrealised stand apart.
Movements come from postings; opening and closing are held against the open items of aging, which are
counted another way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from arlib.controls import Control, Identity
from arlib.ledger.closed_periods import closed_period_postings
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import ROLL_FORWARD, RollLine
from arlib.ledger.openitems import open_items
from arlib.ledger.postings import subledger_postings, upto
from arlib.policy import Basis, Scope
from arlib.tables import Book

EXCHANGE = (RollLine.REALISED_FX, RollLine.UNREALISED_FX)
LINES = tuple(RollLine)


@dataclass(frozen=True, kw_only=True)
class RollForward:
    """The roll-forward in both measures. `functional` is empty where an amount in the books' currency is
    missing.
    """

    document: pd.DataFrame  # ROLL_FORWARD by currency
    functional: pd.DataFrame  # ROLL_FORWARD in the books' currency
    by_account: pd.DataFrame  # ROLL_FORWARD in the books' currency, by control account
    late: pd.DataFrame  # LATE_POSTINGS, both sides
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]


def roll_forward(book: Book, *, scope: Scope, postings: pd.DataFrame | None = None) -> RollForward:
    """From the balance before the period to the balance at the as-of date, line by line, by posting date.

    The opening is the balance at the end of the day before `starts_on` less what was entered into closed
    periods after the previous close: that stands on a line of its own and is listed in `late`. A movement
    of `starts_on` and of the as-of date is inside. Each line is signed as it moves receivables, so opening
    and lines sum to closing. An application between two currencies moves both and stands on a line of its
    own in document currency. Between two accounts it shows, by account, as a transfer.

    `postings` are the scope's POSTINGS, of all dates or up to the as-of date, where they are in hand.

    Needs ITEMS, APPLICATIONS, REVALUATIONS, PERIODS; returns ROLL_FORWARD frames. Raises IdentityError if
    opening, movement and closing did not foot to the open items.
    """
    postings = subledger_postings(book, scope=scope) if postings is None else upto(postings, scope.as_of)
    late = closed_period_postings(book, scope=scope, postings=postings)
    before = scope.starts_on - timedelta(days=1)
    mine = postings.merge(
        late.loc[late["side"].eq("sub_ledger").to_numpy(dtype=bool), ["posting_id"]].assign(late=True),
        on="posting_id",
        how="left",
    )
    earlier = (mine["date"] <= pd.Timestamp(before)).to_numpy(dtype=bool)
    is_late = mine["late"].notna().to_numpy(dtype=bool)
    line = mine["line"].mask(earlier & is_late, RollLine.POSTED_TO_CLOSED.value)
    mine = mine.assign(line=line.mask(earlier & ~is_late, RollLine.OPENING.value), total="")
    document = _lines(mine, "document", by="total", currency="currency", amount="amount", scope=scope)

    unvalued = mine[mine["functional_amount"].isna().to_numpy(dtype=bool)]
    controls: tuple[Control, ...] = ()
    functional = by_account = ROLL_FORWARD.empty()
    if len(unvalued):
        controls = (_not_run(unvalued, scope),)
    else:
        books = mine.assign(
            books=scope.functional_currency,
            line=mine["line"].mask(mine["line"].eq(RollLine.CROSS_CURRENCY), RollLine.TRANSFERS.value),
        )
        functional, by_account = (
            _lines(books, "functional", by=by, currency="books", amount="functional_amount", scope=scope)
            for by in ("total", "account")
        )
    identities = _identities(book, scope, document, functional, postings)
    for identity in identities:
        identity.require()
    return RollForward(
        document=document,
        functional=functional,
        by_account=by_account,
        late=late,
        controls=controls,
        identities=identities,
    )


def _lines(
    postings: pd.DataFrame, measure: str, *, by: str, currency: str, amount: str, scope: Scope
) -> pd.DataFrame:
    """Every line of every currency, also the empty ones but for the rare; opening and closing always."""
    sums = postings.groupby([by, currency, "line"], sort=True)[amount].agg(["sum", "count"])
    moved = postings[postings[amount].ne(0).to_numpy(dtype=bool)].groupby([by, currency, "line"]).size()
    rows = []
    for account, unit in sorted({(key[0], key[1]) for key in sums.index}):
        closing = 0
        for number, line in enumerate(LINES, start=1):
            if measure == "document" and line in EXCHANGE:
                continue
            value = int(sums["sum"].get((account, unit, line.value), 0))
            closing += value
            rows.append(
                {
                    "entity": scope.entity,
                    "measure": measure,
                    "account": account,
                    "currency": unit,
                    "line_no": number,
                    "line": line.value,
                    "amount": closing if line is RollLine.CLOSING else value,
                    "count": int(moved.get((account, unit, line.value), 0)),
                }
            )
    return ROLL_FORWARD.typed(pd.DataFrame(rows)) if rows else ROLL_FORWARD.empty()


def line_amount(frame: pd.DataFrame, line: RollLine, *, currency: str, account: str = "") -> int:
    """One figure of a roll-forward, 0 where the line has none."""
    hit = frame["line"].eq(line) & frame["currency"].eq(currency) & frame["account"].eq(account)
    return int(frame.loc[hit.to_numpy(dtype=bool), "amount"].sum())


def _identities(
    book: Book, scope: Scope, document: pd.DataFrame, functional: pd.DataFrame, postings: pd.DataFrame
) -> tuple[Identity, ...]:
    """Closing, and opening with late entries, against the open items of the same day."""
    made = []
    days = [("closing", scope.as_of)]
    if "snapshot" not in book.features:
        days.insert(0, ("opening", scope.starts_on - timedelta(days=1)))
    for name, day in days:
        found = open_items(book, scope=replace(scope, as_of=day, basis=Basis.POSTING))
        at_day = upto(postings, day)
        outstanding = found.groupby("currency")["outstanding"].sum()
        for currency in sorted({*document["currency"], *outstanding.index}):
            made.append(
                Identity(
                    name=f"roll-forward {name} = open items",
                    entity=scope.entity,
                    currency=currency,
                    left_label="roll-forward",
                    left=_at(document, name, currency),
                    right_label="open items",
                    right=int(outstanding.get(currency, 0)),
                )
            )
        if len(functional) and _carrying_is_stated(book, scope):
            carrying = int(found["functional_outstanding"].fillna(0).sum()) + int(found["revaluation"].sum())
            made.append(
                Identity(
                    name=f"roll-forward {name} = open items, carrying amount",
                    entity=scope.entity,
                    currency=scope.functional_currency,
                    left_label="roll-forward",
                    left=int(at_day["functional_amount"].sum()),
                    right_label="open items",
                    right=carrying,
                )
            )
    return tuple(made)


def _at(frame: pd.DataFrame, name: str, currency: str) -> int:
    if name == "closing":
        return line_amount(frame, RollLine.CLOSING, currency=currency)
    return sum(
        line_amount(frame, line, currency=currency) for line in (RollLine.OPENING, RollLine.POSTED_TO_CLOSED)
    )


def _carrying_is_stated(book: Book, scope: Scope) -> bool:
    """Whether every application in a foreign currency says what it carries; else both methods estimate
    apart.
    """
    rows = of_entity(book["applications"], scope.entity)
    return not any(
        bool(
            (
                rows[f"{side}_functional_amount"].isna()
                & rows[f"{side}_currency"].ne(scope.functional_currency)
            ).any()
        )
        for side in ("source", "target")
    )


def _not_run(unvalued: pd.DataFrame, scope: Scope) -> Control:
    first = unvalued.iloc[0]
    return Control(
        name="roll_forward",
        title="Roll-forward in the books' currency",
        entity=scope.entity,
        currency=scope.functional_currency,
        left_label="opening and movement",
        right_label="closing",
        note=f"{len(unvalued)} postings in {first['currency']} carry no amount in "
        f"{scope.functional_currency}, first {first['document_no']}",
    )
