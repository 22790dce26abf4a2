"""Measures of a matching run by the definitions of the field, and the fingerprints that two runs are compared by. Floor 1.

Hit rates are not comparable between sellers, since each counts something else. Here all are counted side by side:

    envelope rate   receipts applied automatically, of all receipts (a receipt with thirty lines counts once)
    line rate       receipt-item lines applied automatically, of all lines; a receipt without a proposal counts as one line
    value rate      money applied automatically, of all money received, for each currency; money returned is left out
    ambiguity rate  receipts that more than one way explains, of all receipts

Each rate has a twin that counts suggested proposals as well. Applied means set against items: what is left of a receipt does
not count. With a truth the scores of `arlib.matching.scores` stand beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from arlib.matching.bounds import CONFIDENCE
from arlib.matching.fingerprint import content_hash, result_hash
from arlib.matching.scores import Score, scores
from arlib.money import format_minor, total

if TYPE_CHECKING:
    import pandas as pd

    from arlib.matching.result import MatchResult


@dataclass(frozen=True, kw_only=True)
class Money:
    """Money of one currency in minor units. `received` is what came in, returned money left out."""

    received: int
    applied_auto: int
    applied: int  # auto and suggested
    unmatched: int  # what no item takes, of what came in
    returned: int  # receipts below zero, negative


@dataclass(frozen=True, kw_only=True)
class Measures:
    """Counts of one run; the rates are properties, None where there is nothing to divide by.

    `lines` counts each receipt without a proposal as one. `result_hash` is over all of MATCHES and UNMATCHED, ids and texts
    included: the same input gives the same one. `content_hash` leaves ids, names and texts out: it is the same too when
    customers, documents and receipts are renamed.
    """

    receipts: int
    receipts_proposed: int
    receipts_auto: int
    receipts_ambiguous: int
    lines: int
    lines_proposed: int
    lines_auto: int
    money: Mapping[str, Money]  # by currency, in the order of their codes
    statuses: Mapping[str, int]  # status of UNMATCHED to receipts
    result_hash: str
    content_hash: str
    scores: Mapping[str, Score] = field(
        default_factory=dict
    )  # 'all' and each label, where the truth was given

    @property
    def envelope_rate(self) -> float | None:
        """Share of receipts applied automatically."""
        return _share(self.receipts_auto, self.receipts)

    @property
    def envelope_rate_proposed(self) -> float | None:
        """Share of receipts with a proposal, applied or suggested."""
        return _share(self.receipts_proposed, self.receipts)

    @property
    def line_rate(self) -> float | None:
        """Share of lines applied automatically."""
        return _share(self.lines_auto, self.lines)

    @property
    def line_rate_proposed(self) -> float | None:
        """Share of lines applied or suggested."""
        return _share(self.lines_proposed, self.lines)

    @property
    def ambiguity_rate(self) -> float | None:
        """Share of receipts that more than one way explains."""
        return _share(self.receipts_ambiguous, self.receipts)

    @property
    def value_rates(self) -> dict[str, float | None]:
        """Share of the money received that is applied automatically, by currency; currencies are never added."""
        return {
            currency: _share(money.applied_auto, money.received) for currency, money in self.money.items()
        }

    @property
    def value_rates_proposed(self) -> dict[str, float | None]:
        """Share of the money received that is applied or suggested, by currency."""
        return {currency: _share(money.applied, money.received) for currency, money in self.money.items()}


def measures(
    result: MatchResult, *, truth: pd.DataFrame | None = None, confidence: Decimal = CONFIDENCE
) -> Measures:
    """The measures of a run; with `truth` (receipt_id, item_id, labels) its scores as well.

    `confidence` is that of the bound of the automatic precision.
    """
    matches, unmatched, receipts = result.matches, result.unmatched, result.pool_receipts
    key = ["entity", "receipt_id"]
    first = matches[~matches.duplicated(key)]
    is_auto = matches["decision"].eq("auto")
    ambiguous = int(first["explanations"].ge(2).sum()) + int(unmatched["reason"].eq("ambiguous").sum())
    return Measures(
        receipts=len(receipts),
        receipts_proposed=len(first),
        receipts_auto=int(first["decision"].eq("auto").sum()),
        receipts_ambiguous=ambiguous,
        lines=len(matches) + len(receipts) - len(first),
        lines_proposed=len(matches),
        lines_auto=int(is_auto.sum()),
        money=_money(matches, is_auto, unmatched, receipts),
        statuses={str(name): int(n) for name, n in unmatched.groupby("status", sort=True).size().items()},
        result_hash=result_hash(result),
        content_hash=content_hash(result),
        scores={} if truth is None else scores(matches, truth, confidence=confidence),
    )


def summary(result: MatchResult, measured: Measures) -> dict[str, Any]:
    """A run as data for a file: only texts, whole numbers, shares, lists and dictionaries; money as plain decimal text."""
    return {
        "receipts": {
            "all": measured.receipts,
            "proposed": measured.receipts_proposed,
            "auto": measured.receipts_auto,
            "ambiguous": measured.receipts_ambiguous,
            "unmatched": dict(measured.statuses),
        },
        "lines": {"all": measured.lines, "proposed": measured.lines_proposed, "auto": measured.lines_auto},
        "rates": {
            "envelope": measured.envelope_rate,
            "envelope_proposed": measured.envelope_rate_proposed,
            "line": measured.line_rate,
            "line_proposed": measured.line_rate_proposed,
            "value": measured.value_rates,
            "value_proposed": measured.value_rates_proposed,
            "ambiguity": measured.ambiguity_rate,
        },
        "money": {
            currency: {
                name: format_minor(getattr(money, name), currency)
                for name in ("received", "applied_auto", "applied", "unmatched", "returned")
            }
            for currency, money in measured.money.items()
        },
        "rules": [_plain(row) for row in result.rules.to_dict("records")],
        "identities": [
            {
                "name": one.name,
                "currency": one.currency,
                "left_label": one.left_label,
                "left": format_minor(one.left, one.currency) if one.currency else str(one.left),
                "right_label": one.right_label,
                "right": format_minor(one.right, one.currency) if one.currency else str(one.right),
                "holds": one.holds,
            }
            for one in result.identities
        ],
        "scores": {name: score.as_dict() for name, score in measured.scores.items()},
        "result_hash": measured.result_hash,
        "content_hash": measured.content_hash,
    }


def _money(
    matches: pd.DataFrame, is_auto: pd.Series, unmatched: pd.DataFrame, receipts: pd.DataFrame
) -> dict[str, Money]:
    came, went = receipts[receipts["amount"].gt(0)], receipts[receipts["amount"].lt(0)]
    key = ["entity", "receipt_id"]
    if len(went):
        back = went[key].assign(is_back=True)
        of_return = matches[key].merge(back, on=key, how="left")["is_back"].notna().to_numpy()
        matches, is_auto = matches[~of_return], is_auto[~of_return]
    left = unmatched[unmatched["amount"].gt(0)]
    made = {}
    for currency in sorted(set(receipts["currency"])):
        mine = matches["receipt_currency"].eq(currency)
        made[str(currency)] = Money(
            received=total(came.loc[came["currency"].eq(currency), "amount"]),
            applied_auto=total(matches.loc[mine & is_auto, "receipt_amount"]),
            applied=total(matches.loc[mine, "receipt_amount"]),
            unmatched=total(left.loc[left["currency"].eq(currency), "unapplied_amount"]),
            returned=total(went.loc[went["currency"].eq(currency), "amount"]),
        )
    return made


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row without pandas' own values: missing is None, numbers and flags are Python's."""
    import pandas as pd

    made: dict[str, Any] = {}
    for name, value in row.items():
        if pd.isna(value):
            made[str(name)] = None
        else:
            made[str(name)] = value.item() if hasattr(value, "item") else value
    return made


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
