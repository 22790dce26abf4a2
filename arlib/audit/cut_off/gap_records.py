"""What the books say of a number that no document has: rejected on its way, in the ledger only, or nothing. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from arlib.audit.cut_off.frames import GAPS, Grade
from arlib.audit.cut_off.numbers import normal
from arlib.ledger.facts import Ints, ints, of_entity
from arlib.policy import Scope
from arlib.tables import Book

_MOST_NAMED = 5  # documents that a sentence names


def explained_gaps(
    gaps: Iterable[dict[str, Any]], numbered: pd.DataFrame, book: Book, *, scope: Scope
) -> pd.DataFrame:
    """GAPS with what a record says of each, sorted by their key.

    In this order: a ledger line names a missing number, which is an exception, since the ledger has a document that the
    sub-ledger lost. Or all missing numbers stand under another prefix whose own numbers are no sequence and are never used
    twice: one counter, two prefixes. Or, where numbers run with dates or the documents on either side are of one day,
    billing batches transferred between the days of the documents on either side (those days inside) rejected at least as
    many documents as are missing; each rejected document explains one number. Transfers hold no numbers, so that is what may
    have happened, and the sentence says so. `gaps` are those of `numbering.gaps_of`, `numbered` the parsed documents with
    their range. Uses BILLING_TRANSFERS and GL_LINES.
    """
    records = _Records(numbered, book, scope)
    given = list(gaps)
    keys = normal(pd.Series([gap["from_no"] for gap in given], dtype="str")).tolist()
    rows = [{**gap, **records.said({**gap, "key": key})} for gap, key in zip(given, keys, strict=True)]
    return GAPS.from_rows(rows).sort_values(["series", "from_no"], kind="stable", ignore_index=True)


class _Records:
    """What may explain a missing number; a rejected document explains one number only."""

    def __init__(self, numbered: pd.DataFrame, book: Book, scope: Scope) -> None:
        transfers = of_entity(book["billing_transfers"], scope.entity)
        rows = transfers[transfers["rejected_documents"].fillna(0).gt(0).to_numpy(dtype=bool)]
        self.rejected = rows.sort_values(
            ["transferred_on", "batch_id", "stage"], kind="stable", ignore_index=True
        )
        self.left = [int(count) for count in self.rejected["rejected_documents"]]
        self.has_transfers = book.has("billing_transfers")
        ledger = of_entity(book["gl_lines"], scope.entity).drop_duplicates("document_no")
        named = pd.DataFrame(
            {
                "key": normal(ledger["document_no"]),
                "number": ledger["document_no"],
                "journal": ledger["journal_id"],
            }
        )
        self.by_key, self.by_fixed = _looked_up(named[named["key"].ne("")])
        self.numbered = numbered
        self.others = self._other_prefixes()
        self.other_numbers = self.others["number"].to_numpy(dtype=np.int64)
        self.days = self.rejected["transferred_on"].to_numpy()

    def said(self, gap: dict[str, Any]) -> dict[str, Any]:
        """Grade and finding of one gap."""
        if lost := self._in_ledger(gap):
            return {"grade": Grade.EXCEPTION.value,
                    "finding": f"the ledger names {_named(lost)}; the sub-ledger has no such document"}  # fmt: skip
        if others := self._under_another_prefix(gap):
            return {"grade": Grade.EXPLAINED.value,
                    "finding": f"one counter serves two prefixes: {_named(others)}"}  # fmt: skip
        has_days = gap["runs_with_dates"] or gap["after_on"] == gap["before_on"]
        if has_days and (batches := self._batches(gap)):
            said = f"as many documents were rejected in billing batch {_named(batches)}"
            return {"grade": Grade.EXPLAINED.value, "finding": f"{said}: see that their numbers are these"}
        if not self.has_transfers:
            why = "no ledger line names it; billing transfers, which would show rejected documents, were not given"
        elif not has_days:
            why = "no ledger line names it; numbers do not run with dates, so no rejected document can be set beside it"
        else:
            why = "no rejected document and no ledger line accounts for it"
        return {"grade": Grade.EXCEPTION.value, "finding": why}

    def _in_ledger(self, gap: dict[str, Any]) -> list[str]:
        """Documents that the ledger names with a missing number and the fixed part of the series."""
        key = str(gap["key"])
        fixed = key.removesuffix(str(gap["low"]))
        if fixed == key:  # something stands behind the digits: only the number itself can be looked up
            return self.by_key.get(key, [])
        if fixed not in self.by_fixed:
            return []
        counters, said = self.by_fixed[fixed]
        low, high = np.searchsorted(counters, [gap["low"], gap["high"] + 1]).tolist()
        return said[low:high]

    def _other_prefixes(self) -> pd.DataFrame:
        """Documents of ranges that are no sequence, of which no number is used in another range too."""
        own = self.numbered
        used = own.loc[own["is_sequence"].to_numpy(dtype=bool), "number"]
        odd = own[~own["is_sequence"].to_numpy(dtype=bool)]
        twice = odd["number"].isin(used) | odd["number"].duplicated(keep=False)
        bad = set(odd.loc[twice.to_numpy(dtype=bool), "range"])
        kept = odd[~odd["range"].isin(bad)]
        many = kept.groupby("range")["number"].transform("size").ge(2)
        return kept[many.to_numpy(dtype=bool)].sort_values("number", kind="stable", ignore_index=True)

    def _under_another_prefix(self, gap: dict[str, Any]) -> list[str]:
        low, high = np.searchsorted(self.other_numbers, [gap["low"], gap["high"] + 1]).tolist()
        if high - low != gap["missing"]:
            return []
        return [str(number) for number in self.others["document_no"].iloc[low:high]]

    def _batches(self, gap: dict[str, Any]) -> list[str]:
        """Batches that rejected documents between the neighbours' days, whose rejections no other gap has used up."""
        first, last = sorted((gap["after_on"], gap["before_on"]))
        start = int(np.searchsorted(self.days, np.datetime64(first), side="left"))
        end = int(np.searchsorted(self.days, np.datetime64(last), side="right"))
        need, used, named = int(gap["missing"]), [], []
        for at in range(start, end):
            if need and self.left[at]:
                taken = min(need, self.left[at])
                need -= taken
                used.append((at, taken))
                named.append(
                    f"{self.rejected['batch_id'][at]} of {self.rejected['transferred_on'][at]:%Y-%m-%d}"
                )
        if need:
            return []
        for at, taken in used:
            self.left[at] -= taken
        return named


def _looked_up(named: pd.DataFrame) -> tuple[dict[str, list[str]], dict[str, tuple[Ints, list[str]]]]:
    """The ledger's numbers by themselves, and by what is fixed in them with what counts up in ascending order."""
    parts = named["key"].str.extract(r"^(.*?)([0-9]{1,18})$")
    rows = named.assign(
        fixed=parts[0],
        counter=parts[1].astype("Int64"),
        said=named["number"] + " (journal " + named["journal"] + ")",
    )
    by_key = {str(key): part.tolist() for key, part in rows.groupby("key")["said"]}
    counted = rows[rows["counter"].notna().to_numpy(dtype=bool)].sort_values("counter", kind="stable")
    by_fixed = {
        str(fixed): (ints(part["counter"]), part["said"].tolist()) for fixed, part in counted.groupby("fixed")
    }
    return by_key, by_fixed


def _named(parts: list[str]) -> str:
    more = f" and {len(parts) - _MOST_NAMED} more" if len(parts) > _MOST_NAMED else ""
    return ", ".join(parts[:_MOST_NAMED]) + more
