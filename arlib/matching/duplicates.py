"""Payments that came twice, and which items a text names by a number of theirs. Floor 1."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence

from arlib.matching import payment_words as words
from arlib.matching.columns import texts
from arlib.matching.facts import Facts, plain
from arlib.matching.pool import REFERENCE_FIELDS

WITHIN = 30  # days in which the same payment with the same numbers in its text is looked at as a second one
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{1,63}", re.ASCII)


def same_payments(facts: Facts, *, skipped: Container[int]) -> list[list[int]]:
    """Receipts alike in payer, amount, currency and text, in groups of two or more, by day."""
    frame = facts.pool.receipts.frame
    names = ("entity", "customer_id", "payer_account", "payer_name", "remittance_text")
    entities, customers, accounts, payers, said = (texts(frame, name) for name in names)
    alike: dict[tuple[object, ...], list[int]] = {}
    for row, cash in enumerate(facts.cash):
        if cash > 0 and row not in skipped:
            key = (entities[row], customers[row], facts.receipt_money[row], cash)
            alike.setdefault(key, []).append(row)
    groups: dict[tuple[object, ...], list[int]] = {}
    for same, rows in alike.items():
        for row in rows if len(rows) > 1 else ():
            payer = plain(accounts[row]) or plain(payers[row])
            groups.setdefault((*same, payer, plain(words.cut(said[row]))), []).append(row)
    return [sorted(rows, key=lambda r: (facts.paid_on[r], r)) for rows in groups.values() if len(rows) > 1]


def beyond_capacity(
    facts: Facts, group: list[int], named: Mapping[int, Sequence[int]], account: int
) -> list[tuple[int, int]]:
    """(receipt, earlier receipt) for those of a group that the open items cannot take beside the earlier ones.

    The items are those that the text names, else all of the account. Without any open item nothing is called a duplicate.
    """
    text = texts(facts.pool.receipts.frame.iloc[group[:1]], "remittance_text")[0]
    reach = WITHIN if any(letter.isdigit() for letter in text) and len(plain(text)) > 2 else 0
    # a text may name one item twice
    items = sorted(set(named.get(group[0]) or facts.items_of(account)))
    money = facts.receipt_money[group[0]]
    room = sum(facts.open[item] for item in items if facts.item_money[item] == money and facts.open[item] > 0)
    if not room:
        return []
    found = []
    kept = [group[0]]
    for row in group[1:]:
        near = [one for one in kept if facts.paid_on[row] - facts.paid_on[one] <= reach]
        if near and (len(kept) + 1) * facts.cash[row] > room:
            found.append((row, near[-1]))
        else:
            kept.append(row)
    return found


def named_items(facts: Facts, rows: Sequence[int]) -> dict[int, list[int]]:
    """Items that the texts of these receipts name by a number of theirs, without case and punctuation."""
    if not rows:
        return {}
    columns = [texts(facts.pool.receipts.frame, name) for name in ("remittance_text", "reference")]
    tokens: dict[int, set[str]] = {}
    for row in rows:
        said = (token for column in columns for token in _TOKEN.findall(words.cut(column[row])))
        tokens[row] = {plain(token) for token in said if any(letter.isdigit() for letter in token)}
    wanted = set().union(*tokens.values())
    by_token: dict[str, list[int]] = {}
    for name in REFERENCE_FIELDS:
        column = facts.pool.items.frame[name]
        some = column.dropna()
        even = some.str.upper().str.replace(r"[^A-Z0-9]", "", regex=True)
        for item, token in even[even.isin(sorted(wanted))].items():
            by_token.setdefault(str(token), []).append(int(str(item)))
    return {
        row: sorted({item for token in sorted(mine) for item in by_token.get(token, [])})
        for row, mine in tokens.items()
    }
