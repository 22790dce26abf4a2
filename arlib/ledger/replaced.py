"""Which items an item carries on: through residual, chargeback and rebill back to the first document. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping

from arlib.ledger.facts import of_entity
from arlib.tables import Book


def carried_items(book: Book, *, entity: str) -> Mapping[str, tuple[str, ...]]:
    """The items that each item carries on (`replaces`), nearest first; items that carry on nothing are not there.

    What a record says of an item that was replaced (a dispute, a hold, a security) is true of the item that carries it
    on. A chain that comes back to itself ends where it does. Needs ITEMS.
    """
    items = of_entity(book["items"], entity)
    given = items[(items["replaces"].notna() & items["replaces"].ne("")).to_numpy(dtype=bool)]
    before = {str(item): str(old) for item, old in zip(given["item_id"], given["replaces"], strict=True)}
    made: dict[str, tuple[str, ...]] = {}
    for item in before:
        chain = [item]
        while (old := before.get(chain[-1])) is not None and old not in chain:
            chain.append(old)
        made[item] = tuple(chain[1:])
    return made
