"""Portfolio movements: accounts that changed collector in the quarter. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.targets import words
from arlib.collect.targets.frames import PORTFOLIO_MOVED, PORTFOLIO_MOVES
from arlib.collect.targets.frozen import Frozen
from arlib.controls import Identity
from arlib.ledger.attributes import customer_attributes
from arlib.money import total
from arlib.policy import AttributesAt, Scope
from arlib.tables import Book
from arlib.tables.rows import frame_of, records


def portfolio_moves(
    book: Book, *, start: Frozen, scope: Scope
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Identity, ...]]:
    """PORTFOLIO_MOVES by collector, PORTFOLIO_MOVED by account, both sorted by key, and that what went came.

    An account moved when its collector at the as-of date is another one than at the end of the day before the quarter; moves
    there and back are none. Amounts are its open debits at the start of the quarter in the books' currency; an account without
    any counts with 0, one whose currency has no closing rate too. Companies of the group are out. Uses CUSTOMERS and
    CUSTOMER_HISTORY; without history nothing moved.
    """
    before = _accounts(start.position.attributes)
    after = _accounts(customer_attributes(book, on=scope.as_of, at=AttributesAt.AS_OF, entity=scope.entity))
    both = before.join(after["collector"].rename("to_collector"), how="inner").rename(
        columns={"collector": "from_collector"}
    )
    changed = both[both["from_collector"].ne(both["to_collector"]).to_numpy(dtype=bool)]
    held = start.debits.groupby("customer_id")["books_amount"].sum()
    since = _since(book, scope)
    currency = start.position.currency
    rows = [
        {
            "entity": scope.entity, "customer_id": code, "name": row["name"], "from_collector": row["from_collector"],
            "to_collector": row["to_collector"], "moved_on": since.get((code, row["to_collector"])), "currency": currency,
            "amount": int(held.get(code, 0)),
        }
        for code, row in zip(changed.index, records(changed), strict=True)
    ]  # fmt: skip
    moved = frame_of(PORTFOLIO_MOVED, rows)
    moves = _by_collector(moved, start, scope)
    return moves, moved, _identities(moves, scope)


def _accounts(attributes: pd.DataFrame) -> pd.DataFrame:
    """Name and collector by customer, the group's own left out; an account of the entity before one of all."""
    rows = attributes[(~attributes["is_intercompany"].fillna(False)).to_numpy(dtype=bool)]
    rows = rows.sort_values("entity", kind="stable", na_position="first").drop_duplicates(
        "customer_id", keep="last"
    )
    return rows.assign(collector=rows["collector"].fillna("")).set_index("customer_id")[["name", "collector"]]


def _since(book: Book, scope: Scope) -> dict[tuple[str, str], pd.Timestamp]:
    """The last day up to the as-of date on which an account came to a collector."""
    rows = book["customer_history"]
    mine = rows["entity"].eq(scope.entity) | rows["entity"].fillna("").eq("")
    rows = rows[mine & rows["attribute"].eq("collector") & rows["valid_from"].le(pd.Timestamp(scope.as_of))]
    rows = rows.sort_values("valid_from", kind="stable")
    return dict(
        zip(zip(rows["customer_id"], rows["value"].fillna(""), strict=True), rows["valid_from"], strict=True)
    )


def _by_collector(moved: pd.DataFrame, start: Frozen, scope: Scope) -> pd.DataFrame:
    currency = start.position.currency
    base = start.debits.groupby("collector").agg(n=("customer_id", "nunique"), amount=("books_amount", "sum"))
    out, came = (
        moved.groupby(f"{way}_collector").agg(n=("customer_id", "size"), amount=("amount", "sum")) for way in ("from", "to")
    )  # fmt: skip
    rows = []
    for name in sorted({*base.index, *out.index, *came.index}):
        row = {"entity": scope.entity, "collector": name, "currency": currency}
        for frame, way in ((base, "at_start"), (out, "out"), (came, "in")):
            has = name in frame.index
            row[f"accounts_{way}"] = int(frame.loc[name, "n"]) if has else 0
            row[f"amount_{way}"] = int(frame.loc[name, "amount"]) if has else 0
        row["net"] = row["amount_in"] - row["amount_out"]
        rows.append(row | {"what": words.moved(row, currency)})
    return frame_of(PORTFOLIO_MOVES, rows)


def _identities(moves: pd.DataFrame, scope: Scope) -> tuple[Identity, ...]:
    pairs = (("accounts", ""), ("amount", scope.functional_currency))
    return tuple(
        Identity(
            name=f"portfolio movements, {what}", left_label="came in", left=total(moves[f"{what}_in"]),
            right_label="went out", right=total(moves[f"{what}_out"]), currency=currency, entity=scope.entity,
        )
        for what, currency in pairs
    )  # fmt: skip
