"""The benchmark's rows as Markdown, with the targets beside them."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from typing import Any

ABSENT = "not run: the shared data is not beside the checkout"
SCENARIOS = "not scored: the set has no expected results here; its cases are tests (tests/matching)"
INFORMED = "oldest first, told what was cleared before"
FIGURES = (
    "exact_receipts",
    "precision",
    "recall",
    "f1",
    "auto_coverage",
    "auto_precision",
    "auto_precision_low95",
)
# (data set, group, figure, at least): the targets of the project's cash-application issue, backlog mode
TARGETS = (
    ("pay-to-invoice, single", "all", "f1", 0.999),
    ("pay-to-invoice, single", "all", "auto_coverage", 0.97),
    ("pay-to-invoice, single", "all", "auto_precision_low95", 0.999),
    ("pay-to-invoice, our harder copy", "all", "f1", 0.997),
    ("pay-to-invoice, our harder copy", "all", "auto_coverage", 0.95),
    ("pay-to-invoice, our harder copy", "all", "auto_precision_low95", 0.999),
    ("highradius", "pools of at most 25", "exact_receipts", 0.998),
    ("highradius", "whole due dates in larger pools", "exact_receipts", 0.97),
    ("highradius", "all", "exact_receipts", 0.97),
    ("highradius", "all", "auto_coverage", 0.91),
    ("highradius", "all", "auto_precision_low95", 0.998),
)
SAMPLE_TARGET = 0.99
# (begin of the data set's name, what, at most, in the row's own unit)
LIMITS = (
    ("pay-to-invoice, single", "seconds", 6),
    ("synthetic: 100,000 receipts", "seconds", 90),
    ("synthetic: 100,000 receipts", "peak_bytes", 4 * 1024**3),
)
SAMPLE_FIGURES = ("cash_right", "cash_right_by_value", "class_right", "class_right_by_value")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; what was not measured is None."""

    data_set: str
    method: str
    group: str = "all"
    receipts: int | None = None
    exact_receipts: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    value: float | None = None
    auto_coverage: float | None = None
    auto_precision: float | None = None
    auto_precision_low95: float | None = None
    auto_wrong: int | None = None
    ambiguity: float | None = None
    hash: str = ""
    repeats: bool | None = None
    seconds: float | None = None
    peak_bytes: int | None = None
    note: str = ""
    sample: dict[str, Any] | None = None

    def of(self, group: str, score: dict[str, float]) -> Row:
        """This row with the judge's figures of a group; what is measured once for the run stands on the row of all."""
        figures = {name: score[name] for name in (*FIGURES, "receipts", "auto_wrong")}
        if group == "all":
            return replace(self, **figures)
        return Row(data_set=self.data_set, method=self.method, group=group, **figures)


def sample_note(found: Any) -> str:
    """What of the automatic decisions on the sample is right."""
    if not found.auto:
        return "nothing was applied automatically"
    return (
        f"of auto: cash right to the cent {found.cash_right:.4f} (value {found.cash_right_by_value:.4f}), "
        f"differences right {found.class_right:.4f} (value {found.class_right_by_value:.4f})"
    )


def markdown(rows: list[Row], *, seconds: float) -> str:
    """All rows, whole sets first, then groups, then the targets."""
    parts = [
        f"Matching benchmark: {seconds:.0f} s in all, Python {platform.python_version()}, {platform.machine()}.",
        "",
        *_table([row for row in rows if row.group == "all"], with_group=False),
        "",
        "Groups:",
        "",
        *_table([row for row in rows if row.group != "all"], with_group=True),
        "",
        "Targets:",
        "",
        *_targets(rows),
    ]
    return "\n".join(parts) + "\n"


def _table(rows: list[Row], *, with_group: bool) -> list[str]:
    head = [
        "data",
        *(["group"] if with_group else []),
        "matcher",
        "receipts",
        "wholly right",
        "pair P",
        "pair R",
        "pair F1",
    ]
    tail = ["auto", "auto precision", "bound", "auto wrong"]
    whole = [] if with_group else ["ambiguous", "hash (two runs equal)", "s", "GiB", "note"]
    head += [*([] if with_group else ["value"]), *tail, *whole]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = [row.data_set, *([row.group] if with_group else []), row.method, _count(row.receipts)]
        cells += [_share(getattr(row, name)) for name in ("exact_receipts", "precision", "recall", "f1")]
        cells += [] if with_group else [_share(row.value)]
        cells += [
            _share(getattr(row, name)) for name in ("auto_coverage", "auto_precision", "auto_precision_low95")
        ]
        cells += [_count(row.auto_wrong)]
        if not with_group:
            equal = "" if row.repeats is None else " (yes)" if row.repeats else " (NO)"
            cells += [
                _share(row.ambiguity),
                row.hash + equal,
                _seconds(row.seconds),
                _gib(row.peak_bytes),
                row.note,
            ]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return lines


def _targets(rows: list[Row]) -> list[str]:
    mine = {(row.data_set, row.group): row for row in rows if row.method == "arlib"}
    lines = ["| data | group | figure | target | measured | |", "|---|---|---|---|---|---|"]
    for data_set, group, figure, least in TARGETS:
        row = mine.get((data_set, group))
        found = getattr(row, figure) if row else None
        lines.append(_target(data_set, group, figure, least, found))
    for name, what, most in LIMITS:
        for row in rows:
            taken = getattr(row, what)
            if (
                row.data_set.startswith(name)
                and row.method.startswith("arlib")
                and row.group == "all"
                and taken
            ):
                lines.append(_limit(row.data_set, what, most, taken))
    for row in rows:
        if row.sample:
            lines += [
                _target(row.data_set, "auto", name, SAMPLE_TARGET, row.sample[name])
                for name in SAMPLE_FIGURES
            ]
    return lines


def _target(data_set: str, group: str, figure: str, least: float, found: float | None) -> str:
    verdict = "not run" if found is None else "met" if found >= least else "MISSED"
    return f"| {data_set} | {group} | {figure} | {least} | {_share(found)} | {verdict} |"


def _limit(data_set: str, what: str, most: float, taken: float) -> str:
    is_bytes = what == "peak_bytes"
    words = (
        (f"{_gib(int(most))} GiB", f"{_gib(int(taken))} GiB") if is_bytes else (f"{most} s", f"{taken:.1f} s")
    )
    return f"| {data_set} | all | {what} | under {words[0]} | {words[1]} | {'met' if taken < most else 'MISSED'} |"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _gib(value: int | None) -> str:
    return "" if value is None else f"{value / 1024**3:.2f}"
