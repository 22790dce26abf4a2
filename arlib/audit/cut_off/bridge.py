"""What the findings of cut-off come to: by test, and as a bridge in which each counts once. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.audit.cut_off.frames import BRIDGE, EFFECTS, BridgePart, Grade
from arlib.controls import Identity
from arlib.money import total, totals_by

LEDGER_TESTS = ("ledger_date",)  # their effect is that on the general ledger: the sub-ledger stands right
_SUMS = ["documents", "amount", "balance_effect", "sales_effect"]
_TOLD = ("amount", "balance_effect", "sales_effect")


def effects_of(findings: pd.DataFrame) -> pd.DataFrame:
    """EFFECTS: number, amount and effects of the findings (CUT_OFF) by grade, test and currency."""
    if findings.empty:
        return EFFECTS.empty()
    work = _counted(findings)
    by = ["grade", "test", "currency", "in_headline"]
    return EFFECTS.typed(totals_by(work, by, _SUMS)).sort_values(by[:3], ignore_index=True)


def bridge_of(findings: pd.DataFrame) -> pd.DataFrame:
    """BRIDGE: the findings (CUT_OFF) in their parts by currency, each finding in one part only."""
    if findings.empty:
        return BRIDGE.empty()
    work = _counted(findings)
    places = {part.value: number for number, part in enumerate(BridgePart, start=1)}
    made = totals_by(
        work.assign(line_no=work["part"].map(places)), ["line_no", "part", "currency", "in_headline"], _SUMS
    )
    return BRIDGE.typed(made.rename(columns={"documents": "findings"})).sort_values(
        ["line_no", "currency"], ignore_index=True
    )


def bridge_ties(bridge: pd.DataFrame, effects: pd.DataFrame, *, entity: str) -> tuple[Identity, ...]:
    """By currency: the parts of the bridge are the effects of all tests, and its headline is that of the tests."""
    made = []
    for code in sorted(set(effects["currency"])):
        parts, tests = bridge[bridge["currency"].eq(code)], effects[effects["currency"].eq(code)]
        pairs = [(name, parts, tests) for name in _TOLD]
        heads = (
            parts[parts["in_headline"].to_numpy(dtype=bool)],
            tests[tests["in_headline"].to_numpy(dtype=bool)],
        )
        for name, left, right in (*pairs, ("balance_effect", *heads)):
            told = "headline" if left is heads[0] else "bridge"
            made.append(Identity(name=f"cut_off_{told}_{name}", left_label=told, left=total(left[name]), right_label="tests",
                                 right=total(right[name]), currency=code, entity=entity).require())  # fmt: skip
    return tuple(made)


def _counted(findings: pd.DataFrame) -> pd.DataFrame:
    ledger = findings["test"].isin(LEDGER_TESTS) & findings["grade"].eq(Grade.EXCEPTION.value)
    part = findings["grade"].map({
        Grade.EXCEPTION.value: BridgePart.EXCEPTIONS.value, Grade.USUAL.value: BridgePart.USUAL.value,
        Grade.EXPLAINED.value: BridgePart.EXPLAINED.value,
    })  # fmt: skip
    part = part.mask(ledger, BridgePart.LEDGER_ONLY.value)
    work = findings.assign(documents=1, part=part, in_headline=part.eq(BridgePart.EXCEPTIONS.value))
    work["documents"] = work["documents"].astype("Int64")
    return work
