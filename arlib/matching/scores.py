"""How right a result is where the truth is known, over receipts and over receipt-item pairs. Floor 1.

Only the pairs and the decision count. A receipt that the truth does not name cannot be judged and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError
from arlib.matching.bounds import CONFIDENCE, precision_bound

if TYPE_CHECKING:
    import pandas as pd

_KEY = ("entity", "receipt_id", "item_id")


@dataclass(frozen=True, kw_only=True)
class Score:
    """Figures of one group of receipts. Shares are 0 where there is nothing to divide by.

    `precision`, `recall` and `f1` are over receipt-item pairs of all best proposals; `exact_receipts` is the share of receipts
    whose whole item set is right, `auto_coverage` the share decided auto, `auto_precision` the share of those that is wholly
    right, with its one-sided lower bound.
    """

    receipts: int
    precision: float
    recall: float
    f1: float
    exact_receipts: float
    auto_coverage: float
    auto_precision: float
    auto_precision_bound: float
    auto_wrong: int

    def as_dict(self) -> dict[str, float | int]:
        """The figures by name."""
        return asdict(self)


def scores(
    matches: pd.DataFrame, truth: pd.DataFrame, *, confidence: Decimal = CONFIDENCE
) -> dict[str, Score]:
    """Scores of all receipts of the truth ('all') and of each value of each label column ('pool_class=large-pool').

    `matches` are MATCHES; `truth` has receipt_id, item_id, any label columns, and entity where receipt numbers repeat between
    entities. A receipt of `matches` that `truth` does not name raises ParameterError, as does an empty truth.
    """
    with_entity = "entity" in truth.columns
    paid: dict[Any, set[Any]] = {}
    for receipt, item in zip(_receipts(truth, with_entity), truth["item_id"].tolist(), strict=True):
        paid.setdefault(receipt, set()).add(item)
    if not paid:
        raise ParameterError("the truth has no rows", wanted="receipt_id and item_id of at least one receipt")
    found: dict[Any, set[Any]] = {}
    auto: set[Any] = set()
    for receipt, item, decision in zip(
        _receipts(matches, with_entity),
        matches["item_id"].tolist(),
        matches["decision"].tolist(),
        strict=True,
    ):
        if receipt not in paid:
            raise ParameterError(
                "a receipt is not in the truth", found=receipt, wanted="a truth of the same receipts"
            )
        found.setdefault(receipt, set()).add(item)
        if decision == "auto":
            auto.add(receipt)
    made = {"all": _score(paid, paid, found, auto, confidence)}
    receipts = _receipts(truth, with_entity)
    for label in sorted(set(truth.columns) - set(_KEY)):
        values = truth[label].astype("str").fillna("").tolist()
        groups: dict[str, list[Any]] = {}
        for receipt, value in dict(zip(receipts, values, strict=True)).items():
            groups.setdefault(value, []).append(receipt)
        for value in sorted(groups):
            made[f"{label}={value}"] = _score(groups[value], paid, found, auto, confidence)
    return made


def _receipts(frame: pd.DataFrame, with_entity: bool) -> list[Any]:
    ids = frame["receipt_id"].tolist()
    return list(zip(frame["entity"].tolist(), ids, strict=True)) if with_entity else ids


def _score(
    receipts: Iterable[Any],
    paid: Mapping[Any, set[Any]],
    found: Mapping[Any, set[Any]],
    auto: set[Any],
    confidence: Decimal,
) -> Score:
    nothing: set[Any] = set()
    count = both = proposed = true = exact = automatic = right = 0
    for receipt in receipts:
        mine, its = found.get(receipt, nothing), paid[receipt]
        count += 1
        both += len(mine & its)
        proposed += len(mine)
        true += len(its)
        exact += mine == its
        if receipt in auto:
            automatic += 1
            right += mine == its
    precision, recall = _share(both, proposed), _share(both, true)
    return Score(
        receipts=count,
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        exact_receipts=_share(exact, count),
        auto_coverage=_share(automatic, count),
        auto_precision=_share(right, automatic),
        auto_precision_bound=precision_bound(right, automatic, confidence=confidence),
        auto_wrong=automatic - right,
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
