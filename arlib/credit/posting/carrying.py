"""What a movement of an item is in the books' currency: its share of the item's carrying amount. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from arlib.money import times

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str, str]


class Carrying:
    """Open items of OPEN_ITEMS by (entity, item): side of the ledger, number, customer, and the books' amount of a movement.

    Movements of one item share out its carrying amount cumulatively, so that those that clear it take the carrying amount
    whole, to the cent. `functional` is the books' currency by entity.
    """

    def __init__(self, open_items: pd.DataFrame, functional: dict[str, str]) -> None:
        """Sum the due parts of each item."""
        self.functional = functional
        self.rows: dict[Key, dict[str, Any]] = {}
        self._open: dict[Key, int] = defaultdict(int)
        self._books: dict[Key, int | None] = defaultdict(int)
        self._moved: dict[Key, int] = defaultdict(int)
        columns = ("entity", "item_id", "customer_id", "document_no", "item_type", "currency")
        amounts = ("outstanding", "functional_outstanding")
        for row in open_items[[*columns, *amounts]].astype(object).to_dict("records"):
            key = (str(row["entity"]), str(row["item_id"]))
            held = {
                name: "" if row[name] != row[name] or row[name] is None else row[name] for name in columns
            }
            self.rows.setdefault(key, {str(name): value for name, value in held.items()})
            self._open[key] += int(row["outstanding"])
            own, before = row["functional_outstanding"], self._books[key]
            self._books[key] = None if _is_none(own) or before is None else before + int(own)

    def outstanding(self, key: Key) -> int | None:
        """What is open on the item, None where the item is not open."""
        return self._open.get(key)

    def movement(self, key: Key, amount: int, currency: str) -> int | None:
        """The books' amount of `amount` of the item (its own sign), None where the carrying amount is not known."""
        home = self.functional.get(key[0], "")
        if home == currency:
            return amount
        whole, books = self._open.get(key, 0), self._books.get(key)
        if not home or not whole or books is None:
            return None
        before = self._moved[key]
        self._moved[key] = before + amount
        rate = Fraction(books, whole)
        return times(before + amount, rate) - times(before, rate)

    def rate(self, key: Key) -> Fraction | None:
        """The carrying rate of an item, books' minor units for one of the document; None where it is not known."""
        whole, books = self._open.get(key, 0), self._books.get(key)
        return Fraction(books, whole) if whole and books is not None else None


def _is_none(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))
