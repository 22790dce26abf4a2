"""Where a customer's balance came from: opening, every kind of movement with its documents, closing. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from arlib.controls import Identity
from arlib.errors import ParameterError
from arlib.ledger.customer.frames import CUSTOMER_ROLL_FORWARD, ROLL_DOCUMENTS
from arlib.ledger.customer.running import LINE_WORDS, own_open_items, running_balance
from arlib.ledger.customer.whose import customer_of
from arlib.ledger.frames_control import RollLine
from arlib.money import total
from arlib.policy import Scope
from arlib.tables import Book

NUMBERS = {line.value: number for number, line in enumerate(RollLine, start=1)}
WORDS = {line.value: words for line, words in LINE_WORDS.items()}
ENDS = (RollLine.OPENING.value, RollLine.CLOSING.value)


@dataclass(frozen=True, kw_only=True)
class RollForward:
    """One customer's roll-forward, by currency, and the documents behind each line."""

    since: date
    as_of: date
    lines: pd.DataFrame  # CUSTOMER_ROLL_FORWARD
    documents: pd.DataFrame  # ROLL_DOCUMENTS
    identities: tuple[Identity, ...]

    def of(self, currency: str, line: str) -> pd.DataFrame:
        """The documents of one line in one currency: ROLL_DOCUMENTS."""
        rows = self.documents
        mine = rows["currency"].eq(currency) & rows["line"].eq(line)
        return rows[mine.to_numpy(dtype=bool)].reset_index(drop=True)


def roll_forward(
    book: Book, *, scope: Scope, since: date, customer_id: str = "", running: pd.DataFrame | None = None
) -> RollForward:
    """From what the customer owed before `since` to what it owes at the as-of date, line by line, by currency.

    A movement of `since` and of the as-of date is inside; the opening is the balance at the end of the day before, as it is
    known now (or at the scope's knowledge date), not as it was when a period was closed. Days are of the scope's basis.
    Lines that nothing moved are left out; opening and closing always show, with the open items of their day as documents.
    `running` is RUNNING_BALANCE of the same scope where it is at hand. Needs and raises what `running_balance` does, and
    ParameterError for a `since` after the as-of date or in a snapshot's past; IdentityError if it did not foot.
    """
    if since > scope.as_of:
        raise ParameterError("since", found=since.isoformat(), wanted=f"a day up to {scope.as_of}")
    code = customer_of(book, customer_id)
    moved = running_balance(book, scope=scope, customer_id=code) if running is None else running
    before = since - timedelta(days=1)
    own = {
        RollLine.OPENING: own_open_items(book, scope=scope, customer_id=code, as_of=before),
        RollLine.CLOSING: own_open_items(book, scope=scope, customer_id=code),
    }
    parts = [_ends(line, rows) for line, rows in own.items()]
    parts.insert(1, moved[moved["day"].ge(pd.Timestamp(since)).to_numpy(dtype=bool)])
    documents = pd.concat([ROLL_DOCUMENTS.typed(part) for part in parts], ignore_index=True)
    documents["line_no"] = documents["line"].map(NUMBERS).astype("Int64")
    documents = documents.sort_values(list(ROLL_DOCUMENTS.key), kind="stable", ignore_index=True)
    lines = _lines(documents, moved)
    identities = _identities(documents, lines, moved, pd.Timestamp(before), scope)
    for identity in identities:
        identity.require()
    return RollForward(
        since=since, as_of=scope.as_of, lines=lines, documents=documents, identities=identities
    )


def _ends(line: RollLine, rows: pd.DataFrame) -> pd.DataFrame:
    """The open items behind the opening or the closing; parts of one item in one row."""
    rows = rows[rows["outstanding"].ne(0).to_numpy(dtype=bool)]
    sums = rows.groupby("item_id", sort=False)["outstanding"].sum()
    first = rows.drop_duplicates("item_id")
    return first.assign(
        line=line.value, day=first["document_date"], amount=sums.reindex(first["item_id"]).astype("Int64").array,
        fact_id=first["item_id"], other_no=None,
        text=first["item_type"].map(lambda kind: f"Open {str(kind).replace('_', ' ')}").astype("str"),
    )  # fmt: skip


def _lines(documents: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """A row for each line that has documents, and for opening and closing of every currency."""
    found = {
        (str(currency), str(line)): (total(rows["amount"]), len(rows))
        for (currency, line), rows in documents.groupby(["currency", "line"], sort=False)
    }
    currencies = {currency for currency, _ in found} | set(moved["currency"])
    for currency in currencies:
        for line in ENDS:
            found.setdefault((currency, line), (0, 0))
    return CUSTOMER_ROLL_FORWARD.from_rows(
        {
            "currency": currency, "line_no": NUMBERS[line], "line": line, "words": WORDS[line],
            "amount": found[currency, line][0], "count": found[currency, line][1],
        }
        for currency, line in sorted(found, key=lambda key: (key[0], NUMBERS[key[1]]))
    )  # fmt: skip


def _identities(
    documents: pd.DataFrame, lines: pd.DataFrame, moved: pd.DataFrame, before: pd.Timestamp, scope: Scope
) -> tuple[Identity, ...]:
    """By currency: the opening as the running balance has it, and opening with all movements = closing."""
    made = []
    for currency in dict.fromkeys(lines["currency"]):
        rows = documents[documents["currency"].eq(currency).to_numpy(dtype=bool)]
        ends = {line: total(rows.loc[rows["line"].eq(line), "amount"]) for line in ENDS}
        between = total(rows.loc[~rows["line"].isin(ENDS), "amount"])
        mine = moved[moved["currency"].eq(currency).to_numpy(dtype=bool)]
        earlier = total(mine.loc[mine["day"].le(before).to_numpy(dtype=bool), "amount"])
        for name, left, right in (
            ("opening", earlier, ends[RollLine.OPENING.value]),
            ("closing", ends[RollLine.OPENING.value] + between, ends[RollLine.CLOSING.value]),
        ):
            made.append(Identity(
                name=f"customer's roll-forward, {name}", left_label="movements", left=left, right_label="open items",
                right=right, currency=str(currency), entity=scope.entity,
            ))  # fmt: skip
    return tuple(made)
