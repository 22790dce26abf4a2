"""Our balance of a statement's day by another date than documents have, and what makes the two differ. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from arlib.credit.write_off.words import day, money
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import counted, of_entity
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import Basis, Scope
from arlib.sources.pasted.result import Pasted
from arlib.tables import Book
from arlib.tables.rows import records, text

MOST_NAMED = 4  # documents that the sentence names of those which another date takes in


def by_posting(book: Book, *, scope: Scope, pasted: Pasted) -> Mapping[str, str]:
    """In words, by currency: our balance of the statement's day by posting date where that is another, and what makes it so.

    The reconciliation takes document dates, since a customer knows no others; the books' view may take posting dates.
    """
    day_ = pasted.statement_date
    if scope.basis is Basis.EFFECTIVE or day_ is None:
        return {}
    views = {basis: replace(scope, as_of=day_, basis=basis) for basis in Basis}
    sums = {
        basis: _balances(book, scope=view, customer_id=pasted.customer_id) for basis, view in views.items()
    }
    items = of_entity(book["items"], scope.entity)
    codes = merged_codes(items["customer_id"].fillna(""), book, entity=scope.entity, on=day_)
    items = items[codes.eq(pasted.customer_id).to_numpy(dtype=bool)]
    dated, posted = (counted(items, scope=views[basis]) for basis in (Basis.EFFECTIVE, Basis.POSTING))
    made = {}
    for code in sorted({*sums[Basis.POSTING], *sums[Basis.EFFECTIVE]}):
        ours, other = sums[Basis.POSTING].get(code, 0), sums[Basis.EFFECTIVE].get(code, 0)
        if ours == other:
            continue
        own = items["currency"].eq(code).to_numpy(dtype=bool)
        without, more = items[own & dated & ~posted], items[own & posted & ~dated]
        rest = ours - other + total(without["amount"]) - total(more["amount"])
        said = [f"without {_listed(without, 'posted', 'posting_date')}"] if len(without) else []
        said += [f"with {_listed(more, 'dated', 'effective_date')}"] if len(more) else []
        said += [f"{money(rest, code)} by applications of other days"] if rest else []
        made[code] = f" (by document date; by posting date {money(ours, code)}, {', '.join(said)})"
    return made


def _balances(book: Book, *, scope: Scope, customer_id: str) -> dict[str, int]:
    rows = open_items(book, scope=scope)
    own = rows[rows["customer_id"].eq(customer_id).to_numpy(dtype=bool)]
    return {str(code): total(mine["outstanding"]) for code, mine in own.groupby("currency", sort=True)}


def _listed(items: pd.DataFrame, word: str, column: str) -> str:
    """The first of the documents, each with its day."""
    rows = items.sort_values([column, "item_id"], kind="stable")
    named = [
        f"{text(row['document_no']) or row['item_id']} {word} {day(row[column])}" for row in records(rows.head(MOST_NAMED))
    ]  # fmt: skip
    return ", ".join(named) + (f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else "")
