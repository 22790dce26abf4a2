"""Which documents a payment names: in its advice lines, else in the texts of bank line and receipt. Floor 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from arlib.ledger.facts import Bools
from arlib.matching.references.tokens import plain_number

FIELDS = ("document_no", "purchase_order", "order_no", "delivery_no")
_INVOICE = re.compile(  # a word for an invoice, and a number behind it
    r"(?<![A-Z])(?:INVOICES?|INV|BILL|RECHNUNG|RGN?R?|RE|FACTURES?|FACTURA|FACT?|FATTURA|FAKTURA)(?![A-Z])"
    r"[\s.:#/-]*(?:(?:NO|NR|NUM|NUMBER|N°)[\s.:#/-]*)?[A-Z]{0,4}[-/]?[0-9]{4,}",
    re.IGNORECASE,
)
SHORTEST_DIGITS = 5  # digits alone name a document only where they are too many to be there by accident
SHORTEST = 4
_DIGITS = re.compile(r"[^0-9]")
_SPLIT = re.compile(r"[\s,;|+&]+|/{2,}")


@dataclass(frozen=True)
class Numbers:
    """The numbers of the books' documents: which items bear each, as letters and digits, or as digits alone."""

    whole: dict[str, frozenset[str]]
    digits: dict[str, frozenset[str]]

    def items(self, text: str) -> frozenset[str]:
        """The items that one reference names; empty where the books know no such number."""
        key = plain_number(text)
        if len(key) < SHORTEST:
            return frozenset()
        found = self.whole.get(key)
        if found is not None:
            return found
        bare = key.lstrip("0") if key.isdigit() else ""
        return self.digits.get(bare, frozenset()) if len(bare) >= SHORTEST_DIGITS else frozenset()

    def in_text(self, text: str) -> frozenset[str]:
        """The items that a free text names: by one of its words, or by two that stand together."""
        words = [word for word in _SPLIT.split(text) if word][:200]
        found: set[str] = set()
        for word, after in zip(words, [*words[1:], ""], strict=True):
            if any(sign.isdigit() for sign in word + after):
                found |= self.items(word)
                if (
                    after
                    and any(sign.isdigit() for sign in after)
                    and not any(sign.isdigit() for sign in word)
                ):
                    found |= self.items(word + after)
        return frozenset(found)


def numbers_of(items: pd.DataFrame, texts: Iterable[str]) -> Numbers:
    """The numbers of ITEMS that any of `texts` might write. Only those are kept, so a large ledger costs a pass or two."""
    asked: set[str] = set()
    for text in texts:
        words = [word for word in _SPLIT.split(text) if word][:200]
        asked.add(plain_number(text))
        asked |= {plain_number(word) for word in words}
        asked |= {plain_number(one + two) for one, two in pairwise(words)}
    asked.discard("")
    bare = {key.lstrip("0") for key in asked if key.isdigit()}
    whole: dict[str, set[str]] = {}
    digits: dict[str, set[str]] = {}
    for name in FIELDS if asked else ():
        held = items[["item_id", name]].dropna()
        held = held[_may_be(held[name], asked, bare)]
        for item, number in zip(held["item_id"], held[name], strict=True):
            key = plain_number(str(number))
            if key in asked:
                whole.setdefault(key, set()).add(str(item))
            only = _DIGITS.sub("", key).lstrip("0")
            if only in bare:
                digits.setdefault(only, set()).add(str(item))
    return Numbers(
        {key: frozenset(found) for key, found in whole.items()},
        {key: frozenset(found) for key, found in digits.items()},
    )


def _may_be(numbers: pd.Series, asked: set[str], bare: set[str]) -> Bools:
    """Which numbers may be asked for: a quick look at plain letters and digits; any other writing is looked at in full."""
    plain = numbers.str.upper().str.replace(r"[^0-9A-Z]", "", regex=True)
    only = plain.str.replace(r"[^0-9]", "", regex=True).str.lstrip("0")
    is_plain = numbers.str.isascii()
    return (plain.isin(asked) | only.isin(bare) | ~is_plain).to_numpy(dtype=bool)


def names_a_document(text: str) -> bool:
    """Whether a text names an invoice by word and number (`INV 35506`), whether the books know it or not."""
    return _INVOICE.search(text) is not None


@dataclass(frozen=True)
class Advice:
    """A line of a remittance advice: what it names, and its net amount where it says one."""

    line: str
    items: frozenset[str]
    net: int | None
    currency: str
    is_unknown: bool = False  # it names a number, and the books do not know it


def advices_of(remittances: pd.DataFrame, numbers: Numbers) -> dict[str, list[Advice]]:
    """Advice lines by receipt, in the order of their ids. Needs REMITTANCES that carry a receipt_id."""
    made: dict[str, list[Advice]] = {}
    ordered = remittances.sort_values("remittance_id", kind="stable")
    columns = (ordered[name] for name in ("receipt_id", "remittance_id", "reference", "net", "currency"))
    for receipt, line, reference, net, currency in zip(*columns, strict=True):
        named = numbers.items(reference) if isinstance(reference, str) else frozenset()
        made.setdefault(str(receipt), []).append(
            Advice(
                str(line),
                named,
                None if pd.isna(net) else int(net),
                str(currency),
                is_unknown=not named
                and isinstance(reference, str)
                and any(sign.isdigit() for sign in reference),
            )
        )
    return made


def said(*texts: object) -> Iterator[str]:
    """Those of the texts that say something, each once."""
    seen: set[str] = set()
    for text in texts:
        if isinstance(text, str) and text.strip() and text not in seen:
            seen.add(text)
            yield text
