"""Find a customer by whatever somebody has in hand: a code, a name with a typo, a number, an amount. Floor 1.

    text       how texts are compared                  folded, read_query
    keys       codes and numbers, whole, begun, inside Keys
    names      names with typos                        Names
    amounts    exact amounts                           Amounts, amounts_meant
    frames     the answer's table                      SEARCH_HITS
    standing   each customer's balance, filters        Standing, Narrowing
    entity     one entity's index                      EntitySearch
    index      all entities                            SearchIndex, Found

Nothing that a user types is ever a pattern.
"""

from arlib.ledger.search.entity import EntitySearch
from arlib.ledger.search.frames import SEARCH_HITS
from arlib.ledger.search.index import Found, SearchIndex
from arlib.ledger.search.standing import Narrowing, Standing

__all__ = ["SEARCH_HITS", "EntitySearch", "Found", "Narrowing", "SearchIndex", "Standing"]
