"""How often each rule was right where the truth is known, and which rules may therefore apply by themselves. Floor 1.

What is measured is what the decision is about: receipts that only the standing of their rule keeps from being applied (one
explanation, nothing that holds them). A receipt is right when its whole item set is. Receipts count as independent tries;
errors that come in families (one alias, many receipts) make a bound look surer than it is, which is why a rule's figures from
another ledger can be overruled by this one's, and never the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from arlib.matching.bounds import falls_short, percent_text, precision_bound, precision_ceiling, reaches
from arlib.matching.columns import texts_of
from arlib.matching.proposal import rule_said

if TYPE_CHECKING:
    import pandas as pd

    from arlib.policy.matching import MatchingPolicy

HISTORY = "history"
UNPROVEN = "rule not proven"  # how held_because begins where nothing but the rule's precision holds a receipt


@dataclass(frozen=True, slots=True)
class Measured:
    """`right` of `tried` receipts that `rule` decided were wholly right, on `data_set`.

    `is_transferred` says that it was measured on another ledger than the one that it is used for.
    """

    rule: str
    right: int
    tried: int
    data_set: str
    is_transferred: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a rule applies by itself, on which figures, and why in words.

    `bound` is the lower bound of the figures that decide, 0 where there are none. `measured` are all figures known for it.
    """

    rule: str
    is_auto: bool
    bound: float
    why: str
    decided_by: Measured | None = None
    measured: tuple[Measured, ...] = ()


def measure(
    matches: pd.DataFrame,
    confirmed: pd.DataFrame,
    *,
    data_set: str = HISTORY,
    is_transferred: bool = False,
) -> tuple[Measured, ...]:
    """How often each rule of a run was right, by rule name.

    `matches` are MATCHES of a run; `confirmed` has entity, receipt_id, item_id: what was truly paid. Receipts that `confirmed`
    does not name are left out, since nobody knows; a row there without an item says that the receipt pays none. Receipts that
    were held for another reason than their rule's precision, or whose explanation is not unique, are no tries of the rule.
    """
    verdicts = _verdicts(matches, confirmed).groupby("rule", sort=True)["is_right"].agg(["sum", "size"])
    return tuple(
        Measured(str(rule), int(right), int(tried), data_set, is_transferred)
        for rule, right, tried in verdicts.itertuples()
    )


def measure_by_value(matches: pd.DataFrame, confirmed: pd.DataFrame) -> pd.DataFrame:
    """The same weighed by money: rule, currency, value_right, value_tried (minor units used of the receipts), by key.

    A share of money has no binomial bound, a single large receipt may be most of it: it stands beside the count, and decides
    nothing.
    """
    from arlib.money import totals_by

    by = ["rule", "currency"]
    verdicts = _verdicts(matches, confirmed)
    tried = totals_by(verdicts, by, "value").rename(columns={"value": "value_tried"})
    right = totals_by(verdicts[verdicts["is_right"]], by, "value").rename(columns={"value": "value_right"})
    both = tried.merge(right, on=by, how="left", validate="one_to_one")
    both["value_right"] = both["value_right"].fillna(0).astype("Int64")
    return both[[*by, "value_right", "value_tried"]]


def auto_rules(
    history: Sequence[Measured],
    shipped: Sequence[Measured],
    *,
    policy: MatchingPolicy,
    declared: Sequence[str] = (),
) -> dict[str, Standing]:
    """Which rules apply by themselves: rule to Standing, `declared` rules first in their order, then others by name.

    1. The ledger's own history decides where it can: its tries would reach the bound that the policy asks for if all were
       right (1,497 at 99.8 % and 95 % confidence). That hangs on the number of tries alone, not on how they went, so each rule
       gets one test at the confidence asked for, not two chances.
    2. With fewer tries the shipped figures decide, as transferred, unless the history contradicts them: its upper bound does
       not get above what is asked. That can only forbid.
    3. A rule without either is never automatic; nor is one with a short history only.
    """
    names = [*dict.fromkeys(declared)]
    names += sorted({m.rule for m in (*history, *shipped)} - set(names))
    mine: dict[str, list[Measured]] = {name: [] for name in names}
    others: dict[str, list[Measured]] = {name: [] for name in names}
    for kept, given in ((mine, history), (others, shipped)):
        for figures in given:
            kept[figures.rule].append(figures)
    return {name: _standing(name, mine[name], others[name], policy) for name in names}


def pooled(figures: Sequence[Measured], *, policy: MatchingPolicy) -> Measured | None:
    """One figure from several data sets: their sum, or the worst where they contradict each other; None without tries.

    They contradict each other when the lower bound of one is above the upper bound of another. The worst is the one with the
    smallest share right, at equal shares the one with fewer tries. Data sets without tries say nothing.
    """
    tried = sorted((m for m in figures if m.tried), key=lambda m: (m.data_set, m.tried, m.right))
    if len(tried) < 2:
        return tried[0] if tried else None
    sure = policy.bound_confidence
    low = max(precision_bound(m.right, m.tried, confidence=sure) for m in tried)
    high = min(precision_ceiling(m.right, m.tried, confidence=sure) for m in tried)
    if low > high:
        return min(tried, key=lambda m: (m.right / m.tried, m.tried))
    return Measured(
        tried[0].rule,
        sum(m.right for m in tried),
        sum(m.tried for m in tried),
        " + ".join(dict.fromkeys(m.data_set for m in tried)),
        any(m.is_transferred for m in tried),
    )


def _standing(
    rule: str, history: Sequence[Measured], shipped: Sequence[Measured], policy: MatchingPolicy
) -> Standing:
    asked, sure = policy.auto_bound, policy.bound_confidence
    mine, others = pooled(history, policy=policy), pooled(shipped, policy=policy)
    known = (*history, *shipped)
    if mine is not None and reaches(mine.tried, mine.tried, asked, sure):
        decided, is_auto, beside = mine, reaches(mine.right, mine.tried, asked, sure), ""
    elif others is not None and mine is not None and falls_short(mine.right, mine.tried, asked, sure):
        decided, is_auto, beside = mine, False, f", which contradicts {_said(others)}"
    elif others is not None:
        decided, is_auto, beside = others, reaches(others.right, others.tried, asked, sure), ""
    elif mine is not None:
        decided, is_auto, beside = mine, False, ", too few to tell"
    else:
        return Standing(rule, False, 0.0, f"{rule_said(rule)} was never measured", None, known)
    bound = precision_bound(decided.right, decided.tried, confidence=sure)
    why = f"{rule_said(rule)} was right in {_said(decided)}{beside}: at least {percent_text(bound)} %, asked for is {percent_text(asked)} %"
    return Standing(rule, is_auto, bound, why, decided, known)


def _said(figures: Measured) -> str:
    where = "this ledger's history" if figures.data_set == HISTORY else f"data set {figures.data_set}"
    return f"{figures.right:,} of {figures.tried:,} receipts of {where}{' (transferred)' if figures.is_transferred else ''}"


def _verdicts(matches: pd.DataFrame, confirmed: pd.DataFrame) -> pd.DataFrame:
    """One row a receipt that tries its rule: rule, currency, value, is_right."""
    import pandas as pd

    truth: dict[tuple[Any, Any], set[Any]] = {}
    links = zip(confirmed["entity"], confirmed["receipt_id"], texts_of(confirmed["item_id"]), strict=True)
    for entity, receipt, item in links:
        paid = truth.setdefault((entity, receipt), set())
        if item:
            paid.add(item)
    held, rule_only = texts_of(matches["held_because"]), []
    for reason, ways in zip(held, matches["explanations"].fillna(0).tolist(), strict=True):
        rule_only.append(ways == 1 and (not reason or reason.startswith(UNPROVEN)))
    tries = matches[pd.Series(rule_only, index=matches.index, dtype=bool)]
    found: dict[tuple[Any, Any], set[Any]] = {}
    rules: dict[tuple[Any, Any], tuple[str, str]] = {}
    values: dict[tuple[Any, Any], int] = {}
    columns = ("entity", "receipt_id", "item_id", "rule", "receipt_currency", "receipt_amount")
    for entity, receipt, item, rule, currency, used in zip(
        *(tries[c].tolist() for c in columns), strict=True
    ):
        key = (entity, receipt)
        if key in truth:
            found.setdefault(key, set()).add(item)
            rules[key] = (rule, currency)
            values[key] = values.get(key, 0) + int(used)
    return pd.DataFrame(
        {
            "rule": pd.Series([rules[key][0] for key in found], dtype="str"),
            "currency": pd.Series([rules[key][1] for key in found], dtype="str"),
            "value": pd.Series([values[key] for key in found], dtype="Int64"),
            "is_right": pd.Series([found[key] == truth[key] for key in found], dtype=bool),
        }
    )
